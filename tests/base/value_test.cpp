// Values in and out: what is exact goes through, what is not is the error `type`, never a rounded number.
#include "grille/value.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>

namespace shop {
struct isbn {
  std::string digits;
};
}  // namespace shop

template <>
struct grille::convert<shop::isbn> {
  static shop::isbn from(value const& v) { return {v.as<std::string>()}; }
  static value to(shop::isbn const& i) { return i.digits; }
};

namespace grille {
namespace {

using namespace std::chrono_literals;
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

/// The value as T, or nothing where it is not a T.
template <class T>
std::optional<T> read(value const& v) {
  try {
    return v.as<T>();
  } catch (type_error const&) {
    return std::nullopt;
  }
}

TEST(value, null_is_only_an_optional) {
  EXPECT_TRUE(value().null());
  EXPECT_TRUE(value(std::nullopt).null());
  EXPECT_TRUE(value(std::optional<int>()).null());
  EXPECT_EQ(value(std::optional<int>(7)), value(7));
  EXPECT_EQ(value().as<std::optional<int>>(), std::nullopt);
  EXPECT_EQ(value(7).as<std::optional<int>>(), 7);
  EXPECT_THROW(value().as<int>(), type_error);
  EXPECT_THROW(value().as<double>(), type_error);
  EXPECT_THROW(value().as<bool>(), type_error);
  EXPECT_THROW(value().as<std::string>(), type_error);
  EXPECT_THROW(value().as<numeric>(), type_error);
  EXPECT_THROW(value().as<bytes>(), type_error);
  EXPECT_THROW(value().as<date>(), type_error);
  EXPECT_THROW(value().as<timestamp>(), type_error);
  EXPECT_THROW(value("x").as<std::optional<int>>(), type_error) << "an optional is no pardon for a wrong type";
}

TEST(value, the_message_holds_no_data) {
  try {
    value("secret").as<int>();
    FAIL();
  } catch (type_error const& e) {
    EXPECT_STREQ(e.what(), "the value is not a 64-bit signed integer");
  }
}

TEST(value, integers_are_not_narrowed) {
  EXPECT_EQ(read<std::int64_t>(lowest), lowest);
  EXPECT_EQ(read<std::uint64_t>(highest), 9223372036854775807U);
  EXPECT_EQ(read<std::uint8_t>(255), 255);
  EXPECT_EQ(read<std::uint8_t>(256), std::nullopt);
  EXPECT_EQ(read<std::uint64_t>(-1), std::nullopt);
  EXPECT_THROW(value(std::uint64_t{1} << 63U), type_error);
  EXPECT_EQ(value(std::uint64_t{7}), value(7));
}

TEST(value, integers_from_numerics_and_doubles_that_are_integers) {
  EXPECT_EQ(read<int>(numeric{"12"}), 12);
  EXPECT_EQ(read<int>(numeric{"12.5"}), std::nullopt);
  EXPECT_EQ(read<int>(numeric{"-12.000"}), -12);
  EXPECT_EQ(read<int>(numeric{"+0012"}), 12);
  EXPECT_EQ(read<int>(numeric{"1.2e1"}), 12);
  EXPECT_EQ(read<int>(numeric{"120E-1"}), 12);
  EXPECT_EQ(read<int>(numeric{"0e99999999"}), 0);
  EXPECT_EQ(read<int>(numeric{"-0"}), 0);
  EXPECT_EQ(read<std::int64_t>(numeric{"-9223372036854775808"}), lowest);
  EXPECT_EQ(read<std::int64_t>(numeric{"9223372036854775807"}), highest);
  EXPECT_EQ(read<std::int64_t>(numeric{"9223372036854775808"}), std::nullopt);
  EXPECT_EQ(read<std::int64_t>(numeric{"1e2147483647"}), std::nullopt);
  EXPECT_EQ(read<std::int64_t>(numeric{"1e99999999999"}), std::nullopt);
  for (auto const* bad : {"", "-", ".", "e1", "1e", "1e+", "0x1", " 1", "1 ", "1,0", "NaN", "--1", "1.2.3"})
    EXPECT_EQ(read<int>(numeric{bad}), std::nullopt) << bad;
  EXPECT_EQ(read<int>(12.0), 12);
  EXPECT_EQ(read<int>(12.5), std::nullopt);
  EXPECT_EQ(read<std::int64_t>(-9223372036854775808.0), lowest);
  EXPECT_EQ(read<std::int64_t>(9223372036854775808.0), std::nullopt);
  EXPECT_EQ(read<int>(std::nan("")), std::nullopt);
  EXPECT_EQ(read<int>(HUGE_VAL), std::nullopt);
}

TEST(value, text_is_never_taken_for_a_number) {
  EXPECT_EQ(read<int>("12"), std::nullopt);
  EXPECT_EQ(read<double>("1.5"), std::nullopt);
  EXPECT_EQ(read<numeric>("12"), std::nullopt);
  EXPECT_EQ(read<bool>("1"), std::nullopt);
  EXPECT_EQ(read<bytes>("12"), std::nullopt);
  EXPECT_EQ(read<std::string>(12), std::nullopt);
  EXPECT_EQ(read<std::string>(1.5), std::nullopt);
  EXPECT_EQ(read<std::string>(true), std::nullopt);
  EXPECT_EQ(read<int>(json{"12"}), std::nullopt);
}

TEST(value, booleans_from_zero_and_one_alone) {
  EXPECT_EQ(read<bool>(true), true);
  EXPECT_EQ(read<bool>(1), true);
  EXPECT_EQ(read<bool>(0), false);
  EXPECT_EQ(read<bool>(2), std::nullopt);
  EXPECT_EQ(read<bool>(1.0), std::nullopt);
  EXPECT_EQ(read<int>(true), std::nullopt);
  EXPECT_NE(value(true), value(1));
}

TEST(value, doubles_only_where_exact) {
  EXPECT_EQ(read<double>(1LL << 53U), 9007199254740992.0);
  EXPECT_EQ(read<double>((1LL << 53U) + 1), std::nullopt);
  EXPECT_EQ(read<double>(highest), std::nullopt);
  EXPECT_EQ(read<double>(lowest), -9223372036854775808.0);
  EXPECT_EQ(read<double>(numeric{"0.5"}), 0.5);
  EXPECT_EQ(read<double>(numeric{"+.5"}), 0.5);
  EXPECT_EQ(read<double>(numeric{"-1.25e2"}), -125.0);
  EXPECT_EQ(read<double>(numeric{"0.1"}), std::nullopt);
  EXPECT_EQ(read<double>(numeric{"0.1000000000000000055511151231257827021181583404541015625"}), 0.1);
  EXPECT_EQ(read<double>(numeric{"1e400"}), std::nullopt);
  EXPECT_EQ(read<double>(numeric{"1e-400"}), std::nullopt);
  EXPECT_EQ(read<double>(numeric{"0e-400"}), 0.0);
  EXPECT_EQ(read<double>(numeric{"-Infinity"}), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(value(numeric{"NaN"}).as<double>()));
  EXPECT_EQ(read<double>(numeric{"nonsense"}), std::nullopt);
  EXPECT_EQ(read<float>(0.5), 0.5F);
  EXPECT_EQ(read<float>(0.1), std::nullopt);
  EXPECT_TRUE(std::isnan(value(std::nan("")).as<float>()));
  EXPECT_EQ(read<float>(HUGE_VAL), std::numeric_limits<float>::infinity());
  EXPECT_THROW(value(0.1L), type_error);
  EXPECT_EQ(value(0.5L), value(0.5));
}

TEST(value, numerics_keep_their_digits) {
  EXPECT_EQ(read<numeric>(numeric{"00.10"})->text, "00.10");
  EXPECT_EQ(read<std::string>(numeric{"1.10"}), "1.10");
  EXPECT_EQ(read<numeric>(lowest)->text, "-9223372036854775808");
  EXPECT_EQ(read<numeric>(0.5)->text, "0.5");
  EXPECT_EQ(read<numeric>(-12.0)->text, "-12");
  EXPECT_EQ(read<numeric>(-0.0)->text, "0");
  EXPECT_EQ(read<numeric>(std::ldexp(1.0, 70))->text, "1180591620717411303424");
  EXPECT_EQ(read<numeric>(0.1), std::nullopt);
  EXPECT_EQ(read<numeric>(HUGE_VAL), std::nullopt);
  EXPECT_EQ(read<numeric>(std::nan("")), std::nullopt);
}

TEST(value, text_bytes_and_json) {
  EXPECT_EQ(read<std::string>(std::string_view("a\0b", 3))->size(), 3U);
  EXPECT_EQ(read<json>("{}")->text, "{}");
  EXPECT_EQ(read<std::string>(json{"[1]"}), "[1]");
  bytes const b{std::byte{0}, std::byte{255}};
  EXPECT_EQ(read<bytes>(b), b);
  EXPECT_EQ(read<std::string>(b), std::nullopt);
}

TEST(value, own_types) {
  EXPECT_EQ(value(shop::isbn{"978"}), value("978"));
  EXPECT_EQ(value("978").as<shop::isbn>().digits, "978");
  EXPECT_EQ(value().as<std::optional<shop::isbn>>().has_value(), false);
}

constexpr timestamp noon = date(std::chrono::year(2026) / 11 / 22) + 12h;

struct instant {
  std::string_view text;
  std::optional<timestamp> is;
};

TEST(value, timestamps_as_sqlite_and_postgresql_write_them) {
  instant const instants[] = {
      {"2026-11-22 12:00:00", noon},
      {"2026-11-22T12:00:00", noon},
      {"2026-11-22T12:00:00Z", noon},
      {"2026-11-22 12:00:00.5", noon + 500ms},
      {"2026-11-22 12:00:00.000001", noon + 1us},
      {"2026-11-22 12:00:00.000001000Z", noon + 1us},
      {"2026-11-22 12:00:00.0000001", std::nullopt},
      {"2026-11-22 14:00:00+02", noon},
      {"2026-11-22 17:30:00.25+05:30", noon + 250ms},
      {"2026-11-22 06:00:00-06:00", noon},
      {"2026-11-22 12:19:32+00:19:32", noon},
      {"1969-12-31 23:59:59", timestamp(-1s)},
      {"0001-01-01 00:00:00", date(std::chrono::year(1) / 1 / 1)},
      {"2024-02-29 00:00:00", date(std::chrono::year(2024) / 2 / 29)},
      {"2023-02-29 00:00:00", std::nullopt},
      {"2026-00-22 12:00:00", std::nullopt},
      {"2026-13-22 12:00:00", std::nullopt},
      {"2026-11-22 24:00:00", std::nullopt},
      {"2026-11-22 12:60:00", std::nullopt},
      {"2026-11-22 12:00:60", std::nullopt},
      {"2026-11-22 12:00:00.", std::nullopt},
      {"2026-11-22 12:00", std::nullopt},
      {"2026-11-22", std::nullopt},
      {"2026-11-22 ", std::nullopt},
      {"2026-11-22 12:00:00+2", std::nullopt},
      {"2026-11-22 12:00:00+16", std::nullopt},
      {"2026-11-22 12:00:00+02:", std::nullopt},
      {"2026-11-22 12:00:00Z ", std::nullopt},
      {"2026-11-22 12:00:00 Z", std::nullopt},
      {"2026-11-22 12:00:00zulu", std::nullopt},
      {" 2026-11-22 12:00:00", std::nullopt},
      {"26-11-22 12:00:00", std::nullopt},
      {"-026-11-22 12:00:00", std::nullopt},
      {"infinity", std::nullopt},
      {"", std::nullopt},
  };
  for (auto const& i : instants) EXPECT_EQ(read<timestamp>(i.text), i.is) << i.text;
  EXPECT_EQ(read<timestamp>(noon), noon);
  EXPECT_EQ(read<timestamp>(1795348800), std::nullopt) << "seconds, days or milliseconds? nobody says";
  EXPECT_EQ(read<timestamp>(date{}), std::nullopt) << "a day is not an instant";
}

TEST(value, dates) {
  date const day = std::chrono::year(2026) / 11 / 22;
  EXPECT_EQ(read<date>(day), day);
  EXPECT_EQ(read<date>("2026-11-22"), day);
  EXPECT_EQ(read<date>("0000-02-29"), date(std::chrono::year(0) / 2 / 29));
  for (auto const* bad : {"2026-11-31", "2026-11-22 00:00:00", "2026-1-22", "20261122", "2026/11/22", "", "2026-11-2x"})
    EXPECT_EQ(read<date>(bad), std::nullopt) << bad;
  EXPECT_EQ(read<date>(noon), std::nullopt) << "an instant is not a day";
}

}  // namespace
}  // namespace grille
