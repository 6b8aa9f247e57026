
// --- the figures on a canvas, for pages that bring no plotting library along ----------------------------------------

const HEIGHTS = { state: 170, field: 200, raster: 200, rate: 130, input: 96, spikes: 64 };
const TOP_HEIGHT = 280, TOP_RASTER = 380, LOWEST_HEIGHT = 34, GAP = 10;
const LEFT = 82, RIGHT = 12, RIGHT_OF_FIELD = 66;
const DASHES = [[], [9, 3], [3, 3], [9, 3, 3, 3], [14, 4], [2, 5]];
const KEPT_DASHES = [[6, 4], [2, 3], [8, 3, 2, 3]];

// what an axis shows; whoever changes it has the picture painted
class Span {
  constructor(changed) {
    Object.assign(this, { start: 0, end: 1, changed });
  }

  setv(ends) {
    Object.assign(this, ends);
    this.changed();
  }
}

// a canvas in the place of figures, and what the hand does on it
function onCanvas(figures) {
  figures.canvas = make("canvas", { class: "nb-canvas" });
  figures.context = figures.canvas.getContext("2d");
  figures.target.replaceChildren(figures.canvas);
  figures.canvas.addEventListener("pointermove", (event) => figures.over(event));
  figures.canvas.addEventListener("pointerleave", () => figures.left());
  figures.canvas.addEventListener("click", (event) => figures.pressed(event));
  figures.canvas.addEventListener("dblclick", () => figures.whole());
  figures.observer = new ResizeObserver(() => { figures.measure(); figures.render(); });
  figures.observer.observe(figures.target);
  figures.measure();
  figures.ready = true;
}

class CanvasFigures extends Figures {
  constructor(target, scaleOfFields) {
    super(target);
    this.scaleOfFields = scaleOfFields;
    this.sources = new Map();
    this.hidden = new Set(); // traces whose name in the legend was pressed
    this.look = { ink: "#222222", grid: "#6e6e6e", colours: [], kept: "#767676" };
    this.document = { get_model_by_name: (name) => this.sources.get(name) };
  }

  async embed(message) {
    this.remove();
    this.header = null;
    const later = () => this.later();
    this.x = new Span(later);
    let count = 0;
    this.panels = message.panels.map((panel, i) => {
      const first = count;
      count += panel.kind === "field" ? 1 : panel.traces.length;
      const top = panel.kind === "raster" ? TOP_RASTER : TOP_HEIGHT;
      const height = (i === 0 ? top : HEIGHTS[panel.kind]) + (i === message.panels.length - 1 ? LOWEST_HEIGHT : 0);
      return { ...panel, first, height, figure: { renderers: [] }, range: new Span(later) };
    });
    this.sources.clear();
    for (let i = 0; i < count; i++) {
      for (const name of [`live:${i}`, "kept:0:" + i, "kept:1:" + i, "kept:2:" + i]) this.sources.set(name, { data: { x: [], y: [] } });
    }
    onCanvas(this);
    return true;
  }

  remove() {
    this.observer?.disconnect();
    super.remove();
  }

  // the canvas in pixels of the screen, the panels in those of the page
  measure() {
    this.ratio = window.devicePixelRatio || 1;
    this.width = Math.max(220, this.target.clientWidth);
    let top = 4;
    for (const panel of this.panels) {
      const named = panel.traces.length > 1 ? this.rows(panel) * 20 : 0;
      panel.top = top + named;
      panel.bottom = top + panel.height - (panel === this.panels.at(-1) ? LOWEST_HEIGHT : 0);
      top += panel.height + GAP;
    }
    this.height = top;
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
  }

  // the legend of a panel: where each name stands
  rows(panel) {
    const context = this.context;
    context.font = this.font();
    let x = LEFT, row = 0;
    panel.items = panel.traces.map(({ label: name }, k) => {
      const width = 36 + 6 + context.measureText(name).width + 14;
      if (x + width > this.width - RIGHT && x > LEFT) { x = LEFT; row += 1; }
      const item = { name, k, x, row, width };
      x += width;
      return item;
    });
    return row + 1;
  }

  font(size = 13) {
    return `${size}px ${getComputedStyle(this.target).fontFamily}`;
  }

  later() {
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.render(); });
  }

  draw(header, bytes) {
    super.draw(header, bytes);
    this.render(); // now, and not a frame later
  }

  keep(headers, buffers) {
    super.keep(headers, buffers);
    this.render();
  }

  fields(header, bytes) {
    const total = header.counts.reduce((a, b) => a + b, 0);
    let begin = 4 * Math.ceil(total / 2) + 4 * total;
    this.images = (header.fields ?? []).map((field) => {
      const cells = bytes.subarray(begin, begin + field.rows * field.columns);
      begin += cells.length;
      return { ...field, picture: coloured(cells, field.rows, field.columns, this.scaleOfFields) };
    });
  }

  paint(ink, grid, colours, kept) {
    this.look = { ink, grid, colours, kept };
    if (this.ready) this.render();
  }

  // --- painting ---------------------------------------------------------------------------------------------------

  render() {
    if (!this.ready || !this.header) return;
    if (this.asked) { cancelAnimationFrame(this.asked); this.asked = null; }
    const context = this.context;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineJoin = "round";
    this.panels.forEach((panel, i) => this.panel(panel, i === this.panels.length - 1));
    if (this.pointer) this.readout();
  }

  edges(panel) {
    const left = LEFT, right = this.width - (panel.kind === "field" ? RIGHT_OF_FIELD : RIGHT);
    const { start, end } = this.x, { start: low, end: high } = panel.range;
    return {
      left, right,
      across: (x) => left + ((x - start) / (end - start)) * (right - left),
      up: (y) => panel.bottom - ((y - low) / (high - low)) * (panel.bottom - panel.top),
    };
  }

  panel(panel, last) {
    const context = this.context, { ink, grid } = this.look;
    const { left, right, across, up } = this.edges(panel);
    const spikes = panel.kind === "spikes", field = panel.kind === "field";
    const xs = round(this.x.start, this.x.end, Math.max(3, Math.floor((right - left) / 100)));
    const ys = spikes ? [] : round(panel.range.start, panel.range.end, panel === this.panels[0] ? 5 : 3);
    context.font = this.font();
    context.lineWidth = 1;
    context.strokeStyle = context.fillStyle = grid;
    context.globalAlpha = 0.18;
    context.beginPath();
    for (const x of field ? [] : xs) line(context, across(x), panel.top, across(x), panel.bottom);
    for (const y of field ? [] : ys) line(context, left, up(y), right, up(y));
    context.stroke();
    context.globalAlpha = 1;
    context.save();
    context.beginPath();
    context.rect(left, panel.top, right - left, panel.bottom - panel.top);
    context.clip();
    if (field) this.image_of(panel, across, up);
    else this.traces(panel, across, up);
    context.restore();
    context.strokeStyle = grid;
    context.beginPath();
    line(context, left, panel.top, left, panel.bottom);
    line(context, left, panel.bottom, right, panel.bottom);
    for (const x of xs) line(context, across(x), panel.bottom, across(x), panel.bottom + 5);
    for (const y of ys) line(context, left - 5, up(y), left, up(y));
    context.stroke();
    context.fillStyle = ink;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const y of ys) context.fillText(printed(y, ys), left - 8, up(y));
    if (last) {
      context.textAlign = "center";
      context.textBaseline = "top";
      for (const x of xs) context.fillText(printed(x, xs), across(x), panel.bottom + 7);
      context.fillText("time (ms)", (left + right) / 2, panel.bottom + 24);
    }
    this.name(panel);
    if (panel.traces.length > 1) this.legend(panel);
    if (field) this.scale(panel, right);
  }

  name(panel) {
    const context = this.context;
    const unit = panel.unit && panel.unit !== "1" ? ` (${pretty(panel.unit)})` : "";
    context.save();
    context.translate(14, (panel.top + panel.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(panel.label.slice(0, 120) + unit, 0, 0, panel.bottom - panel.top + 8);
    context.restore();
  }

  legend(panel) {
    const context = this.context, begin = panel.top - this.rows(panel) * 20 + 10;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { name, k, x, row } of panel.items) {
      const y = begin + 20 * row;
      context.globalAlpha = this.hidden.has(panel.first + k) ? 0.35 : 1;
      context.strokeStyle = this.look.colours[k % this.look.colours.length];
      context.lineWidth = 2;
      if (panel.kind === "raster") {
        context.fillStyle = context.strokeStyle;
        for (const [dx, dy] of [[4, -3], [12, 2], [19, -1], [27, 4], [33, -4]]) context.fillRect(x + dx, y + dy, 3, 3);
      } else {
        context.setLineDash(DASHES[k % DASHES.length]);
        context.beginPath();
        line(context, x, y, x + 36, y);
        context.stroke();
        context.setLineDash([]);
      }
      context.fillStyle = this.look.ink;
      context.fillText(name, x + 42, y);
      context.globalAlpha = 1;
    }
  }

  traces(panel, across, up) {
    const context = this.context;
    panel.traces.forEach((_, k) => {
      const number = panel.first + k;
      if (this.hidden.has(number)) return;
      const one = (name, colour, dash, width, size) => {
        const { x, y } = this.sources.get(name).data;
        if (!x.length) return;
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.setLineDash(dash);
        context.beginPath();
        if (panel.kind === "raster") {
          context.fillStyle = colour;
          const dot = Math.max(1.6, Math.min(4, (panel.bottom - panel.top) / panel.range.end));
          for (let i = 0; i < x.length; i++) context.fillRect(across(x[i]) - dot / 2, up(y[i]) - dot / 2, dot, dot);
        } else if (panel.kind === "spikes") for (const at of x) line(context, across(at), up(0.5) - size / 2, across(at), up(0.5) + size / 2);
        else path(context, x, y, across, up);
        context.stroke();
        context.setLineDash([]);
      };
      this.kept.forEach((_, i) => one(`kept:${i}:${number}`, this.look.kept, KEPT_DASHES[i], 1.2, 10));
      one(`live:${number}`, this.look.colours[k % this.look.colours.length], DASHES[k % DASHES.length], 2, 18);
    });
  }

  image_of(panel, across, up) {
    const found = this.images?.find((image) => this.panels[image.panel] === panel);
    if (!found) return;
    const context = this.context, { start, end } = this.header;
    context.imageSmoothingEnabled = false;
    context.drawImage(found.picture, across(start), up(found.units), across(end) - across(start), up(0) - up(found.units));
  }

  // the colours of a field and what they mean
  scale(panel, right) {
    const found = this.images?.find((image) => this.panels[image.panel] === panel);
    if (!found) return;
    const context = this.context, height = panel.bottom - panel.top, high = found.high > found.low ? found.high : found.low + 1;
    for (let k = 0; k < height; k++) {
      context.fillStyle = `rgb(${shade(this.scaleOfFields, 1 - k / height)})`;
      context.fillRect(right + 10, panel.top + k, 10, 1.5);
    }
    context.fillStyle = this.look.ink;
    context.font = this.font(12);
    context.textAlign = "left";
    context.textBaseline = "middle";
    const steps = round(found.low, high, 4);
    for (const value of steps) context.fillText(printed(value, steps), right + 24, Math.max(panel.top + 5, panel.bottom - ((value - found.low) / (high - found.low)) * height));
  }

  // --- the pointer ------------------------------------------------------------------------------------------------

  left() {
    this.pointer = null;
    this.later();
  }

  over(event) {
    const box = this.canvas.getBoundingClientRect();
    this.pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
    this.later();
  }

  pressed(event) {
    this.over(event);
    for (const panel of this.panels) {
      for (const { k, x, row, width } of panel.traces.length > 1 ? panel.items : []) {
        const y = panel.top - this.rows(panel) * 20 + 20 * row;
        if (this.pointer.x < x || this.pointer.x > x + width || this.pointer.y < y || this.pointer.y > y + 20) continue;
        const number = panel.first + k;
        if (!this.hidden.delete(number)) this.hidden.add(number);
        return this.render();
      }
    }
  }

  // the nearest point of a line, in words
  readout() {
    const { x, y } = this.pointer;
    const panel = this.panels.find((p) => y >= p.top && y <= p.bottom);
    if (!panel || ["spikes", "field", "raster"].includes(panel.kind)) return;
    const { left, right, across, up } = this.edges(panel);
    if (x < left || x > right) return;
    let best = null, least = 20 ** 2;
    panel.traces.forEach(({ label: name }, k) => {
      if (this.hidden.has(panel.first + k)) return;
      const data = this.sources.get(`live:${panel.first + k}`).data;
      for (let i = 0; i < data.x.length; i++) {
        const far = (across(data.x[i]) - x) ** 2 + (up(data.y[i]) - y) ** 2;
        if (far < least) { least = far; best = { name, at: data.x[i], value: data.y[i] }; }
      }
    });
    if (!best) return;
    const context = this.context, text = `${best.name}: ${best.value.toFixed(3)} at ${best.at.toFixed(2)} ms`;
    const px = across(best.at), py = up(best.value);
    context.font = this.font();
    const width = context.measureText(text).width + 14;
    const bx = Math.min(px + 10, this.width - width - 2), by = Math.max(panel.top + 2, py - 30);
    context.fillStyle = this.look.ink;
    context.beginPath();
    context.arc(px, py, 3.5, 0, 7);
    context.fill();
    context.fillStyle = getComputedStyle(this.target).getPropertyValue("--nb-page") || "#ffffff";
    context.strokeStyle = this.look.grid;
    context.lineWidth = 1;
    context.beginPath();
    context.rect(bx, by, width, 22);
    context.fill();
    context.stroke();
    context.fillStyle = this.look.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, bx + 7, by + 12);
  }

  async image(background) {
    const copy = make("canvas", { width: this.canvas.width, height: this.canvas.height });
    const context = copy.getContext("2d");
    context.fillStyle = background;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(this.canvas, 0, 0);
    return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
  }
}

function line(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

// a line with gaps where there is no number
function path(context, x, y, across, up) {
  let drawing = false;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i])) { drawing = false; continue; }
    if (drawing) context.lineTo(across(x[i]), up(y[i]));
    else context.moveTo(across(x[i]), up(y[i]));
    drawing = true;
  }
}

// round numbers between two ends, about so many
function round(low, high, count) {
  if (!(high > low)) return [];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const far = (step) => Math.abs(Math.log(step / rough));
  const step = [1, 2, 5, 10].map((m) => m * power).reduce((best, next) => (far(next) < far(best) ? next : best));
  const first = Math.ceil(low / step - 1e-9);
  const found = [];
  for (let k = first; k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

// a number of an axis with as many decimals as its steps need
function printed(value, all) {
  const step = all.length > 1 ? Math.abs(all[1] - all[0]) : Math.abs(value) || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (decimals > 6 || Math.abs(value) >= 1e7) return value.toExponential(1);
  return (Math.abs(value) < step * 1e-6 ? 0 : value).toFixed(decimals).replace("-", "−");
}

// the colour at a part of a scale, which is given as a few colours in even steps
function shade(scale, t) {
  const at = Math.min(1, Math.max(0, t)) * (scale.length - 1), i = Math.min(scale.length - 2, Math.floor(at));
  return [0, 1, 2].map((k) => Math.round(scale[i][k] + (at - i) * (scale[i + 1][k] - scale[i][k])));
}

function coloured(cells, rows, columns, scale) {
  const canvas = make("canvas", { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const table = Array.from({ length: 256 }, (_, k) => shade(scale, k / 255));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const colour = table[cells[row * columns + column]];
      image.data.set([...colour, 255], 4 * ((rows - 1 - row) * columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
