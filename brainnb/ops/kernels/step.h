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

// Elements of a loop between two looks at its flags.
constexpr int64_t kBlock = 256;

template <typename T>
inline void Copied(const T* from, T* to, int64_t count) {
  if (from != to) __builtin_memcpy(to, from, count * sizeof(T));
}

template <typename T, bool kShared>
inline void Delivered(const uint8_t* fired, const int32_t* begins, const int32_t* targets, int64_t pre, int64_t pointers,
                      int64_t synapses, const T* weight, T* out, int64_t post) {
  const Rows rows{pointers ? begins : nullptr, pre ? synapses / pre : 0, targets, synapses, post};
  Spikes<T, kShared>(rows, fired, pre, weight, out);
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
