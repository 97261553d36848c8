/// @file
/// What a data source holds, for work without a connection. A connected database reads it from its source instead.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "grille/dialect.hpp"
#include "grille/error.hpp"

namespace grille {

namespace catalog {
class catalog;
}
class schema;
namespace postgres {
schema read_schema(std::string const& conninfo);
}

/// Tables, views, columns and keys. Immutable, cheap to copy, safe to share between threads. No row of any table is in it.
class schema {
 public:
  /// From a file of definitions as SQLite reads them (`create table`, `create view`, `create index`), or of what `dump` has written, which
  /// says itself whose it is.
  /// @throws `usage` if the file cannot be read, `syntax` or `unsupported` if its text is neither.
  static schema load(std::filesystem::path const& file);
  /// The same from a text.
  static schema parse(std::string_view text);
  /// As JSON text, for `load`: the same statements are rewritten to the same by what it makes of it.
  /// @throws `unsupported` if a name in it is not UTF-8.
  std::string dump() const;

  /// Whose it is.
  dialect which() const noexcept;
  /// Hexadecimal; differs whenever a table, a column or a key does.
  std::string_view fingerprint() const noexcept;
  /// For Grille's own layers.
  std::shared_ptr<catalog::catalog const> const& tables() const noexcept { return tables_; }

 private:
  friend schema postgres::read_schema(std::string const& conninfo);
  explicit schema(std::shared_ptr<catalog::catalog const> tables) noexcept : tables_(std::move(tables)) {}
  std::shared_ptr<catalog::catalog const> tables_;
};

}  // namespace grille
