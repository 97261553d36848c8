// By what a row can stand in another's way other than by a whole key: unique indexes of expressions, or of some rows only. Enters: a catalogue, in
// which each has the text that made it. Leaves: their elements and conditions, bound against everything that exists. What is not here was not
// understood (an operator class, a function that is not listed, `nulls not distinct`), and no statement can name it.
#pragma once
#include <map>
#include <vector>

#include "base/arena.hpp"
#include "bound/write.hpp"
#include "catalog/catalog.hpp"

namespace grille::views {

/// Not to be changed by anyone: one for all threads.
using unique_indexes = std::map<catalog::table const*, std::vector<bound::unique_index>>;

/// The trees live in `memory`.
unique_indexes read_unique_indexes(catalog::catalog const& c, base::arena& memory);

}  // namespace grille::views
