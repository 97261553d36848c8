// Enormous and deeply nested statements: an answer or a refusal of the right kind, at once, and the session lives on.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "attack/attempt.hpp"

namespace {

std::string times(std::string const& text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}
std::string around(std::string const& open, std::size_t n, std::string const& inner, std::string const& close) {
  return times(open, n) + inner + times(close, n);
}
std::string listed(std::size_t n, std::string const& separator, std::function<std::string(std::size_t)> const& item) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += (i == 0 ? "" : separator) + item(i);
  return out;
}
std::string number(std::size_t i) { return std::to_string(i); }

class limits : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto const w = cases::read_world(GRILLE_TESTS_DIR "/cases/vault.world");
    file_ = std::make_unique<cases::scratch_file>("limits");
    cases::fill(w, file_->path());
    database_ = std::make_unique<grille::sqlite::database>(file_->path(), grille::policy_set::parse(w.policy, "vault.grille"));
    rita_ = w.by_name("rita").principal;
  }
  static void TearDownTestSuite() {
    database_.reset();
    file_.reset();
  }

  /// Refused as `limit`, or as `also`.
  static void refused(std::string const& sql, std::string const& also = "limit") {
    auto const begun = std::chrono::steady_clock::now();
    for (auto const& principal : {rita_, std::string("null")}) {
      auto const got = cases::ask(*database_, cases::principal_of(principal), sql);
      ASSERT_TRUE(got.refused) << sql.substr(0, 80);
      auto const& kind = got.refused->kind;
      EXPECT_TRUE(kind == "limit" || kind == also || (also == "not_found" && kind == "unauthenticated")) << sql.substr(0, 80) << '\n'
                                                                                                         << to_text(got).substr(0, 500);
      EXPECT_LT(got.refused->message.size(), 300U) << "the statement is echoed";
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10)) << sql.substr(0, 80);
    EXPECT_FALSE(cases::ask(*database_, cases::principal_of(rita_), "select id from shops").refused);
  }
  static void answered(std::string const& sql, std::string const& cell) {
    auto const got = cases::ask(*database_, cases::principal_of(rita_), sql);
    ASSERT_FALSE(got.refused) << sql.substr(0, 80) << '\n' << to_text(got).substr(0, 500);
    ASSERT_EQ(got.got.rows.size(), 1U);
    EXPECT_EQ(got.got.rows[0][0], cell);
  }

  static std::unique_ptr<cases::scratch_file> file_;
  static std::unique_ptr<grille::sqlite::database> database_;
  static std::string rita_;
};
std::unique_ptr<cases::scratch_file> limits::file_;
std::unique_ptr<grille::sqlite::database> limits::database_;
std::string limits::rita_;

TEST_F(limits, parentheses) {
  answered("select " + around("(", 50, "7", ")"), "7");
  refused("select " + around("(", 100'000, "7", ")"));
  refused("select " + times("(", 100'000), "syntax");
  refused("select " + times(")", 100'000), "syntax");
}

TEST_F(limits, signs_and_negations) {
  answered("select " + times("- ", 30) + "7", "7");
  answered("select " + times("not ", 50) + "1", "1");
  refused("select " + times("- ", 100'000) + "7");
  refused("select " + times("~", 100'000) + "7");
  refused("select " + times("not ", 100'000) + "1");
}

TEST_F(limits, calls) {
  answered("select " + around("abs(", 25, "-7", ")"), "7");
  refused("select " + around("abs(", 50'000, "7", ")"));
  refused("select " + around("coalesce(null, ", 50'000, "7", ")"));
}

TEST_F(limits, cases_in_cases) {
  answered("select " + around("case when 1 then ", 12, "7", " end"), "7");
  refused("select " + around("case when 1 then ", 20'000, "7", " end"));
  refused("select " + around("case ", 20'000, "7", " when 1 then 1 end"));
}

// Not deep by our own count, but beyond the stack of SQLite's parser.
TEST_F(limits, of_the_engines_parser) {
  refused("select " + around("abs(", 60, "7", ")"));
  refused("select " + around("case when 1 then ", 40, "7", " end"));
  refused("select " + around("(select ", 40, "7", ")"));
}

TEST_F(limits, casts_and_collations) {
  refused("select " + around("cast(", 30'000, "7", " as integer)"));
  refused("select 'a' " + times("collate nocase ", 30'000));
}

TEST_F(limits, subqueries) {
  answered("select " + around("(select ", 10, "7", ")"), "7");
  refused("select " + around("(select ", 30'000, "7", ")"));
  refused(around("select * from (", 30'000, "select 7", ")"));
  refused("select 1 from shops where " + around("exists (select 1 from shops where ", 10'000, "1", ")"));
  refused("select 1 where " + around("1 in (select ", 20'000, "1", ")"));
}

TEST_F(limits, joins_in_parentheses) {
  refused("select 1 from " + around("(", 50'000, "shops", ")"));
  refused("select 1 from " + around("(shops join ", 20'000, "shops", ")"));
}

TEST_F(limits, ctes) {
  refused(around("with c as (", 20'000, "select 7", ") select * from c"));
  answered(
      "with " + listed(100, ", ", [](auto i) { return "c" + number(i) + " as (select " + number(i) + " as x)"; }) + " select x from c42",
      "42");
}

TEST_F(limits, chains) {
  answered("select " + listed(300, " + ", [](auto) { return "1"; }), "300");
  answered("select length(" + listed(300, " || ", [](auto) { return "'a'"; }) + ")", "300");
  answered("select count(*) from shops where " + listed(100, " or ", [](auto i) { return "id = " + number(i); }), "3");
  refused("select " + listed(100'000, " + ", [](auto) { return "1"; }));
  refused("select " + listed(100'000, " || ", [](auto) { return "'a'"; }));
  refused("select 1 where " + listed(50'000, " and ", [](auto) { return "1"; }));
  refused("select 1 where " + listed(50'000, " or ", [](auto) { return "1"; }));
  refused("select 1" + times(" is null", 60'000));
  refused("select 1" + times(" = 1", 60'000));
  refused("select 1" + times(" between 1 and 2", 30'000));
  refused("select 1" + times(" -> 1", 60'000));
}

TEST_F(limits, compounds) {
  answered("select count(*) from (" + listed(40, " union ", [](auto i) { return "select " + number(i); }) + ")", "40");
  refused(listed(30'000, " union all ", [](auto) { return "select 1"; }));
}

TEST_F(limits, lists) {
  answered("select count(*) from shops where id in (" + listed(5'000, ", ", number) + ")", "3");
  refused("select 1 in (" + listed(120'000, ", ", number) + ")");
  refused("values " + listed(120'000, ", ", [](auto i) { return '(' + number(i) + ')'; }));
  refused("select " + listed(40'000, ", ", number));
  refused("select 1 from shops order by " + listed(40'000, ", ", number), "syntax");
  refused("select 1 from shops group by " + listed(40'000, ", ", [](auto) { return "id"; }));
  refused("select coalesce(" + listed(40'000, ", ", number) + ")");
}

TEST_F(limits, relations) {
  answered("select count(*) from " + listed(10, ", ", [](auto i) { return "shops s" + number(i); }), "59049");
  refused("select 1 from " + listed(5'000, ", ", [](auto) { return "shops"; }), "ambiguous");
  refused("select 1 from " + listed(5'000, " join ", [](auto i) { return "shops s" + number(i); }));
}

TEST_F(limits, parameters) {
  refused("select " + listed(100'000, ", ", [](auto) { return "?"; }), "usage");
}

TEST_F(limits, bytes) {
  answered("select length('" + times("a", 100'000) + "')", "100000");
  answered("select length('" + times("a", 600'000) + "') as n", "600000");
  refused("select '" + times("a", 10'000'000) + "'");
  refused("select 1" + times(" ", 10'000'000));
  refused("select 1 /*" + times("*", 10'000'000) + "*/");
  refused("select 1 -- " + times("x", 10'000'000));
  refused("select " + times("a", 10'000'000));
  refused("select \"" + times("a", 10'000'000) + "\"");
  refused("select x'" + times("00", 5'000'000) + "'");
  refused("select " + times("9", 10'000'000));
  refused(times("\0", 10'000'000), "syntax");
  refused(times("\xff", 10'000'000), "syntax");
  refused(times(";", 10'000'000), "syntax");
}

TEST_F(limits, comments) {
  refused("select 1 " + times("/*", 50'000), "syntax");
  answered("select 1 " + times("/* */", 50'000), "1");
  answered(times("-- a line\n", 20'000) + "select 1", "1");
}

TEST_F(limits, numbers_and_names) {
  refused("select " + times("9", 900'000), "syntax");
  refused("select 1e" + times("9", 900'000), "syntax");
  refused("select " + times("a", 900'000), "not_found");
  refused("select " + listed(100'000, ".", [](auto) { return "a"; }), "syntax");
}

}  // namespace
