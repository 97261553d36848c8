#include "grammar/depth.hpp"

#include <algorithm>

namespace grille::grammar {
namespace {

unsigned depth(ast::expr_ptr e) { return e ? e->depth : 0U; }
unsigned depth(ast::query_ptr q) { return q ? q->depth : 0U; }
unsigned depth(ast::table_ref const* t) { return t ? t->depth : 0U; }
unsigned depth(ast::query_body const* b) { return b ? b->depth : 0U; }
unsigned depth(ast::order_item const& o) { return depth(o.key); }
unsigned depth(ast::argument const& a) { return depth(a.value); }
unsigned depth(ast::result_item const& r) { return depth(r.value); }
unsigned depth(ast::when_arm const& w) { return std::max(depth(w.condition), depth(w.result)); }
unsigned depth(ast::assignment const& a) { return depth(a.value); }
unsigned depth(ast::call const* c) { return c ? depth_below(*c) : 0U; }
unsigned depth(ast::cte const& c) { return c.body ? depth_of(*c.body) : 0U; }
unsigned depth(ast::window const* w);
unsigned depth(ast::named_window const& w) { return depth(w.definition); }
unsigned depth(ast::type_name const& t);
unsigned depth(ast::column_definition const& c) { return depth(c.type); }
unsigned depth(ast::upsert const& u);
unsigned depth(ast::merge_clause const& c);
template <class T>
unsigned depth(ast::list<T> items) {
  unsigned most = 0;
  for (auto const& item : items) most = std::max(most, depth(item));
  return most;
}
template <class... T>
unsigned deepest(T const&... parts) {
  return std::max({0U, depth(parts)...});
}
unsigned depth(ast::type_name const& t) { return deepest(t.modifiers); }
unsigned depth(ast::window const* w) {
  if (w == nullptr) return 0;
  auto const* f = w->frame_clause;
  return std::max(deepest(w->partition, w->order), f ? deepest(f->start.offset, f->end.offset) : 0U);
}
unsigned depth(ast::upsert const& u) { return deepest(u.target, u.target_where, u.set, u.where); }
unsigned depth(ast::merge_clause const& c) { return deepest(c.condition, c.set, c.values); }

}  // namespace

unsigned depth_below(ast::literal const&) { return 0; }
unsigned depth_below(ast::keyword_value const& n) { return deepest(n.precision); }
unsigned depth_below(ast::parameter const&) { return 0; }
unsigned depth_below(ast::column_ref const&) { return 0; }
unsigned depth_below(ast::star const&) { return 0; }
unsigned depth_below(ast::unary const& n) { return deepest(n.operand); }
unsigned depth_below(ast::binary const& n) { return deepest(n.left, n.right); }
unsigned depth_below(ast::prefix const& n) { return deepest(n.operand); }
unsigned depth_below(ast::junction const& n) { return deepest(n.items); }
unsigned depth_below(ast::is_test const& n) { return deepest(n.operand); }
unsigned depth_below(ast::distinct_test const& n) { return deepest(n.left, n.right); }
unsigned depth_below(ast::between const& n) { return deepest(n.operand, n.low, n.high); }
unsigned depth_below(ast::pattern_match const& n) { return deepest(n.operand, n.pattern, n.escape); }
unsigned depth_below(ast::in_list const& n) { return deepest(n.operand, n.items); }
unsigned depth_below(ast::in_query const& n) { return deepest(n.operand, n.subquery); }
unsigned depth_below(ast::in_table const& n) { return deepest(n.operand); }
unsigned depth_below(ast::quantified const& n) { return deepest(n.operand, n.subquery, n.array); }
unsigned depth_below(ast::exists const& n) { return deepest(n.subquery); }
unsigned depth_below(ast::scalar_subquery const& n) { return deepest(n.subquery); }
unsigned depth_below(ast::case_expr const& n) { return deepest(n.operand, n.arms, n.otherwise); }
unsigned depth_below(ast::cast const& n) { return deepest(n.operand, n.type); }
unsigned depth_below(ast::collate const& n) { return deepest(n.operand); }
unsigned depth_below(ast::call const& n) { return deepest(n.arguments, n.order, n.within_group, n.filter, n.over); }
unsigned depth_below(ast::row const& n) { return deepest(n.items); }
unsigned depth_below(ast::array const& n) { return deepest(n.items, n.subquery); }
unsigned depth_below(ast::subscript const& n) { return deepest(n.operand, n.lower, n.upper); }
unsigned depth_below(ast::field const& n) { return deepest(n.operand); }
unsigned depth_below(ast::grouping_set const& n) { return deepest(n.items); }
unsigned depth_below(ast::default_value const&) { return 0; }

unsigned depth_below(ast::table_name const&) { return 0; }
unsigned depth_below(ast::derived_table const& n) { return deepest(n.subquery); }
unsigned depth_below(ast::table_function const& n) { return deepest(n.functions, n.definitions); }
unsigned depth_below(ast::join const& n) { return deepest(n.left, n.right, n.on); }
unsigned depth_below(ast::table_sample const& n) { return deepest(n.table, n.arguments, n.repeatable); }

unsigned depth_below(ast::select_core const& n) {
  return deepest(n.distinct_on, n.items, n.from, n.where, n.group_by, n.having, n.windows);
}
unsigned depth_below(ast::values_rows const& n) { return deepest(n.rows); }
unsigned depth_below(ast::set_operation const& n) { return deepest(n.left, n.right); }
unsigned depth_below(ast::nested_query const& n) { return deepest(n.subquery); }
unsigned depth_below(ast::table_command const&) { return 0; }
unsigned depth_below(ast::query const& n) { return deepest(n.with, n.body, n.order, n.limit, n.offset); }

unsigned depth_of(ast::statement const& s) {
  struct visitor {
    unsigned operator()(ast::query_ptr q) const { return depth(q); }
    unsigned operator()(ast::insert_statement const& n) const { return 1 + deepest(n.with, n.source, n.conflicts, n.returning); }
    unsigned operator()(ast::update_statement const& n) const { return 1 + deepest(n.with, n.set, n.from, n.where, n.returning); }
    unsigned operator()(ast::delete_statement const& n) const { return 1 + deepest(n.with, n.using_tables, n.where, n.returning); }
    unsigned operator()(ast::merge_statement const& n) const { return 1 + deepest(n.with, n.source, n.on, n.clauses); }
  };
  return std::visit(visitor{}, s.node);
}

}  // namespace grille::grammar
