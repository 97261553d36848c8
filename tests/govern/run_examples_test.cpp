// What `can` and `cannot` mean, one example at a time: which hold, which fail, and with what reason.
#include "govern/run_examples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grille/schema.hpp"

namespace {

using namespace grille;
using testing::HasSubstr;
using outcome = govern::example::outcome;

constexpr auto* tables =
    "create table people (id integer primary key, name text not null, email text, salary integer, team text not null, score real);"
    "create view names as select id, name from people;"
    "create table logs (id integer primary key); create table logs_kept (id integer not null, grille_number integer primary key, grille_at text, grille_by text, grille_for text,"
    " grille_policy text, grille_method text);";
constexpr auto* policy_text =
    "policy p version 1; owner 'o' contact 'c';\n"
    "protects people, names;\n"
    "principal has user_id integer, ratio numeric optional;\n"
    "context has network text optional;\n"
    "role member from group 'staff';\n"
    "role lead per team text;\n"
    "role auditor from user 'u-9';\n"
    "role finder;\n"
    "projection contact on people shows id, name, email masked as substr(email, 1, 1) || '***';\n"
    "allow member to select (id, name) on people;\n"
    "allow member to select (salary) on people where id = principal.user_id;\n"
    "allow lead to select contact on people where team = scope.team;\n"
    "allow lead to select (score) on people where team = scope.team when context.network = 'internal';\n"
    "allow auditor to aggregate (salary) over at least 3 on people;\n"
    "role counter from user 'u-10';\n"
    "allow counter to aggregate (team) over at least 4 on people;\n"
    "allow finder to filter (email) on people;\n"
    "allow finder to select (id) on people;\n"
    "allow public to select (name) on names;\n"
    "allow lead to update (name, team) on people where team = scope.team;\n"
    "allow lead to delete on people where team = scope.team and salary > 10;\n"
    "allow member to insert (id, name, team) on people so that team <> 'blue';\n"
    "protects logs, logs_kept; keep history of logs in logs_kept;\n"
    "allow member to select (id), delete on logs;\n"
    "allow member to purge on logs where id < 3;\n"
    "given logs (id) values (1), (3);\n"
    "given people (id, name, email, salary, team, score) values\n"
    "  (1, 'Ann', 'ann@x', 10, 'red', 0.5), (2, 'Bob', 'bob@x', 20, 'red', 1), (3, 'Cid', null, 30, 'blue', null);\n"
    "given names (id, name) values (1, 'Ann');\n"
    "caller ann  is member with user_id = 1;\n"
    "caller rita is lead (team = 'red') with user_id = 7, ratio = 1.5;\n"
    "caller aud  is auditor with user_id = 9;\n"
    "caller cora is counter with user_id = 10;\n"
    "caller finn is finder with user_id = 8;\n"
    "caller none is lead (team = 'green') with user_id = -1;\n";

struct expectation {
  char const* sentence;
  outcome which;
  char const* reason;
};
std::ostream& operator<<(std::ostream& out, expectation const& e) { return out << e.sentence; }

class example : public testing::TestWithParam<expectation> {};

TEST_P(example, holds_or_fails_with_its_reason) {
  auto const& e = GetParam();
  auto const set = policy_set::parse(policy_text + std::string(e.sentence), "p.grille");
  auto const run = govern::run_examples(set, *schema::parse(tables).tables());
  ASSERT_EQ(run.examples.size(), 1U);
  auto const& got = run.examples.front();
  EXPECT_EQ(static_cast<int>(got.which), static_cast<int>(e.which)) << got.reason;
  if (*e.reason != '\0') EXPECT_THAT(got.reason, HasSubstr(e.reason));
  else EXPECT_EQ(got.reason, "");
  EXPECT_EQ(got.file, "p.grille");
  EXPECT_EQ(got.text, e.sentence);
}

INSTANTIATE_TEST_SUITE_P(
    select, example,
    testing::Values(expectation{"expect ann can select (id, name) on people;", outcome::holds, ""},
                    expectation{"expect ann can select (name) on people where id = 3;", outcome::holds, ""},
                    expectation{"expect ann can select (salary) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can select (salary as 10) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can select (salary as 11) on people where id = 1;", outcome::fails, "shown as 10"},
                    expectation{"expect ann can select (salary) on people where id = 2;", outcome::fails, "withheld"},
                    expectation{"expect ann can select (salary) on people;", outcome::fails, "withheld"},
                    expectation{"expect ann cannot select (salary) on people;", outcome::fails, "gets `salary`: 10"},
                    expectation{"expect ann cannot select (salary) on people where id = 2;", outcome::holds, ""},
                    expectation{"expect ann cannot select (email) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can select (email) on people where id = 1;", outcome::fails, "hidden"},
                    expectation{"expect ann cannot select (email, name) on people where id = 1;", outcome::fails, "gets `name`: 'Ann'"},
                    expectation{"expect ann can select (id) on people where id = 99;", outcome::fails, "no such row"},
                    expectation{"expect ann cannot select (email) on people where id = 99;", outcome::fails, "no given row"},
                    expectation{"expect ann cannot select (name) on people where email = 'ann@x';", outcome::fails, "name the rows by columns it sees"},
                    expectation{"expect ann cannot select (email) on people where email = 'ann@x';", outcome::holds, ""}));
INSTANTIATE_TEST_SUITE_P(
    masks, example,
    testing::Values(expectation{"expect rita can select (email as 'a***') on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita can select (email as 'ann@x') on people where id = 1;", outcome::fails, "shown as 'a***'"},
                    expectation{"expect rita can select (email) on people where id = 1;", outcome::fails, "masked as 'a***'"},
                    expectation{"expect rita cannot select (email) on people where id = 1;", outcome::fails, "masked as 'a***'"},
                    expectation{"expect rita cannot select (email as 'ann@x') on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita cannot select (email as 'a***') on people where id = 1;", outcome::fails, "gets `email`"}));
INSTANTIATE_TEST_SUITE_P(
    scopes_and_context, example,
    testing::Values(expectation{"expect rita can select (name) on people where id = 2;", outcome::holds, ""},
                    expectation{"expect rita cannot select (name) on people where id = 3;", outcome::holds, ""},
                    expectation{"expect rita cannot select (score) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita with network = 'internal' can select (score) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita with network = 'cafe' cannot select (score) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect none cannot select (name) on people where id = 1;", outcome::holds, ""}));
INSTANTIATE_TEST_SUITE_P(
    uses, example,
    testing::Values(expectation{"expect aud can aggregate (salary) on people;", outcome::holds, ""},
                    expectation{"expect aud cannot aggregate (salary) on people;", outcome::fails, "gets `salary`: 3"},
                    expectation{"expect cora can aggregate (team) on people;", outcome::fails, "suppressed"},
                    expectation{"expect cora cannot aggregate (team) on people;", outcome::holds, ""},
                    expectation{"expect aud cannot aggregate (email) on people;", outcome::holds, ""},
                    expectation{"expect aud cannot select (salary) on people;", outcome::holds, ""},
                    expectation{"expect finn can filter (email) on people;", outcome::holds, ""},
                    expectation{"expect finn cannot select (email) on people;", outcome::holds, ""},
                    expectation{"expect finn cannot filter (salary) on people;", outcome::holds, ""},
                    expectation{"expect ann can filter (email) on people;", outcome::fails, "hidden"}));
INSTANTIATE_TEST_SUITE_P(
    the_rest, example,
    testing::Values(expectation{"expect ann can delete on logs where id = 1;", outcome::holds, ""},
                    expectation{"expect ann cannot delete on logs where id = 1;", outcome::fails, "1 row is written"},
                    expectation{"expect ann cannot delete on logs_kept;", outcome::holds, ""},
                    expectation{"expect ann can delete on logs_kept;", outcome::fails, "a history is written with its table"},
                    expectation{"expect ann can purge on logs_kept;", outcome::fails, "a history is written with its table"},
                    expectation{"expect ann can purge on logs where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can purge on logs where id in (1, 3);", outcome::fails, "1 of the 2 rows"},
                    expectation{"expect ann can purge on logs;", outcome::fails, "1 of the 2 rows"},
                    expectation{"expect ann can purge on logs where id = 3;", outcome::fails, "0 of the 1 rows"},
                    expectation{"expect ann cannot purge on logs where id = 3;", outcome::holds, ""},
                    expectation{"expect ann cannot purge on logs where id = 1;", outcome::fails, "1 row is written"},
                    expectation{"expect ann cannot purge on logs where id = 9;", outcome::fails, "no given row"},
                    expectation{"expect ann can purge (id) on logs;", outcome::fails, "`purge` is of rows, and names no columns"},
                    expectation{"expect rita cannot purge on logs where id = 1;", outcome::holds, ""},
                    expectation{"expect ann cannot purge on people where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can select (name) on names;", outcome::holds, ""},
                    expectation{"expect ann cannot select (id) on names where name = 'Ann';", outcome::holds, ""}));

INSTANTIATE_TEST_SUITE_P(
    writes, example,
    testing::Values(expectation{"expect rita can update (name = 'Zoe') on people where id = 2;", outcome::holds, ""},
                    expectation{"expect rita can update (name) on people where id = 2;", outcome::holds, ""},
                    expectation{"expect rita can update (name = 'Zoe') on people where id in (1, 2);", outcome::holds, ""},
                    expectation{"expect rita can update (name = 'Zoe') on people where id > 1;", outcome::fails, "1 of the 2 rows"},
                    expectation{"expect rita can update (name = 'Zoe') on people where id = 3;", outcome::fails, "0 of the 1 rows"},
                    expectation{"expect rita cannot update (name = 'Zoe') on people where id = 3;", outcome::holds, ""},
                    expectation{"expect rita cannot update (name = 'Zoe') on people where id = 2;", outcome::fails, "1 row is written"},
                    expectation{"expect rita cannot update (name = 'Zoe') on people where id = 99;", outcome::fails, "no given row"},
                    expectation{"expect rita can update (team = 'blue') on people where id = 1;", outcome::fails, "check_failed"},
                    expectation{"expect rita cannot update (team = 'blue') on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita cannot update (score = 1) on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita cannot update (name = 'Zoe') on people where salary = 10;", outcome::fails, "name the rows by columns it sees"},
                    expectation{"expect rita can delete on people where id = 2;", outcome::holds, ""},
                    expectation{"expect rita cannot delete on people where id = 1;", outcome::holds, ""},
                    expectation{"expect rita can delete on people where id = 1;", outcome::fails, "0 of the 1 rows"},
                    expectation{"expect ann cannot delete on people where id = 1;", outcome::holds, ""},
                    expectation{"expect ann can insert (id = 9, name = 'New', team = 'red') on people;", outcome::holds, ""},
                    expectation{"expect ann cannot insert (id = 9, name = 'New', team = 'blue') on people;", outcome::holds, ""},
                    expectation{"expect ann cannot insert (id = 9, name = 'New', team = 'red') on people;", outcome::fails, "1 row is written"},
                    expectation{"expect ann can insert (id = 1, name = 'New', team = 'red') on people;", outcome::fails, "conflict"},
                    expectation{"expect ann can insert (name) on people;", outcome::fails, "say what `name` is to be"},
                    expectation{"expect rita cannot insert (name = 'x') on people;", outcome::holds, ""}));

TEST(examples, writes_are_undone_before_the_next_is_tried) {
  auto const set = policy_set::parse(policy_text + std::string("expect rita can delete on people where id = 2; expect rita can delete on people where id = 2;"
                                                               "expect ann can select (name) on people where id = 2;"), "p.grille");
  EXPECT_EQ(govern::run_examples(set, *schema::parse(tables).tables()).count(outcome::holds), 3U);
}
TEST(examples, a_given_row_that_cannot_be_stored_is_told) {
  auto const set = policy_set::parse(policy_text + std::string("given people (id, name) values (1, 'Twice');"), "p.grille");
  EXPECT_THROW((void)govern::run_examples(set, *schema::parse(tables).tables()), usage_error);
}
/// As README.md says: of the policy is asked, not of keys to other tables, checks and triggers.
TEST(examples, are_of_the_policy_and_of_no_constraint_but_the_primary_key) {
  auto const set = policy_set::parse(policy_text + std::string("expect rita can delete on people where id = 2; expect ann can insert (id = 9, name = 'Bob', team = 'red') on people;"), "p.grille");
  auto const kept = std::string(tables) + "create table pets (id integer primary key, person integer not null references people (id));"
                                          "create unique index one_name on people (name);"
                                          "create trigger none before delete on people begin select raise(abort, 'no'); end;";
  EXPECT_EQ(govern::run_examples(set, *schema::parse(kept).tables()).count(outcome::holds), 2U);
  auto const owned = policy_set::parse(policy_text + std::string("protects pets; allow lead to select (id) on pets; given pets (id, person) values (1, 2), (2, 99);"
                                                                 "expect rita can delete on people where id = 2;"), "p.grille");
  EXPECT_EQ(govern::run_examples(owned, *schema::parse(kept).tables()).count(outcome::holds), 1U) << "whose pet refers to him";
}
TEST(examples, are_counted_by_outcome) {
  auto const set = policy_set::parse(policy_text + std::string("expect ann can delete on logs_kept; expect ann can select (id) on people;"), "p.grille");
  auto const run = govern::run_examples(set, *schema::parse(tables).tables());
  EXPECT_EQ(run.count(outcome::holds), 1U);
  EXPECT_EQ(run.count(outcome::not_checked), 0U);
  EXPECT_EQ(run.count(outcome::fails), 1U);
}

}  // namespace
