// An audit trail in a folder of its own, and its lines to play with.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "audit/keys.hpp"
#include "audit/trail.hpp"
#include "grille/audit_file.hpp"

namespace audit_tests {

inline grille::audit_event event(std::string id, std::string decision = "allowed") {
  grille::audit_event e;
  e.id = std::move(id);
  e.principal = "b-17";
  e.decision = std::move(decision);
  e.statement_hash = std::string(64, 'a');
  e.grants = {"shop.grille:3: allow buyer to select (id) on orders;"};
  e.accesses = {{"main.orders", grille::method::select, {"id"}}};
  return e;
}

class trail_on_disk : public testing::Test {
 protected:
  trail_on_disk() {
    static std::atomic<int> number = 0;
    folder_ = std::filesystem::temp_directory_path() / ("grille-audit-" + std::to_string(getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(folder_);
  }
  ~trail_on_disk() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(std::string const& name = "audit.jsonl") const { return folder_ / name; }
  /// Makes a pair of keys, and returns the public one.
  std::string make_keys(std::string const& name = "k") const {
    auto const k = grille::audit::make_key();
    EXPECT_TRUE(grille::audit::write_keys(k, file(name + ".key"), file(name + ".pub")));
    return k.of_public();
  }
  static std::string read(std::filesystem::path const& f) {
    std::ifstream in(f, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void write(std::filesystem::path const& f, std::string const& text) { std::ofstream(f, std::ios::binary | std::ios::trunc) << text; }
  static std::vector<std::string> lines(std::string const& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      auto const end = std::min(text.find('\n', at), text.size() - 1) + 1;
      out.push_back(text.substr(at, end - at));
      at = end;
    }
    return out;
  }
  static std::string joined(std::vector<std::string> const& all) {
    std::string out;
    for (auto const& l : all) out += l;
    return out;
  }
  /// "LINE: why", or "good".
  static std::string fault_of(std::vector<std::filesystem::path> const& files, grille::audit::expectations const& e = {}) {
    auto const t = grille::audit::verify(files, e);
    return t.fault ? std::to_string(t.fault->line) + ": " + t.fault->why : "good";
  }
  std::string fault(grille::audit::expectations const& e = {}) const { return fault_of({file()}, e); }

  template <class Work>
  static std::string failure(Work&& work) {
    try {
      work();
    } catch (grille::error const& e) {
      return std::string(to_string(e.kind())) + ": " + e.what();
    }
    return "nothing";
  }

  std::filesystem::path folder_;
};

}  // namespace audit_tests
