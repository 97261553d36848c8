#include "audit/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "audit/digest.hpp"

namespace grille::audit {

namespace {

constexpr std::string_view purpose_of_record = "grille audit record 1";
constexpr std::string_view purpose_of_head = "grille audit head 1";
constexpr std::string_view hash_member = R"(,"hash":")";
constexpr std::string_view signature_member = R"(,"signature":")";
constexpr std::size_t digits_of_hash = 64;
constexpr std::size_t digits_of_chain = 32;
constexpr std::size_t digits_of_signature = 128;

std::string text_of(timestamp t) {
  auto const day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day const date(day);
  std::chrono::hh_mm_ss const time(t - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

/// Bytes that are no UTF-8 become U+FFFD.
std::string dumped(body const& b) { return b.dump(-1, ' ', false, body::error_handler_t::replace); }

body begun(place const& at, timestamp when, std::string_view type) {
  body all;
  all["v"] = format_version;
  all["chain"] = at.chain;
  all["seq"] = at.sequence;
  all["prev"] = at.previous;
  all["at"] = text_of(when);
  all["type"] = type;
  return all;
}

/// Adds a last member to an object.
std::string with(std::string object, std::string_view member, std::string_view digits) {
  object.pop_back();
  object.append(member).append(digits).append("\"}");
  return object;
}

line ended(std::string object) {
  object.pop_back();
  auto hash = digest(purpose_of_record, object);
  object += '}';
  return {with(std::move(object), hash_member, hash) + "\n", std::move(hash)};
}

bool digits(body const& said, char const* name, std::size_t count) {
  auto const at = said.find(name);
  if (at == said.end() || !at->is_string()) return false;
  auto const& text = at->get_ref<std::string const&>();
  return text.size() == count && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool is_text(body const& said, char const* name) {
  auto const at = said.find(name);
  return at != said.end() && at->is_string();
}

tl::unexpected<std::string> wrong(std::string why) { return tl::unexpected(std::move(why)); }

}  // namespace

line write(place const& at, timestamp when, std::string_view type, body const& what) {
  auto all = begun(at, when, type);
  for (auto const& [name, value] : what.items()) all[name] = value;
  return ended(dumped(all));
}

line write_head(place const& at, timestamp when, std::string_view why, secret_key const* key) {
  auto all = begun(at, when, "head");
  all["why"] = why;
  if (key == nullptr) return ended(dumped(all));
  all["key"] = key->of_public();
  auto object = dumped(all);
  auto const content = std::string_view(object).substr(0, object.size() - 1);
  auto const signature = key->sign(std::string(purpose_of_head) + '\0' + std::string(content));
  return ended(with(std::move(object), signature_member, signature));
}

body body_of(audit_event const& e) {
  body b;
  auto const say = [&](char const* name, std::string const& text) {
    if (!text.empty()) b[name] = text;
  };
  b["phase"] = to_string(e.phase);
  b["id"] = e.id;
  say("transaction", e.transaction);
  b["principal"] = e.principal;
  say("on_behalf_of", e.on_behalf_of);
  say("policy", e.policy);
  say("policy_version", e.policy_version);
  b["decision"] = e.decision;
  say("statement", e.statement_hash);
  say("rewritten", e.rewritten_hash);
  if (!e.grants.empty()) b["grants"] = e.grants;
  if (!e.accesses.empty()) {
    b["accesses"] = body::array();
    for (auto const& a : e.accesses) b["accesses"].push_back({{"table", a.table}, {"method", to_string(a.method)}, {"columns", a.columns}});
  }
  if (e.phase == phase::finished) b["affected"] = e.affected;
  say("sqlstate", e.sqlstate);
  say("detail", e.detail);
  return b;
}

body told_of(std::string_view torn) { return {{"bytes", torn.size()}, {"digest", digest(torn)}}; }

bool tells_of(record const& r, std::string_view torn) {
  return r.type == "torn" && says(r, "bytes", torn.size()) && says(r, "digest", digest(torn));
}

bool says(record const& r, char const* name, body const& what) {
  auto const at = r.said.find(name);
  return at != r.said.end() && *at == what;
}

tl::expected<record, std::string> read(std::string_view text) {
  auto const tail = hash_member.size() + digits_of_hash + 2;
  if (text.size() <= tail || !text.ends_with("\"}") || text.substr(text.size() - tail, hash_member.size()) != hash_member)
    return wrong("it is no record of an audit trail");
  auto const content = text.substr(0, text.size() - tail);
  auto const hash = text.substr(text.size() - digits_of_hash - 2, digits_of_hash);
  if (digest(purpose_of_record, content) != hash) return wrong("its hash is not of its text: it was changed");

  auto said = body::parse(text, nullptr, false);
  if (said.is_discarded() || !said.is_object() || dumped(said) != text) return wrong("it is not in the form that records are written in");
  if (auto const v = said.find("v"); v == said.end() || *v != format_version) return wrong("it is of a version of the format that is not known");
  auto const number = said.find("seq");
  if (!digits(said, "chain", digits_of_chain) || !digits(said, "prev", digits_of_hash) || number == said.end() || !number->is_number_unsigned() ||
      !is_text(said, "type") || !is_text(said, "at"))
    return wrong("it lacks what every record has");
  return record{.chain = said["chain"],
                .sequence = number->get<std::uint64_t>(),
                .previous = said["prev"],
                .type = said["type"],
                .hash = std::string(hash),
                .said = std::move(said)};
}

signature signature_of(record const& head, std::string_view text) {
  if (!head.said.contains("signature")) return signature::none;
  auto const tail = signature_member.size() + digits_of_signature + 1 + hash_member.size() + digits_of_hash + 2;
  if (!digits(head.said, "signature", digits_of_signature) || !digits(head.said, "key", digits_of_hash) || text.size() <= tail ||
      text.substr(text.size() - tail, signature_member.size()) != signature_member)
    return signature::bad;
  auto const content = text.substr(0, text.size() - tail);
  auto const good = signed_by(head.said["key"].get<std::string>(), std::string(purpose_of_head) + '\0' + std::string(content),
                              head.said["signature"].get_ref<std::string const&>());
  return good ? signature::good : signature::bad;
}

}  // namespace grille::audit
