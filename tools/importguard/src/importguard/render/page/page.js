// What the page shows now, and what changes that: clicks, keys, the address, a server that has news.

const palette = ["#94431c", "#3c5d92", "#246b43", "#7a3d8f", "#8f2f4a", "#0f6268", "#6a5600", "#4c5663", "#7d3a2a", "#3d5a1a", "#5a4aa0", "#8a2f6b"];
const picture = new Picture(byId("icicle")), canvas = picture.canvas;
let document_ = JSON.parse(byId("data").textContent), starts = [];

function readStarts(found) {
  return found.map((data) => { const made = new Start(data); made.label = data.label || data.entry; return made; });
}

const page = {
  open: new Set(), opened: new Set(),  // the steps, and the importers, whose statements are listed
  cuts: new Set(), gone: new Set(), selected: 0, focus: 0, width: "first", order: "size", colour: "origin", hits: null, sorted: 4, mostListed: 60, mostModules: 30, mostImporters: 30,
  at: 0, other: null,

  show(at) {
    this.at = at;
    this.start = starts[at];
    this.cuts.clear(); this.gone.clear(); this.open.clear();
    this.selected = this.focus = 0;
    picture.whole();
    this.work();
  },

  // Everything that hangs on cuts, the width and what is shown.
  work() {
    const { start } = this, possible = byId("possible").checked;
    this.possible = possible;
    this.there = start.reached(this.cuts, this.gone);
    const inOrder = this.order === "time", first = start.tree(this.there, (index) => start.modules[index].loader, possible, inOrder);
    this.first = first;
    this.nodes = this.width === "saving" ? start.tree(this.there, (index) => this.savings().hangs[index], possible, inOrder) : first;
    const totals = (there) => start.modules.reduce((sum, one) => there.has(one.index) && (possible || one.certain) ? { us: sum.us + one.cost, modules: sum.modules + (one.index ? 1 : 0) } : sum, { us: 0, modules: 0 });
    this.whole = totals(start.reached(new Set(), new Set()));
    this.now = totals(this.there);
    if (!this.nodes[this.focus].shown) this.focus = 0;
    byId("title").textContent = `What ${start.entry} loads at startup`;
    document.title = `${start.entry}: startup imports`;
    const { data } = start, about = `${count(this.whole.modules, "module")}, about ${milliseconds(this.whole.us)} (${data.source}), Python ${data.python}`;
    byId("summary").textContent = `${about}.${possible ? "" : " Possible modules are left out."} ${this.width === "saving" ? "Width is what the start would not load without a module." : "Width is what a module was the first to load; a cut may save less."}`;
    byId("origin").textContent = `${data.looked} importguard ${document_.version}, ${document_.made}${document_.commit ? `, commit ${document_.commit}` : ""}.`;
    this.find();
    fillSteps(this); fillDetails(this); fillList(this); fillChanges(this); fillBeside(this);
    this.legend();
    this.draw();
    clearTimeout(this.later);  // what each module saves takes a moment for thousands of them: after the picture
    this.later = setTimeout(() => { fillPackages(this); fillModules(this); });
  },

  savings() { return this.start.savings(this.cuts, this.gone, this.possible ? "all" : "certain"); },

  colourOf(one) {
    const style = (name) => this.style.getPropertyValue(name);
    if (this.colour === "package") return palette[one.pack % palette.length];
    if (this.colour === "change" && this.other) return style(this.other.byName.has(one.name) ? "--same" : "--came");
    return style(`--${one.origin}`);
  },

  draw(ratio, width) {
    this.style = getComputedStyle(document.documentElement);
    const { nodes, focus, selected, hits } = this, kept = this.width === "saving" ? this.savings().saved : null;
    picture.draw({ nodes, focus, selected, hits, colour: (name) => this.style.getPropertyValue(name), fill: (one) => this.colourOf(one),
      said: (one) => milliseconds(kept && one.index ? kept[one.index] : one.total), lane: this.order === "time" ? this.start.data.warmed : [] }, ratio, width);
    byId("deeper").textContent = picture.deeper ? "There are more levels: zoom in to see them." : "";
    if (hits !== null) byId("hits").textContent = `${hits.size.toLocaleString("en")} ${hits.size === 1 ? "match" : "matches"}${picture.hidden ? `, ${picture.hidden.toLocaleString("en")} too narrow or outside of what is shown` : ""}`;
    else byId("hits").textContent = this.problem || "";
  },

  legend() {
    const rows = this.colour === "package" ? this.mainPackages() : this.colour === "change" ? [["var(--came)", "new"], ["var(--same)", "there before"]]
      : [["var(--first-party)", "first-party"], ["var(--third-party)", "third-party"], ["var(--stdlib)", "standard library"], ["var(--builtin)", "built in"]];
    byId("key").replaceChildren(...[...rows, ["", "striped: possible"]].map(([colour, text]) => {
      const made = document.createElement("span"), box = document.createElement("i");
      if (colour) box.style.background = colour; else box.className = "striped";
      made.append(box, text);
      return made;
    }));
  },

  mainPackages() {
    const totals = new Map();
    for (const one of this.nodes) if (one.shown) totals.set(one.pack, (totals.get(one.pack) || 0) + one.cost);
    return [...totals].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([pack]) => [palette[pack % palette.length], this.start.data.packages[pack]]);
  },

  select(index, zoom, quiet) {
    if (index >= this.nodes.length) return;
    const lost = document.activeElement && document.activeElement.closest("#list, #chain, #importers, #modules, #packages, #came");
    this.selected = index;
    this.mostListed = 60; this.mostImporters = 30; this.opened.clear();
    if (zoom && this.nodes[index].shown) { this.focus = index; picture.whole(); }
    fillDetails(this); fillList(this); this.draw();
    if (lost) byId("name").focus();  // the button that was pressed is written anew
    if (!quiet) this.remember();
  },

  out() {
    if (picture.view.to - picture.view.from < 1) { picture.whole(); this.draw(); return; }
    const up = this.focus ? this.nodes[this.focus].parent : 0;
    this.select(up, true);
  },

  find() {
    const said = byId("search").value.trim(), expression = /^\/(.+)\/$/.exec(said);
    this.hits = null; this.problem = "";
    if (!said) return;
    let fits = (name) => name.toLowerCase().includes(said.toLowerCase());
    if (expression) {
      try { const wanted = new RegExp(expression[1], "i"); fits = (name) => wanted.test(name); }
      catch { this.problem = "This is no regular expression."; return; }
    }
    this.hits = new Set(this.nodes.filter((one) => one.shown && fits(one.name)).map((one) => one.index));
  },

  step(by) {
    const found = this.hits ? [...this.hits].sort((a, b) => this.nodes[b].total - this.nodes[a].total) : [];
    if (!found.length) return;
    const at = found.indexOf(this.selected);
    this.select(found[(at + by + found.length) % found.length] ?? found[0], true);
  },

  cut(key, on) { this.cutAll([key], on); },
  cutAll(keys, on) { for (const key of keys) on ? this.cuts.add(key) : this.cuts.delete(key); this.keep(() => this.work()); this.remember(); },
  takeAway(index, on) { on ? this.gone.add(index) : this.gone.delete(index); this.keep(() => this.work()); this.remember(); },

  // Keeps the focus of the keyboard where it was, although the tables are written anew.
  keep(change) {
    const label = document.activeElement && document.activeElement.getAttribute("aria-label");
    change();
    if (label && document.activeElement === document.body) document.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
  },

  remember() {
    const said = new URLSearchParams();
    if (this.at) said.set("start", this.start.label);
    if (this.selected) said.set("module", this.nodes[this.selected].name);
    if (this.focus) said.set("zoom", this.nodes[this.focus].name);
    for (const name of ["width", "order", "colour"]) if (this[name] !== byId(name).options[0].value) said.set(name, this[name]);
    for (const key of this.cuts) { const [owner, line] = key.split(":"); said.append("cut", `${this.start.nameOf(Number(owner))}:${line}`); }
    for (const index of this.gone) said.append("without", this.start.nameOf(index));
    const hash = `#${said}`;
    if (hash !== (location.hash || "#")) { this.mine = hash; location.hash = hash; }
  },

  recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    const at = starts.findIndex((one) => one.label === said.get("start"));
    if ((at < 0 ? 0 : at) !== this.at || !this.start) { this.at = Math.max(at, 0); this.start = starts[this.at]; byId("start").value = this.at; }
    const index = (name) => this.start.byName.get(name) ?? 0;
    this.selected = index(said.get("module")); this.focus = index(said.get("zoom"));
    for (const name of ["width", "order", "colour"]) { this[name] = said.get(name) || byId(name).options[0].value; byId(name).value = this[name]; }
    this.gone = new Set(said.getAll("without").map((name) => this.start.byName.get(name)).filter((one) => one !== undefined));
    this.cuts = new Set(said.getAll("cut").map((one) => { const cut = one.lastIndexOf(":"); return `${this.start.byName.get(one.slice(0, cut)) ?? -1}:${one.slice(cut + 1)}`; }));
    picture.whole();
    this.work();
  },
};

function offer() {
  const chosen = byId("against").value;
  byId("start").replaceChildren(...starts.map((one, at) => new Option(one.label, at)));
  byId("start").value = page.at;
  byId("against").replaceChildren(new Option("nothing", ""), ...starts.map((one, at) => new Option(one.label, at)));
  byId("against").value = starts[chosen] ? chosen : "";
  byId("start-label").hidden = byId("against-label").hidden = starts.length < 2;
}

function against(at) {
  page.other = at === "" ? null : starts[at];
  byId("against").value = at;
  page.colour = page.other ? "change" : page.colour === "change" ? "origin" : page.colour;
  byId("colour").value = page.colour;
  page.work();
}

let dragged = null;
canvas.addEventListener("pointerdown", (event) => { dragged = { x: event.clientX, moved: false }; });
window.addEventListener("pointerup", () => { setTimeout(() => { dragged = null; }); });
canvas.addEventListener("pointermove", (event) => {
  const box = picture.at(event.offsetX, event.offsetY);
  canvas.title = box ? `${page.nodes[box.index].name}: ${milliseconds(page.nodes[box.index].total)}${box.index ? `, without it ${milliseconds(page.savings().saved[box.index])} less` : ""}` : "";
  if (!dragged || picture.view.to - picture.view.from >= 1 || Math.abs(event.clientX - dragged.x) < 3) return;
  picture.shift(event.clientX - dragged.x); dragged.x = event.clientX; dragged.moved = true; page.draw();
});
canvas.addEventListener("click", (event) => {
  if (dragged && dragged.moved) return;
  const box = picture.at(event.offsetX, event.offsetY);
  if (box) page.select(box.index, box.index === page.selected || page.nodes[box.index].depth < page.nodes[page.focus].depth);
});
canvas.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.shiftKey && picture.view.to - picture.view.from >= 1 && event.deltaY > 0) return;  // the page scrolls
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) picture.shift(-event.deltaX); else picture.stretch(event.offsetX, event.deltaY < 0 ? 0.8 : 1.25);
  event.preventDefault(); page.draw();
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const one = page.nodes[page.selected], inside = one.index !== page.focus, siblings = inside ? page.nodes[one.parent].children : [one], at = siblings.indexOf(one);
  const next = { ArrowDown: one.children[0], ArrowUp: one.index ? page.nodes[one.parent] : null, ArrowRight: siblings[at + 1], ArrowLeft: siblings[at - 1], Enter: one, Home: page.nodes[0] }[event.key];
  // What is chosen is always in the picture: from the top of the zoom, up goes out of it.
  if (next) { event.preventDefault(); page.select(next.index, event.key === "Enter" || event.key === "Home" || (event.key === "ArrowUp" && !inside)); }
  else if (event.key === "Escape" || event.key === "Backspace") { event.preventDefault(); page.out(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); byId("search").focus(); }
});
byId("search").addEventListener("input", () => { page.mostListed = 60; page.find(); fillList(page); page.draw(); });
byId("search").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); page.step(event.shiftKey ? -1 : 1); } });
byId("before").addEventListener("click", () => page.step(-1));
byId("after").addEventListener("click", () => page.step(1));
byId("possible").addEventListener("change", () => page.work());
byId("up").addEventListener("click", () => page.select(0, true));
byId("without").addEventListener("change", (event) => page.takeAway(page.selected, event.target.checked));
byId("reset").addEventListener("click", () => { page.cuts.clear(); page.gone.clear(); page.work(); page.remember(); });
byId("more").addEventListener("click", () => { page.mostListed = Infinity; fillList(page); });
byId("importers-more").addEventListener("click", () => { page.mostImporters = Infinity; fillImporters(page); });
byId("all-more").addEventListener("click", () => { page.mostModules = Infinity; fillModules(page); });
byId("csv").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText(asCsv(page)); byId("copied").textContent = "Copied."; }
  catch { byId("copied").textContent = "The browser does not let this page copy."; }
});
for (const name of ["width", "order", "colour"]) byId(name).addEventListener("change", (event) => { page[name] = event.target.value; page.work(); page.remember(); });
byId("start").addEventListener("change", (event) => { page.show(Number(event.target.value)); page.remember(); });
byId("against").addEventListener("change", (event) => against(event.target.value));
window.addEventListener("hashchange", () => { if (location.hash !== page.mine) page.recall(); page.mine = null; });
window.addEventListener("resize", () => page.draw());
window.addEventListener("beforeprint", () => page.draw(2, 1000));
window.addEventListener("afterprint", () => page.draw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.draw());

// What a server on this machine has to say: new figures after a save, other revisions.
function live() {
  const tell = (text) => { byId("news").hidden = !text; byId("news").textContent = text; };
  byId("revision-form").hidden = false;
  byId("revision-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const revision = byId("revision").value.trim();
    if (!revision) return;
    tell(`Working out ${revision}…`);
    const answer = await fetch(`at?${new URLSearchParams({ revision, entry: page.start.entry })}`);
    if (!answer.ok) { tell(await answer.text()); return; }
    starts = [...starts.filter((one) => one.label !== `${page.start.entry} at ${revision}`), ...readStarts([await answer.json()])];
    offer(); tell(""); against(String(starts.length - 1));
  });
  const news = new EventSource("events");
  news.addEventListener("error", () => tell("The server has ended: what is shown is as it was then."));
  news.addEventListener("problem", (event) => tell(`Of an earlier state, as importguard cannot check this one: ${JSON.parse(event.data)}`));
  news.addEventListener("working", () => tell("A file has changed: the start is worked out again…"));
  news.addEventListener("data", async () => {
    const before = starts, now = await (await fetch("data.json")).json(), hash = location.hash;
    document_ = now;
    const old = before.filter((one) => !one.data.revision && !one.data.before).map((one) => { one.data.before = true; one.label = `${one.entry} before the last save`; return one; });
    starts = [...readStarts(now.starts), ...old, ...before.filter((one) => one.data.revision)];
    page.start = null; page.at = -1;
    location.hash = hash; page.recall(); offer();
    const twin = starts.findIndex((one) => one.data.before && one.entry === page.start.entry);
    against(twin < 0 ? "" : String(twin));
    tell("");
  });
}

starts = readStarts(document_.starts);
page.start = starts[0];
page.recall();
offer();
if (document.body.dataset.live === "true") live();
