// A small shop: what is in it, who may see what of it. Rows and cells that nobody but the administrator sees say `canary`.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exec/scratch.hpp"
#include "grille/grille.hpp"

namespace shop {

inline constexpr std::string_view schema = R"(
  create table users (id integer primary key, name text not null, email text collate nocase, ssn text);
  create table orders (id integer primary key, buyer_id integer not null, shop_id integer not null, status text not null,
                       total numeric(10, 2), created_at text, note text);
  create table books (id integer primary key, title text not null, cost numeric);
  create table unprotected (x);
)";

inline constexpr std::string_view data = R"(
  insert into users values (17, 'Anna', 'anna@example.org', 'canary'), (18, 'Bo', 'bo@example.org', 'canary'), (40, 'Mark', null, 'canary');
  insert into orders values
    (1, 17, 1, 'open',    20.10, '2026-01-05 10:00:00', 'a'),
    (2, 17, 7, 'shipped', 30,    '2026-02-05 10:00:00', 'b'),
    (3, 18, 1, 'open',    40.50, '2026-03-05 10:00:00', 'canary'),
    (4, 17, 1, 'open',    null,  '2999-01-01 00:00:00', 'd'),
    (5, 18, 9, 'shipped', 50,    '2026-04-05 10:00:00', 'canary');
  insert into books values (1, 'The Cardan Grille', 3), (2, 'On Windows', 4);
)";

inline constexpr std::string_view rules = R"(
  policy shop version 2;
  owner 'the shop' contact 'shop@example.org';
  protects users, orders, books;
  principal has user_id integer optional, weight real optional, since timestamp optional;
  context has network text optional;
  role buyer from group 'customers';
  role merchant per shop_id integer;
  role administrator from group 'it';
  role clerk from group 'clerks';

  specification mine on orders means buyer_id = principal.user_id;
  specification over (amount numeric) on orders means total > amount;
  specification mine_over (amount numeric) on orders means mine and over(amount);
  specification in_my_shop on orders means shop_id = scope.shop_id;
  specification past on orders means created_at < current_timestamp;
  specification noted on orders means note = 'a';
  specification of_anna on orders means exists (select 1 from users u where u.id = orders.buyer_id and u.name = 'Anna');

  projection full  on orders shows id, buyer_id, shop_id, status, total, note;
  projection brief on orders shows id, status;

  allow public to select (id, title) on books;
  allow buyer to select full on orders where mine;
  allow buyer to insert (shop_id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that shop_id > 0;
  projection card on users shows id, name, email masked as substr(email, 1, 1) || '***';
  allow buyer to select card on users where id = principal.user_id;
  allow merchant to select (id, buyer_id, shop_id, status, total, created_at) on orders where in_my_shop;
  allow administrator to select all columns, delete on users, orders;
  allow clerk to insert (id, title) on books so that title is not null when context.network = 'internal';
  restrict select on orders to status <> 'secret';
)";

inline grille::policy_set policies() { return grille::policy_set::parse(rules, "shop.grille"); }
inline grille::policy_set policies_with(std::string_view more) { return grille::policy_set::parse(std::string(rules) + std::string(more), "shop.grille"); }

inline grille::principal anna() { return grille::principal("b-17").with("user_id", 17).group("customers"); }
inline grille::principal mark() { return grille::principal("m-40").role("merchant", {{"shop_id", 1}}).role("merchant", {{"shop_id", 9}}); }
inline grille::principal admin() { return grille::principal("a-1").group("it"); }

/// A file with the shop in it.
class file : public scratch::file {
 public:
  file() {
    scratch::handle const h(path());
    h.must(std::string(schema));
    h.must(std::string(data));
  }
  void change(std::string const& sql) const { scratch::handle(path()).must(sql); }
};

class sink : public grille::audit_sink {
 public:
  void write(grille::audit_event const& e) override {
    std::lock_guard const lock(guard_);
    if (broken) throw std::runtime_error("the sink is broken");
    events_.push_back(e);
  }
  std::vector<grille::audit_event> events() const {
    std::lock_guard const lock(guard_);
    return events_;
  }
  void clear() {
    std::lock_guard const lock(guard_);
    events_.clear();
  }
  bool broken = false;

 private:
  std::mutex mutable guard_;
  std::vector<grille::audit_event> events_;
};

class with_a_shop : public testing::Test {
 protected:
  grille::sqlite::database open(grille::options o = {}) const { return grille::sqlite::database(file_.path(), policies(), std::move(o)); }
  file file_;
};

/// What a call fails with, as "kind: message", or "nothing".
template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
  return "nothing";
}

}  // namespace shop
