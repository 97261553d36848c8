// Statements and their shared clauses.
#pragma once
#include <optional>

#include "grammar/expression.hpp"

namespace grille::grammar {

struct with_clause {
  bool recursive{};
  ast::list<ast::cte> items;
};
/// Empty if the cursor is not on `with`.
with_clause read_with(cursor& c);
/// A query whose `with` was read already.
ast::query_ptr read_query_after(cursor& c, iterator begin, with_clause const& with);
std::optional<ast::list<ast::result_item>> read_result_items(cursor& c);
/// One row of `values`, without the parentheses; `default` is an item on PostgreSQL.
ast::list<ast::expr_ptr> read_values_row(cursor& c);

/// A query or a write, not what follows it. Anything else: `unsupported` or `syntax`.
ast::statement const* read_statement(cursor& c);

}  // namespace grille::grammar
