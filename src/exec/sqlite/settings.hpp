// What a handle is set to while Grille holds it. Enters: a handle. Leaves: the same handle, defensive and bounded.
// Guaranteed: at the end of the object every setting is what it was before.
#pragma once
#include <utility>
#include <vector>

struct sqlite3;

namespace grille::exec::sqlite {

class settings {
 public:
  /// `own`: foreign keys are enforced too; an application's handle is as the application has it.
  settings(sqlite3* db, bool own);
  settings(settings const&) = delete;
  settings& operator=(settings const&) = delete;
  ~settings();

 private:
  sqlite3* db_;
  std::vector<std::pair<int, int>> switches_;  // SQLITE_DBCONFIG_*, the state before
  std::vector<std::pair<int, int>> limits_;    // SQLITE_LIMIT_*, the bound before
};

}  // namespace grille::exec::sqlite
