// An explanation says which shape each relation took and what made it so; what it says is looked up in the text that is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "grille/grille.hpp"
#include "postgres/server.hpp"
#include "session_postgres/bookstore.hpp"

namespace {

using grille::principal;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto* rules = R"(
policy p version 1;
protects orders, users, members, titles;
principal has user_id integer;
role reader from group 'readers';
allow reader to select all columns on orders where buyer_id = principal.user_id;
allow reader to select all columns on users where exists (select 1 from members m where m.user_id = users.id and m.of = principal.user_id);
allow public to select all columns on members, titles;
)";
principal reader() { return principal("x").with("user_id", 17).group("readers"); }

struct shape {
  char const* sql;
  std::vector<char const*> orders, users;  // after the label, in order; none: the relation is not read
};

TEST(explain, says_which_shape_was_taken_and_why) {
  testing_postgres::database db;
  db.run("create table users (id int primary key, name text, weight int); create table orders (id int primary key, buyer_id int, total numeric);"
         "create table members (user_id int, of int); create view titles as select id, 1 / id as share from orders");
  grille::postgres::database const database(db.conninfo(), grille::policy_set::parse(rules, "p.grille", {}, grille::dialect::postgresql), {.explain = true});
  auto session = database.session(reader());
  auto const* plain = "plain: nothing beside the guard can fail on a hidden row";
  for (auto const& e : {shape{"select id from orders where total > 5", {plain}, {}}, shape{"select id, name from users where name like 'A%'", {}, {plain}},
                        shape{"select 1 / total from orders", {plain}, {}},  // late: of rows that every condition has let through
                        shape{"select id from orders where 1 / total > 5", {"fenced by a witness: arithmetic"}, {}},
                        shape{"select id from users where 1 / weight > 5", {}, {"fenced by a witness: arithmetic"}},
                        shape{"select o.id from orders o join users u on 1 / (o.id - 2) = u.id",
                              {"fenced by a witness: arithmetic"},
                              {"fenced by a witness: arithmetic", "held at the scan: arithmetic in a condition of a join"}},
                        shape{"select u.id from users u join (select user_id, 1 / of as y from members) m on m.user_id = u.id where m.y > 0",
                              {},
                              {"fenced by a witness: arithmetic", "held at the scan: arithmetic in a query of the `from` clause"}},
                        shape{"with m as (select user_id from members where 1 / of > 0) select u.id from users u join m on m.user_id = u.id",
                              {},
                              {"held at the scan: arithmetic in a common table"}},
                        shape{"select u.id from users u join titles t on t.id = u.id", {}, {plain}},
                        shape{"select u.id from users u join titles t on t.share = u.id",
                              {},
                              {"fenced by a witness: what a view computes", "held at the scan: what a view computes in a condition of a join"}}}) {
    auto const said = session.explain(e.sql);
    auto const of = [&](std::string const& table) {
      std::vector<std::string> found;
      auto at = said.text.find("\n" + table);
      if (at == std::string::npos) return found;
      auto const section = said.text.substr(at, said.text.find("\n\n", at) - at);
      std::regex const line("  shape +(.*)");
      for (std::sregex_iterator i(section.begin(), section.end(), line), end; i != end; ++i) found.push_back((*i)[1]);
      return found;
    };
    EXPECT_EQ(of("orders"), std::vector<std::string>(e.orders.begin(), e.orders.end())) << said.text;
    EXPECT_EQ(of("users"), std::vector<std::string>(e.users.begin(), e.users.end())) << said.text;
    EXPECT_THAT(said.text, AllOf(HasSubstr("\n  $1  "), Not(HasSubstr("?1"))));
  }
  EXPECT_THAT(session.explain("select of from members").text, HasSubstr("plain: all of its rows are open"));
}

/// By the text that is sent, and not by what was decided.
TEST(explain, says_what_is_in_the_statement) {
  testing_postgres::database db;
  db.run(bookstore::definitions(grille::dialect::postgresql));
  grille::postgres::database const database(db.conninfo(), bookstore::policies(grille::dialect::postgresql), {.explain = true});
  std::regex const held(R"re(\) is true(?! as "(ok|may)"))re");
  int explained = 0, fenced = 0;
  for (auto const& s : bookstore::statements())
    for (auto const& who : bookstore::callers()) {
      nlohmann::json said;
      std::string sql;
      try {
        auto const e = database.explain(bookstore::principal_of(who), s.sql, s.parameters);
        said = nlohmann::json::parse(e.json);
        sql = e.sql;
      } catch (grille::error const&) {
        continue;
      }
      bool witness = false, scan = false;
      for (auto const& r : said["relations"]) {
        witness = witness || r["fenced"].get<bool>();
        scan = scan || r["held"].get<bool>();
        EXPECT_EQ(r["why_fenced"] != "", r["fenced"]);
        EXPECT_EQ(r["why_held"] != "", r["held"]);
      }
      EXPECT_EQ(witness, sql.find("as \"ok\"") != sql.npos) << sql;
      EXPECT_EQ(scan, std::regex_search(sql, held)) << sql;
      ++explained;
      fenced += witness ? 1 : 0;
    }
  EXPECT_GT(explained, 70);
  EXPECT_GT(fenced, 3);
}

}  // namespace
