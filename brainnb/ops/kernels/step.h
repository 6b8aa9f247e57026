// What the source of a step begins with: functions of numbers, and event products by their names.

#pragma once

#include <cstdint>

#include "keys.h"
#include "lanes.h"
#include "part.h"
#include "ring.h"
#include "spikes.h"
#include "stream.h"

#if defined(__clang__)
#define LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define LANES _Pragma("GCC ivdep")
#endif

namespace {

template <typename T>
inline void Copied(const T* from, T* to, int64_t count, Part part) {
  const int64_t begin = part.From(count), end = part.To(count);
  if (from != to) __builtin_memcpy(to + begin, from + begin, (end - begin) * sizeof(T));
}

// Who fired, once for all that they send to: those of each part behind each other from where it begins, and behind all
// of them how many.
class Telling {
 public:
  Telling(int32_t* memory, int64_t pre, Part part) : list_(memory + part.turn * (pre + kMost)), pre_(pre) {}

  int32_t* Of(Part part) const { return list_ + part.From(pre_); }
  int32_t& Count(Part part) const { return list_[pre_ + part.Which()]; }

  static constexpr int64_t kMost = 4;  // parts: MOST_PARTS of source.py

 private:
  int32_t* const list_;
  const int64_t pre_;
};

inline void Listed(const uint8_t* fired, int64_t pre, int32_t* memory, Part part) {
  const Telling told(memory, pre, part);
  const int64_t begin = part.From(pre);
  int32_t *const first = told.Of(part), *to = first;
  Fired(fired + begin, part.To(pre) - begin, [&](int64_t i) { *to++ = static_cast<int32_t>(begin + i); });
  told.Count(part) = static_cast<int32_t>(to - first);
}

// Cells in blocks: while who of a block fired is near, each of these is listed and changed, and all flags go into a row of
// a recording, if there is one.
template <typename Loop, typename Change>
inline void Firing(int64_t pre, uint8_t* row, int32_t* memory, Part part, Loop loop, Change change) {
  constexpr int64_t kBlock = 4096;
  alignas(64) uint8_t fired[kBlock];
  const Telling told(memory, pre, part);
  int32_t *const first = told.Of(part), *to = first;
  for (int64_t begin = part.From(pre), end = part.To(pre); begin < end; begin += kBlock) {
    const int64_t count = begin + kBlock < end ? kBlock : end - begin;
    loop(begin, begin + count, fired);
    Fired(fired, count, [&](int64_t i) {
      *to++ = static_cast<int32_t>(begin + i);
      change(begin + i);
    });
    if (row && part.recording) Streamed(fired, row + begin, count);
    else if (row) __builtin_memcpy(row + begin, fired, count);
  }
  told.Count(part) = static_cast<int32_t>(to - first);
}

inline Rows Synapses(const int32_t* begins, const int32_t* targets, int64_t pre, int64_t pointers, int64_t synapses,
                     int64_t post, bool rising, Part part) {
  return {pointers ? begins : nullptr, pre ? synapses / pre : 0, targets, synapses, post, part.From(post),
          part.To(post), rising};
}

template <typename T, bool kShared, bool kRising>
inline void Sent(const int32_t* memory, const int32_t* begins, const int32_t* targets, int64_t pre, int64_t pointers,
                 int64_t synapses, const T* weight, T* out, int64_t post, Part part) {
  const Rows rows = Synapses(begins, targets, pre, pointers, synapses, post, kRising, part);
  const Telling told(const_cast<int32_t*>(memory), pre, part);
  for (int64_t k = 0; k < part.Of(); ++k) {
    const Part other(k, part.Of());
    AddRows<T, kShared, false, 4, 6>(rows, told.Of(other), told.Count(other), weight, nullptr, out);
  }
}

template <typename T, bool kShared, bool kRising>
inline void Delivered(const T* events, const int32_t* begins, const int32_t* targets, int64_t pre, int64_t pointers,
                      int64_t synapses, const T* weight, T* out, int64_t post, Part part) {
  const Rows rows = Synapses(begins, targets, pre, pointers, synapses, post, kRising, part);
  Graded<T, kShared>(rows, events, pre, weight, out);
}

template <typename T, bool kShared, bool kRising>
inline void Arrived(const uint32_t* line, const int32_t* row, const int32_t* begins, const int32_t* targets, int64_t rows,
                    int64_t words, int64_t slots, int64_t pointers, int64_t synapses, const T* weight, T* out,
                    int64_t post, Part part) {
  const Ring ring{line, rows, words, row, slots, slots ? (pointers - 1) / slots : 0};
  Arrive<T, kShared>(ring, Synapses(begins, targets, 0, 1, synapses, post, kRising, part), weight, out);
}

// The row of a ring in which these fired, by one part for all: bits, and in a large one marks behind them.
inline void Packed(const uint8_t* fired, int64_t pre, uint32_t* row, int64_t words, Part part) {
  if (!part.Last()) return;
  __builtin_memset(row, 0, words * sizeof(uint32_t));
  int64_t i = 0;
  for (; i + 64 <= pre; i += 64) {
    const uint64_t which = Which(fired + i);
    row[i / 32] = static_cast<uint32_t>(which);
    row[i / 32 + 1] = static_cast<uint32_t>(which >> 32);
  }
  for (; i < pre; ++i) row[i / 32] |= uint32_t{fired[i]} << i % 32;
  const Ring ring{row, 1, words, nullptr, 0, pre};
  if (words == Over(pre, 32)) return;
  uint32_t* const marks = row + kStretch * ring.Stretches();
  for (int64_t k = 0; k < ring.Stretches(); ++k) {
    uint32_t any = 0;
    for (int64_t j = 0; j < kStretch; ++j) any |= row[kStretch * k + j];
    marks[k / 32] |= uint32_t{any != 0} << k % 32;
  }
}

// One row of a ring; a row that is not there is not written.
inline void Put(const uint32_t* row, const int32_t* at, int64_t words, int64_t, uint32_t* ring, int64_t size, Part part) {
  const int64_t begin = *at * words;
  if (begin < 0 || begin + words > size) return;
  const int64_t own = part.From(size), end = part.To(size);
  const int64_t from = begin > own ? begin : own, to = begin + words < end ? begin + words : end;
  if (from < to) __builtin_memcpy(ring + from, row + from - begin, (to - from) * sizeof(uint32_t));
}

}  // namespace
