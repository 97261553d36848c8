// Values of a base type that is the database's own, citext, whose operators are not PostgreSQL's: they are passed on, and nothing is made of them, since the
// server would take them for texts where it does not find the type's own operators. Plain SQL on what is seen is the peer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "enforce_postgres/answers.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace {

using answers::plainly;
using answers::through;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char const* schema = R"(
create extension citext; create domain nick as citext; create type card as (mail citext, n int);
create table u (id int primary key, mail citext, tags citext[], name nick, card card, owner int);
insert into u select i, (array['Ann@x.example', 'ann@X.example', 'Bob@x.example', null])[i % 4 + 1], array['A' || i % 2, 'b']::citext[], 'N' || i % 3, row('C' || i % 2, i)::card, case when i < 9 then 17 else 18 end
  from generate_series(1, 12) i;
create schema seen; create view seen.u as select id, mail, tags, name, card from public.u where owner = 17;
)";
constexpr char const* rules = R"(
policy t version 1; owner 'tests' contact 'tests'; protects u; principal has user_id integer; role r from group 'r';
allow r to select (id, mail, tags, name, card) on u where owner = principal.user_id;
allow r to update (mail) on u where owner = principal.user_id;
allow r to insert (id, mail) on u setting owner = principal.user_id;
)";

class own_types_on_postgres : public testing::Test {
 protected:
  own_types_on_postgres() { db_.run(schema); }
  grille::postgres::database open(std::string_view policy = rules) const {
    return grille::postgres::database(db_.conninfo(), grille::policy_set::parse(policy, "own.grille", {}, grille::dialect::postgresql));
  }
  static grille::principal caller() { return grille::principal("w").with("user_id", 17).group("r"); }

  testing_postgres::database db_;
};

TEST_F(own_types_on_postgres, are_passed_on) {
  auto const database = open();
  auto s = database.session(caller());
  pqxx::connection c(db_.conninfo());
  for (auto const* sql : {
           "select id, mail, name from u order by id",
           "select mail, count(*) from u group by mail order by mail",
           "select count(distinct mail), count(mail), count(*) from u",
           "select distinct name from u order by name",
           "select id from u where mail is not null order by mail, id",
           "select id from u where mail::text = 'Ann@x.example' and lower(name::text) like 'n%' order by id",
           "select id, coalesce(mail, name) as m, case when id < 4 then mail end from u order by id",
           "select id, rank() over (order by mail) as r from u order by id",
           "select mail from u union select name from u order by 1",
           "select v.id, (select mail from u where u.id = v.id) from (values (1), (2)) v(id) order by 1",
           "select tags[1], (card).mail from u order by id",
           "select a.id from u a join u b on a.mail::text = b.mail::text and a.id < b.id order by a.id",
       })
    EXPECT_EQ(through(s, sql), plainly(c, sql)) << sql;
  EXPECT_EQ(s.execute("update u set mail = 'new@x.example' where id = 1"), 1U);
  EXPECT_EQ(s.execute("update u set mail = lower(mail::text) where id = 2"), 1U);
  EXPECT_EQ(plainly(c, "select mail from u where id < 3 order by id"), (answers::rows{"new@x.example|", "bob@x.example|"}));
}

TEST_F(own_types_on_postgres, are_operands_of_nothing) {
  auto const database = open();
  auto s = database.session(caller());
  for (auto const* sql : {
           "select id from u where mail = 'ann@x.example'",
           "select id from u where mail = $1",
           "select id from u where mail in ('ann@x.example', 'b')",
           "select id from u where 'b' between mail and name",
           "select id from u where mail like 'ann%'",
           "select id from u where mail ~ 'ann'",
           "select id from u where mail is distinct from 'ann@x.example'",
           "select id from u where mail collate \"C\" = 'a'",
           "select id from u where (id, mail) = (1, 'a')",
           "select id from u where 'b' = any (tags)",
           "select id from u where tags[1] = 'a0'",
           "select id from u where (card).mail = 'c1'",
           "select id from u where name = 'n1'",
           "select id from u where id = 1 and mail in (select mail from u where id = 2)",
           "select id from u where 'a' in (select mail from u)",
           "select id from u where (1, 'a') in (select id, mail from u)",
           "select id from u where 'a' = any (select mail from u)",
           "select id from u where 'a' = any (array(select mail from u))",
           "select id from u where coalesce(mail, 'x') = 'x'",
           "select id from u where (case when id > 1 then mail end) = 'x'",
           "select case mail when 'x' then 1 end from u",
           "select case 'x' when mail then 1 end from u",
           "select a.id from u a join u b on a.mail = b.mail",
           "select a.id from u a join u b using (mail)",
           "select a.id from u a natural join u b",
           "select max(mail) from u",
           "select nullif(mail, 'x') from u",
           "select greatest(mail, 'x') from u",
           "select mail || 'x' from u",
           "select replace(mail, 'ann', 'x') from u",
           "select lag(mail) over (order by id) from u",
           "select string_agg(mail, ',') from u",
           "select id from (select id, mail as m from u) s where m = 'x'",
           "with w as (select mail as m from u) select m from w where m = 'x'",
           "with recursive w(m, n) as (select mail, 1 from u union all select m, n + 1 from w where n < 2) select 1 from w where m = 'x'",
           "select m from (select mail as m from u union select 'x') s where m = 'x'",
           "select m from (select 'x' as m union select mail from u) s where m = 'x'",
           "select u.id from u, lateral (values (mail), ('x')) v(m) where m = 'x'",
           "select u.id from u, unnest(tags) t where t = 'a0'",
           "select unnest(tags) from u",
           "select id from u where (select mail from u b where b.id = 1) = 'x'",
           "update u set mail = 'x' where mail = 'y'",
           "update u set mail = upper(mail)",
           "update u set mail = 'x' where id = 1 returning mail = 'x'",
           "update u set mail = 'x' from u b where b.id = u.id and u.id = 1 returning b.mail = 'x'",
           "insert into u (id, mail) values (1, 'x') on conflict (id) do update set mail = 'y' where excluded.mail = 'X'",
       })
    EXPECT_THAT(through(s, sql, std::string(sql).find("$1") == std::string::npos ? std::vector<std::string>{} : std::vector<std::string>{"x"}),
                testing::ElementsAre(AllOf(StartsWith("unsupported: "), HasSubstr("a value of a type of the database's own"))))
        << sql;
}

TEST_F(own_types_on_postgres, are_keys_that_no_row_is_found_by) {
  db_.run("create table k (mail citext primary key, n int unique, owner int); insert into k values ('Ann@x', 1, 17), ('Bob@x', 2, 18); create table l (id int primary key, mail citext unique, owner int)");
  auto const database = open(
      "policy t version 1; owner 'tests' contact 'tests'; protects k, l; principal has user_id integer; role r from group 'r';"
      "allow r to select (mail, n) on k where owner = principal.user_id; allow r to insert (mail, n) on k setting owner = principal.user_id; allow r to update (n) on k where owner = principal.user_id;"
      "allow r to delete on k where owner = principal.user_id; allow r to select (id, mail) on l; allow r to insert (id, mail) on l; allow r to update (mail) on l;");
  auto s = database.session(caller());
  for (auto const* sql : {"update k set n = 3", "delete from k", "insert into k (mail, n) values ('ANN@X', 1) on conflict (n) do update set n = 9",
                          "merge into k using (select 1 as m) s on k.n = s.m when matched then delete"})
    EXPECT_THAT(through(s, sql), testing::ElementsAre(StartsWith("unsupported: a write to a table whose primary key is of a type of the database's own"))) << sql;
  EXPECT_THAT(through(s, "insert into l (id, mail) values (1, 'x') on conflict (mail) do update set mail = 'y'"),
              testing::ElementsAre(StartsWith("unsupported: `do update` by `mail`, which is of a type of the database's own")));
  EXPECT_EQ(s.execute("insert into k (mail, n) values ('ANN@X', 7), ('new', 8) on conflict (mail) do nothing"), 1U);
  EXPECT_THAT(through(s, "insert into k (mail, n) values ('BOB@x', 9)"), testing::ElementsAre(StartsWith("conflict: ")));
}

TEST_F(own_types_on_postgres, are_operands_of_no_policy) {
  auto const why = [&](std::string const& rule) -> std::string {
    try {
      open("policy t version 1; owner 'tests' contact 'tests'; protects u; principal has user_id integer; role r from group 'r'; " + rule);
    } catch (grille::policy_error const& e) {
      return e.what();
    }
    return "none";
  };
  constexpr auto* own = "a value of a type of the database's own";
  EXPECT_THAT(why("allow r to select (id) on u where owner = principal.user_id and mail <> 'ann@x.example';"), HasSubstr(own));
  EXPECT_THAT(why("allow r to select (id) on u where owner = 17; restrict select on u to name <> 'n1';"), HasSubstr(own));
  EXPECT_THAT(why("allow r to select (id) on u where owner = principal.user_id and mail::text <> 'ann@x.example';"), HasSubstr("`cast` can fail"));
  EXPECT_EQ(why("allow r to select (id) on u where owner = principal.user_id and mail is not null;"), "none");
}

}  // namespace
