// Files that the process does not outlive. Enters: a number of operations. Leaves: SQLite's own files, whose so-manieth write, truncation or
// synchronisation kills the process instead, by its own id, with nothing put in order before.
#pragma once
#include <cstdint>

namespace dying_files {

/// Counts as one.
void one_more();
/// From now on all files that SQLite opens in this process count. 0: none kills.
void install(std::uint64_t last);
std::uint64_t counted();

}  // namespace dying_files
