// What a policy lets the caller use but not see. Enters: the bound tree and what each guarded relation lets through. Leaves: a
// refusal unless
//   * a column for `filter` stands only as the operand of `=` or `in` with constants, in `where` and `on`;
//   * a column for `aggregate`, and any row that only an aggregate grant opens, is told of only by
//       case when count(distinct r.k) filter (where r.c is not null [and F]) >= K then count|sum|avg(r.c) [filter (where F)] end
//       case when count(distinct r.k) [filter (where F)] >= K then count(*) [filter (where F)] end
//     or by group keys whose `having` says count(distinct r.k) >= K.
// A select that reads rows of aggregate grants is `counted`: its result must say nothing else of any row, since a row's bare
// presence is what K hides.
#include <algorithm>
#include <charconv>
#include <utility>

#include "verify/children.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

enum class place { from, on, where, keys, items, having, order, filter };
bool is_result(place p) { return p == place::items || p == place::having || p == place::order; }

/// A select around the current expression.
struct level {
  bound::select const* select{};
  place at{place::from};
  bound::relation const* counted{};
  unsigned aggregates{};  // of the shapes above, found in its result
};

bound::column const* as_column(bound::expr const& e) { return e.as<bound::column>(); }

bool is_constant(bound::expr const& e) {
  if (e.as<bound::literal>() != nullptr || e.as<bound::parameter>() != nullptr) return true;
  auto const* o = e.as<bound::operation>();
  return o != nullptr && (o->op == bound::op::minus || o->op == bound::op::plus) && o->operands[0]->as<bound::literal>() != nullptr;
}

/// count(distinct r.k) [filter (where …)] >= K
struct count_test {
  bound::column column;
  bound::expr const* counted{};
  bound::expr const* filter{};
  unsigned at_least{};
};
std::optional<count_test> as_count_test(bound::expr const& e) {
  auto const* o = e.as<bound::operation>();
  if (o == nullptr || o->op != bound::op::greater_equal) return std::nullopt;
  auto const* c = o->operands[0]->as<bound::call>();
  auto const* l = o->operands[1]->as<bound::literal>();
  if (c == nullptr || l == nullptr || l->kind != bound::literal_kind::integer) return std::nullopt;
  if (c->function->name != "count" || !c->distinct || c->star || c->over != nullptr || !c->order.empty() || c->arguments.size() != 1) return std::nullopt;
  auto const* column = as_column(*c->arguments[0]);
  unsigned k{};
  auto const* end = l->text.data() + l->text.size();
  if (column == nullptr || std::from_chars(l->text.data(), end, k).ptr != end) return std::nullopt;
  return count_test{*column, c->arguments[0], c->filter, k};
}

/// The same conditions in any order.
bool same_conditions(conjunction const& a, conjunction const& b) {
  auto const within = [](conjunction const& x, conjunction const& y) {
    return std::all_of(x.begin(), x.end(), [&](bound::expr const* e) {
      return std::any_of(y.begin(), y.end(), [&](bound::expr const* other) { return same(*e, *other); });
    });
  };
  return within(a, b) && within(b, a);
}

class inspection {
 public:
  inspection(guarded_relations const& guarded, dialect d) : guarded_(guarded), sqlite_(d == dialect::sqlite) {}

  base::result<suppressed_groups> statement(bound::query const& q) {
    query(q);
    if (refused_) return tl::unexpected(*refused_);
    return std::move(groups_);
  }

 private:
  // --- queries

  void query(bound::query const& q) {
    for (auto const* c : q.with) query(*c->query);
    if (auto const* s = q.body->as<bound::select>()) {
      select(*s, q.order, q);
    } else {
      body(*q.body, q);
      for (auto const& o : q.order) expression(*o.key);
    }
    if (q.limit != nullptr) expression(*q.limit);
    if (q.offset != nullptr) expression(*q.offset);
  }

  void body(bound::query_body const& b, bound::query const& whole) {
    struct visit {
      inspection& i;
      bound::query const& whole;
      void operator()(bound::select const& s) { i.select(s, {}, whole); }
      void operator()(bound::values const& v) {
        for (auto const& row : v.rows)
          for (auto const* e : row) i.expression(*e);
      }
      void operator()(bound::set_operation const& s) {
        i.body(*s.left, whole);
        i.body(*s.right, whole);
      }
    };
    std::visit(visit{*this, whole}, b.node);
  }

  void select(bound::select const& s, bound::list<bound::order_item> const& order, bound::query const& whole) {
    auto const index = levels_.size();
    levels_.push_back({.select = &s});
    if (s.from != nullptr) {
      for_from(*s.from, [&](bound::relation const& r) { relation(r, index); }, [](bound::expr const&) {});
      levels_[index].at = place::on;
      for_from(*s.from, [](bound::relation const&) {}, [&](bound::expr const& on) { expression(on); });
    }
    levels_[index].at = place::where;
    if (s.where != nullptr) expression(*s.where);
    find_counted(s, index);
    if (levels_[index].counted != nullptr) {
      if (!s.group_by.empty()) groups_.queries.push_back(&whole);
      if (!s.group_by.empty()) groups_.by_having.insert(&s);
      if (sqlite_)
        cannot_fail(s);
      else
        groups_.counted.insert(&s);
      counted_result(s, order, index);
    } else {
      levels_[index].at = place::keys;
      for (auto const* k : s.group_by) expression(*k);
      for (auto const* k : s.distinct_on) expression(*k);
      levels_[index].at = place::having;
      if (s.having != nullptr) expression(*s.having);
      levels_[index].at = place::items;
      for (auto const& i : s.items) expression(*i.value);
      levels_[index].at = place::order;
      for (auto const& o : order) expression(*o.key);
    }
    levels_.pop_back();
    if (s.from != nullptr)
      for_from(*s.from, [&](bound::relation const& r) { owners_.erase(&r); }, [](bound::expr const&) {});
  }

  void relation(bound::relation const& r, std::size_t index) {
    owners_[&r] = index;
    switch (r.kind) {
      case bound::relation_kind::base: refuse("a table without a guard of its own", r.at); return;
      case bound::relation_kind::derived:
        if (!guarded_.contains(&r)) query(*r.query);
        return;
      case bound::relation_kind::common: return;
      case bound::relation_kind::function:
        for (auto const* a : r.arguments) expression(*a);
        return;
    }
  }

  // --- selects that read rows of aggregate grants, or group by what may only be aggregated

  void find_counted(bound::select const& s, std::size_t index) {
    auto const count = [&](bound::relation const& r) {
      auto& counted = levels_[index].counted;
      if (counted != nullptr && counted != &r) refuse("aggregates over two guarded relations at once", r.at);
      counted = &r;
    };
    if (s.from != nullptr)
      for_from(
          *s.from,
          [&](bound::relation const& r) {
            auto const g = guarded_.find(&r);
            if (g != guarded_.end() && !g->second.rows_open) count(r);
          },
          [](bound::expr const&) {});
    for (auto const* k : s.group_by)
      if (auto const* c = as_column(*k); c != nullptr && owned(*c, index))
        if (auto const* rights = rights_of(*c); rights != nullptr && !rights->open && rights->aggregate) count(*c->relation);
  }

  void counted_result(bound::select const& s, bound::list<bound::order_item> const& order, std::size_t index) {
    if (!s.grouping_sets.empty()) refuse("grouping sets over an aggregate grant", s.group_by[0]->at);
    if (!s.distinct_on.empty()) refuse("`distinct on` over an aggregate grant", s.distinct_on[0]->at);
    levels_[index].at = place::keys;
    for (auto const* k : s.group_by) {
      if (!hidden_key(*k, index)) expression(*k);
      groups_.compared.push_back(k);
    }

    levels_[index].at = place::having;
    bool tested = s.group_by.empty();
    if (s.having != nullptr)
      for (auto const* c : conjuncts(s.having)) {
        auto const test = as_count_test(*c);
        if (test && test->filter == nullptr && enough(*test, index, keys_need(s, index))) {
          tested = true;
          groups_.behind.insert(c);
          continue;
        }
        if (!sqlite_) {
          condition_of_groups(*c, s, index);
          continue;
        }
        auto const fails = tested && of_aggregates(*c) ? std::nullopt : first_that_can_fail(*c, guarded_);
        if (fails) refuse("an expression that can fail, in front of a count", *fails);
        expression(*c);
      }
    if (!tested) refuse("groups of an aggregate grant without a count in `having`", s.group_by[0]->at);

    levels_[index].at = place::items;
    for (auto const& i : s.items) expression(*i.value);
    levels_[index].at = place::order;
    for (auto const& o : order) expression(*o.key);
    if (s.group_by.empty() && levels_[index].aggregates == 0 && !refused_)
      refuse("rows of an aggregate grant outside of an aggregate", s.items[0].value->at);
  }

  /// PostgreSQL asks the conditions of `having` by their cost, and those without an aggregate before there are groups: what can fail stands in
  /// `case when COUNT >= K then … end`, with the count in it again. The one group of all rows is there however many they are.
  void condition_of_groups(bound::expr const& e, bound::select const& s, std::size_t index) {
    if (s.group_by.empty()) {
      if (!of_aggregates(e)) groups_.before.push_back(&e);
      return expression(e);
    }
    auto const* c = e.as<bound::case_expr>();
    auto const one = c != nullptr && c->operand == nullptr && c->arms.size() == 1 && c->otherwise == nullptr;
    auto const test = one ? as_count_test(*c->arms[0].condition) : std::nullopt;
    if (!test || test->filter != nullptr || !enough(*test, index, keys_need(s, index))) {
      groups_.before.push_back(&e);
      return expression(e);
    }
    groups_.behind.insert(&e);
    levels_[index].at = place::items;  // as these, it is computed of groups that are large enough
    expression(*c->arms[0].result);
    levels_[index].at = place::having;
  }

  /// What fails before the count was taken tells that there was a row. SQLite computes even a derived table when it is reached.
  void cannot_fail(bound::select const& s) {
    auto const look = [&](auto const& what) {
      if (auto const at = first_that_can_fail(what, guarded_)) refuse("an expression that can fail, in front of a count", *at);
    };
    for_from(*s.from, look, look);
    if (s.where != nullptr) look(*s.where);
    for (auto const* k : s.group_by) look(*k);
  }
  /// SQLite leaves a condition in `having` if there is an aggregate in it, and asks from left to right; the others it asks first.
  static bool of_aggregates(bound::expr const& e) {
    auto const* c = e.as<bound::call>();
    bool found = c != nullptr && c->function->kind == catalog::function_kind::aggregate && (c->star || c->arguments.size() == 1);
    for_children(
        e, [&](bound::expr const& x) { found = found || of_aggregates(x); }, [](bound::query const&) {});
    return found;
  }

  bool hidden_key(bound::expr const& key, std::size_t index) const {
    auto const* c = as_column(key);
    if (c == nullptr || c->relation != levels_[index].counted) return false;
    auto const* rights = rights_of(*c);
    return rights != nullptr && !rights->open && rights->aggregate;
  }
  bool is_hidden_key(bound::expr const& e, std::size_t index) const {
    auto const& keys = levels_[index].select->group_by;
    return hidden_key(e, index) && std::any_of(keys.begin(), keys.end(), [&](bound::expr const* k) { return same(*k, e); });
  }
  bool is_open_key(bound::expr const& e, std::size_t index) const {
    auto const& keys = levels_[index].select->group_by;
    return !hidden_key(e, index) && std::any_of(keys.begin(), keys.end(), [&](bound::expr const* k) { return same(*k, e); });
  }
  std::vector<thresholds> keys_need(bound::select const& s, std::size_t index) const {
    auto const& g = guarded_.at(levels_[index].counted);
    auto needs = g.needs;
    for (auto const* k : s.group_by)
      if (hidden_key(*k, index)) {
        auto const& more = rights_of(*as_column(*k))->needs;
        needs.insert(needs.end(), more.begin(), more.end());
      }
    return needs;
  }

  // --- columns

  bool owned(bound::column const& c, std::size_t index) const {
    auto const o = owners_.find(c.relation);
    return o != owners_.end() && o->second == index;
  }
  /// Null: the column is not of a guarded relation.
  column_rights const* rights_of(bound::column const& c) const {
    auto const g = guarded_.find(c.relation);
    if (g == guarded_.end()) return nullptr;
    auto const source = c.relation->columns[c.index].source;
    static column_rights const none{};
    return source < g->second.columns.size() ? &g->second.columns[source] : &none;
  }

  void column(bound::expr const& e, bound::column const& c) {
    auto const owner = owners_.find(c.relation);
    if (owner == owners_.end() || c.relation->kind == bound::relation_kind::base)
      return refuse("a column of no relation in scope", e.at);
    if (auto const* rights = rights_of(c); rights != nullptr && !rights->open)
      return refuse("a column that the caller may use, not see, in another use", e.at);
    auto const& l = levels_[owner->second];
    if (l.counted != nullptr && is_result(l.at) && !is_open_key(e, owner->second)) refuse("a bare column among rows of an aggregate grant", e.at);
  }

  /// `=` and `in` with constants, where nothing but `where` and `on` lies between the column's select and here.
  bool is_filter(bound::operation const& n) const {
    if (n.op != bound::op::equal && n.op != bound::op::in) return false;
    bound::column const* found{};
    for (auto const* o : n.operands) {
      auto const* c = as_column(*o);
      auto const* rights = c == nullptr ? nullptr : rights_of(*c);
      if (rights != nullptr && !rights->open && rights->filter && found == nullptr)
        found = c;
      else if (!is_constant(*o))
        return false;
    }
    if (found == nullptr) return false;
    auto const owner = owners_.find(found->relation);
    if (owner == owners_.end()) return false;
    for (auto i = owner->second; i < levels_.size(); ++i)
      if (levels_[i].at != place::where && levels_[i].at != place::on) return false;
    return true;
  }

  // --- aggregates

  /// Whether a count over the relation of a level meets all that is needed.
  bool enough(count_test const& t, std::size_t index, std::vector<thresholds> const& needs) {
    auto const* rights = rights_of(t.column);
    if (rights == nullptr || !rights->plain || !owned(t.column, index)) return false;
    if (levels_[index].counted != nullptr && levels_[index].counted != t.column.relation) return false;
    groups_.compared.push_back(t.counted);
    return std::all_of(needs.begin(), needs.end(), [&](thresholds const& any) {
      return std::any_of(any.begin(), any.end(), [&](threshold const& need) {
        return need.at_least <= t.at_least && (!need.distinct || *need.distinct == *rights->plain);
      });
    });
  }

  bool is_suppressed(bound::expr const& e, bound::case_expr const& n) {
    auto const index = levels_.size() - 1;
    if (levels_.empty() || !is_result(levels_[index].at) || n.operand != nullptr || n.arms.size() != 1) return false;
    if (n.otherwise != nullptr) {
      auto const* l = n.otherwise->as<bound::literal>();
      if (l == nullptr || l->kind != bound::literal_kind::null) return false;
    }
    auto const test = as_count_test(*n.arms[0].condition);
    auto const* call = n.arms[0].result->as<bound::call>();
    if (!test || call == nullptr || call->over != nullptr || !call->order.empty()) return false;
    auto const name = call->function->name;
    if (name != "count" && (call->distinct || (name != "sum" && name != "avg"))) return false;

    auto const g = guarded_.find(test->column.relation);
    if (g == guarded_.end()) return false;
    auto needs = g->second.needs;
    auto expected = conjuncts(call->filter);
    bound::expr entered;  // r.c is not null
    bound::expr_ptr argument{};
    if (!call->star) {
      if (call->arguments.size() != 1) return false;
      argument = call->arguments[0];
      auto const* c = as_column(*argument);
      if (c == nullptr || !owned(*c, index)) return false;
      if (auto const* rights = rights_of(*c); rights != nullptr && !rights->open) {
        if (!rights->aggregate || c->relation != test->column.relation) return false;
        if (sqlite_ && name == "sum" && !sums_once(*c, index)) return false;
        needs.insert(needs.end(), rights->needs.begin(), rights->needs.end());
      }
      if (name != "count") groups_.sums.push_back({argument, std::holds_alternative<bound::relation*>(levels_[index].select->from->node)});
      if (call->distinct) groups_.compared.push_back(argument);
      entered.node = bound::operation{bound::op::is_not_null, {&argument, 1}};
      expected.push_back(&entered);
    } else if (name != "count") {
      return false;
    }
    if (!same_conditions(expected, conjuncts(test->filter)) || !enough(*test, index, needs)) return false;
    if (call->filter != nullptr) {
      if (sqlite_ && first_that_can_fail(*call->filter, guarded_)) return false;
      groups_.before.push_back(call->filter);
      auto const at = std::exchange(levels_[index].at, place::filter);
      expression(*call->filter);
      levels_[index].at = at;
    }
    ++levels_[index].aggregates;
    groups_.behind.insert(&e);
    return true;
  }

  /// A sum of integers fails beyond 64 bits, suppressed or not: joined with enough rows of the caller's it would tell a single cell.
  bool sums_once(bound::column const& c, std::size_t index) const {
    if (std::holds_alternative<bound::relation*>(levels_[index].select->from->node)) return true;
    auto const* rights = rights_of(c);
    return rights->plain && guarded_.at(c.relation).policy.table().columns[*rights->plain].affinity == catalog::affinity::real;
  }

  /// SQLite's min and max of several values are none.
  bool is_aggregate(bound::call const& n) const { return n.star || n.arguments.size() == 1 || !sqlite_ || (n.function->name != "min" && n.function->name != "max"); }

  void call(bound::expr const& e, bound::call const& n) {
    bool const own = !levels_.empty() && levels_.back().counted != nullptr && is_result(levels_.back().at);
    if (own && n.over != nullptr) return refuse("a window over rows of an aggregate grant", e.at);
    if (own && n.function->kind == catalog::function_kind::aggregate && is_aggregate(n))
      return refuse("an aggregate over rows of an aggregate grant that is not suppressed", e.at);
    if (n.filter == nullptr || levels_.empty()) return operands(e);
    auto const index = levels_.size() - 1;
    auto copy = e;
    copy.as<bound::call>()->filter = nullptr;
    operands(copy);
    auto const at = std::exchange(levels_[index].at, place::filter);
    expression(*n.filter);
    levels_[index].at = at;
  }

  // --- expressions

  void operands(bound::expr const& e) {
    for_children(
        e, [this](bound::expr const& x) { expression(x); }, [this](bound::query const& q) { query(q); });
  }

  void expression(bound::expr const& e) {
    if (refused_) return;
    if (!levels_.empty() && levels_.back().counted != nullptr && is_result(levels_.back().at)) {
      auto const index = levels_.size() - 1;  // items and order are computed of groups that `having` let through
      if (is_open_key(e, index) || (levels_.back().at != place::having && is_hidden_key(e, index))) return;
    }
    struct visit {
      inspection& i;
      bound::expr const& e;
      void operator()(bound::literal const&) {}
      void operator()(bound::parameter const&) {}
      void operator()(bound::slot const&) { i.refuse("a value of the principal outside of the policy's expressions", e.at); }
      void operator()(bound::column const& n) { i.column(e, n); }
      void operator()(bound::output const&) {}
      void operator()(bound::now const&) {}
      void operator()(bound::operation const& n) {
        if (!i.is_filter(n)) i.operands(e);
      }
      void operator()(bound::junction const&) { i.operands(e); }
      void operator()(bound::case_expr const& n) {
        if (!i.is_suppressed(e, n)) i.operands(e);
      }
      void operator()(bound::cast const&) { i.operands(e); }
      void operator()(bound::collate const&) { i.operands(e); }
      void operator()(bound::row const&) { i.operands(e); }
      void operator()(bound::record const&) { i.operands(e); }
      void operator()(bound::field const&) { i.operands(e); }
      void operator()(bound::subquery const&) { i.operands(e); }
      void operator()(bound::call const& n) { i.call(e, n); }
    };
    std::visit(visit{*this, e}, e.node);
  }

  void refuse(char const* why, base::range at) {
    if (!refused_) refused_ = disagree(why, at).value();
  }

  guarded_relations const& guarded_;
  bool sqlite_;
  suppressed_groups groups_;
  std::vector<level> levels_;
  std::unordered_map<bound::relation const*, std::size_t> owners_;  // the level whose from clause it stands in
  std::optional<base::fault> refused_;
};

}  // namespace

base::result<suppressed_groups> prove_uses(bound::statement const& s, guarded_relations const& guarded, dialect d) {
  return inspection(guarded, d).statement(*s.query);
}

}  // namespace grille::verify
