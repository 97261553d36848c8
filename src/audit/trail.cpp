#include "audit/trail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "audit/record.hpp"

namespace grille::audit {

namespace {

constexpr std::size_t longest_line = 64UL << 20U;

/// Lines, each with whether it ended with a line feed. A line that is too long is cut, so it is no record.
class lines {
 public:
  explicit lines(std::filesystem::path const& file) : in_(file, std::ios::binary) {}
  bool good() const { return in_.is_open() && !in_.bad(); }
  bool next(std::string& into, bool& ended) {
    into.clear();
    ended = false;
    auto* const from = in_.rdbuf();
    for (;;) {
      auto const c = from->sbumpc();
      if (c == std::filebuf::traits_type::eof()) return !into.empty();
      if (c == '\n') {
        ended = true;
        return true;
      }
      if (into.size() > longest_line) return true;
      into += std::filebuf::traits_type::to_char_type(c);
    }
  }

 private:
  std::ifstream in_;
};

/// The number of a file's first record, by which files are put in order.
std::uint64_t first_of(std::filesystem::path const& file) {
  lines in(file);
  std::string text;
  bool ended{};
  while (in.next(text, ended))
    if (auto const r = read(text)) return r->sequence;
  return 0;
}

class verification {
 public:
  explicit verification(expectations const& e) : expected_(e) {}

  /// False: there is a fault.
  bool file(std::filesystem::path const& f) {
    lines in(f);
    if (!in.good() || std::filesystem::is_directory(f)) return fault(f, 0, "it cannot be read");
    std::string text;
    bool ended{};
    std::uint64_t number = 0;
    while (in.next(text, ended)) {
      ++number;
      auto r = read(text);
      if (!r) {
        if (torn_.empty()) torn_line_ = number, torn_why_ = r.error();
        torn_ += text;
        if (ended) torn_ += '\n';
        if (torn_.size() > longest_line) break;
        continue;
      }
      if (!ended) return fault(f, number, "the line does not end: it was cut off");
      if (!record_at(f, number, *r, text)) return false;
    }
    if (!in.good()) return fault(f, number, "it cannot be read to its end");
    if (!torn_.empty()) return fault(f, torn_line_, torn_why_);
    if (number == 0) return fault(f, 0, "it is empty");
    return true;
  }

  trail end(std::filesystem::path const& last) {
    if (!out_.fault && expected_.head && !head_seen_)
      fault(last, 0, fmt::format("the head {}:{} is not in it: what was behind was cut off, or it is another trail", expected_.head->sequence, expected_.head->hash));
    if (!out_.fault && !expected_.keys.empty() && out_.signed_heads == 0) fault(last, 0, "no head is signed");
    if (!out_.fault && expected_.closed && !out_.closed) fault(last, 0, "it does not end with the head of a closing: it is in use, or was cut off");
    return std::move(out_);
  }
  bool fault(std::filesystem::path const& f, std::uint64_t line, std::string why) {
    out_.fault = {f, line, std::move(why)};
    return false;
  }

 private:
  bool record_at(std::filesystem::path const& f, std::uint64_t number, record const& r, std::string_view text) {
    if (!torn_.empty() && !tells_of(r, torn_)) return fault(f, torn_line_, torn_why_);
    if (r.type == "torn" && torn_.empty()) return fault(f, number, "what it says was written in part is not there");
    if (out_.records == 0) {
      out_.chain = r.chain;
      out_.first = r.sequence;
      if (r.sequence == 0 || (r.sequence == 1 && r.previous != before_the_first)) return fault(f, number, "it is no first record");
    } else if (r.chain != out_.chain) {
      return fault(f, number, "it is of another trail");
    } else if (r.sequence != out_.last.sequence + 1) {
      return fault(f, number, fmt::format("it is record {}, where {} has to be", r.sequence, out_.last.sequence + 1));
    } else if (r.previous != out_.last.hash) {
      return fault(f, number, "it is not chained to the record before it");
    }
    if (!torn_.empty()) out_.torn.push_back(fmt::format("{}:{}", f.string(), torn_line_));
    torn_.clear();
    ++out_.records;
    out_.last = {r.sequence, r.hash};
    if (expected_.head && expected_.head->sequence == r.sequence) {
      if (expected_.head->hash != r.hash) return fault(f, number, "it is not the head that is expected");
      head_seen_ = true;
    }
    out_.closed = r.type == "head" && says(r, "why", "closed");
    return r.type != "head" || head_at(f, number, r, text);
  }

  bool head_at(std::filesystem::path const& f, std::uint64_t number, record const& r, std::string_view text) {
    auto const s = signature_of(r, text);
    if (s == signature::none) return true;
    if (s == signature::bad) return fault(f, number, "its signature is not good");
    auto const key = r.said["key"].get<std::string>();
    if (!expected_.keys.empty() && std::ranges::find(expected_.keys, key) == expected_.keys.end())
      return fault(f, number, fmt::format("it is signed by another key, {}", key));
    if (std::ranges::find(out_.signers, key) == out_.signers.end()) out_.signers.push_back(key);
    ++out_.signed_heads;
    out_.last_signed = r.sequence;
    return true;
  }

  expectations const& expected_;
  trail out_;
  bool head_seen_{};
  std::string torn_, torn_why_;  // what is no record, until one tells of it
  std::uint64_t torn_line_{};
};

}  // namespace

trail verify(std::vector<std::filesystem::path> const& files, expectations const& e) {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> ordered;
  for (auto const& f : files) {
    std::error_code unknown;  // a crash in the midst of a rotation leaves one file two names
    if (std::ranges::none_of(ordered, [&](auto const& o) { return std::filesystem::equivalent(o.second, f, unknown); })) ordered.emplace_back(first_of(f), f);
  }
  std::ranges::stable_sort(ordered, {}, &std::pair<std::uint64_t, std::filesystem::path>::first);
  verification v(e);
  for (auto const& [first, f] : ordered)
    if (!v.file(f)) break;
  return v.end(ordered.empty() ? std::filesystem::path() : ordered.back().second);
}

}  // namespace grille::audit
