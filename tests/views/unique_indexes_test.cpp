// Unique indexes of expressions and of some rows, as each engine has their text: what is understood, and what is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "introspect/introspect.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"
#include "views/unique_indexes.hpp"

namespace grille::views {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// Elements, conditions, and columns by name, of each that was understood.
std::multiset<std::string> understood(catalog::catalog const& c, std::string_view table) {
  base::arena memory;
  auto const all = read_unique_indexes(c, memory);
  std::multiset<std::string> out;
  auto const found = all.find(c.find("", table));
  if (found == all.end()) return out;
  for (auto const& i : found->second) {
    auto said = std::to_string(i.elements.size()) + " where " + std::to_string(i.conditions.size()) + " of";
    for (auto const column : i.columns) said += ' ' + i.row->table->columns[column].name;
    out.insert(said);
  }
  return out;
}

/// The catalogue of the server's database.
introspect::catalog_ptr read(testing_postgres::database const& db) {
  auto on = postgres::backend::connect(db.conninfo());
  if (!on) return nullptr;
  auto const read = introspect::read_postgres(**on, {});
  return read ? *read : nullptr;
}

TEST(unique_indexes, are_understood_as_sqlite_has_them_from_their_author) {
  auto const c = introspect::read_sqlite_schema(
      "create table t (id integer primary key, a, b, first, last, c text);"
      "create unique index one on t (lower(a));"
      "CREATE UNIQUE INDEX IF NOT EXISTS \"on (t\" ON t (a + last, -- , )\n b DESC) WHERE b > 0 AND (c = 'x)' or c is null) and 'where' <> c;"
      "create unique index three on t (first, last) where c is not null;"
      "create unique index four on t (c collate nocase asc);"
      "create index no_key on t (lower(b)); create unique index whole on t (b, a);");
  ASSERT_TRUE(c.has_value());
  EXPECT_THAT(understood(**c, "t"), UnorderedElementsAre("1 where 0 of a", "2 where 3 of a b last c", "2 where 1 of first last c", "1 where 0 of c"));
}

TEST(unique_indexes, are_understood_as_the_server_writes_them) {
  testing_postgres::database db;
  db.run("create type mood as enum ('sad', 'ok'); create schema evil; create function evil.lower(text) returns text immutable language sql as 'select $1'")
      .run("create table t (id int primary key, a varchar(20), b int, c text, gone timestamptz, m mood, doc jsonb)")
      .run("create unique index on t (lower(a), b) where gone is null")
      .run("create unique index on t (b) where a in ('x', 'y') and b > 5")
      .run("create unique index on t (c desc nulls last, (b * 2)) include (id) with (fillfactor = 70) where c <> 'where'")
      .run("create unique index on t ((doc ->> 'key'))")
      .run("create unique index on t (c collate \"C\")");
  auto const known = read(db);
  ASSERT_NE(known, nullptr);
  EXPECT_THAT(understood(*known, "t"),
              UnorderedElementsAre("2 where 1 of a b gone", "1 where 2 of a b", "2 where 1 of b c", "1 where 0 of doc", "1 where 0 of c"));
}

TEST(unique_indexes, that_are_not_understood_are_none) {
  testing_postgres::database db;
  db.run("create schema evil; create function evil.lower(text) returns text immutable language sql as 'select $1'")
      .run("create table t (id int primary key, a text, b int)")
      .run("create unique index on t (a text_pattern_ops) where b > 0")
      .run("create unique index on t (lower(a) text_pattern_ops)")
      .run("create unique index on t (evil.lower(a))")
      .run("create unique index on t (upper(a)) nulls not distinct")
      .run("create index on t (lower(a))");
  auto const known = read(db);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->find("", "t")->unique_indexes.size(), 4U);
  EXPECT_THAT(understood(*known, "t"), ElementsAre());
}

}  // namespace
}  // namespace grille::views
