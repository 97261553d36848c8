// Depth and size: what is nested deeply or grows when names are resolved ends in `limit`, never in an overflow of the stack (run under
// AddressSanitizer, whose frames are the largest) and never in minutes of work.
#include <chrono>
#include <functional>

#include "base/limits.hpp"
#include "bind/engine.hpp"

namespace grille::bind {
namespace {

std::string times(std::size_t n, std::string const& s) {
  std::string out;
  while (n-- > 0) out += s;
  return out;
}

class bounds : public testing::Test {
 protected:
  passed bound(std::string const& sql) { return pass(visible, sql); }
  /// Deeper and deeper, until it is too deep: then `limit`, at any depth beyond too.
  void nest(std::function<std::string(unsigned)> const& text) {
    auto const start = std::chrono::steady_clock::now();
    unsigned accepted = 0;
    bool refused = false;
    for (unsigned n = 1; n < 1'500; n += n < 420 ? 13 : 400) {
      auto const p = bound(text(n));
      if (p.fault.empty()) {
        EXPECT_FALSE(refused) << "deeper than what was refused: " << n;
        accepted = n;
      } else {
        refused = true;
        EXPECT_EQ(p.kind, errc::limit) << n << ": " << p.fault.substr(0, 300);
      }
    }
    EXPECT_GT(accepted, 20U);
    EXPECT_TRUE(refused);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  }

  engine db{"create table t(a, b, c)"};
  introspect::catalog_ptr catalog = db.catalog();
  full_catalog visible{*catalog};
};

TEST_F(bounds, subqueries) {
  nest([](unsigned n) { return "select " + times(n, "(select ") + "1" + times(n, ")"); });
  nest([](unsigned n) { return "select 1 from t where " + times(n, "exists (select 1 from t where a = ") + "1" + times(n, ")"); });
  nest([](unsigned n) { return times(n, "select * from (") + "select a from t" + times(n, ")"); });
  nest([](unsigned n) { return "select 1 in " + times(n, "(select 1 in ") + "(1)" + times(n, ")"); });
}

TEST_F(bounds, operators) {
  nest([](unsigned n) { return "select " + times(n, "- ") + "a from t"; });
  nest([](unsigned n) { return "select " + times(n, "(a + ") + "1" + times(n, ")") + " from t"; });
  nest([](unsigned n) { return "select a" + times(n, " || b") + " from t"; });
  nest([](unsigned n) { return "select " + times(n, "abs(") + "a" + times(n, ")") + " from t"; });
  nest([](unsigned n) { return "select " + times(n, "case when a then ") + "b" + times(n, " end") + " from t"; });
  nest([](unsigned n) { return "select a from t order by " + times(n, "not ") + "a"; });
}

TEST_F(bounds, tables) {
  nest([](unsigned n) {
    std::string from;
    for (unsigned i = 0; i < n; ++i) from += "t as x" + std::to_string(i) + " join (";
    return "select x0.a from " + from + "t" + times(n, ")");
  });
  nest([](unsigned n) { return times(n, "with c as (") + "select 1 as x" + times(n, ") select x from c"); });
}

TEST_F(bounds, common_tables_that_need_each_other) {
  auto const chain = [](unsigned n, bool forward) {
    std::string sql = "with ";
    for (unsigned i = 0; i < n; ++i) {
      auto const other = forward ? i + 1 : i - 1;
      auto const last = forward ? i + 1 == n : i == 0;
      sql += (i == 0 ? "c" : ", c") + std::to_string(i) + " as (select " + (last ? "1 as x" : "x from c" + std::to_string(other)) + ")";
    }
    return sql + " select * from c" + std::to_string(forward ? 0 : n - 1);
  };
  EXPECT_EQ(bound(chain(3'000, false)).fault, "") << "each is bound before the next";
  EXPECT_EQ(bound(chain(100, true)).fault, "");
  EXPECT_EQ(bound(chain(3'000, true)).kind, errc::limit);
}

TEST_F(bounds, an_alias_that_doubles_at_each_level) {
  std::string sql = "select a + a as x0 from t where ";
  for (int i = 1; i < 40; ++i) {
    auto const before = "x" + std::to_string(i - 1);
    sql += "(select " + before + " + " + before + " as x" + std::to_string(i) + " from t t" + std::to_string(i) + " where ";
  }
  sql += "x39" + times(39, ")");
  EXPECT_EQ(bound(sql).kind, errc::limit);
}

TEST_F(bounds, copies_of_a_large_item) {
  auto const large = "a" + times(200, " and a = b");
  EXPECT_EQ(bound("select " + large + " as x from t group by 1" + times(1'000, ", 1")).fault, "");
  EXPECT_EQ(bound("select " + times(5'000, "a = b and ") + "1 as x from t group by 1" + times(1'000, ", 1")).kind, errc::limit);
  EXPECT_EQ(bound("select " + times(5'000, "a = b and ") + "1 as x from t where x" + times(1'000, " or x")).kind, errc::limit);
  EXPECT_EQ(bound("select 1" + times(900, ", sum(a) over w") + " from t window w as (order by " + times(3'000, "a = b or ") + "c)").kind, errc::limit);
}

TEST_F(bounds, tables_and_columns) {
  EXPECT_EQ(bound("select 1 from t" + times(base::limits::relations - 1, ", t")).fault, "");
  EXPECT_EQ(bound("select 1 from t" + times(base::limits::relations, ", t")).kind, errc::limit);
  EXPECT_EQ(bound("select 1 from t join (t x" + times(base::limits::relations, " join t y") + ")").kind, errc::limit);
  EXPECT_EQ(bound("select *" + times(665, ", *") + " from t").fault, "");
  EXPECT_EQ(bound("select *" + times(700, ", *") + " from t").kind, errc::limit);
  EXPECT_EQ(bound("select ?32766").fault, "");
}

}  // namespace
}  // namespace grille::bind
