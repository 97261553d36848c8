// The order of a walk: what gives names before what uses them.
#include "bound/walk.hpp"

namespace grille::bound {

namespace {

void walk_all(list<expr_ptr> items, visitor& v) {
  for (auto& e : items) walk(e, v);
}
void walk_order(list<order_item> items, visitor& v) {
  for (auto& i : items) walk(i.key, v);
}
void walk_window(window& w, visitor& v) {
  walk_all(w.partition, v);
  walk_order(w.order, v);
  if (w.frame == nullptr) return;
  walk(w.frame->start.offset, v);
  walk(w.frame->end.offset, v);
}

struct expression_children {
  visitor& v;

  void operator()(literal&) const {}
  void operator()(parameter&) const {}
  void operator()(slot&) const {}
  void operator()(column&) const {}
  void operator()(output&) const {}
  void operator()(now&) const {}
  void operator()(operation& n) const { walk_all(n.operands, v); }
  void operator()(junction& n) const { walk_all(n.items, v); }
  void operator()(case_expr& n) const {
    walk(n.operand, v);
    for (auto& arm : n.arms) {
      walk(arm.condition, v);
      walk(arm.result, v);
    }
    walk(n.otherwise, v);
  }
  void operator()(cast& n) const { walk(n.operand, v); }
  void operator()(collate& n) const { walk(n.operand, v); }
  void operator()(row& n) const { walk_all(n.items, v); }
  void operator()(record& n) const { walk_all(n.items, v); }
  void operator()(field& n) const { walk(n.operand, v); }
  void operator()(subquery& n) const {
    walk(n.operand, v);
    walk(*n.query, v);
  }
  void operator()(call& n) const {
    walk_all(n.arguments, v);
    walk_order(n.order, v);
    walk(n.filter, v);
    if (n.over != nullptr) walk_window(*n.over, v);
  }
};

struct body_children {
  visitor& v;

  void operator()(select& n) const {
    v.enter(n);
    if (n.from != nullptr) walk(*n.from, v);
    for (auto& i : n.items) walk(i.value, v);
    walk(n.where, v);
    walk_all(n.group_by, v);
    walk(n.having, v);
    walk_all(n.distinct_on, v);
    v.leave(n);
  }
  void operator()(values& n) const {
    for (auto& r : n.rows) walk_all(r, v);
  }
  void operator()(set_operation& n) const {
    walk(*n.left, v);
    walk(*n.right, v);
  }
};

struct from_children {
  visitor& v;

  void operator()(relation* r) const {
    v.enter(*r);
    if (r->kind == relation_kind::derived) walk(*r->query, v);
    walk_all(r->arguments, v);
  }
  void operator()(join& n) const {
    v.enter(n);
    walk(*n.left, v);
    walk(*n.right, v);
    walk(n.on, v);
  }
};

}  // namespace

void walk(expr_ptr& e, visitor& v) {
  if (e == nullptr) return;
  if (v.enter(e)) std::visit(expression_children{v}, e->node);
  v.leave(e);
}

void walk(query& q, visitor& v) {
  v.enter(q);
  for (auto* t : q.with) walk(*t->query, v);
  walk(*q.body, v);
  walk_order(q.order, v);
  walk(q.limit, v);
  walk(q.offset, v);
}

void walk(query_body& b, visitor& v) { std::visit(body_children{v}, b.node); }

void walk(from_item& f, visitor& v) { std::visit(from_children{v}, f.node); }

}  // namespace grille::bound
