// Who fired adds its synapses: flags, or graded events, by rows of synapses.

#pragma once

#include <cstdint>

#include "delivery.h"

namespace {

// One bit for each of 64 flags, the first lowest; a flag is the byte 0 or 1.
inline uint64_t Which(const uint8_t* flags) {
#if defined(__AVX512BW__)  // by its name: the header that has a function for it takes longer to read than all of ours
  typedef uint8_t Lanes __attribute__((vector_size(64), aligned(1), may_alias));
  uint64_t which;
  asm("vptestmb %1, %1, %0" : "=k"(which) : "v"(*reinterpret_cast<const Lanes*>(flags)));
  return which;
#else
  uint64_t eight[8], any = 0, which = 0;
  __builtin_memcpy(eight, flags, 64);
  for (int k = 0; k < 8; ++k) any |= eight[k];
  if (any == 0) return 0;
  for (int k = 0; k < 8; ++k) which |= (eight[k] * 0x0102040810204080) >> 56 << 8 * k;
  return which;
#endif
}

// The neurons that fired, in their order.
template <typename Found>
inline void Fired(const uint8_t* fired, int64_t pre, Found found) {
  int64_t i = 0;
  for (; i + 64 <= pre; i += 64)
    for (uint64_t rest = Which(fired + i); rest != 0; rest &= rest - 1) found(i + __builtin_ctzll(rest));
  for (; i < pre; ++i)
    if (fired[i]) found(i);
}

template <typename T, bool kShared>
void Spikes(const Rows& rows, const uint8_t* fired, int64_t pre, const T* weight, T* out) {
  Delivery<T, kShared, false> delivery(rows, weight, nullptr, out);
  Fired(fired, pre, [&](int64_t i) { delivery.Add(i); });
  delivery.Flush();
}

template <typename T, bool kShared>
void Graded(const Rows& rows, const T* events, int64_t pre, const T* weight, T* out) {
  Delivery<T, kShared, true> delivery(rows, weight, events, out);
  constexpr int64_t kBlock = 16;
  for (int64_t i = 0; i < pre; i += kBlock) {
    const int64_t end = i + kBlock < pre ? i + kBlock : pre;
    bool any = false;
    for (int64_t k = i; k < end; ++k) any |= events[k] != T(0);
    if (!any) continue;
    for (int64_t k = i; k < end; ++k)
      if (events[k] != T(0)) delivery.Add(k);
  }
  delivery.Flush();
}

}  // namespace
