#include "base/file_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace grille::base {

std::string read_text(std::istream& in, std::size_t most) {
  constexpr std::size_t at_once = 1UL << 16U;
  std::string text;
  while (in && text.size() < most) {
    auto const before = text.size();
    auto const more = std::min(at_once, most - before);
    text.resize(before + more);
    in.read(text.data() + before, static_cast<std::streamsize>(more));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

result<std::string> read_text(std::filesystem::path const& file, std::size_t most) {
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open()) return fail(errc::usage, fmt::format("`{}` cannot be read", file.string()));
  auto text = read_text(in, most + 1);
  if (in.bad()) return fail(errc::usage, fmt::format("`{}` cannot be read", file.string()));  // a folder, say
  if (text.size() > most) return fail(errc::limit, fmt::format("`{}` is longer than {} bytes", file.string(), most));
  return text;
}

}  // namespace grille::base
