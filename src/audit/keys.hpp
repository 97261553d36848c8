// Ed25519 keys that heads of an audit trail are signed with. Enters: files made by `grille audit keygen`. Leaves: keys, signatures, and
// whether one is good. A key file is one line, what it is and then hexadecimal digits; a secret one is refused where others may read it.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/fault.hpp"

namespace grille::audit {

/// 32 bytes, as 64 hexadecimal digits.
using public_key = std::string;

class secret_key {
 public:
  explicit secret_key(std::string raw) : raw_(std::move(raw)) {}
  secret_key(secret_key const&) = delete;
  secret_key& operator=(secret_key const&) = delete;
  secret_key(secret_key&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  secret_key& operator=(secret_key&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~secret_key();

  public_key of_public() const;
  /// 64 bytes, as hexadecimal digits.
  std::string sign(std::string_view message) const;
  std::string const& raw() const noexcept { return raw_; }

 private:
  std::string raw_;
};

secret_key make_key();
bool signed_by(public_key const& k, std::string_view message, std::string_view signature);

base::result<secret_key> read_secret_key(std::filesystem::path const& file);
base::result<public_key> read_public_key(std::filesystem::path const& file);
/// Makes both files, neither of which may be there; the secret one only its owner may read.
base::result<void> write_keys(secret_key const& k, std::filesystem::path const& secret, std::filesystem::path const& open);

}  // namespace grille::audit
