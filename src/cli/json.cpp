#include "cli/json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "cli/text.hpp"

namespace grille::cli {

namespace {

/// A number as JSON writes it: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
bool is_json_number(std::string_view s) {
  auto const digits = [&s] {
    std::size_t n = 0;
    while (n < s.size() && s[n] >= '0' && s[n] <= '9') ++n;
    s.remove_prefix(n);
    return n;
  };
  if (s.starts_with('-')) s.remove_prefix(1);
  bool const zero = s.starts_with('0');
  auto const whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (s.starts_with('.')) {
    s.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (s.starts_with('e') || s.starts_with('E')) {
    s.remove_prefix(1);
    if (s.starts_with('+') || s.starts_with('-')) s.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return s.empty();
}

/// JSON with only what a scalar needs; keeps whether an integer fits 64 bits.
class scalar_reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  value take() { return std::move(value_); }
  bool null() override { return keep({}); }
  bool boolean(bool b) override { return keep(b); }
  bool number_integer(number_integer_t i) override { return keep(i); }
  bool number_unsigned(number_unsigned_t u) override { return keep(u); }
  bool number_float(number_float_t d, string_t const& digits) override {
    if (digits.find_first_of(".eE") == std::string::npos) raise({.kind = errc::usage, .message = "an integer is larger than 64 bits", .help = "pass it as text"});
    return keep(d);
  }
  bool string(string_t& s) override { return keep(s); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return false; }
  bool key(string_t&) override { return false; }
  bool end_object() override { return false; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override { return false; }

 private:
  bool keep(value v) {
    value_ = std::move(v);
    return true;
  }
  value value_;
};

}  // namespace

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

std::string to_json(value const& v) {
  return std::visit(
      [&](auto const& x) -> std::string {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, std::monostate>) return "null";
        else if constexpr (std::is_same_v<T, bool>) return x ? "true" : "false";
        else if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(x);
        else if constexpr (std::is_same_v<T, double>) return std::isfinite(x) ? to_text(v) : json_text(to_text(v));
        else if constexpr (std::is_same_v<T, numeric>) return is_json_number(x.text) ? x.text : json_text(x.text);
        else return json_text(to_text(v));
      },
      v.data());
}

std::string to_json(std::vector<value> const& values) {
  std::string out = "[";
  for (auto const& v : values) {
    if (out.size() > 1) out += ", ";
    out += to_json(v);
  }
  return out + "]";
}

std::string to_json(answer const& a) {
  std::string out = R"({"ok": true, "columns": [)";
  for (std::size_t i = 0; i < a.columns.size(); ++i) out += (i > 0 ? ", " : "") + json_text(a.columns[i]);
  out += R"(], "rows": [)";
  for (std::size_t i = 0; i < a.rows.size(); ++i) out += (i > 0 ? ", " : "") + to_json(a.rows[i]);
  return out + fmt::format(R"(], "affected": {}}})", a.affected);
}

std::string to_json(error const& e) {
  auto out = fmt::format(R"({{"ok": false, "error": {{"kind": "{}", "message": {}, "incident": {})", to_string(e.kind()), json_text(e.what()),
                         json_text(e.incident()));
  if (!e.help().empty()) out += fmt::format(R"(, "help": {})", json_text(e.help()));
  if (e.where()) out += fmt::format(R"(, "line": {}, "column": {})", e.where()->line, e.where()->column);
  return out + "}}";
}

value value_of(std::string_view json) {
  scalar_reader reader;
  if (!nlohmann::json::sax_parse(json, &reader)) raise({.kind = errc::usage, .message = "a value is not null, true, false, a number or a text"});
  return reader.take();
}

}  // namespace grille::cli
