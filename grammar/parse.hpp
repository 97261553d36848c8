// Text to tree. Enters: a text and its dialect. Leaves: a tree in the arena, or one fault with its place. The text must
// outlive nothing: names and literals are copied into the arena. The only folder that knows Boost.Spirit X3; this header
// does not show it.
#pragma once
#include <string_view>
#include <vector>

#include "ast/policy.hpp"
#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "grille/dialect.hpp"

namespace grille::grammar {

/// Exactly one statement (a final `;` is accepted). Refuses with `syntax`, `unsupported` or `limit`.
base::result<ast::statement const*> parse_statement(std::string_view sql, dialect d, base::arena& a);

/// One expression and nothing behind it.
base::result<ast::expr_ptr> parse_expression(std::string_view text, dialect d, base::arena& a);

struct parsed_policy {
  ast::policy_file file;
  std::vector<base::fault> faults;  // all of them, in order of place; the file is usable only if this is empty
};
/// Recovers at the next sentence after a fault.
parsed_policy parse_policy(std::string_view text, dialect d, base::arena& a);

}  // namespace grille::grammar
