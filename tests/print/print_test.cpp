// Trees that no text makes, or that show one rule each. That printed text reads back as the same tree is shown on real statements
// in tests/grammar/print_round_trip.cpp.
#include "print/print.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ast/equal.hpp"
#include "base/arena.hpp"

namespace grille::print {
namespace {

class printed : public testing::Test {
 protected:
  template <class Node>
  ast::expr const* make(Node node) {
    return arena_.make<ast::expr>(ast::expr{node, {}, {}});
  }
  template <class T>
  ast::list<T> items(std::vector<T> v) {
    return arena_.copy(v);
  }
  ast::expr const* column(std::string_view name) { return make(ast::column_ref{items<ast::identifier>({{name, {}, false}})}); }
  ast::expr const* number(std::string_view text) { return make(ast::literal{ast::literal_kind::integer, text}); }
  ast::expr const* minus(ast::expr const* e) { return make(ast::unary{ast::unary_op::minus, e}); }
  ast::expr const* op(ast::expr const* l, std::string_view symbol, ast::expr const* r) { return make(ast::binary{symbol, {}, l, r}); }
  ast::expr const* chain(std::size_t n) {
    std::vector<ast::expr_ptr> all(n, column("p"));
    return make(ast::junction{ast::junction_op::conjunction, arena_.copy(all)});
  }
  ast::query_body const* select(std::string_view name) {
    ast::select_core core;
    core.items = items<ast::result_item>({{column(name), {}, {}}});
    return body(core);
  }
  template <class Node>
  ast::query_body const* body(Node node) {
    return arena_.make<ast::query_body>(ast::query_body{node, {}, {}});
  }
  ast::query query(ast::query_body const* b) {
    ast::query q;
    q.body = b;
    return q;
  }

  base::arena arena_;
};

TEST_F(printed, a_minus_never_meets_a_minus) {
  EXPECT_EQ(print(*minus(minus(number("1"))), dialect::sqlite), "- (- 1)");
  EXPECT_EQ(print(*op(column("a"), "-", minus(number("1"))), dialect::sqlite), "a - (- 1)");
  EXPECT_EQ(print(*op(column("a"), "-", number("-1")), dialect::postgresql), "a - (- 1)");  // a numeral that carries its sign
  EXPECT_EQ(print(*make(ast::prefix{"@", {}, minus(number("1"))}), dialect::postgresql), "@ (- 1)");
}

TEST_F(printed, operators_in_operators_stand_in_parentheses_and_atoms_do_not) {
  auto const* sum = op(column("a"), "+", op(column("b"), "*", column("c")));
  EXPECT_EQ(print(*sum, dialect::sqlite), "a + (b * c)");
  auto const* n = make(ast::unary{ast::unary_op::logical_not, make(ast::is_test{sum, ast::truth::null, true})});
  EXPECT_EQ(print(*n, dialect::sqlite), "not ((a + (b * c)) is not null)");
}

TEST_F(printed, chains_stay_flat_or_become_balanced) {
  EXPECT_EQ(print(*chain(9), dialect::sqlite), "p and p and p and p and p and p and p and p and p");
  EXPECT_EQ(print(*chain(8), dialect::sqlite, chains::balanced), "p and p and p and p and p and p and p and p");
  EXPECT_EQ(print(*chain(9), dialect::sqlite, chains::balanced), "(p and p and p and p) and (p and p and p and p and p)");
  auto const text = print(*chain(20'000), dialect::sqlite, chains::balanced);
  int depth = 0;
  int deepest = 0;
  for (char const c : text) {
    if (c == '(') deepest = std::max(deepest, ++depth);
    if (c == ')') --depth;
  }
  EXPECT_EQ(depth, 0);
  EXPECT_LE(deepest, 12);
}

TEST_F(printed, set_operations_nest_as_the_dialect_can) {
  auto const* inner = body(ast::set_operation{ast::set_op::intersect, false, false, select("b"), select("c")});
  auto const right = query(body(ast::set_operation{ast::set_op::union_, true, false, select("a"), inner}));
  EXPECT_EQ(print(right, dialect::sqlite), "select a union all select * from (select b intersect select c)");
  EXPECT_EQ(print(right, dialect::postgresql), "(select a) union all ((select b) intersect (select c))");
  auto const left = query(body(ast::set_operation{ast::set_op::except, false, false, inner, select("a")}));
  EXPECT_EQ(print(left, dialect::sqlite), "select b intersect select c except select a");
  EXPECT_EQ(print(left, dialect::postgresql), "((select b) intersect (select c)) except (select a)");
  auto limited = query(select("b"));
  limited.limit = number("1");
  auto const nested = query(body(ast::set_operation{ast::set_op::union_, false, false, body(ast::nested_query{&limited}), select("a")}));
  EXPECT_EQ(print(nested, dialect::sqlite), "select * from (select b limit 1) union select a");
  EXPECT_EQ(print(nested, dialect::postgresql), "(select b limit 1) union (select a)");
}

TEST_F(printed, bytes_have_the_dialects_form) {
  auto const* e = make(ast::literal{ast::literal_kind::blob, std::string_view("\0\xff'", 3)});
  EXPECT_EQ(print(*e, dialect::sqlite), "x'00ff27'");
  EXPECT_EQ(print(*e, dialect::postgresql), "cast('\\x00ff27' as bytea)");
}

TEST_F(printed, parameters_keep_their_form_on_sqlite_and_are_numbers_on_postgresql) {
  using enum ast::parameter_form;
  for (auto const& [form, text] : {std::pair{question, "?"}, {numbered, "?3"}, {colon, ":n"}, {at, "@n"}, {dollar, "$n"}}) {
    auto const* e = make(ast::parameter{form, 3, "n"});
    EXPECT_EQ(print(*e, dialect::sqlite), text);
    EXPECT_EQ(print(*e, dialect::postgresql), "$3");
  }
}

TEST_F(printed, names_are_quoted_where_they_need_it) {
  auto const shown = [&](std::string_view name, dialect d, bool quoted = false) {
    return print(*make(ast::column_ref{items<ast::identifier>({{name, {}, quoted}})}), d);
  };
  EXPECT_EQ(shown("plain_1", dialect::sqlite), "plain_1");
  EXPECT_EQ(shown("plain_1", dialect::sqlite, true), "\"plain_1\"");
  EXPECT_EQ(shown("Mixed", dialect::sqlite), "Mixed");
  EXPECT_EQ(shown("Mixed", dialect::postgresql), "\"Mixed\"");
  EXPECT_EQ(shown("ORDER", dialect::sqlite), "\"ORDER\"");
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    EXPECT_EQ(shown("order", d), "\"order\"");
    EXPECT_EQ(shown("a\"; drop table t", d), "\"a\"\"; drop table t\"");
    EXPECT_EQ(shown("", d), "\"\"");
    EXPECT_EQ(shown("1a", d), "\"1a\"");
    EXPECT_EQ(shown("a$", d), "\"a$\"");
    EXPECT_EQ(shown("é", d), "\"é\"");
    EXPECT_EQ(shown("[x]`", d), "\"[x]`\"");
    EXPECT_EQ(quote("plain", d), "\"plain\"");
  }
}

TEST(literal, doubles_quotes_and_leaves_backslashes) {
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    EXPECT_EQ(literal("", d), "''");
    EXPECT_EQ(literal("it's", d), "'it''s'");
    EXPECT_EQ(literal("\\' or 1=1 --", d), "'\\'' or 1=1 --'");
    EXPECT_EQ(literal("a\nb", d), "'a\nb'");
  }
}

TEST_F(printed, equality_sees_every_difference_but_places_and_quotes) {
  auto const* a = op(column("a"), "+", number("1"));
  EXPECT_TRUE(ast::equal(*a, *op(column("a"), "+", number("1"))));
  EXPECT_FALSE(ast::equal(*a, *op(column("a"), "-", number("1"))));
  EXPECT_FALSE(ast::equal(*a, *op(column("b"), "+", number("1"))));
  EXPECT_FALSE(ast::equal(*a, *op(column("a"), "+", number("01"))));
  EXPECT_FALSE(ast::equal(*a, *op(column("a"), "+", make(ast::literal{ast::literal_kind::text, "1"}))));
  EXPECT_FALSE(ast::equal(*chain(2), *chain(3)));
  auto const placed = ast::expr{ast::column_ref{items<ast::identifier>({{"a", {4, 9}, true}})}, {4, 9}, 7};
  EXPECT_TRUE(ast::equal(placed, *column("a")));
}

}  // namespace
}  // namespace grille::print
