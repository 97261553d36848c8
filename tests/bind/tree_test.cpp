// Walks, copies and comparisons of bound trees: a copy is equal to its original, shares no relation with it and prints alike; trees of
// one meaning are equal whatever their aliases; trees of different meanings are not.
#include <set>

#include "bind/engine.hpp"
#include "bound/walk.hpp"

namespace grille::bind {
namespace {

// No two mean the same: each differs from some other in one field of one node.
char const* const different[] = {
    "select a from t", "select b from t", "select a, b from t", "select distinct a from t", "select a from u", "select t2.a from t, t t2", "select t.a from t, t t2",
    "select t.a from t cross join t t2", "select t.a from t left join t t2 on t.a = t2.b", "select t.a from t left join t t2 on t.a = t.b", "select t.a from t right join t t2 on t.a = t2.b",
    "select t.a from t full join t t2 on t.a = t2.b", "select t.a from t left join t t2 on t.a = t2.c", "select a from t where a = 1", "select a from t where a = 2", "select a from t where a = '1'",
    "select a from t where a = 1.0", "select a from t where a = x'31'", "select a from t where a = null", "select a from t where a is null", "select a from t where a is not null",
    "select a from t where b = 1", "select a from t where 1 = a", "select a from t where a < 1", "select a from t where a > 1", "select a from t where a = ?1", "select a from t where a = ?2",
    "select a from t where a = 1 and b = 2", "select a from t where a = 1 or b = 2", "select a from t where b = 2 and a = 1", "select a from t where a in (1, 2)", "select a from t where a in (2, 1)",
    "select a from t where a not in (1, 2)", "select a from t where a in (1)", "select a from t where a between 1 and 2", "select a from t where a not between 1 and 2", "select a from t where a like 'x'",
    "select a from t where a like 'x' escape 'y'", "select a from t where a glob 'x'", "select a from t where (a, b) = (1, 2)", "select a from t where (a, b) = (1, 3)", "select a from t where not a",
    "select a from t where a is true", "select a from t where a is false", "select a from t where a is 1", "select a from t where a is not 1", "select a from t where case when a then b end",
    "select a from t where case when a then b else c end", "select a from t where case a when 1 then b end", "select a from t where case a when 1 then b when 2 then c end", "select a from t where cast(a as text)",
    "select a from t where cast(a as integer)", "select a from t where a = b collate nocase", "select a from t where a = b collate rtrim", "select a from t where abs(a)", "select a from t where typeof(a)", "select a from t where abs(b)",
    "select a from t where exists (select 1 from u)", "select a from t where exists (select 1 from u where u.a = t.a)", "select a from t where exists (select 1 from u where u.a = t.b)", "select a from t where a in (select a from u)",
    "select a from t where a not in (select a from u)", "select a from t where b in (select a from u)", "select a from t where (select a from u)", "select a from t where (select d from u)", "select a from t where current_date",
    "select a from t where current_time", "select a from t order by 1", "select a from t order by 1 desc", "select a from t order by 1 nulls last", "select a from t order by b", "select a, b from t order by 2", "select a from t limit 1",
    "select a from t limit 2", "select a from t limit 1 offset 1", "select a from t group by a", "select a from t group by b", "select a from t group by a, b", "select a from t group by a having a > 1", "select count(*) from t", "select count(a) from t",
    "select count() from t", "select count(distinct a) from t", "select count(*) filter (where a) from t", "select sum(a) over () from t", "select sum(a) over (partition by b) from t", "select sum(a) over (order by b) from t",
    "select sum(a) over (order by b desc) from t", "select sum(a) over (order by b rows 1 preceding) from t", "select sum(a) over (order by b rows 2 preceding) from t", "select sum(a) over (order by b range 1 preceding) from t",
    "select sum(a) over (order by b rows between 1 preceding and 1 following) from t", "select sum(a) over (order by b rows 1 preceding exclude ties) from t", "select a from (select a from t)", "select a from (select a from u)",
    "select a from (select a from t where a = 1)", "select b from (select a, b from t)", "select a from (select a, b from t)", "with c as (select a from t) select a from c", "with c as (select a from u) select a from c",
    "with c as materialized (select a from t) select a from c", "with c as not materialized (select a from t) select a from c", "with c as (select a from t), d as (select b from t) select a from c",
    "with c(n) as (select 1 union all select n + 1 from c) select n from c", "with c(n) as (select 1 union select n + 1 from c) select n from c", "select a from t union select a from u", "select a from t union all select a from u",
    "select a from t except select a from u", "select a from t intersect select a from u", "select a from u union select a from t", "values (1)", "values (1), (2)", "values (2), (1)", "values (1, 2)", "select 1", "select value from json_each('[]')",
    "select value from json_tree('[]')", "select value from json_each('[1]')", "select key from json_each('[]')", "select a + b from t", "select a - b from t", "select -a from t", "select +a from t"};

class trees : public testing::Test {
 protected:
  passed bound(std::string_view sql) {
    auto p = pass(visible, sql);
    EXPECT_EQ(p.fault, "") << sql;
    return p;
  }
  static bool same(passed const& a, passed const& b) { return bound::comparison{}(a.tree->query, b.tree->query); }

  engine db{"create table t(a, b, c); create table u(a, d);"};
  introspect::catalog_ptr catalog = db.catalog();
  full_catalog visible{*catalog};
};

TEST_F(trees, each_is_equal_to_itself_bound_again_and_to_no_other) {
  std::vector<passed> all;
  for (auto const* sql : different) all.push_back(bound(sql));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(same(all[i], bound(different[i]))) << different[i];
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (i == k) continue;
      EXPECT_FALSE(same(all[i], all[k])) << different[i] << "\n" << different[k];
    }
  }
}

TEST_F(trees, aliases_and_names_of_results_do_not_count) {
  EXPECT_TRUE(same(bound("select a from t"), bound("select x.A as y from T as x")));
  EXPECT_TRUE(same(bound("with c as (select a from t) select a from c"), bound("with d(q) as (select t.a from t) select w.q from d w")));
  EXPECT_TRUE(same(bound("select * from t natural join u"), bound("select t.a, t.b, t.c, u.d from t join u on t.a = u.a")));
  EXPECT_TRUE(same(bound("select sum(a) over w from t window w as (order by b)"), bound("select sum(a) over (order by b) from t")));
  EXPECT_TRUE(same(bound("select a as x from t where x = 1"), bound("select a from t where a = 1")));
}

TEST_F(trees, what_is_printed_binds_to_an_equal_tree) {
  for (auto const* sql : different) {
    auto const first = bound(sql);
    EXPECT_TRUE(same(first, bound(first.sql))) << sql << "\n" << first.sql;
  }
}

TEST_F(trees, a_copy_is_equal_and_on_its_own) {
  struct relations final : bound::visitor {
    using visitor::enter;
    void enter(bound::relation& r) override { seen.insert(&r); }
    bool enter(bound::expr_ptr& e) override {
      nodes.insert(e);
      if (auto* c = e->as<bound::column>()) named.insert(c->relation);
      return true;
    }
    std::set<bound::relation*> seen, named;
    std::set<bound::expr*> nodes;
  };
  for (auto const* sql : different) {
    auto const p = bound(sql);
    bound::copier copy{*p.memory};
    bound::statement duplicate{copy(p.tree->query), p.tree->parameters, p.tree->parameter_names, {}};
    EXPECT_TRUE(bound::comparison{}(p.tree->query, duplicate.query)) << sql;
    EXPECT_EQ(print::print(*unbind(duplicate, dialect::sqlite, *p.memory).statement, dialect::sqlite, print::chains::balanced), p.sql);
    relations original, copied;
    bound::walk(*p.tree->query, original);
    bound::walk(*duplicate.query, copied);
    EXPECT_EQ(original.seen.size(), copied.seen.size());
    EXPECT_EQ(original.nodes.size(), copied.nodes.size());
    for (auto* r : original.seen) EXPECT_FALSE(copied.seen.contains(r)) << sql;
    for (auto* r : copied.named) EXPECT_TRUE(copied.seen.contains(r)) << sql << ": a column of the copy points at the original's relation";
    for (auto* e : original.nodes) EXPECT_FALSE(copied.nodes.contains(e)) << sql;
  }
}

TEST_F(trees, a_copier_maps_relations_slots_and_columns) {
  base::arena memory;
  auto* from = make_relation(**visible.find({}, "t"), "t", {}, memory);
  auto* to = make_relation(**visible.find({}, "t"), "x", {}, memory);
  auto const text = std::string_view("a = 1 and exists (select 1 from u where u.a = t.b)");
  options const o{visible, memory};
  auto* e = *bind_expression(**grammar::parse_expression(text, dialect::sqlite, memory), from, o);
  bound::copier copy{memory};
  copy.relations[from] = to;
  auto* made = copy(e);
  EXPECT_FALSE(bound::comparison{}(e, made)) << "a relation outside the trees is only itself";
  bound::comparison paired;
  paired.pairs[from] = to;
  EXPECT_TRUE(paired(e, made));
  bound::comparison other_way;
  other_way.pairs[to] = from;
  EXPECT_FALSE(other_way(e, made));

  bound::copier masked{memory};
  auto* mask = memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::null, {}}, {}});
  masked.columns = [&](bound::column const& c) -> bound::expr_ptr { return c.relation == from && c.index == 0 ? mask : nullptr; };
  auto const* kept = masked(e)->as<bound::junction>()->items[0]->as<bound::operation>();
  EXPECT_EQ(kept->operands[0], mask);

  auto* slot = memory.make<bound::expr>(bound::expr{bound::slot{bound::slot_kind::scope, "shop", "keeper", 0}, {}});
  bound::copier instance{memory};
  instance.slots = [](bound::slot s) {
    s.tuple = 3;
    return s;
  };
  EXPECT_EQ(instance(slot)->as<bound::slot>()->tuple, 3U);
  EXPECT_EQ(slot->as<bound::slot>()->tuple, 0U);
}

TEST_F(trees, columns_are_compared_by_what_they_are_of_the_table) {
  base::arena memory;
  auto const& all = **visible.find({}, "t");
  visible_table const some{all.table, {{2, true}, {0, true}}};
  auto* whole = make_relation(all, "t", {}, memory);
  auto* part = make_relation(some, "t", {}, memory);
  auto const column = [&](bound::relation* r, unsigned i) { return memory.make<bound::expr>(bound::expr{bound::column{r, i}, {}}); };
  bound::comparison compare;
  compare.pairs[whole] = part;
  EXPECT_TRUE(compare(column(whole, 0), column(part, 1)));
  EXPECT_TRUE(compare(column(whole, 2), column(part, 0)));
  EXPECT_FALSE(compare(column(whole, 0), column(part, 0)));
}

}  // namespace
}  // namespace grille::bind
