// The sink that keeps an audit trail in files. Enters: events. Leaves: records in a chain, heads, files that follow each other.
// Guaranteed: what `write` returned of is in the file, behind all that it returned of before; of rotation, the name of the trail always
// leads to a file that goes on with the chain.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "audit/appended.hpp"
#include "audit/digest.hpp"
#include "audit/keys.hpp"
#include "grille/audit_file.hpp"

namespace grille {

using namespace audit;

namespace {

timestamp now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

template <class T>
T value_or_raise(base::result<T> r) {
  if (!r) raise({.kind = r.error().kind, .message = std::move(r.error().message), .help = std::move(r.error().help), .retryable = r.error().kind == errc::unavailable});
  if constexpr (!std::is_void_v<T>) return *std::move(r);
}

std::filesystem::path with(std::filesystem::path file, std::string const& ending) { return file += ending; }

constexpr std::size_t digits_of_name = 12;
std::filesystem::path name_behind(std::filesystem::path const& file, std::uint64_t last) {
  return with(file, fmt::format(".{:0{}}", last, digits_of_name));
}

/// A file of a trail that was rotated.
std::optional<std::filesystem::path> rotated_before(std::filesystem::path const& file) {
  auto const start = file.filename().string() + ".";
  std::error_code unknown;
  for (auto const& entry : std::filesystem::directory_iterator(file.has_parent_path() ? file.parent_path() : ".", unknown)) {
    auto const name = entry.path().filename().string();
    if (name.starts_with(start) && name.size() == start.size() + digits_of_name && name.find_first_not_of("0123456789", start.size()) == name.npos)
      return entry.path();
  }
  return std::nullopt;
}

/// A rotation that a crash has ended between its two steps leaves the file under both names.
void forget_half_rotation(std::filesystem::path const& file, appended const& end) {
  std::error_code unknown;
  std::filesystem::remove(with(file, ".next"), unknown);
  auto const other = name_behind(file, end.next().sequence - 1);
  struct stat mine {}, its {};
  if (fstat(end.file().get(), &mine) == 0 && stat(other.c_str(), &its) == 0 && mine.st_ino == its.st_ino && mine.st_dev == its.st_dev)
    std::filesystem::remove(other, unknown);
}

}  // namespace

struct file_audit::state {
  std::filesystem::path file;
  file_audit_options options;
  std::optional<secret_key> key;
  appended end;
  std::uint64_t since_head{};
  std::mutex guard;

  base::result<void> append(timestamp at, std::string_view type, body const& what) {
    return end.mend().and_then([&] { return end.append(audit::write(end.next(), at, type, what)); });
  }
  base::result<void> append_head(std::string_view why) {
    auto done = end.mend().and_then([&] { return end.append(audit::write_head(end.next(), now(), why, key ? &*key : nullptr)); });
    if (done) since_head = 0;
    return done;
  }
  base::result<void> begin(std::string_view why) {
    return append(now(), "opened", {{"why", why}}).and_then([&] { return append_head("opened"); });
  }

  base::result<void> rotate() {
    if (auto done = end.settle(); !done) return done;
    auto const next = with(file, ".next");
    auto const kept = name_behind(file, end.next().sequence - 1);
    std::error_code unknown;
    std::filesystem::remove(next, unknown);
    auto made = appended::make(next, end.next(), options.sync);
    if (!made) return tl::unexpected(std::move(made.error()));
    auto old = std::exchange(end, *std::move(made));
    auto const since = std::exchange(since_head, 0);
    auto done = begin("rotated");
    if (done && link(file.c_str(), kept.c_str()) != 0) done = base::fail(errc::unavailable, fmt::format("{} cannot be made: {}", kept.string(), last_trouble()));
    if (done && ::rename(next.c_str(), file.c_str()) != 0) {
      done = base::fail(errc::unavailable, fmt::format("{} cannot be renamed: {}", next.string(), last_trouble()));
      std::filesystem::remove(kept, unknown);
    }
    if (!done) {
      end = std::move(old);
      since_head = since;
      std::filesystem::remove(next, unknown);
    } else if (options.sync) {
      return sync_folder_of(file);
    }
    return done;
  }

  void after_record() {
    ++since_head;
    // the record is written: where these fail, they are tried again with the next
    if (key && options.head_every > 0 && since_head >= options.head_every) static_cast<void>(append_head("interval"));
    if (options.rotate_bytes > 0 && end.size() >= options.rotate_bytes) static_cast<void>(rotate());
  }
};

file_audit::file_audit(std::filesystem::path const& file, file_audit_options o) {
  std::optional<secret_key> key;
  if (!o.key.empty()) key = value_or_raise(read_secret_key(o.key));
  auto end = value_or_raise(appended::open(file, o.sync));
  bool const fresh = end.empty();
  if (fresh) {
    if (auto const older = rotated_before(file))
      raise({.kind = errc::usage,
             .message = fmt::format("the audit file {} is not there, or empty, but {} is", file.string(), older->filename().string()),
             .help = "give it back its last file, or begin a trail of another name"});
    if (end.next().chain.empty()) end.name_chain(new_chain());
  } else {
    forget_half_rotation(file, end);
  }
  state_ = std::unique_ptr<state>(new state{.file = file, .options = std::move(o), .key = std::move(key), .end = std::move(end), .guard = {}});
  value_or_raise(state_->begin(fresh ? "new" : "continued"));
}

file_audit::~file_audit() {
  std::lock_guard const lock(state_->guard);
  static_cast<void>(state_->append_head("closed"));
}

void file_audit::write(audit_event const& e) {
  auto const what = body_of(e);
  std::lock_guard const lock(state_->guard);
  value_or_raise(state_->append(e.at, "event", what));
  state_->after_record();
}

audit_head file_audit::sign() {
  std::lock_guard const lock(state_->guard);
  if (!state_->key) raise({.kind = errc::usage, .message = "the audit file has no key to sign with"});
  value_or_raise(state_->append_head("asked"));
  return {state_->end.next().sequence - 1, state_->end.next().previous};
}

void file_audit::rotate() {
  std::lock_guard const lock(state_->guard);
  value_or_raise(state_->rotate());
}

audit_head file_audit::head() const {
  std::lock_guard const lock(state_->guard);
  return {state_->end.next().sequence - 1, state_->end.next().previous};
}

}  // namespace grille
