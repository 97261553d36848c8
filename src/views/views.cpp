#include "views/views.hpp"

#include "bind/bind.hpp"
#include "grammar/parse.hpp"
#include "views/normal_form.hpp"

namespace grille::views {

namespace {

std::size_t width(bound::query const& q) {
  auto const& first = bound::first_arm(*q.body);
  if (auto const* s = first.as<bound::select>()) return s->items.size();
  return first.as<bound::values>()->rows.front().size();
}

}  // namespace

trees read(catalog::catalog const& c, base::arena& memory) {
  trees out;
  if (c.which() != dialect::postgresql) return out;
  bind::full_catalog const everything(c);
  for (auto const& t : c.tables()) {
    if (t.kind != catalog::relation_kind::view || t.definition.empty()) continue;
    auto const parsed = grammar::parse_statement(t.definition, c.which(), memory);
    if (!parsed) continue;
    auto bound = bind::bind_statement(**parsed, {.visible = everything, .memory = memory, .parameters = false, .text = t.definition});
    if (!bound || width(*(*bound)->query) != t.columns.size()) continue;
    undo_spelling(**bound, memory);
    out.emplace(&t, *bound);
  }
  return out;
}

}  // namespace grille::views
