// The yardstick: a network as one would write it by hand for one machine, one step after the other, spikes scattered
// row by row.  Single precision, one thread, nothing configurable.  Built by in_loop.py with
// -O3 -march=native -ffast-math -mprefer-vector-width=512: fast-math lets the compiler reorder sums, keep no NaN and
// flush denormals; no option of it changes a rate by more than rounding does.
//
// A step: V moves by exponential Euler with the conductances of the step's beginning, conductances decay, cells above
// threshold spike, and their weights are added to the conductances that the next step uses (one step of delay).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace {

constexpr int BLOCK = 64;     // cells that are updated, then looked at for spikes, while they are in the nearest cache
constexpr int AHEAD = 4;      // rows that are fetched before they are added
constexpr float DT = 0.1f;    // ms
constexpr float TAU_E = 5.0f, TAU_I = 10.0f, TAU = 20.0f;
constexpr float E_E = 0.0f, E_I = -80.0f;
constexpr double FAN_IN = 80.0;

struct Spike {
  std::int32_t step, cell;
};

// exp for |x| < 87: 2^k by the exponent's bits, e^r by a polynomial; relative error about 1e-6 (fast-math joins
// the two parts of ln 2).  The compiler turns it into vector code in place, which it does not with the library's.
inline float fast_exp(float x) {
  float k = std::rint(x * 1.44269504f);
  float r = x - k * 0.693359375f + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  std::int32_t bits = (static_cast<std::int32_t>(k) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

inline float clamped_exp(float x) { return fast_exp(std::fmin(std::fmax(x, -80.0f), 80.0f)); }

// x / (e^x - 1), finite at 0.
inline float over_expm1(float x) {
  float near = 1.0f - 0.5f * x + x * x * (1.0f / 12.0f);
  return std::fabs(x) < 0.02f ? near : x / (clamped_exp(x) - 1.0f);
}

struct Cells {
  std::vector<float> V, g_e, g_i, m, n, h;
  std::vector<std::int32_t> held;  // steps of refractoriness that are left
};

struct Coba {
  static constexpr float w_e = 0.6f, w_i = 6.7f;

  static void init(Cells &c, int size, std::mt19937_64 &random) {
    std::normal_distribution<float> start(-55.0f, 2.0f);
    for (int i = 0; i < size; i++) c.V[i] = start(random);
  }

  static std::int32_t step(float *__restrict__ V, float *__restrict__ E, float *__restrict__ I,
                           std::int32_t *__restrict__ held, const float decay_e, const float decay_i) {
    std::int32_t any = 0;
    for (int i = 0; i < BLOCK; i++) {
      float g = 1.0f + E[i] + I[i];
      float rest = (-60.0f + 20.0f + E[i] * E_E + I[i] * E_I) / g;
      float next = rest + (V[i] - rest) * fast_exp(std::fmax(-DT / TAU * g, -80.0f));
      V[i] = held[i] > 0 ? V[i] : next;
      any |= V[i] > -50.0f;
      held[i] = held[i] > 0 ? held[i] - 1 : 0;
      E[i] *= decay_e;
      I[i] *= decay_i;
    }
    return any;
  }
};

struct Cuba {
  static constexpr float w_e = 1.62f, w_i = -9.0f;

  static void init(Cells &c, int size, std::mt19937_64 &random) {
    std::uniform_real_distribution<float> start(-60.0f, -50.0f);
    for (int i = 0; i < size; i++) c.V[i] = start(random);
  }

  static std::int32_t step(float *__restrict__ V, float *__restrict__ E, float *__restrict__ I,
                           std::int32_t *__restrict__ held, const float decay_e, const float decay_i) {
    const float decay = std::exp(-DT / TAU);
    std::int32_t any = 0;
    for (int i = 0; i < BLOCK; i++) {
      float rest = -49.0f + E[i] + I[i];
      float next = rest + (V[i] - rest) * decay;
      V[i] = held[i] > 0 ? V[i] : next;
      any |= V[i] > -50.0f;
      held[i] = held[i] > 0 ? held[i] - 1 : 0;
      E[i] *= decay_e;
      I[i] *= decay_i;
    }
    return any;
  }
};

struct CobaHH {  // nS, pF, mV, ms; rates of Traub and Miles with V_T = -63 mV
  static constexpr float w_e = 6.0f, w_i = 67.0f;
  static constexpr float above = -20.0f;

  static void init(Cells &c, int size, std::mt19937_64 &random) {
    std::normal_distribution<float> normal;
    for (int i = 0; i < size; i++) {
      c.V[i] = -65.0f + 5.0f * normal(random);
      c.g_e[i] = 10.0f * std::fmax(1.5f * normal(random) + 4.0f, 0.0f);
      c.g_i[i] = 10.0f * std::fmax(12.0f * normal(random) + 20.0f, 0.0f);
    }
  }

  static float gate(float x, float open, float close) {
    float rate = open + close, target = open / rate;
    return target + (x - target) * fast_exp(std::fmax(-DT * rate, -80.0f));
  }

  // `held` is 1 where V crossed the threshold upwards in this step.
  static std::int32_t step(float *__restrict__ V, float *__restrict__ E, float *__restrict__ I, float *__restrict__ m,
                           float *__restrict__ n, float *__restrict__ h, std::int32_t *__restrict__ held,
                           const float decay_e, const float decay_i) {
    std::int32_t any = 0;
    for (int i = 0; i < BLOCK; i++) {
      float v = V[i], u = v + 63.0f;
      float open_m = 1.28f * over_expm1((13.0f - u) * 0.25f), close_m = 1.4f * over_expm1((u - 40.0f) * 0.2f);
      float open_n = 0.16f * over_expm1((15.0f - u) * 0.2f), close_n = 0.5f * clamped_exp((10.0f - u) * 0.025f);
      float open_h = 0.128f * clamped_exp((17.0f - u) * (1.0f / 18.0f));
      float close_h = 4.0f / (1.0f + clamped_exp((40.0f - u) * 0.2f));
      float g_na = 20000.0f * m[i] * m[i] * m[i] * h[i], g_k = 6000.0f * n[i] * n[i] * n[i] * n[i];
      float g = 10.0f + E[i] + I[i] + g_na + g_k;
      float rest = (10.0f * -60.0f + E[i] * E_E + I[i] * E_I + g_na * 50.0f + g_k * -90.0f) / g;
      float next = rest + (v - rest) * fast_exp(std::fmax(-DT / 200.0f * g, -80.0f));
      m[i] = gate(m[i], open_m, close_m);
      n[i] = gate(n[i], open_n, close_n);
      h[i] = gate(h[i], open_h, close_h);
      V[i] = next;
      held[i] = (v <= above) & (next > above);
      any |= held[i];
      E[i] *= decay_e;
      I[i] *= decay_i;
    }
    return any;
  }
};

struct Network {
  std::string name;
  int size, excitatory, padded;
  std::mt19937_64 random;
  std::vector<std::int32_t> row, post;  // rows of targets by presynaptic cell
  Cells cells;
  std::vector<Spike> spikes;

  Network(const char *name, int size, unsigned seed)
      : name(name), size(size), excitatory(size * 4 / 5), padded((size + BLOCK - 1) / BLOCK * BLOCK), random(seed) {
    std::geometric_distribution<std::int64_t> gap(FAN_IN / size);
    row.assign(size + 1, 0);
    post.reserve(static_cast<std::size_t>(size * (FAN_IN + 2)));
    for (int i = 0; i < size; i++) {
      for (std::int64_t j = gap(random); j < size; j += 1 + gap(random)) post.push_back(static_cast<std::int32_t>(j));
      row[i + 1] = static_cast<std::int32_t>(post.size());
    }
    row.resize(size + 1 + AHEAD, row[size]);
  }

  // Cells beyond the last, up to a full block, stay far below threshold.
  void clear() {
    for (auto *x : {&cells.g_e, &cells.g_i, &cells.m, &cells.n, &cells.h}) x->assign(padded, 0.0f);
    cells.V.assign(padded, -100.0f);
    cells.held.assign(padded, 0);
    spikes.clear();
  }

  void fetch(int cell) const {
    const char *p = reinterpret_cast<const char *>(post.data() + row[cell]);
    const char *end = reinterpret_cast<const char *>(post.data() + row[cell + 1]);
    for (; p < end; p += 64) __builtin_prefetch(p);
  }

  template <class Model>
  void run(int steps) {
    clear();
    Model::init(cells, size, random);
    float *V = cells.V.data(), *E = cells.g_e.data(), *I = cells.g_i.data();
    float *m = cells.m.data(), *n = cells.n.data(), *h = cells.h.data();
    std::int32_t *held = cells.held.data();
    const float decay_e = std::exp(-DT / TAU_E), decay_i = std::exp(-DT / TAU_I);
    constexpr bool smooth = std::is_same_v<Model, CobaHH>;
    std::vector<std::int32_t> fired(padded + AHEAD, 0);

    for (int s = 0; s < steps; s++) {
      int count = 0;
      for (int b = 0; b < size; b += BLOCK) {
        std::int32_t any;
        if constexpr (smooth) {
          any = Model::step(V + b, E + b, I + b, m + b, n + b, h + b, held + b, decay_e, decay_i);
        } else {
          any = Model::step(V + b, E + b, I + b, held + b, decay_e, decay_i);
        }
        if (!any) continue;
        int end = std::min(b + BLOCK, size);
        for (int i = b; i < end; i++) {
          if constexpr (smooth) {
            if (held[i]) fired[count++] = i;
          } else if (V[i] > -50.0f) {
            V[i] = -60.0f;
            held[i] = 50;
            fired[count++] = i;
          }
        }
      }
      for (int k = 0; k < std::min(AHEAD, count); k++) fetch(fired[k]);
      for (int k = 0; k < count; k++) {
        int cell = fired[k];
        if (k + AHEAD < count) fetch(fired[k + AHEAD]);
        float *g = cell < excitatory ? E : I;
        const float w = cell < excitatory ? Model::w_e : Model::w_i;
        for (int j = row[cell]; j < row[cell + 1]; j++) g[post[j]] += w;
        spikes.push_back({s, cell});
      }
    }
  }
};

}  // namespace

extern "C" {

Network *network_new(const char *name, int size, unsigned seed) { return new Network(name, size, seed); }

void network_free(Network *network) { delete network; }

// Runs from a new random start; returns the number of spikes.
std::int64_t network_run(Network *network, int steps) {
  if (network->name == "COBA") network->run<Coba>(steps);
  else if (network->name == "CUBA") network->run<Cuba>(steps);
  else if (network->name == "COBAHH") network->run<CobaHH>(steps);
  else return -1;
  return static_cast<std::int64_t>(network->spikes.size());
}

const Spike *network_spikes(const Network *network) { return network->spikes.data(); }
}
