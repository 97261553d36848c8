// Why a database did not do what it was told. Enters: codes and texts of the engine. Leaves: a kind and a constant text for the
// caller, and apart from these the full text, which is for the audit only: it can hold data and the rewritten SQL.
#pragma once
#include <string>
#include <tl/expected.hpp>

#include "grille/error.hpp"

namespace grille::exec {

struct failure {
  errc kind{};
  std::string message;  // constant text, safe for the caller
  std::string detail{};
  bool retryable{};
  bool schema_changed{};  // the schema is not the one that the statement was made for; nothing of it was run
  std::string sqlstate{};  // PostgreSQL
};

template <class T>
using result = tl::expected<T, failure>;

inline tl::unexpected<failure> fail(failure f) { return tl::unexpected<failure>(std::move(f)); }

}  // namespace grille::exec
