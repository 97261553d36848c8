#include "policy/compile.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>

#include "policy/compiler.hpp"
#include "policy/text.hpp"

namespace grille::policy {

namespace {

std::string hash(std::string const& text) {
  auto const h = XXH3_128bits(text.data(), text.size());
  char out[33];
  std::snprintf(out, sizeof out, "%016llx%016llx", static_cast<unsigned long long>(h.high64), static_cast<unsigned long long>(h.low64));
  return out;
}

}  // namespace

compiler::compiler(std::vector<source_file> const& files, std::shared_ptr<catalog::catalog const> c)
    : sources_(files), catalog_(std::move(c)), out_(std::make_shared<compiled>()), full_(*catalog_) {
  out_->catalog = catalog_;
  out_->views = views::read(*catalog_, out_->memory);
  out_->defaults = views::read_defaults(*catalog_, out_->memory);
  out_->indexes = views::read_unique_indexes(*catalog_, out_->memory);
}

compilation compiler::run() {
  read_headers();
  read_people();
  read_tables();
  check_inheritance();
  read_locks();
  read_tags();
  read_specifications();
  read_projections();
  read_grants();
  check_examples();
  auto const by_place = [](diagnostic const& a, diagnostic const& b) { return a.at.begin < b.at.begin; };
  // in the order of the files, then of the text; one fault is told once, however many grants came of its sentence
  std::vector<diagnostic> ordered;
  for (auto const& s : sources_) {
    std::vector<diagnostic> of_file;
    for (auto& f : faults_)
      if (f.file == s.name) of_file.push_back(f);
    std::stable_sort(of_file.begin(), of_file.end(), by_place);
    auto const same = [](diagnostic const& a, diagnostic const& b) { return a.at.begin == b.at.begin && a.message == b.message; };
    of_file.erase(std::unique(of_file.begin(), of_file.end(), same), of_file.end());
    ordered.insert(ordered.end(), of_file.begin(), of_file.end());
  }
  std::string all = catalog_->fingerprint();
  for (auto const& s : sources_) all += '\0' + std::to_string(s.text.size()) + ':' + s.text + '\0' + (s.has_lock ? "+" : "-") + s.lock;
  out_->fingerprint = hash(all);
  compilation done;
  done.faults = std::move(ordered);
  if (done.faults.empty()) done.policy = out_;
  return done;
}

void compiler::fault(base::range at, std::string message, std::string help) {
  faults_.push_back({sources_[file_].name, base::locate(sources_[file_].text, at), std::move(message), std::move(help), false});
}

void compiler::fault(base::fault const& f) { fault(f.at, f.message, f.help); }

void compiler::warning(base::range at, std::string message, std::string help) {
  auto const& known = out_->warnings;
  diagnostic d{sources_[file_].name, base::locate(sources_[file_].text, at), std::move(message), std::move(help), true};
  if (std::none_of(known.begin(), known.end(), [&](diagnostic const& k) { return k.file == d.file && k.at.begin == d.at.begin && k.message == d.message; }))
    out_->warnings.push_back(std::move(d));
}

sentence_ref const* compiler::reference(ast::sentence const& s) {
  auto const& source = sources_[file_];
  auto const at = base::locate(source.text, s.at);
  auto& known = references_[order_];
  if (known != nullptr) return known;
  out_->sentences.push_back(std::make_unique<sentence_ref>(
      sentence_ref{source.name, at.line, fold(std::string_view(source.text).substr(s.at.begin, s.at.end - s.at.begin))}));
  return known = out_->sentences.back().get();
}

compilation compile(std::vector<source_file> const& files, std::shared_ptr<catalog::catalog const> c) {
  return compiler(files, std::move(c)).run();
}

}  // namespace grille::policy
