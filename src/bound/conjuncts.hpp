// A condition taken apart. Enters: an expression. Leaves: what `and` puts together in it, at whatever depth, in order; of no expression nothing.
#pragma once
#include <vector>

#include "bound/tree.hpp"

namespace grille::bound {

inline void add_conjuncts(expr_ptr e, std::vector<expr_ptr>& out) {
  auto const* j = e == nullptr ? nullptr : e->as<junction>();
  if (j != nullptr && j->op == junction_op::conjunction) {
    for (auto* item : j->items) add_conjuncts(item, out);
  } else if (e != nullptr) {
    out.push_back(e);
  }
}
inline std::vector<expr_ptr> conjuncts(expr_ptr e) {
  std::vector<expr_ptr> out;
  add_conjuncts(e, out);
  return out;
}

}  // namespace grille::bound
