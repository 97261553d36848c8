// Values of base types that are not PostgreSQL's own: citext, hstore, ltree. Their operators and functions are the database's own too: what is sent runs with
// search_path = pg_catalog, where the server would not find them, and take the value for a text and compare it as one, without a word. So such a value is only passed
// on: shown, assigned, counted, a key of `group by`, `distinct` or `order by` (by its type's own operator class, whatever the path), or cast to what is PostgreSQL's.
// Enters: bound queries. Leaves: a refusal, or nothing.
#include <algorithm>
#include <map>
#include <utility>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

class own_values final : public bound::visitor {
 public:
  explicit own_values(visible_catalog const& types) : types_(types) {}
  using visitor::enter;

  bool enter(bound::expr_ptr& e) override {
    std::visit([&](auto const& n) { check(n, *e); }, e->node);
    return true;
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::function)
      for (auto const* a : r.arguments) refuse_if(*a, a->at);
  }

 private:
  bool is_own(std::string_view name) const {
    return catalog::is_own_type(name, [&](std::string_view n) { return types_.type_of_value(n); });
  }
  /// As a cast has it: of pg_catalog without a schema, of arrays with brackets.
  bool is_own_spelled(std::string_view type) const {
    while (type.ends_with("[]")) type.remove_suffix(2);
    return type.find('.') != type.npos && is_own(type);
  }
  bool is_own(bound::query_body const& b, unsigned index) {
    auto const [known, added] = results_.try_emplace({&b, index}, false);  // what reads itself is of what its first arm is
    if (!added) return known->second;
    bool own = false;
    if (auto const* s = b.as<bound::select>())
      own = is_own(*s->items[index].value);
    else if (auto const* v = b.as<bound::values>())
      own = std::ranges::any_of(v->rows, [&](auto const& row) { return is_own(*row[index]); });
    else if (auto const* u = b.as<bound::set_operation>()) {
      auto const left = is_own(*u->left, index);
      own = is_own(*u->right, index) || left;
    }
    return results_[{&b, index}] = own;
  }
  bool is_own(bound::column const& c) {
    auto const& r = *c.relation;
    auto const source = r.columns[c.index].source;
    switch (r.kind) {
      case bound::relation_kind::base: return source < r.table->columns.size() && is_own(std::string_view(r.table->columns[source].type));
      case bound::relation_kind::derived: return is_own(*r.query->body, source);
      case bound::relation_kind::common: return r.cte->query != nullptr && is_own(*r.cte->query->body, source);
      case bound::relation_kind::function: return std::ranges::any_of(r.types, [&](std::string_view t) { return is_own_spelled(t); });
    }
    return true;
  }
  /// Or may be.
  bool is_own(bound::expr const& e) {
    auto const any = [&](auto const& list) { return std::ranges::any_of(list, [&](bound::expr_ptr x) { return is_own(*x); }); };
    if (auto const* c = e.as<bound::column>()) return is_own(*c);
    if (auto const* f = e.as<bound::field>()) return is_own(std::string_view(f->named().second));
    if (auto const* c = e.as<bound::cast>()) return is_own_spelled(c->type);
    if (auto const* o = e.as<bound::operation>()) return o->op == bound::op::element && is_own(*o->operands[0]);
    if (auto const* c = e.as<bound::case_expr>())
      return std::ranges::any_of(c->arms, [&](bound::when_arm const& a) { return is_own(*a.result); }) || (c->otherwise != nullptr && is_own(*c->otherwise));
    if (auto const* q = e.as<bound::subquery>())
      return (q->kind == bound::subquery_kind::scalar || q->kind == bound::subquery_kind::array) && is_own(*q->query->body, 0);
    auto const* c = e.as<bound::call>();
    return c != nullptr && c->function->name == "coalesce" && any(c->arguments);
  }

  [[noreturn]] static void refuse_it(base::range at) {
    refuse(errc::unsupported, "an operator or a function on a value of a type of the database's own is not supported", at, "cast it to one of PostgreSQL's, `…::text`");
  }
  void refuse_if(bound::expr const& e, base::range at) {
    if (is_own(e)) refuse_it(at.begin < at.end ? at : e.at);
  }

  template <class Node>
  void check(Node const& /*of no operands, or of none that it asks*/, bound::expr const& /*e*/) {}
  void check(bound::operation const& o, bound::expr const& e) {
    if (o.op == bound::op::is_null || o.op == bound::op::is_not_null || o.op == bound::op::element) return;
    for (auto const* x : o.operands) refuse_if(*x, e.at);
  }
  void check(bound::case_expr const& c, bound::expr const& e) {
    if (c.operand == nullptr) return;
    refuse_if(*c.operand, e.at);
    for (auto const& a : c.arms) refuse_if(*a.condition, e.at);
  }
  void check(bound::collate const& c, bound::expr const& e) { refuse_if(*c.operand, e.at); }
  void check(bound::row const& r, bound::expr const& e) {
    for (auto const* x : r.items) refuse_if(*x, e.at);
  }
  void check(bound::subquery const& s, bound::expr const& e) {
    if (s.operand == nullptr) return;
    refuse_if(*s.operand, e.at);
    auto const* row = s.operand->as<bound::row>();
    for (unsigned i = 0; i < (row == nullptr ? 1U : static_cast<unsigned>(row->items.size())); ++i)
      if (is_own(*s.query->body, i)) refuse_it(e.at);
  }
  void check(bound::call const& c, bound::expr const& e) {
    if (c.function->name == "count" || c.function->name == "coalesce") return;
    for (auto const* x : c.arguments) refuse_if(*x, e.at);
  }

  visible_catalog const& types_;
  std::map<std::pair<bound::query_body const*, unsigned>, bool> results_;
};

}  // namespace

void binder::refuse_own_operators(std::vector<bound::query*> const& queries) const {
  if (sqlite()) return;
  own_values v(options_.visible);
  for (auto* q : queries)
    if (q != nullptr) bound::walk(*q, v);
}
void binder::refuse_own_operators(bound::expr_ptr e) const {
  if (sqlite()) return;
  own_values v(options_.visible);
  bound::walk(e, v);
}

}  // namespace grille::bind
