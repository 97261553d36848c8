#include "session/connection.hpp"

namespace grille::pipeline {

namespace {

tl::unexpected<exec::failure> not_here() {
  return exec::fail({.kind = errc::unsupported, .message = "writes and transactions are not enforced on this database yet"});
}

}  // namespace

exec::result<std::unique_ptr<exec::running>> connection::write(std::shared_ptr<verify::guarded_write const>,
                                                               std::vector<std::vector<value>>, conditions const&) {
  return not_here();
}
exec::result<void> connection::begin(unsigned) { return not_here(); }
exec::result<void> connection::commit(unsigned) { return not_here(); }

}  // namespace grille::pipeline
