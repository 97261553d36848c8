// A table among a query's relations, and what the policy says of it among the conditions that its rows are under, read as what that means: the rows of the
// table of which these are true, in a relation of their own, as a guard is. Enters: the bound tree of the printed text. Leaves: the same with a relation
// around each such table. Guaranteed: the statement means what it meant, whichever conditions are taken along; whether they are enough is not said here.
#include <algorithm>
#include <iterator>
#include <map>

#include "bound/conjuncts.hpp"
#include "bound/walk.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

/// What an expression names that does not stand in it.
class outer_names final : public bound::visitor {
 public:
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::column>()) named_.insert(c->relation);
    return true;
  }
  void enter(bound::relation& r) override { inner_.insert(&r); }
  bool only(bound::relation const* r) const {
    return std::ranges::all_of(named_, [&](bound::relation const* n) { return n == r || inner_.contains(n); });
  }

 private:
  std::set<bound::relation const*> named_, inner_;
};

bool names_only(bound::expr_ptr e, bound::relation const& r) {
  outer_names names;
  bound::walk(e, names);
  return names.only(&r);
}

class lifting final : public bound::visitor {
 public:
  lifting(policy::access const& who, base::arena& memory) : who_(who), memory_(memory) {}
  using bound::visitor::enter;

  std::set<bound::relation const*> go(bound::query& q) {
    bound::walk(q, *this);
    finish(q);
    std::set<bound::relation const*> out;
    for (auto const& [r, table] : lifted_) out.insert(r);
    return out;
  }

 private:
  void enter(bound::select& s) override {
    if (s.from == nullptr || of_a_guard_.contains(&s)) return;
    found_.clear();
    in(*s.from, &s.where);
    std::set<bound::expr_ptr> taken;
    for (auto const& [r, condition] : found_) lift(*r, condition == nullptr ? nullptr : *condition, taken);
    for (auto const& [r, condition] : found_) {
      if (condition == nullptr) continue;
      std::vector<bound::expr_ptr> others;
      auto const all = bound::conjuncts(*condition);
      auto const is_taken = [&](bound::expr_ptr e) {  // what one condition says twice is said once
        return std::ranges::any_of(all, [&](bound::expr_ptr t) { return taken.contains(t) && same(*t, *e); });
      };
      std::ranges::copy_if(all, std::back_inserter(others), [&](bound::expr_ptr e) { return !is_taken(e); });
      *condition = all_of(others);
    }
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::derived && guarded_table(*r.query) != nullptr) mark(*r.query);
  }
  /// Nothing in a guard is the caller's: neither it nor the queries of its conditions and items are to be changed.
  void mark(bound::query& q) {
    struct all final : bound::visitor {
      explicit all(std::set<bound::select const*>& out) : out_(out) {}
      using bound::visitor::enter;
      void enter(bound::select& s) override { out_.insert(&s); }
      std::set<bound::select const*>& out_;
    } v(of_a_guard_);
    bound::walk(q, v);
  }

  /// `condition`: which the rows are under; null: none, since a full join adds rows to either side.
  void in(bound::from_item& f, bound::expr_ptr* condition) {
    if (auto* j = std::get_if<bound::join>(&f.node)) {
      auto* const of_join = j->kind == bound::join_kind::full ? nullptr : &j->on;
      in(*j->left, j->kind == bound::join_kind::right || of_join == nullptr ? of_join : condition);
      in(*j->right, j->kind == bound::join_kind::left || of_join == nullptr ? of_join : condition);
      return;
    }
    if (auto* r = std::get<bound::relation*>(f.node); r->kind == bound::relation_kind::base) found_.emplace_back(r, condition);
  }

  /// With the one of the conditions that alone lets through only rows of grants, or the first that do so together, and what the policy says beyond that. The
  /// rest is the caller's. A condition that names nothing may be of the guards of several tables.
  void lift(bound::relation& r, bound::expr_ptr condition, std::set<bound::expr_ptr>& taken) {
    auto* table = memory_.make<bound::relation>(r);
    std::vector<bound::expr_ptr> guard;
    if (auto policy = sentences::about(*table, who_, memory_)) {
      bound::copier onto{.memory = memory_, .relations = {{&r, table}}};
      std::vector<std::pair<bound::expr_ptr, bound::expr_ptr>> said;  // and what it is of the row
      for (auto* e : bound::conjuncts(condition))
        if (auto* moved = names_only(e, r) ? onto(e) : nullptr; moved != nullptr && policy->of_the_policy(*moved, {})) said.emplace_back(e, moved);
      auto const take = [&](auto const& e) {
        guard.push_back(e.second);
        taken.insert(e.first);
      };
      auto const alone = std::ranges::find_if(said, [&](auto const& e) { return enough(e.second, *policy); });
      if (alone != said.end() && !enough(nullptr, *policy)) take(*alone);
      for (auto const& e : said) {
        if (taken.contains(e.first) && std::ranges::find(guard, e.second) != guard.end()) continue;
        auto more = guard;
        more.push_back(e.second);
        if (!enough(all_of(guard), *policy) || (enough(all_of(more), *policy) && innocent(all_of(more), *policy))) take(e);
      }
    }
    bound::select inner;
    inner.from = memory_.make<bound::from_item>(bound::from_item{table});
    inner.where = all_of(guard);
    auto* q = memory_.make<bound::query>();
    q->body = memory_.make<bound::query_body>(bound::query_body{inner});
    r.kind = bound::relation_kind::derived;
    r.query = q;
    mark(*q);
    lifted_.emplace_back(&r, table);
  }

  static bool enough(bound::expr_ptr guard, sentences const& policy) {
    auto const ways_in = ways(guard);
    auto const open = policy.of(method::select);
    return std::ranges::all_of(ways_in, [&](conjunction const& way) { return std::ranges::any_of(open, [&](alternative const& a) { return policy.holds(a, way); }); });
  }

  static bool innocent(bound::expr_ptr guard, sentences& policy) {
    auto const m = method::select;
    return std::ranges::all_of(ways(guard), [&](conjunction const& way) { return policy.innocent(way, {&m, 1}); });
  }

  bound::expr_ptr all_of(std::vector<bound::expr_ptr> const& list) const {
    if (list.size() < 2) return list.empty() ? nullptr : list.front();
    return memory_.make<bound::expr>(bound::expr{bound::junction{bound::junction_op::conjunction, memory_.copy(list)}, list.front()->at});
  }

  /// The items of the new relations: the columns that are named outside of them.
  void finish(bound::query& q) {
    struct uses final : bound::visitor {
      using bound::visitor::enter;
      bool enter(bound::expr_ptr& e) override {
        if (auto const* c = e->as<bound::column>()) of[c->relation].insert(c->index);
        return true;
      }
      std::map<bound::relation const*, std::set<unsigned>> of;
    } v;
    bound::walk(q, v);
    for (auto& [r, table] : lifted_) {
      std::vector<bound::relation_column> columns(r->columns.begin(), r->columns.end());
      std::vector<bound::item> items;
      for (auto const index : v.of[r]) {
        auto const named = table->columns[index];
        columns[index].source = static_cast<unsigned>(items.size());
        items.push_back({memory_.make<bound::expr>(bound::expr{bound::column{table, index}, r->at}), named.name});
      }
      if (items.empty()) items.push_back({memory_.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::integer, "1"}, r->at}), "one"});
      r->columns = memory_.copy(columns);
      r->query->body->as<bound::select>()->items = memory_.copy(items);
    }
  }

  policy::access const& who_;
  base::arena& memory_;
  std::set<bound::select const*> of_a_guard_;
  std::vector<std::pair<bound::relation*, bound::expr_ptr*>> found_;   // of the select at hand, and the condition that its rows are under; null: none
  std::vector<std::pair<bound::relation*, bound::relation*>> lifted_;  // and the table within
};

}  // namespace

std::set<bound::relation const*> lift_guards(bound::statement& s, policy::access const& who, base::arena& memory) { return lifting(who, memory).go(*s.query); }

}  // namespace grille::verify
