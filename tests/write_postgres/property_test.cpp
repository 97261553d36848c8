// Random policies and random writes, as tests/write/property_test.cpp has them, on PostgreSQL: what must come of each is worked out on SQLite, by
// plain SQL from the meaning of the sentences, so that the two engines are held against each other too.
#include <gtest/gtest.h>

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
    "create table t (id integer primary key, owner integer, kind text, a integer, b numeric, note text, unique (kind, note)); create table m (who integer);";
constexpr char const* on_postgresql =
    "create table t (id int primary key, owner int, kind text, a int, b numeric, note text, unique (kind, note)); create table m (who int)";

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
  std::size_t writes = 0, done = 0, rows = 0, checked = 0;
  auto const* const longer = std::getenv("GRILLE_SEEDS");
  auto const seeds = longer == nullptr ? 60U : static_cast<unsigned>(std::stoul(longer));
  for (unsigned seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    chance c(seed);
    auto const r = some_rules(c);
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
      auto w = some_write(c, next_id, !r.select.empty());
      while (!well_typed(w)) w = some_write(c, next_id, !r.select.empty());
      copy(plain, r.seen() + " is true", elsewhere);
      auto const wanted = means.run(w);
      auto const got = ask(guarded, w.sql), got_elsewhere = ask(without, w.sql);
      auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + "\n" + w.sql + "\n" + (got.error.empty() ? std::to_string(got.affected) + " written" : got.error);
      ++writes;
      done += got.error.empty() ? 1U : 0U;
      checked += got.error.starts_with("check_failed") ? 1U : 0U;
      rows += got.affected;
      ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
      ASSERT_EQ(wanted.value_or(0), got.affected) << story;
      ASSERT_EQ(dump(plain), here.dump()) << story;
      ASSERT_FALSE(got.error.starts_with("unsupported") || got.error.starts_with("backend")) << story;
      auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
      ASSERT_TRUE(r.select.empty() || conflict || got == got_elsewhere) << "can tell what it cannot see: " << got_elsewhere.error << "\n" << story;
    }
  }
  std::printf("%zu writes, %zu done, %zu rows, %zu check_failed\n", writes, done, rows, checked);
  EXPECT_GT(done, writes / 10);
  EXPECT_GT(rows, writes / 5);
  EXPECT_GT(checked, 5U);
}

}  // namespace
