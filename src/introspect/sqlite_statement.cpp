// The one place of this folder that prepares and steps. Enters: SQL of our own. Leaves: rows, or a fault without any name in it:
// sqlite3_errmsg would tell of hidden tables, sqlite3_errstr tells of the code alone.
#include "introspect/sqlite_statement.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <limits>

namespace grille::introspect {

void statement::finalized::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }

answer<statement> statement::prepare(sqlite3* db, std::string_view sql, std::size_t* used) {
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return tl::unexpected(SQLITE_TOOBIG);
  sqlite3_stmt* s = nullptr;
  char const* tail = nullptr;
  auto const code = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &s, &tail);
  statement made(s);
  if (code != SQLITE_OK) return tl::unexpected(code);
  if (used != nullptr) *used = static_cast<std::size_t>(tail - sql.data());
  return made;
}

answer<bool> statement::step() {
  auto const code = sqlite3_step(native_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected(code);
}

std::string statement::text(int column) const {
  auto const* bytes = sqlite3_column_blob(native_.get(), column);  // what is not UTF-8 stays as it is
  auto const size = sqlite3_column_bytes(native_.get(), column);
  return bytes == nullptr ? std::string() : std::string(static_cast<char const*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t statement::integer(int column) const { return sqlite3_column_int64(native_.get(), column); }
bool statement::null(int column) const { return sqlite3_column_type(native_.get(), column) == SQLITE_NULL; }

base::fault fault_of(int code) {
  switch (code & 0xFF) {  // the primary code
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
    case SQLITE_CANTOPEN:
      return {errc::unavailable, fmt::format("the schema cannot be read now: {}", sqlite3_errstr(code))};
    default:
      return {errc::backend, fmt::format("the schema cannot be read: {}", sqlite3_errstr(code))};
  }
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (char const c : name) out.append(c == '"' ? 2 : 1, c);
  return out += '"';
}

}  // namespace grille::introspect
