#include "exec/postgres/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace grille::exec::postgres {

namespace {

/// From pg_type.dat: they never change.
namespace oid {
constexpr std::uint32_t boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, oid = 26, json = 114, float4 = 700, float8 = 701, date = 1082,
                        timestamp = 1114, timestamptz = 1184, numeric = 1700, jsonb = 3802;
}

/// A `std::chrono::year` ends at 32767, PostgreSQL's at 294276 and more: so 400 years, which have always as many days, are counted apart.
std::string written(date d) {
  constexpr std::int64_t days = 146'097;
  auto const since = static_cast<std::int64_t>(d.time_since_epoch().count());
  auto const around = since / days - (since % days < 0 ? 1 : 0);
  auto const ymd = std::chrono::year_month_day(date(std::chrono::days(since - around * days)));
  auto const year = static_cast<int>(ymd.year()) + around * 400;
  auto const text = fmt::format("{:04}-{:02}-{:02}", year > 0 ? year : 1 - year, static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return year > 0 ? text : text + " BC";
}

std::string written(timestamp t) {
  auto const day = std::chrono::floor<std::chrono::days>(t);
  auto const time = std::chrono::hh_mm_ss(t - day);
  auto text = written(date(day));
  bool const before_christ = text.ends_with(" BC");
  if (before_christ) text.resize(text.size() - 3);
  text += fmt::format(" {:02}:{:02}:{:02}.{:06}+00", time.hours().count(), time.minutes().count(), time.seconds().count(), time.subseconds().count());
  return before_christ ? text + " BC" : text;
}

std::string written(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", d);
}

std::string written(bytes const& b) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(2 + 2 * b.size());
  for (auto const byte : b) {
    auto const n = std::to_integer<unsigned>(byte);
    text += digits[n / 16];
    text += digits[n % 16];
  }
  return text;
}

/// A value as a text that lives in it, or among those that are written here; null for NULL.
struct encoder {
  std::vector<std::string>& here;

  std::string const* operator()(std::monostate /*null*/) const { return nullptr; }
  std::string const* operator()(bool b) const { return kept(b ? "true" : "false"); }
  std::string const* operator()(std::int64_t i) const { return kept(std::to_string(i)); }
  std::string const* operator()(double d) const { return kept(written(d)); }
  std::string const* operator()(numeric const& n) const { return &n.text; }
  std::string const* operator()(std::string const& s) const { return &s; }
  std::string const* operator()(bytes const& b) const { return kept(written(b)); }
  std::string const* operator()(json const& j) const { return &j.text; }
  std::string const* operator()(timestamp t) const { return kept(written(t)); }
  std::string const* operator()(date d) const { return kept(written(d)); }

 private:
  std::string const* kept(std::string text) const { return &here.emplace_back(std::move(text)); }
};

template <class N>
std::optional<N> number(std::string_view text) {
  N n{};
  auto const r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc{} || r.ptr != text.data() + text.size()) return std::nullopt;
  return n;
}

template <class F>
std::optional<F> real(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<F>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<F>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<F>::infinity();
  return number<F>(text);
}

int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

std::optional<bytes> hexadecimal(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  bytes all;
  all.reserve(text.size() / 2 - 1);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    auto const high = digit(text[i]);
    auto const low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    all.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return all;
}

/// `[y…]yyyy-mm-dd`. Nothing for what a `date` cannot hold.
std::optional<date> day(std::string_view text) {
  auto const first = text.find('-');
  if (first == text.npos || text.size() != first + 6 || text[first + 3] != '-') return std::nullopt;
  auto const y = number<int>(text.substr(0, first));
  auto const m = number<unsigned>(text.substr(first + 1, 2));
  auto const d = number<unsigned>(text.substr(first + 4, 2));
  if (!y || !m || !d || *y > static_cast<int>(std::chrono::year::max())) return std::nullopt;
  std::chrono::year_month_day const ymd{std::chrono::year(*y), std::chrono::month(*m), std::chrono::day(*d)};
  if (!ymd.ok()) return std::nullopt;
  return date(ymd);
}

/// `day hh:mm:ss[.ffffff][+00]`
std::optional<timestamp> moment(std::string_view text) {
  if (text.ends_with("+00")) text.remove_suffix(3);
  auto const space = text.find(' ');
  if (space == text.npos) return std::nullopt;
  auto const d = day(text.substr(0, space));
  auto time = text.substr(space + 1);
  if (!d || time.size() < 8 || time[2] != ':' || time[5] != ':') return std::nullopt;
  auto const h = number<int>(time.substr(0, 2));
  auto const m = number<int>(time.substr(3, 2));
  auto const s = number<int>(time.substr(6, 2));
  if (!h || !m || !s) return std::nullopt;
  int micros = 0;
  if (time.size() > 8) {
    auto const fraction = time.substr(9);
    auto const n = number<int>(fraction);
    if (time[8] != '.' || fraction.size() > 6 || !n) return std::nullopt;
    micros = *n;
    for (auto i = fraction.size(); i < 6; ++i) micros *= 10;
  }
  return timestamp(*d) + std::chrono::hours(*h) + std::chrono::minutes(*m) + std::chrono::seconds(*s) + std::chrono::microseconds(micros);
}

}  // namespace

result<void> encoded::take(std::vector<value> const& values) {
  written_.clear();
  pointers_.clear();
  written_.reserve(values.size());
  pointers_.reserve(values.size());
  encoder const encode{written_};
  for (auto const& v : values) {
    auto const* const text = std::visit(encode, v.data());
    if (text != nullptr && text->find('\0') != text->npos)
      return fail({.kind = errc::type, .message = "PostgreSQL cannot hold a text with a zero character"});
    pointers_.push_back(text == nullptr ? nullptr : text->c_str());
  }
  return {};
}

failure unreadable(char const* what) {
  return {.kind = errc::backend, .message = "the database sent what cannot be read", .detail = fmt::format("{} in an unknown form", what)};
}

char const* decode(std::uint32_t type, std::optional<std::string_view> cell, std::vector<value>& to) {
  if (!cell) {
    to.emplace_back();
    return nullptr;
  }
  auto const text = *cell;
  auto const put = [&](auto v, char const* what) -> char const* {
    if (!v) return what;
    to.emplace_back(*std::move(v));
    return nullptr;
  };
  switch (type) {
    case oid::boolean: return put(text == "t" || text == "f" ? std::optional(text == "t") : std::nullopt, "a boolean");
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::oid: return put(number<std::int64_t>(text), "an integer");
    case oid::float4: return put(real<float>(text), "a real number");
    case oid::float8: return put(real<double>(text), "a real number");
    case oid::numeric: to.emplace_back(numeric{std::string(text)}); break;
    case oid::bytea: return put(hexadecimal(text), "bytes");
    case oid::json:
    case oid::jsonb: to.emplace_back(json{std::string(text)}); break;
    case oid::date:
      if (auto const d = day(text)) return put(d, nullptr);
      to.emplace_back(text);
      break;
    case oid::timestamp:
    case oid::timestamptz:
      if (auto const t = moment(text)) return put(t, nullptr);
      to.emplace_back(text);
      break;
    default: to.emplace_back(text);
  }
  return nullptr;
}

}  // namespace grille::exec::postgres
