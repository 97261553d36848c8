// Every statement of the corpora that parses is printed, read again and compared; and the engines are asked whether they
// understand the print as they understand the original: PostgreSQL by its parse tree, SQLite by what it reads and answers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "ast/equal.hpp"
#include "engines.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

namespace grille {
namespace {

namespace fs = std::filesystem;

struct tally {
  int statements = 0;
  int parsed = 0;
  int round_trips = 0;
  int same = 0;
  int different = 0;
  int refused = 0;  // the engine takes the original and not the print
  int unknown = 0;  // the engine does not take the original in this database
};
std::ostream& operator<<(std::ostream& out, tally const& t) {
  return out << t.statements << " statements, " << t.parsed << " parsed, " << t.round_trips
             << " round trips; print against original: " << t.same << " same, " << t.different << " different, " << t.refused
             << " refused, " << t.unknown << " not comparable";
}

constexpr int shown_failures = 12;

/// The print of a statement that parses, "" else; counts, and complains where it does not read back as the same tree.
std::string round_trip(std::string const& sql, dialect d, tally& t) {
  base::arena arena;
  ++t.statements;
  auto const tree = grammar::parse_statement(sql, d, arena);
  if (!tree) return {};
  ++t.parsed;
  auto text = print::print(**tree, d);
  auto const again = grammar::parse_statement(text, d, arena);
  if (again && ast::equal(**tree, **again)) {
    ++t.round_trips;
  } else if (t.parsed - t.round_trips <= shown_failures) {
    ADD_FAILURE() << (again ? "reads back as another tree" : "does not parse: " + again.error().message) << "\n  " << sql << "\n  " << text;
  }
  return text;
}

TEST(print_round_trip, postgresql_regression_statements) {
  auto const path = fs::path(GRILLE_CORPORA) / "postgres-regress/statements.jsonl";
  if (!fs::exists(path)) GTEST_SKIP() << "no corpus at " << path << "; the project's own samples are in print_forms_test.cpp";
  tally t;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    auto const sql = nlohmann::json::parse(line).at("sql").get<std::string>();
    auto const text = round_trip(sql, dialect::postgresql, t);
    if (text.empty()) continue;
    auto const original = oracle::postgresql_tree(sql);
    auto const printed = oracle::postgresql_tree(text);
    if (!original) {
      ++t.unknown;
      ADD_FAILURE() << "PostgreSQL does not take what Grille takes: " << sql;
    } else if (!printed) {
      ++t.refused;
    } else {
      ++(original == printed ? t.same : t.different);
    }
    if (original != printed && t.different + t.refused <= shown_failures)
      ADD_FAILURE() << "PostgreSQL understands otherwise\n  " << sql << "\n  " << text;
  }
  std::cout << t << "\n";
  EXPECT_EQ(t.statements, 8856);
  EXPECT_EQ(t.round_trips, t.parsed);
  EXPECT_EQ(t.different, 0);
  EXPECT_EQ(t.refused, 0);
}

struct record {
  bool is_query = false;
  std::string sql;
};

/// The records of an sqllogictest file that are meant for SQLite.
std::vector<record> read_records(fs::path const& path) {
  std::vector<record> records;
  std::ifstream in(path);
  bool skipped = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with("skipif sqlite")) skipped = true;
    if (line.starts_with("onlyif") && !line.starts_with("onlyif sqlite")) skipped = true;
    if (line.starts_with("halt")) {
      if (!skipped) break;
      skipped = false;
    }
    bool const is_query = line.starts_with("query");
    if (!is_query && !line.starts_with("statement")) continue;
    record r{is_query, {}};
    while (std::getline(in, line) && !line.empty() && line != "\r" && !line.starts_with("----")) r.sql += line + "\n";
    if (!skipped) records.push_back(r);
    skipped = false;
  }
  return records;
}

class sqllogictest : public testing::TestWithParam<std::string> {};

TEST_P(sqllogictest, queries_and_writes_print_as_what_they_are) {
  auto const path = fs::path(GRILLE_CORPORA) / "sqllogictest" / GetParam();
  if (!fs::exists(path)) GTEST_SKIP() << "no corpus at " << path << "; the project's own samples are in print_forms_test.cpp";
  constexpr int every = 5;  // so many are run, the others prepared only
  oracle::sqlite_database db;
  tally queries;
  tally writes;
  for (auto const& r : read_records(path)) {
    auto& t = r.is_query ? queries : writes;
    auto const text = round_trip(r.sql, dialect::sqlite, t);
    if (!text.empty()) {
      bool const run = r.is_query && t.parsed % every == 0;
      auto const original = db.ask(r.sql, run);
      auto const printed = db.ask(text, run);
      if (!original.prepared)
        ++t.unknown;
      else if (!printed.prepared)
        ++t.refused;
      else
        ++(original == printed ? t.same : t.different);
      if (original.prepared && !(original == printed) && t.different + t.refused <= shown_failures)
        ADD_FAILURE() << "SQLite understands otherwise: " << printed.error << "\n  " << r.sql << "\n  " << text;
    }
    if (!r.is_query) db.execute(r.sql);
  }
  std::cout << "queries: " << queries << "\nwrites: " << writes << "\n";
  EXPECT_GT(queries.statements + writes.statements, 0);
  EXPECT_EQ(queries.unknown, 0);  // else the database is not the one that the queries are for
  for (auto const& t : {queries, writes}) {
    EXPECT_EQ(t.round_trips, t.parsed);
    EXPECT_EQ(t.different, 0);
    EXPECT_EQ(t.refused, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(files, sqllogictest,
                         testing::Values("select1.test", "select2.test", "select3.test", "evidence/in1.test", "evidence/in2.test",
                                         "evidence/slt_lang_aggfunc.test", "evidence/slt_lang_replace.test",
                                         "evidence/slt_lang_update.test", "random/aggregates.test", "random/expr.test",
                                         "random/groupby.test", "random/select.test"),
                         [](auto const& p) {
                           std::string name = p.param;
                           for (char& c : name)
                             if (c == '/' || c == '.') c = '_';
                           return name;
                         });

TEST(print_round_trip, tpch) {
  auto const folder = fs::path(GRILLE_CORPORA) / "tpch";
  if (!fs::exists(folder)) GTEST_SKIP() << "no corpus at " << folder;
  tally t;
  for (auto const& file : fs::directory_iterator(folder)) {
    std::ifstream in(file.path());
    std::string const sql(std::istreambuf_iterator<char>(in), {});
    auto const text = round_trip(sql, dialect::postgresql, t);
    EXPECT_EQ(oracle::postgresql_tree(sql), oracle::postgresql_tree(text)) << file.path();
  }
  EXPECT_EQ(t.statements, 22);
  EXPECT_EQ(t.round_trips, 22);
}

}  // namespace
}  // namespace grille
