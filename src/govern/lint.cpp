#include "govern/lint.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "bound/walk.hpp"
#include "catalog/catalog.hpp"
#include "govern/open_views.hpp"
#include "policy/text.hpp"

namespace grille::govern {

namespace {

using policy::compiled;
using policy::grant;

constexpr auto warned_ahead = std::chrono::days{60};

std::string iso(policy::day d) { return fmt::format("{:%F}", fmt::gmtime(std::chrono::system_clock::to_time_t(d))); }

bool is_literal_null(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::null;
}

bool compares(bound::op o) {
  using bound::op;
  return o == op::equal || o == op::not_equal || o == op::less || o == op::less_equal || o == op::greater || o == op::greater_equal || o == op::like ||
         o == op::not_like;
}

/// False or NULL whatever the row: a constant, or a comparison with NULL, which somebody meant as `is null`.
bool is_never_true(bound::expr const* e) {
  if (e == nullptr) return false;
  if (auto const* l = e->as<bound::literal>()) return l->kind == bound::literal_kind::null || l->text == "false" || l->text == "0";
  if (auto const* o = e->as<bound::operation>()) return compares(o->op) && std::any_of(o->operands.begin(), o->operands.end(), is_literal_null);
  if (auto const* j = e->as<bound::junction>())
    return j->op == bound::junction_op::conjunction ? std::any_of(j->items.begin(), j->items.end(), is_never_true)
                                                    : std::all_of(j->items.begin(), j->items.end(), is_never_true);
  return false;
}

/// Whether a predicate ties its rows to who calls: to the principal, or to the scope that the role is held for.
bool says_who(bound::expr* e) {
  struct finder : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      auto const* s = x->as<bound::slot>();
      found = found || (s != nullptr && s->kind != bound::slot_kind::context);
      return !found;
    }
    bool found{};
  } f;
  if (e != nullptr) bound::walk(e, f);
  return f.found;
}

class linter {
 public:
  linter(compiled const& p, std::vector<policy::source_file> const& files, policy::day today) : policy_(p), files_(files), today_(today) {
    // by the catalogue, whose order is that of the names
    for (auto const& t : p.catalog->tables())
      if (auto const at = p.tables.find(&t); at != p.tables.end()) tables_.push_back(&at->second);
  }

  std::vector<diagnostic> run() {
    found_ = policy_.warnings;
    days();
    specifications();
    roles();
    grants();
    unreachable_tables();
    acceptance();
    scopes();
    tags();
    histories();
    open_views();
    sort();
    return std::move(found_);
  }

 private:
  // --- where ---

  void at(std::size_t file, base::range range, std::string message, std::string help = {}) {
    found_.push_back({files_[file].name, base::locate(files_[file].text, range), std::move(message), std::move(help), true});
  }
  void at(policy::sentence_ref const* s, std::string message, std::string help = {}) {
    for (std::size_t f = 0; f < files_.size(); ++f) {
      if (s == nullptr || files_[f].name != s->file) continue;
      for (auto const& sentence : files_[f].tree.sentences)
        if (base::locate(files_[f].text, sentence.at).line == s->line) return at(f, sentence.at, std::move(message), std::move(help));
    }
    found_.push_back({s == nullptr ? std::string() : s->file, {}, std::move(message), std::move(help), true});
  }
  /// The first sentence of a kind, in one file or any, that is about what `is` says.
  template <class Sentence, class Is>
  void at_first(std::string message, std::string help, Is is) {
    for (std::size_t f = 0; f < files_.size(); ++f)
      for (auto const& s : files_[f].tree.sentences)
        if (auto const* node = s.template as<Sentence>())
          if (auto const place = is(f, *node); place) return at(f, *place, std::move(message), std::move(help));
    found_.push_back({files_.empty() ? std::string() : files_.front().name, {}, std::move(message), std::move(help), true});
  }

  void sort() {
    std::map<std::string, std::size_t> order;
    for (auto const& f : files_) order.emplace(f.name, order.size());
    auto const key = [&](diagnostic const& d) { return std::tuple(order[d.file], d.at.begin, std::string_view(d.message)); };
    std::stable_sort(found_.begin(), found_.end(), [&](auto const& a, auto const& b) { return key(a) < key(b); });
    found_.erase(std::unique(found_.begin(), found_.end(), [&](auto const& a, auto const& b) { return key(a) == key(b); }), found_.end());
  }

  // --- what ---

  void days() {
    for (std::size_t f = 0; f < policy_.files.size() && f < files_.size(); ++f) {
      auto const& expires = policy_.files[f].expires;
      if (!expires || *expires > today_ + warned_ahead) continue;
      auto const ends = [&](std::size_t file, ast::expires_sentence const& s) { return file == f ? std::optional(s.date.at) : std::nullopt; };
      if (*expires < today_)
        at_first<ast::expires_sentence>(fmt::format("the policy expired after {}: it grants nothing", iso(*expires)), "review it and set a new day", ends);
      else
        at_first<ast::expires_sentence>(fmt::format("the policy grants nothing after {}", iso(*expires)), "review it and set a new day", ends);
    }
  }

  void specifications() {
    for (auto const* t : tables_)
      for (auto const& s : t->specifications)
        if (!s.used)
          at(s.sentence, fmt::format("specification `{}` on `{}` is not used by any sentence", s.name, t->table->name),
             "keep it only if an application names it");
  }

  void roles() {
    std::set<unsigned> used;
    for (auto const* t : tables_) {
      for (auto const& g : t->grants) used.insert(g.role);
      for (auto const& r : t->restrictions) used.insert(r.except.begin(), r.except.end());
      for (auto const& m : t->masks) used.insert(m.except.begin(), m.except.end());
      for (auto const& d : t->denials) used.insert(d.role);
    }
    for (unsigned i = 0; i < policy_.roles.size(); ++i) {
      auto const& r = policy_.roles[i];
      bool const included = std::any_of(policy_.roles.begin(), policy_.roles.end(),
                                        [&](auto const& other) { return std::find(other.includes.begin(), other.includes.end(), i) != other.includes.end(); });
      if (r.builtin || used.contains(i) || included || !r.includes.empty()) continue;
      at_first<ast::role_sentence>(fmt::format("role `{}` is not used by any sentence", r.name), "", [&](std::size_t, ast::role_sentence const& s) {
        return catalog::same_name(s.name.text, r.name) ? std::optional(s.name.at) : std::nullopt;
      });
    }
  }

  bool expired(grant const& g) const { return g.until && *g.until < today_; }

  /// Whether every column the grant names, or its whole method, is denied to its role without a condition.
  bool denied(policy::table_policy const& t, grant const& g) const {
    std::vector<bool> barred(t.table->columns.size());
    for (auto const& d : t.denials) {
      if (d.role != g.role || d.when != nullptr) continue;
      bool const covers = std::any_of(d.methods.begin(), d.methods.end(), [&](method m) {
        return m == g.method || (m == method::select && (g.method == method::filter || g.method == method::aggregate));
      });
      if (!covers) continue;
      if (d.columns.empty()) return true;
      for (std::size_t c = 0; c < barred.size(); ++c) barred[c] = barred[c] || d.columns[c];
    }
    bool names_any = false;
    for (std::size_t c = 0; c < g.cells.size(); ++c) {
      if (g.cells[c].which == policy::cell::kind::none) continue;
      names_any = true;
      if (!barred[c]) return false;
    }
    return names_any;
  }

  void grants() {
    for (auto const* t : tables_)
      for (auto const& g : t->grants) {
        auto const what = fmt::format("{} on `{}` for `{}`", to_string(g.method), t->table->name, policy_.roles[g.role].name);
        if (expired(g)) at(g.sentence, fmt::format("dead grant: {} ended after {}", what, iso(*g.until)), "remove it, or review it and set a new day");
        else if (is_never_true(g.where) || is_never_true(g.when)) at(g.sentence, fmt::format("dead grant: the condition of {} is never true", what));
        else if (is_write(g.method) && keeps(t->table) != nullptr) at(g.sentence, fmt::format("dead grant: {}, a history, is written with `{}` alone", what, keeps(t->table)->name));
        else if (g.method == method::purge && t->history == nullptr && !g.exemption) at(g.sentence, fmt::format("dead grant: {}, which keeps no history", what));
        else if (denied(*t, g)) at(g.sentence, fmt::format("dead grant: a `deny` bars all of {}", what));
        else dead_for_restriction(*t, g, what);
      }
  }
  static bool is_write(method m) { return m == method::insert || m == method::update || m == method::remove || m == method::purge; }
  /// The table whose history it is.
  catalog::table const* keeps(catalog::table const* history) const {
    auto const at = std::find_if(tables_.begin(), tables_.end(), [&](auto const* t) { return t->history == history; });
    return at == tables_.end() ? nullptr : (*at)->table;
  }
  /// A mask of the table is none of its history's.
  void histories() {
    for (auto const* t : tables_) {
      auto const h = policy_.tables.find(t->history);
      if (h == policy_.tables.end()) continue;
      for (auto const& m : t->masks) {
        auto const& name = t->table->columns[m.column].name;
        auto const there = h->first->find(name);
        if (!there || std::any_of(h->second.masks.begin(), h->second.masks.end(), [&](auto const& other) { return other.column == *there; })) continue;
        for (auto const& g : h->second.grants)
          if (g.method == method::select && g.cells[*there].which == policy::cell::kind::plain)
            at(g.sentence, fmt::format("`{}` is masked on `{}`, and shown plain in its history `{}`", name, t->table->name, h->first->name), "mask it there too, or leave it out");
      }
    }
  }
  void dead_for_restriction(policy::table_policy const& t, grant const& g, std::string const& what) {
    for (auto const& r : t.restrictions) {
      bool const covers = std::any_of(r.methods.begin(), r.methods.end(), [&](method m) {
        return m == g.method || (m == method::select && (g.method == method::filter || g.method == method::aggregate));
      });
      bool const lifted = std::find(r.except.begin(), r.except.end(), g.role) != r.except.end();
      if (covers && !lifted && is_never_true(r.predicate)) return at(g.sentence, fmt::format("dead grant: a `restrict` leaves no row of {}", what));
    }
  }

  /// A grant that opens the whole of a view, which by itself leaves out rows.
  void open_views() {
    for (auto const* t : tables_) {
      if (!lets_errors_tell(*t->table, policy_)) continue;
      for (auto const& g : t->grants)
        if (g.method == method::select && g.where == nullptr && !expired(g) && !restricted(*t, g))
          at(g.sentence, fmt::format("view `{}` leaves out rows and is no `security_barrier`: a caller's condition that fails on such a row tells of it", t->table->name),
             "if they are to stay hidden: alter view … set (security_barrier), or put the condition into the policy");
    }
  }
  static bool restricted(policy::table_policy const& t, grant const& g) {
    return std::any_of(t.restrictions.begin(), t.restrictions.end(), [&](auto const& r) {
      bool const lifted = std::find(r.except.begin(), r.except.end(), g.role) != r.except.end();
      return !lifted && std::find(r.methods.begin(), r.methods.end(), method::select) != r.methods.end();
    });
  }

  void unreachable_tables() {
    for (auto const* t : tables_) {
      bool const reached = std::any_of(t->grants.begin(), t->grants.end(),
                                       [&](grant const& g) { return !expired(g) && !is_never_true(g.where) && !is_never_true(g.when) && !denied(*t, g); });
      if (reached) continue;
      at_first<ast::protects_sentence>(fmt::format("nobody can reach the protected table `{}`", t->table->name), "intended, if only predicates read it",
                                       [&](std::size_t f, ast::protects_sentence const& s) -> std::optional<base::range> {
                                         for (auto const& path : s.tables)
                                           if (f == t->file && catalog::same_name(path.back().text, t->table->name)) return path.back().at;
                                         return std::nullopt;
                                       });
    }
  }

  static bool says_all_columns(ast::sentence const& s) {
    auto const all = [](ast::column_set const& c) { return c.which == ast::column_set::kind::all; };
    if (auto const* a = s.as<ast::allow_sentence>())
      return std::any_of(a->methods.begin(), a->methods.end(), [&](auto const& m) { return all(m.columns); });
    if (auto const* p = s.as<ast::projection_sentence>())
      return std::any_of(p->items.begin(), p->items.end(), [](auto const& i) { return i.which == ast::projection_item::kind::all_columns; });
    return false;
  }

  /// `table T` and `  C` lines as "T\nC", as written: the fresh text and the accepted one are written by the same hand.
  static std::set<std::string> locked_columns(std::string_view lock) {
    std::set<std::string> out;
    std::string table;
    while (!lock.empty()) {
      auto line = lock.substr(0, lock.find('\n'));
      lock.remove_prefix(std::min(line.size() + 1, lock.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.starts_with("table ")) table = line.substr(6);
      else if (line.starts_with("  ")) out.insert(policy::lower(table + '\n' + std::string(line.substr(2))));
    }
    return out;
  }

  void acceptance() {
    for (std::size_t f = 0; f < files_.size() && f < policy_.files.size(); ++f) {
      auto const& sentences = files_[f].tree.sentences;
      auto const all = std::find_if(sentences.begin(), sentences.end(), says_all_columns);
      if (!files_[f].has_lock) {
        if (all != sentences.end())
          at(f, all->at, "`all columns` without a lock file means whatever columns there are at opening", "accept them: grille check --accept");
        continue;
      }
      auto const accepted = locked_columns(files_[f].lock);
      for (auto const& column : locked_columns(policy::lock_text(policy_, policy_.files[f].policy))) {
        if (accepted.contains(column)) continue;
        auto const cut = column.find('\n');
        auto const table = column.substr(0, cut);
        auto const message = fmt::format("column `{}` of `{}` is new since the policy was accepted: `all columns` does not take it in", column.substr(cut + 1), table);
        at_first<ast::protects_sentence>(message, "review it, then: grille check --accept",
                                         [&](std::size_t file, ast::protects_sentence const& s) -> std::optional<base::range> {
                                           for (auto const& path : s.tables)
                                             if (file == f && catalog::same_name(path.back().text, table)) return path.back().at;
                                           return std::nullopt;
                                         });
      }
    }
  }

  /// Whether whoever holds the grant reaches only rows of its own.
  static bool tied(grant const& g) {
    auto* const rule = g.method == method::insert ? g.so_that : g.where;
    return says_who(rule) || is_never_true(rule) || (g.method == method::insert && std::any_of(g.settings.begin(), g.settings.end(), [](auto const& s) { return says_who(s.second); }));
  }

  void scopes() {
    for (auto const* t : tables_) {
      auto const scoped = std::find_if(t->grants.begin(), t->grants.end(), [](grant const& g) { return g.uses_scope; });
      if (scoped == t->grants.end()) continue;
      std::set<unsigned> told;
      for (auto const& g : t->grants) {
        bool const rows = g.method != method::filter && g.method != method::aggregate;
        if (!rows || g.exemption || !policy_.roles[g.role].scope.empty() || expired(g) || tied(g)) continue;
        if (!told.insert(g.role).second) continue;
        at(g.sentence,
           fmt::format("role `{}` has no scope, yet reaches rows of `{}` that `{}` holds only per scope", policy_.roles[g.role].name, t->table->name,
                       policy_.roles[scoped->role].name),
           "give the role a scope, or tie its rows to the principal, unless it is meant to reach all of them");
      }
    }
  }

  void tags() {
    std::map<std::pair<policy::table_policy const*, unsigned>, std::set<std::string>> tags_of;
    std::map<std::string, std::vector<std::pair<policy::table_policy const*, unsigned>>> by_name;
    for (auto const* t : tables_)
      for (unsigned c = 0; c < t->table->columns.size(); ++c) {
        by_name[policy::lower(t->table->columns[c].name)].emplace_back(t, c);
        tags_of[{t, c}];
      }
    for (auto const& [tag, columns] : policy_.tags)
      for (auto const& [table, c] : columns)
        if (auto const t = policy_.tables.find(table); t != policy_.tables.end()) tags_of[{&t->second, c}].insert(tag);
    auto const words = [](std::set<std::string> const& tags) {
      return tags.empty() ? std::string("not tagged") : fmt::format("tagged `{}`", fmt::join(tags, "`, `"));
    };
    for (auto const& [name, columns] : by_name)
      for (std::size_t i = 1; i < columns.size(); ++i) {
        auto const &a = tags_of[columns.front()], &b = tags_of[columns[i]];
        if (a == b) continue;
        auto const* tagged = a.empty() ? columns[i].first : columns.front().first;
        at_first<ast::tag_sentence>(fmt::format("columns of one name with different tags: `{}` is {} on `{}`, {} on `{}`", name, words(a),
                                                columns.front().first->table->name, words(b), columns[i].first->table->name),
                                    "look-alikes are confused: tag both alike, if they hold the same",
                                    [&](std::size_t, ast::tag_sentence const& s) -> std::optional<base::range> {
                                      if (!catalog::same_name(s.table.back().text, tagged->table->name)) return std::nullopt;
                                      for (auto const& c : s.columns)
                                        if (catalog::same_name(c.text, name)) return c.at;
                                      return std::nullopt;
                                    });
      }
  }

  compiled const& policy_;
  std::vector<policy::source_file> const& files_;
  policy::day today_;
  std::vector<policy::table_policy const*> tables_;
  std::vector<diagnostic> found_;
};

}  // namespace

std::vector<diagnostic> lint(policy::compiled const& p, std::vector<policy::source_file> const& files, policy::day today) {
  return linter(p, files, today).run();
}

}  // namespace grille::govern
