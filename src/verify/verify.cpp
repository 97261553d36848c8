// The second check, whole. Enters: the text that would be sent, what stands behind its parameters, what the caller was granted.
// Leaves: a statement that may be executed, or a refusal. Guaranteed: the text itself was read again and bound against all that exists;
// every table in it stands behind a guard that the policy's sentences imply, shows no cell that they do not show, is used as
// they allow, and is fenced where something could signal. Nothing of the rewriter is used or seen.
#include "verify/proof.hpp"

#include <functional>

namespace grille::verify {

base::result<guarded_statement> verify(std::string sql, std::vector<bound::slot> slots, unsigned caller_parameters, policy::access const& who) {
  base::arena memory;
  auto const statement = read(sql, slots, caller_parameters, who, memory);
  if (!statement) return tl::unexpected(statement.error());
  auto const lifted = lift_guards(**statement, who, memory);
  auto const guarded = prove_guards(**statement, who, memory, lifted);
  if (!guarded) return tl::unexpected(guarded.error());
  auto const groups = prove_uses(**statement, *guarded, who.which());
  if (!groups) return tl::unexpected(groups.error());
  auto const sqlite = who.which() == dialect::sqlite;
  if (auto const good = sqlite ? prove_fences(**statement, *guarded, *groups) : prove_total(**statement, *guarded, *groups); !good) return tl::unexpected(good.error());

  guarded_statement out;
  if (sqlite) out.allowed_ = objects_of(**statement, *who.policy().catalog);
  out.locks_ = !locked_by(**statement).empty();
  out.sql_ = std::move(sql);
  out.hash_ = std::hash<std::string>{}(out.sql_);
  out.slots_ = std::move(slots);
  out.caller_parameters_ = caller_parameters;
  return out;
}

}  // namespace grille::verify
