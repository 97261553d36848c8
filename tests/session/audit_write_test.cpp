// What is recorded of writes, and in which order: decided, finished, commit, ended. Expectations on what is stored come from another handle.
#include <functional>

#include "audit/digest.hpp"
#include "session/shop.hpp"

namespace {

using grille::phase;
using shop::failure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Does something while an event is on its way.
class acting_sink : public shop::sink {
 public:
  void write(grille::audit_event const& e) override {
    if (on) on(e);
    shop::sink::write(e);
  }
  std::function<void(grille::audit_event const&)> on;
};

class audit_of_writes : public shop::with_a_shop {
 protected:
  audit_of_writes() {
    file_.change(
        "create table shelves (id integer primary key, book integer references books(id) deferrable initially deferred)");
    database_.emplace(file_.path(), shop::policies_with("protects shelves;"
                                                        "allow buyer to select (id, title), insert (id, title, cost), update (title), update (cost), delete on books;"
                                                        "allow buyer to select all columns, insert all columns on shelves;"),
                      grille::options{.audit = log_});
    session_.emplace(database_->session(shop::anna()));
  }
  std::string stored() const { return scratch::handle(file_.path()).ask("select group_concat(id || title, ',') from (select * from books order by id)"); }
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (auto const& e : log_->events()) out.push_back(std::string(to_string(e.phase)) + " " + e.decision);
    return out;
  }

  std::shared_ptr<acting_sink> log_ = std::make_shared<acting_sink>();
  std::optional<grille::sqlite::database> database_;
  std::optional<grille::session> session_;
};

TEST_F(audit_of_writes, outcomes_are_recorded_before_the_commit_and_commits_after) {
  std::vector<std::string> seen;
  log_->on = [&](grille::audit_event const&) { seen.push_back(stored()); };
  session_->execute("update books set title = upper(title) where id = ?", 2);
  ASSERT_THAT(told(), ElementsAre("decided allowed", "finished done", "ended committed"));
  EXPECT_THAT(seen, ElementsAre("1The Cardan Grille,2On Windows", "1The Cardan Grille,2On Windows", "1The Cardan Grille,2ON WINDOWS"));
  auto const all = log_->events();
  EXPECT_EQ(all[1].affected, 1U);
  EXPECT_EQ(all[0].id, all[1].id);
  EXPECT_EQ(all[0].id, all[2].id);
}

TEST_F(audit_of_writes, a_decision_tells_what_is_written_and_read) {
  session_->query("update books set cost = length(title) where id = 1 returning id");
  auto const decided = log_->events()[0];
  EXPECT_EQ(decided.accesses, (std::vector<grille::audit_access>{{"main.books", grille::method::update, {"cost"}},
                                                                 {"main.books", grille::method::select, {"id", "title"}}}));
  EXPECT_THAT(decided.grants, testing::Contains(HasSubstr("update (title), update (cost)")));
  EXPECT_THAT(decided.grants, testing::Contains(HasSubstr("allow public to select")));
  EXPECT_EQ(decided.rewritten_hash.size(), 64U);
  session_->execute("delete from books where id = 99");
  EXPECT_EQ(log_->events()[3].accesses, (std::vector<grille::audit_access>{{"main.books", grille::method::remove, {}},
                                                                           {"main.books", grille::method::select, {"id"}}}));
  session_->execute("insert into shelves (id, book) values (9, 1)");
  EXPECT_EQ(log_->events()[6].accesses, (std::vector<grille::audit_access>{{"main.shelves", grille::method::insert, {"id", "book"}}}));
  EXPECT_THAT(log_->events()[6].grants, ElementsAre(HasSubstr("insert all columns on shelves")));
}

TEST_F(audit_of_writes, a_decision_tells_both_halves_of_an_upsert) {
  // shelves have a deferred key to books, for which the engine reads them
  session_->execute("insert into books (id, title, cost) values (1, 'x', 3) on conflict (id) do update set title = books.title || excluded.title");
  auto const decided = log_->events()[0];
  EXPECT_EQ(decided.accesses, (std::vector<grille::audit_access>{{"main.books", grille::method::insert, {"id", "title", "cost"}},
                                                                 {"main.books", grille::method::update, {"title"}},
                                                                 {"main.books", grille::method::select, {"title"}}}));
  EXPECT_THAT(decided.grants, testing::Contains(HasSubstr("update (title), update (cost)")));
}

TEST_F(audit_of_writes, a_decision_tells_that_an_insert_may_delete) {
  session_->execute("insert or replace into books (id, title, cost) values (2, 'x', 3)");
  auto const decided = log_->events()[0];
  EXPECT_EQ(decided.accesses, (std::vector<grille::audit_access>{{"main.books", grille::method::insert, {"id", "title", "cost"}},
                                                                 {"main.books", grille::method::remove, {}},
                                                                 {"main.books", grille::method::select, {}}}));
  EXPECT_THAT(decided.grants, testing::Contains(HasSubstr("delete")));
}

TEST_F(audit_of_writes, what_cannot_be_recorded_is_undone) {
  log_->on = [](grille::audit_event const& e) {
    if (e.phase == phase::finished) throw std::runtime_error("the disk is full");
  };
  EXPECT_EQ(failure([&] { session_->execute("delete from books"); }), "unavailable: the audit is not available");
  EXPECT_EQ(stored(), "1The Cardan Grille,2On Windows");
  auto all = session_->begin();
  EXPECT_EQ(failure([&] { session_->execute("delete from books"); }), "unavailable: the audit is not available");
  all.commit();
  EXPECT_EQ(stored(), "1The Cardan Grille,2On Windows");
}

TEST_F(audit_of_writes, what_is_committed_is_not_said_to_have_failed) {
  log_->on = [](grille::audit_event const& e) {
    if (e.phase == phase::ended) throw std::runtime_error("the disk is full");
  };
  EXPECT_EQ(session_->execute("delete from books where id = 1"), 1U);
  auto all = session_->begin();
  session_->execute("delete from books where id = 2");
  all.commit();
  EXPECT_EQ(stored(), "null");
}

TEST_F(audit_of_writes, a_commit_that_fails_is_the_last_word) {
  EXPECT_THAT(failure([&] { session_->execute("insert into shelves (id, book) values (1, 99)"); }), StartsWith("conflict: "));
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done", "finished conflict"));
  EXPECT_THAT(log_->events()[2].detail, HasSubstr("FOREIGN KEY constraint failed"));
  log_->clear();
  auto all = session_->begin();
  session_->execute("insert into shelves (id, book) values (1, 99)");
  try {
    all.commit();
    FAIL();
  } catch (grille::conflict const& e) {
    auto const last = log_->events().back();
    EXPECT_EQ(last.id, e.incident());
    EXPECT_EQ(last.id, log_->events()[0].transaction);
    EXPECT_THAT(last.detail, HasSubstr("FOREIGN KEY constraint failed"));
  }
  all.rollback();
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done", "ended conflict", "ended rolled back"));
}

TEST_F(audit_of_writes, transactions_tell_what_became_of_them) {
  {
    auto outer = session_->begin();
    session_->execute("update books set title = 'A' where id = 1");
    {
      auto inner = session_->begin();
      session_->execute("update books set title = 'B' where id = 2");
    }
    session_->query("select id from books");
    outer.commit();
  }
  EXPECT_EQ(stored(), "1A,2On Windows");
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done", "decided allowed", "finished done", "ended rolled back", "decided allowed",
                                  "finished done", "ended committed"));
  auto const all = log_->events();
  EXPECT_EQ(all[0].transaction, all[7].id);
  EXPECT_EQ(all[2].transaction, all[4].id);
  EXPECT_THAT(all[4].id, StartsWith(all[7].id + "."));
  EXPECT_EQ(all[5].transaction, all[7].id);
  EXPECT_EQ(all[4].principal, "b-17");
  EXPECT_EQ(all[4].policy, database_->fingerprint());

  log_->clear();
  {
    auto outer = session_->begin();
    auto inner = session_->begin();
    session_->execute("update books set title = 'C' where id = 1");
    inner.commit();
  }
  EXPECT_EQ(stored(), "1A,2On Windows");
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done", "ended committed", "ended rolled back"))
      << "what was written in the inner one is the outer one's";
}

TEST_F(audit_of_writes, what_only_reads_has_no_end) {
  auto all = session_->begin();
  session_->query("select id from books");
  all.commit();
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done"));
  EXPECT_NE(log_->events()[0].transaction, "");
}

TEST_F(audit_of_writes, the_end_of_an_applications_transaction_is_not_seen) {
  scratch::handle mine(file_.path());
  grille::sqlite::database const on(mine, shop::policies_with("allow buyer to select (id, title), delete on books;"), {.audit = log_});
  mine.must("begin");
  on.session(shop::anna()).execute("delete from books where id = 1");
  mine.must("rollback");
  EXPECT_THAT(told(), ElementsAre("decided allowed", "finished done"));
  EXPECT_EQ(log_->events()[0].transaction, "application");
}

}  // namespace
