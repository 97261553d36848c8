// What of PostgreSQL's own language is read: a statement gives what plain SQL gives on what the caller sees, whatever hidden rows hold; and what
// is not, is refused by its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "enforce_postgres/answers.hpp"
#include "grille/postgres.hpp"
#include "postgres/proxy.hpp"
#include "postgres/server.hpp"

namespace {

using answers::plainly;
using answers::through;

constexpr char const* visible = R"(
create type mood as enum ('low', 'high');
create type spot as (lat int, "Long" numeric); create type addr as (city text, n int, at spot, lines text[], spots spot[], d date, f float8, e mood);
create domain home as addr;
create table x (id int primary key, a int, d date, ts timestamp, n numeric, f float8, s text, v varchar(9), e mood, tags text[], nums int[], j jsonb, owner int);
create table y (like x including indexes);
create table g (who int, o int);
insert into g values (17, 17);
insert into x select i, i % 3, date '2021-01-01' + i, timestamp '2021-01-01' + i * interval '1 hour', i + 0.5, i, (array['abc', 'bcd', 'zz'])[i % 3 + 1], 'v' || i,
  (array['low', 'high']::mood[])[i % 2 + 1], array['a', 'b', 't' || i], array[i, i + 1, i * 2], jsonb_build_object('k', i, 'list', jsonb_build_array(i, 7), 't', 'x' || i), 17
  from generate_series(1, 6) i;
create table z (id int primary key, a int, addr addr, homes addr[], home home, owner int);
insert into z select i, i % 3, case when i < 6 then row((array['Ulm', 'Kiel', '7'])[i % 3 + 1], i, case when i <> 2 then row(i * 2, i + 0.5)::spot end, array['l' || i, '' || i], array[row(i, 1)::spot, row(7, i)::spot],
  date '2021-01-01' + i, i, 'low')::addr end, case when i <> 3 then array[row('Bonn', i, null, null, null, null, null, 'high')::addr] end, row('Ulm', 7 - i, row(i, i), null, null, null, null, null)::addr, 17 from generate_series(1, 6) i;
insert into y select id + 2, a + 1, d, ts, n, f, s, v, e, tags, nums, j, 17 from x;
create domain posint as int check (value > 0);
create function app_ok(n int) returns bool language sql as 'select n > 0'; create domain calls as int check (app_ok(value)); create type hush as enum ('SECRET'); create type public.box as enum ('a');
create table w (id int primary key, m mood, ms mood[], p posint, ip inet, net cidr, mac macaddr, bits bit(4), ts text[], c calls, h hush, k public.box, owner int);
insert into w select i, (array['low', 'high']::mood[])[i % 2 + 1], array['low', 'high']::mood[], i, ('10.0.0.' || i)::inet, ('10.' || i || '.0.0/16')::cidr, ('08:00:2b:01:02:0' || i)::macaddr,
  i::bit(4), array['low', '' || i, '10.0.0.' || i, '101', '08:00:2b:01:02:0' || i], i, null, 'a', 17 from generate_series(1, 6) i;
)";
constexpr char const* hidden = R"(
insert into x select v, 77, '5874897-01-01', '294276-01-01', 1e400, 1e300, E'SECRET\\', 'SECRET', 'low', array['SECRET', '['], array[0], '{"k": "SECRET", "list": 3}', 18
  from unnest(array[500, 0, 2147483647, -2147483648]) v;
insert into x select v, 77, '5874897-01-01', '294276-01-01', 1e400, 1e300, E'SECRET\\', 'SECRET', 'low', array['SECRET', '['], array[0], '{"k": "SECRET", "list": 3}', 18
  from generate_series(1000, 1100) v;
insert into y select * from x where owner = 18;
insert into w select i, 'low', array['low']::mood[], 1, '1.1.1.1', '1.0.0.0/8', '00:00:00:00:00:00', b'0000', array['SECRET', case when i % 2 = 0 then '0' else 'SECRET' end, 'SECRET', '2', 'SECRET'], 1, 'SECRET', 'a', 18
  from generate_series(500, 600) i;
insert into z select i, 77, row('SECRET', n, row(n, 1e400), array['SECRET', '['], array[row(0, 0)::spot], '5874897-01-01', 1e300, 'low')::addr, array[row('SECRET', n, row(n, n), null, null, null, null, 'low')::addr],
  row('SECRET', n, row(n, n), null, null, null, null, null)::addr, 18 from generate_series(500, 600) i, lateral (values (case when i % 3 = 0 then 2147483647 else 0 end)) v(n);
)";
constexpr std::string_view rules = R"(
policy t version 1; owner 'tests' contact 'tests'; protects x, y, g, z, w; principal has user_id integer; role r from group 'r';
allow r to select (id, a, d, ts, n, f, s, v, e, tags, nums, j) on x where owner = principal.user_id;
allow r to select (id, a, d, ts, n, f, s, v, e, tags, nums, j) on y where exists (select 1 from g where g.who = principal.user_id and g.o = y.owner);
allow r to select (id, a, addr, homes, home) on z where owner = principal.user_id;
allow r to select (id, m, ms, p, ip, net, mac, bits, ts, c, k) on w where owner = principal.user_id;
)";

class breadth_on_postgres : public testing::Test {
 protected:
  breadth_on_postgres() {
    db_.run("alter database " + db_.name() + " set timezone = 'UTC'").run("alter database " + db_.name() + " set jit = off");
    db_.run(visible).run("create schema seen; create table seen.x as select * from x; create table seen.y as select * from y; create table seen.z as select * from z; create table seen.w as select * from w;"
                         "alter table seen.x drop owner, add primary key (id); alter table seen.y drop owner, add primary key (id); alter table seen.z drop owner, add primary key (id); alter table seen.w drop owner, drop h, add primary key (id)");
    db_.run(hidden).run("analyze");
  }
  grille::session session() const { return session(db_.conninfo(), {.explain = true}); }
  static grille::session session(std::string const& at, grille::options how, std::string_view more = {}) {
    grille::postgres::database const of(at, grille::policy_set::parse(std::string(rules) + std::string(more), "t.grille", {}, grille::dialect::postgresql), std::move(how));
    return of.session(grille::principal("u").with("user_id", 17).group("r"));
  }
  testing_postgres::database db_;
};

struct statement {
  std::string sql;
  std::vector<std::string> parameters;
};
std::vector<statement> statements() {
  std::ifstream in(std::string(GRILLE_TESTS_DIR) + "/enforce_postgres/breadth.sql");
  std::vector<statement> all;
  statement one;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("-- with ")) {
      std::istringstream words(line.substr(8));
      for (std::string w; words >> w;) one.parameters.push_back(w);
    }
    if (line.starts_with("--") || line.empty()) continue;
    one.sql += line + '\n';
    if (!line.ends_with(';')) continue;
    one.sql.resize(one.sql.size() - 2);
    all.push_back(std::move(one));
    one = {};
  }
  return all;
}

TEST_F(breadth_on_postgres, statements_give_what_plain_sql_gives_on_what_is_seen) {
  for (auto const* plan : {"", "enable_hashjoin = off", "enable_seqscan = off", "enable_nestloop = off"}) {
    if (*plan != '\0') db_.run("alter database " + db_.name() + " set " + plan);
    auto session = this->session();
    pqxx::connection plain(db_.conninfo());
    for (auto const& [sql, parameters] : statements()) {
      auto const expected = plainly(plain, sql, parameters);
      ASSERT_FALSE(expected.size() == 1 && expected[0].starts_with("failed")) << expected[0] << '\n' << sql;
      EXPECT_EQ(through(session, sql, parameters), expected) << sql << '\n' << plan;
    }
  }
}

/// What could fail in a query of guarded rows is asked whole of the open ones: true, false and null as they were.
TEST_F(breadth_on_postgres, an_open_table_beside_a_guarded_one) {
  db_.run("create table o (id int primary key, n numeric, a int); insert into o select g, g, g % 3 from generate_series(1, 6) g; insert into o values (7, null, null); analyze o");
  auto session = this->session(db_.conninfo(), {}, "protects o; allow r to select all columns on o;");
  pqxx::connection plain(db_.conninfo());
  for (auto const* sql : {
           "select id from o where not (o.n < any (select y.n from y where y.id = 3)) order by id",
           "select id from o where not (o.n + 0 in (select y.n from y where y.id = 3)) order by id",
           "select id from o where not (o.a = (select max(y.a) from y where y.id = 3)) order by id",
           "select id from o where not (o.n < all (select y.n from y where y.id = 3)) order by id",
           "select id from o where not (o.a + 1 in (select a from y)) order by id",
           "select id from o where not (case when o.n < any (select y.n from y) then true end) order by id",
           "select a, count(*) from o group by a having not (a < any (select y.a from y)) order by a",
           "select id from o where not (not (o.n + 0 in (select n from y))) order by id",
           "select id from o where not (o.a + 1 in (select a from y) or o.id > 5) order by id",
           "select id from o where not (o.n + 0 in (select n from y) and o.id > 5) order by id",
           "select id from o where not (o.n + 0 in (select n from y)) is true order by id",
           "select y.id from y where exists (select 1 from o where (~ o.id) is null) order by 1",
           "select o.id from o where exists (select 1 from y where y.id = 3) and (~ o.id) is not null order by 1",
           "select count(*) from y where y.id in (select o.id from o where (~ o.id) is null)",
           "select id from (select id, cast(0.1 as real) as r from o) q where r = any (array[1.5, 0.1]) order by id",
           "select id from (select id, cast(0.1 as real) as r from o) q where r <> all (array[1.5, 0.1]) order by id",
           "with c as (select id, cast('c1' as char(5)) as c from o) select id from c where c.c = any (array['c1', 'c2 ']) order by id",
           "select id from (select id, 9007199254740992::int8 as b, n::float8 as f from o) q where b = any (array[9007199254740993, f]) order by id",
           "select id from o where id = any (array[1, 2, null]) and n <> all (array[2.0, 3]) order by id",
       }) {
    auto const expected = plainly(plain, sql);
    ASSERT_FALSE(expected.size() == 1 && expected[0].starts_with("failed")) << expected[0] << '\n' << sql;
    EXPECT_EQ(through(session, sql), expected) << sql;
  }
}

TEST_F(breadth_on_postgres, statements_give_the_same_through_a_proxy) {
  testing_postgres::proxy const between(db_.name());
  auto pooled = session(between.conninfo(), {.pooled = true});
  auto directly = session();
  std::size_t rows = 0;
  for (auto const& [sql, parameters] : statements()) {
    auto const got = through(pooled, sql, parameters);
    EXPECT_EQ(got, through(directly, sql, parameters)) << sql;
    rows += got.size();
  }
  EXPECT_GT(rows, 1000U);
}

TEST_F(breadth_on_postgres, a_parameter_of_one_type_stands_beside_the_guard) {
  auto session = this->session();
  auto const sent = [&](char const* sql) { return session.explain(sql, 3).sql; };
  EXPECT_THAT(sent("select id from x where id = $1::int"), testing::Not(testing::HasSubstr("case")));
  EXPECT_THAT(sent("select id from x where id > cast($1 as int) or a < cast($1 as int)"), testing::Not(testing::HasSubstr("case")));
  // where it is of another type first, the cast is one of values, which can fail as rows are read
  EXPECT_THAT(sent("select id from x where s = $1 or id = $1::int"), testing::HasSubstr("case"));
  EXPECT_THAT(sent("select id from x where n = $1::numeric(3, 1)"), testing::HasSubstr("case")) << "it can be too large for its digits";
  EXPECT_THAT(sent("select id from x where n = $1::float8"), testing::HasSubstr("case")) << "n is made a float of";
}

/// As in a list, the array's values are written there; of any other array, and by any other operator, the comparison can fail.
TEST_F(breadth_on_postgres, any_and_all_over_constants_stand_beside_the_guard) {
  auto session = this->session();
  for (auto const* good : {"id <> any (array[2, 3])", "n < all (array[2, null, 3])", "f >= any (array[1])", "s <> all (array['a', null]) is not true", "s like any (array['a%', 'b\\\\'])",
                           "v not like all (array['a%'])", "s < any (array['b']) and id = all (array[1, 2])"})
    EXPECT_THAT(session.explain(std::string("select id from x where ") + good).sql, testing::Not(testing::HasSubstr("case"))) << good;
  for (auto const* bad : {"id <> any (nums)", "id <> any (array[2, a])", "id <> any (array[2, 3.5])", "id <> any (array[2, 3000000000])", "s like any (array['a%', 'b\\'])", "s like any (tags)",
                          "s ilike any (array['a%'])", "s ~ any (array['['])", "s like any (array[v])", "d < any (array[date '2021-01-01'])", "n < any (array[1e400])",
                          "id < any (array[[1], [2]])", "id < any (select 5)", "s like all (select 'a%')", "id <> any (array[1 / (id - 500)])", "1 / (id - 500) <> any (array[1])"})
    EXPECT_THAT(session.explain(std::string("select id from x where ") + bad).sql, testing::HasSubstr("case")) << bad;
}

/// The server asks it anew of each row, of a constant too: where no row is seen, nothing is asked.
TEST_F(breadth_on_postgres, what_a_domain_asks_is_asked_of_no_hidden_row) {
  grille::postgres::database const of(db_.conninfo(), grille::policy_set::parse(rules, "t.grille", {}, grille::dialect::postgresql));
  auto nobody = of.session(grille::principal("u").with("user_id", 99).group("r"));
  for (auto const* sql : {"select id from w where p = 0::posint", "select id from w where p <> cast(-1 as posint) or id = 0::posint", "select 0::posint from w order by id",
                          "select x from (select 0::posint as x from w union all select id from w) s where x > 1", "select a.id from w a join w b on a.p = 0::posint and b.id = a.id",
                          "select w.id from w, (select 0::posint as k from w) s where s.k = w.id", "select max(0::posint) from w having count(*) > 0"})
    EXPECT_EQ(through(nobody, sql), answers::rows{}) << sql;
  auto session = this->session();
  EXPECT_THAT(through(session, "select id from w where p = 0::posint"), testing::ElementsAre(testing::StartsWith("check_failed")));
}

/// Measured, and the reason for the refusal: of two tables with the same rows for the caller, the one with hidden rows between gives another sample.
TEST_F(breadth_on_postgres, samples_tell_of_hidden_rows_and_are_refused) {
  db_.run("create table alone (id int, pad text); create table among (id int, pad text);"
          "insert into alone select g, repeat('x', 100) from generate_series(1, 400) g;"
          "insert into among select case when g % 3 = 0 then g / 3 else -g end, repeat('x', 100) from generate_series(1, 1200) g");
  pqxx::connection plain(db_.conninfo());
  for (std::string const method : {"system", "bernoulli"}) {
    auto const sample = [&](std::string const& table) { return plainly(plain, "select id from " + table + " tablesample " + method + " (50) repeatable (7) where id > 0 order by id"); };
    EXPECT_EQ(plainly(plain, "select id from alone order by id"), plainly(plain, "select id from among where id > 0 order by id"));
    EXPECT_NE(sample("alone"), sample("among")) << method;
  }
  auto session = this->session();
  for (auto const& [sql, why] : std::vector<std::pair<std::string, std::string>>{{"select id from x tablesample system (10)", "a sample is taken before the policy is asked"},
                                                                                 {"select id from x tablesample bernoulli (10) repeatable (1)", "a sample is taken before the policy is asked"},
                                                                                 {"select id from only x", "in which of its tables a row is stored"},
                                                                                 {"(table only x) union all table only x", "in which of its tables a row is stored"}}) {
    try {
      session.query(sql);
      ADD_FAILURE() << sql;
    } catch (grille::error const& e) {
      EXPECT_EQ(e.kind(), grille::errc::unsupported) << sql;
      EXPECT_THAT(e.help(), testing::HasSubstr(why)) << sql;
    }
  }
}

/// Of the same types as the server makes of them, so that nothing of these needs a fence.
TEST_F(breadth_on_postgres, what_aggregates_and_windows_are_of_is_known) {
  auto session = this->session();
  pqxx::connection plain(db_.conninfo());
  for (auto const* value : {"count(*)", "count(a)", "sum(a)", "sum(n)", "sum(f)", "avg(a)", "avg(n)", "avg(f)", "min(id)", "max(n)", "max(f)", "min(d)", "max(ts)", "bool_and(a > 1)",
                            "rank(1) within group (order by a)", "percent_rank(1) within group (order by a)", "count(*) over ()", "row_number() over (order by id)"}) {
    std::string const window = std::string(value).find(" over ") == std::string::npos ? " group by a" : "";
    auto const sql = "select 1 from (select " + std::string(value) + " as v from x" + window + ") g join y on g.v = y.";
    // a column of the very type that the server says it is
    std::string const type = plainly(plain, "select pg_typeof(v) from (select " + std::string(value) + " as v from x" + window + ") g limit 1")[0];
    std::string const column = type == "bigint|" || type == "integer|" ? "id" : type == "numeric|" ? "n" : type == "double precision|" ? "f" : type == "date|" ? "d" : "ts";
    if (type == "boolean|") continue;
    EXPECT_THAT(session.explain(sql + column).sql, testing::Not(testing::HasSubstr("case"))) << value << " is " << type;
    // compared with another type that it would have to be made of
    auto const other = type == "double precision|" ? "n" : type == "numeric|" ? "f" : "s";
    EXPECT_THAT(session.explain(sql + other).sql, testing::HasSubstr("case")) << value;
  }
}

/// The server groups by the key alone, and knows that of a table only; here it must be able to group by the rest.
TEST_F(breadth_on_postgres, what_a_key_decides_is_refused_where_it_can_be_no_key) {
  db_.run("create table h (id int primary key, js json, p point, b jsonb, o int); insert into h values (1, '{\"a\":1}', '(1,2)', '[]', 17), (2, '3', '(0,0)', '4', 18)");
  std::string_view const own = "policy t version 1; owner 'tests' contact 'tests'; protects h; principal has user_id integer; role r from group 'r';\n"
                               "allow r to select (id, js, p, b) on h where o = principal.user_id;\n";
  grille::postgres::database const of(db_.conninfo(), grille::policy_set::parse(own, "t.grille", {}, grille::dialect::postgresql));
  auto session = of.session(grille::principal("u").with("user_id", 17).group("r"));
  for (auto const* sql : {"select id, js from h group by id", "select id from h group by id having p is not null", "select id, to_json(h) from h group by id",
                          "select x.id, count(h), to_json(h) from h x left join h on h.id = x.id group by x.id, h.id"})
    EXPECT_THAT(through(session, sql), testing::ElementsAre(testing::HasSubstr("unsupported: a column beside the key that it is grouped by"))) << sql;
  EXPECT_THAT(through(session, "select id, b, (array_agg(js))[1], count(p) from h group by id"), testing::ElementsAre("1|[]|{\"a\":1}|1|"));
}

TEST_F(breadth_on_postgres, a_column_that_the_guard_says_to_be_one_value_is_null_above_grouping_sets) {
  db_.run("create table gs (id int primary key, t int, u int, s text, b int, c int); insert into gs select i, 16 + i % 3, i % 2, 'n' || i % 2, i % 4, i % 4 from generate_series(1, 40) i;"
          "create table seen.gs as select * from gs where t = 17; create table public.k as select i as t, 'k' || i as n from generate_series(15, 19) i; create table seen.k as select * from k;"
          "create view gv as select id, t, s, s || 'x' as r from gs where b = c; create view seen.gv as select id, t, s, s || 'x' as r from seen.gs;"
          "insert into gs select i, 17, i % 2, 'SECRET', 1, 2 from generate_series(100, 120) i; analyze");
  std::string_view const own = "policy t version 1; owner 'tests' contact 'tests'; protects gs, gv, k; principal has user_id integer; role r from group 'r';\n"
                               "allow r to select (id, t, u, s, b, c) on gs where t = principal.user_id and b = c; allow r to select all columns on k;\n"
                               "allow r to select (id, t, s) on gv where t = principal.user_id;\n";
  grille::postgres::database const of(db_.conninfo(), grille::policy_set::parse(own, "t.grille", {}, grille::dialect::postgresql));
  auto session = of.session(grille::principal("u").with("user_id", 17).group("r"));
  pqxx::connection plain(db_.conninfo());
  for (auto const* sql : {"select distinct t from gs group by grouping sets ((t), ())", "select distinct on (t) t, count(*) from gs group by rollup (t)",
                          "select t, count(*) from gs group by rollup (t) order by t nulls first", "select t, count(*) from gs group by rollup (t) order by t desc limit 1",
                          "select t, s, row_number() over (partition by t order by s) from gs group by cube (t, s) order by 1, 2",
                          "select b, c, count(*) from gs group by cube (b, c) order by b, c", "select b, c, count(*) from gs group by cube (b, c) order by c desc, b desc",
                          "select distinct b, c from gs group by cube (b, c) order by 1, 2", "select t, grouping(t), sum(u), rank() over (order by t nulls first) from gs group by rollup (t) order by t",
                          "select k.t, n, count(*) from gs join k on k.t = gs.t group by rollup (k.t, n) order by 1, 2",
                          "select x.t, count(*) from (select t, 100 / id as q from gs) x group by rollup (x.t) order by 1 nulls first", "select t + 1 as k, count(*) from gs group by rollup (1) order by 1 nulls first",
                          "select t, (select count(*) from k where k.t <= gs.t) from gs group by rollup (t) order by t nulls first", "select distinct t, (select min(n) from k where k.t = gs.t) from gs group by rollup (t) order by 1",
                          "select t, (select count(*) from k where exists (select 1 from k j where j.t = k.t) and k.t <= gs.t) from gs group by rollup (t) order by t nulls first",
                          "select t, count(*) from gs where 10 / id >= 0 group by rollup (t) having 10 / count(*) >= 0 order by t nulls first",
                          "select * from (select t, count(*) n from gs group by rollup (t)) x where t is null or n > 100 order by 1", "select t from gs group by rollup (t) except select t from k",
                          "select s, count(*) from gv x group by rollup (x.s) having x.s = x.s order by 1", "select s, t, count(*) from gv group by rollup (s, t) order by s = s, s desc, t",
                          "with x as (select t, s, count(*) n from gs group by cube (t, s)) select t, s, n, count(*) over (partition by t) from x order by 1, 2"}) {
    EXPECT_EQ(through(session, sql), plainly(plain, sql)) << sql;
  }
  for (auto const* sql : {"select public.gs.* from public.gs where id < 20 order by id", "select public.gs.*, k.n from public.gs join public.k on k.t = gs.t where id < 20 order by id"})
    EXPECT_EQ(through(session, sql), plainly(plain, std::regex_replace(std::string(sql), std::regex("public\\."), ""))) << sql;
}

TEST_F(breadth_on_postgres, what_is_not_supported_is_refused_by_name) {
  auto session = this->session();
  struct refusal {
    char const* sql;
    char const* says;
  };
  constexpr auto const* joins = "a full join by what could fail on a row that is not yours to see is supported where a value of the one side equals one of the other";
  constexpr refusal all[] = {
      {"select x.id from x full join y on 1 / (x.id - 500) < y.id", joins},
      {"select x.id from x full join y on x.n = y.f", joins},
      {"select x.id from x full join y on x.n = y.f and x.a < y.a", joins},
      {"select x.id from x full join y on upper(x.s) = y.s and 1 / (x.id - 500) < 3", joins},
      {"select x.id from x full join y on x.id + y.id = 7", joins},
      {"select x.id from x full join y on x.id + 1 = x.a", joins},
      {"select x.id from x full join y on x.id + 1 = y.id or x.a = 2", joins},
      {"select x.id from x full join y on x.id + 1 = 7", joins},
      {"select x.id from x full join y on x.tags[1] = y.s", joins},
      {"select x.id from x full join y on x.nums[1] + 2 = y.id", joins},
      {"select id from x where id + any (array[1])", "operator `+` with `any` or `all`"},
      {"select id from x where j -> any (array['k'])", "operator `->` with `any` or `all`"},
      {"select id from x where j #> any (array['k'])", "operator `#>` with `any` or `all`"},
      {"select id from x where id operator(public.<) any (array[1])", "operator `<` with `any` or `all`"},
      {"select id from x where (id, s) like any (select id, s from y)", "a row with `any` or `all` but in a comparison"},
      {"select id from x where id < any (select id, a from y)", "this yields 2 columns, 1 is expected"},
      {"select id from x where owner < any (array[1])", "no such column: `owner`"},
      {"select id from x where id > all (select owner from y)", "no such column: `owner`"},
      {"select id from x limit (select max(id) from y) + length('a')", "limit"},
      {"select id from x limit (select owner from y)", "no such column: `owner`"},
      {"select ((tags)[1])[1] from x", "a subscript behind a subscript in parentheses"},
      {"select array[]", "an empty array without a type"},
      {"select id from x where array[] = nums", "an empty array without a type"},
      {"select 'low'::spot from x", "type `spot` is not supported in a cast"},
      {"select row(1, 2)::public.spot from x", "type `public.spot` is not supported in a cast"},
      {"select 'SECRET'::hush from w", "type `hush` is not supported in a cast"},
      {"select public.hush 'SECRET' from w", "type `public.hush` is not supported in a cast"},
      {"select 1::calls from w", "type `calls` is not supported in a cast"},
      {"select 'a'::box from w", "type `box` is not supported in a cast"},
      {"select 'x'::regclass", "type `regclass` is not supported in a cast"},
      {"select oid '1'", "type `oid` is not supported in a cast"},
      {"select 'low'::nosuch", "type `nosuch` is not supported in a cast"},
      {"select id from x where substring(s from tags[1]) = 'a'", "`substring` from what is neither a plain number nor a plain text"},
      {"select id !! 1 from x", "operator `!!`"},
      {"select !! id from x", "operator `!!`"},
      {"select count(*) from x group by grouping sets ((), ())", "several grouping sets without a key"},
      {"select id from x where (owner, 1) is null", "no such column: `owner`"},
      {"select unnest(to_tsvector('simple', s)) from x", "`unnest` of a `tsvector`"},
      {"select unnest(v) from (select null union all select to_tsvector('simple', s) from x) q (v)", "`unnest` of a `tsvector`"},
      {"select unnest(v) from (values (null), ((select to_tsvector('simple', s) from x where id = 1))) q (v)", "`unnest` of a `tsvector`"},
      {"with q as (select case when id = 17 then 'a' else to_tsvector('simple', s) end as v from x) select unnest(v) from q", "`unnest` of a `tsvector`"},
      {"select unnest(greatest('', to_tsvector('simple', s))) from x", "`unnest` of a `tsvector`"},
      {"select unnest(v) from unnest(array(select to_tsvector('simple', s) from x)) v", "`unnest` of a `tsvector`"},
      {"select unnest((array_agg(to_tsvector('simple', s)))[1]) from x", "`unnest` of a `tsvector`"},
      {"select * from (select '' union all select to_tsvector('simple', s) from x) q (x), unnest(q.x) with ordinality as u (a, n)", "`unnest` of a `tsvector`"},
      {"with recursive q (v) as (select to_tsvector('simple', s) from x union all select v from q where false) select unnest(v) from q", "`unnest` of a `tsvector`"},
      {"select unnest(v) from (select null union all select homes from z) q (v)", "`unnest` of a `tsvector` or of composites"},
      {"select * from x, unnest(coalesce(strip(to_tsvector('simple', s)), to_tsvector('simple', ''))) u", "`unnest` of a `tsvector`"},
      {"select nosuch.x.* from x", "no such table: `nosuch.x`"},
      {"select public.y.* from x y", "no such table: `public.y`"},
      {"select unnest(tags), count(*) from x group by id", "function `unnest` in a list of results beside groups, windows or `distinct on`"},
      {"select unnest(tags) t, unnest(nums), count(*) from x group by t", "function `unnest` in a list of results beside groups, windows or `distinct on`"},
      {"select unnest(tags) t, count(*) from x group by rollup (t)", "function `unnest` in a list of results beside groups, windows or `distinct on`"},
      {"select unnest(tags) t from x group by unnest(tags), (select 1 where unnest(tags) = 'a')", "function `unnest` stands only in `from`, and in a list of results"},
      {"select unnest(tags), count(*) from x", "function `unnest` in a list of results beside groups, windows or `distinct on`"},
      {"select unnest(array_agg(id)) from x", "function `unnest` in a list of results, of an aggregate"},
      {"select unnest(tags), row_number() over (order by id) from x", "function `unnest` in a list of results beside groups"},
      {"select distinct on (id) id, unnest(tags) from x", "function `unnest` in a list of results beside groups"},
      {"select coalesce(unnest(tags), 'x') from x", "function `unnest` stands only in `from`, and in a list of results"},
      {"select id from x where unnest(tags) = 'a'", "function `unnest` stands only in `from`, and in a list of results"},
      {"select id from x order by unnest(tags)", "function `unnest` stands only in `from`, and in a list of results"},
      {"select jsonb_each(j) from x", "function `jsonb_each` stands only in `from`"},
      {"select generate_series(1, unnest(nums)) from x", "function `unnest` stands only in `from`"},
      {"select g from x, generate_series(1, (select max(y.id) from y where y.id < x.id)) g", "a query of columns, given to a function of the `from` clause,"},
      {"select row_to_json((select distinct x from x))", "no such column: `x`"},
      {"select to_json((select x.owner from x))", "no such column: `x.owner`"},
      {"select id from x where owner is null", "no such column: `owner`"},
      {"select x.id from x, (y join unnest(x.nums) u on 1 / (u - y.id - 100) < 0)", "a condition of a join beside a function of rows outside of it"},
      {"select x.id from x, lateral (select 1 from y limit x.a) s", "no such column: `x.a`"},
      {"select * from pg_ls_dir('.')", "function `pg_ls_dir` in `from`"},
      {"with recursive s (n) as (select a from x union all select n + 1 from s where n < 3 group by rollup (n)) select 1 / (n - 77) as k from s order by k",
       "the recursive part of `s` cannot aggregate"},
      {"select count(*) from x group by grouping sets ((row(a, id)))", "a row as a key of grouping sets"},
      {"select (x).owner from x", "no such column: `x.owner`"},
      {"select (x).ctid from x", "no such column: `x.ctid`"},
      {"select (x).count from x", "no such column: `x.count`"},
      {"select (j).k from x", "a value of type `jsonb` has no fields"},
      {"select ((select y from y limit 1)).id from x", "no such column: `y`"},
      {"select (addr).zip from z", "no such field: `zip`"},
      {"select (addr).ctid from z", "no such field: `ctid`"},
      {"select (z).addr.tableoid from z", "no such field: `tableoid`"},
      {"select (addr).owner from z", "no such field: `owner`"},
      {"select (z.owner).n from z", "no such column: `z.owner`"},
      {"select (jsonb_populate_record(addr, '{}')).n from z", "function `jsonb_populate_record` is not allowed"},
      {"select (row(id, a)).f1 from z", "a field of `row(…)` is not supported"},
      {"select id from z where (addr).* is null", "`(…).*` stands only in the list of results"},
      {"select (homes).city from z", "a value of type `public.addr[]` has no fields"},
      {"select (select (x).*) from x", "`(x).*` stands only in the list of results"},
      {"select x from x", "no such column: `x`"},
      {"select row_to_json(z) from x", "no such column: `z`"},
      {"select to_json(z.*) from x", "no such table: `z`"},
      {"select to_json(x.owner) from x", "no such column: `x.owner`"},
      {"select to_json(x.ctid) from x", "no such column: `x.ctid`"},
      {"select to_json(x) ->> 'id' from x as z", "no such column: `x`"},
      {"select to_json(j) from (x join y on x.id = y.id) as j", "ambiguous column name: `j`"},
      {"select to_json(k) from (x join (select id as b, s as t from y) y on x.id = y.b) as k", "the row of a join is not supported"},
      {"select to_json(u) from x join y using (id) as u", "the row of a join is not supported"},
      {"select to_json(k) from x, jsonb_each(x.j) k", "the row of a function in `from` is not supported"},
      {"select to_json(g.*) from generate_series(1, 2) g", "the row of a function in `from` is not supported"},
      {"select s.j from x right join lateral (select to_json(x) as j from y) s on true", "`x` cannot be named here: the join is neither inner nor left"},
      {"select to_json((select coalesce(r.*) from (select count(*) as m) r)) from x", "aggregate `count` cannot stand here"},
      {"select to_json((select coalesce(r.*) from (select row_number() over () as m) r)) from x", "window function `row_number` cannot stand here"},
      {"select json_agg((select y from y where y.id = x.id)) from x", "no such column: `y`"},
      {"select json_agg((select r from (select count(*) as n) r)) from x", "aggregate `count` cannot stand here"},
      {"select to_json(row())", "a row without columns is not supported"},
      {"select upper(x) from x", "no such column: `x`"},
      {"select max(x.*) from x", "`*` cannot stand here"},
      {"select array_agg(x) from x", "no such column: `x`"},
      {"select json_agg(x) filter (where x = x) from x", "no such column: `x`"},
      {"select row(id, a) from x", "a row of values"},
      {"select x.id from (x join y using (id)) as j", "no such column: `x.id`"},
      {"select j.a from (x join y using (id)) as j", "ambiguous column name: `j.a`"},
      {"select j.owner from (x join y on x.id = y.id) as j", "no such column: `j.owner`"},
      {"select 1 from (x join y on x.id = y.id) as j, y j", "table name `j` stands twice in one `from`"},
      {"select 1 from x join y using (id) as x", "table name `x` stands twice in one `from`"},
      {"select rank(1) within group (order by owner) from x", "no such column: `owner`"},
      {"select id from x for update", "rows of `x` may not be locked by who may not change them"},
      {"select id from x for share", "rows of `x` may not be locked by who may not change them"},
      {"select id from x tablesample system (10)", "`tablesample`"},
  };
  for (auto const& [sql, says] : all) {
    auto const got = through(session, sql);
    ASSERT_EQ(got.size(), 1U) << sql;
    EXPECT_THAT(got[0], testing::AllOf(testing::HasSubstr(says), testing::Not(testing::HasSubstr("second check")), testing::Not(testing::StartsWith("backend")))) << sql;
  }
}

}  // namespace
