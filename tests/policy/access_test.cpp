// Who may what: roles, groups, scopes, dates, conditions and denials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/fixture.hpp"

namespace grille::policy::testing {
namespace {

using ::testing::HasSubstr;

caller someone() {
  caller c;
  c.id = "u-1";
  c.principal = {{"user_id", 17}};
  return c;
}

class decides : public ::testing::Test {
 protected:
  base::result<std::shared_ptr<access const>> decide(std::string_view rules, caller const& who, timestamp now = at(2026, 11, 22)) {
    text_ = compile_rules(rules);
    for (auto const& f : text_.result.faults) ADD_FAILURE() << f.message;
    return grille::policy::decide(text_.result.policy, who, now);
  }
  table_access const* users(base::result<std::shared_ptr<access const>> const& a) { return (*a)->of(shop_catalog()->find("", "users")); }
  compiled_text text_;
};

TEST_F(decides, that_nothing_is_granted_by_default) {
  auto const a = decide("", someone());
  ASSERT_TRUE(a);
  EXPECT_TRUE((*a)->tables().empty());
  auto const t = (*a)->find("", "users");
  ASSERT_TRUE(t);
  EXPECT_EQ(*t, nullptr);
}

TEST_F(decides, by_group_and_through_includes) {
  auto const rules = "allow buyer to select (id) on users;";
  auto who = someone();
  EXPECT_EQ(users(decide(rules, who)), nullptr);
  who.groups = {"customers"};
  EXPECT_NE(users(decide(rules, who)), nullptr);
  who.groups.clear();
  who.roles = {{"clerk", {}}};
  EXPECT_NE(users(decide(rules, who)), nullptr);
}

// --- principal.groups ---

bound::slot group(unsigned i) { return {bound::slot_kind::principal, "groups", {}, i}; }

TEST_F(decides, what_stands_for_each_group) {
  auto who = someone();
  who.groups = {"ops", "sales", "ops"};
  auto const a = decide("allow public to select (id) on users where name in principal.groups;", who);
  ASSERT_TRUE(a);
  EXPECT_EQ((*a)->groups(), 2U) << "each counts once";
  EXPECT_EQ((*a)->resolve(group(0)), value("ops"));
  EXPECT_EQ((*a)->resolve(group(1)), value("sales"));
  EXPECT_TRUE((*a)->resolve(group(2)).null());
  who.id.clear();
  auto const nobody = decide("", who);
  ASSERT_TRUE(nobody);
  EXPECT_EQ((*nobody)->groups(), 0U) << "nobody is in no group, whatever is said";
  EXPECT_TRUE((*nobody)->resolve(group(0)).null());
}

TEST_F(decides, by_the_number_of_groups_only_where_they_are_used) {
  auto const key = [&](std::string_view rules, std::vector<std::string> groups, std::vector<caller::held> roles = {}) {
    auto who = someone();
    who.groups = std::move(groups);
    who.roles = std::move(roles);
    auto const a = decide(rules, who);
    return a ? (*a)->key() : a.error().message;
  };
  for (std::string_view const uses : {
           "allow public to select (id) on users where name in principal.groups;",
           "allow public to select (id) on users where name not in principal.groups or id = 1;",
           "allow public to select (id) on users where exists (select 1 from orders o where o.status in principal.groups and o.buyer_id = users.id);",
           "specification s on users means name in principal.groups; allow public to select (id) on users where s;",
           "projection p on users shows id, name masked as case when email in principal.groups then name end; allow public to select p on users;",
           "allow public to select (id) on users; restrict select on users to name in principal.groups;",
           "allow public to select (id, name) on users; mask (name as '-') on users where name in principal.groups;",
           "allow public to select (id, name) on users; mask (name as case when email in principal.groups then name end) on users;",
           "allow public to update (name) on users where id = 1 so that name in principal.groups;",
           "allow public to update (email) on users setting name = case when ssn in principal.groups then 'a' else 'b' end where id = 1;",
       }) {
    EXPECT_EQ(key(uses, {"a", "b"}), key(uses, {"c", "d"})) << uses;
    EXPECT_EQ(key(uses, {"a", "b"}), key(uses, {"c", "d", "c"})) << uses;
    EXPECT_NE(key(uses, {"a", "b"}), key(uses, {"a"})) << uses;
    EXPECT_NE(key(uses, {"a"}), key(uses, {})) << uses;
  }
  auto const elsewhere = R"(allow public to select (id) on users where id = 1 when 'x' not in principal.groups;
                            allow auditor to select (id) on users where name in principal.groups;
                            allow merchant to select (id) on orders where status in principal.groups;)";
  EXPECT_EQ(key(elsewhere, {"a", "b"}), key(elsewhere, {"a"})) << "`when` is decided, the other grants do not match";
  EXPECT_EQ(key(elsewhere, {"a"}), key(elsewhere, {}));
  EXPECT_NE(key(elsewhere, {"a", "b"}, {{"auditor", {}}}), key(elsewhere, {"a"}, {{"auditor", {}}}));
  EXPECT_NE(key(elsewhere, {"x"}), key(elsewhere, {"a"})) << "but what it opens is";
}

TEST_F(decides, when_by_groups) {
  auto const opens = [&](std::string_view condition, std::vector<std::string> groups, bool known = true) {
    auto who = someone();
    if (!known) who.id.clear();
    who.groups = std::move(groups);
    return users(decide("allow public to select (id) on users where id = 1 when " + std::string(condition) + ";", who)) != nullptr;
  };
  EXPECT_TRUE(opens("'b' in principal.groups", {"a", "b"}));
  EXPECT_FALSE(opens("'b' in principal.groups", {"a", "B"}));
  EXPECT_FALSE(opens("'b' in principal.groups", {}));
  EXPECT_FALSE(opens("'b' not in principal.groups", {"a", "b"}));
  EXPECT_TRUE(opens("'b' not in principal.groups", {"a"}));
  EXPECT_TRUE(opens("'b' not in principal.groups", {}));
  EXPECT_TRUE(opens("'b' not in principal.groups", {"b"}, false)) << "nobody is in no group";
  // email is optional and left out: NULL
  EXPECT_FALSE(opens("principal.email in principal.groups", {"a"}));
  EXPECT_FALSE(opens("principal.email not in principal.groups", {"a"}));
  EXPECT_TRUE(opens("(principal.email not in principal.groups) is null", {"a"}));
  EXPECT_FALSE(opens("principal.email in principal.groups", {}));
  EXPECT_TRUE(opens("not principal.email in principal.groups", {}));
  EXPECT_TRUE(opens("principal.email not in principal.groups", {}));
}

TEST_F(decides, denials_by_groups) {
  auto const sees_name = [&](std::vector<std::string> groups) {
    auto who = someone();
    who.groups = std::move(groups);
    auto const a = decide("allow public to select (id, name) on users; deny public to select (name) on users when 'interns' in principal.groups;", who);
    return users(a) != nullptr && users(a)->visible.columns.size() == 2;
  };
  EXPECT_FALSE(sees_name({"ops", "interns"}));
  EXPECT_TRUE(sees_name({"ops", "internals"}));
  EXPECT_TRUE(sees_name({}));
}

TEST_F(decides, that_a_role_with_a_source_cannot_be_claimed) {
  auto who = someone();
  who.roles = {{"buyer", {}}};
  auto const a = decide("", who);
  ASSERT_FALSE(a);
  EXPECT_THAT(a.error().message, HasSubstr("cannot be claimed"));
  who.roles = {{"public", {}}};
  EXPECT_FALSE(decide("", who));
  who.roles = {{"boss", {}}};
  EXPECT_FALSE(decide("", who));
}

TEST_F(decides, that_scopes_are_tuples_and_reach_included_roles) {
  auto who = someone();
  auto const rules = "allow merchant to select (id) on users where id = scope.shop_id;";
  who.roles = {{"merchant", {{"shop_id", 1}}}, {"merchant", {{"shop_id", 9}}}, {"merchant", {{"shop_id", 1}}}};
  auto const two = decide(rules, who);
  ASSERT_NE(users(two), nullptr);
  EXPECT_EQ(users(two)->select.at(0).tuples, 2U);
  EXPECT_EQ((*two)->resolve({bound::slot_kind::scope, "shop_id", "merchant", 1}), value(9));
  who.roles = {{"chief", {{"shop_id", 4}}}};
  auto const chief = decide(rules, who);
  ASSERT_NE(users(chief), nullptr);
  EXPECT_EQ((*chief)->resolve({bound::slot_kind::scope, "shop_id", "merchant", 0}), value(4));
  EXPECT_NE((*two)->key(), (*chief)->key());
  who.roles = {{"merchant", {}}};
  EXPECT_FALSE(decide(rules, who)) << "a scope is missing";
  who.roles = {{"merchant", {{"shop_id", "1"}}}};
  EXPECT_FALSE(decide(rules, who)) << "a scope of the wrong type";
}

TEST_F(decides, that_the_key_does_not_depend_on_values) {
  auto who = someone();
  auto const rules = "allow merchant to select (id) on users where id = scope.shop_id;";
  who.roles = {{"merchant", {{"shop_id", 1}}}};
  auto const one = decide(rules, who);
  who.roles = {{"merchant", {{"shop_id", 2}}}};
  who.principal = {{"user_id", 18}};
  EXPECT_EQ((*one)->key(), (*decide(rules, who))->key());
}

TEST_F(decides, by_when_before_any_sql) {
  auto who = someone();
  who.roles = {{"auditor", {}}};
  auto const rules = "allow auditor to select (id) on users when context.network = 'internal';";
  EXPECT_EQ(users(decide(rules, who)), nullptr) << "left out matches nothing";
  who.context = {{"network", "external"}};
  EXPECT_EQ(users(decide(rules, who)), nullptr);
  who.context = {{"network", "internal"}};
  EXPECT_NE(users(decide(rules, who)), nullptr);
}

TEST_F(decides, by_the_last_valid_day) {
  auto who = someone();
  who.roles = {{"auditor", {}}};
  auto const rules = "allow auditor to select (id) on users until '2026-11-22';";
  EXPECT_NE(users(decide(rules, who, at(2026, 11, 22) + std::chrono::hours{23})), nullptr);
  EXPECT_EQ(users(decide(rules, who, at(2026, 11, 23))), nullptr);
  auto const expiring = "expires after '2026-11-22'; allow auditor to select (id) on users;";
  EXPECT_NE(users(decide(expiring, who, at(2026, 11, 22))), nullptr);
  EXPECT_EQ(users(decide(expiring, who, at(2026, 11, 23))), nullptr);
}

TEST_F(decides, that_a_denial_wins_and_what_is_unknown_denies) {
  auto who = someone();
  who.groups = {"customers"};
  who.roles = {{"auditor", {}}};
  std::string const open = "tag (ssn) on users as personal; allow buyer to select (id, name, ssn) on users; allow buyer to filter (email) on users;";
  auto const a = decide(open + "deny auditor to select columns tagged personal;", who);
  ASSERT_NE(users(a), nullptr);
  EXPECT_TRUE(users(a)->denied[3]);
  for (auto const& c : users(a)->visible.columns) EXPECT_NE(c.index, 3U);
  EXPECT_EQ(users(decide(open + "deny auditor to select on users;", who)), nullptr);
  std::string const conditional = open + "deny auditor to select on users when context.network = 'external';";
  EXPECT_EQ(users(decide(conditional, who)), nullptr) << "the network is not known";
  who.context = {{"network", "internal"}};
  EXPECT_NE(users(decide(conditional, who)), nullptr);
}

TEST_F(decides, that_a_use_can_be_denied_on_its_own) {
  auto who = someone();
  who.groups = {"customers"};
  who.roles = {{"auditor", {}}};
  std::string const open = "allow buyer to select (id) on users; allow buyer to filter (email) on users;";
  auto const sees_email = [&](std::string const& rules) {
    auto const a = decide(rules, who);
    auto const& columns = users(a)->visible.columns;
    return std::any_of(columns.begin(), columns.end(), [](auto const& c) { return c.index == 2; });
  };
  EXPECT_TRUE(sees_email(open));
  EXPECT_FALSE(sees_email(open + "deny auditor to filter (email) on users;"));
  EXPECT_FALSE(sees_email(open + "deny auditor to filter (email) on users when context.network = 'external';")) << "the network is not known";
  EXPECT_TRUE(sees_email(open + "deny auditor to aggregate (email) on users;")) << "another use";
}

TEST_F(decides, that_a_required_attribute_is_required) {
  auto who = someone();
  who.principal.clear();
  EXPECT_FALSE(decide("", who));
  who.principal = {{"user_id", "17"}};
  EXPECT_FALSE(decide("", who)) << "of the wrong type";
  caller nobody;
  EXPECT_TRUE(decide("", nobody)) << "the anonymous hold `public` only, and have no attributes";
}

TEST_F(decides, that_other_methods_only_are_forbidden_and_nothing_is_not_found) {
  auto who = someone();
  who.roles = {{"auditor", {}}};
  auto const a = decide("allow auditor to delete on users;", who);
  ASSERT_TRUE(a);
  auto const users_found = (*a)->find("", "users");
  ASSERT_FALSE(users_found);
  EXPECT_EQ(users_found.error().kind, errc::forbidden);
  EXPECT_EQ((*a)->find("", "orders").value(), nullptr);
  EXPECT_EQ((*a)->find("", "nowhere").value(), nullptr);
}

TEST_F(decides, that_the_anonymous_hold_public_and_exemptions_need_a_name) {
  auto const rules = "allow public to select (id) on users; exempt log for select because 'counters' until '2027-01-01';";
  auto const nobody = decide(rules, caller{});
  EXPECT_NE(users(nobody), nullptr);
  EXPECT_EQ((*nobody)->of(shop_catalog()->find("", "log")), nullptr);
  EXPECT_NE((*decide(rules, someone()))->of(shop_catalog()->find("", "log")), nullptr);
}

}  // namespace
}  // namespace grille::policy::testing
