// Poisson numbers on the CPU: those of brainnb/ops/counts.py, the same to the last bit. Neighbours mostly have one mean;
// their chances are then computed once, and a number costs its random bits and a few comparisons.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace {

constexpr int kMost = 16;  // MOST and MEAN of counts.py
constexpr double kMean = 3.0;
constexpr int64_t kBlock = 256;
constexpr int kPass = 8;

// The hash of brainnb/core/randoms.py.
inline uint32_t Mixed(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x21F0AAADu;
  x = (x ^ (x >> 15)) * 0x735A2D97u;
  return x ^ (x >> 15);
}

// Of a mean: the chances of more than j spikes, j = 0, 1, ..., and the sum of all chances, the chance of none being 2^31.
// The floor is part of the definition. Loops are unrolled so that many means go through at once.
template <typename T>
struct Chances {
  T more[kMost], all;

  void Set(T mean) {
    T last = T(0x1p31);
#pragma GCC unroll 16
    for (int j = 0; j < kMost; ++j) more[j] = last = std::floor(last * (mean * static_cast<T>(1.0 / (j + 1))));
#pragma GCC unroll 16
    for (int j = kMost - 2; j >= 0; --j) more[j] += more[j + 1];
    all = more[0] + T(0x1p31);
  }

  T Place(int32_t half) const { return (static_cast<T>(half) + T(0.5)) * T(0x1p-31) * all; }
};

template <typename T>
class Drawing {
 public:
  Drawing(uint32_t first, uint32_t second, int64_t size) : first_(first), second_(second), size_(size) {}

  // The numbers from one to another, of as many as there are means.
  void Draw(const T* expected, T* out, int64_t from, int64_t to) {
    const T parts = Parts(expected);
    for (int64_t begin = from; begin < to; begin += kBlock) {
      const int64_t count = std::min(kBlock, to - begin);
      const T* mean = expected + begin;
      if (parts != T(1)) {
        for (int64_t k = 0; k < count; ++k) share_[k] = mean[k] / parts;
        mean = share_;
      }
      const bool same = Same(mean, count);
      std::fill_n(found_, count, 0);
      for (int64_t part = 0; T(part) < parts; ++part) {
        const int32_t least = Bits(static_cast<uint32_t>(part * size_ + begin), count);
        same ? CountSame(count, least) : Count(mean, count);
      }
      for (int64_t k = 0; k < count; ++k) out[begin + k] = static_cast<T>(found_[k]);
    }
  }

 private:
  // In how many parts all are drawn. Numbers that are not negative are ordered as their bits are.
  T Parts(const T* expected) const {
    using Word = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
    Word most = 0;
    for (int64_t k = 0; k < size_; ++k) {
      Word word;
      std::memcpy(&word, expected + k, sizeof word);
      most = std::max(most, word);
    }
    T value;
    std::memcpy(&value, &most, sizeof value);
    return std::isnan(value) ? T(0) : std::max(std::ceil(value / T(kMean)), T(1));
  }

  // Whether all means are one, whose chances are then there.
  bool Same(const T* mean, int64_t count) {
    int differ = 0;
    for (int64_t k = 0; k < count; ++k) differ |= mean[k] != mean[0];
    if (!differ && mean[0] != known_) {
      chances_.Set(mean[0]);
      known_ = mean[0];
    }
    return !differ;
  }

  // 31 random bits for each number; the least of them.
  int32_t Bits(uint32_t number, int64_t count) {
    for (int64_t k = 0; k < count; ++k)
      half_[k] = Mixed(Mixed((number + static_cast<uint32_t>(k)) * 0x9E3779B9u + first_) ^ second_) >> 1;
    int32_t least = half_[0];
    for (int64_t k = 0; k < count; ++k) least = std::min(least, half_[k]);
    return least;
  }

  // Eight comparisons in a pass; the second is rarely needed, because large numbers are rare.
  void CountSame(int64_t count, int32_t least) {
    const Chances<T> chances = chances_;
    const T lowest = chances.Place(least);
    for (int j = 0; j < kMost && lowest < chances.more[j]; j += kPass)
      for (int64_t k = 0; k < count; ++k) {
        const T place = chances.Place(half_[k]);
        int32_t n = found_[k];
#pragma GCC unroll 8
        for (int i = 0; i < kPass; ++i) n = place < chances.more[j + i] ? n + 1 : n;
        found_[k] = n;
      }
  }

  void Count(const T* mean, int64_t count) {
    for (int64_t k = 0; k < count; ++k) {
      Chances<T> own;
      own.Set(mean[k]);
      const T place = own.Place(half_[k]);
      int32_t n = found_[k];
#pragma GCC unroll 16
      for (int j = 0; j < kMost; ++j) n = place < own.more[j] ? n + 1 : n;
      found_[k] = n;
    }
  }

  const uint32_t first_, second_;
  const int64_t size_;
  Chances<T> chances_;
  T known_ = std::numeric_limits<T>::quiet_NaN();  // the mean of these chances; unlike any before the first
  alignas(64) T share_[kBlock];
  alignas(64) int32_t half_[kBlock], found_[kBlock];
};

}  // namespace
