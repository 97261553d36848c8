#include "eval/compare.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace grille::eval {

using base::fail;
using base::result;

namespace {

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Splits off one code point; bytes that are not UTF-8 stand for themselves.
char32_t next(std::string_view& s) {
  auto const lead = static_cast<unsigned char>(s.front());
  std::size_t const length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (length == 1 || s.size() < length) {
    s.remove_prefix(1);
    return lead;
  }
  char32_t c = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) c = (c << 6) | (static_cast<unsigned char>(s[i]) & 0x3FU);
  s.remove_prefix(length);
  return c;
}

char32_t fold(char32_t c) { return c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c; }

std::partial_ordering by_bytes(std::string_view a, std::string_view b) {
  auto const c = a.compare(b);
  return c < 0 ? std::partial_ordering::less : c > 0 ? std::partial_ordering::greater : std::partial_ordering::equivalent;
}

std::string_view without_trailing_blanks(std::string_view s) {
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

enum class storage { number, text, blob };
storage storage_of(value const& v) {
  auto const& d = v.data();
  if (std::holds_alternative<bytes>(d)) return storage::blob;
  if (number_of(v)) return storage::number;
  return storage::text;
}

std::string printed(timestamp t) {
  auto const day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day const ymd{day};
  std::chrono::hh_mm_ss const time{std::chrono::floor<std::chrono::seconds>(t - day)};
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return out;
}

/// Integers against integers exactly; everything else through the widest floating type.
std::partial_ordering numbers(value const& a, value const& b) {
  auto const integer = [](value const& v) -> std::optional<std::int64_t> {
    if (auto const* i = std::get_if<std::int64_t>(&v.data())) return *i;
    if (auto const* t = std::get_if<bool>(&v.data())) return *t ? 1 : 0;
    return std::nullopt;
  };
  auto const x = integer(a), y = integer(b);
  if (x && y) return *x <=> *y;
  return *number_of(a) <=> *number_of(b);
}

}  // namespace

truth negate(truth t) { return t == truth::unknown ? t : t == truth::yes ? truth::no : truth::yes; }

value to_value(truth t) { return t == truth::unknown ? value{} : value(t == truth::yes); }

std::optional<long double> number_of(value const& v) {
  auto const& d = v.data();
  if (auto const* b = std::get_if<bool>(&d)) return *b ? 1.0L : 0.0L;
  if (auto const* i = std::get_if<std::int64_t>(&d)) return static_cast<long double>(*i);
  if (auto const* r = std::get_if<double>(&d)) return static_cast<long double>(*r);
  if (auto const* n = std::get_if<numeric>(&d)) return std::strtold(n->text.c_str(), nullptr);
  return std::nullopt;
}

std::optional<std::string> text_of(value const& v) {
  return std::visit(
      [](auto const& x) -> std::optional<std::string> {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::same_as<T, std::monostate>) {
          return std::nullopt;
        } else if constexpr (std::same_as<T, bool>) {
          return x ? "1" : "0";
        } else if constexpr (std::same_as<T, std::int64_t>) {
          return std::to_string(x);
        } else if constexpr (std::same_as<T, double>) {
          char out[40];
          std::snprintf(out, sizeof out, "%.15g", x);
          if (std::strpbrk(out, ".eEn") == nullptr) std::strcat(out, ".0");
          return out;
        } else if constexpr (std::same_as<T, numeric> || std::same_as<T, json>) {
          return x.text;
        } else if constexpr (std::same_as<T, std::string>) {
          return x;
        } else if constexpr (std::same_as<T, bytes>) {
          return std::string(reinterpret_cast<char const*>(x.data()), x.size());
        } else if constexpr (std::same_as<T, timestamp>) {
          return printed(x);
        } else {
          static_assert(std::same_as<T, date>);
          return printed(timestamp(x)).substr(0, 10);
        }
      },
      v.data());
}

result<truth> truth_of(value const& v, dialect d) {
  if (v.null()) return truth::unknown;
  if (auto const* b = std::get_if<bool>(&v.data())) return *b ? truth::yes : truth::no;
  if (d == dialect::postgresql) return fail(errc::type, "a condition must be of type boolean");
  if (auto const n = number_of(v)) return *n != 0 ? truth::yes : truth::no;
  auto const text = text_of(v);
  return std::strtod(text->c_str(), nullptr) != 0 ? truth::yes : truth::no;
}

result<std::optional<std::partial_ordering>> compare(value const& a, value const& b, dialect d, std::string_view collation) {
  using order = std::optional<std::partial_ordering>;
  if (a.null() || b.null()) return order{};
  auto const x = storage_of(a), y = storage_of(b);
  if (x != y) {
    if (d == dialect::postgresql) return fail(errc::type, "values of these types do not compare");
    return order{static_cast<int>(x) < static_cast<int>(y) ? std::partial_ordering::less : std::partial_ordering::greater};
  }
  switch (x) {
    case storage::number: return order{numbers(a, b)};
    case storage::text: {
      auto left = *text_of(a), right = *text_of(b);
      if (collation.empty() || collation == "BINARY") return order{by_bytes(left, right)};
      if (collation == "RTRIM") return order{by_bytes(without_trailing_blanks(left), without_trailing_blanks(right))};
      if (collation != "NOCASE") return fail(errc::unsupported, "collation `" + std::string(collation) + "` is not known in memory");
      for (auto* s : {&left, &right}) std::transform(s->begin(), s->end(), s->begin(), [](char c) { return fold(c); });
      return order{by_bytes(left, right)};
    }
    case storage::blob: return order{by_bytes(*text_of(a), *text_of(b))};
  }
  return order{};
}

/// Greedy with one point of return: linear in practice, quadratic at worst.
bool like(std::string_view text, std::string_view pattern, std::optional<char32_t> escape, bool ignore_case) {
  std::string_view retry_text, retry_pattern;
  bool can_retry = false;
  for (;;) {
    bool mismatch = false;
    if (pattern.empty()) {
      if (text.empty()) return true;
      mismatch = true;
    } else {
      auto rest = pattern;
      auto p = next(rest);
      if (p == U'%' && escape != p) {
        pattern = rest;
        can_retry = true;
        retry_text = text;
        retry_pattern = pattern;
        continue;
      }
      bool const any = p == U'_' && escape != p;
      if (!any && escape == p) {
        if (rest.empty()) return false;
        p = next(rest);
      }
      if (text.empty()) return false;
      auto after = text;
      auto const c = next(after);
      if (any || c == p || (ignore_case && fold(c) == fold(p))) {
        text = after;
        pattern = rest;
      } else {
        mismatch = true;
      }
    }
    if (mismatch) {
      if (!can_retry || retry_text.empty()) return false;
      next(retry_text);
      text = retry_text;
      pattern = retry_pattern;
    }
  }
}

bool glob(std::string_view text, std::string_view pattern) {
  while (!pattern.empty()) {
    auto const p = next(pattern);
    if (p == U'*') {
      for (;;) {
        if (glob(text, pattern)) return true;
        if (text.empty()) return false;
        next(text);
      }
    }
    if (text.empty()) return false;
    auto const c = next(text);
    if (p == U'?') continue;
    if (p != U'[') {
      if (c != p) return false;
      continue;
    }
    bool found = false, invert = false;
    if (!pattern.empty() && pattern.front() == '^') {
      invert = true;
      pattern.remove_prefix(1);
    }
    char32_t before = 0;
    bool first = true;
    for (;;) {
      if (pattern.empty()) return false;
      auto const member = next(pattern);
      if (member == U']' && !first) break;
      if (member == U'-' && !first && before != 0 && !pattern.empty() && pattern.front() != ']') {
        auto const last = next(pattern);
        found = found || (c >= before && c <= last);
        before = 0;
      } else {
        found = found || c == member;
        before = member;
      }
      first = false;
    }
    if (found == invert) return false;
  }
  return text.empty();
}

}  // namespace grille::eval
