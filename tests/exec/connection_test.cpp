// One handle: what it lets through, what it binds and reads, how it fails, what it leaves behind.
#include "exec/sqlite/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include "introspect/introspect.hpp"
#include "prover.hpp"
#include "scratch.hpp"

namespace {

using grille::errc;
using grille::value;
using grille::exec::failure;
using grille::exec::sqlite::conditions;
using grille::exec::sqlite::connection;
using proving::statement;
using std::chrono::milliseconds;
using row = std::vector<value>;

std::uint32_t version_of(scratch::handle const& h) { return static_cast<std::uint32_t>(std::stoul(h.ask("pragma schema_version"))); }

class sqlite_connection : public testing::Test {
 protected:
  sqlite_connection() : app_(file_.path()) {
    app_.must("create table t(a integer, b text); insert into t values (1, 'one'), (2, 'two'), (3, 'three'); create table secret(s)");
    version_ = version_of(app_);
  }
  std::unique_ptr<connection> open() const {
    auto c = connection::open(file_.path());
    EXPECT_TRUE(c) << c.error().detail;
    return *std::move(c);
  }
  conditions now() const { return {.tables = {}, .schema_version = version_, .time_limit = milliseconds(10'000)}; }
  grille::exec::result<std::vector<row>> all(connection& c, proving::guarded const& what, row parameters = {}) const {
    return all(c, what, std::move(parameters), now());
  }
  static grille::exec::result<std::vector<row>> all(connection& c, proving::guarded const& what, row parameters, conditions const& when) {
    auto r = c.start(what, std::move(parameters), when);
    if (!r) return tl::unexpected<failure>(r.error());
    std::vector<row> rows;
    for (row cells;;) {
      auto const more = (*r)->next(cells);
      if (!more) return tl::unexpected<failure>(more.error());
      if (!*more) return rows;
      rows.push_back(cells);
    }
  }
  template <class T>
  static failure refused(grille::exec::result<T> const& r) {
    EXPECT_FALSE(r) << "it was let through";
    return r ? failure{.kind = errc::usage, .message = "nothing"} : r.error();
  }
  value one(connection& c, std::string const& sql, row parameters = {}) const {
    auto const n = static_cast<unsigned>(parameters.size());
    auto const rows = all(c, statement(sql, {.columns = {{"main.t", "a"}, {"main.t", "b"}}, .functions = {"hex", "typeof", "length"}}, n), std::move(parameters));
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows && rows->size() == 1 ? rows->front().front() : value("not one row");
  }

  scratch::file file_;
  scratch::handle app_;
  std::uint32_t version_;
};

TEST_F(sqlite_connection, runs_what_it_may) {
  auto const c = open();
  auto const what = statement("select a, b from main.t order by a", {.columns = {{"main.t", "a"}, {"main.t", "b"}}});
  for (int i = 0; i < 3; ++i) {
    auto const rows = all(*c, what);
    ASSERT_TRUE(rows) << rows.error().detail;
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ((*rows)[1], (row{2, "two"}));
  }
  EXPECT_EQ(c->kept_statements(), 1U);
}

// --- the authorizer, where the proof was wrong -----------------------------------------------------------------------------

TEST_F(sqlite_connection, denies_a_column_that_was_not_proven) {
  auto const c = open();
  auto const rows = all(*c, statement("select a, b from main.t", {.columns = {{"main.t", "a"}}}));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::unsupported);
  EXPECT_THAT(rows.error().detail, testing::HasSubstr("denied: action 20 on t, b, main"));
  EXPECT_EQ(rows.error().message, "the check at execution refused the statement");
}

TEST_F(sqlite_connection, denies_tables_functions_recursion_and_everything_else) {
  proving::may const only_t{.columns = {{"main.t", "a"}}, .functions = {"length"}};
  for (auto const* sql : {
           "select s from main.secret",
           "select count(*) from main.secret",
           "select a from main.t where exists (select 1 from main.secret)",
           "select upper(a) from main.t",
           "select a from main.t where a like '1'",
           "select name from sqlite_master",
           "select sql from main.sqlite_schema",
           "select * from pragma_table_info('t')",
           "with recursive r(x) as (select 1 union all select x + 1 from r where x < 3) select x from r",
           "pragma user_version",
           "pragma writable_schema = on",
           "begin",
           "attach ':memory:' as m",
           "detach main",
           "insert into main.t values (9, 'nine')",
           "update main.t set a = 1",
           "delete from main.t",
           "create table main.u(x)",
           "create temp table u(x)",
           "drop table main.t",
           "vacuum",
           "analyze",
           "reindex",
           "savepoint s",
       }) {
    auto const c = open();
    auto const rows = all(*c, statement(sql, only_t));
    ASSERT_FALSE(rows) << sql;
    EXPECT_THAT(rows.error().kind, testing::AnyOf(errc::unsupported, errc::backend)) << sql << ": " << rows.error().detail;
    EXPECT_THAT(rows.error().message, testing::Not(testing::HasSubstr("secret"))) << sql;
  }
  EXPECT_EQ(app_.ask("select count(*) from t"), "3");
}

TEST_F(sqlite_connection, a_view_may_call_what_it_calls_and_the_caller_may_not) {
  app_.must("create view v as select upper(b) as b from t");
  version_ = version_of(app_);
  auto const c = open();
  std::set<std::pair<std::string, std::string>> const columns{{"main.v", "b"}, {"main.t", "b"}};
  EXPECT_TRUE(all(*c, statement("select b from main.v", {.columns = columns, .views = {"v"}})));
  EXPECT_FALSE(all(*c, statement("select b, 1 from main.v", {.columns = columns})));
  EXPECT_FALSE(all(*c, statement("select upper(b) from main.v", {.columns = columns, .views = {"v"}})));
}

TEST_F(sqlite_connection, table_functions_need_no_leave_beyond_their_own) {
  auto const c = open();
  auto const what = statement("select j.value from json_each('[7]') as j", {.columns = {{"main.json_each", "value"}}});
  auto const rows = all(*c, what);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->front().front(), value(7));
  EXPECT_FALSE(all(*open(), statement("select j.key from json_each('[7]') as j", {.columns = {{"main.json_each", "value"}}})));
}

TEST_F(sqlite_connection, a_virtual_table_reads_its_own_tables_and_no_others) {
  app_.must("create virtual table search using fts5(body); insert into search values ('one canary'); create table search_secret(s);"
            "insert into search_secret values ('canary')");
  version_ = version_of(app_);
  auto const c = open();
  auto const tables = grille::introspect::read_sqlite(app_);
  ASSERT_TRUE(tables);
  auto when = now();
  when.tables = *tables;
  proving::may const search{.columns = {{"main.search", "body"}}};
  auto const rows = all(*c, statement("select body from main.search", search), {}, when);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->front().front(), value("one canary"));
  EXPECT_FALSE(all(*c, statement("select s from main.search_secret", search), {}, when)) << "it has the name, but is a table of its own";
  EXPECT_FALSE(all(*c, statement("select s from main.secret", search), {}, when));
}

TEST_F(sqlite_connection, runs_one_whole_statement_that_only_reads) {
  auto const c = open();
  proving::may const a{.columns = {{"main.t", "a"}}};
  EXPECT_EQ(refused(all(*c, statement("select a from main.t; select a from main.t", a))).kind, errc::unsupported);
  EXPECT_EQ(refused(all(*c, statement("", a))).kind, errc::unsupported);
  EXPECT_EQ(refused(all(*c, statement("-- nothing", a))).kind, errc::unsupported);
  EXPECT_EQ(refused(all(*c, statement(std::string("select a from main.t\0 where 0", 29), a))).kind, errc::unsupported);
}

TEST_F(sqlite_connection, an_unknown_double_quoted_name_is_no_text) {
  auto const c = open();
  EXPECT_EQ(refused(all(*c, statement("select \"nothing\" from main.t", {.columns = {{"main.t", "a"}, {"main.t", ""}}}))).kind, errc::backend);
}

TEST_F(sqlite_connection, between_statements_nothing_is_allowed_on_a_handle_of_our_own) {
  auto const c = open();
  sqlite3* const bare = c->unguarded([](sqlite3* db) { return db; });
  EXPECT_EQ(sqlite3_exec(bare, "select b from t", nullptr, nullptr, nullptr), SQLITE_AUTH);
  EXPECT_EQ(c->unguarded([](sqlite3* db) { return sqlite3_exec(db, "select b from t", nullptr, nullptr, nullptr); }), SQLITE_OK);
}

TEST_F(sqlite_connection, a_proof_does_not_outlive_its_statement) {
  auto const c = open();
  ASSERT_TRUE(all(*c, statement("select b from main.t", {.columns = {{"main.t", "b"}}})));
  EXPECT_FALSE(all(*c, statement("select b, 1 from main.t", {.columns = {{"main.t", "a"}}})));
}

// --- parameters and values --------------------------------------------------------------------------------------------------

TEST_F(sqlite_connection, values_come_back_as_they_went) {
  auto const c = open();
  auto const lowest = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(one(*c, "select ?1", {value()}).null());
  EXPECT_EQ(one(*c, "select ?1", {lowest}), value(lowest));
  EXPECT_EQ(one(*c, "select ?1", {true}), value(1));
  EXPECT_EQ(one(*c, "select ?1", {0.1}), value(0.1));
  EXPECT_EQ(one(*c, "select ?1", {""}), value(""));
  EXPECT_EQ(one(*c, "select ?1", {std::string("a\0b", 3)}), value(std::string("a\0b", 3)));
  EXPECT_EQ(one(*c, "select ?1", {"gr\xC3\xBC\xC3\x9F"}), value("gr\xC3\xBC\xC3\x9F"));
  EXPECT_EQ(one(*c, "select ?1", {grille::bytes{std::byte{0}, std::byte{255}}}), value(grille::bytes{std::byte{0}, std::byte{255}}));
  EXPECT_EQ(one(*c, "select typeof(?1)", {grille::bytes{}}), value("blob"));
  EXPECT_EQ(one(*c, "select ?1", {grille::bytes{}}), value(grille::bytes{}));
  EXPECT_EQ(one(*c, "select ?1", {grille::json{"{}"}}), value("{}"));
}

TEST_F(sqlite_connection, times_are_written_as_the_clock_writes_them) {
  using namespace std::chrono;
  auto const c = open();
  auto const day = sys_days(year(2026) / 11 / 2);
  EXPECT_EQ(one(*c, "select ?1", {day}), value("2026-11-02"));
  EXPECT_EQ(one(*c, "select ?1", {grille::timestamp(day + 9h + 5min)}), value("2026-11-02 09:05:00"));
  EXPECT_EQ(one(*c, "select ?1", {grille::timestamp(day + microseconds(1500))}), value("2026-11-02 00:00:00.001500"));
  EXPECT_EQ(one(*c, "select ?1", {grille::timestamp(sys_days(year(1969) / 12 / 31) + 23h)}), value("1969-12-31 23:00:00"));
  auto const far = all(*c, statement("select ?1", {}, 1), {sys_days(year(12000) / 1 / 1)});
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().kind, errc::type);
}

TEST_F(sqlite_connection, a_numeric_is_what_its_digits_are_in_a_text) {
  auto const c = open();
  EXPECT_EQ(one(*c, "select ?1", {grille::numeric{"20"}}), value(20));
  EXPECT_EQ(one(*c, "select ?1", {grille::numeric{"20.00"}}), value(20.0));
  EXPECT_EQ(one(*c, "select ?1 = 0.1", {grille::numeric{"0.1"}}), value(1));
  EXPECT_EQ(one(*c, "select ?1", {grille::numeric{"+12"}}), value(12));
  EXPECT_EQ(one(*c, "select ?1", {grille::numeric{"123456789012345000000"}}), value(123456789012345000000.0));
  for (auto const* bad : {"1234567890.1234567", "12345678901234567890", "1e999", "12x", "", "NaN", "Infinity", "0x10", " 1"}) {
    auto const rows = all(*c, statement("select ?1", {}, 1), {grille::numeric{bad}});
    ASSERT_FALSE(rows) << bad;
    EXPECT_EQ(rows.error().kind, errc::type) << bad;
  }
}

TEST_F(sqlite_connection, what_would_become_null_is_refused) {
  auto const c = open();
  auto const rows = all(*c, statement("select ?1", {}, 1), {std::nan("")});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::type);
}

TEST_F(sqlite_connection, parameters_must_be_as_many_as_known) {
  auto const c = open();
  EXPECT_EQ(refused(all(*c, statement("select ?1, ?2", {}, 2), {1})).kind, errc::usage);
  EXPECT_EQ(refused(all(*c, statement("select ?1", {}, 1), {1, 2})).kind, errc::usage);
  EXPECT_EQ(refused(all(*c, statement("select ?1, ?2", {}, 1), {1})).kind, errc::unsupported);
  EXPECT_TRUE(all(*c, statement("select ?1", {}, 2), {1, 2})) << "the last ones may be unused";
}

TEST_F(sqlite_connection, text_that_is_not_utf8_is_read_as_it_is) {
  app_.must("insert into t values (4, cast(x'ff00fe' as text))");
  auto const c = open();
  EXPECT_EQ(one(*c, "select b from main.t where a = 4"), value(std::string("\xFF\0\xFE", 3)));
}

// --- statements in use --------------------------------------------------------------------------------------------------------

TEST_F(sqlite_connection, the_same_text_can_be_read_twice_at_once) {
  auto const c = open();
  auto const what = statement("select a from main.t order by a", {.columns = {{"main.t", "a"}}});
  auto first = c->start(what, {}, now());
  auto second = c->start(what, {}, now());
  ASSERT_TRUE(first && second);
  row cells;
  ASSERT_TRUE(*(*first)->next(cells));
  ASSERT_TRUE(*(*first)->next(cells));
  EXPECT_EQ(cells[0], value(2));
  ASSERT_TRUE(*(*second)->next(cells));
  EXPECT_EQ(cells[0], value(1));
  first->reset();
  second->reset();
  EXPECT_EQ(c->kept_statements(), 1U);
}

TEST_F(sqlite_connection, keeps_a_bounded_number_of_statements) {
  auto const c = open();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(all(*c, statement("select a + " + std::to_string(i) + " from main.t", {.columns = {{"main.t", "a"}}})));
  EXPECT_LE(c->kept_statements(), 200U);
}

TEST_F(sqlite_connection, an_error_leaves_it_usable) {
  auto const c = open();
  ASSERT_FALSE(all(*c, statement("select s from main.secret", {})));
  EXPECT_EQ(one(*c, "select a from main.t where b = ?1", {"two"}), value(2));
}

// --- the schema ------------------------------------------------------------------------------------------------------------------

TEST_F(sqlite_connection, notices_a_schema_that_changed_between_two_statements) {
  auto const c = open();
  auto const what = statement("select b from main.t", {.columns = {{"main.t", "b"}}});
  ASSERT_TRUE(all(*c, what));
  app_.must("alter table t add column c");
  auto const stale = c->start(what, {}, now());
  ASSERT_FALSE(stale) << "not a row of it is handed out";
  EXPECT_TRUE(stale.error().schema_changed);
  EXPECT_TRUE(stale.error().retryable);
  version_ = version_of(app_);
  EXPECT_TRUE(all(*c, what));
}

TEST_F(sqlite_connection, a_statement_made_for_another_schema_is_not_run_in_this_one) {
  auto const c = open();
  auto const what = statement("select b from main.t", {.columns = {{"main.t", "b"}}});
  ASSERT_TRUE(all(*c, what));
  ++version_;
  EXPECT_TRUE(refused(all(*c, what)).schema_changed);
}

TEST_F(sqlite_connection, notices_a_schema_that_changed_before_the_first_statement) {
  auto const c = open();
  app_.must("create view w as select s from secret");
  EXPECT_TRUE(refused(all(*c, statement("select a from main.t", {.columns = {{"main.t", "a"}}}))).schema_changed);
}

TEST_F(sqlite_connection, a_table_that_became_another_is_never_read) {
  auto const c = open();
  auto const what = statement("select b from main.t", {.columns = {{"main.t", "b"}}});
  ASSERT_TRUE(all(*c, what));
  app_.must("insert into secret values ('canary'); drop table t; create view t as select 1 as a, s as b from secret");
  auto const stale = all(*c, what);
  ASSERT_FALSE(stale);
  EXPECT_TRUE(stale.error().schema_changed);
  version_ = version_of(app_);  // even if someone were to hold the new version for known, the authorizer does not
  auto const denied = all(*c, what);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, errc::unsupported);
  EXPECT_THAT(denied.error().detail, testing::HasSubstr("secret"));
}

TEST_F(sqlite_connection, a_change_during_a_read_does_not_disturb_it) {
  app_.must("pragma journal_mode = wal");
  auto const c = open();
  auto r = c->start(statement("select b from main.t order by a", {.columns = {{"main.t", "a"}, {"main.t", "b"}}}), {}, now());
  ASSERT_TRUE(r);
  row cells;
  ASSERT_TRUE(*(*r)->next(cells));
  app_.must("drop table t");
  ASSERT_TRUE(*(*r)->next(cells));
  EXPECT_EQ(cells[0], value("two"));
}

// --- time, locks, stops ---------------------------------------------------------------------------------------------------------------

proving::guarded endless() {
  return statement("with recursive r(x) as (select 1 union all select x + 1 from r) select count(x) from r", {.functions = {"count"}, .recursive = true});
}

TEST_F(sqlite_connection, a_statement_ends_when_its_time_is_over) {
  auto const c = open();
  auto when = now();
  when.time_limit = milliseconds(20);
  auto const rows = all(*c, endless(), {}, when);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::unavailable);
  EXPECT_EQ(rows.error().message, "the statement took longer than it may");
  EXPECT_FALSE(rows.error().retryable);
  EXPECT_EQ(one(*c, "select 1"), value(1));
}

TEST_F(sqlite_connection, a_statement_ends_when_it_is_stopped) {
  auto const c = open();
  std::stop_source stop;
  auto when = now();
  when.stop = stop.get_token();
  std::thread const other([&] { stop.request_stop(); });
  auto const rows = all(*c, endless(), {}, when);
  const_cast<std::thread&>(other).join();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "the statement was stopped");
  EXPECT_EQ(refused(all(*c, statement("select 1", {}), {}, when)).kind, errc::unavailable) << "stopped before it began";
}

TEST_F(sqlite_connection, a_lock_is_waited_for_no_longer_than_the_statement_may_run) {
  auto const c = open();
  app_.must("begin exclusive");
  auto when = now();
  when.time_limit = milliseconds(30);
  auto const rows = all(*c, statement("select a from main.t", {.columns = {{"main.t", "a"}}}), {}, when);
  app_.must("commit");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::unavailable);
  EXPECT_EQ(one(*c, "select a from main.t where a = 2"), value(2));
}

TEST_F(sqlite_connection, what_is_too_big_is_a_limit) {
  auto const c = open();
  auto const rows = all(*c, statement("select zeroblob(300000000)", {.functions = {"zeroblob"}}));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::limit);
}

TEST_F(sqlite_connection, what_fails_in_the_engine_says_nothing_of_it) {
  auto const c = open();
  auto const bad = all(*c, statement("select json_extract(b, '$') from main.t", {.columns = {{"main.t", "b"}}, .functions = {"json_extract"}}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, errc::type);
  EXPECT_EQ(bad.error().message, "a value does not fit what is done with it");
  EXPECT_THAT(bad.error().detail, testing::HasSubstr("malformed JSON"));
}

// --- opening --------------------------------------------------------------------------------------------------------------------------

TEST_F(sqlite_connection, makes_no_database) {
  auto const none = connection::open(file_.folder() / "none.db");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, errc::unavailable);
  EXPECT_FALSE(std::filesystem::exists(file_.folder() / "none.db"));
}

// --- handles of the application's -------------------------------------------------------------------------------------------------------

int setting(sqlite3* db, int which) {
  int state = -1;
  sqlite3_db_config(db, which, -1, &state);
  return state;
}

void nothing(sqlite3_context* c, int /*n*/, sqlite3_value** /*v*/) { sqlite3_result_int(c, 0); }

TEST_F(sqlite_connection, a_borrowed_handle_gets_its_settings_back) {
  constexpr int switches[] = {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};
  sqlite3_db_config(app_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
  sqlite3_create_function(app_, "our_own", 1, SQLITE_UTF8, nullptr, &nothing, nullptr, nullptr);
  sqlite3_db_config(app_, SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  sqlite3_db_config(app_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  std::vector<int> before;
  for (auto const s : switches) before.push_back(setting(app_, s));
  auto const length = sqlite3_limit(app_, SQLITE_LIMIT_LENGTH, -1);
  auto const attached = sqlite3_limit(app_, SQLITE_LIMIT_ATTACHED, -1);
  {
    auto const c = connection::borrow(app_);
    ASSERT_TRUE(c) << c.error().detail;
    EXPECT_EQ(setting(app_, SQLITE_DBCONFIG_DEFENSIVE), 1);
    EXPECT_EQ(setting(app_, SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
    EXPECT_EQ(setting(app_, SQLITE_DBCONFIG_DQS_DML), 0);
    EXPECT_EQ(setting(app_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION), 0);
    EXPECT_EQ(sqlite3_limit(app_, SQLITE_LIMIT_ATTACHED, -1), 0);
    EXPECT_EQ(one(**c, "select a from main.t where a = 2"), value(2));
    app_.must("insert into t values (4, 'four')");  // between ours, the application does as it likes
    EXPECT_EQ(app_.ask("select count(*) from sqlite_master"), "2");
  }
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(setting(app_, switches[i]), before[i]);
  EXPECT_EQ(sqlite3_limit(app_, SQLITE_LIMIT_LENGTH, -1), length);
  EXPECT_EQ(sqlite3_limit(app_, SQLITE_LIMIT_ATTACHED, -1), attached);
  app_.must("attach ':memory:' as m");
}

// https://www.sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigtrustedschema
TEST_F(sqlite_connection, a_schema_is_trusted_where_all_that_it_could_call_is_sqlites_own) {
  struct {
    char const* what;
    std::function<int(sqlite3*)> add;
    int trusted;
  } const cases[] = {
      {"nothing more", [](sqlite3* /*db*/) { return SQLITE_OK; }, 1},
      {"innocuous", [](sqlite3* db) { return sqlite3_create_function(db, "our_own", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS, nullptr, &nothing, nullptr, nullptr); }, 1},
      {"a function", [](sqlite3* db) { return sqlite3_create_function(db, "our_own", 1, SQLITE_UTF8, nullptr, &nothing, nullptr, nullptr); }, 0},
      {"deterministic", [](sqlite3* db) { return sqlite3_create_function(db, "our_own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, &nothing, nullptr, nullptr); }, 0},
      {"a module", [](sqlite3* db) {
         static sqlite3_module const module{};
         return sqlite3_create_module(db, "our_own", &module, nullptr);
       }, 0}};
  for (auto const& one : cases) {
    scratch::handle const h(file_.path());
    sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
    ASSERT_EQ(one.add(h), SQLITE_OK) << one.what;
    auto const c = connection::borrow(h);
    ASSERT_TRUE(c) << c.error().detail;
    EXPECT_EQ(setting(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA), one.trusted) << one.what;
  }
  scratch::handle const wary(file_.path());
  sqlite3_db_config(wary, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  auto const c = connection::borrow(wary);
  ASSERT_TRUE(c) << c.error().detail;
  EXPECT_EQ(setting(wary, SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0) << "as the application has it";
}

TEST_F(sqlite_connection, functions_in_the_place_of_sqlites_are_refused) {
  struct {
    char const* name;
    int arguments;
    bool refused;
  } const cases[] = {{"lower", 1, true}, {"LENGTH", 1, true}, {"coalesce", -1, true}, {"lower", 5, false}, {"our_own", 1, false}};
  for (auto const& f : cases) {
    scratch::handle const h(file_.path());
    ASSERT_EQ(sqlite3_create_function(h, f.name, f.arguments, SQLITE_UTF8, nullptr, &nothing, nullptr, nullptr), SQLITE_OK);
    auto const c = connection::borrow(h);
    EXPECT_EQ(!c, f.refused) << f.name;
    if (!c) {
      EXPECT_EQ(c.error().kind, errc::usage);
    }
  }
}

TEST_F(sqlite_connection, functions_that_come_later_are_refused_too) {
  auto const c = connection::borrow(app_);
  ASSERT_TRUE(c);
  auto const what = statement("select length(b) from main.t", {.columns = {{"main.t", "b"}}, .functions = {"length"}});
  ASSERT_TRUE(all(**c, what));
  sqlite3_create_function(app_, "length", 1, SQLITE_UTF8, nullptr, &nothing, nullptr, nullptr);
  auto const rows = all(**c, what);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, errc::usage);
}

TEST_F(sqlite_connection, pragma_case_sensitive_like_changes_like_and_is_refused) {
  app_.must("pragma case_sensitive_like = on");
  EXPECT_FALSE(connection::borrow(app_));
}

TEST_F(sqlite_connection, temporary_tables_do_not_stand_in_for_real_ones) {
  app_.must("create temp table t(a, b); insert into temp.t values (99, 'temp')");
  auto const c = connection::borrow(app_);
  ASSERT_TRUE(c);
  EXPECT_EQ(one(**c, "select b from main.t where a = 1"), value("one"));
  EXPECT_FALSE(all(**c, statement("select b from t", {.columns = {{"main.t", "b"}}})));
}

TEST_F(sqlite_connection, works_inside_a_transaction_of_the_applications) {
  auto const c = connection::borrow(app_);
  ASSERT_TRUE(c);
  app_.must("begin; insert into t values (4, 'four')");
  EXPECT_EQ(one(**c, "select b from main.t where a = 4"), value("four"));
  EXPECT_EQ(sqlite3_get_autocommit(app_), 0) << "it is still open";
  app_.must("alter table t add column c");
  EXPECT_TRUE(refused(all(**c, statement("select b from main.t where a = 4", {.columns = {{"main.t", "a"}, {"main.t", "b"}}}))).schema_changed);
  app_.must("rollback");
  EXPECT_TRUE(all(**c, statement("select b from main.t where a = 1", {.columns = {{"main.t", "a"}, {"main.t", "b"}}})));
}

TEST_F(sqlite_connection, leaves_no_statement_on_a_borrowed_handle) {
  scratch::handle const h(file_.path());
  {
    auto const c = connection::borrow(h);
    ASSERT_TRUE(c);
    ASSERT_TRUE(all(**c, statement("select a from main.t", {.columns = {{"main.t", "a"}}})));
  }
  EXPECT_EQ(sqlite3_next_stmt(h, nullptr), nullptr);
}

}  // namespace
