"""The words of the course corpus, read from the tables in data/lexicon."""

import csv
import functools
from dataclasses import dataclass, fields
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "lexicon"


@dataclass(frozen=True)
class Noun:
    """A noun, or a name.

    Attributes:
        english: Its singular, "mango".
        plural: Its English plural; empty for what is not counted.
        hindi: Its direct singular, "आम".
        gender: The gender of the Hindi noun, "m" or "f".
        kind: What it names: "fruit", "person", ... Verbs and adjectives choose by it.
        note: "fixed" for a masculine in -ा that keeps it (राजा), "honorific" for a person whom
            one speaks of in the plural (मेरे पिता जी आए हैं), "mass" for what is not counted,
            "plural" for money (पैसे), "name" for what has no article, "one" for what there is only
            one of, "women" for what only they wear.
    """

    english: str
    plural: str
    hindi: str
    gender: str
    kind: str
    note: str = ""

    @property
    def is_human(self) -> bool:
        """Whether को marks it as an object: रवि को, लड़के को."""
        return self.kind in ("person", "kin", "spouse", "name", "nobody")

    @property
    def is_countable(self) -> bool:
        """Whether one can say "two" before it."""
        return bool(self.plural) and self.note != "name"


@dataclass(frozen=True)
class Adjective:
    """An adjective; `kinds` are the kinds of nouns, or the nouns, that it suits."""

    english: str
    comparative: str
    superlative: str
    hindi: str
    kinds: str
    note: str = ""


@dataclass(frozen=True)
class Verb:
    """A verb and what goes with it.

    Attributes:
        english: Its base form; only the first word changes, as in "wait for".
        past: "waited for".
        participle: The past participle.
        progressive: The form in -ing.
        hindi: The infinitive, with what stands before it in a compound: "इंतज़ार करना".
        ne: "yes" where the subject of a perfective takes ने.
        case: How the object is marked: "direct" (को for people and known animals), "ko", "se",
            "ka", "par", "ke bare mein"; empty where there is none; "to" for a destination.
        gender: Of the noun inside a compound (मदद, f): the verb agrees with it.
        vector: The second verb of the usual perfective: "जाना" in सो गया, "लेना" in पी लिया.
        objects: Kinds of nouns, or nouns, that make sense as its object.
        places: Where it is done, keys of places.tsv.
        subjects: Kinds of nouns that do it.
    """

    english: str
    past: str
    participle: str
    progressive: str
    hindi: str
    ne: str
    case: str
    gender: str
    vector: str
    objects: str
    places: str
    subjects: str

    @property
    def is_motion(self) -> bool:
        """Whether it goes somewhere: "to" the market."""
        return self.case == "to"


@dataclass(frozen=True)
class Place:
    """A place, as where one is, goes to and comes from; some are only for being there."""

    english: str
    at: str
    to: str
    come_from: str
    hindi_at: str
    hindi_to: str
    hindi_from: str


@dataclass(frozen=True)
class Time:
    """When something happens: `tenses` it goes with and its `positions` in English."""

    english: str
    hindi: str
    tenses: str
    positions: str


@dataclass(frozen=True)
class Manner:
    """How something is done, by which verbs (their spaces written as "_").

    `place` is "before" or "after" for its place beside a Hindi object: ध्यान से किताब पढ़ना, but
    कमरा अच्छी तरह साफ़ करना.
    """

    english: str
    hindi: str
    verbs: str
    place: str


@dataclass(frozen=True)
class State:
    """What one is, has or feels: an adjective where `verb` is "adjective", else a noun and verb."""

    english: str
    hindi: str
    verb: str
    gender: str
    note: str


@dataclass(frozen=True)
class Cause:
    """In this state one does (`effect` "yes") or does not do ("no") what `verb` says."""

    state: str
    effect: str
    verb: str
    objects: str


@dataclass(frozen=True)
class Sequence:
    """Two things that one does one after the other; "same" is the first one's object again.

    `before` is "yes" where one can also do the second without, or say "before" of it.
    """

    first: str
    objects: str
    second: str
    second_objects: str
    before: str


@dataclass(frozen=True)
class Group:
    """Verbs that have something in common (their spaces written as "_"), and why it matters."""

    group: str
    verbs: str
    why: str


@dataclass(frozen=True)
class Holder:
    """Where things are: "on" (`case` पर) the table, "in" (में) the box; and which things."""

    holder: str
    case: str
    preposition: str
    things: str


@dataclass(frozen=True)
class Setting:
    """Among what something is the biggest of all: "in this city", इस शहर का."""

    nouns: str
    english: str
    hindi: str


@dataclass(frozen=True)
class Purpose:
    """What one goes somewhere for."""

    goal: str
    verb: str
    objects: str


@dataclass(frozen=True)
class Experience:
    """What one can have done once in one's life, or not."""

    verb: str
    objects: str


@dataclass(frozen=True)
class Greeting:
    """A set phrase, final mark included."""

    english: str
    hindi: str


@dataclass(frozen=True)
class Topic:
    """What a sentence is about, by its nouns' kinds and by other English words in it."""

    topic: str
    nouns: str
    words: str


@dataclass(frozen=True)
class Lexicon:
    """All the tables."""

    nouns: tuple[Noun, ...]
    names: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    verbs: tuple[Verb, ...]
    ditransitives: tuple[Verb, ...]
    places: tuple[Place, ...]
    times: tuple[Time, ...]
    manners: tuple[Manner, ...]
    states: tuple[State, ...]
    causes: tuple[Cause, ...]
    sequences: tuple[Sequence, ...]
    groups: tuple[Group, ...]
    holders: tuple[Holder, ...]
    settings: tuple[Setting, ...]
    purposes: tuple[Purpose, ...]
    experiences: tuple[Experience, ...]
    greetings: tuple[Greeting, ...]
    topics: tuple[Topic, ...]

    def chosen(self, choice: str) -> list[Noun]:
        """List the nouns that "fruit snack water" names, by kind or by the noun itself.

        Women's professions have a kind of their own, since English does not tell them apart.
        """
        if choice not in self._chosen:  # few choices, and each is asked for thousands of times
            words = choice.split()
            self._chosen[choice] = [
                noun
                for noun in self.nouns
                if noun.kind in words or (noun.english in words and noun.kind != "profession")
            ]
        return [*self._chosen[choice]]

    @functools.cached_property
    def _chosen(self) -> dict[str, list[Noun]]:
        return {}

    @functools.cached_property
    def topic_words(self) -> dict[str, frozenset[str]]:
        """The English words by which a sentence is known to be about each topic."""
        return {
            row.topic: frozenset(row.words.split()).union(
                *({noun.english, noun.plural} for noun in self.chosen(row.nouns))
            )
            for row in self.topics
        }

    def topics_of(self, text: str) -> set[str]:
        """Name what an English sentence is about."""
        said = set(text.replace(",", "").split())
        return {topic for topic, known in self.topic_words.items() if said & known}

    def about_the_same(self, first: str, second: str) -> bool:
        """Tell whether two sentences share a topic, so that "and" has something to join."""
        return not self.topics_of(first).isdisjoint(self.topics_of(second))


def read(folder: Path = FOLDER) -> Lexicon:
    """Read every table of a folder.

    Raises:
        ValueError: A row has too many or too few columns; the message names file and line.
    """
    kinds = dict(zip((field.name for field in fields(Lexicon)), KINDS, strict=True))
    return Lexicon(**{name: _rows(folder / f"{name}.tsv", kind) for name, kind in kinds.items()})


KINDS = (
    Noun, Noun, Adjective, Verb, Verb, Place, Time, Manner, State, Cause, Sequence, Group, Holder,
    Setting, Purpose, Experience, Greeting, Topic,
)  # fmt: skip


def _rows(path: Path, kind: type) -> tuple:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    width = len(fields(kind))
    for number, row in enumerate(rows, 2):
        if len(row) != width:
            raise ValueError(f"{path}:{number}: {len(row)} columns; {kind.__name__} has {width}")
    return tuple(kind(*row) for row in rows)


@functools.cache
def lexicon() -> Lexicon:
    """Return the course's own words, read once."""
    return read()
