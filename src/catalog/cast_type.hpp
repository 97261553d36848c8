// What a value is cast to, to be as a column of PostgreSQL's would keep it. Enters: a column. Leaves: the type, as bound::cast has it. Without the
// length of a text: a cast would cut it off, where storing it fails.
#pragma once
#include <string>

#include "catalog/catalog.hpp"

namespace grille::catalog {

/// Empty: of no type that can be cast to here.
std::string cast_type(column const& c, catalog const& of);

}  // namespace grille::catalog
