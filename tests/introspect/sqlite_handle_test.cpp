// How the borrowed handle is treated, and what comes of one that cannot be read.
#include <gmock/gmock.h>

#include <fstream>

#include "handle.hpp"

namespace grille::introspect {
namespace {

std::uint32_t version(sqlite3* db) {
  auto const v = sqlite_schema_version(db);
  EXPECT_TRUE(v.has_value());
  return v ? *v : 0;
}

TEST(sqlite_version, changes_with_every_definition_and_not_with_rows) {
  handle db;
  auto last = version(db);
  for (auto const* sql : {"create table t (a)", "alter table t add column b", "alter table t rename column b to c",
                          "create index i on t (a)", "create view v as select a from t", "drop view v", "drop index i",
                          "alter table t rename to u", "create trigger r after insert on u begin select 1; end", "drop table u"}) {
    db.run(sql);
    EXPECT_NE(version(db), last) << sql;
    last = version(db);
    EXPECT_EQ(db.read()->version(), std::to_string(last)) << sql;
  }
  db.run("create table t (a)");
  last = version(db);
  db.run("insert into t values (1); create temp table x (a); pragma user_version = 7");
  EXPECT_EQ(version(db), last);
}

TEST(sqlite_version, is_unsigned) {
  handle db;
  db.run("create table t (a); pragma schema_version = -1");
  EXPECT_EQ(version(db), 4294967295U);
}

TEST(sqlite_version, of_another_connection_is_seen) {
  file const f("seen.db");
  handle mine(f.path());
  handle other(f.path());
  mine.run("create table t (a)");
  auto const before = mine.read();
  other.run("alter table t add column b");
  auto const after = mine.read();
  EXPECT_NE(before->version(), after->version());
  EXPECT_NE(before->fingerprint(), after->fingerprint());
  EXPECT_EQ(after->find("", "t")->columns.size(), 2U);
}

TEST(sqlite_handle, stays_outside_of_a_transaction) {
  handle db;
  db.run("create table t (a); create view v as select a from t");
  db.read();
  EXPECT_NE(sqlite3_get_autocommit(db), 0);
  EXPECT_EQ(sqlite3_next_stmt(db, nullptr), nullptr) << "no statement is left";
  db.run("vacuum");  // refused while anything is open
}

TEST(sqlite_handle, an_open_transaction_is_respected_and_seen) {
  file const f("open.db");
  handle db(f.path());
  db.run("create table t (a); begin; create table mine (a); insert into t values (1)");
  EXPECT_NE(db.read()->find("", "mine"), nullptr);
  EXPECT_EQ(sqlite3_get_autocommit(db), 0);
  db.run("rollback");
  EXPECT_EQ(db.read()->find("", "mine"), nullptr);
}

TEST(sqlite_handle, a_statement_that_is_half_way_goes_on) {
  handle db;
  db.run("create table t (a); insert into t values (1), (2), (3)");
  sqlite3_stmt* s = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db, "select a from t order by a", -1, &s, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(s), SQLITE_ROW);
  EXPECT_NE(db.read()->find("", "t"), nullptr);
  EXPECT_EQ(sqlite3_step(s), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(s, 0), 2);
  sqlite3_finalize(s);
}

TEST(sqlite_handle, a_write_that_is_half_way_goes_on) {
  handle db;
  db.run("create table t (a)");
  sqlite3_stmt* s = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db, "insert into t values (1), (2) returning a", -1, &s, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(s), SQLITE_ROW);
  EXPECT_NE(db.read()->find("", "t"), nullptr);
  EXPECT_EQ(sqlite3_step(s), SQLITE_ROW);
  EXPECT_EQ(sqlite3_step(s), SQLITE_DONE);
  sqlite3_finalize(s);
  EXPECT_NE(sqlite3_get_autocommit(db), 0);
}

int count_reads(void* count, int action, char const* table, char const*, char const*, char const*) {
  if (action == SQLITE_READ && std::string_view(table) == "t") ++*static_cast<int*>(count);
  return SQLITE_OK;
}

TEST(sqlite_handle, its_authorizer_is_left_and_obeyed) {
  handle db;
  db.run("create table t (a); create view v as select a from t");
  int reads = 0;
  sqlite3_set_authorizer(db, count_reads, &reads);
  db.read();
  reads = 0;
  db.run("select a from t");
  EXPECT_EQ(reads, 1) << "still in place";
  sqlite3_set_authorizer(
      db,
      [](void*, int action, char const*, char const*, char const*, char const*) {
        return action == SQLITE_PRAGMA ? SQLITE_DENY : SQLITE_OK;
      },
      nullptr);
  auto const refused = read_sqlite(db);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, errc::backend);
  EXPECT_EQ(refused.error().message, "the schema cannot be read: authorization denied");
  sqlite3_set_authorizer(db, nullptr, nullptr);
}

TEST(sqlite_handle, cautious_settings_are_no_hindrance) {
  handle db;
  db.run("create table t (a collate nocase, b unique); create view v as select a from t; create virtual table f using fts5(x)");
  auto const before = db.read()->fingerprint();
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  db.run("pragma query_only = on; pragma cell_size_check = on; pragma foreign_keys = on");
  EXPECT_EQ(db.read()->fingerprint(), before);
}

TEST(sqlite_handle, reads_no_rows_of_a_user) {
  handle db;
  db.run("create table t (a, b as (1)); create view v as select a from t; insert into t values ('secret')");
  int reads = 0;
  sqlite3_set_authorizer(db, count_reads, &reads);
  db.read();
  sqlite3_set_authorizer(db, nullptr, nullptr);
  EXPECT_EQ(reads, 1) << "one column name, while the view is resolved; nothing is stepped";
}

TEST(sqlite_handle, one_state_is_read_while_another_connection_writes) {
  file const f("wal.db");
  handle db(f.path());
  handle other(f.path());
  db.run("pragma journal_mode = wal; create table a (x); create table z (x)");
  // The other connection alters the schema when the first pragma has been asked for: before the tables are read.
  struct meddler {
    handle* connection;
    bool done;
  } m{&other, false};
  sqlite3_set_authorizer(
      db,
      [](void* p, int action, char const* name, char const*, char const*, char const*) {
        auto* self = static_cast<meddler*>(p);
        if (action == SQLITE_PRAGMA && std::string_view(name) == "table_list" && !self->done) {
          self->done = true;
          self->connection->run("drop table z; create table later (x); alter table a add column y");
        }
        return SQLITE_OK;
      },
      &m);
  auto const c = db.read();
  sqlite3_set_authorizer(db, nullptr, nullptr);
  EXPECT_TRUE(m.done);
  EXPECT_NE(c->find("", "z"), nullptr);
  EXPECT_EQ(c->find("", "later"), nullptr);
  EXPECT_EQ(c->find("", "a")->columns.size(), 1U);
  EXPECT_NE(c->version(), std::to_string(version(db)));
  EXPECT_NE(db.read()->find("", "later"), nullptr);
}

TEST(sqlite_handle, a_locked_database_is_unavailable) {
  file const f("locked.db");
  handle db(f.path());
  db.run("create table t (a)");
  handle other(f.path());
  other.run("begin exclusive");
  handle fresh(f.path());
  for (auto const& r : {read_sqlite(fresh), read_sqlite(db)}) {
    ASSERT_FALSE(r.has_value());
    EXPECT_EQ(r.error().kind, errc::unavailable);
  }
  EXPECT_EQ(sqlite_schema_version(fresh).error().kind, errc::unavailable);
  EXPECT_EQ(dump_sqlite_schema(fresh).error().kind, errc::unavailable);
  other.run("rollback");
  EXPECT_NE(fresh.read()->find("", "t"), nullptr);
}

TEST(sqlite_handle, a_file_that_is_no_database) {
  file const f("text.db");
  std::ofstream(f.path()) << std::string(5000, 'x');
  handle db(f.path());
  for (auto const& fault : {read_sqlite(db).error(), base::fault(dump_sqlite_schema(db).error())}) {
    EXPECT_EQ(fault.kind, errc::backend);
    EXPECT_EQ(fault.message, "the schema cannot be read: file is not a database");
  }
  EXPECT_EQ(sqlite_schema_version(db).error().kind, errc::backend);
}

TEST(sqlite_handle, a_corrupt_schema_names_no_object) {
  file const f("corrupt.db");
  {
    handle db(f.path());
    db.run(
        "create table secret (a); pragma writable_schema = on; update sqlite_schema set sql = 'create table secret (' where name = "
        "'secret'");
  }
  handle db(f.path());
  auto const r = read_sqlite(db);
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().kind, errc::backend);
  EXPECT_EQ(r.error().message.find("secret"), std::string::npos) << r.error().message;
}

// Every byte of the first page, one at a time: an answer or a fault, never a crash.
TEST(sqlite_handle, damaged_files) {
  file const f("damaged.db");
  {
    handle db(f.path());
    db.run("pragma page_size = 512; create table t (a unique, b references t); create view v as select a from t; create index i on t (b)");
  }
  std::string intact;
  {
    std::ifstream in(f.path(), std::ios::binary);
    intact.assign(std::istreambuf_iterator<char>(in), {});
  }
  ASSERT_GE(intact.size(), 512U);
  int faults = 0;
  for (std::size_t i = 0; i < 512; i += 3) {
    auto damaged = intact;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    std::ofstream(f.path(), std::ios::binary | std::ios::trunc) << damaged;
    handle db(f.path());
    auto const r = read_sqlite(db);
    if (!r) {
      ++faults;
      EXPECT_TRUE(r.error().kind == errc::backend || r.error().kind == errc::unavailable) << i << ": " << r.error().message;
    }
  }
  EXPECT_GT(faults, 20);
}

TEST(sqlite_handle, none_is_a_fault_of_use) {
  EXPECT_EQ(read_sqlite(nullptr).error().kind, errc::usage);
  EXPECT_EQ(sqlite_schema_version(nullptr).error().kind, errc::usage);
  EXPECT_EQ(dump_sqlite_schema(nullptr).error().kind, errc::usage);
}

}  // namespace
}  // namespace grille::introspect
