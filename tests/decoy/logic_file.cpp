#include "decoy/logic_file.hpp"

#include <openssl/evp.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "cases/raw_database.hpp"

namespace decoy {
namespace {

constexpr char const* hashing = " values hashing to ";

std::vector<std::string> words_of(std::string const& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  std::vector<std::string> words;
  for (std::string w; in >> w;) words.push_back(w);
  return words;
}

std::string md5(std::string const& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1) throw std::runtime_error("no md5 in this OpenSSL");
  auto const hex = cases::spell_blob({reinterpret_cast<char const*>(digest), size});
  return hex.substr(2, hex.size() - 3);
}

/// By SQLite's own printf, which ends at 16 digits: so were the answers written.
std::string formatted(char const* format, double value) {
  char buffer[512];
  sqlite3_snprintf(sizeof buffer, buffer, format, value);
  return buffer;
}

/// As sqlite3_column_int64, sqlite3_column_double and sqlite3_column_text would convert it.
struct cell {
  bool null{};
  std::int64_t integer{};
  double real{};
  std::string text;
};
cell cell_of(grille::value const& v) {
  struct converter {
    cell operator()(std::monostate) const { return {true, 0, 0, ""}; }
    cell operator()(bool b) const { return (*this)(std::int64_t{b ? 1 : 0}); }
    cell operator()(std::int64_t i) const { return {false, i, static_cast<double>(i), std::to_string(i)}; }
    cell operator()(double d) const {
      auto const text = formatted("%!.15g", d);
      bool const fits = d > -9.2233720368547758e18 && d < 9.2233720368547758e18;
      return {false, fits ? static_cast<std::int64_t>(d) : (d < 0 ? INT64_MIN : INT64_MAX), d, text};
    }
    cell operator()(grille::numeric const& n) const {
      if (n.text.find_first_of(".eE") != std::string::npos) return (*this)(std::strtod(n.text.c_str(), nullptr));
      return {false, std::strtoll(n.text.c_str(), nullptr, 10), std::strtod(n.text.c_str(), nullptr), n.text};
    }
    cell operator()(std::string const& s) const {
      return {false, std::strtoll(s.c_str(), nullptr, 10), std::strtod(s.c_str(), nullptr), s};
    }
    cell operator()(grille::bytes const& b) const {
      std::string s;
      for (auto const x : b) s += static_cast<char>(x);
      return (*this)(s);
    }
    cell operator()(grille::json const& j) const { return (*this)(j.text); }
    cell operator()(grille::timestamp const&) const { throw std::runtime_error("SQLite has no timestamps"); }
    cell operator()(grille::date const&) const { throw std::runtime_error("SQLite has no dates"); }
  };
  return std::visit(converter{}, v.data());
}

std::string printed(grille::value const& v, char type) {
  auto c = cell_of(v);
  if (c.null) return "NULL";
  if (type == 'I') return std::to_string(c.integer);
  if (type == 'R') return formatted("%.3f", c.real);
  if (c.text.empty()) return "(empty)";
  for (auto& x : c.text)
    if (x < ' ' || x > '~') x = '@';
  return c.text;
}

bool holds_for(std::string_view engine, std::vector<std::string> const& condition) {
  bool const named = condition.size() > 1 && condition[1] == engine;
  return condition[0] == "onlyif" ? named : !named;
}

record read_record(std::istringstream& in, unsigned& number, std::vector<std::string> const& words) {
  record r;
  r.line = number;
  r.is_query = words[0] == "query";
  if (r.is_query) {
    r.types = words.size() > 1 ? words[1] : "";
    auto const sort = words.size() > 2 ? words[2] : "nosort";
    r.sort = sort == "rowsort" ? sorting::rows : sort == "valuesort" ? sorting::values : sorting::none;
  } else {
    r.must_fail = words.size() > 1 && words[1] == "error";
  }
  std::string line;
  while (std::getline(in, line) && !line.empty() && line != "----") {
    ++number;
    r.sql += (r.sql.empty() ? "" : "\n") + line;
  }
  ++number;
  if (line != "----") return r;
  while (std::getline(in, line) && !line.empty()) {
    ++number;
    r.published.push_back(line);
  }
  ++number;
  return r;
}

}  // namespace

std::vector<record> read_logic_file(std::filesystem::path const& file, std::string_view engine) {
  auto text = cases::read_file(file);
  std::erase(text, '\r');
  std::istringstream in(std::move(text));
  std::vector<record> out;
  std::string line;
  bool holds = true;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    auto const words = words_of(line);
    if (words.empty()) continue;
    if (words[0] == "skipif" || words[0] == "onlyif") {
      holds = holds && holds_for(engine, words);
    } else if (words[0] == "halt") {
      if (std::exchange(holds, true)) break;
    } else if (words[0] == "hash-threshold") {
      holds = true;  // how much is hashed shows in what is published
    } else if (words[0] == "statement" || words[0] == "query") {
      auto r = read_record(in, number, words);
      if (std::exchange(holds, true)) out.push_back(std::move(r));
    } else {
      throw std::runtime_error(file.string() + ':' + std::to_string(number) + ": not understood: " + line);
    }
  }
  return out;
}

std::vector<std::string> as_published(record const& r, table const& rows) {
  std::vector<std::vector<std::string>> lines;
  for (auto const& row : rows) {
    auto& l = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) l.push_back(printed(row[i], i < r.types.size() ? r.types[i] : 'T'));
  }
  if (r.sort == sorting::rows) std::ranges::sort(lines);
  std::vector<std::string> values;
  for (auto& l : lines) values.insert(values.end(), std::make_move_iterator(l.begin()), std::make_move_iterator(l.end()));
  if (r.sort == sorting::values) std::ranges::sort(values);
  if (r.published.size() != 1 || r.published[0].find(hashing) == std::string::npos) return values;
  std::string all;
  for (auto const& v : values) all += v + '\n';
  return {std::to_string(values.size()) + hashing + md5(all)};
}

}  // namespace decoy
