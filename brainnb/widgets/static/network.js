
// --- networks: a raster that is painted at the size it has here, and hands on the neurons ---------------------------

const SLOTS = [3, 2, 5, 4]; // colours of chosen neurons, as in network/figures.py

function swatch(dash) {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ width: 30, height: 10, "aria-hidden": "true" })) line.setAttribute(name, value);
  const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ d: "M0 5H30", "stroke-dasharray": dash, "stroke-width": 2.4 })) stroke.setAttribute(name, value);
  line.append(stroke);
  return line;
}

class NetworkFigures extends Figures {
  constructor(target, network, pick) {
    super(target);
    Object.assign(this, { bands: network.bands, pick, colours: ["#0072B2"], hands: { manipulations: [], chosen: [] } });
  }

  async embed(message) {
    if (!(await super.embed(message))) return false;
    this.raster = this.document.get_model_by_name("raster");
    this.Pixels = this.raster.data.image[0].constructor;
    const { figure } = this.panels.find((p) => p.kind === "raster");
    this.frame = figure;
    figure.on_event?.("tap", ({ x, y }) => this.tapped(x, y));
    const again = () => { clearTimeout(this.later); this.later = setTimeout(() => { this.paintRaster(); this.mark(); }, 30); };
    this.x.change.connect(again);
    figure.properties.inner_width?.change.connect(again);
    if (this.header) this.mark();
    return true;
  }

  draw(header, bytes) {
    this.decode(header.raster, bytes.slice(header.lines));
    super.draw(header, bytes.slice(0, header.lines));
    this.paintRaster();
    this.mark();
  }

  // one entry for each population: the column of every spike, and its height from 0 to 1
  decode(raster, bytes) {
    this.columns = raster.columns;
    const found = rasterOf(raster, bytes, this.bands.length);
    this.spikes = this.bands.map(({ low, high, number }, i) => {
      const { neuron } = found[i];
      return neuron ? { ...found[i], height: neuron.map((k) => low + ((k + 0.5) / number) * (high - low)) } : found[i];
    });
  }

  paintRaster() {
    if (!this.ready || !this.spikes) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.max(50, Math.round((this.frame.inner_width || 700) * ratio));
    const height = Math.max(50, Math.round((this.frame.inner_height || 300) * ratio));
    const pixels = new Uint32Array(width * height);
    const { start, end } = this.x;
    const whole = this.header.end - this.header.start;
    const scale = width / (end - start); // pixels per ms
    const cell = (whole / this.columns) * scale;
    const fill = (x, y, w, h, colour) => {
      const left = Math.max(0, x), right = Math.min(width, x + w);
      for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) pixels.fill(colour, row * width + left, row * width + Math.max(left, right));
    };
    this.bands.forEach(({ low, high, number }, i) => {
      const colour = this.ink(i);
      const { rows, bits, column, height: heights } = this.spikes[i];
      if (bits) {
        const tall = Math.max(1, Math.ceil(((high - low) * height) / rows));
        for (let k = 0; k < rows * this.columns; k++) {
          if (!(bits[k >> 3] & (128 >> (k & 7)))) continue;
          const x = Math.floor((this.header.start + ((k % this.columns) / this.columns) * whole - start) * scale);
          fill(x, Math.floor((low + (Math.floor(k / this.columns) / rows) * (high - low)) * height), Math.max(1, Math.ceil(cell)), tall, colour);
        }
        return;
      }
      const each = ((high - low) * height) / number;
      const tall = Math.max(Math.round(1.5 * ratio), Math.min(Math.round(12 * ratio), Math.floor(0.8 * each)));
      const wide = Math.max(Math.round((each > 4 ? 2 : 1.5) * ratio), Math.min(Math.round(3 * ratio), Math.round(0.8 * cell)));
      for (let k = 0; k < column.length; k++) {
        const x = Math.round((this.header.start + ((column[k] + 0.5) / this.columns) * whole - start) * scale - wide / 2);
        if (x + wide > 0 && x < width) fill(x, Math.round(heights[k] * height - tall / 2), wide, tall, colour);
      }
    });
    const image = new this.Pixels(pixels, [height, width]);
    this.raster.data = { image: [image], x: [start], y: [0], dw: [end - start], dh: [1] };
  }

  ink(i) {
    const colour = this.colours[i % this.colours.length];
    const [r, g, b] = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));
    return (255 << 24) | (b << 16) | (g << 8) | r;
  }

  // what is done to neurons as hatched areas, and marks beside the neurons that are looked at
  mark(hands = this.hands) {
    this.hands = hands;
    if (!this.ready || !this.header) return;
    const of = (name) => this.bands.find((b) => b.path === name);
    const height = (band, neuron) => band.low + (neuron / band.number) * (band.high - band.low);
    const spans = { left: [], right: [], bottom: [], top: [] };
    for (const { population, neurons, start, stop } of hands.manipulations) {
      const band = of(population);
      if (!band) continue;
      const [first, last] = neurons ?? [0, band.number];
      spans.left.push(start);
      spans.right.push(stop ?? this.header.end);
      spans.bottom.push(height(band, first));
      spans.top.push(height(band, last));
    }
    this.document.get_model_by_name("spans").data = spans;
    SLOTS.forEach((_, slot) => {
      const one = hands.chosen[slot];
      const band = one && of(one.population);
      this.document.get_model_by_name(`chosen:${slot}`).data = band
        ? { x: [this.x.start + 0.006 * (this.x.end - this.x.start)], y: [height(band, one.neuron + 0.5)] }
        : { x: [], y: [] };
    });
  }

  tapped(x, y) {
    const band = this.bands.find((b) => y >= b.low && y < b.high);
    if (!band || !band.unit) return;
    const across = (8 / (this.frame.inner_height || 300) / (band.high - band.low)) * band.number;
    const along = (8 / (this.frame.inner_width || 700)) * (this.x.end - this.x.start);
    const neuron = ((y - band.low) / (band.high - band.low)) * band.number - 0.5;
    this.pick({ population: band.path, neuron, time: x, across: Math.max(0.5, across), along });
  }

  fit() {
    if (!this.header) return;
    const { header } = this;
    this.moving = true;
    if (!this.zoomed) this.span(this.x, header.start, header.end);
    let first = 0;
    this.panels.forEach(({ range, kind, traces }, i) => {
      const mine = traces.map((_, k) => first + k).filter((k) => header.counts[k]);
      first += traces.length;
      const across = this.document.get_model_by_name(`x_range:${i}`);
      if (kind === "matrix" || kind === "raster") {
        this.span(range, 0, 1);
        if (across) this.span(across, 0, 1);
        return;
      }
      if (across && mine.length) {
        this.span(across, Math.min(...mine.map((k) => header.axes[k][0])),
          Math.max(...mine.map((k) => header.axes[k][0] + (header.counts[k] - 1) * header.axes[k][1])));
      }
      const all = [header, ...(kind === "trace" || kind === "histogram" ? [] : this.kept)].map((h) => h.spans[i]);
      const low = Math.min(...all.map((s) => s[0]));
      const high = Math.max(...all.map((s) => s[1]));
      const old = this.spans[i];
      if (old && low >= old[0] && high <= old[1] && high - low > 0.5 * (old[1] - old[0])) return;
      const pad = 0.07 * (high - low) || 0.5;
      this.spans[i] = [low === 0 ? 0 : low - pad, high + pad];
      this.span(range, ...this.spans[i]);
    });
    this.moving = false;
  }

  paint(ink, grid, colours, kept) {
    this.colours = colours;
    super.paint(ink, grid, colours, kept);
    for (const { figure } of this.ready ? this.panels : []) figure.title.text_color = ink;
    this.paintRaster();
  }

  tint(renderer, colours, kept) {
    const [kind, number] = renderer.tags;
    if (kind === "image") return;
    if (kind === "spans") {
      const hatch = colours[4];
      renderer.glyph.setv({ fill_color: hatch, hatch_color: hatch, line_color: hatch });
    } else if (kind === "slot") renderer.glyph.setv({ fill_color: colours[number], line_color: colours[number] });
    else super.tint(renderer, colours, kept);
  }
}

// The part of the page that chooses, holds and drives neurons.
class Hands {
  constructor(explorer, network) {
    this.explorer = explorer;
    this.bands = network.bands;
    const dashes = ["", "9 3", "3 3", "9 3 3 3", "14 4", "2 5"];
    this.legend = make("ul", { class: "nb-legend", "aria-label": "Populations" },
      ...this.bands.map((b, i) => make("li", { "data-colour": i % 6 }, swatch(dashes[i % 6]), `${b.path} (${b.number})`)));
    this.chosen = make("ul", { class: "nb-legend", "aria-label": "Neurons whose potential is shown" });
    this.done = make("ul", { class: "nb-kept", "aria-label": "What is done to neurons" });
    const option = (b) => make("option", { value: b.path }, b.path);
    const seen = this.bands.filter((b) => b.unit);
    const held = this.bands.filter((b) => b.drive);
    const number = (name, value, about) => make("input", { type: "number", step: "any", value, "aria-label": about, "data-field": name, "data-lm-suppress-shortcuts": "true" });
    const choice = (about, ...options) => make("select", { "aria-label": about, "data-lm-suppress-shortcuts": "true" }, ...options);
    this.who = choice("Population of the neuron to show", ...seen.map(option));
    this.which = number("neuron", 0, "Number of the neuron to show");
    this.node = make("div", { class: "nb-hands" }, this.done);
    if (seen.length) {
      const show = make("button", { type: "button", title: "Show the potential of this neuron; a click in the raster does the same", onclick: () => this.show_neuron() }, "Show");
      this.which.addEventListener("keydown", (e) => { if (e.key === "Enter") { e.stopPropagation(); this.show_neuron(); } });
      this.node.append(make("details", { class: "nb-more" }, make("summary", {}, "Show a neuron"),
        make("div", { class: "nb-bar" }, make("span", {}, "neuron"), this.who, this.which, show)));
    }
    if (held.length) {
      this.target = choice("Population to hold or drive", ...held.map(option));
      this.kind = choice("What is done", make("option", { value: "hold" }, "hold at"), make("option", { value: "drive" }, "inject"));
      this.first = number("first", 0, "First neuron");
      this.last = number("last", 0, "Last neuron");
      this.level = number("level", 0, "Level");
      this.unit = make("span", { class: "nb-muted" });
      this.start = number("start", 0, "From, ms");
      this.stop = number("stop", "", "To, ms; empty: to the end");
      this.target.addEventListener("change", () => this.fresh());
      this.kind.addEventListener("change", () => this.fresh(false));
      const apply = (now) => make("button", {
        type: "button", onclick: () => this.apply(now),
        title: now ? "From this moment of the run on; before or after a run, from its begin" : "From the given time on; the run starts again if that has passed",
      }, now ? "Now" : "Apply");
      this.node.append(make("details", { class: "nb-more" }, make("summary", {}, "Hold or drive neurons"),
        make("div", { class: "nb-bar" }, this.target, make("span", {}, "neurons"), this.first, make("span", {}, "to"), this.last),
        make("div", { class: "nb-bar" }, this.kind, this.level, this.unit, make("span", {}, "from"), this.start, make("span", {}, "to"), this.stop,
          make("span", { class: "nb-muted" }, "ms"), apply(false), apply(true))));
      this.fresh();
    }
  }

  band(path) {
    return this.bands.find((b) => b.path === path);
  }

  fresh(range = true) {
    const band = this.band(this.target.value);
    if (range) { this.first.value = 0; this.last.value = band.number - 1; }
    const hold = this.kind.value === "hold";
    this.level.value = hold ? band.rest : 100;
    this.unit.textContent = pretty(hold ? band.unit : band.drive);
  }

  show_neuron() {
    this.explorer.say({ type: "choose", population: this.who.value, neuron: Math.round(Number(this.which.value)) });
  }

  apply(now) {
    const number = (box) => (box.value.trim() === "" ? null : Number(box.value));
    this.explorer.say({
      type: "manipulate", population: this.target.value, kind: this.kind.value, level: number(this.level), now,
      first: number(this.first), last: number(this.last), start: number(this.start) ?? 0, stop: number(this.stop),
    });
  }

  show({ manipulations, chosen }) {
    const cross = (about, message) => make("button", { type: "button", class: "nb-icon", "aria-label": about, onclick: () => this.explorer.say(message) }, "×");
    this.done.replaceChildren(...manipulations.map(({ text }, index) =>
      make("li", {}, make("span", { class: "nb-hatch", "aria-hidden": "true" }), make("span", {}, text), cross(`Take back: ${text}`, { type: "release", index }))));
    this.chosen.replaceChildren(...chosen.map(({ population, neuron }, index) =>
      make("li", { "data-colour": SLOTS[index] }, swatch(""), `${population} ${neuron}`, cross(`Do not show ${population} ${neuron} any more`, { type: "unchoose", index }))));
    this.colour();
  }

  colour(colours = this.colours) {
    this.colours = colours;
    if (!colours) return;
    for (const item of [...this.legend.children, ...this.chosen.children]) item.querySelector("path").setAttribute("stroke", colours[Number(item.dataset.colour)]);
  }
}
