// Copies. What gives names (common tables, relations) is copied before what refers to it, so that each reference finds its own.
#include <vector>

#include "bound/walk.hpp"

namespace grille::bound {

struct node_copier {
  copier& c;

  using node = expr::node_type;
  node operator()(literal const& n) const { return n; }
  node operator()(parameter const& n) const { return n; }
  node operator()(slot const& n) const { return c.slots ? c.slots(n) : n; }
  node operator()(column const& n) const {
    auto const mapped = c.relations.find(n.relation);
    return column{mapped == c.relations.end() ? n.relation : mapped->second, n.index};
  }
  node operator()(output const& n) const { return n; }
  node operator()(now const& n) const { return n; }
  node operator()(operation const& n) const { return operation{n.op, c.exprs(n.operands), n.by}; }
  node operator()(junction const& n) const { return junction{n.op, c.exprs(n.items)}; }
  node operator()(case_expr const& n) const {
    auto* operand = c(n.operand);
    std::vector<when_arm> arms;
    for (auto const& arm : n.arms) arms.push_back({c(arm.condition), c(arm.result)});
    return case_expr{operand, c.memory.copy(arms), c(n.otherwise)};
  }
  node operator()(cast const& n) const { return cast{c(n.operand), n.type}; }
  node operator()(collate const& n) const { return collate{c(n.operand), n.collation}; }
  node operator()(row const& n) const { return row{c.exprs(n.items)}; }
  node operator()(record const& n) const { return record{c.exprs(n.items), n.names}; }
  node operator()(field const& n) const { return field{c(n.operand), n.of, n.index}; }
  node operator()(subquery const& n) const { return subquery{n.kind, c(n.operand), c(n.query), n.by}; }
  node operator()(call const& n) const {
    return call{n.function, c.exprs(n.arguments), n.star, n.distinct, c.order(n.order), c(n.filter), c.copy(n.over)};
  }

  query_body operator()(select const& n) const {
    auto* from = c.from(n.from);
    std::vector<item> items;
    for (auto const& i : n.items) items.push_back({c(i.value), i.name});
    std::vector<list<unsigned>> sets;
    for (auto const& s : n.grouping_sets) sets.push_back(c.memory.copy(list<unsigned const>(s)));
    return {select{n.distinct, c.memory.copy(items), from, c(n.where), c.exprs(n.group_by), c(n.having), c.exprs(n.distinct_on), c.memory.copy(sets)}};
  }
  query_body operator()(values const& n) const {
    std::vector<list<expr_ptr>> rows;
    for (auto const& r : n.rows) rows.push_back(c.exprs(r));
    return {values{c.memory.copy(rows)}};
  }
  query_body operator()(set_operation const& n) const {
    auto* left = c.body(n.left);
    return {set_operation{n.op, n.all, left, c.body(n.right)}};
  }

  from_item operator()(relation* r) const { return {c.copy(r)}; }
  from_item operator()(join const& n) const {
    auto* left = c.from(n.left);
    auto* right = c.from(n.right);
    return {join{n.kind, left, right, c(n.on)}};
  }
};

expr_ptr copier::operator()(expr const* e) {
  if (e == nullptr) return nullptr;
  if (columns)
    if (auto const* n = e->as<column>())
      if (auto* replaced = columns(*n)) return replaced;
  return memory.make<expr>(expr{std::visit(node_copier{*this}, e->node), e->at});
}

query_ptr copier::operator()(query const* q) {
  if (q == nullptr) return nullptr;
  std::vector<common_table*> with;
  for (auto const* t : q->with) with.push_back(tables[t] = memory.make<common_table>(*t));
  for (auto* t : with) t->query = (*this)(t->query);
  auto* made = memory.make<query>();
  made->with = memory.copy(with);
  made->body = body(q->body);
  made->order = order(q->order);
  made->limit = (*this)(q->limit);
  made->offset = (*this)(q->offset);
  made->with_ties = q->with_ties;
  std::vector<row_lock> locks(q->locks.begin(), q->locks.end());
  for (auto& lock : locks) {
    std::vector<relation*> of;
    for (auto* r : lock.of) of.push_back(relations.at(r));
    lock.of = memory.copy(of);
  }
  made->locks = memory.copy(locks);
  return made;
}

query_body* copier::body(query_body const* b) { return memory.make<query_body>(std::visit(node_copier{*this}, b->node)); }

from_item* copier::from(from_item const* f) {
  return f == nullptr ? nullptr : memory.make<from_item>(std::visit(node_copier{*this}, f->node));
}

relation* copier::copy(relation const* r) {
  auto* made = memory.make<relation>(*r);
  made->columns = memory.copy(list<relation_column const>(r->columns));
  made->query = (*this)(r->query);
  if (auto const mapped = tables.find(r->cte); mapped != tables.end()) made->cte = mapped->second;
  made->arguments = exprs(r->arguments);
  relations[r] = made;
  return made;
}

list<expr_ptr> copier::exprs(list<expr_ptr> const& l) {
  std::vector<expr_ptr> made;
  made.reserve(l.size());
  for (auto const* e : l) made.push_back((*this)(e));
  return memory.copy(made);
}

list<order_item> copier::order(list<order_item> const& l) {
  std::vector<order_item> made;
  made.reserve(l.size());
  for (auto const& i : l) made.push_back({(*this)(i.key), i.descending, i.nulls});
  return memory.copy(made);
}

window* copier::copy(window const* w) {
  if (w == nullptr) return nullptr;
  auto* made = memory.make<window>();
  made->partition = exprs(w->partition);
  made->order = order(w->order);
  if (w->frame != nullptr) {
    made->frame = memory.make<frame>(*w->frame);
    made->frame->start.offset = (*this)(w->frame->start.offset);
    made->frame->end.offset = (*this)(w->frame->end.offset);
  }
  return made;
}

}  // namespace grille::bound
