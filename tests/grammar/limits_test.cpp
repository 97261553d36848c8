// Size: what is too long or too deep is `limit`, at once and without a stack overflow; what is merely long is read.
#include "base/limits.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "reading.hpp"

namespace grille {
namespace {

using namespace reading;

constexpr std::size_t many = 100'000;

struct hostile {
  std::string_view name;
  std::string sql;
};

std::vector<hostile> hostile_inputs(dialect d) {
  std::vector<hostile> all = {
      {"parentheses", "select " + times(many, "(") + "1" + times(many, ")")},
      {"open parentheses", "select " + times(many, "(")},
      {"not", "select " + times(many, "not ") + "1"},
      {"unary minus", "select " + times(many, "- ") + "1"},
      {"plus chain", "select 1" + times(many, "+1")},
      {"concatenation chain", "select 'a'" + times(many, "||'a'")},
      {"comparison chain", "select 1" + times(many, " is null")},
      {"collate chain", "select a" + times(many, " collate x")},
      {"case", "select " + times(40'000, "case when 1 then ") + "1" + times(40'000, " end")},
      {"case operand", "select " + times(many, "case ") + "1"},
      {"calls", "select " + times(60'000, "f(") + "1" + times(60'000, ")")},
      {"casts", "select " + times(40'000, "cast(") + "1" + times(40'000, " as int)")},
      {"in", "select " + times(50'000, "1 in (") + "1" + times(50'000, ")")},
      {"subqueries", "select " + times(40'000, "(select ") + "1" + times(40'000, ")")},
      {"open subqueries", "select " + times(80'000, "(select ")},
      {"exists", "select " + times(40'000, "exists (select ") + "1" + times(40'000, ")")},
      {"derived tables", times(30'000, "select * from (") + "select 1" + times(30'000, ") as t")},
      {"common table expressions", times(40'000, "with t as (") + "select 1"},
      {"parenthesised joins", "select * from " + times(many, "(") + "a join b on 1" + times(many, ")")},
      {"joins", "select * from a" + times(40'000, " join b on 1=1")},
      {"commas", "select * from a" + times(many, ", b")},
      {"union", "select 1" + times(60'000, " union select 1")},
      {"windows", "select " + times(30'000, "f() over (partition by ") + "1" + times(30'000, ")")},
      {"filters", "select " + times(30'000, "f() filter (where ") + "1" + times(30'000, ")")},
      {"order by", "select 1 order by " + times(40'000, "(select 1 order by ") + "1"},
      {"limits", "select 1 limit " + times(40'000, "(select 1 limit ") + "1"},
      {"values", "select " + times(40'000, "(values (")},
      {"lists", "select 1 in (1" + times(60'000, ",1") + ")"},
      {"rows", "values (1)" + times(40'000, ",(1)")},
      {"writes", "insert into t values (" + times(60'000, "(") + "1"},
      {"returning", "delete from t returning " + times(60'000, "(")},
  };
  if (d == dialect::sqlite) all.push_back({"between", "select " + times(30'000, "1 between ") + "1" + times(30'000, " and 1")});
  if (d == dialect::postgresql) {
    all.push_back({"query parentheses", times(many, "(") + "select 1" + times(many, ")")});
    all.push_back({"set operations in parentheses", times(20'000, "(select 1 union ") + "select 1" + times(20'000, ")")});
    all.push_back({"right set operations", times(20'000, "select 1 union (") + "select 1" + times(20'000, ")")});
    all.push_back({"queries in double parentheses", "select " + times(30'000, "((select ")});
    all.push_back({"left subqueries", "select " + times(30'000, "((") + "select 1" + times(30'000, ") + 1)")});
    all.push_back({"from parentheses", "select * from " + times(30'000, "((") + "select 1" + times(30'000, ") t join b on 1)")});
    all.push_back({"open joins", "select * from a" + times(60'000, " join b")});
    all.push_back({"arrays", "select array" + times(many, "[")});
    all.push_back({"array words", "select " + times(60'000, "array[")});
    all.push_back({"subscripts", "select a" + times(60'000, "[1]")});
    all.push_back({"nested subscripts", "select " + times(60'000, "a[")});
    all.push_back({"fields", "select (a)" + times(60'000, ".b")});
    all.push_back({"colons", "select 1" + times(60'000, "::int")});
    all.push_back({"zones", "select 1" + times(30'000, " at time zone x")});
    all.push_back({"prefix operators", "select " + times(many, "@ ") + "1"});
    all.push_back({"grouping sets", "select 1 group by " + times(30'000, "grouping sets (")});
    all.push_back({"rollups", "select 1 group by " + times(30'000, "rollup ((")});
    all.push_back({"types", "select " + times(30'000, "1::a(")});
    all.push_back({"trims", "select " + times(30'000, "trim(both ")});
    all.push_back({"intervals", "select " + times(40'000, "coalesce(")});
    all.push_back({"lateral", "select * from " + times(20'000, "lateral (select * from ")});
    all.push_back({"functions", "select * from " + times(40'000, "f(")});
    all.push_back({"writes in with", times(20'000, "with t as (insert into t ")});
    all.push_back({"comments", times(100'000, "/*") + times(100'000, "*/") + "select 1" + times(60'000, " + 1")});
  }
  return all;
}

void expect_limits(dialect d) {
  for (auto const& input : hostile_inputs(d)) {
    auto const begin = std::chrono::steady_clock::now();
    auto const fault = fault_of(input.sql, d);
    auto const took = std::chrono::steady_clock::now() - begin;
    EXPECT_TRUE(fault.starts_with("limit: ")) << input.name << ": " << fault.substr(0, 200);
    EXPECT_LT(took, std::chrono::seconds(5)) << input.name;
  }
}

TEST(limits, sqlite_hostile_texts_are_refused) { expect_limits(lite); }
TEST(limits, postgresql_hostile_texts_are_refused) { expect_limits(pg); }

TEST(limits, long_chains_of_and_and_or_are_one_node) {
  for (auto const d : {lite, pg}) {
    for (std::string_view const word : {" and ", " or "}) {
      read_expression const chain("a = 1" + times(19'999, std::string(word) + "a = 1"), d);
      auto const* node = chain.as<ast::junction>();
      ASSERT_NE(node, nullptr);
      EXPECT_EQ(node->items.size(), 20'000U);
      EXPECT_EQ(chain.root->depth, 3U);
    }
    read_expression const mixed("a" + times(5'000, " or b and c"), d);
    ASSERT_NE(mixed.as<ast::junction>(), nullptr);
    EXPECT_EQ(mixed.as<ast::junction>()->items.size(), 5'001U);
  }
}

TEST(limits, depth_is_that_of_the_deepest_part_and_one) {
  EXPECT_EQ(read_expression("a", lite).root->depth, 1U);
  EXPECT_EQ(read_expression("((a))", lite).root->depth, 1U);
  EXPECT_EQ(read_expression("a + b * c", lite).root->depth, 3U);
  EXPECT_EQ(read_expression("case a when b then c + d else e end", lite).root->depth, 3U);
  EXPECT_EQ(read_expression("f(a, g(b))", lite).root->depth, 3U);
  EXPECT_EQ(read_expression("f() over (order by a + b)", lite).root->depth, 3U);
  EXPECT_EQ(read_expression("(select 1)", lite).root->depth, 4U);  // literal, core, query, subquery
  EXPECT_EQ(read_expression("(select 1 limit 1 + 1)", lite).root->depth, 4U);
  EXPECT_EQ(read_expression("exists (select 1 from a join (select 2) as b)", lite).root->depth,
            8U);  // literal, core, query, table, join, core, query
  EXPECT_EQ(read_expression("(with x as (select 1 + 1) select 1)", lite).root->depth, 6U);
  EXPECT_EQ(read_expression("a::numeric(1 + 1)", pg).root->depth, 3U);
}

TEST(limits, up_to_the_bound_is_read) {
  constexpr auto bound = base::limits::nesting;
  for (auto const d : {lite, pg}) {
    EXPECT_EQ(expression("1" + times(bound - 2, " + 1"), d).substr(0, 5).find("limit"), std::string::npos);
    base::arena arena;
    EXPECT_TRUE(grammar::parse_expression("1" + times(bound - 1, " + 1"), d, arena));
    EXPECT_FALSE(grammar::parse_expression("1" + times(bound, " + 1"), d, arena));
    EXPECT_TRUE(grammar::parse_expression(times(bound - 1, "- ") + "1", d, arena));
    EXPECT_FALSE(grammar::parse_expression(times(bound, "- ") + "1", d, arena));
    EXPECT_TRUE(grammar::parse_expression(times(150, "(") + "1" + times(150, ")"), d, arena));
    // A query weighs more than an operator: it takes more of the stack.
    EXPECT_TRUE(grammar::parse_statement("select " + times(45, "(select ") + "1" + times(45, ")"), d, arena));
    EXPECT_FALSE(grammar::parse_statement("select " + times(55, "(select ") + "1" + times(55, ")"), d, arena));
  }
}

TEST(limits, bytes_tokens_list_items_and_tables) {
  base::arena arena;
  auto const over = std::string(base::limits::source_bytes + 1, ' ');
  EXPECT_EQ(grammar::parse_statement(over, lite, arena).error().kind, errc::limit);
  EXPECT_EQ(grammar::parse_statement(over.substr(1), lite, arena).error().kind, errc::syntax);
  auto const tokens = times(base::limits::tokens + 1, "a ");
  EXPECT_EQ(fault_of(tokens, lite), "limit: the text has more than 250000 tokens | ");
  EXPECT_EQ(fault_of("select 1" + times(30'000, ",1"), lite), "limit: a list has more than 30000 items | 1");
  EXPECT_EQ(fault_of("select 1" + times(29'999, ",1"), lite), "no fault");
  EXPECT_EQ(fault_of("select * from a" + times(59, ", a"), lite), "no fault");
  EXPECT_TRUE(fault_of("select * from a" + times(60, ", a"), lite).starts_with("limit: more than 60 tables in one `from`"));
  EXPECT_TRUE(fault_of("select * from a" + times(60, ", a"), pg).starts_with("limit: "));
  EXPECT_TRUE(fault_of("select ?" + times(40'000, "+?"), lite).starts_with("limit: the text has more than 32766 parameters"));
  // Many names are looked up, not searched for.
  std::string names = "select 0";
  for (int i = 0; i < 29'000; ++i) names += ",:p" + std::to_string(i);
  EXPECT_EQ(fault_of(names, lite), "no fault");
}

}  // namespace
}  // namespace grille
