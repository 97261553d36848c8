// Definitions as text: what a file may hold, where its faults are, and that a dump is the same catalogue.
#include <gmock/gmock.h>

#include <fstream>

#include "base/limits.hpp"
#include "handle.hpp"

namespace grille::introspect {
namespace {

using testing::HasSubstr;

TEST(sqlite_schema, definitions_of_every_kind) {
  auto const c = read_sqlite_schema(
      "\xEF\xBB\xBF-- tables; first\n/* and a comment; */ ;; CREATE TABLE t (a int, b text collate ours check (own(b) > 1));\n"
      "create unique index i on t (a); create index by_function on t (own(a));"
      "create view v as select other(a) as x from t;create trigger r after insert on t begin delete from t; insert into t values (1, "
      "'end;'); end;"
      "create virtual table f using fts5(x);\n create table last (a references t) -- no semicolon");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ((*c)->tables().size(), 4U);
  EXPECT_EQ((*c)->find("", "t")->unique_keys.size(), 1U);
  EXPECT_THAT((*c)->find("", "v")->reads, testing::ElementsAre("main.t")) << "functions of the application are no hindrance";
  EXPECT_NE((*c)->find("", "last"), nullptr);
}

TEST(sqlite_schema, of_nothing_is_empty) {
  for (auto const* sql : {"", " \n", "-- nothing", "/* nothing", ";;;"}) {
    auto const c = read_sqlite_schema(sql);
    ASSERT_TRUE(c.has_value()) << sql;
    EXPECT_TRUE((*c)->tables().empty()) << sql;
  }
}

struct wrong {
  std::string_view sql;
  errc kind;
  std::string_view underlined;
  std::string_view message;
};

constexpr wrong wrongs[] = {
    {"create table t (a); insert into t values (1)", errc::unsupported, "insert", "`create` statements only"},
    {"select 1", errc::unsupported, "select", "`create` statements only"},
    {"create table t (a);\nattach 'x.db' as x", errc::unsupported, "attach", "`create` statements only"},
    {"explain create table t (a)", errc::unsupported, "explain", "`create` statements only"},
    {"pragma writable_schema = on", errc::unsupported, "pragma", "`create` statements only"},
    {"created table t (a)", errc::unsupported, "created", "`create` statements only"},
    {"42", errc::unsupported, "4", "`create` statements only"},
    {"create table a (x);\ncreate tabel b (x)", errc::syntax, "tabel", "near \"tabel\": syntax error"},
    {"create table t (a", errc::syntax, "create", "incomplete input"},
    {"create table t (a); create table t (b)", errc::usage, "t", "already exists"},
    {"create index i on missing (a)", errc::usage, "create", "no such table"},
    {"create table sqlite_x (a)", errc::usage, "create", "reserved"},
    {"create virtual table v using absent(a)", errc::usage, "create", "no such module: absent"},
};

TEST(sqlite_schema, faults_have_a_kind_and_a_place) {
  for (auto const& w : wrongs) {
    auto const c = read_sqlite_schema(w.sql);
    ASSERT_FALSE(c.has_value()) << w.sql;
    EXPECT_EQ(c.error().kind, w.kind) << w.sql;
    EXPECT_THAT(c.error().message, HasSubstr(w.message)) << w.sql;
    EXPECT_EQ(w.sql.substr(c.error().at.begin, c.error().at.end - c.error().at.begin), w.underlined) << w.sql;
  }
}

TEST(sqlite_schema, what_would_not_be_read_whole_is_refused) {
  auto const zero = read_sqlite_schema(std::string_view("create table t (a);\0create table u (a)", 38));
  ASSERT_FALSE(zero.has_value());
  EXPECT_EQ(zero.error().kind, errc::syntax);
  EXPECT_EQ(zero.error().at.begin, 19U);
  auto const large = read_sqlite_schema(std::string(base::limits::policy_bytes + 1, ' '));
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().kind, errc::limit);
}

TEST(sqlite_schema, an_endless_definition_ends) {
  auto const c =
      read_sqlite_schema("create table t as with recursive r (n) as (select 1 union all select n + 1 from r) select count(*) from r");
  ASSERT_FALSE(c.has_value());
  EXPECT_EQ(c.error().kind, errc::unavailable);
}

TEST(sqlite_schema, touches_no_file) {
  file const f("attached.db");
  EXPECT_FALSE(read_sqlite_schema("attach '" + f.path() + "' as x").has_value());
  EXPECT_FALSE(std::filesystem::exists(f.path()));
}

TEST(dump, reads_back_as_the_same_catalogue) {
  handle db;
  db.run(
      "create table t (id integer primary key autoincrement, \"q\"\"uote\" text collate nocase unique, g as (id) stored) -- first\n;"
      "create table s (a any, b int not null default 7, primary key (a, b)) strict, without rowid;"
      "create table r (x references t on delete cascade, y); create unique index i on r (x, y); create index p on r (x) where y > 0;"
      "create view v as select id from t -- a comment at the end\n;create view w as select id from v /* and another */;"
      "alter table t add column late default 1; alter table r rename to renamed; insert into t (id) values (1); analyze;"
      "create trigger tr after insert on t begin select 1; end; create trigger first before insert on s begin select 'a;b'; select raise(abort, 'x'); end;"
      "create table k (a check (a > 0), b); create temp table x (a)");
  auto const dump = dump_sqlite_schema(db);
  ASSERT_TRUE(dump.has_value()) << dump.error().message;
  auto const c = read_sqlite_schema(*dump);
  ASSERT_TRUE(c.has_value()) << c.error().message << "\n" << *dump;
  EXPECT_EQ((*c)->fingerprint(), db.read()->fingerprint()) << *dump;
  EXPECT_EQ((*c)->tables().size(), 6U);
  EXPECT_THAT(*dump, testing::Not(HasSubstr("sqlite_")));
}

TEST(dump, leaves_virtual_tables_out_with_what_belongs_to_them) {
  handle db;
  db.run(
      "create table t (a); create virtual table f using fts5(x); create view v as select * from f; create virtual table g using fts3(y)");
  auto const dump = dump_sqlite_schema(db);
  ASSERT_TRUE(dump.has_value());
  auto const c = read_sqlite_schema(*dump);
  ASSERT_TRUE(c.has_value()) << c.error().message;
  ASSERT_EQ((*c)->tables().size(), 1U) << *dump;
  EXPECT_EQ((*c)->tables()[0].name, "t");
}

TEST(dump, a_comment_without_an_end_swallows_nothing) {
  handle db;
  db.run("create view v as select 1 as a /* no end");
  db.run("create table t (a)");
  auto const dump = dump_sqlite_schema(db);
  ASSERT_TRUE(dump.has_value());
  auto const c = read_sqlite_schema(*dump);
  ASSERT_TRUE(c.has_value()) << *dump;
  EXPECT_EQ((*c)->tables().size(), 2U) << *dump;
}

TEST(dump, of_the_book_store_reads_back) {
  std::ifstream in(std::string(GRILLE_SOURCE_DIR) + "/examples/bookstore.sql");
  ASSERT_TRUE(in.is_open());
  handle db;
  db.run(std::string(std::istreambuf_iterator<char>(in), {}));
  auto const dump = dump_sqlite_schema(db);
  ASSERT_TRUE(dump.has_value());
  auto const c = read_sqlite_schema(*dump);
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ((*c)->fingerprint(), db.read()->fingerprint());
  EXPECT_GT((*c)->tables().size(), 3U);
}

}  // namespace
}  // namespace grille::introspect
