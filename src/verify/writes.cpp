// The proof of a write. Enters: the printed steps of a plan, and what the caller was granted. Leaves: a plan that may be run, or a refusal.
//
// What is demanded, whatever else the texts say:
//   collect   is `insert into` the temporary table S of a query; the query, less what it yields for the plan, is proven as any query of the
//             caller's. What it yields for the plan is, column by column of S, known here from its own text: a column of the row, or that
//             the conditions of certain grants hold in the row.
//   apply     says `or abort`, so that no constraint replaces another row; it writes to the table alone, to rows that S names by their
//             whole key; each value is one that the caller gave (a column of S that was proven as the caller's) or one that a grant
//             forces. From the columns follows which grants cover the write.
//   check     takes every row of S (of an insert: of N, into which every new key goes), looks the row up by its whole key, and demands
//             of it, in each way that lets it pass, all that one covering grant asks: of the row before, and of the row as it is stored.
//   result    is, less the join with S or N by the whole key, proven as any query.
// So nothing the caller reads is more than a query would show, and a row that passes the check is one that one grant allows. How rows come
// into S is no part of this: the check would stop them.
#include <algorithm>
#include <string>

#include "bind/write_form.hpp"
#include "catalog/row_key.hpp"
#include "grammar/parse.hpp"
#include "verify/guarded_write.hpp"
#include "verify/proof.hpp"
#include "verify/write_rights.hpp"

namespace grille::verify {

namespace {

bool names_table(ast::table_name const& n, catalog::table const& t) {
  return n.path.size() == 2 && catalog::same_name(n.path[0].text, t.schema) && catalog::same_name(n.path[1].text, t.name);
}

class write_proof {
 public:
  write_proof(printed_write& what, policy::access const& who) : what_(what), who_(who), table_(*what.table) {}

  proof run() {
    for (auto const& part :
         {&write_proof::table, &write_proof::order, &write_proof::apply, &write_proof::collect, &write_proof::check, &write_proof::result})
      if (auto const good = (this->*part)(); !good) return good;
    return {};
  }

 private:
  // --- the table and the order of the steps

  proof table() {
    auto const found = who_.policy().tables.find(&table_);
    if (who_.which() != dialect::sqlite || found == who_.policy().tables.end() || who_.of(&table_) == nullptr)
      return disagree("a write to a table that is not granted");
    key_ = catalog::row_key(table_);
    if (key_.empty()) return disagree("a write to a table without a key");
    if (found->second.history != nullptr) return disagree("a write to a table that keeps its history");
    for (auto const& [t, p] : who_.policy().tables)
      if (p.history == &table_) return disagree("a write to a history");
    return {};
  }

  proof order() {
    using kind = bound::step_kind;
    std::vector<kind> kinds;
    for (auto const& s : what_.steps) kinds.push_back(s.kind);
    auto const has = [&](kind k) { return std::find(kinds.begin(), kinds.end(), k) != kinds.end(); };
    std::vector<kind> wanted;
    auto const remove = what_.method == method::remove;
    if (what_.method != method::insert || has(kind::collect)) wanted.push_back(kind::collect);
    if (!remove) wanted.push_back(kind::apply);
    wanted.push_back(kind::check);
    if (has(kind::result)) wanted.push_back(kind::result);
    if (remove) wanted.push_back(kind::apply);
    if (kinds != wanted) return disagree("the steps of a write that are not all there, in their order");
    auto const tables = (has(kind::collect) ? 1U : 0U) + (what_.method == method::insert ? 1U : 0U);
    if (what_.temporary.size() != tables) return disagree("other temporary tables than the steps have");
    for (auto const& l : what_.temporary) temporary_.push_back(std::make_unique<catalog::table>(catalog::scratch_table(l)));
    if (temporary_.size() == 2 && temporary_[0]->name == temporary_[1]->name) return disagree("one temporary table for two");
    collected_ = has(kind::collect) ? temporary_.front().get() : nullptr;
    written_ = temporary_.back().get();
    return {};
  }
  write_step* step(bound::step_kind k) {
    for (auto& s : what_.steps)
      if (s.kind == k) return &s;
    return nullptr;
  }

  // --- reading a step

  base::result<bound::statement*> read(write_step const& s, ast::query_ptr query, std::vector<catalog::table const*> temporary) {
    std::erase(temporary, nullptr);
    catalogs_.push_back(std::make_unique<bind::step_catalog>(*who_.policy().catalog, temporary));
    return verify::read(*memory_.make<ast::statement>(ast::statement{query, {}}), s.sql, s.slots, s.caller_parameters, *catalogs_.back(),
                        memory_);
  }
  base::result<ast::statement const*> parse(write_step const& s) {
    auto const parsed = grammar::parse_statement(s.sql, dialect::sqlite, memory_);
    if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
    return *parsed;
  }
  base::result<ast::query_ptr> parse_query(write_step const& s) {
    auto const parsed = parse(s);
    if (!parsed) return tl::unexpected(parsed.error());
    auto const* q = (*parsed)->as<ast::query_ptr>();
    if (q == nullptr) return disagree("a step that writes where it should read");
    return *q;
  }
  base::result<bind::write_form> parse_write(write_step const& s) {
    auto const parsed = parse(s);
    if (!parsed) return tl::unexpected(parsed.error());
    auto form = bind::form_of(**parsed, memory_);
    if (!form) return disagree("a step that is no write of the known forms");
    return form;
  }

  /// The places in `s` that the whole key of `r` is compared with; what is left of the conditions goes into `rest`.
  std::optional<std::vector<unsigned>> by_key(conjunction const& conditions, bound::relation const& r,
                                              std::function<std::optional<unsigned>(bound::column const&)> const& meaning,
                                              bound::relation const& s, conjunction& rest) const {
    std::vector<std::optional<unsigned>> places(key_.size());
    for (auto const* e : conditions) {
      auto const* o = e->as<bound::operation>();
      auto const* mine = o == nullptr || o->op != bound::op::equal ? nullptr : column_of(*o->operands[0], r);
      auto const* theirs = mine == nullptr ? nullptr : column_of(*o->operands[1], s);
      auto const source = mine == nullptr ? std::nullopt : meaning(*mine);
      auto const at = std::find(key_.begin(), key_.end(), source.value_or(static_cast<unsigned>(-1)));
      auto const j = static_cast<std::size_t>(at - key_.begin());
      if (theirs == nullptr || at == key_.end() || places[j]) {
        rest.push_back(e);
        continue;
      }
      places[j] = s.columns[theirs->index].source;
    }
    std::vector<unsigned> out;
    for (auto const& p : places) {
      if (!p) return std::nullopt;
      out.push_back(*p);
    }
    return out;
  }
  static std::function<std::optional<unsigned>(bound::column const&)> of_base(bound::relation const& r) {
    return [&r](bound::column const& c) { return std::optional(r.columns[c.index].source); };
  }
  /// That a column of the temporary table keeps a key as the table itself does.
  bool keeps_key(std::size_t temporary, std::vector<unsigned> const& places) const {
    auto const& columns = what_.temporary[temporary].columns;
    for (std::size_t j = 0; j < key_.size(); ++j)
      if (places[j] >= columns.size() || columns[places[j]] != catalog::like(table_, key_[j])) return false;
    return true;
  }

  // --- apply

  proof apply() {
    auto& s = *step(bound::step_kind::apply);
    if (s.caller_parameters != 0) return disagree("a parameter of the caller's in a step that writes");
    auto form = parse_write(s);
    if (!form) return tl::unexpected(form.error());
    if (form->method != what_.method || !names_table(form->target, table_)) return disagree("a step that writes something else");
    if (!form->conflicts.empty()) return disagree("a step that leaves rows out where a key stands in the way");
    if (form->aborts != (what_.method != method::remove))
      return disagree("a step that leaves it to the constraints what becomes of a conflict");
    for (auto const& name : form->columns) {
      auto const c = table_.find(name.text);
      if (!c || std::find(columns_.begin(), columns_.end(), *c) != columns_.end())
        return disagree("a column that is not there, or written twice");
      if (table_.columns[*c].generated != catalog::generated::no) return disagree("a generated column that is written");
      if (what_.method == method::update && catalog::decides_key(table_, *c)) return disagree("a key that is written");
      columns_.push_back(*c);
    }
    if (what_.method == method::insert) {
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
      if (collected_ != nullptr || !columns_.empty()) return disagree("an insert without its rows");
      add_write(s.allowed, table_, what_.method, columns_, *who_.policy().catalog);
      return {};
    }
    auto const bound = read(s, form->query, {collected_});
    if (!bound) return tl::unexpected(bound.error());
    s.allowed = objects_of(**bound, *who_.policy().catalog);
    add_write(s.allowed, table_, what_.method, columns_, *who_.policy().catalog);
    auto const* select = plain_select(**bound);
    if (select == nullptr) return disagree("a step that writes by more than a plain select");
    switch (what_.method) {
      case method::insert:
        return inserted(*select);
      case method::update:
        return updated(*select);
      default:
        return removed(*select);
    }
  }

  proof inserted(bound::select const& select) {
    auto const* s = only(select.from);
    if (collected_ == nullptr ? select.from != nullptr : s == nullptr || !is_table(*s, *collected_))
      return disagree("an insert of other rows than were collected");
    if (select.where != nullptr) return disagree("an insert of some of the rows that were collected");
    return values(select, s);
  }
  proof updated(bound::select const& select) {
    auto const tables = both(select.from);
    if (!tables || !is_table(*tables->left, table_) || !is_table(*tables->right, *collected_))
      return disagree("an update by other rows than were collected");
    conjunction rest;
    auto const places = by_key(conjuncts(select.where), *tables->left, of_base(*tables->left), *tables->right, rest);
    if (!places || !rest.empty()) return disagree("an update of other rows than those collected");
    places_ = *places;
    auto policy = sentences::about(*tables->left, who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    forcing_.emplace(*std::move(policy));
    return values(select, tables->right);
  }
  proof removed(bound::select const& select) {
    auto* r = only(select.from);
    if (r == nullptr || !is_table(*r, table_)) return disagree("a delete of something else");
    auto const* in = select.where == nullptr ? nullptr : select.where->as<bound::subquery>();
    if (in == nullptr || in->kind != bound::subquery_kind::in) return disagree("a delete of other rows than were collected");
    bound::statement const inner{in->query, 0, {}};
    auto const* found = plain_select(inner);
    auto const* s = found == nullptr ? nullptr : only(found->from);
    if (s == nullptr || !is_table(*s, *collected_) || found->where != nullptr || found->items.size() != key_.size())
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

  /// Each is a column of what was collected, of which the first so many are then the caller's; or a value that is forced.
  proof values(bound::select const& select, bound::relation const* s) {
    if (select.items.size() != columns_.size()) return disagree("more values than columns");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto const& v = *select.items[i].value;
      auto const* c = s == nullptr ? nullptr : column_of(v, *s);
      if (c == nullptr) {
        assigned_.forced.emplace_back(columns_[i], &v);
        continue;
      }
      assigned_.named.push_back(columns_[i]);
      callers_ = std::max(callers_, s->columns[c->index].source + 1);
    }
    return {};
  }

  // --- collect

  proof collect() {
    auto* s = step(bound::step_kind::collect);
    if (s == nullptr) return {};
    auto form = parse_write(*s);
    if (!form) return tl::unexpected(form.error());
    bool good = form->method == method::insert && !form->aborts && names_table(form->target, *collected_) && form->returning.empty() &&
                form->query != nullptr && form->columns.size() == collected_->columns.size();
    for (std::size_t i = 0; good && i < form->columns.size(); ++i) good = form->columns[i].text == collected_->columns[i].name;
    if (!good) return disagree("what is collected does not go into the temporary table, column by column");
    auto const bound = read(*s, form->query, {});
    if (!bound) return tl::unexpected(bound.error());
    auto& statement = **bound;
    s->allowed = objects_of(statement, *who_.policy().catalog);
    add_collection(s->allowed, *collected_);
    if (what_.method == method::insert) return prove_query(statement, who_, memory_);

    auto* select = plain_select(statement);
    auto const* r = select == nullptr ? nullptr : only(select->from);
    auto const* base = r == nullptr || r->kind != bound::relation_kind::derived ? nullptr : guarded_table(*r->query);
    if (base == nullptr || base->table != &table_) return disagree("rows that are collected from something else than the table");
    if (select->items.size() != collected_->columns.size() || callers_ > select->items.size())
      return disagree("other columns than are collected");

    auto proven = prove_collection(statement, *select, *r, callers_, what_.method, who_, memory_);
    if (!proven) return tl::unexpected(proven.error());
    known_ = std::move(proven->known);
    for (std::size_t j = 0; j < key_.size(); ++j)
      if (places_[j] >= known_.size() || known_[places_[j]].plain != key_[j])
        return disagree("rows that are told apart by something else than the key");
    if (!keeps_key(0, places_)) return disagree("a temporary table that keeps keys otherwise than the table");
    return {};
  }

  // --- check

  proof check() {
    auto& step_ = *step(bound::step_kind::check);
    if (step_.caller_parameters != 0) return disagree("a parameter of the caller's in the check");
    auto const query = parse_query(step_);
    if (!query) return tl::unexpected(query.error());
    auto const bound = read(step_, *query, {written_});
    if (!bound) return tl::unexpected(bound.error());
    step_.allowed = objects_of(**bound, *who_.policy().catalog);
    auto const* outer = plain_select(**bound);
    auto* s = outer == nullptr ? nullptr : only(outer->from);
    auto const* negated = outer == nullptr || outer->where == nullptr ? nullptr : outer->where->as<bound::operation>();
    auto const* there = negated == nullptr || negated->op != bound::op::logical_not ? nullptr : negated->operands[0]->as<bound::subquery>();
    if (s == nullptr || !is_table(*s, *written_) || there == nullptr || there->kind != bound::subquery_kind::exists)
      return disagree("a check that does not look for every row that is written");
    bound::statement const inner{there->query, 0, {}};
    auto const* found = plain_select(inner);
    auto* r = found == nullptr ? nullptr : only(found->from);
    if (r == nullptr || !is_table(*r, table_)) return disagree("a check of something else than the table");
    conjunction rest;
    auto const places = by_key(conjuncts(found->where), *r, of_base(*r), *s, rest);
    if (!places) return disagree("a check that does not look rows up by their key");
    if (what_.method == method::insert) {
      for (std::size_t j = 0; j < key_.size(); ++j)
        if ((*places)[j] != j) return disagree("a check of other keys than were returned");
      if (what_.temporary.back().columns.size() != key_.size() || !keeps_key(what_.temporary.size() - 1, *places))
        return disagree("a temporary table that keeps keys otherwise than the table");
      known_.clear();
      places_ = *places;
    } else if (*places != places_) {
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
        if (known_[i].plain == column && what_.temporary.front().columns[i] == catalog::like(table_, column))
          return memory_.make<bound::expr>(bound::expr{bound::column{s, i}, {}});
      return nullptr;
    };
    return prove_allowed(*policy, forcing_ ? &*forcing_ : nullptr, what_.method, assigned_, passes, said, old);
  }

  // --- result

  proof result() {
    auto* step_ = step(bound::step_kind::result);
    if (step_ == nullptr) return {};
    auto const query = parse_query(*step_);
    if (!query) return tl::unexpected(query.error());
    auto const bound = read(*step_, *query, {written_});
    if (!bound) return tl::unexpected(bound.error());
    step_->allowed = objects_of(**bound, *who_.policy().catalog);
    auto* select = plain_select(**bound);
    auto const tables = select == nullptr ? std::nullopt : both(select->from);
    if (!tables || tables->left->kind != bound::relation_kind::derived || !is_table(*tables->right, *written_))
      return disagree("a result of other rows than were written");
    auto const* base = guarded_table(*tables->left->query);
    if (base == nullptr || base->table != &table_) return disagree("a result of another table");
    auto const where = conjuncts(select->where);
    // what is for the plan is taken away, and the rest is a query like any other
    select->where = nullptr;
    select->from = memory_.make<bound::from_item>(bound::from_item{tables->left});
    auto guarded = prove_guards(**bound, who_, memory_, tables->left, what_.method);
    if (!guarded) return tl::unexpected(guarded.error());
    auto const& g = guarded->at(tables->left);
    if (g.policy.of(method::select).empty()) return disagree("a result of rows that nobody may see");
    conjunction rest;
    auto const meaning = [&](bound::column const& c) -> std::optional<unsigned> {
      auto const source = tables->left->columns[c.index].source;
      return source < g.plan.size() ? g.plan[source].plain : std::nullopt;
    };
    auto const places = by_key(where, *tables->left, meaning, *tables->right, rest);
    if (!places || !rest.empty() || *places != places_) return disagree("a result of other rows than were written");
    return prove_query(**bound, *std::move(guarded));
  }

  printed_write& what_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena memory_;
  std::vector<std::unique_ptr<catalog::table>> temporary_;
  std::vector<std::unique_ptr<bind::step_catalog>> catalogs_;
  catalog::table const* collected_{};  // S
  catalog::table const* written_{};    // S, or N of an insert
  std::vector<unsigned> key_;
  std::vector<unsigned> columns_;                                // that are written
  assigned_columns assigned_;                                    // the same, by who says their values
  unsigned callers_{};                                           // so many columns of S are the caller's
  std::vector<unsigned> places_;                                 // of the key in what is written
  std::vector<plan_item> known_;                                 // by column of S
  std::optional<sentences> forcing_;                             // of the table as the apply of an update has it
};

}  // namespace

base::result<guarded_write> verify(printed_write what, policy::access const& who) {
  if (auto const good = write_proof(what, who).run(); !good) return tl::unexpected(good.error());
  return guarded_write(std::move(what));
}

}  // namespace grille::verify
