// Event products on the CPU: add the synapses of every neuron that fired, in the order of the neurons.
// Called by XLA in place (`onto` and the result are one buffer); the same sums, in the same order, as the JAX loop.

#include <cstdint>
#include <cstring>

#include "spikes.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

template <typename T>
void Deliver(const Rows& rows, const ffi::AnyBuffer& events, const ffi::AnyBuffer& weight, T* out) {
  const int64_t pre = events.element_count();
  const T* w = static_cast<const T*>(weight.untyped_data());
  const bool shared = weight.dimensions().size() == 0;
  if (events.element_type() == ffi::PRED) {
    const auto* fired = static_cast<const uint8_t*>(events.untyped_data());
    shared ? Spikes<T, true>(rows, fired, pre, w, out) : Spikes<T, false>(rows, fired, pre, w, out);
  } else {
    const T* graded = static_cast<const T*>(events.untyped_data());
    shared ? Graded<T, true>(rows, graded, pre, w, out) : Graded<T, false>(rows, graded, pre, w, out);
  }
}

ffi::Error Events(ffi::AnyBuffer events, ffi::Buffer<ffi::S32> begins, ffi::Buffer<ffi::S32> targets,
                  ffi::AnyBuffer weight, ffi::AnyBuffer onto, ffi::Result<ffi::AnyBuffer> out) {
  const int64_t pre = events.element_count(), synapses = targets.element_count();
  const ffi::DataType type = out->element_type();
  const bool pointers = begins.element_count() > 0;
  if (onto.element_type() != type || weight.element_type() != type ||
      (events.element_type() != ffi::PRED && events.element_type() != type))
    return ffi::Error::InvalidArgument("event product: types differ");
  if ((pointers && static_cast<int64_t>(begins.element_count()) != pre + 1) ||
      (weight.dimensions().size() != 0 && static_cast<int64_t>(weight.element_count()) != synapses))
    return ffi::Error::InvalidArgument("event product: sizes differ");
  const Rows rows{pointers ? begins.typed_data() : nullptr, pre ? synapses / pre : 0, targets.typed_data(), synapses,
                  static_cast<int64_t>(onto.element_count())};
  if (out->untyped_data() != onto.untyped_data())
    std::memcpy(out->untyped_data(), onto.untyped_data(), onto.size_bytes());
  if (type == ffi::F32)
    Deliver<float>(rows, events, weight, static_cast<float*>(out->untyped_data()));
  else if (type == ffi::F64)
    Deliver<double>(rows, events, weight, static_cast<double*>(out->untyped_data()));
  else
    return ffi::Error::InvalidArgument("event product: float32 or float64 was expected");
  return ffi::Error::Success();
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(brainnb_events, Events,
                              ffi::Ffi::Bind()
                                  .Arg<ffi::AnyBuffer>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>());
