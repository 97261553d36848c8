// `for update` and its kin: what is locked is what the caller may see and change, no more; a hidden row is neither locked nor waited for, whatever
// the plan. What is locked is read off the server by another connection; what should be is written by hand, or is what the server's own row-level
// security locks under the same policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "enforce_postgres/answers.hpp"
#include "grammar/parse.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "introspect/postgres/read.hpp"
#include "policy/access.hpp"
#include "policy/compile.hpp"
#include "postgres/server.hpp"
#include "session/pipeline.hpp"

namespace {

using namespace grille;
using answers::through;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char const* schema = R"(
create table jobs (id int primary key, owner_id int, state text, n int, note text);
insert into jobs values (1, 17, 'new', 1, 'a'), (2, 17, 'new', 2, 'b'), (3, 18, 'new', 0, 'CANARY'), (4, 17, 'done', 5, 'c'), (5, 18, 'new', 7, 'CANARY');
insert into jobs select g, 18, 'new', 0, 'CANARY' from generate_series(200, 500) g;
create table members (job_id int, user_id int);
insert into members values (1, 17), (2, 17), (4, 17), (3, 18);
create table lines (id int primary key, job_id int, x int);
insert into lines values (10, 1, 2), (11, 2, 1), (12, 3, 0), (13, 5, 7);
create table free (id int primary key, v int); insert into free values (1, 1), (2, 2), (7, 7), (9, 0);
create table parts (id int, k int) partition by list (k);
create table parts_1 partition of parts for values in (1); create table parts_2 partition of parts for values in (2);
insert into parts values (1, 1), (2, 2);
analyze;
create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
create table kept_far (id int, k int) partition by list (k);
create foreign table kept_far_1 partition of kept_far for values in (1) server far;
create view all_jobs as select * from jobs;
)";
constexpr char const* rules = R"(
policy work version 1;
owner 'tests' contact 'tests';
protects jobs, lines, free, parts, kept_far, all_jobs, members;
principal has user_id integer;
role worker; role reader; role member; role either; role remover; role clerk per owner_id integer; role masked_role; role counter;
allow worker to select (id, owner_id, state, n), update (state) on jobs where owner_id = principal.user_id;
allow worker to select (id, job_id, x), update (x) on lines where exists (select 1 from members m where m.job_id = lines.job_id and m.user_id = principal.user_id);
allow worker to select (id, v), update (v) on free;
allow worker to select (id, k), update (id), delete on parts where k = 2;
allow worker to select (id, k), update (id) on kept_far where k = 1;
allow worker to select (id) on all_jobs;
allow reader to select all columns on jobs;
allow reader to select (id), insert (id) on lines;
allow member to select (id, state, n) on jobs where exists (select 1 from members m where m.job_id = jobs.id and m.user_id = principal.user_id);
allow member to update (state) on jobs where state = 'new';
allow either to select (id, state, n) on jobs where n = 7 or owner_id = 17;
allow either to update (state) on jobs where n = 5 or (state = 'new' and n > 1);
allow remover to select (id, n) on jobs;
allow remover to delete on jobs where id = 2;
allow clerk to select (id, state, n), update (state) on jobs where owner_id = scope.owner_id;
projection hint on jobs shows id, note masked as substr(note, 1, 1);
allow masked_role to select hint on jobs;
allow masked_role to update (state) on jobs where owner_id = 17;
allow counter to aggregate (n) over at least 2 on jobs;
allow counter to update (n) on jobs;
restrict update, delete on jobs to id <> 400;
)";

grille::principal as(std::string const& role) { return grille::principal("u-" + role).with("user_id", 17).role(role); }

class locks_on_postgres : public testing::Test {
 protected:
  locks_on_postgres() { db_.run(schema); }
  grille::postgres::database open(grille::options o = {}) const {
    return grille::postgres::database(db_.conninfo(), grille::policy_set::parse(rules, "work.grille", {}, dialect::postgresql), std::move(o));
  }
  /// Which rows of a table another transaction could not lock now.
  std::string locked(std::string const& table) {
    pqxx::connection c(db_.conninfo());
    pqxx::work w(c);
    auto const all = w.exec("select id from " + table + " where id not in (select id from " + table + " for update skip locked) order by id");
    std::string out;
    for (auto const& row : all) out += (out.empty() ? "" : " ") + std::string(row[0].c_str());
    return out;
  }
  /// What a statement gives in a transaction of its own, and what it locks in `table` meanwhile.
  std::pair<answers::rows, std::string> in_a_transaction(grille::principal const& who, std::string const& sql, std::string const& table = "jobs") {
    auto session = open().session(who);
    auto all = session.begin();
    auto got = through(session, sql);
    return {got, locked(table)};
  }
  void wait_for(int waiting) {
    pqxx::connection c(db_.conninfo());
    for (;;) {
      pqxx::nontransaction t(c);
      if (t.exec("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")[0][0].as<int>() >= waiting) return;
      std::this_thread::yield();
    }
  }
  testing_postgres::database db_;
};

TEST_F(locks_on_postgres, are_of_rows_that_may_be_seen_and_changed) {
  struct {
    char const* role;
    char const* sql;
    std::vector<std::string> rows;
    char const* locked;
  } const all[] = {
      {"worker", "select id from jobs order by id for update", {"1|", "2|", "4|"}, "1 2 4"},
      {"worker", "select id from jobs where state = 'new' order by id limit 1 for update skip locked", {"1|"}, "1"},
      {"worker", "select id from jobs where 10 / n > 4 order by id for no key update", {"1|", "2|"}, "1 2"},
      {"worker", "select j.id, l.x from jobs j join lines l on l.job_id = j.id where j.n = 2 for share of j", {"2|1|"}, "2"},
      {"worker", "select j.id, l.x from jobs j join lines l on l.job_id = j.id where j.n = 2 for key share of l", {"2|1|"}, ""},
      {"worker", "select j.id from jobs j left join lines l on l.job_id = j.id order by j.id for update of j nowait", {"1|", "2|", "4|"}, "1 2 4"},
      {"worker", "select d.id from (select id, n from jobs order by id limit 2) d where 10 / d.n >= 0 order by 1 for update", {"1|", "2|"}, "1 2"},
      {"worker", "with next as (select id from jobs where 10 / n > 0 order by id limit 1 for update skip locked) select f.v from next join free f on f.id = next.id", {"1|"}, "1"},
      {"worker", "select id from jobs where id in (select id from jobs where n > 1 for update) order by id", {"2|", "4|"}, "2 4"},
      {"worker", "(select id from jobs where n = 1 for update) union all (select id from jobs where n = 5) order by 1", {"1|", "4|"}, "1"},
      {"worker", "select a.id from jobs a, jobs b where a.n = 1 and b.n = 2 for update of a for share of b", {"1|"}, "1 2"},
      {"worker", "select j.id from jobs j join all_jobs v on v.id = j.id order by 1 for update of j", {"1|", "2|", "4|"}, "1 2 4"},
      {"member", "select id from jobs order by id for update", {"1|", "2|"}, "1 2"},
      {"member", "select id from jobs where 10 / n > 4 order by id for update", {"1|", "2|"}, "1 2"},
      {"either", "select id from jobs order by id for update", {"2|", "4|", "5|"}, "2 4 5"},
      {"either", "select id from jobs where 10 / n > 1 order by id for update", {"2|", "4|"}, "2 4"},
      {"remover", "select id from jobs where 10 / n > 0 for update", {"2|"}, "2"},
      {"masked_role", "select id, note from jobs order by id for update", {"1|a|", "2|b|", "4|c|"}, "1 2 4"},
      {"masked_role", "select id from jobs where note || '!' = 'b!' for update", {"2|"}, "2"},
  };
  for (auto const& a : all) {
    SCOPED_TRACE(a.sql);
    auto const got = in_a_transaction(as(a.role), a.sql);
    EXPECT_EQ(got.first, a.rows);
    EXPECT_EQ(got.second, a.locked);
    EXPECT_EQ(locked("jobs"), "") << "until the transaction ends";
  }
  auto const clerk = grille::principal("c").with("user_id", 17).role("clerk", {{"owner_id", 17}}).role("clerk", {{"owner_id", 99}});
  EXPECT_EQ(in_a_transaction(clerk, "select id from jobs where 10 / n >= 0 order by id for update").second, "1 2 4");
  EXPECT_EQ(in_a_transaction(as("worker"), "select id from parts for update", "parts").second, "2") << "a partition's";
}

TEST_F(locks_on_postgres, are_those_of_the_servers_own_row_level_security) {
  db_.run("create role native; create schema own; create table own.jobs as table jobs; create table own.members as table members;"
          "grant usage on schema own to native; grant all on all tables in schema own to native; alter table own.jobs enable row level security;"
          "create policy s on own.jobs for select using (exists (select 1 from own.members m where m.job_id = jobs.id and m.user_id = 17));"
          "create policy u on own.jobs for update using (state = 'new' and id <> 400)");
  for (std::string const strength : {"update", "no key update", "share", "key share"}) {
    auto const sql = "select id from jobs order by id for " + strength;
    answers::rows native;
    {
      pqxx::connection c(db_.conninfo());
      pqxx::work w(c);
      w.exec("set local role native; set local search_path = own");
      for (auto const& row : w.exec(sql)) native.push_back(std::string(row[0].c_str()) + "|");
    }
    auto const got = in_a_transaction(as("member"), sql);
    EXPECT_EQ(got.first, native) << sql;
    EXPECT_THAT(native, ElementsAre("1|", "2|"));
  }
  db_.run("drop schema own cascade; drop role native");
}

TEST_F(locks_on_postgres, wait_for_no_hidden_row_and_take_nothing_of_the_policys_tables) {
  auto const database = open();
  pqxx::connection other(db_.conninfo());
  pqxx::work held(other);
  held.exec("update jobs set n = n where owner_id = 18; update lines set x = x where job_id in (3, 5); update members set user_id = user_id");
  for (std::string const setting : {"jit = off", "enable_seqscan = off", "enable_hashjoin = off; set local enable_mergejoin = off", "enable_nestloop = off; set local enable_hashjoin = off"})
    for (auto const* sql : {"select id from jobs order by id for update nowait", "select id from jobs where 10 / n > 0 order by id for share nowait",
                            "select j.id from lines l join jobs j on j.id = l.job_id where 10 / l.x > 0 and 10 / j.n >= 0 order by 1 for update nowait",
                            "select id from (select id, n from jobs order by n limit 5) d where 10 / n > 0 order by id for update nowait",
                            "with q as (select job_id, x from lines where 10 / x >= 0 for update nowait) select j.id from q join jobs j on j.id = q.job_id and 10 / j.n >= 0 order by 1",
                            "select id from jobs where id in (select job_id from lines where 10 / x >= 0 for update nowait) order by id"}) {
      pqxx::connection c(db_.conninfo());
      auto ours = grille::postgres::connection(database.attach(c));
      pqxx::work w(c);
      w.exec("set local search_path = public; set local timezone = 'UTC'; set local " + setting);
      auto session = ours.session(w, as("worker"));
      EXPECT_THAT(through(session, sql), testing::AnyOf(ElementsAre("1|", "2|"), ElementsAre("1|", "2|", "4|"))) << sql << "\n" << setting;
    }
  held.exec("select id from jobs where id = 2 for update");
  EXPECT_THAT(in_a_transaction(as("worker"), "select id from jobs for update nowait").first, ElementsAre(StartsWith("unavailable: the statement ran into another one")));
  EXPECT_EQ(in_a_transaction(as("worker"), "select id from jobs order by id for update skip locked").first, (answers::rows{"1|", "4|"}));
}

// what is locked for each row that is asked for it tells which rows were asked
TEST_F(locks_on_postgres, in_queries_of_expressions_are_taken_for_rows_that_are_seen_alone) {
  for (auto const* sql : {"select id from jobs where (select v from free where free.id = jobs.n for update) > 0 order by id",
                          "select id from jobs where exists (select 1 from free where free.id = jobs.n for share) order by id",
                          "select id from jobs where n in (select id from free where free.v = jobs.n for no key update) order by id",
                          "select id from jobs where n > 0 and array(select v from free where free.id = jobs.n for update) <> array(select 3) and n < 3 order by id",
                          "select j.id from jobs j join free f on (select v from free where free.id = j.n for update) = f.v order by 1",
                          "select id from lines where exists (select 1 from free where free.id = lines.x for share) order by id",
                          "select id from lines where (select v from free where free.id = lines.x for update) > 0 order by id"}) {
    auto const got = in_a_transaction(as("worker"), sql, "free");
    EXPECT_THAT(got.first, testing::AnyOf(ElementsAre("1|", "2|"), ElementsAre("10|", "11|"))) << sql;
    EXPECT_EQ(got.second, "1 2") << sql << "\nfor hidden rows nothing is taken";
  }
}

TEST_F(locks_on_postgres, are_asked_for_anew_when_they_were_waited_for) {
  auto const database = open();
  for (auto const* sql : {"select id, n from jobs where id = 1 for update", "select id, n from jobs where id = 1 and 10 / n > 0 for update",
                          "select j.id, j.n from jobs j join lines l on l.job_id = j.id where j.id = 1 and 10 / j.n > 0 for update of j",
                          "select id, n from (select id, n from jobs where 10 / n > 0) d where id = 1 for share"}) {
    SCOPED_TRACE(sql);
    for (std::string const change : {"owner_id = 18, n = 0", "n = 3"}) {
      pqxx::connection other(db_.conninfo());
      pqxx::work giving(other);
      giving.exec("update jobs set " + change + " where id = 1");
      auto locking = std::async(std::launch::async, [&] {
        auto session = database.session(as("worker"));
        auto all = session.begin();
        return through(session, sql);
      });
      wait_for(1);
      giving.commit();
      EXPECT_EQ(locking.get(), change == "n = 3" ? answers::rows{"1|3|"} : answers::rows{}) << change;
      db_.run("update jobs set owner_id = 17, n = 1 where id = 1");
    }
  }
  // where only the grant to change it is gone, the row is still to be seen, and not locked
  pqxx::connection other(db_.conninfo());
  pqxx::work doing(other);
  doing.exec("update jobs set state = 'done' where id = 1");
  auto locking = std::async(std::launch::async, [&] {
    auto session = database.session(as("member"));
    auto all = session.begin();
    return std::pair(through(session, "select id from jobs where id = 1 for update"), through(session, "select id from jobs where id = 1"));
  });
  wait_for(1);
  doing.commit();
  EXPECT_EQ(locking.get(), std::pair(answers::rows{}, answers::rows{"1|"}));
}

TEST_F(locks_on_postgres, make_a_queue) {
  auto const database = open();
  auto one = database.session(as("worker")), two = database.session(as("worker"));
  auto const next = "select id from jobs where state = $1 order by id limit 1 for update skip locked";
  for (int again = 0; again < 2; ++again) {  // prepared and out of the cache
    auto first = one.begin();
    auto second = two.begin();
    EXPECT_EQ(through(one, next, {"new"}), (answers::rows{"1|"}));
    EXPECT_EQ(through(two, next, {"new"}), (answers::rows{"2|"}));
    EXPECT_EQ(one.execute("update jobs set state = 'done' where id = 1"), 1U);
  }
  auto all = one.begin();
  auto stream = one.stream<int>("select id from jobs order by id for update");
  int seen = 0;
  for (auto const& [id] : stream) seen += id;
  EXPECT_EQ(seen, 1 + 2 + 4);
  EXPECT_EQ(locked("jobs"), "1 2 4");
}

TEST_F(locks_on_postgres, make_a_queue_of_one_statement) {
  auto const database = open();
  auto const wanted = "select id from jobs where state = 'new' order by id limit 1 for update skip locked";
  for (auto const& take : {std::string("update jobs set state = 'busy' where id = (") + wanted + ") returning id",
                           std::string("update jobs set state = 'busy' where id in (") + wanted + ") returning jobs.id",
                           std::string("with next as (") + wanted + ") update jobs set state = 'busy' from next where next.id = jobs.id returning jobs.id",
                           std::string("update jobs as j set state = 'busy' from (") + wanted + ") as next where next.id = j.id returning j.id"}) {
    auto one = database.session(as("worker")), two = database.session(as("worker")), three = database.session(as("worker"));
    auto first = one.begin();
    auto second = two.begin();
    auto third = three.begin();
    EXPECT_EQ(through(one, take), (answers::rows{"1|"})) << take;
    EXPECT_EQ(through(two, take), (answers::rows{"2|"})) << take;
    EXPECT_EQ(through(three, take), answers::rows{}) << "no other of one's own is new: " << take;
    EXPECT_EQ(locked("jobs"), "1 2") << take;
  }
  auto session = database.session(as("remover"));  // no transaction is needed: the lock lasts as long as the write
  EXPECT_EQ(through(session, "delete from jobs where id in (select id from jobs order by id limit 5 for update skip locked) returning id"), (answers::rows{"2|"}));
  EXPECT_EQ(db_.value("select count(*) from jobs where id <= 5"), "4");
}

TEST_F(locks_on_postgres, need_a_transaction) {
  auto session = open().session(as("worker"));
  EXPECT_THAT(through(session, "select id from jobs for update"), ElementsAre(StartsWith("usage: a lock lasts until its transaction ends")));
  try {
    static_cast<void>(session.stream<int>("select id from jobs for update"));
    ADD_FAILURE() << "a stream without a transaction";
  } catch (grille::error const& e) {
    EXPECT_THAT(e.what(), StartsWith("a lock lasts until its transaction ends"));
  }
}

TEST_F(locks_on_postgres, are_refused_by_name_where_they_are_not_safe) {
  struct {
    char const* role;
    char const* sql;
    char const* says;
  } constexpr all[] = {
      {"reader", "select id from jobs for update", "forbidden: rows of `jobs` may not be locked by who may not change them"},
      {"reader", "select id from jobs for key share", "forbidden: rows of `jobs` may not be locked by who may not change them"},
      {"reader", "select id from lines for update", "forbidden: rows of `lines` may not be locked by who may not change them"},
      {"reader", "select 1 from (select id from jobs) d for update", "forbidden: rows of `jobs` may not be locked by who may not change them"},
      {"worker", "select id from jobs for update of members", "not_found: `members` does not stand in `from`"},
      {"worker", "select id from jobs j for update of jobs", "not_found: `jobs` does not stand in `from`"},
      {"worker", "select id from jobs for update of public.jobs", "syntax: a lock names what stands in `from` by its name there"},
      {"worker", "select id from all_jobs for update", "unsupported: `for update` and its kin are supported of tables only"},
      {"worker", "select 1 from (select id from all_jobs) d for update", "unsupported: `for update` and its kin are supported of tables only"},
      {"worker", "select j.id from jobs j join all_jobs v on v.id = j.id for update", "unsupported: `for update` and its kin are supported of tables only"},
      {"worker", "select id from kept_far for update", "unsupported: a lock of rows of a foreign table"},
      {"worker", "select j.id from jobs j left join lines l on l.job_id = j.id for update", "unsupported: a lock of rows that an outer join may not find"},
      {"worker", "select 1 from (select j.id from jobs j left join lines l on l.job_id = j.id) d for update", "unsupported: a lock of rows that an outer join may not find"},
      {"worker", "select count(*) from jobs for update", "syntax: `for update` and its kin cannot stand beside"},
      {"worker", "select id from jobs group by id for update", "syntax: `for update` and its kin cannot stand beside"},
      {"worker", "select distinct id from jobs for update", "syntax: `for update` and its kin cannot stand beside"},
      {"worker", "select id, row_number() over () from jobs for update", "syntax: `for update` and its kin cannot stand beside"},
      {"worker", "select 1 from (select distinct id from jobs) d for update", "syntax: `for update` and its kin cannot stand beside"},
      {"worker", "select id from jobs union select id from jobs for update", "syntax: `for update` and its kin cannot stand behind `values` or a set operation"},
      {"worker", "select 1 from (select id from jobs union all select id from lines) d for update", "syntax: `for update` and its kin cannot stand behind"},
      {"worker", "with q as (select id from jobs) select * from q for update", "syntax: there is no row to lock"},
      {"worker", "with q as (select id from jobs) select * from q, jobs for update of q", "syntax: there is no row to lock in `q`"},
      {"worker", "select g from generate_series(1, 2) g for update", "syntax: there is no row to lock"},
      {"worker", "with recursive q as (select id from jobs for update) select * from q", "unsupported: `for update` and its kin are not supported under `with recursive`"},
      {"counter", "select 1 from (select n from jobs for update) d having count(n) > 1", "unsupported: "},
      {"worker", "update jobs set state = 'x' returning (select id from jobs limit 1 for update)", "unsupported: `for update` and its kin are supported in queries, and in what an update or a delete reads, only"},
      {"reader", "insert into lines (id) select id from jobs for update", "unsupported: `for update` and its kin are supported in queries, and in what"},
      {"worker", "merge into jobs j using (select id from jobs for update) s on s.id = j.id when matched then update set state = 'x'", "unsupported: `for update` and its kin are supported in queries, and in what"},
      {"worker", "update jobs set state = 'x' where id in (select job_id from lines l left join free f on f.id = l.id for update)", "unsupported: a lock of rows that an outer join may not find"},
      {"worker", "update jobs set state = 'x' where id in (select id from all_jobs for update)", "unsupported: `for update` and its kin are supported of tables only"},
      {"remover", "delete from jobs where id in (select id from free for share)", "not_found: "},
      {"worker", "select j.id from jobs j, (select f.id from free f full join lines l on f.id + 1 = l.id) d for update of j", "unsupported: a full join by what could fail"},
      {"worker", "update jobs set state = 'x' from (select f.id from free f full join lines l on f.id + 1 = l.id) d where d.id = jobs.id", "unsupported: a full join by what could fail"},
  };
  auto const database = open();
  for (auto const& a : all) {
    auto session = database.session(as(a.role));
    auto in = session.begin();
    auto const got = through(session, a.sql);
    EXPECT_THAT(got, ElementsAre(AllOf(StartsWith(a.says), Not(HasSubstr("second check"))))) << a.sql;
  }
  std::string const asks = "policy p version 1; owner 'tests' contact 'tests'; protects jobs; role w; allow w to select (id) on jobs where id in (select j.id from jobs j for update);";
  try {
    grille::postgres::database const none(db_.conninfo(), grille::policy_set::parse(asks, "p.grille", {}, dialect::postgresql));
    ADD_FAILURE() << "a policy that locks";
  } catch (grille::error const& e) {
    EXPECT_THAT(e.what(), HasSubstr("`for update`"));
  }
}

/// The printed text, changed in one place, is refused by the second check.
TEST_F(locks_on_postgres, are_proven_from_the_printed_text) {
  base::arena memory;
  auto on = postgres::backend::connect(db_.conninfo());
  auto tables = introspect::read_postgres(**on, {}).value();
  auto compiled = policy::compile({{"work.grille", rules, grammar::parse_policy(rules, dialect::postgresql, memory).file, {}, false}}, tables);
  struct {
    char const* role;
    char const* sql;
    std::string part, instead, why;
  } const all[] = {
      {"member", "select id from jobs for update", R"( and ("r2"."state" = 'new'))", "", "a lock of rows that no grant lets the caller change"},
      {"member", "select id from jobs for update", R"( and ("r2"."id" <> 400))", "", "a lock of rows that no grant lets the caller change"},
      {"member", "select id from jobs for update", R"(("r3"."user_id" = $1))", R"(("r3"."user_id" <> $1))", "a lock of rows of no grant to select"},
      {"either", "select id from jobs for update", R"((("r2"."n" = 7) or ("r2"."owner_id" = 17)) and)", "true and", "a lock of rows of no grant to select"},
      {"either", "select id from jobs for update", R"((("r2"."n" = 5) or)", R"((("r2"."n" = 6) or)", "a lock of rows that no grant lets the caller change"},
      {"either", "select id from jobs for update", R"(("r2"."n" > 1))", R"(("r2"."n" > 0))", "a lock of rows that no grant lets the caller change"},
      {"either", "select id from jobs for update", R"(where ()", R"(where ("r2"."note" = 'CANARY') and ()", "a lock that asks of rows what no grant asks"},
      {"remover", "select id from jobs for update", R"( where ("r2"."id" = 2) and ("r2"."id" <> 400))", "", "a lock of rows that no grant lets the caller change"},
      {"reader", "select id from jobs", R"(as "r1")", R"(as "r1" for share)", "a lock of rows that no grant lets the caller change"},
      {"worker", "select d.id from (select id from jobs) d", R"(= $1))", R"(= $1 for update))", "a guard with more than items"},
      {"reader", "select id from jobs where id = 3", R"(= 3)", R"(= 3 for share)", "a lock of rows that no grant lets the caller change"},
      {"worker", "select id from jobs for update", R"() as "r1")", R"( offset 0) as "r1")", "a guard with more than items"},
      {"worker", "select l.id from lines l for update", R"(("r3"."user_id" = $1))", R"(("r3"."user_id" = $1) for update)", "a lock of rows of no grant to select"},
      {"reader", "select d.id from (select id from jobs) d", R"(as "r1")", R"(as "r1" for share)", "a lock of rows that no grant lets the caller change"},
      {"worker", "select id from all_jobs", R"(as "r1")", R"(as "r1" for share)", "does not bind"},
      {"worker", "select id from kept_far", R"("k" = 1)", R"("k" = 1 for share)", "a lock of what is no table of this server's"},
      {"either", "select id from jobs for update", R"((("r2"."n" = 7) or)", R"(((("r2"."n" = 7) and ("r2"."note" = 'CANARY')) or)", "a lock that asks of rows what no grant asks"},
      {"member", "select id from jobs where 10 / n > 4 for update", R"(case when "r1"."ok" is not false then)", "case when true then", "no witness"},
      {"worker", "select id from jobs where (select v from free where free.id = jobs.n for update) > 0", R"(case when "r1"."ok" is not false then)", "case when true then", "no witness"},
      {"worker", "with q as (select id from free for update) select q.id from q, lines", "is true", "", "a guard that can become a join"},
      {"worker", "select q.id from (select id from free limit 1) q, lines for update of q", "is true", "", "a guard that can become a join"},
  };
  for (auto const& a : all) {
    SCOPED_TRACE(std::string(a.sql) + " less " + a.part);
    auto const access = policy::decide(compiled.policy, policy::caller{"u", {}, {{a.role, {}}}, {{"user_id", 17}}, {}},
                                       std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())).value();
    auto const made = pipeline::compile(a.sql, *access);
    ASSERT_TRUE(made) << made.error().detail;
    auto text = (*made)->guarded->sql();
    auto const& slots = (*made)->guarded->slots();
    ASSERT_TRUE(verify::verify(text, slots, 0, *access));
    ASSERT_NE(text.find(a.part), text.npos) << text;
    for (auto at = text.find(a.part); at != text.npos; at = text.find(a.part, at + a.instead.size())) text.replace(at, a.part.size(), a.instead);
    auto const good = verify::verify(text, slots, 0, *access);
    EXPECT_THAT(good ? "proven" : good.error().help, HasSubstr(a.why)) << text;
  }
}

}  // namespace
