// A policy file: sentences up to their `;`, and every fault in them. Enters: a text. Leaves: the sentences that could be read and
// all faults in order of place. After a fault, reading goes on behind the next `;`, or at the next sentence where only the `;` was
// forgotten. A fault of the lexer (a quote that is not closed) costs its own sentence only.
#include "grammar/policy.hpp"

#include <algorithm>

#include "base/suggest.hpp"
#include "grammar/lexer.hpp"
#include "grammar/parse.hpp"

namespace grille::grammar {
namespace policy {

// SENTENCE ::= its first word decides
x3::rule<struct sentence_id, ast::sentence> const sentence = "a sentence";
auto const put_node = put<&ast::sentence::node>;
auto const sentence_def = policy_header[put_node] | owner[put_node] | expires[put_node] | section[put_node] | principal[put_node] |
                          call_context[put_node] | role[put_node] | protects[put_node] | uses[put_node] | tag[put_node] |
                          history[put_node] | specification[put_node] | projection[put_node] | allow[put_node] | restriction[put_node] |
                          mask[put_node] | denial[put_node] | exemption[put_node] | share[put_node] | given_rows[put_node] |
                          caller[put_node] | expectation[put_node];
BOOST_SPIRIT_DEFINE(sentence)

namespace {

using namespace literals;

constexpr std::size_t most_lexical_faults = 20;  // each costs another pass over the rest of the text
constexpr std::size_t most_faults = 1'000;

struct look_alike {
  std::string_view mark;
  std::string_view message;
  std::string_view help;
};
// What word processors put in place of the characters of a keyboard. To SQL's lexers they are letters.
constexpr auto look_alikes = std::to_array<look_alike>({
    {"‘", "a curly quote `‘`", "write it straight: `'`"},
    {"’", "a curly quote `’`", "write it straight: `'`"},
    {"‚", "a curly quote `‚`", "write it straight: `'`"},
    {"“", "a curly quote `“`", "write it straight: `'` around a text, `\"` around a name"},
    {"”", "a curly quote `”`", "write it straight: `'` around a text, `\"` around a name"},
    {"„", "a curly quote `„`", "write it straight: `'` around a text, `\"` around a name"},
    {"–", "a dash `–`", "write two hyphens before a comment, one as minus"},
    {"—", "a dash `—`", "write two hyphens before a comment, one as minus"},
    {"…", "an ellipsis `…`", "write it out"},
    {"\u00A0", "a no-break space", "write a plain blank"},
    {"\u2007", "a no-break space", "write a plain blank"},
    {"\u202F", "a no-break space", "write a plain blank"},
    {"\u2009", "a thin space", "write a plain blank"},
    {"\u3000", "an ideographic space", "write a plain blank"},
    {"\u200B", "an invisible character (U+200B)", "delete it"},
    {"\u200C", "an invisible character (U+200C)", "delete it"},
    {"\u200D", "an invisible character (U+200D)", "delete it"},
    {"\u2060", "an invisible character (U+2060)", "delete it"},
    {"\u00AD", "a soft hyphen", "delete it"},
});

// Words that a clause or a sentence of policies starts with, or that stand inside one, to be suggested in place of a slip.
constexpr auto clause_words = std::to_array<std::string_view>(
    {"after", "aggregate", "because", "blind", "can", "cannot", "columns", "contact", "delete", "distinct", "except", "filter", "history",
     "includes", "insert", "least", "masked", "means", "optional", "over", "purge", "select", "setting", "shows", "tagged", "until", "update",
     "values", "version", "where"});

// SQL's keywords that policies use for what they mean in English.
constexpr auto sentence_keywords = std::to_array<std::string_view>({"all", "as", "distinct", "except", "for", "from", "in", "is", "on", "to", "values", "when", "where", "with"});

bool is_sentence_word(token const& t) {
  return std::ranges::any_of(sentence_words, [&](std::string_view w) { return t.is_word(w); });
}

/// A text in quotes that goes over a semicolon at a line's end: most likely its quote was forgotten.
bool runs_over(token const& t, std::string_view source) {
  return (t.kind == token_kind::string || t.kind == token_kind::quoted) &&
         source.substr(t.at.begin, t.at.end - t.at.begin).find(";\n") != std::string_view::npos;
}

/// Cuts the text into tokens; around a fault as much as can be.
class policy_lexer {
 public:
  policy_lexer(std::string_view text, dialect d, base::arena& a, std::vector<base::fault>& faults)
      : text_(text), dialect_(d), arena_(a), faults_(faults) {}

  token_array read() {
    std::size_t begin = 0;
    while (true) {
      auto fault = keep(begin, text_.size(), false);
      if (!fault) break;
      // What stands before the fault is read for itself; its end may lie in a literal or comment that the cut leaves open.
      runaway_.reset();
      if (auto const cut = keep(begin, fault->at.begin, true)) keep(begin, cut->at.begin, true);
      // Of an odd number of quotes the lexer misses the last, the writer forgot one before a text that runs over a sentence's end.
      if (runaway_ && fault->message.ends_with("not closed")) fault->at = *runaway_;
      faults_.push_back(*fault);
      auto const semicolon = text_.find(';', std::max<std::size_t>(fault->at.begin, begin));
      if (fault->kind == errc::limit || faults_.size() == most_lexical_faults || semicolon == std::string_view::npos) break;
      begin = semicolon + 1;
    }
    token end;
    end.at = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text_.size())};
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  /// Appends the tokens of a part (of one that is cut off: of its whole sentences only), or says why there are none.
  std::optional<base::fault> keep(std::size_t begin, std::size_t end, bool is_cut) {
    auto const offset = static_cast<std::uint32_t>(begin);
    auto part = lex(text_.substr(begin, end - begin), dialect_, arena_, base::limits::policy_bytes);
    if (!part) {
      auto fault = std::move(part.error());
      fault.at = {fault.at.begin + offset, fault.at.end + offset};
      return fault;
    }
    part->pop_back();
    if (is_cut) {
      auto const runaway = std::ranges::find_if(*part, [&](token const& t) { return runs_over(t, text_.substr(begin)); });
      if (runaway != part->end()) {
        auto const first_line = text_.substr(begin + runaway->at.begin).find('\n');
        runaway_ = {runaway->at.begin + offset, runaway->at.begin + offset + static_cast<std::uint32_t>(first_line)};
        part->erase(runaway, part->end());
      }
      while (!part->empty() && !part->back().is(";"_sym)) part->pop_back();
    }
    for (auto& t : *part) {
      t.at = {t.at.begin + offset, t.at.end + offset};
      tokens_.push_back(t);
    }
    return std::nullopt;
  }

  std::string_view text_;
  dialect dialect_;
  base::arena& arena_;
  std::vector<base::fault>& faults_;
  token_array tokens_;
  std::optional<base::range> runaway_;
};

class policy_reader {
 public:
  policy_reader(token_array const& tokens, std::string_view source, dialect d, base::arena& a, std::vector<base::fault>& faults)
      : at_(tokens.data()), last_(tokens.data() + tokens.size()), source_(source), state_{}, faults_(faults) {
    state_.language = d;
    state_.arena = &a;
  }

  ast::list<ast::sentence> read() {
    std::vector<ast::sentence> sentences;
    while (at_->kind != token_kind::end) {
      if (faults_.size() >= most_faults) {
        faults_.push_back({errc::limit, "more than " + std::to_string(most_faults) + " faults: the rest is not read", at_->at, {}});
        break;
      }
      if (at_->is(";"_sym)) {  // an empty sentence
        ++at_;
        continue;
      }
      if (look_alikes_in_sentence()) {
        skip_sentence();
        continue;
      }
      if (auto const s = read_sentence()) sentences.push_back(*s);
    }
    return state_.arena->copy(sentences);
  }

 private:
  std::optional<ast::sentence> read_sentence() {
    auto const begin = at_;
    ast::sentence s;
    bool known = false;
    auto fault = attempt(state_.language, [&] {
      auto const in = x3::make_context<state_tag>(state_);
      known = sentence.parse(at_, last_, in, x3::unused, s);
    });
    if (!fault && !known) fault = unknown_sentence();
    if (fault) {
      note(std::move(*fault), begin);
      skip_sentence();
      return std::nullopt;
    }
    if (!at_->is(";"_sym)) {
      note(expected_fault("`;`", *at_, state_.language), begin);
      if (!is_sentence_word(*at_)) skip_sentence();
      return std::nullopt;
    }
    ++at_;
    s.at = cursor{at_, state_}.since(begin);
    return s;
  }

  base::fault unknown_sentence() const {
    auto const best = at_->kind == token_kind::word ? base::suggest(at_->text, sentence_words) : std::string();
    return {errc::syntax, describe(*at_) + " starts no sentence", at_->at,
            best.empty() ? "a sentence starts with its kind: `allow`, `deny`, `role`, …" : "did you mean `" + best + "`?"};
  }

  void note(base::fault fault, iterator begin) {
    // That `on` is reserved is no news where it only came too early.
    bool const is_own = std::ranges::any_of(sentence_keywords, [&](std::string_view w) { return at_->is_word(w); });
    if (is_own && fault.at == at_->at) fault.help.clear();
    if (fault.help.empty() && fault.message.starts_with("expected")) fault.help = long_text(begin);
    if (fault.help.empty() && fault.message.starts_with("expected")) fault.help = slip(fault);
    faults_.push_back(std::move(fault));
  }
  std::string long_text(iterator begin) const {
    auto const runaway = std::find_if(begin, at_, [&](token const& t) { return runs_over(t, source_); });
    if (runaway == at_) return {};
    return "is the quote closed that is opened in line " + std::to_string(base::locate(source_, runaway->at).line) + "?";
  }
  /// Where one of Grille's words was expected, the one that the word found may have been meant to be.
  std::string slip(base::fault const& fault) const {
    auto const found = source_.substr(fault.at.begin, fault.at.end - fault.at.begin);
    if (std::ranges::find(clause_words, found) != clause_words.end()) return {};
    auto const best = base::suggest(found, clause_words);
    return best.empty() ? best : "did you mean `" + best + "`?";
  }

  bool look_alikes_in_sentence() {
    auto const before = faults_.size();
    for (auto t = at_; t->kind != token_kind::end && !t->is(";"_sym); ++t) {
      if (t->kind != token_kind::word) continue;
      auto const word = source_.substr(t->at.begin, t->at.end - t->at.begin);
      if (std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) continue;
      for (auto const& [mark, message, help] : look_alikes) {
        auto const place = word.find(mark);
        if (place == std::string_view::npos) continue;
        auto const begin = static_cast<std::uint32_t>(t->at.begin + place);
        faults_.push_back({errc::syntax, std::string(message) + " stands here", {begin, begin + static_cast<std::uint32_t>(mark.size())},
                           std::string(help)});
        break;
      }
    }
    return faults_.size() != before;
  }

  void skip_sentence() {
    while (at_->kind != token_kind::end && !at_->is(";"_sym)) ++at_;
    if (at_->kind != token_kind::end) ++at_;
  }

  iterator at_;
  iterator last_;
  std::string_view source_;
  parse_state state_;
  std::vector<base::fault>& faults_;
};

}  // namespace
}  // namespace policy

parsed_policy parse_policy(std::string_view text, dialect d, base::arena& a) {
  parsed_policy parsed;
  auto const tokens = policy::policy_lexer(text, d, a, parsed.faults).read();
  parsed.file.sentences = policy::policy_reader(tokens, text, d, a, parsed.faults).read();
  std::ranges::stable_sort(parsed.faults, {}, [](base::fault const& f) { return f.at.begin; });
  return parsed;
}

}  // namespace grille::grammar
