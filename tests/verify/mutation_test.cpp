// Every way to break what the real rewriter writes. Each statement of mutants.txt goes through the pipeline; its printed text is read
// again, one place is changed (a condition dropped, an arm, a mask, a fence, a column, a number, a slot exchanged), printed and given to
// `verify`. A mutant that passes is run on two databases that differ only in what the caller may not see, and must not tell them apart.
// That the two databases do tell is shown by the refused ones: many of them, run all the same, give two answers.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "bound/walk.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"
#include "rewrite/rewrite.hpp"
#include "verify/guarded_statement.hpp"
#include "verify/shop.hpp"

namespace grille::verify {
namespace {

// --- one place changed -------------------------------------------------------------------------------------------------

/// Changes the n-th of all places that can be changed. Places are counted in the order of a walk, so that each n is another.
class mutation final : public bound::visitor {
 public:
  mutation(unsigned n, unsigned positions, base::arena& memory) : left_(n), positions_(positions), memory_(memory) {}
  bool done() const { return what_ != nullptr; }
  char const* what() const { return what_; }

 private:
  bool here(char const* what) {
    if (done() || left_-- > 0) return false;
    what_ = what;
    return true;
  }
  bound::expr_ptr make(bound::expr::node_type node) { return memory_.make<bound::expr>(bound::expr{node, {}}); }
  bound::expr_ptr integer(std::string_view text) { return make(bound::literal{bound::literal_kind::integer, text}); }

  bool enter(bound::expr_ptr& e) override {
    if (done()) return false;
    if (auto* j = e->as<bound::junction>()) return junction(e, *j);
    if (auto* o = e->as<bound::operation>()) return operation(*o);
    if (auto* c = e->as<bound::case_expr>()) return cases(e, *c);
    if (auto* c = e->as<bound::column>()) return column(*c);
    if (auto* p = e->as<bound::parameter>()) return parameter(*p);
    if (auto* l = e->as<bound::literal>()) return literal(*l);
    if (auto* c = e->as<bound::call>()) return call(e, *c);
    if (auto* s = e->as<bound::subquery>()) return subquery(*s);
    if (auto* c = e->as<bound::collate>(); c != nullptr && here("a collation dropped")) e = c->operand;
    return !done();
  }
  void enter(bound::relation&) override {}
  void enter(bound::join& j) override {
    if (j.kind == bound::join_kind::left && here("an outer join made inner")) j.kind = bound::join_kind::inner;
    if (j.kind == bound::join_kind::inner && here("an inner join made outer")) j.kind = bound::join_kind::left;
    if (j.on != nullptr && here("a join's condition made true")) j.on = integer("1");
  }
  void enter(bound::query& q) override {
    if (q.limit != nullptr && here("a limit dropped")) q.limit = nullptr;
    if (q.limit != nullptr && here("a limit of one")) q.limit = integer("1");
    if (auto const* s = q.body->as<bound::set_operation>()) {
      auto const both = *s;
      if (here("the right arm dropped")) *q.body = *both.left;
      if (here("the left arm dropped")) *q.body = *both.right;
    }
  }
  void enter(bound::select& s) override {
    if (s.where != nullptr && here("a condition dropped")) s.where = nullptr;
    if (s.where != nullptr && here("a condition made true")) s.where = integer("1");
    if (s.where != nullptr && here("a condition negated")) s.where = not_(s.where);
    if (s.where != nullptr && here("a condition or-ed with true"))
      s.where = make(bound::junction{bound::junction_op::disjunction, memory_.copy(std::vector{s.where, integer("1")})});
    if (s.having != nullptr && here("a having dropped")) s.having = nullptr;
    for (auto& i : s.items) {
      if (auto* table = base_of(s))
        for (unsigned c = 0; c < table->columns.size(); ++c)
          if (here("an item made a raw column")) i.value = make(bound::column{table, c});
    }
  }
  static bound::relation* base_of(bound::select const& s) {
    auto const* r = s.from == nullptr ? nullptr : std::get_if<bound::relation*>(&s.from->node);
    return r != nullptr && (*r)->kind == bound::relation_kind::base ? *r : nullptr;
  }
  bound::expr_ptr not_(bound::expr_ptr e) { return make(bound::operation{bound::op::logical_not, memory_.copy(std::vector{e})}); }

  bool junction(bound::expr_ptr& e, bound::junction& j) {
    for (std::size_t i = 0; i < j.items.size(); ++i)
      if (here("an item of `and` or `or` dropped")) {
        std::vector<bound::expr_ptr> rest;
        for (std::size_t k = 0; k < j.items.size(); ++k)
          if (k != i) rest.push_back(j.items[k]);
        if (rest.size() == 1)
          e = rest[0];
        else
          j.items = memory_.copy(rest);
        return false;
      }
    for (std::size_t i = 0; i < j.items.size(); ++i)
      if (here("an item of `and` or `or` made true")) j.items[i] = integer("1");
    if (here("`and` and `or` exchanged"))
      j.op = j.op == bound::junction_op::conjunction ? bound::junction_op::disjunction : bound::junction_op::conjunction;
    return !done();
  }
  bool operation(bound::operation& o) {
    using enum bound::op;
    static std::map<bound::op, std::vector<bound::op>> const others = {
        {equal, {not_equal, less, is_not_distinct}}, {not_equal, {equal, is_distinct}}, {less, {less_equal, greater}}, {less_equal, {less}},
        {greater, {greater_equal, less}}, {greater_equal, {greater, less}}, {is_null, {is_not_null}}, {is_not_null, {is_null}},
        {is_true, {is_not_false}}, {is_not_true, {is_true, is_false}}, {is_false, {is_true, is_not_true}}, {is_not_false, {is_true}},
        {like, {not_like}}, {in, {not_in}}, {not_in, {in}}, {add, {subtract}}, {concat, {add}}};
    if (auto const found = others.find(o.op); found != others.end())
      for (auto const other : found->second)
        if (here("another operator")) o.op = other;
    for (std::size_t i = 1; i < o.operands.size(); ++i)
      if (here("operands exchanged")) std::swap(o.operands[0], o.operands[i]);
    return !done();
  }
  bool cases(bound::expr_ptr& e, bound::case_expr& c) {
    for (std::size_t i = 0; i < c.arms.size(); ++i) {
      if (here("an arm for the whole case")) {
        e = c.arms[i].result;
        return false;
      }
      if (here("an arm's condition made true")) c.arms[i].condition = integer("1");
      if (here("an arm's value for all others")) c.otherwise = c.arms[i].result;
      if (c.arms.size() > 1 && here("an arm dropped")) {
        std::vector<bound::when_arm> rest;
        for (std::size_t k = 0; k < c.arms.size(); ++k)
          if (k != i) rest.push_back(c.arms[k]);
        c.arms = memory_.copy(rest);
        return false;
      }
      for (std::size_t k = i + 1; k < c.arms.size(); ++k)
        if (here("values exchanged")) std::swap(c.arms[i].result, c.arms[k].result);
      for (std::size_t k = i + 1; k < c.arms.size(); ++k)
        if (here("arms exchanged")) std::swap(c.arms[i], c.arms[k]);
    }
    if (c.otherwise != nullptr && here("the rest dropped")) c.otherwise = nullptr;
    if (c.otherwise != nullptr && here("the rest for the whole case")) {
      e = c.otherwise;
      return false;
    }
    return !done();
  }
  bool column(bound::column& c) {
    for (unsigned i = 0; i < c.relation->columns.size(); ++i)
      if (i != c.index && here("another column")) {
        c.index = i;
        return false;
      }
    return !done();
  }
  bool parameter(bound::parameter& p) {
    for (unsigned i = 1; i <= positions_; ++i)
      if (i != p.position && here("another parameter")) {
        p.position = i;
        return false;
      }
    return !done();
  }
  bool literal(bound::literal& l) {
    if (l.kind == bound::literal_kind::integer)
      for (auto const* other : {"0", "1", "2", "1000"})
        if (l.text != other && here("another number")) l.text = other;
    if (l.kind == bound::literal_kind::text && here("another text")) l.text = "zzz";
    return !done();
  }
  bool call(bound::expr_ptr& e, bound::call& c) {
    if (c.arguments.size() > 0 && here("an argument for the call")) {
      e = c.arguments[0];
      return false;
    }
    if (c.distinct && here("distinct dropped")) c.distinct = false;
    if (c.filter != nullptr && here("a filter dropped")) c.filter = nullptr;
    if (c.function->kind == catalog::function_kind::aggregate && c.arguments.size() == 1)
      for (auto const* other : {"count", "sum", "avg", "max", "min", "group_concat", "total"})
        if (c.function->name != other && here("another aggregate")) c.function = catalog::find_function(dialect::sqlite, other, 1);
    return !done();
  }
  bool subquery(bound::subquery& s) {
    if (s.kind == bound::subquery_kind::scalar && here("exists for the value")) s.kind = bound::subquery_kind::exists;
    return !done();
  }

  unsigned left_;
  unsigned positions_;
  base::arena& memory_;
  char const* what_{};
};

/// Which positions a tree still uses; the policy's are given numbers without gaps again.
class renumbering final : public bound::visitor {
 public:
  explicit renumbering(unsigned caller) : caller_(caller) {}
  std::vector<unsigned> kept;  // old positions, in their new order

 private:
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto* p = e->as<bound::parameter>();
    if (p == nullptr || p->position <= caller_) return true;
    auto const [at, fresh] = known_.try_emplace(p->position, caller_ + 1 + static_cast<unsigned>(kept.size()));
    if (fresh) kept.push_back(p->position);
    p->position = at->second;
    return true;
  }
  unsigned caller_;
  std::map<unsigned, unsigned> known_;
};

// --- the pipeline ------------------------------------------------------------------------------------------------------

testing::printed rewritten(policy::access const& who, std::string const& sql) {
  base::arena memory;
  auto const check = [&](auto const& r) {
    if (!r) throw std::runtime_error(r.error().message + " " + r.error().help + "\n" + sql);
  };
  auto const tree = grammar::parse_statement(sql, dialect::sqlite, memory);
  check(tree);
  auto bound = bind::bind_statement(**tree, {.visible = who, .memory = memory, .text = sql});
  check(bound);
  check(rewrite::rewrite(**bound, who, memory));
  auto const back = bind::unbind(**bound, dialect::sqlite, memory);
  return {print::print(*back.statement, dialect::sqlite, print::chains::balanced), back.slots, (*bound)->parameters};
}

struct mutant {
  testing::printed text;
  char const* what{};
};
/// The n-th mutant of a printed text; nothing: there are no more.
std::optional<mutant> mutant_of(testing::printed const& p, unsigned n) {
  base::arena memory;
  auto const tree = grammar::parse_statement(p.sql, dialect::sqlite, memory);
  bind::full_catalog const everything(*testing::shop_catalog());
  auto bound = bind::bind_statement(**tree, {.visible = everything, .memory = memory, .text = p.sql});
  if (!bound) throw std::runtime_error(bound.error().message + "\n" + p.sql);
  mutation change(n, (*bound)->parameters, memory);
  bound::walk(*(*bound)->query, change);
  if (!change.done()) return std::nullopt;
  renumbering numbers(p.parameters);
  bound::walk(*(*bound)->query, numbers);
  mutant out{{{}, {}, p.parameters}, change.what()};
  for (auto const old : numbers.kept) out.text.slots.push_back(p.slots[old - p.parameters - 1]);
  (*bound)->parameters = p.parameters + static_cast<unsigned>(numbers.kept.size());
  auto const back = bind::unbind(**bound, dialect::sqlite, memory);
  out.text.sql = print::print(*back.statement, dialect::sqlite);
  return out;
}

// --- two databases -----------------------------------------------------------------------------------------------------

class database {
 public:
  explicit database(std::string const& unseen) {
    sqlite3_open(":memory:", &db_);
    run(testing::shop_schema());
    run(testing::read_file(GRILLE_TESTS_DIR "/verify/shop_data.sql"));
    run(unseen);
  }
  database(database const&) = delete;
  database& operator=(database const&) = delete;
  ~database() { sqlite3_close(db_); }

  /// Its rows in the order of their text, or how it failed.
  std::string answer(testing::printed const& p, policy::access const& who) {
    sqlite3_stmt* made{};
    if (sqlite3_prepare_v2(db_, p.sql.c_str(), -1, &made, nullptr) != SQLITE_OK) return "not prepared";
    for (std::size_t i = 0; i < p.slots.size(); ++i) bind_value(made, static_cast<int>(p.parameters + i + 1), who.resolve(p.slots[i]));
    std::multiset<std::string> rows;
    int code = 0;
    while ((code = sqlite3_step(made)) == SQLITE_ROW && rows.size() < 10000) {
      std::string row;
      for (int i = 0; i < sqlite3_column_count(made); ++i) {
        auto const* text = sqlite3_column_text(made, i);
        row += std::to_string(sqlite3_column_type(made, i)) + (text == nullptr ? "" : reinterpret_cast<char const*>(text)) + "|";
      }
      rows.insert(row);
    }
    std::string out = code == SQLITE_DONE ? "" : "failed: " + std::to_string(code);
    sqlite3_finalize(made);
    for (auto const& r : rows) out += r + "\n";
    return out;
  }

 private:
  void run(std::string const& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(std::string(sqlite3_errmsg(db_)) + "\n" + sql);
  }
  static void bind_value(sqlite3_stmt* s, int at, value const& v) {
    if (auto const* i = std::get_if<std::int64_t>(&v.data())) sqlite3_bind_int64(s, at, *i);
    if (auto const* t = std::get_if<std::string>(&v.data())) sqlite3_bind_text(s, at, t->c_str(), -1, SQLITE_TRANSIENT);
  }
  sqlite3* db_{};
};

// --- the file ----------------------------------------------------------------------------------------------------------

struct group {
  std::string name, rules, roles, unseen;
  std::vector<std::string> statements;
  friend std::ostream& operator<<(std::ostream& out, group const& g) { return out << g.name << " as " << g.roles; }
};
std::vector<group> all_groups() {
  std::istringstream in(testing::read_file(GRILLE_TESTS_DIR "/verify/mutants.txt"));
  std::vector<group> out;
  group now;
  std::string line;
  enum class part { rules, unseen, statements } at{};
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("== ")) {
      now = {line.substr(3), {}, {}, {}, {}};
      at = part::rules;
    } else if (line.starts_with("as ")) {
      out.push_back({now.name, now.rules, line.substr(3), {}, {}});
    } else if (line == "unseen") {
      at = part::unseen;
    } else if (line == "sql") {
      at = part::statements;
    } else if (at == part::rules) {
      now.rules += line + "\n";
    } else if (at == part::unseen) {
      out.back().unseen += line + "\n";
    } else {
      out.back().statements.push_back(line);
    }
  }
  return out;
}

class mutants : public ::testing::TestWithParam<group> {};

TEST_P(mutants, are_refused_or_tell_nothing) {
  auto const& g = GetParam();
  auto const who = testing::caller(testing::shop_policy(g.rules), g.roles);
  database before(""), after(g.unseen);
  unsigned made = 0, passed = 0, telling = 0;
  for (auto const& statement : g.statements) {
    auto const p = rewritten(*who, statement);
    auto const good = verify(p.sql, p.slots, p.parameters, *who);
    EXPECT_TRUE(good) << (good ? "" : good.error().help) << "\n" << statement << "\n" << p.sql;
    EXPECT_EQ(before.answer(p, *who), after.answer(p, *who)) << "the databases differ in what the caller may see\n" << p.sql;
    EXPECT_FALSE(before.answer(p, *who).starts_with("not prepared")) << p.sql;
    for (unsigned n = 0;; ++n) {
      auto const m = mutant_of(p, n);
      if (!m) break;
      ++made;
      auto const checked = verify(m->text.sql, m->text.slots, m->text.parameters, *who);
      auto const told = before.answer(m->text, *who) != after.answer(m->text, *who);
      if (checked) {
        ++passed;
        EXPECT_FALSE(told) << m->what << "\n" << p.sql << "\n" << m->text.sql;
      } else {
        telling += told ? 1 : 0;
      }
    }
  }
  RecordProperty("mutants", static_cast<int>(made));
  RecordProperty("passed", static_cast<int>(passed));
  RecordProperty("telling", static_cast<int>(telling));
  std::cout << made << " mutants, " << passed << " pass, " << telling << " of the refused would have told\n";
  EXPECT_GT(made, 100U);
  EXPECT_GT(telling, 10U);
}

std::string group_name(::testing::TestParamInfo<group> const& info) {
  auto name = info.param.name + "_as_" + info.param.roles;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(verify, mutants, ::testing::ValuesIn(all_groups()), group_name);

}  // namespace
}  // namespace grille::verify
