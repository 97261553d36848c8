// An arena: what a statement's trees are made of. Enters: sizes. Leaves: memory that lives as long as the arena.
// INVARIANT: only trivially destructible types are made here, so that a whole tree is freed at once, without a
// walk and therefore without a stack.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace grille::base {

class arena {
 public:
  arena() = default;
  arena(arena const&) = delete;
  arena& operator=(arena const&) = delete;

  template <class T, class... A>
  T* make(A&&... a) {
    static_assert(std::is_trivially_destructible_v<T>);
    return ::new (pool_.allocate(sizeof(T), alignof(T))) T{std::forward<A>(a)...};
  }

  std::string_view copy(std::string_view s) {
    if (s.empty()) return {};
    auto* p = static_cast<char*>(pool_.allocate(s.size(), 1));
    std::copy(s.begin(), s.end(), p);
    return {p, s.size()};
  }

  template <class T>
  std::span<T> copy(std::vector<T> const& v) {
    return copy(std::span<T const>(v));
  }

  template <class T>
  std::span<T> copy(std::span<T const> v) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (v.empty()) return {};
    auto* p = static_cast<T*>(pool_.allocate(sizeof(T) * v.size(), alignof(T)));
    std::uninitialized_copy(v.begin(), v.end(), p);
    return {p, v.size()};
  }

 private:
  std::pmr::monotonic_buffer_resource pool_{4096};
};

}  // namespace grille::base
