// The executor takes no text.
#include "exec/sqlite/connection.hpp"

auto run(grille::exec::sqlite::connection& c) { return c.start("select * from main.users", {}, {}); }
