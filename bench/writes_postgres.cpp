// What Grille costs where it writes on PostgreSQL: a session's call against the statement that an engineer would secure by hand, prepared, in a
// `pqxx::work` of its own, as ratios within one run (bench/ratio_table.hpp). Each side has a table of its own; what both come to is compared
// before they are timed. By hand the condition stands in the statement itself, and what a row becomes is asked by `returning`. Starts a server of
// its own, which runs on the same cores: pin it, or the figures are worthless:   taskset -c 0 bench_writes_postgres
#include <cstdint>
#include <map>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "bench/ratio_table.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "postgres/statements.hpp"

namespace {

using namespace turns;

constexpr char const* schema = R"(
create table orders (id int primary key, buyer_id int not null, shop_id int not null, status text not null, total numeric);
create index on orders (buyer_id);
insert into orders select g, g % 4, g % 200, 'open', g % 1009 from generate_series(1, 400000) g;
insert into orders select -1 - g, 1, g % 200, 'open', g % 1009 from generate_series(1, 100000) g;  -- to be deleted, each once
create table archive (id int primary key, buyer_id int not null, status text not null);
analyze;
)";
constexpr char const* policy =
    "policy store version 1; owner 'bench' contact 'bench'; protects orders, archive; principal has user_id integer; role buyer;"
    "allow buyer to select all columns, delete on orders where buyer_id = principal.user_id;"
    "allow buyer to update (status, total) on orders where buyer_id = principal.user_id so that total >= 0;"
    "allow buyer to insert (id, shop_id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that total >= 0;"
    "allow buyer to insert (id, buyer_id, status) on archive so that buyer_id = principal.user_id;";

class by_hand {
 public:
  explicit by_hand(std::string const& conninfo) : connection_(conninfo) {}
  /// What it returns says, in its first column, whether the row may be so. `undone`: rolled back.
  std::size_t run(std::string const& sql, std::vector<std::string> const& values, bool undone = false) {
    auto const [known, added] = names_.try_emplace(sql, "s" + std::to_string(names_.size()));
    if (added) connection_.prepare(known->second, sql);
    pqxx::work w(connection_);
    auto const rows = testing_postgres::run_prepared(w, known->second, values);
    for (auto const& row : rows)
      if (!row[0].as<bool>()) stop("a row that may not be so");
    if (!undone) w.commit();
    return static_cast<std::size_t>(rows.affected_rows());
  }

 private:
  pqxx::connection connection_;
  std::map<std::string, std::string> names_;
};

void one(std::uint64_t affected) {
  if (affected != 1) stop("not one row");
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  testing_postgres::database source, plain;
  source.run(schema);
  plain.run(schema);
  grille::postgres::database const db(source.conninfo(), grille::policy_set::parse(policy, "store.grille", {}, grille::dialect::postgresql));
  auto session = db.session(grille::principal("b").with("user_id", 1).role("buyer"));
  by_hand hand(plain.conninfo());

  auto const compared = [&](std::string const& name, work const& subject, work const& reference, int turns = 301) {
    subject();
    reference();
    for (auto const* sql : {"select format('%s %s %s %s', count(*), sum(total), max(id), sum(buyer_id)) from orders", "select count(*)::text from archive"})
      if (source.value(sql) != plain.value(sql)) stop("not the same rows: " + name);
    pair(name, subject, reference, turns);
  };
  compared(
      "insert of 100,000 rows by a select, undone",
      [&] {
        auto all = session.begin();
        if (session.execute("insert into archive (id, buyer_id, status) select id, buyer_id, status from orders where id between 1 and 400000") != 100'000) stop("other rows");
      },
      [&] {
        if (hand.run("insert into archive (id, buyer_id, status) select id, buyer_id, status from orders where id between 1 and 400000 and buyer_id = $1", {"1"}, true) != 100'000)
          stop("other rows");
      },
      11);
  std::int64_t theirs = 400'000, mine = 400'000;
  compared("insert of one row", [&] { one(session.execute("insert into orders (id, shop_id, total) values ($1, 7, 20)", ++theirs)); },
           [&] {
             one(hand.run("insert into orders (id, shop_id, total, buyer_id, status) values ($1, 7, 20, $2, 'open') returning total >= 0", {std::to_string(++mine), "1"}));
           });
  compared("upsert of a row that is there",
           [&] {
             one(session.execute("insert into orders (id, shop_id, total) values (5, 7, 20) on conflict (id) do update set total = orders.total + excluded.total"));
           },
           [&] {
             one(hand.run("insert into orders (id, shop_id, total, buyer_id, status) values (5, 7, 20, $1, 'open') on conflict (id) do update"
                          " set total = orders.total + excluded.total where orders.buyer_id = $1 returning buyer_id = $1 and total >= 0",
                          {"1"}));
           });
  std::int64_t a = 0, b = 0;
  compared("update of one row", [&] { one(session.execute("update orders set total = total + 1 where id = $1", (a += 4) % 400'000 + 1)); },
           [&] {
             one(hand.run("update orders set total = total + 1 where id = $1 and buyer_id = $2 returning total >= 0", {std::to_string((b += 4) % 400'000 + 1), "1"}));
           });
  compared("insert and delete of one row",
           [&] {
             one(session.execute("insert into orders (id, shop_id, total) values (-1, 7, 20)"));
             one(session.execute("delete from orders where id = -1"));
           },
           [&] {
             one(hand.run("insert into orders (id, shop_id, total, buyer_id, status) values (-1, 7, 20, $1, 'open') returning total >= 0", {"1"}));
             one(hand.run("delete from orders where id = -1 and buyer_id = $1 returning true", {"1"}));
           });
  std::int64_t c = -1, d = -1;
  compared("delete of one row", [&] { one(session.execute("delete from orders where id = $1", --c)); },
           [&] {
             one(hand.run("delete from orders where id = $1 and buyer_id = $2 returning true", {std::to_string(--d), "1"}));
           });
  run_pairs();
  return 0;
} catch (grille::error const& e) {
  turns::stop(e.render());
} catch (std::exception const& e) {
  turns::stop(e.what());
}
