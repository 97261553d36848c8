// What an expression calls. Enters: a bound expression. Leaves: whether a call of some kind, or a query, is in it.
#pragma once
#include "bound/walk.hpp"

namespace grille::bound {

/// In the expression itself, not in a query of it.
template <class Test>
bool contains(expr_ptr e, Test test) {
  struct look final : visitor {
    explicit look(Test t) : test_(t) {}
    using visitor::enter;
    bool enter(expr_ptr& x) override {
      auto const* c = x->as<call>();
      found = found || (c != nullptr && test_(*c));
      if (auto* q = x->as<subquery>()) {
        walk(q->operand, *this);
        return false;
      }
      return !found;
    }
    Test test_;
    bool found{};
  } v(test);
  walk(e, v);
  return v.found;
}
inline bool is_aggregate(call const& c) { return c.function->kind == catalog::function_kind::aggregate && c.over == nullptr; }
inline bool holds_window(expr_ptr e) {
  return contains(e, [](call const& c) { return c.over != nullptr; });
}
inline bool holds_aggregate(expr_ptr e) { return contains(e, is_aggregate); }
inline bool holds_query(expr_ptr e) {
  struct look final : visitor {
    using visitor::enter;
    bool enter(expr_ptr& x) override {
      found = found || x->as<subquery>() != nullptr;
      return !found;
    }
    bool found{};
  } v;
  walk(e, v);
  return v.found;
}
}  // namespace grille::bound
