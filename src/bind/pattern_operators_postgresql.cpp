// `x ~~ 'a%'` as the `x like 'a%'` that it is, and its kin: what PostgreSQL means by the words, and writes in the text of a view. An `escape` is a call
// around the pattern (`a_expr` in the server's gram.y).
#include <algorithm>
#include <array>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

struct spelling {
  std::string_view symbol, escaping;
  ast::match_op op;
  bool negated;
  unsigned fewest_arguments;  // of the call
};
constexpr std::array<spelling, 6> spellings{{
    {"~~", "like_escape", ast::match_op::like, false, 2},
    {"!~~", "like_escape", ast::match_op::like, true, 2},
    {"~~*", "like_escape", ast::match_op::ilike, false, 2},
    {"!~~*", "like_escape", ast::match_op::ilike, true, 2},
    {"~", "similar_to_escape", ast::match_op::similar, false, 1},
    {"!~", "similar_to_escape", ast::match_op::similar, true, 1},
}};

/// The call, if it is that of a pattern's escape and nothing else; null: it is not.
ast::call const* escape_of(ast::expr const& e, spelling const& s) {
  auto const* c = e.as<ast::call>();
  if (c == nullptr || c->syntax != ast::call_syntax::plain || c->arguments.size() < s.fewest_arguments || c->arguments.size() > 2) return nullptr;
  auto const own_schema = c->path.size() == 1 || (c->path.size() == 2 && c->path[0].text == "pg_catalog");
  auto const more = c->star || c->distinct || c->variadic || !c->order.empty() || !c->within_group.empty() || c->filter != nullptr || c->over != nullptr;
  auto const named = std::ranges::any_of(c->arguments, [](ast::argument const& a) { return !a.name.text.empty(); });
  return own_schema && !more && !named && c->path.back().text == s.escaping ? c : nullptr;
}

}  // namespace

std::optional<ast::pattern_match> binder::as_pattern_match(ast::binary const& n) const {
  auto const known = std::ranges::find(spellings, n.symbol, &spelling::symbol);
  if (sqlite() || known == spellings.end()) return std::nullopt;
  if (auto const* c = escape_of(*n.right, *known))
    return ast::pattern_match{known->op, n.left, c->arguments[0].value, c->arguments.size() == 2 ? c->arguments[1].value : nullptr, known->negated};
  if (known->op == ast::match_op::similar) return std::nullopt;  // a regular expression
  return ast::pattern_match{known->op, n.left, n.right, nullptr, known->negated};
}

}  // namespace grille::bind
