/// @file
/// Own structs as rows.
#pragma once
#include <string_view>
#include <tuple>
#include <type_traits>

namespace grille {

/// Specialise for an own struct:
/// @code
/// template <> struct grille::mapping<shop::order> {
///   static constexpr std::string_view resource = "orders";
///   static constexpr auto columns = std::tuple{field{"id", &shop::order::id}, field{"total", &shop::order::total}};
/// };
/// @endcode
/// The struct must be default-constructible, each member storable. An `optional` member takes NULL, and stays empty where the
/// result has no such column.
template <class T>
struct mapping;

/// A column and the member that holds it.
template <class T, class M>
struct field {
  std::string_view column;
  M T::*member;
};
template <class T, class M>
field(std::string_view, M T::*) -> field<T, M>;

template <class T>
concept mapped = requires {
  mapping<T>::resource;
  mapping<T>::columns;
};

}  // namespace grille
