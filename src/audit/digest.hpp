// Fingerprints that nobody can make two texts for. Enters: bytes. Leaves: BLAKE2b of 256 bits, as hexadecimal digits. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace grille::audit {

/// Of the text itself, as `b2sum -l 256` has it.
std::string digest(std::string_view text);
/// Of a text that is for one purpose: no text of another purpose has it, nor has the text itself.
std::string digest(std::string_view purpose, std::string_view text);
/// A name for a chain: 128 random bits.
std::string new_chain();
/// Lower case.
std::string hexadecimal(std::string_view raw);

}  // namespace grille::audit
