// What is said about a policy that is not right: message, underlined text and help, of every fault, in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "grammar/parse.hpp"

namespace grille::grammar {
namespace {

struct wrong {
  std::string name;
  std::string text;
  std::string message;
  std::string underlined;
  std::string help;
};
void PrintTo(wrong const& w, std::ostream* out) { *out << w.text; }

class policy_fault : public testing::TestWithParam<wrong> {};

TEST_P(policy_fault, is_named_placed_and_helped) {
  auto const& [name, text, message, underlined, help] = GetParam();
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    base::arena arena;
    auto const parsed = parse_policy(text, d, arena);
    ASSERT_EQ(parsed.faults.size(), 1U);
    auto const& f = parsed.faults.front();
    EXPECT_EQ(f.message, message);
    EXPECT_EQ(text.substr(f.at.begin, f.at.end - f.at.begin), underlined);
    EXPECT_EQ(f.help, help);
    EXPECT_EQ(f.kind, errc::syntax);
  }
}

std::string const methods = "a method (`select`, `insert`, `update`, `delete`, `purge`, `filter` or `aggregate`)";
std::string const mixed = "`and` and `or` are mixed without parentheses";
std::string const brackets = "put parentheses around what belongs together";
std::string const attributes = "values of the caller are `principal.NAME`, `context.NAME` and `scope.NAME`";

INSTANTIATE_TEST_SUITE_P(
    policies, policy_fault,
    testing::Values(
        wrong{"unknown_word", "alow r to delete on t;", "`alow` starts no sentence", "alow", "did you mean `allow`?"},
        wrong{"unknown_word_far", "grant r to delete on t;", "`grant` starts no sentence", "grant",
              "a sentence starts with its kind: `allow`, `deny`, `role`, …"},
        wrong{"no_word", "(a);", "`(` starts no sentence", "(", "a sentence starts with its kind: `allow`, `deny`, `role`, …"},
        wrong{"slip_in_a_clause", "allow r to delete on t wehre a;", "expected `;`, found `wehre`", "wehre", "did you mean `where`?"},
        wrong{"no_semicolon", "section 'a'", "expected `;`, found the end", "", ""},
        wrong{"a_role_is_no_text", "allow 'r' to delete on t;", "expected a role, found `'r'`", "'r'", ""},
        wrong{"unknown_method", "allow r to read (a) on t;", "expected " + methods + ", found `read`", "read", ""},
        wrong{"slip_in_a_method", "allow r to delte on t;", "expected " + methods + ", found `delte`", "delte", "did you mean `delete`?"},
        wrong{"method_after_comma", "allow r to delete, on t;", "expected " + methods + ", found `on`", "on", ""},
        wrong{"no_columns", "allow r to select on t;", "expected columns in parentheses, a projection or `all columns`, found `on`", "on",
              ""},
        wrong{"all_of_what", "allow r to select all on t;", "expected `columns`, found `on`", "on", ""},
        wrong{"delete_has_no_columns", "allow r to delete (a) on t;", "expected `on`, found `(`", "(", ""},
        wrong{"aggregate_without_least", "allow r to aggregate (a) on t;", "expected `over`, found `on`", "on", ""},
        wrong{"least_how_many", "allow r to aggregate (a) over at least many on t;", "expected a number, found `many`", "many", ""},
        wrong{"number_too_large", "policy p version 4294967296;", "`4294967296` is no number that can stand here", "4294967296",
              "write a smaller one in decimal digits"},
        wrong{"where_twice", "allow r to delete on t where a where b;", "`where` stands twice in this sentence", "where", ""},
        wrong{"so_that_twice", "allow r to delete on t so that a so that b;", "`so that` stands twice in this sentence", "so that", ""},
        wrong{"until_twice", "exempt t for select until 'a' until 'b' because 'c';", "`until` stands twice in this sentence", "until", ""},
        wrong{"so_what", "allow r to delete on t so a;", "expected `that`, found `a`", "a", ""},
        wrong{"no_predicate", "allow r to delete on t where;", "expected an expression, found `;`", ";", ""},
        wrong{"because_what", "allow r to delete on t because reasons;", "expected a text in 'single quotes', found `reasons`", "reasons",
              ""},
        wrong{"until_when", "allow r to delete on t until 2030;", "expected a date in 'single quotes', found `2030`", "2030", ""},
        wrong{"exempt_without_reason", "exempt t for select until '2030-01-01';", "expected `because`, found `;`", ";", ""},
        wrong{"exempt_without_end", "exempt t for select because 'x';", "expected `until`, found `;`", ";", ""},
        wrong{"source_of_a_role", "role r from team 'x';", "expected `group` or `user`, found `team`", "team", ""},
        wrong{"can_or_cannot", "expect a may select (id) on t;", "expected `can` or `cannot`, found `may`", "may", ""},
        wrong{"projection_all", "projection p on t shows all;", "expected `columns` or `of`, found `;`", ";", ""},
        wrong{"three_parts", "protects a.b.c;", "expected `;`, found `.`", ".", ""},
        wrong{"reserved_word", "role order;", "expected a name, found `order`", "order",
              "`order` is a reserved word; to use it as a name write `\"order\"`"},
        wrong{"and_or", "allow r to delete on t where a and b or c;", mixed, "or", brackets},
        wrong{"or_and", "allow r to delete on t where a or b and c;", mixed, "and", brackets},
        wrong{"mixed_behind_parentheses", "allow r to delete on t where (a and b) and c or d;", mixed, "or", brackets},
        wrong{"mixed_inside_parentheses", "allow r to delete on t where not (a and b or c);", mixed, "or", brackets},
        wrong{"mixed_in_a_call", "allow r to delete on t where f(x, a or (b) and c);", mixed, "and", brackets},
        wrong{"mixed_in_a_subquery", "allow r to delete on t where exists (select 1 from u where a and b or c);", mixed, "or", brackets},
        wrong{"mixed_in_a_mask", "mask (a as case when b and c or d then 1 end) on t;", mixed, "or", brackets},
        wrong{"curly_quote", "section ’a;", "a curly quote `’` stands here", "’", "write it straight: `'`"},
        wrong{"curly_double_quote", "section “a;", "a curly quote `“` stands here", "“",
              "write it straight: `'` around a text, `\"` around a name"},
        wrong{"no_break_space", "allow r\u00A0to delete on t;", "a no-break space stands here", "\u00A0", "write a plain blank"},
        wrong{"narrow_no_break_space", "allow\u202Fr to delete on t;", "a no-break space stands here", "\u202F", "write a plain blank"},
        wrong{"zero_width_space", "allow r\u200B to delete on t;", "an invisible character (U+200B) stands here", "\u200B", "delete it"},
        wrong{"dash", "section 'a' — comment", "a dash `—` stands here", "—", "write two hyphens before a comment, one as minus"}),
    [](auto const& p) { return p.param.name; });

TEST(policy_faults, parentheses_that_say_what_belongs_together_are_enough) {
  for (std::string const predicate :
       {"(a and b) or c", "a and (b or c)", "(a or b) and (c or d)", "(a and b) and c", "a and (b and c)", "((a and b)) or c",
        "a between 1 and 2 or b", "not (a and b) or c", "f(a and b) or c", "exists (select 1 from u where a and b) or c",
        "case when a and b then c or d end", "(a, b) = (c, d) or e", "a = 1 or (b = 2 and (c = 3 or d))"})
    for (auto const d : {dialect::sqlite, dialect::postgresql}) {
      base::arena arena;
      auto const parsed = parse_policy("allow r to delete on t where " + predicate + ";", d, arena);
      EXPECT_TRUE(parsed.faults.empty()) << predicate << ": " << parsed.faults.front().message;
    }
}

struct parameter_case {
  dialect d;
  std::string sigil;
};
TEST(policy_faults, parameters_have_no_place_in_a_policy) {
  for (auto const& [d, sigil] : {parameter_case{dialect::sqlite, "?"},
                                 {dialect::sqlite, "?1"},
                                 {dialect::sqlite, ":a"},
                                 {dialect::sqlite, "@a"},
                                 {dialect::sqlite, "$a"},
                                 {dialect::postgresql, "$1"}})
    for (std::string const around : {"where a = #", "so that exists (select 1 from u limit #)", "when f(x, #)", "setting a = #"}) {
      auto text = "allow r to update (a) on t " + around + ";";
      text.replace(text.find('#'), 1, sigil);
      base::arena arena;
      auto const parsed = parse_policy(text, d, arena);
      ASSERT_EQ(parsed.faults.size(), 1U) << text;
      auto const& f = parsed.faults.front();
      EXPECT_EQ(f.message, "a policy has no parameters");
      EXPECT_EQ(text.substr(f.at.begin, f.at.end - f.at.begin), sigil);
      EXPECT_EQ(f.help, attributes);
    }
}

TEST(policy_faults, writes_have_no_place_in_a_predicate) {
  base::arena arena;
  std::string const text = "allow r to delete on t where exists (with gone as (delete from u returning id) select 1 from gone);";
  auto const parsed = parse_policy(text, dialect::postgresql, arena);
  ASSERT_EQ(parsed.faults.size(), 1U);
  EXPECT_EQ(parsed.faults[0].message, "a policy only reads: `select` is the only statement in a condition");
  EXPECT_EQ(text.substr(parsed.faults[0].at.begin, 6), "delete");
}

struct seen {
  std::string message;
  unsigned line;
  friend bool operator==(seen const&, seen const&) = default;
};
void PrintTo(seen const& s, std::ostream* out) { *out << s.line << ": " << s.message; }

std::vector<seen> faults_of(std::string const& text, std::size_t* sentences = nullptr) {
  base::arena arena;
  auto const parsed = parse_policy(text, dialect::sqlite, arena);
  if (sentences) *sentences = parsed.file.sentences.size();
  std::vector<seen> out;
  for (auto const& f : parsed.faults) out.push_back({f.message, base::locate(text, f.at).line});
  return out;
}

TEST(policy_faults, are_all_reported_in_order_and_sentences_between_them_are_read) {
  std::size_t sentences = 0;
  auto const faults = faults_of(
      "policy p version one;\n"               // 1
      "section 'fine';\n"                     //
      "alow r to delete on t;\n"              // 3
      "role r from group ‘staff’;\n"          // 4
      "section 'also fine';\n"                //
      "allow r to select (a, on t;\n"         // 6: the parenthesis is never closed
      "deny r to select columns tagged;\n"    // 7
      "allow r to delete on t where a + ;\n"  // 8
      "section 'fine again';\n",
      &sentences);
  EXPECT_THAT(faults, testing::ElementsAre(seen{"expected a version number, found `one`", 1}, seen{"`alow` starts no sentence", 3},
                                           seen{"a curly quote `‘` stands here", 4}, seen{"expected a column, found `on`", 6},
                                           seen{"expected a name, found `;`", 7}, seen{"expected an expression, found `;`", 8}));
  EXPECT_EQ(sentences, 3U);
}

TEST(policy_faults, a_forgotten_semicolon_costs_one_sentence) {
  std::size_t sentences = 0;
  auto const faults = faults_of("section 'a'\nsection 'b';\nrole r\nallow r to delete of t;\nsection 'c';", &sentences);
  EXPECT_THAT(faults, testing::ElementsAre(seen{"expected `;`, found `section`", 2}, seen{"expected `;`, found `allow`", 4},
                                           seen{"expected `on`, found `of`", 4}));
  EXPECT_EQ(sentences, 2U);
}

TEST(policy_faults, a_quote_that_is_never_closed_costs_its_sentence) {
  std::size_t sentences = 0;
  auto const faults = faults_of("section 'a';\nsektion 'b';\nsection 'c;\nsection 5;\nsection e;", &sentences);
  EXPECT_THAT(faults, testing::ElementsAre(seen{"`sektion` starts no sentence", 2}, seen{"this string is not closed", 3},
                                           seen{"expected a text in 'single quotes', found `5`", 4},
                                           seen{"expected a text in 'single quotes', found `e`", 5}));
  EXPECT_EQ(sentences, 1U);
}

TEST(policy_faults, a_forgotten_quote_is_found_where_it_was_forgotten) {
  std::size_t sentences = 0;
  auto const faults = faults_of("section 'a';\nsection 'b;\nsection 'c';\nsection 5;\nsection 'd';", &sentences);
  EXPECT_THAT(faults, testing::ElementsAre(seen{"this string is not closed", 2}, seen{"expected a text in 'single quotes', found `5`", 4}));
  EXPECT_EQ(sentences, 3U);
}

TEST(policy_faults, of_two_forgotten_quotes_the_first_is_asked_about) {
  base::arena arena;
  auto const parsed = parse_policy("section 'a';\nsection 'b;\nsection 'c;\nsection d;", dialect::sqlite, arena);
  ASSERT_EQ(parsed.faults.size(), 2U);
  EXPECT_EQ(parsed.faults[0].message, "expected `;`, found `c`");
  EXPECT_EQ(parsed.faults[0].help, "is the quote closed that is opened in line 2?");
}

TEST(policy_faults, broken_utf8_is_one_fault) {
  std::size_t sentences = 0;
  auto const faults = faults_of("section 'a';\nsection 'b\xFF';\nsection 'c';", &sentences);
  EXPECT_THAT(faults, testing::ElementsAre(seen{"the text is not valid UTF-8", 2}));
  EXPECT_EQ(sentences, 2U);
}

TEST(policy_faults, look_alikes_inside_texts_names_and_comments_are_nobodys_business) {
  EXPECT_TRUE(faults_of("section '‘curly’ and\u00A0wide'; -- “comment” — yes\n role \"a’b\"; /* … */").empty());
}

TEST(policy_faults, an_enormous_policy_is_a_limit) {
  base::arena arena;
  auto const parsed = parse_policy(std::string(5'000'000, ' '), dialect::sqlite, arena);
  ASSERT_EQ(parsed.faults.size(), 1U);
  EXPECT_EQ(parsed.faults[0].kind, errc::limit);
}

TEST(policy_faults, depth_is_a_limit) {
  base::arena arena;
  auto const parsed = parse_policy("allow r to delete on t where " + std::string(10'000, '(') + "a" + std::string(10'000, ')') + ";",
                                   dialect::sqlite, arena);
  ASSERT_EQ(parsed.faults.size(), 1U);
  EXPECT_EQ(parsed.faults[0].kind, errc::limit);
}

TEST(policy_faults, many_unclosed_quotes_end_soon) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "section 'a'b;\n\"";
  auto const faults = faults_of(text);
  EXPECT_GT(faults.size(), 1'000U);
  EXPECT_LT(faults.size(), 1'030U);
}

}  // namespace
}  // namespace grille::grammar
