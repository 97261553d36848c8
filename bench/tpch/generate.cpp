#include "tpch/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>

namespace tpch {

namespace {

using words = std::span<std::string_view const>;

// Clause 4.2.2.13 and 4.2.3: what parts, segments, priorities, … are made of.
constexpr std::string_view colours[] = {
    "almond",    "antique",   "aquamarine", "azure",   "beige",     "bisque", "black",      "blanched", "blue",      "blush",  "brown",
    "burlywood", "burnished", "chartreuse", "chiffon", "chocolate", "coral",  "cornflower", "cornsilk", "cream",     "cyan",   "dark",
    "deep",      "dim",       "dodger",     "drab",    "firebrick", "floral", "forest",     "frosted",  "gainsboro", "ghost",  "goldenrod",
    "green",     "grey",      "honeydew",   "hot",     "indian",    "ivory",  "khaki",      "lace",     "lavender",  "lawn",   "lemon",
    "light",     "lime",      "linen",      "magenta", "maroon",    "medium", "metallic",   "midnight", "mint",      "misty",  "moccasin",
    "navajo",    "navy",      "olive",      "orange",  "orchid",    "pale",   "papaya",     "peach",    "peru",      "pink",   "plum",
    "powder",    "puff",      "purple",     "red",     "rose",      "rosy",   "royal",      "saddle",   "salmon",    "sandy",  "seashell",
    "sienna",    "sky",       "slate",      "smoke",   "snow",      "spring", "steel",      "tan",      "thistle",   "tomato", "turquoise",
    "violet",    "wheat",     "white",      "yellow"};
constexpr std::string_view sizes[] = {"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"};
constexpr std::string_view finishes[] = {"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"};
constexpr std::string_view metals[] = {"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"};
constexpr std::string_view container_sizes[] = {"SM", "LG", "MED", "JUMBO", "WRAP"};
constexpr std::string_view containers[] = {"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"};
constexpr std::string_view segments[] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"};
constexpr std::string_view priorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"};
constexpr std::string_view instructions[] = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
constexpr std::string_view modes[] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
constexpr std::string_view nouns[] = {"foxes",     "ideas",      "theodolites", "pinto beans", "instructions", "dependencies", "excuses",
                                      "platelets", "asymptotes", "courts",      "dolphins",    "multipliers",  "sauternes",    "warthogs",
                                      "frets",     "dinos",      "attainments", "requests",    "accounts",     "packages",     "deposits"};
constexpr std::string_view verbs[] = {"sleep", "wake",   "are",       "cajole",   "haggle", "nag", "use", "boost",
                                      "affix", "detect", "integrate", "maintain", "nod",    "was", "lose"};
constexpr std::string_view adjectives[] = {"furious",  "sly",       "careful",  "blithe", "quick",  "fluffy",  "slow",
                                           "quiet",    "ruthless",  "thin",     "close",  "dogged", "daring",  "brave",
                                           "stealthy", "permanent", "enticing", "idle",   "busy",   "regular", "final",
                                           "ironic",   "even",      "bold",     "silent", "special"};
constexpr std::string_view adverbs[] = {"sometimes", "always",  "never",    "furiously", "slyly",  "carefully",
                                        "blithely",  "quickly", "fluffily", "slowly",    "quietly"};
constexpr std::string_view regions[] = {"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
struct nation {
  std::string_view name;
  int region;
};
constexpr nation nations[] = {{"ALGERIA", 0},      {"ARGENTINA", 1},  {"BRAZIL", 1},  {"CANADA", 1},         {"EGYPT", 4},
                              {"ETHIOPIA", 0},     {"FRANCE", 3},     {"GERMANY", 3}, {"INDIA", 2},          {"INDONESIA", 2},
                              {"IRAN", 4},         {"IRAQ", 4},       {"JAPAN", 2},   {"JORDAN", 4},         {"KENYA", 0},
                              {"MOROCCO", 0},      {"MOZAMBIQUE", 0}, {"PERU", 1},    {"CHINA", 2},          {"ROMANIA", 3},
                              {"SAUDI ARABIA", 4}, {"VIETNAM", 2},    {"RUSSIA", 3},  {"UNITED KINGDOM", 3}, {"UNITED STATES", 1}};

/// SplitMix64 (Steele, Lea, Flood 2014): the standard library's distributions differ between implementations.
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  /// Both ends included.
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  std::string_view one_of(words all) { return all[static_cast<std::size_t>(number(0, std::ssize(all) - 1))]; }
  /// Of a length between the two.
  std::string address() {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,";
    std::string out(static_cast<std::size_t>(number(10, 40)), ' ');
    for (auto& c : out) c = letters[static_cast<std::size_t>(number(0, std::ssize(letters) - 1))];
    return out;
  }
  std::string text(std::int64_t shortest, std::int64_t longest) {
    auto const length = static_cast<std::size_t>(number(shortest, longest));
    std::string out;
    while (out.size() < length) out += fmt::format("{} {} {} {}. ", one_of(adjectives), one_of(nouns), one_of(verbs), one_of(adverbs));
    out.resize(length);
    return out;
  }
  std::string phone(std::int64_t nation_key) {
    return fmt::format("{}-{}-{}-{}", nation_key + 10, number(100, 999), number(100, 999), number(1000, 9999));
  }

 private:
  std::uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

std::string money(std::int64_t cents) {
  return fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", std::abs(cents) / 100, std::abs(cents) % 100);
}

std::string day(std::chrono::sys_days d) {
  std::chrono::year_month_day const at(d);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(at.year()), static_cast<unsigned>(at.month()), static_cast<unsigned>(at.day()));
}

using namespace std::chrono;
constexpr sys_days first_order = sys_days{year{1992} / 1 / 1}, last_order = sys_days{year{1998} / 12 / 31} - days{151},
                   today = sys_days{year{1995} / 6 / 17};

class maker {
 public:
  maker(double scale, std::function<void(std::string_view, std::string const&)> const& put) : put_(put), scale_(scale) {}

  void make() {
    dice d(1);
    for (std::int64_t r = 0; r < std::ssize(regions); ++r)
      put_("region", fmt::format("{}\t{}\t{}", r, regions[static_cast<std::size_t>(r)], d.text(31, 115)));
    for (std::int64_t n = 0; n < std::ssize(nations); ++n) {
      auto const& one = nations[static_cast<std::size_t>(n)];
      put_("nation", fmt::format("{}\t{}\t{}\t{}", n, one.name, one.region, d.text(31, 114)));
    }
    suppliers();
    parts();
    customers();
    orders();
  }

 private:
  std::int64_t count(double at_one) const { return std::max<std::int64_t>(1, static_cast<std::int64_t>(at_one * scale_)); }

  void suppliers() {
    dice d(2);
    // five in ten thousand complain, five recommend, and at least one of each
    auto const marked = std::max<std::int64_t>(1, suppliers_ * 5 / 10'000);
    for (std::int64_t k = 1; k <= suppliers_; ++k) {
      auto const nation_key = d.number(0, 24);
      auto comment = d.text(25, 100);
      if (k % std::max<std::int64_t>(1, suppliers_ / marked) == 1) comment = "Customer " + comment.substr(0, 60) + " Complaints";
      if (k % std::max<std::int64_t>(1, suppliers_ / marked) == 2) comment = "Customer " + comment.substr(0, 60) + " Recommends";
      put_("supplier", fmt::format("{}\tSupplier#{:09}\t{}\t{}\t{}\t{}\t{}", k, k, d.address(), nation_key, d.phone(nation_key),
                                   money(d.number(-99'999, 999'999)), comment));
    }
  }

  static std::int64_t price(std::int64_t part) { return 90'000 + (part / 10) % 20'001 + 100 * (part % 1'000); }
  /// The four suppliers of a part, spread over all. Of few, the specification's step would hit one of them twice.
  std::int64_t supplier_of(std::int64_t part, std::int64_t which) const {
    auto const step = suppliers_ / 4 + (suppliers_ < 100 ? 0 : (part - 1) / suppliers_);
    return (part + which * step) % suppliers_ + 1;
  }

  void parts() {
    dice d(3);
    for (std::int64_t k = 1; k <= parts_; ++k) {
      std::array<std::string_view, 5> name;
      for (std::size_t i = 0; i < name.size();) {
        name[i] = d.one_of(colours);
        if (std::find(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(i), name[i]) ==
            name.begin() + static_cast<std::ptrdiff_t>(i))
          ++i;
      }
      auto const made_by = d.number(1, 5);
      auto const brand = d.number(1, 5);
      auto const size = d.one_of(sizes), finish = d.one_of(finishes), metal = d.one_of(metals);
      auto const units = d.number(1, 50);
      auto const box = d.one_of(container_sizes), kind = d.one_of(containers);
      put_("part",
           fmt::format("{}\t{} {} {} {} {}\tManufacturer#{}\tBrand#{}{}\t{} {} {}\t{}\t{} {}\t{}\t{}", k, name[0], name[1], name[2],
                       name[3], name[4], made_by, made_by, brand, size, finish, metal, units, box, kind, money(price(k)), d.text(5, 22)));
      for (std::int64_t i = 0; i < 4; ++i) {
        auto const available = d.number(1, 9'999);
        auto const cost = d.number(100, 100'000);
        put_("partsupp", fmt::format("{}\t{}\t{}\t{}\t{}", k, supplier_of(k, i), available, money(cost), d.text(49, 198)));
      }
    }
  }

  void customers() {
    dice d(4);
    for (std::int64_t k = 1; k <= customers_; ++k) {
      auto const nation_key = d.number(0, 24);
      auto const address = d.address(), phone = d.phone(nation_key);
      auto const balance = d.number(-99'999, 999'999);
      auto const segment = d.one_of(segments);
      put_("customer", fmt::format("{}\tCustomer#{:09}\t{}\t{}\t{}\t{}\t{}\t{}", k, k, address, nation_key, phone, money(balance), segment,
                                   d.text(29, 116)));
    }
  }

  void orders() {
    dice d(5);
    auto const all = customers_ * 10;
    auto const clerks = count(1'000);
    for (std::int64_t n = 0; n < all; ++n) {
      auto const key = n / 8 * 32 + n % 8 + 1;  // eight of each 32 keys are used
      std::int64_t customer = 0;
      do customer = d.number(1, customers_);
      while (customer % 3 == 0 && customers_ > 2);  // a third of them never orders
      auto const ordered = first_order + days{d.number(0, (last_order - first_order).count())};
      std::int64_t total = 0;  // in millionths
      int shipped = 0;
      auto const lines = d.number(1, 7);
      for (std::int64_t line = 1; line <= lines; ++line) {
        auto const part = d.number(1, parts_);
        auto const supplier = supplier_of(part, d.number(0, 3));
        auto const quantity = d.number(1, 50), extended = quantity * price(part), discount = d.number(0, 10), tax = d.number(0, 8);
        auto const sent = ordered + days{d.number(1, 121)}, promised = ordered + days{d.number(30, 90)};
        auto const received = sent + days{d.number(1, 30)};
        auto const returned = d.number(0, 1) == 0 ? 'R' : 'A';
        auto const instruction = d.one_of(instructions), mode = d.one_of(modes);
        total += extended * (100 - discount) * (100 + tax);
        shipped += sent <= today;
        put_("lineitem", fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", key, part, supplier, line, quantity,
                                     money(extended), money(discount), money(tax), received <= today ? returned : 'N',
                                     sent > today ? 'O' : 'F', day(sent), day(promised), day(received), instruction, mode, d.text(10, 43)));
      }
      auto const status = shipped == lines ? 'F' : shipped == 0 ? 'O' : 'P';
      auto const priority = d.one_of(priorities);
      auto const clerk = d.number(1, clerks);
      put_("orders", fmt::format("{}\t{}\t{}\t{}\t{}\t{}\tClerk#{:09}\t0\t{}", key, customer, status, money((total + 5'000) / 10'000),
                                 day(ordered), priority, clerk, d.text(19, 78)));
    }
  }

  std::function<void(std::string_view, std::string const&)> const& put_;
  double scale_;
  std::int64_t suppliers_ = std::max<std::int64_t>(4, count(10'000)), parts_ = count(200'000), customers_ = count(150'000);
};

}  // namespace

std::vector<table> const& tables() {
  static std::vector<table> const all = {
      {"region", "r_regionkey integer, r_name varchar(25), r_comment varchar(152)", "r_regionkey"},
      {"nation", "n_nationkey integer, n_name varchar(25), n_regionkey integer, n_comment varchar(152)", "n_nationkey"},
      {"supplier",
       "s_suppkey integer, s_name varchar(25), s_address varchar(40), s_nationkey integer, s_phone varchar(15), s_acctbal numeric(15, 2), "
       "s_comment varchar(101)",
       "s_suppkey"},
      {"part",
       "p_partkey integer, p_name varchar(55), p_mfgr varchar(25), p_brand varchar(10), p_type varchar(25), p_size integer, p_container "
       "varchar(10), "
       "p_retailprice numeric(15, 2), p_comment varchar(23)",
       "p_partkey"},
      {"partsupp", "ps_partkey integer, ps_suppkey integer, ps_availqty integer, ps_supplycost numeric(15, 2), ps_comment varchar(199)",
       "ps_partkey, ps_suppkey"},
      {"customer",
       "c_custkey integer, c_name varchar(25), c_address varchar(40), c_nationkey integer, c_phone varchar(15), c_acctbal numeric(15, 2), "
       "c_mktsegment varchar(10), "
       "c_comment varchar(117)",
       "c_custkey"},
      {"orders",
       "o_orderkey bigint, o_custkey integer, o_orderstatus varchar(1), o_totalprice numeric(15, 2), o_orderdate date, o_orderpriority "
       "varchar(15), o_clerk varchar(15), "
       "o_shippriority integer, o_comment varchar(79)",
       "o_orderkey"},
      {"lineitem",
       "l_orderkey bigint, l_partkey integer, l_suppkey integer, l_linenumber integer, l_quantity numeric(15, 2), l_extendedprice "
       "numeric(15, 2), l_discount numeric(15, 2), "
       "l_tax numeric(15, 2), l_returnflag varchar(1), l_linestatus varchar(1), l_shipdate date, l_commitdate date, l_receiptdate date, "
       "l_shipinstruct varchar(25), "
       "l_shipmode varchar(10), l_comment varchar(44)",
       "l_orderkey, l_linenumber"},
  };
  return all;
}

void generate(double scale, std::function<void(std::string_view, std::string const&)> const& put) { maker(scale, put).make(); }

}  // namespace tpch
