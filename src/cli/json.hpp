// Values and answers as JSON, and JSON as values. Enters: what the database gave, also text that is not UTF-8. Leaves: valid JSON on
// one line, as command.md says: integers of 64 bits and booleans as such, exact numerics as numbers in their own digits, floats in
// their shortest form that reads back the same, bytes as "\\x…" text, everything else as text.
#pragma once
#include <nlohmann/json_fwd.hpp>
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
/// `{"ok": false, "error": {"kind": …, "message": …, "incident": …}}`; `sqlstate`, `help`, `line` and `column` where there are any.
std::string to_json(error const& e);

/// One object in UTF-8, and nothing behind it. Numbers are what they say or are refused: no integer becomes a float, no float loses
/// digits. Throws `usage`; `limit` where it is nested more than 20 levels deep, for what reads it recurses.
nlohmann::json object_of(std::string_view text);

/// A scalar. Numbers with a fraction or an exponent are floats. Throws `usage` for arrays and objects.
value value_of(nlohmann::json const& scalar);
value value_of(std::string_view json);

}  // namespace grille::cli
