// Databases: opening, pools, reloads, schemas that change, borrowed handles, lifetimes, and work without a connection.
#include <fstream>

#include "session/shop.hpp"

namespace {

using namespace std::chrono_literals;
using grille::policy_set;
using grille::reloading;
using shop::failure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class databases : public shop::with_a_shop {
 protected:
  static std::size_t rows(grille::session& s, std::string const& sql) { return s.query(sql).size(); }
};

void write(std::filesystem::path const& file, std::string_view text) { std::ofstream(file, std::ios::binary) << text; }

// --- opening ------------------------------------------------------------------------------------------------------------------------

TEST_F(databases, open_what_is_there) {
  EXPECT_EQ(failure([&] { grille::sqlite::database(file_.folder() / "none.db", shop::policies()); }), "unavailable: the database cannot be opened");
  EXPECT_FALSE(std::filesystem::exists(file_.folder() / "none.db"));
  write(file_.folder() / "text.db", std::string(2000, 'x'));
  EXPECT_THAT(failure([&] { grille::sqlite::database(file_.folder() / "text.db", shop::policies()); }), testing::Not(StartsWith("nothing")));
  EXPECT_THAT(failure([&] { open({.pool = 0}); }), StartsWith("usage: "));
  EXPECT_THAT(failure([&] { grille::sqlite::database(file_.path(), policy_set::parse(shop::rules, "shop", {}, grille::dialect::postgresql)); }),
              StartsWith("usage: "));
}

TEST_F(databases, tell_every_fault_of_a_policy) {
  try {
    grille::sqlite::database(file_.path(), shop::policies_with("allow nobody to select (id) on orders;\nallow buyer to select (nonesuch) on users;\n"));
    FAIL();
  } catch (grille::policy_error const& e) {
    ASSERT_EQ(e.all().size(), 2U);
    EXPECT_THAT(e.all()[0].message, HasSubstr("nobody"));
    EXPECT_EQ(e.all()[0].file, "shop.grille");
  }
  EXPECT_THROW(policy_set::parse("policy x version 1; allaw a to b;", "x"), grille::policy_error);
}

TEST_F(databases, read_policies_from_files_and_folders) {
  auto const folder = file_.folder() / "policies";
  std::filesystem::create_directories(folder);
  write(folder / "shop.grille", shop::rules);
  write(folder / "notes.txt", "nothing");
  auto const by_folder = policy_set::load({folder});
  EXPECT_EQ(by_folder.fingerprint(), policy_set::load({folder / "shop.grille"}).fingerprint());
  write(folder / "shop.grille.lock", "policy shop version 2\ntable orders\n  id\n  status\ntable users\n  id\n");
  auto const locked = policy_set::load({folder});
  EXPECT_NE(by_folder.fingerprint(), locked.fingerprint());
  auto session = grille::sqlite::database(file_.path(), locked).session(shop::admin());
  EXPECT_EQ(session.query("select * from orders").columns().size(), 2U) << "what the lock file holds of `all columns`";
  EXPECT_THAT(failure([&] { policy_set::load({file_.folder() / "none"}); }), StartsWith("usage: "));
  std::filesystem::create_directories(file_.folder() / "empty");
  EXPECT_THAT(failure([&] { policy_set::load({file_.folder() / "empty"}); }), StartsWith("usage: "));
}

TEST_F(databases, take_several_owners_policies_as_one) {
  auto const orders = policy_set::parse("policy a version 1; role buyer from group 'customers'; protects orders;"
                                        "allow buyer to select (id) on orders;", "a.grille");
  auto const books = policy_set::parse("policy b version 1; uses a version 1; protects books; allow buyer to select (title) on books;", "b.grille");
  auto session = grille::sqlite::database(file_.path(), orders.with(books)).session(grille::principal("x").group("customers"));
  EXPECT_EQ(rows(session, "select title from books, orders"), 10U);
  EXPECT_THAT(failure([&] { grille::sqlite::database(file_.path(), orders.with(orders)); }), StartsWith("usage: "));
}

// --- pools ---------------------------------------------------------------------------------------------------------------------------

TEST_F(databases, have_as_many_sessions_as_connections) {
  auto const database = open({.pool = 2, .pool_wait = 10ms});
  auto first = database.session(shop::anna());
  {
    auto second = database.session(shop::mark());
    EXPECT_EQ(failure([&] { database.session(shop::admin()); }), "unavailable: no connection became free in time");
    EXPECT_EQ(rows(second, "select id from orders"), 4U);
  }
  auto third = database.session(shop::admin());
  EXPECT_EQ(rows(third, "select id from orders"), 5U);
  EXPECT_EQ(rows(first, "select id from orders"), 3U);
}

TEST_F(databases, a_session_that_cannot_begin_keeps_no_connection) {
  auto const database = open({.pool = 1, .pool_wait = 0ms});
  for (int i = 0; i < 3; ++i) EXPECT_THAT(failure([&] { database.session(grille::principal("x").role("nothing")); }), StartsWith("usage: "));
  EXPECT_EQ(database.session(shop::anna()).query("select 1").size(), 1U);
}

TEST_F(databases, sessions_outlive_their_handles) {
  auto session = [&] { return open().session(shop::anna()); }();
  EXPECT_EQ(rows(session, "select id from orders"), 3U);
  auto moved = std::move(session);
  EXPECT_EQ(rows(moved, "select id from orders"), 3U);
  EXPECT_EQ(failure([&] { session.query("select 1"); }), "usage: the session was moved away");
  auto stream = [&] {
    auto inner = open().session(shop::anna());
    return inner.stream<std::int64_t>("select id from orders");
  }();
  EXPECT_EQ(failure([&] { std::ignore = stream.begin(); }), "usage: the session of this stream is closed");
}

TEST_F(databases, a_session_that_takes_anothers_place_closes_that_one) {
  auto const database = open({.pool = 2, .pool_wait = 0ms});
  auto a = database.session(shop::anna());
  a = database.session(shop::mark());
  EXPECT_EQ(rows(a, "select id from orders"), 4U);
  auto b = database.session(shop::admin());
}

TEST_F(databases, the_memory_is_one_connection) {
  grille::sqlite::database const database(":memory:", policy_set::parse("policy x version 1;", "x"), {.pool_wait = 0ms});
  auto session = database.session(shop::anna());
  EXPECT_EQ(rows(session, "select 1"), 1U);
  EXPECT_THAT(failure([&] { database.session(shop::anna()); }), StartsWith("unavailable: "));
}

// --- reloading -----------------------------------------------------------------------------------------------------------------------

TEST_F(databases, a_new_policy_holds_for_what_begins_after_it) {
  auto const database = open();
  auto session = database.session(shop::anna());
  auto stream = session.stream<std::int64_t>("select id from orders order by id");
  auto at = stream.begin();
  auto const before = database.fingerprint();
  database.reload(shop::policies_with("deny buyer to select on orders;"));
  EXPECT_NE(database.fingerprint(), before);
  EXPECT_THAT(failure([&] { session.query("select id from orders"); }), StartsWith("not_found: "));
  ++at;
  EXPECT_EQ(std::get<0>(*at), 2) << "what began goes on";
  database.reload(shop::policies());
  EXPECT_EQ(rows(session, "select id from orders"), 3U);
}

TEST_F(databases, a_policy_that_does_not_compile_changes_nothing) {
  auto const database = open();
  auto session = database.session(shop::anna());
  EXPECT_THROW(database.reload(shop::policies_with("allow nobody to select (id) on orders;")), grille::policy_error);
  EXPECT_EQ(rows(session, "select id from orders"), 3U);
}

TEST_F(databases, an_older_policy_is_taken_by_force_only) {
  auto const database = open();
  auto older = std::string(shop::rules);
  older.replace(older.find("version 2"), 9, "version 1");
  auto const one = policy_set::parse(older, "shop.grille");
  EXPECT_THAT(failure([&] { database.reload(one); }), StartsWith("conflict: policy `shop` version 1 is older"));
  database.reload(one, reloading::any);
  database.reload(shop::policies());
}

TEST_F(databases, an_expired_policy_grants_nothing) {
  auto const database = open();
  auto session = database.session(shop::anna());
  database.reload(shop::policies_with("expires after '2020-01-01';"));
  EXPECT_THAT(failure([&] { session.query("select id from orders"); }), StartsWith("not_found: "));
}

TEST_F(databases, a_session_whose_caller_no_longer_fits_says_so) {
  auto const database = open();
  auto session = database.session(grille::principal("x").group("customers"));
  auto stricter = std::string(shop::rules);
  stricter.replace(stricter.find("user_id integer optional"), 24, "user_id integer");
  database.reload(policy_set::parse(stricter, "shop.grille"));
  EXPECT_THAT(failure([&] { session.query("select 1"); }), StartsWith("usage: the principal lacks the attribute `user_id`"));
}

// --- schemas that change -------------------------------------------------------------------------------------------------------------

TEST_F(databases, a_change_of_the_schema_is_noticed_between_two_statements) {
  auto const database = open();
  auto admin = database.session(shop::admin());
  EXPECT_EQ(admin.query("select * from users").columns().size(), 4U);
  file_.change("alter table users add column secret text default 'canary'");
  auto const after = admin.query("select * from users");
  EXPECT_EQ(after.columns().size(), 4U) << "without a lock file: the columns at opening";
  EXPECT_THAT(failure([&] { admin.query("select secret from users"); }), StartsWith("not_found: "));
  database.reload(shop::policies_with("-- anew\n"));
  EXPECT_EQ(admin.query("select * from users").columns().size(), 4U) << "nor by a reload";
}

TEST_F(databases, a_table_that_was_replaced_is_never_read_by_the_old_plan) {
  auto const database = open();
  auto anna = database.session(shop::anna());
  EXPECT_EQ(rows(anna, "select title from books"), 2U);
  file_.change("drop table books; create table books (cost numeric, title text, id integer); insert into books values (9, 'canary', 1)");
  EXPECT_EQ(anna.query("select * from books").columns().size(), 2U);
  EXPECT_EQ(anna.query_value<std::string>("select title from books"), "canary") << "of the column that bears the name";
  EXPECT_THAT(failure([&] { anna.query("select cost from books"); }), StartsWith("not_found: "));
}

TEST_F(databases, where_the_policy_no_longer_fits_nothing_is_answered) {
  auto const database = open();
  auto anna = database.session(shop::anna());
  EXPECT_EQ(rows(anna, "select id from orders"), 3U);
  file_.change("alter table orders rename column buyer_id to owner_id");
  EXPECT_EQ(failure([&] { anna.query("select id from orders"); }), "unavailable: the policy does not fit the schema of the database");
  EXPECT_EQ(failure([&] { anna.query("select id from orders"); }), "unavailable: the policy does not fit the schema of the database");
  file_.change("alter table orders rename column owner_id to buyer_id");
  EXPECT_EQ(rows(anna, "select id from orders"), 3U);
}

TEST_F(databases, each_connection_of_a_pool_notices) {
  auto const database = open({.pool = 3});
  std::vector<grille::session> sessions;
  for (int i = 0; i < 3; ++i) sessions.push_back(database.session(shop::anna()));
  for (auto& s : sessions) EXPECT_EQ(rows(s, "select id from orders"), 3U);
  file_.change("create index by_buyer on orders (buyer_id)");
  for (auto& s : sessions) EXPECT_EQ(rows(s, "select id from orders"), 3U);
  file_.change("drop table unprotected");
  for (auto& s : sessions) EXPECT_EQ(rows(s, "select id from orders"), 3U);
}

TEST_F(databases, a_schema_that_changes_while_a_stream_is_read_disturbs_neither) {
  file_.change("pragma journal_mode = wal");
  auto const database = open({.pool = 2});
  auto old = database.session(shop::admin());
  auto stream = old.stream<std::int64_t>("select id from orders order by id");
  auto at = stream.begin();
  file_.change("alter table users add column later text default 'canary'; delete from orders where id = 2");
  auto fresh = database.session(shop::admin());
  EXPECT_EQ(rows(fresh, "select * from orders"), 4U) << "another connection sees the new state";
  EXPECT_EQ(old.query("select * from users").columns().size(), 4U);
  EXPECT_EQ(rows(old, "select id from orders"), 5U) << "this one still reads the old state";
  ++at;
  EXPECT_EQ(std::get<0>(*at), 2);
  EXPECT_EQ(rows(fresh, "select id from orders"), 4U);
}

TEST_F(databases, virtual_tables_are_tables) {
  file_.change("create virtual table notes using fts5(body, owner); insert into notes values ('one canary', 1), ('two', 17);"
               "create virtual table boxes using rtree(id, low, high); insert into boxes values (1, 0, 5)");
  grille::sqlite::database const database(file_.path(), shop::policies_with("protects notes, boxes; allow buyer to select (body) on notes where owner = principal.user_id;"
                                                                            "allow public to select (low) on boxes;"));
  auto anna = database.session(shop::anna());
  EXPECT_EQ(anna.query_value<std::string>("select body from notes"), "two");
  EXPECT_EQ(anna.query_value<double>("select low from boxes"), 0.0);
  EXPECT_THAT(failure([&] { anna.query("select * from notes_content"); }), StartsWith("not_found: "));
  file_.change("create table later(x)");
  EXPECT_EQ(anna.query_value<std::string>("select body from notes"), "two") << "they are connected anew";
}

TEST_F(databases, specifications_are_bound_to_the_new_schema_too) {
  auto const database = open();
  auto anna = database.session(shop::anna());
  EXPECT_EQ(anna.select("orders", grille::spec::named("mine")).size(), 3U);
  file_.change("alter table orders drop column note; alter table orders add column note text");
  EXPECT_EQ(anna.select("orders", grille::spec::named("mine")).size(), 3U);
}

// --- borrowed handles ------------------------------------------------------------------------------------------------------------------

TEST_F(databases, a_borrowed_handle_is_a_pool_of_one) {
  scratch::handle const mine(file_.path());
  {
    grille::sqlite::database const database(mine, shop::policies(), {.pool_wait = 0ms});
    auto session = database.session(shop::anna());
    EXPECT_EQ(rows(session, "select id from orders"), 3U);
    EXPECT_THAT(failure([&] { database.session(shop::mark()); }), StartsWith("unavailable: "));
    mine.must("insert into orders values (6, 17, 1, 'open', 1, null, null)");
    EXPECT_EQ(rows(session, "select id from orders"), 4U);
    mine.must("create table another(x)");
    EXPECT_EQ(rows(session, "select id from orders"), 4U);
  }
  mine.must("attach ':memory:' as m");
}

TEST_F(databases, attached_handles_are_the_same_database) {
  auto const database = open();
  scratch::handle const mine(file_.path());
  {
    auto connection = database.attach(mine);
    auto session = connection.session(shop::anna());
    EXPECT_EQ(rows(session, "select id from orders"), 3U);
    EXPECT_EQ(failure([&] { connection.session(shop::mark()); }), "usage: the connection has an open session");
    auto moved = std::move(connection);
    EXPECT_EQ(rows(session, "select id from orders"), 3U);
    EXPECT_THAT(failure([&] { connection.session(shop::mark()); }), StartsWith("usage: "));
  }
  scratch::handle const other(":memory:");
  other.must("create table users(id, name, email, ssn, canary)");
  EXPECT_THAT(failure([&] { database.attach(other); }), StartsWith("usage: the handle is of another database"));
  EXPECT_THAT(failure([&] { database.attach(nullptr); }), StartsWith("usage: "));
  other.must("attach ':memory:' as m");  // and was put back
}

TEST_F(databases, an_attached_handle_may_bring_the_news_of_a_schema) {
  auto const database = open();
  file_.change("create table later(x)");
  scratch::handle const mine(file_.path());
  auto connection = database.attach(mine);
  EXPECT_EQ(connection.session(shop::anna()).query("select id from orders").size(), 3U);
}

TEST_F(databases, a_session_outlives_the_connection_it_was_made_of) {
  scratch::handle const mine(file_.path());
  auto const database = open();
  auto session = database.attach(mine).session(shop::anna());
  EXPECT_EQ(rows(session, "select id from orders"), 3U);
}

TEST_F(databases, a_borrowed_handle_keeps_the_applications_transaction) {
  scratch::handle const mine(file_.path());
  grille::sqlite::database const database(mine, shop::policies());
  mine.must("begin; delete from orders where id = 1");
  EXPECT_EQ(database.session(shop::anna()).query("select id from orders").size(), 2U);
  mine.must("rollback");
  EXPECT_EQ(database.session(shop::anna()).query("select id from orders").size(), 3U);
}

// --- round the policy, and without a connection ----------------------------------------------------------------------------------------

TEST_F(databases, migrations_have_their_own_way) {
  auto const log = std::make_shared<shop::sink>();
  auto const database = open({.audit = log});
  database.unguarded("add a column", [](void* native) {
    sqlite3_exec(static_cast<sqlite3*>(native), "alter table orders add column later text", nullptr, nullptr, nullptr);
  });
  ASSERT_EQ(log->events().size(), 1U);
  EXPECT_EQ(log->events()[0].decision, "unguarded");
  EXPECT_EQ(log->events()[0].detail, "add a column");
  EXPECT_EQ(database.session(shop::anna()).query("select id from orders").size(), 3U);
  EXPECT_THAT(failure([&] { database.unguarded("", [](void*) { FAIL(); }); }), StartsWith("usage: "));
  log->broken = true;
  EXPECT_THAT(failure([&] { database.unguarded("x", [](void*) { FAIL(); }); }), StartsWith("unavailable: "));
}

TEST_F(databases, rewrite_for_other_drivers) {
  grille::database const database(grille::schema::parse(shop::schema), shop::policies());
  auto const r = database.rewrite(shop::anna(), "select id, status from orders where id > ?", {2});
  EXPECT_EQ(r.parameters, (std::vector<grille::value>{2, 17}));
  EXPECT_EQ(r.columns.size(), 2U);
  scratch::handle const native(file_.path());
  sqlite3_stmt* s = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(native, r.sql.c_str(), -1, &s, nullptr), SQLITE_OK) << r.sql;
  sqlite3_bind_int(s, 1, 2);
  sqlite3_bind_int(s, 2, 17);
  ASSERT_EQ(sqlite3_step(s), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(s, 0), 4);
  EXPECT_EQ(sqlite3_step(s), SQLITE_DONE);
  sqlite3_finalize(s);
  EXPECT_THAT(failure([&] { database.session(shop::anna()); }), StartsWith("usage: this database has no connection"));
  EXPECT_THAT(failure([&] { database.rewrite(shop::mark(), "select * from users"); }), StartsWith("not_found: "));
  EXPECT_THAT(failure([&] { database.rewrite(shop::anna(), "select ?"); }), StartsWith("usage: "));
  EXPECT_THAT(failure([&] { database.unguarded("x", [](void*) { FAIL(); }); }), StartsWith("usage: "));
}

TEST_F(databases, schemas_without_a_database) {
  EXPECT_THAT(failure([] { grille::schema::parse("select 1"); }), StartsWith("unsupported: "));
  EXPECT_THAT(failure([] { grille::schema::parse("create tabel x(y)"); }), testing::Not(StartsWith("nothing")));
  EXPECT_THAT(failure([] { grille::schema::load("/nowhere/schema.sql"); }), StartsWith("usage: "));
  EXPECT_NE(grille::schema::parse("create table t(a)").fingerprint(), grille::schema::parse("create table t(b)").fingerprint());
}

// --- what is held, and why -------------------------------------------------------------------------------------------------------------

TEST_F(databases, permissions_come_of_schema_and_policy) {
  auto const database = open();
  auto const held = [&](grille::principal const& p) {
    std::vector<std::string> lines;
    for (auto const& one : database.session(p).permissions())
      lines.push_back(one.resource + "." + one.column + " " + std::to_string(static_cast<int>(one.method)) + (one.masked ? " masked" : "") +
                      (one.filtered ? " filtered" : ""));
    return lines;
  };
  EXPECT_THAT(held(grille::principal("x")), ElementsAre("books.id 0", "books.title 0"));
  EXPECT_THAT(held(shop::anna()),
              ElementsAre("books.id 0", "books.title 0", "orders.buyer_id 0 filtered", "orders.id 0 filtered", "orders.note 0 filtered",
                          "orders.shop_id 0 filtered", "orders.shop_id 1 filtered", "orders.status 0 filtered", "orders.total 0 filtered",
                          "orders.total 1 filtered", "users.email 0 masked filtered", "users.id 0 filtered", "users.name 0 filtered"));
  auto const admins = database.session(shop::admin()).permissions();
  auto const removal = std::ranges::find(admins, grille::method::remove, &grille::permission::method);
  ASSERT_NE(removal, admins.end());
  EXPECT_EQ(removal->column, "");
  EXPECT_THAT(removal->by, testing::AllOf(StartsWith("administrator: allow administrator to select all columns, delete on users, orders;"), HasSubstr("shop.grille:")));
}

TEST_F(databases, explanations_are_off_unless_turned_on) {
  auto quiet = open().session(shop::anna());
  EXPECT_THAT(failure([&] { quiet.explain("select 1"); }), StartsWith("forbidden: explanations are off"));
  auto loud = open({.explain = true}).session(shop::anna());
  auto const e = loud.explain("select name, email from users u where id = ?", 17);
  EXPECT_THAT(e.sql, HasSubstr("\"main\".\"users\""));
  EXPECT_EQ(e.parameters, (std::vector<grille::value>{17, 17}));
  EXPECT_THAT(e.text, testing::AllOf(HasSubstr("users as u"), HasSubstr("allow buyer to select card on users where id = principal.user_id"),
                                     HasSubstr("masked columns  email"), HasSubstr("hidden columns  ssn"), HasSubstr("principal.user_id")));
  EXPECT_THAT(e.json, testing::AllOf(HasSubstr("\"masked_columns\""), HasSubstr("\"all_rows\"")));
  EXPECT_THAT(failure([&] { loud.explain("select ssn from users"); }), StartsWith("not_found: "));

  auto const tables = grille::schema::parse(shop::schema);
  auto const sql = "select name, email from users u where id = ?";
  EXPECT_EQ(grille::database(tables, shop::policies(), {.explain = true}).explain(shop::anna(), sql, {17}).text, e.text) << "without a connection";
  EXPECT_THAT(failure([&] { grille::database(tables, shop::policies()).explain(shop::anna(), sql, {17}); }), StartsWith("forbidden: explanations are off"));
}

}  // namespace
