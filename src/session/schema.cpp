#include "grille/schema.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "introspect/introspect.hpp"
#include "session/refusal.hpp"

namespace grille {

schema schema::load(std::filesystem::path const& definitions, dialect d) {
  std::ifstream in(definitions, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || in.bad()) raise({.kind = errc::usage, .message = fmt::format("`{}` cannot be read", definitions.string())});
  return parse(text, d);
}

schema schema::parse(std::string_view definitions, dialect d) {
  if (d != dialect::sqlite) raise({.kind = errc::unsupported, .message = "schemas of PostgreSQL are not read yet"});
  auto tables = introspect::read_sqlite_schema(definitions);
  if (!tables) pipeline::raise_fault(std::move(tables.error()), definitions);
  return schema(*std::move(tables));
}

std::string_view schema::fingerprint() const noexcept { return tables_->fingerprint(); }

}  // namespace grille
