// What each fuzz target is: one function over any bytes, which ends the process where what it holds true is not. With libFuzzer (preset
// fuzz) inputs are made up; with seeds.cpp (every build of the tests) they are the seeds, whole, cut off and changed a little.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace fuzz {

inline std::string_view text_of(std::uint8_t const* data, std::size_t size) {
  return {static_cast<char const*>(static_cast<void const*>(data)), size};
}

inline void must(bool holds, char const* what, std::string_view of = {}) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n%.*s\n", what, static_cast<int>(of.size()), of.data());
  std::abort();
}

}  // namespace fuzz
