// What PostgreSQL may evaluate on a row before its guard was true. Enters: the bound tree and its guards. Leaves: a refusal if any
// such expression could fail or signal. The planner moves conditions through derived tables, asks them by cost, tries them on column
// statistics, sorts early; so of a statement with a guard that lets through some rows only,
//   * join conditions, `where`, group and sort keys, what windows and sorted aggregates and `distinct` go by, items of inner selects, and
//     conditions of `having` without an aggregate must be total, or stand in `case when W then … end`, where W says of each relation there
//     that its witness, which is its guard once more, is not false: a `case` goes wherever its operands go, and asks W first;
//   * an expression with an aggregate of its own select is computed of groups; an item of the outermost select of whole rows:
//     neither. A query of an expression is part of it: what could fail in it, could fail in the expression.
// And where a count of rows suppresses a group, what is asked before it must be total itself: no `case` keeps it from a row that the guard lets
// through, but that is only there to be counted. That is all but what stands in `case when COUNT >= K then … end` and the items and order of the
// outermost select. The server sums up a group before it asks how large it is, so the sum must not be able to go beyond its type.
// Total: built from the expressions of total_node below, whose types are all known.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "bound/walk.hpp"
#include "verify/children.hpp"
#include "verify/proof.hpp"
#include "verify/witnesses.hpp"

namespace grille::verify {

namespace {

constexpr std::size_t longest_pattern = 10'000;
constexpr std::string_view default_collation = "pg_catalog.default";

bound::literal const* literal(bound::expr const* e) { return e == nullptr ? nullptr : e->as<bound::literal>(); }
bool is_numeral(bound::expr const* e) {
  auto const* l = literal(e);
  return l != nullptr && (l->kind == bound::literal_kind::integer || l->kind == bound::literal_kind::decimal);
}

/// A type by its bare name in pg_catalog; "?": a constant that takes the other side's type; empty: not known.
using type = std::string_view;
constexpr type any = "?";

/// Types whose comparisons with each other, and with themselves, have an answer for all values.
constexpr std::array<std::array<type, 4>, 9> kin{{{"bool"},
                                                  {"int2", "int4", "int8", "numeric"},
                                                  {"int2", "int4", "int8"},
                                                  {"float4", "float8"},
                                                  {"text", "varchar"},
                                                  {"date", "timestamp", "timestamptz"},
                                                  {"uuid"},
                                                  {"bytea"},
                                                  {"interval"}}};
bool in(std::array<type, 4> const& group, type t) { return std::find(group.begin(), group.end(), t) != group.end(); }
bool is_listed(type t) {
  return !t.empty() && (t == "bpchar" || std::any_of(kin.begin(), kin.end(), [&](auto const& g) { return in(g, t); }));
}

/// `numeric(10,2)` is `numeric`; an array is nothing here.
type bare(std::string_view cast_type) {
  if (cast_type.ends_with("[]")) return {};
  auto const t = cast_type.substr(0, cast_type.find_first_of("( "));
  return is_listed(t) ? t : type{};
}

type of_column(catalog::column const& c) {
  constexpr std::string_view schema = "pg_catalog.";
  std::string_view const t = c.type;
  return t.starts_with(schema) && c.deterministic && is_listed(t.substr(schema.size())) ? t.substr(schema.size()) : type{};
}

/// What the server has computed, or refused, before it reads a row: a value of the statement's own text.
bool is_constant_sum(bound::operation const& o) {
  if (o.op != bound::op::add && o.op != bound::op::subtract) return false;
  if (is_numeral(o.operands[0]) && is_numeral(o.operands[1])) return o.operands[1]->as<bound::literal>()->text == "0";  // a key that is no ordinal
  return std::all_of(o.operands.begin(), o.operands.end(), [](bound::expr const* e) {
    auto const* c = e->as<bound::cast>();
    if (c == nullptr || literal(c->operand) == nullptr) return false;
    auto const t = bare(c->type);
    return t == "date" || t == "timestamp" || t == "interval";
  });
}
bool is_signed_numeral(bound::operation const& o) {
  return (o.op == bound::op::minus || o.op == bound::op::plus) && is_numeral(o.operands[0]);
}

struct parameter_uses final : bound::visitor {
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto const* p = e->as<bound::parameter>()) positions.insert(p->position);
    auto const* c = e->as<bound::cast>();
    if (auto const* p = c == nullptr ? nullptr : c->operand->as<bound::parameter>()) cast_to.emplace(p->position, c->type);
    auto const* o = e->as<bound::operation>();
    if (o == nullptr || o->operands.size() < 3) return true;
    if (auto const* p = o->operands[0]->as<bound::parameter>()) positions.insert(p->position);  // compared with each of the others
    return true;
  }
  std::multiset<unsigned> positions;
  std::multimap<unsigned, std::string_view> cast_to;
  /// Of the type that it is cast to, since it is used in no other way: the cast does nothing.
  bool has_type(bound::expr const& e, std::string_view name) const {
    auto const* p = e.as<bound::parameter>();
    if (p == nullptr || name.find_first_of("( [") != name.npos) return false;  // digits and fields are another conversion
    auto const [from, to] = cast_to.equal_range(p->position);
    return static_cast<std::size_t>(std::distance(from, to)) == positions.count(p->position) && std::all_of(from, to, [&](auto const& c) { return c.second == name; });
  }
};

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

class totals {
 public:
  totals(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups)
      : guarded_(guarded), groups_(groups), witnesses_(guarded, groups) {
    bound::walk(*s.query, parameters_);
    for (auto const position : s.used_beside)
      for (int i = 0; i < 2; ++i) parameters_.positions.insert(position);
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
      if (g.can_fail) return disagree("what a view computes, beside a count that suppresses", g.at);
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
      if (n != nullptr && !is_count(*n)) refuse(n->at);
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
      out.emplace_back(is != "bpchar" && (!text || of_default_collation(b, i)) ? is : type{});
    }
    return out;
  }
  static bool of_default_collation(bound::query_body const& b, unsigned index) {
    if (auto const* u = b.as<bound::set_operation>()) return of_default_collation(*u->left, index) && of_default_collation(*u->right, index);
    if (auto const* s = b.as<bound::select>()) return collation(*s->items[index].value) == default_collation;
    auto const& rows = b.as<bound::values>()->rows;
    return std::all_of(rows.begin(), rows.end(), [&](auto const& row) { return collation(*row[index]) == default_collation; });
  }
  std::optional<base::range> found;
  bool movable{};  // what can fail stands inside of a derived table, a common table, a view or a join of a join: it may be moved beside others

 private:
  using rows = witnesses::rows;
  /// What reaches an expression: rows, or groups of `inputs`.
  struct place {
    rows of;
    rows inputs;
    bound::select const* sets{};  // of whose grouping sets: a witness is null in those which it is no key of, and tells nothing
  };

  void refuse(base::range at) {
    if (!found) found = at;
  }
  static bool constant(bound::expr const& e) {
    if (auto const* o = e.as<bound::operation>()) return is_signed_numeral(*o) || is_constant_sum(*o);
    auto const* c = e.as<bound::cast>();
    return literal(c == nullptr ? &e : c->operand) != nullptr || e.as<bound::parameter>() != nullptr;
  }
  /// Computed once, of no row: `$1 + 1`.
  static bool is_count(bound::expr const& e) {
    if (constant(e)) return true;
    bool all = true;
    auto const part = [&](bound::expr const& x) { all = all && is_count(x); };
    if (auto const* o = e.as<bound::operation>(); o != nullptr && o->op <= bound::op::modulo)
      for_children(e, part, [](bound::query const&) {});
    else if (auto const* c = e.as<bound::cast>(); c != nullptr)
      part(*c->operand);
    else
      all = false;
    return all;
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
    if (s.where != nullptr) early(*s.where, here);
    for (auto const* k : s.group_by) early(*k, here);
    auto const one = witnesses::is_one_group(s) || (s.group_by.empty() && whole.body->as<bound::select>() == &s && std::any_of(whole.order.begin(), whole.order.end(), [](auto const& o) {
                                                      return witnesses::has_aggregate(*o.key);
                                                    }));
    place const results{one ? outside : all, all, s.grouping_sets.empty() ? nullptr : &s};
    if (s.having != nullptr) early(*s.having, results);
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
    auto all = from(*j.left, outside);
    auto const right = from(*j.right, outside);
    all.insert(all.end(), right.begin(), right.end());
    if (j.on != nullptr) {
      auto near = outside;
      near.insert(near.end(), all.begin(), all.end());
      early(*j.on, {near, near});
      movable = movable || !total(*j.on);
    }
    return all;
  }
  void relation(bound::relation const& r) {
    if (auto const g = guarded_.find(&r); g != guarded_.end()) {
      movable = movable || g->second.can_fail;
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
      if (has_query(*a)) return refuse(a->at);
      auto const of = witnesses_.named(nullptr, {&a, 1}, inputs);
      if (witnesses_.hides(of) && !is_kept(*a, {of, of})) refuse(a->at);
    }
  }
  static bool of_no_row(bound::expr const& e) {
    bool good = e.as<bound::column>() == nullptr && e.as<bound::output>() == nullptr;
    for_children(
        e, [&](bound::expr const& x) { good = good && of_no_row(x); }, [&](bound::query const&) { good = false; });
    return good;
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
    // `x in (select y …)`: joined, and compared before the guards of those rows are asked
    auto const* s = e.as<bound::subquery>();
    if (s != nullptr && s->operand != nullptr && !compares(*s)) compared(*s->query->body);
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
  /// Of a set operation, or of rows of values: where a value of one arm becomes another's type on its way out, and that can fail.
  std::vector<std::size_t> converted(bound::query_body const& b) const {
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
  static bool same_without_fail(std::set<type> const& all) {
    auto const within = [&](std::initializer_list<type> group) {
      return std::all_of(all.begin(), all.end(), [&](type t) { return t == any || std::find(group.begin(), group.end(), t) != group.end(); });
    };
    if (all.contains(type{})) return false;
    return (all.size() == 1 && !all.contains(any)) || within({"int2", "int4", "int8", "numeric"}) || within({"text", "varchar"}) || within({"float4", "float8"});
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

  /// Any row may be asked for it.
  void early(bound::expr const& e, place const& here) {
    late(e, here);
    demand(e, here);
  }
  void demand(bound::expr const& e, place const& here) {
    if (found || total(e) || of_groups(e) || (here.sets == nullptr && witnesses_.tells(e, here.of)) || is_key(e, here)) return;
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
    return here.sets == nullptr && c != nullptr && c->operand == nullptr && c->arms.size() == 1 && c->otherwise == nullptr && witnesses_.tells(*c->arms[0].condition, here.of);
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

  // --- totality, with all that is inside

  bool total(bound::expr const& e) {
    if (groups_.behind.contains(&e)) return true;
    if (!total_node(e)) return false;
    if (auto const* c = e.as<bound::column>(); c != nullptr && !total_as_made(*c)) return false;
    if (e.as<bound::cast>() != nullptr) return true;
    if (auto const* o = e.as<bound::operation>(); o != nullptr && is_constant_sum(*o)) return true;
    bool all = true;
    for_children(
        e, [&](bound::expr const& x) { all = all && total(x); }, [&](bound::query const& q) { all = all && total(q); });
    return all;
  }
  /// The server takes a query behind `from` apart where that groups nothing and limits nothing: then a column of it is what it is made of, and
  /// is computed beside whatever row it is compared with.
  bool total_as_made(bound::column const& c) {
    auto const& r = *c.relation;
    bound::query const* made = nullptr;
    if (auto const g = guarded_.find(&r); g != guarded_.end()) return !g->second.can_fail;
    if (r.kind == bound::relation_kind::derived) made = r.query;
    if (r.kind == bound::relation_kind::common && !r.cte->recursive) made = r.cte->query;
    if (made == nullptr || made->limit != nullptr || made->offset != nullptr) return true;
    auto const which = std::pair(made, r.columns[c.index].source);
    auto const [known, added] = made_total_.try_emplace(which, true);
    if (!added) return known->second;
    return (made_total_[which] = total_result(*made->body, which.second));
  }
  bool total_result(bound::query_body const& b, unsigned index) {
    if (auto const* u = b.as<bound::set_operation>()) return u->op != bound::set_op::union_all || (total_result(*u->left, index) && total_result(*u->right, index));
    if (auto const* v = b.as<bound::values>())
      return std::all_of(v->rows.begin(), v->rows.end(), [&](auto const& row) { return total(*row[index]); });
    auto const& s = *b.as<bound::select>();
    auto const& item = *s.items[index].value;
    return s.distinct || !s.group_by.empty() || s.having != nullptr || witnesses::has_aggregate(item) || total(item);
  }
  bool total(bound::query const& q) {
    auto const counts = [](bound::expr const* n) { return n == nullptr || is_numeral(n); };
    return q.locks.empty() && counts(q.limit) && counts(q.offset) && std::all_of(q.with.begin(), q.with.end(), [this](auto const* t) { return total(*t->query); }) &&
           total(*q.body) && std::all_of(q.order.begin(), q.order.end(), [this](auto const& o) { return total(*o.key); });
  }
  bool total(bound::query_body const& b) {
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
  bool total(bound::relation const& r) {
    if (guarded_.contains(&r)) return true;
    switch (r.kind) {
      case bound::relation_kind::base:
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

  static bool has_window(bound::expr const& e) {
    auto const* c = e.as<bound::call>();
    bool has = c != nullptr && c->over != nullptr;
    for_children(
        e, [&](bound::expr const& x) { has = has || has_window(x); }, [](bound::query const&) {});
    return has;
  }
  /// Stays whole above the groups. What `and`, `or`, `not` are made of does not.
  static bool of_groups(bound::expr const& e) {
    auto const* o = e.as<bound::operation>();
    if (e.as<bound::junction>() != nullptr || (o != nullptr && o->op == bound::op::logical_not)) return false;
    return witnesses::has_aggregate(e) && !has_window(e);
  }
  static bool whole_frame(bound::frame const* f) {
    auto const good = [](bound::expr const* offset) { return offset == nullptr || is_numeral(offset); };
    return f == nullptr || (good(f->start.offset) && good(f->end.offset));
  }

  // --- types

  type of(bound::expr const& e) const {
    struct visit {
      totals const& t;
      type operator()(bound::literal const& n) const { return n.kind == bound::literal_kind::boolean ? "bool" : any; }
      type operator()(bound::parameter const&) const { return any; }
      type operator()(bound::slot const&) const { return any; }
      type operator()(bound::column const& n) const { return t.of(n); }
      type operator()(bound::output const&) const { return {}; }
      type operator()(bound::now const& n) const {
        return n.word == "current_date" ? "date" : n.word == "localtimestamp" ? "timestamp" : n.word == "current_timestamp" ? "timestamptz" : type{};
      }
      type operator()(bound::operation const& n) const {
        if (is_signed_numeral(n) || is_constant_sum(n)) return any;
        if (n.op == bound::op::add || n.op == bound::op::subtract || n.op == bound::op::multiply || n.op == bound::op::divide || n.op == bound::op::modulo) {
          auto const a = t.integer(*n.operands[0]), b = t.integer(*n.operands[1]);
          if (a.empty() || b.empty()) return {};
          return a == "int8" || b == "int8" ? "int8" : "int4";
        }
        if (n.op == bound::op::concat) return t.of(*n.operands[0]) == "text" || t.of(*n.operands[1]) == "text" ? "text" : type{};
        return gives_truth(n.op) ? "bool" : type{};
      }
      type operator()(bound::junction const&) const { return "bool"; }
      type operator()(bound::case_expr const& n) const {
        auto out = n.otherwise == nullptr ? any : t.of(*n.otherwise);
        for (auto const& arm : n.arms) {
          auto const is = t.of(*arm.result);
          if (out == any)
            out = is;
          else if (is != any && is != out)
            return {};
        }
        return out;
      }
      type operator()(bound::cast const& n) const { return bare(n.type); }
      type operator()(bound::collate const&) const { return {}; }
      type operator()(bound::row const&) const { return {}; }
      type operator()(bound::subquery const& n) const { return n.kind == bound::subquery_kind::scalar || n.kind == bound::subquery_kind::array ? type{} : type("bool"); }
      type operator()(bound::call const& n) const {
        static constexpr std::array<std::string_view, 8> of_text{"btrim", "left", "lower", "ltrim", "right", "rtrim", "substr", "upper"};
        if (std::find(of_text.begin(), of_text.end(), n.function->name) != of_text.end()) return "text";
        return type_of_result(n.function->name, n.arguments.size() == 1 ? t.of_value(*n.arguments[0]) : type{});
      }
    };
    return std::visit(visit{*this}, e.node);
  }
  /// The type of a whole number, or of a numeral that is one; empty: none, or not known.
  type integer(bound::expr const& e) const {
    if (auto const* l = literal(&e)) return l->kind == bound::literal_kind::integer && l->text.size() <= 9 ? type("int4") : type{};
    auto const is = of(e);
    return is == "int2" ? type("int4") : is == "int4" || is == "int8" ? is : type{};
  }
  type of(bound::column const& c) const {
    auto const& r = *c.relation;
    auto const source = r.columns[c.index].source;
    switch (r.kind) {
      case bound::relation_kind::base: return of_column(r.table->columns[source]);
      case bound::relation_kind::derived: return of_result(*r.query->body, source);
      case bound::relation_kind::common: return r.cte->recursive ? type{} : of_result(*r.cte->query->body, source);
      case bound::relation_kind::function: return {};
    }
    return {};
  }
  type of_result(bound::query_body const& b, unsigned index) const {
    if (auto const* s = b.as<bound::select>()) return of_value(*s->items[index].value);
    if (auto const* v = b.as<bound::values>()) {
      std::set<type> all;
      for (auto const& row : v->rows)
        if (auto const* l = literal(row[index]); l == nullptr || l->kind != bound::literal_kind::null) all.insert(of_value(*row[index]));
      return all.size() == 1 ? *all.begin() : type{};
    }
    if (auto const* u = b.as<bound::set_operation>()) {
      return united(of_result(*u->left, index), of_result(*u->right, index));
    }
    return {};
  }
  /// As a column: a constant has a type of its own there.
  type of_value(bound::expr const& e) const {
    auto const is = of(e);
    if (is != any) return is;
    auto const* l = literal(&e);
    if (l != nullptr && l->kind == bound::literal_kind::text) return "text";
    return l != nullptr ? integer(e) : type{};
  }
  /// What a set operation makes of two types.
  static type united(type a, type b) {
    if (a == b) return a;
    for (auto const& order : {std::array<type, 3>{"int2", "int4", "int8"}, {"varchar", "text", "text"}, {"float4", "float8", "float8"}}) {
      auto const x = std::find(order.begin(), order.end(), a), y = std::find(order.begin(), order.end(), b);
      if (x != order.end() && y != order.end()) return *std::max(x, y);
    }
    return {};
  }
  static bool gives_truth(bound::op o) {
    static constexpr std::array<bound::op, 23> truths{
        bound::op::logical_not, bound::op::is_null,   bound::op::is_not_null,  bound::op::is_true,     bound::op::is_not_true,     bound::op::is_false,
        bound::op::is_not_false, bound::op::equal,    bound::op::not_equal,    bound::op::less,        bound::op::less_equal,      bound::op::greater,
        bound::op::greater_equal, bound::op::is_distinct, bound::op::is_not_distinct, bound::op::like, bound::op::not_like,        bound::op::between,
        bound::op::not_between, bound::op::in,        bound::op::not_in,       bound::op::glob,        bound::op::not_glob};
    return std::find(truths.begin(), truths.end(), o) != truths.end();
  }

  /// Texts of two collations compare by none: an error, of the first two that are met.
  static bool one_collation(bound::expr const& a, bound::expr const& b) {
    auto const x = collation(a), y = collation(b);
    return x && x == y;
  }
  static std::optional<std::string_view> collation(bound::expr const& e) {
    auto const* from = source_of(e);
    if (from == nullptr) return std::nullopt;
    if (auto const* c = from->as<bound::column>()) return c->relation->table->columns[c->relation->columns[c->index].source].collation;
    return default_collation;
  }
  /// The table's column that it is, however it was passed on; or what is of no table: a constant, or a parameter of which a cast says the type.
  static bound::expr const* source_of(bound::expr const& e) {
    auto const* cast = e.as<bound::cast>();
    if (literal(&e) != nullptr || literal_cast(e) != nullptr || (cast != nullptr && cast->operand->as<bound::parameter>() != nullptr)) return &e;
    auto const* c = e.as<bound::column>();
    if (c == nullptr) return nullptr;
    auto const& r = *c->relation;
    auto const at = r.columns[c->index].source;
    if (r.kind == bound::relation_kind::base) return &e;
    bound::query const* q = r.query;
    if (r.kind == bound::relation_kind::common) q = r.cte->recursive ? nullptr : r.cte->query;
    auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
    return s == nullptr ? nullptr : source_of(*s->items[at].value);
  }
  static bound::literal const* literal_cast(bound::expr const& e) {
    auto const* c = e.as<bound::cast>();
    return c == nullptr ? nullptr : literal(c->operand);
  }
  /// A constant, or a parameter, of a type that the statement says.
  bool fixed_type(bound::expr const& e) const {
    auto const* c = e.as<bound::cast>();
    return c != nullptr && (literal(c->operand) != nullptr || parameters_.has_type(*c->operand, c->type));
  }
  bool compare(bound::expr const& a, bound::expr const& b) const {
    auto x = of(a), y = of(b);
    if (x.empty() || y.empty()) return false;
    auto const is_text = [](type t) { return t == "text" || t == "varchar"; };
    if (auto const fixed = fixed_type(a) || fixed_type(b); is_text(x) && is_text(y) && !fixed && !one_collation(a, b)) return false;
    if (x == any) std::swap(x, y);
    if (y == any) {  // the constant is read as the other's type, once; but a parameter as what its first use wants
      auto const again = [&](bound::expr const& e) {
        auto const* p = e.as<bound::parameter>();
        return p != nullptr && parameters_.positions.count(p->position) > 1;
      };
      return x != "numeric" || (!again(a) && !again(b));
    }
    auto const is_float = [](type t) { return t == "float4" || t == "float8"; };
    if (fixed_type(a) || fixed_type(b)) {
      // a numeric column beside a float is converted, and a numeric parameter is by each row
      auto const converts = [&](bound::expr const& e, type is, type other) { return is == "numeric" && is_float(other) && (literal_cast(e) == nullptr); };
      return !converts(a, of(a), of(b)) && !converts(b, of(b), of(a));
    }
    return (x == y && is_listed(x)) || std::any_of(kin.begin(), kin.end(), [&](auto const& g) { return in(g, x) && in(g, y); });
  }
  bool compares(bound::subquery const& n) const {
    auto const* s = n.query->body->as<bound::select>();
    if (s == nullptr || s->items.size() != 1) return false;
    auto const is = of(*s->items[0].value);
    return !is.empty() && is != any && compare(*n.operand, *s->items[0].value);
  }
  bool truth(bound::expr const* e) const {
    auto const t = of(*e);
    return t == "bool" || t == any || of_groups(*e);
  }

  /// One node alone; its parts are looked at by themselves.
  bool total_node(bound::expr const& e) const {
    struct visit {
      totals const& t;
      bool operator()(bound::literal const&) const { return true; }
      bool operator()(bound::parameter const&) const { return true; }
      bool operator()(bound::slot const&) const { return true; }
      bool operator()(bound::column const&) const { return true; }
      bool operator()(bound::output const&) const { return true; }
      bool operator()(bound::now const&) const { return true; }
      bool operator()(bound::operation const& n) const { return t.total_operation(n); }
      bool operator()(bound::junction const& n) const {
        return std::all_of(n.items.begin(), n.items.end(), [this](bound::expr const* x) { return t.truth(x); });
      }
      bool operator()(bound::case_expr const&) const { return false; }
      bool operator()(bound::cast const& n) const { return (literal(n.operand) != nullptr || t.parameters_.has_type(*n.operand, n.type)) && !bare(n.type).empty(); }
      bool operator()(bound::collate const&) const { return false; }
      bool operator()(bound::row const&) const { return false; }
      bool operator()(bound::subquery const& n) const {
        if (n.kind == bound::subquery_kind::exists) return true;
        // more than one row is an error, as are arrays of several lengths, and one beyond all memory
        if (n.kind == bound::subquery_kind::scalar || n.kind == bound::subquery_kind::array) return false;
        return t.compares(n);
      }
      bool operator()(bound::call const& n) const { return !n.function->can_raise && n.function->name != "coalesce" && (n.over == nullptr || whole_frame(n.over->frame)); }
    };
    return std::visit(visit{*this}, e.node);
  }
  bool total_operation(bound::operation const& n) const {
    switch (n.op) {
      case bound::op::is_null:
      case bound::op::is_not_null: return true;
      case bound::op::logical_not:
      case bound::op::is_true:
      case bound::op::is_not_true:
      case bound::op::is_false:
      case bound::op::is_not_false: return truth(n.operands[0]);
      case bound::op::equal:
      case bound::op::not_equal:
      case bound::op::less:
      case bound::op::less_equal:
      case bound::op::greater:
      case bound::op::greater_equal:
      case bound::op::is_distinct:
      case bound::op::is_not_distinct:
      case bound::op::between:
      case bound::op::not_between:
      case bound::op::in:
      case bound::op::not_in:
        return std::all_of(n.operands.begin() + 1, n.operands.end(), [&](bound::expr const* x) { return compare(*n.operands[0], *x); });
      case bound::op::like:
      case bound::op::not_like: {
        auto const* pattern = literal(n.operands[1]);
        auto const subject = of(*n.operands[0]);
        if (n.operands.size() != 2 || pattern == nullptr || pattern->kind != bound::literal_kind::text || pattern->text.size() > longest_pattern) return false;
        bool escaped = false;  // at the end, an escape with nothing to escape is an error
        for (char const c : pattern->text) escaped = c == '\\' && !escaped;
        return !escaped && (subject == "text" || subject == "varchar");
      }
      case bound::op::minus:
      case bound::op::plus: return is_signed_numeral(n);
      case bound::op::add:
      case bound::op::subtract: return is_constant_sum(n);
      case bound::op::bit_not:
      case bound::op::multiply:
      case bound::op::divide:
      case bound::op::modulo:
      case bound::op::concat:
      case bound::op::bit_and:
      case bound::op::bit_or:
      case bound::op::shift_left:
      case bound::op::shift_right:
      case bound::op::arrow:
      case bound::op::arrow_text:
      case bound::op::glob:
      case bound::op::not_glob:
      case bound::op::ilike:
      case bound::op::not_ilike:
      case bound::op::similar:
      case bound::op::not_similar:
      case bound::op::matches:
      case bound::op::not_matches:
      case bound::op::matches_ci:
      case bound::op::not_matches_ci:
      case bound::op::in_array:
      case bound::op::not_in_array:
      case bound::op::contains:
      case bound::op::contained:
      case bound::op::overlaps:
      case bound::op::has_key:
      case bound::op::has_any_key:
      case bound::op::has_all_keys:
      case bound::op::path:
      case bound::op::path_text:
      case bound::op::array:
      case bound::op::element:
      case bound::op::slice: return false;
    }
    return false;
  }

  guarded_relations const& guarded_;
  suppressed_groups const& groups_;
  parameter_uses parameters_;
  std::optional<base::range> lateral_;
  witnesses witnesses_;
  std::map<bound::common_table const*, bool> total_tables_;
  std::map<std::pair<bound::query const*, unsigned>, bool> made_total_;  // result columns
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
    if (g.has_guard && g.can_fail) return disagree("a guard around a view", g.at);
  }
  totals t(s, guarded, groups);
  if (auto const good = t.before_counts(); !good) return good;
  if (!some && groups.none()) return {};
  t.query(*s.query, true);
  if (t.found) return disagree("an expression that can fail or signal, and no witness of a guard before it", *t.found);
  for (auto const& [relation, g] : guarded)
    if (t.movable && g.has_guard && !g.at_scan) return disagree("a guard that can become a join, and what can fail inside of another relation", g.at);
  return {};
}

}  // namespace grille::verify
