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
#include "write/random_rules.hpp"

namespace {

using namespace random_writes;

/// What the sentences mean, in plain SQL.
class oracle {
 public:
  oracle(rules const& r, cases::raw_database& db) : rules_(r), db_(db) {}

  /// The rows written, or nothing where the write must be refused. Then nothing has changed.
  std::optional<std::size_t> run(a_write const& w) {
    auto const& all = w.method == "insert" ? rules_.insert : w.method == "update" ? rules_.update : rules_.remove;
    auto const covers = [&](grant const& g) {
      return std::ranges::all_of(w.columns, [&](auto const& column) { return g.names(column); });
    };
    auto const first = std::ranges::find_if(all, covers);
    if (first == all.end()) return std::nullopt;
    std::vector<grant> by;
    for (auto const& g : all) {
      bool same = covers(g);
      for (auto const& [column, value] : g.settings) same = same && first->settings.contains(column) && first->settings.at(column) == value;
      for (auto const& [column, value] : first->settings) same = same && (g.settings.contains(column) || g.names(column));
      if (same) by.push_back(g);
    }
    db_.run(
        "savepoint s; drop table if exists temp.was; create temp table was (id integer primary key, owner integer, kind text "
        "collate nocase, a integer, b numeric, note text, m0, m1, m2)");
    auto const done = w.method == "insert" ? insert(w, *first, by) : change(w, *first, by);
    if (!done) db_.run("rollback to s");
    db_.run("release s");
    return done;
  }

 private:
  /// What the caller's own condition is asked of: the rows it sees.
  std::string as_seen(std::string sql) const {
    for (auto at = sql.find("from t"); at != std::string::npos; at = sql.find("from t", at + 40))
      sql.replace(at, 6, "from (select * from t where " + rules_.seen() + ") as t");
    return sql;
  }
  std::size_t count(std::string const& sql) { return static_cast<std::size_t>(std::stoull(db_.query(sql).rows[0][0])); }
  std::optional<std::size_t> change(a_write const& w, grant const& first, std::vector<grant> const& by) {
    strings may;
    std::string flags;
    for (std::size_t i = 0; i < 3; ++i) {
      auto all = rules_.restricted(w.method);
      if (i < by.size() && by[i].where) all.push_back(*by[i].where);
      if (i < by.size()) may.push_back(all_of(all));
      flags += ", " + (i < by.size() ? all_of(all) : std::string("0"));
    }
    db_.run("insert into was select *" + flags + " from t where " + rules_.seen() + " and (" + as_seen(w.where) + ") and " + any_of(may));
    auto const n = count("select count(*) from was");
    if (w.method == "delete") {
      db_.run("delete from t where id in (select id from was)");
      return n;
    }
    std::string set;
    auto values = w.set;
    for (auto const& [column, value] : first.settings) values[column] = value;
    for (auto const& [column, value] : values) set += (set.empty() ? "" : ", ") + column + " = " + value;
    try {
      db_.run("update t set " + set + " where id in (select id from was)");
    } catch (cases::raw_error const&) {
      return std::nullopt;  // the unique key
    }
    strings good;
    for (std::size_t i = 0; i < by.size(); ++i) {
      auto const& g = by[i];
      strings all{"was.m" + std::to_string(i)};
      for (auto const& p : rules_.restricted("update")) all.push_back(qualified(p, "t", "was"));
      if (g.so_that)
        all.push_back(qualified(*g.so_that, "t", "was"));
      else if (g.where)
        all.push_back(qualified(*g.where, "t", "was"));
      good.push_back(all_of(all));
    }
    auto const bad = count("select count(*) from was join t on t.id = was.id where (" + any_of(good) + ") is not true");
    return bad == 0 ? std::optional(n) : std::nullopt;
  }

  std::optional<std::size_t> insert(a_write const& w, grant const& first, std::vector<grant> const& by) {
    std::string ids;
    for (auto row : w.rows) {
      for (auto const& [column, value] : first.settings) row[column] = value;
      std::string names, values;
      for (auto const& [column, value] : row) {
        names += (names.empty() ? "" : ", ") + column;
        values += (values.empty() ? "" : ", ") + value;
      }
      try {
        db_.run("insert into t (" + names + ") values (" + values + ")");
      } catch (cases::raw_error const&) {
        return std::nullopt;
      }
      ids += (ids.empty() ? "" : ", ") + row["id"];
    }
    strings good;
    for (auto const& g : by) {
      auto all = rules_.restricted("insert");
      if (g.so_that) all.push_back(*g.so_that);
      good.push_back(all_of(all));
    }
    auto const bad = count("select count(*) from t where id in (" + ids + ") and (" + any_of(good) + ") is not true");
    return bad == 0 ? std::optional(w.rows.size()) : std::nullopt;
  }

  rules const& rules_;
  cases::raw_database& db_;
};

struct counts {
  std::size_t writes{}, written{}, rows{}, refused{}, conflicts{};
  std::map<std::string, std::size_t> kinds;
};

struct answered {
  std::string error;  // kind and message
  std::uint64_t affected{};
  friend bool operator==(answered const&, answered const&) = default;
};
answered ask(grille::sqlite::database const& db, std::string const& sql) {
  try {
    auto session = db.session(grille::principal("c").role("caller"));
    return {{}, session.execute(sql)};
  } catch (grille::error const& e) {
    return {std::string(to_string(e.kind())) + ": " + e.what(), 0};
  }
}

void try_one(std::uint32_t seed, counts& n) {
  chance c(seed);
  auto const r = some_rules(c);
  auto data = "insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
  for (unsigned id = 1; id <= 10; ++id) data += "insert or ignore into t values " + some_row(c, id) + ";";
  cases::scratch_file const file("writes"), other("writes-unseen");
  cases::raw_database raw(file.path()), plain, fewer(other.path());
  for (auto* db : {&raw, &plain, &fewer}) db->run(std::string(schema) + data);
  auto const policies = [&] { return grille::policy_set::parse(r.text(), "p.grille"); };
  grille::sqlite::database const guarded(file.path(), policies()), without(other.path(), policies());
  oracle means(r, plain);
  auto const unseen = r.seen() + " is not true";
  unsigned next_id = 100;
  for (int i = 0; i < 6; ++i) {
    auto const w = some_write(c, next_id, !r.select.empty());
    // what the caller cannot see is taken away from a copy of what there is now
    fewer.run("delete from t");
    fewer.run("attach '" + file.path().string() + "' as now; insert into t select * from now.t; detach now; delete from t where " + unseen);
    auto const wanted = means.run(w);
    auto const got = ask(guarded, w.sql);
    auto const got_elsewhere = ask(without, w.sql);
    auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + data + "\n" + w.sql + "\n" +
                       (got.error.empty() ? std::to_string(got.affected) + " written" : got.error);
    ++n.writes;
    auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
    if (got.error.empty())
      ++n.written, n.rows += got.affected;
    else
      ++n.kinds[got.error.substr(0, got.error.find(':'))];
    if (wanted.has_value() != got.error.empty())
      RC_FAIL("the sentences mean " + (wanted ? std::to_string(*wanted) + " rows" : std::string("a refusal")) + "\n" + story);
    if (wanted && *wanted != got.affected) RC_FAIL("the sentences mean " + std::to_string(*wanted) + " rows\n" + story);
    if (raw.query("select * from t order by id") != plain.query("select * from t order by id"))
      RC_FAIL("another database\n" + story + "\n" + to_text(plain.query("select * from t order by id")) +
              to_text(raw.query("select * from t order by id")));
    if (!r.select.empty() && !conflict && got != got_elsewhere)
      RC_FAIL("can tell what it cannot see: " + got_elsewhere.error + "\n" + story);
  }
}

TEST(any_policy_and_write, changes_what_the_sentences_mean_and_nothing_else) {
  counts n;
  bool const good =
      rc::check("no row outside of the grants changes, none inside is left out", [&](std::uint32_t seed) { try_one(seed, n); });
  EXPECT_TRUE(good);
  std::string kinds;
  for (auto const& [kind, times] : n.kinds) kinds += ", " + std::to_string(times) + " " + kind;
  std::printf("%zu writes, %zu done, %zu rows%s\n", n.writes, n.written, n.rows, kinds.c_str());
  EXPECT_GT(n.written, n.writes / 10);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.kinds["check_failed"], 5U);
}

}  // namespace
