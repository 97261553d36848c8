// Equality of two trees. Two nodes of different kinds are different; of one kind, every field decides but places and names.
#include <algorithm>
#include <utility>

#include "bound/walk.hpp"

namespace grille::bound {

struct node_comparison {
  comparison& c;

  template <class A, class B>
  bool operator()(A const&, B const&) const {
    static_assert(!std::is_same_v<A, B>, "each node has a comparison of its own");
    return false;
  }

  bool operator()(literal const& a, literal const& b) const { return a.kind == b.kind && a.text == b.text; }
  bool operator()(parameter const& a, parameter const& b) const { return a.position == b.position; }
  bool operator()(slot const& a, slot const& b) const { return a == b; }
  bool operator()(column const& a, column const& b) const {
    auto const paired = c.pairs.find(a.relation);
    if ((paired == c.pairs.end() ? a.relation : paired->second) != b.relation) return false;
    return a.relation->kind == b.relation->kind && a.relation->columns[a.index].source == b.relation->columns[b.index].source;
  }
  bool operator()(output const& a, output const& b) const { return a.index == b.index; }
  bool operator()(now const& a, now const& b) const { return a.word == b.word; }
  bool operator()(operation const& a, operation const& b) const { return a.op == b.op && a.by == b.by && c.same(a.operands, b.operands); }
  bool operator()(junction const& a, junction const& b) const { return a.op == b.op && c.same(a.items, b.items); }
  bool operator()(case_expr const& a, case_expr const& b) const {
    auto const arm = [this](when_arm const& x, when_arm const& y) { return c(x.condition, y.condition) && c(x.result, y.result); };
    return c(a.operand, b.operand) && std::ranges::equal(a.arms, b.arms, arm) && c(a.otherwise, b.otherwise);
  }
  bool operator()(cast const& a, cast const& b) const { return a.type == b.type && c(a.operand, b.operand); }
  bool operator()(collate const& a, collate const& b) const { return a.collation == b.collation && c(a.operand, b.operand); }
  bool operator()(row const& a, row const& b) const { return c.same(a.items, b.items); }
  bool operator()(record const& a, record const& b) const { return std::ranges::equal(a.names, b.names) && c.same(a.items, b.items); }
  bool operator()(field const& a, field const& b) const { return a.of == b.of && a.index == b.index && c(a.operand, b.operand); }
  bool operator()(subquery const& a, subquery const& b) const {
    return a.kind == b.kind && a.by == b.by && c(a.operand, b.operand) && c(a.query, b.query);
  }
  bool operator()(call const& a, call const& b) const {
    return a.function == b.function && a.star == b.star && a.distinct == b.distinct && c.same(a.arguments, b.arguments) &&
           c.same(a.order, b.order) && c(a.filter, b.filter) && c.same(a.over, b.over);
  }

  bool operator()(select const& a, select const& b) const {
    auto const item_values = [this](item const& x, item const& y) { return c(x.value, y.value); };
    return a.distinct == b.distinct && c.from(a.from, b.from) && std::ranges::equal(a.items, b.items, item_values) &&
           c(a.where, b.where) && c.same(a.group_by, b.group_by) && c(a.having, b.having) && c.same(a.distinct_on, b.distinct_on) &&
           std::ranges::equal(a.grouping_sets, b.grouping_sets, [](auto const& x, auto const& y) { return std::ranges::equal(x, y); });
  }
  bool operator()(values const& a, values const& b) const {
    return std::ranges::equal(a.rows, b.rows, [this](auto const& x, auto const& y) { return c.same(x, y); });
  }
  bool operator()(set_operation const& a, set_operation const& b) const {
    return a.op == b.op && a.all == b.all && c.body(*a.left, *b.left) && c.body(*a.right, *b.right);
  }

  bool operator()(relation* a, relation* b) const { return c.same(a, b); }
  bool operator()(join const& a, join const& b) const {
    return a.kind == b.kind && c.from(a.left, b.left) && c.from(a.right, b.right) && c(a.on, b.on);
  }
};

bool comparison::operator()(expr const* a, expr const* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::visit(node_comparison{*this}, a->node, b->node);
}

bool comparison::operator()(query const* a, query const* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->with.size() != b->with.size()) return false;
  for (std::size_t i = 0; i < a->with.size(); ++i) tables[a->with[i]] = b->with[i];
  for (std::size_t i = 0; i < a->with.size(); ++i) {
    auto const &x = *a->with[i], &y = *b->with[i];
    if (x.recursive != y.recursive || x.hint != y.hint || x.columns.size() != y.columns.size() || !(*this)(x.query, y.query)) return false;
  }
  return body(*a->body, *b->body) && same(a->order, b->order) && (*this)(a->limit, b->limit) && (*this)(a->offset, b->offset) && a->with_ties == b->with_ties && same(a->locks, b->locks);
}

bool comparison::body(query_body const& a, query_body const& b) { return std::visit(node_comparison{*this}, a.node, b.node); }

bool comparison::from(from_item const* a, from_item const* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::visit(node_comparison{*this}, a->node, b->node);
}

bool comparison::same(relation const* a, relation const* b) {
  auto const as_pair = [](table_call const& c) { return std::pair(c.function, c.arguments); };
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case relation_kind::base:
      if (a->table != b->table) return false;
      break;
    case relation_kind::derived:
      if (a->lateral != b->lateral || !(*this)(a->query, b->query)) return false;
      break;
    case relation_kind::common: {
      auto const paired = tables.find(a->cte);
      if ((paired == tables.end() ? a->cte : paired->second) != b->cte) return false;
      break;
    }
    case relation_kind::function:
      if (a->function != b->function || a->ordinality != b->ordinality || !same(a->arguments, b->arguments)) return false;
      if (!std::ranges::equal(a->calls, b->calls, {}, as_pair, as_pair)) return false;
      if (!std::ranges::equal(a->types, b->types) || (!a->types.empty() && !std::ranges::equal(a->columns, b->columns, {}, &relation_column::name, &relation_column::name))) return false;
      break;
  }
  pairs[a] = b;
  return true;
}

bool comparison::same(list<expr_ptr> const& a, list<expr_ptr> const& b) {
  return std::ranges::equal(a, b, [this](expr const* x, expr const* y) { return (*this)(x, y); });
}

bool comparison::same(list<order_item> const& a, list<order_item> const& b) {
  return std::ranges::equal(a, b, [this](order_item const& x, order_item const& y) {
    return x.descending == y.descending && x.nulls == y.nulls && (*this)(x.key, y.key);
  });
}

bool comparison::same(list<row_lock> const& a, list<row_lock> const& b) {
  return std::ranges::equal(a, b, [this](row_lock const& x, row_lock const& y) {
    return x.strength == y.strength && x.wait == y.wait && std::ranges::equal(x.of, y.of, [this](relation const* r, relation const* s) { return pairs.at(r) == s; });
  });
}

bool comparison::same(window const* a, window const* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (!same(a->partition, b->partition) || !same(a->order, b->order)) return false;
  if (a->frame == nullptr || b->frame == nullptr) return a->frame == b->frame;
  return a->frame->unit == b->frame->unit && a->frame->exclude == b->frame->exclude && same(a->frame->start, b->frame->start) &&
         same(a->frame->end, b->frame->end);
}

bool comparison::same(frame_bound const& a, frame_bound const& b) { return a.kind == b.kind && (*this)(a.offset, b.offset); }

}  // namespace grille::bound
