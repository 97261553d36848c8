// What the other files here differ from: this one compiles.
#include "exec/sqlite/connection.hpp"

auto run(grille::exec::sqlite::connection& c, std::shared_ptr<grille::verify::guarded_statement const> proven) {
  return c.start(std::move(proven), {}, {});
}
