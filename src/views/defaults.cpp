#include "views/defaults.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "grammar/parse.hpp"

namespace grille::views {

namespace {

constexpr std::string_view own_schema = "pg_catalog";

/// Types that PostgreSQL's grammar knows by words of its own, which nothing in the search path can take
/// (https://www.postgresql.org/docs/15/functions-info.html, format_type).
constexpr auto type_words = std::to_array<std::string_view>({"bigint", "boolean", "character", "integer", "interval", "numeric", "real", "smallint"});

/// A copy in which every name has its schema. Null: there is something in it that is not listed here.
class qualifying {
 public:
  explicit qualifying(base::arena& memory) : memory_(memory) {}

  ast::expr_ptr copy(ast::expr const& e) const {
    if (e.as<ast::literal>() != nullptr || e.as<ast::keyword_value>() != nullptr) return &e;
    if (auto const* n = e.as<ast::unary>()) return of(copy(*n->operand), [&](ast::expr_ptr x) { return ast::unary{n->op, x}; });
    if (auto const* n = e.as<ast::prefix>())
      return of(copy(*n->operand), [&](ast::expr_ptr x) { return ast::prefix{n->symbol, n->schema.empty() ? schema() : n->schema, x}; });
    if (auto const* n = e.as<ast::binary>()) {
      auto const* right = copy(*n->right);
      if (right == nullptr) return nullptr;
      return of(copy(*n->left), [&](ast::expr_ptr x) { return ast::binary{n->symbol, n->schema.empty() ? schema() : n->schema, x, right}; });
    }
    if (auto const* n = e.as<ast::cast>())
      return of(copy(*n->operand), [&](ast::expr_ptr x) { return ast::cast{x, named(n->type), ast::cast_form::call}; });
    if (auto const* n = e.as<ast::array>(); n != nullptr && n->subquery == nullptr) {
      std::vector<ast::expr_ptr> items;
      for (auto const* i : n->items) items.push_back(copy(*i));
      if (std::ranges::find(items, nullptr) != items.end()) return nullptr;
      return make(ast::array{memory_.copy(items), nullptr});
    }
    if (auto const* n = e.as<ast::call>()) return call(*n);
    return nullptr;
  }

 private:
  template <class Node>
  ast::expr_ptr make(Node n) const {
    return memory_.make<ast::expr>(ast::expr{n, {}});
  }
  template <class Around>
  ast::expr_ptr of(ast::expr_ptr inner, Around around) const {
    return inner == nullptr ? nullptr : make(around(inner));
  }
  ast::expr_ptr call(ast::call const& n) const {
    auto const plain = !n.star && !n.distinct && !n.variadic && n.order.empty() && n.within_group.empty() && n.filter == nullptr && n.over == nullptr;
    if (!plain || n.syntax == ast::call_syntax::xml || n.syntax == ast::call_syntax::collation_for) return nullptr;
    auto made = n;
    std::vector<ast::argument> arguments;
    for (auto const& a : n.arguments) {
      auto const* value = a.name.text.empty() ? copy(*a.value) : nullptr;
      if (value == nullptr) return nullptr;
      arguments.push_back({{}, value});
    }
    made.arguments = memory_.copy(arguments);
    if (n.syntax == ast::call_syntax::plain && n.path.size() == 1) made.path = memory_.copy(std::vector{schema().front(), quoted(n.path.front().text)});
    return make(made);
  }
  static ast::identifier quoted(std::string_view name) { return {name, {}, true}; }
  ast::name_path schema() const { return memory_.copy(std::vector{quoted(own_schema)}); }
  /// The server writes words of several parts, and those of the list, for types of its own.
  ast::type_name named(ast::type_name t) const {
    auto const& first = t.path.front();
    auto const word = !first.quoted && (first.text.find(' ') != first.text.npos || std::ranges::find(type_words, first.text) != type_words.end());
    if (t.path.size() == 1 && !word) t.path = memory_.copy(std::vector{schema().front(), quoted(first.text)});
    return t;
  }

  base::arena& memory_;
};

}  // namespace

default_values read_defaults(catalog::catalog const& c, base::arena& memory) {
  default_values out;
  qualifying const names(memory);
  for (auto const& t : c.tables())
    for (unsigned i = 0; i < t.columns.size(); ++i) {
      if (t.columns[i].default_text.empty()) continue;
      auto const read = grammar::parse_expression(memory.copy(t.columns[i].default_text), dialect::postgresql, memory);
      auto const* value = read ? names.copy(**read) : nullptr;
      if (value != nullptr) out.emplace(std::pair(&t, i), value);
    }
  return out;
}

}  // namespace grille::views
