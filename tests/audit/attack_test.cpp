// What somebody does to a trail who can write to its files, with and without making hashes anew, and who has not the key.
#include <algorithm>

#include "audit/digest.hpp"
#include "audit/record.hpp"
#include "audit/trail_on_disk.hpp"

namespace {

using namespace audit_tests;
using grille::audit::expectations;
using testing::HasSubstr;
using testing::StartsWith;

class attack : public trail_on_disk {
 protected:
  attack() {
    key_ = make_keys();
    {
      grille::file_audit sink(file(), {.key = file("k.key"), .head_every = 4});
      for (int i = 0; i < 6; ++i) sink.write(event("id-" + std::to_string(i)));
      head_ = sink.head();
    }
    text_ = read(file());
    lines_ = lines(text_);
  }
  std::string after(std::string const& text, expectations const& e = {}) const {
    write(file(), text);
    return fault(e);
  }
  /// The lines with all hashes made anew from line `from` on, as `change` has their bodies.
  std::vector<std::string> forged(std::size_t from, auto const& change) const {
    auto out = lines_;
    grille::audit::place p;
    for (std::size_t i = 0; i < out.size(); ++i) {
      auto const r = *grille::audit::read(std::string_view(out[i]).substr(0, out[i].size() - 1));
      if (i >= from) {
        auto said = r.said;
        for (auto const* name : {"v", "chain", "seq", "prev", "at", "type", "hash"}) said.erase(name);
        change(r.type, said);
        auto const l = grille::audit::write({.chain = r.chain, .sequence = r.sequence, .previous = p.previous}, grille::timestamp{}, r.type, said);
        out[i] = l.text;
        p.previous = l.hash;
      } else {
        p.previous = r.hash;
      }
    }
    return out;
  }

  std::string key_, text_;
  std::vector<std::string> lines_;
  grille::audit_head head_;
};

TEST_F(attack, nothing_is_wrong_with_what_nobody_touched) {
  ASSERT_EQ(lines_.size(), 10U) << "opened, its head, six events, a head between, the last head";
  EXPECT_EQ(fault({.keys = {key_}, .head = head_, .closed = true}), "good");
  auto const t = grille::audit::verify({file()}, {});
  EXPECT_EQ(t.records, 10U);
  EXPECT_EQ(t.first, 1U);
  EXPECT_EQ(t.last.sequence, 10U);
  EXPECT_EQ(t.signed_heads, 3U);
  EXPECT_EQ(t.last_signed, 10U);
  EXPECT_TRUE(t.closed);
  EXPECT_THAT(t.signers, testing::ElementsAre(key_));
}

TEST_F(attack, every_byte_counts) {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    auto changed = text_;
    changed[i] = static_cast<char>(changed[i] ^ static_cast<char>(1 << i % 7));
    auto const line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(i), '\n');
    ASSERT_THAT(after(changed), StartsWith(std::to_string(line) + ": ")) << "byte " << i;
  }
}

TEST_F(attack, bytes_that_are_gone_or_new_are_noticed) {
  for (std::size_t i = 0; i < text_.size(); i += 7) {
    ASSERT_NE(after(text_.substr(0, i) + text_.substr(i + 1)), "good") << "without byte " << i;
    ASSERT_NE(after(text_.substr(0, i) + " " + text_.substr(i)), "good") << "with one before byte " << i;
    ASSERT_NE(after(text_.substr(0, i) + "\n" + text_.substr(i)), "good") << "with a line feed before byte " << i;
  }
}

TEST_F(attack, lines_that_are_gone_doubled_moved_or_new_are_noticed) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    auto without = lines_;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    if (i > 0 && i + 1 < lines_.size()) {
      ASSERT_THAT(after(joined(without)), StartsWith(std::to_string(i + 1) + ": it is record ")) << i;
    }
    auto doubled = lines_;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), lines_[i]);
    ASSERT_THAT(after(joined(doubled)), StartsWith(std::to_string(i + 2) + ": it is record ")) << i;
    for (std::size_t k = i + 1; k < lines_.size(); ++k) {
      auto moved = lines_;
      std::swap(moved[i], moved[k]);
      ASSERT_NE(after(joined(moved)), "good") << i << " and " << k;
    }
  }
  auto empty = lines_;
  empty.insert(empty.begin() + 3, "\n");
  EXPECT_THAT(after(joined(empty)), StartsWith("4: it is no record"));
}

TEST_F(attack, the_beginning_is_told_where_it_is_not_the_first) {
  auto without = lines_;
  without.erase(without.begin());
  EXPECT_EQ(after(joined(without)), "good") << "as if an older file was not given";
  EXPECT_EQ(grille::audit::verify({file()}, {}).first, 2U);
}

TEST_F(attack, what_is_cut_off_behind_a_record_is_known_by_a_head_kept_elsewhere) {
  for (std::size_t i = 1; i < lines_.size(); ++i) {
    auto const cut = joined({lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(i)});
    EXPECT_EQ(after(cut), "good") << "nothing in it can tell";
    EXPECT_THAT(after(cut, {.closed = true}), HasSubstr("was cut off")) << i;
    if (i < head_.sequence) {
      EXPECT_THAT(after(cut, {.head = head_}), HasSubstr("is not in it")) << i;
    }
  }
  auto const t = grille::audit::verify({file()}, {});
  EXPECT_EQ(t.last_signed, 7U) << "what is behind is not covered";
  EXPECT_THAT(after(text_.substr(0, text_.size() - 1)), HasSubstr("it was cut off"));
}

TEST_F(attack, one_line_with_its_hash_made_anew_is_not_chained_to_the_next) {
  for (std::size_t i = 2; i + 1 < lines_.size(); ++i) {
    auto said = grille::audit::read(std::string_view(lines_[i]).substr(0, lines_[i].size() - 1))->said;
    auto const type = said["type"].get<std::string>();
    if (type != "event") continue;
    grille::audit::place const p{.chain = said["chain"], .sequence = said["seq"], .previous = said["prev"]};
    for (auto const* name : {"v", "chain", "seq", "prev", "at", "type", "hash"}) said.erase(name);
    said["principal"] = "somebody else";
    auto changed = lines_;
    changed[i] = grille::audit::write(p, grille::timestamp{}, type, said).text;
    ASSERT_EQ(after(joined(changed)), std::to_string(i + 2) + ": it is not chained to the record before it");
  }
}

TEST_F(attack, hashes_made_anew_do_not_make_signatures) {
  auto const renamed = [](std::string const& type, grille::audit::body& said) {
    if (type == "event") said["principal"] = "somebody else";
  };
  EXPECT_THAT(after(joined(forged(3, renamed))), HasSubstr("its signature is not good"));
  auto const stripped = [&](std::string const& type, grille::audit::body& said) {
    renamed(type, said);
    said.erase("key");
    said.erase("signature");
  };
  EXPECT_EQ(after(joined(forged(3, stripped)), {.keys = {key_}}), "good") << "only what a signature covers is safe";
  EXPECT_EQ(grille::audit::verify({file()}, {}).last_signed, 2U) << "and it is told how far that is";
  EXPECT_THAT(after(joined(forged(3, stripped)), {.head = head_}), HasSubstr("it is not the head that is expected"));
  EXPECT_THAT(after(joined(forged(0, stripped)), {.keys = {key_}}), HasSubstr("no head is signed"));
}

TEST_F(attack, another_key_is_not_the_key) {
  auto const other = make_keys("other");
  std::filesystem::remove(file());
  { grille::file_audit(file(), {.key = file("other.key")}).write(event("a")); }
  EXPECT_EQ(fault(), "good") << "it names its own key";
  EXPECT_EQ(fault({.keys = {key_}}), "2: it is signed by another key, " + other);
  EXPECT_EQ(fault({.keys = {key_, other}}), "good");
  std::filesystem::remove(file());
  { grille::file_audit(file()).write(event("a")); }
  EXPECT_EQ(fault(), "good");
  EXPECT_EQ(fault({.keys = {key_}}), "0: no head is signed");
}

TEST_F(attack, a_signature_of_one_head_is_not_anothers) {
  auto const signature = [](std::string const& line) { return line.substr(line.find("\"signature\":\"") + 13, 128); };
  auto changed = forged(9, [&](std::string const&, grille::audit::body& said) { said["signature"] = signature(lines_[1]); });
  EXPECT_THAT(after(joined(changed)), StartsWith("10: its signature is not good"));
}

TEST_F(attack, lines_of_another_trail_are_no_part_of_it) {
  std::filesystem::remove(file());
  {
    grille::file_audit sink(file(), {.key = file("k.key"), .head_every = 4});
    for (int i = 0; i < 6; ++i) sink.write(event("id-" + std::to_string(i)));
  }
  auto const other = lines(read(file()));
  for (std::size_t i = 1; i < lines_.size(); ++i) {
    auto mixed = lines_;
    mixed[i] = other[i];
    ASSERT_EQ(after(joined(mixed)), std::to_string(i + 1) + ": it is of another trail");
  }
}

TEST_F(attack, records_of_more_than_they_are_read_as_are_refused) {
  // with hashes that are right: what is refused is the form
  auto const line = [&](std::string content) { return content + ",\"hash\":\"" + grille::audit::digest("grille audit record 1", content) + "\"}\n"; };
  auto const begun = lines_[0].substr(0, lines_[0].find(",\"hash\""));
  EXPECT_EQ(after(line(begun)), "good");
  EXPECT_THAT(after(line(begun + ",\"why\":\"twice\"")), HasSubstr("not in the form"));
  EXPECT_THAT(after(line(begun + ", \"a\":1")), HasSubstr("not in the form"));
  EXPECT_THAT(after(line(begun + ",\"a\":\"\\u0041\"")), HasSubstr("not in the form"));
  EXPECT_THAT(after(line("{\"v\":2" + begun.substr(6))), HasSubstr("a version of the format that is not known"));
  EXPECT_THAT(after(line("{\"v\":1")), HasSubstr("it lacks what every record has"));
  EXPECT_THAT(after(line("[1")), HasSubstr("not in the form"));
}

TEST_F(attack, digests_are_those_of_blake2b_and_apart_by_purpose) {
  // printf 'grille audit record 1\0x' | b2sum -l 256
  EXPECT_EQ(grille::audit::digest("grille audit record 1", "x"), "35035c7d0e6c5b01f1c4a697d7438db5c62a760614ebfad2e7e51c055d369b73");
  EXPECT_NE(grille::audit::digest("a", "bc"), grille::audit::digest("ab", "c"));
}

}  // namespace
