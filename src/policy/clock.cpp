#include "policy/clock.hpp"

#include <algorithm>
#include <vector>

#include "bound/walk.hpp"
#include "catalog/function.hpp"

namespace grille::policy {

namespace {

using bound::expr_ptr;

bool is_clock(expr_ptr e) {
  if (e->as<bound::now>() != nullptr) return true;
  auto const* c = e->as<bound::call>();
  if (c != nullptr && c->function->name == "julianday") return true;
  auto const* o = e->as<bound::operation>();
  return o != nullptr && o->op == bound::op::subtract && is_clock(o->operands[0]);
}

bool compares(bound::op o) {
  switch (o) {
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::less:
    case bound::op::less_equal:
    case bound::op::greater:
    case bound::op::greater_equal:
    case bound::op::between:
    case bound::op::not_between:
    case bound::op::is_distinct:
    case bound::op::is_not_distinct: return true;
    default: return false;
  }
}

expr_ptr julianday(expr_ptr e, base::arena& memory) {
  if (auto const* c = e->as<bound::call>(); c != nullptr && c->function->name == "julianday") return e;
  if (e->as<bound::operation>() != nullptr && is_clock(e)) return e;
  bound::call c;
  c.function = catalog::find_function(dialect::sqlite, "julianday", 1);
  c.arguments = memory.copy(std::vector<expr_ptr>{e});
  return memory.make<bound::expr>(bound::expr{c, e->at});
}

class comparing final : public bound::visitor {
 public:
  explicit comparing(base::arena& memory) : memory_(memory) {}
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    if (auto* o = e->as<bound::operation>(); o != nullptr && compares(o->op) && std::any_of(o->operands.begin(), o->operands.end(), is_clock))
      for (auto& operand : o->operands) operand = julianday(operand, memory_);
    return true;
  }

 private:
  base::arena& memory_;
};

}  // namespace

base::result<expr_ptr> days_ago(std::span<expr_ptr const> arguments, base::range at, dialect d, base::arena& memory) {
  if (arguments.size() != 1) return base::fail(errc::usage, "`days_ago` takes one argument, the number of days", at);
  auto* clock = memory.make<bound::expr>(bound::expr{bound::now{"current_timestamp"}, at});
  if (d == dialect::postgresql) {
    auto* one = memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::text, "1 day"}, at});
    auto* day = memory.make<bound::expr>(bound::expr{bound::cast{one, "interval"}, at});
    bound::operation const days{bound::op::multiply, memory.copy(std::vector<expr_ptr>{arguments[0], day})};
    bound::operation const less{bound::op::subtract, memory.copy(std::vector<expr_ptr>{clock, memory.make<bound::expr>(bound::expr{days, at})})};
    return memory.make<bound::expr>(bound::expr{less, at});
  }
  bound::operation minus{bound::op::subtract, memory.copy(std::vector<expr_ptr>{julianday(clock, memory), arguments[0]})};
  return memory.make<bound::expr>(bound::expr{minus, at});
}

void read_statement_clock(expr_ptr predicate) {
  struct reading final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& e) override {
      auto const* n = e->as<bound::now>();
      if (n == nullptr || n->word != "current_timestamp") return true;
      bound::call c;
      c.function = catalog::find_function(dialect::postgresql, "statement_timestamp", 0);
      e->node = c;
      return true;
    }
  } v;
  bound::walk(predicate, v);
}

void compare_by_julian_day(expr_ptr predicate, base::arena& memory) {
  comparing v(memory);
  bound::walk(predicate, v);
}

}  // namespace grille::policy
