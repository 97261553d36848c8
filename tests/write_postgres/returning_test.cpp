// Plans that return columns of what the written table was joined with must pass the second check; each with one text changed must be refused.
#include <gtest/gtest.h>

#include "write_postgres/plans.hpp"

namespace grille::verify {
namespace {

using kind = bound::step_kind;
using testing::plan_of;
using testing::step;
using testing::texts;

constexpr char const* schema =
    "create table orders (id bigint primary key, buyer_id int, total int, note text); create table users (id int primary key, name text, ssn text);"
    "create view every as select id from orders";
constexpr std::string_view rules = R"(
policy shop version 1;
protects orders, users, every;
principal has user_id integer;
role buyer;
allow buyer to select (id, total) on orders where buyer_id = principal.user_id;
allow buyer to update (total) on orders where buyer_id = principal.user_id so that total > old.total;
allow buyer to delete on orders where total > 1;
allow buyer to select (id, name) on users where id < 9;
mask (name as '***') on users where ssn is null;
)";

struct sabotage {
  char const* name;
  char const* sql;
  kind where;
  std::string from, to;
  char const* reason;  // part of it
};

std::vector<sabotage> const& all() {
  static char const* const pay = "update orders set total = u.id from users u where u.id = orders.id returning orders.total, u.name";
  static char const* const drop = "delete from orders using users u where u.id = orders.id returning orders.id / u.id";
  static std::vector<sabotage> const list{
      {"a column of the plan is shown", pay, kind::result, R"("r3"."c2")", R"("r3"."c4")", ""},
      {"the key is shown as the caller's", pay, kind::result, R"("r3"."c2")", R"("r3"."c3")", ""},
      {"another row is returned", pay, kind::result, R"("r1"."key" = "r3"."c3")", R"("r1"."key" = "r3"."c1")", "other rows"},
      {"any row is returned", pay, kind::result, R"( where "r1"."key" = "r3"."c3")", "", "other rows"},
      {"some rows are returned", pay, kind::result, R"(where "r1"."key" = "r3"."c3")", R"(where ("r1"."key" = "r3"."c3") and ("r3"."c1" > 3))", "other rows"},
      {"no guard of what is written", pay, kind::result, R"(where "r2"."buyer_id" = $)", R"(where true or "r2"."buyer_id" = $)", ""},
      {"a hidden column of what is written", pay, kind::result, R"("r2"."total" as "total")", R"("r2"."note" as "total")", ""},
      {"rows of the table are returned", pay, kind::result, R"(from "grille_written")", R"(from "public"."orders")", "other rows"},
      {"all rows that were collected", pay, kind::result, R"("r3"."c2")", R"((select max("z"."c2") from "grille_rows" as "z"))", "more of what was collected"},
      {"rows of the table, beside those that were written", pay, kind::result, R"(from "grille_written" as "r2" where)",
       R"(from "public"."orders" as "r2" where exists (select 1 from "grille_written" as "w" where "w"."id" = "r2"."id") and)", "other rows than were written"},
      {"what was collected, by way of a query", pay, kind::result, R"("grille_rows" as "r3")",
       R"((select "z"."c1" as "c1", "z"."c2" as "c2", "z"."c3" as "c3" from "grille_rows" as "z") as "r3")", "more of what was collected"},
      {"rows of another table beside", pay, kind::result, R"("grille_rows" as "r3")", R"("public"."users" as "r3")", ""},
      {"a hidden column is collected", pay, kind::collect, R"("r4"."name")", R"("r4"."ssn")", ""},
      {"a masked column is collected plain", pay, kind::collect, R"(case when)", R"(case when true then "r4"."name" when)", ""},
      {"no guard of what is joined", pay, kind::collect, R"("r4"."id" < 9)", "true", ""},
      {"what can fail beside hidden rows", drop, kind::result, R"(where "r1"."key" = "r3"."c2")", R"(where ("r1"."key" = "r3"."c2") and (1 / "r1"."key" = 1))", ""},
  };
  return list;
}

/// A plan that was made under other rules: what it returns is by a guard that these have no more, or that asks the table as it was before.
TEST(returned_columns_of_from, are_refused_under_rules_that_let_nothing_be_returned) {
  auto const tables = testing::tables_of(schema);
  policy::caller buyer{"b", {}, {}, {{"user_id", 17}}, {}};
  buyer.roles.push_back({"buyer", {}});
  auto const at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  std::string const select = "allow buyer to select (id, total) on orders where buyer_id = principal.user_id;";
  auto const under = [&](std::string const& instead) {
    auto text = std::string(rules);
    auto const now = text.find("total > old.total");
    text.replace(now, 17, "buyer_id = principal.user_id");
    auto const place = text.find(select);
    return policy::decide(testing::policy_on(tables, text.replace(place, select.size(), instead)), buyer, at).value();
  };
  auto const seen = under(select), unseen = under("");
  auto const good = plan_of("update orders set total = 1 from users u where u.id = 3 returning u.name", *seen);
  ASSERT_TRUE(good) << good.error();
  ASSERT_TRUE(verify((*good)->write, *seen)) << texts((*good)->write);
  auto const blind = verify((*good)->write, *unseen);
  ASSERT_FALSE(blind) << texts((*good)->write);
  EXPECT_EQ(blind.error().help.substr(0, 36), "a result of rows that nobody may see");
  for (std::string const asked : {"orders", "every"}) {  // a view of it
    auto const of_itself = under(select + "allow buyer to select (id, total) on orders where exists (select 1 from " + asked + " z where z.id = orders.id);");
    auto broken = (*good)->write;
    std::string const guard = R"("r2"."buyer_id" = $)";
    auto& text = step(broken, kind::result, guard).sql;
    text.replace(text.find(guard), guard.size(), R"((exists (select 1 from "public".")" + asked + R"(" as "z" where "z"."id" = "r2"."id")) or )" + guard);
    auto const refused = verify(broken, *of_itself);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().help.substr(0, 37), "a guard that asks the table as it was") << text;
  }
}

TEST(returned_columns_of_from, are_refused_where_a_plan_is_broken) {
  auto const tables = testing::tables_of(schema);
  auto const policy = testing::policy_on(tables, rules);
  policy::caller buyer{"b", {}, {}, {{"user_id", 17}}, {}};
  buyer.roles.push_back({"buyer", {}});
  auto const who = policy::decide(policy, buyer, std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())).value();
  for (auto const& s : all()) {
    SCOPED_TRACE(s.name);
    auto const good = plan_of(s.sql, *who);
    ASSERT_TRUE(good) << good.error();
    auto const passed = verify((*good)->write, *who);
    ASSERT_TRUE(passed) << passed.error().help << "\n" << texts((*good)->write);
    auto broken = (*good)->write;
    auto& text = step(broken, s.where, s.from).sql;
    auto const at = text.find(s.from);
    ASSERT_NE(at, text.npos) << s.from << "\n" << texts(broken);
    text.replace(at, s.from.size(), s.to);
    auto const refused = verify(broken, *who);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, errc::unsupported);
    EXPECT_NE(refused.error().help.find(s.reason), std::string::npos) << refused.error().help << "\n" << text;
  }
}

}  // namespace
}  // namespace grille::verify
