#include "policy/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace grille::policy {

namespace {

constexpr std::array<std::pair<std::string_view, attribute_type>, 7> types{{{"integer", attribute_type::integer},
                                                                            {"text", attribute_type::text},
                                                                            {"boolean", attribute_type::boolean},
                                                                            {"numeric", attribute_type::numeric},
                                                                            {"real", attribute_type::real},
                                                                            {"timestamp", attribute_type::timestamp},
                                                                            {"date", attribute_type::date}}};

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::optional<int> digits(std::string_view text) {
  int n = 0;
  for (char const c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + (c - '0');
  }
  return n;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::optional<attribute_type> type_named(std::string_view word) {
  auto const name = lower(word);
  for (auto const& [text, type] : types)
    if (text == name) return type;
  return std::nullopt;
}

std::string_view to_string(attribute_type t) {
  for (auto const& [text, type] : types)
    if (type == t) return text;
  return {};
}

std::optional<day> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto const y = digits(text.substr(0, 4)), m = digits(text.substr(5, 2)), d = digits(text.substr(8, 2));
  if (!y || !m || !d) return std::nullopt;
  std::chrono::year_month_day const ymd{std::chrono::year{*y}, std::chrono::month{static_cast<unsigned>(*m)},
                                        std::chrono::day{static_cast<unsigned>(*d)}};
  if (!ymd.ok()) return std::nullopt;
  return day{ymd};
}

std::string fold(std::string_view s) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    char const c = s[i];
    if (quote != 0) {
      out += c;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      out += quote = c;
    } else if (s.substr(i, 2) == "--") {
      i = std::min(s.find('\n', i), s.size());
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (s.substr(i, 2) == "/*") {
      auto const end = s.find("*/", i + 2);
      i = end == std::string_view::npos ? s.size() : end + 1;
    } else if (blank(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace grille::policy
