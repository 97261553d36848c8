// One JSON object a line in, one a line out, in order. Enters: any bytes on standard input. Leaves: exactly one answer for each line,
// written and flushed before the next is read. Guaranteed: no line, however long or broken, ends the loop or takes memory beyond the
// bound; a last line without its end is answered too.
#pragma once
#include <cstddef>
#include <cstdio>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace grille::cli {

/// The longest line that is read: a statement may have a million bytes, and JSON may spend six on each.
inline constexpr std::size_t longest_line = 8'000'000;

/// `answer_to` makes the answer to one object; what it throws becomes the answer that says so.
void answer_lines(std::FILE* in, std::FILE* out, std::function<std::string(nlohmann::json const&)> const& answer_to);

}  // namespace grille::cli
