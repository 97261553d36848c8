// The proof of a write. Enters: the printed steps of a plan, and what the caller was granted. Leaves: a plan that may be run, or a refusal.
//
// What is demanded, whatever else the texts say:
//   collect   is `insert into` the temporary table S of a query; the query, less what it yields for the plan, is proven as any query of the
//             caller's. What it yields for the plan is, column by column of S, known here from its own text: a column of the row, or that
//             the conditions of certain grants hold in the row.
//   apply     says `or abort`, so that no constraint replaces another row; it writes to the table alone, to rows that S names by their
//             whole key (which an update may change: then check and result go by the key that S has for it, and all rows of S must be
//             changed); each value is one that the caller gave (a column of S that was proven as the caller's) or one that a grant
//             forces. From the columns follows which grants cover the write.
//   record    histories.cpp
//   check     takes every row of S (of an insert: of N, into which every new key goes), looks the row up by its whole key, and demands
//             of it, in each way that lets it pass, all that one covering grant asks: of the row before, and of the row as it is stored.
//   result    is, less the join with S or N by the whole key, proven as any query.
// So nothing the caller reads is more than a query would show, and a row that passes the check is one that one grant allows. How rows come
// into S is no part of this: the check would stop them.
#include <algorithm>
#include <string>

#include "ast/walk.hpp"
#include "catalog/row_key.hpp"
#include "grammar/parse.hpp"
#include "verify/conflicts.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

bool is_one(bound::expr const& e) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::integer && l->text == "1";
}
/// The steps of a write that is one change, in their order.
base::result<write_part> part_of(printed_write& what, std::vector<catalog::table> const& temporary) {
  using kind = bound::step_kind;
  auto const step = [&](kind k) -> write_step* {
    auto const found = std::find_if(what.steps.begin(), what.steps.end(), [&](write_step const& s) { return s.kind == k; });
    return found == what.steps.end() ? nullptr : &*found;
  };
  write_part out{.method = what.method, .collect = step(kind::collect), .apply = step(kind::apply), .check = step(kind::check), .result = step(kind::result)};
  std::vector<kind> kinds, wanted;
  for (auto const& s : what.steps) kinds.push_back(s.kind);
  auto const remove = what.method == method::remove || what.method == method::purge;
  auto const recording = [&] {
    if (out.record != nullptr) wanted.push_back(kind::record);
    if (out.former != nullptr) wanted.push_back(kind::former);
    if (out.erase != nullptr) wanted.push_back(kind::erase);
  };
  if (what.method != method::insert || out.collect != nullptr) wanted.push_back(kind::collect);
  out.conflict = step(kind::conflict);
  if (what.method == method::update && out.conflict != nullptr) wanted.push_back(kind::conflict);
  out.record = step(kind::record);
  out.former = step(kind::former);
  out.erase = step(kind::erase);
  if (!remove) recording();
  if (!remove) wanted.push_back(kind::apply);
  wanted.push_back(kind::check);
  if (out.result != nullptr) wanted.push_back(kind::result);
  if (remove) recording();
  if (remove) wanted.push_back(kind::apply);
  if (kinds != wanted) return disagree("the steps of a write that are not all there, in their order");
  auto const tables = (out.collect != nullptr ? 1U : 0U) + (what.method == method::insert ? 1U : 0U);
  if (temporary.size() != tables) return disagree("other temporary tables than the steps have");
  if (temporary.size() == 2 && temporary[0].name == temporary[1].name) return disagree("one temporary table for two");
  out.collected = out.collect != nullptr ? &temporary.front() : nullptr;
  out.written = &temporary.back();
  out.written_at = temporary.size() - 1;
  return out;
}

}  // namespace

// --- reading a step

base::result<bound::statement*> step_reader::read(write_step const& s, ast::query_ptr query, std::vector<catalog::table const*> temporary, bool locks) {
  std::erase(temporary, nullptr);
  catalogs_.push_back(std::make_unique<bind::step_catalog>(*who_.policy().catalog, temporary));
  auto out = verify::read(*memory_.make<ast::statement>(ast::statement{query, {}}), s.sql, s.slots, s.caller_parameters, before(s), *catalogs_.back(), memory_, locks);
  if (out && who_.which() == dialect::postgresql) (*out)->used_beside = memory_.copy(used_beside(s));
  return out;
}

std::vector<unsigned> step_reader::used_beside(write_step const& s) {
  struct look final : ast::walker {
    using ast::walker::enter;
    void enter(ast::expr const& e) override {
      if (auto const* c = e.as<ast::cast>(); c != nullptr && c->operand->as<ast::parameter>() != nullptr) {
        cast.insert(c->operand);
        auto const plain = c->type.modifiers.empty() && c->type.array_dimensions == 0 && c->type.interval_fields.empty() && !c->type.path.empty();
        found[c->operand->as<ast::parameter>()->number].insert(plain ? std::string(c->type.path.back().text) : std::string{});
      }
      auto const* p = e.as<ast::parameter>();
      if (p != nullptr && !cast.contains(&e)) found[p->number].insert(std::string{});
    }
    kinds_of_use found;
    std::set<ast::expr const*> cast;
  };
  if (uses_.empty())
    for (auto const& one : steps_of_.steps) {
      look v;
      if (auto const parsed = grammar::parse_statement(one.sql, who_.which(), memory_)) v.walk(**parsed);
      uses_.push_back(std::move(v.found));
    }
  std::vector<unsigned> out;
  for (unsigned position = 1; position <= s.caller_parameters; ++position) {
    std::size_t steps = 0;
    std::set<std::string> kinds;
    for (auto const& one : uses_)
      if (auto const found = one.find(position); found != one.end()) {
        ++steps;
        kinds.insert(found->second.begin(), found->second.end());
      }
    if (steps > 1 && (kinds.size() > 1 || kinds.contains({}))) out.push_back(position);
  }
  return out;
}

unsigned step_reader::before(write_step const& s) const {
  auto out = s.caller_parameters;
  if (who_.which() == dialect::sqlite) return out;
  for (auto const& one : steps_of_.steps) {
    if (&one == &s) break;
    out += static_cast<unsigned>(one.slots.size());
  }
  return out;
}

base::result<bound::statement*> step_reader::read_query(write_step& s, std::vector<catalog::table const*> temporary) {
  auto const parsed = grammar::parse_statement(s.sql, who_.which(), memory_);
  if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
  auto const* q = (*parsed)->as<ast::query_ptr>();
  if (q == nullptr) return disagree("a step that writes where it should read");
  auto bound = read(s, *q, std::move(temporary));
  if (bound) s.allowed = objects_of(**bound, *who_.policy().catalog);
  return bound;
}

base::result<bind::write_form> step_reader::parse_write(write_step const& s) {
  auto const parsed = grammar::parse_statement(s.sql, who_.which(), memory_);
  if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
  auto form = bind::form_of(**parsed, memory_);
  if (!form) return disagree("a step that is no write of the known forms");
  return form;
}

base::result<bound::statement*> step_reader::read_collection(write_step& s, catalog::table const& into, std::vector<catalog::table const*> temporary) {
  if (who_.which() == dialect::postgresql) return read_query(s, std::move(temporary));  // a common table, whose columns are named around it
  auto form = parse_write(s);
  if (!form) return tl::unexpected(form.error());
  bool good = form->method == method::insert && form->action == ast::conflict_action::none && names_table(form->target, into) && form->returning.empty() &&
              form->conflicts.empty() && form->query != nullptr && form->columns.size() == into.columns.size();
  for (std::size_t i = 0; good && i < form->columns.size(); ++i) good = form->columns[i].text == into.columns[i].name;
  if (!good) return disagree("what is collected does not go into the temporary table, column by column");
  auto bound = read(s, form->query, std::move(temporary));
  if (!bound) return bound;
  s.allowed = objects_of(**bound, *who_.policy().catalog);
  add_collection(s.allowed, into);
  return bound;
}

// --- one change

proof write_proof::run() {
  for (auto const& part : {&write_proof::table, &write_proof::apply, &write_proof::history, &write_proof::conflict, &write_proof::collect,
                           &write_proof::check, &write_proof::result})
    if (auto const good = (this->*part)(); !good) return good;
  return {};
}

proof write_proof::table() {
  auto const found = who_.policy().tables.find(&table_);
  if (who_.which() != dialect::sqlite || found == who_.policy().tables.end() || who_.of(&table_) == nullptr)
    return disagree("a write to a table that is not granted");
  key_ = catalog::row_key(table_);
  if (key_.empty()) return disagree("a write to a table without a key");
  for (auto const& [t, p] : who_.policy().tables)
    if (p.history == &table_) return disagree("a write to a history");
  return {};
}

bool write_proof::keeps(std::size_t temporary, std::vector<unsigned> const& key, std::vector<unsigned> const& places) const {
  auto const& columns = what_.temporary[temporary].columns;
  for (std::size_t j = 0; j < key.size(); ++j)
    if (places[j] >= columns.size() || columns[places[j]] != catalog::like(table_, key[j])) return false;
  return true;
}

proof write_proof::history() {
  recorded_part const part{
      .method = part_.method, .record = part_.record, .former = part_.former, .erase = part_.erase, .collected = part_.collected, .key = key_, .places = places_};
  auto const good = prove_history(what_, who_, part);
  if (good && part_.record != nullptr) part_.record->records = part_.collected_at;
  return good;
}

// --- apply

/// Rows that are left out harm nobody: that there is something in their way is what a key tells by nature.
proof write_proof::left_out(bind::write_form const& form, write_step& s) {
  s.leaves_out = !form.conflicts.empty() || form.action == ast::conflict_action::ignore;
  if (s.leaves_out && (part_.method != method::insert || part_.proposed != nullptr)) return disagree("rows that are left out where none may be");
  for (auto const& u : form.conflicts)
    if (!conflict_keys(table_, who_, memory_).leaves_out(u)) return disagree("a conflict that does more than leave a row out");
  return {};
}

proof write_proof::apply() {
  auto& s = *part_.apply;
  if (s.caller_parameters != 0) return disagree("a parameter of the caller's in a step that writes");
  auto form = parse_write(s);
  if (!form) return tl::unexpected(form.error());
  auto const says = part_.method == method::purge ? method::remove : part_.method;
  if (form->method != says || !names_table(form->target, table_)) return disagree("a step that writes something else");
  if (auto const good = left_out(*form, s); !good) return good;
  auto const action = says == method::remove ? ast::conflict_action::none : s.leaves_out && form->conflicts.empty() ? ast::conflict_action::ignore : ast::conflict_action::abort;
  if (form->action != action)
    return disagree("a step that leaves it to the constraints what becomes of a conflict");
  for (auto const& name : form->columns) {
    auto const c = table_.find(name.text);
    if (!c || std::find(columns_.begin(), columns_.end(), *c) != columns_.end())
      return disagree("a column that is not there, or written twice");
    if (table_.columns[*c].generated != catalog::generated::no) return disagree("a generated column that is written");
    if (part_.method == method::update && catalog::decides_key(table_, *c) && !may_move()) return disagree("a key that is written");
    columns_.push_back(*c);
  }
  if (part_.method == method::insert) {
    std::vector<std::string_view> returned;
    for (auto const& item : form->returning) {
      auto const* c = item.value->as<ast::column_ref>();
      if (c == nullptr || c->path.size() != 1 || !item.alias.text.empty())
        return disagree("an insert that returns something else than the key");
      returned.push_back(c->path[0].text);
    }
    if (!std::equal(returned.begin(), returned.end(), key_.begin(), key_.end(),
                    [&](std::string_view r, unsigned k) { return catalog::same_name(r, catalog::name_of(table_, k)); }))
      return disagree("an insert that does not return the whole key");
    if (form->reads_more) return disagree("an insert of an unknown form");
  } else if (!form->returning.empty()) {
    return disagree("a change that returns something");
  }
  if (form->query == nullptr) {
    if (part_.collected != nullptr || !columns_.empty()) return disagree("an insert without its rows");
    add_write(s.allowed, table_, part_.method, columns_, *who_.policy().catalog);
    return {};
  }
  auto const bound = read(s, form->query, {part_.collected});
  if (!bound) return tl::unexpected(bound.error());
  s.allowed = objects_of(**bound, *who_.policy().catalog);
  for (auto const& u : form->conflicts)
    if (auto const* index = conflict_keys(table_, who_, memory_).named(u)) {
      auto const asked = objects_of(*index->query, *who_.policy().catalog);
      s.allowed.functions.insert(asked.functions.begin(), asked.functions.end());
      s.allowed.columns.insert(asked.columns.begin(), asked.columns.end());
    }
  add_write(s.allowed, table_, part_.method, columns_, *who_.policy().catalog);
  auto const* select = plain_select(**bound);
  if (select == nullptr) return disagree("a step that writes by more than a plain select");
  switch (part_.method) {
    case method::insert:
      return inserted(*select, s.leaves_out);
    case method::update:
      return updated(*select);
    default:
      return removed(*select);
  }
}

proof write_proof::inserted(bound::select const& select, bool leaves_out) {
  auto const* s = only(select.from);
  if (part_.collected == nullptr ? select.from != nullptr : s == nullptr || !is_table(*s, *part_.collected))
    return disagree("an insert of other rows than were collected");
  if (part_.collected != nullptr) part_.apply->source = part_.collected_at;
  if (select.where != nullptr && !(leaves_out && is_one(*select.where))) return disagree("an insert of some of the rows that were collected");
  return values(select, s);
}

proof write_proof::updated(bound::select const& select) {
  auto const tables = both(select.from);
  if (!tables || !is_table(*tables->left, table_) || !is_table(*tables->right, *part_.collected))
    return disagree("an update by other rows than were collected");
  conjunction rest;
  auto const places = by_key(key_, conjuncts(select.where), *tables->left, of_base(*tables->left), *tables->right, rest);
  if (!places || !rest.empty()) return disagree("an update of other rows than those collected");
  places_ = *places;
  auto policy = sentences::about(*tables->left, who_, memory_);
  if (!policy) return tl::unexpected(policy.error());
  forcing_.emplace(*std::move(policy));
  if (auto const good = values(select, tables->right); !good) return good;
  return moved(select, *tables->right);
}

/// Of a history's record, and of an upsert's result, the key is that of the row before.
bool write_proof::may_move() const {
  return part_.proposed == nullptr && part_.beside == nullptr && who_.policy().tables.at(&table_).history == nullptr;
}

/// A row whose key is assigned has the key afterwards that S has of it. That no other row has it by then follows from the number of rows that
/// are changed: as many as S has, each to a key of its own.
proof write_proof::moved(bound::select const& select, bound::relation const& s) {
  after_ = places_;
  keys_after_ = key_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!catalog::decides_key(table_, columns_[i])) continue;
    auto const* c = column_of(*select.items[i].value, s);
    if (c == nullptr) return disagree("a key that is forced");
    if (catalog::has_rowid(table_)) keys_after_ = {columns_[i]};  // the key's own column, whether it is the rowid or not
    auto const j = std::find(keys_after_.begin(), keys_after_.end(), columns_[i]) - keys_after_.begin();
    after_[static_cast<std::size_t>(j)] = s.columns[c->index].source;
    part_.apply->all_of = part_.collected_at;
  }
  return keeps(part_.collected_at, keys_after_, after_) ? proof{} : disagree("a temporary table that keeps keys otherwise than the table");
}

proof write_proof::removed(bound::select const& select) {
  auto* r = only(select.from);
  if (r == nullptr || !is_table(*r, table_)) return disagree("a delete of something else");
  auto const* in = select.where == nullptr ? nullptr : select.where->as<bound::subquery>();
  if (in == nullptr || in->kind != bound::subquery_kind::in) return disagree("a delete of other rows than were collected");
  bound::statement const inner{in->query, 0, {}, {}};
  auto const* found = plain_select(inner);
  auto const* s = found == nullptr ? nullptr : only(found->from);
  if (s == nullptr || !is_table(*s, *part_.collected) || found->where != nullptr || found->items.size() != key_.size())
    return disagree("a delete of other rows than were collected");
  auto const* row = in->operand->as<bound::row>();
  for (std::size_t j = 0; j < key_.size(); ++j) {
    auto const& mine = row == nullptr ? *in->operand : *row->items[j];
    auto const* c = column_of(mine, *r);
    auto const* theirs = column_of(*found->items[j].value, *s);
    if ((row == nullptr ? 1 : row->items.size()) != key_.size() || c == nullptr || theirs == nullptr ||
        r->columns[c->index].source != key_[j])
      return disagree("a delete by another key");
    places_.push_back(s->columns[theirs->index].source);
  }
  return {};
}

proof write_proof::values(bound::select const& select, bound::relation const* s) {
  if (select.items.size() != columns_.size()) return disagree("more values than columns");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto const& v = *select.items[i].value;
    auto const* c = s == nullptr ? nullptr : column_of(v, *s);
    if (c == nullptr) {
      assigned_.forced.emplace_back(columns_[i], &v);
      continue;
    }
    if (part_.proposed != nullptr && part_.method == method::insert) {
      // the rows to insert are the proposed ones, which have a column for each of the table's
      auto const& p = (*part_.proposed)[s->columns[c->index].source];
      if (s->columns[c->index].source != columns_[i] ) return disagree("a value that was not proposed");
      if (!p.callers) {
        assigned_.forced.emplace_back(columns_[i], p.own);
        continue;
      }
    }
    assigned_.named.push_back(columns_[i]);
    auto const place = s->columns[c->index].source;
    callers_ = std::max(callers_, place + 1);
    stored_.resize(std::max<std::size_t>(stored_.size(), place + 1));
    stored_[place] = columns_[i];
  }
  return {};
}

// --- collect

proof write_proof::collect() {
  auto* s = part_.collect;
  if (s == nullptr) return {};
  std::vector<catalog::table const*> temporary;
  if (part_.beside != nullptr) temporary.push_back(part_.beside);
  if (part_.replaced_by != nullptr) temporary.push_back(part_.replaced_by->table);
  auto const bound = read_collection(*s, *part_.collected, temporary);
  if (!bound) return tl::unexpected(bound.error());
  auto& statement = **bound;
  if (part_.method == method::insert) return prove_query(statement, who_, memory_);

  auto* select = plain_select(statement, part_.beside == nullptr);
  if (select == nullptr) return disagree("rows that are collected by more than a plain select");
  auto const around = part_.beside == nullptr ? base::result<bound::relation*>(first(select->from)) : apart_from_proposed(statement, *select, table_, *part_.beside, *part_.proposed, *part_.compared, who_, memory_);
  if (!around) return tl::unexpected(around.error());
  auto const* r = *around;
  auto const* base = r == nullptr || r->kind != bound::relation_kind::derived ? nullptr : guarded_table(*r->query);
  if (base == nullptr || base->table != &table_) return disagree("rows that are collected from something else than the table");
  if (select->items.size() != part_.collected->columns.size() || callers_ > select->items.size())
    return disagree("other columns than are collected");

  if (part_.replaced_by != nullptr)
    if (auto const good = apart_from_replacing(*select, *r, table_, *part_.replaced_by, who_, memory_); !good) return good;
  auto proven = prove_collection(statement, *select, *r, callers_, part_.method, who_, memory_);
  if (!proven) return tl::unexpected(proven.error());
  if (part_.beside != nullptr && !std::ranges::includes(proven->as_stored, part_.compared->columns)) return disagree("a row in the way by what the caller is not shown of it");
  known_ = std::move(proven->known);
  for (std::size_t j = 0; j < key_.size(); ++j)
    if (places_[j] >= known_.size() || known_[places_[j]].plain != key_[j])
      return disagree("rows that are told apart by something else than the key");
  if (!keeps(part_.collected_at, key_, places_)) return disagree("a temporary table that keeps keys otherwise than the table");
  return {};
}

/// Rows of the plan's own table alone, so whatever it finds is nothing that the caller does not see.
proof write_proof::conflict() {
  if (part_.conflict == nullptr) return {};
  if (part_.conflict->caller_parameters != 0) return disagree("a parameter of the caller's in a step that is not its query");
  auto const bound = read_query(*part_.conflict, {part_.collected});
  if (!bound) return tl::unexpected(bound.error());
  auto const* select = (*bound)->query->body->as<bound::select>();
  auto const* r = select == nullptr ? nullptr : only(select->from);
  return r != nullptr && is_table(*r, *part_.collected) ? proof{} : disagree("a look at other rows than were collected");
}

// --- check

proof write_proof::check() {
  auto& step_ = *part_.check;
  if (step_.caller_parameters != 0) return disagree("a parameter of the caller's in the check");
  auto const bound = read_query(step_, {part_.written});
  if (!bound) return tl::unexpected(bound.error());
  auto const* outer = plain_select(**bound);
  auto* s = outer == nullptr ? nullptr : only(outer->from);
  auto const* negated = outer == nullptr || outer->where == nullptr ? nullptr : outer->where->as<bound::operation>();
  auto const* there = negated == nullptr || negated->op != bound::op::logical_not ? nullptr : negated->operands[0]->as<bound::subquery>();
  if (s == nullptr || !is_table(*s, *part_.written) || there == nullptr || there->kind != bound::subquery_kind::exists)
    return disagree("a check that does not look for every row that is written");
  bound::statement const inner{there->query, 0, {}, {}};
  auto const* found = plain_select(inner);
  auto* r = found == nullptr ? nullptr : only(found->from);
  if (r == nullptr || !is_table(*r, table_)) return disagree("a check of something else than the table");
  conjunction rest;
  auto const updates = part_.method == method::update;
  auto const places = by_key(updates ? keys_after_ : key_, conjuncts(found->where), *r, of_base(*r), *s, rest);
  if (!places) return disagree("a check that does not look rows up by their key");
  if (part_.method == method::insert) {
    for (std::size_t j = 0; j < key_.size(); ++j)
      if ((*places)[j] != j) return disagree("a check of other keys than were returned");
    if (what_.temporary[part_.written_at].columns.size() != key_.size() || !keeps(part_.written_at, key_, *places))
      return disagree("a temporary table that keeps keys otherwise than the table");
    known_.clear();
    places_ = *places;
  } else if (*places != (updates ? after_ : places_)) {
    return disagree("a check of other rows than are written");
  }
  auto policy = sentences::about(*r, who_, memory_);
  if (!policy) return tl::unexpected(policy.error());
  std::vector<conjunction> passes{rest};
  if (rest.size() == 1) passes = ways(rest.front());
  auto const said = [&](bound::expr const& e) -> plan_item const* {
    auto const* c = column_of(e, *s);
    auto const place = c == nullptr ? known_.size() : s->columns[c->index].source;
    return place < known_.size() ? &known_[place] : nullptr;
  };
  auto const old = [&](unsigned column) -> bound::expr_ptr {
    for (unsigned i = 0; i < known_.size(); ++i)
      if (known_[i].plain == column && what_.temporary[part_.collected_at].columns[i] == catalog::like(table_, column))
        return memory_.make<bound::expr>(bound::expr{bound::column{s, i}, {}});
    return nullptr;
  };
  return prove_allowed(*policy, forcing_ ? &*forcing_ : nullptr, part_.method, assigned_, passes, said, old);
}

// --- result

proof write_proof::result() {
  auto* step_ = part_.result;
  if (step_ == nullptr) return {};
  auto const bound = read_query(*step_, {part_.written});
  if (!bound) return tl::unexpected(bound.error());
  auto* select = plain_select(**bound);
  auto const tables = select == nullptr ? std::nullopt : both(select->from);
  if (!tables || tables->left->kind != bound::relation_kind::derived || !is_table(*tables->right, *part_.written))
    return disagree("a result of other rows than were written");
  auto const* base = guarded_table(*tables->left->query);
  if (base == nullptr || base->table != &table_) return disagree("a result of another table");
  auto const where = conjuncts(select->where);
  // what is for the plan is taken away, and the rest is a query like any other
  select->where = nullptr;
  select->from = memory_.make<bound::from_item>(bound::from_item{tables->left});
  auto guarded = prove_guards(**bound, who_, memory_, tables->left, part_.method);
  if (!guarded) return tl::unexpected(guarded.error());
  auto const& g = guarded->at(tables->left);
  if (g.policy.of(method::select).empty()) return disagree("a result of rows that nobody may see");
  conjunction rest;
  auto const meaning = [&](bound::column const& c) -> std::optional<unsigned> {
    auto const source = tables->left->columns[c.index].source;
    return source < g.plan.size() ? g.plan[source].plain : std::nullopt;
  };
  auto const updates = part_.method == method::update;
  auto const places = by_key(updates ? keys_after_ : key_, where, *tables->left, meaning, *tables->right, rest);
  if (!places || !rest.empty() || *places != (updates ? after_ : places_)) return disagree("a result of other rows than were written");
  return prove_query(**bound, *std::move(guarded), who_.which());
}

base::result<guarded_write> verify(printed_write what, policy::access const& who) {
  if (who.which() == dialect::postgresql) {
    auto whole = prove_statement(what, who);
    if (!whole) return tl::unexpected(whole.error());
    return guarded_write(std::move(what), *std::move(whole));
  }
  std::vector<catalog::table> temporary;
  for (auto const& l : what.temporary) temporary.push_back(catalog::scratch_table(l));
  auto const applies = std::count_if(what.steps.begin(), what.steps.end(), [](write_step const& s) { return s.kind == bound::step_kind::apply; });
  if (applies > 1) {
    if (auto const good = temporary.size() == 3 ? prove_replace(what, who, temporary) : prove_upsert(what, who, temporary); !good) return tl::unexpected(good.error());
    return guarded_write(std::move(what));
  }
  auto const part = part_of(what, temporary);
  if (!part) return tl::unexpected(part.error());
  if (auto const good = write_proof(what, who, *part).run(); !good) return tl::unexpected(good.error());
  return guarded_write(std::move(what));
}

}  // namespace grille::verify
