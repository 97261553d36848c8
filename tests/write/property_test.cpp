// Random policies, random writes by a random caller. What must be in the database afterwards is worked out by plain SQL from the
// meaning of the sentences: which rows are seen, which may be written by one grant, what each must be afterwards. So no row outside of the
// grants has changed, and no row inside of them was left out. And on a database without the rows that the caller may not see, every
// answer is the same.
// RapidCheck's environment variable makes it longer: RC_PARAMS="max_success=5000".
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <random>

#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"
#include "write/meaning.hpp"
#include "write/random_rules.hpp"
#include "write/told.hpp"

namespace {

using namespace random_writes;

struct counts {
  std::size_t writes{}, written{}, rows{}, overwritten{}, moved{}, returned{};
  std::map<std::string, std::size_t> kinds, ways;
};
constexpr char const* words[] = {"conflict", "left out", "updated", "replaced"};

void try_one(std::uint32_t seed, counts& n) {
  chance c(seed);
  auto r = some_rules(c);
  if (c.one_in(2)) widen(r, c);
  auto data = "insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
  for (unsigned id = 1; id <= 10; ++id) data += "insert or ignore into t values " + some_row(c, id) + ";";
  cases::scratch_file const file("writes"), other("writes-unseen");
  cases::raw_database raw(file.path()), plain, fewer(other.path());
  for (auto* db : {&raw, &plain, &fewer}) db->run(std::string(schema) + data);
  auto const policies = [&] { return grille::policy_set::parse(r.text(), "p.grille"); };
  grille::sqlite::database const guarded(file.path(), policies()), without(other.path(), policies());
  meaning means(r, plain);
  auto const unseen = r.seen() + " is not true";
  unsigned next_id = 100;
  for (int i = 0; i < 6; ++i) {
    auto w = c.one_in(2) ? some_upsert(c, next_id, !r.select.empty()) : some_write(c, next_id, !r.select.empty());
    move(w, c, !r.select.empty());
    ask_back(w, c, !r.select.empty());
    // what the caller cannot see is taken away from a copy of what there is now, and others put there
    fewer.run("delete from t");
    fewer.run("attach '" + file.path().string() + "' as now; insert into t select * from now.t; detach now; delete from t where " + unseen);
    for (unsigned id = 1001; !r.select.empty() && id <= 1004; ++id) fewer.run("insert or ignore into t values " + some_row(c, id));
    if (!r.select.empty()) fewer.run("delete from t where id > 1000 and " + r.seen());
    auto const wanted = means.run(w);
    auto const got = ask(guarded, w.sql);
    auto const got_elsewhere = ask(without, w.sql);
    auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + data + "\n" + w.sql + "\n" + to_text(got);
    ++n.writes;
    auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
    if (got.error.empty())
      ++n.written, n.moved += w.set.contains("id") ? got.affected : 0, n.rows += got.affected, n.ways[words[static_cast<int>(w.in_the_way)]] += got.affected;
    else
      ++n.kinds[got.error.substr(0, got.error.find(':'))];
    if (wanted.has_value() != got.error.empty())
      RC_FAIL("the sentences mean " + (wanted ? std::to_string(*wanted) + " rows" : std::string("a refusal")) + "\n" + story);
    if (wanted && *wanted != got.affected) RC_FAIL("the sentences mean " + std::to_string(*wanted) + " rows\n" + story);
    if (wanted && w.returns && means.returned() != got.rows) RC_FAIL("returns something else\n" + story);
    n.returned += got.rows.size();
    if (raw.query("select * from t order by id") != plain.query("select * from t order by id"))
      RC_FAIL("another database\n" + story + "\n" + to_text(plain.query("select * from t order by id")) +
              to_text(raw.query("select * from t order by id")));
    // how many are left out is what keys tell by nature
    if (!r.select.empty() && !conflict && w.in_the_way != a_write::way::left_out && got != got_elsewhere)
      RC_FAIL("can tell what it cannot see: " + to_text(got_elsewhere) + "\n" + story);
  }
  n.overwritten += means.overwritten();
}

TEST(any_policy_and_write, changes_what_the_sentences_mean_and_nothing_else) {
  counts n;
  bool const good =
      rc::check("no row outside of the grants changes, none inside is left out", [&](std::uint32_t seed) { try_one(seed, n); });
  EXPECT_TRUE(good);
  std::string kinds;
  for (auto const& [kind, times] : n.kinds) kinds += ", " + std::to_string(times) + " " + kind;
  for (auto const& [way, times] : n.ways) kinds += "; " + way + ": " + std::to_string(times);
  for (auto const* way : words) EXPECT_GT(n.ways[way], 0U) << way;
  std::printf("%zu writes, %zu done, %zu rows, %zu overwritten, %zu by another key, %zu returned%s\n", n.writes, n.written, n.rows, n.overwritten, n.moved, n.returned, kinds.c_str());
  EXPECT_GT(n.overwritten, 0U);
  EXPECT_GT(n.moved, 0U);
  EXPECT_GT(n.returned, n.writes / 10);
  EXPECT_GT(n.written, n.writes / 10);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.kinds["check_failed"], 5U);
}

}  // namespace
