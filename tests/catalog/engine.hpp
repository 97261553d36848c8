// A live SQLite in memory, as the second opinion on what the allow-list claims.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grille::catalog {

struct null {};
using argument = std::variant<null, std::int64_t, double, std::string, std::vector<unsigned char>>;

class engine {
 public:
  engine() {
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    db_.reset(db);
  }

  /// Prepared anew unless it is the text of the last call. Empty if all went well, else the engine's message.
  std::string prepare(std::string_view sql) {
    sqlite3_stmt* s = nullptr;
    auto const rc = sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &s, nullptr);
    statement_.reset(s);
    return rc == SQLITE_OK ? "" : sqlite3_errmsg(db_.get());
  }
  void bind(int i, argument const& a) {
    auto* s = statement_.get();
    if (auto const* n = std::get_if<std::int64_t>(&a)) {
      sqlite3_bind_int64(s, i, *n);
    } else if (auto const* d = std::get_if<double>(&a)) {
      sqlite3_bind_double(s, i, *d);
    } else if (auto const* t = std::get_if<std::string>(&a)) {
      sqlite3_bind_text(s, i, t->data(), static_cast<int>(t->size()), nullptr);
    } else if (auto const* b = std::get_if<std::vector<unsigned char>>(&a)) {
      sqlite3_bind_blob(s, i, b->empty() ? static_cast<void const*>("") : b->data(), static_cast<int>(b->size()), nullptr);
    } else {
      sqlite3_bind_null(s, i);
    }
  }
  /// All rows, the first column of each as text. The statement can be bound and stepped again.
  std::string step(std::vector<std::string>* rows = nullptr) {
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(statement_.get())) == SQLITE_ROW) {
      auto const* text = sqlite3_column_text(statement_.get(), 0);
      if (rows != nullptr) rows->emplace_back(text == nullptr ? "" : reinterpret_cast<char const*>(text));
    }
    std::string const message = rc == SQLITE_DONE ? "" : sqlite3_errmsg(db_.get());
    sqlite3_reset(statement_.get());
    return message;
  }
  std::string run(std::string_view sql) {
    auto message = prepare(sql);
    return message.empty() ? step() : message;
  }
  std::vector<std::string> rows(std::string_view sql) {
    std::vector<std::string> all;
    if (auto const message = prepare(sql); !message.empty()) return {message};
    if (auto const message = step(&all); !message.empty()) return {message};
    return all;
  }
  void limit_length(int bytes) { sqlite3_limit(db_.get(), SQLITE_LIMIT_LENGTH, bytes); }

 private:
  struct closed {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3, closed> db_;
  std::unique_ptr<sqlite3_stmt, closed> statement_;
};

}  // namespace grille::catalog
