// Copies into memory that nobody reads for a while, such as the row of a recording: past the caches, which neither fetch
// what is written over nor lose for it what is wanted again.

#pragma once

#include <cstdint>

namespace {

#if defined(__AVX512F__)
constexpr int64_t kWide = 64;
#elif defined(__AVX__)
constexpr int64_t kWide = 32;
#else
constexpr int64_t kWide = 16;
#endif
typedef uint8_t Wide __attribute__((vector_size(kWide), may_alias));
typedef uint8_t WideAnywhere __attribute__((vector_size(kWide), aligned(1), may_alias));

inline void Past(Wide* to, Wide from) {
#if defined(__AVX512F__)
  asm("vmovntdq %1, %0" : "=m"(*to) : "v"(from));
#elif defined(__AVX__)
  asm("vmovntdq %1, %0" : "=m"(*to) : "x"(from));
#elif defined(__SSE2__)
  asm("movntdq %1, %0" : "=m"(*to) : "x"(from));
#else
  *to = from;
#endif
}

inline void Streamed(const uint8_t* from, uint8_t* to, int64_t bytes) {
  const int64_t before = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) % kWide);
  int64_t at = before < bytes ? before : bytes;
  __builtin_memcpy(to, from, at);
  for (; at + kWide <= bytes; at += kWide)
    Past(reinterpret_cast<Wide*>(to + at), *reinterpret_cast<const WideAnywhere*>(from + at));
  __builtin_memcpy(to + at, from + at, bytes - at);
}

// Whoever is told later that something was streamed finds it there.
inline void Settle() {
#if defined(__SSE2__)
  asm volatile("sfence" ::: "memory");
#endif
}

}  // namespace
