// What Grille costs, as ratios within one run. Subject and reference take turns, batch by batch, so that whatever else the machine
// does meets both; a ratio is the median over the turns, with the first and last decile beside it. Absolute times say little on
// somebody else's machine and are printed only as an order of magnitude. Pin it: taskset -c 0 bench_ratios
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/arena.hpp"
#include "bench/ratio_table.hpp"
#include "grammar/parse.hpp"
#include "grille/grille.hpp"

#ifdef GRILLE_PG_QUERY
// libpg_query exports PostgreSQL's own parser, and installs no header for it.
extern "C" {
void* pg_query_enter_memory_context();
void pg_query_exit_memory_context(void* context);
void* raw_parser(char const* sql, int mode);
}
#endif

namespace {

using namespace turns;

// --- a book store of some size -------------------------------------------------------------------------------------------

constexpr auto* schema =
    "create table orders (id integer primary key, buyer_id integer not null, shop_id integer not null, status text not null, total numeric,"
    " archived boolean not null default false);"
    "create index orders_by_shop on orders (shop_id, id);"
    "create index orders_by_buyer on orders (buyer_id);";
constexpr auto* rows =
    "insert into orders (id, buyer_id, shop_id, status, total)"
    " with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000)"
    " select i, i * 7919 % 5000, i * 104729 % 200, iif(i % 3 = 0, 'open', 'shipped'), i * 31 % 1009 from n;";
constexpr auto* policy =
    "policy store version 1; owner 'bench' contact 'bench';"
    "protects orders;"
    "principal has user_id integer;"
    "role buyer from group 'customers';"
    "role merchant per shop_id integer;"
    "allow buyer to select (id, buyer_id, shop_id, status, total) on orders where buyer_id = principal.user_id;"
    "allow merchant to select (id, shop_id, status, total) on orders where shop_id = scope.shop_id;"
    "restrict select on orders to not archived;";

struct closer {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using handle = std::unique_ptr<sqlite3, closer>;
using statement = std::unique_ptr<sqlite3_stmt, closer>;

handle store() {
  sqlite3* raw = nullptr;
  if (sqlite3_open(":memory:", &raw) != SQLITE_OK) stop("no database in memory");
  handle db(raw);
  for (auto const* sql : {schema, rows, "analyze;"})
    if (sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(raw));
  return db;
}

statement prepared(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db));
  return statement(raw);
}

using order = std::tuple<std::int64_t, std::string, double>;

/// What an engineer would write by hand: bind, step, copy out.
std::vector<order> by_hand(sqlite3_stmt* s, std::vector<std::int64_t> const& values) {
  sqlite3_reset(s);
  for (std::size_t i = 0; i < values.size(); ++i) sqlite3_bind_int64(s, static_cast<int>(i + 1), values[i]);
  std::vector<order> out;
  while (sqlite3_step(s) == SQLITE_ROW) {
    auto const* text = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(s, 1)));
    out.emplace_back(sqlite3_column_int64(s, 0), std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(s, 1))), sqlite3_column_double(s, 2));
  }
  return out;
}

void same(grille::rows<order> const& got, std::vector<order> const& expected, std::string_view what) {
  if (expected.empty() || !std::equal(got.begin(), got.end(), expected.begin(), expected.end())) stop("not the same rows: " + std::string(what));
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;

  constexpr std::int64_t order_id = 2001;
  constexpr std::int64_t buyer_id = order_id * 7919 % 5000;  // as the rows above are made: it has 20 orders
  auto const buyer = grille::principal("b").with("user_id", buyer_id).group("customers");
  auto const source = store();    // behind Grille
  auto const plain = store();     // without it

  // Without any cache: from the caller's text to the verified one.
  constexpr std::string_view point = "select id, status, total from orders where id = ?";
  constexpr std::string_view join =
      "select o.id, o.status, count(*) as n, sum(p.total) as t from orders o join orders p on p.shop_id = o.shop_id"
      " where o.status = 'open' and p.total between 10 and 20 group by o.id, o.status order by t desc limit 20";
  grille::database const uncached(grille::schema::parse(schema), grille::policy_set::parse(policy, "store.grille"), {.cache_bytes = 0});
  for (auto const& [name, sql] : {std::pair{"point select", point}, std::pair{"join with groups", join}})
    pair(std::string(name) + ", uncached rewrite, verified / sqlite3_prepare_v2",
         [&uncached, &buyer, sql = sql] {
           auto const out = uncached.rewrite(buyer, sql, sql == point ? std::vector<grille::arg>{1} : std::vector<grille::arg>{});
           benchmark::DoNotOptimize(out.sql.data());
         },
         [&plain, sql = sql] { benchmark::DoNotOptimize(prepared(plain.get(), sql).get()); });

  // A statement that was not seen before, until it could be stepped: against the preparation of the one that is secured by hand.
  constexpr std::string_view range = "select id, status, total from orders where total > ? order by id";
  constexpr std::string_view secured_point = "select id, status, total from orders where id = ? and buyer_id = ? and not archived";
  constexpr std::string_view secured_range = "select id, status, total from orders where total > ? and buyer_id = ? and not archived order by id";
  constexpr std::string_view secured_join =
      "select o.id, o.status, count(*) as n, sum(p.total) as t from orders o join orders p on p.shop_id = o.shop_id"
      " where o.status = 'open' and p.total between 10 and 20 and o.buyer_id = ?1 and not o.archived and p.buyer_id = ?1 and not p.archived"
      " group by o.id, o.status order by t desc limit 20";
  for (auto const& [name, sql, secured] : {std::tuple{"point select", point, secured_point}, std::tuple{"range", range, secured_range}, std::tuple{"join with groups", join, secured_join}}) {
    auto const arguments = sql == join ? std::vector<grille::arg>{} : std::vector<grille::arg>{1};
    auto const by_hand = [&plain, secured = secured] { benchmark::DoNotOptimize(prepared(plain.get(), secured).get()); };
    pair(std::string(name) + ", its text prepared / the one by hand",
         [&plain, text = uncached.rewrite(buyer, sql, arguments).sql] { benchmark::DoNotOptimize(prepared(plain.get(), text).get()); }, by_hand);
    pair(std::string(name) + ", rewritten, verified and prepared / the one by hand",
         [&uncached, &plain, &buyer, sql = sql, arguments] { benchmark::DoNotOptimize(prepared(plain.get(), uncached.rewrite(buyer, sql, arguments).sql).get()); }, by_hand);
  }

  // Cached: a session's query against the same predicate written by hand on a prepared statement.
  grille::sqlite::database const db(source.get(), grille::policy_set::parse(policy, "store.grille"));
  auto session = db.session(buyer);
  auto const query = [&](std::string_view sql, std::int64_t parameter) { return session.query<std::int64_t, std::string, double>(sql, parameter); };
  auto const by_key = prepared(plain.get(), secured_point);
  same(query(point, order_id), by_hand(by_key.get(), {order_id, buyer_id}), "point");
  pair("point select, cached session / by hand on sqlite3_step", [&] { benchmark::DoNotOptimize(query(point, order_id).size()); },
       [&] { benchmark::DoNotOptimize(by_hand(by_key.get(), {order_id, buyer_id}).size()); });

  auto const by_total = prepared(plain.get(), secured_range);
  same(query(range, 10), by_hand(by_total.get(), {10, buyer_id}), "range");
  pair("range of 20 rows, cached session / by hand on sqlite3_step", [&] { benchmark::DoNotOptimize(query(range, 10).size()); },
       [&] { benchmark::DoNotOptimize(by_hand(by_total.get(), {10, buyer_id}).size()); });

  auto const of_any_total = [](std::string_view sql) {  // in so narrow a range this buyer has none
    std::string s(sql);
    return s.replace(s.find("10 and 20"), 9, "0 and 2000");
  };
  std::vector<order> groups;
  for (auto const& [id, status, n, t] : session.query<std::int64_t, std::string, std::int64_t, double>(of_any_total(join))) groups.emplace_back(id, status, static_cast<double>(n));
  auto expected = by_hand(prepared(plain.get(), of_any_total(secured_join)).get(), {buyer_id});
  std::sort(groups.begin(), groups.end());
  std::sort(expected.begin(), expected.end());
  if (groups.empty() || groups != expected) stop("not the same rows: join");

  // Reading only.
#ifdef GRILLE_PG_QUERY
  for (auto const& [name, sql] : {std::pair{"point select", point}, std::pair{"join with groups", join}})
    pair(std::string(name) + ", read only / PostgreSQL's raw parser (libpg_query)",
         [text = std::string(sql)] {
           grille::base::arena memory;
           if (!grille::grammar::parse_statement(text, grille::dialect::sqlite, memory)) stop("unreadable: " + text);
         },
         [text = [&] {
           std::string s(sql);
           if (auto const at = s.find('?'); at != std::string::npos) s.replace(at, 1, "$1");
           return s;
         }()] {
           auto* const context = pg_query_enter_memory_context();
           benchmark::DoNotOptimize(raw_parser(text.c_str(), 0));
           pg_query_exit_memory_context(context);
         });
#endif

  run_pairs();
  return 0;
} catch (grille::error const& e) {
  stop(e.render());
}
