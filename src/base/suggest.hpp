// "did you mean": the known word nearest to one that is not known. Enters: a word as somebody typed it and the words that would
// have been right. Leaves: one of them, or nothing where none is near enough to be meant.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace grille::base {

/// By edit distance (a swap of neighbours counts as one edit), ASCII case aside; the first of equals. "" if more than a third of
/// the letters would have to change. Pass only words that the reader of the message may know of.
std::string suggest(std::string_view word, std::span<std::string_view const> known);

}  // namespace grille::base
