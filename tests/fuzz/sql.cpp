// SQL in both dialects. Holds: what is read and printed is read again as the same tree, and printed as the same text.
#include <string>

#include "ast/equal.hpp"
#include "base/arena.hpp"
#include "fuzz/target.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

using namespace grille;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text_of(data, size);
  for (auto const d : {dialect::sqlite, dialect::postgresql}) {
    base::arena memory;
    auto const tree = grammar::parse_statement(text, d, memory);
    if (!tree) {
      fuzz::must(!tree.error().message.empty(), "a fault says what it is", text);
      fuzz::must(tree.error().at.begin <= tree.error().at.end && tree.error().at.end <= size, "a fault is in the text", text);
      continue;
    }
    auto const printed = print::print(**tree, d);
    auto const again = grammar::parse_statement(printed, d, memory);
    if (!again && again.error().kind == errc::limit) continue;  // quotes and blanks make it longer
    fuzz::must(again.has_value(), "what is printed can be read", printed);
    fuzz::must(ast::equal(**tree, **again), "it is read as the same tree", printed);
    fuzz::must(print::print(**again, d) == printed, "and printed as the same text", printed);
  }
  return 0;
}
