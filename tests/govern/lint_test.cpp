// Each remark of the lint, on a policy that has just that fault, and on its twin that has not.
#include "govern/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "introspect/introspect.hpp"
#include "session/policy_files.hpp"

namespace {

using namespace grille;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto* tables =
    "create table orders (id integer primary key, buyer_id integer, shop_id integer, status text, email text, total numeric);"
    "create table users (id integer primary key, name text, email text);"
    "create table logs (at text, line text);"
    "create table users_then (id integer not null, name text, email text, grille_number integer primary key, grille_at text, grille_by text, grille_for text,"
    " grille_policy text, grille_method text);";
constexpr auto* head =
    "policy p version 1; owner 'o' contact 'c';\n"
    "protects orders, users;\n"
    "principal has user_id integer;\n"
    "role buyer from group 'customers';\n"
    "role merchant per shop_id integer;\n"
    // so that nothing below is unreachable or unused but by intent
    "allow buyer to select (id, name) on users where id = principal.user_id;\n"
    "allow merchant to select (id, total) on orders where shop_id = scope.shop_id;\n";

using namespace std::chrono;
constexpr policy::day today = sys_days{year{2026} / 11 / 22};

std::vector<diagnostic> lint_of(std::string const& text, std::string const& lock = {}) {
  auto const set = policy_set::parse(text, "p.grille", lock);
  auto const catalog = introspect::read_sqlite_schema(tables);
  EXPECT_TRUE(catalog.has_value());
  auto const made = policy::compile(set.files()->sources, *catalog);
  for (auto const& f : made.faults) ADD_FAILURE() << f.at.line << ": " << f.message;
  return made.policy == nullptr ? std::vector<diagnostic>{} : govern::lint(*made.policy, set.files()->sources, today);
}
std::vector<std::string> remarks(std::string const& more, std::string const& lock = {}) {
  std::vector<std::string> out;
  for (auto const& d : lint_of(head + more, lock)) {
    EXPECT_TRUE(d.warning);
    EXPECT_EQ(d.file, "p.grille");
    out.push_back(std::to_string(d.at.line) + ": " + d.message);
  }
  return out;
}

TEST(lint, a_policy_without_fault_gets_no_remark) { EXPECT_THAT(remarks(""), IsEmpty()); }

TEST(lint, unused_specifications) {
  EXPECT_THAT(remarks("specification mine on orders means buyer_id = principal.user_id;"), ElementsAre("8: specification `mine` on `orders` is not used by any sentence"));
  EXPECT_THAT(remarks("specification mine on orders means buyer_id = principal.user_id;\nallow buyer to select (id) on orders where mine;"), IsEmpty());
  EXPECT_THAT(remarks("specification big (n integer) on orders means total > n;\nrestrict select on orders to big(5);"), IsEmpty());
}
TEST(lint, unused_roles) {
  EXPECT_THAT(remarks("role visitor;"), ElementsAre("8: role `visitor` is not used by any sentence"));
  EXPECT_THAT(remarks("role visitor;\nrestrict select on orders to total > 0 except for visitor;"), IsEmpty());
  EXPECT_THAT(remarks("role clerk includes buyer;"), IsEmpty());
}
TEST(lint, dead_grants) {
  EXPECT_THAT(remarks("allow buyer to select (total) on orders where buyer_id = principal.user_id until '2026-11-21';"),
              ElementsAre("8: dead grant: select on `orders` for `buyer` ended after 2026-11-21"));
  EXPECT_THAT(remarks("allow buyer to select (total) on orders where buyer_id = principal.user_id until '2026-11-22';"), IsEmpty()) << "the last valid day";
  EXPECT_THAT(remarks("allow buyer to select (total) on orders where buyer_id = principal.user_id and status = null;"), ElementsAre("8: dead grant: the condition of select on `orders` for `buyer` is never true"));
  EXPECT_THAT(remarks("allow buyer to select (email) on users where id = principal.user_id;\ndeny buyer to select (email) on users;"),
              ElementsAre("8: dead grant: a `deny` bars all of select on `users` for `buyer`"));
  EXPECT_THAT(remarks("allow buyer to select (email, id) on users where id = principal.user_id;\ndeny buyer to select (email) on users;"), IsEmpty());
  EXPECT_THAT(remarks("restrict delete on users to name = null;\nallow buyer to delete on users where id = principal.user_id;"),
              ElementsAre("9: dead grant: a `restrict` leaves no row of delete on `users` for `buyer`"));
}
TEST(lint, protected_tables_that_nobody_can_reach) {
  EXPECT_THAT(remarks("protects logs;"), ElementsAre("8: nobody can reach the protected table `logs`"));
  EXPECT_THAT(remarks("protects logs;\nallow public to select (at) on logs;"), IsEmpty());
  EXPECT_THAT(remarks("protects logs;\nallow public to select (at) on logs until '2020-01-01';"), Contains(HasSubstr("nobody can reach the protected table `logs`")));
  EXPECT_THAT(remarks("protects logs;\nexempt logs for select because 'no personal data' until '2027-01-01';"), IsEmpty());
}
TEST(lint, columns_new_since_acceptance) {
  auto const all = "protects logs;\nallow public to select all columns on logs;";
  EXPECT_THAT(remarks(all), ElementsAre(HasSubstr("9: `all columns` without a lock file")));
  std::string const accepted = "policy p version 1\ntable logs\n  at\n  line\ntable orders\n  id\n  buyer_id\n  shop_id\n  status\n  email\n  total\ntable users\n  id\n  name\n  email\n";
  EXPECT_THAT(remarks(all, accepted), IsEmpty());
  auto older = accepted;
  older.erase(older.find("  line\n"), 7);
  EXPECT_THAT(remarks(all, older), ElementsAre("8: column `line` of `logs` is new since the policy was accepted: `all columns` does not take it in"));
}
TEST(lint, all_columns_over_tags) {
  EXPECT_THAT(remarks("tag (line) on logs as secret;\nprotects logs;\nallow public to select all columns on logs;"),
              Contains(AllOf(HasSubstr("10: "), HasSubstr("`line`"), HasSubstr("`secret`"))));
}
TEST(lint, a_role_without_scope_over_a_scoped_table) {
  EXPECT_THAT(remarks("role manager;\nallow manager to select (id), delete on orders;"),
              ElementsAre("9: role `manager` has no scope, yet reaches rows of `orders` that `merchant` holds only per scope"));
  EXPECT_THAT(remarks("role manager;\nallow manager to select (id) on orders where total > 100;"), testing::SizeIs(1));
  EXPECT_THAT(remarks("allow buyer to select (id) on orders where buyer_id = principal.user_id;"), IsEmpty()) << "tied to the principal";
  EXPECT_THAT(remarks("role manager per shop_id integer;\nallow manager to select (id) on orders where shop_id = scope.shop_id;"), IsEmpty());
  EXPECT_THAT(remarks("allow buyer to insert (total) on orders setting buyer_id = principal.user_id so that total > 0;"), IsEmpty()) << "tied by its setting";
  EXPECT_THAT(remarks("role manager;\nallow manager to select (id) on users;"), IsEmpty()) << "not a scoped table";
  EXPECT_THAT(remarks("role manager;\nallow manager to aggregate (total) over at least 5 on orders;"), IsEmpty()) << "shows no row";
}
TEST(lint, histories) {
  std::string const kept = "protects users_then; keep history of users in users_then;\nallow buyer to select (id, email) on users_then where id = principal.user_id;\n";
  EXPECT_THAT(remarks(kept), IsEmpty());
  EXPECT_THAT(remarks(kept + "mask (email as null) on users;"), ElementsAre("9: `email` is masked on `users`, and shown plain in its history `users_then`"));
  EXPECT_THAT(remarks(kept + "mask (email as null) on users; mask (email as null) on users_then;"), IsEmpty());
  EXPECT_THAT(remarks(kept + "mask (name as null) on users;"), IsEmpty()) << "its history does not show it";
  EXPECT_THAT(remarks(kept + "allow buyer to delete on users_then where id = principal.user_id;"),
              ElementsAre("10: dead grant: delete on `users_then` for `buyer`, a history, is written with `users` alone"));
  EXPECT_THAT(remarks(kept + "allow buyer to purge on users where id = principal.user_id;"), IsEmpty());
  EXPECT_THAT(remarks("allow buyer to purge on users where id = principal.user_id;"), ElementsAre("8: dead grant: purge on `users` for `buyer`, which keeps no history"));
}
TEST(lint, columns_of_one_name_and_different_tags) {
  EXPECT_THAT(remarks("tag (email) on users as personal;"),
              ElementsAre("8: columns of one name with different tags: `email` is not tagged on `orders`, tagged `personal` on `users`"));
  EXPECT_THAT(remarks("tag (email) on users as personal;\ntag (email) on orders as secret;"), ElementsAre(HasSubstr("tagged `secret` on `orders`, tagged `personal` on `users`")));
  EXPECT_THAT(remarks("tag (email) on users as personal;\ntag (email) on orders as personal;"), IsEmpty());
}
TEST(lint, policies_that_end) {
  EXPECT_THAT(remarks("expires after '2026-11-21';"), ElementsAre("8: the policy expired after 2026-11-21: it grants nothing"));
  EXPECT_THAT(remarks("expires after '2027-01-20';"), ElementsAre("8: the policy grants nothing after 2027-01-20"));
  EXPECT_THAT(remarks("expires after '2027-01-22';"), IsEmpty());
}
TEST(lint, remarks_stand_in_the_order_of_the_file) {
  auto const all = remarks("role visitor;\nspecification mine on orders means buyer_id = 1;\nexpires after '2026-12-01';");
  EXPECT_THAT(all, ElementsAre(HasSubstr("8: "), HasSubstr("9: "), HasSubstr("10: ")));
}
TEST(lint, the_book_store_has_only_what_it_means) {
  std::ifstream policy(GRILLE_SOURCE_DIR "/examples/bookstore.grille"), schema(GRILLE_SOURCE_DIR "/examples/bookstore.sql");
  auto const text = [](std::ifstream& in) { return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}; };
  auto const set = policy_set::parse(text(policy), "bookstore.grille");
  auto const definitions = text(schema);
  auto const catalog = introspect::read_sqlite_schema(definitions.substr(0, definitions.find("\ninsert into")));
  ASSERT_TRUE(catalog.has_value());
  auto const made = policy::compile(set.files()->sources, *catalog);
  ASSERT_NE(made.policy, nullptr);
  std::vector<std::string> found;
  for (auto const& d : govern::lint(*made.policy, set.files()->sources, today)) found.push_back(d.message);
  EXPECT_THAT(found, AllOf(Contains(HasSubstr("`administrator` has no scope")), Contains(HasSubstr("protected table `payments`")),
                           Contains(HasSubstr("without a lock file")), Contains(HasSubstr("specification `recent`"))));
  EXPECT_THAT(found, AllOf(Not(Contains(HasSubstr("dead grant"))), Not(Contains(HasSubstr("different tags"))), Not(Contains(HasSubstr("role `clerk`")))));
}

}  // namespace
