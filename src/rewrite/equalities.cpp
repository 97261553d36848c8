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

class keeping {
 public:
  keeping(totality const& total, std::set<bound::expr const*> const& fences, base::arena& memory) : total_(total), fences_(fences), memory_(memory) {}

  /// What is true where `e` is true, or where it is false: of a condition no more is asked, and `not (e is true)` is true where `e` is null.
  bound::expr_ptr where(bound::expr_ptr e, bool is) const {
    auto const otherwise = [&] { return is ? e : operate(memory_, bound::op::logical_not, {e}); };
    if (fences_.contains(e) || total_.partial(e).empty() || holds_aggregate(e)) return otherwise();
    if (auto* j = e->as<bound::junction>()) {
      for (auto& part : j->items) part = where(part, is);
      if (!is) j->op = j->op == bound::junction_op::conjunction ? bound::junction_op::disjunction : bound::junction_op::conjunction;
      return e;
    }
    if (auto const* o = e->as<bound::operation>(); o != nullptr && o->op == bound::op::logical_not) return where(o->operands[0], !is);
    return may_equate(e) ? operate(memory_, is ? bound::op::is_true : bound::op::is_false, {e}) : otherwise();
  }

 private:
  totality const& total_;
  std::set<bound::expr const*> const& fences_;
  base::arena& memory_;
};

}  // namespace

bound::expr_ptr keep_equalities_whole(bound::expr_ptr e, totality const& total, std::set<bound::expr const*> const& fences, base::arena& memory) {
  return keeping(total, fences, memory).where(e, true);
}

}  // namespace grille::rewrite
