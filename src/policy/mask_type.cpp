// See the header. Which types can be cast to is the binder's list; of a domain it is what the domain is made of.
#include "policy/mask_type.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "policy/value_type.hpp"

namespace grille::policy {

namespace {

constexpr std::string_view own = "pg_catalog.";

/// In pg_catalog.
constexpr std::array<std::string_view, 20> castable{"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "interval",
                                                    "json", "jsonb", "numeric", "text", "time", "timestamp", "timestamptz", "timetz", "uuid", "varchar"};

/// `(10,2)` of a numeric, which says how it is shown; a length would only cut a mask off.
std::string_view digits_of(std::string_view declared) {
  auto const at = declared.find('(');
  return declared.starts_with("numeric(") && declared.find_first_not_of("0123456789,)", at + 1) == declared.npos ? declared.substr(at) : std::string_view{};
}

bool is_null(bound::expr const& e) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::null;
}

/// The type as a cast names it; empty: it cannot be cast to. To a composite only `null` is.
std::string cast_name(std::string_view type, std::string_view declared, catalog::catalog const& c, bool null) {
  auto const* t = c.find_type(type);
  for (int depth = 0; t != nullptr && t->kind == catalog::type_kind::domain && depth < 100; ++depth) {
    type = t->base;
    t = c.find_type(type);
  }
  if (t != nullptr && (t->kind == catalog::type_kind::enumeration || (t->kind == catalog::type_kind::composite && null))) return type.find_first_of("\"( []") == type.npos ? std::string(type) : "";
  if (!type.starts_with(own)) return {};
  type.remove_prefix(own.size());
  auto const array = type.starts_with("_");
  if (array) type.remove_prefix(1);
  if (std::ranges::find(castable, type) == castable.end()) return {};
  return std::string(type) + (array ? "[]" : type == "numeric" ? std::string(digits_of(declared)) : "");
}

}  // namespace

base::result<bound::expr_ptr> typed_mask(bound::expr_ptr value, catalog::column const& masked, catalog::catalog const& c, base::arena& memory) {
  if (c.which() == dialect::sqlite || masked.type.empty()) return value;
  auto const is = type_of(*value);
  auto const name = cast_name(masked.type, masked.declared_type, c, is_null(*value));
  if (is == masked.type && value->as<bound::literal>() == nullptr) return value;
  auto const about = "the mask of `" + masked.name + "`, of type `" + masked.declared_type + "`, ";
  if (name.empty()) return base::fail(errc::unsupported, about + "would need a cast to it, which is not supported", value->at);
  auto const from = category_of(is), to = category_of(name);
  if (!is.empty() && is != masked.type && to != category::text && (from != to || from == category::other))
    return base::fail(errc::type, about + "is of type `" + (is.starts_with(own) ? is.substr(own.size()) : is) + "`", value->at, "write a cast, if that is meant");
  return memory.make<bound::expr>(bound::expr{bound::cast{value, memory.copy(name)}, value->at});
}

}  // namespace grille::policy
