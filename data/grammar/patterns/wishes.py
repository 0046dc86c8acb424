"""What is wished, allowed, let, done by others, done so that; and for how long, for how much."""

from dataclasses import replace

from .. import english, forms, hindi
from ..draw import Draw
from ..lexicon import Verb
from ..meaning import YOU, Adverbial, Agreement, Clause, I, Phrase
from .clauses import other_than
from .reasons import bare, doing, shadow_of, steps
from .said import STATEMENT, Said, join, pattern, say

WILLED = ("go", "come", "return", "rest", "sleep", "study", "work", "sit", "sing", "dance", "eat",
          "drink", "cook", "make", "buy", "read", "write", "watch", "learn", "wash", "clean",
          "open", "close", "repair", "cut", "bring", "choose", "draw", "help", "wait for",
          "talk to", "phone", "play", "take", "look after")  # fmt: skip


def willed(draw: Draw, subject: Phrase) -> Clause:
    """Draw what somebody wants, lets or tells another to do."""
    verb = draw.one([draw.one(draw.verbs_called(name)) for name in WILLED])
    count = int(draw.chance(0.3))
    return draw.clause("wish", subject=subject, verb=verb, adverbials=count, front=False)


def base(what: Clause) -> str:
    """Say a clause without its subject, its verb in the base form: "read the book"."""
    return english.clause(replace(what, tense="imperative", negative=False))


PLEASE = {True: ("please ", "कृपया "), False: ("", "")}


@pattern(2.5)
def let(draw: Draw) -> Said:
    """Let Ravi read the book. Please let me sleep."""
    somebody = draw.weighted({draw.name: 3, draw.relative: 2, draw.people: 2, draw.pronoun: 4})()
    while somebody.noun == YOU or somebody.determiner in ("some", "many"):
        somebody = draw.pronoun()
    what = willed(draw, somebody)
    polite = draw.chance(0.5)
    negative = draw.chance(0.2)
    please, spoken_please = PLEASE[polite]
    no, spoken_no = ("don't ", " मत") if negative else ("", "")
    give = forms.imperative("दे", Agreement("वह" if polite else "तुम", True))
    to_whom = hindi.marked(somebody, "ko", Phrase(YOU))  # "your son" is अपने बेटे को
    return replace(
        say(what),
        english=f"{please}{no}let {english.phrase(somebody, object=True)} {base(what)}.",
        hindi=f"{spoken_please}{to_whom} {bare(what, 'ने')}{spoken_no} {give}।",
        variant="not" if negative else "",
    )


@pattern(2.5)
def want_somebody_to(draw: Draw) -> Said:
    """I want Ravi to come home. My mother wanted me to study."""
    who = draw.person()
    other = other_than(draw, who)
    while other.determiner in ("some", "many"):
        other = other_than(draw, who)
    what = willed(draw, other)
    tense = draw.weighted({"habitual": 4, "past habitual": 2})
    wanted = {"habitual": forms.present_of_be, "past habitual": forms.past_of_be}[tense]
    negative = draw.chance(0.2)
    wish = Clause(who, WANT, {"past habitual": "past"}.get(tense, tense), negative=negative,
                  contracted=draw.chance(0.5))  # fmt: skip
    a = who.agreement
    chah = forms.agree("चाहता", a, final=negative and tense == "habitual")
    be = "" if negative and tense == "habitual" else " " + wanted(a)
    no = "नहीं " if negative else ""
    return replace(
        say(what),
        english=f"{english.clause(wish)} {english.phrase(other, object=True)} to {base(what)}.",
        hindi=f"{hindi.phrase(who)} {no}{chah}{be} कि {hindi.clause(what)}।",
        variant=f"{tense}{' not' * negative}",
    )


WANT = Verb("want", "wanted", "wanted", "wanting", *[""] * 8)


@pattern(2.5)
def tell_to(draw: Draw) -> Said:
    """Tell Ravi to come home. Please ask my father to phone me."""
    somebody = draw.weighted({draw.name: 4, draw.relative: 3})()
    what = willed(draw, shadow_of(somebody))
    polite = draw.chance(0.5)
    verb = draw.one(("tell", "ask"))
    please, spoken_please = PLEASE[polite]
    say_it = "कहिए" if polite else "कहो"
    to_whom = hindi.marked(somebody, "se", Phrase(YOU))
    return replace(
        say(what),
        english=f"{please}{verb} {english.phrase(somebody, object=True)} to {base(what)}.",
        hindi=f"{spoken_please}{to_whom} {say_it} कि {hindi.clause(what)}।",
        variant="please" if polite else "bare",
    )


@pattern(2)
def so_that(draw: Draw) -> Said:
    """Ravi went to the market so that he could buy vegetables."""
    row = draw.one(draw.lexicon.purposes)
    tense = draw.weighted({"past": 4, "future": 2, "progressive": 2})
    subject = draw.person()
    main = Clause(subject, draw.verbs["go"], tense, goal=draw.places[row.goal])
    shadow = shadow_of(subject)
    aim = replace(doing(draw, row.verb, row.objects, subject, "may be able"), adverbials=())
    aim = replace(aim, subject=shadow, unsaid=("subject",))
    can = "could" if tense == "past" else "can"
    text = f"{english.clause(main)} so that {english.phrase(shadow)} {can} {base(aim)}"
    spoken = f"{hindi.clause(main)} ताकि {hindi.clause(aim)}"
    return join(*STATEMENT, replace(say(aim), english=text, hindi=spoken), variant=tense)


WEATHER = {
    "be raining": ("the rain", "बारिश"), "be snowing": ("the snow", "बर्फ़"),
    "be windy": ("the wind", "तेज़ हवा"), "be hot": ("the heat", "गर्मी"),
    "be very cold": ("the cold", "ठंड"), "have a fever": ("a fever", "बुखार"),
    "have a headache": ("a headache", "सिरदर्द"),
}  # fmt: skip


@pattern(2)
def because_of(draw: Draw) -> Said:
    """Because of the rain, we could not go to the park."""
    row = draw.one([row for row in draw.lexicon.causes if row.state in WEATHER])
    tense = draw.one(("past", "future")) if row.effect == "yes" else draw.one(("could", "future"))
    negative = row.effect == "no"
    what = doing(draw, row.verb, row.objects, draw.person(), tense, negative=negative)
    thing, spoken = WEATHER[row.state]
    template = draw.one(("because of {0}, {1}.", "{1} because of {0}."))
    return join(template, "{0} की वजह से {1}।", Said(thing, spoken), say(what))


@pattern(2)
def as_soon_as(draw: Draw) -> Said:
    """As soon as Ravi finished his work, he went home."""
    subject = draw.person()
    tense = draw.weighted({"past": 3, "future": 2})
    first, second = steps(draw, subject, tense)
    while second.object and second.object.is_pronoun:
        first, second = steps(draw, subject, tense)
    shadow = shadow_of(subject)
    second = replace(second, subject=shadow)
    lead = replace(first, tense="habitual" if tense == "future" else tense)
    said = replace(say(replace(first, plain=True)), english=english.clause(lead))
    return join("as soon as {0}, {1}.", "जैसे ही {0}, {1}।", said, say(second), variant=tense)


@pattern(2.5)
def unless(draw: Draw) -> Said:
    """Unless it rains, we will go to the park. We will play cricket unless it rains."""
    states = {"be raining": "it rains", "be snowing": "it snows"}
    row = draw.one([r for r in draw.lexicon.causes if r.state in states and r.effect == "no"])
    what = doing(draw, row.verb, row.objects, draw.person(), "future")
    state = draw.states[row.state]
    time = draw.time("future", "front") if draw.chance(0.6) else None
    when, spoken_when = (f" {time.english}", f"{time.hindi} ") if time else ("", "")
    before, verb = hindi.fallen(state).rsplit(" ", 1)
    condition = Said(states[row.state] + when, f"{spoken_when}{before} नहीं {verb}")
    template = draw.one(("unless {0}, {1}.", "{1} unless {0}."))
    return join(template, "अगर {0}, तो {1}।", condition, say(what))


LASTING = ("read", "write", "study", "work", "wait for", "look for", "sleep", "cry", "play",
           "learn", "watch", "talk to", "rest", "walk", "swim", "sing", "dance", "cook", "clean",
           "wash", "live", "listen to", "help")  # fmt: skip
LONG = ("live", "work", "learn", "study")
SPANS = {
    "for ten minutes": "दस मिनट से", "for half an hour": "आधे घंटे से", "for an hour": "एक घंटे से",
    "for two hours": "दो घंटे से", "for three hours": "तीन घंटे से", "for many hours": "कई घंटों से",
    "since morning": "सुबह से", "since four o'clock": "चार बजे से",
    "since five o'clock": "पाँच बजे से",
}  # fmt: skip
LONG_SPANS = {
    "for three days": "तीन दिन से", "for a week": "एक हफ़्ते से", "for two months": "दो महीने से",
    "for four years": "चार साल से", "for ten years": "दस साल से", "for many years": "कई सालों से",
    "for a long time": "बहुत समय से", "since Sunday": "रविवार से", "since last year": "पिछले साल से",
}  # fmt: skip


@pattern(3)
def for_two_hours(draw: Draw) -> Said:
    """Ravi has been reading for two hours. How long has she been waiting for the bus?"""
    name = draw.one(LASTING)
    verb = draw.one(draw.verbs_called(name))
    what = draw.clause("perfect progressive", verb=verb, adverbials=0, front=False)
    if draw.chance(0.25) and what.subject.noun not in (I,):
        asked = ("how long", "कब से" if name in LONG else "कितनी देर से")
        what = replace(what, question="yes-no")
        spoken = replace(what, question="", adverbials=(
            *what.adverbials, Adverbial("", asked[1], "time")))  # fmt: skip
        said = replace(say(what), hindi=hindi.clause(spoken))
        return join(asked[0] + " {0}?", "{0}?", said, variant="asked")
    span, spoken_span = draw.one([*(LONG_SPANS if name in LONG else SPANS).items()])
    span_said = Adverbial(span, spoken_span, "time")
    return join(*STATEMENT, say(replace(what, adverbials=(*what.adverbials, span_said))))


PASSIVE = ("read", "write", "open", "close", "repair", "wash", "clean", "cook", "make", "buy",
           "sell", "send", "cut", "sing", "finish", "start", "plant", "turn off", "turn on",
           "break", "steal", "choose", "teach")  # fmt: skip
DONE = {
    "past": (("was", "were"), lambda a: forms.perfective("जा", a)),
    "habitual": (("is", "are"), lambda a: f"{forms.agree('जाता', a)} {forms.present_of_be(a)}"),
    "future": (("will be", "will be"), lambda a: forms.future("जा", a)),
    "progressive": (("is being", "are being"),
                    lambda a: f"जा {forms.agree('रहा', a)} {forms.present_of_be(a)}"),
    "perfect": (("has been", "have been"),
                lambda a: f"{forms.participle('जा', a)} {forms.present_of_be(a)}"),
}  # fmt: skip


@pattern(3)
def is_done(draw: Draw) -> Said:
    """The letter was written yesterday. These shirts are washed every day."""
    named = [v for v in draw.lexicon.verbs if v.english in PASSIVE and v.case == "direct"]
    verb = draw.one(named)
    nouns = [n for n in draw.lexicon.chosen(verb.objects) if not n.is_human and n.kind != "animal"]
    noun = draw.one(nouns)
    plural = noun.is_countable and draw.chance(0.4)
    new = draw.is_new(verb)
    weights = {"the": 5, "this": 1 if new else 2, "that": 1}
    thing = Phrase(noun, plural, draw.weighted(weights))
    tense = draw.weighted({"past": 5, "habitual": 1, "future": 3, "progressive": 2, "perfect": 2})
    negative = draw.chance(0.2)
    be, spoken_be = DONE[tense]
    many = plural or noun.note == "plural"
    auxiliary, *rest = be[many].split()
    no = [english.contract(auxiliary)] if negative else [auxiliary]
    tag = {"perfect": ""}.get(tense, tense)
    time = draw.time(tag, "end") if tag and draw.chance(0.5) else None
    while tense == "habitual" and not (time and time.hindi.startswith(("हर ", "रोज़"))):
        time = draw.time("habitual", "end")
    when, spoken_when = (time.english, time.hindi) if time else ("", "")
    before, stem = forms.stem_of(verb.hindi)
    a = thing.agreement
    words = [english.phrase(thing), *no, *rest, verb.participle, when]
    spoken = [hindi.phrase(thing), spoken_when, before, *(["नहीं"] if negative else []),
              forms.participle(stem, a), spoken_be(a)]  # fmt: skip
    return Said(
        " ".join(filter(None, words)) + ".", " ".join(filter(None, spoken)) + "।",
        tense + " not" * negative, frozenset([f"{verb.english} {noun.english}"]),
    )  # fmt: skip


BY_OTHERS = {"repair": "ठीक करवाना", "wash": "धुलवाना", "clean": "साफ़ करवाना", "sew": "सिलवाना",
             "make": "बनवाना"}  # fmt: skip


@pattern(2)
def have_it_done(draw: Draw) -> Said:
    """She had her car repaired. I want to have this shirt washed."""
    name = draw.one(list(BY_OTHERS))
    verb = draw.one(draw.verbs_called(name))
    without = {"make": "tea coffee breakfast soup salad bread juice lassi picture map"}
    nouns = [
        n
        for n in draw.lexicon.chosen(verb.objects)
        if n.kind not in ("fruit", "vegetable") and n.english not in without.get(name, "")
    ]
    tense = draw.weighted({"past": 5, "future": 3, "want to": 3, "have to": 2})
    subject = draw.person()
    thing = draw.thing(draw.one(nouns), subject, plain=True, created=name in ("sew", "make"))
    have = replace(verb, english="have", past="had", participle="had", progressive="having",
                   hindi=BY_OTHERS[name], vector="", objects="", ne="yes")  # fmt: skip
    what = Clause(subject, have, tense, thing)
    time = draw.time(tense, "end") if draw.chance(0.4) else None
    when = f" {time.english}" if time else ""
    spoken = replace(what, adverbials=(Adverbial("", time.hindi, "time"),) if time else ())
    return Said(
        f"{english.clause(what)} {verb.participle}{when}.", f"{hindi.clause(spoken)}।",
        f"{name} {tense}", frozenset([f"{name} {thing.noun.english}"]),
    )  # fmt: skip


RUPEES = (
    ("ten", "दस"), ("fifteen", "पंद्रह"), ("twenty", "बीस"), ("thirty", "तीस"), ("forty", "चालीस"),
    ("fifty", "पचास"), ("sixty", "साठ"), ("seventy", "सत्तर"), ("eighty", "अस्सी"),
    ("ninety", "नब्बे"), ("one hundred", "सौ"), ("two hundred", "दो सौ"), ("five hundred", "पाँच सौ"),
    ("one thousand", "एक हज़ार"), ("two thousand", "दो हज़ार"),
)  # fmt: skip
SOLD = "fruit snack clothing text thing toy dishware ticket flower jewel"
BY_WEIGHT = "fruit vegetable rice dal sugar salt flour"


@pattern(2.5)
def price(draw: Draw) -> Said:
    """This book costs fifty rupees. The mangoes are sixty rupees a kilo. How much is that shirt?"""
    by_weight = draw.chance(0.3)
    noun = draw.one(draw.lexicon.chosen(BY_WEIGHT if by_weight else SOLD))
    cheap = by_weight or noun.kind in ("fruit", "snack", "flower", "dishware")
    number, spoken_number = draw.one(RUPEES[:10] if cheap else RUPEES[5:])
    plural = by_weight and noun.is_countable
    thing = Phrase(noun, plural, draw.one(("this", "that", "the")))
    are = "are" if plural else "is"
    be = forms.present_of_be(thing.agreement)
    text, spoken = english.phrase(thing), hindi.phrase(thing)
    if draw.chance(0.25):
        rate = (" a kilo", "किलो") if by_weight else ("", "")
        of = "" if by_weight else f" {forms.agree('का', thing.agreement)}"
        how = "कितने रुपए किलो" if by_weight else f"कितने{of}"
        return Said(f"how much {are} {text}{rate[0]}?", f"{spoken} {how} {be}?", "asked")
    if by_weight:
        return Said(f"{text} {are} {number} rupees a kilo.",
                    f"{spoken} {spoken_number} रुपए किलो {be}।", "by weight")  # fmt: skip
    verb = draw.one(("costs", "is")) if not plural else draw.one(("cost", "are"))
    of = forms.agree("का", thing.agreement)
    spoken = f"{spoken} {spoken_number} रुपए {of} {be}"
    return Said(f"{text} {verb} {number} rupees.", f"{spoken}।", "one")
