"""Say a meaning in English (British spelling): agreement, do-support, inversion, contraction."""

from dataclasses import replace

from .lexicon import State, Verb
from .meaning import WHAT, WHO, Adjective, Adverbial, Being, Clause, I, Phrase

# The auxiliary ("do" and "did" show only where something asks for them), what stands between it
# and the verb, and the verb's form.
TENSES = {
    "habitual": ("do", "", "english"),
    "progressive": ("be", "", "progressive"),
    "past": ("did", "", "english"),
    "perfect progressive": ("have", "been", "progressive"),
    "past progressive": ("was", "", "progressive"),
    "past habitual": ("did", "use to", "english"),
    "perfect": ("have", "already", "participle"),
    "experience": ("have", "", "participle"),
    "past perfect": ("had", "", "participle"),
    "future": ("will", "", "english"),
    "going to": ("be", "going to", "english"),
    "can": ("can", "", "english"),
    "could": ("could", "", "english"),
    "should": ("should", "", "english"),
    "have to": ("do", "have to", "english"),
    "had to": ("did", "have to", "english"),
    "will have to": ("will", "have to", "english"),
    "want to": ("do", "want to", "english"),
    "wanted to": ("did", "want to", "english"),
    "like to": ("do", "like to", "english"),
    "know how to": ("do", "know how to", "english"),
    "begin to": ("did", "begin to", "english"),
    "try to": ("be", "trying to", "english"),
    "would": ("would", "", "english"),
    "wish": ("", "", "english"),
    "may be able": ("can", "", "english"),
}
# Third person singular and past of what can come first in a clause without "do".
LEADS = {
    "have to": ("has to", "had to"),
    "want to": ("wants to", "wanted to"),
    "like to": ("likes to", "liked to"),
    "know how to": ("knows how to", "knew how to"),
    "use to": ("uses to", "used to"),
    "begin to": ("begins to", "began to"),
}
# First person, third person singular, all others.
AUXILIARIES = {
    "be": ("am", "is", "are"),
    "was": ("was", "was", "were"),
    "have": ("have", "has", "have"),
    "do": ("do", "does", "do"),
}
ASKING_DETERMINERS = ("which", "whose", "how many")
VOWEL_SOUND = ("a", "e", "i", "o", "u", "honest")


def phrase(what: Phrase, object: bool = False) -> str:
    """Say a noun phrase; `object` chooses "him" for "he"."""
    if what.also:
        each = [phrase(one, object) for one in (replace(what, also=()), *what.also)]
        return " and ".join((", ".join(each[:-1]), each[-1]))
    if what.is_pronoun:
        return what.noun.object if object else what.noun.english
    words = [adjective.english for adjective in what.adjectives]
    words.append(what.noun.plural if what.plural else what.noun.english)
    if what.owner:
        return " ".join([possessive(what.owner), *words])
    determiner = what.determiner
    if determiner == "a" and " ".join(words).startswith(VOWEL_SOUND):
        determiner = "an"
    if determiner in ("this", "that") and what.plural:
        determiner = {"this": "these", "that": "those"}[determiner]
    return " ".join(filter(None, [determiner, *words]))


def possessive(owner: Phrase) -> str:
    """Say whose: "my", "Ravi's", "the boys'"."""
    if owner.is_pronoun:
        return owner.noun.possessive
    said = phrase(owner)
    return said + ("'" if owner.plural and said.endswith("s") else "'s")


def clause(what: Clause) -> str:
    """Say a clause: who does (not do) what, how, with whom, where, when."""
    said = {slot: [] for slot in SLOTS}
    for adverbial in what.adverbials:
        said[adverbial.slot].append(adverbial.english)
    front = [word + "," for word in said["front"]]
    asked = _asked(what)
    inverted = bool(what.question) or asked == "object"
    first = {"yes-no": ""}.get(what.question, what.question)
    if asked == "object":
        first = phrase(what.object, object=True)
    words = [
        *front,
        first,
        *_verb(what, said["middle"], inverted),
        *_objects(what, asked),
        what.goal.to if what.goal else "",
        *said["manner"],
        *said["adverb"],
        *said["companion"],
        *said["aim"],
        *said["place"],
        *said["time"],
    ]
    return " ".join(filter(None, words))


SLOTS = ("front", "middle", "manner", "adverb", "companion", "aim", "place", "time")


def _asked(what: Clause) -> str:
    """Return which part of a clause asks "who", "what", "which", ...: "subject", "object", ""."""
    for part in ("subject", "object"):
        one = getattr(what, part)
        if one and (one.noun in (WHO, WHAT) or one.determiner in ASKING_DETERMINERS):
            return part
    return ""


def _verb(what: Clause, middle: list[str], inverted: bool) -> list[str]:
    """Return the subject and the verb: "you do not want to go", inverted "do you want to go"."""
    no = ["not"] if what.negative else []
    if what.tense == "imperative":
        return [*(["don't"] if what.negative else []), what.verb.english]
    if what.tense == "let us":
        return ["let's", *no, what.verb.english]
    auxiliary, lead, form = TENSES[what.tense]
    verb = getattr(what.verb, form)
    if lead == "already" and what.negative:
        lead = ""
    subject, person = phrase(what.subject), person_of(what.subject)
    if auxiliary in ("do", "did") and not (what.negative or inverted):
        return [subject, *middle, *_finite(what.verb, lead, auxiliary, person)]
    auxiliary = AUXILIARIES.get(auxiliary, (auxiliary,) * 3)[person]
    if inverted:
        head = contract(auxiliary) if no else auxiliary
        return [head, subject, *middle, lead, verb]
    if no and what.contracted:
        return [subject, contract(auxiliary), *middle, lead, verb]
    head = "cannot" if no and auxiliary == "can" else " ".join([auxiliary, *no])
    return [subject, head, *middle, lead, verb]


def _finite(verb: Verb, lead: str, auxiliary: str, person: int) -> list[str]:
    if lead:
        forms = LEADS[lead]
        return [forms[1] if auxiliary == "did" else forms[0] if person == 1 else lead, verb.english]
    if auxiliary == "did":
        return [verb.past]
    return [third(verb.english) if person == 1 else verb.english]


def _objects(what: Clause, asked: str) -> list[str]:
    said = phrase(what.object, object=True) if what.object and asked != "object" else ""
    if not what.recipient:
        return [said]
    recipient = phrase(what.recipient, object=True)
    if what.recipient.is_pronoun or what.recipient.noun.note == "name":
        return [recipient, said]
    return [said, "to", recipient]


def person_of(subject: Phrase) -> int:
    """Return 0 for "I", 1 for the third person singular, 2 for all others."""
    if subject.noun == I and not subject.also:
        return 0
    if subject.also or subject.plural:
        return 2
    return 1 if not subject.is_pronoun or subject.noun.english in SINGULAR else 2


SINGULAR = (
    "he", "she", "it", "who", "what", "this", "that", "nobody", "somebody", "everybody",
)  # fmt: skip


def third(verb: str) -> str:
    """Return the third person singular: goes, tries, has, waits for."""
    head, space, rest = verb.partition(" ")
    if head == "have":
        head = "has"
    elif head.endswith(("s", "sh", "ch", "x", "o")):
        head += "es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return head + space + rest


def contract(auxiliary: str) -> str:
    """Return "don't", "won't", ...; "am not" stays."""
    return {"will": "won't", "can": "can't", "am": "am not"}.get(auxiliary, auxiliary + "n't")


def being(what: Being) -> str:
    """Say that somebody or something is so."""
    front = [what.front.english + ","] if what.front else []
    predicate = what.predicate
    if isinstance(predicate, State) and predicate.english.startswith("have "):
        return " ".join([*front, *_having(what, predicate.english.removeprefix("have "))])
    weather = isinstance(predicate, State) and "weather" in predicate.note
    subject, person = ("it", 1) if weather else (phrase(what.subject), person_of(what.subject))
    auxiliary, rest = form_of_be(what.tense, person)
    said = _predicate(what)
    if what.question == "yes-no":
        head = contract(auxiliary) if what.negative else auxiliary
        return " ".join(filter(None, [*front, head, subject, *rest, said]))
    if what.negative:
        auxiliary = contract(auxiliary) if what.contracted else f"{auxiliary} not"
    return " ".join(filter(None, [*front, subject, auxiliary, *rest, said]))


def form_of_be(tense: str, person: int) -> tuple[str, list[str]]:
    """Return the auxiliary, "is", "was", "will", and what follows it, "be" in the future."""
    if tense == "future":
        return "will", ["be"]
    return AUXILIARIES["be" if tense == "present" else "was"][person], []


def _having(what: Being, thing: str) -> list[str]:
    """Say "has a fever" as a clause whose verb is "have"."""
    have = Verb(f"have {thing}", f"had {thing}", *[""] * 10)
    verb = Clause(
        what.subject,
        have,
        {"present": "habitual"}.get(what.tense, what.tense),
        negative=what.negative,
        contracted=what.contracted,
    )
    return [word for word in _verb(verb, [], what.question == "yes-no") if word]


def _predicate(what: Being) -> str:
    predicate = what.predicate
    if isinstance(predicate, Phrase):
        return phrase(predicate)
    if isinstance(predicate, Adverbial):
        return predicate.english
    if isinstance(predicate, Adjective):
        return _degree(what, predicate)
    return f"{what.degree} {predicate.english.removeprefix('be ')}".strip()


def _degree(what: Being, adjective: Adjective) -> str:
    if what.degree == "more":
        than = f" than {phrase(what.than, object=True)}" if what.than else ""
        return adjective.comparative + than
    return f"{what.degree} {adjective.english}".strip()
