// What a write returns. Enters: the items as written, over the table and, on PostgreSQL, what stands behind `from` or `using`. Leaves: a query of the
// table alone, beside one row of what the written one was joined with: of that only the columns that the items name are there, and each is
// a column of the rows that the write is of, or where a field is named of a composite, the field.
#include <map>
#include <utility>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

/// Left to right.
void relations_in(bound::from_item const& f, std::vector<bound::relation*>& out) {
  if (auto const* j = std::get_if<bound::join>(&f.node)) {
    relations_in(*j->left, out);
    relations_in(*j->right, out);
    return;
  }
  out.push_back(std::get<bound::relation*>(f.node));
}
std::vector<bound::relation*> relations_in(bound::query const& q) {
  std::vector<bound::relation*> out;
  relations_in(*q.body->as<bound::select>()->from, out);
  return out;
}

/// The column that a field is of, alone or by way of other fields; null: it is computed.
bound::column const* column_below(bound::expr const& e) {
  auto const* at = &e;
  while (auto const* f = at->as<bound::field>()) at = f->operand;
  return at->as<bound::column>();
}

/// Lets what names columns of the joined relations name those of `row` instead.
class from_joined final : public bound::visitor {
 public:
  from_joined(std::vector<bound::relation*> const& mine, std::vector<bound::relation*> const& of_rows, bound::relation* row, base::arena& memory)
      : row_(row), memory_(memory) {
    for (std::size_t i = 1; i < mine.size(); ++i) same_[mine[i]] = of_rows[i];
  }
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (e->as<bound::field>() != nullptr) return field(e);
    auto* c = e->as<bound::column>();
    auto const known = c == nullptr ? same_.end() : same_.find(c->relation);
    if (known == same_.end()) return true;
    auto const [place, fresh] = places_.try_emplace({c->relation, c->index}, static_cast<unsigned>(columns.size()));
    if (fresh) add(memory_.make<bound::expr>(bound::expr{bound::column{known->second, c->index}, e->at}), *known->second, c->index);
    *c = {row_, place->second};
    return true;
  }
  std::vector<bound::item> columns;

 private:
  void add(bound::expr_ptr value, bound::relation& of, unsigned column) {
    of.columns[column].used = true;
    columns.push_back({value, of.columns[column].name});
  }
  /// Of the rows, since a column of a composite has no type any more when it was passed on.
  bool field(bound::expr_ptr& e) {
    auto const* c = column_below(*e);
    auto const known = c == nullptr ? same_.end() : same_.find(c->relation);
    if (known == same_.end()) {
      if (names_joined(e)) refuse(errc::unsupported, "a field of what is computed of a table behind `from` or `using` is not supported in `returning`", e->at);
      return true;
    }
    bound::copier copy{memory_, {{c->relation, known->second}}};
    add(copy(e), *known->second, c->index);
    e = memory_.make<bound::expr>(bound::expr{bound::column{row_, static_cast<unsigned>(columns.size() - 1)}, e->at});
    return false;
  }
  bool names_joined(bound::expr_ptr e) const {
    struct look final : bound::visitor {
      explicit look(from_joined const& f) : self(f) {}
      using visitor::enter;
      bool enter(bound::expr_ptr& x) override {
        auto const* c = x->as<bound::column>();
        found = found || (c != nullptr && self.same_.contains(c->relation));
        return !found;
      }
      from_joined const& self;
      bool found{};
    } v(*this);
    bound::walk(e, v);
    return v.found;
  }

  bound::relation* row_;
  base::arena& memory_;
  std::map<bound::relation*, bound::relation*> same_;
  std::map<std::pair<bound::relation*, unsigned>, unsigned> places_;
};

}  // namespace

void binder::returning(write_form const& form, bound::write& made, base::range at) {
  ast::select_core core;
  core.items = form.returning;
  ast::query q;
  auto const* from = form.query == nullptr || form.method == method::insert ? nullptr : form.query->body->as<ast::select_core>();
  auto const joined = !sqlite() && from != nullptr && from->from.front()->as<ast::join>() != nullptr;
  hold<bool> const locks(may_lock_, may_lock_ && joined);  // what stands beside the table is read once, and not for this
  if (joined) {
    core.from = from->from;
    q.with = form.query->with;
    q.recursive = form.query->recursive;
  } else {
    ast::table_name plain;
    plain.path = form.target.path;
    if (!sqlite()) plain.alias = form.target.alias;
    core.from = memory_.copy(std::vector<ast::table_ref const*>{memory_.make<ast::table_ref>(ast::table_ref{plain, extent(form.target.path)})});
  }
  q.body = memory_.make<ast::query_body>(ast::query_body{core, at});
  q.at = at;
  made.returning = memory_.make<bound::statement>();
  made.returning->query = query(q, true);
  refuse_aggregates(*made.returning->query, "returning");
  auto const relations = relations_in(*made.returning->query);
  made.returned = relations.front();
  if (joined) returns_joined(made, relations);
}

/// The relations behind `from` are those of the rows once more. No query in `returning` stands beside `with`, so nothing of that is left.
void binder::returns_joined(bound::write& made, std::vector<bound::relation*> const& relations) {
  auto& q = *made.returning->query;
  refuse_own_operators({&q});  // while it names what its columns are of
  auto& select = *q.body->as<bound::select>();
  q.with = {};
  auto* row = memory_.make<bound::relation>();
  auto const of_rows = relations_in(*made.rows->query);
  for (std::size_t i = 1; i < relations.size(); ++i)
    if (presences_.contains(relations[i])) presence(*of_rows[i], made.at);
  from_joined v(relations, of_rows, row, memory_);
  for (auto& i : select.items) bound::walk(i.value, v);
  select.from = memory_.make<bound::from_item>(bound::from_item{made.returned});
  if (v.columns.empty()) return;
  std::vector<bound::relation_column> columns;
  std::vector<bound::expr_ptr> joined;
  std::vector<bound::item> items;
  for (auto const& c : v.columns) {
    columns.push_back({.name = c.name, .source = static_cast<unsigned>(columns.size()), .shown = true, .used = true});
    c.value->at = made.at;
    joined.push_back(c.value);
    items.push_back({make(bound::literal{bound::literal_kind::null, {}}, made.at), c.name});
  }
  bound::select nothing;
  nothing.items = memory_.copy(items);
  row->kind = bound::relation_kind::derived;
  row->columns = memory_.copy(columns);
  row->query = memory_.make<bound::query>();
  row->query->body = memory_.make<bound::query_body>(bound::query_body{nothing});
  row->name = "joined";
  row->at = made.at;
  made.joined = memory_.copy(joined);
  made.beside = row;
  auto* right = memory_.make<bound::from_item>(bound::from_item{row});
  select.from = memory_.make<bound::from_item>(bound::from_item{bound::join{bound::join_kind::cross, select.from, right, nullptr}});
}

}  // namespace grille::bind
