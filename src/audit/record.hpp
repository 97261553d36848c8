// One line of an audit trail. Enters: what a record says, and its place in the chain. Leaves: the line; or of a line, whether it is one,
// and what it says. The format is told in docs/audit.md.
// Guaranteed: `read` takes a line only if writing what it read gives the same bytes, and its hash is of them.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "audit/keys.hpp"
#include "grille/audit.hpp"

namespace grille::audit {

inline constexpr unsigned format_version = 1;
inline const std::string before_the_first(64, '0');

/// Where the next record of a chain stands.
struct place {
  std::string chain;
  std::uint64_t sequence{1};
  std::string previous{before_the_first};  // hash of the record before
};
using body = nlohmann::ordered_json;

struct record {
  std::string chain;
  std::uint64_t sequence{};
  std::string previous, type, hash;
  body said;
};

/// A line, with its line feed, and its hash.
struct line {
  std::string text, hash;
};
line write(place const& at, timestamp when, std::string_view type, body const& what);
/// A head: all before it in the chain is as it was when this was signed. Without a key it is not signed.
line write_head(place const& at, timestamp when, std::string_view why, secret_key const* key);
body body_of(audit_event const& e);
/// What a record of type "torn" says of the lines before it, which are none.
body told_of(std::string_view torn);
bool tells_of(record const& r, std::string_view torn);
/// Whether a member is there, and is that.
bool says(record const& r, char const* name, body const& what);

/// `text` without its line feed. A failure says what is wrong with the line, by itself.
tl::expected<record, std::string> read(std::string_view text);
/// Of a head that `read` took: whether it is signed, and if so, whether by the key it names.
enum class signature { none, good, bad };
signature signature_of(record const& head, std::string_view text);

}  // namespace grille::audit
