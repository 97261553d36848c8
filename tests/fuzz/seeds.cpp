// Runs a fuzz target over files, without libFuzzer: each whole, cut off at every place, and with bytes changed, put in and taken out by a fixed
// sequence. Enters: files and folders. Leaves: exit code 0, or the process is ended by what does not hold.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t cuts = 40;
constexpr int changes = 60;

void run(std::string const& text) {
  static_cast<void>(LLVMFuzzerTestOneInput(static_cast<std::uint8_t const*>(static_cast<void const*>(text.data())), text.size()));
}

void run_changed(std::string const& text, std::uint64_t& state) {
  auto const next = [&](std::size_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // the sequence of Knuth's MMIX
    return static_cast<std::size_t>(state >> 33U) % below;
  };
  for (int i = 0; i < changes && !text.empty(); ++i) {
    auto changed = text;
    auto const at = next(changed.size());
    switch (next(3)) {
      case 0: changed[at] = static_cast<char>(next(256)); break;
      case 1: changed.erase(at, 1 + next(8)); break;
      default: changed.insert(at, text.substr(next(text.size()), 1 + next(16)));
    }
    run(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (fs::is_directory(argv[i]))
      for (auto const& entry : fs::directory_iterator(argv[i])) files.push_back(entry.path());
    else
      files.emplace_back(argv[i]);
  }
  std::ranges::sort(files);
  std::uint64_t state = 1;
  for (auto const& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    run(text);
    for (std::size_t i = 0; i < cuts; ++i) run(text.substr(0, text.size() * i / cuts));
    run_changed(text, state);
  }
  std::printf("%zu seeds\n", files.size());
  return files.empty() ? 1 : 0;
}
