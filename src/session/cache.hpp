// Rewritten statements that are kept. Enters: a statement's text and the key of the caller's class, which together decided the
// rewritten text: policy, schema, dialect, the grants that match. Leaves: the very object that was made of these, or nothing.
// Guaranteed: bounded in bytes; a change of policy or schema is another key. Any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "session/pipeline.hpp"

namespace grille::pipeline {

class cache {
 public:
  explicit cache(std::size_t most_bytes) : most_bytes_of_shard_(most_bytes / shards) {}

  struct key {
    std::string_view text;
    std::string_view access;
    bool tree{};  // the text is of a specification's tree, which may say what no caller's text may
    bool marked{};  // withheld cells are marked
    unsigned flags() const { return (tree ? 1U : 0U) | (marked ? 2U : 0U); }
  };
  compiled_ptr find(key const& k);
  void keep(key const& k, compiled_ptr c);
  std::size_t size() const;

 private:
  struct entry {
    std::uint64_t hash;
    std::string text, access;
    unsigned flags;
    compiled_ptr statement;
    std::size_t cost;
  };
  struct shard {
    std::mutex mutable guard;
    std::list<entry> order;  // most recently used first
    std::unordered_map<std::uint64_t, std::list<entry>::iterator> index;
    std::size_t bytes{};
    void drop(std::list<entry>::iterator e);
  };
  static constexpr std::size_t shards = 8;

  shard& of(std::uint64_t hash) { return shards_[hash >> 61U]; }

  std::size_t most_bytes_of_shard_;
  std::array<shard, shards> shards_;
};

}  // namespace grille::pipeline
