// libpqxx 6.4 and 7 told apart, here and nowhere else. Enters: the library that is installed. Leaves: one way to write it.
// What differs: `pqxx::connection` is an alias of a template in 6, of which the base is taken; parameters of a number known only at run
// time; and 6 opens a broken connection again by itself, on the same object, with the server's default settings and outside of the
// transaction that it was in.
#pragma once
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace grille::postgres {

#if PQXX_VERSION_MAJOR >= 7
using native_connection = pqxx::connection;
#else
using native_connection = pqxx::connection_base;
#endif

/// Texts in the server's own format; a null pointer is NULL.
using texts = std::vector<char const*>;

namespace driver {

#if PQXX_VERSION_MAJOR >= 7
inline pqxx::params packed(texts const& values) {
  pqxx::params all;
  all.reserve(values.size());
  for (auto const* v : values) {
    if (v == nullptr)
      all.append();
    else
      all.append(pqxx::zview(v));
  }
  return all;
}
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
inline pqxx::result run(pqxx::transaction_base& t, std::string const& sql, texts const& values) { return t.exec(pqxx::zview(sql), packed(values)); }
inline pqxx::result run_prepared(pqxx::transaction_base& t, std::string const& name, texts const& values) { return t.exec(pqxx::prepped(name), packed(values)); }
#else
inline pqxx::result run(pqxx::transaction_base& t, std::string const& sql, texts const& values) { return t.exec_params(pqxx::zview(sql), packed(values)); }
inline pqxx::result run_prepared(pqxx::transaction_base& t, std::string const& name, texts const& values) { return t.exec_prepared(pqxx::zview(name), packed(values)); }
#endif
inline void reconnects(native_connection& /*never*/, bool /*wanted*/) {}
inline void prepare_now(native_connection& /*did*/, std::string const& /*name*/) {}
#else
inline auto packed(texts const& values) { return pqxx::prepare::make_dynamic_params(values.begin(), values.end()); }
inline pqxx::result run(pqxx::transaction_base& t, std::string const& sql, texts const& values) { return t.exec_params(sql, packed(values)); }
/// What is given one by one the library makes room for once; a list of any length, as it goes along.
inline pqxx::result run_prepared(pqxx::transaction_base& t, std::string const& name, texts const& v) {
  switch (v.size()) {
    case 0: return t.exec_prepared(name);
    case 1: return t.exec_prepared(name, v[0]);
    case 2: return t.exec_prepared(name, v[0], v[1]);
    case 3: return t.exec_prepared(name, v[0], v[1], v[2]);
    case 4: return t.exec_prepared(name, v[0], v[1], v[2], v[3]);
    default: return t.exec_prepared(name, packed(v));
  }
}
inline void reconnects(native_connection& c, bool wanted) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  c.inhibit_reactivation(!wanted);
#pragma GCC diagnostic pop
}
inline void prepare_now(native_connection& c, std::string const& name) { c.prepare_now(name); }
#endif

}  // namespace driver
}  // namespace grille::postgres
