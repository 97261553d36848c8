#include "layering/layering.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace layering {
namespace {

namespace fs = std::filesystem;

std::string read(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool contains(std::vector<std::string> const& all, std::string_view one) { return std::find(all.begin(), all.end(), one) != all.end(); }

// Whose headers may be seen where. Every layer stands on base, and base brings fmt and tl::expected.
struct external_header {
  std::string_view prefix;
  std::string_view target;
};
constexpr external_header externals[] = {
    {"sqlite3.h", "SQLite::SQLite3"},
    {"pqxx/", "libpqxx::pqxx"},
    {"libpq-fe.h", "PkgConfig::PQ"},
    {"nlohmann/", "nlohmann_json::nlohmann_json"},
    {"xxhash.h", "PkgConfig::XXHASH"},
    {"sodium.h", "PkgConfig::SODIUM"},
    {"CLI/", "CLI11::CLI11"},
};
// The part of the public face that every layer speaks: errors, values, dialects.
constexpr std::string_view vocabulary[] = {"include/grille/error.hpp", "include/grille/value.hpp", "include/grille/dialect.hpp", "include/grille/isolation.hpp"};

// What is declared in the public face and defined by another layer than session.
constexpr std::pair<std::string_view, std::string_view> defined_by[] = {
    {"include/grille/audit.hpp", "audit"},
    {"include/grille/audit_file.hpp", "audit"},
};

struct include {
  std::string name;
  bool quoted{};
  unsigned line{};
};
std::vector<include> includes_of(std::string const& text) {
  static std::regex const pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<include> found;
  std::istringstream lines(text);
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (std::smatch m; std::regex_search(line, m, pattern)) found.push_back({m[2], m[1] == "\"", number});
  }
  return found;
}

// The layer with the longest folder that holds the file; "public" for include/.
std::string layer_of(table const& layers, std::string const& file) {
  if (file.starts_with("include/")) return "public";
  std::string best;
  std::size_t length = 0;
  for (auto const& [name, l] : layers)
    if (file.starts_with(l.folder + "/") && l.folder.size() > length) best = name, length = l.folder.size();
  return best;
}

// Reports each cycle of a graph once, by the node that closes it.
void find_cycles(std::map<std::string, std::set<std::string>> const& graph, std::string_view what, std::vector<std::string>& out) {
  std::set<std::string> done;
  std::vector<std::string> path;
  std::function<void(std::string const&)> visit = [&](std::string const& node) {
    if (done.contains(node)) return;
    if (auto const at = std::find(path.begin(), path.end(), node); at != path.end()) {
      std::string text = "cycle of " + std::string(what) + ":";
      for (auto i = at; i != path.end(); ++i) text += " " + *i + " ->";
      out.push_back(text + " " + node);
      return;
    }
    path.push_back(node);
    if (auto const next = graph.find(node); next != graph.end())
      for (auto const& n : next->second) visit(n);
    path.pop_back();
    done.insert(node);
  };
  for (auto const& [node, next] : graph) visit(node);
}

}  // namespace

table read_table(std::string_view cmake_text) {
  table layers;
  std::string const text(cmake_text);
  static std::regex const row(R"((?:^|\n)[ \t]*grille_layer\(\s*(\w+)([^)]*)\))");
  for (std::sregex_iterator i(text.begin(), text.end(), row), end; i != end; ++i) {
    std::string const name = (*i)[1];
    layer l{.folder = "src/" + name, .may_include = {}, .external = {}};
    std::istringstream words((*i)[2]);
    std::string section;
    for (std::string word; words >> word;) {
      if (word == "DIR" || word == "DEPS" || word == "EXTERNAL") section = word;
      else if (section == "DIR") l.folder = word;
      else if (section == "DEPS") l.may_include.push_back(word);
      else if (section == "EXTERNAL") l.external.push_back(word);
    }
    layers[name] = l;
  }
  return layers;
}

std::vector<std::string> violations(fs::path const& root) {
  std::vector<std::string> out;
  auto const layers = read_table(read(root / "CMakeLists.txt"));
  if (layers.empty()) return {"no grille_layer rows in CMakeLists.txt"};

  std::map<std::string, std::set<std::string>> rows, files;
  for (auto const& [name, l] : layers) {
    rows[name] = {l.may_include.begin(), l.may_include.end()};
    for (auto const& dep : l.may_include)
      if (!layers.contains(dep)) out.push_back("row " + name + " names the unknown layer " + dep);
  }
  find_cycles(rows, "layers", out);

  for (auto const* top : {"include", "grammar", "src"}) {
    if (!fs::exists(root / top)) continue;
    for (auto const& entry : fs::recursive_directory_iterator(root / top)) {
      auto const extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp" && extension != ".inc")) continue;
      auto const file = fs::relative(entry.path(), root).generic_string();
      auto const from = layer_of(layers, file);
      if (from.empty()) {
        out.push_back(file + ": in no layer of CMakeLists.txt");
        continue;
      }
      for (auto const& inc : includes_of(read(entry.path()))) {
        auto const report = [&](std::string const& why) {
          out.push_back(file + ":" + std::to_string(inc.line) + ": " + from + " may not include " + inc.name + ": " + why);
        };
        if (!inc.quoted) {
          if (inc.name.starts_with("boost/") && from != "grammar") report("Boost stays inside grammar/");
          if (from == "public" && inc.name.find_first_of("/.") != std::string::npos) report("the public face is std only");
          for (auto const& e : externals)
            if (inc.name.starts_with(e.prefix) && from != "public" && !contains(layers.at(from).external, e.target))
              report("its row does not link " + std::string(e.target));
          continue;
        }
        std::optional<std::string> target;
        for (auto const& base : {entry.path().parent_path(), root / "include", root / "src", root})
          if (auto const p = base / inc.name; !target && fs::exists(p)) target = fs::relative(p, root).lexically_normal().generic_string();
        if (!target) {
          report("no such file");
          continue;
        }
        files[file].insert(*target);
        auto const to = layer_of(layers, *target);
        if (std::ranges::any_of(defined_by, [&](auto const& d) { return d.first == *target && d.second == from; })) continue;
        if (to == from || (from != "public" && std::find(std::begin(vocabulary), std::end(vocabulary), *target) != std::end(vocabulary))) continue;
        if (from == "public") report("public headers include only each other");
        else if (to == "public" ? from != "session" && !contains(layers.at(from).may_include, "session") : !contains(layers.at(from).may_include, to))
          report("no arrow " + from + " -> " + to + " in the table");
      }
    }
  }
  find_cycles(files, "files", out);
  return out;
}

}  // namespace layering
