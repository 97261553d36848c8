// What is in a database: tables, columns, keys. Immutable once made; share it as `std::shared_ptr<catalog const>`.
// Enters: what `introspect` read. Leaves: lookups by name, by the dialect's rules of case. No data of any row is in it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/function.hpp"
#include "grille/dialect.hpp"

namespace grille::catalog {

/// SQLite's column affinities, https://www.sqlite.org/datatype3.html section 3.1. PostgreSQL columns are `none`.
enum class affinity { none, blob, text, numeric, integer, real };
enum class generated { no, stored, virtual_column };
enum class relation_kind { table, view, virtual_table, materialized_view, foreign_table };
enum class identity { no, by_default, always };
/// Whether few values may be all that a table takes for a column: those that the tables have which it refers to, or fewer, by its type, or by what a check or
/// a trigger refuses, or puts in the place of what is given.
enum class limited { no, referring, few };
/// Of Citus: rows by the value of a column, whole copies on each node, or on the coordinator alone.
enum class distribution { none, by_column, reference, local };

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
  std::string type{};  // PostgreSQL: "schema.name" of the type itself, "pg_catalog.int4", "pg_catalog._text", "public.mood"
  grille::catalog::identity identity{};
  bool counts_up{};  // of an identity: each number is greater than those that were given before, on whichever connection
  bool deterministic{true};  // PostgreSQL: two texts are equal by its collation only if their bytes are
  grille::catalog::limited limited{};
  std::string default_text{};  // PostgreSQL: its default, or its domain's, as the server writes it where it searches its own schema alone; of an identity none
};
/// Columns by index into `table::columns`.
using column_list = std::vector<unsigned>;
struct foreign_key {
  column_list columns;
  std::string target;
  std::vector<std::string> target_columns;  // empty: the target's primary key
  std::string on_delete, on_update;         // upper case, "NO ACTION" if none
  std::string target_schema{};              // PostgreSQL
};
/// PostgreSQL's `exclude` constraint.
struct exclusion {
  std::string name;
  column_list columns;  // that its elements or its condition name
  bool computes{};      // an element is an expression, or is compared otherwise than by being equal
};
/// PostgreSQL: a key that stands in none of a table's lists: deferrable, of some partitions alone, of NULLs that are equal, or by operators that
/// are not the type's own.
struct other_key {
  column_list columns;  // that its elements or its condition name
  bool deferrable{};
  bool computes{};  // as above
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
  std::string definition{};  // a view, empty: it is not told. SQLite: `create view …` as it was written. PostgreSQL: the query, as the server
                             // writes it where it searches its own schema alone
  std::vector<std::string> unique_indexes{};  // those that are no key above, of expressions or of some rows only: `create unique index …`, as the engine has it
  // PostgreSQL:
  std::vector<std::pair<std::string, column_list>> key_names{};  // of those unique keys that are constraints
  std::vector<exclusion> exclusions{};  // those that are not deferrable
  std::vector<other_key> other_keys{};
  std::vector<std::string> parents{};  // "schema.name": what it is a partition of, or inherits from
  bool partition{};
  bool partitioned{};
  bool row_security{};  // the server's own is on
  bool rules{};         // what is written to it may become something else
  bool unlogged{};      // a crash of the server empties it
  bool barrier{};            // a view: the server asks before its own conditions only what it takes for unable to tell of rows, `array[…]` among that
  grille::catalog::distribution distribution{};
  std::optional<unsigned> distribution_column{};
  std::uint32_t oid{};  // which table it is, whatever its name; of one server, so it is not in the fingerprint

  std::optional<unsigned> find(std::string_view column_name) const;  // without ASCII case on SQLite
  bool ignores_case{};                                               // set by the catalog from its dialect
};

enum class type_kind { base, domain, enumeration, composite, range, multirange, pseudo };
/// A type of PostgreSQL's. Types are named by `qualified` here.
struct type {
  std::string schema, name;
  std::string spelled;  // as the server writes it, qualified unless it is its own: "integer", "public.mood[]"
  type_kind kind{};
  std::string element{};                                     // of an array; of a range the subtype
  std::string base{};                                        // of a domain
  std::string declared_base{};                               // the same as declared: "numeric(10,2)"
  bool not_null{};                                           // of a domain
  bool checked{};                                            // of a domain: a cast to it can fail
  bool runs_code{};                                          // of a domain: its check, or that of one below, calls what is not PostgreSQL's own
  std::vector<std::string> labels{};                         // of an enumeration, in its order
  std::vector<std::pair<std::string, std::string>> fields{}; // of a composite: name, type
};
enum class routine_kind { function, aggregate, window, procedure, operation, cast };
enum class volatility { immutable, stable, unstable };
/// A function, operator or cast that is not PostgreSQL's own. A cast has its source as argument and no name.
struct routine {
  routine_kind kind{};
  std::string schema, name;
  std::vector<std::string> arguments{};  // of an operator: left and right, empty where there is none
  std::string result{};
  grille::catalog::volatility volatility{};
  bool leakproof{};
  bool implicit{};  // of a cast: taken without being written, in expressions or in assignments
};
/// What a PostgreSQL server has beside tables.
struct server {
  int version{};                         // 150018
  std::string search_path_setting{};     // as it was for the role that read this
  std::vector<std::string> search_path{};  // what that comes to: the schemas that are there, pg_catalog where it is searched
  std::vector<type> types{};             // of the columns, all the way down, and all that are not PostgreSQL's own
  std::vector<routine> routines{};
  std::vector<std::pair<std::string, std::string>> others{};  // schema, name: no tables, but they have a table's name (indexes, sequences, …)
};

class catalog {
 public:
  /// Tables in any order; throws nothing, duplicates keep the first.
  catalog(dialect d, std::vector<table> tables, std::string version = {}, grille::catalog::server beside = {});

  dialect which() const noexcept { return dialect_; }
  std::span<table const> tables() const noexcept { return tables_; }
  /// `schema` empty: SQLite "main"; PostgreSQL: by the search path, where what is no table stands in the way of one ("public" if no path
  /// is known). Null if it is not there.
  table const* find(std::string_view schema, std::string_view name) const;
  grille::catalog::server const& beside() const noexcept { return server_; }
  /// By `qualified`. Null if it is not known.
  type const* find_type(std::string_view qualified_name) const;
  /// Without a schema: the first of the search path.
  type const* find_type(std::string_view schema, std::string_view name) const;
  /// Changes whenever anything above does: a hash of the content.
  std::string const& fingerprint() const noexcept { return fingerprint_; }
  /// The source's own mark of the schema's state (SQLite: schema_version), may be empty.
  std::string const& version() const noexcept { return version_; }

 private:
  dialect dialect_;
  std::vector<table> tables_;  // ordered by schema, name
  std::string version_;
  grille::catalog::server server_;
  std::string fingerprint_;
};

/// What is not PostgreSQL's own and could be taken for what is: operators, and functions of allowed names, that the search path reaches
/// for arguments of PostgreSQL's own types, and casts between two of these that nobody has to write.
std::vector<routine const*> lookalikes(catalog const& c);
/// Whether some of these are found by the search path: no statement may run under it.
bool path_misleads(catalog const& c);
/// PostgreSQL: whether the operators of a type are the database's own: a base type that is not PostgreSQL's, a domain of one, an array. `find(name)` gives a type, or
/// null; what is not known is not PostgreSQL's.
template <class Find>
bool is_own_type(std::string_view name, Find const& find) {
  for (int i = 0; i < 100; ++i) {  // a domain, an array of which is a domain's base, …
    if (name.empty() || name.starts_with("pg_catalog.")) return false;
    type const* t = find(name);
    if (t == nullptr) return true;
    if (t->kind != type_kind::domain && t->element.empty()) return t->kind == type_kind::base;
    name = t->kind == type_kind::domain ? t->base : t->element;
  }
  return true;
}
/// Tables of `now` that `before` had under the same name and which are others nevertheless: dropped and made anew, or renamed into place.
std::vector<table const*> replaced(catalog const& before, catalog const& now);

/// Whether rows of it are another server's: its own, or those of a table below it. No table is below itself.
bool reads_elsewhere(catalog const& c, table const& t);

/// SQLite's rule for a declared type, section 3.1 of the page above.
affinity affinity_of(std::string_view declared_type);
/// "schema.name", each in quotes where it would not be clear otherwise.
std::string qualified(std::string_view schema, std::string_view name);
/// ASCII-only case-insensitive equality.
bool same_name(std::string_view a, std::string_view b) noexcept;
/// By the dialect's rule: SQLite's without ASCII case, PostgreSQL's exactly, since the grammar has folded what is not quoted.
bool same_name(dialect d, std::string_view a, std::string_view b) noexcept;

}  // namespace grille::catalog
