"""What a pattern returns, and the list of all patterns."""

from collections.abc import Callable
from dataclasses import dataclass

from .. import english, hindi
from ..draw import Draw
from ..meaning import Being, Clause


@dataclass(frozen=True)
class Said:
    """A sentence, or a part of one, in both languages.

    Attributes:
        english: What is said.
        hindi: The same.
        variant: Its tense or the like.
        pairings: The verb and noun, "read book", of each object in it.
        inside: The patterns of the sentences inside it.
    """

    english: str
    hindi: str
    variant: str = ""
    pairings: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()

    def name(self, pattern: "Pattern") -> str:
        """Return the name of its pattern, "because past/present"."""
        return f"{pattern.__name__.strip('_')} {self.variant}".strip()


Pattern = Callable[[Draw], Said]
PATTERNS: dict[Pattern, float] = {}


def pattern(weight: float) -> Callable[[Pattern], Pattern]:
    """Enter a function in PATTERNS."""

    def enter(function: Pattern) -> Pattern:
        PATTERNS[function] = weight
        return function

    return enter


def say(what: Clause | Being, variant: str = "") -> Said:
    """Say a clause in both languages."""
    if isinstance(what, Being):
        return Said(english.being(what), hindi.being(what), variant or what.tense)
    pairings = frozenset()
    if what.object and not what.object.is_pronoun and what.verb.case != "to":
        pairings = frozenset([f"{what.verb.english} {what.object.noun.english}"])
    return Said(english.clause(what), hindi.clause(what), variant or what.tense, pairings)


def join(template: str, hindi_template: str, *parts: Said, variant: str = "") -> Said:
    """Put parts into "{0} because {1}" and "{0} क्योंकि {1}"."""
    return Said(
        template.format(*(part.english for part in parts)),
        hindi_template.format(*(part.hindi for part in parts)),
        variant or "/".join(part.variant for part in parts if part.variant),
        frozenset().union(*(part.pairings for part in parts)),
        frozenset().union(*(part.inside for part in parts)),
    )


STATEMENT = ("{0}.", "{0}।")
QUESTION = ("{0}?", "{0}?")


def tell_or_ask(said: Said, kind: str) -> Said:
    """End a sentence with its mark: a question where `kind` is "yes-no"."""
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), said)
