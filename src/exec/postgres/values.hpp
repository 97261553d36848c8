// Values into parameters and out of columns, as text. Enters: a value, or a column's type and text. Leaves: the same value on the other
// side, or a failure. The server decides what type a parameter is from where it stands, as of a literal: what has to be of one type is
// printed with a cast. Types that `value` has no case for, and times beyond its range (`infinity`), come as the server's text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/failure.hpp"
#include "grille/value.hpp"
#include "postgres/driver.hpp"

namespace grille::exec::postgres {

/// The parameters of one statement after the other, in memory that is used again.
class encoded {
 public:
  /// Forgets those before. `values` must stay where they are: what is text already is not copied.
  result<void> take(std::vector<value> const& values);
  /// Point into this and into the values.
  grille::postgres::texts const& pointers() const noexcept { return pointers_; }

 private:
  std::vector<std::string> written_;  // of a size known before: they stay where they are
  grille::postgres::texts pointers_;
};

/// Puts the value of a cell behind what is there. `type` is the oid of one of PostgreSQL's own types, or any other; no text: NULL. Null, or, with
/// nothing put there, what it is that the text is in no known form of.
char const* decode(std::uint32_t type, std::optional<std::string_view> text, std::vector<value>& to);
/// The name of one of PostgreSQL's own types as `format_type` has it; empty for any other.
std::string_view type_name(std::uint32_t type) noexcept;
/// What was to be decoded was not.
failure unreadable(char const* what);

}  // namespace grille::exec::postgres
