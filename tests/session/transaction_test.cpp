// What a transaction waits for, when it is tried again, and what becomes of it when the policy changes.
#include "session/shop.hpp"

namespace {

using namespace std::chrono_literals;
using shop::failure;
using testing::StartsWith;

constexpr auto* grants = R"(
  role keeper;
  allow keeper to select all columns on books;
  allow keeper to update (title, cost) on books where cost < 100;
)";
grille::principal keeper() { return grille::principal("k-1").role("keeper"); }

class transactions : public testing::Test {
 protected:
  grille::sqlite::database open(grille::options o = {}) const {
    return grille::sqlite::database(file_.path(), shop::policies_with(grants), std::move(o));
  }
  std::string raw(std::string const& sql) const { return scratch::handle(file_.path()).ask(sql); }
  shop::file file_;
};

TEST_F(transactions, that_are_tried_again_wait_for_the_lock_first) {
  file_.change("pragma journal_mode = wal");
  auto const database = open();
  auto session = database.session(keeper());
  scratch::handle const other(file_.path());
  int runs = 0;
  session.transact([&](grille::session& s) {
    auto const cost = s.query_value<std::int64_t>("select cost from books where id = 1");
    EXPECT_EQ(other.run("update books set cost = cost + 10 where id = 1"), ++runs == 1 ? SQLITE_OK : SQLITE_BUSY);
    s.execute("update books set cost = ? where id = 1", cost + 1);
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(raw("select cost from books where id = 1"), "14") << "3, and 10 of the other's, and 1";
}

TEST_F(transactions, wait_for_readers_to_commit) {
  auto const database = open({.statement_timeout = 50ms});
  auto session = database.session(keeper());
  scratch::handle const reader(file_.path());
  auto all = session.begin();
  session.execute("update books set cost = 9 where id = 1");
  reader.must("begin");
  EXPECT_EQ(reader.ask("select cost from books where id = 1"), "3");
  EXPECT_EQ(failure([&] { all.commit(); }), "unavailable: the statement took longer than it may");
  reader.must("commit");
  all.commit();
  EXPECT_EQ(raw("select cost from books where id = 1"), "9");
}

TEST_F(transactions, end_with_their_policy_where_the_reload_says_so) {
  auto const database = open();
  auto session = database.session(keeper());
  auto const stricter = shop::policies_with(R"(
    role keeper;
    allow keeper to select all columns on books;
    allow keeper to update (title, cost) on books where cost < 100 so that cost < 50;
  )");
  auto all = session.begin();
  session.execute("update books set cost = 60 where id = 1");
  database.reload(stricter, grille::reloading::any, grille::running::abort);
  constexpr auto* ended = "unavailable: the policy has changed, and with it ended the transaction";
  EXPECT_EQ(failure([&] { session.execute("update books set cost = 61 where id = 1"); }), ended);
  EXPECT_EQ(failure([&] { session.query("select id from books"); }), ended);
  EXPECT_EQ(failure([&] { all.commit(); }), ended);
  all.rollback();
  EXPECT_EQ(raw("select cost from books where id = 1"), "3");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 60 where id = 1"); }), StartsWith("check_failed: "));

  // one that began since is not ended by the reload before
  auto next = session.begin();
  session.execute("update books set cost = 40 where id = 1");
  next.commit();
  EXPECT_EQ(raw("select cost from books where id = 1"), "40");
}

TEST_F(transactions, are_tried_again_under_the_new_policy) {
  auto const database = open();
  auto session = database.session(keeper());
  int runs = 0;
  EXPECT_THAT(failure([&] {
                session.transact([&](grille::session& s) {
                  s.execute("update books set cost = 60 where id = 1");
                  if (++runs == 1)
                    database.reload(shop::policies_with("role keeper; allow keeper to select all columns on books;"), grille::reloading::any,
                                    grille::running::abort);
                });
              }),
              StartsWith("forbidden: "));
  EXPECT_EQ(runs, 1) << "the second try went no further than its first write";
  EXPECT_EQ(raw("select cost from books where id = 1"), "3");
}

}  // namespace
