#include "exec/sqlite/settings.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/limits.hpp"

namespace grille::exec::sqlite {

namespace {

struct setting {
  int which;
  int wanted;
};

constexpr std::array switches{
    setting{SQLITE_DBCONFIG_DEFENSIVE, 1},   // no writes to shadow tables or the schema table, no unsafe pragmas
    setting{SQLITE_DBCONFIG_DQS_DML, 0},     // an unknown "x" is an error, not the text 'x'
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

// SQLite 3.40 does not tag its JSON functions, its full-text search and its R-trees as innocuous, which its own documentation takes for safe in a
// schema: with the schema untrusted no table could have a check of `json_valid`, nor a trigger that keeps a search up to date.
constexpr std::string_view what_a_schema_may_harm_by = R"(
select name from pragma_function_list where builtin = 0 and not flags & 0x200000 and name not in (
  'bm25', 'fts3_tokenizer', 'fts5', 'fts5_source_id', 'highlight', 'match', 'matchinfo', 'offsets', 'optimize', 'rtreecheck', 'rtreedepth', 'rtreenode', 'snippet')
union all
select name from pragma_module_list where name not in (
  'bytecode', 'dbstat', 'fts3', 'fts3tokenize', 'fts4', 'fts4aux', 'fts5', 'fts5vocab', 'json_each', 'json_tree', 'rtree', 'rtree_i32', 'sqlite_stmt', 'tables_used')
  and name not like 'pragma\_%' escape '\')";

/// Whether all that a schema could call is SQLite's own. False too if that cannot be told.
bool all_is_sqlites_own(sqlite3* db) {
  sqlite3_stmt* made = nullptr;
  auto const sql = what_a_schema_may_harm_by;
  auto const code = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &made, nullptr);
  bool const own = code == SQLITE_OK && sqlite3_step(made) == SQLITE_DONE;
  sqlite3_finalize(made);
  return own;
}

}  // namespace

settings::settings(sqlite3* db, bool own) : db_(db) {
  auto const set = [&](int which, int wanted) {
    int before = wanted;
    if (sqlite3_db_config(db_, which, -1, &before) != SQLITE_OK || before == wanted) return;  // an engine that was built without it
    if (sqlite3_db_config(db_, which, wanted, nullptr) == SQLITE_OK) switches_.emplace_back(which, before);
  };
  for (auto const& [which, wanted] : switches) set(which, wanted);
  if (!all_is_sqlites_own(db_)) set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);  // what the application has made may do anything
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
