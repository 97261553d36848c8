// What both lexers share: a place in the text, character classes, the tokens made so far. Enters: a checked text, copied into
// the arena. Leaves: tokens and at most one fault. Looking ahead of the text's end gives NUL, which is in no text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "grammar/token.hpp"

namespace grille::grammar {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex(char c) { return is_digit(c) || (fold(c) >= 'a' && fold(c) <= 'f'); }
constexpr unsigned hex_value(char c) { return static_cast<unsigned>(is_digit(c) ? c - '0' : fold(c) - 'a' + 10); }
constexpr bool is_letter(char c) { return fold(c) >= 'a' && fold(c) <= 'z'; }
constexpr bool is_name_start(char c) { return is_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
constexpr bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '$'; }

/// The length of the well-formed UTF-8 sequence at the start of `s`; 0 if there is none (overlong, surrogate, above U+10FFFF, cut).
std::size_t utf8_length(std::string_view s);

class scanner {
 public:
  scanner(std::string_view text, base::arena& a) : text_(text), arena_(a) { tokens_.reserve(text.size() / 5 + 8); }

 protected:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
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
    while (is_name_part(peek())) ++at_;
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
