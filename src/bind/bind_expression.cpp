// Expressions. Leaves: operators by meaning, values and rows of one width wherever the engine demands it, nothing to look up.
// Row values stand only in comparisons, `between` and `in`: https://www.sqlite.org/rowvalue.html
#include <algorithm>
#include <array>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

struct infix {
  std::string_view symbol;
  bound::op op;
  bool compares{};
};
constexpr std::array<infix, 18> postgresql_operators{{
    {"~", bound::op::matches},
    {"!~", bound::op::not_matches},
    {"~*", bound::op::matches_ci},
    {"!~*", bound::op::not_matches_ci},
    {"@>", bound::op::contains},
    {"<@", bound::op::contained},
    {"&&", bound::op::overlaps},
    {"?", bound::op::has_key},
    {"?|", bound::op::has_any_key},
    {"?&", bound::op::has_all_keys},
    {"#>", bound::op::path},
    {"#>>", bound::op::path_text},
    {"@?", bound::op::path_exists},
    {"@@", bound::op::path_matches},
    {"^@", bound::op::starts_with},
    {"#-", bound::op::delete_path},
    {"^", bound::op::power},
    {"#", bound::op::bit_xor},
}};
constexpr std::array<infix, 3> postgresql_prefixes{{{"|/", bound::op::square_root}, {"||/", bound::op::cube_root}, {"@", bound::op::absolute}}};
constexpr std::array<infix, 20> infix_operators{{
    {"+", bound::op::add},
    {"-", bound::op::subtract},
    {"*", bound::op::multiply},
    {"/", bound::op::divide},
    {"%", bound::op::modulo},
    {"||", bound::op::concat},
    {"&", bound::op::bit_and},
    {"|", bound::op::bit_or},
    {"<<", bound::op::shift_left},
    {">>", bound::op::shift_right},
    {"->", bound::op::arrow},
    {"->>", bound::op::arrow_text},
    {"=", bound::op::equal, true},
    {"==", bound::op::equal, true},
    {"<>", bound::op::not_equal, true},
    {"!=", bound::op::not_equal, true},
    {"<", bound::op::less, true},
    {"<=", bound::op::less_equal, true},
    {">", bound::op::greater, true},
    {">=", bound::op::greater_equal, true},
}};
constexpr std::array<std::string_view, 4> reserved_words{"principal", "context", "scope", "old"};  // of policies, see `name_resolver`
constexpr std::array<std::string_view, 3> collations{"BINARY", "NOCASE", "RTRIM"};  // the engine's own; others are an application's

void demand_width(bound::expr const& e, std::size_t wanted) {
  auto const n = width(e);
  if (n == wanted) return;
  if (e.as<bound::row>() != nullptr && wanted == 1) refuse(errc::syntax, "a row of values cannot stand here", e.at);
  refuse(errc::syntax, "this has " + std::to_string(n) + (n == 1 ? " column, " : " columns, ") + std::to_string(wanted) +
                           (wanted == 1 ? " is" : " are") + " expected", e.at);
}

/// The literal `true` or `false` behind any collations: as the right side of `is` it makes a test of truth.
ast::literal const* truth_literal(ast::expr const& e) {
  auto const* at = &e;
  while (auto const* c = at->as<ast::collate>()) at = c->operand;
  auto const* l = at->as<ast::literal>();
  return l != nullptr && l->kind == ast::literal_kind::boolean ? l : nullptr;
}

bool is_word(std::string_view text) {
  auto const letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' '; };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, letter);
}

/// `words`, `words(n)` or `words(n,m)`: SQLite takes any words and goes by what they contain.
std::string type_text(ast::type_name const& t) {
  if (t.path.size() != 1 || !is_word(t.path[0].text) || t.modifiers.size() > 2 || t.array_dimensions != 0 || !t.interval_fields.empty())
    refuse(errc::unsupported, "this type is not supported in a cast", t.at);
  std::string text(t.path[0].text);
  std::string_view before = "(";
  for (auto const* m : t.modifiers) {
    auto const* negated = m->as<ast::unary>();
    auto const* sign = negated != nullptr && negated->op == ast::unary_op::minus ? "-" : "";
    auto const* number = (negated != nullptr ? negated->operand : m)->as<ast::literal>();
    if (number == nullptr || (number->kind != ast::literal_kind::integer && number->kind != ast::literal_kind::decimal))
      refuse(errc::unsupported, "this type is not supported in a cast", t.at);
    text.append(before).append(sign).append(number->text);
    before = ",";
  }
  return t.modifiers.empty() ? text : text + ")";
}

}  // namespace

std::size_t width(bound::expr const& e) {
  if (auto const* r = e.as<bound::row>()) return r->items.size();
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::scalar) return width(*s->query);
  return 1;
}

struct expression_binder {
  binder& self;
  base::range at;

  bound::expr_ptr unsupported(std::string_view what) const { refuse(errc::unsupported, std::string(what) + " is not supported", at); }
  bound::expr_ptr misplaced(std::string_view what) const { refuse(errc::syntax, std::string(what) + " cannot stand here", at); }
  /// Operands that may be rows, all of one width.
  bound::expr_ptr compare(bound::op op, std::initializer_list<ast::expr_ptr> written) const {
    std::vector<bound::expr_ptr> operands;
    for (auto const* w : written) operands.push_back(self.operand(*w));
    for (auto const* o : operands) demand_width(*o, width(*operands.front()));
    return self.operation(op, operands, at);
  }
  bound::expr_ptr apply(bound::op op, std::initializer_list<ast::expr_ptr> written) const {
    std::vector<bound::expr_ptr> operands;
    for (auto const* w : written) operands.push_back(self.expression(*w));
    return self.operation(op, operands, at);
  }

  bound::expr_ptr operator()(ast::literal const& n) const {
    auto kind = bound::literal_kind::null;
    auto text = n.text;
    switch (n.kind) {
      case ast::literal_kind::null:
        break;
      case ast::literal_kind::boolean:
        kind = bound::literal_kind::boolean;
        if (self.sqlite()) {  // the integers, https://www.sqlite.org/lang_expr.html#boolexpr
          kind = bound::literal_kind::integer;
          text = catalog::same_name(n.text, "true") ? "1" : "0";
        }
        break;
      case ast::literal_kind::integer:
        kind = bound::literal_kind::integer;
        break;
      case ast::literal_kind::decimal:
        kind = bound::literal_kind::decimal;
        break;
      case ast::literal_kind::text:
        kind = bound::literal_kind::text;
        break;
      case ast::literal_kind::blob:
        kind = bound::literal_kind::blob;
        break;
      case ast::literal_kind::bit_string:
        kind = bound::literal_kind::bit_string;
        break;
    }
    return self.make(bound::literal{kind, self.memory_.copy(text)}, at);
  }
  bound::expr_ptr operator()(ast::keyword_value const& n) const {
    if (n.precision != nullptr) return rounded(n);
    for (std::string_view const word : {"current_date", "current_time", "current_timestamp"})
      if (n.word == word) return self.make(bound::now{word}, at);
    for (std::string_view const word : {"localtime", "localtimestamp"})
      if (n.word == word && !self.sqlite()) return self.make(bound::now{word}, at);
    return unsupported(in_ticks(n.word));
  }
  /// `current_timestamp(0)`: rounded as the cast to the type with these digits does it.
  bound::expr_ptr rounded(ast::keyword_value const& n) const {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
        {{"current_time", "timetz"}, {"current_timestamp", "timestamptz"}, {"localtime", "time"}, {"localtimestamp", "timestamp"}}};
    auto const is = std::ranges::find(types, n.word, [](auto const& t) { return t.first; });
    auto const* digits = n.precision->as<ast::literal>();
    if (is == types.end() || digits == nullptr || self.sqlite()) return unsupported(in_ticks(n.word) + " with digits");
    auto* clock = self.make(bound::now{is->first}, at);
    return self.make(bound::cast{clock, self.memory_.copy(std::string(is->second) + "(" + std::string(digits->text) + ")")}, at);
  }
  bound::expr_ptr operator()(ast::parameter const& n) const { return self.parameter(n, at); }
  bound::expr_ptr operator()(ast::column_ref const& n) const { return self.column(n, at); }
  bound::expr_ptr operator()(ast::star const&) const { return misplaced("`*`"); }
  bound::expr_ptr operator()(ast::unary const& n) const {
    switch (n.op) {
      case ast::unary_op::minus:
        return apply(bound::op::minus, {n.operand});
      case ast::unary_op::plus:
        return apply(bound::op::plus, {n.operand});
      case ast::unary_op::bit_not:
        return apply(bound::op::bit_not, {n.operand});
      case ast::unary_op::logical_not:
        return apply(bound::op::logical_not, {n.operand});
    }
    return nullptr;
  }
  bound::expr_ptr operator()(ast::binary const& n) const {
    auto const known = std::ranges::find(infix_operators, n.symbol, &infix::symbol);
    auto const own_schema = is_own(n.schema);
    if (auto const match = self.as_pattern_match(n); match && own_schema) return (*this)(*match);
    if (auto const r = std::ranges::find(postgresql_operators, n.symbol, &infix::symbol); r != postgresql_operators.end() && own_schema && !self.sqlite())
      return apply(r->op, {n.left, n.right});
    if (known == infix_operators.end() || !own_schema) return unsupported("operator " + in_ticks(n.symbol));
    return known->compares ? compare(known->op, {n.left, n.right}) : apply(known->op, {n.left, n.right});
  }
  bound::expr_ptr operator()(ast::prefix const& n) const {
    auto const known = std::ranges::find(postgresql_prefixes, n.symbol, &infix::symbol);
    if (known == postgresql_prefixes.end() || !is_own(n.schema) || self.sqlite()) return unsupported("operator " + in_ticks(n.symbol));
    return apply(known->op, {n.operand});
  }
  bound::expr_ptr operator()(ast::junction const& n) const {
    auto const op = n.op == ast::junction_op::conjunction ? bound::junction_op::conjunction : bound::junction_op::disjunction;
    return self.make(bound::junction{op, self.expressions(n.items)}, at);
  }
  bound::expr_ptr operator()(ast::is_test const& n) const {
    switch (n.value) {
      case ast::truth::null:  // of a row: of each of its values; the one is not the other's opposite
        if (auto* of_row = self.test_of_row(n.negated ? bound::op::is_not_null : bound::op::is_null, *n.operand, at)) return of_row;
        if (n.operand->as<ast::row>() == nullptr || self.sqlite()) return apply(n.negated ? bound::op::is_not_null : bound::op::is_null, {n.operand});
        return self.operation(n.negated ? bound::op::is_not_null : bound::op::is_null, {self.operand(*n.operand)}, at);
      case ast::truth::true_:
        return apply(n.negated ? bound::op::is_not_true : bound::op::is_true, {n.operand});
      case ast::truth::false_:
        return apply(n.negated ? bound::op::is_not_false : bound::op::is_false, {n.operand});
      case ast::truth::unknown:
        return apply(n.negated ? bound::op::is_not_null : bound::op::is_null, {n.operand});  // of a truth value it is the same
    }
    return nullptr;
  }
  bound::expr_ptr operator()(ast::distinct_test const& n) const {
    if (auto const* l = truth_literal(*n.right); l != nullptr && self.sqlite())
      return (*this)(ast::is_test{n.left, catalog::same_name(l->text, "true") ? ast::truth::true_ : ast::truth::false_, !n.negated});
    return compare(n.negated ? bound::op::is_not_distinct : bound::op::is_distinct, {n.left, n.right});
  }
  bound::expr_ptr operator()(ast::between const& n) const {
    // the server copies the operand, twice or four times, before it looks at the statement's time
    hold<unsigned> const deeper(self.betweens_, self.betweens_ + (n.symmetric ? 2U : 1U));
    if (self.betweens_ > 8 && !self.sqlite()) refuse(errc::limit, "`between` within `between`, too often", at, "compare by `>=` and `<=`");
    if (n.symmetric) return compare(n.negated ? bound::op::not_between_symmetric : bound::op::between_symmetric, {n.operand, n.low, n.high});
    return compare(n.negated ? bound::op::not_between : bound::op::between, {n.operand, n.low, n.high});
  }
  bound::expr_ptr operator()(ast::pattern_match const& n) const {
    auto op = n.negated ? bound::op::not_like : bound::op::like;
    switch (n.op) {
      case ast::match_op::like:
        break;
      case ast::match_op::glob:
        op = n.negated ? bound::op::not_glob : bound::op::glob;
        if (n.escape != nullptr) refuse(errc::syntax, "`glob` takes no `escape`", n.escape->at);
        break;
      case ast::match_op::ilike:
        op = n.negated ? bound::op::not_ilike : bound::op::ilike;
        break;
      case ast::match_op::similar:
        op = n.negated ? bound::op::not_similar : bound::op::similar;
        break;
      case ast::match_op::regexp:
        return unsupported("`regexp`");
      case ast::match_op::match:
        return unsupported("`match`");
    }
    return n.escape != nullptr ? apply(op, {n.operand, n.pattern, n.escape}) : apply(op, {n.operand, n.pattern});
  }
  bound::expr_ptr operator()(ast::in_list const& n) const {
    std::vector<bound::expr_ptr> operands{self.operand(*n.operand)};
    auto const wanted = width(*operands.front());
    if (wanted > 1 && !n.items.empty() && operands.front()->as<bound::row>() == nullptr) return unsupported("a subquery of several columns in a list");
    for (auto const* i : n.items) {
      operands.push_back(wanted > 1 ? self.operand(*i) : self.expression(*i));
      demand_width(*operands.back(), wanted);
      if (wanted > 1 && operands.back()->as<bound::row>() == nullptr) return unsupported("a subquery of several columns in a list");
    }
    return self.operation(n.negated ? bound::op::not_in : bound::op::in, operands, at);
  }
  bound::expr_ptr operator()(ast::in_query const& n) const {
    auto* operand = self.operand(*n.operand);
    return in(operand, self.query(*n.subquery, false), n.negated, n.subquery->at);
  }
  bound::expr_ptr operator()(ast::in_table const& n) const {
    auto* operand = self.operand(*n.operand);
    if (auto* list = own_list(n)) {
      demand_width(*operand, 1);
      return self.operation(n.negated ? bound::op::not_in : bound::op::in, {operand, list}, at);
    }
    if (!self.sqlite()) refuse(errc::syntax, "`in` takes a list or a query in parentheses", extent(n.table));
    return in(operand, self.in_table(n, at), n.negated, extent(n.table));
  }
  /// `x in principal.groups`: the resolver is asked with the place of the whole, which begins before the name: it tells a list from
  /// a value by that. Null: a table.
  bound::expr_ptr own_list(ast::in_table const& n) const {
    auto const is_reserved = [&](std::string_view word) { return catalog::same_name(word, n.table[0].text); };
    if (!self.options_.names || n.table.size() != 2 || std::ranges::none_of(reserved_words, is_reserved)) return nullptr;
    auto answer = self.options_.names(ast::column_ref{n.table}, nullptr, at);
    if (!answer) throw std::move(answer.error());
    return *answer;
  }
  bound::expr_ptr in(bound::expr_ptr operand, bound::query* q, bool negated, base::range where) const {
    demand_as_wide(*q, *operand, where);
    return self.make(bound::subquery{negated ? bound::subquery_kind::not_in : bound::subquery_kind::in, operand, q}, at);
  }
  static void demand_as_wide(bound::query const& q, bound::expr const& operand, base::range where) {
    auto const has = width(q), wanted = width(operand);
    if (has != wanted)
      refuse(errc::syntax, "this yields " + std::to_string(has) + (has == 1 ? " column, " : " columns, ") + std::to_string(wanted) +
                               (wanted == 1 ? " is" : " are") + " expected", where);
  }
  /// `= any (…)` is `in`, `<> all (…)` is `not in`: https://www.postgresql.org/docs/15/functions-subquery.html and functions-comparisons.html.
  bound::expr_ptr operator()(ast::quantified const& n) const {
    auto const is_in = n.which == ast::quantifier::any && n.symbol == "=";
    auto const is_not_in = n.which == ast::quantifier::all && (n.symbol == "<>" || n.symbol == "!=");
    auto const by = between_values(n.symbol);
    if (self.sqlite() || !by || !is_own(n.schema)) return unsupported("operator " + in_ticks(n.symbol) + " with `any` or `all`");
    if (!is_in && !is_not_in) return quantified(n, *by);
    if (n.subquery != nullptr) return (*this)(ast::in_query{n.operand, n.subquery, is_not_in});
    return quantified(n, *by);  // what an array holds is of one type, whatever it is compared with; in a list it would be of the other side's
  }
  /// Kept as it was written: what an array or a query without a value, or with a null, comes to differs by the word.
  bound::expr_ptr quantified(ast::quantified const& n, bound::op by) const {
    auto const is_any = n.which == ast::quantifier::any;
    if (n.subquery == nullptr) {
      std::vector<bound::expr_ptr> const operands{self.expression(*n.operand), self.expression(*n.array)};
      return self.make(bound::operation{is_any ? bound::op::any_array : bound::op::all_array, self.memory_.copy(operands), by}, at);
    }
    auto* operand = self.operand(*n.operand);
    if (width(*operand) > 1 && (by < bound::op::equal || by > bound::op::greater_equal)) return unsupported("a row with `any` or `all` but in a comparison");
    auto* q = self.query(*n.subquery, false);
    demand_as_wide(*q, *operand, n.subquery->at);
    return self.make(bound::subquery{is_any ? bound::subquery_kind::any : bound::subquery_kind::all, operand, q, by}, at);
  }
  bool is_own(ast::name_path const& schema) const { return schema.empty() || (!self.sqlite() && schema.size() == 1 && schema[0].text == "pg_catalog"); }
  /// What compares two values or matches one with the other.
  static std::optional<bound::op> between_values(std::string_view symbol) {
    static constexpr std::array<infix, 4> words{{{"~~", bound::op::like}, {"!~~", bound::op::not_like}, {"~~*", bound::op::ilike}, {"!~~*", bound::op::not_ilike}}};
    if (auto const* w = std::ranges::find(words, symbol, &infix::symbol); w != words.end()) return w->op;
    auto const* o = std::ranges::find(infix_operators, symbol, &infix::symbol);
    if (o != infix_operators.end() && o->compares && symbol != "==") return o->op;
    auto const* p = std::ranges::find(postgresql_operators, symbol, &infix::symbol);
    if (p == postgresql_operators.end() || p->op >= bound::op::path) return std::nullopt;
    return p->op;
  }
  bound::expr_ptr operator()(ast::exists const& n) const {
    return self.make(bound::subquery{bound::subquery_kind::exists, nullptr, self.query(*n.subquery, false)}, at);
  }
  bound::expr_ptr operator()(ast::scalar_subquery const& n) const {
    return self.make(bound::subquery{bound::subquery_kind::scalar, nullptr, self.query(*n.subquery, false)}, at);
  }
  bound::expr_ptr operator()(ast::case_expr const& n) const {
    auto* operand = self.optional(n.operand);
    std::vector<bound::when_arm> arms;
    for (auto const& arm : n.arms) {
      auto* condition = self.expression(*arm.condition);
      arms.push_back({condition, self.expression(*arm.result)});
    }
    return self.make(bound::case_expr{operand, self.memory_.copy(arms), self.optional(n.otherwise)}, at);
  }
  bound::expr_ptr operator()(ast::cast const& n) const {
    auto const type = self.sqlite() ? self.memory_.copy(type_text(n.type)) : self.postgresql_type(n.type, n.form == ast::cast_form::typed_literal);
    if (auto const* a = n.operand->as<ast::array>(); a != nullptr && a->subquery == nullptr && !self.sqlite())
      return self.make(bound::cast{self.make(expression_binder{self, n.operand->at}.array_of(*a, true), n.operand->at), type}, at);
    return self.make(bound::cast{self.expression(*n.operand), type}, at);
  }
  bound::expr_ptr operator()(ast::collate const& n) const { return self.collate(self.expression(*n.operand), n.collation, at); }
  bound::expr_ptr operator()(ast::call const& n) const { return self.call(n, at); }
  bound::expr_ptr operator()(ast::row const& n) const {
    if (n.explicit_keyword && (self.sqlite() || n.items.size() < 2)) return unsupported("`row(…)`");
    return self.make(bound::row{self.expressions(n.items)}, at);
  }
  bound::expr_ptr operator()(ast::array const& n) const {
    if (n.subquery != nullptr) {
      auto* q = self.query(*n.subquery, false);
      if (width(*q) != 1) refuse(errc::syntax, "an array is made of a query with one column", at);
      return self.make(bound::subquery{bound::subquery_kind::array, nullptr, q}, at);
    }
    return self.make(array_of(n, false), at);
  }
  /// An array's own arrays have its type, where one is said.
  bound::operation array_of(ast::array const& n, bool typed) const {
    if (n.items.empty() && !typed) unsupported("an empty array without a type");
    std::vector<bound::expr_ptr> items;
    for (auto const* i : n.items) {
      auto const* a = typed ? i->as<ast::array>() : nullptr;
      auto const nested = a != nullptr && a->subquery == nullptr;
      items.push_back(nested ? self.make(expression_binder{self, i->at}.array_of(*a, typed), i->at) : self.expression(*i));
    }
    return {bound::op::array, self.memory_.copy(items)};
  }
  /// All that stand behind one another are one step: of a matrix `x[1]` is null. Where one of them is a slice, `[2]` is `[1:2]`
  /// (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-ACCESSING).
  bound::expr_ptr operator()(ast::subscript const& n) const {
    std::vector<ast::subscript const*> all{&n};
    while (!all.back()->apart && all.back()->operand->as<ast::subscript>() != nullptr) all.push_back(all.back()->operand->as<ast::subscript>());
    std::ranges::reverse(all);
    auto const slice = std::ranges::any_of(all, &ast::subscript::slice);
    std::vector<bound::expr_ptr> operands{self.expression(*all.front()->operand)};
    auto const end = [&](ast::expr_ptr e) {
      operands.push_back(e == nullptr ? self.make(bound::literal{bound::literal_kind::left_out, {}}, at) : self.expression(*e));
    };
    for (auto const* s : all) {
      if (slice && !s->slice) {
        operands.push_back(self.make(bound::literal{bound::literal_kind::integer, "1"}, at));
        end(s->lower);
      } else {
        end(s->lower);
        if (slice) end(s->upper);
      }
    }
    return self.operation(slice ? bound::op::slice : bound::op::element, operands, at);
  }
  bound::expr_ptr operator()(ast::field const& n) const { return self.field(n, at); }
  bound::expr_ptr operator()(ast::grouping_set const&) const { return unsupported("a grouping set"); }
  bound::expr_ptr operator()(ast::default_value const& n) const {
    if (std::ranges::find(self.defaults_, &n) != self.defaults_.end()) return self.make(bound::literal{bound::literal_kind::by_default, {}}, at);
    refuse(errc::unsupported, "`default` here", at, "it can be all that a column is assigned");
  }
};

bound::expr_ptr binder::operand(ast::expr const& e) {
  deeper(1, e.at);
  count(1, e.at);
  hold<unsigned> const level(depth_, depth_ + 1);
  return std::visit(expression_binder{*this, e.at}, e.node);
}

bound::expr_ptr binder::expression(ast::expr const& e) {
  auto* made = operand(e);
  demand_width(*made, 1);
  return made;
}

bound::list<bound::expr_ptr> binder::expressions(ast::list<ast::expr_ptr> items) {
  std::vector<bound::expr_ptr> made;
  made.reserve(items.size());
  for (auto const* i : items) made.push_back(expression(*i));
  return memory_.copy(made);
}

bound::expr_ptr binder::operation(bound::op o, std::vector<bound::expr_ptr> const& operands, base::range at) {
  return make(bound::operation{o, memory_.copy(operands)}, at);
}

bound::expr_ptr binder::collate(bound::expr_ptr e, ast::name_path collation, base::range at) {
  if (!sqlite()) {
    auto const own_schema = collation.size() == 1 || (collation.size() == 2 && collation[0].text == "pg_catalog");
    if (own_schema && is_of_the_server(collation.back().text)) return make(bound::collate{e, memory_.copy(collation.back().text)}, at);
    refuse(errc::unsupported, "collation " + in_ticks(dotted(collation)) + " is not supported", extent(collation));
  }
  auto const name = dotted(collation);
  auto const known = std::ranges::find_if(collations, [&](std::string_view c) { return catalog::same_name(c, name); });
  if (known == collations.end()) refuse(errc::unsupported, "collation " + in_ticks(name) + " is not supported", extent(collation));
  return make(bound::collate{e, *known}, at);
}

/// `x in t` is `x in (select c from t)`, c being the one column of t.
bound::query* binder::in_table(ast::in_table const& n, base::range at) {
  auto* r = named_table(n.table, {}, extent(n.table), nullptr);
  bound::select s;
  std::vector<bound::item> items;
  for (unsigned i = 0; i < r->columns.size(); ++i)
    if (r->columns[i].shown) {
      r->columns[i].used = true;
      items.push_back({make(bound::column{r, i}, at), r->columns[i].name});
    }
  s.items = memory_.copy(items);
  s.from = memory_.make<bound::from_item>(bound::from_item{r});
  auto* q = memory_.make<bound::query>();
  q->body = memory_.make<bound::query_body>(bound::query_body{s});
  return q;
}

}  // namespace grille::bind
