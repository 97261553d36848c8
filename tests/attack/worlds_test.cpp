// The worlds themselves: that what a caller must not notice is indeed nothing that the caller sees, and that it is something.
#include <gtest/gtest.h>

#include "cases/seen.hpp"

namespace {

class worlds : public testing::TestWithParam<char const*> {
 protected:
  cases::world world_ = cases::read_world(std::string(GRILLE_TESTS_DIR "/cases/") + GetParam() + ".world");
};

TEST_P(worlds, the_unseen_is_not_seen) {
  cases::scratch_file const before("before");
  cases::fill(world_, before.path());
  auto const full = cases::raw_database(before.path()).dump();
  for (auto const& c : world_.callers) {
    SCOPED_TRACE(c.name);
    cases::scratch_file const after("after");
    cases::fill(world_, after.path(), &c);
    EXPECT_NE(cases::raw_database(after.path()).dump(), full) << "nothing is changed";
    auto const seen = cases::seen_by(c, before.path()).dump();
    EXPECT_EQ(cases::seen_by(c, after.path()).dump(), seen);
    if (!c.may_see_canaries) {
      EXPECT_EQ(seen.find("canary"), std::string::npos) << seen;
      EXPECT_EQ(seen.find("424242"), std::string::npos) << seen;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(data, worlds, testing::Values("bookstore", "vault", "teams"), [](auto const& world) { return std::string(world.param); });

}  // namespace
