#include "exec/sqlite/failures.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace grille::exec::sqlite {

namespace {

failure sorted(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {.kind = errc::unavailable, .message = "the database is busy", .retryable = true};
    case SQLITE_SCHEMA: return {.kind = errc::unavailable, .message = "the schema of the database is changing", .retryable = true};
    case SQLITE_INTERRUPT: return {.kind = errc::unavailable, .message = "the statement was interrupted"};
    case SQLITE_CANTOPEN: return {.kind = errc::unavailable, .message = "the database cannot be opened"};
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
    case SQLITE_FULL:
    case SQLITE_PERM: return {.kind = errc::unavailable, .message = "the database cannot be read"};
    case SQLITE_TOOBIG: return {.kind = errc::limit, .message = "a value or the statement is too big for the database"};
    case SQLITE_NOMEM: return {.kind = errc::limit, .message = "the database ran out of memory"};
    case SQLITE_READONLY:
      return {.kind = errc::unavailable, .message = "the database cannot be written to"};
    case SQLITE_MISMATCH:
      return {.kind = errc::type, .message = "a value is not of the type of its column"};
    case SQLITE_CONSTRAINT:
      // what a value may be, as against what else is there
      if (code == SQLITE_CONSTRAINT_CHECK || code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_DATATYPE)
        return {.kind = errc::check_failed, .message = "a constraint of the table does not allow a row as it would be"};
      return {.kind = errc::conflict, .message = "a constraint of the database stands in the way"};
    case SQLITE_AUTH: return {.kind = errc::unsupported, .message = "the check at execution refused the statement"};
    default: return {.kind = errc::backend, .message = "the database could not run the statement"};
  }
}

}  // namespace

failure failure_of(sqlite3* db, std::string_view sql) {
  auto const code = sqlite3_extended_errcode(db);
  auto f = sorted(code);
  std::string_view const told = sqlite3_errmsg(db);
  // what its parser cannot hold has no code of its own: https://www.sqlite.org/limits.html, items 3 and 5
  if (code == SQLITE_ERROR && (told.starts_with("parser stack overflow") || told.starts_with("Expression tree is too large")))
    f = {.kind = errc::limit, .message = "the statement nests deeper than the database takes"};
  // nor has what a function or an operator does not take: https://www.sqlite.org/lang_corefunc.html, https://www.sqlite.org/json1.html
  for (auto const* of_a_value : {"integer overflow", "malformed JSON", "JSON ", "bad JSON path", "ESCAPE expression must be a single character"})
    if (code == SQLITE_ERROR && told.starts_with(of_a_value)) f = {.kind = errc::type, .message = "a value does not fit what is done with it"};
  if (code == SQLITE_ERROR && told.starts_with("ON CONFLICT clause does not match"))
    f = {.kind = errc::syntax, .message = "the database takes it for no statement by its conflict target"};
  f.detail = fmt::format("{} (SQLite code {}) in: {}", told, code, sql);
  return f;
}

failure failure_of(int code, std::string_view doing) {
  auto f = sorted(code);
  f.detail = fmt::format("{} (SQLite code {}) on {}", sqlite3_errstr(code), code, doing);
  return f;
}

}  // namespace grille::exec::sqlite
