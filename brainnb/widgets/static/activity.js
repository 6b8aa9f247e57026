
// --- what a network has done so far, and its picture: the same as widgets/network/activity.py and drawing.py -----------

// `BANDS` are the populations from bottom to top, `PICTURE` how fine they are drawn; both are written before this.
class Activity {
  constructor({ values: { T, dt }, watched, chosen = [] }) {
    Object.assign(this, { T, chosen, spacing: dt * EVERY, records: 0, partial: true, bad: "" });
    this.bands = BANDS.map((band, i) => ({ ...band, neurons: watched?.[i] ?? [], record: [], neuron: [], potentials: [] }));
  }

  // the next piece of a run
  add(out) {
    const n = out.time.length;
    if (!this.records && n > 1) this.spacing = out.time[1] - out.time[0]; // its last bit decides which frequencies are seen
    for (const band of this.bands) {
      const spikes = band.fires ? out[`${band.path}.spike`] : [];
      for (let k = 0; k < spikes.length; k++) {
        if (spikes[k] === 0) continue;
        band.record.push(this.records + Math.floor(k / band.number));
        band.neuron.push(k % band.number);
      }
      if (!band.watched) continue;
      const V = out[`${band.path}.V`], { neurons } = band;
      for (let k = 0; k < n; k++) for (const i of neurons) band.potentials.push(V[k * band.number + i]);
      this.bad ||= noNumber(`${band.path}.V`, V, out.time);
    }
    this.records += n;
  }

  // --- what is seen ---------------------------------------------------------------------------------------------------

  meanRate(band) {
    const length = this.records * this.spacing;
    return length ? (1000 * band.record.length) / band.number / length : 0;
  }

  // population rate in bins of about `width` ms
  rate(band, width) {
    const each = Math.max(1, evenly(width / this.spacing)), bins = Math.floor(this.records / each), step = each * this.spacing;
    const y = new Float64Array(bins);
    for (const record of band.record) if (record < bins * each) y[Math.floor(record / each)] += 1;
    const scale = 1000 / step / band.number;
    return { start: step / 2, step, y: y.map((count) => count * scale) };
  }

  spectrum(band) {
    const fine = this.rate(band, 1);
    const window = Math.floor(Math.min(fine.y.length, PICTURE.window / fine.step));
    return window < 32 ? null : welch(fine.y, fine.step, window, PICTURE.highest);
  }

  // how the potentials of the watched neurons are spread, per cent in each bin
  histogram({ potentials }) {
    if (!potentials.length) return null;
    const stride = Math.max(1, Math.floor(potentials.length / PICTURE.samples)), bins = PICTURE.bins;
    const values = Float64Array.from({ length: Math.ceil(potentials.length / stride) }, (_, k) => potentials[k * stride]).filter(Number.isFinite);
    if (!values.length) return null;
    const sorted = values.slice().sort();
    let low = percentile(sorted, 0.05), high = percentile(sorted, 99.95);
    if (high - low < 1e-6) [low, high] = [low - 1, high + 1];
    const edge = (k) => (k === bins ? high : low + k * ((high - low) / bins)), y = new Float64Array(bins);
    for (const value of values) {
      const x = Math.min(high, Math.max(low, value));
      let k = Math.min(bins - 1, Math.floor(((x - low) / (high - low)) * bins));
      if (x < edge(k)) k -= 1;
      else if (k < bins - 1 && x >= edge(k + 1)) k += 1;
      y[k] += 1;
    }
    return { start: (edge(0) + edge(1)) / 2, step: edge(1) - edge(0), y: y.map((count) => (100 * count) / values.length) };
  }

  // the potential of one neuron, and the samples of it that are drawn
  trace([i, neuron]) {
    const { neurons, potentials } = this.bands[i], at = neurons.indexOf(neuron);
    if (at < 0 || !this.records) return null;
    const stride = Math.ceil(this.records / MOST_NUMBERS), step = this.spacing * stride;
    const y = Float64Array.from({ length: Math.ceil(this.records / stride) }, (_, k) => potentials[k * stride * neurons.length + at]);
    return { start: this.spacing, step, y, kept: minMax(y, PICTURE.points) };
  }

  curve(kind, number, trace) {
    if (kind === "trace") return number < this.chosen.length ? this.trace(this.chosen[number]) : null;
    const band = this.bands.find(({ path }) => path === trace.variable);
    if (kind === "rate") return this.rate(band, Math.max(1, this.spacing, this.T / PICTURE.rates));
    return kind === "spectrum" ? this.spectrum(band) : this.histogram(band);
  }

  sentence() {
    const firing = this.bands.filter(({ fires }) => fires);
    const rates = firing.slice(0, 6).map((band) => `${band.path} ${general(this.meanRate(band), 3)} Hz`).join(", ");
    return rates + (firing.length > 6 ? ` and ${firing.length - 6} more` : "");
  }

  // --- how it is sent -------------------------------------------------------------------------------------------------

  picture() {
    const numbers = [], levels = [], axes = [], spans = [];
    for (const { kind, traces } of PANELS) {
      let low = Infinity, high = -Infinity;
      traces.forEach((trace, number) => {
        const found = this.curve(kind, number, trace), y = found?.y ?? [];
        const kept = found?.kept ?? Uint16Array.from(y, (_, k) => k);
        const level = Float32Array.from(kept, (k) => y[k]);
        for (const value of level) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
        numbers.push(Uint16Array.from(kept));
        levels.push(level);
        axes.push(found ? [found.start, found.step] : [0, 1]);
      });
      if (!(low <= high)) [low, high] = [0, 1];
      if (kind !== "trace") low = 0;
      spans.push([low, Math.max(high, low + 1e-9)]);
    }
    const lines = block(numbers, levels), { raster, parts } = this.raster();
    const header = {
      counts: levels.map((level) => level.length), axes, start: 0, step: this.spacing, end: this.T,
      reached: this.records * this.spacing, spans, lines: lines.length, raster,
    };
    return { header, bytes: joinedBytes([lines, ...parts]), text: this.sentence(), bad: this.bad, time: this.records * this.spacing };
  }

  // every spike while there are few, else one bit for each cell that holds any
  raster() {
    const records = Math.max(1, evenly(this.T / this.spacing)), grid = this.bands.reduce((sum, { record }) => sum + record.length, 0) > PICTURE.spikes;
    const columns = Math.min(grid ? PICTURE.grid : PICTURE.columns, records);
    const column = (record) => Math.min(Math.floor((record * columns) / records), columns - 1);
    if (grid) {
      const parts = this.bands.map(({ record, neuron, number, rows }) => {
        const bits = new Uint8Array(Math.ceil((rows * columns) / 8));
        record.forEach((at, k) => {
          const cell = Math.floor((neuron[k] * rows) / number) * columns + column(at);
          bits[cell >> 3] |= 128 >> (cell & 7);
        });
        return bits;
      });
      return { raster: { kind: "grid", columns, rows: this.bands.map(({ rows }) => rows) }, parts };
    }
    const units = this.bands.map(({ number }) => Math.ceil(number / 65_536));
    const parts = this.bands.flatMap(({ record, neuron }, i) => {
      const counts = new Uint16Array(columns);
      for (const at of record) counts[column(at)] += 1;
      return [counts, Uint16Array.from(neuron, (k) => Math.floor(k / units[i]))];
    });
    return { raster: { kind: "spikes", columns, counts: this.bands.map(({ record }) => record.length), units }, parts };
  }
}

// --- numbers as NumPy and SciPy find them -----------------------------------------------------------------------------

// rounded to a whole number, from the very middle to the even one
function evenly(x) {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

function percentile(sorted, part) {
  const at = (part / 100) * (sorted.length - 1), low = Math.floor(at), high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

// power spectral density up to a frequency: mean over half-overlapping Hann windows without their mean, one-sided
function welch(y, step, window, highest) {
  const hann = Float64Array.from({ length: window }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / window));
  const cosine = Float64Array.from({ length: window }, (_, k) => Math.cos((2 * Math.PI * k) / window));
  const sine = Float64Array.from({ length: window }, (_, k) => Math.sin((2 * Math.PI * k) / window));
  const apart = 1 / (window * (1 / (1000 / step))), hop = window - (window >> 1), count = Math.floor((y.length - (window >> 1)) / hop);
  let seen = window >> 1;
  while (seen * apart > highest) seen -= 1;
  const power = new Float64Array(seen);
  const scale = 1 / ((1000 / step) * hann.reduce((sum, w) => sum + w * w, 0) * count);
  for (let part = 0; part < count; part++) {
    const piece = y.subarray(part * hop, part * hop + window), mean = piece.reduce((sum, x) => sum + x, 0) / window;
    const bent = piece.map((x, k) => (x - mean) * hann[k]);
    for (let f = 1; f <= power.length; f++) {
      let re = 0, im = 0;
      for (let k = 0, at = 0; k < window; k++, at = (at + f) % window) { re += bent[k] * cosine[at]; im += bent[k] * sine[at]; }
      power[f - 1] += (2 * f === window ? 1 : 2) * scale * (re * re + im * im);
    }
  }
  return { start: apart, step: apart, y: power };
}
