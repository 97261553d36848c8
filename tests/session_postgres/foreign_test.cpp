// A table partitioned over two further servers by postgres_fdw: what the policy lets through is decided there, and who holds one value of
// the partition key reads one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "grille/grille.hpp"
#include "postgres/server.hpp"
#include "session_postgres/shown.hpp"

namespace {

using grille::principal;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto* rules = R"(
policy shops version 1;
protects orders, users;
principal has user_id integer optional;
role merchant per shop_id integer;
role buyer from group 'customers';
allow merchant to select (id, shop_id, note, total) on orders where shop_id = scope.shop_id;
allow buyer to select (id, shop_id, total) on orders where buyer_id = principal.user_id;
allow merchant to select (id, name) on users where exists (select 1 from orders o where o.buyer_id = users.id and o.shop_id = scope.shop_id);
restrict select on orders to not archived;
)";

principal merchant(std::vector<int> const& shops) {
  principal p("m-1");
  for (int const s : shops) p = p.role("merchant", {{"shop_id", s}});
  return p;
}
principal buyer() { return principal("b-17").with("user_id", 17).group("customers"); }

testing_postgres::server const& in_the_north() {
  static testing_postgres::server const one;
  return one;
}
testing_postgres::server const& in_the_south() {
  static testing_postgres::server const one;
  return one;
}

class foreign : public testing::Test {
 protected:
  foreign() : north(in_the_north()), south(in_the_south()) {
    for (auto* far : {&north, &south})
      far->run("create table orders (id int primary key, shop_id int not null, buyer_id int, note text, total numeric, archived boolean not null default false)");
    north.run("insert into orders values (1, 1, 17, 'a', 10, false), (2, 1, 18, 'b', 20, true), (3, 3, 17, 'c', 30, false), (4, 1, 19, 'd', 40, false)");
    south.run("insert into orders values (5, 2, 17, 'canary\\', 50, false), (6, 2, 18, 'f', 60, false), (7, 4, 18, 'g', 0, false)");
    db.run("create extension postgres_fdw; create table orders (id int not null, shop_id int not null, buyer_id int, note text, total numeric, archived boolean not null)"
           " partition by list (shop_id); create table users (id int primary key, name text); insert into users values (17, 'Anna'), (18, 'Bo'), (19, 'Cy')");
    for (auto const& [name, folder, far, shops] : {std::tuple{"north", in_the_north().folder(), &north, "1, 3"}, std::tuple{"south", in_the_south().folder(), &south, "2, 4"}})
      db.run(fmt::format("create server {0} foreign data wrapper postgres_fdw options (host '{1}', dbname '{2}', use_remote_estimate 'true'); "
                         "create user mapping for postgres server {0} options (user 'postgres', password_required 'false'); "
                         "create foreign table orders_{0} partition of orders for values in ({3}) server {0} options (table_name 'orders')",
                         name, folder, far->name(), shops));
  }

  grille::postgres::database opened() const {
    return grille::postgres::database(db.conninfo(), grille::policy_set::parse(rules, "shops.grille", {}, grille::dialect::postgresql));
  }
  /// The lines that say what is sent to the other servers.
  std::vector<std::string> remote(grille::database const& by, principal const& who, std::string const& sql, std::string const& mode = "force_custom_plan") const {
    auto const r = by.rewrite(who, sql);
    pqxx::connection c(db.conninfo());
    pqxx::nontransaction w(c);
    std::string values;
    for (auto const& v : r.parameters) values += (values.empty() ? "(" : ", ") + w.quote(shown::text(v));
    w.exec("set plan_cache_mode = " + mode);
    w.exec("prepare p as " + r.sql);
    std::vector<std::string> out;
    for (auto const& line : w.exec("explain verbose execute p" + (values.empty() ? "" : values + ")"))) {
      std::string const text = line[0].c_str();
      if (auto const at = text.find("Remote SQL: "); at != text.npos) out.push_back(text.substr(at + 12));
    }
    return out;
  }
  testing_postgres::database db, north, south;
};

TEST_F(foreign, they_are_three_servers) {
  EXPECT_NE(in_the_north().folder(), in_the_south().folder());
  std::set<std::string> started;
  for (auto* one : {&db, &north, &south}) started.insert(one->value("show data_directory"));
  EXPECT_THAT(started, SizeIs(3));
}

TEST_F(foreign, rows_are_right_and_the_predicate_is_sent) {
  auto const database = opened();
  auto const ask = [&](principal const& who, std::string const& sql) {
    auto session = database.session(who);
    return shown::sorted(session.query(sql));
  };
  EXPECT_THAT(ask(merchant({1}), "select id from orders"), ElementsAre("1", "4"));
  EXPECT_THAT(ask(merchant({1, 2}), "select id from orders"), ElementsAre("1", "4", "5", "6"));
  EXPECT_THAT(ask(buyer(), "select id from orders"), ElementsAre("1", "3", "5"));
  EXPECT_THAT(ask(merchant({2}), "select name from users"), ElementsAre("Anna", "Bo"));
  EXPECT_THAT(ask(merchant({2}), "select u.name from users u join orders o on o.id - 5 = u.id - 17"), ElementsAre("Anna", "Bo"));

  auto const one = remote(database, merchant({1}), "select id, note from orders");
  ASSERT_THAT(one, SizeIs(1)) << "the other server is not asked";
  EXPECT_THAT(one[0], AllOf(HasSubstr("shop_id = 1"), HasSubstr("NOT archived")));
  auto const two = remote(database, merchant({1, 2}), "select id from orders");
  ASSERT_THAT(two, SizeIs(2));
  for (auto const& sql : two) EXPECT_THAT(sql, AllOf(HasSubstr("shop_id = 1"), HasSubstr("shop_id = 2")));
  auto const all = remote(database, buyer(), "select id from orders");
  ASSERT_THAT(all, SizeIs(2));
  for (auto const& sql : all) EXPECT_THAT(sql, AllOf(HasSubstr("buyer_id = 17"), HasSubstr("NOT archived")));
}

TEST_F(foreign, a_fence_keeps_neither_the_predicate_nor_pruning_from_what_is_sent) {
  auto const database = opened();
  for (auto const* sql : {"select id from orders where 1 / total < 5", "select id from orders where note like E'%y\\\\\\\\' or 1 / total < 5",
                          "select sum(1 / total) from orders where id <> 9 group by shop_id having sum(1 / total) > 0"}) {
    auto const one = remote(database, merchant({1}), sql);
    ASSERT_THAT(one, SizeIs(1)) << sql;
    EXPECT_THAT(one[0], AllOf(HasSubstr("shop_id = 1"), HasSubstr("NOT archived"))) << sql;
    for (auto const& far : remote(database, buyer(), "select id from orders where 1 / total < 5")) EXPECT_THAT(far, HasSubstr("buyer_id = 17"));
    // the total of order 7 is 0, in a shop that she does not hold, behind the same partition as one that she does
    EXPECT_EQ(database.session(merchant({2})).query(sql).size(), sql[7] == 's' ? 1U : 2U) << sql;
  }
}

TEST_F(foreign, a_generic_plan_asks_one_server_as_well) {
  auto const database = opened();
  auto session = database.session(merchant({1}));
  for (int i = 0; i < 8; ++i) EXPECT_THAT(shown::sorted(session.query("select id from orders")), ElementsAre("1", "4"));
  auto const generic = remote(database, merchant({1}), "select id from orders", "force_generic_plan");
  ASSERT_THAT(generic, SizeIs(1)) << "pruned as it starts";
  EXPECT_THAT(generic[0], HasSubstr("shop_id = $1"));
}

TEST_F(foreign, a_partition_elsewhere_is_not_there_by_its_own_name) {
  auto const database = opened();
  for (auto const* sql : {"select id from orders_north", "select id from public.orders_north", "table orders_south", "table orders_north*"})
    try {
      database.session(merchant({1})).query(sql);
      ADD_FAILURE() << sql;
    } catch (grille::error const& e) {
      EXPECT_EQ(e.kind(), grille::errc::not_found) << sql << e.what();
    }
}

}  // namespace
