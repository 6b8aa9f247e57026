
// --- bifurcation diagrams: the plane is parameter against state, the traces are the trajectory at a clicked place ------

class DiagramFigures extends PlaneFigures {
  tap(at) {
    const [across, up] = this.plane.tap;
    if (across) this.begin({ [across]: at.x, [up]: at.y });
  }

  lines() {
    const { trajectory, time } = this.curves;
    return [{ x: time.x, y: trajectory.y }, { x: time.x, y: time.y }];
  }

  draw(header, bytes) {
    super.draw(header, bytes);
    this.put("words", header.words);
    for (const legend of this.panels[0].figure.above) {
      for (const item of legend.items ?? []) item.visible = item.renderers.some((r) => r.data_source.data.x.length > 0);
    }
  }

  tint(renderer, colours, kept) {
    const [kind, number] = renderer.tags;
    if (kind === "word") renderer.glyph.text_color = colours[number];
    else if (kind === "kept" && "fill_color" in renderer.glyph) renderer.glyph.setv({ line_color: kept, fill_color: kept });
    else super.tint(renderer, colours, kept);
  }
}
