// Poisson numbers on the CPU: those of brainnb/ops/counts.py, the same to the last bit. Neighbours mostly have one mean;
// their chances are then computed once, and a number costs its random bits and a few comparisons.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

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

// Of some means: the chances of more than j spikes, j = 0, 1, ..., and the sum of all chances, the chance of none being
// 2^31. The floor is part of the definition.
template <typename T>
struct Chances {
  alignas(64) T more[kMost][kBlock];
  alignas(64) T all[kBlock];

  void Set(const T* mean, int64_t count) {
    std::fill_n(all, count, T(0x1p31));
    for (int j = 0; j < kMost; ++j) {
      const T part = static_cast<T>(1.0 / (j + 1));
      for (int64_t k = 0; k < count; ++k) more[j][k] = all[k] = std::floor(all[k] * (mean[k] * part));
    }
    for (int j = kMost - 2; j >= 0; --j)
      for (int64_t k = 0; k < count; ++k) more[j][k] += more[j + 1][k];
    for (int64_t k = 0; k < count; ++k) all[k] = more[0][k] + T(0x1p31);
  }
};

template <typename T>
class Drawing {
 public:
  Drawing(const uint32_t* words, int64_t size) : first_(words[0]), second_(words[1]), size_(size) {}

  void Draw(const T* expected, T* out) {
    const T parts = Parts(expected);
    for (int64_t begin = 0; begin < size_; begin += kBlock) {
      const int64_t count = std::min(kBlock, size_ - begin);
      const T* mean = expected + begin;
      if (parts != T(1)) {
        for (int64_t k = 0; k < count; ++k) share_[k] = mean[k] / parts;
        mean = share_;
      }
      const bool same = Same(mean, count);
      std::fill_n(found_, count, 0);
      for (int64_t part = 0; T(part) < parts; ++part) {
        const int32_t least = Bits(static_cast<uint32_t>(part * size_ + begin), count);
        same ? CountSame(count, least) : Count(count);
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

  // Whether all means are one; the chances are then there, of this mean or of each.
  bool Same(const T* mean, int64_t count) {
    int differ = 0;
    for (int64_t k = 0; k < count; ++k) differ |= mean[k] != mean[0];
    if (differ) {
      chances_.Set(mean, count);
      known_ = T(-1);
    } else if (mean[0] != known_) {
      chances_.Set(mean, 1);
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

  static T Place(int32_t half, T all) { return (static_cast<T>(half) + T(0.5)) * T(0x1p-31) * all; }

  // Eight comparisons in a pass; the second is rarely needed, because large numbers are rare.
  void CountSame(int64_t count, int32_t least) {
    const T all = chances_.all[0], lowest = Place(least, all);
    for (int j = 0; j < kMost && lowest < chances_.more[j][0]; j += kPass) {
      T more[kPass];
      for (int i = 0; i < kPass; ++i) more[i] = chances_.more[j + i][0];
      for (int64_t k = 0; k < count; ++k) {
        const T place = Place(half_[k], all);
        int32_t n = found_[k];
        for (int i = 0; i < kPass; ++i) n = place < more[i] ? n + 1 : n;
        found_[k] = n;
      }
    }
  }

  void Count(int64_t count) {
    for (int64_t k = 0; k < count; ++k) place_[k] = Place(half_[k], chances_.all[k]);
    for (int j = 0; j < kMost; ++j)
      for (int64_t k = 0; k < count; ++k) found_[k] += place_[k] < chances_.more[j][k];
  }

  const uint32_t first_, second_;
  const int64_t size_;
  Chances<T> chances_;
  T known_ = T(-1);
  alignas(64) T share_[kBlock], place_[kBlock];
  alignas(64) int32_t half_[kBlock], found_[kBlock];
};

ffi::Error Counts(ffi::Buffer<ffi::U32> words, ffi::AnyBuffer expected, ffi::Result<ffi::AnyBuffer> out) {
  const ffi::DataType type = out->element_type();
  const int64_t size = out->element_count();
  if (words.element_count() < 2 || expected.element_type() != type ||
      static_cast<int64_t>(expected.element_count()) != size)
    return ffi::Error::InvalidArgument("Poisson numbers: types or sizes differ");
  if (type == ffi::F32)
    Drawing<float>(words.typed_data(), size)
        .Draw(static_cast<const float*>(expected.untyped_data()), static_cast<float*>(out->untyped_data()));
  else if (type == ffi::F64)
    Drawing<double>(words.typed_data(), size)
        .Draw(static_cast<const double*>(expected.untyped_data()), static_cast<double*>(out->untyped_data()));
  else
    return ffi::Error::InvalidArgument("Poisson numbers: float32 or float64 was expected");
  return ffi::Error::Success();
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(brainnb_counts, Counts,
                              ffi::Ffi::Bind()
                                  .Arg<ffi::Buffer<ffi::U32>>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>());
