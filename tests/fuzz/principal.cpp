// Principals as JSON. Holds: a text is a principal, or is refused as wrong use or too much.
#include "fuzz/target.hpp"
#include "grille/principal.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text_of(data, size);
  try {
    static_cast<void>(grille::principal::from_json(text).id());
  } catch (grille::error const& e) {
    fuzz::must(e.kind() == grille::errc::usage || e.kind() == grille::errc::limit, "it is refused for what it is", text);
  }
  return 0;
}
