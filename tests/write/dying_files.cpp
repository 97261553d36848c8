#include "write/dying_files.hpp"

#include <csignal>
#include <map>
#include <memory>
#include <unistd.h>

#include <sqlite3.h>

namespace dying_files {

namespace {

std::uint64_t count = 0, last_one = 0;
sqlite3_vfs* files = nullptr;

/// The methods of a file, with those that change it put in between.
struct counting {
  sqlite3_io_methods methods{};
  sqlite3_io_methods const* own{};
};
std::map<sqlite3_io_methods const*, std::unique_ptr<counting>> tables;

sqlite3_io_methods const& own(sqlite3_file* f) { return *reinterpret_cast<counting const*>(f->pMethods)->own; }

int write(sqlite3_file* f, void const* bytes, int n, sqlite3_int64 at) {
  one_more();
  return own(f).xWrite(f, bytes, n, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  one_more();
  return own(f).xTruncate(f, size);
}
/// A process that dies leaves to the system what it wrote: only the disk would need it.
int sync(sqlite3_file* /*f*/, int /*flags*/) {
  one_more();
  return SQLITE_OK;
}

int open(sqlite3_vfs* /*self*/, char const* name, sqlite3_file* f, int flags, int* out) {
  auto const code = files->xOpen(files, name, f, flags, out);
  if (f->pMethods == nullptr) return code;
  auto& made = tables[f->pMethods];
  if (made == nullptr) {
    made = std::make_unique<counting>(counting{*f->pMethods, f->pMethods});
    made->methods.xWrite = write;
    made->methods.xTruncate = truncate;
    made->methods.xSync = sync;
  }
  f->pMethods = &made->methods;
  return code;
}

}  // namespace

void one_more() {
  if (++count == last_one) kill(getpid(), SIGKILL);
}

void install(std::uint64_t last) {
  static sqlite3_vfs between;
  count = 0;
  last_one = last;
  files = sqlite3_vfs_find(nullptr);
  between = *files;
  between.zName = "dying";
  between.xOpen = open;
  sqlite3_vfs_register(&between, 1);
}

std::uint64_t counted() { return count; }

}  // namespace dying_files
