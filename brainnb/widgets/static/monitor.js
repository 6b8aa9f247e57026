
// --- a training run: figures over its steps, buttons that steer it, and what is wrong with it --------------------------

class CourseFigures extends CurveFigures {
  constructor(target, drawn, course) {
    super(target, drawn, () => {});
    this.course = course;
  }

  async embed(message) {
    if (!(await super.embed(message))) return false;
    this.panels[0].figure.on_event?.("rangesupdate", () => { if (!this.moving) this.ask(); });
    const legends = this.panels.filter(({ kind }) => kind === "gradient").flatMap(({ figure }) => figure.above);
    if (this.course.spec.runs.length < 2) legends.forEach((legend) => { legend.visible = false; }); // the table names the colours
    return true;
  }

  // what is zoomed into comes in finer buckets
  ask() {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.course.window(this.zoomed ? [this.x.start, this.x.end] : null), 150);
  }

  zoom(factor) {
    super.zoom(factor);
    this.ask();
  }

  shift(part) {
    super.shift(part);
    this.ask();
  }

  whole() {
    super.whole();
    this.ask();
  }

  fit() {
    if (!this.header) return;
    this.moving = true;
    const { begin, end, reaches, spans, ticks } = this.header;
    if (!this.zoomed) this.span(this.x, begin, end > begin ? end : begin + 1);
    for (const [i, reach] of Object.entries(reaches ?? {})) this.span(this.document.get_model_by_name(`x_range:${i}`), ...reach);
    this.panels.forEach(({ range }, i) => { if (spans[i]) this.span(range, ...spans[i]); });
    for (const [i, at] of Object.entries(ticks ?? {})) this.mark(this.panels[i].figure.left[0].ticker, at);
    this.moving = false;
  }

  // a logarithmic axis: where its ticks are; linear until the figures are drawn anew
  mark(ticker, at) {
    if (ticker.ticks && String(ticker.ticks) !== String(at)) ticker.ticks = at;
  }

  remove() {
    clearTimeout(this.asking);
    super.remove();
  }
}

class Course {
  constructor(explorer, spec) {
    Object.assign(this, { explorer, spec, log: spec.log, alarmed: "" });
    this.runs = spec.runs.map((name, i) => this.row(name, i));
    this.alarms = make("ul", { class: "nb-alarms", role: "alert", "aria-label": "Alarms" });
    this.values = make("table", { class: "nb-values", hidden: true });
  }

  // what steers comes first: it must be at hand, however many figures follow
  layout() {
    const { explorer } = this;
    explorer.message.classList.add("nb-hidden"); // the runs say the same
    return [
      make("div", { class: "nb-runs" }, ...this.runs.map(({ node }) => node)),
      this.bar(), this.alarms, explorer.problem, explorer.stage, explorer.message, explorer.spoken,
      make("div", { class: "nb-below" }, this.values, ...explorer.groups()),
      explorer.exports(), explorer.output,
    ];
  }

  row(name, i) {
    const swatch = make("span", { class: "nb-swatch", "aria-hidden": "true", hidden: this.spec.runs.length < 2 });
    const bar = make("progress", { max: 1, value: 0, "aria-label": `Steps that were made${name && `, ${name}`}` });
    const text = make("span", { class: "nb-run-text" });
    const heading = this.spec.runs.length > 1 ? make("b", {}, name) : "";
    return { swatch, bar, text, node: make("div", { class: "nb-run" }, make("p", {}, swatch, heading, " ", text), bar) };
  }

  bar() {
    const { explorer } = this;
    const act = (text, about, what, key, extra = {}) =>
      explorer.button(text, `${about} (key ${key})`, () => this.act(what()), { "aria-keyshortcuts": key, ...extra });
    this.hold = act("Pause", "Wait after the present updates, or go on", () => (this.state === "paused" ? "resume" : "pause"), "p", { class: "nb-hold" });
    this.once = act("One step", "Make one update and wait", () => "one_step", "n");
    this.halt = act("Stop", "End the run and keep what it has learned", () => "stop", "x", { class: "nb-stop" });
    this.scale = explorer.button("Log scale", "Logarithmic or linear axis of the loss (key l)", () => this.toggle(),
      { "aria-pressed": String(this.log), "aria-keyshortcuts": "l" });
    const icon = (text, about, does) => explorer.button(text, about, does, { class: "nb-icon", "aria-label": about });
    return make("div", { class: "nb-bar", role: "group", "aria-label": "Run and view" },
      this.hold, this.once, this.halt, this.scale, make("span", { class: "nb-space" }),
      make("span", { class: "nb-zoom" },
        icon("◀", "Earlier steps", () => explorer.figures.shift(-0.25)), icon("▶", "Later steps", () => explorer.figures.shift(0.25)),
        icon("+", "Zoom in on steps", () => explorer.figures.zoom(0.5)), icon("−", "Zoom out of steps", () => explorer.figures.zoom(2)),
        icon("⤢", "Show all steps", () => explorer.figures.whole())));
  }

  // keys count while the view has the focus, and not while a number is typed; a hidden page asks for nothing
  begin() {
    const { root } = this.explorer;
    this.key = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.composedPath()[0]?.tagName ?? "")) return;
      const button = { p: this.hold, n: this.once, x: this.halt, l: this.scale }[event.key];
      if (!button || button.disabled) return;
      event.preventDefault();
      event.stopPropagation();
      button.click();
    };
    root.tabIndex = 0;
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", this.key);
    this.looked = () => this.look();
    this.inside = true;
    document.addEventListener("visibilitychange", this.looked);
    window.addEventListener("pagehide", this.looked);
    this.watcher = new IntersectionObserver((entries) => { this.inside = entries.at(-1).isIntersecting; this.look(); });
    this.watcher.observe(root);
    this.seen = true; // the greeting said so
  }

  end() {
    this.explorer.root.removeEventListener("keydown", this.key);
    document.removeEventListener("visibilitychange", this.looked);
    window.removeEventListener("pagehide", this.looked);
    this.watcher?.disconnect();
  }

  look() {
    const seen = this.inside && !document.hidden;
    if (seen === this.seen) return;
    this.seen = seen;
    this.explorer.transport.send({ type: "seen", seen, view: this.explorer.view });
  }

  act(what) {
    this.explorer.say({ type: "act", act: what });
  }

  toggle() {
    this.log = !this.log;
    this.scale.setAttribute("aria-pressed", String(this.log));
    this.explorer.say({ type: "scale", log: this.log });
  }

  window(ends) {
    this.explorer.say({ type: "window", begin: ends?.[0] ?? null, end: ends?.[1] ?? null });
  }

  show(message) {
    const states = message.runs.map((run) => run.state);
    this.state = states.includes("running") ? "running" : states.includes("paused") ? "paused" : "ended";
    message.runs.forEach((run, i) => {
      this.runs[i].text.textContent = run.text;
      this.runs[i].bar.value = run.steps ? run.step / run.steps : 0;
    });
    this.hold.textContent = this.state === "paused" ? "Resume" : "Pause";
    for (const button of [this.hold, this.once, this.halt]) button.disabled = this.state === "ended";
    this.log = message.log;
    this.scale.setAttribute("aria-pressed", String(this.log));
    const named = message.runs.flatMap((run) => run.alarms.map((text) => (message.runs.length > 1 ? `${run.name}: ${text}` : text)));
    if (named.join("\n") !== this.alarmed) {
      this.alarmed = named.join("\n");
      this.alarms.replaceChildren(...named.map((text) => make("li", {}, text)));
    }
    this.fill(message.table);
  }

  fill(rows) {
    this.values.hidden = !rows.length;
    const known = rows.some((row) => row.truth);
    const names = ["parameter", "learned", ...(known ? ["true", "apart"] : [])];
    this.values.replaceChildren(
      make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows.map((row, i) => {
        const swatch = make("span", { class: "nb-swatch", "aria-hidden": "true" });
        swatch.style.background = this.colours?.[i % this.colours.length] ?? "";
        return make("tr", {}, make("th", { scope: "row" }, swatch, row.name), make("td", {}, row.value),
          ...(known ? [make("td", {}, row.truth), make("td", {}, row.apart)] : []));
      })));
  }

  colour(colours) {
    this.colours = colours;
    this.runs.forEach(({ swatch }, i) => { swatch.style.background = colours[i]; });
  }
}
