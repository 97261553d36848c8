// Who somebody is: what cannot be claimed, and what nobody is held to be by mistake.
#include <gtest/gtest.h>

#include "attack/attempt.hpp"

namespace {

class principals : public testing::Test {
 protected:
  cases::outcome ask(std::string const& world, std::string const& principal, std::string const& sql) {
    auto& db = databases_[world];
    if (!db) {
      auto const w = cases::read_world(GRILLE_TESTS_DIR "/cases/" + world + ".world");
      files_.push_back(std::make_unique<cases::scratch_file>("principals"));
      cases::fill(w, files_.back()->path());
      db = std::make_unique<grille::sqlite::database>(files_.back()->path(), grille::policy_set::parse(w.policy, world + ".grille"));
    }
    try {
      return cases::ask(*db, cases::principal_of(principal), sql);
    } catch (grille::error const& e) {  // already where the principal is read
      cases::outcome o;
      o.refused = cases::refusal{std::string(to_string(e.kind())), e.what(), std::string(e.help()), ""};
      return o;
    }
  }
  void refused(std::string const& world, std::string const& principal, std::string const& sql, std::vector<std::string> const& kinds) {
    auto const got = ask(world, principal, sql);
    ASSERT_TRUE(got.refused) << principal << '\n' << to_text(got);
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), got.refused->kind), kinds.end()) << principal << '\n' << to_text(got);
  }
  void count(std::string const& world, std::string const& principal, std::string const& sql, std::string const& wanted) {
    auto const got = ask(world, principal, sql);
    ASSERT_FALSE(got.refused) << principal << '\n' << to_text(got);
    EXPECT_EQ(got.got.rows, std::vector<std::vector<std::string>>{{wanted}}) << principal;
  }

  std::vector<std::unique_ptr<cases::scratch_file>> files_;
  std::map<std::string, std::unique_ptr<grille::sqlite::database>> databases_;
};

TEST_F(principals, a_role_with_a_source_cannot_be_claimed) {
  for (auto const* role : {"chief", "trainee"})
    refused("vault", R"({"id": "x", "roles": [{"role": ")" + std::string(role) + R"("}]})", "select pin from people", {"usage"});
  refused("bookstore", R"({"id": "x", "user_id": 1, "roles": [{"role": "administrator"}]})", "select * from users", {"usage"});
  refused("bookstore", R"({"id": "x", "user_id": 1, "roles": [{"role": "buyer"}]})", "select * from users", {"usage"});
}

TEST_F(principals, an_unknown_role_is_an_error) {
  refused("vault", R"({"id": "x", "roles": [{"role": "reader"}, {"role": "king"}]})", "select id from people", {"usage"});
  refused("vault", R"({"id": "x", "roles": [{"role": "Reader"}]})", "select pin from people", {"usage", "not_found"});
  refused("vault", R"({"id": "x", "roles": [{"role": ""}]})", "select id from people", {"usage"});
}

TEST_F(principals, the_built_in_role_is_not_claimed_for_more) {
  refused("vault", R"({"id": "x", "roles": [{"role": "public"}]})", "select id from people", {"usage", "not_found"});
  refused("vault", R"({"id": "x", "roles": [{"role": "authenticated"}]})", "select id from people", {"usage", "not_found"});
}

TEST_F(principals, a_group_is_not_a_user_and_a_user_is_not_a_group) {
  refused("vault", R"({"id": "chiefs"})", "select pin from people", {"not_found"});
  refused("vault", R"({"id": "x", "groups": ["c-9"]})", "select pin from people", {"not_found"});
  refused("vault", R"({"id": "x", "groups": ["Chiefs", "chiefs ", "chief"]})", "select pin from people", {"not_found"});
  refused("vault", R"({"id": "C-9"})", "select pin from people", {"not_found"});
}

TEST_F(principals, on_behalf_of_grants_nothing) {
  refused("vault", R"({"id": "x", "on_behalf_of": "c-9"})", "select pin from people", {"not_found"});
  refused("bookstore", R"({"id": "x", "user_id": 23, "on_behalf_of": "a-1"})", "select * from users", {"not_found"});
}

TEST_F(principals, an_attribute_is_no_context) {
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "network": "internal"})", "select id from documents", {"usage", "not_found"});
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"network": "external"}})", "select id from documents", {"not_found"});
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"network": null}})", "select id from documents", {"not_found"});
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"network": "INTERNAL"}})", "select id from documents", {"not_found"});
  count("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"network": "internal"}})", "select count(*) from documents", "9");
}

TEST_F(principals, a_context_or_attribute_that_is_not_declared_grants_nothing) {
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"netwrok": "internal"}})", "select id from documents",
          {"usage", "not_found"});
  auto const got = ask("vault", R"({"id": "x", "userid": 10, "roles": [{"role": "keeper"}]})", "select count(*) from documents");
  EXPECT_TRUE(got.refused || got.got.rows[0][0] == "0") << to_text(got);
}

TEST_F(principals, an_attribute_stated_twice_in_different_letters_is_an_error) {
  // Names fold, as in SQL: two spellings are one attribute, and which of the values would count is nobody's guess.
  refused("vault", R"({"id": "x", "user_id": 10, "USER_ID": 20, "roles": [{"role": "keeper"}]})", "select id from documents", {"usage"});
  refused("vault", R"({"id": "x", "USER_ID": 20, "user_id": 10, "roles": [{"role": "keeper"}]})", "select id from documents", {"usage"});
  refused("vault", R"({"id": "x", "groups": ["chiefs"], "context": {"network": "external", "Network": "internal"}})",
          "select id from documents", {"usage"});
  refused("vault", R"({"id": "x", "roles": [{"role": "branch", "branch": 1, "BRANCH": 7, "kind": "n"}]})", "select id from ledger",
          {"usage"});
}

TEST_F(principals, a_missing_required_attribute_is_an_error) {
  refused("bookstore", R"({"id": "x", "groups": ["customers"]})", "select id from orders", {"usage"});
  refused("bookstore", R"({"id": "x", "groups": ["customers"], "user_id": null})", "select id from orders", {"usage"});
  count("vault", R"({"id": "x", "roles": [{"role": "keeper"}]})", "select count(*) from documents", "0");
}

TEST_F(principals, an_attribute_of_another_type_is_an_error) {
  for (auto const* v : {R"("17")", "17.5", "true", R"("17 or 1=1")"})
    refused("bookstore", R"({"id": "x", "groups": ["customers"], "user_id": )" + std::string(v) + "}", "select id from orders",
            {"usage", "type"});
}

TEST_F(principals, a_scope_must_be_whole) {
  refused("vault", R"({"id": "x", "roles": [{"role": "branch"}]})", "select id from ledger", {"usage"});
  refused("vault", R"({"id": "x", "roles": [{"role": "branch", "branch": 1}]})", "select id from ledger", {"usage"});
  refused("vault", R"({"id": "x", "roles": [{"role": "branch", "branch": 1, "kind": "n", "area": "s"}]})", "select id from ledger",
          {"usage"});
  refused("vault", R"({"id": "x", "roles": [{"role": "branch", "branch": "1", "kind": "n"}]})", "select id from ledger", {"usage", "type"});
  refused("vault", R"({"id": "x", "roles": [{"role": "reader", "branch": 1}]})", "select id from ledger", {"usage"});
}

TEST_F(principals, a_scope_that_is_null_matches_nothing) {
  auto const got = ask("vault", R"({"id": "x", "roles": [{"role": "branch", "branch": 1, "kind": null}]})", "select count(*) from ledger");
  EXPECT_TRUE(got.refused ? got.refused->kind == "usage" : got.got.rows[0][0] == "0") << to_text(got);
}

TEST_F(principals, a_scope_held_twice_gives_no_row_twice) {
  std::string const twice =
      R"({"id": "x", "roles": [{"role": "branch", "branch": 1, "kind": "n"}, {"role": "branch", "branch": 1, "kind": "n"}]})";
  count("vault", twice, "select count(*) from ledger", "3");
  count("vault", twice, "select sum(amount) from ledger", "1030");
}

TEST_F(principals, many_scopes_are_or_ed) {
  std::string roles;
  for (int i = 100; i < 160; ++i) roles += R"({"role": "branch", "branch": )" + std::to_string(i) + R"(, "kind": "n"}, )";
  count("vault", R"({"id": "x", "roles": [)" + roles + R"({"role": "branch", "branch": 7, "kind": "s"}]})", "select count(*) from ledger",
        "3");
}

TEST_F(principals, who_has_expired_is_nobody) {
  std::string const late = R"({"id": "x", "roles": [{"role": "reader"}], "expires_at": "2020-01-01T00:00:00Z"})";
  refused("vault", late, "select id from people", {"unauthenticated"});
  refused("vault", late, "select * from counters", {"unauthenticated"});
  count("vault", late, "select count(*) from shops", "3");
  std::string const soon = R"({"id": "x", "roles": [{"role": "reader"}], "expires_at": "2999-01-01T00:00:00Z"})";
  count("vault", soon, "select count(*) from people", "11");
  refused("vault", R"({"id": "x", "roles": [{"role": "reader"}], "expires_at": "soon"})", "select id from people", {"usage", "type"});
  // The offset counts: this was over in 2020, whatever its text.
  refused("vault", R"({"id": "x", "roles": [{"role": "reader"}], "expires_at": "2020-01-01T00:00:00+02:00"})", "select id from people",
          {"unauthenticated", "usage"});
}

TEST_F(principals, without_an_id_it_is_nobody_whatever_else_it_says) {
  refused("vault", R"({"groups": ["chiefs"], "roles": [{"role": "reader"}]})", "select id from people", {"unauthenticated", "usage"});
  refused("vault", R"({"id": "", "groups": ["chiefs"]})", "select id from people", {"unauthenticated", "usage"});
  refused("vault", R"({"id": null, "groups": ["chiefs"]})", "select id from people", {"unauthenticated", "usage"});
  refused("vault", R"({"id": 9, "groups": ["chiefs"]})", "select id from people", {"unauthenticated", "usage"});
}

TEST_F(principals, broken_json_is_an_error) {
  for (auto const* text : {"[]", "7", R"("x")", R"({"id": "x", "id": "c-9"})", R"({"id": "x", "roles": {"role": "reader"}})",
                           R"({"id": "x", "roles": [["reader"]]})", R"({"id": "x", "groups": "chiefs"})",
                           R"({"id": "x", "groups": [["chiefs"]]})", R"({"id": "x", "user_id": 99999999999999999999})",
                           R"({"id": "x", "user_id": {"a": 1}})", R"({"id": "x", "roles": [{"role": "reader", "role": "keeper"}]})"})
    refused("vault", text, "select id from shops", {"usage", "type"});
}

TEST_F(principals, names_of_roles_and_attributes_do_not_reach_the_sql) {
  refused("vault", R"({"id": "x", "roles": [{"role": "reader' or 1=1 --"}]})", "select id from people", {"usage"});
  auto const got = ask("vault", R"({"id": "x", "user_id\" or 1=1": 10, "roles": [{"role": "keeper"}]})", "select count(*) from documents");
  EXPECT_TRUE(got.refused || got.got.rows[0][0] == "0") << to_text(got);
  count("vault", R"({"id": "x' or 1=1 --", "roles": [{"role": "reader"}]})", "select count(*) from documents where area <> 'n'", "0");
}

TEST_F(principals, one_callers_rows_are_not_the_next_ones) {
  // The same text, the same roles, other values: one rewritten statement, no stale answer.
  std::string const sql = "select count(*) from orders";
  std::string const of = R"({"id": "x", "groups": ["customers"], "user_id": )";
  for (int round = 0; round < 3; ++round) {
    count("bookstore", of + "17}", sql, "4");
    count("bookstore", of + "18}", sql, "4");
    count("bookstore", of + "25}", sql, "2");
    count("bookstore", of + "999}", sql, "0");
    refused("bookstore", R"({"id": "x", "user_id": 17})", sql, {"not_found"});
    count("bookstore", R"({"id": "x", "user_id": 17, "groups": ["it-operations"]})", sql, "20");
  }
}

}  // namespace
