// Order and windows: `order by …`, `over …`, `window w as (…)`.
#include "grammar/window.hpp"

#include "grammar/component.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

// OPERATOR ::= symbol | 'operator' '(' { name '.' } symbol ')'      behind PostgreSQL's `order by x using`
std::optional<ast::name_path> read_using(cursor& c) {
  if (c.state.sqlite()) c.fail("the end of the order");
  batch<ast::identifier, 3> parts;
  bool const custom = c.accept("operator"_kw);
  if (custom) {
    c.expect("("_sym);
    while (c->kind != token_kind::symbol) {
      parts.push(c.name(), c);
      c.expect("."_sym);
    }
  }
  if (c->kind != token_kind::symbol || std::string_view("()[],;:.").find(c->text.front()) != std::string_view::npos) c.fail("an operator");
  parts.push(c.take_name());
  if (custom) c.expect(")"_sym);
  return parts.keep(*c.state.arena);
}
constexpr read_parser<ast::name_path, &read_using> using_operator{"an operator"};

// ORDER_ITEM ::= EXPRESSION [ 'asc' | 'desc' | 'using' OPERATOR ] [ 'nulls' ( 'first' | 'last' ) ]
x3::rule<struct order_item_id, ast::order_item> const order_item = "an expression";
auto const order_item_def = expression[put<&ast::order_item::key>] >>
                            -(kw("asc")[set<&ast::order_item::explicit_direction>] |
                              kw("desc")[set<&ast::order_item::explicit_direction>][set<&ast::order_item::descending>] |
                              (kw("using") > using_operator[put<&ast::order_item::using_operator>])) >>
                            -(kw("nulls") > (kw("first")[set<&ast::order_item::nulls, ast::nulls_order::first>] |
                                             kw("last")[set<&ast::order_item::nulls, ast::nulls_order::last>]));
BOOST_SPIRIT_DEFINE(order_item)

// BOUND ::= 'unbounded' ( 'preceding' | 'following' ) | 'current' 'row' | EXPRESSION ( 'preceding' | 'following' )
std::optional<ast::frame_bound> read_bound(cursor& c) {
  using kind = ast::frame_bound_kind;
  if (c.is("unbounded"_kw) && (c.state.sqlite() || c.next().is("preceding"_kw) || c.next().is("following"_kw))) {
    ++c.at;
    if (c.accept("preceding"_kw)) return ast::frame_bound{kind::unbounded_preceding, nullptr};
    if (c.accept("following"_kw)) return ast::frame_bound{kind::unbounded_following, nullptr};
    c.fail("`preceding` or `following`");
  }
  if (c.is("current"_kw) && (c.state.sqlite() || c.next().is("row"_kw))) {
    ++c.at;
    c.expect("row"_kw);
    return ast::frame_bound{kind::current_row, nullptr};
  }
  auto const offset = read_operators(c);
  if (c.accept("preceding"_kw)) return ast::frame_bound{kind::preceding, offset};
  if (c.accept("following"_kw)) return ast::frame_bound{kind::following, offset};
  c.fail("`preceding` or `following`");
}
constexpr read_parser<ast::frame_bound, &read_bound> bound{"a bound of the frame"};

// FRAME ::= ( 'rows' | 'range' | 'groups' ) ( 'between' BOUND 'and' BOUND | BOUND )
//           [ 'exclude' ( 'no' 'others' | 'current' 'row' | 'group' | 'ties' ) ]
x3::rule<struct frame_id, ast::frame> const frame = "a frame";
auto const frame_def = (kw("rows")[set<&ast::frame::unit, ast::frame_unit::rows>] |
                        kw("range")[set<&ast::frame::unit, ast::frame_unit::range>] |
                        kw("groups")[set<&ast::frame::unit, ast::frame_unit::groups>]) >
                       ((kw("between")[set<&ast::frame::between>] > bound[put<&ast::frame::start>] > kw("and") >
                         bound[put<&ast::frame::end>]) |
                        bound[put<&ast::frame::start>]) >
                       -(kw("exclude") > ((kw("no")[set<&ast::frame::exclude, ast::frame_exclusion::no_others>] > kw("others")) |
                                          (kw("current")[set<&ast::frame::exclude, ast::frame_exclusion::current_row>] > kw("row")) |
                                          kw("group")[set<&ast::frame::exclude, ast::frame_exclusion::group>] |
                                          kw("ties")[set<&ast::frame::exclude, ast::frame_exclusion::ties>]));
BOOST_SPIRIT_DEFINE(frame)

// Both engines refuse a frame that ends before it begins.
std::optional<ast::frame const*> read_frame(cursor& c) {
  auto const begin = c.at;
  if (!c.is("rows"_kw) && !c.is("range"_kw) && !c.is("groups"_kw)) return std::nullopt;
  ast::frame f;
  run(c, frame, f);
  f.at = c.since(begin);
  if (!f.between) f.end.kind = ast::frame_bound_kind::current_row;
  if (f.start.kind > f.end.kind || f.start.kind == ast::frame_bound_kind::unbounded_following ||
      f.end.kind == ast::frame_bound_kind::unbounded_preceding)
    refuse(errc::syntax, "this frame ends before it begins", f.at);
  return c.state.arena->make<ast::frame>(f);
}
constexpr read_parser<ast::frame const*, &read_frame> frame_clause{"a frame"};

std::optional<ast::identifier> read_base(cursor& c) {
  if (c.is("partition"_kw) || c.is("rows"_kw) || c.is("range"_kw) || c.is("groups"_kw) || !c.at_name()) return std::nullopt;
  return c.take_name();
}
constexpr read_parser<ast::identifier, &read_base> base_window{"a name"};

// WINDOW ::= '(' [ name ] [ 'partition' 'by' EXPRESSIONS ] [ 'order' 'by' ORDER ] [ FRAME ] ')'
x3::rule<struct window_id, ast::window> const window = "a window";
auto const window_def = sym("(") > -base_window[put<&ast::window::base>] >
                        -(kw("partition") > kw("by") > list_of(expression)[put<&ast::window::partition>]) >
                        -(kw("order") > kw("by") > list_of(order_item)[put<&ast::window::order>]) >
                        -frame_clause[put<&ast::window::frame_clause>] > sym(")");
BOOST_SPIRIT_DEFINE(window)

ast::window const* read_window(cursor& c) {
  nested const level(c.state, c->at);
  auto const begin = c.at;
  ast::window w;
  run(c, window, w);
  w.at = c.since(begin);
  return c.state.arena->make<ast::window>(w);
}

}  // namespace

ast::list<ast::order_item> read_order(cursor& c) {
  batch<ast::order_item, 4> items;
  do {
    ast::order_item item;
    run(c, order_item, item);
    items.push(item, c);
  } while (c.accept(","_sym));
  return items.keep(*c.state.arena);
}

// OVER ::= name | WINDOW
ast::window const* read_over(cursor& c) {
  if (c.is("("_sym)) return read_window(c);
  ast::window w;
  w.at = c->at;
  w.base = c.name();
  w.reference = true;
  return c.state.arena->make<ast::window>(w);
}

// NAMED_WINDOW ::= name 'as' WINDOW
std::optional<ast::named_window> read_named_window(cursor& c) {
  if (!c.at_name()) return std::nullopt;
  ast::named_window w;
  w.name = c.take_name();
  c.expect("as"_kw);
  w.definition = read_window(c);
  return w;
}

bool at_window_clause(cursor const& c) {
  if (!c.is("window"_kw)) return false;
  return !c.state.sqlite() || (is_name(c.next(), name_role::name, c.state.language) && c.ahead(2).is("as"_kw));
}

}  // namespace grille::grammar
