// What enforcing costs on PostgreSQL, as ratios within one run: each statement as an engineer would secure it by hand (prepared, the policy's
// condition written into it) is 1; beside it the plain statement through a session, whose rows are read into values; the text that the session sends,
// prepared and sent as the one by hand is, which tells what the server alone has to do more; under native row-level security; and on a
// security-barrier view. They take turns; a ratio is the median over the turns. Starts a server of its own, which runs on the
// same cores: pin it, or the figures are worthless:   taskset -c 0 bench_postgres
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <pqxx/pqxx>
#include <string>
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

struct kind {
  char const* name;
  bool membership;
  char const* plain;      // $1 is its parameter, if it has one
  char const* secured;    // the same, with the policy's condition on $2, or $1 where there is no other
  std::vector<std::string> parameters;
};

std::vector<kind> const kinds{
    {"look-up by primary key", false, "select id, status, total from orders where id = $1", "select id, status, total from orders where id = $1 and shop_id = $2", {"33"}},
    {"range, order and limit", false, "select id, total from orders where created_at > $1 order by created_at limit 20",
     "select id, total from orders where created_at > $1 and shop_id = $2 order by created_at limit 20", {"2026-01-20 00:00:00"}},
    {"join of three", false,
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 order by o.created_at limit 20",
     "select o.id, u.name, s.name from orders o join users u on u.id = o.buyer_id join shops s on s.id = o.shop_id where o.created_at > $1 and o.shop_id = $2 order by "
     "o.created_at limit 20",
     {"2026-01-20 00:00:00"}},
    {"aggregate over a shop", false, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders where shop_id = $1 group by status", {}},
    {"`like` prefix with an index", false, "select id from orders where note like 'a1%'", "select id from orders where note like 'a1%' and shop_id = $1", {}},
    {"an expression that can fail", false, "select id from orders where 1000 / (id + 1) > $1", "select id from orders where 1000 / (id + 1) > $1 and shop_id = $2", {"3"}},
    {"membership, aggregate", true, "select status, count(*), sum(total) from orders group by status",
     "select status, count(*), sum(total) from orders o where exists (select 1 from members m where m.user_id = $1 and m.shop_id = o.shop_id) group by status", {}},
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

}  // namespace

int main() try {
  testing_postgres::database db;
  db.run(schema);
  grille::postgres::database const enforced(db.conninfo(), grille::policy_set::parse(rules, "store.grille", {}, grille::dialect::postgresql));
  auto const a_merchant = grille::principal("m").with("user_id", 2).role("merchant", {{"shop_id", 8}});
  auto const a_member = grille::principal("u").with("user_id", 1).group("members");
  auto merchant = enforced.session(a_merchant);
  auto member = enforced.session(a_member);

  std::printf("%-30s %10s %10s %10s %10s %14s\n", "by hand = 1", "Grille", "its SQL", "RLS", "barrier", "by hand, us");
  std::string plans;
  for (auto const& k : kinds) {
    auto secured = k.parameters;
    secured.emplace_back(k.membership ? "1" : "8");
    prepared hand(db.conninfo(), k.secured, secured);
    prepared native(db.conninfo(k.membership ? "member" : "merchant"), k.plain, k.parameters);
    prepared barrier(db.conninfo("viewer"), replaced(k.plain, "from orders", k.membership ? "from orders_barrier_m" : "from orders_barrier"), k.parameters);
    auto const text = enforced.rewrite(k.membership ? a_member : a_merchant, k.plain, {k.parameters.begin(), k.parameters.end()});
    std::vector<std::string> values;
    for (auto const& v : text.parameters) values.push_back(sent(v));
    prepared alone(db.conninfo(), text.sql, values);
    auto& session = k.membership ? member : merchant;
    auto const through = [&] { return k.parameters.empty() ? session.query(k.plain).size() : session.query(k.plain, k.parameters[0]).size(); };
    auto const expected = static_cast<std::size_t>(hand().size());
    if (expected == 0 || std::cmp_not_equal(native().size(), expected) || std::cmp_not_equal(barrier().size(), expected) || std::cmp_not_equal(alone().size(), expected) ||
        through() != expected)
      stop(std::string("not the same rows: ") + k.name);

    std::array const contenders{work([&] { hand(); }), work([&] { through(); }), work([&] { alone(); }), work([&] { native(); }), work([&] { barrier(); })};
    std::array<int, contenders.size()> batches{};
    for (std::size_t i = 0; i < contenders.size(); ++i) batches[i] = batch_of(contenders[i]);
    std::array<std::vector<double>, contenders.size()> ratios;
    for (int turn = 0; turn < rounds; ++turn) {
      std::array<double, contenders.size()> now{};
      for (std::size_t i = 0; i < contenders.size(); ++i) now[i] = seconds(contenders[i], batches[i]) / batches[i];
      for (std::size_t i = 0; i < contenders.size(); ++i) ratios[i].push_back(i == 0 ? now[0] : now[i] / now[0]);
    }
    std::printf("%-30s %10.2f %10.2f %10.2f %10.2f %14.1f\n", k.name, at(ratios[1], 0.5), at(ratios[2], 0.5), at(ratios[3], 0.5), at(ratios[4], 0.5),
                at(ratios[0], 0.5) * 1e6);
    std::fflush(stdout);
    auto const by_hand = hand.plan();
    for (auto const& [name, plan] : {std::pair{"Grille's text", alone.plan()}, std::pair{"row-level security", native.plan()}, std::pair{"barrier", barrier.plan()}})
      if (plan != by_hand) plans += std::string(k.name) + ", by hand:\n" + by_hand + "  " + name + ":\n" + plan;
  }
  std::printf("\nWhere another plan is made than of the statement by hand:\n%s", plans.c_str());
  return 0;
} catch (grille::error const& e) {
  stop(e.render());
} catch (std::exception const& e) {
  stop(e.what());
}
