// The whole way of a statement, on one screen: parse → bind (what exists for the caller) → rewrite → unbind → print → verify.
// A write goes the same way as a plan of several statements (rewrite/write.hpp), which are proven together.
// Enters: a text or a tree, and the caller's access. Leaves: what may be executed, and the static facts of its result.
// Guaranteed: what leaves owns everything that it refers to, and depends on nothing but the statement and `access::key`.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ast/tree.hpp"
#include "bind/bind.hpp"
#include "grille/audit.hpp"
#include "grille/rows.hpp"
#include "policy/access.hpp"
#include "rewrite/rewrite.hpp"
#include "session/refusal.hpp"
#include "verify/guarded_statement.hpp"
#include "verify/guarded_write.hpp"

namespace grille::pipeline {

/// What is written, and by which sentences it may be.
struct change {
  std::string table;
  grille::method method{};
  std::vector<std::string> grants{}, restrictions{};  // with file and line
};
/// A heading with what only the database knows, from when it ran first. For all threads.
struct told_heading {
  std::once_flag once{};
  detail::heading_ptr heading{};
};
struct compiled_statement {
  std::shared_ptr<policy::compiled const> policy;  // the names of the slots live in it
  std::optional<verify::guarded_statement> guarded;  // a query, or else
  std::optional<verify::guarded_write> write;
  detail::heading_ptr heading;
  std::unique_ptr<told_heading> told;  // where types of columns are not known before it runs
  std::vector<std::string> parameter_names;  // of the caller's positions; empty where there is none
  std::vector<rewrite::applied> relations;
  std::vector<change> changes{};
  std::vector<std::string> grants;  // the sentences that let it, with file and line
  std::vector<audit_access> accesses;
};
using compiled_ptr = std::shared_ptr<compiled_statement const>;

outcome<compiled_ptr> compile(std::string_view sql, policy::access const& who);
/// `calls` knows what stands behind the calls of a tree that no text makes: the specifications of the policy. `purge`: the delete is one.
outcome<compiled_ptr> compile(ast::statement const& tree, policy::access const& who, base::arena& memory, bind::call_resolver calls,
                              bool mark_withheld = false, bool purge = false);

}  // namespace grille::pipeline
