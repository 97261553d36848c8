// The native oracle: the same policy, once through Grille and once by PostgreSQL's own row-level security as `grille export` writes it.
// The same caller gets the same rows for the same statement, wherever the policy has a native form; and never more by the native one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <pqxx/pqxx>

#include "govern/row_security.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "introspect/introspect.hpp"
#include "policy/compile.hpp"
#include "postgres/server.hpp"
#include "session/policy_files.hpp"

namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string read(std::string const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct caller {
  std::string principal;            // as JSON; empty: nobody
  std::vector<std::string> roles;   // of PostgreSQL's that its login is a member of, by hand
  std::vector<std::string> less{};  // tables of which the native form shows it less, by hand
};
struct world {
  std::string schema, policy;
  std::vector<caller> callers;
  std::vector<std::string> statements;
  std::vector<std::string> less{};  // statements that ask for what has no native form
};

// --- the worlds ------------------------------------------------------------------------------------------------------------

world shops() {
  return {
      R"(
create table orders (id int primary key, shop_id int, buyer_id int, status text, total numeric(10, 2), archived boolean, "odd ""name" text);
insert into orders values (1, 1, 17, 'open', 30, false, 'a'), (2, 7, 18, 'shipped', 50, false, 'b'), (3, 1, 17, 'open', 10, true, 'c'), (4, 9, 19, 'open', 70, false, null),
  (5, 9, 17, 'done', 5, false, 'e'), (6, 1, 18, 'open', null, false, 'f'), (7, 7, null, 'open', 8, null, 'g'), (8, null, 20, 'done', 12, false, 'h'), (9, 7, 20, 'open', 3, false, 'i');
create table users (id int primary key, name text);
insert into users values (17, 'Anna'), (18, 'Bo'), (19, 'Cy'), (20, 'Di');
create table delegations (delegator int, delegate int);
insert into delegations values (18, 17), (19, 40), (20, null);
create table stock (id int, a int, gone boolean);
insert into stock values (1, 10, false), (2, 20, true), (3, 30, false);
create table visits (id int, shop_id int, day text);
insert into visits values (1, 1, 'mon'), (2, 1, 'tue'), (3, 7, 'mon'), (4, 9, 'tue'), (5, null, 'mon');
)",
      R"(
policy shops version 1; owner 'o' contact 'c'; expires after '2999-12-31';
protects orders, users, delegations, visits, stock;
principal has user_id integer;
role buyer from group 'customers';
role merchant per shop_id integer;
role chief per shop_id integer includes merchant;
role agent per shop_id integer, day text;
role auditor;
specification delegated on orders means exists (select 1 from delegations d where d.delegator = orders.buyer_id and d.delegate = principal.user_id);
allow buyer to select (id, shop_id, buyer_id, status, total, "odd ""name") on orders where buyer_id = principal.user_id or delegated;
allow merchant to select (id, shop_id, buyer_id, status, total, "odd ""name") on orders where shop_id = scope.shop_id;
allow auditor to select all columns on orders;
restrict select on orders to not archived except for auditor;
restrict select on orders to status <> 'shipped' except for auditor, buyer;
allow chief to select (id, name) on users where exists (select 1 from orders o where o.buyer_id = users.id and o.shop_id = scope.shop_id);
allow buyer to select (id, name) on users where id = principal.user_id;
allow agent to select (id, day) on visits where shop_id = scope.shop_id and day = scope.day;
allow auditor to select (id, day) on visits where not exists (select 1 from orders o where o.buyer_id = 18 and o.shop_id = visits.shop_id);
allow auditor to select (id, a) on stock;
allow buyer to select (id) on stock;
restrict select on stock to not gone except for buyer;
allow buyer to select (id, name) on users until '2020-01-01';
)",
      {
          {"", {"public"}},
          {R"({"id": "b-17", "user_id": 17, "groups": ["customers"]})", {"buyer"}},
          {R"({"id": "b-18", "user_id": 18, "groups": ["customers"]})", {"buyer"}},
          {R"({"id": "m-40", "user_id": 40, "roles": [{"role": "merchant", "shop_id": 1}, {"role": "merchant", "shop_id": 9}]})",
           {"merchant"}},
          {R"({"id": "m-41", "user_id": 41, "roles": [{"role": "Merchant", "shop_id": 7}]})", {"merchant"}},
          {R"({"id": "c-42", "user_id": 42, "roles": [{"role": "chief", "shop_id": 7}, {"role": "merchant", "shop_id": 9}]})",
           {"chief", "merchant"}},
          {R"({"id": "b-17", "user_id": 17, "groups": ["customers"], "roles": [{"role": "merchant", "shop_id": 9}]})",
           {"buyer", "merchant"}},
          {R"({"id": "a-1", "user_id": 1, "roles": [{"role": "auditor"}]})", {"auditor"}},
          {R"({"id": "a-2", "user_id": 17, "groups": ["customers"], "roles": [{"role": "auditor"}]})", {"auditor", "buyer"}, {"stock"}},
          {R"({"id": "g-1", "user_id": 3, "roles": [{"role": "agent", "shop_id": 1, "day": "mon"}, {"role": "agent", "shop_id": 9, "day": "tue"}]})",
           {"agent"}},
          {R"({"id": "g-2", "user_id": 4, "roles": [{"role": "agent", "shop_id": 1, "day": "wed"}, {"role": "auditor"}]})",
           {"agent", "auditor"}},
          {R"({"id": "n-1", "user_id": 5})", {"authenticated"}},
          {R"({"id": "x-1", "user_id": 17, "groups": ["customers"], "expires_at": "2020-01-01T00:00:00Z"})",
           {"buyer"},
           {"orders", "users"}},
          {R"({"id": "x-2", "groups": ["customers"]})", {"buyer"}, {"orders", "users"}},  // lacks what every caller must have
      },
      {
          "select id from orders",
          "select id, day from visits",
          "select id, shop_id, buyer_id, status, total, \"odd \"\"name\" from orders",
          "select count(*), sum(total), max(status) from orders",
          "select status, count(*) from orders group by status having count(*) > 1",
          "select o.id, u.name from orders o join users u on u.id = o.buyer_id",
          "select o.id, u.name from orders o left join users u on u.id = o.buyer_id",
          "select id from orders where buyer_id in (select id from users)",
          "select id from orders o where not exists (select 1 from orders p where p.buyer_id = o.buyer_id and p.id > o.id)",
          "select id from orders union select id from visits",
          "with o as (select id, status from orders) select count(*) from o",
          "select id, row_number() over (order by id) from orders",
          "select archived from orders",
          "select shop_id from visits",
          "select id, name from users",
          "select * from delegations",
          "select count(*) from users",
          "select id from stock",
          "select id, a from stock",
      },
  };
}

world attributes() {
  return {
      R"(
create table regions (id int, name text, open boolean);
insert into regions values (1, 'north', true), (2, 'south', false), (3, null, true), (4, 'east', null), (5, '', false);
create table docs (id int, team text, size float8, born date);
insert into docs values (1, 'red', 1.5, '2020-01-01'), (2, 'blue', 2.5, '2021-01-01'), (3, null, 3.5, null), (4, 'green', null, '2022-01-01');
create table pay (id int, who text, amount numeric);
insert into pay values (1, 'a', 10), (2, 'b', 20);
create table notes (id int, author text, body text);
insert into notes values (1, 'u-1', 'x'), (2, 'u-2', 'y'), (3, null, 'z');
create table cards (id int, a text, b text);
insert into cards values (1, 'a1', 'b1'), (2, 'a2', 'b2'), (3, 'a3', 'b3'), (4, 'a4', 'b4');
create view all_docs as select id, team from docs;
)",
      R"(
policy attributes version 1; owner 'o' contact 'c';
protects regions, docs, pay, notes, cards, all_docs;
principal has region text optional, level integer optional, limit_to real optional, cleared boolean optional, since date optional;
context has network text optional;
role staff from group 'staff';
role clerk from group 'clerks', user 'u-9' includes staff;
role trainee from group 'trainees';
role boss;
allow staff to select (id, name) on regions where name = principal.region or (open and principal.region is null);
allow boss to select (id, name) on regions where not open or principal.level > 3;
allow staff to select (id, team) on docs where team = principal.region or team = principal.id;
allow boss to select (id, team) on docs where team <> 'red' and size < principal.limit_to;
allow clerk to select (id, team) on docs where born >= principal.since and principal.cleared;
allow public to select (id) on notes where id < 3;
allow staff to select (id, author) on notes where author = principal.id;
allow boss to select (id, author, body) on notes;
allow boss, clerk to select (id, who) on pay when context.network = 'internal';
allow staff to select (id, who, amount) on pay where who = 'a';
allow staff to select (id, a) on cards where id < 3;
allow staff to select (id, b) on cards where id > 1 and id < 4;
allow boss to select (id, b) on cards where id = 4;
mask (b as 'x') on cards where id = 4 except for staff;
deny trainee to select on docs;
deny trainee to select on regions when context.network = 'guest';
deny trainee to select (author) on notes;
allow staff to select (id, team) on all_docs;
)",
      {
          {"", {"public"}},
          {R"({"id": "u-0"})", {"authenticated"}},
          {R"({"id": "u-1", "groups": ["staff", "red"], "region": "red"})", {"staff"}, {"all_docs"}},
          {R"({"id": "u-2", "groups": ["staff"], "region": null, "limit_to": 2})", {"staff"}, {"all_docs"}},
          {R"({"id": "u-3", "groups": ["staff", "blue"], "region": ""})", {"staff"}, {"all_docs"}},
          {R"({"id": "u-4", "groups": ["blue"], "roles": [{"role": "boss"}], "level": 4, "limit_to": 2})", {"boss"}},
          {R"({"id": "u-5", "roles": [{"role": "boss"}], "level": 3, "limit_to": 3.0, "context": {"network": "internal"}})", {"boss"}},
          {R"({"id": "u-6", "groups": ["clerks"], "since": "2021-01-01", "cleared": true})", {"clerk"}, {"pay", "all_docs"}},
          {R"({"id": "u-9", "since": "2021-01-01", "cleared": false, "context": {"network": "internal"}})", {"clerk"}, {"pay", "all_docs"}},
          {R"({"id": "u-7", "groups": ["staff", "red"], "roles": [{"role": "boss"}], "limit_to": 9.5})",
           {"staff", "boss"},
           {"pay", "all_docs"}},
          {R"({"id": "u-1", "groups": ["staff", "trainees", "red"], "region": "red"})", {"staff", "trainee"}, {"all_docs", "regions"}},
          {R"({"id": "u-1", "groups": ["staff", "trainees"], "context": {"network": "guest"}})",
           {"staff"},
           {"all_docs", "regions"}},  // said, and no member
          {R"({"id": "u-1", "groups": ["staff", "trainees"]})", {"staff", "trainee"}, {"all_docs", "regions"}},
          {R"({"id": "u-8", "roles": [{"role": "boss"}], "groups": ["trainees"], "context": {"network": "internal"}})",
           {"boss", "trainee"},
           {"notes"}},
          {R"({"id": "u-8", "roles": [{"role": "boss"}], "expires_at": "2020-01-01T00:00:00Z"})",
           {"boss"},
           {"notes", "regions", "docs", "pay", "cards"}},
      },
      {
          "select id, name from regions",
          "select count(*), count(name) from regions",
          "select id, team from docs",
          "select d.id, r.id from docs d, regions r",
          "select id from docs where team is null",
          "select id from notes",
          "select id, author from notes",
          "select * from all_docs",
          "select id from pay",
          "select id, who from pay where who <> 'a'",
          "select amount from pay",
          "select id from cards",
          "select a, b from cards",
          "select author, body from notes",
      },
      {"select a, b from cards", "select author, body from notes", "select id, author from notes"},
  };
}

world bookstore() {
  return {
      read(GRILLE_TESTS_DIR "/native_postgres/bookstore_postgres.sql"),
      read(GRILLE_SOURCE_DIR "/examples/bookstore.grille"),
      {
          {"", {"public"}},
          {R"({"id": "b-17", "user_id": 17, "groups": ["customers"]})", {"buyer"}},
          {R"({"id": "b-23", "user_id": 23, "groups": ["customers"]})", {"buyer"}},
          {R"({"id": "m-40", "user_id": 40, "roles": [{"role": "merchant", "shop_id": 1}, {"role": "merchant", "shop_id": 9}]})",
           {"merchant"}},
          {R"({"id": "m-41", "user_id": 41, "roles": [{"role": "merchant", "shop_id": 7}]})", {"merchant"}},
          {R"({"id": "c-20", "user_id": 20, "roles": [{"role": "clerk"}]})", {"clerk"}},
          {R"({"id": "a-1", "user_id": 1, "groups": ["it-operations"]})", {"administrator"}},
          {R"({"id": "a-2", "user_id": 17, "groups": ["it-operations", "customers"]})", {"administrator", "buyer"}},
          {R"({"id": "s-1", "user_id": 50, "groups": ["helpdesk"]})", {"support"}},
          {R"({"id": "u-1007", "user_id": 51})", {"support"}},
          {R"({"id": "x-1", "user_id": 17, "groups": ["customers", "external-staff"]})", {"buyer", "contractor"}, {"users"}},
          {R"({"id": "b-17", "user_id": 17, "groups": ["customers"], "roles": [{"role": "merchant", "shop_id": 9}]})",
           {"buyer", "merchant"},
           {"users", "orders"}},
          {R"({"id": "m-40", "user_id": 40, "groups": ["helpdesk"], "roles": [{"role": "merchant", "shop_id": 1}]})",
           {"merchant", "support"}},
      },
      {
          "select id, title, price from books",
          "select * from books",
          "select supplier_price from books",
          "select id, email, ssn, protected from users where id = 17",
          "select id, name from users",
          "select id from users",
          "select count(*) from users",
          "select id, shop_id, status, total from orders",
          "select id, archived from orders",
          "select count(*), sum(total) from orders",
          "select shop_id, count(*) from orders group by shop_id",
          "select o.id, u.id from orders o left join users u on u.id = o.buyer_id",
          "select id from orders where buyer_id not in (select id from users)",
          "select * from delegations",
          "select gateway_token from payments",
          "select name from service_metrics",
      },
      {"select id, name from users", "select * from books"},
  };
}

// --- the two ways --------------------------------------------------------------------------------------------------------

using answer = std::optional<std::vector<std::string>>;  // rows as "a|b|…", sorted; nothing: refused

std::string shown(grille::value const& v) {
  if (v.null()) return "~";
  if (auto const* b = std::get_if<bool>(&v.data())) return *b ? "t" : "f";
  if (auto const* i = std::get_if<std::int64_t>(&v.data())) return std::to_string(*i);
  if (auto const* n = std::get_if<grille::numeric>(&v.data())) return n->text;
  if (auto const* s = std::get_if<std::string>(&v.data())) return *s;
  throw std::runtime_error("no statement here asks for a value of this type");
}

enum class verdict { same, both_refuse, less, more };
std::ostream& operator<<(std::ostream& out, verdict v) {
  constexpr char const* words[] = {"the same", "refused by both", "less natively", "MORE NATIVELY"};
  return out << words[static_cast<int>(v)];
}

/// A refusal shows no more than an answer without rows does.
verdict compared(answer const& by_grille, answer const& natively) {
  if (by_grille && natively && *by_grille == *natively) return verdict::same;
  if (!by_grille && (!natively || natively->empty())) return verdict::both_refuse;
  if (!by_grille) return verdict::more;
  if (!natively) return verdict::less;
  return std::ranges::includes(*by_grille, *natively) ? verdict::less : verdict::more;
}

class both_ways {
 public:
  explicit both_ways(world w)
      : world_(std::move(w)), set_(grille::policy_set::parse(world_.policy, "world.grille", {}, grille::dialect::postgresql)) {
    db_.run(world_.schema);
    for (std::size_t i = 0; i < world_.callers.size(); ++i) db_.run("create role " + login(i) + " login");
    auto const tables = grille::postgres::read_schema(db_.conninfo()).tables();
    auto compiled = grille::policy::compile(set_.files()->sources, tables);
    for (auto const& f : compiled.faults) ADD_FAILURE() << f.at.line << ": " << f.message;
    if (compiled.policy == nullptr) throw std::runtime_error("the policy does not compile");
    exported_ = grille::govern::export_row_security(*compiled.policy).value();
  }
  ~both_ways() {
    native_.clear();
    for (std::size_t i = 0; i < world_.callers.size(); ++i) db_.run("drop owned by " + login(i) + "; drop role " + login(i));
  }
  both_ways(both_ways const&) = delete;
  both_ways& operator=(both_ways const&) = delete;

  world const& of() const { return world_; }
  grille::govern::row_security const& exported() const { return exported_; }
  void apply(std::string const& script) {
    db_.run(script);
    for (std::size_t i = 0; i < world_.callers.size(); ++i)
      for (auto const& r : world_.callers[i].roles) db_.run("grant grille_role_" + r + " to " + login(i));
  }

  /// Of every statement, for one caller.
  std::vector<answer> by_grille(std::size_t who) {
    if (!database_) database_.emplace(db_.conninfo(), set_);
    auto const& json = world_.callers[who].principal;
    std::vector<answer> out;
    for (auto const& sql : world_.statements) out.push_back(one_by_grille(*database_, json, sql));
    return out;
  }
  std::vector<answer> natively(std::size_t who) {
    auto& mine = native_[who];
    if (!mine) mine = std::make_unique<pqxx::connection>(db_.conninfo(login(who)));
    pqxx::nontransaction t(*mine);
    auto const& json = world_.callers[who].principal;
    if (!json.empty()) t.exec("select set_config('grille.principal', " + t.quote(json) + ", false)");
    std::vector<answer> out;
    for (auto const& sql : world_.statements) {
      try {
        auto const rows = t.exec(sql);
        auto& all = out.emplace_back(std::in_place).value();
        for (auto const& row : rows) {
          std::string text;
          for (auto const& field : row) text += (text.empty() ? "" : "|") + std::string(field.is_null() ? "~" : field.c_str());
          all.push_back(text);
        }
        std::ranges::sort(all);
      } catch (pqxx::insufficient_privilege const&) {
        out.emplace_back();
      }
    }
    return out;
  }
  testing_postgres::database& db() { return db_; }
  std::string login(std::size_t i) const { return db_.name() + "_caller_" + std::to_string(i); }

 private:
  static answer one_by_grille(grille::postgres::database const& database, std::string const& json, std::string const& sql) {
    using enum grille::errc;
    try {
      auto session = database.session(json.empty() ? grille::principal::anonymous() : grille::principal::from_json(json));
      std::vector<std::string> all;
      for (auto const& row : session.query(sql)) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) text += (text.empty() ? "" : "|") + shown(row[i].get());
        all.push_back(text);
      }
      std::ranges::sort(all);
      return all;
    } catch (grille::error const& e) {
      // anything else would compare nothing: the statements here are such that Grille can run
      if (e.kind() != not_found && e.kind() != forbidden && e.kind() != unauthenticated && e.kind() != usage) throw;
      return {};
    }
  }

  testing_postgres::database db_;
  world world_;
  grille::policy_set set_;
  std::optional<grille::postgres::database> database_;
  std::map<std::size_t, std::unique_ptr<pqxx::connection>> native_;
  grille::govern::row_security exported_;
};

bool is_about(std::string const& sql, std::vector<std::string> const& tables) {
  return std::ranges::any_of(tables, [&](std::string const& t) { return sql.find(t) != std::string::npos; });
}

/// With fewer rows to read it gives fewer rows. What counts them, or asks what is not there, says other things of fewer rows, and no more.
bool only_lists(std::string const& sql) {
  return std::ranges::none_of(std::array{"count(", "left join", "not in", "not exists", "row_number"},
                              [&](char const* w) { return sql.find(w) != std::string::npos; });
}

struct outcome {
  int same{}, with_rows{}, both_refuse{}, less{};
  std::vector<std::string> wrong;
};
outcome compare(both_ways& w, std::vector<std::vector<answer>> const& by_grille) {
  outcome out;
  for (std::size_t who = 0; who < w.of().callers.size(); ++who) {
    auto const natively = w.natively(who);
    auto const& caller = w.of().callers[who];
    for (std::size_t i = 0; i < natively.size(); ++i) {
      auto const& sql = w.of().statements[i];
      auto const v = compared(by_grille[who][i], natively[i]);
      bool const may_be_less = is_about(sql, caller.less) || std::ranges::find(w.of().less, sql) != w.of().less.end();
      out.same += v == verdict::same;
      out.with_rows += v == verdict::same && !natively[i]->empty();
      out.both_refuse += v == verdict::both_refuse;
      out.less += v == verdict::less;
      if ((v == verdict::more && (!may_be_less || only_lists(sql))) || (v == verdict::less && !may_be_less)) {
        std::ostringstream text;
        text << v << ", " << sql << ", for " << caller.principal << ": by Grille " << testing::PrintToString(by_grille[who][i])
             << ", natively " << testing::PrintToString(natively[i]);
        out.wrong.push_back(text.str());
      }
    }
  }
  return out;
}
std::vector<std::vector<answer>> all_by_grille(both_ways& w) {
  std::vector<std::vector<answer>> out;
  for (std::size_t who = 0; who < w.of().callers.size(); ++who) out.push_back(w.by_grille(who));
  return out;
}

struct named_world {
  char const* name;
  world (*make)();
  int with_rows;  // comparisons that must have something to compare
};
class native : public testing::TestWithParam<named_world> {};

TEST_P(native, policies_show_each_caller_what_grille_shows_it) {
  both_ways w(GetParam().make());
  w.apply(w.exported().script);
  w.apply(w.exported().script);  // and may be again
  auto const out = compare(w, all_by_grille(w));
  EXPECT_THAT(out.wrong, IsEmpty());
  EXPECT_GE(out.with_rows, GetParam().with_rows);
  std::printf("%s: %d the same (%d with rows), %d refused by both, %d less natively as stated, %zu wrong\n", GetParam().name, out.same,
              out.with_rows, out.both_refuse, out.less, out.wrong.size());
}

/// Each policy of the script is there for something that the comparison sees.
TEST_P(native, a_policy_that_is_dropped_or_opened_is_noticed) {
  both_ways w(GetParam().make());
  auto const expected = all_by_grille(w);
  auto const& script = w.exported().script;
  w.apply(script);
  int tried = 0;
  for (std::size_t at = 0; (at = script.find("create policy ", at)) != std::string::npos; ++at) {
    auto const policy = script.substr(at, script.find(";\n", at) - at);
    auto const drop = "drop policy " + policy.substr(14, std::min(policy.find(" as restrictive"), policy.find(" for select")) - 14);
    auto const noticed = [&] { return !compare(w, expected).wrong.empty(); };
    auto const dead = policy.find("2020-01-01") != std::string::npos;  // it shows nothing any more
    w.db().run(drop);
    EXPECT_TRUE(noticed() || dead) << "without " << policy;
    auto const condition = policy.find("using (") + 7;
    if (policy.find("restrictive") == std::string::npos && policy.find("\".\"", condition) != std::string::npos) {
      w.db().run(policy.substr(0, condition) + "true or " + policy.substr(condition));
      EXPECT_TRUE(noticed()) << "opened: " << policy;
      w.db().run(drop);
    }
    w.db().run(policy);
    ++tried;
  }
  EXPECT_THAT(compare(w, expected).wrong, IsEmpty());
  EXPECT_GT(tried, 6);
}

INSTANTIATE_TEST_SUITE_P(worlds, native,
                         testing::Values(named_world{"shops", shops, 103}, named_world{"attributes", attributes, 73},
                                         named_world{"bookstore", bookstore, 93}),
                         [](auto const& p) { return std::string(p.param.name); });

// --- the script itself -----------------------------------------------------------------------------------------------------

std::string failure(std::function<void()> const& work) {
  try {
    work();
  } catch (pqxx::sql_error const& e) {
    return e.what();
  }
  return "nothing";
}

TEST(script, says_what_is_left_out_and_why) {
  both_ways w(bookstore());
  std::vector<std::string> said;
  for (auto const& l : w.exported().without) {
    said.push_back(std::to_string(l.line) + ": " + l.reason);
    EXPECT_THAT(w.exported().script, HasSubstr("--   world.grille:" + said.back() + "\n"));
  }
  auto const line = [text = w.of().policy](std::string const& of) {
    return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(of)), '\n'));
  };
  for (auto const& [sentence, reason] : {
           std::pair("allow merchant to select contact", "a mask has no native form: `email` is left out"),
           std::pair("allow support to filter", "`filter` has no native form"),
           std::pair("mask (name as 'withheld')", "a mask has no native form: `name` is left out of what it masks"),
           std::pair("deny contractor",
                     "columns are granted to roles and cannot be taken from one that others are held with: who holds `contractor` and a "
                     "role that shows "
                     "`email`, `ssn` of `users` sees none of its rows"),
           std::pair("allow analyst to aggregate", "`aggregate` has no native form"),
           std::pair("allow merchant to delete", "`delete`: rights to write are not exported"),
           std::pair(
               "allow buyer to select full on orders",
               "role `buyer` shows other columns of `orders` in other rows than role `merchant`: who holds both sees no row by either"),
       })
    EXPECT_THAT(said, Contains(line(sentence) + ": " + reason));
}

TEST(script, is_the_same_from_a_catalogue_in_a_file) {
  both_ways w(attributes());
  auto const tables = grille::postgres::read_schema(w.db().conninfo()).tables();
  auto const again = grille::introspect::read_catalog(grille::introspect::write_catalog(*tables).value()).value();
  auto const set = grille::policy_set::parse(w.of().policy, "world.grille", {}, grille::dialect::postgresql);
  auto const compiled = grille::policy::compile(set.files()->sources, again);
  ASSERT_NE(compiled.policy, nullptr);
  EXPECT_EQ(grille::govern::export_row_security(*compiled.policy).value().script, w.exported().script);
}

TEST(script, narrows_what_an_earlier_one_opened) {
  both_ways wide(
      {"create table t (id int, a int, b int); insert into t values (1, 2, 3); create table u (id int); insert into u values (1)",
       "policy p version 1; owner 'o' contact 'c'; protects t, u; role r; role s includes r; allow r to select all columns on t; allow r "
       "to select (id) on u;",
       {{R"({"id": "x", "roles": [{"role": "r"}]})", {"r"}}, {R"({"id": "y", "roles": [{"role": "s"}]})", {"s"}}},
       {"select b from t", "select id from t", "select id from u"}});
  wide.apply(wide.exported().script);
  using rows = std::vector<std::string>;
  for (std::size_t who : {0U, 1U}) EXPECT_EQ(wide.natively(who), (std::vector<answer>{rows{"3"}, rows{"1"}, rows{"1"}}));
  auto const set = grille::policy_set::parse(
      "policy p version 2; owner 'o' contact 'c'; protects t; role r; role s; allow r to select (id) on t where a = 2;", "p.grille", {},
      grille::dialect::postgresql);
  auto const compiled = grille::policy::compile(set.files()->sources, grille::postgres::read_schema(wide.db().conninfo()).tables());
  ASSERT_NE(compiled.policy, nullptr);
  wide.apply(grille::govern::export_row_security(*compiled.policy).value().script);
  EXPECT_EQ(wide.natively(0), (std::vector<answer>{answer{}, rows{"1"}, answer{}}));
  EXPECT_EQ(wide.natively(1), (std::vector<answer>{answer{}, answer{}, answer{}})) << "and the role no longer includes the other";
}

TEST(script, is_refused_where_others_have_opened_more) {
  both_ways w(attributes());
  w.db().run("grant select (id) on notes to public");
  EXPECT_THAT(failure([&] { w.db().run(w.exported().script); }), HasSubstr("everybody may select from public.notes"));
  w.db().run("revoke select (id) on notes from public; create policy mine on notes using (true)");
  EXPECT_THAT(failure([&] { w.db().run(w.exported().script); }), HasSubstr("public.notes has policies that are not of this script"));
  EXPECT_EQ(w.db().value("select count(*) from pg_policies where policyname like 'grille %'"), "0") << "all or nothing";
  w.db().run(
      "drop policy mine on notes; do $$ begin if not exists (select from pg_roles where rolname = 'grille_role_boss') then create role "
      "grille_role_boss; end if; end $$;"
      "alter role grille_role_boss bypassrls");
  EXPECT_THAT(failure([&] { w.db().run(w.exported().script); }), HasSubstr("role grille_role_boss is there already"));
  w.db().run("alter role grille_role_boss nobypassrls");
  EXPECT_EQ(failure([&] { w.db().run(w.exported().script); }), "nothing");
}

TEST(script, opens_no_other_way) {
  both_ways w(shops());
  w.apply(w.exported().script);
  auto const as_buyer = [&](std::string const& sql) {
    return failure([&] {
      pqxx::connection c(w.db().conninfo(w.login(1)));
      pqxx::nontransaction t(c);
      t.exec("select set_config('grille.principal', " + t.quote(w.of().callers[1].principal) + ", false)");
      t.exec(sql);
    });
  };
  EXPECT_EQ(as_buyer("select id from orders"), "nothing");
  // whoever could call it would ask it of rows that are not there
  EXPECT_THAT(as_buyer("select grille_policy.predicate_1(18, 17)"), HasSubstr("permission denied for schema grille_policy"));
  EXPECT_THAT(as_buyer("select grille_policy.caller()"), HasSubstr("permission denied for schema grille_policy"));
  EXPECT_THAT(as_buyer("select delegator from delegations"), HasSubstr("permission denied for table delegations"));
  EXPECT_THAT(as_buyer("select ctid from orders"), HasSubstr("permission denied for table orders"));
  EXPECT_THAT(as_buyer("set role grille_policy_reader"), HasSubstr("permission denied to set role"));
  EXPECT_THAT(as_buyer("insert into orders (id) values (99)"), HasSubstr("permission denied for table orders"));
  EXPECT_THAT(as_buyer("update orders set total = 0"), HasSubstr("permission denied for table orders"));
  EXPECT_THAT(as_buyer("select set_config('grille.principal', '{\"id\"', false); select id from orders"),
              HasSubstr("invalid input syntax for type json"));
  w.db().run("create role " + w.login(99) + " login; alter table orders owner to " + w.login(99));
  pqxx::connection owner(w.db().conninfo(w.login(99)));
  EXPECT_EQ(pqxx::nontransaction(owner).exec("select count(*) from orders")[0][0].as<int>(), 0) << "the owner is held too";
  w.db().run("reassign owned by " + w.login(99) + " to postgres; drop owned by " + w.login(99) + "; drop role " + w.login(99));
}

}  // namespace
