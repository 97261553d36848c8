// What the tests of writes on PostgreSQL through sessions share: a shop, who calls, and how to wait for another writer.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <pqxx/pqxx>
#include <vector>
#include <thread>

#include "cases/raw_database.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace shop_on_postgresql {

using namespace std::chrono_literals;
using grille::isolation;
using grille::principal;
using testing::HasSubstr;
using testing::StartsWith;

inline constexpr std::string_view rules = R"(
policy shop version 1;
protects orders, lines, parts_1, counted, big, later, slow;
principal has user_id integer;
role buyer; role clerk; role raiser; role keeper;
allow buyer to select (id, buyer_id, status, total), update (status, total) on orders where buyer_id = principal.user_id;
allow buyer to delete on orders where buyer_id = principal.user_id;
allow buyer to insert (id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that total >= 0;
allow clerk to select (id, buyer_id, status, total), update (buyer_id, status, total), delete on orders;
allow clerk to select (id, order_id), insert (id, order_id), update (order_id), delete on lines;
allow clerk to insert (what), select (id, what), update (what) on counted;
allow clerk to select (n) on big;
allow clerk to insert (id, total) on orders so that total < 100000;
allow clerk to insert (id, order_id), select (id) on later;
allow raiser to select (id, total) on orders;
allow raiser to update (total) on orders so that total >= old.total;
allow keeper to select (id, order_id) on parts_1;
allow keeper to insert (id, order_id), update (id, order_id) on parts_1 so that id < 100;
allow keeper to delete on parts_1 where id > 1;
allow keeper to insert (id, what), select (id, what), update (id, what) on counted;
allow keeper to select (id, owner), insert (id, owner), update (owner), delete on slow;
)";
inline constexpr char const* schema = R"(
create table orders (id int primary key, buyer_id int, status text, total numeric(12, 2));
insert into orders values (1, 17, 'open', 20), (2, 17, 'sent', 30), (3, 18, 'open', 40);
create table lines (id int, order_id int, primary key (id, order_id)) partition by list (order_id);
create table lines_1 partition of lines for values in (1); create table lines_2 partition of lines for values in (2);
create table parts (id int, order_id int, primary key (id, order_id)) partition by list (order_id);
create table parts_1 partition of parts for values in (1); create table parts_2 partition of parts for values in (2);
create table counted (id bigint generated always as identity primary key, what text);
create table big (n int primary key); insert into big select g from generate_series(1, 5000) g;
create table later (id int primary key, order_id int references orders (id) deferrable initially deferred);
create table slow (id int primary key deferrable initially deferred, owner int);
)";

inline principal anna() { return principal("b-17").with("user_id", 17).role("buyer"); }
inline principal ray() { return principal("r-1").with("user_id", 2).role("raiser"); }
inline principal kit() { return principal("k-1").with("user_id", 3).role("keeper"); }
inline principal cleo() { return principal("c-1").with("user_id", 1).role("clerk"); }

template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what() + (e.retryable() ? " (retryable)" : "");
  }
  return "nothing";
}

class sink : public grille::audit_sink {
 public:
  void write(grille::audit_event const& e) override {
    std::lock_guard const one(mine);
    if (refuse && grille::to_string(e.phase) == *refuse) throw std::runtime_error("full");
    events.push_back(e);
  }
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (auto const& e : events) out.push_back(std::string(to_string(e.phase)) + " " + e.decision);
    return out;
  }
  std::optional<std::string> refuse;
  std::vector<grille::audit_event> events;
  std::mutex mine;
};

class with_a_shop : public testing::Test {
 protected:
  with_a_shop() { db.run(schema); }
  grille::postgres::database open(grille::options o = {}) const {
    return grille::postgres::database(db.conninfo(), grille::policy_set::parse(rules, "shop.grille", {}, grille::dialect::postgresql), std::move(o));
  }
  /// What is in the table, without Grille.
  std::string orders() {
    return db.value("select coalesce(string_agg(format('%s %s %s %s', id, buyer_id, status, total), ', ' order by id), '') from orders");
  }
  /// Until so many server processes wait for a lock: others let them.
  void wait_for(int waiting) {
    pqxx::connection c(db.conninfo());
    for (;;) {
      pqxx::nontransaction t(c);
      if (t.exec("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")[0][0].as<int>() >= waiting) return;
      std::this_thread::yield();
    }
  }

  /// The same, unless that writer is done before it had to wait for anybody.
  template <class Done>
  void wait_for(std::future<Done> const& writer) {
    pqxx::connection c(db.conninfo());
    while (writer.wait_for(0s) != std::future_status::ready) {
      pqxx::nontransaction t(c);
      if (t.exec("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")[0][0].as<int>() > 0) return;
      std::this_thread::yield();
    }
  }

  testing_postgres::database db;
  static constexpr auto before = "1 17 open 20.00, 2 17 sent 30.00, 3 18 open 40.00";
};

}  // namespace shop_on_postgresql
