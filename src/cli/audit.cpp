// `grille audit`: keys, and whether a trail is as it was written. Enters: files. Leaves: what is covered, on standard output; of the first
// line that is wrong, where it is and why, on standard error.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

#include "audit/keys.hpp"
#include "audit/trail.hpp"
#include "base/glyph.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace grille::cli {

namespace fs = std::filesystem;

namespace {

template <class T>
T value_or_raise(base::result<T> r) {
  if (!r) raise(r.error(), {});
  if constexpr (!std::is_void_v<T>) return *std::move(r);
}

audit_head head_of(std::string_view text) {
  audit_head h;
  auto const colon = text.find(':');
  auto const* const end = text.data() + std::min(colon, text.size());
  auto const number = std::from_chars(text.data(), end, h.sequence);
  if (colon == text.npos || number.ec != std::errc{} || number.ptr != end || text.size() - colon != 65)
    grille::raise({.kind = errc::usage, .message = "the head is not of the form NUMBER:HASH", .help = "`grille audit verify` prints it"});
  h.hash = text.substr(colon + 1);
  return h;
}

std::string shown(fs::path const& file) { return base::printable(file.string()); }

void tell(audit::trail const& t) {
  fmt::print("ok: {} records, {} to {}, of trail {}\n", t.records, t.first, t.last.sequence, t.chain);
  if (t.signed_heads > 0)
    fmt::print("signed: {} head{}, the last is record {}, by {}\n", t.signed_heads, t.signed_heads == 1 ? "" : "s", t.last_signed, fmt::join(t.signers, ", "));
  if (t.last_signed < t.last.sequence)
    fmt::print("not covered by a signature: records {} to {}\n", std::max(t.first, t.last_signed + 1), t.last.sequence);
  if (t.first > 1) fmt::print("not covered: what came before record {}\n", t.first);
  for (auto const& where : t.torn) fmt::print("written in part, and told of: {}\n", base::printable(where));
  if (!t.closed) fmt::print("open: it does not end with the head of a closing; it is in use, was left by a crash, or is cut off\n");
  fmt::print("head {}:{}\n", t.last.sequence, t.last.hash);
}

}  // namespace

int audit_keygen(keygen_options const& o) {
  if (o.name.empty()) grille::raise({.kind = errc::usage, .message = "the name of the key is empty"});
  auto const key = audit::make_key();
  value_or_raise(audit::write_keys(key, o.name + ".key", o.name + ".pub"));
  note(fmt::format("wrote {0}.key, to be kept secret, and {0}.pub", o.name));
  fmt::print("{}\n", key.of_public());
  return 0;
}

int audit_verify(verify_options const& o) {
  audit::expectations e;
  for (auto const& k : o.keys) e.keys.push_back(value_or_raise(audit::read_public_key(k)));
  if (!o.head.empty()) e.head = head_of(o.head);
  e.closed = o.closed;
  for (auto const& f : o.files)
    if (fs::is_directory(f) || !std::ifstream(f).is_open()) grille::raise({.kind = errc::usage, .message = "cannot read " + f});
  auto const t = audit::verify({o.files.begin(), o.files.end()}, e);
  if (!t.fault) {
    tell(t);
    return 0;
  }
  auto const place = t.fault->line == 0 ? shown(t.fault->file) : fmt::format("{}:{}", shown(t.fault->file), t.fault->line);
  note(fmt::format("{}: {}", place, t.fault->why));
  if (t.records > 0) note(fmt::format("before it: {} records, {} to {}; the last signed head is record {}", t.records, t.first, t.last.sequence, t.last_signed));
  return broken_trail;
}

}  // namespace grille::cli
