#include "verify/witnesses.hpp"

#include <algorithm>
#include <set>

#include "verify/children.hpp"

namespace grille::verify {

witnesses::rows witnesses::of(bound::from_item const* f) {
  rows out;
  if (f != nullptr)
    for_from(
        *f, [&](bound::relation const& r) { out.push_back(&r); }, [](bound::expr const&) {});
  return out;
}

bool witnesses::hides(rows const& all) {
  return std::any_of(all.begin(), all.end(), [this](bound::relation const* r) { return hides(*r); });
}

bool witnesses::hides(bound::relation const& r) {
  if (auto const g = guarded_.find(&r); g != guarded_.end()) return g->second.has_guard;
  switch (r.kind) {
    case bound::relation_kind::base: return true;
    case bound::relation_kind::function: return false;  // of no table's rows: its arguments are looked at by totals_postgresql.cpp
    case bound::relation_kind::derived: return hides(*r.query->body);
    case bound::relation_kind::common: {
      if (auto const [known, added] = hides_.try_emplace(r.cte, false); !added) return known->second;  // false: of a reference to itself
      return (hides_[r.cte] = hides(*r.cte->query->body));
    }
  }
  return true;
}

bool witnesses::hides(bound::query_body const& b) {
  if (auto const* u = b.as<bound::set_operation>()) return hides(*u->left) || hides(*u->right);
  auto const* s = b.as<bound::select>();
  return s != nullptr && (groups_.by_having.contains(s) || hides(of(s->from)));
}

bool witnesses::tells(bound::expr const& condition, rows const& all) {
  std::set<bound::relation const*> said;
  for (auto const* c : conjuncts(&condition)) {
    auto const* o = c->as<bound::operation>();
    auto const* column = o != nullptr && o->op == bound::op::is_not_false ? o->operands[0]->as<bound::column>() : nullptr;
    if (column == nullptr || std::find(all.begin(), all.end(), column->relation) == all.end() || !is_witness(*column)) return false;
    said.insert(column->relation);
  }
  return std::all_of(all.begin(), all.end(), [&](bound::relation const* r) { return !hides(*r) || said.contains(r); });
}

bool witnesses::is_witness(bound::column const& c) {
  auto const source = c.relation->columns[c.index].source;
  if (auto const g = guarded_.find(c.relation); g != guarded_.end()) return g->second.witness == source;
  switch (c.relation->kind) {
    case bound::relation_kind::base:
    case bound::relation_kind::function: return false;
    case bound::relation_kind::derived: return passes_on(*c.relation->query->body, source);
    case bound::relation_kind::common: {
      auto const [known, added] = passed_on_.try_emplace({c.relation->cte, source}, true);  // true: of a reference to itself, if all else is
      if (!added) return known->second;
      return (passed_on_[{c.relation->cte, source}] = passes_on(*c.relation->cte->query->body, source));
    }
  }
  return false;
}

bool witnesses::passes_on(bound::query_body const& b, unsigned index) {
  auto const always = [](bound::expr const* e) {
    auto const* l = e->as<bound::literal>();
    return l != nullptr && l->kind == bound::literal_kind::boolean && l->text == "true";
  };
  if (auto const* u = b.as<bound::set_operation>()) return passes_on(*u->left, index) && passes_on(*u->right, index);
  if (auto const* v = b.as<bound::values>()) return std::all_of(v->rows.begin(), v->rows.end(), [&](auto const& row) { return always(row[index]); });
  auto const& s = *b.as<bound::select>();
  if (groups_.by_having.contains(&s)) return false;
  auto const from = of(s.from);
  auto const& item = *s.items[index].value;
  if (always(&item)) return !hides(from) || is_one_group(s);
  return s.grouping_sets.empty() && tells(item, from);  // outside of its set a key is null
}

bool witnesses::is_one_group(bound::select const& s) {
  return s.group_by.empty() &&
         (s.having != nullptr || std::any_of(s.items.begin(), s.items.end(), [](bound::item const& i) { return has_aggregate(*i.value); }));
}

bool witnesses::has_aggregate(bound::expr const& e) {
  auto const* c = e.as<bound::call>();
  bool has = c != nullptr && is_aggregate(*c);
  for_children(
      e, [&](bound::expr const& x) { has = has || has_aggregate(x); }, [](bound::query const&) {});
  return has;
}

bool witnesses::is_aggregate(bound::call const& c) { return c.function->kind == catalog::function_kind::aggregate && c.over == nullptr; }

}  // namespace grille::verify
