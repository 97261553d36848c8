#include "grille/schema.hpp"

#include <string>
#include <utility>

#include "base/file_text.hpp"
#include "introspect/introspect.hpp"
#include "session/refusal.hpp"

namespace grille {

schema schema::load(std::filesystem::path const& file) {
  auto text = base::read_text(file);
  if (!text) pipeline::raise_fault(std::move(text.error()));
  return parse(*text);
}

schema schema::parse(std::string_view text) {
  auto tables = introspect::is_catalog(text) ? introspect::read_catalog(text) : introspect::read_sqlite_schema(text);
  if (!tables) pipeline::raise_fault(std::move(tables.error()), text);
  return schema(*std::move(tables));
}

std::string schema::dump() const {
  auto text = introspect::write_catalog(*tables_);
  if (!text) pipeline::raise_fault(std::move(text.error()), {});
  return *std::move(text);
}

dialect schema::which() const noexcept { return tables_->which(); }

std::string_view schema::fingerprint() const noexcept { return tables_->fingerprint(); }

}  // namespace grille
