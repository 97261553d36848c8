// What is refused: the kind, the message, the underlined text and the help, each as a caller reads them. Where the engine refuses
// too, the cases say so (`engine_too`), and it is asked.
#include "bind/engine.hpp"

namespace grille::bind {
namespace {

constexpr std::string_view schema = R"(
create table t(a, b, c);
create table u(a, d);
create table k(id integer primary key, x text);
create table w(p text primary key, q) without rowid;
create table truth("true" int, b);
create table one(z);
)";

struct refused {
  char const* sql;
  char const* fault;
  bool engine_too{true};
};
void PrintTo(refused const& c, std::ostream* out) { *out << c.sql; }

class refusal : public testing::TestWithParam<refused> {};

TEST_P(refusal, says_what_and_where) {
  static engine const db(schema);
  static auto const catalog = db.catalog();
  static full_catalog const visible(*catalog);
  EXPECT_EQ(pass(visible, GetParam().sql).fault, GetParam().fault);
  EXPECT_EQ(db.ask(GetParam().sql).error.empty(), !GetParam().engine_too) << GetParam().sql;
}

#define CASES(name, ...) INSTANTIATE_TEST_SUITE_P(name, refusal, testing::Values(__VA_ARGS__))
constexpr bool ours = false;  // the engine takes it

CASES(not_found,  //
      refused{"select nope from t", "not_found: no such column: `nope` | nope"}, refused{"select t.nope from t", "not_found: no such column: `t.nope` | t.nope"},
      refused{"select x.a from t", "not_found: no such column: `x.a` | x.a"}, refused{"select t.a from t x", "not_found: no such column: `t.a` | t.a"},
      refused{"select other.t.a from t", "not_found: no such column: `other.t.a` | other.t.a"}, refused{"select main.c.a from (select 1 a) c", "not_found: no such column: `main.c.a` | main.c.a"},
      refused{"select \"nope\" from t", "not_found: no such column: `nope` | \"nope\""}, refused{"select * from nope", "not_found: no such table: `nope` | nope"},
      refused{"select * from main.nope", "not_found: no such table: `main.nope` | main.nope"}, refused{"select * from temp.t", "not_found: no such table: `temp.t` | temp.t"},
      refused{"select * from sqlite_schema", "not_found: no such table: `sqlite_schema` | sqlite_schema", ours}, refused{"select x.* from t", "not_found: no such table: `x` | x"},
      refused{"select rowid from w", "not_found: no such column: `rowid` | rowid"}, refused{"select rowid from t", "not_found: no such column: `rowid` | rowid", ours},
      refused{"select rowid from k, t", "not_found: no such column: `rowid` | rowid"}, refused{"select rowid from (select * from k)", "not_found: no such column: `rowid` | rowid", ours},
      refused{"select (select rowid from t) from k", "not_found: no such column: `rowid` | rowid", ours}, refused{"select (select t.rowid from t) from k t", "not_found: no such column: `t.rowid` | t.rowid", ours},
      refused{"select x.a from t x, (select x.a) y", "not_found: no such column: `x.a` | x.a"}, refused{"select a zz, zz + 1 from t", "not_found: no such column: `zz` | zz"},
      refused{"select a zz, (select zz) from t", "not_found: no such column: `zz` | zz"}, refused{"select (select d from u order by t.a) from t", "not_found: no such column: `t.a` | t.a"},
      refused{"select (select count(*) from u group by t.a) from t", "not_found: no such column: `t.a` | t.a"}, refused{"select a from t limit a", "not_found: no such column: `a` | a"},
      refused{"select (select d from u limit t.a) from t", "not_found: no such column: `t.a` | t.a"}, refused{"select * from t join u using (d)", "not_found: no such column: `d` | d | it is not in both tables"},
      refused{"with c as (select 1 x) select * from main.c", "not_found: no such table: `main.c` | main.c"}, refused{"with c as (select * from nope) select 1", "not_found: no such table: `nope` | nope", ours},
      refused{"select sum(a) over w from t", "not_found: no such window: `w` | w"}, refused{"select a from t window w as (order by nope)", "not_found: no such column: `nope` | nope", ours},
      refused{"select a from t union select d from u order by a + 0",
              "not_found: `order by` of a compound query names no column of its result | a + 0 | term 1 is neither a position, an alias nor the same expression "
              "as a result column"},
      refused{"select a zz from t, json_each(zz + nope)", "not_found: no such column: `nope` | nope"});

CASES(ambiguous,  //
      refused{"select a from t, u", "ambiguous: ambiguous column name: `a` | a"}, refused{"select t.a from t, t", "ambiguous: ambiguous column name: `t.a` | t.a"},
      refused{"select * from t x, u x", "ambiguous: ambiguous column name: `a` | *"}, refused{"select d from t full join u using (a) full join u y using (a)", "ambiguous: ambiguous column name: `d` | d"},
      refused{"select 1 from t join u on t.a = u.a full join t y using (a)", "ambiguous: ambiguous column name: `a` | a"}, refused{"select t.a from t, u where a = 1", "ambiguous: ambiguous column name: `a` | a"},
      refused{"with c as (select 1), c as (select 2) select 1", "ambiguous: `with` defines `c` twice | c"}, refused{"select 1 from u natural left join (k full join k y using (id), k)", "ambiguous: ambiguous column name: `id` | k full join k y using (id), k"});

CASES(aggregates_and_windows,  //
      refused{"select a from t where sum(a) > 1", "syntax: aggregate `sum` cannot stand here | sum(a)"}, refused{"select sum(sum(a)) from t", "syntax: aggregate `sum` cannot stand here | sum(a)"},
      refused{"select t.a from t join u on sum(d) > 1", "syntax: aggregate `sum` cannot stand here | sum(d)"}, refused{"select a from t group by sum(a)", "syntax: aggregate `sum` cannot stand here | sum(a)"},
      refused{"select sum(a) from t group by 1", "syntax: `group by` cannot hold an aggregate | 1"}, refused{"select sum(a) z from t where z > 1", "syntax: alias `z` of an aggregate cannot stand here | z"},
      refused{"select sum(a) z from t group by z", "syntax: alias `z` of an aggregate cannot stand here | z"}, refused{"select a from t order by count(*)", "syntax: aggregate `count` cannot stand here | count(*)"},
      refused{"select a from t having a > 1", "syntax: `having` without `group by` or an aggregate in the result | a > 1"}, refused{"select (select sum(t.a) from u) from t", "unsupported: an aggregate over columns of a query around is not supported | sum(t.a)", ours},
      refused{"select sum(a) s from t having exists (select 1 from u where d = s)", "unsupported: alias `s` of an aggregate is not supported in a subquery | s", ours},
      refused{"select row_number() from t", "syntax: window function `row_number` cannot stand here | row_number() | it needs `over`"}, refused{"select a from t where row_number() over () > 1", "syntax: window function `row_number` cannot stand here | row_number() over ()"},
      refused{"select sum(row_number() over ()) over () from t", "syntax: window function `row_number` cannot stand here | row_number() over ()"}, refused{"select abs(a) over () from t", "syntax: function `abs` cannot be used as a window function | abs(a) over ()"},
      refused{"select max(a, b) over () from t", "syntax: function `max` cannot be used as a window function | max(a, b) over ()"}, refused{"select abs(a) filter (where 1) from t", "syntax: function `abs` is no aggregate | abs(a) filter (where 1)"},
      refused{"select row_number() filter (where 1) over () from t", "syntax: `filter` is for aggregates | 1"}, refused{"select count(distinct a) over () from t", "syntax: `distinct` is not supported for window functions | count(distinct a) over ()"},
      refused{"select group_concat(distinct a, ',') from t", "syntax: `distinct` takes exactly one argument | group_concat(distinct a, ',')"}, refused{"select sum(*) from t", "syntax: wrong number of arguments to function `sum` | sum(*)"},
      refused{"select sum(a) over (w partition by b) from t window w as (order by a)", "syntax: cannot override the `partition by` of window `w` | w"}, refused{"select sum(a) over (w order by b) from t window w as (order by a)", "syntax: cannot override the `order by` of window `w` | w"},
      refused{"select sum(a) over (w) from t window w as (rows 1 preceding)", "syntax: cannot override the frame of window `w` | w"}, refused{"select sum(a) over (order by a range 1 preceding), 1 from t, u", "ambiguous: ambiguous column name: `a` | a"},
      refused{"select sum(a) over (range 1 preceding) from t", "syntax: a `range` with an offset needs exactly one `order by` term | range 1 preceding"}, refused{"select sum(a) over (rows (select 1) preceding) from t", "syntax: the offset of a frame is a constant | (select 1)", ours},
      refused{"select sum(a) over (rows abs(1) preceding) from t", "syntax: the offset of a frame is a constant | abs(1)", ours}, refused{"select a as zz, sum(a) over w from t window w as (order by zz)", "not_found: no such column: `zz` | zz"}, refused{"select row_number() over () r from t where r = 1", "syntax: alias `r` of a window function cannot stand here | r"},
      refused{"values (count(*))", "syntax: aggregate `count` cannot stand here | count(*)", ours});

CASES(functions,  //
      refused{"select load_extension('x')", "unsupported: function `load_extension` is not allowed | load_extension | only functions known to be safe are"}, refused{"select abs(1, 2)", "syntax: wrong number of arguments to function `abs` | abs(1, 2)"},
      refused{"select nope(1)", "unsupported: function `nope` is not allowed | nope | only functions known to be safe are"}, refused{"select * from pragma_table_info('t')", "unsupported: table function `pragma_table_info` is not allowed | pragma_table_info", ours},
      refused{"select json_each('[1]')", "unsupported: function `json_each` stands only in `from` | json_each('[1]')"}, refused{"select value from json_each", "not_found: no such table: `json_each` | json_each", ours},
      refused{"select json from json_each('[1]')", "not_found: no such column: `json` | json", ours}, refused{"select abs(distinct a) from t", "syntax: function `abs` is no aggregate | abs(distinct a)", ours});

CASES(rows,  //
      refused{"select (1, 2)", "syntax: a row of values cannot stand here | (1, 2)"}, refused{"select (1, 2) = (1, 2, 3)", "syntax: this has 3 columns, 2 are expected | (1, 2, 3)"}, refused{"select (1, 2) = 1", "syntax: this has 1 column, 2 are expected | 1"},
      refused{"select (select 1, 2)", "syntax: this has 2 columns, 1 is expected | (select 1, 2)"}, refused{"select a in (select 1, 2) from t", "syntax: this yields 2 columns, 1 is expected | select 1, 2"},
      refused{"select (a, b) in (select 1) from t", "syntax: this yields 1 column, 2 are expected | select 1"}, refused{"select a in u from t", "syntax: this yields 2 columns, 1 is expected | u"}, refused{"select a in nope from t", "not_found: no such table: `nope` | nope"},
      refused{"select (1, 2) in (1, 2)", "syntax: this has 1 column, 2 are expected | 1"}, refused{"select 1 in (1, (2, 3))", "syntax: a row of values cannot stand here | (2, 3)"}, refused{"select coalesce((1, 2), 1)", "syntax: a row of values cannot stand here | (1, 2)"},
      refused{"select ((1, 2), 3) = ((1, 2), 3)", "syntax: a row of values cannot stand here | (1, 2)"}, refused{"select (1, 2) is not null", "syntax: a row of values cannot stand here | (1, 2)"}, refused{"select a from t order by (a, b)", "syntax: a row of values cannot stand here | (a, b)"},
      refused{"values (1), (2, 3)", "syntax: the rows of `values` are not of one length | 2"});

CASES(places,  //
      refused{"select a, b from t order by 3", "syntax: position 3 is not in the result | 3 | positions go from 1 to 2"}, refused{"select a, b from t order by 0", "syntax: position 0 is not in the result | 0 | positions go from 1 to 2"},
      refused{"select a, b from t order by -1", "syntax: position -1 is not in the result | -1 | positions go from 1 to 2"}, refused{"select a from t group by 2", "syntax: position 2 is not in the result | 2 | positions go from 1 to 1"},
      refused{"select a from t union select d from u order by 2", "syntax: position 2 is not in the result | 2 | positions go from 1 to 1"}, refused{"select a from t union select a, d from u", "syntax: the two sides of `union` have 1 and 2 columns | select a, d from u"},
      refused{"select *", "syntax: `*` without `from` | *"},       refused{"select 1 from t left join u on z = 1 join one", "unsupported: this names a column of a table further right in `from` | z = 1 | move that table to the left"},
      refused{"select 1 from t join u on z = 1 join one", "unsupported: this names a column of a table further right in `from` | z = 1 | move that table to the left", ours},
      refused{"select 1 from json_each(x), k", "unsupported: this names a column of a table further right in `from` | x | move that table to the left", ours});

CASES(common_tables,  //
      refused{"with t as (select * from t) select * from t", "syntax: circular reference to `t` | t | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c as (select * from d), d as (select * from c) select * from c", "syntax: circular reference to `c` | c | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c(n) as (select 1 union all select n+1 from (select * from c) where n<3) select * from c", "syntax: circular reference to `c` | c | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c(n) as (select 1 union all select x.n+1 from c x, c y) select * from c", "syntax: circular reference to `c` | c y | a recursive part reads its table once, in its own `from`"},
      refused{"with c(n) as (select 1 union all select n+1 from c where n in (select n from c)) select * from c", "syntax: circular reference to `c` | c | a recursive part reads its table once, in its own `from`"},
      refused{"with c(n) as (select 1 union all select max(n)+1 from c) select * from c", "syntax: the recursive part of `c` cannot aggregate | select max(n)+1 from c"},
      refused{"with c(n) as (select 1 union all select n+1 from c union select 9) select * from c", "syntax: circular reference to `c` | c | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c(n) as (select 1 intersect select n from c) select * from c", "syntax: circular reference to `c` | c | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c(n) as (select n from c union all select 1) select * from c", "syntax: circular reference to `c` | c | a `with` item that reads itself is a `union` whose last parts do so in their `from`"},
      refused{"with c(n, m) as (select 1) select * from c", "syntax: `c` has 1 columns, its list names 2 | c"},
      refused{"select (with c as (select t.a q) select (select q from c)) from t",
              "unsupported: common table `c` names columns of a query around it, and is read in a subquery | c | read it in the `from` of the query that has the `with`", ours});

CASES(not_ours,  //
      refused{"insert into t values (1, 2, 3)", "unsupported: `insert`, where a query is wanted | insert", ours}, refused{"update t set a = 1", "unsupported: `update`, where a query is wanted | update", ours},
      refused{"delete from t", "unsupported: `delete`, where a query is wanted | delete", ours}, refused{"replace into t values (1, 2, 3)", "unsupported: `replace`, where a query is wanted | replace", ours},
      refused{"select a from t indexed by i", "unsupported: `indexed by` is not supported | i"}, refused{"select a from t not indexed", "unsupported: `not indexed` is not supported | t not indexed", ours},
      refused{"select 'a' match 'x'", "unsupported: `match` is not supported | 'a' match 'x'", true}, refused{"select a regexp 'x' from t", "unsupported: `regexp` is not supported | a regexp 'x'"},
      refused{"select a collate mine from t", "unsupported: collation `mine` is not supported | mine", ours}, refused{"select 1 as \"true\"", "unsupported: a column cannot be named `true` | \"true\"", ours},
      refused{"select b from truth", "unsupported: table `truth` cannot be read: it names a column like a truth value | truth", ours}, refused{"select ?1, :a", "usage: named and numbered parameters in one statement | :a | use one kind of them", ours},
      refused{"select :a, @a", "usage: parameter `a` is written with two signs | @a | they would be two parameters: use one sign", ours}, refused{"select a, b from t order by likely(2)", "unsupported: a hint of likelihood is not supported as a key | likely(2)", ours},
      refused{"select q.d from t join (u as q)", "unsupported: an alias of a table in parentheses is not supported | q | leave the parentheses out"}, refused{"select current_user", "not_found: no such column: `current_user` | current_user"});

#undef CASES

}  // namespace
}  // namespace grille::bind
