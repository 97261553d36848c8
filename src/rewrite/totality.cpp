// See the header. What is not listed here is partial.
#include "rewrite/totality.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "bound/calls.hpp"
#include "bound/walk.hpp"
#include "rewrite/view_totality.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

constexpr std::size_t longest_safe_pattern = 1000;
constexpr std::string_view default_collation = "pg_catalog.default";  // of what is cast to a text

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
                                             {"date", family::day},
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

/// By which collation a text in a composite compares, the catalogue does not tell: it does with a constant.
family of_field(bound::field const& f) {
  constexpr std::string_view own = "pg_catalog.";
  std::string_view const t = f.named().second;
  auto const is = t.starts_with(own) ? of_type(t.substr(own.size())) : family::none;
  return is == family::text ? family::other : is;
}

/// What is computed before any row is read, so that it fails whatever the rows are.
family constant(bound::expr const* e) {
  if (auto const* l = e->as<bound::literal>(); l != nullptr && l->kind == bound::literal_kind::bit_string) return family::none;
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
        if (auto const is = of_type(c->type); is != family::day && is != family::time && c->type.substr(0, 8) != "interval") return family::none;
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
    if (auto const* c = e->as<bound::cast>())
      if (auto const* p = c->operand->as<bound::parameter>()) {
        auto const [known, first] = typed.try_emplace(p->position, c->type);
        if (!first && known->second != c->type) known->second = {};
        ++casts[p->position];
      }
    if (auto const* p = e->as<bound::parameter>()) ++uses[p->position];
    // `$1 between a and b` is `$1 >= a and $1 <= b`
    if (auto const* o = e->as<bound::operation>(); o != nullptr && o->operands.size() > 2 && o->op >= bound::op::between)
      if (auto const* p = o->operands[0]->as<bound::parameter>()) ++uses[p->position];
    return true;
  }
  std::map<unsigned, unsigned> uses, casts;
  std::map<unsigned, std::string_view> typed;
};

bool is_of_time(family f) { return f == family::day || f == family::time || f == family::clock; }

family truth_of(bound::op o) {
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
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
    case bound::op::delete_path:
    case bound::op::power:
    case bound::op::bit_xor:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute:
      return family::none;
    default:
      return family::truth;
  }
}

bool is_arithmetic(bound::op o) {
  return o == bound::op::minus || o == bound::op::plus || o == bound::op::add || o == bound::op::subtract || o == bound::op::multiply || o == bound::op::divide ||
         o == bound::op::modulo;
}

bool whole_pattern(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  if (l == nullptr || l->kind != bound::literal_kind::text || l->text.size() > longest_safe_pattern) return false;
  auto const last = l->text.find_last_not_of('\\');
  auto const slashes = l->text.size() - (last == l->text.npos ? 0 : last + 1);
  return slashes % 2 == 0;
}

/// `array['a', null]`, and no other: computed before any row is read. Null: it is another.
bound::operation const* array_of_literals(bound::expr const& e) {
  auto const* o = e.as<bound::operation>();
  if (o == nullptr || o->op != bound::op::array || o->operands.empty()) return nullptr;
  return std::ranges::all_of(o->operands, [](bound::expr const* x) { return x->as<bound::literal>() != nullptr; }) ? o : nullptr;
}

}  // namespace

bool is_numeral(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  return l != nullptr && (l->kind == bound::literal_kind::integer || l->kind == bound::literal_kind::decimal);
}

totality::totality(bound::statement& s, std::function<bool(bound::column const&)> is_plain, std::set<bound::expr const*> const* behind, view_totality* views)
    : is_plain_(std::move(is_plain)), behind_(behind), views_(views) {
  count_parameters count;
  bound::walk(*s.query, count);
  uses_ = std::move(count.uses);
  for (auto const position : s.used_beside) uses_[position] += 2;
  for (auto const& [position, type] : count.typed)
    if (!type.empty() && type.find_first_of("( [") == type.npos && count.casts.at(position) == uses_.at(position)) typed_.emplace(position, type);
}

bool totality::is_count(bound::expr const* e) {
  if (is_constant(e) || e->as<bound::parameter>() != nullptr) return true;
  if (auto const* q = e->as<bound::subquery>()) return q->kind == bound::subquery_kind::scalar;
  if (auto const* c = e->as<bound::cast>()) return is_count(c->operand);
  auto const* o = e->as<bound::operation>();
  return o != nullptr && is_arithmetic(o->op) && std::ranges::all_of(o->operands, [](bound::expr const* x) { return is_count(x); });
}
bool totality::hashes(bound::expr const* e) const {
  auto const* o = e->as<bound::operation>();
  if (o == nullptr || o->op != bound::op::equal) return false;
  auto const x = of(o->operands[0]), y = of(o->operands[1]);
  return comparable(o->operands[0], o->operands[1]) && x == y && x != family::constant && x != family::real_constant;
}
bool totality::is_constant(bound::expr const* e) { return constant(e) != family::none; }

/// The parts are looked at before the whole: what is named is the innermost.
/// With the casts of parameters, each of which has just that type.
family totality::constant_of(bound::expr const* e) const {
  auto const* c = e->as<bound::cast>();
  auto const* p = c == nullptr ? nullptr : c->operand->as<bound::parameter>();
  if (p == nullptr || !typed_.contains(p->position)) return constant(e);
  auto const is = of_type(c->type);
  if (is == family::none || is == family::numeric) return is;  // beside a float each row would have it converted
  return is == family::real ? family::real_constant : family::constant;
}

class totality::search final : public bound::visitor {
 public:
  explicit search(totality const& all) : all_(all) {}
  using bound::visitor::enter;
  using bound::visitor::leave;
  bool enter(expr_ptr& e) override { return may_fail(e); }
  void leave(expr_ptr& e) override {
    if (why.empty() && may_fail(e)) why = all_.node(*e);
    if (auto const* c = e->as<bound::column>(); c != nullptr && why.empty()) why = all_.partial(*c);
  }
  void enter(bound::query& q) override {
    for (auto const* n : {q.limit, q.offset})
      if (why.empty() && n != nullptr && !is_numeral(n)) why = "limit";
    if (why.empty() && !q.locks.empty()) why = "for update";  // others notice for which rows it was asked
    if (why.empty() && !all_.converted(*q.body).empty()) why = "a set operation of these types";
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::function && why.empty()) why = r.function->name;
    if (why.empty()) why = all_.partial(r);
    // computed when it is first reached
    if (r.kind == bound::relation_kind::common && reached_.insert(r.cte).second) bound::walk(*r.cte->query, *this);
  }
  std::string_view why;

 private:
  bool may_fail(bound::expr const* e) const { return all_.constant_of(e) == family::none && (all_.behind_ == nullptr || !all_.behind_->contains(e)); }

  totality const& all_;
  std::set<bound::common_table const*> reached_;
};

namespace {

/// Each select's items, and each row of values.
void arms_of(bound::query_body const& b, std::vector<std::vector<bound::expr const*>>& out) {
  if (auto const* u = b.as<bound::set_operation>()) {
    arms_of(*u->left, out);
    return arms_of(*u->right, out);
  }
  if (auto const* v = b.as<bound::values>()) {
    for (auto const& row : v->rows) out.emplace_back(row.begin(), row.end());
    return;
  }
  auto& items = out.emplace_back();
  for (auto const& i : b.as<bound::select>()->items) items.push_back(i.value);
}

}  // namespace

std::vector<unsigned> totality::converted(bound::query_body const& b) const {
  std::vector<unsigned> found;
  if (b.as<bound::select>() != nullptr) return found;
  std::vector<std::vector<bound::expr const*>> arms;
  arms_of(b, arms);
  for (unsigned i = 0; i < arms.front().size(); ++i) {
    std::vector<bound::expr const*> items;
    for (auto const& arm : arms) items.push_back(arm[i]);
    if (!alike(items)) found.push_back(i);
  }
  return found;
}

/// A constant takes the others' type; a parameter has that of its first use, wherever that is.
bool totality::alike(std::vector<bound::expr const*> const& items) const {
  std::set<family> all;
  bool parameter = false, some = false;
  for (auto const* e : items) {
    some = some || constant_of(e) == family::none;
    parameter = parameter || e->as<bound::parameter>() != nullptr;
    auto const* o = e->as<bound::operation>();
    auto const numeral = o != nullptr && (o->op == bound::op::minus || o->op == bound::op::plus) && is_numeral(o->operands[0]);
    if (numeral || e->as<bound::literal>() != nullptr || e->as<bound::parameter>() != nullptr) continue;
    auto const* c = e->as<bound::cast>();
    all.insert(c != nullptr && constant_of(e) != family::none ? of_type(c->type) : of(e));
  }
  if (!some) return true;
  if (parameter || all.contains(family::none) || all.contains(family::other)) return false;
  return all.size() == 1 || (all.size() == 2 && all.contains(family::integer) && all.contains(family::numeric));
}

std::string_view totality::partial(bound::query& q) const {
  search found(*this);
  bound::walk(q, found);
  return found.why;
}

std::string_view totality::partial(expr_ptr e) const {
  search found(*this);
  bound::walk(e, found);
  return found.why;
}

std::string_view totality::partial(bound::column const& c) const {
  auto const& r = *c.relation;
  if (r.kind == bound::relation_kind::base && r.table->kind == catalog::relation_kind::view) {
    auto const of = r.columns[c.index].source;
    if (views_ == nullptr) return "what a view computes";
    if (of >= r.table->columns.size()) return {};  // it tells of the row
    return (is_plain_(c) ? views_->column(*r.table, of) : views_->columns(*r.table)).empty() ? "" : "what a view computes";
  }
  bound::query const* q = nullptr;
  if (r.kind == bound::relation_kind::derived) q = r.query;
  if (r.kind == bound::relation_kind::common && !r.cte->recursive) q = r.cte->query;
  if (q == nullptr || q->limit != nullptr || q->offset != nullptr) return {};
  auto const source = r.columns[c.index].source;
  auto const [known, added] = computed_.try_emplace({q, source});
  if (!added) return known->second;
  auto const what = partial(*q->body, source);
  return computed_[{q, source}] = what;
}
std::string_view totality::partial(bound::relation const& r) const {
  if (r.kind != bound::relation_kind::base || r.table->kind != catalog::relation_kind::view) return {};
  return views_ == nullptr || !views_->conditions(*r.table).empty() ? "what a view computes" : "";
}
std::string_view totality::partial(bound::query_body const& b, unsigned index) const {
  if (auto const* u = b.as<bound::set_operation>()) {
    if (!u->appends()) return {};
    auto const left = partial(*u->left, index);
    return left.empty() ? partial(*u->right, index) : left;
  }
  if (auto const* v = b.as<bound::values>()) {
    for (auto const& row : v->rows)
      if (auto const what = partial(row[index]); !what.empty()) return what;
    return {};
  }
  auto const& s = *b.as<bound::select>();
  auto const whole = !s.group_by.empty() || s.having != nullptr || s.distinct;
  return whole || holds_aggregate(s.items[index].value) ? std::string_view{} : partial(s.items[index].value);
}

family totality::of(bound::expr const* e) const {
  if (auto const c = constant_of(e); c != family::none) return c;
  if (e->as<bound::slot>() != nullptr) return family::constant;
  if (auto const* n = e->as<bound::now>()) return n->word == "current_date" ? family::day : n->word == "localtimestamp" ? family::time : n->word == "current_timestamp" ? family::clock : family::none;
  if (e->as<bound::junction>() != nullptr) return family::truth;
  if (auto const* o = e->as<bound::operation>(); o != nullptr && is_arithmetic(o->op)) return of_arithmetic(*o);
  if (auto const* k = e->as<bound::case_expr>()) {
    auto const is = k->arms.size() == 1 && k->otherwise == nullptr ? of(k->arms[0].result) : family::none;  // as a fence is made
    return is == family::constant || is == family::real_constant ? family::none : is;
  }
  if (auto const* o = e->as<bound::operation>()) return o->op == bound::op::logical_not || o->op >= bound::op::is_null ? truth_of(o->op) : family::none;
  if (auto const* f = e->as<bound::call>()) return of(*f);
  if (auto const* t = e->as<bound::cast>()) return of_type(t->type);
  if (auto const* f = e->as<bound::field>()) return of_field(*f);
  auto const* c = e->as<bound::column>();
  return c == nullptr ? family::none : of(*c);
}
/// What comes of whole numbers, and of times and what may be added to them, where it comes to anything; of all other values it is not known here.
/// https://www.postgresql.org/docs/15/functions-datetime.html, table 9.31: beside a time the only `other` that the server adds is an interval.
family totality::of_arithmetic(bound::operation const& o) const {
  auto const of_operand = [&](bound::expr const* x) {
    auto const* l = x->as<bound::literal>();
    if (l != nullptr) return l->kind == bound::literal_kind::integer && l->text.size() < 10 ? family::integer : family::none;
    auto const* c = x->as<bound::cast>();
    return c != nullptr ? of_type(c->type) : of(x);
  };
  auto const a = of_operand(o.operands[0]), b = o.operands.size() > 1 ? of_operand(o.operands[1]) : a;
  auto const whole_or_exact = [](family f) { return f == family::integer || f == family::numeric; };
  if (whole_or_exact(a) && whole_or_exact(b)) return a == b ? a : family::numeric;
  auto const adds = o.op == bound::op::add;
  if (o.operands.size() != 2 || (!adds && o.op != bound::op::subtract)) return family::none;
  auto const moved = [](family time, family by) {
    if (time == family::day && by == family::integer) return family::day;
    if (by != family::other) return family::none;
    return time == family::day || time == family::time ? family::time : time == family::clock ? family::clock : family::none;
  };
  if (!adds && a == family::day && b == family::day) return family::integer;
  auto const is = moved(a, b);
  return is == family::none && adds ? moved(b, a) : is;
}

family totality::of(bound::column const& c) const {
  auto const& r = *c.relation;
  auto const source = r.columns[c.index].source;
  switch (r.kind) {
    case bound::relation_kind::base:
      return source < r.table->columns.size() ? of_column(r.table->columns[source]) : family::truth;  // the guard's own
    case bound::relation_kind::derived: return of(*r.query->body, source);
    case bound::relation_kind::common: return r.cte->recursive ? family::none : of(*r.cte->query->body, source);
    case bound::relation_kind::function: return family::none;
  }
  return family::none;
}
family totality::of(bound::query_body const& b, unsigned index) const {
  auto const known = families_.find({&b, index});
  if (known != families_.end()) return known->second;
  auto const is = read(b, index);
  families_.emplace(std::pair(&b, index), is);
  return is;
}
family totality::read(bound::query_body const& b, unsigned index) const {
  if (auto const* s = b.as<bound::select>()) return of_result(s->items[index].value);
  if (auto const* v = b.as<bound::values>()) {
    std::set<family> all;
    for (auto const& row : v->rows)
      if (auto const* l = row[index]->as<bound::literal>(); l == nullptr || l->kind != bound::literal_kind::null) all.insert(of_result(row[index]));
    return all.size() == 1 ? *all.begin() : family::none;
  }
  if (auto const* u = b.as<bound::set_operation>()) {
    auto const left = of(*u->left, index);
    return left == of(*u->right, index) && left != family::other ? left : family::none;
  }
  return family::none;
}
std::string_view totality::type_of(bound::query_body const& b, unsigned index) const {
  switch (of(b, index)) {
    case family::truth: return "bool";
    case family::integer: return "int8";
    case family::numeric: return "numeric";
    case family::real: return "float8";
    case family::day: return "date";
    case family::time: return "timestamp";
    case family::clock: return "timestamptz";
    case family::text: {
      std::vector<std::vector<bound::expr const*>> arms;
      arms_of(b, arms);
      auto const plain = std::ranges::all_of(arms, [&](auto const& arm) { return collation_of(arm[index]) == default_collation; });
      return plain ? "text" : std::string_view{};
    }
    case family::none:
    case family::other:
    case family::constant:
    case family::real_constant: break;
  }
  return {};
}
/// Whoever reads the value by a column's name reads it as of a type of its own.
family totality::of_result(bound::expr const* e) const {
  if (auto const* c = e->as<bound::cast>()) return of_type(c->type);
  if (auto const* l = e->as<bound::literal>()) {
    if (l->kind == bound::literal_kind::text) return family::text;
    return l->kind == bound::literal_kind::integer && l->text.size() < 10 ? family::integer : family::none;
  }
  auto const is = of(e);
  return is == family::constant || is == family::real_constant ? family::none : is;
}
/// Of two columns' texts the server does not know by which of two collations to compare, and says so of the first two that it meets.
bool totality::collate_alike(bound::expr const* a, bound::expr const* b) const {
  auto const x = collation_of(a), y = collation_of(b);
  return x && x == y;
}
std::optional<std::string_view> totality::collation_of(bound::expr const* e) const {
  auto const* said = e->as<bound::cast>();
  auto const* of_none = said == nullptr ? e : said->operand;
  if (of_none->as<bound::literal>() != nullptr || (said != nullptr && of_none->as<bound::parameter>() != nullptr)) return default_collation;
  auto const* c = e->as<bound::column>();
  if (c == nullptr) return std::nullopt;
  auto const& r = *c->relation;
  auto const source = r.columns[c->index].source;
  auto const* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common && !r.cte->recursive ? r.cte->query : nullptr;
  if (r.kind == bound::relation_kind::base && source < r.table->columns.size())
    return is_plain_(*c) ? std::optional<std::string_view>(r.table->columns[source].collation) : std::nullopt;
  auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
  return s == nullptr ? std::nullopt : collation_of(s->items[source].value);
}

bool totality::comparable(bound::expr const* a, bound::expr const* b) const {
  auto const x = of(a), y = of(b);
  if (x == family::none || y == family::none) return false;
  if (x == family::text && y == family::text && !collate_alike(a, b)) return false;
  if (x == family::real_constant || y == family::real_constant) {
    auto const other = x == family::real_constant ? y : x;
    return other == family::integer || other == family::real || other == family::constant || other == family::real_constant;
  }
  auto const reused = [&](bound::expr const* e) {
    auto const* p = e->as<bound::parameter>();
    return p != nullptr && uses_.at(p->position) > 1;
  };
  if ((x == family::numeric && reused(b)) || (y == family::numeric && reused(a))) return false;
  if (x == family::constant || y == family::constant) return true;
  if (x == y && x != family::other) return true;
  if ((x == family::integer && y == family::numeric) || (x == family::numeric && y == family::integer)) return true;
  if (is_of_time(x) && is_of_time(y)) return true;
  // of `other` two columns of the very same type
  auto const* c = a->as<bound::column>();
  auto const* d = b->as<bound::column>();
  auto const base = [](bound::column const* k) { return k != nullptr && k->relation->kind == bound::relation_kind::base; };
  if (!base(c) || !base(d) || x != y) return false;
  auto const stored = [](bound::column const* k) -> std::string_view { return k->relation->table->columns[k->relation->columns[k->index].source].type; };
  return stored(c) == stored(d) && (stored(c) != "pg_catalog.bpchar" || collate_alike(a, b));
}
bool totality::is_truth(bound::expr const* e) const {
  auto const is = of(e);
  return is == family::truth || is == family::constant || e->as<bound::subquery>() != nullptr;
}

/// More than one row of a scalar query is an error.
bool totality::total_subquery(bound::subquery const& q) const {
  switch (q.kind) {
    case bound::subquery_kind::exists: return true;
    case bound::subquery_kind::scalar:
    case bound::subquery_kind::array: return false;  // of arrays that are not alike; it may be enormous
    case bound::subquery_kind::any:
    case bound::subquery_kind::all: return false;
    case bound::subquery_kind::in:
    case bound::subquery_kind::not_in: {
      auto const* s = q.query->body->as<bound::select>();
      if (s == nullptr || s->items.size() != 1 || q.operand->as<bound::row>() != nullptr) return false;
      auto const is = of(s->items[0].value);  // of a constant it is not known here what the server makes
      return is != family::constant && is != family::real_constant && comparable(q.operand, s->items[0].value);
    }
  }
  return false;
}

std::string_view totality::node(bound::expr const& e) const {
  struct visit {
    totality const& self;
    std::string_view operator()(bound::literal const&) const { return {}; }
    std::string_view operator()(bound::parameter const&) const { return {}; }
    std::string_view operator()(bound::slot const&) const { return {}; }
    std::string_view operator()(bound::column const&) const { return {}; }
    std::string_view operator()(bound::output const&) const { return {}; }
    std::string_view operator()(bound::now const&) const { return {}; }
    std::string_view operator()(bound::operation const& n) const { return self.operation(n); }
    std::string_view operator()(bound::junction const& n) const {
      return std::ranges::all_of(n.items, [&](bound::expr const* i) { return self.is_truth(i); }) ? "" : "a condition";
    }
    std::string_view operator()(bound::case_expr const&) const { return "case"; }
    std::string_view operator()(bound::cast const&) const { return "cast"; }
    std::string_view operator()(bound::collate const&) const { return "collate"; }
    std::string_view operator()(bound::row const&) const { return "a row of values"; }
    std::string_view operator()(bound::record const&) const { return "a row of values"; }
    std::string_view operator()(bound::field const&) const { return {}; }
    std::string_view operator()(bound::subquery const& n) const { return self.total_subquery(n) ? "" : "a subquery"; }
    std::string_view operator()(bound::call const& n) const {
      if (n.over != nullptr && n.over->frame != nullptr)
        for (auto const* offset : {n.over->frame->start.offset, n.over->frame->end.offset})
          if (offset != nullptr && !is_numeral(offset)) return "a window's frame";
      return (n.function->can_raise && !self.changes_case(n) && !is_itself(n)) || n.function->name == "coalesce" ? n.function->name : std::string_view{};
    }
  };
  return std::visit(visit{*this}, e.node);
}

/// `x < any (array[2, 3])`, as `x in (2, 3)` is one: whole numbers beside a number, texts beside a text; the array's type is its own.
bool totality::over_literals(bound::operation const& o) const {
  auto const* all = array_of_literals(*o.operands[1]);
  if (all == nullptr) return false;
  auto const is = of(o.operands[0]);
  auto const number = is == family::integer || is == family::numeric || is == family::real;
  auto const compares = o.by >= bound::op::equal && o.by <= bound::op::greater_equal;
  auto const matches = o.by == bound::op::like || o.by == bound::op::not_like;
  if ((!compares && !matches) || (matches && is != family::text)) return false;
  return std::ranges::all_of(all->operands, [&](bound::expr const* x) {
    auto const& l = *x->as<bound::literal>();
    if (l.kind == bound::literal_kind::null) return true;
    if (l.kind == bound::literal_kind::integer) return number && l.text.size() < 10;
    return l.kind == bound::literal_kind::text && is == family::text && (compares || whole_pattern(x));
  });
}

std::string_view totality::operation(bound::operation const& o) const {
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
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
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
    case bound::op::modulo:
    case bound::op::power:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute: return "arithmetic";
    case bound::op::bit_not:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::bit_xor:
    case bound::op::shift_left:
    case bound::op::shift_right: return "an operation on bits";
    case bound::op::concat: return "||";
    case bound::op::starts_with: return "^@";
    case bound::op::arrow:
    case bound::op::arrow_text: return "->";
    case bound::op::glob:
    case bound::op::not_glob: return "glob";
    case bound::op::ilike:
    case bound::op::not_ilike: return "ilike";
    case bound::op::similar:
    case bound::op::not_similar: return "similar to";
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci: return "a regular expression";
    case bound::op::any_array:
    case bound::op::all_array: return over_literals(o) ? "" : "an array";
    case bound::op::array: return std::ranges::all_of(o.operands, [](bound::expr const* x) { return x->as<bound::literal>() != nullptr; }) ? "" : "an array";
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::element:
    case bound::op::slice: return "an array";
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::delete_path: return "a json document";
  }
  return "?";
}

}  // namespace grille::rewrite
