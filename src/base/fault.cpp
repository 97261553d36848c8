// Places in a text, and errors as a terminal shows them. Enters: any bytes, also invalid UTF-8. Leaves: a span, or text
// that is valid UTF-8 and holds no control characters, so that no SQL can steer the terminal it is shown on.
#include "base/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/glyph.hpp"

namespace grille::base {

namespace {

constexpr std::size_t window = 100;       // code points of a source line that are shown
constexpr std::size_t before_place = 40;  // of these, before the place
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

std::vector<glyph> glyphs_of(std::string_view text) {
  std::vector<glyph> all;
  for (std::size_t i = 0; i < text.size(); i += all.back().size) all.push_back(glyph_at(text, i));
  return all;
}

bool ends_line(std::string_view source, std::size_t i) {
  return source[i] == '\n' || (source[i] == '\r' && (i + 1 == source.size() || source[i + 1] != '\n'));
}

struct line_of_text {
  std::size_t number;
  std::size_t begin;
};

line_of_text line_at(std::string_view source, std::size_t offset) {
  line_of_text line{1, 0};
  for (std::size_t i = 0; i < offset; ++i)
    if (ends_line(source, i)) line = {line.number + 1, i + 1};
  return line;
}

std::string_view text_of_line(std::string_view source, std::size_t begin) {
  auto const end = source.find_first_of("\r\n", begin);
  return source.substr(begin, end == source.npos ? source.npos : end - begin);
}

/// The index of the glyph that holds the byte `offset` of the line; one past the last where the line is shorter.
std::size_t index_of(std::vector<glyph> const& glyphs, std::size_t offset) {
  auto const after = std::ranges::upper_bound(glyphs, offset, {}, [](glyph const& g) { return g.offset + g.size; });
  return static_cast<std::size_t>(after - glyphs.begin());
}

std::string underlined(std::string_view line, std::size_t from, std::size_t to) {
  auto const glyphs = glyphs_of(line);
  auto const first = index_of(glyphs, from);
  auto const last = std::max(first + 1, to > from ? index_of(glyphs, to - 1) + 1 : 0);  // an empty range gets one caret

  std::size_t shown_from = 0;
  auto shown_to = glyphs.size();
  if (glyphs.size() > window) {
    shown_from = std::min(first > before_place ? first - before_place : 0, glyphs.size() - window);
    shown_to = shown_from + window;
  }
  std::string text;
  std::string carets;
  if (shown_from > 0) {
    text += ellipsis;
    carets += ' ';
  }
  for (auto i = shown_from; i < shown_to; ++i) {
    text += glyphs[i].shown;
    if (i < first) carets += glyphs[i].shown == "\t" ? '\t' : ' ';
  }
  if (shown_to < glyphs.size()) text += ellipsis;
  carets.append(std::max<std::size_t>(std::min(last, std::max(shown_to, first + 1)) - first, 1), '^');
  return fmt::format("{}\n{}", text, carets);
}

}  // namespace

grille::span locate(std::string_view source, range at) {
  auto const begin = std::min<std::size_t>(at.begin, source.size());
  auto const end = std::clamp<std::size_t>(at.end, begin, source.size());
  auto const line = line_at(source, begin);
  constexpr std::size_t longest_glyph = 4;
  auto const glyphs = glyphs_of(source.substr(line.begin, begin - line.begin + longest_glyph));
  auto const column = index_of(glyphs, begin - line.begin);
  return {std::string(source), begin, end, static_cast<unsigned>(line.number), static_cast<unsigned>(column + 1)};
}

std::string render(errc kind, std::string_view message, grille::span const* where, std::string_view help) {
  auto out = fmt::format("{}: {}", to_string(kind), printable(message));
  if (where != nullptr) {
    std::string_view const source = where->source;
    auto const begin = std::min(where->begin, source.size());
    auto const line = line_at(source, begin).begin;
    auto const text = text_of_line(source, line);
    auto const from = std::min(begin - line, text.size());
    auto const to = std::clamp(where->end > line ? where->end - line : 0, from, text.size());
    out += fmt::format("\n --> line {}, column {}\n{}", where->line, where->column, underlined(text, from, to));
  }
  if (!help.empty()) out += fmt::format("\nhelp: {}", printable(help));
  return out;
}

}  // namespace grille::base
