#include "govern/run_examples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "base/fault.hpp"
#include "govern/example_store.hpp"
#include "grille/database.hpp"
#include "grille/error.hpp"
#include "grille/sqlite.hpp"
#include "policy/text.hpp"
#include "print/print.hpp"
#include "session/policy_files.hpp"
#include "session/specification_node.hpp"

namespace grille::govern {

namespace {

using catalog::same_name;
using outcome = example::outcome;

/// What is wrong with an example; empty: it holds.
using verdict = std::string;

/// A literal, with or without a sign. The session makes of it what the policy declares.
value constant(ast::expr const& e) {
  bool negative = false;
  auto const* at = &e;
  if (auto const* u = at->as<ast::unary>(); u != nullptr && (u->op == ast::unary_op::minus || u->op == ast::unary_op::plus)) {
    negative = u->op == ast::unary_op::minus;
    at = u->operand;
  }
  auto const* l = at->as<ast::literal>();
  auto const refuse = [&]() { raise({.kind = errc::usage, .message = "a caller's value is a constant, not `" + print::print(e, dialect::sqlite) + "`"}); };
  if (l == nullptr) refuse();
  auto const text = (negative ? "-" : "") + std::string(l->text);
  switch (l->kind) {
    case ast::literal_kind::null: return {};
    case ast::literal_kind::boolean: return l->text == "true";
    case ast::literal_kind::text: return std::string(l->text);
    case ast::literal_kind::integer: {
      std::int64_t i = 0;
      auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), i);
      return wrong == std::errc{} && end == text.data() + text.size() ? value(i) : value(numeric{text});
    }
    case ast::literal_kind::decimal: return numeric{text};
    case ast::literal_kind::blob:
    case ast::literal_kind::bit_string: break;
  }
  refuse();
  return {};
}

/// A refusal that is the answer itself, as against a fault of the example.
bool is_refusal(error const& e) { return e.kind() == errc::not_found || e.kind() == errc::forbidden || e.kind() == errc::unauthenticated; }
/// The same of a write: what a row would be may be refused too.
bool is_refused_write(error const& e) { return is_refusal(e) || e.kind() == errc::check_failed; }

std::string_view verb(method m) { return m == method::insert ? "insert" : m == method::update ? "update" : "delete"; }

/// What became of a write that was tried, and undone.
struct tried {
  std::string refused;  // kind and message; empty: it was not
  std::uint64_t rows{};
};

/// What a caller gets of one column: refused, or its cells.
struct seen {
  bool refused{};
  std::vector<value> cells;
  masking mask{};
};

class in_memory final : public example_ground {
 public:
  in_memory(policy_set const& policies, catalog::catalog const& tables) : policies_(policies), stored_(tables), guarded_(tables) {}
  dialect which() const override { return dialect::sqlite; }
  void insert(ast::given_sentence const& g) override { stored_.insert(g), guarded_.insert(g); }
  void open() override { database_.emplace(guarded_.handle(), policies_, options{.purge = true}); }
  session session_of(principal const& caller, attributes const& context) override { return database_->session(caller, context); }
  std::vector<value> column_of(std::string const& sql) const override { return stored_.column_of(sql); }
  std::string typed(ast::name_path const& /*table*/, std::string_view /*column*/, std::string literal) const override { return literal; }
  void settle() override {}  // writes are undone by their own transactions

 private:
  policy_set const& policies_;
  example_store stored_;   // read with no policy
  example_store guarded_;  // the same, behind the policy
  std::optional<sqlite::database> database_;
};

class examples {
 public:
  examples(policy_set const& policies, example_ground& on) : files_(policies.files()->sources), on_(on), which_(on.which()) {
    for (auto const& f : files_)
      for (auto const& s : f.tree.sentences) {
        if (auto const* g = s.as<ast::given_sentence>()) on_.insert(*g);
        if (auto const* h = s.as<ast::history_sentence>()) histories_.push_back(h->history.back().text);
        if (auto const* r = s.as<ast::role_sentence>()) roles_.emplace(policy::lower(r->name.text), r);
      }
    on_.open();
  }

  example_run run() {
    example_run out;
    for (auto const& f : files_)
      for (auto const& s : f.tree.sentences)
        if (auto const* e = s.as<ast::expect_sentence>()) {
          auto const at = base::locate(f.text, s.at);
          example x{outcome::holds, f.name, at.line, policy::fold(std::string_view(f.text).substr(s.at.begin, s.at.end - s.at.begin)), {}};
          judge(f, *e, x);
          out.examples.push_back(std::move(x));
        }
    return out;
  }

 private:
  principal principal_of(ast::caller_sentence const& c) const {
    std::string id(c.name.text);
    attributes said;
    std::vector<std::string> groups;
    std::vector<std::pair<std::string, attributes>> stated;
    for (auto const& held : c.roles) {
      auto const name = policy::lower(held.name.text);
      auto const role = roles_.find(name);
      if (role == roles_.end()) continue;  // `public`: held by all
      if (!role->second->from.empty()) {
        auto const& source = role->second->from.front();
        if (source.is_user) id = source.name.text;
        else groups.emplace_back(source.name.text);
        if (!held.scope.empty()) raise({.kind = errc::usage, .message = "role `" + name + "` comes from a group or user: an example cannot say its scope"});
        continue;
      }
      attributes scope;
      for (auto const& v : held.scope) scope.emplace_back(std::string(v.name.text), constant(*v.value));
      stated.emplace_back(std::string(held.name.text), std::move(scope));
    }
    for (auto const& a : c.attributes) {
      auto v = constant(*a.value);
      if (policy::lower(a.name.text) == "id") id = v.as<std::string>();
      else said.emplace_back(std::string(a.name.text), std::move(v));
    }
    principal p(id);
    for (auto& g : groups) p = p.group(std::move(g));
    for (auto& [name, scope] : stated) p = p.role(std::move(name), std::move(scope));
    for (auto& [name, v] : said) p = p.with(std::move(name), std::move(v));
    return p;
  }
  void judge(policy::source_file const& f, ast::expect_sentence const& e, example& x) {
    bool const writes = e.method == method::insert || e.method == method::update || e.method == method::remove || e.method == method::purge;
    auto const history = std::any_of(histories_.begin(), histories_.end(), [&](std::string_view t) { return same_name(t, e.table.back().text); });
    if (writes && history) {  // by nobody, whatever the policy says
      if (!e.can) return;
      x.which = outcome::fails;
      x.reason = "a history is written with its table, and by no statement";
      return;
    }
    verdict wrong;
    try {
      auto session = session_of(f, e);
      if (writes)
        wrong = takes_columns(e) ? e.can ? can_write(session, e) : cannot_write(session, e) : fmt::format("`{}` is of rows, and names no columns", to_string(e.method));
      else
        wrong = e.columns.empty() ? verdict("it names no column") : e.can ? can(session, e) : cannot(session, e);
    } catch (error const& refusal) {
      wrong = fmt::format("{}: {}", to_string(refusal.kind()), refusal.what());
      if (which_ == dialect::postgresql && refusal.kind() == errc::unsupported) x.which = outcome::not_checked;
    }
    on_.settle();
    if (wrong.empty()) return;
    if (x.which != outcome::not_checked) x.which = outcome::fails;
    x.reason = std::move(wrong);
  }

  session session_of(policy::source_file const& f, ast::expect_sentence const& e) const {
    for (auto const& s : f.tree.sentences)
      if (auto const* c = s.as<ast::caller_sentence>(); c != nullptr && same_name(c->name.text, e.caller.text)) {
        attributes context;
        for (auto const& a : e.context) context.emplace_back(std::string(a.name.text), constant(*a.value));
        return on_.session_of(principal_of(*c), context);
      }
    raise({.kind = errc::usage, .message = "no caller `" + std::string(e.caller.text) + "`"});
  }

  // --- what is asked ---

  std::string quoted(std::string_view name) const { return print::quote(name, which_); }
  std::string printed(ast::expr_ptr e) const { return print::print(*e, which_); }
  std::string parameter(std::size_t i) const { return fmt::format("{}{}", which_ == dialect::sqlite ? '?' : '$', i); }
  std::string from(ast::expect_sentence const& e) const {
    std::string out = " from ";
    for (auto const& part : e.table) out += (&part == &e.table.front() ? "" : ".") + quoted(part.text);
    return out;
  }
  std::string where(ast::expect_sentence const& e) const { return e.where == nullptr ? "" : " where " + printed(e.where); }

  std::vector<value> stored(ast::expect_sentence const& e, std::string const& column) const {
    return on_.column_of("select " + column + from(e) + where(e));
  }
  bool same(value const& a, ast::expect_sentence const& e, ast::expected_column const& c) const {
    auto const* l = c.value->as<ast::literal>();
    auto text = printed(c.value);
    if (l != nullptr && l->kind == ast::literal_kind::text) text = on_.typed(e.table, c.name.text, std::move(text));
    return same(a, on_.column_of("select " + text).front());
  }
  /// As the engines compare: 1 is 1.0; on SQLite true is 1.
  static bool same(value const& a, value const& b) {
    auto const number = [](value const& v) -> std::optional<long double> {
      if (auto const* i = std::get_if<std::int64_t>(&v.data())) return *i;
      if (auto const* d = std::get_if<double>(&v.data())) return *d;
      if (std::holds_alternative<numeric>(v.data())) return v.as<double>();
      if (auto const* t = std::get_if<bool>(&v.data())) return *t ? 1 : 0;
      return std::nullopt;
    };
    auto const x = number(a), y = number(b);
    return x && y ? *x == *y : a == b;
  }

  static seen ask(session& s, std::string const& sql, std::vector<arg> const& args = {}) {
    try {
      auto const rows = s.query(sql, args);
      seen out{.refused = false, .cells = {}, .mask = rows.columns().front().mask};
      for (auto const& r : rows) out.cells.push_back(r[0].get());
      return out;
    } catch (error const& e) {
      if (!is_refusal(e)) throw;
      return {.refused = true, .cells = {}, .mask = {}};
    }
  }
  /// For `filter` and `aggregate`, a result that says the column was of use is one cell that is not NULL.
  seen ask(session& s, ast::expect_sentence const& e, ast::expected_column const& c) const {
    auto const column = quoted(c.name.text);
    if (e.method == method::select) return ask(s, "select " + column + from(e) + where(e));
    if (e.method == method::aggregate) return ask(s, "select count(" + column + ")" + from(e) + where(e));
    std::vector<arg> values;
    for (auto const& v : stored(e, column))
      if (!v.null() && values.size() < 100) values.emplace_back(v);
    if (values.empty()) raise({.kind = errc::usage, .message = fmt::format("no given row that meets the `where` has a value in `{}`", c.name.text)});
    std::string list;
    for (std::size_t i = 1; i <= values.size(); ++i) list += (i > 1 ? ", " : "") + parameter(i);
    return ask(s, "select 1" + from(e) + (e.where == nullptr ? " where " : where(e) + " and ") + column + " in (" + list + ")", values);
  }

  /// Whether a cell is the value that the example speaks of: `as V`, or else the stored one.
  bool shown(ast::expect_sentence const& e, ast::expected_column const& c, seen const& got, value const& cell, std::vector<value> const& all_stored) const {
    if (e.method != method::select) return !cell.null();
    if (c.value != nullptr) return same(cell, e, c);
    if (got.mask == masking::none) return true;
    return !cell.null() && std::any_of(all_stored.begin(), all_stored.end(), [&](value const& v) { return same(cell, v); });
  }
  static std::string text_of(value const& v) {
    auto const& d = v.data();
    if (auto const* i = std::get_if<std::int64_t>(&d)) return std::to_string(*i);
    if (auto const* r = std::get_if<double>(&d)) return fmt::format("{}", *r);
    if (auto const* t = std::get_if<std::string>(&d)) return "'" + *t + "'";
    return v.null() ? "NULL" : "a value of another kind";
  }

  verdict can(session& s, ast::expect_sentence const& e) const {
    for (auto const& c : e.columns) {
      auto const got = ask(s, e, c);
      if (got.refused) return fmt::format("`{}` is hidden from this caller, or the `where` names what is", c.name.text);
      if (got.cells.empty()) return "the caller sees no such row";
      auto const all_stored = got.mask == masking::none ? std::vector<value>{} : stored(e, quoted(c.name.text));
      for (auto const& cell : got.cells) {
        if (shown(e, c, got, cell, all_stored)) continue;
        if (e.method == method::aggregate) return fmt::format("the aggregate of `{}` is suppressed", c.name.text);
        if (c.value != nullptr) return fmt::format("`{}` is shown as {}", c.name.text, text_of(cell));
        return cell.null() ? fmt::format("`{}` is withheld", c.name.text)
                           : fmt::format("`{}` is masked as {}; to expect that, say `{} as {}`", c.name.text, text_of(cell), c.name.text, text_of(cell));
      }
    }
    return {};
  }

  verdict cannot(session& s, ast::expect_sentence const& e) const {
    if (stored(e, "1").empty()) return no_row(e) + ", so this would hold of any policy";
    for (auto const& c : e.columns) {
      auto const got = ask(s, e, c);
      if (got.refused) {
        // Which of the two is hidden? A `where` that the caller cannot say proves nothing of the column.
        if (e.method == method::select && e.where != nullptr && !ask(s, "select " + quoted(c.name.text) + from(e)).refused)
          return fmt::format("the caller sees `{}`, but not what the `where` names: name the rows by columns it sees", c.name.text);
        continue;
      }
      auto const all_stored = got.mask == masking::none ? std::vector<value>{} : stored(e, quoted(c.name.text));
      for (auto const& cell : got.cells) {
        if (shown(e, c, got, cell, all_stored)) return fmt::format("the caller gets `{}`: {}", c.name.text, text_of(cell));
        if (c.value == nullptr && !cell.null())
          return fmt::format("`{}` is neither hidden nor shown: it is masked as {}", c.name.text, text_of(cell));
      }
    }
    return {};
  }

  // --- writes: they are tried and undone

  static tried attempt(session& s, std::function<std::uint64_t()> const& write) {
    auto const undone = s.begin();
    try {
      return {.refused = {}, .rows = write()};
    } catch (error const& e) {
      if (!is_refused_write(e)) throw;
      return {.refused = fmt::format("{}: {}", to_string(e.kind()), e.what()), .rows = 0};
    }
  }
  /// A column that is only named is assigned what it has.
  tried attempt(session& s, ast::expect_sentence const& e, bool with_where) const {
    if (e.method == method::purge) return purge(s, e, with_where ? e.where : nullptr);
    std::string sql(verb(e.method)), table;
    for (auto const& part : e.table) table += (table.empty() ? "" : ".") + quoted(part.text);
    std::vector<arg> args;
    if (e.method != method::remove && e.columns.empty()) raise({.kind = errc::usage, .message = "it names no column"});
    std::string names, values, set;
    for (auto const& c : e.columns) {
      std::string to;
      if (c.value != nullptr) {
        to = printed(c.value);
      } else {
        auto const old = e.method == method::insert ? std::vector<value>{} : stored(e, quoted(c.name.text));
        if (old.empty())
          raise({.kind = errc::usage, .message = fmt::format("say what `{}` is to be: {} = VALUE", c.name.text, c.name.text)});
        args.emplace_back(old.front());
        to = parameter(args.size());
      }
      names += (names.empty() ? "" : ", ") + quoted(c.name.text);
      values += (values.empty() ? "" : ", ") + to;
      set += (set.empty() ? "" : ", ") + quoted(c.name.text) + " = " + to;
    }
    if (e.method == method::insert)
      sql += " into " + table + " (" + names + ") values (" + values + ")";
    else if (e.method == method::update)
      sql += " " + table + " set " + set;
    else
      sql += " from " + table;
    if (with_where && e.method != method::insert) sql += where(e);
    return attempt(s, [&] { return s.execute(sql, args); });
  }
  /// No text says it.
  static tried purge(session& s, ast::expect_sentence const& e, ast::expr_ptr where) {
    using node = detail::specification_node;
    auto const rows = where == nullptr ? node::node_type(node::everything{}) : node::node_type(node::written{where});
    return attempt(s, [&] { return s.purge(e.table.back().text, specification(std::make_shared<node const>(node{.node = rows}))); });
  }
  static std::string no_row(ast::expect_sentence const& e) { return e.where == nullptr ? "no row of the table is given" : "no given row meets the `where`"; }
  std::size_t rows_meant(ast::expect_sentence const& e) const { return e.method == method::insert ? 1 : stored(e, "1").size(); }

  static bool takes_columns(ast::expect_sentence const& e) { return e.columns.empty() || (e.method != method::remove && e.method != method::purge); }
  verdict can_write(session& s, ast::expect_sentence const& e) const {
    auto const meant = rows_meant(e);
    if (meant == 0) return no_row(e);
    auto const got = attempt(s, e, true);
    if (!got.refused.empty()) return "refused: " + got.refused;
    return got.rows == meant ? verdict{} : fmt::format("{} of the {} rows meant are written", got.rows, meant);
  }
  verdict cannot_write(session& s, ast::expect_sentence const& e) const {
    if (rows_meant(e) == 0) return no_row(e) + ", so this would hold of any policy";
    auto const got = attempt(s, e, true);
    if (got.refused.starts_with("not_found") && e.where != nullptr && e.method != method::insert &&
        !attempt(s, e, false).refused.starts_with("not_found"))
      return "the `where` names what the caller does not see: name the rows by columns it sees";
    if (!got.refused.empty() || got.rows == 0) return {};
    return fmt::format("{} row{} written", got.rows, got.rows == 1 ? " is" : "s are");
  }

  std::vector<policy::source_file> const& files_;  // the database keeps the set
  example_ground& on_;
  dialect which_;
  std::map<std::string, ast::role_sentence const*> roles_;
  std::vector<std::string_view> histories_;
};

}  // namespace

std::size_t example_run::count(example::outcome o) const {
  return static_cast<std::size_t>(std::count_if(examples.begin(), examples.end(), [o](example const& e) { return e.which == o; }));
}

example_run run_examples(policy_set const& policies, catalog::catalog const& tables) {
  in_memory ground(policies, tables);
  return run_examples(policies, ground);
}

example_run run_examples(policy_set const& policies, example_ground& on) { return examples(policies, on).run(); }

}  // namespace grille::govern
