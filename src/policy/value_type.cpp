#include "policy/value_type.hpp"

#include <algorithm>
#include <array>

namespace grille::policy {

namespace {

constexpr std::string_view own = "pg_catalog.";

bool gives_truth(bound::op o) {
  return o == bound::op::logical_not || (o >= bound::op::is_null && o <= bound::op::is_not_false) || (o >= bound::op::equal && o < bound::op::path);
}

}  // namespace

category category_of(std::string_view type) {
  auto t = type.starts_with(own) ? type.substr(own.size()) : type;
  t = t.substr(0, t.find('('));
  if (t.starts_with("int") ? t != "interval" : t == "numeric" || t.starts_with("float")) return category::number;
  if (t == "bool") return category::truth;
  if (t == "text" || t == "varchar" || t == "bpchar") return category::text;
  return t == "date" || t.starts_with("timestamp") ? category::time : category::other;
}

std::string type_of(bound::expr const& e) {
  if (auto const* l = e.as<bound::literal>()) {
    if (l->kind == bound::literal_kind::boolean) return "pg_catalog.bool";
    if (l->kind == bound::literal_kind::integer && l->text.size() < 10) return "pg_catalog.int4";
    return l->kind == bound::literal_kind::integer || l->kind == bound::literal_kind::decimal ? "pg_catalog.numeric" : "";
  }
  if (auto const* c = e.as<bound::column>()) {
    auto const& r = *c->relation;
    auto const source = r.columns[c->index].source;
    if (r.kind == bound::relation_kind::base) return r.table->columns[source].type;
    auto const* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common && !r.cte->recursive ? r.cte->query : nullptr;
    auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
    return s == nullptr ? "" : type_of(*s->items[source].value);
  }
  if (auto const* c = e.as<bound::cast>()) {
    auto const is = c->type.substr(0, c->type.find_first_of("( "));
    return is.find_first_of(".[") == is.npos ? std::string(own) + std::string(is) : "";
  }
  if (e.as<bound::junction>() != nullptr) return "pg_catalog.bool";
  if (auto const* q = e.as<bound::subquery>()) return q->kind == bound::subquery_kind::scalar || q->kind == bound::subquery_kind::array ? "" : "pg_catalog.bool";
  if (auto const* c = e.as<bound::collate>()) return type_of(*c->operand);
  if (auto const* o = e.as<bound::operation>()) {
    if (gives_truth(o->op)) return "pg_catalog.bool";
    auto const is_text = [](bound::expr const* x) { return category_of(type_of(*x)) == category::text; };
    return o->op == bound::op::concat && std::ranges::any_of(o->operands, is_text) ? "pg_catalog.text" : "";
  }
  static constexpr std::array<std::string_view, 10> of_text{"initcap", "left", "lower", "lpad", "md5", "repeat", "replace", "right", "rpad", "upper"};
  auto const* call = e.as<bound::call>();
  return call != nullptr && std::ranges::find(of_text, call->function->name) != of_text.end() ? "pg_catalog.text" : "";
}

}  // namespace grille::policy
