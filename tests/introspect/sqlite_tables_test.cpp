// What is read of tables, columns and keys, one construct at a time.
#include <gmock/gmock.h>

#include "handle.hpp"

namespace grille::introspect {
namespace {

using catalog::affinity;
using catalog::generated;
using catalog::relation_kind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using keys = std::vector<catalog::column_list>;

catalog::table table_of(std::string const& sql, std::string_view name = "t") {
  handle db;
  db.run(sql);
  auto const c = db.read();
  auto const* t = c->find("", name);
  EXPECT_NE(t, nullptr) << sql;
  return t == nullptr ? catalog::table{} : *t;
}

std::vector<std::string> names(catalog_ptr const& c) {
  std::vector<std::string> all;
  for (auto const& t : c->tables()) all.push_back(t.name);
  return all;
}

TEST(sqlite_columns, name_type_affinity_null_default) {
  auto const t = table_of(
      "create table t (Id integer primary key, name VarChar(20) not null default 'x', n default null, \"two words\" double precision, b "
      "blob)");
  ASSERT_EQ(t.columns.size(), 5U);
  EXPECT_EQ(t.schema, "main");
  EXPECT_EQ(t.kind, relation_kind::table);
  EXPECT_EQ(t.columns[0].name, "Id");
  EXPECT_EQ(t.columns[0].declared_type, "INTEGER");
  EXPECT_EQ(t.columns[0].affinity, affinity::integer);
  EXPECT_FALSE(t.columns[0].has_default);
  EXPECT_EQ(t.columns[1].declared_type, "VarChar(20)");
  EXPECT_EQ(t.columns[1].affinity, affinity::text);
  EXPECT_TRUE(t.columns[1].not_null);
  EXPECT_TRUE(t.columns[1].has_default);
  EXPECT_EQ(t.columns[2].declared_type, "");
  EXPECT_EQ(t.columns[2].affinity, affinity::blob);
  EXPECT_FALSE(t.columns[2].not_null);
  EXPECT_TRUE(t.columns[2].has_default) << "NULL is a default where it is written";
  EXPECT_EQ(t.columns[3].name, "two words");
  EXPECT_EQ(t.columns[3].affinity, affinity::real);
  EXPECT_EQ(t.columns[4].affinity, affinity::blob);
  EXPECT_EQ(t.find("TWO WORDS"), 3U);
  for (auto const& c : t.columns) {
    EXPECT_FALSE(c.hidden);
    EXPECT_EQ(c.generated, generated::no);
  }
}

TEST(sqlite_columns, generated_columns_keep_their_type) {
  auto const t = table_of("create table t (a int, v text generated always as (a + 1), s as (a + 2) stored)");
  ASSERT_EQ(t.columns.size(), 3U);
  EXPECT_EQ(t.columns[0].generated, generated::no);
  EXPECT_EQ(t.columns[1].generated, generated::virtual_column);
  EXPECT_EQ(t.columns[1].declared_type, "TEXT");
  EXPECT_EQ(t.columns[1].affinity, affinity::text);
  EXPECT_EQ(t.columns[2].generated, generated::stored);
  EXPECT_EQ(t.columns[2].declared_type, "");
}

TEST(sqlite_columns, collations) {
  handle db;
  sqlite3_create_collation(db, "pinyin", SQLITE_UTF8, nullptr, [](void*, int, void const*, int, void const*) { return 0; });
  db.run("create table t (a text, b text collate NoCase, c text collate rtrim, d text collate pinyin, g text collate nocase as (a))");
  auto const c = db.read();
  auto const* t = c->find("", "t");
  ASSERT_NE(t, nullptr);
  EXPECT_EQ(t->columns[0].collation, "BINARY");
  EXPECT_TRUE(catalog::same_name(t->columns[1].collation, "NOCASE"));
  EXPECT_TRUE(catalog::same_name(t->columns[2].collation, "RTRIM"));
  EXPECT_EQ(t->columns[3].collation, "pinyin");
  EXPECT_TRUE(catalog::same_name(t->columns[4].collation, "NOCASE"));
}

// Each expectation is also put to the engine: what it makes of the text '1' in such a column.
TEST(sqlite_columns, strict_tables) {
  handle db;
  db.run("create table t (i int, r real, x text, b blob, a any) strict; create table u (a any)");
  auto const c = db.read();
  auto const& t = *c->find("", "t");
  EXPECT_TRUE(t.strict);
  EXPECT_EQ(t.columns[0].affinity, affinity::integer);
  EXPECT_EQ(t.columns[1].affinity, affinity::real);
  EXPECT_EQ(t.columns[2].affinity, affinity::text);
  EXPECT_EQ(t.columns[3].affinity, affinity::blob);
  EXPECT_EQ(t.columns[4].affinity, affinity::blob) << "no conversion";
  EXPECT_FALSE(c->find("", "u")->strict);
  EXPECT_EQ(c->find("", "u")->columns[0].affinity, affinity::numeric) << "`any` is a word like others where the table is not strict";
  db.run("insert into t (a) values ('1'); insert into u values ('1')");
  db.run("create table checked (x check (x = 'text')); insert into checked select typeof(a) from t");
  EXPECT_EQ(db.try_run("insert into checked select typeof(a) from u"), SQLITE_CONSTRAINT);
}

TEST(sqlite_keys, primary_keys) {
  auto const rowid = table_of("create table t (a int, id INTEGER primary key)");
  EXPECT_THAT(rowid.primary_key, ElementsAre(1));
  EXPECT_EQ(rowid.unique_keys, keys({{1}})) << "the rowid has no index and is a key all the same";
  EXPECT_FALSE(rowid.without_rowid);

  auto const indexed = table_of("create table t (id int primary key, a)");
  EXPECT_EQ(indexed.unique_keys, keys({{0}}));

  auto const descending = table_of("create table t (id integer primary key desc, a)");
  EXPECT_EQ(descending.unique_keys, keys({{0}})) << "not the rowid: has an index";

  auto const composite = table_of("create table t (a, b, c, primary key (c, a))");
  EXPECT_THAT(composite.primary_key, ElementsAre(2, 0));
  EXPECT_EQ(composite.unique_keys, keys({{2, 0}}));

  auto const clustered = table_of("create table t (a text primary key, b) without rowid");
  EXPECT_TRUE(clustered.without_rowid);
  EXPECT_TRUE(clustered.columns[0].not_null) << "only without rowid a primary key implies it";
  EXPECT_EQ(clustered.unique_keys, keys({{0}}));

  auto const none = table_of("create table t (a)");
  EXPECT_THAT(none.primary_key, IsEmpty());
  EXPECT_THAT(none.unique_keys, IsEmpty());
}

TEST(sqlite_keys, unique_keys_are_of_whole_unconditional_plain_indexes) {
  auto const t = table_of(
      "create table t (a, b, c unique, d text collate nocase, e as (a + 1), unique (b, a));"
      "create index plain on t (a);"
      "create unique index partial on t (a) where b > 0;"
      "create unique index expression on t (a + 1);"
      "create unique index mixed on t (b, lower(d));"
      "create unique index other_collation on t (d collate binary);"
      "create unique index over_generated on t (e);"
      "create unique index again on t (c desc)");
  EXPECT_EQ(t.unique_keys, keys({{1, 0}, {2}, {4}})) << "sorted, each once";
  EXPECT_THAT(t.unique_indexes,
              UnorderedElementsAre("CREATE UNIQUE INDEX partial on t (a) where b > 0", "CREATE UNIQUE INDEX expression on t (a + 1)",
                                   "CREATE UNIQUE INDEX mixed on t (b, lower(d))", "CREATE UNIQUE INDEX other_collation on t (d collate binary)"));
  auto const key = table_of("create table t (a text collate nocase, primary key (a collate binary))");
  EXPECT_EQ(key.unique_keys, keys()) << "'a' and 'A' are two keys and one value";
  auto const own = table_of("create table t (d text collate nocase); create unique index i on t (d)");
  EXPECT_EQ(own.unique_keys, keys({{0}}));
}

std::string limited(std::string const& schema) {
  std::string out;
  auto const t = table_of(schema);
  for (auto const& c : t.columns)
    if (c.limited != catalog::limited::no) out += (out.empty() ? "" : " ") + c.name + (c.limited == catalog::limited::referring ? "~" : "");
  return out;
}

TEST(sqlite_columns, that_a_table_may_take_few_values_for) {
  EXPECT_EQ(limited("create table t (a int, b text unique not null default (1 + 1), c, primary key (a))"), "");
  EXPECT_EQ(limited("create table t (a int, b int references t (a), c, d, foreign key (d, c) references u)"), "b~ c~ d~");
  EXPECT_EQ(limited("create table t (id integer primary key, b, check (RowId = 1))"), "id b");
  EXPECT_EQ(limited("create table t (a int, b int references t (a) check (b > 0))"), "b");
  EXPECT_EQ(limited("create table t (a int check (a = 5), b, c, d, check (((b)) < 'x' || (\"A\")))"), "a b");
  EXPECT_EQ(limited("create table t (a, [b c], `d`, \"e\", f check ([B c] > 1 and `D` > 2 and 'E' > 3))"), "b c d e") << "in any of SQLite's quotes";
  EXPECT_EQ(limited("create table t (a, \"check\", b default 'check (a = 5)' /* check (a) */) -- check (b)"), "");
  EXPECT_EQ(limited("create table t (a CHECK(a=5), b)"), "a");
  EXPECT_EQ(limited("create table t (a, b as (a * 0) check (b = 0), c)"), "a b c") << "what is computed is of others";
  auto const with = [](std::string const& trigger) { return limited("create table t (a, b); create table u (x); create trigger " + trigger + " begin select 1; end"); };
  for (auto const* before : {"g before insert on t", "g insert on t", "if not exists g before insert on t", "main.g insert on T", "before before insert on t",
                             "after insert on t", "g after insert on t", "main.g after insert on t", "after after insert on t", "if not exists g after insert on t", "\"g\" before insert on t for each row when new.a <> 5"})
    EXPECT_EQ(with(before), "a b") << before;
  for (auto const* other : {"g before update on t", "g after update of a on t", "g delete on t", "main.g after delete on t", "g before insert on u"})
    EXPECT_EQ(with(other), "") << other;
}

TEST(sqlite_keys, foreign_keys) {
  auto const t = table_of(
      "create table p (x, y, primary key (x, y)); create table t (a references p, b, c,"
      " foreign key (C, b) references p (Y, x) on delete cascade on update set null deferrable initially deferred, foreign key (b) "
      "references missing (q))");
  ASSERT_EQ(t.foreign_keys.size(), 3U);
  auto const of = [&](std::string_view target, std::size_t size) {
    for (auto const& k : t.foreign_keys)
      if (k.target == target && k.columns.size() == size) return k;
    return catalog::foreign_key{};
  };
  EXPECT_THAT(of("p", 1).columns, ElementsAre(0));
  EXPECT_THAT(of("p", 1).target_columns, IsEmpty()) << "the primary key";
  EXPECT_EQ(of("p", 1).on_delete, "NO ACTION");
  EXPECT_EQ(of("p", 1).on_update, "NO ACTION");
  EXPECT_THAT(of("p", 2).columns, ElementsAre(2, 1));
  EXPECT_THAT(of("p", 2).target_columns, ElementsAre("Y", "x"));
  EXPECT_EQ(of("p", 2).on_delete, "CASCADE");
  EXPECT_EQ(of("p", 2).on_update, "SET NULL");
  EXPECT_THAT(of("missing", 1).target_columns, ElementsAre("q"));
}

TEST(sqlite_tables, names_of_any_kind) {
  std::vector<std::string> const odd{"quote\"s",  "apo'strophe", "brackets[]",       "semi;colon", "back`tick",
                                     "new\nline", "sp ace",      "\u00FCml\u00E4ut", "per%cent",   "--",
                                     "/*",        "\xFF\xFE",    "select",           "main.t",     "?1"};
  handle db;
  for (auto const& name : odd) {
    std::string q = "\"";
    for (char const c : name) q.append(c == '"' ? 2 : 1, c);
    q += '"';
    db.run("create table " + q + " (" + q + " int primary key, b references " + q + ")");
  }
  auto const c = db.read();
  EXPECT_EQ(c->tables().size(), odd.size());
  for (auto const& name : odd) {
    auto const* t = c->find("", name);
    ASSERT_NE(t, nullptr) << name;
    ASSERT_EQ(t->columns.size(), 2U) << name;
    EXPECT_EQ(t->columns[0].name, name);
    EXPECT_EQ(t->unique_keys, keys({{0}})) << name;
    ASSERT_EQ(t->foreign_keys.size(), 1U) << name;
    EXPECT_EQ(t->foreign_keys[0].target, name);
  }
}

TEST(sqlite_tables, a_table_that_is_called_like_a_pragma_does_not_stand_in_for_it) {
  handle db;
  db.run(
      "create table pragma_table_list (schema, name, type, ncol, wr, strict); insert into pragma_table_list values ('main', 'ghost', "
      "'table', 1, 0, 0)");
  db.run(
      "create table pragma_table_xinfo (cid, name, type, \"notnull\", dflt_value, pk, hidden); create temp table pragma_index_list (seq)");
  auto const c = db.read();
  EXPECT_THAT(names(c), ElementsAre("pragma_table_list", "pragma_table_xinfo"));
  EXPECT_EQ(c->find("", "pragma_table_list")->columns.size(), 6U);
  auto const dump = dump_sqlite_schema(db);
  ASSERT_TRUE(dump.has_value());
  EXPECT_EQ((*read_sqlite_schema(*dump))->fingerprint(), c->fingerprint());
}

TEST(sqlite_tables, internal_temporary_attached_and_shadow_tables_do_not_exist) {
  handle db;
  db.run(
      "create table seen (id integer primary key autoincrement, a); create index i on seen (a); insert into seen values (1, 2); analyze");
  db.run(
      "create temp table temporary (a); create temp table seen (other); create temp view tv as select 1; attach ':memory:' as other; "
      "create table other.o (a)");
  db.run("create virtual table documents using fts5(body); create virtual table places using rtree(id, x0, x1)");
  auto const c = db.read();
  EXPECT_THAT(names(c), ElementsAre("documents", "places", "seen"));
  EXPECT_EQ(c->find("", "seen")->columns[0].name, "id") << "the temporary table of that name is another";
  EXPECT_EQ(c->find("", "sqlite_sequence"), nullptr);
  EXPECT_EQ(c->find("", "sqlite_schema"), nullptr);
  EXPECT_EQ(c->find("", "documents_content"), nullptr);
}

TEST(sqlite_tables, hidden_columns_of_virtual_tables) {
  handle db;
  db.run("create virtual table documents using fts5(title, body)");
  auto const c = db.read();
  auto const& t = *c->find("", "documents");
  EXPECT_EQ(t.kind, relation_kind::virtual_table);
  std::vector<std::string> hidden;
  std::vector<std::string> plain;
  for (auto const& column : t.columns) (column.hidden ? hidden : plain).push_back(column.name);
  EXPECT_THAT(plain, ElementsAre("title", "body"));
  EXPECT_THAT(hidden, ElementsAre("documents", "rank"));
  EXPECT_THAT(t.unique_keys, IsEmpty());
}

TEST(sqlite_tables, a_virtual_table_of_an_absent_module_does_not_exist) {
  handle db;
  db.run(
      "create table t (a); pragma writable_schema = on;"
      "insert into sqlite_schema (type, name, tbl_name, rootpage, sql) values ('table', 'v', 'v', 0, 'create virtual table v using "
      "absent(a)');"
      "pragma writable_schema = reset");
  EXPECT_THAT(names(db.read()), ElementsAre("t"));
}

TEST(sqlite_tables, an_empty_database_is_an_empty_catalogue) {
  handle db;
  EXPECT_THAT(db.read()->tables(), IsEmpty());
}

}  // namespace
}  // namespace grille::introspect
