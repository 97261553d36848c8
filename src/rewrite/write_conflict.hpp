// By what a row stands in the way of one that is proposed. Enters: a key of the table's, and what the columns of both rows are. Leaves: conditions
// that are true of two rows together if, and only if, the engine would not have both.
#pragma once
#include <functional>
#include <vector>

#include "base/arena.hpp"
#include "bound/write.hpp"

namespace grille::rewrite {

/// The table's columns that it is made of.
bound::list<unsigned> columns_of(bound::conflict_key const& key);
/// Why no row can be looked for by it: a condition of an index that could fail would be asked of rows that another keeps out of it, and what is proposed
/// has the columns' types, but neither a collation nor a length of theirs. Empty: one can.
std::string_view unfit(bound::conflict_key const& key, dialect d);
/// r.K = p.K; of an index E(r) = E(p), …, C(r), C(p), where E that could fail stands behind C, if there is one: other rows are never asked for it.
/// `r`, `p`: what stands for a column of the table.
std::vector<bound::expr_ptr> in_the_way(bound::conflict_key const& key, std::function<bound::expr_ptr(unsigned)> const& r,
                                        std::function<bound::expr_ptr(unsigned)> const& p, dialect d, base::arena& memory);

}  // namespace grille::rewrite
