// By what a row stands in the way of one that is proposed. Enters: a key of the table's, and what the columns of both rows are. Leaves: conditions
// that are true of two rows together if, and only if, the engine would not have both.
#pragma once
#include <functional>
#include <vector>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/write.hpp"
#include "catalog/catalog.hpp"
#include "policy/access.hpp"

namespace grille::rewrite {

/// The table's columns that it is made of.
bound::list<unsigned> columns_of(bound::conflict_key const& key);
/// Why no row can be looked for by it: a condition of an index that could fail would be asked of rows that another keeps out of it, and what is proposed
/// has the columns' types, but neither a collation nor a length of theirs. Empty: one can.
std::string_view unfit(bound::conflict_key const& key, dialect d);
/// Whether to leave a row out by this key, and by no other, tells more than that something is there: where another key is of columns that are among its own,
/// or that are of one value in every row that the caller can propose, a row in the way has that one too, and the outcome says whether it has the rest. Not where its columns are shown in every row that there is.
bool tells_of_a_row(bound::conflict_key const& key, catalog::table const& t, policy::access const& who, base::arena& memory);
/// Of the keys by which rows are left out, where any are.
base::result<void> refuse_to_tell(bound::write const& w, policy::access const& who, base::arena& memory);
/// Whether a row that goes to make room tells who has a value: keys of which not all are shown, where there are several.
bool tells_by_what_goes(catalog::table const& t, policy::access const& who, base::arena& memory);
/// r.K = p.K; of an index E(r) = E(p), …, C(r), C(p), where E that could fail stands behind C, if there is one: other rows are never asked for it.
/// `r`, `p`: what stands for a column of the table.
std::vector<bound::expr_ptr> in_the_way(bound::conflict_key const& key, std::function<bound::expr_ptr(unsigned)> const& r,
                                        std::function<bound::expr_ptr(unsigned)> const& p, dialect d, base::arena& memory);

}  // namespace grille::rewrite
