// What is in a database: tables, columns, keys. Immutable once made; share it as `std::shared_ptr<catalog const>`.
// Enters: what `introspect` read. Leaves: lookups by name, by the dialect's rules of case. No data of any row is in it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/function.hpp"
#include "grille/dialect.hpp"

namespace grille::catalog {

/// SQLite's column affinities, https://www.sqlite.org/datatype3.html section 3.1. PostgreSQL columns are `none`.
enum class affinity { none, blob, text, numeric, integer, real };
enum class generated { no, stored, virtual_column };
enum class relation_kind { table, view, virtual_table };

struct column {
  std::string name;
  std::string declared_type{};  // as declared, may be empty on SQLite
  // Spelled out: public headers declare the class `catalog` before this. `none` is what SQLite does not tell: a view's computed column.
  grille::catalog::affinity affinity{};
  std::string collation{};  // SQLite: BINARY, NOCASE, RTRIM or an application's own; a view's is empty: not told
  bool not_null{};
  bool has_default{};
  grille::catalog::generated generated{};
  bool hidden{};  // a virtual table's hidden column: never in `*`, refused unless listed by a grant
};
/// Columns by index into `table::columns`.
using column_list = std::vector<unsigned>;
struct foreign_key {
  column_list columns;
  std::string target;
  std::vector<std::string> target_columns;  // empty: the target's primary key
  std::string on_delete, on_update;         // upper case, "NO ACTION" if none
};
struct table {
  std::string schema;  // SQLite: "main"
  std::string name;
  relation_kind kind{};
  bool without_rowid{};
  bool strict{};
  std::vector<column> columns;
  column_list primary_key;
  std::vector<column_list> unique_keys;  // of whole, unconditional unique indexes by the columns' own collations; SQLite lets NULLs repeat
  std::vector<foreign_key> foreign_keys;
  std::vector<std::string> reads;  // a view: the tables and views it reads, "schema.name"; for the authorizer

  std::optional<unsigned> find(std::string_view column_name) const;  // without ASCII case on SQLite
  bool ignores_case{};                                               // set by the catalog from its dialect
};

class catalog {
 public:
  /// Tables in any order; throws nothing, duplicates keep the first.
  catalog(dialect d, std::vector<table> tables, std::string version = {});

  dialect which() const noexcept { return dialect_; }
  std::span<table const> tables() const noexcept { return tables_; }
  /// `schema` empty: the default schema (SQLite "main", PostgreSQL "public"). Null if it is not there.
  table const* find(std::string_view schema, std::string_view name) const;
  /// Changes whenever anything above does: a hash of the content.
  std::string const& fingerprint() const noexcept { return fingerprint_; }
  /// The source's own mark of the schema's state (SQLite: schema_version), may be empty.
  std::string const& version() const noexcept { return version_; }

 private:
  dialect dialect_;
  std::vector<table> tables_;  // ordered by schema, name
  std::string version_;
  std::string fingerprint_;
};

/// SQLite's rule for a declared type, section 3.1 of the page above.
affinity affinity_of(std::string_view declared_type);
/// ASCII-only case-insensitive equality.
bool same_name(std::string_view a, std::string_view b) noexcept;

}  // namespace grille::catalog
