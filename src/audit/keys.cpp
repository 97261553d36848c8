#include "audit/keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "audit/descriptor.hpp"
#include "audit/digest.hpp"

namespace grille::audit {

namespace {

constexpr std::string_view secret_title = "grille-audit-secret-key-1 ";
constexpr std::string_view public_title = "grille-audit-public-key-1 ";
constexpr std::size_t longest_file = 1'000;

unsigned char const* bytes_of(std::string_view s) { return static_cast<unsigned char const*>(static_cast<void const*>(s.data())); }
unsigned char* bytes_of(std::string& s) { return static_cast<unsigned char*>(static_cast<void*>(s.data())); }

std::optional<std::string> raw_of(std::string_view digits, std::size_t size) {
  std::string raw(size, '\0');
  std::size_t length = 0;
  if (digits.size() != 2 * size || sodium_hex2bin(bytes_of(raw), size, digits.data(), digits.size(), nullptr, &length, nullptr) != 0 ||
      length != size)
    return std::nullopt;
  return raw;
}

/// The digits behind `title`.
base::result<std::string> digits_in(std::filesystem::path const& file, std::string_view title, bool secret) {
  auto const in = descriptor::open(file, O_RDONLY);
  if (!in) return base::fail(errc::usage, fmt::format("{} cannot be read: {}", file.string(), in.error()));
  struct stat about {};
  if (fstat(in->get(), &about) != 0 || !S_ISREG(about.st_mode)) return base::fail(errc::usage, fmt::format("{} is no file", file.string()));
  if (secret && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return base::fail(errc::usage, fmt::format("{} may be used by others than its owner", file.string()), {}, "chmod 600 it");
  auto text = in->read(0, longest_file);
  if (!text) return base::fail(errc::usage, fmt::format("{} cannot be read: {}", file.string(), text.error()));
  if (text->ends_with('\n')) text->pop_back();
  if (!text->starts_with(title))
    return base::fail(errc::usage, fmt::format("{} is no {} key of `grille audit keygen`", file.string(), secret ? "secret" : "public"));
  return text->substr(title.size());
}

}  // namespace

secret_key::~secret_key() { sodium_memzero(raw_.data(), raw_.size()); }

public_key secret_key::of_public() const {
  std::string raw(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_ed25519_sk_to_pk(bytes_of(raw), bytes_of(raw_));
  return hexadecimal(raw);
}

std::string secret_key::sign(std::string_view message) const {
  std::string raw(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes_of(raw), nullptr, bytes_of(message), message.size(), bytes_of(raw_));
  return hexadecimal(raw);
}

secret_key make_key() {
  if (sodium_init() < 0) throw std::runtime_error("no random numbers can be had");
  std::string raw(crypto_sign_SECRETKEYBYTES, '\0');
  std::string open(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_keypair(bytes_of(open), bytes_of(raw));
  return secret_key(std::move(raw));
}

bool signed_by(public_key const& k, std::string_view message, std::string_view signature) {
  auto const key = raw_of(k, crypto_sign_PUBLICKEYBYTES);
  auto const raw = raw_of(signature, crypto_sign_BYTES);
  return key && raw && crypto_sign_verify_detached(bytes_of(*raw), bytes_of(message), message.size(), bytes_of(*key)) == 0;
}

base::result<secret_key> read_secret_key(std::filesystem::path const& file) {
  auto digits = digits_in(file, secret_title, true);
  if (!digits) return tl::unexpected(std::move(digits.error()));
  auto raw = raw_of(*digits, crypto_sign_SECRETKEYBYTES);
  sodium_memzero(digits->data(), digits->size());
  if (!raw) return base::fail(errc::usage, fmt::format("the key in {} is damaged", file.string()));
  secret_key k(*std::move(raw));
  // its second half is the public key; a wrong one would make signatures that give the secret away
  std::string seed(crypto_sign_SEEDBYTES, '\0'), open(crypto_sign_PUBLICKEYBYTES, '\0'), same(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_ed25519_sk_to_seed(bytes_of(seed), bytes_of(k.raw()));
  crypto_sign_seed_keypair(bytes_of(open), bytes_of(same), bytes_of(seed));
  bool const whole = sodium_memcmp(same.data(), k.raw().data(), same.size()) == 0;
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(same.data(), same.size());
  if (!whole) return base::fail(errc::usage, fmt::format("the key in {} is damaged", file.string()));
  return k;
}

base::result<public_key> read_public_key(std::filesystem::path const& file) {
  auto digits = digits_in(file, public_title, false);
  if (!digits) return digits;
  auto const raw = raw_of(*digits, crypto_sign_PUBLICKEYBYTES);
  if (!raw) return base::fail(errc::usage, fmt::format("the key in {} is damaged", file.string()));
  return hexadecimal(*raw);
}

base::result<void> write_keys(secret_key const& k, std::filesystem::path const& secret, std::filesystem::path const& open) {
  auto const made = [](std::filesystem::path const& file, mode_t mode, std::string const& text) -> base::result<void> {
    auto out = descriptor::open(file, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!out) return base::fail(errc::usage, fmt::format("{} cannot be made: {}", file.string(), out.error()));
    if (auto written = out->write(text); !written || *written != text.size() || !out->sync())
      return base::fail(errc::unavailable, fmt::format("{} cannot be written", file.string()));
    return {};
  };
  if (auto done = made(secret, S_IRUSR | S_IWUSR, std::string(secret_title) + hexadecimal(k.raw()) + "\n"); !done) return done;
  auto done = made(open, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, std::string(public_title) + k.of_public() + "\n");
  std::error_code unknown;
  if (!done) std::filesystem::remove(secret, unknown);
  return done;
}

}  // namespace grille::audit
