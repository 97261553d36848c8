// A policy's own predicates on PostgreSQL: what in them could fail on a row is refused as the policy is loaded, in the views that they read too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "enforce_postgres/answers.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace {

using answers::plainly;
using answers::rows;
using answers::through;
using testing::HasSubstr;
using testing::StartsWith;

/// Order 7 is hidden whatever the predicate: nobody reads what is of shop 2. What can fail does so on it.
constexpr char const* schema = R"(
create collation blurred (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
create table orders (id int primary key, shop int, n int, k int, m numeric, f float8, i int, a text collate "C", b text collate "POSIX", blurred text collate blurred);
insert into orders select i, i % 2, i, 1, i, i, i, i, i from generate_series(1, 6) i;
insert into orders values (7, 2, 5, 0, '1e400', 7, 7, '7', '7');
create table shops (id int primary key, k int, m numeric, f float8, "name" text);
insert into shops values (0, 1, 1, 1, 'a'), (1, 1, 1, 1, 'b'), (2, 0, '1e400', 7, 'c');
create type feeling as enum ('sad', 'ok'); create domain positive as int check (value > 0); create domain most_positive as positive; create domain plain as int;
create function mine(int) returns int language sql immutable as 'select $1';
create view computed as select id, "name", 1 / k as y from shops;
create view asks as select id from shops where 1 / k > 0;
create view orders_by as select id, "name" from shops order by 1 / k;
create view joined as select s.id from shops s join shops t on 1 / s.k > 0 and t.id = s.id;
create view grouped as select id, count(*) as c from shops group by id, 1 / k;
create view grouped_alone as select id from shops group by id, 1 / k;
create view told_apart as select distinct id, 1 / k as y from shops;
create view limited as select id, 1 / k as y from shops limit 10;
create view skipped as select id, 1 / k as y from shops offset 0;
create view counts as select count(1 / k) as c from shops;
create view having_some as select 1 as id from shops having count(1 / k) > 0;
create view with_all as with c as materialized (select id, 1 / k as y from shops) select id from c;
create view above_joined as select c.id, c.y from shops s join computed c on c.id = s.id;
create view united as select id, k from shops union all select id, 1 / k from shops;
create view above as select id, y, "name" from computed;
create view unknown as select id, mine(k) as k from shops;
create view fine as select id, k, "name" from shops where k < 1000 or "name" in ('a', 'b');
create view above_fine as select id, "name" from fine where k is not null;
create view counted as select id, count(*) as c from shops group by id;
analyze;
)";

std::string policy(std::string_view predicate) {
  return "policy t version 1; owner 'tests' contact 'tests'; protects orders, shops, computed, asks, orders_by, joined, grouped, grouped_alone, told_apart, limited, skipped, counts, having_some, with_all, above_joined, united, above, unknown, fine, above_fine, counted; "
         "principal has f real, m numeric; role r from group 'r'; allow r to select (id, n) on orders where " +
         std::string(predicate) + ";";
}
grille::principal caller() { return grille::principal("u").with("f", 5.0).with("m", 5).group("r"); }

class predicates_on_postgres : public testing::Test {
 protected:
  predicates_on_postgres() { db_.run(schema); }
  grille::session session(std::string_view predicate) {
    grille::postgres::database const of(db_.conninfo(), grille::policy_set::parse(policy(predicate), "t.grille", {}, grille::dialect::postgresql));
    return of.session(caller());
  }
  /// The first fault's message.
  std::string refused(std::string_view predicate) {
    try {
      (void)session(predicate);
    } catch (grille::error const& e) {
      return e.what();
    }
    return "loaded";
  }
  rows by_hand(std::string const& sql) {
    pqxx::connection c(db_.conninfo());
    return plainly(c, sql);
  }
  testing_postgres::database db_;
};

// Shops 0 and 1 have the same k: of it one is left, which hides every order.
TEST_F(predicates_on_postgres, count_the_rows_of_set_operations_as_they_say) {
  for (auto const& [predicate, let] : {std::pair{"not exists (select s.k from shops s where s.id < 2 except all select t.k from shops t where t.id = 0)", 0},
                                       std::pair{"not exists (select s.k from shops s where s.id < 2 except select t.k from shops t where t.id = 0)", 6},
                                       std::pair{"not exists (select s.k from shops s where s.id < 2 intersect all select t.k from shops t where t.id < 2 except all select t.k from shops t where t.id = 0)", 0},
                                       std::pair{"not exists (select s.k from shops s where s.id < 2 intersect select t.k from shops t where t.id < 2 except all select t.k from shops t where t.id = 0)", 6}}) {
    auto s = session(predicate);
    EXPECT_EQ(s.query_value<std::int64_t>("select count(*) from orders where id < 7"), let) << predicate;
    EXPECT_EQ(by_hand("select count(*) from orders where id < 7 and " + std::string(predicate)), rows{std::to_string(let) + "|"}) << predicate;
  }
}

// It is asked of rows that the caller writes: what it reads besides is still of others.
TEST_F(predicates_on_postgres, of_what_is_stored_may_fail_on_what_is_stored) {
  auto const loads = [&](std::string const& so_that) {
    auto const text = policy("shop = 1") + " allow r to update (n) on orders where shop = 1 so that " + so_that + ";";
    try {
      grille::postgres::database(db_.conninfo(), grille::policy_set::parse(text, "t.grille", {}, grille::dialect::postgresql));
    } catch (grille::error const& e) {
      return std::string(e.what());
    }
    return std::string("loaded");
  };
  EXPECT_EQ(loads("n = old.n + 1"), "loaded");
  EXPECT_EQ(loads("1 / k > 0 or a = b"), "loaded");
  EXPECT_EQ(loads("n + 1 > 0 and exists (select 1 from shops s where s.id = orders.shop)"), "loaded");
  EXPECT_THAT(loads("exists (select 1 from shops s where s.id = orders.shop and 1 / s.k > 0)"), HasSubstr("`arithmetic` can fail"));
  EXPECT_THAT(loads("exists (select 1 from computed v where v.id = orders.shop and v.y > 0)"), HasSubstr("`arithmetic` in view `computed` can fail"));
  EXPECT_THAT(loads("n + 1 in (select s.k from shops s)"), HasSubstr("`arithmetic` can fail"));
  EXPECT_THAT(loads("n = (select s.k from shops s)"), HasSubstr("`a subquery of one value` can fail"));
  EXPECT_THAT(refused("n + 1 > 0"), HasSubstr("`arithmetic` can fail"));
}

struct fails {
  std::string_view predicate, message;
};

TEST_F(predicates_on_postgres, that_can_fail_on_a_row_are_refused) {
  for (auto const& [predicate, message] : {
           fails{"1 / k > 0", "`arithmetic` can fail"},
           fails{"m = f", "`a float made of a numeric` can fail"},
           fails{"f between m and 10", "`a float made of a numeric` can fail"},
           fails{"m in (select s.f from shops s)", "`a float made of a numeric` can fail"},
           fails{"case when shop > 5 then f else m end > 0", "`a float made of a numeric` can fail"},
           fails{"coalesce(m, f) > 0", "can fail"},
           fails{"exists (select 1 from (select s.m as other from shops s) d where d.other = orders.f)", "`a float made of a numeric` can fail"},
           fails{"blurred like 'x%'", "`like` can fail"},
           fails{"blurred like any (array['x%'])", "`an array` can fail"},
           fails{"a like any (array['x%', E'x\\\\'])", "`an array` can fail"},
           fails{"a ~ any (array['x', '['])", "`an array` can fail"},
           fails{"i < any (array[1 / k])", "`an array` can fail"},
           fails{"m < any (array[1e400])", "`an array` can fail"},
           fails{"n > all (select 1 / s.k from shops s)", "can fail"},
           fails{"n > any (select s.id from shops s)", "`a comparison with a query` can fail"},
           fails{"(n, 1 / k) is null", "`arithmetic` can fail"},
           fails{"1 / k between symmetric 1 and 2", "`arithmetic` can fail"},
           fails{"f between symmetric 10 and m", "`a float made of a numeric` can fail"},
           fails{"k ^ -1 > 0", "`arithmetic` can fail"},
           fails{"|/ (k - 1) >= 0", "`arithmetic` can fail"},
           fails{"substring(a from '[') = 'x'", "`substring` can fail"},
           fails{"a ^@ 'x'", "`^@` can fail"},
           fails{"a::feeling = 'sad'", "`cast` can fail"},
           fails{"n = 0::positive", "type `positive` is not supported in a cast"},
           fails{"n = 0::most_positive", "type `most_positive` is not supported in a cast"},
           fails{"a = b", "`a comparison by two collations` can fail"},
           fails{"exists (select 1 from computed v where v.id = orders.shop and v.y > 0)", "`arithmetic` in view `computed` can fail"},
           fails{"exists (select 1 from asks v where v.id = orders.shop)", "`arithmetic` in view `asks` can fail"},
           fails{"exists (select 1 from orders_by v where v.id = orders.shop)", "`arithmetic` in view `orders_by` can fail"},
           fails{"exists (select 1 from joined v where v.id = orders.shop)", "`arithmetic` in view `joined` can fail"},
           fails{"exists (select 1 from grouped v where v.id = orders.shop)", "`arithmetic` in view `grouped` can fail"},
           fails{"exists (select 1 from grouped_alone v where v.id = orders.shop)", "`arithmetic` in view `grouped_alone` can fail"},
           fails{"exists (select 1 from told_apart v where v.id = orders.shop)", "`arithmetic` in view `told_apart` can fail"},
           fails{"exists (select 1 from limited v where v.id = orders.shop)", "`arithmetic` in view `limited` can fail"},
           fails{"exists (select 1 from skipped v where v.id = orders.shop)", "`arithmetic` in view `skipped` can fail"},
           fails{"shop = 1 and exists (select 1 from counts v)", "`arithmetic` in view `counts` can fail"},
           fails{"shop = 1 and exists (select 1 from having_some v)", "`arithmetic` in view `having_some` can fail"},
           fails{"exists (select 1 from with_all v where v.id = orders.shop)", "`arithmetic` in view `with_all` can fail"},
           fails{"exists (select 1 from above_joined v where v.id = orders.shop and v.y > 0)", "`arithmetic` in view `computed` can fail"},
           fails{"exists (select 1 from united v where v.id = orders.shop)", "`arithmetic` in view `united` can fail"},
           fails{"exists (select 1 from above v where v.id = orders.shop and v.y > 0)", "`arithmetic` in view `computed` can fail"},
           fails{"shop in (select v.id from above v where v.y > 0)", "`arithmetic` in view `computed` can fail"},
           fails{"exists (select 1 from unknown v where v.id = orders.shop)", "what view `unknown` is made of is not understood: it can fail"},
       })
    EXPECT_THAT(refused(predicate), HasSubstr(message)) << predicate;
}

/// Each of them is refused for a reason: on the server it fails, where a condition of the caller's leaves no other row than the hidden one.
TEST_F(predicates_on_postgres, would_have_told_of_the_hidden_row) {
  for (auto const* predicate :
       {"1 / k > 0", "m = f", "f between m and 10", "m in (select s.f from shops s where s.id = orders.shop)", "case when shop > 5 then f else m end > 0", "coalesce(m, f) > 0",
        "exists (select 1 from computed v where v.id = orders.shop and v.y > 0)",
        "exists (select 1 from asks v where v.id = orders.shop)", "exists (select 1 from joined v where v.id = orders.shop)",
        "exists (select 1 from above v where v.id = orders.shop and v.y > 0)"}) {
    auto const is = by_hand("select id from orders where " + std::string(predicate) + " and id = 7 and shop <> 2");
    EXPECT_EQ(is, rows{}) << predicate << ": a condition beside it that is no row's";
    EXPECT_THAT(by_hand("select id from orders where " + std::string(predicate) + " and id = 7"), testing::ElementsAre(StartsWith("failed: "))) << predicate;
  }
}

TEST_F(predicates_on_postgres, that_have_a_value_for_every_row_are_loaded) {
  for (auto const* predicate :
       {"f = principal.f or shop in (0, 1)", "m = principal.m or shop in (0, 1)", "f = i and shop in (0, 1)", "m = i and shop in (0, 1)", "(f > 1.5 or f <= 1.5) and shop <> 2",
        "exists (select 1 from fine v where v.id = orders.shop and v.name <> 'c')", "exists (select 1 from above_fine v where v.id = orders.shop and v.name in ('a', 'b'))",
        "exists (select 1 from computed v where v.id = orders.shop and v.name <> 'c')", "shop in (select v.id from counted v where v.id < 2)", "a = '1' or shop < 2",
        "n <> all (array[8, 9]) and shop <> 2", "n < any (array[7, null]) and shop <> any (array[2, 2])", "a like any (array['_', 'x%']) and a not like all (array['7', '8'])", "(blurred < any (array['7', '0'])) is null and shop < 2",
        "f between symmetric 6 and 1", "m between symmetric 9 and 0 and not m between symmetric 9 and 7", "(k, shop) is not null and not (a, blurred) is null and shop < 2", "(n = 1::plain or n > 1::plain) and shop < 2",
        "feeling 'sad' = any (array['sad', 'ok']::feeling[]) and shop < 2"}) {
    auto s = session(predicate);
    EXPECT_EQ(through(s, "select id from orders order by id"), (rows{"1|", "2|", "3|", "4|", "5|", "6|"})) << predicate;
    EXPECT_EQ(through(s, "select id from orders where n = 5 order by id"), (rows{"5|"})) << predicate;
  }
}

}  // namespace
