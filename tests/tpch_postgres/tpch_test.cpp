// The 22 queries of TPC-H on PostgreSQL: through Grille on poisoned data, where the policy hides the decoys, and plainly on clean data.
// Every answer must be the same. The table at the end says how many were executed, matched, refused and why, and how many were wrong: none.
//
// GRILLE_TPCH_SCALE in the environment is the scale factor, 0.01 by default: 15,000 orders.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <pqxx/pqxx>
#include <set>

#include "cases/raw_database.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"
#include "tpch/generate.hpp"

namespace {

// How many of the 22 are executed. To be raised with what is supported beside a guard.
constexpr std::size_t executed_at_least = 22;

// In no query of the corpus.
constexpr char const* mark = "grille_shown";

std::filesystem::path const corpus = GRILLE_CORPORA "/tpch";

std::string query_of(int number) {
  auto text = cases::read_file(corpus / (std::string(number < 10 ? "q0" : "q") + std::to_string(number) + ".sql"));
  // the one word in the corpus that is not PostgreSQL's
  for (auto at = text.find("AS STRING"); at != std::string::npos; at = text.find("AS STRING", at)) text.replace(at, 9, "AS TEXT");
  return text;
}

using answer = std::vector<std::string>;  // rows as "a|b|…", sorted: the queries leave rows that tie in any order

std::string shown(grille::value const& v) {
  struct spell {
    std::string operator()(std::monostate) const { return "~"; }
    std::string operator()(bool b) const { return b ? "t" : "f"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return grille::value(d).as<std::string>(); }
    std::string operator()(grille::numeric const& n) const { return n.text; }
    std::string operator()(std::string const& s) const { return s; }
    std::string operator()(grille::bytes const&) const { return "bytes"; }
    std::string operator()(grille::json const& j) const { return j.text; }
    std::string operator()(grille::timestamp const&) const { return "a time"; }
    std::string operator()(grille::date const& d) const {
      std::chrono::year_month_day const at(d);
      char text[32];
      std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(at.year()), static_cast<unsigned>(at.month()),
                    static_cast<unsigned>(at.day()));
      return text;
    }
  };
  return std::visit(spell{}, v.data());
}

/// The same rows twice: in `clean` as they are made, in `public` with decoys before, between and behind.
class data {
 public:
  explicit data(double scale) {
    db_.run("create schema clean");
    std::map<std::string, std::string, std::less<>> pending;
    pqxx::connection c(db_.conninfo());
    pqxx::work w(c);
    for (auto const& t : tpch::tables()) w.exec("create table clean." + std::string(t.name) + " (" + std::string(t.columns) + ")");
    auto const send = [&](std::string_view table, std::string& rows) {
      std::string const name(table);
      w.exec("insert into clean." + name + " values " + rows);
      rows.clear();
    };
    tpch::generate(scale, [&](std::string_view table, std::string const& row) {
      auto& rows = pending[std::string(table)];
      rows += rows.empty() ? "('" : ", ('";
      for (char const ch : row) {
        if (ch == '\t')
          rows += "', '";
        else if (ch == '\'')
          rows += "''";
        else
          rows += ch;
      }
      rows += "')";
      ++made_[std::string(table)];
      if (rows.size() > 500'000) send(table, rows);
    });
    for (auto& [table, rows] : pending)
      if (!rows.empty()) send(table, rows);
    for (auto const& t : tpch::tables()) w.exec(poison(w, t));
    for (auto const& t : tpch::tables()) {
      auto const name = std::string(t.name);
      w.exec("alter table clean." + name + " add primary key (" + std::string(t.key) + ")");
      w.exec("create index on public." + name + " (" + std::string(t.key) + ")");
    }
    for (auto const* const schema : {"clean", "public"}) {
      w.exec(std::string("create index on ") + schema + ".lineitem (l_partkey, l_suppkey)");
      w.exec(std::string("create index on ") + schema + ".orders (o_custkey)");
      w.exec(std::string("create index on ") + schema + ".partsupp (ps_suppkey)");
    }
    w.exec("analyze");
    w.commit();
  }

  answer plain(std::string const& sql) {
    pqxx::connection c(db_.conninfo());
    pqxx::nontransaction t(c);
    t.exec("set search_path = clean");
    answer out;
    for (auto const& row : t.exec(sql)) {
      auto& text = out.emplace_back();
      for (auto const& field : row) text += (text.empty() ? "" : "|") + std::string(field.is_null() ? "~" : field.c_str());
    }
    std::ranges::sort(out);
    return out;
  }
  /// @throws grille::error
  answer guarded(std::string const& sql, bool hide = true) {
    auto& database = databases_[hide];
    if (!database)
      database = std::make_unique<grille::postgres::database>(
          db_.conninfo(), grille::policy_set::parse(policy(hide), "tpch.grille", {}, grille::dialect::postgresql));
    answer out;
    for (auto const& row : database->session(grille::principal("analyst")).query(sql)) {
      auto& text = out.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) text += (text.empty() ? "" : "|") + shown(row[i].get());
    }
    std::ranges::sort(out);
    return out;
  }
  std::size_t made(std::string const& table) const { return made_.at(table); }
  std::size_t decoys(std::string const& table) {
    return std::stoul(db_.value("select count(*) from public." + table + " where " + mark + " is not true"));
  }

 private:
  /// Of each row: the same row again, and the row with its numbers turned to zero, which is there to be divided by,
  /// and by another supplier; and one row of NULLs.
  static std::string poison(pqxx::work& w, tpch::table const& t) {
    auto const name = std::string(t.name);
    std::string columns, extremes, nulls;
    for (auto const& row : w.exec(
             "select column_name::text, data_type::text from information_schema.columns where table_schema = 'clean' and table_name = '" +
             name + "' order by ordinal_position")) {
      std::string const column = row[0].c_str(), type = row[1].c_str();
      bool const is_key = column.ends_with("key");
      columns += (columns.empty() ? "" : ", ") + column;
      extremes += (extremes.empty() ? "" : ", ") + (column == "ps_suppkey"        ? "ps_suppkey + 1 as " + column
                                                    : is_key || type == "date"    ? column
                                                    : type == "character varying" ? "left(" + column + ", 1) as " + column
                                                                                  : "0 as " + column);
      nulls += (nulls.empty() ? "" : ", ") + std::string("null");
    }
    return "create table public." + name + " (" + std::string(t.columns) + ", " + mark +
           " boolean);"
           "insert into public." +
           name + " with rows as (select row_number() over () as n, * from clean." + name + ") select " + columns +
           ", shown from ("
           "select n, 0 as at, " +
           columns +
           ", false as shown from rows union all "
           "select n, 1, " +
           columns +
           ", true from rows union all "
           "select n, 2, " +
           extremes +
           ", null from rows union all "
           "select 0, 3, " +
           nulls + ", false) all_rows order by n, at";
  }
  static std::string policy(bool hide) {
    std::string out = "policy tpch version 1;\nowner 'tests' contact 'tests';\nprotects ", grants;
    for (auto const& t : tpch::tables()) {
      auto const name = std::string(t.name);
      out += (grants.empty() ? "" : ", ") + name;
      grants += "allow public to select all columns except (" + std::string(mark) + ") on " + name +
                (hide ? std::string(" where ") + mark : "") + ";\n";
    }
    return out + ";\n" + grants;
  }

  testing_postgres::database db_;
  std::map<std::string, std::size_t> made_;
  std::map<bool, std::unique_ptr<grille::postgres::database>> databases_;
};

double scale() {
  auto const* const wish = std::getenv("GRILLE_TPCH_SCALE");
  return wish == nullptr ? 0.01 : std::strtod(wish, nullptr);
}

/// Loaded once, for whoever needs it first.
data& loaded() {
  static data one(scale());
  return one;
}

TEST(tpch, answers_are_those_of_the_plain_queries_on_clean_data) {
  if (!std::filesystem::exists(corpus)) {
    std::printf("NOT RUN: there are no queries in %s.\n", corpus.c_str());
    GTEST_SKIP() << "no queries in " << corpus;
  }
  auto& d = loaded();
  for (auto const& t : tpch::tables()) EXPECT_EQ(d.decoys(std::string(t.name)), 2 * d.made(std::string(t.name)) + 1);

  std::size_t executed = 0, matched = 0, wrong = 0;
  std::map<std::string, std::vector<int>> refused;
  for (int number = 1; number <= 22; ++number) {
    auto const sql = query_of(number);
    auto const right = d.plain(sql);
    EXPECT_FALSE(right.empty()) << "an empty answer says nothing, of query " << number;
    EXPECT_TRUE(std::ranges::any_of(right, [](std::string const& row) { return row.find_first_not_of("~|") != std::string::npos; }))
        << number;
    try {
      auto const got = d.guarded(sql);
      ++executed;
      (got == right ? matched : wrong) += 1;
      EXPECT_EQ(got, right) << "query " << number;
    } catch (grille::error const& e) {
      refused[std::string(to_string(e.kind())) + ": " + e.what()].push_back(number);
      continue;
    }
  }
  std::printf("TPC-H, scale %g: %zu executed, %zu matched, %zu refused, %zu wrong\n", scale(), executed, matched, 22 - executed, wrong);
  for (auto const& [reason, numbers] : refused) {
    std::printf("  refused %s: queries", reason.c_str());
    for (int const n : numbers) std::printf(" %d", n);
    std::printf("\n");
  }
  std::fflush(stdout);
  EXPECT_EQ(wrong, 0U);
  EXPECT_GE(executed, executed_at_least) << "executed less than the floor";
}

// The harness can fail: with a policy that hides nothing, every query that runs gives another answer.
TEST(tpch, a_policy_that_hides_no_decoy_is_noticed) {
  if (!std::filesystem::exists(corpus)) GTEST_SKIP() << "no queries in " << corpus;
  auto& d = loaded();
  std::set<int> unnoticed;
  std::size_t executed = 0;
  for (int number = 1; number <= 22; ++number) {
    auto const sql = query_of(number);
    try {
      if (d.guarded(sql, false) == d.plain(sql)) unnoticed.insert(number);
      ++executed;
    } catch (grille::error const& e) {
      std::printf("query %d, with nothing hidden: %s: %s\n", number, std::string(to_string(e.kind())).c_str(), e.what());
    }
  }
  EXPECT_EQ(executed, 22U) << "where nothing is hidden, nothing is refused";
  EXPECT_TRUE(unnoticed.empty()) << testing::PrintToString(unnoticed);
}

// By hand, of the specification: what each table has at a scale factor, and what the keys refer to.
TEST(generator, follows_the_specification) {
  std::map<std::string, std::size_t> rows;
  std::set<std::string> suppliers, parts, supplied, customers, orders;
  std::size_t bad = 0;
  auto const field = [](std::string const& row, int n) {
    std::size_t at = 0;
    for (; n > 0; --n) at = row.find('\t', at) + 1;
    return row.substr(at, row.find('\t', at) - at);
  };
  std::string first, again;
  auto const look = [&](std::string_view table, std::string const& row) {
    ++rows[std::string(table)];
    first += row + "\n";
    if (table == "supplier") suppliers.insert(field(row, 0));
    if (table == "part") parts.insert(field(row, 0));
    if (table == "partsupp") {
      bad += !suppliers.contains(field(row, 1)) || !parts.contains(field(row, 0));
      bad += !supplied.insert(field(row, 0) + "," + field(row, 1)).second;  // the primary key
    }
    if (table == "customer") customers.insert(field(row, 0));
    if (table == "orders")
      bad += !customers.contains(field(row, 1)) || std::stoi(field(row, 1)) % 3 == 0 || !orders.insert(field(row, 0)).second;
    if (table == "lineitem") bad += !supplied.contains(field(row, 1) + "," + field(row, 2)) || field(row, 10) > field(row, 12);
  };
  tpch::generate(0.002, look);
  EXPECT_EQ(bad, 0U);
  EXPECT_EQ(rows["region"], 5U);
  EXPECT_EQ(rows["nation"], 25U);
  EXPECT_EQ(rows["supplier"], 20U);
  EXPECT_EQ(rows["part"], 400U);
  EXPECT_EQ(rows["partsupp"], 1'600U);
  EXPECT_EQ(rows["customer"], 300U);
  EXPECT_EQ(rows["orders"], 3'000U);
  EXPECT_NEAR(static_cast<double>(rows["lineitem"]), 12'000, 400) << "four to an order";
  tpch::generate(0.002, [&](std::string_view, std::string const& row) { again += row + "\n"; });
  EXPECT_EQ(first, again) << "the same rows every time";
}

}  // namespace
