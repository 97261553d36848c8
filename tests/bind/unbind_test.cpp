// What the printed text looks like: fresh names only, every column qualified, positions of parameters; and the tree that a caller of
// bind gets: what is used, which names parameters have, how predicates resolve their own words.
#include "bind/engine.hpp"
#include "bound/walk.hpp"

namespace grille::bind {
namespace {

constexpr std::string_view schema = R"(
create table t(a, b, c);
create table u(a, d);
create table k(id integer primary key, x text);
)";

class unbinding : public testing::Test {
 protected:
  std::string printed(std::string_view sql) {
    auto const p = pass(visible, sql);
    return p.fault.empty() ? p.sql : p.fault;
  }
  /// The names of used columns of every relation in order, "t:a,b u:".
  std::string used(std::string_view sql) {
    struct collect final : bound::visitor {
      using visitor::enter;
      void enter(bound::relation& r) override {
        text += (text.empty() ? "" : " ") + std::string(r.name) + ":";
        for (auto const& c : r.columns)
          if (c.used) text.append(c.name).append(",");
      }
      std::string text;
    } v;
    auto const p = pass(visible, sql);
    EXPECT_EQ(p.fault, "");
    bound::walk(*p.tree->query, v);
    return v.text;
  }

  engine db{schema};
  introspect::catalog_ptr catalog = db.catalog();
  full_catalog visible{*catalog};
};

TEST_F(unbinding, no_name_of_the_callers_but_those_of_result_columns) {
  EXPECT_EQ(printed("with r1 as (select a as secret from t) select q.secret as shown from r1 as q, u r2"),
            R"sql(with "c1" as (select "r1"."a" as "secret" from "main"."t" as "r1") select "r2"."secret" as "shown" from "c1" as "r2" join "main"."u" as "r3")sql");
  EXPECT_EQ(printed("select a, a, 1 as \"it's\" from t"), R"sql(select "r1"."a" as "a", "r1"."a" as "a", 1 as "it's" from "main"."t" as "r1")sql");
  EXPECT_EQ(printed("select exists (select a, b from t)"), R"sql(select exists (select "r1"."a", "r1"."b" from "main"."t" as "r1") as "exists (select a, b from t)")sql");
}

TEST_F(unbinding, columns_that_a_query_around_names_have_names_of_their_own) {
  EXPECT_EQ(printed("select * from (select 1 as true_, a as k2, a, a, b as A from t)"),
            R"sql(select "r1"."true_" as "true_", "r1"."k2" as "k2", "r1"."a" as "a", "r1"."a:1" as "a:1", "r1"."A:2" as "A:2" from )sql"
            R"sql((select 1 as "true_", "r2"."a" as "k2", "r2"."a" as "a", "r2"."a" as "a:1", "r2"."b" as "A:2" from "main"."t" as "r2") as "r1")sql");
}

TEST_F(unbinding, a_constant_key_is_no_position) {
  EXPECT_EQ(printed("select 7 as n, a from t group by n, a order by + n + 0, n"),
            R"sql(select 7 as "n", "r1"."a" as "a" from "main"."t" as "r1" group by 7 + 0, "r1"."a" order by (+ 7) + 0, 1)sql");
  EXPECT_EQ(printed("select 3 as n, a from t group by 1 collate nocase"), R"sql(select 3 as "n", "r1"."a" as "a" from "main"."t" as "r1" group by (3 + 0) collate NOCASE)sql");
}

TEST_F(unbinding, true_is_a_number_and_names_itself) {
  EXPECT_EQ(printed("select true, TRUE, a is true from t where false order by true"),
            R"sql(select true, TRUE, "r1"."a" is true as "a is true" from "main"."t" as "r1" where 0 order by 1 + 0)sql");
}

TEST_F(unbinding, a_literal_is_at_its_place_and_a_type_is_as_written) {
  EXPECT_EQ(printed("select cast(a as unsigned big int), cast(a as decimal(10, -2)) from t"),
            R"sql(select cast("r1"."a" as unsigned big int) as "cast(a as unsigned big int)", cast("r1"."a" as decimal(10, - 2)) as "cast(a as decimal(10, -2))" from "main"."t" as "r1")sql");
}

TEST_F(unbinding, what_is_referred_to_is_used) {
  EXPECT_EQ(used("select a from t where b = 1"), "t:a,b,");
  EXPECT_EQ(used("select 1 from t natural join u"), "t:a, u:a,");
  EXPECT_EQ(used("select count(*) from t join u using (a)"), "t:a, u:a,");
  EXPECT_EQ(used("select u.* from t, u"), "t: u:a,d,");
  EXPECT_EQ(used("select (select d from u where u.a = t.c) from t"), "t:c, u:a,d,");
  EXPECT_EQ(used("select 1 from t full join u using (a) order by a"), "t:a, u:a,");
  EXPECT_EQ(used("select rowid from k"), "k:id,");
  EXPECT_EQ(used("select q from (select a as p, b as q from t) s"), "s:q, t:a,b,");
  EXPECT_EQ(used("select 1 in (select a from u) from t"), "t: u:a,");
}

TEST_F(unbinding, parameters_keep_their_positions) {
  EXPECT_EQ(printed("select ?, ?5, ?, ?1"), R"sql(select ?1 as "?", ?5 as "?5", ?6 as "?", ?1 as "?1")sql");
  auto const numbered = pass(visible, "select ?, ?5, ?, ?1");
  EXPECT_EQ(numbered.tree->parameters, 6U);
  EXPECT_EQ(numbered.tree->parameter_names.size(), 6U);
  EXPECT_EQ(numbered.tree->parameter_names[4], "");
}

TEST_F(unbinding, named_parameters_are_numbered_by_the_text_not_by_the_order_of_binding) {
  auto const p = pass(visible, "select :second from (select :third as x from t where a = :fourth) where :second = :fifth and x = :third limit :last");
  EXPECT_EQ(p.fault, "");
  std::vector<std::string> const names(p.tree->parameter_names.begin(), p.tree->parameter_names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"second", "third", "fourth", "fifth", "last"}));
  EXPECT_EQ(p.sql,
            R"sql(select ?1 as ":second" from (select ?2 as "x" from "main"."t" as "r2" where "r2"."a" = ?3) as "r1" where (?1 = ?4) and ("r1"."x" = ?2) limit ?5)sql");
}

TEST_F(unbinding, a_named_parameter_in_a_copied_alias_is_the_same_one) {
  EXPECT_EQ(printed("select :b + a as x from t where x > :a and x < :b"),
            R"sql(select ?1 + "r1"."a" as "x" from "main"."t" as "r1" where ((?1 + "r1"."a") > ?2) and ((?1 + "r1"."a") < ?1))sql");
}

TEST_F(unbinding, each_slot_has_one_position_behind_the_callers) {
  auto p = pass(visible, "select ?3 from t where a = 1");
  auto const slot = [&](bound::slot_kind k, std::string_view name, unsigned tuple) {
    return p.memory->make<bound::expr>(bound::expr{bound::slot{k, name, {}, tuple}, {}});
  };
  auto& s = *p.tree->query->body->as<bound::select>();
  bound::operation in{bound::op::in, p.memory->copy(std::vector{s.where->as<bound::operation>()->operands[0], slot(bound::slot_kind::principal, "id", 0),
                                                              slot(bound::slot_kind::scope, "shop", 1), slot(bound::slot_kind::scope, "shop", 2),
                                                              slot(bound::slot_kind::principal, "id", 0)})};
  s.where = p.memory->make<bound::expr>(bound::expr{in, {}});
  auto const back = unbind(*p.tree, dialect::sqlite, *p.memory);
  EXPECT_EQ(print::print(*back.statement, dialect::sqlite), R"sql(select ?3 as "?3" from "main"."t" as "r1" where "r1"."a" in (?4, ?5, ?6, ?4))sql");
  EXPECT_EQ(back.first_slot, 4U);
  ASSERT_EQ(back.slots.size(), 3U);
  EXPECT_EQ(back.slots[0].name, "id");
  EXPECT_EQ(back.slots[1].tuple, 1U);
  EXPECT_EQ(back.slots[2].tuple, 2U);
}

TEST_F(unbinding, a_set_operation_on_the_right_becomes_a_table) {
  auto p = pass(visible, "select a from t union all select a from u except select 1");
  auto& whole = *p.tree->query->body->as<bound::set_operation>();
  auto& left = *whole.left->as<bound::set_operation>();
  std::swap(whole.left, left.right);  // t union all u, except 1  ->  u except (t union all 1)
  std::swap(whole.right, left.right);
  std::swap(whole.right, whole.left);
  auto const text = print::print(*unbind(*p.tree, dialect::sqlite, *p.memory).statement, dialect::sqlite);
  EXPECT_EQ(db.ask(text).error, "") << text;
}

// --- predicates --------------------------------------------------------------------------------------------------------

class predicates : public unbinding {
 protected:
  base::result<bound::expr_ptr> bind_text(std::string_view text, options o) {
    o.text = text;
    auto const read = grammar::parse_expression(text, dialect::sqlite, memory);
    EXPECT_TRUE(read) << text;
    return bind_expression(**read, subject, o);
  }
  base::arena memory;
  bound::relation* subject = make_relation(**visible.find({}, "t"), "t", {}, memory);
};

TEST_F(predicates, columns_of_the_subject_are_named_plainly_or_by_its_name) {
  options const o{visible, memory};
  for (auto const* text : {"a", "t.a", "main.t.a", "T.A"}) {
    auto const e = bind_text(text, o);
    ASSERT_TRUE(e) << text;
    auto const* c = (*e)->as<bound::column>();
    ASSERT_NE(c, nullptr);
    EXPECT_EQ(c->relation, subject);
    EXPECT_EQ(c->index, 0U);
  }
  EXPECT_EQ(describe(bind_text("x = 1", o).error(), "x = 1"), "not_found: no such column: `x` | x");
  EXPECT_EQ(describe(bind_text("sum(a) > 1", o).error(), "sum(a) > 1"), "syntax: aggregate `sum` cannot stand here | sum(a)");
  auto const correlated = bind_text("exists (select 1 from u where u.a = t.a and d = b)", o);
  ASSERT_TRUE(correlated);
}

TEST_F(predicates, a_parameter_is_refused_where_there_are_none) {
  options o{visible, memory};
  o.parameters = false;
  EXPECT_EQ(describe(bind_text("a = ?1", o).error(), "a = ?1"), "usage: a parameter has no meaning here | ?1");
}

TEST_F(predicates, own_words_come_first_if_reserved_and_last_if_not) {
  std::vector<std::string> asked;
  options o{visible, memory};
  o.names = [&](ast::column_ref const& c, bound::relation* qualifier, base::range at) -> base::result<bound::expr_ptr> {
    std::string path;
    for (auto const& part : c.path) path.append(path.empty() ? "" : ".").append(part.text);
    asked.push_back(path + (qualifier == nullptr ? "" : " of " + std::string(qualifier->name)));
    if (path == "principal.id" || path == "is_mine" || path == "t.is_mine")
      return memory.make<bound::expr>(bound::expr{bound::slot{bound::slot_kind::principal, "id", {}, 0}, at});
    return nullptr;
  };
  EXPECT_TRUE(bind_text("a = principal.id", o));
  EXPECT_TRUE(bind_text("is_mine", o));
  EXPECT_TRUE(bind_text("t.is_mine", o));
  EXPECT_FALSE(bind_text("t.nope", o));
  EXPECT_FALSE(bind_text("nope", o));
  EXPECT_EQ(asked, (std::vector<std::string>{"principal.id", "is_mine", "t.is_mine of t", "t.nope of t", "nope"}));
}

TEST_F(predicates, own_functions_are_asked_for_only_where_the_list_has_none) {
  std::vector<std::string> asked;
  options o{visible, memory};
  o.calls = [&](std::string_view name, std::span<bound::expr_ptr const> arguments, base::range at) -> base::result<bound::expr_ptr> {
    asked.push_back(std::string(name) + "/" + std::to_string(arguments.size()));
    if (name != "days_ago") return nullptr;
    return memory.make<bound::expr>(bound::expr{bound::now{"current_date"}, at});
  };
  EXPECT_TRUE(bind_text("a > days_ago(3)", o));
  EXPECT_TRUE(bind_text("abs(a) > 1", o));
  EXPECT_FALSE(bind_text("unknown(a, b)", o));
  EXPECT_FALSE(bind_text("abs(a, b)", o));
  EXPECT_FALSE(bind_text("days_ago(distinct 3)", o));
  EXPECT_EQ(asked, (std::vector<std::string>{"days_ago/1", "unknown/2"}));
}

// --- a catalogue that says no -------------------------------------------------------------------------------------------

class forbidding final : public visible_catalog {
 public:
  dialect which() const override { return dialect::sqlite; }
  base::result<visible_table const*> find(std::string_view in, std::string_view name) const override {
    if (catalog::same_name(name, "t")) return base::fail(errc::forbidden, "reading `t` is not granted");
    return base::fail(errc::not_found, std::string("asked ") + std::string(in) + "/" + std::string(name));
  }
};

TEST(catalogs, a_fault_of_the_catalogue_gets_the_place) {
  forbidding const visible;
  EXPECT_EQ(pass(visible, "select 1 from main.t").fault, "forbidden: reading `t` is not granted | main.t");
  EXPECT_EQ(pass(visible, "select 1 where 1 in u").fault, "not_found: asked /u | u");
  EXPECT_EQ(pass(visible, "select 1 from \"Other\".u").fault, "not_found: asked Other/u | \"Other\".u");
}

/// `c` of t is there for `filter` only.
TEST(catalogs, a_column_that_is_not_shown_can_be_named_but_is_in_no_star_and_no_natural_join) {
  engine const db("create table t(a, b, c); create table s(c, a); insert into t values (1, 2, 3); insert into s values (4, 1);");
  auto const catalog = db.catalog();
  struct half_shown final : visible_catalog {
    explicit half_shown(catalog::catalog const& c) : all(c) {}
    dialect which() const override { return dialect::sqlite; }
    base::result<visible_table const*> find(std::string_view in, std::string_view name) const override {
      auto const found = all.find(in, name);
      if (!found || *found == nullptr || (*found)->table->name != "t") return found;
      t = **found;
      t.columns[2].shown = false;
      return &t;
    }
    full_catalog all;
    mutable visible_table t;
  };
  half_shown const visible(*catalog);
  EXPECT_EQ(db.ask(pass(visible, "select * from t").sql).names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(db.ask(pass(visible, "select t.* from t").sql).names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(pass(visible, "select 1 from t where c = 3").fault, "");
  EXPECT_EQ(db.ask(pass(visible, "select * from t natural join s").sql).rows.size(), 1U) << "joined on `a` alone";
  EXPECT_EQ(pass(visible, "select 1 from t join s using (c)").fault, "not_found: no such column: `c` | c | it is not in both tables");
  EXPECT_EQ(pass(visible, "select c from t, s").fault, "ambiguous: ambiguous column name: `c` | c");
  EXPECT_EQ(pass(visible, "select 1 in t").fault, "syntax: this yields 2 columns, 1 is expected | t");
}

}  // namespace
}  // namespace grille::bind
