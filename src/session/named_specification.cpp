#include "session/named_specification.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "bound/walk.hpp"
#include "catalog/catalog.hpp"
#include "policy/clock.hpp"
#include "policy/text.hpp"

namespace grille::pipeline {

namespace {

using base::fail;
using base::result;
using bound::expr_ptr;

constexpr std::string_view prefix = "specification ";
constexpr int most_nested = 16;

class specifications {
 public:
  specifications(policy::access const& who, bind::visible_catalog const& visible, base::arena& memory)
      : who_(who), visible_(visible), memory_(memory), attributes_(attributes_of(who)) {}

  /// `relation`: what it is said of, known by its first argument.
  result<expr_ptr> called(std::string_view name, std::span<expr_ptr const> arguments, base::range at) const {
    auto const* const of = arguments.size() <= attributes_.size() ? nullptr : arguments[0]->as<bound::column>();
    if (of == nullptr || of->relation->table == nullptr) return fail(errc::unsupported, "a specification stands on a table", at);
    auto const* const s = find(of->relation->table, name);
    if (s == nullptr) return unknown(name, at);
    auto const own = arguments.size() - 1 - attributes_.size();
    return expand(*s, of->relation, arguments.subspan(1, own), {arguments.subspan(1 + own), at, 0});
  }

 private:
  using parameters = std::map<std::string, expr_ptr>;
  /// Where a specification stands.
  struct place {
    std::span<expr_ptr const> attributes;  // by position in `attributes_`
    base::range at;
    int depth;  // of specifications in specifications
    place within() const { return {attributes, at, depth + 1}; }
  };

  static tl::unexpected<base::fault> unknown(std::string_view name, base::range at) {
    return fail(errc::not_found, "no such specification: `" + std::string(name) + "`", at);
  }

  policy::specification const* find(catalog::table const* t, std::string_view name) const {
    auto const p = who_.policy().tables.find(t);
    if (p == who_.policy().tables.end()) return nullptr;
    auto const found = std::ranges::find_if(p->second.specifications, [&](auto const& s) { return catalog::same_name(s.name, name); });
    return found == p->second.specifications.end() ? nullptr : &*found;
  }

  /// Bound on a relation of its own, which bears the table's name as the policy has it, and then moved over to `subject`.
  result<expr_ptr> expand(policy::specification const& s, bound::relation* subject, std::span<expr_ptr const> arguments,
                          place const& here) const {
    auto const at = here.at;
    if (s.uses_scope)
      return fail(errc::unsupported, "specification `" + s.name + "` uses `scope`, which is of a grant and not of a caller", at);
    if (arguments.size() != s.parameters.size())
      return fail(errc::usage, "specification `" + s.name + "` takes " + std::to_string(s.parameters.size()) + " arguments", at);
    if (here.depth == most_nested) return fail(errc::limit, "specification `" + s.name + "` nests too deep", at);
    auto const table = visible_.find(s.table->schema, s.table->name);
    if (!table || *table == nullptr) return unknown(s.name, at);
    auto* const own = bind::make_relation(**table, s.table->name, at, memory_);
    parameters given;
    for (std::size_t i = 0; i < arguments.size(); ++i) given[policy::lower(s.parameters[i].name)] = arguments[i];

    bind::options o{.visible = visible_, .memory = memory_, .parameters = false};
    o.names = [&](ast::column_ref const& c, bound::relation* qualifier, base::range) { return named(c, qualifier, own, given, here); };
    o.calls = [&](std::string_view callee, std::span<expr_ptr const> a, base::range) { return call(callee, a, own, here); };
    auto predicate = bind::bind_expression(*s.predicate, own, o);
    if (!predicate) {
      // it says more than this caller may see: then it is not there
      if (predicate.error().kind == errc::not_found || predicate.error().kind == errc::forbidden) return unknown(s.name, at);
      return fail(predicate.error().kind, "specification `" + s.name + "` cannot be used here", at);
    }
    auto const group = [&](unsigned i) { return here.attributes[attributes_.size() - who_.groups() + i]; };
    policy::spell_groups(*predicate, who_.groups(), group, memory_);
    if (visible_.which() == dialect::sqlite) policy::compare_by_julian_day(*predicate, memory_);

    bound::copier copy{memory_};
    copy.columns = [&](bound::column const& c) -> expr_ptr {
      if (c.relation != own) return nullptr;
      for (unsigned i = 0; i < subject->columns.size(); ++i) {
        if (subject->columns[i].source != own->columns[c.index].source) continue;
        subject->columns[i].used = true;
        return memory_.make<bound::expr>(bound::expr{bound::column{subject, i}, at});
      }
      return nullptr;
    };
    return copy(*predicate);
  }

  result<expr_ptr> named(ast::column_ref const& c, bound::relation* qualifier, bound::relation* own, parameters const& given,
                         place const& here) const {
    auto const name = policy::lower(c.path.back().text);
    if (c.path.size() == 2) {
      auto const word = policy::lower(c.path[0].text);
      if (word == "principal" && name == "groups")  // of an `in`, to be spelled out when all is bound
        return memory_.make<bound::expr>(bound::expr{bound::slot{.kind = bound::slot_kind::principal, .name = "groups", .role = {}}, here.at});
      if (word == "principal") return attribute(bound::slot_kind::principal, name, here);
      if (word == "context") return attribute(bound::slot_kind::context, name, here);
      if (word == "scope" || word == "old") return fail(errc::unsupported, "`" + word + "` is of a grant and not of a caller", here.at);
    }
    if (c.path.size() == 1)
      if (auto const p = given.find(name); p != given.end()) return p->second;
    auto* const on = c.path.size() == 1 ? own : qualifier;
    if (on == nullptr || on->table == nullptr) return nullptr;
    auto const* const s = find(on->table, name);
    return s == nullptr ? result<expr_ptr>(nullptr) : expand(*s, on, {}, here.within());
  }

  result<expr_ptr> call(std::string_view callee, std::span<expr_ptr const> arguments, bound::relation* own, place const& here) const {
    if (policy::lower(callee) == "days_ago") return policy::days_ago(arguments, here.at, visible_.which(), memory_);
    auto const* const s = find(own->table, callee);
    return s == nullptr ? result<expr_ptr>(nullptr) : expand(*s, own, arguments, here.within());
  }

  result<expr_ptr> attribute(bound::slot_kind kind, std::string_view name, place const& here) const {
    for (std::size_t i = 0; i < attributes_.size(); ++i)
      if (attributes_[i].kind == kind && attributes_[i].name == name) return here.attributes[i];
    return fail(errc::usage, "there is no attribute `" + std::string(name) + "`", here.at);
  }

  policy::access const& who_;
  bind::visible_catalog const& visible_;
  base::arena& memory_;
  std::vector<bound::slot> attributes_;
};

}  // namespace

std::string call_of_specification(std::string_view name) { return std::string(prefix) + std::string(name); }

std::vector<bound::slot> attributes_of(policy::access const& who) {
  auto const& p = who.policy();
  std::vector<bound::slot> all{{.kind = bound::slot_kind::principal, .name = "id", .role = {}}};
  for (auto const& a : p.principal) all.push_back({.kind = bound::slot_kind::principal, .name = a.name, .role = {}});
  for (auto const& a : p.context) all.push_back({.kind = bound::slot_kind::context, .name = a.name, .role = {}});
  for (unsigned i = 0; i < who.groups(); ++i) all.push_back({.kind = bound::slot_kind::principal, .name = "groups", .role = {}, .tuple = i});
  return all;
}

bind::call_resolver named_specifications(policy::access const& who, bind::visible_catalog const& visible, base::arena& memory) {
  return [all = specifications(who, visible, memory)](std::string_view name, std::span<expr_ptr const> arguments,
                                                      base::range at) -> result<expr_ptr> {
    if (!name.starts_with(prefix)) return nullptr;
    return all.called(name.substr(prefix.size()), arguments, at);
  };
}

}  // namespace grille::pipeline
