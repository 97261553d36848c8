// Values read back as C++ types. Enters: what a database or a caller stored. Leaves: the same value as the type asked for,
// or the error `type`. A conversion is made only where no digit is lost; text is never taken for a number.
#include "grille/value.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>

namespace grille {

namespace {

/// `digits` × 10^`exponent`; `digits` has no zero at either end and is empty for zero: equal numbers are equal trees.
struct decimal {
  bool negative{};
  std::string digits;
  std::int64_t exponent{};
  friend bool operator==(decimal const&, decimal const&) = default;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& s) {
  std::size_t n = 0;
  while (n < s.size() && is_digit(s[n])) ++n;
  auto const digits = s.substr(0, n);
  s.remove_prefix(n);
  return digits;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

// decimal = ["+" | "-"] (digits ["." [digits]] | "." digits) [("e" | "E") ["+" | "-"] digits]
std::optional<decimal> parse_decimal(std::string_view s) {
  decimal d;
  d.negative = take(s, '-');
  if (!d.negative) take(s, '+');
  auto const whole = take_digits(s);
  std::string_view fraction;
  if (take(s, '.')) fraction = take_digits(s);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (take(s, 'e') || take(s, 'E')) {
    bool const down = take(s, '-');
    if (!down) take(s, '+');
    auto const power = take_digits(s);
    std::int32_t n{};
    if (std::from_chars(power.data(), power.data() + power.size(), n).ec != std::errc{}) return std::nullopt;
    d.exponent = down ? -n : n;
  }
  if (!s.empty()) return std::nullopt;

  d.digits.append(whole).append(fraction);
  d.exponent -= static_cast<std::int64_t>(fraction.size());
  d.digits.erase(0, std::min(d.digits.find_first_not_of('0'), d.digits.size()));
  auto const last = d.digits.find_last_not_of('0');
  auto const kept = last == std::string::npos ? 0 : last + 1;
  d.exponent += static_cast<std::int64_t>(d.digits.size() - kept);
  d.digits.resize(kept);
  if (d.digits.empty()) d = {};
  return d;
}

std::optional<std::int64_t> integer_of(decimal const& d) {
  constexpr std::int64_t most_digits = 19;
  if (d.digits.empty()) return 0;
  if (d.exponent < 0 || static_cast<std::int64_t>(d.digits.size()) + d.exponent > most_digits) return std::nullopt;
  auto const text = (d.negative ? "-" : "") + d.digits + std::string(static_cast<std::size_t>(d.exponent), '0');
  std::int64_t i{};
  if (std::from_chars(text.data(), text.data() + text.size(), i).ec != std::errc{}) return std::nullopt;
  return i;
}

/// All digits of a finite double: each has at most 309 before and 1074 after the point.
decimal exact_decimal(double d) {
  std::array<char, 1400> text{};
  auto const r = std::to_chars(text.data(), text.data() + text.size(), d, std::chars_format::fixed, 1074);
  return parse_decimal({text.data(), static_cast<std::size_t>(r.ptr - text.data())}).value();
}

std::optional<double> double_of(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  auto const wanted = parse_decimal(text);
  if (!wanted) return std::nullopt;
  if (wanted->digits.empty()) return 0.0;
  if (text.front() == '+') text.remove_prefix(1);
  double d{};
  if (std::from_chars(text.data(), text.data() + text.size(), d).ec != std::errc{} || exact_decimal(d) != *wanted) return std::nullopt;
  return d;
}

// A double that is the shortest text for it and no other number; 0.1 is not: its own digits go on for 55 places.
std::optional<numeric> numeric_of(double d) {
  if (!std::isfinite(d)) return std::nullopt;
  std::array<char, 400> text{};
  auto const r = std::to_chars(text.data(), text.data() + text.size(), d, std::chars_format::fixed);
  numeric n{std::string(text.data(), r.ptr)};
  if (parse_decimal(n.text) != exact_decimal(d)) return std::nullopt;
  if (d == 0) n.text = "0";
  return n;
}

std::optional<std::int64_t> integer_of(double d) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (!(d >= -two_to_63 && d < two_to_63) || std::trunc(d) != d) return std::nullopt;
  return static_cast<std::int64_t>(d);
}

std::optional<double> double_of(std::int64_t i) {
  auto const d = static_cast<double>(i);
  if (integer_of(d) != i) return std::nullopt;
  return d;
}

std::optional<int> take_number(std::string_view& s, std::size_t width) {
  if (s.size() < width) return std::nullopt;
  int n = 0;
  for (char const c : s.substr(0, width)) {
    if (!is_digit(c)) return std::nullopt;
    n = n * 10 + (c - '0');
  }
  s.remove_prefix(width);
  return n;
}

/// `width` digits of at most `most`, behind `mark`.
std::optional<int> take_field(std::string_view& s, char mark, int most) {
  if (!take(s, mark)) return std::nullopt;
  auto const n = take_number(s, 2);
  return n && *n <= most ? n : std::nullopt;
}

// date = yyyy "-" mm "-" dd
std::optional<date> take_date(std::string_view& s) {
  auto const year = take_number(s, 4);
  if (!year) return std::nullopt;
  auto const month = take_field(s, '-', 12);
  if (!month) return std::nullopt;
  auto const day = take_field(s, '-', 31);
  if (!day) return std::nullopt;
  auto const d = std::chrono::year(*year) / *month / *day;
  if (!d.ok()) return std::nullopt;
  return date(d);
}

// fraction = "." digit {digit}; what is finer than a microsecond must be zero
std::optional<std::chrono::microseconds> take_fraction(std::string_view& s) {
  if (!take(s, '.')) return std::chrono::microseconds{0};
  auto const digits = take_digits(s);
  if (digits.empty() || digits.find_first_not_of('0', std::min<std::size_t>(6, digits.size())) != digits.npos) return std::nullopt;
  std::int64_t n = 0;
  for (std::size_t i = 0; i < 6; ++i) n = n * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return std::chrono::microseconds{n};
}

// offset = "Z" | ("+" | "-") hh [":" mm [":" ss]]; none means UTC
std::optional<std::chrono::seconds> take_offset(std::string_view& s) {
  if (s.empty() || take(s, 'Z')) return std::chrono::seconds{0};
  bool const west = s.front() == '-';
  auto const hours = take_field(s, west ? '-' : '+', 15);
  if (!hours) return std::nullopt;
  std::optional<int> minutes = 0;
  std::optional<int> seconds = 0;
  if (!s.empty()) minutes = take_field(s, ':', 59);
  if (minutes && !s.empty()) seconds = take_field(s, ':', 59);
  if (!minutes || !seconds) return std::nullopt;
  auto const offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
  return west ? -offset : offset;
}

// timestamp = date ("T" | " ") hh ":" mm ":" ss [fraction] [offset]
std::optional<timestamp> parse_timestamp(std::string_view s) {
  auto const day = take_date(s);
  if (!day || s.empty()) return std::nullopt;
  auto const hours = take_field(s, s.front() == 'T' ? 'T' : ' ', 23);
  if (!hours) return std::nullopt;
  auto const minutes = take_field(s, ':', 59);
  if (!minutes) return std::nullopt;
  auto const seconds = take_field(s, ':', 59);
  if (!seconds) return std::nullopt;
  auto const fraction = take_fraction(s);
  if (!fraction) return std::nullopt;
  auto const offset = take_offset(s);
  if (!offset || !s.empty()) return std::nullopt;
  return timestamp(*day) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds) + *fraction -
         *offset;
}

template <class T>
T const* alternative(value::storage const& s) {
  return std::get_if<T>(&s);
}

}  // namespace

void value::fail(std::string_view wanted) { raise({.kind = errc::type, .message = fmt::format("the value is not {}", wanted)}); }
void value::fail(std::string_view wanted, storage const& s) {
  if (std::holds_alternative<std::monostate>(s)) raise({.kind = errc::type, .message = fmt::format("the value is NULL, not {}", wanted), .help = "read it as an `optional`"});
  fail(wanted);
}

std::int64_t value::to_integer(storage const& s) {
  if (auto const* i = alternative<std::int64_t>(s)) return *i;
  std::optional<std::int64_t> i;
  if (auto const* d = alternative<double>(s)) i = integer_of(*d);
  if (auto const* n = alternative<numeric>(s))
    if (auto const d = parse_decimal(n->text)) i = integer_of(*d);
  if (!i) fail("a 64-bit signed integer", s);
  return *i;
}

double value::to_double(storage const& s) {
  if (auto const* d = alternative<double>(s)) return *d;
  std::optional<double> d;
  if (auto const* i = alternative<std::int64_t>(s)) d = double_of(*i);
  if (auto const* n = alternative<numeric>(s)) d = double_of(n->text);
  if (!d) fail("exactly a 64-bit floating-point number", s);
  return *d;
}

std::string value::to_text(storage const& s) {
  if (auto const* t = alternative<std::string>(s)) return *t;
  if (auto const* j = alternative<json>(s)) return j->text;
  if (auto const* n = alternative<numeric>(s)) return n->text;
  fail("text", s);
}

bool value::to_bool(storage const& s) {
  if (auto const* b = alternative<bool>(s)) return *b;
  if (auto const* i = alternative<std::int64_t>(s); i != nullptr && (*i == 0 || *i == 1)) return *i == 1;  // SQLite has no booleans
  fail("a boolean", s);
}

numeric value::to_numeric(storage const& s) {
  if (auto const* n = alternative<numeric>(s)) return *n;
  if (auto const* i = alternative<std::int64_t>(s)) return {std::to_string(*i)};
  std::optional<numeric> n;
  if (auto const* d = alternative<double>(s)) n = numeric_of(*d);
  if (!n) fail("an exact numeric", s);
  return *std::move(n);
}

bytes value::to_bytes(storage const& s) {
  if (auto const* b = alternative<bytes>(s)) return *b;
  fail("binary", s);
}

timestamp value::to_timestamp(storage const& s) {
  if (auto const* t = alternative<timestamp>(s)) return *t;
  std::optional<timestamp> t;
  if (auto const* text = alternative<std::string>(s)) t = parse_timestamp(*text);
  if (!t) fail("a timestamp", s);
  return *t;
}

date value::to_date(storage const& s) {
  if (auto const* d = alternative<date>(s)) return *d;
  if (auto const* text = alternative<std::string>(s)) {
    std::string_view rest = *text;
    if (auto const d = take_date(rest); d && rest.empty()) return *d;
  }
  fail("a date", s);
}

}  // namespace grille
