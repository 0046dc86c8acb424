"""Draw words at random that make sense together: who does what, to what, when, where, with whom."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from . import english, hindi
from .lexicon import Adjective, Lexicon, Manner, Noun, Place, Time, Verb
from .meaning import (
    HE,
    NOBODY,
    SHE,
    SOMEBODY,
    THEY,
    WE,
    WHO,
    YOU,
    Adverbial,
    Clause,
    I,
    Phrase,
    Pronoun,
)

T = TypeVar("T")
PRONOUNS = (I, I, YOU, HE, HE, SHE, SHE, WE, THEY)
NUMBERS = (
    "two", "two", "three", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "fifteen", "twenty",
)  # fmt: skip
TOWNS = ("Delhi", "Mumbai", "Agra", "Jaipur", "Kolkata", "Chennai", "Lucknow", "Varanasi")
RETURNS = ("home", "home", "school", "office", "village", "city", "hotel", "station", "market")
NEAR_A_ROAD = ("hospital", "library", "bank", "temple", "park", "shop")
GENERAL = ("habitual", "past habitual", "like to", "know how to")
FAR = ("last year", "last month", "next year", "next month")
ANIMALS_LIVE_ON = {"eat": "bread banana carrot apple food", "drink": "water milk"}
# Which times of times.tsv suit a tense; a tense that is not here takes none.
TIMES = {
    "habitual": "habitual", "progressive": "progressive", "past": "past", "future": "future",
    "going to": "future", "past progressive": "background", "past habitual": "habitual",
    "had to": "past", "will have to": "future", "have to": "future", "should": "habitual",
    "like to": "habitual", "want to": "future", "wanted to": "past", "can": "future",
    "could": "past", "try to": "progressive",
}  # fmt: skip
# The verbs that a tense takes, and those that it does not; groups of groups.tsv.
TAKES = {
    "like to": "leisure", "know how to": "skill", "begin to": "beginning",
    "should": "duty", "have to": "duty", "had to": "duty", "will have to": "duty",
}  # fmt: skip
REFUSES = {
    "habitual": "accident", "progressive": "stative accident rising",
    "past progressive": "stative accident rising",
    "want to": "accident trouble", "wanted to": "accident trouble", "can": "accident trouble",
    "could": "accident trouble", "try to": "accident trouble", "future": "accident trouble",
    "going to": "accident trouble stative", "past habitual": "accident",
    "perfect": "stative accident trouble residence search", "past": "residence search",
    "past perfect": "residence search rising", "experience": "residence search",
    "would": "accident trouble",
    "imperative": "uncommanded", "let us": "uncommanded accident trouble",
}  # fmt: skip


class Draw:
    """A source of words: the lexicon and a random generator."""

    def __init__(self, lexicon: Lexicon, rng: random.Random) -> None:
        """Take the words from `lexicon` and the luck from `rng`."""
        self.lexicon = lexicon
        self.rng = rng
        self.places = {place.english: place for place in lexicon.places}
        self.verbs = {verb.english: verb for verb in lexicon.ditransitives + lexicon.verbs}
        self.states = {state.english: state for state in lexicon.states}
        self.groups = {row.group: set(row.verbs.split()) for row in lexicon.groups}
        self.described = [
            (adjective, frozenset(adjective.kinds.split()))
            for adjective in lexicon.adjectives
            if adjective.note != "state"
        ]

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.rng.random() < probability

    def one(self, of: Sequence[T]) -> T:
        """Choose one, all alike."""
        return of[self.rng.randrange(len(of))]

    def weighted(self, weights: dict[T, float]) -> T:
        """Choose a key by its weight."""
        return self.rng.choices(list(weights), list(weights.values()))[0]

    # Who

    def person(self, *, pronouns: bool = True) -> Phrase:
        """Draw somebody: a pronoun, a name, a relative, "the girls", "my friend's brother"."""
        draw = self.weighted(
            {self.pronoun: 9 if pronouns else 0, self.name: 5, self.relative: 4, self.people: 4}
        )
        return draw()

    def pronoun(self) -> Phrase:
        """Draw I, you, he, she, we or they."""
        return Phrase(self.one(PRONOUNS))

    def name(self) -> Phrase:
        """Draw a name, or two."""
        first = self.one(self.lexicon.names)
        if self.chance(0.12):
            others = [name for name in self.lexicon.names if name != first]
            return Phrase(first, also=(Phrase(self.one(others)),))
        return Phrase(first)

    def relative(self, owner: Phrase | None = None) -> Phrase:
        """Draw "my father", "Ravi's sister", "her husband"."""
        noun = self.one(self.lexicon.chosen("kin spouse"))
        if owner is None:
            weights = {I: 6, WE: 1, YOU: 2, HE: 2, SHE: 2, self.one(self.lexicon.names): 3}
            owner = Phrase(self.weighted(weights))
        return Phrase(self._kin_of(noun, owner), owner=owner)

    def _kin_of(self, noun: Noun, owner: Phrase) -> Noun:
        """Return the noun, or another one where the owner cannot have such a wife or husband."""
        several = owner.noun in (WE, THEY) or owner.also or owner.plural
        unfit = several or owner.agreement.feminine != (noun.english == "husband")
        if noun.kind == "spouse" and unfit:
            return self.one(self.lexicon.chosen("brother sister"))
        return noun

    def people(self) -> Phrase:
        """Draw "the girl", "these farmers", "two boys", "my friend"."""
        noun = self.one(self.lexicon.chosen("person"))
        if noun.english in ("friend", "neighbour") or self.chance(0.1):
            owner = self.one((Phrase(I), Phrase(HE), Phrase(SHE), Phrase(WE), self.name()))
            if noun.english in ("friend", "neighbour", "teacher", "student", "doctor"):
                return Phrase(noun, owner=replace(owner, also=()))
        if noun.note == "honorific":
            return Phrase(noun, determiner="the")
        plural = self.chance(0.35)
        weights = {"the": 6, "this": 1, "that": 1}
        if plural:
            weights |= {self.one(NUMBERS): 1, "some": 1, "many": 1, "all the": 1}
        return self.describe(Phrase(noun, plural, self.weighted(weights)), 0.15)

    def subject(self, verb: Verb) -> Phrase:
        """Draw somebody, or an animal, who does what the verb says."""
        if "animal" in verb.subjects and self.chance(0.25):
            unfit = {"run": "bird parrot fish", "jump": "cow elephant camel fish bird parrot"}
            never = unfit.get(verb.english, "fish").split()
            noun = self.one([n for n in self.lexicon.chosen("animal") if n.english not in never])
            plural = self.chance(0.3)
            return self.describe(
                Phrase(noun, plural, self.weighted({"the": 4, "this": 1, "that": 1})), 0.2
            )
        return self.person()

    # What

    def object(
        self, verb: Verb, subject: Phrase, *, plain: bool = False, general: bool = False
    ) -> Phrase | None:
        """Draw an object that suits the verb.

        `plain` after not and in questions: no "a". `general` for a habit: "reads books".
        """
        if not verb.objects:
            return None
        nouns = self.lexicon.chosen(verb.objects)
        if verb.english == "wear" and not subject.agreement.feminine:
            nouns = [noun for noun in nouns if noun.note != "women"]
        if is_animal(subject):
            nouns = self.lexicon.chosen(ANIMALS_LIVE_ON[verb.english])
        if any(noun.kind in ("person", "kin") for noun in nouns) and self.chance(0.3):
            return self.somebody_else(subject)
        noun = self.one(nouns)
        if verb.english in ("wear", "ride", "drive", "row") and noun.is_countable:
            return self._used(noun, subject)
        if noun.kind == "instrument" and verb.english == "play":
            return Phrase(noun, determiner="the")
        return self.thing(
            noun,
            subject,
            plain=plain,
            known=verb.case == "ka",
            created=self.is_new(verb),
            general=general,
        )

    def _used(self, noun: Noun, subject: Phrase) -> Phrase:
        """Draw a hat or a horse: one for one person, several for several."""
        several = subject.agreement.plural and not subject.is_honorific and subject.noun != YOU
        determiner = self.weighted({"the": 3, "this": 1, "that": 1, "owner": 2})
        if determiner == "owner" and noun.kind != "animal" and subject.noun != WHO:
            return self.describe(Phrase(noun, several, owner=Phrase(own(subject))), 0.15)
        return self.describe(Phrase(noun, several, determiner.replace("owner", "the")), 0.2)

    def thing(
        self,
        noun: Noun,
        subject: Phrase,
        *,
        plain: bool = False,
        known: bool = False,
        created: bool = False,
        general: bool = False,
    ) -> Phrase:
        """Draw a determiner, a number and perhaps an adjective for a noun."""
        if noun.kind in ("kin", "spouse"):
            return self.relative_of(noun, subject)
        if noun.note == "name":
            return Phrase(noun)
        if noun.english in ("friend", "neighbour") and self.chance(0.8):
            return Phrase(noun, owner=self.owner_for(subject))
        if noun.note == "one":
            return Phrase(noun, determiner="the")
        if noun.kind == "homework" and not is_young(subject):
            noun = self.one(self.lexicon.chosen("work"))
        if noun.kind in ("homework", "work") and subject.noun != WHO:
            return Phrase(noun, owner=Phrase(own(subject)))
        if noun.note == "honorific":
            return Phrase(noun, determiner="the")
        if not noun.is_countable:
            the = noun.kind != "meal" and not general and self.chance(0.2)
            return self.describe(Phrase(noun, determiner="the" if the else ""), 0.12)
        if general and noun.kind not in ("person", "animal", "room", "opening"):
            return self.describe(Phrase(noun, plural=True), 0.12)
        plural = noun.kind != "event" and self.chance(0.7 if noun.kind == "vegetable" else 0.3)
        weights = (
            {"the": 3, "this": 0.7, "that": 0.5}
            if created
            else {"the": 5, "this": 1.5, "that": 1, "owner": 2}
        )
        if plural:
            weights |= {"": 4, self.one(NUMBERS): 0 if plain else 3, "some": 0 if plain else 1,
                        "many": 0 if plain else 1, "all the": 0.6}  # fmt: skip
        elif not (plain or known):
            weights["a"] = 5
        if subject.noun in (HE, SHE, THEY):  # not वह वह किताब
            weights["that"] = 0
        determiner = self.weighted(weights)
        new = ("old", "broken", "dirty") if created else ()
        if determiner == "owner":
            public = ("scenery", "sky", "person", "animal", "building", "way", "plant", "transport")
            can_be_owned = noun.kind not in public or noun.english in ("house", "shop", "school")
            owner = self.owner_for(subject) if can_be_owned else None
            return self.describe(Phrase(noun, plural, "" if owner else "the", owner), 0.1, new)
        return self.describe(Phrase(noun, plural, determiner), 0.22, new)

    def is_new(self, verb: Verb) -> bool:
        """Tell whether the object of a verb is nobody's own before it: one makes it, or buys it."""
        return verb.english in self.groups["creation"] | self.groups["acquisition"]

    def somebody_else(self, subject: Phrase) -> Phrase:
        """Draw a pronoun for an object: "me", "them", not the subject itself."""
        near = {I, WE} if subject.noun in (I, WE) else {own(subject)}
        other = self.one([one for one in PRONOUNS if one not in near])
        is_oneself = other.english == own(subject).english  # तुम and आप are both "you"
        return Phrase(HE if is_oneself else other)

    def relative_of(self, noun: Noun, subject: Phrase) -> Phrase:
        """Draw whose father, sister, wife an object is: the subject's own most of the time."""
        owner = self.owner_for(subject)
        if subject.also:  # two friends have no wife in common
            noun = self.one(self.lexicon.chosen("uncle aunt grandfather grandmother"))
        return Phrase(self._kin_of(noun, owner), owner=owner)

    def owner_for(self, subject: Phrase) -> Phrase:
        """Draw an owner: the subject's own pronoun mostly, else a name."""
        if subject.noun not in (WHO, NOBODY, SOMEBODY) and self.chance(0.75):
            return Phrase(own(subject))
        heard = [one.noun for one in (subject, *subject.also, subject.owner) if one]
        return Phrase(self.one([name for name in self.lexicon.names if name not in heard]))

    def recipient(self, subject: Phrase) -> Phrase:
        """Draw somebody else than the subject to give something to."""
        while True:
            somebody = self.weighted({self.pronoun: 5, self.name: 3, self.relative: 3})()
            others = [one.noun for one in subject.also]
            if somebody.noun in (WE, THEY, *others) or somebody.also:
                continue
            if somebody.noun != subject.noun and own(somebody) != own(subject):
                if somebody.owner and somebody.owner.noun in (HE, SHE):
                    somebody = replace(somebody, owner=Phrase(own(subject)))
                if {somebody.noun, subject.noun} != {I, WE}:
                    return somebody

    def describe(self, what: Phrase, probability: float, but: tuple[str, ...] = ()) -> Phrase:
        """Put an adjective before a noun with this probability, if one suits it; none of `but`."""
        if not self.chance(probability) or what.is_honorific or what.noun.kind == "meal":
            return what
        suiting = [one for one in self.adjectives(what.noun) if one.english not in but]
        return replace(what, adjectives=(self.one(suiting),)) if suiting else what

    def adjectives(self, noun: Noun) -> list[Adjective]:
        """List the adjectives that stand before a noun; "closed" and the like do not."""
        return [
            adjective
            for adjective, kinds in self.described
            if noun.kind in kinds or noun.english in kinds
        ]

    # When, where, how

    def place(self, verb: Verb) -> Place | None:
        """Draw where it is done, or None where the verb names no place."""
        keys = [key for key in verb.places.split() if key in self.places]
        if not keys:
            return None
        key = self.one(keys)
        if key == "city" and self.chance(0.7):
            key = self.one(TOWNS)
        if key == "river" and verb.english == "walk":
            key = "riverside"
        return self.places[key]

    def goal(self, verb: Verb) -> Place:
        """Draw where somebody goes, or comes back to."""
        if verb.english == "go":
            return self.one([p for p in self.lexicon.places if p.to and p.english != "India"])
        return self.places[self.one((*RETURNS, *RETURNS, *TOWNS))]

    def time(self, tense: str, slots: str = "end middle") -> Adverbial | None:
        """Draw a time that suits a tense; `slots` are the end, the middle, the front."""
        tag = TIMES.get(tense)
        suiting = [
            (time, slot)
            for time in self.lexicon.times
            if tag in time.tenses.split()
            for slot in slots.split()
            if slot in time.positions.split()
        ]
        return said_time(*self.one(suiting)) if suiting else None

    def manner(self, verb: Verb, goal: Place | None = None) -> Manner | None:
        """Draw how it is done, or how one gets there."""
        suiting = [
            manner
            for manner in self.lexicon.manners
            if verb.english.replace(" ", "_") in manner.verbs.split()
            and (goal is None or reaches(manner, goal))
        ]
        return self.one(suiting) if suiting else None

    def companion(self, subject: Phrase) -> Adverbial:
        """Draw "with his brother"."""
        own_relative = self.relative(Phrase(own(subject)))
        there = [one.noun for one in (subject, *subject.also)]
        other = self.one([name for name in self.lexicon.names if name not in there])
        friends = self.lexicon.chosen("friend")[0]
        who = self.one(
            (
                own_relative,
                Phrase(other),
                Phrase(friends, self.chance(0.6), owner=Phrase(own(subject))),
            )
        )
        return Adverbial(
            f"with {english.phrase(who, object=True)}",
            hindi.marked(who, "ke saath", subject),
            "companion",
        )

    # Clauses

    def verb(
        self, tense: str, among: Sequence[Verb] | None = None, *, negative: bool = False
    ) -> Verb:
        """Draw a verb that goes with a tense."""
        takes = self.groups.get(TAKES.get(tense, ""))
        refuses = set().union(*(self.groups[name] for name in REFUSES.get(tense, "").split()))
        if "habitual" not in tense:
            refuses |= self.groups["habit"]
        if tense == "imperative":
            mishaps = self.groups["accident"] | self.groups["trouble"]
            refuses = refuses - {"lose"} if negative else refuses | mishaps
        keys = [(verb.english.replace(" ", "_"), verb) for verb in among or self.lexicon.verbs]
        suiting = [v for k, v in keys if k not in refuses and (not takes or k in takes)]
        return self.one(suiting)

    def verbs_called(self, english: str) -> list[Verb]:
        """List the verbs that are one word in English: to play (a game, an instrument)."""
        verbs = (*self.lexicon.ditransitives, *self.lexicon.verbs)
        return [verb for verb in verbs if verb.english == english]

    def suits(self, verb: Verb, noun: Noun) -> bool:
        """Tell whether the noun makes sense as the verb's object."""
        return bool({noun.kind, noun.english} & set(verb.objects.split()))

    def clause(
        self,
        tense: str,
        *,
        subject: Phrase | None = None,
        verb: Verb | None = None,
        negative: bool = False,
        adverbials: int | None = None,
        question: str = "",
        front: bool = True,
        plain: bool = False,
    ) -> Clause:
        """Draw a clause in a tense; what is not given is drawn, too."""
        verb = verb or self.verb(tense, negative=negative)
        subject = subject or self.subject(verb)
        goal = self.goal(verb) if verb.is_motion else None
        plain = plain or negative or question != ""
        if verb.is_motion and tense == "past" and question == "where":
            goal = None
        what = Clause(
            subject,
            verb,
            tense,
            self.object(verb, subject, plain=plain, general=tense in GENERAL),
            goal=goal,
            negative=negative,
            contracted=self.chance(0.5),
            question=question,
        )
        if verb in self.lexicon.ditransitives:
            what = replace(what, recipient=self.recipient(subject))
        if verb.english in ("live", "stay", "sit"):  # say little without a place
            place = self.place(verb)
            what = replace(what, adverbials=(Adverbial(place.at, place.hindi_at, "place"),))
            adverbials = 0 if adverbials is None else max(0, adverbials - 1)
        count = self.weighted({0: 4, 1: 5, 2: 2, 3: 1}) if adverbials is None else adverbials
        return self.add_adverbials(what, count, front=front)

    def add_adverbials(self, what: Clause, count: int, *, front: bool = True) -> Clause:
        """Add up to `count` adverbials of different kinds."""
        kinds = ["time", "place", "companion", "manner"]
        self.rng.shuffle(kinds)
        taken = {adverbial.slot for adverbial in what.adverbials}
        for kind in kinds[:count]:
            said = getattr(self, f"_{kind}_of")(what, front)
            if said and said.slot not in taken:
                # One is not alone with somebody; and फिर से पढ़ा does without a vector.
                taken |= {"companion"} if said.english == "alone" else {said.slot}
                taken |= {"manner"} if said.slot == "companion" else set()
                plain = what.plain or said.english == "again"
                what = replace(what, adverbials=(*what.adverbials, said), plain=plain)
        return what

    def _time_of(self, what: Clause, front: bool) -> Adverbial | None:
        if what.verb.english in self.groups["habit"]:  # nobody trusts a friend on Sundays
            return None
        front = front and not what.question and self.chance(0.3)
        # Not "does not sometimes", nor "usually used to".
        slots = "end" if what.negative or what.tense == "past habitual" else "end middle"
        said = self.time(what.tense, "front" if front else slots)
        memorable = what.verb.english.replace(" ", "_") in self.groups["memorable"]
        return said if memorable or not said or said.english not in FAR else None

    def _place_of(self, what: Clause, front: bool) -> Adverbial | None:
        if what.goal or what.recipient:
            return None
        owned = what.object and what.object.noun.english in what.verb.places.split()
        place = None if owned else self.place(what.verb)
        if not place:
            return None
        bought = what.verb.english in ("buy", "choose")  # दुकान से खरीदना
        return Adverbial(place.at, place.hindi_from if bought else place.hindi_at, "place")

    def _companion_of(self, what: Clause, front: bool) -> Adverbial | None:
        suits = {"go", "come", "walk", "play", "eat", "watch", "study", "work", "sing", "dance",
                 "swim", "live", "stay", "return", "cook", "buy", "travel"}  # fmt: skip
        asks = what.subject.is_pronoun and what.subject.noun.english in ("who", "what")
        if what.verb.english not in suits or is_animal(what.subject) or asks:
            return None
        return self.companion(what.subject)

    def _manner_of(self, what: Clause, front: bool) -> Adverbial | None:
        manner = self.manner(what.verb, what.goal)
        if not manner or (manner.english == "again" and what.tense in GENERAL):
            return None
        return Adverbial(
            manner.english, manner.hindi, {"before": "manner"}.get(manner.place, "adverb")
        )


def reaches(manner: Manner, goal: Place) -> bool:
    """Tell whether one can get there so: no bus goes to the roof, nobody walks to Delhi."""
    far = goal.english in TOWNS
    return {
        "by train": far or goal.english in ("village", "city"),
        "by taxi": goal.english in (*RETURNS, *NEAR_A_ROAD),
        "by bus": far or goal.english in (*RETURNS, *NEAR_A_ROAD),
        "by bicycle": goal.english in (*RETURNS, *NEAR_A_ROAD, "river", "lake", "field"),
        "on foot": not far and goal.english not in ("roof", "kitchen", "outside"),
    }.get(manner.english, True)


def is_young(subject: Phrase) -> bool:
    """Tell whether somebody may have homework."""
    children = ("student", "boy", "girl", "child", "son", "daughter", "brother", "sister")
    return subject.is_pronoun or subject.noun.kind == "name" or subject.noun.english in children


def is_animal(subject: Phrase) -> bool:
    """Tell whether the subject is an animal."""
    return not subject.is_pronoun and subject.noun.kind == "animal"


def said_time(time: Time, slot: str) -> Adverbial:
    """Put a time into its slot."""
    return Adverbial(time.english, time.hindi, {"end": "time"}.get(slot, slot))


def own(subject: Phrase) -> Pronoun:
    """Return the pronoun that stands for somebody: "he" for Ravi, "they" for the girls."""
    if subject.is_pronoun and not subject.also:
        return subject.noun
    if subject.also or subject.plural:
        return THEY
    return SHE if subject.noun.gender == "f" else HE
