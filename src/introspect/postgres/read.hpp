// A PostgreSQL server's own description of a database, to a catalogue. Enters: a connection. Leaves: an immutable catalogue.
// Reads the system catalogues only, in one read-only transaction of one snapshot, and never a row of a user's table. What is
// PostgreSQL's own, and temporary tables, are not in it. Types are spelled as the server spells them for a search path of pg_catalog.
#pragma once
#include <optional>
#include <string>

#include "introspect/introspect.hpp"
#include "postgres/backend.hpp"

namespace grille::introspect {

/// In whose transaction it is read: one of its own, or the one that the connection is in, which stays as it is.
enum class reading { alone, within };
/// `search_path`: what unqualified names are looked up by, as it is written in a `set`; nothing: the connection's own.
base::result<catalog_ptr> read_postgres(postgres::backend& on, std::optional<std::string> const& search_path = {}, reading how = reading::alone);
/// What a catalogue's `version` is, of this moment; see postgres/schema_mark.hpp. One statement.
base::result<std::string> postgres_schema_mark(postgres::backend& on);

}  // namespace grille::introspect
