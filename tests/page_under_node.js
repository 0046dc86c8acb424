// Runs what a page has inside it, under Node and so without a document: `node FILE PAGE < JSON`.
// Reads a list of [name of a question below, its arguments], and writes the list of answers.
"use strict";
const fs = require("fs");
const vm = require("vm");

const html = fs.readFileSync(process.argv[2], "utf8");
const inside = (pattern) => [...html.matchAll(pattern)].map((match) => match[1]);
const [script] = inside(/<script>(.*?)<\/script>/gs);
vm.runInThisContext(script, "page");
const data = JSON.parse(inside(/<script type="application\/json" id="data">(.*?)<\/script>/gs)[0]);
const run = (name) => vm.runInThisContext(name);

async function main() {
  const packed = inside(/<script type="text\/plain" class="weights">(.*?)<\/script>/gs);
  const questions = JSON.parse(fs.readFileSync(0, "utf8"));
  const asked = questions.some(([name]) => !["normalise", "words", "join"].includes(name)) ? packed : [];
  const networks = await Promise.all(asked.map(async (text, n) =>
    run("makeNetwork")(data.networks[n], await run("unpackWeights")(text))));
  const [source, target] = [data.source, data.target].map(run("makeTokenizer"));
  const ids = (sentence, { reverse }) => run("sourceIds")(source, sentence, reverse);
  const answers = {
    normalise: (texts, lowercase) => texts.map((text) => run("normalise")(text, lowercase)),
    words: (texts) => texts.map(run("splitWords")),
    join: (rows) => rows.map((row) => run("joinWords")(row)),
    greedy: (sentences, n) => sentences.map((sentence) =>
      run("greedy")(networks[n], ids(sentence, networks[n])).steps.map(({ token }) => token)),
    translate: (sentences, n) =>
      answers.greedy(sentences, n).map((tokens) => target.decode(tokens)),
    ids: (sentences, n) => sentences.map((sentence) => ids(sentence, networks[n])),
    hidden: (sentence, n) =>
      run("greedy")(networks[n], ids(sentence, networks[n]), [], false).steps.map(({ token }) => token),
    bestText: (sentences, width, n) =>
      answers.best(sentences, width, n).map((tokens) => target.decode(tokens)),
    forced: (sentence, tokens, n) =>
      run("greedy")(networks[n], ids(sentence, networks[n]), tokens).steps.map(
        ({ token, attention }) => [token, attention && [...attention]]),
    best: (sentences, width, n) => sentences.map((sentence) =>
      run("beamSearch")(networks[n], ids(sentence, networks[n]), width, 1).hypotheses.map(
        ({ tokens }) => tokens)[0]),
    tree: (sentence, width, n) => {
      const { hypotheses, tree } = run("beamSearch")(networks[n], ids(sentence, networks[n]), width);
      return { hypotheses: hypotheses.map(({ tokens, log }) => [tokens, log]), tree };
    },
    /** The logits of every step while the decoder reads given tokens. */
    logits: (sourceTokens, targetTokens, n) => {
      const encoded = run("encode")(networks[n], sourceTokens), rows = [];
      let { states } = encoded;
      for (const token of targetTokens) {
        const [step] = run("decoderStep")(networks[n], [token], [states], encoded.memory);
        rows.push([...step.logits]);
        ({ states } = step);
      }
      return rows;
    },
  };
  console.log(JSON.stringify(questions.map(([name, ...given]) => answers[name](...given))));
}
main();
