// What tells the rows of a table apart. Enters: a table. Leaves: the columns of its key: its primary key, or SQLite's rowid as the column
// behind the last, under a name that no column of the table has taken. The rowid stands in the steps of a write only: nobody's text
// can name it there.
#pragma once
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"

namespace grille::catalog {

/// SQLite's, but for a table without: only there is a column behind the last.
inline bool has_rowid(table const& t) noexcept { return t.ignores_case && !t.without_rowid; }
/// The rowid's place among the columns.
inline unsigned rowid_of(table const& t) noexcept { return static_cast<unsigned>(t.columns.size()); }
/// Whether SQLite takes the name for the rowid's, where no column has it.
bool is_rowid_name(std::string_view name) noexcept;
/// Empty where all its names are columns' (https://www.sqlite.org/lang_createtable.html#rowid).
std::string_view rowid_name(table const& t) noexcept;
/// Of a column, or of the rowid.
std::string_view name_of(table const& t, unsigned column) noexcept;
/// The rowid, or the primary key where there is none. Empty: its rows cannot be told apart by name.
std::vector<unsigned> row_key(table const& t);
/// Whether a value of the column decides what the row's key is.
bool decides_key(table const& t, unsigned column) noexcept;

/// Whether a row has another value than NULL for it that names none.
inline bool has_value_of_its_own(column const& c) noexcept { return c.has_default || !c.default_text.empty() || c.generated != generated::no || c.identity != identity::no; }
/// Whether what it is left to is another value for each row: an identity, a sequence, a random uuid; SQLite's rowid.
bool numbers_itself(table const& t, unsigned column) noexcept;

}  // namespace grille::catalog
