// What an expression calls. Enters: a bound expression. Leaves: whether a call of some kind is in it.
#pragma once
#include "bound/walk.hpp"

namespace grille::rewrite {

/// In the expression itself, not in a query of it.
template <class Test>
bool contains(bound::expr_ptr e, Test test) {
  struct look final : bound::visitor {
    explicit look(Test t) : test_(t) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      auto const* c = x->as<bound::call>();
      found = found || (c != nullptr && test_(*c));
      if (auto* q = x->as<bound::subquery>()) {
        bound::walk(q->operand, *this);
        return false;
      }
      return !found;
    }
    Test test_;
    bool found{};
  } v(test);
  bound::walk(e, v);
  return v.found;
}
inline bool is_aggregate(bound::call const& c) { return c.function->kind == catalog::function_kind::aggregate && c.over == nullptr; }
inline bool holds_window(bound::expr_ptr e) {
  return contains(e, [](bound::call const& c) { return c.over != nullptr; });
}
inline bool holds_aggregate(bound::expr_ptr e) { return contains(e, is_aggregate); }
}  // namespace grille::rewrite
