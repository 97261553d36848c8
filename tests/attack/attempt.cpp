#include "attack/attempt.hpp"

#include <algorithm>

namespace attack {

using cases::answer;
using cases::block;
using cases::caller;
using cases::expectation;
using cases::outcome;

namespace {

std::vector<grille::value> positions(block const& b) {
  std::vector<grille::value> out;
  for (auto const& p : b.parameters) out.push_back(p.value);
  return out;
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::vector<std::string> cells_of(std::string line) {
  std::vector<std::string> out;
  for (;;) {
    auto const bar = line.find(" | ");
    out.push_back(line.substr(0, bar));
    if (bar == std::string::npos) return out;
    line.erase(0, bar + 3);
  }
}

bool is_plain_name(std::string const& s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::string joined(std::vector<std::string> const& names) {
  std::string out;
  for (auto const& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

outcome in_order(outcome o, bool fixed) {
  if (!fixed) o.got = sorted(std::move(o.got));
  return o;
}

}  // namespace

guarded_world::guarded_world(cases::world const& w, std::string const& policy, caller const* changed)
    : file_(std::make_unique<cases::scratch_file>(w.name)) {
  cases::fill(w, file_->path(), changed);
  raw_ = cases::raw_database(file_->path());
  original_ = raw_.dump();
  database_ = std::make_unique<grille::sqlite::database>(file_->path(), grille::policy_set::parse(policy, w.name + ".grille"));
}

outcome guarded_world::ask(caller const& c, block const& b, std::string const& sql) const {
  return cases::ask(*database_, cases::principal_of(c.principal), sql, b.parameters);
}

bool guarded_world::untouched() { return raw_.dump() == original_; }

stage::stage(std::string const& world_name, std::string policy)
    : world_(cases::read_world(std::string(GRILLE_TESTS_DIR "/cases/") + world_name + ".world")),
      policy_(policy.empty() ? world_.policy : std::move(policy)) {}

guarded_world& stage::before() {
  if (!before_) before_ = std::make_unique<guarded_world>(world_, policy_);
  return *before_;
}

guarded_world& stage::after(caller const& c) {
  auto& a = after_[c.name];
  if (!a) a = std::make_unique<guarded_world>(world_, policy_, &c);
  return *a;
}

cases::raw_database& stage::seen(caller const& c) {
  auto const known = seen_.find(c.name);
  if (known != seen_.end()) return known->second;
  return seen_.emplace(c.name, cases::seen_by(c, before().file().path())).first->second;
}

std::string stage::expected_rows(block const& b, caller const& c, outcome const& got) {
  auto const& e = b.expected;
  if (got.refused) return "refused\n" + to_text(got);
  answer wanted;
  if (e.which == expectation::kind::rows) {
    for (auto const& line : e.rows) wanted.rows.push_back(cells_of(line));
  } else {
    try {
      wanted = e.which == expectation::kind::same ? seen(c).query(b.sql, positions(b))
                                                  : cases::raw_database(before().file().path()).query(e.oracle);
    } catch (cases::raw_error const& failed) {
      return std::string("the expectation cannot be worked out: ") + failed.what();
    }
  }
  auto const shown = e.ordered ? got.got : sorted(got.got);
  if (!e.ordered) wanted = sorted(std::move(wanted));
  if (shown.rows != wanted.rows) return "wanted\n" + to_text(wanted) + "got\n" + to_text(shown);
  if (e.which == expectation::kind::same) {
    if (got.got.columns.size() != wanted.columns.size())
      return "columns wanted: " + joined(wanted.columns) + "\ngot: " + joined(got.got.columns);
    for (std::size_t i = 0; i < wanted.columns.size(); ++i)
      if (is_plain_name(wanted.columns[i]) && wanted.columns[i] != got.got.columns[i])
        return "columns wanted: " + joined(wanted.columns) + "\ngot: " + joined(got.got.columns);
  }
  if (e.columns && joined(got.got.columns) != *e.columns) return "columns wanted: " + *e.columns + "\ngot: " + joined(got.got.columns);
  return {};
}

std::string stage::refusal_as_expected(block const& b, caller const& c, outcome const& got) {
  auto const& e = b.expected;
  if (!got.refused) return "not refused\n" + to_text(got);
  auto const& r = *got.refused;
  if (std::ranges::find(e.errors, r.kind) == e.errors.end()) return "another kind wanted\n" + to_text(got);
  if (r.message.empty()) return "no message\n" + to_text(got);
  if (e.message && r.message.find(*e.message) == std::string::npos) return "another message wanted: " + *e.message + '\n' + to_text(got);
  if (e.help && r.help.find(*e.help) == std::string::npos) return "another help wanted: " + *e.help + '\n' + to_text(got);
  if (e.at && r.at != *e.at) return "underlines something else than " + *e.at + '\n' + to_text(got);
  if (e.twin) {
    auto const& [hidden, unknown] = *e.twin;
    auto const sql = replaced(b.sql, hidden, unknown);
    if (sql == b.sql) return "the twin is the same statement";
    auto other = before().ask(c, b, sql);
    if (!other.refused) return "its twin is answered: " + sql + '\n' + to_text(other);
    auto& o = *other.refused;
    for (auto* text : {&o.message, &o.help, &o.at}) *text = replaced(*text, unknown, hidden);
    if (o != r) return "told from a name that does not exist\n" + to_text(got) + "its twin\n" + to_text(other);
  }
  return {};
}

std::string stage::verdict(block const& b, std::string const& caller_name) {
  auto const& c = world_.by_name(caller_name);
  auto const got = before().ask(c, b, b.sql);
  auto const wrong = b.expected.which == expectation::kind::error ? refusal_as_expected(b, c, got) : expected_rows(b, c, got);
  if (!wrong.empty()) return wrong;
  if (!b.may_show_canaries && !c.may_see_canaries && shows_canary(got, b.sql)) return "a canary shows\n" + to_text(got);
  if (!before().untouched()) return "the database has changed";
  auto const later = after(c).ask(c, b, b.sql);
  if (in_order(later, b.expected.ordered) != in_order(got, b.expected.ordered))
    return "can tell what it cannot see\nbefore\n" + to_text(got) + "after\n" + to_text(later);
  return {};
}

}  // namespace attack
