
// --- a plane of states: resting points, nullclines and ways, found as brainnb/analysis/plane finds them ------------------

const PLANE_CELLS = 192, LATTICE = 16, CANDIDATES = 256, NEWTON_STEPS = 48;
const FAR = 0.2, SAME = 1e-6, SOLVED = 1e-8, SINGULAR = 1e-9, FLAT = 1e-7, ON_LINE = 1e-6;
const NEAR = 1e-5, NEARER = 1e-4; // between two values of which a slope is taken, in units of the box

// a model as a field over two of its states; the others stand still
class Face {
  constructor(module, values, { axes, box }) {
    Object.assign(this, { module, axes, box, p: module.complete(values), state: module.start(values) });
    this.width = box.map(([low, high]) => high - low);
    this.moving = places_of(module.vectorField(this.p, 0, this.state));
    if (this.moving.length > 2) this.freeze();
  }

  // what is no axis stands at the resting point that is nearest to the start
  freeze() {
    const point = nearestRest(this);
    if (point) this.moving.forEach((place, i) => put(this.state, place, point[i]));
  }

  at(x, y) {
    const { axes: [a, b], state } = this;
    state[a] = x;
    state[b] = y;
    const slope = this.module.vectorField(this.p, 0, state);
    return [slope[a], slope[b]];
  }

  // d field / d state by differences, as [fx, fy, gx, gy]; `exact` takes four values for each instead of two
  slopes(x, y, exact = false) {
    const found = [0, 0, 0, 0], reach = exact ? NEARER : NEAR;
    for (const axis of [0, 1]) {
      const h = reach * this.width[axis], along = (k) => (axis ? this.at(x, y + k * h) : this.at(x + k * h, y));
      const [up, down] = [along(1), along(-1)], [far, back] = exact ? [along(2), along(-2)] : [up, down];
      for (const part of [0, 1]) {
        const near = (up[part] - down[part]) / (2 * h);
        found[2 * part + axis] = exact ? (4 * near - (far[part] - back[part]) / (4 * h)) / 3 : near;
      }
    }
    return found;
  }

  // where the model's own step puts a state; null where it leaves it
  jumped(x, y) {
    const { module, axes: [a, b], state } = this;
    if (!module.jump) return null;
    state[a] = x;
    state[b] = y;
    const after = module.jump(this.p, state);
    return this.moving.some((place) => got(after, place) !== got(state, place)) ? [after[a], after[b]] : null;
  }
}

// the single numbers of a state: [path, place in an array or null]
function places_of(slopes) {
  return Object.entries(slopes).flatMap(([path, x]) => (typeof x === "number" ? [[path, null]] : Array.from(x, (_, i) => [path, i])));
}

function got(state, [path, i]) { return i === null ? state[path] : state[path][i]; }

function put(state, [path, i], value) {
  if (i === null) state[path] = value;
  else state[path][i] = value;
}

// --- resting points -------------------------------------------------------------------------------------------------------

// the resting point of all states that is nearest to the start; null where none is found
function nearestRest({ module, p, state, moving }) {
  const begin = moving.map((place) => got(state, place)), n = begin.length;
  const box = moving.map(([path], i) => reached(module.about.states.find((s) => s.path === path)?.bounds ?? [null, null], begin[i]));
  const width = box.map(([low, high]) => high - low);
  const here = { ...state };
  for (const [path, i] of moving) if (i !== null) here[path] = state[path].slice();
  const field = (x) => {
    moving.forEach((place, i) => put(here, place, x[i]));
    const slope = module.vectorField(p, 0, here);
    return moving.map((place) => got(slope, place));
  };
  let best = null, least = Infinity;
  for (let k = 0; k < (n > 24 ? 16 : 96); k++) {
    const start = k === 0 ? begin : box.map(([low], i) => low - 0.1 * width[i] + 1.2 * width[i] * halton(k, PRIMES[i % PRIMES.length]));
    const x = rested(field, start, box, width);
    if (!x || x.some((v, i) => v < box[i][0] - 0.1 * width[i] || v > box[i][1] + 0.1 * width[i])) continue;
    const far = Math.max(...x.map((v, i) => Math.abs(v - begin[i]) / width[i]));
    if (far < least - SAME) { least = far; best = x; }
  }
  return best;
}

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

function halton(index, base) {
  let found = 0;
  for (let part = 1 / base, k = index; k > 0; k = Math.floor(k / base), part /= base) found += (k % base) * part;
  return found;
}

// declared bounds; an open side takes one from the start
function reached([low, high], at) {
  const reach = Math.max(1, 2 * Math.abs(at));
  const begin = low ?? Math.min(at, high ?? at) - reach;
  return [begin, high ?? Math.max(at, begin) + reach];
}

// Newton in any dimension; null where it does not arrive
function rested(field, start, box, width) {
  let x = start.slice();
  for (let step = 0, size = Infinity; step < NEWTON_STEPS; step++) {
    const f = field(x);
    const rows = x.map(() => []);
    x.forEach((v, j) => {
      const h = NEAR * width[j], up = field(replaced(x, j, v + h)), down = field(replaced(x, j, v - h));
      for (let i = 0; i < x.length; i++) rows[i].push((up[i] - down[i]) / (2 * h));
    });
    const move = f.every((v) => v === 0) ? f : eliminated(rows, f.map((v) => -v));
    size = Math.max(...move.map((v, i) => Math.abs(v) / width[i]));
    if (!Number.isFinite(size)) return null;
    x = x.map((v, i) => v + move[i] * Math.min(1, FAR / Math.max(size, 1e-300)));
    if (size <= 1e-14 || (step === NEWTON_STEPS - 1 && size <= SOLVED)) return x;
    if (x.some((v, i) => Math.abs(v - (box[i][0] + box[i][1]) / 2) / width[i] >= 1.5)) return null;
  }
  return null;
}

function replaced(x, j, value) {
  const found = x.slice();
  found[j] = value;
  return found;
}

// A x = b, with the largest pivot
function eliminated(rows, b) {
  const n = b.length, A = rows.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i;
    [A[k], A[pivot]] = [A[pivot], A[k]];
    for (let i = k + 1; i < n; i++) {
      const part = A[i][k] / A[k][k];
      for (let j = k; j <= n; j++) A[i][j] -= part * A[k][j];
    }
  }
  const x = new Array(n);
  for (let k = n - 1; k >= 0; k--) {
    x[k] = A[k][n];
    for (let j = k + 1; j < n; j++) x[k] -= A[k][j] * x[j];
    x[k] /= A[k][k];
  }
  return x;
}

// the field on a grid with a halo of one cell, and how often it turns around each cell in which both parts change sign
function surveyed(face) {
  const n = PLANE_CELLS + 3, cells = n - 1;
  const lines = face.box.map(([low, high]) => Float64Array.from({ length: n }, (_, k) => low + (k - 1) * ((high - low) / PLANE_CELLS)));
  const F = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [f, g] = face.at(lines[0][i], lines[1][j]);
      F[0][i * n + j] = f;
      F[1][i * n + j] = g;
    }
  }
  const near = [];
  let blind = 0;
  for (let k = 0; k < n * n; k++) if (!Number.isFinite(F[0][k]) || !Number.isFinite(F[1][k])) blind += 1;
  const [f, g] = F, corners = [0, 0, 0, 0];
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      if (!mixed(f, i * n + j, n) || !mixed(g, i * n + j, n)) continue;
      cornersOf(i * n + j, n, corners);
      if (!corners.every((c) => Number.isFinite(f[c]) && Number.isFinite(g[c]))) continue;
      let turned = 0;
      corners.forEach((a, k) => {
        const b = corners[(k + 1) % 4];
        turned += Math.atan2(f[a] * g[b] - g[a] * f[b], f[a] * f[b] + g[a] * g[b]);
      });
      near.push({ i, j, turns: Math.round(turned / (2 * Math.PI)) });
    }
  }
  return { n, lines, F, near, blind };
}

// the corners of the cell that begins at k, one after the other around it
function cornersOf(k, n, into) {
  [into[0], into[1], into[2], into[3]] = [k, k + n, k + n + 1, k + 1];
}

// whether a part of the field is positive in some corners of a cell only
function mixed(z, k, n) {
  const up = (z[k] > 0) + (z[k + n] > 0) + (z[k + n + 1] > 0) + (z[k + 1] > 0);
  return up > 0 && up < 4;
}

// Newton in the plane from one start: the point, its slopes, and how long the last step was
function newton(face, x, y) {
  const [w, v] = face.width, middle = face.box.map(([low, high]) => (low + high) / 2);
  let size = Infinity;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const [f, g] = face.at(x, y), [a, b, c, d] = face.slopes(x, y), det = a * d - b * c;
    const still = f === 0 && g === 0;
    const dx = still ? 0 : (b * g - d * f) / det, dy = still ? 0 : (c * f - a * g) / det;
    size = Math.max(Math.abs(dx) / w, Math.abs(dy) / v);
    if (!Number.isFinite(size)) return null;
    const part = Math.min(1, FAR / Math.max(size, 1e-300));
    x += dx * part;
    y += dy * part;
    if (size <= 1e-14 || Math.abs(x - middle[0]) / w >= 1.5 || Math.abs(y - middle[1]) / v >= 1.5) break;
  }
  return size <= SOLVED ? { x, y, size } : null;
}

// the distinct ones of many ends, in the order of the axes
function sifted(ends, [w, v]) {
  const chosen = [];
  for (const end of ends.filter(Boolean).sort((a, b) => a.size - b.size)) {
    if (chosen.every((c) => Math.max(Math.abs(c.x - end.x) / w, Math.abs(c.y - end.y) / v) > SAME)) chosen.push(end);
  }
  const place = (value) => Math.round(value * 1e7);
  return chosen.sort((a, b) => place(a.x / w) - place(b.x / w) || place(a.y / v) - place(b.y / v));
}

function spread(count, most) {
  const n = Math.min(count, most);
  return [...new Set(Array.from({ length: n }, (_, k) => Math.trunc(n > 1 ? (k * (count - 1)) / (n - 1) : 0)))];
}

// all resting points in the box, counted cell by cell against the turning of the field
function* restingPoints(face, seen) {
  const { near, lines } = seen, { box } = face;
  const within = ({ i, j }, at) => [i, j].map((k, axis) => lines[axis][k] + at * (lines[axis][k + 1] - lines[axis][k]));
  const starts = spread(near.length, CANDIDATES).map((k) => within(near[k], 0.5));
  for (let i = 0; i < LATTICE; i++) for (let j = 0; j < LATTICE; j++) starts.push([i, j].map((k, axis) => box[axis][0] + ((k + 0.5) / LATTICE) * (box[axis][1] - box[axis][0])));
  const ends = [];
  for (const [k, start] of starts.entries()) {
    ends.push(newton(face, ...start));
    if (k % 64 === 63) yield;
  }
  let found = sifted(ends, face.width), wrong = unequal(face, seen, found);
  if (wrong.length) {
    const dense = [0.5, 0.02, 0.98, 0.25, 0.75].flatMap((at) => wrong.map((cell) => within(cell, at)));
    for (const k of spread(dense.length, CANDIDATES)) ends.push(newton(face, ...dense[k]));
    yield;
    found = sifted(ends, face.width);
    wrong = unequal(face, seen, found);
  }
  const inside = found.filter((q) => [q.x, q.y].every((v, axis) => v >= box[axis][0] - 1e-9 * face.width[axis] && v <= box[axis][1] + 1e-9 * face.width[axis]));
  return { points: inside.map((q) => described(face, q)), missing: wrong.length, blind: seen.blind };
}

function described(face, { x, y }) {
  const slopes = face.slopes(x, y, true), eigenvalues = eigen(slopes);
  return { x, y, slopes, eigenvalues, word: stability(eigenvalues) };
}

// sign of the determinant of rows of length one; 0 where singular
function signOf([a, b, c, d]) {
  const r = Math.abs(a) + Math.abs(b) || 1, s = Math.abs(c) + Math.abs(d) || 1;
  const det = (a / r) * (d / s) - (b / r) * (c / s);
  return Math.abs(det) > SINGULAR ? Math.sign(det) : 0;
}

// cells around which the field turns otherwise than the points found there say; what is near is counted together
function unequal(face, { near, lines, n }, found) {
  const first = lines.map((line) => line[0]), step = lines.map((line) => line[1] - line[0]);
  const places = near.filter((cell) => cell.turns).map(({ i, j, turns }) => ({ at: [i, j], worth: turns, unsure: false }));
  for (const { x, y } of found) {
    const at = [x, y].map((v, axis) => (v - first[axis]) / step[axis] - 0.5);
    const sign = signOf(face.slopes(x, y, true));
    const onLine = at.some((v) => Math.abs(v + 0.5 - Math.round(v + 0.5)) < ON_LINE); // there the field has no direction
    if (at.every((v) => v > -0.5 && v < n - 1.5)) places.push({ at, worth: -sign, unsure: sign === 0 || onLine });
  }
  const wrong = [], left = new Set(places);
  for (const place of places) {
    if (!left.delete(place)) continue;
    const group = [place];
    for (const member of group) {
      for (const other of left) {
        if (Math.max(...member.at.map((v, axis) => Math.abs(v - other.at[axis]))) <= 1.5) { left.delete(other); group.push(other); }
      }
    }
    if (group.some((m) => m.unsure) || group.reduce((sum, m) => sum + m.worth, 0) === 0) continue;
    for (const { at } of group) {
      const [i, j] = at.map((v) => Math.min(n - 2, Math.max(0, Math.round(v))));
      wrong.push({ i, j });
    }
  }
  return wrong;
}

// --- what a resting point is called: the words of brainnb/analysis/stability.py --------------------------------------------

function eigen([a, b, c, d]) {
  const half = (a + d) / 2, apart = ((a - d) / 2) ** 2 + b * c;
  if (apart < 0) return [[half, Math.sqrt(-apart)], [half, -Math.sqrt(-apart)]];
  const root = Math.sqrt(apart);
  return [[half + root, 0], [half - root, 0]];
}

function stability([[re, im], [re2, im2]]) {
  if (![re, im, re2, im2].every(Number.isFinite)) return "degenerate";
  const small = FLAT * Math.max(Math.hypot(re, im), Math.hypot(re2, im2), 1e-300);
  const turns = Math.abs(im) > small;
  if (Math.min(Math.abs(re), Math.abs(re2)) <= small) return turns ? "center" : "degenerate";
  if (re > 0 !== re2 > 0) return "saddle";
  return `${re > 0 ? "unstable" : "stable"} ${turns ? "focus" : "node"}`;
}
