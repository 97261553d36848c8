// Why a call fails, on its way to the caller. Enters: faults of the stages, failures of a database. Leaves: what the caller may
// read and, apart from it, the full text for the audit.
#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/fault.hpp"
#include "exec/failure.hpp"
#include "grille/error.hpp"

namespace grille::pipeline {

struct refusal {
  error::parts parts;
  std::string detail{};
};
template <class T>
using outcome = tl::expected<T, refusal>;

inline tl::unexpected<refusal> refuse(refusal r) { return tl::unexpected<refusal>(std::move(r)); }
tl::unexpected<refusal> refuse(errc kind, std::string message, std::string help = {});
/// `source` is the text that the fault's place is in; empty: there is none to show.
tl::unexpected<refusal> refuse(base::fault f, std::string_view source = {});
tl::unexpected<refusal> refuse(exec::failure f);

[[noreturn]] void raise_fault(base::fault f, std::string_view source = {});

/// The value, or the error thrown.
template <class T>
T value_or_raise(outcome<T> o) {
  if (!o) grille::raise(std::move(o.error().parts));
  if constexpr (!std::is_void_v<T>) return *std::move(o);
}

}  // namespace grille::pipeline
