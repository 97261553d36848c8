// Tables and joins. SQLite joins to the left, commas included, and every table may have its own `on`; PostgreSQL's `on` closes the
// nearest open join, and its commas are a list. https://sqlite.org/lang_select.html, https://www.postgresql.org/docs/15/sql-select.html
#include "grammar/table.hpp"

#include "base/limits.hpp"
#include "grammar/window.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

struct join_words {
  ast::join_kind kind{};
  bool natural{};
};

class from_clause {
 public:
  explicit from_clause(cursor& c) : c_(c) {}

  ast::list<ast::table_ref const*> read() {
    batch<ast::table_ref const*, 4> tables;
    for (;;) {
      tables.push(joins(), c_);
      if (sqlite() || !c_.is(","_sym)) break;
      count();
      ++c_.at;
    }
    return tables.keep(*c_.state.arena);
  }

 private:
  bool sqlite() const { return c_.state.sqlite(); }
  template <class Node>
  ast::table_ref const* make(iterator begin, Node const& node) {
    return make_table(c_.state, node, c_.since(begin));
  }

  // JOINS ::= TABLE { JOIN TABLE [ ON ] }
  ast::table_ref const* joins() {
    nested const level(c_.state, c_->at, 2);
    auto const begin = c_.at;
    return extend(begin, table(), false);
  }

  /// All joins behind a table; inside an open join only as long as its `on` has not come.
  ast::table_ref const* extend(iterator begin, ast::table_ref const* left, bool open) {
    for (;;) {
      if (open && (c_.is("on"_kw) || c_.is("using"_kw))) return left;
      auto const words = join_operator();
      if (!words) return left;
      count();
      ast::join j;
      j.kind = words->kind;
      j.natural = words->natural;
      j.left = left;
      auto const right_begin = c_.at;
      j.right = table();
      bool const wants_on = !sqlite() && !j.natural && j.kind != ast::join_kind::cross;
      if (wants_on) {
        nested const level(c_.state, c_->at, 2);
        j.right = extend(right_begin, j.right, true);
      }
      if (sqlite() || wants_on) constraint(j, wants_on);
      left = make(begin, j);
    }
  }

  /// One more join or comma, in parentheses or not.
  void count() {
    if (++joins_ >= base::limits::relations)
      refuse(errc::limit, "more than " + std::to_string(base::limits::relations) + " tables in one `from`", c_->at);
  }

  // ON ::= 'on' EXPRESSION | 'using' '(' names ')' [ 'as' name ]
  void constraint(ast::join& j, bool required) {
    if (c_.accept("on"_kw)) {
      j.on = read_operators(c_);
    } else if (c_.accept("using"_kw)) {
      j.using_columns = read_names(c_);
      if (!sqlite() && c_.accept("as"_kw)) j.using_alias = c_.name();
    } else if (required) {
      c_.fail("`on` or `using`");
    }
    if (j.natural && (j.on || !j.using_columns.empty()))
      refuse(errc::syntax, "a natural join takes neither `on` nor `using`", c_.at[-1].at);
  }

  std::optional<join_words> join_operator() { return sqlite() ? sqlite_join() : postgresql_join(); }

  // JOIN ::= ',' | { 'natural' | 'left' | 'right' | 'full' | 'inner' | 'cross' | 'outer' } 'join'      at most three words
  std::optional<join_words> sqlite_join() {
    if (c_.accept(","_sym)) return join_words{ast::join_kind::comma, false};
    if (c_.accept("join"_kw)) return join_words{};
    if (c_->word == no_keyword || entry(c_->word).sqlite != sqlite_class::join) return std::nullopt;
    auto const begin = c_.at;
    bool natural = false;
    bool outer = false;
    std::optional<ast::join_kind> kind;
    bool fits = true;
    for (; c_->word != no_keyword && entry(c_->word).sqlite == sqlite_class::join; ++c_.at) {
      auto const once = [&](bool& seen) {
        fits = fits && !seen;
        seen = true;
      };
      auto const only = [&](ast::join_kind k) {
        fits = fits && !kind;
        kind = k;
      };
      switch (c_->word) {
        case "natural"_kw:
          once(natural);
          break;
        case "outer"_kw:
          once(outer);
          break;
        case "left"_kw:
          only(ast::join_kind::left);
          break;
        case "right"_kw:
          only(ast::join_kind::right);
          break;
        case "full"_kw:
          only(ast::join_kind::full);
          break;
        case "inner"_kw:
          only(ast::join_kind::inner);
          break;
        default:
          only(ast::join_kind::cross);
      }
    }
    auto const side = kind == ast::join_kind::left || kind == ast::join_kind::right || kind == ast::join_kind::full;
    if (!fits || (outer && !side)) refuse(errc::syntax, "these words make no join", c_.since(begin));
    c_.expect("join"_kw);
    return join_words{kind.value_or(ast::join_kind::inner), natural};
  }

  // JOIN ::= 'cross' 'join' | [ 'natural' ] [ 'inner' | ( 'left' | 'right' | 'full' ) [ 'outer' ] ] 'join'
  std::optional<join_words> postgresql_join() {
    if (c_.accept("cross"_kw)) {
      c_.expect("join"_kw);
      return join_words{ast::join_kind::cross, false};
    }
    join_words words;
    auto const begin = c_.at;
    words.natural = c_.accept("natural"_kw);
    if (c_.is("left"_kw) || c_.is("right"_kw) || c_.is("full"_kw)) {
      words.kind = c_.is("left"_kw) ? ast::join_kind::left : c_.is("right"_kw) ? ast::join_kind::right : ast::join_kind::full;
      ++c_.at;
      c_.accept("outer"_kw);
    } else {
      c_.accept("inner"_kw);
    }
    if (c_.at == begin && !c_.is("join"_kw)) return std::nullopt;
    c_.expect("join"_kw);
    return words;
  }

  // --- one table -------------------------------------------------------------------------------------------------------

  ast::table_ref const* table() {
    auto const begin = c_.at;
    bool const lateral = !sqlite() && c_.accept("lateral"_kw);
    ast::table_ref const* t = nullptr;
    if (c_.is("("_sym))
      t = parenthesised(begin, lateral);
    else if (sqlite())
      t = sqlite_table(begin);
    else
      t = postgresql_table(begin, lateral);
    return sqlite() ? t : sampled(begin, t);
  }

  struct held {
    ast::query_ptr query{};
    ast::table_ref const* table{};
  };
  /// What a pair of parentheses in `from` holds, told by what the innermost ones hold; nothing is read twice.
  held parenthesis() {
    nested const level(c_.state, c_->at, 2);
    c_.expect("("_sym);
    if (at_query(*c_, c_.state.language)) {
      auto const q = read_query(c_);
      c_.expect(")"_sym);
      return {q, nullptr};
    }
    auto const begin = c_.at;
    ast::table_ref const* first = nullptr;
    if (c_.is("("_sym)) {
      auto const inner = parenthesis();
      if (inner.query && !sqlite() && at_query_rest(c_)) {
        auto const q = read_query_behind(c_, begin, inner.query);
        c_.expect(")"_sym);
        return {q, nullptr};
      }
      if (inner.query && c_.accept(")"_sym)) return {inner.query, nullptr};
      first = finish(begin, inner, false);
      if (!sqlite()) first = sampled(begin, first);
    } else {
      first = table();
    }
    auto const whole = extend(begin, first, false);
    if (!sqlite() && !whole->as<ast::join>()) c_.fail("a join");
    c_.expect(")"_sym);
    return {nullptr, whole};
  }
  ast::table_ref const* parenthesised(iterator begin, bool lateral) { return finish(begin, parenthesis(), lateral); }
  /// The alias behind the parentheses.
  ast::table_ref const* finish(iterator begin, held h, bool lateral) {
    if (h.query) {
      ast::derived_table d{h.query, alias(), lateral};
      if (!sqlite() && d.alias.name.text.empty())
        refuse(errc::syntax, "a subquery in `from` needs an alias", c_.since(begin), "write `(…) as name`");
      return make(begin, d);
    }
    if (lateral) refuse(errc::syntax, "`lateral` takes a subquery or a function", begin->at);
    auto const a = alias();
    if (a.name.text.empty()) return h.table;
    auto const* j = h.table->as<ast::join>();
    if (!j || !j->alias.name.text.empty())
      refuse(errc::unsupported, "an alias behind a table in parentheses", a.name.at, "write the alias inside");
    auto named = *j;
    named.alias = a;
    return make(begin, named);
  }

  // ALIAS ::= [ 'as' ] name [ '(' names ')' ]      the column list is PostgreSQL's
  ast::alias alias() {
    ast::alias a;
    if (c_.accept("as"_kw))
      a.name = c_.name();
    else if (c_.at_name(name_role::bare_alias) && !at_window_clause(c_))
      a.name = c_.take_name();
    if (!sqlite() && !a.name.text.empty() && c_.is("("_sym)) a.columns = read_names(c_);
    return a;
  }

  ast::name_path table_path() {
    auto const begin = c_.at;
    auto const p = read_path(c_);
    if (!p) c_.fail("a table");
    if (sqlite() && p->size() > 2) refuse(errc::syntax, "a table's name has at most two parts", c_.since(begin));
    return *p;
  }

  // TABLE ::= path ( '(' [ EXPRESSIONS ] ')' ALIAS | ALIAS [ 'indexed' 'by' name | 'not' 'indexed' ] )
  ast::table_ref const* sqlite_table(iterator begin) {
    auto const p = table_path();
    if (c_.is("("_sym)) {
      ast::call call;
      call.path = p;
      ++c_.at;
      if (!c_.is(")"_sym)) {
        batch<ast::argument, 4> arguments;
        do arguments.push({{}, read_operators(c_)}, c_);
        while (c_.accept(","_sym));
        call.arguments = arguments.keep(*c_.state.arena);
      }
      c_.expect(")"_sym);
      ast::table_function f;
      f.functions = one(c_.state.arena->make<ast::call>(call));
      f.alias = alias();
      return make(begin, f);
    }
    ast::table_name t;
    t.path = p;
    t.alias = alias();
    if (c_.accept("indexed"_kw)) {
      c_.expect("by"_kw);
      t.indexed_by = c_.name();
    } else if (c_.is("not"_kw)) {
      ++c_.at;
      c_.expect("indexed"_kw);
      t.not_indexed = true;
    }
    return make(begin, t);
  }

  template <class T>
  ast::list<T> one(T const& item) {
    batch<T, 1> list;
    list.push(item);
    return list.keep(*c_.state.arena);
  }

  // TABLE ::= 'only' ( path | '(' path ')' ) ALIAS | path [ '*' ] ALIAS | FUNCTION [ 'with' 'ordinality' ] FUNCTION_ALIAS
  //         | 'rows' 'from' '(' FUNCTION [ 'as' '(' … ')' ] { ',' … } ')' [ 'with' 'ordinality' ] FUNCTION_ALIAS
  ast::table_ref const* postgresql_table(iterator begin, bool lateral) {
    if (c_.is("rows"_kw) && c_.next().is("from"_kw)) return rows_from(begin, lateral);
    if (auto const* f = function()) {
      ast::table_function node;
      node.functions = one(f);
      node.lateral = lateral;
      return function_alias(begin, node);
    }
    if (lateral) refuse(errc::syntax, "`lateral` takes a subquery or a function", begin->at);
    ast::table_name t;
    if (c_.accept("only"_kw)) {
      t.only = true;
      bool const open = c_.accept("("_sym);
      t.path = table_path();
      if (open) c_.expect(")"_sym);
    } else {
      t.path = table_path();
      c_.accept("*"_sym);
    }
    t.alias = alias();
    return make(begin, t);
  }

  /// A function call, null if the cursor is on a table's name.
  ast::call const* function() {
    switch (c_->word) {
      case "current_date"_kw:
      case "current_time"_kw:
      case "current_timestamp"_kw:
      case "localtime"_kw:
      case "localtimestamp"_kw:
      case "current_catalog"_kw:
      case "current_role"_kw:
      case "current_user"_kw:
      case "session_user"_kw:
      case "user"_kw:
      case "cast"_kw:
      case "current_schema"_kw:
      case "xmltable"_kw:
      case "xmlconcat"_kw:
      case "xmlelement"_kw:
      case "xmlexists"_kw:
      case "xmlforest"_kw:
      case "xmlparse"_kw:
      case "xmlpi"_kw:
      case "xmlroot"_kw:
      case "xmlserialize"_kw:
      case "treat"_kw:
        refuse(errc::unsupported, "`" + std::string(spelling(c_->word)) + "` as a table", c_->at);
      case "collation"_kw:
      case "coalesce"_kw:
      case "greatest"_kw:
      case "least"_kw:
      case "nullif"_kw:
      case "extract"_kw:
      case "overlay"_kw:
      case "position"_kw:
      case "substring"_kw:
      case "trim"_kw:
      case "normalize"_kw:
        if (auto const value = c_.next().is("("_sym) || c_.is("collation"_kw) ? read_special_call(c_) : nullptr)
          return value->as<ast::call>();
        break;
      default:
        break;
    }
    if (!c_.at_name() && !c_.at_name(name_role::function)) return nullptr;
    std::size_t names = 1;
    while (names < 4 && c_.ahead(2 * names - 1).is("."_sym) && is_name(c_.ahead(2 * names), name_role::label, c_.state.language)) ++names;
    if (!c_.ahead(2 * names - 1).is("("_sym)) return nullptr;
    if (names == 1 && !c_.at_name(name_role::function)) return nullptr;
    if (names > 3) refuse(errc::syntax, "a function's name has at most three parts", c_->at);
    batch<ast::identifier, 3> parts;
    for (std::size_t i = 0; i < names; ++i) {
      if (i > 0) ++c_.at;
      parts.push(c_.take_name());
    }
    auto const call = read_call(c_, parts.keep(*c_.state.arena));
    if (call.filter || call.over || !call.within_group.empty())
      refuse(errc::syntax, "an aggregate or window call is no table", parts.front().at);
    return c_.state.arena->make<ast::call>(call);
  }

  ast::table_ref const* rows_from(iterator begin, bool lateral) {
    c_.at += 2;
    c_.expect("("_sym);
    ast::table_function node;
    node.lateral = lateral;
    node.rows_from = true;
    batch<ast::call const*, 4> functions;
    do {
      auto const* f = function();
      if (!f) c_.fail("a function");
      if (c_.is("as"_kw)) refuse(errc::unsupported, "column definitions inside `rows from`", c_->at);
      functions.push(f, c_);
    } while (c_.accept(","_sym));
    c_.expect(")"_sym);
    node.functions = functions.keep(*c_.state.arena);
    return function_alias(begin, node);
  }

  // FUNCTION_ALIAS ::= [ [ 'as' ] name [ '(' ( names | DEFINITIONS ) ')' ] | 'as' '(' DEFINITIONS ')' ]
  ast::table_ref const* function_alias(iterator begin, ast::table_function node) {
    if (c_.accept("with"_kw)) {
      c_.expect("ordinality"_kw);
      node.ordinality = true;
    }
    bool const as = c_.accept("as"_kw);
    if (as && c_.is("("_sym)) {
      node.definitions = definitions();
    } else {
      if (as)
        node.alias.name = c_.name();
      else if (c_.at_name(name_role::bare_alias))
        node.alias.name = c_.take_name();
      if (!node.alias.name.text.empty() && c_.is("("_sym)) {
        bool const names = c_.ahead(2).is(","_sym) || c_.ahead(2).is(")"_sym);
        if (names)
          node.alias.columns = read_names(c_);
        else
          node.definitions = definitions();
      }
    }
    if (node.ordinality && !node.definitions.empty()) refuse(errc::syntax, "`with ordinality` takes no column definitions", begin->at);
    return make(begin, node);
  }

  // DEFINITIONS ::= name TYPE [ 'collate' path ] { ',' … }
  ast::list<ast::column_definition> definitions() {
    c_.expect("("_sym);
    batch<ast::column_definition, 4> columns;
    do {
      ast::column_definition d;
      d.name = c_.name();
      d.type = read_type(c_);
      if (c_.accept("collate"_kw)) {
        auto const collation = read_path(c_);
        if (!collation) c_.fail("the name of a collation");
        d.collation = *collation;
      }
      columns.push(d, c_);
    } while (c_.accept(","_sym));
    c_.expect(")"_sym);
    return columns.keep(*c_.state.arena);
  }

  // SAMPLED ::= TABLE [ 'tablesample' path '(' EXPRESSIONS ')' [ 'repeatable' '(' EXPRESSION ')' ] ]
  ast::table_ref const* sampled(iterator begin, ast::table_ref const* t) {
    if (!c_.is("tablesample"_kw)) return t;
    if (!t->as<ast::table_name>()) c_.fail("the end of the table");
    ++c_.at;
    ast::table_sample s;
    s.table = t;
    if (!c_.at_name() && !c_.at_name(name_role::function)) c_.fail("a sampling method");
    batch<ast::identifier, 3> method;
    method.push(c_.take_name());
    while (c_.accept("."_sym)) method.push(c_.name(name_role::label), c_);
    if (method.size() == 1 && !is_name(c_.at[-1], name_role::function, c_.state.language)) {
      --c_.at;
      c_.fail("a sampling method");
    }
    s.method = method.keep(*c_.state.arena);
    c_.expect("("_sym);
    s.arguments = read_expressions(c_);
    c_.expect(")"_sym);
    if (c_.accept("repeatable"_kw)) {
      c_.expect("("_sym);
      s.repeatable = read_operators(c_);
      c_.expect(")"_sym);
    }
    return make(begin, s);
  }

  cursor& c_;
  std::size_t joins_ = 0;
};

}  // namespace

ast::list<ast::table_ref const*> read_from(cursor& c) { return from_clause(c).read(); }

// TARGET ::= [ 'only' ] path [ '*' ] [ 'as' name ]
ast::table_name read_target(cursor& c) {
  ast::table_name t;
  bool const sqlite = c.state.sqlite();
  bool open = false;
  if (!sqlite && c.accept("only"_kw)) {
    t.only = true;
    open = c.accept("("_sym);
  }
  auto const begin = c.at;
  auto const p = read_path(c);
  if (!p) c.fail("a table");
  if (sqlite && p->size() > 2) refuse(errc::syntax, "a table's name has at most two parts", c.since(begin));
  t.path = *p;
  if (open) c.expect(")"_sym);
  if (!sqlite && !t.only) c.accept("*"_sym);
  if (c.accept("as"_kw)) t.alias.name = c.name();
  return t;
}

ast::list<ast::identifier> read_names(cursor& c) {
  c.expect("("_sym);
  batch<ast::identifier, 6> names;
  do names.push(c.name(), c);
  while (c.accept(","_sym));
  c.expect(")"_sym);
  return names.keep(*c.state.arena);
}

}  // namespace grille::grammar
