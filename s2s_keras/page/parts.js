"use strict";
// The five parts below the answer, each drawn anew from what `page.js` holds in `page`.

function part(id, title, explanation, ...children) {
  return element("section", { id }, element("h2", {}, title), element("p", {}, explanation), ...children);
}

/** Buttons in a row of which the arrow keys choose one; `data-key` keeps the focus. */
function row(kind, label, count, selected, choose, make, others = () => false) {
  const onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? count - 1 : by && selected + by;
    if (to === undefined || others(event) || to < 0 || to >= count) return;
    event.preventDefault();
    choose(to);
    focusOn(`${kind}-${to}`);
  };
  return element("div", { class: "chips", role: "group", "aria-label": label, onkeydown },
    ...Array.from({ length: count }, (_, n) => make(n, {
      type: "button", "data-key": `${kind}-${n}`, "aria-pressed": String(n === selected),
      tabindex: n === selected ? 0 : -1, onclick: () => choose(n),
    })));
}

// --- 1: words

function showWords() {
  const { words, picked } = page;
  const moveTo = (to, from = page.picked) => {
    if (to < 0 || to >= words.length || to === from) return;
    const order = [...words];
    order.splice(to, 0, ...order.splice(from, 1));
    change({ words: order, picked: to, forced: [] });
  };
  const moves = (event) => {
    const by = event.shiftKey && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return false;
    event.preventDefault();
    moveTo(page.picked + by);
    focusOn(`source-${page.picked}`);
    return true;
  };
  const pick = (n) => { page.picked = n; show(); };
  const chips = row("source", "Words of the sentence", words.length, picked, pick,
    (n, attributes) => {
      const unknown = page.source.id(words[n]) === UNK;
      return element("button", { ...attributes, class: unknown ? "unknown" : "", draggable: "true",
        ondragstart: (event) => event.dataTransfer.setData("text/plain", String(n)),
        ondragover: (event) => event.preventDefault(),
        ondragenter: (event) => event.currentTarget.classList.add("drop"),
        ondragleave: (event) => event.currentTarget.classList.remove("drop"),
        ondrop: (event) => {
          event.preventDefault();
          const from = event.dataTransfer.getData("text/plain");
          if (/^\d+$/.test(from) && from < words.length) moveTo(n, Number(from));
        },
      }, word(words[n]), element("small", {}, unknown ? "unknown" : String(page.source.id(words[n]))));
    }, moves);
  const tool = (key, text, disabled, onclick) =>
    element("button", { type: "button", "data-key": key, disabled, onclick }, text);
  return part("words", "1. Words become numbers",
    "The network knows each word only by a number, its place in a list. A word that is not in the list is "
    + "“unknown”, and its meaning is lost. Drag a word to another place, or use the buttons (Shift and an arrow "
    + "key do the same), and see what the order means to the network.",
    chips, element("div", { class: "tools", role: "group", "aria-label": "Order of the words" },
      element("span", {}, "“", word(words[picked]), "”:"),
      tool("left", "← move left", picked === 0, () => moveTo(picked - 1)),
      tool("right", "move right →", picked === words.length - 1, () => moveTo(picked + 1)),
      tool("again", "order as typed", words.join(" ") === page.typed,
        () => change({ words: page.typed.split(" "), forced: [] }))),
    element("p", {}, "The translation of the words in this order: ", word(sentenceOf(page.result))));
}

// --- 2: the encoder

function showEncoder() {
  const { encoded } = page.result, network = networkOf(page.mode), { reverse, config } = network;
  const words = reverse ? [...page.words].reverse() : page.words;
  const picked = reverse ? words.length - 1 - page.picked : page.picked;
  const last = encoded.states.at(-1);
  return part("encoder", "2. The encoder reads",
    `Word by word the encoder changes its memory: ${config.units} numbers h, which other parts may read`
    + `${config.cell === "lstm" ? `, and ${config.units} numbers c, by which it remembers for longer` : ""}. One column `
    + "belongs to one word; orange is above zero, blue below, pale near zero. " + (config.bidirectional
      ? "There are two readers: the upper half of each strip (→) has read from the left to this word, the lower "
        + "half (←) from the right back to this word."
      : "A column is the memory after this word.") + (reverse ? " This network gets the last word first." : ""),
    stripColumns(words, encoded.trace, picked, "The encoder's memory after each word", config.bidirectional),
    stripTable("The encoder's strips as a table", words, encoded.trace, config.bidirectional),
    element("p", {}, "At the end this is handed over to the decoder. Without attention it is all that the "
      + "decoder ever learns of the sentence, however long that is: the bottleneck."),
    element("div", { class: "over", "aria-hidden": "true" }, ...last.flatMap((vector, k) =>
      [element("b", {}, "hc"[k]), strip(vector, largest([vector]), true)])));
}

// --- 3: the decoder

function showDecoder() {
  const { steps } = page.result, step = steps[page.step], names = written();
  const force = (token) => {
    const before = steps.slice(0, page.step).map((one) => one.token);
    change({ forced: [...before, token] });
  };
  const words = row("step", "Words of the translation", steps.length, page.step, choose, (n, attributes) =>
    element("button", { ...attributes, class: page.forced[n] !== undefined && isForced(n) ? "forced" : "" },
      word(names[n]), element("small", {}, glossOf(steps[n].token)),
      element("small", {}, percent(Math.exp(steps[n].logs[steps[n].token])))));
  const best = likeliest(step.logs, 5);
  const bars = element("ol", { class: "bars" }, ...best.map((token, n) => {
    const share = Math.exp(step.logs[token]), bar = element("i", { "aria-hidden": "true" });
    bar.style.width = `${100 * share}%`;
    return element("li", {}, element("button", {
      type: "button", "data-key": `likely-${n}`, "aria-pressed": String(token === step.token),
      onclick: () => force(token),
    }, word(nameOf(token)), element("small", {}, glossOf(token)), element("span", {}, percent(share))), bar);
  }));
  return part("decoder", "3. The decoder writes",
    "The decoder writes one word at a time. It reads what it has just written, changes its own memory, and gives "
    + "every word of its list a probability. Choose a word of the translation (arrow keys work) to see the five "
    + "likeliest at that place. Press another of the five to make the decoder write it, and see how the rest follows. "
    + "With “(end)” the decoder says that the translation is complete.",
    words, element("h3", {}, `Word ${page.step + 1}: the five likeliest`), bars,
    element("div", { class: "tools" }, element("button", { type: "button", "data-key": "free",
      disabled: !page.forced.some((_, n) => isForced(n)), onclick: () => change({ forced: [] }) },
    "let the network choose every word")),
    stripColumns(names, steps.map(({ states }) => states.at(-1)), page.step, "The decoder's memory after each word"),
    stripTable("The decoder's strips as a table", names, steps.map(({ states }) => states.at(-1))));
}

const isForced = (n) => n < page.forced.length && likeliest(page.result.steps[n].logs, 1)[0] !== page.forced[n];

// --- 4: attention

function showAttention() {
  const title = "4. Attention: where the decoder looks";
  const { steps } = page.result, names = written();
  if (page.mode !== "attention") {
    return part("attention", title, page.mode === "hidden"
      ? "Attention is hidden: where the weighted mean of the encoder's memories should stand, the decoder sees "
        + "zeros. It was trained to rely on them, and here it has to do without."
      : "This network has no attention. All that its decoder knows of the sentence went through the strips at "
        + "the end of part 2: short sentences survive that, long ones lose words or get others.");
  }
  const weights = steps.map(({ attention }) => inOrder(attention));
  const now = weights[page.step];
  const looked = likeliest(Float64Array.from(now), 3).filter((n) => now[n] > 0.02);
  const context = steps[page.step].context;
  return part("attention", title,
    "Before it writes a word, the decoder compares its own h with the h of every word of the sentence (part 2), and "
    + "takes a mean of these in which the fitting ones weigh more. The thicker a line, the larger the weight. Choose a "
    + "word in the lower row to see its lines. Where lines cross, the two languages put their words in another order.",
    element("p", { class: "told" }, "For “", word(names[page.step]), "” it looked at ",
      ...looked.flatMap((n, k) => [k ? ", " : "", word(page.words[n]), ` (${whichOf(page.words, n)}${percent(now[n])})`]),
      "."),
    attentionLines(page.words, names, weights, page.step, choose),
    element("p", {}, "The weighted mean for this word is called the context. It joins the decoder's own h, and from "
      + "both the next word is chosen:"),
    element("div", { class: "over", "aria-hidden": "true" },
      element("b", {}, " "), strip(context, largest([context]), true)),
    table("The weights as a table", ["written", ...page.words],
      weights.map((row, n) => [names[n], ...row.map(percent)])));
}

/** Which word of a sentence is meant, where it stands there more than once. */
const whichOf = (words, n) => (words.indexOf(words[n]) === words.lastIndexOf(words[n]) ? "" : `word ${n + 1}, `);

// --- 5: beam search

function showBeam() {
  const network = networkOf(page.mode), { mode, width } = page;
  page.search ??= beamSearch(network, idsFor(network), width, width, mode === "attention");
  const { hypotheses, tree } = page.search;
  const names = tree.map(({ token }) => nameOf(token)), best = new Set();
  for (let n = hypotheses[0].node; n >= 0; n = tree[n].parent) best.add(n);
  const control = element("select", { id: "width", "data-key": "width",
    onchange: (event) => {
      Object.assign(page, { width: Number(event.target.value), search: null });
      show();
    } },
  ...[1, 2, 3, 4, 5, 6].map((n) => element("option", { value: n, selected: n === width }, String(n))));
  const found = element("ol", { class: "found" }, ...hypotheses.map(({ tokens, log }) => element("li", {},
    word(page.target.decode(tokens) || "(nothing)"), ` probability ${percent(Math.exp(log))}`)));
  return part("beam", "5. Beam search: several translations at once",
    "Part 3 always takes the likeliest next word, and cannot take it back. A beam keeps several beginnings, lets "
    + "each grow by every word, and keeps the likeliest of all. Boxes are kept, dashed ones were pruned, round ones "
    + "are complete; the thick path is the winner.",
    element("p", { class: "tools" }, element("label", { for: "width" }, "Beginnings kept at a time:"), control),
    beamTree(tree, names, best, width), element("h3", {}, "What it found"),
    found, element("p", {}, comparison(hypotheses[0])),
    table("The tree as a table (log-probability: the logarithm of the probability of all words up to this one)",
      ["word", "follows", "place", "log-probability", "fate"], tree.map((node, n) => [names[n],
        node.parent < 0 ? "start" : names[node.parent], String(node.step + 1), node.log.toFixed(2), node.fate])));
}

/** What the beam found, beside the translation that part 3 wrote word by word. */
function comparison(winner) {
  const { steps } = page.result, total = steps.reduce((sum, { logs, token }) => sum + logs[token], 0);
  if (page.forced.some((_, n) => isForced(n)))
    return "Here the network chooses every word, also where you chose one in part 3.";
  const same = sentenceOf({ steps: winner.tokens.map((token) => ({ token })) }) === sentenceOf(page.result);
  return same ? "The first one is the translation of part 3, too: here the beam changes nothing."
    : `Part 3 found another translation, whose probability is ${percent(Math.exp(total))}.`;
}
