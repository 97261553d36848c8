#include "base/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace grille::base {
namespace {

constexpr auto sentences = std::to_array<std::string_view>({"allow", "deny", "restrict", "role", "principal", "projection", "expect", "exempt"});

struct suggestion {
  std::string_view word;
  std::string_view best;
};

class suggest_words : public testing::TestWithParam<suggestion> {};

TEST_P(suggest_words, finds_the_nearest_or_nothing) { EXPECT_EQ(suggest(GetParam().word, sentences), GetParam().best); }

INSTANTIATE_TEST_SUITE_P(words, suggest_words,
                         testing::Values(suggestion{"alow", "allow"},           // a letter left out
                                         suggestion{"dney", "deny"},            // two swapped
                                         suggestion{"ALLOWS", "allow"},         // case aside, a letter more
                                         suggestion{"restrcit", "restrict"},    //
                                         suggestion{"prinsipal", "principal"},  // a letter replaced
                                         suggestion{"exect", "expect"},         //
                                         suggestion{"grant", ""},               // far from each
                                         suggestion{"x", ""},                   //
                                         suggestion{"", ""},                    //
                                         suggestion{"rule", "role"}));

TEST(suggest, gives_the_first_of_equals) {
  constexpr auto known = std::to_array<std::string_view>({"cat", "bat"});
  EXPECT_EQ(suggest("hat", known), "cat");
}

TEST(suggest, does_no_work_on_enormous_words) { EXPECT_EQ(suggest(std::string(1'000'000, 'a'), sentences), ""); }

}  // namespace
}  // namespace grille::base
