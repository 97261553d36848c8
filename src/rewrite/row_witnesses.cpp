#include "rewrite/row_witnesses.hpp"

#include <algorithm>

#include "bound/walk.hpp"
#include "catalog/function.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

base::fault unfenced(std::string_view what, base::range at) {
  return {errc::unsupported, "`" + std::string(what) + "` could fail on a row that is not yours to see, and is not supported here on PostgreSQL", at, {}};
}

place row_witnesses::results_of(bound::select& s) const {
  place out;
  relations_of(s.from, out.rows);
  if (auto const around = around_.find(&s); around != around_.end()) out.around = around->second;
  out.grouped = s.group_by.empty() ? nullptr : &s;
  out.single = single_.contains(&s);
  return out;
}

void row_witnesses::refuse(base::fault f) {
  if (!refused_) refused_ = std::move(f);
}

expr_ptr row_witnesses::at(place const& here) {
  auto of = here.around;
  if (!here.single) of.insert(of.end(), here.rows.begin(), here.rows.end());
  auto const of_sets = here.grouped != nullptr && !here.grouped->grouping_sets.empty();
  std::vector<expr_ptr> all, of_group;
  std::set<bound::relation const*> said;
  for (auto* r : of) {
    if (!needs(*r) || !said.insert(r).second) continue;
    auto& to = of_sets && !std::ranges::count(here.around, r) ? of_group : all;
    if (r->kind != bound::relation_kind::function)
      to.push_back(operate(memory_, bound::op::is_not_false, {make(memory_, bound::column{r, column_of(*r)})}));
    else if (std::ranges::any_of(around_[r], [&](bound::relation* x) { return needs(*x) && !std::ranges::count(of, x); }))
      refuse(unfenced("a condition of a join beside a function of rows outside of it", r->at));  // which it cannot name
  }
  if (!of_group.empty()) all.insert(all.begin(), of_each_row(join(memory_, bound::junction_op::conjunction, std::move(of_group))));
  if (all.empty()) return nullptr;
  if (here.grouped != nullptr && !of_sets && keyed_.insert(here.grouped).second)
    here.grouped->group_by = with(here.grouped->group_by, join(memory_, bound::junction_op::conjunction, all));
  return join(memory_, bound::junction_op::conjunction, all);
}

/// As one more key of all sets it would take away the group of no rows, and outside of its sets a key is null. What holds an aggregate is asked when
/// there are groups, of rows that every condition has let through.
expr_ptr row_witnesses::of_each_row(expr_ptr holds) {
  bound::call all;
  all.function = catalog::find_function(dialect::postgresql, "bool_and", 1);
  all.arguments = memory_.copy(std::vector<expr_ptr>{holds});
  return operate(memory_, bound::op::is_not_false, {make(memory_, all)});  // null: of no rows
}

bool row_witnesses::suppresses(bound::relation const& r) {
  if (r.kind == bound::relation_kind::derived) return suppresses(*r.query->body);
  if (r.kind != bound::relation_kind::common) return false;
  if (auto const [known, added] = suppresses_.try_emplace(r.cte, false); !added) return known->second;  // false: of a reference to itself
  return (suppresses_[r.cte] = suppresses(*r.cte->query->body));
}
bool row_witnesses::suppresses(bound::query_body const& b) {
  if (auto const* u = b.as<bound::set_operation>()) return suppresses(*u->left) || suppresses(*u->right);
  auto const* s = b.as<bound::select>();
  if (s == nullptr || all_.by_having.contains(s)) return s != nullptr;
  rows all;
  relations_of(s->from, all);
  return std::ranges::any_of(all, [this](bound::relation const* r) { return suppresses(*r); });
}

bool row_witnesses::needs(bound::relation const& r) {
  switch (r.kind) {
    case bound::relation_kind::base: {
      auto const* o = all_.of(&r);
      return o != nullptr && !shows_all(*o, memory_);
    }
    case bound::relation_kind::derived: return needs(around_[&r]) || needs(*r.query->body);
    case bound::relation_kind::common: {
      if (auto const [known, added] = needed_.try_emplace(r.cte, false); !added) return known->second;  // false: of a reference to itself
      return (needed_[r.cte] = needs(around_[r.cte]) || needs(*r.cte->query->body));
    }
    case bound::relation_kind::function: return needs(around_[&r]);
  }
  return true;
}
bool row_witnesses::needs(rows const& all) {
  return std::ranges::any_of(all, [&](bound::relation const* r) { return needs(*r); });
}
bool row_witnesses::needs(bound::query_body const& b) {
  if (auto const* u = b.as<bound::set_operation>()) return needs(*u->left) || needs(*u->right);
  auto const* s = b.as<bound::select>();
  rows all;
  if (s != nullptr) relations_of(s->from, all);
  return needs(all);
}

/// The column of `r` that is its witness, which is added to it.
unsigned row_witnesses::column_of(bound::relation& r) {
  auto const [known, added] = columns_.try_emplace(&r, static_cast<unsigned>(r.columns.size()));
  if (!added) return known->second;
  auto const index = known->second;
  bound::relation_column column{"ok", 0, false, true};
  if (auto* o = r.kind == bound::relation_kind::base ? all_.of(&r) : nullptr) {
    column.source = static_cast<unsigned>(r.table->columns.size());  // none of the table's
    o->uses.push_back(use::computed);
    o->filtered.push_back(false);
    o->witness = index;
  } else {
    auto const common = r.kind == bound::relation_kind::common;
    column.source = pass_on(common ? *r.cte->query : *r.query, common ? around_[r.cte] : around_[&r]);
  }
  std::vector<bound::relation_column> all(r.columns.begin(), r.columns.end());
  all.push_back(column);
  r.columns = memory_.copy(all);
  return index;
}

/// The result column of `q` that is the witness of its rows, which is added to it.
unsigned row_witnesses::pass_on(bound::query& q, rows const& around) {
  auto const& first = bound::first_arm(*q.body);
  auto const* s = first.as<bound::select>();
  auto const width = s != nullptr ? s->items.size() : first.as<bound::values>()->rows.front().size();
  auto const [known, added] = passed_on_.try_emplace(&q, static_cast<unsigned>(width));
  auto const index = known->second;  // before the arms: one of them may read what it is added to
  if (added) pass_on(*q.body, around);
  return index;
}
void row_witnesses::pass_on(bound::query_body& b, rows const& around) {
  if (auto* u = b.as<bound::set_operation>()) {
    pass_on(*u->left, around);
    return pass_on(*u->right, around);
  }
  auto* always = make(memory_, bound::literal{bound::literal_kind::boolean, "true"});
  if (auto* v = b.as<bound::values>()) {
    std::vector<bound::list<expr_ptr>> all;
    auto* holds = at(place{{}, around});
    for (auto const& r : v->rows) all.push_back(with(r, holds != nullptr ? holds : always));
    v->rows = memory_.copy(all);
    return;
  }
  auto& s = *b.as<bound::select>();
  around_[&s] = around;  // an arm that reads itself is not gone over yet
  auto* holds = at(results_of(s));
  if (holds != nullptr) made_.insert(holds);
  std::vector<bound::item> items(s.items.begin(), s.items.end());
  items.push_back({holds != nullptr ? holds : always, "ok"});
  s.items = memory_.copy(items);
}
bound::list<expr_ptr> row_witnesses::with(bound::list<expr_ptr> l, expr_ptr last) {
  std::vector<expr_ptr> all(l.begin(), l.end());
  all.push_back(last);
  return memory_.copy(all);
}

}  // namespace grille::rewrite
