// SQLite: a predicate that could fail on a row is refused, in the views that it reads too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <string>

#include "policy/fixture.hpp"

namespace grille::policy::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view shops = R"(
  create table orders (id integer primary key, shop integer, doc text, least integer, kept integer as (coalesce(least, 0)) stored);
  create table shops (id integer primary key, least integer, name text);
  create view computed as select id, name, abs(least) as y from shops;
  create view "named as" ("as", other) as select id, abs(least) from shops /* as */;
  create view asks as select id from shops where abs(least) > 0;
  create view above as select id, name, y from computed;
  create view grouped as select id, max(abs(least)) as y from shops group by id;
  create view fine as select id, name from shops where least is not null;
  create view above_fine as select f.id, f.name from fine f join shops s on s.id = f.id;
)";
constexpr std::string_view hidden_row = R"(
  insert into orders (id, shop, doc, least) values (7, 2, 'no document', -9223372036854775808);
  insert into shops values (2, -9223372036854775808, 'c');
)";

/// A row that it has no value for comes into a table before such a column does.
constexpr std::string_view lost = "lost integer as (abs(least)) virtual";
std::string with_the_generated_column() {
  std::string text(shops);
  return text.insert(text.find("kept integer"), std::string(lost) + ", ");
}

std::string first_fault(std::string const& predicate) {
  static auto const c = introspect::read_sqlite_schema(with_the_generated_column()).value();
  auto const text = "policy p version 1; owner 'o' contact 'c'; protects orders, shops, computed, \"named as\", asks, above, grouped, fine, above_fine; role r; "
                    "allow r to select (id) on orders where " + predicate + ";";
  base::arena memory;
  auto const parsed = grammar::parse_policy(text, dialect::sqlite, memory);
  if (!parsed.faults.empty()) return parsed.faults.front().message;
  source_file file{"a.grille", text, parsed.file, {}, false};
  auto const made = compile({file}, c);
  return made.faults.empty() ? "" : made.faults.front().message;
}

/// What SQLite says to `predicate`, asked of the hidden row alone.
std::string asked_of_the_hidden_row(std::string const& predicate) {
  sqlite3* made = nullptr;
  sqlite3_open(":memory:", &made);
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> const db(made, sqlite3_close);
  for (auto const& text : {std::string(shops), std::string(hidden_row), "alter table orders add column " + std::string(lost)}) EXPECT_EQ(sqlite3_exec(made, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(made);
  auto const done = sqlite3_exec(made, ("select id from orders where " + predicate + " and id = 7").c_str(), nullptr, nullptr, nullptr);
  return done == SQLITE_OK ? "" : sqlite3_errmsg(made);
}

struct fails {
  std::string predicate, message;
};

TEST(predicates, that_can_fail_on_a_row_are_refused) {
  for (auto const& [predicate, message] : {
           fails{"abs(least) > 0", "`abs` can fail on a row"},
           fails{"doc ->> 'a' = 'b'", "`->` can fail on a row"},
           fails{"lost > 0", "the generated column `lost` can fail on a row"},
           fails{"exists (select 1 from json_each(orders.doc))", "`json_each` can fail on a row"},
           fails{"exists (select 1 from computed v where v.id = orders.shop and v.y > 0)", "`abs` in view `computed` can fail on a row"},
           fails{"exists (select 1 from \"named as\" v where v.\"as\" = orders.shop and v.other > 0)", "`abs` in view `named as` can fail on a row"},
           fails{"exists (select 1 from asks v where v.id = orders.shop)", "`abs` in view `asks` can fail on a row"},
           fails{"exists (select 1 from above v where v.id = orders.shop and v.y > 0)", "`abs` in view `computed` can fail on a row"},
           fails{"exists (select 1 from grouped v where v.id = orders.shop)", "`abs` in view `grouped` can fail on a row"},
           fails{"shop in (select id from asks)", "`abs` in view `asks` can fail on a row"},
       }) {
    EXPECT_THAT(first_fault(predicate), HasSubstr(message)) << predicate;
    EXPECT_NE(asked_of_the_hidden_row(predicate), "") << predicate << " is refused without a reason";
  }
}

TEST(predicates, that_have_a_value_for_every_row_are_not) {
  for (auto const* predicate : {"least > 0", "kept > 0", "exists (select 1 from computed v where v.id = orders.shop and v.name = 'c')",
                                "exists (select 1 from fine v where v.id = orders.shop)", "exists (select 1 from above_fine v where v.id = orders.shop and v.name = 'c')",
                                "shop in (select v.id from above v where v.name = 'c')"}) {
    EXPECT_EQ(first_fault(predicate), "") << predicate;
    EXPECT_EQ(asked_of_the_hidden_row(predicate), "") << predicate;
  }
}

}  // namespace
}  // namespace grille::policy::testing
