// How the stages report what is wrong: a value, not an exception. Enters: a kind, a message, a place in the text that
// the stage was given. Leaves: `result<T>`. The session turns a fault into a thrown `grille::error`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "grille/error.hpp"

namespace grille::base {

/// Byte offsets `[begin, end)` into the source text of the tree that holds it.
struct range {
  std::uint32_t begin{};
  std::uint32_t end{};
  friend bool operator==(range, range) = default;
};
/// The smallest range that covers both.
constexpr range cover(range a, range b) { return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end}; }

/// Style of messages: lower case, no full stop, the offending word in backticks; `help` says what to do.
struct fault {
  errc kind{};
  std::string message;
  range at{};
  std::string help{};
};

template <class T>
using result = tl::expected<T, fault>;

inline tl::unexpected<fault> fail(errc kind, std::string message, range at = {}, std::string help = {}) {
  return tl::unexpected<fault>(fault{kind, std::move(message), at, std::move(help)});
}

/// Line and column (from 1, columns in code points) of a byte offset; a lone CR, LF and CRLF each end a line.
grille::span locate(std::string_view source, range at);
/// `message`, then the line of the source and carets under the range, then `help:`; no trailing newline.
std::string render(errc kind, std::string_view message, grille::span const* where, std::string_view help);

}  // namespace grille::base
