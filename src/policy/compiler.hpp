// The work of `compile`, split by what it reads: declarations, predicates, grants. Enters: the trees of all files. Leaves: a
// `compiled` under construction and every fault found on the way; a sentence with a fault is skipped, the others go on.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bind/bind.hpp"
#include "policy/compile.hpp"

namespace grille::policy {

class compiler {
 public:
  compiler(std::vector<source_file> const& files, std::shared_ptr<catalog::catalog const> c);
  compilation run();

 private:
  /// What is kept of one file besides the compiled form.
  struct file_state {
    source_file const* source{};
    std::vector<unsigned> uses;                    // files whose people this one may name
    std::map<std::string, unsigned> attributes[2];  // principal, context: declared here
    std::map<catalog::table const*, std::vector<bool>> shared_with;  // columns of others' tables its predicates may read
    std::map<std::string, std::vector<std::string>> lock;            // table -> accepted columns
  };
  /// What a predicate may say, apart from columns.
  struct vocabulary {
    unsigned file{};
    bound::relation* subject{};
    bound::relation* old{};          // what `old.` points at; null: not here
    int role{-1};                    // whose scope; -1: no scope here, -2: any role's (a specification on its own)
    bool columns{true};              // false: about the call only
    bool written{};                  // asked of rows that the caller writes, and of no other
    std::map<std::string, bound::expr_ptr> const* parameters{};
    int depth{};                     // of specifications in specifications
  };
  class owner_view;

  // declarations.cpp
  void read_headers();
  void read_people();
  void read_tables();
  void read_locks();
  void read_tags();
  void check_roles();
  // inheritance.cpp
  void check_inheritance();
  // predicates.cpp
  bound::expr_ptr predicate(ast::expr const& e, vocabulary const& v);
  base::result<bound::expr_ptr> bind(ast::expr const& e, vocabulary const& v);
  base::result<bound::expr_ptr> name(ast::column_ref const& c, bound::relation* qualifier, base::range at, vocabulary const& v);
  base::result<bound::expr_ptr> call(std::string_view name, std::span<bound::expr_ptr const> arguments, base::range at, vocabulary const& v);
  base::result<bound::expr_ptr> expand(specification const& s, bound::relation* subject, std::span<bound::expr_ptr const> arguments,
                                       base::range at, vocabulary const& v);
  specification const* find_specification(catalog::table const* t, std::string_view name) const;
  bound::relation* subject_of(catalog::table const* t);
  bool says_row(bound::expr_ptr e) const;
  bool says_scope(bound::expr_ptr e) const;
  bool says_groups(bound::expr_ptr e) const;
  // grants.cpp
  void read_specifications();
  void read_projections();
  void read_grants();
  void read(ast::allow_sentence const& s, ast::sentence const& all);
  void read(ast::restrict_sentence const& s, ast::sentence const& all);
  void read(ast::mask_sentence const& s, ast::sentence const& all);
  void read(ast::deny_sentence const& s, ast::sentence const& all);
  void read(ast::exempt_sentence const& s, ast::sentence const& all);
  void read(ast::history_sentence const& s);
  void read(ast::given_sentence const& s);
  void read(ast::expect_sentence const& s);
  void check_examples();
  std::optional<std::vector<cell>> cells(ast::column_set const& c, table_policy const& t, grille::method m);
  std::vector<bool> all_columns(catalog::table const& t);
  std::optional<std::vector<unsigned>> roles(ast::list<ast::identifier> names);

  // shared
  void fault(base::range at, std::string message, std::string help = {});
  void fault(base::fault const& f);
  void warning(base::range at, std::string message, std::string help = {});
  catalog::table const* table(ast::name_path const& path);
  table_policy* own_table(ast::name_path const& path);  // protected by the current file
  std::optional<unsigned> column(catalog::table const& t, ast::identifier const& name);
  std::optional<unsigned> role(ast::identifier const& name);
  std::optional<std::vector<attribute>> attributes_of(ast::list<ast::attribute_declaration> list);
  std::optional<day> day_at(ast::quoted_text const& t);
  sentence_ref const* reference(ast::sentence const& s);
  template <class Node, class F>
  void each(F&& f);

  std::vector<source_file> const& sources_;
  std::shared_ptr<catalog::catalog const> catalog_;
  std::shared_ptr<compiled> out_;
  bind::full_catalog full_;
  std::vector<file_state> files_;
  std::vector<diagnostic> faults_;
  unsigned file_{};   // the current one
  unsigned order_{};  // of the current sentence in the set
  std::map<unsigned, sentence_ref const*> references_;  // by order
};

template <class Node, class F>
void compiler::each(F&& f) {
  order_ = 0;
  for (file_ = 0; file_ < sources_.size(); ++file_)
    for (auto const& s : sources_[file_].tree.sentences) {
      ++order_;
      if (auto const* node = s.template as<Node>()) f(*node, s);
    }
}

}  // namespace grille::policy
