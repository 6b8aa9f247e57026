// What every delivery on the CPU does: add rows of synapses, one after the other, while the next are on their way.

#pragma once

#include <cstdint>

namespace {

struct Rows {
  const int32_t* begins;  // null: every row has `number` synapses
  int64_t number;
  const int32_t* targets;
  int64_t synapses;
  int64_t post;

  // Where the row of neuron i begins, never outside of the storage.
  int64_t Begin(int64_t i) const {
    const int64_t at = begins ? begins[i] : i * number;
    return at < 0 ? 0 : at < synapses ? at : synapses;
  }
};

// One neuron. Targets are checked: a wrong index must not write into memory that belongs to somebody else.
template <typename T, bool kShared, bool kGraded>
inline void AddRow(const Rows& rows, int64_t i, const T* weight, T event, T* out) {
  const int64_t begin = rows.Begin(i), end = rows.Begin(i + 1);
  const T shared = kShared ? (kGraded ? event * weight[0] : weight[0]) : T(0);
  const uint32_t post = static_cast<uint32_t>(rows.post);
  for (int64_t n = begin; n < end; ++n) {
    const uint32_t j = static_cast<uint32_t>(rows.targets[n]);
    if (j >= post) continue;
    if constexpr (kShared) {
      out[j] += shared;
    } else if constexpr (kGraded) {
      const T sent = event * weight[n];
      out[j] += sent;
    } else {
      out[j] += weight[n];
    }
  }
}

// Neurons in their order: while one is added, the memory of those behind it is on its way. How far ahead it is asked for,
// and how much of a row, the caller knows best.
template <typename T, bool kShared, bool kGraded, int kAhead, int kLines, typename Index>
inline void AddRows(const Rows& rows, const Index* neurons, int64_t count, const T* weight, const T* events, T* out) {
  for (int64_t n = 0; n < count; ++n) {
    if (n + 2 * kAhead < count && rows.begins) __builtin_prefetch(rows.begins + neurons[n + 2 * kAhead]);
    if (n + kAhead < count) {
      const int64_t begin = rows.Begin(neurons[n + kAhead]), end = rows.Begin(neurons[n + kAhead] + 1);
      // the first lines; the processor guesses the rest
      for (int64_t at = begin & ~int64_t{15}; at < end && at < begin + 16 * kLines; at += 16) {
        __builtin_prefetch(rows.targets + at);
        if constexpr (!kShared) __builtin_prefetch(weight + at);
      }
    }
    const int64_t i = neurons[n];
    AddRow<T, kShared, kGraded>(rows, i, weight, kGraded ? events[i] : T(1), out);
  }
}

// Neurons found but not yet delivered. When the list is full it is delivered and begun anew, so no number of spikes is too
// many.
template <typename T, bool kShared, bool kGraded, int kAhead = 2, int kLines = 4>
class Delivery {
 public:
  Delivery(const Rows& rows, const T* weight, const T* events, T* out)
      : rows_(rows), weight_(weight), events_(events), out_(out) {}

  void Add(int64_t i) {
    waiting_[count_++] = i;
    if (count_ == kRoom) Flush();
  }

  void Flush() {
    AddRows<T, kShared, kGraded, kAhead, kLines>(rows_, waiting_, count_, weight_, events_, out_);
    count_ = 0;
  }

 private:
  static constexpr int64_t kRoom = 256;
  const Rows& rows_;
  const T *weight_, *events_;
  T* out_;
  int64_t waiting_[kRoom];
  int64_t count_ = 0;
};

}  // namespace
