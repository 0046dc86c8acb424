"""Also, only, maybe, nobody, both, neither, or: small words that change a statement."""

from dataclasses import replace

from .. import english, hindi
from ..draw import NUMBERS, Draw, is_animal, own
from ..meaning import EVERYBODY, NOBODY, SOMEBODY, YOU, Adverbial, Being, I, Phrase
from .being import described
from .questions import WHAT_CAN_BE, asked_about
from .reasons import after_subject
from .said import STATEMENT, Said, join, pattern, say
from .statements import any_clause

SHORT = {"habitual": 3, "progressive": 3, "past": 5, "future": 4, "can": 1, "want to": 2}


@pattern(3)
def also(draw: Draw) -> Said:
    """Ravi is reading a book, too. I did not see him either."""
    what = any_clause(draw, SHORT, adverbials=int(draw.chance(0.4)), front=False)
    while what.subject.determiner in (*NUMBERS, "some", "many"):
        what = any_clause(draw, SHORT, adverbials=int(draw.chance(0.4)), front=False)
    said = replace(say(what), hindi=after_subject(what, "भी"))
    if what.adverbials and not what.negative:  # "too" after a place would be about the place
        what = replace(what, adverbials=(Adverbial("also", "", "middle"), *what.adverbials))
        return join(*STATEMENT, replace(said, english=english.clause(what)))
    too = " either" if what.negative else draw.one((", too", " as well"))
    return join("{0}" + too + ".", "{0}।", said)


@pattern(2.5)
def only(draw: Draw) -> Said:
    """Only my brother came. Anil only drinks tea."""
    tense = draw.weighted(SHORT)
    if draw.chance(0.5):
        subject = draw.one((draw.name, draw.relative))()
        what = draw.clause(
            tense, subject=subject, adverbials=int(draw.chance(0.5)), front=False, plain=True
        )
        what = replace(what, plain=True)  # सिर्फ़ रवि ने कुर्सी ठीक की
        return join("only {0}.", "सिर्फ़ {0}।", say(what), variant=f"who {tense}")
    names = ("drink", "eat", "buy", "sell", "study")
    verbs = [verb for name in names for verb in draw.verbs_called(name)]
    verb = draw.verb(tense, [verb for verb in verbs if verb.objects not in ("", "breakfast")])
    noun = draw.one([noun for noun in draw.lexicon.chosen(verb.objects) if noun.note != "one"])
    what = draw.clause(tense, verb=verb, subject=draw.person(), adverbials=0)
    thing = Phrase(noun, noun.is_countable)
    only_ = Adverbial("only", "", "middle")
    what = replace(what, object=thing, adverbials=(only_,), plain=True)
    spoken = hindi.clause(what)
    object_ = hindi.phrase(thing)
    said = replace(say(what), hindi=spoken.replace(f" {object_} ", f" सिर्फ़ {object_} ", 1))
    return join(*STATEMENT, said, variant=f"what {tense}")


@pattern(2.5)
def maybe(draw: Draw) -> Said:
    """Maybe Ravi will come tomorrow."""
    tense = draw.weighted({"future": 5, "past": 2, "progressive": 2, "want to": 1})
    subject = draw.person()
    while subject.noun == I:
        subject = draw.person()
    negative = draw.chance(0.25)
    what = draw.clause(
        tense, subject=subject, negative=negative, adverbials=draw.weighted({0: 2, 1: 3}),
        front=False,
    )  # fmt: skip
    maybe_ = draw.one(("maybe", "perhaps"))
    return join(f"{maybe_} {{0}}.", "शायद {0}।", say(what), variant=tense)


@pattern(4)
def nobody(draw: Draw) -> Said:
    """Nobody came to school. Somebody is singing. Everybody wants to go home."""
    who = draw.weighted({NOBODY: 3, SOMEBODY: 2, EVERYBODY: 2})
    tense = draw.weighted(SHORT)
    if who == SOMEBODY and tense in ("habitual", "can", "want to"):
        tense = "past"
    what = draw.clause(
        tense, subject=Phrase(who), adverbials=int(draw.chance(0.5)), front=False, plain=True
    )
    spoken = hindi.clause(replace(what, negative=who == NOBODY))  # कोई नहीं आया
    return join(*STATEMENT, replace(say(what), hindi=spoken), variant=f"{who.english} {tense}")


@pattern(2)
def both(draw: Draw) -> Said:
    """Both Ravi and Sita came. Neither Ravi nor Sita came."""
    first, second = draw.rng.sample([*draw.lexicon.names], 2)
    two = Phrase(first, also=(Phrase(second),))
    tense = draw.weighted(SHORT)
    if draw.chance(0.6):
        what = draw.clause(tense, subject=two, adverbials=int(draw.chance(0.5)), front=False)
        text = english.clause(what).replace(first.english, f"both {first.english}", 1)
        names = hindi.phrase(two, oblique=True)
        spoken = hindi.clause(what).replace(names, f"{names} दोनों", 1)
        return join(*STATEMENT, replace(say(what), english=text, hindi=spoken), variant=tense)
    what = draw.clause(tense, subject=Phrase(first), adverbials=0)
    while what.object and (what.object.owner or what.object.is_pronoun):
        what = draw.clause(tense, subject=Phrase(first), adverbials=0)
    text = english.clause(what).replace(
        first.english, f"neither {first.english} nor {second.english}", 1
    )
    case = hindi.subject_case(what)
    last = hindi.marked(Phrase(second), case) if case else second.hindi
    return join(
        *STATEMENT,
        replace(say(what), english=text, hindi=f"न {hindi.clause(what)}, न {last}"),
        variant=f"neither {tense}",
    )


@pattern(2)
def tea_or_coffee(draw: Draw) -> Said:
    """Will you drink tea or coffee?"""
    tense = draw.weighted({"future": 4, "past": 2, "want to": 3, "habitual": 1})
    open_ = [v for v in draw.lexicon.verbs if v.english in WHAT_CAN_BE and v.objects != "breakfast"]
    verb = draw.verb(tense, open_)
    kinds: dict[str, list] = {}
    for noun in draw.lexicon.chosen(verb.objects):
        if noun.english == "food":  # bread is food
            continue
        kinds.setdefault(noun.kind, []).append(noun)
    nouns = draw.one([same for same in kinds.values() if len(same) > 1])
    first, second = draw.rng.sample(nouns, 2)
    subject = Phrase(YOU) if draw.chance(0.6) else asked_about(draw, verb, tense)
    while is_animal(subject):
        subject = asked_about(draw, verb, tense)
    what = draw.clause(
        tense, subject=subject, verb=verb, question="yes-no", adverbials=0, plain=True
    )
    what = replace(what, object=Phrase(first, first.is_countable and verb.english != "wear"))
    other = Phrase(second, second.is_countable and verb.english != "wear")
    if verb.english == "wear":
        what = replace(what, object=Phrase(first, determiner="a"))
        other = Phrase(second, determiner="a")
    spoken = hindi.clause(replace(what, question="", plain=True))
    last = hindi.phrase(replace(other, determiner=""))
    pairings = {f"{verb.english} {noun.english}" for noun in (first, second)}
    said = replace(say(what), hindi=f"{spoken} या {last}", pairings=frozenset(pairings))
    return join("{0} or " + english.phrase(other) + "?", "{0}?", said, variant=tense)


@pattern(1.5)
def tag(draw: Draw) -> Said:
    """Your brother is at home, isn't he? The tea is hot, isn't it?"""
    subject, predicate = described(draw)
    tense = draw.weighted({"present": 4, "past": 1})
    negative = draw.chance(0.25)
    what = Being(subject, predicate, tense, negative, contracted=True)
    person = english.person_of(subject)
    auxiliary = english.form_of_be(tense, person)[0]
    animate = subject.is_pronoun or subject.noun.is_human
    pronoun = own(subject).english if animate else "they" if subject.plural else "it"
    asked = auxiliary if negative else english.contract(auxiliary)
    if person == 0:
        asked = "am" if negative else "aren't"
    return Said(f"{english.being(what)}, {asked} {pronoun}?", f"{hindi.being(what)}, है न?", tense)
