// The ten lines of README.md; a test holds the two together.
#include <cstdint>
#include <iostream>
#include <string>

#include "grille/grille.hpp"

int main(int argc, char** argv) try {
  if (argc != 3) return 1;
  std::string const path = argv[1], policy = argv[2];
  // README begins
  grille::sqlite::database db(path, grille::policy_set::load({policy}));

  auto anna = grille::principal("b-17").with("user_id", 17).group("customers");
  auto session = db.session(anna);  // one a request; knows who calls

  for (auto const& [id, status] : session.query<std::int64_t, std::string>("select id, status from orders where total > ?", 20))
    std::cout << id << ' ' << status << '\n';  // Anna's orders, and those of buyers who have delegated to her
  // README ends
} catch (grille::error const& e) {
  std::cerr << e.render() << '\n';
  return 1;
}
