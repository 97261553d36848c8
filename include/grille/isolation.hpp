/// @file
/// How apart transactions are from one another.
#pragma once

namespace grille {

/// SQLite's are `serializable` whatever is asked for. PostgreSQL's `standard` is what the server is set to, `read committed` unless it says otherwise
/// (https://www.postgresql.org/docs/15/transaction-iso.html).
enum class isolation { standard, repeatable_read, serializable };

}  // namespace grille
