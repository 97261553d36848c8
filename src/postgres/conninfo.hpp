// A connection string with settings of Grille's own in it. Enters: `key=value …` or a URI, as libpq takes them. Leaves: `key=value …`
// in which the session starts with those settings, behind any that the string itself asks for.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace grille::postgres {

using setting = std::pair<std::string_view, std::string_view>;

/// The error is libpq's text: it can hold parts of the string.
tl::expected<std::string, std::string> with_settings(std::string const& conninfo, std::span<setting const> settings);

}  // namespace grille::postgres
