// A file of the system's, closed with its owner. Enters: paths and bytes. Leaves: bytes, or what the system says against it.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace grille::audit {

template <class T>
using answer = tl::expected<T, std::string>;

class descriptor {
 public:
  /// Never inherited by what the process starts.
  static answer<descriptor> open(std::filesystem::path const& file, int flags, mode_t mode = 0);
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  int get() const noexcept { return fd_; }
  answer<std::uint64_t> size() const;
  /// At most `most` bytes from `at` on; fewer at the end of the file.
  answer<std::string> read(std::uint64_t at, std::size_t most) const;
  /// One call, made anew only if a signal came before anything was written. Fewer bytes: there was no room for more.
  answer<std::size_t> write(std::string_view bytes) const;
  /// Returns when all of it is on the disk.
  answer<void> sync() const;

 private:
  int fd_;
};

/// What the system says of the call that failed last.
std::string last_trouble();

}  // namespace grille::audit
