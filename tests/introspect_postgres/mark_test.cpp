// The mark of the schema's state: it changes with every definition, and with nothing that is none.
#include <gtest/gtest.h>

#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"

namespace grille::introspect {
namespace {

using testing_postgres::database;

constexpr char const* schema =
    "create type mood as enum ('a'); create domain d as int; create table t (id int primary key, a int, b int default 3, m mood, x d); "
    "create table u (id int); create view v as select id from t; create table p (k int) partition by list (k); create table p1 (k int); create table base (k int); "
    "create function f_row() returns trigger language plpgsql as 'begin return new; end'; create trigger t_row before insert on t for each row execute function f_row()";

std::string mark(database& db) {
  auto on = postgres::backend::connect(db.conninfo());
  EXPECT_TRUE(on.has_value());
  auto m = postgres_schema_mark(**on);
  EXPECT_TRUE(m.has_value());
  return m.value_or("");
}

class definition : public testing::TestWithParam<char const*> {};
TEST_P(definition, changes_the_mark) {
  database db;
  db.run(schema);
  auto const before = mark(db);
  EXPECT_EQ(mark(db), before) << "it stays where nothing changes";
  db.run(GetParam());
  EXPECT_NE(mark(db), before);
}
INSTANTIATE_TEST_SUITE_P(schema_mark, definition,
                         testing::Values("alter table t add column c int", "alter table t drop column a", "alter table t rename column a to c",
                                         "alter table t rename to w", "alter table t alter column a type bigint",
                                         "alter table t alter column a set not null", "alter table t add unique (a)",
                                         "alter table t alter column b set default 4", "alter table t alter column b drop default",
                                         "alter domain d set default 3",
                                         "alter table u add foreign key (id) references t", "create table n (x int)", "drop table u",
                                         "create or replace view v as select id, a from t", "alter view v set (security_barrier)", "create unique index on t (b)",
                                         "alter type mood add value 'b'", "alter domain d add check (value > 0)", "create schema s",
                                         "alter schema public rename to s", "alter table t set schema pg_catalog",
                                         "alter table p attach partition p1 for values in (1)", "alter table p1 inherit base",
                                         "create function f() returns int language sql as 'select 1'", "alter table t enable row level security",
                                         "create trigger t_other before insert on t for each row execute function f_row()", "alter table t disable trigger t_row",
                                         "create or replace function f_row() returns trigger language plpgsql as 'begin new.a := 1; return new; end'",
                                         "alter table t add check (a > 0)",
                                         "alter table t rename a to tmp; alter table t rename b to a; alter table t rename tmp to b",
                                         "alter table t rename to w; alter table u rename to t; alter table w rename to u",
                                         "drop table u; create table u (id int)"));

class no_definition : public testing::TestWithParam<char const*> {};
TEST_P(no_definition, leaves_the_mark) {
  database db;
  db.run(schema);
  auto const before = mark(db);
  db.run(GetParam());
  EXPECT_EQ(mark(db), before);
}
INSTANTIATE_TEST_SUITE_P(schema_mark, no_definition,
                         testing::Values("insert into t values (1, 2, 3); update t set a = 4; delete from t", "analyze", "vacuum",
                                         "create temp table scratch (x int primary key, y text)", "create role r_mark; drop role r_mark"));

TEST(schema_mark, is_the_version_of_the_catalogue_and_tells_of_another_table_of_the_name) {
  database db;
  db.run(schema);
  auto const read = [&] {
    auto on = postgres::backend::connect(db.conninfo());
    auto c = read_postgres(**on);
    EXPECT_TRUE(c.has_value());
    return *c;
  };
  auto const before = read();
  EXPECT_EQ(before->version(), mark(db));
  db.run("drop table u; create table u (id int)");
  auto const now = read();
  EXPECT_NE(now->version(), before->version());
  EXPECT_EQ(now->fingerprint(), before->fingerprint()) << "the same schema, other objects";
  auto const others = catalog::replaced(*before, *now);
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0]->name, "u");
  EXPECT_TRUE(catalog::replaced(*now, *now).empty());
}

}  // namespace
}  // namespace grille::introspect
