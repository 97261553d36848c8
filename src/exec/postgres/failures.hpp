// What a server or libpqxx said, to failures. Enters: a trouble. Leaves: a kind, a constant text and the SQLSTATE for the caller; all
// else (detail, hint, place, SQL) in the failure's detail, for the audit.
#pragma once
#include <string_view>

#include "exec/failure.hpp"
#include "postgres/backend.hpp"

namespace grille::exec::postgres {

failure failure_of(grille::postgres::trouble const& t, std::string_view sql);
/// Whether the statement names what is not there, or not as it was: the schema may have changed, and nothing of it was run.
bool may_be_the_schema(std::string_view sqlstate);

}  // namespace grille::exec::postgres
