// A statement on its way, whatever runs it. Enters: nothing more. Leaves: rows, one at a time. For one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "exec/failure.hpp"
#include "grille/value.hpp"

namespace grille::exec {

/// Made by a connection, at or before its first row. Ends before its connection does.
class running {
 public:
  running() = default;
  running(running const&) = delete;
  running& operator=(running const&) = delete;
  virtual ~running() = default;

  virtual std::size_t width() const noexcept = 0;
  /// Rows that were written.
  virtual std::uint64_t affected() const noexcept { return 0; }
  /// Fills the next row in, or returns false at the end.
  virtual result<bool> next(std::vector<value>& into) = 0;
};

}  // namespace grille::exec
