// A database, what is known of its schema, and statements run on it.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/postgres/connection.hpp"
#include "guarded.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"

namespace grille::exec::postgres {

using testing_postgres::database;
using table_of_values = std::vector<std::vector<value>>;

class world : public testing::Test {
 protected:
  world() { db.run("create table t (id int primary key, name text); insert into t select g, 'n' || g from generate_series(1, 10) g"); }

  terms usual() const {
    return {.statement_timeout = std::chrono::seconds(20), .search_path = {"pg_catalog", "public"}, .pooled = false, .schema_interval = std::chrono::hours(1)};
  }
  std::unique_ptr<connection> open(terms t) { return open_at(db.conninfo(), std::move(t)); }
  static std::unique_ptr<connection> open_at(std::string const& conninfo, terms t) {
    auto c = connection::open(conninfo, std::move(t));
    EXPECT_TRUE(c.has_value()) << (c ? "" : c.error().detail);
    return c ? *std::move(c) : nullptr;
  }
  std::unique_ptr<connection> open() { return open(usual()); }
  std::unique_ptr<connection> borrow(grille::postgres::native_connection& native, terms t) {
    auto c = connection::borrow(native, std::move(t));
    EXPECT_TRUE(c.has_value());
    return *std::move(c);
  }
  std::unique_ptr<connection> borrow(grille::postgres::native_connection& native) { return borrow(native, usual()); }

  std::string mark() {
    auto on = grille::postgres::backend::connect(db.conninfo());
    auto m = introspect::postgres_schema_mark(**on);
    EXPECT_TRUE(m.has_value());
    return m.value_or("");
  }
  result<table_of_values> run(connection& on, std::string const& sql, std::vector<value> const& parameters = {}, std::size_t at_once = 0,
                              std::stop_token stop = {}) {
    if (mark_.empty()) mark_ = mark();
    auto r = on.start(guarded(sql, static_cast<unsigned>(parameters.size())), parameters,
                      {.schema_mark = mark_, .access = access::read, .rows_at_once = at_once, .stop = std::move(stop)});
    if (!r) return fail(r.error());
    table_of_values all;
    for (std::vector<value> row;;) {
      auto more = (*r)->next(row);
      if (!more) return fail(more.error());
      if (!*more) return all;
      all.push_back(row);
    }
  }
  value one(connection& on, std::string const& sql, std::vector<value> const& parameters = {}) {
    auto const all = run(on, sql, parameters);
    EXPECT_TRUE(all.has_value()) << (all ? "" : all.error().detail);
    if (!all || all->size() != 1 || all->front().size() != 1) {
      ADD_FAILURE() << sql << " has not one cell";
      return {};
    }
    return all->front().front();
  }
  static std::string text(value const& v) { return v.null() ? "NULL" : v.as<std::string>(); }
  static int pid_of(connection& c) {
    return c.unguarded([](grille::postgres::backend& b) { return b.pid(); });
  }
  /// Ends a server process, and waits until it is gone.
  void end(int pid) { EXPECT_EQ(db.value("select pg_terminate_backend(" + std::to_string(pid) + ", 5000)"), "t"); }

  database db;
  std::string mark_;
};

}  // namespace grille::exec::postgres
