// The worlds, policies and writes of tests/write/world_test.cpp on PostgreSQL.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <pqxx/pqxx>

#include "cases/raw_database.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "write/two_sides.hpp"

namespace {

using namespace random_world;

struct server_side : raw_side {
  server_side() {
    db.run(schema(true));
    raw = std::make_unique<pqxx::connection>(db.conninfo());
    run("set client_min_messages = error");
  }
  void run(std::string const& sql) override {
    pqxx::nontransaction t(*raw);
    t.exec(sql);
  }
  strings rows(std::string const& sql) override {
    pqxx::nontransaction t(*raw);
    strings out;
    for (auto const& row : t.exec(sql)) {
      auto& line = out.emplace_back();
      for (auto const& cell : row) {
        auto const number = cell.type() == 20 || cell.type() == 23;
        line += (line.empty() ? "" : " ") + (cell.is_null() ? "NULL" : number ? std::string(cell.c_str()) : cases::spell_text(cell.c_str()));
      }
    }
    return out;
  }
  testing_postgres::database db;
  std::unique_ptr<pqxx::connection> raw;
  std::optional<grille::postgres::database> guarded;
};
grille::database open(raw_side& raw, world const& w, grille::options o) {
  auto& side = dynamic_cast<server_side&>(raw);
  auto policies = grille::policy_set::parse(w.policy(), "p.grille", {}, grille::dialect::postgresql);
  if (side.guarded)
    side.guarded->reload(std::move(policies));  // takes less than to read the schema each time
  else
    side.guarded.emplace(side.db.conninfo(), std::move(policies), std::move(o));
  return *side.guarded;
}

TEST(any_world_of_writes_on_postgresql, is_written_within_the_grants_and_tells_nothing) {
  counts n;
  server_side here, there;
  auto const try_one = [&](std::uint32_t seed) {
    for (auto* side : {&here, &there})
      side->run("delete from line; delete from orders; delete from book; delete from book_then; delete from shops; delete from m; delete from trail");
    return try_world(seed, here, there, open, n);
  };
  for (auto const seed : seeds_up_to(32)) ASSERT_EQ(try_one(seed), "");
  std::printf("%s\n", to_text(n).c_str());
  EXPECT_EQ(too_few(n), "");
  for (auto const seed : random_writes::fresh_seeds(4)) ASSERT_EQ(try_one(seed), "");
}

}  // namespace
