// Choices, as a tape of numbers: what is random and what shrinks. Enters: numbers from RapidCheck. Leaves: one choice after the other;
// behind the end all are 0, which is everywhere the simplest alternative, so a shorter or smaller tape makes a simpler case.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace noninterference {

class tape {
 public:
  explicit tape(std::vector<std::uint16_t> numbers) : numbers_(std::move(numbers)) {}
  /// 0 … n - 1.
  unsigned pick(unsigned n) { return next() % n; }
  /// True once in about n times.
  bool once_in(unsigned n) { return next() % n == n - 1; }
  template <class T>
  T const& of(std::vector<T> const& all) {
    return all[pick(static_cast<unsigned>(all.size()))];
  }

 private:
  unsigned next() { return at_ < numbers_.size() ? numbers_[at_++] : 0; }

  std::vector<std::uint16_t> numbers_;
  std::size_t at_{};
};

}  // namespace noninterference
