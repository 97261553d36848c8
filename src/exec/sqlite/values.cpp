#include "exec/sqlite/values.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <cmath>
#include <string>

#include "exec/sqlite/failures.hpp"

namespace grille::exec::sqlite {

namespace {

/// `YYYY-MM-DD`, as SQLite's own date functions write it.
std::string written(date d) {
  auto const ymd = std::chrono::year_month_day(d);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

/// `YYYY-MM-DD HH:MM:SS`, as `current_timestamp` writes it, so that the two compare as text; a fraction only where there is one.
std::string written(timestamp t) {
  auto const day = std::chrono::floor<std::chrono::days>(t);
  auto const time = std::chrono::hh_mm_ss(t - day);
  auto text = fmt::format("{} {:02}:{:02}:{:02}", written(day), time.hours().count(), time.minutes().count(), time.seconds().count());
  if (auto const fraction = time.subseconds().count(); fraction != 0) text += fmt::format(".{:06}", fraction);
  return text;
}

bool four_digit_year(date d) {  // a `std::chrono::year` goes round beyond 32767
  using namespace std::chrono;
  return d >= date(year(0) / January / 1) && d <= date(year(9999) / December / 31);
}

failure of_type(std::string_view what) { return {.kind = errc::type, .message = fmt::format("SQLite cannot hold {}", what)}; }

constexpr std::size_t digits_kept = 15;  // https://www.sqlite.org/floatingpoint.html

/// A number as SQLite reads it: an integer where it is written as one and fits, else the nearest double.
std::optional<value> number(std::string_view text) {
  auto const* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
  auto const* const end = text.data() + text.size();
  std::int64_t i{};
  if (auto const r = std::from_chars(begin, end, i); r.ec == std::errc{} && r.ptr == end) return value(i);
  std::size_t digits = 0;
  std::size_t zeros = 0;  // at the end so far
  for (char const c : text) {
    if (c == 'e' || c == 'E') break;
    if (c < '0' || c > '9' || (digits == 0 && c == '0')) continue;
    ++digits;
    zeros = c == '0' ? zeros + 1 : 0;
  }
  double d{};
  auto const r = std::from_chars(begin, end, d);
  if (r.ec != std::errc{} || r.ptr != end || !std::isfinite(d) || digits - zeros > digits_kept) return std::nullopt;
  return value(d);
}

struct binder {
  sqlite3_stmt* statement;
  int position;

  result<void> operator()(std::monostate /*null*/) const { return done(sqlite3_bind_null(statement, position)); }
  result<void> operator()(bool b) const { return done(sqlite3_bind_int(statement, position, b ? 1 : 0)); }
  result<void> operator()(std::int64_t i) const { return done(sqlite3_bind_int64(statement, position, i)); }
  result<void> operator()(double d) const {
    if (std::isnan(d)) return fail(of_type("what is not a number"));  // it would become NULL
    return done(sqlite3_bind_double(statement, position, d));
  }
  result<void> operator()(numeric const& n) const {
    auto const read_as = number(n.text);
    if (!read_as) return fail(of_type("a numeric of so many digits"));
    return std::visit(*this, read_as->data());
  }
  result<void> operator()(std::string const& s) const { return text(s, SQLITE_STATIC); }
  result<void> operator()(json const& j) const { return text(j.text, SQLITE_STATIC); }
  result<void> operator()(bytes const& b) const {
    if (b.empty()) return done(sqlite3_bind_zeroblob(statement, position, 0));
    return done(sqlite3_bind_blob64(statement, position, b.data(), b.size(), SQLITE_STATIC));
  }
  result<void> operator()(timestamp t) const {
    if (!four_digit_year(std::chrono::floor<std::chrono::days>(t))) return fail(of_type("a time beyond the years 0 to 9999"));
    return text(written(t), SQLITE_TRANSIENT);
  }
  result<void> operator()(date d) const {
    if (!four_digit_year(d)) return fail(of_type("a day beyond the years 0 to 9999"));
    return text(written(d), SQLITE_TRANSIENT);
  }

  result<void> text(std::string const& s, sqlite3_destructor_type lifetime) const {
    return done(sqlite3_bind_text64(statement, position, s.data(), s.size(), lifetime, SQLITE_UTF8));
  }
  result<void> done(int code) const {
    if (code == SQLITE_OK) return {};
    return fail(failure_of(code, fmt::format("parameter {}", position)));
  }
};

}  // namespace

result<void> bind(sqlite3_stmt* s, int position, value const& v) { return std::visit(binder{s, position}, v.data()); }

result<void> read(sqlite3_stmt* s, std::vector<value>& to) {
  auto const out_of_memory = [] { return fail(failure_of(SQLITE_NOMEM, "reading a column")); };
  auto const width = sqlite3_column_count(s);
  if (to.empty()) to.reserve(static_cast<std::size_t>(width));
  for (int i = 0; i < width; ++i) {
    switch (sqlite3_column_type(s, i)) {
      case SQLITE_INTEGER: to.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(s, i))); break;
      case SQLITE_FLOAT: to.emplace_back(sqlite3_column_double(s, i)); break;
      case SQLITE_TEXT: {
        auto const* const text = sqlite3_column_text(s, i);
        if (text == nullptr) return out_of_memory();
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(s, i));
        to.emplace_back(std::string_view(static_cast<char const*>(static_cast<void const*>(text)), size));
        break;
      }
      case SQLITE_BLOB: {
        auto const* const data = static_cast<std::byte const*>(sqlite3_column_blob(s, i));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(s, i));
        if (data == nullptr && size != 0) return out_of_memory();
        to.emplace_back(bytes(data, data + size));
        break;
      }
      default: to.emplace_back();
    }
  }
  return {};
}

}  // namespace grille::exec::sqlite
