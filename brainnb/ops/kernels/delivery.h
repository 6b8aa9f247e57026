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
  int64_t from = 0, to = post;  // the targets that are added to; other synapses are somebody else's
  bool rising = false;          // whether the targets of a row are in their order

  // Where the row of neuron i begins, never outside of the storage.
  int64_t Begin(int64_t i) const {
    const int64_t at = begins ? begins[i] : i * number;
    return at < 0 ? 0 : at < synapses ? at : synapses;
  }

  bool All() const { return from == 0 && to == post; }
  bool Own(int32_t j) const { return static_cast<uint32_t>(j - from) < static_cast<uint32_t>(to - from); }

  // About where in a row of rising targets the first is that is not below `least`.
  int64_t Guess(int64_t begin, int64_t end, int64_t least) const { return begin + (end - begin) * least / post; }

  // Where it is: from the guess on in longer and longer steps, and then between the last two.
  int64_t Find(int64_t begin, int64_t end, int64_t least) const {
    int64_t low = Guess(begin, end, least), high = low;
    for (int64_t step = 4; low > begin && targets[low - 1] >= least; step *= 2) {
      high = low;
      low = low - step > begin ? low - step : begin;
    }
    for (int64_t step = 4; high < end && targets[high] < least; step *= 2) {
      low = high + 1;
      high = high + step < end ? high + step : end;
    }
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      targets[middle] < least ? low = middle + 1 : high = middle;
    }
    return low;
  }

  // Leaves of a row the stretch of own targets, where they are one.
  void Narrow(int64_t& begin, int64_t& end) const {
    if (!rising) return Search(begin, end);
    const int64_t first = from == 0 ? begin : Find(begin, end, from);
    end = to == post ? end : Find(first, end, to);
    begin = first;
  }

  // In a row of which nothing is known.
  void Search(int64_t& begin, int64_t& end) const {
    constexpr int32_t kWide = 16;
    typedef int32_t Lanes __attribute__((vector_size(4 * kWide), aligned(4), may_alias));
    const int32_t length = static_cast<int32_t>(end - begin), least = static_cast<int32_t>(from);
    const int32_t width = static_cast<int32_t>(to - from);
    Lanes at = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, first = at * 0 + length, last = at * 0 - 1, own = at * 0;
    if (begin + length + kWide > synapses) return;  // behind the last rows there may be nothing to read
    for (int32_t n = 0; n < length; n += kWide, at += kWide) {
      const Lanes j = *reinterpret_cast<const Lanes*>(targets + begin + n) - least;
      const Lanes mine = (at < length) & (j >= 0) & (j < width);
      own -= mine;
      first = mine & (at < first) ? at : first;
      last = mine ? at : last;
    }
    int32_t begins = length, ends = -1, number = 0;
    for (int32_t k = 0; k < kWide; ++k) {
      begins = first[k] < begins ? first[k] : begins;
      ends = last[k] > ends ? last[k] : ends;
      number += own[k];
    }
    if (number != ends - begins + 1 && number > 0) return;
    end = begin + ends + 1;
    begin += begins;
    if (number == 0) end = begin;
  }
};

// One neuron. Targets are checked: a wrong index must not write into memory that belongs to somebody else.
template <typename T, bool kShared, bool kGraded>
inline void AddRow(const Rows& rows, int64_t i, const T* weight, T event, T* out) {
  int64_t begin = rows.Begin(i), end = rows.Begin(i + 1);
  if (!rows.All()) rows.Narrow(begin, end);
  const T shared = kShared ? (kGraded ? event * weight[0] : weight[0]) : T(0);
  for (int64_t n = begin; n < end; ++n) {
    const int32_t j = rows.targets[n];
    if (!rows.Own(j)) continue;
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
      int64_t begin = rows.Begin(neurons[n + kAhead]), end = rows.Begin(neurons[n + kAhead] + 1);
      if (rows.rising && !rows.All()) {
        const int64_t whole = begin;
        begin = rows.Guess(whole, end, rows.from);
        end = rows.Guess(whole, end, rows.to);
      }
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
