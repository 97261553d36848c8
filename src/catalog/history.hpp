// The table that keeps what rows of another were. Enters: a table T and the one that is to be its history H. Leaves: the text that makes such
// an H, or what is wrong with it.
// H has each column of T under its name, and those below, which T may not have. Guaranteed of an H that fits: any row of T fits into it just as
// it is stored, as often as it comes; a row that has of T the primary key alone fits too; nothing but a statement on H takes rows out of it.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "catalog/catalog.hpp"

namespace grille::catalog {

namespace history_column {
inline constexpr std::string_view number = "grille_number";  // in the order in which it was recorded
inline constexpr std::string_view at = "grille_at";          // when: SQLite, UTC, as current_timestamp has it; PostgreSQL, of the statement
inline constexpr std::string_view by = "grille_by";          // the caller's id, NULL for nobody
inline constexpr std::string_view behalf = "grille_for";     // on whose behalf, NULL for nobody's
inline constexpr std::string_view policy = "grille_policy";  // name, version and fingerprint
inline constexpr std::string_view method = "grille_method";  // 'update', 'delete': T's columns are those of the row before; 'purge': its key alone
inline constexpr std::array all{number, at, by, behalf, policy, method};
}  // namespace history_column

/// The first thing for which `h` cannot be the history of `t`; empty: it fits.
std::string unfit_history(table const& t, table const& h, catalog const& all);
/// The foreign key, of `t` or a partition of it, by which rows would be changed with those of another table: "(parent) on delete cascade". Empty:
/// there is none.
std::string cascade_into(table const& t, catalog const& all);
/// Why no table could be the history of `t`; empty: one can.
std::string cannot_keep_history(table const& t, catalog const& all);
/// create table PATH (…), where the path is in quotes already.
std::string history_definition(table const& t, std::string_view path);
/// PostgreSQL: whether `t` is a partition of `of`, or inherits from it, however far.
bool descends(table const& t, table const& of, catalog const& all);

}  // namespace grille::catalog
