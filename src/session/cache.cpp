#include "session/cache.hpp"

#include <utility>

#include "session/hash.hpp"

namespace grille::pipeline {

namespace {

constexpr std::size_t overhead = 2'000;  // about what an entry weighs beside its texts

std::size_t size_of(compiled_statement const& s) {
  std::size_t n = s.guarded ? s.guarded->sql().size() : 0;
  if (s.write)
    for (auto const& step : s.write->steps()) n += step.sql.size() + overhead;
  return n;
}

std::uint64_t hash_of(cache::key const& k) { return hash(k.text, hash(k.access, k.flags())); }

}  // namespace

void cache::shard::drop(std::list<entry>::iterator e) {
  bytes -= e->cost;
  index.erase(e->hash);
  order.erase(e);
}

compiled_ptr cache::find(key const& k) {
  auto const h = hash_of(k);
  auto& in = of(h);
  std::lock_guard const lock(in.guard);
  auto const found = in.index.find(h);
  if (found == in.index.end()) return nullptr;
  auto const& e = *found->second;
  if (e.text != k.text || e.access != k.access || e.flags != k.flags()) return nullptr;
  in.order.splice(in.order.begin(), in.order, found->second);
  return e.statement;
}

void cache::keep(key const& k, compiled_ptr c) {
  auto const cost = overhead + k.text.size() + k.access.size() + 2 * size_of(*c);
  if (cost > most_bytes_of_shard_) return;
  auto const h = hash_of(k);
  auto& in = of(h);
  std::lock_guard const lock(in.guard);
  if (auto const known = in.index.find(h); known != in.index.end()) in.drop(known->second);
  in.order.push_front({h, std::string(k.text), std::string(k.access), k.flags(), std::move(c), cost});
  in.index.emplace(h, in.order.begin());
  in.bytes += cost;
  while (in.bytes > most_bytes_of_shard_) in.drop(std::prev(in.order.end()));
}

std::size_t cache::size() const {
  std::size_t n = 0;
  for (auto const& s : shards_) {
    std::lock_guard const lock(s.guard);
    n += s.order.size();
  }
  return n;
}

}  // namespace grille::pipeline
