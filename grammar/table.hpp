// Rules of tables that other groups need.
#pragma once
#include "grammar/expression.hpp"

namespace grille::grammar {

/// The tables behind `from` or `using`: SQLite: one tree, commas are joins; PostgreSQL: one tree a comma.
ast::list<ast::table_ref const*> read_from(cursor& c);
/// The target of a write: no function, no subquery, no join. SQLite takes an alias only behind `as`.
ast::table_name read_target(cursor& c);
/// '(' name { ',' name } ')'
ast::list<ast::identifier> read_names(cursor& c);

}  // namespace grille::grammar
