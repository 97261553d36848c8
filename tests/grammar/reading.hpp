// What the tests of reading share: a text in, its canonical print or its fault out; corpora as lists of statements.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ast/equal.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

namespace grille::reading {

inline constexpr auto lite = dialect::sqlite;
inline constexpr auto pg = dialect::postgresql;

inline std::string at_text(std::string_view text, base::range at) { return std::string(text.substr(at.begin, at.end - at.begin)); }

/// "kind: message | offending text | help", or "no fault".
inline std::string fault_of(std::string_view sql, dialect d) {
  base::arena arena;
  auto const read = grammar::parse_statement(sql, d, arena);
  if (read) return "no fault";
  auto const& f = read.error();
  auto out = std::string(to_string(f.kind)) + ": " + f.message + " | " + at_text(sql, f.at);
  if (!f.help.empty()) out += " | " + f.help;
  return out;
}

/// The canonical print, or the fault.
inline std::string statement(std::string_view sql, dialect d) {
  base::arena arena;
  auto const read = grammar::parse_statement(sql, d, arena);
  return read ? print::print(**read, d) : fault_of(sql, d);
}
inline std::string expression(std::string_view text, dialect d) {
  base::arena arena;
  auto const read = grammar::parse_expression(text, d, arena);
  return read ? print::print(**read, d) : std::string(to_string(read.error().kind)) + ": " + read.error().message;
}

/// Whether two expressions are the same tree, ranges aside; a failure says which does not parse.
inline testing::AssertionResult same_expression(std::string_view a, std::string_view b, dialect d) {
  base::arena arena;
  auto const x = grammar::parse_expression(a, d, arena);
  auto const y = grammar::parse_expression(b, d, arena);
  if (!x) return testing::AssertionFailure() << a << ": " << x.error().message;
  if (!y) return testing::AssertionFailure() << b << ": " << y.error().message;
  if (!ast::equal(**x, **y))
    return testing::AssertionFailure() << a << " reads as " << print::print(**x, d) << ", not as " << print::print(**y, d);
  return testing::AssertionSuccess();
}

/// One expression as a tree of its own arena, for looking into its nodes.
struct read_expression {
  read_expression(std::string_view text, dialect d) {
    auto const read = grammar::parse_expression(text, d, arena);
    EXPECT_TRUE(read) << text << ": " << read.error().message;
    if (read) root = *read;
  }
  template <class T>
  T const* as() const {
    return root ? root->as<T>() : nullptr;
  }
  base::arena arena;
  ast::expr_ptr root = nullptr;
};

// --- corpora -----------------------------------------------------------------------------------------------------------

inline std::filesystem::path corpora() { return GRILLE_CORPORA; }

/// One line without its end; some files end them with CRLF.
inline bool read_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

/// The queries and statements of sqllogictest that SQLite is meant to take, in the order of the files.
inline std::vector<std::string> sqllogictest_statements() {
  std::vector<std::string> all;
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(corpora() / "sqllogictest")) return all;
  for (auto const& f : std::filesystem::recursive_directory_iterator(corpora() / "sqllogictest"))
    if (f.path().extension() == ".test") files.push_back(f.path());
  std::sort(files.begin(), files.end());
  for (auto const& file : files) {
    std::ifstream lines(file);
    bool skip = false;
    for (std::string line; read_line(lines, line);) {
      if (line.starts_with("skipif sqlite") || (line.starts_with("onlyif") && !line.starts_with("onlyif sqlite"))) skip = true;
      bool const error = line.starts_with("statement error");
      if (!line.starts_with("query") && !line.starts_with("statement")) {
        if (line == "halt") skip = false;
        continue;
      }
      std::string sql;
      while (read_line(lines, line) && !line.empty() && line != "----") sql += (sql.empty() ? "" : "\n") + line;
      auto first = sql.substr(0, sql.find_first_of(" \n\t("));
      for (auto& c : first) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      bool const known = first == "select" || first == "with" || first == "values" || first == "insert" || first == "update" ||
                         first == "delete" || first == "replace";
      if (!skip && !error && known) all.push_back(sql);
      skip = false;
    }
  }
  return all;
}

inline std::vector<std::string> regression_statements() {
  std::vector<std::string> all;
  std::ifstream lines(corpora() / "postgres-regress/statements.jsonl");
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line).at("sql").get<std::string>());
  return all;
}

/// "n × s": for the long inputs of the limit tests.
inline std::string times(std::size_t n, std::string_view s) {
  std::string out;
  out.reserve(n * s.size());
  while (n-- > 0) out += s;
  return out;
}

}  // namespace grille::reading
