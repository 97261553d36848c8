// What methods are called. Enters: a method. Leaves: the word for it in policies.
#include "grille/dialect.hpp"

namespace grille {

std::string_view to_string(method m) noexcept {
  switch (m) {
    case method::select: return "select";
    case method::insert: return "insert";
    case method::update: return "update";
    case method::remove: return "delete";
    case method::purge: return "purge";
    case method::filter: return "filter";
    case method::aggregate: return "aggregate";
  }
  return {};
}

}  // namespace grille
