// PostgreSQL moves conditions through derived tables and asks them in the order of their cost, of column statistics already at planning:
// no derived table keeps the caller's expressions from rows that the guard has not let through. Only a `case` does, whose guard reads the
// row. So beside a guard stands only what is total (totality.hpp); what is not stands behind witnesses:
//
//     from orders o where 1 / (o.id - 2) > 0
//     from (select …, (GUARD) is true as ok from public.orders where GUARD) o where case when o.ok is not false then 1 / (o.id - 2) > 0 end
//
// Witnesses are made in row_witnesses.hpp. A query of an expression that holds anything partial is itself an expression of the query around,
// and stands behind the witnesses there.
//
// A column of a query that the server takes apart is what it is made of (totality::partial of a column): where that can fail, so can a comparison
// with it, and it stands behind the witnesses as if it were written there.
//
// What a lateral query names of the from clause around it is a row that it is computed of, as its own rows are: its witnesses stand in its
// fences and in what it passes on. A function of the from clause passes nothing on; whoever reads it asks the witnesses of what it is of.
//
// A fence knows the relations of its own select. What can fail inside of a derived table, a common table, a view or a join of a join could be
// moved beside rows of others that stand around it; these must not be there before their guards: then each guard is held where its rows
// are read (guard_rows.cpp), and no hidden row goes further.
//
// A full join's equality is fenced side by side, or the server could not hash it; then every guard stands apart, behind `offset 0`.
//
// Where a count suppresses groups (suppress_groups.cpp), a row that its guard lets through is still no one's to see: what is asked before the count
// is total, or refused; so is what a query around asks of the groups, since the server would ask it of those that are too small.
//
// Without a fence stays what is late, computed of rows and groups that every condition has let through, whatever the plan: items of the
// outermost select that nothing sorts or groups by and that hold no window, and what an aggregate takes in or is taken from.
#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "bound/calls.hpp"
#include "bound/conjuncts.hpp"
#include "bound/walk.hpp"
#include "rewrite/equalities.hpp"
#include "rewrite/guarded_views.hpp"
#include "rewrite/passes.hpp"
#include "rewrite/row_witnesses.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

bool joins_truths(bound::expr const* e) {
  if (e->as<bound::junction>() != nullptr) return true;
  auto const* o = e->as<bound::operation>();
  if (o == nullptr) return false;
  return o->op == bound::op::logical_not || (o->op >= bound::op::is_true && o->op <= bound::op::is_not_false);
}
bound::list<expr_ptr> truths_of(expr_ptr e) {
  if (auto* j = e->as<bound::junction>()) return j->items;
  return e->as<bound::operation>()->operands;
}

/// Not what the planner takes apart: of `a and count(*) > 1` it asks `a` before there are groups.
bool is_of_groups(expr_ptr e) {
  auto const* o = e->as<bound::operation>();
  auto const apart = e->as<bound::junction>() != nullptr || (o != nullptr && o->op == bound::op::logical_not);
  return !apart && holds_aggregate(e) && !holds_window(e);
}
/// What the planner may turn into a condition and an order of rows, where there is an index for it.
bool is_extreme(bound::call const& c) { return c.function->name == "min" || c.function->name == "max"; }

/// Sets what a query is computed of for as long as it is gone over.
class hold_around {
 public:
  hold_around(std::vector<bound::relation*>& now, std::vector<bound::relation*> next) : now_(now), before_(std::exchange(now, std::move(next))) {}
  ~hold_around() { now_ = std::move(before_); }
  hold_around(hold_around const&) = delete;
  hold_around& operator=(hold_around const&) = delete;

 private:
  std::vector<bound::relation*>& now_;
  std::vector<bound::relation*> before_;
};

class fencing {
  using rows = std::vector<bound::relation*>;

 public:
  fencing(bound::statement& s, occurrences& all, base::arena& memory, view_totality& views) : all_(all), memory_(memory), total_(s, [this](bound::column const& c) {
          auto const* o = all_.of(c.relation);
          return o != nullptr && state_of(*o, c.index, memory_) == cell_state::plain;
        }, &all.behind, &views),
        witnesses_(all, memory, refused) {}

  /// `around`: the relations outside of `q` whose rows it is computed of, one at a time: what it names of the from clause that it stands in.
  void query(bound::query& q, bool outermost, rows around = {}) {
    for (auto* t : q.with) {
      witnesses_.around(t) = named(around, [&](bound::visitor& v) { bound::walk(*t->query, v); });
      query(*t->query, false, witnesses_.around(t));
    }
    hold_around const here(now_around_, std::move(around));
    body(*q.body, q, outermost);
    for (auto const i : total_.converted(*q.body)) keep_item(*q.body, i);
    for (auto const& [n, word] : {std::pair(&q.limit, "limit"), {&q.offset, "offset"}}) {
      if (*n == nullptr) continue;
      if (!totality::is_count(*n)) refuse(word, (*n)->at);
      place of_none{{}, {}};  // no column is in scope there
      settle(*n, of_none);
    }
  }
  /// After all is fenced: what can fail and stands where the server may move it beside rows that its fence does not know of; empty: nothing.
  std::string moves(bound::query& q) {
    struct look final : bound::visitor {
      look(totality const& t, occurrences& o) : total(t), all(o) {}
      using bound::visitor::enter;
      void enter(bound::relation& r) override {
        note(total.partial(r));
        if (auto const* o = all.of(&r))
          for (unsigned i = 0; i < o->uses.size(); ++i)
            if (o->uses[i] != use::none && o->witness != i) note(total.partial(bound::column{&r, i}));
        if (r.kind == bound::relation_kind::derived) note(total.partial(*r.query), " in a query of the `from` clause");
        if (r.kind == bound::relation_kind::common) note(total.partial(*r.cte->query), " in a common table");
        if (r.kind == bound::relation_kind::function) note("a function of the `from` clause");
      }
      void enter(bound::query& q) override {
        for (auto const& lock : q.locks)
          if (std::ranges::any_of(lock.of, [](bound::relation const* r) { return r->kind == bound::relation_kind::derived; })) note("a lock", " in a query of the `from` clause");
      }
      void enter(bound::join& j) override {
        if (j.on != nullptr) note(total.partial(j.on), " in a condition of a join");
      }
      void note(std::string_view what, std::string_view where = {}) {
        if (what.empty() || !found.empty()) return;
        found = what;
        found += where;
      }
      totality const& total;
      occurrences& all;
      std::string found;
    } v(total_, all_);
    bound::walk(q, v);
    return std::move(v.found);
  }
  std::string why;  // the first that needed a fence
  bool apart{};     // what stands behind the witnesses of some of the rows that it may be asked beside
  std::optional<base::fault> refused;

 private:
  void refuse(std::string_view what, base::range at) {
    if (!refused) refused = unfenced(what, at);
  }

  void body(bound::query_body& b, bound::query& whole, bool outermost) {
    if (auto* s = b.as<bound::select>()) return select(*s, whole, outermost);
    if (auto* u = b.as<bound::set_operation>()) {
      body(*u->left, whole, false);
      return body(*u->right, whole, false);
    }
    place outside{{}, now_around_};
    for (auto const& row : b.as<bound::values>()->rows)
      for (auto& e : row) e = fenced(e, outside);
  }

  /// What the server asks before the count that suppresses: behind a witness too it would tell of a row that is no one's to see. With what its
  /// columns are made of, the queries around included: of `d.y` the server writes `1 / (s.id - 2)`, and asks it beside the row.
  void refuse_before_count(bound::select& s) {
    struct look final : bound::visitor {
      explicit look(fencing& f) : self(f) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& e) override {
        if (auto const* c = e->as<bound::column>()) made_of(*c->relation);
        return true;
      }
      void enter(bound::relation& r) override { made_of(r); }
      void enter(bound::join& j) override {
        if (j.on != nullptr) whole(j.on);
      }
      void whole(expr_ptr e) {
        if (auto const what = self.total_.partial(e); !what.empty()) self.refuse(what, e->at);
      }
      void made_of(bound::relation const& r) {
        if (!seen.insert(&r).second) return;
        if (r.kind == bound::relation_kind::function) self.refuse(r.function->name, r.at);
        auto* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common ? r.cte->query : nullptr;
        if (q == nullptr) return;
        if (auto const what = self.total_.partial(*q); !what.empty()) self.refuse(what, r.at);
        bound::walk(*q, *this);
      }
      fencing& self;
      std::set<bound::relation const*> seen;
    } before(*this);
    auto const all = [&](expr_ptr e) {
      if (e == nullptr) return;
      before.whole(e);
      bound::walk(e, before);
    };
    bound::walk(*s.from, before);
    all(s.where);
    for (auto* k : s.group_by) all(k);
  }

  void select(bound::select& s, bound::query& whole, bool outermost) {
    auto const counted = all_.counted.contains(&s);
    auto const by_having = all_.by_having.contains(&s);
    if (counted) refuse_before_count(s);
    auto const& around = witnesses_.around(&s) = now_around_;
    place of_rows{{}, around};
    if (s.from != nullptr) {
      rows reach = around;
      relations_of(s.from, reach);
      from(*s.from, reach, around, of_rows.rows);
    }
    if (s.where != nullptr) s.where = whole_equalities(fenced(s.where, of_rows));

    std::set<std::size_t> sorted;
    bool aggregates = s.having != nullptr;
    auto const own = whole.body->as<bound::select>() == &s;
    for (auto& o : whole.order) {
      if (!own) continue;
      if (auto const* by = o.key->as<bound::output>())
        sorted.insert(by->index);
      else
        aggregates = aggregates || holds_aggregate(o.key);
    }
    for (auto& i : s.items) aggregates = aggregates || holds_aggregate(i.value);

    place of_results{of_rows.rows, around, s.group_by.empty() ? nullptr : &s, aggregates && s.group_by.empty()};
    if (of_results.single) witnesses_.makes_one_group(s);
    std::vector<bool> late(s.items.size());
    for (std::size_t i = 0; i < late.size(); ++i)
      late[i] = outermost && !s.distinct && !sorted.contains(i) && !holds_window(s.items[i].value) && !std::ranges::count(s.group_by, s.items[i].value);
    if (!s.group_by.empty()) {
      for (auto& i : s.items) point_at_keys(i.value, s);
      point_at_keys(s.having, s);
      for (auto& k : s.distinct_on) point_at_keys(k, s);
      for (auto& o : whole.order)
        if (own) point_at_keys(o.key, s);
      for (auto& key : s.group_by) {
        auto* made = of_results.keys.contains(key) ? of_results.keys.at(key) : fenced(key, of_rows);
        of_results.keys[key] = made;
        key = made;
      }
    }
    for (auto& i : s.items)  // a condition around it would ask it before the count
      if (auto const what = by_having && !outermost ? total_.partial(i.value) : std::string_view{}; !what.empty()) refuse(what, i.value->at);
    for (std::size_t i = 0; i < late.size(); ++i) s.items[i].value = late[i] ? settled(s.items[i].value, of_results) : fenced(s.items[i].value, of_results);
    if (s.having != nullptr) s.having = by_having ? settled(s.having, of_results) : whole_equalities(fenced(s.having, of_results));
    for (auto& k : s.distinct_on)
      if (k->as<bound::output>() == nullptr) k = fenced(k, of_results);
    if (!own) return;
    for (auto& o : whole.order)
      if (o.key->as<bound::output>() == nullptr) o.key = fenced(o.key, of_results);
  }

  /// The relations of `f`, each after what it is made of. `reach`: those that a lateral one may name, whatever side they stand on.
  void from(bound::from_item& f, rows const& reach, rows const& around, rows& out) {
    if (auto* const* r = std::get_if<bound::relation*>(&f.node)) {
      relation(**r, reach);
      out.push_back(*r);
      return;
    }
    auto& j = std::get<bound::join>(f.node);
    place left{{}, around}, right{{}, around};
    from(*j.left, reach, around, left.rows);
    from(*j.right, reach, around, right.rows);
    place here{left.rows, around};
    here.rows.insert(here.rows.end(), right.rows.begin(), right.rows.end());
    if (j.on != nullptr) {
      if (j.kind == bound::join_kind::full && !total_.partial(j.on).empty()) fence_sides(j.on, left, right);
      j.on = whole_equalities(fenced(j.on, here));
    }
    out.insert(out.end(), here.rows.begin(), here.rows.end());
  }

  void relation(bound::relation& r, rows const& reach) {
    if (r.kind == bound::relation_kind::derived) {
      witnesses_.around(&r) = named(reach, [&](bound::visitor& v) { bound::walk(*r.query, v); });
      return query(*r.query, false, witnesses_.around(&r));
    }
    if (r.kind != bound::relation_kind::function) return;
    auto& all = witnesses_.around(&r);
    for (auto& a : r.arguments) {
      place of{{}, named(reach, [&](bound::visitor& v) { bound::walk(a, v); })};
      for (auto* x : of.around)
        if (!std::ranges::count(all, x)) all.push_back(x);
      if (!of.around.empty() && bound::holds_query(a)) refuse("a query of columns, given to a function of the `from` clause,", a->at);
      settle(a, of);
      a = fence(a, r.function->name, of);
    }
  }
  /// Which of `reach` are named, with what the functions among them are computed of.
  template <class Walk>
  rows named(rows const& reach, Walk walk) {
    struct look final : bound::visitor {
      using bound::visitor::enter;
      bool enter(expr_ptr& e) override {
        if (auto const* c = e->as<bound::column>()) found.insert(c->relation);
        return true;
      }
      std::set<bound::relation const*> found;
    } v;
    walk(v);
    rows out;
    for (auto* r : reach) {
      if (!v.found.contains(r)) continue;
      out.push_back(r);
      if (r->kind != bound::relation_kind::function) continue;
      for (auto* x : witnesses_.around(r))
        if (!std::ranges::count(out, x)) out.push_back(x);
    }
    return out;
  }

  expr_ptr whole_equalities(expr_ptr e) { return keep_equalities_whole(e, total_, fences_, memory_); }

  /// The server makes a full join of what it can hash, which is no condition behind witnesses of both sides. So each side of an equality stands behind
  /// those of its own rows. That is not enough where the server makes another join of it, since what is behind those of the one side may then be
  /// asked beside a row of the other: it takes guards that stand apart.
  void fence_sides(expr_ptr on, place& left, place& right) {
    bool found = false;
    for (auto* e : bound::conjuncts(on)) {
      if (!equates_sides(e, left.rows, right.rows)) continue;
      found = true;
      if (total_.partial(e).empty()) continue;
      for (auto& side : e->as<bound::operation>()->operands) {
        auto& of = names_any(side, left.rows) ? left : right;
        settle(side, of);
        side = wrap(side, of);
      }
      fences_.insert(e);
      apart = true;
    }
    if (found || refused) return;
    refused = base::fault{errc::unsupported,
                          "a full join by what could fail on a row that is not yours to see is supported where a value of the one side equals one of the other, "
                          "of types that are known to compare",
                          on->at, {}};
  }
  bool equates_sides(expr_ptr e, rows const& left, rows const& right) {
    if (!total_.hashes(e)) return false;
    auto const& of = e->as<bound::operation>()->operands;
    auto const are_of = [&](rows const& a, rows const& b) { return names_any(of[0], a) && !names_any(of[0], b) && names_any(of[1], b) && !names_any(of[1], a); };
    return are_of(left, right) || are_of(right, left);
  }
  bool names_any(expr_ptr e, rows const& of) {
    return !named(of, [&](bound::visitor& v) { bound::walk(e, v); }).empty();
  }

  // --- expressions

  /// Whatever is a group key, the very key: it is written once, and must stay the same wherever it stands.
  void point_at_keys(expr_ptr& e, bound::select const& s) {
    struct visit final : bound::visitor {
      explicit visit(bound::select const& s) : select(s) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        for (auto* key : select.group_by)
          if (x == key || bound::comparison{}(x, key)) {
            x = key;
            return false;
          }
        if (auto* q = x->as<bound::subquery>()) {
          bound::walk(q->operand, *this);
          return false;
        }
        auto const* c = x->as<bound::call>();
        return c == nullptr || !is_aggregate(*c);  // what an aggregate takes in is of rows
      }
      bound::select const& select;
    } v(s);
    bound::walk(e, v);
  }

  expr_ptr fenced(expr_ptr e, place& at) {
    auto const known = done_.find(e);
    if (known != done_.end()) return known->second;
    if (witnesses_.is_passed_on(e)) return e;
    settle(e, at);
    auto* made = wrap(e, at);
    replace_keys(made, at);
    if (!at.keys.contains(e)) done_[e] = made;
    done_[made] = made;
    return made;
  }
  expr_ptr settled(expr_ptr e, place& at) {
    settle(e, at);
    replace_keys(e, at);
    return e;
  }
  static void replace_keys(expr_ptr& e, place const& at) {
    struct visit final : bound::visitor {
      explicit visit(place const& p) : at(p) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const found = at.keys.find(x);
        if (found != at.keys.end()) {
          x = found->second;
          return false;
        }
        // what a key has become holds the key
        auto const made = std::ranges::any_of(at.keys, [&](auto const& k) { return k.second == x; });
        return !made && x->as<bound::subquery>() == nullptr;
      }
      place const& at;
    } v(at);
    if (!at.keys.empty()) bound::walk(e, v);
  }

  /// What an expression computes by itself, whoever asks for its value: its queries, what its windows and sorted aggregates go by.
  void settle(expr_ptr& e, place& at) {
    struct visit final : bound::visitor {
      visit(fencing& f, place& p) : self(f), at(p) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        if (at.keys.contains(x)) return false;
        if (auto* q = x->as<bound::subquery>()) {
          if (self.settled_.insert(q->query).second) {
            self.query(*q->query, false);
            // the server compares as it joins, before it asks what guards the rows
            auto const compares = q->operand != nullptr;
            if (compares && !self.total_.total_subquery(*q)) self.keep_items(*q->query->body);
          }
          bound::walk(q->operand, *this);
          return false;
        }
        auto* c = x->as<bound::call>();
        if (c == nullptr) return true;
        if (c->over != nullptr)
          self.window(*c, at);
        else if (is_aggregate(*c))
          self.aggregate(*c, at);
        else
          return true;
        return false;
      }
      fencing& self;
      place& at;
    } v(*this, at);
    bound::walk(e, v);
  }
  /// Behind the witnesses, one item of each arm, or all, so that no conversion of it meets a hidden row.
  void keep_items(bound::query_body& b) { keep(b, {}, "a comparison of these types"); }
  void keep_item(bound::query_body& b, unsigned index) { keep(b, index, "a set operation of these types"); }
  void keep(bound::query_body& b, std::optional<unsigned> index, std::string_view what) {
    if (auto* u = b.as<bound::set_operation>()) {
      keep(*u->left, index, what);
      return keep(*u->right, index, what);
    }
    auto* s = b.as<bound::select>();
    if (s == nullptr) return;
    auto at = witnesses_.results_of(*s);
    for (std::size_t i = 0; i < s->items.size(); ++i) {
      auto& value = s->items[i].value;
      if ((index && i != *index) || fences_.contains(value) || is_of_groups(value) || (index && totality::is_constant(value))) continue;
      if (all_.by_having.contains(s)) refuse(what, value->at);
      value = fence(value, what, at);
    }
  }
  void window(bound::call& c, place& at) {
    for (auto& a : c.arguments) a = fenced(a, at);
    for (auto& o : c.order) o.key = fenced(o.key, at);
    if (c.filter != nullptr) c.filter = fenced(c.filter, at);
    if (!settled_.insert(c.over).second) return;
    for (auto& p : c.over->partition) p = fenced(p, at);
    for (auto& o : c.over->order) o.key = fenced(o.key, at);
    if (c.over->frame == nullptr) return;
    for (auto const* n : {c.over->frame->start.offset, c.over->frame->end.offset})
      if (n != nullptr && n->as<bound::parameter>() == nullptr && !totality::is_constant(n)) refuse("a window's frame", n->at);
  }
  void aggregate(bound::call& c, place const& at) {
    place of_rows{at.rows, at.around};
    auto const sorts = c.distinct || !c.order.empty() || is_extreme(c);
    for (auto& a : c.arguments)
      if (!c.function->within_group) a = sorts ? fenced(a, of_rows) : settled(a, of_rows);  // there they are constants: bind_call.cpp
    for (auto& o : c.order) o.key = fenced(o.key, of_rows);
    if (c.filter == nullptr) return;
    auto const suppressed = std::ranges::any_of(at.rows, [this](bound::relation const* r) {
      auto const* o = all_.of(r);
      return o != nullptr && o->aggregated;
    });
    if (auto const what = suppressed ? total_.partial(c.filter) : std::string_view{}; !what.empty()) refuse(what, c.filter->at);
    c.filter = settled(c.filter, of_rows);
  }

  /// Every part that could fail behind the witnesses, as large as it goes; what joins truths is taken apart, so that what is total of it
  /// stays where the server finds it.
  expr_ptr wrap(expr_ptr e, place& at) {
    if (auto const key = at.keys.find(e); key != at.keys.end()) return key->second;
    if (fences_.contains(e)) return e;
    auto const what = total_.partial(e);
    if (what.empty() || is_of_groups(e)) return e;
    if (joins_truths(e)) {
      for (auto& part : truths_of(e)) part = wrap_truth(part, at);
      return e;
    }
    return fence(e, what, at);
  }
  expr_ptr wrap_truth(expr_ptr e, place& at) {
    auto* made = wrap(e, at);
    auto const needs_none = made != e || is_of_groups(e) || joins_truths(e) || total_.is_truth(e);
    return needs_none ? made : fence(e, "a condition", at);
  }
  expr_ptr fence(expr_ptr e, std::string_view what, place& at) {
    if (std::ranges::any_of(at.rows, [this](bound::relation const* r) { return witnesses_.suppresses(*r); })) refuse(what, e->at);
    auto* holds = witnesses_.at(at);
    if (holds == nullptr) return e;
    if (why.empty()) why = what;
    auto* made = make(memory_, bound::case_expr{nullptr, memory_.copy(std::vector<bound::when_arm>{{holds, e}}), nullptr});
    fences_.insert(made);
    return made;
  }

  occurrences& all_;
  base::arena& memory_;
  totality total_;
  row_witnesses witnesses_;
  std::unordered_map<bound::expr const*, expr_ptr> done_;
  std::set<bound::expr const*> fences_;
  rows now_around_;                // of the query at hand
  std::set<void const*> settled_;  // queries and windows
};

/// What says that it is computed of each row of others; null: nothing does.
bound::relation const* first_lateral(bound::statement& s) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& e) override {
      names_column = names_column || e->as<bound::column>() != nullptr;
      return true;
    }
    void enter(bound::relation& r) override {
      look inside;
      for (auto& a : r.arguments) bound::walk(a, inside);
      if (found == nullptr && (r.lateral || inside.names_column)) found = &r;
    }
    bound::relation const* found{};
    bool names_column{};
  } v;
  bound::walk(*s.query, v);
  return v.found;
}

}  // namespace

base::result<void> fence_expressions(bound::statement& s, occurrences& all, views::trees const& trees, base::arena& memory) {
  bool guarded = false;
  bool const counts = std::ranges::any_of(all.all(), &occurrence::aggregated);
  for (auto const& o : all.all()) {
    auto const some = !shows_all(o, memory);
    if (o.relation->table->kind == catalog::relation_kind::view && counts)
      return base::fail(errc::unsupported, "a view in a statement with what is open to aggregates only is not supported on PostgreSQL", o.relation->at);
    if (o.relation->table->kind == catalog::relation_kind::foreign_table && counts)  // the types of its columns are known to its own server alone
      return base::fail(errc::unsupported, "a foreign table in a statement with what is open to aggregates only is not supported on PostgreSQL", o.relation->at);
    guarded = guarded || some;
  }
  if (!guarded && !counts) return {};
  if (auto const* r = counts ? first_lateral(s) : nullptr; r != nullptr)
    return base::fail(errc::unsupported, "a lateral query, or a function of columns, in a statement with what is open to aggregates only is not supported on PostgreSQL", r->at);
  view_totality views(trees);
  for (auto const& o : all.all())
    if (auto good = check_guarded_view(o, views, memory); !good) return good;
  fencing fence(s, all, memory, views);
  fence.query(*s.query, true);
  if (fence.refused) return tl::unexpected(*fence.refused);
  auto const moves = fence.moves(*s.query);
  for (auto& o : all.all()) {
    o.why_held = moves;
    if (o.witness) o.why_fenced = fence.why;
    o.apart = stands_apart(o, views, memory) || (fence.apart && !shows_all(o, memory));
    if (fence.apart && (o.locked_by || o.aggregated))  // a lock around a guard that stands apart would be one of all of its rows
      return base::fail(errc::unsupported,
                        "a full join by what could fail on a row that is not yours to see is not supported beside rows that are locked, or open to aggregates only",
                        o.relation->at);
  }
  return {};
}

}  // namespace grille::rewrite
