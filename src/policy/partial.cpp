#include "policy/partial.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "bound/walk.hpp"
#include "policy/value_type.hpp"

namespace grille::policy {

namespace {

bool says_of_a_row(bound::expr_ptr e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      found = found || x->as<bound::column>() != nullptr || x->as<bound::subquery>() != nullptr;
      return !found;
    }
    bool found{};
  } v;
  bound::walk(e, v);
  return v.found;
}

// --- what the server converts ------------------------------------------------------------------------------------------

bool is_float(std::string const& type) { return type.ends_with("float4") || type.ends_with("float8"); }
/// What has a float for each of its values.
bool fits_a_float(bound::expr_ptr e, std::string const& type) {
  return is_float(type) || type.ends_with("int2") || type.ends_with("int4") || type.ends_with("int8") || !says_of_a_row(e);
}
bound::expr_ptr first_item(bound::query const& q) {
  auto const* s = bound::first_arm(*q.body).as<bound::select>();
  return s == nullptr || s->items.empty() ? nullptr : s->items[0].value;
}

/// The values that meet in a node, so that the server makes one type of theirs.
std::vector<bound::expr_ptr> meeting(bound::expr const& e) {
  std::vector<bound::expr_ptr> out;
  if (auto const* o = e.as<bound::operation>()) out.assign(o->operands.begin(), o->operands.end());
  if (auto const* c = e.as<bound::case_expr>()) {
    for (auto const& arm : c->arms) out.push_back(arm.result);
    if (c->otherwise != nullptr) out.push_back(c->otherwise);
  }
  if (auto const* c = e.as<bound::call>()) out.assign(c->arguments.begin(), c->arguments.end());
  if (auto const* q = e.as<bound::subquery>(); q != nullptr && q->operand != nullptr) out = {q->operand, first_item(*q->query)};
  std::erase(out, nullptr);
  return out;
}

/// A numeric beyond the floats has none, and where the two meet a float is made of it
/// (https://www.postgresql.org/docs/15/typeconv-oper.html, where float8 is the preferred type).
bool makes_a_float(bound::expr const& e) {
  auto const all = meeting(e);
  bool float_is_there = false, other_is_there = false;
  for (auto* x : all) {
    auto const type = type_of(*x);
    float_is_there = float_is_there || is_float(type);
    other_is_there = other_is_there || !fits_a_float(x, type);
  }
  return float_is_there && other_is_there && all.size() > 1;
}

catalog::column const* column_of(bound::expr const* e) {
  auto const* c = e->as<bound::column>();
  return c == nullptr || c->relation->kind != bound::relation_kind::base ? nullptr : &c->relation->table->columns[c->relation->columns[c->index].source];
}
/// It fails as it is asked, not as the statement is read (varstr_cmp's check_collation_set).
bool mixes_collations(bound::expr const& e) {
  std::set<std::string_view> all;
  for (auto const* x : meeting(e))
    if (auto const* c = column_of(x); c != nullptr && category_of(c->type) == category::text) all.insert(c->collation);
  return all.size() > 1;
}

/// A pattern that is written there and ends in no open escape, of a text that can be matched at all.
bool matches_whole(bound::expr const& e, bound::expr const& p) {
  auto const* pattern = p.as<bound::literal>();
  auto const ends_open = pattern != nullptr && (pattern->text.size() - (pattern->text.find_last_not_of('\\') + 1)) % 2 != 0;
  auto const* matched = column_of(&e);
  return pattern != nullptr && !ends_open && (matched == nullptr || matched->deterministic);
}
/// `x < any (array[2, 3])`: each value is written there.
bool meets_constants(bound::operation const& o) {
  auto const* array = o.operands[1]->as<bound::operation>();
  if (array == nullptr || array->op != bound::op::array) return false;
  auto const matches = o.by == bound::op::like || o.by == bound::op::not_like;
  if (!matches && (o.by < bound::op::equal || o.by > bound::op::greater_equal)) return false;
  return std::ranges::all_of(array->operands, [&](bound::expr const* x) {
    auto const* l = x->as<bound::literal>();
    return l != nullptr && l->kind != bound::literal_kind::decimal && (!matches || matches_whole(*o.operands[0], *x));
  });
}

std::string_view word_of(bound::operation const& o) {
  switch (o.op) {
    case bound::op::minus:
    case bound::op::plus:
    case bound::op::add:
    case bound::op::subtract:
    case bound::op::multiply:
    case bound::op::divide:
    case bound::op::modulo:
    case bound::op::power:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute:
      return "arithmetic";
    case bound::op::bit_not:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::shift_left:
    case bound::op::shift_right:
    case bound::op::bit_xor:
      return "an operation on bits";
    case bound::op::concat:
      return "||";
    case bound::op::starts_with:
      return "^@";
    case bound::op::arrow:
    case bound::op::arrow_text:
      return "->";
    case bound::op::glob:
    case bound::op::not_glob:
      return "glob";
    case bound::op::ilike:
    case bound::op::not_ilike:
      return "ilike";
    case bound::op::similar:
    case bound::op::not_similar:
      return "similar to";
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci:
      return "a regular expression";
    case bound::op::any_array:
    case bound::op::all_array:
      return meets_constants(o) ? "" : "an array";
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::delete_path:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
      return "an array";
    case bound::op::like:
    case bound::op::not_like: {
      return o.operands.size() == 2 && matches_whole(*o.operands[0], *o.operands[1]) ? "" : "like";
    }
    case bound::op::logical_not:
    case bound::op::is_null:
    case bound::op::is_not_null:
    case bound::op::is_true:
    case bound::op::is_not_true:
    case bound::op::is_false:
    case bound::op::is_not_false:
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::less:
    case bound::op::less_equal:
    case bound::op::greater:
    case bound::op::greater_equal:
    case bound::op::is_distinct:
    case bound::op::is_not_distinct:
    case bound::op::between:
    case bound::op::not_between:
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
    case bound::op::in:
    case bound::op::not_in:
      return {};
  }
  return "?";
}

std::string_view on_postgresql(bound::expr& e) {
  std::string_view what;
  if (auto const* o = e.as<bound::operation>()) what = word_of(*o);
  if (e.as<bound::cast>() != nullptr) what = "cast";
  if (auto const* c = e.as<bound::call>(); c != nullptr && c->function->can_raise) what = c->function->name;
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::scalar) what = "a subquery of one value";  // more than one is an error
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::array) what = "an array of a query";
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::any) what = "a comparison with a query";
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::all) what = "a comparison with a query";
  if (what.empty() && makes_a_float(e)) what = "a float made of a numeric";
  if (what.empty() && mixes_collations(e)) what = "a comparison by two collations";
  return what.empty() || !says_of_a_row(&e) ? std::string_view{} : what;
}

std::string_view on_sqlite(bound::expr const& e) {
  if (auto const* c = e.as<bound::call>(); c != nullptr && c->function->can_raise) return c->function->name;
  auto const* o = e.as<bound::operation>();
  return o != nullptr && (o->op == bound::op::arrow || o->op == bound::op::arrow_text) ? "->" : "";
}

// --- the walk ----------------------------------------------------------------------------------------------------------

/// The select of a view whose columns are looked at where they are asked for; null: all of it is.
bound::select* taken_apart(bound::query& q) { return views::is_by_row(q) ? q.body->as<bound::select>() : nullptr; }

class search final : public bound::visitor {
 public:
  search(dialect d, views::trees const& views, std::optional<partial>& out) : dialect_(d), views_(views), out_(out) {}
  using bound::visitor::enter;

  bool enter(bound::expr_ptr& e) override {
    if (out_) return false;
    if (auto const what = dialect_ == dialect::sqlite ? on_sqlite(*e) : on_postgresql(*e); !what.empty()) found_in("`" + std::string(what) + "`", e->at);
    if (auto const* c = e->as<bound::column>()) column(*c, e->at);
    return !out_;
  }

  /// A `from` is walked before what names its columns.
  void enter(bound::relation& r) override {
    if (out_) return;
    auto const raises = [](bound::table_call const& c) { return c.function->can_raise; };
    auto const fails = r.calls.empty() ? r.function != nullptr && r.function->can_raise : std::ranges::any_of(r.calls, raises);
    auto const of_a_row = std::ranges::any_of(r.arguments, says_of_a_row);
    if (fails && of_a_row) return found_in("`" + std::string(r.function->name) + "`", r.at);
    if (r.kind != bound::relation_kind::base || r.table->kind != catalog::relation_kind::view) return;
    read_here_.insert(&r);
    auto const tree = views_.find(r.table);
    if (tree == views_.end()) return found("what view `" + r.table->name + "` is made of is not understood: it", r.at);
    auto& q = *tree->second->query;
    auto* s = taken_apart(q);
    inside(r, [&](search& into) {
      if (s == nullptr) return bound::walk(q, into);
      if (s->from != nullptr) bound::walk(*s->from, into);
      bound::walk(s->where, into);
      for (auto& o : q.order) bound::walk(o.key, into);
    });
  }

 private:
  void found(std::string what, base::range at) { out_ = partial{std::move(what), at_ ? *at_ : at}; }
  void found_in(std::string what, base::range at) { found(view_ == nullptr ? std::move(what) : what + " in view `" + view_->name + "`", at); }

  /// What stands in the view's text has its place where the predicate names the view.
  template <class F>
  void inside(bound::relation const& view, F walk) {
    search into(dialect_, views_, out_);
    into.view_ = view.table;
    into.at_ = at_ ? *at_ : view.at;
    walk(into);
  }

  /// Of the table that the predicate is about a view's columns are asked for where it is read.
  void column(bound::column const& c, base::range at) {
    auto const& r = *c.relation;
    if (r.kind != bound::relation_kind::base) return;
    auto const source = r.columns[c.index].source;
    if (r.table->columns[source].generated == catalog::generated::virtual_column) return found_in("the generated column `" + r.table->columns[source].name + "`", at);
    if (view_ == nullptr && !read_here_.contains(&r)) return;
    auto const tree = views_.find(r.table);
    auto* s = tree == views_.end() ? nullptr : taken_apart(*tree->second->query);
    if (s == nullptr) return;
    inside(r, [&](search& into) { bound::walk(s->items[source].value, into); });
  }

  dialect dialect_;
  views::trees const& views_;
  std::optional<partial>& out_;
  std::set<bound::relation const*> read_here_;
  catalog::table const* view_{};
  std::optional<base::range> at_;
};

}  // namespace

std::optional<partial> first_partial(bound::expr_ptr predicate, dialect d, views::trees const& views, bool written) {
  std::optional<partial> out;
  search s(d, views, out);
  if (!written) {
    bound::walk(predicate, s);
    return out;
  }
  struct queries final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (e->as<bound::subquery>() == nullptr) return true;
      all.push_back(e);
      return false;
    }
    std::vector<bound::expr_ptr> all;
  } in;
  bound::walk(predicate, in);
  for (auto*& q : in.all) bound::walk(q, s);
  return out;
}

}  // namespace grille::policy
