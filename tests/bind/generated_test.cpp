// Random queries about names. Whatever the engine refuses, `bind` refuses; what both take has the same answer. And what is hidden
// is as if it were not there: the oracle is then a database that has never had it.
#include <iostream>

#include "bind/engine.hpp"
#include "bind/generator.hpp"

namespace grille::bind {
namespace {

constexpr std::string_view schema = R"(
create table t(a, b, c);
insert into t values (1,2,3), (4,5,6), (7,2,9), (null,5,1);
create table u(a, d);
insert into u values (1,2), (4,40), (8,1), (null,4);
create table v(b, d, e);
insert into v values (2,2,100), (5,40,9), (4,1,4);
create table k(a integer primary key, e text collate nocase);
insert into k values (1,'p'), (2,'Q'), (4,'q');
)";

TEST(generated, what_the_engine_refuses_is_refused_and_the_rest_keeps_its_answer) {
  engine const db(schema);
  auto const catalog = db.catalog();
  full_catalog const visible(*catalog);
  auto const* rounds = std::getenv("GRILLE_GENERATED");
  unsigned const most = rounds == nullptr ? 6'000 : static_cast<unsigned>(std::stoul(rounds));
  unsigned taken = 0, same = 0, refused = 0, wrong = 0;
  for (unsigned seed = 1; seed <= most && wrong < 12; ++seed) {
    auto const sql = generator(seed).statement();
    auto const expected = db.ask(sql);
    auto const p = pass(visible, sql);
    if (!expected.error.empty()) {
      if (p.fault.empty()) {
        ++wrong;
        ADD_FAILURE() << seed << ": " << sql << "\nthe engine: " << expected.error << "\nprinted: " << p.sql;
      }
      continue;
    }
    if (db.ask(sql) != expected) continue;  // some names of repeated columns are random
    ++taken;
    if (!p.fault.empty()) {
      ++refused;
      if (std::getenv("GRILLE_GENERATED_SHOW") != nullptr) std::cout << sql << "\n    " << p.fault << "\n";
      continue;
    }
    auto const got = db.ask(p.sql);
    if (got == expected) {
      ++same;
      continue;
    }
    ++wrong;
    ADD_FAILURE() << seed << ": " << sql << "\n" << p.sql << "\nexpected " << expected << "\ngot " << got;
  }
  std::cout << most << " made, " << taken << " taken by the engine, " << same << " with the same answer, " << refused << " refused\n";
  EXPECT_GT(taken, most / 12);
  EXPECT_GT(same, taken * 9 / 10);
}

/// Hides `c` of t, `d` of u, `e` of k, and v altogether.
class some_hidden final : public visible_catalog {
 public:
  explicit some_hidden(catalog::catalog const& c) {
    for (auto const& t : c.tables()) {
      if (t.name == "v") continue;
      auto& made = tables_.emplace_back(visible_table{&t, {}});
      for (unsigned i = 0; i < t.columns.size(); ++i)
        if (t.columns[i].name != (t.name == "t" ? "c" : t.name == "u" ? "d" : "e")) made.columns.push_back({i, true});
    }
  }
  dialect which() const override { return dialect::sqlite; }
  base::result<visible_table const*> find(std::string_view, std::string_view name) const override {
    for (auto const& t : tables_)
      if (catalog::same_name(t.table->name, name)) return &t;
    return nullptr;
  }

 private:
  std::vector<visible_table> tables_;
};

TEST(generated, what_is_hidden_is_as_if_it_were_not_there) {
  engine const all(schema);
  engine const only_visible(R"(
create table t(a, b);
insert into t values (1,2), (4,5), (7,2), (null,5);
create table u(a);
insert into u values (1), (4), (8), (null);
create table k(a integer primary key);
insert into k values (1), (2), (4);
)");
  auto const catalog = all.catalog();
  some_hidden const visible(*catalog);
  unsigned const most = 12'000;
  unsigned taken = 0, same = 0, wrong = 0;
  for (unsigned seed = 1; seed <= most && wrong < 12; ++seed) {
    auto const sql = generator(seed).statement();
    auto const expected = only_visible.ask(sql);
    auto const p = pass(visible, sql);
    if (!expected.error.empty()) {
      wrong += p.fault.empty() ? 1 : 0;
      EXPECT_NE(p.fault, "") << seed << ": " << sql << "\nwithout the hidden: " << expected.error << "\nprinted: " << p.sql;
      continue;
    }
    if (only_visible.ask(sql) != expected) continue;
    ++taken;
    if (!p.fault.empty()) continue;
    auto const got = all.ask(p.sql);
    same += got == expected ? 1 : 0;
    wrong += got == expected ? 0 : 1;
    EXPECT_EQ(got, expected) << seed << ": " << sql << "\n" << p.sql;
  }
  std::cout << most << " made, " << taken << " taken without the hidden, " << same << " with the same answer\n";
  EXPECT_GT(taken, most / 60);
  EXPECT_GT(same, taken * 8 / 10);
}

}  // namespace
}  // namespace grille::bind
