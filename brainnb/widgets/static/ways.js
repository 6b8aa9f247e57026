// --- ways through a plane: Dormand and Prince's pair, as brainnb/analysis/plane/paths.py takes its steps -------------------

const DP = [
  [], [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9], [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656], [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const DP_ERROR = [5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40].map((low, k) => (DP[6][k] ?? 0) - low);
const LINE_STEPS = 1024, LONGEST = 16, STRIDE = 0.02, TOLERANCE = 1e-9, ASIDE = 1e-5, ARRIVED = 1e-4, FOREVER = 1e6;

// a trajectory from a start for T ms
function* trajectory(face, start, T) {
  const found = { x: [start[0]], y: [start[1]], t: [0] };
  for (let call = 0; call < LONGEST; call++) {
    const why = way(face, found, 1, { margin: 2, traps: [], reach: 0, T });
    if (why !== "full") break;
    yield;
  }
  return found;
}

// both halves of both manifolds of every saddle
function* separatrices(face, points) {
  const traps = points.filter(({ slopes: [a, b, c, d] }) => a * d - b * c > 0), found = [];
  for (const { x, y, slopes: [a, b, c, d], eigenvalues } of points) {
    const [[first, turning], [second]] = eigenvalues;
    if (turning !== 0 || first * second >= 0) continue;
    for (const value of [first, second]) {
      let [u, v] = Math.abs(b) > Math.abs(c) ? [b, value - a] : [value - d, c];
      if (u === 0 && v === 0) [u, v] = Math.abs(a - value) < Math.abs(d - value) ? [1, 0] : [0, 1];
      const long = Math.max(Math.abs(u) / face.width[0], Math.abs(v) / face.width[1]);
      for (const side of [ASIDE, -ASIDE]) {
        const line = { x: [x + (side * u) / long], y: [y + (side * v) / long], t: [0] };
        way(face, line, Math.sign(value), { margin: 0.05, traps, reach: ARRIVED, T: FOREVER, jumps: false });
        found.push({ kind: value > 0 ? "unstable" : "stable", x: [x, ...line.x], y: [y, ...line.y] });
        yield;
      }
    }
  }
  return found;
}

// goes on with a line from its end, and says why it stopped
function way(face, line, sign, { margin, traps, reach, T, jumps = true }) {
  const [w, v] = face.width;
  const wide = face.box.map(([low, high], axis) => [low - margin * face.width[axis], high + margin * face.width[axis]]);
  const slope = (x, y) => { const [f, g] = face.at(x, y); return [sign * f, sign * g]; };
  const jumping = jumps && face.module.jump && sign > 0;
  let count = 1, x = line.x.at(-1), y = line.y.at(-1), t = line.t.at(-1), f = slope(x, y);
  const speed = ([a, b]) => Math.max(Math.abs(a) / w, Math.abs(b) / v);
  const write = (a, b, at) => { if (count < LINE_STEPS) { line.x.push(a); line.y.push(b); line.t.push(at); } count += 1; };
  let h = Math.min(1e-3 / Math.max(speed(f), 1e-300), 1e-2 * T);
  for (let attempt = 0; attempt < 2 * LINE_STEPS; attempt++) {
    h = Math.min(h, STRIDE / Math.max(speed(f), 1e-300), T - t);
    const K = [];
    let a = x, b = y, ex = 0, ey = 0;
    for (let stage = 0; stage < 7; stage++) {
      let dx = 0, dy = 0;
      DP[stage].forEach((part, k) => { dx += part * K[k][0]; dy += part * K[k][1]; });
      a = x + h * dx;
      b = y + h * dy;
      K.push(slope(a, b));
    }
    DP_ERROR.forEach((part, k) => { ex += part * K[k][0]; ey += part * K[k][1]; });
    let wrong = Math.max(Math.abs(h * ex) / w, Math.abs(h * ey) / v) / TOLERANCE;
    if (!Number.isFinite(wrong) || !Number.isFinite(a) || !Number.isFinite(b)) wrong = Infinity;
    if (wrong <= 1) {
      let later = t + h, after = null;
      if (jumping && face.jumped(a, b)) {
        const [edge, part] = crossed(face, x, y, a, b, h, K);
        [a, b] = edge;
        later = t + part * h;
        after = face.jumped(a, b) ?? edge;
      }
      write(a, b, later);
      if (after) {
        [a, b] = after;
        write(a, b, later);
      }
      f = after ? slope(a, b) : K[6];
      [x, y, t] = [a, b, later];
    }
    h *= Math.min(4, Math.max(0.2, 0.9 * Math.max(wrong, 1e-10) ** -0.2));
    if (!(h > 1e-250)) return "step too small";
    if (x < wide[0][0] || x > wide[0][1] || y < wide[1][0] || y > wide[1][1]) return "left the box";
    if (traps.some((q) => Math.max(Math.abs(x - q.x) / w, Math.abs(y - q.y) / v) < reach)) return "arrived";
    if (t >= T) return "time";
    if (count >= LINE_STEPS) return "full";
  }
  return "steps";
}

// where within a step the model jumps, by halving along the cubic through both ends
function crossed(face, x, y, a, b, h, K) {
  const along = (from, to, d0, d1, s) => from + s * d0 + s * s * (3 * (to - from) - 2 * d0 - d1) + s * s * s * (d0 + d1 - 2 * (to - from));
  const at = (s) => [along(x, a, h * K[0][0], h * K[6][0], s), along(y, b, h * K[0][1], h * K[6][1], s)];
  let low = 0, high = 1;
  for (let k = 0; k < 45; k++) {
    const middle = (low + high) / 2;
    if (face.jumped(...at(middle))) high = middle;
    else low = middle;
  }
  return [at(high), high];
}

// the threshold within the box and beyond, and where the model goes from there: [[x, y], ...] each; null without one
function resetOf(face) {
  if (!face.module.jump) return null;
  for (const axis of [0, 1]) {
    const [low, high] = face.box[1 - axis], edge = [], after = [];
    for (let k = 0; k < 33; k++) {
      const other = k === 32 ? high : low + (k * (high - low)) / 32;
      const at = (v) => (axis ? [other, v] : [v, other]);
      let a = face.box[axis][0], b = face.box[axis][1] + 2 * face.width[axis];
      if (face.jumped(...at(a)) || !face.jumped(...at(b))) continue;
      for (let step = 0; step < 60; step++) {
        const middle = (a + b) / 2;
        if (face.jumped(...at(middle))) b = middle;
        else a = middle;
      }
      edge.push(at(b));
      after.push(face.jumped(...at(b)) ?? at(b));
    }
    if (edge.length) return { axis, edge, after };
  }
  return null;
}
