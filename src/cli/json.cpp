#include "cli/json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <utility>

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

/// The digits that count, with the exponent they stand at: `-0.0120e3` and `-12` are one number.
std::string significant(std::string_view number) {
  std::string digits;
  long exponent = 0;
  bool fraction = false;
  for (std::size_t i = 0; i < number.size(); ++i) {
    char const c = number[i];
    if (c == '.') fraction = true;
    if (c == 'e' || c == 'E') {
      exponent += std::strtol(std::string(number.substr(i + 1)).c_str(), nullptr, 10);
      break;
    }
    if (c < '0' || c > '9') continue;
    if (fraction) --exponent;
    if (!digits.empty() || c != '0') digits += c;
  }
  for (; !digits.empty() && digits.back() == '0'; ++exponent) digits.pop_back();
  return digits.empty() ? "0" : (number.front() == '-' ? "-" : "") + digits + "e" + std::to_string(exponent);
}

constexpr std::size_t deepest_nesting = 20;

/// Builds the tree, as the library's own reader would, and refuses what that one would change on the way.
class tree_reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  nlohmann::json take() { return std::move(root_); }
  bool null() override { return put(nullptr); }
  bool boolean(bool b) override { return put(b); }
  bool number_integer(number_integer_t i) override { return put(i); }
  bool number_unsigned(number_unsigned_t u) override {
    if (!std::in_range<std::int64_t>(u)) refuse_integer();
    return put(u);
  }
  bool number_float(number_float_t d, string_t const& digits) override {
    if (digits.find_first_of(".eE") == std::string::npos) refuse_integer();
    if (significant(digits) != significant(to_text(value(d)))) raise({.kind = errc::usage, .message = "a number has more digits than a float keeps", .help = "pass it as text"});
    return put(d);
  }
  bool string(string_t& s) override { return put(s); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
  bool key(string_t& k) override {
    if (open_.back()->contains(k)) raise({.kind = errc::usage, .message = "a member is there twice"});
    key_ = k;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override { return false; }

 private:
  [[noreturn]] static void refuse_integer() { raise({.kind = errc::usage, .message = "an integer is larger than 64 bits", .help = "pass it as text"}); }
  nlohmann::json& add(nlohmann::json v) {
    if (open_.empty()) return root_ = std::move(v);
    if (open_.back()->is_array()) return open_.back()->emplace_back(std::move(v));
    return (*open_.back())[key_] = std::move(v);
  }
  bool put(nlohmann::json v) {
    add(std::move(v));
    return true;
  }
  bool open(nlohmann::json v) {
    if (open_.size() == deepest_nesting) raise({.kind = errc::limit, .message = "the JSON is nested too deeply"});
    open_.push_back(&add(std::move(v)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;
  std::string key_;
};

std::optional<nlohmann::json> tree_of(std::string_view text) {
  tree_reader reader;
  if (!nlohmann::json::sax_parse(text, &reader)) return std::nullopt;
  return reader.take();
}

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
  if (!e.sqlstate().empty()) out += fmt::format(R"(, "sqlstate": {})", json_text(e.sqlstate()));
  if (!e.help().empty()) out += fmt::format(R"(, "help": {})", json_text(e.help()));
  if (e.where()) out += fmt::format(R"(, "line": {}, "column": {})", e.where()->line, e.where()->column);
  return out + "}}";
}

nlohmann::json object_of(std::string_view text) {
  auto tree = tree_of(text);
  if (!tree || !tree->is_object()) raise({.kind = errc::usage, .message = "not one JSON object in UTF-8"});
  return *std::move(tree);
}

value value_of(nlohmann::json const& scalar) {
  switch (scalar.type()) {
    case nlohmann::json::value_t::null: return {};
    case nlohmann::json::value_t::boolean: return scalar.get<bool>();
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned: return scalar.get<std::int64_t>();
    case nlohmann::json::value_t::number_float: return scalar.get<double>();
    case nlohmann::json::value_t::string: return scalar.get<std::string>();
    default: raise({.kind = errc::usage, .message = "a value is not null, true, false, a number or a text"});
  }
}

value value_of(std::string_view json) {
  auto const tree = tree_of(json);
  if (!tree) raise({.kind = errc::usage, .message = "a value is not null, true, false, a number or a text"});
  return value_of(*tree);
}

}  // namespace grille::cli
