"""What a sentence is about, before it is said in a language."""

from dataclasses import dataclass, replace

from .lexicon import Adjective, Noun, Place, State, Verb


@dataclass(frozen=True)
class Agreement:
    """What a Hindi verb or adjective agrees with.

    Attributes:
        person: "मैं", "तुम" or "वह" for the third; आप and हम go with the plural of "वह".
        plural: Of number, or of respect.
        feminine: Of gender.
    """

    person: str = "वह"
    plural: bool = False
    feminine: bool = False


NEUTRAL = Agreement()


@dataclass(frozen=True)
class Pronoun:
    """A pronoun; the Hindi forms are in `hindi.PRONOUNS`."""

    english: str
    object: str
    possessive: str
    hindi: str
    agreement: Agreement


# One Hindi for each: "you" is आप, unless the sentence calls somebody by name (see the data card).
I = Pronoun("I", "me", "my", "मैं", Agreement("मैं"))  # noqa: E741
WE = Pronoun("we", "us", "our", "हम", Agreement(plural=True))
YOU = Pronoun("you", "you", "your", "आप", Agreement(plural=True))
HE = Pronoun("he", "him", "his", "वह", Agreement())
SHE = Pronoun("she", "her", "her", "वह", Agreement(feminine=True))
THEY = Pronoun("they", "them", "their", "वे", Agreement(plural=True))
IT = Pronoun("it", "it", "its", "वह", Agreement())
WHO = Pronoun("who", "who", "whose", "कौन", Agreement())
WHAT = Pronoun("what", "what", "", "क्या", Agreement())
NOBODY = Pronoun("nobody", "nobody", "their", "कोई", Agreement())
SOMEBODY = Pronoun("somebody", "somebody", "their", "कोई", Agreement())
EVERYBODY = Pronoun("everybody", "everybody", "their", "सब लोग", Agreement(plural=True))
YOU_FRIEND = Pronoun("you", "you", "your", "तुम", Agreement("तुम", plural=True))


@dataclass(frozen=True)
class Phrase:
    """A noun phrase.

    Attributes:
        noun: The noun, the name or the pronoun.
        plural: Its number.
        determiner: "the", "a", "this", "some", "two", ...; a key of `hindi.DETERMINERS`.
        owner: Whose it is; takes the determiner's place.
        adjectives: Before the noun.
        also: Further phrases that "and" joins to this one.
    """

    noun: Noun | Pronoun
    plural: bool = False
    determiner: str = ""
    owner: "Phrase | None" = None
    adjectives: tuple[Adjective, ...] = ()
    also: tuple["Phrase", ...] = ()

    @property
    def is_pronoun(self) -> bool:
        """Whether it is I, he, who, ..."""
        return isinstance(self.noun, Pronoun)

    @property
    def is_honorific(self) -> bool:
        """Whether one speaks of this one person in the plural."""
        return not self.is_pronoun and self.noun.note == "honorific" and self.determiner != "a"

    @property
    def is_known(self) -> bool:
        """Whether the hearer knows which one is meant."""
        return bool(self.owner) or self.determiner in ("the", "this", "that")

    @property
    def agreement(self) -> Agreement:
        """What a verb agrees with whose subject, or unmarked object, this is."""
        if self.also:
            people = (self, *self.also)
            return Agreement(
                plural=True,
                feminine=all(replace(person, also=()).agreement.feminine for person in people),
            )
        if self.is_pronoun:
            return self.noun.agreement
        plural = self.plural or self.is_honorific or self.noun.note == "plural"
        return Agreement(plural=plural, feminine=self.noun.gender == "f")


@dataclass(frozen=True)
class Adverbial:
    """A time, place, manner or companion, in both languages."""

    english: str
    hindi: str
    slot: str  # "front", "middle", "aim", "manner", "adverb", "companion", "place", "time"


@dataclass(frozen=True)
class Clause:
    """Somebody does something.

    Attributes:
        subject: Who does it.
        verb: What is done.
        tense: A key of `hindi.TENSES` and `english.TENSES`.
        object: To what.
        recipient: To whom something is given, shown, told.
        goal: Where one goes to.
        adverbials: When, where, how, with whom.
        negative: Whether it is not so.
        contracted: Whether English says "don't" for "do not".
        question: "" for a statement, "yes-no", or an interrogative: "where", "when", "why", "how".
            A question for who or what is one whose subject or object is WHO or WHAT.
        plain: Whether a Hindi perfective does without its vector, as in a जब-clause: वह उठा.
        unsaid: "subject", "object": what Hindi leaves out and still agrees with.
    """

    subject: Phrase
    verb: Verb
    tense: str
    object: Phrase | None = None
    recipient: Phrase | None = None
    goal: Place | None = None
    adverbials: tuple[Adverbial, ...] = ()
    negative: bool = False
    contracted: bool = False
    question: str = ""
    plain: bool = False
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Being:
    """Somebody or something is so, or is somewhere, or is somebody.

    Attributes:
        subject: Who; ignored for the weather.
        predicate: A state, an adjective, a phrase (he is a doctor) or an adverbial (of place).
        tense: "present", "past" or "future".
        degree: "", "very" or "more", for an adjective.
        than: What it is compared with.
        front: When, before all the rest.
        question: "" or "yes-no".
    """

    subject: Phrase
    predicate: State | Adjective | Phrase | Adverbial
    tense: str = "present"
    negative: bool = False
    contracted: bool = False
    degree: str = ""
    than: Phrase | None = None
    front: Adverbial | None = None
    question: str = ""


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages, and what it is made of.

    Attributes:
        english: The sentence, capital and final mark included.
        hindi: Its translation.
        pattern: Which function of `patterns` made it, and with what tense or the like.
        patterns: That, and the patterns of the sentences inside it.
        pairings: The verb and noun, "read book", of each object in it.
    """

    english: str
    hindi: str
    pattern: str
    patterns: frozenset[str]
    pairings: frozenset[str]
