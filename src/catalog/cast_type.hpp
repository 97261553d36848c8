// What a value is cast to, to be as a column of PostgreSQL's would keep it. Enters: a column. Leaves: the type, as bound::cast has it. Without the
// length of a text or of bits: a cast would cut it off, where storing it fails. Of a domain it is the type below: what the domain asks is asked of
// what is stored, as what the table asks is.
#pragma once
#include <string>
#include <string_view>

#include "catalog/catalog.hpp"

namespace grille::catalog {

/// Empty: of no type that can be cast to here.
std::string cast_type(column const& c, catalog const& of);
/// Whether a type is one that no caller casts to, and whose name, with its schema, cast_type may give: no row type, no `reg…`, no domain.
bool is_written_with_schema(type const& t);
/// Whether the server takes a value of one type of its own for a column of another where no cast is written; types as cast_type has them, without
/// what stands in parentheses. Of a type that is not listed here it is not known, and so it is said to.
bool is_assignable(std::string_view from, std::string_view to);

}  // namespace grille::catalog
