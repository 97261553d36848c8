// Temporary tables between the steps of a write. Enters: how each column keeps values. Leaves: a table to bind against and, on SQLite, the
// text that makes it. Its columns are c1, c2, …. On SQLite its name is made of all that it is, so that one name is one table; on
// PostgreSQL it is a common table of the one statement that the steps are put together to, and is named without a schema.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"

namespace grille::catalog {

struct scratch_column {
  grille::catalog::affinity affinity{};  // `none`: what is stored is what was computed
  std::string collation{};               // empty: none of its own
  std::string type{};                    // PostgreSQL: as of a table's column; empty: that of what was computed
  friend bool operator==(scratch_column const&, scratch_column const&) = default;
};
struct scratch_layout {
  std::string purpose;  // a plain word
  std::vector<scratch_column> columns;
  friend bool operator==(scratch_layout const&, scratch_layout const&) = default;
};

/// "name", whatever is in it.
std::string quoted(std::string_view name);
/// A copy of a column of `t`, or of its rowid: it compares as that does.
scratch_column like(table const& t, unsigned column);
table scratch_table(scratch_layout const& l);
/// PostgreSQL: grille_PURPOSE (c1, …).
table rows_table(scratch_layout const& l);
/// PostgreSQL: grille_PURPOSE, whose columns are those of `t`: rows that were written to it, as they are stored, or were before they were
/// deleted; behind them so many of the key that a row had before, under names that no column has.
table written_rows(table const& t, std::string const& purpose = "written", std::size_t keys = 0);
/// create table "temp"."grille_…" (…)
std::string definition_of(scratch_layout const& l);

}  // namespace grille::catalog
