"""The forms of Hindi words: spelling, agreement, declension, conjugation, tenses.

Grammar after R. S. McGregor, "Outline of Hindi Grammar" (3rd edition, 1995). A form that agrees is
written here as its masculine singular (-ा) and bent by `agree`.
"""

from collections.abc import Callable

from .lexicon import Noun
from .meaning import NEUTRAL, Agreement

MATRA = dict(zip("आइईउऊएओ", "ािीुूेो", strict=True))
VOWELS = set("अआइईउऊएओऔािीुूेैोौंँ")


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
    """Return the command to तुम or आप: करो, कीजिए."""
    if with_.person == "तुम":
        return {"ले": "लो", "दे": "दो", "पी": "पियो"}.get(stem) or attach(stem, "ओ")
    polite = {"कर": "कीजिए", "ले": "लीजिए", "दे": "दीजिए", "पी": "पीजिए"}
    return polite.get(stem) or attach(stem, "इए")


def subjunctive(stem: str) -> str:
    """Return the first person plural of "let us": चलें, जाएँ, पिएँ."""
    return {"ले": "लें", "दे": "दें"}.get(stem) or attach(_shorten(stem), "एँ")


def wish(stem: str, with_: Agreement) -> str:
    """Return what may be, after चाहना and कहना कि: करे, जाएँ, हो."""
    return future(stem, with_)[:-2]  # the future is this and गा


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
    "perfect progressive": lambda s, a: f"{s} {agree('रहा', a)} {present_of_be(a)}",
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
    "denied have to": lambda s, a: f"{s}ने की ज़रूरत ¬ है",
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
    "wish": lambda s, a: wish(s, a),
    "may be able": lambda s, a: f"{s} {wish('सक', a)}",
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
