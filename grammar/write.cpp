// Statements: which word begins what, and the writes.
// https://sqlite.org/lang_insert.html and so on, https://www.postgresql.org/docs/15/sql-insert.html and so on
#include "grammar/write.hpp"

#include <array>

#include "grammar/component.hpp"
#include "grammar/table.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

std::optional<ast::list<ast::table_ref const*>> read_tables(cursor& c) { return read_from(c); }
constexpr read_parser<ast::list<ast::table_ref const*>, &read_tables> tables{"a table"};
constexpr read_parser<ast::list<ast::result_item>, &read_result_items> result_items{"a result column"};

// CONFLICT_ACTION ::= 'or' ( 'rollback' | 'abort' | 'fail' | 'ignore' | 'replace' )      (SQLite)
std::optional<ast::conflict_action> read_action(cursor& c) {
  if (!c.state.sqlite() || !c.accept("or"_kw)) return std::nullopt;
  if (c.accept("rollback"_kw)) return ast::conflict_action::rollback;
  if (c.accept("abort"_kw)) return ast::conflict_action::abort;
  if (c.accept("fail"_kw)) return ast::conflict_action::fail;
  if (c.accept("ignore"_kw)) return ast::conflict_action::ignore;
  if (c.accept("replace"_kw)) return ast::conflict_action::replace;
  c.fail("`rollback`, `abort`, `fail`, `ignore` or `replace`");
}
constexpr read_parser<ast::conflict_action, &read_action> action{"`or`"};

// TARGET of an update or delete: PostgreSQL's alias needs no `as`, SQLite's table may name an index.
std::optional<ast::table_name> read_changed(cursor& c) {
  auto t = read_target(c);
  if (c.state.sqlite()) {
    if (c.accept("indexed"_kw)) {
      c.expect("by"_kw);
      t.indexed_by = c.name();
    } else if (c.accept("not"_kw)) {
      c.expect("indexed"_kw);
      t.not_indexed = true;
    }
  } else if (t.alias.name.text.empty() && c.at_name(name_role::bare_alias) && !c.is("set"_kw)) {
    t.alias.name = c.take_name();
  }
  return t;
}
constexpr read_parser<ast::table_name, &read_changed> changed{"a table"};

// ASSIGNMENT ::= ( name | '(' names ')' ) '=' ( EXPRESSION | 'default' )
ast::assignment read_assignment(cursor& c) {
  ast::assignment a;
  if (c.is("("_sym)) {
    a.columns = read_names(c);
    a.row_form = true;
  } else {
    batch<ast::identifier, 1> one;
    one.push(c.name());
    a.columns = one.keep(*c.state.arena);
    if (c.is("."_sym)) refuse(errc::unsupported, "an assignment to a part of a column", c->at, "a column of the table is named without the table's name");
    if (c.is("["_sym)) refuse(errc::unsupported, "an assignment to a part of a column", c->at, "assign the whole");
  }
  c.expect("="_sym);
  if (!c.state.sqlite() && c.is("default"_kw)) {
    a.value = make_expr(c.state, ast::default_value{}, c->at);
    ++c.at;
  } else if (auto const named = c.is("row"_kw) && c.next().is("("_sym);
             !c.state.sqlite() && a.row_form && (named || (c.is("("_sym) && !at_query(c.next(), c.state.language)))) {
    // A row whose items may be `default`.
    nested const level(c.state, c->at);
    auto const begin = c.at;
    c.at += named ? 2 : 1;
    auto const items = read_values_row(c);
    c.expect(")"_sym);
    a.value = items.size() == 1 && !named ? items.front() : make_expr(c.state, ast::row{items, named}, c.since(begin));
  } else {
    a.value = read_operators(c);
  }
  return a;
}
std::optional<ast::list<ast::assignment>> read_assignments(cursor& c) {
  batch<ast::assignment, 4> items;
  do items.push(read_assignment(c), c);
  while (c.accept(","_sym));
  return items.keep(*c.state.arena);
}
constexpr read_parser<ast::list<ast::assignment>, &read_assignments> assignments{"a column"};

// INDEX_ITEM ::= ( name | CALL | CAST | '(' EXPRESSION ')' ) [ 'collate' path ]      (PostgreSQL; SQLite takes any expression)
ast::expr_ptr read_index_item(cursor& c) {
  auto const begin = c.at;
  ast::expr_ptr item = nullptr;
  if (c.is("("_sym)) {
    auto const held = read_parenthesis(c);
    if (held.query || held.items.size() != 1) c.fail("an expression");
    item = held.items.front();
  } else {
    item = read_primary(c);
    auto const* column = item->as<ast::column_ref>();
    auto const* cast = item->as<ast::cast>();
    if (!(column && column->path.size() == 1) && !item->as<ast::call>() && !(cast && cast->form == ast::cast_form::call))
      refuse(errc::syntax, "an expression in a conflict target stands in parentheses", c.since(begin));
  }
  if (!c.accept("collate"_kw)) return item;
  auto const collation = read_path(c);
  if (!collation) c.fail("the name of a collation");
  return make_expr(c.state, ast::collate{item, *collation}, c.since(begin));
}

// CONFLICT_TARGET ::= '(' EXPRESSION { ',' EXPRESSION } ')', on PostgreSQL of INDEX_ITEM
std::optional<ast::list<ast::expr_ptr>> read_conflict_target(cursor& c) {
  if (!c.accept("("_sym)) return std::nullopt;
  batch<ast::expr_ptr, 4> items;
  do {
    items.push(c.state.sqlite() ? read_operators(c) : read_index_item(c), c);
    if (c.is("asc"_kw) || c.is("desc"_kw) || c.is("nulls"_kw)) refuse(errc::unsupported, "an order in a conflict target", c->at);
    if (!c.state.sqlite() && !c.is(","_sym) && !c.is(")"_sym)) refuse(errc::unsupported, "an operator class in a conflict target", c->at);
  } while (c.accept(","_sym));
  c.expect(")"_sym);
  return items.keep(*c.state.arena);
}
constexpr read_parser<ast::list<ast::expr_ptr>, &read_conflict_target> conflict_target{"`(`"};

std::optional<ast::identifier> read_constraint(cursor& c) {
  if (c.state.sqlite() || !c.accept("on"_kw)) return std::nullopt;
  c.expect("constraint"_kw);
  return c.name();
}
constexpr read_parser<ast::identifier, &read_constraint> constraint{"`on constraint`"};

// UPSERT ::= 'on' 'conflict' [ CONFLICT_TARGET [ 'where' EXPRESSION ] | 'on' 'constraint' name ]
//            'do' ( 'nothing' | 'update' 'set' ASSIGNMENTS [ 'where' EXPRESSION ] )
x3::rule<struct upsert_id, ast::upsert> const upsert = "`on conflict`";
auto const upsert_def = kw("on") > kw("conflict") >
                        -((conflict_target[put<&ast::upsert::target>] > -(kw("where") > expression[put<&ast::upsert::target_where>])) |
                          constraint[put<&ast::upsert::constraint>]) > kw("do") >
                        (kw("nothing")[set<&ast::upsert::do_nothing>] | (kw("update") > kw("set") > assignments[put<&ast::upsert::set>] >
                                                                         -(kw("where") > expression[put<&ast::upsert::where>])));
BOOST_SPIRIT_DEFINE(upsert)

std::optional<ast::list<ast::upsert>> read_upserts(cursor& c) {
  if (!c.is("on"_kw)) return std::nullopt;
  batch<ast::upsert, 1> items;
  while (c.is("on"_kw)) {
    auto const begin = c.at;
    if (items.size() > 0 && (!c.state.sqlite() || items.last().target.empty()))
      refuse(errc::syntax, c.state.sqlite() ? "a clause behind `on conflict` without a target" : "`on conflict` is written twice",
             begin->at);
    ast::upsert u;
    run(c, upsert, u);
    u.at = base::cover(begin->at, begin[1].at);
    if (!u.do_nothing && !c.state.sqlite() && u.target.empty() && u.constraint.text.empty())
      refuse(errc::syntax, "`do update` needs a conflict target", begin->at);
    items.push(u, c);
  }
  return items.keep(*c.state.arena);
}
constexpr read_parser<ast::list<ast::upsert>, &read_upserts> upserts{"`on conflict`"};

// An insert's target has neither `only` nor `*`.
std::optional<ast::table_name> read_inserted(cursor& c) {
  if (c.state.sqlite()) return read_target(c);
  auto const target = read_path(c);
  if (!target) c.fail("a table");
  ast::table_name t;
  t.path = *target;
  if (c.accept("as"_kw)) t.alias.name = c.name();
  return t;
}
constexpr read_parser<ast::table_name, &read_inserted> inserted{"a table"};

// '(' names ')', which on PostgreSQL may also be a query.
std::optional<ast::list<ast::identifier>> read_columns(cursor& c) {
  if (!c.is("("_sym) || at_query(c.next(), c.state.language) || c.next().is("("_sym)) return std::nullopt;
  c.expect("("_sym);
  batch<ast::identifier, 8> names;
  do {
    names.push(c.name(), c);
    if (c.is("."_sym) || c.is("["_sym)) refuse(errc::unsupported, "an insert into a part of a column", c->at);
  } while (c.accept(","_sym));
  c.expect(")"_sym);
  return names.keep(*c.state.arena);
}
constexpr read_parser<ast::list<ast::identifier>, &read_columns> columns{"`(`"};

// OVERRIDING ::= 'overriding' ( 'system' | 'user' ) 'value'      (PostgreSQL)
std::optional<int> read_overriding(cursor& c) {
  if (c.state.sqlite() || !c.accept("overriding"_kw)) return std::nullopt;
  int const which = c.accept("system"_kw) ? 1 : 2;
  if (which == 2) c.expect("user"_kw);
  c.expect("value"_kw);
  return which;
}
constexpr read_parser<int, &read_overriding> overriding{"`overriding`"};

// SOURCE ::= 'default' 'values' | QUERY
std::optional<ast::query_ptr> read_source(cursor& c) {
  if (c.accept("default"_kw)) {
    c.expect("values"_kw);
    return nullptr;
  }
  return read_query(c);
}
constexpr read_parser<ast::query_ptr, &read_source> source{"`values`, `select` or `default values`"};

// INSERT ::= ( 'insert' [ CONFLICT_ACTION ] | 'replace' ) 'into' TARGET [ '(' names ')' ] [ OVERRIDING ] SOURCE { UPSERT }
//            [ 'returning' RESULT_ITEMS ]
x3::rule<struct insert_id, ast::insert_statement> const insert = "an insert";
auto const insert_def = ((kw("insert") > -action[put<&ast::insert_statement::action>]) |
                         kw("replace")[set<&ast::insert_statement::replace>]) > kw("into") > inserted[put<&ast::insert_statement::target>] >
                        -columns[put<&ast::insert_statement::columns>] >
                        -overriding[put<&ast::insert_statement::overriding>] > source[put<&ast::insert_statement::source>] >
                        -upserts[put<&ast::insert_statement::conflicts>] >
                        -(kw("returning") > result_items[put<&ast::insert_statement::returning>]);
BOOST_SPIRIT_DEFINE(insert)

// `where current of` names a cursor, which no statement here has.
std::optional<ast::expr_ptr> read_condition(cursor& c) {
  if (!c.state.sqlite() && c.is("current"_kw) && c.next().is("of"_kw)) refuse(errc::unsupported, "`where current of`", c->at);
  return read_operators(c);
}
constexpr read_parser<ast::expr_ptr, &read_condition> condition{"an expression"};

// UPDATE ::= 'update' [ CONFLICT_ACTION ] TARGET 'set' ASSIGNMENTS [ 'from' TABLES ] [ 'where' EXPRESSION ] [ 'returning' RESULT_ITEMS ]
x3::rule<struct update_id, ast::update_statement> const update = "an update";
auto const update_def = kw("update") > -action[put<&ast::update_statement::action>] > changed[put<&ast::update_statement::target>] >
                        kw("set") > assignments[put<&ast::update_statement::set>] >
                        -(kw("from") > tables[put<&ast::update_statement::from>]) >
                        -(kw("where") > condition[put<&ast::update_statement::where>]) >
                        -(kw("returning") > result_items[put<&ast::update_statement::returning>]);
BOOST_SPIRIT_DEFINE(update)

// DELETE ::= 'delete' 'from' TARGET [ 'using' TABLES ] [ 'where' EXPRESSION ] [ 'returning' RESULT_ITEMS ]      `using`: PostgreSQL
x3::rule<struct delete_id, ast::delete_statement> const delete_ = "a delete";
std::optional<bool> read_using(cursor& c) {
  if (c.state.sqlite() || !c.accept("using"_kw)) return std::nullopt;
  return true;
}
constexpr read_parser<bool, &read_using> using_{"`using`"};
auto const delete__def = kw("delete") > kw("from") > changed[put<&ast::delete_statement::target>] >
                         -(using_ > tables[put<&ast::delete_statement::using_tables>]) >
                         -(kw("where") > condition[put<&ast::delete_statement::where>]) >
                         -(kw("returning") > result_items[put<&ast::delete_statement::returning>]);
BOOST_SPIRIT_DEFINE(delete_)

// MERGE_ACTION ::= 'do' 'nothing' | 'update' 'set' ASSIGNMENTS | 'delete'
//                | 'insert' [ '(' names ')' ] [ OVERRIDING ] 'values' '(' EXPRESSIONS ')' | 'insert' 'default' 'values'
void read_merge_action(cursor& c, ast::merge_clause& to) {
  if (c.accept("do"_kw)) {
    c.expect("nothing"_kw);
  } else if (to.matched && c.accept("update"_kw)) {
    c.expect("set"_kw);
    to.action = ast::merge_action::update;
    to.set = *read_assignments(c);
  } else if (to.matched && c.accept("delete"_kw)) {
    to.action = ast::merge_action::remove;
  } else if (!to.matched && c.accept("insert"_kw)) {
    to.action = ast::merge_action::insert;
    if (c.accept("default"_kw)) {
      c.expect("values"_kw);
      return;
    }
    if (auto const names = read_columns(c)) to.columns = *names;
    to.overriding = read_overriding(c).value_or(0);
    c.expect("values"_kw);
    c.expect("("_sym);
    to.values = read_values_row(c);
    c.expect(")"_sym);
  } else {
    c.fail(to.matched ? "`update`, `delete` or `do nothing`" : "`insert` or `do nothing`");
  }
}

// MERGE_CLAUSE ::= 'when' [ 'not' ] 'matched' [ 'and' EXPRESSION ] 'then' MERGE_ACTION
std::optional<ast::list<ast::merge_clause>> read_merge_clauses(cursor& c) {
  batch<ast::merge_clause, 3> clauses;
  if (!c.is("when"_kw)) c.fail("`when`");
  while (c.is("when"_kw)) {
    auto const begin = c.at++;
    ast::merge_clause one;
    one.matched = !c.accept("not"_kw);
    c.expect("matched"_kw);
    if (c.accept("and"_kw)) one.condition = read_operators(c);
    c.expect("then"_kw);
    read_merge_action(c, one);
    one.at = c.since(begin);
    clauses.push(one, c);
  }
  return clauses.keep(*c.state.arena);
}
constexpr read_parser<ast::list<ast::merge_clause>, &read_merge_clauses> merge_clauses{"`when`"};

std::optional<ast::table_ref const*> read_merged(cursor& c) {
  auto const begin = c.at;
  auto const found = read_from(c);
  if (found.size() != 1) refuse(errc::syntax, "`merge` takes one table behind `using`", c.since(begin));
  return found.front();
}
constexpr read_parser<ast::table_ref const*, &read_merged> merged{"a table"};

// MERGE ::= 'merge' 'into' TARGET 'using' TABLE 'on' EXPRESSION MERGE_CLAUSE { MERGE_CLAUSE }      (PostgreSQL)
x3::rule<struct merge_id, ast::merge_statement> const merge = "a merge";
auto const merge_def = kw("merge") > kw("into") > changed[put<&ast::merge_statement::target>] > kw("using") >
                       merged[put<&ast::merge_statement::source>] > kw("on") > expression[put<&ast::merge_statement::on>] >
                       merge_clauses[put<&ast::merge_statement::clauses>];
BOOST_SPIRIT_DEFINE(merge)

/// First words of statements that are understood and refused.
constexpr auto other_statements = std::to_array<std::string_view>(
    {"abort",     "alter",    "analyze", "attach",     "begin",   "call",     "checkpoint", "close", "cluster", "comment",
     "commit",    "copy",     "create",  "deallocate", "declare", "detach",   "discard",    "do",    "drop",    "end",
     "execute",   "explain",  "fetch",   "grant",      "import",  "listen",   "load",       "lock",  "merge",   "move",
     "notify",    "pragma",   "prepare", "reassign",   "refresh", "reindex",  "release",    "reset", "revoke",  "rollback",
     "savepoint", "security", "set",     "show",       "start",   "truncate", "unlisten",   "vacuum"});

template <class Statement, class Rule>
ast::statement const* read_write(cursor& c, iterator begin, Rule const& rule, with_clause const& with) {
  nested const level(c.state, c->at, 4);
  Statement s{};
  run(c, rule, s);
  s.recursive = with.recursive;
  s.with = with.items;
  return c.state.arena->make<ast::statement>(ast::statement{s, c.since(begin)});
}

}  // namespace

// STATEMENT ::= [ WITH ] ( QUERY | INSERT | UPDATE | DELETE | MERGE )
ast::statement const* read_statement(cursor& c) {
  auto const begin = c.at;
  bool const sqlite = c.state.sqlite();
  nested const level(c.state, c->at);
  auto const with = read_with(c);
  switch (c->word) {
    case "insert"_kw:
      return read_write<ast::insert_statement>(c, begin, insert, with);
    case "update"_kw:
      return read_write<ast::update_statement>(c, begin, update, with);
    case "delete"_kw:
      return read_write<ast::delete_statement>(c, begin, delete_, with);
    case "replace"_kw:
      if (sqlite) return read_write<ast::insert_statement>(c, begin, insert, with);
      break;
    case "merge"_kw:
      if (!sqlite) return read_write<ast::merge_statement>(c, begin, merge, with);
      break;
    default:
      break;
  }
  if (at_query(*c, c.state.language) || (!sqlite && c.is("("_sym))) {
    auto const q = read_query_after(c, begin, with);
    return c.state.arena->make<ast::statement>(ast::statement{q, c.since(begin)});
  }
  for (auto const w : other_statements)
    if (c->is_word(w)) refuse(errc::unsupported, "`" + std::string(w) + "` statements", c->at);
  c.fail("a statement");
}

}  // namespace grille::grammar
