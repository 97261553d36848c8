// What PostgreSQL may evaluate on a row before its guard was true. Enters: the bound tree and its guards. Leaves: a refusal if any
// such expression could fail or signal. The planner moves conditions through derived tables, asks them by cost, tries them on column
// statistics, sorts early; so of a statement with a guard that lets through some rows only,
//   * join conditions, `where`, group and sort keys, what windows and sorted aggregates and `distinct` go by, items of inner selects, and
//     conditions of `having` without an aggregate must be total, or stand in `case when W then … end`, where W says of each relation there
//     that its witness, which is its guard once more, is not false: a `case` goes wherever its operands go, and asks W first. Of the groups
//     of grouping sets W says that `bool_and` of these is not false, since a key is null outside of its sets;
//     An equality of a join's condition may have each side behind the witnesses of its own rows, where every guard of the statement is apart:
//     behind `offset 0`, so that no hidden row is beside anything else;
//   * an expression with an aggregate of its own select is computed of groups; an item of the outermost select of whole rows:
//     neither. A query of an expression is part of it: what could fail in it, could fail in the expression.
// And where a count of rows suppresses a group, what is asked before it must be total itself: no `case` keeps it from a row that the guard lets
// through, but that is only there to be counted. That is all but what stands in `case when COUNT >= K then … end` and the items and order of the
// outermost select. The server sums up a group before it asks how large it is, so the sum must not be able to go beyond its type.
// Total: built from the expressions of value_types::total_node, whose types are all known.
#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "verify/children.hpp"
#include "verify/proof.hpp"
#include "verify/total_postgresql.hpp"
#include "verify/witnesses.hpp"

namespace grille::verify {

namespace {

/// The relations whose columns an expression names, each once.
class origins final : public passage {
 public:
  explicit origins(guarded_relations const& guarded) : guarded_(guarded) {}
  void add(bound::relation const& r) {
    if (std::find(found.begin(), found.end(), &r) == found.end()) found.push_back(&r);
  }
  std::vector<bound::relation const*> found;

 private:
  using passage::enter;
  bool enter(bound::relation const& r) override { return !guarded_.contains(&r); }
  bool enter(bound::expr const& e) override {
    if (auto const* c = e.as<bound::column>()) add(*c->relation);
    return true;
  }
  guarded_relations const& guarded_;
};

/// The first relation that is made anew for each row of others, by what it says.
class laterals final : public passage {
 public:
  std::optional<base::range> first;

 private:
  using passage::enter;
  bool enter(bound::relation const& r) override {
    auto const of_columns = [](auto const& self, bound::expr const& e) -> bool {
      bool has = e.as<bound::column>() != nullptr;
      for_children(
          e, [&](bound::expr const& x) { has = has || self(self, x); }, [](bound::query const&) {});
      return has;
    };
    auto const made_anew = r.lateral || std::any_of(r.arguments.begin(), r.arguments.end(), [&](bound::expr const* a) { return of_columns(of_columns, *a); });
    if (made_anew && !first) first = r.at;
    return true;
  }
  bool enter(bound::expr const&) override { return true; }
};

bool is_view(guarded_relation const& g) { return g.policy.table().kind == catalog::relation_kind::view; }

class totals : private total_trees {
 public:
  totals(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups)
      : total_trees(s, guarded, groups.behind), guarded_(guarded), groups_(groups), witnesses_(guarded, groups) {
    witnesses_.learn(*s.query, {});
    laterals found_here;
    found_here.go(*s.query);
    lateral_ = found_here.first;
  }

  /// What is asked before a count that suppresses groups: an error there would tell of a row that is no one's to see, fence or not.
  proof before_counts() {
    bool const counts = !groups_.none() || std::any_of(guarded_.begin(), guarded_.end(), [](auto const& g) { return !g.second.rows_open; });
    if (counts && lateral_) return disagree("a lateral query beside a count that suppresses", *lateral_);
    if (groups_.none()) return {};
    for (auto const& [relation, g] : guarded_) {
      if (is_view(g)) return disagree("what a view computes, beside a count that suppresses", g.at);
      // of its columns' types only the other server knows
      if (g.policy.table().kind == catalog::relation_kind::foreign_table) return disagree("a foreign table, beside a count that suppresses", g.at);
    }
    for (auto const* s : groups_.counted)
      if (auto const* e = partial_before(*s)) return disagree("an expression that can fail, in front of a count", e->at);
    for (auto const* e : groups_.before)
      if (!total_wherever_from(*e)) return disagree("an expression that can fail, in front of a count", e->at);
    for (auto const* e : groups_.compared)
      if (!is_listed(of(*e))) return disagree("a key of groups, or what is counted, of a type whose comparison is not known", e->at);
    for (auto const& s : groups_.sums)
      if (!can_sum(s)) return disagree("a sum that can go beyond its type", s.of->at);
    return {};
  }

  void query(bound::query const& q, bool outermost) {
    for (auto const* t : q.with) query(*t->query, false);
    body(*q.body, q, outermost);
    for (auto const i : converted(*q.body)) kept(*q.body, i);
    for (auto const& lock : q.locks)  // taken where the server computes the derived table, maybe beside rows that stand around it
      movable = movable || std::any_of(lock.of.begin(), lock.of.end(), [this](auto const* r) { return !guarded_.contains(r); });
    for (auto const* n : {q.limit, q.offset})
      if (n != nullptr) count(*n);
  }
  /// As which each column of the result compares.
  std::vector<std::string> types(bound::query_body const& b) const {
    auto const& first = bound::first_arm(b);
    auto const* s = first.as<bound::select>();
    auto const width = s != nullptr ? s->items.size() : first.as<bound::values>()->rows.front().size();
    std::vector<std::string> out;
    for (unsigned i = 0; i < width; ++i) {
      auto const is = of_result(b, i);
      auto const text = is == "text" || is == "varchar";
      out.emplace_back(is != "bpchar" && is != some_text && (!text || of_default_collation(b, i)) ? is : type{});
    }
    return out;
  }
  std::optional<base::range> found;
  std::optional<base::range> apart;  // the first of what may be asked beside rows for which nothing in it asks a witness
  bool movable{};  // what can fail stands inside of a derived table, a common table, a view or a join of a join: it may be moved beside others

 private:
  using total_trees::total;
  using rows = witnesses::rows;
  /// What reaches an expression: rows, or groups of `inputs`.
  struct place {
    rows of;
    rows inputs;
    bound::select const* sets{};  // of whose grouping sets
  };

  void refuse(base::range at) {
    if (!found) found = at;
  }
  /// Computed once, of no row that stands there: `$1 + 1`, a query's value.
  void count(bound::expr const& e) {
    if (constant(e)) return;
    auto const* o = e.as<bound::operation>();
    auto const* q = e.as<bound::subquery>();
    if ((o == nullptr || o->op > bound::op::modulo) && e.as<bound::cast>() == nullptr && (q == nullptr || q->kind != bound::subquery_kind::scalar)) return refuse(e.at);
    for_children(
        e, [&](bound::expr const& x) { count(x); }, [&](bound::query const& x) { query(x, false); });
  }

  void body(bound::query_body const& b, bound::query const& whole, bool outermost) {
    if (auto const* s = b.as<bound::select>()) return select(*s, whole, outermost);
    if (auto const* u = b.as<bound::set_operation>()) {
      body(*u->left, whole, false);
      return body(*u->right, whole, false);
    }
    auto const& v = *b.as<bound::values>();
    auto const& outside = witnesses_.outside(&v);
    for (auto const& row : v.rows)
      for (auto const* e : row) early(*e, {outside, outside});
  }

  void select(bound::select const& s, bound::query const& whole, bool outermost) {
    auto const& outside = witnesses_.outside(&s);
    auto const all = with_outside(s);
    place const here{all, all};
    if (s.from != nullptr) from(*s.from, outside);
    if (s.where != nullptr) condition(*s.where, here);
    for (auto const* k : s.group_by) early(*k, here);
    auto const one = witnesses::is_one_group(s) || (s.group_by.empty() && whole.body->as<bound::select>() == &s && std::any_of(whole.order.begin(), whole.order.end(), [](auto const& o) {
                                                      return witnesses::has_aggregate(*o.key);
                                                    }));
    place const results{one ? outside : all, all, s.grouping_sets.empty() ? nullptr : &s};
    if (s.having != nullptr) condition(*s.having, results);
    for (auto const* k : s.distinct_on)  // a result column is early itself, since the select is distinct
      if (k->as<bound::output>() == nullptr) early(*k, results);
    std::set<std::size_t> sorted;
    if (whole.body->as<bound::select>() == &s)
      for (auto const& o : whole.order) {
        if (auto const* by = o.key->as<bound::output>())
          sorted.insert(by->index);
        else
          early(*o.key, results);
      }
    for (std::size_t i = 0; i < s.items.size(); ++i) {
      auto const& e = *s.items[i].value;
      auto const key = sorted.contains(i) || has_window(e) || std::any_of(s.group_by.begin(), s.group_by.end(), [&](bound::expr const* k) { return same(*k, e); });
      if (!outermost && groups_.by_having.contains(&s) && !total(e)) refuse(e.at);  // a condition around it would ask it before the count
      if (outermost && !s.distinct && !key)
        late(e, results);
      else
        early(e, results);
    }
  }

  rows with_outside(bound::select const& s) const {
    auto all = witnesses_.outside(&s);
    auto const own = witnesses::of(s.from);
    all.insert(all.end(), own.begin(), own.end());
    return all;
  }

  /// Whose rows a result of `s` is computed of: all of its own together are none of them.
  rows reaching(bound::select const& s) const { return witnesses::is_one_group(s) ? witnesses_.outside(&s) : with_outside(s); }

  rows from(bound::from_item const& f, rows const& outside) {
    if (auto* const* r = std::get_if<bound::relation*>(&f.node)) {
      relation(**r);
      return {*r};
    }
    auto const& j = std::get<bound::join>(f.node);
    auto const left = from(*j.left, outside), right = from(*j.right, outside);
    auto all = left;
    all.insert(all.end(), right.begin(), right.end());
    if (j.on != nullptr) {
      for (auto const* e : conjuncts(j.on)) equality_of_sides(*e, left, right, outside);
      condition(*j.on, near(all, outside));
      movable = movable || !total(*j.on);
    }
    return all;
  }
  static place near(rows all, rows const& outside) {
    all.insert(all.end(), outside.begin(), outside.end());
    return {all, all};
  }
  /// An equality of what is of the one side's rows with what is of the other's, for which the types have an answer: each side may stand behind the
  /// witnesses of its own rows. It may be asked beside a row of which no witness is in it, so that no guard may be where that row is.
  void equality_of_sides(bound::expr const& e, rows const& left, rows const& right, rows const& outside) {
    auto const* o = e.as<bound::operation>();
    if (o == nullptr || o->op != bound::op::equal || total(e) || !compare(*o->operands[0], *o->operands[1])) return;
    auto const of_none = [&](bound::expr_ptr const& x, rows const& other) { return witnesses_.named(nullptr, {&x, 1}, other).empty(); };
    auto const turned = !of_none(o->operands[0], right);
    auto const& first = turned ? right : left;
    auto const& second = turned ? left : right;
    if (!of_none(o->operands[0], second) || !of_none(o->operands[1], first)) return;
    early(*o->operands[0], near(first, outside));
    early(*o->operands[1], near(second, outside));
    of_sides_.insert(&e);
    if (!apart) apart = e.at;
  }
  void relation(bound::relation const& r) {
    if (auto const g = guarded_.find(&r); g != guarded_.end()) {
      movable = movable || g->second.can_fail || !g->second.partial_items.empty();
      return;
    }
    if (!total(r)) movable = true;
    switch (r.kind) {
      case bound::relation_kind::base: return refuse(r.at);
      case bound::relation_kind::function: return function(r);
      case bound::relation_kind::derived: return query(*r.query, false);
      case bound::relation_kind::common: return;  // where it is defined
    }
  }

  /// Called once for all, or for each row of what stands beside it; a function that fails does so of what it is given.
  void function(bound::relation const& r) {
    auto const& inputs = witnesses_.outside(&r);
    for (auto* const a : r.arguments) {
      auto const of = witnesses_.named(nullptr, {&a, 1}, inputs);
      if (has_query(*a) && !of.empty()) return refuse(a->at);
      queries_of(*a);
      if (witnesses_.hides(of) && !is_kept(*a, {of, of})) refuse(a->at);
    }
  }
  static bool of_no_row(bound::expr const& e) {
    bool good = e.as<bound::column>() == nullptr && e.as<bound::output>() == nullptr;
    for_children(
        e, [&](bound::expr const& x) { good = good && of_no_row(x); }, [&](bound::query const&) { good = false; });
    return good;
  }
  void queries_of(bound::expr const& e) {
    for_children(
        e, [&](bound::expr const& x) { queries_of(x); }, [&](bound::query const& q) { query(q, false); });
  }
  static bool has_query(bound::expr const& e) {
    bool has = e.as<bound::subquery>() != nullptr;
    for_children(
        e, [&](bound::expr const& x) { has = has || has_query(x); }, [](bound::query const&) {});
    return has;
  }

  /// Computed of rows that every condition has let through: what it computes by itself is looked at alone.
  void late(bound::expr const& e, place const& here) {
    if (auto const* c = e.as<bound::call>(); c != nullptr && c->over != nullptr) {
      window(*c, here);
      return;
    }
    if (auto const* c = e.as<bound::call>(); c != nullptr && witnesses::is_aggregate(*c)) {
      // what sorts its rows, and what an index may give in place of all rows, may be asked before
      auto const sorts = c->distinct || !c->order.empty() || c->function->name == "min" || c->function->name == "max";
      place const of_rows{here.inputs, here.inputs};
      for (auto const* a : c->arguments) {
        if (c->function->within_group) {  // of the group: computed when its rows are there, of none of them
          if (!of_no_row(*a)) refuse(a->at);
        } else if (sorts)
          early(*a, of_rows);
        else
          late(*a, of_rows);
      }
      for (auto const& o : c->order) early(*o.key, of_rows);
      if (c->filter != nullptr) late(*c->filter, of_rows);
      return;
    }
    for_children(
        e, [&](bound::expr const& x) { late(x, here); }, [this](bound::query const& q) { query(q, false); });
    // `x in (select y …)`, `x op any (select y …)`: joined, and compared before the guards of those rows are asked
    auto const* s = e.as<bound::subquery>();
    if (s == nullptr || s->operand == nullptr) return;
    auto const is_in = s->kind == bound::subquery_kind::in || s->kind == bound::subquery_kind::not_in;
    if (!is_in || !compares(*s)) compared(*s->query->body);
  }
  void compared(bound::query_body const& b) {
    if (auto const* u = b.as<bound::set_operation>()) {
      compared(*u->left);
      return compared(*u->right);
    }
    auto const* s = b.as<bound::select>();
    if (s == nullptr) return;
    for (auto const& i : s->items)
      if (hides(*s) && !of_groups(*i.value) && !is_kept(*i.value, *s)) refuse(i.value->at);
  }
  void kept(bound::query_body const& b, std::size_t index) {
    if (auto const* u = b.as<bound::set_operation>()) {
      kept(*u->left, index);
      return kept(*u->right, index);
    }
    auto const* s = b.as<bound::select>();
    if (s == nullptr) return;
    auto const& e = *s->items[index].value;
    if (!constant(e) && hides(*s) && !of_groups(e) && !is_kept(e, *s)) refuse(e.at);
  }
  void window(bound::call const& c, place const& here) {
    for (auto const* a : c.arguments) early(*a, here);
    for (auto const& o : c.order) early(*o.key, here);
    if (c.filter != nullptr) early(*c.filter, here);
    for (auto const* p : c.over->partition) early(*p, here);
    for (auto const& o : c.over->order) early(*o.key, here);
    if (c.over->frame == nullptr) return;
    for (auto const* n : {c.over->frame->start.offset, c.over->frame->end.offset})
      if (n != nullptr && !constant(*n)) refuse(n->at);
  }

  /// What is equal by conditions that hold together the server asks of each other, any two sides, wherever it has both: beside a row too that no
  /// guard has let through. So an equality that can fail stands behind the witnesses, or whole.
  void condition(bound::expr const& e, place const& here) {
    early(e, here);
    whole(e, here);
  }
  void whole(bound::expr const& e, place const& here) {
    auto const* o = e.as<bound::operation>();
    if (found || total(e) || of_sides_.contains(&e) || witnesses::has_aggregate(e) || is_kept(e, here)) return;
    if (e.as<bound::junction>() != nullptr || (o != nullptr && o->op == bound::op::logical_not))
      for_children(
          e, [&](bound::expr const& x) { whole(x, here); }, [](bound::query const&) {});
    else if (equates(e))
      refuse(e.at);
  }

  /// Any row may be asked for it.
  void early(bound::expr const& e, place const& here) {
    late(e, here);
    demand(e, here);
  }
  void demand(bound::expr const& e, place const& here) {
    if (found || of_sides_.contains(&e) || total(e) || of_groups(e) || (here.sets == nullptr && witnesses_.tells(e, here.of)) || is_key(e, here)) return;
    if (joins_truths(e)) {
      for_children(
          e,
          [&](bound::expr const& x) {
            demand(x, here);
            if (!truth(&x) && !joins_truths(x) && !is_kept(x, here) && witnesses_.hides(here.of)) refuse(x.at);
          },
          [](bound::query const&) {});
      return;
    }
    if (witnesses_.hides(here.of) && !is_kept(e, here)) refuse(e.at);
  }
  /// `case when WITNESSES then … end`: evaluated only where they are true.
  bool is_kept(bound::expr const& e, place const& here) {
    auto const* c = e.as<bound::case_expr>();
    if (c == nullptr || c->operand != nullptr || c->arms.size() != 1 || c->otherwise != nullptr) return false;
    auto const& holds = *c->arms[0].condition;
    return here.sets != nullptr ? witnesses_.tells_of_groups(holds, *here.sets) : witnesses_.tells(holds, here.of);
  }
  /// Computed of the rows, for which it is looked at as a key.
  static bool is_key(bound::expr const& e, place const& here) {
    return here.sets != nullptr && std::any_of(here.sets->group_by.begin(), here.sets->group_by.end(), [&](bound::expr const* k) { return same(*k, e); });
  }
  bool hides(bound::select const& s) { return groups_.by_having.contains(&s) || witnesses_.hides(reaching(s)); }
  bool is_kept(bound::expr const& e, bound::select const& s) {
    auto const all = reaching(s);
    return !groups_.by_having.contains(&s) && is_kept(e, place{all, all, s.grouping_sets.empty() ? nullptr : &s});
  }
  static bool joins_truths(bound::expr const& e) {
    if (e.as<bound::junction>() != nullptr) return true;
    auto const* o = e.as<bound::operation>();
    if (o == nullptr) return false;
    return o->op == bound::op::logical_not || o->op == bound::op::is_true || o->op == bound::op::is_not_true || o->op == bound::op::is_false ||
           o->op == bound::op::is_not_false;
  }

  // --- counts that suppress

  bound::expr const* partial_before(bound::select const& s) {
    bound::expr const* found_here{};
    auto const look = [&](bound::expr const& e) {
      if (found_here == nullptr && !total_wherever_from(e)) found_here = &e;
    };
    for_from(
        *s.from,
        [&](bound::relation const& r) {
          if (found_here == nullptr && !total_wherever_from(r)) found_here = s.items[0].value;
        },
        look);
    if (s.where != nullptr) look(*s.where);
    for (auto const* k : s.group_by)
      if (!witnesses_.tells(*k, witnesses::of(s.from))) look(*k);
    return found_here;
  }
  /// With what its columns are made of, the queries around included: the server writes `1 / (s.id - 2)` in the place of `d.y`, and asks it
  /// beside the row.
  bool total_wherever_from(bound::expr const& e) {
    if (!total(e)) return false;
    origins all(guarded_);
    all.go(e);
    return total(all);
  }
  bool total_wherever_from(bound::relation const& r) {
    origins all(guarded_);
    all.add(r);
    return total(all);
  }
  bool total(origins& all) {
    for (std::size_t i = 0; i < all.found.size(); ++i) {
      auto const& r = *all.found[i];
      if (!total(r)) return false;
      if (r.kind == bound::relation_kind::common) all.inside(*r.cte->query);
      if (r.kind == bound::relation_kind::derived && !guarded_.contains(&r)) all.inside(*r.query);
    }
    return true;
  }
  /// A sum of int8 is a numeric, and a numeric of so many digits needs more rows than there can be to go beyond its type; one of int4 is an
  /// int8, which a join could exhaust. A float's can at two rows, as can that of a numeric without a number of digits.
  bool can_sum(suppressed_groups::sum const& s) const {
    auto const is = of(*s.of);
    if (is == "int2" || is == "int4") return s.alone;
    if (is == "int8") return true;
    auto const* from = source_of(*s.of);
    auto const* c = from == nullptr ? nullptr : from->as<bound::column>();
    return is == "numeric" && c != nullptr && c->relation->table->columns[c->relation->columns[c->index].source].declared_type.starts_with("numeric(");
  }

  guarded_relations const& guarded_;
  suppressed_groups const& groups_;
  std::optional<base::range> lateral_;
  std::set<bound::expr const*> of_sides_;  // equalities whose sides are kept each by itself
  witnesses witnesses_;
};

}  // namespace

std::vector<std::string> result_types(bound::statement const& s) {
  guarded_relations const none;
  suppressed_groups const no_groups;
  return totals(s, none, no_groups).types(*s.query->body);
}

proof prove_total(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups) {
  bool some = false;
  for (auto const& [relation, g] : guarded) {
    some = some || g.has_guard;
    if (g.has_guard && is_view(g) && (!g.as_a_table || g.can_fail || !g.partial_items.empty())) return disagree("a guard around a view that can fail", g.at);
  }
  totals t(s, guarded, groups);
  if (auto const good = t.before_counts(); !good) return good;
  if (!some && groups.none()) return {};
  t.query(*s.query, true);
  if (t.found) return disagree("an expression that can fail or signal, and no witness of a guard before it", *t.found);
  if (t.apart && !groups.none()) return disagree("an equality of two sides that can fail, beside a count that suppresses", *t.apart);
  for (auto const& [relation, g] : guarded)
    if (t.apart && g.has_guard && !g.apart) return disagree("an equality of two sides that can fail, and a guard that is not apart", g.at);
  for (auto const& [relation, g] : guarded)
    if (t.movable && g.has_guard && !g.at_scan) return disagree("a guard that can become a join, and what can fail inside of another relation", g.at);
  return {};
}

}  // namespace grille::verify
