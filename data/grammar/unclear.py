"""What the grammar can draw and the corpus leaves out: sentences that one could take two ways."""

import re

from .lexicon import Lexicon

PRONOUNS = {"m": re.compile(r"\b(he|him|his)\b"), "f": re.compile(r"\b(she|her)\b")}
OF_ONE = re.compile(r"(^| )(वह|उसे|उसने|उससे|उस|उसका|उसकी|उसके)(?= |$|[,।?])")


def is_unclear(english: str, hindi: str, lexicon: Lexicon) -> bool:
    """Tell whether a pair is to be left out: its Hindi, or its English, could be misunderstood."""
    he_and_she = re.search(r"(?i)\bhe\b", english) and re.search(r"(?i)\bshe\b", english)
    long_ago = english.startswith("Nobody") and english.endswith(" ago.")
    # Both are वह in Hindi; "that that boy" stumbles; what nobody did is not dated.
    return (
        bool(he_and_she)
        or " that that " in english
        or long_ago
        or (loses_respect(english, hindi, lexicon))
    )


def loses_respect(english: str, hindi: str, lexicon: Lexicon) -> bool:
    """Tell whether "she" after "my mother" could be another woman in Hindi.

    Of somebody respected Hindi goes on in the plural (वे, उन्हें, उनका). Where it has वह or उसे and
    English has a pronoun that fits, a reader cannot tell who is meant.
    """
    for noun in lexicon.nouns:
        if noun.note == "honorific":
            _, named, rest = english.partition(noun.english)
            if named and PRONOUNS[noun.gender].search(rest) and OF_ONE.search(hindi):
                return True
    return False
