// Statements that must pass, and what must not be done to them, by file: tests/verify/*.case.
//
//   POLICY RULES (over people.grille)
//   ====
//   == what is tried
//   as ROLES
//   the statement as it would be printed: it must pass
//   --
//   - a sabotage                  one edit of that statement: it must be refused
//     `what stands there` => `what is put there`
//     words of the reason, or * where it does not matter
//   + a variation                 one edit that must pass
//     `what stands there` => `what is put there`
//
// Each refused text differs by that edit alone from a text that passes, so that nothing else can be the cause.
#include <gtest/gtest.h>

#include <algorithm>

#include "verify/guarded_statement.hpp"
#include "verify/shop.hpp"

namespace grille::verify {
namespace {

using testing::attempt;

class statements : public ::testing::TestWithParam<attempt> {};

TEST_P(statements, pass_or_are_refused) {
  auto const& a = GetParam();
  auto const who = testing::caller(testing::shop_policy(a.rules), a.roles);
  auto const text = testing::with_slots(a.sql);
  auto const checked = verify(text.sql, text.slots, text.parameters, *who);
  if (a.passes) {
    ASSERT_TRUE(checked) << checked.error().help << "\n" << text.sql;
    EXPECT_EQ(checked->sql(), text.sql);
    EXPECT_EQ(checked->slots(), text.slots);
    EXPECT_EQ(checked->caller_parameters(), text.parameters);
  } else {
    ASSERT_FALSE(checked) << a.name << "\n" << text.sql;
    EXPECT_EQ(checked.error().kind, errc::unsupported);
    EXPECT_EQ(checked.error().message, "the rewritten statement did not pass the second check");
    EXPECT_TRUE(a.reason == "*" || checked.error().help.find(a.reason) != std::string::npos) << checked.error().help << "\n" << text.sql;
  }
}

std::string test_name(::testing::TestParamInfo<attempt> const& info) {
  auto name = info.param.file + "_" + (info.param.passes ? "pass" : "refuse") + "_" + info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name + "_" + std::to_string(info.index);
}
INSTANTIATE_TEST_SUITE_P(verify, statements, ::testing::ValuesIn(testing::all_attempts()), test_name);

}  // namespace
}  // namespace grille::verify
