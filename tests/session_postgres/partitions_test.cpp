// Rows that are another table's too: partitions, partitions of partitions, inheriting tables. Whatever name they are asked for by, and whatever is
// attached or detached while a session is open, they come by the rules of the table that is granted, or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "grille/grille.hpp"
#include "own_folder.hpp"
#include "postgres/server.hpp"
#include "session_postgres/shown.hpp"

namespace {

using grille::policy_set;
using grille::principal;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto* rules = R"(
policy shop version 1;
protects orders, people;
principal has user_id integer;
role buyer from group 'customers';
allow buyer to select (id, buyer_id, total) on orders where buyer_id = principal.user_id;
restrict select on orders to not archived;
allow buyer to select (id, name) on people where id < 100;
mask (name as 'masked') on people where hidden;
)";

policy_set parsed(std::string const& text) { return policy_set::parse(text, "shop.grille", {}, grille::dialect::postgresql); }
principal anna() { return principal("b-17").with("user_id", 17).group("customers"); }

template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
  return "nothing";
}

class partitions : public testing::Test {
 protected:
  partitions() {
    db.run("create table orders (id int not null, buyer_id int, total numeric, region text not null, archived boolean not null default false) partition by list (region);"
           "create table orders_eu partition of orders for values in ('eu') partition by range (id);"
           "create table orders_eu_1 partition of orders_eu for values from (0) to (100);"
           "create table orders_us (archived boolean not null default false, region text not null, total numeric, secret text default 'canary', buyer_id int, id int not null);"
           "alter table orders_us drop column secret; alter table orders attach partition orders_us for values in ('us');"
           "insert into orders values (1, 17, 10, 'eu', false), (2, 18, 20, 'eu', false), (3, 17, 30, 'us', false), (4, 17, 40, 'us', true), (5, 18, 50, 'us', false);"
           "create table people (id int primary key, name text, hidden boolean not null default false);"
           "create table staff (salary int, badge text default 'canary') inherits (people); create table chiefs (bonus int) inherits (staff);"
           "insert into people values (1, 'Ann'); insert into staff values (2, 'Bo', true, 1000); insert into chiefs values (3, 'Cy', false, 2000, 'canary', 5), (300, 'canary', false, 9, 'canary', 9)");
  }
  grille::postgres::database opened(std::string const& text = rules, grille::options o = {.schema_interval = std::chrono::milliseconds(0)}) const {
    return grille::postgres::database(db.conninfo(), parsed(text), std::move(o));
  }
  testing_postgres::database db;
};

TEST_F(partitions, come_through_the_whole_and_by_no_name_of_their_own) {
  auto const database = opened();
  auto session = database.session(anna());
  EXPECT_THAT(shown::sorted(session.query("select id, total from orders")), ElementsAre("1|10", "3|30"));
  EXPECT_THAT(shown::sorted(session.query("select * from orders where 10 / total < 2")), ElementsAre("1|17|10", "3|17|30"));
  EXPECT_THAT(shown::sorted(session.query("select * from people")), ElementsAre("1|Ann", "2|masked", "3|Cy"));
  EXPECT_THAT(shown::sorted(session.query("select p.id from people p join orders o on o.id = p.id")), ElementsAre("1", "3"));
  auto const unknown = failure([&] { session.query("select id from nonesuch"); });
  for (std::string const name : {"orders_eu", "orders_eu_1", "orders_us", "public.orders_us", "staff", "chiefs"}) {
    for (std::string const& sql : {"select * from " + name, "select id from " + name + " x", "table " + name, "select 1 from orders where exists (select 1 from " + name + ")",
                                   "with orders as (select * from " + name + ") select * from orders", "select (select count(*) from " + name + ")"})
      EXPECT_THAT(failure([&] { session.query(sql); }), StartsWith("not_found: ")) << sql;
    auto said = failure([&] { session.query("select id from " + name); });
    auto const word = name.substr(name.find('.') == name.npos ? 0 : name.find('.') + 1);
    if (said.find(word) != said.npos && name == word) {
      said.replace(said.find(word), word.size(), "nonesuch");
      EXPECT_EQ(said, unknown) << "hidden and unknown read the same";
    }
  }
  for (auto const* sql : {"select id from only orders", "table only people", "select id from only people", "select id from only (people)"})
    EXPECT_THAT(failure([&] { session.query(sql); }), testing::AnyOf(StartsWith("unsupported: "), StartsWith("syntax: "))) << sql;
  for (auto const* sql : {"select id from people *", "table people *"}) {
    auto const said = failure([&] { EXPECT_EQ(session.query(sql).size(), 3U) << sql; });
    EXPECT_THAT(said, testing::AnyOf("nothing", StartsWith("unsupported: "), StartsWith("syntax: "))) << sql;
  }
  for (auto const* sql : {"select tableoid from people", "select tableoid::regclass from orders", "select salary from people", "select people.badge from people",
                          "select badge(people) from people", "select (people).salary from people", "select people::staff from people"})
    EXPECT_THAT(failure([&] { session.query(sql); }), testing::AnyOf(StartsWith("not_found: "), StartsWith("unsupported: "))) << sql;
}

TEST_F(partitions, that_are_attached_and_detached_under_an_open_session_follow) {
  for (bool const pooled : {false, true}) {
    auto const database = opened(rules, {.pooled = pooled, .schema_interval = std::chrono::hours(1)});
    auto session = database.session(anna());
    auto const all = [&] { return shown::sorted(session.query("select id from orders")); };
    EXPECT_THAT(all(), ElementsAre("1", "3"));
    db.run("create table orders_as (like orders); insert into orders_as values (6, 17, 60, 'as', false), (7, 18, 70, 'as', false), (8, 17, 80, 'as', true);"
           "alter table orders attach partition orders_as for values in ('as')");
    EXPECT_THAT(all(), ElementsAre("1", "3", "6"));
    EXPECT_THAT(failure([&] { session.query("select id from orders_as"); }), StartsWith("not_found: "));
    db.run("alter table orders detach partition orders_us; alter table orders detach partition orders_as");
    EXPECT_THAT(all(), ElementsAre("1"));
    for (auto const* sql : {"select id from orders_us", "select id from orders_as"})
      EXPECT_THAT(failure([&] { session.query(sql); }), StartsWith("not_found: ")) << sql;
    db.run("create table guests () inherits (people); insert into guests values (4, 'Di', true), (400, 'canary', false)");
    EXPECT_THAT(shown::sorted(session.query("select * from people")), ElementsAre("1|Ann", "2|masked", "3|Cy", "4|masked"));
    db.run("alter table guests no inherit people");
    EXPECT_THAT(shown::sorted(session.query("select * from people")), ElementsAre("1|Ann", "2|masked", "3|Cy"));
    db.run("alter table orders attach partition orders_us for values in ('us'); drop table orders_as, guests");
  }
}

TEST_F(partitions, have_no_rules_of_their_own) {
  auto const with = [](std::string const& more) { return rules + more; };
  for (auto const* name : {"orders_eu", "orders_eu_1", "orders_us"})
    EXPECT_THAT(failure([&] { opened(with("protects " + std::string(name) + "; allow public to select (id) on " + name + ";")); }),
                HasSubstr("table `" + std::string(name) + "` is a partition of `orders")) << name;
  // a partition of what nobody protects is a table like any other
  EXPECT_EQ(failure([&] { opened("policy p version 1; protects orders_us; allow public to select (id) on orders_us;"); }), "nothing");

  auto const loose = opened(with("protects chiefs; allow buyer to select (id, bonus) on chiefs where id = 3;"));
  auto session = loose.session(anna());
  EXPECT_THAT(shown::sorted(session.query("select id, bonus from chiefs")), ElementsAre("3|5"));
  ASSERT_FALSE(loose.warnings().empty());
  EXPECT_THAT(loose.warnings().front().message, HasSubstr("`chiefs` inherits from `people`"));

  // a table that becomes a partition of a protected one while it is open
  db.run("create table apart (like orders); insert into apart values (9, 17, 90, 'af', true)");
  auto const both = opened(with("protects apart; allow buyer to select (id) on apart;"));
  auto reading = both.session(anna());
  EXPECT_THAT(shown::sorted(reading.query("select id from apart")), ElementsAre("9"));
  db.run("alter table orders attach partition apart for values in ('af')");
  EXPECT_EQ(failure([&] { reading.query("select id from apart"); }), "unavailable: the policy does not fit the schema of the database");
}

TEST_F(partitions, of_two_owners_are_not_shown_by_each_others_rules) {
  auto const folder = own_folder("grille");
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.grille") << "policy a version 1; protects people; allow public to select (id) on people;";
  std::ofstream(folder / "b.grille") << "policy b version 1; protects chiefs; allow public to select (bonus) on chiefs;";
  auto const said = failure([&] { grille::postgres::database(db.conninfo(), policy_set::load({folder}, grille::dialect::postgresql)); });
  EXPECT_THAT(said, HasSubstr("table `chiefs` inherits from `people`, which is protected by "));
  std::filesystem::remove_all(folder);
}

}  // namespace
