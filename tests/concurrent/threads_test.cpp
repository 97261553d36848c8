// What is said to be safe to share is shared here, and answers are compared with what plain SQL gives. Run under the thread sanitizer
// by `tests/run tsan`; without it the answers are still checked.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "grille/grille.hpp"

namespace {

namespace fs = std::filesystem;
using namespace grille;

constexpr int threads = 4;
constexpr int rounds = 60;
constexpr int buyers = 8;
constexpr int orders_each = 5;

constexpr auto* schema_text = "create table orders (id integer primary key, buyer_id integer not null, status text not null)";

std::string policy_text(int version, std::string const& status) {
  return "policy store version " + std::to_string(version) + "; owner 'o' contact 'c'; protects orders; principal has user_id integer;"
         " role buyer from group 'customers';"
         " specification mine on orders means buyer_id = principal.user_id;"
         " allow buyer to select (id, buyer_id, status) on orders where mine and status <> '" + status + "';";
}
policy_set policy(int version = 1, std::string const& status = "none") { return policy_set::parse(policy_text(version, status), "store.grille"); }
principal buyer(int id) { return principal("b-" + std::to_string(id)).with("user_id", id).group("customers"); }

class threads_test : public testing::Test {
 protected:
  void SetUp() override {
    file_ = fs::path(testing::TempDir()) / ("grille_threads_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".db");
    fs::remove(file_);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    std::string sql = schema_text;
    for (int i = 0; i < buyers * orders_each; ++i)
      sql += "; insert into orders values (" + std::to_string(i) + ", " + std::to_string(i % buyers) + ", '" + (i % 2 == i / buyers % 2 ? "open" : "shipped") + "')";
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  void TearDown() override { fs::remove(file_); }
  fs::path const& file() const { return file_; }

  /// `work(thread, round)` on all threads at once; returns how often it was right. An exception is a failure of its own.
  static int together(std::function<bool(int, int)> const& work) {
    std::atomic<int> right{0};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
      all.emplace_back([&, t] {
        try {
          for (int r = 0; r < rounds; ++r) right += work(t, r) ? 1 : 0;
        } catch (error const& e) {
          ADD_FAILURE() << e.render();
        }
      });
    for (auto& t : all) t.join();
    return right;
  }
  static int all_right() { return threads * rounds; }

 private:
  fs::path file_;
};

TEST_F(threads_test, one_database_serves_all_threads_each_with_its_own_rows) {
  sqlite::database const db(file(), policy());
  EXPECT_EQ(together([&](int t, int r) {
              int const id = (t * rounds + r) % buyers;
              auto session = db.session(buyer(id));
              auto const rows = session.query<std::int64_t, std::int64_t>("select id, buyer_id from orders where id >= ?", 0);
              for (auto const& [order, owner] : rows)
                if (owner != id || order % buyers != id) return false;
              return rows.size() == orders_each;
            }),
            all_right());
}

TEST_F(threads_test, the_cache_of_rewritten_statements_is_shared_and_bounded) {
  sqlite::database const db(file(), policy(), {.cache_bytes = 4096});
  EXPECT_EQ(together([&](int t, int r) {
              auto session = db.session(buyer(t));
              auto const extra = std::to_string((t + r) % 23);
              return session.query_value<std::int64_t>("select count(*) + " + extra + " from orders") == orders_each + (t + r) % 23;
            }),
            all_right());
}

TEST_F(threads_test, a_reload_gives_one_policy_or_the_other_and_never_a_mix) {
  sqlite::database const db(file(), policy(1, "open"));
  std::atomic<bool> stop{false};
  std::thread reloader([&] {
    for (int version = 2; !stop; ++version) db.reload(policy(version, version % 2 == 0 ? "shipped" : "open"));
  });
  EXPECT_EQ(together([&](int t, int) {
              auto session = db.session(buyer(t));
              auto const rows = session.query<std::string>("select status from orders");
              std::size_t open = 0;
              for (auto const& [status] : rows) open += status == "open" ? 1 : 0;
              return !rows.empty() && (open == 0 || open == rows.size());
            }),
            all_right());
  stop = true;
  reloader.join();
}

TEST_F(threads_test, values_are_shared_as_they_are) {
  sqlite::database const db(file(), policy());
  auto const who = buyer(3);
  auto const open = spec::named("mine") && spec::column{"status"} == "open";
  EXPECT_EQ(together([&](int, int) {
              auto session = db.session(who);
              auto const copy = db;
              return session.select("orders", open).size() + session.select("orders", !open && spec::all()).size() == orders_each &&
                     !copy.rewrite(who, "select id from orders").sql.empty();
            }),
            all_right());
}

TEST_F(threads_test, a_stop_from_another_thread_ends_the_statement) {
  sqlite::database const db(file(), policy());
  auto session = db.session(buyer(1));
  std::stop_source stop;
  session.stop_on(stop.get_token());
  std::thread stopper([&] { stop.request_stop(); });
  try {
    (void)session.query_value<std::int64_t>(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000000000) select count(*) from n, orders");
    ADD_FAILURE() << "it ran to its end";
  } catch (unavailable const&) {
  }
  stopper.join();
}

}  // namespace
