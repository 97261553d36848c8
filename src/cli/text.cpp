#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>
#include <type_traits>

#include "base/glyph.hpp"

namespace grille::cli {

namespace {

/// The shortest digits that read back as the same number, recognisable as a float.
std::string shortest(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "Infinity" : "-Infinity";
  char buffer[32];
  auto const end = std::to_chars(std::begin(buffer), std::end(buffer), d).ptr;
  std::string out(buffer, end);
  return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

std::string hexadecimal(bytes const& b) {
  std::string out = "\\x";
  for (auto const byte : b) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

// As PostgreSQL writes them: https://www.postgresql.org/docs/15/datatype-datetime.html
struct day_text {
  std::string day, era;
};
day_text show(date d) {
  std::chrono::year_month_day const ymd(d);
  auto const year = static_cast<int>(ymd.year());
  return {fmt::format("{:04}-{:02}-{:02}", year > 0 ? year : 1 - year, static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day())), year > 0 ? "" : " BC"};
}
std::string to_text(date d) {
  auto const text = show(d);
  return text.day + text.era;
}
std::string to_text(timestamp t) {
  auto const midnight = std::chrono::floor<std::chrono::days>(t);
  std::chrono::hh_mm_ss const time(t - midnight);
  auto const text = show(date(midnight));
  auto out = fmt::format("{} {:02}:{:02}:{:02}", text.day, time.hours().count(), time.minutes().count(), time.seconds().count());
  if (auto const micros = time.subseconds().count(); micros != 0) {
    out += fmt::format(".{:06}", micros);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + text.era;
}

bool is_number(value const& v) {
  auto const& d = v.data();
  return std::holds_alternative<std::int64_t>(d) || std::holds_alternative<double>(d) || std::holds_alternative<numeric>(d);
}

struct shown {
  std::string text;
  std::size_t width{};  // in code points
};
shown show(std::string_view text) {
  shown out;
  for (std::size_t i = 0; i < text.size();) {
    auto const g = base::glyph_at(text, i);
    auto const as = text[i] == '\n' ? "\\n" : text[i] == '\r' ? "\\r" : text[i] == '\t' ? "\\t" : g.shown;
    out.text += as;
    out.width += as.starts_with('\\') && as.size() == 2 ? 2 : 1;
    i += g.size;
  }
  return out;
}

std::string csv_field(std::string const& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char const c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string to_text(value const& v) {
  return std::visit(
      [](auto const& x) -> std::string {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, std::monostate>) return {};
        else if constexpr (std::is_same_v<T, bool>) return x ? "true" : "false";
        else if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(x);
        else if constexpr (std::is_same_v<T, double>) return shortest(x);
        else if constexpr (std::is_same_v<T, numeric> || std::is_same_v<T, json>) return x.text;
        else if constexpr (std::is_same_v<T, std::string>) return x;
        else if constexpr (std::is_same_v<T, bytes>) return hexadecimal(x);
        else return to_text(x);
      },
      v.data());
}

std::string to_table(answer const& a) {
  if (a.columns.empty()) return {};
  std::vector<shown> heads;
  for (auto const& c : a.columns) heads.push_back(show(c));
  std::vector<std::size_t> widths;
  for (auto const& h : heads) widths.push_back(h.width);
  std::vector<std::vector<shown>> cells;
  for (auto const& row : a.rows) {
    auto& line = cells.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.push_back(row[i].null() ? shown{"null", 4} : show(to_text(row[i])));
      widths[i] = std::max(widths[i], line.back().width);
    }
  }
  std::vector<bool> numbers(a.columns.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto const fits = [i](auto const& row) { return row[i].null() || is_number(row[i]); };
    auto const is = [i](auto const& row) { return is_number(row[i]); };
    numbers[i] = std::all_of(a.rows.begin(), a.rows.end(), fits) && std::any_of(a.rows.begin(), a.rows.end(), is);
  }
  std::string out;
  auto const put = [&](std::vector<shown> const& line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::string const fill(widths[i] - line[i].width, ' ');
      text += (i > 0 ? "  " : "") + (numbers[i] ? fill + line[i].text : line[i].text + fill);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  put(heads);
  for (std::size_t i = 0; i < widths.size(); ++i) out += (i > 0 ? "  " : "") + std::string(widths[i], '-');
  out += '\n';
  for (auto const& line : cells) put(line);
  return out;
}

std::string to_csv(answer const& a) {
  std::string out;
  for (std::size_t i = 0; i < a.columns.size(); ++i) out += (i > 0 ? "," : "") + csv_field(a.columns[i]);
  if (!a.columns.empty()) out += '\n';
  for (auto const& row : a.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "," : "") + (row[i].null() ? std::string() : csv_field(to_text(row[i])));
    out += '\n';
  }
  return out;
}

}  // namespace grille::cli
