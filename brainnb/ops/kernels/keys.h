// Random keys as JAX has them: threefry, twenty rounds.

#pragma once

#include <cstdint>

namespace {

struct Key {
  uint32_t first, second;
};

// jax.random.fold_in; also number `data` of jax.random.split, of which each part stands for itself.
inline Key FoldIn(Key key, uint32_t data) {
  constexpr int kTurns[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t schedule[3] = {key.first, key.second, key.first ^ key.second ^ 0x1BD11BDAu};
  uint32_t a = schedule[0], b = data + schedule[1];
  for (uint32_t k = 0; k < 5; ++k) {
    for (int turn : kTurns[k % 2]) {
      a += b;
      b = (b << turn | b >> (32 - turn)) ^ a;
    }
    a += schedule[(k + 1) % 3];
    b += schedule[(k + 2) % 3] + k + 1;
  }
  return {a, b};
}

}  // namespace
