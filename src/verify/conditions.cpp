// Conditions taken apart and compared. Enters: flattened expressions. Leaves: their ways to be true, and truth values.
#include "bound/walk.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

/// SQLite's `true` and `false` are the integers 1 and 0.
bool is_constant(bound::expr const& e, std::string_view boolean) {
  auto const* l = e.as<bound::literal>();
  if (l == nullptr) return false;
  if (l->kind == bound::literal_kind::integer) return l->text == (boolean == "true" ? "1" : "0");
  return l->kind == bound::literal_kind::boolean && l->text == boolean;
}

class flattening final : public bound::visitor {
 public:
  explicit flattening(base::arena& memory) : memory_(memory) {}
  using bound::visitor::leave;
  void leave(bound::expr_ptr& e) override {
    auto* j = e->as<bound::junction>();
    if (j == nullptr) return;
    std::vector<bound::expr_ptr> items;
    bool nested = false;
    for (auto* item : j->items) {
      auto const* inner = item->as<bound::junction>();
      if (inner != nullptr && inner->op == j->op) {
        items.insert(items.end(), inner->items.begin(), inner->items.end());
        nested = true;
      } else {
        items.push_back(item);
      }
    }
    if (nested) j->items = memory_.copy(items);
  }

 private:
  base::arena& memory_;
};

}  // namespace

void flatten(bound::expr_ptr& e, base::arena& memory) {
  flattening f(memory);
  bound::walk(e, f);
}
void flatten(bound::query& q, base::arena& memory) {
  flattening f(memory);
  bound::walk(q, f);
}

conjunction conjuncts(bound::expr const* condition) {
  if (condition == nullptr || is_constant(*condition, "true")) return {};
  auto const* j = condition->as<bound::junction>();
  if (j == nullptr || j->op != bound::junction_op::conjunction) return {condition};
  conjunction out;
  for (auto const* item : j->items)
    if (!is_constant(*item, "true")) out.push_back(item);
  return out;
}

std::vector<conjunction> ways(bound::expr const* condition) {
  if (condition == nullptr) return {{}};
  if (is_constant(*condition, "false")) return {};
  auto const* j = condition->as<bound::junction>();
  if (j == nullptr || j->op != bound::junction_op::disjunction) return {conjuncts(condition)};
  std::vector<conjunction> out;
  for (auto const* item : j->items) out.push_back(conjuncts(item));
  return out;
}

bool same(bound::expr const& a, bound::expr const& b) { return bound::comparison{}(&a, &b); }

}  // namespace grille::verify
