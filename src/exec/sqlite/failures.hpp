// SQLite's codes to failures. Enters: a handle after a call that failed. Leaves: a failure; no text of SQLite's is in its message.
#pragma once
#include <string_view>

#include "exec/failure.hpp"

struct sqlite3;

namespace grille::exec::sqlite {

/// By the handle's last error, https://www.sqlite.org/rescode.html; `sql` goes to the detail.
failure failure_of(sqlite3* db, std::string_view sql);
/// By a code alone, where there is no handle.
failure failure_of(int code, std::string_view doing);

}  // namespace grille::exec::sqlite
