// What the meaning of a statement depends on beside its text: that it is as it has to be when the statement runs, and as it was when it is over.
#include "fixture.hpp"
#include "postgres/proxy.hpp"

namespace grille::exec::postgres {
namespace {

using testing::HasSubstr;

class pins : public world {
 protected:
  /// As a service might have made it, with all of it wrong.
  static constexpr char const* strange =
      "set standard_conforming_strings = off; set timezone = 'Asia/Tokyo'; set datestyle = 'SQL, DMY'; set intervalstyle = 'iso_8601'; "
      "set bytea_output = 'escape'; set extra_float_digits = 0; set transform_null_equals = on; set search_path = evil; set array_nulls = off; "
      "set client_encoding = 'LATIN1'; set statement_timeout = 0";
  static std::string settings(pqxx::connection& native) {
    pqxx::nontransaction t(native);
    std::string all;
    for (auto const& row : t.exec("select name, setting from pg_catalog.pg_settings where source in ('session', 'client') order by name collate \"C\""))
      all += std::string(row[0].c_str()) + "=" + row[1].c_str() + "\n";
    for (auto const& row : t.exec("select name from pg_catalog.pg_prepared_statements")) all += std::string("prepared ") + row[0].c_str() + "\n";
    for (auto const& row : t.exec("select name from pg_catalog.pg_cursors where name <> ''")) all += std::string("cursor ") + row[0].c_str() + "\n";
    return all;
  }
  /// Each cell depends on one of the settings.
  void expect_pinned(connection& c) {
    auto const all = run(c,
                         "select '\\x41'::text, '2026-01-02 03:04:05+00'::timestamptz::text, '2026-03-04'::date::text, '1 day 2 hours'::interval::text, "
                         "'\\x41ff'::bytea, (0.1::float8 + 0.2::float8), null = null is null, array_to_string('{null}'::text[], ',', '*'), 'ü'::text, "
                         "current_setting('search_path')");
    ASSERT_TRUE(all.has_value()) << all.error().detail;
    auto const& row = all->front();
    EXPECT_EQ(text(row[0]), "\\x41");
    EXPECT_EQ(text(row[1]), "2026-01-02 03:04:05+00");
    EXPECT_EQ(text(row[2]), "2026-03-04");
    EXPECT_EQ(text(row[3]), "1 day 02:00:00");
    EXPECT_EQ(row[4].as<bytes>().size(), 2U);
    EXPECT_EQ(row[5].as<double>(), 0.1 + 0.2);
    EXPECT_TRUE(row[6].as<bool>());
    EXPECT_EQ(text(row[7]), "*");
    EXPECT_EQ(text(row[8]), "ü");
    EXPECT_EQ(text(row[9]), "pg_catalog");
  }
};

TEST_F(pins, a_connection_of_our_own_starts_with_them) {
  db.run("alter database " + db.name() + " set timezone = 'Asia/Tokyo'; alter database " + db.name() + " set search_path = evil; alter database " +
         db.name() + " set standard_conforming_strings = off; alter database " + db.name() + " set transform_null_equals = on");
  auto const c = open();
  expect_pinned(*c);
  EXPECT_EQ(text(one(*c, "select current_setting('statement_timeout')")), "20s");
}

TEST_F(pins, the_options_of_the_connection_string_stay_but_do_not_win) {
  auto c = connection::open(db.conninfo() + " options='-c TimeZone=Asia/Tokyo -c work_mem=7MB' application_name='it''s'", usual());
  ASSERT_FALSE(c.has_value()) << "libpq writes a quote behind a backslash";
  c = connection::open(db.conninfo() + " options='-c TimeZone=Asia/Tokyo -c work_mem=7MB' application_name='it\\'s \\\\'", usual());
  ASSERT_TRUE(c.has_value()) << c.error().detail;
  expect_pinned(**c);
  EXPECT_EQ(text(one(**c, "select current_setting('work_mem') || current_setting('application_name')")), "7MBit's \\");
}

TEST_F(pins, a_uri_is_taken_too) {
  auto const& folder = testing_postgres::server::running().folder();
  std::string escaped;
  for (char const ch : folder) escaped += ch == '/' ? "%2F" : std::string(1, ch);
  auto c = connection::open("postgresql://postgres@" + escaped + "/" + db.name() + "?options=-c%20work_mem%3D7MB", usual());
  ASSERT_TRUE(c.has_value()) << c.error().detail;
  expect_pinned(**c);
  EXPECT_EQ(text(one(**c, "select current_setting('work_mem')")), "7MB");
}

TEST_F(pins, a_transaction_of_ours_on_the_applications_connection_has_them_and_leaves_nothing) {
  pqxx::connection native(db.conninfo());
  pqxx::nontransaction(native).exec("create schema evil");
  pqxx::nontransaction(native).exec(strange);
  auto const before = settings(native);
  {
    auto const c = borrow(native);
    expect_pinned(*c);
    EXPECT_EQ(run(*c, "select id from public.t order by id", {}, 3)->size(), 10U);
  }
  EXPECT_EQ(settings(native), before);
}

TEST_F(pins, an_applications_connection_that_has_them_all_is_used_as_it_is) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::nontransaction(native).exec("set timezone = 'UTC'; set statement_timeout = '5s'");
  auto const c = borrow(native);
  EXPECT_EQ(text(one(*c, "select current_setting('search_path')")), "\"$user\", public") << "no transaction of ours sets it";
  c->clean_up();
  pqxx::nontransaction(native).exec("set timezone = 'Asia/Tokyo'");
  EXPECT_EQ(text(one(*c, "select current_setting('timezone')")), "UTC") << "looked at anew in the next session";
}

TEST_F(pins, a_search_path_that_is_not_the_catalogues_is_not_used) {
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::nontransaction(native).exec("set timezone = 'UTC'; set statement_timeout = '5s'; create schema evil; set search_path = evil, public");
  auto const c = borrow(native);
  EXPECT_EQ(text(one(*c, "select current_setting('search_path')")), "pg_catalog");
}

class wrong_setting : public pins, public testing::WithParamInterface<std::pair<char const*, char const*>> {};
TEST_P(wrong_setting, refuses_the_applications_transaction_and_names_it) {
  db.run("create schema evil");
  pqxx::connection native(db.conninfo() + " client_encoding=UTF8");
  pqxx::work yours(native);
  yours.exec("set local timezone = 'UTC'");
  auto const c = borrow(native);
  ASSERT_TRUE(c->enter(yours).has_value());
  EXPECT_EQ(one(*c, "select 1").as<int>(), 1);
  c->clean_up();
  yours.exec(std::string("set local ") + GetParam().first + " = " + GetParam().second);
  ASSERT_TRUE(c->enter(yours).has_value());
  auto const refused = run(*c, "select 1");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, errc::usage);
  EXPECT_THAT(refused.error().message, HasSubstr(GetParam().first));
}
INSTANTIATE_TEST_SUITE_P(pins, wrong_setting,
                         testing::Values(std::pair{"standard_conforming_strings", "off"}, std::pair{"TimeZone", "'Asia/Tokyo'"},
                                         std::pair{"DateStyle", "'SQL, DMY'"}, std::pair{"IntervalStyle", "'iso_8601'"},
                                         std::pair{"bytea_output", "'escape'"}, std::pair{"extra_float_digits", "0"},
                                         std::pair{"transform_null_equals", "on"}, std::pair{"search_path", "evil, public"},
                                         std::pair{"array_nulls", "off"}, std::pair{"client_encoding", "'LATIN1'"}));

TEST_F(pins, pooled_leaves_nothing_and_needs_nothing) {
  // what a proxy in transaction mode gives: each transaction may be on another process, with whatever others left on it
  pqxx::connection native(db.conninfo());
  pqxx::nontransaction(native).exec("create schema evil");
  pqxx::nontransaction(native).exec(strange);
  auto const before = settings(native);
  auto t = usual();
  t.pooled = true;
  {
    auto const c = borrow(native, t);
    expect_pinned(*c);
    EXPECT_EQ(run(*c, "select id from public.t order by id", {}, 3)->size(), 10U);
    EXPECT_FALSE(run(*c, "select 1 / (id - 5) from public.t").has_value());
    EXPECT_EQ(settings(native), before) << "while it lives, too";
    EXPECT_EQ(c->kept_statements(), 0U);
  }
  auto const own = open(t);
  expect_pinned(*own);
}

TEST_F(pins, pooled_runs_through_a_proxy_whose_processes_others_use) {
  testing_postgres::proxy const between(db.name());
  auto t = usual();
  t.pooled = true;
  auto const first = open_at(between.conninfo(), t);
  auto const second = open_at(between.conninfo(), t);
  pqxx::connection other(between.conninfo());
  pqxx::nontransaction(other).exec("create schema evil");
  pqxx::nontransaction(other).exec(strange);
  auto const before = settings(other);
  EXPECT_THAT(before, HasSubstr("TimeZone=Asia/Tokyo"));
  for (auto const* c : {&first, &second, &first}) {
    expect_pinned(**c);
    for (int const id : {3, 4}) EXPECT_EQ(text(one(**c, "select name from public.t where id = $1", {value(id)})), "n" + std::to_string(id));
    EXPECT_EQ(run(**c, "select id from public.t order by id", {}, 3)->size(), 10U);
    EXPECT_FALSE(run(**c, "select 1 / (id - 5) from public.t").has_value());
    EXPECT_EQ(settings(other), before);
  }
}

TEST_F(pins, a_proxy_that_was_not_told_of_is_refused) {
  testing_postgres::proxy const between(db.name());
  auto const c = connection::open(between.conninfo(), usual());
  ASSERT_FALSE(c.has_value());
  EXPECT_THAT(c.error().detail, HasSubstr("unsupported startup parameter"));
}

TEST_F(pins, transactions_of_ours_do_not_write) {
  for (bool const pooled : {false, true}) {
    auto t = usual();
    t.pooled = pooled;
    auto const c = open(t);
    auto const written = run(*c, "delete from public.t");
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().kind, errc::unsupported);
    EXPECT_EQ(written.error().sqlstate, "25006");
    auto const r = c->start(guarded("delete from public.t where id > 8"), {}, {.schema_mark = mark_, .access = access::write});
    EXPECT_TRUE(r.has_value()) << r.error().detail;
  }
  EXPECT_EQ(db.value("select count(*) from t"), "8");
}

}  // namespace
}  // namespace grille::exec::postgres
