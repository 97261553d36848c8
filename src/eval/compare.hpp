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
/// The truth of a value as a condition. SQLite: a number is true if it is not zero, text by its leading number.
base::result<truth> truth_of(value const& v, dialect d);
/// Null optional: one of them is NULL. `collation` is BINARY, NOCASE or RTRIM, empty for BINARY.
base::result<std::optional<std::partial_ordering>> compare(value const& a, value const& b, dialect d, std::string_view collation = {});
/// A number as a double, exactly enough to compare; null if the value is no number.
std::optional<long double> number_of(value const& v);
/// `like` and `glob`. SQLite: `like` ignores the case of ASCII letters.
bool like(std::string_view text, std::string_view pattern, std::optional<char32_t> escape, bool ignore_case);
bool glob(std::string_view text, std::string_view pattern);
/// A value as SQLite shows it as text; null for NULL.
std::optional<std::string> text_of(value const& v);

}  // namespace grille::eval
