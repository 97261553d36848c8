#include "session/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <random>

namespace grille::pipeline {

std::string fingerprint(std::string_view text) {
  auto const h = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) { return XXH3_64bits_withSeed(text.data(), text.size(), seed); }

std::string random_id() {
  thread_local std::random_device source;
  auto const word = [] { return static_cast<std::uint32_t>(source()); };
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", word(), word(), word(), word());
}

}  // namespace grille::pipeline
