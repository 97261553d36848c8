// Set operations by PostgreSQL's rules: any nesting, operands in parentheses with an order and limits of their own; the order of the
// whole names result columns only. https://www.postgresql.org/docs/15/queries-union.html
#include <algorithm>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

/// The query of an operand in parentheses, if they are all there is to it.
ast::query_body const* unwrapped(ast::query_body const* b) {
  for (auto const* n = b->as<ast::nested_query>(); n != nullptr; n = b->as<ast::nested_query>()) {
    auto const& q = *n->subquery;
    if (!q.with.empty() || !q.order.empty() || q.limit != nullptr || q.offset != nullptr || q.with_ties || !q.locks.empty()) break;
    b = q.body;
  }
  return b;
}

}  // namespace

bound::query_body* binder::body_postgresql(ast::query const& q, bool top, bound_order& order, with_item* defines) {
  auto const* b = unwrapped(q.body);
  if (b->as<ast::select_core>() != nullptr) return leaf(*b, top, q.order, order).body;

  auto const* s = b->as<ast::set_operation>();
  auto const recurses = s != nullptr && defines != nullptr && defining_.back().first->sees_all && s->op == ast::set_op::union_;
  auto* made = recurses ? recursive_arms(*s, *defines, b->at) : arms_postgresql(*b, top);
  scope results(which(), scope_);
  for (auto const name : column_names(*made, memory_)) results.results.push_back({nullptr, name, false, false});
  std::vector<bound::order_item> items;
  for (auto const& i : q.order) {
    auto index = ordinal(*i.key, results.results.size(), which());
    if (!index) {
      auto const named = [&](result_column const& r) {
        auto const* n = i.key->as<ast::column_ref>();
        return n != nullptr && n->path.size() == 1 && n->path[0].text == r.alias;
      };
      if (std::ranges::count_if(results.results, named) > 1) refuse(errc::ambiguous, "ambiguous name in `order by`", i.key->at);
      index = results.result_named(*i.key);
    }
    if (!index) refuse(errc::not_found, "`order by` of a compound query names no column of its result", i.key->at);
    items.push_back(order_item(i, make(bound::output{*index}, i.key->at)));
  }
  order = memory_.copy(items);
  return made;
}

bound::query_body* binder::arms_postgresql(ast::query_body const& written, bool top) {
  auto const& b = *unwrapped(&written);
  deeper(1, b.at);
  hold<unsigned> const level(depth_, depth_ + 1);
  if (auto const* s = b.as<ast::set_operation>()) {
    auto* left = arms_postgresql(*s->left, top);
    return combine(*s, left, arms_postgresql(*s->right, top), s->right->at);
  }
  if (auto const* n = b.as<ast::nested_query>()) {  // with an order or limits: a derived table has them
    auto* r = memory_.make<bound::relation>();
    r->kind = bound::relation_kind::derived;
    r->query = query(*n->subquery, false);
    r->at = b.at;
    std::vector<bound::relation_column> columns;
    for (auto const name : column_names(*r->query->body, memory_)) columns.push_back({.name = name, .source = static_cast<unsigned>(columns.size())});
    r->columns = memory_.copy(columns);
    return memory_.make<bound::query_body>(bound::query_body{select_all(r, b.at)});
  }
  if (auto const* t = b.as<ast::table_command>()) {
    if (t->only) refuse_only(b.at);
    return memory_.make<bound::query_body>(bound::query_body{select_all(named_table(t->path, {}, b.at, nullptr), b.at)});
  }
  bound_order none;
  return leaf(b, top, {}, none).body;
}

/// `first union [all] then`, where `then` may read the common table once, in its own `from`.
bound::query_body* binder::recursive_arms(ast::set_operation const& s, with_item& defines, base::range at) {
  auto* first = arms_postgresql(*s.left, false);
  name_columns(defines, *first);
  auto const* right = unwrapped(s.right);
  auto const* core = right->as<ast::select_core>();
  defines.arm = core;
  defines.arm_reads = false;
  bound_order none;
  bound::query_body* then{};
  if (core != nullptr) {
    auto const made = leaf(*right, false, {}, none);
    then = made.body;
    if (defines.arm_reads && (made.names->aggregates || made.names->has_window))
      refuse(errc::syntax, "the recursive part of " + in_ticks(defines.table->name) + " cannot aggregate", right->at);
  } else {
    then = arms_postgresql(*right, false);
  }
  defines.arm = nullptr;
  return combine(s, first, then, at);
}

bound::query_body* binder::combine(ast::set_operation const& s, bound::query_body* left, bound::query_body* right, base::range at) {
  auto const l = width(*left), r = width(*right);
  if (l != r) refuse(errc::syntax, "the two sides of a set operation have " + std::to_string(l) + " and " + std::to_string(r) + " columns", at);
  return memory_.make<bound::query_body>(bound::query_body{set_operation_of(s, left, right)});
}

bound::select binder::select_all(bound::relation* r, base::range at) {
  bound::select made;
  std::vector<bound::item> items;
  for (unsigned i = 0; i < r->columns.size(); ++i) {
    if (!r->columns[i].shown) continue;
    r->columns[i].used = true;
    items.push_back({make(bound::column{r, i}, at), r->columns[i].name});
  }
  made.items = memory_.copy(items);
  made.from = memory_.make<bound::from_item>(bound::from_item{r});
  return made;
}

}  // namespace grille::bind
