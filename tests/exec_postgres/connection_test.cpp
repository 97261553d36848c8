// Prepared statements, streams, time limits and stops, changed schemas, broken connections, and what callers are told.
#include <thread>

#include "exec/postgres/statements.hpp"
#include "fixture.hpp"

namespace grille::exec::postgres {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class connections : public world {};

TEST(statements, the_least_recently_used_goes_first) {
  statements s(2);
  for (auto const* sql : {"a", "b"}) {
    EXPECT_EQ(s.surplus(), std::nullopt);
    s.keep(sql, s.name_for(sql));
  }
  EXPECT_NE(s.find("a"), nullptr);
  EXPECT_EQ(s.surplus(), s.name_for("b"));
  s.keep("c", s.name_for("c"));
  EXPECT_EQ(s.find("b"), nullptr);
  EXPECT_NE(s.find("a"), nullptr);
  EXPECT_EQ(s.find("another text", statements::hash_of("a")), nullptr) << "of the same hash";
  EXPECT_NE(s.name_for("a"), s.name_for("b"));
  EXPECT_FALSE(s.met_again(1));
  EXPECT_TRUE(s.met_again(1));
  EXPECT_FALSE(s.met_again(1)) << "that it was prepared is for `find` to say";
  for (std::size_t i = 2; i < 5; ++i) EXPECT_FALSE(s.met_again(i));
  EXPECT_FALSE(s.met_again(1)) << "long ago";
  auto const before = s.name_for("a");
  s.forget_all();
  EXPECT_EQ(s.size(), 0U);
  EXPECT_NE(s.name_for("a"), before);
}

TEST_F(connections, a_statement_is_prepared_once_and_taken_back_from_the_applications) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::nontransaction(native).exec("set timezone = 'UTC'; set statement_timeout = '5s'");
  auto const prepared = [&] { return pqxx::nontransaction(native).exec("select count(*), sum(generic_plans + custom_plans) from pg_prepared_statements")[0]; };
  {
    auto const c = borrow(native);
    for (int i = 1; i <= 4; ++i) {
      EXPECT_EQ(text(one(*c, "select name from public.t where id = $1", {value((i - 1) % 3 + 1)})), "n" + std::to_string((i - 1) % 3 + 1));
      EXPECT_EQ(c->kept_statements(), i == 1 ? 0U : 1U) << "not yet, the first time";
    }
    auto const now = prepared();
    EXPECT_EQ(now[0].as<int>(), 1);
    EXPECT_EQ(now[1].as<int>(), 3);
  }
  EXPECT_EQ(prepared()[0].as<int>(), 0);
}

TEST_F(connections, somebody_who_deallocates_everything_is_survived) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  auto const c = borrow(native);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
  EXPECT_EQ(c->kept_statements(), 1U);
  pqxx::nontransaction(native).exec("deallocate all");
  EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
}

TEST_F(connections, many_statements_do_not_pile_up) {
  auto const c = open();
  for (int i = 0; i < 460; ++i) EXPECT_EQ(one(*c, "select " + std::to_string(i / 2)).as<int>(), i / 2);
  EXPECT_EQ(c->kept_statements(), 200U);
  EXPECT_EQ(one(*c, "select count(*) from pg_prepared_statements").as<int>(), 200);
}

TEST_F(connections, the_number_of_parameters_is_exact) {
  auto const c = open();
  auto const r = c->start(guarded("select $1::int", 1), {}, {.schema_mark = mark()});
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().kind, errc::usage);
}

TEST_F(connections, a_stream_comes_in_pieces_and_others_run_beside_it) {
  for (bool const pooled : {false, true}) {
    auto t = usual();
    t.pooled = pooled;
    auto const c = open(t);
    mark_ = mark();
    auto const from = [&](int least) {
      auto r = c->start(guarded("select id from public.t where id >= $1 order by id", 1), {value(least)}, {.schema_mark = mark_, .rows_at_once = 3});
      EXPECT_TRUE(r.has_value()) << r.error().detail;
      return *std::move(r);
    };
    auto first = from(1);
    auto second = from(9);
    EXPECT_EQ(first->width(), 1U);
    std::vector<value> row;
    for (int i = 1; i <= 10; ++i) {
      ASSERT_TRUE(first->next(row).value());
      EXPECT_EQ(row[0].as<int>(), i);
      EXPECT_EQ(one(*c, "select 7").as<int>(), 7);
      EXPECT_FALSE(run(*c, "select 1 / 0").has_value()) << "and takes nothing along";
      if (i == 5) second.reset();
    }
    EXPECT_FALSE(first->next(row).value());
    EXPECT_FALSE(first->next(row).value());
    first.reset();
    auto abandoned = from(1);
    ASSERT_TRUE(abandoned->next(row).value());
    abandoned.reset();
    EXPECT_EQ(db.value("select count(*) from pg_stat_activity where state like 'idle in%' and datname = current_database()"), "0");
  }
}

TEST_F(connections, a_stream_holds_no_more_than_it_was_told) {
  auto const c = open();
  auto r = c->start(guarded("select generate_series(1, 100000000), repeat('x', 1000)"), {}, {.schema_mark = mark(), .rows_at_once = 10});
  ASSERT_TRUE(r.has_value());
  std::vector<value> row;
  for (int i = 1; i <= 25; ++i) ASSERT_TRUE((*r)->next(row).value());
  EXPECT_EQ(row[0].as<int>(), 25);
}

TEST_F(connections, the_application_cannot_begin_a_transaction_inside_a_stream) {
  pqxx::connection native(db.conninfo());
  auto const c = borrow(native);
  auto r = c->start(guarded("select id from public.t"), {}, {.schema_mark = mark(), .rows_at_once = 1});
  ASSERT_TRUE(r.has_value());
  EXPECT_THROW(pqxx::work w(native), pqxx::usage_error);
  r->reset();
  EXPECT_NO_THROW(pqxx::work(native).exec("select 1"));
}

TEST_F(connections, a_statement_that_takes_too_long_is_ended) {
  auto t = usual();
  t.statement_timeout = 50ms;
  for (bool const pooled : {false, true}) {
    t.pooled = pooled;
    auto const c = open(t);
    auto const late = run(*c, "select pg_sleep(20)");
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().kind, errc::unavailable);
    EXPECT_EQ(late.error().message, "the statement took longer than it may");
    EXPECT_EQ(late.error().sqlstate, "57014");
    EXPECT_EQ(one(*c, "select 1").as<int>(), 1);
  }
}

TEST_F(connections, a_stop_ends_what_runs_and_what_would) {
  auto t = usual();
  t.statement_timeout = 1h;
  auto const c = open(t);
  auto const begun = std::chrono::steady_clock::now();
  std::stop_source stop;
  std::jthread const stopper([&] {
    while (db.value("select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'") != "1") continue;
    stop.request_stop();
  });
  auto const ended = run(*c, "select pg_sleep(60)", {}, 0, stop.get_token());
  ASSERT_FALSE(ended.has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 40s) << "it was not waited for";
  EXPECT_EQ(ended.error().message, "the statement was stopped");
  EXPECT_EQ(ended.error().kind, errc::unavailable);
  EXPECT_EQ(run(*c, "select 1", {}, 0, stop.get_token()).error().message, "the statement was stopped");
  EXPECT_EQ(one(*c, "select 1").as<int>(), 1) << "the next one is not hit";
}

// --- the schema

TEST_F(connections, a_changed_schema_is_noticed_in_its_interval) {
  auto t = usual();
  t.schema_interval = 0ms;
  for (bool const pooled : {false, true}) {
    t.pooled = pooled;
    mark_ = mark();
    auto const c = open(t);
    EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
    db.run("create table other" + std::to_string(pooled) + " (x int)");
    for (std::size_t const at_once : {0U, 5U}) {
      auto const late = run(*c, "select name from public.t where id = 1", {}, at_once);
      ASSERT_FALSE(late.has_value());
      EXPECT_TRUE(late.error().schema_changed);
      EXPECT_TRUE(late.error().retryable);
    }
    mark_ = mark();
    EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
  }
}

TEST_F(connections, a_table_that_another_takes_the_place_of_is_noticed) {
  auto t = usual();
  t.schema_interval = 0ms;
  auto const c = open(t);
  EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
  db.run("create table s (like t); insert into s values (1, 'secret'); alter table t rename to gone; alter table s rename to t");
  auto const late = run(*c, "select name from public.t where id = 1");
  ASSERT_FALSE(late.has_value());
  EXPECT_TRUE(late.error().schema_changed);
}

TEST_F(connections, what_is_gone_is_a_change_at_once) {
  auto const c = open();  // its interval is an hour
  EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
  db.run("alter table t rename name to title");
  for (std::size_t const at_once : {0U, 5U}) {
    mark_ = "of before";
    EXPECT_TRUE(run(*c, "select name from public.t where id = 1", {}, at_once).error().schema_changed);
  }
  mark_ = mark();
  EXPECT_EQ(text(one(*c, "select title from public.t where id = 1")), "n1");
  auto const typo = run(*c, "select nothing from public.t where id = 1");
  EXPECT_FALSE(typo.error().schema_changed) << "the catalogue is of this schema: the statement is at fault";
  EXPECT_EQ(typo.error().kind, errc::backend);
}

TEST_F(connections, a_column_that_changed_its_type_is_a_change) {
  auto const c = open();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
  db.run("alter table t alter column name type varchar(9)");
  EXPECT_TRUE(run(*c, "select name from public.t where id = 1").error().schema_changed);
  mark_ = mark();
  EXPECT_EQ(text(one(*c, "select name from public.t where id = 1")), "n1");
}

// --- broken connections

TEST_F(connections, a_broken_connection_of_our_own_is_unavailable_and_opened_anew_with_its_settings) {
  auto const c = open();
  auto const settings = "select current_setting('timezone') || current_setting('default_transaction_read_only') || current_setting('search_path') from public.t where id = 1";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text(one(*c, settings)), "UTConpg_catalog");
  EXPECT_EQ(c->kept_statements(), 1U);
  auto const before = pid_of(*c);
  end(before);
  auto const lost = run(*c, settings);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().kind, errc::unavailable);
  EXPECT_TRUE(lost.error().retryable);
  EXPECT_FALSE(c->clean_up()) << "as it is, it is not fit for another session";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text(one(*c, settings)), "UTConpg_catalog") << "the server's own is America/New_York";
  EXPECT_NE(pid_of(*c), before);
  EXPECT_EQ(c->kept_statements(), 1U) << "of those before nothing is prepared on this one";
  EXPECT_TRUE(c->clean_up());
}

TEST_F(connections, the_applications_connection_is_pinned_and_prepared_anew_on_another_process) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::nontransaction(native).exec("set timezone = 'UTC'; set statement_timeout = '5s'");
  auto const c = borrow(native);
  auto const sql = "select current_setting('timezone') from public.t where id = 1";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text(one(*c, sql)), "UTC");
  auto const before = native.backendpid();
  end(before);
  auto const lost = run(*c, sql);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().kind, errc::unavailable);
#if PQXX_VERSION_MAJOR < 7
  EXPECT_EQ(text(one(*c, sql)), "UTC") << "the server's own is America/New_York, and libpqxx opens it with that";
  EXPECT_NE(native.backendpid(), before);
#endif
}

TEST_F(connections, a_process_that_the_application_has_changed_itself_is_seen) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::nontransaction(native).exec("set timezone = 'UTC'; set statement_timeout = '5s'");
  auto const c = borrow(native);
  auto const sql = "select current_setting('timezone')";
  EXPECT_EQ(text(one(*c, sql)), "UTC");
  end(native.backendpid());
#if PQXX_VERSION_MAJOR < 7
  for (bool back = false; !back;) try {  // in the same session of ours: nobody tells us
      pqxx::work(native).exec("select 1");
      back = true;
    } catch (pqxx::broken_connection const&) {
      continue;
    }
  EXPECT_EQ(text(one(*c, sql)), "UTC");
#endif
}

TEST_F(connections, nothing_is_sent_on_another_process_until_it_is_asked_for) {
  pqxx::connection native(db.conninfo());
  auto const on = grille::postgres::backend::borrow(native);
  ASSERT_TRUE(on->run("select 1").has_value());
  auto const before = on->pid();
  end(before);
  for (int tries = 0; tries < 4; ++tries) {
    auto const lost = on->run("select 1");
    ASSERT_FALSE(lost.has_value());
    EXPECT_TRUE(lost.error().broken);
  }
#if PQXX_VERSION_MAJOR < 7
  ASSERT_TRUE(on->revive().has_value());
  EXPECT_TRUE(on->run("select 1").has_value());
  EXPECT_NE(on->pid(), before);
#endif
}

TEST_F(connections, a_stream_whose_process_is_gone_ends) {
  auto const c = open();
  auto r = c->start(guarded("select id from public.t"), {}, {.schema_mark = mark(), .rows_at_once = 2});
  ASSERT_TRUE(r.has_value());
  std::vector<value> row;
  ASSERT_TRUE((*r)->next(row).value());
  ASSERT_TRUE((*r)->next(row).value());
  end(pid_of(*c));
  auto const lost = (*r)->next(row);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().kind, errc::unavailable);
  EXPECT_FALSE((*r)->next(row).value());
}

TEST_F(connections, no_statement_leaves_a_broken_transaction_of_the_applications) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  auto const c = borrow(native);
  pqxx::work yours(native);
  yours.exec("set local timezone = 'UTC'");
  ASSERT_TRUE(c->enter(yours).has_value());
  auto const sql = "select 'ran outside of it' from public.t where id = 1";
  EXPECT_EQ(text(one(*c, sql)), "ran outside of it");
  end(native.backendpid());
  EXPECT_EQ(run(*c, sql).error().kind, errc::unavailable);
  EXPECT_EQ(run(*c, sql).error().kind, errc::unavailable) << "libpqxx 6 would open another connection and run it there";
}

TEST_F(connections, a_server_that_is_not_there_is_unavailable) {
  auto const c = connection::open("host=/nowhere dbname=x", usual());
  ASSERT_FALSE(c.has_value());
  EXPECT_EQ(c.error().kind, errc::unavailable);
  EXPECT_THAT(c.error().message, Not(HasSubstr("nowhere")));
}

// --- the application's own transaction

TEST_F(connections, a_transaction_of_the_applications_is_read_in_and_never_ended) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  auto const c = borrow(native);
  {
    pqxx::work yours(native);
    yours.exec("set local timezone = 'UTC'; set local statement_timeout = '7s'; insert into t values (11, 'mine')");
    ASSERT_TRUE(c->enter(yours).has_value());
    EXPECT_EQ(text(one(*c, "select name from public.t where id = 11")), "mine");
    EXPECT_EQ(run(*c, "select name from public.t order by id", {}, 4)->size(), 11U);
    EXPECT_EQ(text(one(*c, "select current_setting('statement_timeout')")), "7s");
    EXPECT_TRUE(c->clean_up());
    EXPECT_EQ(yours.exec("select count(*) from pg_cursors")[0][0].as<int>(), 0);
    yours.exec("insert into t values (12, 'still open')");
    yours.abort();
  }
  EXPECT_EQ(db.value("select count(*) from t"), "10");
  EXPECT_EQ(one(*c, "select count(*) from public.t").as<int>(), 10) << "and without it again";
}

TEST_F(connections, a_longer_time_limit_of_the_applications_is_shortened_and_put_back) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  auto const c = borrow(native);
  pqxx::work yours(native);
  yours.exec("set local timezone = 'UTC'; set local statement_timeout = '1h'");
  ASSERT_TRUE(c->enter(yours).has_value());
  EXPECT_EQ(text(one(*c, "select current_setting('statement_timeout')")), "20s");
  c->clean_up();
  EXPECT_EQ(yours.exec("show statement_timeout")[0][0].c_str(), std::string("1h"));
}

TEST_F(connections, an_error_leaves_the_applications_transaction_to_be_rolled_back) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  auto const c = borrow(native);
  pqxx::work yours(native);
  yours.exec("set local timezone = 'UTC'");
  ASSERT_TRUE(c->enter(yours).has_value());
  EXPECT_EQ(run(*c, "select 1 / 0").error().sqlstate, "22012");
  auto const after = run(*c, "select 1");
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind, errc::usage);
}

TEST_F(connections, another_connections_transaction_is_refused) {
  pqxx::connection native(db.conninfo());
  pqxx::connection other(db.conninfo());
  auto const c = borrow(native);
  pqxx::work theirs(other);
  EXPECT_EQ(c->enter(theirs).error().kind, errc::usage);
}

// --- what callers are told

struct told {
  char const* sql;
  char const* state;
  errc kind;
  friend std::ostream& operator<<(std::ostream& out, told const& t) { return out << t.sql; }
};
class each_error : public world, public testing::WithParamInterface<told> {};
TEST_P(each_error, is_a_kind_and_a_state_and_nothing_else) {
  db.run("create table hidden_table (secret_column text unique check (secret_column <> 'canary')); insert into hidden_table values ('canary 42')");
  db.run("create function shout() returns int language plpgsql as $$ begin raise exception 'canary %', 42 using hint = 'canary', detail = 'canary'; end $$");
  auto const c = open();
  auto const failed = run(*c, GetParam().sql);
  ASSERT_FALSE(failed.has_value());
  auto const& f = failed.error();
  EXPECT_EQ(f.sqlstate, GetParam().state) << f.detail;
  EXPECT_EQ(f.kind, GetParam().kind);
  for (auto const* word : {"canary", "hidden", "secret", "select", "LINE", "42", "DETAIL"}) EXPECT_THAT(f.message, Not(HasSubstr(word)));
  EXPECT_THAT(f.detail, HasSubstr(GetParam().sql)) << "for the audit";
  EXPECT_EQ(one(*c, "select 1").as<int>(), 1);
}
INSTANTIATE_TEST_SUITE_P(
    connections, each_error,
    testing::Values(told{"select secret_column::int from public.hidden_table", "22P02", errc::type}, told{"select 1 / (42 - 42)", "22012", errc::type},
                    told{"select * from public.hidden_tables", "42P01", errc::backend}, told{"select secret from public.hidden_table", "42703", errc::backend},
                    told{"select public.shout()", "P0001", errc::backend}, told{"select 'canary' from", "42601", errc::backend},
                    told{"select repeat('canary', 1000000000)", "54000", errc::limit}, told{"select 2147483647 + 42", "22003", errc::type},
                    told{"select max(max(42))", "42803", errc::syntax},
                    told{"select distinct on (1 + x) x from (values (1)) canary(x) order by x", "42P10", errc::syntax}, told{"select 42 = 'canary'::text", "42883", errc::type},
                    told{"select '42' = any (5)", "42809", errc::type}, told{"select jsonb '[42]' @? '$[canary'", "42601", errc::type}, told{"select case when true then 42 else 'canary'::text end", "42804", errc::type},
                    told{"select array[42]::point", "42846", errc::type}, told{"select date_part('canary', '2042-01-01')", "42725", errc::type},
                    told{"select 'canary' collate \"C\" < '42' collate \"POSIX\"", "42P21", errc::type},
                    told{"select (select x from (values (1), (42)) canary(x))", "21000", errc::type}),
    [](auto const& each) { return std::string(each.param.state) + "_" + std::to_string(each.index); });

}  // namespace
}  // namespace grille::exec::postgres
