// What a view is made of. Enters: a catalogue, in which each view has its text. Leaves: the query's tree, read by the grammar and bound against
// everything that exists. It is never printed: `policy`, and on PostgreSQL `rewrite` and `verify`, look, each by itself, at what in it can
// fail. A view that is not here was not understood, and whoever asks takes all of it for what can fail.
#pragma once
#include <map>

#include "base/arena.hpp"
#include "bound/tree.hpp"
#include "catalog/catalog.hpp"

namespace grille::views {

/// Not to be changed by anyone: one tree for all threads.
using trees = std::map<catalog::table const*, bound::statement*>;

/// The trees live in `memory`.
trees read(catalog::catalog const& c, base::arena& memory);

/// A plain select, of which each row is of one row of what it reads and is computed of it alone: so its items are computed where they are asked
/// for, if at all, while those of another are, row by row.
bool is_by_row(bound::query const& q);

}  // namespace grille::views
