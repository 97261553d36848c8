// Nobody changes the text of one that was proven.
#include "exec/sqlite/connection.hpp"

void change(grille::verify::guarded_statement& proven) { proven.sql_ = "select * from main.users"; }
