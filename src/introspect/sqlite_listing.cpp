// Asks the handle for names and definitions by plain statements. Enters: a handle with a read open. Leaves: lists, in the engine's order.
// A name is internal by the prefix that SQLite keeps for itself.
#include "introspect/sqlite_listing.hpp"

#include <utility>

#include "catalog/catalog.hpp"

namespace grille::introspect {

namespace {

bool internal(std::string_view name) {
  constexpr std::string_view prefix = "sqlite_";  // no other may begin so, https://www.sqlite.org/fileformat2.html section 2.6.1
  return catalog::same_name(name.substr(0, prefix.size()), prefix);
}

listed_kind kind_of(std::string_view type) {
  if (type == "view") return listed_kind::view;
  if (type == "virtual") return listed_kind::virtual_table;
  if (type == "shadow") return listed_kind::shadow;
  return listed_kind::table;
}

}  // namespace

answer<std::vector<listed>> list_tables(sqlite3* db) {
  std::vector<listed> tables;
  auto const read = each_row(db, "pragma main.table_list", [&](statement const& row) {  // schema, name, type, ncol, wr, strict
    listed t{row.text(1), kind_of(row.text(2)), row.integer(4) != 0, row.integer(5) != 0};
    if (!internal(t.name)) tables.push_back(std::move(t));
  });
  if (!read) return tl::unexpected(read.error());
  return tables;
}

answer<std::vector<definition>> list_definitions(sqlite3* db) {
  std::vector<definition> all;
  auto const read = each_row(db, "select type, name, tbl_name, sql from main.sqlite_schema order by rowid", [&](statement const& row) {
    definition d{row.text(0), row.text(1), row.text(2), row.text(3)};
    if (!internal(d.name) && !d.sql.empty()) all.push_back(std::move(d));
  });
  if (!read) return tl::unexpected(read.error());
  return all;
}

}  // namespace grille::introspect
