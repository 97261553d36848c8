#include "audit/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace grille::audit {

std::string last_trouble() { return std::generic_category().message(errno); }

answer<descriptor> descriptor::open(std::filesystem::path const& file, int flags, mode_t mode) {
  int fd = -1;
  do fd = ::open(file.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return tl::unexpected(last_trouble());
  descriptor made(fd);
  if (fd > STDERR_FILENO) return made;
  // a process without standard output would print into it
  auto const higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (higher < 0) return tl::unexpected(last_trouble());
  return descriptor(higher);
}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

answer<std::uint64_t> descriptor::size() const {
  struct stat about {};
  if (fstat(fd_, &about) != 0) return tl::unexpected(last_trouble());
  return static_cast<std::uint64_t>(about.st_size);
}

answer<std::string> descriptor::read(std::uint64_t at, std::size_t most) const {
  std::string out(most, '\0');
  std::size_t have = 0;
  while (have < most) {
    auto const n = ::pread(fd_, out.data() + have, most - have, static_cast<off_t>(at + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(last_trouble());
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return out;
}

answer<std::size_t> descriptor::write(std::string_view bytes) const {
  ssize_t n = -1;
  do n = ::write(fd_, bytes.data(), bytes.size());
  while (n < 0 && errno == EINTR);
  if (n < 0) return tl::unexpected(last_trouble());
  return static_cast<std::size_t>(n);
}

answer<void> descriptor::sync() const {
  int code = -1;
  do code = ::fdatasync(fd_);
  while (code != 0 && errno == EINTR);
  if (code != 0) return tl::unexpected(last_trouble());
  return {};
}

}  // namespace grille::audit
