// Precedence and associativity: written tables, and generated expressions whose reading is compared with the engines' own.
#include <gtest/gtest.h>

#include <random>

#include "engines.hpp"
#include "reading.hpp"

namespace grille {
namespace {

using namespace reading;

struct pair {
  std::string_view bare;
  std::string_view parenthesised;
};

// https://sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes
TEST(precedence, sqlite_table) {
  pair const pairs[] = {
      {"a or b and c", "a or (b and c)"},
      {"a and b or c", "(a and b) or c"},
      {"not a and b", "(not a) and b"},
      {"not a = b", "not (a = b)"},
      {"not not a", "not (not a)"},
      {"not a is null", "not (a is null)"},
      {"not a in (1)", "not (a in (1))"},
      {"not exists (select 1) and b", "(not (exists (select 1))) and b"},
      {"a = b = c", "(a = b) = c"},
      {"a = b < c", "a = (b < c)"},
      {"a < b = c", "(a < b) = c"},
      {"a < b < c", "(a < b) < c"},
      {"a is b = c", "(a is b) = c"},
      {"a = b is c", "(a = b) is c"},
      {"a is not b", "a is not (b)"},
      {"a is not b < c", "a is not (b < c)"},
      {"a is not b and c", "(a is not b) and c"},
      {"a is not distinct from b = c", "(a is not distinct from b) = c"},
      {"a like b = c", "(a like b) = c"},
      {"a like b || c", "a like (b || c)"},
      {"a like b escape c and d", "(a like b escape c) and d"},
      {"a like b < c", "a like (b < c)"},
      {"a not like b and c", "(a not like b) and c"},
      {"a between b and c and d", "(a between b and c) and d"},
      {"a not between b and c and d", "(a not between b and c) and d"},
      {"a between b and c or d", "(a between b and c) or d"},
      {"a between b = c and d", "a between (b = c) and d"},
      {"a between b and c = d", "(a between b and c) = d"},
      {"a between b and c < d", "a between b and (c < d)"},
      {"a in (1) = b", "(a in (1)) = b"},
      {"a = b in (1)", "(a = b) in (1)"},
      {"a < b in (1)", "(a < b) in (1)"},
      {"a isnull = b", "(a isnull) = b"},
      {"a = b isnull", "(a = b) isnull"},
      {"a + b notnull", "(a + b) notnull"},
      {"a = b not null", "(a = b) not null"},
      {"not a not null", "not (a not null)"},
      {"a < b & c", "a < (b & c)"},
      {"a & b | c", "(a & b) | c"},
      {"a | b & c", "(a | b) & c"},
      {"a << b + c", "a << (b + c)"},
      {"a + b << c", "(a + b) << c"},
      {"a + b * c", "a + (b * c)"},
      {"a * b + c", "(a * b) + c"},
      {"a - b - c", "(a - b) - c"},
      {"a / b * c % d", "((a / b) * c) % d"},
      {"a * b || c", "a * (b || c)"},
      {"a || b || c", "(a || b) || c"},
      {"a || b -> c", "(a || b) -> c"},
      {"a -> b ->> c", "(a -> b) ->> c"},
      {"a || b collate nocase", "a || (b collate nocase)"},
      {"a = b collate nocase", "a = (b collate nocase)"},
      {"-1 collate nocase", "(-1) collate nocase"},
      {"- a || b", "(- a) || b"},
      {"- a -> b", "(- a) -> b"},
      {"- - a", "- (- a)"},
      {"~ a + b", "(~ a) + b"},
      {"- ~ + a", "- (~ (+ a))"},
      {"a - - b", "a - (- b)"},
      {"a = not b", "a = (not b)"},
      {"a = not b = c", "a = (not (b = c))"},
      {"a + not b and c", "(a + (not b)) and c"},
      {"a collate x collate y", "(a collate x) collate y"},
      {"case when a then b end + c", "(case when a then b end) + c"},
  };
  for (auto const& p : pairs) EXPECT_TRUE(same_expression(p.bare, p.parenthesised, lite));
}

// https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-PRECEDENCE
TEST(precedence, postgresql_table) {
  pair const pairs[] = {
      {"a or b and c", "a or (b and c)"},
      {"not a = b", "not (a = b)"},
      {"not a is null", "not (a is null)"},
      {"a = b is null", "(a = b) is null"},
      {"a < b is true", "(a < b) is true"},
      {"a is null = b", "(a is null) = b"},
      {"a isnull is not true", "(a isnull) is not true"},
      {"a is distinct from b < c", "a is distinct from (b < c)"},
      {"a = b between c and d", "a = (b between c and d)"},
      {"a between b and c = d", "(a between b and c) = d"},
      {"a between b and c and d", "(a between b and c) and d"},
      {"a between b = c and d", "a between (b = c) and d"},
      {"a between symmetric b and c", "a between symmetric (b) and (c)"},
      {"a < b in (1)", "a < (b in (1))"},
      {"a = b like c", "a = (b like c)"},
      {"a like b || c", "a like (b || c)"},
      {"a like b escape c or d", "(a like b escape c) or d"},
      {"a not ilike b and c", "(a not ilike b) and c"},
      {"a similar to b = c", "(a similar to b) = c"},
      {"a || b + c", "a || (b + c)"},
      {"a + b || c", "(a + b) || c"},
      {"a || b -> c", "(a || b) -> c"},
      {"a ~ b || c", "(a ~ b) || c"},
      {"a operator(pg_catalog.+) b * c", "a operator(pg_catalog.+) (b * c)"},
      {"a * b operator(pg_catalog.*) c", "(a * b) operator(pg_catalog.*) c"},
      {"@ a + b", "@ (a + b)"},
      {"@ a || b", "(@ a) || b"},
      {"a + b * c ^ d", "a + (b * (c ^ d))"},
      {"a ^ b ^ c", "(a ^ b) ^ c"},
      {"- a ^ b", "(- a) ^ b"},
      {"a ^ - b", "a ^ (- b)"},
      {"- a::int", "- (a::int)"},
      {"- a[1]", "- (a[1])"},
      {"a::int::text", "(a::int)::text"},
      {"a + b::int", "a + (b::int)"},
      {"a at time zone b at time zone c", "(a at time zone b) at time zone c"},
      {"a + b at time zone c", "a + (b at time zone c)"},
      {"a ^ b at time zone c", "a ^ (b at time zone c)"},
      {"- a at time zone b", "(- a) at time zone b"},
      {"a at time zone b collate c", "a at time zone (b collate c)"},
      {"a || b collate c", "a || (b collate c)"},
      {"a = any (b) = c", "(a = any (b)) = c"},
      {"a + b < all (c)", "(a + b) < all (c)"},
      {"a < b + c is not null and d", "((a < (b + c)) is not null) and d"},
      {"a = not b", "a = (not b)"},
      {"(a).b + c", "((a).b) + c"},
      {"a.b[1]", "(a.b)[1]"},
  };
  for (auto const& p : pairs) EXPECT_TRUE(same_expression(p.bare, p.parenthesised, pg));
}

TEST(precedence, postgresql_comparisons_do_not_associate) {
  for (std::string_view const text :
       {"a < b < c", "a = b = c", "a <> b >= c", "a like b like c", "a in (1) or b like c like d", "a between b and c between d and e",
        "a like b in (1)", "a is distinct from b is null", "a is distinct from b is distinct from c", "a similar to b not like c"}) {
    EXPECT_TRUE(expression(text, pg).starts_with("syntax: `")) << text << ": " << expression(text, pg);
    EXPECT_FALSE(oracle::postgresql_tree("select " + std::string(text))) << text;
  }
  for (std::string_view const text : {"a is null is null", "a in (1) in (2)", "a isnull notnull", "(a < b) < c", "a = b is null"}) {
    EXPECT_FALSE(expression(text, pg).starts_with("syntax")) << text;
    EXPECT_TRUE(oracle::postgresql_tree("select " + std::string(text))) << text;
  }
}

// --- generated ---------------------------------------------------------------------------------------------------------

/// Operands and operators in a row without parentheses; nonsense is as welcome as sense.
template <std::size_t N, std::size_t M, std::size_t K>
std::string generated(std::mt19937& random, std::string_view const (&infix)[N], std::string_view const (&prefix)[M],
                      std::string_view const (&postfix)[K]) {
  auto const pick = [&](auto const& from) { return std::string(from[random() % std::size(from)]); };
  static constexpr std::string_view operands[] = {"a", "b", "c", "1", "'x'", "2.5", "null", "(a)", "(b)"};
  auto const operand = [&] {
    std::string out;
    while (random() % 4 == 0) out += pick(prefix) + " ";
    out += pick(operands);
    if (random() % 5 == 0) out += " " + pick(postfix);
    return out;
  };
  auto text = operand();
  for (auto n = 1 + random() % 6; n > 0; --n) {
    auto op = pick(infix);
    // `between` and `escape` have two operands.
    if (auto const hole = op.find('%'); hole != std::string::npos) op.replace(hole, 1, operand());
    text += " " + op + " " + operand();
  }
  return text;
}

// SQLite compiles the expression and Grille's print of it, which is fully parenthesised, to the same program.
TEST(precedence, generated_expressions_mean_to_sqlite_what_grille_reads) {
  static constexpr std::string_view infix[] = {"or",
                                               "and",
                                               "=",
                                               "==",
                                               "<>",
                                               "!=",
                                               "is",
                                               "is not",
                                               "is distinct from",
                                               "is not distinct from",
                                               "like",
                                               "not like",
                                               "glob",
                                               "not glob",
                                               "<",
                                               "<=",
                                               ">",
                                               ">=",
                                               "&",
                                               "|",
                                               "<<",
                                               ">>",
                                               "+",
                                               "-",
                                               "*",
                                               "/",
                                               "%%",
                                               "||",
                                               "->",
                                               "->>",
                                               "between % and",
                                               "not between % and",
                                               "like % escape"};
  static constexpr std::string_view prefix[] = {"-", "+", "~", "not"};
  static constexpr std::string_view postfix[] = {"isnull",    "notnull",    "not null",       "is null", "is not null",
                                                 "in (1, 2)", "not in (a)", "collate nocase", "in ()"};
  oracle::sqlite_database db;
  ASSERT_TRUE(db.execute("create table t (a, b text, c integer)"));
  std::mt19937 random(20'240'601);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = generated(random, infix, prefix, postfix);
    for (std::size_t at; (at = text.find("%%")) != std::string::npos;) text.erase(at, 1);
    auto const original = db.ask("explain select " + text + " as x from t", true);
    auto const ours = expression(text, lite);
    bool const syntax = original.error.find("syntax error") != std::string::npos;
    ASSERT_EQ(ours.starts_with("syntax: "), syntax) << text << "\n  sqlite: " << original.error << "\n  grille: " << ours;
    if (!original.prepared) continue;
    ++accepted;
    auto const printed = db.ask("explain select " + ours + " as x from t", true);
    ASSERT_EQ(original.rows, printed.rows) << text << "\n  " << ours << "\n  " << printed.error;
  }
  EXPECT_GT(accepted, 15'000);
}

// PostgreSQL makes one parse tree of both.
TEST(precedence, generated_expressions_mean_to_postgresql_what_grille_reads) {
  static constexpr std::string_view infix[] = {"or",
                                               "and",
                                               "=",
                                               "<>",
                                               "!=",
                                               "is distinct from",
                                               "is not distinct from",
                                               "like",
                                               "not like",
                                               "ilike",
                                               "similar to",
                                               "<",
                                               "<=",
                                               ">",
                                               ">=",
                                               "+",
                                               "-",
                                               "*",
                                               "/",
                                               "^",
                                               "||",
                                               "->",
                                               "~",
                                               "!~*",
                                               "<->",
                                               "&&",
                                               "@>",
                                               "#",
                                               "between % and",
                                               "not between symmetric % and",
                                               "like % escape",
                                               "at time zone",
                                               "operator(pg_catalog.+)",
                                               "operator(||)"};
  static constexpr std::string_view prefix[] = {"-", "+", "not", "@", "|/", "operator(pg_catalog.-)"};
  static constexpr std::string_view postfix[] = {"isnull",    "notnull",          "is null",          "is not true", "is unknown",
                                                 "in (1, 2)", "not in (a)",       "collate \"C\"",    "::int",       "::numeric(10, 2)[]",
                                                 "= any (a)", "< all (select 1)", "is not normalized"};
  std::mt19937 random(15);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto const text = generated(random, infix, prefix, postfix);
    auto const original = oracle::postgresql_tree("select " + text + " as x");
    auto const ours = expression(text, pg);
    bool const refused = ours.starts_with("syntax: ");
    ASSERT_EQ(refused, !original) << text << "\n  grille: " << ours;
    if (refused) continue;
    ++accepted;
    ASSERT_EQ(original, oracle::postgresql_tree("select " + ours + " as x")) << text << "\n  " << ours;
  }
  EXPECT_GT(accepted, 5'000);
}

}  // namespace
}  // namespace grille
