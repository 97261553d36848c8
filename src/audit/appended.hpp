// The end of an audit trail's file, as one process has it to itself. Enters: a path, then lines. Leaves: the place at which the chain goes on.
// Guaranteed: the file is only ever appended to, by one call a line; a line that was written in part is followed by a record that tells
// of it (`torn`), before anything else is.
#pragma once
#include <filesystem>
#include <optional>

#include "audit/descriptor.hpp"
#include "audit/record.hpp"
#include "base/fault.hpp"

namespace grille::audit {

class appended {
 public:
  /// Takes the file for this process, makes it where it is not there, and finds its last record.
  static base::result<appended> open(std::filesystem::path const& file, bool sync);
  /// A new file that goes on at `p`. Nobody else may have made it.
  static base::result<appended> make(std::filesystem::path const& file, place p, bool sync);

  /// Where the next record stands, after `mend`.
  place const& next() const noexcept { return next_; }
  void name_chain(std::string chain) { at_end_.chain = next_.chain = std::move(chain); }
  descriptor const& file() const noexcept { return file_; }
  std::uint64_t size() const noexcept { return end_; }
  /// No record is in it yet.
  bool empty() const noexcept { return end_ == 0; }
  /// `l` was made for `next()`.
  base::result<void> append(line const& l);
  /// Looks at what a failed `append` has left, if anything: what is whole counts, of the rest a record is to tell.
  base::result<void> mend();
  /// Writes what is to be told before the next record.
  base::result<void> settle();

 private:
  appended(descriptor d, bool sync) : file_(std::move(d)), sync_(sync) {}
  base::result<void> find_end();
  base::result<std::optional<std::string>> tail(std::size_t most) const;
  base::result<void> take_up(std::string_view rest);
  base::result<void> put(std::string_view bytes);
  void took(std::size_t bytes);

  descriptor file_;
  bool sync_;
  std::uint64_t end_{};        // of the last record
  std::uint64_t torn_{};       // bytes behind it, of which `before_` tells
  place at_end_;               // what comes there
  place next_;                 // and behind `before_`
  std::string before_;         // what is to be written before the next record
  bool unsure_{};              // there may be something behind `end_`
  bool lost_{};                // what was written may not be on the disk, and never come there
};

/// What was made or renamed beside `file` is on the disk.
base::result<void> sync_folder_of(std::filesystem::path const& file);

}  // namespace grille::audit
