-- Queries whose meaning hangs on a rule of names, of places or of spelling that PostgreSQL has otherwise than SQLite, or alone. One
-- a line. Each is asked of the server as written and as printed from its bound tree: rows, names and types must be the same.

-- names
select A, t.B, public.t.c from T
select "A", a from cased
select x.a from t x
select t.a from t t
select * from t as q (x, y) where q.x = 1 and y = 2 and q.c = 3
select count(*) from s2.t
select * from s2.t
select s2.t.z from s2.t
select 1 as "select", 2 as "Two Words", 3 as true, 4 as "a""b"
select a as a, b as a from t

-- what a result is called
select 1, 'x', a + 1, -a, count(*) over (), upper(name), now() is null from t, n where n.id = a
select lower(name), coalesce(name, ''), nullif(a, 1), greatest(a, b), least(a, b), case when a = 1 then b end, case a when 1 then 2 else b end from t, n
select exists (select 1), (select a from t where a = 1), (select max(b) from t), (select 1), array_length(null::int[], 1)
select a::text, a::numeric(10,2), '1'::int, cast('x' as varchar(3)), true, false, null::bool, date '2020-02-03', '2020-02-03'::date, interval '3' day, interval '3 hours' from t
select (a), ((a + 1)), a is null, a in (1, 2), a between 1 and 2, not a = 1, a = 1 and b = 2, name like 'a%', name || 'x', name collate "C" from t, n
select extract(year from date '2020-02-03'), position('b' in 'abc'), substring('abcdef' from 2 for 3), substring('abcdef' from 2), substring('abcdef' for 2), trim('  x '), trim(leading 'x' from 'xxa'), trim(trailing from 'a  '), overlay('abcdef' placing 'X' from 2 for 3)
select current_date is null, current_timestamp is null, localtimestamp is null
select (values (1)), (select 1 union select 1), (table one), (select * from one)::text
select * from (select upper(name) from n) s order by upper
select s."?column?" from (select 1 + 1) s

-- aliases of the result are for `order by` and `group by` alone, and a column goes before one in `group by`
select b as a from t where a = 1
select -a as b from t order by b
select -a as b from t order by b + 0, a
select a + b as s, count(*) from t group by s
select b as a, count(*) from t group by a, b order by 1, 2
select (select max(b) from t x where x.a = t.a) as b from t order by b
select a, a from t order by a
select lower(name) from n order by lower
select count(*) from t having count(*) > 1
select 1 from t having 1 = 1
select a from t order by 1 desc
select a, b from t order by 2, 1 desc nulls last
select a from t order by -1 * a

-- joins: merged columns first, then the left, then the right
select * from t join u using (a)
select * from t natural join u
select a, t.a, u.a from t right join u using (a)
select a, t.a, u.a from t full join u using (a)
select * from t full join u using (a) full join v using (a)
select * from t left join u using (a) join v using (d)
select t.*, u.* from t join u using (a)
select * from t join u on t.a = u.a join v using (d)
select * from (t join u using (a)) join v using (a)
select * from v join (t join u using (a)) on v.a = t.a
select * from v left join (t join u on t.a = u.a) on v.a = u.a
select * from t, u natural join v
select * from t, u, v where t.a = u.a and u.a = v.a
select * from u join v using (d), t where u.a = t.a
select * from t natural join one
select * from t natural left join one
select t.a from t cross join one
select x.a, y.a from t x left join (u y join v z on y.a = z.a) on x.a = y.a
select d from u natural join v
select a, count(*) from t full join u using (a) group by a
select * from t join (select a as q, d from u) s on s.q = t.a
select (select count(*) from u join v on u.a = v.a and u.a = t.a) from t
select (select count(*) from one, u join v on u.a = v.a and b = 2) from t

-- subqueries, row values, quantifiers
select a from t where (a, b) in (select a, d - 8 from u)
select a from t where (a, b) = (select 1, 2)
select a from t where row(a, b) = row(1, 2)
select a from t where a = any (select a from u) and a <> all (select d from u)
select a from t where a not in (select a from v where a is not null)
select a from t where exists (select from u where u.a = t.a)
select * from (values (1, 'x'), (2, 'y')) v (n, s) where n > 1
values (1, 2), (3, 4) order by 1 desc limit 1
table one
select * from (table one) x

-- set operations
select a from t union select d from u union all select a from v
(select a from t) union all (select d from u) order by 1
(select a from t order by a desc limit 1) union all (select d from u order by d limit 1)
select a from t intersect select a from u union select 99
select a from t union select a from u intersect select a from v
(select a from t union select 99) intersect select a from u
select a from t except (select a from u except select a from v)
select a as x, b from t union select d, a from u order by x, b
select * from (select a from t union select d from u) s order by 1 limit 3
((select a from t order by 1 limit 2))
select a + 1 as q from t union select 1 order by q

-- with
with s as (select a from t), r as (select a from s) select * from r
with t as (select 5 as a) select * from t
with t as (select a from t where a = 1) select * from t
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5) select * from r
with recursive r as (select a, 1 as depth from t where a = 1 union select t.a, depth + 1 from r, t where t.a > r.a) select * from r
with recursive x as (select * from y), y as (select 1 as n) select * from x
with s as materialized (select a from t), r as not materialized (select b from t) select * from s, r
select (with s as (select t.a as q) select q from s) from t
select (with s as (select t.a as q) select (select q from s)) from t
with "T" as (select 1 as x), t as (select 2 as x) select "T".x, t.x from "T", t

-- groups, windows, filters
select count(*), count(a), count(distinct b), sum(a) filter (where b > 2), string_agg(name, ',' order by name desc) from t left join n on n.id = t.a
select b, count(*) from t group by 1 having count(*) > 0
select b, rank() over (order by b), sum(a) over w, lag(a, 1) over w from t window w as (partition by b order by a rows between unbounded preceding and current row)
select sum(sum(a)) over (order by b) from t group by b
select distinct b from t order by b
select all a from t
select a from t limit all
select a from t order by a limit 2 offset 1
select a from t order by a fetch first 2 rows only
select array_agg(a order by b desc, a) from t

-- literals, casts, operators
select 'it''s', E'a\tb', U&'\0041', $q$dollar$q$, 1.50, 1e3, .5, 100000000000
select a::int8 + 1::smallint, a::double precision / 2, a % 2, a & 1, a | 2, a << 1, -a, +a, ~a from t
select '1'::text || 2, 1 != 2, 1 <> 2, 2 >= 1, 'a' < 'b', not true, true is true, null is unknown, false is not unknown
select 'abc' like 'a%', 'abc' not like 'b%', 'a%c' like 'a!%c' escape '!'
select 'abc' ~~ 'a%', 'abc' !~~ 'b%', 'ABC' ~~* 'a%', 'ABC' !~~* 'b%', 'a%c' ~~ like_escape('a!%c', '!'), 'a%c' operator(pg_catalog.!~~) pg_catalog.like_escape('a!%c', '!')
select 'abc' ~ similar_to_escape('a(b|x)c'), 'abc' !~ similar_to_escape('a#(', '#'), 'abc' ~ 'b', not 'abc' ~~ ('a' || '%'), ('abc' || 'd') ~~ ('abc' || '_')
select name ~~ 'a%', name ~~ name, '\x6162'::bytea ~~ 'a%'::bytea from n
select '{"a": {"b": 1}}'::jsonb -> 'a' ->> 'b', '[1,2]'::json -> 0
select 1 is distinct from null, null is not distinct from null
select cast('3' as interval month), interval '1 day', '2020-01-01'::timestamp(3), '12:00'::time with time zone is null, 'x'::char, 'xy'::char(4)
select '{1,2}'::int[], cast('{a}' as text array)
select pg_catalog.lower('X'), 1 operator(pg_catalog.+) 2
select a from t where b in (2, 5) and (a < 3 or a > 3) and not (a = 4)
select date '2020-03-01' - interval '1 day', date '2020-03-01' + 1

-- the first row of each key, by `order by`; its names are read as those of `order by` are
select distinct on (a) a, b from t order by a, b desc
select distinct on (1) a, b from t order by 1, b
select distinct on (b) a as b, b as c from t order by b, c
select distinct on (t.a + 1, b) t.a + 1 as x from t order by t.a + 1, b
select distinct on (x) a + b as x, a from t order by x, a desc
select distinct on (n) count(*) as n, a from t group by a order by n, a
select distinct on (count(*)) count(*) as n, a from t group by a order by count(*), a
select * from (select distinct on (a) a, b from t order by a, b) s order by a
select distinct on (b) b, row_number() over (order by a, b) as r from t order by b, r
(select distinct on (a) a, b from t order by a, b) union all select 1, 2 order by 1, 2

-- arrays of queries
select array(select a from t order by a desc)
select array(select b from u where u.a = t.a order by b), t.a from t order by t.a
select 1 = any (array(select a from t)), array_length(array(select a from t where a > 100), 1)
select (array(select name from n order by name))[1]
select array(values (1), (2))

-- ordered-set aggregates
select percentile_cont(0.5) within group (order by a), percentile_disc(0.25) within group (order by b desc), mode() within group (order by a) from t
select a, percentile_cont(array[0.25, 0.75]) within group (order by b) filter (where b > 0) from t group by a order by a
select percentile_disc(0.5) within group (order by name) from n

-- functions
select array_append(array[1], 2), array_prepend(1, array[2]), array_cat(array[1], array[2]), array_remove(array[1, 2], 1), array_replace(array[1, 2], 1, 3), array_positions(array[1, 1], 1), array_upper(array[1], 1), array_ndims(array[1]), trim_array(array[1, 2], 1)
select to_char(a, '999D9'), to_char(timestamp '2020-02-03 04:05:06', 'YYYY-MM-DD HH24:MI'), to_date('2020-02-03', 'YYYY-MM-DD'), to_number('12.5', '99.9'), to_timestamp(0), to_timestamp('2020', 'YYYY') from t
select format('%s-%L', a, 'x'), regexp_replace('abc', 'b', 'x'), regexp_match('abc', '(b)'), regexp_split_to_array('a,b', ','), encode('x'::bytea, 'hex'), quote_literal('a'), to_hex(255), sha256('x'::bytea) from t
select width_bucket(5, 0, 10, 5), width_bucket(5, array[1, 6]), gcd(4, 6), lcm(4, 6), cbrt(27), scale(1.20), trim_scale(1.20)
select age(timestamp '2020-02-03', timestamp '2020-01-01'), date_bin('15 minutes', timestamp '2020-02-03 04:05:06', timestamp '2020-01-01'), justify_hours(interval '27 hours'), isfinite(date '2020-01-01'), make_timestamptz(2020, 1, 2, 3, 4, 5, 'UTC')
select jsonb_set('{"a": 1}', '{a}', '2'), jsonb_insert('[1]', '{0}', '0'), jsonb_strip_nulls('{"a": null}'), jsonb_pretty('[1]'), jsonb_extract_path('{"a": 1}', 'a'), jsonb_path_exists('{"a": 1}', '$.a'), jsonb_path_query_array('[1, 2]', '$[*] ? (@ > 1)'), jsonb_object('{a,b}')
select int4range(1, 5), daterange('2020-01-01', null, '[]'), isempty(int4range(1, 1)), lower_inc(int4range(1, 2))
select bit_and(a), bit_or(a), corr(a, b), regr_slope(a, b), covar_pop(a, b), bit_xor(a) from t

-- grouping sets, written out; each key is one wherever it stands
select a, b, count(*) from t group by rollup (a, b) order by 1, 2, 3
select a, b, count(*), grouping(a, b) from t group by cube (a, b) order by 1, 2, 3, 4
select a, b, c, count(*) from t group by rollup (a, (b, c)) order by 1, 2, 3, 4
select a, b, count(*) from t group by grouping sets ((a), (a, b), (), rollup (b)) order by 1, 2, 3
select a, b, c, count(*) from t group by a, rollup (b), cube (c) order by 1, 2, 3, 4
select a, b, count(*) from t group by distinct rollup (a, b), rollup (a) order by 1, 2, 3
select a, b, count(*) from t group by (a, b), () order by 1, 2, 3
select a + 1 as x, b as y, count(*) from t group by rollup (x, 2) order by 1, 2, 3
select a, count(*) from t where a > 100 group by rollup (a)
select a, count(*) from t where a > 100 group by grouping sets ((), (), (a))
select a, t.a, count(*) from t group by grouping sets ((a), (t.a), (a, t.a)) order by 1, 2, 3
select a, sum(count(*)) over (partition by grouping(a)) from t group by rollup (a) order by 1, 2
select n from (select a, count(*) as n from t group by cube (a)) s order by n

-- lateral, and functions of columns
select * from t, lateral (select t.a + 1 as n) s
select t.a, s.* from t left join lateral (select u.d, t.b from u where u.a = t.a) s on true
select t.a, s.n, r.m from t, lateral (select t.b as n) s, lateral (select s.n + t.c as m) r
select t.a, x.d from t join (u join lateral (select u.d + 1 as d) x on true) on t.a = u.a
select * from t, u join lateral (select t.a as p, u.a as q) s on s.p = s.q
select a, n from t, lateral (select count(*) as n from u where u.a = t.a) s
select t.a, k from t, lateral (values (t.b), (t.c)) s (k)
select t.a, k from t, lateral (select t.b as k union all select u.d from u where u.a = t.a) s
select t.a, k from t, lateral (with w as (select t.b as b) select b + 1 as k from w) s
select t.a, k from t, lateral (select x.k from (select t.b as k) x) s
select t.a, k from t, lateral (select y.k from u, lateral (select u.d + t.b as k) y) s
select t.a, (select sum(s.d) from u, lateral (select u.d + t.a as d) s) as total from t
select a from t where exists (select 1 from u, lateral (select u.d + t.a as d) s where s.d > 20)
select t.a, s.a as b from t, lateral (select a from (select t.c as a) u) s
select a, b from t, lateral (select 1 as one) s order by one, a, b
select t.a, g from t, generate_series(1, t.a) g
select t.a, g from t, lateral generate_series(1, t.a) g
select t.a, g from t left join generate_series(1, t.a) g on g > 1
select t.a, g.* from t, generate_series(t.a, t.c, t.b) with ordinality g
select * from generate_series(1, 3) with ordinality
select n, i from generate_series(4, 6) with ordinality as g (n, i)
select * from rows from (generate_series(1, 3), unnest(array['x', 'y'])) r
select * from rows from (generate_series(1, 3), generate_series(1, 2)) with ordinality
select r.q, r.generate_series from t, rows from (generate_series(1, t.a), generate_series(1, 2)) r (q)
select * from unnest(array[1, 2], array['a', 'b', 'c'])
select x.p, x.q, x.ordinality from unnest(array[1, 2], array['a', 'b', 'c']) with ordinality x (p, q)
select t.a, x.k, x.v from t, unnest(array[t.b, t.c], array[t.a]) x (k, v)
select t.a, v from t, unnest(array[t.b, t.c]) v where v > 2
select e.value, f.value from jsonb_array_elements('[[1, 2], [3]]') e, jsonb_array_elements(e.value) f
select k, v from n, jsonb_each_text(jsonb_build_object('name', n.name)) as e (k, v)
select * from json_to_recordset('[{"a": 1, "b": "x"}, {"a": 2}]') as r (a int, b text)
select r.* from n, jsonb_to_recordset(jsonb_build_array(jsonb_build_object('A b', n.id))) r ("A b" numeric(5, 2), c text[])
select * from jsonb_to_record('{"a": 1}') as (a int)
select p from n, string_to_table(n.name, 'n') p
select * from json_each('{"a": 1}'), json_object_keys('{"b": 1}') k, json_array_elements_text('["x"]')
select a from t where exists (select 1 from generate_series(1, t.a) g where g = t.b)
select a, (select count(*) from unnest(array[t.a, t.b, null]) x where x is not null) from t

-- rows that are not there
select rank(4) within group (order by a), dense_rank(4, 5) within group (order by a, b desc), percent_rank(2) within group (order by b), cume_dist(2.5) within group (order by b) from t
select b, rank('Anna') within group (order by name) from n join t on t.a = n.id group by b order by b

-- joins by a name of their own
select j.k, j.b, j.a from (t join u on t.a = u.a) as j (k) where j.b = 2
select j.d, j.b from (t join u using (a)) as j order by j.a
select * from (t join u using (a)) as j order by a
select j.* from (t natural join u) as j (q, r) where r > 1
select x.a, t.a, u.d from t join u using (a) as x order by x.a
select x.*, t.b from t left join u using (a) as x order by 2
select x.* from t full join u using (a) as x order by 1
select j.e from ((t join u using (a)) as k join v using (a)) as j
select k.a from ((t join u using (a)) as k join v using (a)) order by 1
select (select max(s.d) from u s where s.a = j.a) from (t a join u b using (a)) as j order by 1
select count(*) from (t a cross join u b) as j
select j.q from (t a cross join u b) as j (q, r, s, p, o) where j.p = 1 order by 1

-- columns of rows
select (t).a, (t).b from t order by 1
select (t).* from t order by 1
select (q).* from (select a as x, b from t) q order by 1
select (select (t).b) from t order by 1
select a from t where (t).a in (select (u).a from u) order by 1

-- regular expressions as tables
select m from n, regexp_matches(n.name, '[no]', 'g') m order by 1
select w from n, regexp_split_to_table(n.name, 'n') w order by 1

-- rows as values
select to_json(t) from t order by a, b
select to_jsonb(t), row_to_json(t.*), row_to_json(t, true) from t order by a, b
select json_agg(t order by a, b), jsonb_agg(t.* order by b, a) from t
select json_agg(q) from (select a as "x y", b + 1, null as n, 'k' as k from t order by 1, 2) q
select json_agg(q.* order by q.x, q.y) from (select a, b from t) q (x, y)
select json_agg(r order by "X") from t as r ("X")
select json_agg(x.r order by x.r ->> 'id') from (select to_json(n) as r from n) x
with c (p, q) as (select a, b from t) select row_to_json(c) from c order by p, q
with c as (select a, b from t) select row_to_json(d) from c as d (y) order by 1::text
select json_build_object('t', t, 'n', t.a, 'r', row(t.a, 'z'::text)), json_build_array(t, u) from t, u order by t.a, t.b, u.d
select jsonb_build_object('t', t), jsonb_build_array(t, 1) from t order by a, b
select json_object_agg(n.id, n order by n.id), jsonb_object_agg(n.id, n) from n
select a, json_agg(t order by b) from t group by a order by a
select a, json_agg(t order by b) filter (where b > 1), count(t), count(distinct t) from t group by a order by a
select a, (select json_agg(u order by u.d) from u where u.a = t.a) as us from t order by a, b
select a, (select to_json(t)) from t order by a, b
select t.a, to_json(u) as u from t left join u on u.a = t.a and u.a > 1 order by 1, 2::text
select t.a, json_agg(u order by u.d) as us, count(u) as k from t left join u on u.a = t.a and u.a > 1 group by t.a order by 1
select to_json(t) as t, to_json(u) as u from t full join u on u.a = t.a + 1 order by t.a, t.b, u.a, u.d
select to_json(t) as t, to_json(u) as u from t right join u on u.a = t.a + 1 order by t.a, t.b, u.a, u.d
select n.id, to_json(q) from n left join (select a, count(*) as k from t group by a) q on q.a = n.id order by 1
select n.id, to_json(q) from n left join (select a from t union select a + 5 from u) q on q.a = n.id order by 1
select n.id, to_json(q) from n left join (values (1, 'a'), (2, 'b')) q (i, s) on q.i = n.id order by 1
select n.id, to_json(q) from n left join lateral (select distinct t.b from t where t.a = n.id order by 1 limit 1) q on true order by 1
select n.id, coalesce(json_agg(q) filter (where q.b is not null), '[]') from n left join lateral (select t.b from t where t.a = n.id order by 1 limit 2) q on true group by n.id order by 1
with c as (select a, b from t) select n.id, to_json(c) from n left join c on c.a = n.id order by 1, c.b
select to_json(u) from t left join (n join u on u.a = n.id) on u.a = t.a order by t.a, t.b, u.d
select to_json(row(1, 'a', null)), row_to_json(row(a, b)), jsonb_agg(row(b, row(a, name))) from t join n on n.id = t.a group by a, b order by a, b
select to_json((a, b)), json_agg((t, a)), json_agg(row(t, 1)) from t group by t.a, t.b order by t.a, t.b
select n.id, to_json(n) from n group by n.id order by 1
select to_json(row(t.*, 1)) from t order by a, b
select to_json(a), to_jsonb(name), to_json(null::int), to_json(array[a, b]) from t join n on n.id = t.a order by a, b
select json_agg(row_to_json(t) order by t.a, t.b) as t from t as t
select to_json(t)::text = to_json(t)::text as s from t where to_json(t) ->> 'a' = '1' order by b
select a from t where (to_jsonb(t) -> 'b')::text = '2' order by to_jsonb(t) limit 3
select to_json(v) from v order by 1::text
select json_agg(to_json(t)) over (order by a, b), count(t) over () from t order by a, b
select to_json(t) from t cross join (select 7 as t2) s order by a, b
select row_to_json(s) from (select t, 1 as one from (select 5 as t) t) s
select (select json_agg(x) from (select u.a, t.b from u where u.a = t.a order by u.d) x) from t order by a, b
select to_json(g) from generate_series(1, 3) g
select row_to_json(x) from (select coalesce(null, 1) as r, 2 as "select", 3 as "a""b") x
select count(t), count(t.*), count(u) from t left join u on u.a = t.a + 100
select json_agg((t.*, u.*) order by t.a, t.b, u.d) from t left join u using (a)
select n.id, to_json(q) from n left join (select a as there from t) q on q.there = n.id order by 1
select n.id, to_json(q), q.there from n left join (select a, b from t) q (there, r) on q.there = n.id order by 1
select s.j from t left join u on u.a = t.a cross join lateral (select to_json(u) as j, t.b) s order by t.a, t.b
select t.a, u.d from t join u on to_json(t) ->> 'a' = to_json(u) ->> 'a' order by 1, 2
select t.a, v.e from (t left join u on u.a = t.a) left join v on (to_json(u) ->> 'd')::int = v.d order by 1, t.b, 2
select t.a, v.e from (t left join u on u.a = t.a) left join v on to_json(u) is null order by 1, t.b, 2
select to_json(x), to_json(x) from n left join t as x (p, q) on x.p = n.id order by n.id
select n.id, count(x), json_agg(x order by x.q) from n left join t as x (p, q) on x.p = n.id where to_json(x) ->> 'a' is not null group by n.id order by 1
select n.id, json_agg(row(t.a, t.b) order by t.b) from n left join t on t.a = n.id group by n.id order by 1
select count(distinct (t.a, t.b)), json_agg((t.a, u) order by t.a, t.b, u.d) from t left join u using (a)
select json_agg(row(a, b)) over (order by a, b) from t order by a, b
select n.id, to_json(x) from n left join lateral (values (n.id, n.name)) x on true order by 1
select n.id, to_json(x) from n left join lateral (select n.id union select 7) x on true order by 1, x.id

-- fields of composites
select (addr).city, (k.addr).n, (k).id, (k).addr from k order by id
select (addr).at."Long Name", ((addr).at)."Long Name", ((k.addr).at).lat, (k).addr.at.lat, (addr)."select" from k order by id
select ((addr).lines)[1], (addr).lines[2], ((addr).spots)[2].lat, (addr).spots[1]."Long Name", ((addr).spots[1]).lat from k order by id
select spots[1].lat, (spots[2]).lat, ((k.spots)[1])."Long Name" from k order by id
select (home).city, (home).at.lat, (home).lines[1] from k order by id
select (addr).n + 1 as next, upper((addr).city) || '!', -(addr).n, (addr).city is null, (addr).at is null, (addr).n::text, to_json((addr).at) from k order by id
select id from k where (addr).city = 'Ulm' and (addr).n > 0 or ((addr).at).lat is null order by id
select id from k where (addr).city in (select city from k) or exists (select 1 from k o where (o.addr).city = (k.addr).city and o.id <> k.id) order by id
select a.id, b.id from k a join k b on (a.addr).city = b.city order by 1, 2
select a.id, (b.addr).n from k a left join k b on (b.addr).n = (a.home).n order by 1, 2
select id from k order by (addr).city desc nulls last, (addr).n, id
select (addr).city, count(*), sum((addr).n), max((addr).at.lat) from k group by (addr).city order by 1
select (addr).city as c, count(*) from k group by c having min((addr).n) < 8 order by c
select (addr).city, (addr).n from k group by addr order by (addr).city, 2
select (addr).city, count(*) from k group by 1 order by city
select city, (addr).city from k order by k.city, id
select distinct (addr).city from k order by 1
select distinct on ((addr).city) (addr).city, id from k order by (addr).city, id
select (addr).* from k order by id
select id, (k.addr).*, (addr).at.*, (k).* from k order by id
select (k).addr.at.* from k order by id
select (addr).at.*, 1 as one from k group by (addr).at order by (addr).at.lat
select s.city, s.at from (select (addr).* from k) s order by s.city, s.n
select (s.a).city, (s.p).lat from (select addr as a, (addr).at as p from k) s order by 1, 2
with s (x) as (select addr from k where id < 3) select (x).city, (s.x).n from s order by 1
with recursive s as (select id, addr from k where id = 1 union all select k.id, k.addr from s join k on k.id = s.id + 1 where (k.addr).city is not null) select id, (addr).city from s order by 1
select (x.a).city from (select addr as a from k union all select addr from s2.addr) x order by 1
select (s.x).city from (select addr as x from k union all select home from k) s order by 1
select (coalesce(home, addr)).n, (case when id = 1 then home else addr end).city, (case when id = 1 then home else home end).city from k order by id
select (select addr from k where id = 1).city, ((select addr from k where id = 1)).at.lat
select (case when id = 1 then addr end).city, (case id when 1 then null when 4 then addr else k.addr end).n from k order by id
select (coalesce(addr, null)).city, (coalesce(null, addr, (k).addr)).n from k order by id
select (first_value(addr) over (order by id)).city, (last_value(addr) over (order by id)).n, (nth_value(addr, 2) over (order by id)).city from k order by id
select (addr).city from s2.addr order by 1, k
select (addr.addr).city, (addr).n from (select addr.addr from s2.addr) addr (addr) order by 1
select (addr).city from s2.addr addr order by (addr).city, k
select row_number() over (partition by (addr).city order by (addr).n) from k order by id
select array_agg((addr).city order by (addr).n, id) filter (where (addr).n is not null) from k
select (addr).city as a, count(*) from k group by rollup ((addr).city) order by 1, 2
select id, l from k, unnest((k.addr).lines) l order by 1, 2
select id, p.lat from k, lateral (select (k.addr).at.lat) p order by id
select (addr).city from k union select city from k order by 1
select json_agg(s order by s.city) from (select (addr).city, (addr).n from k) s

-- rows that are counted, not only told apart
select b from t intersect all select b from t where a > 1
select b from t except all select b from t where a = 1
(select b from t union all select b from t) except all (select b from t except select 5)
select * from (values (1), (2), (2), (2)) x except all (values (2), (3)) order by 1
select 2 from t intersect all select 2 from u except all select 2
(values (1), (1), (2)) intersect (values (1), (1)) union all (values (1))
select count(*) from (select 1 from t except all select 1 from one) s

-- an interval's digits, which are no fields of it
select interval(2) '1.239 s', cast('3 days 1.6 s' as interval(0)), '1.239 s'::interval(1), (array['1.2345 s'])::interval(2)[], '1.5 s'::interval second(0), '1 day 2 hours'::interval day
select * from json_to_record('{"a": "1.2345 s"}') as x (a interval(2))

-- columns that `using` merges, of two types or of one that is not known here
select * from t join (select a::bigint as a, d from u) s using (a) order by a
select a from t left join (select a::numeric as a from u) s using (a) order by a
select a from (select a::numeric as a from t) s right join u using (a) order by 1
select a + 1 as x, t.a, s.a from t natural join (select 1 as a) s
select name from (select 'Anna' as name) s natural join n
select name from (select name::varchar(9) as name from n) s left join n using (name) order by 1
select a from t join (select a::bigint as a from u) s using (a) left join (select a::numeric as a from v) w using (a) order by 1
select count(*) from t join (select a::float8 as a from u) s using (a) where a > 3 group by a having a < 5

-- `any` and `all`
select a <> any (array[1, 2]), a < all (array[]::int[]), 1 >= some (array[a, null]), name like any (array['a%', null]), name !~~* all (array['A%']), name ~ any ('{^a}'::text[]) from t, n
select a from t where a >= all (select b from t x) or (a, b) < any (select b, a from t y) or a <> any (select null::int) order by 1
select name from n where name not like all (select 'b%') and name ilike any (select 'A%' union select 'z') order by 1

-- arrays and documents by parts
select (array[1, 2, 3])[2:], (array[1, 2, 3])[:2], (array[[1, 2], [3, 4]])[2][1], (array[[1, 2], [3, 4]])[1:2][1], (array[[1, 2], [3, 4]])[:][2:], (array[[1, 2], [3, 4]])[1]
select array[]::int[], array[[], []]::text[], array[array[1, a], array[b, 2]], cast(array[[1], [2.5]] as numeric[]), array[[1, 2]]::float8[] from t
select ('{"a": {"b": [1, "x"]}}'::jsonb)['a']['b'][1], ('{"a": {"b": [1, "x"]}}'::jsonb)['a'], ('[1]'::jsonb)[a] from t

-- other forms of what SQL has
select string_agg(distinct name, ',' order by name desc), count(distinct name), string_agg(distinct name, name) from n
select a between symmetric 2 and 1, a not between symmetric b and 1, a between asymmetric 2 and 1 from t
select (a, null) is null, (nullif(a, a), null) is null, (a, b) is not null, row(a, null) is not null, not (a, null) is null from t
select count(*) from t group by ()
select 1 from t group by (), ()
select max(a) from t group by () having max(a) > 0
select '{"a": [1]}'::jsonb @? '$.a[*]', '{"a": 1}'::jsonb @@ '$.a == 1', '{"a": 1, "b": 2}'::jsonb #- '{a}', '{"a": 1}'::jsonb #- array['a']
select 2 ^ 3, 2.0 ^ a, |/ 16, ||/ 27.0, @ -5, @ (a - 3), 5 # 3, name ^@ 'a', 2 ^ 3 ^ 2, -2 ^ 2, @ -5 + 1 from t, n
select current_timestamp(0) is null, localtime(2) is null, current_time(1) is null
select substring(name from 'a.'), substring(name, '.$'), substring('abcd' from 'a#"b#"%' for '#') from n
select (date '2021-01-01', date '2021-01-05') overlaps (date '2021-01-03', interval '5 days'), (localtimestamp, interval '1 h') overlaps (localtimestamp + interval '2 h', interval '1 h')

-- types and literals
select b'101', x'1F', B'', bit '101', bit(2) '10', '101'::bit, '101'::bit(2), '101'::bit varying, varbit '11', cast(5 as bit(4)), b'1' || b'0', ~ b'10', b'11' & b'01', b'11' # b'01'
select inet '10.0.0.1/8', '10.0.0.0/8'::cidr, macaddr '08:00:2b:01:02:03', '08:00:2b:01:02:03'::macaddr8, '{10.0.0.1}'::inet[], inet '10.0.0.1' = '10.0.0.1'
select char 'abc', 'abc'::char, nchar 'abc', N'abc', national character varying 'abc', cast('abc' as nchar(2)), character varying(2) 'abc', character(2) 'abc'
select U&'d!0061t!+000061!!' uescape '!' as u&"n?0061m" uescape '?', u&'\0061'
