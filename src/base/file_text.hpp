// Whole files as text. Enters: a path, or an open stream. Leaves: what is in it, never more than a bound: a device has no end.
#pragma once
#include <cstddef>
#include <filesystem>
#include <istream>
#include <string>

#include "base/fault.hpp"

namespace grille::base {

inline constexpr std::size_t longest_file = 256'000'000;

/// `usage` if it cannot be read, `limit` if there is more.
result<std::string> read_text(std::filesystem::path const& file, std::size_t most = longest_file);
/// At most so many bytes.
std::string read_text(std::istream& in, std::size_t most);

}  // namespace grille::base
