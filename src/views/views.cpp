#include "views/views.hpp"

#include <algorithm>

#include "bind/bind.hpp"
#include "bound/calls.hpp"
#include "bound/spelling.hpp"
#include "grammar/lexer.hpp"
#include "grammar/parse.hpp"

namespace grille::views {

namespace {

std::size_t width(bound::query const& q) {
  auto const& first = bound::first_arm(*q.body);
  if (auto const* s = first.as<bound::select>()) return s->items.size();
  return first.as<bound::values>()->rows.front().size();
}

/// `create view name (columns) as query`: the query. The first `as` that is no name ends what stands before it.
std::string_view query_of(std::string_view text, dialect d, base::arena& memory) {
  using namespace grammar::literals;
  if (d == dialect::postgresql) return text;
  auto const tokens = grammar::lex(text, d, memory);
  if (!tokens) return {};
  for (auto const& t : *tokens)
    if (t.is("as"_kw)) return text.substr(t.at.end);
  return {};
}

}  // namespace

trees read(catalog::catalog const& c, base::arena& memory) {
  trees out;
  bind::full_catalog const everything(c);
  for (auto const& t : c.tables()) {
    if (t.kind != catalog::relation_kind::view || t.definition.empty()) continue;
    auto const text = query_of(t.definition, c.which(), memory);
    auto const parsed = grammar::parse_statement(text, c.which(), memory);
    if (!parsed) continue;
    auto bound = bind::bind_statement(**parsed, {.visible = everything, .memory = memory, .parameters = false, .text = text});
    if (!bound || width(*(*bound)->query) != t.columns.size()) continue;
    if (c.which() == dialect::postgresql) bound::undo_spelling(**bound, memory);
    out.emplace(&t, *bound);
  }
  return out;
}

bool is_by_row(bound::query const& q) {
  auto const* s = q.body->as<bound::select>();
  if (s == nullptr || !q.with.empty() || !q.locks.empty() || q.limit != nullptr || q.offset != nullptr || s->distinct || !s->group_by.empty() || s->having != nullptr) return false;
  return std::ranges::none_of(s->items, [](bound::item const& i) { return holds_aggregate(i.value) || holds_window(i.value); });
}

}  // namespace grille::views
