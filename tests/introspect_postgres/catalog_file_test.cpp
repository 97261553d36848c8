// A catalogue of everything that a server has, out to a file and in again; and files that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"

namespace grille::introspect {
namespace {

using testing::HasSubstr;
using testing_postgres::database;

constexpr char const* everything = R"(
create schema app; create type app.mood as enum ('sad', 'it''s "ok"'); create domain d as numeric(12,2) check (value > 0); create type place as (x int, y text);
create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table "Töne, ""x""" (id bigint generated always as identity primary key, m app.mood, s d, p place, t text collate loose unique, g int generated always as (1) stored);
create table app.c (r bigint references "Töne, ""x""" on delete cascade, n int not null default 3); create view v with (security_barrier) as select r from app.c;
create table part (k int) partition by list (k); create table part1 partition of part default; create sequence app.part;
create function public.lower(int) returns int leakproof language sql as 'select 1'; create operator public.~~~ (rightarg = int, function = public.lower);
create cast (text as int) with inout as assignment)";

catalog_ptr live(database& db) {
  auto on = postgres::backend::connect(db.conninfo());
  auto c = read_postgres(**on);
  EXPECT_TRUE(c.has_value());
  return *c;
}

TEST(catalog_file, what_is_written_is_read_as_the_same) {
  database db;
  db.run(everything);
  auto const c = live(db);
  auto const text = write_catalog(*c);
  ASSERT_TRUE(text.has_value());
  auto const again = read_catalog(*text);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ((*again)->fingerprint(), c->fingerprint());
  EXPECT_EQ((*again)->version(), c->version());
  EXPECT_EQ((*again)->which(), dialect::postgresql);
  EXPECT_TRUE(catalog::replaced(*c, **again).empty()) << "oids too";
  EXPECT_EQ(write_catalog(**again), *text);
  EXPECT_EQ((*again)->find("", "v")->reads, c->find("", "v")->reads);
  EXPECT_EQ((*again)->find("", "v")->definition, c->find("", "v")->definition);
  EXPECT_TRUE((*again)->find("", "v")->barrier && !c->find("", "v")->definition.empty());
}

// By another reader of JSON than the one under test: what a person looks for is where the names say.
TEST(catalog_file, is_readable) {
  database db;
  db.run("create table t (id int primary key, name text not null)");
  auto const j = nlohmann::json::parse(*write_catalog(*live(db)));
  EXPECT_EQ(j["dialect"], "postgresql");
  auto const& t = j["tables"][0];
  EXPECT_EQ(t["name"], "t");
  EXPECT_EQ(t["columns"][1]["name"], "name");
  EXPECT_EQ(t["columns"][1]["type"], "text");
  EXPECT_EQ(t["columns"][1]["not null"], true);
  EXPECT_FALSE(t["columns"][1].contains("default")) << "what is not so is not written";
  EXPECT_EQ(t["primary key"], nlohmann::json::parse("[0]"));
}

struct fault {
  char const* text;
  char const* message;
};
class no_catalogue : public testing::TestWithParam<fault> {};
TEST_P(no_catalogue, is_refused) {
  auto const c = read_catalog(GetParam().text);
  ASSERT_FALSE(c.has_value());
  EXPECT_THAT(c.error().message, HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    catalog_file, no_catalogue,
    testing::Values(fault{"", "not JSON"}, fault{"{", "not JSON"}, fault{"[]", "an object is expected"}, fault{"{}", "no catalogue of this edition"},
                    fault{R"({"format":"grille catalogue","edition":2,"dialect":"sqlite"})", "edition"},
                    fault{R"({"format":"grille catalogue","edition":1})", "`dialect` is missing"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"oracle"})", "`oracle` is not known"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","extra":1})", "`extra` is not known"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","tables":[{"name":"t","shape":"x"}]})", "`tables`: `shape` is not known"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","tables":[{"name":7}]})", "`name`: a text is expected"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","tables":[{"name":"t","primary key":[0]}]})", "no column 0"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","tables":[{"name":"t","oid":-1}]})", "out of range"},
                    fault{R"({"format":"grille catalogue","edition":1,"dialect":"sqlite","tables":[{"kind":"tree"}]})", "`tree` is not known"}));

}  // namespace
}  // namespace grille::introspect
