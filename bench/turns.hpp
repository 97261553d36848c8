// How contenders are timed: they take turns, batch by batch, so that whatever else the machine does meets all of them.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

namespace turns {

using work = std::function<void()>;

inline double seconds(work const& w, int times) {
  auto const begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) w();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// How often `w` must run to take half a millisecond: long against the clock, short against what disturbs.
inline int batch_of(work const& w) {
  for (int times = 1;; times *= 2)
    if (seconds(w, times) > 0.0005 || times > (1 << 20)) return times;
}

inline double at(std::vector<double>& sorted_later, double quantile) {
  std::sort(sorted_later.begin(), sorted_later.end());
  return sorted_later[static_cast<std::size_t>(quantile * static_cast<double>(sorted_later.size() - 1))];
}

}  // namespace turns
