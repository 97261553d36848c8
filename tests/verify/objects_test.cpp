// What the engine may be asked for. The answer is the engine's own: each statement that passes is prepared under an authorizer
// that denies all but the set, on SQLite itself, and the set must hold no column and no function that was not asked for.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

#include "verify/guarded_statement.hpp"
#include "verify/shop.hpp"

namespace grille::verify {
namespace {

std::string lower(char const* name) {
  std::string out(name == nullptr ? "" : name);
  for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// A database that asks before everything.
class guarded_database {
 public:
  guarded_database() {
    sqlite3_open(":memory:", &db_);
    sqlite3_exec(db_, testing::shop_schema().c_str(), nullptr, nullptr, nullptr);
    sqlite3_exec(db_, "select 1 from json_each('[]'), json_tree('[]')", nullptr, nullptr, nullptr);  // made on first use, by a `create table`
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_set_authorizer(db_, &guarded_database::ask, this);
  }
  guarded_database(guarded_database const&) = delete;
  guarded_database& operator=(guarded_database const&) = delete;
  ~guarded_database() { sqlite3_close(db_); }

  /// What was denied; empty if the statement can run.
  std::string prepare(guarded_statement const& s) { return prepare(s, s.allowed()); }
  std::string prepare(guarded_statement const& s, allowed_objects const& allowed) {
    allowed_ = &allowed;
    asked_ = {};
    denied_.clear();
    sqlite3_stmt* made{};
    auto const code = sqlite3_prepare_v2(db_, s.sql().c_str(), -1, &made, nullptr);
    if (code == SQLITE_OK) {
      while (sqlite3_step(made) == SQLITE_ROW) continue;
      if (sqlite3_errcode(db_) == SQLITE_AUTH) denied_ += " while it runs";
    } else if (denied_.empty()) {
      denied_ = sqlite3_errmsg(db_);
    }
    sqlite3_finalize(made);
    return denied_;
  }
  allowed_objects const& asked() const { return asked_; }

 private:
  static int ask(void* self, int action, char const* first, char const* second, char const* schema, char const* inside) {
    auto& of = *static_cast<guarded_database*>(self);
    bool good = false;
    switch (action) {
      case SQLITE_SELECT: return SQLITE_OK;
      case SQLITE_RECURSIVE:
        of.asked_.recursive = true;
        good = of.allowed_->recursive;
        break;
      case SQLITE_READ: {
        std::pair const what{(schema == nullptr ? "main" : lower(schema)) + '.' + lower(first), lower(second)};
        of.asked_.columns.insert(what);
        good = of.allowed_->columns.contains(what);
        break;
      }
      case SQLITE_FUNCTION:
        if (of.allowed_->views.contains(lower(inside))) return SQLITE_OK;
        of.asked_.functions.insert(lower(second));
        good = of.allowed_->functions.contains(lower(second));
        break;
      default: break;
    }
    if (!good) of.denied_ += std::to_string(action) + " " + lower(first) + "." + lower(second) + " inside " + lower(inside) + "; ";
    return good ? SQLITE_OK : SQLITE_DENY;
  }

  sqlite3* db_{};
  allowed_objects const* allowed_{};
  allowed_objects asked_;
  std::string denied_;
};

guarded_statement checked(std::string_view rules, std::string_view roles, std::string_view sql) {
  auto const who = testing::caller(testing::shop_policy(rules), roles);
  auto const text = testing::with_slots(sql);
  auto out = verify(text.sql, text.slots, text.parameters, *who);
  if (!out) throw std::runtime_error(out.error().help + "\n" + text.sql);
  return *out;
}

TEST(objects, are_all_that_the_engine_asks_for_and_nothing_else) {
  guarded_database db;
  unsigned count = 0;
  for (auto const& a : testing::all_attempts()) {
    if (!a.passes) continue;
    ++count;
    auto const s = checked(a.rules, a.roles, a.sql);
    EXPECT_EQ(db.prepare(s), "") << s.sql();
    EXPECT_EQ(db.asked().functions, s.allowed().functions) << s.sql();
    EXPECT_EQ(db.asked().recursive, s.allowed().recursive) << s.sql();
    for (auto const& c : s.allowed().columns)  // which columns a view reads is in its text alone
      EXPECT_TRUE(c.second.empty() || !s.allowed().views.empty() || db.asked().columns.contains(c)) << c.first << '.' << c.second << " in " << s.sql();
  }
  EXPECT_GT(count, 50U);
}

constexpr std::string_view everything = R"(
  allow buyer to select (id, title, doc) on books;
  allow buyer to select all columns on cheap;
  allow buyer to select (id, name) on users where name like 'a%' and length(email) > 3;
)";

struct named {
  std::string_view why, sql;
  std::set<std::string> functions;
  bool recursive{};
};
TEST(objects, are_named_as_the_engine_names_them) {
  guarded_database db;
  named const all[] = {
      {"operators that are functions",
       R"(select x.title like 'a' escape '!' as "a", x.title not glob 'b' as "b", x.doc -> '$.k' as "c", x.doc ->> 'k' as "d" from (select r.title as "title", r.doc as "doc" from "main"."books" as r) as x)",
       {"like", "glob", "->", "->>"}},
      {"the clock", R"(select current_timestamp as "a", current_date as "b", current_time as "c")", {"current_timestamp", "current_date", "current_time"}},
      {"functions that the engine writes in line",
       R"(select coalesce(x.id, 1) as "a", iif(x.id, 1, 2) as "b", ifnull(x.id, 1) as "c", nullif(x.id, 1) as "d", likely(x.id) as "e" from (select r.id as "id" from "main"."books" as r) as x)",
       {"coalesce", "iif", "ifnull", "nullif", "likely"}},
      {"aggregates and windows",
       R"(select count(*) filter (where x.id > 3) over (order by x.id) as "a", row_number() over () as "b", lag(x.id) over (order by x.id) as "c" from (select r.id as "id" from "main"."books" as r) as x)",
       {"count", "row_number", "lag"}},
      {"a table function", R"(select j.value as "v" from (select r.doc as "doc" from "main"."books" as r) as x, json_each(x.doc) as j)", {}},
      {"a table function of which no column is read", R"(select 1 as "v" from json_tree('[1]') as j)", {}},
      {"a common table that reads itself",
       R"(with recursive c(n) as (select 1 union all select c.n + 1 from c where c.n < 3) select c.n as "n" from c)", {}, true},
      {"a common table of which no column is read",
       R"(with recursive c(n) as (select 1 union all select c.n + 1 from c where c.n < 3) select count(*) as "n" from c)", {"count"}, true},
      {"a view, with the function that it calls", R"(select x.title as "t" from (select r.title as "title" from "main"."cheap" as r) as x)", {}},
      {"a view of which no column is read", R"(select count(*) as "n" from (select null as "c" from "main"."cheap" as r) as x)", {"count"}},
      {"a table of which no column is read", R"(select count(*) as "n" from (select null as "c" from "main"."books" as r) as x)", {"count"}},
      {"the policy's own functions",
       R"(select x.name as "n" from (select r.name as "name" from "main"."users" as r where r.name like 'a%' and length(r.email) > 3) as x)",
       {"like", "length"}},
  };
  for (auto const& n : all) {
    auto const s = checked(everything, "buyer", n.sql);
    EXPECT_EQ(db.prepare(s), "") << n.why << "\n" << n.sql;
    EXPECT_EQ(s.allowed().functions, n.functions) << n.why;
    EXPECT_EQ(s.allowed().recursive, n.recursive) << n.why;
  }
}

TEST(objects, hold_the_columns_that_only_the_policy_reads) {
  auto const s = checked(everything, "buyer",
                         R"(select x.name as "n" from (select r.name as "name" from "main"."users" as r where r.name like 'a%' and length(r.email) > 3) as x)");
  EXPECT_EQ(s.allowed().columns, (std::set<std::pair<std::string, std::string>>{{"main.users", ""}, {"main.users", "email"}, {"main.users", "name"}}));
}

TEST(objects, of_a_view_are_what_it_reads) {
  auto const s = checked(everything, "buyer", R"(select x.title as "t" from (select r.title as "title" from "main"."cheap" as r) as x)");
  EXPECT_TRUE(s.allowed().columns.contains({"main.books", "price"}));
  EXPECT_TRUE(s.allowed().columns.contains({"main.cheap", "title"}));
  EXPECT_FALSE(s.allowed().columns.contains({"main.users", "name"}));
  EXPECT_EQ(s.allowed().views, std::set<std::string>{"cheap"});
}

TEST(objects, that_are_missing_stop_the_engine) {  // the tests above can fail
  guarded_database db;
  auto const narrow = checked(everything, "buyer", R"(select x.id as "a" from (select r.id as "id" from "main"."books" as r) as x)");
  auto const wide = checked(everything, "buyer", R"(select upper(x.title) as "a" from (select r.title as "title" from "main"."books" as r) as x)");
  EXPECT_EQ(db.prepare(wide), "");
  EXPECT_EQ(db.prepare(wide, narrow.allowed()), "20 books.title inside ; ");
}

}  // namespace
}  // namespace grille::verify
