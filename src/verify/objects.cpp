// What SQLite's authorizer will be asked while the statement is prepared and run, so that the engine itself is a second opinion.
// Enters: the bound tree, policy expressions included. Leaves: tables with the columns referred to, functions by the names that the engine
// reports, operators that are functions to it among them, whether a common table refers to itself.
#include <algorithm>
#include <string>

#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

std::string lower(std::string_view s) {
  std::string out(s);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
std::string name_of(catalog::table const& t) { return lower(t.schema) + '.' + lower(t.name); }

/// What the engine calls the function behind an operator; null: none.
char const* function_of(bound::op o) {
  switch (o) {
    case bound::op::like:
    case bound::op::not_like: return "like";
    case bound::op::glob:
    case bound::op::not_glob: return "glob";
    case bound::op::arrow: return "->";
    case bound::op::arrow_text: return "->>";
    case bound::op::minus:
    case bound::op::plus:
    case bound::op::bit_not:
    case bound::op::logical_not:
    case bound::op::is_null:
    case bound::op::is_not_null:
    case bound::op::is_true:
    case bound::op::is_not_true:
    case bound::op::is_false:
    case bound::op::is_not_false:
    case bound::op::add:
    case bound::op::subtract:
    case bound::op::multiply:
    case bound::op::divide:
    case bound::op::modulo:
    case bound::op::concat:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::shift_left:
    case bound::op::shift_right:
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
    case bound::op::in:
    case bound::op::not_in:
    case bound::op::ilike:
    case bound::op::not_ilike:
    case bound::op::similar:
    case bound::op::not_similar:
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci:
    case bound::op::any_array:
    case bound::op::all_array:
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::starts_with:
    case bound::op::delete_path:
    case bound::op::power:
    case bound::op::bit_xor:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute: return nullptr;
  }
  return nullptr;
}

class collection final : public bound::visitor {
 public:
  explicit collection(catalog::catalog const& c) : catalog_(c) {}
  allowed_objects take() { return std::move(out_); }

 private:
  bool enter(bound::expr_ptr& e) override {
    struct visit {
      collection& c;
      void operator()(bound::literal const&) const {}
      void operator()(bound::parameter const&) const {}
      void operator()(bound::slot const&) const {}
      void operator()(bound::column const& n) const { c.column(n); }
      void operator()(bound::output const&) const {}
      void operator()(bound::now const& n) const { c.out_.functions.insert(lower(n.word)); }
      void operator()(bound::operation const& n) const {
        if (auto const* name = function_of(n.op)) c.out_.functions.insert(name);
      }
      void operator()(bound::junction const&) const {}
      void operator()(bound::case_expr const&) const {}
      void operator()(bound::cast const&) const {}
      void operator()(bound::collate const&) const {}
      void operator()(bound::row const&) const {}
      void operator()(bound::record const&) const {}
      void operator()(bound::field const&) const {}
      void operator()(bound::subquery const&) const {}
      void operator()(bound::call const& n) const { c.out_.functions.insert(lower(n.function->name)); }
    };
    std::visit(visit{*this}, e->node);
    return true;
  }
  void enter(bound::query& q) override {
    for (auto const* t : q.with) out_.recursive = out_.recursive || t->recursive;
  }
  void enter(bound::select&) override {}
  void enter(bound::join&) override {}
  void enter(bound::relation& r) override {
    switch (r.kind) {
      case bound::relation_kind::base: table(*r.table); break;
      case bound::relation_kind::function: out_.columns.emplace("main." + lower(r.function->name), ""); break;
      case bound::relation_kind::common: out_.columns.emplace("main." + lower(r.cte->name), ""); break;  // asked about where no column is read
      case bound::relation_kind::derived: break;
    }
  }

  void column(bound::column const& n) {
    auto const& named = n.relation->columns[n.index];
    switch (n.relation->kind) {
      case bound::relation_kind::base: {
        auto const& t = *n.relation->table;
        out_.columns.emplace(name_of(t), lower(catalog::name_of(t, named.source)));
        if (named.source < t.columns.size()) break;
        out_.columns.emplace(name_of(t), "rowid");  // whatever it was called; where it has a name of its own, by that
        if (t.primary_key.size() == 1) out_.columns.emplace(name_of(t), lower(t.columns[t.primary_key.front()].name));
        break;
      }
      case bound::relation_kind::function: out_.columns.emplace("main." + lower(n.relation->function->name), lower(named.name)); break;
      case bound::relation_kind::derived:
      case bound::relation_kind::common: break;
    }
  }

  /// A view is read with everything that it reads, and calls what it calls.
  void table(catalog::table const& t) {
    out_.columns.emplace(name_of(t), "");
    if (t.kind != catalog::relation_kind::view || !out_.views.insert(lower(t.name)).second) return;
    for (auto const& read : t.reads) {
      auto const dot = read.find('.');
      auto const* inner = dot == std::string::npos ? nullptr : catalog_.find(read.substr(0, dot), read.substr(dot + 1));
      if (inner == nullptr) continue;
      for (auto const& c : inner->columns) out_.columns.emplace(name_of(*inner), lower(c.name));
      table(*inner);
    }
  }

  catalog::catalog const& catalog_;
  allowed_objects out_;
};

void all_columns(catalog::table const& t, allowed_objects& out) {
  out.columns.emplace(name_of(t), "");
  out.columns.emplace(name_of(t), "rowid");
  for (auto const& c : t.columns) out.columns.emplace(name_of(t), lower(c.name));
}

/// What foreign keys make the engine do on its own: look up parents and children, and change children where the schema says so.
class references {
 public:
  references(catalog::catalog const& c, allowed_objects& out) : catalog_(c), out_(out) {}
  void inserted(catalog::table const& t) {
    for (auto const& k : t.foreign_keys)
      if (auto const* parent = catalog_.find(t.schema, k.target)) all_columns(*parent, out_);
  }
  /// A new parent may be what children of a deferred key have waited for: the engine looks for them.
  void arrived(catalog::table const& t) {
    for (auto const& child : catalog_.tables())
      for (auto const& k : child.foreign_keys)
        if (catalog::same_name(k.target, t.name)) all_columns(child, out_);
  }
  void removed(catalog::table const& t) { gone(t, true); }
  void updated(catalog::table const& t) { gone(t, false); }

 private:
  void gone(catalog::table const& t, bool removed) {
    if (!(removed ? removed_ : updated_).insert(&t).second) return;
    inserted(t);  // a row that goes may have been one without a parent, which a deferred key counts
    for (auto const& child : catalog_.tables())
      for (auto const& k : child.foreign_keys) {
        if (!catalog::same_name(k.target, t.name)) continue;
        all_columns(child, out_);
        all_columns(t, out_);
        auto const& action = removed ? k.on_delete : k.on_update;
        if (removed && action == "CASCADE") {
          out_.deletes.insert(name_of(child));
          gone(child, true);
        } else if (action == "CASCADE" || action == "SET NULL" || action == "SET DEFAULT") {
          for (auto const c : k.columns) out_.updates.emplace(name_of(child), lower(child.columns[c].name));
          gone(child, false);
        }
      }
  }
  catalog::catalog const& catalog_;
  allowed_objects& out_;
  std::set<catalog::table const*> removed_, updated_;
};

}  // namespace

void add_write(allowed_objects& out, catalog::table const& t, grille::method m, std::vector<unsigned> const& columns,
               catalog::catalog const& c) {
  references r(c, out);
  all_columns(t, out);
  out.triggers = true;
  switch (m) {
    case method::insert:
      out.inserts.insert(name_of(t));
      r.inserted(t);
      r.arrived(t);
      break;
    case method::update:
      for (auto const i : columns) out.updates.emplace(name_of(t), lower(t.columns[i].name));
      r.updated(t);
      break;
    case method::remove:
    case method::purge:
      out.deletes.insert(name_of(t));
      r.removed(t);
      break;
    case method::select:
    case method::filter:
    case method::aggregate:
      break;
  }
}
void add_collection(allowed_objects& out, catalog::table const& into) { out.inserts.insert(name_of(into)); }

allowed_objects objects_of(bound::statement& s, catalog::catalog const& c) {
  collection all(c);
  bound::walk(*s.query, all);
  return all.take();
}

}  // namespace grille::verify
