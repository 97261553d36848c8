// How a trail is written: what a crash, a full disk, another process and a new file do to it.
#include <csignal>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

#include "audit/record.hpp"
#include "audit/trail_on_disk.hpp"

namespace {

using namespace audit_tests;
using testing::HasSubstr;
using testing::StartsWith;

class audit_file : public trail_on_disk {
 protected:
  std::string type_of(std::string const& line) const { return grille::audit::read(std::string_view(line).substr(0, line.size() - 1))->type; }
  std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (auto const& l : lines(read(file()))) out.push_back(type_of(l));
    return out;
  }
};

TEST_F(audit_file, a_record_is_a_line_of_json_with_all_of_the_event) {
  grille::audit_event e = event("4f", "done");
  e.phase = grille::phase::finished;
  e.transaction = "77.2";
  e.on_behalf_of = "b-18";
  e.policy = "f1";
  e.policy_version = "shop 2";
  e.rewritten_hash = "b1";
  e.sqlstate = "22P02";
  e.detail = "line\nfeed \"quoted\" \xff";
  e.affected = 3;
  e.at = grille::timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) + std::chrono::microseconds(1);
  { grille::file_audit(file()).write(e); }
  auto const all = lines(read(file()));
  ASSERT_EQ(all.size(), 4U);
  EXPECT_THAT(all[2], testing::ContainsRegex(
                          R"(^\{"v":1,"chain":"[0-9a-f]{32}","seq":3,"prev":"[0-9a-f]{64}","at":"2026-11-26T00:00:00\.000001Z","type":"event",)"
                          R"("phase":"finished","id":"4f","transaction":"77\.2","principal":"b-17","on_behalf_of":"b-18","policy":"f1",)"
                          R"("policy_version":"shop 2","decision":"done","statement":"a{64}","rewritten":"b1",)"
                          R"("grants":\["shop\.grille:3: allow buyer to select \(id\) on orders;"\],)"
                          R"("accesses":\[\{"table":"main\.orders","method":"select","columns":\["id"\]\}\],"affected":3,"sqlstate":"22P02",)"
                          R"("detail":"line\\nfeed \\"quoted\\" .*","hash":"[0-9a-f]{64}"\})"));
  struct stat about {};
  ASSERT_EQ(stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U) << "details are nobody else's";
}

TEST_F(audit_file, a_chain_goes_on_when_it_is_opened_anew) {
  make_keys();
  for (int i = 0; i < 3; ++i) grille::file_audit(file(), {.key = file("k.key"), .sync = i == 1}).write(event(std::to_string(i)));
  EXPECT_EQ(fault(), "good");
  EXPECT_EQ(grille::audit::verify({file()}, {}).records, 12U);
}

TEST_F(audit_file, one_process_has_it) {
  grille::file_audit const mine(file());
  EXPECT_EQ(failure([&] { grille::file_audit const again(file()); }), "unavailable: the audit file " + file().string() + " is in use by another process");
}

TEST_F(audit_file, what_is_no_trail_is_left_alone) {
  write(file(), "id,name\n1,Anna\n");
  EXPECT_THAT(failure([&] { grille::file_audit const again(file()); }), StartsWith("usage: the audit file " + file().string() + " is not an audit trail"));
  EXPECT_EQ(read(file()), "id,name\n1,Anna\n");
  EXPECT_THAT(failure([&] { grille::file_audit{folder_}; }), StartsWith("unavailable: "));
  EXPECT_THAT(failure([&] { grille::file_audit{"/dev/null"}; }), HasSubstr("is no file"));
  EXPECT_THAT(failure([&] { grille::file_audit{folder_ / "none" / "x"}; }), HasSubstr("cannot be opened"));
}

TEST_F(audit_file, keys_are_refused_that_are_damaged_or_open_to_others) {
  make_keys();
  auto const with_key = [&](std::string const& name) { return failure([&] { grille::file_audit(file(), {.key = file(name)}); }); };
  EXPECT_EQ(with_key("k.key"), "nothing");
  EXPECT_THAT(with_key("none"), StartsWith("usage: "));
  EXPECT_THAT(with_key("k.pub"), StartsWith("usage: "));
  auto const text = read(file("k.key"));
  auto damaged = text;
  damaged[40] = damaged[40] == '0' ? '1' : '0';
  write(file("k.key"), damaged);
  EXPECT_THAT(with_key("k.key"), HasSubstr("is damaged"));
  write(file("k.key"), text);
  ASSERT_EQ(chmod(file("k.key").c_str(), 0640), 0);
  EXPECT_THAT(with_key("k.key"), HasSubstr("may be used by others"));
  EXPECT_FALSE(grille::audit::write_keys(grille::audit::make_key(), file("k.key"), file("other.pub"))) << "never over another";
  EXPECT_EQ(read(file("k.key")), text);
  EXPECT_EQ(failure([&] { grille::file_audit(file()).sign(); }), "usage: the audit file has no key to sign with");
}

TEST_F(audit_file, heads_are_signed_at_intervals_and_when_asked_for) {
  auto const key = make_keys();
  {
    grille::file_audit sink(file(), {.key = file("k.key"), .head_every = 2});
    for (int i = 0; i < 3; ++i) sink.write(event("x"));
    auto const head = sink.sign();
    EXPECT_EQ(head, sink.head());
  }
  EXPECT_THAT(types(), testing::ElementsAre("opened", "head", "event", "event", "head", "event", "head", "head"));
  EXPECT_EQ(grille::audit::verify({file()}, {.keys = {key}}).signed_heads, 4U);
}

TEST_F(audit_file, a_line_that_was_written_in_part_is_told_of) {
  { grille::file_audit(file()).write(event("a")); }
  auto const all = lines(read(file()));
  auto const before = joined({all.begin(), all.end() - 1});
  auto const last = all.back();
  for (std::size_t n = 0; n <= last.size(); n += n + 3 < last.size() ? 7 : 1) {
    write(file(), before + last.substr(0, n));
    bool const part = n > 0 && n < last.size() - 1;
    if (part) {
      EXPECT_THAT(fault(), StartsWith("4: ")) << n << " bytes";
    }
    { grille::file_audit(file()).write(event("b")); }
    EXPECT_EQ(fault(), "good") << n << " bytes";
    auto const t = grille::audit::verify({file()}, {});
    EXPECT_EQ(t.torn.size(), part ? 1U : 0U) << n << " bytes";
    auto mended = read(file());
    EXPECT_THAT(mended, StartsWith(before + last.substr(0, n))) << "nothing is taken away";
    if (part) {
      mended[before.size()] = '[';
      write(file(), mended);
      EXPECT_THAT(fault(), StartsWith("4: ")) << "what was written in part is covered, too";
    }
  }
}

TEST_F(audit_file, the_very_first_line_may_be_written_in_part) {
  { grille::file_audit const begun(file()); }
  auto const first = lines(read(file()))[0];
  for (auto const n : {1UL, 5UL, 100UL, first.size() - 2}) {
    write(file(), first.substr(0, n));
    { grille::file_audit(file()).write(event("b")); }
    EXPECT_EQ(fault(), "good") << n << " bytes";
    EXPECT_EQ(grille::audit::verify({file()}, {}).torn.size(), 1U) << n << " bytes";
  }
}

TEST_F(audit_file, what_is_torn_twice_is_told_of_once) {
  { grille::file_audit(file()).write(event("a")); }
  auto const text = read(file());
  write(file(), text + "{\"v\":1,\"chain\n{\"v\":1,\"seq\n{");
  { grille::file_audit(file()).write(event("b")); }
  EXPECT_EQ(fault(), "good");
  EXPECT_EQ(grille::audit::verify({file()}, {}).torn.size(), 1U);
}

/// No file of this process may grow beyond `bytes` while this lives: as if the disk were full there.
class full_disk {
 public:
  explicit full_disk(std::uintmax_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    auto now = before_;
    now.rlim_cur = bytes;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &now), 0);
  }
  full_disk(full_disk const&) = delete;
  full_disk& operator=(full_disk const&) = delete;
  ~full_disk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int){};
};

TEST_F(audit_file, a_full_disk_fails_the_write_and_the_chain_goes_on_when_there_is_room) {
  {
    grille::file_audit sink(file());
    sink.write(event("a"));
    for (unsigned room : {0U, 1U, 100U, 300U}) {
      full_disk const full(std::filesystem::file_size(file()) + room);
      EXPECT_THAT(failure([&] { sink.write(event("lost")); }), StartsWith("unavailable: the audit file c")) << room;
      EXPECT_THAT(failure([&] { sink.write(event("lost")); }), StartsWith("unavailable: ")) << room;
    }
    sink.write(event("b"));
    {  // all of the record but its line feed
      auto const size = std::filesystem::file_size(file());
      sink.write(event("c"));
      auto const length = std::filesystem::file_size(file()) - size;
      full_disk const full(size + 2 * length - 1);
      EXPECT_THAT(failure([&] { sink.write(event("d")); }), StartsWith("unavailable: "));
    }
    sink.write(event("e"));
  }
  EXPECT_EQ(fault(), "good");
  EXPECT_EQ(grille::audit::verify({file()}, {}).torn.size(), 1U);
  auto const text = read(file());
  for (auto const* id : {"a", "b", "c", "d", "e"}) EXPECT_THAT(text, HasSubstr("\"id\":\"" + std::string(id) + "\""));
}

TEST_F(audit_file, a_file_that_was_cut_is_not_gone_on_with) {
  grille::file_audit sink(file());
  sink.write(event("a"));
  auto const size = std::filesystem::file_size(file());
  std::filesystem::resize_file(file(), size / 2);
  {
    full_disk const full(size / 2);
    EXPECT_THAT(failure([&] { sink.write(event("b")); }), StartsWith("unavailable: "));
  }
  EXPECT_THAT(failure([&] { sink.write(event("c")); }), HasSubstr("was cut off"));
}

std::vector<std::filesystem::path> files_in(std::filesystem::path const& folder) {
  std::vector<std::filesystem::path> out;
  for (auto const& e : std::filesystem::directory_iterator(folder))
    if (e.path().filename().string().starts_with("audit.jsonl") && e.path().extension() != ".next") out.push_back(e.path());
  std::ranges::sort(out);
  return out;
}

TEST_F(audit_file, rotation_continues_the_chain) {
  auto const key = make_keys();
  {
    grille::file_audit sink(file(), {.key = file("k.key"), .rotate_bytes = 3'000});
    for (int i = 0; i < 12; ++i) sink.write(event(std::to_string(i)));
    sink.rotate();
    sink.write(event("last"));
    EXPECT_THAT(failure([&] { grille::file_audit const again(file()); }), HasSubstr("in use by another process")) << "the new file, too";
  }
  auto const all = files_in(folder_);
  ASSERT_GE(all.size(), 4U);
  EXPECT_EQ(fault_of(all, {.keys = {key}, .closed = true}), "good");
  auto backwards = all;
  std::ranges::reverse(backwards);
  EXPECT_EQ(fault_of(backwards), "good") << "the order in which they are named does not matter";
  auto const whole = grille::audit::verify(all, {});
  EXPECT_EQ(whole.first, 1U);

  auto gap = all;
  gap.erase(gap.begin() + 2);
  EXPECT_THAT(fault_of(gap), StartsWith("1: it is record "));
  auto twice = all;
  std::filesystem::copy_file(all[1], folder_ / "copy");
  twice.push_back(folder_ / "copy");
  EXPECT_THAT(fault_of(twice), StartsWith("1: it is record "));
  auto const text = read(all[1]);
  auto const cut = lines(text);
  write(all[1], joined({cut.begin(), cut.end() - 1}));
  EXPECT_THAT(fault_of(all), StartsWith("1: it is record ")) << "the next file knows where this one ended";
  write(all[1], text);
  EXPECT_EQ(fault_of(all), "good");
}

TEST_F(audit_file, a_rotation_that_was_ended_halfway_leaves_one_chain) {
  std::uint64_t last = 0;
  {
    grille::file_audit sink(file());
    sink.write(event("a"));
    last = sink.head().sequence + 1;  // the head of the closing
  }
  auto number = std::to_string(last);
  number.insert(0, 12 - number.size(), '0');
  std::filesystem::create_hard_link(file(), file("audit.jsonl." + number));
  write(file("audit.jsonl.next"), "{\"v\":1");
  { grille::file_audit(file()).write(event("b")); }
  EXPECT_THAT(files_in(folder_), testing::ElementsAre(file()));
  EXPECT_EQ(fault(), "good");
}

TEST_F(audit_file, a_trail_does_not_begin_anew_beside_its_rotated_files) {
  {
    grille::file_audit sink(file());
    sink.rotate();
  }
  std::filesystem::remove(file());
  EXPECT_THAT(failure([&] { grille::file_audit const again(file()); }), StartsWith("usage: "));
}

TEST_F(audit_file, what_was_answered_before_a_kill_is_in_it) {
  make_keys();
  std::set<std::string> answered;
  for (unsigned round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    auto const child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {  // writes from four threads for as long as it lives; answers when the record is written
      close(ends[0]);
      grille::file_audit sink(file(), {.key = file("k.key"), .head_every = 5, .rotate_bytes = 40'000});
      std::vector<std::thread> all;
      for (unsigned t = 0; t < 4; ++t)
        all.emplace_back([&, t] {
          for (unsigned i = 0;; ++i) {
            auto const text = std::to_string(1'000'000 + (round * 4 + t) * 10'000 + i % 10'000) + "-" + std::to_string(100'000 + i / 10'000);
            sink.write(event(text));
            if (::write(ends[1], text.data(), text.size()) < 0) _exit(0);
          }
        });
      for (auto& t : all) t.join();
    }
    close(ends[1]);
    char id[14];
    auto const one = [&] { return ::read(ends[0], id, sizeof id) == static_cast<ssize_t>(sizeof id); };
    for (unsigned n = 0; n < 1 + round * 17 && one(); ++n) answered.emplace(id, sizeof id);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    while (one()) answered.emplace(id, sizeof id);
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    auto const t = grille::audit::verify(files_in(folder_), {});
    if (t.fault) {
      EXPECT_EQ(t.fault->line, lines(read(t.fault->file)).size()) << "nothing but the last line: " << t.fault->why;
    }
  }
  { grille::file_audit const mended(file(), {.key = file("k.key")}); }
  EXPECT_EQ(fault_of(files_in(folder_)), "good");
  std::string text;
  for (auto const& f : files_in(folder_)) text += read(f);
  ASSERT_GT(answered.size(), 500U);
  for (auto const& a : answered) ASSERT_THAT(text, HasSubstr("\"id\":\"" + a + "\""));
}

class threads : public trail_on_disk {};

TEST_F(threads, write_one_trail) {
  constexpr int each = 50;
  {
    grille::file_audit sink(file(), {.head_every = 10, .rotate_bytes = 20'000});
    std::vector<std::thread> all;
    for (int t = 0; t < 6; ++t)
      all.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) sink.write(event(std::to_string(t) + "-" + std::to_string(i)));
      });
    all.emplace_back([&] {
      for (int i = 0; i < each; ++i) static_cast<void>(sink.head());
    });
    for (auto& t : all) t.join();
  }
  auto const files = files_in(folder_);
  EXPECT_GT(files.size(), 2U);
  auto const t = grille::audit::verify(files, {});
  EXPECT_FALSE(t.fault) << t.fault->why;
  EXPECT_GE(t.records, 6U * each);
}

}  // namespace
