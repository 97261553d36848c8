// What goes to standard error, and the exit code. Enters: errors, diagnostics. Leaves: text in which nothing steers a terminal, in
// colour only on one.
#pragma once
#include <cstdio>
#include <string_view>

#include "base/fault.hpp"
#include "grille/error.hpp"

namespace grille::cli {

/// 1 usage; 2 syntax, unsupported, ambiguous, type, limit; 3 unauthenticated, forbidden, not_found, check_failed, conflict;
/// 4 unavailable, backend.
int exit_code(errc kind) noexcept;
/// The same, and 2 for a policy that does not compile.
int exit_code(error const& e) noexcept;

/// On standard error; a policy error with all its faults.
void report(error const& e);
/// `FILE:LINE:COLUMN: warning: …`, the line with carets, the help.
void report(diagnostic const& d, std::FILE* to);
/// A remark on what was done, on standard error.
void note(std::string_view text);

/// Throws the fault of a stage as what the command reports.
[[noreturn]] void raise(base::fault const& f, std::string_view source);

}  // namespace grille::cli
