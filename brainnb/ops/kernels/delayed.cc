// Event products with delays on the CPU: for every delay the spikes of the moment it reaches back to, read from a ring
// of packed bits, and their synapses of that delay. Delays in their order, neurons in theirs, as the JAX loop.

#include <cstdint>
#include <cstring>

#include "ring.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

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
  const Ring ring{line.typed_data(), rows, words, row.typed_data(), slots, pre};
  if (count < 0 || pre * slots != count || !ring.Fits() ||
      (weight.dimensions().size() != 0 && static_cast<int64_t>(weight.element_count()) != synapses))
    return ffi::Error::InvalidArgument("delayed event product: sizes differ");
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
