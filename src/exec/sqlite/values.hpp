// Values into parameters and out of columns. Enters: a prepared statement. Leaves: the same value on the other side, or a failure.
// SQLite has no exact decimals: a `numeric` is bound as SQLite would read its digits in a statement's text, and refused where that
// would not keep them. Text may hold NUL and, when read, bytes that are not UTF-8.
#pragma once
#include <vector>

#include "exec/failure.hpp"
#include "grille/value.hpp"

struct sqlite3_stmt;

namespace grille::exec::sqlite {

/// `v` must stay where it is until the statement is reset and its bindings are cleared: text and blobs are not copied.
result<void> bind(sqlite3_stmt* s, int position, value const& v);
/// The cells of the current row, behind what is there.
result<void> read(sqlite3_stmt* s, std::vector<value>& to);

}  // namespace grille::exec::sqlite
