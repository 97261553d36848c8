// PostgreSQL moves conditions through derived tables and asks them in the order of their cost, of column statistics already at planning:
// no derived table keeps the caller's expressions from rows that the guard has not let through. So beside a guard stands only what
// is total: it has a value for every row, never an error. The rest is refused by name and place, unless it is late: computed of rows
// and groups that every condition has let through, whatever the plan.
//
// Late are, of the outermost select, items that nothing sorts or groups by and that hold no window; of any select outside of
// expressions, what an aggregate takes in or is taken from, its items and conditions of `having` included.
// Total are comparisons of one built-in scalar type with another of its family or a constant, tests for null and of truth, `like` with a
// whole pattern, and what and, or, not make of these (https://www.postgresql.org/docs/15/functions.html, chapters 9.1, 9.2, 9.7).
#include <algorithm>
#include <array>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

constexpr std::size_t longest_safe_pattern = 1000;

/// Types between whose values a comparison never fails. A constant takes the other side's type before any row is read; but next
/// to a `numeric` one of the floats would have the column converted, which can fail.
enum class family { none, truth, integer, numeric, real, text, time, clock, other, constant, real_constant };

family of_type(std::string_view t) {
  struct row {
    std::string_view name;
    family is;
  };
  static constexpr std::array<row, 16> rows{{{"bool", family::truth},
                                             {"int2", family::integer},
                                             {"int4", family::integer},
                                             {"int8", family::integer},
                                             {"numeric", family::numeric},
                                             {"float4", family::real},
                                             {"float8", family::real},
                                             {"text", family::text},
                                             {"varchar", family::text},
                                             {"date", family::time},
                                             {"timestamp", family::time},
                                             {"timestamptz", family::clock},
                                             {"bpchar", family::other},
                                             {"uuid", family::other},
                                             {"bytea", family::other},
                                             {"interval", family::other}}};
  auto const found = std::ranges::find(rows, t.substr(0, t.find_first_of("( [")), &row::name);
  return found == rows.end() || t.ends_with("[]") ? family::none : found->is;
}

family of_column(catalog::column const& c) {
  constexpr std::string_view own = "pg_catalog.";
  if (!std::string_view(c.type).starts_with(own) || !c.deterministic) return family::none;
  return of_type(std::string_view(c.type).substr(own.size()));
}

bool is_numeral(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  return l != nullptr && (l->kind == bound::literal_kind::integer || l->kind == bound::literal_kind::decimal);
}

/// What is computed before any row is read, so that it fails whatever the rows are.
family constant(bound::expr const* e) {
  if (e->as<bound::literal>() != nullptr || e->as<bound::parameter>() != nullptr) return family::constant;
  if (auto const* c = e->as<bound::cast>()) {
    auto const is = of_type(c->type);
    if (c->operand->as<bound::literal>() == nullptr || is == family::none) return family::none;
    return is == family::real ? family::real_constant : family::constant;
  }
  auto const* o = e->as<bound::operation>();
  if (o == nullptr) return family::none;
  switch (o->op) {
    case bound::op::minus:
    case bound::op::plus:
      return is_numeral(o->operands[0]) ? family::constant : family::none;
    case bound::op::add:
    case bound::op::subtract: {  // a date and an interval; of what depends on the time zone it is not
      for (auto const* operand : o->operands) {
        auto const* c = operand->as<bound::cast>();
        if (c == nullptr || c->operand->as<bound::literal>() == nullptr) return family::none;
        if (auto const is = of_type(c->type); is != family::time && c->type.substr(0, 8) != "interval") return family::none;
      }
      return family::constant;
    }
    default:
      return family::none;
  }
}

/// How often each parameter is used. The server takes a parameter's type from its first use: where that is a float, `$1 = c` beside it
/// has a column c of numeric converted, which fails beyond the float's range.
class count_parameters final : public bound::visitor {
 public:
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    if (auto const* p = e->as<bound::parameter>()) ++uses[p->position];
    return true;
  }
  std::map<unsigned, unsigned> uses;
};

class find_partial final : public bound::visitor {
 public:
  explicit find_partial(bound::query& top) {
    bound::walk(top, parameters_);
    auto const* s = top.body->as<bound::select>();
    if (s == nullptr || s->distinct) return;
    std::vector<bool> keys(s->items.size());
    for (auto const& o : top.order)
      if (auto const* by = o.key->as<bound::output>(); by != nullptr && by->index < keys.size()) keys[by->index] = true;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (!keys[i] && !holds_window(s->items[i].value)) late_.insert(s->items[i].value);
    for (auto const* g : s->group_by) late_.erase(g);
  }
  using bound::visitor::enter;
  using bound::visitor::leave;

  bool enter(expr_ptr& e) override {
    if (late_.contains(e) || (queries_ == 0 && aggregated(e))) ++inside_;
    if (e->as<bound::subquery>() != nullptr) ++queries_;
    return constant(e) == family::none;
  }
  /// The parts were looked at before: what is named is the innermost.
  void leave(expr_ptr& e) override {
    auto const* q = e->as<bound::subquery>();
    if (q != nullptr) --queries_;
    if (!quiet() && constant(e) == family::none) {
      if (auto const what = q != nullptr ? std::string_view(total_subquery(*q) ? "" : "a subquery") : partial(*e); !what.empty()) note(e, what);
    }
    if (late_.contains(e) || (queries_ == 0 && aggregated(e))) --inside_;
  }
  void enter(bound::query& q) override {
    for (auto const* n : {q.limit, q.offset})
      if (queries_ > 0 && n != nullptr && !is_numeral(n)) note(n, "limit");
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::function && why.empty()) why = r.function->name, at = r.at;
    if (r.kind == bound::relation_kind::common && queries_ > 0 && reached_.insert(r.cte).second) bound::walk(*r.cte->query, *this);
  }

  std::string why;
  base::range at;

 private:
  bool quiet() const { return inside_ > 0 && queries_ == 0; }
  void note(bound::expr const* e, std::string_view what) {
    if (!why.empty()) return;
    why = what;
    at = e->at;
  }
  static bool holds_window(expr_ptr e) {
    auto const* c = e->as<bound::call>();
    return contains(e, [](bound::call const& x) { return x.over != nullptr; }) || (c != nullptr && c->over != nullptr);
  }
  /// Not what the planner takes apart: of `a and count(*) > 1` it asks `a` before there are groups.
  static bool aggregated(expr_ptr e) {
    if (e->as<bound::junction>() != nullptr) return false;
    if (auto const* o = e->as<bound::operation>(); o != nullptr && o->op == bound::op::logical_not) return false;
    return contains(e, [](bound::call const& x) { return x.function->kind == catalog::function_kind::aggregate && x.over == nullptr; }) && !holds_window(e);
  }
  /// In the expression itself, not in a query of it.
  template <class Test>
  static bool contains(expr_ptr e, Test test) {
    struct look final : bound::visitor {
      explicit look(Test t) : test_(t) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* c = x->as<bound::call>();
        found = found || (c != nullptr && test_(*c));
        return x->as<bound::subquery>() == nullptr;
      }
      Test test_;
      bool found{};
    } v(test);
    bound::walk(e, v);
    return v.found;
  }

  family of(bound::expr const* e) const {
    if (auto const c = constant(e); c != family::none) return c;
    if (e->as<bound::slot>() != nullptr) return family::constant;
    if (auto const* n = e->as<bound::now>()) return n->word == "current_date" || n->word == "localtimestamp" ? family::time : n->word == "current_timestamp" ? family::clock : family::none;
    if (e->as<bound::junction>() != nullptr) return family::truth;
    if (auto const* o = e->as<bound::operation>()) return o->op == bound::op::logical_not || o->op >= bound::op::is_null ? truth_of(o->op) : family::none;
    auto const* c = e->as<bound::column>();
    return c == nullptr ? family::none : of(*c);
  }
  static family truth_of(bound::op o) {
    switch (o) {
      case bound::op::minus:
      case bound::op::plus:
      case bound::op::bit_not:
      case bound::op::add:
      case bound::op::subtract:
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
        return family::none;
      default:
        return family::truth;
    }
  }
  family of(bound::column const& c) const {
    auto const& r = *c.relation;
    auto const source = r.columns[c.index].source;
    switch (r.kind) {
      case bound::relation_kind::base: return of_column(r.table->columns[source]);
      case bound::relation_kind::derived: return of(*r.query->body, source);
      case bound::relation_kind::common: return r.cte->recursive ? family::none : of(*r.cte->query->body, source);
      case bound::relation_kind::function: return family::none;
    }
    return family::none;
  }
  family of(bound::query_body const& b, unsigned index) const {
    if (auto const* s = b.as<bound::select>()) {
      auto const is = of(s->items[index].value);
      return is == family::constant || is == family::real_constant ? family::none : is;  // a type of its own, which is not known here
    }
    if (auto const* u = b.as<bound::set_operation>()) {
      auto const left = of(*u->left, index);
      return left == of(*u->right, index) && left != family::other ? left : family::none;
    }
    return family::none;
  }
  bool comparable(bound::expr const* a, bound::expr const* b) const {
    auto const x = of(a), y = of(b);
    if (x == family::none || y == family::none) return false;
    if (x == family::real_constant || y == family::real_constant) {
      auto const other = x == family::real_constant ? y : x;
      return other == family::integer || other == family::real || other == family::constant || other == family::real_constant;
    }
    auto const reused = [&](bound::expr const* e) {
      auto const* p = e->as<bound::parameter>();
      return p != nullptr && parameters_.uses.at(p->position) > 1;
    };
    if ((x == family::numeric && reused(b)) || (y == family::numeric && reused(a))) return false;
    if (x == family::constant || y == family::constant) return true;
    if (x == y && x != family::other) return true;
    if ((x == family::integer && y == family::numeric) || (x == family::numeric && y == family::integer)) return true;
    if ((x == family::time && y == family::clock) || (x == family::clock && y == family::time)) return true;
    // of `other` two columns of the very same type
    auto const* c = a->as<bound::column>();
    auto const* d = b->as<bound::column>();
    auto const base = [](bound::column const* k) { return k != nullptr && k->relation->kind == bound::relation_kind::base; };
    return base(c) && base(d) && x == y &&
           c->relation->table->columns[c->relation->columns[c->index].source].type == d->relation->table->columns[d->relation->columns[d->index].source].type;
  }
  static bool whole_pattern(bound::expr const* e) {
    auto const* l = e->as<bound::literal>();
    if (l == nullptr || l->kind != bound::literal_kind::text || l->text.size() > longest_safe_pattern) return false;
    auto const last = l->text.find_last_not_of('\\');
    auto const slashes = l->text.size() - (last == l->text.npos ? 0 : last + 1);
    return slashes % 2 == 0;
  }
  bool is_truth(bound::expr const* e) const {
    auto const is = of(e);
    return is == family::truth || is == family::constant || e->as<bound::subquery>() != nullptr;
  }

  /// More than one row of a scalar query is an error.
  bool total_subquery(bound::subquery const& q) const {
    switch (q.kind) {
      case bound::subquery_kind::exists: return true;
      case bound::subquery_kind::scalar: return false;
      case bound::subquery_kind::in:
      case bound::subquery_kind::not_in: {
        auto const* s = q.query->body->as<bound::select>();
        return q.operand->as<bound::row>() == nullptr && s != nullptr && s->items.size() == 1 && comparable(q.operand, s->items[0].value);
      }
    }
    return false;
  }

  std::string_view partial(bound::expr const& e) const {
    struct visit {
      find_partial const& self;
      std::string_view operator()(bound::literal const&) const { return {}; }
      std::string_view operator()(bound::parameter const&) const { return {}; }
      std::string_view operator()(bound::slot const&) const { return {}; }
      std::string_view operator()(bound::column const&) const { return {}; }
      std::string_view operator()(bound::output const&) const { return {}; }
      std::string_view operator()(bound::now const&) const { return {}; }
      std::string_view operator()(bound::operation const& n) const { return self.partial(n); }
      std::string_view operator()(bound::junction const& n) const {
        return std::ranges::all_of(n.items, [&](bound::expr const* i) { return self.is_truth(i); }) ? "" : "a condition";
      }
      std::string_view operator()(bound::case_expr const&) const { return "case"; }
      std::string_view operator()(bound::cast const&) const { return "cast"; }
      std::string_view operator()(bound::collate const&) const { return "collate"; }
      std::string_view operator()(bound::row const&) const { return "a row of values"; }
      std::string_view operator()(bound::subquery const&) const { return {}; }
      std::string_view operator()(bound::call const& n) const {
        if (n.over != nullptr && n.over->frame != nullptr)
          for (auto const* offset : {n.over->frame->start.offset, n.over->frame->end.offset})
            if (offset != nullptr && !is_numeral(offset)) return "a window's frame";
        return n.function->can_raise || n.function->name == "coalesce" ? n.function->name : std::string_view{};
      }
    };
    return std::visit(visit{*this}, e.node);
  }
  std::string_view partial(bound::operation const& o) const {
    auto const all_comparable = [&] {
      return std::all_of(o.operands.begin() + 1, o.operands.end(), [&](bound::expr const* x) { return comparable(o.operands[0], x); });
    };
    switch (o.op) {
      case bound::op::is_null:
      case bound::op::is_not_null: return {};
      case bound::op::logical_not:
      case bound::op::is_true:
      case bound::op::is_not_true:
      case bound::op::is_false:
      case bound::op::is_not_false: return is_truth(o.operands[0]) ? "" : "a condition";
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
      case bound::op::not_in: return all_comparable() ? "" : "a comparison of these types";
      case bound::op::like:
      case bound::op::not_like: return o.operands.size() == 2 && of(o.operands[0]) == family::text && whole_pattern(o.operands[1]) ? "" : "like";
      case bound::op::minus:
      case bound::op::plus:
      case bound::op::add:
      case bound::op::subtract:
      case bound::op::multiply:
      case bound::op::divide:
      case bound::op::modulo: return "arithmetic";
      case bound::op::bit_not:
      case bound::op::bit_and:
      case bound::op::bit_or:
      case bound::op::shift_left:
      case bound::op::shift_right: return "an operation on bits";
      case bound::op::concat: return "||";
      case bound::op::arrow:
      case bound::op::arrow_text: return "->";
      case bound::op::glob:
      case bound::op::not_glob: return "glob";
    }
    return "?";
  }

  count_parameters parameters_;
  std::set<bound::expr const*> late_;
  std::set<bound::common_table const*> reached_;
  int inside_{};
  int queries_{};
};

}  // namespace

base::result<void> refuse_partial(bound::statement& s, occurrences& all, base::arena& memory) {
  bool guarded = false;
  for (auto const& o : all.all()) {
    if (o.relation->table->kind == catalog::relation_kind::view && !alternatives(*o.access, o.access->select, memory).unconditional())
      return base::fail(errc::unsupported, "a view of which only some rows are yours to see is not supported on PostgreSQL", o.relation->at);
    if (o.aggregated) return base::fail(errc::unsupported, "a table that is open to aggregates only is not supported on PostgreSQL", o.relation->at);
    guarded = guarded || !alternatives(*o.access, o.access->select, memory).unconditional();
  }
  if (!guarded) return {};
  find_partial find(*s.query);
  bound::walk(*s.query, find);
  if (find.why.empty()) return {};
  return base::fail(errc::unsupported, "`" + find.why + "` could fail on a row that is not yours to see, and is not supported here on PostgreSQL", find.at,
                    "in the result itself, where nothing sorts or groups by it, it may stand");
}

}  // namespace grille::rewrite
