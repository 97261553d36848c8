// What is recorded of a call, and what happens where it cannot be.
#include "session/shop.hpp"

namespace {

using grille::phase;
using shop::failure;
using testing::HasSubstr;
using testing::StartsWith;

class auditing : public shop::with_a_shop {
 protected:
  auditing() : log_(std::make_shared<shop::sink>()), database_(open({.audit = log_, .max_rows = 10})), session_(database_.session(shop::anna().on_behalf_of("b-18"))) {}
  std::shared_ptr<shop::sink> log_;
  grille::sqlite::database database_;
  grille::session session_;
};

TEST_F(auditing, a_statement_makes_two_events_of_one_number) {
  session_.query("select id from orders where status = ?", "open");
  auto const all = log_->events();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].phase, phase::decided);
  EXPECT_EQ(all[0].decision, "allowed");
  EXPECT_EQ(all[0].principal, "b-17");
  EXPECT_EQ(all[0].on_behalf_of, "b-18");
  EXPECT_EQ(all[0].policy, database_.fingerprint());
  EXPECT_THAT(all[0].statement_hash, testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(all[1].phase, phase::finished);
  EXPECT_EQ(all[1].decision, "done");
  EXPECT_EQ(all[1].affected, 2U);
  EXPECT_EQ(all[1].id, all[0].id);
  EXPECT_EQ(all[0].id.size(), 32U);
  EXPECT_GE(all[1].at, all[0].at);
  session_.query("select id from orders where status = ?", "shipped");
  EXPECT_EQ(log_->events()[2].statement_hash, all[0].statement_hash) << "values are not of the statement";
  EXPECT_NE(log_->events()[2].id, all[0].id);
}

TEST_F(auditing, a_refusal_is_recorded_under_its_incident) {
  try {
    session_.query("select ssn from users");
    FAIL();
  } catch (grille::error const& e) {
    auto const all = log_->events();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].decision, "not_found");
    EXPECT_EQ(all[0].phase, phase::decided);
    EXPECT_EQ(all[0].id, e.incident());
    EXPECT_THAT(all[0].detail, HasSubstr("ssn"));
  }
}

TEST_F(auditing, what_the_engine_says_is_for_the_audit_alone) {
  try {
    session_.query("select json_extract(status, '$.x') from orders");
    FAIL();
  } catch (grille::backend_error const& e) {
    EXPECT_STREQ(e.what(), "the database could not run the statement");
    auto const last = log_->events().back();
    EXPECT_EQ(last.phase, phase::finished);
    EXPECT_EQ(last.id, e.incident());
    EXPECT_THAT(last.detail, testing::AllOf(HasSubstr("malformed JSON"), HasSubstr("\"main\".\"orders\"")));
    EXPECT_FALSE(e.where());
  }
}

TEST_F(auditing, nobody_is_recorded_as_nobody) {
  auto nobody = database_.session(grille::principal::anonymous());
  EXPECT_THAT(failure([&] { nobody.query("select id from orders"); }), StartsWith("unauthenticated: "));
  EXPECT_EQ(log_->events().back().decision, "unauthenticated");
  EXPECT_EQ(log_->events().back().principal, "");
  EXPECT_THAT(log_->events().back().detail, HasSubstr("no such table: `orders`"));
}

TEST_F(auditing, limits_and_streams) {
  auto const series = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select i from n";
  EXPECT_THAT(failure([&] { session_.query(series); }), StartsWith("limit: "));
  EXPECT_EQ(log_->events().back().decision, "limit");
  {
    auto rows = session_.stream<int>(series);
    auto at = rows.begin();
    ++at;
  }
  EXPECT_EQ(log_->events().back().decision, "done");
  EXPECT_EQ(log_->events().back().affected, 2U) << "those that were read";
}

TEST_F(auditing, what_cannot_be_recorded_does_not_happen) {
  log_->broken = true;
  EXPECT_EQ(failure([&] { session_.query("select id from orders"); }), "unavailable: the audit is not available");
  EXPECT_EQ(failure([&] { session_.query("select ssn from users"); }), "unavailable: the audit is not available");
  EXPECT_EQ(failure([&] { database_.rewrite(shop::anna(), "select id from orders"); }), "unavailable: the audit is not available");
  EXPECT_EQ(failure([&] { database_.reload(shop::policies()); }), "unavailable: the audit is not available");
  log_->broken = false;
  EXPECT_EQ(session_.query("select id from orders").size(), 3U);
}

TEST_F(auditing, the_outcome_must_be_recorded_before_it_is_handed_out) {
  struct first_only : grille::audit_sink {
    void write(grille::audit_event const& e) override {
      if (e.phase == phase::finished) throw 17;  // anything may be thrown
    }
  };
  auto const database = open({.audit = std::make_shared<first_only>()});
  auto session = database.session(shop::anna());
  EXPECT_EQ(failure([&] { session.query("select id from orders"); }), "unavailable: the audit is not available");
}

TEST_F(auditing, may_be_best_effort) {
  log_->broken = true;
  auto const database = open({.audit = log_, .audit_required = false});
  EXPECT_EQ(database.session(shop::anna()).query("select id from orders").size(), 3U);
}

TEST_F(auditing, reloads_are_recorded) {
  database_.reload(shop::policies());
  EXPECT_EQ(log_->events().back().decision, "reload");
  EXPECT_THROW(database_.reload(shop::policies_with("allow nobody to select (id) on orders;")), grille::policy_error);
  EXPECT_EQ(log_->events().back().decision, "reload refused");
  EXPECT_THAT(log_->events().back().detail, HasSubstr("nobody"));
}

TEST_F(auditing, specifications_are_recorded_as_such) {
  session_.select("orders", grille::spec::column{"id"} == 1);
  ASSERT_EQ(log_->events().size(), 2U);
  EXPECT_EQ(log_->events()[1].affected, 1U);
}

}  // namespace
