#include "cases/case_file.hpp"

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "cases/raw_database.hpp"

namespace cases {
namespace {

std::string_view trimmed(std::string_view s) {
  auto const first = s.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(std::string_view s, std::string_view by) {
  std::vector<std::string> out;
  for (;;) {
    auto const at = s.find(by);
    out.emplace_back(trimmed(s.substr(0, at)));
    if (at == std::string_view::npos) return out;
    s.remove_prefix(at + by.size());
  }
}

/// The lines of a file one by one, with a place to complain about.
class reader {
 public:
  explicit reader(std::filesystem::path file) : file_(std::move(file)), in_(read_file(file_)) {}
  bool next(std::string& line) {
    if (!std::getline(in_, line)) return false;
    ++number_;
    return true;
  }
  unsigned number() const { return number_; }
  [[noreturn]] void fail(std::string const& what) const {
    throw std::runtime_error(file_.string() + ':' + std::to_string(number_) + ": " + what);
  }

 private:
  std::filesystem::path file_;
  std::istringstream in_;
  unsigned number_{};
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

void append_utf8(std::string& out, unsigned c) {
  auto const put = [&out](unsigned b) { out += static_cast<char>(b); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6U)), put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12U)), put(0x80U | ((c >> 6U) & 0x3FU)), put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | (c >> 18U)), put(0x80U | ((c >> 12U) & 0x3FU)), put(0x80U | ((c >> 6U) & 0x3FU)), put(0x80U | (c & 0x3FU));
  }
}

std::string decoded(std::string_view s, reader const& in) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '\\') {
      out += s[i];
      continue;
    }
    if (++i == s.size()) in.fail("a backslash at the end");
    switch (s[i]) {
      case '0':
        out += '\0';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        if (i + 2 >= s.size()) in.fail("two hex digits wanted");
        out += static_cast<char>(std::stoi(std::string(s.substr(i + 1, 2)), nullptr, 16));
        i += 2;
        break;
      case 'u': {
        auto const close = s.find('}', i);
        if (i + 1 >= s.size() || s[i + 1] != '{' || close == std::string_view::npos) in.fail("\\u{HEX} wanted");
        append_utf8(out, static_cast<unsigned>(std::stoul(std::string(s.substr(i + 2, close - i - 2)), nullptr, 16)));
        i = close;
        break;
      }
      default:
        in.fail("unknown escape");
    }
  }
  return out;
}

grille::value from_json(nlohmann::json const& j, reader const& in) {
  if (j.is_null()) return {};
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_integer()) return j.get<std::int64_t>();
  if (j.is_number_float()) return j.get<double>();
  if (j.is_string()) return j.get<std::string>();
  in.fail("not a parameter: " + j.dump());
}

std::vector<parameter> parameters_of(std::string_view text, reader const& in) {
  auto const j = nlohmann::json::parse(text);
  std::vector<parameter> out;
  for (auto const& [key, v] : j.items()) out.push_back({j.is_object() ? key : "", from_json(v, in)});
  return out;
}

/// `key: rest`, if the line is that.
bool takes(std::string_view line, std::string_view key, std::string& rest) {
  if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') return false;
  rest = trimmed(line.substr(key.size() + 1));
  return true;
}

void read_head_and_sql(reader& in, block& b) {
  std::string line, rest;
  bool in_head = true, escaped = false;
  for (;;) {
    if (!in.next(line)) in.fail("`--` wanted in `" + b.title + "`");
    if (line == "--") break;
    if (in_head) {
      if (takes(line, "why", b.why)) continue;
      if (takes(line, "as", rest)) {
        b.callers = split(rest, ",");
        continue;
      }
      if (takes(line, "params", rest)) {
        b.parameters = parameters_of(rest, in);
        continue;
      }
      if (takes(line, "escaped", rest)) {
        escaped = true;
        continue;
      }
      if (takes(line, "may show canaries", rest)) {
        b.may_show_canaries = true;
        continue;
      }
      in_head = false;
    }
    if (!b.sql.empty()) b.sql += '\n';
    b.sql += line;
  }
  if (escaped) b.sql = decoded(b.sql, in);
  if (b.why.empty() || b.callers.empty() || b.sql.empty()) in.fail("`" + b.title + "` needs `why:`, `as:` and a statement");
}

/// Reads to the next `==` (left in `line`) or the end of the file.
bool read_expectation(reader& in, block& b, std::string& line) {
  auto& e = b.expected;
  bool known = false, in_oracle = false, in_after = false;
  std::string rest;
  auto const is = [&](expectation::kind k) {
    if (known) in.fail("a second expectation in `" + b.title + "`");
    e.which = k;
    known = true;
  };
  auto const finish = [&] {
    if (!known) in.fail("no expectation in `" + b.title + "`");
  };
  while (in.next(line)) {
    if (line.starts_with("== ")) return finish(), true;
    if (trimmed(line).empty() || line.starts_with("#")) continue;
    if (line == "same") {
      is(expectation::kind::same);
    } else if (line == "rows") {
      is(expectation::kind::rows);
    } else if (takes(line, "oracle", rest)) {
      is(expectation::kind::oracle);
      e.oracle = rest;
      in_oracle = true;
      continue;
    } else if (takes(line, "wrote", rest)) {
      is(expectation::kind::wrote);
      e.affected = std::stoull(rest);
    } else if (takes(line, "after", rest)) {
      e.after = rest;
      in_after = true;
      continue;
    } else if (line == "returns" && e.which == expectation::kind::wrote) {
      e.returns = true;
    } else if (takes(line, "error", rest)) {
      is(expectation::kind::error);
      e.errors = split(rest, " or ");
    } else if (takes(line, "columns", rest)) {
      e.columns = rest;
    } else if (takes(line, "message", rest)) {
      e.message = rest;
    } else if (takes(line, "help", rest)) {
      e.help = rest;
    } else if (takes(line, "at", rest)) {
      e.at = rest;
    } else if (takes(line, "order", rest)) {
      e.ordered = true;
    } else if (takes(line, "twin", rest)) {
      auto const words = split(rest, "->");
      if (words.size() != 2) in.fail("twin: WORD -> OTHER");
      e.twin.emplace(words[0], words[1]);
    } else if (in_after) {
      e.after += '\n' + line;
      continue;
    } else if (in_oracle) {
      e.oracle += '\n' + line;
      continue;
    } else if (known && (e.which == expectation::kind::rows || e.returns)) {
      e.rows.emplace_back(trimmed(line));
      continue;
    } else {
      in.fail("not understood: " + line);
    }
    in_oracle = in_after = false;
  }
  return finish(), false;
}

}  // namespace

caller const& world::by_name(std::string const& n) const {
  for (auto const& c : callers)
    if (c.name == n) return c;
  throw std::runtime_error("no caller `" + n + "` in world " + name);
}

world read_world(std::filesystem::path const& file) {
  reader in(file);
  world w;
  w.name = file.stem().string();
  std::string line;
  std::string* into = nullptr;
  auto const named = [&](std::string const& n) -> caller& {
    for (auto& c : w.callers)
      if (c.name == n) return c;
    in.fail("no [principal " + n + "] before this");
  };
  while (in.next(line)) {
    if (line.starts_with('[')) {
      auto const parts = split(line.substr(1, line.find(']') - 1), ",");
      auto const words = split(parts[0], " ");
      if (words.size() != 2) in.fail("[SECTION NAME] wanted");
      if (words[0] == "principal") {
        w.callers.push_back({words[1], "", "", "", parts.size() > 1});
        into = &w.callers.back().principal;
      } else if (words[0] == "sees") {
        into = &named(words[1]).sees;
      } else if (words[0] == "unseen") {
        into = &named(words[1]).unseen;
      } else {
        in.fail("unknown section");
      }
    } else if (into != nullptr) {
      *into += line + '\n';
    } else if (line.starts_with("schema ")) {
      w.schema = read_file(file.parent_path() / std::string(trimmed(line.substr(7))));
    } else if (line.starts_with("policy ")) {
      w.policy = read_file(file.parent_path() / std::string(trimmed(line.substr(7))));
    } else if (line.starts_with("moved ")) {
      auto const words = split(trimmed(line.substr(6)), " ");
      replace_all(w.policy, words.at(0), words.at(1));
    } else if (!line.empty() && !line.starts_with('#')) {
      in.fail("not understood: " + line);
    }
  }
  return w;
}

case_file read_cases(std::filesystem::path const& file) {
  reader in(file);
  case_file out;
  std::string line;
  bool more = false;
  while (!more && in.next(line)) {
    if (line.starts_with("world "))
      out.world = trimmed(line.substr(6));
    else if (line.starts_with("== "))
      more = true;
    else if (!line.empty() && !line.starts_with('#'))
      in.fail("not understood: " + line);
  }
  while (more) {
    block b;
    b.file = file.stem().string();
    b.title = trimmed(line.substr(3));
    b.line = in.number();
    read_head_and_sql(in, b);
    more = read_expectation(in, b, line);
    for (auto const& other : out.blocks)
      if (other.title == b.title) in.fail("two blocks are called `" + b.title + "`");
    out.blocks.push_back(std::move(b));
  }
  if (out.world.empty()) in.fail("no `world NAME` at the head");
  return out;
}

}  // namespace cases
