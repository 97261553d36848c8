// `keep history of T in H`: which T and H may be that, and what is said of the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/history.hpp"
#include "policy/fixture.hpp"

namespace grille::policy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view rules = "policy p version 1; protects t, h; keep history of t in h;";
constexpr std::string_view plain = "create table t (id integer primary key, name text collate nocase, n numeric(10, 2) not null);";
constexpr std::string_view own = "grille_number integer primary key, grille_at text, grille_by text, grille_for text, grille_policy text, grille_method text";

struct made {
  std::unique_ptr<base::arena> memory = std::make_unique<base::arena>();
  compilation result;
};
made compile_on(std::string const& schema, std::string_view text = rules) {
  made out;
  auto const tables = introspect::read_sqlite_schema(schema);
  if (!tables) throw std::runtime_error(schema);
  auto parsed = grammar::parse_policy(text, dialect::sqlite, *out.memory);
  out.result = compile({{"p.grille", std::string(text), parsed.file, {}, false}}, *tables);
  return out;
}
std::string with_own(std::string const& columns) { return "create table h (" + columns + std::string(own) + ");"; }

struct unfit {
  std::string t, h;
  std::string message;
};
std::ostream& operator<<(std::ostream& out, unfit const& u) { return out << u.t << ' ' << u.h; }
class histories : public ::testing::TestWithParam<unfit> {};

TEST_P(histories, that_do_not_fit_are_refused_with_what_would) {
  auto const& u = GetParam();
  auto const c = compile_on((u.t.empty() ? std::string(plain) : u.t) + u.h);
  ASSERT_EQ(c.result.faults.size(), 1U);
  EXPECT_THAT(c.result.faults[0].message, HasSubstr(u.message));
  EXPECT_EQ(c.result.faults[0].message.starts_with("`h` cannot"), c.result.faults[0].help.starts_with("create table \"h\" (\"id\" "));
}

std::string const fit = "id integer not null, name text collate nocase, n numeric(10, 2), ";
INSTANTIATE_TEST_SUITE_P(
    h, histories,
    ::testing::Values(
        unfit{"", with_own("id integer not null, name text collate nocase, "), "`h` cannot be the history of `t`: it has no column `n`"},
        unfit{"", with_own("id integer, name text collate nocase, n numeric, "), "`h` cannot be the history of `t`: its column `id`, of the key, may be null"},
        unfit{"", with_own("id integer not null, name text collate nocase, n numeric not null, "), "its column `n` may not be null"},
        unfit{"", with_own("id integer not null, name text, n numeric, "), "its column `name` is compared otherwise"},
        unfit{"", with_own("id integer not null, name text collate nocase, n text, "), "its column `n` keeps values otherwise"},
        unfit{"", with_own("id integer not null, name text collate nocase, n numeric default 1, "), "its column `n` has a default"},
        unfit{"", with_own("id integer not null, name text collate nocase, n numeric as (1), "), "its column `n` is generated"},
        unfit{"", with_own(fit + "more text, "), "it has a column `more` of its own"},
        unfit{"", "create table h (" + fit + "grille_number integer, grille_at text, grille_by text, grille_for text, grille_policy text, grille_method text);",
              "no column `grille_number` that is its `integer primary key`"},
        unfit{"", "create table h (" + fit + "grille_number integer primary key, grille_at text, grille_by text, grille_policy text, grille_method text);",
              "it has no column `grille_for`"},
        unfit{"", "create table h (" + fit + "grille_number integer primary key, grille_at text, grille_by integer, grille_for text, grille_policy text, "
                  "grille_method text);", "its column `grille_by` is not of type text"},
        unfit{"", "create table h (" + fit + "grille_number integer primary key, grille_at text, grille_by text not null, grille_for text, grille_policy text, "
                  "grille_method text);", "its column `grille_by` may not be null"},
        unfit{"", "create table h (" + fit + "grille_number integer primary key, grille_at text, grille_by text as ('x'), grille_for text, grille_policy text, "
                  "grille_method text);", "its column `grille_by` is generated"},
        unfit{"", with_own(fit) + "create unique index u on h (id);", "it has a unique key over `id`"},
        unfit{"", with_own(fit) + "create unique index u on h (name) where n > 0;", "it has a unique index"},
        unfit{"", with_own(fit) + "create unique index u on h (lower(name));", "it has a unique index"},
        unfit{"", with_own("id integer not null references t (id), name text collate nocase, n numeric, "), "it has a foreign key"},
        unfit{"", "create table g (" + fit + std::string(own) + "); create view h as select * from g;", "it is no table"},
        unfit{"create table t (id integer primary key, name text) strict;", with_own("id integer not null, name text, "), "it is not strict"},
        unfit{"create table t (id integer primary key, name text);", "create table h (id integer not null, name text, " + std::string(own) + ") strict;", "it is strict"}));

INSTANTIATE_TEST_SUITE_P(
    t, histories,
    ::testing::Values(
        unfit{"create table t (id text primary key, name text);", with_own("id text not null, name text, "), "`t` cannot keep its history: its rows have no key that stays"},
        unfit{"create table g (id integer primary key); create view t as select id from g;", with_own("id integer not null, "), "`t` cannot keep its history: it is no table"},
        unfit{"create table t (id integer, name text);", with_own("id integer not null, name text, "), "`t` cannot keep its history: its rows have no key that stays"},
        unfit{"create table t (id integer primary key, Grille_For text);", with_own("id integer not null, "), "it has a column `grille_for`, a name that is the record's"},
        unfit{"create table p (id integer primary key); create table t (id integer primary key, p integer references p (id) on delete cascade);",
              with_own("id integer not null, p integer, "), "rows would change without a record by its foreign key (p) on delete cascade"},
        unfit{"create table p (id integer primary key); create table t (id integer primary key, p integer references p (id) on delete set null);",
              with_own("id integer not null, p integer, "), "by its foreign key (p) on delete set null"},
        unfit{"create table p (id integer primary key); create table t (id integer primary key, p integer default 1 references p (id) on update set default);",
              with_own("id integer not null, p integer, "), "by its foreign key (p) on update set default"},
        unfit{"create table t (id integer primary key, p integer references t (id) on update cascade);", with_own("id integer not null, p integer, "),
              "by its foreign key (p) on update cascade"}));

TEST(a_history, fits_as_it_is_printed) {
  for (auto const& t : {std::string(plain), std::string("create table t (id integer primary key);"),
                              std::string("create table t (\"a \"\"b\" text collate rtrim, c blob, d, e real default 1.5, nr integer, primary key (nr, \"a \"\"b\")) without rowid;"),
                              std::string("create table t (id integer primary key, x any, y text not null) strict;"),
                              std::string("create table t (id integer primary key, x integer, y integer as (x + 1) stored, z text as (x || 'z'));"),
                              std::string("create table p (id integer primary key); create table t (id integer primary key, p integer references p (id));")}) {
    auto const tables = introspect::read_sqlite_schema(t);
    ASSERT_TRUE(tables) << t;
    auto const sql = catalog::history_definition(*(*tables)->find({}, "t"), "h");
    auto const c = compile_on(t + sql + ";");
    EXPECT_THAT(c.result.faults, IsEmpty()) << sql << (c.result.faults.empty() ? "" : c.result.faults[0].message);
  }
}

TEST(a_history, that_is_not_there_is_told_with_how_it_is_made) {
  auto const c = compile_on(std::string(plain), "policy p version 1; protects t; keep history of t in h;");
  ASSERT_EQ(c.result.faults.size(), 1U);
  EXPECT_EQ(c.result.faults[0].message, "no table `h` in the database");
  EXPECT_EQ(c.result.faults[0].help,
            "create table \"h\" (\"id\" integer not null, \"name\" text collate \"nocase\", \"n\" numeric(10, 2), \"grille_number\" integer primary key autoincrement, "
            "\"grille_at\" text not null, \"grille_by\" text, \"grille_for\" text, \"grille_policy\" text not null, \"grille_method\" text not null)");
}

TEST(a_history, is_of_one_table_and_keeps_none_itself) {
  auto const schema = std::string(plain) + with_own(fit) + "create table s (id integer primary key, name text collate nocase, n numeric(10, 2));";
  for (auto const& [more, message] : {std::pair{"keep history of s in h;", "`h` is the history of `t`"}, {"keep history of t in h;", "`t` keeps its history already"},
                                      {"keep history of h in s;", "`h` cannot keep its history"}, {"keep history of s in s;", "a table cannot be its own history"}, {"keep history of t in t;", "keeps its history already"}}) {
    auto const c = compile_on(schema, std::string(rules) + "protects s;" + more);
    ASSERT_EQ(c.result.faults.size(), 1U) << more;
    EXPECT_THAT(c.result.faults[0].message, HasSubstr(message));
  }
}

TEST(a_history, records_who_calls_and_for_whom) {
  auto const c = compile_on(std::string(plain) + with_own(fit), std::string(rules) + "allow public to select all columns on t;");
  ASSERT_NE(c.result.policy, nullptr);
  auto const of = [&](caller const& who, std::string_view what, unsigned which = 0) {
    return (*decide(c.result.policy, who, at(2026, 1, 1)))->resolve({bound::slot_kind::record, what, {}, which});
  };
  caller ann;
  ann.id = "a-1";
  EXPECT_EQ(of(ann, "by"), value("a-1"));
  EXPECT_TRUE(of(ann, "for").null());
  ann.on_behalf_of = "b-2";
  EXPECT_EQ(of(ann, "for"), value("b-2"));
  EXPECT_EQ(of(ann, "policy"), value("p 1 " + c.result.policy->fingerprint));
  EXPECT_TRUE(of(ann, "policy", 1).null());
  caller nobody;
  nobody.on_behalf_of = "b-2";
  EXPECT_TRUE(of(nobody, "by").null());
  EXPECT_TRUE(of(nobody, "for").null());
}

}  // namespace
}  // namespace grille::policy::testing
