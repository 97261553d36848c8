// PostgreSQL: a mask has its column's type. What stands in place of a column is compared, joined, sorted, grouped and united with what is of
// that type; a bare constant would leave its relation as a text. Enters: the bound expression of a mask. Leaves: the same, cast where it is
// not known to be of the type; or a fault, where no cast between the two is a matter of course or the type cannot be cast to.
#pragma once
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "catalog/catalog.hpp"

namespace grille::policy {

base::result<bound::expr_ptr> typed_mask(bound::expr_ptr value, catalog::column const& masked, catalog::catalog const& c, base::arena& memory);

}  // namespace grille::policy
