// Poisson numbers, called by XLA.

#include <cstdint>

#include "counts.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

template <typename T>
void Draw(const uint32_t* words, const ffi::AnyBuffer& expected, ffi::AnyBuffer& out) {
  const int64_t size = out.element_count();
  Drawing<T>(words[0], words[1], size)
      .Draw(static_cast<const T*>(expected.untyped_data()), static_cast<T*>(out.untyped_data()), 0, size);
}

ffi::Error Counts(ffi::Buffer<ffi::U32> words, ffi::AnyBuffer expected, ffi::Result<ffi::AnyBuffer> out) {
  const ffi::DataType type = out->element_type();
  const int64_t size = out->element_count();
  if (words.element_count() < 2 || expected.element_type() != type ||
      static_cast<int64_t>(expected.element_count()) != size)
    return ffi::Error::InvalidArgument("Poisson numbers: types or sizes differ");
  if (type == ffi::F32)
    Draw<float>(words.typed_data(), expected, *out);
  else if (type == ffi::F64)
    Draw<double>(words.typed_data(), expected, *out);
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
