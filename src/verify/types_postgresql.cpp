#include "verify/types_postgresql.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "verify/children.hpp"
#include "verify/witnesses.hpp"

namespace grille::verify {

namespace {

constexpr std::size_t longest_pattern = 10'000;

/// Types whose comparisons with each other, and with themselves, have an answer for all values.
constexpr std::array<std::array<value_types::type, 4>, 9> kin{{{"bool"},
                                                               {"int2", "int4", "int8", "numeric"},
                                                               {"int2", "int4", "int8"},
                                                               {"float4", "float8"},
                                                               {"text", "varchar"},
                                                               {"date", "timestamp", "timestamptz"},
                                                               {"uuid"},
                                                               {"bytea"},
                                                               {"interval"}}};
bool in(std::array<value_types::type, 4> const& group, value_types::type t) { return std::find(group.begin(), group.end(), t) != group.end(); }

}  // namespace

bool parameter_uses::enter(bound::expr_ptr& e) {
  if (auto const* p = e->as<bound::parameter>()) positions.insert(p->position);
  auto const* c = e->as<bound::cast>();
  if (auto const* p = c == nullptr ? nullptr : c->operand->as<bound::parameter>()) cast_to.emplace(p->position, c->type);
  auto const* o = e->as<bound::operation>();
  if (o == nullptr || o->operands.size() < 3) return true;
  if (auto const* p = o->operands[0]->as<bound::parameter>()) positions.insert(p->position);  // compared with each of the others
  return true;
}
bool parameter_uses::has_type(bound::expr const& e, std::string_view name) const {
  auto const* p = e.as<bound::parameter>();
  if (p == nullptr || name.find_first_of("( [") != name.npos) return false;  // digits and fields are another conversion
  auto const [from, to] = cast_to.equal_range(p->position);
  return static_cast<std::size_t>(std::distance(from, to)) == positions.count(p->position) && std::all_of(from, to, [&](auto const& c) { return c.second == name; });
}

value_types::value_types(bound::statement const& s) {
  bound::walk(*s.query, parameters_);
  for (auto const position : s.used_beside)
    for (int i = 0; i < 2; ++i) parameters_.positions.insert(position);
}

bool value_types::is_numeral(bound::expr const* e) {
  auto const* l = literal(e);
  return l != nullptr && (l->kind == bound::literal_kind::integer || l->kind == bound::literal_kind::decimal);
}

bool value_types::is_listed(type t) {
  return !t.empty() && (t == "bpchar" || std::any_of(kin.begin(), kin.end(), [&](auto const& g) { return in(g, t); }));
}

value_types::type value_types::bare(std::string_view cast_type) {
  if (cast_type.ends_with("[]")) return {};
  auto const t = cast_type.substr(0, cast_type.find_first_of("( "));
  return is_listed(t) ? t : type{};
}

value_types::type value_types::of_column(catalog::column const& c) {
  constexpr std::string_view schema = "pg_catalog.";
  std::string_view const t = c.type;
  return t.starts_with(schema) && c.deterministic && is_listed(t.substr(schema.size())) ? t.substr(schema.size()) : type{};
}

value_types::type value_types::of_field(bound::field const& f) {
  constexpr std::string_view schema = "pg_catalog.";
  std::string_view t = f.of->fields[f.index].second;
  if (!t.starts_with(schema)) return {};
  t.remove_prefix(schema.size());
  if (t == "text" || t == "varchar" || t == "bpchar") return some_text;
  return is_listed(t) ? t : type{};
}

bool value_types::is_constant_sum(bound::operation const& o) {
  if (o.op != bound::op::add && o.op != bound::op::subtract) return false;
  if (is_numeral(o.operands[0]) && is_numeral(o.operands[1])) return o.operands[1]->as<bound::literal>()->text == "0";  // a key that is no ordinal
  return std::all_of(o.operands.begin(), o.operands.end(), [](bound::expr const* e) {
    auto const* c = e->as<bound::cast>();
    if (c == nullptr || literal(c->operand) == nullptr) return false;
    auto const t = bare(c->type);
    return t == "date" || t == "timestamp" || t == "interval";
  });
}

bool value_types::is_of_one(bound::call const& n) {
  return n.arguments.size() == 1 && (n.function->name == "greatest" || n.function->name == "least");
}

bool value_types::is_signed_numeral(bound::operation const& o) {
  return (o.op == bound::op::minus || o.op == bound::op::plus) && is_numeral(o.operands[0]);
}
value_types::type value_types::of(bound::expr const& e) const {
  struct visit {
    value_types const& t;
    type operator()(bound::literal const& n) const { return n.kind == bound::literal_kind::boolean ? "bool" : n.kind == bound::literal_kind::bit_string ? type{} : any; }
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
        if (a.empty() || b.empty()) return t.of_sum(n);
        return a == "int8" || b == "int8" ? "int8" : "int4";
      }
      if (n.op == bound::op::minus || n.op == bound::op::plus) {
        auto const is = t.of(*n.operands[0]);
        return is == "numeric" || !t.integer(*n.operands[0]).empty() ? is : type{};
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
    type operator()(bound::record const&) const { return {}; }
    type operator()(bound::field const& n) const { return of_field(n); }
    type operator()(bound::subquery const& n) const { return n.kind == bound::subquery_kind::scalar || n.kind == bound::subquery_kind::array ? type{} : type("bool"); }
    type operator()(bound::call const& n) const {
      static constexpr std::array<std::string_view, 8> of_text{"btrim", "left", "lower", "ltrim", "right", "rtrim", "substr", "upper"};
      if (std::find(of_text.begin(), of_text.end(), n.function->name) != of_text.end()) return "text";
      if (n.function->name == "coalesce") return t.of_any(n.arguments);
      if (is_of_one(n)) return t.of(*n.arguments[0]);
      auto const decides = deciding_argument(n.function->name, n.arguments.size());
      return type_of_result(n.function->name, decides < n.arguments.size() ? t.of_value(*n.arguments[decides]) : type{});
    }
  };
  return std::visit(visit{*this}, e.node);
}

/// https://www.postgresql.org/docs/15/functions-math.html, and functions-datetime.html, table 9.31
value_types::type value_types::of_sum(bound::operation const& n) const {
  struct sum {
    type a, b, is;
  };
  static constexpr std::array<sum, 5> sums{
      {{"date", "int4", "date"}, {"date", "interval", "timestamp"}, {"timestamp", "interval", "timestamp"}, {"timestamptz", "interval", "timestamptz"}, {"date", "date", "int4"}}};
  auto const side = [&](bound::expr const& e) {
    auto const* c = e.as<bound::cast>();
    auto const whole = integer(e);
    return c != nullptr ? bare(c->type) : whole.empty() ? of(e) : whole;
  };
  auto const a = side(*n.operands[0]), b = side(*n.operands[1]);
  auto const exact = [](type t) { return t == "numeric" || t == "int2" || t == "int4" || t == "int8"; };
  if (exact(a) && exact(b) && (a == "numeric" || b == "numeric")) return "numeric";
  if (n.op != bound::op::add && n.op != bound::op::subtract) return {};
  for (auto const& s : sums) {
    auto const subtracted = s.b == "date";
    if (s.a == a && s.b == b && (!subtracted || n.op == bound::op::subtract)) return s.is;
    if (s.a == b && s.b == a && !subtracted && n.op == bound::op::add) return s.is;
  }
  return {};
}

value_types::type value_types::of_any(bound::list<bound::expr_ptr> const& all) const {
  std::optional<type> out;
  for (auto const* e : all) {
    auto const whole = integer(*e);
    auto const is = whole.empty() ? of(*e) : whole;
    out = is == any || is == "bpchar" ? type{} : out ? united(*out, is) : is;
    if (out->empty()) break;
  }
  return out.value_or(type{});
}

value_types::type value_types::integer(bound::expr const& e) const {
  if (auto const* l = literal(&e)) return l->kind == bound::literal_kind::integer && l->text.size() <= 9 ? type("int4") : type{};
  auto const is = of(e);
  return is == "int2" ? type("int4") : is == "int4" || is == "int8" ? is : type{};
}

value_types::type value_types::of(bound::column const& c) const {
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

value_types::type value_types::of_result(bound::query_body const& b, unsigned index) const {
  auto const known = results_.find({&b, index});
  if (known != results_.end()) return known->second;
  auto const is = read_result(b, index);
  results_.emplace(std::pair(&b, index), is);
  return is;
}

value_types::type value_types::read_result(bound::query_body const& b, unsigned index) const {
  if (auto const* s = b.as<bound::select>()) return of_value(*s->items[index].value);
  if (auto const* v = b.as<bound::values>()) {
    std::optional<type> all;
    for (auto const& row : v->rows) {
      if (auto const* l = literal(row[index]); l != nullptr && l->kind == bound::literal_kind::null) continue;
      auto const one = of_value(*row[index]);
      all = all ? united(*all, one) : one;
    }
    return all.value_or(type{});
  }
  if (auto const* u = b.as<bound::set_operation>()) {
    return united(of_result(*u->left, index), of_result(*u->right, index));
  }
  return {};
}

value_types::type value_types::of_value(bound::expr const& e) const {
  auto const is = of(e);
  if (is != any) return is;
  auto const* l = literal(&e);
  if (l != nullptr && l->kind == bound::literal_kind::text) return "text";
  return l != nullptr ? integer(e) : type{};
}

value_types::type value_types::united(type a, type b) {
  if (a == b) return a;
  for (auto const& order : {std::array<type, 3>{"int2", "int4", "int8"}, {"varchar", "text", "text"}, {"float4", "float8", "float8"}}) {
    auto const x = std::find(order.begin(), order.end(), a), y = std::find(order.begin(), order.end(), b);
    if (x != order.end() && y != order.end()) return *std::max(x, y);
  }
  return {};
}

bool value_types::gives_truth(bound::op o) {
  static constexpr std::array<bound::op, 27> truths{
      bound::op::logical_not, bound::op::is_null,   bound::op::is_not_null,  bound::op::is_true,     bound::op::is_not_true,     bound::op::is_false,
      bound::op::is_not_false, bound::op::equal,    bound::op::not_equal,    bound::op::less,        bound::op::less_equal,      bound::op::greater,
      bound::op::greater_equal, bound::op::is_distinct, bound::op::is_not_distinct, bound::op::like, bound::op::not_like,        bound::op::between,
      bound::op::not_between, bound::op::in,        bound::op::not_in,       bound::op::glob,        bound::op::not_glob,
      bound::op::any_array,  bound::op::all_array,  bound::op::between_symmetric, bound::op::not_between_symmetric};
  return std::find(truths.begin(), truths.end(), o) != truths.end();
}

bool value_types::one_collation(bound::expr const& a, bound::expr const& b) {
  auto const x = collation(a), y = collation(b);
  return x && x == y;
}

std::optional<std::string_view> value_types::collation(bound::expr const& e) {
  auto const* from = source_of(e);
  if (from == nullptr) return std::nullopt;
  if (auto const* c = from->as<bound::column>()) return c->relation->table->columns[c->relation->columns[c->index].source].collation;
  return default_collation;
}

bound::expr const* value_types::source_of(bound::expr const& e) {
  auto const* cast = e.as<bound::cast>();
  if (literal(&e) != nullptr || literal_cast(e) != nullptr || (cast != nullptr && cast->operand->as<bound::parameter>() != nullptr)) return &e;
  if (auto const* f = e.as<bound::call>(); f != nullptr && is_of_one(*f)) return source_of(*f->arguments[0]);
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

bound::literal const* value_types::literal_cast(bound::expr const& e) {
  auto const* c = e.as<bound::cast>();
  return c == nullptr ? nullptr : literal(c->operand);
}

bool value_types::fixed_type(bound::expr const& e) const {
  auto const* c = e.as<bound::cast>();
  return c != nullptr && (literal(c->operand) != nullptr || parameters_.has_type(*c->operand, c->type));
}

bool value_types::compare(bound::expr const& a, bound::expr const& b) const {
  auto x = of(a), y = of(b);
  if (x.empty() || y.empty()) return false;
  if (x == some_text) return y == any || fixed_type(b);
  if (y == some_text) return x == any || fixed_type(a);
  auto const is_text = [](type t) { return t == "text" || t == "varchar" || t == "bpchar"; };
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

bool value_types::compares(bound::subquery const& n) const {
  auto const* s = n.query->body->as<bound::select>();
  if (s == nullptr || s->items.size() != 1) return false;
  auto const is = of(*s->items[0].value);
  return !is.empty() && is != any && compare(*n.operand, *s->items[0].value);
}

bool value_types::truth(bound::expr const* e) const {
  auto const t = of(*e);
  return t == "bool" || t == any || of_groups(*e);
}

bool value_types::lowers_or_raises(bound::call const& n) const {
  if ((n.function->name != "lower" && n.function->name != "upper") || n.arguments.size() != 1) return false;
  auto const* from = source_of(*n.arguments[0]);
  auto const* c = from == nullptr ? nullptr : from->as<bound::column>();
  if (c == nullptr || of(*c) != "varchar") return false;
  auto const& t = *c->relation->table;  // a view and a foreign table say a length, and need not keep it
  return t.kind == catalog::relation_kind::table && t.columns[c->relation->columns[c->index].source].declared_type.starts_with("character varying(");
}

bool value_types::total_node(bound::expr const& e) const {
  struct visit {
    value_types const& t;
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
    bool operator()(bound::record const&) const { return false; }
    bool operator()(bound::field const&) const { return true; }  // of a null it is null
    bool operator()(bound::subquery const& n) const {
      if (n.kind == bound::subquery_kind::exists) return true;
      // more than one row is an error, as are arrays of several lengths, and one beyond all memory
      if (n.kind != bound::subquery_kind::in && n.kind != bound::subquery_kind::not_in) return false;
      return t.compares(n);
    }
    bool operator()(bound::call const& n) const { return (!n.function->can_raise || t.lowers_or_raises(n) || is_of_one(n)) && n.function->name != "coalesce" && (n.over == nullptr || whole_frame(n.over->frame)); }
  };
  return std::visit(visit{*this}, e.node);
}

/// Each value of the array is written there, and is one with which the other side can be compared, or a pattern that is whole.
bool value_types::meets_constants(bound::operation const& n) const {
  auto const* array = n.operands[1]->as<bound::operation>();
  if (array == nullptr || array->op != bound::op::array || array->operands.empty()) return false;
  auto const is = of(*n.operands[0]);
  auto const text = is == "text" || is == "varchar", number = in(kin[1], is) || in(kin[3], is);
  for (auto const* x : array->operands) {
    auto const* l = literal(x);
    if (l == nullptr) return false;
    if (l->kind == bound::literal_kind::null) continue;
    if (l->kind == bound::literal_kind::integer ? !number || integer(*x).empty() : l->kind != bound::literal_kind::text || !text) return false;
    if (n.by == bound::op::like || n.by == bound::op::not_like) {
      if (!text || !is_whole_pattern(*l)) return false;
    }
  }
  switch (n.by) {
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::less:
    case bound::op::less_equal:
    case bound::op::greater:
    case bound::op::greater_equal: return text || number;
    case bound::op::like:
    case bound::op::not_like: return text;
    default: return false;
  }
}

bool value_types::is_whole_pattern(bound::literal const& pattern) {
  bool escaped = false;  // at the end, an escape with nothing to escape is an error
  for (char const c : pattern.text) escaped = c == '\\' && !escaped;
  return pattern.kind == bound::literal_kind::text && pattern.text.size() <= longest_pattern && !escaped;
}

bool value_types::total_operation(bound::operation const& n) const {
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
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
    case bound::op::in:
    case bound::op::not_in:
      return std::all_of(n.operands.begin() + 1, n.operands.end(), [&](bound::expr const* x) { return compare(*n.operands[0], *x); });
    case bound::op::like:
    case bound::op::not_like: {
      auto const* pattern = literal(n.operands[1]);
      auto const subject = of(*n.operands[0]);
      return n.operands.size() == 2 && pattern != nullptr && is_whole_pattern(*pattern) && (subject == "text" || subject == "varchar");
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
    case bound::op::not_matches_ci: return false;
    case bound::op::any_array:
    case bound::op::all_array: return meets_constants(n);
    case bound::op::array: return std::all_of(n.operands.begin(), n.operands.end(), [](bound::expr const* x) { return literal(x) != nullptr; });
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::element:
    case bound::op::slice:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::starts_with:
    case bound::op::delete_path:
    case bound::op::power:
    case bound::op::bit_xor:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute: return false;
  }
  return false;
}

bool value_types::constant(bound::expr const& e) {
  if (auto const* o = e.as<bound::operation>()) return is_signed_numeral(*o) || is_constant_sum(*o);
  auto const* c = e.as<bound::cast>();
  // what a domain asks is asked anew wherever the value is computed, if it is at all
  if (c != nullptr && c->type.find('.') != c->type.npos && !c->type.starts_with("pg_catalog.")) return false;
  return literal(c == nullptr ? &e : c->operand) != nullptr || e.as<bound::parameter>() != nullptr;
}

bool value_types::of_default_collation(bound::query_body const& b, unsigned index) {
  if (auto const* u = b.as<bound::set_operation>()) return of_default_collation(*u->left, index) && of_default_collation(*u->right, index);
  if (auto const* s = b.as<bound::select>()) return collation(*s->items[index].value) == default_collation;
  auto const& rows = b.as<bound::values>()->rows;
  return std::all_of(rows.begin(), rows.end(), [&](auto const& row) { return collation(*row[index]) == default_collation; });
}

bool value_types::has_window(bound::expr const& e) {
  auto const* c = e.as<bound::call>();
  bool has = c != nullptr && c->over != nullptr;
  for_children(
      e, [&](bound::expr const& x) { has = has || has_window(x); }, [](bound::query const&) {});
  return has;
}

bool value_types::of_groups(bound::expr const& e) {
  auto const* o = e.as<bound::operation>();
  if (e.as<bound::junction>() != nullptr || (o != nullptr && o->op == bound::op::logical_not)) return false;
  return witnesses::has_aggregate(e) && !has_window(e);
}

bool value_types::whole_frame(bound::frame const* f) {
  auto const good = [](bound::expr const* offset) { return offset == nullptr || is_numeral(offset); };
  return f == nullptr || (good(f->start.offset) && good(f->end.offset));
}

bool value_types::is_of_rows(bound::expr const& e) {
  bool is = e.as<bound::column>() != nullptr || e.as<bound::output>() != nullptr || e.as<bound::subquery>() != nullptr;
  for_children(
      e, [&](bound::expr const& x) { is = is || is_of_rows(x); }, [&](bound::query const&) { is = true; });
  return is;
}

bool value_types::equates(bound::expr const& e) {
  if (auto const* q = e.as<bound::subquery>()) return q->kind == bound::subquery_kind::in || q->kind == bound::subquery_kind::any;
  auto const* o = e.as<bound::operation>();
  if (o == nullptr) return is_of_rows(e);
  if (o->op != bound::op::equal && o->op != bound::op::not_equal && o->op != bound::op::in && o->op != bound::op::not_in) return false;
  return is_of_rows(*o->operands[0]) && std::any_of(o->operands.begin() + 1, o->operands.end(), [](bound::expr const* x) { return is_of_rows(*x); });
}

}  // namespace grille::verify
