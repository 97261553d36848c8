// Lines, columns and carets on all the texts that callers send: three kinds of line ends, UTF-8, broken UTF-8, tabs, one long line.
#include "base/fault.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>

namespace grille::base {
namespace {

struct place {
  std::string_view why;
  std::string_view source;
  std::uint32_t offset;
  unsigned line;
  unsigned column;
};

constexpr place places[] = {
    {"empty text", "", 0, 1, 1},
    {"first byte", "select", 0, 1, 1},
    {"end of text", "select", 6, 1, 7},
    {"behind the end", "select", 900, 1, 7},
    {"LF", "a\nbc", 3, 2, 2},
    {"on the LF", "a\nbc", 1, 1, 2},
    {"CRLF is one end", "a\r\nbc", 4, 2, 2},
    {"lone CR", "a\rbc", 3, 2, 2},
    {"CR at the end", "a\r", 2, 2, 1},
    {"two CR", "a\r\rb", 3, 3, 1},
    {"LF CR are two ends", "a\n\rb", 3, 3, 1},
    {"after a final LF", "a\n", 2, 2, 1},
    {"code points, not bytes", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80x", 9, 1, 4},
    {"inside of a code point", "\xF0\x9F\x98\x80x", 2, 1, 1},
    {"each invalid byte is a column", "\xFF\xFEx", 2, 1, 3},
    {"a cut code point", "\xE2\x82", 2, 1, 3},
    {"tab is one column", "\tx", 1, 1, 2},
};

TEST(locate, counts_lines_and_columns_from_one) {
  for (auto const& p : places) {
    auto const s = locate(p.source, {p.offset, p.offset});
    EXPECT_EQ(s.line, p.line) << p.why;
    EXPECT_EQ(s.column, p.column) << p.why;
    EXPECT_EQ(s.source, p.source);
    EXPECT_LE(s.end, p.source.size()) << p.why;
    EXPECT_LE(s.begin, s.end) << p.why;
  }
}

TEST(locate, a_range_that_ends_before_it_begins_is_empty) {
  auto const s = locate("select", {4, 2});
  EXPECT_EQ(s.begin, 4U);
  EXPECT_EQ(s.end, 4U);
}

std::string shown(std::string_view source, range at) {
  auto const where = locate(source, at);
  auto const all = render(errc::syntax, "m", &where, "");
  auto const head = all.find('\n', all.find('\n') + 1);
  return all.substr(head + 1);
}

TEST(render, message_place_line_carets_help) {
  auto const where = locate("select a\nform t\n", {9, 13});
  EXPECT_EQ(render(errc::syntax, "expected `from`", &where, "a query names its tables after `from`"),
            "syntax: expected `from`\n"
            " --> line 2, column 1\n"
            "form t\n"
            "^^^^\n"
            "help: a query names its tables after `from`");
  EXPECT_EQ(render(errc::limit, "too long", nullptr, ""), "limit: too long");
}

TEST(render, carets_align) {
  EXPECT_EQ(shown("a b", {2, 3}), "a b\n  ^");
  EXPECT_EQ(shown("\ta\tb", {3, 4}), "\ta\tb\n\t \t^") << "tabs are kept";
  EXPECT_EQ(shown("\xC3\xA4\xC3\xA4 x", {5, 6}), "\xC3\xA4\xC3\xA4 x\n   ^") << "one column a code point";
  EXPECT_EQ(shown("ab", {2, 2}), "ab\n  ^") << "the end of the text has a caret";
  EXPECT_EQ(shown("", {0, 0}), "\n^");
  EXPECT_EQ(shown("abc", {1, 1}), "abc\n ^") << "an empty range has one caret";
  EXPECT_EQ(shown("ab\ncd\nef", {1, 5}), "ab\n ^") << "only the first of several lines";
  EXPECT_EQ(shown("ab\r\ncd", {4, 6}), "cd\n^^");
  EXPECT_EQ(shown("a\xC3\xA4z", {1, 3}), "a\xC3\xA4z\n ^") << "one caret a code point";
}

TEST(render, a_long_line_is_cut_to_a_window_around_the_place) {
  std::string const head(500, 'a');
  std::string const tail(500, 'z');
  EXPECT_EQ(shown(head + "XY" + tail, {500, 502}),
            "\u2026" + std::string(40, 'a') + "XY" + std::string(58, 'z') + "\u2026\n" + std::string(41, ' ') + "^^");
  EXPECT_EQ(shown("XY" + tail, {0, 2}), "XY" + std::string(98, 'z') + "\u2026\n^^");
  EXPECT_EQ(shown(head + "XY", {500, 502}), "\u2026" + std::string(98, 'a') + "XY\n" + std::string(99, ' ') + "^^");
  EXPECT_EQ(shown(head, {0, 500}), std::string(100, 'a') + "\u2026\n" + std::string(100, '^')) << "carets end with the window";
  EXPECT_EQ(shown(head, {500, 500}), "\u2026" + std::string(100, 'a') + "\n" + std::string(101, ' ') + "^");
  EXPECT_EQ(shown(std::string(100, 'a'), {99, 100}), std::string(100, 'a') + "\n" + std::string(99, ' ') + "^") << "100 are not cut";
}

TEST(render, nothing_that_steers_a_terminal_comes_through) {
  EXPECT_EQ(shown("a\x1B[31mb", {1, 2}), "a\uFFFD[31mb\n ^");
  EXPECT_EQ(shown(std::string_view("a\0b", 3), {2, 3}), "a\uFFFDb\n  ^");
  EXPECT_EQ(shown("a\u202Eb\u2066c", {0, 1}), "a\uFFFDb\uFFFDc\n^") << "no bidirectional overrides";
  EXPECT_EQ(shown("\xC2\x9B"
                  "31m",
                  {0, 2}),
            "\uFFFD31m\n^")
      << "nor the eight-bit escape";
  EXPECT_EQ(shown("\xC0\xAF|\xED\xA0\x80|\xF4\x90\x80\x80|\xE0\x80\xAF", {0, 1}),
            "\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD\n^")
      << "too long, surrogate, too large: not UTF-8";
  EXPECT_EQ(render(errc::not_found, "no column `\x1B`", nullptr, "try\x7F"), "not_found: no column `\uFFFD`\nhelp: try\uFFFD");
}

TEST(render, a_span_that_does_not_fit_its_text_is_shown_and_not_read_beyond) {
  grille::span const wrong{"ab", 90, 95, 7, 9};
  EXPECT_EQ(render(errc::backend, "m", &wrong, ""), "backend: m\n --> line 7, column 9\nab\n  ^");
  grille::span const backwards{"abc", 2, 0, 1, 3};
  EXPECT_EQ(render(errc::backend, "m", &backwards, ""), "backend: m\n --> line 1, column 3\nabc\n  ^");
}

}  // namespace
}  // namespace grille::base
