// What enforcing costs on PostgreSQL, as ratios within one run: each statement as an engineer would secure it by hand (prepared, the policy's
// condition written into it) is 1, once sent alone, and once with every value of every row read into a vector of tuples, as a service does; beside
// it the plain statement through a session, whose rows are read into values; the text that the session sends, prepared and sent as the one by hand
// is, which tells what the server alone has to do more; under native row-level security; and on a security-barrier view. They take turns; a ratio is
// the median over the turns. Starts a server of its own, which runs on the same cores: pin it, or the figures are worthless:
//   taskset -c 0 bench_postgres
// What the client executes for one call can be counted instead, which no other load disturbs. KIND counts from 0, CONTENDER is `hand`, `read`
// or `session`; the calls are made in `counted`, and so is nothing else:
//   valgrind --tool=callgrind --collect-atstart=no --toggle-collect='counted(*' bench_postgres KIND CONTENDER CALLS
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/turns.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "postgres/statements.hpp"

namespace {

using namespace turns;

constexpr int rounds = 101;

[[noreturn]] void stop(std::string const& why) {
  std::fprintf(stderr, "bench_postgres: %s\n", why.c_str());
  std::exit(1);
}

constexpr char const* schema = R"(
create table users (id int primary key, name text not null);
create table shops (id int primary key, name text not null);
create table members (user_id int, shop_id int, primary key (user_id, shop_id));
create table orders (id int primary key, buyer_id int not null, shop_id int not null, status text not null, total numeric(10, 2) not null,
  created_at timestamp not null, note text not null);
insert into users select g, 'user ' || g from generate_series(1, 2000) g;
insert into shops select g, 'shop ' || g from generate_series(1, 50) g;
insert into members select 1, g from generate_series(8, 12) g;
insert into orders select g, g * 7919 % 2000 + 1, g::bigint * 104729 % 50 + 1, (array['open', 'shipped', 'returned'])[g % 3 + 1], g * 31 % 100900 / 100.0,
  '2026-01-01'::timestamp + g * interval '1 minute', md5(g::text) from generate_series(1, 60000) g;
create index on orders (shop_id, created_at);
create index on orders (shop_id, note text_pattern_ops);

create view orders_barrier with (security_barrier) as select * from orders where shop_id = current_setting('bench.shop')::int;
create view orders_barrier_m with (security_barrier) as
  select * from orders where exists (select 1 from members m where m.user_id = current_setting('bench.caller')::int and m.shop_id = orders.shop_id);
create role merchant login; create role member login; create role viewer login;
grant select on users, shops to merchant, member, viewer;
grant select on orders to merchant, member;
grant select on members to member;
grant select on orders_barrier, orders_barrier_m to viewer;
alter table orders enable row level security;
create policy own on orders to merchant using (shop_id = current_setting('bench.shop')::int);
create policy theirs on orders to member using (exists (select 1 from members m where m.user_id = current_setting('bench.caller')::int and m.shop_id = orders.shop_id));
analyze;
)";

constexpr char const* rules = R"(
policy store version 1; owner 'bench' contact 'bench';
protects users, shops, members, orders;
principal has user_id integer;
role merchant per shop_id integer;
role member from group 'members';
allow merchant, member to select all columns on users;
allow merchant, member to select all columns on shops;
allow merchant to select all columns on orders where shop_id = scope.shop_id;
allow member to select all columns on orders where exists (select 1 from members m where m.user_id = principal.user_id and m.shop_id = orders.shop_id);
)";

/// A cell as a T; nothing for NULL.
template <class T>
std::optional<T> cell(pqxx::field const& f) {
  if (f.is_null()) return std::nullopt;
  return f.as<T>();
}

template <class... T, std::size_t... I>
std::tuple<std::optional<T>...> typed(pqxx::row const& r, std::index_sequence<I...> /*columns*/) {
  return {cell<T>(r[static_cast<pqxx::row::size_type>(I)])...};
}

/// Reads every value of a result, as a service that wrote its statement by hand does, and keeps the rows. How many there are.
template <class... T>
std::size_t read_all(pqxx::result const& r) {
  std::vector<std::tuple<std::optional<T>...>> all;
  all.reserve(static_cast<std::size_t>(r.size()));
  for (auto const& row : r) all.push_back(typed<T...>(row, std::index_sequence_for<T...>{}));
  return all.size();
}

struct kind {
  char const* name;
  bool membership;
  char const* plain;      // $1 is its parameter, if it has one
  char const* secured;    // the same, with the policy's condition on $2, or $1 where there is no other
  std::vector<std::string> parameters;
  std::function<std::size_t(pqxx::result const&)> read;  // numerics as text, which loses no digit
};

using std::string;
std::vector<kind> const kinds{
    {"look-up by primary key", false, "select id, status, total from orders where id = $1", "select id, status, total from orders where id = $1 and shop_id = $2", {"33"},
     read_all<long, string, string>},
    {"range, order and limit", false, "select id, total from orders where created_at > $1 order by created_at limit 20",
     "select id, total from orders where created_at > $1 and shop_id = $2 order by created_at limit 20", {"2026-01-20 00:00:00"},
     read_all<long, string>},
    {"join of three", false,
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 order by o.created_at limit 20",
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 and o.shop_id = $2 order by "
     "o.created_at limit 20",
     {"2026-01-20 00:00:00"},
     read_all<long, string, string>},
    {"aggregate over a shop", false, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders where shop_id = $1 group by status", {},
     read_all<string, long, string>},
    {"`like` prefix with an index", false, "select id from orders where note like 'a1%'", "select id from orders where note like 'a1%' and shop_id = $1", {},
     read_all<long>},
    {"an expression that can fail", false, "select id from orders where 1000 / (id + 1) > $1", "select id from orders where 1000 / (id + 1) > $1 and shop_id = $2", {"3"},
     read_all<long>},
    {"membership, aggregate", true, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders o where exists (select 1 from members m where m.user_id = $1 and m.shop_id = o.shop_id) group by status", {},
     read_all<string, long, string>},
};

/// A statement that is prepared on a connection of its own role.
class prepared {
 public:
  prepared(std::string const& conninfo, std::string sql, std::vector<std::string> parameters) : connection_(conninfo), parameters_(std::move(parameters)) {
    pqxx::nontransaction w(connection_);
    w.exec("set bench.shop = '8'; set bench.caller = '1'");
    connection_.prepare("it", sql);
  }
  pqxx::result operator()() {
    pqxx::nontransaction w(connection_);
    return testing_postgres::run_prepared(w, "it", parameters_);
  }
  /// The nodes of its generic plan, one a line, without the names that relations have in it.
  std::string plan() {
    pqxx::nontransaction w(connection_);
    std::string values;
    for (auto const& p : parameters_) values += (values.empty() ? "(" : ", ") + w.quote(p);
    w.exec("set plan_cache_mode = force_generic_plan");
    std::string nodes;
    for (auto const& line : w.exec("explain (costs off) execute it" + (values.empty() ? "" : values + ")"))) {
      std::string text = line[0].c_str();
      if (!nodes.empty() && text.find("->  ") == text.npos) continue;  // says more of a node
      if (auto const on = text.find(" on "); on != text.npos)
        if (auto const alias = text.find(' ', on + 4); alias != text.npos) text.erase(alias);
      nodes += "    " + text + '\n';
    }
    w.exec("reset plan_cache_mode");
    return nodes;
  }

 private:
  pqxx::connection connection_;
  std::vector<std::string> parameters_;
};

/// A value as the server takes it.
std::string sent(grille::value const& v) {
  auto const* const number = std::get_if<std::int64_t>(&v.data());
  return number == nullptr ? v.as<std::string>() : std::to_string(*number);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// One kind of statement, on connections of its own.
class contest {
 public:
  contest(testing_postgres::database const& db, grille::postgres::database const& enforced, grille::principal const& who, grille::session& through,
          kind const& k)
      : kind_(k),
        session_(through),
        hand_(db.conninfo(), k.secured, with(k.parameters, k.membership ? "1" : "8")),
        native_(db.conninfo(k.membership ? "member" : "merchant"), k.plain, k.parameters),
        barrier_(db.conninfo("viewer"), replaced(k.plain, "from orders", k.membership ? "from orders_barrier_m" : "from orders_barrier"), k.parameters),
        alone_(of(db.conninfo(), enforced.rewrite(who, k.plain, {k.parameters.begin(), k.parameters.end()}))) {
    auto const expected = static_cast<std::size_t>(hand_().size());
    auto const as_many = [&](prepared& p) { return std::cmp_equal(p().size(), expected); };
    if (expected == 0 || !as_many(native_) || !as_many(barrier_) || !as_many(alone_) || read() != expected || session() != expected)
      stop(std::string("not the same rows: ") + k.name);
  }

  void hand() { hand_(); }
  std::size_t read() { return kind_.read(hand_()); }
  std::size_t session() { return kind_.parameters.empty() ? session_.query(kind_.plain).size() : session_.query(kind_.plain, kind_.parameters[0]).size(); }

  /// Prints the line of the table.
  void measure() {
    std::array const contenders{work([&] { hand(); }),   work([&] { read(); }),    work([&] { session(); }),
                                work([&] { alone_(); }), work([&] { native_(); }), work([&] { barrier_(); })};
    std::array<int, contenders.size()> batches{};
    for (std::size_t i = 0; i < contenders.size(); ++i) batches[i] = batch_of(contenders[i]);
    std::vector<double> by_hand, over_read;
    std::array<std::vector<double>, contenders.size()> over_hand;
    for (int turn = 0; turn < rounds; ++turn) {
      std::array<double, contenders.size()> now{};
      for (std::size_t i = 0; i < contenders.size(); ++i) {
        seconds(contenders[i], batches[i] / 2 + 1);  // not counted: each has a server process of its own, and finds the caches as another one left them
        now[i] = seconds(contenders[i], batches[i]) / batches[i];
      }
      by_hand.push_back(now[0]);
      over_read.push_back(now[2] / now[1]);
      for (std::size_t i = 0; i < contenders.size(); ++i) over_hand[i].push_back(now[i] / now[0]);
    }
    auto const over = [&](std::size_t contender) { return at(over_hand[contender], 0.5); };
    std::printf("%-30s %11.1f %11.2f | %11.2f %11.2f | %11.2f %11.2f %11.2f\n", kind_.name, at(by_hand, 0.5) * 1e6, over(1), over(2), at(over_read, 0.5),
                over(3), over(4), over(5));
    std::fflush(stdout);
  }

  /// The plans that are not that of the statement by hand.
  std::string other_plans() {
    std::string plans;
    auto const by_hand = hand_.plan();
    for (auto& [name, other] : {std::pair<char const*, prepared&>{"Grille's text", alone_}, {"row-level security", native_}, {"barrier", barrier_}})
      if (auto const plan = other.plan(); plan != by_hand) plans += std::string(kind_.name) + ", by hand:\n" + by_hand + "  " + name + ":\n" + plan;
    return plans;
  }

 private:
  static std::vector<std::string> with(std::vector<std::string> all, char const* one_more) {
    all.emplace_back(one_more);
    return all;
  }
  static prepared of(std::string const& conninfo, grille::rewritten const& text) {
    std::vector<std::string> values;
    for (auto const& v : text.parameters) values.push_back(sent(v));
    return {conninfo, text.sql, values};
  }

  kind const& kind_;
  grille::session& session_;
  prepared hand_, native_, barrier_, alone_;
};

/// Not inlined, so that it has a name of its own.
[[gnu::noinline]] void counted(work const& w, int calls) {
  for (int i = 0; i < calls; ++i) w();
}

}  // namespace

int main(int argc, char** argv) try {
  std::vector<std::string_view> const words(argv + 1, argv + argc);
  if (!words.empty() && words.size() != 3) stop("usage: bench_postgres [KIND CONTENDER CALLS]");
  testing_postgres::database db;
  db.run(schema);
  grille::postgres::database const enforced(db.conninfo(), grille::policy_set::parse(rules, "store.grille", {}, grille::dialect::postgresql));
  auto const a_merchant = grille::principal("m").with("user_id", 2).role("merchant", {{"shop_id", 8}});
  auto const a_member = grille::principal("u").with("user_id", 1).group("members");
  auto merchant = enforced.session(a_merchant);
  auto member = enforced.session(a_member);
  auto const of = [&](kind const& k) { return contest(db, enforced, k.membership ? a_member : a_merchant, k.membership ? member : merchant, k); };

  if (!words.empty()) {
    auto one = of(kinds.at(std::stoul(std::string(words[0]))));
    work w;
    if (words[1] == "hand") w = [&] { one.hand(); };
    if (words[1] == "read") w = [&] { one.read(); };
    if (words[1] == "session") w = [&] { one.session(); };
    if (!w) stop("a contender is `hand`, `read` or `session`");
    counted(w, std::stoi(std::string(words[2])));
    return 0;
  }

  std::printf("%-30s %23s | %23s | %35s\n", "", "by hand", "Grille's session over", "over by hand");
  std::printf("%-30s %11s %11s | %11s %11s | %11s %11s %11s\n", "", "us", "read, over", "by hand", "read", "its SQL", "RLS", "barrier");
  std::string plans;
  for (auto const& k : kinds) {
    auto one = of(k);
    one.measure();
    plans += one.other_plans();
  }
  std::printf("\nWhere another plan is made than of the statement by hand:\n%s", plans.c_str());
  return 0;
} catch (grille::error const& e) {
  stop(e.render());
} catch (std::exception const& e) {
  stop(e.what());
}
