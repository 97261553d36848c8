#include "exec/sqlite/settings.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "base/limits.hpp"

namespace grille::exec::sqlite {

namespace {

struct setting {
  int which;
  int wanted;
};

constexpr std::array switches{
    setting{SQLITE_DBCONFIG_DEFENSIVE, 1},  // no writes to shadow tables or the schema table, no unsafe pragmas
    setting{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},  // views and generated columns call no function with side effects
    setting{SQLITE_DBCONFIG_DQS_DML, 0},         // an unknown "x" is an error, not the text 'x'
    setting{SQLITE_DBCONFIG_DQS_DDL, 0},
    setting{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    setting{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
};

constexpr int longest_value = 256'000'000;  // bytes of one value or row; format() and its like reach SQLite's own 1 GB otherwise

constexpr std::array limits{
    setting{SQLITE_LIMIT_ATTACHED, 0},
    setting{SQLITE_LIMIT_LENGTH, longest_value},
    setting{SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(base::limits::output_bytes)},
    setting{SQLITE_LIMIT_WORKER_THREADS, 0},
};

}  // namespace

settings::settings(sqlite3* db, bool own) : db_(db) {
  auto const set = [&](int which, int wanted) {
    int before = wanted;
    if (sqlite3_db_config(db_, which, -1, &before) != SQLITE_OK || before == wanted) return;  // an engine that was built without it
    if (sqlite3_db_config(db_, which, wanted, nullptr) == SQLITE_OK) switches_.emplace_back(which, before);
  };
  for (auto const& [which, wanted] : switches) set(which, wanted);
  if (own) set(SQLITE_DBCONFIG_ENABLE_FKEY, 1);
  for (auto const& [which, wanted] : limits) {
    auto const before = sqlite3_limit(db_, which, -1);
    if (before <= wanted) continue;
    sqlite3_limit(db_, which, wanted);
    limits_.emplace_back(which, before);
  }
}

settings::~settings() {
  for (auto const& [which, before] : limits_) sqlite3_limit(db_, which, before);
  for (auto const& [which, before] : switches_) sqlite3_db_config(db_, which, before, nullptr);
}

}  // namespace grille::exec::sqlite
