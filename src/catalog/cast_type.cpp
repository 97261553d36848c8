#include "catalog/cast_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace grille::catalog {

namespace {

constexpr std::string_view own_schema = "pg_catalog.";

constexpr auto plain_types =
    std::to_array<std::string_view>({"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "json", "jsonb", "numeric", "text",
                                     "time", "interval", "timetz", "uuid", "timestamp", "timestamptz", "varchar"});
/// PostgreSQL's own, whose values say nothing but themselves.
constexpr auto further_types = std::to_array<std::string_view>(
    {"inet", "cidr", "macaddr", "macaddr8", "bit", "varbit", "money", "xml", "tsvector", "tsquery", "jsonpath", "point", "line", "lseg", "box", "path",
     "polygon", "circle", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange", "int8multirange", "nummultirange",
     "tsmultirange", "tstzmultirange", "datemultirange"});

template <std::size_t n>
bool in(std::array<std::string_view, n> const& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}
/// As a cast's type is a text, a name is one of plain letters.
bool is_plain(std::string_view name) { return name.find_first_of("\"( []") == std::string_view::npos; }

}  // namespace

bool is_written_with_schema(type const& t) {
  auto const name = qualified(t.schema, t.name);
  if (!is_plain(name)) return false;
  switch (t.kind) {
    case type_kind::base:
    case type_kind::range:
    case type_kind::multirange: {
      if (!name.starts_with(own_schema)) return true;
      auto const own = std::string_view(name).substr(own_schema.size());
      return in(further_types, own.starts_with('_') ? own.substr(1) : own);
    }
    case type_kind::enumeration: return true;
    case type_kind::domain:
    case type_kind::composite:
    case type_kind::pseudo: break;
  }
  return false;
}

std::string cast_type(column const& c, catalog const& of) {
  std::string_view name = c.type;
  if (!name.starts_with(own_schema)) {
    auto const* t = of.find_type(name);
    if (t != nullptr && t->kind == type_kind::domain) {
      column below;
      below.type = t->base;
      below.declared_type = t->declared_base;
      return t->base == c.type ? std::string{} : cast_type(below, of);
    }
    return t != nullptr && is_written_with_schema(*t) ? c.type : std::string{};
  }
  name.remove_prefix(own_schema.size());
  auto const array = name.starts_with('_');
  if (array) name.remove_prefix(1);
  if (!in(plain_types, name)) {
    auto const* t = of.find_type(c.type);
    return t != nullptr && is_written_with_schema(*t) ? c.type : std::string{};
  }
  std::string out(name);
  std::string_view const declared = c.declared_type;  // numeric(10,2), timestamp(3) with time zone
  auto const open = declared.find('('), close = declared.find(')');
  auto const is_text = name == "varchar" || name == "bpchar" || name == "interval";
  if (open != std::string_view::npos && close != std::string_view::npos && open < close && !is_text) out += declared.substr(open, close - open + 1);
  return array ? out + "[]" : out;
}

// https://www.postgresql.org/docs/15/catalog-pg-cast.html: the casts that are implicit or of an assignment; and anything is assigned to a text.
bool is_assignable(std::string_view from, std::string_view to) {
  constexpr auto numbers = std::to_array<std::string_view>({"int2", "int4", "int8", "numeric", "float4", "float8"});
  constexpr auto texts = std::to_array<std::string_view>({"text", "varchar", "bpchar"});
  constexpr auto others =
      std::to_array<std::string_view>({"bool", "bytea", "uuid", "json", "jsonb", "date", "time", "timetz", "timestamp", "timestamptz", "interval"});
  using pair = std::pair<std::string_view, std::string_view>;
  constexpr auto pairs = std::to_array<pair>({{"json", "jsonb"},
                                              {"jsonb", "json"},
                                              {"date", "timestamp"},
                                              {"date", "timestamptz"},
                                              {"timestamp", "date"},
                                              {"timestamp", "time"},
                                              {"timestamp", "timestamptz"},
                                              {"timestamptz", "date"},
                                              {"timestamptz", "time"},
                                              {"timestamptz", "timetz"},
                                              {"timestamptz", "timestamp"},
                                              {"time", "timetz"},
                                              {"time", "interval"},
                                              {"timetz", "time"},
                                              {"interval", "time"},
                                              {"int4", "pg_catalog.money"},
                                              {"int8", "pg_catalog.money"},
                                              {"numeric", "pg_catalog.money"}});
  if (from == "bit") return to == "pg_catalog.bit" || to == "pg_catalog.varbit" || in(texts, to);  // of a literal: what is cast to it has its schema
  auto const listed = [&](std::string_view t) { return in(numbers, t) || in(texts, t) || in(others, t); };
  auto const further = to.starts_with(own_schema) && in(further_types, to.substr(own_schema.size()));
  if (!listed(from) || (!listed(to) && !further)) return true;
  if (from == to || in(texts, to) || (in(numbers, from) && in(numbers, to))) return true;
  return std::find(pairs.begin(), pairs.end(), pair(from, to)) != pairs.end();
}

}  // namespace grille::catalog
