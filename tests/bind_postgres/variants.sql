-- Statements of one paragraph differ in one thing, and mean something else each: no two of them may be printed as the same.

select a from t union select b from t
select a from t union all select b from t
select a from t intersect select b from t
select a from t intersect all select b from t
select a from t except select b from t
select a from t except all select b from t

select count(a) from t
select count(distinct a) from t
select count(*) from t
select count(a) filter (where a>1) from t
select count(a) over () from t
select count(a) over (partition by b) from t
select count(a) over (order by b) from t

select sum(a) over (order by b rows 1 preceding) from t
select sum(a) over (order by b range 1 preceding) from t
select sum(a) over (order by b groups 1 preceding) from t
select sum(a) over (order by b rows between 1 preceding and current row exclude ties) from t
select sum(a) over (order by b rows between 1 preceding and current row exclude group) from t
select sum(a) over (order by b rows between 1 preceding and current row exclude current row) from t
select sum(a) over (order by b rows between 1 preceding and 1 following) from t
select sum(a) over (order by b rows between unbounded preceding and unbounded following) from t
select sum(a) over (order by b rows between current row and unbounded following) from t
select sum(a) over (order by b desc rows 1 preceding) from t
select sum(a) over (order by b nulls first rows 1 preceding) from t

select a from t order by a limit 1
select a from t order by a fetch first 1 row with ties
select a from t order by a offset 1 fetch first 1 row with ties

select a from t order by a
select a from t order by a desc
select a from t order by a nulls first
select a from t order by a desc nulls last

select tx like ty from t
select tx ilike ty from t
select tx not like ty from t
select tx similar to ty from t
select tx like ty escape '!' from t
select tx ~ ty from t
select tx ~* ty from t
select tx !~ ty from t
select tx not ilike ty from t
select tx similar to ty escape '!' from t
select tx like ty escape '' from t

select a between b and c from t
select a not between b and c from t

select a is null from t
select a is not null from t
select a is distinct from b from t
select a is not distinct from b from t

select bo is true from t
select bo is false from t
select bo is unknown from t
select bo is not true from t
select bo is not unknown from t
select bo is not false from t

select a::int from t
select a::text from t
select a::varchar from t
select a::varchar(3) from t
select a::char from t
select a::char(3) from t
select a::bpchar from t
select a::numeric from t
select a::numeric(5) from t
select a::numeric(5,2) from t
select a::int2 from t
select a::int8 from t
select a::float4 from t
select a::float8 from t

select l::timestamp from t
select l::timestamptz from t
select l::timestamp(1) from t
select l::timestamptz(1) from t
select l::date from t
select l::time from t
select l::time(1) from t
select l::text from t
select l::timetz from t

select '1'::interval
select '1'::interval year
select '1'::interval month
select '1'::interval(1)
select '1'::interval second(1)
select '1'::interval day to second
select '1'::interval day to second(1)
select '1'::interval second

select trim(both 'x' from tx) from t
select trim(leading 'x' from tx) from t
select trim(trailing 'x' from tx) from t
select trim(tx) from t

select substring(tx from 1) from t
select substring(tx for 1) from t
select substring(tx from 1 for 2) from t

select ar[1] from t
select ar[2] from t
select ar[1:2] from t
select ar[1:1] from t

select a from t group by a
select a from t group by rollup(a)
select a from t group by cube(a, b)
select a from t group by rollup(a, b)
select a from t group by grouping sets (a, b)
select a from t group by grouping sets ((a, b))
select a from t group by rollup(a, b), rollup(a)
select a from t group by rollup((a, b))
select a from t group by cube((a,b), a)

select t.a from t join u on t.a=u.a
select t.a from t left join u on t.a=u.a
select t.a from t right join u on t.a=u.a
select t.a from t full join u on t.a=u.a
select t.a from t cross join u

select distinct a, b from t
select a, b from t
select distinct on (a) a, b from t
select distinct on (b) a, b from t
select distinct on (a, b) a, b from t

select a from t limit 1
select a from t limit 2
select a from t offset 1
select a from t limit 1 offset 1
select a from t limit all

with x as (select a from t) select * from x, x y
with x as materialized (select a from t) select * from x, x y
with x as not materialized (select a from t) select * from x, x y

with recursive x(n) as (select 1 union select n+1 from x where n<3) select * from x
with recursive x(n) as (select 1 union all select n+1 from x where n<3) select * from x

select a from t where a in (select a from u)
select a from t where a not in (select a from u)
select a from t where exists (select a from u)
select a from t where not exists (select a from u)
select a from t where a = (select a from u)
select a from t where a <> any (select a from u)
select a from t where a = all (select a from u)

select a from t where a = any (ar)
select a from t where a <> all (ar)
select a from t where a = all (ar)
select a from t where a <> any (ar)
select a from t where a < any (ar)

select array_agg(a order by b) from t
select array_agg(a order by b desc) from t
select array_agg(a) from t
select array_agg(distinct a) from t
select array_agg(distinct a order by a desc) from t
select array_agg(a order by b nulls first) from t

select * from generate_series(1,2) x
select * from generate_series(1,2) with ordinality x
select * from rows from (generate_series(1,2), generate_series(1,3)) x
select * from rows from (generate_series(1,2), generate_series(1,3)) with ordinality x

select * from t, lateral (select t.a) x
select * from t left join lateral (select t.a) x on true

select x.a from json_to_record('{}') as x(a int)
select x.a from json_to_record('{}') as x(a text)
select x.a from json_to_record('{}') as x(a int, b text)
select x.a from json_to_record('{}') as x(a text collate "C")
select x.a from json_to_record('{}') as x(a varchar(3))
select x.a from json_to_record('{}') as x(a int[])
select x.a from json_to_record('{}') as x(a interval(2))

select ts at time zone 'UTC' from t
select l at time zone 'UTC' from t
select l at time zone interval '1 hour' from t

select tx collate "C" from t
select tx collate "POSIX" from t
select tx from t

select percentile_cont(0.5) within group (order by a) from t
select percentile_cont(0.5) within group (order by a desc) from t
select percentile_disc(0.5) within group (order by a) from t

select j -> 'a' from t
select j ->> 'a' from t
select j #> '{a}' from t
select j #>> '{a}' from t
select j - 'a' from t
select j ? 'a' from t
select j @> '{}' from t
select j <@ '{}' from t

select b'1'
select x'1'
select '1'
select 1
select 1.0
select 1e0


select case a when 1 then 2 end from t
select case when a = 1 then 2 end from t
select case when a = 1 then 2 else 3 end from t

select extract(year from l) from t
select extract(month from l) from t
select date_part('year', l) from t

select current_timestamp
select current_date
select current_time
select localtimestamp
select localtime
select now()
select current_timestamp(1)

select overlay(tx placing 'a' from 1) from t
select overlay(tx placing 'a' from 1 for 2) from t

select normalize(tx) from t
select normalize(tx, nfd) from t
select tx is normalized from t
select tx is nfd normalized from t

select row_number() over w from t window w as (order by a)
select sum(a) over (w rows 1 preceding) from t window w as (order by a)
