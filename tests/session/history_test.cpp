// Tables that keep their history, through a session: who is recorded, what a purge destroys and leaves, what comes back, and what stands in the way.
#include "session/shop.hpp"

namespace {

using grille::errc;
using grille::spec::all;
using grille::spec::column;
using shop::failure;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr auto* tables = R"(
  create table rooms (id integer primary key, name text collate nocase, price numeric, data blob, owner integer, twice text as (name || name) stored);
  create table rooms_then (id integer not null, name text collate nocase, price numeric, data blob, owner integer, twice text,
    grille_number integer primary key autoincrement, grille_at text not null, grille_by text, grille_for text, grille_policy text not null,
    grille_method text not null);
  create index rooms_then_by_room on rooms_then (id);
  insert into rooms (id, name, price, data, owner) values (1, 'One', 10, x'00ff', 1), (2, 'Two', 2.50, null, 1), (3, 'canary', 30, null, 2);
  create table beds (id integer primary key, room integer references rooms (id));
)";
constexpr auto* grants = R"(
  protects rooms, rooms_then, beds;
  keep history of rooms in rooms_then;
  role keeper;
  role archivist;
  role cleaner;
  role clerk_of_rooms;
  allow keeper to select (id, name, price, data, owner), update (name, price, data, owner), delete on rooms where owner = 1;
  allow keeper to insert (id, name, price, data, owner) on rooms so that owner = 1;
  allow archivist to select all columns on rooms_then;
  allow archivist to purge on rooms where price < 20;
  allow archivist to select (id, price) on rooms;
  restrict purge on rooms to name <> 'kept';
  allow clerk_of_rooms to select (id, name, grille_number, grille_method) on rooms_then;
  mask (data as null) on rooms_then except for archivist;
  role other;
  allow other to select (id), delete on rooms where owner = 2;
  role shredder;
  allow shredder to purge on rooms where price < 5;
  role masked;
  allow masked to select all columns on rooms_then;
  allow masked to insert (id, name, price, data, owner) on rooms so that owner = 1;
  allow cleaner to delete on rooms;
  allow public to update (name) on rooms where id = 2;
  allow keeper to delete on books;
  allow keeper to purge on books;
)";

grille::principal keeper() { return grille::principal("k-1").role("keeper"); }
grille::principal archivist() { return grille::principal("a-1").role("archivist"); }

class history : public testing::Test {
 protected:
  history() { file_.change(tables); }
  grille::sqlite::database open(grille::options o = {.purge = true}) const {
    return grille::sqlite::database(file_.path(), shop::policies_with(grants), std::move(o));
  }
  std::string raw(std::string const& sql) const { return scratch::handle(file_.path()).ask(sql); }
  std::string then(std::string const& columns) const {
    return raw("select group_concat(x, ', ') from (select " + columns + " as x from rooms_then order by grille_number)");
  }
  shop::file file_;
};

// --- who and when

TEST_F(history, says_who_on_whose_behalf_when_and_under_which_policy) {
  auto const database = open();
  database.session(keeper().on_behalf_of("b-7")).execute("update rooms set name = 'x' where id = 1");
  database.session(grille::principal::anonymous()).execute("update rooms set name = 'y'");
  EXPECT_EQ(then("ifnull(grille_by, 'nobody') || '/' || ifnull(grille_for, 'nobody') || '/' || grille_method || '/' || name"),
            "k-1/b-7/update/One, nobody/nobody/update/Two");
  EXPECT_EQ(then("grille_policy"), "shop 2 " + database.fingerprint() + ", shop 2 " + database.fingerprint());
  EXPECT_EQ(raw("select count(*) from rooms_then where grille_at between datetime('now', '-1 hour') and datetime('now')"), "2");
}

TEST_F(history, keeps_values_as_they_were_stored) {
  auto const database = open();
  database.session(keeper()).execute("delete from rooms");
  EXPECT_EQ(then("typeof(price) || '/' || price || '/' || quote(data) || '/' || twice"), "integer/10/X'00FF'/OneOne, real/2.5/NULL/TwoTwo");
}

TEST_F(history, is_undone_with_what_it_is_of) {
  auto const database = open();
  auto session = database.session(keeper());
  {
    auto undone = session.begin();
    session.execute("delete from rooms where id = 2");
  }
  session.execute("delete from rooms where id = 1");
  EXPECT_EQ(then("id || grille_method"), "1delete");
}

TEST_F(history, of_rows_that_do_not_all_go_into_it_undoes_the_write) {
  file_.change("create trigger skip before insert on rooms_then when new.id = 2 begin select raise(ignore); end;");
  auto const database = open();
  EXPECT_THAT(failure([&] { database.session(keeper()).execute("update rooms set price = 1"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { database.session(keeper()).execute("delete from rooms where id = 2"); }), StartsWith("check_failed: "));
  EXPECT_EQ(raw("select group_concat(price) from rooms"), "10,2.5,30");
  EXPECT_EQ(raw("select count(*) from rooms_then"), "0");
  EXPECT_EQ(database.session(keeper()).execute("delete from rooms where id = 1"), 1U);
}

TEST_F(history, of_rows_that_a_trigger_takes_away_from_it_undoes_the_write) {
  file_.change("create trigger steal before insert on rooms_then when new.id = 2 begin delete from rooms where id = 2; select raise(ignore); end;");
  auto const database = open();
  EXPECT_THAT(failure([&] { database.session(keeper()).execute("delete from rooms"); }), StartsWith("check_failed: "));
  EXPECT_EQ(raw("select count(*) from rooms"), "3");
}

TEST_F(history, of_rows_that_a_trigger_then_leaves_as_they_are_undoes_the_write) {
  file_.change("create trigger skip before update on rooms when old.id = 2 begin select raise(ignore); end;");
  auto const database = open();
  EXPECT_THAT(failure([&] { database.session(keeper()).execute("update rooms set price = 1"); }), StartsWith("check_failed: "));
  EXPECT_EQ(raw("select count(*) from rooms_then"), "0");
}

TEST_F(history, in_which_a_record_does_not_fit_undoes_the_write) {
  file_.change(
      "create trigger once before insert on rooms_then when exists (select 1 from rooms_then where id = new.id) begin select raise(abort, 'once'); end;");
  auto const database = open();
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update rooms set price = 1 where id = 1"), 1U);
  EXPECT_THAT(failure([&] { session.execute("update rooms set price = 2 where id = 1"); }), StartsWith("conflict: "));
  EXPECT_EQ(raw("select price from rooms where id = 1"), "1");
}

TEST_F(history, that_is_made_anew_in_another_shape_stops_writes) {
  auto const database = open();
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update rooms set price = 1 where id = 1"), 1U);
  file_.change("alter table rooms add column more text");
  EXPECT_THAT(failure([&] { session.execute("update rooms set price = 2 where id = 1"); }), StartsWith("unavailable: "));
  EXPECT_EQ(raw("select price from rooms where id = 1"), "1");
  // until the history has it too
  file_.change("alter table rooms_then add column more text; update rooms set more = 'm'");
  EXPECT_EQ(session.execute("update rooms set price = 2 where id = 1"), 1U);
  EXPECT_EQ(then("price || ifnull(more, '-')"), "10-, 1m");
}

TEST_F(history, is_read_by_its_own_grants) {
  auto const database = open();
  database.session(keeper()).execute("update rooms set price = 11 where id = 1");
  EXPECT_THAT(failure([&] { database.session(keeper()).query("select * from rooms_then"); }), StartsWith("not_found: "));
  EXPECT_EQ(database.session(archivist()).query_value<std::string>("select grille_by from rooms_then where price = 10"), "k-1");
}

TEST_F(history, of_a_row_without_a_key_is_not_kept_and_the_row_not_changed) {
  // the one way to have a primary key of NULL: it is no rowid, and the history has no NULL for it
  file_.change("create table odd (id integer primary key desc, name text); insert into odd values (null, 'none'), (7, 'seven');"
               "create table odd_then (id integer not null, name text, grille_number integer primary key, grille_at text, grille_by text, grille_for text,"
               " grille_policy text, grille_method text);");
  grille::sqlite::database const database(file_.path(), shop::policies_with("protects odd, odd_then; keep history of odd in odd_then; role odder;"
                                                                           "allow odder to select all columns, delete, purge on odd;"), {.purge = true});
  auto session = database.session(grille::principal("o").role("odder"));
  EXPECT_THAT(failure([&] { session.execute("delete from odd where id is null"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { session.purge("odd", all()); }), StartsWith("check_failed: "));
  EXPECT_EQ(session.purge("odd", column{"id"} == 7), 1U);
  EXPECT_EQ(raw("select count(*) from odd"), "1");
}

// --- purge

TEST_F(history, is_not_purged_unless_the_database_was_opened_for_it) {
  auto const database = open({});
  EXPECT_THAT(failure([&] { database.session(archivist()).purge("rooms", all()); }), StartsWith("forbidden: `purge` is off"));
  EXPECT_EQ(raw("select count(*) from rooms"), "3");
}

TEST_F(history, is_purged_with_its_rows_and_says_that_it_was) {
  auto const sink = std::make_shared<shop::sink>();
  auto const database = open({.audit = sink, .purge = true});
  auto keeping = database.session(keeper());
  keeping.execute("update rooms set price = 11 where id = 1");
  keeping.execute("update rooms set price = 12");
  sink->clear();
  EXPECT_EQ(database.session(archivist().on_behalf_of("dpo")).purge("rooms", column{"id"} == 1), 1U);
  EXPECT_EQ(raw("select group_concat(id) from rooms"), "2,3");
  EXPECT_EQ(then("id || ':' || ifnull(name, '-') || ':' || ifnull(price, '-') || ':' || grille_method || ':' || grille_by || ':' || ifnull(grille_for, '-')"),
            "2:Two:2.5:update:k-1:-, 1:-:-:purge:a-1:dpo");
  auto const events = sink->events();
  ASSERT_EQ(events.size(), 3U);
  ASSERT_EQ(events[0].accesses.size(), 2U);
  EXPECT_EQ(events[0].accesses[0].method, grille::method::purge);
  EXPECT_EQ(events[1].affected, 1U);
  ASSERT_FALSE(events[0].grants.empty());
  EXPECT_THAT(events[0].grants[0], HasSubstr("allow archivist to purge on rooms"));
}

TEST_F(history, says_of_a_purge_for_good) {
  auto const database = open();
  auto session = database.session(archivist());
  EXPECT_EQ(session.purge("rooms", column{"id"} == 1), 1U);
  auto keeping = database.session(keeper());
  keeping.execute("insert into rooms (id, name, price, owner) values (1, 'Again', 3, 1)");
  keeping.execute("update rooms set price = 4 where id = 1");
  EXPECT_EQ(session.purge("rooms", column{"id"} == 1), 1U);
  EXPECT_EQ(then("id || grille_method"), "1purge, 1purge");
}

TEST_F(history, is_purged_of_what_one_grant_and_every_restrict_allow) {
  auto const database = open();
  file_.change("update rooms set name = 'kept' where id = 2");
  auto session = database.session(archivist());
  EXPECT_EQ(session.purge("rooms", all()), 1U);  // 2 is kept by the restrict, 3 is too dear
  EXPECT_EQ(raw("select group_concat(id) from rooms"), "2,3");
  EXPECT_THAT(failure([&] { database.session(keeper()).purge("rooms", all()); }), StartsWith("forbidden: `purge` on `rooms`"));
  EXPECT_THAT(failure([&] { database.session(grille::principal("x").role("cleaner")).purge("rooms", all()); }), StartsWith("forbidden: "));
  EXPECT_THAT(failure([&] { session.purge("nonesuch", all()); }), StartsWith("not_found: no such table: `nonesuch`"));
  EXPECT_THAT(failure([&] { session.purge("orders", all()); }), StartsWith("not_found: no such table: `orders`"));
  EXPECT_THAT(failure([&] { session.purge("rooms_then", all()); }), StartsWith("forbidden: "));
  EXPECT_THAT(failure([&] { session.purge("rooms", column{"name"} == "Two"); }), StartsWith("not_found: "));
}

TEST_F(history, is_not_purged_of_a_former_row_with_the_key_by_whom_its_end_is_not_granted) {
  auto const database = open();
  auto keeping = database.session(keeper());
  database.session(grille::principal("o").role("other")).execute("delete from rooms where id = 3");  // at a price of 30
  keeping.execute("insert into rooms (id, name, price, owner) values (3, 'Mine', 3, 1)");
  keeping.execute("update rooms set price = 4 where id = 3");
  EXPECT_THAT(failure([&] { database.session(archivist()).purge("rooms", all()); }), StartsWith("check_failed: "));
  EXPECT_EQ(then("id || grille_method"), "3delete, 3update") << "nothing is purged, of the others neither";
  EXPECT_EQ(database.session(archivist()).purge("rooms", column{"id"} == 1), 1U);
  // of a row that was dear for a while, and was not when it went, it may be
  keeping.execute("update rooms set price = 100 where id = 2");
  keeping.execute("update rooms set price = 1 where id = 2");
  keeping.execute("delete from rooms where id = 2");
  database.session(keeper().role("archivist")).restore("rooms", 6);
  EXPECT_EQ(database.session(archivist()).purge("rooms", column{"id"} == 2), 1U);
  EXPECT_EQ(then("id || grille_method"), "3delete, 3update, 1purge, 2purge");
}

TEST_F(history, is_purged_by_whoever_sees_nothing_of_it) {
  auto const database = open();
  auto session = database.session(grille::principal("s-1").role("shredder"));
  EXPECT_THAT(failure([&] { session.purge("rooms", column{"id"} == 2); }), StartsWith("not_found: ")) << "it would find rows by what is not shown";
  EXPECT_EQ(session.purge("rooms", all()), 1U);
  EXPECT_EQ(raw("select group_concat(id) from rooms"), "1,3");
}

TEST_F(history, is_not_purged_of_what_keeps_none) {
  auto const database = open();
  EXPECT_THAT(failure([&] { database.session(keeper()).purge("books", all()); }), StartsWith("unsupported: `purge` on a table that keeps no history"));
}

TEST_F(history, is_not_purged_by_what_says_delete) {
  auto const database = open();
  auto session = database.session(archivist());
  EXPECT_EQ(session.purge("rooms", column{"id"} == 1), 1U);
  EXPECT_THAT(failure([&] { session.remove("rooms", column{"id"} == 2); }), StartsWith("forbidden: "));
  auto other = database.session(keeper());
  EXPECT_EQ(other.remove("rooms", column{"id"} == 2), 1U);
  EXPECT_EQ(then("id || grille_method"), "1purge, 2delete");
}

TEST_F(history, of_a_row_that_others_refer_to_is_not_purged) {
  auto const database = open();
  auto keeping = database.session(keeper());
  keeping.execute("update rooms set price = 11 where id = 1");
  file_.change("insert into beds values (1, 1)");
  EXPECT_THAT(failure([&] { database.session(archivist()).purge("rooms", all()); }), StartsWith("conflict: "));
  EXPECT_EQ(then("id || grille_method"), "1update");
}

// --- restore

TEST_F(history, brings_back_a_row_that_was_deleted) {
  auto const database = open();
  auto session = database.session(keeper().role("archivist"));
  auto const before = raw("select quote(id) || quote(name) || quote(price) || quote(data) || quote(owner) || quote(twice) from rooms where id = 1");
  session.execute("update rooms set price = 5 where id = 1");
  session.execute("delete from rooms where id = 1");
  session.restore("rooms", 2);
  EXPECT_EQ(raw("select price from rooms where id = 1"), "5");
  session.restore("rooms", 1);
  EXPECT_EQ(raw("select quote(id) || quote(name) || quote(price) || quote(data) || quote(owner) || quote(twice) from rooms where id = 1"), before);
  EXPECT_EQ(then("grille_method || price"), "update10, delete5, update5");
  EXPECT_THAT(failure([&] { session.restore("rooms", 2); }), StartsWith("conflict: "));
  EXPECT_THAT(failure([&] { session.restore("rooms", 99); }), StartsWith("not_found: there is no such record"));
}

TEST_F(history, does_not_bring_back_what_the_caller_could_not_write) {
  auto const database = open();
  auto archive = database.session(archivist());
  database.session(grille::principal("c").role("cleaner")).execute("delete from rooms");
  EXPECT_EQ(then("id"), "1, 2, 3");
  EXPECT_THAT(failure([&] { archive.restore("rooms", 1); }), StartsWith("forbidden: `insert` on `rooms`"));
  auto both = database.session(keeper().role("archivist"));
  EXPECT_THAT(failure([&] { both.restore("rooms", 3); }), StartsWith("check_failed: ")) << "it is of another owner";
  EXPECT_EQ(raw("select count(*) from rooms"), "0");
  both.restore("rooms", 1);
  EXPECT_EQ(raw("select group_concat(id) from rooms"), "1");
}

TEST_F(history, does_not_bring_back_what_the_caller_does_not_see_whole) {
  auto const database = open();
  database.session(keeper()).execute("delete from rooms");
  auto keeping = database.session(keeper());
  EXPECT_EQ(failure([&] { keeping.restore("rooms", 1); }), "forbidden: the record may not be seen whole") << "nor is its table named";
  auto some = database.session(keeper().role("clerk_of_rooms"));
  EXPECT_EQ(failure([&] { some.restore("rooms", 1); }), "forbidden: the record may not be seen whole");
  auto veiled = database.session(grille::principal("m").role("masked"));
  EXPECT_EQ(failure([&] { veiled.restore("rooms", 1); }), "forbidden: the record may not be seen whole");
  EXPECT_EQ(raw("select count(*) from rooms"), "1");
}

TEST_F(history, does_not_bring_back_what_was_purged_or_is_not_there) {
  auto const database = open();
  auto session = database.session(keeper().role("archivist"));
  session.execute("update rooms set price = 5 where id = 2");
  session.purge("rooms", column{"id"} == 1);
  EXPECT_THAT(failure([&] { session.restore("rooms", 2); }), StartsWith("not_found: the row was purged"));
  session.execute("delete from rooms where id = 2");
  EXPECT_THAT(failure([&] { session.restore("rooms", 1); }), StartsWith("not_found: there is no row that may be overwritten"));
  EXPECT_THAT(failure([&] { session.restore("books", 1); }), StartsWith("unsupported: `books` keeps no history"));
  EXPECT_THAT(failure([&] { session.restore("orders", 1); }), StartsWith("not_found: no such table: `orders`"));
  EXPECT_THAT(failure([&] { session.restore("nonesuch", 1); }), StartsWith("not_found: no such table: `nonesuch`"));
}

TEST_F(history, is_of_tables_of_any_name) {
  file_.change("create table \"or der\" (\"rowid\" text, \"select\" integer, \"a\"\"b\" text, primary key (\"select\", \"a\"\"b\")) without rowid;"
               "create table [or der then] (\"rowid\" text, \"select\" integer not null, \"a\"\"b\" text not null, grille_number integer primary key, grille_at text,"
               " grille_by text, grille_for text, grille_policy text, grille_method text);"
               "create table t2 (\"_rowid_\" text, oid text, id integer primary key);"
               "create table t2_then (\"_rowid_\" text, oid text, id integer not null, grille_number integer primary key, grille_at text,"
               " grille_by text, grille_for text, grille_policy text, grille_method text);"
               "insert into \"or der\" values ('r', 1, 'x'), ('s', 2, 'y'); insert into t2 values ('u', 'o', 5), ('v', 'p', 6);");
  grille::sqlite::database const database(
      file_.path(),
      shop::policies_with("protects \"or der\", \"or der then\", t2, t2_then; keep history of \"or der\" in \"or der then\"; keep history of t2 in t2_then; role r;"
                          "allow r to select all columns, insert all columns, update all columns, delete, purge on \"or der\", t2;"
                          "allow r to select all columns on \"or der then\", t2_then;"),
      {.purge = true});
  auto session = database.session(grille::principal("p").role("r"));
  auto const all_rows = [&] { return raw("select (select group_concat(\"rowid\" || \"select\" || \"a\"\"b\") from \"or der\") || (select group_concat(\"_rowid_\" || oid || id) from t2)"); };
  auto const before = all_rows();
  session.execute("update \"or der\" set \"rowid\" = 'z' where \"select\" = 1");
  session.execute("delete from \"or der\"");
  session.execute("update t2 set oid = 'z' where id = 5");
  session.execute("delete from t2");
  for (auto const number : {2, 3, 1}) session.restore("or der", number);
  for (auto const number : {2, 3, 1}) session.restore("t2", number);
  EXPECT_EQ(all_rows(), before);
  EXPECT_EQ(session.purge("or der", column{"a\"b"} == "x"), 1U);
  EXPECT_EQ(session.purge("t2", column{"oid"} == "p"), 1U);
  EXPECT_EQ(raw("select group_concat(\"rowid\" || \"select\" || grille_method) from [or der then]"), "s2delete");
  EXPECT_EQ(raw("select group_concat(oid || id || grille_method) from t2_then where oid is not null"), "o5update,z5delete,z5update");
}

TEST_F(history, comes_back_inside_of_a_transaction_or_not_at_all) {
  auto const database = open();
  auto session = database.session(keeper().role("archivist"));
  session.execute("delete from rooms where id = 1");
  {
    auto undone = session.begin();
    session.restore("rooms", 1);
    EXPECT_EQ(session.query_value<std::int64_t>("select count(*) from rooms where id = 1"), 1);
  }
  EXPECT_EQ(raw("select count(*) from rooms where id = 1"), "0");
}

}  // namespace
