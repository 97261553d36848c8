// A policy set, compiled against one catalogue: what the sentences of all files mean, with every name resolved. Immutable,
// shared between threads. Enters: from `compile`. Leaves: to `access` (who may what), `rewrite` and `verify` (independently).
#pragma once
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ast/policy.hpp"
#include "base/arena.hpp"
#include "bound/tree.hpp"
#include "grille/error.hpp"
#include "grille/value.hpp"
#include "views/defaults.hpp"
#include "views/unique_indexes.hpp"
#include "views/views.hpp"

namespace grille::policy {

using day = std::chrono::sys_days;

enum class attribute_type { integer, text, boolean, numeric, real, timestamp, date };
struct attribute {
  std::string name;
  attribute_type type{};
  bool optional{};
};
/// Where a sentence stands and how it reads, for explanations and messages.
struct sentence_ref {
  std::string file;
  unsigned line{};
  std::string text;  // the sentence, white space folded
  std::string told() const { return file + ":" + std::to_string(line) + ": " + text; }
};
struct role {
  std::string name;
  std::vector<attribute> scope;
  std::vector<std::string> groups, users;  // `from`
  std::vector<unsigned> includes;          // indices into compiled::roles
  bool stated{};                           // no `from`: the application states it
  bool builtin{};                          // `public`, and `authenticated` (of exemptions)
};
/// How one grant shows one column.
struct cell {
  enum class kind { none, plain, masked } which{};
  bound::expr_ptr mask{};  // masked: over the grant's subject
};
/// One `allow` for one role, one table and one method. A sentence that names several makes several.
struct grant {
  unsigned order{};  // of the sentence in the set
  sentence_ref const* sentence{};
  unsigned role{};   // the role it names
  catalog::table const* table{};
  grille::method method{};
  std::vector<cell> cells;         // by column of the table; writes: plain where it may be written
  bound::relation* subject{};      // what the predicates' columns point at: all columns of the table, in order
  bound::expr_ptr where{};         // null: every row
  bound::expr_ptr so_that{};
  bound::relation* old_subject{};  // what `old.` points at in `so_that`
  std::vector<std::pair<unsigned, bound::expr_ptr>> settings;
  bound::expr_ptr when{};          // over slots only; null: always
  std::optional<day> until;        // the last valid day
  unsigned at_least{};             // aggregate: K
  std::optional<unsigned> distinct_column;
  bool blind{};
  bool exemption{};
  bool uses_scope{};               // any of the above says `scope.x`
  bool uses_groups{};              // any of the above but `when` says `principal.groups`
};
struct restriction {
  unsigned order{};
  sentence_ref const* sentence{};
  std::vector<grille::method> methods;  // as written; `select` covers filter and aggregate
  catalog::table const* table{};
  bound::relation* subject{};
  bound::expr_ptr predicate{};
  std::vector<unsigned> except;         // roles
  bool uses_groups{};
};
struct column_mask {
  unsigned order{};
  sentence_ref const* sentence{};
  catalog::table const* table{};
  unsigned column{};
  bound::relation* subject{};
  bound::expr_ptr value{};  // over the subject; the masked column's own occurrences stand for the value that the grant gave
  bound::expr_ptr where{};  // null: always; applies unless false
  std::vector<unsigned> except;
  bool uses_groups{};
};
struct denial {
  unsigned order{};
  sentence_ref const* sentence{};
  unsigned role{};
  std::vector<grille::method> methods;
  catalog::table const* table{};
  std::vector<bool> columns;  // by column; empty: the whole table
  bound::expr_ptr when{};
};
struct specification {
  std::string name;
  std::vector<attribute> parameters;
  catalog::table const* table{};
  ast::expr_ptr predicate{};  // as written: bound anew on the caller's view when a caller passes it
  bool uses_scope{};
  bool used{};  // by another sentence; an application may still name it
  sentence_ref const* sentence{};
};
struct projection {
  std::string name;
  catalog::table const* table{};
  std::vector<cell> cells;           // by column
  std::vector<unsigned> order;       // columns in the order shown
  bound::relation* subject{};
  sentence_ref const* sentence{};
};
struct table_policy {
  catalog::table const* table{};
  unsigned file{};                   // index into compiled::files: who protects it
  std::vector<grant> grants;         // in the order of the file
  std::vector<restriction> restrictions;
  std::vector<column_mask> masks;
  std::vector<denial> denials;
  std::vector<specification> specifications;
  std::vector<projection> projections;
  catalog::table const* history{};
};
struct file {
  std::string name, policy, owner, contact;
  unsigned version{};
  std::optional<day> expires;  // the last valid day, UTC
};

/// The slot that `principal.groups` compiles to, the one item of an `in`. Wherever an expression is instantiated for a caller, there
/// stand as many slots as the caller has groups, `tuple` counting them; for none of them, what is false of every operand.
inline bool is_groups(bound::slot const& s) { return s.kind == bound::slot_kind::principal && s.name == "groups"; }

/// `role` indices 0 and 1 are built in: `public` and `authenticated`.
inline constexpr unsigned public_role = 0;
inline constexpr unsigned authenticated_role = 1;

struct compiled {
  std::vector<file> files;
  std::vector<attribute> principal, context;
  std::vector<role> roles;
  std::map<catalog::table const*, table_policy> tables;  // the protected ones; all others do not exist
  std::map<std::string, std::vector<std::pair<catalog::table const*, unsigned>>> tags;
  std::vector<diagnostic> warnings;
  std::string fingerprint;  // of texts, lock files and catalogue: the policy version in cache keys and audit

  std::shared_ptr<catalog::catalog const> catalog;
  grille::views::trees views;  // of PostgreSQL's views: what each is made of
  grille::views::default_values defaults;  // of the columns of PostgreSQL's tables
  grille::views::unique_indexes indexes;   // of expressions, or of some rows only
  // what the trees above live in
  std::vector<std::unique_ptr<sentence_ref>> sentences;
  base::arena memory;
};

}  // namespace grille::policy
