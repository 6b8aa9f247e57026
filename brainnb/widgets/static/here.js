
// --- the model in this browser: pictures while a slider is held, and the kernel hears of the values when it is let go --

const LONGEST = 4000; // ms until a picture is whole; a run that would take longer here is left to the kernel

class Here {
  constructor(explorer, { browser, values }) {
    Object.assign(this, { explorer, values: { ...values }, kept: [], worker: null });
    Object.assign(this, { count: 0, over: 0, ahead: false, local: false, asked: {}, watched: {}, touched: false, pace: 0 });
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
  async take({ on, reason, about }, program) {
    if (reason) return this.refuse(reason);
    if (this.box.disabled) return;
    this.end();
    this.box.checked = on;
    this.say("");
    if (on) {
      try {
        this.begin(about, await unzipped(program));
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
    this.worker.postMessage({ measure: true, values: { ...this.values } });
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
    const hindrance = this.worker ? this.hindrance(values) : "";
    if (this.worker) this.say(hindrance);
    if (!release && this.worker && !hindrance) {
      this.asked = { seq, run: this.count + 1 };
      this.ahead = true;
      this.run(values);
      return true;
    }
    this.ahead = false;
    return false;
  }

  // why the kernel computes these values, in words: a program moves numbers, what it holds fast must be as it was written
  hindrance(moved) {
    const values = { ...this.values, ...moved };
    const { values: written, longest } = this.about, T = `T = ${general(values.T, 6)} ms`;
    if (this.touched) return "Stays in the kernel as long as neurons are held or driven.";
    const fixed = Object.keys(written).find((path) => !this.movable.has(path) && values[path] !== written[path]);
    if (fixed) return `Stays in the kernel while ${fixed} is not ${general(written[fixed], 6)}: this program was written for that.`;
    if (longest != null && values.T > longest) return `Stays in the kernel at ${T}: this program was written for a past of ${general(longest, 6)} ms.`;
    const ms = (values.T / values.dt) * this.pace;
    return ms > LONGEST ? `Stays in the kernel at ${T}, which would take this browser ${general(Math.round(ms / 1000), 3)} s; at most ${LONGEST / 1000} s are spent here.` : "";
  }

  // of a network: whose potential is seen, and whether anything is done to neurons
  watch({ watched, places, manipulations }) {
    this.watched = { watched, chosen: places };
    this.touched = manipulations.length > 0;
    if (this.worker) this.say(this.hindrance({}));
  }

  run(moved) {
    this.moved = moved;
    this.count += 1;
    this.worker.postMessage({ run: this.count, values: { ...this.values, ...moved }, urgent: false, ...this.watched });
  }

  hear({ run, pace, progress, problem, header, bytes, values, text, stopped, partial }) {
    if (pace != null) {
      this.pace = pace;
      return this.say(this.hindrance({}));
    }
    if (progress != null) return this.explorer.hear({ type: "progress", fraction: progress });
    if (run <= this.over) return; // the kernel has answered since
    const acks = run >= this.asked.run ? { [this.explorer.view]: this.asked.seq } : {};
    if (problem) return this.explorer.hear({ type: "problem", text: problem, acks });
    const kept = this.comparisons(values);
    this.explorer.hear({ type: "picture", ...header, acks, text: this.sentence(text, values, kept), stopped, partial, kept, here: run }, [bytes]);
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
    if (this.worker && this.local && !this.ahead && !this.hindrance({})) this.run({});
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
