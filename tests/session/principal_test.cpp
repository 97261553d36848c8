// Principals: stated in code and read from JSON, and what sessions make of them.
#include "session/shop.hpp"

namespace {

using grille::principal;
using shop::failure;
using testing::HasSubstr;
using testing::StartsWith;

class principals : public shop::with_a_shop {
 protected:
  std::string reads(principal const& p, std::string_view sql = "select count(*) from orders", grille::attributes const& context = {}) const {
    auto const database = open();
    std::string answer;
    auto const failed = failure([&] { answer = std::to_string(database.session(p, context).query_value<std::int64_t>(sql)); });
    return failed == "nothing" ? answer : failed;
  }
};

TEST_F(principals, in_code_and_in_json_are_the_same) {
  EXPECT_EQ(reads(shop::anna()), "3");
  EXPECT_EQ(reads(principal::from_json(R"({"id": "b-17", "user_id": 17, "groups": ["customers"]})")), "3");
  EXPECT_EQ(reads(shop::mark()), "4");
  EXPECT_EQ(reads(principal::from_json(R"({"id": "m", "roles": [{"role": "merchant", "shop_id": 1}, {"role": "merchant", "shop_id": 9}]})")), "4");
  EXPECT_EQ(reads(principal::from_json(R"({"id": "m", "roles": [{"role": "merchant", "shop_id": 9}]})")), "1");
}

TEST_F(principals, are_changed_copies) {
  auto const p = principal("x");
  std::ignore = p.group("it").with("user_id", 1);
  EXPECT_THAT(reads(p), StartsWith("not_found: "));
  EXPECT_EQ(reads(shop::anna().with("USER_ID", 18)), "2") << "stated anew";
}

TEST_F(principals, nobody_may_do_what_the_public_may) {
  for (auto const& nobody : {principal::anonymous(), principal::from_json("{}"), principal::from_json(R"({"groups": ["it"], "user_id": 17})"),
                             shop::admin().expires(grille::timestamp{})}) {
    EXPECT_EQ(reads(nobody, "select count(*) from books"), "2");
    EXPECT_EQ(reads(nobody), "unauthenticated: who calls is not known, or no longer");
    EXPECT_EQ(reads(nobody, "select count(*) from nowhere"), "unauthenticated: who calls is not known, or no longer");
    EXPECT_EQ(reads(nobody, "select cost from books"), "unauthenticated: who calls is not known, or no longer");
  }
  EXPECT_THAT(failure([] { principal(""); }), StartsWith("usage: "));
}

TEST_F(principals, expire_within_a_session) {
  auto const database = open();
  auto const soon = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  auto session = database.session(shop::anna().expires(soon));
  std::string last = "nothing";
  EXPECT_EQ(session.query("select id from orders").size(), 3U);
  while (last == "nothing") last = failure([&] { session.query("select id from orders"); });
  EXPECT_EQ(last, "unauthenticated: who calls is not known, or no longer");
  EXPECT_GE(std::chrono::system_clock::now(), soon);
  EXPECT_EQ(session.query("select id from books").size(), 2U);
}

TEST_F(principals, who_claim_what_they_may_not_are_refused) {
  EXPECT_THAT(reads(principal("x").role("administrator")), HasSubstr("cannot be claimed"));
  EXPECT_THAT(reads(principal("x").role("nothing")), HasSubstr("no role `nothing`"));
  EXPECT_THAT(reads(principal("x").role("merchant")), StartsWith("usage: "));
  EXPECT_THAT(reads(principal("x").role("merchant", {{"shop_id", "one"}})), StartsWith("usage: "));
  EXPECT_THAT(reads(principal("x").with("user_id", "17")), StartsWith("usage: "));
  EXPECT_THAT(reads(principal("x").with("since", "yesterday")), StartsWith("usage: "));
  EXPECT_THAT(reads(principal("x").group("it").with("since", "2026-01-01T00:00:00Z")), "5");
  EXPECT_THAT(reads(principal::from_json(R"({"id": "x", "groups": ["it"], "weight": 0.1})")), "5") << "declared real: the nearest double";
}

TEST_F(principals, contexts_of_the_call_win) {
  auto const database = open();
  auto const clerk = principal::from_json(R"({"id": "c", "groups": ["clerks"], "context": {"network": "external"}})");
  auto const inserts = [&](grille::attributes const& context) {
    auto session = database.session(clerk, context);
    auto const held = session.permissions();
    return std::ranges::any_of(held, [](auto const& p) { return p.method == grille::method::insert; });
  };
  EXPECT_FALSE(inserts({}));
  EXPECT_TRUE(inserts({{"network", "internal"}}));
  EXPECT_FALSE(inserts({{"network", "external"}}));
}

TEST(principal_json, is_read_exactly) {
  struct {
    char const* text;
    char const* says;
  } const bad[] = {
      {"", "no JSON, at byte"},
      {"{", "no JSON, at byte"},
      {"[]", "no JSON object"},
      {"17", "no JSON object"},
      {"null", "no JSON object"},
      {R"({"id": "a"} x)", "no JSON"},
      {R"({"id": 17})", "`id` is not text"},
      {R"({"id": ""})", "`id` is not text"},
      {R"({"id": "a", "id": "b"})", "`id` is there twice"},
      {R"({"id": "a", "x": 1, "x": 1})", "`x` is there twice"},
      {R"({"id": "a", "x": 9223372036854775808})", "`x`: the integer is beyond 64 bits"},
      {R"({"id": "a", "x": 99999999999999999999999})", "`x`: the integer is beyond 64 bits"},
      {R"({"id": "a", "x": -9223372036854775809})", "`x`: the integer is beyond 64 bits"},
      {R"({"id": "a", "x": {"y": 1}})", "`x` is neither text nor number"},
      {R"({"id": "a", "x": [1]})", "`x` is neither text nor number"},
      {R"({"id": "a", "groups": "it"})", "`groups` is not an array"},
      {R"({"id": "a", "groups": [1]})", "`groups` is not text"},
      {R"({"id": "a", "groups": [null]})", "`groups` is not text"},
      {R"({"id": "a", "roles": ["merchant"]})", "`roles` is not an object"},
      {R"({"id": "a", "roles": [{"shop_id": 1}]})", "one of `roles` has no `role`"},
      {R"({"id": "a", "roles": [{"role": "m", "shop_id": {}}]})", "`shop_id` is neither"},
      {R"({"id": "a", "roles": [{"role": "m", "shop_id": 1, "shop_id": 2}]})", "`shop_id` is there twice"},
      {R"({"id": "a", "context": ["x"]})", "`context` is not an object"},
      {R"({"id": "a", "expires_at": "tomorrow"})", "`expires_at` is not a time"},
      {R"({"id": "a", "expires_at": 17})", "`expires_at` is not text"},
      {R"({"id": "a", "on_behalf_of": true})", "`on_behalf_of` is not text"},
      {"{\"id\": \"\xFF\"}", "no JSON"},
      {R"({"id": "a", "x": [[[[[1]]]]]})", "nested too deep"},
      {R"({"id": "a", "x": NaN})", "no JSON"},
  };
  for (auto const& b : bad) EXPECT_THAT(failure([&] { principal::from_json(b.text); }), testing::AllOf(StartsWith("usage: principal: "), HasSubstr(b.says))) << b.text;
  EXPECT_THAT(failure([] { principal::from_json(std::string(100'000, '[')); }), StartsWith("usage: "));
  EXPECT_THAT(failure([] { principal::from_json("{\"id\": \"" + std::string(2'000'000, 'x') + "\"}"); }), StartsWith("limit: "));
  std::string many = R"({"id": "a", "groups": ["x")";
  for (int i = 0; i < 20'000; ++i) many += ",\"x\"";
  EXPECT_THAT(failure([&] { principal::from_json(many + "]}"); }), StartsWith("limit: "));
  EXPECT_EQ(failure([] { principal::from_json(R"({"id": "\u0000a", "x": 9223372036854775807, "y": null, "z": true, "w": 1e300, "on_behalf_of": "b"})"); }), "nothing");
}

}  // namespace
