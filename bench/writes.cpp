// What Grille costs where it writes: a session's call against the statement that an engineer would secure by hand, prepared, on SQLite in memory, as
// ratios within one run (bench/ratio_table.hpp). Each side has a database of its own; what both
// come to is compared before they are timed. By hand the condition stands in the statement itself, and what a row becomes is asked by `returning`.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/ratio_table.hpp"
#include "grille/grille.hpp"

namespace {

using namespace turns;

constexpr std::int64_t last_row = 400'000;
constexpr auto* schema =
    "create table orders (id integer primary key, buyer_id integer not null, shop_id integer not null, status text not null, total numeric);"
    "create index orders_by_buyer on orders (buyer_id);"
    "create table archive (id integer primary key, buyer_id integer not null, status text not null);"
    "insert into orders with recursive n (i) as (select 1 union all select i + 1 from n where i < 400000)"
    " select i, i % 4, i % 200, 'open', i % 1009 from n;"
    "insert into orders select -1 - id, 1, shop_id, status, total from orders where id <= 100000;"  // to be deleted, each once
    "analyze;";
constexpr auto* policy =
    "policy store version 1; owner 'bench' contact 'bench'; protects orders, archive; principal has user_id integer; role buyer;"
    "allow buyer to select all columns, delete on orders where buyer_id = principal.user_id;"
    "allow buyer to update (status, total) on orders where buyer_id = principal.user_id so that total >= 0;"
    "allow buyer to insert (id, shop_id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that total >= 0;"
    "allow buyer to insert (id, buyer_id, status) on archive so that buyer_id = principal.user_id;";

class by_hand {
 public:
  explicit by_hand(sqlite3* db) : db_(db) {}
  /// Runs it to its end. What it returns says, in its first column, whether the row may be so.
  void run(std::string_view sql, std::vector<std::int64_t> const& values) {
    auto*& s = statements_[sql];
    if (s == nullptr && sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &s, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
    sqlite3_reset(s);
    for (std::size_t i = 0; i < values.size(); ++i) sqlite3_bind_int64(s, static_cast<int>(i + 1), values[i]);
    int code = 0;
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
      if (sqlite3_column_int(s, 0) != 1) stop("a row that may not be so");
    if (code != SQLITE_DONE) stop(sqlite3_errmsg(db_));
    sqlite3_reset(s);
  }
  ~by_hand() {
    for (auto& [sql, s] : statements_) sqlite3_finalize(s);
  }

 private:
  sqlite3* db_;
  std::map<std::string_view, sqlite3_stmt*> statements_;
};

struct closer {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
std::unique_ptr<sqlite3, closer> store() {
  sqlite3* raw = nullptr;
  if (sqlite3_open(":memory:", &raw) != SQLITE_OK) stop("no database in memory");
  std::unique_ptr<sqlite3, closer> db(raw);
  if (sqlite3_exec(raw, schema, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(raw));
  return db;
}
std::string ask(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* s = nullptr;
  if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &s, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db));
  sqlite3_step(s);
  std::string out = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(s, 0)));
  sqlite3_finalize(s);
  return out;
}
void one(std::uint64_t affected) {
  if (affected != 1) stop("not one row");
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  auto const source = store(), plain = store();
  grille::sqlite::database const db(source.get(), grille::policy_set::parse(policy, "store.grille"));
  auto session = db.session(grille::principal("b").with("user_id", 1).role("buyer"));
  by_hand hand(plain.get());

  /// Once on both, which must come to the same; then timed.
  auto const compared = [&](std::string const& name, work const& subject, work const& reference, int turns = 301) {
    subject();
    reference();
    for (auto const* sql : {"select group_concat(n) from (select count(*) || ':' || sum(total) || ':' || max(id) || ':' || sum(buyer_id) as n from orders)",
                            "select count(*) from archive"})
      if (ask(source.get(), sql) != ask(plain.get(), sql)) stop("not the same rows: " + name);
    pair(name, subject, reference, turns);
  };
  compared(
      "insert of 100,000 rows by a select, undone",
      [&] {
        auto all = session.begin();
        if (session.execute("insert into archive (id, buyer_id, status) select id, buyer_id, status from orders where id between 1 and 400000") != 100'000)
          stop("other rows");
      },
      [&] {
        for (auto const* sql : {"begin",
                                "insert into archive (id, buyer_id, status) select id, buyer_id, status from orders where id between 1 and 400000 and buyer_id = 1 "
                                "returning buyer_id = 1",
                                "rollback"})
          hand.run(sql, {});
      },
      21);
  std::int64_t theirs = last_row, mine = last_row;
  compared("insert of one row", [&] { one(session.execute("insert into orders (id, shop_id, total) values (?, 7, 20)", ++theirs)); },
           [&] {
             hand.run("insert into orders (id, shop_id, total, buyer_id, status) values (?1, 7, 20, ?2, 'open') returning total >= 0", {++mine, 1});
           });
  compared("upsert of a row that is there",
           [&] {
             one(session.execute("insert into orders (id, shop_id, total) values (5, 7, 20) on conflict (id) do update set total = orders.total + excluded.total"));
           },
           [&] {
             hand.run("insert into orders (id, shop_id, total, buyer_id, status) values (5, 7, 20, ?1, 'open') on conflict (id) do update"
                      " set total = orders.total + excluded.total where buyer_id = ?1 returning buyer_id = ?1 and total >= 0",
                      {1});
           });
  std::int64_t a = 0, b = 0;
  compared("update of one row", [&] { one(session.execute("update orders set total = total + 1 where id = ?", (a += 4) % last_row + 1)); },
           [&] {
             hand.run("update orders set total = total + 1 where id = ?1 and buyer_id = ?2 returning total >= 0", {(b += 4) % last_row + 1, 1});
           });
  compared("insert and delete of one row",
           [&] {
             one(session.execute("insert into orders (id, shop_id, total) values (-1, 7, 20)"));
             one(session.execute("delete from orders where id = -1"));
           },
           [&] {
             hand.run("insert into orders (id, shop_id, total, buyer_id, status) values (-1, 7, 20, ?1, 'open') returning total >= 0", {1});
             hand.run("delete from orders where id = -1 and buyer_id = ?1 returning 1", {1});
           });
  std::int64_t c = -1, d = -1;
  compared("delete of one row", [&] { one(session.execute("delete from orders where id = ?", --c)); },
           [&] {
             hand.run("delete from orders where id = ?1 and buyer_id = ?2 returning 1", {--d, 1});
           });
  run_pairs();
  return 0;
} catch (grille::error const& e) {
  turns::stop(e.render());
}
