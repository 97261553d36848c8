// Files in place of an audit trail. Holds: a sink that takes one takes nothing away from it, and what it adds is chained to what is there:
// a fault is in the old lines, and where these had none there is none.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "audit/record.hpp"
#include "audit/trail.hpp"
#include "fuzz/target.hpp"
#include "grille/audit_file.hpp"

namespace fs = std::filesystem;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const text(fuzz::text_of(data, size));
  static auto const file = fs::temp_directory_path() / ("grille-fuzz-trail-" + std::to_string(getpid()));
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  auto const before = grille::audit::verify({file}, {});
  fuzz::must(before.fault.has_value() || before.records > 0, "a trail has records", text);
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = std::min(text.find('\n', begin), text.size());
    auto const line = std::string_view(text).substr(begin, end - begin);
    if (auto const r = grille::audit::read(line)) static_cast<void>(grille::audit::signature_of(*r, line));
    begin = end + 1;
  }
  try {
    {
      grille::file_audit sink(file);
      sink.write({});
    }
    std::ifstream in(file, std::ios::binary);
    std::string const now{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    fuzz::must(now.starts_with(text), "nothing is taken away", now);
    auto const after = grille::audit::verify({file}, {});
    fuzz::must(before.fault.has_value() || !after.fault.has_value(), "a good trail stays one", now);
    if (after.fault) {
      auto const lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
      fuzz::must(after.fault->line <= lines + 1, "what is wrong was there before", now);
    }
  } catch (grille::error const& e) {
    fuzz::must(before.fault.has_value(), "a good trail is gone on with", e.what());
  }
  std::error_code unknown;
  fs::remove(file, unknown);
  return 0;
}
