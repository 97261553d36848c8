// Views: their columns, and what they read, compared with what the engine asks an authorizer of the test's own.
#include <gmock/gmock.h>

#include <set>

#include "handle.hpp"

namespace grille::introspect {
namespace {

using catalog::affinity;
using catalog::relation_kind;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto schema =
    "create table books (id integer primary key, title text collate nocase, price real);"
    "create table shops (id integer primary key, name text);"
    "create view plain as select id, title from books;"
    "create view computed (k, c, b) as select 1, cast(title as text), price from books;"
    "create view nested as select title as t from plain;"
    "create view counted as select (select count(*) from shops) as n;"
    "create view never as select 1 as one from books where id is null and exists (select 1 from shops);"
    "create view both as with c as (select name from shops) select name from c union all select title from plain;"
    "create view each as select j.value from shops, json_each(shops.name) as j;"
    "create view listed as select name from sqlite_master;"
    "create view constant as select 1 as one;";

TEST(sqlite_views, columns) {
  handle db;
  db.run(schema);
  auto const c = db.read();
  auto const& plain = *c->find("", "plain");
  EXPECT_EQ(plain.kind, relation_kind::view);
  ASSERT_EQ(plain.columns.size(), 2U);
  EXPECT_EQ(plain.columns[1].name, "title");
  EXPECT_EQ(plain.columns[1].declared_type, "TEXT");
  EXPECT_EQ(plain.columns[1].affinity, affinity::text);
  EXPECT_EQ(plain.columns[1].collation, "") << "a view's is not told";
  EXPECT_THAT(plain.primary_key, IsEmpty());
  auto const& computed = *c->find("", "computed");
  ASSERT_EQ(computed.columns.size(), 3U);
  EXPECT_EQ(computed.columns[0].name, "k");
  EXPECT_EQ(computed.columns[0].affinity, affinity::none);
  EXPECT_EQ(computed.columns[1].affinity, affinity::none) << "a cast's affinity is not told";
  EXPECT_EQ(computed.columns[2].affinity, affinity::real);
}

TEST(sqlite_views, reads) {
  handle db;
  db.run(schema);
  auto const c = db.read();
  auto const reads = [&](std::string_view view) { return c->find("", view)->reads; };
  EXPECT_THAT(reads("plain"), ElementsAre("main.books"));
  EXPECT_THAT(reads("nested"), ElementsAre("main.books", "main.plain"));
  EXPECT_THAT(reads("counted"), ElementsAre("main.shops"));
  EXPECT_THAT(reads("never"), ElementsAre("main.books", "main.shops")) << "also what the planner drops";
  EXPECT_THAT(reads("both"), ElementsAre("main.books", "main.plain", "main.shops"));
  EXPECT_THAT(reads("each"), ElementsAre("main.json_each", "main.shops"));
  EXPECT_THAT(reads("listed"), ElementsAre("main.sqlite_master"));
  EXPECT_THAT(reads("constant"), IsEmpty());
  EXPECT_THAT(reads("books"), IsEmpty());
}

int collect(void* into, int action, char const* table, char const*, char const* database, char const*) {
  if (action == SQLITE_READ)
    static_cast<std::set<std::string>*>(into)->insert(std::string(database == nullptr ? "main" : database) + "." + table);
  return SQLITE_OK;
}

TEST(sqlite_views, the_engine_asks_for_nothing_else_on_the_handle_itself) {
  handle db;
  db.run(schema);
  auto const c = db.read();
  for (auto const& t : c->tables()) {
    if (t.kind != relation_kind::view) continue;
    for (auto const& what : {std::string("*"), std::string("count(*)"), std::string("1"), "max(\"" + t.columns[0].name + "\")"}) {
      std::set<std::string> asked;
      sqlite3_set_authorizer(db, collect, &asked);
      db.run("select " + what + " from main.\"" + t.name + "\" as x where 1");
      sqlite3_set_authorizer(db, nullptr, nullptr);
      asked.erase("main." + t.name);
      for (auto const& one : asked) EXPECT_THAT(t.reads, testing::Contains(one)) << t.name << ", " << what;
    }
  }
}

TEST(sqlite_views, functions_and_collations_that_only_the_handle_knows) {
  handle db;
  sqlite3_create_function(
      db, "own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      [](sqlite3_context* c, int, sqlite3_value** v) { sqlite3_result_value(c, v[0]); }, nullptr, nullptr);
  sqlite3_create_collation(db, "ours", SQLITE_UTF8, nullptr, [](void*, int, void const*, int, void const*) { return 0; });
  db.run(
      "create table t (a text collate ours check (own(a) > 0), b as (own(a))); create view v as select own(a) as x from t order by a "
      "collate ours");
  EXPECT_THAT(db.read()->find("", "v")->reads, ElementsAre("main.t"));
}

TEST(sqlite_views, over_virtual_tables) {
  handle db;
  db.run("create virtual table documents using fts5(body); create view v as select rowid, body from documents where documents match 'x'");
  auto const c = db.read();
  ASSERT_NE(c->find("", "v"), nullptr);
  EXPECT_THAT(c->find("", "v")->reads, ElementsAre("main.documents"));
}

TEST(sqlite_views, broken_ones_do_not_exist) {
  handle db;
  db.run(
      "create table t (a); create view on_missing as select * from absent; create view on_broken as select * from on_missing;"
      "create view no_function as select absent(a) from t; create view circle as select * from elcric; create view elcric as select * from "
      "circle;"
      "create view good as select a from t");
  auto const c = db.read();
  ASSERT_EQ(c->tables().size(), 2U);
  EXPECT_NE(c->find("", "good"), nullptr);
}

TEST(sqlite_views, a_text_in_double_quotes_is_read_as_the_handle_does) {
  handle db;
  db.run("create table t (a); create view v as select \"no such column\" as x from t");
  EXPECT_NE(db.read()->find("", "v"), nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  EXPECT_EQ(db.read()->find("", "v"), nullptr);
  EXPECT_NE(db.read()->find("", "t"), nullptr);
}

}  // namespace
}  // namespace grille::introspect
