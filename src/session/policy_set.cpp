#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/fault.hpp"
#include "base/file_text.hpp"
#include "base/limits.hpp"
#include "grammar/parse.hpp"
#include "session/hash.hpp"
#include "session/policy_files.hpp"
#include "session/refusal.hpp"

namespace grille {

namespace {

namespace fs = std::filesystem;

struct text_file {
  std::string name;
  std::string text;
  std::string lock;
  bool has_lock{};
};

std::string contents(fs::path const& file) {
  auto text = base::read_text(file);
  if (!text) pipeline::raise_fault(std::move(text.error()));
  return *std::move(text);
}

std::vector<fs::path> policies_in(fs::path const& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator i(folder, failed), end; !failed && i != end; i.increment(failed))
    if (i->path().extension() == ".grille") found.push_back(i->path());
  if (failed) raise({.kind = errc::usage, .message = fmt::format("`{}` cannot be read", folder.string())});
  if (found.empty()) raise({.kind = errc::usage, .message = fmt::format("`{}` holds no policy", folder.string()), .help = "policies end in .grille"});
  std::ranges::sort(found);
  return found;
}

text_file read(fs::path const& file) {
  text_file f{.name = file.string(), .text = contents(file), .lock = {}};
  auto lock = file;
  lock += ".lock";
  std::error_code unknown;
  if (fs::exists(lock, unknown)) {
    f.lock = contents(lock);
    f.has_lock = true;
  }
  return f;
}

/// Lengths stand before the texts, so that no two sets look the same.
std::string fingerprint_of(detail::policy_files const& files) {
  std::string all = files.which == dialect::sqlite ? "sqlite" : "postgresql";
  for (auto const& s : files.sources)
    for (auto const& text : {s.name, s.text, s.has_lock ? "+" + s.lock : "-"}) all += fmt::format("\n{}:{}", text.size(), text);
  return pipeline::fingerprint(all);
}

std::shared_ptr<detail::policy_files const> parsed(std::vector<text_file> files, dialect d) {
  auto set = std::make_shared<detail::policy_files>();
  set->which = d;
  std::vector<diagnostic> faults;
  for (auto& f : files) {
    auto memory = std::make_shared<base::arena>();
    auto tree = grammar::parse_policy(f.text, d, *memory);
    for (auto& fault : tree.faults)
      faults.push_back({.file = f.name, .at = base::locate(f.text, fault.at), .message = std::move(fault.message), .help = std::move(fault.help)});
    set->sources.push_back({.name = std::move(f.name), .text = std::move(f.text), .tree = tree.file, .lock = std::move(f.lock), .has_lock = f.has_lock});
    set->memory.push_back(std::move(memory));
  }
  if (!faults.empty()) throw policy_error(std::move(faults));
  set->fingerprint = fingerprint_of(*set);
  return set;
}

}  // namespace

policy_set policy_set::load(std::vector<fs::path> const& files_or_folders, dialect d) {
  std::vector<text_file> files;
  for (auto const& path : files_or_folders) {
    std::error_code unknown;
    if (fs::is_directory(path, unknown))
      for (auto const& file : policies_in(path)) files.push_back(read(file));
    else
      files.push_back(read(path));
  }
  return policy_set(parsed(std::move(files), d));
}

policy_set policy_set::parse(std::string_view text, std::string_view name, std::string_view lock, dialect d) {
  return policy_set(parsed({{.name = std::string(name), .text = std::string(text), .lock = std::string(lock), .has_lock = !lock.empty()}}, d));
}

policy_set policy_set::with(policy_set const& others) const {
  if (files_->which != others.files_->which) raise({.kind = errc::usage, .message = "the two policy sets are of different dialects"});
  auto both = std::make_shared<detail::policy_files>(*files_);
  both->sources.insert(both->sources.end(), others.files_->sources.begin(), others.files_->sources.end());
  both->memory.insert(both->memory.end(), others.files_->memory.begin(), others.files_->memory.end());
  both->fingerprint = fingerprint_of(*both);
  return policy_set(std::move(both));
}

std::string_view policy_set::fingerprint() const noexcept { return files_->fingerprint; }

}  // namespace grille
