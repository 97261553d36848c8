// PostgreSQL: of equalities that hold together the server asks any two sides of each other, where it has both: with `1 / (w.id - 5) = x.b` in a query of
// the from clause and `p.n = d.b` beside it, `p.n = 1 / (w.id - 5)` as it reads p, before a dear guard of p. So where a side can fail, and no
// witness stands before the equality, it is asked whole. Enters: a condition that is fenced. Leaves: the same condition.
#pragma once
#include <set>

#include "base/arena.hpp"
#include "rewrite/totality.hpp"

namespace grille::rewrite {

///     1 / (w.id - 5) = x.b          (1 / (w.id - 5) = x.b) is true
///     not 1 / (w.id - 5) = x.b      (1 / (w.id - 5) = x.b) is false
/// Of all that `e` joins by and, or, not; `fences`: what stands behind witnesses already.
bound::expr_ptr keep_equalities_whole(bound::expr_ptr e, totality const& total, std::set<bound::expr const*> const& fences, base::arena& memory);

}  // namespace grille::rewrite
