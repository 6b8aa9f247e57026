  // What a page asks for, with everything that it leaves out; a mistake is answered in words.
  function complete(values = {}) {
    const p = {};
    for (const q of about.parameters) p[q.path] = q.value;
    for (const [path, value] of Object.entries(values)) {
      const q = about.parameters.find((q) => q.path === path);
      if (!q) throw new RangeError(`No parameter ${path}. Known: ${about.parameters.map((q) => q.path).join(", ")}.`);
      if (typeof value !== "number" || !Number.isFinite(value)) throw new RangeError(`${path}: a finite number was expected, got ${value}.`);
      const [low, high] = q.bounds, unit = q.unit === "1" ? "" : ` ${q.unit}`;
      if (low !== null && value < low) throw new RangeError(`${path} = ${value}${unit} is below ${low}${unit}.`);
      if (high !== null && value > high) throw new RangeError(`${path} = ${value}${unit} is above ${high}${unit}.`);
      p[path] = value;
    }
    return p;
  }

  // The state at the start of a run with these values.
  function start(values, { seed = 0, dt = about.dt } = {}) {
    if (about.fixedDt && dt !== about.dt) throw new RangeError(`dt = ${dt} ms: the delays of this model are written for dt = ${about.dt} ms.`);
    return begin(complete(values), seed, dt);
  }

  // So many records from a state on, which moves along: call it again and the run goes on.
  function more(values, state, records, every = 1) {
    const out = { time: new Float64Array(records) };
    for (const r of about.records) out[r.path] = new (r.count ? Uint16Array : Float64Array)(records * r.size); // spikes are counted
    for (let k = 0; k < records; k++) out.time[k] = state.begin + (state.step + (k + 1) * every) * state.dt;
    advance(complete(values), state, records, every, out, 0);
    return out;
  }

  // A whole run of T ms.
  function run(values, T, { seed = 0, dt = about.dt, every = 1, state = start(values, { seed, dt }) } = {}) {
    return { ...more(values, state, Math.round(T / state.dt / every), every), state };
  }
