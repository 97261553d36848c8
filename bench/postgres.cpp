// What enforcing costs on PostgreSQL, as ratios within one run: each statement as an engineer would secure it by hand (prepared, the policy's
// condition written into it) is 1, once sent alone, and once with every value of every row read into a vector of tuples, as a service does; beside
// it the plain statement through a session, whose rows are read into values; the text that the session sends, prepared and sent as the one by hand
// is, which tells what the server alone has to do more; under native row-level security; and on a security-barrier view. They take turns; a ratio is
// the median over the turns. The second table is of statements that were not seen before: against the one by hand sent with its parameters and not
// prepared, the whole way from the caller's text to the verified one, sent in the same way. All must have given the same rows, or nothing is measured.
// Starts a server of its own, which runs on the same cores: pin it, or the figures are worthless:
//   taskset -c 0 bench_postgres
// What the client executes for one call can be counted instead, which no other load disturbs. KIND counts from 0, CONTENDER is `hand`, `read`
// or `session`; the calls are made in `counted`, and so is nothing else:
//   valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted*' bench_postgres KIND CONTENDER CALLS
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <pqxx/pqxx>
#include <random>
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

-- Of 500 shops the largest has an eighth of all, shop 8, the 52nd, 0.3 %; small amounts are the most frequent.
create table invoices (id int primary key, shop_id int not null, email varchar(254) not null, status text not null, amount numeric(10, 2) not null,
  issued_at timestamp not null);
insert into invoices select g, floor(500 * (g::bigint * 7919 % 300007 / 300007.0::float8) ^ 3)::int * 157 % 500 + 1,
  'Buyer.' || g::bigint * 104729 % 75011 || '@Mail.example', (array['open', 'paid', 'returned'])[g % 3 + 1],
  (150000 * (g::bigint * 15485863 % 100003 / 100003.0::float8) ^ 2)::int / 100.0, '2026-01-01'::timestamp + g * interval '1 minute' from generate_series(1, 300000) g;
create index on invoices (shop_id, issued_at);
create index on invoices (issued_at);
create index on invoices (lower(email));
create index on invoices (amount);

create view orders_barrier with (security_barrier) as select * from orders where shop_id = current_setting('bench.shop')::int;
create view orders_barrier_m with (security_barrier) as
  select * from orders where exists (select 1 from members m where m.user_id = current_setting('bench.caller')::int and m.shop_id = orders.shop_id);
create view invoices_barrier with (security_barrier) as select * from invoices where shop_id = current_setting('bench.shop')::int;
create view invoices_barrier_a with (security_barrier) as
  select * from invoices where current_setting('bench.role') = 'administrator' or shop_id = current_setting('bench.shop')::int;
create role merchant login; create role member login; create role staff login; create role viewer login;
grant select on users, shops to merchant, member, viewer;
grant select on orders to merchant, member;
grant select on invoices to merchant, staff;
grant select on members to member;
grant select on orders_barrier, orders_barrier_m, invoices_barrier, invoices_barrier_a to viewer;
alter table orders enable row level security;
create policy own on orders to merchant using (shop_id = current_setting('bench.shop')::int);
create policy theirs on orders to member using (exists (select 1 from members m where m.user_id = current_setting('bench.caller')::int and m.shop_id = orders.shop_id));
alter table invoices enable row level security;
create policy own on invoices to merchant using (shop_id = current_setting('bench.shop')::int);
create policy all_or_own on invoices to staff using (current_setting('bench.role') = 'administrator' or shop_id = current_setting('bench.shop')::int);
analyze;
)";

constexpr char const* rules = R"(
policy store version 1; owner 'bench' contact 'bench';
protects users, shops, members, orders, invoices;
principal has user_id integer;
role merchant per shop_id integer;
role member from group 'members';
role administrator from group 'administrators';
allow merchant, member to select all columns on users;
allow merchant, member to select all columns on shops;
allow merchant to select all columns on orders where shop_id = scope.shop_id;
allow member to select all columns on orders where exists (select 1 from members m where m.user_id = principal.user_id and m.shop_id = orders.shop_id);
allow administrator to select all columns on invoices;
allow merchant to select all columns on invoices where shop_id = scope.shop_id;
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

/// Who asks, and what lets the same rows through without Grille.
struct asker {
  std::string_view role;      // of the server's, held by row-level security
  std::string_view relation;
  std::string_view barrier;   // the view in its place
  std::string_view by_hand;   // what the policy's condition is about
};
constexpr asker merchant{"merchant", "from orders", "from orders_barrier", "8"};
constexpr asker member{"member", "from orders", "from orders_barrier_m", "1"};
constexpr asker merchant_of_invoices{"merchant", "from invoices", "from invoices_barrier", "8"};
constexpr asker merchant_where_others_see_all{"staff", "from invoices", "from invoices_barrier_a", "8"};

struct kind {
  char const* name;
  asker by;
  char const* plain;      // $1 is its parameter, if it has one
  char const* secured;    // the same, with the policy's condition on $2, or $1 where there is no other
  std::vector<std::string> parameters;
  std::function<std::size_t(pqxx::result const&)> read;  // numerics as text, which loses no digit
};

using std::string;
std::vector<kind> const kinds{
    {"look-up by primary key", merchant, "select id, status, total from orders where id = $1", "select id, status, total from orders where id = $1 and shop_id = $2", {"33"},
     read_all<long, string, string>},
    {"range, order and limit", merchant, "select id, total from orders where created_at > $1 order by created_at limit 20",
     "select id, total from orders where created_at > $1 and shop_id = $2 order by created_at limit 20", {"2026-01-20 00:00:00"},
     read_all<long, string>},
    {"join of three", merchant,
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 order by o.created_at limit 20",
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 and o.shop_id = $2 order by "
     "o.created_at limit 20",
     {"2026-01-20 00:00:00"},
     read_all<long, string, string>},
    {"aggregate over a shop", merchant, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders where shop_id = $1 group by status", {},
     read_all<string, long, string>},
    {"`like` prefix with an index", merchant, "select id from orders where note like 'a1%'", "select id from orders where note like 'a1%' and shop_id = $1", {},
     read_all<long>},
    {"an expression that can fail", merchant, "select id from orders where 1000 / (id + 1) > $1", "select id from orders where 1000 / (id + 1) > $1 and shop_id = $2", {"3"},
     read_all<long>},
    {"membership, aggregate", member, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders o where exists (select 1 from members m where m.user_id = $1 and m.shop_id = o.shop_id) group by status", {},
     read_all<string, long, string>},
    {"`lower(x) =` with an index", merchant_of_invoices, "select id, amount from invoices where lower(email) = $1",
     "select id, amount from invoices where lower(email) = $1 and shop_id = $2", {"buyer.10034@mail.example"},
     read_all<long, string>},
    {"numeric `=` with an index", merchant_of_invoices, "select id, email from invoices where amount = $1",
     "select id, email from invoices where amount = $1 and shop_id = $2", {"1.00"},
     read_all<long, string>},
    {"administrator or own, range", merchant_where_others_see_all, "select id, amount from invoices where issued_at > $1 order by issued_at limit 20",
     "select id, amount from invoices where issued_at > $1 and shop_id = $2 order by issued_at limit 20", {"2026-06-20 00:00:00"},
     read_all<long, string>},
    {"administrator or own, aggregate", merchant_where_others_see_all, "select status, count(*), sum(amount) from invoices group by status",
     "select status, count(*), sum(amount) from invoices where shop_id = $1 group by status", {},
     read_all<string, long, string>},
};
/// So many of them, from the first on, are measured as statements that were not seen before, too.
constexpr std::size_t unseen_kinds = 3;

/// A statement that is prepared on a connection of its own role.
class prepared {
 public:
  prepared(std::string const& conninfo, std::string sql, std::vector<std::string> parameters) : connection_(conninfo), parameters_(std::move(parameters)) {
    pqxx::nontransaction w(connection_);
    w.exec("set bench.shop = '8'; set bench.caller = '1'; set bench.role = 'merchant'");
    connection_.prepare("it", sql);
    sql_ = std::move(sql);
  }
  pqxx::result operator()() {
    pqxx::nontransaction w(connection_);
    return testing_postgres::run_prepared(w, "it", parameters_);
  }
  pqxx::result unprepared() { return unprepared(sql_, parameters_); }
  /// Another one, on the same connection.
  pqxx::result unprepared(std::string const& sql, std::vector<std::string> const& parameters) {
    pqxx::nontransaction w(connection_);
    return testing_postgres::run(w, sql, parameters);
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
  std::string sql_;
  std::vector<std::string> parameters_;
};

/// A value as the server takes it, and gives it.
std::string sent(grille::value const& v) {
  if (auto const* const number = std::get_if<std::int64_t>(&v.data())) return std::to_string(*number);
  if (auto const* const digits = std::get_if<grille::numeric>(&v.data())) return digits->text;
  return v.as<std::string>();
}
std::vector<std::string> sent(std::vector<grille::value> const& all) {
  std::vector<std::string> values;
  for (auto const& v : all) values.push_back(sent(v));
  return values;
}

/// Rows in an order of their own, to compare: of no kind's statement is any value NULL.
using answer = std::vector<std::vector<std::string>>;
answer sorted(answer rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}
answer answer_of(pqxx::result const& all) {
  answer rows;
  for (auto const& r : all) {
    rows.emplace_back();
    for (auto const& f : r) rows.back().emplace_back(f.c_str());
  }
  return sorted(std::move(rows));
}
answer answer_of(grille::rows<grille::row> const& all) {
  answer rows;
  for (auto const& r : all) {
    rows.emplace_back();
    for (std::size_t i = 0; i < r.size(); ++i) rows.back().push_back(sent(r[i].get()));
  }
  return sorted(std::move(rows));
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// Grille; to the second one, which keeps nothing, each statement is new.
struct grilles {
  grille::postgres::database enforced;
  grille::database forgetful;
};

/// How long a call of each contender took, turn by turn.
struct times {
  std::vector<std::vector<double>> of;

  double us(std::size_t contender) const {
    auto all = of[contender];
    return at(all, 0.5) * 1e6;
  }
  double over(std::size_t contender, std::size_t other) const {
    std::vector<double> ratios;
    for (std::size_t turn = 0; turn < of[contender].size(); ++turn) ratios.push_back(of[contender][turn] / of[other][turn]);
    return at(ratios, 0.5);
  }
};

times take_turns(std::vector<work> const& contenders) {
  times took{std::vector<std::vector<double>>(contenders.size())};
  std::vector<int> batches;
  for (auto const& c : contenders) batches.push_back(batch_of(c));
  std::vector<std::size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 shuffled(1);  // none comes always behind the same other one
  for (int turn = 0; turn < rounds; ++turn) {
    std::shuffle(order.begin(), order.end(), shuffled);
    for (auto const i : order) {
      seconds(contenders[i], batches[i] / 2 + 1);  // not counted: each has a server process of its own, and finds the caches as another one left them
      took.of[i].push_back(seconds(contenders[i], batches[i]) / batches[i]);
    }
  }
  return took;
}

/// One kind of statement, on connections of its own.
class contest {
 public:
  contest(testing_postgres::database const& db, grilles const& g, grille::principal const& who, grille::session& through, kind const& k)
      : kind_(k),
        forgetful_(g.forgetful),
        who_(who),
        session_(through),
        hand_(db.conninfo(), k.secured, with(k.parameters, k.by.by_hand)),
        native_(db.conninfo(k.by.role), k.plain, k.parameters),
        barrier_(db.conninfo("viewer"), replaced(k.plain, k.by.relation, k.by.barrier), k.parameters),
        alone_(of(db.conninfo(), g.enforced.rewrite(who, k.plain, {k.parameters.begin(), k.parameters.end()}))) {
    auto const expected = answer_of(hand_());
    auto const agrees = [&](char const* contender, answer const& got) {
      if (got != expected) stop(std::string("not the rows of the statement by hand: ") + k.name + ", " + contender);
    };
    if (expected.empty()) stop(std::string("no rows: ") + k.name);
    agrees("row-level security", answer_of(native_()));
    agrees("barrier", answer_of(barrier_()));
    agrees("Grille's text", answer_of(alone_()));
    agrees("Grille's session", answer_of(query(k.plain)));
    agrees("by hand, not prepared", answer_of(hand_.unprepared()));
    agrees("Grille's text, not prepared", answer_of(alone_.unprepared()));
    agrees("rewritten anew", answer_of(rewrite_and_send()));
    agrees("a new statement of the session's", answer_of(query(unseen())));
    if (read() != expected.size()) stop(std::string("not all rows are read: ") + k.name);
  }

  void hand() { hand_(); }
  std::size_t read() { return kind_.read(hand_()); }
  std::size_t session() { return query(kind_.plain).size(); }

  /// Prints the line of the table.
  void measure() {
    auto const took = take_turns({[&] { hand(); }, [&] { read(); }, [&] { session(); }, [&] { alone_(); }, [&] { native_(); }, [&] { barrier_(); }});
    std::printf("%-31s %11.1f %11.2f | %11.2f %11.2f | %11.2f %11.2f %11.2f\n", kind_.name, took.us(0), took.over(1, 0), took.over(2, 0), took.over(2, 1),
                took.over(3, 0), took.over(4, 0), took.over(5, 0));
    std::fflush(stdout);
  }
  /// Prints the line of the table of statements that were not seen before.
  void measure_unseen() {
    auto const took = take_turns({[&] { hand_.unprepared(); }, [&] { alone_.unprepared(); }, [&] { rewrite_and_send(); }, [&] { query(unseen()); }, [&] { native_.unprepared(); }});
    std::printf("%-31s %11.1f | %11.2f %11.2f %11.2f %11.2f\n", kind_.name, took.us(0), took.over(1, 0), took.over(2, 0), took.over(3, 0), took.over(4, 0));
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
  grille::rows<grille::row> query(std::string_view sql) { return kind_.parameters.empty() ? session_.query(sql) : session_.query(sql, kind_.parameters[0]); }
  /// From the text that a caller sends, to the server and back.
  pqxx::result rewrite_and_send() {
    auto const text = forgetful_.rewrite(who_, kind_.plain, {kind_.parameters.begin(), kind_.parameters.end()});
    return alone_.unprepared(text.sql, sent(text.parameters));
  }
  /// The statement, with a name in it that no other one had.
  std::string unseen() {
    static std::uint64_t many = 0;
    std::string text = kind_.plain;
    return text.insert(text.find(" from "), " as c" + std::to_string(++many));
  }

  static std::vector<std::string> with(std::vector<std::string> all, std::string_view one_more) {
    all.emplace_back(one_more);
    return all;
  }
  static prepared of(std::string const& conninfo, grille::rewritten const& text) { return {conninfo, text.sql, sent(text.parameters)}; }

  kind const& kind_;
  grille::database const& forgetful_;
  grille::principal const& who_;
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
  auto const policy = grille::policy_set::parse(rules, "store.grille", {}, grille::dialect::postgresql);
  grilles const g{grille::postgres::database(db.conninfo(), policy), grille::database(grille::postgres::read_schema(db.conninfo()), policy, {.cache_bytes = 0})};
  auto const a_merchant = grille::principal("m").with("user_id", 2).role("merchant", {{"shop_id", 8}});
  auto const a_member = grille::principal("u").with("user_id", 1).group("members");
  auto through_merchant = g.enforced.session(a_merchant);
  auto through_member = g.enforced.session(a_member);
  auto const of = [&](kind const& k) {
    auto const is_member = k.by.role == member.role;
    return contest(db, g, is_member ? a_member : a_merchant, is_member ? through_member : through_merchant, k);
  };

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

  std::printf("%-31s %23s | %23s | %35s\n", "", "by hand", "Grille's session over", "over by hand");
  std::printf("%-31s %11s %11s | %11s %11s | %11s %11s %11s\n", "", "us", "read, over", "by hand", "read", "its SQL", "RLS", "barrier");
  std::string plans;
  for (auto const& k : kinds) {
    auto one = of(k);
    one.measure();
    plans += one.other_plans();
  }
  std::printf("\n%-31s %11s | %47s\n", "not seen before, not prepared", "by hand", "over by hand");
  std::printf("%-31s %11s | %11s %11s %11s %11s\n", "", "us", "its SQL", "Grille", "session", "RLS");
  for (std::size_t i = 0; i < unseen_kinds; ++i) of(kinds[i]).measure_unseen();
  std::printf("\nWhere another plan is made than of the statement by hand:\n%s", plans.c_str());
  return 0;
} catch (grille::error const& e) {
  stop(e.render());
} catch (std::exception const& e) {
  stop(e.what());
}
