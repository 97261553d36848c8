// Nobody but verify makes a guarded statement.
#include "exec/sqlite/connection.hpp"

auto run(grille::exec::sqlite::connection& c) {
  return c.start(std::make_shared<grille::verify::guarded_statement const>(grille::verify::guarded_statement{}), {}, {});
}
