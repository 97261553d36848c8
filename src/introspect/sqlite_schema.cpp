// Definitions as SQL text, in and out. What goes out of one database comes into an empty one as the same catalogue, but for virtual tables.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "base/limits.hpp"
#include "catalog/catalog.hpp"
#include "introspect/introspect.hpp"
#include "introspect/sqlite_listing.hpp"
#include "introspect/sqlite_scratch.hpp"
#include "introspect/sqlite_statement.hpp"

namespace grille::introspect {

namespace {

base::result<void> define_all(scratch& database, std::string_view sql) {
  for (std::size_t at = 0; at < sql.size();) {
    auto const used = database.define(sql.substr(at));
    if (!used) {
      auto fault = used.error();
      fault.at.begin += static_cast<std::uint32_t>(at);
      fault.at.end += static_cast<std::uint32_t>(at);
      return tl::unexpected(std::move(fault));
    }
    at += *used;
  }
  return {};
}

// A definition may end in a comment that swallows a semicolon.
base::result<std::string> ended(std::string const& sql) {
  for (auto const* end : {";", "\n;", "*/;"})
    if (auto text = sql + end; sqlite3_complete(text.c_str()) != 0) return text + "\n";
  return base::fail(errc::unsupported, "a definition of the schema does not end");
}

}  // namespace

base::result<catalog_ptr> read_sqlite_schema(std::string_view sql) {
  if (sql.size() > base::limits::policy_bytes)
    return base::fail(errc::limit, fmt::format("the schema has more than {} bytes", base::limits::policy_bytes));
  if (auto const zero = sql.find('\0'); zero != sql.npos)
    return base::fail(errc::syntax, "the schema holds a zero byte",
                      {static_cast<std::uint32_t>(zero), static_cast<std::uint32_t>(zero + 1)});
  auto database = scratch::open();
  if (!database) return tl::unexpected(fault_of(database.error()));
  if (auto defined = define_all(*database, sql); !defined) return tl::unexpected(std::move(defined.error()));

  auto const tables = list_tables(database->native());
  if (!tables) return tl::unexpected(fault_of(tables.error()));
  for (auto const& t : *tables)
    if (t.kind == listed_kind::view) (void)database->reads_of(t.name);  // stubs for the functions that only views call
  return read_sqlite(database->native());
}

base::result<std::string> dump_sqlite_schema(sqlite3* db) {
  if (db == nullptr) return base::fail(errc::usage, "no database handle was given");
  auto const tables = list_tables(db);
  if (!tables) return tl::unexpected(fault_of(tables.error()));
  auto const definitions = list_definitions(db);
  if (!definitions) return tl::unexpected(fault_of(definitions.error()));
  auto const kept = [&](definition const& d) {
    auto const l = std::ranges::find_if(*tables, [&](listed const& t) { return catalog::same_name(t.name, d.table); });
    return l != tables->end() && l->kind != listed_kind::virtual_table && l->kind != listed_kind::shadow;
  };
  std::string text;
  for (auto const& d : *definitions) {
    if (!kept(d)) continue;
    auto one = ended(d.sql);
    if (!one) return one;
    text += *one;
  }
  return text;
}

}  // namespace grille::introspect
