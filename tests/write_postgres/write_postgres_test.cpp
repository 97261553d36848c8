// The cases of tests/write on PostgreSQL, and cases of its own (*.case here). What SQLite alone has is set aside by name, each with its reason.
// As there: what must be in the database afterwards is worked out by plain SQL, and on data that differs in what the caller may not see
// the answer must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <pqxx/pqxx>

#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace {

using cases::block;
using cases::expectation;
using namespace std::string_literals;

/// Why a case of SQLite's is none here. Where PostgreSQL's own outcome is another, a case of the same title stands in this folder.
std::map<std::string, std::string> const set_aside{
    {"update: an alias of the rowid in where", "there is no rowid"},
    {"update: a constraint that would replace a hidden row", "a constraint has no such clause"},
    {"insert: a constraint that would replace a hidden row", "a constraint has no such clause"},
};

class desk {
 public:
  desk() {
    at_.run(cases::read_file(GRILLE_TESTS_DIR "/write_postgres/desk.sql"));
    raw_ = std::make_unique<pqxx::connection>(at_.conninfo());
    db_ = std::make_unique<grille::postgres::database>(at_.conninfo(), grille::policy_set::parse(world_.policy, "desk.grille", {}, grille::dialect::postgresql));
  }
  cases::world const& world() const { return world_; }
  /// With `changed`, that caller's unseen changes on top.
  void reset(cases::caller const* changed) {
    run("call reset()");
    if (changed != nullptr && !changed->unseen.empty()) run(changed->unseen);
  }
  void run(std::string const& sql) {
    pqxx::nontransaction t(*raw_);
    t.exec(sql);
  }
  std::string dump() {
    pqxx::nontransaction t(*raw_);
    std::string out;
    for (auto const& table : t.exec("select c.oid::regclass::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1")) {
      auto const name = table[0].as<std::string>();
      // what a history says of the last hour and of the policy stands for any such
      auto const text = name.ends_with("_history")
                            ? R"((to_jsonb(x) - 'grille_at' - 'grille_policy' || jsonb_build_object('at', grille_at between now() - interval '1 hour' and now(),
                                 'policy', regexp_replace(grille_policy, ' [0-9a-f]{32}$', '')))::text)"s
                            : "x::text"s;
      for (auto const& row : t.exec("select " + text + " from " + name + " x order by 1")) out += name + " " + row[0].as<std::string>() + '\n';
    }
    return out;
  }
  grille::postgres::database const& db() const { return *db_; }

 private:
  testing_postgres::database at_;
  cases::world world_ = cases::read_world(GRILLE_TESTS_DIR "/cases/desk.world");
  std::unique_ptr<pqxx::connection> raw_;
  std::unique_ptr<grille::postgres::database> db_;
};

/// ?1 and ? are $1 here.
std::string spelled(std::string const& sql) {
  std::string out;
  unsigned next = 0;
  bool text = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    text = text != (sql[i] == '\'');
    if (text || sql[i] != '?') {
      out += sql[i];
      continue;
    }
    out += '$';
    if (i + 1 >= sql.size() || sql[i + 1] < '0' || sql[i + 1] > '9') out += std::to_string(++next);
  }
  return out;
}

struct trial {
  trial(desk& d, cases::caller const& c, block const& b, std::string const& sql, bool changed, bool returning) {
    d.reset(changed ? &c : nullptr);
    auto const who = cases::principal_of(c.principal);
    if (returning) {
      got = cases::ask(d.db(), who, spelled(sql), b.parameters);
      got.got = sorted(std::move(got.got));
      return;
    }
    std::vector<grille::arg> args;
    for (auto const& p : b.parameters) p.name.empty() ? args.emplace_back(p.value) : args.emplace_back(p.name, p.value);
    try {
      auto session = d.db().session(who);
      affected = session.execute(spelled(sql), args);
    } catch (grille::error const& e) {
      got.refused = cases::refusal{std::string(to_string(e.kind())), e.what(), std::string(e.help()), ""};
      if (e.where()) got.refused->at = e.where()->source.substr(e.where()->begin, e.where()->end - e.where()->begin);
    }
    there = d.dump();
  }
  cases::outcome got;
  std::uint64_t affected{};
  std::string there;
};

std::string after(desk& d, std::string const& sql, bool changed, cases::caller const& c) {
  d.reset(changed ? &c : nullptr);
  if (!sql.empty()) d.run(sql);
  return d.dump();
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string as_refused(desk& d, trial const& t, block const& b, cases::caller const& c) {
  auto const& e = b.expected;
  if (!t.got.refused) return "not refused, " + std::to_string(t.affected) + " rows written";
  auto const& r = *t.got.refused;
  if (std::ranges::find(e.errors, r.kind) == e.errors.end()) return "another kind wanted\n" + to_text(t.got);
  if (e.message && r.message.find(*e.message) == std::string::npos) return "another message wanted: " + *e.message + '\n' + to_text(t.got);
  if (!e.twin) return {};
  auto const& [hidden, unknown] = *e.twin;
  trial const other(d, c, b, replaced(b.sql, hidden, unknown), false, false);
  if (!other.got.refused) return "its twin is not refused";
  auto o = *other.got.refused;
  for (auto* text : {&o.message, &o.help, &o.at}) *text = replaced(*text, unknown, hidden);
  return o == r ? "" : "told from a name that does not exist\n" + to_text(t.got) + "its twin\n" + to_text(other.got);
}

std::string verdict(desk& d, block const& b, cases::caller const& c) {
  auto const& e = b.expected;
  if (e.which != expectation::kind::wrote && e.which != expectation::kind::error) return "a write is wanted here";
  trial const one(d, c, b, b.sql, false, false);
  if (e.which == expectation::kind::error) {
    if (auto wrong = as_refused(d, one, b, c); !wrong.empty()) return wrong;
  } else {
    if (one.got.refused) return "refused\n" + to_text(one.got);
    if (one.affected != e.affected) return std::to_string(one.affected) + " rows written";
  }
  if (!b.may_show_canaries && shows_canary(one.got, b.sql)) return "a canary shows\n" + to_text(one.got);
  if (auto const wanted = after(d, e.after, false, c); one.there != wanted) return "wanted in the database\n" + wanted + "is there\n" + one.there;

  trial const elsewhere(d, c, b, b.sql, true, false);
  if (elsewhere.affected != one.affected || elsewhere.got != one.got) return "can tell what it cannot see\n" + to_text(one.got) + to_text(elsewhere.got);
  if (auto const wanted = after(d, e.after, true, c); elsewhere.there != wanted)
    return "on other data wanted in the database\n" + wanted + "is there\n" + elsewhere.there;

  if (!e.returns) return {};
  trial const returned(d, c, b, b.sql, false, true);
  if (returned.got.refused) return "refused\n" + to_text(returned.got);
  std::vector<std::string> wanted = e.rows, mine;
  for (auto const& row : returned.got.got.rows) {
    std::string line;
    for (auto const& cell : row) line += (line.empty() ? "" : " | ") + cell;
    mine.push_back(line);
  }
  std::ranges::sort(wanted);
  std::ranges::sort(mine);
  if (mine != wanted) return "wanted back otherwise\n" + to_text(returned.got);
  if (!b.may_show_canaries && shows_canary(returned.got, b.sql)) return "a canary shows\n" + to_text(returned.got);
  trial const returned_elsewhere(d, c, b, b.sql, true, true);
  return returned.got == returned_elsewhere.got ? "" : "can tell by what is returned\n" + to_text(returned_elsewhere.got);
}

/// A case here stands for the one of the same title and file there.
std::vector<block> blocks_of(std::string const& file) {
  std::vector<block> out;
  auto const own = std::string(GRILLE_TESTS_DIR "/write_postgres/") + file + ".case";
  if (std::filesystem::exists(own)) out = cases::read_cases(own).blocks;
  auto const shared = std::string(GRILLE_TESTS_DIR "/write/") + file + ".case";
  if (!std::filesystem::exists(shared)) return out;
  for (auto const& b : cases::read_cases(shared).blocks)
    if (!set_aside.contains(file + ": " + b.title) && std::ranges::none_of(out, [&](block const& mine) { return mine.title == b.title; })) out.push_back(b);
  return out;
}

class writes_on_postgresql : public testing::TestWithParam<char const*> {};

TEST_P(writes_on_postgresql, end_as_the_policy_means) {
  desk d;
  std::size_t tried = 0;
  for (auto const& b : blocks_of(GetParam()))
    for (auto const& name : b.callers) {
      std::string wrong;
      try {
        wrong = verdict(d, b, d.world().by_name(name));
      } catch (std::exception const& e) {
        wrong = e.what();
      }
      ++tried;
      EXPECT_EQ(wrong, "") << b.file << ".case:" << b.line << ": " << b.title << " (" << b.why << "), as " << name << '\n' << b.sql;
    }
  RecordProperty("cases", static_cast<int>(tried));
  EXPECT_GE(tried, 15U);
}

INSTANTIATE_TEST_SUITE_P(cases, writes_on_postgresql, testing::Values("insert", "update", "delete", "upsert", "merge", "history", "returning"),
                         [](auto const& one) { return std::string(one.param); });

TEST(set_aside, names_cases_that_are_there) {
  std::size_t found = 0;
  for (auto const* file : {"insert", "update", "delete", "upsert", "history"})
    for (auto const& b : cases::read_cases(std::string(GRILLE_TESTS_DIR "/write/") + file + ".case").blocks)
      found += set_aside.contains(std::string(file) + ": " + b.title) ? 1U : 0U;
  EXPECT_EQ(found, set_aside.size());
}

}  // namespace
