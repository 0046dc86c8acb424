"""Talking to somebody: a name, a friend or a child is तुम, all others आप."""

from dataclasses import replace

from .. import english, forms, hindi
from ..draw import Draw
from ..meaning import (
    HE,
    SHE,
    THEY,
    WE,
    YOU,
    YOU_FRIEND,
    Adverbial,
    Agreement,
    I,
    Phrase,
    Pronoun,
)
from .questions import ASKED
from .said import QUESTION, STATEMENT, Said, join, pattern, say
from .statements import TENSES


@pattern(5)
def command(draw: Draw) -> Said:
    """Wash these plates. Please don't open the window."""
    level = draw.weighted({"bare": 4, "please": 4, "child": 1.5})
    you = YOU if level == "please" else YOU_FRIEND
    negative = draw.chance(0.25)
    what = draw.clause(
        "imperative",
        subject=Phrase(you),
        negative=negative,
        verb=draw.verb("imperative", negative=negative),
        adverbials=draw.weighted({0: 5, 1: 2}),
        front=False,
        plain=True,
    )
    bare = what.object and getattr(what.object.noun, "plural", "") and not what.object.determiner
    if bare and not what.object.owner and not what.object.is_pronoun:
        what = replace(what, object=replace(what.object, determiner="the"))
    templates = {
        "bare": ("{0}.", "{0}।"),
        "please": ("please {0}.", "कृपया {0}।"),
        "child": ("my child, {0}.", "मेरे बच्चे, {0}।"),
    }
    return join(*templates[level], say(what, level + " not" * negative))


@pattern(1.5)
def let_us(draw: Draw) -> Said:
    """Let's go to the park."""
    to_go_on = [verb for verb in draw.lexicon.verbs if verb.english != "come"]
    what = draw.clause(
        "let us",
        verb=draw.verb("let us", to_go_on),
        subject=Phrase(WE),
        adverbials=draw.weighted({0: 4, 1: 2}),
        front=False,
    )
    if what.object and what.object.determiner == "many":
        what = replace(what, object=replace(what.object, determiner="some"))
    if what.object and what.object.determiner == "that":  # चलो, वे ... would be "let them"
        what = replace(what, object=replace(what.object, determiner="this"))
    return join("{0}.", "चलो, {0}।", say(what))


@pattern(5)
def addressed(draw: Draw) -> Said:
    """Sita, where are you going?"""
    called = draw.weighted(
        {"name": 5, "friend": 2, "child": 2, "sir": 2, "doctor": 1, "grandmother": 1}
    )
    you, name = _addressee(draw, called)
    tense = draw.weighted(
        {
            t: w
            for t, w in TENSES.items()
            if t not in ("past habitual", "begin to", "try to", "perfect", "could")
        }
    )
    kind = draw.weighted({"yes-no": 3, "": 3, "why": 1.5, "when": 1})
    if kind in ("why", "when") and (tense not in ASKED or tense == "can"):
        tense = draw.weighted({asked: weight for asked, weight in ASKED.items() if asked != "can"})
    if kind == "when":
        tense = draw.one(("past", "future", "habitual", "want to"))
    if kind == "":  # one does not tell people what they are doing
        tense = draw.one(("can", "should", "have to", "will have to", "future"))
    verb = draw.verb(tense)
    count = draw.weighted({0: 3, 1: 3, 2: 1}) if kind in ("", "yes-no") else 0
    what = draw.clause(
        tense, verb=verb, subject=Phrase(you), question=kind, adverbials=count, front=False
    )
    if kind == "when":
        what = replace(what, adverbials=tuple(a for a in what.adverbials if a.slot != "time"))
    template = QUESTION if kind else STATEMENT
    return join(
        "{0}, " + template[0].replace("0", "1"),
        "{0}, " + template[1].replace("0", "1"),
        name,
        say(what),
        variant=f"{called} {kind}",
    )


def _addressee(draw: Draw, called: str) -> tuple[Pronoun, Said]:
    if called == "name":
        name = draw.one(draw.lexicon.names)
        you = replace(YOU_FRIEND, agreement=Agreement("तुम", True, name.gender == "f"))
        return you, Said(name.english, name.hindi)
    lady = replace(YOU, agreement=Agreement(plural=True, feminine=True))
    return {
        "friend": (YOU_FRIEND, Said("my friend", "मेरे दोस्त")),
        "child": (YOU_FRIEND, Said("my child", "मेरे बच्चे")),
        "sir": (YOU, Said("sir", "सर")),
        "doctor": (YOU, Said("doctor", "डॉक्टर साहब")),
        "grandmother": (lady, Said("grandmother", "दादी जी")),
    }[called]


DAYS = (
    ("Monday", "सोमवार"), ("Tuesday", "मंगलवार"), ("Wednesday", "बुधवार"), ("Thursday", "गुरुवार"),
    ("Friday", "शुक्रवार"), ("Saturday", "शनिवार"), ("Sunday", "रविवार"),
)  # fmt: skip
HOURS = (
    ("one", "एक"), ("two", "दो"), ("three", "तीन"), ("four", "चार"), ("five", "पाँच"), ("six", "छह"),
    ("seven", "सात"), ("eight", "आठ"), ("nine", "नौ"), ("ten", "दस"), ("eleven", "ग्यारह"),
    ("twelve", "बारह"),
)  # fmt: skip


def _clock(draw: Draw) -> tuple[str, str, bool]:
    """Draw a time: English, Hindi without बजे, and whether it counts as one."""
    hour = draw.rng.randrange(12)
    word, hindi_word = HOURS[hour]
    kind = draw.weighted({"o'clock": 5, "half past": 2, "quarter past": 1, "quarter to": 1})
    if kind == "o'clock":
        return f"{word} o'clock", hindi_word, hour == 0
    if kind == "half past":
        special = {0: "डेढ़", 1: "ढाई"}
        return f"half past {word}", special.get(hour, f"साढ़े {hindi_word}"), hour == 0
    if kind == "quarter past":
        return f"a quarter past {word}", "सवा" if hour == 0 else f"सवा {hindi_word}", hour == 0
    return f"a quarter to {word}", "पौन" if hour == 0 else f"पौने {hindi_word}", hour == 0


@pattern(1)
def clock(draw: Draw) -> Said:
    """It is half past five. Today is Monday."""
    if draw.chance(0.25):
        day, hindi_day = draw.one(DAYS)
        today = draw.one(
            (("today is", "आज", "है"), ("tomorrow is", "कल", "है"), ("yesterday was", "कल", "था"))
        )
        return Said(f"{today[0]} {day}.", f"{today[1]} {hindi_day} {today[2]}।", "day")
    word, hindi_word, is_one = _clock(draw)
    be = "बजा है" if is_one else "बजे हैं"
    return Said(f"it is {word}.", f"{hindi_word} {be}।", "clock")


@pattern(3)
def at_the_hour(draw: Draw) -> Said:
    """My father comes home at six o'clock."""
    word, hindi_word, _ = _clock(draw)
    tense = draw.weighted({"habitual": 3, "past": 3, "future": 3, "have to": 1})
    verb = draw.one(
        [
            draw.verbs[v]
            for v in ("go", "come", "return", "get up", "go to bed", "bathe", "meet", "phone")
        ]
    )
    if tense == "have to":
        verb = draw.verbs["go"]
    subject = draw.person()
    what = draw.clause(tense, verb=verb, subject=subject, adverbials=0)
    at = Adverbial(f"at {word}", f"{hindi_word} बजे", "time")
    what = replace(what, adverbials=(at,))
    if draw.chance(0.4):
        what = draw.add_adverbials(what, 2, front=False)
        how = [a for a in what.adverbials if a.english not in ("early", "late")]
        what = replace(what, adverbials=tuple(how))
    return join(*STATEMENT, say(what))


CALLED = (
    ("sir", "सर"), ("madam", "मैडम"), ("doctor", "डॉक्टर साहब"), ("grandmother", "दादी जी"),
    ("uncle", "चाचा जी"), ("my friend", "मेरे दोस्त"), ("my child", "मेरे बच्चे"),
)  # fmt: skip


@pattern(8)
def greeting(draw: Draw) -> Said:
    """Good morning. Thank you, Ravi."""
    row = draw.one(draw.lexicon.greetings)
    if draw.chance(0.03):
        return Said(row.english, row.hindi)
    name = draw.one(draw.lexicon.names)
    elders = draw.chance(0.35) and row.english != "Well done!"  # शाबाश is for equals and children
    called, hindi_called = draw.one(CALLED) if elders else (name.english, name.hindi)
    return Said(
        f"{row.english[:-1]}, {called}{row.english[-1]}",
        f"{row.hindi[:-1]}, {hindi_called}{row.hindi[-1]}",
        "called",
    )


@pattern(2)
def asks_after(draw: Draw) -> Said:
    """How is your mother? Where were you yesterday? Who is that boy?"""
    asked = draw.weighted({"how": 4, "where": 4, "who": 1})
    tense = draw.weighted({"present": 5, "past": 2})
    who_ = (
        draw.one((Phrase(YOU), Phrase(HE), Phrase(SHE), Phrase(THEY)))
        if draw.chance(0.3)
        else draw.person(pronouns=False)
    )
    if asked == "who":
        noun = draw.one(draw.lexicon.chosen("man woman boy girl child student"))
        who_, tense = Phrase(noun, draw.chance(0.3), draw.one(("this", "that"))), "present"
    if asked == "how" and who_.determiner == "the":
        who_ = replace(who_, determiner="that")
    a = who_.agreement
    word = {"how": forms.agree("कैसा", a), "where": "कहाँ", "who": "कौन"}[asked]
    time = draw.time("past", "end") if tense == "past" and draw.chance(0.6) else None
    end, hindi_time = (f" {time.english}", f"{time.hindi} ") if time else ("", "")
    be = english.form_of_be(tense, english.person_of(who_))[0]
    return Said(
        f"{asked} {be} {english.phrase(who_)}{end}?",
        f"{hindi.phrase(who_)} {hindi_time}{word} {hindi.be(tense, a)}?",
        f"{asked} {tense}",
    )


@pattern(1.5)
def name_is(draw: Draw) -> Said:
    """What is your name? My brother's name is Anil."""
    owner = (
        draw.one((Phrase(YOU), Phrase(I), Phrase(HE), Phrase(SHE)))
        if draw.chance(0.4)
        else draw.relative()
    )
    if draw.chance(0.2):
        noun = draw.one(draw.lexicon.chosen("dog cat boy girl student"))
        owner = (
            Phrase(noun, determiner="this")
            if noun.kind != "animal"
            else Phrase(noun, owner=draw.one((Phrase(I), Phrase(YOU), Phrase(HE))))
        )
    whose, hindi_whose = english.possessive(owner), hindi.possessive(owner, Agreement())
    about_me = I in (owner.noun, owner.owner and owner.owner.noun)
    if not about_me and draw.chance(0.4):
        return Said(f"what is {whose} name?", f"{hindi_whose} नाम क्या है?", "question")
    agreement = owner.agreement
    name = draw.one([n for n in draw.lexicon.names if (n.gender == "f") == agreement.feminine])
    if owner.noun in (I, YOU):
        name = draw.one(draw.lexicon.names)
    return Said(f"{whose} name is {name.english}.", f"{hindi_whose} नाम {name.hindi} है।")


@pattern(1)
def exclamation(draw: Draw) -> Said:
    """What a beautiful flower!"""
    noun = draw.one(
        draw.lexicon.chosen(
            "sky flower animal scenery clothing fruit film song building jewel text toy vehicle"
        )
    )
    suiting = [
        a
        for a in draw.adjectives(noun)
        if a.note == "" and a.english not in ("important", "difficult", "new")
    ]
    adjective = draw.one(suiting) if suiting else None
    if adjective is None:
        return exclamation(draw)
    plural = noun.is_countable and draw.chance(0.4)
    what = Phrase(noun, plural, "" if plural else "a", adjectives=(adjective,))
    agreement = what.agreement
    how = forms.agree("कितना", agreement)
    spoken = hindi.phrase(replace(what, determiner=""))
    return Said(
        f"what {english.phrase(what)}!",
        f"{how} {spoken} {hindi.be('present', agreement)}!",
        "plural" if plural else "",
    )
