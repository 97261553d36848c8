-- Each statement runs twice: through a session, on tables with hidden rows that make it fail, and as plain SQL on what the caller sees. `-- with`
-- gives the parameters of the next one, as texts.

-- set operations whose arms are of two types: the conversion meets no hidden row
select cast(d as text) from (select d from x union all select ts from y) s order by 1;
select count(*) from (select d from x union all select ts from y) s where d is not null;
select count(*) from (select ts as d from x union all select d from y) s where d is not null;
select count(*) from (select d from y union all select ts from x) s where d is not null and d > '2020-01-01';
select count(*) from (select n from y union all select f from x) s where n is not null;
select count(*) from y where exists (select 1 from (select y.d union all select y.ts) s where d is not null);
select count(*) from y where exists (select 1 from (values (y.n), (y.f)) s(d) where d > 0);
select count(*) from (select ts from y union select d from x) s where ts > '2020-01-01';
select cast(n as text) from (select n from x union all select f from y) s where n is not null and n < 1000 order by 1;
select cast(max(n) as text) from (select n from x union all select f from y) s;
select count(*) from x where exists (select 1 from (select x.d union all select x.ts) s where d is not null);
select count(*) from x where exists (select 1 from (values (x.d), (x.ts)) s(d) where d is not null);
select id from x union select a from y order by 1;
select s.id, y.id from (select id from x union all select a from x) s join y on y.id = s.id order by 1, 2;
select s.s from (select s from x union all select v from y) s where s.s = 'abc' or s.s like 'b%' order by 1;
select cast(d as text) from x union all select cast(ts as text) from y order by 1;
select count(*) from (select d from x where d > date '2020-01-01' intersect select d from x) s;
select a from x union all select a from y except all select a from x order by 1;
select a from x intersect all select 1000 / (id - 500) from y order by 1;
select count(*) from (select a from x except all select 1000 / (id - 500) from y) s where a > -1000;
-- with 2
select id from x union select $1 order by 1;
-- by the name of a type
select id, date(ts)::text, date(d)::text as e from x where date(ts) >= '2021-01-01' order by 1;
select date('2021-02-03')::text, date(s::text)::text from (values ('2020-01-01')) v(s);
select date(ts)::text as d, count(*) from y where 1000 / (id - 500) < 0 group by date(ts) order by 1;
-- a function's one value by the name of the function
select x.id, e from x, jsonb_array_elements(x.j -> 'list') e where e::text <> '7' order by 1, 2;
select x.id, el ->> 'k', el from x, jsonb_array_elements(jsonb_build_array(x.j)) el where (el ->> 'k')::int > 2 order by 1;
select jsonb_array_elements from jsonb_array_elements('[1, 2]') order by 1;
select x.id, (select count(*) from jsonb_array_elements_text(x.j -> 'list') t where t = '7') from x order by 1;
select n from generate_series(1, 2) as n(n) order by n;
select x.id, to_json(el), count(el) from x, jsonb_array_elements(x.j -> 'list') el group by x.id, el order by x.id, el;
select to_jsonb(t) from unnest(array['a', 'b']) t order by 1;
select json_agg(g order by g) from generate_series(1, 3) g;
-- functions that make rows, in a list of results
select unnest(array['a', 'b']);
select generate_series(1, 3) as n order by 1 desc;
select id, unnest(tags) from y order by 1, 2;
select distinct unnest(tags) as tag from x order by tag;
select upper(unnest(tags)) || id from x where id < 4 order by 1;
select id, unnest(tags) as t, unnest(nums[1:2]) as n, generate_series(1, id - 3) from x order by 1, 2, 3, 4;
select id, (jsonb_array_elements(j -> 'list'))::text as e from x order by 1, 2;
select id, (jsonb_array_elements_text(j -> 'list'))::int + 1 as e from y where id > 4 order by 1, 2;
select x.id, y.id, unnest(x.tags || y.tags) as t from x left join y on y.id = x.id and y.a > 1 order by 1, 2, 3;
select id, regexp_split_to_table(s, '') from x order by 1, 2;
select x.id from x where 't4' = any (array(select unnest(y.tags) from y where y.id = x.id)) order by 1;
select t, count(*) from (select unnest(tags) as t from x) s group by t having count(*) > 1 order by 1;
select unnest(tags) from x where id = 1 union all select unnest(tags) from y where id = 3 order by 1;
select id, jsonb_object_keys(j) as k from x order by 2, 1 limit 4;
select id, (select string_agg(k, ',' order by k) from (select jsonb_object_keys(x.j) as k) s) from x order by 1;
select count(*) from x where id in (select unnest(nums) from y where 1000 / (y.id - 500) < 0);
with w as (select id, unnest(nums) as n from x) select w.id, y.id from w join y on y.id = w.n order by 1, 2;
select id, generate_series(1, 1000 / (500 - id)) as n from x order by 1, 2 limit 5;
select *, unnest(nums) as one from (select id, nums from x) s order by id, one;
-- rows of values of which one has a type
select x.id, v.t from x join (values (1::bigint, 'a'), (4, 'b')) v(id, t) on v.id = x.id order by 1;
select x.id, v.n from x join (values (1), (4::bigint), (null)) v(n) on v.n = x.id order by 1;
select v.id, x.id from (values (1::bigint, 'a'::text), (4, 'b'), (5, null)) as v(id, l) left join x on v.id = x.id order by 1;
select v.n, (select s from x where x.id = v.n) from (values (1::smallint), (2), (3::int)) v(n) order by 1;
-- full joins
select x.id, y.id from x full join y on x.id = y.id and 1 / (x.id - 500) < 7 order by 1, 2;
select x.id, y.id from x full join y on x.id = y.id order by 1, 2;
-- full joins by what can fail: each side of the equality stands behind the witnesses of its own rows
select x.id, y.id from x full join y on x.id + 2 = y.id order by 1, 2;
select x.id, y.id from x full join y on y.id = 5 + 1000 / (x.id - 500) order by 1, 2;
select x.id, y.id from x full join y on x.id + 1 = y.id - 1 and 1000 / (x.a - 77) < 1000 / (y.a + 77) order by 1, 2;
select x.id, y.id from x full join y on x.d = y.ts and 4 + 1000 / (x.id - 500) = y.id order by 1, 2;
select x.id, y.id from x full join y on x.id + 2 = y.id and x.a + 1 = y.a order by 1, 2;
select x.id, y.id from x full join y on x.id + 2 = y.id where x.id > 1 order by 1, 2;
select x.id, y.id from x full join y on x.id + 2 = y.id where x.id > 1 and y.id = 4 order by 1, 2;
select x.id, y.id from x full join y on x.id + 2 = y.id where 1000 / (coalesce(x.id, y.id) - 500) < 0 order by 1, 2;
select x.id, y.id from x full join y on (x.j ->> 'k')::int = (y.j ->> 'k')::int order by 1, 2;
select s.k, y.id from (select id + 2 as k from x) s full join y on s.k = y.id order by 1, 2;
select k, count(*) from (select id + 2 as k from x) s full join (select id + 1 as k from y) t using (k) group by rollup (k) having 1000 / (k - 500) <= 0 order by 1, 2;
select x.id, y.id, z.id from x full join y on x.id + 2 = y.id full join x z on z.id - 1 = coalesce(x.id, y.id) order by 1, 2, 3;
select id, count(*) from x full join y using (id) full join (select id + 1 as id from y) z using (id) group by id having 1000 / (id - 500) < 0 order by 1;
select x.id, y.id, z.n from x full join y on x.id + 2 = y.id full join (select id, n from x) z on z.id = coalesce(x.id, y.id, 7) and z.n = coalesce(x.n, y.n) order by 1, 2, 3;
select x.id, y.id, z.id from (x full join y on x.id + 2 = y.id) join x z on z.id = y.id where x.id > 0 order by 1, 2, 3;
select x.id, y.id, z.id from (x join x z on z.id = x.id) full join y on x.id + z.id = y.id + 1 order by 1, 2, 3;
select x.id, y.id from x full join (y left join x v on v.id = y.id) on x.id + 6 = y.id + v.id order by 1, 2;
select y.id, s.p, s.q from y, lateral (select p.id as p, q.id as q from x p full join x q on p.id + y.id = q.id) s order by 1, 2, 3;
select id from x where exists (select 1 from y p full join y q on p.id + x.id = q.id where p.id is null and q.id = x.id) order by id;
with c as (select x.id as a, y.id as b from x full join y on x.id + 2 = y.id) select * from c where 1000 / (c.a - 500) <= 0 or c.b - 1 > 6 order by 1, 2;
select count(*) from x full join y on x.id + 2 = y.id and exists (select 1 from x z where z.id = y.id and 1000 / (z.a - 77) < 0);
select x.id, y.id from x full join y on (select max(z.a) from x z where z.id = x.id)::int + 1 = y.a where x.id < 3 order by 1, 2;
select x.id, y.id from x full join y on 1 / (x.id - 500) = 0 and x.id = y.id order by 1, 2;
select e.k, y.id from (select distinct id + 2 as k from x) e full join y on e.k - 1 = y.id order by 1, 2;
select to_json(x) ->> 's', y.id from x full join y on cast(x.nums[1] as int) + 2 = y.id order by x.id, y.id;
-- limits
-- with 1
select id from x order by id limit $1 + 1;
-- with 1
select id from x order by id limit $1 * 2 - 1 offset $1 + 0;
select id from x order by id limit 1 + 1;
select s.k from (select id % 2 as k from x order by 1 fetch first row with ties) s;
select s.id from (select id, id % 2 as k from x order by k offset 1 fetch next 1 rows with ties) s order by 1;
select id from x where id in (select y.id from y where 1000 / (y.id - 500) < 0 order by y.id % 3 fetch first 2 rows with ties) order by 1;
-- lists
select id from x where s = any (array['abc', 'bcd']) order by id;
select id from x where a = any (array[1, 2]) order by id;
select id from x where id <> all (array[1, 3]) order by id;
-- parameters
-- with 3
select $1::int + 1;
-- with 3
select id, $1 as p from x order by id;
-- with 3
select id from y where id = $1::int;
-- with 3 5
select id from y where id in ($1::int, $2::int) order by id;
-- with 3 5
select id from y where id between $1::int and cast($2 as bigint) order by id;
-- with 2021-01-03
select id from y where d > cast($1 as date) order by id;
-- with 2021-01-03
select id from y where d > $1 order by id;
-- with 2021-01-03
select id from y where d > $1::date + interval '1 day' order by id;
-- with 2021-01-03
select id from y where d - 1 > $1::date order by id;
-- with 2
select id from y order by id limit $1::int;
-- with 2
select id from y order by id limit cast($1 as bigint) + 1 offset $1::bigint - 1;
-- with 2
select id, substr(s, $1::int), left(s, $1), round(n, $1::int) from y order by id;
-- with 2.5
select id from y where n > $1::numeric and f > $1::numeric order by id;
-- with 2.5
select id from y where f > $1::float8 order by id;
-- with 2.5
select id from y where n > $1::float8 order by id;
-- with ab
select id from y where s like $1 || '%' order by id;
-- with abc
select id from y where coalesce(s, $1) = $1 order by id;
-- with low
select id from y where e = $1 order by id;
-- with k
select j ->> $1 from y order by id;
-- with 5
select id from y where id = $1::int or s = $1::text order by id;
-- with abc
select case when s = $1 then 'it' else $1 end from y order by id;
-- with true
select id from y where $1::boolean order by id;
-- with true
select id from y where $1 order by id;
-- with 1
select a, count(*) from y group by a having count(*) > $1::int order by a;
select id from y where s = 'abc'::text and f > 3::int and f > 3::numeric and d > timestamp '2020-01-01' and a < 7::float8 and n > 2::float8 order by id;
-- with 2
select id from y where f > $1::int and n > $1::int order by id;
-- with abc
select id from y where s = $1::text or v = $1::text order by id;
-- with 2020-01-01
select id from y where ts > $1::date and d > $1::date order by id;
-- arrays
select id, array[id, a], array[s, 'x'] from y order by id;
select id, nums[1], nums[2:3], tags[id] from y order by id;
select id from y where nums[1] / nums[1] = 1 and nums[2] > 3 order by id;
select id from y where nums @> array[2] order by id;
select id from y where nums && array[3, 4] and tags @> array['a'] order by id;
select id from y where array['a', 'b', 'zz', 't1'] @> tags or tags <@ array['t2', 'a', 'b'] order by id;
select id from y where 2 = any (nums) order by id;
select tags[1], count(*) from y group by tags[1] order by 1;
select id from y order by nums[1] desc, tags[3];
select a, array_agg(id order by id desc), string_agg(s, ',' order by id) filter (where id > 3) from y group by a order by a;
select array_agg(1 / (id - 500) order by id) from y;
select cardinality(nums), array_length(tags, 1), array_to_string(nums, '-'), array_position(tags, 'b') from y order by id;
select id from y where cardinality(string_to_array(s, 'b')) = 2 order by id;
-- json
select id, j -> 'list', j ->> 'k', j #> array['list', '0'], j #>> '{list,1}' from y order by id;
select id from y where j @> '{"k": 3}' or j @> jsonb_build_object('k', id - 1) order by id;
select id from y where cast(j ->> 'k' as int) > 3 order by id;
select id from y where j ? 'k' and not j ?| array['x', 'z'] and j ?& array['k', 't'] order by id;
select id from y where jsonb_array_length(j -> 'list') = 2 order by id;
select id from y where (j -> 'list' ->> 0)::int = 4 order by id;
select j ->> 't', count(*) from y group by j ->> 't' order by j ->> 't';
select x.id, y.id from x join y on x.j @> jsonb_build_object('k', (y.j ->> 'k')::int) order by 1, 2;
select s.k from (select (j ->> 'k')::int as k, nums from y) s where s.k > 1 and s.nums[1] = s.k order by 1;
-- literals of time
select id from y where d between date '2021-01-02' and date '2021-01-03' + interval '1 day' order by id;
select id from y where ts > timestamp '2021-01-01 02:00' - interval '1 hour 30 minutes' order by id;
select id from y where d + interval '1 month' > timestamp '2021-02-04' order by id;
select id from y where ts - d::timestamp < interval '0' order by id;
-- rows of values
select id from y where (id, a) in ((3, 2), (4, 3)) order by id;
select id from y where (a, id) < (2, 5) order by id;
select id from y where (a, id) = (select 2, 4) order by id;
select id from y where (id, a) in (select id, a from x) order by id;
-- functions in `from`
select g from generate_series(1, 3) g order by g;
select * from generate_series(1, 3) order by 1;
select g.n, count(y.id) from generate_series(1, 7, 2) as g (n) left join y on y.id = g.n group by g.n order by g.n;
select y.id, g from y join generate_series(1, 9) g on 1000 / (y.id - 500) < g and g = y.id order by 1, 2;
select u from unnest(array['a', 'b']) u order by u;
select y.id from y, unnest(array[3, 4]) as u (k) where y.id = u.k order by 1;
select id from y where exists (select 1 from generate_series(1, 3) g where g = y.a and 1000 / (y.id - 500) < g) order by id;
select id from y where id in (select g from generate_series(1, 5) g) order by id;
select cast(cast(g as date) as text), count(y.id) from generate_series(timestamp '2021-01-01', timestamp '2021-01-05', interval '1 day') g left join y on y.d = g group by g order by g;
select key, value from jsonb_each_text('{"a": 1, "b": [2]}') order by key;
select e.value from jsonb_array_elements('[1, 2]') e order by 1;
select k from jsonb_object_keys('{"a": 1, "b": [2]}') k order by 1;
-- with {3,4}
select y.id from y join unnest($1::int[]) as u (k) on y.id = u.k order by 1;
-- with 4
select y.id from y join generate_series(1, $1::int) g on y.id = g order by 1;
select sum(y.a * g) from y cross join generate_series(1, 2) g;
-- groups by a query
select (select max(x.id) from x), count(*) from y group by 1;
select (select max(x.id) from x where x.id < y.id) as m, count(*) from y group by (select max(x.id) from x where x.id < y.id) order by 1;
select (select 1000 / (max(x.id) - 500) from x where x.a = y.a) as m, count(*) from y group by 1 order by 1;
select (select max(x.id) from x where x.a = y.a) + 1, count(*) from y group by (select max(x.id) from x where x.a = y.a) having (select max(x.id) from x where x.a = y.a) > 1 order by 1;
select (with c as (select max(x.id) as k from x where x.a = y.a) select k from c), count(*) from y group by 1 order by 1;
select exists (select 1 from x where x.id = y.id and 1000 / (x.id - 500) < 0), count(*) from y group by 1 order by 1;
-- the first of each key: of visible rows, and its keys behind the guard where they can fail
select distinct on (a) a, id, s from x order by a, id desc;
select distinct on (1 / (id - 500)) id from x order by 1 / (id - 500), id;
select distinct on (k) 100 / (id - 500) as k, id from x order by k, id desc;
select distinct on (y.a) y.a, 10 / (y.id - 500) as q from y order by y.a, y.id;
select distinct on (s::text || (1 / id)) id from x order by s::text || (1 / id), id;
select id from (select distinct on (a) id, a from x order by a, id) q where 1 / (id - 500) < 1 order by id;
select id from x where id in (select distinct on (1 / (y.id - 500)) y.id from y order by 1 / (y.id - 500), y.id) order by id;
select distinct on (x.a) x.a, y.id from x left join y on y.id = x.id and 1 / (y.id - 500) < 7 order by x.a, y.id nulls last;
select distinct on (2) a, count(*) as n from x group by a order by 2, 1;
select distinct on (1 / (id - 500)) count(*) from x group by 1 / (id - 500) order by 1 / (id - 500);
select distinct on (id) id, s, n from x group by id order by id;
-- arrays of queries
select id, array(select y.id from y where y.a = x.a order by y.id) from x order by id;
select array(select 1 / (id - 500) from x order by 1 / (id - 500), id);
select id from x where array(select y.id from y where 1 / (y.id - 500) = 0 order by y.id) @> array[id] order by id;
select id from x where id = any (array(select 100 / (y.id - 500) + y.id from y)) order by id;
select id, array_length(array(select 1 / y.id from y where y.id > x.id), 1) as n from x order by n nulls first, id;
select count(*), array(select s from y order by 1 limit 1) from x;
-- ordered-set aggregates
select a, cast(percentile_cont(0.5) within group (order by f) as text), percentile_disc(0.5) within group (order by s), mode() within group (order by v) from x group by a order by a;
select percentile_disc(0.5) within group (order by 1000 / (id - 500)) filter (where 1 / (id - 500) <= 0) from x;
select 1 / (a + 1), percentile_disc(array[0, 1]) within group (order by s::text || 1 / id) from y group by 1 / (a + 1) order by 1;
-- with 0.5
select percentile_cont($1::float8) within group (order by id)::text from x having percentile_cont($1::float8) within group (order by 1 / (id - 500)) < 7;
-- functions that can fail, in conditions
select id from x where to_char(d, 'YYYY') = '2021' and to_char(n, '999999D9') like '%1.5' order by id;
select id from x where regexp_replace(s, tags[2], 'x') = 'axc' and s ~ tags[1] order by id;
select id from x where jsonb_set(j, tags, '1') ->> 't' = 'x3' and to_number(to_char(n, '9'), '9') > 0 order by id;
select id from x where array_append(nums, 7) @> array[id] and array_remove(tags, 'a') && array['b'] and format('%s', id) = '3' order by id;
select id, width_bucket(id, 0, 6, 3), date_bin('1 day', ts, '2021-01-01')::text, regexp_match(s, '(b)'), jsonb_path_query_array(j, '$.list[*]') from x order by id;
-- grouping sets, of keys that can fail on a hidden row and of others
select a, e, count(*), grouping(a, e) from x group by rollup (a, e) order by 4, 1, 2;
select a, e, sum(id) from x group by cube (a, e) having count(*) > 1 order by 1 nulls first, 2 nulls first, 3;
select 1 / (id - 500), a, count(*) from x group by grouping sets ((1 / (id - 500)), (a, 1 / (id - 500)), ()) order by 3, 2 nulls first, 1 nulls first;
select 100 / (id - 500) + 1, a, count(*), max(1 / id) from x group by grouping sets ((100 / (id - 500), a), ()) order by 3, 2;
select s, count(*) from x where 1 / (id - 500) = 0 group by distinct rollup (s), rollup (s) order by 1 nulls last;
select a, max(s) from y where id > 100 group by rollup (a);
select grouping(a), min(1 / (id - 500)) from x group by a, cube (e) order by 1, 2;
select q.a, x.id, q.n from (select a, count(*) as n from y group by rollup (a)) q join x on x.a = q.a order by 1, 2;
select id from x where exists (select 1 from y group by rollup (y.a) having count(*) > 3) order by id;
select id from x where (select max(n) from (select count(*) as n from y group by rollup (a)) q) > id order by id;
-- what can fail of the groups of grouping sets
select a, count(*) from x group by rollup (a) having 1 / (a - 77) <= 0 order by 1;
select a, count(*) from x group by rollup (a) having 1 / (a - 77) <= 0 or a is null order by 1;
select a, count(*) from x group by cube (a) order by 1000 / (a - 77), 1;
select a + 2147483571, count(*) from x group by rollup (a) order by 1;
select 1000 / (a - 77) from (select a from x group by rollup (a)) s order by 1;
select q.z from (select 1000 / (a - 77) as z, e from x group by grouping sets ((a, e), (e), ())) q where q.z < 0 order by 1;
select q.a, q.n from (select a, sum(id / (id - 500)) as n from x group by rollup (a)) q where 1 / (q.a - 77) <= 0 and q.n + 1 > 0 order by 1;
select id from x where id in (select 1 / (a - 77) + 1 from y group by grouping sets ((a), ())) order by id;
select id from x where exists (select 1 from y group by rollup (y.a) having 1 / (y.a - 77 + x.id - x.id) <= 0 and y.a = x.a) order by id;
select distinct 1000 / (a - 77) as q, grouping(a) from x group by cube (a, e) order by 1, 2;
select distinct on (1000 / (a - 77)) a, count(*) from x group by rollup (a) order by 1000 / (a - 77), a;
select distinct on (count(*), max(id) + 2147483000) a, count(*) from x group by a order by count(*), max(id) + 2147483000;
select a, sum(count(*)) over (order by 1000 / (a - 77), a) from x group by rollup (a) order by 1;
select a, e, grouping(a), rank() over (partition by 1000 / (a - 77) order by count(*)) from x group by cube (a, e) order by 1, 2, 3, 4;
select 1000 / (id - 500) + a, count(*) from x group by grouping sets ((1000 / (id - 500), a), (a), ()) having 1000 / (a - 77) < 0 order by 1, 2;
select 1000 / (id - 500), grouping(1000 / (id - 500)) from x group by rollup (1000 / (id - 500)) having 1000 / (id - 500) + 1 < 0 order by 1;
with c as (select a, e from x group by cube (a, e)) select count(*) from c where 1 / (c.a - 77) <= 0;
with c as (select a, count(*) as n from x group by rollup (a)) select c.a, y.id from c join y on 1000 / (c.a - 77) + 15 + c.a = y.id order by 1, 2;
select a + 2147483571 from x group by rollup (a) union select a + 2147483571 from y group by cube (a) order by 1;
select t.k from (select a as k from x group by rollup (a) union all select y.a from y) t where 1000 / (t.k - 77) < 0 order by 1;
select x.a, y.s, count(*) from x join y on x.a = y.a group by rollup (x.a, y.s) having 1000 / (x.a - 77) < 0 order by 1, 2;
select x.a, count(*) from y left join x on x.id = y.id group by rollup (x.a) having 1000 / (coalesce(x.a, 1) - 77) < 0 order by 1;
select count(*) from x where id > 100 group by grouping sets ((a), ()) having coalesce(1000 / (a - 77), 0) = 0;
select a from x group by rollup (a) having (select count(*) from y where y.a = x.a and 1000 / (y.a - 77) < 0) > 0 order by 1;
select a from x group by rollup (a) having exists (select 1 from y group by cube (y.a) having y.a = x.a and 1000 / (x.a + y.a - 154) < 0) order by 1;
select y.id, s.a from y, lateral (select x.a from x group by rollup (x.a) having 1000 / (x.a - y.id - 77) < 9) s order by 1, 2;
select y.id, s.a from y, lateral (select x.a from x where x.a <= y.a group by rollup (x.a)) s where 1000 / (s.a - 77) < 9 order by 1, 2;
select y.id, s.z from y, lateral (select 1000 / (x.a - y.id - 77) as z from x group by grouping sets ((x.a), ())) s where s.z < 0 order by 1, 2;
select x.id, s.t, s.n from x, lateral (select t, count(*) as n from unnest(x.tags) t group by rollup (t) having length(t) + 2147483645 > 0) s order by 1, 2;
select w.b from (select q.b from (select a as b from x group by rollup (a)) q group by cube (q.b) having 1000 / (q.b - 77) < 0) w where 1000 / (w.b - 77) < 0 order by 1;
select x.a, count(*) from x join y on x.id = y.id group by x.a, rollup (y.e) having 1000 / (x.a - 77) < 0 and count(*) > 0 order by 1, 2;
-- lateral
select y.id, s.n from y, lateral (select count(*) as n from x where x.a = y.a) s order by y.id;
select y.id, s.id from y left join lateral (select x.id from x where x.a = y.a order by x.id desc limit 1) s on true order by y.id;
select y.id, s.k from y cross join lateral (select 1000 / (y.id - 500) as k) s where s.k < 0 order by y.id;
select x.id, s.k from x, lateral (select (x.j ->> 'k')::int as k) s where s.k > 2 order by x.id;
select x.id, s.k from x join (y join lateral (select y.id + x.id as k) s on s.k > 5) on x.id = y.id order by x.id;
select x.id, cast(s.d as text) from x, lateral (select x.d union all select x.ts) s where s.d > '2021-01-03' order by 1, 2;
-- functions of columns
select y.id, t from y, unnest(y.tags) t order by 1, 2;
select y.id, t.tag from y join unnest(y.tags) as t (tag) on t.tag like 't%' order by 1, 2;
select y.id, t.tag, t.i from y, unnest(y.tags) with ordinality as t (tag, i) where t.i < 3 order by 1, 3;
select x.id, u.t, u.n from x, unnest(x.tags, x.nums) as u (t, n) order by 1, 3;
select tag, count(*) from y, unnest(y.tags) tag where tag ~ '^[ab]' group by tag order by 1;
select x.id, e from x, jsonb_array_elements_text(x.j -> 'list') e order by 1, 2;
select x.id, e.key, e.value from x, jsonb_each_text(x.j) e where e.key <> 'list' order by 1, 2;
select y.id, k from y, jsonb_object_keys(y.j) k order by 1, 2;
select x.id, r.k, r.t from x, jsonb_to_record(x.j) as r (k int, t text) where r.k > 2 order by 1;
select x.id, g from x, generate_series(1, x.a) g order by 1, 2;
select x.id, r.* from x, rows from (generate_series(1, x.a), unnest(x.tags)) with ordinality as r (g, t, n) order by 1, 4;
select x.id, p from x, string_to_table(x.s, 'b') p where length(p) > 0 order by 1, 2;
select id from x where exists (select 1 from unnest(x.tags) t where t = 't2' or t ~ '^t3') order by id;
select id, (select max(n) from unnest(y.nums) n) as m from y order by id;
select id from x where (select count(*) from jsonb_array_elements(x.j -> 'list') e where e.value::text::int > 5) > 1 order by id;
-- lateral with distinct on, arrays of queries, within group and grouping sets
select y.id, s.id as of from y, lateral (select distinct on (x.a + y.a) x.id from x where x.a = y.a order by x.a + y.a, x.id desc) s order by 1, 2;
select y.id, s.k from y, lateral (select distinct on (1000 / (x.id - y.id - 500)) x.id as k from x order by 1000 / (x.id - y.id - 500), x.id) s order by 1, 2;
select y.id, s.k from y, lateral (select array(select x.id from x where x.a = y.a order by x.id) as k) s where s.k <> array[0] order by 1;
select y.id, s.k from y, lateral (select array(select 1000 / (x.id - y.id - 500) from x order by 1) as k) s where s.k <> array[0] order by 1;
select y.id, s.m from y, lateral (select percentile_disc(0.5) within group (order by x.id + y.id) as m from x where x.a = y.a) s order by 1;
select y.id, s.a, s.n from y, lateral (select x.a, count(*) as n from x where x.a = y.a group by rollup (x.a)) s order by 1, 2, 3;
select id, array(select t from unnest(x.tags) t order by t) from x order by id;
-- rows that are not there
select a, rank(1000) within group (order by id), dense_rank(2, 'b') within group (order by a, s desc), percent_rank(3) within group (order by id)::text from x group by a order by a;
select rank(7) within group (order by 1000 / (id - 500)) filter (where 1 / (id - 500) <= 0), cume_dist('bcd') within group (order by s)::text from y;
-- with 2
select a from x group by a having rank($1::int) within group (order by id) > 1 order by a;
select y.id, s.r from y, lateral (select rank(4) within group (order by x.id + y.id) as r from x where x.a = y.a) s order by 1;
-- regular expressions as tables
select x.id, m from x, regexp_matches(x.s, '[bc]', 'g') m order by 1, 2;
select x.id, r.w, r.n from x, regexp_split_to_table(x.tags[3] || '-' || x.v, '-') with ordinality as r (w, n) order by 1, 3;
select id from y where exists (select 1 from regexp_matches(y.s, '(.)c') m where m[1] = 'b') order by id;
-- aliases of joins
select j.id, j.k from (x join (select id as k, a as b from y) z on x.id = z.k) as j where j.b > 0 and 1 / (j.id - 500) <= 0 order by 1;
select j.* from ((select id, a, s from x) a join (select id, v from y) b using (id)) as j (key, one) where j.key > 1 order by 1;
select u.id, x.s, y.s from x join y using (id) as u where u.id > 2 and 1 / (u.id - 500) <= 0 order by 1;
select u.*, coalesce(x.a, y.a) from x full join y using (id) as u order by 1;
select j.s from (x natural join (select id from y) z) as j, lateral (select j.id) k order by 1;
-- columns of rows
select (x).id, (x).s from x where (x).a = 1 and 1 / ((x).id - 500) <= 0 order by (x).id;
select (x).*, y.id from (select id, s, v from x) x join y on (y).id = (x).id order by 1;
-- what aggregates and windows are of
select a, c from (select a, count(*) as c, sum(id) as s, avg(n) as m, max(s) as t from x group by a) g where c > 1 and s < 100 and m > 0.5 and t >= 'a' order by a;
select g.a, y.id from (select a, max(id) as last, sum(a) as s from x group by a) g join y on y.id = g.last and g.s >= y.a order by 1;
select id from (select id, row_number() over (order by id desc) as r, count(*) over (partition by a) as c from x) w where r <= 2 and c > 1 order by id;
select a, count(*) from x group by rollup (a) having count(*) > 1 and sum(id) > 3 order by 1, 2;
select a, c from (select a, count(*) as c, avg(f) as f from x group by cube (a)) g where c > 1 and f > 1 order by 1, 2;
-- rows as values
select to_json(x) from x order by id;
select json_agg(y order by y.id) from y where 1 / (y.id - 500) <= 0;
select jsonb_agg(x order by id) filter (where a = 1), count(x) from x;
select a, json_agg(x order by id) as rows, count(distinct x.*) from x group by a having count(x) > 1 order by a;
select id from x where row_to_json(x) ->> 's' = 'abc' order by id;
select id from x where (to_jsonb(x) ->> 'id')::int + 1 > 4 and 1 / (a - 77) <= 0 order by id;
select id from x where json_array_length(json_build_array(x, a)) = 2 and to_jsonb(x) @> '{"v": "v3"}';
select y.id, to_json(x) as x from y left join x on x.id = y.id order by 1;
select y.id, json_agg(x) as xs, count(x) as n from y left join x on x.id = y.id and 1 / (x.id - 500) <= 0 group by y.id order by 1;
select y.id, coalesce(json_agg(x order by x.id) filter (where x.id is not null), '[]') from y left join x on x.a = y.a group by y.id order by 1;
select y.id, (select json_agg(x order by x.id) from x where x.a = y.a) as xs from y order by 1;
select y.id, row_to_json(q) from y left join lateral (select x.id, x.s from x where x.a = y.a order by 1 limit 1) q on true order by 1;
select to_json(x) as x, to_json(y) as y from x full join y on x.id = y.id order by x.id, y.id;
select json_agg(q order by q.a) from (select a, count(*) as n, array_agg(id order by id) as ids from x group by a) q;
with c as (select id, s from x where a = 1) select json_agg(c order by c.id) from c;
select to_json(row(x.id, x.s, y)), json_build_object('x', x, 'y', y.id) from x join y using (id) order by x.id;
select id, json_agg(x) over (order by id) from x order by id;
select json_object_agg(x.s, x order by x.id) from x where 1 / (x.id - 500) <= 0;
select x.id, y.id as other from x join y on to_json(x) ->> 'id' = (to_jsonb(y) ->> 'id') order by 1;
select x.id, y.id as other from x left join y on (to_json(y) ->> 'id')::int - 500 = x.id - 500 and 1 / (y.id - 500) <= 0 order by 1;
select x.id, s.j from x, lateral (select to_json(x) as j) s order by 1;
select s.j, s.k from (x left join y on y.id = x.id + 3) left join lateral (select to_json(y) as j, json_agg(z) as k from x z where z.id = x.id) s on s.j is not null order by s.j ->> 'id', x.id;
select x.id, x.s, count(x) as n, to_jsonb(x) -> 'v' as v from y left join x on x.id = y.id group by x.id having count(x) >= 0 order by x.id;
select y.id, json_agg(row(x.id, x.s, x) order by x.id) filter (where 1 / (x.id - 500) <= 0) as xs from y left join x on x.a = y.a group by y.id order by 1;
select count(distinct (x.a, x.s)), json_agg((x.id, y) order by x.id) from x left join y on y.id = x.id where 1 / (x.id - 500) <= 0;
select y.id, to_json(q) from y left join lateral (values (y.id, y.s)) q on true order by 1;
select to_json(q), q.p from y left join x as q (p) on q.p = y.id order by y.id;
-- fields of composites: of hidden rows they are 0, too large, and no number
select id, (addr).city, (z.addr).n, (z).addr.at.lat, ((addr).at)."Long", (home).city, (home).at.lat from z order by id;
select id, ((addr).lines)[1], (addr).spots[2].lat, (homes[1]).city, (homes[1]).e, cast((addr).d as text) from z order by id;
select (home).*, id from z order by id;
select (z).addr.at.*, (homes[1]).* from z order by id;
select id from z where (addr).n > 2 order by id;
select id from z where 10 / (addr).n > 2 order by id;
select id from z where 10 / ((addr).at).lat > 1 and (home).n > 0 order by id;
select id from z where (addr).city = 'Ulm' order by id;
select id from z where (addr).city like 'U%' or (addr).city ~ '[7-9]' order by id;
select id from z where (addr).city in ('Ulm', 'Kiel') and (addr).city > 'K' order by id;
select id from z where cast((addr).lines[2] as int) > 2 order by id;
select id from z where cast((addr).lines[2] as int) + (home).n = 7 and (addr).e = 'low' order by id;
select id from z where (addr).at is null order by id;
select id from z where (addr).d > date '2021-01-02' and (addr).d + 1 < date '2021-01-06' and (addr).f > 1 order by id;
select id from z where ((addr).at)."Long" > 2.5 and cast(((addr).at)."Long" as float8) < 1000 order by id;
-- with 3
select id from z where (addr).n = $1 order by id;
-- with 3 Ulm
select id from z where (addr).n = $1::int or (addr).city = $2::text order by id;
-- with Ulm
select id from z where (addr).city = $1 order by id;
select id from z order by 10 / (addr).n, id;
select id from z order by (addr).n desc nulls last, (addr).city, id limit 3;
select 10 / (addr).n as q, count(*) from z group by 10 / (addr).n order by 1;
select (addr).city, sum((addr).n), max(((addr).at).lat), min((home).n) from z group by (addr).city order by 1;
select (addr).city, (addr).n + 1 from z group by addr order by 1, 2;
select (addr).city, (addr).n from z group by (addr).city, (addr).n order by 10 / (addr).n, 1;
select (addr).city as c, count(*) from z group by c having sum((addr).n) > 3 order by c;
select (addr).n, count(*) from z group by rollup ((addr).n) order by 1, 2;
select id, (addr).city from z group by id order by 10 / (addr).n, id;
select distinct (addr).city, (addr).n / 2 from z order by 1, 2;
select distinct on ((addr).city) (addr).city, id from z order by 1, id;
select z.id, y.id from z join y on (z.addr).n = y.id order by 1, 2;
select z.id, y.id from z join y on (z.addr).n = y.id - 1 and 10 / (z.addr).n > 1 order by 1, 2;
select z.id, y.id from z left join y on y.id = 12 / (z.addr).n order by 1, 2;
select z.id, y.id from y left join z on (z.addr).n = y.id and (z.addr).city = y.s order by 1, 2;
select z.id, y.id from z full join y on (z.addr).n = y.id order by 1, 2;
select a.id, b.id from z a join z b on (a.addr).city = (b.home).city order by 1, 2;
select s.city, s.n from (select (addr).* from z) s where 10 / s.n > 2 order by 1, 2;
select (s.p).lat from (select (addr).at as p from z) s where 10 / (s.p).lat > 1 order by 1;
with s as materialized (select addr from z) select (s.addr).city from s where 10 / (s.addr).n > 2 order by 1, (s.addr).n;
with s as (select id, addr from z order by id limit 4) select id, 10 / (addr).n from s order by 2;
select (h).city, (h).n from (select homes[1] as h from z) s order by 2, 1;
select id, rank() over (order by 10 / (addr).n), sum((addr).n) over (partition by (addr).city) from z order by 1;
select id, (first_value(addr) over (order by 10 / (addr).n, id)).city from z order by 1;
select id, (select 10 / (o.addr).n from z o where o.id = z.id) from z order by id;
select id from z where exists (select 1 from y where y.id = 12 / (z.addr).n) order by id;
select id from z where (addr).n in (select 8 / (addr).n from z) order by id;
select count(*) from z where (addr).n not in (select id from y);
select id, (select addr from z o where o.id = z.id).n from z where 10 / (select addr from z o where o.id = z.id).n > 2 order by 1;
select z.id, l from z, unnest((z.addr).lines) l order by 1, 2;
select z.id, s.q from z, lateral (select 10 / ((z.addr).at).lat as q) s order by 1;
select z.id, g from z, generate_series(1, (z.home).n) g order by 1, 2;
select (addr).city from z union select s from y order by 1;
select n from (select (addr).n from z union all select id from y) s where 10 / n > 1 order by 1;
select (case when 10 / (addr).n > 2 then addr end).city from z order by id;
select (coalesce(addr, homes[1])).n from z where 10 / (coalesce(addr, homes[1])).n > 1 order by 1;
select to_json((addr).at), to_json(addr) from z order by id;
select json_agg(s order by s.n) from (select (addr).city, (addr).n from z) s;
select string_agg((addr).city, ',' order by 10 / (addr).n, id) filter (where 10 / (addr).n > 1) from z;
select count(*) from z where (addr).n is distinct from 3 and ((addr).city is null or (addr).at is not null);
-- columns that `using` merges, of two types
select id, y.a from x join (select id::bigint as id, a from y) y using (id) where 1000 / (id - 500) < 0 order by 1, 2;
select id, s.a from x left join (select id::numeric as id, a from y) s using (id) where 1000 / (id - 500) < 0 order by 1, 2;
select count(*) from (select 1000 / (id - 500) as id from x) s natural join (select -3 as id) d;
select cast(id as text) from (select id::float8 as id from x) s right join y using (id) order by 1;
-- `any` and `all`, by every operator, over arrays and over queries: of an empty one and of one with a null each word says something else
select id from x where id <> any (array[2, 3]) order by id;
select id from x where 0 < all (nums) order by id;
select id from x where id = all (nums) or id = all (array[id, a + 2]) or 2 = all (nums[1:1]) order by id;
select id from x where id < any (array[2, 3]) order by id;
select id from x where id >= some (array[2, null, 5]) order by id;
select id, id > all (array[2, null]), id <> any (array[2, null]), id = all ('{}'::int[]), id <> any (nums[9:8]) from x order by id;
select id from x where not 2 <= all (nums) or not id <= all (array[3, 9]) order by id;
select id from x where 100 / (id - 500) + 3 < any (nums) order by id;
select id from x where 100 / (id - 500) <> all (array[1 / id, 4]) and id > any (array[1 / (id - 500) + 3]) order by id;
select id from x where s like any (array['a%', 'z_']) order by id;
select id from x where s not like all (array['a%', 'z_']) or s not like any (tags) order by id;
select id from x where s ilike any (array['A%', v]) and s not ilike all (array['%C']) order by id;
select id from x where s not ilike any (array['A%']) order by id;
select id from x where s ~ any (array['^a', tags[1] || 'c']) order by id;
select id from x where s !~ all (tags) or s ~* any (array['Z']) or s !~* all (array['A', 'Z']) order by id;
select id from x where s ~~ any (tags) or s !~~ all (tags) or s operator(pg_catalog.=) any (tags) or s operator(pg_catalog.~) all (tags) order by id;
select id from x where j ? any (tags) or j ? all (array['k', 't']) order by id;
select id from y where s ~ any (tags[2:]) or s !~* all (tags[2:]) order by id;
select id from y where s like any (array[s]) and s not like all (array[v, tags[2]]) order by id;
select id from y where s not ilike all (array[v, s]) is false order by id;
select id from y where f > any (array[n]) or f <= all (array[n, 9]) order by id;
select y.id from y join x on y.s ~ any (x.tags) and x.id = y.id where y.tags[1] ~ any (y.tags[2:]) or y.id > 3 order by 1;
select id from x where id >= all (select a from y) order by id;
select id from x where id < some (select a from y) order by id;
select id from x where id = some (select y.id from y where y.a = x.a) order by id;
select id from x where id <> any (select 1000 / (y.id - 500) + 3 from y) order by id;
select id from x where 1000 / (id - 500) + 5 >= all (select y.a + 2147483571 - 2147483571 from y where y.id > x.id) order by id;
select id from x where id > all (select y.id from y where 1 / (y.id - 500) = 1) order by id;
select id from x where s ~ any (select y.tags[1] || 'c' from y) order by id;
select id from x where s ~ any (select y.s from y) and s like any (select y.s from y) order by id;
select id from x where s not like all (select y.s || '%' from y where y.id = x.id) order by id;
select id from x where n > any (select f from y) and f <= all (select n + 100 from y) order by id;
select id from x where (id, a) >= all (select id, a from y where id < 5) order by id;
select id from x where (id, a) < any (select 1000 / (y.id - 500) + 4, a from y) and (a, id) <> any (select a, id from y) order by id;
select x.id, y.id from x join y on x.id < any (y.nums) and y.id = all (array[x.id + 2]) order by 1, 2;
select x.id, y.id from x left join y on y.s like any (x.tags) or y.id > all (x.nums) order by 1, 2;
select a, count(*) from x group by a having max(id) > all (array_agg(a)) and 1 < any (array_agg(id)) order by a;
select id <> any (array[1 / (id - 500)]), count(*) from x group by 1 order by 1;
select id from x order by id > any (array[1000 / (id - 500) + 3]), id;
select id from x where 3 > any (select id from y) is true and id > all (array(select y.a from y)) order by id;
-- with {2,3}
select id from x where id <> any ($1::int[]) and id > all ($1::int[]) order by id;
-- with a% {b%,z%}
select id from x where s like any (array[$1, 'z%']) or s like any ($2::text[]) order by id;
-- parts of arrays, arrays of arrays, parts of documents
select id, nums[2:], nums[:2], nums[:], nums[:][2:3] from x order by id;
select id from y where (array[nums, array[id, 1, 1]])[2][1] = id order by id;
select id, (array[[id, 2], [3, a]])[1][2], (array[[id, 2], [3, a]])[2:2][1], (array[[id, 2], [3, a]])[1:2][:1], (array[[id, 2]])[1] from x order by id;
select id from x where nums[2:] @> array[id + 1] and (array[nums, nums])[2][1] = id order by id;
select id from x where cardinality(nums[1 / (id - 500) + 2:]) = 2 and array[array[1, 2], array[id, 1 / id]] <> array[]::int[] order by id;
select id, array[]::int[], array[[], []]::text[], '{}'::int[] = array[]::bigint[]::int[] from x order by id;
select id from x where id = any (array[[1, 2], [3, 4]]) and id <> all (array[array[2], array[7]]) and a = any (array[]::int[]) is false order by id;
select id, j['k'], j['list'][1], j['list'][a], j['no']['k'] from x order by id;
select id from x where j['list'][0]::text::int = id and j['k'] = to_jsonb(id) order by id;
select j['list'][1], count(*) from x where 10 / j['k']::int > 1 group by 1 order by 1;
-- with 2
select id, nums[$1:], nums[:$1::int], nums[$1] from x order by id;
-- distinct over two arguments, `between symmetric`, rows of nulls, one group of all
select string_agg(distinct s, ',') from x;
select a, string_agg(distinct v, '-' order by v desc) filter (where id > 1), count(distinct s) from x group by a order by a;
select string_agg(distinct s || (1 / (id - 500)), s order by s || (1 / (id - 500)), s) from x;
select id from x where id between symmetric 4 and 2 order by id;
select id from x where id not between symmetric 4 and 2 and 100 / (id - 500) between symmetric 3 and -3 order by id;
select id from x where n between symmetric f + 1 and 2.5 or d between symmetric '2021-01-03' and '2021-01-02' order by id;
select x.id, y.id from x left join y on y.id between symmetric x.id and x.id - 1 order by 1, 2;
-- with 5 2
select id from x where id between symmetric $1 and $2 order by id;
-- with 3
select id from x where $1::int between symmetric nums[3] and nums[1] order by id;
select id, (nullif(a, 1), nullif(s, 'abc')) is null, (nullif(a, 1), 1) is not null, (null, null) is null from x order by id;
select id from x where (nullif(a, 1), nullif(s, 'bcd')) is null or not (a, nullif(id, 2)) is not null order by id;
select id from x where (1 / (id - 500), nullif(a, 1)) is not null and row(a, 1 / a / 1) is not null order by id limit 0;
select x.id, y.id from x left join y on y.id = x.id where (y.id, y.s) is null order by 1;
select count(*), max(id) from x group by ();
select 1 from x group by ();
select 1 from x where id > 100 group by () having count(*) = 0;
select count(*) from x where 1 / (id - 500) <= 0 group by (), ();
select a, count(*) from x group by a, () order by a;
select x.id from x where x.id = (select max(y.a) from y group by ()) order by 1;
-- documents, powers, bits, and a text's beginning
select id from x where j @? '$.list[*] ? (@ > 6)'::jsonpath and j @@ '$.k > 2' and not j @@ '$.t == "x4"' order by id;
select id, j #- '{list,0}', j #- array['k'] from x order by id;
select id from x where (j #- tags) @> j and jsonb_array_length((j #- '{k}')['list']) = 2 order by id;
select id, (id ^ 2)::text, (|/ (id * id))::text, (||/ (id::float8 ^ 3))::text, n ^ 2, @ (a - 1), id # 3, s ^@ 'ab' from x order by id;
select id from x where id ^ 2 > 5 and |/ id < 2.1 and ||/ id < 2 and @ (id - 3) < 2 and id # 1 > 2 order by id;
select id from x where s ^@ 'a' or s ^@ substr(tags[1], 1) or |/ (id - 0.5) > 2 order by id;
select id from x where 1 / (id - 500) + (2 ^ id) < 9 order by id desc;
select id # 1 as k, @ (a - 1) as l, count(*) from x group by 1, 2 having |/ count(*) >= 1 order by 1, 2;
select x.id, y.id from x join y on y.id = x.id ^ 1 and @ (x.a - y.a) = 1 and y.s ^@ 'z' order by 1;
-- the clock by digits, regular expressions of a substring, two pairs
select current_timestamp(0) <= current_timestamp + interval '1 second', localtimestamp(2) > '2020-01-01', extract(microseconds from current_time(0))::bigint % 1000000, localtime(1) is null;
select id from x where ts < current_timestamp(0) and d < localtimestamp(3) order by id;
select id, substring(s from 'b.?'), substring(s, '^(.)'), substring(v from '[0-9]'), substring(s from 'a#"b#"_' for '#'), substring(s from 2), substring(s from 2 for 1) from x order by id;
select id from x where substring(v from '[0-9]')::int > 2 and substring(s, 'c$') = 'c' order by id;
select substring(v from '[1-3]') as k, count(*) from x group by 1 order by 1;
select id from x where (ts, ts + interval '1 hour') overlaps (timestamp '2021-01-01 02:30', timestamp '2021-01-01 04:30') order by id;
select id from x where (d, interval '2 days') overlaps (date '2021-01-04', d + id) order by id;
select x.id, y.id from x join y on (x.d, x.d + 1) overlaps (y.d, y.d + 1) order by 1, 2;
-- enumerations, domains, addresses, bits: of hidden rows the texts are none of them
select id, 'low'::mood, mood 'high', cast('low' as public.mood), array['low', 'high']::mood[], '{low}'::mood[], null::mood from w order by id;
select id from w where m = 'low'::mood order by id;
select id from w where m >= mood 'high' and ms @> array['low'::mood] order by id;
select id from w where ts[1]::mood = m order by id;
select ts[1]::mood as k, count(*), max(m), min(cast(ts[1] as mood)) from w group by 1 order by 1;
select id from w where m = any (array['low', 'high']::mood[]) and m <> all (array[mood 'low']) and m < any (ms) is false order by id;
select id from w where m in (select 'high'::mood) or m in ('low'::mood, ts[1]::mood) order by m, id;
select a.id, b.id from w a join w b on a.ts[1]::mood < b.m and a.id = b.id - 1 order by 1, 2;
select id, 5::posint, posint '5', cast(id as posint) + 1, '{1,2}'::posint[], array[1, id]::posint[] from w order by id;
select id from w where ts[2]::posint > 2 order by id;
select id from w where cast(ts[2] as int)::posint - 1 = p - 1 and p = any (array[2, 3]::posint[]) order by id;
select id from w where p = 3::posint or p > (id - 1 + 1)::posint order by id;
select ts[2]::posint from w group by ts[2]::posint order by 1;
select id, ip, inet '10.0.0.3' = ip, ip << inet '10.0.0.0/29', net, cidr '10.2.0.0/16' = net, ip + 1, '{10.0.0.1}'::inet[], mac = macaddr '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05'::macaddr8 from w order by id;
select id from w where ts[3]::inet = ip and ip > '10.0.0.2'::inet and ts[3]::cidr <> net and ts[5]::macaddr = mac order by id;
select id from w where ip = any (array[inet '10.0.0.1', '10.0.0.2']) or ip <> all ('{10.0.0.1,10.0.0.2,10.0.0.3}'::inet[]) order by ip desc;
select id, b'101', B'', x'1F', bits & b'0011', bits | x'9', bits # b'1111', ~ bits, bits << 1, b'1' || bits, bit '101', bit(2) '101', varbit '11', 5::bit(4), bits::int, '101'::bit varying(2), cast('101' as bit), cast('101' as bit(5)), array[b'1', b'0'] from w order by id;
select id from w where bits = b'0011' or bits & b'0100' <> b'0000' order by id;
select id from w where ts[4]::bit(3) = b'101' and ts[4]::varbit > b'1' and (bits # ts[4]::bit(4))::int > 2 order by id;
select bits & b'0001' as k, count(*) from w group by 1 order by 1;
select id from w order by ~ bits, id;
select id from w where bits in (b'0001', x'2') order by id;
select char 'abc', nchar 'abc', N'abc', national character(2) 'abc', cast('abc' as char), cast('abc' as nchar varying(2)), cast('abc' as national character), U&'d!0061t!+000061' uescape '!', U&'\0061!' as u&"n?0061m" uescape '?';
select id from w where m = any (array['low'::mood]) and N'low' = ts[1] order by id;
select id, 'a'::public.box = k, k >= public.box 'a' from w where k = any (array['a'::public.box]) order by id;

-- text search, by a configuration that is named
select id from x where to_tsvector('english', v || ' foxes ' || s) @@ plainto_tsquery('english', 'fox ' || s) order by id;
select id, ts_rank(to_tsvector('simple', s), to_tsquery('simple', 'abc | zz')) > 0, ts_headline('simple', s, to_tsquery('simple', 'abc')), ts_headline('simple', s, websearch_to_tsquery('simple', 'abc'), 'StartSel=<, StopSel=>') from x order by id;
select id from x where to_tsvector('pg_catalog.german', s) @@ phraseto_tsquery('german', 'abc') and setweight(to_tsvector('simple', s), 'A') is not null order by id;
select id, to_tsvector('english', j)::text, tsvector_to_array(strip(to_tsvector('simple', s))), numnode(to_tsquery('simple', s)) from x order by id;
-- arguments by their names
select id, cast(ts + make_interval(days => id, hours => a) as text), cast(make_interval(1, mins => id) as text), make_interval() = interval '0' from x order by id;
select id from x where ts + make_interval(secs => n::float8) > ts + make_interval(secs => 3) order by id;
-- functions that make rows, of networks and of arrays
select id, l from x, jsonb_path_query(j, '$.list[*]') l order by id, l;
select id, jsonb_path_query(j, '$.list[*] ? (@ < $most)', '{"most": 5}') from x order by 1, 2;
select id, i, tags[i] from x, generate_subscripts(tags, 1) i order by id, i;
select id, host(ip), family(ip), masklen(net), cast(network(net) as text), cast(netmask(net) as text), cast(hostmask(net) as text), cast(broadcast(net) as text) from w order by id;
select id, array_to_json(nums), array_to_json(tags, true), quote_ident(s || ' b') from x order by id;
select cast(range_agg(int4range(id, id + 2)) as text), cast(range_intersect_agg(int4range(1, id + 1)) as text) from x;
-- collations that a server has of its own
select id, v from x order by v collate "de-x-icu" desc, s collate "und-x-icu", id;
select id from x where s collate "en-US-x-icu" < 'b' order by id;
select s collate "C" as k, count(*) from x group by 1 order by 1;
-- limits and functions of what a query gives
select id from x order by id limit (select count(*) from y) - 2 offset (select min(a) from x);
select id from x order by id limit (select max(1 / (id - 500)) + 3 from y);
select a, (select id from y order by id limit (select max(a) from x)  - 1) from x order by 1, 2;
with k as (select 2 as n) select id from x order by id desc limit (select n from k);
select g from generate_series(1, (select max(id) from y)) g order by g;
select g::text, count(x.id) from generate_series((select min(ts) from x), (select max(ts) + interval '1 hour' from y), interval '3 hours') g left join x on x.ts >= g and x.ts < g + interval '3 hours' group by g order by g;
select x.id, g from x, generate_series(1, (select max(1 / (id - 500)) + 2 from y)) g where 1 / (x.id - 500) < g order by 1, 2;
select u, n from unnest((select nums from x where 1 / (id - 500) = 0 and id = 3), (select array_agg(id order by id) from y)) u (u, n) order by 1, 2;
select i, e.key, e.value from (select id from x order by 1 limit (select 2)) s (i), jsonb_each_text((select j - 'list' from x where id = 1)) e order by i, 2;
-- functions that make rows as keys of groups
select unnest(tags) t, count(*) from x group by 1 order by 2 desc, 1;
select unnest(tags), max(id) from x where 1 / (id - 500) < 1 group by unnest(tags) having count(*) > 1 order by 1;
select upper(unnest(tags)) t, sum(id), sum(count(*)) over () from x group by t order by 1;
select length(unnest(tags)) + a as k, unnest(nums) as num, count(*) from x group by k, num order by 1, 2;
select jsonb_path_query(j, '$.list[*]') k, count(*) from x group by k order by k;
-- rows that are null, and rows that a query gives
select x.id, y is null, y is not null, (y is null) is true from x left join y on y.id = x.id + 3 and 1 / (y.id - 500) = 0 order by x.id;
select y.id, x is null, x is not null, not (x is null) from x right join y on x.id = y.id order by y.id;
with k as (select id, case when id < 3 then s end s, case when id < 5 then id end n from x) select id, k is null, k is not null, (k is null) is null from k order by id;
select row_to_json((select r from (select x.id as id, x.s as "S") as r)) as root from x order by x.id;
select coalesce(json_agg(root order by root ->> 'id'), '[]') from (select row_to_json((select "_e" from (select b.id as id, b.tags as tags, (select count(*) from y where y.a = b.a) as n) as "_e")) as root from (select * from x where 1 / (id - 500) < 1) as b) as r;
select x.id, to_json((select y from y where y.id = x.id)), to_jsonb((select y from y where y.id = x.id + 1 limit 1)) from x order by x.id;
select json_agg((select r from (select x.id, 1 / (x.id - 500) as k) r) order by id), jsonb_agg((select r from (select x.id, x.ts) r) order by id) from x;
select jsonb_build_object('y', (select y from y where y.id = x.id and 1 / (y.id - 500) = 0), 'id', id) from x order by id;
select json_build_array((select r from (select 7 as r) r), (select r from x r order by id limit 1), (select r from x r where id = 99)) from x where id = 1;
select row_to_json((select r from (select id, s from x where id = 3) r), true) from y where id = 3;
-- full joins by what takes times apart
select coalesce(p.d, q.d)::text, p.n, q.n from (select date_trunc('day', ts) d, count(*) n from x group by 1) p full join (select date_trunc('day', ts + interval '1 day') d, count(*) n from y group by 1) q on p.d = q.d order by 1;
select p.d::text, q.d::text, p.n, q.n from (select date_trunc('month', d) d, count(*) n from x group by 1) p full join (select date_trunc('month', d + 30) d, count(*) n from y group by 1) q using (d) order by 1, 2;
select p.m, q.m from (select extract(hour from ts) m from x) p full join (select extract(hour from ts) + 1 m from y) q on p.m = q.m order by 1, 2;
select x.id, y.id from x full join y on extract(hour from x.ts) = extract(hour from y.ts) order by 1, 2;
select x.id, y.id from x full join y on length(x.s) = length(y.v) and date_part('day', x.d) = date_part('day', y.d) order by 1, 2;
select x.id, y.id from x full join y on date(x.ts) = y.d - 1 order by 1, 2;
-- signs of columns beside the columns themselves
select -a from x union select a from x order by 1;
select -a from x intersect select a from y;
select +a from x union select id from y order by 1;
select id from x where -a in (select -a from y where id = 3) order by id;
select id from x where (-id) = any (select id - 7 from y) order by id;
-- arrays that are none of composites, whatever they come from
select unnest(tsvector_to_array(to_tsvector('simple', s))) k, count(*) from x group by 1 order by 1;
select u from (select null union all select tags from x where id < 3) q (v), unnest(v) u order by 1;
select unnest(case when to_tsvector('simple', s) is null then tags else array_append(tags, 'z') end) from x where id = 1 order by 1;
select unnest(array_agg) from (select array_agg(id order by id) from x) q order by 1;
