// The keyword lists against the engines: PostgreSQL's scanner tells each word's class, SQLite's parser is asked.
#include <gtest/gtest.h>
#include <pg_query.h>

#include <map>

#include "engines.hpp"
#include "grammar/token.hpp"
#include "reading.hpp"

namespace grille {
namespace {

using namespace grammar;

/// The class of one word by PostgreSQL's own scanner: field 5 of the only token of pg_query's ScanResult.
int scanned_class(std::string const& word) {
  auto const scanned = pg_query_scan(word.c_str());
  std::string const bytes(scanned.pbuf.data, scanned.pbuf.len);
  pg_query_free_scan_result(scanned);
  std::size_t i = 0;
  auto const varint = [&] {
    unsigned value = 0;
    for (unsigned shift = 0; i < bytes.size(); shift += 7) {
      auto const b = static_cast<unsigned char>(bytes[i++]);
      value |= (b & 0x7FU) << shift;
      if (b < 0x80) break;
    }
    return value;
  };
  while (i < bytes.size()) {
    auto const tag = varint();
    if (tag >> 3 == 2 && (tag & 7) == 2) {  // repeated ScanToken tokens = 2
      auto const end = varint() + i;
      while (i < end) {
        auto const field = varint();
        auto const value = varint();
        if (field >> 3 == 5) return static_cast<int>(value);
      }
      return 0;
    }
    if ((tag & 7) == 2)
      i += varint();
    else
      varint();
  }
  return -1;
}

TEST(keywords, postgresql_classes_are_those_of_its_scanner) {
  std::map<postgresql_class, int> const expected = {{postgresql_class::none, 0},
                                                    {postgresql_class::unreserved, 1},
                                                    {postgresql_class::col_name, 2},
                                                    {postgresql_class::type_func, 3},
                                                    {postgresql_class::reserved, 4}};
  std::map<postgresql_class, int> counted;
  for (auto const& k : keywords) {
    EXPECT_EQ(scanned_class(std::string(k.word)), expected.at(k.postgresql)) << k.word;
    ++counted[k.postgresql];
  }
  // The sizes of the four classes of PostgreSQL 15: no keyword is missing.
  EXPECT_EQ(counted[postgresql_class::unreserved], 309);
  EXPECT_EQ(counted[postgresql_class::col_name], 51);
  EXPECT_EQ(counted[postgresql_class::type_func], 23);
  EXPECT_EQ(counted[postgresql_class::reserved], 77);
}

TEST(keywords, postgresql_bare_labels_are_those_that_it_takes) {
  for (auto const& k : keywords) {
    if (k.postgresql == postgresql_class::none) continue;
    EXPECT_EQ(oracle::postgresql_tree("select 1 " + std::string(k.word)).has_value(), k.bare_label) << k.word;
  }
}

TEST(keywords, sqlite_has_all_that_the_library_lists_and_no_other) {
  int known = 0;
  for (int i = 0; i < sqlite3_keyword_count(); ++i) {
    char const* word = nullptr;
    int size = 0;
    ASSERT_EQ(sqlite3_keyword_name(i, &word, &size), SQLITE_OK);
    auto const id = find_keyword({word, static_cast<std::size_t>(size)});
    ASSERT_NE(id, no_keyword) << std::string(word, static_cast<std::size_t>(size));
    EXPECT_NE(entry(id).sqlite, sqlite_class::none) << entry(id).word;
    ++known;
  }
  int listed = 0;
  for (auto const& k : keywords) listed += k.sqlite != sqlite_class::none;
  EXPECT_EQ(known, listed);
  EXPECT_EQ(known, 147);
}

// Each word in each place where SQLite may or may not take it as a name: both answers must agree.
TEST(keywords, sqlite_takes_the_same_words_as_names) {
  oracle::sqlite_database db;
  for (std::string_view const form :
       {"select 1 as %", "select 1 %", "select * from (select 1) as %", "select * from (select 1) %", "with % as (select 1) select 1",
        "select x.% from (select 1 as a) x", "select % from (select 1 as a) x", "select 1 union select 2 order by %", "select %(1)",
        "select % (1) over ()", "select 1 collate %"}) {
    for (auto const& k : keywords) {
      auto sql = std::string(form);
      sql.replace(sql.find('%'), 1, k.word);
      auto const answer = db.ask(sql, false);
      bool const taken = answer.error.find("syntax error") == std::string::npos &&
                         answer.error.find("incomplete input") == std::string::npos &&
                         answer.error.find("RAISE() may only") == std::string::npos && answer.error.find("JOIN") == std::string::npos;
      auto const ours = reading::fault_of(sql, dialect::sqlite);
      EXPECT_EQ(ours == "no fault", taken) << sql << "\n  sqlite: " << answer.error << "\n  grille: " << ours;
    }
  }
}

// The same on PostgreSQL. Grille may take less: an operator's word as a bare label is refused.
TEST(keywords, grille_takes_no_word_as_a_name_that_postgresql_does_not) {
  int agreed = 0;
  int stricter = 0;
  for (std::string_view const form : {"select 1 as %",
                                      "select 1 %",
                                      "select * from % ",
                                      "select * from t as %",
                                      "select * from t %",
                                      "with % as (select 1) select 1",
                                      "select t.% from t",
                                      "select % from t",
                                      "select %(1)",
                                      "select s.%(1)",
                                      "select % '1'",
                                      "select '1'::%",
                                      "select '1'::%(1)",
                                      "select f(% => 1)",
                                      "select * from %(1)",
                                      "update t set % = 1",
                                      "insert into t (%) values (1)",
                                      "delete from t %",
                                      "select 1 from t group by %",
                                      "select sum(1) over %",
                                      "select '1' collate %",
                                      "table %",
                                      "select extract(% from a)"}) {
    for (auto const& k : keywords) {
      auto sql = std::string(form);
      sql.replace(sql.find('%'), 1, k.word);
      bool const taken = oracle::postgresql_tree(sql).has_value();
      auto const ours = reading::fault_of(sql, dialect::postgresql);
      EXPECT_FALSE(ours == "no fault" && !taken) << sql;
      (ours == "no fault") == taken ? ++agreed : ++stricter;
      // `default` is an expression to PostgreSQL's parser and refused right behind it.
      bool const known = form == "select 1 %" || k.word == "default" || sql == "with recursive as (select 1) select 1" ||
                         sql == "select current_schema '1'";
      if (taken && ours.starts_with("syntax")) {
        EXPECT_TRUE(known) << sql << "\n  " << ours;
      }
    }
  }
  EXPECT_GT(agreed, 10'000);
  EXPECT_LT(stricter, 120);
}

}  // namespace
}  // namespace grille
