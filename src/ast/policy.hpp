// The tree of a policy file as it was written: one node a sentence, in the order of the file. Predicates are SQL expressions.
// Pages: the policy language. Enters: nothing. Leaves: plain aggregates in an arena, ranges into the file's text.
#pragma once
#include <cstdint>
#include <variant>

#include "ast/tree.hpp"
#include "grille/dialect.hpp"

namespace grille::ast {

struct quoted_text {
  std::string_view text;
  range at{};
};
struct attribute_declaration {
  identifier name;
  identifier type;  // the closed list is checked by `policy`
  bool optional{};
};

struct policy_header {  // policy NAME version N;
  identifier name;
  std::uint32_t version{};
};
struct owner_sentence {
  quoted_text owner;
  quoted_text contact;
};
struct expires_sentence {
  quoted_text date;
};
struct section_sentence {
  quoted_text title;
};
struct principal_sentence {
  list<attribute_declaration> attributes;
};
struct context_sentence {
  list<attribute_declaration> attributes;
};
struct role_source {
  bool is_user{};  // else a group
  quoted_text name;
};
struct role_sentence {
  identifier name;
  list<attribute_declaration> scope;  // per
  list<role_source> from;
  list<identifier> includes;
};
struct protects_sentence {
  list<name_path> tables;
};
struct uses_sentence {
  identifier policy;
  std::uint32_t version{};
};
struct tag_sentence {
  list<identifier> columns;
  name_path table;
  identifier tag;
};
struct history_sentence {  // keep history of T in H
  name_path table;
  name_path history;
};
struct specification_sentence {
  identifier name;
  list<attribute_declaration> parameters;
  name_path table;
  expr_ptr predicate{};
};

/// What a projection or a grant names.
struct projection_item {
  enum class kind { column, masked, all_columns, all_of } which{};
  identifier name;            // column, or the projection of `all of`
  expr_ptr mask{};            // masked: the expression
  list<identifier> except;    // all columns except (…)
  range at{};
};
struct projection_sentence {
  identifier name;
  name_path table;
  list<projection_item> items;
};

/// The columns of one method of a grant: `(a, b)`, a projection's bare name, `all columns [except (…)]`, or nothing (delete, purge).
struct column_set {
  enum class kind { none, listed, projection, all } which{};
  list<identifier> columns;
  identifier projection;
  list<identifier> except;
  range at{};
};
struct granted_method {
  grille::method method{};
  column_set columns;
  bool blind{};                 // update blind (…)
  std::uint64_t at_least{};     // aggregate … over at least K
  identifier distinct_column;   // … distinct COLUMN; text empty if none
  range at{};
};
struct setting {
  identifier column;
  expr_ptr value{};
};
struct allow_sentence {
  list<identifier> roles;
  list<granted_method> methods;
  list<name_path> tables;
  list<setting> settings;
  expr_ptr where{};
  expr_ptr so_that{};
  expr_ptr when{};
  quoted_text because;
  quoted_text until;
};
struct restrict_sentence {
  list<grille::method> methods;
  list<name_path> tables;
  expr_ptr predicate{};
  list<identifier> except_roles;
};
struct mask_item {
  identifier column;
  expr_ptr value{};
};
struct mask_sentence {
  list<mask_item> items;
  name_path table;
  expr_ptr where{};
  list<identifier> except_roles;
};
struct deny_sentence {
  list<identifier> roles;
  list<granted_method> methods;  // at_least, blind, distinct_column unused
  identifier tag;                // columns tagged TAG; text empty if none
  list<name_path> tables;        // empty: everywhere the tag is
  expr_ptr when{};
};
struct exempt_sentence {
  list<name_path> tables;
  list<grille::method> methods;
  quoted_text because;
  quoted_text until;
};
struct share_sentence {
  list<identifier> columns;
  name_path table;
  identifier policy;
};

// Examples.
struct given_sentence {
  name_path table;
  list<identifier> columns;
  list<list<expr_ptr>> rows;
};
struct attribute_value {
  identifier name;
  expr_ptr value{};
};
struct held_role {
  identifier name;
  list<attribute_value> scope;
};
struct caller_sentence {
  identifier name;
  list<held_role> roles;
  list<attribute_value> attributes;
};
struct expected_column {
  identifier name;
  expr_ptr value{};  // `as VALUE` for select, `= VALUE` for writes; null: only named
};
struct expect_sentence {
  identifier caller;
  list<attribute_value> context;  // with network = 'internal'
  bool can{};
  grille::method method{};
  list<expected_column> columns;
  name_path table;
  expr_ptr where{};
};

struct sentence {
  std::variant<policy_header, owner_sentence, expires_sentence, section_sentence, principal_sentence, context_sentence, role_sentence,
               protects_sentence, uses_sentence, tag_sentence, history_sentence, specification_sentence, projection_sentence, allow_sentence,
               restrict_sentence, mask_sentence, deny_sentence, exempt_sentence, share_sentence, given_sentence, caller_sentence,
               expect_sentence>
      node;
  range at{};  // from the first word to the `;`
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};

struct policy_file {
  list<sentence> sentences;
};

}  // namespace grille::ast
