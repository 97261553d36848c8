#include "govern/example_store.hpp"

#include <sqlite3.h>

#include "grille/error.hpp"
#include "print/print.hpp"

namespace grille::govern {

namespace {

[[noreturn]] void fail(sqlite3* db, std::string const& what) {
  raise({.kind = errc::usage, .message = what + ": " + (db == nullptr ? "out of memory" : sqlite3_errmsg(db))});
}

std::string quoted(std::string_view name) { return print::quote(name, dialect::sqlite); }

std::string_view zero_of(catalog::affinity a) {
  switch (a) {
    case catalog::affinity::text: return "''";
    case catalog::affinity::none:
    case catalog::affinity::blob: return "x''";
    case catalog::affinity::numeric:
    case catalog::affinity::integer:
    case catalog::affinity::real: return "0";
  }
  return "0";
}

std::string definition(catalog::table const& t) {
  std::string out = "create table " + quoted(t.name) + " (";
  for (auto const& c : t.columns) {
    if (&c != &t.columns.front()) out += ", ";
    out += quoted(c.name) + " " + c.declared_type;
    if (!c.collation.empty() && !catalog::same_name(c.collation, "BINARY")) out += " collate " + quoted(c.collation);
    if (c.not_null) out += " not null default " + std::string(zero_of(c.affinity));
  }
  if (!t.primary_key.empty()) {
    out += ", primary key (";
    for (auto const column : t.primary_key) out += (column == t.primary_key.front() ? "" : ", ") + quoted(t.columns[column].name);
    out += ")";
  }
  out += ")";
  if (t.strict) out += " strict";
  if (t.without_rowid) out += t.strict ? ", without rowid" : " without rowid";
  return out;
}

}  // namespace

void example_store::closer::operator()(sqlite3* db) const { sqlite3_close(db); }

example_store::example_store(catalog::catalog const& c) {
  sqlite3* db = nullptr;
  int const opened = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, nullptr);
  handle_.reset(db);
  if (opened != SQLITE_OK) fail(db, "no database in memory");
  for (auto const& t : c.tables()) run(definition(t));
}

void example_store::run(std::string const& sql) const {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle(), "the examples cannot be set up");
}

void example_store::insert(ast::given_sentence const& g) {
  std::string sql = "insert into " + quoted(g.table.back().text) + " (";
  for (std::size_t i = 0; i < g.columns.size(); ++i) sql += (i > 0 ? ", " : "") + quoted(g.columns[i].text);
  sql += ") values ";
  for (std::size_t r = 0; r < g.rows.size(); ++r) {
    sql += r > 0 ? ", (" : "(";
    for (std::size_t i = 0; i < g.rows[r].size(); ++i) sql += (i > 0 ? ", " : "") + print::print(*g.rows[r][i], dialect::sqlite);
    sql += ")";
  }
  run(sql);
}

std::vector<value> example_store::column_of(std::string const& sql) const {
  sqlite3_stmt* raw = nullptr;
  int const prepared = sqlite3_prepare_v2(handle(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
  std::unique_ptr<sqlite3_stmt, decltype([](sqlite3_stmt* s) { sqlite3_finalize(s); })> const statement(raw);
  if (prepared != SQLITE_OK || raw == nullptr) fail(handle(), "not a statement over the given rows");
  std::vector<value> out;
  int step = 0;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
    auto const bytes_of = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(raw, 0)); };
    switch (sqlite3_column_type(raw, 0)) {
      case SQLITE_NULL: out.emplace_back(); break;
      case SQLITE_INTEGER: out.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(raw, 0))); break;
      case SQLITE_FLOAT: out.emplace_back(sqlite3_column_double(raw, 0)); break;
      case SQLITE_BLOB: {
        auto const* at = static_cast<std::byte const*>(sqlite3_column_blob(raw, 0));
        out.emplace_back(at == nullptr ? bytes{} : bytes(at, at + bytes_of()));
        break;
      }
      default: {
        auto const* at = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(raw, 0)));
        out.emplace_back(std::string(at, bytes_of()));
      }
    }
  }
  if (step != SQLITE_DONE) fail(handle(), "not a statement over the given rows");
  return out;
}

}  // namespace grille::govern
