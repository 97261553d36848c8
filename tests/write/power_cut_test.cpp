// A process that dies while it writes, under a file audit that is required. A child runs one load of writes and tells of each that is done; at some
// write to a file, of SQLite's or of the trail, it is killed. Whatever is then in the database is what was there after the last write that was told of, or
// after the next: no statement and no transaction is half applied, no row changed without its record; and the file is whole. The trail is whole, goes on
// from there, and lacks no write that was done; of a line that is cut off it tells.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "audit/trail.hpp"
#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"
#include "grille/audit_file.hpp"
#include "write/dying_files.hpp"

namespace {

constexpr int kills = 12;

constexpr auto* policy = R"(
policy p version 1; owner 'o' contact 'c'; protects t, t_then, log; role caller; keep history of t in t_then;
allow caller to select all columns on t where owner = 1;
allow caller to insert (id, owner, word, n) on t so that owner = 1;
allow caller to update (word, n) on t where owner = 1 so that n < 100;
allow caller to delete, purge on t where owner = 1;
allow caller to insert (id, what) on log;
)";
/// More than SQLite keeps in memory: a long write reaches the file before it ends.
constexpr auto* schema = R"(
create table t (id integer primary key, owner integer, word text, n integer, more text default (hex(zeroblob(600))));
create index t_word on t (word);
create table t_then (id integer not null, owner integer, word text, n integer, more text, grille_number integer primary key autoincrement,
  grille_at text not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
create index t_then_id on t_then (id);
create table log (id integer primary key, what text);
insert into t (id, owner, word, n) with recursive i (i) as (select 1 union all select i + 1 from i where i < 1800)
  select i, i % 4 <> 0, 'w' || i, i % 50 from i;
)";

using work = std::function<void(grille::session&)>;
std::vector<work> load() {
  auto const one = [](std::string sql) { return work([sql = std::move(sql)](grille::session& s) { s.execute(sql); }); };
  auto const refused = [](std::string sql) {
    return work([sql = std::move(sql)](grille::session& s) {
      try {
        s.execute(sql);
        std::abort();
      } catch (grille::error const&) {
      }
    });
  };
  return {
      one("insert into t (id, owner, word, n) values (5001, 1, 'a', 1), (5002, 1, 'b', 2)"),
      one("update t set n = n + 1 where id < 40"),
      one("update t set word = word || '!', n = n + 1"),
      refused("update t set n = n + 60"),
      one("insert into t (id, owner, word, n) select id + 10000, 1, word, n from t where id % 3 = 0"),
      one("insert into t (id, owner, word, n) select id + 4900, 1, 'up', 3 from t where id < 400 on conflict (id) do update set word = excluded.word"),
      one("replace into t (id, owner, word, n) select id, 1, 'anew', 5 from t where id between 5001 and 5200"),
      [](grille::session& s) {
        s.transact([](grille::session& in) {
          in.execute("update t set n = 7 where id % 5 = 1");
          in.execute("insert into log (id, what) values (1, 'sevens')");
          in.execute("delete from t where id % 5 = 2");
        });
      },
      refused("insert into t (id, owner, word, n) select id + 20000, id % 2, word, n from t where id < 500"),
      [](grille::session& s) { s.purge("t", grille::spec::column{"id"} < 300); },
      one("delete from t where id % 2 = 0"),
      one("update t set word = 'last' where id = 301 returning id"),
  };
}

/// A file audit whose writes count as SQLite's do: a process can die before a record and behind it.
class counted_audit : public grille::audit_sink {
 public:
  explicit counted_audit(std::filesystem::path const& file) : to_(file) {}
  void write(grille::audit_event const& e) override {
    count();
    to_.write(e);
    count();
  }
  /// Which operations these were.
  static inline std::vector<std::uint64_t> counted;

 private:
  static void count() {
    dying_files::one_more();
    counted.push_back(dying_files::counted());
  }
  grille::file_audit to_;
};
grille::sqlite::database open(std::filesystem::path const& file, std::filesystem::path const& trail) {
  return grille::sqlite::database(file, grille::policy_set::parse(policy, "p.grille"),
                                  {.audit = std::make_shared<counted_audit>(trail), .audit_required = true, .purge = true});
}
/// Whole lines that say that a statement was carried out, or refused.
std::size_t finished(std::filesystem::path const& trail) {
  std::ifstream in(trail, std::ios::binary);
  std::size_t n = 0;
  for (std::string line; std::getline(in, line);) n += !in.eof() && line.find(R"("phase":"finished")") != std::string::npos ? 1U : 0U;
  return n;
}

/// What the child does; it never comes back.
[[noreturn]] void child(std::filesystem::path const& file, std::filesystem::path const& trail, std::uint64_t last, int told) {
  dying_files::install(last);
  counted_audit::counted.clear();  // what this process was forked from has written a trail, too
  try {
    auto const db = open(file, trail);
    auto session = db.session(grille::principal("c").role("caller"));
    for (auto const& w : load()) {
      w(session);
      char const done = 1;
      if (::write(told, &done, 1) != 1) _exit(3);
    }
  } catch (...) {
    _exit(4);
  }
  auto all = counted_audit::counted;
  all.push_back(dying_files::counted());
  auto const bytes = all.size() * sizeof all[0];
  _exit(::write(told, all.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 3);
}

struct ending {
  std::size_t told{};           // writes that were done
  std::uint64_t operations{};   // on files, of a whole run
  std::vector<std::uint64_t> records{};  // those of the trail
  bool killed{};
};
ending run(std::filesystem::path const& file, std::filesystem::path const& trail, std::uint64_t last) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  auto const id = fork();
  if (id < 0) throw std::runtime_error("no child");
  if (id == 0) {
    close(ends[0]);
    child(file, trail, last, ends[1]);
  }
  close(ends[1]);
  std::string said;
  char buffer[64];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int how = 0;
  waitpid(id, &how, 0);
  ending out;
  out.killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
  if (!out.killed && (!WIFEXITED(how) || WEXITSTATUS(how) != 0)) throw std::runtime_error("the child failed by itself");
  out.told = std::min(said.size(), load().size());
  if (out.killed) return out;
  out.records.resize((said.size() - out.told) / sizeof out.operations);
  std::memcpy(out.records.data(), said.data() + out.told, out.records.size() * sizeof out.operations);
  out.operations = out.records.back();
  out.records.pop_back();
  return out;
}

class a_process_that_dies : public testing::TestWithParam<char const*> {
 protected:
  a_process_that_dies() : whole_("power"), cut_("power-cut"), trail_("power-trail") {}
  void fill(cases::scratch_file const& f) const {
    for (auto const* end : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(f.path().string() + end);
    cases::raw_database db(f.path());
    db.run(std::string("pragma synchronous = off; pragma journal_mode = ") + GetParam() + ";" + schema);
    std::filesystem::remove(trail_.path());
  }
  static std::string dump(cases::scratch_file const& f) {
    cases::raw_database db(f.path());
    db.run("pragma synchronous = off");
    EXPECT_EQ(db.query("pragma integrity_check").rows[0][0], "'ok'");
    std::string out;  // all but when something was recorded
    for (auto const* all : {"select * from t order by id", "select id, owner, word, n, more, grille_number, grille_by, grille_method from t_then order by grille_number", "select * from log"})
      out += to_text(db.query(all));
    return out;
  }
  cases::scratch_file whole_, cut_, trail_;
};

TEST_P(a_process_that_dies, leaves_no_write_half_done_and_a_trail_that_lacks_none) {
  // the states between the writes, and what the trail has then
  fill(whole_);
  std::vector<std::string> states{dump(whole_)};
  std::vector<std::size_t> recorded{0};
  {
    auto const db = open(whole_.path(), trail_.path());
    auto session = db.session(grille::principal("c").role("caller"));
    for (auto const& w : load()) {
      w(session);
      states.push_back(dump(whole_));
      recorded.push_back(finished(trail_.path()));
    }
  }
  for (std::size_t i = 1; i < states.size(); ++i) EXPECT_EQ(states[i] == states[i - 1], i == 4 || i == 9) << i << ": a write that is refused leaves nothing, any other does";
  EXPECT_GE(recorded.back(), load().size()) << "each of them is on record";
  fill(cut_);
  auto const all = run(cut_.path(), trail_.path(), 0);
  ASSERT_FALSE(all.killed);
  ASSERT_TRUE(dump(cut_) == states.back());
  ASSERT_GT(all.operations, 1000U) << "the load is to reach the file";

  std::mt19937 random(std::random_device{}());
  std::size_t before = 0, after = 0, inside = 0, torn = 0;
  for (int i = 0; i < kills; ++i) {
    // every fourth beside a record of the trail: of all operations these are few
    auto const last = i % 4 == 3 ? all.records[random() % all.records.size()] : std::uniform_int_distribution<std::uint64_t>(1, all.operations)(random);
    SCOPED_TRACE("killed at operation " + std::to_string(last) + " of " + std::to_string(all.operations));
    fill(cut_);
    auto const end = run(cut_.path(), trail_.path(), last);
    ASSERT_TRUE(end.killed);
    auto const journal = cut_.path().string() + "-journal";
    inside += std::filesystem::exists(journal) && std::filesystem::file_size(journal) > 0 ? 1 : 0;
    auto const found = dump(cut_);
    auto const was = found == states[end.told];
    auto const is = end.told + 1 < states.size() && found == states[end.told + 1];
    EXPECT_TRUE(was || is) << "after " << end.told << " writes";
    (was ? before : after) += 1;
    if (!std::filesystem::exists(trail_.path())) continue;
    EXPECT_GE(finished(trail_.path()), recorded[end.told + (was ? 0 : 1)]) << "a write was done that is not on record, after " << end.told;
    auto const clean = grille::audit::verify({trail_.path()}, {});
    EXPECT_FALSE(clean.fault) << clean.fault->line << ": " << clean.fault->why;
    // had it died in the middle of its last line: whole up to there, and it goes on
    auto const size = std::filesystem::file_size(trail_.path());
    if (size > 0) {
      std::filesystem::resize_file(trail_.path(), size - 1 - random() % std::min<std::uintmax_t>(size, 100));
      auto const cut = grille::audit::verify({trail_.path()}, {});
      torn += cut.fault ? 1 : 0;
      EXPECT_GE(cut.records + 1, clean.records);
      EXPECT_TRUE(!cut.fault || cut.fault->line > cut.records) << cut.fault->line << " of " << cut.records;
    }
    grille::audit_event next;
    next.id = "next";
    grille::file_audit(trail_.path()).write(next);
    auto const on = grille::audit::verify({trail_.path()}, {});
    EXPECT_FALSE(on.fault) << on.fault->line << ": " << on.fault->why;
    EXPECT_GE(on.records, clean.records);
  }
  std::printf("%s: %d of %zu operations, %zu left as before the write, %zu as after it, %zu with a journal to roll back; %zu lines torn\n", GetParam(), kills,
              static_cast<std::size_t>(all.operations), before, after, inside, torn);
  EXPECT_GT(before, 2U);
}

INSTANTIATE_TEST_SUITE_P(journals, a_process_that_dies, testing::Values("delete", "wal"), [](auto const& p) { return std::string(p.param); });

}  // namespace
