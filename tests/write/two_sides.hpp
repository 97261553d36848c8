// One sequence of random writes on two databases that differ in what their caller may not see, and what is held against it, in plain SQL beside Grille:
// the caller is told the same and sees the same; each raw row that came, changed or went is one that a grant allows; what failed left all as it was; and
// histories have what was overwritten, once. Enters: two databases of either engine. Leaves: what is wrong, as text, and counts.
#pragma once
#include <functional>
#include <memory>

#include "write/random_world.hpp"
#include "write/told.hpp"

namespace random_world {

using random_writes::told;

/// A database without Grille.
struct raw_side {
  virtual ~raw_side() = default;
  virtual void run(std::string const& sql) = 0;
  /// Each row as text, cells spelled as `told` has them.
  virtual strings rows(std::string const& sql) = 0;
  std::size_t count(std::string const& query) { return std::stoull(rows("select count(*) from (" + query + ") q")[0]); }
};

/// Of what was tried, by name.
using counts = std::map<std::string, std::size_t>;
std::string to_text(counts const& n);
/// What is below its floor, of `writes` for most.
std::string too_few(counts const& n);
/// From 1 on, so many or, where it says so, GRILLE_SEEDS.
std::vector<std::uint32_t> seeds_up_to(unsigned n);

/// What is held against one database.
class witness {
 public:
  witness(world const& w, raw_side& db);
  /// Before a write.
  void look(a_write const& w);
  /// After it.
  std::string objections(a_write const& w, told const& t, counts& n);
  std::string all();

 private:
  strings returned_by(a_write const& w, strings const& ids);
  /// Adds rows that should not be there.
  void found(std::string& out, std::string const& what, std::string const& sql);
  void objections_to_records(a_write const& w, told const& t, std::string& out, counts& n);

  world const& world_;
  raw_side& db_;
  std::string before_;
  strings taken_, returned_;
};

using opener = std::function<grille::database(raw_side&, world const&, grille::options)>;
/// Both are empty, with the schema. What is wrong, with the whole story; empty: nothing.
std::string try_world(std::uint32_t seed, raw_side& here, raw_side& there, opener const& open, counts& n);

}  // namespace random_world
