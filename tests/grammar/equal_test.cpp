// Equality of trees tells apart every two texts that mean different things, member by member of the nodes, and does not see
// places, quotes and spelling that does not count.
#include "ast/equal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "grammar/parse.hpp"

namespace grille {
namespace {

using texts = std::vector<std::string>;

// Within a line all are of one construct and differ in one member.
std::vector<texts> const sqlite_variants = {
    {"select 1", "select 2", "select 1.0", "select '1'", "select x'31'", "select null", "select true", "select false", "select a",
     "select \"b\""},
    {"select ?1", "select ?2", "select :a", "select @a", "select $a", "select :b", "select ?", "select ?, ?", "select ?, ?1"},
    {"select current_date", "select current_time"},
    {"select a.b", "select b.b", "select b", "select c.a.b"},
    {"select *", "select t.*", "select u.*"},
    {"select -a", "select +a", "select ~a", "select not a", "select -b"},
    {"select a + b", "select a - b", "select b + a", "select a = b", "select a == b"},
    {"select a and b", "select a or b", "select b and a", "select a and b and c", "select a and (b and c)", "select (a and b) and c"},
    {"select a is null", "select a is not null", "select a is true", "select b is null"},
    {"select a is b", "select a is not b", "select b is a"},
    {"select a between b and c", "select a not between b and c", "select a between c and b", "select b between b and c"},
    {"select a like b", "select a not like b", "select a glob b", "select a regexp b", "select a match b", "select a like b escape c",
     "select a like b escape d", "select b like a"},
    {"select a in (b)", "select a not in (b)", "select a in ()", "select a in (b, c)", "select a in (select b)",
     "select a not in (select b)", "select a in b", "select a not in b", "select a in c", "select d in (b)"},
    {"select exists (select a)", "select (select a)", "select exists (select b)"},
    {"select case when a then b end", "select case a when a then b end", "select case when a then b else c end",
     "select case when a then b when a then b end", "select case when b then b end", "select case when a then c end"},
    {"select cast(a as int)", "select cast(a as text)", "select cast(a as int(1))", "select cast(a as int(2))", "select cast(b as int)"},
    {"select a collate b", "select a collate c"},
    {"select f(a)", "select g(a)", "select f(b)", "select f(a, b)", "select f(distinct a)", "select f(*)", "select f()",
     "select f(a) filter (where b)", "select f(a) filter (where c)", "select f(a) over ()", "select f(a) over w", "select f(a) over v",
     "select f(a) over (w)", "select f(a) over (partition by b)", "select f(a) over (partition by c)", "select f(a) over (order by b)"},
    {"select f() over (rows a preceding)", "select f() over (range a preceding)", "select f() over (groups a preceding)",
     "select f() over (rows b preceding)", "select f() over (rows unbounded preceding)", "select f() over (rows current row)",
     "select f() over (rows between a preceding and current row)", "select f() over (rows between a preceding and b following)",
     "select f() over (rows a preceding exclude ties)", "select f() over (rows a preceding exclude group)"},
    {"select (a, b)", "select (b, a)"},
    {"select a as b", "select a as c"},
    {"select all a", "select distinct a"},
    {"select a from t", "select a from u", "select a from m.t", "select a from t as x", "select a from t indexed by i",
     "select a from t indexed by j", "select a from t not indexed"},
    {"select a from (select b) as x", "select a from (select c) as x", "select a from (select b) as y"},
    {"select a from f(1) as x", "select a from f(2) as x", "select a from g(1) as x", "select a from f(1) as y"},
    {"select a from t join u", "select a from t left join u", "select a from t right join u", "select a from t full join u",
     "select a from t cross join u", "select a from t, u", "select a from t natural join u", "select a from t join u on b",
     "select a from t join u on c", "select a from t join u using (b)", "select a from t join u using (c)", "select a from u join t"},
    {"select a from t where b", "select a from t where c"},
    {"select a group by b", "select a group by c", "select a group by b having c", "select a group by b having d",
     "select a group by b, c"},
    {"select f() over w window w as (order by a)", "select f() over w window v as (order by a)",
     "select f() over w window w as (order by b)"},
    {"values (1)", "values (2)", "values (1), (1)", "values (1, 1)"},
    {"select 1 union select 2", "select 1 union all select 2", "select 1 intersect select 2", "select 1 except select 2",
     "select 2 union select 1"},
    {"select a order by b", "select a order by c", "select a order by b asc", "select a order by b desc", "select a order by b nulls first",
     "select a order by b nulls last"},
    {"select a limit 1", "select a limit 2", "select a limit 1 offset 1", "select a limit 1 offset 2"},
    {"with a as (select 1) select 2", "with recursive a as (select 1) select 2", "with b as (select 1) select 2",
     "with a as (select 2) select 2", "with a (b) as (select 1) select 2", "with a (c) as (select 1) select 2",
     "with a as materialized (select 1) select 2", "with a as not materialized (select 1) select 2"},
    {"insert into t values (1)", "insert into u values (1)", "insert into t values (2)", "insert into t (a) values (1)",
     "insert into t (b) values (1)", "insert into t default values", "insert or ignore into t values (1)",
     "insert or abort into t values (1)", "replace into t values (1)", "insert or replace into t values (1)",
     "insert into t values (1) returning a", "insert into t values (1) returning b", "with x as (select 1) insert into t values (1)"},
    {"insert into t values (1) on conflict do nothing", "insert into t values (1) on conflict (a) do nothing",
     "insert into t values (1) on conflict (b) do nothing", "insert into t values (1) on conflict (a) where b do nothing",
     "insert into t values (1) on conflict (a) where c do nothing", "insert into t values (1) on conflict (a) do update set b = 1",
     "insert into t values (1) on conflict (a) do update set b = 1 where c",
     "insert into t values (1) on conflict (a) do update set b = 1 where d",
     "insert into t values (1) on conflict (a) do update set c = 1"},
    {"update t set a = 1", "update u set a = 1", "update t set b = 1", "update t set a = 2", "update t set (a) = 1",
     "update t set a = 1, b = 1", "update or fail t set a = 1", "update or rollback t set a = 1", "update t set a = 1 from u",
     "update t set a = 1 from v", "update t set a = 1 where b", "update t set a = 1 where c", "update t set a = 1 returning a",
     "update t set a = 1 returning b", "with x as (select 1) update t set a = 1", "update t as x set a = 1"},
    {"delete from t", "delete from u", "delete from t where a", "delete from t where b", "delete from t returning a",
     "delete from t returning b", "with x as (select 1) delete from t", "delete from t as x"},
};

std::vector<texts> const postgresql_variants = {
    {"select b'1'", "select x'1'", "select b'0'"},
    {"select current_timestamp", "select current_timestamp(1)", "select current_timestamp(2)"},
    {"select @ a", "select |/ a", "select operator(s.@) a", "select operator(z.@) a", "select @ b"},
    {"select a operator(s.+) b", "select a operator(z.+) b", "select a + b"},
    {"select a between b and c", "select a between symmetric b and c"},
    {"select a like b", "select a ilike b", "select a similar to b"},
    {"select a = any (b)", "select a = all (b)", "select a < any (b)", "select a = any (c)", "select d = any (b)",
     "select a = any (select b)", "select a = any (select c)", "select a operator(s.=) any (b)"},
    {"select a::int", "select cast(a as int)", "select a::text", "select a::int[]", "select a::int[][]", "select int 'a'"},
    {"select a::interval", "select a::interval year", "select a::interval month", "select a::interval(1)"},
    {"select f(a => 1)", "select f(b => 1)", "select f(1)", "select f(variadic 1)", "select f(1 order by a)", "select f(1 order by b)",
     "select f(1) within group (order by a)", "select f(1) within group (order by b)"},
    {"select coalesce(a, b)", "select greatest(a, b)", "select least(a, b)", "select nullif(a, b)", "select trim(both a from b)",
     "select trim(leading a from b)", "select trim(trailing a from b)", "select position(a in b)", "select a at time zone b",
     "select substring(a from b)"},
    {"select row(a, b)", "select (a, b)"},
    {"select array[a]", "select array[b]", "select array(select a)", "select array(select b)"},
    {"select a[1]", "select a[2]", "select b[1]", "select a[1:]", "select a[:1]", "select a[1:1]", "select a[1:2]"},
    {"select (a).b", "select (a).c", "select (b).b", "select (a).*"},
    {"select a[1].b", "select (a[1]).b"},
    {"select ((a).b)[1]", "select (a).b[1]"},
    {"select 1 group by ()", "select 1 group by rollup (a)", "select 1 group by cube (a)", "select 1 group by grouping sets (a)",
     "select 1 group by rollup (b)"},
    {"select 1 from t", "select 1 from only t", "select 1 from t x", "select 1 from t x (a)", "select 1 from t x (b)", "select 1 from t, u",
     "select 1 from t tablesample s (1)", "select 1 from t tablesample r (1)", "select 1 from t tablesample s (2)",
     "select 1 from t tablesample s (1) repeatable (1)", "select 1 from t tablesample s (1) repeatable (2)"},
    {"select 1 from (select 1) x", "select 1 from lateral (select 1) x"},
    {"select 1 from f() x", "select 1 from lateral f() x", "select 1 from f() with ordinality x", "select 1 from rows from (f()) x",
     "select 1 from rows from (f(), g()) x", "select 1 from f() as x (a int)", "select 1 from f() as x (b int)",
     "select 1 from f() as x (a text)", "select 1 from f() as x (a int collate c)", "select 1 from f() as x (a int collate d)"},
    {"select 1 from (t cross join u)", "select 1 from (t cross join u) as x", "select 1 from (t cross join u) as y",
     "select 1 from t join u using (a)", "select 1 from t join u using (a) as x", "select 1 from t join u using (a) as y"},
    {"select distinct a", "select distinct on (a) a", "select distinct on (b) a"},
    {"select 1 group by a", "select 1 group by distinct a"},
    {"select 1 union select 2", "select 1 union distinct select 2", "(select 1 limit 1) union select 2",
     "(select 1 limit 2) union select 2", "table t union select 2", "table only t union select 2"},
    {"select a order by a using <", "select a order by a using >", "select a order by a"},
    {"select a limit 1", "select a limit all", "select a order by a fetch first 1 row with ties", "select a order by a limit 1",
     "select a"},
    {"select a from t for update", "select a from t for share", "select a from t for no key update", "select a from t for key share",
     "select a from t for update of t", "select a from t for update of u", "select a from t for update nowait",
     "select a from t for update skip locked", "select a from t for update for share"},
    {"insert into t values (1)", "insert into t overriding user value values (1)", "insert into t overriding system value values (1)",
     "insert into t values (default)", "insert into t values (1) on conflict on constraint a do nothing",
     "insert into t values (1) on conflict on constraint b do nothing", "insert into t values (1) on conflict do nothing"},
    {"with x as (delete from t) select 1", "with x as (delete from u) select 1", "with x as (insert into t values (1)) select 1",
     "with x as (update t set a = 1) select 1"},
    {"delete from t", "delete from only t", "delete from t using u", "delete from t using v"},
    {"merge into t using u on a when matched then delete", "merge into v using u on a when matched then delete",
     "merge into t using v on a when matched then delete", "merge into t using u on b when matched then delete",
     "merge into t using u on a when matched and b then delete", "merge into t using u on a when matched and c then delete",
     "merge into t using u on a when matched then do nothing", "merge into t using u on a when not matched then do nothing",
     "merge into t using u on a when matched then update set a = 1", "merge into t using u on a when matched then update set a = 2",
     "merge into t using u on a when matched then delete when not matched then do nothing",
     "with x as (select 1) merge into t using u on a when matched then delete",
     "with recursive x as (select 1) merge into t using u on a when matched then delete"},
    {"merge into t using u on a when not matched then insert values (1)", "merge into t using u on a when not matched then insert values (2)",
     "merge into t using u on a when not matched then insert (a) values (1)", "merge into t using u on a when not matched then insert (b) values (1)",
     "merge into t using u on a when not matched then insert overriding user value values (1)",
     "merge into t using u on a when not matched then insert default values"},
};

void all_differ(std::vector<texts> const& variants, dialect d) {
  for (auto const& line : variants) {
    base::arena arena;
    std::vector<ast::statement const*> trees;
    for (auto const& sql : line) {
      auto const tree = grammar::parse_statement(sql, d, arena);
      ASSERT_TRUE(tree) << sql << ": " << tree.error().message;
      trees.push_back(*tree);
    }
    for (std::size_t i = 0; i < line.size(); ++i)
      for (std::size_t j = 0; j < line.size(); ++j) EXPECT_EQ(ast::equal(*trees[i], *trees[j]), i == j) << line[i] << " | " << line[j];
  }
}

TEST(equal, tells_sqlite_statements_apart) { all_differ(sqlite_variants, dialect::sqlite); }
TEST(equal, tells_postgresql_statements_apart) { all_differ(postgresql_variants, dialect::postgresql); }

TEST(equal, does_not_see_places_quotes_and_spelling) {
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    base::arena arena;
    auto const a = grammar::parse_statement("select a, b x from t where (c) is null", d, arena);
    auto const b = grammar::parse_statement("/* */ SELECT \"a\" , b AS \"x\"\nFROM t WHERE c ISNULL;", d, arena);
    ASSERT_TRUE(a && b);
    EXPECT_TRUE(ast::equal(**a, **b));
  }
}

}  // namespace
}  // namespace grille
