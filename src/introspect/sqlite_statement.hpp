// A prepared statement on a borrowed handle, finalized with its scope. Enters: SQL of our own. Leaves: rows, or SQLite's
// result code: inside of this folder it is the code that decides, outside a fault whose text names no object.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/fault.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace grille::introspect {

template <class T>
using answer = tl::expected<T, int>;

class statement {
 public:
  /// The first statement of `sql`; `used`, if given, gets its length.
  static answer<statement> prepare(sqlite3* db, std::string_view sql, std::size_t* used = nullptr);

  /// False after the last row.
  answer<bool> step();
  std::string text(int column) const;  // empty for NULL
  std::int64_t integer(int column) const;
  bool null(int column) const;

 private:
  struct finalized {
    void operator()(sqlite3_stmt* s) const;
  };
  explicit statement(sqlite3_stmt* s) : native_(s) {}
  std::unique_ptr<sqlite3_stmt, finalized> native_;
};

/// Calls `visit(statement const&)` for each row.
template <class F>
answer<void> each_row(sqlite3* db, std::string_view sql, F visit) {
  auto s = statement::prepare(db, sql);
  if (!s) return tl::unexpected(s.error());
  for (;;) {
    auto const row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    visit(*s);
  }
}

/// `unavailable` where another try may succeed, else `backend`. The text is SQLite's own for the code, never that of the handle.
base::fault fault_of(int code);
/// As an identifier in SQL.
std::string quoted(std::string_view name);

}  // namespace grille::introspect
