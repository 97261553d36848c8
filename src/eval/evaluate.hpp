// A bound predicate on a row in memory, three-valued. Enters: an expression, what its columns and slots stand for. Leaves: a value
// (NULL included), or `unsupported` where the expression is not portable to memory (a subquery, a collation of an application,
// a function with no implementation here). Follows the dialect's rules of comparison, affinity aside, as the tests against the
// engines show.
#pragma once
#include <functional>

#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "grille/dialect.hpp"
#include "grille/value.hpp"

namespace grille::eval {

struct environment {
  dialect which{};
  std::function<base::result<value>(bound::column const&)> column{};
  std::function<base::result<value>(bound::slot const&)> slot{};
  std::function<base::result<value>(bound::parameter const&)> parameter{};
};
base::result<value> evaluate(bound::expr const& e, environment const& env);
/// True only if the value is true: NULL and false are not.
base::result<bool> holds(bound::expr const& e, environment const& env);

}  // namespace grille::eval
