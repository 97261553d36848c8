// The canonical form of each construct. What is printed reads back as the same tree, and the engines take it: PostgreSQL
// understands print and original alike, SQLite prepares the print wherever it prepares the original.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "ast/equal.hpp"
#include "engines.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

namespace grille {
namespace {

struct form {
  std::string sql;
  std::string printed;
};
void PrintTo(form const& f, std::ostream* out) { *out << f.sql; }

std::string printed_again(std::string const& sql, dialect d, print::chains c = print::chains::as_written) {
  base::arena arena;
  auto const tree = grammar::parse_statement(sql, d, arena);
  if (!tree) return "(" + tree.error().message + ")";
  auto const text = print::print(**tree, d, c);
  auto const again = grammar::parse_statement(text, d, arena);
  EXPECT_TRUE(again) << text << ": " << again.error().message;
  EXPECT_TRUE(!again || c == print::chains::balanced || ast::equal(**tree, **again)) << text;
  return text;
}

class sqlite_form : public testing::TestWithParam<form> {};

TEST_P(sqlite_form, is_canonical_and_means_the_same) {
  auto const& [sql, printed] = GetParam();
  EXPECT_EQ(printed_again(sql, dialect::sqlite), printed);
  oracle::sqlite_database db;
  ASSERT_TRUE(
      db.execute("create table t(a integer primary key, b text, c, \"order\" text); create index t_b on t(b); create table u(x, y, a);"
                 "create table empty(a, b); create table one(x); insert into t values (1, 'one', 1.5, 'o'), (2, null, x'00', null), (-3, "
                 "'three', 7, '');"
                 "insert into u values (1, 2, 3), (2, 1, 1), (null, 0, 2);"));
  db.ask(sql, false);  // a table-valued function asks more when it is met first
  auto const original = db.ask(sql, false);
  auto const again = db.ask(printed, false);
  EXPECT_TRUE(original.prepared) << original.error;
  EXPECT_EQ(original, again) << again.error;
  bool const reads = sql.starts_with("select") || sql.starts_with("values");
  EXPECT_EQ(db.ask(sql, reads).rows, db.ask(printed, reads).rows);
}

INSTANTIATE_TEST_SUITE_P(values, sqlite_form,
                         testing::Values(form{"select 1, 1.50, .5e3, 0x1F, 'it''s', '', x'00fF', null, true",
                                              "select 1, 1.50, .5e3, 0x1F, 'it''s', '', x'00ff', null, true"},
                                         form{"select current_date, current_timestamp", "select current_date, current_timestamp"},
                                         form{"select ?, ?3, :a, @b, $c, ?", "select ?, ?3, :a, @b, $c, ?"},  //
                                         form{"select a, t.b, main.t.c, [order], `order`, \"order\" from t",
                                              "select a, t.b, main.t.c, \"order\", \"order\", \"order\" from t"},
                                         form{"select *, t.* from t", "select *, t.* from t"},  //
                                         form{"select a AS x, b y, c 'z' from t", "select a as x, b as y, c as \"z\" from t"}));

INSTANTIATE_TEST_SUITE_P(
    operators, sqlite_form,
    testing::Values(
        form{"select -a, - -a, +a, ~a, -(-1), --1\n1, 1 - -1 from t", "select - a, - (- a), + a, ~ a, - (- 1), 1, 1 - (- 1) from t"},
        form{"select a + b * c - 1 from t", "select (a + (b * c)) - 1 from t"},  //
        form{"select a || b || c, a -> b ->> c from t", "select a || b || c, (a -> b) ->> c from t"},
        form{"select a || b * 2 from t", "select (a || b) * 2 from t"},  // unlike PostgreSQL
        form{"select a = 1 and b <> 2 or not c from t", "select ((a = 1) and (b <> 2)) or (not c) from t"},
        form{"select a and b and c, a and (b and c) from t", "select a and b and c, a and (b and c) from t"},
        form{"select not a = b, (not a) = b from t", "select not (a = b), (not a) = b from t"},
        form{"select a == b, a != b, a <= b, a << 1 | 2 & 3 from t", "select a == b, a != b, a <= b, ((a << 1) | 2) & 3 from t"},
        form{"select a is null, a isnull, a notnull, a not null, a is not null from t",
             "select a is null, a is null, a is not null, a is not null, a is not null from t"},
        form{"select a is true, a is not false, a is b, a is not b, a is not distinct from b from t",
             "select a is true, a is not false, a is b, a is not b, a is b from t"},
        form{"select a between 1 and 2 and c, a not between b + 1 and c from t",
             "select (a between 1 and 2) and c, a not between (b + 1) and c from t"},
        form{"select b like 'x%' escape '\\', b not glob '*' from t", "select b like 'x%' escape '\\', b not glob '*' from t"},
        form{"select a in (1, 2), a not in (), a in (select x from u), a in one, a not in main.one from t where false",
             "select a in (1, 2), a not in (), a in (select x from u), a in one, a not in main.one from t where false"},
        form{"select b collate nocase = 'x', b || c collate binary from t",
             "select (b collate nocase) = 'x', b || (c collate \"binary\") from t"},
        form{"select (a, b) = (c, 1), (a, b) in (select x, y from u) from t",
             "select (a, b) = (c, 1), (a, b) in (select x, y from u) from t"},
        form{"select cast(a as integer), cast(a as varchar(10)), cast(b as double precision), cast(c as decimal(10, -2)) from t",
             "select cast(a as integer), cast(a as varchar(10)), cast(b as double precision), cast(c as decimal(10, - 2)) from t"}));

INSTANTIATE_TEST_SUITE_P(
    composed, sqlite_form,
    testing::Values(form{"select case a when 1 then 2 else 3 end, case when a then b end + 1 from t",
                         "select case a when 1 then 2 else 3 end, case when a then b end + 1 from t"},
                    form{"select exists (select 1), not exists (select 1), (select 1) + 1",
                         "select exists (select 1), not exists (select 1), (select 1) + 1"},
                    form{"select count(*), count(distinct a), sum(a) filter (where a > 1), max(a, 2) from t",
                         "select count(*), count(distinct a), sum(a) filter (where a > 1), max(a, 2) from t"},
                    form{"select row_number() over (), sum(a) over w, sum(a) over (w order by b) from t window w as (partition by c)",
                         "select row_number() over (), sum(a) over w, sum(a) over (w order by b) from t window w as (partition by c)"},
                    form{"select sum(a) over (partition by b, c order by a desc nulls last rows between 1 preceding and current row "
                         "exclude ties) from t",
                         "select sum(a) over (partition by b, c order by a desc nulls last rows between 1 preceding and current row "
                         "exclude ties) from t"},
                    form{"select sum(a) over (order by a range unbounded preceding), sum(a) over (groups between current row and unbounded "
                         "following) from t",
                         "select sum(a) over (order by a range unbounded preceding), sum(a) over (groups between current row and unbounded "
                         "following) from t"}));

INSTANTIATE_TEST_SUITE_P(
    queries, sqlite_form,
    testing::Values(
        form{"select distinct a from t where a > 1 group by a, b having count(*) > 1 order by a asc, b desc nulls first limit 1 offset 2",
             "select distinct a from t where a > 1 group by a, b having count(*) > 1 order by a asc, b desc nulls first limit 1 offset 2"},
        form{"select a from t order by a limit 2, 1", "select a from t order by a limit 1 offset 2"},
        form{"select all a from t", "select all a from t"},  //
        form{"values (1, 'a'), (2, 'b')", "values (1, 'a'), (2, 'b')"},
        form{"select 1 union select 2 union all select 3 intersect select 4 except values (5)",
             "select 1 union select 2 union all select 3 intersect select 4 except values (5)"},
        form{"select * from t, u", "select * from t, u"},  //
        form{"select * from t x join u on x.a = u.a left join u as v using (a), t as z cross join u as w",
             "select * from t as x join u on x.a = u.a left join u as v using (a), t as z cross join u as w"},
        form{"select * from t natural join u", "select * from t natural join u"},
        form{"select * from t natural left outer join u", "select * from t natural left join u"},
        form{"select * from t right join u on t.a = u.x", "select * from t right join u on t.a = u.x"},
        form{"select t.a from t join (u join empty on u.a = empty.a) on t.a = u.x",
             "select t.a from t join (u join empty on u.a = empty.a) on t.a = u.x"},
        form{"select s.a from (select a from t limit 1) s", "select s.a from (select a from t limit 1) as s"},
        form{"select a from t indexed by t_b where b = 1", "select a from t indexed by t_b where b = 1"},
        form{"select a from main.t as x not indexed", "select a from main.t as x not indexed"},
        form{"select value from json_each('[1,2]') as j", "select value from json_each('[1,2]') as j"},
        form{"with r(n) as (select 1 union all select n + 1 from r where n < 3), s as materialized (select 1) select * from r, s",
             "with r (n) as (select 1 union all select n + 1 from r where n < 3), s as materialized (select 1) select * from r, s"},
        form{"with recursive r as not materialized (select 1) select * from r",
             "with recursive r as not materialized (select 1) select * from r"}));

INSTANTIATE_TEST_SUITE_P(
    writes, sqlite_form,
    testing::Values(
        form{"insert into t (a, b) values (9, 'x'), (10, null)", "insert into t (a, b) values (9, 'x'), (10, null)"},
        form{"insert into t default values", "insert into t default values"},  //
        form{"insert or ignore into main.t as n select x, y, a, 1 from u where true",
             "insert or ignore into main.t as n select x, y, a, 1 from u where true"},
        form{"replace into t (a) values (1) returning a, b as c", "replace into t (a) values (1) returning a, b as c"},
        form{"insert into t (a) values (1) on conflict (a) where a > 0 do update set b = excluded.b, (c, \"order\") = (1, 2) where t.a > 1 "
             "on conflict do "
             "nothing returning *",
             "insert into t (a) values (1) on conflict (a) where a > 0 do update set b = excluded.b, (c, \"order\") = (1, 2) where t.a > 1 "
             "on conflict do "
             "nothing returning *"},
        form{"with n as (select 1) update or rollback t as x set b = 2, (c, b) = (select 1, 2) from u where x.a = u.x returning a",
             "with n as (select 1) update or rollback t as x set b = 2, (c, b) = (select 1, 2) from u where x.a = u.x returning a"},
        form{"delete from main.t as x where x.a = 1 returning *", "delete from main.t as x where x.a = 1 returning *"}));

class postgresql_form : public testing::TestWithParam<form> {};

TEST_P(postgresql_form, is_canonical_and_means_the_same) {
  auto const& [sql, printed] = GetParam();
  EXPECT_EQ(printed_again(sql, dialect::postgresql), printed);
  auto const original = oracle::postgresql_tree(sql);
  EXPECT_TRUE(original);
  EXPECT_EQ(original, oracle::postgresql_tree(printed));
}

INSTANTIATE_TEST_SUITE_P(values, postgresql_form,
                         testing::Values(form{"select 1, 1.50, 'it''s', E'a\\nb\\'', $$x$$, null, true, $1",
                                              "select 1, 1.50, 'it''s', 'a\nb''', 'x', null, true, $1"},
                                         form{"select 'a\\b'", "select 'a\\b'"},  //
                                         form{"select b'0101'", "select b'0101'"},
                                         form{"select current_date, current_timestamp(3), localtime, current_user",
                                              "select current_date, current_timestamp(3), localtime, current_user"},
                                         form{"select A, \"A\", t.a, s.t.a, \"order\", name from s.t",
                                              "select a, \"A\", t.a, s.t.a, \"order\", name from s.t"},
                                         form{"select a as x, a y, a \"Z\"", "select a as x, a as y, a as \"Z\""}));

INSTANTIATE_TEST_SUITE_P(
    operators, postgresql_form,
    testing::Values(
        form{"select -a, - -a, @ -5, |/ 4, a - -1", "select - a, - (- a), @ (- 5), |/ 4, a - (- 1)"},
        form{"select a || b * 2, a <> b, a != b, a ->> 'x'", "select a || (b * 2), a <> b, a <> b, a ->> 'x'"},
        form{"select a operator(pg_catalog.+) b, operator(pg_catalog.-) a", "select a operator(pg_catalog.+) b, operator(pg_catalog.-) a"},
        form{"select a is distinct from b, a is not distinct from b, a is unknown, a isnull",
             "select a is distinct from b, a is not distinct from b, a is unknown, a is null"},
        form{"select a between symmetric 1 and 2, a not between 1 and 2", "select a between symmetric 1 and 2, a not between 1 and 2"},
        form{"select a ilike 'x' escape '!', a similar to 'y'", "select a ilike 'x' escape '!', a similar to 'y'"},
        form{"select a = any (select 1), a < all (array[1, 2]), a like any ('{}')",
             "select a = any (select 1), a < all (array[1, 2]), a ~~ any ('{}')"},
        form{"select a::int, cast(a as numeric(10, 2)), date '2020-01-01', a::text::int[][]",
             "select a::int, cast(a as numeric(10, 2)), date '2020-01-01', (a::text)::int[][]"},
        form{"select a::timestamp(3) with time zone, a::time without time zone, a::double precision, a::character varying(5), a::\"char\", "
             "a::char",
             "select a::timestamp(3) with time zone, a::time without time zone, a::double precision, a::character varying(5), a::\"char\", "
             "a::char"},
        form{"select interval '1' year to month, interval(3) '1', a::interval day to second",
             "select interval '1' year to month, interval(3) '1', a::interval day to second"},
        form{"select a at time zone 'utc', a collate \"C\" < b", "select a at time zone 'utc', (a collate \"C\") < b"},
        form{"select (a at time zone 'utc')::date, -(a::int)", "select (a at time zone 'utc')::date, - (a::int)"},
        form{"select not a and b or c", "select ((not a) and b) or c"}));

INSTANTIATE_TEST_SUITE_P(
    composed, postgresql_form,
    testing::Values(
        form{"select row(), row(1), row(1, 2), (1, 2)", "select row(), row(1), row(1, 2), (1, 2)"},
        form{"select array[1, 2], array[[1], [2]], array(select 1), array[]::int[]",
             "select array[1, 2], array[array[1], array[2]], array(select 1), array[]::int[]"},
        form{"select a[1], a[1][2], a[1:2], a[:2], a[1:], a[:]", "select a[1], a[1][2], a[1 : 2], a[ : 2], a[1 : ], a[ : ]"},
        form{"select (a).b, (t.a).b.c, (f(x)).*, (a.b[1]).c from t", "select (a).b, (t.a).b.c, (f(x)).*, (a.b[1]).c from t"},
        form{"select (f(x))[1], (array[1])[1], (select a)[1], ($1).x, a.b[1].c, ((a).b)[1], ((a).b).c",
             "select (f(x))[1], (array[1])[1], (select a)[1], $1.x, a.b[1].c, ((a).b)[1], ((a).b).c"},
        form{"select f(a, b => 1), g(variadic x), string_agg(distinct a, ',' order by a desc), s.f()",
             "select f(a, b => 1), g(variadic x), string_agg(distinct a, ',' order by a desc), s.f()"},
        form{"select percentile_cont(0.5) within group (order by a) filter (where b) over (partition by c)",
             "select percentile_cont(0.5) within group (order by a) filter (where b) over (partition by c)"},
        form{"select extract(year from a), extract('epoch' from a), overlay(a placing b from 1 for 2), position(a in b)",
             "select extract('year' from a), extract('epoch' from a), overlay(a placing b from 1 for 2), position(a in b)"},
        form{"select substring(a from 1 for 2), substring(a from 2), substring(a, 1)",
             "select substring(a from 1 for 2), substring(a from 2), substring(a, 1)"},
        form{"select trim(a), trim(both 'x' from a), trim(leading from a), trim(trailing 'x' from a)",
             "select trim(both a), trim(both 'x' from a), trim(leading a), trim(trailing 'x' from a)"},
        form{"select coalesce(a, b, c, d, e, f, g, h, i, j), greatest(1, 2, 3, 4, 5, 6), least(1, 2, 3, 4, 5), grouping(a, b, c, d, e), substring(a, b, c, d, e)",
             "select coalesce(a, b, c, d, e, f, g, h, i, j), greatest(1, 2, 3, 4, 5, 6), least(1, 2, 3, 4, 5), grouping(a, b, c, d, e), substring(a, b, c, d, e)"},
        form{"select coalesce(a, b), nullif(a, 1), greatest(a, b), least(a), normalize(a, nfc), a is normalized, collation for (a)",
             "select coalesce(a, b), nullif(a, 1), greatest(a, b), least(a), normalize(a, nfc), a is normalized, collation for (a)"},
        form{"select left(a, 1), \"left\"(a, 1)", "select left(a, 1), \"left\"(a, 1)"}));

INSTANTIATE_TEST_SUITE_P(
    queries, postgresql_form,
    testing::Values(
        form{"select", "select"},  //
        form{"select from t", "select from t"}, form{"select distinct on (a, b) * from t", "select distinct on (a, b) * from t"},
        form{"select 1 union select 2 except all select 3", "((select 1) union (select 2)) except all (select 3)"},
        form{"select 1 union (select 2 intersect select 3)", "(select 1) union ((select 2) intersect (select 3))"},
        form{"select 1 union select 2 intersect select 3", "(select 1) union ((select 2) intersect (select 3))"},  // unlike SQLite
        form{"(select 1 order by 1 limit 1) union all table only t", "(select 1 order by 1 limit 1) union all (table only t)"},
        form{"values (1, default), (2, 3)", "values (1, default), (2, 3)"},
        form{"select a from t order by a using <, b using operator(s.>) nulls last limit all offset 1",
             "select a from t order by a using <, b using operator(s.>) nulls last limit all offset 1"},
        form{"select a from t order by a fetch first 2 rows with ties", "select a from t order by a fetch first (2) rows with ties"},
        form{"select a from t fetch first row only", "select a from t limit 1"},
        form{"select a from t for update of t nowait for key share skip locked",
             "select a from t for update of t nowait for key share skip locked"},
        form{"select a from t group by distinct rollup (a, (b, c)), cube (d), grouping sets ((), a)",
             "select a from t group by distinct rollup (a, (b, c)), cube (d), grouping sets ((), a)"},
        form{"select grouping(a) from t group by a", "select grouping(a) from t group by a"},
        form{"select * from only t x (a, b), lateral (select 1) y, f(1) with ordinality as z (a, b)",
             "select * from only t as x (a, b), lateral (select 1) as y, f(1) with ordinality as z (a, b)"},
        form{"select * from rows from (f(1), g(2)) as r, h() as (a int, b text collate \"C\")",
             "select * from rows from (f(1), g(2)) as r, h() as (a int, b text collate \"C\")"},
        form{"select * from a join b using (x) as j join c on true", "select * from a join b using (x) as j join c on true"},
        form{"select * from (a cross join b) as j natural full join (c left join d on true)",
             "select * from (a cross join b) as j natural full join (c left join d on true)"},
        form{"select * from t tablesample bernoulli (10) repeatable (1)", "select * from t tablesample bernoulli (10) repeatable (1)"},
        form{"with a as materialized (insert into t values (1) returning *) select * from a",
             "with a as materialized (insert into t values (1) returning *) select * from a"}));

INSTANTIATE_TEST_SUITE_P(
    writes, postgresql_form,
    testing::Values(
        form{
            "insert into s.t as n (a, b) overriding system value values (1, default) on conflict on constraint k do nothing returning n.*",
            "insert into s.t as n (a, b) overriding system value values (1, default) on conflict on constraint k do nothing returning n.*"},
        form{"insert into t default values", "insert into t default values"},  //
        form{"insert into t select 1 on conflict (a, lower(b), (a || b)) where a do update set a = default, (b, c) = (select 1, 2) where "
             "t.a",
             "insert into t select 1 on conflict (a, lower(b), (a || b)) where a do update set a = default, (b, c) = (select 1, 2) where "
             "t.a"},
        form{"update t set (b, c) = ROW(1, default), (a) = row(2)", "update t set (b, c) = row(1, default), (a) = row(2)"},
        form{"update only t as x set a = 1, (b, c) = row(1, 2) from u, v where x.a = u.a returning *",
             "update only t as x set a = 1, (b, c) = row(1, 2) from u, v where x.a = u.a returning *"},
        form{"delete from t using u join v on true where t.a = u.a returning a + 1 as b",
             "delete from t using u join v on true where t.a = u.a returning a + 1 as b"},
        form{"merge into s.t x using only u as y on x.a = y.a when matched and y.b or y.c then update set a = (y.a), (b, c) = (default, y.c + 1) when "
             "matched then delete",
             "merge into s.t as x using only u as y on x.a = y.a when matched and y.b or y.c then update set a = y.a, (b, c) = (default, y.c + 1) when "
             "matched then delete"},
        form{"with w as (values (1)) merge into t using (select * from w) as u (k) on t.a = k when not matched and (k > 1) then insert (a, b) overriding "
             "system value values (k, default) when not matched then insert default values",
             "with w as (values (1)) merge into t using (select * from w) as u (k) on t.a = k when not matched and k > 1 then insert (a, b) overriding "
             "system value values (k, default) when not matched then insert default values"},
        form{"merge into only t using a left join b using (x) on true when not matched then insert values (1) when matched then do nothing",
             "merge into only t using a left join b using (x) on true when not matched then insert values (1) when matched then do nothing"}));

TEST(print_forms, a_nul_in_a_literal_does_not_parse) {
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    base::arena arena;
    EXPECT_FALSE(grammar::parse_expression(print::literal(std::string_view("a\0b", 3), d), d, arena));
  }
}

// SQLite takes 1,000 levels and makes one of each link of a chain.
TEST(print_forms, balanced_chains_reach_no_limit_of_sqlite_and_mean_the_same) {
  oracle::sqlite_database db;
  ASSERT_TRUE(db.execute("create table t(a); insert into t values (1), (500), (3000)"));
  for (std::string const word : {" or ", " and "}) {
    std::string sql = "select a from t where a = 0";
    for (int i = 1; i <= 2000; ++i) sql += word + (word == " or " ? "a = " : "a <> ") + std::to_string(i);
    EXPECT_FALSE(db.ask(printed_again(sql, dialect::sqlite), false).prepared);
    auto const balanced = printed_again(sql, dialect::sqlite, print::chains::balanced);
    auto const answer = db.ask(balanced, true);
    EXPECT_TRUE(answer.prepared) << answer.error;
    EXPECT_EQ(answer.rows.size(), word == " or " ? 2U : 0U);
    EXPECT_EQ(std::ranges::count(balanced, '='), word == " or " ? 2001 : 1);
  }
}

// The items of a balanced chain are those of the flat one, in their order.
void leaves(ast::expr const& e, ast::junction_op op, std::vector<ast::expr const*>& out) {
  auto const* j = e.as<ast::junction>();
  if (!j || j->op != op) return out.push_back(&e);
  for (auto const* item : j->items) leaves(*item, op, out);
}
TEST(print_forms, balancing_changes_nothing_but_the_nesting) {
  for (auto const d : {dialect::sqlite, dialect::postgresql})
    for (int n = 2; n < 70; ++n) {
      std::string sql = "a0 = 0";
      for (int i = 1; i < n; ++i) sql += " and (b" + std::to_string(i) + " or c < " + std::to_string(i) + ")";
      base::arena arena;
      auto const tree = grammar::parse_expression(sql, d, arena);
      ASSERT_TRUE(tree);
      auto const again = grammar::parse_expression(print::print(**tree, d, print::chains::balanced), d, arena);
      ASSERT_TRUE(again);
      std::vector<ast::expr const*> flat;
      std::vector<ast::expr const*> balanced;
      leaves(**tree, ast::junction_op::conjunction, flat);
      leaves(**again, ast::junction_op::conjunction, balanced);
      EXPECT_EQ(flat.size(), static_cast<std::size_t>(n));
      EXPECT_TRUE(std::ranges::equal(flat, balanced, [](auto const* a, auto const* b) { return ast::equal(*a, *b); }));
    }
}

}  // namespace
}  // namespace grille
