// A repository that knows nothing of roles. It takes specifications and gives orders; who calls is the session's affair, what that
// caller may see is the policy's. The same call gives an administrator, a merchant, a buyer and a delegate each their own.
//   bookstore DATABASE POLICY
#include "bookstore.hpp"

#include <cstdint>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace bookstore {

struct order {
  std::int64_t id{};
  std::int64_t shop_id{};
  std::string status;
  std::optional<std::int64_t> buyer_id;  // optional: left empty where the caller's projection has no such column
  std::optional<grille::numeric> total;  // exact, as the database has it
};

}  // namespace bookstore

template <>
struct grille::mapping<bookstore::order> {
  using order = bookstore::order;
  static constexpr std::string_view resource = "orders";
  static constexpr auto columns = std::tuple{field{"id", &order::id}, field{"shop_id", &order::shop_id}, field{"status", &order::status},
                                             field{"buyer_id", &order::buyer_id}, field{"total", &order::total}};
};

namespace bookstore {

using grille::spec::column;

// The words of the business, composed by whoever asks.
grille::specification is_open() { return column{"status"} == "open"; }
grille::specification worth_at_least(grille::numeric total) { return column{"total"} >= total; }

class order_repository {
 public:
  explicit order_repository(grille::session& s) : session_(s) {}

  /// The orders that meet `s` and exist for the caller, in the richest shape that the caller may have.
  grille::rows<order> find(grille::specification const& s) {
    return session_.select<order>(s, {.shape = grille::projection{"full"}.or_else("brief"), .order = {{"id"}}, .limit = 10});
  }
  /// @throws grille::not_found if there is none, or none that exists for the caller: 404 either way.
  order get(std::int64_t id) { return session_.query1<order>("select id, shop_id, status, buyer_id, total from orders where id = $1", id); }

 private:
  grille::session& session_;
};

std::string shown(std::optional<std::int64_t> i) { return i ? std::to_string(*i) : "-"; }

void show(grille::rows<order> const& orders) {
  std::cout << "  projection " << orders.projection() << "; orders: " << orders.size() << '\n';
  for (order const& o : orders) {
    std::cout << "  " << o.id << "  shop " << o.shop_id << "  buyer " << std::setw(2) << shown(o.buyer_id) << "  " << o.status;
    if (o.total) std::cout << std::setw(9) << o.total->text;
    std::cout << '\n';
  }
}

}  // namespace bookstore

int main(int argc, char** argv) try {
  using namespace bookstore;
  if (argc != 3) {
    std::cerr << "usage: bookstore DATABASE POLICY\n";
    return 1;
  }
  auto const db = bookstore::open(argv[1], argv[2]);

  for (auto const& [name, principal] : callers()) {
    auto session = db.session(principal);
    order_repository orders(session);
    std::cout << name << ": orders.find(is_open() && worth_at_least({\"15\"}))\n";
    show(orders.find(is_open() && worth_at_least({"15"})));
    try {
      auto const o = orders.get(112);
      std::cout << "  orders.get(112): " << o.status << "\n\n";
    } catch (grille::not_found const& e) {
      std::cout << "  orders.get(112): " << e.http_status() << ", there is none for this caller\n\n";
    }
  }
} catch (grille::error const& e) {
  std::cerr << e.render() << '\n';
  return 1;
}
