// Random policies and random writes, as tests/write/property_test.cpp has them, on PostgreSQL: what must come of each is worked out on SQLite, by
// plain SQL from the meaning of the sentences, so that the two engines are held against each other too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <pqxx/pqxx>

#include "cases/raw_database.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "write/meaning.hpp"
#include "write/random_rules.hpp"
#include "write/told.hpp"

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
  /// Its rows, each as `(…)`.
  strings rows() {
    pqxx::nontransaction t(*raw);
    strings out;
    for (auto const& row : t.exec("select format('(%s, %L, %L, %L, %L, %L)', id, owner, kind, a, b, note) from t")) out.push_back(row[0].as<std::string>());
    return out;
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

std::string story_of(std::uint32_t seed, rules const& r, std::string const& what, told const& got) {
  return "seed " + std::to_string(seed) + " (GRILLE_SEED=" + std::to_string(seed) + ")\n" + r.text() + "\n" + what + "\n" + to_text(got);
}
std::string some_members(chance& c) {
  return "delete from m; insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
}
grille::postgres::database open(twin const& t, rules const& r) {
  return grille::postgres::database(t.db.conninfo(), grille::policy_set::parse(r.text(), "p.grille", {}, grille::dialect::postgresql));
}
a_write some_of_any_kind(chance& c, unsigned& next_id, bool sees) {
  auto w = c.one_in(2) ? some_upsert(c, next_id, sees, true) : some_write(c, next_id, sees, true);
  while (!well_typed(w)) w = some_write(c, next_id, sees, true);
  move(w, c, sees);
  ask_back(w, c, sees);
  return w;
}
std::vector<std::uint32_t> seeds_up_to(unsigned n) {
  if (auto const* longer = std::getenv("GRILLE_SEEDS"); longer != nullptr) n = static_cast<unsigned>(std::stoul(longer));
  std::vector<std::uint32_t> out(n);
  std::iota(out.begin(), out.end(), 1U);
  return out;
}

struct counts {
  std::size_t writes{}, done{}, rows{}, checked{}, upserted{}, overwritten{}, left_out{}, moved{}, returned{}, ordered{}, compared{};
};

void try_writes(std::uint32_t seed, twin& here, twin& elsewhere, counts& n) {
  chance c(seed);
  auto r = some_rules(c);
  if (!c.one_in(4)) widen(r, c);  // else few could do all that an upsert does
  auto const others = some_members(c);
  cases::raw_database plain;
  plain.run(on_sqlite + others);
  for (unsigned id = 1; id <= 10; ++id) plain.run("insert or ignore into t values " + some_row(c, id));
  for (auto* t : {&here, &elsewhere}) t->run(others);
  copy(plain, "true", here);
  auto const guarded = open(here, r), without = open(elsewhere, r);
  meaning means(r, plain);
  unsigned next_id = 100;
  for (int i = 0; i < 6; ++i) {
    auto const w = some_of_any_kind(c, next_id, !r.select.empty());
    without_unseen(c, r, plain, elsewhere);
    auto const wanted = means.run(w);
    auto const got = ask(guarded, w.sql), got_elsewhere = ask(without, w.sql);
    auto const story = story_of(seed, r, w.sql, got);
    ++n.writes;
    n.done += got.error.empty() ? 1U : 0U;
    n.checked += got.error.starts_with("check_failed") ? 1U : 0U;
    n.rows += got.affected;
    n.returned += got.rows.size();
    n.moved += w.set.contains("id") ? got.affected : 0U;
    ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
    ASSERT_EQ(wanted.value_or(0), got.affected) << story;
    ASSERT_TRUE(!wanted || !w.returns || means.returned() == got.rows) << "other rows are returned\n" << story;
    ASSERT_EQ(dump(plain), here.dump()) << story;
    ASSERT_FALSE(got.error.starts_with("unsupported") || got.error.starts_with("backend")) << story;
    auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
    n.upserted += w.in_the_way == a_write::way::updated ? got.affected : 0U;
    n.left_out += w.in_the_way == a_write::way::left_out ? got.affected : 0U;
    // how many are left out is what keys tell by nature
    ASSERT_TRUE(r.select.empty() || conflict || w.in_the_way == a_write::way::left_out || got == got_elsewhere)
        << "can tell what it cannot see: " << to_text(got_elsewhere) << "\n" << story;
  }
  n.overwritten += means.overwritten();
}

TEST(any_policy_and_write_on_postgresql, changes_what_the_sentences_mean_and_nothing_else) {
  twin here, elsewhere;
  counts n;
  for (auto const seed : seeds_up_to(80)) {
    try_writes(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
  std::printf("%zu writes, %zu done, %zu rows, %zu returned, %zu by upserts, %zu of them in the way, %zu beside what is left out, %zu by another key, %zu check_failed\n", n.writes, n.done, n.rows,
              n.returned, n.upserted, n.overwritten, n.left_out, n.moved, n.checked);
  EXPECT_GT(n.moved, 0U);
  EXPECT_GT(n.upserted, 20U);
  EXPECT_GT(n.overwritten, 10U);
  EXPECT_GT(n.left_out, 20U);
  EXPECT_GT(n.done, n.writes / 10);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.returned, n.writes / 10);
  EXPECT_GT(n.checked, 5U);
  for (auto const seed : fresh_seeds(20)) {
    try_writes(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
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

void try_merges(std::uint32_t seed, twin& here, twin& elsewhere, counts& n) {
  chance c(seed);
  auto r = some_rules(c);
  if (!c.one_in(3)) widen(r, c);  // else few could do all that a merge does
  auto const others = some_members(c);
  cases::raw_database plain;
  plain.run(on_sqlite + others);
  for (auto* t : {&here, &elsewhere}) t->run(others);
  auto const guarded = open(here, r), without = open(elsewhere, r);
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
    n.ordered += wanted && conflict ? 1U : 0U;  // a row that goes makes room for another, or not: in which order the server does it is its own
    if (conflict) wanted.reset();
    if (!wanted) plain.run("rollback to merge");
    plain.run("release merge");
    auto const story = story_of(seed, r, before + m.sql, got);
    ++n.writes;
    n.done += got.error.empty() ? 1U : 0U;
    n.checked += got.error.starts_with("check_failed") ? 1U : 0U;
    n.rows += got.affected;
    ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
    ASSERT_EQ(wanted.value_or(0), got.affected) << story;
    ASSERT_EQ(dump(plain), here.dump()) << story;
    ASSERT_FALSE(got.error.starts_with("unsupported") || got.error.starts_with("backend")) << story;
    ASSERT_TRUE(conflict || got_elsewhere.error.starts_with("conflict") || got == got_elsewhere) << "can tell what it cannot see: " << to_text(got_elsewhere) << "\n" << story;
  }
}

TEST(any_policy_and_merge_on_postgresql, changes_what_the_sentences_mean_and_nothing_else) {
  twin here, elsewhere;
  counts n;
  for (auto const seed : seeds_up_to(45)) {
    try_merges(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
  std::printf("%zu merges, %zu done, %zu rows, %zu check_failed, %zu by their order\n", n.writes, n.done, n.rows, n.checked, n.ordered);
  EXPECT_GT(n.done, n.writes / 10);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.checked, 5U);
  EXPECT_LT(n.ordered, n.writes / 50);
  for (auto const seed : fresh_seeds(10)) {
    try_merges(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
}

/// One sequence of writes on two databases that differ, from its beginning on, in the rows that the caller does not see. On each, it does what it means
/// there; and the caller is told the same, and sees the same table, until a key that is held by a row that one of them alone has makes a difference.
void try_sequence(std::uint32_t seed, twin& here, twin& elsewhere, counts& n) {
  chance c(seed);
  auto r = some_rules(c);
  while (r.select.empty()) r = some_rules(c);
  if (!c.one_in(4)) widen(r, c);
  auto const others = some_members(c);
  cases::raw_database plain, other;
  plain.run(on_sqlite + others);
  other.run(on_sqlite + others);
  for (unsigned id = 1; id <= 10; ++id) plain.run("insert or ignore into t values " + some_row(c, id));
  for (auto* t : {&here, &elsewhere}) t->run(others);
  copy(plain, "true", here);
  without_unseen(c, r, plain, elsewhere);
  for (auto const& line : elsewhere.rows()) other.run("insert into t values " + line);
  auto const guarded = open(here, r), without = open(elsewhere, r);
  meaning means(r, plain), means_there(r, other);
  unsigned next_id = 100;
  std::string so_far = dump(plain) + "or\n" + dump(other);
  for (int i = 0; i < 8; ++i) {
    std::string sql;
    std::optional<std::size_t> wanted, wanted_there;
    bool tells_keys = false, returns = false;
    auto const merges = c.one_in(4);
    if (merges) {
      auto const m = some_merge(c);
      sql = m.sql;
      for (auto* db : {&plain, &other}) db->run("savepoint merge");
      wanted = merged(m, r, plain);
      wanted_there = merged(m, r, other);
    } else {
      auto const w = some_of_any_kind(c, next_id, true);
      sql = w.sql;
      tells_keys = w.in_the_way == a_write::way::left_out;
      returns = w.returns;
      wanted = means.run(w);
      wanted_there = means_there.run(w);
    }
    auto const got = ask(guarded, sql), got_there = ask(without, sql);
    if (merges) {  // as above
      if (got.error.starts_with("conflict")) wanted.reset();
      if (got_there.error.starts_with("conflict")) wanted_there.reset();
      plain.run(wanted ? "release merge" : "rollback to merge; release merge");
      other.run(wanted_there ? "release merge" : "rollback to merge; release merge");
    }
    so_far += sql + "\n  " + to_text(got) + "\n";
    auto const story = story_of(seed, r, so_far, got);
    ++n.writes;
    n.rows += got.affected;
    n.returned += got.rows.size();
    ASSERT_EQ(wanted.has_value(), got.error.empty()) << story;
    ASSERT_EQ(wanted_there.has_value(), got_there.error.empty()) << to_text(got_there) << "\n" << story;
    ASSERT_TRUE(!wanted || !returns || means.returned() == got.rows) << "other rows are returned\n" << story;
    ASSERT_EQ(dump(plain), here.dump()) << story;
    ASSERT_EQ(dump(other), elsewhere.dump()) << story;
    if (got.error.starts_with("conflict") || got_there.error.starts_with("conflict") || tells_keys) {
      if (got != got_there) return;  // from here on the two may differ in what is seen
      continue;
    }
    ++n.compared;
    ASSERT_EQ(got, got_there) << "can tell what it cannot see: " << to_text(got_there) << "\n" << story;
    ASSERT_EQ(dump(plain, r.seen()), dump(other, r.seen())) << "sees another table\n" << story;
  }
}

TEST(any_sequence_of_writes_on_postgresql, stays_within_the_grants_and_tells_nothing) {
  twin here, elsewhere;
  counts n;
  for (auto const seed : seeds_up_to(40)) {
    try_sequence(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
  std::printf("%zu writes, %zu rows, %zu returned, %zu compared\n", n.writes, n.rows, n.returned, n.compared);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.returned, n.writes / 10);
  EXPECT_GT(n.compared, n.writes / 3);
  for (auto const seed : fresh_seeds(20)) {
    try_sequence(seed, here, elsewhere, n);
    if (HasFailure()) return;
  }
}

}  // namespace
