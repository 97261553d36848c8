/// @file
/// Predicates of repository code: built and composed in C++, sent to the data source as SQL, or tested on an object in memory.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "grille/dialect.hpp"
#include "grille/mapping.hpp"
#include "grille/value.hpp"

namespace grille {

class specification;

namespace detail {
struct specification_node;
using specification_ptr = std::shared_ptr<specification_node const>;

/// The object as columns and values, by its mapping.
template <mapped T>
attributes columns_of(T const& object) {
  attributes all;
  std::apply([&](auto const&... f) { (all.emplace_back(std::string(f.column), value(object.*f.member)), ...); }, mapping<T>::columns);
  return all;
}
bool matches(specification const& s, std::string_view resource, attributes const& object, dialect d);
}  // namespace detail

/// A predicate over one resource. Immutable, cheap to copy, safe to share between threads. Three-valued, as SQL: a row passes
/// only where it is true, and `!s` is true only where `s` is false, so that `!(total > 5)` passes no NULL total.
/// Its values travel as parameters. The caller's rights apply to it as to any statement.
class specification {
 public:
  friend specification operator&&(specification const& a, specification const& b);
  friend specification operator||(specification const& a, specification const& b);
  friend specification operator!(specification const& s);
  explicit operator bool() const = delete;  // a predicate has no truth of its own; `&&` and `||` compose, they do not short-circuit

  /// Whether it is true of the object; `like`, collation and comparison follow the dialect.
  /// @throws `not_found` for a column that is not mapped, `unsupported` for `exists` and `named`: a session knows these.
  template <mapped T>
  bool matches(T const& object, dialect d = dialect::sqlite) const {
    return detail::matches(*this, mapping<T>::resource, detail::columns_of(object), d);
  }

  /// Made by the functions of `spec`.
  explicit specification(detail::specification_ptr node) noexcept : node_(std::move(node)) {}
  /// For Grille's own layers.
  detail::specification_ptr const& node() const noexcept { return node_; }

 private:
  detail::specification_ptr node_;
};

/// What specifications begin with.
namespace spec {

/// A column of the resource. Comparing it makes a specification: `column{"status"} == "open"`.
/// A NULL to compare with throws `usage`: it would never be true; say `is_null()`.
struct column {
  std::string name;

  friend specification operator==(column const& c, value const& v);
  friend specification operator!=(column const& c, value const& v);
  friend specification operator<(column const& c, value const& v);
  friend specification operator<=(column const& c, value const& v);
  friend specification operator>(column const& c, value const& v);
  friend specification operator>=(column const& c, value const& v);
  /// None of no values.
  specification in(std::vector<value> values) const;
  specification between(value const& low, value const& high) const;
  /// `%` and `_` as in SQL, no escape.
  specification like(std::string pattern) const;
  specification is_null() const;
};

/// Every row.
specification all();
/// A specification of the policy, by name, with its arguments. It is tested on the caller's own view, not with its owner's
/// rights. One that uses `scope` is `unsupported`; an unknown one is `not_found`.
specification named(std::string name, std::vector<value> arguments = {});
/// There is a row of `resource` that the caller sees, on which `s` is true, and which belongs to the outer row by `on`:
/// pairs of columns `inner = outer`, with commas between them, where one name alone stands for both: `"order_id = id, shop_id"`.
/// A name of other than letters, digits and underscores stands in double quotes. @throws `usage` for anything else.
specification exists(std::string resource, specification s, std::string_view on);

}  // namespace spec

/// Named projections of the policy, in the order preferred: `projection{"full"}.or_else("basic")`.
struct projection {
  std::vector<std::string> preferred;
  projection(std::string first) : preferred{std::move(first)} {}        // NOLINT(google-explicit-constructor): written inline
  projection(char const* first) : preferred{std::string(first)} {}      // NOLINT(google-explicit-constructor): written inline
  projection or_else(std::string next) && {
    preferred.push_back(std::move(next));
    return std::move(*this);
  }
};

struct order_by {
  std::string column;
  bool descending = false;
};

struct select_options {
  /// A projection is taken if each of its columns exists for the caller, plain or masked. None of them: `forbidden`.
  /// Left out: the columns of the mapped struct that exist for the caller, or all that do.
  std::optional<projection> shape{};
  std::vector<order_by> order{};
  std::optional<std::uint64_t> limit{};
  std::optional<std::uint64_t> offset{};
  /// Whether `cell::withheld` is to be known; it costs a column for each one that may be withheld.
  bool mark_withheld = false;
};

}  // namespace grille
