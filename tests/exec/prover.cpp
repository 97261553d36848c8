#include "prover.hpp"

#include "policy/access.hpp"

namespace {
grille::verify::allowed_objects claimed;
}

namespace grille::verify {

base::result<guarded_statement> verify(std::string sql, std::vector<bound::slot> slots, unsigned caller_parameters, policy::access const&) {
  guarded_statement made;
  made.sql_ = std::move(sql);
  made.slots_ = std::move(slots);
  made.caller_parameters_ = caller_parameters;
  made.allowed_ = claimed;
  return made;
}

}  // namespace grille::verify

namespace proving {

guarded statement(std::string sql, may allowed, unsigned parameters) {
  claimed = {};
  claimed.columns = std::move(allowed.columns);
  claimed.functions = std::move(allowed.functions);
  claimed.views = std::move(allowed.views);
  claimed.recursive = allowed.recursive;
  grille::policy::access const nobody;
  return std::make_shared<grille::verify::guarded_statement const>(*grille::verify::verify(std::move(sql), {}, parameters, nobody));
}

}  // namespace proving
