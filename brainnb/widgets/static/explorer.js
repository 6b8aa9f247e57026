// The page side of an explorer: controls, figures, and a conversation with the kernel.
//
// One module for both skins: anywidget and Panel's JSComponent call render({model, el}).
// Every text that comes from a model enters the page through textContent or setAttribute, never as markup.

const TIMEOUT = 2000; // ms after which an unanswered request no longer holds back the next
const SPOKEN = 1000; // ms between two messages of the live region

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  explorer.start();
  return () => explorer.close();
}

export default { render };

// --- small tools ----------------------------------------------------------------------------------------------

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  for (const child of children) node.append(child); // strings become text nodes
  return node;
}

const unique = (() => {
  const page = Math.random().toString(36).slice(2, 10);
  let count = 0;
  return () => `brainnb-${page}-${++count}`;
})();

function written(value, step) {
  const decimals = Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9)));
  const fixed = value.toFixed(decimals);
  return Math.abs(Number(fixed) - value) <= 1e-6 * Math.abs(value) ? fixed : String(Number(value.toPrecision(7)));
}

function pretty(unit) {
  return unit.replace(/\bu(A|F|S|m)/g, "µ$1").replace(/cm(\*\*|\^)?2/g, "cm²");
}

function download(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// --- the two transports ---------------------------------------------------------------------------------------

function transport(model) {
  const panel = typeof model.send_msg === "function";
  const bytes = (b) => (ArrayBuffer.isView(b) ? new Uint8Array(b.buffer, b.byteOffset, b.byteLength) : new Uint8Array(b));
  let heard = null;
  return {
    panel,
    send: (message) => (panel ? model.send_msg(message) : model.send(message)),
    listen(callback) {
      heard = panel
        ? ({ buffers, ...message }) => callback(message, (buffers ?? []).map(bytes))
        : (message, buffers) => callback(message, (buffers ?? []).map(bytes));
      model.on("msg:custom", heard);
    },
    close: () => model.off("msg:custom", heard),
  };
}

// --- BokehJS: the page's own when it fits, else the kernel's, through a blob ------------------------------------
// What comes from the kernel does not stay under `window.Bokeh`: Panel, loaded later, would put its parts into another copy.

const bokeh = {
  own: (window.brainnbBokeh ??= {}), // version -> library; the page's, as each view is a module of its own
  versions() {
    const numbered = Object.keys(window.Bokeh ?? {}).filter((k) => /^\d+\.\d+/.test(k));
    return [...Object.keys(this.own), ...(window.Bokeh ? [window.Bokeh.version, ...numbered] : [])];
  },
  find(version) {
    return this.own[version] ?? (window.Bokeh?.version === version ? window.Bokeh : window.Bokeh?.[version]);
  },
  loading: {},
  load(version, zipped) {
    if (this.find(version)) return;
    this.loading[version] ??= (async () => {
      const before = "window.brainnbBokeh.before = window.Bokeh; window.Bokeh = undefined;\n";
      const after = `\nwindow.brainnbBokeh[${JSON.stringify(version)}] = window.Bokeh; window.Bokeh = window.brainnbBokeh.before; delete window.brainnbBokeh.before;`;
      const address = URL.createObjectURL(new Blob([before, await unzipped(zipped), after], { type: "text/javascript" }));
      await new Promise((resolve, reject) => {
        const script = make("script", { src: address, onload: resolve, onerror: () => reject(new Error("BokehJS did not load")) });
        document.head.append(script);
      });
      URL.revokeObjectURL(address);
    })();
  },
  async get(version) {
    for (let waited = 0; !this.find(version); waited += 25) {
      if (this.loading[version]) await this.loading[version];
      else if (waited > 30_000) throw new Error(`BokehJS ${version} did not arrive`);
      else await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return this.find(version);
  },
};

// --- the clock: at most one unanswered request ------------------------------------------------------------------

class Clock {
  constructor(send) {
    this.send = send;
    this.waiting = {}; // path -> newest value not yet sent
    this.owed = {}; // path -> newest value that this browser has answered and the kernel does not know
    this.sent = 0;
    this.answered = 0;
    this.last = {}; // path -> number of the request that carried its newest value
    this.timer = null;
  }

  change(path, value) {
    this.waiting[path] = value;
    if (this.answered >= this.sent) this.flush(false);
  }

  put(path, value) {
    this.waiting[path] = value;
    this.flush(true);
  }

  release() {
    if (Object.keys(this.waiting).length || Object.keys(this.owed).length) this.flush(true);
  }

  flush(release) {
    const values = { ...this.owed, ...this.waiting };
    this.waiting = {};
    this.sent += 1;
    for (const path of Object.keys(values)) this.last[path] = this.sent;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.answer(this.sent), TIMEOUT);
    this.owed = this.send({ type: "set", seq: this.sent, values, release }) ? values : {};
  }

  answer(number) {
    if (!(number > this.answered)) return;
    this.answered = number;
    if (this.answered < this.sent) return;
    clearTimeout(this.timer);
    if (Object.keys(this.waiting).length) this.flush(false);
  }

  drop() {
    this.waiting = this.owed = {};
    this.answered = this.sent;
    clearTimeout(this.timer);
  }

  holds(path) {
    return path in this.waiting || path in this.owed || this.last[path] > this.answered;
  }
}

// --- one control ------------------------------------------------------------------------------------------------

class Control {
  constructor(spec, value, explorer) {
    Object.assign(this, { spec, explorer, held: false, told: value });
    const id = unique();
    const unit = pretty(spec.unit);
    this.box = make("input", {
      type: "number", id, step: "any", min: spec.min, max: spec.max, "aria-label": `${spec.name}, value`,
      inputmode: "decimal", autocomplete: "off", "data-path": spec.path, "data-lm-suppress-shortcuts": "true",
    });
    this.slider = make("input", {
      type: "range", role: "slider", min: spec.low, max: spec.high, step: spec.step, "aria-label": spec.name,
      "data-path": spec.path, "data-lm-suppress-shortcuts": "true", title: spec.doc,
    });
    this.back = make("button", {
      type: "button", class: "nb-icon", "aria-label": `Reset ${spec.path} to ${written(spec.default, spec.step)} ${spec.unit}`,
      title: "Back to the start value", onclick: () => this.reset(),
    }, "↺");
    const help = make("p", { class: "nb-help", id: unique(), hidden: true }, this.explanation());
    const ask = make("button", {
      type: "button", class: "nb-icon", "aria-label": `About ${spec.path}`, title: spec.doc, "aria-expanded": "false",
      "aria-controls": help.id,
      onclick: () => { help.hidden = !help.hidden; ask.setAttribute("aria-expanded", String(!help.hidden)); },
    }, "?");
    const name = make("label", { for: id, class: "nb-name", title: spec.doc }, make("b", {}, spec.symbol), " ", make("span", {}, spec.doc));
    const number = make("span", { class: "nb-number" }, this.box, make("span", { class: "nb-unit" }, unit));
    this.node = make("div", { class: "nb-control" }, make("div", { class: "nb-head" }, name, this.back, ask), this.slider, number, help);
    this.slider.addEventListener("input", () => this.moved());
    this.slider.addEventListener("pointerdown", () => { this.held = true; });
    this.slider.addEventListener("keydown", () => { this.held = true; });
    for (const event of ["pointerup", "keyup", "blur", "pointercancel"]) this.slider.addEventListener(event, () => this.released());
    this.slider.addEventListener("change", () => { if (!this.held) this.released(); });
    this.box.addEventListener("change", () => this.typed());
    // notebooks take Enter for themselves before the browser makes a change of it
    this.box.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.stopPropagation(); this.typed(); } });
    this.show(value);
  }

  explanation() {
    const { path, doc, allowed, unit } = this.spec;
    const start = `${written(this.spec.default, this.spec.step)} ${pretty(unit)}`.trim();
    return `${path}: ${doc || "no description"}. Start value ${start}${allowed ? `, allowed ${pretty(allowed)}` : ""}.`;
  }

  show(value, slider = true) {
    this.value = value;
    const text = written(value, this.spec.step);
    this.box.value = text;
    if (slider) {
      // a value beyond the slider's span widens it: the box may go where the slider does not
      if (value > Number(this.slider.max)) this.slider.max = value;
      if (value < Number(this.slider.min)) this.slider.min = value;
      this.slider.value = value;
    }
    this.slider.setAttribute("aria-valuetext", `${text} ${this.spec.unit}`.trim());
    this.back.classList.toggle("nb-idle", value === this.spec.default);
  }

  moved() {
    this.show(Number(this.slider.value), false);
    this.explorer.clock.change(this.spec.path, this.value);
  }

  released() {
    this.held = false;
    this.explorer.clock.release();
  }

  typed() {
    const value = Number(this.box.value);
    if (this.box.value === written(this.value, this.spec.step)) return;
    if (this.box.value.trim() === "" || !Number.isFinite(value)) return this.show(this.value);
    this.show(value);
    this.explorer.clock.put(this.spec.path, value);
  }

  reset() {
    this.explorer.say({ type: "reset", path: this.spec.path });
    this.slider.focus();
  }

  take(value) {
    this.told = value;
    this.settle();
  }

  // what the kernel said last is shown as soon as neither the hand nor a request of this page is ahead of it
  settle() {
    if (this.held || this.explorer.clock.holds(this.spec.path) || this.told === this.value) return;
    this.show(this.told);
  }
}

// --- the figures --------------------------------------------------------------------------------------------------

class Figures {
  constructor(target) {
    this.target = target;
    this.ready = false;
    this.zoomed = false;
    this.spans = []; // y range of each panel as shown
    this.kept = [];
  }

  async embed(message) {
    this.remove();
    this.message = message;
    this.header = null;
    const library = await bokeh.get(message.version);
    if (this.message !== message) return false;
    this.target.replaceChildren();
    const views = await library.embed.embed_item(message.item, this.target);
    this.view = views.roots[0];
    this.document = this.view.model.document;
    calm(this.view);
    this.panels = message.panels.map((panel, i) => ({
      ...panel, figure: this.document.get_model_by_name(`panel:${i}`), range: this.document.get_model_by_name(`y_range:${i}`),
    }));
    this.x = this.document.get_model_by_name("x_range");
    for (const { figure } of this.panels) {
      figure.on_event?.("rangesupdate", () => { if (!this.moving) this.zoomed = true; });
      figure.on_event?.("doubletap", () => this.whole());
    }
    this.ready = true;
    return true;
  }

  remove() {
    this.ready = false;
    this.spans = [];
    this.view?.remove?.();
    this.view = null;
  }

  fill(prefix, header, bytes) {
    const total = header.counts.reduce((a, b) => a + b, 0);
    const start = bytes.byteOffset;
    const aligned = start % 4 ? bytes.slice() : bytes;
    const numbers = new Uint16Array(aligned.buffer, aligned.byteOffset, total);
    const levels = new Float32Array(aligned.buffer, aligned.byteOffset + 4 * Math.ceil(total / 2), total);
    let begin = 0;
    header.counts.forEach((count, i) => {
      const [first, step] = header.axes?.[i] ?? [header.start, header.step];
      const x = new Float32Array(count);
      for (let k = 0; k < count; k++) x[k] = first + numbers[begin + k] * step;
      const source = this.document.get_model_by_name(`${prefix}:${i}`);
      if (source) source.data = { x, y: levels.slice(begin, begin + count) };
      begin += count;
    });
  }

  draw(header, bytes) {
    this.header = header;
    this.fill("live", header, bytes);
    this.fields(header, bytes);
    this.fit();
  }

  // images come after the lines, one byte for each cell
  fields(header, bytes) {
    const total = header.counts.reduce((a, b) => a + b, 0);
    let begin = 4 * Math.ceil(total / 2) + 4 * total;
    for (const { panel, rows, columns, low, high, units } of header.fields ?? []) {
      const source = this.document.get_model_by_name(`field:${panel}`);
      const cells = new source.data.image[0].constructor(rows * columns, [rows, columns]);
      for (let k = 0; k < cells.length; k++) cells[k] = low + (bytes[begin + k] * (high - low)) / 255;
      begin += rows * columns;
      this.document.get_model_by_name(`colours:${panel}`).setv({ low, high: high > low ? high : low + 1 });
      source.data = { image: [cells], x: [header.start], y: [0], dw: [header.end - header.start], dh: [units] };
    }
  }

  keep(headers, buffers) {
    const empty = { counts: (this.header?.counts ?? []).map(() => 0), start: 0, step: 1 };
    for (let k = 0; k < 3; k++) {
      if (k < headers.length) this.fill(`kept:${k}`, headers[k], buffers[k]);
      else this.fill(`kept:${k}`, empty, new Uint8Array(0));
    }
    for (const { figure } of this.panels) {
      for (const renderer of figure.renderers) {
        if (renderer.tags[0] === "kept") renderer.visible = renderer.tags[1] < headers.length;
      }
    }
    this.kept = headers;
    this.fit();
  }

  // axes grow at once and shrink only when the picture would fill less than half of them: they do not jitter
  fit() {
    if (!this.header) return;
    this.moving = true;
    if (!this.zoomed) {
      const { start, step, end } = this.header;
      this.span(this.x, start <= 1.5 * step ? 0 : start, Math.max(end, start + step));
    }
    this.panels.forEach(({ range, kind }, i) => {
      if (kind === "spikes") return this.span(range, 0, 1);
      if (kind === "field" || kind === "raster") return this.span(range, ...this.header.spans[i]);
      const all = [this.header, ...this.kept].map((h) => h.spans[i]).filter(Boolean);
      const low = Math.min(...all.map((s) => s[0]));
      const high = Math.max(...all.map((s) => s[1]));
      const old = this.spans[i];
      const fits = old && low >= old[0] && high <= old[1] && high - low > 0.5 * (old[1] - old[0]);
      if (fits) return;
      const pad = 0.07 * (high - low) || Math.max(0.5, 0.01 * Math.abs(high));
      this.spans[i] = [low - pad, high + pad];
      this.span(range, ...this.spans[i]);
    });
    this.moving = false;
  }

  span(range, start, end) {
    if (range.start !== start || range.end !== end) range.setv({ start, end });
  }

  zoom(factor) {
    const { start, end } = this.x;
    const middle = (start + end) / 2;
    this.zoomed = true;
    this.span(this.x, middle - ((end - start) * factor) / 2, middle + ((end - start) * factor) / 2);
  }

  shift(part) {
    const { start, end } = this.x;
    this.zoomed = true;
    this.span(this.x, start + part * (end - start), end + part * (end - start));
  }

  whole() {
    this.zoomed = false;
    this.fit();
  }

  paint(ink, grid, colours, kept) {
    if (!this.ready) return;
    for (const { figure } of this.panels) {
      figure.outline_line_color = grid;
      for (const axis of [...figure.below, ...figure.left].filter((m) => "axis_line_color" in m)) {
        axis.setv({ axis_line_color: grid, major_tick_line_color: this.header ? grid : null, axis_label_text_color: ink, major_label_text_color: ink });
      }
      for (const guide of figure.center) if ("grid_line_color" in guide) guide.grid_line_color = grid;
      for (const bar of figure.right.filter((m) => "color_mapper" in m)) bar.major_label_text_color = ink;
      for (const legend of [...figure.above, ...figure.center].filter((m) => "label_text_color" in m)) legend.label_text_color = ink;
      for (const renderer of figure.renderers) this.tint(renderer, colours, kept);
    }
  }

  tint(renderer, colours, kept) {
    if (renderer.glyph && renderer.tags[0] !== "image") renderer.glyph.line_color = renderer.tags[0] === "kept" ? kept : colours[renderer.tags[1]];
  }

  async image(background) {
    const layer = this.view.export("png", true);
    const source = layer.canvas ?? (await layer.to_blob?.());
    const canvas = make("canvas", { width: source.width, height: source.height });
    const context = canvas.getContext("2d");
    context.fillStyle = background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }
}

// --- dark or light: read from the page itself ---------------------------------------------------------------------

function backdrop(node) {
  for (let n = node; n; n = n.parentElement ?? n.getRootNode()?.host ?? null) {
    const parts = getComputedStyle(n).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    if (parts.length < 4 || parts[3] > 0.5) return parts;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(document.documentElement).colorScheme.includes("dark")
    ? [18, 18, 18]
    : [255, 255, 255];
}

// --- the explorer -------------------------------------------------------------------------------------------------

class Explorer {
  constructor(model, el) {
    this.transport = transport(model);
    this.view = unique();
    this.clock = new Clock((message) => this.here?.takes(message) || this.say(message));
    this.controls = {};
    this.queue = Promise.resolve();
    this.root = make("section", { class: "brainnb", "data-theme": "light" });
    this.status = make("p", { class: "nb-status" }, "Connecting to the kernel …");
    this.root.explorer = this; // a handle for the console and for tests
    this.root.append(this.status);
    el.append(this.root);
  }

  start() {
    this.transport.listen((message, buffers) => this.hear(message, buffers));
    const link = /#brainnb=/.test(location.hash) ? location.hash.slice(0, 70_000) : null;
    this.greet({ type: "hello", bokeh: bokeh.versions(), link });
    this.repaint = () => { clearTimeout(this.painting); this.painting = setTimeout(() => this.paint(), 60); };
    this.observer = new MutationObserver(() => { this.repaint(); setTimeout(this.repaint, 700); });
    for (const node of [document.body, document.documentElement]) {
      this.observer.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-theme", "theme"] });
    }
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.repaint);
  }

  // again until it is heard: as long as its subshell does not stand, JupyterLab puts a word behind the cell that runs
  greet(hello, turn = 1) {
    if (this.greeted) return;
    this.say({ ...hello, turn });
    this.greeting = setTimeout(() => this.greet(hello, turn + 1), 1000 * turn);
  }

  close() {
    clearTimeout(this.greeting);
    this.transport.close();
    this.observer.disconnect();
    this.scheme.removeEventListener("change", this.repaint);
    this.clock.drop();
    clearTimeout(this.speaking);
    this.course?.end();
    this.here?.end();
    this.figures?.remove();
    this.root.remove();
  }

  say(message) {
    if (this.problem) this.problem.hidden = true; // what went wrong stays until the next thing is tried
    this.transport.send({ ...message, view: this.view });
  }

  // messages are taken one after the other: a picture waits until its figures stand
  hear(message, buffers) {
    if (message.to != null && message.to !== this.view) return;
    if (message.type === "bokehjs") return bokeh.load(message.version, buffers[0]);
    if (message.type === "setup") this.greeted = true;
    else if (!this.greeted) return; // meant for pages that were there before
    this.queue = this.queue.then(() => this[`on_${message.type}`]?.(message, buffers)).catch((error) => {
      console.error(error);
      this.trouble(`The page could not show this: ${error.message}`);
    });
  }

  // --- layout -----------------------------------------------------------------------------------------------------

  on_setup(spec) {
    this.spec = spec;
    this.course?.end();
    this.here?.end();
    this.figures?.remove();
    this.controls = {};
    const heading = unique();
    this.root.setAttribute("aria-labelledby", heading);
    this.spoken = make("div", { class: "nb-hidden", role: "status", "aria-live": "polite" });
    this.message = make("p", { class: "nb-message", id: unique(), "aria-hidden": "true" }, "Running for the first time …");
    this.problem = make("p", { class: "nb-problem", role: "alert", hidden: true });
    this.progress = make("progress", { max: 1, value: 0, "aria-label": "Progress of the run" });
    this.progress.classList.add("nb-idle");
    this.stage = make("div", { class: "nb-stage", role: "img", "aria-label": `Picture of ${spec.title}` });
    this.keptList = make("ul", { class: "nb-kept", "aria-label": "Kept traces" });
    this.output = make("div", { class: "nb-output", hidden: true });
    this.hands = spec.network ? new Hands(this, spec.network) : null;
    this.course = spec.monitor ? new Course(this, spec.monitor) : null;
    this.here = spec.browser ? new Here(this, spec) : null;
    this.figures = spec.network
      ? new NetworkFigures(this.stage, spec.network, (place) => this.say({ type: "choose", ...place }))
      : spec.monitor
        ? new CourseFigures(this.stage, spec.drawn, this.course)
      : spec.drawn
        ? new (spec.page ? CurveCanvas : CurveFigures)(this.stage, spec.drawn, (values) => this.say({ type: "set", values, release: true }))
        : spec.page
          ? new CanvasFigures(this.stage, spec.colours.field)
          : new Figures(this.stage);
    this.compared = null;
    this.text = this.message.textContent;
    this.root.replaceChildren(
      this.tabs(),
      make("header", {}, make("h2", { id: heading }, spec.title), make("p", { class: "nb-doc" }, spec.doc)),
      ...(this.course ? this.course.layout() : this.columns()));
    this.course?.begin();
    this.paint();
  }

  columns() {
    const beside = this.hands ? [this.hands.legend, this.hands.chosen] : [];
    return [make("div", { class: "nb-columns" },
      make("div", { class: "nb-picture" }, ...beside, this.stage, this.message, this.spoken, this.problem),
      make("div", { class: "nb-controls" }, this.presets(), ...this.groups()),
      make("div", { class: "nb-actions" }, this.progress, this.bar(), this.here?.node ?? "", this.keptList, this.hands?.node ?? "", this.exports(), this.output))];
  }

  // the views of the model; the page shows one at a time
  tabs() {
    const { tabs = [], tab } = this.spec;
    if (tabs.length < 2) return "";
    return make("nav", { class: "nb-tabs", "aria-label": "Views of the model" }, ...tabs.map(({ name, text }) =>
      this.button(text, `Show the ${text.toLowerCase()} of the same model`, () => {
        if (name === tab) return;
        this.clock.drop();
        this.write(`Opening: ${text} …`);
        this.say({ type: "look", tab: name });
      }, { "aria-pressed": String(name === tab) })));
  }

  button(text, about, act, extra = {}) {
    return make("button", { type: "button", title: about, onclick: act, ...extra }, text);
  }

  bar() {
    const icon = (text, about, act) => this.button(text, about, act, { class: "nb-icon", "aria-label": about });
    return make("div", { class: "nb-bar", role: "group", "aria-label": "Run and view" },
      this.spec.table ? "" : this.button("Stop", "End the run and keep what it has", () => this.stop(), { class: "nb-stop" }),
      this.button("Keep trace", "Keep this trace for comparison, three at most", () => this.say({ type: "keep" })),
      this.spec.drawn || this.spec.table ? "" : this.button("New noise", "Another seed; all else stays", () => this.say({ type: "noise" })),
      make("span", { class: "nb-space" }),
      make("span", { class: "nb-zoom" },
        icon("◀", "Earlier", () => this.figures.shift(-0.25)), icon("▶", "Later", () => this.figures.shift(0.25)),
        icon("+", "Zoom in on time", () => this.figures.zoom(0.5)), icon("−", "Zoom out of time", () => this.figures.zoom(2)),
        icon("⤢", "Show the whole run", () => this.figures.whole())));
  }

  presets() {
    const row = make("div", { class: "nb-presets" });
    if (this.spec.presets.length) {
      const choice = make("select", { "aria-label": "Preset: a published set of values", "data-lm-suppress-shortcuts": "true" },
        make("option", { value: "" }, "Preset …"));
      for (const { name, doc } of this.spec.presets) choice.append(make("option", { value: name, title: doc }, name));
      const about = make("p", { class: "nb-help", hidden: true });
      choice.addEventListener("change", () => {
        const found = this.spec.presets.find((p) => p.name === choice.value);
        about.hidden = !found?.doc;
        about.textContent = found?.doc ?? "";
        if (found) this.say({ type: "preset", name: found.name });
      });
      row.append(choice, about);
    }
    row.append(this.button("Reset all", "Every value back to the start", () => this.say({ type: "reset" })));
    return row;
  }

  groups() {
    const specs = Object.fromEntries(this.spec.controls.map((c) => [c.path, c]));
    const add = (path) => (this.controls[path] = new Control(specs[path], this.spec.values[path], this)).node;
    // without a heading above it a name is shown in full: "Na.g_max"
    for (const path of this.spec.sliders) specs[path] = { ...specs[path], symbol: path };
    const open = make("div", { class: "nb-group nb-open" }, ...this.spec.sliders.map(add));
    const shown = new Set(this.spec.sliders);
    const rest = [];
    for (const group of this.spec.groups) {
      const paths = group.paths.filter((p) => !shown.has(p));
      if (paths.length) rest.push(make("details", { class: "nb-group" }, make("summary", {}, group.name), ...paths.map(add)));
    }
    const fixed = this.spec.fixed ? [make("p", { class: "nb-help" }, this.spec.fixed)] : [];
    if (!rest.length) return [open, ...fixed];
    const count = this.spec.controls.length - shown.size;
    return [open, make("details", { class: "nb-more" }, make("summary", {}, `More (${count})`), ...rest, ...fixed)];
  }

  exports() {
    const ask = (text, about, message) => this.button(text, about, () => this.say(message));
    return make("details", { class: "nb-more" }, make("summary", {}, "Take away"),
      make("div", { class: "nb-bar" },
        this.button("Figure (PNG)", "Save the picture", () => this.picture()),
        this.spec.table ? "" : ask("CSV", "Save the result as a table", { type: "export", kind: ".csv" }),
        this.spec.page ? "" : ask("NetCDF", "Save the labelled result", { type: "export", kind: ".nc" }),
        ...(this.course ? [] : [
          ask("Copy code", "The cell that reproduces this picture", { type: "code" }),
          ask("Copy link", "All values in a link", { type: "link" })])));
  }

  // --- what the kernel says ------------------------------------------------------------------------------------------

  async on_figure(message) {
    if (await this.figures.embed(message)) this.paint();
  }

  on_picture(message, buffers) {
    for (const [path, value] of Object.entries(message.values ?? {})) this.controls[path]?.take(value);
    if (this.here && !this.here.shows(message)) return this.answer(message);
    const first = !this.figures.header;
    if (this.figures.ready) this.figures.draw(message, buffers[0]);
    if (first) {
      this.paint(); // ticks of the empty axes would shine through
      this.root.dataset.opened = Math.round(performance.now()); // for benchmarks: ms from the begin of the page
    }
    if (!message.partial) this.progress.classList.add("nb-idle");
    this.course?.show(message);
    this.write(message.text);
    this.compare(message.kept);
    this.root.dataset.pictures = Number(this.root.dataset.pictures ?? 0) + 1;
    this.root.dispatchEvent(new CustomEvent("brainnb-picture", { bubbles: true, composed: true, detail: message.text }));
    this.answer(message);
  }

  answer({ acks }) {
    this.clock.answer(acks?.[this.view]);
    for (const control of Object.values(this.controls)) control.settle();
  }

  on_hands(message) {
    this.hands?.show(message);
    this.here?.watch(message);
    this.figures.mark?.(message);
  }

  on_kept(message, buffers) {
    this.here?.keep(message.values);
    if (this.figures.ready) this.figures.keep(message.headers, buffers);
    this.write(message.text);
    this.compare(message.kept);
  }

  on_values(message) {
    for (const [path, value] of Object.entries(message.values)) this.controls[path]?.take(value);
    this.here?.know(message.values);
  }

  on_progress(message) {
    this.progress.classList.toggle("nb-idle", message.fraction == null);
    if (message.fraction != null) this.progress.value = message.fraction;
    else this.write("Nothing is running.");
  }

  on_problem(message) {
    this.progress.classList.add("nb-idle");
    this.clock.answer(message.acks?.[this.view]);
    this.trouble(message.text);
  }

  async on_program(message, buffers) {
    await this.here?.take(message, buffers[0]);
  }

  on_file(message, buffers) {
    download(message.name, new Blob([buffers[0]], { type: message.mime }));
    this.write(`Saved ${message.name}.`);
  }

  on_text(message) {
    const served = (this.transport.panel || this.spec.page) && !window.jupyterapp;
    const text = message.what === "link" && served ? location.href.split("#")[0] + message.text : message.text;
    const area = make("textarea", { readonly: true, rows: message.what === "code" ? 8 : 3, "aria-label": `Text of the ${message.what}`, spellcheck: "false" });
    area.value = text;
    const note = make("span", { role: "status" }, "Select and copy:");
    const gone = make("button", { type: "button", class: "nb-icon", "aria-label": "Close", onclick: () => { this.output.hidden = true; } }, "×");
    this.output.replaceChildren(make("div", { class: "nb-bar" }, note, make("span", { class: "nb-space" }), gone), area);
    this.output.hidden = false;
    navigator.clipboard?.writeText(text).then(() => { note.textContent = `Copied the ${message.what}.`; }, () => area.select());
  }

  // --- what the person does ------------------------------------------------------------------------------------------

  stop() {
    this.clock.drop();
    this.here?.stop();
    this.say({ type: "stop" });
  }

  async picture() {
    if (!this.figures.ready) return;
    const blob = await this.figures.image(getComputedStyle(this.root).getPropertyValue("--nb-page"));
    download(`brainnb-${this.spec.title.replace(/[^\w-]+/g, "-").slice(0, 60)}.png`, blob);
  }

  // --- words ---------------------------------------------------------------------------------------------------------

  write(text) {
    this.text = text;
    this.message.replaceChildren(text, ...(this.here?.label() ?? []));
    this.stage.setAttribute("aria-label", `Picture of ${this.spec.title}: ${this.message.textContent}`);
    this.speak();
  }

  speak() {
    if (this.speaking) return;
    this.spoken.textContent = this.message.textContent;
    this.speaking = setTimeout(() => {
      this.speaking = null;
      if (this.message.textContent !== this.spoken.textContent) this.speak();
    }, SPOKEN);
  }

  trouble(text) {
    if (!this.problem) { this.status.textContent = text; return; }
    this.problem.textContent = text;
    this.problem.hidden = false;
  }

  compare(kept = []) {
    const dashes = ["6 4", "2 3", "8 3 2 3"];
    const key = JSON.stringify(kept);
    if (key === this.compared) return;
    this.compared = key;
    this.keptList.replaceChildren(...kept.map(({ text }, i) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const [name, value] of Object.entries({ width: 34, height: 10, "aria-hidden": "true" })) line.setAttribute(name, value);
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
      for (const [name, value] of Object.entries({ d: "M0 5H34", "stroke-dasharray": dashes[i], stroke: "currentColor", "stroke-width": 1.6 })) {
        stroke.setAttribute(name, value);
      }
      line.append(stroke);
      const forget = make("button", { type: "button", class: "nb-icon", "aria-label": `Forget the kept trace ${i + 1}`, onclick: () => this.say({ type: "forget", index: i }) }, "×");
      return make("li", {}, line, make("span", {}, `kept: ${text}`), forget);
    }));
  }

  // --- colours -------------------------------------------------------------------------------------------------------

  paint() {
    const [r, g, b] = backdrop(this.root);
    const dark = 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
    this.root.dataset.theme = dark ? "dark" : "light";
    this.root.style.setProperty("--nb-page", `rgb(${r}, ${g}, ${b})`);
    if (!this.spec) return;
    const { light, dark: night, kept } = this.spec.colours;
    this.hands?.colour(dark ? night : light);
    this.course?.colour(dark ? night : light);
    this.figures.paint(dark ? "#e6e6e6" : "#222222", dark ? "#9a9a9a" : "#6e6e6e", dark ? night : light, kept[dark ? 1 : 0]);
  }
}
