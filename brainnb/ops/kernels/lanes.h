// Functions of one number that a compiler turns into code for many: no branch, no call, no table. Errors stay within three
// units in the last place, five where single precision nears its end. What XLA flushes to 0 on its own threads (e^x below
// 2^-125) is 0 here too.
#pragma once

#include <cstdint>

namespace {

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline float MulAdd(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
inline double MulAdd(double x, double y, double z) { return __builtin_fma(x, y, z); }
#else
inline float MulAdd(float x, float y, float z) { return x * y + z; }
inline double MulAdd(double x, double y, double z) { return x * y + z; }
#endif

template <typename To, typename From>
inline To Bits(From x) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To y;
  __builtin_memcpy(&y, &x, sizeof y);
  return y;
}

template <typename T>
inline T Polynomial(T, T last) {
  return last;
}
template <typename T, typename... Rest>
inline T Polynomial(T x, T first, Rest... rest) {  // lowest power first
  return MulAdd(x, Polynomial(x, rest...), first);
}

template <typename T>
struct Number;

template <>
struct Number<float> {
  using Int = int32_t;
  using Unsigned = uint32_t;
  static constexpr int kMantissa = 23;
  static constexpr Unsigned kOne = 0x3F800000;
  static constexpr float kRound = 0x1.8p23f, kLog2e = 0x1.715476p0f, kLn2 = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;
  // x - n ln 2; rounded once, with 1 / 2^29 of an error for each n
  static float Rest(float n, float x) { return MulAdd(-n, 0x1.62e43p-1f, x); }
  static constexpr float kMost = 89.0f, kLeast = -86.6f, kSaturated = 10.0f, kHuge = 0x1.fffffep127f;
  static constexpr float kTiny = 0x1p-126f, kUp = 0x1p24f, kUpLog = 24.0f;
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2
  static float Tail(float r) {
    return Polynomial(r, 0.5f, 0.16666576845976f, 0.041666554437686f, 0.0083632029715759f, 0.0013926213466332f);
  }
  // (log((1 + s) / (1 - s)) - 2 s) / s^3, by s^2
  static float Atanh(float z) { return Polynomial(z, 2.0f / 3, 2.0f / 5, 2.0f / 7, 2.0f / 9); }
};

template <>
struct Number<double> {
  using Int = int64_t;
  using Unsigned = uint64_t;
  static constexpr int kMantissa = 52;
  static constexpr Unsigned kOne = 0x3FF0000000000000;
  static constexpr double kRound = 0x1.8p52, kLog2e = 0x1.71547652b82fep0;
  static constexpr double kLn2 = 0x1.62e42fefa38p-1, kLn2Low = 0x1.ef35793c7673p-45;
  static double Rest(double n, double x) { return MulAdd(-n, kLn2Low, MulAdd(-n, kLn2, x)); }
  static constexpr double kMost = 710.0, kLeast = -708.0, kSaturated = 20.0, kHuge = 0x1.fffffffffffffp1023;
  static constexpr double kTiny = 0x1p-1022, kUp = 0x1p54, kUpLog = 54.0;
  static double Tail(double r) {
    return Polynomial(r, 0.5, 0.16666666666666671008, 0.041666666666666669767, 0.0083333333333261120526,
                      0.0013888888888883731828, 0.00019841269874901259234, 2.4801587325605322782e-5,
                      2.7557255297969644392e-6, 2.7557273570102139673e-7, 2.5105259538448493419e-8,
                      2.0914717341716375952e-9);
  }
  static double Atanh(double z) {
    return Polynomial(z, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21,
                      2.0 / 23);
  }
};

// Bit by bit: of choices in a row, with `?`, GCC makes branches first and then a mask for each way through them.
template <typename T>
inline T Chosen(bool which, T yes, T no) {
  using Unsigned = typename Number<T>::Unsigned;
  const Unsigned mask = Unsigned(0) - Unsigned(which);
  return Bits<T>((Bits<Unsigned>(yes) & mask) | (Bits<Unsigned>(no) & ~mask));
}

template <typename T>
inline T Least(T x, T y) {  // NaN if one is, as in XLA
  return Chosen((x <= y) | (x != x), x, y);
}
template <typename T>
inline T Most(T x, T y) {
  return Chosen((x >= y) | (x != x), x, y);
}
template <typename T>
inline T AtMost(T bound, T x) {  // NaN if x is
  return Chosen(bound < x, bound, x);
}
template <typename T>
inline T AtLeast(T bound, T x) {
  return Chosen(bound > x, bound, x);
}

// By their bits, as whole numbers, where the result is no number anyway if x is none: these bounds may lose that.
template <typename T>
inline T UpTo(T bound, T x) {  // a positive bound
  using Int = typename Number<T>::Int;
  const Int most = Bits<Int>(bound), own = Bits<Int>(x);
  return Bits<T>(own < most ? own : most);
}
template <typename T>
inline T From(T bound, T x) {  // a negative bound
  using Unsigned = typename Number<T>::Unsigned;
  const Unsigned least = Bits<Unsigned>(bound), own = Bits<Unsigned>(x);
  return Bits<T>(own < least ? own : least);
}

// e^x = 2^n (1 + grown), where |log(1 + grown)| <= ln(2) / 2.
template <typename T>
struct Parts {
  T power, grown;
};

// Of a number between kLeast and kMost; kLess = 1 halves the power, so that it is finite beyond them too.
template <int kLess, typename T>
inline Parts<T> Split(T x) {
  using N = Number<T>;
  using Word = typename N::Int;
  using Unsigned = typename N::Unsigned;
  const T shifted = MulAdd(x, N::kLog2e, N::kRound), n = shifted - N::kRound;
  const T r = N::Rest(n, x);
  const Unsigned bits = (static_cast<Unsigned>(Bits<Word>(shifted)) << N::kMantissa) + N::kOne - (Unsigned(kLess) << N::kMantissa);
  return {Bits<T>(bits), MulAdd(r * r, N::Tail(r), r)};
}

template <typename T>
inline T Exp(T x) {
  using N = Number<T>;
  const Parts<T> e = Split<1>(AtMost(N::kMost, x));
  const T value = MulAdd(e.power, e.grown, e.power) * T(2);
  return Chosen(x < N::kLeast, T(0), value);
}

template <typename T>
inline T Expm1(T x) {
  using N = Number<T>;
  const Parts<T> e = Split<1>(AtLeast(T(-40), AtMost(N::kMost, x)));
  return MulAdd(e.power, e.grown, e.power - T(0.5)) * T(2);
}

// e^x - 1, from x = -40 on, and below e^88; not 0, where x is not, and perhaps a number, where x is none.
template <typename T>
inline T Grown(T x) {
  const Parts<T> e = Split<0>(From(T(-40), x));
  return MulAdd(e.power, e.grown, e.power - T(1));
}

// (e^x - 1) / x, which beyond e^60 grows no more.
template <typename T>
inline T Phi(T x) {
  const T some = AtMost(T(60), x) + Number<T>::kTiny;  // another number only if it is 0
  return Grown(some) / some;
}

// x / (1 - e^-x)
template <typename T>
inline T Exprel(T x) {
  const T some = Number<T>::kTiny - x;
  return some / Grown(UpTo(T(88), some));
}

template <typename T>
inline T Logistic(T x) {
  return T(1) / (T(1) + Exp(-x));
}

template <typename T>
inline T Tanh(T x) {
  using N = Number<T>;
  const T size = Chosen(x < 0, -x, x);
  const T grown = Expm1(T(2) * AtMost(N::kSaturated, size));
  const T value = grown / (grown + T(2));
  return Chosen(x < 0, -value, value);
}

template <typename T>
inline T Log(T x) {
  using N = Number<T>;
  using Word = typename N::Int;
  const bool small = x < N::kTiny;
  const T y = Chosen(small, x * N::kUp, x);
  // y = 2^n m with m between sqrt(1/2) and sqrt(2)
  const Word root = Bits<Word>(T(0x1.6a09e667f3bcdp-1)), bits = Bits<Word>(y) - root;
  const Word n = bits >> N::kMantissa;
  const T m = Bits<T>((bits & ((Word(1) << N::kMantissa) - 1)) + root);
  const T power = static_cast<T>(n) - Chosen(small, N::kUpLog, T(0));
  const T s = (m - T(1)) / (m + T(1)), z = s * s;
  const T value = MulAdd(power, N::kLn2, MulAdd(power, N::kLn2Low, MulAdd(s * z, N::Atanh(z), s + s)));
  const T edge = Chosen(x == 0, T(-__builtin_inf()), Chosen(x > N::kHuge, x, T(__builtin_nan(""))));
  return Chosen((x > 0) & (x <= N::kHuge), value, edge);
}

template <typename T>
inline T Log1p(T x) {
  const T u = T(1) + x, value = Log(u) + (x - (u - T(1))) / u;
  return Chosen(u == T(1), x, Chosen((u > Number<T>::kHuge) | (u == 0), Log(u), value));
}

// Cut off to a whole number; the last one there is beyond the ends, and 0 of what is no number.
template <typename T>
inline int32_t Whole(T x) {
  const bool inside = (x > T(-2147483649.0)) & (x < T(2147483648.0));
  const int32_t cut = static_cast<int32_t>(Chosen(inside, x, T(0)));
  return inside ? cut : x > 0 ? INT32_MAX : x < 0 ? INT32_MIN : 0;
}

}  // namespace
