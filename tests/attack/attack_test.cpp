// Named attempts to get around a policy, and honest statements that look like them: one test for each block of *.case and caller.
// Written from the documentation, without knowledge of the code.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "attack/attempt.hpp"

namespace {

struct attempt {
  std::string world;
  cases::block block;
  std::string caller;
  friend std::ostream& operator<<(std::ostream& out, attempt const& a) {
    return out << a.block.file << ".case:" << a.block.line << ", as " << a.caller;
  }
};

std::vector<attempt> read_all() {
  std::vector<std::filesystem::path> files;
  for (auto const& f : std::filesystem::directory_iterator(GRILLE_TESTS_DIR "/attack"))
    if (f.path().extension() == ".case") files.push_back(f.path());
  std::ranges::sort(files);
  std::vector<attempt> out;
  for (auto const& f : files) {
    auto const read = cases::read_cases(f);
    for (auto const& b : read.blocks)
      for (auto const& c : b.callers) out.push_back({read.world, b, c});
  }
  return out;
}

std::string test_name(testing::TestParamInfo<attempt> const& info) {
  std::string out;
  for (char const c : info.param.block.file + "_" + info.param.block.title + "__" + info.param.caller)
    out += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
  return out;
}

attack::stage& stage_of(std::string const& world) {
  static std::map<std::string, attack::stage> stages;
  auto const known = stages.find(world);
  return known != stages.end() ? known->second : stages.emplace(world, attack::stage(world)).first->second;
}

class attacks : public testing::TestWithParam<attempt> {};

TEST_P(attacks, end_as_the_policy_means) {
  auto const& a = GetParam();
  std::string wrong;
  try {
    wrong = stage_of(a.world).verdict(a.block, a.caller);
  } catch (std::exception const& e) {
    wrong = e.what();
  }
  EXPECT_EQ(wrong, "") << a.block.file << ".case:" << a.block.line << ": " << a.block.title << " (" << a.block.why << ")\n" << a.block.sql;
}

INSTANTIATE_TEST_SUITE_P(cases, attacks, testing::ValuesIn(read_all()), test_name);

/// A policy that hides nothing of the world's tables, with the roles and attributes of the real one.
std::string open_policy(std::string const& world) {
  struct people {
    std::string tables, declared;
  };
  static std::map<std::string, people> const worlds{
      {"bookstore", {"users, orders, orders_history, books, payments, delegations, service_metrics",
                     "principal has user_id integer optional;\nrole clerk; role merchant per shop_id integer;\n"}},
      {"teams", {"notes, boards, budgets, tasks", "role member;\n"}},
      {"vault", {"people, badges, documents, ledger, gauges, cards, loans, shops, counters, sealed",
                 "principal has user_id integer optional; context has network text optional;\n"
                 "role reader; role keeper; role examiner; role branch per branch integer, kind text; role desk; role statistician; role "
                 "surveyor;\nrole teller; role borrower;\n"}},
  };
  auto const& [tables, declared] = worlds.at(world);
  std::string out = "policy open version 1; owner 'nobody' contact 'nobody'; protects " + tables + ";\n" + declared;
  std::string rest = tables + ", ";
  for (auto at = rest.find(", "); at != std::string::npos; at = rest.find(", ")) {
    out += "allow public to select all columns on " + rest.substr(0, at) + ";\n";
    rest.erase(0, at + 2);
  }
  return out;
}

// The corpus can fail: under a policy that hides nothing, most attempts end otherwise than they must.
TEST(sabotage, a_policy_that_hides_nothing_is_noticed) {
  std::map<std::string, attack::stage> open;
  std::size_t tried = 0, noticed = 0, by_canary = 0;
  for (auto const& a : read_all()) {
    if (!open.contains(a.world)) open.emplace(a.world, attack::stage(a.world, open_policy(a.world)));
    ++tried;
    auto const wrong = open.at(a.world).verdict(a.block, a.caller);
    noticed += wrong.empty() ? 0 : 1;
    by_canary += wrong.find("canary") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(tried, 250U);
  EXPECT_GT(noticed * 2, tried) << noticed << " of " << tried;
  EXPECT_GT(by_canary * 10, tried) << by_canary << " of " << tried;
}

}  // namespace
