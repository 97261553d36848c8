// What tells the rows of a SQLite table apart. Enters: a table. Leaves: the columns of its key, the rowid among them as the column
// behind the last, under a name that no column of the table has taken. The rowid stands in the steps of a write only: nobody's text
// can name it there.
#pragma once
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"

namespace grille::catalog {

/// The rowid's place among the columns.
inline unsigned rowid_of(table const& t) noexcept { return static_cast<unsigned>(t.columns.size()); }
/// Empty where all its names are columns' (https://www.sqlite.org/lang_createtable.html#rowid).
std::string_view rowid_name(table const& t) noexcept;
/// Of a column, or of the rowid.
std::string_view name_of(table const& t, unsigned column) noexcept;
/// The rowid, or the primary key of a table without one. Empty: its rows cannot be told apart by name.
std::vector<unsigned> row_key(table const& t);
/// Whether a value of the column decides what the row's key is.
bool decides_key(table const& t, unsigned column) noexcept;

}  // namespace grille::catalog
