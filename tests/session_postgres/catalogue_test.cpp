// A catalogue that went through a file stands for its database: every statement is rewritten to the same text and parameters, or refused in
// the same words, as on the live one.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "grille/grille.hpp"
#include "postgres/server.hpp"
#include "session_postgres/bookstore.hpp"
#include "session_postgres/shown.hpp"

namespace {

using grille::dialect;

struct answer {
  bool rewritten{};
  std::string text;
};

answer rewriting(grille::database const& by, cases::caller const& who, bookstore::sent const& s) {
  auto const caller = bookstore::principal_of(who);
  try {
    auto const r = by.rewrite(caller, s.sql, s.parameters);
    std::string out = r.sql;
    for (auto const& v : r.parameters) out += "\n-- " + shown::text(v);
    for (auto const& c : r.columns) out += "\n-- " + c.name + " " + c.type;
    return {true, out};
  } catch (grille::error const& e) {
    return {false, std::string(to_string(e.kind())) + ": " + e.what()};
  }
}

/// How many statements were rewritten, and not refused by both.
int compare(grille::database const& live, grille::database const& standing, std::vector<cases::caller> const& callers, std::vector<bookstore::sent> const& statements) {
  EXPECT_EQ(standing.fingerprint(), live.fingerprint());
  int rewritten = 0;
  for (auto const& s : statements)
    for (auto const& who : callers) {
      auto const expected = rewriting(live, who, s);
      EXPECT_EQ(rewriting(standing, who, s).text, expected.text) << s.sql << "\nas " << who.name;
      rewritten += expected.rewritten ? 1 : 0;
    }
  return rewritten;
}

TEST(catalogue, stands_for_a_postgresql_database) {
  testing_postgres::database db;
  db.run(bookstore::definitions(dialect::postgresql));
  auto const text = grille::postgres::read_schema(db.conninfo()).dump();
  auto const loaded = grille::schema::parse(text);
  EXPECT_EQ(loaded.which(), dialect::postgresql);
  EXPECT_EQ(loaded.dump(), text);
  auto const policies = bookstore::policies(dialect::postgresql);
  EXPECT_GT(compare(grille::postgres::database(db.conninfo(), policies), grille::database(loaded, policies), bookstore::callers(), bookstore::statements()), 70);
}

TEST(catalogue, stands_for_a_sqlite_database) {
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &raw), SQLITE_OK);
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> const db(raw, sqlite3_close);
  ASSERT_EQ(sqlite3_exec(raw, bookstore::definitions(dialect::sqlite).c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
  std::string definitions;
  auto const collect = [](void* out, int, char** cells, char**) {
    *static_cast<std::string*>(out) += std::string(cells[0]) + ";\n";
    return 0;
  };
  ASSERT_EQ(sqlite3_exec(raw, "select sql from sqlite_schema where sql is not null and name not like 'sqlite!_%' escape '!'", collect, &definitions, nullptr), SQLITE_OK);
  auto const loaded = grille::schema::parse(grille::schema::parse(definitions).dump());
  EXPECT_EQ(loaded.which(), dialect::sqlite);
  auto const policies = bookstore::policies(dialect::sqlite);
  EXPECT_GT(compare(grille::sqlite::database(raw, policies), grille::database(loaded, policies), bookstore::callers(), bookstore::statements()), 70);
}

}  // namespace
