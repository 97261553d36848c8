// A SQLite catalogue, out to a file and in again, with no server anywhere.
#include "handle.hpp"

namespace grille::introspect {
namespace {

TEST(catalog_file, a_sqlite_catalogue_is_read_as_it_was_written) {
  handle db;
  db.run("create table a (id integer primary key, n text collate nocase unique, g int generated always as (1)) strict");
  db.run("create table b (x, y, primary key (y, x)) without rowid; create table c (f references a on delete set null); create view v as select x from b");
  db.run("create unique index some on a (upper(n)) where g > 0");
  auto const c = db.read();
  auto const text = write_catalog(*c);
  ASSERT_TRUE(text.has_value());
  auto const again = read_catalog(*text);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ((*again)->fingerprint(), c->fingerprint());
  EXPECT_EQ((*again)->version(), c->version());
  EXPECT_EQ((*again)->find("", "a")->unique_indexes, c->find("", "a")->unique_indexes);
  EXPECT_EQ(c->find("", "a")->unique_indexes.size(), 1U);
  EXPECT_EQ((*again)->find("", "A")->columns.at(1).collation, "nocase");
}

}  // namespace
}  // namespace grille::introspect
