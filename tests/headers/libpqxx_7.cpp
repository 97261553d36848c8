// What libpqxx 7 looks like to the public header, before it and behind it: one class for all connections, of which the name of 6's base is
// another, and members that are said of an lvalue. Is compiled, and not run.
#ifdef BEHIND
#include "grille/postgres.hpp"
#endif
namespace pqxx {
class transaction_base;
class connection {
 public:
  int backendpid() const& noexcept;
};
using connection_base = connection;
}  // namespace pqxx
#ifndef BEHIND
#include "grille/postgres.hpp"
#endif

grille::postgres::native taken(pqxx::connection& c) { return c; }
static_assert(!std::is_constructible_v<grille::postgres::native, pqxx::connection const&>);
static_assert(!std::is_constructible_v<grille::postgres::native, int&>);
