// The parts of the grammar that are written by hand, over a cursor: expressions (one Pratt component), their primaries, types.
// Enters: a cursor on the first token. Leaves: a node, the cursor behind it; or `refused`. Nothing is tried twice: what a token
// begins is decided by it and by at most a few tokens ahead.
#pragma once
#include <optional>

#include "grammar/state.hpp"

namespace grille::grammar {

/// PostgreSQL's b_expr, which the bounds of `between` and the arguments of `position` are: no and, or, not, in, like, is null.
enum class scope : bool { full, restricted };

/// EXPRESSION, operators of at least that binding power only.
ast::expr_ptr read_operators(cursor& c, unsigned least = 0, scope s = scope::full);
/// The same behind an operand that was read already; `begin` is its first token.
ast::expr_ptr climb(cursor& c, iterator begin, ast::expr_ptr left, unsigned least, scope s);
/// What stands between operators: literals, columns, calls, parentheses, case, subqueries.
ast::expr_ptr read_primary(cursor& c);
/// What a pair of parentheses holds: a query, or one expression or more.
struct parenthesis {
  ast::query_ptr query{};
  ast::list<ast::expr_ptr> items;
};
/// The cursor is on the `(`; afterwards it is behind the `)`.
parenthesis read_parenthesis(cursor& c);
/// EXPRESSION { ',' EXPRESSION }
ast::list<ast::expr_ptr> read_expressions(cursor& c);
/// A call's arguments and all that follows them; the cursor is on the `(`.
ast::call read_call(cursor& c, ast::name_path path);
/// PostgreSQL's functions with a syntax of their own (extract, trim, coalesce, …), null if the cursor is on none.
ast::expr_ptr read_special_call(cursor& c);
/// PostgreSQL: `date '…'`, `interval '…' year`, `double precision '…'`; null if the cursor is on none.
ast::expr_ptr read_typed_literal(cursor& c);
ast::type_name read_type(cursor& c);

/// `a`, `a.b`, `a.b.c`; nothing if the cursor is on no name.
std::optional<ast::name_path> read_path(cursor& c);
/// `*`, `t.*`: null if the cursor is on none.
ast::expr_ptr read_star(cursor& c);

// Implemented by the rule groups.
ast::query_ptr read_query(cursor& c);
/// The rest of a query whose first operand, in parentheses, was read already (PostgreSQL).
ast::query_ptr read_query_behind(cursor& c, iterator begin, ast::query_ptr first);
bool at_query(token const& t, dialect d);
/// Whether a set operation or a clause of the whole query goes on here.
bool at_query_rest(cursor const& c);
ast::list<ast::order_item> read_order(cursor& c);
/// `over`'s operand: a name or a definition in parentheses.
ast::window const* read_over(cursor& c);

}  // namespace grille::grammar
