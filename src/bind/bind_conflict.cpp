// What an insert says of conflicts. Enters: the clauses as written. Leaves: keys by their columns, and the update of the row in the way over
// what exists of it for the caller, beside the proposed row, which is named `excluded` and never without that name.
// Guaranteed: a key is one of the table's own unique keys, as a whole, or one of its unique indexes of expressions or of some rows, by all that it says.
#include <algorithm>
#include <set>

#include "bind/binder.hpp"
#include "bound/conjuncts.hpp"
#include "bound/spelling.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

constexpr std::string_view proposed = "excluded";

/// Empty: one of them is more.
std::set<unsigned> plain_columns(std::vector<bound::expr_ptr> const& elements) {
  std::set<unsigned> out;
  for (auto const* e : elements) {
    auto const* c = e->as<bound::column>();
    if (c == nullptr) return {};
    out.insert(c->relation->columns[c->index].source);
  }
  return out;
}

/// What an author may write for what the server writes: without its casts of constants, `-5` for `'-5'::integer`, `between`, a list of one.
class plainer final : public bound::visitor {
 public:
  explicit plainer(base::arena& memory) : memory_(memory) {}
  using bound::visitor::leave;
  void leave(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::cast>(); c != nullptr && c->operand->as<bound::literal>() != nullptr) e = c->operand;
    auto const* o = e->as<bound::operation>();
    if (o == nullptr) return;
    auto const all = o->operands;
    auto const two = [&](bound::op op, bound::expr_ptr b) {
      return memory_.make<bound::expr>(bound::expr{bound::operation{op, memory_.copy(std::vector{all[0], b})}, e->at});
    };
    if (o->op == bound::op::between)
      e = memory_.make<bound::expr>(bound::expr{
          bound::junction{bound::junction_op::conjunction, memory_.copy(std::vector{two(bound::op::greater_equal, all[1]), two(bound::op::less_equal, all[2])})}, e->at});
    else if (o->op == bound::op::in && all.size() == 2)
      e = two(bound::op::equal, all[1]);
    else if (auto const* l = all[0]->as<bound::literal>(); o->op == bound::op::minus && l != nullptr)
      e = memory_.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::text, memory_.copy("-" + std::string(l->text))}, e->at});
  }

 private:
  base::arena& memory_;
};

bound::expr_ptr plain(bound::expr_ptr e, base::arena& memory) {
  if (e == nullptr) return nullptr;
  auto* copy = bound::copier{memory}(e);
  bound::undo_spelling(copy, memory);
  plainer spelling(memory);
  bound::walk(copy, spelling);
  return copy;
}

/// The one index that has these elements, in any order, and whose rows are among those of which `where` is true: all that it asks is said there. SQLite
/// takes none that is asked more of. Null: there is none, or the text could mean two.
bound::unique_index const* named_index(std::vector<bound::expr_ptr> const& elements, bound::expr_ptr where, bound::relation const* row,
                                       std::span<bound::unique_index const> all, dialect d, base::arena& memory) {
  auto const formed = [&](auto const& list) {
    std::vector<bound::expr_ptr> out;
    for (auto* e : list) out.push_back(d == dialect::postgresql ? plain(e, memory) : e);
    return out;
  };
  auto const in_each = [](auto const& some, auto const& wanted, bound::comparison same) {
    return std::ranges::all_of(wanted, [&](bound::expr_ptr w) { return std::ranges::any_of(some, [&](bound::expr_ptr e) { return same(e, w); }); });
  };
  auto const said = formed(elements), asked = bound::conjuncts(d == dialect::postgresql ? plain(where, memory) : where);
  std::vector<bound::unique_index const*> found;
  for (auto const& i : all) {
    bound::comparison const mine{{{row, i.row}}, {}}, theirs{{{i.row, row}}, {}};
    auto const is = formed(i.elements), holds = formed(i.conditions);
    if (!in_each(said, is, mine) || !in_each(is, said, theirs) || !in_each(asked, holds, mine)) continue;
    if (d == dialect::sqlite && !holds.empty() && !in_each(holds, asked, theirs)) continue;
    found.push_back(&i);
  }
  return found.size() == 1 ? found.front() : nullptr;
}

}  // namespace

/// Guaranteed: a constraint on a column that does not exist for the caller reads like one that is not there.
bound::conflict_key binder::named_key(ast::identifier const& constraint, written_table const& t) {
  auto const exists = [&](catalog::column_list const& columns) { return std::ranges::all_of(columns, [&](unsigned c) { return t.exists(c); }); };
  auto const& table = *t.reads->table;
  for (auto const& [name, columns] : table.key_names) {
    if (name != constraint.text || !exists(columns)) continue;
    auto key = columns;
    std::ranges::sort(key);
    return {.columns = memory_.copy(key)};
  }
  auto const x = std::ranges::find(table.exclusions, constraint.text, &catalog::exclusion::name);
  if (x != table.exclusions.end() && exists(x->columns)) return {.exclusion = &*x};
  refuse(errc::not_found, "no such constraint: " + in_ticks(constraint.text), constraint.at, "it is the name of a primary key, a unique constraint or an exclusion");
}

bound::conflict_key binder::conflict_key(ast::upsert const& u, written_table const& t, ast::table_name const& target) {
  if (!u.constraint.text.empty()) return named_key(u.constraint, t);
  if (u.target.empty()) return {};
  visible_table known{t.reads->table, {}};
  for (unsigned c = 0; c < t.known.size(); ++c)
    if (t.exists(c)) known.columns.push_back({c, true});
  auto const& named = target.alias.name.text.empty() ? target.path.back() : target.alias.name;
  auto* row = make_relation(known, named.text, extent(target.path), memory_);
  auto at = u.target.front()->at;
  std::vector<bound::expr_ptr> elements;
  for (auto const* e : u.target) {
    at = base::cover(at, e->at);
    elements.push_back(predicate(*e, row));
  }
  auto* where = u.target_where == nullptr ? nullptr : predicate(*u.target_where, row);
  if (auto const columns = plain_columns(elements); std::ranges::any_of(t.reads->table->unique_keys, [&](catalog::column_list const& k) {
        return !columns.empty() && std::set<unsigned>(k.begin(), k.end()) == columns;
      }))
    return {.columns = memory_.copy(std::vector<unsigned>(columns.begin(), columns.end()))};
  if (auto const* index = named_index(elements, where, row, t.indexes, which(), memory_)) return {.index = index};
  refuse(errc::unsupported, "a conflict target that is no key of " + in_ticks(dotted(target.path)), at,
         "name all columns of its primary key, or of a unique constraint, or the expressions and the condition of one unique index");
}

/// The columns that the insert assigns, in order, then the others that exist for the writer.
bound::relation* binder::proposed_row(bound::write const& insert, written_table const& t, base::range at) {
  std::vector<bound::relation_column> columns;
  std::vector<bound::item> items;
  std::vector<unsigned> all(insert.columns.begin(), insert.columns.end());
  for (unsigned c = 0; c < t.known.size(); ++c)
    if (t.exists(c) && std::ranges::find(insert.columns, c) == insert.columns.end()) all.push_back(c);
  for (auto const c : all) {
    auto const name = memory_.copy(insert.table->columns[c].name);
    columns.push_back({.name = name, .source = static_cast<unsigned>(columns.size()), .shown = false});
    auto* value = make(bound::literal{bound::literal_kind::null, {}}, at);
    auto const& type = insert.table->columns[c].type;
    if (!sqlite() && catalog::is_own_type(type, [&](std::string_view n) { return options_.visible.type_of_value(n); })) value = make(bound::cast{value, type}, at);
    items.push_back({value, name});
  }
  bound::select nothing;
  nothing.items = memory_.copy(items);
  auto* q = memory_.make<bound::query>();
  q->body = memory_.make<bound::query_body>(bound::query_body{nothing});
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::derived;
  made->columns = memory_.copy(columns);
  made->query = q;
  made->name = proposed;
  made->at = at;
  return made;
}

void binder::add_excluded(bound::select& made, scope& s) {
  auto seen = source_of(excluded_);
  for (auto& c : seen.columns) c.qualified = true;
  s.sources.push_back(std::move(seen));
  auto* right = memory_.make<bound::from_item>(bound::from_item{excluded_});
  made.from = memory_.make<bound::from_item>(bound::from_item{bound::join{sqlite() ? bound::join_kind::inner : bound::join_kind::cross, made.from, right, nullptr}});
}

bound::on_conflict* binder::conflict(write_form const& form, written_table const& t, bound::write const& insert) {
  auto const at = form.conflicts.front().at;
  auto* made = memory_.make<bound::on_conflict>();
  made->at = at;
  std::vector<bound::conflict_key> keys;
  for (auto const& u : form.conflicts) keys.push_back(conflict_key(u, t, form.target));
  made->keys = memory_.copy(keys);
  auto const update = std::ranges::find_if(form.conflicts, [](ast::upsert const& u) { return !u.do_nothing; });
  if (update == form.conflicts.end()) return made;
  if (form.conflicts.size() > 1) refuse(errc::unsupported, "`do update` beside another `on conflict`", at);
  if (keys.front().exclusion != nullptr) refuse(errc::unsupported, "`do update` by an exclusion constraint", update->constraint.at, "the server has none either");
  if (keys.front().columns.empty() && keys.front().index == nullptr) refuse(errc::unsupported, "`do update` without a conflict target", at, "name the key's columns");
  auto const& named = form.target.alias.name.text.empty() ? form.target.path.back() : form.target.alias.name;
  if (same(named.text, proposed)) refuse(errc::ambiguous, "`excluded` is the table, and the proposed row", named.at, "give the table another name");

  auto changes = form_of(*update, form.target, memory_);
  if (!changes) throw std::move(changes.error());
  auto const written = target_of(form.target, method::update);
  auto* u = memory_.make<bound::write>();
  u->method = method::update;
  u->table = insert.table;
  u->at = insert.at;
  excluded_ = made->excluded = proposed_row(insert, t, at);
  u->rows = written_rows(*changes, written, changes->query->body->as<ast::select_core>());
  refuse_anew(*changes, *u);
  auto const* beside = std::get_if<bound::join>(&u->rows->query->body->as<bound::select>()->from->node);
  u->target = std::get<bound::relation*>(beside->left->node);
  written_columns(changes->columns, written, form.target, *u);
  made->update = u;
  return made;
}

}  // namespace grille::bind
