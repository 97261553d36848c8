#include "audit/appended.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "audit/digest.hpp"

namespace grille::audit {

namespace {

constexpr std::size_t first_look = 64UL << 10U;
constexpr std::size_t furthest_look = 256UL << 20U;
constexpr std::size_t longest_beginning = 64UL << 10U;  // of a first line that was written in part
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

tl::unexpected<base::fault> unavailable(std::string what) { return base::fail(errc::unavailable, std::move(what)); }

void step(place& p, std::string hash) {
  ++p.sequence;
  p.previous = std::move(hash);
}

timestamp now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// Whether the name still leads to what is open.
bool same_file(descriptor const& d, std::filesystem::path const& file) {
  struct stat open {}, named {};
  return fstat(d.get(), &open) == 0 && stat(file.c_str(), &named) == 0 && open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

bool is_regular(descriptor const& d) {
  struct stat about {};
  return fstat(d.get(), &about) == 0 && S_ISREG(about.st_mode);
}

}  // namespace

base::result<void> sync_folder_of(std::filesystem::path const& file) {
  auto const folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  auto const d = descriptor::open(folder, O_RDONLY | O_DIRECTORY);
  if (!d || !d->sync()) return unavailable(fmt::format("the folder of {} cannot be brought to the disk", file.string()));
  return {};
}

base::result<appended> appended::open(std::filesystem::path const& file, bool sync) {
  for (;;) {
    auto d = descriptor::open(file, O_RDWR | O_APPEND | O_CREAT, owner_only);
    if (!d) return unavailable(fmt::format("the audit file {} cannot be opened: {}", file.string(), d.error()));
    if (!is_regular(*d)) return base::fail(errc::usage, fmt::format("the audit file {} is no file", file.string()));
    if (flock(d->get(), LOCK_EX | LOCK_NB) != 0)
      return unavailable(errno == EWOULDBLOCK ? fmt::format("the audit file {} is in use by another process", file.string())
                                              : fmt::format("the audit file {} cannot be locked: {}", file.string(), last_trouble()));
    if (!same_file(*d, file)) continue;  // who had it before has given it another name
    appended out(*std::move(d), sync);
    if (auto found = out.find_end(); !found) {
      found.error().message = fmt::format("the audit file {} {}", file.string(), found.error().message);
      return tl::unexpected(std::move(found.error()));
    }
    if (sync)
      if (auto done = sync_folder_of(file); !done) return tl::unexpected(std::move(done.error()));
    return out;
  }
}

base::result<appended> appended::make(std::filesystem::path const& file, place p, bool sync) {
  auto d = descriptor::open(file, O_RDWR | O_APPEND | O_CREAT | O_EXCL, owner_only);
  if (!d) return unavailable(fmt::format("the audit file {} cannot be made: {}", file.string(), d.error()));
  if (flock(d->get(), LOCK_EX | LOCK_NB) != 0) return unavailable(fmt::format("the audit file {} is in use by another process", file.string()));
  appended out(*std::move(d), sync);
  out.at_end_ = out.next_ = std::move(p);
  return out;
}

/// The last of the file, at most so much; nothing: there is no more than what was seen before.
base::result<std::optional<std::string>> appended::tail(std::size_t most) const {
  auto const size = file_.size();
  if (!size) return unavailable("cannot be read: " + size.error());
  if (most / 2 >= *size && most > first_look) return std::nullopt;
  auto const from = *size > most ? *size - most : 0;
  auto text = file_.read(from, most);
  if (!text) return unavailable("cannot be read: " + text.error());
  return *std::move(text);
}

base::result<void> appended::find_end() {
  auto const size = file_.size();
  if (!size) return unavailable("cannot be read: " + size.error());
  if (*size == 0) return {};
  for (std::size_t most = first_look; most <= furthest_look; most *= 2) {
    auto const looked = tail(most);
    if (!looked) return tl::unexpected(looked.error());
    if (!*looked) break;
    std::string_view const text = **looked;
    // lines from the last to the first, but for one that may have begun before what was read
    for (auto end = text.rfind('\n'); end != text.npos;) {
      auto const before = end == 0 ? text.npos : text.rfind('\n', end - 1);
      if (before == text.npos && text.size() < *size) break;
      auto const begin = before == text.npos ? 0 : before + 1;
      if (auto const r = read(text.substr(begin, end - begin)); r) {
        at_end_ = {.chain = r->chain, .sequence = r->sequence + 1, .previous = r->hash};
        end_ = *size - text.size() + end + 1;
        return take_up(text.substr(end + 1));
      }
      end = before;
    }
  }
  // what a crash leaves of the very first record, and nothing else
  constexpr std::string_view first = R"({"v":1,"chain":")";
  auto const text = file_.read(0, longest_beginning);
  if (!text) return unavailable("cannot be read: " + text.error());
  auto const common = std::min(first.size(), text->size());
  if (*size >= longest_beginning || text->find('\n') != text->npos || text->substr(0, common) != first.substr(0, common))
    return base::fail(errc::usage, "is not an audit trail, or is damaged where it ends", {}, "`grille audit verify` says where");
  return take_up(*text);
}

/// `rest`: all that is behind `end_`.
base::result<void> appended::take_up(std::string_view rest) {
  before_.clear();
  std::size_t whole = 0;  // of `rest`: records, and what a record tells of
  for (std::size_t begin = 0; begin < rest.size();) {
    auto const end = std::min(rest.find('\n', begin), rest.size());
    auto const r = read(rest.substr(begin, end - begin));
    auto const torn = rest.substr(whole, begin - whole);
    bool const next = r && r->chain == at_end_.chain && r->sequence == at_end_.sequence && r->previous == at_end_.previous;
    if (next && (torn.empty() || tells_of(*r, torn))) {
      step(at_end_, r->hash);
      whole = std::min(end + 1, rest.size());
      if (end == rest.size()) before_ = "\n";  // all of it but its line feed
    }
    begin = end + 1;
  }
  end_ += whole;
  rest.remove_prefix(whole);
  if (at_end_.chain.empty() && !rest.empty()) at_end_.chain = new_chain();
  next_ = at_end_;
  torn_ = rest.size();
  if (rest.empty()) return {};
  if (!rest.ends_with('\n')) before_ = "\n";
  auto const torn = std::string(rest) + before_;  // as it will stand there, with lines that end
  auto const l = audit::write(next_, now(), "torn", told_of(torn));
  step(next_, l.hash);
  before_ += l.text;
  return {};
}

base::result<void> appended::mend() {
  if (lost_) return unavailable("the audit file could not be brought to the disk: it is to be opened anew");
  if (!unsure_) return {};
  auto const size = file_.size();
  if (!size || *size < end_ || *size - end_ > furthest_look) return unavailable("the audit file cannot be read, or was cut off");
  auto const rest = file_.read(end_, static_cast<std::size_t>(*size - end_));
  if (!rest || rest->size() != *size - end_) return unavailable("the audit file cannot be read");
  auto done = take_up(*rest);
  unsure_ = !done;
  return done;
}

base::result<void> appended::append(line const& l) {
  auto const bytes = before_ + l.text;
  if (auto done = put(bytes); !done) return done;
  step(next_, l.hash);
  took(bytes.size());
  return {};
}

base::result<void> appended::settle() {
  if (auto done = mend(); !done || before_.empty()) return done;
  if (auto done = put(before_); !done) return done;
  took(before_.size());
  return {};
}

/// All of the file is records, and what they tell of.
void appended::took(std::size_t bytes) {
  end_ += std::exchange(torn_, 0) + bytes;
  at_end_ = next_;
  before_.clear();
}

base::result<void> appended::put(std::string_view bytes) {
  auto const written = file_.write(bytes);
  if (!written || *written != bytes.size()) {
    unsure_ = true;
    return unavailable(written ? "the audit file could be written to in part only" : "the audit file cannot be written to: " + written.error());
  }
  if (!sync_) return {};
  if (auto done = file_.sync(); !done) {
    lost_ = true;  // what the system has let go of once, it does not report again
    return unavailable("the audit file cannot be brought to the disk: " + done.error());
  }
  return {};
}

}  // namespace grille::audit
