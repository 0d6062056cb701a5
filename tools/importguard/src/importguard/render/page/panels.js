// The tables beside the picture. Each is written anew from what it is given; names are text, never markup.

const byId = (id) => document.getElementById(id);

function element(tag, text, of = {}) { const made = document.createElement(tag); made.append(...breakable(text)); Object.assign(made, of); return made; }

// *text* with the places where a line may end: behind the parts of a name or a path, and inside of a part without end.
function breakable(text) {
  const parts = String(text).match(/(?:[^\s._/\\]{1,24}(?:\.(?:py|pyx|pyc|so|pyd)\b[^\s._/\\]{0,24})?|\s)[._/\\]*|[._/\\]+/g) || [];
  return parts.flatMap((part, at) => at && !/\s$/.test(part) && !/\s$/.test(parts[at - 1]) ? [document.createElement("wbr"), part] : [part]);
}
function button(text, click, label) { const made = element("button", text, { type: "button", onclick: click }); if (label) made.setAttribute("aria-label", label); return made; }

// *columns*: text, or {text, number, sort}; *rows*: arrays of text or elements; a number column is to the right.
function fill(table, columns, rows, sorted, sort) {
  const caption = table.caption;
  table.replaceChildren(...(caption ? [caption] : []));
  if (columns.some((one) => one.text)) {
    const head = table.createTHead().insertRow();
    columns.forEach((one, at) => {
      const th = element("th", "", { scope: "col", className: one.number ? "number" : one.text === "Cut" ? "box" : "" });
      if (one.wide) th.classList.add("wide");
      if (sort && one.sort) { th.append(button(one.text + (sorted === at ? " ▾" : ""), () => sort(at))); th.setAttribute("aria-sort", sorted === at ? "descending" : "none"); }
      else th.textContent = one.text;
      head.append(th);
    });
  }
  const body = table.createTBody();
  for (const cells of rows) {
    const tr = body.insertRow();
    cells.forEach((cell, at) => {
      const td = columns[at].head ? tr.appendChild(element("th", "", { scope: "row" })) : tr.insertCell();
      if (columns[at].number) td.className = "number";
      td.append(...(cell instanceof Node ? [cell] : columns[at].number ? [String(cell)] : breakable(cell)));
      if (columns[at].wide) td.classList.add("wide");
    });
  }
}

function ticked(page, keys, label) {
  const cut = keys.filter((key) => page.cuts.has(key)).length;
  const box = element("input", "", { type: "checkbox", checked: cut === keys.length, indeterminate: cut > 0 && cut < keys.length, onchange: () => page.cutAll(keys, box.checked) });
  box.setAttribute("aria-label", label);
  return box;
}

// A tick cuts all statements of a step; the statements of one that has several are listed on demand.
function fillSteps(page) {
  const { start } = page, rows = [];
  const imported = (name) => { const index = start.byName.get(name); return index === undefined ? name : button(name, () => page.select(index, true)); };
  start.data.steps.forEach((step, at) => {
    const many = step.statements.length > 1, [first] = step.statements, place = document.createElement("span"), open = page.open.has(at);
    place.append(...breakable(first.place));
    if (many) place.append(" ", button(open ? "(fewer)" : `and ${step.statements.length - 1} more`, () => { open ? page.open.delete(at) : page.open.add(at); page.keep(() => fillSteps(page)); }, `Statements of step ${at + 1}`));
    const keys = step.statements.map((one) => one.key);
    rows.push([ticked(page, keys, many ? `Without step ${at + 1}` : `Without ${first.place}`), `${at + 1}. ${step.subject}`, place, imported(first.imports), milliseconds(step.saves), step.modules.toLocaleString("en")]);
    if (open) for (const one of step.statements) rows.push([ticked(page, [one.key], `Without ${one.place}`), "", one.place, imported(one.imports), "", ""]);
  });
  byId("steps").hidden = !rows.length;
  if (rows.length) fill(byId("steps"), [{ text: "Cut" }, { text: "Step" }, { text: "Statement" }, { text: "Imports", wide: true }, { text: "Saves", number: true }, { text: "Modules", number: true }], rows);
  const all = page.whole, now = page.now, cuts = page.cuts.size + page.gone.size;
  const total = `${milliseconds(now.us)}, ${count(now.modules, "module")}`;
  byId("total").textContent = !cuts ? (rows.length ? "" : "The plan has no cut to make: nothing is too dear.")
    : `With ${count(cuts, "cut")}: ${total}. Saved: ${milliseconds(all.us - now.us)}, ${count(all.modules - now.modules, "module")} of ${all.modules.toLocaleString("en")}.`;
  byId("reset").hidden = !cuts;
  const planned = new Set(start.data.steps.flatMap((step) => step.statements.map((one) => one.key)));
  const others = [...[...page.cuts].filter((key) => !planned.has(key)).map((key) => [`${start.data.files[key.split(":")[0]]}:${key.split(":")[1]}`, () => page.cut(key, false)]),
    ...[...page.gone].map((index) => [start.nameOf(index), () => page.takeAway(index, false)])];
  byId("other-cuts").hidden = !others.length;
  byId("other-cuts").replaceChildren("Also cut: ", ...others.flatMap(([text, undo], at) => [at ? ", " : "", text, " ", button("(take back)", undo, `Take back the cut of ${text}`)]));
}

function fillDetails(page) {
  const { start, selected } = page, one = page.nodes[selected];
  byId("name").replaceChildren(...breakable(one.name));
  byId("without-label").hidden = selected === 0;
  byId("without").checked = page.gone.has(selected);
  const loads = page.there.has(selected), rows = [["Own code", milliseconds(one.cost)]];
  if (!loads) rows.push(["With the cuts", "no longer loaded"]);
  else {
    rows.push([page.width === "saving" ? "With what hangs on it alone" : "With what it was the first to load", milliseconds(one.total)]);
    if (selected) { const kept = page.savings(); rows.push(["Saved if nothing imports it", `${milliseconds(kept.saved[selected])}, ${count(kept.number[selected], "module")}`]); }
  }
  rows.push(["Package", start.data.packages[one.pack]], ["Certainty", one.certain ? "certain" : "possible"]);
  if (one.place) rows.push(["Loaded at", one.place]);
  fill(byId("facts"), [{ head: true }, {}], rows);
  const way = loads ? start.way(selected, page.cuts, page.gone) || [] : [];
  const steps = [[0, ""], ...way.map((edge) => [edge.to, start.placeOf(edge)])];
  byId("chain").replaceChildren(...(loads ? steps : []).map(([index, place]) => {
    const item = document.createElement("li");
    item.append(index < page.nodes.length ? button(start.nameOf(index), () => page.select(index, true)) : start.nameOf(index));
    if (place) item.append(element("span", `  ${place}`, { className: "soft" }));
    return item;
  }));
  fillImporters(page);
}

// A row for each module; the statements of one that has several are listed on demand.
function fillImporters(page) {
  const { start, selected } = page, some = page.cuts.size + page.gone.size > 0, by = new Map(), rows = [];
  for (const edge of start.into[selected]) {
    if (!by.has(edge.from)) by.set(edge.from, new Map());
    by.get(edge.from).set(edge.key, edge);
  }
  const said = (from, keys) => !some ? "" : !page.there.has(from) ? "no longer loaded" : keys.every((key) => page.cuts.has(key)) ? "cut" : "loads it";
  const active = [...by].filter(([from, edges]) => page.there.has(from) && [...edges.keys()].some((key) => !page.cuts.has(key))).length;
  for (const [from, edges] of [...by].slice(0, page.mostImporters)) {
    const keys = [...edges.keys()], [first] = edges.values(), place = document.createElement("span"), open = page.opened.has(from);
    place.append(...breakable(start.placeOf(first)));
    if (keys.length > 1) place.append(" ", button(open ? "(fewer)" : `and ${(keys.length - 1).toLocaleString("en")} more`, () => { open ? page.opened.delete(from) : page.opened.add(from); page.keep(() => fillImporters(page)); }, `Statements of ${start.nameOf(from)}`));
    const who = from < page.nodes.length ? button(start.nameOf(from), () => page.select(from, true)) : element("span", start.nameOf(from));
    rows.push([ticked(page, keys, `Without ${keys.length > 1 ? `all imports by ${start.nameOf(from)}` : start.placeOf(first)}`), who, place, said(from, keys)]);
    if (open) for (const [key, edge] of edges) rows.push([ticked(page, [key], `Without ${start.placeOf(edge)}`), "", start.placeOf(edge), said(from, [key])]);
  }
  const statements = [...by.values()].reduce((sum, edges) => sum + edges.size, 0), number = by.size.toLocaleString("en");
  const all = statements === by.size ? `Imported by ${number}` : `Imported by ${count(by.size, "module")}, in ${statements.toLocaleString("en")} statements`;
  byId("importers-title").textContent = some && page.there.has(selected) && active ? `${all}, and still loaded by ${active.toLocaleString("en")}` : all;
  byId("importers-title").hidden = byId("importers").hidden = !by.size;
  fill(byId("importers"), [{ text: "Cut" }, { text: "Module" }, { text: "At" }, { text: some ? "With the cuts" : "" }], rows);
  byId("importers-more").hidden = by.size <= page.mostImporters;
  byId("importers-more").textContent = `Show all ${number}`;
}

function fillList(page) {
  const hits = page.hits, pool = hits === null ? page.nodes[page.selected].children : [...hits].map((index) => page.nodes[index]);
  byId("list-title").replaceChildren(...breakable(hits === null ? `${page.width === "saving" ? "Needs" : "Loaded by"} ${page.nodes[page.selected].name}${page.width === "saving" ? " to load" : ""}: ${pool.length.toLocaleString("en")}` : `${pool.length.toLocaleString("en")} ${pool.length === 1 ? "match" : "matches"}`));
  const rows = [...pool].sort((a, b) => b.total - a.total), most = page.mostListed;
  fill(byId("list"), [{ text: "Module" }, { text: "Own", number: true }, { text: "With its own", number: true }],
    rows.slice(0, most).map((one) => [link(page, one), milliseconds(one.cost), milliseconds(one.total)]));
  byId("more").hidden = rows.length <= most;
  byId("more").textContent = `Show all ${rows.length.toLocaleString("en")}`;
}

function link(page, one) {
  const made = document.createElement("span");
  made.append(button(one.name, () => page.select(one.index, true)));
  if (!one.certain) made.append(element("span", " possible", { className: "soft" }));
  return made;
}

function fillPackages(page) {
  const found = new Map(), { start } = page;
  for (const one of page.nodes) {
    if (!one.shown) continue;
    const total = found.get(one.pack) || { us: 0, modules: 0, top: one };
    total.us += one.cost; total.modules++;
    if (one.name.length < total.top.name.length) total.top = one;
    found.set(one.pack, total);
  }
  const kept = page.savings(), rows = [...found.entries()].sort((a, b) => b[1].us - a[1].us);
  fill(byId("packages"), [{ text: "Package" }, { text: "Modules", number: true }, { text: "Cost", number: true }, { text: "Share", number: true, wide: true }, { text: "Saved without it", number: true }],
    rows.map(([pack, one]) => {
      const name = start.data.packages[pack], own = start.byName.get(name);
      return [own !== undefined ? button(name, () => page.select(own, true)) : name, one.modules.toLocaleString("en"), milliseconds(one.us),
        `${(100 * one.us / (page.now.us || 1)).toFixed(0)} %`, own ? milliseconds(kept.saved[own]) : ""];
    }));
}

const moduleColumns = [{ text: "Module", sort: true }, { text: "Package", sort: true, wide: true }, { text: "Own", number: true, sort: true }, { text: "First to load", number: true, sort: true }, { text: "Saved without it", number: true, sort: true }];
function moduleRows(page) {
  const kept = page.savings(), { start } = page;
  const rows = page.nodes.filter((one) => one.shown).map((one) => [one, start.data.packages[one.pack], one.cost, page.first[one.index].total, one.index ? kept.saved[one.index] : 0]);
  const at = page.sorted, value = (row) => at === 0 ? row[0].name : row[at];
  return rows.sort((a, b) => at < 2 ? (value(a) < value(b) ? -1 : 1) : value(b) - value(a));
}
function fillModules(page) {
  const rows = moduleRows(page), most = page.mostModules;
  fill(byId("modules"), moduleColumns, rows.slice(0, most).map(([one, pack, ...figures]) => [link(page, one), pack, ...figures.map(milliseconds)]),
    page.sorted, (at) => { page.sorted = at; fillModules(page); });
  byId("all-more").hidden = rows.length <= most;
  byId("all-more").textContent = `Show all ${rows.length.toLocaleString("en")}`;
}
function asCsv(page) {
  const quoted = (text) => `"${String(text).replaceAll('"', '""').replace(/^[=+\-@]/, "'$&")}"`;
  const head = ["module", "package", "own_us", "first_to_load_us", "saved_us"];
  return [head.join(), ...moduleRows(page).map(([one, pack, ...figures]) => [quoted(one.name), quoted(pack), ...figures].join())].join("\n") + "\n";
}

function fillChanges(page) {
  const { other, start } = page;
  byId("changes").hidden = !other;
  if (!other) return;
  const came = start.modules.filter((one) => page.there.has(one.index) && !other.byName.has(one.name));
  const went = other.modules.filter((one) => !page.there.has(start.byName.get(one.name) ?? -1));
  const us = (found) => found.reduce((sum, one) => sum + one.cost, 0);
  byId("changes-title").textContent = `Against ${other.label}: ${us(came) - us(went) >= 0 ? "+" : "−"}${milliseconds(Math.abs(us(came) - us(went)))}`;
  const columns = (text) => [{ text }, { text: "Own", number: true }];
  const rows = (found, click) => [...found].sort((a, b) => b.cost - a.cost).slice(0, 200).map((one) => [click ? link(page, page.nodes[one.index]) : one.name, milliseconds(one.cost)]);
  fill(byId("came"), columns(`Came: ${count(came.length, "module")}, ${milliseconds(us(came))}`), rows(came, true));
  fill(byId("went"), columns(`Went: ${count(went.length, "module")}, ${milliseconds(us(went))}`), rows(went, false));
}

function fillBeside(page) {
  const { data } = page.start, parts = [
    ["Not found", data.unresolved, [{ text: "Module" }, { text: "At" }, { text: "Why" }], "Imports of the start whose module is not installed, or whose name is computed."],
    ["Not followed", data.stops, [{ text: "At" }, { text: "Why" }], "What these places load is in no figure."],
    ["Warmed in the background", data.warmed, [{ text: "Module" }, { text: "Own", number: true }], ""],
    ["Lazy", data.lazy, [{ text: "Module" }, { text: "Own", number: true }], ""],
  ].filter(([, rows]) => rows.length);
  byId("beside").hidden = !parts.length;
  byId("beside").replaceChildren(...parts.flatMap(([title, rows, columns, about]) => {
    const box = document.createElement("details"), table = document.createElement("table");
    fill(table, columns, rows.slice(0, 500).map((row) => row.map((cell, at) => columns[at].number ? milliseconds(cell) : cell)));
    box.append(element("summary", `${title}: ${rows.length.toLocaleString("en")}`), element("p", about, { className: "soft" }), table);
    return [box];
  }));
}
