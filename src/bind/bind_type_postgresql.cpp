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
constexpr std::array<spelling, 27> words{{
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
    {"nchar", "bpchar"},
    {"national char", "bpchar"},
    {"national character", "bpchar"},
    {"nchar varying", "varchar"},
    {"national char varying", "varchar"},
    {"national character varying", "varchar"},
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

/// With their schema also where they are bound, as where a value is assigned to a column of theirs.
constexpr std::array<std::string_view, 7> further{"inet", "cidr", "macaddr", "macaddr8", "bit", "varbit", "jsonpath"};
/// Types of pg_catalog that no list here has; a name without a schema is theirs before it is anyone's in the search path.
constexpr std::array<std::string_view, 71> others{
    "aclitem", "any", "anyarray", "anyelement", "anyenum", "anynonarray", "anyrange", "box", "char", "cid", "circle", "cstring", "datemultirange",
    "daterange", "int2vector", "int4multirange", "int4range", "int8multirange", "int8range", "internal", "line", "lseg", "money", "name", "nummultirange",
    "numrange", "oid", "oidvector", "path", "point", "polygon", "record", "refcursor", "tid", "trigger", "tsmultirange", "tsquery", "tsrange",
    "tstzmultirange", "tstzrange", "tsvector", "unknown", "void", "xid", "xid8", "xml", "gtsvector", "regclass", "regcollation", "regconfig", "regdictionary",
    "regnamespace", "regoper", "regoperator", "regproc", "regprocedure", "regrole", "regtype", "anycompatible", "anycompatiblearray",
    "anycompatiblemultirange", "anycompatiblenonarray", "anycompatiblerange", "anymultirange", "event_trigger", "fdw_handler", "index_am_handler",
    "language_handler", "table_am_handler", "tsm_handler", "txid_snapshot"};

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

std::string_view further_name(ast::type_name const& t) {
  auto const last = t.path.back().text;
  auto const own = t.path.size() == 1 || (t.path.size() == 2 && t.path[0].text == "pg_catalog");
  if (t.path.size() == 1 && !t.path[0].quoted && last == "bit varying") return "varbit";
  auto const known = std::ranges::find(further, last);
  return own && known != further.end() ? *known : std::string_view{};
}

bool is_of_pg_catalog(std::string_view name) {
  return name.starts_with("pg_") || name.starts_with("_") || std::ranges::find(others, name) != others.end();
}

}  // namespace

/// As a column without a name of its own is named after it.
std::string_view binder::type_name_of(ast::type_name const& t) const {
  auto const name = base_name(t);
  if (!name.empty()) return name;
  auto const more = further_name(t);
  return more.empty() ? t.path.back().text : more;
}

/// Of the application's own, with its schema: an enumeration, a domain, and a composite, which only policies and what is printed know; where what is
/// printed assigns a value, also what else its column's type is.
std::string binder::own_type(ast::type_name const& t) const {
  if (t.path.size() > 2 || !t.modifiers.empty() || (t.path.size() == 1 && is_of_pg_catalog(t.path[0].text))) return {};
  auto const* own = options_.visible.find_type(t.path.size() == 2 ? t.path[0].text : std::string_view{}, t.path.back().text);
  if (own == nullptr) return {};
  auto const text = catalog::qualified(own->schema, own->name);
  if (text.find_first_of("\"( []") != text.npos) return {};
  switch (own->kind) {
    case catalog::type_kind::enumeration:
    case catalog::type_kind::domain: return t.array_dimensions > 0 ? text + "[]" : text;
    case catalog::type_kind::composite: return own->fields.empty() || t.array_dimensions > 0 || t.path.size() < 2 ? std::string{} : text;
    case catalog::type_kind::base:
    case catalog::type_kind::range:
    case catalog::type_kind::multirange:
    case catalog::type_kind::pseudo: return options_.assigns && t.array_dimensions == 0 && catalog::is_written_with_schema(*own) ? text : std::string{};
  }
  return {};
}

/// `numeric(10,2)`, `text[]`, `interval day`: the name in pg_catalog, then what belongs to it. In front of its literal a `char` or `bit` has any length.
std::string_view binder::postgresql_type(ast::type_name const& t, bool before_literal) {
  auto name = base_name(t);
  auto const known = name.empty() ? further_name(t) : std::string_view{};
  if (name.empty() && known.empty())
    if (auto const own = own_type(t); !own.empty()) return memory_.copy(own);
  auto const qualified = known.empty() ? std::string{} : "pg_catalog." + std::string(known);
  if (!known.empty()) name = qualified;
  if (name.empty()) refuse(errc::unsupported, "type " + in_ticks(dotted(t.path)) + " is not supported in a cast", t.at);
  std::string text(name);
  auto const is_float = name.starts_with("float");
  auto const by_word = t.path.size() == 1 && !t.path[0].quoted;
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
  } else if (by_word && !before_literal && ((name == "bpchar" && t.path[0].text != "bpchar") || known == "bit")) {
    text += "(1)";  // `char` alone is of one character, `bit` of one bit
  }
  if (!t.interval_fields.empty()) text.append(" ").append(t.interval_fields);
  if (t.array_dimensions > 0) text += "[]";  // how many is not kept by the server either
  return memory_.copy(text);
}

}  // namespace grille::bind
