// Statements: what the nodes hold. The forms are told through the canonical print; what the print does not show (positions of
// parameters, ranges, structure) is looked at in the tree.
#include <gtest/gtest.h>

#include "reading.hpp"

namespace grille {
namespace {

using namespace reading;

struct form {
  std::string_view sql;
  std::string_view printed;  // "" where it is the same text
};

void expect_forms(std::span<form const> forms, dialect d) {
  for (auto const& f : forms) EXPECT_EQ(statement(f.sql, d), f.printed.empty() ? f.sql : f.printed) << f.sql;
}

TEST(statements, sqlite_queries) {
  form const forms[] = {
      {"select 1", ""},
      {"SELECT 1;;", "select 1"},
      {"select distinct a, b as c, d \"e\", f 'g' from t", "select distinct a, b as c, d as \"e\", f as \"g\" from t"},
      {"select all a from t", ""},
      {"select *, t.* from t", ""},
      {"select a from main.t as x where b = 1 group by a, b having count(*) > 1 order by a desc, 2 asc nulls first limit 3 offset 4",
       "select a from main.t as x where b = 1 group by a, b having count(*) > 1 order by a desc, 2 asc nulls first limit 3 offset 4"},
      {"select a from t limit 1, 2", "select a from t limit 2 offset 1"},
      {"select a from t limit 1 + 1, 2 + 2", "select a from t limit 2 + 2 offset 1 + 1"},
      {"values (1, 2), (3, 4)", ""},
      {"values (1) union all select 2 except values (3) order by 1", ""},
      {"select 1 union select 2 intersect select 3", ""},
      {"with a as (select 1), b (x, y) as materialized (values (1, 2)), c as not materialized (select 2) select * from a, b, c", ""},
      {"with recursive r (n) as (select 1 union all select n + 1 from r limit 5) select n from r", ""},
      {"select * from a, b as c, (select 1) as d, (values (1))", ""},
      {"select * from a join b on a.x = b.x left join c using (x, y) natural join d cross join e inner join f",
       "select * from a join b on a.x = b.x left join c using (x, y) natural join d cross join e join f"},
      {"select * from a right outer join b on 1 full outer join c on 2 natural left outer join d",
       "select * from a right join b on 1 full join c on 2 natural left join d"},
      {"select * from a left natural join b outer left join c", "select * from a natural left join b left join c"},
      {"select * from a join (b join c on 1) on 2", ""},
      {"select * from (a join b) join c", "select * from a join b join c"},
      {"select * from (a join b on 1) as j", ""},
      {"select * from ((select 1) as a join b)", "select * from (select 1) as a join b"},
      {"select * from ((a))", "select * from a"},
      {"select * from a, b on a.x = b.x", ""},
      {"select * from t indexed by i, u not indexed where 1", ""},
      {"select * from t as x indexed by i", ""},
      {"select value from json_each(?) as e, generate_series(1, 2)", ""},
      {"select * from main.f(1)", ""},
      {"select * from 't' as 'u' where 't'.'a' = 'x'", "select * from \"t\" as \"u\" where \"t\".\"a\" = 'x'"},
      {"select sum(a) over w, row_number() over (w order by b) from t window w as (partition by c), v as ()", ""},
      {"select f() over (rows 1 preceding), f() over (range between current row and unbounded following exclude group), f() over (groups "
       "between 1 preceding and 2 following exclude no others)",
       ""},
      {"select count(distinct a) filter (where b) over (order by c rows between unbounded preceding and 1 following exclude current row)",
       ""},
      {"select current_date, current_time, current_timestamp", ""},
      {"select window, over, filter from t window", "select \"window\", \"over\", \"filter\" from t as \"window\""},
      {"select f(a) filter from t", "select f(a) as \"filter\" from t"},
      {"select f(a) over from t", "select f(a) as \"over\" from t"},
      {"select left from t", "select \"left\" from t"},
      {"select ?, ?3, ?, $7, :a, ?, @b, $c", "select ?, ?3, ?, ?7, :a, ?, @b, $c"},
      {"select true, false, null, 'true', \"true\"", ""},
  };
  expect_forms(forms, lite);
}

TEST(statements, sqlite_writes) {
  form const forms[] = {
      {"insert into t values (1, 'a'), (2, ?)", ""},
      {"insert into main.t as x (a, b) select 1, 2 where true on conflict do nothing", ""},
      {"insert or ignore into t default values returning *", ""},
      {"replace into t (a) values (1)", ""},
      {"insert into t (a) values (1) on conflict (a, lower(b)) where c do update set a = excluded.a, (b, c) = (select 1, 2) where d "
       "on conflict (b collate nocase) do nothing on conflict do nothing returning a, b as c",
       ""},
      {"with x as (select 1) insert into t select * from x", ""},
      {"update t set a = 1, (b, c) = (2, 3) where d returning a", ""},
      {"update or replace main.t as x indexed by i set a = 1 from u, v join w on 1 where x.a = u.a", ""},
      {"delete from t", ""},
      {"with x as (select 1) delete from t as y not indexed where a in x returning y.a + 1 as z", ""},
      {"insert into t select 1 from u join v on conflict", "insert into t select 1 from u join v on conflict"},
  };
  expect_forms(forms, lite);
}

TEST(statements, postgresql_queries) {
  form const forms[] = {
      {"select", ""},
      {"select from t", ""},
      {"select distinct on (a, b) a from t", ""},
      {"select a from only t, only (u) as x, v * y", "select a from only t, only u as x, v as y"},
      {"select a from t as x (b, c) tablesample bernoulli (10) repeatable (1)", ""},
      {"select a from t, lateral (select 1) as x, lateral f(t.a) with ordinality as g (h, i)",
       "select a from t, lateral (select 1) as x, lateral f(t.a) with ordinality as g (h, i)"},
      {"select * from f(1) as (a int, b text collate \"C\")", ""},
      {"select * from f(1) as x (a int)", ""},
      {"select * from rows from (f(1), g(2)) with ordinality as x", ""},
      {"select * from a join b join c on 1 = 1 on 2 = 2", "select * from a join (b join c on 1 = 1) on 2 = 2"},
      {"select * from a join b cross join c on true", "select * from a join (b cross join c) on true"},
      {"select * from a join b using (x) as j", ""},
      {"select * from (a cross join b) as j", ""},
      {"select * from ((select 1) union (select 2)) as x", "select * from ((select 1) union (select 2)) as x"},
      {"select * from ((select 1) as x cross join b)", "select * from (select 1) as x cross join b"},
      {"table t", ""},
      {"table only t", ""},
      {"(select 1)", "select 1"},
      {"((select 1 limit 2)) limit 3", "(select 1 limit 2) limit 3"},
      {"select 1 union select 2 intersect select 3", "(select 1) union ((select 2) intersect (select 3))"},
      {"select 1 except all select 2 union distinct select 3", "((select 1) except all (select 2)) union distinct (select 3)"},
      {"(select 1 order by 1) union all (select 2 limit 1)", ""},
      {"select a from t group by a, (), rollup (b, (c, d)), cube (e), grouping sets ((f, g), rollup (h), ())", ""},
      {"select a from t group by distinct a", ""},
      {"select a from t group by all a", "select a from t group by a"},
      {"select a from t limit all offset 1 rows", "select a from t limit all offset 1"},
      {"select a from t offset 1 fetch next row only", "select a from t limit 1 offset 1"},
      {"select a from t order by a fetch first 2 rows with ties", "select a from t order by a fetch first (2) rows with ties"},
      {"select a from t for update of t, s.u skip locked for no key update nowait for share for key share", ""},
      {"select a from t order by a using <, b using operator(pg_catalog.>) nulls last", ""},
      {"with x as (insert into t values (1) returning a), y as materialized (delete from u returning *) select * from x, y", ""},
      {"select sum(a) within group (order by b desc) filter (where c) from t", ""},
      {"select f(a, b => 1, c := 2), g(variadic d), h(distinct a order by b)",
       "select f(a, b => 1, c => 2), g(variadic d), h(distinct a order by b)"},
      {"select percentile_cont(0.5) within group (order by a) over w from t window w as (partition by b)", ""},
  };
  expect_forms(forms, pg);
}

TEST(statements, postgresql_expressions) {
  form const forms[] = {
      {"a::int[3][]", "a::int[][]"},
      {"a::int array[4]", "a::int[]"},
      {"cast(a as timestamp(3) with time zone)", ""},
      {"a::double precision", ""},
      {"a::interval day to second(2)", ""},
      {"interval '1' year", ""},
      {"interval(3) '1'", ""},
      {"date '2020-01-01'", ""},
      {"timestamp with time zone '2020-01-01'", ""},
      {"my.type 'x'", ""},
      {"array[1, 2]", ""},
      {"array[]", ""},
      {"array[[1, 2], [3, 4]]", "array[array[1, 2], array[3, 4]]"},
      {"array(select 1)", ""},
      {"row()", ""},
      {"row(1, a.*)", ""},
      {"(1, 2)", ""},
      {"(a).b", ""},
      {"(a).*", ""},
      {"(a).b[1].c", ""},
      {"a[1][2:3][:4][5:][:]", "a[1][2 : 3][ : 4][5 : ][ : ]"},
      {"$1[1].a", ""},
      {"a ilike b", ""},
      {"a not similar to b escape 'c'", ""},
      {"a ~* b", ""},
      {"a !~~* b", ""},
      {"a ~~ b || c", "(a ~~ b) || c"},
      {"a = any (array[1])", ""},
      {"a = some (select 1)", "a = any (select 1)"},
      {"a <> all ((select 1))", "a <> all (select 1)"},
      {"a in ((select 1))", "a in (select 1)"},
      {"a in ((select 1), 2)", "a in ((select 1), 2)"},
      {"a in ((1, 2))", "a in ((1, 2))"},
      {"a like any (b)", "a ~~ any (b)"},
      {"a not ilike all (b)", "a !~~* all (b)"},
      {"a operator(pg_catalog.+) b", ""},
      {"extract(year from a)", "extract('year' from a)"},
      {"overlay(a placing b from 1 for 2)", ""},
      {"overlay(a, b, 1)", ""},
      {"position(a in b)", ""},
      {"substring(a from 1 for 2)", ""},
      {"substring(a for 2)", "substring(a from 1 for 2)"},
      {"substring(a, 1, 2)", ""},
      {"trim(a)", "trim(both a)"},
      {"trim(leading from a)", "trim(leading a)"},
      {"trim(trailing a from b)", ""},
      {"normalize(a, nfkc)", ""},
      {"a is not normalized", "not (a is normalized)"},
      {"collation for (a)", ""},
      {"coalesce(a, b)", ""},
      {"nullif(a, b)", ""},
      {"greatest(a, b)", ""},
      {"grouping(a, b)", ""},
      {"current_timestamp(3)", ""},
      {"current_user", ""},
      {"current_schema", ""},
      {"current_schema()", ""},
      {"(a, b) overlaps (c, d)", "pg_catalog.\"overlaps\"(a, b, c, d)"},
      {"a at time zone 'utc'", ""},
      {"b'01' || x'1f'", ""},
      {"((select 1) + 1)", "(select 1) + 1"},
      {"((select 1) union (select 2))", ""},
      {"time", "\"time\""},
      {"left(a, 1)", ""},
      {"a.b.c", ""},
  };
  for (auto const& f : forms) {
    EXPECT_EQ(expression(f.sql, pg), f.printed.empty() ? f.sql : f.printed) << f.sql;
  }
  read_expression const negated("operator(-) a", pg);
  ASSERT_NE(negated.as<ast::prefix>(), nullptr);
  EXPECT_EQ(negated.as<ast::prefix>()->symbol, "-");
  read_expression const field("((select a)).b", pg);
  ASSERT_NE(field.as<ast::field>(), nullptr);
  EXPECT_NE(field.as<ast::field>()->operand->as<ast::scalar_subquery>(), nullptr);
}

TEST(statements, postgresql_writes) {
  form const forms[] = {
      {"insert into s.t as x (a) overriding system value values (1, default) returning *", ""},
      {"insert into t values (default) on conflict on constraint c do update set a = default, (b, c) = (1, default) where d", ""},
      {"insert into t (a) (select 1)", "insert into t (a) select 1"},
      {"insert into t (select 1)", "insert into t select 1"},
      {"insert into t (values) values (1)", "insert into t (\"values\") values (1)"},
      {"update only t as x set a = 1, (b, c) = (default, 2) from u, v where x.a = u.a returning x.*", ""},
      {"update t x set a = 1", "update t as x set a = 1"},
      {"delete from t x using u, v join w on true where a returning *", "delete from t as x using u, v join w on true where a returning *"},
      {"merge into t x using u on x.a = u.a when matched then delete", "merge into t as x using u on x.a = u.a when matched then delete"},
      {"merge into only s.t using (select 1) as u (a) on a when matched and b then update set a = default, (b, c) = (1, 2) "
       "when not matched and d then insert (a, b) overriding user value values (1, default) when matched then do nothing "
       "when not matched then insert default values",
       ""},
      {"with x as (select 1) merge into t using a join b on true on t.c when not matched then do nothing", ""},
  };
  expect_forms(forms, pg);
}

TEST(statements, sqlite_is_tests) {
  read_expression const same("a is b", lite);
  ASSERT_NE(same.as<ast::distinct_test>(), nullptr);
  EXPECT_TRUE(same.as<ast::distinct_test>()->negated);
  read_expression const other("a is not b", lite);
  ASSERT_NE(other.as<ast::distinct_test>(), nullptr);
  EXPECT_FALSE(other.as<ast::distinct_test>()->negated);
  for (auto const& [text, value, negated] : {std::tuple{"a is null", ast::truth::null, false},
                                             {"a is not null", ast::truth::null, true},
                                             {"a isnull", ast::truth::null, false},
                                             {"a notnull", ast::truth::null, true},
                                             {"a not null", ast::truth::null, true},
                                             {"a is true", ast::truth::true_, false},
                                             {"a is not false", ast::truth::false_, true}}) {
    read_expression const test(text, lite);
    ASSERT_NE(test.as<ast::is_test>(), nullptr) << text;
    EXPECT_EQ(test.as<ast::is_test>()->value, value) << text;
    EXPECT_EQ(test.as<ast::is_test>()->negated, negated) << text;
  }
  EXPECT_NE(read_expression("a is null + 1", lite).as<ast::distinct_test>(), nullptr);
  EXPECT_NE(read_expression("a is \"true\"", lite).as<ast::distinct_test>(), nullptr);
  read_expression const word("true", lite);
  ASSERT_NE(word.as<ast::literal>(), nullptr);
  EXPECT_EQ(word.as<ast::literal>()->kind, ast::literal_kind::boolean);
  EXPECT_NE(read_expression("t.true", lite).as<ast::column_ref>(), nullptr);
}

TEST(statements, ranges_are_those_of_the_source) {
  std::string_view const sql = "select  ( a + b ) as c , t.* from  x.t as u  where f ( 1 ) ;";
  base::arena arena;
  auto const read = grammar::parse_statement(sql, lite, arena);
  ASSERT_TRUE(read);
  EXPECT_EQ(at_text(sql, (*read)->at), "select  ( a + b ) as c , t.* from  x.t as u  where f ( 1 )");
  auto const& q = **(*read)->as<ast::query_ptr>();
  auto const* core = q.body->as<ast::select_core>();
  ASSERT_NE(core, nullptr);
  EXPECT_EQ(at_text(sql, core->items[0].at), "( a + b )");
  EXPECT_EQ(at_text(sql, core->items[0].value->at), "a + b");
  EXPECT_EQ(at_text(sql, core->items[0].alias.at), "c");
  EXPECT_EQ(at_text(sql, core->items[1].at), "t.*");
  EXPECT_EQ(at_text(sql, core->from[0]->at), "x.t as u");
  EXPECT_EQ(at_text(sql, core->where->at), "f ( 1 )");
  EXPECT_EQ(at_text(sql, core->from[0]->as<ast::table_name>()->path[1].at), "t");
}

TEST(statements, the_kinds_of_literals_and_names) {
  read_expression const text("'it''s'", lite);
  EXPECT_EQ(text.as<ast::literal>()->text, "it's");
  EXPECT_EQ(read_expression("x'00ff'", lite).as<ast::literal>()->text, std::string_view("\0\xff", 2));
  EXPECT_EQ(read_expression("1.50", lite).as<ast::literal>()->text, "1.50");
  EXPECT_EQ(read_expression("Name", lite).as<ast::column_ref>()->path[0].text, "Name");
  EXPECT_FALSE(read_expression("Name", lite).as<ast::column_ref>()->path[0].quoted);
  EXPECT_EQ(read_expression("Name", pg).as<ast::column_ref>()->path[0].text, "name");
  EXPECT_TRUE(read_expression("\"Name\"", pg).as<ast::column_ref>()->path[0].quoted);
  EXPECT_EQ(read_expression("x'1f'", pg).as<ast::literal>()->text, "x1f");
  EXPECT_EQ(read_expression("a in t", lite).as<ast::in_table>()->table[0].text, "t");
  EXPECT_TRUE(read_expression("count(*)", lite).as<ast::call>()->star);
}

TEST(statements, sqlite_numbers_parameters_as_the_engine_does) {
  base::arena arena;
  auto const read = grammar::parse_statement("select ?, ?5, ?, :a, ?, :a, ?2, ?", lite, arena);
  ASSERT_TRUE(read);
  std::vector<unsigned> numbers;
  for (auto const& item : (*(*read)->as<ast::query_ptr>())->body->as<ast::select_core>()->items)
    numbers.push_back(item.value->as<ast::parameter>()->number);
  EXPECT_EQ(numbers, (std::vector<unsigned>{1, 5, 6, 0, 8, 0, 2, 9}));
}

}  // namespace
}  // namespace grille
