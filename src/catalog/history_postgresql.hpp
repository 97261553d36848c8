// What catalog/history.hpp says, of tables of PostgreSQL.
#pragma once
#include <string>
#include <string_view>

#include "catalog/catalog.hpp"

namespace grille::catalog::on_server {

std::string unfit_history(table const& t, table const& h, catalog const& all);
std::string cannot_keep_history(table const& t, catalog const& all);
std::string history_definition(table const& t, std::string_view path);

}  // namespace grille::catalog::on_server
