// Operators: one Pratt loop over a table a dialect. Binding powers and associativity are those of SQLite's parse.y
// (https://sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes) and of PostgreSQL 15's gram.y
// (https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-PRECEDENCE), non-associative levels included.
// INVARIANT: every way into recursion goes through read_operators, which counts the nesting.
#include "grammar/expression.hpp"

#include <array>
#include <optional>

namespace grille::grammar {

using namespace literals;

namespace {

enum class infix : std::uint8_t {
  none,
  symbol,
  disjunction,
  conjunction,
  is,
  isnull,
  notnull,
  negated,
  between,
  in,
  match,
  collate,
  at_zone,
  cast,
  custom,
  overlaps
};

struct operator_row {
  std::string_view text;
  infix kind;
  std::uint8_t level;
};

namespace lite {
enum : std::uint8_t { or_ = 1, and_, not_, equality, comparison, escape, bits, sum, product, concatenation, collate, sign };
constexpr auto rows = std::to_array<operator_row>({
    {"or", infix::disjunction, or_},
    {"and", infix::conjunction, and_},
    {"=", infix::symbol, equality},
    {"==", infix::symbol, equality},
    {"<>", infix::symbol, equality},
    {"!=", infix::symbol, equality},
    {"is", infix::is, equality},
    {"isnull", infix::isnull, equality},
    {"notnull", infix::notnull, equality},
    {"not", infix::negated, equality},
    {"between", infix::between, equality},
    {"in", infix::in, equality},
    {"like", infix::match, equality},
    {"glob", infix::match, equality},
    {"regexp", infix::match, equality},
    {"match", infix::match, equality},
    {"<", infix::symbol, comparison},
    {"<=", infix::symbol, comparison},
    {">", infix::symbol, comparison},
    {">=", infix::symbol, comparison},
    {"&", infix::symbol, bits},
    {"|", infix::symbol, bits},
    {"<<", infix::symbol, bits},
    {">>", infix::symbol, bits},
    {"+", infix::symbol, sum},
    {"-", infix::symbol, sum},
    {"*", infix::symbol, product},
    {"/", infix::symbol, product},
    {"%", infix::symbol, product},
    {"||", infix::symbol, concatenation},
    {"->", infix::symbol, concatenation},
    {"->>", infix::symbol, concatenation},
    {"collate", infix::collate, collate},
});
}  // namespace lite

namespace pg {
enum : std::uint8_t { or_ = 1, and_, not_, is, comparison, between, escape, other, sum, product, power, at_zone, collate, sign, cast, row };
constexpr auto rows = std::to_array<operator_row>({
    {"or", infix::disjunction, or_},
    {"and", infix::conjunction, and_},
    {"is", infix::is, is},
    {"isnull", infix::isnull, is},
    {"notnull", infix::notnull, is},
    {"<", infix::symbol, comparison},
    {">", infix::symbol, comparison},
    {"=", infix::symbol, comparison},
    {"<=", infix::symbol, comparison},
    {">=", infix::symbol, comparison},
    {"<>", infix::symbol, comparison},
    {"not", infix::negated, between},
    {"between", infix::between, between},
    {"in", infix::in, between},
    {"like", infix::match, between},
    {"ilike", infix::match, between},
    {"similar", infix::match, between},
    {"operator", infix::custom, other},
    {"overlaps", infix::overlaps, row},
    {"+", infix::symbol, sum},
    {"-", infix::symbol, sum},
    {"*", infix::symbol, product},
    {"/", infix::symbol, product},
    {"%", infix::symbol, product},
    {"^", infix::symbol, power},
    {"at", infix::at_zone, at_zone},
    {"collate", infix::collate, collate},
    {"::", infix::cast, cast},
});
/// No two of these in a row: `a < b < c` is an error.
constexpr bool non_associative(unsigned level) { return level >= is && level <= escape; }
}  // namespace pg

struct slot {
  infix kind{};
  std::uint8_t level{};
};
struct table {
  std::array<slot, symbols.size() + 1> by_symbol{};
  std::array<slot, keywords.size() + 1> by_keyword{};
};
template <std::size_t N>
consteval table make_table(std::array<operator_row, N> const& rows) {
  table t;
  for (auto const& row : rows) {
    slot const s{row.kind, row.level};
    bool const is_word = row.text.front() >= 'a' && row.text.front() <= 'z';
    if (is_word)
      t.by_keyword[static_cast<std::size_t>(literals::operator""_kw(row.text.data(), row.text.size()))] = s;
    else
      t.by_symbol[static_cast<std::size_t>(find_symbol(row.text))] = s;
  }
  return t;
}
constexpr table sqlite_operators = make_table(lite::rows);
constexpr table postgresql_operators = make_table(pg::rows);

/// What the token is as an infix operator.
slot find_infix(cursor const& c) {
  auto const& t = *c.at;
  auto const& operators = c.state.sqlite() ? sqlite_operators : postgresql_operators;
  if (t.kind == token_kind::word) return operators.by_keyword[static_cast<std::size_t>(t.word)];
  if (t.kind != token_kind::symbol) return {};
  auto const known = operators.by_symbol[static_cast<std::size_t>(t.sym)];
  if (known.kind != infix::none || c.state.sqlite()) return known;
  // Every other operator of PostgreSQL, named by the grammars or not.
  bool const punctuation = std::string_view("()[],;:.").find(t.text.front()) != std::string_view::npos || t.text == "=>";
  return punctuation ? slot{} : slot{infix::symbol, pg::other};
}

// CUSTOM ::= 'operator' '(' { name '.' } symbol ')'
struct custom_operator {
  ast::name_path schema;
  std::string_view symbol;
};
std::optional<custom_operator> read_custom(cursor& c) {
  if (!c.is("operator"_kw) || !c.next().is("("_sym)) return std::nullopt;
  c.at += 2;
  batch<ast::identifier, 3> schema;
  while (c->kind != token_kind::symbol) {
    schema.push(c.name(), c);
    c.expect("."_sym);
  }
  if (c.is("("_sym) || c.is(")"_sym) || c.is(","_sym) || c.is("["_sym) || c.is("]"_sym) || c.is("::"_sym) || c.is("."_sym))
    c.fail("an operator");
  auto const symbol = c->text;
  ++c.at;
  c.expect(")"_sym);
  return custom_operator{schema.keep(*c.state.arena), symbol};
}

// QUANTIFIED ::= ( 'any' | 'some' | 'all' ) '(' ( QUERY | EXPRESSION ) ')'
bool at_quantifier(cursor const& c) {
  return (c.is("any"_kw) || c.is("some"_kw) || c.is("all"_kw)) && c.next().is("("_sym) && !c.state.sqlite();
}

/// One operator and its right side.
class operation {
 public:
  operation(cursor& c, iterator begin, ast::expr_ptr left, slot op, scope s) : c_(c), begin_(begin), left_(left), op_(op), scope_(s) {}

  ast::expr_ptr read() {
    switch (op_.kind) {
      case infix::none:
        break;
      case infix::symbol:
        return symbol();
      case infix::custom:
        return custom();
      case infix::disjunction:
        return junction(ast::junction_op::disjunction);
      case infix::conjunction:
        return junction(ast::junction_op::conjunction);
      case infix::is:
        return is();
      case infix::isnull:
        ++c_.at;
        return make(ast::is_test{left_, ast::truth::null, false});
      case infix::notnull:
        ++c_.at;
        return make(ast::is_test{left_, ast::truth::null, true});
      case infix::negated:
        return negated();
      case infix::between:
        return between(false);
      case infix::in:
        return in(false);
      case infix::match:
        return match(false);
      case infix::collate:
        return collate();
      case infix::at_zone:
        return at_zone();
      case infix::cast:
        return cast();
      case infix::overlaps:
        return overlaps();
    }
    c_.fail("an operator");
  }
  /// Whether the operation ended in an operand, so that PostgreSQL's non-associative operators must not follow.
  bool open() const { return open_; }

 private:
  template <class Node>
  ast::expr_ptr make(Node const& node) {
    return make_expr(c_.state, node, c_.since(begin_));
  }
  ast::expr_ptr right() {
    open_ = true;
    return read_operators(c_, op_.level + 1U, scope_);
  }
  bool sqlite() const { return c_.state.sqlite(); }

  ast::expr_ptr symbol() {
    auto const text = c_->text;
    ++c_.at;
    return behind_operator(text, {});
  }
  ast::expr_ptr custom() {
    auto const op = read_custom(c_);
    if (!op) c_.fail("`(` behind `operator`");
    return behind_operator(op->symbol, op->schema);
  }
  ast::expr_ptr behind_operator(std::string_view text, ast::name_path schema) {
    if (at_quantifier(c_) && scope_ == scope::full) return quantified(text, schema);
    auto const r = right();
    return make(ast::binary{text, schema, left_, r});
  }
  ast::expr_ptr quantified(std::string_view text, ast::name_path schema) {
    ast::quantified node{left_, text, schema, c_.is("all"_kw) ? ast::quantifier::all : ast::quantifier::any, nullptr, nullptr};
    ++c_.at;
    auto const held = read_parenthesis(c_);
    if (held.items.size() > 1) refuse(errc::syntax, "`any` and `all` take one array or one query", held.items[1]->at);
    node.subquery = held.query;
    node.array = held.query ? nullptr : held.items.front();
    return make(node);
  }

  // JUNCTION ::= OPERAND { 'and' OPERAND }, the same for 'or': one node, however long
  ast::expr_ptr junction(ast::junction_op op) {
    auto const word = c_->word;
    batch<ast::expr_ptr, 12> items;
    items.push(left_);
    while (c_.accept(word)) items.push(read_operators(c_, op_.level + 1U), c_);
    return make(ast::junction{op, items.keep(*c_.state.arena)});
  }

  // IS ::= 'is' [ 'not' ] ( 'null' | 'true' | 'false' | 'unknown' | 'distinct' 'from' OPERAND | OPERAND )
  ast::expr_ptr is() {
    ++c_.at;
    bool const negated = c_.accept("not"_kw);
    if (c_.accept("distinct"_kw)) {
      c_.expect("from"_kw);
      auto const r = right();
      return make(ast::distinct_test{left_, r, negated});
    }
    return sqlite() ? sqlite_is(negated) : postgresql_is(negated);
  }
  // SQLite's `is` takes any operand; with a constant it is the test of that name.
  ast::expr_ptr sqlite_is(bool negated) {
    auto const r = right();
    if (auto const* value = r->as<ast::literal>()) {
      if (value->kind == ast::literal_kind::null) return make(ast::is_test{left_, ast::truth::null, negated});
      if (value->kind == ast::literal_kind::boolean)
        return make(ast::is_test{left_, value->text == "true" ? ast::truth::true_ : ast::truth::false_, negated});
    }
    return make(ast::distinct_test{left_, r, !negated});
  }
  ast::expr_ptr postgresql_is(bool negated) {
    auto const word = c_->word;
    if (word == "document"_kw || word == "nfc"_kw || word == "nfd"_kw || word == "nfkc"_kw || word == "nfkd"_kw)
      refuse(errc::unsupported, "`is " + std::string(spelling(word)) + "`", c_->at);
    if (word == "normalized"_kw) {
      ++c_.at;
      batch<ast::argument, 1> arguments;
      arguments.push({{}, left_});
      ast::call call;
      call.arguments = arguments.keep(*c_.state.arena);
      call.syntax = ast::call_syntax::is_normalized;
      auto const test = make(call);
      return negated ? make(ast::unary{ast::unary_op::logical_not, test}) : test;
    }
    auto const value = word == "null"_kw    ? ast::truth::null
                       : word == "true"_kw  ? ast::truth::true_
                       : word == "false"_kw ? ast::truth::false_
                                            : ast::truth::unknown;
    if (value == ast::truth::unknown && word != "unknown"_kw) c_.fail(negated ? "a test behind `is not`" : "a test behind `is`");
    ++c_.at;
    return make(ast::is_test{left_, value, negated});
  }

  // NEGATED ::= 'not' ( BETWEEN | IN | MATCH | 'null' )
  ast::expr_ptr negated() {
    ++c_.at;
    if (sqlite() && c_.accept("null"_kw)) return make(ast::is_test{left_, ast::truth::null, true});
    switch (find_infix(c_).kind) {
      case infix::between:
        return between(true);
      case infix::in:
        return in(true);
      case infix::match:
        return match(true);
      default:
        c_.fail(sqlite() ? "`between`, `in`, `like` or `null` behind `not`" : "`between`, `in` or `like` behind `not`");
    }
  }

  // BETWEEN ::= 'between' [ 'symmetric' | 'asymmetric' ] OPERAND 'and' OPERAND
  ast::expr_ptr between(bool negated) {
    ++c_.at;
    bool const symmetric = !sqlite() && c_.accept("symmetric"_kw);
    if (!sqlite() && !symmetric) c_.accept("asymmetric"_kw);
    auto const low = sqlite() ? read_operators(c_, lite::and_ + 1U) : read_operators(c_, 0, scope::restricted);
    c_.expect("and"_kw);
    auto const high = right();
    return make(ast::between{left_, low, high, negated, symmetric});
  }

  // IN ::= 'in' ( '(' QUERY ')' | '(' [ EXPRESSIONS ] ')' | table )
  ast::expr_ptr in(bool negated) {
    ++c_.at;
    if (!c_.is("("_sym)) return in_table(negated);
    if (sqlite() && c_.next().is(")"_sym)) {
      c_.at += 2;
      return make(ast::in_list{left_, {}, negated});
    }
    auto const held = read_parenthesis(c_);
    if (held.query) return make(ast::in_query{left_, held.query, negated});
    return make(ast::in_list{left_, held.items, negated});
  }
  ast::expr_ptr in_table(bool negated) {
    // of a list of the caller's own, `principal.groups`, policies speak alike in both dialects
    if ((!sqlite() && !c_.state.in_policy) || !c_.at_name()) c_.fail(sqlite() ? "`(` or a table name" : "`(`");
    auto const path_begin = c_.at;
    auto const table = *read_path(c_);
    if (table.size() > 2) refuse(errc::syntax, "a table name has at most two parts", c_.since(path_begin));
    if (c_.is("("_sym)) refuse(errc::unsupported, "a table-valued function behind `in`", c_.since(path_begin));
    return make(ast::in_table{left_, table, negated});
  }

  // MATCH ::= ( 'like' | 'glob' | 'regexp' | 'match' | 'ilike' | 'similar' 'to' ) OPERAND [ 'escape' OPERAND ]
  ast::expr_ptr match(bool negated) {
    auto const word = c_->word;
    ++c_.at;
    auto op = ast::match_op::like;
    if (word == "glob"_kw) op = ast::match_op::glob;
    if (word == "regexp"_kw) op = ast::match_op::regexp;
    if (word == "match"_kw) op = ast::match_op::match;
    if (word == "ilike"_kw) op = ast::match_op::ilike;
    if (word == "similar"_kw) {
      op = ast::match_op::similar;
      c_.expect("to"_kw);
    } else if (at_quantifier(c_)) {
      // The operators that PostgreSQL means by the words.
      return quantified(op == ast::match_op::like ? (negated ? "!~~" : "~~") : (negated ? "!~~*" : "~~*"), {});
    }
    auto const pattern = right();
    ast::expr_ptr escape = nullptr;
    if (c_.accept("escape"_kw)) escape = right();
    return make(ast::pattern_match{op, left_, pattern, escape, negated});
  }

  ast::expr_ptr collate() {
    ++c_.at;
    if (sqlite()) {
      if (!c_.at_name(name_role::bare_label)) c_.fail("the name of a collation");
      batch<ast::identifier, 1> one;
      one.push(c_.take_name());
      return make(ast::collate{left_, one.keep(*c_.state.arena)});
    }
    auto const collation = read_path(c_);
    if (!collation) c_.fail("the name of a collation");
    return make(ast::collate{left_, *collation});
  }

  // AT ::= 'at' 'time' 'zone' OPERAND
  ast::expr_ptr at_zone() {
    ++c_.at;
    c_.expect("time"_kw);
    c_.expect("zone"_kw);
    auto const zone = right();
    batch<ast::argument, 2> arguments;
    arguments.push({{}, left_});
    arguments.push({{}, zone});
    ast::call call;
    call.arguments = arguments.keep(*c_.state.arena);
    call.syntax = ast::call_syntax::at_time_zone;
    return make(call);
  }

  ast::expr_ptr cast() {
    ++c_.at;
    auto const type = read_type(c_);
    return make(ast::cast{left_, type, ast::cast_form::colons});
  }

  // OVERLAPS ::= ROW 'overlaps' ROW      two values each; the function that PostgreSQL means by it
  ast::expr_ptr overlaps() {
    auto const at = c_->at;
    ++c_.at;
    auto const* from = left_->as<ast::row>();
    auto const* to = read_primary(c_)->as<ast::row>();
    if (!from || !to || from->items.size() != 2 || to->items.size() != 2) refuse(errc::syntax, "`overlaps` stands between two pairs", at);
    batch<ast::identifier, 2> name;
    name.push({"pg_catalog", at, false});
    name.push({"overlaps", at, false});
    batch<ast::argument, 4> arguments;
    for (auto const* side : {from, to})
      for (auto const item : side->items) arguments.push({{}, item});
    ast::call call;
    call.path = name.keep(*c_.state.arena);
    call.arguments = arguments.keep(*c_.state.arena);
    return make(call);
  }

  cursor& c_;
  iterator begin_;
  ast::expr_ptr left_;
  slot op_;
  scope scope_;
  bool open_ = false;
};

/// What a restricted expression does not take as an operator.
bool barred(slot op, cursor const& c) {
  switch (op.kind) {
    case infix::symbol:
    case infix::custom:
    case infix::cast:
    case infix::none:
      return false;
    case infix::is: {
      auto const& next = c.next();
      return !(next.is("distinct"_kw) || (next.is("not"_kw) && c.ahead(2).is("distinct"_kw)));
    }
    case infix::disjunction:
    case infix::conjunction:
    case infix::isnull:
    case infix::notnull:
    case infix::negated:
    case infix::between:
    case infix::in:
    case infix::match:
    case infix::collate:
    case infix::at_zone:
    case infix::overlaps:
      return true;
  }
  return true;
}

// PREFIX ::= ( '-' | '+' | '~' | 'not' | operator ) OPERAND | PRIMARY
ast::expr_ptr read_prefix(cursor& c, scope s) {
  auto const begin = c.at;
  auto const unary = [&](ast::unary_op op, unsigned level) {
    ++c.at;
    auto const operand = read_operators(c, level, s);
    return make_expr(c.state, ast::unary{op, operand}, c.since(begin));
  };
  bool const sqlite = c.state.sqlite();
  if (c.is("not"_kw) && s == scope::full) return unary(ast::unary_op::logical_not, sqlite ? unsigned{lite::not_} : unsigned{pg::not_});
  if (c->kind == token_kind::symbol) {
    unsigned const sign = sqlite ? unsigned{lite::sign} : unsigned{pg::sign};
    if (c.is("-"_sym)) return unary(ast::unary_op::minus, sign);
    if (c.is("+"_sym)) return unary(ast::unary_op::plus, sign);
    if (c.is("~"_sym)) return unary(ast::unary_op::bit_not, sqlite ? unsigned{lite::sign} : pg::other + 1U);
    if (!sqlite && find_infix(c).level == pg::other) {
      auto const text = c->text;
      ++c.at;
      auto const operand = read_operators(c, pg::other + 1U, s);
      return make_expr(c.state, ast::prefix{text, {}, operand}, c.since(begin));
    }
  }
  if (!sqlite)
    if (auto const op = read_custom(c)) {
      auto const operand = read_operators(c, pg::other + 1U, s);
      return make_expr(c.state, ast::prefix{op->symbol, op->schema, operand}, c.since(begin));
    }
  return read_primary(c);
}

}  // namespace

ast::expr_ptr read_operators(cursor& c, unsigned least, scope s) {
  nested const level(c.state, c->at);
  auto const begin = c.at;
  return climb(c, begin, read_prefix(c, s), least, s);
}

ast::expr_ptr climb(cursor& c, iterator begin, ast::expr_ptr left, unsigned least, scope s) {
  unsigned closed = 0;  // the non-associative level that must not come again
  for (;;) {
    auto const op = find_infix(c);
    if (op.kind == infix::none || op.level < least || (s == scope::restricted && barred(op, c))) return left;
    if (op.level == closed)
      refuse(errc::syntax, "`" + std::string(c->text) + "` cannot follow an operator of its own rank", c->at,
             "put parentheses around one of the two");
    operation one(c, begin, left, op, s);
    left = one.read();
    closed = one.open() && !c.state.sqlite() && pg::non_associative(op.level) ? op.level : 0;
  }
}

ast::list<ast::expr_ptr> read_expressions(cursor& c) {
  batch<ast::expr_ptr, 12> items;
  do items.push(read_operators(c), c);
  while (c.accept(","_sym));
  return items.keep(*c.state.arena);
}

}  // namespace grille::grammar
