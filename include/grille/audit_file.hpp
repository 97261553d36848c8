/// @file
/// An audit trail in files that cannot be changed unnoticed.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "grille/audit.hpp"

namespace grille {

struct file_audit_options {
  std::filesystem::path key{};      ///< a secret key of `grille audit keygen`; none: what is recorded is chained, not signed
  std::uint64_t head_every = 1000;  ///< records, after which a signed head is written
  std::uint64_t rotate_bytes = 0;   ///< a file that is larger gets another name, and the chain goes on in a new one; 0: only when told to
  bool sync = false;                ///< a record is on the disk before the statement goes on; else the system writes it when it likes
};

/// What says of a trail, up to there, that nothing in it was changed: keep it elsewhere, and give it to `grille audit verify`.
struct audit_head {
  std::uint64_t sequence{};
  std::string hash;
  friend bool operator==(audit_head const&, audit_head const&) = default;
};

/// Appends each event as one line of JSON (docs/audit.md), chained to the one before by a hash. Heads that are signed say of all before them
/// that it was so: at opening and at closing, every `head_every` records, and when asked for. What a crash leaves of a last line is marked.
/// Any thread; one process a file.
class file_audit final : public audit_sink {
 public:
  /// Goes on with the chain of a file that is there, else begins one.
  /// @throws `unavailable` if another process has the file, or it cannot be written to; `usage` if the file is no audit trail, or the
  /// key cannot be read.
  explicit file_audit(std::filesystem::path const& file, file_audit_options o = {});
  file_audit(file_audit const&) = delete;
  file_audit& operator=(file_audit const&) = delete;
  ~file_audit() override;

  /// @throws `unavailable` if the record is not in the file, or with `sync` not on the disk. Of what is half written the next record tells.
  void write(audit_event const& e) override;
  /// Writes a signed head. @throws `usage` without a key, `unavailable` as `write` does.
  audit_head sign();
  /// The file gets its name with the number of its last record behind it; the chain goes on in a new one. @throws `unavailable`.
  void rotate();
  /// The last record.
  audit_head head() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace grille
