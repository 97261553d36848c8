// From the printed text back to a bound tree: what the engine will read, not what the rewriter meant.
#include "bind/bind.hpp"
#include "bound/walk.hpp"
#include "grammar/parse.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

/// Parameters of the policy become the slots they stand for, so that they compare with the policy's own.
class filling final : public bound::visitor {
 public:
  filling(std::span<bound::slot const> slots, unsigned caller_parameters, unsigned before, base::arena& memory)
      : slots_(slots), caller_(caller_parameters), before_(before), memory_(memory), seen_(slots.size()) {}
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* p = e->as<bound::parameter>();
    if (p == nullptr || p->position <= caller_) return true;
    auto const index = static_cast<std::size_t>(p->position) - before_ - 1;
    if (p->position <= before_ || index >= slots_.size()) {
      beyond_ = true;
      return true;
    }
    seen_[index] = true;
    e = memory_.make<bound::expr>(bound::expr{slots_[index], e->at});
    return true;
  }
  bool complete() const {
    for (auto const s : seen_)
      if (!s) return false;
    return !beyond_;
  }

 private:
  std::span<bound::slot const> slots_;
  unsigned caller_, before_;
  base::arena& memory_;
  std::vector<bool> seen_;
  bool beyond_{};
};

}  // namespace

tl::unexpected<base::fault> disagree(std::string why) {
  return base::fail(errc::unsupported, "the rewritten statement did not pass the second check", {}, std::move(why));
}
tl::unexpected<base::fault> disagree(std::string why, base::range at) {
  return disagree(std::move(why) + ", at byte " + std::to_string(at.begin) + " of the rewritten text");
}

namespace {

base::result<bound::statement*> bound_of(ast::statement const& query, std::string_view sql, std::span<bound::slot const> slots, unsigned caller_parameters,
                                         unsigned before, bind::visible_catalog const& everything, base::arena& memory, bool locks) {
  auto bound = bind::bind_statement(query, {.visible = everything, .memory = memory, .assigns = true, .locks = locks, .printed = true, .text = sql});
  if (!bound) return disagree("the text does not bind", bound.error().at);
  auto& s = **bound;
  filling fill(slots, caller_parameters, before, memory);
  bound::walk(*s.query, fill);
  if (!fill.complete()) return disagree("the parameters are not the caller's and then the slots, each with its place");
  flatten(*s.query, memory);
  return *bound;
}

}  // namespace

base::result<bound::statement*> read(std::string_view sql, std::span<bound::slot const> slots, unsigned caller_parameters,
                                     policy::access const& who, base::arena& memory) {
  auto const parsed = grammar::parse_statement(sql, who.which(), memory);
  if (!parsed) return disagree("the text does not parse", parsed.error().at);
  bind::full_catalog const everything(*who.policy().catalog);
  return bound_of(**parsed, sql, slots, caller_parameters, caller_parameters, everything, memory, true);
}

base::result<bound::statement*> read(ast::statement const& query, std::string_view sql, std::span<bound::slot const> slots,
                                     unsigned caller_parameters, unsigned before, bind::visible_catalog const& everything, base::arena& memory, bool locks) {
  return bound_of(query, sql, slots, caller_parameters, before, everything, memory, locks);
}

}  // namespace grille::verify
