// What both dialects demand of a text before it is read, the keyword look-up, and how tokens are named in messages.
#include "grammar/lexer.hpp"

#include <algorithm>
#include <cstring>

#include "grammar/scanner.hpp"

namespace grille::grammar {
namespace {

constexpr std::size_t slots = 2048;
constexpr std::size_t longest_keyword = 17;

constexpr std::size_t hash(std::string_view word) {
  auto const letter = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(fold(word[i]))); };
  auto const n = word.size();
  return (letter(0) * 7 + letter(n / 2) * 131 + letter(n - 1) * 1031 + n * 401) % slots;
}

/// Open addressing, a quarter full: most words are decided by one look. The hash reads three letters, which tell most keywords apart.
constexpr auto keyword_slots = [] {
  std::array<std::uint16_t, slots> table{};
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    auto slot = hash(keywords[i].word);
    while (table[slot] != 0) slot = (slot + 1) % slots;
    table[slot] = static_cast<std::uint16_t>(i + 1);
  }
  return table;
}();

static_assert(std::is_sorted(keywords.begin(), keywords.end(), [](auto const& a, auto const& b) { return a.word < b.word; }));
static_assert(std::all_of(keywords.begin(), keywords.end(), [](auto const& k) { return k.word.size() <= longest_keyword; }));

/// Whether all bytes are 1 to 127, eight at a time: nothing is left to check then.
bool plain_ascii(std::string_view text) {
  constexpr std::uint64_t high = 0x8080808080808080U;
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, 8);
    if (((eight | (eight - ones)) & high) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), [](char c) { return static_cast<signed char>(c) > 0; });
}

std::optional<base::fault> check_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto const place = [&](std::size_t n) { return base::range{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + n)}; };
    if (text[i] == '\0') return base::fault{errc::syntax, "the text contains a NUL byte", place(1), {}};
    auto const n = utf8_length(text.substr(i));
    if (n == 0) return base::fault{errc::syntax, "the text is not valid UTF-8", place(1), {}};
    if (n == 3 && text.substr(i, 3) == "\xEF\xBB\xBF")
      return base::fault{errc::syntax, "the text contains a byte order mark", place(3), {}};
    i += n;
  }
  return std::nullopt;
}

}  // namespace

std::size_t utf8_length(std::string_view s) {
  auto const byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
  auto const tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) { return byte(i) >= low && byte(i) <= high; };
  unsigned const b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) return tail(1, b == 0xE0 ? 0xA0 : 0x80, b == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  if (b >= 0xF0 && b <= 0xF4) return tail(1, b == 0xF0 ? 0x90 : 0x80, b == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

std::string_view padded(std::string_view text, base::arena& a) {
  std::string with_nuls;
  with_nuls.reserve(text.size() + padding);
  with_nuls.append(text).append(padding, '\0');
  return a.copy(with_nuls).substr(0, text.size());
}

keyword find_keyword(std::string_view word) noexcept {
  if (word.empty() || word.size() > longest_keyword) return no_keyword;
  for (auto slot = hash(word); keyword_slots[slot] != 0; slot = (slot + 1) % slots)
    if (same_word(word, keywords[keyword_slots[slot] - 1U].word)) return static_cast<keyword>(keyword_slots[slot]);
  return no_keyword;
}

std::string describe(token const& t) {
  constexpr std::size_t shown = 60;
  std::string text(t.text.substr(0, shown));
  if (t.text.size() > shown) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
    text += "…";
  }
  switch (t.kind) {
    case token_kind::end:
      return "the end";
    case token_kind::quoted:
      return "`\"" + text + "\"`";
    case token_kind::string:
      return "`'" + text + "'`";
    case token_kind::blob:
      return "a blob";
    case token_kind::bit_string:
      return "a bit string";
    case token_kind::parameter:
      return "a parameter";
    case token_kind::word:
    case token_kind::integer:
    case token_kind::decimal:
    case token_kind::symbol:
      return "`" + text + "`";
  }
  return {};
}

base::result<token_array> lex(std::string_view text, dialect d, base::arena& a, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return base::fail(errc::limit, "the text is longer than " + std::to_string(max_bytes) + " bytes",
                      {static_cast<std::uint32_t>(max_bytes), static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), UINT32_MAX))});
  if (!plain_ascii(text))
    if (auto fault = check_text(text)) return tl::unexpected(std::move(*fault));
  auto const kept = padded(text, a);
  return d == dialect::sqlite ? lex_sqlite(kept, a) : lex_postgresql(kept, a);
}

}  // namespace grille::grammar
