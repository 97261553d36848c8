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
//   record, former, erase   see histories.cpp
//   result    see write_results.hpp
// A step sees the database as it was before the statement: so a condition on W that asks the table itself would ask of what is no more. For a
// purge the table is locked before that: what another wrote to the history until the rows were locked would not be seen, and stay.
#include <algorithm>
#include <string>

#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "grammar/parse.hpp"
#include "verify/conflicts.hpp"
#include "verify/write_results.hpp"

namespace grille::verify {

namespace {

/// count(*), with a condition or none.
bound::call const* count_of_rows(bound::expr const& e) {
  auto const* c = e.as<bound::call>();
  auto const plain = c != nullptr && c->function->name == "count" && c->star && !c->distinct && c->order.empty() && c->over == nullptr && c->arguments.empty();
  return plain ? c : nullptr;
}

class statement_proof : public result_proof {
 public:
  /// `forces`: whose settings are taken to be forced, all of them and nothing else; null: nothing is.
  statement_proof(printed_write& what, policy::access const& who, statement_part const& part, policy::grant const* forces)
      : result_proof(what, who, part.method, part.written), steps_(part), forces_(forces) {
    if (part.rows_at < what.temporary.size()) rows_ = catalog::rows_table(what.temporary[part.rows_at]);
  }

  proof run() {
    for (auto const& part : {&statement_proof::target, &statement_proof::apply, &statement_proof::read_result_of, &statement_proof::collect, &statement_proof::conflict,
                             &statement_proof::history, &statement_proof::check})
      if (auto const good = (this->*part)(); !good) return good;
    return steps_.result == nullptr ? proof{} : prove_result(places_, types_);
  }
  proven_part proven() const { return {assigned_, places_, joined_, unlocked_, all_}; }
  /// Whether the apply forces what it was said to.
  bool forces_as_said() const { return forces_ == nullptr || assigned_.forced.size() == forces_->settings.size(); }

 private:
  proof target() {
    auto const& policy = who_.policy();
    auto const found = policy.tables.find(&table_);
    if (found == policy.tables.end() || who_.of(&table_) == nullptr) return disagree("a write to a table that is not granted");
    if (table_.kind != catalog::relation_kind::table) return disagree("a write to what is no table");
    if (table_.rules) return disagree("a write to a table with rules");
    for (auto const& t : policy.catalog->tables())
      if (!table_.partitioned && std::find(t.parents.begin(), t.parents.end(), catalog::qualified(table_.schema, table_.name)) != t.parents.end())
        return disagree("a write to a table that others inherit from");
    for (auto const& [t, p] : policy.tables)
      if (p.history == &table_) return disagree("a write to a history");
    key_ = catalog::row_key(table_);
    if (key_.empty() && method_ != method::insert) return disagree("a write to a table without a key");
    return {};
  }

  // --- apply

  proof apply() {
    auto& s = *steps_.apply;
    auto form = parse_write(s);
    if (!form) return tl::unexpected(form.error());
    auto const says = method_ == method::purge ? method::remove : method_;
    if (form->method != says || !names_table(form->target, table_) || form->action != ast::conflict_action::none) return disagree("a step that writes something else");
    if (auto const good = left_out(*form, s); !good) return good;
    for (auto const& name : form->columns) {
      auto const c = table_.find(name.text);
      if (!c || std::find(columns_.begin(), columns_.end(), *c) != columns_.end()) return disagree("a column that is not there, or written twice");
      auto const& column = table_.columns[*c];
      if (column.generated != catalog::generated::no || column.identity == catalog::identity::always) return disagree("a generated column that is written");
      moves_ = moves_ || (method_ == method::update && catalog::decides_key(table_, *c));
      if (moves_ && !may_move()) return disagree("a key that is written");
      columns_.push_back(*c);
    }
    if (auto const good = returns(*form); !good) return good;
    if (form->query == nullptr) return columns_.empty() && method_ == method::insert ? proof{} : disagree("an insert without its rows");
    auto const from_query = method_ == method::insert && steps_.proposed == nullptr;
    auto const bound = read(s, form->query, {from_query ? merged() : &rows_});
    if (!bound) return tl::unexpected(bound.error());
    if (from_query && steps_.source != nullptr) stand_in_for_source(**bound, *steps_.source, memory_);
    if (method_ == method::insert) return steps_.proposed == nullptr ? inserted(**bound) : inserted_as_proposed(**bound);
    auto const* select = plain_select(**bound);
    if (select == nullptr) return disagree("a step that writes by more than a plain select");
    if (method_ != method::update) return removed(*select);
    auto const good = updated(*select);
    return good ? former(*form, both(select->from)->right->name) : good;
  }

  /// A history's record, and the result of an upsert or a merge, are of the key as it was.
  bool may_move() const {
    return steps_.proposed == nullptr && steps_.beside == nullptr && steps_.source == nullptr && who_.policy().tables.at(&table_).history == nullptr;
  }

  proof left_out(bind::write_form const& form, write_step& s) {
    s.leaves_out = !form.conflicts.empty();
    if (s.leaves_out && method_ != method::insert) return disagree("rows that are left out where none may be");
    for (auto const& u : form.conflicts)
      if (!conflict_keys(table_, who_, memory_).leaves_out(u)) return disagree("a conflict that does more than leave a row out");
    return {};
  }
  /// Where the key is changed, W has it behind the row as it was found: by that the row's S is known, whatever the key is now.
  proof former(bind::write_form const& form, std::string_view rows) {
    auto const n = table_.columns.size();
    checked_ = catalog::written_rows(table_, steps_.written, moves_ ? key_.size() : 0);
    bool good = true;
    for (std::size_t j = 0; good && moves_ && j < key_.size(); ++j) {
      auto const& item = form.returning[n + j];
      auto const* c = item.value == nullptr ? nullptr : item.value->as<ast::column_ref>();
      good = c != nullptr && c->path.size() == 2 && c->path[0].text == rows && c->path[1].text == rows_.columns[places_[j]].name &&
             item.alias.text == checked_.columns[n + j].name;
    }
    return good ? proof{} : disagree("a change of the key that does not return it as it was");
  }
  /// Every column of the table, in order, by its own name.
  proof returns(bind::write_form const& form) const {
    auto const& alias = form.target.alias.name.text;
    if (!form.target.alias.columns.empty() || form.target.only) return disagree("a table under other names of its columns");
    bool good = form.returning.size() == table_.columns.size() + (moves_ ? key_.size() : 0) && (method_ == method::insert) == alias.empty();
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

  /// The rows to insert are proposed ones, which have a column for each of the table's.
  proof inserted_as_proposed(bound::statement const& s) {
    auto const* select = plain_select(s);
    auto const* n = select == nullptr ? nullptr : only(select->from);
    if (n == nullptr || !is_table(*n, rows_) || select->items.size() != columns_.size()) return disagree("an insert of other rows than were proposed");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto const* c = column_of(*select->items[i].value, *n);
      auto const source = c == nullptr ? table_.columns.size() : n->columns[c->index].source;
      if (source != columns_[i]) return disagree("a value that was not proposed");
      auto const& p = (*steps_.proposed)[source];
      if (p.callers)
        assigned_.named.push_back(columns_[i]);
      else if (!p.by_default)
        assigned_.forced.emplace_back(columns_[i], p.own);
    }
    auto policy = sentences::about(*whole_row(table_, memory_), who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    forcing_.emplace(*std::move(policy));
    return {};
  }

  proof updated(bound::select const& select) {
    auto const tables = both(select.from);
    if (!tables || !is_table(*tables->left, table_) || !is_table(*tables->right, rows_)) return disagree("an update by other rows than were collected");
    conjunction rest;
    auto const places = by_key(key_, conjuncts(select.where), *tables->left, of_base(*tables->left), *tables->right, rest);
    if (!places || !only_changeable(rest, *tables->right)) return disagree("an update of other rows than those collected");
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
    bound::statement const inner{in->query, 0, {}, {}};
    auto const* found = plain_select(inner);
    auto const* s = found == nullptr ? nullptr : only(found->from);
    auto const* row = in->operand->as<bound::row>();
    if (s == nullptr || !is_table(*s, rows_) || !only_changeable(conjuncts(found->where), *s) || found->items.size() != key_.size() ||
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

  /// Of the rows of S, no more is asked than whether they may be changed: what says so is proven with what is collected.
  bool only_changeable(conjunction const& rest, bound::relation const& s) {
    if (rest.empty()) return true;
    if (rest.size() != 1) return false;
    for (auto const& way : ways(rest.front())) {
      auto const* flag = way.size() == 1 ? column_of(*way.front(), s) : nullptr;
      if (flag == nullptr) return false;
      flags_.push_back(s.columns[flag->index].source);
    }
    return true;
  }

  /// A row that may not be changed ends an upsert, and a merge; all steps are run by then, and it must not meet the table's own constraints and triggers.
  proof leaves_others_alone() {
    if (!flags_.empty() || (steps_.beside == nullptr && steps_.source == nullptr)) return {};
    auto policy = sentences::about(*whole_row(table_, memory_), who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    auto const all = policy->to_write(method_);
    if (!all) return tl::unexpected(all.error());
    if (std::ranges::any_of(*all, [](alternative const& a) { return a.conditions.empty(); })) return {};
    return disagree("a change of rows that may not be changed");
  }

  // --- collect

  /// What it names of S must be proven as the caller's with the rest.
  proof read_result_of() {
    if (steps_.result == nullptr) return {};
    auto const named = read_result(*steps_.result);
    if (!named) return tl::unexpected(named.error());
    callers_ = std::max(callers_, *named);
    return moves_ && reads_rows() ? disagree("a result beside rows of another key") : proof{};
  }

  catalog::table const* merged() const { return steps_.source == nullptr ? nullptr : steps_.source->table; }
  base::result<ast::query> query_of(std::string_view text) {
    auto const parsed = grammar::parse_statement(text, who_.which(), memory_);
    if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
    auto const* q = (*parsed)->as<ast::query_ptr>();
    if (q == nullptr) return disagree("a step that writes where it should read");
    return **q;
  }
  /// The query without its lock, which is on one relation of its `from`.
  base::result<ast::query> unlocked(write_step const& s, std::string_view& held) {
    auto read = query_of(s.sql);
    if (!read) return read;
    auto& out = *read;
    if (out.locks.size() != 1) return disagree("rows that are collected and not locked");
    auto const& lock = out.locks.front();
    if (lock.strength != ast::lock_strength::update || lock.wait != ast::lock_wait::block || lock.of.size() != 1 || lock.of.front().size() != 1)
      return disagree("rows that are locked otherwise than those to be changed");
    held = lock.of.front().front().text;
    out.locks = {};
    if (steps_.source == nullptr && steps_.beside == nullptr) return out;
    // the rows are counted once more by what is left of the text: so that is what is proven
    auto const ends = " for update of " + catalog::quoted(held);
    if (!s.sql.ends_with(ends)) return disagree("rows that are locked otherwise than those to be changed");
    unlocked_ = s.sql.substr(0, s.sql.size() - ends.size());
    return query_of(unlocked_);
  }

  proof collect() {
    if (steps_.collect == nullptr) return {};
    std::string_view held;
    auto const text = unlocked(*steps_.collect, held);
    if (!text) return tl::unexpected(text.error());
    auto const once = steps_.source == nullptr && steps_.beside == nullptr;
    auto const bound = read(*steps_.collect, memory_.make<ast::query>(*text), {steps_.beside, merged()}, once);
    if (!bound) return tl::unexpected(bound.error());
    auto& statement = **bound;
    if (reads_rows()) types_ = result_types(statement);
    if (steps_.source != nullptr) stand_in_for_source(statement, *steps_.source, memory_);
    auto* select = plain_select(statement, true);
    if (select == nullptr) return disagree("rows that are collected by more than a plain select");
    auto const around = steps_.beside == nullptr
                            ? base::result<bound::relation*>(first(select->from))
                            : apart_from_proposed(statement, *select, table_, *steps_.beside, *steps_.proposed, *steps_.compared, who_, memory_);
    if (!around) return tl::unexpected(around.error());
    auto const* r = *around;
    auto const* base = r == nullptr || r->kind != bound::relation_kind::derived ? nullptr : guarded_table(*r->query);
    if (base == nullptr || base->table != &table_) return disagree("rows that are collected from something else than the table");
    joined_ = steps_.beside == nullptr && only(select->from) == nullptr;
    if (r->name != held) return disagree("rows that are locked otherwise than those to be changed");
    if (select->items.size() != rows_.columns.size() || callers_ > select->items.size()) return disagree("other columns than are collected");
    auto proven = prove_collection(statement, *select, *r, callers_, method_, who_, memory_);
    if (!proven) return tl::unexpected(proven.error());
    if (steps_.beside != nullptr && !std::ranges::includes(proven->as_stored, steps_.compared->columns)) return disagree("a row in the way by what the caller is not shown of it");
    all_ = steps_.beside != nullptr && steps_.compared->one && select->where == nullptr;
    known_ = std::move(proven->known);
    if (auto const good = leaves_others_alone(); !good) return good;
    for (auto const place : flags_)
      if (place >= known_.size() || known_[place].may.empty()) return disagree("a change of some of the rows that were collected");
    for (std::size_t j = 0; j < key_.size(); ++j)
      if (places_[j] >= known_.size() || known_[places_[j]].plain != key_[j] || layout(places_[j]) != catalog::like(table_, key_[j]))
        return disagree("rows that are told apart by something else than the key");
    return {};
  }
  catalog::scratch_column const& layout(std::size_t place) const { return what_.temporary[steps_.rows_at].columns[place]; }

  proof conflict() {
    if (steps_.conflict == nullptr) return {};
    auto const bound = read_query(*steps_.conflict, {&rows_});
    if (!bound) return tl::unexpected(bound.error());
    auto const* select = (*bound)->query->body->as<bound::select>();
    auto const* r = select == nullptr ? nullptr : only(select->from);
    return r != nullptr && is_table(*r, rows_) ? proof{} : disagree("a look at other rows than were collected");
  }

  proof history() {
    recorded_part const part{.method = method_,
                             .record = steps_.record,
                             .former = steps_.former,
                             .erase = steps_.erase,
                             .collected = &rows_,
                             .holds = [this](unsigned place) {
                               auto const column = place < known_.size() ? known_[place].plain : std::nullopt;
                               return column && layout(place) == catalog::like(table_, *column) ? column : std::nullopt;
                             }};
    return prove_history(what_, who_, part);
  }

  // --- check

  proof check() {
    if (!moves_) checked_ = written_;
    auto const bound = read_query(*steps_.check, {&rows_, &checked_});
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
      auto const places = by_key(key_, conjuncts(select->where), *r, found_by(*r), *s, rest);
      if (!places || !rest.empty() || *places != places_) return disagree("a check of other rows than are written");
      if (!counts_collected(*bad->operands[0])) return disagree("a check of some of the rows that were collected");
    }
    if (r == nullptr || !is_table(*r, checked_)) return disagree("a check of something else than was written");
    if (names_former(select->items[1].value, *r)) return disagree("a check of the key as it was");
    r->table = &table_;  // as whose row it is asked
    r->columns = r->columns.first(table_.columns.size());
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
  bool names_former(bound::expr_ptr e, bound::relation const& r) const {
    struct look final : bound::visitor {
      using bound::visitor::enter;
      bool enter(bound::expr_ptr& one) override {
        auto const* c = one->as<bound::column>();
        found = found || (c != nullptr && c->relation == of && of->columns[c->index].source >= width);
        return true;
      }
      bound::relation const* of{};
      std::size_t width{};
      bool found{};
    } v;
    v.of = &r;
    v.width = table_.columns.size();
    bound::walk(e, v);
    return v.found;
  }
  /// The key by which a row of W was found.
  std::function<std::optional<unsigned>(bound::column const&)> found_by(bound::relation const& r) const {
    if (!moves_) return of_base(r);
    return [this, &r](bound::column const& c) -> std::optional<unsigned> {
      auto const source = r.columns[c.index].source;
      return source < table_.columns.size() ? std::nullopt : std::optional(key_[source - table_.columns.size()]);
    };
  }
  /// (select count(*) from S)
  bool counts_collected(bound::expr const& e) const {
    auto const* q = e.as<bound::subquery>();
    if (q == nullptr || q->kind != bound::subquery_kind::scalar) return false;
    bound::statement const inner{q->query, 0, {}, {}};
    auto const* select = plain_select(inner);
    auto const* from = select == nullptr ? nullptr : only(select->from);
    auto const* c = from == nullptr || select->items.size() != 1 || select->where != nullptr ? nullptr : count_of_rows(*select->items[0].value);
    return c != nullptr && c->filter == nullptr && is_table(*from, rows_);
  }

  statement_part const& steps_;
  policy::grant const* forces_;
  std::vector<unsigned> columns_;    // that are written
  assigned_columns assigned_;        // the same, by who says their values
  unsigned callers_{};               // so many columns of S are the caller's
  std::vector<unsigned> places_;     // of the key in S
  std::vector<unsigned> flags_;      // places of what says which rows of S are changed, where not all may be
  bool moves_{};                     // the key is written
  catalog::table checked_;           // W, as the check has it
  bool joined_{};                    // what is collected is of more tables than one
  std::vector<plan_item> known_;     // by column of S
  std::vector<std::string> types_;   // the same
  std::optional<sentences> forcing_; // of the table as the apply has it
  std::string unlocked_;             // the text that collects, less its lock
  bool all_{};                       // as in `proven_part`
};

/// The grants by which values may be forced, and null: by none.
std::vector<policy::grant const*> forcing(printed_write const& what, policy::access const& who, grille::method m) {
  std::vector<policy::grant const*> out;
  if (auto const* granted = who.of(what.table); granted != nullptr)
    for (auto const& g : granted->of(m))
      if (!g.grant->settings.empty() && std::find(out.begin(), out.end(), g.grant) == out.end()) out.push_back(g.grant);
  out.push_back(nullptr);
  return out;
}

}  // namespace

base::result<proven_part> prove_part(printed_write& what, policy::access const& who, statement_part const& part) {
  std::optional<base::fault> why;  // of the one that forces what it was said to, rather than of nothing that is forced
  for (auto const* f : forcing(what, who, part.method)) {
    if (f != nullptr && part.method == method::insert && part.proposed != nullptr) continue;  // what is forced was told from the rest as it was proposed
    statement_proof one(what, who, part, f);
    auto const good = one.run();
    if (good) return one.proven();
    if (one.forces_as_said() && !why) why = good.error();
  }
  return tl::unexpected(*why);
}

proof prove_result(printed_write& what, policy::access const& who, write_step& s) {
  statement_part const part{.method = what.method};
  return statement_proof(what, who, part, nullptr).result(s);
}

}  // namespace grille::verify
