
// --- named curves on a canvas, side by side: what the explorer shows with Bokeh, for pages that bring none along ------------

const BESIDE = 6, MOST_LEFT = 72, AIR = 22, NAMES = 22;

class CurveCanvas extends CurveFigures {
  async embed(message) {
    this.remove();
    this.header = null;
    this.curves = {};
    this.kept = [];
    this.look ??= { ink: "#222222", grid: "#6e6e6e", colours: [], kept: "#767676" };
    const later = () => this.later(), empty = () => ({ data: { x: [], y: [] } });
    this.named = new Map();
    this.document = { get_model_by_name: (name) => this.named.get(name) };
    this.panels = message.panels.map((panel, i) => {
      for (const { source } of panel.marks) this.named.set(source, empty());
      if (!this.named.has(panel.axis)) this.named.set(panel.axis, new Span(later));
      return { ...panel, number: i, figure: { renderers: [] }, range: new Span(later), x: this.named.get(panel.axis) };
    });
    this.x = this.named.get("x_range");
    onCanvas(this);
    return true;
  }

  remove() {
    this.observer?.disconnect();
    super.remove();
  }

  // the plane to the left and the others in a column to its right; below it where the page is narrow
  measure() {
    this.ratio = window.devicePixelRatio || 1;
    this.width = Math.max(220, this.target.clientWidth);
    const [plane, ...beside] = this.panels, wide = this.width >= plane.least + (beside[0]?.least ?? 0) + 3 * BESIDE;
    const room = this.width - BESIDE - plane.least - beside[0].least;
    const share = wide ? plane.least + room / 2 : this.width;
    const place = (panel, x, y, width) => {
      const rows = this.rows(panel, width);
      const foot = panel.across ? 46 : 22, height = !wide && panel === plane ? Math.min(panel.height, 1.1 * width) : panel.height;
      const left = Math.min(MOST_LEFT, 0.2 * width);
      Object.assign(panel, { left: x + left, right: x + width - AIR, top: y + rows * NAMES + 6, bottom: y + height - foot, edge: x });
    };
    place(plane, 0, 0, share);
    let y = wide ? 0 : plane.bottom + 50;
    for (const panel of beside) {
      place(panel, wide ? share + BESIDE : 0, y, wide ? this.width - share - BESIDE : this.width);
      y += panel.height + 2;
    }
    this.height = Math.max(wide ? plane.height : 0, y);
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.canvas.style.touchAction = "manipulation";
  }

  // where each name of a legend stands
  rows(panel, width) {
    this.context.font = this.font();
    let x = Math.min(MOST_LEFT, 0.2 * width), row = 0;
    const begin = x;
    for (const item of panel.legend) {
      const long = 34 + this.context.measureText(item.text).width + 12;
      if (x + long > width && x > begin) { x = begin; row += 1; }
      Object.assign(item, { x, row });
      x += long;
    }
    return panel.legend.length ? row + 1 : 0;
  }

  draw(header, bytes) {
    this.take(header, bytes);
    this.render();
  }

  keep(headers, buffers) {
    super.keep(headers, buffers);
    this.render();
  }

  paint(ink, grid, colours, kept) {
    this.look = { ink, grid, colours, kept };
    if (this.ready) this.render();
  }

  point(i) {
    super.point(i);
    if (this.ready) this.later();
  }

  // --- painting ---------------------------------------------------------------------------------------------------

  render() {
    if (!this.ready || !this.header) return;
    if (this.asked) { cancelAnimationFrame(this.asked); this.asked = null; }
    const context = this.context;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineJoin = "round";
    for (const panel of this.panels) this.panel(panel);
  }

  scales({ left, right, top, bottom, x, range }) {
    return {
      across: (v) => left + ((v - x.start) / (x.end - x.start)) * (right - left),
      up: (v) => bottom - ((v - range.start) / (range.end - range.start)) * (bottom - top),
    };
  }

  panel(panel) {
    const context = this.context, { ink, grid } = this.look, { left, right, top, bottom, x, range } = panel, { across, up } = this.scales(panel);
    const xs = round(x.start, x.end, Math.max(3, Math.floor((right - left) / 90))), ys = round(range.start, range.end, panel.number ? 4 : 6);
    context.font = this.font();
    context.lineWidth = 1;
    context.strokeStyle = grid;
    context.globalAlpha = 0.12;
    context.beginPath();
    for (const v of xs) line(context, across(v), top, across(v), bottom);
    for (const v of ys) line(context, left, up(v), right, up(v));
    context.stroke();
    context.globalAlpha = 0.25;
    context.strokeRect(left, top, right - left, bottom - top);
    context.globalAlpha = 1;
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    for (const mark of panel.marks) this.mark(mark, across, up);
    context.restore();
    context.strokeStyle = grid;
    context.lineWidth = 1;
    context.beginPath();
    line(context, left, top, left, bottom);
    line(context, left, bottom, right, bottom);
    for (const v of xs) line(context, across(v), bottom, across(v), bottom + 5);
    for (const v of ys) line(context, left - 5, up(v), left, up(v));
    context.stroke();
    context.fillStyle = ink;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const v of ys) context.fillText(printed(v, ys), left - 8, up(v));
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const v of xs) context.fillText(printed(v, xs), across(v), bottom + 7);
    context.fillText(panel.across, (left + right) / 2, bottom + 26, right - left);
    context.save();
    context.translate(panel.edge + 10, (top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText(panel.up, 0, 0, bottom - top + 10);
    context.restore();
    for (const item of panel.legend) this.name(panel, item);
  }

  name(panel, { text, mark: number, x, row }) {
    const mark = panel.marks[number];
    if (!this.named.get(mark.source).data.x.length) return;
    const context = this.context, y = panel.top - 6 - NAMES * (Math.max(...panel.legend.map((item) => item.row)) - row) - NAMES / 2, begin = panel.edge + x;
    if (mark.kind === "Line") {
      this.stroke(mark);
      context.beginPath();
      line(context, begin, y, begin + 26, y);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    } else this.marks(mark, [begin + 13], [y]);
    context.fillStyle = this.look.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, begin + 32, y);
  }

  colour({ tags: [kind, number] }) {
    return kind === "kept" ? this.look.kept : this.look.colours[number];
  }

  stroke(mark) {
    const context = this.context;
    context.strokeStyle = this.colour(mark);
    context.lineWidth = mark.line_width;
    context.globalAlpha = mark.line_alpha;
    context.setLineDash(mark.line_dash);
  }

  mark(mark, across, up) {
    if (mark.tags[0] === "kept" && !(mark.tags[1] < this.kept.length)) return;
    const { x, y, text } = this.named.get(mark.source).data, context = this.context;
    if (!x.length) return;
    if (mark.kind === "Line") {
      this.stroke(mark);
      context.beginPath();
      path(context, x, y, across, up);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    } else if (mark.kind === "Text") {
      context.fillStyle = this.colour(mark);
      context.textBaseline = "alphabetic";
      for (let i = 0; i < x.length; i++) {
        const at = across(x[i]), over = at + mark.x_offset + context.measureText(text[i]).width > across(this.header.across[1]);
        context.textAlign = over ? "right" : "left";
        context.fillText(text[i], at + (over ? -mark.x_offset : mark.x_offset), up(y[i]) + mark.y_offset);
      }
    } else this.marks(mark, Array.from(x, across), Array.from(y, up));
  }

  // circles, squares, diamonds and ticks
  marks(mark, xs, ys) {
    const context = this.context, r = mark.size / 2;
    context.strokeStyle = context.fillStyle = this.colour(mark);
    context.lineWidth = mark.line_width;
    xs.forEach((x, i) => {
      const y = ys[i];
      context.beginPath();
      if (mark.marker === "square") context.rect(x - r, y - r, 2 * r, 2 * r);
      else if (mark.marker === "diamond") for (const [dx, dy] of [[0, -r], [0.67 * r, 0], [0, r], [-0.67 * r, 0], [0, -r]]) context.lineTo(x + dx, y + dy);
      else if (mark.marker === "dash") line(context, x, y - r, x, y + r);
      else context.arc(x, y, r, 0, 7);
      context.globalAlpha = mark.fill_alpha;
      if (mark.marker !== "dash") context.fill();
      context.globalAlpha = 1;
      if (mark.marker === "circle_cross") { line(context, x - r, y, x + r, y); line(context, x, y - r, x, y + r); }
      context.stroke();
    });
  }

  // --- the pointer ------------------------------------------------------------------------------------------------

  // the panel under the pointer and the values there
  under(event) {
    const box = this.canvas.getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
    const panel = this.panels.find(({ left, right, top, bottom }) => px >= left && px <= right && py >= top && py <= bottom);
    if (!panel) return null;
    const { left, right, top, bottom, x, range } = panel;
    return {
      panel, x: x.start + ((px - left) / (right - left)) * (x.end - x.start),
      y: range.start + ((bottom - py) / (bottom - top)) * (range.end - range.start),
    };
  }

  left() {
    this.point(null);
  }

  over(event) {
    const at = this.header && this.under(event);
    this.canvas.style.cursor = at?.panel.number === 0 ? "crosshair" : "default";
    this.point(!at ? null : at.panel.number === 0 ? this.nearest(at.x, at.y) : this.moment(at.x));
  }

  pressed(event) {
    const at = this.header && this.under(event);
    if (at?.panel.number === 0) this.tap(at);
  }
}

for (const name of ["font", "later", "image"]) CurveCanvas.prototype[name] = CanvasFigures.prototype[name];
