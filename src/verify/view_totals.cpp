#include "verify/view_totals.hpp"

#include <algorithm>

#include "verify/children.hpp"
#include "verify/witnesses.hpp"

namespace grille::verify {

namespace {

/// A select of which each row is of one row of what it reads: its items are computed where they are asked for, by themselves.
bound::select const* taken_apart(bound::query const& q) {
  auto const* s = q.body->as<bound::select>();
  if (s == nullptr || !q.with.empty() || !q.locks.empty() || q.limit != nullptr || q.offset != nullptr) return nullptr;
  if (s->distinct || !s->group_by.empty() || s->having != nullptr) return nullptr;
  auto const of_more = [](bound::item const& i) { return witnesses::has_aggregate(*i.value) || value_types::has_window(*i.value); };
  return std::any_of(s->items.begin(), s->items.end(), of_more) ? nullptr : s;
}

/// Whether it calls what has another value each time, and whether it asks queries.
class calls final : public passage {
 public:
  bool anew{}, queries{};

 private:
  using passage::enter;
  bool enter(bound::relation const&) override { return true; }
  bool enter(bound::expr const& e) override {
    auto const* c = e.as<bound::call>();
    anew = anew || (c != nullptr && !c->function->deterministic);
    queries = queries || e.as<bound::subquery>() != nullptr;
    return true;
  }
};

bool total_around(bound::query const& q, bound::select const& s, total_trees& trees) {
  bool good = s.where == nullptr || trees.total(*s.where);
  for (auto const& o : q.order) good = good && trees.total(*o.key);
  if (s.from != nullptr)
    for_from(
        *s.from, [&](bound::relation const& r) { good = good && trees.total(r); }, [&](bound::expr const& on) { good = good && trees.total(on); });
  return good;
}

}  // namespace

view_totals::one& view_totals::of(catalog::table const& view) {
  auto const [known, added] = known_.try_emplace(&view);
  auto& out = known->second;
  auto const tree = trees_.find(&view);
  if (!added || tree == trees_.end()) return out;
  out.query = tree->second->query;
  out.trees = std::make_unique<total_trees>(*tree->second, no_guards_, nothing_, this);
  auto const* s = taken_apart(*out.query);
  out.conditions = s != nullptr ? total_around(*out.query, *s, *out.trees) : out.trees->total(*out.query);
  return out;
}

bool view_totals::conditions(catalog::table const& view) { return of(view).conditions; }

bool view_totals::column(catalog::table const& view, unsigned column) {
  auto const& v = of(view);
  if (!v.conditions) return false;
  auto const* s = taken_apart(*v.query);
  return s == nullptr || v.trees->total(*s->items[column].value);  // with the conditions of any other all its items are looked at
}

view_totals::extent view_totals::extent_of(catalog::table const& view) {
  auto const* q = of(view).query;
  auto const* s = q == nullptr ? nullptr : taken_apart(*q);
  if (s == nullptr || !q->order.empty()) return {};
  calls all;
  all.go(*q);
  extent out{.by_row = !all.anew, .all_rows = s->where == nullptr, .one_scan = s->where == nullptr || !all.queries};
  unsigned relations = 0;
  if (s->from != nullptr)
    for_from(
        *s->from,
        [&](bound::relation const& r) {
          ++relations;
          auto const inner = r.kind != bound::relation_kind::base ? extent{}
                             : r.table->kind == catalog::relation_kind::view ? extent_of(*r.table)
                                                                             : extent{.by_row = true, .all_rows = true, .one_scan = true};
          out.by_row = out.by_row && inner.by_row;
          out.all_rows = out.all_rows && inner.all_rows;
          out.one_scan = out.one_scan && inner.one_scan;
        },
        [](bound::expr const&) {});
  if (relations > 1) out.all_rows = out.one_scan = false;
  return out;
}

bool view_totals::reads(catalog::table const& t) {
  if (t.row_security) return false;
  switch (t.kind) {
    case catalog::relation_kind::table:
    case catalog::relation_kind::materialized_view: return true;
    case catalog::relation_kind::view: return conditions(t);
    case catalog::relation_kind::foreign_table:
    case catalog::relation_kind::virtual_table: return false;
  }
  return false;
}

}  // namespace grille::verify
