// The expressions of the way back.
#include <algorithm>
#include <string>

#include "bind/unbinder.hpp"

namespace grille::bind {

namespace {

std::string_view symbol_of(bound::op o) {
  switch (o) {
    case bound::op::add:
      return "+";
    case bound::op::subtract:
      return "-";
    case bound::op::multiply:
      return "*";
    case bound::op::divide:
      return "/";
    case bound::op::modulo:
      return "%";
    case bound::op::concat:
      return "||";
    case bound::op::bit_and:
      return "&";
    case bound::op::bit_or:
      return "|";
    case bound::op::shift_left:
      return "<<";
    case bound::op::shift_right:
      return ">>";
    case bound::op::arrow:
      return "->";
    case bound::op::arrow_text:
      return "->>";
    case bound::op::equal:
      return "=";
    case bound::op::not_equal:
      return "<>";
    case bound::op::less:
      return "<";
    case bound::op::less_equal:
      return "<=";
    case bound::op::greater:
      return ">";
    case bound::op::greater_equal:
      return ">=";
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
    case bound::op::is_distinct:
    case bound::op::is_not_distinct:
    case bound::op::like:
    case bound::op::not_like:
    case bound::op::glob:
    case bound::op::not_glob:
    case bound::op::between:
    case bound::op::not_between:
    case bound::op::in:
    case bound::op::not_in:
    case bound::op::ilike:
    case bound::op::not_ilike:
    case bound::op::similar:
    case bound::op::not_similar:
    case bound::op::any_array:
    case bound::op::all_array:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
      break;
    case bound::op::path_exists:
      return "@?";
    case bound::op::path_matches:
      return "@@";
    case bound::op::starts_with:
      return "^@";
    case bound::op::delete_path:
      return "#-";
    case bound::op::power:
      return "^";
    case bound::op::bit_xor:
      return "#";
    case bound::op::square_root:
      return "|/";
    case bound::op::cube_root:
      return "||/";
    case bound::op::absolute:
      return "@";
    case bound::op::contains:
      return "@>";
    case bound::op::contained:
      return "<@";
    case bound::op::overlaps:
      return "&&";
    case bound::op::has_key:
      return "?";
    case bound::op::has_any_key:
      return "?|";
    case bound::op::has_all_keys:
      return "?&";
    case bound::op::path:
      return "#>";
    case bound::op::path_text:
      return "#>>";
    case bound::op::matches:
      return "~";
    case bound::op::not_matches:
      return "!~";
    case bound::op::matches_ci:
      return "~*";
    case bound::op::not_matches_ci:
      return "!~*";
  }
  return {};
}

/// As the operator of two values that PostgreSQL means by the word.
std::string_view symbol_between_values(bound::op o) {
  if (o == bound::op::like) return "~~";
  if (o == bound::op::not_like) return "!~~";
  if (o == bound::op::ilike) return "~~*";
  return o == bound::op::not_ilike ? "!~~*" : symbol_of(o);
}

ast::literal_kind kind_of(bound::literal_kind k) {
  switch (k) {
    case bound::literal_kind::null:
      return ast::literal_kind::null;
    case bound::literal_kind::boolean:
      return ast::literal_kind::boolean;
    case bound::literal_kind::integer:
      return ast::literal_kind::integer;
    case bound::literal_kind::decimal:
      return ast::literal_kind::decimal;
    case bound::literal_kind::text:
      return ast::literal_kind::text;
    case bound::literal_kind::blob:
      return ast::literal_kind::blob;
    case bound::literal_kind::bit_string:
      return ast::literal_kind::bit_string;
    case bound::literal_kind::by_default:
    case bound::literal_kind::left_out:
      break;
  }
  return {};
}

ast::frame_bound_kind kind_of(bound::frame_bound_kind k) {
  switch (k) {
    case bound::frame_bound_kind::unbounded_preceding:
      return ast::frame_bound_kind::unbounded_preceding;
    case bound::frame_bound_kind::preceding:
      return ast::frame_bound_kind::preceding;
    case bound::frame_bound_kind::current_row:
      return ast::frame_bound_kind::current_row;
    case bound::frame_bound_kind::following:
      return ast::frame_bound_kind::following;
    case bound::frame_bound_kind::unbounded_following:
      return ast::frame_bound_kind::unbounded_following;
  }
  return {};
}

ast::frame_unit unit_of(bound::frame_unit u) {
  switch (u) {
    case bound::frame_unit::rows:
      return ast::frame_unit::rows;
    case bound::frame_unit::range:
      return ast::frame_unit::range;
    case bound::frame_unit::groups:
      return ast::frame_unit::groups;
  }
  return {};
}

ast::frame_exclusion exclusion_of(bound::frame_exclusion e) {
  switch (e) {
    case bound::frame_exclusion::none:
      return ast::frame_exclusion::none;
    case bound::frame_exclusion::no_others:
      return ast::frame_exclusion::no_others;
    case bound::frame_exclusion::current_row:
      return ast::frame_exclusion::current_row;
    case bound::frame_exclusion::group:
      return ast::frame_exclusion::group;
    case bound::frame_exclusion::ties:
      return ast::frame_exclusion::ties;
  }
  return {};
}

}  // namespace

struct expression_unbinder {
  unbinder& self;

  ast::expr_ptr operator()(bound::literal const& n) const {
    if (n.kind == bound::literal_kind::by_default) return self.make(ast::default_value{});
    return self.make(ast::literal{kind_of(n.kind), n.text});
  }
  ast::expr_ptr operator()(bound::parameter const& n) const { return self.parameter(n.position); }
  ast::expr_ptr operator()(bound::slot const& n) const {
    auto at = std::ranges::find(self.slots_, n);
    if (at == self.slots_.end()) at = self.slots_.insert(at, n);
    return self.parameter(self.positions_ + static_cast<unsigned>(at - self.slots_.begin()) + 1);
  }
  ast::expr_ptr operator()(bound::column const& n) const { return self.make(self.column(n)); }
  ast::expr_ptr operator()(bound::output const& n) const {
    return self.make(ast::literal{ast::literal_kind::integer, self.memory_.copy(std::to_string(n.index + 1))});
  }
  ast::expr_ptr operator()(bound::now const& n) const { return self.make(ast::keyword_value{n.word, nullptr}); }
  ast::expr_ptr operator()(bound::operation const& n) const {
    auto const& o = n.operands;
    auto const operand = [&](std::size_t i) { return self.expression(*o[i]); };
    auto const unary = [&](ast::unary_op op) { return self.make(ast::unary{op, operand(0)}); };
    auto const test = [&](ast::truth t, bool negated) { return self.make(ast::is_test{operand(0), t, negated}); };
    auto const match = [&](ast::match_op op, bool negated) {
      auto const* text = operand(0);
      auto const* pattern = operand(1);
      return self.make(ast::pattern_match{op, text, pattern, o.size() > 2 ? operand(2) : nullptr, negated});
    };
    auto const distinct = [&](bool negated) {
      auto const* left = operand(0);
      return self.make(ast::distinct_test{left, operand(1), negated});
    };
    auto const between = [&](bool negated, bool symmetric) {
      auto const* value = operand(0);
      auto const* low = operand(1);
      return self.make(ast::between{value, low, operand(2), negated, symmetric});
    };
    auto const quantified = [&](ast::quantifier which) {
      auto const* value = operand(0);
      return self.make(ast::quantified{value, symbol_between_values(n.by), {}, which, nullptr, operand(1)});
    };
    auto const in = [&](bool negated) {
      auto const* value = operand(0);
      return self.make(ast::in_list{value, self.expressions(o.subspan(1)), negated});
    };
    switch (n.op) {
      case bound::op::minus:
        return unary(ast::unary_op::minus);
      case bound::op::plus:
        return unary(ast::unary_op::plus);
      case bound::op::bit_not:
        return unary(ast::unary_op::bit_not);
      case bound::op::logical_not:
        return unary(ast::unary_op::logical_not);
      case bound::op::is_null:
        return test(ast::truth::null, false);
      case bound::op::is_not_null:
        return test(ast::truth::null, true);
      case bound::op::is_true:
        return test(ast::truth::true_, false);
      case bound::op::is_not_true:
        return test(ast::truth::true_, true);
      case bound::op::is_false:
        return test(ast::truth::false_, false);
      case bound::op::is_not_false:
        return test(ast::truth::false_, true);
      case bound::op::is_distinct:
        return distinct(false);
      case bound::op::is_not_distinct:
        return distinct(true);
      case bound::op::like:
        return match(ast::match_op::like, false);
      case bound::op::not_like:
        return match(ast::match_op::like, true);
      case bound::op::glob:
        return match(ast::match_op::glob, false);
      case bound::op::not_glob:
        return match(ast::match_op::glob, true);
      case bound::op::ilike:
        return match(ast::match_op::ilike, false);
      case bound::op::not_ilike:
        return match(ast::match_op::ilike, true);
      case bound::op::similar:
        return match(ast::match_op::similar, false);
      case bound::op::not_similar:
        return match(ast::match_op::similar, true);
      case bound::op::any_array:
        return quantified(ast::quantifier::any);
      case bound::op::all_array:
        return quantified(ast::quantifier::all);
      case bound::op::array:
        return self.make(ast::array{self.expressions(n.operands), nullptr});
      case bound::op::element: {
        auto const* value = operand(0);
        for (std::size_t i = 1; i < o.size(); ++i) value = self.make(ast::subscript{value, operand(i), nullptr, false, false});
        return value;
      }
      case bound::op::slice: {
        auto const end = [&](std::size_t i) -> ast::expr_ptr {
          auto const* l = o[i]->as<bound::literal>();
          return l != nullptr && l->kind == bound::literal_kind::left_out ? nullptr : operand(i);
        };
        auto const* value = operand(0);
        for (std::size_t i = 1; i + 1 < o.size(); i += 2) {
          auto const* from = end(i);
          value = self.make(ast::subscript{value, from, end(i + 1), true, false});
        }
        return value;
      }
      case bound::op::square_root:
      case bound::op::cube_root:
      case bound::op::absolute:
        return self.make(ast::prefix{symbol_of(n.op), {}, operand(0)});
      case bound::op::between:
        return between(false, false);
      case bound::op::not_between:
        return between(true, false);
      case bound::op::between_symmetric:
        return between(false, true);
      case bound::op::not_between_symmetric:
        return between(true, true);
      case bound::op::in:
        return in(false);
      case bound::op::not_in:
        return in(true);
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
      case bound::op::arrow:
      case bound::op::arrow_text:
      case bound::op::equal:
      case bound::op::not_equal:
      case bound::op::less:
      case bound::op::less_equal:
      case bound::op::greater:
      case bound::op::greater_equal:
      case bound::op::matches:
      case bound::op::not_matches:
      case bound::op::matches_ci:
      case bound::op::not_matches_ci:
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
      case bound::op::starts_with:
      case bound::op::delete_path:
      case bound::op::power:
      case bound::op::bit_xor:
        break;
    }
    auto const* left = operand(0);
    return self.make(ast::binary{symbol_of(n.op), {}, left, operand(1)});
  }
  ast::expr_ptr operator()(bound::junction const& n) const {
    auto const op = n.op == bound::junction_op::conjunction ? ast::junction_op::conjunction : ast::junction_op::disjunction;
    return self.make(ast::junction{op, self.expressions(n.items)});
  }
  ast::expr_ptr operator()(bound::case_expr const& n) const {
    ast::case_expr made;
    made.operand = self.optional(n.operand);
    std::vector<ast::when_arm> arms;
    for (auto const& arm : n.arms) {
      auto const* condition = self.expression(*arm.condition);
      arms.push_back({condition, self.expression(*arm.result)});
    }
    made.arms = self.memory_.copy(arms);
    made.otherwise = self.optional(n.otherwise);
    return self.make(made);
  }
  /// The type's text is words, and up to two numbers in parentheses; on PostgreSQL one name, its numbers, then `[]` or the fields of
  /// an interval, which only the keyword takes, as its digits.
  ast::expr_ptr operator()(bound::cast const& n) const {
    ast::type_name type;
    if (self.dialect_ == dialect::postgresql) return self.make(ast::cast{self.expression(*n.operand), self.postgresql_type(n.type), ast::cast_form::call});
    auto const open = n.type.find('(');
    type.path = self.memory_.copy(std::vector{unbinder::word(n.type.substr(0, open))});
    std::vector<ast::expr_ptr> numbers;
    for (auto rest = open == std::string_view::npos ? std::string_view{} : n.type.substr(open + 1); !rest.empty();) {
      auto const end = std::min(rest.find_first_of(",)"), rest.size());
      auto const number = rest.substr(0, end);
      if (!number.empty()) numbers.push_back(self.make(ast::literal{ast::literal_kind::integer, number}));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    type.modifiers = self.memory_.copy(numbers);
    return self.make(ast::cast{self.expression(*n.operand), type, ast::cast_form::call});
  }
  ast::expr_ptr operator()(bound::collate const& n) const {
    return self.make(ast::collate{self.expression(*n.operand), self.collation(n.collation)});
  }
  ast::expr_ptr operator()(bound::row const& n) const { return self.make(ast::row{self.expressions(n.items), false}); }
  ast::expr_ptr operator()(bound::record const& n) const { return n.names.empty() ? self.make(ast::row{self.expressions(n.items), true}) : self.named_row(n); }
  ast::expr_ptr operator()(bound::field const& n) const { return self.make(ast::field{self.expression(*n.operand), unbinder::identifier(n.named().first), false, false}); }
  ast::expr_ptr operator()(bound::subquery const& n) const {
    auto const* operand = self.optional(n.operand);
    auto const* query = self.query(*n.query, unbinder::names_for::nobody);
    switch (n.kind) {
      case bound::subquery_kind::scalar:
        return self.make(ast::scalar_subquery{query});
      case bound::subquery_kind::exists:
        return self.make(ast::exists{query});
      case bound::subquery_kind::in:
        return self.make(ast::in_query{operand, query, false});
      case bound::subquery_kind::not_in:
        return self.make(ast::in_query{operand, query, true});
      case bound::subquery_kind::array:
        return self.make(ast::array{{}, query});
      case bound::subquery_kind::any:
        return self.make(ast::quantified{operand, symbol_between_values(n.by), {}, ast::quantifier::any, query, nullptr});
      case bound::subquery_kind::all:
        return self.make(ast::quantified{operand, symbol_between_values(n.by), {}, ast::quantifier::all, query, nullptr});
    }
    return nullptr;
  }
  ast::expr_ptr operator()(bound::call const& n) const {
    ast::call made;
    made.syntax = self.syntax_of(*n.function);
    made.path = made.syntax == ast::call_syntax::plain ? self.own_name(n.function->name) : self.memory_.copy(std::vector{unbinder::word(n.function->name)});
    made.arguments = self.arguments(n.arguments);
    made.star = n.star;
    made.distinct = n.distinct;
    std::vector<ast::order_item> order;
    for (auto const& i : n.order) order.push_back(self.order_item(i, self.expression(*i.key)));
    (n.function->within_group ? made.within_group : made.order) = self.memory_.copy(order);
    made.filter = self.optional(n.filter);
    if (n.over != nullptr) made.over = self.window(*n.over);
    return self.make(made);
  }
};

/// `(select coalesce(r.*) from (select a as "x", …) as r)`: SQL has no word for a row with names. `r.*` is the row whatever else is named r,
/// and stands for all of its columns only where it is a whole item.
ast::expr_ptr unbinder::named_row(bound::record const& n) {
  auto const query_of = [&](std::vector<ast::result_item> const& items, std::vector<ast::table_ref const*> const& from) {
    ast::select_core s;
    s.items = memory_.copy(items);
    s.from = memory_.copy(from);
    auto* q = memory_.make<ast::query>();
    q->body = memory_.make<ast::query_body>(ast::query_body{s, {}});
    return q;
  };
  auto const name = identifier("r");
  std::vector<ast::result_item> values;
  for (std::size_t i = 0; i < n.items.size(); ++i) values.push_back({expression(*n.items[i]), identifier(n.names[i]), {}});
  auto const* named = memory_.make<ast::table_ref>(ast::table_ref{ast::derived_table{query_of(values, {}), {name, {}}, false}, {}});
  ast::call whole;
  whole.path = memory_.copy(std::vector{word("coalesce")});
  whole.syntax = ast::call_syntax::coalesce;
  whole.arguments = memory_.copy(std::vector{ast::argument{{}, make(ast::star{memory_.copy(std::vector{name})})}});
  return make(ast::scalar_subquery{query_of({{make(whole), {}, {}}}, {named})});
}

ast::expr_ptr unbinder::expression(bound::expr const& e) { return std::visit(expression_unbinder{*this}, e.node); }

ast::list<ast::expr_ptr> unbinder::expressions(std::span<bound::expr_ptr const> items) {
  std::vector<ast::expr_ptr> made;
  made.reserve(items.size());
  for (auto const* i : items) made.push_back(expression(*i));
  return memory_.copy(made);
}

ast::list<ast::argument> unbinder::arguments(std::span<bound::expr_ptr const> items) {
  std::vector<ast::argument> made;
  made.reserve(items.size());
  for (auto const* i : items) made.push_back({{}, expression(*i)});
  return memory_.copy(made);
}

/// SQLite looks through signs and collations for an integer; a sum is none.
ast::expr_ptr unbinder::key(bound::expr const& e) {
  if (auto const* c = e.as<bound::collate>()) return make(ast::collate{key(*c->operand), collation(c->collation)});
  if (auto const* o = e.as<bound::operation>(); o != nullptr && (o->op == bound::op::plus || o->op == bound::op::minus))
    return make(ast::unary{o->op == bound::op::plus ? ast::unary_op::plus : ast::unary_op::minus, key(*o->operands[0])});
  auto const* l = e.as<bound::literal>();
  if (l == nullptr || l->kind != bound::literal_kind::integer) return expression(e);
  return make(ast::binary{"+", {}, expression(e), make(ast::literal{ast::literal_kind::integer, "0"})});
}

/// A function, type or collation of the engine's own, by a name that nothing in the search path can take.
ast::name_path unbinder::own_name(std::string_view name) {
  if (dialect_ == dialect::sqlite || name == "grouping") return memory_.copy(std::vector{word(name)});  // a word of PostgreSQL's grammar
  return memory_.copy(std::vector{word("pg_catalog"), identifier(name)});
}

ast::name_path unbinder::collation(std::string_view name) { return own_name(name); }

/// What PostgreSQL's grammar knows by a keyword of its own has no schema.
ast::call_syntax unbinder::syntax_of(catalog::function const& f) const {
  if (dialect_ == dialect::sqlite) return ast::call_syntax::plain;
  if (f.name == "coalesce") return ast::call_syntax::coalesce;
  if (f.name == "nullif") return ast::call_syntax::nullif;
  if (f.name == "greatest") return ast::call_syntax::greatest;
  if (f.name == "least") return ast::call_syntax::least;
  return ast::call_syntax::plain;
}

ast::type_name unbinder::postgresql_type(std::string_view text) {
  ast::type_name type;
  if (text.ends_with("[]")) {
    type.array_dimensions = 1;
    text.remove_suffix(2);
  }
  if (text.starts_with("interval ")) {
    type.interval_fields = text.substr(9);
    type.path = memory_.copy(std::vector{word("interval")});
    return type;
  }
  auto const open = text.find('(');
  auto const dot = text.find('.');
  type.path = text.starts_with("interval(") ? memory_.copy(std::vector{word("interval")})  // with a schema its number would be its fields
              : dot == text.npos            ? own_name(text.substr(0, open))
                                            : memory_.copy(std::vector{identifier(text.substr(0, dot)), identifier(text.substr(0, open).substr(dot + 1))});
  std::vector<ast::expr_ptr> numbers;
  for (auto rest = open == std::string_view::npos ? std::string_view{} : text.substr(open + 1); !rest.empty();) {
    auto const end = std::min(rest.find_first_of(",)"), rest.size());
    if (end > 0) numbers.push_back(make(ast::literal{ast::literal_kind::integer, rest.substr(0, end)}));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  type.modifiers = memory_.copy(numbers);
  return type;
}

ast::window const* unbinder::window(bound::window const& w) {
  auto* made = memory_.make<ast::window>();
  made->partition = expressions(w.partition);
  std::vector<ast::order_item> order;
  for (auto const& i : w.order) order.push_back(order_item(i, expression(*i.key)));
  made->order = memory_.copy(order);
  if (w.frame == nullptr) return made;
  ast::frame f;
  f.unit = unit_of(w.frame->unit);
  f.start = {kind_of(w.frame->start.kind), optional(w.frame->start.offset)};
  f.end = {kind_of(w.frame->end.kind), optional(w.frame->end.offset)};
  f.between = true;
  f.exclude = exclusion_of(w.frame->exclude);
  made->frame_clause = memory_.make<ast::frame>(f);
  return made;
}

ast::expr_ptr unbinder::parameter(unsigned position) {
  return make(ast::parameter{ast::parameter_form::numbered, position, {}});
}

}  // namespace grille::bind
