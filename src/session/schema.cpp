#include "grille/schema.hpp"

#include <string>
#include <utility>

#include "base/file_text.hpp"
#include "introspect/introspect.hpp"
#include "session/refusal.hpp"

namespace grille {

schema schema::load(std::filesystem::path const& definitions, dialect d) {
  auto text = base::read_text(definitions);
  if (!text) pipeline::raise_fault(std::move(text.error()));
  return parse(*text, d);
}

schema schema::parse(std::string_view definitions, dialect d) {
  if (d != dialect::sqlite) raise({.kind = errc::unsupported, .message = "schemas of PostgreSQL are not read yet"});
  auto tables = introspect::read_sqlite_schema(definitions);
  if (!tables) pipeline::raise_fault(std::move(tables.error()), definitions);
  return schema(*std::move(tables));
}

std::string_view schema::fingerprint() const noexcept { return tables_->fingerprint(); }

}  // namespace grille
