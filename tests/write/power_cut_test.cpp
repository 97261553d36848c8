// A process that dies while it writes. A child runs one load of writes under a policy and tells of each that is done; at some write to a file it is
// killed. Whatever is then in the database is what was there after the last write that was told of, or after the next: no statement and no
// transaction is half applied; and the file is whole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>

#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"
#include "write/dying_files.hpp"

namespace {

constexpr int kills = 12;

constexpr auto* policy = R"(
policy p version 1; owner 'o' contact 'c'; protects t, log; role caller;
allow caller to select all columns on t where owner = 1;
allow caller to insert (id, owner, word, n) on t so that owner = 1;
allow caller to update (word, n) on t where owner = 1 so that n < 100;
allow caller to delete on t where owner = 1;
allow caller to insert (id, what) on log;
)";
/// More than SQLite keeps in memory: a long write reaches the file before it ends.
constexpr auto* schema = R"(
create table t (id integer primary key, owner integer, word text, n integer, more text default (hex(zeroblob(600))));
create index t_word on t (word);
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
      [](grille::session& s) {
        s.transact([](grille::session& in) {
          in.execute("update t set n = 7 where id % 5 = 1");
          in.execute("insert into log (id, what) values (1, 'sevens')");
          in.execute("delete from t where id % 5 = 2");
        });
      },
      refused("insert into t (id, owner, word, n) select id + 20000, id % 2, word, n from t where id < 500"),
      one("delete from t where id % 2 = 0"),
      one("update t set word = 'last' where id = 1 returning id"),
  };
}

/// What the child does; it never comes back.
[[noreturn]] void child(std::filesystem::path const& file, std::uint64_t last, int told) {
  dying_files::install(last);
  try {
    grille::sqlite::database const db(file, grille::policy_set::parse(policy, "p.grille"));
    auto session = db.session(grille::principal("c").role("caller"));
    for (auto const& w : load()) {
      w(session);
      char const done = 1;
      if (::write(told, &done, 1) != 1) _exit(3);
    }
  } catch (...) {
    _exit(4);
  }
  auto const n = dying_files::counted();
  if (::write(told, &n, sizeof n) != sizeof n) _exit(3);
  _exit(0);
}

struct ending {
  std::size_t told{};           // writes that were done
  std::uint64_t operations{};   // on files, of a whole run
  bool killed{};
};
ending run(std::filesystem::path const& file, std::uint64_t last) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  auto const id = fork();
  if (id < 0) throw std::runtime_error("no child");
  if (id == 0) {
    close(ends[0]);
    child(file, last, ends[1]);
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
  if (!out.killed) std::memcpy(&out.operations, said.data() + out.told, sizeof out.operations);
  return out;
}

class a_process_that_dies : public testing::TestWithParam<char const*> {
 protected:
  a_process_that_dies() : whole_("power"), cut_("power-cut") {}
  void fill(cases::scratch_file const& f) const {
    for (auto const* end : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(f.path().string() + end);
    cases::raw_database db(f.path());
    db.run(std::string("pragma synchronous = off; pragma journal_mode = ") + GetParam() + ";" + schema);
  }
  static std::string dump(cases::scratch_file const& f) {
    cases::raw_database db(f.path());
    db.run("pragma synchronous = off");
    EXPECT_EQ(db.query("pragma integrity_check").rows[0][0], "'ok'");
    return db.dump();
  }
  cases::scratch_file whole_, cut_;
};

TEST_P(a_process_that_dies, leaves_no_write_half_done) {
  // the states between the writes
  fill(whole_);
  std::vector<std::string> states{dump(whole_)};
  {
    grille::sqlite::database const db(whole_.path(), grille::policy_set::parse(policy, "p.grille"));
    auto session = db.session(grille::principal("c").role("caller"));
    for (auto const& w : load()) {
      w(session);
      states.push_back(dump(whole_));
    }
  }
  EXPECT_TRUE(states[3] == states[4]) << "a write that is refused leaves nothing";
  fill(cut_);
  auto const all = run(cut_.path(), 0);
  ASSERT_FALSE(all.killed);
  ASSERT_TRUE(dump(cut_) == states.back());
  ASSERT_GT(all.operations, 1000U) << "the load is to reach the file";

  std::mt19937 random(std::random_device{}());
  std::size_t before = 0, after = 0, inside = 0;
  for (int i = 0; i < kills; ++i) {
    auto const last = std::uniform_int_distribution<std::uint64_t>(1, all.operations)(random);
    fill(cut_);
    auto const end = run(cut_.path(), last);
    ASSERT_TRUE(end.killed) << "at operation " << last;
    auto const journal = cut_.path().string() + "-journal";
    inside += std::filesystem::exists(journal) && std::filesystem::file_size(journal) > 0 ? 1 : 0;
    auto const found = dump(cut_);
    auto const was = found == states[end.told];
    auto const is = end.told + 1 < states.size() && found == states[end.told + 1];
    EXPECT_TRUE(was || is) << "killed at operation " << last << " of " << all.operations << ", after " << end.told << " writes";
    (was ? before : after) += 1;
  }
  std::printf("%s: %d of %zu operations, %zu left as before the write, %zu as after it, %zu with a journal to roll back\n", GetParam(), kills,
              static_cast<std::size_t>(all.operations), before, after, inside);
  EXPECT_GT(before, 2U);
}

INSTANTIATE_TEST_SUITE_P(journals, a_process_that_dies, testing::Values("delete", "wal"), [](auto const& p) { return std::string(p.param); });

}  // namespace
