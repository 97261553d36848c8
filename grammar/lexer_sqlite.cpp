// SQLite's lexis. Enters: checked text. Leaves: tokens as sqlite3GetToken would cut them (https://sqlite.org/lang_keywords.html,
// lang_expr.html, lang_comment.html), or one fault. Stricter than the engine: a block comment must be closed, `$a::b(c)` and
// `#n` are refused. Parameters get the numbers that SQLite gives them.
#include <algorithm>
#include <unordered_set>

#include "base/limits.hpp"
#include "grammar/scanner.hpp"

namespace grille::grammar {
namespace {

constexpr std::uint32_t max_parameter = 32'766;  // SQLITE_MAX_VARIABLE_NUMBER

class sqlite_lexer : scanner {
 public:
  using scanner::scanner;

  base::result<token_array> run() {
    while (skip_blank()) {
      if (done()) {
        add(token_kind::end, at_, {});
        return std::move(tokens_);
      }
      if (tokens_.size() >= base::limits::tokens) {
        refuse(errc::limit, "the text has more than " + std::to_string(base::limits::tokens) + " tokens", at_);
        break;
      }
      if (!next()) break;
    }
    return tl::unexpected(std::move(*fault_));
  }

 private:
  bool skip_blank() {
    for (;;) {
      char const c = peek();
      if (is_blank(c)) {
        skip(char_class::blank);
      } else if (c == '-' && peek(1) == '-') {
        while (!done() && peek() != '\n') ++at_;
      } else if (c == '/' && peek(1) == '*') {
        auto const begin = at_;
        auto const close = text_.find("*/", at_ + 2);
        at_ = close == std::string_view::npos ? text_.size() : close + 2;
        if (close == std::string_view::npos) return refuse(errc::syntax, "this comment is not closed", begin);
      } else {
        return true;
      }
    }
  }

  bool next() {
    char const c = peek();
    if ((c == 'x' || c == 'X') && peek(1) == '\'') return blob();
    if (is_name_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    switch (c) {
      case '\'':
        return quoted('\'', token_kind::string);
      case '"':
      case '`':
        return quoted(c, token_kind::quoted);
      case '[':
        return bracketed();
      case '?':
      case ':':
      case '@':
      case '$':
        return parameter();
      default:
        return operator_symbol();
    }
  }

  bool word() {
    auto const begin = at_;
    skip(char_class::name_part);
    auto& t = add(token_kind::word, begin, since(begin));
    t.word = find_keyword(t.text);
    if (t.word != no_keyword && entry(t.word).sqlite == sqlite_class::none) t.word = no_keyword;
    if (t.word == no_keyword && (same_word(t.text, "true") || same_word(t.text, "false"))) t.word = find_keyword(t.text);
    return true;
  }

  bool number() {
    auto const begin = at_;
    auto kind = token_kind::integer;
    if (peek() == '0' && fold(peek(1)) == 'x' && is_hex(peek(2))) {
      at_ += 3;
      while (is_hex(peek())) ++at_;
      auto const digits = text_.substr(begin + 2, at_ - begin - 2);
      auto const leading = std::min(digits.find_first_not_of('0'), digits.size());
      if (digits.size() - leading > 16) return refuse(errc::syntax, "a hexadecimal numeral has at most 64 bits", begin);
    } else {
      skip(char_class::digit);
      if (peek() == '.') {
        kind = token_kind::decimal;
        ++at_;
        skip(char_class::digit);
      }
      if (fold(peek()) == 'e' && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
        kind = token_kind::decimal;
        at_ += 2;
        skip(char_class::digit);
      }
    }
    if (is_name_part(peek())) return refuse_number(begin);
    add(kind, begin, since(begin));
    return true;
  }

  bool quoted(char quote, token_kind kind) {
    auto const begin = at_;
    bool doubled = false;
    auto end = text_.find(quote, begin + 1);
    for (; end != std::string_view::npos && end + 1 < text_.size() && text_[end + 1] == quote; end = text_.find(quote, end + 2))
      doubled = true;
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    if (end == std::string_view::npos)
      return refuse(errc::syntax, kind == token_kind::string ? "this string is not closed" : "this quoted name is not closed", begin);
    auto text = text_.substr(begin + 1, at_ - begin - 2);
    if (doubled) {
      std::string decoded;
      decoded.reserve(text.size());
      for (std::size_t i = 0; i < text.size(); ++i) {
        decoded.push_back(text[i]);
        if (text[i] == quote) ++i;
      }
      text = arena_.copy(decoded);
    }
    add(kind, begin, text);
    return true;
  }

  bool bracketed() {
    auto const begin = at_;
    auto const close = text_.find(']', at_);
    at_ = close == std::string_view::npos ? text_.size() : close + 1;
    if (close == std::string_view::npos) return refuse(errc::syntax, "this quoted name is not closed", begin);
    add(token_kind::quoted, begin, text_.substr(begin + 1, close - begin - 1));
    return true;
  }

  bool blob() {
    auto const begin = at_;
    at_ += 2;
    std::string bytes;
    while (is_hex(peek()) && is_hex(peek(1))) {
      bytes.push_back(static_cast<char>(hex_value(peek()) << 4 | hex_value(peek(1))));
      at_ += 2;
    }
    if (peek() != '\'') {
      while (!done() && peek() != '\'') ++at_;
      if (!done()) ++at_;
      return refuse(errc::syntax, "a blob is pairs of hexadecimal digits in quotes", begin);
    }
    ++at_;
    add(token_kind::blob, begin, arena_.copy(bytes));
    return true;
  }

  bool parameter() {
    auto const begin = at_;
    char const sigil = peek();
    ++at_;
    bool digits_only = true;
    for (; sigil == '?' ? is_digit(peek()) : is_name_part(peek()); ++at_) digits_only = digits_only && is_digit(peek());
    auto const name = text_.substr(begin + 1, at_ - begin - 1);
    if (name.empty() && sigil != '?') return refuse(errc::syntax, "`" + std::string(1, sigil) + "` is not followed by a name", begin);
    if (sigil == '$' && (peek() == '(' || (peek() == ':' && peek(1) == ':')))
      return refuse(errc::unsupported, "parameters of the form `$name::suffix(…)`", begin);
    auto& t = add(token_kind::parameter, begin, name);
    if (name.empty()) {
      t.form = ast::parameter_form::question;
      t.number = ++largest_;
    } else if (sigil == '?' || (sigil == '$' && digits_only)) {
      t.form = ast::parameter_form::numbered;
      for (char const c : name) t.number = t.number > max_parameter ? t.number : t.number * 10 + static_cast<std::uint32_t>(c - '0');
      if (t.number == 0 || t.number > max_parameter)
        return refuse(errc::syntax, "parameter numbers are 1 to " + std::to_string(max_parameter), begin);
      t.text = {};
      largest_ = std::max(largest_, t.number);
    } else {
      t.form = sigil == ':' ? ast::parameter_form::colon : sigil == '@' ? ast::parameter_form::at : ast::parameter_form::dollar;
      // A name that was not met before takes the next number, which later `?` must not take again.
      if (names_.insert(since(begin)).second) ++largest_;
    }
    if (largest_ > max_parameter)
      return refuse(errc::limit, "the text has more than " + std::to_string(max_parameter) + " parameters", begin);
    return true;
  }

  bool operator_symbol() {
    static constexpr std::string_view two[] = {"==", "<=", "<>", "<<", ">=", ">>", "!=", "||", "->"};
    static constexpr std::string_view one = "()*+,-./;<=>%&|~";
    auto const begin = at_;
    auto length = std::size_t{0};
    auto const rest = text_.substr(at_);
    if (rest.starts_with("->>")) {
      length = 3;
    } else {
      for (auto const op : two)
        if (rest.starts_with(op)) length = 2;
      if (length == 0 && one.find(rest.front()) != std::string_view::npos) length = 1;
    }
    if (length == 0) {
      ++at_;
      return refuse(errc::syntax, "`" + std::string(since(begin)) + "` is not a symbol of SQL", begin);
    }
    at_ += length;
    add_symbol(begin, since(begin));
    return true;
  }

  std::uint32_t largest_ = 0;
  std::unordered_set<std::string_view> names_;
};

}  // namespace

base::result<token_array> lex_sqlite(std::string_view text, base::arena& a) { return sqlite_lexer(text, a).run(); }

}  // namespace grille::grammar
