#include "exec/postgres/failures.hpp"

#include <fmt/format.h>

namespace grille::exec::postgres {

namespace {

failure lost() { return {.kind = errc::unavailable, .message = "the connection to the database is lost", .retryable = true}; }

// https://www.postgresql.org/docs/15/errcodes-appendix.html
failure sorted(std::string_view state) {
  auto const group = state.substr(0, 2);
  if (state == "57014") return {.kind = errc::unavailable, .message = "the statement took longer than it may"};
  if (group == "40" || state == "55P03")
    return {.kind = errc::unavailable, .message = "the statement ran into another one", .retryable = true};
  if (state == "25P02") return {.kind = errc::usage, .message = "the transaction has failed: it can only be rolled back"};
  if (state == "25001") return {.kind = errc::usage, .message = "the connection is in use by a transaction of the application's"};
  if (state == "25P01") return {.kind = errc::usage, .message = "a write and a stream need a transaction, and what was given is none: take a `pqxx::work`"};
  if (state == "25006") return {.kind = errc::unsupported, .message = "the check at execution refused the statement"};
  if (group == "08" || group == "57" || state == "25P03" || state == "53300") return lost();
  if (group == "53") return {.kind = errc::unavailable, .message = "the database is out of resources", .retryable = true};
  if (group == "54") return {.kind = errc::limit, .message = "a value or the statement is too big for the database"};
  // datatype_mismatch, undefined_function (operators too), ambiguous_function, cannot_coerce, indeterminate_datatype, collation_mismatch, indeterminate_collation,
  // wrong_object_type (`x = any (5)`), ambiguous_parameter
  if (state == "42804" || state == "42883" || state == "42725" || state == "42846" || state == "42P18" || state == "42P21" || state == "42P22" || state == "42809" || state == "42P08")
    return {.kind = errc::type, .message = "the types of what is compared, computed or stored do not go together"};
  // undefined_object: the tables, columns and types of a statement are known to be there
  if (state == "42704") return {.kind = errc::not_found, .message = "the database has nothing of a name in the statement: a collation, a text search configuration, or a variable of a JSON path"};
  // grouping_error, windowing_error, invalid_recursion, invalid_column_reference
  if (state == "42803")
    return {.kind = errc::syntax, .message = "the database takes it for no statement by its groups: a column is no key of `group by`, and in no aggregate, or an aggregate is where none can be"};
  if (state == "42P20" || state == "42P19") return {.kind = errc::syntax, .message = "the database takes it for no statement by its windows, or its recursion"};
  if (state == "42P10")
    return {.kind = errc::syntax, .message = "the database takes it for no statement by what `order by` names beside `distinct`, or by its conflict target, which is no key"};
  if (state == "21000") return {.kind = errc::type, .message = "a subquery gave more than one row where one value is asked for"};
  if (group == "22") return {.kind = errc::type, .message = "a value does not fit what is done with it"};
  // what a value may be, as against what else is there
  if (state == "23502" || state == "23514") return {.kind = errc::check_failed, .message = "a constraint of the table does not allow a row as it would be"};
  if (group == "23") return {.kind = errc::conflict, .message = "a constraint of the database stands in the way"};
  return {.kind = errc::backend, .message = "the database could not run the statement"};
}

}  // namespace

failure failure_of(grille::postgres::trouble const& t, std::string_view sql) {
  // a path, or a text search query, in a value is read by a grammar of its own, whose errors are a statement's
  auto const says = [&](char const* what) { return t.text.find(what) != std::string::npos; };
  auto const of_a_value = t.sqlstate == "42601" && (says(" of jsonpath input") || says(" in tsquery"));
  auto f = t.broken ? lost() : sorted(of_a_value ? "22P02" : t.sqlstate);
  f.sqlstate = t.sqlstate;
  f.detail = fmt::format("{} (SQLSTATE {}) in: {}", t.text, t.sqlstate.empty() ? "none" : t.sqlstate, sql);
  return f;
}

bool may_be_the_schema(std::string_view sqlstate) {
  return (sqlstate.starts_with("42") && sqlstate != "42501") || sqlstate == "3F000" || sqlstate == "0A000";
}

}  // namespace grille::exec::postgres
