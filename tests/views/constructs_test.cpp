// Views of one construct each: which the server writes so that they are read again, and which are not understood as yet, so that all of such a
// view counts as able to fail. A construct that moves from the second list to the first is news for docs/views.md.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bind/unbind.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"
#include "print/print.hpp"
#include "views/views.hpp"

namespace grille::views {
namespace {

constexpr char const* schema = R"(
create table t (id int primary key, n int, v varchar(9), c char(3), x text, m numeric(10,2), f float8, d date, ts timestamp, tz timestamptz, tm time, iv interval, b bool,
  j json, jb jsonb, a int[], ta text[], u uuid, by bytea);
create table p (id int primary key, n int, t_id int);
create domain posint as int check (value > 0);
create type mood as enum ('sad', 'ok');
create table e (id int primary key, m mood);
create type spot as (lat int, "Long" numeric); create type place as (city text, spot spot, lines text[], spots spot[]); create domain home as place;
create table w (id int primary key, at place, spots spot[], home home);
)";

std::vector<std::string> const read_again{
    R"(select id from t where x like 'a%')",
    R"(select id from t where v like 'a%')",
    R"(select id from t where x not like 'a%')",
    R"(select id from t where x ilike 'a%')",
    R"(select id from t where x not ilike 'a%')",
    R"(select id from t where x like 'a!%' escape '!')",
    R"(select id from t where x similar to 'a%')",
    R"(select id from t where c like 'a%')",
    R"(select id from t where x ~ '^a' and x !~* 'b')",
    R"(select substring(x from 1 for 2) as y from t)",
    R"(select substring(x from 2) as y from t)",
    R"(select substring(x, 1, 2) as y from t)",
    R"(select overlay(x placing 'a' from 1 for 2) as y from t)",
    R"(select position('a' in x) as y from t)",
    R"(select extract(year from d) as y, extract(epoch from ts) as z from t)",
    R"(select date_part('year', d) as y from t)",
    R"(select ts at time zone 'UTC' as y, tz at time zone 'UTC' as z from t)",
    R"(select trim(x) as a1, trim(both 'a' from x) as b1, ltrim(x) as c1, trim(leading 'x' from x) as d1 from t)",
    R"(select coalesce(x, v, 'a') as y, nullif(n, 0) as z, greatest(n, id) as g, least(n, 1) as l from t)",
    R"(select id from t where n is distinct from 3)",
    R"(select id from t where not (n is distinct from 3))",
    R"(select t.id, p.n from t join p using (id))",
    R"(select * from t natural join (select id, t_id from p) q)",
    R"(select n, count(*) filter (where b) as k, sum(m) filter (where n > 3) as s2 from t group by n)",
    R"(select id, row_number() over (partition by n order by id desc nulls last) as rn, sum(n) over w as sw from t window w as (order by id rows between 1 preceding and current row))",
    R"(select id from t where (n, id) > (1, 2))",
    R"(select id from t where (n, id) = (1, 2))",
    R"(select id from t where (n, id) in ((1, 2), (3, 4)))",
    R"(select id from t where d > date '2020-01-01' and ts < now() - interval '1 day' and iv > interval '2 hours 3 minutes')",
    R"(select id from t where d between '2020-01-01' and '2021-01-01')",
    R"(select id from t where v in ('a','b') and c in ('x', 'y') and x = any (ta))",
    R"(select id from t where n = any (a) and n <> all (array[1,2]))",
    R"(select case when n > 3 then 'a' when b then x else null end as y, case n when 1 then 'one' else 'x' end as z from t)",
    R"(select id from t where b is true and b is not false and b is unknown)",
    R"(select j -> 'a' as a1, j ->> 'b' as b1, jb #> '{a,b}' as c1, jb @> '{"a":1}' as d1, jb ? 'k' as e1, jb #>> '{a}' as f1 from t)",
    R"(select x || v || 'a' as y, n || 'x' as z from t)",
    R"(select array[1,2,n] as y, a[1] as z, a[1:2] as zz from t)",
    R"(select id from t where exists (select 1 from p where p.t_id = t.id) and not exists (select from p where p.n = t.n))",
    R"(select id, (select max(p.n) from p where p.t_id = t.id) as mx from t)",
    R"(select id from t where n in (select n from p) and n not in (select n from p where n is not null))",
    R"(select distinct n from t)",
    R"(select distinct on (n) n, id from t order by n, id desc)",
    R"(select n, sum(m) from t group by n having sum(m) > 3 order by 2 limit 3 offset 1)",
    R"(select id from t union select id from p union all (select n from p order by n limit 1))",
    R"(select id from t intersect select id from p except select 1)",
    R"(with recursive r(i) as (select 1 union all select i + 1 from r where i < 5) select i from r)",
    R"(with a as materialized (select * from t) select id from a)",
    R"(values (1, 'a'), (2, 'b'))",
    R"(select q.k, q.z from (values (1, 'a'), (2, 'b')) q(k, z))",
    R"(select g.i from generate_series(1, 3) g(i))",
    R"(select t.id, w.y from t, unnest(t.a) with ordinality w(y, o))",
    R"(select t.id, l.n from t left join lateral (select p.n from p where p.t_id = t.id order by p.n limit 1) l on true)",
    R"(select t.id from t cross join p full join e on e.id = t.id)",
    R"(select m::int as a1, n::text as b1, left('7' || x, 1)::int as c1, n::numeric(10,2) as d1, x::varchar(3) as e1, d::timestamptz as f1, 'abc'::char(5) as g1, 1::bigint as h1 from t)",
    R"(select n, grouping(n) as g, count(*) from t group by rollup (n))",
    R"(select n, id, count(*) from t group by grouping sets ((n), (id), ()))",
    R"(select string_agg(x, ',' order by id) as y, array_agg(id order by n desc) as z, json_agg(x) as w, count(distinct n) as k from t)",
    R"(select percentile_cont(0.5) within group (order by f) as y from t)",
    R"(select id from e where m = 'ok')",
    R"(select m::text as y from e)",
    R"(select lower(x) as a1, upper(v) as b1, length(x) as c1, round(m, 1) as d1, abs(n) as e1, date_trunc('month', ts) as f1, to_char(d, 'YYYY') as g1, md5(x) as h1, concat(x, 'a', n) as i1, initcap(x) as j1, replace(x, 'a', 'b') as k1, left(x, 3) as l1, split_part(x, ',', 1) as m1, age(ts) as n1, floor(f) as o1 from t)",
    R"(select id from t where x collate "C" > 'a' and v < 'b' collate "POSIX" order by x collate "C")",
    R"(select id from t where x is null or v is not null or x is not null)",
    R"(select id from t where n between symmetric 1 and 3)",
    R"(select id from t where x >= 'a' and c = 'abc' and c < 'abd' and v > 'm')",
    R"(select id from t where u = '00000000-0000-0000-0000-000000000000' and by = '\x00')",
    R"(select lag(n) over (order by id) as a1, first_value(n) over (partition by b order by id) as b1, ntile(4) over (order by n) as c1, rank() over (order by n desc) as d1 from t)",
    R"(select id from t where not b and (b or n > 3) and not (n = 3 or n = 4))",
    R"(select ts - ts as a1, d - d as b1, d + 3 as c1, ts + iv as d1, d + interval '1 month' as e1, tm + iv as f1, iv * 2 as g1 from t)",
    R"(select id from t where tz > current_timestamp - '7 days'::interval and date_trunc('day', tz) = current_date)",
    R"(select t1.id as a1, t2.id as b1 from (t t1 join p t2 on t1.id = t2.t_id) left join (p t3 join e t4 on t3.id = t4.id) on t3.id = t1.id)",
    R"(select id from t fetch first 3 rows only)",
    R"(select k.key, k.value from t, jsonb_each_text(t.jb) k)",
    R"(select x1.a, x1.b from t, jsonb_to_recordset('[{"a": 1, "b": "x"}]'::jsonb) x1(a int, b text))",
    R"(select j.a1, j.n from (select id as a1, n from t) j(a1, n))",
    R"(select row_to_json(t) as y, to_jsonb(x) as z from t)",
    R"(select json_agg(q) as y, count(q) as z from (select id, n from t) q)",
    R"(select t.id, count(p) as k, jsonb_agg(p) as y from t left join p on p.t_id = t.id group by t.id)",
    R"(select to_json(row(id, n)) as y from t)",
    R"(select t.id from t join p using (id) as jj where jj.id > 3)",
    R"(select id from w where (at).city = 'Ulm' and (at).spot.lat > 3 and spots[1].lat < 3 order by (home).city)",
    R"(select (w.at).city as c1, ((at).spot)."Long" as l1, ((at).lines)[1] as y1, (at).spots[2].lat as l2, (spots[1])."Long" as l3, (home).spot.lat as l4 from w)",
    R"(select id, (at).* from w)",
    R"(select (at).city, count(*) as k, max((at).spot.lat) as m from w group by (at).city)",
    R"(select (coalesce(at, null)).city from w)",
    R"(select (coalesce(at, home)).city from w)",
    R"(select (home::place).city from w)",
    R"(select (q.a).spot.lat from (select at as a from w) q)",
    R"(select n ^ 2 as y from t)",
    R"(select |/ f as y from t)",
    R"(select id from t where (d, d) overlaps (d, d))",
    R"(select id from t where x like any (array['a%', 'b%']))",
    R"(select id from t where x ^@ 'a')",
    R"(select B'101' as y)",
    R"(select id from t where n > any (a))",
    R"(select id from t where n > all (select n from p))",
    R"(select substring(x from 'a.c') as y from t)",
    R"(select id from t where n <> any (array[1, 2]) and x not like all (array['a%', x]) and x ~ any (ta) and v !~~* any (ta) and (n, id) < any (select n, id from p))",
    R"(select a[2:] as a1, a[:2] as b1, (array[[1, 2], [3, n]])[1][2] as c1, (array[[1, 2]])[1:1][2] as d1, jb['a']['b'] as e1, array[]::int[] as f1, array[array[n], array[id]] as g1 from t)",
    R"(select string_agg(distinct x, ',') as y, count(*) as z from t group by ())",
    R"(select id from t where (n, x) is null or (n, x) is not null and n not between symmetric 3 and 1)",
    R"(select jb @? '$.a' as a1, jb @@ '$.a == 1' as b1, jb #- '{a}' as c1, ||/ f as d1, @ n as e1, n # 3 as f1, current_timestamp(0) is null as g1, localtime(3) > tm as h1 from t)",
    R"(select x'1f' as a1, n::bit(4) as b1, '101'::bit as c1, varbit '11' as d1, inet '10.0.0.1' as e1, '{10.0.0.0/8}'::cidr[] as f1, macaddr '08:00:2b:01:02:03' as g1, char 'abc' as h1, N'abc' as i1 from t)",
    R"(select id, mood 'sad' as y, array['ok'::mood] as z, 'sad'::mood = m as w, m = any (array['sad', 'ok']::mood[]) as v, 3::posint as p, '{1}'::posint[] as q from e)",
    R"(select id from t order by x fetch first 3 rows with ties)",
    R"(select id from t order by id % 2 offset 1 fetch first row with ties)",
    R"(select make_interval(days => n) as y, to_tsvector('english', x) @@ plainto_tsquery('simple', x) as z, x collate "de-x-icu" as w from t)",
};

std::vector<std::string> const not_understood{
    R"(select id from only t)",
    R"(select t as y from t)",
    R"(select id from t where x = current_user)",
    R"(select id from t tablesample system (10))",
    R"(select id from t for update)",
    R"(select x is normalized as y from t)",
    R"(select xmlelement(name foo, x) as y from t)",
    R"(select id, xmin from t)",
    R"(select to_tsvector(x) as y from t)",
};

struct constructs : testing::Test {
  /// Of each view what is read, as it would be printed; empty: it was not understood.
  std::vector<std::string> read_views(std::vector<std::string> const& queries) {
    std::string made;
    for (std::size_t i = 0; i < queries.size(); ++i) made += "create view v" + std::to_string(i) + " as " + queries[i] + ";\n";
    db_.run(schema).run(made);
    auto on = postgres::backend::connect(db_.conninfo());
    auto const c = introspect::read_postgres(**on, {}).value();
    base::arena memory;
    auto const all = read(*c, memory);
    std::vector<std::string> out(queries.size());
    for (auto const& [table, tree] : all)
      out.at(std::stoul(table->name.substr(1))) = print::print(*bind::unbind(*tree, dialect::postgresql, memory).statement, dialect::postgresql);
    return out;
  }
  /// What the server writes for a view of that text.
  std::string definition(std::string const& query) {
    db_.run("drop view if exists again; create view again as " + query);
    pqxx::connection c(db_.conninfo());
    pqxx::work w(c);
    return w.exec("select pg_get_viewdef('again'::regclass)")[0][0].as<std::string>();
  }
  std::vector<std::vector<std::string>> rows_of(std::string const& query) {
    pqxx::connection c(db_.conninfo());
    pqxx::work w(c);
    std::vector<std::vector<std::string>> out;
    for (auto const& row : w.exec(query)) {
      auto& into = out.emplace_back();
      for (auto const& f : row) into.push_back(f.is_null() ? "~" : f.c_str());
    }
    return out;
  }
  testing_postgres::database db_;
};

TEST_F(constructs, that_are_read_mean_what_the_view_means) {
  auto const found = read_views(read_again);
  db_.run(R"(
insert into t values (1, 1, 'a', 'abc', 'abc', 1.5, 1.5, '2020-02-03', '2020-02-03 04:05', '2020-02-03 04:05Z', '04:05', '3 hours', true, '{"a": 1, "b": "x"}', '{"a": 1, "k": 2}', '{1,2}', '{abc}', '00000000-0000-0000-0000-000000000000', '\\x00'),
 (2, 5, 'b', 'x', 'a%', 2.5, 0, '2021-02-03', now(), now() - interval '1 hour', '05:05', '1 day', false, '{"a": 2}', '{"b": 3}', '{5,6}', '{x}', null, null),
 (3, null, null, 'y', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
insert into w values (1, row('Ulm', row(4, 1.5), '{a,b}', array[row(1, 1)::spot, row(7, 2)::spot]), array[row(2, 3)::spot], row('Bonn', row(1, 1), null, null)), (2, row('Ulm', row(9, 2), '{}', null), null, null),
 (3, null, array[null, row(1, null)::spot], null);
insert into p values (1, 1, 1), (2, 5, 1), (3, 7, 2); insert into e values (1, 'ok'), (2, 'sad'))");
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NE(found[i], "") << read_again[i] << '\n' << definition(read_again[i]);
    EXPECT_EQ(rows_of("select count(*), md5(string_agg(v::text, '|' order by v::text)) from v" + std::to_string(i) + " v"),
              rows_of("select count(*), md5(string_agg(v::text, '|' order by v::text)) from (" + found[i] + ") v"))
        << read_again[i] << '\n' << found[i];
  }
}

TEST_F(constructs, that_are_not_understood_are_not_half_read) {
  auto const found = read_views(not_understood);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], "") << not_understood[i];
}

}  // namespace
}  // namespace grille::views
