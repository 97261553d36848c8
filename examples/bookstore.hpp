// The callers of the book store, as the front end's tokens would name them.
#pragma once
#include <string>
#include <vector>

#include "grille/grille.hpp"

namespace bookstore {

struct caller {
  std::string name;
  grille::principal principal;
};

inline std::vector<caller> callers() {
  using grille::principal;
  return {
      {"Ada, administrator", principal("a-1").with("user_id", 1).group("it-operations")},
      {"Mark, merchant of shops 1 and 9",
       principal("m-40").with("user_id", 40).role("merchant", {{"shop_id", 1}}).role("merchant", {{"shop_id", 9}})},
      {"Anna, buyer", principal("b-17").with("user_id", 17).group("customers")},
      {"Dora, buyer, delegate of Bo and Finn", principal("b-23").with("user_id", 23).group("customers")},
  };
}

}  // namespace bookstore
