/// @file
/// Who calls. Its values are bound as parameters, never printed into SQL.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "grille/value.hpp"

namespace grille {

namespace detail {
struct principal_data;
}

/// What an application knows of a caller. Immutable: every member that says more returns a changed copy. Cheap to copy, safe to
/// share between threads.
class principal {
 public:
  /// A caller who is known by `id`. @throws `usage` if it is empty.
  explicit principal(std::string id);
  /// Nobody: may do what the role `public` may; all else is `unauthenticated`.
  static principal anonymous();
  /// From an object such as
  /// `{"id": "m-17", "user_id": 17, "groups": ["customers"], "roles": [{"role": "merchant", "shop_id": 1}],
  ///   "expires_at": "2026-11-22T12:00:00Z", "on_behalf_of": "b-3", "context": {"network": "internal"}}`.
  /// Members of other names are attributes: integers of 64 bits, decimals in their own digits, booleans, text, null.
  /// Without an `id` it is nobody, whatever else it says.
  /// @throws `usage`, naming the member, for text that is no such object, repeated members, nested values where none belong,
  /// integers beyond 64 bits; `limit` beyond 1 MB or 10,000 values.
  static principal from_json(std::string_view text);

  /// States an attribute, in place of one of that name. Which there are, and of which type, the policy says.
  [[nodiscard]] principal with(std::string attribute, value v) const;
  /// States a role, held within `scope` where the policy scopes it. May be held several times, with several scopes.
  [[nodiscard]] principal role(std::string name, attributes scope = {}) const;
  [[nodiscard]] principal group(std::string name) const;
  /// For whom this is done. It is audited, and grants nothing.
  [[nodiscard]] principal on_behalf_of(std::string id) const;
  /// From that moment on this is nobody.
  [[nodiscard]] principal expires(timestamp at) const;
  /// Says something of this call. What `database::session` is given wins over it.
  [[nodiscard]] principal context(std::string name, value v) const;

  /// Empty for nobody.
  std::string_view id() const noexcept;
  /// For Grille's own layers.
  detail::principal_data const& data() const noexcept { return *data_; }

 private:
  explicit principal(std::shared_ptr<detail::principal_data const> data) noexcept : data_(std::move(data)) {}
  std::shared_ptr<detail::principal_data const> data_;
};

}  // namespace grille
