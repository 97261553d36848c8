// Statements of a caller from the text to the verified print, on both dialects. Holds: a name of what the caller may not see is in no text
// that is sent, and in no error, unless the caller wrote it; and the second check never disagrees with the first.
#include <algorithm>
#include <memory>
#include <string>

#include "fuzz/target.hpp"
#include "grille/database.hpp"

namespace {

constexpr auto* tables =
    "create table orders (id integer primary key, buyer_id integer, shop_id integer, status text, total numeric(10, 2), canary_note text);"
    "create table users (id integer primary key, name text, email text collate nocase, canary_ssn text);"
    "create table canary_suppliers (id integer primary key, name text);";
constexpr auto* rules =
    "policy shop version 1; protects orders, users, canary_suppliers;"
    "principal has user_id integer; role buyer from group 'customers'; role clerk from group 'clerks'; role merchant per shop_id integer;"
    "allow buyer to select (id, buyer_id, status, total) on orders where buyer_id = principal.user_id;"
    "allow merchant to select (id, shop_id, status) on orders where shop_id = scope.shop_id;"
    "projection card on users shows id, name, email masked as substr(email, 1, 1) || '***';"
    "allow buyer to select card on users where id = principal.user_id or name like 'a%';"
    "allow buyer to filter (shop_id) on orders where buyer_id = principal.user_id;"
    "allow merchant to aggregate (total) over at least 3 distinct buyer_id on orders where shop_id = scope.shop_id;"
    "allow clerk to select all columns on canary_suppliers, users, orders;"
    "mask (name as 'withheld') on users where id = 7;"
    "restrict select on orders to status <> 'secret';";

/// Why a statement was refused is for the audit.
class refusals final : public grille::audit_sink {
 public:
  void write(grille::audit_event const& e) override { last = e.detail; }
  std::string last;
};

bool names_the_hidden(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c); });
  return lower.find("canary") != lower.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text_of(data, size);
  static auto const log = std::make_shared<refusals>();
  static grille::database const db(grille::schema::parse(tables), grille::policy_set::parse(rules, "shop.grille"), {.audit = log, .cache_bytes = 0});
  static auto const callers = {grille::principal("b-17").with("user_id", 17).group("customers"),
                               grille::principal("m-1").with("user_id", 1).role("merchant", {{"shop_id", 1}}).role("merchant", {{"shop_id", 9}}),
                               grille::principal::anonymous()};
  bool const named = names_the_hidden(text);
  for (auto const& who : callers) {
    try {
      auto const out = db.rewrite(who, text);
      fuzz::must(named || !names_the_hidden(out.sql), "nothing hidden is named in what is sent", out.sql);
    } catch (grille::error const& e) {
      fuzz::must(e.kind() != grille::errc::backend, "a statement is refused for a reason", e.what());
      fuzz::must(named || !(names_the_hidden(e.what()) || names_the_hidden(e.help())), "nothing hidden is named in an error", e.what());
      fuzz::must(log->last.find("the second check refused") == std::string::npos, "the second check agrees", log->last);
    }
  }
  return 0;
}
