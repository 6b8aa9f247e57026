
// --- nullclines: contours of the field on its grid, each vertex carried onto the curve by Newton --------------------------

const CARRIED = 6, CLOSE = 1e-10, REACH = 1.5;

// lines [[x, y], ...] on which a part of the field is zero
function nullclineOf(face, seen, part) {
  const lines = [];
  for (const line of contours(seen, part)) {
    let piece = [];
    for (const vertex of [...line.map(([x, y]) => carried(face, x, y, part)), null]) {
      if (vertex) piece.push(vertex);
      else { // cut where there is no zero: a pole or a jump
        if (piece.length > 1) lines.push(piece);
        piece = [];
      }
    }
  }
  return lines;
}

function carried(face, x, y, part) {
  const [w, v] = face.width, from = [x, y];
  let left = Infinity;
  for (let step = 0; step < CARRIED; step++) {
    const value = face.at(x, y)[part], slopes = face.slopes(x, y);
    const a = slopes[2 * part] * w, b = slopes[2 * part + 1] * v, size = a * a + b * b;
    const dx = value === 0 ? 0 : (-value * a) / size, dy = value === 0 ? 0 : (-value * b) / size;
    left = Math.max(Math.abs(dx), Math.abs(dy));
    if (!Number.isFinite(left)) return null;
    x += w * Math.min(0.05, Math.max(-0.05, dx));
    y += v * Math.min(0.05, Math.max(-0.05, dy));
    if (left < 1e-14) break;
  }
  const moved = Math.max(Math.abs(x - from[0]) / w, Math.abs(y - from[1]) / v) * PLANE_CELLS;
  return left <= CLOSE && moved < REACH ? [x, y] : null;
}

// marching squares within the halo; cells with a value that is not finite have no line
function contours({ n, lines: [xs, ys], F }, part) {
  const z = F[part], joins = new Map();
  const join = (a, b) => { for (const [from, to] of [[a, b], [b, a]]) joins.set(from, [...(joins.get(from) ?? []), to]); };
  const c = [0, 0, 0, 0];
  for (let i = 1; i < n - 2; i++) {
    for (let j = 1; j < n - 2; j++) {
      if (!mixed(z, i * n + j, n)) continue;
      cornersOf(i * n + j, n, c);
      if (!c.every((k) => Number.isFinite(z[k]))) continue;
      const up = c.map((k) => z[k] > 0);
      // an edge is twice the corner it begins at, and one more where it goes up
      const edges = [2 * c[0], 2 * c[1] + 1, 2 * c[3], 2 * c[0] + 1];
      const crossed = [0, 1, 2, 3].filter((k) => up[k] !== up[(k + 1) % 4]);
      if (crossed.length === 2) join(edges[crossed[0]], edges[crossed[1]]);
      else {
        const middle = (z[c[0]] + z[c[1]] + z[c[2]] + z[c[3]]) / 4 > 0;
        const turn = middle === up[0] ? 0 : 3; // the lines cut off the corners that are not as the middle is
        join(edges[turn], edges[(turn + 1) % 4]);
        join(edges[(turn + 2) % 4], edges[(turn + 3) % 4]);
      }
    }
  }
  const place = (edge) => {
    const a = edge >> 1, b = edge & 1 ? a + 1 : a + n, t = z[a] / (z[a] - z[b]);
    const [i, j] = [Math.floor(a / n), a % n];
    return edge & 1 ? [xs[i], ys[j] + t * (ys[j + 1] - ys[j])] : [xs[i] + t * (xs[i + 1] - xs[i]), ys[j]];
  };
  const found = [], done = new Set();
  const follow = (begin) => {
    const way = [begin];
    done.add(begin);
    for (let at = begin; ;) {
      const next = joins.get(at).find((edge) => !done.has(edge));
      if (next === undefined) break;
      done.add(next);
      way.push(next);
      at = next;
    }
    if (way.length > 2 && joins.get(way.at(-1)).includes(begin)) way.push(begin); // a loop
    found.push(way.map(place));
  };
  for (const [edge, others] of joins) if (others.length === 1 && !done.has(edge)) follow(edge);
  for (const edge of joins.keys()) if (!done.has(edge)) follow(edge);
  return found;
}

