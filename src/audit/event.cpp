// What the phases of an event are called. Enters: a phase. Leaves: its word in records.
#include "grille/audit.hpp"

namespace grille {

std::string_view to_string(phase p) noexcept {
  switch (p) {
    case phase::decided: return "decided";
    case phase::finished: return "finished";
    case phase::ended: return "ended";
  }
  return {};
}

}  // namespace grille
