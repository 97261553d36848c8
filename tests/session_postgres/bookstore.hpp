// The book store of examples/ on PostgreSQL. Leaves: what makes it, its policy, who calls, and the statements of tests/attack that are sent
// to it. The callers and statements are SQLite's: what has no meaning on PostgreSQL is refused there.
#pragma once
#include <string>
#include <vector>

#include "cases/case_file.hpp"
#include "grille/policy.hpp"
#include "grille/principal.hpp"
#include "grille/session.hpp"

namespace bookstore {

/// Of SQLite as it stands, of PostgreSQL through examples/bookstore_postgres.sed. @throws std::runtime_error
std::string definitions(grille::dialect d);
grille::policy_set policies(grille::dialect d);
std::vector<cases::caller> const& callers();
grille::principal principal_of(cases::caller const& c);

struct sent {
  std::string sql;
  std::vector<grille::arg> parameters;
};
/// Each once, in the order of the files' names.
std::vector<sent> statements();

}  // namespace bookstore
