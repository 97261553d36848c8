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

class encoded {
 public:
  static result<encoded> of(std::vector<value> const& values);
  /// Point into this.
  grille::postgres::texts pointers() const;

 private:
  std::vector<std::optional<std::string>> texts_;
};

/// `type` is the oid of one of PostgreSQL's own types, or any other.
result<value> decoded(std::uint32_t type, std::string_view text);

}  // namespace grille::exec::postgres
