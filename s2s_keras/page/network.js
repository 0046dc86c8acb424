"use strict";
// The encoder–decoder of `s2s_keras.models`, and the two searches of `s2s_keras.decoding`, in plain
// JavaScript: no library, no page. The numbers are those of Keras, up to rounding.
//
// Weights are Float32Arrays, vectors Float64Arrays; a state is an array of vectors (LSTM: h and c;
// others: h). Equations are those of Luong et al. 2015 (arXiv 1508.04025), Bahdanau et al. 2015
// (1409.0473), Cho et al. 2014 (1406.1078) and Sutskever et al. 2014 (1409.3215).

const NEVER_CHOSEN = [PAD, UNK, START];

// --- weights

/** Read the weights of a page: base64 of a deflated block, first all low bytes, then all high ones. */
async function unpackWeights(text) {
  const characters = atob(text), packed = new Uint8Array(characters.length);
  for (let n = 0; n < packed.length; n += 1) packed[n] = characters.charCodeAt(n);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const high = bytes.subarray(bytes.length / 2);
  const table = Float32Array.from({ length: 1 << 16 }, (_, bits) => float16(bits));
  const values = new Float32Array(high.length);
  for (let n = 0; n < values.length; n += 1) values[n] = table[bytes[n] | (high[n] << 8)];
  return values;
}

/** The number that 16 bits stand for (IEEE 754 binary16). */
function float16(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return bits & 0x8000 ? -size : size;
}

/** Put the weights in their places: each a matrix {columns, values} of (inputs, outputs), row by row. */
function makeNetwork(about, values) {
  const weights = {};
  for (const [name, { shape, offset }] of Object.entries(about.weights)) {
    const size = shape.reduce((a, b) => a * b);
    weights[name] = { columns: shape.at(-1), values: values.subarray(offset / 2, offset / 2 + size) };
  }
  return { config: about.config, reverse: about.reverse_source, weights };
}

// --- arithmetic

/** x·W for each of several vectors x: four inputs at a time, so that a sum is fetched less often. */
function multiply(matrix, vectors) {
  const results = vectors.map(() => new Float64Array(matrix.columns));
  const inputs = vectors.length ? vectors[0].length : 0;
  for (let n = 0; n < inputs; n += 4)
    for (let v = 0; v < vectors.length; v += 1) addFour(results[v], matrix, vectors[v], n);
  return results;
}

function addFour(y, { columns, values: w }, x, n) {
  const a = n * columns, b = a + columns, c = b + columns, d = c + columns;
  if (n + 3 < x.length) {
    const p = x[n], q = x[n + 1], r = x[n + 2], s = x[n + 3];
    for (let k = 0; k < columns; k += 1)
      y[k] += p * w[a + k] + q * w[b + k] + r * w[c + k] + s * w[d + k];
  } else {
    for (let m = n; m < x.length; m += 1)
      for (let k = 0; k < columns; k += 1) y[k] += x[m] * w[m * columns + k];
  }
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const embedded = ({ columns, values }, id) =>
  Float64Array.from(values.subarray(id * columns, (id + 1) * columns));

function concatenate(...vectors) {
  const joined = new Float64Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const vector of vectors) {
    joined.set(vector, from);
    from += vector.length;
  }
  return joined;
}

const dot = (a, b) => a.reduce((sum, value, n) => sum + value * b[n], 0);

function softmax(scores) {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// --- one timestep of a recurrent layer

/** New states of a layer that reads one vector in each of several sentences. */
function recurrentStep({ config, weights }, name, inputs, states) {
  const fromInput = multiply(weights[`${name}/kernel`], inputs);
  const fromState = multiply(weights[`${name}/recurrent_kernel`], states.map(([h]) => h));
  const bias = weights[`${name}/bias`];
  return inputs.map((_, n) => CELLS[config.cell](fromInput[n], fromState[n], bias, states[n]));
}

const CELLS = {
  /** Input, forget, cell and output gate, in Keras's order: c ← f·c + i·g, h ← o·tanh(c). */
  lstm(x, r, { values: b }, [h, c]) {
    const units = h.length, newH = new Float64Array(units), newC = new Float64Array(units);
    const gate = (k, n) => x[k * units + n] + r[k * units + n] + b[k * units + n];
    for (let n = 0; n < units; n += 1) {
      newC[n] = sigmoid(gate(1, n)) * c[n] + sigmoid(gate(0, n)) * Math.tanh(gate(2, n));
      newH[n] = sigmoid(gate(3, n)) * Math.tanh(newC[n]);
    }
    return [newH, newC];
  },
  /** Cho et al. 2014, equations 5 to 8; as in Keras, r multiplies U·h and its bias. */
  gru(x, r, { columns, values: b }, [h]) {
    const units = h.length;
    const one = (k, n) => x[k * units + n] + b[k * units + n];
    const other = (k, n) => r[k * units + n] + b[columns + k * units + n];
    return [h.map((old, n) => {
      const update = sigmoid(one(0, n) + other(0, n)), reset = sigmoid(one(1, n) + other(1, n));
      return update * old + (1 - update) * Math.tanh(one(2, n) + reset * other(2, n));
    })];
  },
  rnn(x, r, { values: b }, [h]) {
    return [h.map((_, n) => Math.tanh(x[n] + r[n] + b[n]))];
  },
};

// --- the encoder

/** Read source ids.
 *
 * @returns {states, trace, memory}: what each layer of the decoder begins with; the top layer's
 *   states after every token, in the order of reading; and what stays the same at every timestep.
 */
function encode(network, ids) {
  const { config, weights } = network;
  const ways = config.bidirectional ? ["forward/", "backward/"] : [""];
  let inputs = ids.map((id) => embedded(weights["source_embedding/embeddings"], id));
  let trace = [];
  const states = [];
  for (let layer = 1; layer <= config.layers; layer += 1) {
    const runs = ways.map((way) => readThrough(network, `encoder_${layer}/${way}`, inputs, way));
    const beside = (several) => several[0].map((_, k) => concatenate(...several.map((s) => s[k])));
    states.push(beside(runs.map(({ last }) => last)));
    trace = ids.map((_, t) => beside(runs.map(({ all }) => all[t])));
    inputs = trace.map(([h]) => h);
  }
  const memory = { outputs: inputs, keys: inputs, context: states.at(-1)[0] };
  if (config.attention === "additive") memory.keys = multiply(weights["attention_key/kernel"], inputs);
  return { states, trace, memory };
}

function readThrough(network, path, inputs, way) {
  const name = path.slice(0, -1), backward = way === "backward/", all = [];
  const kernel = network.weights[`${name}/recurrent_kernel`];
  const units = kernel.values.length / kernel.columns;
  let last = Array.from({ length: network.config.cell === "lstm" ? 2 : 1 }, () => new Float64Array(units));
  for (let n = 0; n < inputs.length; n += 1) {
    const t = backward ? inputs.length - 1 - n : n;
    [last] = recurrentStep(network, name, [inputs[t]], [last]);
    all[t] = last;
  }
  return { all, last };
}

// --- the decoder

/** One timestep of the decoder, for several hypotheses about one sentence.
 *
 * @param tokens the last token of each.
 * @param states of each, one state a layer.
 * @param attends false leaves the context out of Luong's equation 5: it is zero.
 * @returns for each {logits, states, attention, context}; attention is null in a model without.
 */
function decoderStep(network, tokens, states, memory, attends = true) {
  const { config, weights } = network;
  let inputs = tokens.map((token) => embedded(weights["target_embedding/embeddings"], token));
  if (config.context === "every_step") inputs = inputs.map((x) => concatenate(x, memory.context));
  const newStates = tokens.map(() => []);
  for (let layer = 0; layer < config.layers; layer += 1) {
    const read = recurrentStep(network, `decoder_${layer + 1}`, inputs, states.map((s) => s[layer]));
    read.forEach((state, n) => newStates[n].push(state));
    inputs = read.map(([h]) => h);
  }
  let looks = tokens.map(() => ({ attention: null, context: null }));
  if (config.attention !== "none") {
    looks = inputs.map((h) => look(network, h, memory, attends));
    const joined = inputs.map((h, n) => concatenate(looks[n].context, h));
    // Luong's equation 5: tanh(W·[context; hidden state])
    inputs = multiply(weights["attention_output/kernel"], joined).map((x) => x.map(Math.tanh));
  }
  const bias = weights["logits/bias"].values;
  return multiply(weights["logits/kernel"], inputs).map((sums, n) =>
    ({ logits: sums.map((sum, k) => sum + bias[k]), states: newStates[n], ...looks[n] }));
}

/** What one hidden state looks at: the weights of the source's tokens, and their mean by these. */
function look({ config, weights }, h, { outputs, keys }, attends) {
  let score = (key) => dot(h, key); // Luong's equation 8, "dot"
  if (config.attention === "additive") { // Bahdanau, section A.1.2: v·tanh(W·state + U·output)
    const [query] = multiply(weights["attention_query/kernel"], [h]);
    const v = weights["attention_score/kernel"].values;
    score = (key) => dot(v, key.map((value, n) => Math.tanh(value + query[n])));
  }
  const attention = softmax(Float64Array.from(keys, score)); // Luong's equation 7, Bahdanau's 6
  const context = new Float64Array(h.length); // Bahdanau's equation 5
  if (attends)
    outputs.forEach((output, t) => output.forEach((value, n) => { context[n] += attention[t] * value; }));
  return { attention: attends ? attention : null, context };
}

/** The natural logarithms of all tokens' probabilities; −∞ for those that are never chosen. */
function logProbabilities(logits) {
  const allowed = logits.slice();
  for (const id of NEVER_CHOSEN) allowed[id] = -Infinity;
  const most = allowed.reduce((a, b) => Math.max(a, b), -Infinity);
  const log = most + Math.log(allowed.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return allowed.map((value) => value - log);
}

/** The ids of the `number` largest values, the largest first; of equal ones the first. */
function likeliest(values, number) {
  const best = [];
  values.forEach((value, id) => {
    if (value === -Infinity || (best.length === number && value <= values[best.at(-1)])) return;
    let place = best.length;
    while (place && values[best[place - 1]] < value) place -= 1;
    best.splice(place, 0, id);
    if (best.length > number) best.pop();
  });
  return best;
}

/** How many steps a decoder may take for a source of so many tokens. */
const longestTarget = (sourceLength) => 2 * sourceLength + 10;

/** Translate token by token, always by the likeliest (Sutskever et al. 2014, equation 1).
 *
 * @param forced tokens to begin with, whatever the network would choose.
 * @returns the encoder's part, and a step for every token:
 *   {token, logs, states, attention, context}, `logs` of `logProbabilities`.
 */
function greedy(network, ids, forced = [], attends = true) {
  const encoded = encode(network, ids), steps = [], most = longestTarget(ids.length);
  let token = START, { states } = encoded;
  while (ids.length && token !== END && steps.length < most) {
    const [step] = decoderStep(network, [token], [states], encoded.memory, attends);
    const logs = logProbabilities(step.logits);
    token = forced[steps.length] ?? likeliest(logs, 1)[0];
    if (steps.length === most - 1) token = END;
    ({ states } = step);
    steps.push({ token, logs, states, attention: step.attention, context: step.context });
  }
  return { encoded, steps };
}

/** Look for the likeliest translations (Sutskever et al. 2014, section 3.2), without length penalty.
 *
 * @returns {hypotheses, tree}: up to `nBest` of {tokens, log, node}, the best first; and of every
 *   step the 2 · width likeliest candidates, {step, parent, token, log, fate}, `parent` a number in
 *   the tree or −1, `fate` "kept", "ended" or "pruned".
 */
function beamSearch(network, ids, width, nBest = width, attends = true) {
  const { states, memory } = encode(network, ids), most = longestTarget(ids.length), tree = [];
  let beam = [{ tokens: [], log: 0, node: -1, states }], ended = [];
  const best = (several) => several.sort((a, b) => b.log - a.log).slice(0, nBest);
  for (let step = 0; ids.length && beam.length && step < most; step += 1) {
    const read = decoderStep(network, beam.map(({ tokens }) => tokens.at(-1) ?? START),
      beam.map((hypothesis) => hypothesis.states), memory, attends);
    const grown = candidates(beam, read, 2 * width, step === most - 1).map((candidate, rank) => {
      const { parent, token, log } = candidate, { tokens, node } = beam[parent];
      const fate = rank >= width ? "pruned" : token === END ? "ended" : "kept";
      tree.push({ step, parent: node, token, log, fate });
      return { tokens: [...tokens, token], log, node: tree.length - 1, states: read[parent].states, fate };
    });
    beam = grown.filter(({ fate }) => fate === "kept");
    ended = best([...ended, ...grown.filter(({ fate }) => fate === "ended")]);
    // No more can be hoped for: every further token makes a hypothesis less likely.
    if (ended.length === nBest && beam.every(({ log }) => log <= ended.at(-1).log)) break;
  }
  return { hypotheses: best([...ended, ...beam]), tree };
}

function candidates(beam, read, number, onlyEnd) {
  const all = read.flatMap(({ logits }, parent) => {
    const logs = logProbabilities(logits);
    const tokens = onlyEnd ? [END] : likeliest(logs, number);
    return tokens.map((token) => ({ parent, token, log: beam[parent].log + logs[token] }));
  });
  return all.sort((a, b) => b.log - a.log).slice(0, number); // the order of equal ones stays
}
