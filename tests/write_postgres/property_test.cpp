// Random policies and random writes, as tests/write/property_test.cpp has them, on PostgreSQL: what must come of each is worked out on SQLite, by
// plain SQL from the meaning of the sentences, so that the two engines are held against each other too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <pqxx/pqxx>

#include "cases/raw_database.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "write/meaning.hpp"
#include "write/random_rules.hpp"

namespace {

using namespace random_writes;

constexpr char const* on_sqlite =
    "create table t (id integer primary key, owner integer, kind text, a integer, b numeric default 3, note text, unique (kind, note)); create table m (who integer);";
constexpr char const* on_postgresql =
    "create table t (id int primary key, owner int, kind text, a int, b numeric default 3, note text, unique (kind, note)); create table m (who int)";

/// What has one meaning on both engines: no text goes into a column of numbers.
bool well_typed(a_write const& w) {
  for (auto const& [column, value] : w.set)
    if (column != "kind" && value == "kind") return false;
  return true;
}

struct twin {
  twin() {
    db.run(on_postgresql);
    raw = std::make_unique<pqxx::connection>(db.conninfo());
  }
  void run(std::string const& sql) {
    pqxx::nontransaction t(*raw);
    t.exec(sql);
  }
  std::string dump() {
    pqxx::nontransaction t(*raw);
    std::string out;
    for (auto const& row : t.exec("select concat_ws(' ', id, coalesce(owner::text, 'NULL'), quote_nullable(kind), coalesce(a::text, 'NULL'), coalesce(b::text, 'NULL'), "
                                  "quote_nullable(note)) from t order by id"))
      out += row[0].as<std::string>() + "\n";
    return out;
  }
  testing_postgres::database db;
  std::unique_ptr<pqxx::connection> raw;
};

std::string dump(cases::raw_database& db, std::string const& where = "true") {
  std::string out;
  for (auto const& row : db.query("select id, owner, kind, a, b, note from t where " + where + " order by id").rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? " " : "") + row[i];
    out += "\n";
  }
  return out;
}
/// Makes `into` hold the rows of `from` on which `where` is true.
void copy(cases::raw_database& from, std::string const& where, twin& into) {
  std::string sql = "delete from t";
  for (auto const& row : from.query("select id, owner, kind, a, b, note from t where " + where).rows) {
    sql += "; insert into t values (";
    for (std::size_t i = 0; i < row.size(); ++i) sql += (i > 0 ? ", " : "") + row[i];
    sql += ")";
  }
  into.run(sql);
}
/// The same, but for the rows that the caller does not see: others are there.
void without_unseen(chance& c, rules const& r, cases::raw_database& now, twin& into) {
  now.run("savepoint unseen; delete from t where " + r.seen() + " is not true");
  for (unsigned id = 1001; !r.select.empty() && id <= 1004; ++id) now.run("insert or ignore into t values " + some_row(c, id));
  if (!r.select.empty()) now.run("delete from t where id > 1000 and " + r.seen());
  copy(now, "true", into);
  now.run("rollback to unseen; release unseen");
}

struct answered {
  std::string error;
  std::uint64_t affected{};
  friend bool operator==(answered const&, answered const&) = default;
};
answered ask(grille::database const& db, std::string const& sql) {
  try {
    auto session = db.session(grille::principal("c").role("caller"));
    return {{}, session.execute(sql)};
  } catch (grille::error const& e) {
    return {std::string(to_string(e.kind())) + ": " + e.what(), 0};
  }
}

TEST(any_policy_and_write_on_postgresql, changes_what_the_sentences_mean_and_nothing_else) {
  twin here, elsewhere;
  std::size_t writes = 0, done = 0, rows = 0, checked = 0, upserted = 0, overwritten = 0, left_out = 0, moved = 0;
  auto const* const longer = std::getenv("GRILLE_SEEDS");
  auto const seeds = longer == nullptr ? 80U : static_cast<unsigned>(std::stoul(longer));
  for (unsigned seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    chance c(seed);
    auto r = some_rules(c);
    if (!c.one_in(4)) widen(r, c);  // else few could do all that an upsert does
    auto const others = "delete from m; insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
    cases::raw_database plain;
    plain.run(on_sqlite + others);
    for (unsigned id = 1; id <= 10; ++id) plain.run("insert or ignore into t values " + some_row(c, id));
    for (auto* t : {&here, &elsewhere}) t->run(others);
    copy(plain, "true", here);
    auto const open = [&](twin& t) {
      return grille::postgres::database(t.db.conninfo(), grille::policy_set::parse(r.text(), "p.grille", {}, grille::dialect::postgresql));
    };
    auto const guarded = open(here), without = open(elsewhere);
    meaning means(r, plain);
    unsigned next_id = 100;
    for (int i = 0; i < 6; ++i) {
      auto const sees = !r.select.empty();
      auto w = c.one_in(2) ? some_upsert(c, next_id, sees, true) : some_write(c, next_id, sees, true);
      while (!well_typed(w)) w = some_write(c, next_id, sees, true);
      move(w, c, sees);
      without_unseen(c, r, plain, elsewhere);
      auto const wanted = means.run(w);
      auto const got = ask(guarded, w.sql), got_elsewhere = ask(without, w.sql);
      auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + "\n" + w.sql + "\n" + (got.error.empty() ? std::to_string(got.affected) + " written" : got.error);
      ++writes;
      done += got.error.empty() ? 1U : 0U;
      checked += got.error.starts_with("check_failed") ? 1U : 0U;
      rows += got.affected;
      moved += w.set.contains("id") ? got.affected : 0U;
      ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
      ASSERT_EQ(wanted.value_or(0), got.affected) << story;
      ASSERT_EQ(dump(plain), here.dump()) << story;
      ASSERT_FALSE(got.error.starts_with("unsupported") || got.error.starts_with("backend")) << story;
      auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
      upserted += w.in_the_way == a_write::way::updated ? got.affected : 0U;
      left_out += w.in_the_way == a_write::way::left_out ? got.affected : 0U;
      // how many are left out is what keys tell by nature
      ASSERT_TRUE(r.select.empty() || conflict || w.in_the_way == a_write::way::left_out || got == got_elsewhere) << "can tell what it cannot see: " << got_elsewhere.error << "\n" << story;
    }
    overwritten += means.overwritten();
  }
  std::printf("%zu writes, %zu done, %zu rows, %zu by upserts, %zu of them in the way, %zu beside what is left out, %zu by another key, %zu check_failed\n", writes, done, rows, upserted, overwritten,
              left_out, moved, checked);
  EXPECT_GT(moved, 0U);
  EXPECT_GT(upserted, 20U);
  EXPECT_GT(overwritten, 10U);
  EXPECT_GT(left_out, 20U);
  EXPECT_GT(done, writes / 10);
  EXPECT_GT(rows, writes / 5);
  EXPECT_GT(checked, 5U);
}

/// Of rows that are told by their ids: what a clause of a merge does, as the write that it is alone.
struct clause {
  bool matched{};
  std::string condition;  // over seen columns, or of the source's k; empty: none
  std::optional<a_write> change;
};
struct a_merge {
  strings ids;  // of the source
  std::vector<clause> clauses;
  std::string sql;
};

clause some_clause(chance& c, bool matched, bool last) {
  clause out{matched, last ? "" : matched ? c.of({"a < 3", "kind = 'x'", "owner = 1", "id > 4", "a <> b", "k < 6"}) : c.of({"k > 10", "k < 4"}), {}};
  if (c.one_in(5)) return out;
  auto& w = out.change.emplace();
  w.method = !matched ? "insert" : c.one_in(3) ? "delete" : "update";
  if (w.method == "delete") return out;
  w.columns = c.some(matched ? strings{"a", "b", "owner"} : strings{"owner", "kind", "a"});
  for (auto const& column : w.columns) w.set[column] = matched && c.one_in(3) ? c.of({"a + 1", "b", "owner"}) : constant(c, column);
  if (!matched) w.columns.insert(w.columns.begin(), "id");
  return out;
}
std::string text_of(clause const& of) {
  std::string out = of.matched ? " when matched" : " when not matched";
  if (!of.condition.empty()) out += " and " + of.condition;
  if (!of.change) return out + " then do nothing";
  if (of.change->method == "delete") return out + " then delete";
  std::string names, values, set;
  for (auto const& column : of.change->columns) {
    auto const value = column == "id" ? std::string("k") : of.change->set.at(column);
    names += (names.empty() ? "" : ", ") + column;
    values += (values.empty() ? "" : ", ") + value;
    set += (set.empty() ? "" : ", ") + column + " = " + value;
  }
  return out + (of.matched ? " then update set " + set : " then insert (" + names + ") values (" + values + ")");
}
a_merge some_merge(chance& c) {
  a_merge m;
  for (unsigned id = 1; id <= 13; ++id)
    for (unsigned n = c.one_in(12) ? 2 : c.below(2); n > 0; --n) m.ids.push_back(std::to_string(id));
  if (m.ids.empty()) m.ids.push_back("1");
  for (auto const matched : {true, false})
    for (unsigned n = c.below(3) + (matched ? 1 : 0); n > 0; --n) m.clauses.push_back(some_clause(c, matched, n == 1 && c.one_in(2)));
  if (std::ranges::none_of(m.clauses, [](clause const& k) { return k.change.has_value(); })) return some_merge(c);
  m.sql = "merge into t using (values ";
  for (std::size_t i = 0; i < m.ids.size(); ++i) m.sql += (i > 0 ? ", (" : "(") + m.ids[i] + ")";
  m.sql += ") as s (k) on id = k";
  for (auto const& k : m.clauses) m.sql += text_of(k);
  return m;
}

/// What it must come to, done: each row by the first clause that takes it, all of them or none.
std::optional<std::size_t> merged(a_merge const& m, rules const& r, cases::raw_database& db) {
  if (r.select.empty()) return std::nullopt;
  std::vector<strings> rows(m.clauses.size());
  std::map<std::string, int> changes;
  for (auto const& id : m.ids) {
    auto const is = [&](std::string const& what) { return !db.query("select 1 from (select " + id + " as k) left join (select * from t where id = " + id + " and " + r.seen() + ") as t on true where (" + what + ") is true").rows.empty(); };
    auto const matched = is("id is not null");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto const& one = m.clauses[i];
      if (one.matched != matched || (!one.condition.empty() && !is(one.condition))) continue;
      rows[i].push_back(id);
      if (matched && one.change && ++changes[id] > 1) return std::nullopt;
      break;
    }
  }
  std::size_t all = 0;
  meaning means(r, db);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!m.clauses[i].change) continue;
    auto w = *m.clauses[i].change;
    w.where = "id in (";
    for (auto const& id : rows[i]) {
      w.where += (w.where.ends_with('(') ? "" : ", ") + id;
      auto row = w.set;
      row["id"] = id;
      if (w.method == "insert") w.rows.push_back(row);
    }
    w.where += ")";
    auto const n = means.run(w);
    if (n != rows[i].size()) return std::nullopt;
    all += *n;
  }
  return all;
}

TEST(any_policy_and_merge_on_postgresql, changes_what_the_sentences_mean_and_nothing_else) {
  twin here, elsewhere;
  std::size_t merges = 0, done = 0, rows = 0, checked = 0, ordered = 0;
  auto const* const longer = std::getenv("GRILLE_SEEDS");
  auto const seeds = longer == nullptr ? 45U : static_cast<unsigned>(std::stoul(longer));
  for (unsigned seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    chance c(seed);
    auto r = some_rules(c);
    if (!c.one_in(3)) widen(r, c);  // else few could do all that a merge does
    auto const others = "delete from m; insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
    cases::raw_database plain;
    plain.run(on_sqlite + others);
    for (auto* t : {&here, &elsewhere}) t->run(others);
    auto const open = [&](twin& t) {
      return grille::postgres::database(t.db.conninfo(), grille::policy_set::parse(r.text(), "p.grille", {}, grille::dialect::postgresql));
    };
    auto const guarded = open(here), without = open(elsewhere);
    for (int i = 0; i < 4; ++i) {
      plain.run("delete from t");
      for (unsigned id = 1; id <= 10; ++id) plain.run("insert or ignore into t values " + some_row(c, id));
      copy(plain, "true", here);
      copy(plain, r.seen() + " is true", elsewhere);
      auto const m = some_merge(c);
      auto const before = dump(plain);
      plain.run("savepoint merge");
      auto wanted = merged(m, r, plain);
      auto const got = ask(guarded, m.sql), got_elsewhere = ask(without, m.sql);
      auto const conflict = got.error.starts_with("conflict");
      ordered += wanted && conflict ? 1U : 0U;  // a row that goes makes room for another, or not: in which order the server does it is its own
      if (conflict) wanted.reset();
      if (!wanted) plain.run("rollback to merge");
      plain.run("release merge");
      auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + "\n" + before + m.sql + "\n" + (got.error.empty() ? std::to_string(got.affected) + " written" : got.error);
      ++merges;
      done += got.error.empty() ? 1U : 0U;
      checked += got.error.starts_with("check_failed") ? 1U : 0U;
      rows += got.affected;
      ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
      ASSERT_EQ(wanted.value_or(0), got.affected) << story;
      ASSERT_EQ(dump(plain), here.dump()) << story;
      ASSERT_FALSE(got.error.starts_with("unsupported") || got.error.starts_with("backend")) << story;
      ASSERT_TRUE(conflict || got_elsewhere.error.starts_with("conflict") || got == got_elsewhere) << "can tell what it cannot see: " << got_elsewhere.error << "\n" << story;
    }
  }
  std::printf("%zu merges, %zu done, %zu rows, %zu check_failed, %zu by their order\n", merges, done, rows, checked, ordered);
  EXPECT_GT(done, merges / 10);
  EXPECT_GT(rows, merges / 5);
  EXPECT_GT(checked, 5U);
  EXPECT_LT(ordered, merges / 50);
}

}  // namespace
