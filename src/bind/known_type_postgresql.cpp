// Of which type a value is, as far as a field may be taken of it. Enters: a bound expression. Leaves: the name that the catalogue has the type under,
// or nothing. It is told only where the server can take the value for no other: a name behind a point that is no field of the value's type is
// one of a function to it, `(x).lower` is `lower(x)` (https://www.postgresql.org/docs/15/xfunc-sql.html#XFUNC-SQL-COMPOSITE-FUNCTIONS).
#include <algorithm>
#include <array>
#include <vector>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

constexpr int most_domains = 100;  // one upon the other
/// Whose result is one of their first argument's values, or null; and of one of all of their arguments'.
constexpr std::array<std::string_view, 6> passing{"first_value", "lag", "last_value", "lead", "nth_value", "nullif"};
constexpr std::array<std::string_view, 3> choosing{"coalesce", "greatest", "least"};
constexpr std::array<std::string_view, 6> of_words{"array_to_tsvector", "json_to_tsvector", "jsonb_to_tsvector", "setweight", "strip", "to_tsvector"};

bool is_null(bound::expr const& e) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::null;
}

}  // namespace

/// Empty: it is not known, or a constant's, which takes what the others are of.
std::string_view binder::known_type(bound::expr const& e) const {
  if (auto const* c = e.as<bound::column>()) {
    auto const& r = *c->relation;
    auto const source = r.columns[c->index].source;
    switch (r.kind) {
      case bound::relation_kind::base: return source < r.table->columns.size() ? std::string_view(r.table->columns[source].type) : std::string_view{};
      case bound::relation_kind::derived: return known_type(*r.query->body, source);
      case bound::relation_kind::common: return r.cte->query == nullptr ? std::string_view{} : known_type(r.cte->recursive ? first_arm(*r.cte->query->body) : *r.cte->query->body, source);
      case bound::relation_kind::function: return {};
    }
  }
  if (auto const* f = e.as<bound::field>()) return f->named().second;
  if (auto const* c = e.as<bound::cast>()) return c->type.find('.') == c->type.npos ? std::string_view{} : c->type;  // of pg_catalog it has no schema
  if (auto const* o = e.as<bound::operation>(); o != nullptr && o->op == bound::op::element) {
    auto const* array = below_domains(known_type(*o->operands[0]));
    return array != nullptr && array->kind == catalog::type_kind::base ? std::string_view(array->element) : std::string_view{};
  }
  if (auto const* c = e.as<bound::case_expr>()) {
    std::vector<bound::expr_ptr> results;
    for (auto const& when : c->arms) results.push_back(when.result);
    if (c->otherwise != nullptr) results.push_back(c->otherwise);
    return known_type_of_all(results);
  }
  if (auto const* q = e.as<bound::subquery>()) return q->kind == bound::subquery_kind::scalar ? known_type(*q->query->body, 0) : std::string_view{};
  auto const* c = e.as<bound::call>();
  if (c == nullptr) return {};
  auto const is_one = [&](auto const& names) { return std::ranges::find(names, c->function->name) != names.end(); };
  if (is_one(choosing)) return known_type_of_all(c->arguments);
  return std::ranges::find(passing, c->function->name) == passing.end() ? std::string_view{} : known_type(*c->arguments[0]);
}

/// Looked for once: each query could name a column of the one below it several times.
std::string_view binder::known_type(bound::query_body const& b, unsigned index) const {
  auto const known = known_types_.find({&b, index});
  if (known != known_types_.end()) return known->second;
  std::string_view is;
  if (auto const* s = b.as<bound::select>()) is = known_type(*s->items[index].value);
  if (auto const* u = b.as<bound::set_operation>()) {
    is = common_type(known_type(*u->left, index), known_type(*u->right, index));
  }
  return known_types_[{&b, index}] = is;
}

/// Of values that the server makes one type of: that of all that are not null.
std::string_view binder::known_type_of_all(std::span<bound::expr_ptr const> values) const {
  std::string_view is;
  for (auto const* v : values) {
    if (is_null(*v)) continue;
    auto const one = known_type(*v);
    is = is.empty() ? one : common_type(is, one);
    if (is.empty()) return {};
  }
  return is;
}

/// Of two domains, or of one and another type, it is what they are of: https://www.postgresql.org/docs/15/typeconv-union-case.html
std::string_view binder::common_type(std::string_view a, std::string_view b) const {
  if (a == b) return a;
  auto const *x = below_domains(a), *y = below_domains(b);
  return x == nullptr || x != y ? std::string_view{} : memory_.copy(catalog::qualified(x->schema, x->name));
}

/// Of a composite `unnest` makes a column of each field, of a `tsvector` three.
bool binder::is_of_columns(std::string_view type) const {
  if (type.starts_with("pg_catalog.tsvector")) return true;
  auto const* t = below_domains(type);
  if (t != nullptr && t->kind == catalog::type_kind::base && !t->element.empty()) t = below_domains(t->element);
  return t != nullptr && (t->kind == catalog::type_kind::composite || t->name == "tsvector");
}

/// Whether a value may be of such a type, or an array of them: whatever it is taken from or put together of is looked at, since the server takes an
/// untyped constant beside it for one too.
bool binder::may_be_of_columns(bound::expr const& e) const {
  auto const any = [&](auto const& list) { return std::ranges::any_of(list, [&](bound::expr const* x) { return may_be_of_columns(*x); }); };
  if (auto const* c = e.as<bound::column>()) {
    auto const& r = *c->relation;
    auto const source = r.columns[c->index].source;
    switch (r.kind) {
      case bound::relation_kind::base: return source < r.table->columns.size() && is_of_columns(r.table->columns[source].type);
      case bound::relation_kind::derived: return may_be_of_columns(*r.query->body, source);
      case bound::relation_kind::common: return r.cte->query != nullptr && may_be_of_columns(*r.cte->query->body, source);
      case bound::relation_kind::function: return any(r.arguments);
    }
  }
  if (auto const* f = e.as<bound::field>()) return is_of_columns(f->named().second);
  if (auto const* q = e.as<bound::subquery>())
    return (q->kind == bound::subquery_kind::scalar || q->kind == bound::subquery_kind::array) && may_be_of_columns(*q->query->body, 0);
  if (auto const* c = e.as<bound::case_expr>())
    return std::ranges::any_of(c->arms, [&](auto const& when) { return may_be_of_columns(*when.result); }) || (c->otherwise != nullptr && may_be_of_columns(*c->otherwise));
  if (auto const* c = e.as<bound::collate>()) return may_be_of_columns(*c->operand);
  if (auto const* o = e.as<bound::operation>()) {
    auto const passes = o->op == bound::op::concat || o->op == bound::op::array || o->op == bound::op::element || o->op == bound::op::slice;
    return passes && any(o->operands);
  }
  auto const* c = e.as<bound::call>();
  if (c == nullptr) return false;
  auto const name = c->function->name;
  auto const is_one = [&](auto const& names) { return std::ranges::find(names, name) != names.end(); };
  if (is_one(of_words)) return true;
  auto const of_arrays = name.starts_with("array_") && name != "array_to_json" && name != "array_to_string" && name != "array_positions";
  if (!is_one(passing) && !is_one(choosing) && !of_arrays && name != "max" && name != "min" && name != "mode" && name != "trim_array") return false;
  return any(c->arguments) || std::ranges::any_of(c->order, [&](auto const& o) { return may_be_of_columns(*o.key); });
}

/// Looked for once, as `known_type` is.
bool binder::may_be_of_columns(bound::query_body const& b, unsigned index) const {
  auto const [known, first] = of_columns_.try_emplace({&b, index}, false);  // a recursive one is of what its other part is
  if (!first) return known->second;
  bool is = false;
  if (auto const* s = b.as<bound::select>()) is = may_be_of_columns(*s->items[index].value);
  if (auto const* u = b.as<bound::set_operation>()) is = may_be_of_columns(*u->left, index) || may_be_of_columns(*u->right, index);
  if (auto const* v = b.as<bound::values>()) is = std::ranges::any_of(v->rows, [&](auto const& row) { return may_be_of_columns(*row[index]); });
  return of_columns_[{&b, index}] = is;
}

catalog::type const* binder::below_domains(std::string_view name) const {
  auto const* t = options_.visible.type_of_value(name);
  for (int i = 0; i < most_domains && t != nullptr && t->kind == catalog::type_kind::domain; ++i) t = options_.visible.type_of_value(t->base);
  return t;
}

}  // namespace grille::bind
