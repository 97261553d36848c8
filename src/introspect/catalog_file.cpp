// A catalogue as JSON text, out and in. Each structure is described once, in `describe`, for both ways. What has its default is not
// written; what is read and not known is a fault, so that a file of a later edition is never half understood.
#include <fmt/format.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <type_traits>
#include <utility>

#include "catalog/catalog.hpp"
#include "introspect/introspect.hpp"

namespace grille::introspect {

namespace {

using json = nlohmann::ordered_json;
using words = std::span<std::string_view const>;

constexpr std::size_t file_bytes = 64'000'000;

struct wrong {
  std::string what;
};

constexpr std::string_view dialect_words[] = {"sqlite", "postgresql"};
words words_of(dialect) { return dialect_words; }
constexpr std::string_view affinity_words[] = {"none", "blob", "text", "numeric", "integer", "real"};
words words_of(catalog::affinity) { return affinity_words; }
constexpr std::string_view generated_words[] = {"no", "stored", "virtual"};
words words_of(catalog::generated) { return generated_words; }
constexpr std::string_view identity_words[] = {"no", "by default", "always"};
words words_of(catalog::identity) { return identity_words; }
constexpr std::string_view limited_words[] = {"no", "referring", "few"};
words words_of(catalog::limited) { return limited_words; }
constexpr std::string_view relation_kind_words[] = {"table", "view", "virtual table", "materialized view", "foreign table"};
words words_of(catalog::relation_kind) { return relation_kind_words; }
constexpr std::string_view distribution_words[] = {"none", "by column", "reference", "local"};
words words_of(catalog::distribution) { return distribution_words; }
constexpr std::string_view type_kind_words[] = {"base", "domain", "enumeration", "composite", "range", "multirange", "pseudo"};
words words_of(catalog::type_kind) { return type_kind_words; }
constexpr std::string_view routine_kind_words[] = {"function", "aggregate", "window", "procedure", "operator", "cast"};
words words_of(catalog::routine_kind) { return routine_kind_words; }
constexpr std::string_view volatility_words[] = {"immutable", "stable", "volatile"};
words words_of(catalog::volatility) { return volatility_words; }

template <class A>
void describe(A& a, catalog::column& c) {
  a("name", c.name);
  a("type", c.declared_type);
  a("of", c.type);
  a("affinity", c.affinity);
  a("collation", c.collation);
  a("deterministic", c.deterministic, true);
  a("not null", c.not_null);
  a("default", c.has_default);
  a("default text", c.default_text);
  a("generated", c.generated);
  a("identity", c.identity);
  a("counts up", c.counts_up);
  a("limited", c.limited);
  a("hidden", c.hidden);
}
template <class A>
void describe(A& a, catalog::foreign_key& k) {
  a("columns", k.columns);
  a("schema", k.target_schema);
  a("table", k.target);
  a("references", k.target_columns);
  a("on delete", k.on_delete, std::string("NO ACTION"));
  a("on update", k.on_update, std::string("NO ACTION"));
}
template <class A>
void describe(A& a, catalog::exclusion& e) {
  a("name", e.name);
  a("columns", e.columns);
  a("computes", e.computes);
}
template <class A>
void describe(A& a, catalog::other_key& k) {
  a("columns", k.columns);
  a("deferrable", k.deferrable);
  a("computes", k.computes);
}
template <class A>
void describe(A& a, catalog::table& t) {
  a("schema", t.schema);
  a("name", t.name);
  a("oid", t.oid);
  a("kind", t.kind);
  a("without rowid", t.without_rowid);
  a("strict", t.strict);
  a("partition", t.partition);
  a("partitioned", t.partitioned);
  a("row security", t.row_security);
  a("rules", t.rules);
  a("definition", t.definition);
  a("barrier", t.barrier);
  a("unlogged", t.unlogged);
  a("parents", t.parents);
  a("distribution", t.distribution);
  a("distribution column", t.distribution_column);
  a("columns", t.columns);
  a("primary key", t.primary_key);
  a("unique keys", t.unique_keys);
  a("unique indexes", t.unique_indexes);
  a("names of keys", t.key_names);
  a("exclusions", t.exclusions);
  a("other keys", t.other_keys);
  a("foreign keys", t.foreign_keys);
  a("reads", t.reads);
}
template <class A>
void describe(A& a, catalog::type& t) {
  a("schema", t.schema);
  a("name", t.name);
  a("spelled", t.spelled);
  a("kind", t.kind);
  a("element", t.element);
  a("base", t.base);
  a("declared base", t.declared_base);
  a("not null", t.not_null);
  a("checked", t.checked);
  a("runs code", t.runs_code);
  a("labels", t.labels);
  a("fields", t.fields);
}
template <class A>
void describe(A& a, catalog::routine& r) {
  a("kind", r.kind);
  a("schema", r.schema);
  a("name", r.name);
  a("arguments", r.arguments);
  a("result", r.result);
  a("volatility", r.volatility);
  a("leakproof", r.leakproof);
  a("implicit", r.implicit);
}
template <class A>
void describe(A& a, catalog::server& s) {
  a("version", s.version);
  a("search path", s.search_path_setting);
  a("schemas", s.search_path);
  a("types", s.types);
  a("routines", s.routines);
  a("others", s.others);
}

class writer {
 public:
  template <class T>
  void operator()(char const* key, T& v, T const& otherwise = {}) {
    auto j = of(v);
    if (j != of(otherwise)) out_[key] = std::move(j);
  }
  json take() { return std::move(out_); }

  static json of(bool b) { return b; }
  static json of(std::integral auto n) { return n; }
  static json of(std::string const& s) { return s; }
  template <class T>
  static json of(std::pair<std::string, T> const& p) {
    return json::array({of(p.first), of(p.second)});
  }
  template <class E>
    requires std::is_enum_v<E>
  static json of(E e) {
    return words_of(e)[static_cast<std::size_t>(e)];
  }
  template <class T>
  static json of(std::optional<T> const& o) {
    return o ? of(*o) : json();
  }
  template <class T>
  static json of(std::vector<T> const& list) {
    auto all = json::array();
    for (auto const& item : list) all.push_back(of(item));
    return all;
  }
  template <class T>
    requires requires(writer& w, T& described) { describe(w, described); }
  static json of(T const& v) {
    writer w;
    T copy = v;
    describe(w, copy);
    return w.out_;
  }

 private:
  json out_ = json::object();
};

class reader {
 public:
  explicit reader(json const& in) : in_(in) {
    if (!in.is_object()) throw wrong{"an object is expected"};
  }
  template <class T>
  void operator()(char const* key, T& v, T const& otherwise = {}) {
    auto const found = in_.find(key);
    known_.insert(key);
    if (found == in_.end()) {
      v = otherwise;
      return;
    }
    try {
      take(*found, v);
    } catch (wrong& w) {
      throw wrong{fmt::format("`{}`: {}", key, w.what)};
    }
  }
  void end() const {
    for (auto const& [key, value] : in_.items())
      if (!known_.contains(key)) throw wrong{fmt::format("`{}` is not known", key)};
  }

  static void take(json const& j, bool& b) { b = expected(j, j.is_boolean(), "true or false").get<bool>(); }
  template <std::integral N>
  static void take(json const& j, N& n) {
    auto const i = expected(j, j.is_number_integer(), "an integer").get<std::int64_t>();
    if (!std::in_range<N>(i)) throw wrong{"the integer is out of range"};
    n = static_cast<N>(i);
  }
  static void take(json const& j, std::string& s) { s = expected(j, j.is_string(), "a text").get<std::string>(); }
  template <class T>
  static void take(json const& j, std::pair<std::string, T>& p) {
    expected(j, j.is_array() && j.size() == 2, "a pair");
    take(j[0], p.first);
    take(j[1], p.second);
  }
  template <class E>
    requires std::is_enum_v<E>
  static void take(json const& j, E& e) {
    std::string word;
    take(j, word);
    std::size_t at = 0;
    for (auto const known : words_of(e)) {
      if (known == word) {
        e = static_cast<E>(at);
        return;
      }
      ++at;
    }
    throw wrong{fmt::format("`{}` is not known", word)};
  }
  template <class T>
  static void take(json const& j, std::optional<T>& o) {
    take(j, o.emplace());
  }
  template <class T>
  static void take(json const& j, std::vector<T>& list) {
    list.clear();
    for (auto const& item : expected(j, j.is_array(), "a list")) take(item, list.emplace_back());
  }
  template <class T>
    requires requires(reader& r, T& described) { describe(r, described); }
  static void take(json const& j, T& v) {
    reader r(j);
    describe(r, v);
    r.end();
  }

 private:
  static json const& expected(json const& j, bool is, std::string_view what) {
    if (!is) throw wrong{fmt::format("{} is expected", what)};
    return j;
  }

  json const& in_;
  std::set<std::string, std::less<>> known_;
};

struct file {
  std::string format = "grille catalogue";
  int edition = 1;
  dialect which{};
  std::string mark{};
  catalog::server beside{};
  std::vector<catalog::table> tables{};
};
template <class A>
void describe(A& a, file& f) {
  a("format", f.format);
  a("edition", f.edition);
  a("dialect", f.which, static_cast<dialect>(-1));
  a("mark", f.mark);
  a("server", f.beside);
  a("tables", f.tables);
}

/// Columns are named by their place: each has to be there.
void check(catalog::table const& t) {
  auto const there = [&](unsigned i) {
    if (i >= t.columns.size()) throw wrong{fmt::format("table `{}` has no column {}", t.name, i)};
  };
  auto const all_there = [&](catalog::column_list const& list) {
    for (auto const i : list) there(i);
  };
  all_there(t.primary_key);
  for (auto const& key : t.unique_keys) all_there(key);
  for (auto const& [name, key] : t.key_names) all_there(key);
  for (auto const& e : t.exclusions) all_there(e.columns);
  for (auto const& key : t.other_keys) all_there(key.columns);
  for (auto const& key : t.foreign_keys) all_there(key.columns);
  if (t.distribution_column) there(*t.distribution_column);
}

}  // namespace

base::result<std::string> write_catalog(catalog::catalog const& c) {
  file f;
  f.which = c.which();
  f.mark = c.version();
  f.beside = c.beside();
  f.tables.assign(c.tables().begin(), c.tables().end());
  try {
    json out = json::object();
    out["format"] = f.format;
    out["edition"] = f.edition;
    out["dialect"] = writer::of(f.which);
    writer rest;
    rest("mark", f.mark);
    rest("server", f.beside);
    rest("tables", f.tables);
    out.update(rest.take());
    return out.dump(1) + "\n";
  } catch (json::exception const&) {
    return base::fail(errc::unsupported, "a name of the schema is not UTF-8");
  }
}

bool is_catalog(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{';
}

base::result<catalog_ptr> read_catalog(std::string_view text) {
  if (text.size() > file_bytes) return base::fail(errc::limit, fmt::format("the catalogue has more than {} bytes", file_bytes));
  try {
    auto const in = json::parse(text);
    file f;
    f.format.clear();
    f.edition = 0;
    f.which = static_cast<dialect>(-1);
    reader::take(in, f);
    if (f.format != file().format || f.edition != file().edition) throw wrong{"it is no catalogue of this edition"};
    if (f.which != dialect::sqlite && f.which != dialect::postgresql) throw wrong{"`dialect` is missing"};
    for (auto const& t : f.tables) check(t);
    return std::make_shared<catalog::catalog const>(f.which, std::move(f.tables), std::move(f.mark), std::move(f.beside));
  } catch (json::parse_error const& e) {
    auto const at = static_cast<std::uint32_t>(e.byte > 0 ? e.byte - 1 : 0);
    return base::fail(errc::syntax, "the catalogue is not JSON", {at, at + 1});
  } catch (json::exception const&) {
    return base::fail(errc::syntax, "the catalogue cannot be read");
  } catch (wrong const& w) {
    return base::fail(errc::syntax, fmt::format("the catalogue cannot be read: {}", w.what));
  }
}

}  // namespace grille::introspect
