"""The four tasks that are no translation: what their tables hold, and the programs behind them."""

import random
import re
from collections import Counter

import pytest

from data.tasks import answers, build, phonemes, speech, summaries, typing
from data.tasks.people import MEN, PEOPLE, is_held_out
from data.tasks.sounds import sounds
from s2s_keras import corpora
from s2s_keras.text import normalise

TASKS = ("typing", "answers", "summaries", "phonemes")
CARD = (build.DATA / "README.md").read_text(encoding="utf-8")
each_task = pytest.mark.parametrize("task", TASKS)


def table(task: str, split: str) -> list[list[str]]:
    lines = (build.FOLDER / task / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def ipa(word: str) -> str:
    return "".join(map(str, sounds(word)))


# The tables


def test_the_program_writes_the_tables_byte_for_byte(tmp_path):
    build.write(build.build(), tmp_path)
    for path in sorted(build.FOLDER.glob("*/*.tsv")):
        assert (tmp_path / path.relative_to(build.FOLDER)).read_bytes() == path.read_bytes(), path
    assert len([*tmp_path.glob("*/*.tsv")]) == 3 * len(TASKS)


@each_task
def test_the_tables_are_small(task):
    files = [*(build.FOLDER / task).glob("*.tsv")]
    assert sum(path.stat().st_size for path in files) <= 700_000
    assert sum(len(table(task, split)) for split in build.SPLITS) <= 6_000


@each_task
def test_a_corpus_of_that_name_has_every_row_and_keeps_its_splits(task):
    corpus = corpora.load(f"task-{task}")
    assert (corpus.licence, corpus.skipped) == ("CC0 1.0", {})
    for name, split in corpus.split()._asdict().items():
        rows = table(task, name)
        assert list(split) == [tuple(row[:2]) for row in rows]
        assert split.kinds == tuple(row[2] for row in rows if len(row) > 2)


@each_task
def test_the_catalogue_and_the_card_count_the_pairs(task):
    pairs = len(corpora.load(f"task-{task}"))
    (named,) = (one for one in corpora.catalogue() if one.name == f"task-{task}")
    assert named.size == f"{pairs:,} pairs"
    sizes = " / ".join(f"{len(table(task, split)):,}" for split in build.SPLITS)
    assert f"| task-{task} | {sizes} |" in CARD


@each_task
def test_no_source_is_in_two_splits_and_every_row_is_normalised(task):
    rows = [row for split in build.SPLITS for row in table(task, split)]
    sources = Counter(source for source, _, *kind in rows if kind != ["word"])
    for source, target, *_ in rows:
        assert (normalise(source), normalise(target)) == (source, target)
    if task != "typing":  # there, one spelling may stand for two words; alone, so may one sound
        assert max(sources.values()) == 1
    train, *others = ({row[0] for row in table(task, split)} for split in build.SPLITS)
    assert all(train.isdisjoint(other) for other in others)


# Sounds


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("करना", "kərnaː"),  # the second a is silent
        ("समझना", "səmədʒʱnaː"),
        ("समझा", "səmdʒʱaː"),
        ("मतलब", "mətləb"),
        ("कमल", "kəməl"),
        ("अजनबी", "ədʒnəbiː"),  # not ədʒənbiː
        ("खटखटाना", "kʰəʈkʰəʈaːnaː"),
        ("पत्र", "pətrə"),
        ("दोस्त", "doːst"),
        ("प्रिय", "prɪjə"),
        ("लंबा", "ləmbaː"),
        ("रंग", "rəŋg"),
        ("हिंदी", "hɪndiː"),
        ("नहीं", "nəhĩː"),
        ("पाँच", "pãːtʃ"),
        ("ज़्यादा", "zjaːdaː"),
        ("पढ़ाई", "pəɽʱaːiː"),
        ("कृपया", "krɪpjaː"),
        ("विज्ञान", "ʋɪgjaːn"),
        ("न", "nə"),
    ],
)
def test_words_are_spoken_as_they_are_said(word, spoken):
    assert ipa(word) == normalise(spoken)


def test_a_letter_without_a_sound_is_named():
    with pytest.raises(KeyError, match="a"):
        sounds("aक")


# Typing


@pytest.mark.parametrize(
    ("word", "ways"),
    [
        ("मुझे", {"mujhe"}),
        ("चाय", {"chaay", "chay"}),
        ("चाहिए", {"chaahiye", "chahiye", "chaahie", "chahie"}),
        ("अच्छा", {"accha", "acha", "achha", "acchaa", "achaa", "achhaa"}),
        ("ज़रूर", {"zaroor", "zarur", "jaroor", "jarur"}),
        ("हूँ", {"hoon", "hun", "hu"}),
        ("पहला", {"pahla", "pehla", "pahlaa", "pehlaa"}),
        ("कहा", {"kaha", "kahaa"}),
        ("हुई", {"hui"}),
        ("रुककर", {"rukkar"}),  # two letters that stand apart are both typed
        ("बड़ी", {"badi", "badee", "bari", "baree"}),
        ("फिर", {"phir", "fir"}),
    ],
)
def test_a_word_is_typed_in_all_its_ways_and_no_other(word, ways):
    draw = random.Random(0)
    assert {typing.typed(word, draw) for _ in range(500)} == ways


def test_words_from_english_are_not_typed_and_others_that_begin_alike_are():
    assert all(map(typing.is_from_english, ["ट्रेन", "डॉक्टरों", "सर", "बसों", "मई"]))
    assert not any(map(typing.is_from_english, ["बस", "सरकार", "सरल", "सर्दी", "बिल्ली", "कपड़े"]))


def test_typed_words_are_latin_and_test_words_begin_as_no_training_word_does():
    beginnings = {}
    for split in build.SPLITS:
        for source, target in table("typing", split):
            assert re.fullmatch("[a-z]+", source) and re.fullmatch("[\u0900-\u0963]+", target)
            beginnings.setdefault(split, set()).add(target[: build.SAME_BEGINNING])
    train, dev, test = (beginnings[split] for split in build.SPLITS)
    assert not train & dev and not train & test and not dev & test


# Questions


def test_a_question_has_exactly_one_answer():
    draw = random.Random(1)
    for length in (1, 2, 3, 4) * 100:
        source, answer, facts, asked = answers.story(length, draw)
        assert len(facts) == length == source.count(".")
        assert len({fact.person for fact in facts}) == len({fact.told for fact in facts}) == length
        question = source.rsplit(". ", 1)[1]
        fits = [a for fact in facts for q, a in fact.questions if q == question]
        assert fits == [answer] and (question, answer) in facts[asked].questions


def test_the_test_split_asks_for_what_training_never_shows():
    for split in build.SPLITS:
        for source, *_ in table("answers", split):
            shown = [
                is_held_out(person, told)
                for person, told in re.findall(r"(\w+) (?:is|has) ([^.]+)\.", source)
            ]
            assert any(shown) == (split == "test"), source


# Summaries


def test_a_summary_says_what_was_done_in_order_and_no_description():
    draw = random.Random(2)
    for one in (summaries.report(draw) for _ in range(300)):
        done = [*dict.fromkeys(thing for _, thing in one.done)]
        who = [*dict.fromkeys(person for person, _ in one.done)]
        *first, last = done
        assert one.summary == f"{' and '.join(who)} {', '.join(first)} and {last}."
        assert len(who) == 1 + (one.kind == "together")
        places = [one.text.index(thing) for thing in done]
        assert places == sorted(places)
        described = sum(map(one.text.count, {*sum(summaries.DESCRIPTIONS.values(), [])}))
        assert described == (one.kind == "drop")
        assert ("He " in one.text) <= (who[0] in MEN) and ("She " in one.text) <= (
            who[0] not in MEN
        )


def test_every_test_report_has_what_training_never_shows_and_no_other_report():
    for split in build.SPLITS:
        for source, target, _ in table("summaries", split):
            who = [person for person in PEOPLE if person in target]
            done = [thing for scene in summaries.SCENES.values() for row in scene for thing in row]
            shown = [
                (p, thing) for p in who for thing in done if re.search(f" {thing}[.,]", source)
            ]
            assert summaries.has_held_out(tuple(shown)) == (split == "test"), source


# Speech


@pytest.mark.parametrize(
    ("stem", "tense", "agreement", "verb"),
    [
        ("पी", "habitual", "f", "पीती है"),
        ("पी", "progressive", "mm", "पी रहे हैं"),
        ("पी", "future", "i", "पिऊँगा"),
        ("खा", "future", "m", "खाएगा"),
        ("धो", "future", "ff", "धोएँगी"),
        ("कर", "future", "m", "करेगा"),
        ("कर", "future", "mm", "करेंगे"),
        ("पढ़", "future", "i", "पढ़ूँगा"),
        ("काट", "habitual", "i", "काटता हूँ"),
    ],
)
def test_verbs_agree_with_their_subject(stem, tense, agreement, verb):
    assert speech._verb(stem, tense, agreement) == verb


def test_words_of_one_sound_are_told_apart_by_the_verb():
    draw = random.Random(3)
    said = [speech.sentence(draw).split() for _ in range(2000)]
    assert all(words[-1] == "है" for words in said if "यह" in words)
    assert all(words[-1] == "हैं" for words in said if "ये" in words)
    assert all(words[-1] in ("हूँ", "है", "हैं") or words[-1][-2:] in ("गा", "गी", "गे")
               for words in said)  # fmt: skip


def test_nothing_is_misheard_without_noise_and_all_with_much():
    heard = phonemes.spoken("वह मैं हूँ")
    assert heard == normalise("ʋ oː m ɛ̃ː h ũː").split()
    assert phonemes.misheard(heard, 0.0, random.Random(0)) == heard
    noisy = Counter(tuple(phonemes.misheard(heard, 1.0, random.Random(n))) for n in range(200))
    assert tuple(heard) not in noisy
    assert tuple(normalise("ʋ ɔː m ẽː h ʊ̃").split()) in noisy


def test_a_sound_that_is_taken_for_another_may_also_be_meant_by_it():
    for sound, others in phonemes.CONFUSED.items():
        assert all(sound in phonemes.CONFUSED[other] for other in others)


def test_the_test_split_has_every_sentence_with_each_amount_of_noise():
    of_noise = {}
    for _, target, noise in table("phonemes", "test"):
        of_noise.setdefault(noise, []).append(target)
    assert [*of_noise] == ["0%", "10%", "20%", "30%"]
    first, *others = of_noise.values()
    assert all(other == first for other in others)
    assert set(first).isdisjoint(row[1] for row in table("phonemes", "train"))


def test_training_has_every_word_of_test_alone():
    alone = {row[1] for row in table("phonemes", "train") if row[2] == "word"}
    assert {word for row in table("phonemes", "test") for word in row[1].split()} <= alone
