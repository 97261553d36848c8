// Values against values, by the dialect's rules. Enters: two values. Leaves: an order, or nothing where one is NULL.
// SQLite: storage classes order as NULL < numbers < text < blobs (https://www.sqlite.org/datatype3.html, section 4.1), affinity
// aside. PostgreSQL: only values of one family compare; others are a `type` fault.
#pragma once
#include <compare>
#include <optional>
#include <string_view>

#include "base/fault.hpp"
#include "grille/dialect.hpp"
#include "grille/value.hpp"

namespace grille::eval {

enum class truth { no, yes, unknown };

truth negate(truth t);
value to_value(truth t);
/// The truth of a value as a condition. SQLite: a number is true if it is not zero, text and blobs by their leading number.
base::result<truth> truth_of(value const& v, dialect d);
/// Null optional: one of them is NULL. `collation` is BINARY, NOCASE or RTRIM, empty for BINARY.
base::result<std::optional<std::partial_ordering>> compare(value const& a, value const& b, dialect d, std::string_view collation = {});
/// A number as SQLite would be given it, an integer or a double; NULL if the value is none.
value number_of(value const& v);
/// `like` and `glob`. SQLite: `like` ignores the case of ASCII letters.
bool like(std::string_view text, std::string_view pattern, std::optional<char32_t> escape, bool ignore_case);
bool glob(std::string_view text, std::string_view pattern);
/// A value as SQLite shows it as text; null for NULL. `unsupported` for a double that fifteen digits do not tell, and for text that
/// holds a NUL: what the engine makes of those depends on the function.
base::result<std::optional<std::string>> text_of(value const& v);
/// A numeral of digits, point and exponent, without regard to the locale; infinite or zero where a double cannot hold it.
double to_double(std::string_view numeral);

}  // namespace grille::eval
