// What the schema "main" of a handle holds, by name: SQLite's list of tables, and the texts of the definitions. Internal tables
// (sqlite_…) are in neither.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "introspect/sqlite_statement.hpp"

namespace grille::introspect {

enum class listed_kind { table, view, virtual_table, shadow };
struct listed {
  std::string name;
  listed_kind kind{};
  bool without_rowid{};
  bool strict{};
};
struct definition {
  std::string type;  // table (virtual ones too), view, index, trigger
  std::string name;
  std::string table;
  std::string sql;
};

answer<std::vector<listed>> list_tables(sqlite3* db);
/// In the order in which they were made.
answer<std::vector<definition>> list_definitions(sqlite3* db);

}  // namespace grille::introspect
