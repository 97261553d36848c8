#include "exec/sqlite/shadowing.hpp"

#include <sqlite3.h>

#include "catalog/function.hpp"
#include "exec/sqlite/failures.hpp"
#include "exec/sqlite/statements.hpp"

namespace grille::exec::sqlite {

namespace {

/// `arguments` is -1 for a function of any number.
bool is_in_the_way(std::string_view name, int arguments) {
  return arguments < 0 ? catalog::knows_function(dialect::sqlite, name) : catalog::find_function(dialect::sqlite, name, arguments) != nullptr;
}

}  // namespace

result<std::optional<std::string>> shadowed_function(sqlite3* db) {
  constexpr std::string_view sql = "select name, narg from pragma_function_list where builtin = 0";  // calls nothing that could be shadowed
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), 0, &made, nullptr) != SQLITE_OK) return fail(failure_of(db, sql));
  statement_ptr const statement(made);
  for (;;) {
    auto const code = sqlite3_step(made);
    if (code == SQLITE_DONE) return std::optional<std::string>{};
    if (code != SQLITE_ROW) return fail(failure_of(db, sql));
    auto const* const text = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(made, 0)));
    if (text != nullptr && is_in_the_way(text, sqlite3_column_int(made, 1))) return std::optional<std::string>(text);
  }
}

}  // namespace grille::exec::sqlite
