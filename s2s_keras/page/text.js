"use strict";
// Text to ids and back: `s2s_keras.text` (normalisation.py, joining.py, tokenizers.py) once more, in
// the browser's own regular expressions. What each rule is for stands there.

const PAD = 0, UNK = 1, START = 2, END = 3;

const SPACE = String.raw`\p{White_Space}`; // not \s, which has U+FEFF and lacks U+0085
const INVISIBLE = new RegExp(String.raw`(?!${SPACE}|\p{Join_C})(?:\p{Cc}|\p{Cs}|(?=\p{Cf})\p{DI})`, "gu");
const LOOSE_JOINER =
  /\p{Join_C}+(?![\p{L}\p{M}\p{Join_C}])|(?<!\p{L}[\p{M}\p{Join_C}]*)\p{Join_C}+/gu;
const LETTERS = String.raw`[\p{L}\p{M}\p{N}\p{Join_C}]+`;
const WORDS = new RegExp(
  String.raw`${LETTERS}(?:['’\-]${LETTERS}|(?<=\p{N})[.,]\p{N}+)*|(?!${SPACE}).`, "gsu");

/** The one spelling that equal sentences share. */
function normalise(text, lowercase = false) {
  const seen = (lowercase ? text.toLowerCase() : text).replace(INVISIBLE, "");
  const joined = seen.normalize("NFC").replace(LOOSE_JOINER, "").normalize("NFC");
  return joined.split(new RegExp(`${SPACE}+`, "u")).filter(Boolean).join(" ");
}

/** Words and punctuation marks, each mark a piece of its own. */
function splitWords(text) {
  return text.match(WORDS) ?? [];
}

/** A tokenizer of words from what `Tokenizer.state` wrote. */
function makeTokenizer(state) {
  const ids = new Map(state.learnt.map((piece, id) => [piece, id]));
  return {
    vocabulary: state.learnt,
    /** The pieces of a text as they were written, without what nobody sees. */
    words: (text) => splitWords(normalise(text, state.options.lowercase)),
    id: (word) => ids.get(word) ?? UNK,
    decode(tokens) {
      const end = tokens.indexOf(END);
      const written = (end < 0 ? tokens : tokens.slice(0, end)).filter((id) => id !== PAD && id !== START);
      return normalise(joinWords(written.map((id) => state.learnt[id])));
    },
  };
}

/** The ids that the encoder reads, in its order. */
function sourceIds(tokenizer, sentence, reverse) {
  const ids = tokenizer.words(sentence).map(tokenizer.id);
  return reverse ? ids.reverse() : ids;
}

// --- joining words to a sentence: which spaces between them does nobody write?

const LETTER = String.raw`[\p{L}\p{M}\p{N}\p{Join_C}]`;
const SHORT = String.raw`(?:\p{Script=Latin}|Ph|ए|बी|सी|डी|ई|एफ|एफ़|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी`
  + "|डब्ल्यू|एक्स|वाई|ज़ेड|जेड|कि|मि|से|मी|ली|ग्रा|पू)";
const PART = String.raw`[A-Za-z0-9]\S*`, SMALL = String.raw`[a-z]\S*`;
const DOMAIN = String.raw`(?:${SMALL} \. ){1,9}(?:com|edu|gov|info|net|org|in(?= \p{Script=Devanagari}))(?!\S)`;
const MAILBOX = String.raw`${PART}(?: [._] ${PART}){0,9} @ ${PART}`;
const ADDRESS = String.raw`(?:(?:https?|ftp) : \/\/ ${PART}|www \. ${PART}|${MAILBOX}|${DOMAIN})`
  + String.raw`(?: \. ${SMALL}| [\/_~#@=]+ ${LETTER}\S*| [?&] ${PART}(?= =)| : \p{Nd}+)*(?: \/)?`;
const WHOLE = new RegExp(String.raw`(?<!\S)(?=\S+ [._@:॰])(?:${SHORT}(?: \. ${SHORT})+ \.(?!\S)`
  + String.raw`|${SHORT}(?: ॰ ${SHORT}(?!\S))+|${ADDRESS})`, "gu");
const UNWRITTEN = [ // before the space, after it
  ["", String.raw`[,.?!।॥॰:;…%‰′″»›\p{Pe}]`], [String.raw`[«‹\p{Ps}]`, ""],
  [String.raw`\p{N}`, String.raw`[:–] \p{N}`], [String.raw`\p{N} [:–]`, String.raw`\p{N}`],
  ["", String.raw`[\/\\] `], [String.raw` [\/\\]`, ""],
  [LETTER, `_ ${LETTER}`], [`${LETTER} _`, LETTER],
  [String.raw`(?<!\S)[\p{Sc}~]`, String.raw`\p{N}`], [String.raw`\p{N}`, String.raw`\p{Sc}(?! \p{N})`],
  [String.raw`(?<!\S)[#@]`, LETTER],
  [String.raw`(?<!\p{N} |(?<!\S)\p{L} )(?<!\S)[+−]`, String.raw`\p{N}`],
  [String.raw`(?:^|[(\[] )-`, String.raw`\p{N}`],
  [String.raw`\p{N}`, "°"], [String.raw`\p{N} °`, String.raw`[CF](?!\S)`],
  [":", String.raw`-(?!\S)`], [String.raw`(?:^(?:["'] )?|[“‘] )(?:\.\.+|…)`, ""],
];
const UNWRITTEN_SPACES = new RegExp(
  ` (?:${UNWRITTEN.map(([before, after]) => `(?<=${before} )(?=${after})`).join("|")})`, "gu");
const REPEATED = /(?<!\S)(?!["'])([\p{Po}\p{Pd}\p{Pc}\p{S}])(?: \1(?!\S))+/gu;
const QUOTES = ["'‘’", '"“”'].map(
  (marks) => new RegExp(` ?(?<!${LETTER})([${marks}])(?!${LETTER}) ?`, "gu"));
const OPENS = { "‘": true, "“": true, "’": false, "”": false };
const ASSUMED = 2, WRONG = 6; // how odd a reading of the marks is
const CLOSED = /^(?:$|[,.?!।](?!\.))/u;
const MAY_BE_NO_QUOTE = { "'": /(?:\p{N}|\p{Script=Latin}{3}s)$/u, '"': /\p{N}$/u };

/** A sentence of words and marks, with the spaces that people write. */
function joinWords(words) {
  const withoutSpaces = (match) => match.replaceAll(" ", "");
  const whole = words.join(" ").replace(REPEATED, withoutSpaces).replace(WHOLE, withoutSpaces);
  return QUOTES.reduce(joinQuotes, whole.replace(UNWRITTEN_SPACES, ""));
}

/** Join each opening mark to what follows it, and each closing one to what precedes it. */
function joinQuotes(text, pattern) {
  const quotes = [...text.matchAll(pattern)].map((match) => {
    const before = [...text.slice(0, match.index).replace(/[ '"‘’“”]+$/u, "")];
    const after = [...text.slice(match.index + match[0].length).replace(/^[ '"‘’“”]+/u, "")];
    const near = { before: before.slice(-4).join(""), after: after.slice(0, 2).join("") };
    return { mark: match[1], lengthBefore: before.length, ...near };
  });
  if (!quotes.length) return text;
  let best = null;
  for (let way = 0; way < 8; way += 1) { // in Python's order: the first of equally odd ones counts
    const reading = readQuotes(quotes, Boolean(way & 4), Boolean(way & 2), Boolean(way & 1));
    if (!best || reading.odd < best.odd) best = reading;
  }
  let n = 0;
  return text.replace(pattern, (match) => (best.opens[n++] ? match.trimEnd() : match.trimStart()));
}

/** Read the marks in one of eight ways: how odd it is, and which of the marks open. */
function readQuotes(quotes, inside, inTurn, apostrophes) {
  let odd = ASSUMED * inside + ASSUMED * inTurn + apostrophes, enclosing = null;
  const opens = [];
  for (const { mark, lengthBefore, before, after } of quotes) {
    const straight = !(mark in OPENS);
    const mayBeNone = straight && MAY_BE_NO_QUOTE[mark].test(before);
    if (apostrophes && mayBeNone) {
      opens.push(false);
      continue;
    }
    const open = straight || inTurn ? !inside : OPENS[mark];
    opens.push(open);
    if (open) {
      odd += ASSUMED * mayBeNone + WRONG * CLOSED.test(after);
      odd += inside * (/(?:^|[,.?!।…])$/u.test(before) ? WRONG : 1);
    } else {
      odd += WRONG * (!before || (inside && lengthBefore === enclosing));
    }
    inside = open;
    enclosing = lengthBefore;
  }
  odd += ASSUMED * (inside && (inTurn || !(quotes.at(-1).mark in OPENS)));
  return { odd, opens };
}
