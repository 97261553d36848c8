// Many threads, each with its own sessions on one database, while policies are reloaded and the schema changes. Run under TSan.
#include <atomic>
#include <thread>

#include "session/shop.hpp"

namespace {

using namespace std::chrono_literals;
using shop::failure;

class threads : public shop::with_a_shop {
 protected:
  template <class Work>
  static void together(int n, Work const& work) {
    std::vector<std::thread> all;
    for (int i = 0; i < n; ++i) all.emplace_back([&work, i] { work(i); });
    for (auto& t : all) t.join();
  }
};

TEST_F(threads, share_one_database_while_it_is_reloaded) {
  auto const log = std::make_shared<shop::sink>();
  auto const database = open({.audit = log, .pool = 4, .pool_wait = 10'000ms});
  auto const with = shop::policies();
  auto const without = shop::policies_with("deny buyer to select on orders;");
  std::atomic<bool> done = false;
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::thread reloader([&] {
    for (int i = 0; i < 20; ++i) database.reload(i % 2 == 0 ? without : with);
    database.reload(with);
    done = true;
  });
  together(6, [&](int i) {
    while (!done || answered == 0) {
      auto session = database.session(i % 2 == 0 ? shop::anna() : shop::mark());
      for (int n = 0; n < 5; ++n) {
        auto const what = failure([&] {
          EXPECT_EQ(session.query("select id, ? from orders", n).size(), i % 2 == 0 ? 3U : 4U);
          EXPECT_EQ(session.select("orders", grille::spec::column{"id"} == 1).size(), 1U);
          for (auto const& [id] : session.stream<std::int64_t>("select id from orders")) EXPECT_GT(id, 0);
          ++answered;
        });
        if (what == "nothing") continue;
        ++refused;
        EXPECT_EQ(what, "not_found: no such table: `orders`") << "all or nothing";
      }
    }
  });
  reloader.join();
  EXPECT_GT(answered, 0);
  EXPECT_EQ(database.session(shop::anna()).query("select id from orders").size(), 3U);
}

TEST_F(threads, notice_a_schema_that_changes_under_them) {
  file_.change("pragma journal_mode = wal");
  auto const database = open({.pool = 3, .pool_wait = 10'000ms});
  std::atomic<bool> done = false;
  std::thread changer([&] {
    scratch::handle const h(file_.path());
    sqlite3_busy_timeout(h, 10'000);
    for (int i = 0; i < 10; ++i) h.must("create table t" + std::to_string(i) + "(x)");
    done = true;
  });
  together(3, [&](int) {
    bool last = false;
    while (!last) {
      last = done;
      auto session = database.session(shop::anna());
      auto const what = failure([&] { EXPECT_EQ(session.query("select * from orders").size(), 3U); });
      if (what != "nothing") {
        EXPECT_EQ(what, "unavailable: the schema of the database keeps changing");
      }
    }
  });
  changer.join();
  EXPECT_EQ(database.session(shop::anna()).query("select * from orders").columns().size(), 6U);
}

TEST_F(threads, wait_for_a_connection) {
  auto const database = open({.pool = 1, .pool_wait = 60'000ms});
  std::atomic<int> answered = 0;
  together(8, [&](int) {
    for (int i = 0; i < 20; ++i) answered += static_cast<int>(database.session(shop::anna()).query("select id from orders").size());
  });
  EXPECT_EQ(answered, 8 * 20 * 3);
}

TEST_F(threads, share_values) {
  auto const database = open({.pool = 4, .pool_wait = 10'000ms});
  auto const who = shop::anna();
  auto const what = grille::spec::named("mine") && grille::spec::column{"status"} == "open";
  auto const rows = database.session(who).query("select status from orders order by id");
  together(4, [&](int) {
    auto const mine = who.with("weight", 1.5);
    auto session = database.session(mine);
    EXPECT_EQ(session.select("orders", what && grille::spec::all()).size(), 2U);
    auto const copy = rows;
    EXPECT_EQ(copy[1][0].as<std::string>(), "shipped");
  });
}

TEST_F(threads, stop_each_others_sessions) {
  auto const database = open();
  std::stop_source stop;
  std::atomic<bool> begun = false;
  std::thread runner([&] {
    auto session = database.session(shop::anna());
    session.stop_on(stop.get_token());
    auto rows = session.stream<std::int64_t>("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n");
    EXPECT_EQ(failure([&] {
                for (auto const& [i] : rows) begun = i > 0;
              }),
              "unavailable: the statement was stopped");
  });
  while (!begun) std::this_thread::yield();
  stop.request_stop();
  runner.join();
}

}  // namespace
