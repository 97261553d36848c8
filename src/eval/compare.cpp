#include "eval/compare.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

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
  if (!number_of(v).null()) return storage::number;
  return storage::text;
}

/// As it is bound: a fraction only where there is one.
std::string printed(timestamp t) {
  auto const day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day const ymd{day};
  std::chrono::hh_mm_ss const time{t - day};
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  std::string text(out);
  if (auto const fraction = time.subseconds().count(); fraction != 0) {
    std::snprintf(out, sizeof out, ".%06d", static_cast<int>(fraction));
    text += out;
  }
  return text;
}

std::partial_ordering integer_and_double(std::int64_t i, double d) {
  if (std::isnan(d)) return std::partial_ordering::unordered;
  if (d >= 0x1p63) return std::partial_ordering::less;
  if (d < -0x1p63) return std::partial_ordering::greater;
  auto const whole = static_cast<std::int64_t>(d);
  if (i != whole) return i <=> whole;
  return 0.0 <=> d - static_cast<double>(whole);
}

/// Exactly, whichever of the two is an integer.
std::partial_ordering numbers(value const& a, value const& b) {
  auto const x = number_of(a), y = number_of(b);
  auto const* i = std::get_if<std::int64_t>(&x.data());
  auto const* j = std::get_if<std::int64_t>(&y.data());
  if (i != nullptr && j != nullptr) return *i <=> *j;
  if (i != nullptr) return integer_and_double(*i, std::get<double>(y.data()));
  if (j != nullptr) return 0 <=> integer_and_double(*j, std::get<double>(x.data()));
  return std::get<double>(x.data()) <=> std::get<double>(y.data());
}

/// The longest numeral that a text begins with, blanks before it aside. https://www.sqlite.org/lang_expr.html#castexpr
std::string_view leading_numeral(std::string_view s) {
  auto const digit = [&](std::size_t i) { return i < s.size() && s[i] >= '0' && s[i] <= '9'; };
  auto const begin = std::min(s.find_first_not_of(" \t\n\v\f\r"), s.size());
  auto at = begin;
  if (at < s.size() && (s[at] == '-' || s[at] == '+')) ++at;
  auto const first = at;
  while (digit(at)) ++at;
  auto digits = at - first;
  if (at < s.size() && s[at] == '.') {
    ++at;
    for (; digit(at); ++at) ++digits;
  }
  if (digits == 0) return {};
  if (at < s.size() && (s[at] == 'e' || s[at] == 'E')) {
    auto exponent = at + 1;
    if (exponent < s.size() && (s[exponent] == '-' || s[exponent] == '+')) ++exponent;
    if (digit(exponent)) {
      at = exponent;
      while (digit(at)) ++at;
    }
  }
  return s.substr(begin, at - begin);
}

}  // namespace

truth negate(truth t) { return t == truth::unknown ? t : t == truth::yes ? truth::no : truth::yes; }

value to_value(truth t) { return t == truth::unknown ? value{} : value(t == truth::yes); }

double to_double(std::string_view numeral) {
  if (numeral.starts_with('+')) numeral.remove_prefix(1);
  double d = 0;
  auto const [end, ec] = std::from_chars(numeral.data(), numeral.data() + numeral.size(), d);
  if (ec != std::errc::result_out_of_range) return d;
  auto const e = numeral.find_first_of("eE");
  auto const tiny = (e != std::string_view::npos && numeral.substr(e + 1).starts_with('-')) || numeral.find_first_of("123456789") > numeral.find('.');
  auto const sign = numeral.starts_with('-') ? -1.0 : 1.0;
  return sign * (tiny ? 0.0 : std::numeric_limits<double>::infinity());
}

value number_of(value const& v) {
  auto const& d = v.data();
  if (auto const* b = std::get_if<bool>(&d)) return value(std::int64_t{*b ? 1 : 0});
  if (std::holds_alternative<std::int64_t>(d) || std::holds_alternative<double>(d)) return v;
  if (auto const* n = std::get_if<numeric>(&d)) {
    std::int64_t i = 0;
    auto const [end, ec] = std::from_chars(n->text.data(), n->text.data() + n->text.size(), i);
    if (ec == std::errc{} && end == n->text.data() + n->text.size()) return value(i);
    return value(to_double(n->text));
  }
  return {};
}

namespace {

/// Fifteen digits and always a point, as SQLite prints a double.
result<std::optional<std::string>> printed(double d) {
  if (std::isnan(d)) return std::optional<std::string>{};
  if (d == 0) return std::optional<std::string>("0.0");  // whatever its sign
  if (std::isinf(d)) return std::optional<std::string>(d < 0 ? "-Inf" : "Inf");
  char digits[40];
  auto const [end, ec] = std::to_chars(digits, digits + sizeof digits, d, std::chars_format::general, 15);
  std::string text(digits, end);
  if (to_double(text) != d) return fail(errc::unsupported, "the digits of this number are not known in memory");
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return std::optional(text);
}

std::string_view raw(bytes const& b) { return {reinterpret_cast<char const*>(b.data()), b.size()}; }

/// The characters of what is stored as text or as a blob.
std::string characters(value const& v) {
  return std::visit(
      [](auto const& x) -> std::string {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::same_as<T, json>) {
          return x.text;
        } else if constexpr (std::same_as<T, std::string>) {
          return x;
        } else if constexpr (std::same_as<T, bytes>) {
          return std::string(raw(x));
        } else if constexpr (std::same_as<T, timestamp>) {
          return printed(x);
        } else if constexpr (std::same_as<T, date>) {
          auto const text = printed(timestamp(x));
          return text.substr(0, text.find(' '));
        } else {
          static_assert(std::same_as<T, std::monostate> || std::same_as<T, bool> || std::same_as<T, std::int64_t> || std::same_as<T, double> ||
                        std::same_as<T, numeric>);
          return {};
        }
      },
      v.data());
}

}  // namespace

result<std::optional<std::string>> text_of(value const& v) {
  if (v.null()) return std::optional<std::string>{};
  auto const n = number_of(v);
  if (auto const* i = std::get_if<std::int64_t>(&n.data())) return std::optional(std::to_string(*i));
  if (auto const* d = std::get_if<double>(&n.data())) return printed(*d);
  auto text = characters(v);
  if (text.find('\0') != std::string::npos) return fail(errc::unsupported, "text with a NUL is not known in memory");
  return std::optional(std::move(text));
}

result<truth> truth_of(value const& v, dialect d) {
  if (v.null()) return truth::unknown;
  if (auto const* b = std::get_if<bool>(&v.data())) return *b ? truth::yes : truth::no;
  if (d == dialect::postgresql) return fail(errc::type, "a condition must be of type boolean");
  auto const n = number_of(v);
  if (auto const* i = std::get_if<std::int64_t>(&n.data())) return *i != 0 ? truth::yes : truth::no;
  if (auto const* r = std::get_if<double>(&n.data())) return *r != 0 ? truth::yes : truth::no;
  return to_double(leading_numeral(characters(v))) != 0 ? truth::yes : truth::no;
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
      auto left = characters(a), right = characters(b);
      if (collation.empty() || collation == "BINARY") return order{by_bytes(left, right)};
      if (collation == "RTRIM") return order{by_bytes(without_trailing_blanks(left), without_trailing_blanks(right))};
      if (collation != "NOCASE") return fail(errc::unsupported, "collation `" + std::string(collation) + "` is not known in memory");
      for (auto* s : {&left, &right}) std::transform(s->begin(), s->end(), s->begin(), [](char c) { return fold(c); });
      return order{by_bytes(left, right)};
    }
    case storage::blob: return order{by_bytes(characters(a), characters(b))};
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

namespace {

/// Whether a character is in the set that `pattern` goes on with, behind the `[`; leaves `pattern` behind the `]`. A set without end
/// matches nothing.
bool in_set(char32_t c, std::string_view& pattern) {
  auto const take = [&]() -> char32_t { return pattern.empty() ? 0 : next(pattern); };
  bool found = false, inverted = false;
  auto member = take();
  if (member == U'^') {
    inverted = true;
    member = take();
  }
  if (member == U']') {
    found = c == U']';
    member = take();
  }
  for (char32_t before = 0; member != 0 && member != U']'; member = take()) {
    if (member == U'-' && before != 0 && !pattern.empty() && pattern.front() != ']') {
      auto const last = next(pattern);
      found = found || (c >= before && c <= last);
      before = 0;
    } else {
      found = found || c == member;
      before = member;
    }
  }
  return member == U']' && found != inverted;
}

}  // namespace

/// Greedy with one point of return, as `like`.
bool glob(std::string_view text, std::string_view pattern) {
  std::string_view retry_text, retry_pattern;
  bool can_retry = false;
  for (;;) {
    bool matches = false;
    if (pattern.empty()) {
      if (text.empty()) return true;
    } else {
      auto rest = pattern;
      auto const p = next(rest);
      if (p == U'*') {
        pattern = retry_pattern = rest;
        retry_text = text;
        can_retry = true;
        continue;
      }
      if (text.empty()) return false;
      auto after = text;
      auto const c = next(after);
      matches = p == U'?' || (p == U'[' ? in_set(c, rest) : c == p);
      if (matches) {
        text = after;
        pattern = rest;
      }
    }
    if (matches) continue;
    if (!can_retry || retry_text.empty()) return false;
    next(retry_text);
    text = retry_text;
    pattern = retry_pattern;
  }
}

}  // namespace grille::eval
