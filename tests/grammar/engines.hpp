// The engines' own parsers, as oracles. Enters: SQL. Leaves: whether they take it, and what they understand by it.
#pragma once
#include <pg_query.h>
#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grille::oracle {

/// PostgreSQL's parse tree as JSON without the places in the text; nothing if it does not parse.
inline std::optional<std::string> postgresql_tree(std::string const& sql) {
  auto const parsed = pg_query_parse(sql.c_str());
  std::optional<std::string> tree;
  if (!parsed.error) tree = parsed.parse_tree;
  pg_query_free_parse_result(parsed);
  if (!tree) return tree;
  // A key never occurs inside a JSON string: its quotes would be escaped.
  std::string out;
  for (std::size_t i = 0; i < tree->size();) {
    std::size_t key = 0;
    for (std::string_view const k : {"\"location\":", "\"stmt_location\":", "\"stmt_len\":"})
      if (tree->compare(i, k.size(), k) == 0) key = k.size();
    if (key == 0) {
      out += (*tree)[i++];
      continue;
    }
    i += key;
    while ((*tree)[i] == '-' || ((*tree)[i] >= '0' && (*tree)[i] <= '9')) ++i;
    if (out.back() == ',')
      out.pop_back();
    else if ((*tree)[i] == ',')
      ++i;
  }
  return out;
}

/// An SQLite database in memory.
class sqlite_database {
 public:
  struct answer {
    bool prepared{};
    std::string error;
    std::vector<std::string> accesses;  // what the authorizer was asked while preparing
    std::vector<std::string> rows;      // each with its storage classes
    int columns{};
    friend bool operator==(answer const& a, answer const& b) {
      return a.prepared == b.prepared && a.accesses == b.accesses && a.rows == b.rows && a.columns == b.columns;
    }
  };

  sqlite_database() {
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    db_.reset(db);
  }

  bool execute(std::string const& sql) { return sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }

  /// Prepares, and steps to the end if asked to.
  answer ask(std::string const& sql, bool run) {
    answer a;
    sqlite3_set_authorizer(db_.get(), &note_access, &a.accesses);
    sqlite3_stmt* raw = nullptr;
    bool const ok = sqlite3_prepare_v2(db_.get(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr) == SQLITE_OK;
    std::unique_ptr<sqlite3_stmt, statement_deleter> const statement(raw);
    sqlite3_set_authorizer(db_.get(), nullptr, nullptr);
    a.prepared = ok && raw != nullptr;
    if (!a.prepared) {
      a.error = sqlite3_errmsg(db_.get());
      return a;
    }
    a.columns = sqlite3_column_count(raw);
    if (!run) return a;
    while (sqlite3_step(raw) == SQLITE_ROW) {
      std::string row;
      for (int i = 0; i < a.columns; ++i) {
        row += std::to_string(sqlite3_column_type(raw, i)) + ":";
        auto const* text = static_cast<char const*>(sqlite3_column_blob(raw, i));
        if (text) row.append(text, static_cast<std::size_t>(sqlite3_column_bytes(raw, i)));
        row += "|";
      }
      a.rows.push_back(row);
    }
    return a;
  }

 private:
  struct database_deleter {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct statement_deleter {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  static int note_access(void* list, int action, char const* a, char const* b, char const* c, char const* d) {
    auto const text = [](char const* s) { return std::string(s ? s : ""); };
    static_cast<std::vector<std::string>*>(list)->push_back(std::to_string(action) + " " + text(a) + " " + text(b) + " " + text(c) + " " +
                                                            text(d));
    return SQLITE_OK;
  }

  std::unique_ptr<sqlite3, database_deleter> db_;
};

}  // namespace grille::oracle
