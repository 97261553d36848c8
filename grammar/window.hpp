// Rules of windows that other groups need.
#pragma once
#include <optional>

#include "grammar/expression.hpp"

namespace grille::grammar {

std::optional<ast::named_window> read_named_window(cursor& c);
/// Whether `window` begins a clause here: on SQLite it is a name unless a name and `as` follow.
bool at_window_clause(cursor const& c);

}  // namespace grille::grammar
