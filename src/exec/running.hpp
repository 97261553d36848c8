// A statement on its way, whatever runs it. Enters: nothing more. Leaves: rows, one at a time. For one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
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
  /// What the database says that a column is of; empty where it does not say, or says what is known by no name.
  virtual std::string_view type_of(std::size_t /*column*/) const noexcept { return {}; }
  /// Rows that were written.
  virtual std::uint64_t affected() const noexcept { return 0; }
  /// How many rows are here already: these will follow at least.
  virtual std::size_t at_hand() const noexcept { return 0; }
  /// Puts the cells of the next row behind what is there, or returns false at the end.
  virtual result<bool> append(std::vector<value>& to) = 0;
  /// Puts the next row in the place of what is there.
  result<bool> next(std::vector<value>& into) {
    into.clear();
    return append(into);
  }
};

}  // namespace grille::exec
