// A live database, or a schema file, to a catalogue. Enters: a handle or a path. Leaves: an immutable catalogue.
// Reads the schema only, never a row of a user's table. Temporary tables, attached databases, internal and shadow tables are
// not in it: they do not exist for anybody behind Grille.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/fault.hpp"
#include "catalog/catalog.hpp"

struct sqlite3;

namespace grille::introspect {

using catalog_ptr = std::shared_ptr<catalog::catalog const>;

/// The schema "main" of an open handle, read in one transaction so that it is of one state.
base::result<catalog_ptr> read_sqlite(sqlite3* db);
/// `pragma main.schema_version`: changes with every change of the schema. One cheap statement.
base::result<std::uint32_t> sqlite_schema_version(sqlite3* db);
/// A file of SQL definitions (`create table`, `create view`, `create index`), executed on an empty in-memory database.
base::result<catalog_ptr> read_sqlite_schema(std::string_view sql);
/// The definitions of `db`'s schema "main" as SQL text that `read_sqlite_schema` accepts (virtual tables left out).
base::result<std::string> dump_sqlite_schema(sqlite3* db);

/// A catalogue as JSON text, of either dialect: for rewriting without a connection. `read_catalog` makes an equal one of it.
base::result<std::string> write_catalog(catalog::catalog const& c);
base::result<catalog_ptr> read_catalog(std::string_view text);
/// Whether a text is meant as one, and not as definitions: it begins with a brace, which no definition does.
bool is_catalog(std::string_view text);

}  // namespace grille::introspect
