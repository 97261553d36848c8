// The databases of a world, without Grille: the full one, before and after the changes that a caller must not notice, and what the
// caller sees of it.
#pragma once
#include <filesystem>

#include "cases/case_file.hpp"
#include "cases/raw_database.hpp"

namespace cases {

/// Writes the world's schema and data to `file`; with `changed`, that caller's unseen changes on top.
void fill(world const& w, std::filesystem::path const& file, caller const* changed = nullptr);
/// What the caller may see of the database in `file`, as a database of its own.
raw_database seen_by(caller const& c, std::filesystem::path const& file);

}  // namespace cases
