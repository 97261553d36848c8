#include "grille/rows.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

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

namespace {

/// ["-"] digits ["." digits] [("e" | "E") ["+" | "-"] digits]
bool is_decimal(std::string_view s) {
  auto const digits = [&] {
    std::size_t n = 0;
    for (; !s.empty() && s.front() >= '0' && s.front() <= '9'; ++n) s.remove_prefix(1);
    return n != 0;
  };
  auto const take = [&](std::string_view any) {
    bool const found = !s.empty() && any.find(s.front()) != any.npos;
    if (found) s.remove_prefix(1);
    return found;
  };
  take("-");
  if (!digits() || (take(".") && !digits())) return false;
  if (take("eE")) {
    take("+-");
    if (!digits()) return false;
  }
  return s.empty();
}

}  // namespace

numeric to_numeric(value const& v) {
  if (auto const* const d = std::get_if<double>(&v.data()); d != nullptr && std::isfinite(*d)) return {fmt::format("{}", *d)};
  if (auto const* const text = std::get_if<std::string>(&v.data()); text != nullptr && is_decimal(*text)) return {*text};
  return v.as<numeric>();
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

void not_marked() {
  raise({.kind = errc::usage, .message = "whether a cell is withheld was not asked for", .help = "set select_options::mark_withheld"});
}

void no_row() { raise({.kind = errc::not_found, .message = "no row"}); }

void several_rows() { raise({.kind = errc::usage, .message = "more than one row"}); }

void not_one_column(std::size_t columns) {
  raise({.kind = errc::usage, .message = fmt::format("the result has {} columns, one is read", columns)});
}

}  // namespace grille::detail
