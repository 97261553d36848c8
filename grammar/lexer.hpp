// Text to tokens, by hand, one file a dialect. Enters: a text. Leaves: its tokens, texts decoded and copied into the arena, or
// one fault with its place. Guaranteed: valid UTF-8 without NUL; comments are gone and every literal is closed; at most
// `limits::tokens` tokens; what the engine's own lexer rejects is rejected.
#pragma once
#include <cstddef>
#include <string_view>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "base/limits.hpp"
#include "grammar/token.hpp"
#include "grille/dialect.hpp"

namespace grille::grammar {

/// `syntax`, `unsupported` or `limit`. Policies pass `limits::policy_bytes`.
base::result<token_array> lex(std::string_view text, dialect d, base::arena& a, std::size_t max_bytes = base::limits::source_bytes);

}  // namespace grille::grammar
