// A caller that wants to tell a cell that is NULL from one that is withheld gets a companion column: true where no grant that
// projects the column holds in the row. It tells nothing of the value.
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

expr_ptr withheld(occurrence const& o, unsigned column, alternatives const& open, bound::relation* row, base::arena& memory) {
  auto const source = o.relation->columns[column].source;
  std::vector<alternative const*> shows;
  for (auto const& a : open.all())
    if (a.grant->cells[source].which != policy::cell::kind::none) shows.push_back(&a);
  if (shows.size() == open.all().size()) return nullptr;  // a row that is open at all shows it
  auto* any = open.any_of(shows, row);
  return any == nullptr ? nullptr : operate(memory, bound::op::is_not_true, {any});
}

std::vector<std::optional<unsigned>> mark_withheld(bound::statement& s, occurrences& all, base::arena& memory) {
  auto* select = s.query->body->as<bound::select>();
  if (select == nullptr || select->distinct || !select->group_by.empty() || select->having != nullptr) return {};
  std::vector<bound::item> items(select->items.begin(), select->items.end());
  std::vector<std::optional<unsigned>> out(items.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const* c = items[i].value->as<bound::column>();
    auto* o = c == nullptr ? nullptr : all.of(c->relation);
    if (o == nullptr || o->aggregated) continue;
    alternatives const open(*o->access, o->access->select, memory);
    if (withheld(*o, c->index, open, o->relation, memory) == nullptr) continue;
    auto* relation = o->relation;
    auto const name = "withheld " + std::string(relation->columns[c->index].name);
    std::vector<bound::relation_column> columns(relation->columns.begin(), relation->columns.end());
    columns.push_back({memory.copy(name), columns[c->index].source, false, true});
    auto const mark = static_cast<unsigned>(columns.size() - 1);
    relation->columns = memory.copy(columns);
    o->uses.push_back(use::shown);
    o->filtered.push_back(false);
    o->marks[mark] = c->index;
    out[i] = static_cast<unsigned>(items.size());
    items.push_back({make(memory, bound::column{relation, mark}), memory.copy(name)});
  }
  select->items = memory.copy(items);
  return out;
}

}  // namespace grille::rewrite
