"""Say a meaning in Hindi: declension, conjugation, agreement, word order.

Grammar after R. S. McGregor, "Outline of Hindi Grammar" (3rd edition, 1995). A form that agrees is
written here as its masculine singular (-ा) and bent by `agree`.
"""

from collections.abc import Callable
from dataclasses import replace

from .lexicon import Noun, State
from .meaning import HE, NEUTRAL, SHE, THEY, WHAT, WHO, Adverbial, Agreement, Being, Clause, Phrase

MATRA = dict(zip("आइईउऊएओ", "ािीुूेो", strict=True))
VOWELS = set("अआइईउऊएओऔािीुूेैोौंँ")

# With ने, with को, before the other postpositions; "क" stands for its possessive का.
PRONOUNS = {
    "मैं": ("मैंने", "मुझे", "मुझ", "मेरा"),
    "हम": ("हमने", "हमें", "हम", "हमारा"),
    "तू": ("तूने", "तुझे", "तुझ", "तेरा"),
    "तुम": ("तुमने", "तुम्हें", "तुम", "तुम्हारा"),
    "आप": ("आपने", "आपको", "आप", "आपका"),
    "वह": ("उसने", "उसे", "उस", "उसका"),
    "वे": ("उन्होंने", "उन्हें", "उन", "उनका"),
    "कौन": ("किसने", "किसे", "किस", "किसका"),
}
DETERMINERS = {
    "": "", "the": "", "a": "एक", "some": "कुछ", "many": "कई", "every": "हर", "all the": "सारा",
    "a lot of": "बहुत सारा", "a little": "थोड़ा", "both": "दोनों", "another": "एक और",
    "how many": "कितना", "how much": "कितना", "whose": "किसका", "which": "कौन सा",
    "two": "दो", "three": "तीन", "four": "चार", "five": "पाँच", "six": "छह", "seven": "सात",
    "eight": "आठ", "nine": "नौ", "ten": "दस", "eleven": "ग्यारह", "twelve": "बारह",
    "fifteen": "पंद्रह", "twenty": "बीस", "a hundred": "सौ",
}  # fmt: skip
DEMONSTRATIVES = {
    "this": ("यह", "इस", "ये", "इन"),
    "that": ("वह", "उस", "वे", "उन"),
    "relative": ("जो", "जिस", "जो", "जिन"),
}
POSTPOSITIONS = {
    "ne": "ने", "ko": "को", "se": "से", "par": "पर", "mein": "में", "ke saath": "के साथ",
    "ke liye": "के लिए", "ke bare mein": "के बारे में", "ke paas": "के पास",
    "ke bina": "के बिना",
}  # fmt: skip
ASKING_DETERMINERS = ("which", "whose", "how many", "how much", "relative")
INTERROGATIVES = {"where": "कहाँ", "when": "कब", "why": "क्यों", "how": "कैसे"}


# Letters


def attach(stem: str, ending: str) -> str:
    """Join an ending that begins with a vowel: कर + एगा → करेगा, जा + एगा → जाएगा."""
    if stem[-1] in VOWELS:
        return stem + ending
    ending = MATRA.get(ending[0], ending[0]) + ending[1:]
    return stem + (ending.replace("ेँ", "ें"))


def agree(words: str, with_: Agreement, oblique: bool = False, final: bool = False) -> str:
    """Bend every word in -ा: थका हुआ → थके हुए, थकी हुई; `final` -ी in the plural is -ीं."""
    return " ".join(_bend(word, with_, oblique, final) for word in words.split())


def _bend(word: str, with_: Agreement, oblique: bool, final: bool) -> str:
    if word[-1] not in "ाआ":
        return word
    stem, independent = (word[:-2], True) if word.endswith("या") else (word[:-1], word[-1] == "आ")
    if with_.feminine:
        ending = "ई" if independent else "ी"
        return stem + ending + ("ं" if final and with_.plural else "")
    if with_.plural or oblique:
        return stem + ("ए" if independent else "े")
    return word


# Nouns and noun phrases


def decline(noun: Noun, plural: bool = False, oblique: bool = False) -> str:
    """Return a form of a noun: लड़का, लड़के, लड़कों; किताब, किताबें, किताबों."""
    word = noun.hindi
    plural = plural or noun.note == "plural"
    if noun.note in ("honorific", "name") or not (plural or oblique):
        return word
    return (_masculine if noun.gender == "m" else _feminine)(word, noun.note, plural, oblique)


def _masculine(word: str, note: str, plural: bool, oblique: bool) -> str:
    if word.endswith("ा") and note != "fixed":
        return word[:-1] + ("ों" if plural and oblique else "े")
    if not (plural and oblique) or word.endswith("ो"):  # रेडियो never changes
        return word
    return _shorten(word) + "यों" if word[-1] in "ीिई" else attach(_shorten(word), "ओं")


def _feminine(word: str, note: str, plural: bool, oblique: bool) -> str:
    if not plural:
        return word
    if word.endswith("िया"):
        return word[:-1] + ("ों" if oblique else "ाँ")
    if word[-1] in "ीई":
        return _shorten(word) + ("यों" if oblique else "याँ")
    return attach(word, "ओं" if oblique else "एँ")


def _shorten(word: str) -> str:
    """चाकू + ओं → चाकुओं: a long final vowel is short before an ending."""
    short = {"ी": "ि", "ई": "इ", "ू": "ु"}
    return word[:-1] + short.get(word[-1], word[-1])


def phrase(what: Phrase, oblique: bool = False, subject: Phrase | None = None) -> str:
    """Say a noun phrase.

    Args:
        what: The phrase.
        oblique: Whether a postposition follows.
        subject: The clause's subject: what is its own is अपना.
    """
    if what.also:
        each = [phrase(one, oblique, subject) for one in split(what)]
        return " और ".join((", ".join(each[:-1]), each[-1]))
    if what.is_pronoun:
        return PRONOUNS[what.noun.hindi][2] if oblique else what.noun.hindi
    agreement = what.agreement
    words = [
        _determiner(what, oblique, subject),
        *(agree(adjective.hindi, agreement, oblique) for adjective in what.adjectives),
        decline(what.noun, what.plural, oblique),
    ]
    return " ".join(filter(None, words))


def split(what: Phrase) -> list[Phrase]:
    """List what "and" joins."""
    return [replace(what, also=()), *what.also]


def _determiner(what: Phrase, oblique: bool, subject: Phrase | None) -> str:
    if what.owner:
        return possessive(what.owner, what.agreement, oblique, subject)
    if forms := DEMONSTRATIVES.get(what.determiner):
        return forms[2 * what.agreement.plural + oblique]
    if what.determiner == "which" and oblique:
        return "किन" if what.plural else "किस"
    return agree(DETERMINERS[what.determiner], what.agreement, oblique)


def possessive(
    owner: Phrase, head: Agreement, oblique: bool = False, subject: Phrase | None = None
) -> str:
    """Say whose: मेरा, रवि की, and अपना where the owner is the subject."""
    if subject is not None and is_reflexive(owner, subject):
        return agree("अपना", head, oblique)
    if owner.is_pronoun:
        return agree(PRONOUNS[owner.noun.hindi][3], head, oblique)
    return f"{phrase(owner, oblique=True, subject=subject)} {agree('का', head, oblique)}"


def is_reflexive(owner: Phrase, subject: Phrase) -> bool:
    """Tell whether "his" is the subject's own; the corpus takes it so wherever it can be."""
    if not owner.is_pronoun or owner.noun.english == subject.noun.english:
        return owner.is_pronoun
    if subject.is_pronoun or subject.also or subject.plural:
        return owner.noun == THEY and not subject.is_pronoun
    return owner.noun == (SHE if subject.noun.gender == "f" else HE)


def marked(what: Phrase, case: str, subject: Phrase | None = None) -> str:
    """Say a phrase with its postposition: रवि ने, मुझे, मेरे साथ."""
    if what.is_pronoun and not what.also:
        with_ne, with_ko, base, possessive_form = PRONOUNS[what.noun.hindi]
        if case.startswith("ke "):
            return f"{agree(possessive_form, NEUTRAL, oblique=True)} {POSTPOSITIONS[case][3:]}"
        joined = {"ne": with_ne, "ko": with_ko, "se": base + "से"}
        return joined.get(case) or f"{base} {POSTPOSITIONS[case]}"
    return f"{phrase(what, oblique=True, subject=subject)} {POSTPOSITIONS[case]}"


# Verbs


def stem_of(infinitive: str) -> tuple[str, str]:
    """Split "मदद करना" into what stands before the verb and the verb's stem: "मदद", "कर"."""
    before, _, verb = infinitive.rpartition(" ")
    return before, verb.removesuffix("ना")


def perfective(stem: str, with_: Agreement) -> str:
    """Return the perfective participle as a last word: किया, गए, खाई, बैठीं; सो जा → सो गया."""
    before, _, stem = stem.rpartition(" ")
    irregular = {"कर": "किया", "ले": "लिया", "दे": "दिया", "जा": "गया", "हो": "हुआ", "पी": "पिया"}
    word = irregular.get(stem) or stem + ("या" if stem[-1] in "ाोआओ" else "ा")
    if with_.feminine and word in ("किया", "लिया", "दिया", "पिया"):
        word = word[0] + "ी" + ("ं" if with_.plural else "")
    return f"{before} {agree(word, with_, final=True)}".lstrip()


def participle(stem: str, with_: Agreement) -> str:
    """Return the perfective participle before है or था, where -ी stays: खाई हैं."""
    return perfective(stem, with_).removesuffix("ं")


def future(stem: str, with_: Agreement) -> str:
    """Return the future: करूँगा, जाएगी, लेंगे."""
    ending = {"मैं": "ऊँगा", "तुम": "ओगे"}.get(with_.person, "एँगे" if with_.plural else "एगा")
    ending = ending[:-1] + ("ी" if with_.feminine else ending[-1])
    if stem == "हो" and with_.person != "मैं":
        return stem + {"ओगे": "गे", "ओगी": "गी", "एगा": "गा", "एगी": "गी"}.get(
            ending, "ं" + ending[-2:]
        )
    if stem in ("ले", "दे"):
        return attach(stem[0], ending)
    return attach(_shorten(stem), ending)


def present_of_be(with_: Agreement) -> str:
    """Return हूँ, है, हो or हैं."""
    return {"मैं": "हूँ", "तुम": "हो"}.get(with_.person, "हैं" if with_.plural else "है")


def past_of_be(with_: Agreement) -> str:
    """Return था, थे, थी or थीं."""
    return agree("था", with_, final=True)


def imperative(stem: str, with_: Agreement) -> str:
    """Return the command to तू, तुम or आप: कर, करो, कीजिए."""
    if with_.person == "तू":
        return stem
    if with_.person == "तुम":
        return {"ले": "लो", "दे": "दो", "पी": "पियो"}.get(stem) or attach(stem, "ओ")
    polite = {"कर": "कीजिए", "ले": "लीजिए", "दे": "दीजिए", "पी": "पीजिए"}
    return polite.get(stem) or attach(stem, "इए")


def subjunctive(stem: str) -> str:
    """Return the first person plural of "let us": चलें, जाएँ, पिएँ."""
    return {"ले": "लें", "दे": "दें"}.get(stem) or attach(_shorten(stem), "एँ")


def _ta(stem: str, with_: Agreement, final: bool = False) -> str:
    return agree(stem + "ता", with_, final=final)


def _na(stem: str, with_: Agreement = NEUTRAL) -> str:
    return agree(stem + "ना", with_)


# What stands for "¬" is नहीं in a negative clause; without it, नहीं comes first. The arguments are
# the verb's stem and what it agrees with. A habit that is denied needs no है (see `_verb`).
TENSES: dict[str, Callable[[str, Agreement], str]] = {
    "habitual": lambda s, a: f"{_ta(s, a)} {present_of_be(a)}",
    "denied habitual": lambda s, a: _ta(s, a, final=True),
    "progressive": lambda s, a: f"{s} {agree('रहा', a)} {present_of_be(a)}",
    "past": perfective,
    "past progressive": lambda s, a: f"{s} {agree('रहा', a)} {past_of_be(a)}",
    "past habitual": lambda s, a: f"{_ta(s, a)} {past_of_be(a)}",
    "perfect": lambda s, a: f"{s} {agree('चुका', a)} {present_of_be(a)}",
    "experience": lambda s, a: f"{participle(s, a)} {present_of_be(a)}",
    "past perfect": lambda s, a: f"{participle(s, a)} {past_of_be(a)}",
    "future": future,
    "going to": lambda s, a: f"{s}ने {agree('वाला', a)} {present_of_be(a)}",
    "can": lambda s, a: f"{s} {agree('सकता', a)} {present_of_be(a)}",
    "denied can": lambda s, a: f"{s} {agree('सकता', a, final=True)}",
    "could": lambda s, a: f"{s} ¬ {agree('पाया', a, final=True)}",
    "should": lambda s, a: f"{_na(s, a)} चाहिए",
    "have to": lambda s, a: f"{_na(s, a)} {present_of_be(a)}",
    "had to": lambda s, a: f"{_na(s, a)} {perfective('पड़', a)}",
    "will have to": lambda s, a: f"{_na(s, a)} {future('पड़', a)}",
    "want to": lambda s, a: f"{_na(s)} ¬ {agree('चाहता', a)} {present_of_be(a)}",
    "denied want to": lambda s, a: f"{_na(s)} ¬ {agree('चाहता', a, final=True)}",
    "wanted to": lambda s, a: f"{_na(s)} ¬ {agree('चाहता', a)} {past_of_be(a)}",
    "like to": lambda s, a: f"{_na(s)} पसंद ¬ है",
    "know how to": lambda s, a: f"{_na(s, a)} ¬ {agree('आता', a)} {present_of_be(a)}",
    "denied know how to": lambda s, a: f"{_na(s, a)} ¬ {agree('आता', a, final=True)}",
    "begin to": lambda s, a: f"{s}ने {agree('लगा', a, final=True)}",
    "try to": lambda s, a: f"{s}ने की कोशिश ¬ कर {agree('रहा', a)} {present_of_be(a)}",
    "would": lambda s, a: _ta(s, a, final=True),
    "imperative": imperative,
    "let us": lambda s, a: subjunctive(s),
}
# Where one rests, or what one wears, is a state: बैठा हुआ है, टोपी पहने हुए है.
AT_REST = {
    "progressive": lambda s, a: f"{participle(s, a)} {agree('हुआ', a)} {present_of_be(a)}",
    "past progressive": lambda s, a: f"{participle(s, a)} {agree('हुआ', a)} {past_of_be(a)}",
}
WORN = {
    "progressive": lambda s, a: f"{s}े हुए {present_of_be(a)}",
    "past progressive": lambda s, a: f"{s}े हुए {past_of_be(a)}",
}
OF_STATE = {"बैठना": AT_REST, "ठहरना": AT_REST, "रुकना": AT_REST, "पहनना": WORN}
WITH_NE = ("past", "experience", "past perfect")
WITH_KO = ("should", "have to", "had to", "will have to", "like to", "know how to")


def subject_case(clause: Clause) -> str:
    """Return "ne", "ko" or "" for the direct case, by the tense and the verb."""
    if clause.tense in WITH_KO:
        return "ko"
    return "ne" if clause.tense in WITH_NE and clause.verb.ne == "yes" else ""


def takes_ko(clause: Clause) -> bool:
    """Tell whether a direct object is marked with को: people, and animals that are known."""
    what = clause.object
    if what is None or clause.verb.case != "direct":
        return False
    if what.is_pronoun:
        return what.noun.hindi != "क्या"
    return what.noun.is_human or (what.noun.kind == "animal" and what.is_known)


def controller(clause: Clause) -> Agreement:
    """Return what the verb agrees with: its subject in the direct case, else a direct object."""
    if not subject_case(clause):
        return clause.subject.agreement
    if clause.tense == "like to":
        return NEUTRAL
    what = clause.object
    direct = clause.verb.case == "direct" or clause.recipient
    if what and direct and not takes_ko(clause) and not what.also:
        agreement = what.agreement
        return Agreement(plural=agreement.plural, feminine=agreement.feminine)
    return Agreement(feminine=clause.verb.gender == "f")


def clause(what: Clause) -> str:
    """Say a clause: when, who, where, to whom, how, what, where to, (not) done."""
    said = {slot: [] for slot in SLOTS}
    for adverbial in what.adverbials:
        said[adverbial.slot].append(adverbial.hindi)
    subject, object_ = [_subject(what)], [_object(what)]
    if what.subject.noun == WHO:  # who stands before the verb: किताब किसने पढ़ी
        subject = []
    if (
        _is_relative(what.object)
        and what.subject.noun.hindi in ("वह", "वे")
        and not subject_case(what)
    ):
        subject, object_ = object_ + subject, []  # जो आम वह बेचती है
    words = [
        "क्या" if what.question == "yes-no" else "",
        *said["front"],
        *subject,
        *said["middle"],
        *said["time"],
        *said["aim"],
        *said["companion"],
        *said["place"],
        marked(what.recipient, "ko", what.subject) if what.recipient else "",
        *said["manner"],
        *object_,
        *said["adverb"],
        what.goal.hindi_to if what.goal else "",
        _verb(what),
    ]
    return " ".join(filter(None, words))


SLOTS = ("front", "middle", "time", "aim", "companion", "place", "manner", "adverb")


def _is_relative(what: Phrase | None) -> bool:
    return what is not None and what.determiner == "relative"


def _subject(what: Clause) -> str:
    if what.tense in ("imperative", "let us") or "subject" in what.unsaid:
        return ""
    case = subject_case(what)
    return marked(what.subject, case) if case else phrase(what.subject)


def _object(what: Clause) -> str:
    if what.object is None or "object" in what.unsaid:
        return ""
    case = what.verb.case
    if what.recipient or (case == "direct" and not takes_ko(what)):
        return phrase(what.object, subject=what.subject)
    if case == "ka":
        compound = Agreement(feminine=what.verb.gender == "f")
        return possessive(what.object, compound, subject=what.subject)
    return marked(what.object, "ko" if case == "direct" else case, what.subject)


def _verb(what: Clause) -> str:
    before, stem = stem_of(what.verb.hindi)
    asks_who = what.subject.noun == WHO
    interrogative = _subject(what) if asks_who else INTERROGATIVES.get(what.question, "")
    # "कहाँ काम किया", but "मेरी मदद क्यों की": a noun stays with its owner.
    lead = [before, interrogative] if what.verb.case == "ka" else [interrogative, before]
    tenses = TENSES | OF_STATE.get(what.verb.hindi, {})
    said = tenses[_tense(what)](*_stem_and_agreement(what, stem))
    if "¬" not in said:
        said = "¬ " + said
    no = {"imperative": "मत ", "let us": "न "}.get(what.tense, "नहीं ") if what.negative else ""
    return " ".join(filter(None, [*lead, said.replace("¬ ", no)]))


def _tense(what: Clause) -> str:
    long_ago = any(adverbial.hindi.endswith(" पहले") for adverbial in what.adverbials)
    if what.tense == "past" and long_ago:  # दो दिन पहले खरीदा था
        return "past perfect"
    denied = f"denied {what.tense}"
    return denied if what.negative and denied in TENSES else what.tense


def _stem_and_agreement(what: Clause, stem: str) -> tuple[str, Agreement]:
    """Add the vector to a plain perfective: सो + जा → सो गया, पी + ले → पी लिया."""
    plain = what.plain or what.negative or what.question or _asks(what)
    if _tense(what) == "past" and what.verb.vector and not plain:
        return f"{stem} {stem_of(what.verb.vector)[1]}", controller(what)
    return stem, controller(what)


def _asks(what: Clause) -> bool:
    phrases = [one for one in (what.subject, what.object) if one]
    return any(one.noun in (WHO, WHAT) or one.determiner in ASKING_DETERMINERS for one in phrases)


# Being


def being(what: Being) -> str:
    """Say that somebody or something is so."""
    front = what.front.hindi if what.front else ""
    asks = "क्या" if what.question == "yes-no" else ""
    return " ".join(filter(None, [asks, front, *_being(what)]))


def _being(what: Being) -> list[str]:
    no = "नहीं" if what.negative else ""
    predicate, subject = what.predicate, what.subject.agreement
    if isinstance(predicate, State) and predicate.verb != "adjective":
        feeler = "" if "weather" in predicate.note else marked(what.subject, "ko")
        return [feeler, predicate.hindi, no, _felt(predicate, what.tense)]
    said = {
        Phrase: lambda: _predicate_noun(predicate, what.subject),
        Adverbial: lambda: predicate.hindi,
    }.get(type(predicate), lambda: _adjective(what))()
    return [phrase(what.subject), said, no, be(what.tense, subject)]


def be(tense: str, with_: Agreement) -> str:
    """Return a form of होना, "present", "past" or "future"."""
    forms = {"present": present_of_be, "past": past_of_be, "would": lambda a: _ta("हो", a, True)}
    return future("हो", with_) if tense == "future" else forms[tense](with_)


def _felt(state: State, tense: str) -> str:
    with_, stem = Agreement(feminine=state.gender == "f"), stem_of(state.verb)[1]
    if tense == "future":
        return future(stem, with_)
    if tense == "would":
        return _ta(stem, with_, final=True)
    if "perfect" in state.note:
        return f"{participle(stem, with_)} {be(tense, with_)}"
    if "progressive" in state.note:
        return f"{stem} {agree('रहा', with_)} {be(tense, with_)}"
    return be(tense, with_)


def _predicate_noun(predicate: Phrase, subject: Phrase) -> str:
    if predicate.determiner == "a" and not predicate.adjectives:
        predicate = replace(predicate, determiner="")
    return phrase(predicate, subject=None)


def _adjective(what: Being) -> str:
    degree = {"very": "बहुत", "too": "बहुत ज़्यादा", "more": "ज़्यादा", "most": "सबसे"}.get(
        what.degree, ""
    )
    than = marked(what.than, "se", what.subject) if what.than else ""
    said = agree(what.predicate.hindi, what.subject.agreement)
    return " ".join(filter(None, [than, degree, said]))
