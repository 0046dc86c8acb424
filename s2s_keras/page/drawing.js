"use strict";
// Pictures and tables of what a network computed, as HTML, SVG and canvas; text is always put in as
// text, never as HTML. Nothing here computes, and nothing knows of the page around it.

const SVG = "http://www.w3.org/2000/svg";
const percent = (share) => (share < 0.0005 ? "<0.1%" : `${(100 * share).toFixed(share < 0.095 ? 1 : 0)}%`);
const languageOf = (text) => (/[\u0900-\u097f]/u.test(text) ? "hi" : "en"); // "।" is of no script

/** Make an element: what begins with "on" listens, `dataset` is set by key, the rest are attributes. */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** A word of either language, so that a screen reader pronounces it right. */
function word(text, attributes = {}) {
  return element("span", { lang: languageOf(text), ...attributes }, text);
}

function table(caption, head, rows) {
  return element("details", { class: "table" },
    element("summary", {}, caption),
    element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      element("table", {},
        element("thead", {}, element("tr", {}, ...head.map(
          (text) => element("th", { scope: "col", lang: languageOf(text) }, text)))),
        element("tbody", {}, ...rows.map(([first, ...others]) => element("tr", {},
          element("th", { scope: "row", lang: languageOf(first) }, first),
          ...others.map((text) => element("td", { lang: languageOf(text) }, text))))))));
}

// --- strips: a vector as coloured pixels, orange above zero, blue below

/** @param across whether the numbers lie side by side; otherwise they are stacked. */
function strip(vector, most, across = false) {
  const length = vector.length;
  const canvas = element("canvas", {
    width: across ? length : 1, height: across ? 1 : length, class: "strip", "aria-hidden": "true",
  });
  const pen = canvas.getContext("2d"), pixels = pen.createImageData(canvas.width, canvas.height);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const zero = dark ? [24, 24, 28] : [250, 250, 248];
  const ends = dark ? [[255, 158, 66], [92, 170, 255]] : [[190, 80, 0], [0, 84, 168]];
  vector.forEach((value, n) => {
    const strength = Math.min(1, Math.abs(value) / (most || 1)) ** 0.5, end = ends[value < 0 ? 1 : 0];
    for (let k = 0; k < 3; k += 1) pixels.data[4 * n + k] = zero[k] + strength * (end[k] - zero[k]);
    pixels.data[4 * n + 3] = 255;
  });
  pen.putImageData(pixels, 0, 0);
  return canvas;
}

const largest = (vectors) => Math.max(...vectors.map((vector) =>
  vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));

/** The two halves of a vector that two readers wrote; of one reader's vector, the whole. */
const halves = (vector, bothWays) => (bothWays
  ? [vector.slice(0, vector.length / 2), vector.slice(vector.length / 2)] : [vector]);

/** One column a word: its hidden state, and below it the cell state of an LSTM; with a gap between two readers. */
function stripColumns(words, states, selected, label, bothWays = false) {
  const most = states[0].map((_, k) => largest(states.map((state) => state[k])));
  const names = states[0].length > 1 ? ["h", "c"] : ["h"];
  const stripsOf = (vector, k) => element("div", { class: "stack" },
    ...halves(vector, bothWays).map((half) => strip(half, most[k])));
  return element("div", { class: "scroll", tabindex: 0, role: "group",
    "aria-label": `${label}; a table follows` },
    element("div", { class: "columns", "aria-hidden": "true" },
      element("div", { class: "column names" }, element("span", {}, " "),
        ...names.map((name) => element("div", { class: "stack" },
          ...(bothWays ? ["→", "←"] : [""]).map((way) => element("b", {}, `${name}${way}`))))),
      ...states.map((state, n) => element("div", { class: n === selected ? "column on" : "column" },
        word(words[n]), ...state.map(stripsOf)))));
}

/** What the strips show, as numbers: how long each vector is, and how far each word moved it. */
function stripTable(caption, words, states, bothWays = false) {
  const length = (vector) => Math.sqrt(dot(vector, vector));
  const parts = (n) => states[n]?.flatMap((vector) => halves(vector, bothWays));
  const rows = states.map((_, n) => [words[n], ...parts(n).flatMap((vector, k) => {
    const before = parts(bothWays && k % 2 ? n + 1 : n - 1)?.[k]; // the second reader comes from the right
    const moved = before ? vector.map((value, i) => value - before[i]) : vector;
    return [length(vector).toFixed(2), length(moved).toFixed(2)];
  })]);
  const names = (states[0].length > 1 ? ["h", "c"] : ["h"]).flatMap(
    (name) => (bothWays ? [`${name} →`, `${name} ←`] : [name]));
  const head = ["word", ...names.flatMap((name) => [`length of ${name}`, `changed by`])];
  return table(`${caption} (length: the root of the sum of the squares)`, head, rows);
}

// --- attention: lines from the words that are written to the words that they look at

const widthOf = (text) => Math.max(52, 22 + 9.5 * [...text.normalize("NFC")].filter(
  (character) => !/\p{M}/u.test(character)).length);

function places(words, total) {
  const widths = words.map(widthOf), sum = widths.reduce((a, b) => a + b, 0);
  let x = (total - sum) / 2;
  return widths.map((width) => { x += width; return x - width / 2; });
}

function attentionLines(source, target, weights, selected, choose) {
  const sums = [source, target].map((words) => words.map(widthOf).reduce((a, b) => a + b, 0));
  const width = Math.max(...sums, 280), height = 210;
  const top = places(source, width), bottom = places(target, width);
  const lines = weights.flatMap((row, t) => [...row].map((weight, s) => ({ t, s, weight })));
  const parts = lines.filter(({ weight, t }) => weight > (t === selected ? 0.005 : 0.08));
  parts.sort((a, b) => (a.t === selected) - (b.t === selected)); // the chosen word's lines on top
  const labels = (words, xs, y, side) => words.map((text, n) => drawn("text", {
    x: xs[n], y, lang: languageOf(text), class: side === "target" && n === selected ? "target on" : side,
    onclick: () => side === "target" && choose(n),
  }, text));
  return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Lines of attention; a table follows" },
    drawn("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", class: "lines" },
      ...parts.map(({ t, s, weight }) => drawn("path", {
        d: `M${bottom[t]} ${height - 34}C${bottom[t]} 110 ${top[s]} 100 ${top[s]} 34`,
        class: t === selected ? "on" : "", "stroke-width": (1 + 9 * weight).toFixed(1),
        "stroke-opacity": (t === selected ? 0.35 + 0.65 * weight : 0.12 + 0.3 * weight).toFixed(2),
      })),
      ...labels(source, top, 22, "source"), ...labels(target, bottom, height - 14, "target")));
}

// --- the beam's tree

const COLUMN = 96, ROW = 34;

/** @param names the token of each node as a word; @param best the nodes of the winner. */
function beamTree(tree, names, best, width) {
  const ranks = [];
  let rank = 0;
  tree.forEach((node, n) => {
    rank = n && tree[n - 1].step === node.step ? rank + 1 : 0;
    ranks[n] = rank;
  });
  const steps = tree.length ? tree.at(-1).step + 1 : 0;
  const x = (node) => 10 + (node.step + 1) * COLUMN, y = (n) => 24 + ranks[n] * ROW;
  const middle = 24 + (width - 1) * ROW / 2;
  const edges = tree.map((node, n) => {
    const from = node.parent < 0 ? [10 + 50, middle] : [x(tree[node.parent]) + COLUMN - 14, y(node.parent)];
    const [to, bend] = [x(node), (COLUMN - 60) / 2];
    return drawn("path", {
      d: `M${from[0]} ${from[1]}C${from[0] + bend} ${from[1]} ${to - bend} ${y(n)} ${to} ${y(n)}`,
      class: best.has(n) ? "best" : node.fate,
    });
  });
  const box = { width: COLUMN - 14, height: 28 };
  const boxes = tree.map((node, n) => drawn("g", { class: best.has(n) ? `best ${node.fate}` : node.fate },
    drawn("rect", { ...box, x: x(node), y: y(n) - 14, rx: node.fate === "ended" ? 14 : 4 }),
    drawn("text", { x: x(node) + box.width / 2, y: y(n) + 5, lang: languageOf(names[n]) },
      shortened(names[n]))));
  const size = { width: 20 + (steps + 1) * COLUMN, height: 2 * width * ROW + 20 };
  return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "The tree of the search; a table follows" },
    drawn("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, class: "tree", "aria-hidden": "true" },
      ...edges, drawn("text", { x: 34, y: middle + 5 }, "start"), ...boxes));
}

const shortened = (text) => (text.length > 10 ? `${text.slice(0, 9)}…` : text);
