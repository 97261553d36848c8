#include "audit/digest.hpp"

#include <sodium.h>

#include <stdexcept>

namespace grille::audit {

namespace {

constexpr std::size_t size = crypto_generichash_BYTES;
static_assert(size == 32);

unsigned char const* bytes_of(std::string_view s) { return static_cast<unsigned char const*>(static_cast<void const*>(s.data())); }

class hashing {
 public:
  hashing() { crypto_generichash_init(&state_, nullptr, 0, size); }
  void add(std::string_view s) { crypto_generichash_update(&state_, bytes_of(s), s.size()); }
  std::string end() {
    std::string raw(size, '\0');
    crypto_generichash_final(&state_, static_cast<unsigned char*>(static_cast<void*>(raw.data())), size);
    return hexadecimal(raw);
  }

 private:
  crypto_generichash_state state_;
};

}  // namespace

std::string digest(std::string_view text) {
  hashing h;
  h.add(text);
  return h.end();
}

std::string digest(std::string_view purpose, std::string_view text) {
  hashing h;
  h.add(purpose);
  h.add(std::string_view("\0", 1));
  h.add(text);
  return h.end();
}

std::string new_chain() {
  if (sodium_init() < 0) throw std::runtime_error("no random numbers can be had");
  std::string raw(16, '\0');
  randombytes_buf(raw.data(), raw.size());
  return hexadecimal(raw);
}

std::string hexadecimal(std::string_view raw) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * raw.size());
  for (char const c : raw) {
    auto const byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

}  // namespace grille::audit
