// SQLite without Grille: what a test's expectation is worked out on. Enters: plain SQL. Leaves: the answer as text, one spelling for
// each value, so that answers of two databases, or of SQLite and of Grille, compare as text. A failure is `raw_error`.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "grille/value.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cases {

struct raw_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An answer. Each cell is spelled as an SQL literal: NULL, 12, 1.5, 'text', x'ab'.
struct answer {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  friend bool operator==(answer const&, answer const&) = default;
};
/// Rows in the order of their text: for answers whose order the statement leaves open.
answer sorted(answer a);
std::string to_text(answer const& a);

std::string spell(std::int64_t i);
std::string spell(double d);
std::string spell_text(std::string_view s);
std::string spell_blob(std::string_view bytes);
/// Exact numerics are spelled as the number SQLite holds: the integer, or the shortest digits of the real.
std::string spell(grille::value const& v);

class raw_database {
 public:
  /// An empty path is a database of its own in memory.
  explicit raw_database(std::filesystem::path const& file = {});
  /// Runs all statements of the text.
  void run(std::string const& sql);
  /// Runs one statement. Parameters are numbered from 1.
  answer query(std::string_view sql, std::vector<grille::value> const& parameters = {});
  /// The rows as values: what an sqllogictest file prints is decided by its own rules.
  std::vector<std::vector<grille::value>> values(std::string_view sql);
  /// Everything in it as text: schema and rows of each table.
  std::string dump();
  sqlite3* native() const { return handle_.get(); }

 private:
  struct close {
    void operator()(sqlite3* db) const;
  };
  struct finish {
    void operator()(sqlite3_stmt* s) const;
  };
  using statement = std::unique_ptr<sqlite3_stmt, finish>;
  statement prepare(std::string_view sql);
  [[noreturn]] void fail(std::string_view sql);

  std::unique_ptr<sqlite3, close> handle_;
};

/// The text of a file; throws where it cannot be read.
std::string read_file(std::filesystem::path const& file);
/// A path for a new temporary file, removed with the object.
class scratch_file {
 public:
  explicit scratch_file(std::string_view stem);
  scratch_file(scratch_file const&) = delete;
  scratch_file& operator=(scratch_file const&) = delete;
  ~scratch_file();
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cases
