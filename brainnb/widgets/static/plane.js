
// --- phase planes: named curves, a click that sets the start, a moment that the plane and the traces share -----------

class PlaneFigures extends Figures {
  constructor(target, plane, begin) {
    super(target);
    Object.assign(this, { plane, begin, curves: {} });
  }

  async embed(message) {
    if (!(await super.embed(message))) return false;
    const [{ figure }, ...traces] = this.panels;
    figure.on_event?.("tap", (at) => this.tap(at));
    figure.on_event?.("mousemove", (at) => this.point(this.nearest(at.x, at.y)));
    figure.on_event?.("mouseleave", () => this.point(null));
    for (const { figure: trace } of traces) {
      trace.on_event?.("mousemove", (at) => this.point(this.moment(at.x)));
      trace.on_event?.("mouseleave", () => this.point(null));
    }
    return true;
  }

  tap(at) {
    const [x, y] = this.plane.axes;
    this.begin({ [`start.${x}`]: at.x, [`start.${y}`]: at.y });
  }

  // what the traces show: each state over time
  lines() {
    const { trajectory, time } = this.curves;
    return [{ x: time.x, y: trajectory.x }, { x: time.x, y: trajectory.y }];
  }

  decode(header, bytes) {
    const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes;
    const values = new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4));
    const found = {};
    let at = 0;
    this.plane.curves.forEach((name, i) => {
      const count = header.curves[i];
      found[name] = { x: values.slice(at, at + count), y: values.slice(at + count, at + 2 * count) };
      at += 2 * count;
    });
    return found;
  }

  put(name, data) {
    const source = this.document.get_model_by_name(name);
    if (source) source.data = data;
  }

  draw(header, bytes) {
    this.header = header;
    this.curves = this.decode(header, bytes);
    for (const [name, data] of Object.entries(this.curves)) this.put(`curve:${name}`, data);
    this.lines().forEach((line, i) => this.put(`trace:${i}`, line));
    this.point(null);
    this.fit();
  }

  fit() {
    if (!this.header) return;
    this.moving = true;
    const across = this.document.get_model_by_name("x_range:0");
    this.span(across, ...this.header.across);
    this.span(this.panels[0].range, ...this.header.spans[0]);
    if (!this.zoomed) this.span(this.x, this.header.begin ?? 0, this.header.end || 1);
    this.panels.slice(1).forEach(({ range }, i) => {
      const [low, high] = this.header.spans[i + 1];
      const pad = 0.07 * (high - low) || Math.max(0.5, 0.01 * Math.abs(high));
      this.span(range, low - pad, high + pad);
    });
    this.moving = false;
  }

  keep(headers, buffers) {
    headers.forEach((header, k) => {
      for (const [name, data] of Object.entries(this.decode(header, buffers[k]))) this.put(`kept:${k}:${name}`, data);
    });
    for (const renderer of this.panels[0].figure.renderers) {
      if (renderer.tags[0] === "kept") renderer.visible = renderer.tags[1] < headers.length;
    }
    this.kept = headers;
  }

  // the point of the trajectory that is nearest in the picture, unless it is far
  nearest(x, y) {
    const { trajectory } = this.curves;
    if (!trajectory || !this.header) return null;
    const [left, right] = this.header.across;
    const [low, high] = this.header.spans[0];
    let best = null, least = 0.15 ** 2;
    trajectory.x.forEach((at, i) => {
      const apart = ((at - x) / (right - left)) ** 2 + ((trajectory.y[i] - y) / (high - low)) ** 2;
      if (apart < least) [best, least] = [i, apart];
    });
    return best;
  }

  moment(time) {
    const times = this.curves.time?.x;
    if (!times?.length) return null;
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  point(i) {
    if (!this.ready || i === this.shownAt) return;
    this.shownAt = i;
    if (!this.curves.trajectory) return;
    const one = ({ x, y }) => (i == null ? { x: [], y: [] } : { x: [x[i]], y: [y[i]] });
    this.put("cursor", one(this.curves.trajectory));
    this.lines().forEach((line, k) => this.put(`cursor:${k}`, one(line)));
  }

  tint(renderer, colours, kept) {
    const [kind, number] = renderer.tags;
    if (kind === "mark") renderer.glyph.setv({ line_color: colours[number], fill_color: colours[number] });
    else super.tint(renderer, colours, kept);
  }
}
