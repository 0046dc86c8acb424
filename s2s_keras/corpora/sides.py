"""Whether the two sides of a corpus can be what they should be: sentences and translations."""

from collections.abc import Sequence

from ..errors import InputError
from .columns import DEVANAGARI, has_letter

PAIRS_TO_JUDGE_BY = 1_000
_CHOOSE = "choose the right columns with --source-column and --target-column"


def check_sides(
    source: Sequence[str], target: Sequence[str], name: str, any_order: bool = False
) -> None:
    """Raise InputError for sides that cannot be trained on, as some of the pairs show.

    Args:
        source: Sentences.
        target: Their translations.
        name: The name of the corpus, for messages.
        any_order: Whether the source may be the one in Devanagari.

    Raises:
        InputError: A side has almost no letters, both sides are mostly equal, or they are swapped.
    """
    step = max(1, len(source) // PAIRS_TO_JUDGE_BY)
    source, target = source[::step], target[::step]
    for side, sentences in (("source", source), ("target", target)):
        if sum(map(has_letter, sentences)) < 0.05 * len(sentences):
            example = f"{sentences[0][:30]!r}"
            raise InputError(
                f"{name}: the {side} side has no letters, only texts such as {example}; {_CHOOSE}"
            )
    equal = sum(map(str.__eq__, source, target))
    if 2 * equal > len(source):
        raise InputError(
            f"{name}: source and target are equal in {equal:,} of {len(source):,} pairs; "
            f"{_CHOOSE}, or give the translation as the second file"
        )
    in_hindi = [sum(map(bool, map(DEVANAGARI.search, side))) for side in (source, target)]
    if not any_order and 2 * in_hindi[0] > len(source) > 2 * in_hindi[1]:
        raise InputError(
            f"{name}: the source is in Hindi and the target is not; give the English side first, "
            "and --swap to translate from Hindi"
        )
