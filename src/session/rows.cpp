#include "grille/rows.hpp"

#include <fmt/format.h>

#include "catalog/catalog.hpp"

namespace grille::detail {

std::optional<std::size_t> heading::find(std::string_view name) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!catalog::same_name(columns[i].name, name)) continue;
    if (found) raise({.kind = errc::ambiguous, .message = fmt::format("the result has several columns `{}`", name)});
    found = i;
  }
  return found;
}

std::size_t heading::at(std::string_view name) const {
  auto const found = find(name);
  if (!found) raise({.kind = errc::usage, .message = fmt::format("the result has no column `{}`", name)});
  return *found;
}

void wrong_width(std::size_t columns, std::size_t asked) {
  raise({.kind = errc::usage, .message = fmt::format("the result has {} columns, {} are read", columns, asked)});
}

void no_such_cell(std::size_t index, std::size_t columns) {
  raise({.kind = errc::usage, .message = fmt::format("there is nothing at {}, there are {}", index, columns)});
}

void no_such_column(std::string_view name) {
  raise({.kind = errc::type, .message = fmt::format("the result has no column `{}`", name), .help = "an optional member may go without"});
}

void no_row() { raise({.kind = errc::not_found, .message = "no row"}); }

void several_rows() { raise({.kind = errc::usage, .message = "more than one row"}); }

void not_one_column(std::size_t columns) {
  raise({.kind = errc::usage, .message = fmt::format("the result has {} columns, one is read", columns)});
}

}  // namespace grille::detail
