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
-- with 2
select id from x union select $1 order by 1;
-- full joins
select x.id, y.id from x full join y on x.id = y.id and 1 / (x.id - 500) < 7 order by 1, 2;
select x.id, y.id from x full join y on x.id = y.id order by 1, 2;
-- limits
-- with 1
select id from x order by id limit $1 + 1;
-- with 1
select id from x order by id limit $1 * 2 - 1 offset $1 + 0;
select id from x order by id limit 1 + 1;
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
