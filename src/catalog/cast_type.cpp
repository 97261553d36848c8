#include "catalog/cast_type.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace grille::catalog {

std::string cast_type(column const& c, catalog const& of) {
  static constexpr std::array<std::string_view, 20> own{"bool",  "bpchar", "bytea", "date", "float4",   "float8", "int2", "int4",      "int8",        "json",
                                                        "jsonb", "numeric", "text", "time", "interval", "timetz", "uuid", "timestamp", "timestamptz", "varchar"};
  constexpr std::string_view prefix = "pg_catalog.";
  std::string_view name = c.type;
  if (!name.starts_with(prefix)) {
    auto const* t = of.find_type(name);
    return t != nullptr && t->kind == type_kind::enumeration && name.find_first_of("\"( []") == std::string_view::npos ? c.type : std::string{};
  }
  name.remove_prefix(prefix.size());
  auto const array = name.starts_with('_');
  if (array) name.remove_prefix(1);
  if (std::find(own.begin(), own.end(), name) == own.end()) return {};
  std::string out(name);
  std::string_view const declared = c.declared_type;  // numeric(10,2), timestamp(3) with time zone
  auto const open = declared.find('('), close = declared.find(')');
  auto const is_text = name == "varchar" || name == "bpchar" || name == "interval";
  if (open != std::string_view::npos && close != std::string_view::npos && open < close && !is_text) out += declared.substr(open, close - open + 1);
  return array ? out + "[]" : out;
}

}  // namespace grille::catalog
