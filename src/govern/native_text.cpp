#include "govern/native_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "ast/tree.hpp"
#include "bind/unbind.hpp"
#include "bound/walk.hpp"
#include "print/print.hpp"

namespace grille::govern {

using base::fail;
using base::result;

namespace {

/// A column of the row, in the place of a slot while the text is made: no scope is held by a role without a name.
bound::slot as_slot(unsigned column) { return {bound::slot_kind::scope, {}, {}, column}; }
bool is_column(bound::slot const& s) { return s.kind == bound::slot_kind::scope && s.role.empty(); }

struct reading final : bound::visitor {
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    subquery = subquery || e->as<bound::subquery>() != nullptr;
    return true;
  }
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::base) tables.insert(r.table);
  }
  bool subquery{};
  std::set<catalog::table const*> tables;
};

/// Each `$n` outside of quotes, replaced. What is printed here holds no other dollar, no comment and no escape string.
std::string with_parameters(std::string_view text, std::function<std::string(std::size_t)> const& put) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (quote == 0 && c == '$') {
      std::size_t n = 0;
      for (; i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9'; ++i) n = n * 10 + static_cast<std::size_t>(text[i + 1] - '0');
      out += put(n);
      continue;
    }
    if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;  // a doubled one opens again at once
    out += c;
  }
  return out;
}

std::string_view native_type(policy::attribute_type t) {
  switch (t) {
    case policy::attribute_type::integer:
      return "pg_catalog.int8";
    case policy::attribute_type::text:
      return "pg_catalog.text";
    case policy::attribute_type::boolean:
      return "pg_catalog.bool";
    case policy::attribute_type::numeric:
      return "pg_catalog.numeric";
    case policy::attribute_type::real:
      return "pg_catalog.float8";
    case policy::attribute_type::date:
      return "pg_catalog.date";
    case policy::attribute_type::timestamp:
      return {};  // what it is compared with decides what a time without a zone means
  }
  return {};
}

policy::attribute const* find(std::vector<policy::attribute> const& all, std::string_view name) {
  auto const at = std::ranges::find(all, name, &policy::attribute::name);
  return at == all.end() ? nullptr : &*at;
}

}  // namespace

std::string native_name(std::string_view name) { return print::quote(name, dialect::postgresql); }
std::string native_name(catalog::table const& t) { return native_name(t.schema) + "." + native_name(t.name); }
std::string native_literal(std::string_view text) { return print::literal(text, dialect::postgresql); }

result<native_text::place> native_text::place_of(bound::slot const& s, bound::relation const* subject) const {
  if (is_column(s)) {
    auto const& c = subject->table->columns[s.tuple];
    auto const* t = policy_.catalog->find_type(c.type);
    if (t == nullptr) return fail(errc::unsupported, fmt::format("the type of `{}` is not known", c.name));
    return place{native_name(subject->table->name) + "." + native_name(c.name), t->spelled};
  }
  if (policy::is_groups(s)) return fail(errc::unsupported, "`principal.groups` is a list");
  if (s.kind == bound::slot_kind::principal && s.name == "id")
    return place{"(select nullif(grille_policy.caller() ->> 'id', ''))", "pg_catalog.text"};
  policy::attribute const* a = nullptr;
  if (s.kind != bound::slot_kind::scope) {
    a = find(s.kind == bound::slot_kind::principal ? policy_.principal : policy_.context, s.name);
  } else {
    for (auto const& r : policy_.roles)
      if (r.name == s.role) a = find(r.scope, s.name);
  }
  auto const type = a == nullptr ? std::string_view{} : native_type(a->type);
  if (type.empty()) return fail(errc::unsupported, fmt::format("`{}` is of a type that depends on the session's time zone", s.name));
  auto const name = native_literal(s.name);
  if (s.kind == bound::slot_kind::scope) return place{fmt::format("(grille_held.role ->> {})::{}", name, type), std::string(type)};
  auto const* const inside = s.kind == bound::slot_kind::context ? " -> 'context'" : "";
  return place{fmt::format("(select (grille_policy.caller(){} ->> {})::{})", inside, name, type), std::string(type)};
}

result<std::string> native_text::of(bound::expr const* e, bound::relation const* subject) {
  base::arena memory;
  bound::copier copy{memory};
  copy.columns = [&](bound::column const& c) -> bound::expr_ptr {
    if (subject == nullptr || c.relation != subject) return nullptr;
    return memory.make<bound::expr>(bound::expr{as_slot(subject->columns[c.index].source), {}});
  };
  auto* copied = copy(e);
  reading what;
  bound::walk(copied, what);
  for (auto const* t : what.tables)
    if (t->kind != catalog::relation_kind::table || !policy_.tables.contains(t))
      return fail(errc::unsupported, fmt::format("it reads `{}`, which is no table of the policy's", t->name));

  bound::select s;
  std::vector<bound::item> const items{{copied, "value"}};
  s.items = memory.copy(items);
  auto* q = memory.make<bound::query>();
  q->body = memory.make<bound::query_body>(bound::query_body{s});
  auto const unbound = bind::unbind({q, 0, {}, {}}, dialect::postgresql, memory);
  auto const* core = (*unbound.statement->as<ast::query_ptr>())->body->as<ast::select_core>();
  auto const text = print::print(*core->items.front().value, dialect::postgresql);

  std::vector<place> places;
  for (auto const& slot : unbound.slots) {
    auto p = place_of(slot, subject);
    if (!p) return tl::unexpected(p.error());
    places.push_back(std::move(*p));
  }
  if (!what.subquery) return with_parameters(text, [&](std::size_t n) { return places[n - 1].text; });

  // with everybody's rows, as the owner sees them: by a function with rights of its own
  std::string types, values;
  for (auto const& p : places) {
    types += (types.empty() ? "" : ", ") + p.type;
    values += (values.empty() ? "" : ", ") + p.text;
  }
  auto const definition = fmt::format("({}) returns boolean language sql stable security definer\n  return {}", types, text);
  auto const at = std::ranges::find(functions_, definition) - functions_.begin();
  if (at == std::ssize(functions_)) functions_.push_back(definition);
  read_.insert(what.tables.begin(), what.tables.end());
  return fmt::format("grille_policy.predicate_{}({})", at + 1, values);
}

}  // namespace grille::govern
