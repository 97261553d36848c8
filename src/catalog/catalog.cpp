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
    auto const& [name, declared_type, affinity, collation, not_null, has_default, generated, hidden] = c;
    add_all(name, declared_type, affinity, collation, not_null, has_default, generated, hidden);
  }
  void add(foreign_key const& k) {
    auto const& [columns, target, target_columns, on_delete, on_update] = k;
    add_all(columns, target, target_columns, on_delete, on_update);
  }
  void add(table const& t) {
    auto const& [schema, name, kind, without_rowid, strict, columns, primary_key, unique_keys, foreign_keys, reads, ignores_case] = t;
    add_all(schema, name, kind, without_rowid, strict, columns, primary_key, unique_keys, foreign_keys, reads, ignores_case);
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

catalog::catalog(dialect d, std::vector<table> tables, std::string version)
    : dialect_(d), tables_(std::move(tables)), version_(std::move(version)) {
  bool const ignores_case = d == dialect::sqlite;
  for (auto& t : tables_) t.ignores_case = ignores_case;
  std::ranges::stable_sort(tables_, [&](table const& a, table const& b) { return compare(a, b.schema, b.name, ignores_case) < 0; });
  auto const repeated =
      std::ranges::unique(tables_, [&](table const& a, table const& b) { return compare(a, b.schema, b.name, ignores_case) == 0; });
  tables_.erase(repeated.begin(), repeated.end());

  hash h;
  h.add(d);
  h.add(tables_);
  fingerprint_ = h.hexadecimal();
}

table const* catalog::find(std::string_view schema, std::string_view name) const {
  bool const ignores_case = dialect_ == dialect::sqlite;
  if (schema.empty()) schema = dialect_ == dialect::sqlite ? "main" : "public";
  auto const precedes = [&](table const& t, std::nullptr_t) { return compare(t, schema, name, ignores_case) < 0; };
  auto const found = std::lower_bound(tables_.begin(), tables_.end(), nullptr, precedes);
  return found != tables_.end() && compare(*found, schema, name, ignores_case) == 0 ? &*found : nullptr;
}

}  // namespace grille::catalog
