// What a row has in a column of which nothing is said, on PostgreSQL. Enters: a catalogue, in which each column has the server's own text of it.
// Leaves: its tree, whose functions, operators and types are named with their schemas, so that it says the same wherever it is printed. It is an
// expression of the schema's own: it is never bound, and nobody's rights are asked for it. What is not here was not understood.
#pragma once
#include <map>
#include <utility>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "catalog/catalog.hpp"

namespace grille::views {

/// By table, and by column of it. Not to be changed by anyone.
using default_values = std::map<std::pair<catalog::table const*, unsigned>, ast::expr const*>;

/// The trees live in `memory`. Of an identity, or of a column without a default, there is none.
default_values read_defaults(catalog::catalog const& c, base::arena& memory);

}  // namespace grille::views
