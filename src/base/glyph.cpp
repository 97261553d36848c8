#include "base/glyph.hpp"

namespace grille::base {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool steers_terminal(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

glyph glyph_at(std::string_view text, std::size_t offset) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto const invalid = glyph{offset, 1, replacement};
  auto const lead = byte(offset);
  std::size_t const size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0 || offset + size > text.size()) return invalid;
  char32_t c = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(offset + i) & 0xC0U) != 0x80) return invalid;
    c = (c << 6U) | (byte(offset + i) & 0x3FU);
  }
  bool const too_long = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  if (too_long || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return invalid;
  return {offset, size, c != '\t' && steers_terminal(c) ? replacement : text.substr(offset, size)};
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto const g = glyph_at(text, i);
    out += text[i] == '\n' ? "\n" : g.shown;
    i += g.size;
  }
  return out;
}

}  // namespace grille::base
