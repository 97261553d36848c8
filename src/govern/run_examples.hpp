// A policy's own examples: `given`, `caller`, `expect`. Enters: the policies, the catalogue. Leaves: for each `expect` whether
// it holds. They run through the library's public face, as an application's statements do: on a SQLite database in memory, or on a
// PostgreSQL server, in a schema that is made in a transaction and rolled back with all that is in it, so that nobody else ever sees it.
//
// There are the catalogue's tables and views as plain tables, with their columns, types, collations and primary keys, and only
// the rows `given`, stored as they are; a column that is left out is NULL, or the zero of its type where NULL is not allowed.
// A caller is a principal whose id is its name (or the attribute `id`), who holds the roles it `is`: one that comes from groups or
// users through the first of them.
//
//   can select (C, …) on T where W       each column is shown: `select C from T where W`, sent by the caller, gives at least one row, and
//                                        each has the stored value; with `C as V`, the value V
//   cannot select (C, …) on T where W    no column is shown: refused as hidden or forbidden, or no row, or withheld in every row; with
//                                        `C as V`, no row shows V
//   can, cannot filter (C)               `select 1 from T where W and C in (the stored values)` gives a row, or none and refusals
//   can, cannot aggregate (C)            `select count(C) from T where W` gives a number, or is refused or suppressed
//
// What lies between (shown in some rows, or masked) satisfies neither, and the reason says so. `cannot` is proven only if some `given`
// row meets W; a `where` over columns that the caller does not see proves nothing of a column that it does see.
// Writes, purges too, are tried and undone. Writes to histories, and on PostgreSQL what is refused as `unsupported` there, are counted apart, never as held.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "govern/example_ground.hpp"
#include "grille/policy.hpp"

namespace grille::govern {

struct example {
  enum class outcome { holds, fails, not_checked } which{};
  std::string file;
  unsigned line{};
  std::string text;    // the sentence on one line
  std::string reason;  // why it fails or is not checked
};
struct example_run {
  std::vector<example> examples;
  std::size_t count(example::outcome o) const;
};

/// On SQLite. @throws grille::error if the policies do not compile, or a `given` row cannot be stored.
example_run run_examples(policy_set const& policies, catalog::catalog const& tables);
/// On the PostgreSQL server that has the tables. In a build without PostgreSQL this is declared and not there.
/// @throws as above; `unsupported` if the policies name a table with its schema; `unavailable`; `usage` if the schema cannot be made.
example_run run_examples(policy_set const& policies, std::string const& conninfo);
/// On any ground.
example_run run_examples(policy_set const& policies, example_ground& on);

}  // namespace grille::govern
