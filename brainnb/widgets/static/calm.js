
// --- Bokeh at rest: what has not changed is not done again -----------------------------------------------------------
//
// For every picture Bokeh writes the place of every part into a style sheet, asks the page's styles for every colour and
// makes the legend anew, for each trace.  In a page as large as JupyterLab each such question is a new look at all
// styles, and together they took longer than the lines.  Our colours come from `paint`, never from style sheets.
// The names are Bokeh's own: one that is no longer there is passed over.

function calm(view) {
  for (const part of [view, ...inside(view)]) {
    if (part.position?.replace) unlessSame(part.position, "replace");
    for (const visual of part.visuals ?? []) if (visual._get_css_value) visual._get_css_value = () => "";
    if (part._render_items && part._paint_glyphs && part.labels) calmLegend(part);
  }
}

function calmLegend(legend) {
  unlessSame(legend, "_render_items", () => legend.labels.map(({ label, item }) => [label, item.visible, item.renderers.map((r) => r.visible)]));
  const paint = legend._paint_glyphs.bind(legend);
  legend._paint_glyphs = () => { // its lines are painted again where they are: Bokeh would leave half a pixel of the old ones
    for (const { canvas } of legend.entries.map(({ glyph }) => glyph)) {
      const context = canvas.getContext("2d");
      context.save();
      context.resetTransform();
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.restore();
    }
    paint();
  };
}

function* inside(view) {
  for (const child of view.children?.() ?? []) {
    yield child;
    yield* inside(child);
  }
}

// from now on the method does nothing as long as it is asked for the same
function unlessSame(object, name, about = (...values) => values) {
  const original = object[name].bind(object);
  let last = null;
  object[name] = (...values) => {
    const key = JSON.stringify(about(...values));
    if (key === last) return;
    last = key;
    original(...values);
  };
}
