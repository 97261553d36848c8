/// @file
/// Typed values that go to and come from a database, without loss: exact numerics stay text.
#pragma once
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "grille/error.hpp"

namespace grille {

/// An exact decimal in its own digits; it never passes through a `double`.
struct numeric {
  std::string text;
  friend bool operator==(numeric const&, numeric const&) = default;
};
/// A JSON document as text.
struct json {
  std::string text;
  friend bool operator==(json const&, json const&) = default;
};
using bytes = std::vector<std::byte>;
/// Microseconds since 1970-01-01 UTC.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using date = std::chrono::sys_days;

class value;

/// Own scalar types: specialise with `static T from(value const&)` and `static value to(T const&)`.
template <class T>
struct convert;

template <class T>
inline constexpr bool storable =
    std::is_arithmetic_v<T> || std::is_convertible_v<T, std::string_view> || requires { &convert<T>::to; };
template <>
inline constexpr bool storable<numeric> = true;
template <>
inline constexpr bool storable<json> = true;
template <>
inline constexpr bool storable<bytes> = true;
template <>
inline constexpr bool storable<date> = true;
template <>
inline constexpr bool storable<timestamp> = true;
template <>
inline constexpr bool storable<std::nullopt_t> = true;
template <>
inline constexpr bool storable<std::nullptr_t> = false;
template <class T>
inline constexpr bool storable<std::optional<T>> = storable<T>;

/// One value, owned. Immutable after construction but for assignment; safe to share between threads as `const`.
class value {
 public:
  using storage = std::variant<std::monostate, bool, std::int64_t, double, numeric, std::string, bytes, json, timestamp, date>;

  /// NULL.
  value() noexcept = default;

  /// From any storable type. Integers that do not fit 64 bits signed throw `type`; there is no silent narrowing.
  template <class T>
    requires(storable<std::decay_t<T>> && !std::same_as<std::decay_t<T>, value>)
  value(T&& v) : data_(store(std::forward<T>(v))) {}  // NOLINT(google-explicit-constructor): values are written inline

  bool null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  storage const& data() const noexcept { return data_; }
  friend bool operator==(value const&, value const&) = default;

  /// The value as a T. `optional<T>` takes NULL; any other T throws `type` on NULL and on a value that is not a T exactly.
  /// Text is read as a date (`2026-11-22`) or timestamp (`2026-11-22 12:00:00[.ffffff][Z|+hh[:mm]]`, or with `T`; UTC without an offset), never as
  /// a number.
  template <class T>
  T as() const;

 private:
  template <class T>
  static storage store(T&& v);
  [[noreturn]] static void fail(std::string_view wanted);
  [[noreturn]] static void fail(std::string_view wanted, storage const& s);
  static std::int64_t to_integer(storage const& s);
  static double to_double(storage const& s);
  static std::string to_text(storage const& s);
  static bool to_bool(storage const& s);
  static numeric to_numeric(storage const& s);
  static bytes to_bytes(storage const& s);
  static timestamp to_timestamp(storage const& s);
  static date to_date(storage const& s);

  storage data_;
};

namespace detail {
template <class T>
struct optional_of : std::false_type {};
template <class T>
struct optional_of<std::optional<T>> : std::true_type {
  using type = T;
};
}  // namespace detail

template <class T>
value::storage value::store(T&& v) {
  using D = std::decay_t<T>;
  if constexpr (std::same_as<D, std::nullopt_t>) {
    return std::monostate{};
  } else if constexpr (detail::optional_of<D>::value) {
    return v ? store(*std::forward<T>(v)) : storage{};
  } else if constexpr (requires { &convert<D>::to; }) {
    return convert<D>::to(v).data_;
  } else if constexpr (std::same_as<D, bool>) {
    return storage{std::in_place_type<bool>, v};
  } else if constexpr (std::is_integral_v<D>) {
    if (!std::in_range<std::int64_t>(v)) fail("a 64-bit signed integer");
    return storage{std::in_place_type<std::int64_t>, static_cast<std::int64_t>(v)};
  } else if constexpr (std::is_floating_point_v<D>) {
    auto const d = static_cast<double>(v);
    if (static_cast<D>(d) != v && !std::isnan(d)) fail("a 64-bit floating-point number");
    return storage{std::in_place_type<double>, d};
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return storage{std::in_place_type<std::string>, std::string_view(v)};
  } else {
    return storage{std::in_place_type<D>, std::forward<T>(v)};
  }
}

template <class T>
T value::as() const {
  if constexpr (std::same_as<T, value>) {
    return *this;
  } else if constexpr (detail::optional_of<T>::value) {
    if (null()) return std::nullopt;
    return as<typename detail::optional_of<T>::type>();
  } else if constexpr (requires { &convert<T>::from; }) {
    return convert<T>::from(*this);
  } else if constexpr (std::same_as<T, bool>) {
    return to_bool(data_);
  } else if constexpr (std::is_integral_v<T>) {
    auto const i = to_integer(data_);
    if (!std::in_range<T>(i)) fail("an integer of that size");
    return static_cast<T>(i);
  } else if constexpr (std::is_floating_point_v<T>) {
    auto const d = to_double(data_);
    auto const f = static_cast<T>(d);
    if (static_cast<double>(f) != d && !std::isnan(d)) fail("a floating-point number of that size");
    return f;
  } else if constexpr (std::same_as<T, std::string>) {
    return to_text(data_);
  } else if constexpr (std::same_as<T, numeric>) {
    return to_numeric(data_);
  } else if constexpr (std::same_as<T, json>) {
    return json{to_text(data_)};
  } else if constexpr (std::same_as<T, bytes>) {
    return to_bytes(data_);
  } else if constexpr (std::same_as<T, timestamp>) {
    return to_timestamp(data_);
  } else if constexpr (std::same_as<T, date>) {
    return to_date(data_);
  } else {
    static_assert(std::same_as<T, value>, "no conversion to this type; specialise grille::convert");
  }
}

using attributes = std::vector<std::pair<std::string, value>>;

}  // namespace grille
