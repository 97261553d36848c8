// What is allowed, narrowed, masked, denied and exempted. A sentence that names several roles, tables or methods becomes
// several grants, each with its predicates bound for its own role and table.
#include <algorithm>

#include "bound/walk.hpp"
#include "catalog/history.hpp"
#include "catalog/scratch.hpp"
#include "policy/compiler.hpp"
#include "policy/mask_type.hpp"
#include "policy/text.hpp"

namespace grille::policy {

using bound::expr_ptr;

namespace {

bool reads(grille::method m) { return m == method::select || m == method::filter || m == method::aggregate; }

}  // namespace

void compiler::read_specifications() {
  each<ast::specification_sentence>([&](ast::specification_sentence const& s, ast::sentence const& all) {
    auto* t = own_table(s.table);
    if (t == nullptr) return;
    specification made;
    made.name = lower(s.name.text);
    made.table = t->table;
    made.predicate = s.predicate;
    made.sentence = reference(all);
    if (t->table->find(made.name)) {
      fault(s.name.at, "table `" + t->table->name + "` has a column `" + made.name + "`", "a specification needs a name of its own");
      return;
    }
    if (find_specification(t->table, made.name) != nullptr) {
      fault(s.name.at, "specification `" + made.name + "` on `" + t->table->name + "` is already there");
      return;
    }
    auto parameters = attributes_of(s.parameters);
    if (!parameters) return;
    made.parameters = std::move(*parameters);
    t->specifications.push_back(std::move(made));
  });
  // bound once on their own, so that a fault is told even where nothing uses them
  each<ast::specification_sentence>([&](ast::specification_sentence const& s, ast::sentence const&) {
    auto const found = s.table.empty() ? nullptr : catalog_->find(s.table.size() == 2 ? s.table[0].text : std::string_view{}, s.table.back().text);
    auto const* made = found == nullptr ? nullptr : find_specification(found, s.name.text);
    if (made == nullptr) return;
    std::map<std::string, expr_ptr> parameters;
    for (auto const& p : made->parameters)
      parameters[p.name] = out_->memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::null, {}}, s.name.at});
    vocabulary v{.file = file_, .subject = subject_of(made->table), .role = -2, .parameters = &parameters};
    if (auto const* e = predicate(*s.predicate, v)) const_cast<specification*>(made)->uses_scope = says_scope(const_cast<bound::expr*>(e));
  });
}

std::vector<bool> compiler::all_columns(catalog::table const& t) {
  std::vector<bool> out(t.columns.size());
  auto const& lock = files_[file_].lock;
  auto const accepted = lock.find(lower(t.name));
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (t.columns[i].hidden) continue;
    if (!files_[file_].source->has_lock) {
      out[i] = true;
    } else if (accepted != lock.end()) {
      out[i] = std::any_of(accepted->second.begin(), accepted->second.end(),
                           [&](std::string const& name) { return catalog::same_name(name, t.columns[i].name); });
    }
  }
  return out;
}

void compiler::read_projections() {
  each<ast::projection_sentence>([&](ast::projection_sentence const& s, ast::sentence const& all) {
    auto* t = own_table(s.table);
    if (t == nullptr) return;
    projection made;
    made.name = lower(s.name.text);
    made.table = t->table;
    made.subject = subject_of(t->table);
    made.cells.resize(t->table->columns.size());
    made.sentence = reference(all);
    for (auto const& p : t->projections)
      if (p.name == made.name) {
        fault(s.name.at, "projection `" + made.name + "` on `" + t->table->name + "` is already there");
        return;
      }
    auto const show = [&](unsigned i, cell c) {
      if (std::find(made.order.begin(), made.order.end(), i) == made.order.end()) made.order.push_back(i);
      made.cells[i] = c;
    };
    for (auto const& item : s.items) switch (item.which) {
        case ast::projection_item::kind::column:
          if (auto const i = column(*t->table, item.name)) show(*i, {cell::kind::plain, nullptr});
          break;
        case ast::projection_item::kind::masked:
          if (auto const i = column(*t->table, item.name)) {
            auto mask = bind(*item.mask, {.file = file_, .subject = made.subject});
            if (mask) mask = typed_mask(*mask, t->table->columns[*i], *catalog_, out_->memory);
            if (mask)
              show(*i, {cell::kind::masked, *mask});
            else
              fault(mask.error());
          }
          break;
        case ast::projection_item::kind::all_columns: {
          auto columns = all_columns(*t->table);
          for (auto const& e : item.except)
            if (auto const i = column(*t->table, e)) columns[*i] = false;
          for (unsigned i = 0; i < columns.size(); ++i)
            if (columns[i]) show(i, {cell::kind::plain, nullptr});
          break;
        }
        case ast::projection_item::kind::all_of: {
          auto const other = std::find_if(t->projections.begin(), t->projections.end(),
                                          [&](projection const& p) { return catalog::same_name(p.name, item.name.text); });
          if (other == t->projections.end()) {
            fault(item.name.at, "no projection `" + std::string(item.name.text) + "` on `" + t->table->name + "` before this one");
            break;
          }
          bound::copier copy{out_->memory};
          copy.relations[other->subject] = made.subject;
          for (auto const i : other->order) {
            auto c = other->cells[i];
            if (c.mask != nullptr) c.mask = copy(c.mask);
            show(i, c);
          }
          break;
        }
      }
    t->projections.push_back(std::move(made));
  });
}

std::optional<std::vector<unsigned>> compiler::roles(ast::list<ast::identifier> names) {
  std::vector<unsigned> out;
  for (auto const& n : names) {
    auto const r = role(n);
    if (!r) return std::nullopt;
    out.push_back(*r);
  }
  return out;
}

std::optional<std::vector<cell>> compiler::cells(ast::column_set const& c, table_policy const& t, grille::method m) {
  std::vector<cell> out(t.table->columns.size());
  auto const plain = [&](ast::list<ast::identifier> names) {
    bool good = true;
    for (auto const& n : names) {
      auto const i = column(*t.table, n);
      good = good && i.has_value();
      if (i) out[*i].which = cell::kind::plain;
    }
    return good;
  };
  switch (c.which) {
    case ast::column_set::kind::none:
      if (m == method::remove || m == method::purge) return out;
      fault(c.at, "`" + std::string(to_string(m)) + "` needs columns", "say (column, …), a projection, or all columns");
      return std::nullopt;
    case ast::column_set::kind::listed:
      if (m == method::remove || m == method::purge) {
        fault(c.at, "`" + std::string(to_string(m)) + "` is of rows, it takes no columns");
        return std::nullopt;
      }
      if (!plain(c.columns)) return std::nullopt;
      return out;
    case ast::column_set::kind::projection: {
      auto const p = std::find_if(t.projections.begin(), t.projections.end(),
                                  [&](projection const& k) { return catalog::same_name(k.name, c.projection.text); });
      if (p == t.projections.end()) {
        fault(c.projection.at, "no projection `" + std::string(c.projection.text) + "` on `" + t.table->name + "`",
              t.table->find(c.projection.text) ? "columns stand in parentheses: (" + std::string(c.projection.text) + ")" : "");
        return std::nullopt;
      }
      if (m != method::select)
        for (auto const& k : p->cells)
          if (k.which == cell::kind::masked) {
            fault(c.projection.at, "projection `" + p->name + "` masks a column: it is for `select` only");
            return std::nullopt;
          }
      return p->cells;
    }
    case ast::column_set::kind::all: {
      auto const columns = all_columns(*t.table);
      for (unsigned i = 0; i < columns.size(); ++i)
        if (columns[i]) out[i].which = cell::kind::plain;
      for (auto const& e : c.except) {
        auto const i = column(*t.table, e);
        if (!i) return std::nullopt;
        out[*i].which = cell::kind::none;
      }
      for (auto const& [tag, tagged] : out_->tags)
        for (auto const& [table, i] : tagged)
          if (table == t.table && out[i].which == cell::kind::plain && m == method::select)
            warning(c.at, "`all columns` takes in `" + t.table->columns[i].name + "`, tagged `" + tag + "`", "name the columns, or say except (…)");
      return out;
    }
  }
  return std::nullopt;
}

void compiler::read(ast::allow_sentence const& s, ast::sentence const& all) {
  auto const holders = roles(s.roles);
  if (!holders) return;
  std::optional<day> until;
  if (s.until.at.end != 0 && !(until = day_at(s.until))) return;
  for (auto const& m : s.methods) {
    if (m.method == method::insert && s.where != nullptr)
      return fault(m.at, "`insert` has no row before: it takes `so that`, not `where`", "give it a sentence of its own");
    if (m.method == method::aggregate && m.at_least == 0) return fault(m.at, "`aggregate` needs `over at least K`, K from 1");
    if (!s.settings.empty() && reads(m.method)) return fault(m.at, "`setting` is for writes");
    if (s.so_that != nullptr && m.method != method::insert && m.method != method::update)
      return fault(m.at, "`so that` is about the row after: it stands with `insert` and `update` only");
  }
  for (auto const& path : s.tables) {
    auto* t = own_table(path);
    if (t == nullptr) continue;
    for (auto const& m : s.methods) {
      auto const columns = cells(m.columns, *t, m.method);
      if (!columns) continue;
      for (auto const r : *holders) {
        grant g;
        g.order = order_;
        g.sentence = reference(all);
        g.role = r;
        g.table = t->table;
        g.method = m.method;
        g.subject = subject_of(t->table);
        g.until = until;
        g.at_least = static_cast<unsigned>(std::min<std::uint64_t>(m.at_least, 1'000'000'000));
        g.blind = m.blind;
        g.cells = *columns;
        if (m.columns.which == ast::column_set::kind::projection) {
          auto const p = std::find_if(t->projections.begin(), t->projections.end(),
                                      [&](projection const& k) { return catalog::same_name(k.name, m.columns.projection.text); });
          bound::copier copy{out_->memory};
          copy.relations[p->subject] = g.subject;
          for (auto& c : g.cells)
            if (c.mask != nullptr) c.mask = copy(c.mask);
        }
        if (!m.distinct_column.text.empty()) {
          g.distinct_column = column(*t->table, m.distinct_column);
          if (!g.distinct_column) return;
        }
        if (m.method == method::aggregate && !g.distinct_column) {
          if (t->table->primary_key.size() != 1)
            return fault(m.at, "table `" + t->table->name + "` has no single column that tells its rows apart", "say what is counted: over at least K distinct COLUMN");
          g.distinct_column = t->table->primary_key.front();
        }
        vocabulary const row{.file = file_, .subject = g.subject, .role = static_cast<int>(r)};
        if (s.where != nullptr && (g.where = predicate(*s.where, row)) == nullptr) return;
        if (s.so_that != nullptr) {
          g.old_subject = subject_of(t->table);
          auto after = row;
          after.written = catalog_->which() == dialect::postgresql;  // SQLite asks it of the table, where the key may be asked later
          if (m.method == method::update) after.old = g.old_subject;
          if ((g.so_that = predicate(*s.so_that, after)) == nullptr) return;
        }
        if (s.when != nullptr) {
          vocabulary const call{.file = file_, .role = static_cast<int>(r), .columns = false};
          if ((g.when = predicate(*s.when, call)) == nullptr) return;
        }
        for (auto const& set : s.settings) {
          auto const i = column(*t->table, set.column);
          if (!i) return;
          auto value = bind(*set.value, row);
          if (!value) return fault(value.error());
          g.settings.emplace_back(*i, *value);
          g.cells[*i] = {};
        }
        g.uses_scope = says_scope(g.where) || says_scope(g.so_that) || says_scope(g.when) ||
                       std::any_of(g.settings.begin(), g.settings.end(), [&](auto const& x) { return says_scope(x.second); });
        g.uses_groups = says_groups(g.where) || says_groups(g.so_that) ||
                        std::any_of(g.settings.begin(), g.settings.end(), [&](auto const& x) { return says_groups(x.second); }) ||
                        std::any_of(g.cells.begin(), g.cells.end(), [&](cell const& c) { return says_groups(c.mask); });
        if (m.method == method::insert && g.so_that == nullptr && g.settings.empty() && r != authenticated_role)
          warning(m.at, "this grant accepts any row in `" + t->table->name + "`", "say which with `so that`");
        t->grants.push_back(std::move(g));
      }
    }
  }
}

void compiler::read(ast::restrict_sentence const& s, ast::sentence const& all) {
  auto const except = roles(s.except_roles);
  if (!except) return;
  for (auto const& path : s.tables) {
    auto* t = own_table(path);
    if (t == nullptr) continue;
    restriction r;
    r.order = order_;
    r.sentence = reference(all);
    r.methods.assign(s.methods.begin(), s.methods.end());
    r.table = t->table;
    r.subject = subject_of(t->table);
    r.except = *except;
    if ((r.predicate = predicate(*s.predicate, {.file = file_, .subject = r.subject})) == nullptr) return;
    r.uses_groups = says_groups(r.predicate);
    t->restrictions.push_back(std::move(r));
  }
}

void compiler::read(ast::mask_sentence const& s, ast::sentence const& all) {
  auto const except = roles(s.except_roles);
  auto* t = own_table(s.table);
  if (!except || t == nullptr) return;
  for (auto const& item : s.items) {
    auto const i = column(*t->table, item.column);
    if (!i) continue;
    column_mask m;
    m.order = order_;
    m.sentence = reference(all);
    m.table = t->table;
    m.column = *i;
    m.subject = subject_of(t->table);
    m.except = *except;
    vocabulary const v{.file = file_, .subject = m.subject};
    auto value = bind(*item.value, v);
    if (value) value = typed_mask(*value, t->table->columns[*i], *catalog_, out_->memory);
    if (!value) {
      fault(value.error());
      continue;
    }
    m.value = *value;
    if (s.where != nullptr && (m.where = predicate(*s.where, v)) == nullptr) return;
    m.uses_groups = says_groups(m.value) || says_groups(m.where);
    t->masks.push_back(std::move(m));
  }
}

void compiler::read(ast::deny_sentence const& s, ast::sentence const& all) {
  auto const holders = roles(s.roles);
  if (!holders) return;
  std::vector<table_policy*> tables;
  for (auto const& path : s.tables)
    if (auto* t = own_table(path)) tables.push_back(t);
  if (tables.size() != s.tables.size()) return;
  auto const tag = out_->tags.find(lower(s.tag.text));
  if (!s.tag.text.empty()) {
    if (tag == out_->tags.end()) return fault(s.tag.at, "no column is tagged `" + std::string(s.tag.text) + "`", "tag (columns) on TABLE as " + std::string(s.tag.text) + ";");
    if (tables.empty())
      for (auto& [table, policy] : out_->tables)
        if (policy.file == file_ && std::any_of(tag->second.begin(), tag->second.end(), [&](auto const& c) { return c.first == table; }))
          tables.push_back(&policy);
    if (tables.empty()) return fault(s.tag.at, "no column of this policy's tables is tagged `" + std::string(s.tag.text) + "`");
  } else if (tables.empty()) {
    return fault(all.at, "`deny` needs a table or a tag", "say on TABLE, or columns tagged TAG");
  }
  for (auto* t : tables)
    for (auto const& m : s.methods)
      for (auto const r : *holders) {
        denial d;
        d.order = order_;
        d.sentence = reference(all);
        d.role = r;
        d.table = t->table;
        d.methods = {m.method};
        if (!s.tag.text.empty()) {
          d.columns.resize(t->table->columns.size());
          for (auto const& [table, i] : tag->second)
            if (table == t->table) d.columns[i] = true;
        } else if (m.columns.which == ast::column_set::kind::all && m.columns.except.empty()) {
          // every column that ever is: the table itself
        } else if (m.columns.which != ast::column_set::kind::none) {
          auto const named = cells(m.columns, *t, m.method);
          if (!named) return;
          d.columns.resize(named->size());
          for (std::size_t i = 0; i < named->size(); ++i) d.columns[i] = (*named)[i].which != cell::kind::none;
        }
        if (s.when != nullptr) {
          vocabulary const call{.file = file_, .role = static_cast<int>(r), .columns = false};
          if ((d.when = predicate(*s.when, call)) == nullptr) return;
          if (says_scope(d.when)) return fault(s.when->at, "`deny` counts for whoever holds the role, whatever the scope", "leave `scope` out");
        }
        t->denials.push_back(std::move(d));
      }
}

void compiler::read(ast::exempt_sentence const& s, ast::sentence const& all) {
  auto const until = day_at(s.until);
  if (!until) return;
  for (auto const& path : s.tables) {
    auto* t = own_table(path);
    if (t == nullptr) continue;
    for (auto const m : s.methods) {
      grant g;
      g.order = order_;
      g.sentence = reference(all);
      g.role = authenticated_role;
      g.table = t->table;
      g.method = m;
      g.subject = subject_of(t->table);
      g.until = until;
      g.exemption = true;
      g.cells.resize(t->table->columns.size());
      if (m == method::aggregate || m == method::filter) return fault(all.at, "an exemption is for select, insert, update, delete or purge");
      if (m != method::remove && m != method::purge) {
        auto const columns = all_columns(*t->table);
        for (std::size_t i = 0; i < columns.size(); ++i)
          if (columns[i]) g.cells[i].which = cell::kind::plain;
      }
      t->grants.push_back(std::move(g));
    }
  }
}

void compiler::read(ast::history_sentence const& s) {
  auto* t = own_table(s.table);
  if (t == nullptr) return;
  auto const& at = s.history.back().at;
  auto const& name = t->table->name;
  if (auto const why = catalog::cannot_keep_history(*t->table, *catalog_); !why.empty())
    return fault(s.table.back().at, "`" + name + "` cannot keep its history: " + why);
  if (auto const key = catalog::cascade_into(*t->table, *catalog_); !key.empty())
    return fault(s.table.back().at, "`" + name + "` cannot keep its history: rows would change without a record by its foreign key " + key,
                 "declare the key without the action, and change these rows in statements of their own");
  std::string path;
  for (auto const& part : s.history) path += (path.empty() ? "" : ".") + catalog::quoted(part.text);
  auto const make = catalog::history_definition(*t->table, path);
  if (s.history.size() <= 2 && catalog_->find(s.history.size() == 2 ? s.history[0].text : std::string_view{}, s.history.back().text) == nullptr)
    return fault(at, "no table `" + std::string(s.history.back().text) + "` in the database", make);
  auto* h = own_table(s.history);
  if (h == nullptr) return;
  if (t->history != nullptr) return fault(s.table.back().at, "table `" + name + "` keeps its history already");
  if (t == h) return fault(at, "a table cannot be its own history");
  for (auto const& [other, p] : out_->tables) {
    if (p.history == h->table) return fault(at, "`" + h->table->name + "` is the history of `" + other->name + "`");
    if (p.history == t->table) return fault(s.table.back().at, "`" + name + "` is a history itself");
  }
  if (h->history != nullptr) return fault(at, "`" + h->table->name + "` keeps a history itself");
  if (auto const why = catalog::unfit_history(*t->table, *h->table, *catalog_); !why.empty())
    return fault(at, "`" + h->table->name + "` cannot be the history of `" + name + "`: " + why, make);
  t->history = h->table;
}

void compiler::read_grants() {
  each<ast::history_sentence>([&](auto const& s, auto const&) { read(s); });
  each<ast::allow_sentence>([&](auto const& s, auto const& all) { read(s, all); });
  each<ast::exempt_sentence>([&](auto const& s, auto const& all) { read(s, all); });
  each<ast::restrict_sentence>([&](auto const& s, auto const& all) { read(s, all); });
  each<ast::mask_sentence>([&](auto const& s, auto const& all) { read(s, all); });
  each<ast::deny_sentence>([&](auto const& s, auto const& all) { read(s, all); });
  for (auto& [table, t] : out_->tables)
    std::stable_sort(t.grants.begin(), t.grants.end(), [](grant const& a, grant const& b) { return a.order < b.order; });
}

void compiler::read(ast::given_sentence const& s) {
  auto const* t = own_table(s.table);
  if (t == nullptr) return;
  for (auto const& c : s.columns) column(*t->table, c);
  for (auto const& r : s.rows)
    if (r.size() != s.columns.size())
      fault(r.empty() ? s.table.back().at : r.front()->at, "this row has " + std::to_string(r.size()) + " values for " + std::to_string(s.columns.size()) + " columns");
}

void compiler::read(ast::expect_sentence const& s) {
  bool known = false;
  for (auto const& sentence : sources_[file_].tree.sentences)
    if (auto const* c = sentence.as<ast::caller_sentence>()) known = known || catalog::same_name(c->name.text, s.caller.text);
  if (!known) fault(s.caller.at, "no `caller " + std::string(s.caller.text) + " is …` in this file");
  auto const* t = own_table(s.table);
  if (t == nullptr) return;
  for (auto const& c : s.columns) column(*t->table, c.name);
}

void compiler::check_examples() {
  each<ast::given_sentence>([&](auto const& s, auto const&) { read(s); });
  each<ast::caller_sentence>([&](ast::caller_sentence const& s, auto const&) {
    for (auto const& r : s.roles) role(r.name);
  });
  each<ast::expect_sentence>([&](auto const& s, auto const&) { read(s); });
}

}  // namespace grille::policy
