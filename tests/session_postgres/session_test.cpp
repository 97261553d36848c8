// PostgreSQL through the public face: opening, sessions on handles of the application's, reloads, schemas that change, and reads.
// Few tests that each do much: each test process starts a server of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <mutex>
#include <pqxx/pqxx>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "grille/grille.hpp"
#include "postgres/proxy.hpp"
#include "postgres/server.hpp"

namespace {

using namespace std::chrono_literals;
using grille::policy_set;
using grille::principal;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view rules = R"(
policy shop version 2;
protects orders;
principal has user_id integer optional;
role buyer from group 'customers';
role admin from group 'it';
allow buyer to select (id, status, total) on orders where buyer_id = principal.user_id;
allow admin to select all columns on orders;
)";

policy_set parsed(std::string_view text) { return policy_set::parse(text, "shop.grille", {}, grille::dialect::postgresql); }
policy_set policies() { return parsed(rules); }
principal anna() { return principal("b-17").with("user_id", 17).group("customers"); }
principal admin() { return principal("a-1").group("it"); }

template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
  return "nothing";
}

class sink : public grille::audit_sink {
 public:
  void write(grille::audit_event const& e) override {
    std::lock_guard const lock(guard_);
    all_ += e.decision + " " + e.detail + "\n";
    events_.push_back(e);
  }
  std::vector<grille::audit_event> events() const {
    std::lock_guard const lock(guard_);
    return events_;
  }
  std::string all() const {
    std::lock_guard const lock(guard_);
    return all_;
  }

 private:
  std::mutex mutable guard_;
  std::string all_;
  std::vector<grille::audit_event> events_;
};

class sessions : public testing::Test {
 protected:
  sessions() {
    db.run("create table orders (id int primary key, buyer_id int, status text, total numeric(10, 2));"
           "insert into orders values (1, 17, 'open', 20.10), (2, 17, 'shipped', 30), (3, 18, 'open', 40.50), (4, 17, 'open', null);"
           "create table unprotected (x int)");
  }
  grille::postgres::database open(grille::options o = {}) const { return grille::postgres::database(db.conninfo(), policies(), std::move(o)); }
  static std::size_t columns(grille::database const& of, std::string const& sql = "select * from orders") {
    return of.rewrite(admin(), sql).columns.size();
  }

  testing_postgres::database db;
};

TEST_F(sessions, opening_tells_what_is_wrong_and_shows_no_password) {
  auto const opened = [](std::string const& conninfo, grille::options o = {}) {
    return failure([&] { grille::postgres::database(conninfo, policies(), std::move(o)); });
  };
  EXPECT_EQ(opened(db.conninfo()), "nothing");
  EXPECT_EQ(opened(db.conninfo(), {.pooled = true}), "nothing");
  EXPECT_EQ(opened("host=/nonesuch dbname=x password=hunter2"), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened("host=/nonesuch dbname=x password=hunter2", {.pooled = true}), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened(db.conninfo() + "_none"), "unavailable: the database cannot be reached");
  EXPECT_EQ(opened("postgresql://u:hunter2@[nowhere"), "usage: the connection string cannot be read");
  EXPECT_THAT(opened(db.conninfo(), {.pool = 0}), StartsWith("usage: "));
  EXPECT_EQ(failure([&] { grille::postgres::database(db.conninfo(), policy_set::parse(rules, "shop.grille")); }),
            "usage: the policy was read in another dialect than the database's");
  EXPECT_THROW(grille::postgres::database(db.conninfo(), parsed("policy x version 1; protects nonesuch;")), grille::policy_error);

  auto const schema = grille::postgres::read_schema(db.conninfo());
  EXPECT_EQ(failure([&] { grille::database(schema, policies()); }), "nothing");
  EXPECT_EQ(failure([&] { grille::database(schema, policies()).session(anna()); }), "usage: this database has no connection");

  db.run("create function nothing(text, int) returns boolean language sql as 'select true';"
         "create operator = (leftarg = text, rightarg = int, function = nothing)");
  EXPECT_EQ(opened(db.conninfo()), "nothing");
  db.run("create cast (text as int) with inout as implicit");
  EXPECT_EQ(opened(db.conninfo()), "unsupported: 1 of the database's functions, operators and casts could be taken for PostgreSQL's own");
}

TEST_F(sessions, statements_are_recorded_whole) {
  auto const log = std::make_shared<sink>();
  auto const database = open({.audit = log});
  auto session = database.session(anna().on_behalf_of("b-18"));
  session.query("select id from orders where status = $1", "open");
  auto all = log->events();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].phase, grille::phase::decided);
  EXPECT_EQ(all[0].principal, "b-17");
  EXPECT_EQ(all[0].on_behalf_of, "b-18");
  EXPECT_EQ(all[0].policy, database.fingerprint());
  EXPECT_EQ(all[0].policy_version, "shop 2");
  EXPECT_EQ(all[0].decision, "allowed");
  // printf 'select id from orders where status = $1' | b2sum -l 256
  EXPECT_EQ(all[0].statement_hash, "55f41f69148d9d14728b2b11ddcbf04ff36798bf50114df3c5d96232cc0470b4");
  EXPECT_THAT(all[0].rewritten_hash, testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(all[0].accesses, (std::vector<grille::audit_access>{{"public.orders", grille::method::select, {"id", "status"}}}));
  EXPECT_THAT(all[0].grants, testing::ElementsAre(HasSubstr("allow buyer to select (id, status, total) on orders")));
  EXPECT_EQ(all[1].phase, grille::phase::finished);
  EXPECT_EQ(all[1].affected, 2U);
  EXPECT_EQ(all[1].id, all[0].id);

  EXPECT_THAT(failure([&] { session.query("select cast(status as int) from orders"); }), StartsWith("type: "));
  auto const last = log->events().back();
  EXPECT_EQ(last.phase, grille::phase::finished);
  EXPECT_EQ(last.sqlstate, "22P02");
  EXPECT_THAT(last.detail, HasSubstr("invalid input syntax for type integer: \"open\"")) << "the database's own words";
}

TEST_F(sessions, borrowed_connections_have_one_session_at_a_time) {
  pqxx::connection native(db.conninfo());
  {
    grille::postgres::database const database(native, policies(), {.pool_wait = 10ms});
    {
      auto first = database.session(anna());
      EXPECT_EQ(failure([&] { database.session(admin()); }), "unavailable: no connection became free in time");
    }
    database.session(admin());
    database.unguarded("a migration", [](void* on) {
      pqxx::nontransaction(*static_cast<pqxx::connection_base*>(on)).exec("create table later (x int)");
    });
  }
  auto const database = open({.pool = 2, .pool_wait = 10ms});
  auto attached = database.attach(native);
  {
    auto first = attached.session(anna());
    EXPECT_EQ(failure([&] { attached.session(admin()); }), "usage: the connection has an open session");
    auto second = database.session(admin());
    auto third = database.session(admin());
    EXPECT_EQ(failure([&] { database.session(admin()); }), "unavailable: no connection became free in time");
  }
  attached.session(admin());
  auto moved = std::move(attached);
  EXPECT_EQ(failure([&] { attached.session(admin()); }), "usage: the connection was moved away");

  testing_postgres::database other;
  pqxx::connection elsewhere(other.conninfo());
  EXPECT_THAT(failure([&] { database.attach(elsewhere); }), StartsWith("usage: the connection is to another database"));
  db.run("create table unrelated (x int)");
  EXPECT_EQ(failure([&] { database.attach(native); }), "nothing") << "the schema is read anew";
  database.unguarded("a migration", [](void* on) {
    pqxx::nontransaction(*static_cast<pqxx::connection_base*>(on)).exec("insert into unrelated values (1)");
  });
  EXPECT_EQ(db.value("select count(*) from unrelated"), "1");
}

/// From here on whole statements are run.
class reads : public sessions {};

TEST_F(reads, rows_come_by_query_and_by_stream) {
  for (bool const pooled : {false, true}) {
    auto const database = open({.max_rows = 3, .pooled = pooled});
    auto session = database.session(anna());
    auto const rows = session.query<int, std::string, std::optional<grille::numeric>>("select id, status, total from orders order by id");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(std::get<1>(rows[1]), "shipped");
    EXPECT_EQ(std::get<2>(rows[0])->text, "20.10");
    EXPECT_EQ(std::get<2>(rows[2]), std::nullopt);
    EXPECT_EQ(session.query_value<int>("select count(*) from orders where status = $1", "open"), 2);
    EXPECT_THAT(failure([&] { session.query("select buyer_id from orders"); }), StartsWith("not_found: "));
    EXPECT_THAT(failure([&] { session.query("select x from unprotected"); }), StartsWith("not_found: "));
    EXPECT_THAT(failure([&] { database.session(admin()).query("select * from orders"); }), StartsWith("limit: "));
    int seen = 0;
    for (auto const& [id] : session.stream<int>("select id from orders order by id")) {
      EXPECT_EQ(session.query_value<int>("select count(*) from orders where id = $1", id), 1) << "beside the stream";
      ++seen;
    }
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(database.session(admin()).query_value<int>("select count(*) from orders"), 4);
    EXPECT_THAT(database.rewrite(anna(), "select id from orders where status = $1", {"open"}).sql, HasSubstr("$2"));
  }
}

/// A column that each level names twice is looked at once, or none of these would end. No server is asked: it would write each out.
TEST_F(reads, queries_in_queries_take_no_longer_than_they_are_long) {
  auto const& database = open();
  auto const nested = [](std::string query, std::string const& level) {
    for (int i = 0; i < 30; ++i) {
      auto next = level;
      next.replace(next.find('@'), 1, query);
      query = std::move(next);
    }
    return query;
  };
  auto const text = nested("select id, status as e from orders", "select q.id, coalesce(q.e, q.e) as e from (@) q");
  auto const number = nested("select id, id as e from orders", "select q.id, coalesce(q.e, 1 / q.e, q.e) as e from (@) q");
  auto const equal = nested("select id, id as e from orders", "select q.id, case when q.e = q.e then q.e else q.e end as e from (@) q");
  for (auto const& sql : {"select id from orders where status in (select a.e from (" + text + ") a)", "select a.e, count(*) from (" + number + ") a group by rollup (a.e)",
                          "select count(*) from (" + number + ") a full join orders o on a.e = o.id", "select a.e from (" + equal + ") a where a.e = a.id"})
    EXPECT_THAT(database.rewrite(anna(), sql).sql, HasSubstr("\"public\".\"orders\"")) << sql;
}

TEST_F(reads, the_servers_errors_have_a_state_and_no_data) {
  auto const recorded = std::make_shared<sink>();
  auto session = open({.audit = recorded, .statement_timeout = 2s}).session(admin());
  try {
    session.query("select $1 / id from orders where id = 1", "canary");
    ADD_FAILURE() << "nothing was thrown";
  } catch (grille::error const& e) {
    EXPECT_EQ(e.sqlstate(), "22P02") << e.what();
    EXPECT_EQ(e.kind(), grille::errc::type);
    EXPECT_THAT(e.what(), Not(HasSubstr("canary")));
    EXPECT_EQ(dynamic_cast<std::nested_exception const*>(&e), nullptr) << "the server's own text is within it";
    EXPECT_THAT(recorded->all(), HasSubstr("22P02"));
    auto const last = recorded->events().back();
    EXPECT_NE(e.incident(), "");
    EXPECT_EQ(e.incident(), last.id);
    EXPECT_THAT(last.detail, HasSubstr("canary"));
  }
  EXPECT_EQ(session.query_value<int>("select count(*) from orders"), 4) << "the session goes on";
}

TEST_F(reads, what_is_prepared_serves_all_callers_of_the_same_grants) {
  pqxx::connection native(db.conninfo());
  grille::postgres::database const database(native, policies());
  auto const prepared = [&] { return pqxx::nontransaction(native).exec("select count(*) from pg_prepared_statements where statement like '%orders%'")[0][0].as<int>(); };
  auto const ids = [&](principal const& who) { return database.session(who).query_value<std::string>("select string_agg(cast(id as text), ',' order by id) from orders"); };
  EXPECT_EQ(ids(anna()), "1,2,4");
  EXPECT_EQ(prepared(), 0) << "it may be that nobody asks for it again";
  EXPECT_EQ(ids(anna()), "1,2,4");
  auto const by_anna = prepared();
  EXPECT_GT(by_anna, 0);
  EXPECT_EQ(ids(principal("b-18").with("user_id", 18).group("customers")), "3");
  EXPECT_EQ(prepared(), by_anna);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ids(admin()), "1,2,3,4");
  EXPECT_GT(prepared(), by_anna);
}

TEST_F(reads, a_statement_can_be_stopped) {
  std::stop_source stop;
  auto const database = open();
  std::thread stopper([&] {  // once it runs
    while (db.value("select count(*) from pg_stat_activity where state = 'active' and query like '%generate_series%' and pid <> pg_backend_pid()") == "0") std::this_thread::yield();
    stop.request_stop();
  });
  auto session = database.session(admin());
  session.stop_on(stop.get_token());
  EXPECT_EQ(failure([&] { session.query("select count(*) from orders o, generate_series(1, 2000000000) g where o.id + g < 0"); }), "unavailable: the statement was stopped");
  stopper.join();
  session.stop_on({});
  EXPECT_EQ(session.query_value<int>("select count(*) from orders"), 4) << "the session goes on";
}

TEST_F(reads, a_session_goes_on_after_its_connection_was_lost) {
  db.run("alter database " + db.name() + " set datestyle = 'German'");
  auto const lose = [&] { db.value("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query <> ''"); };
  for (bool const pooled : {false, true}) {
    auto const database = open({.pooled = pooled});
    auto session = database.session(anna());
    auto const good = [&] {
      EXPECT_EQ(session.query_value<std::string>("select string_agg(cast(id as text), ',' order by id) from orders"), "1,2,4");
      EXPECT_EQ(session.query_value<std::string>("select cast(cast('2026-01-02' as date) as text)"), "2026-01-02") << "its settings are there again";
    };
    for (int i = 0; i < 3; ++i) good();  // prepared
    lose();
    EXPECT_THAT(failure([&] { session.query("select id from orders"); }), "unavailable: the connection to the database is lost");
    for (int i = 0; i < 3; ++i) good();
    int runs = 0;
    session.transact([&](grille::session& s) {
      s.query("select id from orders");
      if (++runs == 1) lose();
      EXPECT_EQ(s.query("select id from orders").size(), 3U);
    });
    EXPECT_EQ(runs, 2);
    auto open_one = session.begin();
    lose();
    EXPECT_THAT(failure([&] { session.query("select id from orders"); }), StartsWith("unavailable: "));
    EXPECT_THAT(failure([&] { session.query("select id from orders"); }), StartsWith("unavailable: ")) << "not outside of the transaction that it was begun in";
    open_one.rollback();
    good();
  }
}

TEST_F(reads, settings_of_the_environment_change_nothing) {
  struct environment {
    environment() {
      setenv("PGTZ", "Asia/Tokyo", 1);
      setenv("PGDATESTYLE", "German", 1);
    }
    ~environment() {
      unsetenv("PGTZ");
      unsetenv("PGDATESTYLE");
    }
  } const hostile;
  for (bool const pooled : {false, true}) {
    auto const database = open({.pooled = pooled});
    auto session = database.session(anna());
    EXPECT_EQ(session.query_value<std::string>("select cast(timestamp with time zone '2026-01-02 03:04:05+00' as text)"), "2026-01-02 03:04:05+00");
    EXPECT_THAT(failure([&] { session.query("delete from orders"); }), Not(StartsWith("backend: ")));
    EXPECT_EQ(session.query_value<int>("select count(*) from orders"), 3);
  }
}

TEST_F(reads, a_transaction_that_is_none_is_told_as_such) {
  auto const database = open();
  pqxx::connection native(db.conninfo());
  auto attached = database.attach(native);
  {
    auto session = attached.session(anna());
    pqxx::work beside(native);
    EXPECT_THAT(failure([&] { session.query("select id from orders"); }), "usage: the connection is in use by a transaction of the application's");
  }
  pqxx::nontransaction none(native);
  none.exec("set time zone 'UTC'");
  auto session = attached.session(none, anna());
  EXPECT_EQ(session.query("select id from orders").size(), 3U);
  EXPECT_THAT(failure([&] {
                for (auto const& [id] : session.stream<int>("select id from orders")) static_cast<void>(id);
              }),
              "usage: a write and a stream need a transaction, and what was given is none: take a `pqxx::work`");
}

TEST_F(reads, what_is_computed_has_the_type_that_the_server_takes_it_for) {
  auto const database = open();
  auto session = database.session(anna());
  auto const types = [&](std::string_view sql) {
    std::string all;
    auto const rows = session.query(sql);
    for (auto const& c : rows.columns()) all += c.type + ";";
    return all;
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(types("select id, total, total + 1 as a, id || 'x' as b, now() as c, array_agg(id) over () as d, 1.5::real as e, null as f, count(*) over () as g from orders"),
              "integer;numeric(10,2);numeric;text;timestamp with time zone;integer[];real;text;bigint;");
  for (auto const& row : session.stream("select current_timestamp as a from orders")) EXPECT_TRUE(std::holds_alternative<grille::timestamp>(row[0].get().data()));
  auto const streamed = session.stream("select interval '1 day' as a, id from orders");
  EXPECT_EQ(streamed.columns()[0].type, "interval");
  EXPECT_EQ(streamed.columns()[1].type, "integer");
}

TEST_F(reads, a_temporary_table_takes_nobodys_name) {
  pqxx::connection native(db.conninfo());
  pqxx::nontransaction(native).exec("create temp table orders as select 99 as id, 17 as buyer_id, 'canary' as status, 1.0 as total; create temp view unprotected as select 1 as x");
  grille::postgres::database const database(native, policies());
  auto session = database.session(anna());
  EXPECT_EQ(session.query_value<std::string>("select string_agg(cast(id as text), ',' order by id) from orders"), "1,2,4");
  EXPECT_EQ(session.query_value<int>("select count(*) from orders where status = 'canary'"), 0);
  EXPECT_THAT(failure([&] { session.query("select * from pg_temp.orders"); }), StartsWith("not_found: "));
  EXPECT_THAT(failure([&] { session.query("select x from unprotected"); }), StartsWith("not_found: "));
}

TEST_F(reads, a_policy_is_taken_anew_and_never_an_older_one) {
  auto const database = open();
  auto session = database.session(anna());
  EXPECT_EQ(session.query("select id from orders").size(), 3U);
  std::string text(rules);
  EXPECT_THAT(failure([&] { database.reload(policy_set::parse(text, "shop.grille")); }), StartsWith("usage: "));
  auto const replace = [&](std::string_view what, std::string_view by) { text.replace(text.find(what), what.size(), by); };
  replace("version 2", "version 1");
  EXPECT_THAT(failure([&] { database.reload(parsed(text)); }), StartsWith("conflict: "));
  replace("version 1", "version 3");
  replace("where buyer_id = principal.user_id", "where buyer_id = principal.user_id and status = 'open'");
  database.reload(parsed(text));
  EXPECT_EQ(session.query("select id from orders").size(), 2U);
}

TEST_F(reads, a_schema_that_changes_is_noticed) {
  auto const database = open();
  auto session = database.session(anna());
  auto const total = "select total from orders where id = 2";
  EXPECT_EQ(session.query_value<int>(total), 30);
  db.run("alter table orders rename total to sum");
  EXPECT_EQ(failure([&] { session.query(total); }), "unavailable: the policy does not fit the schema of the database");
  db.run("alter table orders rename sum to total; alter table orders add secret text default 'canary'");
  EXPECT_EQ(session.query_value<int>(total), 30);
  EXPECT_EQ(database.session(admin()).query("select * from orders").columns().size(), 4U) << "`all columns` means what it did at opening";

  auto const database_that_looks = open({.schema_interval = 0ms});
  auto looks = database_that_looks.session(anna());
  EXPECT_EQ(looks.query_value<int>(total), 30);
  db.run("alter table orders drop column secret; create table o (like orders including all); insert into o values (2, 17, 'new', 5);"
         "alter table orders rename to old_orders; alter table o rename to orders");
  EXPECT_EQ(looks.query_value<int>(total), 5);
  EXPECT_EQ(looks.query_value<int>(total), 5);

  {
    auto const stream = looks.stream<int>("select id from orders");
    db.run("create table unrelated (x int)");
      EXPECT_EQ(looks.query_value<int>(total), 5) << "read anew beside the stream, whose transaction goes on";
    EXPECT_EQ(db.value("select count(*) from pg_stat_activity where state like 'idle in%' and datname = current_database()"), "1");
  }

  db.run("create function nothing(text, int) returns boolean language sql as 'select true';"
         "create operator = (leftarg = text, rightarg = int, function = nothing)");
  auto const refused = failure([&] { looks.query(total); });
  EXPECT_EQ(refused, "unsupported: 1 of the database's functions, operators and casts could be taken for PostgreSQL's own");
  EXPECT_EQ(failure([&] { looks.query(total); }), refused) << "and again";
  db.run("drop operator = (text, int)");
  EXPECT_EQ(looks.query_value<int>(total), 5);
}

TEST_F(reads, sessions_run_inside_of_the_applications_own_transaction) {
  auto const database = open();
  pqxx::connection native(db.conninfo()), another(db.conninfo());
  auto attached = database.attach(native);
  auto const count = "select count(*) from orders where 1 / (id - 3) < 5";
  {
    pqxx::work w(native);
    w.exec("set local time zone 'Asia/Tokyo'");
    auto session = attached.session(w, anna());
    EXPECT_THAT(failure([&] { session.query(count); }), HasSubstr("the connection's setting `TimeZone` is not as it has to be"));
  }
  {
    pqxx::work w(native);
    w.exec("set local time zone 'UTC'");
    w.exec("insert into orders values (9, 17, 'new', 1)");
    {
      auto session = attached.session(w, anna());
      EXPECT_EQ(session.query_value<int>(count), 4) << "what was done in it is there";
      EXPECT_EQ(database.session(anna()).query_value<int>(count), 3) << "and outside of it is not";
      int seen = 0;
      for (auto const& [id] : session.stream<int>("select id from orders order by id")) seen += id;
      EXPECT_EQ(seen, 16);
      EXPECT_THAT(failure([&] { attached.session(anna()); }), StartsWith("usage: "));
    }
    EXPECT_EQ(w.exec("select count(*) from orders")[0][0].as<int>(), 5) << "it goes on";
    pqxx::work elsewhere(another);
    EXPECT_EQ(failure([&] { attached.session(elsewhere, anna()); }), "usage: the transaction is another connection's");
    auto session = attached.session(w, admin());
    EXPECT_THAT(failure([&] { session.query("select 1 / (id - 3) from orders"); }), StartsWith("type: "));
    EXPECT_THAT(failure([&] { session.query(count); }), Not("nothing")) << "fit to be rolled back only";
  }
  EXPECT_EQ(attached.session(anna()).query_value<int>(count), 3) << "rolled back, and the connection is good";
}

TEST_F(reads, pooled_sessions_share_a_proxys_server_process_and_leave_nothing_on_it) {
  testing_postgres::proxy const between(db.name());
  grille::postgres::database const database(between.conninfo(), policies(), {.pooled = true});
  pqxx::connection other(between.conninfo());
  auto const left = [&] {
    pqxx::nontransaction w(other);
    return w.exec("select (select count(*) from pg_prepared_statements) + (select count(*) from pg_cursors) + (select count(*) from pg_class where relpersistence = 't') + "
                  "(select count(*) from pg_settings where source = 'session') + (select count(*) from pg_locks where locktype = 'advisory')")[0][0].as<int>();
  };
  auto const before = left();
  auto a = database.session(anna());
  auto b = database.session(admin());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(a.query("select id from orders where status = $1 or 1 / (id - 3) > 5", "open").size(), 2U);
    EXPECT_EQ(b.query_value<int>("select count(*) from orders where id <> $1", 1), 3);
    EXPECT_THAT(failure([&] { b.query("select 1 / (id - 3) from orders"); }), StartsWith("type: "));
    int seen = 0;
    for (auto const& [id] : a.stream<int>("select id from orders order by id")) seen += id;
    EXPECT_EQ(seen, 7);
    EXPECT_EQ(left(), before);
  }
  EXPECT_EQ(before, 0);
}

}  // namespace
