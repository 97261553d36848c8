// Policy files, in both dialects, compiled against a schema. Holds: a policy compiles, or has faults that each stand in its text.
#include <string>

#include "fuzz/target.hpp"
#include "grille/database.hpp"

namespace {

constexpr auto* tables =
    "create table users (id integer primary key, name text not null, email text collate nocase, ssn text, protected boolean);"
    "create table orders (id integer primary key, buyer_id integer, shop_id integer, status text, total numeric(10, 2), archived boolean);"
    "create table delegations (delegator integer, delegate integer, expires_at text);"
    "create table orders_history (id integer not null, buyer_id integer, shop_id integer, status text, total numeric(10, 2), archived boolean,"
    " grille_number integer primary key, grille_at text, grille_by text, grille_for text, grille_policy text, grille_method text);";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text_of(data, size);
  static auto const schema = grille::schema::parse(tables);
  try {
    grille::database const db(schema, grille::policy_set::parse(text, "fuzzed.grille"));
    static_cast<void>(db.warnings());
  } catch (grille::policy_error const& e) {
    fuzz::must(!e.all().empty(), "a policy that does not compile has faults", text);
    for (auto const& d : e.all()) {
      fuzz::must(!d.message.empty(), "a fault says what it is", text);
      fuzz::must(d.at.begin <= d.at.end && d.at.end <= size, "a fault is in the text", text);
    }
  } catch (grille::error const& e) {
    fuzz::must(e.kind() != grille::errc::backend, "nothing else is wrong with it", e.what());
  }
  return 0;
}
