// Who calls, which tables there are, what is tagged, and what was accepted: the sentences that others refer to.
#include <algorithm>

#include "base/suggest.hpp"
#include "catalog/catalog.hpp"
#include "policy/compiler.hpp"
#include "policy/text.hpp"

namespace grille::policy {

namespace {

template <class Range, class Proj>
std::string nearest(std::string_view word, Range const& known, Proj&& name) {
  std::vector<std::string_view> names;
  for (auto const& k : known) names.push_back(name(k));
  auto const best = base::suggest(word, names);
  return best.empty() ? std::string{} : "did you mean `" + best + "`?";
}

}  // namespace

void compiler::read_headers() {
  out_->files.resize(sources_.size());
  files_.resize(sources_.size());
  for (file_ = 0; file_ < sources_.size(); ++file_) {
    auto& f = out_->files[file_];
    f.name = sources_[file_].name;
    files_[file_].source = &sources_[file_];
    bool named = false, owned = false;
    for (auto const& s : sources_[file_].tree.sentences) {
      if (auto const* h = s.as<ast::policy_header>()) {
        if (named) fault(s.at, "a second `policy` sentence", "one file is one policy");
        named = true;
        f.policy = std::string(h->name.text);
        f.version = h->version;
        for (unsigned other = 0; other < file_; ++other)
          if (out_->files[other].policy == f.policy) fault(h->name.at, "policy `" + f.policy + "` is also in " + out_->files[other].name);
      } else if (auto const* o = s.as<ast::owner_sentence>()) {
        if (owned) fault(s.at, "a second `owner` sentence");
        owned = true;
        f.owner = std::string(o->owner.text);
        f.contact = std::string(o->contact.text);
      } else if (auto const* e = s.as<ast::expires_sentence>()) {
        if (f.expires) fault(s.at, "a second `expires` sentence");
        f.expires = day_at(e->date);
      }
    }
    if (!named) fault({}, "the file has no `policy` sentence", "begin with: policy NAME version 1;");
  }
  each<ast::uses_sentence>([&](ast::uses_sentence const& u, ast::sentence const&) {
    for (unsigned other = 0; other < out_->files.size(); ++other)
      if (out_->files[other].policy == u.policy.text && other != file_) {
        if (out_->files[other].version != u.version)
          fault(u.policy.at, "policy `" + std::string(u.policy.text) + "` is of version " + std::to_string(out_->files[other].version) + ", not " +
                                 std::to_string(u.version));
        files_[file_].uses.push_back(other);
        return;
      }
    fault(u.policy.at, "no policy `" + std::string(u.policy.text) + "` is loaded", "load its file together with this one");
  });
}

std::optional<std::vector<attribute>> compiler::attributes_of(ast::list<ast::attribute_declaration> list) {
  std::vector<attribute> out;
  bool good = true;
  for (auto const& a : list) {
    auto const type = type_named(a.type.text);
    if (!type) {
      fault(a.type.at, "`" + std::string(a.type.text) + "` is not a type of attributes", "one of integer, text, boolean, numeric, real, timestamp, date");
      good = false;
      continue;
    }
    auto const name = lower(a.name.text);
    if (std::any_of(out.begin(), out.end(), [&](attribute const& o) { return o.name == name; })) {
      fault(a.name.at, "`" + name + "` is declared twice");
      good = false;
      continue;
    }
    out.push_back({name, *type, a.optional});
  }
  if (!good) return std::nullopt;
  return out;
}

void compiler::read_people() {
  auto const declare = [&](ast::list<ast::attribute_declaration> list, int which) {
    auto const all = attributes_of(list);
    if (!all) return;
    auto& known = which == 0 ? out_->principal : out_->context;
    for (std::size_t i = 0; i < all->size(); ++i) {
      auto const& a = (*all)[i];
      if (which == 0 && (a.name == "id" || a.name == "groups")) {
        fault(list[i].name.at, "`" + a.name + "` is built in", "it needs no declaration");
        continue;
      }
      if (std::any_of(known.begin(), known.end(), [&](attribute const& o) { return o.name == a.name; })) {
        fault(list[i].name.at, "`" + a.name + "` is already declared", "people are declared once: say `uses` of the policy that declares them");
        continue;
      }
      files_[file_].attributes[which][a.name] = static_cast<unsigned>(known.size());
      known.push_back(a);
    }
  };
  each<ast::principal_sentence>([&](auto const& s, auto const&) { declare(s.attributes, 0); });
  each<ast::context_sentence>([&](auto const& s, auto const&) { declare(s.attributes, 1); });

  out_->roles.push_back({.name = "public", .scope = {}, .groups = {}, .users = {}, .includes = {}, .builtin = true});
  out_->roles.push_back({.name = "authenticated", .scope = {}, .groups = {}, .users = {}, .includes = {}, .builtin = true});
  each<ast::role_sentence>([&](ast::role_sentence const& s, ast::sentence const&) {
    struct role r;
    r.name = lower(s.name.text);
    for (auto const& known : out_->roles)
      if (known.name == r.name) {
        fault(s.name.at, known.builtin ? "role `" + r.name + "` is built in" : "role `" + r.name + "` is already declared",
              known.builtin ? "" : "a role is declared once; another file says `uses` of the policy that declares it");
        return;
      }
    if (auto scope = attributes_of(s.scope)) r.scope = std::move(*scope);
    for (auto const& a : s.scope)
      if (a.optional) fault(a.name.at, "a scope cannot be optional");
    for (auto const& f : s.from) (f.is_user ? r.users : r.groups).emplace_back(f.name.text);
    r.stated = s.from.empty();
    if (!r.stated && !r.scope.empty())
      fault(s.name.at, "role `" + r.name + "` is held per scope and cannot come from a group or user", "let the application state it with its scope");
    out_->roles.push_back(std::move(r));
  });
  each<ast::role_sentence>([&](ast::role_sentence const& s, ast::sentence const&) {
    auto const self = role(s.name);
    if (!self) return;
    for (auto const& i : s.includes) {
      auto const other = role(i);
      if (!other) continue;
      if (out_->roles[*other].builtin) {
        fault(i.at, "role `" + out_->roles[*other].name + "` is built in and cannot be included");
        continue;
      }
      auto const& theirs = out_->roles[*other].scope;
      auto const& mine = out_->roles[*self].scope;
      auto const same = std::equal(theirs.begin(), theirs.end(), mine.begin(), mine.end(),
                                   [](attribute const& a, attribute const& b) { return a.name == b.name && a.type == b.type; });
      if (!theirs.empty() && !same)
        fault(i.at, "role `" + out_->roles[*other].name + "` is held per scope, `" + out_->roles[*self].name + "` not by the same",
              "a role with a scope can only be included by one with the same scope");
      out_->roles[*self].includes.push_back(*other);
    }
  });
  check_roles();
}

void compiler::check_roles() {
  // a role that includes itself, through others too
  each<ast::role_sentence>([&](ast::role_sentence const& s, ast::sentence const&) {
    auto const self = role(s.name);
    if (!self) return;
    std::vector<unsigned> todo = out_->roles[*self].includes;
    std::vector<bool> seen(out_->roles.size());
    while (!todo.empty()) {
      auto const r = todo.back();
      todo.pop_back();
      if (r == *self) {
        fault(s.name.at, "role `" + out_->roles[*self].name + "` includes itself");
        return;
      }
      if (seen[r]) continue;
      seen[r] = true;
      todo.insert(todo.end(), out_->roles[r].includes.begin(), out_->roles[r].includes.end());
    }
  });
}

std::optional<unsigned> compiler::role(ast::identifier const& name) {
  auto const wanted = lower(name.text);
  for (unsigned i = 0; i < out_->roles.size(); ++i)
    if (out_->roles[i].name == wanted) return i;
  fault(name.at, "no role `" + std::string(name.text) + "`", nearest(wanted, out_->roles, [](auto const& r) { return std::string_view(r.name); }));
  return std::nullopt;
}

catalog::table const* compiler::table(ast::name_path const& path) {
  if (path.empty() || path.size() > 2) return nullptr;
  auto const* t = catalog_->find(path.size() == 2 ? path[0].text : std::string_view{}, path.back().text);
  if (t == nullptr)
    fault(base::cover(path.front().at, path.back().at), "no table `" + std::string(path.back().text) + "` in the database",
          nearest(path.back().text, catalog_->tables(), [](auto const& k) { return std::string_view(k.name); }));
  return t;
}

table_policy* compiler::own_table(ast::name_path const& path) {
  auto const* t = table(path);
  if (t == nullptr) return nullptr;
  auto const at = base::cover(path.front().at, path.back().at);
  auto const found = out_->tables.find(t);
  if (found == out_->tables.end()) {
    fault(at, "table `" + t->name + "` is not protected", "add it to the sentence `protects`");
    return nullptr;
  }
  if (found->second.file != file_) {
    fault(at, "table `" + t->name + "` is protected by " + out_->files[found->second.file].name, "only its owner's file may say who sees it");
    return nullptr;
  }
  return &found->second;
}

std::optional<unsigned> compiler::column(catalog::table const& t, ast::identifier const& name) {
  if (auto const i = t.find(name.text)) return i;
  fault(name.at, "no column `" + std::string(name.text) + "` in table `" + t.name + "`",
        nearest(name.text, t.columns, [](auto const& c) { return std::string_view(c.name); }));
  return std::nullopt;
}

void compiler::read_tables() {
  each<ast::protects_sentence>([&](ast::protects_sentence const& s, ast::sentence const&) {
    for (auto const& path : s.tables) {
      auto const* t = table(path);
      if (t == nullptr) continue;
      auto const [at, fresh] = out_->tables.try_emplace(t);
      if (!fresh) {
        fault(path.back().at, at->second.file == file_ ? "table `" + t->name + "` is named twice"
                                                       : "table `" + t->name + "` is already protected by " + out_->files[at->second.file].name,
              at->second.file == file_ ? "" : "one table has one owner");
        continue;
      }
      at->second.table = t;
      at->second.file = file_;
    }
  });
  each<ast::share_sentence>([&](ast::share_sentence const& s, ast::sentence const&) {
    auto const* mine = own_table(s.table);
    if (mine == nullptr) return;
    std::vector<bool> columns(mine->table->columns.size());
    for (auto const& c : s.columns)
      if (auto const i = column(*mine->table, c)) columns[*i] = true;
    // a policy that is not loaded here has nothing to read with: no fault
    for (unsigned other = 0; other < out_->files.size(); ++other)
      if (out_->files[other].policy == s.policy.text) {
        auto& theirs = files_[other].shared_with[mine->table];
        theirs.resize(columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i) theirs[i] = theirs[i] || columns[i];
      }
  });
}

void compiler::read_tags() {
  each<ast::tag_sentence>([&](ast::tag_sentence const& s, ast::sentence const&) {
    auto const* t = own_table(s.table);
    if (t == nullptr) return;
    auto& tagged = out_->tags[lower(s.tag.text)];
    for (auto const& c : s.columns)
      if (auto const i = column(*t->table, c)) tagged.emplace_back(t->table, *i);
  });
}

std::optional<day> compiler::day_at(ast::quoted_text const& t) {
  auto const d = day_of(t.text);
  if (!d) fault(t.at, "`" + std::string(t.text) + "` is not a day", "write it as 'YYYY-MM-DD'");
  return d;
}

}  // namespace grille::policy
