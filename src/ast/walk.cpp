// What stands below each node. One overload a node: a new node does not compile before it is decided about.
#include "ast/walk.hpp"

#include <variant>

namespace grille::ast {
namespace {

struct descent {
  walker& to;

  template <class... Parts>
  void all(Parts const&... parts) {
    (below(parts), ...);
  }
  template <class T>
  void below(list<T> items) {
    for (auto const& item : items) below(item);
  }

  void below(expr_ptr e) {
    if (e != nullptr) to.walk(*e);
  }
  void below(query_ptr q) {
    if (q != nullptr) to.walk(*q);
  }
  void below(statement const* s) {
    if (s != nullptr) to.walk(*s);
  }
  void below(call const* n) { below(*n); }
  void below(table_ref const* t) {
    if (t != nullptr) nodes(t->node);
  }
  void below(query_body const* b) {
    if (b != nullptr) nodes(b->node);
  }
  void below(window const* w) {
    if (w == nullptr) return;
    all(w->partition, w->order);
    if (w->frame_clause != nullptr) all(w->frame_clause->start.offset, w->frame_clause->end.offset);
  }
  template <class Variant>
  void nodes(Variant const& v) {
    std::visit([this](auto const& n) { below(n); }, v);
  }

  void below(type_name const& t) { below(t.modifiers); }
  void below(order_item const& o) { below(o.key); }
  void below(argument const& a) { below(a.value); }
  void below(when_arm const& a) { all(a.condition, a.result); }
  void below(result_item const& r) { below(r.value); }
  void below(named_window const& w) { below(w.definition); }
  void below(column_definition const& c) { below(c.type); }
  void below(assignment const& a) { below(a.value); }
  void below(cte const& c) { below(c.body); }
  void below(upsert const& u) { all(u.target, u.target_where, u.set, u.where); }

  void below(literal const&) {}
  void below(keyword_value const& n) { below(n.precision); }
  void below(parameter const&) {}
  void below(column_ref const&) {}
  void below(star const&) {}
  void below(unary const& n) { below(n.operand); }
  void below(binary const& n) { all(n.left, n.right); }
  void below(prefix const& n) { below(n.operand); }
  void below(junction const& n) { below(n.items); }
  void below(is_test const& n) { below(n.operand); }
  void below(distinct_test const& n) { all(n.left, n.right); }
  void below(between const& n) { all(n.operand, n.low, n.high); }
  void below(pattern_match const& n) { all(n.operand, n.pattern, n.escape); }
  void below(in_list const& n) { all(n.operand, n.items); }
  void below(in_query const& n) { all(n.operand, n.subquery); }
  void below(in_table const& n) { below(n.operand); }
  void below(quantified const& n) { all(n.operand, n.subquery, n.array); }
  void below(exists const& n) { below(n.subquery); }
  void below(scalar_subquery const& n) { below(n.subquery); }
  void below(case_expr const& n) { all(n.operand, n.arms, n.otherwise); }
  void below(cast const& n) { all(n.operand, n.type); }
  void below(collate const& n) { below(n.operand); }
  void below(call const& n) { all(n.arguments, n.order, n.within_group, n.filter, n.over); }
  void below(row const& n) { below(n.items); }
  void below(array const& n) { all(n.items, n.subquery); }
  void below(subscript const& n) { all(n.operand, n.lower, n.upper); }
  void below(field const& n) { below(n.operand); }
  void below(grouping_set const& n) { below(n.items); }
  void below(default_value const&) {}

  void below(table_name const&) {}
  void below(derived_table const& n) { below(n.subquery); }
  void below(table_function const& n) { all(n.functions, n.definitions); }
  void below(join const& n) { all(n.left, n.right, n.on); }
  void below(table_sample const& n) { all(n.table, n.arguments, n.repeatable); }

  void below(select_core const& n) { all(n.distinct_on, n.items, n.from, n.where, n.group_by, n.having, n.windows); }
  void below(values_rows const& n) { below(n.rows); }
  void below(set_operation const& n) { all(n.left, n.right); }
  void below(nested_query const& n) { below(n.subquery); }
  void below(table_command const&) {}
  void below(query const& q) { all(q.with, q.body, q.order, q.limit, q.offset); }

  void below(insert_statement const& n) { all(n.with, n.source, n.conflicts, n.returning); }
  void below(update_statement const& n) { all(n.with, n.set, n.from, n.where, n.returning); }
  void below(merge_clause const& n) { all(n.condition, n.set, n.values); }
  void below(merge_statement const& n) { all(n.with, n.source, n.on, n.clauses); }
  void below(delete_statement const& n) { all(n.with, n.using_tables, n.where, n.returning); }
};

}  // namespace

void walker::walk(expr const& e) {
  enter(e);
  descent{*this}.nodes(e.node);
}

void walker::walk(query const& q) { descent{*this}.below(q); }

void walker::walk(statement const& s) {
  enter(s);
  descent{*this}.nodes(s.node);
}

}  // namespace grille::ast
