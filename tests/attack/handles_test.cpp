// What happens to the database beside Grille: temporary and attached look-alikes, changed schemas, changed data, shadowing functions.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "attack/attempt.hpp"

namespace {

class handles : public testing::Test {
 protected:
  handles() { cases::fill(world_, file_.path()); }

  grille::policy_set policy() const { return grille::policy_set::parse(world_.policy, "vault.grille"); }
  cases::outcome ask(grille::database const& db, std::string const& caller, std::string const& sql) const {
    return cases::ask(db, cases::principal_of(world_.by_name(caller).principal), sql);
  }
  /// What `caller` is answered is what plain SQLite answers on what the caller sees of the file now.
  void as_seen(grille::database const& db, std::string const& caller, std::string const& sql) const {
    auto const got = ask(db, caller, sql);
    ASSERT_FALSE(got.refused) << to_text(got);
    EXPECT_EQ(sorted(got.got).rows, sorted(cases::seen_by(world_.by_name(caller), file_.path()).query(sql)).rows) << sql;
  }
  void refused(grille::database const& db, std::string const& caller, std::string const& sql, std::string const& kind) const {
    auto const got = ask(db, caller, sql);
    ASSERT_TRUE(got.refused) << to_text(got);
    EXPECT_EQ(got.refused->kind, kind) << to_text(got);
  }

  cases::world world_ = cases::read_world(GRILLE_TESTS_DIR "/cases/vault.world");
  cases::scratch_file file_{"handles"};
};

constexpr char const* look_alikes =
    "create temp table people (id, nick, code, note, dept, locked, pin);"
    "insert into temp.people values (99, 'canary', 424242, 'canary', 'canary', 0, 'canary');"
    "create temp view documents as select id, 10 as owner, 'n' as area, title, size, price, extra, body, secret, '2026' as filed_at from "
    "main.documents;"
    "create temp table sealed (label); insert into temp.sealed values ('canary');";

TEST_F(handles, temporary_look_alikes_made_before_are_not_read) {
  cases::raw_database raw(file_.path());
  raw.run(look_alikes);
  try {
    grille::sqlite::database const db(raw.native(), policy());
    as_seen(db, "rita", "select * from people");
    as_seen(db, "kim", "select * from documents");
    as_seen(db, "rita", "select * from main.people p join documents d using (id)");
    refused(db, "rita", "select * from sealed", "not_found");
    refused(db, "rita", "select * from temp.people", "not_found");
  } catch (grille::error const& e) {
    EXPECT_EQ(e.kind(), grille::errc::usage) << e.what();  // refusing such a handle is right too
  }
}

TEST_F(handles, temporary_look_alikes_made_later_are_not_read) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(raw.native(), policy());
  as_seen(db, "rita", "select * from people");
  raw.run(look_alikes);
  auto const got = ask(db, "rita", "select * from people");
  if (!got.refused) {
    as_seen(db, "rita", "select * from people");
    as_seen(db, "kim", "select * from documents");
  }
  EXPECT_FALSE(shows_canary(got, "")) << to_text(got);
}

TEST_F(handles, what_is_attached_is_not_there) {
  cases::scratch_file other("attached");
  cases::raw_database(other.path())
      .run("create table people (id, pin); insert into people values (1, 'canary'); create table foreign_table (x);");
  cases::raw_database raw(file_.path());
  raw.run("attach " + cases::spell_text(other.path().string()) + " as other");
  try {
    grille::sqlite::database const db(raw.native(), policy());
    as_seen(db, "rita", "select * from people");
    refused(db, "rita", "select * from other.people", "not_found");
    refused(db, "rita", "select * from foreign_table", "not_found");
  } catch (grille::error const& e) {
    EXPECT_EQ(e.kind(), grille::errc::usage) << e.what();
  }
}

void shadow(sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_text(context, "canary", -1, SQLITE_STATIC); }

TEST_F(handles, a_handle_with_shadowed_functions_is_refused) {
  for (auto const* name : {"substr", "like", "coalesce", "count"}) {
    cases::raw_database raw(file_.path());
    ASSERT_EQ(sqlite3_create_function(raw.native(), name, 2, SQLITE_UTF8, nullptr, shadow, nullptr, nullptr), SQLITE_OK);
    if (std::string_view(name) == "coalesce" || std::string_view(name) == "count") continue;  // of two arguments: nothing is shadowed
    try {
      grille::sqlite::database const db(raw.native(), policy());
      ADD_FAILURE() << name << " is shadowed, and the handle is taken";
    } catch (grille::error const& e) {
      EXPECT_EQ(e.kind(), grille::errc::usage) << e.what();
    }
  }
}

TEST_F(handles, changed_data_is_seen_at_once) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  as_seen(db, "kim", "select * from documents");
  raw.run("update documents set owner = 10 where id = 3; update documents set owner = 20 where id = 1; delete from documents where id = 7");
  as_seen(db, "kim", "select * from documents");
  raw.run("update people set locked = 1 - locked");
  as_seen(db, "rita", "select * from people");
}

TEST_F(handles, a_new_column_stays_hidden) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  as_seen(db, "carl", "select * from people");
  raw.run("alter table people add column added text default 'canary'");
  EXPECT_EQ(ask(db, "carl", "select * from people").got.columns,
            (std::vector<std::string>{"id", "nick", "code", "note", "dept", "locked", "pin"}));
  refused(db, "carl", "select added from people", "not_found");
  refused(db, "kim", "select id from people where added = 'x'", "not_found");
  as_seen(db, "rita", "select id, added from people, (select 'mine' as added)");
}

TEST_F(handles, a_new_table_stays_hidden) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  refused(db, "carl", "select * from fresh", "not_found");
  raw.run("create table fresh (x); insert into fresh values ('canary')");
  refused(db, "carl", "select * from fresh", "not_found");
}

TEST_F(handles, a_table_made_anew_in_another_order_gives_no_cell_of_another_column) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  as_seen(db, "rita", "select id, city from shops");
  raw.run(
      "drop table shops; create table shops (rent text, city text, id integer primary key); insert into shops values ('canary', 'Turin', "
      "1)");
  auto const got = ask(db, "rita", "select id, city from shops");
  EXPECT_TRUE(got.refused || got.got.rows == std::vector<std::vector<std::string>>({{"1", "'Turin'"}})) << to_text(got);
  EXPECT_FALSE(shows_canary(ask(db, "rita", "select * from shops"), ""));
  EXPECT_TRUE(ask(db, "rita", "select rent from shops").refused);
}

TEST_F(handles, a_column_that_a_predicate_reads_and_that_is_gone_closes_the_table) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  as_seen(db, "rita", "select id from documents");
  raw.run("alter table documents drop column filed_at");  // a restriction reads it
  auto const got = ask(db, "rita", "select id from documents");
  EXPECT_TRUE(got.refused) << to_text(got);
  EXPECT_FALSE(shows_canary(got, ""));
}

TEST_F(handles, a_table_in_the_place_of_which_a_view_stands_is_not_read) {
  cases::raw_database raw(file_.path());
  grille::sqlite::database const db(file_.path(), policy());
  as_seen(db, "rita", "select * from shops");
  raw.run("drop table shops; create view shops as select id, pin as city from people");
  auto const got = ask(db, "rita", "select id, city from shops");
  EXPECT_TRUE(got.refused) << to_text(got);
  EXPECT_FALSE(shows_canary(got, "")) << to_text(got);
}

}  // namespace
