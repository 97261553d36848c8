// Random policies, and one sequence of random writes by a caller on two databases that differ in the rows that it may not see. After each
// write, on both: each row that has changed, come or gone is one that a single grant allows, before and after, which is asked of the raw
// tables by plain SQL; and the caller was told the same, conflicts on keys aside. Every other table keeps its history: there each row that has
// changed or gone is recorded once as it was, and no other row is.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <map>

#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"
#include "write/random_rules.hpp"
#include "write/told.hpp"

namespace {

using namespace random_writes;

constexpr auto* before_it =
    "create temp table before_it (id integer primary key, owner integer, kind text collate nocase, a integer, b numeric, note text);";
constexpr auto* history =
    "create table t_then (id integer not null, owner integer, kind text collate nocase, a integer, b numeric, note text, grille_number integer primary key, "
    "grille_at text not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);";
constexpr auto* keeps_history = "protects t_then; keep history of t in t_then;\n";
/// As they are stored: `X` is not `x`.
std::string differ(std::string const& column) {
  return "(b." + column + " is not t." + column + " collate binary or typeof(b." + column + ") <> typeof(t." + column + "))";
}

/// The raw tables before a write, to be held against those after it.
class witness {
 public:
  witness(rules const& r, cases::raw_database& db, bool kept = false) : rules_(r), db_(db), kept_(kept) {
    db_.run(before_it);
    if (kept_) db_.run("create temp table recorded (number integer)");
  }

  void look() {
    db_.run("delete from before_it; insert into before_it select * from t");
    if (kept_) db_.run("delete from recorded; insert into recorded select ifnull(max(grille_number), 0) from t_then");
  }
  /// Rows that are not as some one grant allows, as text; empty: none. `replaces`: a row may go and another come by its key.
  std::string objections(bool replaces = false) {
    std::string out;
    auto const may_become = replaces ? any_of({may_change(), all_of({may_go(), may_come()})}) : may_change();
    for (auto const& [what, sql] : std::vector<std::pair<std::string, std::string>>{
             {"changed", "select b.*, '->', t.* from before_it b join t on t.id = b.id where " + any_of(different()) + " and (" + may_become + ") is not true"},
             {"gone", "select b.* from before_it b where not exists (select 1 from t where t.id = b.id) and (" + may_go() + ") is not true"},
             {"come", "select t.* from t where not exists (select 1 from before_it b where b.id = t.id) and (" + may_come() + ") is not true"}})
      if (auto const rows = db_.query(sql); !rows.rows.empty()) out += what + "\n" + to_text(rows);
    return kept_ ? out + not_recorded(replaces) : out;
  }
  std::string not_recorded(bool replaces) {
    strings as_it_was{"h.id = b.id", "h.grille_number > (select number from recorded)"};
    for (auto const& c : columns) as_it_was.push_back("b." + c + " is h." + c + " collate binary and typeof(b." + c + ") = typeof(h." + c + ")");
    std::string const fresh = "grille_number > (select number from recorded)";
    std::string out;
    for (auto const& [what, sql] : std::vector<std::pair<std::string, std::string>>{
             {"not recorded", "select b.* from before_it b left join t on t.id = b.id where (t.id is null or " + any_of(different()) +
                                  ") and not exists (select 1 from t_then h where " + all_of(as_it_was) + ")"},
             {"recorded otherwise", "select h.* from t_then h where h." + fresh + " and not exists (select 1 from before_it b where " + all_of(as_it_was) + ")"},
             {"recorded as another method", "select h.* from t_then h where h." + fresh +
                                                " and (h.grille_method = 'delete') <> (" + (replaces ? "true" : "not exists (select 1 from t where t.id = h.id)") + ")"},
             {"recorded twice", "select id from t_then where " + fresh + " group by id having count(*) > 1"}})
      if (auto const rows = db_.query(sql); !rows.rows.empty()) out += what + "\n" + to_text(rows);
    return out;
  }
  std::size_t records() { return kept_ ? static_cast<std::size_t>(std::stoull(db_.query("select count(*) from t_then").rows[0][0])) : 0; }
  std::size_t changes() {
    return static_cast<std::size_t>(std::stoull(db_.query("select (select count(*) from before_it b left join t on t.id = b.id where t.id is null or " +
                                                          any_of(different()) + ") + (select count(*) from t where id not in (select id from before_it))")
                                                    .rows[0][0]));
  }

 private:
  static strings different() {
    strings out;
    for (auto const& c : columns) out.push_back(differ(c));
    return out;
  }
  std::string before(std::string const& predicate) const { return qualified(predicate, "b", "b"); }
  std::string seen_before() const { return before(rules_.seen()); }
  std::string may_change() const {
    strings any;
    for (auto const& g : rules_.update) {
      strings all{seen_before()};
      if (g.where) all.push_back(before(*g.where));
      for (auto const& p : rules_.restricted("update")) all.push_back(before(p)), all.push_back(qualified(p, "t", "b"));
      if (g.so_that)
        all.push_back(qualified(*g.so_that, "t", "b"));
      else if (g.where)
        all.push_back(qualified(*g.where, "t", "b"));
      for (auto const& c : columns)
        if (!g.names(c) && !g.settings.contains(c)) all.push_back("not " + differ(c));
      for (auto const& [c, value] : g.settings) all.push_back("t." + c + " is " + value);
      any.push_back(all_of(all));
    }
    return any_of(any);
  }
  std::string may_go() const {
    strings any;
    for (auto const& g : rules_.remove) {
      strings all{seen_before()};
      if (g.where) all.push_back(before(*g.where));
      for (auto const& p : rules_.restricted("delete")) all.push_back(before(p));
      any.push_back(all_of(all));
    }
    return any_of(any);
  }
  std::string may_come() const {
    strings any;
    for (auto const& g : rules_.insert) {
      strings all;
      for (auto const& p : rules_.restricted("insert")) all.push_back(qualified(p, "t", "t"));
      if (g.so_that) all.push_back(qualified(*g.so_that, "t", "t"));
      for (auto const& c : columns)
        if (!g.names(c) && !g.settings.contains(c)) all.push_back("t." + c + " is null");
      for (auto const& [c, value] : g.settings) all.push_back("t." + c + " is " + value);
      any.push_back(all_of(all));
    }
    return any_of(any);
  }

  rules const& rules_;
  cases::raw_database& db_;
  bool kept_;
};

struct counts {
  std::size_t writes{}, changes{}, compared{}, records{}, returned{};
  std::map<std::string, std::size_t> kinds;
};

/// Forms that the oracle of property_test.cpp has no account of.
struct told_write {
  std::string sql;
  bool tells_keys{};  // by its count
  bool replaces{};
};
told_write some_statement(chance& c, unsigned& next_id, bool sees) {
  switch (c.below(sees ? 5 : 3)) {
    case 0: {
      std::string names = "id", rows;
      auto const given = c.some({"owner", "kind", "a", "note"});
      for (auto const& column : given) names += ", " + column;
      for (unsigned n = 1 + c.below(2); n > 0; --n) {
        auto one = "(" + std::to_string(c.one_in(3) ? next_id++ : 1 + c.below(12));
        for (auto const& column : given) one += ", " + constant(c, column);
        rows += (rows.empty() ? "" : ", ") + one + ")";
      }
      auto const sql = "insert into t (" + names + ") values " + rows;
      if (c.one_in(4)) return {"insert or ignore" + sql.substr(6), true};
      if (c.one_in(3)) return {"insert or replace" + sql.substr(6), false, true};
      if (c.one_in(3)) return {sql + c.of({" on conflict do nothing", " on conflict (id) do nothing"}), true};
      auto const& column = c.of(given);
      auto const& set = c.of(columns);
      auto const value = c.one_in(2) ? "excluded." + column : sees && set != "note" ? c.of({"a + 1", "t.b", "a + excluded.id"}) : constant(c, set);
      return {sql + " on conflict (id) do update set " + set + " = " + value + (sees && c.one_in(3) ? " where t.a < 3" : "")};
    }
    case 3:
      return {"update t set a = o.b from t o where o.id = t.id + " + std::to_string(c.below(3)) + c.of({"", " and o.a > 1", " and t.kind = o.kind"})};
    case 4:
      return {"update t set (a, b) = (select o.b, o.a from t o where o.id " + c.of({"= t.id", "> t.id order by o.id"}) + ")"};
    default:
      return {some_write(c, next_id, sees).sql};
  }
}

void try_one(std::uint32_t seed, counts& n) {
  chance c(seed);
  auto r = some_rules(c);
  if (c.one_in(2)) widen(r, c);
  std::string data = "insert into m values (" + std::to_string(c.below(5)) + "), (" + std::to_string(c.below(5)) + ");";
  for (unsigned id = 1; id <= 10; ++id) data += "insert or ignore into t values " + some_row(c, id) + ";";
  std::string elsewhere;
  for (unsigned id = 1001; id <= 1010; ++id) elsewhere += "insert or ignore into t values " + some_row(c, id) + ";";

  cases::scratch_file const file("sequence"), other_file("sequence-other");
  cases::raw_database raw(file.path()), other(other_file.path());
  auto const kept = seed % 2 == 1;
  auto const text = r.text() + (kept ? keeps_history : "");
  for (auto* db : {&raw, &other}) db->run(schema + data + (kept ? history : ""));
  // the other one has none of the rows that are not seen, and others of them
  if (!r.select.empty())
    other.run("delete from t where " + r.seen() + " is not true;" + elsewhere + "delete from t where id > 1000 and " + r.seen());
  grille::sqlite::database const guarded(file.path(), grille::policy_set::parse(text, "p.grille"));
  grille::sqlite::database const guarded_other(other_file.path(), grille::policy_set::parse(text, "p.grille"));
  witness here(r, raw, kept), there(r, other, kept);

  std::string story = "seed " + std::to_string(seed) + "\n" + text + data + "\n";
  unsigned next_id = 100;
  std::size_t records = 0;
  for (int i = 0; i < 8; ++i) {
    auto w = some_statement(c, next_id, !r.select.empty());
    if (!r.select.empty() && c.one_in(2)) w.sql += returning;
    here.look();
    there.look();
    auto const told = ask(guarded, w.sql);
    auto const told_there = ask(guarded_other, w.sql);
    story += w.sql + "\n  " + to_text(told) + "\n";
    ++n.writes;
    n.changes += here.changes();
    n.returned += told.rows.size();
    if (told.error.empty()) n.records = n.records + here.records() - records, records = here.records();
    ++n.kinds[told.error.empty() ? "written" : told.error.substr(0, told.error.find(':'))];
    for (auto* one : {&here, &there})
      if (auto const wrong = one->objections(w.replaces); !wrong.empty()) RC_FAIL("no one grant allows it, or it is not recorded: " + wrong + story);
    if (told.error.starts_with("conflict") || told_there.error.starts_with("conflict") || (w.tells_keys && told != told_there)) {
      // from here on the two may differ in what is seen
      if (told != told_there) return;
      continue;
    }
    if (r.select.empty()) continue;
    ++n.compared;
    if (told != told_there) RC_FAIL("can tell what it cannot see: " + to_text(told_there) + "\n" + story);
    auto const visible = "select id, owner, kind, a, b from t where " + r.seen() + " order by id";
    if (raw.query(visible) != other.query(visible)) RC_FAIL("sees another table\n" + story);
  }
}

TEST(any_sequence_of_writes, stays_within_the_grants_and_tells_nothing) {
  counts n;
  EXPECT_TRUE(rc::check("each change is one that a grant allows", [&](std::uint32_t seed) { try_one(seed, n); }));
  std::string kinds;
  for (auto const& [kind, times] : n.kinds) kinds += ", " + std::to_string(times) + " " + kind;
  std::printf("%zu writes, %zu rows changed, %zu recorded, %zu compared, %zu rows returned%s\n", n.writes, n.changes, n.records, n.compared, n.returned, kinds.c_str());
  EXPECT_GT(n.records, n.writes / 20);
  EXPECT_GT(n.changes, n.writes / 10);
  EXPECT_GT(n.returned, n.writes / 10);
  EXPECT_GT(n.compared, n.writes / 3);
  EXPECT_GT(n.kinds["check_failed"], 5U);
}

/// The objections themselves: a write past Grille is seen.
TEST(any_sequence_of_writes, would_be_objected_to) {
  rules r;
  r.select.push_back({seen_columns, "owner = 1", {}, {}});
  r.update.push_back({{"a"}, "owner = 1", "a >= old.a", {}});
  r.insert.push_back({{"id", "owner", "a"}, {}, "owner = 1", {}});
  r.remove.push_back({{}, "a > 2", {}, {}});
  cases::raw_database db;
  db.run(std::string(schema) + "insert into t values (1, 1, 'x', 1, 1, null), (2, 2, 'x', 3, 1, 'n'), (3, 1, 'y', 3, 1, null)");
  witness w(r, db);
  for (auto const& [sql, fine] : std::vector<std::pair<std::string, bool>>{
           {"update t set a = 2 where id = 1", true},
           {"update t set a = 0 where id = 1", false},
           {"update t set kind = 'X' where id = 1", false},
           {"update t set a = 9 where id = 2", false},
           {"update t set a = '2' || '' where id = 1", true},
           {"delete from t where id = 3", true},
           {"delete from t where id = 1", false},
           {"delete from t where id = 2", false},
           {"insert into t (id, owner, a) values (9, 1, 1)", true},
           {"insert into t (id, owner, a) values (9, 2, 1)", false},
           {"insert into t (id, owner, a, note) values (9, 1, 1, 'n')", false}}) {
    db.run("savepoint s");
    w.look();
    db.run(sql);
    EXPECT_EQ(w.objections().empty(), fine) << sql << "\n" << w.objections();
    db.run("rollback to s; release s");
  }
}

TEST(any_sequence_of_writes, would_be_objected_to_without_a_record) {
  rules r;
  r.select.push_back({seen_columns, {}, {}, {}});
  r.update.push_back({{"a", "kind"}, {}, {}, {}});
  r.remove.push_back({{}, {}, {}, {}});
  cases::raw_database db;
  db.run(std::string(schema) + history + "insert into t values (1, 1, 'x', 1, 1, null), (2, 2, 'X', 3, 1, 'n')");
  witness w(r, db, true);
  auto const record = [](std::string const& values) {
    return "; insert into t_then (id, owner, kind, a, b, note, grille_method, grille_at, grille_policy) values (" + values + ", '', '')";
  };
  auto const first = record("1, 1, 'x', 1, 1, null, 'update'");
  for (auto const& [sql, fine] : std::vector<std::pair<std::string, bool>>{
           {"update t set a = 2 where id = 1" + first, true},
           {"update t set a = 2 where id = 1", false},
           {"update t set a = 2" + first, false},
           {"update t set a = 2 where id = 1" + first + first, false},
           {"update t set a = 2 where id = 1" + record("1, 1, 'x', 2, 1, null, 'update'"), false},
           {"update t set a = 2 where id = 1" + record("1, 1, 'X', 1, 1, null, 'update'"), false},
           {"update t set a = 2 where id = 1" + record("1, 1, 'x', 1, 1, null, 'delete'"), false},
           {"update t set a = 2 where id = 1" + first + record("2, 2, 'X', 4, 1, 'n', 'update'"), false},
           {"delete from t where id = 1" + record("1, 1, 'x', 1, 1, null, 'delete'"), true},
           {"delete from t where id = 1" + first, false},
           {"delete from t where id = 1", false}}) {
    db.run("savepoint s");
    w.look();
    db.run(sql);
    EXPECT_EQ(w.objections().empty(), fine) << sql << "\n" << w.objections();
    db.run("rollback to s; release s");
  }
}

}  // namespace
