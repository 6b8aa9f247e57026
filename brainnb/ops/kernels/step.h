// What the source of a step begins with: functions of numbers, and event products by their names.

#pragma once

#include <cstdint>

#include "lanes.h"
#include "ring.h"
#include "spikes.h"

#if defined(__clang__)
#define LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define LANES _Pragma("GCC ivdep")
#endif

namespace {

template <typename T>
inline void Copied(const T* from, T* to, int64_t count) {
  if (from != to) __builtin_memcpy(to, from, count * sizeof(T));
}

// Who fired, once for all that they send to.
inline int64_t Listed(const uint8_t* fired, int64_t pre, int32_t* list) {
  int64_t count = 0;
  Fired(fired, pre, [&](int64_t i) { list[count++] = static_cast<int32_t>(i); });
  return count;
}

template <typename T, bool kShared>
inline void Sent(const int32_t* list, int64_t count, const int32_t* begins, const int32_t* targets, int64_t pre,
                 int64_t pointers, int64_t synapses, const T* weight, T* out, int64_t post) {
  const Rows rows{pointers ? begins : nullptr, pre ? synapses / pre : 0, targets, synapses, post};
  AddRows<T, kShared, false, 4, 6>(rows, list, count, weight, nullptr, out);
}

template <typename T, bool kShared>
inline void Delivered(const T* events, const int32_t* begins, const int32_t* targets, int64_t pre, int64_t pointers,
                      int64_t synapses, const T* weight, T* out, int64_t post) {
  const Rows rows{pointers ? begins : nullptr, pre ? synapses / pre : 0, targets, synapses, post};
  Graded<T, kShared>(rows, events, pre, weight, out);
}

template <typename T, bool kShared>
inline void Arrived(const uint32_t* line, const int32_t* row, const int32_t* begins, const int32_t* targets, int64_t rows,
                    int64_t words, int64_t slots, int64_t pointers, int64_t synapses, const T* weight, T* out,
                    int64_t post) {
  const Ring ring{line, rows, words, row, slots, slots ? (pointers - 1) / slots : 0};
  Arrive<T, kShared>(ring, Rows{begins, 0, targets, synapses, post}, weight, out);
}

}  // namespace
