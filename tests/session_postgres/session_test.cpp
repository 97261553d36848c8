// PostgreSQL through the public face: opening, and sessions on handles of the application's.
// Few tests that each do much: each test process starts a server of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <thread>

#include "grille/grille.hpp"
#include "postgres/server.hpp"

namespace {

using namespace std::chrono_literals;
using grille::policy_set;
using grille::principal;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view rules = R"(
policy shop version 2;
protects orders;
principal has user_id integer optional;
role buyer from group 'customers';
role admin from group 'it';
allow buyer to select (id, status, total) on orders where buyer_id = principal.user_id;
allow admin to select all columns on orders;
)";

policy_set parsed(std::string_view text) { return policy_set::parse(text, "shop.grille", {}, grille::dialect::postgresql); }
policy_set policies() { return parsed(rules); }
principal anna() { return principal("b-17").with("user_id", 17).group("customers"); }
principal admin() { return principal("a-1").group("it"); }

template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
  return "nothing";
}

class sessions : public testing::Test {
 protected:
  sessions() {
    db.run("create table orders (id int primary key, buyer_id int, status text, total numeric(10, 2));"
           "insert into orders values (1, 17, 'open', 20.10), (2, 17, 'shipped', 30), (3, 18, 'open', 40.50), (4, 17, 'open', null);"
           "create table unprotected (x int)");
  }
  grille::postgres::database open(grille::options o = {}) const { return grille::postgres::database(db.conninfo(), policies(), std::move(o)); }
  static std::size_t columns(grille::database const& of, std::string const& sql = "select * from orders") {
    return of.rewrite(admin(), sql).columns.size();
  }

  testing_postgres::database db;
};

TEST_F(sessions, opening_tells_what_is_wrong_and_shows_no_password) {
  auto const opened = [](std::string const& conninfo, grille::options o = {}) {
    return failure([&] { grille::postgres::database(conninfo, policies(), std::move(o)); });
  };
  EXPECT_EQ(opened(db.conninfo()), "nothing");
  EXPECT_EQ(opened(db.conninfo(), {.pooled = true}), "nothing");
  EXPECT_EQ(opened("host=/nonesuch dbname=x password=hunter2"), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened("host=/nonesuch dbname=x password=hunter2", {.pooled = true}), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened(db.conninfo() + "_none"), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened("postgresql://u:hunter2@[nowhere"), "usage: the connection string cannot be read");
  EXPECT_THAT(opened(db.conninfo(), {.pool = 0}), StartsWith("usage: "));
  EXPECT_EQ(failure([&] { grille::postgres::database(db.conninfo(), policy_set::parse(rules, "shop.grille")); }),
            "usage: the policy was read in another dialect than the database's");
  EXPECT_THROW(grille::postgres::database(db.conninfo(), parsed("policy x version 1; protects nonesuch;")), grille::policy_error);

  auto const schema = grille::postgres::read_schema(db.conninfo());
  EXPECT_EQ(failure([&] { grille::database(schema, policies()); }), "nothing");
  EXPECT_EQ(failure([&] { grille::database(schema, policies()).session(anna()); }), "usage: this database has no connection");

  db.run("create function nothing(text, int) returns boolean language sql as 'select true';"
         "create operator = (leftarg = text, rightarg = int, function = nothing)");
  auto const refused = opened(db.conninfo());
  EXPECT_EQ(refused, "unsupported: 1 of the database's functions, operators and casts could be taken for PostgreSQL's own");
  db.run("create schema apart; alter operator = (text, int) set schema apart");
  EXPECT_EQ(opened(db.conninfo()), "nothing");
}

TEST_F(sessions, borrowed_connections_have_one_session_at_a_time) {
  pqxx::connection native(db.conninfo());
  {
    grille::postgres::database const database(native, policies(), {.pool_wait = 10ms});
    {
      auto first = database.session(anna());
      EXPECT_EQ(failure([&] { database.session(admin()); }), "unavailable: no connection became free in time");
    }
    database.session(admin());
    database.unguarded("a migration", [](void* on) {
      pqxx::nontransaction(*static_cast<pqxx::connection_base*>(on)).exec("create table later (x int)");
    });
  }
  auto const database = open({.pool = 2, .pool_wait = 10ms});
  auto attached = database.attach(native);
  {
    auto first = attached.session(anna());
    EXPECT_EQ(failure([&] { attached.session(admin()); }), "usage: the connection has an open session");
    auto second = database.session(admin());
    auto third = database.session(admin());
    EXPECT_EQ(failure([&] { database.session(admin()); }), "unavailable: no connection became free in time");
  }
  attached.session(admin());
  auto moved = std::move(attached);
  EXPECT_EQ(failure([&] { attached.session(admin()); }), "usage: the connection was moved away");

  testing_postgres::database other;
  pqxx::connection elsewhere(other.conninfo());
  EXPECT_THAT(failure([&] { database.attach(elsewhere); }), StartsWith("usage: the connection is to another database"));
  db.run("create table unrelated (x int)");
  EXPECT_EQ(failure([&] { database.attach(native); }), "nothing") << "the schema is read anew";
  database.unguarded("a migration", [](void* on) {
    pqxx::nontransaction(*static_cast<pqxx::connection_base*>(on)).exec("insert into unrelated values (1)");
  });
  EXPECT_EQ(db.value("select count(*) from unrelated"), "1");
}

}  // namespace
