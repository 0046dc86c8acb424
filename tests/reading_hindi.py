"""Reads Hindi with the lexicon's words alone, to judge whether it agrees.

Nothing here asks the grammar that wrote the course corpus. What is not understood is not judged.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Set
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[1] / "data"


def table(path: str) -> list[dict[str, str]]:
    head, *rows = [
        line.split("\t") for line in (DATA / path).read_text(encoding="utf-8").splitlines()
    ]
    return [dict(zip(head, row, strict=True)) for row in rows]


VERBS = table("lexicon/verbs.tsv") + table("lexicon/ditransitives.tsv")
NOUNS = table("lexicon/nouns.tsv")
NAMES = {row["hindi"]: row["gender"] for row in table("lexicon/names.tsv")}
# More nouns that a possessive can stand before, and those inside a compound verb: मदद करना.
OTHER_NOUNS = {"नाम": "m", "घर": "m", "ज़रूरत": "f", "कोशिश": "f"}
OTHER_NOUNS |= {row["hindi"].split()[0]: row["gender"] for row in VERBS if row["gender"]}


class Form(NamedTuple):
    """What a form of a noun can be: its gender "m" or "f", its number 1 or 2, and its case."""

    gender: str
    number: int
    oblique: bool


def forms_of(noun: dict[str, str]) -> Iterator[tuple[str, Form]]:
    """Declines by the last letter; the respected are plural in their singular form."""
    word, gender = noun["hindi"], noun["gender"]
    short = re.sub("[ीई]$", lambda i: {"ी": "ि", "ई": "इ"}[i[0]], word)
    vowel = {"ी": "य", "ई": "य"}.get(word[-1], "")
    if gender == "m" and word.endswith("ा") and noun["note"] not in ("fixed", "honorific"):
        endings = [word, word[:-1] + "े", word[:-1] + "े", word[:-1] + "ों"]
    elif word.endswith("ो"):  # रेडियो
        endings = [word] * 4
    elif gender == "m":
        endings = [word, word, word, short + "यों" if vowel else joined(word, "ओं")]
    elif word.endswith("िया"):
        endings = [word, word, word[:-1] + "ाँ", word[:-1] + "ों"]
    elif vowel:
        endings = [word, word, short + "याँ", short + "यों"]
    else:
        endings = [word, word, joined(word, "एँ"), joined(word, "ओं")]
    for spelt, (number, oblique) in zip(endings, product((1, 2), (False, True)), strict=True):
        if noun["note"] == "honorific":
            yield spelt, Form(gender, 2, oblique)
        elif noun["note"] != "plural" or number == 2:
            yield spelt, Form(gender, number, oblique)


def joined(word: str, ending: str) -> str:
    if word[-1] in "ाोौूएओआई":
        return word.removesuffix("ू") + "ु" * word.endswith("ू") + ending
    return word + {"एँ": "ें", "ओं": "ों"}[ending]


FORMS: dict[str, set[Form]] = defaultdict(set)
for noun in NOUNS:
    for spelt, form in forms_of(noun):
        FORMS[spelt.replace(" ", "_")].add(form)
for spelt, gender in (OTHER_NOUNS | NAMES).items():
    FORMS[spelt] |= {Form(gender, 1, oblique) for oblique in (False, True)}
HONORIFIC = {n["hindi"].replace(" ", "_") for n in NOUNS if n["note"] == "honorific"}

BENDING = {"मेरा", "हमारा", "तेरा", "तुम्हारा", "आपका", "उसका", "उनका", "किसका", "अपना"}
OWNERS = frozenset(BENDING)
BENDING |= {"का", "कौन_सा", "कितना", "सारा", "हुआ"}
FIXED = {"बहुत", "सबसे", "कुछ", "कई", "हर", "दोनों"}
for row in table("lexicon/adjectives.tsv"):
    for word in row["hindi"].split():
        (BENDING if word.endswith(("ा", "आ")) else FIXED).add(word)
NUMERALS = {
    "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस", "ग्यारह", "बारह", "पंद्रह", "बीस",
    "सौ",
}  # fmt: skip
POINTING = {"यह": (1, False), "इस": (1, True), "ये": (2, False), "इन": (2, True)}
POINTING |= {"उस": (1, True), "उन": (2, True), "किस": (1, True), "किन": (2, True)}
POINTING |= {"जिस": (1, True), "जिन": (2, True)}
POSTPOSITIONS = {"ने", "को", "से", "में", "पर", "का", "के", "की", "जितना", "जितने", "जितनी"}
# Words that follow के or मेरे and are no noun.
AFTER_KE = {"साथ", "लिए", "बाद", "पास", "पीछे", "सामने", "बारे", "किनारे", "बिना"}


def bent(word: str, known: Set[str] = BENDING) -> set[tuple[str, int, bool]] | None:
    """What a word in -ा, -े, -ी can stand before; None where it is not known to bend."""
    for end, base in (("ा", "ा"), ("े", "ा"), ("ी", "ा"), ("या", "या"), ("ए", "या"), ("ई", "या"),
                      ("आ", "आ"), ("ए", "आ"), ("ई", "आ")):  # fmt: skip
        if word.endswith(end) and word.removesuffix(end) + base in known:
            if end in "ीई":
                return set(product("f", (1, 2), (False, True)))
            if end in "ेए":
                return {("m", 1, True), ("m", 2, False), ("m", 2, True)}
            return {("m", 1, False)}
    return None


def split(sentence: str) -> list[str]:
    """Words and marks; a noun, a time of several words is one."""
    sentence = re.sub("कौन (?=स[ाेी] )", "कौन_", sentence)
    for several in sorted((n for n in [*FORMS, "आम_तौर_पर"] if "_" in n), key=len, reverse=True):
        sentence = sentence.replace(several.replace("_", " "), several)
    return re.findall(r"[^ ,।?!]+|[,।?!]", sentence)


class Found(NamedTuple):
    """A noun phrase: where it begins and ends, what it can be, how many words bend before it."""

    start: int
    end: int
    forms: set[Form]
    bending: int

    def is_direct(self, tokens: list[str]) -> bool:
        return not is_oblique(tokens, self.end)


def is_oblique(tokens: list[str], end: int) -> bool:
    """Whether a postposition follows; but की after मदद is "did"."""
    following, *after = [*tokens[end : end + 2], "।"]
    is_a_verb = following == "की" and after[0] in {*AUXILIARIES, *LINKS, *",।?"}
    return following in POSTPOSITIONS and not is_a_verb


def phrase_at(tokens: list[str], start: int) -> Found | None:
    """Reads modifiers and their noun; its forms are empty where they do not agree."""
    allowed, bending, place = None, 0, start
    while place < len(tokens):
        word, rest = tokens[place], tokens[place + 1 : place + 2]
        fits = bent(word)
        if word in FORMS and (fits is None or not rest or rest[0] not in FORMS):
            break
        if fits is not None:
            if rest and rest[0] in AFTER_KE:
                return None
            bending += 1
        elif word in POINTING and not (rest and bent(rest[0], OWNERS)):
            number, oblique = POINTING[word]
            fits = set(product("mf", [number], [oblique]))
        elif word in NUMERALS:
            fits = set(product("mf", [2], (False, True)))
        elif word == "एक":
            fits = set(product("mf", [1], (False, True)))
        elif word not in FIXED | {"जो"}:
            return None
        if fits is not None:
            allowed = fits if allowed is None else allowed & fits
        place += 1
    else:
        return None
    oblique = is_oblique(tokens, place + 1)
    in_address = tokens[place + 1 : place + 2] in (["।"], [","], ["!"], ["?"])
    one_of_them = "एक" in tokens[start:place] and tokens[place] in HONORIFIC
    forms = {
        form
        for form in FORMS[tokens[place]] | ({Form("m", 1, False)} if one_of_them else set())
        if (form.oblique == oblique or in_address) and (allowed is None or form in allowed)
    }
    return Found(start, place + 1, forms, bending)


def phrases(tokens: list[str]) -> Iterator[Found]:
    """Goes through the noun phrases; "रवि की किताब" is two, रवि and की किताब."""
    place = 0
    while place < len(tokens):
        found = phrase_at(tokens, place)
        if found:
            yield found
        place = found.end if found else place + 1


# Verbs

AUXILIARIES = {
    "हूँ": ("मैं", "mf", (1,)), "है": ("", "mf", (1,)), "हैं": ("", "mf", (2,)),
    "था": ("मैं ", "m", (1,)), "थे": ("", "m", (2,)), "थी": ("मैं ", "f", (1,)),
    "थीं": ("", "f", (2,)),
}  # fmt: skip
FUTURES = {"ूँ": ("मैं", 1), "ऊँ": ("मैं", 1), "े": ("", 1), "ए": ("", 1), "ें": ("", 2)}
FUTURES |= {"एँ": ("", 2), "हो": ("", 1), "हों": ("", 2)}
IRREGULAR = {"कर": "किया", "ले": "लिया", "दे": "दिया", "जा": "गया", "पी": "पिया", "हो": "हुआ"}
STEMS = {row["hindi"].split()[-1].removesuffix("ना") for row in VERBS}
STEMS |= {"जा", "ले", "दे", "हो", "कह", "बता"}
PERFECTIVES = {IRREGULAR.get(s) or s + ("या" if s[-1] in "ाोए" else "ा") for s in STEMS}
PARTICIPLES = PERFECTIVES | {stem + "ता" for stem in STEMS}
PARTICIPLES |= {"रहा", "चुका", "सकता", "चाहता", "पाया", "लगा", "वाला"}
ENDINGS = {"ा": ("ा", "m", 1), "े": ("ा", "m", 2), "ी": ("ा", "f", 1), "ीं": ("ा", "f", 2)}
ENDINGS |= {"या": ("या", "m", 1), "ए": ("या", "m", 2), "ई": ("या", "f", 1), "ईं": ("या", "f", 2)}
ENDINGS |= {"ुआ": ("ुआ", "m", 1), "ुए": ("ुआ", "m", 2), "ुई": ("ुआ", "f", 1)}


def participle(word: str, known: Set[str]) -> tuple[str, int] | None:
    """The gender and number that a participle shows: पढ़ता, गए, कीं."""
    for end, (base, gender, number) in ENDINGS.items():
        if word.endswith(end) and word.removesuffix(end) + base in known:
            return gender, number
    feminine = re.fullmatch("([कलदप])ी(ं?)", word)  # की, ली, दी, पी
    return ("f", 1 + bool(feminine[2])) if feminine and "किया" in known else None


def verb_at_end(tokens: list[str]) -> set[tuple[str, str, int]] | None:
    """What the subject of the last verb can be: person, gender, number; None if not understood."""
    *before, last = tokens
    future = re.fullmatch("(.*?)(हों?|ूँ|ऊँ|ें?|एँ?)ग([ाेी])", last)
    if last in AUXILIARIES:
        persons, genders, numbers = AUXILIARIES[last]
        allowed = set(product(persons.split(" "), genders, numbers))
        while before and before[-1] == "नहीं":
            before.pop()
        worn = before[-2:] == ["पहने", "हुए"]
        for word in () if worn else before[:-3:-1]:
            if seen := participle(word, PARTICIPLES | BENT_ALONE):
                allowed = {a for a in allowed if a[1] == seen[0] and (seen in (("f", 1), a[1:]))}
            if word not in ("हुआ", "हुए", "हुई"):  # बैठी हुई है
                break
        return allowed
    if future and last not in PARTICIPLES:
        person, number = FUTURES[future[2]]
        fits = {"ा": ("m", 1), "े": ("m", 2)}.get(future[3], ("f", number))
        return {(person, *fits)} if fits[1] == number else set()
    if seen := participle(last, PARTICIPLES):
        return {("", *seen), ("मैं", *seen)}
    return None


BENT_ALONE = {word for word in BENDING - OWNERS if word[-1] in "ाआ"} - {"का", "कौन_सा"} | {"थका"}
LINKS = {
    "और", "लेकिन", "क्योंकि", "इसलिए", "कि", "तो", "जब", "तब", "अगर", "हालाँकि", "जो", "जिस",
    "जिन",
}  # fmt: skip
WITH_NE = {"ने", "मैंने", "हमने", "तूने", "तुमने", "आपने", "उसने", "उन्होंने", "किसने"}
ASKING_WHO = {"कौन", "किसने", "किसे"}
TIMES = sorted((split(row["hindi"]) for row in table("lexicon/times.tsv")), key=len, reverse=True)


def subject_of(tokens: list[str], english: str) -> tuple[set[tuple[str, str, int]], int] | None:
    """Reads the subject that begins a clause: person, gender and number, and where it ends."""
    first = tokens[0]
    pronoun = re.search("(?i)\\b(he|she|they)\\b", english)
    if first in ("मैं", "हम", "आप"):  # who speaks as a man, by convention
        return {("मैं", "m", 1) if first == "मैं" else ("", "m", 2)}, 1
    if first in ("वह", "वे") and pronoun:
        number = {"वह": 1, "वे": 2}[first]
        return {("", "f" if pronoun[0].lower() == "she" else "m", number)}, 1
    number = {"यह": 1, "वह": 1, "ये": 2, "वे": 2}.get(first)
    names = re.match(f"({ONE_NAME}(?:, {ONE_NAME})* और {ONE_NAME}) ", " ".join(tokens))
    if names and not is_oblique(tokens, len(names[1].replace(",", " ,").split())):
        several = re.findall(ONE_NAME, names[1])
        gender = "f" if {NAMES[name] for name in several} == {"f"} else "m"
        return {("", gender, 2)}, len(names[1].replace(",", " ,").split())
    found = phrase_at(tokens, int(number is not None))
    while found and not found.is_direct(tokens):
        found = phrase_at(tokens, found.end) if tokens[found.end] in ("का", "के", "की") else None
    if not found:
        return None
    forms = {("", form.gender, form.number) for form in found.forms}
    return {form for form in forms if number in (None, form[2])}, found.end


ONE_NAME = f"(?:{'|'.join(NAMES)})"


def subject_and_verb(english: str, hindi: str) -> tuple[set, set] | None:
    """What the subject of a sentence of one clause is, and what its verb agrees with."""
    tokens = split(re.sub("^(क्या|.*?ने (के बाद|से पहले)) ", "", hindi))
    for time in TIMES:
        if tokens[: len(time)] == time:
            tokens = tokens[len(time) :]
    mark = tokens.pop() if tokens else ""
    subject = subject_of(tokens, english) if tokens and mark in "।?" else None
    if subject is None or {",", *LINKS, *WITH_NE, *ASKING_WHO} & set(tokens[subject[1] :]):
        return None
    verb = verb_at_end(tokens[subject[1] :]) if tokens[subject[1] :] else None
    return verb if verb is None else (subject[0], verb)


WITH_KO = {"मुझे", "हमें", "तुझे", "तुम्हें", "आपको", "उसे", "उन्हें", "किसे"}


def objects_and_verbs(hindi: str) -> Iterator[tuple[set, set]]:
    """What each verb after ने agrees with, and what it shows: pairs of gender and number."""
    tokens, clause = split(hindi), []
    for token in tokens:
        if token in LINKS - {"जो"} or token in ",।?!":
            if (read := object_and_verb(clause)) is not None:
                yield read
            clause = []
        else:
            clause.append(token)


def object_and_verb(clause: list[str]) -> tuple[set, set] | None:
    subjects = [place for place, token in enumerate(clause) if token in WITH_NE]
    verb = verb_at_end(clause) if subjects else None
    if verb is None or clause[-1] in AUXILIARIES and not participle(clause[-2], PERFECTIVES):
        return None
    between = clause[subjects[-1] + 1 : -1 - (clause[-1] in AUXILIARIES)]
    first = [place for place, token in enumerate(between) if re.search(".(कर|करके)$", token)]
    cut = first[-1] + 1 if first else 0
    shown = {(gender, number) for _, gender, number in verb}
    asked = clause[: subjects[-1]] if clause[subjects[-1]] == "किसने" else []  # किताब किसने पढ़ी
    for part in (between[cut:], between[:cut], asked):  # किताब खरीदकर पढ़ी
        direct = [found for found in phrases(part) if found.is_direct(part)]
        people = any(after == "को" and word in FORMS for word, after in pairwise(part))
        if direct:
            return {(form.gender, form.number) for form in direct[-1].forms}, shown
        if people or {*WITH_KO, "क्या"} & {*part}:
            return {("m", 1)}, shown
    return None


RELATIVES = {"जो", "जिस", "जिन"}
TAKEN_UP = {"वह": 1, "वे": 2}


def relative_clauses(hindi: str) -> Iterator[tuple[set, set]]:
    """What the verbs and the वह or वे of a relative sentence agree with, and what they show.

    जो लड़की गा रही है, वह ...: the verb of the relative clause where its noun is the subject; whether
    it is वह or वे; and the last verb, or adjective and verb. As pairs of gender and number.
    """
    tokens = split(hindi)
    if "," not in tokens or not RELATIVES & {*tokens}:
        return
    comma = tokens.index(",")
    start = next((n for n, token in enumerate(tokens[:comma]) if token in RELATIVES), None)
    head = None if start is None else phrase_at(tokens, start)
    if head is None or len(tokens) < comma + 3 or tokens[comma + 1] not in TAKEN_UP:
        return
    wanted = {(form.gender, form.number) for form in head.forms}
    is_subject = start == 0 and tokens[0] == "जो" and tokens[head.end] not in TAKEN_UP
    if is_subject and (verb := verb_at_end(tokens[head.end : comma])):
        yield wanted, {(gender, number) for _, gender, number in verb}
    yield wanted, set(product("mf", [TAKEN_UP[tokens[comma + 1]]]))
    main = tokens[comma + 2 : -1]
    if {",", *LINKS} & {*main} or not (verb := verb_at_end(main)):
        return
    yield wanted, {(gender, number) for _, gender, number in verb}


def numbers_pointed_at(english: str, hindi: str) -> Iterator[tuple[int, set[int]]]:
    """For each यह, वह, ये or वे before a noun: its number, and those that the noun can have.

    Where English has "he", "she" or "they", वह and वे may be these.
    """
    pointers = {"यह": 1, "ये": 2}
    if not re.search(r"(?i)\b(he|she|they)\b", english):
        pointers |= {"वह": 1, "वे": 2}
    tokens = split(hindi)
    for place, token in enumerate(tokens):
        takes_up = token in TAKEN_UP and tokens[max(0, place - 1)] in ("कि", ",")
        number = None if takes_up else pointers.get(token)
        found = phrase_at(tokens, place + 1) if number else None
        if found and found.start + 1 == found.end and found.is_direct(tokens):
            yield number, {form.number for form in found.forms}
