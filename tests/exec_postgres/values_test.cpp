// Values in and out, by the server's own opinion of them: what is bound is compared by the server with a literal of the type.
#include <fmt/format.h>

#include <limits>

#include "fixture.hpp"

namespace grille::exec::postgres {
namespace {

using namespace std::chrono_literals;

class values : public world {};

struct there_and_back {
  char const* type;
  char const* literal;
  value is;
};
void PrintTo(there_and_back const& c, std::ostream* out) { *out << c.type << ' ' << c.literal; }

date day(int y, unsigned m, unsigned d) { return std::chrono::year_month_day(std::chrono::year(y), std::chrono::month(m), std::chrono::day(d)); }
bytes raw(std::initializer_list<unsigned> all) {
  bytes b;
  for (auto const n : all) b.push_back(static_cast<std::byte>(n));
  return b;
}

class each_value : public world, public testing::WithParamInterface<there_and_back> {};
TEST_P(each_value, goes_in_and_comes_out_as_it_is) {
  auto const c = open();
  auto const& [type, literal, is] = GetParam();
  auto const written = std::string("'") + literal + "'::" + type;
  EXPECT_EQ(one(*c, "select " + written).data(), is.data()) << "out";
  EXPECT_TRUE(one(*c, std::string("select $1::") + type + " is not distinct from " + written, {is}).as<bool>()) << "in";
  EXPECT_EQ(one(*c, std::string("select $1::") + type, {is}).data(), is.data()) << "both ways";
}
INSTANTIATE_TEST_SUITE_P(
    values, each_value,
    testing::Values(
        there_and_back{"int8", "-9223372036854775808", value(std::numeric_limits<std::int64_t>::min())}, there_and_back{"int4", "42", value(42)},
        there_and_back{"int2", "-7", value(-7)}, there_and_back{"bool", "true", value(true)}, there_and_back{"bool", "false", value(false)},
        there_and_back{"numeric", "12345678901234567890.012345678901234567890", value(numeric{"12345678901234567890.012345678901234567890"})},
        there_and_back{"numeric", "NaN", value(numeric{"NaN"})}, there_and_back{"numeric", "-Infinity", value(numeric{"-Infinity"})},
        there_and_back{"numeric", "1.500", value(numeric{"1.500"})}, there_and_back{"float8", "0.1", value(0.1)},
        there_and_back{"float8", "1.7976931348623157e308", value(std::numeric_limits<double>::max())},
        there_and_back{"float8", "5e-324", value(std::numeric_limits<double>::denorm_min())}, there_and_back{"float8", "-0", value(-0.0)},
        there_and_back{"float8", "Infinity", value(std::numeric_limits<double>::infinity())}, there_and_back{"float4", "1.1", value(1.1F)},
        there_and_back{"text", "", value("")}, there_and_back{"text", "Grün \\x41 \" $1 {a}", value("Grün \\x41 \" $1 {a}")},
        there_and_back{"varchar", "a", value("a")}, there_and_back{"bytea", "\\x", value(bytes{})}, there_and_back{"bytea", "\\x0041ff5c27", value(raw({0, 0x41, 0xff, 0x5c, 0x27}))},
        there_and_back{"date", "2026-11-22", value(day(2026, 11, 22))}, there_and_back{"date", "0001-01-01", value(day(1, 1, 1))},
        there_and_back{"date", "12345-01-02", value(day(12345, 1, 2))}, there_and_back{"date", "infinity", value("infinity")},
        there_and_back{"date", "0044-03-15 BC", value("0044-03-15 BC")},
        there_and_back{"timestamptz", "2026-11-22 12:34:56.789012+00", value(timestamp(day(2026, 11, 22)) + 12h + 34min + 56s + 789012us)},
        there_and_back{"timestamptz", "2026-11-22 12:00:00+02", value(timestamp(day(2026, 11, 22)) + 10h)},
        there_and_back{"timestamp", "1969-12-31 23:59:59.5", value(timestamp(day(1969, 12, 31)) + 23h + 59min + 59s + 500ms)},
        there_and_back{"timestamptz", "-infinity", value("-infinity")},
        there_and_back{"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", value("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")},
        there_and_back{"interval", "1 year 2 mons -3 days 04:05:06.7", value("1 year 2 mons -3 days +04:05:06.7")},
        there_and_back{"int4[]", "{1,NULL,3}", value("{1,NULL,3}")}, there_and_back{"text[]", "{\"a b\",\"c\\\"d\"}", value("{\"a b\",\"c\\\"d\"}")},
        there_and_back{"time", "12:00:00", value("12:00:00")}));

TEST_F(values, json_is_compared_as_text_where_the_type_has_no_equality) {
  auto const c = open();
  EXPECT_EQ(one(*c, "select '{\"b\":1, \"a\":2}'::jsonb").as<json>().text, "{\"a\": 2, \"b\": 1}");
  EXPECT_EQ(one(*c, "select $1::jsonb ->> 'k'", {value(json{"{\"k\":\"v\"}"})}).as<std::string>(), "v");
}

TEST_F(values, dates_go_in_whatever_their_year) {
  auto const c = open();
  auto const sent = [&](value v) { return one(*c, "select $1::text", {std::move(v)}).as<std::string>(); };
  auto const of = [&](std::int64_t days) { return one(*c, fmt::format("select (date '1970-01-01' + {})::text", days)).as<std::string>(); };
  for (std::int64_t const days : {72327618, 11248738, 11248737, 146097, -1, 0, -146097, -719163, -719162, -2440588}) {
    EXPECT_EQ(sent(date(std::chrono::days(days))), of(days));
    auto const expected = of(days);
    auto const of_christ = expected.find(" BC");
    EXPECT_EQ(sent(timestamp(std::chrono::days(days)) + 1us), expected.substr(0, of_christ) + " 00:00:00.000001+00" + (of_christ == expected.npos ? "" : " BC")) << days;
  }
  EXPECT_EQ(sent(timestamp(std::chrono::microseconds(std::numeric_limits<std::int64_t>::max()))), "294247-01-10 04:00:54.775807+00");
}

TEST_F(values, null_is_null) {
  auto const c = open();
  EXPECT_TRUE(one(*c, "select $1::text", {value()}).null());
  EXPECT_TRUE(one(*c, "select null::numeric").null());
  EXPECT_TRUE(one(*c, "select $1::text is null and $2::int = 5", {value(), value(5)}).as<bool>()) << "beside one that is not";
}

TEST_F(values, any_number_of_parameters_each_in_its_place) {
  auto const c = open();
  std::string columns;
  std::vector<value> all;
  for (int n = 0; n <= 7; ++n) {
    auto const found = run(*c, "select 'none'" + columns, all);
    ASSERT_TRUE(found.has_value()) << found.error().detail;
    std::vector<value> expected{value("none")};
    expected.insert(expected.end(), all.begin(), all.end());
    EXPECT_EQ(found->front(), expected) << n;
    columns += ", $" + std::to_string(n + 1) + (n % 3 == 0 ? "::int" : "::text");
    all.push_back(n % 3 == 0 ? value(n) : n % 3 == 1 ? value("text " + std::to_string(n)) : value());
  }
}

TEST_F(values, rows_of_several_cells_with_null_and_empty_text_among_them) {
  auto const c = open();
  auto const found = run(*c, "select n, nullif(n, 2), case n when 3 then null when 2 then '' else 'x' end from generate_series(1, 3) n order by n");
  ASSERT_TRUE(found.has_value()) << found.error().detail;
  table_of_values const expected{{value(1), value(1), value("x")}, {value(2), value(), value("")}, {value(3), value(3), value()}};
  EXPECT_EQ(*found, expected);
}

TEST_F(values, the_type_of_a_parameter_is_what_it_stands_for) {
  auto const c = open();
  EXPECT_EQ(one(*c, "select name from public.t where id = $1", {value(3)}).as<std::string>(), "n3");
  auto const wrong = run(*c, "select name from public.t where id = $1", {value("three")});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().kind, errc::type);
  EXPECT_EQ(wrong.error().sqlstate, "22P02");
}

TEST_F(values, a_zero_character_is_refused_and_not_cut_off) {
  auto const c = open();
  auto const cut = run(*c, "select $1::text", {value(std::string("a\0b", 3))});
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().kind, errc::type);
}

TEST_F(values, text_that_is_not_utf8_is_the_servers_to_refuse) {
  auto const c = open();
  auto const bad = run(*c, "select $1::text", {value("\xff")});
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().sqlstate, "22021");
  EXPECT_EQ(one(*c, "select 1").as<int>(), 1) << "the connection goes on";
}

}  // namespace
}  // namespace grille::exec::postgres
