"use strict";
// What a start loads, without any drawing: trees, what is reached after cuts, what each module alone keeps loaded.

const milliseconds = (us) => Math.abs(us) >= 9950 ? `${Math.round(us / 1000).toLocaleString("en")} ms` : `${(us / 1000).toFixed(1)} ms`;
const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

class Start {
  constructor(data) {
    this.data = data;
    this.entry = data.entry;
    this.modules = data.modules.map(([name, parent, cost, certain, origin, place, pack], index) =>
      ({ index, name, loader: parent, cost, certain: certain === 1, origin, place, pack }));
    this.byName = new Map(this.modules.map((one) => [one.name, one.index]));
    this.size = this.modules.length + data.failed.length;  // past the modules: those whose own import failed
    this.edges = Array.from({ length: this.size }, () => []);
    this.into = Array.from({ length: this.size }, () => []);
    for (const [importer, found] of Object.entries(data.edges)) {
      for (const [to, owner, line] of found) {
        const edge = { from: Number(importer), to, owner, line, key: `${owner}:${line}` };
        this.edges[edge.from].push(edge);
        this.into[to].push(edge);
      }
    }
    this.above = this.modules.map((one) => {  // without a package no submodule of it loads
      const dot = one.name.lastIndexOf(".");
      return dot < 0 ? -1 : this.byName.get(one.name.slice(0, dot)) ?? -1;
    });
    this.kept = new Map();
  }

  nameOf(index) { return index < this.modules.length ? this.modules[index].name : this.data.failed[index - this.modules.length]; }
  placeOf(edge) { return edge.owner < 0 ? "" : `${this.data.files[edge.owner] ?? this.nameOf(edge.owner)}:${edge.line}`; }

  // The modules that load without the cut statements and the modules that are taken away.
  reached(cuts, gone) {
    const out = new Set();
    for (const index of gone) {
      out.add(index);
      const below = `${this.nameOf(index)}.`;
      for (const one of this.modules) if (one.name.startsWith(below)) out.add(one.index);
    }
    const seen = new Set(this.data.roots.filter((root) => !out.has(root))), pending = [...seen], waiting = new Map();
    while (pending.length) {
      const at = pending.pop(), late = waiting.get(at) || [];
      waiting.delete(at);
      for (const edge of [...this.edges[at], ...late]) {
        if (out.has(edge.to) || seen.has(edge.to) || cuts.has(edge.key)) continue;
        // A statement in a function counts only when that function's module is there too.
        if (edge.owner >= 0 && !seen.has(edge.owner)) { waiting.set(edge.owner, [...(waiting.get(edge.owner) || []), edge]); continue; }
        seen.add(edge.to); pending.push(edge.to);
      }
    }
    return seen;
  }

  // Of each module the bits of those without which it would not load: exact, as every way to it is looked at.
  needs(cuts, gone) {
    const there = this.reached(cuts, gone), words = (this.size + 31) >> 5, roots = new Set(this.data.roots);
    const bits = Array.from({ length: this.size }, () => null), order = [...there];
    for (const root of roots) if (there.has(root)) { bits[root] = new Uint32Array(words); bits[root][root >> 5] |= 1 << (root & 31); }
    const made = new Uint32Array(words), way = new Uint32Array(words), dirty = new Uint8Array(this.size).fill(1);
    const asks = Array.from({ length: this.size }, () => []);  // who has to be looked at again after a change of each
    for (const at of order) {
      for (const edge of this.into[at]) { asks[edge.from].push(at); if (edge.owner >= 0 && edge.owner !== edge.from) asks[edge.owner].push(at); }
      if (this.above[at] >= 0) asks[this.above[at]].push(at);
    }
    let changed = true, waits = true;  // for its package, as long as that is not known
    while (changed || waits) {
      if (!changed) { waits = false; dirty.fill(1); }
      changed = false;
      for (const at of order) {
        if (roots.has(at) || !dirty[at]) continue;
        dirty[at] = 0;
        let some = false;
        for (const edge of this.into[at]) {
          if (cuts.has(edge.key) || !there.has(edge.from) || (edge.owner >= 0 && !there.has(edge.owner))) continue;
          const from = bits[edge.from], owner = edge.owner >= 0 && edge.owner !== edge.from ? bits[edge.owner] : from;
          if (from === null || owner === null) continue;  // not known yet: it takes nothing away
          for (let word = 0; word < words; word++) way[word] = from[word] | owner[word];
          if (some) for (let word = 0; word < words; word++) made[word] &= way[word];
          else made.set(way);
          some = true;
        }
        if (!some) continue;
        const parent = at < this.above.length ? this.above[at] : -1;
        if (waits && parent >= 0 && there.has(parent) && bits[parent] === null) continue;
        if (parent >= 0 && bits[parent] !== null && there.has(parent)) for (let word = 0; word < words; word++) made[word] |= bits[parent][word];
        made[at >> 5] |= 1 << (at & 31);
        const known = bits[at];
        if (known !== null && known.every((word, index) => word === made[index])) continue;
        bits[at] = made.slice();
        for (const one of asks[at]) dirty[one] = 1;
        changed = true;
      }
    }
    return bits;
  }

  // Saving and number of modules of each, and the nearest module that each hangs on alone.
  savings(cuts, gone, shown) {
    const key = `${[...cuts].sort().join()}|${[...gone].sort().join()}|${shown}`;
    if (this.kept.has(key)) return this.kept.get(key);
    const bits = this.needs(cuts, gone), saved = new Float64Array(this.size), number = new Uint32Array(this.size);
    const depth = bits.map((one) => one === null ? 0 : one.reduce((sum, word) => sum + ones(word), 0));
    const hangs = new Int32Array(this.size).fill(0);
    for (const one of this.modules) {
      if (bits[one.index] === null) continue;
      const counts = shown === "all" || one.certain;
      let nearest = 0, deepest = -1;
      bits[one.index].forEach((word, at) => {
        for (let left = word; left !== 0; left &= left - 1) {
          const index = at * 32 + 31 - Math.clz32(left & -left);
          if (counts) { saved[index] += one.cost; number[index]++; }
          if (index !== one.index && index < this.modules.length && depth[index] > deepest) { deepest = depth[index]; nearest = index; }
        }
      });
      hangs[one.index] = nearest;
    }
    const found = { saved, number, hangs };
    this.kept.set(key, found);
    return found;
  }

  // A tree of what is there: parents by *parentOf*; what is not shown leaves its children to the next one above.
  tree(there, parentOf, possible, inOrder) {
    const nodes = this.modules.map((one) => ({ ...one, children: [], total: 0, depth: 0, shown: there.has(one.index) && (possible || one.certain || one.index === 0) }));
    for (const one of nodes) {
      let above = one.index, steps = 0;
      do { above = parentOf(above); steps++; } while (above > 0 && !nodes[above].shown && steps < nodes.length);
      one.parent = one.index && steps < nodes.length ? above : 0;
    }
    for (const one of nodes) if (one.index && one.shown) nodes[one.parent].children.push(one);
    const order = [], pending = [nodes[0]], met = new Set([0]);
    while (pending.length) {
      const one = pending.pop();
      order.push(one);
      for (const child of one.children) if (!met.has(child.index)) { met.add(child.index); child.depth = one.depth + 1; pending.push(child); }
    }
    for (let i = order.length - 1; i >= 0; i--) {
      const one = order[i];
      one.total = one.cost + one.children.reduce((sum, child) => sum + child.total, 0);
      one.children.sort(inOrder ? (a, b) => a.index - b.index : (a, b) => b.total - a.total);
    }
    return nodes;
  }

  // The shortest way from the entry to a module that the cuts leave open: its edges.
  way(index, cuts, gone) {
    const there = this.reached(cuts, gone);
    if (!there.has(index)) return null;
    const from = new Map(this.data.roots.map((root) => [root, null])), pending = [...this.data.roots];
    for (let at = 0; at < pending.length && !from.has(index); at++) {
      for (const edge of this.edges[pending[at]]) {
        if (from.has(edge.to) || cuts.has(edge.key) || !there.has(edge.to) || (edge.owner >= 0 && !there.has(edge.owner))) continue;
        from.set(edge.to, edge); pending.push(edge.to);
      }
    }
    const steps = [];
    for (let at = index, edge; (edge = from.get(at)); at = edge.from) steps.unshift(edge);
    return steps;
  }
}

function ones(word) {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return (((left + (left >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
