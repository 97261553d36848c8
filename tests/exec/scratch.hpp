// A database file that is gone with the test, and SQLite without Grille to look at it.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace scratch {

/// A handle of the application's own.
class handle {
 public:
  explicit handle(std::filesystem::path const& path) {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr), SQLITE_OK);
  }
  handle(handle const&) = delete;
  handle& operator=(handle const&) = delete;
  ~handle() { EXPECT_EQ(sqlite3_close(db_), SQLITE_OK) << "a statement was left on it"; }
  operator sqlite3*() const { return db_; }  // NOLINT(google-explicit-constructor)

  int run(std::string const& sql) const { return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); }
  void must(std::string const& sql) const { EXPECT_EQ(run(sql), SQLITE_OK) << sqlite3_errmsg(db_) << " in " << sql; }
  std::string ask(std::string const& sql) const {
    sqlite3_stmt* s = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    std::string out = "no row";
    if (sqlite3_step(s) == SQLITE_ROW) {
      auto const* const text = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(s, 0)));
      out = text == nullptr ? "null" : text;
    }
    sqlite3_finalize(s);
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
};

/// A path in a folder of its own.
class file {
 public:
  file() {
    static std::atomic<int> number = 0;
    folder_ = std::filesystem::temp_directory_path() / ("grille-" + std::to_string(getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(folder_);
  }
  file(file const&) = delete;
  file& operator=(file const&) = delete;
  ~file() { std::filesystem::remove_all(folder_); }
  std::filesystem::path path() const { return folder_ / "data.db"; }
  std::filesystem::path folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace scratch
