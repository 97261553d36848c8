// Identifiers, types and aliases. Enters: names as the dialect reads them. Leaves: text that the dialect reads as the same names.
#include <algorithm>
#include <array>

#include "print/writer.hpp"

namespace grille::print {
namespace {

constexpr bool lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }

// Words that one of the dialects does not take as a name everywhere, or takes as something else in some place. Both dialects' in
// one list, so that a name looks alike in both; to quote one too many is harmless. The tests ask both engines about each.
// clang-format off
constexpr auto reserved = std::to_array<std::string_view>({
    "add", "all", "alter", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "at", "authorization",
    "autoincrement", "between", "bigint", "binary", "bit", "boolean", "both", "by", "case", "cast", "char", "character", "check",
    "coalesce", "collate", "collation", "column", "commit", "concurrently", "constraint", "create", "cross", "current",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec",
    "decimal", "default", "deferrable", "delete", "desc", "distinct", "do", "drop", "else", "end", "escape", "except", "exists",
    "extract", "false", "fetch", "filter", "float", "following", "for", "foreign", "freeze", "from", "full", "glob", "grant",
    "greatest", "group", "grouping", "groups", "having", "ilike", "in", "index", "indexed", "initially", "inner", "inout", "insert",
    "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "lateral", "leading", "least", "left", "like", "limit",
    "localtime", "localtimestamp", "match", "national", "natural", "nchar", "none", "normalize", "not", "nothing", "notnull", "null",
    "nullif", "nulls", "numeric", "offset", "on", "only", "operator", "or", "order", "out", "outer", "over", "overlaps", "overlay",
    "partition", "placing", "position", "preceding", "precision", "primary", "raise", "range", "real", "recursive", "references",
    "regexp", "replace", "returning", "right", "row", "rows", "select", "session_user", "set", "setof", "similar", "smallint", "some",
    "substring", "symmetric", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "transaction", "treat", "trim",
    "true", "uescape", "unbounded", "union", "unique", "unknown", "update", "user", "using", "values", "varchar", "variadic", "verbose",
    "when", "where", "window", "with", "within", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
    "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable"});
// clang-format on
static_assert(std::ranges::is_sorted(reserved));

// A word that the dialect reads unquoted as it stands: PostgreSQL folds capitals.
bool plain(std::string_view s, dialect d) {
  auto const first = [&](char c) { return lower(c) || c == '_' || (upper(c) && d == dialect::sqlite); };
  return !s.empty() && first(s.front()) && std::ranges::all_of(s, [&](char c) { return first(c) || digit(c); });
}

bool is_reserved(std::string_view s) {
  std::string folded(s);
  std::ranges::transform(folded, folded.begin(), [](char c) { return upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::binary_search(reserved, std::string_view(folded));
}

std::string doubled(std::string_view text, char mark) {
  std::string out(1, mark);
  for (char const c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out += mark;
}

// `double precision`, SQLite's `unsigned big int`: words joined by single blanks.
bool plain_words(std::string_view s, dialect d) {
  while (true) {
    auto const blank = s.find(' ');
    if (!plain(s.substr(0, blank), d)) return false;
    if (blank == std::string_view::npos) return true;
    s.remove_prefix(blank + 1);
  }
}

}  // namespace

std::string quote(std::string_view name, dialect) { return doubled(name, '"'); }

// Backslashes stand for themselves in both: PostgreSQL runs with standard_conforming_strings on.
std::string literal(std::string_view text, dialect) { return doubled(text, '\''); }

void writer::name(ast::identifier const& n) {
  if (n.quoted || !plain(n.text, dialect_) || is_reserved(n.text))
    emit(quote(n.text, dialect_));
  else
    emit(n.text);
}

void writer::path(ast::name_path p) {
  separated(
      p, [&](auto const& n) { name(n); }, ".");
}

// A function's name keeps its form: PostgreSQL's `grouping(x)` is not the function "grouping", and `left(x, 1)` needs no quotes.
void writer::function_name(ast::name_path p) {
  if (p.size() == 1 && !p.front().quoted && plain(p.front().text, dialect_))
    emit(p.front().text);
  else
    path(p);
}

void writer::columns(ast::list<ast::identifier> names) {
  emit("(");
  separated(names, [&](auto const& n) { name(n); });
  emit(")");
}

// A type's name keeps its form too: PostgreSQL's char is not "char". `timestamp(3) with time zone` has its modifiers inside.
void writer::type_word(ast::identifier const& n, ast::list<ast::expr_ptr> modifiers) {
  bool const keeps_form = !n.quoted && plain_words(n.text, dialect_);
  auto const first_word = n.text.substr(0, n.text.find(' '));
  auto const head = keeps_form && !sqlite() && (first_word == "time" || first_word == "timestamp") ? first_word : n.text;
  if (keeps_form)
    emit(head);
  else
    emit(quote(n.text, dialect_));
  if (!modifiers.empty()) {
    emit("(");
    expressions(modifiers);
    emit(")");
  }
  if (keeps_form) emit(n.text.substr(head.size()));
}

void writer::type(ast::type_name const& t) {
  for (auto const& part : t.path.first(t.path.size() - 1)) {
    name(part);
    emit(".");
  }
  type_word(t.path.back(), t.modifiers);
  if (!t.interval_fields.empty()) emit(" ", t.interval_fields);
  for (unsigned i = 0; i < t.array_dimensions; ++i) emit("[]");
}

void writer::alias(ast::alias const& a) {
  if (!a.name.text.empty()) {
    emit(" as ");
    name(a.name);
  }
  if (a.columns.empty()) return;
  emit(a.name.text.empty() ? " as " : " ");
  columns(a.columns);
}

}  // namespace grille::print
