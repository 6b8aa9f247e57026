
// --- what is seen of a run: few points with every extreme, and a sentence; the same as widgets/picture.py, message.py --

const POINTS = 4400, MOST_POINTS = 2000, MOST_EVENTS = 20000, MOST_NUMBERS = 65536, CELLS = [200, 64];

// numbers of at most so many samples that keep the lowest and the highest of every bucket
function minMax(y, points) {
  const n = y.length;
  if (n <= points) return Int32Array.from({ length: n }, (_, i) => i);
  const buckets = (points - 2) >> 1;
  const width = Math.ceil(n / buckets);
  const kept = new Int32Array(2 * Math.ceil(n / width) + 2);
  let count = 0;
  const put = (i) => { if (!count || kept[count - 1] !== i) kept[count++] = i; };
  put(0);
  for (let begin = 0; begin < n; begin += width) {
    const end = Math.min(begin + width, n);
    let low = begin, high = begin, least = Infinity, most = -Infinity;
    for (let i = begin; i < end; i++) {
      const value = y[i];
      if (value < least) { least = value; low = i; }
      if (value > most) { most = value; high = i; }
    }
    put(Math.min(low, high));
    put(Math.max(low, high));
  }
  put(n - 1);
  return kept.slice(0, count);
}

// samples of a trace over time; of a field over time and units
function samples(out, { variable, unit }) {
  const all = out[variable];
  const records = out.time.length;
  if (unit == null || all.length === records) return all;
  const units = all.length / records;
  const one = new Float64Array(records);
  for (let k = 0; k < records; k++) one[k] = all[k * units + unit];
  return one;
}

function places(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.floor(((i + 0.5) * count) / most));
}

// an image as one byte for each cell, row by row from the bottom
function fieldOf(y, records) {
  const units = y.length / records;
  const columns = places(records, CELLS[0]), rows = places(units, CELLS[1]);
  let low = Infinity, high = -Infinity;
  for (const row of rows) {
    for (const column of columns) {
      const value = y[column * units + row];
      if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    }
  }
  if (!(low <= high)) [low, high] = [0, 1];
  const image = new Uint8Array(rows.length * columns.length);
  const scale = 255 / (high - low || 1);
  rows.forEach((row, j) => columns.forEach((column, i) => {
    const value = y[column * units + row];
    image[j * columns.length + i] = Math.round(scale * (Math.min(high, Math.max(low, Number.isNaN(value) ? low : value)) - low));
  }));
  return { about: { low, high, units, rows: rows.length, columns: columns.length }, image };
}

// a header and a block of bytes, as `Figures` reads them
function pictureOf(out, panels) {
  const time = out.time, n = time.length;
  const stride = Math.ceil(n / MOST_NUMBERS) || 1;
  const weights = panels.map((_, i) => (i === 0 ? 2 : 1));
  const total = panels.reduce((sum, panel, i) => sum + weights[i] * panel.traces.length, 0) || 1;
  const numbers = [], levels = [], counts = [], spans = [], fields = [], images = [];
  panels.forEach((panel, i) => {
    const share = Math.max(8, Math.min(MOST_POINTS, Math.floor((POINTS * weights[i]) / total)));
    if (panel.kind === "field") {
      const { about, image } = fieldOf(samples(out, panel.traces[0]), n);
      fields.push({ panel: i, ...about });
      images.push(image);
      counts.push(0);
      spans.push([0, about.units]);
      return;
    }
    if (panel.kind === "raster") {
      for (const trace of panel.traces) {
        const { at, neuron } = events(out[trace.variable], n, trace.first);
        numbers.push(at.map((k) => Math.floor(k / stride)));
        levels.push(neuron);
        counts.push(at.length);
      }
      const { first, units } = panel.traces.at(-1);
      spans.push([0, first + units]);
      return;
    }
    let low = Infinity, high = -Infinity;
    for (const trace of panel.traces) {
      const y = samples(out, trace);
      const kept = panel.kind === "spikes" ? ticks(y) : minMax(y, share);
      const level = new Float32Array(kept.length);
      for (let k = 0; k < kept.length; k++) {
        level[k] = panel.kind === "spikes" ? 0.5 : y[kept[k]];
        if (level[k] < low) low = level[k];
        if (level[k] > high && level[k] < Infinity) high = level[k];
      }
      numbers.push(Uint16Array.from(kept, (k) => Math.floor(k / stride)));
      levels.push(level);
      counts.push(kept.length);
    }
    spans.push(panel.kind === "spikes" || !(low <= high) ? [0, 1] : [low, high]);
  });
  const bytes = joinedBytes([block(numbers, levels), ...images]);
  const step = (n > 1 ? time[1] - time[0] : 1) * stride;
  return { header: { counts, start: n ? time[0] : 0, step, end: n ? time[n - 1] : 0, spans, fields }, bytes };
}

// sample numbers of all traces, padded to four bytes, then their values
function block(numbers, levels) {
  const count = levels.reduce((sum, part) => sum + part.length, 0), begin = 4 * Math.ceil(count / 2);
  const bytes = new Uint8Array(begin + 4 * count);
  let at = 0;
  for (const part of numbers) { new Uint16Array(bytes.buffer, 2 * at, part.length).set(part); at += part.length; }
  at = 0;
  for (const part of levels) { new Float32Array(bytes.buffer, begin + 4 * at, part.length).set(part); at += part.length; }
  return bytes;
}

function joinedBytes(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) { all.set(new Uint8Array(buffer, byteOffset, byteLength), at); at += byteLength; }
  return all;
}

// the raster of a network as network/drawing.py packs it, population by population: column and neuron of every spike, or
// one bit for each cell that holds any
function rasterOf(raster, bytes, populations) {
  const { kind, columns, rows, counts, units } = raster;
  let at = 0;
  return Array.from({ length: populations }, (_, i) => {
    if (kind === "grid") {
      const bits = bytes.subarray(at, (at += Math.ceil((rows[i] * columns) / 8)));
      return { rows: rows[i], bits };
    }
    const each = new Uint16Array(bytes.buffer, bytes.byteOffset + at, columns);
    const neuron = Float32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset + at + 2 * columns, counts[i]), (k) => k * units[i]);
    at += 2 * (columns + counts[i]);
    const column = new Uint16Array(neuron.length);
    for (let c = 0, k = 0; c < columns; c++) for (let n = each[c]; n > 0; n--) column[k++] = c;
    return { column, neuron };
  });
}

// spikes of a population as record and neuron, evenly thinned where there are too many
function events(counts, records, first) {
  const units = counts.length / records, found = [];
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) found.push(i);
  const thin = Math.max(1, Math.ceil(found.length / MOST_EVENTS));
  const kept = thin === 1 ? found : found.filter((_, i) => i % thin === 0);
  return { at: Uint32Array.from(kept, (i) => Math.floor(i / units)), neuron: Float32Array.from(kept, (i) => first + 0.5 + (i % units)) };
}

function ratesTold(out, panel) {
  const records = out.time.length, seconds = (out.time[records - 1] - out.time[0]) * (records / Math.max(1, records - 1)) / 1000;
  return panel.traces.map(({ variable, label, units }) => {
    const counts = out[variable];
    let total = 0;
    for (let i = 0; i < counts.length; i++) total += counts[i]; // an iterator would take as long as the run
    return `${label} ${general(seconds > 0 ? total / units / seconds : 0, 3)} Hz`;
  }).join(", ");
}

function ticks(counts) {
  const found = [];
  for (let k = 0; k < counts.length && found.length < MOST_POINTS; k++) if (counts[k]) found.push(k);
  return found;
}

// a number as Python's format(x, ".4g") writes it
function general(x, digits) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const even = halfEven(x, digits);
  if (even !== null) return general(even, digits);
  const [lead, power] = x.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= digits) {
    return `${short(lead)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return short(x.toFixed(Math.max(0, digits - 1 - exponent)));
}

// Python rounds what lies in the very middle to the even digit, JavaScript upwards; null where nothing is to be mended
function halfEven(x, digits) {
  const [exact, power] = x.toExponential(60).split("e");
  const [head, rest] = [exact.slice(0, exact.indexOf(".") + digits), exact.slice(exact.indexOf(".") + digits)];
  return /^50*$/.test(rest) && "02468".includes(head.at(-1) === "." ? head.at(-2) : head.at(-1)) ? Number(`${head}e${power}`) : null;
}

function withUnit(value, unit) {
  return general(value, 6) + (unit === "1" || !unit ? "" : ` ${unit}`);
}

// `7 spikes, 68 Hz` for what spikes; the range for what does not
function sentence(out, panels) {
  const { time } = out;
  if (!panels.length || !time.length) return "Nothing was recorded.";
  const raster = panels.find((panel) => panel.kind === "raster");
  if (raster) return ratesTold(out, raster);
  const spiking = panels.find((panel) => panel.kind === "spikes");
  if (spiking) {
    const counts = samples(out, spiking.traces[0]);
    const at = [];
    for (let k = 0; k < counts.length; k++) if (counts[k]) at.push(k);
    return spikesTold(at, time);
  }
  const panel = panels.find((p) => p.kind !== "field") ?? panels[0];
  const [trace] = panel.traces;
  const all = samples(out, trace);
  const finite = all.every(Number.isFinite) ? null : Array.from(all.keys()).filter((k) => Number.isFinite(all[k]));
  const y = finite ? Float64Array.from(finite, (k) => all[k]) : all;
  if (!y.length) return "No finite value was recorded.";
  let low = Infinity, high = -Infinity;
  for (const value of y) { if (value < low) low = value; if (value > high) high = value; }
  const between = `${trace.label} between ${general(low, 4)} and ${withUnit(Number(general(high, 4)), panel.unit)}`;
  if (panel.kind === "field") return between;
  if (panel.unit === "mV" && high > 0) {
    const found = upstrokes(y, 0, -30);
    if (found.length) return spikesTold(found, time);
  }
  const middle = (high + low) / 2, swing = high - low;
  const found = upstrokes(y, middle + swing / 6, middle - swing / 6);
  if (found.length > 1 && panel.unit !== "mV") {
    const mean = (time[found.at(-1)] - time[found[0]]) / (found.length - 1);
    return `${between}; ${found.length} cycles, one in ${general(mean, 3)} ms`;
  }
  return `${between}, at the end ${withUnit(Number(general(y[y.length - 1], 4)), panel.unit)}`;
}

// samples at which y rises above `high`, counted again only after it fell below `low`
function upstrokes(y, high, low) {
  const found = [];
  let least = y[0];
  for (let k = 1; k < y.length; k++) {
    if (y[k] > high && !(y[k - 1] > high)) {
      if (least < low) found.push(k);
      least = y[k];
    }
    if (y[k] < least) least = y[k];
  }
  return found;
}

function spikesTold(at, time) {
  const count = at.length;
  if (count === 0) return "no spike";
  if (count === 1) return `1 spike, at ${general(time[at[0]], 4)} ms`;
  const first = time[at[0]], last = time[at[count - 1]];
  if (count === 2) return `2 spikes, ${general(last - first, 3)} ms apart`;
  return `${count} spikes, ${general((1000 * (count - 1)) / (last - first), 3)} Hz`;
}
