// What PostgreSQL names a result column that has no alias: `FigureColname` in src/backend/parser/parse_target.c of version 15, which
// its documentation (https://www.postgresql.org/docs/15/sql-select.html, "SELECT List") leaves open.
#include "bind/binder.hpp"

namespace grille::bind {

/// A name, and how sure it is: a cast's type gives way to the name of what is cast, not to `?column?`.
struct figured {
  std::string_view name;
  int strength{};
};

struct figure {
  binder const& self;
  bound::expr const* value{};  // what was bound of the expression; null: not followed

  figured of(ast::expr_ptr e, bound::expr const* v) const { return e == nullptr ? figured{} : std::visit(figure{self, v}, e->node); }

  figured operator()(ast::literal const&) const { return {}; }
  figured operator()(ast::keyword_value const& n) const { return {n.word, 2}; }
  figured operator()(ast::parameter const&) const { return {}; }
  figured operator()(ast::column_ref const& n) const { return {n.path.back().text, 2}; }
  figured operator()(ast::star const&) const { return {}; }
  figured operator()(ast::unary const&) const { return {}; }
  figured operator()(ast::binary const&) const { return {}; }
  figured operator()(ast::prefix const&) const { return {}; }
  figured operator()(ast::junction const&) const { return {}; }
  figured operator()(ast::is_test const&) const { return {}; }
  figured operator()(ast::distinct_test const&) const { return {}; }
  figured operator()(ast::between const&) const { return {}; }
  figured operator()(ast::pattern_match const&) const { return {}; }
  figured operator()(ast::in_list const&) const { return {}; }
  figured operator()(ast::in_query const&) const { return {}; }
  figured operator()(ast::in_table const&) const { return {}; }
  figured operator()(ast::quantified const&) const { return {}; }
  figured operator()(ast::exists const&) const { return {"exists", 2}; }
  /// The name of its first column, which a `*` can have given: so it is asked of what was bound.
  figured operator()(ast::scalar_subquery const&) const {
    auto const* s = value == nullptr ? nullptr : value->as<bound::subquery>();
    if (s == nullptr) return {};
    auto const names = column_names(*s->query->body, self.memory_);
    return names.empty() ? figured{} : figured{names.front(), 2};
  }
  figured operator()(ast::case_expr const& n) const {
    auto const* c = value == nullptr ? nullptr : value->as<bound::case_expr>();
    auto const inner = of(n.otherwise, c == nullptr ? nullptr : c->otherwise);
    return inner.strength > 1 ? inner : figured{"case", 1};
  }
  figured operator()(ast::cast const& n) const {
    auto const* c = value == nullptr ? nullptr : value->as<bound::cast>();
    auto const inner = of(n.operand, c == nullptr ? nullptr : c->operand);
    if (inner.strength > 1) return inner;
    return figured{self.type_name_of(n.type), 1};
  }
  figured operator()(ast::collate const& n) const {
    auto const* c = value == nullptr ? nullptr : value->as<bound::collate>();
    return of(n.operand, c == nullptr ? nullptr : c->operand);
  }
  figured operator()(ast::call const& n) const {
    switch (n.syntax) {
      case ast::call_syntax::trim_both:
        return {"btrim", 2};
      case ast::call_syntax::trim_leading:
        return {"ltrim", 2};
      case ast::call_syntax::trim_trailing:
        return {"rtrim", 2};
      case ast::call_syntax::at_time_zone:
        return {"timezone", 2};
      case ast::call_syntax::collation_for:
        return {"pg_collation_for", 2};
      case ast::call_syntax::is_normalized:
        return {"is_normalized", 2};
      case ast::call_syntax::plain:
      case ast::call_syntax::extract:
      case ast::call_syntax::overlay:
      case ast::call_syntax::position:
      case ast::call_syntax::substring:
      case ast::call_syntax::normalize:
      case ast::call_syntax::coalesce:
      case ast::call_syntax::nullif:
      case ast::call_syntax::greatest:
      case ast::call_syntax::least:
      case ast::call_syntax::xml:
        break;
    }
    return {n.path.back().text, 2};
  }
  figured operator()(ast::row const&) const { return {"row", 2}; }
  figured operator()(ast::array const&) const { return {"array", 2}; }
  figured operator()(ast::subscript const& n) const { return of(n.operand, nullptr); }
  figured operator()(ast::field const& n) const { return {n.name.text, 2}; }
  figured operator()(ast::grouping_set const&) const { return {}; }
  figured operator()(ast::default_value const&) const { return {}; }
};

std::string_view binder::figured_name(ast::expr const& e, bound::expr const& value) const {
  auto const f = figure{*this}.of(&e, &value);
  return f.name.empty() ? "?column?" : f.name;
}

}  // namespace grille::bind
