#include "rewrite/equalities.hpp"

#include <algorithm>

#include "bound/calls.hpp"
#include "bound/walk.hpp"
#include "rewrite/alternatives.hpp"

namespace grille::rewrite {

namespace {

bool says_of_rows(bound::expr_ptr e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      found = found || x->as<bound::column>() != nullptr || x->as<bound::subquery>() != nullptr;
      return !found;
    }
    bool found{};
  } v;
  bound::walk(e, v);
  return v.found;
}

/// The server may read it as an equality of two sides that say of rows. `not (a <> b)` is one, so are `a in (b)`, what a column of a query stands for,
/// and what a `case` of constants comes to.
bool may_equate(bound::expr_ptr e) {
  if (auto const* q = e->as<bound::subquery>()) return q->operand != nullptr;
  auto const* o = e->as<bound::operation>();
  if (o == nullptr) return says_of_rows(e);
  switch (o->op) {
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::in:
    case bound::op::not_in:
      return says_of_rows(o->operands[0]) && std::any_of(o->operands.begin() + 1, o->operands.end(), says_of_rows);
    default:
      return false;
  }
}

}  // namespace

bound::expr_ptr keep_equalities_whole(bound::expr_ptr e, totality const& total, std::set<bound::expr const*> const& fences, base::arena& memory) {
  if (fences.contains(e) || total.partial(e).empty() || holds_aggregate(e)) return e;
  auto* j = e->as<bound::junction>();
  auto* o = e->as<bound::operation>();
  if (j != nullptr || (o != nullptr && o->op == bound::op::logical_not)) {
    for (auto& part : j != nullptr ? j->items : o->operands) part = keep_equalities_whole(part, total, fences, memory);
    return e;
  }
  return may_equate(e) ? operate(memory, bound::op::is_true, {e}) : e;
}

}  // namespace grille::rewrite
