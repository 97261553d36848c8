#include "guarded.hpp"

#include <utility>

namespace grille::policy {
class access {};
}  // namespace grille::policy

namespace grille::verify {

base::result<guarded_statement> verify(std::string sql, std::vector<bound::slot> slots, unsigned caller_parameters, policy::access const& /*who*/) {
  guarded_statement s;
  s.sql_ = std::move(sql);
  s.slots_ = std::move(slots);
  s.caller_parameters_ = caller_parameters;
  return s;
}

}  // namespace grille::verify

namespace grille::exec::postgres {

std::shared_ptr<verify::guarded_statement const> guarded(std::string sql, unsigned parameters) {
  return std::make_shared<verify::guarded_statement const>(*verify::verify(std::move(sql), {}, parameters, {}));
}

}  // namespace grille::exec::postgres
