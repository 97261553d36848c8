// Queries: common table expressions, select, values, set operations, order, limit, locks.
// https://sqlite.org/lang_select.html, https://www.postgresql.org/docs/15/sql-select.html
#include <limits>

#include "grammar/component.hpp"
#include "grammar/table.hpp"
#include "grammar/window.hpp"
#include "grammar/write.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

// A query takes a good part of the stack: its rules lie between two expressions.
constexpr unsigned query_weight = 6;

// --- select ------------------------------------------------------------------------------------------------------------

std::optional<ast::list<ast::table_ref const*>> read_tables(cursor& c) { return read_from(c); }
constexpr read_parser<ast::list<ast::table_ref const*>, &read_tables> tables{"a table"};
constexpr read_parser<ast::named_window, &read_named_window> named_window{"a name"};
constexpr read_parser<ast::list<ast::result_item>, &read_result_items> result_items{"a result column"};

// GROUP_ITEM ::= EXPRESSION | '(' ')' | ( 'rollup' | 'cube' | 'grouping' 'sets' ) '(' GROUP_ITEMS ')'      only EXPRESSION on SQLite
std::optional<ast::expr_ptr> read_group_item(cursor& c) {
  if (c.state.sqlite()) return read_operators(c);
  using kind = ast::grouping_set::kind;
  auto const begin = c.at;
  if (c.accept("("_sym, ")"_sym)) return make_expr(c.state, ast::grouping_set{kind::empty, {}}, c.since(begin));
  ast::grouping_set node;
  if ((c.is("rollup"_kw) || c.is("cube"_kw)) && c.next().is("("_sym)) {
    node.which = c.is("rollup"_kw) ? kind::rollup : kind::cube;
    c.at += 2;
    node.items = read_expressions(c);
  } else if (c.accept("grouping"_kw, "sets"_kw)) {
    nested const level(c.state, begin->at);
    node.which = kind::sets;
    c.expect("("_sym);
    batch<ast::expr_ptr, 4> items;
    do items.push(*read_group_item(c), c);
    while (c.accept(","_sym));
    node.items = items.keep(*c.state.arena);
  } else {
    return read_operators(c);
  }
  c.expect(")"_sym);
  return make_expr(c.state, node, c.since(begin));
}
constexpr read_parser<ast::expr_ptr, &read_group_item> group_item{"an expression"};

/// Where PostgreSQL's select goes on without a result column.
bool at_no_result(cursor const& c) {
  switch (c->word) {
    case "from"_kw:
    case "where"_kw:
    case "group"_kw:
    case "having"_kw:
    case "union"_kw:
    case "intersect"_kw:
    case "except"_kw:
    case "order"_kw:
    case "limit"_kw:
    case "offset"_kw:
    case "fetch"_kw:
    case "for"_kw:
    case "window"_kw:
    case "into"_kw:
      return true;
    default:
      return c->kind == token_kind::end || c.is(")"_sym) || c.is(";"_sym);
  }
}

// DISTINCT ::= 'distinct' [ 'on' '(' EXPRESSIONS ')' ] | 'all'
struct distinct_clause {
  ast::distinct_kind kind{};
  ast::list<ast::expr_ptr> on;
};
std::optional<distinct_clause> read_distinct(cursor& c) {
  if (c.accept("all"_kw)) return distinct_clause{ast::distinct_kind::all, {}};
  if (!c.accept("distinct"_kw)) return std::nullopt;
  distinct_clause d{ast::distinct_kind::distinct, {}};
  if (!c.state.sqlite() && c.accept("on"_kw)) {
    c.expect("("_sym);
    d = {ast::distinct_kind::distinct_on, read_expressions(c)};
    c.expect(")"_sym);
  }
  if (at_no_result(c)) c.fail("a result column");
  return d;
}
constexpr read_parser<distinct_clause, &read_distinct> distinct{"`distinct`"};
struct put_distinct {
  template <class Context>
  void operator()(Context const& ctx) const {
    x3::_val(ctx).distinct = x3::_attr(ctx).kind;
    x3::_val(ctx).distinct_on = x3::_attr(ctx).on;
  }
};

std::optional<bool> read_into(cursor& c) {
  if (c.is("into"_kw)) refuse(errc::unsupported, "`select into`", c->at);
  return std::nullopt;
}
constexpr read_parser<bool, &read_into> into{"`into`"};

// PostgreSQL: 'group' 'by' [ 'all' | 'distinct' ]
std::optional<bool> read_group_quantifier(cursor& c) {
  if (c.state.sqlite()) return std::nullopt;
  if (c.accept("distinct"_kw)) return true;
  c.accept("all"_kw);
  return false;
}
constexpr read_parser<bool, &read_group_quantifier> group_quantifier{"`distinct`"};

// PostgreSQL's window clause stands where SQLite may have a name of that spelling.
std::optional<bool> read_window_word(cursor& c) {
  if (!at_window_clause(c)) return std::nullopt;
  ++c.at;
  return true;
}
constexpr read_parser<bool, &read_window_word> window_word{"`window`"};

// CORE ::= 'select' [ DISTINCT ] [ RESULT_ITEMS ] [ 'from' TABLES ] [ 'where' EXPRESSION ] [ 'group' 'by' GROUP_ITEMS ]
//          [ 'having' EXPRESSION ] [ 'window' NAMED_WINDOWS ]      PostgreSQL's items may be none
x3::rule<struct core_id, ast::select_core> const core = "a query";
auto const core_def = kw("select") >> -distinct[put_distinct{}] >> -result_items[put<&ast::select_core::items>] >> -into >>
                      -(kw("from") > tables[put<&ast::select_core::from>]) >> -(kw("where") > expression[put<&ast::select_core::where>]) >>
                      -(kw("group") > kw("by") > -group_quantifier[put<&ast::select_core::group_distinct>] >
                        list_of(group_item)[put<&ast::select_core::group_by>]) >>
                      -(kw("having") > expression[put<&ast::select_core::having>]) >>
                      -(window_word > list_of(named_window)[put<&ast::select_core::windows>]);
BOOST_SPIRIT_DEFINE(core)

// VALUES ::= 'values' '(' EXPRESSIONS ')' { ',' '(' EXPRESSIONS ')' }
ast::values_rows read_values(cursor& c) {
  batch<ast::list<ast::expr_ptr>, 8> rows;
  ++c.at;
  do {
    c.expect("("_sym);
    rows.push(read_values_row(c), c);
    c.expect(")"_sym);
  } while (c.accept(","_sym));
  return {rows.keep(*c.state.arena)};
}

// --- set operations ----------------------------------------------------------------------------------------------------

class query_reader {
 public:
  explicit query_reader(cursor& c) : c_(c), begin_(c.at) {}
  query_reader(cursor& c, iterator begin) : c_(c), begin_(begin) {}

  // QUERY ::= [ WITH ] BODY [ ORDER ] [ LIMIT ] [ LOCKS ]
  ast::query_ptr read(with_clause const& with) {
    ast::query q;
    q.recursive = with.recursive;
    q.with = with.items;
    return finish(q, body(operand(), 0));
  }
  ast::query_ptr read_behind(ast::query_ptr first) { return finish({}, body(as_operand(begin_, first), 0)); }

 private:
  bool sqlite() const { return c_.state.sqlite(); }

  /// A query in parentheses that has no clauses of its own is its body.
  ast::query_body const* as_operand(iterator begin, ast::query_ptr q) {
    bool const bare = q->with.empty() && q->order.empty() && !q->limit && !q->offset && !q->limit_all && q->locks.empty();
    return bare ? q->body : make_body(c_.state, ast::nested_query{q}, c_.since(begin));
  }

  // OPERAND ::= CORE | VALUES | 'table' path | '(' QUERY ')'      the last two on PostgreSQL
  ast::query_body const* operand() {
    auto const begin = c_.at;
    if (c_.is("select"_kw)) {
      ast::select_core s;
      run(c_, core, s);
      return make_body(c_.state, s, c_.since(begin));
    }
    if (c_.is("values"_kw)) {
      auto const rows = read_values(c_);
      return make_body(c_.state, rows, c_.since(begin));
    }
    if (!sqlite() && c_.accept("table"_kw)) {
      ast::table_command t;
      t.only = c_.accept("only"_kw);
      bool const open = t.only && c_.accept("("_sym);
      auto const p = read_path(c_);
      if (!p) c_.fail("a table");
      t.path = *p;
      if (open) c_.expect(")"_sym);
      if (!t.only) c_.accept("*"_sym);
      return make_body(c_.state, t, c_.since(begin));
    }
    if (!sqlite() && c_.is("("_sym)) {
      nested const level(c_.state, c_->at, 2);
      ++c_.at;
      auto const q = read_query(c_);
      c_.expect(")"_sym);
      return as_operand(begin, q);
    }
    if (sqlite() && c_.is("("_sym))
      refuse(errc::syntax, "SQLite takes no parentheses around a query here", c_->at, "write `select * from (…)`");
    c_.fail(sqlite() ? "`select` or `values`" : "`select`, `values`, `table` or `(`");
  }

  // BODY ::= OPERAND { ( 'union' | 'except' | 'intersect' ) [ 'all' | 'distinct' ] OPERAND }
  // On PostgreSQL `intersect` binds tighter; on SQLite all are equal. Both to the left.
  ast::query_body const* body(ast::query_body const* left, unsigned least) {
    auto const begin = left->at.begin;
    for (;;) {
      bool const intersect = c_.is("intersect"_kw);
      if (!intersect && !c_.is("union"_kw) && !c_.is("except"_kw)) return left;
      unsigned const level = intersect && !sqlite() ? 2 : 1;
      if (level < least) return left;
      ast::set_operation node;
      node.op = intersect ? ast::set_op::intersect : c_.is("union"_kw) ? ast::set_op::union_ : ast::set_op::except;
      ++c_.at;
      if (c_.is("all"_kw) && (!sqlite() || node.op == ast::set_op::union_)) {
        ++c_.at;
        node.all = true;
      } else if (!sqlite()) {
        node.distinct = c_.accept("distinct"_kw);
      }
      node.left = left;
      node.right = body(operand(), level + 1);
      left = make_body(c_.state, node, {begin, c_.at[-1].at.end});
    }
  }

  // --- clauses of the whole query --------------------------------------------------------------------------------------

  ast::query_ptr finish(ast::query q, ast::query_body const* b) {
    q.body = b;
    if (c_.accept("order"_kw)) {
      c_.expect("by"_kw);
      q.order = read_order(c_);
    }
    if (sqlite())
      sqlite_limit(q);
    else
      postgresql_tail(q);
    // A query that only wraps another in parentheses is that one.
    if (auto const* inner = b->as<ast::nested_query>())
      if (q.with.empty() && q.order.empty() && !q.limit && !q.offset && !q.limit_all && q.locks.empty()) return inner->subquery;
    return make_query(c_.state, q, c_.since(begin_));
  }

  // LIMIT ::= 'limit' EXPRESSION [ 'offset' EXPRESSION | ',' EXPRESSION ]      before the comma stands the offset
  void sqlite_limit(ast::query& q) {
    if (!c_.accept("limit"_kw)) return;
    q.limit = read_operators(c_);
    if (c_.accept("offset"_kw)) {
      q.offset = read_operators(c_);
    } else if (c_.accept(","_sym)) {
      q.offset = q.limit;
      q.limit = read_operators(c_);
    }
  }

  // TAIL ::= any order of: 'limit' ( EXPRESSION | 'all' ), 'offset' EXPRESSION [ 'row' | 'rows' ], FETCH, { LOCK }; each once
  void postgresql_tail(ast::query& q) {
    bool limited = false;
    batch<ast::locking, 2> locks;
    for (;;) {
      if (c_.is("limit"_kw) || c_.is("fetch"_kw)) {
        if (limited) refuse(errc::syntax, "the limit is written twice", c_->at);
        limited = true;
        if (c_.accept("limit"_kw))
          limit(q);
        else
          fetch(q);
      } else if (c_.is("offset"_kw)) {
        if (q.offset) refuse(errc::syntax, "the offset is written twice", c_->at);
        ++c_.at;
        q.offset = read_operators(c_);
        if (!c_.accept("row"_kw)) c_.accept("rows"_kw);
      } else if (c_.is("for"_kw)) {
        ++c_.at;
        if (c_.is("read"_kw)) refuse(errc::unsupported, "`for read only`", c_->at);
        locks.push(lock(), c_);
      } else {
        break;
      }
    }
    q.locks = locks.keep(*c_.state.arena);
    if (q.with_ties && q.order.empty()) refuse(errc::syntax, "`with ties` needs `order by`", c_.at[-1].at);
  }
  void limit(ast::query& q) {
    if (c_.accept("all"_kw))
      q.limit_all = true;
    else
      q.limit = read_operators(c_);
    if (c_.is(","_sym)) refuse(errc::syntax, "`limit` takes one number", c_->at, "write `limit … offset …`");
  }
  // FETCH ::= 'fetch' ( 'first' | 'next' ) [ PRIMARY | [ '-' ] number ] ( 'row' | 'rows' ) ( 'only' | 'with' 'ties' )
  void fetch(ast::query& q) {
    ++c_.at;
    if (!c_.accept("first"_kw)) c_.expect("next"_kw);
    if (c_.is("row"_kw) || c_.is("rows"_kw)) {
      q.limit = make_expr(c_.state, ast::literal{ast::literal_kind::integer, "1"}, c_->at);
    } else {
      auto const begin = c_.at;
      bool const minus = c_.is("-"_sym);
      if (minus)
        ++c_.at;
      else
        c_.accept("+"_sym);
      if (c_.at != begin && c_->kind != token_kind::integer && c_->kind != token_kind::decimal) c_.fail("a number");
      nested const level(c_.state, c_->at);
      q.limit = read_primary(c_);
      if (minus) q.limit = make_expr(c_.state, ast::unary{ast::unary_op::minus, q.limit}, c_.since(begin));
    }
    if (!c_.accept("row"_kw)) c_.expect("rows"_kw);
    if (c_.accept("with"_kw)) {
      c_.expect("ties"_kw);
      q.with_ties = true;
    } else {
      c_.expect("only"_kw);
    }
  }
  // LOCK ::= 'for' ( 'update' | 'no' 'key' 'update' | 'share' | 'key' 'share' ) [ 'of' paths ] [ 'nowait' | 'skip' 'locked' ]
  ast::locking lock() {
    ast::locking l;
    if (c_.accept("no"_kw)) {
      c_.expect("key"_kw);
      c_.expect("update"_kw);
      l.strength = ast::lock_strength::no_key_update;
    } else if (c_.accept("key"_kw)) {
      c_.expect("share"_kw);
      l.strength = ast::lock_strength::key_share;
    } else if (c_.accept("share"_kw)) {
      l.strength = ast::lock_strength::share;
    } else {
      c_.expect("update"_kw);
    }
    if (c_.accept("of"_kw)) {
      batch<ast::name_path, 2> of;
      do {
        auto const p = read_path(c_);
        if (!p) c_.fail("a table");
        of.push(*p, c_);
      } while (c_.accept(","_sym));
      l.of = of.keep(*c_.state.arena);
    }
    if (c_.accept("nowait"_kw)) {
      l.wait = ast::lock_wait::nowait;
    } else if (c_.accept("skip"_kw)) {
      c_.expect("locked"_kw);
      l.wait = ast::lock_wait::skip_locked;
    }
    return l;
  }

  cursor& c_;
  iterator begin_;
};

// --- common table expressions ------------------------------------------------------------------------------------------

std::optional<ast::list<ast::identifier>> read_columns(cursor& c) {
  if (!c.is("("_sym)) return std::nullopt;
  return read_names(c);
}
constexpr read_parser<ast::list<ast::identifier>, &read_columns> columns{"`(`"};

std::optional<ast::statement const*> read_cte_body(cursor& c) {
  c.expect("("_sym);
  if (c.state.sqlite() && !at_query(*c, dialect::sqlite)) c.fail("`select` or `values`");
  auto const* s = read_statement(c);
  c.expect(")"_sym);
  return s;
}
constexpr read_parser<ast::statement const*, &read_cte_body> cte_body{"`(`"};

// CTE ::= name [ '(' names ')' ] 'as' [ [ 'not' ] 'materialized' ] '(' STATEMENT ')'      on SQLite a query
x3::rule<struct cte_id, ast::cte> const cte = "a name";
auto const cte_def = name[put<&ast::cte::name>] > -columns[put<&ast::cte::columns>] > kw("as") >
                     -(kw("materialized")[set<&ast::cte::hint, ast::materialization::materialized>] |
                       (kw("not")[set<&ast::cte::hint, ast::materialization::not_materialized>] >
                        kw("materialized"))) > cte_body[put<&ast::cte::body>];
BOOST_SPIRIT_DEFINE(cte)

// RESULT_ITEM ::= STAR | EXPRESSION [ 'as' label | bare_label ]
ast::result_item read_result_item(cursor& c) {
  ast::result_item item;
  auto const begin = c.at;
  item.value = read_star(c);
  if (item.value) {
    item.at = c.since(begin);
    return item;
  }
  item.value = read_operators(c);
  item.at = c.since(begin);
  if (c.accept("as"_kw)) {
    item.alias = c.name(name_role::label);
  } else if (c.at_name(name_role::bare_label) && !at_window_clause(c)) {
    item.alias = c.take_name();
  }
  return item;
}

}  // namespace

// WITH ::= 'with' [ 'recursive' ] CTE { ',' CTE }
with_clause read_with(cursor& c) {
  with_clause with;
  if (!c.accept("with"_kw)) return with;
  with.recursive = c.accept("recursive"_kw);
  batch<ast::cte, 2> items;
  do {
    auto const begin = c.at;
    ast::cte item;
    run(c, cte, item);
    item.at = c.since(begin);
    if (!c.state.sqlite() && (c.is("search"_kw) || c.is("cycle"_kw)))
      refuse(errc::unsupported, "`" + std::string(c->text) + "` behind a common table expression", c->at);
    items.push(item, c);
  } while (c.accept(","_sym));
  with.items = items.keep(*c.state.arena);
  return with;
}

// RESULT_ITEMS ::= RESULT_ITEM { ',' RESULT_ITEM }      none where PostgreSQL's select goes on without
std::optional<ast::list<ast::result_item>> read_result_items(cursor& c) {
  if (at_no_result(c) && !c.state.sqlite()) return std::nullopt;
  batch<ast::result_item, 6> items;
  do items.push(read_result_item(c), c);
  while (c.accept(","_sym));
  return items.keep(*c.state.arena);
}

ast::list<ast::expr_ptr> read_values_row(cursor& c) {
  batch<ast::expr_ptr, 8> items;
  do {
    if (!c.state.sqlite() && c.is("default"_kw)) {
      items.push(make_expr(c.state, ast::default_value{}, c->at), c);
      ++c.at;
    } else {
      items.push(read_operators(c), c);
    }
  } while (c.accept(","_sym));
  return items.keep(*c.state.arena);
}

bool at_query(token const& t, dialect d) {
  if (t.is("select"_kw) || t.is("with"_kw)) return true;
  // PostgreSQL's `values` may be a column; a token that is not the end has a next one.
  if (t.is("values"_kw)) return d == dialect::sqlite || (&t)[1].is("("_sym);
  return d == dialect::postgresql && t.is("table"_kw);
}

bool at_query_rest(cursor const& c) {
  return c.is("union"_kw) || c.is("intersect"_kw) || c.is("except"_kw) || c.is("order"_kw) || c.is("limit"_kw) || c.is("offset"_kw) ||
         c.is("fetch"_kw) || c.is("for"_kw);
}

ast::query_ptr read_query(cursor& c) {
  nested const level(c.state, c->at, query_weight);
  query_reader q(c);
  auto const with = read_with(c);
  return q.read(with);
}

ast::query_ptr read_query_after(cursor& c, iterator begin, with_clause const& with) {
  nested const level(c.state, c->at, query_weight);
  return query_reader(c, begin).read(with);
}

ast::query_ptr read_query_behind(cursor& c, iterator begin, ast::query_ptr first) {
  nested const level(c.state, c->at, query_weight);
  return query_reader(c, begin).read_behind(first);
}

}  // namespace grille::grammar
