#include "exec/postgres/pins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace grille::exec::postgres {

namespace {

using accepts = bool (*)(std::string_view);

struct pin {
  std::string_view name;
  std::string_view value;
  accepts good;
};

bool on(std::string_view v) { return v == "on"; }
bool off(std::string_view v) { return v == "off"; }
bool utf8(std::string_view v) { return v == "UTF8"; }
bool utc(std::string_view v) { return v == "UTC" || v == "Etc/UTC"; }
bool iso(std::string_view v) { return v.starts_with("ISO"); }  // what is sent is year, month, day: the rest does not matter
bool postgres_style(std::string_view v) { return v == "postgres"; }
bool hexadecimal(std::string_view v) { return v == "hex"; }
bool all_digits(std::string_view v) { return v == "1" || v == "2" || v == "3"; }

constexpr std::array pins{
    pin{"standard_conforming_strings", "on", on},
    pin{"client_encoding", "UTF8", utf8},
    pin{"TimeZone", "UTC", utc},
    pin{"DateStyle", "ISO", iso},
    pin{"IntervalStyle", "postgres", postgres_style},
    pin{"bytea_output", "hex", hexadecimal},
    pin{"extra_float_digits", "1", all_digits},
    pin{"transform_null_equals", "off", off},
    pin{"array_nulls", "on", on},
};
constexpr std::size_t path_at = pins.size();
constexpr std::size_t timeout_at = path_at + 1;
constexpr std::size_t timeout_text_at = path_at + 2;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto const end = std::min(text.find('\1'), text.size());
    if (auto const part = text.substr(0, end); !part.starts_with("pg_temp")) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> at_start(terms const& t) {
  std::vector<std::pair<std::string, std::string>> all;
  for (auto const& p : pins) all.emplace_back(p.name, p.value);
  all.emplace_back("search_path", "pg_catalog");
  all.emplace_back("default_transaction_read_only", "on");
  all.emplace_back("statement_timeout", std::to_string(t.statement_timeout.count()));
  return all;
}

std::string set_for_session(terms const& t) {
  std::string sql;
  for (auto const& [name, value] : at_start(t)) sql += fmt::format("set {} = '{}'; ", name, value);
  return sql;
}

std::string begin_with_pins(terms const& t, access a, isolation apart) {
  std::string sql = begin_plain(t, a, apart);
  for (auto const& p : pins) sql += fmt::format("; set local {} = '{}'", p.name, p.value);
  if (a == access::read || t.search_path_setting.empty()) sql += "; set local search_path = pg_catalog";
  sql += fmt::format("; set local statement_timeout = {}", t.statement_timeout.count());
  return sql;
}

/// What triggers call and name, they look up by the path that the schema was written for.
std::string begin_plain(terms const& t, access a, isolation apart) {
  std::string sql = a == access::read ? "begin read only" : "begin read write";
  switch (apart) {
    case isolation::standard: break;
    case isolation::repeatable_read: sql += ", isolation level repeatable read"; break;
    case isolation::serializable: sql += ", isolation level serializable"; break;
  }
  if (a == access::read) return sql;
  if (t.search_path_setting.empty()) return sql;
  std::string quoted;
  for (char const c : t.search_path_setting) quoted += c == '\'' ? "''" : std::string(1, c);
  return sql + "; select pg_catalog.set_config('search_path', '" + quoted + "', true)";
}

std::string const& look() {
  static std::string const sql = [] {
    std::string s = "select ";
    for (auto const& p : pins) s += fmt::format("pg_catalog.current_setting('{}'), ", p.name);
    return s +
           "pg_catalog.array_to_string(pg_catalog.current_schemas(true), pg_catalog.chr(1)), "
           "(select s.setting from pg_catalog.pg_settings s where s.name operator(pg_catalog.=) 'statement_timeout'), "
           "pg_catalog.current_setting('statement_timeout')";
  }();
  return sql;
}

std::optional<std::string> departure(rows const& looked, terms const& t) {
  for (std::size_t i = 0; i < pins.size(); ++i)
    if (!pins[i].good(looked.text(0, i))) return std::string(pins[i].name);
  auto const path = split(looked.text(0, path_at));
  if (path != t.search_path && path != std::vector<std::string>{"pg_catalog"}) return "search_path";
  return std::nullopt;
}

std::optional<std::string> longer_timeout(rows const& looked, terms const& t) {
  auto const text = looked.text(0, timeout_at);
  long long now{};
  std::from_chars(text.data(), text.data() + text.size(), now);
  if (now != 0 && now <= t.statement_timeout.count()) return std::nullopt;
  return std::string(looked.text(0, timeout_text_at));
}

}  // namespace grille::exec::postgres
