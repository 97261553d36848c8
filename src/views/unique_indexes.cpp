#include "views/unique_indexes.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "bind/bind.hpp"
#include "bound/conjuncts.hpp"
#include "bound/spelling.hpp"
#include "bound/walk.hpp"
#include "catalog/scratch.hpp"
#include "grammar/lexer.hpp"
#include "grammar/parse.hpp"
#include "views/views.hpp"

namespace grille::views {

namespace {

using namespace grammar::literals;

/// CREATE_INDEX ::= 'create' 'unique' 'index' … 'on' … '(' ELEMENT { ',' ELEMENT } ')' { WORDS } [ 'where' EXPRESSION ]
/// ELEMENT ::= EXPRESSION [ 'asc' | 'desc' ] [ 'nulls' ( 'first' | 'last' ) ]
class create_index {
 public:
  create_index(std::string_view text, grammar::token_array const& tokens) : text_(text), all_(tokens) {}

  /// As the query that computes it of each row. None: it has a form that is not this.
  std::optional<std::string> query(catalog::table const& t) {
    if (!skip_to("on"_kw) || !skip_to("("_sym)) return std::nullopt;
    std::string out = "select ";
    do {
      auto const element = next();
      if (!element) return std::nullopt;
      // in parentheses, or an operator class would be taken for a name
      out += (out.back() == ')' ? ", (" : "(") + std::string(*element) + ')';
    } while (all_[at_++].is(","_sym));
    out += " from " + catalog::quoted(t.schema) + '.' + catalog::quoted(t.name);
    for (; all_[at_].kind != grammar::token_kind::end; ++at_) {
      if (all_[at_].is("nulls"_kw)) return std::nullopt;
      if (all_[at_].is("where"_kw)) return out + " where " + std::string(text_.substr(all_[at_].at.end));
    }
    return out;
  }

 private:
  template <class Id>
  bool skip_to(Id wanted) {
    while (all_[at_].kind != grammar::token_kind::end)
      if (all_[at_++].is(wanted)) return true;
    return false;
  }
  /// The text up to the comma or the parenthesis behind it.
  std::optional<std::string_view> next() {
    auto const begin = at_;
    for (unsigned depth = 0;; ++at_) {
      auto const& t = all_[at_];
      if (t.kind == grammar::token_kind::end) return std::nullopt;
      if (depth == 0 && (t.is(","_sym) || t.is(")"_sym))) break;
      if (t.is("("_sym) || t.is("["_sym)) ++depth;
      if (t.is(")"_sym) || t.is("]"_sym)) --depth;
    }
    auto last = at_;
    auto const ends_with = [&](auto word) { return last > begin && all_[last - 1].is(word); };
    if ((ends_with("first"_kw) || ends_with("last"_kw)) && last - begin > 1 && all_[last - 2].is("nulls"_kw)) last -= 2;
    if (ends_with("asc"_kw) || ends_with("desc"_kw)) --last;
    if (last <= begin) return std::nullopt;
    return text_.substr(all_[begin].at.begin, all_[last - 1].at.end - all_[begin].at.begin);
  }

  std::string_view text_;
  grammar::token_array const& all_;
  std::size_t at_{};
};

/// What it is made of. None: a row's place in it is not of the row alone, or it is not known what the row is.
std::optional<bound::unique_index> parts_of(bound::statement& s, base::arena& memory) {
  if (!is_by_row(*s.query)) return std::nullopt;
  auto* select = s.query->body->as<bound::select>();
  auto* const* row = select->from == nullptr ? nullptr : std::get_if<bound::relation*>(&select->from->node);
  if (row == nullptr || (*row)->kind != bound::relation_kind::base) return std::nullopt;
  bound::unique_index out{.query = &s, .row = *row, .elements = {}, .conditions = {}, .columns = {}};
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      auto const* c = e->as<bound::column>();
      if (c != nullptr) columns.insert(c->relation->columns[c->index].source);
      good = good && e->as<bound::subquery>() == nullptr && e->as<bound::now>() == nullptr;
      return true;
    }
    std::set<unsigned> columns;
    bool good{true};
  } v;
  std::vector<bound::expr_ptr> elements;
  auto conditions = bound::conjuncts(select->where);
  for (auto const& i : select->items) elements.push_back(i.value);
  for (auto* list : {&elements, &conditions})
    for (auto& e : *list) bound::walk(e, v);
  if (!v.good) return std::nullopt;
  out.elements = memory.copy(elements);
  out.conditions = memory.copy(conditions);
  out.columns = memory.copy(std::vector<unsigned>(v.columns.begin(), v.columns.end()));
  return out;
}

std::optional<bound::unique_index> read(std::string const& definition, catalog::table const& t, bind::visible_catalog const& everything, base::arena& memory) {
  auto const tokens = grammar::lex(definition, everything.which(), memory);
  if (!tokens) return std::nullopt;
  auto const query = create_index(definition, *tokens).query(t);
  if (!query) return std::nullopt;
  auto const text = memory.copy(*query);
  auto const parsed = grammar::parse_statement(text, everything.which(), memory);
  if (!parsed) return std::nullopt;
  auto const bound = bind::bind_statement(**parsed, {.visible = everything, .memory = memory, .parameters = false, .text = text});
  if (!bound) return std::nullopt;
  if (everything.which() == dialect::postgresql) bound::undo_spelling(**bound, memory);
  return parts_of(**bound, memory);
}

}  // namespace

unique_indexes read_unique_indexes(catalog::catalog const& c, base::arena& memory) {
  unique_indexes out;
  bind::full_catalog const everything(c);
  for (auto const& t : c.tables())
    for (auto const& definition : t.unique_indexes)
      if (auto const index = read(definition, t, everything, memory)) out[&t].push_back(*index);
  return out;
}

}  // namespace grille::views
