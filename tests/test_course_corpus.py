"""The course corpus: written by its grammar, leak-free, and new where its test split says so."""

import random
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import simplemma
from wordfreq import top_n_list

from data.grammar import english, forms
from data.grammar.build import (
    PATTERNS_HELD_OUT,
    SEED,
    deal,
    draw_sides,
    fit_to_deal,
    not_to_be_drawn,
    pairings_held_out,
    pairings_in_words,
    shows_one,
    write,
    written_by_hand,
)
from data.grammar.draw import Draw
from data.grammar.frames import frame
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
    """What the grammar draws now: pairs and their novelty, by split."""
    return draw_sides(Draw(lexicon(), random.Random(SEED)), not_to_be_drawn())


def length(sentence: str) -> int:
    """The number of words, without punctuation."""
    return sum(any(map(str.isalnum, word)) for word in words(sentence))


# The grammar


def test_the_grammar_writes_the_tables_that_are_here_byte_for_byte(built, tmp_path):
    write(deal(built, fit_to_deal(lexicon())), tmp_path)
    for split in SPLITS:
        assert (tmp_path / f"{split}.tsv").read_bytes() == (FOLDER / f"{split}.tsv").read_bytes()


def test_a_held_out_pattern_is_nowhere_in_training_not_even_inside_a_longer_sentence(built):
    shown = {pattern for pair, _ in built["train"] for pattern in pair.patterns}
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
    assert all(pair.pairings.isdisjoint(held_out) for pair, _ in built["train"])
    by_hand, in_words = fit_to_deal(lexicon()), pairings_in_words(lexicon())
    assert not [row.english for row in by_hand if shows_one(row.english, in_words)]
    pairings = [pairing for pair, _ in built["train"] for pairing in pair.pairings]
    verbs = {pairing.rpartition(" ")[0] for pairing in pairings}
    known_words = {word for pair, _ in built["train"] for word in words(pair.english)}
    for pairing in held_out:
        verb, _, noun = pairing.rpartition(" ")
        assert verb in verbs and noun in known_words, pairing


def test_what_test_and_dev_call_new_is_held_out_and_nothing_else_is(built):
    held_out = pairings_held_out(lexicon())
    for pair, kind in (*built["test"], *built["dev"]):
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


def kinds_of(rows: list[list[str]]) -> Counter:
    """How many sentences, each counted once, are of each kind."""
    return Counter({english_: kind for english_, _, kind, _ in rows}.values())


def test_a_fifth_of_the_test_split_or_more_is_new(rows):
    kinds = kinds_of(rows["test"])
    assert kinds.keys() == {"seen", "pattern", "pairing", "natural"}
    assert kinds["pattern"] + kinds["pairing"] >= 0.2 * kinds.total()
    assert kinds["natural"] >= 400
    assert {kind for *_, kind, _ in rows["train"]} == {"seen"}


def test_dev_is_the_same_mixture_of_kinds_and_lengths_as_test(rows):
    test, dev = kinds_of(rows["test"]), kinds_of(rows["dev"])
    for kind in test:
        assert dev[kind] / dev.total() == pytest.approx(test[kind] / test.total(), abs=0.06)
    lengths = {
        split: Counter(
            length(english_) for english_, *_, kind, _ in rows[split] if kind != "natural"
        )
        for split in ("dev", "test")
    }
    for shortest, longest in BANDS:
        dev, test = (
            sum(count for n, count in lengths[split].items() if shortest <= n <= longest)
            / lengths[split].total()
            for split in ("dev", "test")
        )
        assert dev == pytest.approx(test, abs=0.02)


# Sentences by hand


def test_no_frame_of_a_natural_sentence_is_in_training(rows):
    trained_on = {frame(english_) for english_, *_ in rows["train"]}
    for split in ("dev", "test"):
        for english_, _, kind, _ in rows[split]:
            assert kind != "natural" or frame(english_) not in trained_on, english_


def test_dev_and_test_share_no_frame_of_a_natural_sentence(rows):
    dev, test = (
        {frame(english_) for english_, _, kind, _ in rows[split] if kind == "natural"}
        for split in ("dev", "test")
    )
    assert dev.isdisjoint(test)


@pytest.mark.parametrize(
    ("sentence", "shape"),
    [
        ("My brother is in the garden.", "_ is in _ ."),
        ("The book is in that old box.", "_ is in _ ."),
        ("Isn't he at home?", "is not P at _ ?"),
        ("I can't come, but she'll be there.", "P can not _ , but P will be there ."),
        ("Ravi's father didn't see what I'd bought.", "_ did not _ what P would _ ."),
        ("Let's go home.", "let us _ ."),
    ],
)
def test_a_frame_is_the_small_words_and_the_gaps_between_them(sentence, shape):
    assert frame(sentence) == shape


def test_the_sentences_by_hand_are_many_and_few_share_a_frame():
    by_hand = written_by_hand()
    frames = Counter(frame(row.english) for row in by_hand)
    assert len(by_hand) >= 8_000
    assert len(frames) > 0.8 * len(by_hand)
    everyday = Counter(frame(r.english) for r in by_hand if r.pattern.startswith("everyday"))
    assert max(everyday.values()) < 0.005 * everyday.total()
    # The bare ones, such as "_ ." and "_ is _ .", are what short sentences are.
    assert sum(n for n in everyday.values() if n <= 3) > 0.95 * everyday.total()


def test_the_vocabulary_is_one_that_a_small_model_can_learn(rows):
    in_use = [{word for row in rows["train"] for word in words(row[column].lower())
               if word[0].isalpha()} for column in (0, 1)]  # fmt: skip
    assert 900 <= len(in_use[0]) <= 2_000
    assert 1_200 <= len(in_use[1]) <= 3_500


def lemmas(rows: list[list[str]]) -> Counter:
    """How often each English word occurs, its forms together."""
    said = (word.partition("'")[0] for row in rows for word in words(row[0].lower()))
    said = (NO_LEMMAS.get(word, word) for word in said if word[:1].isalpha())
    # Twice: of "weddings" it makes "wedding", and of "wedding" something else.
    return Counter(LEMMA(LEMMA(word, "en"), "en").lower() for word in said)


LEMMA = simplemma.lemmatize


# What simplemma takes for a form of something else, or what an apostrophe leaves over.
NO_LEMMAS = {"putting": "put", "couldn": "could", "wouldn": "would", "shouldn": "should"}


def test_every_english_word_comes_ten_times_in_training(rows):
    counts = lemmas(rows["train"])
    assert {word: count for word, count in counts.items() if count < 10} == {}


def test_what_training_lacks_of_the_challenge_and_of_common_english_is_known(rows):
    """It lists them: `pytest -s`."""
    known = lemmas(rows["train"])
    challenge = sorted(lemmas(rows["challenge"]).keys() - known.keys())
    common = [word for word in top_n_list("en", 1_100) if word.isalpha() and len(word) > 1][:1_000]
    missing = [word for word in common if LEMMA(LEMMA(word, "en"), "en").lower() not in known]
    print(f"of the challenge: {', '.join(challenge)}", f"of common English: {', '.join(missing)}")
    assert len(challenge) <= 60
    assert len(missing) < 400


def test_hardly_a_sentence_of_dev_and_test_has_a_word_that_training_lacks(rows):
    # The further translations of a natural sentence have several words for one thing.
    first = {row[0]: row for split in ("test", "dev") for row in reversed(rows[split])}
    for column in (0, 1):
        known = {word for row in rows["train"] for word in words(row[column])}
        unknown = sum(not known.issuperset(words(row[column])) for row in first.values())
        assert unknown < 0.01 * len(first)


# Leaks


def test_no_sentence_comes_twice_within_or_across_the_splits(rows):
    """But a natural sentence of test comes with several translations, in rows of its own."""
    pairs = [tuple(map(leak_key, row[:2])) for split in SPLITS for row in rows[split]]
    assert max(Counter(pairs).values()) == 1
    assert max(Counter(hindi_ for _, hindi_ in pairs).values()) == 1
    english_ = [*{row[0] for row in rows["test"]}]
    english_ += [row[0] for split in ("train", "dev") for row in rows[split]]
    assert max(Counter(map(leak_key, english_)).values()) == 1


def test_natural_sentences_have_two_to_four_translations(rows):
    counts = Counter(english_ for english_, _, kind, _ in rows["test"] if kind == "natural")
    assert {*counts.values()} == {2, 3, 4}
    others = Counter(english_ for english_, _, kind, _ in rows["test"] if kind != "natural")
    assert max(others.values()) == 1


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
    astray = re.compile(r"  | [ ,.?!।]|^ | $|,(?! )|(?<![A-Za-z])'|'(?![a-z ])|(?<!s)' ")
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


def test_every_greeting_comes_8_times_in_training(rows):
    for greeting in lexicon().greetings:
        said, spoken = greeting.english[:-1], greeting.hindi[:-1]
        found = [row for row in rows["train"] if row[0].startswith(said)]
        found = [row for row in found if row[1].startswith(spoken)]
        assert len(found) >= 8, greeting


# The challenge


def test_the_challenge_is_400_sentences_with_one_to_four_references():
    references = load("course-challenge").references()
    assert len(references) == 400
    assert {1, 2} <= {len(several) for several in references.values()} <= {1, 2, 3, 4}


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
