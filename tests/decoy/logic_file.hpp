// sqllogictest files as records, and their way of writing an answer down. Enters: the text of a file. Leaves: what it says to one
// engine, in order: conditions for other engines are applied, the rest after a `halt` is cut off.
// Format: https://www.sqlite.org/sqllogictest/doc/trunk/about.wiki
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "grille/value.hpp"

namespace decoy {

enum class sorting { none, rows, values };

struct record {
  unsigned line{};
  bool is_query{};
  bool must_fail{};  // statement error
  std::string sql;
  std::string types;  // of a query's columns: I, T, R
  sorting sort{};
  std::vector<std::string> published;
};
/// `engine` as the files name it: sqlite, postgresql.
std::vector<record> read_logic_file(std::filesystem::path const& file, std::string_view engine = "sqlite");

using table = std::vector<std::vector<grille::value>>;
/// The answer as the file would have it: a value a line, sorted as asked, or `N values hashing to H` where the published one is that.
std::vector<std::string> as_published(record const& r, table const& rows);

}  // namespace decoy
