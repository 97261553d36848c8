#include "cli/json_lines.hpp"

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/json.hpp"
#include "grille/error.hpp"

namespace grille::cli {

namespace {

enum class reading { line, too_long, end };

/// Blocks of standard input cut into lines; a line beyond the bound is read to its end and forgotten.
class line_reader {
 public:
  explicit line_reader(std::FILE* in) : in_(in) {}

  reading next(std::string& line) {
    line.clear();
    bool any = false;
    bool too_long = false;
    for (int c = 0; (c = get()) != EOF;) {
      any = true;
      if (c == '\n') break;
      if (line.size() < longest_line) line += static_cast<char>(c);
      else too_long = true;
    }
    if (!any) return reading::end;
    return too_long ? reading::too_long : reading::line;
  }

 private:
  int get() { return getc_unlocked(in_); }
  std::FILE* in_;
};

std::string answer_line(std::string const& line, std::function<std::string(nlohmann::json const&)> const& answer_to) {
  try {
    return answer_to(object_of(line));
  } catch (error const& e) {
    return to_json(e);
  } catch (std::exception const&) {
    return to_json(backend_error({.kind = errc::backend, .message = "the request could not be answered"}));
  }
}

}  // namespace

void answer_lines(std::FILE* in, std::FILE* out, std::function<std::string(nlohmann::json const&)> const& answer_to) {
  line_reader lines(in);
  std::string line;
  for (auto read = lines.next(line); read != reading::end; read = lines.next(line)) {
    auto const answer = read == reading::too_long
                            ? to_json(limit_error({.kind = errc::limit, .message = "the line is longer than 8000000 bytes"}))
                            : answer_line(line, answer_to);
    std::fwrite(answer.data(), 1, answer.size(), out);
    std::fputc('\n', out);
    if (std::fflush(out) != 0) return;  // nobody hears the answers: nothing more is done
  }
}

}  // namespace grille::cli
