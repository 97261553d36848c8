// Worlds and cases as data. Enters: files in the format of README.md. Leaves: their blocks; a mistake in a file is an exception that
// names file and line.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grille/value.hpp"

namespace cases {

struct caller {
  std::string name;
  std::string principal;  // JSON
  std::string sees;       // SQL over `raw`
  std::string unseen;     // SQL on the full database
  bool may_see_canaries{};
};
struct world {
  std::string name;
  std::string schema;  // SQL
  std::string policy;  // its text, dates moved
  std::vector<caller> callers;
  caller const& by_name(std::string const& n) const;
};
world read_world(std::filesystem::path const& file);

struct parameter {
  std::string name;  // empty: by position
  grille::value value;
};
struct expectation {
  enum class kind { same, oracle, rows, error, wrote } which{};
  std::string oracle;
  std::uint64_t affected{};  // wrote
  std::string after;         // wrote: SQL that does the same to the full database; empty: nothing
  bool returns{};            // wrote: `rows` are what it returns
  std::vector<std::string> rows;    // cells separated by ` | `
  std::vector<std::string> errors;  // the kinds that are right
  std::optional<std::string> columns, message, help, at;
  std::optional<std::pair<std::string, std::string>> twin;
  bool ordered{};
};
struct block {
  std::string file, title, why;
  unsigned line{};
  std::vector<std::string> callers;
  std::vector<parameter> parameters;
  std::string sql;
  bool may_show_canaries{};
  expectation expected;
};
struct case_file {
  std::string world;
  std::vector<block> blocks;
};
case_file read_cases(std::filesystem::path const& file);

}  // namespace cases
