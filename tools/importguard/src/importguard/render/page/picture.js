// The picture: bars as wide as what they stand for, each below its parent. Draws what it is given and says what was hit.

const rowHeight = 24, maxRows = 26, mostAbove = 6;

class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.boxes = [];
    this.view = { from: 0, to: 1 };  // the part of the width that is shown
    this.deeper = 0;
  }

  // *look*: nodes, focus, selected, hits (a set, or null), fill (of a module), lane (modules beside, as loaded in the background).
  draw(look, ratio = window.devicePixelRatio || 1, width = this.canvas.clientWidth) {
    this.look = look;
    const { nodes, focus } = look, above = [];
    for (let at = focus; at !== 0; ) { at = nodes[at].parent; above.unshift(at); }
    const folded = above.length > mostAbove ? above.length - mostAbove : 0;
    const shownAbove = folded ? [above[0], ...above.slice(folded + 1)] : above;
    this.boxes = shownAbove.map((index, row) => ({ index, x: 0, w: width, row, folded: folded && row === 0 ? folded : 0 }));
    this.deeper = 0;
    const span = this.view.to - this.view.from, scale = width / span, left = -this.view.from * scale;
    const lay = (one, x, w, row) => {
      if (x > width || x + w < 0 || w < 1.2) return;
      if (row - shownAbove.length >= maxRows) { this.deeper = Math.max(this.deeper, 1); return; }
      this.boxes.push({ index: one.index, x: Math.max(x, 0), w: Math.min(x + w, width) - Math.max(x, 0), row, folded: 0 });
      let at = x;
      for (const child of one.children) { const part = one.total ? w * child.total / one.total : 0; lay(child, at, part, row + 1); at += part; }
    };
    lay(nodes[focus], left, scale, shownAbove.length);
    const rows = 1 + Math.max(...this.boxes.map((box) => box.row)), lane = look.lane.length ? 1.5 : 0;
    const height = (rows + lane) * rowHeight + 2, { canvas, pen } = this;
    canvas.style.height = `${height}px`;
    canvas.width = width * ratio; canvas.height = height * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "12px system-ui, sans-serif"; pen.textBaseline = "middle";
    for (const box of this.boxes) this.bar(box, look);
    this.marks(look, width);
    if (lane) this.background(look, width, (rows + 0.5) * rowHeight);
  }

  bar(box, look) {
    const { pen } = this, one = look.nodes[box.index], y = box.row * rowHeight + 1;
    const dim = look.hits !== null && !look.hits.has(box.index);
    pen.fillStyle = dim ? look.colour("--dim") : look.fill(one);
    pen.fillRect(box.x + 0.5, y + 0.5, Math.max(box.w - 1, 0.7), rowHeight - 1);
    if (!one.certain && !dim && box.w > 3) this.stripes(box.x + 0.5, y + 0.5, box.w - 1, rowHeight - 1, look.colour("--stripe"));
    if (box.index === look.selected) { pen.lineWidth = 3; pen.strokeStyle = look.colour("--ink"); pen.strokeRect(box.x + 2, y + 2, Math.max(box.w - 4, 1), rowHeight - 4); }
    if (box.w <= 36) return;
    pen.save(); pen.beginPath(); pen.rect(box.x + 4, y, box.w - 8, rowHeight); pen.clip();
    pen.fillStyle = look.colour(dim ? "--ink" : "--on-bar");
    pen.fillText(this.fit(one, box.w - 12, look, box.folded), box.x + 6, y + rowHeight / 2 + 1);
    pen.restore();
  }

  stripes(x, y, w, h, colour) {
    const { pen } = this;
    pen.save(); pen.beginPath(); pen.rect(x, y, w, h); pen.clip();
    pen.strokeStyle = colour; pen.lineWidth = 2; pen.beginPath();
    for (let at = x - h; at < x + w; at += 8) { pen.moveTo(at, y + h); pen.lineTo(at + h, y); }
    pen.stroke(); pen.restore();
  }

  // Hits that are too narrow for a bar get a mark above the nearest bar that is drawn; what is shown of the width, a line.
  marks(look, width) {
    const { pen } = this;
    this.hidden = 0;
    if (look.hits !== null) {
      const drawn = new Map(this.boxes.map((box) => [box.index, box]));
      pen.fillStyle = look.colour("--accent");
      for (const index of look.hits) {
        if (drawn.has(index)) continue;
        this.hidden++;
        let at = index;
        while (at !== 0 && !drawn.has(at)) at = look.nodes[at].parent;
        const box = drawn.get(at);
        if (box && at !== 0) pen.fillRect(box.x, box.row * rowHeight + rowHeight - 3, Math.max(Math.min(box.w, 8), 2), 4);
      }
    }
    if (this.view.from > 0 || this.view.to < 1) {
      pen.fillStyle = look.colour("--accent");
      pen.fillRect(this.view.from * width, 0, Math.max((this.view.to - this.view.from) * width, 4), 3);
    }
  }

  background(look, width, y) {
    const { pen } = this, total = look.nodes[look.focus].total || 1;
    let x = 0;
    for (const [name, us] of look.lane) {
      const w = Math.min(width * us / total, width - x);
      if (w < 0.7) continue;
      pen.fillStyle = look.colour("--builtin");
      pen.fillRect(x + 0.5, y, Math.max(w - 1, 0.7), rowHeight - 2);
      if (w > 50) { pen.save(); pen.beginPath(); pen.rect(x, y, w - 4, rowHeight); pen.clip(); pen.fillStyle = look.colour("--on-bar"); pen.fillText(`in the background: ${name}`, x + 6, y + rowHeight / 2); pen.restore(); }
      x += w;
    }
  }

  fit(one, width, look, folded) {
    // The cost goes first when there is no room for both; then the beginning of the name, which its neighbours share.
    const whole = folded ? `${one.name}  … ${folded} more between` : `${one.name}  ${look.said(one)}`, { pen } = this;
    if (pen.measureText(whole).width <= width) return whole;
    if (pen.measureText(one.name).width <= width) return one.name;
    let room = Math.floor(one.name.length * width / pen.measureText(one.name).width) - 1;
    while (room > 2 && pen.measureText(`…${one.name.slice(-room)}`).width > width) room--;  // its end may have wide letters
    return room > 2 ? `…${one.name.slice(-room)}` : "";
  }

  at(x, y) { return this.boxes.findLast((box) => x >= box.x && x < box.x + box.w && Math.floor((y - 1) / rowHeight) === box.row); }

  stretch(x, by) {
    const { from, to } = this.view, span = Math.min(Math.max((to - from) * by, 0.002), 1);
    const at = from + (to - from) * x / this.canvas.clientWidth;
    this.place(at - (at - from) * span / (to - from), span);
  }

  shift(pixels) { const span = this.view.to - this.view.from; this.place(this.view.from - pixels * span / this.canvas.clientWidth, span); }
  place(from, span) { const begin = Math.min(Math.max(from, 0), 1 - span); this.view = { from: begin, to: begin + span }; }
  whole() { this.view = { from: 0, to: 1 }; }
}
