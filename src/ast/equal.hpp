// Whether two trees are the same but for their ranges. Used by the round-trip tests; recursion is bounded by limits::nesting.
#pragma once
#include "ast/policy.hpp"
#include "ast/tree.hpp"

namespace grille::ast {

bool equal(statement const& a, statement const& b);
bool equal(query const& a, query const& b);
bool equal(expr const& a, expr const& b);

}  // namespace grille::ast
