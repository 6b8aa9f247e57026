
// --- the worker: runs the model in pieces, the newest request first ------------------------------------------------------

const PIECE = 12; // ms between two looks at what was asked meanwhile
const TOLD = 150; // ms after which a run tells how far it is, and shows it where a part can be seen
const MEASURED = 40; // ms of a piece by which the pace is measured
const PATIENCE = 1000; // ms after which a run of which a part is seen gives way to a newer request

let newest = null, running = false, stop = false, last = null, speed = 0;
const turn = new MessageChannel();
const pause = () => new Promise((resolve) => { turn.port1.onmessage = resolve; turn.port2.postMessage(0); });

onmessage = ({ data }) => {
  if (data.stop) stop = true;
  else if (data.table) postMessage({ table: table(data.columns) });
  else if (data.measure) postMessage({ pace: pace(data) });
  else {
    newest = data;
    if (!running) work();
  }
};

async function work() {
  running = true;
  while (newest) {
    const asked = newest;
    newest = null;
    stop = false;
    try {
      const found = await (asked.tab ? view(asked) : run(asked));
      if (found) postMessage(found, [found.bytes.buffer]);
    } catch (error) {
      postMessage({ run: asked.run, problem: error.message });
    }
  }
  running = false;
}

// one run; nothing when an urgent request came in between, or any where a part was shown for long enough
async function run(asked) {
  const { run, values } = asked, { given, state } = entered(values);
  const records = Math.round(values.T / values.dt / EVERY), found = watching(asked), from = performance.now();
  let told = from;
  for (let done = 0; done < records;) {
    const n = Math.min(records - done, Math.max(64, Math.floor(speed * PIECE)) || 64), before = performance.now();
    found.add(model.more(given, state, n, EVERY));
    const spent = performance.now() - before;
    if (spent > 0.5) speed = n / spent;
    else speed = Math.max(speed, 4 * n / PIECE);
    done += n;
    if (done < records && performance.now() - from > PIECE) {
      if (performance.now() - from > TOLD) postMessage({ progress: done / records });
      await pause();
      if (newest && (newest.urgent || (found.partial && performance.now() - from > PATIENCE))) return null;
      if (stop) break;
      if (found.partial && performance.now() - told > TOLD) {
        postMessage({ run, values, ...found.picture(), stopped: false, partial: true });
        told = performance.now();
      }
    }
  }
  const { header, bytes, text, bad, time } = found.picture(), stopped = found.records < records;
  return { run, values, header, bytes, text: text + (stopped ? ` (stopped at t=${general(time, 6)} ms)` : "") + bad, stopped };
}

// the values that the model takes, and the state from which it goes on
function entered({ T, dt, seed, ...rest }) {
  const given = {}, begin = {};
  for (const [path, value] of Object.entries(rest)) {
    if (path.startsWith("start.")) begin[path.slice(6)] = value;
    else if (KNOWN.has(path)) given[path] = value;
  }
  const state = model.start(given, { seed, dt });
  for (const [path, value] of Object.entries(begin)) if (value !== STARTS[path]) state[path] = value;
  return { given, state };
}

// ms that a step takes here: of a piece long enough to be measured, which the first are not
function pace({ values }) {
  const { given, state } = entered(values);
  for (let n = 8; ; n *= 2) {
    const from = performance.now();
    model.more(given, state, n, 1);
    const spent = performance.now() - from;
    if (spent > MEASURED) return spent / n;
  }
}

// the records of a run as they are
class Records {
  constructor() { Object.assign(this, { pieces: [], records: 0, partial: false }); }

  add(piece) {
    this.pieces.push(piece);
    this.records += piece.time.length;
  }

  picture() {
    last = joined(this.pieces);
    return { ...pictureOf(last, PANELS), text: sentence(last, PANELS), bad: firstBad(last), time: last.time.at(-1) ?? 0 };
  }
}

// another view of the model; what it has so far is shown, and left where a newer request waits
async function view({ run, values, tab }) {
  const work = VIEW_WORK[tab](values, VIEWS[tab]), begun = performance.now();
  let from = begun, part = 0, shown = null;
  const seen = ({ header, bytes, text, out, index }, more) => {
    last = { ...out, index };
    return { run, values, header, bytes, text, stopped: false, ...more };
  };
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return seen(step.value, {});
    if (typeof step.value === "number") part = step.value;
    if (step.value?.partial) {
      shown = step.value.partial;
      postMessage(seen(shown, { partial: true }));
    }
    if (performance.now() - from < PIECE && !step.value?.partial) continue;
    if (performance.now() - begun > TOLD) postMessage({ progress: part });
    await pause();
    if (newest && (newest.urgent || shown)) return null;
    if (stop) return shown ? seen(shown, { stopped: true, text: `${shown.text} (stopped)` }) : { run, problem: "Stopped before there was a picture.", bytes: new Uint8Array(0) };
    from = performance.now();
  }
}

function joined(pieces) {
  if (pieces.length === 1) return pieces[0];
  const out = {};
  for (const path of Object.keys(pieces[0] ?? {})) {
    out[path] = new pieces[0][path].constructor(pieces.reduce((sum, piece) => sum + piece[path].length, 0));
    let at = 0;
    for (const piece of pieces) { out[path].set(piece[path], at); at += piece[path].length; }
  }
  return out;
}

// where the first number is that is none
function firstBad(out) {
  for (const panel of PANELS) {
    for (const { variable } of panel.traces) {
      const found = out[variable] instanceof Float64Array ? noNumber(variable, out[variable], out.time) : ""; // counts are numbers
      if (found) return found;
    }
  }
  return "";
}

function noNumber(variable, values, time) {
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at += 1;
  if (at === values.length) return "";
  const from = time[Math.floor(at / (values.length / time.length))];
  return ` NaN: \`${variable}\` is no number from t = ${general(from, 6)} ms on. Try a smaller dt, or check the values.`;
}

// the whole result, one row a record
function table(columns) {
  if (!last) return "";
  const n = last.time.length;
  const parts = columns.flatMap((path) => {
    const units = last[path].length / n;
    return Array.from({ length: units }, (_, i) => ({ name: units > 1 ? `${path}[${i}]` : path, path, units, i }));
  });
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = [[quoted(last.index ?? "time"), ...parts.map((part) => quoted(part.name))].join(",")];
  for (let k = 0; k < n; k++) rows.push([last.time[k], ...parts.map(({ path, units, i }) => last[path][k * units + i])].join(","));
  return `${rows.join("\n")}\n`;
}
