// Two databases that differ only in what the caller may not see cannot be told apart through Grille, over random schemas, policies,
// principals and statements; and what is answered is what plain SQLite answers on what the caller sees.
// RapidCheck's environment variable makes it longer: RC_PARAMS="max_success=20000".
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <map>
#include <random>

#include "cases/guarded.hpp"
#include "noninterference/statement.hpp"

namespace {

using cases::outcome;
using noninterference::statement_writer;
using noninterference::tape;
using noninterference::world;

/// The choices of one trial: for the policy, for the data, and for each statement.
struct choices {
  std::vector<std::uint16_t> world, data;
  std::vector<std::vector<std::uint16_t>> statements;
};

struct counts {
  std::size_t worlds{}, statements{}, answered{}, rows{}, kept_changes{};
  std::size_t failed_alone{};  // on what is seen, where plain SQLite found its way around
  std::map<std::string, std::size_t> refused;
};

/// Rows without their order, and 1.0 as 1: of two values that compare as equal, `distinct` and its like may keep either.
cases::answer comparable(cases::answer a) {
  for (auto& row : a.rows)
    for (auto& cell : row)
      if (cell.ends_with(".0")) cell.erase(cell.size() - 2);
  return sorted(std::move(a));
}
outcome comparable(outcome o) {
  o.got = comparable(std::move(o.got));
  return o;
}

bool is_of_the_data(std::string const& message) {
  for (auto const* text : {"overflow", "JSON", "too big", "too large", "complex", "memory"})
    if (message.find(text) != std::string::npos) return true;
  return false;
}

/// A pair of databases that the caller must not be able to tell apart, and what the caller sees of both.
class pair_of_databases {
 public:
  pair_of_databases(world const& w, tape& t, counts& n) : world_(w) {
    for (auto* db : {&first_, &second_}) db->run(w.schema());
    auto const rows = w.fill(t);
    for (auto* db : {&first_, &second_}) {
      db->run("begin;" + rows + "commit;");
      auto const seen = w.seen(*db);
      for (unsigned i = 0; i < 14; ++i) {
        db->run("savepoint change");
        db->run(w.change(t));
        if (w.seen(*db) == seen)
          ++n.kept_changes;
        else
          db->run("rollback to change");
        db->run("release change");
      }
    }
  }
  cases::raw_database& first() { return first_; }
  cases::raw_database& second() { return second_; }
  std::string text() { return first_.dump() + "----\n" + second_.dump(); }

 private:
  world const& world_;
  cases::raw_database first_, second_;
};

std::string told_apart(outcome const& a, outcome const& b) {
  if (comparable(a) == comparable(b)) return {};
  return "told apart\n" + to_text(a) + "from\n" + to_text(b);
}

/// Empty where the outcome is what plain SQLite says of what is seen.
std::string judged(outcome const& got, cases::raw_database& seen, std::string const& sql, counts& n) {
  ++n.statements;
  if (got.refused) {
    auto const& r = *got.refused;
    ++n.refused[r.kind == "unsupported" || r.kind == "limit" ? r.kind + ": " + r.message : r.kind];
  }
  cases::answer plain;
  try {
    plain = seen.query(sql);
  } catch (cases::raw_error const& e) {
    if (got.refused || is_of_the_data(e.what())) return {};
    return "answered, where SQLite on what is seen says: " + std::string(e.what()) + '\n' + to_text(got);
  }
  if (got.refused) {
    auto const& kind = got.refused->kind;
    if (kind == "backend") ++n.failed_alone;
    if (got.refused->message.find("second check") != std::string::npos) return "rewriting and its check disagree\n" + to_text(got);
    auto const may = kind == "unsupported" || kind == "limit" || kind == "backend" || sql.find("rowid") != std::string::npos ||
                     sql.find("with ") != std::string::npos;
    return may ? "" : "refused, where SQLite on what is seen answers\n" + to_text(got);
  }
  ++n.answered;
  n.rows += plain.rows.size();
  if (comparable(got.got).rows != comparable(plain).rows || got.got.columns != plain.columns)
    return "not what is seen\n" + to_text(got) + "seen\n" + to_text(sorted(plain));
  return {};
}

/// Tries one world with its statements; empty, or the first thing that is wrong, with all that is needed to see it again.
std::string trial(choices const& chosen, counts& n, bool open = false) {
  tape of_world(chosen.world), of_data(chosen.data);
  world const w(of_world);
  auto const seen_tables = w.seen_tables();
  pair_of_databases data(w, of_data, n);
  auto seen = w.seen_database(data.first());
  auto const described = [&](std::string const& wrong, std::string const& sql) {
    return wrong + "\nstatement\n" + sql + "\nprincipal\n" + w.principal() + "\npolicy\n" + w.policy() + "\ndata\n" + data.text();
  };
  ++n.worlds;
  std::string found, of;
  {
    auto const policy = grille::policy_set::parse(w.policy(open), "random.grille");
    grille::sqlite::database const first(data.first().native(), policy), second(data.second().native(), policy);
    auto const who = cases::principal_of(w.principal());
    for (auto const& numbers : chosen.statements) {
      of = statement_writer(tape(numbers), seen_tables, w.tables()).statement();
      auto const got = cases::ask(first, who, of);
      found = told_apart(got, cases::ask(second, who, of));
      if (found.empty()) found = judged(got, seen, of, n);
      if (!found.empty()) break;
    }
  }
  return found.empty() ? found : described(found, of);
}

rc::Gen<std::vector<std::uint16_t>> numbers(int most) { return rc::gen::resize(most, rc::gen::arbitrary<std::vector<std::uint16_t>>()); }

TEST(noninterference, what_is_hidden_cannot_be_told) {
  counts n;
  auto const holds = rc::check("what is hidden cannot be told", [&n] {
    choices chosen{*numbers(300), *numbers(700), {}};
    for (unsigned i = 0; i < 12; ++i) chosen.statements.push_back(*numbers(300));
    auto const wrong = trial(chosen, n);
    RC_ASSERT(wrong == "");
  });
  EXPECT_TRUE(holds);
  std::printf("%zu worlds, %zu hidden changes, %zu statements, %zu answered with %zu rows\n", n.worlds, n.kept_changes, n.statements,
              n.answered, n.rows);
  for (auto const& [kind, count] : n.refused) std::printf("  refused %6zu: %s\n", count, kind.c_str());
  std::printf("  failed where plain SQLite does not %zu\n", n.failed_alone);
  EXPECT_GT(n.answered * 2, n.statements) << "too little is answered for this to say much";
  EXPECT_GT(n.kept_changes, 5 * n.worlds) << "the two databases hardly differ";
}

// The harness can fail: a policy that hides nothing is told apart from the one that was meant, in most worlds.
TEST(sabotage, a_policy_that_hides_nothing_is_noticed) {
  std::mt19937 random(7);
  counts n;
  unsigned noticed = 0;
  auto const some = [&random](std::size_t size) {
    std::vector<std::uint16_t> out(size);
    for (auto& x : out) x = static_cast<std::uint16_t>(random());
    return out;
  };
  for (unsigned i = 0; i < 20; ++i) {
    choices chosen{some(300), some(700), {}};
    for (unsigned s = 0; s < 12; ++s) chosen.statements.push_back(some(300));
    noticed += trial(chosen, n, true).empty() ? 0 : 1;
  }
  EXPECT_GE(noticed, 15U);
}

}  // namespace
