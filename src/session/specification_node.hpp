// What a specification is made of. Immutable; shared between the specifications that are composed of it.
#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "grille/specification.hpp"
#include "ast/tree.hpp"
#include "grille/value.hpp"

namespace grille::detail {

struct specification_node {
  enum class comparator { equal, not_equal, less, less_equal, greater, greater_equal };
  struct everything {};
  struct comparison {
    std::string column;
    comparator is{};
    value with;
  };
  struct membership {
    std::string column;
    std::vector<value> of;
  };
  struct range {
    std::string column;
    value low, high;
  };
  struct pattern {
    std::string column;
    std::string like;
  };
  struct null_test {
    std::string column;
  };
  /// Of no application: the `where` of a policy's example, over the resource's columns.
  struct written {
    ast::expr const* predicate{};
  };
  struct named {
    std::string name;
    std::vector<value> arguments;
  };
  struct exists {
    std::string resource;
    specification_ptr inside;
    std::vector<std::pair<std::string, std::string>> on;  // inner, outer
  };
  struct junction {
    bool conjunction{};
    std::vector<specification_ptr> parts;
  };
  struct negation {
    specification_ptr of;
  };
  using node_type = std::variant<everything, comparison, membership, range, pattern, null_test, written, named, exists, junction, negation>;

  node_type node;
  unsigned depth{1};
};

}  // namespace grille::detail
