// The catalogue's lookups and its fingerprint. Enters: tables in any order. Leaves: tables sorted by the dialect's rule of
// case, found by binary search, and a hash of everything that was read into them.
#include "catalog/catalog.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

namespace grille::catalog {

namespace {

constexpr char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::strong_ordering compare(std::string_view a, std::string_view b, bool ignores_case) {
  if (!ignores_case) return a <=> b;
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return fold(x) <=> fold(y); });
}

std::strong_ordering compare(table const& t, std::string_view schema, std::string_view name, bool ignores_case) {
  auto const by_schema = compare(t.schema, schema, ignores_case);
  return by_schema != 0 ? by_schema : compare(t.name, name, ignores_case);
}

// The content as bytes that mean one thing only: every text and list is preceded by its length, every number is 8 bytes.
// The structured bindings name all members, so that a new member does not compile until it is hashed.
class hash {
 public:
  hash() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

  void add(std::integral auto n) { add_number(static_cast<std::uint64_t>(n)); }
  template <class E>
  requires std::is_enum_v<E>
  void add(E e) { add_number(static_cast<std::uint64_t>(e)); }
  void add(std::string const& s) {
    add(s.size());
    XXH3_128bits_update(state_.get(), s.data(), s.size());
  }
  template <class T>
  void add(std::vector<T> const& list) {
    add(list.size());
    for (auto const& item : list) add(item);
  }
  void add(column const& c) {
    auto const& [name, declared_type, affinity, collation, not_null, has_default, generated, hidden, type, identity, counts_up, deterministic,
                 limited, default_text] = c;
    add_all(name, declared_type, affinity, collation, not_null, has_default, generated, hidden, type, identity, counts_up, deterministic, limited, default_text);
  }
  void add(foreign_key const& k) {
    auto const& [columns, target, target_columns, on_delete, on_update, target_schema] = k;
    add_all(columns, target, target_columns, on_delete, on_update, target_schema);
  }
  void add(exclusion const& e) {
    auto const& [name, columns, computes] = e;
    add_all(name, columns, computes);
  }
  void add(other_key const& k) {
    auto const& [columns, deferrable, computes] = k;
    add_all(columns, deferrable, computes);
  }
  void add(table const& t) {
    auto const& [schema, name, kind, without_rowid, strict, columns, primary_key, unique_keys, foreign_keys, reads, unique_indexes, key_names, exclusions, other_keys,
                 parents, partition, partitioned, row_security, rules, unlogged, definition, barrier, distribution, distribution_column, oid, ignores_case] = t;
    static_cast<void>(oid);
    add_all(schema, name, kind, without_rowid, strict, columns, primary_key, unique_keys, foreign_keys, reads, unique_indexes, key_names, exclusions, other_keys,
            parents, partition, partitioned, row_security, rules, unlogged, definition, barrier, distribution, distribution_column, ignores_case);
  }
  void add(std::optional<unsigned> const& o) { add_all(o.has_value(), o.value_or(0)); }
  template <class T>
  void add(std::pair<std::string, T> const& p) {
    add_all(p.first, p.second);
  }
  void add(type const& t) {
    auto const& [schema, name, spelled, kind, element, base, declared_base, not_null, checked, runs_code, labels, fields] = t;
    add_all(schema, name, spelled, kind, element, base, declared_base, not_null, checked, runs_code, labels, fields);
  }
  void add(routine const& r) {
    auto const& [kind, schema, name, arguments, result, volatility, leakproof, implicit] = r;
    add_all(kind, schema, name, arguments, result, volatility, leakproof, implicit);
  }
  void add(server const& s) {
    auto const& [version, setting, path, types, routines, others] = s;
    add_all(version, setting, path, types, routines, others);
  }

  std::string hexadecimal() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    std::string text;
    for (unsigned char const byte : canonical.digest)
      for (unsigned const nibble : {byte / 16U, byte % 16U}) text += "0123456789abcdef"[nibble];
    return text;
  }

 private:
  struct freed {
    void operator()(XXH3_state_t* s) const { XXH3_freeState(s); }
  };

  void add_number(std::uint64_t n) {
    std::array<unsigned char, 8> bytes{};
    for (auto& byte : bytes) {
      byte = static_cast<unsigned char>(n & 0xFFU);
      n >>= 8U;
    }
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  template <class... T>
  void add_all(T const&... members) {
    (add(members), ...);
  }

  std::unique_ptr<XXH3_state_t, freed> state_;
};

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept { return a.size() == b.size() && compare(a, b, true) == 0; }
bool same_name(dialect d, std::string_view a, std::string_view b) noexcept { return d == dialect::sqlite ? same_name(a, b) : a == b; }

std::string qualified(std::string_view schema, std::string_view name) {
  std::string text;
  for (auto const part : {schema, name}) {
    if (!text.empty()) text += '.';
    if (!part.empty() && part.find_first_of(".\"") == part.npos) {
      text += part;
      continue;
    }
    text += '"';
    for (char const c : part) text.append(c == '"' ? 2 : 1, c);
    text += '"';
  }
  return text;
}

affinity affinity_of(std::string_view declared_type) {
  std::string type(declared_type);
  std::ranges::transform(type, type.begin(), fold);
  auto const holds = [&](std::string_view word) { return type.find(word) != type.npos; };
  if (holds("int")) return affinity::integer;
  if (holds("char") || holds("clob") || holds("text")) return affinity::text;
  if (holds("blob") || type.empty()) return affinity::blob;
  if (holds("real") || holds("floa") || holds("doub")) return affinity::real;
  return affinity::numeric;
}

std::optional<unsigned> table::find(std::string_view column_name) const {
  for (unsigned i = 0; i < columns.size(); ++i)
    if (ignores_case ? same_name(columns[i].name, column_name) : columns[i].name == column_name) return i;
  return std::nullopt;
}

catalog::catalog(dialect d, std::vector<table> tables, std::string version, grille::catalog::server beside)
    : dialect_(d), tables_(std::move(tables)), version_(std::move(version)), server_(std::move(beside)) {
  bool const ignores_case = d == dialect::sqlite;
  for (auto& t : tables_) t.ignores_case = ignores_case;
  std::ranges::stable_sort(tables_, [&](table const& a, table const& b) { return compare(a, b.schema, b.name, ignores_case) < 0; });
  auto const repeated =
      std::ranges::unique(tables_, [&](table const& a, table const& b) { return compare(a, b.schema, b.name, ignores_case) == 0; });
  tables_.erase(repeated.begin(), repeated.end());

  std::ranges::sort(server_.types, {}, [](type const& t) { return std::tie(t.schema, t.name); });
  std::ranges::sort(server_.others);

  hash h;
  h.add(d);
  h.add(tables_);
  if (d == dialect::postgresql) h.add(server_);
  fingerprint_ = h.hexadecimal();
}

table const* catalog::find(std::string_view schema, std::string_view name) const {
  bool const ignores_case = dialect_ == dialect::sqlite;
  auto const in = [&](std::string_view where) -> table const* {
    auto const precedes = [&](table const& t, std::nullptr_t) { return compare(t, where, name, ignores_case) < 0; };
    auto const found = std::lower_bound(tables_.begin(), tables_.end(), nullptr, precedes);
    return found != tables_.end() && compare(*found, where, name, ignores_case) == 0 ? &*found : nullptr;
  };
  if (!schema.empty()) return in(schema);
  if (server_.search_path.empty()) return in(dialect_ == dialect::sqlite ? "main" : "public");
  for (auto const& s : server_.search_path) {
    if (auto const* const t = in(s)) return t;
    if (std::ranges::binary_search(server_.others, std::pair(s, std::string(name)))) return nullptr;
  }
  return nullptr;
}

type const* catalog::find_type(std::string_view qualified_name) const {
  auto const found = std::ranges::find_if(server_.types, [&](type const& t) { return qualified(t.schema, t.name) == qualified_name; });
  return found == server_.types.end() ? nullptr : &*found;
}

type const* catalog::find_type(std::string_view schema, std::string_view name) const {
  if (!schema.empty()) return find_type(qualified(schema, name));
  for (auto const& s : server_.search_path)
    if (auto const* t = find_type(qualified(s, name)); t != nullptr) return t;
  return server_.search_path.empty() ? find_type(qualified("public", name)) : nullptr;
}

std::vector<routine const*> lookalikes(catalog const& c) {
  auto const& s = c.beside();
  auto const built_in = [](std::string const& t) { return t.empty() || t.starts_with("pg_catalog."); };
  auto const counts = [&](routine const& r) {
    if (!std::ranges::all_of(r.arguments, built_in)) return false;
    switch (r.kind) {
      case routine_kind::cast: return r.implicit && built_in(r.result);
      case routine_kind::operation: break;
      case routine_kind::function:
      case routine_kind::aggregate:
      case routine_kind::window:
        if (!knows_function(dialect::postgresql, r.name)) return false;
        break;
      case routine_kind::procedure: return false;
    }
    return std::ranges::find(s.search_path, r.schema) != s.search_path.end();
  };
  std::vector<routine const*> found;
  for (auto const& r : s.routines)
    if (counts(r)) found.push_back(&r);
  return found;
}

bool path_misleads(catalog const& c) {
  return std::ranges::any_of(lookalikes(c), [](routine const* r) { return r->kind != routine_kind::cast; });
}

std::vector<table const*> replaced(catalog const& before, catalog const& now) {
  std::vector<table const*> found;
  for (auto const& t : now.tables())
    if (auto const* const known = before.find(t.schema, t.name); known != nullptr && known->oid != t.oid) found.push_back(&t);
  return found;
}

bool reads_elsewhere(catalog const& c, table const& t) {
  if (t.kind == relation_kind::foreign_table) return true;
  auto const name = qualified(t.schema, t.name);
  return std::ranges::any_of(c.tables(), [&](table const& below) { return std::ranges::count(below.parents, name) > 0 && reads_elsewhere(c, below); });
}

}  // namespace grille::catalog
