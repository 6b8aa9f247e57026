
// --- a kernel that computes nothing: it shows the nearest of the runs that were made when the page was saved -----------------

class TableKernel extends PageKernel {
  // for each axis the number of the nearest value
  nearest() {
    return this.about.table.axes.map(({ path, values }) => {
      const far = values.map((value) => Math.abs(value - this.values[path]));
      return far.indexOf(Math.min(...far));
    });
  }

  async run() {
    const { axes, pictures } = this.about.table, found = this.nearest(), values = this.there(), run = (this.generation += 1);
    const { header, block, text } = pictures[found.reduce((place, k, axis) => place * axes[axis].values.length + k, 0)];
    const at = axes.map(({ path, unit }) => `${path} = ${withUnit(values[path], unit)}`).join(", ");
    const near = axes.some(({ path }) => values[path] !== this.values[path]);
    const told = `${text}; computed beforehand at ${at}${near ? `, the nearest of ${pictures.length} runs` : ""}`;
    const bytes = await unzipped(Uint8Array.from(atob(block), (c) => c.charCodeAt(0)));
    if (run < this.shownRun) return;
    this.shownRun = run;
    this.hear({ run, values, header, bytes, text: told, stopped: false });
  }

  // the present values, but for those of the run that is shown
  there() {
    const found = this.nearest();
    return { ...this.values, ...Object.fromEntries(this.about.table.axes.map(({ path, values }, axis) => [path, values[found[axis]]])) };
  }

  code() {
    const own = this.values;
    this.values = this.there();
    try {
      return super.code();
    } finally {
      this.values = own;
    }
  }
}
