// Whether an audit trail is as it was written. Enters: its files, in any order, and what is known of it elsewhere. Leaves: what was found,
// or the first line that is wrong and why. Reads a line at a time.
// Guaranteed: in a trail without a fault no byte was changed and no line taken out, put in, doubled or moved, from its first record to its
// last, by anybody who has not made all hashes behind it anew; and up to its last signed head by nobody who has not the key.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audit/keys.hpp"
#include "grille/audit_file.hpp"

namespace grille::audit {

/// What somebody else knows.
struct expectations {
  std::vector<public_key> keys{};     // none: signatures are compared with the keys that the trail itself names
  std::optional<audit_head> head{};   // a record that must be there
  bool closed{};                    // the trail must end with the head of a closing
};

struct trail_fault {
  std::filesystem::path file;
  std::uint64_t line{};  // 0: of no line
  std::string why;
};

struct trail {
  std::string chain;
  std::uint64_t records{}, first{};
  audit_head last;
  std::uint64_t signed_heads{}, last_signed{};  // the number of the last signed head, 0: there is none
  std::vector<public_key> signers;
  std::vector<std::string> torn;                // where a line was written in part only
  bool closed{};
  std::optional<trail_fault> fault;
};

trail verify(std::vector<std::filesystem::path> const& files, expectations const& e);

}  // namespace grille::audit
