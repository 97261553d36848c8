// Each kind of sentence, node by node; names that are Grille's words; the whole of a policy file.
#include "grammar/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "base/fault.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

namespace grille::grammar {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(ast::list<ast::identifier> names) {
  std::vector<std::string> out;
  for (auto const& n : names) out.emplace_back(n.text);
  return out;
}
std::string joined(ast::name_path path) {
  std::string out;
  for (auto const& n : path) out.append(out.empty() ? "" : ".").append(n.text);
  return out;
}
std::vector<std::string> joined(ast::list<ast::name_path> paths) {
  std::vector<std::string> out;
  for (auto const& p : paths) out.push_back(joined(p));
  return out;
}
std::vector<std::string> declared(ast::list<ast::attribute_declaration> all) {
  std::vector<std::string> out;
  for (auto const& d : all) out.push_back(std::string(d.name.text) + ":" + std::string(d.type.text) + (d.optional ? "?" : ""));
  return out;
}
std::string shown(ast::expr_ptr e) { return e ? print::print(*e, dialect::sqlite) : "(none)"; }
std::string shown(ast::list<ast::attribute_value> all) {
  std::string out;
  for (auto const& a : all) out += std::string(a.name.text) + "=" + shown(a.value) + ";";
  return out;
}

class policy_sentence : public testing::TestWithParam<dialect> {
 protected:
  ast::list<ast::sentence> read(std::string_view text) {
    auto const parsed = parse_policy(text, GetParam(), arena_);
    for (auto const& f : parsed.faults) {
      auto const where = base::locate(text, f.at);
      ADD_FAILURE() << base::render(f.kind, f.message, &where, f.help);
    }
    return parsed.file.sentences;
  }
  /// The only sentence of the text.
  template <class Node>
  Node one(std::string_view text) {
    auto const all = read(text);
    if (all.size() != 1 || !all.front().as<Node>()) {
      ADD_FAILURE() << "not one sentence of that kind: " << text;
      return {};
    }
    return *all.front().as<Node>();
  }

  base::arena arena_;
};

INSTANTIATE_TEST_SUITE_P(dialects, policy_sentence, testing::Values(dialect::sqlite, dialect::postgresql),
                         [](auto const& p) { return p.param == dialect::sqlite ? "sqlite" : "postgresql"; });

TEST_P(policy_sentence, policy) {
  auto const s = one<ast::policy_header>("policy library version 12;");
  EXPECT_EQ(s.name.text, "library");
  EXPECT_EQ(s.version, 12U);
}

TEST_P(policy_sentence, owner_expires_section) {
  auto const o = one<ast::owner_sentence>("owner 'Reading room' contact 'it''s@example.org';");
  EXPECT_EQ(o.owner.text, "Reading room");
  EXPECT_EQ(o.contact.text, "it's@example.org");
  EXPECT_EQ(one<ast::expires_sentence>("expires after '2030-01-31';").date.text, "2030-01-31");
  EXPECT_EQ(one<ast::section_sentence>("section 'Who calls';").title.text, "Who calls");
}

TEST_P(policy_sentence, principal_and_context) {
  EXPECT_THAT(declared(one<ast::principal_sentence>("principal has id integer, mail text optional;").attributes),
              ElementsAre("id:integer", "mail:text?"));
  EXPECT_THAT(declared(one<ast::context_sentence>("context has network text optional;").attributes), ElementsAre("network:text?"));
}

TEST_P(policy_sentence, role) {
  auto const s =
      one<ast::role_sentence>("role keeper per shelf integer, floor text from group 'staff', user 'u-1' includes reader, guest;");
  EXPECT_EQ(s.name.text, "keeper");
  EXPECT_THAT(declared(s.scope), ElementsAre("shelf:integer", "floor:text"));
  ASSERT_EQ(s.from.size(), 2U);
  EXPECT_FALSE(s.from[0].is_user);
  EXPECT_EQ(s.from[0].name.text, "staff");
  EXPECT_TRUE(s.from[1].is_user);
  EXPECT_EQ(s.from[1].name.text, "u-1");
  EXPECT_THAT(texts(s.includes), ElementsAre("reader", "guest"));
  auto const bare = one<ast::role_sentence>("role reader;");
  EXPECT_TRUE(bare.scope.empty() && bare.from.empty() && bare.includes.empty());
}

TEST_P(policy_sentence, protects_and_uses) {
  EXPECT_THAT(joined(one<ast::protects_sentence>("protects loans, main.books;").tables), ElementsAre("loans", "main.books"));
  auto const u = one<ast::uses_sentence>("uses people version 3;");
  EXPECT_EQ(u.policy.text, "people");
  EXPECT_EQ(u.version, 3U);
}

TEST_P(policy_sentence, tag_and_history) {
  auto const t = one<ast::tag_sentence>("tag (mail, phone) on readers as personal;");
  EXPECT_THAT(texts(t.columns), ElementsAre("mail", "phone"));
  EXPECT_EQ(joined(t.table), "readers");
  EXPECT_EQ(t.tag.text, "personal");
  auto const h = one<ast::history_sentence>("keep history of loans in loans_before;");
  EXPECT_EQ(joined(h.table), "loans");
  EXPECT_EQ(joined(h.history), "loans_before");
}

TEST_P(policy_sentence, specification) {
  auto const s = one<ast::specification_sentence>("specification recent (days integer, least text) on loans means taken > days_ago(days);");
  EXPECT_EQ(s.name.text, "recent");
  EXPECT_THAT(declared(s.parameters), ElementsAre("days:integer", "least:text"));
  EXPECT_EQ(joined(s.table), "loans");
  EXPECT_EQ(shown(s.predicate), "taken > days_ago(days)");
  EXPECT_TRUE(one<ast::specification_sentence>("specification mine on loans means reader = principal.id;").parameters.empty());
  auto const subquery = one<ast::specification_sentence>(
      "specification lent on books means exists (select 1 from loans l where l.book = books.id and l.mine);");
  EXPECT_EQ(shown(subquery.predicate), "exists (select 1 from loans as l where (l.book = books.id) and l.mine)");
}

TEST_P(policy_sentence, projection) {
  using enum ast::projection_item::kind;
  auto const s = one<ast::projection_sentence>(
      "projection card on readers shows id, all of basic, mail masked as substr(mail, 1, 1) || '***', all columns except (a, b), all "
      "columns;");
  EXPECT_EQ(s.name.text, "card");
  EXPECT_EQ(joined(s.table), "readers");
  ASSERT_EQ(s.items.size(), 5U);
  EXPECT_EQ(s.items[0].which, column);
  EXPECT_EQ(s.items[0].name.text, "id");
  EXPECT_EQ(s.items[1].which, all_of);
  EXPECT_EQ(s.items[1].name.text, "basic");
  EXPECT_EQ(s.items[2].which, masked);
  EXPECT_EQ(s.items[2].name.text, "mail");
  EXPECT_EQ(shown(s.items[2].mask), "substr(mail, 1, 1) || '***'");
  EXPECT_EQ(s.items[3].which, all_columns);
  EXPECT_THAT(texts(s.items[3].except), ElementsAre("a", "b"));
  EXPECT_EQ(s.items[4].which, all_columns);
  EXPECT_TRUE(s.items[4].except.empty());
}

TEST_P(policy_sentence, allow_names_columns_by_method) {
  using kind = ast::column_set::kind;
  auto const s = one<ast::allow_sentence>(
      "allow reader, public to select (id, title), insert full, update all columns except (id), delete, purge, filter (mail),"
      " aggregate (days, title) over at least 5 distinct reader_id on loans, main.books;");
  EXPECT_THAT(texts(s.roles), ElementsAre("reader", "public"));
  EXPECT_THAT(joined(s.tables), ElementsAre("loans", "main.books"));
  ASSERT_EQ(s.methods.size(), 7U);
  std::vector<method> methods;
  std::vector<kind> kinds;
  for (auto const& m : s.methods) {
    methods.push_back(m.method);
    kinds.push_back(m.columns.which);
    EXPECT_FALSE(m.blind);
  }
  using enum method;
  EXPECT_THAT(methods, ElementsAre(select, insert, update, method::remove, purge, filter, aggregate));
  EXPECT_THAT(kinds, ElementsAre(kind::listed, kind::projection, kind::all, kind::none, kind::none, kind::listed, kind::listed));
  EXPECT_THAT(texts(s.methods[0].columns.columns), ElementsAre("id", "title"));
  EXPECT_EQ(s.methods[1].columns.projection.text, "full");
  EXPECT_THAT(texts(s.methods[2].columns.except), ElementsAre("id"));
  EXPECT_EQ(s.methods[6].at_least, 5U);
  EXPECT_EQ(s.methods[6].distinct_column.text, "reader_id");
  EXPECT_EQ(s.methods[5].at_least, 0U);
}

TEST_P(policy_sentence, allow_update_blind) {
  auto const blind = one<ast::allow_sentence>("allow clerk to update blind (mail) on readers;");
  EXPECT_TRUE(blind.methods[0].blind);
  EXPECT_THAT(texts(blind.methods[0].columns.columns), ElementsAre("mail"));
  auto const projection = one<ast::allow_sentence>("allow clerk to update blind on readers;");
  EXPECT_FALSE(projection.methods[0].blind);
  EXPECT_EQ(projection.methods[0].columns.projection.text, "blind");
}

TEST_P(policy_sentence, allow_takes_its_clauses_in_any_order) {
  for (std::string_view const clauses :
       {"setting shelf = 1, state = 'new' where reader = principal.id so that state = 'returned' when context.network = 'internal'"
        " because 'it''s theirs' until '2030-01-01'",
        "until '2030-01-01' because 'it''s theirs' when context.network = 'internal' so that state = 'returned'"
        " where reader = principal.id setting shelf = 1, state = 'new'"}) {
    auto const s = one<ast::allow_sentence>("allow reader to update (state) on loans " + std::string(clauses) + ";");
    ASSERT_EQ(s.settings.size(), 2U);
    EXPECT_EQ(s.settings[0].column.text, "shelf");
    EXPECT_EQ(shown(s.settings[0].value), "1");
    EXPECT_EQ(s.settings[1].column.text, "state");
    EXPECT_EQ(shown(s.settings[1].value), "'new'");
    EXPECT_EQ(shown(s.where), "reader = principal.id");
    EXPECT_EQ(shown(s.so_that), "state = 'returned'");
    EXPECT_EQ(shown(s.when), "context.network = 'internal'");
    EXPECT_EQ(s.because.text, "it's theirs");
    EXPECT_EQ(s.until.text, "2030-01-01");
  }
}

// A predicate ends where SQL's expression ends, whatever it ends with.
TEST_P(policy_sentence, no_clause_is_swallowed_by_the_expression_before_it) {
  for (std::string_view const end :
       {"a = b", "a", "principal.x", "f(a)", "a is null", "a is not null", "not a", "a in (1, 2)", "a between 1 and 2", "a like 'x%'",
        "exists (select 1 from t)", "(a or b)", "a = 'x'", "case when a then b else c end", "a = (select max(x) from t where y)",
        "cast(a as integer)", "a = -1", "a collate nocase"})
    for (std::string_view const clause : {"so that z", "when z", "because 'z'", "until 'z'", "setting z = 1"}) {
      auto const s = one<ast::allow_sentence>("allow r to update (a) on t where " + std::string(end) + " " + std::string(clause) + ";");
      auto const plain = one<ast::allow_sentence>("allow r to update (a) on t where " + std::string(end) + ";");
      EXPECT_EQ(shown(s.where), shown(plain.where));
      EXPECT_EQ((s.so_that != nullptr) + (s.when != nullptr) + !s.because.text.empty() + !s.until.text.empty() + !s.settings.empty(), 1)
          << clause;
    }
}

TEST_P(policy_sentence, restrict) {
  auto const s = one<ast::restrict_sentence>("restrict select, update on loans, books to not archived except for keeper, clerk;");
  EXPECT_THAT(s.methods, ElementsAre(method::select, method::update));
  EXPECT_THAT(joined(s.tables), ElementsAre("loans", "books"));
  EXPECT_EQ(shown(s.predicate), "not archived");
  EXPECT_THAT(texts(s.except_roles), ElementsAre("keeper", "clerk"));
  EXPECT_TRUE(one<ast::restrict_sentence>("restrict delete on loans to false;").except_roles.empty());
}

TEST_P(policy_sentence, mask) {
  auto const s = one<ast::mask_sentence>("mask (name as 'withheld', mail as left_of(mail, 1)) on readers where shy except for keeper;");
  ASSERT_EQ(s.items.size(), 2U);
  EXPECT_EQ(s.items[0].column.text, "name");
  EXPECT_EQ(shown(s.items[0].value), "'withheld'");
  EXPECT_EQ(shown(s.items[1].value), "left_of(mail, 1)");
  EXPECT_EQ(joined(s.table), "readers");
  EXPECT_EQ(shown(s.where), "shy");
  EXPECT_THAT(texts(s.except_roles), ElementsAre("keeper"));
  EXPECT_EQ(one<ast::mask_sentence>("mask (name as null) on readers;").where, nullptr);
}

TEST_P(policy_sentence, deny) {
  using kind = ast::column_set::kind;
  auto const tagged = one<ast::deny_sentence>("deny guest, temp to select, filter columns tagged personal on readers when context.x = 1;");
  EXPECT_THAT(texts(tagged.roles), ElementsAre("guest", "temp"));
  ASSERT_EQ(tagged.methods.size(), 2U);
  EXPECT_EQ(tagged.methods[0].method, method::select);
  EXPECT_EQ(tagged.methods[1].method, method::filter);
  EXPECT_EQ(tagged.tag.text, "personal");
  EXPECT_THAT(joined(tagged.tables), ElementsAre("readers"));
  EXPECT_EQ(shown(tagged.when), "context.x = 1");

  auto const everywhere = one<ast::deny_sentence>("deny guest to select columns tagged personal;");
  EXPECT_EQ(everywhere.methods[0].columns.which, kind::none);
  EXPECT_TRUE(everywhere.tables.empty());

  auto const listed = one<ast::deny_sentence>("deny guest to select, update (a, b) on t;");
  for (auto const& m : listed.methods) {  // what follows the methods holds for each
    EXPECT_EQ(m.columns.which, kind::listed);
    EXPECT_THAT(texts(m.columns.columns), ElementsAre("a", "b"));
  }
  EXPECT_TRUE(listed.tag.text.empty());
  EXPECT_EQ(one<ast::deny_sentence>("deny guest to delete on t;").methods[0].columns.which, kind::none);
  EXPECT_EQ(one<ast::deny_sentence>("deny guest to select columns on t;").methods[0].columns.projection.text, "columns");
}

TEST_P(policy_sentence, exempt_and_share) {
  for (std::string_view const text : {"exempt meters, clocks for select, insert because 'no persons' until '2030-01-01';",
                                      "exempt meters, clocks for select, insert until '2030-01-01' because 'no persons';"}) {
    auto const e = one<ast::exempt_sentence>(text);
    EXPECT_THAT(joined(e.tables), ElementsAre("meters", "clocks"));
    EXPECT_THAT(e.methods, ElementsAre(method::select, method::insert));
    EXPECT_EQ(e.because.text, "no persons");
    EXPECT_EQ(e.until.text, "2030-01-01");
  }
  auto const s = one<ast::share_sentence>("share (id, shelf) on books with policy lending;");
  EXPECT_THAT(texts(s.columns), ElementsAre("id", "shelf"));
  EXPECT_EQ(joined(s.table), "books");
  EXPECT_EQ(s.policy.text, "lending");
}

TEST_P(policy_sentence, given) {
  auto const s = one<ast::given_sentence>("given readers (id, name) values (1, 'Ada'), (-2, null);");
  EXPECT_EQ(joined(s.table), "readers");
  EXPECT_THAT(texts(s.columns), ElementsAre("id", "name"));
  ASSERT_EQ(s.rows.size(), 2U);
  EXPECT_EQ(shown(s.rows[0][1]), "'Ada'");
  EXPECT_EQ(shown(s.rows[1][0]), "- 2");
  EXPECT_EQ(shown(s.rows[1][1]), "null");
}

TEST_P(policy_sentence, caller) {
  auto const s = one<ast::caller_sentence>("caller ada is keeper (shelf = 1, floor = 'n'), reader with id = 7, mail = 'a@b';");
  EXPECT_EQ(s.name.text, "ada");
  ASSERT_EQ(s.roles.size(), 2U);
  EXPECT_EQ(s.roles[0].name.text, "keeper");
  EXPECT_EQ(shown(s.roles[0].scope), "shelf=1;floor='n';");
  EXPECT_EQ(s.roles[1].name.text, "reader");
  EXPECT_TRUE(s.roles[1].scope.empty());
  EXPECT_EQ(shown(s.attributes), "id=7;mail='a@b';");
  EXPECT_TRUE(one<ast::caller_sentence>("caller bo is reader;").attributes.empty());
}

TEST_P(policy_sentence, expect) {
  auto const s = one<ast::expect_sentence>("expect ada with network = 'x' can select (id, mail as 'a***') on readers where id in (1, 2);");
  EXPECT_EQ(s.caller.text, "ada");
  EXPECT_EQ(shown(s.context), "network='x';");
  EXPECT_TRUE(s.can);
  EXPECT_EQ(s.method, method::select);
  ASSERT_EQ(s.columns.size(), 2U);
  EXPECT_EQ(s.columns[0].name.text, "id");
  EXPECT_EQ(s.columns[0].value, nullptr);
  EXPECT_EQ(shown(s.columns[1].value), "'a***'");
  EXPECT_EQ(joined(s.table), "readers");
  EXPECT_EQ(shown(s.where), "id in (1, 2)");
  auto const n = one<ast::expect_sentence>("expect ada cannot update (state = 'lost') on loans;");
  EXPECT_FALSE(n.can);
  EXPECT_EQ(n.method, method::update);
  EXPECT_EQ(shown(n.columns[0].value), "'lost'");
  EXPECT_EQ(n.where, nullptr);
  EXPECT_EQ(one<ast::expect_sentence>("expect ada can delete on loans;").method, method::remove);
}

TEST_P(policy_sentence, grilles_words_are_names_too) {
  auto const s = one<ast::allow_sentence>(
      "allow policy, owner, because to select (tag, mask, until, setting, so, that, over, least, blind, role) on allow, keep.deny"
      " where setting = so and that > principal.until so that until = because because 'x';");
  EXPECT_THAT(texts(s.roles), ElementsAre("policy", "owner", "because"));
  EXPECT_THAT(joined(s.tables), ElementsAre("allow", "keep.deny"));
  EXPECT_EQ(s.methods[0].columns.columns.size(), 10U);
  EXPECT_EQ(s.because.text, "x");
  for (auto const word : policy::sentence_words) {
    auto const w = std::string(word);
    auto const p = one<ast::projection_sentence>("projection " + w + " on " + w + " shows " + w + ", " + w + " masked as " + w + ";");
    EXPECT_EQ(p.items.size(), 2U) << w;
  }
  EXPECT_THAT(texts(one<ast::allow_sentence>("allow \"order\", \"Two Words\" to delete on t;").roles), ElementsAre("order", "Two Words"));
}

TEST_P(policy_sentence, case_of_letters_and_comments_do_not_matter) {
  auto const s = one<ast::allow_sentence>("ALLOW reader /* who; */ To Select (id) -- what;\n ON loans WHERE a SO THAT b BECAUSE 'x; y';");
  EXPECT_EQ(shown(s.where), "a");
  EXPECT_EQ(shown(s.so_that), "b");
  EXPECT_EQ(s.because.text, "x; y");
}

TEST_P(policy_sentence, each_first_word_decides_one_kind) {
  std::set<std::string_view> const distinct(policy::sentence_words.begin(), policy::sentence_words.end());
  EXPECT_EQ(distinct.size(), policy::sentence_words.size());
  EXPECT_EQ(policy::sentence_words.size(), std::variant_size_v<decltype(ast::sentence::node)>);
  for (auto const word : policy::sentence_words) {
    auto const parsed = parse_policy(std::string(word) + " ) ;", GetParam(), arena_);
    ASSERT_EQ(parsed.faults.size(), 1U) << word;
    EXPECT_EQ(parsed.faults[0].at.begin, word.size() + 1) << word << ": " << parsed.faults[0].message;  // the first word was taken
  }
}

TEST_P(policy_sentence, ranges_reach_from_the_first_word_to_the_semicolon) {
  std::string_view const text = "-- a comment\nsection 'a' ;  ; section 'b';";
  auto const all = read(text);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(text.substr(all[0].at.begin, all[0].at.end - all[0].at.begin), "section 'a' ;");
  EXPECT_EQ(text.substr(all[1].at.begin, all[1].at.end - all[1].at.begin), "section 'b';");
}

TEST_P(policy_sentence, an_empty_file_has_no_sentences) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("-- nothing\n").empty());
}

TEST_P(policy_sentence, the_book_stores_policy_parses) {
  std::filesystem::path const path = std::string(GRILLE_SOURCE_DIR) + "/examples/bookstore.grille";
  ASSERT_TRUE(std::filesystem::exists(path));
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  auto const source = text.str();
  auto const sentences = read(source);
  std::map<std::size_t, int> kinds;
  for (auto const& s : sentences) ++kinds[s.node.index()];
  EXPECT_EQ(kinds.size(), std::variant_size_v<decltype(ast::sentence::node)> - 1);  // each kind but `uses`
  // Counted otherwise: sentences are what ends in `;` outside of comments and texts.
  std::size_t semicolons = 0;
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    bool in_text = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\'') in_text = !in_text;
      if (!in_text && line.compare(i, 2, "--") == 0) break;
      if (!in_text && line[i] == ';') ++semicolons;
    }
  }
  EXPECT_EQ(sentences.size(), semicolons);
}

}  // namespace
}  // namespace grille::grammar
