// The ground of examples on a PostgreSQL server: a schema with empty copies of the tables, made in a transaction that is never committed.
// Enters: policies, a connection string. Leaves: what run_examples.hpp says.
// Guaranteed: no row of the server's is read or written, since no statement, whoever's, is bound against any table but the copies; what
// is stored is read by sessions too, under a policy that shows all of them. After the rollback, or a crash, nothing is left.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <utility>

#include "exec/postgres/pins.hpp"
#include "govern/example_ground.hpp"
#include "govern/run_examples.hpp"
#include "grille/error.hpp"
#include "grille/postgres.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/backend.hpp"
#include "postgres/conninfo.hpp"
#include "print/print.hpp"
#include "session/policy_files.hpp"

namespace grille::govern {

namespace {

using catalog::table;

constexpr std::string_view place = "grille_examples";

std::string in_quotes(std::string_view name) { return print::quote(name, dialect::postgresql); }

[[noreturn]] void fail(std::string_view what, postgres::trouble const& why) {
  raise({.kind = why.broken ? errc::unavailable : errc::usage, .message = fmt::format("{}: {}", what, why.text)});
}

/// Under the same settings as a session's, but for those that keep it from writing.
std::string pinned(std::string const& conninfo) {
  auto const wanted = exec::postgres::at_start({.statement_timeout = std::chrono::seconds(30)});
  std::vector<postgres::setting> settings;
  for (auto const& [name, v] : wanted)
    if (name != "default_transaction_read_only") settings.emplace_back(name, v);
  auto with = postgres::with_settings(conninfo, settings);
  if (!with) raise({.kind = errc::usage, .message = "the connection string cannot be read"});
  return *std::move(with);
}

/// What stands in a column that is left out of a `given` row and may not be NULL; empty: it has to be given.
std::string_view zero_of(std::string_view type) {
  static constexpr std::pair<std::string_view, std::string_view> zeros[] = {
      {"int2", "0"},        {"int4", "0"},    {"int8", "0"},      {"numeric", "0"},    {"float4", "0"},
      {"float8", "0"},      {"text", "''"},   {"varchar", "''"},  {"bpchar", "''"},    {"bool", "false"},
      {"bytea", "''"},      {"json", "'{}'"}, {"jsonb", "'{}'"},  {"date", "'epoch'"}, {"timestamp", "'epoch'"},
      {"timestamptz", "'epoch'"}, {"time", "'00:00'"}, {"interval", "'0'"}, {"uuid", "'00000000-0000-0000-0000-000000000000'"}};
  constexpr std::string_view own = "pg_catalog.";
  if (!type.starts_with(own)) return {};
  type.remove_prefix(own.size());
  if (type.starts_with('_')) return "'{}'";
  auto const found = std::ranges::find(zeros, type, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(zeros) ? std::string_view{} : found->second;
}

std::string definition(table const& t) {
  auto const name = fmt::format("{}.{}", place, in_quotes(t.name));
  auto sql = fmt::format("create table {} (like {}.{})", name, in_quotes(t.schema), in_quotes(t.name));
  for (auto const& c : t.columns)
    if (auto const zero = zero_of(c.type); c.not_null && !zero.empty())
      sql += fmt::format("; alter table {} alter {} set default {}", name, in_quotes(c.name), zero);
  if (t.primary_key.empty()) return sql;
  std::string key;
  for (auto const i : t.primary_key) key += (key.empty() ? "" : ", ") + in_quotes(t.columns[i].name);
  return sql + fmt::format("; alter table {} add primary key ({})", name, key);
}

class on_server final : public example_ground {
 public:
  on_server(policy_set const& policies, std::string const& conninfo) : policies_(policies) {
    auto const there = postgres::read_schema(conninfo).tables();
    auto on = postgres::backend::connect(pinned(conninfo));
    if (!on) raise({.kind = errc::unavailable, .message = "the database cannot be reached", .retryable = true});
    backend_ = *std::move(on);
    transaction_.emplace(backend_->native());
    inside_ = backend_->inside(*transaction_);
    // of one snapshot: what others do to the schema meanwhile does not matter here
    run("set transaction isolation level repeatable read", "the examples cannot be set up");
    run(fmt::format("create schema {}", place), "the examples need a schema of their own");
    run(fmt::format("set local search_path = {}", place), "the examples cannot be set up");
    for (auto const& t : there->tables())
      if (there->find({}, t.name) == &t) run(definition(t), "the examples cannot be set up");
    know_copies();
  }
  on_server(on_server const&) = delete;
  on_server& operator=(on_server const&) = delete;
  ~on_server() override = default;

  dialect which() const override { return dialect::postgresql; }

  void insert(ast::given_sentence const& g) override {
    std::string names, rows;
    for (auto const& c : g.columns) names += (names.empty() ? "" : ", ") + in_quotes(c.text);
    for (auto const& r : g.rows) {
      std::string values;
      for (auto const* v : r) values += (values.empty() ? "" : ", ") + given(*v);
      rows += (rows.empty() ? "(" : ", (") + values + ")";
    }
    run(fmt::format("insert into {}.{} ({}) values {}", place, in_quotes(g.table.back().text), names, rows), "the examples cannot be set up");
  }

  void open() override { run("savepoint examples", "the examples cannot be set up"); }

  session session_of(principal const& caller, attributes const& context) override { return guarded_->session(*transaction_, caller, context); }

  std::vector<value> column_of(std::string const& sql) const override {
    // by a name that no caller's statement gives: the two kinds of session prepare on one connection
    auto const rows = stored_->session(*transaction_, principal::anonymous())
                          .query("select \"stored by the examples\" from (" + sql + ") as s (\"stored by the examples\")");
    std::vector<value> out;
    for (auto const& r : rows) out.push_back(r[0].get());
    return out;
  }

  std::string typed(ast::name_path const& in, std::string_view column, std::string literal) const override {
    auto const* t = tables_->find(place, in.back().text);
    auto const at = t == nullptr ? std::nullopt : t->find(column);
    return at ? fmt::format("cast({} as {})", literal, t->columns[*at].type) : literal;
  }

  void settle() override { run("rollback to examples", "the examples cannot go on"); }

 private:
  void know_copies() {
    auto read = introspect::read_postgres(*backend_, std::nullopt, introspect::reading::within);
    if (!read) raise({.kind = read.error().kind, .message = std::move(read.error().message)});
    std::vector<table> copies;
    for (auto const& t : (*read)->tables())
      if (t.schema == place) copies.push_back(t);
    tables_ = std::make_shared<catalog::catalog const>(dialect::postgresql, std::move(copies), (*read)->version(), (*read)->beside());
    guarded_.emplace(postgres::on_tables(backend_->native(), tables_, policies_, {.audit = {}}));
    std::string all;
    for (auto const& t : tables_->tables()) all += (all.empty() ? "" : ", ") + in_quotes(t.name);
    if (all.empty()) raise({.kind = errc::usage, .message = "the database has no tables"});
    auto const shows_all = fmt::format("policy stored version 1; protects {0}; allow public to select all columns on {0};", all);
    stored_.emplace(postgres::on_tables(backend_->native(), tables_, policy_set::parse(shows_all, "stored", {}, dialect::postgresql), {.audit = {}}));
  }

  /// Anything but a constant is computed by a session, which knows what may be computed with.
  std::string given(ast::expr const& e) const {
    auto text = print::print(e, dialect::postgresql);
    auto const* const signless = e.as<ast::unary>() != nullptr ? e.as<ast::unary>()->operand : &e;
    if (signless->as<ast::literal>() != nullptr) return text;
    auto const v = column_of("select cast(" + text + " as pg_catalog.text)").front();
    return v.null() ? "null" : print::print(ast::expr{.node = ast::literal{.kind = ast::literal_kind::text, .text = v.as<std::string>()}}, dialect::postgresql);
  }
  void run(std::string const& sql, std::string_view what) const {
    if (auto const done = backend_->run(sql); !done) fail(what, done.error());
  }

  policy_set policies_;
  std::unique_ptr<postgres::backend> backend_;
  std::optional<pqxx::work> mutable transaction_;  // never committed
  std::unique_ptr<postgres::backend::scope> inside_;
  std::shared_ptr<catalog::catalog const> tables_;
  std::optional<postgres::connection> guarded_;  // behind the policies
  std::optional<postgres::connection> mutable stored_;
};

/// Elsewhere than among the copies is where the application's rows are.
void refuse_schemas(policy_set const& policies) {
  for (auto const& f : policies.files()->sources)
    for (auto const& s : f.tree.sentences) {
      auto const* e = s.as<ast::expect_sentence>();
      auto const* g = s.as<ast::given_sentence>();
      auto const* p = s.as<ast::protects_sentence>();
      bool const named = (e != nullptr && e->table.size() > 1) || (g != nullptr && g->table.size() > 1) ||
                         (p != nullptr && std::ranges::any_of(p->tables, [](auto const& t) { return t.size() > 1; }));
      if (named)
        raise({.kind = errc::unsupported,
               .message = fmt::format("{}:{}: examples on PostgreSQL do not run for tables that are named with their schema", f.name, base::locate(f.text, s.at).line),
               .help = "name them without, and the schema in the search path of --db"});
    }
}

}  // namespace

example_run run_examples(policy_set const& policies, std::string const& conninfo) {
  refuse_schemas(policies);
  on_server ground(policies, conninfo);
  return run_examples(policies, ground);
}

}  // namespace grille::govern
