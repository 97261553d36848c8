// Where the data is, or what stands for it. Enters: `--db`, `--schema`, policy paths, parameters. Leaves: what the library takes.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "catalog/catalog.hpp"
#include "grille/database.hpp"
#include "grille/policy.hpp"
#include "grille/principal.hpp"
#include "grille/schema.hpp"
#include "grille/session.hpp"

struct sqlite3;

namespace grille::cli {

/// Of what `--db` names: `sqlite:PATH`, else what libpq connects by, a URI or a string with `=` in it. Without one: of the catalogue that
/// `--schema` names, else SQLite.
/// @throws `usage`; `unsupported` if this is a build without PostgreSQL.
dialect dialect_of(source const& s);
/// The file of `sqlite:PATH`. @throws `usage`.
std::filesystem::path sqlite_path(std::string_view url);
/// What a policy of its is called by. Nothing else of a connection string is shown to anybody.
std::string name_of(source const& s);
/// A database on what `--db` names. @throws as the library does.
database open(source const& s, policy_set policies, options how);
/// What `--schema` names, where it is a catalogue as `grille export` writes it.
std::optional<schema> catalog_file(source const& s);

struct handle_closer {
  void operator()(sqlite3* db) const;
};
using sqlite_handle = std::unique_ptr<sqlite3, handle_closer>;
/// A database in memory made by a file of definitions; a dump, with rows, does too. The file is run where it reaches no other file.
sqlite_handle database_of(std::filesystem::path const& definitions);

/// What is in the database, or in the file of definitions or the catalogue. Where neither is given: in the file `NAME.sql` beside each `NAME.grille`.
/// @throws `usage` if there is none of these.
std::shared_ptr<catalog::catalog const> catalog_of(source const& s, std::vector<std::string> const& policies);

policy_set policies_of(std::vector<std::string> const& paths, dialect d);
/// JSON text; empty: nobody.
principal principal_of(std::string_view json);
/// `V`: a JSON scalar if it reads as one, else text as it stands; `:name=V`, `@name=V`, `$name=V`.
std::vector<arg> parameters_of(std::vector<std::string> const& texts);
/// `text`, or all of standard input where it is empty.
std::string statement_of(std::string const& text);
/// @throws `usage` if it cannot be read.
std::string read_file(std::filesystem::path const& file);

}  // namespace grille::cli
