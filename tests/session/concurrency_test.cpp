// Two writers at one database, in both of SQLite's journal modes: the races in which a row is given away, a condition ends, or a value is
// counted up while another writes. Each order that can be forced is; the rest is tried many times over, with triggers of the schema as
// witnesses of what each write found. Run under TSan.
#include <atomic>
#include <barrier>
#include <semaphore>
#include <thread>

#include "session/shop.hpp"

namespace {

using namespace std::chrono_literals;
using shop::failure;
using testing::StartsWith;

constexpr auto* schema = R"(
  create table notes (id integer primary key, owner integer, n integer not null default 0, word text);
  create table members (who integer);
  create table wrong (what text);
  create table keys (k integer primary key, by_whom text);
  create trigger not_ones_own after update of n on notes when old.owner <> 1 begin insert into wrong values ('written in another''s row'); end;
  create trigger no_member after update of word on notes when not exists (select 1 from members) begin insert into wrong values ('by no member'); end;
  insert into notes (id, owner) values (1, 1), (2, 1), (3, 2);
  insert into members values (1);
)";
constexpr auto* policy = R"(
  policy p version 1; owner 'o' contact 'c'; protects notes, members, keys;
  role ones; role member; role counter;
  allow ones to select (id, owner, n), update (n) on notes where owner = 1;
  allow member to select (id, word) on notes;
  allow member to update (word) on notes where exists (select 1 from members m where m.who = 1);
  allow counter to select (id, n) on notes;
  allow counter to update (n) on notes where owner = 1 so that n = old.n + 1;
  allow counter to insert (k, by_whom) on keys;
)";

class two_writers {
 public:
  explicit two_writers(std::string const& journal, std::string const& rules = policy) {
    scratch::handle const h(file_.path());
    h.must("pragma journal_mode = " + journal);
    h.must(schema);
    database_.emplace(file_.path(), grille::policy_set::parse(rules, "p.grille"), grille::options{.pool = 4, .pool_wait = 60'000ms});
  }
  grille::session session(std::string const& role) const { return database_->session(grille::principal(role).role(role)); }
  grille::sqlite::database const& database() const { return *database_; }
  std::string raw(std::string const& sql) const { return scratch::handle(file_.path()).ask(sql); }
  std::filesystem::path path() const { return file_.path(); }

 private:
  shop::file file_;
  std::optional<grille::sqlite::database> database_;
};

class threads_that_write : public testing::Test {
 protected:
  template <class Test>
  static void in_both_modes(Test const& test) {
    for (auto const* journal : {"delete", "wal"}) {
      SCOPED_TRACE(journal);
      test(two_writers(journal));
    }
  }
};

/// The other holds the lock when ours begins, so ours can only come after.
TEST_F(threads_that_write, see_what_was_committed_while_they_waited) {
  in_both_modes([](two_writers const& w) {
    scratch::handle const other(w.path());
    other.must("begin immediate; update notes set owner = 2 where id = 1");
    std::uint64_t written = 9;
    std::jthread ours([&] { written = w.session("ones").execute("update notes set n = 7 where id in (1, 2)"); });
    other.must("update notes set owner = 1 where id = 3; commit");
    ours.join();
    EXPECT_EQ(written, 1U);
    EXPECT_EQ(w.raw("select group_concat(n) from (select n from notes order by id)"), "0,7,0");
    EXPECT_EQ(w.raw("select count(*) from wrong"), "0");
  });
}

/// It has read, another has written since: to write on the strength of what was read would lose that.
TEST_F(threads_that_write, do_not_write_on_the_strength_of_a_state_that_is_gone) {
  two_writers const w("wal");
  auto session = w.session("ones");
  auto all = session.begin();
  EXPECT_EQ(session.query("select id from notes").size(), 2U);
  scratch::handle(w.path()).must("update notes set owner = 2 where id = 1");
  EXPECT_EQ(session.query("select id from notes").size(), 2U) << "one state for all of a transaction";
  try {
    session.execute("update notes set n = 7");
    ADD_FAILURE() << "written";
  } catch (grille::error const& e) {
    EXPECT_EQ(e.kind(), grille::errc::unavailable);
    EXPECT_TRUE(e.retryable());
  }
  all.rollback();
  EXPECT_EQ(session.execute("update notes set n = 7"), 1U);
  EXPECT_EQ(w.raw("select n from notes where id = 1"), "0");
}

TEST_F(threads_that_write, get_out_of_each_others_way) {
  two_writers const w("delete");
  scratch::handle const other(w.path());
  auto session = w.session("ones");
  auto all = session.begin();
  EXPECT_EQ(session.query("select id from notes").size(), 2U);
  other.must("begin immediate; update notes set owner = 2 where id = 1");
  EXPECT_EQ(other.run("commit"), SQLITE_BUSY) << "it is being read";
  EXPECT_EQ(failure([&] { session.execute("update notes set n = 7"); }), "unavailable: the database is busy");
  all.rollback();
  other.must("commit");
  EXPECT_EQ(session.execute("update notes set n = 7"), 1U);
  EXPECT_EQ(w.raw("select count(*) from wrong"), "0");
}

/// Changes something back and forth while another writes: twice for each write of the other's, and never more than twice two behind.
class back_and_forth {
 public:
  back_and_forth(std::filesystem::path const& path, std::string const& there, std::string const& back)
      : changing_([this, path, there, back](std::stop_token done) {
          scratch::handle const h(path);
          sqlite3_busy_timeout(h, 60'000);
          h.must("pragma synchronous = off");
          for (int i = 0; !done.stop_requested(); ++i) {
            turns_.acquire();
            h.must(i % 2 == 0 ? there : back);
            done_ = i + 1;
            done_.notify_one();
          }
        }) {}
  /// Comes back when it is done, and nothing is under way.
  void once() {
    give(1);
    wait_for(given_);
  }
  void go_on() {
    give(2);
    wait_for(given_ - 4);
  }
  ~back_and_forth() {
    changing_.request_stop();
    give(1);
  }

 private:
  void give(int turns) {
    given_ += turns;
    turns_.release(turns);
  }
  void wait_for(int wanted) {
    for (int now = done_; now < wanted; now = done_) done_.wait(now);
  }
  std::counting_semaphore<> turns_{0};
  std::atomic<int> done_ = 0;
  int given_ = 0;
  std::jthread changing_;
};

TEST_F(threads_that_write, never_in_a_row_that_was_given_away) {
  in_both_modes([](two_writers const& w) {
    std::uint64_t mine = 0, not_mine = 0;
    {
      back_and_forth giving(w.path(), "update notes set owner = 2 where id = 1", "update notes set owner = 1 where id = 1");
      auto session = w.session("ones");
      auto const write = [&] {
        session.transact([&](grille::session& s) { (s.execute("update notes set n = n + 1 where id = 1") == 1 ? mine : not_mine) += 1; });
      };
      write();
      EXPECT_EQ(mine, 1U);
      giving.once();
      write();
      EXPECT_EQ(not_mine, 1U);
      for (int i = 0; i < 60; ++i, giving.go_on()) write();
    }
    EXPECT_EQ(w.raw("select count(*) from wrong"), "0");
    EXPECT_EQ(w.raw("select n from notes where id = 1"), std::to_string(mine));
    EXPECT_EQ(mine + not_mine, 62U);
  });
}

TEST_F(threads_that_write, never_once_a_condition_has_ended) {
  in_both_modes([](two_writers const& w) {
    std::uint64_t member = 0, none = 0;
    {
      back_and_forth changing(w.path(), "delete from members", "insert into members values (1)");
      auto session = w.session("member");
      auto const write = [&](int i) { (session.execute("update notes set word = ? where id = 2", i) == 1 ? member : none) += 1; };
      write(-2);
      EXPECT_EQ(member, 1U);
      changing.once();
      write(-1);
      EXPECT_EQ(none, 1U);
      for (int i = 0; i < 60; ++i, changing.go_on()) write(i);
    }
    EXPECT_EQ(w.raw("select count(*) from wrong"), "0");
    EXPECT_EQ(member + none, 62U);
  });
}

/// `old.` is the row that is written over, not one of before: nothing that was counted is lost.
TEST_F(threads_that_write, count_each_time) {
  in_both_modes([](two_writers const& w) {
    constexpr int times = 30;
    std::barrier together(2);
    auto const count = [&] {
      auto session = w.session("counter");
      together.arrive_and_wait();
      for (int i = 0; i < times; ++i) {
        if (i % 2 == 0)
          EXPECT_EQ(session.execute("update notes set n = n + 1 where id = 2"), 1U);
        else
          session.transact(
              [](grille::session& s) {
                auto const n = s.query_value<std::int64_t>("select n from notes where id = 2");
                EXPECT_EQ(s.execute("update notes set n = ? where id = 2", n + 1), 1U);
              });
      }
    };
    std::jthread one(count), two(count);
    one.join();
    two.join();
    EXPECT_EQ(w.raw("select n from notes where id = 2"), std::to_string(2 * times));
  });
}

TEST_F(threads_that_write, insert_each_key_once) {
  in_both_modes([](two_writers const& w) {
    std::atomic<int> inserted = 0;
    std::barrier together(2);
    auto const insert = [&](std::string const& name) {
      auto session = w.session("counter");
      together.arrive_and_wait();
      for (int k = 0; k < 30; ++k) {
        auto const what = failure([&] { inserted += static_cast<int>(session.execute("insert into keys (k, by_whom) values (?, ?)", k, name)); });
        if (what != "nothing") {
          EXPECT_EQ(what, "conflict: a constraint of the database stands in the way");
        }
      }
    };
    std::jthread one(insert, "one"), two(insert, "two");
    one.join();
    two.join();
    EXPECT_EQ(inserted, 30);
    EXPECT_EQ(w.raw("select count(*) from keys"), "30");
  });
}

}  // namespace
