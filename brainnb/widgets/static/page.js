
// --- a kernel within the page: answers an explorer as Python would, and has a worker run the model ---------------------
// What it allows (`RUN`, `MOST_KEPT` ...) is written before this by page/alone.py.

class PageKernel {
  constructor(about, program) {
    Object.assign(this, { about, program, kept: [], lastChange: "", shown: null, generation: 0, asked: {} });
    this.controls = Object.fromEntries(about.setup.controls.map((control) => [control.path, control]));
    this.started = this.values = { ...about.setup.values };
    this.hearers = [];
  }

  // --- what an explorer sees of it: a model of a widget ---------------------------------------------------------

  on(_, hear) { this.hearers.push(hear); }

  off(_, hear) { this.hearers = this.hearers.filter((other) => other !== hear); }

  tell(message, buffers = []) {
    for (const hear of this.hearers) hear(message, buffers);
  }

  send(said) {
    try {
      this[`answer_${said.type}`](said);
    } catch (error) {
      const acks = said.seq ? { acks: { [said.view]: said.seq } } : {};
      this.tell({ type: "problem", text: error.message, ...acks });
      this.tell({ type: "values", values: this.values });
    }
  }

  // --- answers ----------------------------------------------------------------------------------------------------

  answer_hello(said) {
    this.tell({ type: "setup", ...this.about.setup, values: this.values });
    this.tell({ type: "figure", panels: this.about.panels });
    if (this.kept.length) this.tellKept();
    if (said.link) {
      try {
        this.values = this.changed(this.opened(said.link).values);
        this.tell({ type: "values", values: this.values });
      } catch (error) {
        this.tell({ type: "problem", text: error.message });
      }
    }
    this.run(true);
  }

  answer_set({ values, release, view, seq }) {
    this.move(values, release);
    this.asked[view] = { seq, generation: this.generation };
  }

  answer_reset({ path }) {
    this.move(path == null ? this.started : { [path]: this.started[path] });
    this.tell({ type: "values", values: this.values });
  }

  answer_preset({ name }) {
    const { values } = this.about.presets.find((preset) => preset.name === name);
    this.values = this.changed(values);
    this.lastChange = `preset ${name}`;
    this.run(true);
    this.tell({ type: "values", values: this.values });
  }

  answer_noise() {
    this.move({ seed: Math.floor(Math.random() * (2 ** 31 - 1)) });
  }

  answer_keep() {
    if (!this.shown) throw new Error("There is no trace to keep yet.");
    this.kept = [...this.kept, this.shown].slice(-MOST_KEPT);
    this.tellKept();
  }

  answer_forget({ index }) {
    this.kept = this.kept.filter((_, i) => i !== index);
    this.tellKept();
  }

  answer_stop() {
    if (this.busy) this.worker.postMessage({ stop: true });
    else this.tell({ type: "progress", fraction: null });
  }

  answer_code() {
    this.tell({ type: "text", what: "code", text: this.code() });
  }

  answer_link() {
    const { model, tab } = this.about;
    const text = JSON.stringify({ v: 1, model, values: this.values, ...(tab && { tab }) });
    const packed = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    this.tell({ type: "text", what: "link", text: LINK + packed.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") });
  }

  answer_export() {
    this.worker.postMessage({ table: true, columns: this.about.columns });
  }

  // --- values: checked as Python checks them ---------------------------------------------------------------------------

  changed(values) {
    for (const [path, value] of Object.entries(values)) {
      const control = this.controls[path];
      if (!control && value === this.values[path]) continue; // a link holds what has no slider, too
      if (!control && path !== "seed") throw new Error(`${this.about.model} has no control \`${path.slice(0, 80)}\`.`);
      if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${path} = ${value}: a finite number was expected.`);
      if (path === "seed" && !(Number.isInteger(value) && value >= 0 && value < 2 ** 31)) throw new Error(`seed = ${value}: a whole number from 0 to 2147483647 was expected.`);
      const { min = null, max = null, unit = "", allowed = "" } = control ?? {};
      if ((min !== null && value < min) || (max !== null && value > max)) {
        throw new Error(`${this.about.model}.${path} = ${general(value, 6)}${unit && ` ${unit}`} is outside ${allowed}.`);
      }
    }
    const found = { ...this.values, ...values };
    if (this.about.fixedDt && found.dt !== this.started.dt) throw new Error(`dt = ${found.dt} ms: this page was written for dt = ${this.started.dt} ms, its delays are so many steps.`);
    const steps = Math.max(1, Math.round(found.T / found.dt));
    if (steps > MOST_STEPS) {
      throw new Error(`This run would take ${steps} steps; at most ${MOST_STEPS} are allowed here. Shorten T to ${general(MOST_STEPS * found.dt, 6)} ms or take a longer dt.`);
    }
    if (8 * (steps / this.about.every) * (this.about.width + 1) > MOST_BYTES) {
      throw new Error(`This run would need more than ${MOST_BYTES / 1e9} GB for its result. Shorten T or take a longer dt.`);
    }
    if (this.about.longest != null && found.T > this.about.longest) {
      throw new Error(`T = ${found.T} ms: this page was written for runs of at most ${this.about.longest} ms, as the model remembers all its past.`);
    }
    found.T = Number((steps * found.dt).toPrecision(12));
    return found;
  }

  opened(link) {
    if (link.length > MOST_CHARACTERS) throw new Error(`The link has ${link.length} characters; at most ${MOST_CHARACTERS} are read.`);
    let state;
    try {
      const packed = link.split(LINK).at(-1).replace(/-/g, "+").replace(/_/g, "/");
      state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))));
    } catch {
      throw new Error("The link is damaged: copy it again from its beginning to its end.");
    }
    if (state?.v !== 1 || state.values?.constructor !== Object) throw new Error("The link holds no values that this page can read.");
    if (state.model !== this.about.model) throw new Error(`This link belongs to the model ${String(state.model).slice(0, 80)}; here is ${this.about.model}.`);
    return state;
  }

  move(values, urgent = true) {
    const before = this.values;
    this.values = this.changed(values);
    this.note(before);
    this.run(urgent);
  }

  // the values of another view of the model, but for those of its run
  follow(values) {
    const before = this.values, shared = Object.entries(values).filter(([path]) => path in before && !RUN.includes(path));
    this.values = { ...before, ...Object.fromEntries(shared) };
    this.note(before);
  }

  note(before) {
    const differing = this.differences(before, this.values);
    if (differing.length === 1) {
      const [path] = differing;
      this.lastChange = `${path} ${general(before[path], 6)} -> ${withUnit(this.values[path], this.controls[path]?.unit)}`;
    } else if (differing.length) this.lastChange = `${differing.length} values`;
  }

  differences(before, after) {
    return Object.keys(after).filter((path) => before[path] !== after[path]);
  }

  // --- running ------------------------------------------------------------------------------------------------------

  run(urgent) {
    if (!this.worker) {
      this.worker = new Worker(URL.createObjectURL(new Blob([this.program], { type: "text/javascript" })));
      this.worker.onmessage = ({ data }) => this.hear(data);
      this.worker.onerror = (event) => this.tell({ type: "problem", text: `The model could not run: ${event.message}` });
    }
    this.generation += 1;
    this.busy = true;
    this.worker.postMessage({ run: this.generation, values: this.values, urgent, tab: this.about.tab });
  }

  hear(data) {
    if (data.progress != null) return this.tell({ type: "progress", fraction: data.progress });
    if (data.table != null) {
      const name = `brainnb-${this.about.setup.title.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 60)}.csv`;
      return this.tell({ type: "file", name, mime: "text/csv" }, [new TextEncoder().encode(data.table)]);
    }
    this.busy = Boolean(data.partial) || data.run < this.generation;
    const acks = this.acks(data.run);
    if (data.problem) return this.tell({ type: "problem", text: data.problem, acks });
    this.shown = { header: data.header, bytes: data.bytes, values: data.values, text: data.text };
    this.tell({ type: "picture", ...data.header, acks, text: this.text(), stopped: data.stopped, partial: data.partial, kept: this.comparisons(), values: this.values }, [data.bytes]);
  }

  acks(generation) {
    const done = Object.entries(this.asked).filter(([, asked]) => asked.generation <= generation);
    return Object.fromEntries(done.map(([view, { seq }]) => [view, seq]));
  }

  // --- words --------------------------------------------------------------------------------------------------------

  text() {
    const parts = this.shown ? [this.shown.text] : [];
    if (this.lastChange) parts.push(`last change ${this.lastChange}`);
    const count = this.comparisons().at(-1)?.count ?? 0;
    if (count > 1) parts.push(`${count} values differ from the trace kept last: a difference has no single cause`);
    return parts.join("; ");
  }

  comparisons() {
    return this.kept.map(({ values }) => {
      const paths = this.differences(values, this.values);
      const told = paths.map((path) => `${path} ${withUnit(values[path], this.controls[path]?.unit)}`);
      return { text: told.join(", ") || "same values", count: paths.length };
    });
  }

  tellKept() {
    this.tell({ type: "kept", headers: this.kept.map((k) => k.header), kept: this.comparisons(), text: this.text() }, this.kept.map((k) => k.bytes));
  }

  // the cell that makes the same run in Python
  code() {
    const { begun, built, inputs, tail, parameters, call, hands } = this.about.code;
    const number = (x) => (Number.isInteger(x) ? `${x}.0` : String(x));
    const moved = Object.entries(parameters).filter(([path, value]) => this.values[path] !== value);
    const changes = moved.map(([path]) => `${JSON.stringify(path)}: ${number(this.values[path])}`);
    const model = changes.length ? `${built}.replace({${changes.join(", ")}})` : built;
    if (call) return `${begun}\n\nmodel = ${model}\n${call.map((part) => (part.path ? number(this.values[part.path]) : part)).join("")}`;
    const filled = inputs.map(({ name, text, values }) => {
      const moved = Object.entries(values).filter(([path, value]) => this.values[`${name}.${path}`] !== value);
      const news = moved.map(([path]) => `${JSON.stringify(path)}: ${number(this.values[`${name}.${path}`])}`);
      return [name, text === null ? number(this.values[name]) : news.length ? `${text}.replace({${news.join(", ")}})` : text];
    });
    const plain = /^[A-Za-z_]\w*$/, dotted = filled.filter(([name]) => !plain.test(name)).map(([name, text]) => `${JSON.stringify(name)}: ${text}`);
    const given = filled.filter(([name]) => plain.test(name)).map(([name, text]) => `${name}=${text}`);
    if (dotted.length || hands) given.push(`inputs={${dotted.join(", ")}}${hands ? " | hands.given(manipulations)" : ""}`);
    const start = Object.keys(this.values).filter((path) => path.startsWith("start.") && this.values[path] !== this.started[path]);
    const init = start.length ? [`init={${start.map((path) => `${JSON.stringify(path.slice(6))}: ${number(this.values[path])}`).join(", ")}}`] : [];
    const run = [`T=${number(this.values.T)}`, `dt=${number(this.values.dt)}`, ...given, ...init, `seed=${this.values.seed}`, ...tail];
    return `${begun}\n\nmodel = ${model}\n${hands || ""}ds = bn.simulate(${hands ? "hands" : "model"}, ${run.join(", ")})\n`;
  }
}

// --- several views of a model on one page, one at a time: the same as widgets/tabs.py --------------------------------------

class PageTabs {
  constructor(about, program) {
    this.tabs = about.tabs;
    this.tab = "time";
    this.hearers = [];
    const kernel = (name, told) => {
      const made = new PageKernel(told, program);
      made.on("", (message, buffers) => { if (name === this.tab) this.tell(message, buffers); });
      return [name, made];
    };
    this.kernels = new Map([kernel("time", about), ...Object.entries(about.views).map(([name, told]) => kernel(name, { ...told, setup: { ...about.setup, ...told.setup } }))]);
  }

  on(_, hear) { this.hearers.push(hear); }

  off(_, hear) { this.hearers = this.hearers.filter((other) => other !== hear); }

  tell(message, buffers) {
    const told = message.type === "setup" ? { ...message, tabs: this.tabs, tab: this.tab } : message;
    for (const hear of this.hearers) hear(told, buffers);
  }

  get kernel() { return this.kernels.get(this.tab); }

  send(said) {
    if (said.type === "look") return this.look(said.tab);
    if (said.type === "hello" && said.link) this.tab = this.tabOf(said.link);
    this.kernel.send(said);
  }

  // the view that a link was made in; one that cannot be read is answered by the time course, in words
  tabOf(link) {
    try {
      const { tab } = this.kernel.opened(link);
      return this.kernels.has(tab) ? tab : "time";
    } catch {
      return "time";
    }
  }

  look(tab) {
    if (!this.kernels.has(tab)) return;
    const { values } = this.kernel;
    this.tab = tab;
    this.kernel.follow(values);
    this.kernel.send({ type: "hello", view: null });
  }
}

function open(el, about, program) {
  const needed = about.table ? ["ResizeObserver", "DecompressionStream"] : ["ResizeObserver", "Worker"];
  const missing = needed.filter((name) => typeof window[name] === "undefined");
  if (missing.length) {
    el.textContent = `This browser cannot show the model: it has no ${missing.join(" and no ")}. A current Firefox, Chrome, Edge or Safari can.`;
    return;
  }
  render({ model: about.table ? new TableKernel(about) : new PageTabs(about, program), el });
}
