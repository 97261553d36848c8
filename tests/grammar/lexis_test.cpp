// Lexis: what each dialect's lexer makes of a text, and what it refuses, with the place.
#include <gtest/gtest.h>

#include "grammar/lexer.hpp"
#include "reading.hpp"

namespace grille {
namespace {

using namespace reading;
using namespace std::string_literals;

/// The tokens as "kind:text" joined by blanks, without the end; or the fault as "kind: message | place".
std::string cut(std::string_view text, dialect d) {
  base::arena arena;
  auto const tokens = grammar::lex(text, d, arena);
  if (!tokens)
    return std::string(to_string(tokens.error().kind)) + ": " + tokens.error().message + " | " + at_text(text, tokens.error().at);
  EXPECT_EQ(tokens->back().kind, grammar::token_kind::end);
  EXPECT_EQ(tokens->back().at, (base::range{static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(text.size())}));
  std::string out;
  for (auto const& t : *tokens) {
    static constexpr std::string_view kinds[] = {"end", "word", "quoted", "string", "blob", "bits", "int", "dec", "param", "sym"};
    if (t.kind == grammar::token_kind::end) break;
    if (!out.empty()) out += ' ';
    out += std::string(kinds[static_cast<std::size_t>(t.kind)]) + ":";
    if (t.kind == grammar::token_kind::parameter && t.form <= ast::parameter_form::numbered)
      out += (t.form == ast::parameter_form::question ? "?" : "#") + std::to_string(t.number);
    else
      out += t.text;
  }
  return out;
}

struct lexis_case {
  std::string_view text;
  std::string_view tokens;
};

TEST(lexis, sqlite_tokens) {
  lexis_case const cases[] = {
      {"a b$c _d é 日本", "word:a word:b$c word:_d word:é word:日本"},
      {"SeLect \"se\"\"l\" [a]]", "syntax: `]` is not a symbol of SQL | ]"},
      {"\"a\"\"b\" `c``d` [e\"f] 'g''h'", "quoted:a\"b quoted:c`d quoted:e\"f string:g'h"},
      {"'' \"\" x'' X'0aFF'", "string: quoted: blob: blob:\x0a\xFF"},
      {"1 1. .5 1.5e3 1e5 1e+5 1E-5 0x1F 0XaB", "int:1 dec:1. dec:.5 dec:1.5e3 dec:1e5 dec:1e+5 dec:1E-5 int:0x1F int:0XaB"},
      {"1-1 1--2\n3", "int:1 sym:- int:1 int:1 int:3"},
      {"a->b a->>b a||b a|b a<<b a>>b a==b a<>b a!=b",
       "word:a sym:-> word:b word:a sym:->> word:b word:a sym:|| word:b word:a sym:| word:b word:a sym:<< "
       "word:b word:a sym:>> word:b word:a sym:== word:b word:a sym:<> word:b word:a sym:!= word:b"},
      {"a<=b a>=b a= =b", "word:a sym:<= word:b word:a sym:>= word:b word:a sym:= sym:= word:b"},
      {"/* a /* b */ c", "word:c"},  // comments do not nest
      {"-- a\rb\nc", "word:c"},      // only a line feed ends `--`
      {"a\f\tb", "word:a word:b"},
      {"? ?7 ? :a @a $a :a ?", "param:?1 param:#7 param:?8 param:a param:a param:a param:a param:?12"},
      {"$1 $2x", "param:#1 param:2x"},
      {"xor 'a'", "word:xor string:a"},
      {"e'a'", "word:e string:a"},  // no escape strings here
      {"1e 2", "syntax: `1e` is not a number | 1e"},
      {"1abc", "syntax: `1abc` is not a number | 1abc"},
      {"0x", "syntax: `0x` is not a number | 0x"},
      {"0x1g", "syntax: `0x1g` is not a number | 0x1g"},
      {"1.5.5", "dec:1.5 dec:.5"},
      {"a 'b", "syntax: this string is not closed | 'b"},
      {"a \"b", "syntax: this quoted name is not closed | \"b"},
      {"a `b", "syntax: this quoted name is not closed | `b"},
      {"a [b", "syntax: this quoted name is not closed | [b"},
      {"a /* b", "syntax: this comment is not closed | /* b"},
      {"x'0'", "syntax: a blob is pairs of hexadecimal digits in quotes | x'0'"},
      {"x'0g'", "syntax: a blob is pairs of hexadecimal digits in quotes | x'0g'"},
      {"x'00", "syntax: a blob is pairs of hexadecimal digits in quotes | x'00"},
      {"a ! b", "syntax: `!` is not a symbol of SQL | !"},
      {"a ^ b", "syntax: `^` is not a symbol of SQL | ^"},
      {"#1", "syntax: `#` is not a symbol of SQL | #"},
      {": a", "syntax: `:` is not followed by a name | :"},
      {"@", "syntax: `@` is not followed by a name | @"},
      {"?0", "syntax: parameter numbers are 1 to 32766 | ?0"},
      {"?32767", "syntax: parameter numbers are 1 to 32766 | ?32767"},
      {"?99999999999999999999", "syntax: parameter numbers are 1 to 32766 | ?99999999999999999999"},
      {"$a::b(c)", "unsupported: parameters of the form `$name::suffix(…)` | $a"},
      {"", ""},
      {" \n\t", ""},
  };
  for (auto const& c : cases) EXPECT_EQ(cut(c.text, lite), c.tokens) << c.text;
}

TEST(lexis, postgresql_tokens) {
  lexis_case const cases[] = {
      {"Ab \"Ab\" É ÀB", "word:ab quoted:Ab word:É word:Àb"},  // ASCII folds, nothing else
      {"\"a\"\"b\" 'g''h' '\\n'", "quoted:a\"b string:g'h string:\\n"},
      {R"(E'a\'b\\c\n\x41\101\u00e9\U0001F600''')", "string:a'b\\c\nAAé😀'"},
      {R"(e'\uD83D\uDE00')", "string:😀"},
      {R"(U&'\0041\\ \+01F600' U&"d\0061t")", "string:A\\ 😀 quoted:dat"},
      {R"(u&'\D83D\DE00')", "string:😀"},
      {"B'0101' b'' X'1fG'", "syntax: `x'…'` holds hexadecimal digits | X'1fG'"},
      {"B'0101' b'' X'1f'", "bits:b0101 bits:b bits:x1f"},
      {"B'012'", "syntax: `b'…'` holds 0 and 1 | B'012'"},
      {"N'a''b' n'c'\n'd'", "word:nchar string:a'b word:nchar string:cd"},
      {"U&'d!0061t!+000061!!\\' UESCAPE '!' u&\"d?0061t\" /* x */ uescape -- y\n '?'", "string:data!\\ quoted:dat"},
      {"U&'!D83D!DE00' uescape\n'!' U&'a'", "string:😀 string:a"},
      {"'a'\n'b' 'c' 'd'", "string:ab string:c string:d"},
      {"'a' -- x\n -- y\n 'b'", "string:ab"},
      {"'a' /* x */\n'b'", "string:a string:b"},  // a block comment does not join
      {"e'a'\n'\\n'", "string:a\n"},
      {"$$a'b$$ $t$ $$ $t$ $é1$x$é1$", "string:a'b string: $$  string:x"},
      {"$1 a$1", "param:#1 word:a$1"},
      {"$1a", "syntax: `$1a` is not a number | $1a"},
      {"$a", "syntax: `$` begins neither a parameter nor a quoted string | $"},
      {"$t$ x", "syntax: this string is not closed | $t$ x"},
      {"$0", "syntax: parameter numbers are 1 to 65535 | $0"},
      {"1 1.5 .5 5. 1e5 1..2", "int:1 dec:1.5 dec:.5 dec:5. dec:1e5 int:1 sym:.. int:2"},
      {"1a", "syntax: `1a` is not a number | 1a"},
      {"0x1F", "syntax: `0x1F` is not a number | 0x1F"},
      {"1e+", "syntax: `1e` is not a number | 1e"},
      {"1_000", "syntax: `1_000` is not a number | 1_000"},
      {"/* a /* b */ c */ d", "word:d"},
      {"/* a /* b */ c", "syntax: this comment is not closed | /* a /* b */ c"},
      {"a -- b\rc", "word:a word:c"},         // a lone CR ends the comment
      {"a+-b", "word:a sym:+ sym:- word:b"},  // `+-` has none of ~!@#^&|`?%
      {"a@-b", "word:a sym:@- word:b"},
      {"a<-1", "word:a sym:< sym:- int:1"},
      {"a=-1", "word:a sym:= sym:- int:1"},
      {"a-@-b", "word:a sym:-@- word:b"},
      {"a*/*x*/b", "word:a sym:* word:b"},
      {"a+--x\nb", "word:a sym:+ word:b"},
      {"a @-- x\nb", "word:a sym:@ word:b"},
      {"a::b a:=b a=>b a..b a!=b a<>b a->>b",
       "word:a sym::: word:b word:a sym::= word:b word:a sym:=> word:b word:a sym:.. word:b word:a sym:<> word:b "
       "word:a sym:<> word:b word:a sym:->> word:b"},
      {"a[1:2]", "word:a sym:[ int:1 sym:: int:2 sym:]"},
      {"?", "sym:?"},
      {"\"\"", "syntax: a quoted name is empty | \"\""},
      {"\"a", "syntax: this quoted name is not closed | \"a"},
      {"'a", "syntax: this string is not closed | 'a"},
      {"e'a\\'", "syntax: this string is not closed | e'a\\'"},
      {R"(e'\xff')", "syntax: the escapes of this string do not make valid UTF-8 without NUL | e'\\xff'"},
      {R"(e'\000')", "syntax: the escapes of this string do not make valid UTF-8 without NUL | e'\\000'"},
      {R"(e'\u12')", "syntax: a Unicode escape needs 4 hexadecimal digits | \\u12"},
      {R"(e'\uD83D')", "syntax: a surrogate pair is incomplete | e'\\uD83D"},
      {R"(e'\uDE00')", "syntax: a surrogate pair is incomplete | \\uDE00"},
      {R"(e'\u0000')", "syntax: not a Unicode code point | \\u0000"},
      {R"(e'\U00110000')", "syntax: not a Unicode code point | \\U00110000"},
      {R"(U&'\00zz')", "syntax: a Unicode escape needs 4 hexadecimal digits | U&'\\00zz'"},
      {"U&'a' uescape 'a'", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape 'a'"},
      {"U&'a' uescape '+'", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape '+'"},
      {"U&'a' uescape '\"'", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape '\"'"},
      {"U&'a' uescape ' '", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape ' '"},
      {"U&'a' uescape '!!'", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape '!!'"},
      {"U&'a' uescape 'é'", "syntax: an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank | uescape 'é'"},
      {"U&'a' uescape !", "syntax: `uescape` is followed by a string of one character | uescape "},
      {"U&'a' uescape e'!'", "unsupported: `uescape` with another form of string | uescape "},
      {"U&'a' uescape $$!$$", "unsupported: `uescape` with another form of string | uescape "},
      {"U&'a' uescape", "syntax: `uescape` is followed by a string of one character | uescape"},
      {"U&'!00zz' uescape '!'", "syntax: a Unicode escape needs 4 hexadecimal digits | U&'!00zz' uescape '!'"},
      {"{", "syntax: `{` is not a symbol of SQL | {"},
  };
  for (auto const& c : cases) EXPECT_EQ(cut(c.text, pg), c.tokens) << c.text;
}

TEST(lexis, a_long_name_is_refused_rather_than_cut) {
  auto const name = times(64, "a");
  EXPECT_EQ(cut(name, pg), "unsupported: this name is longer than 63 bytes | " + name);
  EXPECT_EQ(cut("\"" + name + "\"", pg), "unsupported: this name is longer than 63 bytes | \"" + name + "\"");
  EXPECT_EQ(cut(name.substr(1), pg), "word:" + name.substr(1));
  EXPECT_EQ(cut(name, lite), "word:" + name);
}

TEST(lexis, only_valid_utf8_without_nul_is_read) {
  for (auto const d : {lite, pg}) {
    EXPECT_EQ(cut("'a\0b'"s, d), "syntax: the text contains a NUL byte | \0"s);
    for (auto const bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\x80", "\xC3", "\xE2\x82", "\xFF"})
      EXPECT_TRUE(cut("'"s + bad + "'", d).starts_with("syntax: the text is not valid UTF-8 | "s + bad[0])) << cut("'"s + bad + "'", d);
    EXPECT_EQ(cut("\xEF\xBB\xBFselect", d), "syntax: the text contains a byte order mark | \xEF\xBB\xBF");
    EXPECT_EQ(cut("'\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF'", d),
              "string:\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF");
  }
}

TEST(lexis, keywords_fold_ascii_case_only) {
  EXPECT_EQ(grammar::find_keyword("SELECT"), grammar::find_keyword("select"));
  EXPECT_NE(grammar::find_keyword("SeLeCt"), grammar::no_keyword);
  EXPECT_EQ(grammar::find_keyword("sélect"), grammar::no_keyword);
  EXPECT_EQ(grammar::find_keyword("ſelect"), grammar::no_keyword);    // the long s folds to s in Unicode
  EXPECT_EQ(grammar::find_keyword("\u212Aey"), grammar::no_keyword);  // the Kelvin sign folds to k
}

TEST(lexis, the_source_may_be_gone_when_the_tree_is_read) {
  base::arena arena;
  base::result<ast::statement const*> read;
  {
    std::string source = "select abc, 'def', 12.5 from ghi";
    read = grammar::parse_statement(source, lite, arena);
    source.assign(source.size(), '#');
  }
  ASSERT_TRUE(read);
  EXPECT_EQ(print::print(**read, lite), "select abc, 'def', 12.5 from ghi");
}

}  // namespace
}  // namespace grille
