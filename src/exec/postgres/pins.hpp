// What the meaning of a statement depends on beside its text: server settings. Enters: what a connection was made under. Leaves: the
// same settings for a session from its start, for one transaction, or the name of one that is not as it has to be.
// Names in statements are qualified; the search path still decides on operators, so it is either pg_catalog alone or the one that the
// catalogue was read under, in which nothing was found that could be taken for PostgreSQL's own.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grille/isolation.hpp"
#include "postgres/backend.hpp"

namespace grille::exec::postgres {

using grille::postgres::rows;

/// What holds for all statements of a connection.
struct terms {
  std::chrono::milliseconds statement_timeout{};
  std::vector<std::string> search_path{};          // of the catalogue
  std::string search_path_setting{};               // what that comes from: transactions that write have it, for the sake of triggers
  bool pooled{};                                   // behind a proxy that gives each transaction another server process
  std::chrono::milliseconds schema_interval{1000};  // a change of the schema is noticed no later than this
};
enum class access { read, write };

/// For a connection of our own: a session that starts so is read-only unless a transaction says otherwise.
std::vector<std::pair<std::string, std::string>> at_start(terms const& t);
/// The same once it has started.
std::string set_for_session(terms const& t);
/// Begins a transaction, and sets what has to be set, to its end.
std::string begin_with_pins(terms const& t, access a, isolation apart = isolation::standard);
/// The same where the pins are there already.
std::string begin_plain(terms const& t, access a, isolation apart = isolation::standard);

/// One row: what is set now.
std::string const& look();
/// The first setting that is not as it has to be.
std::optional<std::string> departure(rows const& looked, terms const& t);
/// What `statement_timeout` is set to, as it is written in a `set`, if it lets a statement run longer than it may here.
std::optional<std::string> longer_timeout(rows const& looked, terms const& t);

}  // namespace grille::exec::postgres
