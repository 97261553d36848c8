// SQLite's own description of its schema "main", to a catalogue. Plain `pragma main.…` statements, not the functions of
// the same names: a table that is called pragma_table_xinfo would stand in for the function. One statement stays open while the
// others run, so that all see one state; no transaction is begun that a busy handle could refuse to end.
// What the engine itself cannot resolve (a view on a missing table, a virtual table of an absent module) is left out: nobody can use it.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "introspect/introspect.hpp"
#include "introspect/sqlite_limited.hpp"
#include "introspect/sqlite_listing.hpp"
#include "introspect/sqlite_scratch.hpp"
#include "introspect/sqlite_statement.hpp"

namespace grille::introspect {

namespace {

using catalog::column_list;
using catalog::relation_kind;
using catalog::table;

std::string on(std::string_view pragma, std::string_view name) { return fmt::format("pragma main.{}({})", pragma, quoted(name)); }

table without_columns(listed const& l) {
  table t;
  t.schema = "main";
  t.name = l.name;
  t.kind = l.kind == listed_kind::view            ? relation_kind::view
           : l.kind == listed_kind::virtual_table ? relation_kind::virtual_table
                                                  : relation_kind::table;
  t.without_rowid = l.without_rowid;
  t.strict = l.strict;
  t.ignores_case = true;
  return t;
}

// https://www.sqlite.org/stricttables.html: a column ANY of a strict table keeps what it is given. Of a view's column that is no
// plain column of a table, nothing is told.
catalog::affinity affinity_in(table const& t, std::string_view declared_type) {
  if (t.strict && catalog::same_name(declared_type, "any")) return catalog::affinity::blob;
  if (t.kind == relation_kind::view && declared_type.empty()) return catalog::affinity::none;
  return catalog::affinity_of(declared_type);
}

answer<std::string> collation_of(sqlite3* db, table const& t, std::string const& column) {
  if (t.kind == relation_kind::view) return {};
  char const* collation = nullptr;
  auto const code =
      sqlite3_table_column_metadata(db, "main", t.name.c_str(), column.c_str(), nullptr, &collation, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(code);
  return collation;
}

// cid, name, type, notnull, dflt_value, pk (from 1), hidden (1: of a virtual table; 2, 3: generated, virtual or stored)
answer<void> read_columns(sqlite3* db, table& t) {
  std::vector<std::pair<std::int64_t, unsigned>> key;
  auto const read = each_row(db, on("table_xinfo", t.name), [&](statement const& row) {
    catalog::column c;
    c.name = row.text(1);
    c.declared_type = row.text(2);
    c.affinity = affinity_in(t, c.declared_type);
    c.not_null = row.integer(3) != 0;
    c.has_default = !row.null(4);
    auto const hidden = row.integer(6);
    c.hidden = hidden == 1;
    c.generated = hidden == 2 ? catalog::generated::virtual_column : hidden == 3 ? catalog::generated::stored : catalog::generated::no;
    if (row.integer(5) > 0) key.emplace_back(row.integer(5), static_cast<unsigned>(t.columns.size()));
    t.columns.push_back(std::move(c));
  });
  if (!read) return read;
  std::ranges::sort(key);
  for (auto const& [position, index] : key) t.primary_key.push_back(index);
  for (auto& c : t.columns) {
    auto collation = collation_of(db, t, c.name);
    if (!collation) return tl::unexpected(collation.error());
    c.collation = *std::move(collation);
  }
  return {};
}

// A key only where the index tells values apart as the columns do: all rows, no expressions, the columns' own collations.
answer<void> read_unique_key(sqlite3* db, table& t, std::string_view index, std::vector<std::string>& others) {
  column_list key;
  bool plain = true;
  auto const read = each_row(db, on("index_xinfo", index), [&](statement const& row) {  // seqno, cid, name, desc, coll, key
    if (row.integer(5) == 0) return;
    auto const cid = row.integer(1);
    if (cid < 0 || static_cast<std::size_t>(cid) >= t.columns.size()) {
      plain = false;
    } else {
      auto const i = static_cast<unsigned>(cid);
      plain = plain && catalog::same_name(row.text(4), t.columns[i].collation);
      key.push_back(i);
    }
  });
  if (!read) return read;
  if (plain)
    t.unique_keys.push_back(std::move(key));
  else
    others.emplace_back(index);
  return {};
}

answer<void> read_unique_keys(sqlite3* db, table& t) {
  std::vector<std::string> indexes, others;
  bool key_has_index = false;
  auto const listed = each_row(db, on("index_list", t.name), [&](statement const& row) {  // seq, name, unique, origin, partial
    key_has_index |= row.text(3) == "pk";
    if (row.integer(2) != 0) (row.integer(4) == 0 ? indexes : others).push_back(row.text(1));
  });
  if (!listed) return listed;
  if (!t.primary_key.empty() && !key_has_index) t.unique_keys.push_back(t.primary_key);  // integer primary key: the rowid itself
  for (auto const& index : indexes)
    if (auto const read = read_unique_key(db, t, index, others); !read) return read;
  if (!others.empty()) {  // as they were written; a constraint's was not
    auto const read = each_row(db, "select name, sql from main.sqlite_schema where type = 'index' and sql is not null", [&](statement const& row) {
      if (std::ranges::find(others, row.text(0)) != others.end()) t.unique_indexes.push_back(row.text(1));
    });
    if (!read) return read;
  }
  std::ranges::sort(t.unique_keys);
  auto const repeated = std::ranges::unique(t.unique_keys);
  t.unique_keys.erase(repeated.begin(), repeated.end());
  return {};
}

// id, seq, table, from, to, on_update, on_delete, match
answer<void> read_foreign_keys(sqlite3* db, table& t) {
  std::int64_t last = -1;
  return each_row(db, on("foreign_key_list", t.name), [&](statement const& row) {
    if (row.integer(0) != last) t.foreign_keys.push_back({{}, row.text(2), {}, row.text(6), row.text(5)});
    last = row.integer(0);
    if (auto const from = t.find(row.text(3))) t.foreign_keys.back().columns.push_back(*from);
    if (!row.null(4)) t.foreign_keys.back().target_columns.push_back(row.text(4));
  });
}

answer<void> read_limits(sqlite3* db, std::vector<table>& tables) {
  for (auto& t : tables)
    for (auto const& k : t.foreign_keys)
      for (auto const c : k.columns) t.columns[c].limited = catalog::limited::referring;
  return each_row(db, "select type, tbl_name, sql from main.sqlite_schema where type in ('table', 'trigger') and sql is not null", [&](statement const& row) {
    auto const name = row.text(1);
    auto const t = std::ranges::find_if(tables, [&](table const& one) { return one.kind == relation_kind::table && catalog::same_name(one.name, name); });
    if (t != tables.end()) (row.text(0) == "table" ? mark_checked : mark_triggered)(*t, row.text(2));
  });
}

answer<void> read_table(sqlite3* db, table& t) {
  if (auto const read = read_columns(db, t); !read) return read;
  if (t.kind != relation_kind::table) return {};
  if (auto const read = read_unique_keys(db, t); !read) return read;
  return read_foreign_keys(db, t);
}

bool quoted_text_allowed(sqlite3* db) {
  int allowed = 1;
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, -1, &allowed);
  return allowed != 0;
}

// Defined anew beside the handle, and there each view is asked for what it reads. A virtual table of a module that only the handle
// has cannot be defined: the views on it are left out.
answer<void> read_views(sqlite3* db, std::vector<listed> const& all, std::vector<table>& tables) {
  auto copy = scratch::open(quoted_text_allowed(db));
  if (!copy) return tl::unexpected(copy.error());
  auto const definitions = list_definitions(db);
  if (!definitions) return tl::unexpected(definitions.error());
  for (auto const& d : *definitions) {
    bool const shadow = std::ranges::any_of(all, [&](listed const& l) { return l.kind == listed_kind::shadow && l.name == d.name; });
    if (d.type != "index" && d.type != "trigger" && !shadow) (void)copy->define(d.sql);
  }
  std::erase_if(tables, [&](table& t) {
    if (t.kind != relation_kind::view) return false;
    auto reads = copy->reads_of(t.name);
    if (!reads) return true;
    t.reads = *std::move(reads);
    auto const text = std::ranges::find_if(*definitions, [&](definition const& d) { return d.type == "view" && d.name == t.name; });
    if (text != definitions->end()) t.definition = text->sql;
    return false;
  });
  return {};
}

answer<std::uint32_t> read_version(sqlite3* db) {
  std::int64_t version = 0;
  auto const read = each_row(db, "pragma main.schema_version", [&](statement const& row) { version = row.integer(0); });
  if (!read) return tl::unexpected(read.error());
  return static_cast<std::uint32_t>(version);
}

answer<catalog_ptr> read(sqlite3* db) {
  auto snapshot = statement::prepare(db, "select count(*) from main.sqlite_schema");
  if (!snapshot) return tl::unexpected(snapshot.error());
  if (auto const begun = snapshot->step(); !begun) return tl::unexpected(begun.error());

  auto const version = read_version(db);
  if (!version) return tl::unexpected(version.error());
  auto const all = list_tables(db);
  if (!all) return tl::unexpected(all.error());

  std::vector<table> tables;
  for (auto const& l : *all) {
    if (l.kind == listed_kind::shadow) continue;
    auto t = without_columns(l);
    auto const done = read_table(db, t);
    bool const unresolved = !done && done.error() == SQLITE_ERROR && l.kind != listed_kind::table;
    if (unresolved) continue;
    if (!done) return tl::unexpected(done.error());
    tables.push_back(std::move(t));
  }
  if (auto const done = read_limits(db, tables); !done) return tl::unexpected(done.error());
  if (std::ranges::any_of(tables, [](table const& t) { return t.kind == relation_kind::view; }))
    if (auto const done = read_views(db, *all, tables); !done) return tl::unexpected(done.error());
  return std::make_shared<catalog::catalog const>(dialect::sqlite, std::move(tables), std::to_string(*version));
}

base::fault no_handle() { return {errc::usage, "no database handle was given"}; }

}  // namespace

base::result<catalog_ptr> read_sqlite(sqlite3* db) {
  if (db == nullptr) return tl::unexpected(no_handle());
  return read(db).map_error(fault_of);
}

base::result<std::uint32_t> sqlite_schema_version(sqlite3* db) {
  if (db == nullptr) return tl::unexpected(no_handle());
  return read_version(db).map_error(fault_of);
}

}  // namespace grille::introspect
