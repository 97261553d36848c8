// The callers of the book store, as the front end's tokens would name them.
#pragma once
#include <string>
#include <vector>

#include "grille/grille.hpp"
#ifdef EXAMPLES_ON_POSTGRES
#include "grille/postgres.hpp"
#endif

namespace bookstore {

struct caller {
  std::string name;
  grille::principal principal;
};

/// `where`: a file of SQLite's, or postgresql://…. The rest of an application does not care which.
inline grille::database open(std::string const& where, std::string const& policy) {
#ifdef EXAMPLES_ON_POSTGRES
  if (where.starts_with("postgresql://")) return grille::postgres::database(where, grille::policy_set::load({policy}, grille::dialect::postgresql));
#endif
  return grille::sqlite::database(where, grille::policy_set::load({policy}));
}

inline std::vector<caller> callers() {
  using grille::principal;
  return {
      {"Ada, administrator", principal("a-1").with("user_id", 1).group("it-operations")},
      {"Mark, merchant of shops 1 and 9",
       principal("m-40").with("user_id", 40).role("merchant", {{"shop_id", 1}}).role("merchant", {{"shop_id", 9}})},
      {"Anna, buyer", principal("b-17").with("user_id", 17).group("customers")},
      {"Dora, buyer, delegate of Bo and Finn", principal("b-23").with("user_id", 23).group("customers")},
  };
}

}  // namespace bookstore
