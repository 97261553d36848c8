// Which folder includes which. Enters: the root of a source tree. Leaves: one line for each arrow that the table forbids.
// The table is the rows `grille_layer(...)` of the tree's CMakeLists.txt, so that there is one: what a folder links is what it
// may include. Beyond the rows: no cycle in the table or among files, Boost in grammar/ only, engines where their row links them,
// and public headers see nothing but the standard library and each other.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace layering {

struct layer {
  std::string folder;                  // relative to the root
  std::vector<std::string> may_include;  // names of layers
  std::vector<std::string> external;     // CMake targets of other projects
};
using table = std::map<std::string, layer>;

table read_table(std::string_view cmake_text);
std::vector<std::string> violations(std::filesystem::path const& root);

}  // namespace layering
