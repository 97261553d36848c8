// One select: what it reads, its result list, its conditions, its groups, its order; in the order in which SQLite resolves them,
// since that decides what a name can mean in each. https://www.sqlite.org/lang_select.html
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

constexpr std::size_t most_result_columns = 2'000;  // https://www.sqlite.org/limits.html
constexpr std::size_t most_windows = 1'000;

/// `likely`, `unlikely` and `likelihood` are hints that SQLite looks through where it looks for a name or an ordinal.
bool is_hint(ast::expr const& e) {
  auto const* c = e.as<ast::call>();
  if (c == nullptr || c->path.size() != 1 || c->arguments.empty()) return false;
  auto const name = c->path[0].text;
  return catalog::same_name(name, "likely") || catalog::same_name(name, "unlikely") || catalog::same_name(name, "likelihood");
}

/// The value as far as 32 bits go: beyond, SQLite takes the numeral for an ordinary constant.
std::optional<std::int64_t> small_integer(ast::expr const& e) {
  if (auto const* u = e.as<ast::unary>(); u != nullptr && (u->op == ast::unary_op::plus || u->op == ast::unary_op::minus)) {
    auto const n = small_integer(*u->operand);
    if (!n) return std::nullopt;
    return u->op == ast::unary_op::minus ? -*n : *n;
  }
  auto const* l = e.as<ast::literal>();
  if (l == nullptr || l->kind != ast::literal_kind::integer) return std::nullopt;
  auto digits = l->text;
  auto base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  std::int64_t n{};
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n, base);
  if (error != std::errc{} || end != digits.data() + digits.size() || n > 0x7fffffff) return std::nullopt;
  return n;
}

/// As written, where SQLite takes the name from the text of a reference.
std::string_view written_name(ast::expr const& e) {
  auto const* at = &e;
  for (;;) {
    if (auto const* c = at->as<ast::collate>())
      at = c->operand;
    else if (is_hint(*at))
      at = at->as<ast::call>()->arguments[0].value;
    else
      break;
  }
  auto const* n = at->as<ast::column_ref>();
  return n == nullptr ? std::string_view{} : n->path.back().text;
}

}  // namespace

/// Whether the groups are made of the rows of `f`: all that asks for these does so as for a key.
bool binder::made_by_keys(bound::select& s, bound_order& order, bound::relation const& f) {
  struct look final : bound::visitor {
    look(bound::select const& s, bound::relation const& r) : select(s), rows(r) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (std::ranges::any_of(select.group_by, [&](auto* key) { return e == key || bound::comparison{}(e, key); })) return false;
      auto const* c = e->as<bound::column>();
      beside = beside || (c != nullptr && c->relation == &rows);
      return true;
    }
    bound::select const& select;
    bound::relation const& rows;
    bool beside{};
  } v(s, f);
  if (s.group_by.empty() || !s.grouping_sets.empty()) return false;
  for (auto& i : s.items) bound::walk(i.value, v);
  bound::walk(s.having, v);
  for (auto& o : order) bound::walk(o.key, v);
  return !v.beside;
}

bool is_truth_word(std::string_view name) { return catalog::same_name(name, "true") || catalog::same_name(name, "false"); }

ast::expr const& without_collation(ast::expr const& key) {
  auto const* at = &key;
  while (auto const* c = at->as<ast::collate>()) at = c->operand;
  if (is_hint(*at)) refuse(errc::unsupported, "a hint of likelihood is not supported as a key", at->at);
  return *at;
}

std::optional<unsigned> ordinal(ast::expr const& key, std::size_t width, dialect d) {
  auto const signs = key.as<ast::unary>() != nullptr;
  auto const n = signs && d == dialect::postgresql ? std::nullopt : small_integer(key);
  if (!n) return std::nullopt;
  if (*n < 1 || static_cast<std::uint64_t>(*n) > width)
    refuse(errc::syntax, "position " + std::to_string(*n) + " is not in the result", key.at,
           "positions go from 1 to " + std::to_string(width));
  return static_cast<unsigned>(*n - 1);
}

bound::order_item order_item(ast::order_item const& written, bound::expr_ptr key) {
  if (!written.using_operator.empty()) refuse(errc::unsupported, "`using` in `order by` is not supported", written.key->at);
  auto nulls = bound::nulls_order::unspecified;
  if (written.nulls == ast::nulls_order::first) nulls = bound::nulls_order::first;
  if (written.nulls == ast::nulls_order::last) nulls = bound::nulls_order::last;
  return {key, written.descending, nulls};
}

bound::expr_ptr binder::collated_as(ast::expr const& written, bound::expr_ptr key) {
  auto const* c = written.as<ast::collate>();
  return c == nullptr ? key : collate(key, c->collation, written.at);
}

bound::select binder::select(ast::select_core const& c, scope& s, bool top, ast::list<ast::order_item> order_by, bound_order& order_made) {
  bound::select made;
  made.distinct = c.distinct == ast::distinct_kind::distinct || c.distinct == ast::distinct_kind::distinct_on;
  s.outer = scope_;
  define_windows(c, s);
  if (!sqlite())
    made.from = from_list(c, s);
  else if (!c.from.empty())
    made.from = from(*c.from[0], s, &c);
  if (&c == beside_excluded_) add_excluded(made, s);

  hold<scope*> const here(scope_, &s);
  hold<bound::relation const*> const no_keys(row_keys_, nullptr);
  s.allows_aggregates = s.allows_windows = true;
  auto* const rows = sqlite() || options_.names ? nullptr : functions_in_results(c, s);
  made.items = results(c, s, top);
  s.aggregates = !c.group_by.empty() || std::ranges::any_of(s.results, &result_column::aggregate) || (c.having != nullptr && !sqlite());

  s.sees_results = sqlite();  // https://www.postgresql.org/docs/15/sql-select.html: an output name is for `order by` and `group by`
  s.allows_aggregates = s.allows_windows = false;
  conditions(s);
  made.where = optional(c.where);
  s.allows_aggregates = s.aggregates;
  if (c.having != nullptr && !s.aggregates) refuse(errc::syntax, "`having` without `group by` or an aggregate in the result", c.having->at);
  made.having = optional(c.having);
  for (auto const& w : s.windows) window(w);  // written out where they are used; what is wrong is wrong unused, too

  hold<scope*> const cut(s.outer, sqlite() ? nullptr : s.outer);  // neither of the two clauses can name a column of a query around
  hold<bool> const alone(s.alone, sqlite());
  s.allows_windows = true;
  order_made = order(order_by, s);
  s.allows_windows = false;
  made.distinct_on = distinct_on(c.distinct_on, s);
  s.allows_aggregates = false;
  {
    hold<bound::relation const*> const again(row_keys_, rows);
    group_by(made, c, s);
  }
  s.has_window = s.has_window || std::ranges::any_of(s.results, &result_column::window);
  if (rows == nullptr) return made;
  // its rows are made of those that are grouped, counted and numbered before; but where it is a key of the groups
  auto const above = (s.aggregates || s.has_window) && !made_by_keys(made, order_made, *rows);
  if (above || !made.distinct_on.empty())
    refuse(errc::unsupported, "function " + in_ticks(rows->function->name) + " in a list of results beside groups, windows or `distinct on` is not supported", rows->at,
           "write it in `from`, of a query that has these");
  auto* const item = memory_.make<bound::from_item>(bound::from_item{rows});
  made.from = made.from == nullptr ? item : memory_.make<bound::from_item>(bound::from_item{bound::join{bound::join_kind::cross, made.from, item}});
  return made;
}

bound::list<bound::item> binder::results(ast::select_core const& c, scope& s, bool top) {
  std::vector<bound::item> items;
  for (auto const& i : c.items) {
    auto const* star = i.value->as<ast::star>();
    if (star == nullptr) star = all_of_row(*i.value, s);
    if (star != nullptr) {
      expand(*star, i.value->at, s, items);
    } else if (!expand_fields(*i.value, s, items)) {
      if (i.alias.text.empty() && i.alias.quoted) refuse(errc::unsupported, "a column cannot have an empty name", i.alias.at);
      if (sqlite() && is_truth_word(i.alias.text)) refuse(errc::unsupported, "a column cannot be named " + in_ticks(i.alias.text), i.alias.at);
      s.has_aggregate = s.has_window = false;
      auto* value = expression(*i.value);
      auto const name = memory_.copy(result_name(i, *value, top, items.size() + 1));
      s.results.push_back({value, sqlite() ? memory_.copy(i.alias.text) : name, s.has_aggregate, s.has_window});
      items.push_back({value, name});
    }
    if (items.size() > most_result_columns)
      refuse(errc::limit, "more than " + std::to_string(most_result_columns) + " result columns", i.at);
  }
  s.has_aggregate = s.has_window = false;
  if (!top && sqlite()) {
    std::vector<std::string_view> names;
    for (auto const& i : items) names.push_back(i.name);
    make_unique(names, memory_);
    for (std::size_t i = 0; i < items.size(); ++i) items[i].name = names[i];
  }
  return memory_.copy(items);
}

/// https://www.sqlite.org/c3ref/column_name.html, and for what a query around sees: the reference as written.
std::string_view binder::result_name(ast::result_item const& i, bound::expr const& value, bool top, std::size_t position) const {
  if (!i.alias.text.empty()) return i.alias.text;
  if (!sqlite()) return figured_name(*i.value, value);
  if (top) {
    auto const* n = value.as<bound::column>();
    auto const* reference = i.value->as<ast::column_ref>();
    if (n != nullptr && reference != nullptr) {
      for (auto const* s = scope_; s != nullptr; s = s->outer)
        if (auto const m = s->find(reference->path); m.found()) return m.column->result;
      return n->relation->columns[n->index].name;
    }
  } else if (auto const name = written_name(*i.value); !name.empty()) {
    return name;
  }
  auto const text = source_text(i.at);
  return text.empty() ? memory_.copy("column" + std::to_string(position)) : text;
}

/// With the comments behind it, which SQLite takes for a part of the name.
std::string_view binder::source_text(base::range at) const {
  auto const text = options_.text;
  if (at.begin >= at.end || at.end > text.size()) return {};
  std::size_t end = at.end;
  for (auto next = end; next < text.size();) {
    if (auto const rest = text.substr(next); rest.starts_with("/*"))
      end = next = std::min(text.find("*/", next + 2), text.size() - 2) + 2;
    else if (rest.starts_with("--"))
      end = next = std::min(text.find('\n', next), text.size());
    else if (std::string_view(" \t\r\n\f").find(rest[0]) != std::string_view::npos)
      ++next;
    else
      break;
  }
  return text.substr(at.begin, end - at.begin);
}

/// `*` and `t.*`: the shown columns, and each merged one once, at the place of the left.
void binder::expand(ast::star const& n, base::range at, scope& s, std::vector<bound::item>& items) {
  if (n.qualifier.size() > (sqlite() ? 1U : 2U)) refuse(errc::syntax, "`*` takes one name before it", extent(n.qualifier));
  auto const qualified = !n.qualifier.empty();
  auto const table = qualified ? n.qualifier.back().text : std::string_view{};
  auto const schema = n.qualifier.size() > 1 ? n.qualifier[0].text : std::string_view{};
  auto seen = false;
  if (!sqlite()) {
    for (auto const& from : s.sources)
      for (auto const& c : from.columns) {
        if (qualified && (c.table != table || (!schema.empty() && c.schema != schema))) continue;
        seen = true;
        if (!c.shown || (!qualified && !c.expanded)) continue;
        s.results.push_back({refer(c, at), c.name, false, false});
        items.push_back({s.results.back().value, c.name});
      }
    if (qualified && !seen) refuse(errc::not_found, "no such table: " + in_ticks(dotted(n.qualifier)), extent(n.qualifier));
    if (!qualified && s.sources.empty()) refuse(errc::syntax, "`*` without `from`", at);
    return;
  }
  for (std::size_t i = 0; i < s.sources.size(); ++i) {
    auto const& from = s.sources[i];
    if (qualified && !from.parenthesised && !catalog::same_name(from.name, table)) continue;
    for (auto const& c : from.columns) {
      if (qualified && !catalog::same_name(c.table, table)) continue;
      seen = true;
      if (!c.shown || (!qualified && (!c.expanded || from.merges(c.result)))) continue;
      auto const merged_later = s.keeps_right_of(i) && std::any_of(s.sources.begin() + static_cast<std::ptrdiff_t>(i) + 1, s.sources.end(),
                                                                   [&](source const& later) { return later.merges(c.result); });
      bound::expr_ptr value{};
      if (merged_later)
        value = refer(s.find({}, {}, c.result), at);
      else if (from.parenthesised || from.name.empty())
        value = refer(c, at);
      else
        value = refer(s.find(from.schema(), from.name, c.name), at);
      s.results.push_back({value, c.result, false, false});
      items.push_back({value, c.result});
    }
  }
  if (qualified && !seen) refuse(errc::not_found, "no such table: " + in_ticks(table), extent(n.qualifier));
  if (!qualified && s.sources.empty()) refuse(errc::syntax, "`*` without `from`", at);
}

void make_unique(std::vector<std::string_view>& names, base::arena& memory) {
  auto const folded = [](std::string_view name) {
    std::string text(name);
    for (auto& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  };
  std::unordered_map<std::string, unsigned> taken;  // and the number that a further one of the name got last
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string name(is_truth_word(names[i]) || names[i].empty() ? "column" + std::to_string(i + 1) : std::string(names[i]));
    while (!taken.try_emplace(folded(name), 0).second) {
      auto const end = name.find_last_not_of("0123456789");
      if (end != std::string::npos && end > 0 && end + 1 < name.size() && name[end] == ':') name.resize(end);
      auto const number = ++taken[folded(name)];
      name.append(":").append(std::to_string(number));
    }
    if (name != names[i]) names[i] = memory.copy(name);
  }
}

std::vector<std::string_view> column_names(bound::query_body const& b, base::arena& memory) {
  std::vector<std::string_view> names;
  if (auto const* s = bound::first_arm(b).as<bound::select>()) {
    for (auto const& i : s->items) names.push_back(i.name);
  } else {
    for (std::size_t i = 0; i < width(b); ++i) names.push_back(memory.copy("column" + std::to_string(i + 1)));
  }
  return names;
}

/// A position, an alias, or else an expression in which columns come before aliases.
binder::bound_order binder::order(ast::list<ast::order_item> items, scope& s) {
  std::vector<bound::order_item> made;
  for (auto const& i : items) {
    auto const& key = sqlite() ? without_collation(*i.key) : *i.key;
    if (!sqlite() && s.result_ambiguous(key)) refuse(errc::ambiguous, "ambiguous name in `order by`", key.at);
    auto index = s.result_named(key);
    if (!index) index = ordinal(key, s.results.size(), which());
    made.push_back(order_item(i, index ? collated_as(*i.key, make(bound::output{*index}, i.key->at)) : expression(*i.key)));
  }
  return memory_.copy(made);
}

/// Resolved as in `order by`, whose first keys they are: https://www.postgresql.org/docs/15/sql-select.html#SQL-DISTINCT. An aggregate or a
/// window function stands here by its result column only.
bound::list<bound::expr_ptr> binder::distinct_on(ast::list<ast::expr_ptr> keys, scope& s) {
  std::vector<bound::expr_ptr> made;
  for (auto const* key : keys) {
    if (s.result_ambiguous(*key)) refuse(errc::ambiguous, "ambiguous name in `distinct on`", key->at);
    auto index = s.result_named(*key);
    if (!index) index = ordinal(*key, s.results.size(), which());
    made.push_back(index ? make(bound::output{*index}, key->at) : expression(*key));
    auto const* l = made.back()->as<bound::literal>();
    if (l != nullptr) refuse(errc::syntax, "a constant in `distinct on` is a position", key->at);
  }
  return memory_.copy(made);
}

/// A definition can build on an earlier one; all are put together here, once. https://www.sqlite.org/windowfunctions.html#window_chaining
void binder::define_windows(ast::select_core const& c, scope& s) {
  if (c.windows.size() > most_windows) refuse(errc::limit, "more than " + std::to_string(most_windows) + " windows", c.windows[0].name.at);
  for (auto const& w : c.windows) {
    for (auto const& known : s.windows)
      if (same(known.name, w.name.text))
        refuse(errc::ambiguous, "window " + in_ticks(w.name.text) + " is defined twice", w.name.at);
    auto made = parts(*w.definition, s.windows);
    made.name = w.name.text;
    s.windows.push_back(made);
  }
}

}  // namespace grille::bind
