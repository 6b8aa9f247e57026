// All that is compiled, as one library: a neighbour sees the whole of it or nothing.

#include "events.cc"
#include "delayed.cc"
#include "counts.cc"
#include "wiring.cc"
#include "steps.cc"

// The interface this library was compiled for, asked before it is registered.
extern "C" int brainnb_ffi_major() { return XLA_FFI_API_MAJOR; }
extern "C" int brainnb_ffi_minor() { return XLA_FFI_API_MINOR; }
