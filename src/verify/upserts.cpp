// The proof of an insert with `on conflict (K) do update`. Enters: the printed steps. Leaves: a proof, or a refusal. Demanded, beside what is of
// each insert and each update (verify/writes.cpp):
//   the source is a query of the caller's; P has, for each column of the table, what the source gives, what is forced, or NULL, and nothing else;
//   where a row of the source says `default`, it gives the expression that the table itself has for the column, which the verifier puts there;
//   before anything is written, a row proposed that no one grant allows ends it all;
//   the rows to be updated are those that the caller sees, and is shown the key of, beside what it proposed itself; the rows to be inserted are those
//   of P, column by column, in the way of which there is no row that it sees and is shown the key of. So any other row in the way ends it all, as in
//   a plain insert.
// Each row that is written is checked. No step but the caller's own queries has a parameter of the caller's.
#include <algorithm>
#include <set>

#include "bound/conjuncts.hpp"
#include "bound/walk.hpp"
#include "catalog/cast_type.hpp"
#include "catalog/row_key.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"
#include "verify/conflicts.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

/// Which tells nothing, whoever says it.
bool is_null(bound::expr const* e) {
  if (e != nullptr && e->as<bound::cast>() != nullptr) e = e->as<bound::cast>()->operand;
  auto const* l = e == nullptr ? nullptr : e->as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::null;
}

/// Of a relation that is a table, or stands for one, with all its columns.
conflict_keys::column_of_row source_in(bound::relation const& r) {
  return [&r](bound::column const& c) { return c.relation == &r ? std::optional(r.columns[c.index].source) : std::nullopt; };
}

/// What of the table is named.
struct find_columns final : bound::visitor {
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    auto const k = c == nullptr ? std::nullopt : (*of_table)(*c);
    if (k) found->insert(*k);
    return true;
  }
  conflict_keys::column_of_row const* of_table{};
  std::set<unsigned>* found{};
};

}  // namespace

std::optional<unsigned> yields_plain(bound::relation const& r, bound::column const& c) {
  auto const* base = r.kind == bound::relation_kind::derived ? guarded_table(*r.query) : nullptr;
  if (base == nullptr) return std::nullopt;
  auto const* item = r.query->body->as<bound::select>()->items[r.columns[c.index].source].value->as<bound::column>();
  return item != nullptr && item->relation == base ? std::optional(base->columns[item->index].source) : std::nullopt;
}

/// What says that a row has the key of one proposed goes: that is what a key tells by nature. What else is asked of the proposed row may be asked of
/// what the caller itself proposed: then it stands for any relation of the caller's.
base::result<bound::relation*> apart_from_proposed(bound::statement& s, bound::select& select, catalog::table const& t, catalog::table const& beside,
                                                   std::vector<proposed_value> const& proposed, compared_keys& compared, policy::access const& who,
                                                   base::arena& memory) {
  auto const tables = both(select.from);
  if (!tables || !is_table(*tables->right, beside)) return disagree("rows that are collected beside something else than those proposed");
  auto* const p = tables->right;
  auto* const whole = select.where == nullptr ? nullptr : select.where->as<bound::junction>();
  std::vector<bound::expr_ptr> where, rest;
  if (whole != nullptr && whole->op == bound::junction_op::conjunction)
    where.assign(whole->items.begin(), whole->items.end());
  else if (select.where != nullptr)
    where.push_back(select.where);
  conflict_keys::column_of_row const of_table = [&](bound::column const& c) { return c.relation == tables->left ? yields_plain(*tables->left, c) : std::nullopt; };
  conflict_keys const keys(t, who, memory);
  auto const taken = keys.said(where, of_table, source_in(*p));
  if (taken.empty()) return disagree("rows that are in the way by something else than a key");
  find_columns by;
  by.of_table = &of_table;
  by.found = &compared.columns;
  std::vector<bound::expr_ptr> matches;
  for (auto const i : taken) {
    bound::walk(where[i], by);
    matches.push_back(where[i]);
  }
  compared.one = keys.are_one(matches, of_table, source_in(*p));
  for (std::size_t i = 0; i < where.size(); ++i)
    if (!taken.contains(i)) rest.push_back(where[i]);
  select.where = rest.empty()       ? nullptr
                 : rest.size() == 1 ? rest.front()
                                    : memory.make<bound::expr>(bound::expr{
                                          bound::junction{bound::junction_op::conjunction, memory.copy(rest)}, {}});
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      auto const* c = e->as<bound::column>();
      if (c == nullptr || c->relation != of) return true;
      auto const& value = (*proposed)[of->columns[c->index].source];
      good = good && (value.callers || value.by_default || is_null(value.own)) && !value.hidden;
      return true;
    }
    bound::relation const* of{};
    std::vector<proposed_value> const* proposed{};
    bool good{true};
  } v;
  v.of = p;
  v.proposed = &proposed;
  bound::walk(*s.query, v);
  if (!v.good) return disagree("what the policy says of the proposed row, in the caller's text");
  std::vector<bound::item> items(beside.columns.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto*& e = items[i].value;
    e = memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::null, {}}, {}});
    if (t.ignores_case) continue;
    if (auto const type = catalog::cast_type(t.columns[i], *who.policy().catalog); !type.empty()) e = memory.make<bound::expr>(bound::expr{bound::cast{e, memory.copy(type)}, {}});
  }
  bound::select nothing;
  nothing.items = memory.copy(items);
  p->query = memory.make<bound::query>();
  p->query->body = memory.make<bound::query_body>(bound::query_body{nothing});
  p->kind = bound::relation_kind::derived;
  return tables->left;
}


namespace {

/// Temporary tables of an upsert, in order.
enum temporary_table : std::size_t { source, proposed, changes, fresh, keys, how_many };

class upsert_proof : public step_reader {
 public:
  upsert_proof(printed_write& what, policy::access const& who, std::vector<catalog::table> const& temporary)
      : step_reader(who, what), what_(what), table_(*what.table), temporary_(temporary), on_server_(who.which() == dialect::postgresql) {}

  proven_part const& updated() const { return updated_; }
  proof run() {
    if (auto const good = order(); !good) return good;
    for (auto const* s : own_)
      if (!on_server_ && s->caller_parameters != 0) return disagree("a parameter of the caller's in a step that is not its query");
    if (auto const good = prove_proposed(); !good) return good;
    for (auto* s : conflicts_) {
      auto const bound = read_query(*s, {&temporary_[changes]});
      if (!bound) return tl::unexpected(bound.error());
    }
    if (auto const good = prove_fresh(); !good) return good;
    if (on_server_) return prove_parts();
    write_proof insert(what_, who_,
                       {.method = method::insert,
                        .apply = apply_[0],
                        .check = check_[0],
                        .result = result_,
                        .collected = &temporary_[fresh],
                        .written = &temporary_[keys],
                        .collected_at = fresh,
                        .written_at = keys,
                        .proposed = &values_});
    if (auto const good = insert.run(); !good) return good;
    if (auto const good = prove_allowed_as_proposed(insert.assigned()); !good) return good;
    write_proof update(what_, who_,
                       {.method = method::update,
                        .collect = rows_,
                        .apply = apply_[1],
                        .check = check_[1],
                        .record = record_,
                        .collected = &temporary_[changes],
                        .written = &temporary_[changes],
                        .collected_at = changes,
                        .written_at = changes,
                        .proposed = &values_,
                        .beside = &temporary_[proposed],
                        .compared = &compared_});
    if (auto const good = update.run(); !good) return good;
    return prove_keys(update.places());
  }

 private:
  /// PostgreSQL: what is written is returned whole, so there are no keys between.
  proof prove_parts() {
    auto const inserted = prove_part(what_, who_,
                                     {.method = method::insert, .apply = apply_[0], .check = check_[0], .rows_at = fresh, .written = "inserted", .proposed = &values_});
    if (!inserted) return tl::unexpected(inserted.error());
    if (auto const good = prove_allowed_as_proposed(inserted->assigned); !good) return good;
    auto const updated = prove_part(what_, who_,
                                    {.method = method::update,
                                     .collect = rows_,
                                     .record = record_,
                                     .apply = apply_[1],
                                     .check = check_[1],
                                     .rows_at = changes,
                                     .written = "updated",
                                     .proposed = &values_,
                                     .beside = &temporary_[proposed],
                                     .compared = &compared_});
    if (!updated) return tl::unexpected(updated.error());
    updated_ = *updated;
    if (result_ != nullptr)
      if (auto const good = prove_result(what_, who_, *result_); !good) return good;
    put_defaults();
    return {};
  }

  // --- which step is what

  proof order() {
    auto const tables = on_server_ ? keys : how_many;
    if (what_.method != method::insert || temporary_.size() != tables) return disagree("an upsert of an unknown form");
    for (std::size_t i = 0; i < tables; ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (temporary_[i].name == temporary_[j].name) return disagree("one temporary table for two");
    auto& steps = what_.steps;
    std::size_t at = 0;
    auto const is = [&](bound::step_kind k) { return at < steps.size() && steps[at].kind == k; };
    auto const take = [&](write_step*& into, bound::step_kind k) {
      if (!is(k)) return false;
      into = &steps[at++];
      return true;
    };
    using kind = bound::step_kind;
    bool good = take(source_, kind::collect) && take(proposed_, kind::collect);
    if (good) take(allowed_, kind::check);
    good = good && take(rows_, kind::collect);
    for (write_step* s = nullptr; good && take(s, kind::conflict);) conflicts_.push_back(s);
    good = good && take(fresh_, kind::collect) && take(apply_[0], kind::apply) && take(check_[0], kind::check);
    if (good) take(record_, kind::record);
    good = good && take(apply_[1], kind::apply) && take(check_[1], kind::check);
    if (good && on_server_)
      take(result_, kind::result);
    else if (good && take(keys_, kind::collect))
      good = take(result_, kind::result);
    if (!good || at != steps.size()) return disagree("the steps of an upsert that are not all there, in their order");
    own_ = {proposed_, allowed_, fresh_, keys_};
    own_.insert(own_.end(), conflicts_.begin(), conflicts_.end());
    std::erase(own_, nullptr);
    return {};
  }

  // --- the rows as they are proposed

  proof prove_proposed() {
    if (auto const good = write_proof(what_, who_, {.method = method::insert, .collect = source_, .collected = &temporary_[source]}).collect(); !good)
      return good;
    auto const& layout = what_.temporary[proposed].columns;
    if (layout.size() != table_.columns.size()) return disagree("a proposed row that is no row of the table");
    for (unsigned c = 0; c < layout.size(); ++c)
      if (layout[c] != catalog::like(table_, c)) return disagree("a temporary table that keeps values otherwise than the table");
    auto const bound = read_collection(*proposed_, temporary_[proposed], {&temporary_[source]});
    if (!bound) return tl::unexpected(bound.error());
    auto const* select = plain_select(**bound);
    auto const* s = select == nullptr ? nullptr : only(select->from);
    if (s == nullptr || !is_table(*s, temporary_[source]) || select->where != nullptr || select->items.size() != layout.size())
      return disagree("rows that are proposed otherwise than one for each of the source");
    for (unsigned c = 0; c < select->items.size(); ++c) {
      auto const* value = select->items[c].value;
      if (on_server_) {  // as the column has it, where it is of a type that can be cast to
        auto const type = catalog::cast_type(table_.columns[c], *who_.policy().catalog);
        auto const* cast = value->as<bound::cast>();
        if (!type.empty() && (cast == nullptr || cast->type != type)) return disagree("a proposed value of another type than its column's");
        if (!type.empty()) value = cast->operand;
      }
      auto const callers = column_of(*value, *s) != nullptr;
      if (on_server_ && callers && catalog::cast_type(table_.columns[c], *who_.policy().catalog).empty())
        return disagree("a proposed value of another type than its column's");
      if (callers) stored_[s->columns[column_of(*value, *s)->index].source].push_back(c);
      values_.push_back({callers, callers ? nullptr : value});
    }
    return on_server_ ? defaults() : proof{};
  }
  /// `default` is a whole value of a row of the source, or the source would not bind, and goes into one column of the table: what stands for it is
  /// that column's own expression.
  proof defaults() {
    auto const parsed = grammar::parse_statement(source_->sql, who_.which(), memory_);
    if (!parsed) return disagree("the text of a step does not parse", parsed.error().at);
    auto const* q = (*parsed)->as<ast::query_ptr>();
    auto const* values = q == nullptr ? nullptr : (*q)->body->as<ast::values_rows>();
    if (values == nullptr) return {};
    auto policy = sentences::about(*whole_row(table_, memory_), who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    std::map<unsigned, std::size_t> times;
    for (auto const& row : values->rows)
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i]->as<ast::default_value>() == nullptr) continue;
        auto const into = stored_.find(i);
        if (into == stored_.end() || into->second.size() != 1) return disagree("a default of no one column");
        auto const column = into->second.front();
        auto const own = who_.policy().defaults.find({&table_, column});
        if (own == who_.policy().defaults.end()) return disagree("a default that is not known");
        auto const type = catalog::cast_type(table_.columns[column], *who_.policy().catalog);
        defaults_.emplace_back(row[i]->at, "cast(" + print::print(*own->second, who_.which()) + " as " + written_type(type) + ")");
        ++times[column];
        auto const shows = policy->of(method::select);
        values_[column].hidden = shows.empty() || !std::all_of(shows.begin(), shows.end(), [&](alternative const& a) { return policy->plain(a, column); });
      }
    for (auto const& [column, n] : times) {
      values_[column].by_default = n == values->rows.size();
      values_[column].callers = n < values->rows.size();
    }
    return {};
  }
  /// A type as cast_type has it, with its schema.
  static std::string written_type(std::string const& type) {
    auto const end = std::min(type.find_first_of("(["), type.size());
    auto const dot = type.find('.');
    auto const schema = dot == type.npos ? std::string_view("pg_catalog") : std::string_view(type).substr(0, dot);
    auto const name = dot == type.npos ? type.substr(0, end) : type.substr(dot + 1, end - dot - 1);
    return catalog::quoted(schema) + '.' + catalog::quoted(name) + type.substr(end);
  }
  /// The source, as it is run: its rows are computed once, and each default in them.
  void put_defaults() {
    for (auto at = defaults_.rbegin(); at != defaults_.rend(); ++at) source_->sql.replace(at->first.begin, at->first.end - at->first.begin, at->second);
  }
  /// What would be stored there is known: it is written, it is what the schema says, or it is NULL and the schema says nothing.
  bool known(unsigned column, assigned_columns const& assigned) const {
    auto const is_it = [&](auto const& f) { return f.first == column; };
    if (std::find(assigned.named.begin(), assigned.named.end(), column) != assigned.named.end()) return true;
    if (std::any_of(assigned.forced.begin(), assigned.forced.end(), is_it)) return true;
    if (values_[column].by_default) return true;
    auto const* own = values_[column].own == nullptr ? nullptr : values_[column].own->as<bound::literal>();
    if (own == nullptr || own->kind != bound::literal_kind::null) return false;
    auto const& c = table_.columns[column];
    return !c.has_default && c.default_text.empty() && c.identity == catalog::identity::no && c.generated == catalog::generated::no &&
           !catalog::decides_key(table_, column);
  }

  proof prove_allowed_as_proposed(assigned_columns const& assigned) {
    auto* row = whole_row(table_, memory_);
    std::vector<conjunction> passes{{}};
    if (allowed_ != nullptr) {
      auto const bound = read_query(*allowed_, {&temporary_[proposed]});
      if (!bound) return tl::unexpected(bound.error());
      auto* select = plain_select(**bound);
      auto* p = select == nullptr ? nullptr : only(select->from);
      auto* o = select == nullptr || select->where == nullptr ? nullptr : select->where->as<bound::operation>();
      if (p == nullptr || !is_table(*p, temporary_[proposed]) || o == nullptr || o->op != bound::op::is_not_true)
        return disagree("a check that does not ask of every row that is proposed");
      // the proposed row stands for the row of the table that it would be
      struct stand_in final : bound::visitor {
        using bound::visitor::enter;
        bool enter(bound::expr_ptr& e) override {
          auto* c = e->as<bound::column>();
          if (c == nullptr || c->relation != from) return true;
          unknown = unknown || !self->known(from->columns[c->index].source, *assigned);
          *c = {to, from->columns[c->index].source};
          return true;
        }
        upsert_proof* self{};
        assigned_columns const* assigned{};
        bound::relation *from{}, *to{};
        bool unknown{};
      } v;
      v.self = this;
      v.assigned = &assigned;
      v.from = p;
      v.to = row;
      bound::walk(o->operands[0], v);
      if (v.unknown) return disagree("a check of a column of which it is not known what would be stored");
      passes = ways(o->operands[0]);
    }
    auto policy = sentences::about(*row, who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    return prove_allowed(
        *policy, nullptr, method::insert, assigned, passes, [](bound::expr const&) { return nullptr; }, [](unsigned) { return nullptr; });
  }

  // --- the rows to insert, and the keys of all that was written

  /// No other row may be taken for one that is there: it would be left out, and that would tell of the row.
  proof prove_taken(bound::select const& select, bound::relation const& p) {
    auto const* negated = select.where == nullptr ? nullptr : select.where->as<bound::operation>();
    auto const* there = negated == nullptr || negated->op != bound::op::logical_not ? nullptr : negated->operands[0]->as<bound::subquery>();
    if (there == nullptr || there->kind != bound::subquery_kind::exists) return disagree("rows to insert by something else than that no row is in their way");
    bound::statement const inner{there->query, 0, {}, {}};
    auto const* found = plain_select(inner);
    auto* row = found == nullptr ? nullptr : only(found->from);
    if (row == nullptr || !is_table(*row, table_)) return disagree("a look at other rows than may be in the way");
    auto const all = bound::conjuncts(found->where);
    auto const of_row = source_in(*row);
    conflict_keys const keys(table_, who_, memory_);
    auto const taken = keys.said(all, of_row, source_in(p));
    std::vector<bound::expr_ptr> matches;
    conjunction rest;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (taken.contains(i))
        matches.push_back(all[i]);
      else
        rest.push_back(all[i]);
    if (!keys.are_one(matches, of_row, source_in(p))) return disagree("rows that are in the way by something else than a key");
    std::set<unsigned> by;
    find_columns look;
    look.of_table = &of_row;
    look.found = &by;
    for (auto* e : matches) bound::walk(e, look);
    auto policy = sentences::about(*row, who_, memory_);
    if (!policy) return tl::unexpected(policy.error());
    auto const open = policy->of(method::select);
    auto const sees = [&](conjunction const& way) { return std::ranges::any_of(open, [&](alternative const& a) { return policy->holds(a, way); }); };
    auto const in_each = [&](bound::expr const* e) {
      return std::ranges::all_of(ways(e), [&](conjunction way) {
        way.insert(way.end(), rest.begin(), rest.end());
        return sees(way);
      });
    };
    if (!std::ranges::all_of(rest, [&](bound::expr const* e) { return policy->of_the_policy(*e, open); }))
      return disagree("a row in the way by more than a key, and that the caller sees it");
    if (!sees(rest) && std::ranges::none_of(rest, in_each)) return disagree("a row in the way that is taken for one that the caller sees");
    if (!std::ranges::all_of(by, [&](unsigned k) { return policy->seen_as_stored_in(rest, k); }))
      return disagree("a row in the way by what the caller is not shown of it");
    return {};
  }
  proof prove_fresh() {
    auto const bound = read_collection(*fresh_, temporary_[fresh], {&temporary_[proposed]});
    if (!bound) return tl::unexpected(bound.error());
    auto const* select = plain_select(**bound);
    auto const* p = select == nullptr ? nullptr : only(select->from);
    bool good = p != nullptr && is_table(*p, temporary_[proposed]) && what_.temporary[fresh].columns == what_.temporary[proposed].columns;
    for (unsigned c = 0; good && c < select->items.size(); ++c) {
      auto const* mine = column_of(*select->items[c].value, *p);
      good = mine != nullptr && p->columns[mine->index].source == c;
    }
    return good ? prove_taken(*select, *p) : disagree("rows to insert that were not proposed");
  }
  proof prove_keys(std::vector<unsigned> const& places) {
    if (keys_ == nullptr) return {};
    auto const bound = read_collection(*keys_, temporary_[keys], {&temporary_[changes]});
    if (!bound) return tl::unexpected(bound.error());
    auto const* select = plain_select(**bound);
    auto const* u = select == nullptr ? nullptr : only(select->from);
    bool good = u != nullptr && is_table(*u, temporary_[changes]) && select->where == nullptr && select->items.size() == places.size();
    for (std::size_t k = 0; good && k < places.size(); ++k) {
      auto const* mine = column_of(*select->items[k].value, *u);
      good = mine != nullptr && u->columns[mine->index].source == places[k];
    }
    return good ? proof{} : disagree("a result of other rows than were written");
  }

  printed_write& what_;
  catalog::table const& table_;
  std::vector<catalog::table> const& temporary_;
  bool on_server_;
  write_step *source_{}, *proposed_{}, *allowed_{}, *rows_{}, *fresh_{}, *record_{}, *keys_{}, *result_{};
  write_step *apply_[2]{}, *check_[2]{};
  std::vector<write_step*> conflicts_, own_;
  std::vector<proposed_value> values_;  // by column of the table
  proven_part updated_;                 // PostgreSQL
  compared_keys compared_;
  std::map<std::size_t, std::vector<unsigned>> stored_;         // by column of the source: those of the table into which it goes
  std::vector<std::pair<base::range, std::string>> defaults_;  // in the text of the source, in order: what stands for each
};

}  // namespace

proof prove_upsert(printed_write& what, policy::access const& who, std::vector<catalog::table> const& temporary, proven_part* updated) {
  upsert_proof all(what, who, temporary);
  auto proven = all.run();
  if (proven && updated != nullptr) *updated = all.updated();
  return proven;
}

}  // namespace grille::verify
