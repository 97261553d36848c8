// Plans of writes, as they are made, must pass; each of them with one text changed must be refused. A plan is proven as a whole: what
// one step says must fit what the others say.
#include "rewrite/write.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"
#include "verify/guarded_write.hpp"
#include "verify/shop.hpp"

namespace grille::verify {
namespace {

using kind = bound::step_kind;

constexpr std::string_view rules = R"(
allow buyer to select (id, buyer_id, status, total) on orders where buyer_id = principal.user_id;
allow buyer to insert (id, shop_id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that total > 0;
allow buyer to update (status, total) on orders where buyer_id = principal.user_id so that status = 'held' and old.status = 'open';
allow buyer to update (total, note) on orders where buyer_id = principal.user_id and total < 100;
allow buyer to delete on orders where buyer_id = principal.user_id and status <> 'sent';
restrict update on orders to desk = 1;
restrict insert on orders to total < 1000;
allow merchant to select (id, shop_id, status, note) on orders where shop_id = scope.shop_id;
allow merchant to update (status, shop_id) on orders where shop_id = scope.shop_id;
allow merchant to filter (total) on orders;
allow support to update (note) on orders where desk = 2;
projection card on users shows id, email masked as substr(email, 1, 1);
allow support to select card on users;
allow support to update (name) on users;
allow merchant to select (id, title) on books;
allow merchant to select (id, price) on books where title = 'open';
mask (title as '?') on books where price > 9;
allow merchant to update (price, title) on books;
allow auditor to update blind (email) on users where id < 9;
)";

struct made {
  printed_write write;
  base::arena memory;
};

/// The plan, as the session makes it.
std::unique_ptr<made> plan_of(std::string_view sql, policy::access const& who) {
  auto out = std::make_unique<made>();
  auto& memory = out->memory;
  auto const tree = grammar::parse_statement(sql, dialect::sqlite, memory);
  if (!tree) throw std::runtime_error(tree.error().message);
  auto bound = bind::bind_write(**tree, {.visible = who, .memory = memory, .text = sql});
  if (!bound) throw std::runtime_error(bound.error().message);
  auto& w = **bound;
  auto plan = rewrite::plan(w, who, memory);
  if (!plan) throw std::runtime_error(plan.error().message);
  out->write = {.method = w.method, .table = w.table, .temporary = plan->temporary, .steps = {}};
  for (auto const& s : plan->steps) {
    auto const unbound = bind::unbind(s, *w.table, w.method, dialect::sqlite, memory);
    auto const* const changes = w.conflict == nullptr || w.conflict->update == nullptr ? nullptr : w.conflict->update->rows;
    bool const callers = s.query != nullptr && (s.query == w.rows || s.query == w.returning || s.query == changes);
    out->write.steps.push_back({.kind = s.kind,
                                .sql = print::print(*unbound.statement, dialect::sqlite, print::chains::balanced),
                                .slots = unbound.slots,
                                .caller_parameters = callers ? w.parameters : 0,
                                .allowed = {}});
  }
  return out;
}

/// The first of that kind with that text in it, or the first of that kind.
write_step& step(printed_write& w, kind k, std::string const& text) {
  auto const is = [&](write_step const& s) { return s.kind == k; };
  auto const found = std::find_if(w.steps.begin(), w.steps.end(), [&](write_step const& s) { return is(s) && s.sql.find(text) != std::string::npos; });
  return found != w.steps.end() ? *found : *std::find_if(w.steps.begin(), w.steps.end(), is);
}
std::string texts(printed_write const& w) {
  std::string out;
  for (auto const& s : w.steps) out += s.sql + "\n";
  return out;
}

struct sabotage {
  char const* name;
  char const* roles;
  char const* sql;
  kind where;
  std::string from, to;
  char const* reason;  // part of it
};

std::vector<sabotage> const& all() {
  static char const* const pay = "update orders set status = 'held', total = total + 1 where id = 3 returning id, total";
  static char const* const note = "update orders set total = 5, note = 'x' where id = 3";
  static char const* const add = "insert into orders (shop_id, total) values (?1, ?2) returning id";
  static char const* const drop = "delete from orders where total > 3 returning id";
  static char const* const put =
      "insert into orders (id, shop_id, total) values (?1, 1, 5) on conflict (id) do update set status = 'held', total = excluded.total returning id";
  static char const* const both = "update orders set status = 'held', total = o.total from orders o where o.id = orders.id + 1";
  static std::vector<sabotage> const list{
      // the check
      {"the row after is not asked", "buyer", pay, kind::check, R"( and ("r2"."status" = 'held'))", "", "no one grant allows"},
      {"the row before is not asked", "buyer", pay, kind::check, R"( and ("r1"."c4" = 'open'))", "", "no one grant allows"},
      {"the row before is another column", "buyer", pay, kind::check, R"("r1"."c4" = 'open')", R"("r1"."c2" = 'open')",
       "no one grant allows"},
      {"the row after is taken for the row before", "buyer", pay, kind::check, R"("r1"."c4" = 'open')", R"("r2"."status" = 'open')",
       "no one grant allows"},
      {"a restrict is not asked", "buyer", pay, kind::check, R"( and ("r2"."desk" = 1))", "", "no one grant allows"},
      {"whether it may is not asked", "buyer", pay, kind::check, R"("r1"."c5" and )", "", "no one grant allows"},
      {"whether it may is another column", "buyer", pay, kind::check, R"("r1"."c5")", R"("r1"."c2")", "no one grant allows"},
      {"a row passes without more", "buyer", pay, kind::check, R"(("r1"."c5" and)", R"((1 or "r1"."c5" and)", "no one grant allows"},
      {"another row is asked", "buyer", pay, kind::check, R"("r2"."rowid" = "r1"."c3")", R"("r2"."id" = "r1"."c3")", "their key"},
      {"any row is asked", "buyer", pay, kind::check, R"(("r2"."rowid" = "r1"."c3") and )", "", "their key"},
      {"some rows are not asked", "buyer", pay, kind::check, "where not", R"(where "r1"."c1" = 'a' and not)", "every row"},
      {"rows that are there are told", "buyer", pay, kind::check, "where not exists", "where exists", "every row"},
      {"a limit", "buyer", pay, kind::check, " where not", " where not", ""},
      {"the other grant's where stands for this one's", "buyer", note, kind::check, R"("r2"."total" < 100)", R"("r2"."status" = 'held')",
       "no one grant allows"},
      {"the where does not hold after", "buyer", note, kind::check, R"( and ("r2"."total" < 100))", "", "no one grant allows"},
      {"one tuple's row after for another's row before", "merchant 1, merchant 9", "update orders set shop_id = 9", kind::check, "", "",
       "swap"},
      {"the stored row is not asked", "buyer", add, kind::check, R"((("r2"."total" > 0) and)", "(", "no one grant allows"},
      {"a restrict of inserts is not asked", "buyer", add, kind::check, R"( and ("r2"."total" < 1000))", "", "no one grant allows"},
      {"whether it may be deleted is not asked", "buyer", drop, kind::check, R"( and "r1"."c2")", "", "no one grant allows"},
      // the apply
      {"one more column", "buyer", pay, kind::apply, R"(set "status" = "r2"."c1")", R"(set "note" = "r2"."c1", "status" = "r2"."c1")",
       "no one grant allows"},
      {"another column", "buyer", pay, kind::apply, R"(set "status")", R"(set "note")", "no one grant allows"},
      {"a column twice", "buyer", pay, kind::apply, R"("status" = "r2"."c1")", R"("status" = "r2"."c1", "status" = "r2"."c1")", "twice"},
      {"the key", "buyer", pay, kind::apply, R"(set "status")", R"(set "id")", "a key"},
      {"a column for the plan as a value", "buyer", pay, kind::apply, R"("r2"."c2")", R"("r2"."c4")", ""},
      {"a value of its own", "buyer", pay, kind::apply, R"("status" = "r2"."c1")", R"("status" = 'held')", "no one grant allows"},
      {"all rows", "buyer", pay, kind::apply, R"( where "r1"."rowid" = "r2"."c3")", "", "those collected"},
      {"rows by another column", "buyer", pay, kind::apply, R"("r1"."rowid" = "r2"."c3")", R"("r1"."id" = "r2"."c3")", "those collected"},
      {"rows by another key", "buyer", pay, kind::apply, R"("r2"."c3")", R"("r2"."c5")", ""},
      {"another table", "buyer", pay, kind::apply, R"("main"."orders")", R"("main"."books")", "something else"},
      {"or replace", "buyer", pay, kind::apply, " or abort", " or replace", "known forms"},
      {"what the constraints say", "buyer", pay, kind::apply, " or abort", "", "conflict"},
      {"what the constraints say of inserts", "buyer", add, kind::apply, " or abort", "", "conflict"},
      {"returning", "buyer", pay, kind::apply, R"("r2"."c3")", R"("r2"."c3" returning note)", "returns something"},
      {"what is forced is not", "buyer", add, kind::apply, R"("buyer_id", )", "", ""},
      {"another value is forced", "buyer", add, kind::apply, "'open'", "'sent'", "no one grant allows"},
      {"one more column is inserted", "buyer", add, kind::apply, R"("status") select)", R"("status", "note") select 'x',)",
       "no one grant allows"},
      {"an insert that replaces", "buyer", add, kind::apply, "insert or abort into", "replace into", "known forms"},
      {"another key is returned", "buyer", add, kind::apply, R"(returning "rowid")", R"(returning "shop_id")", "whole key"},
      {"no key is returned", "buyer", add, kind::apply, R"( returning "rowid")", "", "whole key"},
      {"rows of another table are inserted", "buyer", add, kind::apply, R"("c2", )", R"((select ssn from users), )", ""},
      {"all rows are deleted", "buyer", drop, kind::apply, " where ", " where true or ", "than were collected"},
      {"other rows are deleted", "buyer", drop, kind::apply, "in (select", "not in (select", "than were collected"},
      {"another key is deleted by", "buyer", drop, kind::apply, R"("r1"."rowid" in)", R"("r1"."id" in)", "another key"},
      // what is collected
      {"a hidden column for a value", "buyer", pay, kind::collect, R"(select 'held')",
       R"(select (select "z"."note" from "main"."orders" as "z"))", "without a guard"},
      {"no guard", "buyer", pay, kind::collect, R"("r2"."buyer_id" = ?1)", "true", ""},
      {"into another table", "buyer", pay, kind::collect, R"(insert into "temp".)", R"(insert into "main".)", "temporary table"},
      {"what it may is another condition", "buyer", pay, kind::collect, R"("r2"."desk" = 1)", R"("r2"."desk" = 2)", ""},
      {"what it may is less", "buyer", pay, kind::collect, R"( and ("r2"."desk" = 1))", "", ""},
      {"an old value that is another", "buyer", pay, kind::collect, R"("r2"."status" as "old")", R"("r2"."note" as "old")", ""},
      {"a column that may be used, not seen, for a value", "merchant 1", "update orders set status = 'x' where total = ?1", kind::collect,
       R"(select 'x')", R"(select "r1"."total")", "may use, not see"},
      // what is returned
      {"a hidden column is returned", "buyer", pay, kind::result, R"("r1"."id" as)", R"("r1"."k1" as)", ""},
      {"other rows are returned", "buyer", pay, kind::result, R"(where "r1"."key")", R"(where true or "r1"."key")", "other rows"},
      {"rows are returned without a guard", "buyer", pay, kind::result, R"("r2"."buyer_id" = ?1)", "true", ""},
      {"deleted rows are returned without a guard", "buyer", drop, kind::result, R"("r2"."buyer_id" = ?1)", "true", ""},
      // cells that are masked or withheld in some rows
      {"a withheld cell is assigned", "merchant 1", "update books set price = 1", kind::collect,
       R"(("r2"."title" = 'open') is true as "may")", R"(("r2"."id" = 1) is true as "may")", ""},
      {"whether a cell is withheld is not asked", "merchant 1", "update books set price = 1", kind::check, R"( and "r1"."c3")", "",
       "no one grant allows"},
      {"a masked cell is assigned", "merchant 1", "update books set title = 'x'", kind::collect, R"(is false) is true)",
       R"(is not null) is true)", ""},
      {"whether a cell is masked is not asked", "merchant 1", "update books set title = 'x'", kind::check, R"( and "r1"."c3")", "",
       "no one grant allows"},
      // a row in the way
      {"hidden rows in the way are not looked for", "buyer", put, kind::conflict, R"("r2"."buyer_id" = ?1)", R"("r2"."shop_id" = ?1)",
       "taken for one that the caller sees"},
      {"rows in the way are looked for by another column", "buyer", put, kind::conflict, R"("r2"."id" = "r1"."c1")", R"("r2"."id" = "r1"."c2")",
       "something else than a key"},
      {"a proposed row is not asked", "buyer", put, kind::check, R"("r1"."c7" > 0)", R"("r1"."c3" > 0)", "no one grant allows"},
      {"a restrict is not asked of a proposed row", "buyer", put, kind::check, R"( and ("r1"."c7" < 1000))", "", "no one grant allows"},
      {"some proposed rows are not asked", "buyer", put, kind::check, R"( is not true)", R"( is false)", "every row that is proposed"},
      {"what the policy sets is read", "buyer", put, kind::collect, R"("r3"."c7")", R"("r3"."c2")", "in the caller's text"},
      {"rows in the way by another column", "buyer", put, kind::collect, R"(= "r3"."c1")", R"(= "r3"."c3")", "something else than a key"},
      {"a hidden row in the way is read", "buyer", put, kind::collect, R"("r2"."buyer_id" = ?2)", "true", ""},
      {"other rows are new than were proposed", "buyer", put, kind::collect, R"("r1"."c6", "r1"."c7")", R"("r1"."c7", "r1"."c6")", "not proposed"},
      {"another value is proposed than is forced", "buyer", put, kind::collect, "'open'", "'sent'", "no one grant allows"},
      {"the row in the way is not asked after", "buyer", put, kind::check, R"( and ("r2"."status" = 'held'))", "", "no one grant allows"},
      {"a conflict that updates by itself", "buyer", put, kind::apply, " returning", R"( on conflict ("id") do update set "note" = 'x' returning)", ""},
      {"a conflict that leaves out", "buyer", put, kind::apply, " returning", " where 1 on conflict do nothing returning", "left out"},
      {"columns from another row", "buyer", both, kind::apply, R"( where "r1"."rowid" = "r2"."c3")", "", "those collected"},
      {"a hidden table joined", "buyer", both, kind::collect, R"(from "main"."orders" as "r4")", R"(from "main"."users" as "r4")", ""},
      // a table of which nothing is seen
      {"unseen rows are read", "support", "update orders set note = 'x'", kind::collect, "select 'x'", R"(select "r1"."key")", ""},
      {"rows that may not be written", "support", "update orders set note = 'x'", kind::collect, R"(where ("r2"."desk" = 2))",
       R"(where ("r2"."desk" = 3))", ""},
      {"a masked column by a grant that is not blind", "support", "update users set name = 'x'", kind::apply, R"(set "name")",
       R"(set "email")", "no one grant allows"},
  };
  return list;
}

class plans : public ::testing::TestWithParam<sabotage> {};

TEST_P(plans, are_refused_when_they_are_broken) {
  auto const& s = GetParam();
  auto const who = testing::caller(testing::shop_policy(rules), s.roles);
  auto const good = plan_of(s.sql, *who);
  auto const before = texts(good->write);
  {
    auto const passed = verify(good->write, *who);
    ASSERT_TRUE(passed) << passed.error().help << "\n" << before;
  }
  auto broken = good->write;
  auto& text = step(broken, s.where, s.from).sql;
  if (s.from.empty()) {  // two tuples: what one was before, what the other is after
    auto const a = text.find(R"("r1"."c3")"), b = text.find(R"("r1"."c4")");
    ASSERT_TRUE(a != std::string::npos && b != std::string::npos) << text;
    text[a + 7] = '4';
    text[b + 7] = '3';
  } else if (s.from == s.to) {
    text += " limit 1";
  } else {
    auto const at = text.find(s.from);
    ASSERT_NE(at, std::string::npos) << s.from << " is not in\n" << before;
    text.replace(at, s.from.size(), s.to);
  }
  auto const refused = verify(broken, *who);
  ASSERT_FALSE(refused) << text;
  EXPECT_EQ(refused.error().kind, errc::unsupported);
  if (std::string_view(s.reason) == "swap") return;
  EXPECT_NE(refused.error().help.find(s.reason), std::string::npos) << refused.error().help << "\n" << text;
}

std::string name_of(::testing::TestParamInfo<sabotage> const& i) {
  std::string out(i.param.name);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return out;
}
INSTANTIATE_TEST_SUITE_P(writes, plans, ::testing::ValuesIn(all()), name_of);

TEST(plans, steps_that_are_missing_or_in_another_order_are_refused) {
  auto const who = testing::caller(testing::shop_policy(rules), "buyer");
  for (auto const* sql : {"update orders set total = 1, note = 'x' returning id", "insert into orders (total) values (1) returning id",
                          "delete from orders returning id"}) {
    auto const good = plan_of(sql, *who);
    ASSERT_TRUE(verify(good->write, *who)) << sql;
    for (std::size_t i = 0; i < good->write.steps.size(); ++i) {
      auto less = good->write;
      auto const was = less.steps[i].kind;
      less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_EQ(verify(less, *who).has_value(), was == kind::result) << sql << ", without step " << i;
      if (i == 0) continue;
      auto other = good->write;
      std::swap(other.steps[i - 1], other.steps[i]);
      EXPECT_FALSE(verify(other, *who)) << sql << ", with step " << i << " earlier";
    }
  }
}

TEST(plans, of_upserts_look_before_they_write) {
  auto const who = testing::caller(testing::shop_policy(rules), "buyer");
  auto const good = plan_of("insert into orders (id, total) values (1, 1) on conflict (id) do update set status = 'held' returning id", *who);
  ASSERT_TRUE(verify(good->write, *who));
  std::vector<kind> refused;
  for (std::size_t i = 0; i < good->write.steps.size(); ++i) {
    auto less = good->write;
    less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
    if (!verify(less, *who)) refused.push_back(good->write.steps[i].kind);
  }
  // all but the two that look at the rows of the plan alone
  EXPECT_EQ(refused.size() + 2, good->write.steps.size());
  EXPECT_EQ(std::count(refused.begin(), refused.end(), kind::conflict), 1);
  EXPECT_EQ(std::count(refused.begin(), refused.end(), kind::check), 3);
}

TEST(plans, are_of_the_caller_and_table_they_were_made_for) {
  auto const policy = testing::shop_policy(rules);
  auto const buyer = testing::caller(policy, "buyer"), merchant = testing::caller(policy, "merchant 1"),
             nobody = testing::caller(policy, "contractor");
  auto const good = plan_of("update orders set total = 1, note = 'x'", *buyer);
  EXPECT_TRUE(verify(good->write, *buyer));
  EXPECT_FALSE(verify(good->write, *merchant));
  EXPECT_FALSE(verify(good->write, *nobody));
  auto other = good->write;
  other.table = policy->catalog->find("", "users");
  EXPECT_FALSE(verify(other, *buyer));
  other = good->write;
  other.method = method::remove;
  EXPECT_FALSE(verify(other, *buyer));
}

TEST(plans, a_temporary_table_that_keeps_values_otherwise_is_refused) {
  auto const who = testing::caller(testing::shop_policy(rules), "buyer");
  auto const good = plan_of("update orders set status = 'held', total = 1", *who);
  ASSERT_TRUE(verify(good->write, *who));
  // the row before compares as the table's column does, without case; kept in a column that does not it would be another condition
  auto broken = good->write;
  auto const name = catalog::scratch_table(broken.temporary[0]).name;
  for (auto& c : broken.temporary[0].columns) c.collation.clear();
  auto const other = catalog::scratch_table(broken.temporary[0]).name;
  for (auto& s : broken.steps)
    for (auto at = s.sql.find(name); at != std::string::npos; at = s.sql.find(name)) s.sql.replace(at, name.size(), other);
  EXPECT_FALSE(verify(broken, *who));
}

}  // namespace
}  // namespace grille::verify
