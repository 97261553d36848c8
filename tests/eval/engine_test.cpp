// Evaluation in memory against SQLite itself: every expression below over every pair of values below. What memory does not know it
// says; what it answers is the engine's answer, to the storage class and the last bit.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <iostream>
#include <map>
#include <memory>

#include "bind/bind.hpp"
#include "eval/evaluate.hpp"
#include "grammar/parse.hpp"
#include "introspect/introspect.hpp"

namespace grille::eval {
namespace {

struct closed {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using database = std::unique_ptr<sqlite3, closed>;
using statement = std::unique_ptr<sqlite3_stmt, closed>;

// No affinity, since that is not evaluated in memory; `n` compares without case.
constexpr auto schema = "create table v(a, b, n collate nocase)";

database open() {
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  EXPECT_EQ(sqlite3_exec(db, schema, nullptr, nullptr, nullptr), SQLITE_OK);
  return database(db);
}
statement prepare(database const& db, std::string const& sql) {
  sqlite3_stmt* s = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db.get(), sql.c_str(), -1, &s, nullptr), SQLITE_OK) << sql << ": " << sqlite3_errmsg(db.get());
  return statement(s);
}
value read(sqlite3_stmt* s, int i) {
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
      return value(std::int64_t{sqlite3_column_int64(s, i)});
    case SQLITE_FLOAT:
      return value(sqlite3_column_double(s, i));
    case SQLITE_TEXT:
      return value(std::string(reinterpret_cast<char const*>(sqlite3_column_text(s, i)), static_cast<std::size_t>(sqlite3_column_bytes(s, i))));
    case SQLITE_BLOB: {
      auto const* p = static_cast<std::byte const*>(sqlite3_column_blob(s, i));
      return value(bytes(p, p + sqlite3_column_bytes(s, i)));
    }
    default:
      return {};
  }
}
/// As the engine would show it: it has no booleans.
value plain(value const& v) {
  if (auto const* b = std::get_if<bool>(&v.data())) return value(std::int64_t{*b ? 1 : 0});
  return v;
}
std::string show(value const& v) {
  struct visit {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const {
      char text[40];
      std::snprintf(text, sizeof text, "%.17g (real)", d);
      return text;
    }
    std::string operator()(numeric const& n) const { return n.text + " (numeric)"; }
    std::string operator()(std::string const& s) const { return "'" + s + "'"; }
    std::string operator()(bytes const& b) const { return "x'" + std::string(reinterpret_cast<char const*>(b.data()), b.size()) + "'"; }
    std::string operator()(json const& j) const { return j.text; }
    std::string operator()(timestamp) const { return "timestamp"; }
    std::string operator()(date) const { return "date"; }
  };
  return std::visit(visit{}, v.data());
}

char const* const values[] = {"null", "0", "1", "-1", "2", "3", "7", "9223372036854775807", "-9223372036854775808", "9007199254740993", "0.0", "-0.0", "0.5",
                              "2.0", "-2.5", "1e20", "1e-5", "9007199254740992.0", "9223372036854775807.0", "9e999", "-9e999", "123456789.123", "''", "'a'", "'A'", "'b'", "' a '", "'a  '", "'1'",
                              "'1.0'", "'12abc'", "'.5x'", "'-3'", "' 4'", "'ä'", "'Ä'", "'äöü'", "'inf'", "'nan'", "'0x10'", "'1e2'", "'%'", "'_'", "'a%'", "'%b%'", "'[a-c]*'", "'*'", "'?'", "'abc'", "'ABC'",
                              "x''", "x'61'", "x'31'", "'[^a]'", "'[]]'", "']'", "'[a'", "'a\\_'"};

char const* const expressions[] = {"a", "a = b", "a <> b", "a < b", "a <= b", "a > b", "a >= b", "a is b", "a is not b", "a is null", "a is not null", "a is true", "a is not true", "a is false", "a is not false",
                                   "not a", "a and b", "a or b", "a and not b", "a + b", "a - b", "a * b", "a / b", "a % b", "- a", "+ a", "a || b", "a like b", "a not like b", "a like b escape '\\'", "a glob b", "a not glob b",
                                   "a in (b, 1)", "a not in (b, 1)", "a in ()", "a not in ()", "a in (b, null)", "a between b and 2", "a not between b and 'b'", "2 between a and b",
                                   "case when a then b else 'none' end", "case a when b then 1 when 2 then 2 end", "coalesce(a, b)", "ifnull(a, b)", "nullif(a, b)", "nullif(a, b collate nocase)", "nullif(+ a, b collate nocase)", "lower(a)", "upper(a)", "length(a)", "trim(a)",
                                   "n = b", "n < b", "b = n", "n <> b", "n in (b)", "n between b and b", "n is b", "case n when b then 1 else 0 end", "nullif(n, b)", "n like b", "n glob b", "n collate binary = b", "a = b collate nocase",
                                   "a collate nocase < b", "a collate rtrim = b", "a collate nocase in (b)", "a in (b collate nocase)", "case a collate nocase when b then 1 else 0 end", "n collate binary = b collate nocase", "(+ n) = b", "(a || '') = b", "(n) = (b)",
                                   "abs(a)", "round(a)", "round(a, 1)", "substr(a, 2)", "substr(a, 1, 2)", "substr(a, -2)", "substr(a, 0, 2)", "typeof(a)", "a & b", "a | b", "a << b", "~ a", "cast(a as integer)", "cast(a as text)", "iif(a, b, 0)",
                                   "ltrim(a)", "rtrim(a)", "instr(a, b)", "replace(a, b, 'x')", "min(a, b)", "max(a, b)", "min(n, b)", "max(n, b, 'q')", "min(a, b collate nocase)", "sign(a)", "unicode(a)", "hex(a)", "quote(a)", "(a, b) = (1, 2)", "a between null and b", "a = b and a <= b or b is null"};

TEST(evaluation, says_what_the_engine_says_or_that_it_does_not_know) {
  auto const db = open();
  auto const catalog = *introspect::read_sqlite(db.get());
  bind::full_catalog const visible(*catalog);
  base::arena memory;
  auto* row = bind::make_relation(**visible.find({}, "v"), "v", {}, memory);

  // Row i * n + k + 1 has the values i and k: they are stored before they are compared, as an application's would be.
  constexpr auto n = std::size(values);
  std::string fill;
  for (auto const* a : values)
    for (auto const* b : values) fill.append(fill.empty() ? "insert into v values (" : ", (").append(a).append(", ").append(b).append(", ").append(a).append(")");
  ASSERT_EQ(sqlite3_exec(db.get(), fill.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  std::vector<value> known;
  auto const stored = prepare(db, "select a from v where b is null order by rowid");
  while (sqlite3_step(stored.get()) == SQLITE_ROW) known.push_back(read(stored.get(), 0));
  ASSERT_EQ(known.size(), n);

  std::size_t answered = 0, unknown = 0, wrong = 0;
  std::map<std::string, std::size_t> not_known;
  for (auto const* text : expressions) {
    auto const parsed = grammar::parse_expression(text, dialect::sqlite, memory);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    bind::options const o{visible, memory};
    auto const e = bind::bind_expression(**parsed, row, o);
    ASSERT_TRUE(e) << text << ": " << e.error().message;
    auto const ask = prepare(db, std::string("select ") + text + " from v where rowid = ?1");
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        sqlite3_reset(ask.get());
        sqlite3_bind_int64(ask.get(), 1, static_cast<std::int64_t>(i * n + k + 1));
        auto const code = sqlite3_step(ask.get());
        environment env{.which = dialect::sqlite};
        env.column = [&](bound::column const& c) -> base::result<value> { return known[c.index == 1 ? k : i]; };
        auto const got = evaluate(**e, env);
        if (!got) {
          EXPECT_EQ(got.error().kind, errc::unsupported) << text << ": " << got.error().message;
          ++unknown;
          ++not_known[text];
          continue;
        }
        ++answered;
        if (code != SQLITE_ROW) {
          ++wrong;
          ADD_FAILURE() << text << " with a = " << values[i] << ", b = " << values[k] << ": the engine fails, memory says " << show(*got);
          continue;
        }
        auto const expected = read(ask.get(), 0);
        if (plain(*got) == expected && show(plain(*got)) == show(expected)) continue;
        if (++wrong <= 60) ADD_FAILURE() << text << " with a = " << values[i] << ", b = " << values[k] << ": the engine says " << show(expected) << ", memory " << show(*got);
      }
    }
  }
  std::cout << answered << " answered, " << unknown << " not known, " << wrong << " wrong\n";
  for (auto const& [text, times] : not_known)
    if (times == n * n) std::cout << "never known: " << text << "\n";
  EXPECT_GT(answered, unknown);
  EXPECT_EQ(wrong, 0U);
}

/// A condition holds only if it is true.
TEST(evaluation, holds_only_if_true) {
  base::arena memory;
  auto const catalog = *introspect::read_sqlite_schema(schema);
  bind::full_catalog const visible(*catalog);
  bind::options const o{visible, memory};
  environment const env{.which = dialect::sqlite};
  auto const outcome = [&](std::string_view text) -> std::string {
    auto const e = bind::bind_expression(**grammar::parse_expression(text, dialect::sqlite, memory), nullptr, o);
    if (!e) return e.error().message;
    auto const h = holds(**e, env);
    return !h ? "unknown: " + h.error().message : *h ? "holds" : "does not";
  };
  EXPECT_EQ(outcome("1 = 1"), "holds");
  EXPECT_EQ(outcome("1 = 2"), "does not");
  EXPECT_EQ(outcome("null"), "does not");
  EXPECT_EQ(outcome("not null"), "does not");
  EXPECT_EQ(outcome("null = null"), "does not");
  EXPECT_EQ(outcome("null is null"), "holds");
  EXPECT_EQ(outcome("1 = 1 or null"), "holds");
  EXPECT_EQ(outcome("1 = 1 and null"), "does not");
  EXPECT_EQ(outcome("exists (select 1)"), "unknown: a query needs a database");
  EXPECT_EQ(outcome("(1 = 2) and exists (select 1)"), "does not");
  EXPECT_EQ(outcome("current_date > '2020'"), "unknown: `current_date` is the database's clock, it is not known in memory");
  EXPECT_EQ(outcome("random() > 0").substr(0, 7), "unknown");
}

}  // namespace
}  // namespace grille::eval
