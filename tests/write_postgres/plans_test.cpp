// Plans of writes on PostgreSQL, as they are made, must pass the second check; each of them with one text changed must be refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "write_postgres/plans.hpp"

namespace grille::verify {
namespace {

using kind = bound::step_kind;
using testing::plan_of;
using testing::step;
using testing::texts;

constexpr std::string_view rules = R"(
policy shop version 1;
protects orders, users, notes, parted, kin, ruled, bare, selfish, mirror, moved, moved_back, moved_then;
keep history of moved_back in moved_then;
principal has user_id integer;
role buyer; role merchant per shop_id integer; role support; role pair; role clerk;
allow buyer to select (id, buyer_id, status, total) on orders where buyer_id = principal.user_id;
allow buyer to insert (id, shop_id, total) on orders setting buyer_id = principal.user_id, status = 'open' so that total > 0;
allow buyer to update (status, total) on orders where buyer_id = principal.user_id so that status = 'held' and old.status = 'open';
allow buyer to update (total, note) on orders where buyer_id = principal.user_id and total < 100;
allow buyer to update (shop_id) on orders setting status = 'moved', note = 'moved by the policy';
allow buyer to delete on orders where buyer_id = principal.user_id and status <> 'sent';
restrict update on orders to desk = 1;
restrict insert on orders to total < 1000;
allow merchant to select (id, shop_id, status, note) on orders where shop_id = scope.shop_id;
allow merchant to update (status, shop_id) on orders where shop_id = scope.shop_id;
allow merchant to filter (total) on orders;
allow support to update (note) on orders where desk = 2;
allow clerk to insert (id, note) on orders;
allow clerk to insert (id) on orders setting note = 'as the other grant forces', status = 'x';
allow pair to select (a, b, c), update (c), delete on notes where c <> 'x';
allow buyer to select (id), insert (id), update (k), delete on parted;
allow buyer to select (id), insert (id), update (k), delete on kin;
allow buyer to select (id), insert (id), update (k), delete on ruled;
allow buyer to select (id), insert (id), update (id), delete on bare;
allow buyer to select (id, k) on selfish;
allow buyer to insert (id, k) on selfish so that not exists (select 1 from selfish s where s.k > selfish.k);
allow buyer to update (k) on selfish so that exists (select 1 from mirror m where m.k >= selfish.k);
allow buyer to delete on selfish where exists (select 1 from selfish s where s.k > selfish.k);
allow pair to select (id, k) on selfish where exists (select 1 from mirror m where m.id = selfish.id);
allow pair to delete on selfish;
allow pair to select (a, b, c) on moved where c <> 'x';
allow pair to update (a, c) on moved where c <> 'x' so that c = old.c and a > old.a;
allow pair to select (a, c), update (a) on moved_back;
)";
constexpr char const* schema = R"(
create table orders (id bigint primary key, buyer_id int, shop_id int, status text, total numeric(10,2), note text, desk int, up text generated always as (upper(status)) stored);
create table users (id int primary key, ssn text);
create table notes (a int, b text, c text, primary key (b, a));
create table moved (c text, a int, b text, grille_key int, primary key (b, a));
create table moved_back (a int primary key, c text);
create table moved_then (a int not null, c text, grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text,
  grille_for text, grille_policy text not null, grille_method text not null);
create table parted (id int primary key, k int) partition by range (id);
create table parted_1 partition of parted for values from (0) to (10);
create table kin (id int primary key, k int); create table child () inherits (kin);
create table bare (id int); create table selfish (id int primary key, k int); create view mirror as select id, k from selfish;
create table ruled (id int primary key, k int); create rule r as on update to ruled do instead nothing;
)";

class shop {
 public:
  static shop& running() {
    static shop s;  // the catalogue outlives the server
    return s;
  }
  std::shared_ptr<policy::access const> caller(std::string const& role) const {
    policy::caller who{"b", {}, {}, {{"user_id", 17}}, {}};
    for (auto const shop_id : {1, 9})
      if (role == "merchant" || (role == "merchant 1" && shop_id == 1)) who.roles.push_back({"merchant", {{"shop_id", shop_id}}});
    if (!role.starts_with("merchant")) who.roles.push_back({role, {}});
    return policy::decide(policy_, who, std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())).value();
  }
  std::shared_ptr<catalog::catalog const> tables;

 private:
  shop() {
    tables = testing::tables_of(schema);
    policy_ = testing::policy_on(tables, rules);
  }
  std::shared_ptr<policy::compiled const> policy_;
};

struct sabotage {
  char const* name;
  char const* role;
  char const* sql;
  kind where;
  std::string from, to;
  char const* reason;  // part of it
};

std::vector<sabotage> const& all() {
  static char const* const pay = "update orders set status = 'held', total = total + 1 where id = 3 returning id, total";
  static char const* const note = "update orders set total = 5, note = 'x' where id = 3";
  static char const* const move = "update orders set shop_id = $1 where id = 3";
  static char const* const add = "insert into orders (shop_id, total) values ($1, $2) returning id";
  static char const* const copy = "insert into orders (shop_id, total) select shop_id, total from (select 1 as shop_id, o.total from orders o) q returning id";
  static char const* const rekey = "update moved set a = a + 1 where c = 'y' returning a, c";
  static char const* const drop = "delete from orders where total > 3 returning id";
  static char const* const both = "update orders set status = 'held', total = o.total from orders o where o.id = orders.id + 1";
  static char const* const join = "delete from orders using orders o where o.id = orders.id + 1 returning orders.id";
  static char const* const pair = "update notes set c = 'y' where a = 1";
  static char const* const unpair = "delete from notes where a = 1";
  static char const* const put =
      "insert into orders (id, shop_id, total) values ($1, 1, 5) on conflict (id) do update set status = 'held', total = excluded.total + orders.total returning id";
  static char const* const merge =
      "merge into orders o using (select id + 1 as id, total from orders where status = 'open') s on s.id = o.id when matched and o.status = 'held' then delete "
      "when matched then update set status = 'held', total = s.total when not matched and s.id > 5 then insert (id, shop_id, total) values (s.id, $1, s.total)";
  static char const* const pairs = "merge into notes n using (values (1, 'x', 'y')) s (a, b, c) on s.a = n.a and s.b = n.b when matched then update set c = s.c";
  static char const* const shared = "merge into orders o using (select id, $1 as x from orders) s on s.id = o.id when matched and o.total = $1 then delete";
  static std::vector<sabotage> const list{
      // the check
      {"the row after is not asked", "buyer", pay, kind::check, R"( and ("r1"."status" = 'held'))", "", "no one grant allows"},
      {"the row before is not asked", "buyer", pay, kind::check, R"( and ("r2"."c3" = 'open'))", "", "no one grant allows"},
      {"the row before is another column", "buyer", pay, kind::check, R"("r2"."c3" = 'open')", R"("r2"."c2" = 'open')", ""},
      {"the row after is taken for the row before", "buyer", pay, kind::check, R"("r2"."c3" = 'open')", R"("r1"."status" = 'open')", "no one grant allows"},
      {"a restrict is not asked", "buyer", pay, kind::check, R"( and ("r1"."desk" = 1))", "", "no one grant allows"},
      {"whether it may is not asked", "buyer", pay, kind::check, R"("r2"."c4" and )", "", "no one grant allows"},
      {"whether it may is another column", "buyer", pay, kind::check, R"("r2"."c4")", R"("r2"."c2")", ""},
      {"a row passes without more", "buyer", pay, kind::check, R"(where "r2"."c4" and)", R"(where true or "r2"."c4" and)", "no one grant allows"},
      {"another row is asked", "buyer", pay, kind::check, R"("r1"."id" = "r2"."c2")", R"("r1"."shop_id" = "r2"."c2")", "other rows"},
      {"any row is asked", "buyer", pay, kind::check, R"( where "r1"."id" = "r2"."c2")", "", "other rows"},
      {"the rest is not counted", "buyer", pay, kind::check, R"((select pg_catalog."count"(*) from "grille_rows" as "r3") -)", "0 -", "some of the rows"},
      {"what is written is counted for what is collected", "buyer", pay, kind::check, R"((select pg_catalog."count"(*) from "grille_rows" as "r3") -)",
       R"((select pg_catalog."count"(*) from "grille_written" as "r3") -)", "some of the rows"},
      {"some of it is counted", "buyer", pay, kind::check, R"(from "grille_rows" as "r3")", R"(from "grille_rows" as "r3" where "r3"."c1" > 0)", "some of the rows"},
      {"nothing is taken away", "buyer", pay, kind::check, " - pg_catalog", " + pg_catalog", "does not count"},
      {"distinct", "buyer", add, kind::check, R"(- pg_catalog."count"(*))", R"(- pg_catalog."count"(distinct "r1"."id"))", ""},
      {"the table as it was is asked", "buyer", pay, kind::check, R"(from "grille_written" as "r1")", R"(from "public"."orders" as "r1")", "table as it was"},
      {"a query of the table", "buyer", pay, kind::check, R"("r1"."desk" = 1)", R"("r1"."desk" = (select max(z.desk) from "public"."orders" as "z"))", ""},
      {"the stored row is not asked", "buyer", add, kind::check, R"("r1"."total" > 0)", "true", "no one grant allows"},
      {"a restrict of inserts is not asked", "buyer", add, kind::check, R"( and ("r1"."total" < 1000))", "", "no one grant allows"},
      {"some inserted rows are not asked", "buyer", add, kind::check, R"(from "grille_written" as "r1")", R"(from "grille_written" as "r1" where "r1"."total" > 1)",
       "some of the rows"},
      {"whether it may be deleted is not asked", "buyer", drop, kind::check, R"(filter (where "r2"."c2"))", "", "no one grant allows"},
      {"half of a key", "pair", pair, kind::check, R"(("r1"."b" = "r2"."c1") and )", "", "other rows"},
      {"the other grant's where stands for this one's", "buyer", note, kind::check, R"("r1"."total" < 100)", R"("r1"."status" = 'held')", "no one grant allows"},
      {"a group", "buyer", pay, kind::check, R"("r2"."c2")", R"("r2"."c2" group by "r1"."id")", ""},
      // the apply
      {"one more column", "buyer", pay, kind::apply, R"(set "status" =)", R"(set "note" = 'x', "status" =)", "no one grant allows"},
      {"another column", "buyer", pay, kind::apply, R"(set "status")", R"(set "note")", "no one grant allows"},
      {"a column twice", "buyer", pay, kind::apply, R"(set "status" =)", R"(set "status" = 'x', "status" =)", "twice"},
      {"the key", "buyer", pay, kind::apply, R"(set "status")", R"(set "id")", "the whole row"},
      {"a generated column", "buyer", pay, kind::apply, R"(set "status")", R"(set "up")", "generated"},
      {"a column for the plan as a value", "buyer", pay, kind::apply, R"("r2"."c1")", R"("r2"."c3")", ""},
      {"a column of the row as a value", "buyer", pay, kind::apply, R"('held')", R"("r1"."note")", "neither"},
      {"a query as a value", "buyer", pay, kind::apply, R"('held')", R"((select "z"."ssn" from "public"."users" as "z"))", "neither"},
      {"all rows", "buyer", pay, kind::apply, R"( where "r1"."id" = "r2"."c2")", "", "those collected"},
      {"rows by another column", "buyer", pay, kind::apply, R"("r1"."id" = "r2"."c2")", R"("r1"."shop_id" = "r2"."c2")", "those collected"},
      {"rows by another key", "buyer", pay, kind::apply, R"(= "r2"."c2")", R"(= "r2"."c3")", ""},
      {"another table", "buyer", pay, kind::apply, R"("public"."orders")", R"("public"."users")", "something else"},
      {"not all is returned", "buyer", pay, kind::apply, R"(, "r1"."desk")", "", "whole row"},
      {"another column is returned for one", "buyer", pay, kind::apply, R"(returning "r1"."id")", R"(returning "r1"."shop_id")", "whole row"},
      {"a value is returned for a column", "buyer", add, kind::apply, R"("total", "note", "desk")", R"(5, "note", "desk")", "whole row"},
      {"a column of the plan is returned for one", "buyer", pay, kind::apply, R"(returning "r1"."id")", R"(returning "r2"."c2")", "whole row"},
      {"only", "buyer", pay, kind::apply, "update ", "update only ", ""},
      {"what is forced is not", "buyer", add, kind::apply, R"("buyer_id", )", "", ""},
      {"another value is forced", "buyer", add, kind::apply, "'open'", "'sent'", "outside of the policy's"},
      {"another principal is forced", "buyer", add, kind::apply, "$3", "18", "parameters"},
      {"another value is forced upon rows of a query", "buyer", copy, kind::apply, "'open'", "'sent'", "outside of the policy's"},
      {"one more column is inserted", "buyer", add, kind::apply, R"("shop_id", )", R"("shop_id", "note", )", ""},
      {"rows of another table are inserted", "buyer", copy, kind::apply, R"(select "r1"."shop_id")", R"(select (select "z"."ssn" from "public"."users" as "z"))", "without a guard"},
      {"a hidden column is inserted", "buyer", copy, kind::apply, R"("r3"."total" as "total")", R"("r3"."desk" as "total")", ""},
      {"no guard around what is inserted", "buyer", copy, kind::apply, R"("r3"."buyer_id" = $1)", "true", ""},
      {"what the policy sets, less of it", "buyer", move, kind::apply, R"(, "note" = 'moved by the policy')", "", "no one grant allows"},
      {"what the policy sets, otherwise", "buyer", move, kind::apply, R"('moved by the policy')", R"('x')", "no one grant allows"},
      {"all rows are deleted", "buyer", drop, kind::apply, " where ", " where true or ", "than were collected"},
      {"other rows are deleted", "buyer", drop, kind::apply, "in (select", "not in (select", "than were collected"},
      {"another key is deleted by", "buyer", drop, kind::apply, R"("r1"."id" in)", R"("r1"."shop_id" in)", "another key"},
      {"half of a key is deleted by", "pair", unpair, kind::apply, R"(("r1"."b", "r1"."a") in (select "r2"."c1", "r2"."c2")", R"("r1"."b" in (select "r2"."c1")",
       "than were collected"},
      {"a conflict that updates", "buyer", add, kind::apply, " returning", R"( on conflict ("id") do update set "note" = 'x' returning)", ""},
      {"system values", "buyer", add, kind::apply, ") values", ") overriding system value values", "known forms"},
      // what is collected
      {"rows are not locked", "buyer", pay, kind::collect, R"( for update of "r1")", "", "not locked"},
      {"rows are locked for reading", "buyer", pay, kind::collect, "for update", "for share", "locked otherwise"},
      {"locked rows are skipped", "buyer", pay, kind::collect, R"(for update of "r1")", R"(for update of "r1" skip locked)", "locked otherwise"},
      {"all tables are locked", "buyer", both, kind::collect, R"(for update of "r1")", "for update", "locked otherwise"},
      {"other rows are locked", "buyer", both, kind::collect, R"(for update of "r1")", R"(for update of "r3")", "locked otherwise"},
      {"a hidden column for a value", "buyer", pay, kind::collect, R"(select "r1"."total" + 1)", R"(select (select "z"."note" from "public"."orders" as "z"))", "without a guard"},
      {"no guard", "buyer", pay, kind::collect, R"(where "r2"."buyer_id" = $1)", "where true", ""},
      {"what it may is another condition", "buyer", pay, kind::collect, R"("r2"."desk" = 1)", R"("r2"."desk" = 2)", ""},
      {"what it may is less", "buyer", pay, kind::collect, R"( and ("r2"."desk" = 1))", "", ""},
      {"an old value that is another", "buyer", pay, kind::collect, R"("r2"."status" as "old")", R"("r2"."note" as "old")", ""},
      {"what could fail beside hidden rows", "buyer", pay, kind::collect, R"(where ("r1"."id" = 3))", R"(where (1 / ("r1"."id" - 3) = 1))", "can fail"},
      {"a column that may be used, not seen, for a value", "merchant 1", "update orders set status = 'x' || status where total = $1", kind::collect,
       R"('x' || "r1"."status")", R"('x' || "r1"."total")", "may use, not see"},
      {"other rows are locked than are deleted", "buyer", join, kind::collect, R"(for update of "r1")", R"(for update of "r3")", "locked otherwise"},
      {"no guard of what is deleted by", "buyer", join, kind::collect, R"(where "r4"."buyer_id" = $1)", "where true", ""},
      {"a hidden table to delete by", "buyer", join, kind::collect, R"(from "public"."orders" as "r4")", R"(from "public"."users" as "r4")", ""},
      {"rows of the other table are deleted", "buyer", join, kind::apply, R"(select "r2"."c1")", R"(select "r2"."c2")", ""},
      {"a hidden table joined", "buyer", both, kind::collect, R"(from "public"."orders" as "r4")", R"(from "public"."users" as "r4")", ""},
      {"distinct rows", "buyer", pay, kind::collect, "select ", "select distinct ", ""},
      {"a limit", "buyer", pay, kind::collect, " for update", " limit 1 for update", ""},
      // what is returned
      {"a hidden column is returned", "buyer", pay, kind::result, R"("r1"."id" as)", R"("r1"."note" as)", ""},
      {"a hidden column is yielded", "buyer", pay, kind::result, R"("r2"."id" as "id")", R"("r2"."note" as "id")", "no grant of its rows shows"},
      {"rows are returned without a guard", "buyer", pay, kind::result, R"(where "r2"."buyer_id" = $)", R"(where true or "r2"."buyer_id" = $)", ""},
      {"deleted rows are returned without a guard", "buyer", drop, kind::result, R"(where "r2"."buyer_id" = $)", R"(where true or "r2"."buyer_id" = $)", ""},
      {"rows of the table are returned", "buyer", pay, kind::result, R"(from "grille_written")", R"(from "public"."orders")", "other rows"},
      {"rows are returned twice", "buyer", pay, kind::result, R"() as "r1")", R"() as "r1", "grille_written" as "r9")", "other rows"},
      {"what is written is asked in an item", "buyer", pay, kind::result, R"("r1"."id" as)", R"((select max("z"."note") from "grille_written" as "z") as)", "other rows"},
      // a row in the way
      {"hidden rows in the way are not looked for", "buyer", put, kind::conflict, R"("r2"."buyer_id" = $3)", R"("r2"."shop_id" = $3)", "taken for one that the caller sees"},
      {"rows in the way are looked for by another column", "buyer", put, kind::conflict, R"("r2"."id" = "r1"."c1")", R"("r2"."shop_id" = "r1"."c1")", "something else than a key"},
      {"some hidden rows in the way", "buyer", put, kind::conflict, R"(where ("r2"."id" = "r1"."c1"))", R"(where ("r2"."id" = "r1"."c1") and ("r2"."total" > 1))",
       "something else than a key"},
      {"a proposed row is not asked", "buyer", put, kind::check, R"("r1"."c5" > 0)", R"("r1"."c3" > 0)", "no one grant allows"},
      {"a restrict is not asked of a proposed row", "buyer", put, kind::check, R"( and ("r1"."c5" < 1000))", "", "no one grant allows"},
      {"some proposed rows are not asked", "buyer", put, kind::check, R"( is not true)", R"( is false)", "every row that is proposed"},
      {"what the policy sets is read", "buyer", put, kind::collect, R"("r3"."c5")", R"("r3"."c2")", "in the caller's text"},
      {"rows in the way by another column", "buyer", put, kind::collect, R"("r1"."match" = "r3"."c1")", R"("r1"."match" = "r3"."c3")", "something else than a key"},
      {"all rows are in the way", "buyer", put, kind::collect, R"("r1"."match" = "r3"."c1")", "true", "something else than a key"},
      {"a hidden row in the way is read", "buyer", put, kind::collect, R"(where "r2"."buyer_id" = $)", R"(where true or "r2"."buyer_id" = $)", ""},
      {"rows in the way are not locked", "buyer", put, kind::collect, R"( for update of "r1")", "", "not locked"},
      {"the proposed rows are locked", "buyer", put, kind::collect, R"(for update of "r1")", R"(for update of "r3")", "locked otherwise"},
      {"other rows are new than were proposed", "buyer", put, kind::collect, R"("r1"."c4", "r1"."c5")", R"("r1"."c5", "r1"."c4")", "not proposed"},
      {"another value is proposed than is forced", "buyer", put, kind::collect, "'open'", "'sent'", "no one grant allows"},
      {"another principal is proposed", "buyer", put, kind::collect, R"(cast($2 as pg_catalog."int4"))", R"(cast(18 as pg_catalog."int4"))", ""},
      {"a value is proposed as of another type", "buyer", put, kind::collect, R"(cast("r1"."c3" as pg_catalog."numeric"(10, 2)))", R"(cast("r1"."c3" as pg_catalog."int4"))", "another type"},
      {"a hidden value is proposed", "buyer", put, kind::collect, R"(cast("r1"."c2")", R"(cast((select max("z"."note") from "public"."orders" as "z"))", ""},
      {"some rows are not proposed", "buyer", put, kind::collect, R"(from "grille_source" as "r1")", R"(from "grille_source" as "r1" where false)", "one for each"},
      {"another column is inserted", "buyer", put, kind::apply, R"(insert into "public"."orders" ("id", "shop_id")", R"(insert into "public"."orders" ("id", "note")", "not proposed"},
      {"rows that were not proposed are inserted", "buyer", put, kind::apply, R"(from "grille_new")", R"(from "grille_source")", ""},
      {"the inserted rows are not asked", "buyer", put, kind::check, R"(from "grille_inserted" as "r1")", R"(from "grille_updated" as "r1")", ""},
      {"the row in the way is not asked after", "buyer", put, kind::check, R"( and ("r1"."status" = 'held'))", "", "no one grant allows"},
      {"the row in the way is not asked before", "buyer", put, kind::check, R"( = 'open'))", R"( <> 'x'))", "no one grant allows"},
      {"a conflict that updates by itself", "buyer", put, kind::apply, " returning", R"( on conflict ("id") do update set "note" = 'x' returning)", ""},
      {"the result of rows of the table", "buyer", put, kind::result, R"(from "grille_written")", R"(from "public"."orders")", "other rows"},
      // merges
      {"a parameter that has its type from another step", "buyer", shared, kind::collect, R"(case when "r1"."ok" is not false then "r1"."total" = $1 end)",
       R"("r1"."total" = $1)", "can fail"},
      {"a hidden table as the source", "buyer", merge, kind::collect, R"(select "r1"."id", "r1"."total" from ()", R"(select "z"."id", 1 from "public"."users" as "z", ()", ""},
      {"a hidden column of the source", "buyer", merge, kind::collect, R"("r3"."total" as "total")", R"("r3"."desk" as "total")", ""},
      {"no guard of the source", "buyer", merge, kind::collect, R"(where "r3"."buyer_id" = $2)", "where true", ""},
      {"more columns of the source", "buyer", merge, kind::collect, R"("r1"."total" from)", R"("r1"."total", 1 from)", "other columns"},
      {"a source that writes", "buyer", merge, kind::collect, R"(select "r1"."id", "r1"."total")", R"(with q as (delete from "public"."users" returning 1) select "r1"."id", "r1"."total")", ""},
      {"what is found is found in the table, without its guard", "buyer", merge, kind::collect, R"(from "public"."orders" as "r2" where "r2"."buyer_id" = $3)",
       R"(from "public"."orders" as "r2" where true)", ""},
      {"what is found is not locked", "buyer", merge, kind::collect, R"( for update of "r1")", "", "not locked"},
      {"what is found is locked with a word between", "buyer", merge, kind::collect, R"(for update of "r1")", R"(for  update of "r1")", "locked otherwise"},
      {"the source is locked", "buyer", merge, kind::collect, R"(for update of "r1")", R"(for update of "r3")", "locked otherwise"},
      {"what the source computes could fail beside hidden rows", "buyer", merge, kind::collect, R"(("r1"."status" = 'held'))", R"((1 / "r3"."c1" = 1))", "can fail"},
      {"a conversion beside hidden rows", "buyer", merge, kind::collect, R"(("r1"."status" = 'held'))", R"(("r1"."status" = "r3"."c1"))", "can fail"},
      {"rows of another part are found", "buyer", merge, kind::collect, R"(from (select "r2"."id" as "id", "r2"."status" as "status", "r2"."id" as "key")",
       R"(from (select "r2"."id" as "id", "r2"."note" as "status", "r2"."id" as "key")", ""},
      {"rows of another part are deleted", "buyer", merge, kind::apply, R"(from "grille_rows_1")", R"(from "grille_rows_2")", ""},
      {"rows of the source are deleted", "buyer", merge, kind::apply, R"(select "r2"."c1" from "grille_rows_1" as "r2")", R"(select "r2"."c1" from "grille_source" as "r2")", ""},
      {"another table is deleted from", "buyer", merge, kind::apply, R"(delete from "public"."orders")", R"(delete from "public"."users")", "something else"},
      {"an update by rows of another part", "buyer", merge, kind::apply, R"(from "grille_rows_2")", R"(from "grille_rows_1")", ""},
      {"an update by rows of the source", "buyer", merge, kind::apply, R"(from "grille_rows_2")", R"(from "grille_source")", ""},
      {"a delete where an update was", "buyer", merge, kind::apply, R"(update "public"."orders" as "r1" set "status" = 'held', "total" = "r2"."c1" from "grille_rows_2" as "r2" where "r1"."id" = "r2"."c2")",
       R"(delete from "public"."orders" as "r1" where "r1"."id" in (select "r2"."c2" from "grille_rows_2" as "r2"))", ""},
      {"an insert where an update was", "buyer", merge, kind::apply, R"(update "public"."orders" as "r1" set "status" = 'held', "total" = "r2"."c1" from "grille_rows_2" as "r2" where "r1"."id" = "r2"."c2" returning)",
       R"(insert into "public"."orders" ("id") select "r1"."c1" from "grille_source" as "r1" returning)", "not all there"},
      {"an update of one more column", "buyer", merge, kind::apply, R"(set "status" = 'held')", R"(set "note" = 'x', "status" = 'held')", "no one grant allows"},
      {"half of a key", "pair", pairs, kind::apply, R"(("r1"."b" = "r2"."c2") and )", "", "those collected"},
      {"half of a key is checked", "pair", pairs, kind::check, R"(("r1"."b" = "r2"."c2") and )", "", "other rows"},
      {"an insert of what is hidden", "buyer", merge, kind::apply, R"(select "r1"."c1", $1)", R"(select (select max("z"."id") from "public"."users" as "z"), $1)", ""},
      {"an insert by what is hidden", "buyer", merge, kind::apply, R"(where "r3"."buyer_id" = $5)", "where true", ""},
      {"an insert of what could fail", "buyer", merge, kind::apply, R"(where "r1"."c1" = "r2"."id")", R"(where 1 / "r2"."id" = 1)", ""},
      {"an insert that forces another value", "buyer", merge, kind::apply, "'open' from", "'sent' from", ""},
      {"an insert that leaves rows out by an update", "buyer", merge, kind::apply, R"( returning "id", "buyer_id")", R"( on conflict ("id") do update set "note" = 'x' returning "id", "buyer_id")", ""},
      {"a deleted row is not asked", "buyer", merge, kind::check, R"(filter (where "r2"."c2"))", "", "no one grant allows"},
      {"an updated row is not asked after", "buyer", merge, kind::check, R"( and ("r1"."status" = 'held'))", "", "no one grant allows"},
      {"an updated row is not asked before", "buyer", merge, kind::check, R"( and ("r2"."c3" = 'open'))", "", "no one grant allows"},
      {"an inserted row is not asked", "buyer", merge, kind::check, R"("r1"."total" > 0)", "true", "no one grant allows"},
      {"the rows of another part are asked", "buyer", merge, kind::check, R"(from "grille_written_1" as "r1")", R"(from "grille_written_2" as "r1")", ""},
      {"the rows of another part are counted", "buyer", merge, kind::check, R"(from "grille_rows_1" as "r3")", R"(from "grille_rows_2" as "r3")", ""},
      {"what is inserted is counted by the source", "buyer", merge, kind::check, R"(from "grille_written_3")", R"(from "grille_source")", ""},
      // a table of which nothing is seen
      {"unseen rows are read", "support", "update orders set note = 'x'", kind::apply, "'x'", R"("r2"."c1")", ""},
      {"rows that may not be written", "support", "update orders set note = 'x'", kind::collect, R"("r2"."desk" = 2)", R"("r2"."desk" = 3)", ""},
      // an update of the key
      {"the key as it was is another column", "pair", rekey, kind::apply, R"("r2"."c2" as "grille_key_1")", R"("r2"."c3" as "grille_key_1")", "as it was"},
      {"the key as it was is of the row after", "pair", rekey, kind::apply, R"("r2"."c2" as "grille_key_1")", R"("r1"."b" as "grille_key_1")", "as it was"},
      {"a part of the key as it was is not returned", "pair", rekey, kind::apply, R"(, "r2"."c3" as "grille_key_2")", "", "the whole row"},
      {"the key as it was by another name", "pair", rekey, kind::apply, R"("grille_key_1")", R"("grille_key_3")", "as it was"},
      {"rows are checked by the key that they have now", "pair", rekey, kind::check, R"("r1"."grille_key_1" = )", R"("r1"."b" = )", "other rows than are written"},
      {"rows are checked by a part of the key", "pair", rekey, kind::check, R"(("r1"."grille_key_2" = "r2"."c3"))", R"(("r1"."grille_key_1" = "r2"."c2"))", "other rows than are written"},
      {"the key as it was stands for the row after", "pair", rekey, kind::check, R"("r1"."a" > )", R"("r1"."grille_key_2" > )", "a check of the key as it was"},
      {"what is returned is the key as it was", "pair", rekey, kind::result, R"("r2"."a")", R"("r2"."grille_key_2")", ""},
      // out of the frame
      {"a comment that goes on", "buyer", drop, kind::result, R"() as "r1")", R"() as "r1" /*)", ""},
      {"the end of a step", "buyer", drop, kind::result, R"() as "r1")", R"() as "r1") as z, x as (delete from "public"."users")", ""},
      {"a second statement", "buyer", drop, kind::result, R"() as "r1")", R"() as "r1"; delete from "public"."users")", ""},
      {"a common table that writes", "buyer", drop, kind::result, "select ", R"(with q as (delete from "public"."users" returning 1) select )", ""},
      {"a common table of the plan's name", "buyer", drop, kind::result, "select ", R"(with "grille_written" as (select * from "public"."orders") select )", ""},
      {"another step's parameter", "buyer", drop, kind::result, "$2", "$1", "parameters"},
      {"a parameter beyond", "buyer", drop, kind::result, "$2", "$3", "parameters"},
  };
  return list;
}

TEST(plans_on_postgresql, are_refused_when_they_are_broken) {
  for (auto const& s : all()) {
    SCOPED_TRACE(s.name);
    auto const who = shop::running().caller(s.role);
    auto const good = plan_of(s.sql, *who);
    ASSERT_TRUE(good) << good.error();
    auto const before = texts((*good)->write);
    auto const passed = verify((*good)->write, *who);
    if (!passed) {
      ADD_FAILURE() << passed.error().help << "\n" << before;
      continue;
    }
    EXPECT_TRUE(passed->whole());
    auto broken = (*good)->write;
    auto& text = step(broken, s.where, s.from).sql;
    auto const at = text.find(s.from);
    if (at == std::string::npos) {
      ADD_FAILURE() << s.from << " is not in\n" << before;
      continue;
    }
    text.replace(at, s.from.size(), s.to);
    auto const refused = verify(broken, *who);
    if (refused) {
      ADD_FAILURE() << "passes: " << text;
      continue;
    }
    EXPECT_EQ(refused.error().kind, errc::unsupported);
    EXPECT_NE(refused.error().help.find(s.reason), std::string::npos) << refused.error().help << "\n" << text;
  }
}

TEST(plans_on_postgresql, with_steps_missing_or_in_another_order_are_refused) {
  auto const who = shop::running().caller("buyer");
  for (auto const* sql : {"update orders set total = 1, note = 'x' returning id", "insert into orders (total) values (1) returning id", "delete from orders returning id"}) {
    auto const good = plan_of(sql, *who);
    ASSERT_TRUE(good) << sql;
    auto const& w = (*good)->write;
    ASSERT_TRUE(verify(w, *who)) << sql << '\n' << verify(w, *who).error().help << '\n' << texts(w);
    for (std::size_t i = 0; i < w.steps.size(); ++i) {
      auto less = w;
      auto const was = less.steps[i].kind;
      less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_EQ(verify(less, *who).has_value(), was == kind::result) << sql << ", without step " << i;
      if (i == 0) continue;
      auto other = w;
      std::swap(other.steps[i - 1], other.steps[i]);
      EXPECT_FALSE(verify(other, *who)) << sql << ", with step " << i << " earlier";
    }
  }
}

TEST(plans_on_postgresql, of_upserts_look_before_they_write) {
  auto const who = shop::running().caller("buyer");
  auto const good = plan_of("insert into orders (id, total) values (1, 1) on conflict (id) do update set status = 'held' returning id", *who);
  ASSERT_TRUE(good) << good.error();
  auto const& w = (*good)->write;
  ASSERT_TRUE(verify(w, *who)) << verify(w, *who).error().help << '\n' << texts(w);
  std::vector<kind> passed;
  for (std::size_t i = 0; i < w.steps.size(); ++i) {
    auto less = w;
    less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
    if (verify(less, *who)) passed.push_back(w.steps[i].kind);
  }
  // the two that look at the rows of the plan alone, and what is returned
  EXPECT_EQ(passed, (std::vector<kind>{kind::conflict, kind::conflict, kind::result}));
}

TEST(plans_on_postgresql, of_merges_have_all_of_their_steps_and_names) {
  auto const who = shop::running().caller("buyer");
  auto const good = plan_of(
      "merge into orders o using orders s on s.id = o.id when matched and s.total > 1 then delete when matched then update set status = 'held' "
      "when not matched then insert (id, total) values (1, 2)",
      *who);
  ASSERT_TRUE(good) << good.error();
  auto const& w = (*good)->write;
  auto const passed = verify(w, *who);
  ASSERT_TRUE(passed) << passed.error().help << '\n' << texts(w);
  // by its own texts the verifier tells rows of one part from those of another, each row of a part from the next, and what was there from what is
  auto const& sql = passed->whole()->sql;
  for (auto const* part : {R"(group by k."k1" having pg_catalog.count(*) > 1)", R"((select f."c1" as "k1" from "grille_found_1" f union all select f."c1" as "k1" from "grille_found_2" f) k)",
                           R"("grille_rows_1" as materialized (select f.* from "grille_found_1" f where (select pg_catalog.count(*) from "grille_found_1") >= 0 and (select pg_catalog.count(*) from "grille_found_2") >= 0))",
                           R"((select pg_catalog.count(*) from "grille_found_2") <> (select s."n" from "grille_seen_2" s))", R"(k1."bad" + k2."bad" + k3."bad" as "bad")"})
    EXPECT_NE(sql.find(part), sql.npos) << part << "\n" << sql;
  EXPECT_EQ(sql.find("case when \"r"), sql.npos) << "what is joined by equal columns of one type needs no fence\n" << sql;
  for (std::size_t i = 0; i < w.steps.size(); ++i) {
    auto less = w;
    less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(verify(less, *who)) << "without step " << i;
    if (i == 0) continue;
    auto other = w;
    std::swap(other.steps[i - 1], other.steps[i]);
    EXPECT_FALSE(verify(other, *who)) << "with step " << i << " earlier";
  }
  for (std::size_t i = 0; i < w.temporary.size(); ++i) {
    auto other = w;
    other.temporary[i].purpose = i == 1 ? "rows_2" : "rows_1";
    EXPECT_FALSE(verify(other, *who)) << i;
    other = w;
    other.temporary.erase(other.temporary.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(verify(other, *who)) << "without table " << i;
    other = w;
    other.temporary[i].columns.emplace_back();
    EXPECT_FALSE(verify(other, *who)) << i;
  }
  auto other = w;
  other.merges = false;
  EXPECT_FALSE(verify(other, *who));
  other = w;
  other.table = shop::running().tables->find("", "users");
  EXPECT_FALSE(verify(other, *who));
  auto const update = plan_of("update orders set total = 1, note = 'x'", *who);
  other = (*update)->write;
  other.merges = true;
  EXPECT_FALSE(verify(other, *who));
}

TEST(plans_on_postgresql, are_of_the_caller_and_table_they_were_made_for) {
  auto& s = shop::running();
  auto const buyer = s.caller("buyer"), merchant = s.caller("merchant"), pair = s.caller("pair");
  auto const good = plan_of("update orders set total = 1, note = 'x'", *buyer);
  ASSERT_TRUE(good);
  EXPECT_TRUE(verify((*good)->write, *buyer));
  EXPECT_FALSE(verify((*good)->write, *merchant));
  EXPECT_FALSE(verify((*good)->write, *pair));
  auto other = (*good)->write;
  other.table = s.tables->find("", "users");
  EXPECT_FALSE(verify(other, *buyer));
  other = (*good)->write;
  other.method = method::remove;
  EXPECT_FALSE(verify(other, *buyer));
  other = (*good)->write;
  other.temporary.clear();
  EXPECT_FALSE(verify(other, *buyer));
  other = (*good)->write;
  other.steps[1].caller_parameters = 1;
  EXPECT_FALSE(verify(other, *buyer));
}

TEST(plans_on_postgresql, of_what_the_server_would_show_as_it_was_are_refused) {
  auto const buyer = shop::running().caller("buyer"), pair = shop::running().caller("pair");
  auto const why = [](std::string_view sql, policy::access const& who) {
    auto const made = plan_of(sql, who);
    return made ? std::string("made") : made.error();
  };
  EXPECT_NE(why("insert into selfish (id, k) values (1, 1)", *buyer).find("asks the table itself"), std::string::npos);
  EXPECT_NE(why("update selfish set k = 1", *buyer).find("asks the table itself"), std::string::npos) << "by way of a view";
  EXPECT_EQ(why("delete from selfish", *buyer), "made") << "of the row before it may be asked";
  EXPECT_EQ(why("delete from selfish", *pair), "made");
  EXPECT_NE(why("delete from selfish returning id", *pair).find("asks the table itself"), std::string::npos);
  EXPECT_EQ(why("insert into bare (id) values (1)", *buyer), "made") << "what is inserted needs no key";
  EXPECT_NE(why("delete from bare", *buyer).find("no key"), std::string::npos);
}

TEST(plans_on_postgresql, take_a_constant_of_the_callers_that_is_like_a_forced_one_for_what_it_is) {
  auto const who = shop::running().caller("clerk");
  auto const good = plan_of("insert into orders (id, note) values ($1, 'as the other grant forces')", *who);
  ASSERT_TRUE(good) << good.error();
  auto const passed = verify((*good)->write, *who);
  EXPECT_TRUE(passed) << passed.error().help << '\n' << texts((*good)->write);
}

TEST(plans_on_postgresql, of_tables_that_are_more_than_they_say_are_refused_twice) {
  auto const who = shop::running().caller("buyer");
  EXPECT_TRUE(plan_of("delete from parted", *who));
  for (auto const& [table, why] : {std::pair("kin", "others inherit from"), std::pair("ruled", "rules")}) {
    auto const refused = plan_of("delete from " + std::string(table), *who);
    ASSERT_FALSE(refused) << table;
    EXPECT_NE(refused.error().find(why), std::string::npos) << refused.error();
    // the second check by itself: the plan of another table, told to be of this one
    auto const good = plan_of("delete from parted", *who);
    ASSERT_TRUE(verify((*good)->write, *who));
    auto other = (*good)->write;
    other.table = shop::running().tables->find("", table);
    for (auto& s : other.steps)
      for (auto at = s.sql.find("\"parted\""); at != std::string::npos; at = s.sql.find("\"parted\"")) s.sql.replace(at, 8, '"' + std::string(table) + '"');
    auto const again = verify(other, *who);
    ASSERT_FALSE(again) << table;
    EXPECT_NE(again.error().help.find(why), std::string::npos) << again.error().help;
  }
}

}  // namespace
}  // namespace grille::verify
