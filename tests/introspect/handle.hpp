// A SQLite handle of the test's own, with what a service may have done to its.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "introspect/introspect.hpp"

namespace grille::introspect {

class handle {
 public:
  explicit handle(std::string const& file = ":memory:") {
    sqlite3* db = nullptr;
    sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    db_.reset(db);
  }
  operator sqlite3*() const { return db_.get(); }  // NOLINT(google-explicit-constructor)

  int try_run(std::string const& sql) { return sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr); }
  handle& run(std::string const& sql) {
    auto const code = try_run(sql);
    EXPECT_EQ(code, SQLITE_OK) << sql << ": " << sqlite3_errmsg(db_.get());
    return *this;
  }
  catalog_ptr read() {
    auto c = read_sqlite(db_.get());
    EXPECT_TRUE(c.has_value()) << (c ? "" : c.error().message);
    return c ? *c : std::make_shared<catalog::catalog const>(dialect::sqlite, std::vector<catalog::table>{});
  }

 private:
  struct closed {
    void operator()(sqlite3* db) const { EXPECT_EQ(sqlite3_close(db), SQLITE_OK) << "a statement was left open"; }
  };
  std::unique_ptr<sqlite3, closed> db_;
};

/// A file that is gone with the test.
class file {
 public:
  explicit file(std::string_view name)
      : path_(std::filesystem::temp_directory_path() / ("grille_" + std::to_string(::getpid()) + "_" + std::string(name))) {
    remove();
  }
  file(file const&) = delete;
  file& operator=(file const&) = delete;
  ~file() { remove(); }
  std::string path() const { return path_.string(); }

 private:
  void remove() const {
    for (auto const* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_.string() + suffix);
  }
  std::filesystem::path path_;
};

}  // namespace grille::introspect
