// The predicates of a policy: SQL expressions over one table, which may also name the caller (`principal.x`), the call
// (`context.x`), the scope of the role (`scope.x`), the row before (`old.x`) and the owner's specifications.
#include <algorithm>

#include "base/suggest.hpp"
#include "bound/walk.hpp"
#include "policy/clock.hpp"
#include "policy/compiler.hpp"
#include "policy/partial.hpp"
#include "policy/text.hpp"

namespace grille::policy {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

constexpr int most_nested_specifications = 16;
constexpr int most_domains = 100;  // one upon the other
constexpr std::string_view own_words[] = {"principal", "context", "scope", "old"};

/// Calls `found` for every expression of a tree, subqueries included.
template <class F>
class each_expression final : public bound::visitor {
 public:
  explicit each_expression(F f) : found_(std::move(f)) {}
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    found_(e);
    return true;
  }

 private:
  F found_;
};
template <class F>
void for_each(expr_ptr e, F f) {
  each_expression<F> v(std::move(f));
  bound::walk(e, v);
}

}  // namespace

/// The owner's tables, and the columns of others that are shared with this policy.
class compiler::owner_view final : public bind::visible_catalog {
 public:
  owner_view(compiler const& c, unsigned file) : compiler_(c), file_(file) {}
  dialect which() const override { return compiler_.catalog_->which(); }
  result<bind::visible_table const*> find(std::string_view schema, std::string_view name) const override {
    auto const found = compiler_.full_.find(schema, name);
    if (!found || *found == nullptr) return found;
    auto const* t = (*found)->table;
    auto const owned = compiler_.out_->tables.find(t);
    if (owned != compiler_.out_->tables.end() && owned->second.file == file_) return found;
    auto const shared = compiler_.files_[file_].shared_with.find(t);
    if (shared == compiler_.files_[file_].shared_with.end())
      return fail(errc::usage, "table `" + t->name + "` is not of this policy", {},
                  "protect it here, or let its owner `share` columns of it with this policy");
    auto& made = shared_[t];
    if (made == nullptr) {
      made = std::make_unique<bind::visible_table>();
      made->table = t;
      for (unsigned i = 0; i < shared->second.size(); ++i)
        if (shared->second[i]) made->columns.push_back({i, true});
    }
    return made.get();
  }
  /// No domain that asks something: the server asks it anew of each row, of a constant too.
  catalog::type const* find_type(std::string_view schema, std::string_view name) const override {
    auto const* t = compiler_.catalog_->find_type(schema, name);
    auto const* below = t;
    for (int depth = 0; below != nullptr && below->kind == catalog::type_kind::domain && depth < most_domains; ++depth) {
      if (below->checked || below->not_null) return nullptr;
      below = compiler_.catalog_->find_type(below->base);
    }
    return t;
  }
  catalog::type const* type_of_value(std::string_view qualified_name) const override { return compiler_.catalog_->find_type(qualified_name); }

 private:
  compiler const& compiler_;
  unsigned file_;
  mutable std::map<catalog::table const*, std::unique_ptr<bind::visible_table>> shared_;
};

bound::relation* compiler::subject_of(catalog::table const* t) {
  auto const all = full_.find(t->schema, t->name);
  return bind::make_relation(**all, t->name, {}, out_->memory);
}

specification const* compiler::find_specification(catalog::table const* t, std::string_view name) const {
  auto const found = out_->tables.find(t);
  if (found == out_->tables.end()) return nullptr;
  for (auto const& s : found->second.specifications)
    if (catalog::same_name(s.name, name)) return &s;
  return nullptr;
}

result<expr_ptr> compiler::name(ast::column_ref const& c, bound::relation* qualifier, base::range at, vocabulary const& v) {
  auto& memory = out_->memory;
  auto const text = lower(c.path.back().text);
  if (c.path.size() == 2 && std::find(std::begin(own_words), std::end(own_words), lower(c.path[0].text)) != std::end(own_words)) {
    auto const word = lower(c.path[0].text);
    bool const groups = word == "principal" && text == "groups";
    bool const list = at.begin < c.path[0].at.begin;  // behind `in`, where the place is that of the whole
    if (groups && !list)
      return fail(errc::usage, "`principal.groups` is a list and no value", at, "say X in principal.groups, or X not in principal.groups");
    if (list && !groups)
      return fail(errc::usage, "`" + word + "." + text + "` is no list", at, "of a value say X = " + word + "." + text + "; the list there is is principal.groups");
    if (word == "old") {
      if (v.old == nullptr) return fail(errc::usage, "`old` is the row before: it stands only in `so that`", at);
      auto const i = v.old->table->find(text);
      if (!i) return fail(errc::usage, "no column `" + text + "` in table `" + v.old->table->name + "`", at);
      return memory.make<bound::expr>(bound::expr{bound::column{v.old, *i}, at});
    }
    if (word == "scope") {
      if (v.role == -1) return fail(errc::usage, "`scope` is of a role: it stands only in `allow`", at);
      auto const has = [&](struct role const& r) {
        return std::any_of(r.scope.begin(), r.scope.end(), [&](attribute const& a) { return a.name == text; });
      };
      if (v.role == -2) {
        if (std::none_of(out_->roles.begin(), out_->roles.end(), has)) return fail(errc::usage, "no role is held per `" + text + "`", at);
        return memory.make<bound::expr>(bound::expr{bound::slot{bound::slot_kind::scope, memory.copy(text), {}, 0}, at});
      }
      auto const& r = out_->roles[static_cast<unsigned>(v.role)];
      if (!has(r))
        return fail(errc::usage, "role `" + r.name + "` is not held per `" + text + "`", at,
                    "declare it: role " + r.name + " per " + text + " …; or grant to a role that is");
      return memory.make<bound::expr>(bound::expr{bound::slot{bound::slot_kind::scope, memory.copy(text), memory.copy(r.name), 0}, at});
    }
    auto const which = word == "principal" ? 0 : 1;
    auto known = groups || (which == 0 && text == "id");
    auto const mine = [&](unsigned f) { return files_[f].attributes[which].contains(text); };
    known = known || mine(v.file) || std::any_of(files_[v.file].uses.begin(), files_[v.file].uses.end(), mine);
    if (!known)
      return fail(errc::usage, "`" + word + "` has no `" + text + "`", at,
                  which == 0 ? "declare it: principal has " + text + " TYPE;" : "declare it: context has " + text + " TYPE;");
    return memory.make<bound::expr>(
        bound::expr{bound::slot{which == 0 ? bound::slot_kind::principal : bound::slot_kind::context, memory.copy(text), {}, 0}, at});
  }
  if (c.path.size() == 1 && v.parameters != nullptr)
    if (auto const p = v.parameters->find(text); p != v.parameters->end()) return p->second;
  auto* on = c.path.size() == 1 ? v.subject : qualifier;
  if (on == nullptr || on->table == nullptr || c.path.size() > 2) return nullptr;
  auto const* s = find_specification(on->table, text);
  return s == nullptr ? result<expr_ptr>{nullptr} : expand(*s, on, {}, at, v);
}

result<expr_ptr> compiler::call(std::string_view callee, std::span<expr_ptr const> arguments, base::range at, vocabulary const& v) {
  auto const text = lower(callee);
  if (text == "days_ago") return days_ago(arguments, at, catalog_->which(), out_->memory);
  if (v.subject == nullptr) return nullptr;
  auto const* s = find_specification(v.subject->table, text);
  return s == nullptr ? result<expr_ptr>{nullptr} : expand(*s, v.subject, arguments, at, v);
}

/// Binds the specification on a relation of its own, which bears the table's name as the text has it, then moves the columns over
/// to `subject`, whatever that is called where it is used.
result<expr_ptr> compiler::expand(specification const& s, bound::relation* subject, std::span<expr_ptr const> arguments, base::range at,
                                  vocabulary const& v) {
  if (v.depth >= most_nested_specifications) return fail(errc::usage, "specification `" + s.name + "` contains itself", at);
  if (arguments.size() != s.parameters.size())
    return fail(errc::usage, "specification `" + s.name + "` takes " + std::to_string(s.parameters.size()) + " arguments", at);
  for (auto& known : out_->tables.at(s.table).specifications)
    if (&known == &s) known.used = true;
  std::map<std::string, expr_ptr> parameters;
  for (std::size_t i = 0; i < arguments.size(); ++i) parameters[s.parameters[i].name] = arguments[i];
  auto* own = subject_of(s.table);
  vocabulary inner = v;
  inner.subject = own;
  inner.old = nullptr;
  inner.parameters = &parameters;
  inner.depth = v.depth + 1;
  auto bound = bind(*s.predicate, inner);
  if (!bound) {
    auto f = bound.error();
    f.message = "in specification `" + s.name + "`: " + f.message;
    f.at = at;
    return tl::unexpected<base::fault>(std::move(f));
  }
  bound::copier copy{out_->memory};
  copy.columns = [&](bound::column const& c) -> expr_ptr {
    if (c.relation != own) return nullptr;
    for (unsigned i = 0; i < subject->columns.size(); ++i)
      if (subject->columns[i].source == own->columns[c.index].source)
        return out_->memory.make<bound::expr>(bound::expr{bound::column{subject, i}, at});
    return nullptr;
  };
  return copy(*bound);
}

result<expr_ptr> compiler::bind(ast::expr const& e, vocabulary const& v) {
  owner_view const view(*this, v.file);
  bind::options o{view, out_->memory};
  o.names = [this, v](ast::column_ref const& c, bound::relation* q, base::range at) { return name(c, q, at, v); };
  o.calls = [this, v](std::string_view n, std::span<expr_ptr const> a, base::range at) { return call(n, a, at, v); };
  o.parameters = false;
  o.text = sources_[v.file].text;
  auto bound = bind::bind_expression(e, v.columns ? v.subject : nullptr, o);
  if (!bound) return bound;
  std::optional<base::fault> refused;
  for_each(*bound, [&](expr_ptr x) {
    if (auto* s = x->as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::not_in && !refused)
      refused = base::fault{errc::usage, "`not in` over a query is never true once the query yields a NULL", x->at, "say `not exists (select …)`"};
  });
  if (refused) return tl::unexpected<base::fault>(*refused);
  if (catalog_->which() == dialect::sqlite)
    compare_by_julian_day(*bound, out_->memory);
  else
    read_statement_clock(*bound);
  return bound;
}

bool compiler::says_row(expr_ptr e) const {
  bool found = false;
  for_each(e, [&](expr_ptr x) { found = found || x->as<bound::column>() != nullptr || x->as<bound::subquery>() != nullptr; });
  return found;
}

bool compiler::says_scope(expr_ptr e) const {
  bool found = false;
  if (e != nullptr)
    for_each(e, [&](expr_ptr x) {
      auto const* s = x->as<bound::slot>();
      found = found || (s != nullptr && s->kind == bound::slot_kind::scope);
    });
  return found;
}

bool compiler::says_groups(expr_ptr e) const {
  bool found = false;
  if (e != nullptr)
    for_each(e, [&](expr_ptr x) {
      auto const* s = x->as<bound::slot>();
      found = found || (s != nullptr && is_groups(*s));
    });
  return found;
}

/// Binds, and turns a mix-up of `where` and `when` into a message that names the other. Null after a fault.
expr_ptr compiler::predicate(ast::expr const& e, vocabulary const& v) {
  auto bound = bind(e, v);
  if (!bound) {
    auto f = bound.error();
    if (!v.columns && f.kind == errc::not_found) {
      f.message = "`when` is about the call, not about a row: " + f.message;
      f.help = "a condition on columns belongs into `where`";
    }
    fault(f);
    return nullptr;
  }
  if (v.columns && v.depth == 0 && v.subject != nullptr && !says_row(*bound)) {
    fault(e.at, "this condition says nothing about a row", "a condition on the caller or the call belongs into `when`");
    return nullptr;
  }
  if (v.columns)
    if (auto const p = first_partial(*bound, catalog_->which(), out_->views, v.written)) {
      fault(p->at, p->what + " can fail on a row that the caller may not see, and so tell of it", "keep what it computes in a column of its own");
      return nullptr;
    }
  if (!v.columns) {
    bool query = false;
    for_each(*bound, [&](expr_ptr x) { query = query || x->as<bound::subquery>() != nullptr; });
    if (query) {
      fault(e.at, "`when` is decided before any SQL is sent and cannot ask the database", "a query belongs into `where`");
      return nullptr;
    }
  }
  return *bound;
}

}  // namespace grille::policy
