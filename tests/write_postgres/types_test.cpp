// What the server takes for a column without a cast is asked of the server itself, for all pairs of the types that are listed; and which types a
// proposed value is cast to.
#include <gtest/gtest.h>

#include <array>
#include <pqxx/pqxx>

#include "catalog/cast_type.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/backend.hpp"
#include "postgres/server.hpp"

namespace grille::catalog {
namespace {

constexpr auto plain = std::to_array<char const*>({"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "json", "jsonb", "numeric", "text", "time", "interval",
                                                   "timetz", "uuid", "timestamp", "timestamptz", "varchar"});
constexpr auto further = std::to_array<char const*>({"inet", "cidr", "macaddr", "macaddr8", "bit", "varbit", "money", "xml", "tsvector", "tsquery", "jsonpath", "point", "line", "lseg", "box",
                                                     "path", "polygon", "circle", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange",
                                                     "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange"});

TEST(types, are_assigned_as_the_server_assigns_them) {
  testing_postgres::database db;
  pqxx::connection on(db.conninfo());
  auto const takes = [&](std::string const& from, std::string const& table) {
    pqxx::work t(on);
    try {
      t.exec("insert into " + table + " select cast(null as " + from + ") where false");
      return true;
    } catch (pqxx::sql_error const&) {
      return false;
    }
  };
  std::vector<std::pair<std::string, std::string>> columns;
  for (std::string const t : plain) columns.emplace_back(t, t);
  for (std::string const t : further) columns.emplace_back(t, "pg_catalog." + t);
  for (auto const& [name, to] : columns) {
    db.run("create table of_" + name + " (c pg_catalog." + name + ")");
    for (std::string const from : plain) EXPECT_EQ(is_assignable(from, to), takes("pg_catalog." + from, "of_" + name)) << from << " for " << to;
  }
  EXPECT_TRUE(is_assignable("bool", "public.mood")) << "which it is not known of";
  EXPECT_TRUE(is_assignable("pg_catalog.inet", "bool"));
}

TEST(types, of_columns_are_cast_to_by_their_own_names) {
  testing_postgres::database db;
  db.run(R"(create type mood as enum ('a'); create type "Odd" as enum ('a'); create type "odd one" as enum ('a'); create type pair as (a int, b int); create type span as range (subtype = float8);
create domain words as varchar(9); create domain price as numeric(6,2); create domain dear as price; create domain moods as mood; create domain pairs as pair;
create table t (a numeric(10,2), b varchar(3), c timestamp(3), d text[], e inet, f bit(3), g inet[], h mood, i "Odd", i2 "odd one", j pair, k span, l words, m price, n dear, o moods, p pairs,
  q regclass, r oid, s name, t "char", u mood[], v interval(2), w words[]))");
  auto on = postgres::backend::connect(db.conninfo());
  auto const read = introspect::read_postgres(**on, {}).value();
  std::string got;
  for (auto const& c : read->find("", "t")->columns) got += c.name + ":" + cast_type(c, *read) + " ";
  EXPECT_EQ(got,
            "a:numeric(10,2) b:varchar c:timestamp(3) d:text[] e:pg_catalog.inet f:pg_catalog.bit g:pg_catalog._inet h:public.mood i:public.Odd i2: j: k:public.span l:varchar m:numeric(6,2) "
            "n:numeric(6,2) o:public.mood p: q: r: s: t: u:public._mood v:interval w:public._words ");
}

}  // namespace
}  // namespace grille::catalog
