// Faults: message, offending text, help.
#include <gtest/gtest.h>

#include "grammar/lexer.hpp"
#include "reading.hpp"

namespace grille {
namespace {

using namespace reading;

struct fault_case {
  std::string_view sql;
  std::string_view fault;
};

TEST(faults, sqlite) {
  fault_case const cases[] = {
      {"", "syntax: expected a statement, found the end | "},
      {"  -- nothing\n", "syntax: expected a statement, found the end | "},
      {";", "syntax: expected a statement, found `;` | ;"},
      {"selct 1", "syntax: expected a statement, found `selct` | selct"},
      {"select", "syntax: expected an expression, found the end | "},
      {"select 1 +", "syntax: expected an expression, found the end | "},
      {"select (1", "syntax: expected `)`, found the end | "},
      {"select 1)", "syntax: expected the end of the statement, found `)` | )"},
      {"select a b c from t", "syntax: expected the end of the statement, found `c` | c"},
      {"select * from", "syntax: expected a table, found the end | "},
      {"select a from t where", "syntax: expected an expression, found the end | "},
      {"select a from t group a", "syntax: expected `by`, found `a` | a"},
      {"select order from t",
       "syntax: expected an expression, found `order` | order | `order` is a reserved word; to use it as a name write `\"order\"`"},
      {"select a as select from t",
       "syntax: expected a name, found `select` | select | `select` is a reserved word; to use it as a name write `\"select\"`"},
      {"select * from table",
       "syntax: expected a table, found `table` | table | `table` is a reserved word; to use it as a name write `\"table\"`"},
      {"select 1 limit 1 offset", "syntax: expected an expression, found the end | "},
      {"select case 1 end", "syntax: expected `when`, found `end` | end"},
      {"select case when 1 then 2", "syntax: expected `end`, found the end | "},
      {"select cast(1 as)", "syntax: expected a type, found `)` | )"},
      {"select cast(1 integer)", "syntax: expected `as`, found `integer` | integer"},
      {"select a not b", "syntax: expected `between`, `in`, `like` or `null` behind `not`, found `b` | b"},
      {"select a between 1 or 2", "syntax: expected `and`, found `or` | or"},
      {"select a in b(1)", "unsupported: a table-valued function behind `in` | b"},
      {"select a in 1", "syntax: expected `(` or a table name, found `1` | 1"},
      {"select raise(abort, 'x')", "unsupported: `raise` | raise | it belongs in triggers"},
      {"select f(a order by b)", "unsupported: `order by` inside a call | order | order the rows in a subquery"},
      {"select a order by b nulls", "syntax: expected `first` or `last`, found the end | "},
      {"select f() over (rows between 1 preceding and 2 preceding exclude all)",
       "syntax: expected `no` or `current` or `group` or `ties`, found `all` | all"},
      {"select f() over (rows current)", "syntax: expected `row`, found `)` | )"},
      {"select f() over (rows between 1 following and current row)",
       "syntax: this frame ends before it begins | rows between 1 following and current row"},
      {"select f() over (rows unbounded following)", "syntax: this frame ends before it begins | rows unbounded following"},
      {"with a as select 1 select 2", "syntax: expected `(`, found `select` | select"},
      {"with a as (delete from t) select 2", "syntax: expected `select` or `values`, found `delete` | delete"},
      {"with a as not (select 1) select 2", "syntax: expected `materialized`, found `(` | ("},
      {"(select 1)", "syntax: expected a statement, found `(` | ("},
      {"select 1 union (select 2)", "syntax: SQLite takes no parentheses around a query here | ( | write `select * from (…)`"},
      {"select 1 order by 1 union select 2", "syntax: expected the end of the statement, found `union` | union"},
      {"select 1 intersect all select 2", "syntax: expected `select` or `values`, found `all` | all"},
      {"select * from a natural join b on 1", "syntax: a natural join takes neither `on` nor `using` | 1"},
      {"select * from a left right join b", "syntax: these words make no join | left right"},
      {"select * from a outer join b", "syntax: these words make no join | outer"},
      {"select * from a left b", "syntax: expected `join`, found `b` | b"},
      {"select * from a on 1", "syntax: expected the end of the statement, found `on` | on"},
      {"select * from (a) as b", "unsupported: an alias behind a table in parentheses | b | write the alias inside"},
      {"select * from a.b.c", "syntax: a table's name has at most two parts | a.b.c"},
      {"select s.f(1)", "syntax: SQLite's functions have no schema | s.f"},
      {"select a.b.*", "syntax: `*` takes one table's name | a.b.*"},
      {"select 1; select 2", "unsupported: more than one statement | select | send them one by one"},
      {"select 1 select 2", "syntax: expected the end of the statement, found `select` | select"},
      {"insert into t", "syntax: expected `select` or `values`, found the end | "},
      {"insert into t values (1) on conflict do nothing on conflict do nothing",
       "syntax: a clause behind `on conflict` without a target | on"},
      {"insert or x into t values (1)", "syntax: expected `rollback`, `abort`, `fail`, `ignore` or `replace`, found `x` | x"},
      {"insert into t values (default)",
       "syntax: expected an expression, found `default` | default | `default` is a reserved word; to use it as a name write `\"default\"`"},
      {"update t set a.b = 1", "unsupported: an assignment to a part of a column | . | a column of the table is named without the table's name"},
      {"update t where 1", "syntax: expected `set`, found `where` | where"},
      {"delete t", "syntax: expected `from`, found `t` | t"},
      {"update t set a = 1 order by 1", "syntax: expected the end of the statement, found `order` | order"},
      {"delete from t limit 1", "syntax: expected the end of the statement, found `limit` | limit"},
      {"select “a” from t t t", "syntax: expected the end of the statement, found `t` | t"},
      {"select a from “t” “u” “v”",
       "syntax: expected the end of the statement, found `“v”` | “v” | this holds the curly quote `“`; SQL uses `'` and `\"`"},
      {"select a from t\u00A0where b = 1", "syntax: expected the end of the statement, found `=` | ="},
  };
  for (auto const& c : cases) {
    EXPECT_EQ(fault_of(c.sql, lite), c.fault) << c.sql;
  }
  EXPECT_EQ(fault_of("select 1 a\u00A0b \u00A0", lite),
            "syntax: expected the end of the statement, found `\u00A0` | \u00A0 | this holds a no-break space; use a plain one");
}

TEST(faults, postgresql) {
  fault_case const cases[] = {
      {"select user from select",
       "syntax: expected a table, found `select` | select | `select` is a reserved word; to use it as a name write `\"select\"`"},
      {"select * from (select 1)", "syntax: a subquery in `from` needs an alias | (select 1) | write `(…) as name`"},
      {"select * from (a)", "syntax: expected a join, found `)` | )"},
      {"select * from a join b", "syntax: expected `on` or `using`, found the end | "},
      {"select * from lateral a", "syntax: `lateral` takes a subquery or a function | lateral"},
      {"select a < b < c", "syntax: `<` cannot follow an operator of its own rank | < | put parentheses around one of the two"},
      {"select a is b", "syntax: expected a test behind `is`, found `b` | b"},
      {"select a in ()", "syntax: expected an expression, found `)` | )"},
      {"select 1 limit 1, 2", "syntax: `limit` takes one number | , | write `limit … offset …`"},
      {"select 1 limit 1 limit 2", "syntax: the limit is written twice | limit"},
      {"select 1 offset 1 offset 2", "syntax: the offset is written twice | offset"},
      {"select 1 fetch first 2 rows with ties", "syntax: `with ties` needs `order by` | ties"},
      {"select distinct from t", "syntax: expected a result column, found `from` | from"},
      {"select a into b from c", "unsupported: `select into` | into"},
      {"select * from t for read only", "unsupported: `for read only` | read"},
      {"select xmlelement(name a)", "unsupported: `xmlelement` | xmlelement"},
      {"select a is document", "unsupported: `is document` | document"},
      {"select (a[1])[2]", "unsupported: a subscript behind a subscript in parentheses | ["},
      {"select extract(x + 1 from a)", "syntax: expected `from`, found `+` | +"},
      {"select substring(a similar b escape c)", "syntax: expected `to`, found `b` | b"},
      {"select * from t where current of c", "syntax: expected the end of the statement, found `of` | of"},
      {"delete from t where current of c", "unsupported: `where current of` | current"},
      {"insert into t (a.b) values (1)", "unsupported: an insert into a part of a column | ."},
      {"insert into t values (1) on conflict do update set a = 1", "syntax: `do update` needs a conflict target | on"},
      {"insert into t values (1) on conflict (a text_ops) do nothing", "unsupported: an operator class in a conflict target | text_ops"},
      {"insert into t values (1) on conflict (a + b) do nothing", "unsupported: an operator class in a conflict target | +"},
      {"with recursive a as (select 1) search depth first by b set c select 1",
       "unsupported: `search` behind a common table expression | search"},
      {"merge into t using u on a", "syntax: expected `when`, found the end | "},
      {"select a || t.*::text from t", "unsupported: a cast of a whole row | ::"},
      {"merge into t using u, v on a when matched then delete", "syntax: `merge` takes one table behind `using` | u, v"},
      {"merge into t using u on a when matched then insert values (1)", "syntax: expected `update`, `delete` or `do nothing`, found `insert` | insert"},
      {"merge into t using u on a when not matched then delete", "syntax: expected `insert` or `do nothing`, found `delete` | delete"},
      {"merge into t using u on a when not matched then insert (a) select 1", "syntax: expected `values`, found `select` | select"},
      {"merge into t using u on a when matched then delete returning 1", "syntax: expected the end of the statement, found `returning` | returning"},
      {"merge into t using u on a when not matched by source then delete", "syntax: expected `then`, found `by` | by"},
      {"select f(variadic a, b)", "syntax: the `variadic` argument is the last one | b"},
      {"select f() over (rows between current row and 1 preceding)",
       "syntax: this frame ends before it begins | rows between current row and 1 preceding"},
      {"select 1 from rows from (f() as (a int))", "unsupported: column definitions inside `rows from` | as"},
      {"select (a, b) overlaps (c, d, e)", "syntax: `overlaps` stands between two pairs | overlaps"},
      {"select count(*) filter (x)", "syntax: expected `where`, found `x` | x"},
  };
  for (auto const& c : cases) EXPECT_EQ(fault_of(c.sql, pg), c.fault) << c.sql;
}

TEST(faults, other_statements_are_named) {
  for (std::string_view const word :
       {"pragma",  "attach", "detach",  "create",  "drop",  "alter",  "begin",    "commit", "end",     "rollback", "savepoint",  "release",
        "explain", "vacuum", "analyze", "reindex", "copy",  "set",    "do",       "call",   "prepare", "execute",  "deallocate", "declare",
        "fetch",   "listen", "notify",  "lock",    "grant", "revoke", "truncate", "reset",  "show",    "discard"}) {
    for (auto const d : {lite, pg})
      EXPECT_EQ(fault_of(std::string(word) + " x", d), "unsupported: `" + std::string(word) + "` statements | " + std::string(word));
  }
  EXPECT_EQ(fault_of("EXPLAIN query plan select 1", lite), "unsupported: `explain` statements | EXPLAIN");
  EXPECT_EQ(fault_of("merge x", lite), "unsupported: `merge` statements | merge");
  EXPECT_TRUE(fault_of("replace into t values (1)", pg).starts_with("syntax: "));
  EXPECT_EQ(fault_of("\"select\" 1", lite), "syntax: expected a statement, found `\"select\"` | \"select\"");
}

TEST(faults, an_expression_is_alone) {
  EXPECT_EQ(expression("a b", lite), "syntax: expected the end of the expression, found `b`");
  EXPECT_EQ(expression("a;", lite), "syntax: expected the end of the expression, found `;`");
  EXPECT_EQ(expression("", lite), "syntax: expected an expression, found the end");
  EXPECT_EQ(expression("*", lite), "syntax: expected an expression, found `*`");
}

TEST(faults, a_long_token_is_shown_in_part) {
  EXPECT_EQ(fault_of("select 1 1 '" + times(40, "é") + "x'", lite), "syntax: expected the end of the statement, found `1` | 1");
  auto const f = fault_of("select 1 a '" + times(40, "é") + "'", lite);
  EXPECT_EQ(f.substr(0, f.find(" | ")), "syntax: expected the end of the statement, found `'" + times(29, "é") + "…'`");
}

}  // namespace
}  // namespace grille
