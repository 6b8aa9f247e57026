
// --- the model in this browser: pictures while a slider is held, and the kernel hears of the values when it is let go --

class Here {
  constructor(explorer, { browser, values }) {
    Object.assign(this, { explorer, values: { ...values }, kept: [], worker: null });
    Object.assign(this, { count: 0, over: 0, ahead: false, local: false, asked: {} });
    const about = unique();
    this.box = make("input", {
      type: "checkbox", role: "switch", "aria-describedby": about, "data-lm-suppress-shortcuts": "true",
      onchange: () => this.choose(this.box.checked),
    });
    this.note = make("p", { class: "nb-help", id: about, hidden: true });
    const title = "While a slider is held the page computes by itself; when it is let go the kernel runs once, so its result follows";
    this.node = make("div", { class: "nb-here" }, make("label", { title }, this.box, "Compute in this browser"), this.note);
    if (browser.reason) this.refuse(browser.reason);
    else if (browser.on) this.wait();
  }

  // --- the switch ---------------------------------------------------------------------------------------------------

  choose(on) {
    if (on && typeof Worker === "undefined") return this.refuse("This browser knows no web workers.");
    if (on) this.wait();
    this.explorer.say({ type: "browser", on });
  }

  wait() {
    this.box.checked = true;
    this.say("The program is being written …");
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  // it stays off, and says why
  refuse(reason) {
    this.end();
    this.box.checked = false;
    this.box.disabled = true;
    this.say(`Stays in the kernel. ${reason}`);
  }

  // what the kernel says of it
  take({ on, reason, about }, program) {
    if (reason) return this.refuse(reason);
    if (this.box.disabled) return;
    this.end();
    this.box.checked = on;
    this.say("");
    if (on) {
      try {
        this.begin(about, program);
      } catch (error) {
        this.fail(error.message);
      }
    }
    this.explorer.write(this.explorer.text);
  }

  begin(about, program) {
    this.about = about;
    this.movable = new Set([...about.known, "T", "seed", ...Object.keys(about.starts).map((path) => `start.${path}`), ...(about.fixedDt ? [] : ["dt"])]);
    this.worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })));
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => { event.preventDefault(); this.fail(event.message ?? "a worker may not start here"); };
  }

  fail(reason) {
    this.refuse(`This page lets no program run: ${reason}`);
    this.explorer.say({ type: "browser", on: false });
    this.explorer.clock.release();
  }

  end() {
    this.worker?.terminate();
    this.worker = null;
    this.ahead = this.local = false;
  }

  stop() {
    this.worker?.postMessage({ stop: true });
  }

  // --- running ------------------------------------------------------------------------------------------------------

  // whether this browser answers a request; the kernel has the last word
  takes({ seq, values, release }) {
    if (!release && this.worker && this.can(values)) {
      this.asked = { seq, run: this.count + 1 };
      this.ahead = true;
      this.run(values);
      return true;
    }
    this.ahead = false;
    return false;
  }

  // a program moves numbers: what it holds fast must be as it was written
  can(moved) {
    const values = { ...this.values, ...moved };
    const { values: written, longest } = this.about;
    const same = Object.keys(written).every((path) => this.movable.has(path) || values[path] === written[path]);
    return same && (longest == null || values.T <= longest);
  }

  run(moved) {
    this.moved = moved;
    this.count += 1;
    this.worker.postMessage({ run: this.count, values: { ...this.values, ...moved }, urgent: false });
  }

  hear({ run, progress, problem, header, bytes, values, text, stopped }) {
    if (progress != null) return this.explorer.hear({ type: "progress", fraction: progress });
    if (run <= this.over) return; // the kernel has answered since
    const acks = run >= this.asked.run ? { [this.explorer.view]: this.asked.seq } : {};
    if (problem) return this.explorer.hear({ type: "problem", text: problem, acks });
    const kept = this.comparisons(values);
    this.explorer.hear({ type: "picture", ...header, acks, text: this.sentence(text, values, kept), stopped, kept, here: run }, [bytes]);
  }

  // whether a picture is drawn: one of the kernel is old while a slider is held, one of this browser once the kernel has answered
  shows({ here, values }) {
    if (here) {
      if (here <= this.over) return false;
      this.local = true;
    } else {
      Object.assign(this.values, values);
      if (this.ahead) return false;
      this.over = this.count;
      this.local = false;
    }
    this.explorer.root.dataset.computed = here ? "browser" : "kernel";
    return true;
  }

  // the kernel put its values back: a picture of others is not left standing
  know(values) {
    Object.assign(this.values, values);
    if (this.worker && this.local && !this.ahead && this.can({})) this.run({});
  }

  keep(values) {
    this.kept = values ?? [];
  }

  // --- words --------------------------------------------------------------------------------------------------------

  // which of the two is seen
  label() {
    if (!this.worker) return [];
    return [" ", make("span", { class: "nb-origin" }, this.local ? "computed in this browser" : "computed in the kernel")];
  }

  unit(path) {
    return this.explorer.controls[path]?.spec.unit;
  }

  differences(values, others) {
    return Object.keys(values).filter((path) => path in others && values[path] !== others[path]);
  }

  comparisons(values) {
    return this.kept.map((then) => {
      const paths = this.differences(then, values);
      return { text: paths.map((path) => `${path} ${withUnit(then[path], this.unit(path))}`).join(", ") || "same values", count: paths.length };
    });
  }

  sentence(text, values, kept) {
    const parts = [text];
    const [path, ...more] = this.differences(values, this.values);
    if (more.length) parts.push(`last change ${more.length + 1} values`);
    else if (path) parts.push(`last change ${path} ${general(this.values[path], 6)} -> ${withUnit(values[path], this.unit(path))}`);
    const count = kept.at(-1)?.count ?? 0;
    if (count > 1) parts.push(`${count} values differ from the trace kept last: a difference has no single cause`);
    return parts.join("; ");
  }
}
