// Small readings of what policy files say: types, days, roles. Enters: words as written. Leaves: values, or nothing.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "ast/policy.hpp"
#include "policy/compiled.hpp"

namespace grille::policy {

/// `integer text boolean numeric real timestamp date`, in any ASCII case.
std::optional<attribute_type> type_named(std::string_view word);
std::string_view to_string(attribute_type t);
/// A day as `YYYY-MM-DD`; null if it is not one of the calendar.
std::optional<day> day_of(std::string_view text);
/// ASCII lower case.
std::string lower(std::string_view text);
/// A sentence on one line: runs of white space and comments outside of quotes become one blank.
std::string fold(std::string_view sentence);

}  // namespace grille::policy
