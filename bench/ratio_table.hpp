// The table of ratios: subject and reference take turns, and a ratio is the median over the turns. Enters: pairs of work. Leaves: one line each,
// on standard output, in the order in which they were named.
#pragma once
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bench/turns.hpp"

namespace turns {

[[noreturn]] inline void stop(std::string const& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

/// One line of the table. The time reported is the subject's; its counters carry the ratio.
inline void pair(std::string const& name, work subject, work reference, int turns = 301) {
  benchmark::RegisterBenchmark(name.c_str(), [subject = std::move(subject), reference = std::move(reference)](benchmark::State& state) {
    int const of_subject = batch_of(subject);
    int const of_reference = batch_of(reference);
    std::vector<double> ratios;
    std::vector<double> references;
    for (auto _ : state) {
      double const a = seconds(subject, of_subject) / of_subject;
      double const b = seconds(reference, of_reference) / of_reference;
      ratios.push_back(a / b);
      references.push_back(b);
      state.SetIterationTime(a);
    }
    state.counters["ratio"] = at(ratios, 0.5);
    state.counters["low"] = at(ratios, 0.1);
    state.counters["high"] = at(ratios, 0.9);
    state.counters["reference_us"] = at(references, 0.5) * 1e6;
  })->UseManualTime()->Iterations(turns);
}

/// Prints one table, subject ÷ reference.
class ratio_table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(Context const& /*context*/) override {
    std::printf("%-72s %8s %17s %14s\n", "subject / reference", "ratio", "10% .. 90%", "reference, us");
    return true;
  }
  void ReportRuns(std::vector<Run> const& runs) override {
    for (auto const& r : runs) {
      if (r.error_occurred) stop(r.benchmark_name() + ": " + r.error_message);
      auto const name = r.run_name.function_name;
      std::printf("%-72s %8.2f %8.2f .. %5.2f %14.1f\n", name.c_str(), r.counters.at("ratio").value, r.counters.at("low").value,
                  r.counters.at("high").value, r.counters.at("reference_us").value);
    }
    std::fflush(stdout);
  }
};

/// Runs all pairs that were named.
inline void run_pairs() {
  ratio_table table;
  benchmark::RunSpecifiedBenchmarks(&table);
  benchmark::Shutdown();
}

}  // namespace turns
