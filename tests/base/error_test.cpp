// Kinds, statuses and classes of errors, against the table that the documentation promises.
#include "grille/error.hpp"

#include <gmock/gmock.h>

#include <set>
#include <type_traits>

namespace grille {
namespace {

struct promise {
  errc kind;
  std::string_view name;
  int http;
};

constexpr promise promises[] = {
    {errc::syntax, "syntax", 400},
    {errc::unsupported, "unsupported", 400},
    {errc::ambiguous, "ambiguous", 400},
    {errc::type, "type", 400},
    {errc::usage, "usage", 400},
    {errc::unauthenticated, "unauthenticated", 401},
    {errc::forbidden, "forbidden", 403},
    {errc::not_found, "not_found", 404},
    {errc::conflict, "conflict", 409},
    {errc::limit, "limit", 413},
    {errc::check_failed, "check_failed", 422},
    {errc::backend, "backend", 500},
    {errc::unavailable, "unavailable", 503},
};

TEST(error, every_kind_has_its_name_and_status) {
  EXPECT_EQ(std::size(promises), 13U);
  for (auto const& p : promises) {
    EXPECT_EQ(to_string(p.kind), p.name);
    EXPECT_EQ(http_status(p.kind), p.http) << p.name;
    EXPECT_EQ(error({.kind = p.kind, .message = "m"}).http_status(), p.http) << p.name;
  }
}

TEST(error, a_kind_outside_the_list_reads_as_backend) {
  EXPECT_EQ(to_string(static_cast<errc>(99)), "backend");
  EXPECT_EQ(http_status(static_cast<errc>(-1)), 500);
}

template <class T>
bool raised_as(errc kind) {
  try {
    raise({.kind = kind, .message = "m"});
  } catch (T const& e) {
    return e.kind() == kind && std::string_view(e.what()) == "m";
  } catch (...) {
    return false;
  }
}

TEST(error, raise_throws_the_class_of_the_kind) {
  EXPECT_TRUE(raised_as<syntax_error>(errc::syntax));
  EXPECT_TRUE(raised_as<unsupported>(errc::unsupported));
  EXPECT_TRUE(raised_as<ambiguous>(errc::ambiguous));
  EXPECT_TRUE(raised_as<type_error>(errc::type));
  EXPECT_TRUE(raised_as<limit_error>(errc::limit));
  EXPECT_TRUE(raised_as<usage_error>(errc::usage));
  EXPECT_TRUE(raised_as<unauthenticated>(errc::unauthenticated));
  EXPECT_TRUE(raised_as<forbidden>(errc::forbidden));
  EXPECT_TRUE(raised_as<not_found>(errc::not_found));
  EXPECT_TRUE(raised_as<check_failed>(errc::check_failed));
  EXPECT_TRUE(raised_as<conflict>(errc::conflict));
  EXPECT_TRUE(raised_as<unavailable>(errc::unavailable));
  EXPECT_TRUE(raised_as<backend_error>(errc::backend));
  EXPECT_FALSE(raised_as<conflict>(errc::backend));
}

TEST(error, keeps_what_it_was_made_of_and_copies_without_throwing) {
  static_assert(std::is_nothrow_copy_constructible_v<error> && std::is_nothrow_copy_constructible_v<policy_error>);
  error const e({.kind = errc::conflict,
                 .message = "a key stands in the way",
                 .where = span{"insert", 0, 6, 1, 1},
                 .help = "choose another",
                 .sqlstate = "23505",
                 .incident = "42",
                 .retryable = true});
  auto const copy = e;  // NOLINT(performance-unnecessary-copy-initialization): the copy is what is tested
  EXPECT_STREQ(copy.what(), "a key stands in the way");
  EXPECT_EQ(copy.help(), "choose another");
  EXPECT_EQ(copy.sqlstate(), "23505");
  EXPECT_EQ(copy.incident(), "42");
  EXPECT_TRUE(copy.retryable());
  ASSERT_TRUE(copy.where().has_value());
  EXPECT_EQ(copy.where()->end, 6U);
  EXPECT_EQ(copy.render(), "conflict: a key stands in the way\n --> line 1, column 1\ninsert\n^^^^^^\nhelp: choose another");
  EXPECT_EQ(error({.kind = errc::not_found, .message = "no such table"}).render(), "not_found: no such table");
}

diagnostic fault_at(unsigned line, std::string message, bool warning = false) {
  return {"shop.grille", span{"a\nb\nc", (line - 1) * 2, (line - 1) * 2 + 1, line, 1}, std::move(message), "look there", warning};
}

TEST(policy_error, tells_the_first_fault_and_how_many_more) {
  policy_error const e({fault_at(1, "not used", true), fault_at(2, "unknown table `b`"), fault_at(3, "unknown table `c`")});
  EXPECT_EQ(e.kind(), errc::usage);
  EXPECT_STREQ(e.what(), "shop.grille:2:1: unknown table `b` (and 1 more)");
  EXPECT_EQ(e.help(), "look there");
  ASSERT_TRUE(e.where().has_value());
  EXPECT_EQ(e.where()->line, 2U);
  EXPECT_EQ(e.all().size(), 3U);
  EXPECT_STREQ(policy_error({fault_at(3, "m")}).what(), "shop.grille:3:1: m");
  EXPECT_STREQ(policy_error({}).what(), "the policy was not loaded");
}

}  // namespace
}  // namespace grille
