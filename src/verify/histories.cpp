// The proof that nothing of a table that keeps its history is changed without a record. Enters: the printed steps of a change, whose rows are known
// by where they are collected. Leaves: a proof, or a refusal. Demanded:
//   of an update and a delete   that a record stands right before the apply (the order of the steps says so) which takes, of exactly the rows that the
//                               apply changes, every column as it is stored, into the column of H that bears its name, and with them the database's
//                               clock, what the call was made by, and the method; that it says `or abort`, so that H loses nothing by it
//   of a purge                  a record of the key alone, and that what goes from H are the records of these keys, those of a purge excepted, and
//                               before that a look at each row that had such a key and was deleted: as it was in the end, a grant must allow it
//   of all others               that there is none
// On SQLite the rows are those of the table that S names. On PostgreSQL they are S's own, which has each column as it was when the row was locked:
// the table is seen there as it was before that, and another's change would be lost. There the record returns a row for each, to be counted.
// So H has nothing that the caller's text computed, and the caller sees nothing of what goes into it. What of it others see, its own grants say.
#include <algorithm>
#include <string_view>

#include "bound/walk.hpp"
#include "catalog/function.hpp"
#include "catalog/history.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

namespace named = catalog::history_column;

bool is_text(bound::expr const& e, std::string_view text) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::text && l->text == text;
}
bool is_clock(bound::expr const& e, bool on_server) {
  auto const* n = e.as<bound::now>();
  if (!on_server) return n != nullptr && n->word == "current_timestamp";
  auto const* c = e.as<bound::call>();
  return c != nullptr && c->function == catalog::find_function(dialect::postgresql, "statement_timestamp", 0) && c->arguments.empty() && c->over == nullptr && c->filter == nullptr;
}
/// What stands in a record's own columns.
bool is_of_the_call(bound::expr const& e, std::string_view column, unsigned file, std::string_view method, bool on_server) {
  if (column == named::at) return is_clock(e, on_server);
  if (column == named::method) return is_text(e, method);
  auto const* s = e.as<bound::slot>();
  auto const is = [&](std::string_view what, unsigned which) { return s != nullptr && *s == bound::slot{bound::slot_kind::record, what, {}, which}; };
  if (column == named::by) return is("by", 0);
  if (column == named::behalf) return is("for", 0);
  return column == named::policy && is("policy", file);
}

/// Of the caller's.
bool has_parameter(bound::statement const& s) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      found = found || e->as<bound::parameter>() != nullptr;
      return true;
    }
    bool found{};
  } v;
  bound::walk(*s.query, v);
  return v.found;
}

class history_proof : public step_reader {
 public:
  history_proof(printed_write& what, policy::access const& who, recorded_part const& part)
      : step_reader(who, what), table_(*what.table), part_(part), on_server_(who.which() == dialect::postgresql) {}

  proof run() {
    if (auto const good = record(); !good) return good;
    if (auto const good = former(); !good) return good;
    return erase();
  }

 private:
  proof record();
  proof recorded(bound::select const& select, std::vector<unsigned> const& columns, catalog::table const& h);
  proof erase();
  proof former();
  /// The column of the table that an item is, in a query of exactly the rows that are changed; none: it is something else.
  using item_column = std::function<std::optional<unsigned>(bound::expr const&)>;
  std::optional<item_column> of_the_changed(bound::select const& select) const;
  /// That `e` holds of the records, in `of`, that have the keys of the rows to be purged.
  proof of_the_purged(bound::expr const& e, bound::relation const& of) const;
  /// A table has one history, and its own.
  policy::table_policy const& policy() const { return who_.policy().tables.at(&table_); }

  catalog::table const& table_;
  recorded_part const& part_;
  bool on_server_;
};

std::optional<history_proof::item_column> history_proof::of_the_changed(bound::select const& select) const {
  if (on_server_) {
    auto const* s = only(select.from);
    if (s == nullptr || !is_table(*s, *part_.collected) || select.where != nullptr) return std::nullopt;
    return [this, s](bound::expr const& e) -> std::optional<unsigned> {
      auto const* c = column_of(e, *s);
      return c == nullptr ? std::nullopt : part_.holds(s->columns[c->index].source);
    };
  }
  auto const tables = both(select.from);
  if (!tables || !is_table(*tables->left, table_) || !is_table(*tables->right, *part_.collected)) return std::nullopt;
  conjunction rest;
  auto const places = by_key(part_.key, conjuncts(select.where), *tables->left, of_base(*tables->left), *tables->right, rest);
  if (!places || !rest.empty() || *places != part_.places) return std::nullopt;
  return [r = tables->left](bound::expr const& e) -> std::optional<unsigned> {
    auto const* c = column_of(e, *r);
    return c == nullptr ? std::nullopt : std::optional(r->columns[c->index].source);
  };
}

proof history_proof::record() {
  auto const& of = policy();
  auto const wanted = of.history != nullptr && part_.method != method::insert;
  if ((part_.record != nullptr) != wanted) return disagree("a change without a record of what was, or a record of none");
  if (!wanted) return part_.method == method::purge ? disagree("a purge of a table that keeps no history") : proof{};
  auto& s = *part_.record;
  if (!on_server_ && s.caller_parameters != 0) return disagree("a parameter of the caller's in a record");
  auto const form = parse_write(s);
  if (!form) return tl::unexpected(form.error());
  auto const& h = *of.history;
  auto const action = on_server_ ? ast::conflict_action::none : ast::conflict_action::abort;
  if (form->method != method::insert || !names_table(form->target, h) || form->action != action || !form->conflicts.empty() || form->query == nullptr)
    return disagree("a record that goes somewhere else");
  if (form->returning.size() != (on_server_ ? 1U : 0U)) return disagree("a record that is not counted, or shown");
  for (auto const& item : form->returning)
    if (auto const* c = item.value == nullptr ? nullptr : item.value->as<ast::column_ref>();
        c == nullptr || c->path.size() != 1 || c->path[0].text != named::number)
      return disagree("a record that shows more than its number");
  std::vector<unsigned> columns;
  for (auto const& name : form->columns) {
    auto const c = h.find(name.text);
    if (!c || std::find(columns.begin(), columns.end(), *c) != columns.end()) return disagree("a column of a record that is not there, or written twice");
    columns.push_back(*c);
  }
  auto const bound = read(s, form->query, {part_.collected});
  if (!bound) return tl::unexpected(bound.error());
  if (has_parameter(**bound)) return disagree("a parameter of the caller's in a record");
  s.allowed = objects_of(**bound, *who_.policy().catalog);
  add_write(s.allowed, h, method::insert, columns, *who_.policy().catalog);
  auto const* select = plain_select(**bound);
  if (select == nullptr || select->items.size() != columns.size()) return disagree("a record by more than a plain select");
  return recorded(*select, columns, h);
}

proof history_proof::recorded(bound::select const& select, std::vector<unsigned> const& columns, catalog::table const& h) {
  auto const column = of_the_changed(select);
  if (!column) return disagree("a record of other rows than are changed");
  auto const purge = part_.method == method::purge;
  std::vector<bool> taken(table_.columns.size());
  std::size_t own = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto const& e = *select.items[i].value;
    auto const& name = h.columns[columns[i]].name;
    if (auto const mine = table_.find(name)) {
      if ((*column)(e) != *mine) return disagree("a record of something else than the column");
      if (purge && std::find(table_.primary_key.begin(), table_.primary_key.end(), *mine) == table_.primary_key.end())
        return disagree("a record of a purge that keeps what is purged");
      taken[*mine] = true;
      continue;
    }
    auto const which = std::find_if(named::all.begin(), named::all.end(), [&](std::string_view n) { return catalog::same_name(n, name); });
    if (which == named::all.end() || !is_of_the_call(e, *which, policy().file, to_string(part_.method), on_server_))
      return disagree("a record that says something else of the call");
    ++own;
  }
  for (unsigned c = 0; c < taken.size(); ++c)
    if (!taken[c] && (!purge || std::find(table_.primary_key.begin(), table_.primary_key.end(), c) != table_.primary_key.end()))
      return disagree("a record that leaves a column out");
  if (own + 1 != named::all.size()) return disagree("a record that leaves out what is known of the call");  // all but the number, which H gives
  return {};
}

proof history_proof::erase() {
  if ((part_.erase != nullptr) != (part_.method == method::purge)) return disagree("a history that is erased, or kept, otherwise than by a purge");
  if (part_.erase == nullptr) return {};
  auto const& h = *policy().history;  // a purge has a record, so it is there
  auto& s = *part_.erase;
  if (!on_server_ && s.caller_parameters != 0) return disagree("a parameter of the caller's in what erases a history");
  auto const form = parse_write(s);
  if (!form) return tl::unexpected(form.error());
  if (form->method != method::remove || !names_table(form->target, h) || !form->returning.empty()) return disagree("what erases something else");
  auto const bound = read(s, form->query, {part_.collected});
  if (!bound) return tl::unexpected(bound.error());
  if (has_parameter(**bound)) return disagree("a parameter of the caller's in what erases a history");
  s.allowed = objects_of(**bound, *who_.policy().catalog);
  add_write(s.allowed, h, method::remove, {}, *who_.policy().catalog);
  auto const* select = plain_select(**bound);
  auto const* of = select == nullptr ? nullptr : only(select->from);
  auto const where = select == nullptr ? conjunction{} : conjuncts(select->where);
  if (of == nullptr || !is_table(*of, h) || where.size() != 2) return disagree("other records than those of the purged rows");
  auto const* other = where[0]->as<bound::operation>();
  auto const* said = other == nullptr || other->op != bound::op::is_distinct ? nullptr : column_of(*other->operands[0], *of);
  if (said == nullptr || !catalog::same_name(h.columns[of->columns[said->index].source].name, named::method) ||
      !is_text(*other->operands[1], to_string(method::purge)))
    return disagree("what erases the record of a purge");
  return of_the_purged(*where[1], *of);
}

proof history_proof::of_the_purged(bound::expr const& e, bound::relation const& of) const {
  auto const& h = *of.table;
  auto const* in = e.as<bound::subquery>();
  if (in == nullptr || in->kind != bound::subquery_kind::in) return disagree("other records than those of the purged rows");
  bound::statement const inner{in->query, 0, {}, {}};
  auto const* found = plain_select(inner);
  auto const column = found == nullptr ? std::nullopt : of_the_changed(*found);
  if (!column) return disagree("other records than those of the purged rows");
  auto const& key = table_.primary_key;
  auto const* row = in->operand->as<bound::row>();
  if (key.empty() || (row == nullptr ? 1 : row->items.size()) != key.size() || found->items.size() != key.size())
    return disagree("records by another key");
  for (std::size_t j = 0; j < key.size(); ++j) {
    auto const* recorded = column_of(row == nullptr ? *in->operand : *row->items[j], of);
    if (recorded == nullptr || (*column)(*found->items[j].value) != key[j] ||
        !catalog::same_name(h.columns[of.columns[recorded->index].source].name, table_.columns[key[j]].name))
      return disagree("records by another key");
  }
  return {};
}

/// The end of each former row of these keys must be one that a grant to purge allows: the record stands for the row.
proof history_proof::former() {
  if (part_.method != method::purge) return part_.former == nullptr ? proof{} : disagree("a look at former rows, by no purge");
  auto* row = whole_row(table_, memory_);
  std::vector<conjunction> passes{{}};
  if (part_.former != nullptr) {
    auto& s = *part_.former;
    if (!on_server_ && s.caller_parameters != 0) return disagree("a parameter of the caller's in a look at former rows");
    auto const bound = read_query(s, {part_.collected});
    if (!bound) return tl::unexpected(bound.error());
    if (has_parameter(**bound)) return disagree("a parameter of the caller's in a look at former rows");
    auto const* select = plain_select(**bound);
    auto* of = select == nullptr ? nullptr : only(select->from);
    auto const where = select == nullptr ? conjunction{} : conjuncts(select->where);
    if (of == nullptr || !is_table(*of, *policy().history) || where.size() != 3)
      return disagree("a look at former rows that is not at all of them");
    auto const* deleted = where[0]->as<bound::operation>();
    auto const* said = deleted == nullptr || deleted->op != bound::op::equal ? nullptr : column_of(*deleted->operands[0], *of);
    if (said == nullptr || !catalog::same_name(of->table->columns[of->columns[said->index].source].name, named::method) ||
        !is_text(*deleted->operands[1], to_string(method::remove)))
      return disagree("a look at former rows that is not at all of them");
    if (auto const good = of_the_purged(*where[1], *of); !good) return good;
    auto const* bad = where[2]->as<bound::operation>();
    if (bad == nullptr || bad->op != bound::op::is_not_true) return disagree("a look at former rows that may be purged");
    struct stand_in final : bound::visitor {
      using bound::visitor::enter;
      bool enter(bound::expr_ptr& e) override {
        auto* c = e->as<bound::column>();
        if (c == nullptr || c->relation != from) return true;
        auto const mine = to->table->find(from->table->columns[from->columns[c->index].source].name);
        unknown = unknown || !mine;
        *c = {to, mine.value_or(0)};
        return true;
      }
      bound::relation *from{}, *to{};
      bool unknown{};
    } v;
    v.from = of;
    v.to = row;
    auto* may = bad->operands[0];
    bound::walk(may, v);
    if (v.unknown) return disagree("a look at former rows by what is no column of theirs");
    passes = ways(may);
  }
  auto const policy = sentences::about(*row, who_, memory_);
  if (!policy) return tl::unexpected(policy.error());
  auto const to_purge = policy->to_write(method::purge);
  if (!to_purge) return tl::unexpected(to_purge.error());
  for (auto const& way : passes)
    if (std::none_of(to_purge->begin(), to_purge->end(), [&](alternative const& a) { return policy->holds(a, way); }))
      return disagree("a former row that is erased though no one grant allows it");
  return {};
}

}  // namespace

proof prove_history(printed_write& what, policy::access const& who, recorded_part const& part) { return history_proof(what, who, part).run(); }

}  // namespace grille::verify
