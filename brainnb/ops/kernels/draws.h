// Random numbers of a step, for sources that draw some.

#pragma once

#include "counts.h"
#include "keys.h"
#include "part.h"

namespace {

template <typename T>
inline void Counted(Key key, const T* expected, int64_t, T* out, int64_t count, Part part) {
  Drawing<T>(key.first, key.second, count).Draw(expected, out, part.From(count), part.To(count));
}

}  // namespace
