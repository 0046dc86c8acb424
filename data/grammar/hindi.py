"""Say a meaning in Hindi: cases, agreement, tenses, word order."""

from dataclasses import replace
from functools import partial

from .forms import (
    OF_STATE,
    TENSES,
    agree,
    decline,
    future,
    participle,
    past_of_be,
    perfective,
    present_of_be,
    stem_of,
)
from .lexicon import State
from .meaning import HE, NEUTRAL, SHE, THEY, WHAT, WHO, Adverbial, Agreement, Being, Clause, Phrase

# With ने, with को, before the other postpositions, and the possessive.
PRONOUNS = {
    "मैं": ("मैंने", "मुझे", "मुझ", "मेरा"),
    "हम": ("हमने", "हमें", "हम", "हमारा"),
    "तुम": ("तुमने", "तुम्हें", "तुम", "तुम्हारा"),
    "आप": ("आपने", "आपको", "आप", "आपका"),
    "वह": ("उसने", "उसे", "उस", "उसका"),
    "वे": ("उन्होंने", "उन्हें", "उन", "उनका"),
    "कौन": ("किसने", "किसे", "किस", "किसका"),
    "कोई": ("किसी ने", "किसी को", "किसी", "किसी का"),
    "सब लोग": ("सब लोगों ने", "सब लोगों को", "सब लोगों", "सब लोगों का"),
}
DETERMINERS = {
    "": "", "the": "", "a": "एक", "any": "कोई", "some": "कुछ", "many": "कई", "all the": "सारा",
    "how many": "कितना", "whose": "किसका", "which": "कौन सा",
    "two": "दो", "three": "तीन", "four": "चार", "five": "पाँच", "six": "छह", "seven": "सात",
    "eight": "आठ", "nine": "नौ", "ten": "दस", "eleven": "ग्यारह", "twelve": "बारह",
    "fifteen": "पंद्रह", "twenty": "बीस",
}  # fmt: skip
DEMONSTRATIVES = {
    "this": ("यह", "इस", "ये", "इन"),
    "that": ("वह", "उस", "वे", "उन"),
    "relative": ("जो", "जिस", "जो", "जिन"),
}
POSTPOSITIONS = {
    "ne": "ने", "ko": "को", "se": "से", "par": "पर", "mein": "में", "ke saath": "के साथ",
    "ke bare mein": "के बारे में", "ke paas": "के पास",
}  # fmt: skip
ASKING_DETERMINERS = ("which", "whose", "how many", "relative")
INTERROGATIVES = {"where": "कहाँ", "when": "कब", "why": "क्यों", "how": "कैसे"}


# Nouns and noun phrases


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
        apart = " " if what.noun.hindi in ("कोई", "सब लोग") else ""
        joined = {"ne": with_ne, "ko": with_ko, "se": f"{base}{apart}से"}
        return joined.get(case) or f"{base} {POSTPOSITIONS[case]}"
    return f"{phrase(what, oblique=True, subject=subject)} {POSTPOSITIONS[case]}"


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
    says_that = clause.subject.is_pronoun and clause.subject.noun.hindi in ("वह", "वे")
    if what.determiner == "that" and says_that:
        return not (subject_case(clause) or clause.recipient)  # वह उस किताब को, not वह वह किताब
    alive = what.noun.kind == "animal" and clause.verb.english not in ("eat", "cook")
    return what.noun.is_human or (alive and what.is_known)


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
        return phrase(_any(what), subject=what.subject)
    if case == "ka":
        compound = Agreement(feminine=what.verb.gender == "f")
        return possessive(what.object, compound, subject=what.subject)
    return marked(what.object, "ko" if case == "direct" else case, what.subject)


def _any(what: Clause) -> Phrase:
    """Leave एक out before what one wears, eats, reads: which one it is does not matter."""
    common = what.verb.english in ANY_WILL_DO and not what.object.adjectives
    if what.object.determiner == "a" and common:
        return replace(what.object, determiner="")
    return what.object


ANY_WILL_DO = (
    "wear", "ride", "eat", "drink", "read", "write", "watch", "make", "cook", "draw", "sew", "sing",
    "play", "learn", "plant", "fly", "borrow", "drive", "row", "throw", "cut", "wash", "clean",
    "repair", "look for", "tell", "use",
)  # fmt: skip


def _verb(what: Clause) -> str:
    before, stem = stem_of(what.verb.hindi)
    asks_who = what.subject.noun == WHO
    interrogative = _subject(what) if asks_who else INTERROGATIVES.get(what.question, "")
    # "कहाँ काम किया", but "काम क्यों किया" and "मेरी मदद कहाँ की".
    together = what.question == "why" or what.verb.case == "ka"
    lead = [before, interrogative] if together else [interrogative, before]
    tenses = TENSES | OF_STATE.get(what.verb.hindi, {})
    said = tenses[_tense(what)](*_stem_and_agreement(what, stem))
    if what.tense == "could" and (what.object or what.goal or before):
        said = said.replace("¬ ", "")  # काम नहीं कर पाया, but सो नहीं पाया
    if "¬" not in said:
        said = "¬ " + said
    elif what.question == "why":  # कूदना क्यों नहीं चाहती
        lead, said = [before], said.replace("¬ ", f"{interrogative} ¬ ")
    no = NO.get(what.tense, "नहीं ") if what.negative else ""
    return " ".join(filter(None, [*lead, said.replace("¬ ", no)]))


NO = {"imperative": "मत ", "let us": "न ", "wish": "न "}


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
    if is_felt(predicate):
        feeler = "" if "weather" in predicate.note else marked(what.subject, "ko")
        return [feeler, predicate.hindi, no, _felt(predicate, what.tense)]
    said = {
        Phrase: lambda: _predicate_noun(predicate),
        Adverbial: lambda: predicate.hindi,
    }.get(type(predicate), lambda: _adjective(what))()
    lasts = isinstance(predicate, State | Adverbial) and what.tense == "future"
    verb = future("रह", subject) if lasts else be(what.tense, subject)
    return [phrase(what.subject), said, no, verb]


def be(tense: str, with_: Agreement) -> str:
    """Return a form of होना, "present", "past" or "future"."""
    forms = {"present": present_of_be, "past": past_of_be, "future": partial(future, "हो")}
    return forms[tense](with_)


def is_felt(predicate: object) -> bool:
    """Tell whether it comes to somebody: उसे भूख लगी है; or is about nobody, as the weather."""
    return isinstance(predicate, State) and predicate.verb != "adjective"


def fallen(weather: State) -> str:
    """Say a weather that may come, after अगर: बारिश हुई, धूप हुई."""
    with_ = Agreement(feminine=weather.gender == "f")
    return f"{weather.hindi} {perfective(stem_of(weather.verb)[1], with_)}"


def _felt(state: State, tense: str) -> str:
    with_, stem = Agreement(feminine=state.gender == "f"), stem_of(state.verb)[1]
    if tense == "future":
        comes_over_one = stem == "हो" and "weather" not in state.note  # बुखार हो जाएगा
        return f"{stem} {future('जा', with_)}" if comes_over_one else future(stem, with_)
    if "perfect" in state.note:
        return f"{participle(stem, with_)} {be(tense, with_)}"
    if "progressive" in state.note:
        return f"{stem} {agree('रहा', with_)} {be(tense, with_)}"
    return be(tense, with_)


def _predicate_noun(predicate: Phrase) -> str:
    if predicate.determiner == "a" and not predicate.adjectives:
        predicate = replace(predicate, determiner="")
    return phrase(predicate)


def _adjective(what: Being) -> str:
    degree = {"very": "बहुत", "more": "ज़्यादा"}.get(what.degree, "")
    than = marked(what.than, "se", what.subject) if what.than else ""
    said = agree(what.predicate.hindi, what.subject.agreement)
    return " ".join(filter(None, [than, degree, said]))
