// Writes through a session: its own calls, transactions, what is recorded, and what an application can do to the handle in between.
#include "session/shop.hpp"

namespace {

using grille::errc;
using grille::spec::column;
using shop::failure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto* grants = R"(
  role keeper;
  allow keeper to select all columns, delete on books;
  allow keeper to update (title, cost) on books where cost < 100;
  allow keeper to insert (id, title, cost) on books so that cost < 100;
  specification cheap on books means cost < 4;
  allow keeper to update (status) on orders where status = 'open' so that status in ('open', 'paid');
)";

grille::principal keeper() { return grille::principal("k-1").role("keeper"); }

class write : public testing::Test {
 protected:
  grille::sqlite::database open(grille::options o = {}) const {
    return grille::sqlite::database(file_.path(), shop::policies_with(grants), std::move(o));
  }
  std::string raw(std::string const& sql) const { return scratch::handle(file_.path()).ask(sql); }
  std::string titles() const { return raw("select group_concat(id || title, ',') from (select * from books order by id)"); }
  shop::file file_;
};

TEST_F(write, by_attributes_and_specifications) {
  auto const database = open();
  auto session = database.session(keeper());
  EXPECT_EQ(session.insert("books", {{"id", 3}, {"title", "Three"}, {"cost", 7}}), 1U);
  EXPECT_EQ(session.update("books", column{"id"} == 3, {{"title", "Drei"}}), 1U);
  EXPECT_EQ(session.update("books", grille::spec::named("cheap"), {{"cost", 99}}), 1U);
  EXPECT_EQ(raw("select group_concat(cost) from (select cost from books order by id)"), "99,4,7");
  EXPECT_EQ(session.update("books", column{"id"} == 77, {{"title", "x"}}), 0U);
  EXPECT_EQ(session.remove("books", column{"title"} == "Drei"), 1U);
  EXPECT_EQ(session.remove("books", grille::spec::all()), 2U);
  EXPECT_EQ(raw("select count(*) from books"), "0");
  EXPECT_EQ(failure([&] { session.update("books", grille::spec::all(), {}); }), "usage: an update that sets nothing");
  EXPECT_THAT(failure([&] { session.insert("books", {{"nonesuch", 1}}); }), StartsWith("not_found: no such column: `nonesuch`"));
  EXPECT_THAT(failure([&] { session.insert("unprotected", {{"x", 1}}); }), StartsWith("not_found: no such table: `unprotected`"));
  EXPECT_THAT(failure([&] { session.insert("books", {{"title", "x"}, {"TITLE", "y"}}); }), StartsWith("syntax: "));
  EXPECT_THAT(failure([&] { session.insert("books", {}); }), StartsWith("check_failed: "));
}

TEST_F(write, execute_and_query) {
  auto const database = open();
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update books set cost = cost + ? where id = ?", 1, 1), 1U);
  auto const rows = session.query("update books set title = title || '!' returning id, title");
  EXPECT_EQ(rows.affected(), 2U);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.columns()[1].name, "title");
  auto const silent = session.query("delete from books where id = 2");
  EXPECT_EQ(silent.affected(), 1U);
  EXPECT_EQ(silent.size(), 0U);
  EXPECT_EQ(silent.columns().size(), 0U);
  EXPECT_EQ(session.query_value<std::string>("insert into books (id, title, cost) values (9, 'N', 1) returning title"), "N");
  EXPECT_EQ(failure([&] { session.execute("select 1"); }), "usage: the statement is a query, and writes nothing");
  EXPECT_THAT(failure([&] { session.execute("purge from books"); }), StartsWith("syntax: "));
  EXPECT_EQ(titles(), "1The Cardan Grille!,9N");
}

// what Debian's SQLite holds for unsafe in a schema that is not trusted
TEST(write_to_a_schema, that_uses_json_and_full_text_search) {
  scratch::file const at;
  scratch::handle const raw(at.path());
  raw.must(R"(create table notes (id integer primary key, owner integer, j text check (json_type(j) = 'object'), k text as (json_extract(j, '$.k')) stored);
    create unique index notes_code on notes (json_extract(j, '$.code'));
    create virtual table found using fts5(k, content = 'notes', content_rowid = 'id');
    create trigger note_found after insert on notes begin insert into found (rowid, k) values (new.id, new.k); end;
    create trigger note_lost after delete on notes begin insert into found (found, rowid, k) values ('delete', old.id, old.k); end;
    create trigger note_changed after update on notes begin
      insert into found (found, rowid, k) values ('delete', old.id, old.k); insert into found (rowid, k) values (new.id, new.k); end;
    insert into notes (id, owner, j) values (1, 2, '{"k":"canary","code":7}'))");
  auto const policy = grille::policy_set::parse(R"(policy notes version 1; owner 'o' contact 'o@example.org'; protects notes; role writer;
    allow writer to select (id, owner, k) on notes where owner = 1; allow writer to insert (id, owner, j) on notes so that owner = 1 and k <> 'x';
    allow writer to update (j), delete on notes where owner = 1;)",
                                                 "notes.grille");
  grille::sqlite::database const database(at.path(), policy);
  auto session = database.session(grille::principal("w-1").role("writer"));
  EXPECT_EQ(session.execute("insert into notes (id, owner, j) values (3, 1, ?)", R"({"k":"three words here","code":8})"), 1U);
  EXPECT_EQ(session.query_value<std::string>("select k from notes"), "three words here");
  EXPECT_EQ(raw.ask("select rowid from found where found match 'words'"), "3");
  EXPECT_THAT(failure([&] { session.execute("insert into notes (id, owner, j) values (4, 1, '[1]')"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { session.execute("insert into notes (id, owner, j) values (4, 1, '{\"k\":\"x\"}')"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { session.execute("insert into notes (id, owner, j) values (4, 1, '{\"k\":\"y\",\"code\":7}')"); }), StartsWith("conflict: "));
  EXPECT_EQ(raw.ask("select count(*) from notes"), "2");
  // the search is kept up to date with what is updated and deleted, and with nothing else
  EXPECT_EQ(session.execute("update notes set j = ?", R"({"k":"other words","code":9})"), 1U);
  EXPECT_EQ(raw.ask("select group_concat(rowid) from found where found match 'three'"), "null");
  EXPECT_EQ(raw.ask("select group_concat(rowid) from found where found match 'other'"), "3");
  EXPECT_THAT(failure([&] { session.execute("update notes set j = '[1]'"); }), StartsWith("check_failed: "));
  EXPECT_EQ(raw.ask("select group_concat(rowid) from found where found match 'other'"), "3") << "undone with the row";
  EXPECT_EQ(session.execute("delete from notes"), 1U);
  EXPECT_EQ(raw.ask("select group_concat(rowid) from found where found match 'other'"), "null");
  EXPECT_EQ(raw.ask("select group_concat(rowid) from found where found match 'canary'"), "1") << "another's row is there, and found";
  EXPECT_TRUE(raw.run("insert into found (found, rank) values ('integrity-check', 1)") == SQLITE_OK);
}

// of a row that is hidden, too: it has no document, and the view's own condition could fail on it
TEST(read_of_a_schema, that_computes_what_is_read) {
  scratch::file const at;
  scratch::handle const raw(at.path());
  raw.must(R"(create table notes (id integer primary key, owner integer, j text);
    create view known as select id, owner from notes where json_extract(j, '$.k') <> 'x';
    insert into notes (id, owner, j) values (1, 1, '{"k":"mine"}'), (2, 2, '{');
    alter table notes add column k text as (json_extract(j, '$.k')))");
  auto const policy = grille::policy_set::parse(R"(policy notes version 1; owner 'o' contact 'o@example.org'; protects notes, known; role reader;
    allow reader to select (id, k) on notes where owner = 1; allow reader to select (id) on known where owner = 1;)",
                                                "notes.grille");
  grille::sqlite::database const database(at.path(), policy);
  auto session = database.session(grille::principal("r-1").role("reader"));
  EXPECT_EQ(session.query("select id, k from notes").size(), 1U);
  EXPECT_EQ(session.query_value<std::string>("select k from notes where k > 'a'"), "mine");
  EXPECT_EQ(session.query_value<std::int64_t>("select count(*) from notes n join notes m on m.id = n.id"), 1);
  raw.must("delete from notes where id = 2");
  EXPECT_EQ(session.query_value<std::int64_t>("select id from known"), 1);
  EXPECT_EQ(session.query_value<std::int64_t>("select count(*) from known"), 1);
}

// SQLite finds no key again that has its `integer primary key` among others
TEST(write_to_a_schema, by_a_key_that_the_engine_does_not_find) {
  scratch::file const at;
  scratch::handle const raw(at.path());
  raw.must("create table notes (id integer primary key, owner integer, unique (id, owner))");
  grille::sqlite::database const database(at.path(), grille::policy_set::parse(R"(policy notes version 1; owner 'o' contact 'o@example.org'; protects notes; role writer;
    allow writer to select (id, owner), insert (id, owner) on notes;)", "notes.grille"));
  auto session = database.session(grille::principal("w-1").role("writer"));
  EXPECT_EQ(failure([&] { session.execute("insert into notes (id, owner) values (1, 1) on conflict (id, owner) do nothing"); }),
            "syntax: the database takes it for no statement by its conflict target");
  EXPECT_EQ(raw.ask("select count(*) from notes"), "0");
}

TEST(write_to_a_schema, is_not_made_to_its_virtual_tables) {
  scratch::file const at;
  scratch::handle const raw(at.path());
  raw.must("create virtual table found using fts5(k); insert into found values ('word')");
  grille::sqlite::database const database(at.path(), grille::policy_set::parse(R"(policy notes version 1; owner 'o' contact 'o@example.org'; protects found; role writer;
    allow writer to select (k), insert (k), update (k), delete on found;)", "notes.grille"));
  auto session = database.session(grille::principal("w-1").role("writer"));
  for (auto const* sql : {"insert into found (k) values ('x')", "update found set k = 'x'", "delete from found"})
    EXPECT_THAT(failure([&] { session.execute(sql); }), testing::AllOf(StartsWith("unsupported: "), HasSubstr("a virtual table"))) << sql;
  EXPECT_EQ(raw.ask("select group_concat(k) from found"), "word");
}

// What the engine looks up for a key is its own affair, whichever side of it is written.
TEST(writes_to_tables_with_foreign_keys, do_what_plain_sql_does) {
  using texts = std::vector<std::string>;
  struct world {
    std::string key, reference, more;
    texts writes;
  };
  texts const of_children{"delete from c where id = 1", "delete from c", "delete from o where id = 3", "insert or replace into c (id, oid, body) values (1, 2, 'x')",
                          "replace into c (id, oid, body) values (9, 1, 'x')", "update c set oid = 3 where id = 2", "update c set oid = null",
                          "insert into c (id, oid, body) values (9, 3, 'x')", "insert into c (id, oid) values (1, 3) on conflict (id) do update set oid = excluded.oid"};
  texts const of_parents{"delete from o where id = 2", "delete from o", "update o set id = id + 10 where id = 2", "insert or replace into o (id) values (2)"};
  std::vector<world> const worlds{
      {"integer primary key", "integer references o (id)", "", of_children},
      {"integer primary key", "integer references o (id) deferrable initially deferred", "", of_children},
      {"integer unique", "integer references o (id)", "", of_children},
      {"integer primary key", "integer references o (id) on delete cascade on update cascade", "", of_parents},
      {"integer primary key", "integer references o (id) on delete set null on update set null", "", of_parents},
      {"integer primary key", "integer references o (id) on delete cascade, pid integer default 1 references p (id)", "", {"delete from o where id = 2", "delete from c"}},
      {"integer primary key", "integer references o (id) on delete cascade", "create table d (cid integer references c (id) on delete set null, pid integer references p (id));",
       {"delete from o where id = 2"}}};
  auto const policy = grille::policy_set::parse(R"(policy keys version 1; owner 'o' contact 'o@example.org'; protects o, c; role w;
    allow w to select all columns, insert all columns, update all columns, delete on o, c;)", "keys.grille");
  for (auto const& w : worlds)
    for (auto const& sql : w.writes) {
      scratch::file const at, plain;
      scratch::handle const guarded(at.path()), by_hand(plain.path());
      for (auto const* h : {&guarded, &by_hand})
        h->must("create table p (id integer primary key); insert into p values (1); create table o (id " + w.key + "); insert into o values (1), (2), (3);" +
                "create table c (id integer primary key, body text, oid " + w.reference + "); insert into c (id, oid, body) values (1, 1, 'a'), (2, 2, 'b'), (3, null, 'c');" + w.more);
      by_hand.must("pragma foreign_keys = on");
      by_hand.must(sql);
      grille::sqlite::database const database(at.path(), policy);
      auto session = database.session(grille::principal("w-1").role("w"));
      EXPECT_NO_THROW(session.execute(sql)) << w.reference << ": " << sql;
      for (auto const* all : {"select group_concat(id) from (select id from o order by id)", "select json_group_array(json_array(id, oid, body)) from (select * from c order by id)"})
        EXPECT_EQ(guarded.ask(all), by_hand.ask(all)) << w.reference << ": " << sql;
    }
}

TEST_F(write, more_rows_than_may_be_returned_undo_it) {
  auto const database = open({.max_rows = 1});
  auto session = database.session(keeper());
  EXPECT_THAT(failure([&] { session.query("delete from books returning id"); }), StartsWith("limit: "));
  EXPECT_EQ(raw("select count(*) from books"), "2");
}

TEST_F(write, is_not_rewritten_to_one_statement) {
  auto const database = open({.explain = true});
  EXPECT_THAT(failure([&] { database.rewrite(keeper(), "delete from books"); }),
              StartsWith("unsupported: a write is not rewritten"));
  auto session = database.session(keeper());
  auto const told = session.explain("update books set cost = ? where id = 1", 3);
  EXPECT_THAT(told.text, HasSubstr("update or abort \"main\".\"books\""));
  EXPECT_THAT(told.text, HasSubstr("not exists"));
  EXPECT_THAT(told.text, HasSubstr("\nupdate on books\n  allowed by "));
  EXPECT_THAT(told.json, HasSubstr("\"method\": \"update\",\n      \"grants\": [\n        \"shop.grille:"));
  EXPECT_EQ(raw("select cost from books where id = 1"), "3");
}

TEST_F(write, is_recorded_with_the_rows_written) {
  auto const sink = std::make_shared<shop::sink>();
  auto const database = open({.audit = sink});
  auto session = database.session(keeper());
  session.execute("update books set cost = 5");
  auto events = sink->events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].decision, "allowed");
  EXPECT_EQ(events[1].decision, "done");
  EXPECT_EQ(events[2].decision, "committed");
  EXPECT_EQ(events[1].affected, 2U);
  EXPECT_EQ(events[0].id, events[1].id);
  sink->clear();
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 500"); }), StartsWith("check_failed: "));
  events = sink->events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].decision, "check_failed");
  EXPECT_EQ(events[1].affected, 0U);
  sink->broken = true;
  EXPECT_THAT(failure([&] { session.execute("delete from books"); }), StartsWith("unavailable: the audit is not available"));
  EXPECT_EQ(raw("select count(*) from books"), "2") << "decided is recorded before anything is sent";
}

TEST_F(write, a_transaction_is_all_or_nothing) {
  auto const database = open();
  auto session = database.session(keeper());
  {
    auto all = session.begin();
    session.execute("delete from books where id = 1");
    EXPECT_EQ(session.query("select id from books").size(), 1U);
    EXPECT_EQ(raw("select count(*) from books"), "2");
  }
  EXPECT_EQ(titles(), "1The Cardan Grille,2On Windows") << "undone unless committed";
  auto all = session.begin();
  session.execute("update books set title = 'A' where id = 1");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = id * 60"); }), StartsWith("check_failed: "));
  EXPECT_THAT(failure([&] { session.execute("insert into books (id, title, cost) values (2, 'x', 1)"); }), StartsWith("conflict: "));
  session.execute("update books set title = 'B' where id = 2");
  all.commit();
  EXPECT_EQ(titles(), "1A,2B") << "a statement that fails is undone, the others are not";
  EXPECT_EQ(raw("select group_concat(cost) from books"), "3,4");
  EXPECT_EQ(failure([&] { all.commit(); }), "usage: the transaction is over");
  all.rollback();
}

TEST_F(write, transactions_in_one_another) {
  auto const database = open();
  auto session = database.session(keeper());
  auto outer = session.begin();
  session.execute("update books set title = 'A' where id = 1");
  {
    auto inner = session.begin();
    session.execute("update books set title = 'C' where id = 1");
    EXPECT_EQ(failure([&] { outer.commit(); }), "usage: a transaction inside of this one is open");
    auto innermost = session.begin();
    session.execute("delete from books");
    innermost.commit();
    EXPECT_EQ(session.query("select id from books").size(), 0U);
  }
  EXPECT_EQ(session.query("select id from books").size(), 2U);
  {
    auto inner = session.begin();
    session.execute("update books set title = 'B' where id = 2");
    inner.commit();
  }
  outer.commit();
  EXPECT_EQ(titles(), "1A,2B");
  auto again = session.begin();
  auto inside = session.begin();
  session.execute("delete from books");
  again.rollback();
  EXPECT_EQ(failure([&] { inside.commit(); }), "usage: the transaction is over");
  EXPECT_EQ(titles(), "1A,2B");
}

TEST_F(write, the_end_of_a_session_rolls_back) {
  auto const database = open({.pool = 1});
  std::optional<grille::transaction> left;
  {
    auto session = database.session(keeper());
    left.emplace(session.begin());
    session.execute("delete from books");
  }
  EXPECT_EQ(titles(), "1The Cardan Grille,2On Windows");
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update books set cost = 1"), 2U) << "the connection came back clean";
  EXPECT_EQ(failure([&] { left->commit(); }), "usage: the transaction is over");
}

TEST_F(write, transact_commits_and_tries_again_where_that_may_help) {
  auto const database = open();
  auto session = database.session(keeper());
  int runs = 0;
  session.transact([&](grille::session& s) {
    s.execute("update books set title = 'A' where id = 1");
    if (++runs < 3) grille::raise({.kind = errc::unavailable, .message = "busy", .retryable = true});
  });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(raw("select title from books where id = 1"), "A");
  runs = 0;
  EXPECT_THAT(failure([&] {
                session.transact([&](grille::session& s) {
                  ++runs;
                  s.execute("delete from books");
                  grille::raise({.kind = errc::unavailable, .message = "busy", .retryable = true});
                });
              }),
              StartsWith("unavailable"));
  EXPECT_EQ(runs, 3);
  runs = 0;
  auto outer = session.begin();
  EXPECT_THAT(failure([&] {
                session.transact([&](grille::session&) {
                  ++runs;
                  grille::raise({.kind = errc::unavailable, .message = "busy", .retryable = true});
                });
              }),
              StartsWith("unavailable"));
  EXPECT_EQ(runs, 1) << "inside of another, once";
  EXPECT_THROW(session.transact([](grille::session&) { throw std::runtime_error("mine"); }), std::runtime_error);
  outer.commit();
  EXPECT_EQ(raw("select count(*) from books"), "2");
}

TEST_F(write, a_transaction_keeps_the_policy_that_it_began_under) {
  auto const database = open();
  auto session = database.session(keeper());
  auto all = session.begin();
  database.reload(shop::policies(), grille::reloading::any);
  EXPECT_EQ(session.execute("update books set cost = 5 where id = 1"), 1U);
  all.commit();
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 6 where id = 1"); }), testing::Not("nothing"));
  EXPECT_EQ(raw("select cost from books where id = 1"), "5");
}

TEST_F(write, a_schema_that_changes_is_noticed) {
  auto const database = open();
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update books set cost = 5"), 2U);
  file_.change("alter table books add column more text default 'm'");
  EXPECT_EQ(session.execute("update books set cost = 6"), 2U);
  file_.change("drop table books; create table books (id integer primary key, title text, cost numeric)");
  EXPECT_EQ(session.execute("update books set cost = 6"), 0U);
}

TEST_F(write, beside_a_stream_that_is_being_read) {
  auto const database = open();
  auto session = database.session(keeper());
  auto rows = session.stream<std::int64_t>("select id from books order by id");
  auto at = rows.begin();
  EXPECT_EQ(std::get<0>(*at), 1);
  EXPECT_EQ(session.execute("update books set cost = 5"), 2U);
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 500"); }), StartsWith("check_failed: "));
  ++at;
  EXPECT_EQ(std::get<0>(*at), 2);
}

TEST_F(write, waits_for_nobody_for_ever) {
  auto const database = open({.statement_timeout = std::chrono::milliseconds(50)});
  auto session = database.session(keeper());
  scratch::handle const other(file_.path());
  other.must("begin immediate");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 5"); }), StartsWith("unavailable: "));
  other.must("commit");
  EXPECT_EQ(session.execute("update books set cost = 5"), 2U);
}

// --- on a handle of the application's own

class borrowed : public write {
 protected:
  borrowed() : handle_(file_.path()) {}
  scratch::handle handle_;
};

TEST_F(borrowed, writes_inside_of_the_applications_transaction) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  handle_.must("begin; insert into unprotected values (1)");
  EXPECT_EQ(session.execute("update books set cost = 5 where id = 1"), 1U);
  EXPECT_THAT(failure([&] { session.execute("update books set cost = id * 60"); }), StartsWith("check_failed: "));
  {
    auto inner = session.begin();
    session.execute("delete from books");
  }
  EXPECT_EQ(handle_.ask("select count(*) from books"), "2");
  EXPECT_EQ(handle_.ask("select cost from books where id = 1"), "5");
  handle_.must("commit");
  EXPECT_EQ(raw("select count(*) from unprotected"), "1") << "what the application did before is not undone";
  EXPECT_EQ(raw("select cost from books where id = 1"), "5");
}

TEST_F(borrowed, a_session_that_ends_leaves_the_applications_transaction) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  handle_.must("begin; insert into unprotected values (1)");
  {
    auto session = database.session(keeper());
    auto all = session.begin();
    session.execute("delete from books");
  }
  EXPECT_EQ(handle_.ask("select count(*) from books"), "2");
  handle_.must("commit");
  EXPECT_EQ(raw("select count(*) from unprotected"), "1");
}

TEST_F(borrowed, a_temporary_object_of_our_name_is_refused) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  EXPECT_EQ(session.execute("update books set cost = 5"), 2U);
  auto const ours = handle_.ask("select name from temp.sqlite_schema where name like 'grille%'");
  EXPECT_EQ(handle_.ask("select count(*) from temp.\"" + ours + "\""), "0") << "nothing is left in it";
  handle_.must("create temp trigger spy after insert on \"" + ours + "\" begin select 1; end");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 6"); }), StartsWith("usage: a temporary object of the application"));
  handle_.must("drop trigger spy; drop table temp.\"" + ours + "\"; create temp view \"" + ours + "\" as select 1 as c1");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = 6"); }), StartsWith("usage: a temporary object of the application"));
  handle_.must("drop view temp.\"" + ours + "\"");
  EXPECT_EQ(session.execute("update books set cost = 6"), 2U);
}

void canary(sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_text(context, "canary", -1, SQLITE_STATIC); }

// What was kept of an earlier write is not trusted further than SQLite vouches for it.
TEST_F(borrowed, a_function_that_is_shadowed_behind_a_write_is_never_called_by_it) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  auto const lowered = [&] { return session.execute("update books set title = lower(title) where id = 1"); };
  EXPECT_EQ(lowered(), 1U);
  EXPECT_EQ(lowered(), 1U);
  ASSERT_EQ(sqlite3_create_function(handle_, "lower", 1, SQLITE_UTF8, nullptr, canary, nullptr, nullptr), SQLITE_OK);
  handle_.must("update books set title = 'ABC' where id = 1");
  EXPECT_THAT(failure(lowered), StartsWith("usage: the application's function `lower`"));
  EXPECT_THAT(failure([&] { session.execute("update books set title = lower(title) where id = 2"); }), StartsWith("usage: the application's function `lower`"));
  EXPECT_EQ(raw("select group_concat(title) from books"), "ABC,On Windows");
}

TEST_F(borrowed, temporary_tables_that_the_application_rolls_back_or_drops_are_made_anew) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  auto const ours = [&] { return handle_.ask("select name from temp.sqlite_schema where name like 'grille%'"); };
  auto const dearer = [&] { return session.execute("update books set cost = cost + 1"); };
  handle_.must("begin");
  EXPECT_EQ(dearer(), 2U);
  EXPECT_EQ(dearer(), 2U);
  auto const name = ours();
  handle_.must("rollback");
  EXPECT_EQ(ours(), "no row");
  EXPECT_EQ(dearer(), 2U);
  EXPECT_EQ(ours(), name);
  handle_.must("drop table temp.\"" + name + "\"");
  EXPECT_EQ(dearer(), 2U);
  EXPECT_EQ(ours(), name);
  // Of the same name and other columns: what would be stored there is no longer what was computed.
  handle_.must("drop table temp.\"" + name + "\"; create temp table \"" + name + "\" (c1 default 50, c2, c3)");
  EXPECT_THAT(failure([&] { dearer(); }), StartsWith("usage: a temporary object of the application"));
  handle_.must("drop table temp.\"" + name + "\"");
  auto const before = raw("select sum(cost) from books");
  EXPECT_THAT(failure([&] { session.execute("update books set cost = cost + 50 * id"); }), StartsWith("check_failed: "));
  EXPECT_EQ(raw("select sum(cost) from books"), before);
  EXPECT_EQ(dearer(), 2U);
}

// An index, or the counts of `analyze`, make SQLite prepare anew what is as good as it was: the write happens once all the same.
TEST_F(borrowed, a_write_that_is_prepared_anew_in_its_course_happens_once) {
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  handle_.must("update books set cost = 1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(session.execute("update books set cost = cost + 1 where title like ?", "%"), 2U);
    EXPECT_EQ(session.execute("insert into books (id, title, cost) values (?, 'T', 2)", 10 + i), 1U);
    handle_.must("create temp table t" + std::to_string(i) + " (x); analyze");
    EXPECT_EQ(session.execute("update books set cost = cost + 1 where id < 10"), 2U);
    EXPECT_EQ(session.execute("delete from books where id = ?", 10 + i), 1U);
  }
  EXPECT_EQ(raw("select group_concat(cost) from books"), "7,7");
}

TEST_F(borrowed, a_trigger_that_rolls_back_ends_the_transaction) {
  handle_.must("create trigger undone before update on books when new.cost = 13 begin select raise(rollback, 'canary'); end");
  grille::sqlite::database const database(handle_, shop::policies_with(grants));
  auto session = database.session(keeper());
  auto all = session.begin();
  session.execute("update books set title = 'A'");
  EXPECT_EQ(failure([&] { session.execute("update books set cost = 13"); }), "conflict: a constraint of the database stands in the way");
  EXPECT_THAT(failure([&] { session.execute("update books set title = 'B'"); }),
              StartsWith("unavailable: the database has ended the transaction"));
  EXPECT_THAT(failure([&] { all.commit(); }), StartsWith("unavailable: the database has ended the transaction"));
  EXPECT_EQ(session.execute("update books set title = 'C' where id = 1"), 1U);
  EXPECT_EQ(titles(), "1C,2On Windows");
}

}  // namespace
