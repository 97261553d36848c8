#include "verify/total_postgresql.hpp"

#include <algorithm>
#include <array>

#include "verify/children.hpp"
#include "verify/view_totals.hpp"
#include "verify/witnesses.hpp"

namespace grille::verify {

std::vector<std::size_t> total_trees::converted(bound::query_body const& b) const {
  std::vector<std::size_t> out;
  if (b.as<bound::select>() != nullptr) return out;
  std::vector<std::set<type>> types;
  std::vector<std::array<bool, 2>> seen;  // an expression of rows, a parameter
  auto const look = [&](std::size_t i, bound::expr const& e) {
    if (types.size() <= i) types.resize(i + 1), seen.resize(i + 1);
    auto const* p = e.as<bound::parameter>();
    seen[i][1] = seen[i][1] || p != nullptr;
    if (p != nullptr || literal(&e) != nullptr) return;
    seen[i][0] = seen[i][0] || !constant(e);
    types[i].insert(of(e));
  };
  auto const arm = [&](auto const& self, bound::query_body const& x) -> void {
    if (auto const* u = x.as<bound::set_operation>()) return self(self, *u->left), self(self, *u->right);
    if (auto const* v = x.as<bound::values>()) {
      for (auto const& row : v->rows)
        for (std::size_t i = 0; i < row.size(); ++i) look(i, *row[i]);
      return;
    }
    auto const& s = *x.as<bound::select>();
    for (std::size_t i = 0; i < s.items.size(); ++i) look(i, *s.items[i].value);
  };
  arm(arm, b);
  for (std::size_t i = 0; i < types.size(); ++i)
    if (seen[i][0] && (seen[i][1] || !same_without_fail(types[i]))) out.push_back(i);
  return out;
}

bool total_trees::same_without_fail(std::set<type> const& all) {
  auto const within = [&](std::initializer_list<type> group) {
    return std::all_of(all.begin(), all.end(), [&](type t) { return t == any || std::find(group.begin(), group.end(), t) != group.end(); });
  };
  if (all.contains(type{})) return false;
  return (all.size() == 1 && !all.contains(any)) || within({"int2", "int4", "int8", "numeric"}) || within({"text", "varchar"}) || within({"float4", "float8"});
}

bool total_trees::total(bound::expr const& e) {
  if (behind_.contains(&e)) return true;
  if (!total_node(e)) return false;
  if (auto const* c = e.as<bound::column>(); c != nullptr && !total_as_made(*c)) return false;
  if (e.as<bound::cast>() != nullptr) return true;
  if (auto const* o = e.as<bound::operation>(); o != nullptr && is_constant_sum(*o)) return true;
  bool all = true;
  for_children(
      e, [&](bound::expr const& x) { all = all && total(x); }, [&](bound::query const& q) { all = all && total(q); });
  return all;
}

bool total_trees::total_as_made(bound::column const& c) {
  auto const& r = *c.relation;
  bound::query const* made = nullptr;
  if (auto const g = guarded_.find(&r); g != guarded_.end()) return !g->second.can_fail && !g->second.partial_items.contains(r.columns[c.index].source);
  if (r.kind == bound::relation_kind::base) return r.table->kind != catalog::relation_kind::view || (views_ != nullptr && views_->column(*r.table, r.columns[c.index].source));
  if (r.kind == bound::relation_kind::derived) made = r.query;
  if (r.kind == bound::relation_kind::common && !r.cte->recursive) made = r.cte->query;
  if (made == nullptr || made->limit != nullptr || made->offset != nullptr) return true;
  auto const which = std::pair(made, r.columns[c.index].source);
  auto const [known, added] = made_total_.try_emplace(which, true);
  if (!added) return known->second;
  return (made_total_[which] = total_result(*made->body, which.second));
}

bool total_trees::total_result(bound::query_body const& b, unsigned index) {
  if (auto const* u = b.as<bound::set_operation>()) return !u->appends() || (total_result(*u->left, index) && total_result(*u->right, index));
  if (auto const* v = b.as<bound::values>())
    return std::all_of(v->rows.begin(), v->rows.end(), [&](auto const& row) { return total(*row[index]); });
  auto const& s = *b.as<bound::select>();
  auto const& item = *s.items[index].value;
  return s.distinct || !s.group_by.empty() || s.having != nullptr || witnesses::has_aggregate(item) || total(item);
}

bool total_trees::total(bound::query const& q) {
  auto const counts = [](bound::expr const* n) { return n == nullptr || is_numeral(n); };
  return q.locks.empty() && counts(q.limit) && counts(q.offset) && std::all_of(q.with.begin(), q.with.end(), [this](auto const* t) { return total(*t->query); }) &&
         total(*q.body) && std::all_of(q.order.begin(), q.order.end(), [this](auto const& o) { return total(*o.key); });
}

bool total_trees::total(bound::query_body const& b) {
  auto const all = [this](auto const& list) { return std::all_of(list.begin(), list.end(), [this](bound::expr const* e) { return total(*e); }); };
  if (!converted(b).empty()) return false;
  if (auto const* u = b.as<bound::set_operation>()) return total(*u->left) && total(*u->right);
  if (auto const* v = b.as<bound::values>()) return std::all_of(v->rows.begin(), v->rows.end(), all);
  auto const& s = *b.as<bound::select>();
  bool good = all(s.group_by) && all(s.distinct_on) && (s.where == nullptr || total(*s.where)) && (s.having == nullptr || total(*s.having)) &&
              std::all_of(s.items.begin(), s.items.end(), [this](bound::item const& i) { return total(*i.value); });
  if (s.from != nullptr)
    for_from(
        *s.from, [&](bound::relation const& r) { good = good && total(r); }, [&](bound::expr const& on) { good = good && total(on); });
  return good;
}

bool total_trees::total(bound::relation const& r) {
  if (auto const g = guarded_.find(&r); g != guarded_.end()) return !g->second.can_fail;
  switch (r.kind) {
    case bound::relation_kind::base: return views_ != nullptr && views_->reads(*r.table);
    case bound::relation_kind::function: return false;
    case bound::relation_kind::derived: return total(*r.query);
    case bound::relation_kind::common: {
      auto const [known, added] = total_tables_.try_emplace(r.cte, true);  // of a reference to itself, if all else is
      if (!added) return known->second;
      return (total_tables_[r.cte] = total(*r.cte->query));
    }
  }
  return false;
}

}  // namespace grille::verify
