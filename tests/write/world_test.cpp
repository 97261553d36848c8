// Random policies with all that a policy can say of writes, and random writes, over a fixed world with masks, scoped roles, foreign keys, triggers, a generated
// column, and a table that keeps its history: what is held against them is in two_sides.hpp.
#include <gtest/gtest.h>

#include <cstdio>

#include "cases/raw_database.hpp"
#include "write/two_sides.hpp"

namespace {

using namespace random_world;

struct sqlite_side : raw_side {
  sqlite_side() : file("world"), db(file.path()), guarded(file.path()) {
    for (auto* one : {&db, &guarded}) one->run("pragma synchronous = off; pragma foreign_keys = on");
    db.run(schema(false));
  }
  void run(std::string const& sql) override { db.run(sql); }
  strings rows(std::string const& sql) override {
    strings out;
    for (auto const& row : db.query(sql).rows) {
      auto& line = out.emplace_back();
      for (auto const& cell : row) line += (line.empty() ? "" : " ") + cell;
    }
    return out;
  }
  cases::scratch_file file;
  cases::raw_database db, guarded;
};
grille::database open(raw_side& side, world const& w, grille::options o) {
  return grille::sqlite::database(dynamic_cast<sqlite_side&>(side).guarded.native(), grille::policy_set::parse(w.policy(), "p.grille"), std::move(o));
}

TEST(any_world_of_writes, is_written_within_the_grants_and_tells_nothing) {
  counts n;
  auto const try_one = [&](std::uint32_t seed) {
    sqlite_side here, there;
    return try_world(seed, here, there, open, n);
  };
  for (auto const seed : seeds_up_to(100)) ASSERT_EQ(try_one(seed), "");
  std::printf("%s\n", to_text(n).c_str());
  EXPECT_EQ(too_few(n), "");
  for (auto const seed : random_writes::fresh_seeds(15)) ASSERT_EQ(try_one(seed), "");
}

/// The objections themselves: what is done past Grille is seen.
TEST(any_world_of_writes, would_be_objected_to) {
  strings const all{"id", "shop", "kind", "total", "note", "secret"};
  world const r({{"select", "orders", "staff", {"id", "shop", "total", "note"}, {{"kind", "'?'"}}, {}, "@shop <> 3", {}},
                 {"insert", "orders", "staff", {"id", "shop", "note"}, {}, {{"secret", "'s'"}}, {}, "@shop = 1"},
                 {"update", "orders", "staff", {"kind", "note", "secret"}, {}, {}, "@shop = 1", "@note <> #note"},
                 {"update", "orders", "staff", {"total"}, {}, {}, "@shop = 2", {}},
                 {"delete", "orders", "staff", {}, {}, {}, "@total > 3", {}},
                 {"select", "book", "staff", all, {}, {}, {}, {}},
                 {"insert", "book", "staff", all, {}, {}, {}, {}},
                 {"update", "book", "staff", columns_of("book"), {}, {}, {}, {}},
                 {"delete", "book", "staff", {}, {}, {}, {}, {}},
                 {"purge", "book", "staff", {}, {}, {}, "@total > 3", {}}});
  auto const record = [](char const* method, int total = 5) {
    return "; insert into book_then (id, shop, kind, total, note, secret, doubled, grille_at, grille_by, grille_policy, grille_method) values (1, 1, 'x', " +
           std::to_string(total) + ", 'n', 's', " + std::to_string(2 * total) + ", '', 'c', '', '" + method + "')";
  };
  std::string const purged = "; insert into book_then (id, grille_at, grille_by, grille_policy, grille_method) values (1, '', 'c', '', 'purge')";
  auto const write = [](char const* table, char const* method, strings columns, strings updated, char const* where) {
    return a_write{table, method, {}, std::move(columns), std::move(updated), {}, where, {}, "1", "1", false, false, false};
  };
  auto const insert = write("orders", "insert", {"id", "shop", "note"}, {}, ""), change = write("orders", "update", {}, {"note"}, "@id = 1"),
             masked = write("orders", "update", {}, {"kind"}, "@id = 1"), remove = write("orders", "delete", {}, {}, "@id = 1"),
             kept = write("book", "update", {}, {"total"}, "@id = 1"), dropped = write("book", "delete", {}, {}, "@id = 1"),
             purge = write("book", "purge", {}, {}, "true"), restore = write("book", "restore", all, columns_of("book"), "");
  struct {
    a_write by;
    std::string sql;
    bool fine;
    told what{{}, 1, {}};
  } const tries[]{{insert, "insert into orders (id, shop, note, secret) values (9, 1, 'n', 's')", true},
                  {insert, "insert into orders (id, shop, note, secret) values (9, 2, 'n', 's')", false},
                  {insert, "insert into orders (id, shop, note, secret) values (9, 1, 'n', 'q')", false},
                  {insert, "insert into orders (id, shop, kind, secret) values (9, 1, 'x', 's')", false},
                  {insert, "insert into line (id) values (9)", false},
                  {change, "update orders set note = 'm' where id = 1", true},
                  {change, "update orders set note = 'm' where id = 1", false, {{}, 2, {}}},
                  {change, "update orders set note = 'm' where id = 1", false, {"check_failed", 0, {}}},
                  {change, "update orders set note = 'n' || '' where id = 1", true},
                  {change, "update orders set note = null where id = 1", false},
                  {change, "update orders set note = 'm', total = 1 where id = 1", false},
                  {change, "update orders set note = 'm' where id = 2", false},
                  {change, "update orders set note = 'm' where id = 3", false},
                  {change, "update orders set note = 'm' where id = 1; update line set note = 'm'", false},
                  {masked, "update orders set kind = 'y', note = 'm' where id = 1", false, {{}, 0, {}}},
                  {remove, "delete from orders where id = 1", true},
                  {remove, "delete from orders where id = 2", false},
                  {remove, "delete from orders where id = 1; delete from line", false},
                  {kept, "update book set total = 6 where id = 1" + record("update"), true},
                  {kept, "update book set total = 6 where id = 1", false},
                  {kept, "update book set total = 6 where id = 1" + record("update", 6), false},
                  {kept, "update book set total = 6 where id = 1" + record("delete"), false},
                  {kept, "update book set total = 6 where id = 1" + record("update") + record("update"), false},
                  {kept, "update book set total = 6 where id = 1" + record("update") + "; delete from book_then where grille_number = 1", false},
                  {dropped, "delete from book where id = 1" + record("delete"), true},
                  {dropped, "delete from book where id = 1" + record("update"), false},
                  {purge, "delete from book where id = 1; delete from book_then" + purged, true},
                  {purge, "delete from book where id = 1; delete from book_then", false},
                  {purge, "delete from book where id = 1" + purged, false},
                  {purge, "delete from book where id = 2; delete from book_then" + purged, false},
                  {restore, "update book set total = 4, kind = 'x' where id = 1" + record("update"), true},
                  {restore, "update book set total = 6 where id = 1" + record("update"), false}};
  for (auto const& one : tries) {
    sqlite_side side;
    side.run("insert into shops values (1, 1), (2, 1), (3, 2);"
             "insert into orders (id, shop, kind, total, note) values (1, 1, 'x', 5, 'n'), (2, 2, 'x', 2, 'n'), (3, 3, 'x', 5, 'n');"
             "insert into line (id, parent) values (1, 1), (2, 2);"
             "insert into book (id, shop, kind, total, note, secret) values (1, 1, 'x', 5, 'n', 's'), (2, 1, 'x', 1, 'n', 's')" +
             record("update", 4) + record("update", 3));
    witness w(r, side);
    counts n;
    w.look(one.by);
    side.run(one.sql);
    auto const wrong = w.objections(one.by, one.what, n);
    EXPECT_EQ(wrong.empty(), one.fine) << one.by.method << ": " << one.sql << "\n" << wrong;
  }
}

}  // namespace
