#include "session_postgres/bookstore.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>

namespace bookstore {

namespace {

namespace fs = std::filesystem;

std::string const examples = GRILLE_SOURCE_DIR "/examples/";

cases::world const& world() {
  static auto const read = cases::read_world(GRILLE_TESTS_DIR "/cases/bookstore.world");
  return read;
}

std::string read(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string output_of(std::string const& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> const out(popen(command.c_str(), "r"), pclose);
  std::string text;
  for (int c = 0; out != nullptr && (c = std::fgetc(out.get())) != EOF;) text += static_cast<char>(c);
  if (text.empty()) throw std::runtime_error("nothing came of: " + command);
  return text;
}

}  // namespace

std::string definitions(grille::dialect d) {
  if (d == grille::dialect::sqlite) return read(examples + "bookstore.sql");
  return output_of("sed -f " + examples + "bookstore_postgres.sed " + examples + "bookstore.sql");
}

grille::policy_set policies(grille::dialect d) { return grille::policy_set::parse(world().policy, "bookstore.grille", {}, d); }

std::vector<cases::caller> const& callers() { return world().callers; }

grille::principal principal_of(cases::caller const& c) {
  return c.principal.starts_with("null") ? grille::principal::anonymous() : grille::principal::from_json(c.principal);
}

std::vector<sent> statements() {
  std::vector<fs::path> files;
  for (auto const& f : fs::directory_iterator(GRILLE_TESTS_DIR "/attack"))
    if (f.path().extension() == ".case") files.push_back(f.path());
  std::ranges::sort(files);
  std::vector<sent> out;
  std::set<std::string> known;
  for (auto const& f : files) {
    auto const read = cases::read_cases(f);
    if (read.world != world().name) continue;
    for (auto const& b : read.blocks) {
      if (!known.insert(b.sql).second) continue;
      auto& s = out.emplace_back(sent{b.sql, {}});
      for (auto const& p : b.parameters)
        if (p.name.empty()) s.parameters.emplace_back(p.value);
        else s.parameters.emplace_back(p.name, p.value);
    }
  }
  return out;
}

}  // namespace bookstore
