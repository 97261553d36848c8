#include "session_postgres/shown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>

namespace shown {

std::string text(grille::value const& v) {
  return std::visit(
      [](auto const& x) -> std::string {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, std::monostate>) return "~";
        else if constexpr (std::is_same_v<type, std::string>) return x;
        else if constexpr (std::is_arithmetic_v<type>) return fmt::format("{}", x);
        else if constexpr (std::is_same_v<type, grille::numeric> || std::is_same_v<type, grille::json>) return x.text;
        else if constexpr (std::is_same_v<type, grille::bytes>) return fmt::format("{} bytes", x.size());
        else return fmt::format("{} since 1970", x.time_since_epoch().count());
      },
      v.data());
}

std::vector<std::string> sorted(grille::rows<grille::row> const& rows) {
  std::vector<std::string> out;
  for (auto const& r : rows) {
    auto& line = out.emplace_back();
    for (std::size_t i = 0; i < r.size(); ++i) line += (i > 0 ? "|" : "") + text(r[i].get());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace shown
