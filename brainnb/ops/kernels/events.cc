// Event products on the CPU: add the synapses of every neuron that fired, in the order of the neurons.
// Called by XLA in place (`onto` and the result are one buffer); the same sums, in the same order, as the JAX loop.

#include <cstdint>
#include <cstring>

#include "delivery.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

template <typename T, bool kShared>
void Spikes(const Rows& rows, const uint8_t* fired, int64_t pre, const T* weight, T* out) {
  Delivery<T, kShared, false> delivery(rows, weight, nullptr, out);
  int64_t i = 0;
  for (; i + 64 <= pre; i += 64) {
    uint64_t eight[8], any = 0;
    std::memcpy(eight, fired + i, 64);
    for (int k = 0; k < 8; ++k) any |= eight[k];
    if (any == 0) continue;
    for (int k = 0; k < 8; ++k)
      for (uint64_t rest = eight[k]; rest != 0; rest &= rest - 1)  // a flag is the byte 0 or 1, lowest byte first
        delivery.Add(i + 8 * k + (__builtin_ctzll(rest) >> 3));
  }
  for (; i < pre; ++i)
    if (fired[i]) delivery.Add(i);
  delivery.Flush();
}

template <typename T, bool kShared>
void Graded(const Rows& rows, const T* events, int64_t pre, const T* weight, T* out) {
  Delivery<T, kShared, true> delivery(rows, weight, events, out);
  constexpr int64_t kBlock = 16;
  for (int64_t i = 0; i < pre; i += kBlock) {
    const int64_t end = std::min(i + kBlock, pre);
    bool any = false;
    for (int64_t k = i; k < end; ++k) any |= events[k] != T(0);
    if (!any) continue;
    for (int64_t k = i; k < end; ++k)
      if (events[k] != T(0)) delivery.Add(k);
  }
  delivery.Flush();
}

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
