// Event products with delays on the CPU: for every delay the spikes of the moment it reaches back to, read from a ring
// of packed bits, and their synapses of that delay. Delays in their order, neurons in theirs, as the JAX loop.

#include <cstdint>
#include <cstring>

#include "delivery.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

// The ring of spikes, and the segments of synapses: segment i * slots + s holds those of neuron i with delay s.
struct Ring {
  const uint32_t* line;
  int64_t rows, words;
  const int32_t* row;  // which row each slot reads; another number than a row: none
  int64_t slots, pre;
};

// Spiking neurons of one row, 64 at a time; whole stretches of silence are left in one look.
template <typename Found>
inline void Scan(const uint32_t* bits, int64_t words, int64_t pre, Found found) {
  constexpr int64_t kStretch = 16;
  for (int64_t w = 0; w < words; w += kStretch) {
    uint32_t stretch[kStretch] = {0}, any = 0;
    if (w + kStretch <= words)
      std::memcpy(stretch, bits + w, sizeof stretch);
    else
      std::memcpy(stretch, bits + w, 4 * (words - w));
    for (int64_t k = 0; k < kStretch; ++k) any |= stretch[k];
    if (any == 0) continue;
    for (int64_t k = 0; k < kStretch; k += 2) {
      uint64_t rest = stretch[k] | static_cast<uint64_t>(stretch[k + 1]) << 32;
      for (; rest != 0; rest &= rest - 1) {
        const int64_t i = 32 * (w + k) + __builtin_ctzll(rest);
        if (i < pre) found(i);
      }
    }
  }
}

template <typename T, bool kShared>
void Arrive(const Ring& ring, const Rows& segments, const T* weight, T* out) {
  Delivery<T, kShared, false, 4, 8> delivery(segments, weight, nullptr, out);
  for (int64_t s = 0; s < ring.slots; ++s) {
    const int64_t row = ring.row[s];
    if (row < 0 || row >= ring.rows) continue;
    Scan(ring.line + row * ring.words, ring.words, ring.pre, [&](int64_t i) { delivery.Add(i * ring.slots + s); });
  }
  delivery.Flush();
}

template <typename T>
void Arrive(const Ring& ring, const Rows& segments, const ffi::AnyBuffer& weight, ffi::AnyBuffer& out) {
  const T* w = static_cast<const T*>(weight.untyped_data());
  T* o = static_cast<T*>(out.untyped_data());
  weight.dimensions().size() == 0 ? Arrive<T, true>(ring, segments, w, o) : Arrive<T, false>(ring, segments, w, o);
}

using Line = ffi::Buffer<ffi::U32, 2>;

ffi::Error DelayedEvents(Line line, ffi::Buffer<ffi::S32> row, ffi::Buffer<ffi::S32> begins,
                         ffi::Buffer<ffi::S32> targets, ffi::AnyBuffer weight, ffi::AnyBuffer onto,
                         ffi::Result<ffi::AnyBuffer> out) {
  const int64_t slots = row.element_count(), synapses = targets.element_count();
  const int64_t count = static_cast<int64_t>(begins.element_count()) - 1, pre = slots ? count / slots : 0;
  const int64_t rows = line.dimensions()[0], words = line.dimensions()[1];
  const ffi::DataType type = out->element_type();
  if (onto.element_type() != type || weight.element_type() != type)
    return ffi::Error::InvalidArgument("delayed event product: types differ");
  if (count < 0 || pre * slots != count || words != (pre + 31) / 32 ||
      (weight.dimensions().size() != 0 && static_cast<int64_t>(weight.element_count()) != synapses))
    return ffi::Error::InvalidArgument("delayed event product: sizes differ");
  const Ring ring{line.typed_data(), rows, words, row.typed_data(), slots, pre};
  const Rows segments{begins.typed_data(), 0, targets.typed_data(), synapses,
                      static_cast<int64_t>(onto.element_count())};
  if (out->untyped_data() != onto.untyped_data())
    std::memcpy(out->untyped_data(), onto.untyped_data(), onto.size_bytes());
  if (type == ffi::F32)
    Arrive<float>(ring, segments, weight, *out);
  else if (type == ffi::F64)
    Arrive<double>(ring, segments, weight, *out);
  else
    return ffi::Error::InvalidArgument("delayed event product: float32 or float64 was expected");
  return ffi::Error::Success();
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(brainnb_delayed_events, DelayedEvents,
                              ffi::Ffi::Bind()
                                  .Arg<Line>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>());
