// Fingerprints and numbers for events. Enters: text, or nothing. Leaves: 32 hexadecimal digits.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace grille::pipeline {

/// xxh128.
std::string fingerprint(std::string_view text);
/// xxh3, for tables in memory.
std::uint64_t hash(std::string_view text, std::uint64_t seed = 0);
/// 128 random bits.
std::string random_id();

}  // namespace grille::pipeline
