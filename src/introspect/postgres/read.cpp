#include "introspect/postgres/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "introspect/postgres/queries.hpp"
#include "postgres/schema_mark.hpp"

namespace grille::introspect {

namespace {

using catalog::column_list;
using catalog::relation_kind;
using catalog::table;
using postgres::answer;
using postgres::rows;

constexpr int oldest_version = 140000;  // what is total goes by what functions are of: before, `extract` was of `double precision`

base::fault fault_of(postgres::trouble const& t) {
  if (t.broken) return {errc::unavailable, "the database cannot be reached"};
  return {errc::backend, fmt::format("the schema of the database cannot be read (SQLSTATE {})", t.sqlstate.empty() ? "unknown" : t.sqlstate)};
}

/// One row, read from left to right.
class fields {
 public:
  fields(rows const& of, std::size_t row) : of_(of), row_(row) {}
  std::string text() { return std::string(of_.text(row_, next_++)); }
  bool flag() { return of_.text(row_, next_++) == "t"; }
  char letter() {
    auto const t = of_.text(row_, next_++);
    return t.empty() ? '\0' : t.front();
  }
  template <class N = std::uint32_t>
  N number() {
    auto const t = of_.text(row_, next_++);
    N n{};
    std::from_chars(t.data(), t.data() + t.size(), n);
    return n;
  }
  /// Two columns: schema and name.
  std::string qualified() {
    auto const schema = text();
    auto const name = text();
    return schema.empty() && name.empty() ? std::string{} : catalog::qualified(schema, name);
  }
  /// Numbers with spaces between them, as the server writes an int2vector.
  std::vector<int> numbers() {
    auto const t = of_.text(row_, next_++);
    std::vector<int> all;
    for (auto const* at = t.data(); at != t.data() + t.size();) {
      int n{};
      auto const r = std::from_chars(at, t.data() + t.size(), n);
      if (r.ec != std::errc{}) break;
      all.push_back(n);
      at = r.ptr != t.data() + t.size() ? r.ptr + 1 : r.ptr;
    }
    return all;
  }

 private:
  rows const& of_;
  std::size_t row_;
  std::size_t next_{};
};

relation_kind kind_of(char relkind) {
  switch (relkind) {
    case 'v': return relation_kind::view;
    case 'm': return relation_kind::materialized_view;
    case 'f': return relation_kind::foreign_table;
    default: return relation_kind::table;
  }
}
std::string action_of(char c) {
  switch (c) {
    case 'r': return "RESTRICT";
    case 'c': return "CASCADE";
    case 'n': return "SET NULL";
    case 'd': return "SET DEFAULT";
    default: return "NO ACTION";
  }
}
catalog::identity identity_of(char c) {
  return c == 'a' ? catalog::identity::always : c == 'd' ? catalog::identity::by_default : catalog::identity::no;
}
catalog::volatility volatility_of(char c) {
  return c == 'i' ? catalog::volatility::immutable : c == 's' ? catalog::volatility::stable : catalog::volatility::unstable;
}
catalog::routine_kind routine_kind_of(char c) {
  switch (c) {
    case 'a': return catalog::routine_kind::aggregate;
    case 'w': return catalog::routine_kind::window;
    case 'p': return catalog::routine_kind::procedure;
    case 'o': return catalog::routine_kind::operation;
    case 'c': return catalog::routine_kind::cast;
    default: return catalog::routine_kind::function;
  }
}
catalog::type_kind type_kind_of(char c) {
  switch (c) {
    case 'd': return catalog::type_kind::domain;
    case 'e': return catalog::type_kind::enumeration;
    case 'c': return catalog::type_kind::composite;
    case 'r': return catalog::type_kind::range;
    case 'm': return catalog::type_kind::multirange;
    case 'p': return catalog::type_kind::pseudo;
    default: return catalog::type_kind::base;
  }
}

class reader {
 public:
  explicit reader(postgres::backend& on) : on_(on) {}

  answer<void> read() {
    for (auto const step : {&reader::relations, &reader::columns, &reader::keys, &reader::unique_indexes, &reader::other_keys, &reader::limited, &reader::foreign_keys, &reader::parents, &reader::reads,
                            &reader::definitions, &reader::types, &reader::routines, &reader::others, &reader::distribution})
      if (auto const done = (this->*step)(); !done) return done;
    return {};
  }
  /// Names are looked up by the path that is set while this runs.
  answer<void> path() {
    return each(queries::settings, [&](fields f) {
      server_.version = f.number<int>();
      encoding_ = f.text();
      server_.search_path_setting = f.text();
      if (auto schema = f.text(); !schema.empty()) server_.search_path.push_back(std::move(schema));
    });
  }
  int version() const { return server_.version; }
  std::string const& encoding() const { return encoding_; }
  catalog_ptr made(std::string mark) && {
    std::vector<table> all;
    for (auto& [oid, t] : tables_) all.push_back(std::move(t.is));
    return std::make_shared<catalog::catalog const>(dialect::postgresql, std::move(all), std::move(mark), std::move(server_));
  }

 private:
  struct listed {
    table is;
    std::map<int, unsigned> by_number;  // attnum to index: dropped columns leave gaps
  };

  template <class Visit>
  answer<void> each(std::string_view sql, Visit visit) {
    auto const got = on_.run(std::string(sql));
    if (!got) return tl::unexpected(got.error());
    for (std::size_t i = 0; i < got->size(); ++i) visit(fields(*got, i));
    return {};
  }
  listed* of(std::uint32_t oid) {
    auto const found = tables_.find(oid);
    return found == tables_.end() ? nullptr : &found->second;
  }
  static std::optional<column_list> columns_of(listed const& l, std::vector<int> const& numbers) {
    column_list all;
    for (int const n : numbers) {
      auto const found = l.by_number.find(n);
      if (found == l.by_number.end()) return std::nullopt;
      all.push_back(found->second);
    }
    return all;
  }

  answer<void> relations() {
    return each(queries::relations, [&](fields f) {
      auto const oid = f.number();
      auto& t = tables_[oid].is;
      t.oid = oid;
      t.schema = f.text();
      t.name = f.text();
      auto const kind = f.letter();
      t.kind = kind_of(kind);
      t.partitioned = kind == 'p';
      t.partition = f.flag();
      t.row_security = f.flag();
      t.unlogged = f.flag();
      t.rules = f.flag();
    });
  }
  answer<void> columns() {
    return each(queries::columns, [&](fields f) {
      auto* const l = of(f.number());
      if (l == nullptr) return;
      l->by_number[f.number<int>()] = static_cast<unsigned>(l->is.columns.size());
      catalog::column c;
      c.name = f.text();
      c.declared_type = f.text();
      c.type = f.qualified();
      c.not_null = f.flag();
      c.identity = identity_of(f.letter());
      c.generated = f.letter() == 's' ? catalog::generated::stored : catalog::generated::no;
      c.has_default = f.flag() && c.generated == catalog::generated::no;
      c.collation = f.qualified();
      c.deterministic = f.flag();
      c.counts_up = f.flag();
      c.default_text = f.text();
      l->is.columns.push_back(std::move(c));
    });
  }
  answer<void> keys() {
    auto const read = each(queries::keys, [&](fields f) {
      auto* const l = of(f.number());
      if (l == nullptr) return;
      bool const primary = f.flag();
      auto key = columns_of(*l, f.numbers());
      if (!key || key->empty()) return;
      if (primary) l->is.primary_key = *key;
      if (auto name = f.text(); !name.empty()) l->is.key_names.emplace_back(std::move(name), *key);
      l->is.unique_keys.push_back(*std::move(key));
    });
    for (auto& [oid, l] : tables_) {
      auto& all = l.is.unique_keys;
      std::ranges::sort(all);
      auto const repeated = std::ranges::unique(all);
      all.erase(repeated.begin(), repeated.end());
    }
    return read;
  }
  answer<void> unique_indexes() {
    return each(queries::unique_indexes, [&](fields f) {
      if (auto* const l = of(f.number())) l->is.unique_indexes.push_back(f.text());
    });
  }
  answer<void> other_keys() {
    return each(queries::other_keys, [&](fields f) {
      auto* const l = of(f.number());
      auto name = f.text();
      if (l == nullptr) return;
      auto columns = columns_of(*l, f.numbers());
      if (!columns) return;
      bool const deferrable = f.flag(), computes = f.flag();
      if (name.empty())
        l->is.other_keys.push_back({*std::move(columns), deferrable, computes});
      else
        l->is.exclusions.push_back({std::move(name), *std::move(columns), computes});
    });
  }
  answer<void> limited() {
    return each(queries::limited, [&](fields f) {
      auto* const l = of(f.number());
      if (l == nullptr) return;
      if (auto const found = l->by_number.find(f.number<int>()); found != l->by_number.end()) {
        auto& is = l->is.columns[found->second].limited;
        is = std::max(is, f.flag() ? catalog::limited::referring : catalog::limited::few);
      }
    });
  }
  answer<void> foreign_keys() {
    return each(queries::foreign_keys, [&](fields f) {
      auto* const from = of(f.number());
      auto* const to = of(f.number());
      if (from == nullptr || to == nullptr) return;
      auto columns = columns_of(*from, f.numbers());
      auto const target = columns_of(*to, f.numbers());
      if (!columns || !target) return;
      catalog::foreign_key k{.columns = *std::move(columns),
                             .target = to->is.name,
                             .target_columns = {},
                             .on_delete = action_of(f.letter()),
                             .on_update = action_of(f.letter()),
                             .target_schema = to->is.schema};
      for (auto const i : *target) k.target_columns.push_back(to->is.columns[i].name);
      from->is.foreign_keys.push_back(std::move(k));
    });
  }
  answer<void> parents() {
    return each(queries::parents, [&](fields f) {
      if (auto* const l = of(f.number())) l->is.parents.push_back(f.qualified());
    });
  }
  answer<void> reads() {
    return each(queries::reads, [&](fields f) {
      if (auto* const l = of(f.number())) l->is.reads.push_back(f.qualified());
    });
  }
  answer<void> definitions() {
    return each(queries::definitions, [&](fields f) {
      auto* const l = of(f.number());
      if (l == nullptr) return;
      l->is.definition = f.text();
      l->is.barrier = f.flag();
    });
  }
  answer<void> types() {
    auto const all = each(queries::types, [&](fields f) {
      catalog::type t;
      t.schema = f.text();
      t.name = f.text();
      t.spelled = f.text();
      t.kind = type_kind_of(f.letter());
      t.element = f.qualified();
      t.base = f.qualified();
      t.declared_base = f.text();
      t.not_null = f.flag();
      t.checked = f.flag();
      t.runs_code = f.flag();
      server_.types.push_back(std::move(t));
    });
    if (!all) return all;
    auto const named = [&](fields& f) -> catalog::type* {
      auto const schema = f.text();
      auto const name = f.text();
      auto const found = std::ranges::find_if(server_.types, [&](catalog::type const& t) { return t.schema == schema && t.name == name; });
      return found == server_.types.end() ? nullptr : &*found;
    };
    auto const labelled = each(queries::labels, [&](fields f) {
      if (auto* const t = named(f)) t->labels.push_back(f.text());
    });
    if (!labelled) return labelled;
    return each(queries::composite_fields, [&](fields f) {
      auto* const t = named(f);
      if (t == nullptr) return;
      auto name = f.text();
      t->fields.emplace_back(std::move(name), f.qualified());
    });
  }
  answer<void> routines() {
    return each(queries::routines, [&](fields f) {
      auto const id = f.number();
      auto const kind = f.letter();
      bool const another = id != last_routine_ || server_.routines.empty() || routine_kind_of(kind) != server_.routines.back().kind;
      if (another) {
        catalog::routine r;
        r.kind = routine_kind_of(kind);
        r.schema = f.text();
        r.name = f.text();
        r.result = f.qualified();
        r.volatility = volatility_of(f.letter());
        r.leakproof = f.flag();
        r.implicit = f.flag();
        server_.routines.push_back(std::move(r));
        last_routine_ = id;
      } else {
        for (int skipped = 0; skipped < 7; ++skipped) f.letter();
      }
      if (f.flag()) server_.routines.back().arguments.push_back(f.qualified());
    });
  }
  answer<void> others() {
    std::map<std::string, int, std::less<>> names;
    for (auto const& [oid, l] : tables_) names.emplace(l.is.name, 0);
    return each(queries::others, [&](fields f) {
      auto const oid = f.number();
      auto schema = f.text();
      auto name = f.text();
      if (!tables_.contains(oid) && names.contains(name)) server_.others.emplace_back(std::move(schema), std::move(name));
    });
  }

  // https://docs.citusdata.com/en/v12.1/develop/api_metadata.html: `n` is a table without a distribution column; a reference table if its
  // replication model is `t`. The column is written as the server's own tree of an expression, {VAR :varno 1 :varattno 2 …}.
  answer<void> distribution() {
    auto const there = on_.run(std::string(queries::has_distribution));
    if (!there) return tl::unexpected(there.error());
    if (there->size() == 0 || there->text(0, 0) != "t") return {};
    return each(queries::distribution, [&](fields f) {
      auto* const l = of(f.number());
      if (l == nullptr) return;
      auto const method = f.letter();
      auto const model = f.letter();
      auto const key = f.text();
      auto& t = l->is;
      if (method == 'n') {
        t.distribution = model == 't' ? catalog::distribution::reference : catalog::distribution::local;
        return;
      }
      t.distribution = catalog::distribution::by_column;
      constexpr std::string_view word = ":varattno ";
      auto const at = key.find(word);
      int number{};
      if (at == key.npos) return;
      std::from_chars(key.data() + at + word.size(), key.data() + key.size(), number);
      if (auto const found = l->by_number.find(number); found != l->by_number.end()) t.distribution_column = found->second;
    });
  }

  postgres::backend& on_;
  std::map<std::uint32_t, listed> tables_;
  catalog::server server_;
  std::string encoding_;
  std::uint32_t last_routine_{};
};

/// One snapshot, until the end of the object.
class snapshot {
 public:
  snapshot(postgres::backend& on, reading how) : on_(on), how_(how) {}
  snapshot(snapshot const&) = delete;
  snapshot& operator=(snapshot const&) = delete;
  ~snapshot() {
    if (begun_) static_cast<void>(on_.run(how_ == reading::alone ? "rollback" : "rollback to grille_reads; release grille_reads"));
    if (how_ == reading::alone) on_.release();
  }
  answer<void> begin() {
    if (how_ == reading::alone)
      if (auto held = on_.hold(); !held) return held;
    auto const done = on_.run(how_ == reading::alone ? "begin isolation level repeatable read, read only" : "savepoint grille_reads");
    if (!done) return tl::unexpected(done.error());
    begun_ = true;
    return {};
  }

 private:
  postgres::backend& on_;
  reading how_;
  bool begun_{};
};

answer<std::string> mark_of(postgres::backend& on) {
  auto const got = on.run(std::string(postgres::schema_mark));
  if (!got) return tl::unexpected(got.error());
  return std::string(got->text(0, 0));
}

}  // namespace

base::result<catalog_ptr> read_postgres(postgres::backend& on, std::optional<std::string> const& search_path, reading how) {
  snapshot one_state(on, how);
  if (auto const begun = one_state.begin(); !begun) return tl::unexpected(fault_of(begun.error()));
  // the queries are long and their answers short: by its estimates the server compiles them for seconds, which take milliseconds
  if (auto const set = on.run("set local jit = off"); !set) return tl::unexpected(fault_of(set.error()));
  if (search_path)
    if (auto const set = on.run("select pg_catalog.set_config('search_path', $1, true)", {search_path->c_str()}); !set)
      return tl::unexpected(fault_of(set.error()));
  reader r(on);
  if (auto const done = r.path(); !done) return tl::unexpected(fault_of(done.error()));
  if (r.version() < oldest_version) return base::fail(errc::unsupported, fmt::format("PostgreSQL {} is too old", r.version() / 10000));
  if (r.encoding() != "UTF8")
    return base::fail(errc::unsupported, fmt::format("the database's encoding is {}", r.encoding()), {}, "only UTF8 is supported");
  if (auto const set = on.run("set local search_path = pg_catalog"); !set) return tl::unexpected(fault_of(set.error()));
  auto mark = mark_of(on);
  if (!mark) return tl::unexpected(fault_of(mark.error()));
  if (auto const done = r.read(); !done) return tl::unexpected(fault_of(done.error()));
  return std::move(r).made(*std::move(mark));
}

base::result<std::string> postgres_schema_mark(postgres::backend& on) { return mark_of(on).map_error(fault_of); }

}  // namespace grille::introspect
