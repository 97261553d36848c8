// Statements with parameters by libpqxx itself, of 6.4 or 7. Enters: a statement, its parameters as texts. Leaves: what the server answers.
#pragma once
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace testing_postgres {

using parameters = std::vector<std::string>;

#if PQXX_VERSION_MAJOR >= 7
inline pqxx::params packed(parameters const& all) {
  pqxx::params p;
  for (auto const& one : all) p.append(one);
  return p;
}
#endif

inline pqxx::result run(pqxx::transaction_base& t, std::string const& sql, parameters const& all) {
#if PQXX_VERSION_MAJOR >= 7
  return t.exec(pqxx::zview(sql), packed(all));
#else
  return t.exec_params(sql, pqxx::prepare::make_dynamic_params(all));
#endif
}

/// What `connection::prepare` prepared under `name`.
inline pqxx::result run_prepared(pqxx::transaction_base& t, std::string const& name, parameters const& all) {
#if PQXX_VERSION_MAJOR >= 7
  return t.exec(pqxx::prepped(name), packed(all));
#else
  return t.exec_prepared(name, pqxx::prepare::make_dynamic_params(all));
#endif
}

}  // namespace testing_postgres
