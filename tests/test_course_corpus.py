"""The course corpus: written by its grammar, leak-free, and new where its test split says so."""

import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from data.grammar import english, forms
from data.grammar.build import PATTERNS_HELD_OUT, build, pairings_held_out, write
from data.grammar.lexicon import lexicon
from data.grammar.meaning import Agreement
from s2s_keras.corpora import leak_key, load
from s2s_keras.text import words

FOLDER = Path(__file__).parents[1] / "data" / "course"
SPLITS = ("train", "dev", "test")
BANDS = {(1, 4), (5, 8), (9, 14), (15, 35)}
GENDERS_AND_NUMBERS = [
    Agreement(plural=p, feminine=f) for p in (False, True) for f in (False, True)
]


def rows_of(name: str) -> list[list[str]]:
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines[1:]]


@pytest.fixture(scope="module")
def rows():
    """The rows of every table: english, hindi and, but for the challenge, novelty and pattern."""
    return {name: rows_of(name) for name in (*SPLITS, "challenge")}


@pytest.fixture(scope="session")
def built():
    """The corpus as the grammar writes it now: pairs and their novelty, by split."""
    return build()


def length(sentence: str) -> int:
    """The number of words, without punctuation."""
    return sum(any(map(str.isalnum, word)) for word in words(sentence))


# The grammar


def test_the_grammar_writes_the_tables_that_are_here_byte_for_byte(built, tmp_path):
    write(built, tmp_path)
    for split in SPLITS:
        assert (tmp_path / f"{split}.tsv").read_bytes() == (FOLDER / f"{split}.tsv").read_bytes()


def test_a_held_out_pattern_is_nowhere_in_training_not_even_inside_a_longer_sentence(built):
    for split in ("train", "dev"):
        shown = {pattern for pair, _ in built[split] for pattern in pair.patterns}
        assert shown.isdisjoint(PATTERNS_HELD_OUT)


TENSES = sorted((tense for tense in forms.TENSES if " " in tense), key=len, reverse=True)


def parts(pattern: str) -> list[str]:
    """Splits "because had to/past" into its construction and what is in it."""
    for tense in TENSES:
        pattern = pattern.replace(tense, tense.replace(" ", "_"))
    return re.split("[ /]", pattern)


def test_each_half_of_a_held_out_pattern_is_in_training(built):
    shown = {pattern for pair, _ in built["train"] for pattern in pair.patterns}
    constructions = Counter(parts(pattern)[0] for pattern in shown)
    inside = {part for pattern in shown for part in parts(pattern)[1:]}
    for construction, *others in map(parts, PATTERNS_HELD_OUT):
        assert constructions[construction] >= 1
        assert inside.issuperset(others), (construction, others)


def test_a_held_out_pairing_is_nowhere_in_training_and_each_of_its_words_is(built):
    held_out = pairings_held_out(lexicon())
    for split in ("train", "dev"):
        assert all(pair.pairings.isdisjoint(held_out) for pair, _ in built[split])
    pairings = [pairing for pair, _ in built["train"] for pairing in pair.pairings]
    verbs = {pairing.rpartition(" ")[0] for pairing in pairings}
    known_words = {word for pair, _ in built["train"] for word in words(pair.english)}
    for pairing in held_out:
        verb, _, noun = pairing.rpartition(" ")
        assert verb in verbs and noun in known_words, pairing


def test_what_the_test_split_calls_new_is_held_out_and_nothing_else_is(built):
    held_out = pairings_held_out(lexicon())
    for pair, kind in built["test"]:
        new_pattern = not pair.patterns.isdisjoint(PATTERNS_HELD_OUT)
        new_pairing = not pair.pairings.isdisjoint(held_out)
        assert kind == ("pattern" if new_pattern else "pairing" if new_pairing else "seen")


def test_every_held_out_pattern_and_most_held_out_pairings_are_tested(built):
    tested = {pattern for pair, _ in built["test"] for pattern in pair.patterns}
    pairings = {pairing for pair, _ in built["test"] for pairing in pair.pairings}
    held_out = pairings_held_out(lexicon())
    assert tested.issuperset(PATTERNS_HELD_OUT)
    assert len(pairings & held_out) > 0.8 * len(held_out)


# Sizes


def test_there_is_enough_to_learn_from_and_to_judge_by(rows):
    assert len(rows["train"]) >= 40_000
    assert len(rows["dev"]) >= 2_000
    assert len(rows["test"]) >= 2_000


def test_every_band_of_lengths_has_300_test_pairs(rows):
    lengths = [length(english) for english, *_ in rows["test"]]
    for shortest, longest in BANDS:
        assert sum(shortest <= n <= longest for n in lengths) >= 300


def test_sentences_have_1_to_35_words(rows):
    for column in (0, 1):
        lengths = {length(row[column]) for split in SPLITS for row in rows[split]}
        assert min(lengths) == 1 and 28 <= max(lengths) <= 35


def test_a_fifth_of_the_test_split_or_more_is_new(rows):
    kinds = Counter(kind for *_, kind, _ in rows["test"])
    assert kinds.keys() == {"seen", "pattern", "pairing"}
    assert kinds["pattern"] + kinds["pairing"] >= 0.2 * kinds.total()
    assert {kind for split in ("train", "dev") for *_, kind, _ in rows[split]} == {"seen"}


def test_the_vocabulary_is_one_that_a_small_model_can_learn(rows):
    every_row = [row for split in SPLITS for row in rows[split]]
    in_use = [{word for row in every_row for word in words(row[column].lower())
               if word[0].isalpha()} for column in (0, 1)]  # fmt: skip
    assert 900 <= len(in_use[0]) <= 2_000
    assert 1_200 <= len(in_use[1]) <= 3_000


def test_hardly_a_sentence_of_dev_and_test_has_a_word_that_training_lacks(rows):
    for column in (0, 1):
        known = {word for row in rows["train"] for word in words(row[column])}
        others = [row for split in ("dev", "test") for row in rows[split]]
        assert sum(not known.issuperset(words(row[column])) for row in others) < 0.01 * len(others)


# Leaks


def test_no_sentence_comes_twice_within_or_across_the_splits(rows):
    for column in (0, 1):
        keys = Counter(leak_key(row[column]) for split in SPLITS for row in rows[split])
        assert max(keys.values()) == 1


def test_no_sentence_of_the_challenge_is_in_any_split(rows):
    for column in (0, 1):
        keys = {leak_key(row[column]) for split in SPLITS for row in rows[split]}
        assert [row for row in rows["challenge"] if leak_key(row[column]) in keys] == []


# What a row looks like


@pytest.mark.parametrize("name", [*SPLITS, "challenge"])
def test_every_row_has_its_columns(rows, name):
    header = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").split("\n")[0].split("\t")
    assert header == ["english", "hindi", *(["novelty", "pattern"] * (name in SPLITS))]
    assert {len(row) for row in rows[name]} == {len(header)}


@pytest.mark.parametrize("name", [*SPLITS, "challenge"])
def test_english_is_english_and_hindi_is_hindi(rows, name):
    for english_, hindi_, *_ in rows[name]:
        assert re.fullmatch(r"([A-Z][A-Za-z,' -]*[.?!]( (?=.)|$))+", english_), english_
        assert re.fullmatch(r"([\u0900-\u0963 ,-]+[।?!]( (?=.)|$))+", hindi_), hindi_
        assert unicodedata.is_normalized("NFC", hindi_), hindi_


@pytest.mark.parametrize("name", [*SPLITS, "challenge"])
def test_both_sides_have_the_same_marks_in_the_same_order_and_end_in_one(rows, name):
    for english_, hindi_, *_ in rows[name]:
        marks = [re.findall("[.?!।]", side.replace(".", "।")) for side in (english_, hindi_)]
        assert marks[0] == marks[1] and hindi_.endswith(marks[1][-1]), (english_, hindi_)


@pytest.mark.parametrize("name", [*SPLITS, "challenge"])
def test_spaces_and_apostrophes_stand_where_they_should(rows, name):
    astray = re.compile(r"  | [ ,.?!।]|^ | $|,(?! )|(?<![a-z])'|'(?![a-z ])|(?<!s)' ")
    for english_, hindi_, *_ in rows[name]:
        assert not astray.search(english_), english_
        assert not astray.search(hindi_), hindi_


# The lexicon


@pytest.fixture(scope="module")
def occurrences(rows):
    """Counts training pairs with one of some English phrases and one of some Hindi phrases."""
    padded = [
        [f" {' '.join(words(row[column].lower()))} " for row in rows["train"]] for column in (0, 1)
    ]
    index = [defaultdict(set), defaultdict(set)]
    for column, texts in enumerate(padded):
        for number, text in enumerate(texts):
            for word in text.split():
                index[column][word].add(number)

    def among(column: int, phrase: str) -> set[int]:
        found = set.intersection(*(index[column][word] for word in phrase.lower().split()))
        return {n for n in found if f" {phrase.lower()} " in padded[column][n]}

    def beginning(column: int, stems: tuple[str, ...]) -> set[int]:
        return set().union(*(index[column][w] for w in [*index[column]] if w.startswith(stems)))

    def count(said, spoken, stems: tuple[str, ...] = ()) -> int:
        both = set().union(*(among(0, phrase) for phrase in said if phrase))
        if spoken := [phrase for phrase in spoken if phrase]:
            both &= set().union(*(among(1, phrase) for phrase in spoken))
        return len(both & beginning(1, stems) if stems else both)

    return count


# The first letters that a verb's forms have in common, where its stem is not among them.
STEMS = {"कर": ("कर", "कि", "की"), "जा": ("जा", "ग"), "ले": ("ल",), "दे": ("द",), "पी": ("पी", "पि")}


def entries():
    """Every word of the lexicon, and what to look for in English and in Hindi."""
    tables = lexicon()
    for noun in tables.nouns + tables.names:
        declined = [forms.decline(noun, p, o) for p in (False, True) for o in (False, True)]
        yield (
            noun,
            [noun.english, noun.plural, noun.english + "'s", noun.plural + "'"],
            declined,
            (),
        )
    for adjective in tables.adjectives:
        degrees = [adjective.english, adjective.comparative, adjective.superlative]
        bent = [forms.agree(adjective.hindi, with_) for with_ in GENDERS_AND_NUMBERS]
        yield adjective, degrees, bent, ()
    for verb in tables.verbs + tables.ditransitives:
        before, stem = forms.stem_of(verb.hindi)
        conjugated = [verb.english, verb.past, verb.participle, verb.progressive]
        yield verb, [*conjugated, english.third(verb.english)], [before], STEMS.get(stem, (stem,))
    for said in tables.times + tables.manners:
        yield said, [said.english], [said.hindi], ()
    for place in tables.places:
        in_hindi = [place.hindi_at, place.hindi_to, place.hindi_from]
        yield place, [place.at, place.to, place.come_from], in_hindi, ()
    for state in tables.states:
        bent = [forms.agree(state.hindi, with_) for with_ in GENDERS_AND_NUMBERS]
        yield state, [state.english.partition(" ")[2]], {*bent, state.hindi}, ()


def test_every_word_of_the_lexicon_comes_10_times_in_training(occurrences):
    counts = {entry: occurrences(*looked_for) for entry, *looked_for in entries()}
    assert len(counts) > 450
    assert {entry: count for entry, count in counts.items() if count < 10} == {}


def test_every_greeting_comes_10_times_in_training(rows):
    for greeting in lexicon().greetings:
        said, spoken = greeting.english[:-1], greeting.hindi[:-1]
        found = [row for row in rows["train"] if row[0].startswith(said)]
        found = [row for row in found if row[1].startswith(spoken)]
        assert len(found) >= 10, greeting


# The challenge


def test_the_challenge_is_400_sentences_with_one_to_three_references():
    references = load("course-challenge").references()
    assert len(references) == 400
    assert {1, 2} <= {len(several) for several in references.values()} <= {1, 2, 3}


def test_no_two_sentences_or_references_of_the_challenge_are_the_same(rows):
    pairs = [tuple(map(leak_key, row)) for row in rows["challenge"]]
    assert len(set(pairs)) == len(pairs)
    assert len({english_ for english_, _ in pairs}) == len({row[0] for row in rows["challenge"]})


# The package


def test_the_package_loads_the_tables_with_their_splits_and_kinds(rows):
    corpus = load("course")
    for split, loaded in zip(SPLITS, corpus.split(), strict=True):
        assert list(loaded) == [(row[0], row[1]) for row in rows[split]]
        assert loaded.kinds == tuple(row[2] for row in rows[split])
    assert len(corpus) == sum(len(rows[split]) for split in SPLITS)
