// --- a plane as named curves and a sentence: the same as widgets/plane/drawing.py and viewer.py ----------------------------

const MOST_OF_A_CURVE = 400, ARROWS = 14;

function* phasePlane(values, about) {
  const given = {}, start = about.axes.map((axis) => values[`start.${axis}`]);
  for (const path of about.known) given[path] = values[path];
  const face = new Face(still, given, about);
  const seen = surveyed(face);
  yield;
  const rest = yield* restingPoints(face, seen);
  const lines = [nullclineOf(face, seen, 0)];
  yield;
  lines.push(nullclineOf(face, seen, 1));
  yield;
  const manifolds = yield* separatrices(face, rest.points);
  const run = yield* trajectory(face, start, values.T);
  const found = {
    arrows: arrowsOf(seen), "nullcline:0": joinedLines(lines[0]), "nullcline:1": joinedLines(lines[1]),
    "separatrix:stable": joinedLines(manifolds.filter((m) => m.kind === "stable").map(pairs)),
    "separatrix:unstable": joinedLines(manifolds.filter((m) => m.kind === "unstable").map(pairs)),
  };
  const reset = resetOf(face);
  if (reset) {
    found.threshold = columns(reset.edge);
    found.reset = columns(reset.after.map((place, k) => place.map((v, axis) => (axis === reset.axis ? v : reset.edge[k][axis]))));
  }
  const kept = spread(run.t.length, 2 * MOST_OF_A_CURVE), [xs, ys, ts] = [run.x, run.y, run.t].map((all) => kept.map((k) => all[k]));
  found.trajectory = { x: xs, y: ys };
  found.time = { x: ts, y: ts };
  found.start = { x: xs.slice(0, 1), y: ys.slice(0, 1) };
  for (const kind of ["stable", "unstable", "saddle"]) found[kind] = columns(rest.points.filter((q) => q.word.split(/[ -]/)[0] === kind || (kind === "unstable" && /^(center|degenerate)$/.test(q.word))).map((q) => [q.x, q.y]));
  const overTime = (all, axis) => padded(endsOf([all]), 0.07, 0.2 * face.width[axis]);
  const header = {
    across: face.box[0], begin: 0, end: Math.max(...ts), spans: [face.box[1], overTime(xs, 0), overTime(ys, 1)],
  };
  return {
    ...packedCurves(found, about.curves, header), text: toldOf(rest, face), rest, lines,
    out: { time: Float64Array.from(run.t), ...Object.fromEntries(face.axes.map((axis, k) => [axis, Float64Array.from(k ? run.y : run.x)])) },
  };
}

// `stable node at V = -1.2, w = -0.62`
function toldOf({ points, missing, blind }, { axes }) {
  const told = points.slice(0, 6).map((q) => `${q.word} at ${axes.map((axis, k) => `${axis} = ${general(k ? q.y : q.x, 4)}`).join(", ")}`);
  const text = told.join("; ") || "no resting point in the box";
  if (!missing && !blind) return text;
  return `${text} (search not complete: ${missing ? `${missing} cells do not add up: a point may be missing there` : `the field is not finite at ${blind} places of the grid`})`;
}

// shaft and head of each arrow as one broken line
function arrowsOf({ n, lines, F }) {
  const pick = Array.from({ length: ARROWS }, (_, k) => 1 + Math.trunc(((k + 1) * PLANE_CELLS) / (ARROWS + 1)));
  const width = lines.map((line) => line[n - 2] - line[1]), all = [];
  for (const i of pick) for (const j of pick) {
    const move = [F[0][i * n + j] / width[0], F[1][i * n + j] / width[1]];
    if (Number.isFinite(move[0]) && Number.isFinite(move[1])) all.push({ at: [lines[0][i], lines[1][j]], move, size: Math.hypot(...move) });
  }
  const slow = all.length ? 0.05 * quantile(all.map((a) => a.size), 0.25) : 1, found = { x: [], y: [] };
  for (const { at, move, size } of all) {
    const [u, v] = move.map((m) => (0.7 / ARROWS) * m / Math.max(size + slow, 1e-300));
    for (const [a, b] of [[-u / 2, -v / 2], [u / 2, v / 2], [0.15 * u - 0.2 * v, 0.15 * v + 0.2 * u], [u / 2, v / 2], [0.15 * u + 0.2 * v, 0.15 * v - 0.2 * u], [NaN, NaN]]) {
      found.x.push(at[0] + a * width[0]);
      found.y.push(at[1] + b * width[1]);
    }
  }
  return found;
}

function quantile(values, part) {
  const sorted = values.slice().sort((a, b) => a - b), at = part * (sorted.length - 1), k = Math.floor(at);
  return sorted[k] + (at - k) * ((sorted[k + 1] ?? sorted[k]) - sorted[k]);
}

// --- curves as one block of bytes: the same as widgets/curves/packed.py -----------------------------------------------------

function columns(points) {
  return { x: points.map((p) => p[0]), y: points.map((p) => p[1]) };
}

function pairs({ x, y }) {
  return x.map((v, k) => [v, y[k]]);
}

// lines one behind the other with gaps between, thinned in all to what a picture can show
function joinedLines(lines) {
  const total = lines.reduce((sum, line) => sum + line.length, 0), found = [];
  lines.forEach((line, i) => {
    if (i) found.push([NaN, NaN]);
    for (const k of spread(line.length, Math.max(2, Math.trunc((MOST_OF_A_CURVE * line.length) / total)))) found.push(line[k]);
  });
  return columns(found);
}

function packedCurves(found, names, header) {
  const drawn = names.map((name) => found[name] ?? { x: [], y: [] });
  const bytes = new Uint8Array(8 * drawn.reduce((sum, { x }) => sum + x.length, 0)), values = new Float32Array(bytes.buffer);
  let at = 0;
  for (const { x, y } of drawn) { values.set(x, at); values.set(y, at + x.length); at += 2 * x.length; }
  return { header: { curves: drawn.map(({ x }) => x.length), counts: [], start: 0, step: 0, ...header }, bytes };
}

function endsOf(rows) {
  let low = Infinity, high = -Infinity;
  for (const row of rows) for (const v of row) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  return low <= high ? [low, high] : [0, 1];
}

// a range with some air at both ends, and not shorter than `least`: rest should look like rest
function padded([low, high], part = 0.07, least = 0) {
  if (high - low < least) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const pad = part * (high - low) || Math.max(0.5, 0.01 * Math.abs(high));
  return [low - pad, high + pad];
}
