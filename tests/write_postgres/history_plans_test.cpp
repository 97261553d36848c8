// Plans of changes of tables that keep their history, on PostgreSQL: each with one text changed, or a step missing, must be refused.
#include <gtest/gtest.h>

#include "write_postgres/plans.hpp"

namespace grille::verify {
namespace {

using kind = bound::step_kind;
using testing::plan_of;
using testing::step;
using testing::texts;

constexpr auto* schema = R"(
create table rooms (id bigint primary key, name text, price numeric(10, 2), tags text[], twice text generated always as (name || name) stored);
create table rooms_then (id bigint not null, name text, price numeric(10, 2), tags text[], twice text,
  grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, grille_for text,
  grille_policy text not null, grille_method text not null);
create table stays (nr int, house text, guest text, primary key (house, nr));
create table stays_then (house text not null, nr int not null, guest text,
  grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, grille_for text,
  grille_policy text not null, grille_method text not null);
create table parted (id int primary key, k int) partition by range (id);
create table parted_1 partition of parted for values from (0) to (10);
create table parted_then (id int not null, k int, grille_number bigint generated always as identity primary key, grille_at timestamptz not null,
  grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
)";
constexpr std::string_view rules = R"(
policy hotel version 1;
protects rooms, rooms_then, stays, stays_then, parted, parted_then;
keep history of rooms in rooms_then;
keep history of stays in stays_then;
role support; role auditor; role contractor;
allow support to select (id, name), insert (id, name, price), update (name), delete on rooms;
allow support to update (guest), delete, select (nr, house, guest) on stays where house = 'b';
allow support to select (id, k), update (k), delete, insert (id, k) on parted;
allow auditor to select (id), purge on rooms where price < 9;
allow auditor to select (nr, house), purge on stays;
restrict purge on rooms to name is not null;
)";

struct hotel {
  static hotel const& running() {
    static hotel const h;
    return h;
  }
  std::shared_ptr<policy::access const> caller(std::string const& role, std::string_view more = {}) const {
    policy::caller who{"b", {}, {}, {}, {}};
    who.roles.push_back({role, {}});
    return policy::decide(more.empty() ? policy : testing::policy_on(tables, std::string(rules) + std::string(more)), who,
                          std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()))
        .value();
  }
  std::shared_ptr<catalog::catalog const> tables = testing::tables_of(schema);
  std::shared_ptr<policy::compiled const> policy = testing::policy_on(tables, rules);
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
  static char const* const move = "update rooms set name = upper(name) where id = $1 returning id";
  static char const* const leave = "delete from stays where nr = 1";
  static char const* const put = "insert into rooms (id, name) values ($1, 'x') on conflict (id) do update set name = excluded.name || rooms.name";
  static char const* const merge = "merge into rooms r using (values (1, 'x'), (2, null)) s (id, name) on s.id = r.id when matched and s.name is null then delete when matched then update set name = s.name";
  static char const* const raze = "purge from rooms where id = $1";
  static char const* const end = "purge from stays";
  static std::vector<sabotage> const list{
      // what is recorded is found by its key
      {"the key of what keeps its history", "support", move, kind::apply, R"(set "name")", R"(set "id")", "a key that is written"},
      // what was, in the history: of the rows as they were locked
      {"a record of the table as it was seen", "support", move, kind::record, R"("grille_rows" as "r1")", R"("public"."rooms" as "r1")", ""},
      {"a record of the table beside", "support", move, kind::record, R"(from "grille_rows" as "r1")", R"(from "grille_rows" as "r1", "public"."rooms" as "r2")", "than are changed"},
      {"a record of what the row will be", "support", move, kind::record, R"("r1"."c3", )", R"("r1"."c1", )", "something else than the column"},
      {"a record of another column", "support", move, kind::record, R"("name", "price")", R"("price", "name")", "something else than the column"},
      {"a record of nothing", "support", move, kind::record, R"("r1"."c4")", "null", "something else than the column"},
      {"a record of a value made of it", "support", move, kind::record, R"("r1"."c3", )", R"(upper("r1"."c3"), )", "something else than the column"},
      {"a column of a record twice", "support", move, kind::record, R"("name", "price")", R"("name", "name")", "written twice"},
      {"a record without a column and its value", "support", move, kind::record, R"("twice", )", "", "plain select"},
      {"a record of another table's history", "support", move, kind::record, R"("rooms_then")", R"("stays_then")", "somewhere else"},
      {"a record that is left out where it does not fit", "support", move, kind::record, " returning", " on conflict do nothing returning", "somewhere else"},
      {"a record that is not counted", "support", move, kind::record, R"( returning "grille_number")", "", "not counted"},
      {"a record that returns more", "support", move, kind::record, R"(returning "grille_number")", R"(returning "grille_number", "price")", "not counted"},
      {"a record that returns what it has", "support", move, kind::record, R"(returning "grille_number")", R"(returning "price")", "more than its number"},
      {"a record of some rows", "support", move, kind::record, R"( returning)", R"( where "r1"."c2" > 3 returning)", "than are changed"},
      {"a record of a limited number", "support", move, kind::record, R"( returning)", R"( limit 1 returning)", "plain select"},
      {"a record of each once", "support", move, kind::record, "select ", "select distinct ", "plain select"},
      {"a record that numbers itself", "support", move, kind::record, R"("grille_by")", R"("grille_number")", "of the call"},
      {"a record by somebody else", "support", move, kind::record, "$2", "'w-2'", ""},
      {"a record by a parameter of the caller's", "support", move, kind::record, "$2", "$1", ""},
      {"a record that takes one for the other", "support", move, kind::record, R"("grille_by", "grille_for")", R"("grille_for", "grille_by")", "of the call"},
      {"a record of another time", "support", move, kind::record, R"(pg_catalog."statement_timestamp"())", "timestamptz '2001-01-01 00:00:00'", "of the call"},
      {"a record of the transaction's time", "support", move, kind::record, R"(pg_catalog."statement_timestamp"())", "current_timestamp", "of the call"},
      {"a record of another method", "support", move, kind::record, "'update'", "'delete'", "of the call"},
      {"a record of a delete as a purge", "support", leave, kind::record, "'delete'", "'purge'", "of the call"},
      {"a record of half a key", "support", leave, kind::record, R"("house", )", "", "plain select"},
      {"a record of an upsert of what was proposed", "support", put, kind::record, R"("grille_rows")", R"("grille_proposed")", ""},
      {"a record of an upsert of what was inserted", "support", put, kind::record, R"("grille_rows")", R"("grille_new")", ""},
      {"a record of an upsert of the new value", "support", put, kind::record, R"("r1"."c3", )", R"("r1"."c1", )", "something else than the column"},
      {"a record of rows of another clause", "support", merge, kind::record, R"(from "grille_rows_1")", R"(from "grille_rows_2")", ""},
      {"a record of the source", "support", merge, kind::record, R"(from "grille_rows_1")", R"(from "grille_source")", ""},
      {"a record by another clause's method", "support", merge, kind::record, "'delete'", "'update'", "of the call"},
      // what is locked has it whole
      {"what is collected is not locked", "support", move, kind::collect, " for update of \"r1\"", "", "not locked"},
      {"a masked column in its place", "support", move, kind::collect, R"("r2"."price" as "k2")", R"(null as "k2")", ""},
      // a purge
      {"a purge that keeps what is purged", "auditor", raze, kind::record, R"(("id", "grille_at", "grille_by", "grille_for", "grille_policy", "grille_method") select )",
       R"(("id", "name", "grille_by", "grille_for", "grille_policy", "grille_method") select )", ""},
      {"a purge that is not recorded as one", "auditor", raze, kind::record, "'purge'", "'delete'", "of the call"},
      {"a purge without half of the key", "auditor", end, kind::record, R"("house", )", "", "plain select"},
      {"a purge that erases another history", "auditor", raze, kind::erase, R"("rooms_then")", R"("stays_then")", ""},
      {"a purge that erases all of a history", "auditor", raze, kind::erase, R"( and ("r1"."id" in)", R"( or ("r1"."id" in)", "other records than"},
      {"a purge that erases the records of purges", "auditor", raze, kind::erase, R"(is distinct from 'purge')", R"(is distinct from 'delete')", "the record of a purge"},
      {"a purge that leaves records", "auditor", raze, kind::erase, R"("grille_method" is distinct)", R"("grille_policy" is distinct)", "the record of a purge"},
      {"a purge that erases by another column", "auditor", raze, kind::erase, R"("r1"."id" in)", R"("r1"."price" in)", "another key"},
      {"a purge that erases what others have", "auditor", raze, kind::erase, R"("r2"."c1")", R"("r2"."c2")", "another key"},
      {"a purge that erases what is not there", "auditor", raze, kind::erase, R"( in (select)", R"( not in (select)", "other records than"},
      {"a purge that erases the history of all rows", "auditor", raze, kind::erase, R"("r2"."c1" from "grille_rows")", R"("r2"."id" from "public"."rooms")", "other records than"},
      {"a purge that erases and returns", "auditor", raze, kind::erase, R"("grille_rows" as "r2")))", R"("grille_rows" as "r2")) returning "grille_by")", "something else"},
      {"a purge by part of the key", "auditor", end, kind::erase, R"(("r1"."house", "r1"."nr") in (select "r2"."c1", "r2"."c2")", R"("r1"."house" in (select "r2"."c1")", "another key"},
      {"a purge of a former row that may not be", "auditor", raze, kind::former, R"("r1"."price" < 9)", R"("r1"."price" < 19)", "no one grant allows"},
      {"a purge of a former row that a restrict keeps", "auditor", raze, kind::former, R"( and ("r1"."name" is not null))", "", "no one grant allows"},
      {"a purge of a former row that the caller's text lets through", "auditor", raze, kind::former, R"("r1"."price" < 9)", R"("r1"."price" < $1)", ""},
      {"a purge that looks at former rows that may be", "auditor", raze, kind::former, " is not true", " is true", "that may be purged"},
      {"a purge that looks at some former rows", "auditor", raze, kind::former, "'delete'", "'update'", "not at all of them"},
      {"a purge that looks at other former rows", "auditor", raze, kind::former, R"("r1"."id" in)", R"("r1"."price" in)", "another key"},
      {"a purge that asks of the caller's parameter", "auditor", raze, kind::erase, R"('purge')", R"('purge' and ($1 = 1))", "a parameter of the caller's"},
  };
  return list;
}

TEST(history_plans, are_refused_when_they_are_broken) {
  for (auto const& s : all()) {
    SCOPED_TRACE(s.name);
    auto const who = hotel::running().caller(s.role);
    auto const good = plan_of(s.sql, *who);
    ASSERT_TRUE(good) << good.error();
    auto const before = texts((*good)->write);
    auto const passed = verify((*good)->write, *who);
    ASSERT_TRUE(passed) << passed.error().help << "\n" << before;
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
    EXPECT_NE(refused.error().help.find(s.reason), std::string::npos) << refused.error().help << "\n" << text;
  }
}

TEST(history_plans, without_a_record_or_with_one_too_many_are_refused) {
  auto const support = hotel::running().caller("support"), auditor = hotel::running().caller("auditor");
  for (auto const& [who, sql] : {std::pair{support, "update rooms set name = 'x'"}, {support, "delete from rooms returning id"},
                                 {support, "update rooms set name = o.name from rooms o where o.id = rooms.id + 1"},
                                 {support, "delete from rooms using stays s where s.nr = rooms.id"},
                                 {support, "insert into rooms (id, name) values (1, 'x') on conflict (id) do update set name = 'y' returning id"},
                                 {support, "merge into rooms r using rooms s on s.id = r.id when matched and r.name = 'x' then delete when matched then update set name = s.name "
                                           "when not matched then insert (id) values (s.id)"},
                                 {auditor, "purge from rooms"}}) {
    auto const good = plan_of(sql, *who);
    ASSERT_TRUE(good) << sql << ": " << good.error();
    auto const& steps = (*good)->write.steps;
    ASSERT_TRUE(verify((*good)->write, *who)) << sql << ": " << verify((*good)->write, *who).error().help << '\n' << texts((*good)->write);
    std::size_t recording = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto const k = steps[i].kind;
      if (k != kind::record && k != kind::erase && k != kind::former) continue;
      ++recording;
      auto less = (*good)->write;
      less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(verify(less, *who)) << sql << ", without step " << i;
      auto twice = (*good)->write;
      twice.steps.insert(twice.steps.begin() + static_cast<std::ptrdiff_t>(i), twice.steps[i]);
      EXPECT_FALSE(verify(twice, *who)) << sql << ", with step " << i << " twice";
    }
    EXPECT_EQ(recording, std::string_view(sql).starts_with("purge") ? 3U : std::string_view(sql).starts_with("merge") ? 2U : 1U) << sql;
  }
  // a delete may not erase, nor a purge be taken for a delete
  auto other = (*plan_of("purge from rooms", *auditor))->write;
  other.method = method::remove;
  EXPECT_FALSE(verify(other, *auditor));
  // an insert records nothing
  auto const added = plan_of("insert into rooms (id, name) values (1, 'x') on conflict do nothing", *support);
  ASSERT_TRUE(added) << added.error();
  ASSERT_TRUE(verify((*added)->write, *support));
  EXPECT_EQ(texts((*added)->write).find("rooms_then"), std::string::npos);
}

TEST(history_plans, of_a_purge_lock_the_table_before_it_is_seen) {
  auto const auditor = hotel::running().caller("auditor");
  auto const purge = verify((*plan_of("purge from rooms", *auditor))->write, *auditor);
  EXPECT_EQ(purge->whole()->lock, R"(lock table "public"."rooms" in share row exclusive mode)");
  auto const support = hotel::running().caller("support");
  EXPECT_EQ(verify((*plan_of("delete from rooms", *support))->write, *support)->whole()->lock, "");
}

TEST(history_plans, made_where_no_history_is_kept_are_refused_where_one_is) {
  auto const& h = hotel::running();
  auto const without = h.caller("support"), with = h.caller("support", "keep history of parted in parted_then;");
  for (auto const* sql : {"update parted set k = 1", "delete from parted", "merge into parted using (values (1)) as s (id) on s.id = parted.id when matched then delete",
                          "merge into parted using (values (1)) as s (id) on s.id = parted.id when matched then update set k = 1"}) {
    auto const good = plan_of(sql, *without);
    ASSERT_TRUE(good) << sql << ": " << good.error();
    EXPECT_TRUE(verify((*good)->write, *without)) << sql;
    EXPECT_FALSE(verify((*good)->write, *with)) << sql;
  }
  auto const kept = plan_of("delete from parted", *with);
  ASSERT_TRUE(kept) << kept.error();
  EXPECT_TRUE(verify((*kept)->write, *with));
  EXPECT_FALSE(verify((*kept)->write, *without)) << "a record of what keeps none";
  auto const own = plan_of("delete from rooms_then", *h.caller("support", "allow support to select all columns, delete on rooms_then;"));
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error(), "a write to a history");
}

TEST(history_plans, of_a_purge_that_is_open_to_all_rows_look_at_no_former_ones) {
  auto const who = hotel::running().caller("auditor");
  auto const good = plan_of("purge from stays", *who);
  ASSERT_TRUE(good) << good.error();
  EXPECT_TRUE(verify((*good)->write, *who));
  EXPECT_TRUE(std::ranges::none_of((*good)->write.steps, [](write_step const& s) { return s.kind == kind::former; }));
}

// --- which tables can keep a history, and which can be one

constexpr auto* own_columns =
    "grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, grille_for text, grille_policy text, grille_method text";

TEST(histories_on_postgresql, that_do_not_fit_are_refused_with_what_would) {
  std::string const t = "create domain code as text not null; create collation blind (provider = icu, locale = 'und', deterministic = false);"
                        "create table t (id int primary key, name text collate \"C\", n numeric(10, 2), w varchar(5)); ";
  std::string const fit = "id int not null, name text collate \"C\", n numeric(10, 2), w varchar(5), ";
  auto const with = [&](std::string columns, std::string const& more = {}) { return t + "create table h (" + std::move(columns) + own_columns + more + ");"; };
  for (auto const& [ddl, message] : std::vector<std::pair<std::string, std::string>>{
           {with("id int not null, name text collate \"C\", n numeric(10, 2), "), "it has no column `w`"},
           {with("id int, name text collate \"C\", n numeric(10, 2), w varchar(5), "), "its column `id`, of the key, may be null"},
           {with("id bigint not null, name text collate \"C\", n numeric(10, 2), w varchar(5), "), "its column `id` keeps values otherwise, as one of type `bigint`"},
           {with("id int not null, name text, n numeric(10, 2), w varchar(5), "), "its column `name` is compared otherwise, by `pg_catalog.default`"},
           {with("id int not null, name text collate blind, n numeric(10, 2), w varchar(5), "), "its column `name` is compared otherwise, by `public.blind`"},
           {with("id int not null, name text collate \"C\", n numeric(10, 1), w varchar(5), "), "its column `n` keeps values otherwise, as one of type `numeric(10,1)`"},
           {with("id int not null, name text collate \"C\", n numeric(10, 2), w varchar(4), "), "its column `w` keeps values otherwise"},
           {with("id int not null, name text collate \"C\", n numeric(10, 2) not null, w varchar(5), "), "its column `n` may not be null"},
           {with("id int not null, name text collate \"C\", n numeric(10, 2) default 1, w varchar(5), "), "its column `n` has a default"},
           {with("id int not null generated by default as identity, name text collate \"C\", n numeric(10, 2), w varchar(5), "), "its column `id` is generated"},
           {with("id int not null, name text collate \"C\" generated always as ('x') stored, n numeric(10, 2), w varchar(5), "), "its column `name` is generated"},
           {with(fit + "more text, "), "it has a column `more` of its own"},
           {with(fit, ", unique (id)"), "it has a unique key over `id`"},
           {with(fit) + "create unique index on h (name) where n > 0;", "it has a unique index"},
           {with(fit, ", foreign key (id) references t"), "it has a foreign key"},
           {t + "create table h (" + fit + "grille_number bigint primary key, grille_at timestamptz, grille_by text, grille_for text, grille_policy text, grille_method text);",
            "it has no column `grille_number` that is its primary key"},
           {t + "create table h (" + fit + "grille_number int generated always as identity primary key, grille_at timestamptz, grille_by text, grille_for text, grille_policy text, grille_method text);",
            "it has no column `grille_number` that is its primary key"},
           {t + "create table h (" + fit + "grille_number bigint generated always as identity primary key deferrable, grille_at timestamptz, grille_by text, grille_for text, grille_policy text, grille_method text);",
            "it has no column `grille_number` that is its primary key"},
           {t + "create table h (" + fit + "grille_number bigint generated always as identity primary key, grille_at text, grille_by text, grille_for text, grille_policy text, grille_method text);",
            "its column `grille_at` is not of type timestamp with time zone"},
           {t + "create table h (" + fit + "grille_number bigint generated always as identity primary key, grille_at timestamptz, grille_by text not null, grille_for text, grille_policy text, grille_method text);",
            "its column `grille_by` may not be null"},
           {t + "create table h (" + fit + "grille_number bigint generated always as identity primary key, grille_at timestamptz, grille_by text, grille_for text, grille_policy text);",
            "it has no column `grille_method`"},
           {with(fit) + "alter table h set unlogged;", "it is unlogged"},
           {with(fit) + "alter table h alter grille_number set cache 2;", "its column `grille_number` does not number the records in their order"},
           {with(fit) + "alter table h alter grille_number set increment -1;", "its column `grille_number` does not number the records in their order"},
           {with(fit) + "alter table h alter grille_number set cycle;", "its column `grille_number` does not number the records in their order"},
           {with(fit) + "create rule r as on insert to h do instead nothing;", "it has rules"},
           {with(fit) + "create table child () inherits (h);", "others inherit from it"},
           {with(fit) + "create table whole (like h); alter table h inherit whole;", "it is a partition of another table, or inherits from one"},
           {t + "create table h (" + fit + "grille_number bigint generated by default as identity primary key, grille_at timestamptz, grille_by text, grille_for text, grille_policy text, grille_method text) partition by range (grille_number);",
            "it is partitioned"},
           {t + "create view h as select 1 as id;", "it is no table but a view"},
       }) {
    SCOPED_TRACE(ddl);
    auto const tables = testing::tables_of(ddl);
    base::arena memory;
    auto const c = testing::compiled(tables, "policy p version 1; protects t, h; keep history of t in h;", memory);
    ASSERT_EQ(c.faults.size(), 1U);
    EXPECT_NE(c.faults[0].message.find("`h` cannot be the history of `t`: " + message), std::string::npos) << c.faults[0].message;
    EXPECT_TRUE(c.faults[0].help.starts_with("create table \"h\" (\"id\" integer not null, \"name\" text collate \"pg_catalog\".\"C\", \"n\" numeric(10,2)")) << c.faults[0].help;
  }
}

TEST(histories_on_postgresql, are_kept_of_tables_whose_rows_change_in_no_other_way) {
  std::string const h = "; create table h (id int not null, n int, " + std::string(own_columns) + ");";
  for (auto const& [ddl, message] : std::vector<std::pair<std::string, std::string>>{
           {"create table t (id int, n int)", "its rows have no key that stays"},
           {"create table t (id int primary key deferrable, n int)", "its rows have no key that stays"},
           {"create table t (id int primary key, grille_by int)", "it has a column `grille_by`, a name that is the record's"},
           {"create domain code as int not null; create table t (id int primary key, n code)", "its column `n` is of a domain that may not be null"},
           {"create table o (n int primary key); create table t (id int primary key, n int references o on delete set null)", "by its foreign key (n) on delete set null"},
           {"create table o (n int primary key); create table t (id int primary key, n int references o on update cascade)", "by its foreign key (n) on update cascade"},
           {"create table o (n int primary key); create table t (id int primary key, n int) partition by range (id);"
            "create table p partition of t (foreign key (n) references o on delete cascade) for values from (0) to (9)",
            "by its foreign key (n) on delete cascade of public.p"},
           {"create table w (id int primary key, n int) partition by range (id); create table t partition of w for values from (0) to (9)", "it is a partition of another table"},
           {"create table w (id int, n int); create table t (primary key (id)) inherits (w)", "it is a partition of another table, or inherits from one"},
           {"create table t (id int primary key, n int); create table child () inherits (t)", "others inherit from it"},
           {"create unlogged table t (id int primary key, n int)", "it is unlogged"},
           {"create table t (id int primary key, n int) partition by range (id); create unlogged table p partition of t for values from (0) to (9)", "it is unlogged, or a partition of it is"},
           {"create table t (id int primary key, n int); create rule r as on update to t do also nothing", "it has rules"},
       }) {
    SCOPED_TRACE(ddl);
    auto const tables = testing::tables_of(ddl + h);
    base::arena memory;
    auto const c = testing::compiled(tables, "policy p version 1; protects t, h; keep history of t in h;", memory);
    ASSERT_EQ(c.faults.size(), 1U);
    EXPECT_NE(c.faults[0].message.find("`t` cannot keep its history: "), std::string::npos) << c.faults[0].message;
    EXPECT_NE(c.faults[0].message.find(message), std::string::npos) << c.faults[0].message;
  }
}

TEST(histories_on_postgresql, fit_as_they_are_said_to_be_made) {
  std::string const ddl = R"(create schema "Odd"; create type "Odd"."Mood" as enum ('a', 'b'); create domain code as text check (value <> '');
    create collation "Odd"."Blind" (provider = icu, locale = 'und', deterministic = false);
    create table "Odd"."T t" (id int generated always as identity primary key, a numeric(12, 3)[], b "Odd"."Mood" default 'a', c code, d text collate "Odd"."Blind", e text collate "C",
      f jsonb, g timestamp(3), h bit varying(7), i interval(2), j "Odd"."Mood"[], k int4range, l int generated always as (1) stored, "m.""n" name, o "char"))";
  base::arena memory;
  auto const missing = testing::compiled(testing::tables_of(ddl), R"(policy p version 1; protects "Odd"."T t"; keep history of "Odd"."T t" in "Odd"."T then";)", memory);
  ASSERT_EQ(missing.faults.size(), 1U);
  ASSERT_TRUE(missing.faults[0].help.starts_with("create table \"Odd\".\"T then\" (")) << missing.faults[0].help;
  auto const made = testing::tables_of(ddl + "; " + missing.faults[0].help);
  auto const fits = testing::compiled(made, R"(policy p version 1; protects "Odd"."T t", "Odd"."T then"; keep history of "Odd"."T t" in "Odd"."T then";)", memory);
  EXPECT_TRUE(fits.faults.empty()) << fits.faults[0].message << "\n" << missing.faults[0].help;
  // a partitioned table keeps one too
  auto const parted = testing::compiled(testing::tables_of("create table t (id int primary key, n int) partition by range (id); create table t1 partition of t for values from (0) to (9);"
                                                           "create table h (id int not null, n int, " + std::string(own_columns) + ")"),
                                        "policy p version 1; protects t, h; keep history of t in h;", memory);
  EXPECT_TRUE(parted.faults.empty());
}

}  // namespace
}  // namespace grille::verify
