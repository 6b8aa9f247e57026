
// --- named curves on a plane: a click that moves controls, a moment that the plane and the traces share --------------

class CurveFigures extends Figures {
  constructor(target, drawn, set) {
    super(target);
    Object.assign(this, { drawn, set, curves: {} });
  }

  async embed(message) {
    if (!(await super.embed(message))) return false;
    const [{ figure }, ...beside] = this.panels;
    figure.on_event?.("tap", (at) => this.tap(at));
    figure.on_event?.("mousemove", (at) => this.point(this.nearest(at.x, at.y)));
    figure.on_event?.("mouseleave", () => this.point(null));
    for (const { figure: trace } of beside.filter((panel) => panel.kind === "trace")) {
      trace.on_event?.("mousemove", (at) => this.point(this.moment(at.x)));
      trace.on_event?.("mouseleave", () => this.point(null));
    }
    return true;
  }

  tap(at) {
    const values = {};
    this.drawn.tap.forEach((path, i) => { values[path] = [at.x, at.y][i]; });
    if (this.drawn.tap.length) this.set(values);
  }

  // what the traces show over time
  lines() {
    const { time } = this.curves;
    return this.drawn.lines.map(([name, row]) => ({ x: time.x, y: this.curves[name][row ? "y" : "x"] }));
  }

  decode(header, bytes) {
    const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes;
    const values = new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4));
    const found = {};
    let at = 0;
    this.drawn.curves.forEach((name, i) => {
      const count = header.curves[i];
      found[name] = { x: values.slice(at, at + count), y: values.slice(at + count, at + 2 * count) };
      at += 2 * count;
    });
    return found;
  }

  put(name, data) {
    const source = data && this.document.get_model_by_name(name);
    if (source) source.data = data;
  }

  // the picture's curves in the place of the last ones
  take(header, bytes) {
    this.header = header;
    this.curves = this.decode(header, bytes);
    for (const [name, data] of Object.entries(this.curves)) this.put(`curve:${name}`, data);
    this.lines().forEach((line, i) => this.put(`trace:${i}`, line));
    for (const texts of ["words", "notes"]) this.put(texts, header[texts]);
    this.point(null);
    this.fit();
  }

  draw(header, bytes) {
    this.take(header, bytes);
    let moved = false;
    for (const { figure } of this.panels) {
      for (const item of figure.above.flatMap((legend) => legend.items ?? [])) {
        const visible = item.renderers.some((r) => r.data_source.data.x.length > 0);
        moved ||= visible !== item.visible;
        item.visible = visible;
      }
    }
    if (moved) setTimeout(() => this.whole_paint(), 50); // another legend moves the axes, and old ticks would stay
  }

  // everything anew: Bokeh paints over what moved
  whole_paint(view = this.view) {
    if (view?.request_paint) view.request_paint();
    else (view?.child_views ?? []).forEach((child) => this.whole_paint(child));
  }

  fit() {
    if (!this.header) return;
    this.moving = true;
    const { across, begin, end, reaches, spans } = this.header;
    const named = (name, [low, high]) => this.span(this.document.get_model_by_name(name), low, high);
    named("x_range:0", across);
    for (const [i, reach] of Object.entries(reaches ?? {})) named(`x_range:${i}`, reach);
    if (!this.zoomed) this.span(this.x, begin, end > begin ? end : begin + 1);
    const all = [this.header, ...this.kept].map((header) => header.spans[0]);
    this.span(this.panels[0].range, Math.min(...all.map((s) => s[0])), Math.max(...all.map((s) => s[1])));
    this.panels.slice(1).forEach(({ range }, i) => this.span(range, ...spans[i + 1]));
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
    this.fit();
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
    else if (kind === "word") renderer.glyph.text_color = colours[number];
    else if (kind === "kept" && "fill_color" in renderer.glyph) renderer.glyph.setv({ line_color: kept, fill_color: kept });
    else super.tint(renderer, colours, kept);
  }
}
