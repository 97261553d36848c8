// Text as a terminal may show it. Enters: any bytes, also invalid UTF-8. Leaves: valid UTF-8 without control characters and without
// marks that turn the direction of writing, so that no data and no SQL can steer the terminal it is shown on.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace grille::base {

/// One code point, or one byte of what is not UTF-8.
struct glyph {
  std::size_t offset;
  std::size_t size;
  std::string_view shown;  // itself, or U+FFFD
};
/// The glyph that begins at byte `offset`, which lies inside of `text`. A tab is shown as itself.
glyph glyph_at(std::string_view text, std::size_t offset);
/// All glyphs as they are shown; line feeds stay.
std::string printable(std::string_view text);

}  // namespace grille::base
