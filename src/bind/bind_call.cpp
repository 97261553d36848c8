// Calls: only functions of the allow-list, each with a number of arguments that it takes, aggregates and windows only where the
// engine allows them. Named windows are written out into the call.
// https://www.sqlite.org/lang_aggfunc.html, https://www.sqlite.org/windowfunctions.html
#include <algorithm>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

bound::frame_bound_kind kind_of(ast::frame_bound_kind k) {
  switch (k) {
    case ast::frame_bound_kind::unbounded_preceding:
      return bound::frame_bound_kind::unbounded_preceding;
    case ast::frame_bound_kind::preceding:
      return bound::frame_bound_kind::preceding;
    case ast::frame_bound_kind::current_row:
      return bound::frame_bound_kind::current_row;
    case ast::frame_bound_kind::following:
      return bound::frame_bound_kind::following;
    case ast::frame_bound_kind::unbounded_following:
      return bound::frame_bound_kind::unbounded_following;
  }
  return {};
}

/// What the engine takes for constant in a frame: no column, no query, no call.
bool is_constant(bound::expr const& e) {
  struct visit {
    bool all(bound::list<bound::expr_ptr> items) const {
      return std::ranges::all_of(items, [](bound::expr const* i) { return is_constant(*i); });
    }
    bool operator()(bound::literal const&) const { return true; }
    bool operator()(bound::parameter const&) const { return true; }
    bool operator()(bound::slot const&) const { return true; }
    bool operator()(bound::column const&) const { return false; }
    bool operator()(bound::output const&) const { return false; }
    bool operator()(bound::now const&) const { return false; }
    bool operator()(bound::operation const& n) const { return all(n.operands); }
    bool operator()(bound::junction const& n) const { return all(n.items); }
    bool operator()(bound::case_expr const&) const { return false; }
    bool operator()(bound::cast const& n) const { return is_constant(*n.operand); }
    bool operator()(bound::collate const& n) const { return is_constant(*n.operand); }
    bool operator()(bound::row const&) const { return false; }
    bool operator()(bound::record const&) const { return false; }
    bool operator()(bound::field const&) const { return false; }
    bool operator()(bound::subquery const&) const { return false; }
    bool operator()(bound::call const&) const { return false; }
  };
  return std::visit(visit{}, e.node);
}

/// Of a row that is not there: `rank(1, 'x') within group (order by a, b)`.
bool is_hypothetical(catalog::function const& f) { return f.within_group && f.max_arguments == -1; }

bool is_plain(ast::call const& c) {
  return !c.star && !c.distinct && c.order.empty() && c.within_group.empty() && c.filter == nullptr && c.over == nullptr;
}

}  // namespace

/// Null: the name is in nobody's list.
catalog::function const* binder::function_of(ast::call const& c, base::range at) {
  auto const own_schema = !sqlite() && c.path.size() == 2 && c.path[0].text == "pg_catalog";
  if (c.path.size() != 1 && !own_schema) refuse(errc::unsupported, "function " + in_ticks(dotted(c.path)) + " is not allowed", extent(c.path));
  auto const name = c.path.back().text;
  auto const which = options_.visible.which();
  auto const* f = catalog::find_function(which, name, static_cast<int>(c.arguments.size()));
  if (f == nullptr && catalog::knows_function(which, name))
    refuse(errc::syntax, "wrong number of arguments to function " + in_ticks(name), at);
  return f;
}

/// With a text for a position it is a regular expression, and which of them a parameter is only the server knows.
void binder::require_position(ast::call const& c, base::range at) {
  auto const* second = c.arguments.size() > 1 ? c.arguments[1].value : nullptr;
  auto const* said = second == nullptr ? nullptr : second->as<ast::cast>();  // `'a.c'::text`, as the server writes it
  auto const* from = second == nullptr ? nullptr : (said != nullptr && type_name_of(said->type) == "text" ? said->operand : second)->as<ast::literal>();
  if (from == nullptr || (from->kind != ast::literal_kind::integer && from->kind != ast::literal_kind::text))
    refuse(errc::unsupported, "`substring` from what is neither a plain number nor a plain text is not supported", at, "use `substr`");
}

/// PostgreSQL's own forms of calls as what they are calls of: `a_expr` and `func_expr_common_subexpr` in its gram.y.
bound::expr_ptr binder::special_call(ast::call const& c, base::range at) {
  std::vector<ast::argument> a(c.arguments.begin(), c.arguments.end());
  std::string_view name;
  switch (c.syntax) {
    case ast::call_syntax::extract:
      name = "extract";
      break;
    case ast::call_syntax::overlay:
      name = "overlay";
      break;
    case ast::call_syntax::position:
      name = "position";
      std::ranges::reverse(a);
      break;
    case ast::call_syntax::trim_both:
      name = "btrim";
      std::ranges::reverse(a);
      break;
    case ast::call_syntax::trim_leading:
      name = "ltrim";
      std::ranges::reverse(a);
      break;
    case ast::call_syntax::trim_trailing:
      name = "rtrim";
      std::ranges::reverse(a);
      break;
    case ast::call_syntax::substring:
      name = "substring";
      break;
    case ast::call_syntax::at_time_zone:
      name = "timezone";
      std::ranges::reverse(a);
      break;
    case ast::call_syntax::plain:
    case ast::call_syntax::coalesce:
    case ast::call_syntax::nullif:
    case ast::call_syntax::greatest:
    case ast::call_syntax::least:
    case ast::call_syntax::normalize:
    case ast::call_syntax::is_normalized:
    case ast::call_syntax::collation_for:
    case ast::call_syntax::xml:
      refuse(errc::unsupported, "this form of call is not supported", at);
  }
  ast::call plain;
  plain.path = memory_.copy(std::vector{ast::identifier{name, at, false}});
  plain.arguments = memory_.copy(a);
  return call(plain, at);
}

bound::expr_ptr binder::call(ast::call const& written, base::range at) {
  switch (written.syntax) {
    case ast::call_syntax::plain:
    case ast::call_syntax::coalesce:
    case ast::call_syntax::nullif:
    case ast::call_syntax::greatest:
    case ast::call_syntax::least:
      break;
    case ast::call_syntax::extract:
    case ast::call_syntax::overlay:
    case ast::call_syntax::position:
    case ast::call_syntax::substring:
    case ast::call_syntax::trim_both:
    case ast::call_syntax::trim_leading:
    case ast::call_syntax::trim_trailing:
    case ast::call_syntax::at_time_zone:
    case ast::call_syntax::normalize:
    case ast::call_syntax::is_normalized:
    case ast::call_syntax::collation_for:
    case ast::call_syntax::xml:
      return special_call(written, at);
  }
  auto const& c = with_configuration(by_position(written));
  if (!sqlite() && c.path.back().text == "substring") require_position(c, at);
  if (!sqlite() && c.path.back().text == "date" && is_plain(c) && c.arguments.size() == 1 && c.arguments[0].name.text.empty()) {
    // by the name of a type: a cast (https://www.postgresql.org/docs/15/typeconv-func.html, step 3)
    auto const date = ast::type_name{memory_.copy(std::vector{ast::identifier{"date", at, false}}), {}, 0, {}, at};
    return expression(*memory_.make<ast::expr>(ast::expr{ast::cast{c.arguments[0].value, date, ast::cast_form::call}, at}));
  }
  if (c.variadic) refuse(errc::unsupported, "`variadic` is not supported", at);
  if (!c.order.empty() && sqlite()) refuse(errc::unsupported, "`order by` in a call is not supported", c.order[0].key->at);

  auto const name = c.path.back().text;
  if (!c.within_group.empty())
    if (auto const* f = catalog::find_function(which(), name, static_cast<int>(c.arguments.size())); f == nullptr || !f->within_group)
      refuse(errc::unsupported, "`within group` is not supported for function " + in_ticks(name), at);
  auto const* f = function_of(c, at);
  if (f == nullptr) {
    auto const foreign = [&] { refuse(errc::unsupported, "function " + in_ticks(name) + " is not allowed", c.path[0].at, "only functions known to be safe are"); };
    if (!options_.calls || !is_plain(c)) foreign();
    std::vector<bound::expr_ptr> arguments;
    for (auto const& a : c.arguments) arguments.push_back(expression(*a.value));
    auto own = options_.calls(name, arguments, at);
    if (!own) throw std::move(own.error());
    if (*own == nullptr) foreign();
    return *own;
  }

  if (f->within_group) within_group(c, *f, at);
  auto const grouping = f->kind == catalog::function_kind::aggregate;
  auto const windowed = c.over != nullptr;
  if (f->kind == catalog::function_kind::table) {
    if (auto* made = made_row(written)) return made;
    refuse(errc::unsupported, "function " + in_ticks(name) + " stands only in `from`" + (sqlite() ? "" : ", and in a list of results"), at);
  }
  if (f->kind == catalog::function_kind::scalar) {
    if (windowed) refuse(errc::syntax, "function " + in_ticks(name) + " cannot be used as a window function", at);
    if (c.filter != nullptr || c.distinct || c.star || !c.order.empty()) refuse(errc::syntax, "function " + in_ticks(name) + " is no aggregate", at);
  } else {
    auto const allowed = scope_ != nullptr && (windowed ? scope_->allows_windows : grouping && scope_->allows_aggregates);
    if (!allowed)
      refuse(errc::syntax, std::string(windowed || !grouping ? "window function " : "aggregate ") + in_ticks(name) + " cannot stand here", at,
             windowed || grouping ? "" : "it needs `over`");
    if (c.distinct && windowed) refuse(errc::syntax, "`distinct` is not supported for window functions", at);
    if (c.distinct && (sqlite() ? c.arguments.size() != 1 : c.arguments.empty())) refuse(errc::syntax, "`distinct` takes exactly one argument", at);
    if (c.star && f->name != "count") refuse(errc::syntax, "function " + in_ticks(name) + " takes no `*`", at);
    if (!grouping && c.filter != nullptr) refuse(errc::syntax, "`filter` is for aggregates", c.filter->at);
    if (windowed && !c.order.empty()) refuse(errc::syntax, "`order by` in a call is not supported for window functions", at);
  }

  if (f->name == "row_to_json" || f->name == "to_json" || f->name == "to_jsonb")
    if (auto const* inside = inside_query(f->name, *c.arguments[0].value, c.arguments.subspan(1))) return expression(*inside);

  bound::call made;
  made.function = f;
  made.star = c.star;
  made.distinct = c.distinct;
  if (f->kind == catalog::function_kind::scalar) {
    std::vector<bound::expr_ptr> arguments;
    for (auto const& a : c.arguments) arguments.push_back(argument(*f, *a.value));
    made.arguments = memory_.copy(arguments);
    return make(made, at);
  }
  // Aggregates can be arguments of window functions, no other nesting is allowed.
  hold<bool> const windows(scope_->allows_windows, false);
  hold<bool> const aggregates(scope_->allows_aggregates, windowed && scope_->allows_aggregates);
  std::vector<bound::expr_ptr> arguments;
  for (auto const& a : c.arguments) arguments.push_back(argument(*f, *a.value));
  made.arguments = memory_.copy(arguments);
  if (f->within_group && !std::ranges::all_of(arguments, [](bound::expr const* a) { return is_constant(*a); }))
    refuse(errc::unsupported, std::string(is_hypothetical(*f) ? "the row of " : "the fraction of ") + in_ticks(name) + " is a constant or a parameter", at);
  std::vector<bound::order_item> order;
  for (auto const& i : f->within_group ? c.within_group : c.order) order.push_back(order_item(i, expression(*i.key)));
  made.order = memory_.copy(order);
  made.filter = optional(c.filter);
  if (windowed) made.over = window(parts(*c.over, scope_->windows));
  (windowed ? scope_->has_window : scope_->has_aggregate) = true;
  auto* e = make(made, at);
  if (!windowed) refuse_outer_aggregate(e, at);
  return e;
}

/// `f(constants) within group (order by key)`: https://www.postgresql.org/docs/15/functions-aggregate.html#FUNCTIONS-ORDEREDSET-TABLE
void binder::within_group(ast::call const& c, catalog::function const& f, base::range at) const {
  auto const name = in_ticks(f.name);
  auto const keys = is_hypothetical(f) ? c.arguments.size() : 1;
  if (c.within_group.size() != keys) refuse(errc::syntax, "function " + name + " needs `within group` with " + (keys == 1 ? std::string("one key") : std::to_string(keys) + " keys"), at);
  if (c.distinct || c.star || !c.order.empty()) refuse(errc::syntax, "function " + name + " takes no `distinct`, `*` or `order by` before `within group`", at);
  if (c.over != nullptr) refuse(errc::unsupported, "`over` is not supported behind `within group`", at);
}

/// An aggregate whose arguments are columns of a query around is that query's, wherever it stands.
void binder::refuse_outer_aggregate(bound::expr_ptr call, base::range at) {
  auto const from = origins_of(call, *scope_);
  if (from.outer && !from.local) refuse(errc::unsupported, "an aggregate over columns of a query around is not supported", at);
}

window_parts binder::parts(ast::window const& w, std::span<window_parts const> known) const {
  window_parts made{{}, w.partition, w.order, w.frame_clause};
  if (w.base.text.empty()) return made;
  auto const base = std::ranges::find_if(known, [&](window_parts const& k) { return same(k.name, w.base.text); });
  if (base == known.end()) refuse(errc::not_found, "no such window: " + in_ticks(w.base.text), w.base.at);
  if (w.reference) return {{}, base->partition, base->order, base->frame};
  auto const overridden = [&](std::string_view clause) {
    refuse(errc::syntax, "cannot override the " + std::string(clause) + " of window " + in_ticks(w.base.text), w.base.at);
  };
  if (!w.partition.empty()) overridden("`partition by`");
  if (!w.order.empty() && !base->order.empty()) overridden("`order by`");
  if (base->frame != nullptr) overridden("frame");
  made.partition = base->partition;
  if (made.order.empty()) made.order = base->order;
  return made;
}

bound::window* binder::window(window_parts const& p) {
  auto* made = memory_.make<bound::window>();
  made->partition = expressions(p.partition);
  std::vector<bound::order_item> order;
  for (auto const& i : p.order) order.push_back(order_item(i, expression(*i.key)));
  made->order = memory_.copy(order);
  if (p.frame != nullptr) made->frame = frame(*p.frame, order.size());
  return made;
}

bound::frame* binder::frame(ast::frame const& f, std::size_t keys) {
  auto* made = memory_.make<bound::frame>();
  switch (f.unit) {
    case ast::frame_unit::rows:
      made->unit = bound::frame_unit::rows;
      break;
    case ast::frame_unit::range:
      made->unit = bound::frame_unit::range;
      break;
    case ast::frame_unit::groups:
      made->unit = bound::frame_unit::groups;
      break;
  }
  switch (f.exclude) {
    case ast::frame_exclusion::none:
      made->exclude = bound::frame_exclusion::none;
      break;
    case ast::frame_exclusion::no_others:
      made->exclude = bound::frame_exclusion::no_others;
      break;
    case ast::frame_exclusion::current_row:
      made->exclude = bound::frame_exclusion::current_row;
      break;
    case ast::frame_exclusion::group:
      made->exclude = bound::frame_exclusion::group;
      break;
    case ast::frame_exclusion::ties:
      made->exclude = bound::frame_exclusion::ties;
      break;
  }
  made->start = frame_bound(f.start);
  made->end = f.between ? frame_bound(f.end) : bound::frame_bound{bound::frame_bound_kind::current_row, nullptr};
  using kind = bound::frame_bound_kind;
  if (made->start.kind == kind::unbounded_following || made->end.kind == kind::unbounded_preceding || made->start.kind > made->end.kind)
    refuse(errc::syntax, "this frame ends before it starts", f.at);
  if (made->unit == bound::frame_unit::range && (made->start.offset != nullptr || made->end.offset != nullptr) && keys != 1)
    refuse(errc::syntax, "a `range` with an offset needs exactly one `order by` term", f.at);
  if (made->unit == bound::frame_unit::groups && keys == 0) refuse(errc::syntax, "`groups` needs an `order by`", f.at);
  return made;
}

bound::frame_bound binder::frame_bound(ast::frame_bound const& b) {
  bound::frame_bound made{kind_of(b.kind), optional(b.offset)};
  if (made.offset != nullptr && !is_constant(*made.offset))
    refuse(errc::syntax, "the offset of a frame is a constant", b.offset->at);
  return made;
}

}  // namespace grille::bind
