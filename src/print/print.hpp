// Tree to text: the only printer. Enters: a tree. Leaves: canonical SQL of one dialect, fully parenthesised where an operator
// stands in an operator, every identifier that needs it quoted, no comment of the caller's; line ends occur only inside literals.
// Guaranteed: parse(print(tree)) == tree, ranges aside, with `chains::as_written`, and but for the nesting of `and` and `or` with
// `chains::balanced` (both tested); a blank after every unary minus, so that no comment can come to be.
#pragma once
#include <string>

#include "ast/policy.hpp"
#include "ast/tree.hpp"
#include "base/fault.hpp"
#include "grille/dialect.hpp"

namespace grille::print {

/// How long chains of `and` and of `or` are printed. SQLite refuses trees over 1,000 levels deep and builds one level for each
/// link of a chain: what is sent to it is printed `balanced`, as a tree of parentheses, from nine links on.
enum class chains { as_written, balanced };

std::string print(ast::statement const& s, dialect d, chains c = chains::as_written);
std::string print(ast::query const& q, dialect d, chains c = chains::as_written);
std::string print(ast::expr const& e, dialect d, chains c = chains::as_written);
/// An identifier in the dialect's quotes, always quoted.
std::string quote(std::string_view name, dialect d);
/// A text literal of the dialect. The text holds no NUL: no literal can, so what is printed from one does not parse.
std::string literal(std::string_view text, dialect d);

}  // namespace grille::print
