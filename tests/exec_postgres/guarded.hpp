// Guarded statements of any text. Nothing but `verify` can make them; this program has no such layer, so it brings a `verify` of its own,
// which proves nothing.
#pragma once
#include <memory>
#include <string>

#include "verify/guarded_statement.hpp"

namespace grille::exec::postgres {

std::shared_ptr<verify::guarded_statement const> guarded(std::string sql, unsigned parameters = 0);

}  // namespace grille::exec::postgres
