#include "rewrite/write_trees.hpp"

#include "catalog/row_key.hpp"

namespace grille::rewrite {

bound::relation* write_trees::base(catalog::table const& t, bool rowid) const {
  auto* r = memory_.make<bound::relation>();
  rowid = rowid && catalog::has_rowid(t);
  r->kind = bound::relation_kind::base;
  r->table = &t;
  r->name = memory_.copy(t.name);
  r->at = at_;
  std::vector<bound::relation_column> columns;
  for (unsigned i = 0; i < t.columns.size() + (rowid ? 1 : 0); ++i)
    columns.push_back({memory_.copy(catalog::name_of(t, i)), i, i < t.columns.size(), true});
  r->columns = memory_.copy(columns);
  return r;
}

bound::expr_ptr write_trees::count(dialect d, bound::expr_ptr filter) const {
  bound::call c;
  c.function = catalog::find_function(d, "count", 0);
  c.star = true;
  c.filter = filter;
  return make(memory_, c);
}

bound::query* write_trees::query(std::vector<bound::expr_ptr> const& values, bound::from_item* f, bound::expr_ptr where) const {
  bound::select s;
  std::vector<bound::item> items;
  for (auto* v : values) items.push_back({v, {}});
  s.items = memory_.copy(items);
  s.from = f;
  s.where = where;
  auto* q = memory_.make<bound::query>();
  q->body = memory_.make<bound::query_body>(bound::query_body{s});
  return q;
}

bound::statement* write_trees::statement(bound::query* q) const {
  auto* s = memory_.make<bound::statement>();
  s->query = q;
  return s;
}

std::vector<bound::expr_ptr> write_trees::same_row(bound::relation* r, std::vector<unsigned> const& key, bound::relation* s,
                                                   std::vector<unsigned> const& places) const {
  std::vector<bound::expr_ptr> out;
  for (std::size_t i = 0; i < key.size(); ++i)
    out.push_back(operate(memory_, bound::op::equal, {column(r, key[i]), column(s, places[i])}));
  return out;
}

void write_trees::leave_out(bound::values& rows, std::size_t i) const {
  for (auto& row : rows.rows) {
    std::vector<bound::expr_ptr> rest(row.begin(), row.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    row = memory_.copy(rest);
  }
}

bound::expr_ptr write_trees::in(std::vector<bound::expr_ptr> const& row, bound::query* q) const {
  auto* operand = row.size() == 1 ? row.front() : make(memory_, bound::row{memory_.copy(row)});
  return make(memory_, bound::subquery{bound::subquery_kind::in, operand, q});
}

}  // namespace grille::rewrite
