// A merge in the form of other writes. `merge into T t using S s on C when matched and M then update set … when not matched and N then insert …`
// is `update T t set … from S s where C and M` and `insert into T … select … from S s where N and not exists (select 1 from T t where C)`, each
// less the rows of the clauses of its kind before it. So each change is bound, guarded and proven as one that is written alone.
// Enters: the statement as written. Leaves: S as a query of its own, and one statement for each clause that writes.
#pragma once
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "base/fault.hpp"

namespace grille::bind {

struct merge_form {
  ast::query_ptr source{};                       // what stands behind `using`, with the statement's common tables
  ast::query_ptr pairs{};                        // select 1 from T t, S s where C: in it a name of C means one thing, or is refused
  std::vector<ast::statement const*> changes{};  // in each, S is a derived table with the source as its query; where the clause applies is its `where`
};
/// Refuses, by name and place, what no part of Grille can do, and clauses that can never apply.
base::result<merge_form> form_of(ast::merge_statement const& s, base::range at, base::arena& memory);

}  // namespace grille::bind
