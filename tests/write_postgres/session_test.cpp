// Writes on PostgreSQL through sessions: transactions, handles of the application's, the races of two writers, and what is left where something
// fails. Few tests that each do much: each test process starts a server of its own.
#include "postgres/proxy.hpp"
#include "write_postgres/shop.hpp"

namespace {

using namespace shop_on_postgresql;

class writes : public with_a_shop {};

TEST_F(writes, are_whole_or_not_there_in_transactions_of_every_kind) {
  auto const database = open();
  auto session = database.session(anna());
  EXPECT_EQ(session.execute("update orders set total = total + 1"), 2U);
  EXPECT_EQ(session.execute("delete from orders where id in (1, 3)"), 1U);
  EXPECT_EQ(orders(), "2 17 sent 31.00, 3 18 open 40.00");
  {  // a statement that fails inside of a transaction takes nothing along
    auto all = session.begin();
    EXPECT_EQ(session.execute("insert into orders (id, total) values ($1, $2)", 5, 7), 1U);
    EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (6, 1), (7, -1)"); }), StartsWith("check_failed: the policy does not allow"));
    EXPECT_THAT(failure([&] { session.query("select 1 / (id - 2) from orders"); }), StartsWith("type: "));
    EXPECT_EQ(session.query_value<int>("select count(*) from orders"), 2) << "it sees what it wrote";
    {
      auto inner = session.begin();
      session.execute("delete from orders");
      EXPECT_THAT(failure([&] { static_cast<void>(session.begin(isolation::serializable)); }), StartsWith("usage: "));
    }
    {
      auto inner = session.begin();
      session.execute("update orders set status = 'kept' where id = 5");
      inner.commit();
    }
    EXPECT_EQ(orders(), "2 17 sent 31.00, 3 18 open 40.00") << "nothing is there for others yet";
    all.commit();
  }
  EXPECT_EQ(orders(), "2 17 sent 31.00, 3 18 open 40.00, 5 17 kept 7.00");
  {
    auto all = session.begin();
    session.execute("delete from orders");
  }
  EXPECT_EQ(orders(), "2 17 sent 31.00, 3 18 open 40.00, 5 17 kept 7.00") << "rolled back";
  {  // beside streams
    auto stream = session.stream<int>("select id from orders order by id");
    EXPECT_THAT(failure([&] { session.execute("delete from orders"); }), StartsWith("usage: a write while a stream is open"));
    EXPECT_THAT(failure([&] { static_cast<void>(session.begin()); }), StartsWith("usage: "));
    EXPECT_EQ(std::get<0>(*stream.begin()), 2) << "it goes on";
  }
  {
    auto all = session.begin();
    auto stream = session.stream<int>("select id from orders order by id");
    EXPECT_EQ(std::get<0>(*stream.begin()), 2);
    EXPECT_EQ(session.execute("update orders set status = 'x' where id = 5"), 1U);
    EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (9, -1)"); }), StartsWith("check_failed: "));
    EXPECT_THAT(failure([&] { all.commit(); }), StartsWith("usage: the transaction cannot end while a stream of it is open"));
    all.rollback();
  }
  EXPECT_EQ(session.execute("update orders set status = 'after' where id = 5"), 1U) << "the session is usable";
  // by attributes and specifications
  EXPECT_EQ(session.insert("orders", {{"id", 8}, {"total", 3}}), 1U);
  EXPECT_EQ(session.update("orders", grille::spec::column("id") == 8, {{"total", 4}}), 1U);
  EXPECT_EQ(session.remove("orders", grille::spec::column("id") == 8), 1U);
  EXPECT_EQ(orders(), "2 17 sent 31.00, 3 18 open 40.00, 5 17 after 7.00");
}

TEST_F(writes, run_inside_of_the_applications_own_transaction) {
  auto const database = open();
  pqxx::connection native(db.conninfo());
  auto attached = database.attach(native);
  {
    pqxx::work w(native);
    w.exec("set local time zone 'UTC'");
    w.exec("insert into orders values (9, 17, 'mine', 1)");
    {
      auto session = attached.session(w, anna());
      EXPECT_EQ(session.execute("update orders set total = 2 where id = 9"), 1U);
      EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (10, 1), (11, -1)"); }), StartsWith("check_failed: "));
      EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (3, 1)"); }), StartsWith("conflict: "));
      auto inner = session.begin();
      session.execute("delete from orders");
      inner.rollback();
      EXPECT_THAT(failure([&] { static_cast<void>(session.begin(isolation::serializable)); }), StartsWith("usage: "));
    }
    EXPECT_EQ(w.exec("select count(*) from orders")[0][0].as<int>(), 4) << "it goes on, with what was done in it before";
    w.commit();
  }
  EXPECT_EQ(orders(), "1 17 open 20.00, 2 17 sent 30.00, 3 18 open 40.00, 9 17 mine 2.00");
  {
    auto session = attached.session(anna());  // on its own, on the application's connection
    EXPECT_EQ(session.execute("delete from orders where id = 9"), 1U);
    EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (10, 1), (11, -1)"); }), StartsWith("check_failed: "));
  }
  EXPECT_EQ(orders(), before);
  pqxx::nontransaction t(native);
  EXPECT_EQ(t.exec("show search_path")[0][0].as<std::string>(), "\"$user\", public") << "the connection is as it was";
}

TEST_F(writes, take_no_operator_or_function_that_the_path_reaches_for_the_servers_own) {
  db.run("create function said(varchar, varchar) returns bool immutable language sql as 'select true'; create operator = (leftarg = varchar, rightarg = varchar, function = said); "
         "create function lower(varchar) returns text immutable language sql as 'select ''sent''::text'");
  ASSERT_EQ(db.value("select count(*) from orders where status::varchar = 'nonesuch'::varchar and lower('x'::varchar) = 'sent'"), "3") << "the path reaches them";
  auto const database = open();
  auto const run = [&](auto&& session) {
    EXPECT_EQ(session.template query_value<int>("select count(*) from orders where status::varchar = 'nonesuch'::varchar or lower('x'::varchar) = 'sent'"), 0);
    EXPECT_EQ(session.execute("update orders set total = 5 where status::varchar = 'nonesuch'::varchar or lower('x'::varchar) = 'sent'"), 0U);
    EXPECT_EQ(session.execute("update orders set status = lower('OPEN'::varchar) where status::varchar = 'open'::varchar"), 1U);
  };
  run(database.session(anna()));
  pqxx::connection its_own(db.conninfo());
  auto attached = database.attach(grille::postgres::native(its_own));
  run(attached.session(anna()));
  EXPECT_EQ(orders(), before);
}

TEST_F(writes, are_undone_where_they_cannot_be_recorded_or_are_too_much) {
  auto const trail = std::make_shared<sink>();
  auto const database = open({.audit = trail, .audit_required = true, .max_rows = 1});
  auto session = database.session(anna());
  for (auto const* when : {"decided", "finished"}) {
    trail->refuse = when;
    EXPECT_THAT(failure([&] { session.execute("delete from orders"); }), StartsWith("unavailable: ")) << when;
    EXPECT_EQ(orders(), before) << when;
  }
  trail->refuse = {};
  EXPECT_THAT(failure([&] { session.query("delete from orders returning id"); }), StartsWith("limit: "));
  EXPECT_EQ(orders(), before);
  EXPECT_EQ(session.execute("delete from orders where id = 1"), 1U);
}

TEST_F(writes, of_a_row_just_given_away_do_not_happen) {
  auto const database = open();
  for (auto const level : {isolation::standard, isolation::repeatable_read, isolation::serializable}) {
    for (auto const* sql : {"update orders set status = 'hers' where id = 1", "delete from orders where id = 1"}) {
      SCOPED_TRACE(sql);
      db.run("delete from orders; insert into orders values (1, 17, 'open', 20), (2, 17, 'sent', 30), (3, 18, 'open', 40)");
      pqxx::connection other(db.conninfo());
      pqxx::work giving(other);
      giving.exec("update orders set buyer_id = 18 where id = 1");
      auto writing = std::async(std::launch::async, [&] {
        std::uint64_t wrote = 99;
        auto const why = failure([&] {
          auto session = database.session(anna());
          auto all = session.begin(level);
          wrote = session.execute(sql);
          all.commit();
        });
        return std::pair(wrote, why);
      });
      wait_for(1);
      giving.commit();
      auto const [wrote, why] = writing.get();
      EXPECT_EQ(orders(), "1 18 open 20.00, 2 17 sent 30.00, 3 18 open 40.00") << "nobody's row was written by her";
      if (level == isolation::standard)
        EXPECT_EQ(std::pair(wrote, why), std::pair(std::uint64_t{0}, std::string("nothing")));
      else
        EXPECT_THAT(why, testing::AllOf(StartsWith("unavailable: "), HasSubstr("retryable")));
    }
  }
}

TEST_F(writes, ask_of_other_tables_what_they_were_when_the_statement_began) {
  auto const policy = grille::policy_set::parse(
      "policy shop version 1; protects orders, lines; principal has user_id integer; role buyer;"
      "allow buyer to select (id, total), update (total) on orders where exists (select 1 from lines l where l.id = principal.user_id and l.order_id = orders.id);",
      "shop.grille", {}, grille::dialect::postgresql);
  grille::postgres::database const database(db.conninfo(), policy);
  for (auto const level : {isolation::standard, isolation::repeatable_read, isolation::serializable}) {
    db.run("delete from lines; insert into lines values (17, 1); update orders set total = 20 where id = 1");
    pqxx::connection other(db.conninfo());
    pqxx::work ending(other);
    ending.exec("update orders set total = 30 where id = 1");
    auto writing = std::async(std::launch::async, [&] {
      return failure([&] {
        auto session = database.session(anna());
        auto all = session.begin(level);
        session.execute("update orders set total = total + 1");
        all.commit();
      });
    });
    wait_for(1);
    ending.exec("delete from lines");
    ending.commit();
    auto const why = writing.get();
    if (level == isolation::standard) {  // as under the server's own row-level security
      EXPECT_EQ(why, "nothing");
      EXPECT_EQ(db.value("select total from orders where id = 1"), "31.00");
    } else {
      EXPECT_THAT(why, testing::AllOf(StartsWith("unavailable: "), HasSubstr("retryable")));
      EXPECT_EQ(db.value("select total from orders where id = 1"), "30.00");
    }
  }
}

TEST_F(writes, of_a_row_that_another_changes_are_of_what_it_is_then) {
  auto const database = open();
  pqxx::connection other(db.conninfo());
  {
    pqxx::work w(other);
    w.exec("update orders set total = 1000 where id = 1");
    auto writing = std::async(std::launch::async, [&] { return database.session(anna()).execute("update orders set total = total + 1 where id = 1"); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), 1U);
    EXPECT_EQ(db.value("select total from orders where id = 1"), "1001.00") << "no update is lost";
  }
  {  // the condition is asked anew
    pqxx::work w(other);
    w.exec("update orders set status = 'gone' where id = 2");
    auto writing = std::async(std::launch::async, [&] { return database.session(anna()).execute("delete from orders where status = 'sent'"); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), 0U);
  }
  {  // the key is changed, to one that another row had: neither is taken for the other
    pqxx::work w(other);
    w.exec("update orders set id = 90 where id = 2; update orders set id = 2 where id = 1");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute("update orders set status = 'mine' where total > 1000"); }); });
    wait_for(1);
    w.commit();
    EXPECT_THAT(writing.get(), StartsWith("check_failed: "));
    EXPECT_EQ(db.value("select count(*) from orders where status = 'mine'"), "0");
    db.run("update orders set id = 1 where id = 2; update orders set id = 2 where id = 90");
  }
  {  // a key that comes in between
    pqxx::work w(other);
    w.exec("insert into orders values (50, 18, 'x', 1)");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute("insert into orders (id, total) values (51, 1), (50, 1)"); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "conflict: a constraint of the database stands in the way");
    EXPECT_EQ(db.value("select count(*) from orders where id = 51"), "0");
  }
  auto const put = "insert into orders (id, total) values ($1, 7) on conflict (id) do update set total = orders.total + excluded.total";
  {  // a row in the way that another changes, and one that comes in between
    db.run("update orders set total = 10, buyer_id = 17 where id = 2");
    pqxx::work w(other);
    w.exec("update orders set total = 100 where id = 2");
    auto writing = std::async(std::launch::async, [&] { return database.session(anna()).execute(put, 2); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), 1U);
    EXPECT_EQ(db.value("select total from orders where id = 2"), "107.00");
  }
  {
    pqxx::work w(other);
    w.exec("update orders set buyer_id = 18 where id = 2");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute(put, 2); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "unavailable: the statement ran into another one (retryable)") << "it is neither updated nor inserted";
    EXPECT_EQ(db.value("select concat(total, ' ', buyer_id) from orders where id = 2"), "107.00 18") << "it was given away: she does not write to it";
  }
  {  // of which what else is asked holds, or does not: then it is nobody's affair
    db.run("update orders set total = 10, buyer_id = 17 where id = 2");
    pqxx::work w(other);
    w.exec("update orders set buyer_id = 18 where id = 2");
    EXPECT_EQ(database.session(anna()).execute(std::string(put) + " where orders.total > 1000", 2), 0U);
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute(std::string(put) + " where orders.total > 1", 2); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "unavailable: the statement ran into another one (retryable)");
    EXPECT_EQ(db.value("select concat(total, ' ', buyer_id) from orders where id = 2"), "10.00 18");
  }
  {  // a row in the way that is gone by then
    db.run("insert into orders values (61, 17, 'open', 1)");
    pqxx::work w(other);
    w.exec("delete from orders where id = 61");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute(put, 61); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "unavailable: the statement ran into another one (retryable)");
    database.session(anna()).execute(put, 61);
    EXPECT_EQ(db.value("select total from orders where id = 61"), "7.00") << "tried again it is inserted";
  }
  {
    pqxx::work w(other);
    w.exec("insert into orders values (60, 18, 'x', 1)");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute(put, 60); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "conflict: a constraint of the database stands in the way");
  }
  auto const merge = "merge into orders o using (values (70::bigint)) s (id) on s.id = o.id when matched and o.status = 'open' then update set total = o.total + 1 "
                     "when matched then delete when not matched then insert (id, total) values (s.id, 1)";
  auto const meanwhile = [&](std::string const& sql) {
    db.run("delete from orders where id = 70; insert into orders values (70, 17, 'open', 5)");
    pqxx::work w(other);
    w.exec(sql);
    auto writing = std::async(std::launch::async, [&] {
      return failure([&] { EXPECT_EQ(database.session(anna()).execute(merge), 1U); });
    });
    wait_for(1);
    w.commit();
    return writing.get();
  };
  EXPECT_EQ(meanwhile("update orders set total = 10 where id = 70"), "nothing");
  EXPECT_EQ(db.value("select total from orders where id = 70"), "11.00") << "the row as it is by then";
  for (auto const* sql : {"update orders set status = 'sent' where id = 70", "update orders set buyer_id = 18 where id = 70", "delete from orders where id = 70"}) {
    EXPECT_EQ(meanwhile(sql), "unavailable: the statement ran into another one (retryable)") << "it came to another clause, or is not matched: " << sql;
    EXPECT_EQ(db.value("select coalesce(sum(total), 0) from orders where id = 70"), std::string(sql).starts_with("delete") ? "0" : "5.00");
  }
  {  // and is run again
    db.run("delete from orders where id = 70; insert into orders values (70, 17, 'open', 5)");
    pqxx::work w(other);
    w.exec("update orders set status = 'sent' where id = 70");
    auto merging = std::async(std::launch::async, [&] {
      auto session = database.session(anna());
      session.transact([&](grille::session& s) { s.execute(merge); });
    });
    wait_for(1);
    w.commit();
    merging.get();
    EXPECT_EQ(db.value("select count(*) from orders where id = 70"), "0");
  }
  {  // a row that comes in between
    db.run("delete from orders where id = 70");
    pqxx::work w(other);
    w.exec("insert into orders values (70, 17, 'open', 5)");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { database.session(anna()).execute(merge); }); });
    wait_for(1);
    w.commit();
    EXPECT_EQ(writing.get(), "conflict: a constraint of the database stands in the way");
  }
  // a transaction that is run again until it fits
  std::atomic<int> tries = 0;
  auto session = database.session(anna());
  session.transact(
      [&](grille::session& s) {
        auto const total = s.query_value<std::string>("select total from orders where id = 1");
        if (tries++ == 0) db.run("update orders set total = 5 where id = 1");
        s.execute("update orders set total = $1 where id = 1", tries.load());
      },
      3, isolation::repeatable_read);
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(db.value("select total from orders where id = 1"), "2.00");
}

TEST_F(writes, that_cannot_go_on_leave_nothing) {
  auto const database = open({.statement_timeout = 300ms});
  pqxx::connection other(db.conninfo());
  {
    pqxx::work w(other);
    w.exec("update orders set total = 0 where id = 2");
    EXPECT_THAT(failure([&] { database.session(anna()).execute("update orders set total = total + 1"); }), StartsWith("unavailable: the statement took longer"));
    w.abort();
  }
  EXPECT_EQ(orders(), before);
  auto const patient = open();
  {  // the server process goes away
    pqxx::work w(other);
    w.exec("update orders set total = 0 where id = 2");
    auto writing = std::async(std::launch::async, [&] { return failure([&] { patient.session(anna()).execute("update orders set total = total + 1"); }); });
    wait_for(1);
    db.run("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");
    EXPECT_EQ(writing.get(), "unavailable: the connection to the database is lost (retryable)");
    w.abort();
  }
  EXPECT_EQ(orders(), before);
  {  // a stop is requested
    pqxx::work w(other);
    w.exec("update orders set total = 0 where id = 2");
    std::stop_source stop;
    auto writing = std::async(std::launch::async, [&] {
      return failure([&] {
        auto session = patient.session(anna());
        session.stop_on(stop.get_token());
        session.execute("update orders set total = total + 1");
      });
    });
    wait_for(1);
    stop.request_stop();
    EXPECT_EQ(writing.get(), "unavailable: the statement was stopped");
    w.abort();
  }
  EXPECT_EQ(orders(), before);
  auto session = patient.session(cleo());
  EXPECT_THAT(failure([&] { session.execute("insert into later (id, order_id) values (1, 99)"); }), StartsWith("conflict: ")) << "at the commit";
  EXPECT_EQ(db.value("select count(*) from later"), "0");
  {
    auto all = session.begin();
    session.execute("insert into later (id, order_id) values (1, 99)");
    EXPECT_THAT(failure([&] { all.commit(); }), StartsWith("conflict: "));
  }
  EXPECT_EQ(db.value("select count(*) from later"), "0");
  EXPECT_EQ(session.execute("insert into later (id, order_id) values (1, 1)"), 1U);
}

TEST_F(writes, reach_partitions_and_leave_identities_to_the_server) {
  auto const database = open();
  auto session = database.session(cleo());
  EXPECT_EQ(session.execute("insert into lines (id, order_id) values (1, 1), (2, 2)"), 2U);
  EXPECT_EQ(session.execute("update lines set order_id = 2 where id = 1"), 1U) << "into another partition";
  EXPECT_EQ(session.execute("update lines set order_id = 1 where id = 1"), 1U);
  EXPECT_EQ(session.execute("delete from lines where id = 2"), 1U);
  EXPECT_EQ(db.value("select count(*) from lines_1"), "1");
  EXPECT_EQ(session.query_value<int>("insert into counted (what) values ('a') returning id"), 1);
  EXPECT_THAT(failure([&] { session.execute("insert into counted (id, what) values (7, 'a')"); }), testing::AnyOf(StartsWith("not_found: "), StartsWith("forbidden: ")));
  // nor where the grant has it; `default` is as if it were not named
  auto keeping = database.session(kit());
  EXPECT_THAT(failure([&] { keeping.execute("insert into counted (id, what) values (7, 'a')"); }), StartsWith("forbidden: column `id` is an identity, and cannot be assigned"));
  EXPECT_THAT(failure([&] { keeping.execute("update counted set id = 7"); }), StartsWith("forbidden: column `id` is an identity, and cannot be assigned"));
  EXPECT_EQ(keeping.query_value<int>("insert into counted (id, what) values (default, 'b') returning id"), 2);
  EXPECT_EQ(db.value("select string_agg(id || what, ' ' order by id) from counted"), "1a 2b");
  // by a partition that the policy protects, and not the whole
  db.run("insert into parts values (1, 1), (1, 2)");
  EXPECT_EQ(keeping.execute("insert into parts_1 (id, order_id) values (10, 1), (11, 1)"), 2U);
  EXPECT_THAT(failure([&] { keeping.execute("insert into parts_1 (id, order_id) values (12, 1), (100, 1)"); }), StartsWith("check_failed: the policy does not allow"));
  EXPECT_THAT(failure([&] { keeping.execute("insert into parts_1 (id, order_id) values (12, 2)"); }), StartsWith("check_failed: a constraint of the table")) << "it is of another partition";
  EXPECT_EQ(keeping.execute("update parts_1 set id = id + 1 where id = 11"), 1U);
  EXPECT_THAT(failure([&] { keeping.execute("update parts_1 set id = 100 where id = 10"); }), StartsWith("check_failed: the policy does not allow"));
  EXPECT_THAT(failure([&] { keeping.execute("update parts_1 set order_id = 2 where id = 10"); }), StartsWith("check_failed: a constraint of the table"));
  EXPECT_EQ(keeping.execute("delete from parts_1"), 2U) << "one it may not delete";
  EXPECT_THAT(failure([&] { keeping.execute("delete from parts"); }), StartsWith("not_found: "));
  EXPECT_THAT(failure([&] { session.execute("delete from lines_1"); }), StartsWith("not_found: "));
  EXPECT_EQ(db.value("select string_agg(format('%s/%s', id, order_id), ' ' order by order_id) from parts"), "1/1 1/2");
  // a key that is looked at when the transaction ends
  EXPECT_EQ(keeping.execute("insert into slow (id, owner) values (1, 1), (2, 2)"), 2U);
  EXPECT_THAT(failure([&] { keeping.execute("insert into slow (id, owner) values (1, 3)"); }), StartsWith("conflict: ")) << "at the commit";
  for (auto const* sql : {"update slow set owner = 3", "delete from slow", "insert into slow (id, owner) values (1, 3) on conflict (id) do update set owner = 3"})
    EXPECT_THAT(failure([&] { keeping.execute(sql); }), StartsWith("unsupported: ")) << sql;
  EXPECT_EQ(db.value("select string_agg(format('%s/%s', id, owner), ' ' order by id) from slow"), "1/1 2/2");
  // a constraint's own data, of whomever, is not told
  EXPECT_EQ(failure([&] { session.execute("insert into orders (id, total) values (3, 1)"); }), "conflict: a constraint of the database stands in the way");
}

TEST_F(writes, of_a_row_that_may_not_be_changed_meet_no_constraint) {
  constexpr std::string_view policy = R"(
policy p version 1; owner 'o' contact 'c'; protects t, u; role caller;
allow caller to select (id, a, owner), insert (id, a, owner, secret) on t; allow caller to update (a), delete on t where owner = 1;
allow caller to select (id, t_id) on u;
)";
  for (auto const* secret : {"10", "4"}) {  // hidden from the caller
    db.run(std::string("drop table if exists u; drop table if exists t; create table t (id int primary key, a int, owner int, secret int, g int generated always as (100 / (a + 1 - secret)) stored, "
                       "check (a <= secret)); insert into t values (1, 1, 2, ") + secret + "); create table u (id int primary key, t_id int references t); insert into u select 1, 1 where " + secret + " = 4");
    grille::postgres::database const database(db.conninfo(), grille::policy_set::parse(policy, "p.grille", {}, grille::dialect::postgresql));
    auto session = database.session(principal("c").role("caller"));
    for (auto const* to : {"5", "3"})  // breaks the check, divides by zero
      for (auto const& sql : {std::string("insert into t (id, a, owner, secret) values (1, 1, 1, 99) on conflict (id) do update set a = ") + to, std::string("merge into t using (select 1 as k) s on t.id = s.k when matched then update set a = ") + to,
                              std::string("merge into t using (select 1 as k) s on t.id = s.k when matched then delete")}) {
        auto const upsert = sql.starts_with("insert");
        EXPECT_EQ(failure([&] { session.execute(sql); }), upsert ? "conflict: a constraint of the database stands in the way" : "check_failed: the policy does not allow a row as it would be") << secret << ": " << sql;
        try {
          session.execute(sql);
        } catch (grille::error const& e) {
          EXPECT_EQ(e.sqlstate(), "") << "it is not the server's word";
        }
      }
    EXPECT_EQ(db.value("select concat(a, ' ', secret) from t"), std::string("1 ") + secret);
  }
}

TEST_F(writes, of_a_row_that_may_not_be_changed_meet_no_history) {
  constexpr std::string_view policy = R"(
policy p version 1; owner 'o' contact 'c'; protects t, th; role caller; keep history of t in th;
allow caller to select (id, a, owner), insert (id, a, owner, secret) on t; allow caller to update (a), delete on t where owner = 1; allow caller to select (id) on th;
)";
  for (auto const* secret : {"10", "4"}) {  // hidden from the caller; the history takes no record of the second
    db.run(std::string("drop table if exists t, th; create table t (id int primary key, a int, owner int, secret int); insert into t values (1, 1, 2, ") + secret + "), (2, 1, 1, 10);" +
           "create table th (id int not null, a int, owner int, secret int check (secret > 5), grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, "
           "grille_for text, grille_policy text not null, grille_method text not null)");
    grille::postgres::database const database(db.conninfo(), grille::policy_set::parse(policy, "p.grille", {}, grille::dialect::postgresql));
    auto session = database.session(principal("c").role("caller"));
    for (auto const* sql : {"merge into t using (values (1, 5)) s(i, v) on t.id = s.i when matched then update set a = s.v", "merge into t using (values (1, 5), (2, 1)) s(i, v) on t.id = s.i when matched then delete",
                            "merge into t using (values (1, 5), (2, 1)) s(i, v) on t.id = s.i when matched and v = 1 then delete when matched then update set a = s.v"})
      EXPECT_EQ(failure([&] { session.execute(sql); }), "check_failed: the policy does not allow a row as it would be") << secret << ": " << sql;
    EXPECT_EQ(failure([&] { session.execute("insert into t (id, a, owner, secret) values (1, 1, 1, 99) on conflict (id) do update set a = 5"); }), "conflict: a constraint of the database stands in the way");
    EXPECT_EQ(session.execute("merge into t using (values (2, 7)) s(i, v) on t.id = s.i when matched then update set a = s.v"), 1U);
    EXPECT_EQ(db.value("select count(*) from th"), "1");
  }
}

TEST_F(writes, of_a_cell_that_the_first_of_two_grants_masks_do_not_happen) {
  db.run("create table t (id int primary key, kind text, note text); insert into t values (1, 'x', 'real'), (2, 'y', 'r2'), (3, 'z', 'r3'), (12, 'x', 'r12'), (13, 'y', 'r13')");
  constexpr std::string_view policy = R"(
policy p version 1; owner 'o' contact 'c'; protects t; role a; role b;
allow a to select (id, note, kind) on t where id < 10; allow b to select (id, note, kind) on t where id < 20; allow a to update (note) on t;
mask (note as '1') on t where kind = 'x' except for b; mask (note as '2') on t where kind = 'y' except for a;
)";
  grille::postgres::database const database(db.conninfo(), grille::policy_set::parse(policy, "p.grille", {}, grille::dialect::postgresql));
  auto session = database.session(principal("c").role("a").role("b"));
  EXPECT_EQ(session.query_value<std::string>("select string_agg(note, ' ' order by id) from t"), "1 r2 r3 r12 2");
  EXPECT_EQ(session.execute("update t set note = note || '!'"), 3U) << "those that are shown as they are";
  EXPECT_EQ(db.value("select string_agg(note, ' ' order by id) from t"), "real r2! r3! r12! r13");
}

TEST_F(writes, may_assign_the_key_by_which_the_row_is_found) {
  db.run("create table t (id int primary key, name text unique, n int); insert into t values (1, 'a', 1)");
  auto const of = [&](std::string const& granted) {
    auto const text = "policy p version 1; owner 'o' contact 'c'; protects t; role caller; allow caller to select (id, name, n), insert (id, name, n), update (" + granted + ") on t;";
    return grille::postgres::database(db.conninfo(), grille::policy_set::parse(text, "p.grille", {}, grille::dialect::postgresql));
  };
  auto const whole = of("id, name, n"), less = of("name, n");
  auto session = whole.session(principal("c").role("caller")), other = less.session(principal("c").role("caller"));
  auto const put = [](grille::session& s, std::string const& set, std::string const& target = "id") {
    return failure([&] { EXPECT_EQ(s.execute("insert into t (id, name, n) values (1, 'a', 7) on conflict (" + target + ") do update set " + set), 1U); });
  };
  EXPECT_EQ(put(session, "id = excluded.id, name = excluded.name, n = excluded.n"), "nothing");
  EXPECT_EQ(db.value("select t::text from t"), "(1,a,7)");
  EXPECT_EQ(put(session, "(id, n) = (excluded.id, excluded.n + 1)"), "nothing");
  EXPECT_EQ(db.value("select t::text from t"), "(1,a,8)");
  EXPECT_THAT(put(session, "id = excluded.id + 1, n = 3"), HasSubstr("an update of the primary key"));
  EXPECT_THAT(put(session, "id = excluded.n, n = 3"), HasSubstr("an update of the primary key"));
  EXPECT_THAT(put(session, "id = excluded.id, n = 3", "name"), HasSubstr("an update of the primary key")) << "found by another";
  EXPECT_THAT(put(other, "id = excluded.id, n = 3"), HasSubstr("an update of the primary key")) << "nobody may";
  EXPECT_EQ(db.value("select t::text from t"), "(1,a,8)");
}

TEST_F(writes, where_a_row_in_the_way_is_asked_for_another_key_too) {
  auto const database = open();
  auto session = database.session(cleo());
  auto const put = [&](std::string const& more) { return session.execute("insert into orders (id, total) values (1, 5) on conflict (id) do update set total = excluded.total where " + more); };
  db.run("create unique index on orders (total)");
  EXPECT_EQ(put("orders.total = excluded.total"), 0U) << "as without Grille: nothing is in the way of that";
  EXPECT_EQ(put("orders.total <> excluded.total"), 1U);
  EXPECT_EQ(put("orders.total = excluded.total and orders.id = excluded.id"), 1U);
  EXPECT_EQ(orders(), "1 17 open 5.00, 2 17 sent 30.00, 3 18 open 40.00");
}

TEST_F(writes, of_many_rows_are_all_done_or_none) {
  auto const database = open();
  auto session = database.session(cleo());
  EXPECT_EQ(session.execute("insert into orders (id, total) select n + 100, n from big"), 5000U);
  EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) select n + 10000, case when n = 4999 then 100001 else n end from big"); }), StartsWith("check_failed: "));
  EXPECT_EQ(db.value("select count(*) from orders"), "5003");
  EXPECT_EQ(session.execute("update orders set status = 'many' where id > 100"), 5000U);
  EXPECT_EQ(session.execute("delete from orders where id > 100"), 5000U);
}

TEST_F(writes, through_a_proxy_leave_nothing_on_the_server_process) {
  testing_postgres::proxy const between(db.name());
  grille::postgres::database const database(between.conninfo(), grille::policy_set::parse(rules, "shop.grille", {}, grille::dialect::postgresql), {.pooled = true});
  auto session = database.session(anna());
  EXPECT_EQ(session.execute("update orders set total = total + 1"), 2U);
  EXPECT_THAT(failure([&] { session.execute("insert into orders (id, total) values (6, 1), (7, -1)"); }), StartsWith("check_failed: "));
  session.transact([](grille::session& s) {
    s.execute("insert into orders (id, total) values (6, 1)");
    s.execute("update orders set total = 2 where id = 6");
  });
  EXPECT_EQ(orders(), "1 17 open 21.00, 2 17 sent 31.00, 3 18 open 40.00, 6 17 open 2.00");
  pqxx::connection other(between.conninfo());
  pqxx::nontransaction t(other);
  EXPECT_EQ(t.exec("select count(*) from pg_prepared_statements")[0][0].as<int>(), 0);
  EXPECT_EQ(t.exec("show default_transaction_read_only")[0][0].as<std::string>(), "off");
  EXPECT_EQ(t.exec("select count(*) from pg_class where relnamespace = pg_my_temp_schema()")[0][0].as<int>(), 0);
}

}  // namespace
