// The types of PostgreSQL that a caller may cast to: an allow-list, by the name under which pg_catalog has them. No `reg*` type, no row
// type, nothing of the application's own. https://www.postgresql.org/docs/15/datatype.html
#include <algorithm>
#include <array>
#include <charconv>

#include "bind/binder.hpp"
#include "catalog/cast_type.hpp"

namespace grille::bind {

namespace {

struct spelling {
  std::string_view words, name;
};
/// What the grammar of PostgreSQL itself turns into a type of pg_catalog.
constexpr std::array<spelling, 21> words{{
    {"int", "int4"},
    {"integer", "int4"},
    {"smallint", "int2"},
    {"bigint", "int8"},
    {"real", "float4"},
    {"double precision", "float8"},
    {"boolean", "bool"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"numeric", "numeric"},
    {"varchar", "varchar"},
    {"character varying", "varchar"},
    {"char varying", "varchar"},
    {"char", "bpchar"},
    {"character", "bpchar"},
    {"time", "time"},
    {"time without time zone", "time"},
    {"time with time zone", "timetz"},
    {"timestamp", "timestamp"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
}};
/// And those that are names, to be had with or without their schema.
constexpr std::array<std::string_view, 19> names{"bool",    "bpchar", "bytea", "date",   "float4", "float8", "int2",      "int4",        "int8", "json",
                                                 "jsonb",   "numeric", "text", "time",   "timetz", "uuid",   "timestamp", "timestamptz", "varchar"};

std::string_view float_of(ast::type_name const& t) {
  if (t.modifiers.empty()) return "float8";
  unsigned bits{};
  auto const* n = t.modifiers[0]->as<ast::literal>();
  if (n != nullptr) std::from_chars(n->text.data(), n->text.data() + n->text.size(), bits);
  if (bits < 1 || bits > 53) refuse(errc::syntax, "the precision of a `float` goes from 1 to 53", t.at);
  return bits <= 24 ? "float4" : "float8";
}

std::string_view base_name(ast::type_name const& t) {
  auto const last = t.path.back().text;
  if (t.path.size() == 1 && !t.path[0].quoted) {
    if (last == "float") return float_of(t);
    if (last == "interval") return last;
    if (auto const w = std::ranges::find(words, last, &spelling::words); w != words.end()) return w->name;
  }
  if (last == "interval" && !t.modifiers.empty()) return {};  // as a name of pg_catalog's it takes the number of its fields first
  auto const own = t.path.size() == 1 || (t.path.size() == 2 && t.path[0].text == "pg_catalog");
  if (own && (last == "interval" || std::ranges::find(names, last) != names.end())) return last;
  return {};
}

}  // namespace

/// Empty: not one of the list.
std::string_view binder::type_name_of(ast::type_name const& t) const { return base_name(t); }

/// `numeric(10,2)`, `text[]`, `interval day`: the name in pg_catalog, then what belongs to it.
std::string_view binder::postgresql_type(ast::type_name const& t) {
  auto const name = base_name(t);
  // an enumeration or a composite, by the name that only policies and what is printed know; where what is printed assigns a value, by the name of its column's type
  if (name.empty() && t.path.size() == 2 && t.modifiers.empty() && t.array_dimensions == 0) {
    auto const* own = options_.visible.find_type(t.path[0].text, t.path[1].text);
    auto const known = own != nullptr && (own->kind == catalog::type_kind::enumeration || options_.assigns);
    auto const text = catalog::qualified(t.path[0].text, t.path[1].text);
    auto const composite = own != nullptr && !own->fields.empty() && text.find_first_of("\"( []") == text.npos;
    if (composite || (known && catalog::is_written_with_schema(*own))) return memory_.copy(text);
  }
  if (name.empty()) refuse(errc::unsupported, "type " + in_ticks(dotted(t.path)) + " is not supported in a cast", t.at);
  std::string text(name);
  auto const is_float = name.starts_with("float");
  if (!t.modifiers.empty() && !is_float) {
    if (t.modifiers.size() > 2) refuse(errc::unsupported, "this type is not supported in a cast", t.at);
    std::string_view before = "(";
    for (auto const* m : t.modifiers) {
      auto const* n = m->as<ast::literal>();
      if (n == nullptr || n->kind != ast::literal_kind::integer) refuse(errc::unsupported, "this type is not supported in a cast", t.at);
      text.append(before).append(n->text);
      before = ",";
    }
    text += ')';
  } else if (name == "bpchar" && t.path.size() == 1 && t.path[0].text != "bpchar") {
    text += "(1)";  // `char` alone is of one character
  }
  if (!t.interval_fields.empty()) text.append(" ").append(t.interval_fields);
  if (t.array_dimensions > 0) text += "[]";  // how many is not kept by the server either
  return memory_.copy(text);
}

}  // namespace grille::bind
