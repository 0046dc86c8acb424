"""What is written by hand for the course, and what the data card says of the phrasebook."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from s2s_keras import corpora
from s2s_keras.text import words

DATA = Path(__file__).parents[1] / "data"
ROWS = [
    line.split("\t")
    for line in (DATA / "phrasebook.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
EVERYDAY = [
    line.split("\t")
    for line in (DATA / "everyday.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
FURTHER = [
    line.split("\t")
    for line in (DATA / "translations.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
CARD = (DATA / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def phrasebook():
    return corpora.load("phrasebook")


def test_every_row_has_three_fields_in_nfc():
    for row in ROWS + EVERYDAY:
        assert len(row) == 3
        assert all(unicodedata.is_normalized("NFC", field) for field in row)


def test_english_is_english_and_hindi_is_hindi():
    for english, hindi, _ in ROWS:
        assert re.fullmatch(r"[A-Z][A-Za-z', ]*[.?!]", english), english
        assert re.fullmatch(r"[\u0900-\u0963 ,-]+[।?!]", hindi), hindi


def test_everyday_sentences_and_further_translations_have_letters_and_marks_in_their_places():
    for english, hindi, *_ in EVERYDAY + FURTHER:
        assert re.fullmatch(r"([A-Z][A-Za-z,' -]*[.?!]( (?=.)|$))+", english), english
        assert re.fullmatch(r"([\u0900-\u0963 ,-]+[।?!]( (?=.)|$))+", hindi), hindi
        marks = [re.findall("[.?!।]", side.replace(".", "।")) for side in (english, hindi)]
        assert marks[0] == marks[1], (english, hindi)
        assert not re.search(r"  | [,.?!।]|^ | $|,(?! )", f"{english}\t{hindi}"), (english, hindi)


def test_every_further_translation_is_of_a_sentence_by_hand_and_new():
    known = {(english, hindi) for english, hindi, _ in ROWS + EVERYDAY}
    assert {english for english, _ in FURTHER} <= {english for english, _ in known}
    assert known.isdisjoint(map(tuple, FURTHER))
    assert max(Counter(map(tuple, FURTHER)).values()) == 1


def test_no_sentence_comes_twice_in_what_is_written_by_hand():
    for side in (0, 1):
        keys = Counter(corpora.leak_key(row[side]) for row in ROWS + EVERYDAY)
        assert max(keys.values()) == 1


def test_both_sides_end_in_the_same_kind_of_mark():
    for english, hindi, _ in ROWS:
        assert {".": "।"}.get(english[-1], english[-1]) == hindi[-1], (english, hindi)


def test_no_sentence_occurs_twice_in_either_language(phrasebook):
    assert not phrasebook.skipped
    for side in (phrasebook.source, phrasebook.target):
        assert max(Counter(map(corpora.leak_key, side)).values()) == 1


def test_precomposed_letters_and_unclear_spellings_do_not_occur():
    # Vowel sign order, doubled signs, and nukta or chandrabindu where the conventions have none.
    wrong = re.compile(r"[\u0958-\u095f]|[ा-ौ]{2}|[कखग]़|ंँ|ँं|््|ये(?=[ ।?!,])")
    found = {
        word
        for _, hindi, _ in ROWS + EVERYDAY
        for word in words(hindi)
        if wrong.search(word) and word != "ये"
    }
    assert not found


@pytest.mark.parametrize(
    ("english", "hindi"),
    [
        ("Nice to meet you.", "आपसे मिलकर अच्छा लगा।"),
        ("Think about it.", "इसके बारे में सोचो।"),
        ("Please sit down.", "कृपया बैठ जाइए।"),
    ],
)
def test_the_sentences_that_the_course_walks_through_are_there(phrasebook, english, hindi):
    assert dict(phrasebook)[english] == hindi


def test_requests_follow_the_politeness_convention():
    """With "please" the verb is in an आप form: its तुम form would end the sentence in ो or ओ."""
    for english, hindi, _ in ROWS:
        if english.startswith("Please"):
            assert not re.search(r"(ो|ओ)।$", hindi), (english, hindi)


def test_the_data_card_tells_the_truth(phrasebook):
    def counted(side):
        return Counter(word for text in side for word in words(text) if word[0].isalpha())

    english, hindi = counted(map(str.lower, phrasebook.source)), counted(phrasebook.target)
    once = [sum(count == 1 for count in side.values()) for side in (english, hindi)]
    assert f"{len(phrasebook):,} everyday English sentences" in CARD
    assert f"| words | {english.total():,} | {hindi.total():,} |" in CARD
    assert f"| different words | {len(english)} | {len(hindi):,} |" in CARD
    assert f"| of these used once | {once[0]} | {once[1]} |" in CARD
    marks = Counter(hindi[-1] for _, hindi, _ in ROWS)
    assert f"{marks['।']:,} pairs are statements or requests, {marks['?']} are questions" in CARD
    assert ", ".join(sorted({topic for _, _, topic in ROWS})) in " ".join(CARD.split())
    familiar = sum(any(w.startswith("तुम") for w in words(hindi)) for _, hindi, _ in ROWS)
    assert f"तुम stands in {familiar} sentences" in CARD
