// The proof of a write on PostgreSQL. Enters: the printed steps of a plan, and what the caller was granted. Leaves: the one statement that
// they come to, or a refusal. Nothing of the rewriter is used or seen.
//
// The steps become common tables, in a fixed frame of the verifier's own, each text in parentheses on lines of its own. S and W are common
// tables too, named without a schema; every table of the database is named with one, and common tables of a step's own hide nothing
// that is named so. What is demanded of the steps:
//   collect   a query that locks the rows of the table and of nothing else; less what it yields for the plan it is proven as any query of
//             the caller's. What it yields for the plan is known from its own text: a column of the row, or that certain grants' conditions hold.
//   apply     writes to the table alone, to rows that S names by their whole key, and returns each column in order: that is W. A value is
//             one that a grant forces, a column of S that was proven as the caller's, or its constant or parameter. The source of an
//             insert, less what is forced, is proven as any query of the caller's.
//   check     counts all rows of S, or of W for an insert, and takes from that the rows that, by the whole key, are in W and of which all is
//             true that one covering grant asks: of the row before (S says so), and of the row as it is stored.
//   result    reads W once, in the place of the table, and is proven as any query over the table.
// A step sees the database as it was before the statement: so a condition on W that asks the table itself would ask of what is no more.
#include <algorithm>
#include <string>

#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "grammar/parse.hpp"
#include "verify/children.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

/// Whether a table, or a view of it however far, is read.
class readers final : public passage {
 public:
  readers(catalog::table const& t, catalog::catalog const& all) : catalog_(all), names_{catalog::qualified(t.schema, t.name)} {
    for (std::size_t known = 0; known != names_.size();) {
      known = names_.size();
      for (auto const& v : all.tables()) {
        auto const name = catalog::qualified(v.schema, v.name);
        auto const reads = std::any_of(v.reads.begin(), v.reads.end(), [&](std::string const& r) { return has(r); });
        if (reads && !has(name)) names_.push_back(name);
      }
    }
  }
  bool found(bound::query const& q) {
    found_ = false;
    go(q);
    return found_;
  }

 private:
  using passage::enter;
  bool has(std::string const& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  bool enter(bound::relation const& r) override {
    if (r.kind == bound::relation_kind::base && !r.table->schema.empty()) found_ = found_ || has(catalog::qualified(r.table->schema, r.table->name));
    return true;
  }
  bool enter(bound::expr const&) override { return true; }

  catalog::catalog const& catalog_;
  std::vector<std::string> names_;
  bool found_{};
};

/// count(*), with a condition or none.
bound::call const* count_of_rows(bound::expr const& e) {
  auto const* c = e.as<bound::call>();
  auto const plain = c != nullptr && c->function->name == "count" && c->star && !c->distinct && c->order.empty() && c->over == nullptr && c->arguments.empty();
  return plain ? c : nullptr;
}

/// Steps, each at most once, by what they are.
struct known_steps {
  write_step *collect{}, *conflict{}, *apply{}, *check{}, *result{};
};

class statement_proof : public step_reader {
 public:
  /// `forces`: whose settings are taken to be forced, all of them and nothing else; null: nothing is.
  statement_proof(printed_write& what, policy::access const& who, known_steps const& steps, policy::grant const* forces)
      : step_reader(who), what_(what), table_(*what.table), method_(what.method), steps_(steps), forces_(forces), written_(catalog::written_rows(table_)),
        readers_(table_, *who.policy().catalog) {
    if (!what.temporary.empty()) rows_ = catalog::rows_table(what.temporary.front());
  }

  proof run() {
    for (auto const& part : {&statement_proof::target, &statement_proof::apply, &statement_proof::collect, &statement_proof::conflict, &statement_proof::check,
                             &statement_proof::result})
      if (auto const good = (this->*part)(); !good) return good;
    return {};
  }
  /// Whether the apply forces what it was said to.
  bool forces_as_said() const { return forces_ == nullptr || assigned_.forced.size() == forces_->settings.size(); }

 private:
  std::size_t callers() const { return what_.steps.front().caller_parameters; }
  /// The slots of a step stand behind all that come before it.
  void at(write_step const& s) {
    before_ = static_cast<unsigned>(callers());
    for (auto const& one : what_.steps) {
      if (&one == &s) break;
      before_ += static_cast<unsigned>(one.slots.size());
    }
  }

  proof target() {
    auto const& policy = who_.policy();
    auto const found = policy.tables.find(&table_);
    if (found == policy.tables.end() || who_.of(&table_) == nullptr) return disagree("a write to a table that is not granted");
    if (table_.kind != catalog::relation_kind::table) return disagree("a write to what is no table");
    if (table_.rules) return disagree("a write to a table with rules");
    for (auto const& t : policy.catalog->tables())
      if (!table_.partitioned && std::find(t.parents.begin(), t.parents.end(), catalog::qualified(table_.schema, table_.name)) != t.parents.end())
        return disagree("a write to a table that others inherit from");
    if (found->second.history != nullptr) return disagree("a write to a table that keeps its history");
    for (auto const& [t, p] : policy.tables)
      if (p.history == &table_) return disagree("a write to a history");
    key_ = catalog::row_key(table_);
    if (key_.empty() && method_ != method::insert) return disagree("a write to a table without a key");
    return {};
  }

  // --- apply

  proof apply() {
    auto& s = *steps_.apply;
    at(s);
    auto form = parse_write(s);
    if (!form) return tl::unexpected(form.error());
    if (form->method != method_ || !names_table(form->target, table_) || form->aborts) return disagree("a step that writes something else");
    if (auto const good = left_out(*form, s); !good) return good;
    if (auto const good = returns(*form); !good) return good;
    for (auto const& name : form->columns) {
      auto const c = table_.find(name.text);
      if (!c || std::find(columns_.begin(), columns_.end(), *c) != columns_.end()) return disagree("a column that is not there, or written twice");
      auto const& column = table_.columns[*c];
      if (column.generated != catalog::generated::no || column.identity == catalog::identity::always) return disagree("a generated column that is written");
      if (method_ == method::update && catalog::decides_key(table_, *c)) return disagree("a key that is written");
      columns_.push_back(*c);
    }
    if (form->query == nullptr) return columns_.empty() && method_ == method::insert ? proof{} : disagree("an insert without its rows");
    auto const bound = read(s, form->query, {method_ == method::insert ? nullptr : &rows_});
    if (!bound) return tl::unexpected(bound.error());
    if (method_ == method::insert) return inserted(**bound);
    auto const* select = plain_select(**bound);
    if (select == nullptr) return disagree("a step that writes by more than a plain select");
    return method_ == method::update ? updated(*select) : removed(*select);
  }

  proof left_out(bind::write_form const& form, write_step& s) const {
    s.leaves_out = !form.conflicts.empty();
    if (s.leaves_out && method_ != method::insert) return disagree("rows that are left out where none may be");
    for (auto const& u : form.conflicts)
      if (!u.do_nothing || u.target_where != nullptr || !u.constraint.text.empty()) return disagree("a conflict that does more than leave a row out");
    return {};
  }
  /// Every column of the table, in order, by its own name.
  proof returns(bind::write_form const& form) const {
    auto const& alias = form.target.alias.name.text;
    if (!form.target.alias.columns.empty() || form.target.only) return disagree("a table under other names of its columns");
    bool good = form.returning.size() == table_.columns.size() && (method_ == method::insert) == alias.empty();
    for (std::size_t i = 0; good && i < table_.columns.size(); ++i) {
      auto const& item = form.returning[i];
      auto const* c = item.value == nullptr ? nullptr : item.value->as<ast::column_ref>();
      auto const parts = alias.empty() ? 1U : 2U;
      good = c != nullptr && item.alias.text.empty() && c->path.size() == parts && c->path.back().text == table_.columns[i].name &&
             (parts == 1 || c->path[0].text == alias);
    }
    return good ? proof{} : disagree("a change that does not return the whole row");
  }

  /// What the caller says can be like what a grant forces: so it is tried by one grant after the other.
  bool is_forced(sentences const& policy, unsigned column, bound::expr const& value) const {
    if (forces_ == nullptr) return false;
    auto const all = policy.to_write(method_);
    return all && std::any_of(all->begin(), all->end(), [&](alternative const& a) {
             return a.grant == forces_ && std::any_of(a.grant->settings.begin(), a.grant->settings.end(), [&](auto const& s) {
                      return s.first == column && same(*policy.forced(a, *s.second), value);
                    });
           });
  }

  proof inserted(bound::statement& s) {
    auto policy = sentences::about(*whole_row(table_, memory_), who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    auto const width = columns_.size();
    std::size_t named = width;  // those in front are the caller's
    auto* select = s.query->body->as<bound::select>();
    auto* values = s.query->body->as<bound::values>();
    auto const forces = [&](std::size_t i) {
      if (select != nullptr) return !select->distinct && is_forced(*policy, columns_[i], *select->items[i].value);
      return values != nullptr && std::all_of(values->rows.begin(), values->rows.end(),
                                              [&](auto const& row) { return is_forced(*policy, columns_[i], *row[i]); });
    };
    auto const good = select != nullptr   ? select->items.size() == width
                      : values != nullptr ? std::all_of(values->rows.begin(), values->rows.end(), [&](auto const& row) { return row.size() == width; })
                                          : true;
    if (!good) return disagree("more values than columns");
    while (named > 0 && forces(named - 1)) --named;
    assigned_.named.assign(columns_.begin(), columns_.begin() + static_cast<std::ptrdiff_t>(named));
    for (auto i = named; i < width; ++i)
      assigned_.forced.emplace_back(columns_[i], select != nullptr ? select->items[i].value : values->rows.front()[i]);
    forcing_.emplace(*std::move(policy));
    if (!forces_as_said()) return disagree("other values than are forced");

    auto* const one = memory_.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::integer, "1"}, {}});
    if (select != nullptr && named < width) {
      select->items = named > 0 ? select->items.first(named) : memory_.copy(std::vector<bound::item>{{one, {}}});
    } else if (values != nullptr && named < width) {
      for (auto& row : values->rows) row = named > 0 ? row.first(named) : memory_.copy(std::vector<bound::expr_ptr>{one});
    }
    return prove_query(s, who_, memory_);
  }

  proof updated(bound::select const& select) {
    auto const tables = both(select.from);
    if (!tables || !is_table(*tables->left, table_) || !is_table(*tables->right, rows_)) return disagree("an update by other rows than were collected");
    conjunction rest;
    auto const places = by_key(key_, conjuncts(select.where), *tables->left, of_base(*tables->left), *tables->right, rest);
    if (!places || !rest.empty()) return disagree("an update of other rows than those collected");
    places_ = *places;
    auto policy = sentences::about(*tables->left, who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    forcing_.emplace(*std::move(policy));
    if (select.items.size() != columns_.size()) return disagree("more values than columns");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto const& v = *select.items[i].value;
      if (auto const* c = column_of(v, *tables->right)) {
        assigned_.named.push_back(columns_[i]);
        callers_ = std::max(callers_, tables->right->columns[c->index].source + 1);
      } else if (is_forced(*forcing_, columns_[i], v)) {
        assigned_.forced.emplace_back(columns_[i], &v);
      } else if (v.as<bound::literal>() != nullptr || v.as<bound::parameter>() != nullptr) {
        assigned_.named.push_back(columns_[i]);
      } else {
        return disagree("a value that is neither the caller's nor forced");
      }
    }
    return forces_as_said() ? proof{} : disagree("other values than are forced");
  }

  proof removed(bound::select const& select) {
    auto* r = only(select.from);
    if (r == nullptr || !is_table(*r, table_)) return disagree("a delete of something else");
    auto const* in = select.where == nullptr ? nullptr : select.where->as<bound::subquery>();
    if (in == nullptr || in->kind != bound::subquery_kind::in) return disagree("a delete of other rows than were collected");
    bound::statement const inner{in->query, 0, {}};
    auto const* found = plain_select(inner);
    auto const* s = found == nullptr ? nullptr : only(found->from);
    auto const* row = in->operand->as<bound::row>();
    if (s == nullptr || !is_table(*s, rows_) || found->where != nullptr || found->items.size() != key_.size() ||
        (row == nullptr ? 1 : row->items.size()) != key_.size())
      return disagree("a delete of other rows than were collected");
    for (std::size_t j = 0; j < key_.size(); ++j) {
      auto const* c = column_of(row == nullptr ? *in->operand : *row->items[j], *r);
      auto const* theirs = column_of(*found->items[j].value, *s);
      if (c == nullptr || theirs == nullptr || r->columns[c->index].source != key_[j]) return disagree("a delete by another key");
      places_.push_back(s->columns[theirs->index].source);
    }
    return {};
  }

  // --- collect

  /// The query without its lock, which is on one relation of its `from`.
  base::result<ast::query> unlocked(write_step const& s, std::string_view& held) {
    auto const parsed = grammar::parse_statement(s.sql, who_.which(), memory_);
    if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
    auto const* q = (*parsed)->as<ast::query_ptr>();
    if (q == nullptr) return disagree("a step that writes where it should read");
    auto out = **q;
    if (out.locks.size() != 1) return disagree("rows that are collected and not locked");
    auto const& lock = out.locks.front();
    if (lock.strength != ast::lock_strength::update || lock.wait != ast::lock_wait::block || lock.of.size() != 1 || lock.of.front().size() != 1)
      return disagree("rows that are locked otherwise than those to be changed");
    held = lock.of.front().front().text;
    out.locks = {};
    return out;
  }

  proof collect() {
    if (steps_.collect == nullptr) return {};
    at(*steps_.collect);
    std::string_view held;
    auto const text = unlocked(*steps_.collect, held);
    if (!text) return tl::unexpected(text.error());
    auto const bound = read(*steps_.collect, memory_.make<ast::query>(*text), {});
    if (!bound) return tl::unexpected(bound.error());
    auto& statement = **bound;
    auto* select = plain_select(statement, true);
    auto const* r = select == nullptr ? nullptr : first(select->from);
    auto const* base = r == nullptr || r->kind != bound::relation_kind::derived ? nullptr : guarded_table(*r->query);
    if (base == nullptr || base->table != &table_) return disagree("rows that are collected from something else than the table");
    if (r->name != held) return disagree("rows that are locked otherwise than those to be changed");
    if (select->items.size() != rows_.columns.size() || callers_ > select->items.size()) return disagree("other columns than are collected");
    auto proven = prove_collection(statement, *select, *r, callers_, method_, who_, memory_);
    if (!proven) return tl::unexpected(proven.error());
    known_ = std::move(proven->known);
    for (std::size_t j = 0; j < key_.size(); ++j)
      if (places_[j] >= known_.size() || known_[places_[j]].plain != key_[j] || layout(places_[j]) != catalog::like(table_, key_[j]))
        return disagree("rows that are told apart by something else than the key");
    return {};
  }
  catalog::scratch_column const& layout(std::size_t place) const { return what_.temporary.front().columns[place]; }

  proof conflict() {
    if (steps_.conflict == nullptr) return {};
    at(*steps_.conflict);
    auto const bound = read_query(*steps_.conflict, {&rows_});
    if (!bound) return tl::unexpected(bound.error());
    auto const* select = (*bound)->query->body->as<bound::select>();
    auto const* r = select == nullptr ? nullptr : only(select->from);
    return r != nullptr && is_table(*r, rows_) ? proof{} : disagree("a look at other rows than were collected");
  }

  // --- check

  proof check() {
    at(*steps_.check);
    auto const bound = read_query(*steps_.check, {&rows_, &written_});
    if (!bound) return tl::unexpected(bound.error());
    if (readers_.found(*(*bound)->query)) return disagree("a check that asks the table as it was");
    auto const* select = plain_select(**bound);
    auto const* bad = select == nullptr || select->items.size() != 2 ? nullptr : select->items[1].value->as<bound::operation>();
    auto const* counted = bad == nullptr || bad->op != bound::op::subtract ? nullptr : count_of_rows(*bad->operands[1]);
    auto const* all = counted == nullptr ? nullptr : count_of_rows(*select->items[0].value);
    if (all == nullptr || all->filter != nullptr) return disagree("a check that does not count what is written");
    bound::relation *r = nullptr, *s = nullptr;
    if (method_ == method::insert) {
      r = only(select->from);
      auto const* total = count_of_rows(*bad->operands[0]);
      if (select->where != nullptr || total == nullptr || total->filter != nullptr) return disagree("a check of some of the rows that are written");
    } else {
      auto const tables = both(select->from);
      if (!tables || !is_table(*tables->right, rows_)) return disagree("a check of other rows than are written");
      r = tables->left;
      s = tables->right;
      conjunction rest;
      auto const places = by_key(key_, conjuncts(select->where), *r, of_base(*r), *s, rest);
      if (!places || !rest.empty() || *places != places_) return disagree("a check of other rows than are written");
      if (!counts_collected(*bad->operands[0])) return disagree("a check of some of the rows that were collected");
    }
    if (r == nullptr || !is_table(*r, written_)) return disagree("a check of something else than was written");
    r->table = &table_;  // as whose row it is asked
    auto policy = sentences::about(*r, who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    auto const passes = ways(counted->filter);
    auto const said = [&](bound::expr const& e) -> plan_item const* {
      auto const* c = s == nullptr ? nullptr : column_of(e, *s);
      auto const place = c == nullptr ? known_.size() : s->columns[c->index].source;
      return place < known_.size() ? &known_[place] : nullptr;
    };
    auto const old = [&](unsigned column) -> bound::expr_ptr {
      for (unsigned i = 0; i < known_.size(); ++i)
        if (known_[i].plain == column && layout(i) == catalog::like(table_, column)) return memory_.make<bound::expr>(bound::expr{bound::column{s, i}, {}});
      return nullptr;
    };
    return prove_allowed(*policy, forcing_ ? &*forcing_ : nullptr, method_, assigned_, passes, said, old);
  }
  /// (select count(*) from S)
  bool counts_collected(bound::expr const& e) const {
    auto const* q = e.as<bound::subquery>();
    if (q == nullptr || q->kind != bound::subquery_kind::scalar) return false;
    bound::statement const inner{q->query, 0, {}};
    auto const* select = plain_select(inner);
    auto const* from = select == nullptr ? nullptr : only(select->from);
    auto const* c = from == nullptr || select->items.size() != 1 || select->where != nullptr ? nullptr : count_of_rows(*select->items[0].value);
    return c != nullptr && c->filter == nullptr && is_table(*from, rows_);
  }

  // --- result

  proof result() {
    if (steps_.result == nullptr) return {};
    at(*steps_.result);
    auto const bound = read_query(*steps_.result, {&written_});
    if (!bound) return tl::unexpected(bound.error());
    struct look final : bound::visitor {
      explicit look(catalog::table const& w) : written(w) {}
      using bound::visitor::enter;
      void enter(bound::relation& r) override {
        if (is_table(r, written)) found.push_back(&r);
      }
      catalog::table const& written;
      std::vector<bound::relation*> found;
    } v(written_);
    bound::walk(*(*bound)->query, v);
    auto const* select = plain_select(**bound);
    auto const* t = select == nullptr ? nullptr : only(select->from);
    auto* base = t == nullptr || t->kind != bound::relation_kind::derived ? nullptr : guarded_table(*t->query);
    if (base == nullptr || v.found.size() != 1 || v.found.front() != base) return disagree("a result of other rows than were written");
    if (readers_.found(*t->query)) return disagree("a guard that asks the table as it was");
    base->table = &table_;
    return prove_query(**bound, who_, memory_);
  }

  printed_write& what_;
  catalog::table const& table_;
  method method_;
  known_steps const& steps_;
  policy::grant const* forces_;
  catalog::table rows_{}, written_;
  readers readers_;
  std::vector<unsigned> key_;
  std::vector<unsigned> columns_;    // that are written
  assigned_columns assigned_;        // the same, by who says their values
  unsigned callers_{};               // so many columns of S are the caller's
  std::vector<unsigned> places_;     // of the key in S
  std::vector<plan_item> known_;     // by column of S
  std::optional<sentences> forcing_; // of the table as the apply has it
};

base::result<known_steps> in_order(printed_write& what) {
  known_steps out;
  using kind = bound::step_kind;
  std::vector<kind> kinds, wanted;
  for (auto& s : what.steps) {
    kinds.push_back(s.kind);
    auto& one = s.kind == kind::collect    ? out.collect
                : s.kind == kind::conflict ? out.conflict
                : s.kind == kind::apply    ? out.apply
                : s.kind == kind::check    ? out.check
                                           : out.result;
    one = &s;
    if (s.caller_parameters != what.steps.front().caller_parameters) return disagree("steps with other parameters of the caller's");
  }
  auto const insert = what.method == method::insert;
  if (!insert) wanted.push_back(kind::collect);
  if (!insert && out.conflict != nullptr) wanted.push_back(kind::conflict);
  wanted.push_back(kind::apply);
  wanted.push_back(kind::check);
  if (out.result != nullptr) wanted.push_back(kind::result);
  if (kinds != wanted) return disagree("the steps of a write that are not all there, in their order");
  if (what.temporary.size() != (insert ? 0U : 1U)) return disagree("other temporary tables than the steps have");
  return out;
}

/// The frame. A line's end behind each text: none of it can go on into what follows.
whole_write put_together(printed_write const& what, known_steps const& steps) {
  whole_write out{.sql = "with ", .slots = {}, .caller_parameters = what.steps.front().caller_parameters, .returns = steps.result != nullptr};
  for (auto const& s : what.steps) out.slots.insert(out.slots.end(), s.slots.begin(), s.slots.end());
  auto const add = [&](std::string_view head, write_step const& s) {
    if (&s != &what.steps.front()) out.sql += ", ";
    out.sql.append(head).append(" (\n").append(s.sql).append("\n)");
  };
  if (steps.collect != nullptr) {
    std::string columns;
    for (std::size_t i = 1; i <= what.temporary.front().columns.size(); ++i) columns += (i > 1 ? ", \"c" : "\"c") + std::to_string(i) + '"';
    if (steps.conflict == nullptr) {
      add("\"grille_rows\" (" + columns + ") as materialized", *steps.collect);
    } else {
      // All rows are found before the first is changed: the server locks as it reads, and leaves out a row that this statement has changed.
      add("\"grille_found\" (" + columns + ") as materialized", *steps.collect);
      out.sql += R"(, "grille_rows" as materialized (select f.* from "grille_found" f where (select pg_catalog.count(*) from "grille_found") >= 0))";
      add("\"grille_twice\" as materialized", *steps.conflict);
    }
  }
  add("\"grille_written\" as", *steps.apply);
  add(R"("grille_checked" ("written", "bad") as materialized)", *steps.check);
  if (steps.result != nullptr) add("\"grille_result\" as", *steps.result);
  // computed of a row, so that nothing of it is computed before there is one
  out.sql += R"( select c."written", cast(case when c."bad" <> 0 then ')";
  out.sql.append(refused_row).append("'");
  if (steps.conflict != nullptr) {
    out.sql += R"( when c."written" >= 0 and exists (select 1 from "grille_twice") then ')";
    out.sql.append(row_in_the_way).append("'");
  }
  out.sql += " else '0' end as integer)";
  out.sql += steps.result == nullptr ? R"( from "grille_checked" c)"
                                     : R"(, q.* from "grille_checked" c left join (select true, r.* from "grille_result" r) q on true)";
  return out;
}

}  // namespace

base::result<whole_write> prove_statement(printed_write& what, policy::access const& who) {
  auto const steps = in_order(what);
  if (!steps) return tl::unexpected(steps.error());
  std::vector<policy::grant const*> forcing;
  if (auto const* granted = who.of(what.table); granted != nullptr)
    for (auto const& g : granted->of(what.method))
      if (!g.grant->settings.empty() && std::find(forcing.begin(), forcing.end(), g.grant) == forcing.end()) forcing.push_back(g.grant);
  forcing.push_back(nullptr);
  std::optional<base::fault> why;  // of the one that forces what it was said to, rather than of nothing that is forced
  for (auto const* f : forcing) {
    statement_proof one(what, who, *steps, f);
    auto const good = one.run();
    if (good) return put_together(what, *steps);
    if (one.forces_as_said() && !why) why = good.error();
  }
  return tl::unexpected(*why);
}

}  // namespace grille::verify
