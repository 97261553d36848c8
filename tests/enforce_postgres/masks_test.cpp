// Masks on PostgreSQL have their columns' types: whatever is asked of a masked column gives what plain SQL gives of a view in which the mask was
// written by hand as a value of the type. The server itself says whether the two agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "enforce_postgres/answers.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace {

using answers::plainly;
using answers::through;

struct kind {
  char const* type;
  char const* mask;   // as the policy says it
  char const* by_hand;
  char const* other;  // another value of the type
};
constexpr kind kinds[] = {{"int", "null", "null", "9"},
                          {"int", "10", "10", "9"},
                          {"smallint", "'10'", "10", "9"},
                          {"bigint", "10", "10", "9"},
                          {"numeric(10,2)", "10", "10", "9"},
                          {"float8", "'10'", "10", "9"},
                          {"real", "1.5", "1.5", "9"},
                          {"text", "'10'", "'10'", "'9'"},
                          {"text", "10", "'10'", "'9'"},
                          {"varchar(20)", "'10'", "'10'", "'9'"},
                          {"boolean", "false", "false", "true"},
                          {"date", "'2000-01-01'", "'2000-01-01'", "'2021-02-03'"},
                          {"timestamp", "'2000-01-01 10:00'", "'2000-01-01 10:00'", "'2021-02-03'"},
                          {"timestamptz", "null", "null", "'2021-02-03'"},
                          {"uuid", "'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"},
                          {"bytea", "'\\x00'", "'\\x00'", "'\\x01'"},
                          {"interval", "'1 day'", "'1 day'", "'2 days'"},
                          {"mood", "'low'", "'low'", "'high'"},
                          {"mood", "null", "null", "'high'"},
                          {"percent", "0", "0", "9"},
                          {"int[]", "'{10}'", "'{10}'", "'{9}'"},
                          {"text[]", "null", "null", "'{a}'"}};

constexpr char const* statements[] = {
    "select id, cast(m as text) from t order by id",
    "select count(*) from t where m = %",
    "select count(*) from t where m is distinct from %",
    "select id from t where m in (%, %) order by id",
    "select id from t order by m, id",
    "select id from t order by m desc nulls last, id",
    "select cast(m as text), count(*) from t group by m order by 1",
    "select cast(max(id) as text) from t group by m order by 1",
    "select distinct cast(m as text) from t order by 1",
    "select cast(m as text) from (select m from t union select open from t) s order by 1",
    "select cast(m as text) from (select open as m from t union all select m from t) s order by 1",
    "select count(*) from (select m from t intersect select open from t) s",
    "select a.id, b.id from t a join t b on a.m = b.open order by 1, 2",
    "select a.id, b.id from t a left join t b on a.m = b.m and a.id < b.id order by 1, 2",
    "select id from t where m in (select open from t) order by id",
    "select id from t where open not in (select m from t where m is not null) order by id",
    "select id from t where coalesce(m, open) = open order by id",
    "select id, cast(case when id = 1 then m else open end as text) from t order by id",
    "select id, count(*) over (partition by m) from t order by id",
    "with c as (select m, id from t) select c.id from c join t on c.m = t.m and c.id = t.id order by 1"};

/// The statement, about the columns `m` and `open` of one kind.
std::string about(std::string text, std::size_t i) {
  auto const word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && word(text[end])) ++end;
    auto const w = text.substr(at, end - at);
    out += w == "m" || w == "open" ? w + std::to_string(i) : w;
    if (end < text.size()) out += text[end] == '%' ? std::string(kinds[i].other) : std::string(1, text[end]);
    at = end + 1;
  }
  return out;
}

class masks_on_postgres : public testing::Test {
 protected:
  masks_on_postgres() {
    db_.run("create type mood as enum ('high', 'low'); create domain percent as int check (value < 101)").run("alter database " + db_.name() + " set timezone = 'UTC'");
    std::string columns, values[4];
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
      auto const& k = kinds[i];
      auto const n = std::to_string(i);
      auto const a = std::string(k.by_hand == std::string("null") ? k.other : k.by_hand), b = std::string(k.other);
      columns += ", m" + n + " " + k.type + ", open" + n + " " + k.type;
      values[0] += ", " + a + ", " + b, values[1] += ", " + b + ", " + b, values[2] += ", null, " + a, values[3] += ", " + b + ", null";
    }
    db_.run("create table t (id int, owner int" + columns + ")");
    for (int i = 0; i < 4; ++i) db_.run("insert into t values (" + std::to_string(i + 1) + (i < 3 ? ", 17" : ", 18") + values[i] + ")");
  }
  grille::session session(std::string const& masks) {
    auto const policy = "policy t version 1; owner 'tests' contact 'tests'; protects t; principal has user_id integer; role r from group 'r';\n"
                        "allow r to select all columns on t where owner = principal.user_id; " +
                        masks;
    grille::postgres::database const of(db_.conninfo(), grille::policy_set::parse(policy, "t.grille", {}, grille::dialect::postgresql));
    return of.session(grille::principal("u").with("user_id", 17).group("r"));
  }
  testing_postgres::database db_;
};

TEST_F(masks_on_postgres, have_the_types_of_their_columns) {
  for (auto const* where : {"", " where id < 3"}) {
    std::string masks, seen;
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
      auto const n = std::to_string(i);
      auto const by_hand = "cast(" + std::string(kinds[i].by_hand) + " as " + kinds[i].type + ")";
      masks += "mask (m" + n + " as " + kinds[i].mask + ") on t" + where + ";\n";
      seen += ", " + (*where == '\0' ? by_hand : "case when id >= 3 then m" + n + " else " + by_hand + " end") + " as m" + n + ", open" + n;
    }
    db_.run("drop schema if exists seen cascade; create schema seen; create view seen.t as select id" + seen + " from public.t where owner = 17");
    auto session = this->session(masks);
    pqxx::connection plain(db_.conninfo());
    for (std::size_t i = 0; i < std::size(kinds); ++i)
      for (auto const* statement : statements) {
        auto const sql = about(statement, i);
        ASSERT_EQ(through(session, sql), plainly(plain, sql)) << kinds[i].type << ' ' << kinds[i].mask << where << '\n' << sql;
      }
  }
}

TEST_F(masks_on_postgres, of_a_type_that_cannot_stand_for_the_column_are_refused_at_load) {
  auto const fault = [&](std::string const& masks) {
    try {
      static_cast<void>(session(masks));
    } catch (grille::error const& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(fault("mask (m0 as upper('x')) on t;"), testing::HasSubstr("the mask of `m0`, of type `integer`, is of type `text`"));
  EXPECT_THAT(fault("mask (m11 as true) on t;"), testing::HasSubstr("the mask of `m11`, of type `date`, is of type `bool`"));
  EXPECT_EQ(fault("mask (m0 as cast('7' as int)) on t;"), "none");
  EXPECT_EQ(fault("mask (m7 as id) on t;"), "none") << "everything is a text";
  db_.run("alter table t add m99 xml");
  EXPECT_THAT(fault("mask (m99 as null) on t;"), testing::HasSubstr("would need a cast to it, which is not supported"));
}

}  // namespace
