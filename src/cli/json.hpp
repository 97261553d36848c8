// Values and answers as JSON, and JSON as values. Enters: what the database gave, also text that is not UTF-8. Leaves: valid JSON on
// one line, as command.md says: integers of 64 bits and booleans as such, exact numerics as numbers in their own digits, floats in
// their shortest form that reads back the same, bytes as "\\x…" text, everything else as text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/answer.hpp"
#include "grille/error.hpp"
#include "grille/value.hpp"

namespace grille::cli {

/// A string with its quotes. What is not UTF-8 becomes U+FFFD.
std::string json_text(std::string_view text);
std::string to_json(value const& v);
std::string to_json(std::vector<value> const& values);
/// `{"ok": true, "columns": […], "rows": [[…]], "affected": n}`
std::string to_json(answer const& a);
/// `{"ok": false, "error": {"kind": …, "message": …, "incident": …}}`; `help`, `line` and `column` where there are any.
std::string to_json(error const& e);

/// A scalar of JSON. Numbers with a fraction or an exponent are floats. Throws `usage` for arrays, objects, and integers beyond 64 bits.
value value_of(std::string_view json);

}  // namespace grille::cli
