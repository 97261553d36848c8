// Tables that are spread by the value of a column: shards of Citus, as the catalogue tells of them, and the server's own partitions, of
// which its plans tell whether the guard let it leave some out. Nothing but a `case` may fence there, and the column's equality stays a
// condition by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>
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
using testing::Not;

constexpr auto* rules = R"(
policy shops version 1;
protects orders, items, staff;
principal has user_id integer;
role merchant per shop_id integer;
role clerk per shop_id integer;
allow merchant to select all columns on orders where shop_id = scope.shop_id;
allow clerk to select all columns on orders where shop_id = scope.shop_id and exists (
  select 1 from staff s where s.shop_id = orders.shop_id and s.user_id = principal.user_id);
allow merchant, clerk to select all columns on items where shop_id = scope.shop_id;
)";
constexpr auto* tables =
    "create table staff (shop_id int not null, user_id int not null, primary key (shop_id, user_id));"
    "create table orders (id int not null, shop_id int not null, total numeric, note text, primary key (shop_id, id)) partition by list (shop_id);"
    "create table items (order_id int not null, shop_id int not null, price int) partition by list (shop_id);"
    "create table orders_1 partition of orders for values in (1); create table orders_2 partition of orders for values in (2);"
    "create table orders_3 partition of orders for values in (3);"
    "create table items_1 partition of items for values in (1); create table items_2 partition of items for values in (2); create table items_3 partition of items for values in (3);"
    "insert into staff values (1, 7), (2, 8);"
    "insert into orders values (1, 1, 10, 'a'), (2, 1, 4, 'b'), (3, 2, 0, 'canary\\'), (4, 3, 30, 'c');"
    "insert into items values (1, 1, 5), (2, 1, 2), (3, 2, 0), (4, 3, 7);";

principal holding(std::string const& role, std::vector<int> const& shops) {
  auto p = principal("x").with("user_id", 7);
  for (int const s : shops) p = p.role(role, {{"shop_id", s}});
  return p;
}
grille::policy_set policies() { return grille::policy_set::parse(rules, "shops.grille", {}, grille::dialect::postgresql); }

constexpr char const* statements[] = {"select id from orders where 1 / total < 5",
                                      "select o.id from orders o join items i on i.order_id = o.id and i.shop_id = o.shop_id where 1 / i.price < 5",
                                      "select o.id from orders o join (select order_id, 1 / price as p from items) i on i.order_id = o.id where i.p < 5",
                                      "select sum(total) from orders where note like E'%y\\\\' or id > 0", "select id from orders order by 10 / (total + 1), id"};

TEST(distributed, the_guard_is_fenced_by_case_alone_and_keeps_the_distribution_column_apart) {
  testing_postgres::database db;
  db.run(tables).run(
      "set allow_system_table_mods = on; create table pg_catalog.pg_dist_partition (logicalrelid regclass not null, partmethod \"char\" not null, "
      "partkey text, colocationid int not null default 0, repmodel \"char\" not null default 's', autoconverted bool not null default false);"
      "insert into pg_catalog.pg_dist_partition values ('orders', 'h', '{VAR :varno 1 :varattno 2 :vartype 23 :vartypmod -1 :varcollid 0}', 1, 's'), "
      "('items', 'h', '{VAR :varno 1 :varattno 2 :vartype 23 :vartypmod -1 :varcollid 0}', 1, 's'), ('staff', 'n', null, 2, 't')");
  auto const schema = grille::schema::parse(grille::postgres::read_schema(db.conninfo()).dump());
  grille::database const database(schema, policies(), {.explain = true});
  for (auto const* role : {"merchant", "clerk"})
    for (auto const* sql : statements) {
      auto const text = database.rewrite(holding(role, {1, 2}), sql).sql;
      EXPECT_THAT(text, AllOf(Not(HasSubstr("offset")), Not(HasSubstr("limit")), Not(HasSubstr("materialized")), Not(HasSubstr("lateral")))) << sql;
      for (auto at = text.find("\"public\".\"orders\" as "); at != text.npos; at = text.find("\"public\".\"orders\" as ", at + 1)) {
        auto const condition = text.substr(text.find(" where ", at) + 7);
        EXPECT_THAT(condition, testing::MatchesRegex("[(]*\"r[0-9]+\"\\.\"shop_id\" = \\$[0-9]+.*")) << sql;
      }
    }
  // a guard that is held where its rows are read: what names the shards stands beside it
  auto const held = database.rewrite(holding("clerk", {1, 2}), statements[2]).sql;
  EXPECT_THAT(held, HasSubstr("where ((\"r2\".\"shop_id\" = $1) or (\"r2\".\"shop_id\" = $2)) and ((((\"r2\".\"shop_id\" = $1) and exists (")) << held;
}

TEST(distributed, the_server_leaves_out_the_partitions_that_no_scope_names) {
  testing_postgres::database db;
  db.run(tables);
  grille::postgres::database const database(db.conninfo(), policies());
  auto const plan = [&](principal const& who, std::string const& sql) {
    auto const r = database.rewrite(who, sql);
    pqxx::connection c(db.conninfo());
    pqxx::nontransaction w(c);
    std::string values, out;
    for (auto const& v : r.parameters) values += (values.empty() ? "(" : ", ") + w.quote(shown::text(v));
    w.exec("set plan_cache_mode = force_custom_plan; prepare p as " + r.sql);
    for (auto const& line : w.exec("explain execute p" + values + ")")) out += std::string(line[0].c_str()) + "\n";
    return out;
  };
  for (auto const* sql : statements) {
    EXPECT_THAT(plan(holding("merchant", {1}), sql), AllOf(HasSubstr("orders_1"), Not(HasSubstr("orders_2")), Not(HasSubstr("orders_3")))) << sql;
    EXPECT_THAT(plan(holding("clerk", {1}), sql), AllOf(HasSubstr("orders_1"), Not(HasSubstr("orders_2")), Not(HasSubstr("orders_3")))) << sql;
    EXPECT_THAT(plan(holding("merchant", {1, 2}), sql), AllOf(HasSubstr("orders_1"), HasSubstr("orders_2"), Not(HasSubstr("orders_3")))) << sql;
    EXPECT_THAT(plan(holding("clerk", {1, 2}), sql), AllOf(HasSubstr("orders_1"), HasSubstr("orders_2"), Not(HasSubstr("orders_3")))) << sql;
  }
  auto session = database.session(holding("clerk", {1, 2}));
  EXPECT_THAT(shown::sorted(session.query("select id from orders")), ElementsAre("1", "2"));
  EXPECT_THAT(shown::sorted(session.query("select id from orders where 1 / total < 5")), ElementsAre("1", "2")) << "order 3 has no total to divide by";
  EXPECT_THAT(shown::sorted(session.query("select o.id from orders o join (select order_id, 1 / (price - 7) as p from items) i on i.order_id = o.id where i.p < 5")),
              ElementsAre("1", "2"));
}

}  // namespace
