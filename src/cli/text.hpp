// Values as text, and answers as a table for people or as CSV. Enters: an answer. Leaves: text.
#pragma once
#include <string>

#include "cli/answer.hpp"
#include "grille/value.hpp"

namespace grille::cli {

/// As the engine's own shell would print it; NULL is empty, a float keeps its `.0`, bytes are `\x…`. Not made safe for terminals.
std::string to_text(value const& v);

/// Columns side by side, those of numbers to the right, NULL as `null`. Line ends and what could steer a terminal are shown, not sent.
std::string to_table(answer const& a);
/// RFC 4180 with line feeds: NULL is empty, an empty text is `""`.
std::string to_csv(answer const& a);

}  // namespace grille::cli
