// Queries that others wrote, with published answers, on poisoned data, through Grille: every answer must be the published one.
// The table at the end says how many were executed, matched, refused and why, and how many were wrong, which is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>

#include "decoy/poisoned.hpp"

namespace {

struct tally {
  std::size_t queries{};  // that SQLite itself can run
  std::size_t dated{};    // whose published answer this SQLite does not give on clean data either: its own answer counts then
  std::size_t matched{}, wrong{}, decoys{};
  std::map<std::string, std::size_t> refused;
  std::vector<std::string> examples;

  std::size_t refusals() const {
    std::size_t n = 0;
    for (auto const& [reason, count] : refused) n += count;
    return n;
  }
  void add(tally const& t) {
    queries += t.queries, dated += t.dated, matched += t.matched, wrong += t.wrong, decoys += t.decoys;
    for (auto const& [reason, count] : t.refused) refused[reason] += count;
    examples.insert(examples.end(), t.examples.begin(), t.examples.end());
  }
};

void print_row(std::string const& name, std::string_view shape, tally const& t) {
  std::printf("%-22s %-10s %8zu %8zu %8zu %8zu %8zu %8zu\n", name.c_str(), shape.data(), t.queries, t.queries - t.refusals(), t.matched,
              t.refusals(), t.wrong, t.decoys);
}
void print_head() {
  std::printf("%-22s %-10s %8s %8s %8s %8s %8s %8s\n", "file", "policy", "queries", "executed", "matched", "refused", "wrong", "decoys");
}
void print_reasons(tally const& t) {
  for (auto const& [reason, count] : t.refused) std::printf("  refused %6zu: %s\n", count, reason.c_str());
  for (auto const& e : t.examples) std::printf("  wrong: %s\n", e.c_str());
}

std::string shown(std::vector<std::string> const& lines) {
  std::string out;
  for (auto const& l : lines) out += ' ' + l;
  return out.size() > 200 ? out.substr(0, 200) + " …" : out;
}

/// Each `every`th query of the file goes through Grille; all statements are executed.
tally run(std::filesystem::path const& file, decoy::shape shape, std::size_t every = 1) {
  tally t;
  decoy::poisoned data(shape);
  std::size_t n = 0;
  for (auto const& r : decoy::read_logic_file(file)) {
    if (!r.is_query) {
      EXPECT_NE(data.execute(r.sql), r.must_fail) << file << ':' << r.line;
      t.decoys = std::max(t.decoys, data.decoys());
      continue;
    }
    if (n++ % every != 0) continue;
    auto right = r.published;
    try {
      auto const clean = as_published(r, data.clean_answer(r.sql));
      if (clean != right) {
        ++t.dated;
        right = clean;
      }
    } catch (cases::raw_error const&) {
      continue;
    }
    ++t.queries;
    try {
      auto const answer = as_published(r, data.guarded_answer(r.sql));
      if (answer == right) {
        ++t.matched;
      } else {
        ++t.wrong;
        if (t.examples.size() < 5)
          t.examples.push_back(file.filename().string() + ':' + std::to_string(r.line) + ": " + r.sql + "\n    published:" + shown(right) +
                               "\n    answered: " + shown(answer));
      }
    } catch (grille::error const& e) {
      ++t.refused[std::string(to_string(e.kind())) + ": " + e.what()];
    }
  }
  return t;
}

std::filesystem::path const corpus = GRILLE_CORPORA "/sqllogictest";
std::filesystem::path const sample = GRILLE_TESTS_DIR "/decoy/sample.test";

struct run_of {
  char const* file;
  decoy::shape shape;
  std::size_t every;
};
// All of every file once; parts of them with the other ways of saying who may see what.
run_of const runs[] = {
    {"select1.test", decoy::shape::flag, 1},
    {"select2.test", decoy::shape::restricted, 1},
    {"select3.test", decoy::shape::grants, 1},
    {"random/expr.test", decoy::shape::flag, 1},
    {"random/aggregates.test", decoy::shape::flag, 1},
    {"random/groupby.test", decoy::shape::cells, 1},
    {"random/select.test", decoy::shape::exists, 1},
    {"evidence/in1.test", decoy::shape::flag, 1},
    {"evidence/in2.test", decoy::shape::grants, 1},
    {"evidence/slt_lang_aggfunc.test", decoy::shape::flag, 1},
    {"evidence/slt_lang_replace.test", decoy::shape::flag, 1},
    {"evidence/slt_lang_update.test", decoy::shape::restricted, 1},
    {"select1.test", decoy::shape::cells, 7},
    {"select2.test", decoy::shape::exists, 7},
    {"random/aggregates.test", decoy::shape::grants, 29},
    {"random/select.test", decoy::shape::cells, 29},
};

TEST(decoys, change_no_published_answer) {
  if (!std::filesystem::exists(corpus)) {
    std::printf("NOT RUN: there are no corpora in %s; only the sample was.\n", corpus.c_str());
    GTEST_SKIP() << "no corpora in " << corpus;
  }
  print_head();
  tally all;
  for (auto const& r : runs) {
    auto const t = run(corpus / r.file, r.shape, r.every);
    print_row(r.file, name(r.shape), t);
    EXPECT_GT(t.decoys, 0U) << r.file;
    EXPECT_EQ(t.wrong, 0U) << r.file;
    all.add(t);
  }
  print_row("all", "", all);
  print_reasons(all);
  std::fflush(stdout);
  EXPECT_GE(all.matched * 100, all.queries * 99) << "less than 99% of what SQLite can run";
  EXPECT_GT(all.queries, 45'000U);
  EXPECT_LE(all.dated, 2U) << "what plain SQLite answers is not what is published: the reader is at fault";
}

class sample_under : public testing::TestWithParam<decoy::shape> {};

TEST_P(sample_under, a_policy_matches) {
  auto const t = run(sample, GetParam());
  print_reasons(t);
  EXPECT_EQ(t.dated, 0U);
  EXPECT_EQ(t.queries, 15U);
  EXPECT_EQ(t.wrong, 0U);
  EXPECT_EQ(t.matched, 14U);
  EXPECT_EQ(t.refusals(), 1U) << "the view is not there";
  EXPECT_GT(t.decoys, 10U);
}

INSTANTIATE_TEST_SUITE_P(shapes, sample_under,
                         testing::Values(decoy::shape::flag, decoy::shape::grants, decoy::shape::exists, decoy::shape::cells,
                                         decoy::shape::restricted),
                         [](auto const& s) { return std::string(name(s.param)); });

// The harness can fail.
TEST(sabotage, a_policy_that_hides_no_decoy_is_noticed) {
  auto const t = run(sample, decoy::shape::none);
  EXPECT_GT(t.wrong, 10U);
  EXPECT_LT(t.matched, 4U);
}

TEST(sabotage, an_answer_that_is_not_the_published_one_is_noticed) {
  auto const records = decoy::read_logic_file(sample);
  auto const query = std::ranges::find_if(records, [](auto const& r) { return r.is_query; });
  ASSERT_NE(query, records.end());
  decoy::table rows = {{"", {}, 2.0}, {"apple", 150, 0.5}, {"pear", 180, 0.75}, {"plum", {}, {}}};
  EXPECT_EQ(as_published(*query, rows), query->published);
  rows[3][1] = 0;
  EXPECT_NE(as_published(*query, rows), query->published);
  rows.pop_back();
  EXPECT_NE(as_published(*query, rows), query->published);
}

}  // namespace
