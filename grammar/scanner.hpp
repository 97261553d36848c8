// What both lexers share: a place in the text, character classes, the tokens made so far. Enters: a checked text, copied into
// the arena with `padding` behind it. Leaves: tokens and at most one fault.
// INVARIANT: no text holds a NUL, so that one is met at the end only, and nobody looks further ahead than the padding.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "grammar/token.hpp"

namespace grille::grammar {

namespace char_class {
enum : std::uint8_t { digit = 1, hex = 2, name_start = 4, name_part = 8, blank = 16, sign = 32 };

/// What each byte may be. `sign`: of PostgreSQL's operators.
inline constexpr auto table = [] {
  std::array<std::uint8_t, 256> t{};
  for (std::size_t i = 0; i < t.size(); ++i) {
    auto const c = static_cast<char>(i);
    bool const is_digit = c >= '0' && c <= '9';
    bool const letter = fold(c) >= 'a' && fold(c) <= 'z';
    if (is_digit) t[i] |= digit | hex | name_part;
    if (fold(c) >= 'a' && fold(c) <= 'f') t[i] |= hex;
    if (letter || c == '_' || i >= 0x80) t[i] |= name_start | name_part;
    if (c == '$') t[i] |= name_part;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') t[i] |= blank;
    if (c != '\0' && std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos) t[i] |= sign;
  }
  return t;
}();

constexpr bool is(char c, std::uint8_t kind) { return (table[static_cast<unsigned char>(c)] & kind) != 0; }
}  // namespace char_class

constexpr bool is_digit(char c) { return char_class::is(c, char_class::digit); }
constexpr bool is_hex(char c) { return char_class::is(c, char_class::hex); }
constexpr bool is_name_start(char c) { return char_class::is(c, char_class::name_start); }
constexpr bool is_name_part(char c) { return char_class::is(c, char_class::name_part); }
constexpr bool is_blank(char c) { return char_class::is(c, char_class::blank); }
constexpr bool is_sign(char c) { return char_class::is(c, char_class::sign); }
constexpr unsigned hex_value(char c) { return static_cast<unsigned>(is_digit(c) ? c - '0' : fold(c) - 'a' + 10); }

/// So many NUL bytes stand behind the text, so that looking ahead needs no check.
inline constexpr std::size_t padding = 8;

/// The length of the well-formed UTF-8 sequence at the start of `s`; 0 if there is none (overlong, surrogate, above U+10FFFF, cut).
std::size_t utf8_length(std::string_view s);

/// A copy in the arena with NUL bytes behind it.
std::string_view padded(std::string_view text, base::arena& a);

class scanner {
 public:
  scanner(std::string_view text, base::arena& a) : text_(text), arena_(a) { tokens_.reserve(text.size() / 5 + 8); }

 protected:
  char peek(std::size_t ahead = 0) const { return text_.data()[at_ + ahead]; }
  /// Past all bytes of that class; the place is kept in a register meanwhile.
  void skip(std::uint8_t kind) {
    auto const* p = text_.data() + at_;
    while (char_class::is(*p, kind)) ++p;
    at_ = static_cast<std::size_t>(p - text_.data());
  }
  bool done() const { return at_ >= text_.size(); }
  std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }
  base::range range_from(std::size_t begin) const { return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}; }

  token& add(token_kind kind, std::size_t begin, std::string_view text) {
    auto& t = tokens_.emplace_back();
    t.kind = kind;
    t.at = range_from(begin);
    t.text = text;
    return t;
  }
  token& add_symbol(std::size_t begin, std::string_view text) {
    auto& t = add(token_kind::symbol, begin, text);
    t.sym = find_symbol(text);
    return t;
  }
  bool refuse(errc kind, std::string message, std::size_t begin, std::string help = {}) {
    fault_ = base::fault{kind, std::move(message), range_from(begin), std::move(help)};
    return false;
  }
  /// `1abc`: the junk belongs to the offending text.
  bool refuse_number(std::size_t begin) {
    skip(char_class::name_part);
    return refuse(errc::syntax, "`" + std::string(since(begin)) + "` is not a number", begin);
  }

  std::string_view text_;
  base::arena& arena_;
  std::size_t at_ = 0;
  token_array tokens_;
  std::optional<base::fault> fault_;
};

base::result<token_array> lex_sqlite(std::string_view text, base::arena& a);
base::result<token_array> lex_postgresql(std::string_view text, base::arena& a);

}  // namespace grille::grammar
