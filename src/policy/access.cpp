#include "policy/access.hpp"

#include <algorithm>
#include <set>

#include "bound/walk.hpp"
#include "eval/evaluate.hpp"
#include "policy/text.hpp"

namespace grille::policy {

using base::fail;
using base::result;

namespace {

bool fits(value const& v, attribute_type t) {
  auto const& d = v.data();
  switch (t) {
    case attribute_type::integer: return std::holds_alternative<std::int64_t>(d);
    case attribute_type::text: return std::holds_alternative<std::string>(d);
    case attribute_type::boolean: return std::holds_alternative<bool>(d);
    case attribute_type::numeric: return std::holds_alternative<numeric>(d) || std::holds_alternative<std::int64_t>(d);
    case attribute_type::real: return std::holds_alternative<double>(d) || std::holds_alternative<std::int64_t>(d);
    case attribute_type::timestamp: return std::holds_alternative<timestamp>(d) || std::holds_alternative<std::string>(d);
    case attribute_type::date: return std::holds_alternative<date>(d) || std::holds_alternative<std::string>(d);
  }
  return false;
}

value const* find(attributes const& all, std::string_view name) {
  for (auto const& [key, v] : all)
    if (key == name) return &v;
  return nullptr;
}

result<attributes> declared(attributes const& given, std::vector<attribute> const& known, std::string_view whose, bool required) {
  attributes out;
  for (auto const& [name, v] : given) {
    auto const key = lower(name);
    auto const a = std::find_if(known.begin(), known.end(), [&](attribute const& k) { return k.name == key; });
    if (a == known.end()) continue;  // the application may say more of its callers than one policy asks
    if (v.null() ? !a->optional && required : !fits(v, a->type))
      return fail(errc::usage, "attribute `" + key + "` of the " + std::string(whose) + " is not of type " + std::string(to_string(a->type)));
    if (find(out, key) != nullptr) return fail(errc::usage, "attribute `" + key + "` of the " + std::string(whose) + " is given twice");
    out.emplace_back(key, v);
  }
  if (required)
    for (auto const& a : known)
      if (!a.optional && find(out, a.name) == nullptr)
        return fail(errc::usage, "the " + std::string(whose) + " lacks the attribute `" + a.name + "`", {}, "the policy declares it without `optional`");
  return out;
}

bool covers(grille::method denied, grille::method m) {
  return denied == m || (denied == method::select && (m == method::filter || m == method::aggregate));
}

bool is_false(value const& v) {
  if (auto const* b = std::get_if<bool>(&v.data())) return !*b;
  if (auto const* i = std::get_if<std::int64_t>(&v.data())) return *i == 0;
  return false;
}

std::vector<matched_grant>* list_of(table_access& t, grille::method m) {
  switch (m) {
    case method::select: return &t.select;
    case method::filter: return &t.filter;
    case method::aggregate: return &t.aggregate;
    case method::insert: return &t.insert;
    case method::update: return &t.update;
    case method::remove: return &t.remove;
    case method::purge: return &t.purge;
  }
  return nullptr;
}

/// The roles a caller holds, through `from` and `includes` too, each with the distinct tuples of scope it is held for.
class holdings {
 public:
  explicit holdings(compiled const& p) : policy_(p), held_(p.roles.size()), tuples_(p.roles.size()) {}

  base::result<void> state(caller::held const& h) {
    auto const name = lower(h.role);
    for (unsigned i = 0; i < policy_.roles.size(); ++i) {
      auto const& r = policy_.roles[i];
      if (r.name != name) continue;
      if (r.builtin) return fail(errc::usage, "role `" + name + "` is held by itself and cannot be stated");
      if (!r.stated) return fail(errc::usage, "role `" + name + "` comes from a group or user and cannot be claimed");
      attributes scope;
      for (auto const& a : r.scope) {
        auto const* v = static_cast<value const*>(nullptr);
        for (auto const& [key, given] : h.scope)
          if (lower(key) == a.name) v = &given;
        if (v == nullptr || v->null() || !fits(*v, a.type))
          return fail(errc::usage, "role `" + name + "` is held per `" + a.name + "`, which needs a value of type " + std::string(to_string(a.type)));
        scope.emplace_back(a.name, *v);
      }
      if (h.scope.size() != scope.size()) return fail(errc::usage, "role `" + name + "` is stated with a scope it does not have");
      hold(i, scope);
      return {};
    }
    return fail(errc::usage, "no role `" + name + "`");
  }

  void hold(unsigned role, attributes const& scope) {
    auto const& r = policy_.roles[role];
    bool fresh = !held_[role];
    held_[role] = true;
    if (!r.scope.empty() && std::find(tuples_[role].begin(), tuples_[role].end(), scope) == tuples_[role].end()) {
      tuples_[role].push_back(scope);
      fresh = true;
    }
    if (!fresh) return;
    for (auto const i : r.includes) hold(i, policy_.roles[i].scope.empty() ? attributes{} : scope);
  }

  bool holds(unsigned role) const { return held_[role]; }
  std::vector<attributes> const& tuples(unsigned role) const { return tuples_[role]; }

 private:
  compiled const& policy_;
  std::vector<bool> held_;
  std::vector<std::vector<attributes>> tuples_;
};

}  // namespace

dialect access::which() const { return policy_->catalog->which(); }
catalog::type const* access::type_of_value(std::string_view qualified_name) const { return policy_->catalog->find_type(qualified_name); }

catalog::type const* access::find_type(std::string_view schema, std::string_view name) const {
  auto const* t = policy_->catalog->find_type(schema, name);
  if (t == nullptr || (t->kind != catalog::type_kind::enumeration && t->kind != catalog::type_kind::domain) || t->runs_code) return nullptr;
  auto const wanted = catalog::qualified(t->schema, t->name);
  auto const is_of = [&](std::string const& type) {
    auto const* array = type == wanted ? nullptr : policy_->catalog->find_type(type);
    return type == wanted || (array != nullptr && array->kind == catalog::type_kind::base && array->element == wanted);
  };
  for (auto const& table : tables_)
    for (auto const& c : table.visible.columns)
      if (table.visible.table != nullptr && c.index < table.visible.table->columns.size() && is_of(table.visible.table->columns[c.index].type)) return t;
  return nullptr;
}

result<bind::visible_table const*> access::find(std::string_view schema, std::string_view name) const {
  auto const* t = policy_->catalog->find(schema, name);
  auto const* mine = t == nullptr ? nullptr : of(t);
  if (mine == nullptr) return nullptr;
  if (mine->select.empty() && mine->filter.empty() && mine->aggregate.empty())
    return fail(errc::forbidden, "`" + std::string(name) + "` may not be read");
  if (mine->select.empty() && mine->aggregate.empty()) return fail(errc::forbidden, "`" + std::string(name) + "` may not be read");
  return &mine->visible;
}

std::vector<matched_grant> const& table_access::of(grille::method m) const {
  switch (m) {
    case method::select:
      return select;
    case method::filter:
      return filter;
    case method::aggregate:
      return aggregate;
    case method::insert:
      return insert;
    case method::update:
      return update;
    case method::remove:
      return remove;
    case method::purge:
      return purge;
  }
  return purge;
}

/// Whoever may see rows of the table writes to those alone, and may compute with them; who sees none writes unseen.
result<std::optional<bind::written_table>> access::find_written(std::string_view schema, std::string_view name, grille::method m) const {
  auto const* t = policy_->catalog->find(schema, name);
  auto const* mine = t == nullptr ? nullptr : of(t);
  if (mine == nullptr) return std::nullopt;
  auto const& grants = mine->of(m);
  if (grants.empty()) return fail(errc::forbidden, "`" + std::string(to_string(m)) + "` on `" + std::string(name) + "` is not allowed");
  bind::written_table out{mine->select.empty() ? &mine->unread : &mine->visible, std::vector<bool>(t->columns.size())};
  if (auto const indexes = policy_->indexes.find(t); indexes != policy_->indexes.end()) out.indexes = indexes->second;
  for (auto const& g : grants)
    for (std::size_t i = 0; i < out.known.size(); ++i)
      out.known[i] = out.known[i] || (g.grant->cells[i].which != cell::kind::none && !mine->denied[i]);
  return out;
}

table_access const* access::of(catalog::table const* t) const {
  for (auto const& a : tables_)
    if (a.policy->table == t) return &a;
  return nullptr;
}

value access::resolve(bound::slot const& s) const {
  if (is_groups(s)) return s.tuple < groups_.size() ? value(groups_[s.tuple]) : value{};
  if (s.kind == bound::slot_kind::scope) {
    for (auto const& [role, held] : tuples_)
      if (role == s.role && s.tuple < held.size())
        if (auto const* v = grille::policy::find(held[s.tuple], s.name)) return *v;
    return {};
  }
  if (s.kind == bound::slot_kind::record && s.name == "for") return on_behalf_of_.empty() ? value{} : value(on_behalf_of_);
  if (s.kind == bound::slot_kind::record && s.name == "policy") {
    if (s.tuple >= policy_->files.size()) return {};
    auto const& f = policy_->files[s.tuple];
    return value(f.policy + ' ' + std::to_string(f.version) + ' ' + policy_->fingerprint);
  }
  auto const* v = s.kind == bound::slot_kind::record ? grille::policy::find(principal_, "id")
                                                     : grille::policy::find(s.kind == bound::slot_kind::principal ? principal_ : context_, s.name);
  return v == nullptr ? value{} : *v;
}

void spell_groups(bound::expr_ptr& e, unsigned groups, std::function<bound::expr_ptr(unsigned)> const& item, base::arena& memory) {
  struct spelling final : bound::visitor {
    spelling(unsigned n, std::function<bound::expr_ptr(unsigned)> const& i, base::arena& m) : groups(n), item(i), memory(m) {}
    using bound::visitor::leave;
    void leave(bound::expr_ptr& x) override {
      auto* o = x->as<bound::operation>();
      if (o == nullptr || (o->op != bound::op::in && o->op != bound::op::not_in) || o->operands.size() != 2) return;
      auto const* list = o->operands[1]->as<bound::slot>();
      if (list == nullptr || !is_groups(*list)) return;
      std::vector<bound::expr_ptr> operands{o->operands[0]};
      for (unsigned i = 0; i < groups; ++i) operands.push_back(item(i));
      if (groups == 0) {
        // `x in ()`, which not every engine can read: `(x is null) is null` is false whatever x is
        auto* known = memory.make<bound::expr>(bound::expr{bound::operation{bound::op::is_null, memory.copy(operands)}, x->at});
        o->op = o->op == bound::op::in ? bound::op::is_null : bound::op::is_not_null;
        operands = {known};
      }
      o->operands = memory.copy(operands);
    }
    unsigned groups;
    std::function<bound::expr_ptr(unsigned)> const& item;
    base::arena& memory;
  } spell(groups, item, memory);
  if (e != nullptr) bound::walk(e, spell);
}

void spell_groups(bound::expr_ptr& e, unsigned groups, base::arena& memory) {
  auto const slot = [&](unsigned i) {
    return memory.make<bound::expr>(bound::expr{bound::slot{bound::slot_kind::principal, "groups", {}, i}, {}});
  };
  spell_groups(e, groups, slot, memory);
}

result<std::shared_ptr<access const>> decide(std::shared_ptr<compiled const> policy, caller const& who, timestamp now) {
  auto out = std::make_shared<access>();
  out->policy_ = policy;
  auto const today = std::chrono::floor<std::chrono::days>(now);
  bool const known = !who.id.empty();
  auto principal = declared(who.principal, policy->principal, "principal", known);
  if (!principal) return tl::unexpected(principal.error());
  auto context = declared(who.context, policy->context, "context", true);
  if (!context) return tl::unexpected(context.error());
  out->principal_ = std::move(*principal);
  if (known) {
    out->principal_.emplace_back("id", value(who.id));
    out->on_behalf_of_ = who.on_behalf_of;
    for (auto const& g : who.groups)
      if (std::find(out->groups_.begin(), out->groups_.end(), g) == out->groups_.end()) out->groups_.push_back(g);
  }
  out->context_ = std::move(*context);

  holdings held(*policy);
  held.hold(public_role, {});
  if (known) {
    held.hold(authenticated_role, {});
    for (unsigned r = 0; r < policy->roles.size(); ++r) {
      auto const& role = policy->roles[r];
      bool const by_group = std::any_of(role.groups.begin(), role.groups.end(),
                                        [&](std::string const& g) { return std::find(who.groups.begin(), who.groups.end(), g) != who.groups.end(); });
      if (by_group || std::find(role.users.begin(), role.users.end(), who.id) != role.users.end()) held.hold(r, {});
    }
    for (auto const& h : who.roles)
      if (auto const stated = held.state(h); !stated) return tl::unexpected(stated.error());
  }
  for (unsigned r = 0; r < policy->roles.size(); ++r)
    if (held.holds(r) && !policy->roles[r].scope.empty()) out->tuples_.emplace_back(policy->roles[r].name, held.tuples(r));

  // `when` is decided here, for one tuple of the role's scope
  eval::environment env;
  env.which = policy->catalog->which();
  unsigned tuple = 0;
  env.slot = [&](bound::slot const& s) -> result<value> {
    auto at = s;
    if (s.kind == bound::slot_kind::scope) at.tuple = tuple;
    return out->resolve(at);
  };
  base::arena memory;
  auto const spelled = [&](bound::expr const* condition) {
    auto* own = bound::copier{memory}(condition);
    spell_groups(own, out->groups(), memory);
    return own;
  };
  auto const when = [&](bound::expr const* condition, unsigned t) -> result<bool> {
    tuple = t;
    return condition == nullptr ? result<bool>(true) : eval::holds(*spelled(condition), env);
  };

  out->key_ = policy->fingerprint;
  for (auto const& [table, p] : policy->tables) {
    auto const& file = policy->files[p.file];
    if (file.expires && today > *file.expires) continue;  // after its last valid day a policy grants nothing
    table_access t;
    t.policy = &p;
    t.groups = out->groups();
    t.denied.resize(table->columns.size());
    t.denied_insert.resize(table->columns.size());
    t.denied_update.resize(table->columns.size());
    t.unread.table = table;
    std::set<grille::method> whole;
    bool gone = false;
    std::vector<std::pair<grille::method, std::vector<bool> const*>> parts;
    for (auto const& d : p.denials) {
      if (!held.holds(d.role)) continue;
      if (d.when != nullptr) {  // as a mask, a denial holds unless its condition is false: what is unknown denies
        auto const counts = eval::evaluate(*spelled(d.when), env);
        if (!counts) return tl::unexpected(counts.error());
        if (is_false(*counts)) continue;
      }
      for (auto const m : d.methods) {
        if (d.columns.empty()) {
          whole.insert(m);
          gone = gone || m == method::select;
        } else {
          parts.emplace_back(m, &d.columns);
          auto* const denied = m == method::select   ? &t.denied
                               : m == method::insert ? &t.denied_insert
                               : m == method::update ? &t.denied_update
                                                     : nullptr;
          for (std::size_t i = 0; denied != nullptr && i < d.columns.size(); ++i) (*denied)[i] = (*denied)[i] || d.columns[i];
        }
      }
    }
    if (gone) continue;
    std::string key;
    for (std::size_t index = 0; index < p.grants.size(); ++index) {
      auto const& g = p.grants[index];
      if (!held.holds(g.role) || (g.until && today > *g.until)) continue;
      if (std::any_of(whole.begin(), whole.end(), [&](grille::method m) { return covers(m, g.method); })) continue;
      bool const scoped = g.uses_scope;
      auto const count = scoped ? static_cast<unsigned>(held.tuples(g.role).size()) : 1U;
      // runs of tuples for which `when` holds
      for (unsigned i = 0; i < count; ++i) {
        auto const open = when(g.when, i);
        if (!open) return tl::unexpected(open.error());
        if (!*open) continue;
        auto& list = *list_of(t, g.method);
        if (!list.empty() && list.back().grant == &g && list.back().first + list.back().tuples == i)
          ++list.back().tuples;
        else
          list.push_back({&g, i, 1, scoped});
      }
    }
    if (!t.any()) continue;
    for (auto const m : {method::select, method::filter, method::aggregate, method::insert, method::update, method::remove, method::purge})
      for (auto const& g : *list_of(t, m))
        key += '/' + std::to_string(g.grant - p.grants.data()) + ':' + std::to_string(g.first) + '+' + std::to_string(g.tuples);
    for (std::size_t i = 0; i < t.denied.size(); ++i)
      if (t.denied[i]) key += '-' + std::to_string(i);
    for (auto const& [m, columns] : parts) {
      if (m == method::select) continue;
      key += '!' + std::string(to_string(m));
      for (std::size_t i = 0; i < columns->size(); ++i)
        if ((*columns)[i]) key += ',' + std::to_string(i);
    }
    auto const by_groups = [](auto const& sentence) { return sentence.uses_groups; };
    bool grouped = std::any_of(p.restrictions.begin(), p.restrictions.end(), by_groups) || std::any_of(p.masks.begin(), p.masks.end(), by_groups);
    for (auto const m : {method::select, method::filter, method::aggregate, method::insert, method::update, method::remove, method::purge})
      for (auto const& g : *list_of(t, m)) grouped = grouped || g.grant->uses_groups;
    if (grouped) key += '#' + std::to_string(t.groups);
    auto const projects = [&](std::vector<matched_grant> const& list, std::size_t i) {
      return std::any_of(list.begin(), list.end(), [&](matched_grant const& g) { return g.grant->cells[i].which != cell::kind::none; });
    };
    auto const barred = [&](grille::method m, std::size_t i) {
      return std::any_of(parts.begin(), parts.end(), [&](auto const& part) { return part.first == m && (*part.second)[i]; });
    };
    t.visible.table = table;
    for (unsigned i = 0; i < table->columns.size(); ++i) {
      if (t.denied[i]) continue;
      if (projects(t.select, i))
        t.visible.columns.push_back({i, true});
      else if (auto const found = projects(t.filter, i), counted = projects(t.aggregate, i);
               // barred from one of the uses that its grants open, it is not there for the other either: closed, and simple
               (found || counted) && !(found && barred(method::filter, i)) && !(counted && barred(method::aggregate, i)))
        t.visible.columns.push_back({i, false});
    }
    out->key_ += '|' + std::to_string(table - policy->catalog->tables().data()) + key;  // by number: names could hold anything
    out->tables_.push_back(std::move(t));
  }
  return std::shared_ptr<access const>(std::move(out));
}

}  // namespace grille::policy
