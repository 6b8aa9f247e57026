// Wirings with delays, built at full scale: synapses counted into rows, and rows sorted by (delay, target) where they lie
// in the cache. Called from Python by ctypes; plain NumPy beside it gives the same arrays.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <system_error>
#include <thread>
#include <vector>

namespace {

template <typename T>
struct Synapse {
  int32_t target, slot;
  T weight;
};

// Sorts one row by delay, then target, equal ones in the order they had; counts the synapses of each delay.
template <typename T>
class RowSorter {
 public:
  RowSorter(int64_t post, int64_t slots) : slots_(slots), counts_(std::max<int64_t>(kDigits, slots) + 1) {
    while (shift_ < 32 && ((post - 1) >> shift_) > 0) shift_ += kBits;
  }

  Synapse<T>* Room(int64_t count) {
    if (static_cast<int64_t>(row_.size()) < count) {
      row_.resize(count);
      other_.resize(count);
    }
    return row_.data();
  }

  // Writes the row behind `at`, and to `begins` where each of its delays begins.
  void Write(int64_t count, int64_t at, int32_t* begins, int32_t* targets, T* weights) {
    for (int shift = 0; shift < shift_; shift += kBits)
      Pass(count, kDigits, [shift](const Synapse<T>& x) { return (x.target >> shift) & (kDigits - 1); });
    Pass(count, slots_, [](const Synapse<T>& x) { return x.slot; });
    for (int64_t s = 0; s < slots_; ++s) begins[s] = static_cast<int32_t>(at + (s ? counts_[s - 1] : 0));
    for (int64_t n = 0; n < count; ++n) targets[at + n] = row_[n].target;
    if (weights)
      for (int64_t n = 0; n < count; ++n) weights[at + n] = row_[n].weight;
  }

 private:
  // One stable counting sort; afterwards counts_[d] is where digit d ends.
  template <typename Digit>
  void Pass(int64_t count, int64_t digits, Digit digit) {
    std::fill_n(counts_.begin(), digits + 1, 0);
    for (int64_t n = 0; n < count; ++n) ++counts_[digit(row_[n]) + 1];
    for (int64_t d = 1; d < digits; ++d) counts_[d] += counts_[d - 1];
    for (int64_t n = 0; n < count; ++n) other_[counts_[digit(row_[n])]++] = row_[n];
    std::swap(row_, other_);
  }

  static constexpr int kBits = 9, kDigits = 1 << kBits;
  int64_t slots_;
  int shift_ = 0;
  std::vector<int64_t> counts_;
  std::vector<Synapse<T>> row_, other_;
};

struct Edges {
  int64_t synapses, pre, post, slots;
};

template <typename T>
void Order(const Edges& e, const int32_t* pre, const int32_t* post, const int32_t* slot, const T* weight,
           int32_t* indptr, int32_t* targets, T* weights) {
  std::vector<int64_t> begin(e.pre + 1, 0);
  for (int64_t n = 0; n < e.synapses; ++n) ++begin[pre[n] + 1];
  for (int64_t i = 0; i < e.pre; ++i) begin[i + 1] += begin[i];
  std::vector<int32_t> slots(e.synapses);
  {
    std::vector<int64_t> at(begin.begin(), begin.end() - 1);
    for (int64_t n = 0; n < e.synapses; ++n) {
      const int64_t to = at[pre[n]]++;
      targets[to] = post[n];
      slots[to] = slot[n];
      if (weight) weights[to] = weight[n];
    }
  }
  RowSorter<T> sorter(e.post, e.slots);
  for (int64_t i = 0; i < e.pre; ++i) {
    const int64_t at = begin[i], count = begin[i + 1] - at;
    Synapse<T>* row = sorter.Room(count);
    for (int64_t n = 0; n < count; ++n)
      row[n] = {targets[at + n], slots[at + n], weight ? weights[at + n] : T(0)};
    sorter.Write(count, at, indptr + i * e.slots, targets, weight ? weights : nullptr);
  }
  indptr[e.pre * e.slots] = static_cast<int32_t>(e.synapses);
}

// --- random wirings ---------------------------------------------------------------------------------------------------

// The n-th number of a stream: SplitMix64 (Steele, Lea & Flood 2014), asked for by its number.
inline uint64_t Bits(uint64_t key, uint64_t n) {
  uint64_t x = key + (n + 1) * 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

inline uint64_t Below(uint64_t bits, uint64_t n) { return ((bits >> 32) * n) >> 32; }

// A normal number from 32 bits: the first says the sign, the others the place in a table whose octaves follow the tail.
inline double Normal(uint32_t bits, const double* table) {
  const double place = static_cast<double>(bits & 0x7FFFFFFFu) + 0.5;
  uint64_t word;
  std::memcpy(&word, &place, 8);
  const uint64_t at = (word >> 46) - (uint64_t{1022} << 6);
  const double part = static_cast<double>(word & ((uint64_t{1} << 46) - 1)) * 0x1p-46;
  const double z = table[at] + part * (table[at + 1] - table[at]);
  return z * (static_cast<double>(bits >> 31) * 2.0 - 1.0);
}

struct Blocks {
  int64_t blocks;
  const int64_t* begins;    // (blocks + 1) first neuron of each
  const int64_t* counts;    // (target, source) synapses of each pair
  const double *mean, *sd;  // (target, source) of the weights
  const double* normal;     // the table of Normal
  int64_t slots;
  const uint32_t* cut;   // (target, source, slots) Walker's table of the delays
  const int32_t* alias;  // (target, source, slots)
  const uint64_t* keys;  // of the streams: sources, targets, and weights with delays
};

struct Pair {
  double mean, sd;
  const uint32_t* cut;
  const int32_t* alias;
  int64_t first;  // neuron of the target block
  uint64_t size;
};

constexpr int64_t kSome = 256, kThreads = 8;

// Synapses number, number + 1, ... of one pair. Without branches, which would be as random as the numbers.
template <typename T>
void Some(const Blocks& b, const Pair& of, uint64_t number, int64_t count, Synapse<T>* out) {
  int32_t target[kSome], slot[kSome];
  T weight[kSome];
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double low = of.mean > 0 ? 0.0 : -kInfinity, high = of.mean < 0 ? 0.0 : kInfinity;
  const uint64_t slots = b.slots;
  for (int64_t k = 0; k < count; ++k) {
    target[k] = static_cast<int32_t>(of.first + Below(Bits(b.keys[1], number + k), of.size));
    const uint64_t what = Bits(b.keys[2], number + k);
    const double drawn = of.mean + of.sd * Normal(static_cast<uint32_t>(what >> 32), b.normal);
    weight[k] = static_cast<T>(std::min(std::max(drawn, low), high));
    const uint64_t scaled = (what & 0xFFFFFFFFu) * slots;
    const int32_t column = static_cast<int32_t>(scaled >> 32), alias = of.alias[column];
    const int32_t other = -static_cast<int32_t>(static_cast<uint32_t>(scaled) >= of.cut[column]);
    slot[k] = column ^ ((column ^ alias) & other);
  }
  for (int64_t k = 0; k < count; ++k) out[k] = {target[k], slot[k], weight[k]};
}

// `work` on all rows (of one neuron or of one block), whose synapses begin where `row` says, in one thread for each
// processor, about equally many synapses for each.
template <typename Work>
void Divided(const std::vector<int64_t>& row, Work work) {
  const int64_t threads = std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, kThreads), total = row.back();
  const auto first = [&](int64_t part) {
    return std::lower_bound(row.begin(), row.end() - 1, total / threads * part) - row.begin();
  };
  std::vector<std::thread> others;
  for (int64_t part = 1; part < threads; ++part) {
    const int64_t begin = first(part), end = part + 1 < threads ? first(part + 1) : row.size() - 1;
    try {
      others.emplace_back(work, begin, end);
    } catch (const std::system_error&) {
      work(begin, end);  // no thread to be had
    }
  }
  work(0, threads > 1 ? first(1) : row.size() - 1);
  for (std::thread& other : others) other.join();
}

template <typename T>
void Draw(const Blocks& b, int32_t* indptr, int32_t* targets, T* weights) {
  const int64_t blocks = b.blocks, neurons = b.begins[blocks];
  std::vector<int32_t> degrees(neurons * blocks, 0);
  std::vector<int64_t> before(blocks + 1, 0);  // synapses from the blocks before each
  for (int64_t q = 0; q < blocks; ++q) {
    before[q + 1] = before[q];
    for (int64_t p = 0; p < blocks; ++p) before[q + 1] += b.counts[p * blocks + q];
  }
  Divided(before, [&](int64_t first, int64_t last) {
    uint64_t number = before[first];
    for (int64_t q = first; q < last; ++q)
      for (int64_t p = 0; p < blocks; ++p) {
        int32_t* degree = degrees.data() + b.begins[q] * blocks + p;
        const uint64_t size = b.begins[q + 1] - b.begins[q];
        for (int64_t n = b.counts[p * blocks + q]; n > 0; --n) ++degree[Below(Bits(b.keys[0], number++), size) * blocks];
      }
  });
  std::vector<int64_t> row(neurons + 1, 0);
  for (int64_t i = 0; i < neurons; ++i)
    row[i + 1] = std::accumulate(degrees.begin() + i * blocks, degrees.begin() + (i + 1) * blocks, row[i]);
  Divided(row, [&](int64_t first, int64_t last) {
    RowSorter<T> sorter(neurons, b.slots);
    for (int64_t i = first; i < last; ++i) {
      const int64_t q = std::upper_bound(b.begins, b.begins + blocks + 1, i) - b.begins - 1;
      Synapse<T>* drawn = sorter.Room(row[i + 1] - row[i]);
      int64_t k = 0;
      for (int64_t p = 0; p < blocks; ++p) {
        const int64_t pair = p * blocks + q, begin = b.begins[p], end = k + degrees[i * blocks + p];
        const uint64_t size = b.begins[p + 1] - begin;
        const Pair of{b.mean[pair], b.sd[pair], b.cut + pair * b.slots, b.alias + pair * b.slots, begin, size};
        while (k < end) {
          const int64_t some = std::min<int64_t>(end - k, kSome);
          Some(b, of, row[i] + k, some, drawn + k);
          k += some;
        }
      }
      sorter.Write(k, row[i], indptr + i * b.slots, targets, weights);
    }
  });
  indptr[neurons * b.slots] = static_cast<int32_t>(row[neurons]);
}

}  // namespace

#define BRAINNB_WIRING(T, NAME)                                                                                    \
  extern "C" void brainnb_order_##NAME(const Edges* edges, const int32_t* pre, const int32_t* post,                \
                                       const int32_t* slot, const T* weight, int32_t* indptr, int32_t* targets,    \
                                       T* weights) {                                                               \
    Order<T>(*edges, pre, post, slot, weight, indptr, targets, weights);                                           \
  }                                                                                                                \
  extern "C" void brainnb_draw_##NAME(const Blocks* blocks, int32_t* indptr, int32_t* targets, T* weights) {       \
    Draw<T>(*blocks, indptr, targets, weights);                                                                    \
  }
BRAINNB_WIRING(float, float32)
BRAINNB_WIRING(double, float64)
