// Specifications: sent as SQL, tested in memory, composed, taken from the policy.
#include "session/shop.hpp"

namespace {

using grille::numeric;
using grille::specification;
using grille::value;
using grille::spec::all;
using grille::spec::column;
using grille::spec::exists;
using grille::spec::named;
using shop::failure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct order {
  std::int64_t id{};
  std::int64_t buyer_id{};
  std::string status;
  std::optional<numeric> total;
  std::optional<std::string> note;
};
struct summary {
  std::int64_t id{};
  std::string status;
  std::optional<numeric> total;
};
struct strict_order {
  std::int64_t id{};
  std::string note;
};

}  // namespace

template <>
struct grille::mapping<order> {
  static constexpr std::string_view resource = "orders";
  static constexpr auto columns = std::tuple{field{"id", &order::id}, field{"buyer_id", &order::buyer_id}, field{"status", &order::status},
                                             field{"total", &order::total}, field{"note", &order::note}};
};
template <>
struct grille::mapping<summary> {
  static constexpr std::string_view resource = "orders";
  static constexpr auto columns = std::tuple{field{"id", &summary::id}, field{"status", &summary::status}, field{"total", &summary::total}};
};
template <>
struct grille::mapping<strict_order> {
  static constexpr std::string_view resource = "orders";
  static constexpr auto columns = std::tuple{field{"id", &strict_order::id}, field{"note", &strict_order::note}};
};

namespace {

class specifications : public shop::with_a_shop {
 protected:
  specifications() : database_(open({.explain = true})), anna_(database_.session(shop::anna())), mark_(database_.session(shop::mark())), admin_(database_.session(shop::admin())) {}

  static std::vector<std::int64_t> ids(grille::session& s, specification const& what, std::string_view resource = "orders") {
    std::vector<std::int64_t> found;
    for (auto const& r : s.select(resource, what, {.order = {{"id"}}})) found.push_back(r["id"].as<std::int64_t>());
    return found;
  }

  grille::sqlite::database database_;
  grille::session anna_, mark_, admin_;
};

TEST_F(specifications, select_the_callers_rows) {
  EXPECT_THAT(ids(anna_, all()), ElementsAre(1, 2, 4));
  EXPECT_THAT(ids(mark_, all()), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(ids(admin_, all()), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(specifications, compare) {
  EXPECT_THAT(ids(admin_, column{"status"} == "open"), ElementsAre(1, 3, 4));
  EXPECT_THAT(ids(admin_, column{"status"} != "open"), ElementsAre(2, 5));
  EXPECT_THAT(ids(admin_, column{"total"} < 40.5), ElementsAre(1, 2));
  EXPECT_THAT(ids(admin_, column{"total"} <= numeric{"40.50"}), ElementsAre(1, 2, 3));
  EXPECT_THAT(ids(admin_, column{"total"} > 30), ElementsAre(3, 5));
  EXPECT_THAT(ids(admin_, column{"total"} >= 30), ElementsAre(2, 3, 5));
  EXPECT_THAT(ids(admin_, column{"id"}.in({1, 4, 77})), ElementsAre(1, 4));
  EXPECT_THAT(ids(admin_, column{"id"}.in({})), IsEmpty());
  EXPECT_THAT(ids(admin_, column{"id"}.between(2, 4)), ElementsAre(2, 3, 4));
  EXPECT_THAT(ids(admin_, column{"status"}.like("SHIP%")), ElementsAre(2, 5));
  EXPECT_THAT(ids(admin_, column{"total"}.is_null()), ElementsAre(4));
}

TEST_F(specifications, compose_in_three_values) {
  auto const open = column{"status"} == "open";
  EXPECT_THAT(ids(admin_, open && column{"total"} > 30), ElementsAre(3));
  EXPECT_THAT(ids(admin_, open || column{"total"} > 30), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(ids(admin_, !open), ElementsAre(2, 5));
  EXPECT_THAT(ids(admin_, !(column{"total"} > 30)), ElementsAre(1, 2)) << "the NULL total is neither";
  EXPECT_THAT(ids(admin_, !!open), ElementsAre(1, 3, 4));
  EXPECT_THAT(ids(admin_, !(open || column{"id"} == 5)), ElementsAre(2));
}

TEST_F(specifications, values_are_never_part_of_the_text) {
  auto const evil = "x' or 1=1 --";
  EXPECT_THAT(ids(anna_, column{"status"} == evil), IsEmpty());
  EXPECT_THAT(failure([&] { ids(anna_, column{"status\" = '' or 1=1 --"} == 1); }), StartsWith("not_found: "));
  EXPECT_THAT(failure([&] { ids(anna_, all(), "orders; drop table orders"); }), StartsWith("not_found: "));
}

TEST_F(specifications, what_is_hidden_is_not_there) {
  EXPECT_THAT(failure([&] { ids(mark_, column{"note"} == "canary"); }), StartsWith("not_found: "));
  EXPECT_THAT(failure([&] { ids(mark_, column{"nonesuch"} == "canary"); }), StartsWith("not_found: "));
  EXPECT_EQ(failure([&] { ids(mark_, all(), "users"); }), "not_found: no such table: `users`");
  EXPECT_EQ(failure([&] { ids(mark_, all(), "nowhere"); }), "not_found: no such table: `nowhere`");
  EXPECT_THAT(failure([&] { mark_.select("orders", all(), {.order = {{"note"}}}); }), StartsWith("not_found: "));
}

TEST_F(specifications, null_is_not_compared_with) {
  EXPECT_THAT(failure([] { std::ignore = column{"a"} == std::nullopt; }), StartsWith("usage: "));
  EXPECT_THAT(failure([] { std::ignore = column{"a"} != std::optional<int>{}; }), StartsWith("usage: "));
  EXPECT_THAT(failure([] { std::ignore = column{"a"}.in({1, std::nullopt}); }), StartsWith("usage: "));
  EXPECT_THAT(failure([] { std::ignore = column{"a"}.between(1, std::nullopt); }), StartsWith("usage: "));
}

TEST_F(specifications, order_limit_offset) {
  auto const found = [&](grille::select_options const& o) {
    std::vector<std::int64_t> out;
    for (auto const& r : admin_.select("orders", all(), o)) out.push_back(r["id"].as<std::int64_t>());
    return out;
  };
  EXPECT_THAT(found({.order = {{"id", true}}}), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(found({.order = {{"status"}, {"id", true}}}), ElementsAre(4, 3, 1, 5, 2));
  EXPECT_THAT(found({.order = {{"id"}}, .limit = 2}), ElementsAre(1, 2));
  EXPECT_THAT(found({.order = {{"id"}}, .limit = 2, .offset = 3}), ElementsAre(4, 5));
  EXPECT_THAT(found({.order = {{"id"}}, .offset = 3}), ElementsAre(4, 5));
  EXPECT_THAT(found({.limit = 0}), IsEmpty());
}

TEST_F(specifications, structs_take_what_there_is) {
  auto const hers = anna_.select<order>(column{"id"} == 1);
  ASSERT_EQ(hers.size(), 1U);
  EXPECT_EQ(hers[0].note, "a");
  EXPECT_EQ(hers[0].total, numeric{"20.1"});
  auto const his = mark_.select<order>(column{"id"} == 1);
  ASSERT_EQ(his.size(), 1U);
  EXPECT_EQ(his[0].note, std::nullopt) << "there is no such column for him";
  EXPECT_EQ(his.columns().size(), 4U);
  EXPECT_THAT(failure([&] { mark_.select<strict_order>(all()); }), StartsWith("type: "));
}

TEST_F(specifications, projections_in_the_order_preferred) {
  auto const taken = [](grille::session& s, grille::projection const& p) {
    auto const rows = s.select("orders", all(), {.shape = p});
    return std::string(rows.projection()) + " " + std::to_string(rows.columns().size());
  };
  EXPECT_EQ(taken(anna_, "full"), "full 6");
  EXPECT_EQ(taken(mark_, grille::projection("full").or_else("brief")), "brief 2");
  EXPECT_EQ(taken(admin_, grille::projection("full").or_else("brief")), "full 6");
  EXPECT_THAT(failure([&] { taken(mark_, "full"); }), StartsWith("forbidden: "));
  EXPECT_THAT(failure([&] { taken(mark_, "unknown"); }), StartsWith("usage: "));
  EXPECT_EQ(anna_.select("orders", all()).projection(), "");
  auto const brief = mark_.select<summary>(column{"id"} == 3, {.shape = grille::projection("full").or_else("brief")});
  ASSERT_EQ(brief.size(), 1U);
  EXPECT_EQ(brief[0].status, "open");
  EXPECT_EQ(brief[0].total, std::nullopt) << "not in the shape that was taken";
  EXPECT_THAT(failure([&] { mark_.select<order>(column{"id"} == 3, {.shape = "brief"}); }), HasSubstr("no column `buyer_id`"));
}

TEST_F(specifications, of_the_policy_on_the_callers_own_view) {
  EXPECT_THAT(ids(admin_, named("over", {numeric{"30"}})), ElementsAre(3, 5));
  EXPECT_THAT(ids(anna_, named("mine")), ElementsAre(1, 2, 4));
  EXPECT_THAT(ids(mark_, named("mine")), IsEmpty()) << "his user_id is NULL";
  EXPECT_THAT(ids(anna_, named("mine_over", {25})), ElementsAre(2));
  EXPECT_THAT(ids(anna_, !named("over", {25}) && column{"status"} == "open"), ElementsAre(1));
  EXPECT_THAT(ids(admin_, named("past")), ElementsAre(1, 2, 3, 5)) << "time is compared as time";
  EXPECT_THAT(ids(anna_, named("of_anna")), ElementsAre(1, 2, 4)) << "through the users whom she sees";
}

TEST_F(specifications, of_the_policy_ask_for_the_callers_groups) {
  grille::sqlite::database const d(file_.path(), shop::policies_with(R"(
    specification ours on orders means status in principal.groups;
    specification others on orders means status not in principal.groups and ours is false;
    specification noted_by_us on orders means note not in principal.groups;
    specification bought_by (who integer) on orders means buyer_id = who and ours and (note in principal.groups or id = 1);
  )"));
  auto const as = [&](std::vector<std::string> const& groups) {
    auto p = shop::admin();
    for (auto const& g : groups) p = p.group(g);
    return d.session(p);
  };
  auto shipped = as({"shipped", "a"}), open = as({"b", "open"}), both = as({"open", "shipped", "b"}), neither = as({});
  EXPECT_THAT(ids(shipped, named("ours")), ElementsAre(2, 5));
  EXPECT_THAT(ids(open, named("ours")), ElementsAre(1, 3, 4)) << "of as many groups: the text is the same, the values are not";
  EXPECT_THAT(ids(both, named("ours")), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(ids(neither, named("ours")), IsEmpty());
  EXPECT_THAT(ids(shipped, named("others")), ElementsAre(1, 3, 4));
  EXPECT_THAT(ids(both, named("others")), IsEmpty());
  EXPECT_THAT(ids(both, named("noted_by_us")), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(ids(both, named("bought_by", {17})), ElementsAre(1, 2)) << "its own argument, and then the groups";
  EXPECT_THAT(ids(both, named("bought_by", {17}) || named("bought_by", {18})), ElementsAre(1, 2));
  EXPECT_FALSE(neither.matches(named("ours"), order{1, 17, "open", {}, {}}));
  EXPECT_TRUE(open.matches(named("ours"), order{1, 17, "open", {}, {}}));
  EXPECT_FALSE(shipped.matches(named("ours"), order{1, 17, "open", {}, {}}));
}

TEST_F(specifications, of_the_policy_that_say_more_than_the_caller_sees_are_not_there) {
  EXPECT_THAT(ids(anna_, named("noted")), ElementsAre(1));
  EXPECT_EQ(failure([&] { ids(mark_, named("noted")); }), "not_found: no such specification: `noted`");
  EXPECT_EQ(failure([&] { ids(mark_, named("of_anna")); }), "not_found: no such specification: `of_anna`");
  EXPECT_EQ(failure([&] { ids(mark_, named("nonesuch")); }), "not_found: no such specification: `nonesuch`");
  EXPECT_THAT(failure([&] { ids(mark_, named("in_my_shop")); }), StartsWith("unsupported: "));
  EXPECT_THAT(failure([&] { ids(admin_, named("over")); }), StartsWith("usage: "));
  EXPECT_THAT(failure([&] { ids(admin_, named("over", {1, 2})); }), StartsWith("usage: "));
}

TEST_F(specifications, of_the_policy_are_not_for_texts) {
  for (auto const* sql : {"select id from orders where mine", "select id from orders where \"specification mine\"(id)",
                          "select id from orders where \"specification over\"(id, 3)", "select id from orders where over(3)"})
    EXPECT_THAT(failure([&] { anna_.query(sql); }), testing::AnyOf(StartsWith("unsupported: "), StartsWith("not_found: "))) << sql;
}

TEST_F(specifications, exist_in_other_resources) {
  auto const with_orders = [](specification const& s) { return exists("orders", s, "buyer_id = id"); };
  EXPECT_THAT(ids(admin_, with_orders(column{"status"} == "shipped"), "users"), ElementsAre(17, 18));
  EXPECT_THAT(ids(admin_, with_orders(column{"total"} > 35), "users"), ElementsAre(18));
  EXPECT_THAT(ids(admin_, !with_orders(all()), "users"), ElementsAre(40));
  EXPECT_THAT(ids(anna_, with_orders(all()), "users"), ElementsAre(17));
  EXPECT_THAT(ids(admin_, exists("users", column{"name"} == "Bo", "id = buyer_id")), ElementsAre(3, 5));
  // an order is followed by another of the same buyer; columns are each level's own
  EXPECT_THAT(ids(admin_, exists("orders", column{"status"} == "shipped", "buyer_id") && column{"status"} == "open"), ElementsAre(1, 3, 4));
  EXPECT_THAT(ids(admin_, exists("users", exists("orders", column{"id"} == 5, "buyer_id = id"), "id = buyer_id")), ElementsAre(3, 5));
  EXPECT_THAT(ids(anna_, exists("orders", named("mine_over", {25}), "buyer_id, shop_id")), ElementsAre(2));
  EXPECT_EQ(failure([&] { ids(mark_, exists("users", all(), "id = buyer_id")); }), "not_found: no such table: `users`");
  EXPECT_THAT(failure([&] { ids(anna_, exists("users", column{"ssn"} == "canary", "id = buyer_id")); }), StartsWith("not_found: "))
      << "and not the outer row's column of some name";
  EXPECT_THAT(failure([&] { ids(anna_, exists("users", column{"status"} == "open", "id = buyer_id")); }), StartsWith("not_found: "));
}

TEST_F(specifications, on_is_read_strictly) {
  for (auto const* bad : {"", " ", "=", "a =", "= a", "a == b", "a = b c", "a;", "a,", ",a", "a = b, ", "a.b = c", "\"a", "a' = b", "a-b"})
    EXPECT_THAT(failure([&] { std::ignore = exists("orders", all(), bad); }), StartsWith("usage: ")) << bad;
  EXPECT_THAT(ids(admin_, exists("users", all(), R"( "id" = "buyer_id" )")), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(specifications, long_and_deep_ones_are_bounded) {
  auto chain = column{"id"} == 1;
  for (int i = 0; i < 2'000; ++i) chain = chain || column{"id"} == i;
  EXPECT_THAT(ids(admin_, chain), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(failure([] {
                auto deep = all();
                for (int i = 0; i < 100'000; ++i) deep = !deep;
              }),
              StartsWith("limit: "));
  EXPECT_THAT(failure([&] {
                auto deep = all();
                for (int i = 0; i < 90; ++i) deep = exists("orders", deep, "id");
                ids(admin_, deep);
              }),
              testing::AnyOf(StartsWith("limit: "), StartsWith("nothing"), StartsWith("backend: "), StartsWith("unsupported: ")));
}

TEST_F(specifications, in_memory_as_in_the_database) {
  std::vector<specification> const tried{
      all(),
      column{"status"} == "open",
      column{"status"} != "open",
      column{"total"} > 30,
      !(column{"total"} > 30),
      column{"total"}.is_null(),
      column{"total"} >= numeric{"40.50"},
      column{"id"}.in({1, 2}),
      column{"id"}.in({}),
      column{"id"}.between(2, 3),
      column{"status"}.like("SHIP%"),
      column{"status"}.like("s_ipped"),
      column{"status"} == "open" && (column{"total"} < 30 || column{"total"}.is_null()),
      named("mine"),
      named("over", {25}),
      named("mine_over", {25}),
  };
  auto const objects = admin_.select<order>(all(), {.order = {{"id"}}});
  for (std::size_t i = 0; i < tried.size(); ++i) {
    std::vector<std::int64_t> matching;
    for (auto const& o : objects)
      if (admin_.matches(tried[i], o)) matching.push_back(o.id);
    EXPECT_EQ(matching, ids(admin_, tried[i])) << i;
  }
  EXPECT_TRUE(anna_.matches(named("mine"), order{.id = 1, .buyer_id = 17, .status = {}, .total = {}, .note = {}}));
  EXPECT_FALSE(anna_.matches(named("mine"), order{.id = 1, .buyer_id = 18, .status = {}, .total = {}, .note = {}}));
}

TEST_F(specifications, in_memory_without_a_session) {
  order const one{.id = 1, .buyer_id = 17, .status = "open", .total = {}, .note = {}};
  EXPECT_TRUE((column{"status"} == "open").matches(one));
  EXPECT_TRUE((column{"status"}.like("OP%")).matches(one)) << "SQLite's like ignores ASCII case";
  EXPECT_FALSE((column{"total"} > 5).matches(one));
  EXPECT_FALSE((!(column{"total"} > 5)).matches(one));
  EXPECT_TRUE(all().matches(one));
  EXPECT_THAT(failure([&] { std::ignore = named("mine").matches(one); }), StartsWith("unsupported: "));
  EXPECT_THAT(failure([&] { std::ignore = exists("users", all(), "id").matches(one); }), testing::AnyOf(StartsWith("unsupported: "), StartsWith("not_found: ")));
  EXPECT_THAT(failure([&] { std::ignore = (column{"nonesuch"} == 1).matches(one); }), StartsWith("not_found: "));
}

TEST_F(specifications, share_one_rewritten_text_whatever_their_values) {
  auto const count = [&](specification const& s) { return ids(admin_, s).size(); };
  EXPECT_EQ(count(column{"id"} == 1), 1U);
  EXPECT_EQ(count(column{"id"} == 77), 0U);
  EXPECT_EQ(count(named("over", {30})), 2U);
  EXPECT_EQ(count(named("over", {45})), 1U);
}

}  // namespace
