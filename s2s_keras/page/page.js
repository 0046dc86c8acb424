"use strict";
// The page: what was typed and chosen, and the parts that show what the network made of it.

const MODES = {
  attention: "With attention: at every step it may look at every word",
  hidden: "Attention hidden: the same network, but where it would look it sees zeros",
  beside: "Without attention: another network, which was trained without it",
};
const page = { words: [], picked: 0, forced: [], step: 0, mode: "attention", width: 3, typed: "" };
const byId = (id) => document.getElementById(id);

async function start() {
  const data = JSON.parse(byId("data").textContent);
  [page.source, page.target] = [data.source, data.target].map(makeTokenizer);
  page.glosses = new Map(Object.entries(data.glosses));
  page.networks = [];
  for (const [n, holder] of [...document.querySelectorAll(".weights")].entries()) {
    page.networks.push({ name: data.networks[n].name,
      ...makeNetwork(data.networks[n], await unpackWeights(holder.textContent)) });
    holder.remove();
  }
  if (page.networks[0].config.attention === "none") page.mode = "plain";
  byId("examples").append(...data.examples.map((text) => element(
    "button", { type: "button", onclick: () => { byId("sentence").value = text; ask(text); } }, text)));
  // No form: a notebook's frame lets none be sent.
  const typed = () => ask(byId("sentence").value);
  byId("sentence").addEventListener("input", labelAnswer);
  byId("translate").addEventListener("click", typed);
  byId("sentence").addEventListener("keydown", (event) => event.key === "Enter" && typed());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  byId("about").textContent = describe(data);
  byId("sentence").value = data.examples[0];
  ask(data.examples[0]);
}

function describe({ networks: [network, beside] }) {
  const { cell, layers, units, source_vocabulary: source, target_vocabulary: target } = network.config;
  const sizes = Object.values(network.weights).map(({ shape }) => shape.reduce((a, b) => a * b));
  const count = sizes.reduce((a, b) => a + b).toLocaleString("en");
  return `The network is ${network.name}: ${layers} layer${layers > 1 ? "s" : ""} of ${units} units `
    + `(${cell.toUpperCase()}) in encoder and decoder, ${count} weights of 16 bits. It knows `
    + `${source.toLocaleString("en")} words of the language that it reads and ${target.toLocaleString("en")} of the `
    + "one that it writes. It learnt from short "
    + "everyday sentences and knows nothing else; it is there to learn from, not to rely on."
    + (beside ? ` The network without attention is ${beside.name}, its weights rounded to fit into this file.` : "");
}

/** Translate a new sentence. */
function ask(text) {
  const words = page.source.words(text);
  byId("status").textContent = words.length ? "" : "Type at least one word.";
  if (!words.length) return;
  Object.assign(page, { asked: text, typed: words.join(" "), words, picked: 0, forced: [], step: 0 });
  translate();
  page.step = farthest(page.result.steps);
  show();
}

/** The step that looks farthest away from its own place, which shows best what attention does. */
function farthest(steps) {
  const away = steps.map(({ attention, token }, n) => {
    if (!attention || token === END) return 0;
    const at = inOrder(attention).indexOf(Math.max(...attention));
    return Math.abs(at / attention.length - n / steps.length);
  });
  return away.indexOf(Math.max(...away));
}

function choose(step) {
  page.step = step;
  show();
}

/** Change what is asked of the network, and show all again. */
function change(what) {
  Object.assign(page, what);
  translate();
  show();
}

const modes = () => {
  const [network, beside] = page.networks;
  if (network.config.attention === "none") return ["plain"];
  return ["attention", "hidden", ...(beside ? ["beside"] : [])];
};
const networkOf = (mode) => page.networks[mode === "beside" ? 1 : 0];

function idsFor(network) {
  const ids = page.words.map(page.source.id);
  return network.reverse ? ids.reverse() : ids;
}

/** Weights in the order of the sentence. */
const inOrder = (weights) => (networkOf(page.mode).reverse ? [...weights].reverse() : [...weights]);

function run(mode) {
  const network = networkOf(mode), forced = mode === page.mode ? page.forced : [];
  return greedy(network, idsFor(network), forced, mode === "attention");
}

function translate() {
  page.results = Object.fromEntries(modes().map((mode) => [mode, run(mode)]));
  page.result = page.results[page.mode];
  page.search = null; // of the beam: it takes longest, and only what is asked changes it
  page.step = Math.min(page.step, page.result.steps.length - 1);
}

/** Say what each word of the translation means, for who does not read it; where few are known, nothing. */
function showGloss() {
  const tokens = page.result.steps.map(({ token }) => token)
    .filter((token) => token !== END && /\p{L}/u.test(nameOf(token)));
  const known = tokens.filter(glossOf);
  byId("gloss").replaceChildren(...(2 * known.length < tokens.length ? [] : ["Word for word: ",
    ...tokens.flatMap((token, n) => [n ? " · " : "", glossOf(token) || word(nameOf(token))])]));
}

/** Say above the answer what it is an answer to. */
function labelAnswer() {
  byId("answer-label").textContent = byId("sentence").value !== page.asked
    ? "Translation of the sentence before (press Translate for the new one)"
    : page.forced.some((_, n) => isForced(n)) ? "Translation, with what you made the decoder write in part 3"
      : "Translation, word by word as in part 3";
}

const nameOf = (token) => (token === END ? "(end)" : page.target.vocabulary[token]);
const glossOf = (token) => page.glosses.get(nameOf(token)) ?? "";
const written = () => page.result.steps.map(({ token }) => nameOf(token));
const sentenceOf = ({ steps }) => page.target.decode(steps.map(({ token }) => token)) || "(nothing)";

/** Draw every part again; who has the keyboard's focus keeps it. */
function show() {
  const key = document.activeElement?.getAttribute("data-key");
  const open = new Set([...document.querySelectorAll("#parts details[open] > summary")].map((s) => s.textContent));
  const answer = sentenceOf(page.result);
  if (byId("answer").textContent !== answer) byId("answer").textContent = answer;
  byId("answer").lang = languageOf(answer);
  showGloss();
  labelAnswer();
  showModes();
  byId("parts").replaceChildren(showWords(), showEncoder(), showDecoder(), showAttention(), showBeam());
  for (const summary of document.querySelectorAll("#parts details > summary"))
    summary.parentNode.open = open.has(summary.textContent);
  const told = document.querySelector("#attention .told")?.textContent ?? "";
  if (byId("looked").textContent !== told) byId("looked").textContent = told;
  for (const chosen of document.querySelectorAll("#parts .scroll .on:is(.target, .column)")) bringIntoView(chosen);
  if (key) focusOn(key);
}

/** Move a picture that is wider than the screen, so that what is chosen in it is seen. */
function bringIntoView(chosen) {
  const [frame, place] = [chosen.closest(".scroll"), chosen.getBoundingClientRect()];
  const seen = frame.getBoundingClientRect();
  frame.scrollLeft += place.left + place.width / 2 - seen.left - seen.width / 2;
}

/** Focus what has a key; where that can no longer be pressed, the word that it was about. */
function focusOn(key) {
  const word = ["left", "right", "again"].includes(key) ? `source-${page.picked}` : `step-${page.step}`;
  const find = (one) => document.querySelector(`[data-key="${one}"]:not(:disabled)`);
  (find(key) ?? find(word))?.focus();
}

function showModes() {
  const choices = modes();
  byId("modes").hidden = choices.length < 2;
  const legend = byId("modes").querySelector("legend");
  byId("modes").replaceChildren(legend, element("p", {}, "Compare the answers. With attention, the "
    + "part that writes (the decoder) looks back at the words of the sentence before it writes a word. Without "
    + "attention it has only the memory at the end of the sentence, one list of numbers: for a short sentence this is "
    + "often enough, and of a long one words are often lost or mixed up. ",
  element("a", { href: "#attention" }, "Part 4 shows where attention looks.")),
  ...choices.map((mode) => element("label", { class: "mode" },
    element("input", { type: "radio", name: "mode", value: mode, "data-key": `mode-${mode}`,
      ...(mode === page.mode ? { checked: true } : {}), onchange: () => change({ mode, forced: [] }) }),
    element("span", {}, MODES[mode]), word(sentenceOf(page.results[mode])))));
}

if (typeof document !== "undefined") start();
