// What is recorded of a call, and what happens where it cannot be.
#include <algorithm>

#include "audit/digest.hpp"
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
  EXPECT_EQ(all[0].policy_version, "shop 2");
  EXPECT_EQ(all[0].transaction, "");
  // printf 'select id from orders where status = ?' | b2sum -l 256
  EXPECT_EQ(all[0].statement_hash, "fd1206970712d9abab43565772ec2612ca16f234c80ee32f398ec47209675143");
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

TEST_F(auditing, a_decision_tells_what_is_sent_and_what_let_it) {
  auto const sql = "select o.status, (select count(*) from books) from orders o where o.id in (select id from users where email like 'a%')";
  session_.query(sql);
  auto const decided = log_->events()[0];
  EXPECT_EQ(decided.rewritten_hash, grille::audit::digest(database_.rewrite(shop::anna(), sql).sql));
  EXPECT_EQ(decided.accesses, (std::vector<grille::audit_access>{{"main.orders", grille::method::select, {"id", "status"}},
                                                                 {"main.books", grille::method::select, {}},
                                                                 {"main.users", grille::method::select, {"id", "email"}}}));
  auto const sentence = [](std::string const& text) {
    auto const at = shop::rules.find(text);
    auto const line = 1 + std::ranges::count(shop::rules.substr(0, at), '\n');
    return "shop.grille:" + std::to_string(line) + ": " + text + ";";
  };
  EXPECT_THAT(decided.grants, testing::UnorderedElementsAre(sentence("allow buyer to select full on orders where mine"),
                                                            sentence("allow buyer to select card on users where id = principal.user_id"),
                                                            sentence("allow public to select (id, title) on books")));
}

TEST_F(auditing, what_is_rewritten_for_others_is_said_to_be) {
  database_.rewrite(shop::anna(), "select id from orders");
  ASSERT_EQ(log_->events().size(), 1U);
  EXPECT_EQ(log_->events()[0].decision, "rewritten");
}

/// All that is recorded but the detail.
std::string public_part(grille::audit_event const& e) {
  auto all = e.id + e.transaction + e.principal + e.on_behalf_of + e.policy + e.policy_version + e.decision + e.statement_hash + e.rewritten_hash + e.sqlstate;
  for (auto const& g : e.grants) all += g;
  for (auto const& a : e.accesses) {
    all += a.table;
    for (auto const& c : a.columns) all += c;
  }
  return all;
}

TEST_F(auditing, data_and_the_callers_values_are_in_the_detail_at_most) {
  auto const admin = database_.session(shop::admin());
  session_.query("select id, 'canary' from orders where note = ? or json_valid(?)", "canary", "canary");
  failure([&] { session_.query("select json_extract(?, '$.x') from orders", "canary"); });
  failure([&] { session_.query("select canary from orders"); });
  failure([&] { session_.query("select json_extract(status || 'canary', '$.x') from orders"); });
  failure([&] { session_.execute("insert into orders (shop_id, total, canary) values (?, ?, 1)", "canary", "canary"); });
  failure([&] { session_.execute("insert into orders (shop_id, total) values (?, ?)", "canary", "canary"); });
  ASSERT_GE(log_->events().size(), 8U);
  bool in_a_detail = false;
  for (auto const& e : log_->events()) {
    EXPECT_THAT(public_part(e), testing::Not(HasSubstr("canary")));
    in_a_detail = in_a_detail || e.detail.find("canary") != e.detail.npos;
  }
  EXPECT_TRUE(in_a_detail) << "else nothing was tried";
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
  } catch (grille::type_error const& e) {
    EXPECT_STREQ(e.what(), "a value does not fit what is done with it");
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
