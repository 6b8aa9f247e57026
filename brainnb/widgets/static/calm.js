
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
    if (part._render_items && "_should_rerender_items" in part) {
      const render = part._render_items.bind(part);
      part._render_items = () => { if (part._should_rerender_items) render(); };
    }
  }
}

function* inside(view) {
  for (const child of view.children?.() ?? []) {
    yield child;
    yield* inside(child);
  }
}

function unlessSame(object, name) {
  const original = object[name].bind(object);
  let last = null;
  object[name] = (...values) => {
    const key = JSON.stringify(values);
    if (key === last) return;
    last = key;
    original(...values);
  };
}
