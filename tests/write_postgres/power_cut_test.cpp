// A process that dies while it writes to a PostgreSQL server, under a file audit that is required. A child runs one load of writes and tells of each
// that is done; a timer that it sets behind one of them ends it at some moment, as abruptly as `kill -9`. What its server processes then leave is what was there after the last write
// that was told of, or after the next: no statement and no transaction is half applied, no row changed without its record. The trail is whole up to the
// line it was writing, goes on from there, and lacks no write that was done.
#include <gtest/gtest.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <pqxx/pqxx>
#include <random>
#include <thread>
#include <vector>

#include "audit/trail.hpp"
#include "grille/audit_file.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

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
constexpr auto* schema = R"(
drop schema public cascade; create schema public;
create table t (id int primary key, owner int, word text, n int);
create table t_then (id int not null, owner int, word text, n int, grille_number bigint generated always as identity primary key,
  grille_at timestamptz not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
create index on t (word); create index on t_then (id);
create table log (id int primary key, what text);
insert into t select i, (i % 4 <> 0)::int, 'w' || i, i % 50 from generate_series(1, 1500) i;
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
      one("insert into t (id, owner, word, n) select g, 1, 'up', 3 from generate_series(5001, 5400) g on conflict (id) do update set word = excluded.word"),
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

class a_process_that_dies : public testing::Test {
 protected:
  a_process_that_dies() : folder_(std::filesystem::temp_directory_path() / ("grille-power-" + std::to_string(getpid()))) { std::filesystem::create_directories(folder_); }
  ~a_process_that_dies() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path trail() const { return folder_ / "audit.jsonl"; }
  /// Ends the process at a record, which is not written then; at none, if that is zero.
  struct dying_audit final : grille::audit_sink {
    dying_audit(std::filesystem::path const& at, std::size_t last) : file(at), left(last) {}
    void write(grille::audit_event const& e) override {
      if (left > 0 && --left == 0) kill(getpid(), SIGALRM);
      file.write(e);
    }
    grille::file_audit file;
    std::size_t left;
  };
  /// With each write, `done` is called.
  void write_all(std::function<void()> const& done, std::size_t record = 0) const {
    grille::options o;
    o.audit = std::make_shared<dying_audit>(trail(), record);
    o.purge = true;
    grille::postgres::database const on(db_.conninfo(), grille::policy_set::parse(policy, "p.grille", {}, grille::dialect::postgresql), std::move(o));
    auto session = on.session(grille::principal("c").role("caller"));
    for (auto const& w : load()) {
      w(session);
      done();
    }
  }
  /// When the child is to die: so long after it has told of `behind` writes, or where it would write that record. Never, if all are zero.
  struct moment {
    std::size_t behind{};
    std::chrono::microseconds then{};
    std::size_t record{};
  };
  static void set_timer(std::chrono::microseconds then) {
    signal(SIGALRM, SIG_DFL);
    itimerval const at{.it_interval = {}, .it_value = {.tv_sec = then.count() / 1'000'000, .tv_usec = then.count() % 1'000'000}};
    setitimer(ITIMER_REAL, &at, nullptr);
  }
  /// What the child does; it never comes back.
  [[noreturn]] void child(moment death, int told) const {
    std::size_t done = 0;
    try {
      write_all([&] {
        char const one = 1;
        if (::write(told, &one, 1) != 1) _exit(3);
        if (++done == death.behind && death.then.count() > 0) set_timer(death.then);
      }, death.record);
    } catch (...) {
      _exit(4);
    }
    _exit(0);
  }
  struct ending {
    std::size_t told{};
    bool killed{};
    std::vector<std::chrono::microseconds> when{};  // each was told, since the child began
  };
  ending run(moment death) const {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    auto const begun = std::chrono::steady_clock::now();
    auto const id = fork();
    if (id < 0) throw std::runtime_error("no child");
    if (id == 0) {
      close(ends[0]);
      child(death, ends[1]);
    }
    close(ends[1]);
    ending out;
    char buffer[64];
    for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
      out.told += static_cast<std::size_t>(n);
      out.when.resize(out.told, std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun));
    }
    close(ends[0]);
    int how = 0;
    waitpid(id, &how, 0);
    out.killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM;
    if (!out.killed && (!WIFEXITED(how) || WEXITSTATUS(how) != 0)) throw std::runtime_error("the child failed by itself");
    return out;
  }
  static std::string look(pqxx::connection& c) {
    pqxx::nontransaction t(c);
    return t.exec("select concat((select string_agg(x::text, ' ' order by id) from t x), '|', (select string_agg(concat(id, owner, word, n, grille_by, grille_method), ' ' order by"
                  " grille_method, id, word, n) from t_then), '|', (select string_agg(x::text, ' ') from log x))")[0][0]
        .as<std::string>();
  }
  /// All that is there, once nobody is at work for the child any more.
  std::string dump() {
    pqxx::connection c(db_.conninfo());
    for (;;) {
      pqxx::nontransaction t(c);
      if (t.exec("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")[0][0].as<int>() == 0) break;
      std::this_thread::yield();
    }
    return look(c);
  }
  /// Whole lines that say that a statement was carried out, or refused.
  std::size_t finished() const {
    std::ifstream in(trail(), std::ios::binary);
    std::size_t n = 0;
    for (std::string line; std::getline(in, line);) n += !in.eof() && line.find(R"("phase":"finished")") != std::string::npos ? 1U : 0U;
    return n;
  }
  /// The phase of each record.
  std::vector<std::string> phases() const {
    std::ifstream in(trail(), std::ios::binary);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);)
      for (auto const* phase : {"decided", "finished", "ended"})
        if (line.find(std::string(R"("phase":")") + phase + '"') != std::string::npos) out.emplace_back(phase);
    return out;
  }
  /// Cuts off a line that was written in part. @returns whether there was one.
  bool cut() const {
    std::ifstream in(trail(), std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    auto const whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (whole == text.size()) return false;
    std::filesystem::resize_file(trail(), whole);
    return true;
  }

  /// The states between the writes, and how many finished ones the trail has then.
  void write_undisturbed() {
    begin_anew();
    pqxx::connection c(db_.conninfo());
    states_ = {look(c)};
    recorded_ = {0};
    write_all([&] {
      states_.push_back(look(c));
      recorded_.push_back(finished());
    });
    ASSERT_EQ(states_.size(), load().size() + 1);
    EXPECT_EQ(states_[3], states_[4]) << "a write that is refused leaves nothing";
    EXPECT_GE(recorded_.back(), load().size()) << "each of them is on record";
  }
  void begin_anew() {
    db_.run(schema);
    std::filesystem::remove(trail());
  }
  enum class left { before, after, neither };
  /// What the database has: what was there before the write at which the child died, or after it. No write that was done is not on record.
  left found_after(ending const& end) {
    auto const found = dump();
    auto const was = found == states_[end.told];
    if (!was && (end.told + 1 == states_.size() || found != states_[end.told + 1])) return left::neither;
    auto const least = std::filesystem::exists(trail()) ? recorded_[end.told + (was ? 0 : 1)] : 0;
    EXPECT_GE(finished(), least) << "a write was done that is not on record, after " << end.told;
    return was ? left::before : left::after;
  }
  /// The trail is whole up to the line that was being written, and it goes on.
  bool expect_trail_goes_on() const {
    if (!std::filesystem::exists(trail())) return false;
    auto const as_left = grille::audit::verify({trail()}, {});
    auto const torn = cut();
    auto const clean = grille::audit::verify({trail()}, {});
    EXPECT_FALSE(clean.fault) << clean.fault->line << ": " << clean.fault->why;
    EXPECT_TRUE(!as_left.fault || as_left.fault->line > clean.records) << as_left.fault->line << " of " << clean.records;
    { grille::file_audit const goes_on(trail()); }
    EXPECT_FALSE(grille::audit::verify({trail()}, {}).fault);
    return torn;
  }

  std::filesystem::path folder_;
  testing_postgres::database db_;
  std::vector<std::string> states_;
  std::vector<std::size_t> recorded_;
};

TEST_F(a_process_that_dies, leaves_no_write_half_done_and_a_trail_that_lacks_none) {
  write_undisturbed();
  auto const& states = states_;
  // how long it takes
  begin_anew();
  auto all = run({});
  ASSERT_FALSE(all.killed);
  ASSERT_EQ(dump(), states.back());

  std::mt19937 random(std::random_device{}());
  int before = 0, after = 0, torn = 0, killed = 0;
  for (int i = 0; i < kills; ++i) {
    begin_anew();
    // at some moment of some write, of long ones no more often than of short ones, by how long they took when the machine last let all be done
    auto const at = std::uniform_int_distribution<std::size_t>(1, states.size() - 2)(random);
    auto const end = run({at, std::chrono::microseconds(std::uniform_int_distribution<long>(1, std::max(1L, (all.when[at] - all.when[at - 1]).count()))(random))});
    killed += end.killed ? 1 : 0;
    if (!end.killed) all = end;
    auto const what = found_after(end);
    EXPECT_NE(what, left::neither) << "after " << end.told << " writes";
    EXPECT_GE(end.told, at);
    (what == left::before ? before : after) += 1;
    torn += expect_trail_goes_on() ? 1 : 0;
  }
  std::printf("%d ended of %d in %ld ms of writes: %d left as before the write, %d as after it; %d lines torn\n", killed, kills, static_cast<long>(all.when.back().count() / 1000), before, after, torn);
  EXPECT_GT(killed, 2);
}

/// At every record of the trail, once: a write is done if, and only if, its commit was answered, which is what the record `ended` comes behind.
TEST_F(a_process_that_dies, at_a_record_leaves_what_the_trail_says) {
  write_undisturbed();
  auto const records = phases();
  int before = 0, after = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    begin_anew();
    auto const end = run({.record = i + 1});
    EXPECT_TRUE(end.killed);
    EXPECT_EQ(phases(), std::vector(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(i))) << "the others are there";
    auto const what = found_after(end);
    auto const unchanged = end.told + 1 < states_.size() && states_[end.told] == states_[end.told + 1];
    EXPECT_EQ(what, records[i] == "ended" && !unchanged ? left::after : left::before) << records[i] << " after " << end.told << " writes";
    (what == left::before ? before : after) += 1;
    EXPECT_FALSE(expect_trail_goes_on()) << "a line is torn";
  }
  std::printf("%zu records: %d left as before the write, %d as after it\n", records.size(), before, after);
  EXPECT_GE(after, 8);
  EXPECT_GE(before, 16);
}

}  // namespace
