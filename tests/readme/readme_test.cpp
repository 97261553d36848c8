// README.md tells the truth: its C++ stands verbatim in examples that are compiled, its policy compiles on the examples' schema and its
// own examples hold, what it names is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "govern/run_examples.hpp"
#include "grille/grille.hpp"

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

fs::path const root = GRILLE_SOURCE_DIR;

std::string read(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> blocks(std::string const& language) {
  std::vector<std::string> out;
  auto const text = read(root / "README.md");
  auto const fence = "```" + language + "\n";
  for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at + 1)) {
    auto const begin = at + fence.size();
    out.push_back(text.substr(begin, text.find("```", begin) - begin));
  }
  return out;
}

TEST(readme, its_cpp_is_compiled) {
  std::string examples;
  for (auto const& entry : fs::directory_iterator(root / "examples"))
    if (entry.path().extension() == ".cpp") examples += read(entry.path());
  auto const cpp = blocks("cpp");
  EXPECT_THAT(cpp, SizeIs(2));
  for (auto const& block : cpp) EXPECT_THAT(examples, HasSubstr(block));
}

TEST(readme, its_policy_compiles_and_its_examples_hold) {
  auto const sql = blocks("sql");
  ASSERT_THAT(sql, SizeIs(1));
  auto const store = read(root / "examples" / "bookstore.sql");
  auto const tables = grille::schema::parse(store.substr(0, store.find("\ninsert into")));
  auto const policy = grille::policy_set::parse(sql.front(), "README.md");
  try {
    grille::database const db(tables, policy);
    auto const run = grille::govern::run_examples(policy, *tables.tables());
    ASSERT_THAT(run.examples, SizeIs(2));
    for (auto const& e : run.examples) EXPECT_EQ(static_cast<int>(e.which), static_cast<int>(grille::govern::example::outcome::holds)) << e.text << ": " << e.reason;
  } catch (grille::policy_error const& e) {
    for (auto const& d : e.all()) ADD_FAILURE() << d.at.line << ": " << d.message;
  }
}

TEST(readme, what_it_links_is_there) {
  auto const text = read(root / "README.md");
  std::regex const link(R"(\]\(([^)#:]+)\))");
  std::size_t links = 0;
  for (std::sregex_iterator i(text.begin(), text.end(), link), end; i != end; ++i, ++links) EXPECT_TRUE(fs::exists(root / (*i)[1].str())) << (*i)[1];
  EXPECT_GT(links, 3U);
  for (auto const* script : {"tests/run", "examples/run", ".ci/run"})
    EXPECT_NE(fs::status(root / script).permissions() & fs::perms::owner_exec, fs::perms::none) << script;
}

}  // namespace
