// Queries whose meaning hangs on a rule of names, of places or of spelling. Each is asked of the engine as written and as printed
// from its bound tree; rows (in order, with their storage classes) and column names must be the same.
#include "bind/engine.hpp"

namespace grille::bind {
namespace {

constexpr std::string_view schema = R"(
create table t(a, b, c);
insert into t values (1,2,3), (4,5,6), (7,2,9), (null,5,'x');
create table u(a, d);
insert into u values (1,10), (4,40), (8,80), (null,90);
create table v(a, d, e);
insert into v values (1,10,100), (9,90,900), (4,41,400);
create table k(id integer primary key, x text collate nocase, n real);
insert into k values (1,'p',1.5), (2,'Q',2.5), (3,'q',null);
create table w(p text primary key, q integer) without rowid;
insert into w values ('x',1), ('y',2);
create table o(oid text, rowid2 int);
insert into o values ('text',1);
create table j(id integer primary key, doc text);
insert into j values (1,'{"a":[1,2,{"b":3}]}'), (2,'[]'), (3,'[10,20]');
create table "odd name"("a b" int, "c""d" text, "select" int, "ünï" int, "k1" int);
insert into "odd name" values (1,'two',3,4,5), (6,'seven',8,9,10);
create view tv as select a, b + 1 as bb from t;
create table one(z);
insert into one values (1), (4), (null);
create table part(g, s, i integer);
insert into part values ('x',1,1), ('x',2,2), ('y',3,3), ('y',null,4), ('y',5,5), ('z',7,6);
)";

class same_answer : public testing::TestWithParam<char const*> {
 protected:
  static void SetUpTestSuite() {
    db = new engine(schema);
    catalog = new introspect::catalog_ptr(db->catalog());
    visible = new full_catalog(**catalog);
  }
  static void TearDownTestSuite() {
    delete visible;
    delete catalog;
    delete db;
  }
  static inline engine* db{};
  static inline introspect::catalog_ptr* catalog{};
  static inline full_catalog* visible{};
};

TEST_P(same_answer, as_written_and_as_printed) { EXPECT_TRUE(same_answer_of(*db, *visible, GetParam())); }

#define CASES(name, ...) INSTANTIATE_TEST_SUITE_P(name, same_answer, testing::Values(__VA_ARGS__))

CASES(names,  //
      "select A, T.b, main.t.c, MAIN.T.C from T", "select x.a, main.x.b from t x", "select \"a\", [b], `c` from t",
      "select (a), +a, a+b, - a, a || b, t.a from t", "select a+b /* c */ , b  -- x\n from t", "select count(*), COUNT( * ), sum( a ) from t",
      "select 1, 'it''s', x'00ff', null, 1.50, 0x10, 1e3, true, FALSE, (true)", "select \"a b\", \"c\"\"d\", \"select\", \"ünï\" from \"odd name\"",
      "select * from \"odd name\" as \"x y\" where \"x y\".\"a b\" > 1", "select k1, k1, k1 from (select k1, k1 as \"k2\", 1, 1 from \"odd name\")",
      "select 5 as a, 6 as a from t", "select ID, Id from K", "select * from tv where bb > 3", "select tv.* from tv, one where z = tv.a",
      "select x.d from t x, u x", "select x.b, x.d from t x, u x where x.c = 3", "select t.a from t, (select 1)");

CASES(rowid,  //
      "select rowid, _rowid_, OID, k.rowid, x from k", "select x from k where rowid = 2", "select main.k._rowid_ from k order by rowid desc",
      "select z.oid, y.rowid from k z, k y where z.rowid = y.oid", "select oid from o", "select (select x from k where rowid = z) from one",
      "select 5 as rowid from k order by rowid", "select rowid from (select id as rowid from k)", "select t1.rowid from k t1 join one on t1.rowid = z");

CASES(aliases,  //
      "select a as x from t where x = 1", "select a as b from t where b = 2", "select a as b from t order by b", "select -a as b from t order by b",
      "select -a as b from t order by b+0", "select -a as b from t order by +b", "select -a as b from t order by t.b, t.a", "select -a as zz from t order by abs(zz)",
      "select a as b, count(*) from t group by b", "select a zz, count(*) from t group by zz having zz > 1", "select a zz from t where (select zz) = 1",
      "select a zz from t where exists (select 1 from u where u.a = zz)", "select sum(a) zz from t having zz > 1", "select sum(a) zz, b from t group by b having zz > 1",
      "select sum(a) zz, b from t group by b order by zz + 1", "select a zz, b zz from t where zz = 1", "select a zz, b zz from t order by zz",
      "select a zz from t order by (select max(d) from u where u.a = zz)", "select t.a + 1 as q from t join u on q = u.a + 1 and t.a = u.a",
      "select t.a + 1 as q from t left join u on q = u.d", "select *, b as a from t order by a", "select * from t, u order by a, d, b", "select t.a + u.a as s, s.z from t, u, one s where s = 5",
      "select a as x, (select x from k where k.x = 'p') from t", "select b as a from t where a = 1", "select a as \"count(*)\" from t order by \"count(*)\" desc",
      "select case when a > 1 then 'big' else 'small' end as size, count(*) from t group by size order by size", "select random() is null as r from t where r = 0",
      "select a zz, (select count(*) from u where u.a = t.a) as n from t where n > 0 order by n, zz", "select a as x from t group by x having max(b) > 2 and x > 1",
      "select a zz from t window w as (order by zz)", "select a as zz from t order by sum(a) over (order by zz)");

CASES(ordinals,  //
      "select a, b from t order by 2, 1 desc", "select a, b from t order by +1 desc", "select a, b from t order by (2)", "select a, b from t order by ((2)) desc, 1",
      "select a, b from t order by 1.0, a", "select a, b from t order by 1+1, a", "select a, b from t order by 2 collate nocase, 1", "select a, b from t order by 0x2, 1",
      "select a from t order by 99999999999, a", "select a from t group by 1", "select b, count(*) from t group by (1)", "select b, count(*) from t group by +1",
      "select 5, count(*) from t group by 1", "select -5 as m, count(*) from t group by 1", "select 5 collate nocase, count(*) from t group by 1", "select 1, 2, 3 from t group by 3, 2",
      "select x, count(*) from k group by 1 collate binary", "select x, count(*) from k group by 1", "select a from t group by a, 1", "select a, b from t order by true, a",
      "select a, b from t order by 1 desc nulls last, 2 nulls first", "select a from t order by ?1, a", "select 3 x from t order by x", "select 2 as x, a from t order by x, -a",
      "select a from t group by a, null, 'x', 1.5, -99999999999", "select count(*) from t group by true", "select 7 as n, a from t group by n, a");

CASES(joins,  //
      "select * from t natural join u", "select * from t natural join u natural join v", "select * from t join u using(a) join v using(a, d)", "select a from t left join u using(a)",
      "select a, t.a, u.a from t right join u using(a)", "select * from t right join u using(a)", "select t.* from t right join u using(a)", "select t.* from t full join u using(a)",
      "select a from t full join u using(a) full join v using(a)", "select * from t full join u using(a) full join v using(a)", "select * from t left join u using(a) full join v using(a)",
      "select * from t left join u using(a) join v using(d)", "select * from t join u on t.a = u.a join v using(a)", "select * from t join u on t.a = u.a join v using(d)",
      "select * from t natural full join u natural full join v", "select d from t natural full join u natural full join v", "select * from t, u natural join v",
      "select * from (t join u using(a)) join v using(a)", "select t.a from (t join u using(a)) join v using(a)", "select * from v natural join (t join u using(a))",
      "select * from v natural join (t join u on t.a = u.a)", "select * from v left join (t join u on t.a = u.a) on v.a = t.a", "select * from v left join (t join u on t.a = u.a) using(a)",
      "select * from v right join (t join u on t.a = u.a) using(a)", "select t.* from v join (t join u on t.a = u.a) using(a)", "select u.d, t.c, v.e from v left join (t left join u using(a)) on v.a = u.a",
      "select a from v join (t full join u using(a)) using(a)", "select * from one left join (t full join u using(a)) on z = a", "select * from one left join (t full join u using(a)) on one.z = t.a",
      "select * from v left join (t join (u join one on a = z) on t.a = u.a) on v.a = one.z", "select * from t cross join u", "select * from t, u where t.a = u.a", "select * from t left join u on t.a = u.a and u.d > 10",
      "select * from t join u", "select * from t left join one", "select * from one natural join u", "select * from t natural left join v", "select count(*) from t natural join k",
      "select * from t a, t b where a.a = b.b", "select t.a as x from t left join u on t.a = u.a where u.a is null", "select * from t join u on t.a = u.a left join v on v.a = u.a right join one on one.z = v.a",
      "select a, d from t full join u using(a) where a is not null order by a", "select max(a) from t full join u using(a)", "select a, count(*) from t full join u using(a) group by a order by a",
      "select a as x from u right join t using(a) order by x, b", "select *, * from t join u using(a)", "select u.*, t.* from t join u using(a)", "select (select count(*) from v where v.a = a) from t join u using(a)",
      "select * from t x join t y using(a, b) join t z using(c)", "select * from (t natural join u) natural join v", "select * from u natural join (v natural join t)", "select a from u natural join (v natural join t)",
      "select * from t left join (select a, count(*) n from u group by a) using(a)");

CASES(subqueries,  //
      "select (select d from u where u.a = t.a) from t", "select a from t where exists (select 1 from u where u.a = t.a and exists (select 1 from v where v.d = u.d))",
      "select a from t where a in (select a from u)", "select a from t where a not in (select a from v)", "select a from t where a in one", "select a from t where a in main.one", "select a from t where a not in one",
      "select a from t where (a, b) in (select a, d - 8 from u)", "select a from t where (a, b) in ((1,2), (4,5))", "select a from t where (a, b) not in (values (1,2))", "select (1,2) in ()", "select a in () from t",
      "select a from t where a in (1, 4, null)", "select a from t where a not in (1, null)", "select * from (select a, b from t where a > 1) s, u where s.a = u.a", "select * from (select * from (select * from t))",
      "select * from (select A, a+b, a+b, 1, 1 from t)", "select \"a+b\" from (select a+b from t)", "select \"a+b:1\" from (select a+b, a+b from t)", "select a from (select a collate nocase from t)",
      "select (select a from (select a from u where u.d = t.a * 10)) from t", "select (select sum(d) from u where u.a <= t.a) as s from t order by s", "select exists(select 1, 2)", "select (select max(a) from t) + (select min(d) from u)",
      "select (select 1,2) = (1,2), (1,2) < (1,3), (1,2) is (1,2), (1,null) is not (1,null), (1,2) between (1,1) and (2,2)", "select a from t where b = (select b from t order by a desc limit 1)",
      "select (select t.a + one.z from one where z = 1) from t", "select t.a from t where t.a = (select t.a from u t where t.d = 40)", "select * from (values (1,2),(3,4)) where column1 = 3", "select column2 from (values (1,'x'))",
      "select a from t where a in (select b from u where u.a = t.a)", "select (select count(*) from (select 1 from u where u.a = t.a)) from t", "select 1 where not exists (select 1 from t where a = 99)");

CASES(compound,  //
      "select a from t union select d from u order by d", "select a+1 from t union select d from u order by a+1 desc", "select a from t union select d from u order by t.a", "select a x from t union select d y from u order by y",
      "select a collate nocase from t union select d from u order by a", "select a from t union all select d from u except select 10 intersect select a from t", "select a, b from t union all select 1, 2 union select d, a from u order by 2, 1",
      "select 'B' as x union select 'a' order by x collate nocase", "select 'B' as x union select 'a' order by 1 collate nocase", "values (1,2) union select 5,6", "values (3), (1)", "select a from t intersect select a from u",
      "select * from (select a from t union select d from u) order by 1 limit 2 offset 1", "select a from t where a in (select a from u union select 7)", "select a from t union values (99)", "select x from k union select x from k order by x",
      "select a as q, b from t except select a, b from t where b = 2 order by q", "select a from t union select a from u order by a limit 3", "select distinct b from t order by a", "select distinct b as x from t order by x desc", "select all a from t",
      "select a, d from u union all select * from u order by d desc, a", "select count(*) from t union select max(a) from t group by b order by 1");

CASES(common_tables,  //
      "with c as (select a from t) select * from c", "with c(x, y) as (select a, b from t) select y, x from c where x > 1", "with c as (select * from d), d as (select 1 z) select * from c", "with t as (select 5 as q) select * from t",
      "with t as (select 5 as q) select * from main.t", "with c as (select a from t), d as (select a from c where a > 1) select * from d join c using(a)", "with c(n) as (select 1 union all select n+1 from c where n < 5) select * from c",
      "with recursive c(n) as (values (1) union select n % 3 + 1 from c) select n from c", "with c(n) as (select 1 union all select n+1 from c where n<3 union all select n+2 from c where n<3) select * from c",
      "with c(n) as (select 1 union all select n+1 from c, one where n < 3 and z = 1) select * from c", "with c(n) as (values(1) union all select n+1 from c limit 3) select * from c", "with c(n,m) as (select 1, 'a' union all select n+1, m||'b' from c order by 1 desc limit 4) select * from c",
      "with c as (select a from t) select (with c as (select 1) select * from c), a from c", "select (with c as (select t.a q) select q from c) from t", "select (with c as (select t.a q) select q from (select q from c)) from t",
      "with unused as (select * from t), used as (select 1 as x) select x from used", "with c as materialized (select a from t), d as not materialized (select a from u) select * from c, d where c.a = d.a",
      "select * from (with c as (select a from t) select * from c) where a = 1", "with c(a, a, a) as (select 1, 2, 3) select * from c", "with c as (select a, a from t) select \"a:1\" from c", "with C as (select 1 x) select c.X from c",
      "with c as (select 1 as x) select c.x, d.x from c, c as d", "select a from t where a in (with c as (select a from u) select a from c)", "with c as (select a from t) select a from t where a in c",
      "with recursive tree(id, depth) as (select 1, 0 union all select id + 1, depth + 1 from tree where id < 4) select depth, id from tree order by depth desc", "with c as (values (1,2)) select column1 + column2 from c",
      "with a as (select 1 as x), b as (with a as (select 2 as x) select x from a) select a.x, b.x from a, b");

CASES(aggregates,  //
      "select b, count(*), sum(a), avg(a), min(a), max(a), total(a) from t group by b", "select count(distinct b) from t", "select sum(a) filter (where a > 1) from t", "select group_concat(a), group_concat(a, '-') from t", "select min(a), b from t",
      "select max(a, b), min(a, b, 3) from t", "select b, sum(a) from t group by b having count(*) > 1 order by sum(a)", "select b from t group by b having b > 2", "select count(*) from t where a > 100", "select count(*) from t where a > 100 group by b",
      "select b + 1, count(*) from t group by b + 1", "select a, b from t group by b", "select count() from t", "select sum(a + (select max(d) from u where u.a = t.a)) from t", "select (select sum(a) from u) from t", "select (select sum(u.a + t.a) from u) from t",
      "select json_group_array(a) from t", "select json_group_object(b, a) from t where a is not null", "select x, count(*) from k group by x", "select count(*) from (select distinct b from t)", "select a from t group by a order by count(*), a", "select total(n), round(avg(n), 2) from k");

CASES(windows,  //
      "select g, s, sum(s) over (partition by g order by i) from part", "select row_number() over (order by i desc), rank() over (partition by g order by s) from part", "select sum(s) over w, count(*) over w from part window w as (partition by g)",
      "select sum(s) over (w order by i) from part window w as (partition by g)", "select sum(s) over w2 from part window w as (partition by g), w2 as (w order by i rows 1 preceding)",
      "select sum(s) over (order by i rows between 1 preceding and 1 following exclude current row) from part", "select sum(s) over (order by i groups between unbounded preceding and current row) from part",
      "select sum(s) over (order by i range between 2 preceding and 1 following) from part", "select sum(i) over (order by i rows unbounded preceding) from part", "select sum(i) over (order by i rows between 1+0 preceding and unbounded following exclude ties) from part",
      "select sum(count(*)) over (order by g) from part group by g", "select sum(s) filter (where s > 1) over () from part", "select lag(s) over (order by i), lead(s, 2, -1) over (order by i), first_value(s) over (order by i), nth_value(s, 2) over (order by i) from part",
      "select ntile(2) over (order by i), percent_rank() over (order by g), cume_dist() over (order by g) from part", "select i from part order by row_number() over (order by -i)", "select g, max(s) over (partition by 1 order by 2) from part",
      "select sum(i) over (partition by g order by s desc nulls last) from part", "select * from (select i, row_number() over (partition by g order by i desc) rn from part) where rn = 1", "select sum(i) over w from part window unused as (order by s), w as (order by i)",
      "select avg(i) over (rows ?1 - 8 preceding) from part", "select group_concat(i) over (order by i groups 1 preceding exclude group) from part", "select row_number() over w from part window W as (order by i)");

CASES(expressions,  //
      "select a is null, a is not null, a isnull, a notnull, a is 1, a is not 1, a is b, a is not distinct from b, a is distinct from 1 from t", "select a is true, a is not true, a is false, a is not false, 5 is (true), 5 is 1 from t",
      "select a between 1 and 4, a not between b and 4 from t", "select x like 'P', x not like '%q', x glob 'Q*', 'a%b' like 'a!%b' escape '!' from k", "select x = 'Q', x collate binary = 'q', x in ('q'), x < 'Q' from k",
      "select cast(a as text), cast('12abc' as integer), cast(b as varchar(10)), cast(1.5 as decimal(10, 2)), cast(a as double precision) from t", "select case a when 1 then 'one' when 4 then 'four' end, case when a > 1 then 2 else 0 end from t",
      "select 7 / 2, 7 % 3, 7.0 / 2, 1 / 0, -7 / 2, 5 & 3, 5 | 3, ~5, 1 << 3, 256 >> 2, 'a' || 1", "select - -a, -(-a), + + a, not not a, ~ ~ a from t", "select - 9223372036854775808, -9223372036854775808, 9223372036854775807", "select not a = 1, not (a is null), -a + 1 from t",
      "select a = 1 and b = 2 or c = 3, a = 1 and (b = 2 or c = 3) from t", "select doc -> '$.a', doc ->> '$.a[0]', json_extract(doc, '$.a[2].b') from j", "select abs(a), coalesce(a, 0), ifnull(a, -1), nullif(a, 1), iif(a > 1, 'y', 'n') from t",
      "select length(x), upper(x), lower(x), substr(x, 1, 1), trim('  x '), replace(x, 'q', 'r'), instr(x, 'q'), hex(x), quote(x), typeof(x), round(n, 1) from k", "select a == 1, a <> 1, a != 1, a < 1, a <= 1, a > 1, a >= 1 from t",
      "select 1 in (1), 'a' in ('A' collate nocase), x in ('P', 'Z') from k", "select '1' = 1, a = '1', a || '' = '1' from t", "select q = '1', q < 'a', p = 1 from w", "select 1 < 2 < 3, 3 > 2 > 1, 1 = 1 = 1", "select a collate nocase collate binary = 'x' from t",
      "select ?, ?, ?5, ?2, ?", "select ?3", "select typeof(current_date), typeof(current_time), typeof(current_timestamp)", "select date('2020-01-31', '+1 month'), strftime('%Y', '2020-01-31')", "select 'a' 'b' from t", "select +x = 'Q', (x) = 'Q' from k",
      "select n = 1.5, n = '1.5', id = '1', id || '' = 1 from k", "select a, (a), ((a)), (((a))) + 1 from t", "select x'41' = 'A', cast(x'41' as text) = 'A'", "select 1 is not null, null is null, null is not 1", "select likely(a), unlikely(b) from t");

CASES(limits,  //
      "select a from t order by a limit 2", "select a from t order by a limit 2 offset 1", "select a from t order by a limit 1, 2", "select a from t limit (select 1)", "select a from t limit ?1 - 9", "select a from t limit -1", "select a from t limit 1 + 1 offset 0 + 1",
      "select a from t limit (with c as (select 2 n) select n from c)");

CASES(functions_in_from,  //
      "select key, value, type, atom, id, parent, fullkey, path from json_each('[1,\"x\",null]')", "select * from json_each('[1,2]')", "select j.id, e.value from j, json_each(j.doc) e", "select j.id, fullkey from j, json_tree(doc, '$.a')",
      "select * from one left join json_each('['||z||']') on value = z", "select json_each.value from json_each('[3]')", "select (select sum(value) from json_each(j.doc) where type = 'integer') from j", "select count(*) from json_tree('{\"a\":{\"b\":1}}') as x where x.type = 'object'");

#undef CASES

}  // namespace
}  // namespace grille::bind
