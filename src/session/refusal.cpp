#include "session/refusal.hpp"

#include <utility>

namespace grille::pipeline {

tl::unexpected<refusal> refuse(errc kind, std::string message, std::string help) {
  return refuse({.parts = {.kind = kind, .message = std::move(message), .help = std::move(help)}});
}

namespace {

/// A message quotes the caller's own words, which can be of any length.
std::string shortened(std::string text) {
  constexpr std::size_t longest = 240;
  if (text.size() <= longest) return text;
  auto end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

tl::unexpected<refusal> refuse(base::fault f, std::string_view source) {
  refusal r{.parts = {.kind = f.kind, .message = shortened(std::move(f.message)), .help = shortened(std::move(f.help))}};
  if (!source.empty() && f.at != base::range{}) r.parts.where = base::locate(source, f.at);
  return refuse(std::move(r));
}

tl::unexpected<refusal> refuse(exec::failure f) {
  return refuse({.parts = {.kind = f.kind, .message = std::move(f.message), .sqlstate = std::move(f.sqlstate), .retryable = f.retryable}, .detail = std::move(f.detail)});
}

void raise_fault(base::fault f, std::string_view source) { grille::raise(refuse(std::move(f), source).value().parts); }

}  // namespace grille::pipeline
