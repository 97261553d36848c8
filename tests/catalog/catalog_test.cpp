// Lookups by the dialect's rule of case, affinities by the engine's own behaviour, and a fingerprint that misses nothing.
#include "catalog/catalog.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "engine.hpp"

namespace grille::catalog {
namespace {

table named(std::string schema, std::string name) {
  table t;
  t.schema = std::move(schema);
  t.name = std::move(name);
  t.columns = {{.name = "Id"}, {.name = "name"}, {.name = "\u00C4"}};
  return t;
}

TEST(catalog, finds_by_the_dialects_rule_of_case) {
  catalog const lite(dialect::sqlite, {named("main", "books"), named("main", "Authors"), named("temp", "books")});
  ASSERT_NE(lite.find("", "BOOKS"), nullptr);
  EXPECT_EQ(lite.find("", "BOOKS")->schema, "main");
  EXPECT_EQ(lite.find("TEMP", "books")->schema, "temp");
  EXPECT_EQ(lite.find("", "authors")->name, "Authors");
  EXPECT_EQ(lite.find("", "book"), nullptr);
  EXPECT_EQ(lite.find("other", "books"), nullptr);
  EXPECT_EQ(lite.find("", "books")->find("ID"), 0U);
  EXPECT_EQ(lite.find("", "books")->find("\u00E4"), std::nullopt) << "only ASCII is folded";

  catalog const postgresql(dialect::postgresql, {named("public", "books"), named("public", "Books")});
  EXPECT_EQ(postgresql.tables().size(), 2U);
  EXPECT_EQ(postgresql.find("", "Books")->name, "Books");
  EXPECT_EQ(postgresql.find("", "BOOKS"), nullptr);
  EXPECT_EQ(postgresql.find("", "books")->find("id"), std::nullopt);
  EXPECT_EQ(postgresql.find("", "books")->find("Id"), 0U);
}

TEST(catalog, sorts_its_tables_and_keeps_the_first_of_a_name) {
  auto second = named("main", "BOOKS");
  second.strict = true;
  catalog const c(dialect::sqlite, {named("main", "zoo"), named("main", "books"), second, named("main", "[")}, "17");
  ASSERT_EQ(c.tables().size(), 3U);
  EXPECT_EQ(c.tables()[0].name, "[") << "`[` lies between the cases of ASCII";
  EXPECT_EQ(c.tables()[1].name, "books");
  EXPECT_FALSE(c.tables()[1].strict);
  EXPECT_EQ(c.version(), "17");
  for (auto const& t : c.tables()) EXPECT_EQ(c.find("main", t.name), &t);
}

TEST(catalog, is_empty_without_tables) {
  catalog const c(dialect::sqlite, {});
  EXPECT_EQ(c.find("", "t"), nullptr);
  EXPECT_EQ(c.fingerprint().size(), 32U);
}

table everything() {
  table t = named("main", "t");
  t.primary_key = {0};
  t.unique_keys = {{0}, {1, 2}};
  t.foreign_keys = {{{1}, "u", {"a"}, "CASCADE", "NO ACTION"}};
  t.reads = {"main.u"};
  return t;
}

TEST(fingerprint, changes_with_every_member) {
  using change = std::function<void(table&)>;
  std::vector<change> const changes{
      [](table& t) { t.schema = "temp"; },
      [](table& t) { t.name = "T"; },
      [](table& t) { t.kind = relation_kind::view; },
      [](table& t) { t.without_rowid = true; },
      [](table& t) { t.strict = true; },
      [](table& t) { t.columns.pop_back(); },
      [](table& t) { std::swap(t.columns[0], t.columns[1]); },
      [](table& t) { t.columns[1].name += "x"; },
      [](table& t) { t.columns[1].declared_type = "x"; },
      [](table& t) { t.columns[1].affinity = affinity::real; },
      [](table& t) { t.columns[1].collation = "NOCASE"; },
      [](table& t) { t.columns[1].not_null = true; },
      [](table& t) { t.columns[1].has_default = true; },
      [](table& t) { t.columns[1].default_text = "1"; },
      [](table& t) { t.columns[1].generated = generated::stored; },
      [](table& t) { t.columns[1].generated = generated::virtual_column; },
      [](table& t) { t.columns[1].hidden = true; },
      [](table& t) { t.primary_key = {1}; },
      [](table& t) { t.primary_key = {}; },
      [](table& t) {
        t.unique_keys = {{0, 1}, {2}};
      },
      [](table& t) {
        t.unique_keys = {{0}, {2, 1}};
      },
      [](table& t) { t.unique_indexes = {"create unique index i on t (a + 1)"}; },
      [](table& t) { t.key_names = {{"k", {0}}}; },
      [](table& t) { t.exclusions = {{"x", {0}}}; },
      [](table& t) { t.exclusions = {{"x", {1}}}; },
      [](table& t) { t.other_keys = {{{0}, false}}; },
      [](table& t) { t.other_keys = {{{1}, false}}; },
      [](table& t) { t.other_keys = {{{0}, true}}; },
      [](table& t) { t.foreign_keys[0].columns = {2}; },
      [](table& t) { t.foreign_keys[0].target = "v"; },
      [](table& t) { t.foreign_keys[0].target_columns = {}; },
      [](table& t) { t.foreign_keys[0].on_delete = "SET NULL"; },
      [](table& t) { t.foreign_keys[0].on_update = "SET NULL"; },
      [](table& t) { t.foreign_keys.clear(); },
      [](table& t) {
        t.reads = {"main.", "u"};
      },
      [](table& t) { t.reads = {}; },
      [](table& t) { t.definition = "select 1"; },
      [](table& t) { t.barrier = true; },
  };
  std::set<std::string> seen{catalog(dialect::sqlite, {everything()}).fingerprint()};
  for (auto const& apply : changes) {
    auto t = everything();
    apply(t);
    seen.insert(catalog(dialect::sqlite, {t}).fingerprint());
  }
  seen.insert(catalog(dialect::postgresql, {everything()}).fingerprint());
  seen.insert(catalog(dialect::sqlite, {everything(), named("main", "u")}).fingerprint());
  EXPECT_EQ(seen.size(), changes.size() + 3);
}

TEST(fingerprint, is_of_the_content_alone) {
  auto const print = catalog(dialect::sqlite, {everything(), named("main", "a")}, "1").fingerprint();
  EXPECT_EQ(print, catalog(dialect::sqlite, {named("main", "a"), everything()}, "2").fingerprint())
      << "neither the order of reading nor the version";
}

struct declared {
  std::string_view type;
  affinity is;
};

// The examples of https://www.sqlite.org/datatype3.html section 3.1.1, and the traps named there.
constexpr declared types[] = {
    {"INT", affinity::integer},
    {"UNSIGNED BIG INT", affinity::integer},
    {"VARCHAR(255)", affinity::text},
    {"NATIVE CHARACTER(70)", affinity::text},
    {"CLOB", affinity::text},
    {"BLOB", affinity::blob},
    {"", affinity::blob},
    {"REAL", affinity::real},
    {"DOUBLE PRECISION", affinity::real},
    {"FLOAT", affinity::real},
    {"NUMERIC", affinity::numeric},
    {"DECIMAL(10,5)", affinity::numeric},
    {"BOOLEAN", affinity::numeric},
    {"DATETIME", affinity::numeric},
    {"STRING", affinity::numeric},
    {"FLOATING POINT", affinity::integer},
    {"CHARINT", affinity::integer},
    {"json", affinity::numeric},
    {"Blobtext", affinity::text},
    {"tExT", affinity::text},
    {"double blob", affinity::blob},
};

// What a column makes of the text '1', the text '1.5' and the integer 1 tells its affinity.
TEST(affinity, is_what_the_engine_does) {
  for (auto const& d : types) {
    EXPECT_EQ(affinity_of(d.type), d.is) << d.type;
    engine db;
    ASSERT_EQ(db.run("create table t (x " + std::string(d.type) + ")"), "");
    ASSERT_EQ(db.run("insert into t values ('1'), (1), (cast(1.0 as real))"), "");
    auto const stored = db.rows("select typeof(x) from t");
    std::vector<std::string> expected;
    switch (d.is) {
      case affinity::integer:
      case affinity::numeric:
        expected = {"integer", "integer", "integer"};
        break;
      case affinity::text:
        expected = {"text", "text", "text"};
        break;
      case affinity::blob:
        expected = {"text", "integer", "real"};
        break;
      case affinity::real:
        expected = {"real", "real", "real"};
        break;
      case affinity::none:
        break;
    }
    EXPECT_EQ(stored, expected) << d.type;
  }
}

TEST(same_name, folds_ascii_only) {
  EXPECT_TRUE(same_name("Straße", "sTRAße"));
  EXPECT_FALSE(same_name("\u00C4", "\u00E4"));
  EXPECT_FALSE(same_name("a", "ab"));
  EXPECT_FALSE(same_name("@", "`")) << "only letters differ by 32";
  EXPECT_FALSE(same_name("[", "{"));
  EXPECT_TRUE(same_name("", ""));
}

}  // namespace
}  // namespace grille::catalog
