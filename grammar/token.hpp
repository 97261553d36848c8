// What the lexers make and the grammars read. Enters: nothing. Leaves: `token`, an id for each keyword and each symbol that a
// grammar names, and the dialects' keyword classes as data. Guaranteed: ids are found at compile time by `"select"_kw` and
// `"<="_sym`, a misspelt one does not compile; folding is ASCII only.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ast/tree.hpp"
#include "grille/dialect.hpp"

namespace grille::grammar {

enum class token_kind : std::uint8_t {
  end,         // always the last one, empty range at the end of the text
  word,        // unquoted; `text` is as written on SQLite, folded to lower case on PostgreSQL
  quoted,      // quoted identifier, decoded
  string,      // decoded
  blob,        // SQLite x'…': the raw bytes
  bit_string,  // PostgreSQL b'…' and x'…': the digits behind the letter b or x
  integer,     // as written
  decimal,     // as written
  parameter,   // `form`, `number`, and the name in `text`
  symbol       // operators and punctuation; `text` is the operator's text (PostgreSQL: `!=` is `<>`)
};

// Opaque: their values are places in the tables below, counted from 1.
enum class keyword : std::uint16_t {};
enum class symbol : std::uint8_t {};
inline constexpr keyword no_keyword{};  // a word that is no keyword of the dialect
inline constexpr symbol no_symbol{};    // an operator that no grammar names

/// SQLite's parse.y: `fallback` words are identifiers wherever the grammar does not accept the keyword itself; `join` words are
/// names but never an alias without `as` or a function; `contextual` words are keywords only before certain tokens.
enum class sqlite_class : std::uint8_t { none, fallback, join, identifier, contextual, reserved };
/// PostgreSQL's documentation, appendix C.
enum class postgresql_class : std::uint8_t { none, unreserved, col_name, type_func, reserved };

struct keyword_entry {
  std::string_view word;
  sqlite_class sqlite;
  postgresql_class postgresql;
  bool bare_label;  // PostgreSQL: a result column's name without `as`
};

/// In ASCII order; the id of a keyword is its place here, counted from 1.
inline constexpr auto keywords = std::to_array<keyword_entry>({
#include "grammar/keywords.inc"
});

inline constexpr auto symbols =
    std::to_array<std::string_view>({"(", ")", "[", "]", ",",  ";",  ".",  "..", ":",  "::", ":=", "=>", "*", "+", "-", "/",  "%",
                                     "^", "<", ">", "=", "==", "<=", ">=", "<>", "!=", "||", "<<", ">>", "&", "|", "~", "->", "->>"});

constexpr char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
/// Equal but for ASCII case; `lower` is in lower case already.
constexpr bool same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (fold(text[i]) != lower[i]) return false;
  return true;
}

/// The keyword of either dialect that a word is, in any case of letters.
keyword find_keyword(std::string_view word) noexcept;
constexpr keyword_entry const& entry(keyword k) { return keywords[static_cast<std::size_t>(k) - 1]; }
constexpr std::string_view spelling(keyword k) { return k == no_keyword ? std::string_view{} : entry(k).word; }
constexpr std::string_view spelling(symbol s) { return s == no_symbol ? std::string_view{} : symbols[static_cast<std::size_t>(s) - 1]; }

/// One-character symbols, by their character.
inline constexpr auto short_symbols = [] {
  std::array<symbol, 128> table{};
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (symbols[i].size() == 1) table[static_cast<unsigned char>(symbols[i][0])] = static_cast<symbol>(i + 1);
  return table;
}();

constexpr symbol find_symbol(std::string_view text) noexcept {
  if (text.size() == 1) return static_cast<unsigned char>(text[0]) < 128 ? short_symbols[static_cast<unsigned char>(text[0])] : no_symbol;
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (symbols[i] == text) return static_cast<symbol>(i + 1);
  return no_symbol;
}

namespace literals {
consteval keyword operator""_kw(char const* s, std::size_t n) {
  std::size_t low = 0;
  std::size_t high = keywords.size();
  std::string_view const word(s, n);
  while (low < high) {
    auto const middle = (low + high) / 2;
    if (keywords[middle].word < word)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == keywords.size() || keywords[low].word != word) throw "not a keyword of either dialect";
  return static_cast<keyword>(low + 1);
}
consteval symbol operator""_sym(char const* s, std::size_t n) {
  auto const found = find_symbol({s, n});
  if (found == no_symbol) throw "not a symbol that the grammars name";
  return found;
}
}  // namespace literals

struct token {
  token_kind kind{};
  symbol sym{};
  keyword word{};  // of a `word` token only: a quoted identifier is no keyword
  ast::parameter_form form{};
  std::uint32_t number{};
  base::range at{};
  std::string_view text;

  bool is(keyword k) const { return word == k; }
  bool is(symbol s) const { return sym == s; }
  /// An unquoted word, keyword or not: for words that are no keyword of SQL.
  bool is_word(std::string_view lower) const { return kind == token_kind::word && same_word(text, lower); }
};

/// The last token is always `end`. Texts live in the arena given to `lex`.
using token_array = std::vector<token>;

/// How a token is named in a message: "`foo`", "`'foo'`", "the end".
std::string describe(token const& t);

}  // namespace grille::grammar
