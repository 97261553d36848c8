// What a policy that does not compile says: message, the words it underlines, and that every fault is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/fixture.hpp"

namespace grille::policy::testing {
namespace {

using ::testing::HasSubstr;

struct bad {
  std::string_view rules;
  std::string_view message;     // part of the first fault's message
  std::string_view underlined;  // the text at its place
};

class refuses : public ::testing::TestWithParam<bad> {};

TEST_P(refuses, with_a_message_and_a_place) {
  auto const c = compile_rules(GetParam().rules);
  ASSERT_FALSE(c.result.faults.empty());
  EXPECT_EQ(c.result.policy, nullptr);
  auto const& f = c.result.faults.front();
  EXPECT_THAT(f.message, HasSubstr(GetParam().message));
  EXPECT_EQ(f.at.source.substr(f.at.begin, f.at.end - f.at.begin), GetParam().underlined);
}

INSTANTIATE_TEST_SUITE_P(
    policies, refuses,
    ::testing::Values(
        bad{"allow byer to select (id) on users;", "no role `byer`", "byer"},
        bad{"allow buyer to select (id) on user;", "no table `user`", "user"},
        bad{"allow buyer to select (ids) on users;", "no column `ids` in table `users`", "ids"},
        bad{"allow buyer to select full on users;", "no projection `full`", "full"},
        bad{"allow buyer to select id on users;", "no projection `id`", "id"},
        bad{"allow buyer to select (id) on users where uid = 1;", "uid", "uid"},
        bad{"allow buyer to select (id) on users where scope.shop_id = 1;", "role `buyer` is not held per `shop_id`", "scope.shop_id"},
        bad{"allow buyer to select (id) on users where id = principal.uid;", "`principal` has no `uid`", "principal.uid"},
        bad{"allow buyer to select (id) on users where id = 1 when name = 'x';", "`when` is about the call", "name"},
        bad{"allow buyer to select (id) on users where context.network = 'internal';", "says nothing about a row", "context.network = 'internal'"},
        bad{"allow buyer to select (id) on users where old.id = 1;", "`old` is the row before", "old.id"},
        bad{"allow buyer to insert (name) on users where id = 1;", "takes `so that`, not `where`", "insert (name)"},
        bad{"allow buyer to aggregate (total) over at least 5 on log;", "no column `total`", "total"},
        bad{"allow buyer to aggregate (what) over at least 5 on log;", "no single column", "aggregate (what) over at least 5"},
        bad{"allow buyer to select (id) on users until '2026-02-30';", "is not a day", "'2026-02-30'"},
        bad{"specification id on users means name = 'x';", "has a column `id`", "id"},
        bad{"specification a on users means b; specification b on users means a;", "contains itself", "b"},
        bad{"specification s on users means id not in (select buyer_id from orders);", "`not in` over a query", "id not in (select buyer_id from orders)"},
        bad{"deny buyer to select columns tagged secret;", "no column is tagged `secret`", "secret"},
        bad{"restrict select on users to scope.shop_id = id;", "`scope` is of a role", "scope.shop_id"},
        bad{"role buyer;", "already declared", "buyer"},
        bad{"role public;", "built in", "public"},
        bad{"role x per region text includes merchant;", "held per scope", "merchant"},
        bad{"role x includes y; role y includes x;", "includes itself", "x"},
        bad{"role x per shop_id integer from group 'g';", "cannot come from a group", "x"},
        bad{"role x per shop_id number;", "not a type", "number"},
        bad{"protects users;", "named twice", "users"},
        bad{"uses people version 1;", "no policy `people` is loaded", "people"},
        bad{"allow buyer to select (id) on users where name = principal.groups;", "`principal.groups` is a list and no value", "principal.groups"},
        bad{"allow buyer to select (id) on users where name in (principal.groups);", "`principal.groups` is a list and no value", "principal.groups"},
        bad{"allow buyer to select (id) on users where name in (lower(principal.groups), 'x');", "`principal.groups` is a list", "principal.groups"},
        bad{"allow buyer to select (id) on users where principal.groups in principal.groups;", "`principal.groups` is a list", "principal.groups"},
        bad{"mask (name as principal.groups) on users;", "`principal.groups` is a list and no value", "principal.groups"},
        bad{"allow buyer to select (id) on users when principal.groups is not null;", "`principal.groups` is a list and no value", "principal.groups"},
        bad{"specification s (g text) on users means name = g; allow buyer to select (id) on users where s(principal.groups);",
            "`principal.groups` is a list and no value", "principal.groups"},
        bad{"allow buyer to select (id) on users where name in principal.email;", "`principal.email` is no list", "name in principal.email"},
        bad{"allow buyer to select (id) on users where name in context.groups;", "`context.groups` is no list", "name in context.groups"},
        bad{"allow buyer to select (id) on users where (id, name) in principal.groups;", "a row of values cannot stand here", "(id, name)"},
        bad{"allow buyer to select (id) on users where 'a' in principal.groups;", "says nothing about a row", "'a' in principal.groups"},
        bad{"principal has groups text;", "`groups` is built in", "groups"},
        bad{"expect anna can select (id) on users;", "no `caller anna", "anna"},
        bad{"allow buyer to select (id) on users where id = (select id from sqlite_schema);", "sqlite_schema", "sqlite_schema"}));

TEST(compile, tells_how_groups_are_asked_for) {
  for (std::string_view const wrong : {"name = principal.groups", "name in (principal.groups)"})
    EXPECT_THAT(compile_rules("allow buyer to select (id) on users where " + std::string(wrong) + ";").result.faults.at(0).help,
                HasSubstr("X in principal.groups"));
  EXPECT_THAT(compile_rules("allow buyer to select (id) on users where name in principal.email;").result.faults.at(0).help,
              HasSubstr("X = principal.email"));
}

TEST(compile, takes_groups_wherever_there_is_a_condition) {
  auto const c = compile_rules(R"(
    specification ours on users means name in principal.groups;
    projection short on users shows id, email masked as case when name in Principal.Groups then email end;
    allow clerk to select short on users where ours and name not in principal.groups when 'x' in principal.groups;
    allow clerk to update (status) on orders setting shop_id = case when status in principal.groups then 1 else 2 end
      where status in principal.groups so that status not in principal.groups;
    restrict select on users to exists (select 1 from orders o where o.status in principal.groups and o.buyer_id = users.id);
    mask (name as case when email in principal.groups then name end) on users where email in principal.groups;
    deny auditor to select (name) on users when 'x' not in principal.groups;)");
  for (auto const& f : c.result.faults) ADD_FAILURE() << f.message << " at " << f.at.source.substr(f.at.begin, f.at.end - f.at.begin);
}

TEST(compile, tells_every_fault_in_the_order_of_the_text) {
  auto const c = compile_rules("allow byer to select (id) on users;\nallow buyer to select (idd) on users;\nmask (mail as 'x') on users;");
  ASSERT_EQ(c.result.faults.size(), 3U);
  EXPECT_THAT(c.result.faults[0].message, HasSubstr("byer"));
  EXPECT_THAT(c.result.faults[0].help, HasSubstr("buyer"));
  EXPECT_THAT(c.result.faults[1].message, HasSubstr("idd"));
  EXPECT_THAT(c.result.faults[2].message, HasSubstr("mail"));
}

TEST(compile, lets_one_file_use_the_people_of_another) {
  std::string const two = "policy logs version 1; uses shop version 1; protects log; allow buyer to select (what) on log where what = principal.email;";
  auto const shop = std::string(people);
  auto const without = shop.substr(0, shop.find(", log;")) + ";" + shop.substr(shop.find(", log;") + 6);
  EXPECT_NE(compile_texts({without, two}).result.policy, nullptr);
  auto const alone = compile_texts({without, "policy logs version 1; protects log; allow buyer to select (what) on log where what = principal.email;"});
  ASSERT_EQ(alone.result.faults.size(), 1U);
  EXPECT_EQ(alone.result.faults[0].file, "b.grille");
  EXPECT_THAT(alone.result.faults[0].message, HasSubstr("`principal` has no `email`"));
}

TEST(compile, refuses_a_table_of_two_owners_and_a_look_into_anothers) {
  auto const twice = compile_texts({std::string(people), "policy other version 1; protects log;"});
  ASSERT_EQ(twice.result.faults.size(), 1U);
  EXPECT_THAT(twice.result.faults[0].message, HasSubstr("already protected by a.grille"));

  auto const shop = std::string("policy shop version 1; protects users; role buyer; ");
  auto const other = std::string("policy other version 1; uses shop version 1; protects log; allow buyer to select (what) on log where what in (select name from users);");
  auto const peek = compile_texts({shop, other});
  ASSERT_EQ(peek.result.faults.size(), 1U);
  EXPECT_THAT(peek.result.faults[0].message, HasSubstr("not of this policy"));
  EXPECT_NE(compile_texts({shop + "share (name) on users with policy other;", other}).result.policy, nullptr);
  auto const more = compile_texts({shop + "share (id) on users with policy other;", other});
  ASSERT_EQ(more.result.faults.size(), 1U);
  EXPECT_THAT(more.result.faults[0].message, HasSubstr("name"));
}

TEST(compile, takes_all_columns_from_the_lock_file) {
  auto const text = std::string(people) + "allow buyer to select all columns on users;";
  auto const open = compile_texts({text});
  ASSERT_NE(open.result.policy, nullptr);
  auto const lock = lock_text(*open.result.policy, "shop");
  EXPECT_THAT(lock, HasSubstr("table users\n  id\n  name\n  email\n"));
  auto without = lock;
  without.erase(without.find("  ssn\n"), 6);
  auto const locked = compile_texts({text}, {without});
  ASSERT_NE(locked.result.policy, nullptr);
  auto const& users = locked.result.policy->tables.at(shop_catalog()->find("", "users"));
  EXPECT_EQ(users.grants[0].cells[0].which, cell::kind::plain);
  EXPECT_EQ(users.grants[0].cells[3].which, cell::kind::none);
  EXPECT_NE(locked.result.policy->fingerprint, open.result.policy->fingerprint);
  EXPECT_FALSE(compile_texts({text}, {"table users\n id\n"}).result.faults.empty()) << "a lock without a header";
}

TEST(compile, binds_a_specification_under_another_name) {
  auto const c = compile_rules(
      "specification mine on orders means orders.buyer_id = principal.user_id;"
      "specification big (least numeric) on orders means total >= least;"
      "allow buyer to select (id) on users where exists (select 1 from orders o where o.buyer_id = users.id and o.mine);"
      "allow clerk to select (id) on orders where mine and big(10);");
  for (auto const& f : c.result.faults) ADD_FAILURE() << f.message;
  EXPECT_NE(c.result.policy, nullptr);
}

}  // namespace
}  // namespace grille::policy::testing
