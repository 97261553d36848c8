// Nobody but verify makes a guarded write.
#include "exec/sqlite/connection.hpp"

auto run(grille::exec::sqlite::connection& c) {
  return c.write(std::make_shared<grille::verify::guarded_write const>(grille::verify::guarded_write{grille::verify::printed_write{}}), {},
                 {});
}
