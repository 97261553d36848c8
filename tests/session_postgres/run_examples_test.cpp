// A policy's examples on a server: the outcomes that SQLite gives for the same policy, of no row but those given, and nothing left behind.
#include "govern/run_examples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grille/grille.hpp"
#include "postgres/schema_mark.hpp"
#include "postgres/server.hpp"

namespace {

using namespace grille;
using outcome = govern::example::outcome;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto* tables =
    "create table people (id integer primary key, name text not null, email text, salary integer, team text not null, born date, score real);"
    "create view names as select id, name from people;";
constexpr auto* policy_text =
    "policy p version 1; owner 'o' contact 'c';\n"
    "protects people, names;\n"
    "principal has user_id integer;\n"
    "context has network text optional;\n"
    "role member from group 'staff';\n"
    "role lead per team text;\n"
    "role finder;\n"
    "projection contact on people shows id, name, born, email masked as substr(email, 1, 1) || '***';\n"
    "allow member to select (id, name) on people;\n"
    "allow member to select (salary) on people where id = principal.user_id;\n"
    "allow lead to select contact on people where team = scope.team;\n"
    "allow lead to select (score) on people where team = scope.team when context.network = 'internal';\n"
    "allow finder to filter (email) on people;\n"
    "allow finder to select (id) on people;\n"
    "allow public to select (name) on names;\n"
    "given people (id, name, email, salary, team, born, score) values\n"
    "  (1, 'Ann', 'ann@x', 10, 'red', '2000-02-29', 0.5), (2, 'Bob', 'bob@x', 20, 'red', null, 1), (3, 'Cid', null, 30, 'blue', null, null);\n"
    "given names (id, name) values (1, 'Ann');\n"
    "caller ann  is member with user_id = 1;\n"
    "caller rita is lead (team = 'red') with user_id = 7;\n"
    "caller finn is finder with user_id = 8;\n"
    "caller none is lead (team = 'green') with user_id = -1;\n";
constexpr auto* expectations =
    "expect ann can select (id, name) on people;\n"
    "expect ann can select (name) on people where id = 3;\n"
    "expect ann can select (salary as 10) on people where id = 1;\n"
    "expect ann can select (salary as 11) on people where id = 1;\n"
    "expect ann can select (salary) on people where id = 2;\n"
    "expect ann can select (salary) on people;\n"
    "expect ann cannot select (salary) on people;\n"
    "expect ann cannot select (salary) on people where id = 2;\n"
    "expect ann cannot select (email) on people where id = 1;\n"
    "expect ann can select (email) on people where id = 1;\n"
    "expect ann can select (id) on people where id = 99;\n"
    "expect ann cannot select (id) on people where id = 99;\n"
    "expect ann cannot select (name) on people where email = 'ann@x';\n"
    "expect rita can select (email as 'a***') on people where id = 1;\n"
    "expect rita can select (email) on people where id = 1;\n"
    "expect rita cannot select (email as 'ann@x') on people where id = 1;\n"
    "expect rita can select (born as '2000-02-29') on people where id = 1;\n"
    "expect rita can select (born as '2000-03-01') on people where id = 1;\n"
    "expect rita can select (name) on people where id in (1, 2);\n"
    "expect rita cannot select (name) on people where id = 3;\n"
    "expect rita cannot select (score) on people where id = 1;\n"
    "expect rita with network = 'internal' can select (score) on people where id = 1;\n"
    "expect none cannot select (name) on people where id = 1;\n"
    "expect finn can filter (email) on people;\n"
    "expect finn cannot filter (salary) on people;\n"
    "expect ann can filter (email) on people;\n"
    "expect ann can select (name) on names;\n"
    "expect ann cannot select (id) on names where name = 'Ann';\n";

policy_set parsed(std::string const& text, dialect d = dialect::postgresql) { return policy_set::parse(text, "p.grille", {}, d); }

class examples_on_a_server : public testing::Test {
 protected:
  examples_on_a_server() {
    db.run(tables);
    db.run("insert into people values (99, 'Real', 'real@x', 1, 'red', null, 1), (1, 'Other', 'other@x', 11, 'green', null, 1)");
  }
  std::string mark() { return db.value(std::string(postgres::schema_mark)); }
  std::string failure(std::string const& text, std::string_view user = "postgres") {
    try {
      govern::run_examples(parsed(text), db.conninfo(user));
    } catch (error const& e) {
      return std::string(to_string(e.kind())) + ": " + e.what();
    }
    return "nothing";
  }
  testing_postgres::database db;
};

TEST_F(examples_on_a_server, end_as_on_sqlite) {
  auto const text = std::string(policy_text) + expectations;
  auto const before = mark();
  auto const got = govern::run_examples(parsed(text), db.conninfo());
  auto const expected = govern::run_examples(parsed(text, dialect::sqlite), *schema::parse(tables).tables());
  ASSERT_EQ(got.examples.size(), expected.examples.size());
  for (std::size_t i = 0; i < got.examples.size(); ++i) {
    EXPECT_EQ(static_cast<int>(got.examples[i].which), static_cast<int>(expected.examples[i].which)) << got.examples[i].text << got.examples[i].reason;
    // a date is told as one, and SQLite has none
    EXPECT_TRUE(got.examples[i].reason == expected.examples[i].reason || got.examples[i].text.find("born") != std::string::npos) << got.examples[i].reason;
  }
  EXPECT_GT(got.count(outcome::holds), 12U);
  EXPECT_GT(got.count(outcome::fails), 8U);
  EXPECT_EQ(mark(), before) << "nothing is left";
  EXPECT_EQ(db.value("select count(*) from pg_namespace where nspname like 'grille%'"), "0");
  EXPECT_EQ(db.value("select string_agg(name, ' ' order by id) from people"), "Other Real");
}

TEST_F(examples_on_a_server, of_writes_end_as_on_sqlite_and_leave_nothing) {
  auto const text = std::string(policy_text) +
                    "allow member to update (name, team) on people where id = principal.user_id so that team is not null;\n"
                    "allow member to delete on people where id = principal.user_id;\n"
                    "allow lead to insert (id, name, team) on people so that team = scope.team;\n"
                    "expect ann can update (name = 'Zoe') on people where id = 1;\n"
                    "expect ann cannot update (name = 'Zoe') on people where id = 1;\n"
                    "expect ann can update (name = 'Zoe') on people where id = 2;\n"
                    "expect ann cannot update (name) on people where id = 2;\n"
                    "expect ann cannot update (team = null) on people where id = 1;\n"
                    "expect ann cannot update (salary) on people where id = 1;\n"
                    "expect ann can delete on people where id = 1;\n"
                    "expect ann can delete on people where id > 0;\n"
                    "expect ann cannot insert (id = 9, name = 'New', team = 'red') on people;\n"
                    "expect rita can insert (id = 9, name = 'New', team = 'red') on people;\n"
                    "expect rita cannot insert (id = 9, name = 'New', team = 'blue') on people;\n"
                    "expect rita can insert (id = 1, name = 'New', team = 'red') on people;\n"
                    "expect ann can select (name) on people where id = 1;\n";
  auto const before = mark();
  auto const got = govern::run_examples(parsed(text), db.conninfo());
  auto const expected = govern::run_examples(parsed(text, dialect::sqlite), *schema::parse(tables).tables());
  ASSERT_EQ(got.examples.size(), expected.examples.size());
  for (std::size_t i = 0; i < got.examples.size(); ++i) {
    EXPECT_EQ(static_cast<int>(got.examples[i].which), static_cast<int>(expected.examples[i].which)) << got.examples[i].text << got.examples[i].reason;
    EXPECT_EQ(got.examples[i].reason, expected.examples[i].reason) << got.examples[i].text;
  }
  EXPECT_EQ(got.count(outcome::holds), 9U);
  EXPECT_EQ(got.count(outcome::fails), 4U);
  EXPECT_EQ(mark(), before) << "nothing is left";
  EXPECT_EQ(db.value("select string_agg(name, ' ' order by id) from people"), "Other Real");
}

TEST_F(examples_on_a_server, are_of_the_policy_and_of_no_constraint_but_the_primary_key) {
  db.run("create table pets (id integer primary key, person integer not null references people (id)); alter table people add unique (name), add check (name <> 'Bob')");
  auto const text = std::string(policy_text) + "protects pets; allow lead to select (id) on pets; given pets (id, person) values (1, 2), (2, 99);\n"
                                               "allow lead to delete on people where team = scope.team; allow lead to insert (id, name, team) on people so that team = scope.team;\n"
                                               "expect rita can delete on people where id = 2; expect rita can insert (id = 9, name = 'Bob', team = 'red') on people;";
  EXPECT_EQ(govern::run_examples(parsed(text), db.conninfo()).count(outcome::holds), 2U);
}

TEST_F(examples_on_a_server, purge_what_may_be_and_undo_it) {
  db.run("create table logs (id integer primary key); insert into logs values (77); create table logs_kept (id integer not null, grille_number bigint generated always as identity primary key,"
         " grille_at timestamptz, grille_by text, grille_for text, grille_policy text, grille_method text)");
  std::string const text = std::string(policy_text) + "protects logs, logs_kept; keep history of logs in logs_kept;\n"
                                                      "allow member to select (id), delete on logs; allow member to purge on logs where id < 3;\n"
                                                      "given logs (id) values (1), (3);\n"
                                                      "expect ann can purge on logs where id = 1;\n"
                                                      "expect ann cannot purge on logs where id = 3;\n"
                                                      "expect ann can purge on logs;\n"
                                                      "expect rita cannot purge on logs where id = 1;\n"
                                                      "expect ann can delete on logs;\n";
  auto const run = govern::run_examples(parsed(text), db.conninfo());
  ASSERT_EQ(run.examples.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(run.examples[i].which == outcome::holds, i != 2) << run.examples[i].text << run.examples[i].reason;
  EXPECT_THAT(run.examples[2].reason, HasSubstr("1 of the 2 rows"));
  EXPECT_EQ(db.value("select concat((select string_agg(id::text, ' ') from logs), (select count(*) from logs_kept))"), "770");
}

TEST_F(examples_on_a_server, count_what_postgresql_does_not_do_apart) {
  auto const run = govern::run_examples(parsed(std::string(policy_text) + "allow finder to aggregate (salary) over at least 2 on people;\n"
                                                                          "expect finn can select (id) on people where id = (select count(*) from people tablesample system (10));\nexpect finn can select (id) on people;\n"
                                                                          "expect finn can aggregate (salary) on people;\nexpect finn cannot aggregate (salary) on people where id = 1;\n"),
                                        db.conninfo());
  ASSERT_EQ(run.examples.size(), 4U);
  for (auto const i : {2U, 3U}) EXPECT_EQ(static_cast<int>(run.examples[i].which), static_cast<int>(outcome::holds)) << run.examples[i].text << run.examples[i].reason;
  EXPECT_EQ(static_cast<int>(run.examples[0].which), static_cast<int>(outcome::not_checked));
  EXPECT_THAT(run.examples[0].reason, HasSubstr("unsupported: "));
  EXPECT_EQ(static_cast<int>(run.examples[1].which), static_cast<int>(outcome::holds)) << "an error of one does not end the others";
}

TEST_F(examples_on_a_server, a_statement_that_the_server_refuses_ends_no_other) {
  auto const run = govern::run_examples(parsed(std::string(policy_text) + "expect ann can select (name) on people where 1 / (id - id) > 0;\n"
                                                                          "expect ann can select (name) on people where id = 1;\n"),
                                        db.conninfo());
  EXPECT_EQ(static_cast<int>(run.examples.at(0).which), static_cast<int>(outcome::fails));
  EXPECT_THAT(run.examples.at(0).reason, StartsWith("type: "));
  EXPECT_EQ(static_cast<int>(run.examples.at(1).which), static_cast<int>(outcome::holds)) << run.examples.at(1).reason;
}

TEST_F(examples_on_a_server, reach_no_table_of_the_applications) {
  for (auto const* where : {"id in (select id from public.people)", "exists (select 1 from public.people p where p.id = 99)"}) {
    auto const run = govern::run_examples(parsed(std::string(policy_text) + "expect ann can select (name) on people where " + where + ";\n"), db.conninfo());
    EXPECT_EQ(static_cast<int>(run.examples.at(0).which), static_cast<int>(outcome::fails)) << where;
    EXPECT_THAT(run.examples.at(0).reason, testing::AnyOf(StartsWith("not_found: "), StartsWith("syntax: "), HasSubstr("hidden"))) << where;
  }
  auto const sleeps = govern::run_examples(parsed(std::string(policy_text) + "expect ann can select (name) on people where pg_sleep(0) is not null;\n"), db.conninfo());
  EXPECT_EQ(sleeps.examples.at(0).reason, "unsupported: function `pg_sleep` is not allowed");
  for (auto const* v : {"(select name from public.people where id = 99)", "current_setting('data_directory')"})
    EXPECT_THAT(failure(std::string(policy_text) + "given people (id, team, name) values (7, 'red', " + v + ");"), testing::Not("nothing")) << v;
  auto const computed = govern::run_examples(parsed(std::string(policy_text) + "given people (id, team, name, born) values (-7, 'red', lower('AB'), current_date);\n"
                                                                               "expect ann can select (name as 'ab') on people where id = -7;\n"), db.conninfo());
  EXPECT_EQ(computed.count(outcome::holds), 1U);
  EXPECT_THAT(failure("policy p version 1; protects public.people;"), StartsWith("unsupported: p.grille:1: examples on PostgreSQL"));
  EXPECT_THAT(failure(std::string(policy_text) + "given public.people (id, name, team) values (5, 'x', 'y');"), StartsWith("unsupported: "));
  EXPECT_THAT(failure(std::string(policy_text) + "expect ann can select (name) on public.people;"), StartsWith("unsupported: "));
  EXPECT_THAT(failure(std::string(policy_text) + "given people (id, name, team) values (1, 'Twice', 'red');"), StartsWith("usage: the examples cannot be set up"));
  db.run("create role examples_reader login; grant select on all tables in schema public to examples_reader");
  EXPECT_EQ(failure(policy_text, "examples_reader"), "forbidden: the examples need a schema of their own, which its role may not make in this database");
  db.run("drop owned by examples_reader; drop role examples_reader");
  EXPECT_EQ(failure(policy_text), "nothing");
  EXPECT_EQ(db.value("select string_agg(name, ' ' order by id) from people"), "Other Real");
}

}  // namespace
