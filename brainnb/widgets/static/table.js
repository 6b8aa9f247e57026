
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
    const { header: packed, block: sent, text } = pictures[found.reduce((place, k, axis) => place * axes[axis].values.length + k, 0)];
    const at = axes.map(({ path, unit }) => `${path} = ${withUnit(values[path], unit)}`).join(", ");
    const near = axes.some(({ path }) => values[path] !== this.values[path]);
    const told = `${text}; computed beforehand at ${at}${near ? `, the nearest of ${pictures.length} runs` : ""}`;
    const raw = await unzipped(Uint8Array.from(atob(sent), (c) => c.charCodeAt(0)));
    const { header, bytes } = packed.raster ? dotted(packed, raw, this.about.panels[0].traces) : { header: packed, bytes: raw };
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

// the raster of a network as dots, a trace for each population, before the curves that came with it
function dotted(header, bytes, populations) {
  const { raster, start, end, lines } = header, total = header.counts.reduce((a, b) => a + b, 0), width = (end - start) / raster.columns;
  const found = rasterOf(raster, bytes.slice(lines), populations.length).map((one, i) => (one.bits ? cells(one, raster.columns, populations[i].units) : one));
  const numbers = [...found.map(({ column }) => column), new Uint16Array(bytes.buffer, 0, total)];
  const levels = [...found.map(({ neuron }, i) => neuron.map((k) => populations[i].first + k + 0.5)), new Float32Array(bytes.buffer, 4 * Math.ceil(total / 2), total)];
  const { first, units } = populations.at(-1);
  return {
    header: {
      ...header, counts: [...found.map(({ column }) => column.length), ...header.counts], spans: [[0, first + units], ...header.spans.slice(1)],
      axes: [...found.map(() => [start + width / 2, width]), ...header.axes],
    },
    bytes: block(numbers, levels),
  };
}

// the cells of a grid that hold any spike, as if each were one
function cells({ rows, bits }, columns, units) {
  const column = [], neuron = [];
  for (let k = 0; k < rows * columns; k++) {
    if (!(bits[k >> 3] & (128 >> (k & 7)))) continue;
    column.push(k % columns);
    neuron.push(((Math.floor(k / columns) + 0.5) / rows) * units - 0.5);
  }
  return { column: Uint16Array.from(column), neuron: Float32Array.from(neuron) };
}
