// The property of the whole way: a text and what is printed from its bound tree get the same answer from the engine. Over every
// query of sqllogictest that the engine accepts.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "bind/engine.hpp"

namespace grille::bind {
namespace {

struct record {
  bool query{};
  bool skipped{};
  std::string sql;
};

std::vector<record> read(std::filesystem::path const& file) {
  std::vector<record> all;
  std::ifstream in(file);
  record next;
  for (std::string line; std::getline(in, line);) {
    if (line == "halt" && !next.skipped) break;
    if (line == "halt") next.skipped = false;
    if (line.starts_with("skipif sqlite") || (line.starts_with("onlyif") && !line.starts_with("onlyif sqlite"))) next.skipped = true;
    if (!line.starts_with("query") && !line.starts_with("statement")) continue;
    next.query = line.starts_with("query");
    while (std::getline(in, line) && !line.empty() && line != "----") next.sql += (next.sql.empty() ? "" : "\n") + line;
    all.push_back(std::exchange(next, {}));
  }
  return all;
}

TEST(corpus, every_query_of_sqllogictest_keeps_its_answer) {
  auto const folder = std::filesystem::path(GRILLE_CORPORA) / "sqllogictest";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no corpora at " << folder;
  std::vector<std::filesystem::path> files;
  for (auto const& f : std::filesystem::recursive_directory_iterator(folder))
    if (f.path().extension() == ".test") files.push_back(f.path());
  std::ranges::sort(files);

  std::size_t asked = 0, passed_through = 0, different = 0;
  std::vector<std::string> refusals;
  for (auto const& file : files) {
    engine db;
    introspect::catalog_ptr catalog;
    std::unique_ptr<full_catalog> visible;
    for (auto const& r : read(file)) {
      if (r.skipped) continue;
      if (!r.query) {
        db.try_run(r.sql);
        visible = nullptr;
        continue;
      }
      auto const expected = db.ask(r.sql);
      if (!expected.error.empty()) continue;
      ++asked;
      if (visible == nullptr) {
        catalog = db.catalog();
        ASSERT_NE(catalog, nullptr);
        visible = std::make_unique<full_catalog>(*catalog);
      }
      auto const p = pass(*visible, r.sql);
      if (!p.fault.empty()) {
        refusals.push_back(file.filename().string() + ": " + r.sql + "\n  " + p.fault);
        continue;
      }
      ++passed_through;
      if (auto const got = db.ask(p.sql); sorted(got) != sorted(expected)) {
        ++different;
        if (different <= 10) ADD_FAILURE() << r.sql << "\n" << p.sql << "\nexpected " << expected << "\ngot " << got;
      }
    }
  }
  RecordProperty("asked", std::to_string(asked));
  RecordProperty("passed", std::to_string(passed_through));
  std::cout << asked << " asked, " << passed_through << " bound and printed, " << different << " different\n";
  for (std::size_t i = 0; i < refusals.size() && i < 20; ++i) std::cout << refusals[i] << "\n";
  EXPECT_EQ(different, 0U);
  EXPECT_GT(asked, 5'000U);
  EXPECT_GE(static_cast<double>(passed_through), 0.995 * static_cast<double>(asked));
}

}  // namespace
}  // namespace grille::bind
