// Transactions of sessions on PostgreSQL: the policy that they began under, what they run into beside others, what is recorded of their ends; and that
// a write of many rows sends none of them. What must be there is asked of the server, without Grille.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "write_postgres/shop.hpp"

namespace {

using namespace shop_on_postgresql;
using testing::ElementsAre;

class transactions_on_postgresql : public with_a_shop {
 protected:
  static grille::policy_set policy(std::string_view text) { return grille::policy_set::parse(text, "shop.grille", {}, grille::dialect::postgresql); }
  /// Anna may pay less than 50.
  static grille::policy_set stricter() {
    return policy(R"(
      policy shop version 1; protects orders; principal has user_id integer; role buyer;
      allow buyer to select (id, buyer_id, status, total) on orders where buyer_id = principal.user_id;
      allow buyer to update (status, total) on orders where buyer_id = principal.user_id so that total < 50;)");
  }
};

TEST_F(transactions_on_postgresql, keep_the_policy_that_they_began_under) {
  auto const database = open();
  auto session = database.session(anna());
  auto all = session.begin();
  database.reload(stricter(), grille::reloading::any);
  EXPECT_EQ(session.execute("update orders set total = 60 where id = 1"), 1U);
  EXPECT_EQ(session.execute("delete from orders where id = 2"), 1U);
  all.commit();
  EXPECT_EQ(orders(), "1 17 open 60.00, 3 18 open 40.00");
  EXPECT_THAT(failure([&] { session.execute("update orders set total = 70 where id = 1"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { session.execute("delete from orders"); }), StartsWith("forbidden: "));
  EXPECT_EQ(orders(), "1 17 open 60.00, 3 18 open 40.00");
}

TEST_F(transactions_on_postgresql, end_as_what_a_trigger_says_that_waited_for_their_end) {
  db.run("create function no_refund() returns trigger language plpgsql as $$ begin if new.total < 0 then raise exception 'canary'; end if; return null; end $$; "
         "create constraint trigger at_the_end after update on orders deferrable initially deferred for each row execute function no_refund()");
  auto const database = open();
  auto session = database.session(anna());
  constexpr auto* conflict = "conflict: a constraint of the database stands in the way";
  EXPECT_EQ(failure([&] { session.execute("update orders set total = -1 where id = 1"); }), conflict);
  auto all = session.begin();
  session.execute("update orders set total = -1 where id = 1");
  EXPECT_EQ(failure([&] { all.commit(); }), conflict);
  EXPECT_EQ(orders(), before);
}

TEST_F(transactions_on_postgresql, end_with_their_policy_where_the_reload_says_so) {
  auto const database = open();
  auto session = database.session(anna());
  auto all = session.begin();
  session.execute("update orders set total = 60 where id = 1");
  database.reload(stricter(), grille::reloading::any, grille::running::abort);
  constexpr auto* ended = "unavailable: the policy has changed, and with it ended the transaction (retryable)";
  EXPECT_EQ(failure([&] { session.execute("update orders set total = 61 where id = 1"); }), ended);
  EXPECT_EQ(failure([&] { session.query("select id from orders"); }), ended);
  EXPECT_EQ(failure([&] { all.commit(); }), ended);
  all.rollback();
  EXPECT_EQ(orders(), before);
  EXPECT_THAT(failure([&] { session.execute("update orders set total = 60 where id = 1"); }), StartsWith("check_failed: "));
  // one that began since is not ended by the reload before
  auto next = session.begin();
  session.execute("update orders set total = 40 where id = 1");
  next.commit();
  // and one that is tried again is so under the policy of that time
  int runs = 0;
  EXPECT_THAT(failure([&] {
                session.transact([&](grille::session& s) {
                  s.execute("update orders set total = 41 where id = 1");
                  if (++runs == 1)
                    database.reload(policy("policy shop version 1; protects orders; principal has user_id integer; role buyer; allow buyer to select (id) on orders;"),
                                    grille::reloading::any, grille::running::abort);
                });
              }),
              StartsWith("forbidden: "));
  EXPECT_EQ(runs, 1) << "the second try went no further than its first write";
  EXPECT_EQ(orders(), "1 17 open 40.00, 2 17 sent 30.00, 3 18 open 40.00");
}

/// `so that total >= old.total`: the row before is the one that is overwritten, not the one that was there when the statement began.
TEST_F(transactions_on_postgresql, compare_with_the_row_as_another_left_it) {
  auto const database = open();
  pqxx::connection other(db.conninfo());
  for (auto const& [meanwhile, mine, why, left] : {
           std::tuple("total = 100", "total = 50", "check_failed: the policy does not allow a row as it would be", "100.00"),  // 20 would have let it
           std::tuple("total = 10", "total = 15", "nothing", "15.00"),                                                        // 20 would not have
           std::tuple("total = 100", "total = total + 1", "nothing", "101.00"),
       }) {
    db.run("update orders set total = 20 where id = 1");
    pqxx::work w(other);
    w.exec(std::string("update orders set ") + meanwhile + " where id = 1");
    auto writing = std::async(std::launch::async, [&, sql = std::string("update orders set ") + mine + " where id = 1"] {
      return failure([&] { database.session(ray()).execute(sql); });
    });
    wait_for(writing);
    w.commit();
    EXPECT_EQ(writing.get(), why) << meanwhile << ", " << mine;
    EXPECT_EQ(db.value("select total from orders where id = 1"), left);
  }
}

TEST_F(transactions_on_postgresql, that_do_not_fit_beside_others_are_tried_again) {
  auto const trail = std::make_shared<sink>();
  auto const database = open({.audit = trail});
  auto session = database.session(anna());
  pqxx::connection other(db.conninfo());
  auto const sum = "select sum(total) from orders where buyer_id = 17";
  int tries = 0;
  session.transact(
      [&](grille::session& s) {
        // each takes the other's row to be what it was: only the commit can tell
        auto const all = s.query_value<std::string>("select sum(total) from orders");
        s.execute("update orders set total = $1 where id = 1", all);
        if (++tries > 1) return;
        pqxx::transaction<pqxx::serializable> t(other);
        auto const theirs = t.exec(sum)[0][0].as<std::string>();
        t.exec("update orders set total = " + theirs + " where id = 2");
        t.commit();
      },
      3, isolation::serializable);
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(orders(), "1 17 open 70.00, 2 17 sent 50.00, 3 18 open 40.00") << "50 and 20, one after the other";
  EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished done", "decided allowed", "finished done", "ended unavailable", "ended rolled back", "decided allowed",
                                         "finished done", "decided allowed", "finished done", "ended committed"));
  auto const& failed = trail->events[4];
  EXPECT_EQ(failed.sqlstate, "40001");
  EXPECT_EQ(failed.id, trail->events[2].transaction);
}

TEST_F(transactions_on_postgresql, that_lock_each_other_out_are_retryable) {
  db.run("do $$ begin execute format('alter database %I set deadlock_timeout = 1', current_database()); end $$");  // the server looks at once
  auto const database = open();
  pqxx::connection other(db.conninfo());
  pqxx::work w(other);
  w.exec("set local deadlock_timeout = '1h'");  // it is not the one to give way
  w.exec("update orders set status = 'theirs' where id = 2");
  auto session = database.session(anna());
  std::future<void> theirs;
  int tries = 0;
  std::vector<std::string> why;
  session.transact([&](grille::session& s) {
    ++tries;
    if (tries == 2) theirs.wait();  // else it may come first to the lock once more
    s.execute("update orders set status = 'mine' where id = 1");
    if (tries == 1) {
      theirs = std::async(std::launch::async, [&] {
        w.exec("update orders set status = 'theirs' where id = 1");
        w.commit();
      });
      wait_for(theirs);
    }
    try {
      s.execute("update orders set status = 'mine' where id = 2");
    } catch (grille::error const& e) {
      why.push_back(std::string(to_string(e.kind())) + ": " + e.what() + (e.retryable() ? " (retryable)" : ""));
      throw;
    }
  });
  theirs.get();
  EXPECT_EQ(tries, 2);
  EXPECT_THAT(why, ElementsAre("unavailable: the statement ran into another one (retryable)"));
  EXPECT_EQ(orders(), "1 17 mine 20.00, 2 17 mine 30.00, 3 18 open 40.00");
}

TEST_F(transactions_on_postgresql, are_recorded_with_what_became_of_them) {
  auto const trail = std::make_shared<sink>();
  auto const database = open({.audit = trail});
  auto session = database.session(cleo());
  auto const clear = [&] { trail->events.clear(); };
  session.execute("update orders set status = 'x' where id = 1");
  EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished done", "ended committed"));
  EXPECT_EQ(trail->events[0].id, trail->events[2].id);
  EXPECT_EQ(trail->events[1].affected, 1U);
  clear();
  EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (9, 100001)"); }), StartsWith("check_failed: "));
  EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished check_failed"));
  clear();
  // a commit that fails is the last word
  EXPECT_THAT(failure([&] { session.execute("insert into later (id, order_id) values (1, 99)"); }), StartsWith("conflict: "));
  EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished done", "finished conflict"));
  EXPECT_EQ(trail->events[2].sqlstate, "23503");
  EXPECT_THAT(trail->events[2].detail, HasSubstr("later_order_id_fkey"));
  clear();
  {
    auto all = session.begin();
    session.execute("insert into later (id, order_id) values (1, 99)");
    std::string incident;
    try {
      all.commit();
      ADD_FAILURE();
    } catch (grille::conflict const& e) {
      incident = e.incident();
    }
    all.rollback();
    EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished done", "ended conflict", "ended rolled back"));
    EXPECT_EQ(trail->events[2].id, incident);
    EXPECT_EQ(trail->events[2].id, trail->events[0].transaction);
    EXPECT_THAT(trail->events[2].detail, HasSubstr("later_order_id_fkey"));
  }
  clear();
  {
    auto outer = session.begin();
    session.execute("update orders set status = 'a' where id = 1");
    {
      auto inner = session.begin();
      session.execute("update orders set status = 'b' where id = 2");
    }
    session.query("select id from orders");
    outer.commit();
  }
  EXPECT_THAT(trail->told(), ElementsAre("decided allowed", "finished done", "decided allowed", "finished done", "ended rolled back", "decided allowed", "finished done",
                                         "ended committed"));
  EXPECT_EQ(trail->events[0].transaction, trail->events[7].id);
  EXPECT_EQ(trail->events[2].transaction, trail->events[4].id);
  EXPECT_THAT(trail->events[4].id, StartsWith(trail->events[7].id + "."));
  EXPECT_EQ(db.value("select string_agg(status, ' ' order by id) from orders"), "a sent open");
}

/// A socket before the server's, which counts what goes either way.
class relay {
 public:
  explicit relay(std::string server) : server_(std::move(server)), folder_(std::filesystem::temp_directory_path() / ("grille-relay-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    listening_ = at((folder_ / name).string(), [](int s, sockaddr const* a, socklen_t n) { return bind(s, a, n); });
    if (listen(listening_, 8) != 0 || pipe(over_) != 0) throw std::runtime_error("no relay");
    accepting_ = std::thread([this] {
      std::vector<std::thread> pumps;
      pollfd on[] = {{listening_, POLLIN, 0}, {over_[0], POLLIN, 0}};
      while (poll(on, 2, -1) > 0 && on[1].revents == 0) pumps.emplace_back([this, client = accept(listening_, nullptr, nullptr)] { pump(client); });
      for (auto& p : pumps) p.join();
    });
  }
  relay(relay const&) = delete;
  relay& operator=(relay const&) = delete;
  ~relay() {
    close(over_[1]);
    accepting_.join();
    close(over_[0]);
    close(listening_);
    std::filesystem::remove_all(folder_);
  }
  std::string folder() const { return folder_.string(); }
  std::size_t received() const { return received_; }
  std::size_t sent() const { return sent_; }

 private:
  template <class Way>
  static int at(std::string const& path, Way way) {
    auto const s = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    path.copy(a.sun_path, sizeof a.sun_path - 1);
    if (s < 0 || way(s, reinterpret_cast<sockaddr const*>(&a), sizeof a) != 0) throw std::runtime_error("no socket at " + path);
    return s;
  }
  void pump(int client) {
    auto const server = at(server_ + '/' + name, [](int s, sockaddr const* a, socklen_t n) { return connect(s, a, n); });
    pollfd on[] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {over_[0], POLLIN, 0}};
    char buffer[65536];
    for (bool open = true; open && poll(on, 3, -1) > 0 && on[2].revents == 0;)
      for (auto const i : {0, 1}) {
        if (on[i].revents == 0) continue;
        auto const n = read(on[i].fd, buffer, sizeof buffer);
        open = open && n > 0;
        for (ssize_t done = 0; open && done < n;) {
          auto const put = write(on[1 - i].fd, buffer + done, static_cast<std::size_t>(n - done));
          open = put > 0;
          done += put;
        }
        if (open) (i == 0 ? sent_ : received_) += static_cast<std::size_t>(n);
      }
    close(client);
    close(server);
  }

  static constexpr auto* name = ".s.PGSQL.5432";
  std::string server_;
  std::filesystem::path folder_;
  int listening_{-1}, over_[2]{-1, -1};
  std::atomic<std::size_t> received_{0}, sent_{0};
  std::thread accepting_;
};

TEST_F(transactions_on_postgresql, of_a_hundred_thousand_rows_send_none) {
  db.run("insert into big select g from generate_series(5001, 100000) g; analyze big");
  relay const between(testing_postgres::server::running().folder());
  grille::postgres::database const database("host=" + between.folder() + " user=postgres dbname=" + db.name(),
                                            grille::policy_set::parse(rules, "shop.grille", {}, grille::dialect::postgresql), {.schema_interval = 24h});
  auto session = database.session(cleo());
  struct traffic {
    std::size_t sent, received;
  };
  auto const of = [&](std::uint64_t rows, std::string const& sql, auto... args) {
    traffic const was{between.sent(), between.received()};
    EXPECT_EQ(session.execute(sql, args...), rows) << sql;
    return traffic{between.sent() - was.sent, between.received() - was.received};
  };
  auto const *const insert = "insert into orders (id, total) select n + $1, n - 1 from big where n <= $2", *const update = "update orders set status = 'many' where id > $1",
             *const erase = "delete from orders where id > $1";
  for (auto const first : {900000, 800000, 700000}) of(1, insert, first, 1);  // the first times the text goes along
  for (auto const rows : {3U, 3U}) of(rows, update, 600000);
  for (auto const rows : {3U, 0U}) of(rows, erase, 600000);
  auto const of_one = std::array{of(1, insert, 900000, 1), of(1, update, 900000), of(1, erase, 900000)};
  auto const of_all = std::array{of(100000, insert, 100000, 100000), of(100000, update, 100000), of(100000, erase, 100000)};
  for (std::size_t i = 0; i < of_one.size(); ++i) {
    EXPECT_GT(of_one[i].received, 0U);
    EXPECT_LE(of_all[i].received, of_one[i].received + 100) << i;
    EXPECT_LE(of_all[i].sent, of_one[i].sent + 100) << i;
  }
  // the check costs none either, and one row of all undoes all
  traffic const was{between.sent(), between.received()};
  EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) select n + 100000, case n when 99999 then 100001 else n end from big where n < 100000"); }),
              StartsWith("check_failed: the policy does not allow"));
  EXPECT_LT(between.received() - was.received, 10000U);
  EXPECT_EQ(orders(), before);
}

}  // namespace
