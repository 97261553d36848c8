// The remark on views of PostgreSQL's that are open as a whole, leave out rows, and are no security barrier.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.hpp"
#include "govern/lint.hpp"
#include "session/policy_files.hpp"

namespace {

using namespace grille;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto* open_to_all = "allow clerk to select (id, n) on v;";

catalog::table named(std::string name, catalog::relation_kind kind, std::string definition = {}) {
  catalog::table t;
  t.schema = "public";
  t.name = std::move(name);
  t.kind = kind;
  t.definition = std::move(definition);
  for (auto const* column : {"id", "n"}) {
    auto& c = t.columns.emplace_back();
    c.name = column;
    c.declared_type = "integer";
    c.type = "pg_catalog.int4";
  }
  return t;
}

/// Of a policy that has `more` on a view `v`, which reads the table `t` and the view `few`.
std::vector<std::string> remarks(std::string const& definition, bool barrier = false, std::string const& more = open_to_all) {
  using enum catalog::relation_kind;
  auto v = named("v", view, definition);
  v.barrier = barrier;
  auto barred = named("barred", view, "SELECT t.id, t.n FROM public.t WHERE (t.n > 5)");
  barred.barrier = true;
  auto const catalog = std::make_shared<catalog::catalog const>(
      dialect::postgresql, std::vector{named("t", table), named("few", view, "SELECT t.id, t.n FROM public.t WHERE (t.n > 5)"), barred, v});
  auto const set = policy_set::parse("policy p version 1; owner 'o' contact 'c';\nprotects t, v;\nprincipal has user_id integer;\nrole clerk from group 'clerks';\n"
                                     "allow clerk to select (id) on t where id = principal.user_id;\n" + more, "p.grille");
  auto const made = policy::compile(set.files()->sources, catalog);
  for (auto const& f : made.faults) ADD_FAILURE() << f.at.line << ": " << f.message;
  std::vector<std::string> out;
  if (made.policy == nullptr) return out;
  using namespace std::chrono;
  for (auto const& d : govern::lint(*made.policy, set.files()->sources, sys_days{year{2026} / 11 / 22})) out.push_back(std::to_string(d.at.line) + ": " + d.message);
  return out;
}

TEST(lint_views, that_leave_out_rows_and_are_no_barrier) {
  auto const told = ElementsAre(HasSubstr("6: view `v` leaves out rows and is no `security_barrier`"));
  for (auto const* definition : {"SELECT t.id, t.n FROM public.t WHERE (t.n > 5)", "SELECT t.id, u.n FROM (public.t JOIN public.t u ON ((u.id = t.n)))",
                                 "SELECT few.id, few.n FROM public.few", "SELECT q.id, q.n FROM (SELECT t.id, t.n FROM public.t WHERE (t.n > 5)) q",
                                 "SELECT t.id, t.n FROM public.t UNION ALL SELECT t.id, t.n FROM public.t WHERE (t.n > 5)",
                                 "SELECT t.id, t.n FROM public.t INTERSECT SELECT t.n, t.id FROM public.t",
                                 "WITH q AS (SELECT t.id, t.n FROM public.t WHERE (t.n > 5)) SELECT q.id, q.n FROM q"})
    EXPECT_THAT(remarks(definition), told) << definition;
}
TEST(lint_views, that_have_all_rows_or_keep_conditions_outside_get_no_remark) {
  for (auto const* definition : {"SELECT t.id, t.n FROM public.t", "SELECT t.id, (SELECT max(u.n) AS max FROM public.t u WHERE (u.id = t.n)) AS n FROM public.t",
                                 "SELECT barred.id, barred.n FROM public.barred", "SELECT t.id, t.n FROM public.t EXCEPT SELECT t.n, t.id FROM public.t",
                                 "(SELECT t.id, t.n FROM public.t WHERE (t.n > 5) EXCEPT SELECT t.n, t.id FROM public.t) UNION ALL SELECT t.id, t.n FROM public.t WHERE (t.n > 5)", "SELECT t.id, t.n FROM public.t WHERE (t.n > 5) LIMIT 3",
                                 "WITH q AS MATERIALIZED (SELECT t.id, t.n FROM public.t WHERE (t.n > 5)) SELECT q.id, q.n FROM q"})
    EXPECT_THAT(remarks(definition), IsEmpty()) << definition;
}
TEST(lint_views, whose_rows_the_policy_hides_itself_or_that_are_barriers_get_no_remark) {
  auto const* filtered = "SELECT t.id, t.n FROM public.t WHERE (t.n > 5)";
  EXPECT_THAT(remarks(filtered, true), IsEmpty());
  EXPECT_THAT(remarks(filtered, false, "allow clerk to select (id, n) on v where id = principal.user_id;"), IsEmpty());
  EXPECT_THAT(remarks(filtered, false, "allow clerk to select (id, n) on v;\nrestrict select on v to n > 7;"), IsEmpty());
  EXPECT_THAT(remarks(filtered, false, "allow clerk to select (id, n) on v;\nrestrict select on v to n > 7 except for clerk;"), ElementsAre(HasSubstr("6: view `v`")));
}

}  // namespace
