// Who fired some time ago, read from a ring of packed bits, adds its synapses of that delay.

#pragma once

#include <cstdint>

#include "delivery.h"

namespace {

constexpr int64_t kStretch = 16;  // words that one mark stands for, a line of memory: STRETCH of bits.py

inline int64_t Over(int64_t count, int64_t size) { return (count + size - 1) / size; }

// The ring of spikes, and the segments of synapses: segment i * slots + s holds those of neuron i with delay s. In a
// ring with marks one bit behind the spikes of a row says for each stretch whether it holds any.
struct Ring {
  const uint32_t* line;
  int64_t rows, words;
  const int32_t* row;  // which row each slot reads; another number than a row: none
  int64_t slots, pre;

  int64_t Stretches() const { return Over(Over(pre, 32), kStretch); }
  int64_t Marks() const { return Over(Stretches(), 32); }
  bool HasMarks() const { return words == kStretch * (Stretches() + Over(Marks(), kStretch)); }
  bool Fits() const { return words == Over(pre, 32) || HasMarks(); }

  const uint32_t* Row(int64_t s) const {
    const int64_t at = s < slots ? row[s] : -1;
    return at < 0 || at >= rows ? nullptr : line + at * words;
  }
};

// The bits that are set, in their order.
template <typename Found>
inline void Bits(const uint32_t* words, int64_t count, Found found) {
  for (int64_t w = 0; w < count; ++w)
    for (uint32_t rest = words[w]; rest != 0; rest &= rest - 1) found(32 * w + __builtin_ctz(rest));
}

// The stretches of a row that are marked, never one behind its last.
template <typename Found>
inline void Marked(const Ring& ring, const uint32_t* row, Found found) {
  const int64_t stretches = ring.Stretches();
  Bits(row + kStretch * stretches, ring.Marks(), [&](int64_t k) {
    if (k < stretches) found(k);
  });
}

template <typename T, bool kShared>
void Arrive(const Ring& ring, const Rows& segments, const T* weight, T* out) {
  Delivery<T, kShared, false, 4, 8> delivery(segments, weight, nullptr, out);
  const bool marks = ring.HasMarks();
  for (int64_t s = 0; s < ring.slots; ++s) {
    const uint32_t *row = ring.Row(s), *next = ring.Row(s + 1);
    const auto add = [&](int64_t i) {
      if (i < ring.pre) delivery.Add(i * ring.slots + s);
    };
    if (marks && next) Marked(ring, next, [&](int64_t k) { __builtin_prefetch(next + kStretch * k); });
    if (row && marks)
      Marked(ring, row, [&](int64_t k) {
        Bits(row + kStretch * k, kStretch, [&](int64_t j) { add(32 * kStretch * k + j); });
      });
    else if (row)
      Bits(row, ring.words, add);
  }
  delivery.Flush();
}

}  // namespace
