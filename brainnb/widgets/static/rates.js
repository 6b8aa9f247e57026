
// --- an f-I curve: the same as brainnb/analysis/orbits/fi_curve.py, and drawn as widgets/rate/drawing.py does ---------------

const NARROWED = 3, TRANSIENT = 0.2, SLICE = 4000, MOST_OF_A_TRACE = 1600;
let curve = { key: null };

function* rateCurve(values, about) {
  const given = Object.fromEntries(about.known.map((path) => [path, values[path]]));
  const key = JSON.stringify([values.T, values.dt, about.known.filter((path) => path !== about.over).map((path) => values[path])]);
  const swept = evenly(...about.span, about.points), lasts = (1 - TRANSIENT) * values.T;
  let done = 0;
  const measured = function* (at) {
    const rate = [], first = [];
    for (const x of at) {
      const { times, end } = yield* fired({ ...given, [about.over]: x }, values, about);
      first.push(times.length > 1 ? times[1] - times[0] : NaN);
      rate.push(lasting(times, end, TRANSIENT * values.T));
      yield (done += 1) / (1 + (1 + NARROWED) * about.points);
    }
    return { rate, first };
  };
  if (curve.key !== key) {
    const { rate, first } = yield* measured(swept), found = begun(swept, rate, ...(yield* narrowed(swept, rate, measured, 0)), lasts);
    curve = { key, swept, rate, first, ...found, word: found.word.startsWith("type") ? "not looked at" : found.word };
  }
  const beside = yield* besides(given, values, about);
  if (curve.word === "not looked at") {
    yield { partial: ratePicture(curve, beside, values, about, true) };
    curve = { ...curve, ...begun(swept, curve.rate, ...(yield* narrowed(swept, curve.rate, measured, NARROWED)), lasts) };
  }
  return ratePicture(curve, beside, values, about, false);
}

function evenly(low, high, count) {
  const step = (high - low) / (count - 1);
  return Array.from({ length: count }, (_, k) => (k === count - 1 ? high : low + k * step));
}

// when a run fires, and what it does; the run is done in slices
function* fired(given, { T, dt }, { counted }, seen = null) {
  const state = still.start(given, { dt }), steps = Math.round(T / dt), times = [];
  let before = null, earlier = 0, end = 0;
  for (let done = 0; done < steps; done += SLICE) {
    const out = still.more(given, state, Math.min(SLICE, steps - done)), row = out[counted.name], time = out.time;
    for (let k = 0; k < row.length; k++) {
      if (counted.spiking) {
        if (row[k] > counted.level) times.push(time[k]);
      } else if (before !== null && before < counted.level && row[k] >= counted.level) {
        times.push(earlier + ((counted.level - before) / (row[k] - before)) * (time[k] - earlier));
      }
      before = row[k];
      earlier = time[k];
    }
    end = time.at(-1);
    seen?.(out);
    yield;
  }
  return { times, end };
}

// the rate of spikes that last: not a few at the begin and then none for longer than they are apart; Hz
function lasting(times, end, transient) {
  const late = times.filter((t) => t >= transient);
  if (late.length < 2) return 0;
  let longest = 0;
  for (let k = 1; k < late.length; k++) longest = Math.max(longest, late[k] - late[k - 1]);
  return end - late.at(-1) < 2 * longest ? (1000 * (late.length - 1)) / (late.at(-1) - late[0]) : 0;
}

// the last silent and the first firing value, closer and closer; and [distance, rate] just above each time
function* narrowed(at, rate, measured, often) {
  const tail = [];
  if (!rate.some((r) => r > 0) || rate[0] > 0) return [NaN, NaN, tail];
  let i = rate.findIndex((r) => r > 0), low = at[i - 1], high = at[i];
  tail.push([high - low, rate[i]]);
  for (let k = 0; k < often; k++) {
    const finer = evenly(low, high, at.length), { rate: found } = yield* measured(finer);
    if (!found.some((r) => r > 0) || found[0] > 0) break;
    i = found.findIndex((r) => r > 0);
    [low, high] = [finer[i - 1], finer[i]];
    tail.push([high - low, found[i]]);
  }
  return [low, high, tail];
}

function begun(at, rate, low, high, tail, T) {
  if (rate[0] > 0) return { rheobase: NaN, onset: rate[0], word: "below range" };
  if (!tail.length) return { rheobase: NaN, onset: NaN, word: "not reached" };
  const onset = tail.at(-1)[1], slowest = 4000 / T; // a few spikes in the run: slower ones cannot be told from none
  return { rheobase: 0.5 * (low + high), onset, word: onset <= Math.max(slowest, 0.5 * tail[0][1]) ? "type I" : "type II" };
}

// the run at the present value
function* besides(given, values, about) {
  const time = [], level = [];
  const { times, end } = yield* fired(given, values, about, (out) => { time.push(out.time); level.push(out[about.shown]); });
  const whole = (parts) => { const all = new Float64Array(parts.reduce((n, p) => n + p.length, 0)); let at = 0; for (const p of parts) { all.set(p, at); at += p.length; } return all; };
  return { times, time: whole(time), level: whole(level), rate: lasting(times, end, TRANSIENT * values.T) };
}

function ratePicture({ swept, rate, first, rheobase, onset, word }, beside, values, about, partial) {
  const at = values[about.over], top = Math.max(...rate, 1), [low, high] = [-0.04 * top, 1.2 * top], known = Number.isFinite(rheobase);
  const { times, time, level } = beside, keep = Array.from(minMax(level, MOST_OF_A_TRACE)), [below, above] = padded(endsOf([level]), 0.12);
  const gaps = times.slice(1).map((t, k) => t - times[k]), few = (all) => all.slice(0, MOST_OF_A_TRACE);
  const split = swept.findIndex((x) => x >= rheobase), step = (all, more) => [...all.slice(0, split), ...more, ...all.slice(split)];
  const instant = { x: few(times.slice(1)), y: few(gaps.map((gap) => 1000 / gap)) };
  const found = {
    rate: known ? { x: step(swept, [rheobase, rheobase]), y: step(rate, [0, onset]) } : { x: swept, y: rate },
    dots: { x: swept, y: rate },
    rheobase: known ? { x: [rheobase, rheobase], y: [low, high] } : null,
    here: { x: [at, at], y: [low, high] },
    at: { x: [at], y: [between(at, swept, rate)] },
    trace: { x: keep.map((k) => time[k]), y: keep.map((k) => level[k]) },
    spikes: { x: few(times), y: few(times).map(() => above - 0.05 * (above - below)) },
    instant, beats: instant,
  };
  const texts = known && !partial ? [word] : [];
  const header = {
    across: about.span, begin: 0, end: time.at(-1) ?? 1, partial,
    spans: [[low, high], [below, above], [0, 1.15 * Math.max(1, ...gaps.map((gap) => 1000 / gap))]],
    words: { x: texts.map(() => rheobase), y: texts.map(() => 1.1 * top), text: texts },
  };
  return {
    ...packedCurves(found, about.curves, header), text: rateTold({ swept, rheobase, onset, word }, beside, at, about),
    out: { time: swept, rate, gain: slopesOf(rate, swept), first_interval: first }, index: about.over, found: { rheobase, onset, word, times },
  };
}

// linear between the values, the ends beyond them
function between(x, xs, ys) {
  if (x <= xs[0]) return ys[0];
  const k = xs.findIndex((v) => v >= x);
  return k < 0 ? ys.at(-1) : ys[k - 1] + ((x - xs[k - 1]) / (xs[k] - xs[k - 1])) * (ys[k] - ys[k - 1]);
}

function slopesOf(y, x) {
  return y.map((_, k) => { const [a, b] = [Math.max(0, k - 1), Math.min(y.length - 1, k + 1)]; return (y[b] - y[a]) / (x[b] - x[a]); });
}

// what the curve and the run beside it show, in words
function rateTold({ swept, rheobase, onset, word }, { times, rate }, at, { over, units: [u] }) {
  const unit = u === "1" ? "" : ` ${u}`;
  const told = {
    "not reached": `no lasting firing up to ${over} = ${general(swept.at(-1), 5)}${unit}`,
    "below range": `fires throughout, at ${general(onset, 3)} Hz already at ${over} = ${general(swept[0], 5)}${unit}`,
    "not looked at": `firing begins near ${over} = ${general(rheobase, 4)}${unit} (how it begins is being looked at)`,
    "type I": `type I: firing begins at ${over} = ${general(rheobase, 5)}${unit} with arbitrarily slow spikes (${general(onset, 3)} Hz just above)`,
    "type II": `type II: firing begins at ${over} = ${general(rheobase, 5)}${unit} at once at ${general(onset, 3)} Hz`,
  }[word];
  let here = `At ${over} = ${general(at, 5)}${unit}: `;
  if (rate > 0) {
    const [first, last] = [times[1] - times[0], times.at(-1) - times.at(-2)];
    here += `${general(rate, 4)} Hz${last > 1.05 * first ? `, intervals grow from ${general(first, 3)} to ${general(last, 3)} ms` : ""}`;
  } else here += times.length ? `${times.length} spike${times.length > 1 ? "s" : ""}, then rest` : "no spike";
  return `${told}. ${here}`;
}
