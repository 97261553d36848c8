// What stands behind the parameters of a printed text: the caller's values first, then the policy's slots, in order.
#include <gtest/gtest.h>

#include <chrono>

#include "verify/guarded_statement.hpp"
#include "verify/shop.hpp"

namespace grille::verify {
namespace {

constexpr std::string_view rules = R"(
  allow buyer to select (id, total) on orders where buyer_id = principal.user_id;
  allow agent to select (id, total) on orders where region = scope.region and desk = scope.desk;
)";
constexpr bound::slot user{bound::slot_kind::principal, "user_id", {}, 0};
constexpr bound::slot email{bound::slot_kind::principal, "email", {}, 0};
constexpr bound::slot region{bound::slot_kind::scope, "region", "agent", 0};
constexpr bound::slot desk{bound::slot_kind::scope, "desk", "agent", 0};

std::string sql(std::string const& guard, std::string const& rest = "") {
  return R"(select x.id as "id" from (select r.id as "id", r.total as "total" from "main"."orders" as r where )" + guard + ") as x" + rest;
}
/// The reason of the refusal; empty if it passes.
std::string refusal(std::string const& roles, std::string text, std::vector<bound::slot> slots, unsigned parameters) {
  auto const who = testing::caller(testing::shop_policy(rules), roles);
  auto const checked = verify(std::move(text), std::move(slots), parameters, *who);
  return checked ? "" : checked.error().help;
}

TEST(parameters, are_the_callers_and_then_the_slots) {
  EXPECT_EQ(refusal("buyer", sql("r.buyer_id = ?1"), {user}, 0), "");
  EXPECT_EQ(refusal("buyer", sql("r.buyer_id = ?3", " where x.total between ?1 and ?2"), {user}, 2), "");
  EXPECT_EQ(refusal("agent n 1", sql("r.region = ?1 and r.desk = ?2"), {region, desk}, 0), "");
}
TEST(parameters, one_slot_may_stand_behind_one_position_in_two_places) {
  EXPECT_EQ(refusal("buyer", sql("r.buyer_id = ?1 or r.buyer_id = ?1"), {user}, 0), "");
}
TEST(parameters, slots_in_the_wrong_order_are_refused) {
  EXPECT_NE(refusal("agent n 1", sql("r.region = ?1 and r.desk = ?2"), {desk, region}, 0), "");
}
TEST(parameters, another_slot_is_refused) {
  EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?1"), {email}, 0), "");
  EXPECT_NE(refusal("agent n 1, agent s 2", sql("r.region = ?1 and r.desk = ?2"), {region, bound::slot{bound::slot_kind::scope, "desk", "agent", 1}}, 0), "");
}
TEST(parameters, a_position_of_the_caller_is_no_slot) {
  EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?1"), {user}, 1), "");
  EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?1"), {}, 1), "");
}
TEST(parameters, a_position_beyond_the_slots_is_refused) {
  EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?1", " where x.total = ?2"), {user}, 0), "");
  EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?2"), {user}, 0), "");
}
TEST(parameters, a_slot_without_a_place_is_refused) { EXPECT_NE(refusal("buyer", sql("r.buyer_id = ?1"), {user, email}, 0), ""); }

/// The groups of a caller are slots, as many as there are and in their order.
std::string refusal_by_groups(unsigned groups, std::string const& guard, std::vector<bound::slot> slots, std::string_view item = "r.status") {
  constexpr std::string_view by_groups = R"(
    allow buyer to select (id, status) on orders where region in principal.groups;
    mask (status as case when note in principal.groups then status end) on orders;
  )";
  policy::caller who{.id = "u-1", .groups = {}, .roles = {{"buyer", {}}}, .principal = {{"user_id", 17}}, .context = {}};
  for (unsigned i = 0; i < groups; ++i) who.groups.push_back("g" + std::to_string(i));
  auto const access = policy::decide(testing::shop_policy(by_groups), who, std::chrono::sys_days{std::chrono::year{2026} / 11 / 22});
  auto const text = R"(select x.c as "c" from (select )" + std::string(item) + R"( as "c" from "main"."orders" as r where )" + guard + ") as x";
  auto const checked = verify(text, std::move(slots), 0, **access);
  return checked ? "" : checked.error().help;
}
constexpr bound::slot group(unsigned i) { return {bound::slot_kind::principal, "groups", {}, i}; }

TEST(groups, are_as_many_slots) {
  EXPECT_EQ(refusal_by_groups(1, "r.region in (?1)", {group(0)}, "r.id"), "");
  EXPECT_EQ(refusal_by_groups(2, "r.region in (?1, ?2)", {group(0), group(1)}, "r.id"), "");
  EXPECT_EQ(refusal_by_groups(0, "(r.region is null) is null", {}, "r.id"), "");
}
TEST(groups, of_another_number_are_refused) {
  EXPECT_NE(refusal_by_groups(2, "r.region in (?1)", {group(0)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(1, "r.region in (?1, ?2)", {group(0), group(1)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(3, "r.region in (?1, ?2)", {group(0), group(1)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(0, "r.region in (?1)", {group(0)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(1, "(r.region is null) is null", {}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(1, "r.region in ()", {}, "r.id"), "");
}
TEST(groups, that_are_others_are_refused) {
  EXPECT_NE(refusal_by_groups(2, "r.region in (?1, ?2)", {group(0), group(2)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(2, "r.region in (?1, ?1)", {group(0)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(1, "r.region in (?1)", {user}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(1, "r.region not in (?1)", {group(0)}, "r.id"), "");
  EXPECT_NE(refusal_by_groups(0, "(r.region is null) is not null", {}, "r.id"), "");
}
TEST(groups, in_a_mask_are_as_many) {
  constexpr std::string_view one = "case when r.note in (?1) then r.status end", two = "case when r.note in (?1, ?2) then r.status end";
  EXPECT_EQ(refusal_by_groups(2, "r.region in (?1, ?2)", {group(0), group(1)}, two), "");
  EXPECT_NE(refusal_by_groups(2, "r.region in (?1, ?2)", {group(0), group(1)}, one), "");
  EXPECT_EQ(refusal_by_groups(1, "r.region in (?1)", {group(0)}, one), "");
}

TEST(texts, that_are_not_one_query_are_refused) {
  EXPECT_NE(refusal("buyer", "selec 1", {}, 0), "");
  EXPECT_NE(refusal("buyer", "select 1; select 2", {}, 0), "");
  EXPECT_NE(refusal("buyer", R"(delete from "main"."orders")", {}, 0), "");
  EXPECT_NE(refusal("buyer", R"(insert into "main"."orders" (id) values (1))", {}, 0), "");
  EXPECT_NE(refusal("buyer", "pragma table_info(orders)", {}, 0), "");
  EXPECT_EQ(refusal("buyer", R"(select 1 as "n")", {}, 0), "");
}

TEST(guards, of_many_tuples_are_proven_in_their_order) {
  constexpr unsigned many = 600;
  std::string roles, guard;
  for (unsigned i = 0; i < many; ++i) {
    roles += (i == 0 ? "agent n " : ", agent n ") + std::to_string(i);
    guard += (i == 0 ? "" : " or ") + std::string("(r.region = {agent.region ") + std::to_string(i) + "} and r.desk = {agent.desk " + std::to_string(i) + "})";
  }
  auto const who = testing::caller(testing::shop_policy(rules), roles);
  auto const whole = testing::with_slots(sql(guard));
  EXPECT_TRUE(verify(whole.sql, whole.slots, 0, *who));
  auto const end = guard.rfind("{agent.desk ");
  auto const crossed = testing::with_slots(sql(guard.substr(0, end) + "{agent.desk 3})"));
  EXPECT_FALSE(verify(crossed.sql, crossed.slots, 0, *who));
}

TEST(refusals, name_no_table_no_column_and_no_value) {
  auto const who = testing::caller(testing::shop_policy(rules), "buyer");
  for (auto const* text : {R"(select r.note as "n" from "main"."orders" as r)", R"(select x.n as "n" from (select r.ssn as "n" from "main"."users" as r) as x)",
                           R"(select x.note as "n" from (select r.note as "note" from "main"."orders" as r where r.buyer_id = 424242) as x)"}) {
    auto const checked = verify(text, {}, 0, *who);
    ASSERT_FALSE(checked);
    auto const told = checked.error().message + checked.error().help;
    for (auto const* word : {"orders", "users", "note", "ssn", "buyer_id", "424242"}) EXPECT_EQ(told.find(word), std::string::npos) << told;
  }
}

}  // namespace
}  // namespace grille::verify
