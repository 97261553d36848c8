// PostgreSQL's lexis. Enters: checked text. Leaves: tokens as PostgreSQL 15's scan.l would cut them with
// standard_conforming_strings on (https://www.postgresql.org/docs/15/sql-syntax-lexical.html), or one fault. Stricter than the
// engine: names over 63 bytes are refused, not cut.
#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "grammar/scanner.hpp"

namespace grille::grammar {
namespace {

constexpr std::size_t name_bytes = 63;
constexpr std::uint32_t max_parameter = 65'535;  // the protocol counts them in 16 bits

void append_utf8(std::string& out, std::uint32_t code) {
  auto const put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

class postgresql_lexer : scanner {
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
        skip_line();
      } else if (c == '/' && peek(1) == '*') {
        if (!skip_block()) return false;
      } else {
        return true;
      }
    }
  }
  void skip_line() {
    while (!done() && peek() != '\n' && peek() != '\r') ++at_;
  }
  bool skip_block() {
    auto const begin = at_;
    std::size_t open = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++open;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --open;
        at_ += 2;
      } else if (done()) {
        return refuse(errc::syntax, "this comment is not closed", begin);
      } else {
        ++at_;
      }
    } while (open > 0);
    return true;
  }

  bool next() {
    char const c = peek();
    char const quote = peek(1);
    if (quote == '\'') {
      if (c == 'e' || c == 'E') return escaped_string();
      if (c == 'b' || c == 'B' || c == 'x' || c == 'X') return bit_string();
      if (c == 'n' || c == 'N') return national_string();
    }
    if (fold(c) == 'u' && quote == '&' && (peek(2) == '\'' || peek(2) == '"')) return unicode();
    if (is_name_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    switch (c) {
      case '\'':
        return plain_string();
      case '"':
        return quoted_name();
      case '$':
        return dollar();
      default:
        return is_sign(c) ? operator_symbol() : punctuation();
    }
  }

  bool add_name(token_kind kind, std::size_t begin, std::string_view text) {
    if (text.empty()) return refuse(errc::syntax, "a quoted name is empty", begin);
    if (text.size() > name_bytes)
      return refuse(errc::unsupported, "this name is longer than " + std::to_string(name_bytes) + " bytes", begin,
                    "PostgreSQL would cut it; write the name as it is stored");
    add(kind, begin, text);
    return true;
  }

  bool word() {
    auto const begin = at_;
    skip(char_class::name_part);
    auto text = since(begin);
    auto const id = find_keyword(text);
    if (id != no_keyword && entry(id).postgresql != postgresql_class::none) {
      add(token_kind::word, begin, spelling(id)).word = id;
      return true;
    }
    if (std::any_of(text.begin(), text.end(), [](char c) { return fold(c) != c; })) {
      std::string lower(text);
      std::transform(lower.begin(), lower.end(), lower.begin(), fold);
      text = arena_.copy(lower);
    }
    return add_name(token_kind::word, begin, text);
  }

  bool quoted_name() {
    auto const begin = at_;
    auto const raw = body('"');
    if (!raw) return refuse(errc::syntax, "this quoted name is not closed", begin);
    return add_name(token_kind::quoted, begin, undouble(*raw, '"'));
  }

  /// What stands between quotes; the place is behind them afterwards.
  std::optional<std::string_view> body(char quote) {
    auto const begin = at_ + 1;
    for (auto end = text_.find(quote, begin); end != std::string_view::npos; end = text_.find(quote, end + 2)) {
      at_ = end + 1;
      if (peek() != quote) return text_.substr(begin, end - begin);
    }
    at_ = text_.size();
    return std::nullopt;
  }
  std::string_view undouble(std::string_view raw, char quote) {
    if (raw.find(quote) == std::string_view::npos) return raw;
    std::string decoded;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      decoded.push_back(raw[i]);
      if (raw[i] == quote) ++i;
    }
    return arena_.copy(decoded);
  }

  /// `'a'` newline `'b'` is one literal: blanks and `--` comments with at least one line end before the next quote.
  bool continued() {
    auto const back = at_;
    bool line_end = false;
    for (;;) {
      char const c = peek();
      if (is_blank(c)) {
        line_end = line_end || c == '\n' || c == '\r';
        ++at_;
      } else if (c == '-' && peek(1) == '-') {
        skip_line();
        // After the first line end a comment must be ended by one of its own; at the end of the text no quote follows anyway.
      } else {
        break;
      }
    }
    if (line_end && peek() == '\'') return true;
    at_ = back;
    return false;
  }
  /// The raw parts of a literal, continuations joined.
  std::optional<std::string_view> bodies(std::size_t begin) {
    auto const first = body('\'');
    if (!first) {
      refuse(errc::syntax, "this string is not closed", begin);
      return std::nullopt;
    }
    if (!continued()) return first;
    std::string joined(*first);
    do {
      auto const more = body('\'');
      if (!more) {
        refuse(errc::syntax, "this string is not closed", begin);
        return std::nullopt;
      }
      joined += *more;
    } while (continued());
    return arena_.copy(joined);
  }

  bool plain_string() {
    auto const begin = at_;
    auto const raw = bodies(begin);
    if (!raw) return false;
    add(token_kind::string, begin, undouble(*raw, '\''));
    return true;
  }

  /// `n'…'` is `nchar '…'`, as the server's own lexer has it; the string is the next token.
  bool national_string() {
    auto const begin = at_++;
    auto const id = find_keyword("nchar");
    add(token_kind::word, begin, spelling(id)).word = id;
    return true;
  }

  bool bit_string() {
    auto const begin = at_;
    bool const hex = fold(peek()) == 'x';
    ++at_;
    auto const raw = bodies(begin);
    if (!raw) return false;
    for (char const c : *raw)
      if (hex ? !is_hex(c) : c != '0' && c != '1')
        return refuse(errc::syntax, hex ? "`x'…'` holds hexadecimal digits" : "`b'…'` holds 0 and 1", begin);
    std::string bits(hex ? "x" : "b");
    bits += *raw;
    add(token_kind::bit_string, begin, arena_.copy(bits));
    return true;
  }

  /// `e'…'`. The quote may also be written `\'`, so the end is found while decoding.
  bool escaped_string() {
    auto const begin = at_++;
    std::string out;
    do {
      ++at_;
      for (;;) {
        if (done()) return refuse(errc::syntax, "this string is not closed", begin);
        char const c = peek();
        if (pending_ != 0 && c != '\\') return refuse(errc::syntax, "a surrogate pair is incomplete", begin);
        if (c == '\'') {
          ++at_;
          if (peek() != '\'') break;
          out.push_back('\'');
          ++at_;
        } else if (c == '\\') {
          if (!escape(out, begin)) return false;
        } else {
          out.push_back(c);
          ++at_;
        }
      }
    } while (continued());
    if (!well_formed(out)) return refuse(errc::syntax, "the escapes of this string do not make valid UTF-8 without NUL", begin);
    add(token_kind::string, begin, arena_.copy(out));
    return true;
  }

  bool escape(std::string& out, std::size_t begin) {
    auto const place = at_++;
    if (done()) return refuse(errc::syntax, "this string is not closed", begin);
    char const c = peek();
    ++at_;
    if (c == 'u' || c == 'U') return code_point(out, c == 'u' ? 4 : 8, place);
    if (pending_ != 0) return refuse(errc::syntax, "a surrogate pair is incomplete", place);
    if (c >= '0' && c <= '7') {
      unsigned byte = static_cast<unsigned>(c - '0');
      for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i, ++at_) byte = byte * 8 + static_cast<unsigned>(peek() - '0');
      out.push_back(static_cast<char>(byte & 0xFF));
      return true;
    }
    if (c == 'x' && is_hex(peek())) {
      unsigned byte = 0;
      for (int i = 0; i < 2 && is_hex(peek()); ++i, ++at_) byte = byte * 16 + hex_value(peek());
      out.push_back(static_cast<char>(byte));
      return true;
    }
    switch (c) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      default:
        out.push_back(c);
    }
    return true;
  }

  /// The hexadecimal digits of an escape, at the place; joins surrogate pairs through `pending_`.
  bool code_point(std::string& out, int digits, std::size_t place) {
    std::uint32_t code = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      if (!is_hex(peek())) return refuse(errc::syntax, "a Unicode escape needs " + std::to_string(digits) + " hexadecimal digits", place);
      code = code << 4 | hex_value(peek());
    }
    bool const high = code >= 0xD800 && code <= 0xDBFF;
    bool const low = code >= 0xDC00 && code <= 0xDFFF;
    if ((pending_ != 0) != low) return refuse(errc::syntax, "a surrogate pair is incomplete", place);
    if (high) {
      pending_ = code;
      return true;
    }
    if (low) code = 0x10000 + ((pending_ - 0xD800) << 10) + (code - 0xDC00);
    pending_ = 0;
    if (code == 0 || code > 0x10FFFF) return refuse(errc::syntax, "not a Unicode code point", place);
    append_utf8(out, code);
    return true;
  }

  /// Escapes of bytes can break what was checked before.
  static bool well_formed(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
      auto const n = utf8_length(s.substr(i));
      if (n == 0 || s[i] == '\0') return false;
      i += n;
    }
    return true;
  }

  /// `uescape '!'`: one byte, which no digit, sign, quote or blank is (check_uescapechar in the server's parser.c).
  std::optional<char> escape_character(std::size_t begin) {
    if ((fold(peek()) == 'e' && peek(1) == '\'') || peek() == '$') {
      refuse(errc::unsupported, "`uescape` with another form of string", begin, "write `'…'`");
      return std::nullopt;
    }
    if (peek() != '\'') {
      refuse(errc::syntax, "`uescape` is followed by a string of one character", begin);
      return std::nullopt;
    }
    auto const raw = bodies(begin);
    if (!raw) return std::nullopt;
    auto const text = undouble(*raw, '\'');
    if (text.size() == 1 && !is_hex(text[0]) && !is_blank(text[0]) && std::string_view("+'\"").find(text[0]) == std::string_view::npos) return text[0];
    refuse(errc::syntax, "an escape character is one of ASCII, no hexadecimal digit, `+`, quote or blank", begin);
    return std::nullopt;
  }

  /// `u&'…'` and `u&"…"`: the escape character is `\`, or what `uescape` says.
  bool unicode() {
    auto const begin = at_;
    at_ += 2;
    bool const name = peek() == '"';
    std::string_view raw;
    if (name) {
      auto const read = body('"');
      if (!read) return refuse(errc::syntax, "this quoted name is not closed", begin);
      raw = undouble(*read, '"');
    } else {
      auto const read = bodies(begin);
      if (!read) return false;
      raw = undouble(*read, '\'');
    }
    char mark = '\\';
    auto const behind = at_;
    if (!skip_blank()) return false;
    if (same_word(text_.substr(at_, std::min<std::size_t>(7, text_.size() - at_)), "uescape") && !is_name_part(peek(7))) {
      auto const place = at_;
      at_ += 7;
      if (!skip_blank()) return false;
      auto const said = escape_character(place);
      if (!said) return false;
      mark = *said;
    } else {
      at_ = behind;
    }

    std::string out;
    // The decoder reads digits at the place of the scanner; here they are inside `raw`.
    postgresql_lexer inner(padded(raw, arena_), arena_);
    auto const fault = [&](std::string message) { return refuse(errc::syntax, std::move(message), begin); };
    while (!inner.done()) {
      char const c = inner.peek();
      ++inner.at_;
      bool const escape = c == mark && inner.peek() != mark;
      if (!escape && inner.pending_ != 0) return fault("a surrogate pair is incomplete");
      if (!escape) {
        out.push_back(c);
        if (c == mark) ++inner.at_;
        continue;
      }
      bool const six = inner.peek() == '+';
      if (six) ++inner.at_;
      if (!inner.code_point(out, six ? 6 : 4, 0)) return fault(inner.fault_->message);
    }
    if (inner.pending_ != 0) return fault("a surrogate pair is incomplete");
    auto const text = arena_.copy(out);
    if (name) return add_name(token_kind::quoted, begin, text);
    add(token_kind::string, begin, text);
    return true;
  }

  bool dollar() {
    auto const begin = at_;
    if (is_digit(peek(1))) return parameter();
    auto tag_end = at_ + 1;
    if (tag_end < text_.size() && is_name_start(text_[tag_end]))
      while (tag_end < text_.size() && is_name_part(text_[tag_end]) && text_[tag_end] != '$') ++tag_end;
    if (tag_end >= text_.size() || text_[tag_end] != '$') {
      ++at_;
      return refuse(errc::syntax, "`$` begins neither a parameter nor a quoted string", begin);
    }
    auto const tag = text_.substr(begin, tag_end + 1 - begin);
    auto const close = text_.find(tag, tag_end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    if (close == std::string_view::npos) return refuse(errc::syntax, "this string is not closed", begin);
    add(token_kind::string, begin, text_.substr(tag_end + 1, close - tag_end - 1));
    return true;
  }

  bool parameter() {
    auto const begin = at_++;
    std::uint32_t number = 0;
    for (; is_digit(peek()); ++at_) number = number > max_parameter ? number : number * 10 + static_cast<std::uint32_t>(peek() - '0');
    if (is_name_start(peek())) return refuse_number(begin);
    if (number == 0 || number > max_parameter)
      return refuse(errc::syntax, "parameter numbers are 1 to " + std::to_string(max_parameter), begin);
    auto& t = add(token_kind::parameter, begin, {});
    t.form = ast::parameter_form::numbered;
    t.number = number;
    return true;
  }

  bool number() {
    auto const begin = at_;
    auto kind = token_kind::integer;
    skip(char_class::digit);
    // `1..10` is an integer and two dots.
    if (peek() == '.' && peek(1) != '.') {
      kind = token_kind::decimal;
      ++at_;
      skip(char_class::digit);
    }
    if (fold(peek()) == 'e' && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
      kind = token_kind::decimal;
      at_ += 2;
      skip(char_class::digit);
    }
    if (is_name_start(peek())) return refuse_number(begin);
    add(kind, begin, since(begin));
    return true;
  }

  /// The longest run of operator characters, cut before a comment; a longer operator ends in + or - only if it holds one of ~!@#^&|`?%.
  bool operator_symbol() {
    auto const begin = at_;
    auto length = std::size_t{0};
    while (is_sign(peek(length))) {
      if (length > 0 && ((peek(length) == '/' && peek(length + 1) == '*') || (peek(length) == '-' && peek(length + 1) == '-'))) break;
      ++length;
    }
    auto text = text_.substr(at_, length);
    text = trim_sign(text);
    at_ += text.size();
    if (text.size() > name_bytes)
      return refuse(errc::syntax, "this operator is longer than " + std::to_string(name_bytes) + " bytes", begin);
    add_symbol(begin, text == "!=" ? std::string_view("<>") : text);
    return true;
  }
  /// PostgreSQL looks only at the characters before the last one.
  static std::string_view trim_sign(std::string_view text) {
    while (text.size() > 1 && (text.back() == '+' || text.back() == '-') &&
           text.substr(0, text.size() - 1).find_first_of("~!@#^&|`?%") == std::string_view::npos)
      text.remove_suffix(1);
    return text;
  }

  bool punctuation() {
    auto const begin = at_;
    auto const rest = text_.substr(at_, 2);
    auto const length = rest == "::" || rest == ":=" || rest == ".." ? std::size_t{2} : std::size_t{1};
    if (length == 1 && std::string_view("(),.;:[]").find(rest.front()) == std::string_view::npos) {
      ++at_;
      return refuse(errc::syntax, "`" + std::string(since(begin)) + "` is not a symbol of SQL", begin);
    }
    at_ += length;
    add_symbol(begin, since(begin));
    return true;
  }

  std::uint32_t pending_ = 0;  // the first half of a surrogate pair
};

}  // namespace

base::result<token_array> lex_postgresql(std::string_view text, base::arena& a) { return postgresql_lexer(text, a).run(); }

}  // namespace grille::grammar
