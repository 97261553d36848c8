// Fences: what of the caller's can raise or signal must not be evaluated on a row before the policy's guard was true of it. SQLite
// flattens derived tables and orders conditions as it likes, so each guarded relation of such a statement keeps its rows behind
// `limit -1`, which it neither flattens nor pushes conditions into (https://www.sqlite.org/optoverview.html, section 10).
// Items of a plain top-level select are evaluated on rows that passed every condition: they need none.
#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

constexpr std::size_t longest_safe_pattern = 1000;  // SQLite refuses patterns over 50,000 bytes when it runs them

bool literal_pattern(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  return l != nullptr && l->text.size() <= longest_safe_pattern;
}

/// What makes an operation partial; empty if it is total. On SQLite arithmetic is: overflow becomes real, division by zero NULL.
std::string_view partial(bound::operation const& o) {
  switch (o.op) {
    case bound::op::arrow:
    case bound::op::arrow_text: return "->";
    case bound::op::concat: return "||";  // a result over the length limit
    case bound::op::like:
    case bound::op::not_like: return o.operands.size() == 2 && literal_pattern(o.operands[1]) ? "" : "like";
    case bound::op::glob:
    case bound::op::not_glob: return literal_pattern(o.operands[1]) ? "" : "glob";
    case bound::op::ilike:
    case bound::op::not_ilike: return "ilike";
    case bound::op::similar:
    case bound::op::not_similar: return "similar to";
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci: return "a regular expression";
    case bound::op::any_array:
    case bound::op::all_array:
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice: return "an array";
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
    case bound::op::starts_with:
    case bound::op::power:
    case bound::op::bit_xor:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute: return "an operator of another engine";
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::delete_path: return "a json document";
    case bound::op::minus:
    case bound::op::plus:
    case bound::op::bit_not:
    case bound::op::logical_not:
    case bound::op::is_null:
    case bound::op::is_not_null:
    case bound::op::is_true:
    case bound::op::is_not_true:
    case bound::op::is_false:
    case bound::op::is_not_false:
    case bound::op::add:
    case bound::op::subtract:
    case bound::op::multiply:
    case bound::op::divide:
    case bound::op::modulo:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::shift_left:
    case bound::op::shift_right:
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
    case bound::op::not_in: return "";
  }
  return "?";
}

bool aggregates(bound::call const& c) { return c.function->kind == catalog::function_kind::aggregate && c.over == nullptr; }

/// A count of rows that cannot be of another type.
bool plain_count(bound::expr const* e) {
  if (e == nullptr) return true;
  if (auto const* o = e->as<bound::operation>(); o != nullptr && o->op == bound::op::minus) return plain_count(o->operands[0]);
  auto const* l = e->as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::integer;
}

class find_partial final : public bound::visitor {
 public:
  find_partial() = default;
  explicit find_partial(bound::query const& top) {
    if (auto const* s = top.body->as<bound::select>(); s != nullptr && !s->distinct) {
      for (auto const& i : s->items) items_.insert(i.value);
      for (auto const& o : top.order) items_.erase(o.key);
      for (auto const* g : s->group_by) items_.erase(g);
    }
  }
  using bound::visitor::enter;
  using bound::visitor::leave;
  bool enter(expr_ptr& e) override {
    if (items_.contains(e)) ++inside_;
    if (e->as<bound::subquery>() != nullptr) ++queries_;
    if (inside_ > 0 && queries_ == 0) return true;
    if (auto const* o = e->as<bound::operation>()) note(partial(*o));
    if (auto const* c = e->as<bound::call>(); c != nullptr && c->function->can_raise && !late(*c)) note(c->function->name);
    return true;
  }
  void enter(bound::query& q) override {
    if (queries_ > 0 && (!plain_count(q.limit) || !plain_count(q.offset))) note("limit");
  }
  void leave(expr_ptr& e) override {
    if (e->as<bound::subquery>() != nullptr) --queries_;
    if (items_.contains(e)) --inside_;
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::function && r.function->can_raise) note(r.function->name);
    // a common table is computed when it is first reached: in a query of an expression, by a row
    if (r.kind == bound::relation_kind::common && queries_ > 0 && reached_.insert(r.cte).second) bound::walk(*r.cte->query, *this);
  }
  std::string why;

 private:
  void note(std::string_view what) {
    if (why.empty()) why = what;
  }
  /// An aggregate takes in rows that passed every condition of its query. But a query of an expression is itself reached by a row of
  /// the query around it, which may be one that no guard has seen.
  bool late(bound::call const& c) const { return aggregates(c) && queries_ == 0; }

  std::set<bound::common_table const*> reached_;
  std::set<bound::expr const*> items_;
  int inside_{};
  int queries_{};
};

/// What is computed of a row as it is read could fail: of one that is hidden, too.
std::string_view computed_as_it_is_read(occurrence const& o) {
  auto const& table = *o.relation->table;
  if (table.kind == catalog::relation_kind::view) return "a view";
  for (unsigned i = 0; i < o.relation->columns.size(); ++i) {
    auto const source = o.relation->columns[i].source;
    if (o.uses[i] != use::none && source < table.columns.size() && table.columns[source].generated == catalog::generated::virtual_column) return "a generated column";
  }
  return {};
}

}  // namespace

bool can_fail_on_sqlite(expr_ptr e) {
  find_partial find;
  bound::walk(e, find);
  return !find.why.empty();
}

void fence_rows(bound::statement& s, occurrences& all, base::arena& memory) {
  find_partial find(*s.query);
  bound::walk(*s.query, find);
  for (auto& o : all.all()) {
    o.why_fenced = find.why;
    if (o.why_fenced.empty() && !shows_all(o, memory)) o.why_fenced = computed_as_it_is_read(o);
  }
}

}  // namespace grille::rewrite
