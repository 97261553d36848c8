#include "base/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace grille::base {
namespace {

constexpr std::size_t longest = 64;  // of a word that is worth a suggestion: the work is quadratic

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment: insert, delete, replace, swap two neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      bool const same = fold(a[i - 1]) == fold(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      bool const swapped = i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string suggest(std::string_view word, std::span<std::string_view const> known) {
  if (word.size() > longest) return {};
  std::string_view best;
  auto nearest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (auto const candidate : known) {
    auto const length_apart = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (candidate.size() > longest || length_apart >= nearest) continue;
    auto const d = distance(word, candidate);
    if (d < nearest) {
      nearest = d;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace grille::base
