"""What a corpus on disk promises: all that one in memory does, and memory that hardly grows."""

import errno
import gzip
import json
import os
import signal
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import forking
import killed_training
import numpy as np
import pytest
from animals import TABLE
from hypothesis import given, settings
from hypothesis import strategies as st
from test_resume import contents

from s2s_keras import cli
from s2s_keras.batches import PairIds, batches_of, make_batches
from s2s_keras.checkpoints import Checkpoint, disk
from s2s_keras.corpora import ParallelCorpus, leak_key, load, streaming
from s2s_keras.corpora.splits import LARGEST_GROUP
from s2s_keras.corpora.streaming import StreamedCorpus
from s2s_keras.errors import InputError
from s2s_keras.text import counting
from s2s_keras.translator import preparing, train

TINY = {"units": 8, "embedding": 8, "batch_size": 8, "learning_rate": 0.01, "progress": False}
TINY |= {"attention": "none", "bidirectional": False, "schedule": "constant"}
# Every kind of row that a file has: pairs, one twice, one too long, one with an empty side.
ROWS = TABLE + "The cat eats number00.\tबिल्ली संख्या00 खाती है।\n" + "x" * 10_001 + "\tलंबा\nempty\t \n"


def streamed(pairs, name: str = "some") -> StreamedCorpus:
    """A corpus of pairs, as if they were read from a file."""
    return StreamedCorpus.from_rows(lambda report: iter(pairs), [], name)


def distinct(number: int) -> list[tuple[str, str]]:
    return [(f"english {n}", f"हिंदी {n}") for n in range(number)]


def keys(sentences) -> set[str]:
    return set(map(leak_key, sentences))


def error_of(function, *arguments, **options) -> str:
    with pytest.raises(InputError) as caught:
        function(*arguments, **options)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


# --- the same pairs


@pytest.fixture(params=["plain", "gz", "two texts", "folder", "csv"])
def paths(request, write):
    """The same rows as files of several kinds: what `load` is called with."""
    rows = [line.split("\t") for line in ROWS.splitlines()]
    if request.param == "plain":
        return [write("pairs.tsv", ROWS)]
    if request.param == "gz":
        return [write("pairs.tsv.gz", gzip.compress(ROWS.encode()))]
    if request.param == "csv":
        return [write("pairs.csv", "".join(f'{one},"{other}"\n' for one, other in rows))]
    texts = ["".join(f"{row[side]}\n" for row in rows) for side in (0, 1)]
    folder = "both" if request.param == "folder" else "."
    texts = [
        write(f"{folder}/x.{end}", text) for end, text in zip(("en", "hi"), texts, strict=True)
    ]
    return texts if request.param == "two texts" else [texts[0].parent]


@pytest.mark.parametrize("swap", [False, True])
def test_a_streamed_corpus_has_the_pairs_of_one_in_memory_and_tells_the_same(paths, swap):
    on_disk, in_memory = (load(*paths, swap=swap, stream=stream) for stream in (True, False))
    assert list(on_disk) == list(on_disk) == list(in_memory)
    assert tuple(on_disk.source) == in_memory.source
    assert tuple(on_disk.target) == in_memory.target
    assert len(on_disk) == len(in_memory) == 50
    assert on_disk.skipped == in_memory.skipped
    assert on_disk.skipped_rows == in_memory.skipped_rows
    assert ":52: over 10,000 characters" in on_disk.skipped_rows[0]
    assert on_disk.read_as == in_memory.read_as
    assert on_disk.references() == in_memory.references()


def test_a_strict_reader_stops_at_the_first_bad_row(write):
    path = write("pairs.tsv", ROWS)
    assert f"{path}:52: over" in error_of(load, path, strict=True, stream=True)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("a\n" * 9, "no column 2"),
        ("english\thindi\n", "no usable pair (no rows below the header)"),
        ("1\t2\n" * 3, "no letters"),
        ("yes\tyes\nno\tno\n", "source and target are equal"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_as_in_memory(write, rows, problem):
    path = write("pairs.tsv", rows)
    assert problem in error_of(load, path, stream=True) == error_of(load, path)


def test_the_sides_are_judged_by_pairs_from_all_of_the_file(monkeypatch):
    monkeypatch.setattr(streaming, "PAIRS_TO_JUDGE_BY", 10)
    sources, targets = streamed(distinct(1_000)).sample
    assert len(sources) == len(targets) in range(10, 20)
    numbers = [int(source.split()[1]) for source in sources]
    assert numbers[0] == 0 and numbers[-1] > 900
    assert len({*np.diff(numbers)}) == 1


def test_a_file_that_changes_between_two_readings_is_told(write):
    """One more pair, one less, and another one of the same length."""
    path = write("pairs.tsv", TABLE)
    for changed in (TABLE + "a\tक\n", TABLE[: TABLE.rindex("The")], TABLE.replace("cat", "rat")):
        write("pairs.tsv", TABLE)
        corpus = load(path, stream=True)
        assert len(list(corpus)) == 50
        os.utime(write("pairs.tsv", changed), (1, 1))
        assert "pairs.tsv: changed since it was read first" in error_of(list, corpus)
    path.unlink()
    assert "pairs.tsv: changed since it was read first" in error_of(list, corpus)


def test_rows_that_come_or_go_are_told_also_where_no_file_shows_it():
    pairs = distinct(9)
    corpus = streamed(pairs)
    for change in (lambda: pairs.append(("a", "क")), lambda: pairs.__delitem__(slice(2))):
        change()
        assert "changed since it was read first" in error_of(list, corpus)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_which_can_be_read_only_once_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    message = error_of(load, tmp_path / "pipe", stream=True)
    assert "pipe: can be read only once" in message and "save it as a file" in message


# --- splits

sentences = st.text("aAbc.! कखि।", min_size=1, max_size=3)
texts = st.lists(st.tuples(sentences, sentences), max_size=60)
shares = st.floats(0, 0.45)
seeds = st.integers(0, 5)


@given(texts, shares, shares, seeds)
def test_no_sentence_of_either_language_is_in_two_splits(pairs, dev, test, seed):
    train, dev, test = streamed(pairs).split(dev, test, seed)
    for one, other in [(train, dev), (train, test), (dev, test)]:
        assert not keys(one.source) & keys(other.source)
        assert not keys(one.target) & keys(other.target)


@given(texts, shares, shares, seeds)
def test_what_is_in_no_split_shares_a_sentence_with_dev_or_test_and_is_counted(
    pairs, dev, test, seed
):
    corpus = streamed(pairs)
    splits = corpus.split(dev, test, seed)
    for split in splits:
        assert list(split) == [pair for pair in corpus if pair in {*split}]
    left_out = Counter(corpus) - Counter(pair for split in splits for pair in split)
    known = [keys([*splits.dev.source, *splits.test.source])]
    known += [keys([*splits.dev.target, *splits.test.target])]
    for source, target in left_out:
        assert leak_key(source) in known[0] or leak_key(target) in known[1]
    counted = [n for split in splits for why, n in split.skipped.items() if why.startswith("in ")]
    assert sum(counted) == sum(left_out.values())


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_that_share_no_sentence_are_in_the_same_splits_as_in_memory(seed):
    pairs = distinct(500)
    in_memory = ParallelCorpus.from_pairs(pairs, "some").split(0.1, 0.2, seed)
    on_disk = streamed(pairs).split(0.1, 0.2, seed)
    assert [list(split) for split in on_disk] == [list(split) for split in in_memory]
    assert len(on_disk.test) > 50
    for split, other in zip(on_disk, in_memory, strict=True):
        ours, theirs = split.fingerprint(), other.fingerprint()
        np.testing.assert_array_equal(ours.source, theirs.source)
        np.testing.assert_array_equal(ours.target, theirs.target)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_a_sentence_of_too_many_pairs_is_trained_on(seed, side):
    """Held out, it would take all of its pairs away from training."""
    order = (0, 1) if side == 0 else (1, 0)
    hub = [("Hello.", f"नमस्ते {n}") for n in range(LARGEST_GROUP + 1)]
    pairs = [tuple(pair[i] for i in order) for pair in distinct(600) + hub]
    train = streamed(pairs).split(0.4, 0.4, seed).train
    assert [pair[side] for pair in train].count("Hello.") == len(hub)


def test_of_a_large_corpus_a_power_of_ten_is_held_out_few_enough_for_memory(monkeypatch):
    corpus = streamed(distinct(3_000))
    for most, share in ((300, 0.1), (299, 0.01), (30, 0.01), (2, 0.0001)):
        monkeypatch.setattr(streaming, "MOST_HELD_OUT", most)
        assert corpus.usual_share == pytest.approx(share)
    monkeypatch.setattr(streaming, "MOST_HELD_OUT", 100)
    _, dev, test = corpus.split()
    for split in (dev, test):  # four standard deviations around 30
        assert isinstance(split, ParallelCorpus) and 8 < len(split) < 52


def test_another_corpus_may_be_held_out():
    foreign = ParallelCorpus.from_pairs([("English 7!", "कुछ और"), ("new", "हिंदी 8।")], "f")
    splits = streamed(distinct(100)).split(dev=0, test=foreign)
    assert splits.test == foreign and not len(splits.dev)
    assert {*distinct(100)} - {*splits.train} == {*distinct(9)[7:]}
    assert splits.train.skipped == {"in test": 2}


def test_a_folder_with_splits_keeps_them_and_streams_what_is_trained_on(write):
    rows = {"train": "a\tक\nb\tख\n", "dev": "c\tग\n", "test": "d\tघ\n"}
    folder = [write(f"all/{name}.tsv", text) for name, text in rows.items()][0].parent
    corpus = load(folder, stream=True)
    assert [list(split) for split in corpus.split()] == [
        [("a", "क"), ("b", "ख")],
        [("c", "ग")],
        [("d", "घ")],
    ]
    assert not corpus.split().train.in_memory and corpus.split().dev.in_memory
    assert [*map(len, corpus.split(dev=0))] == [2, 0, 1]
    assert list(load(folder, stream=True, swap=True).given.test) == [("घ", "d")]


# --- vocabularies


def test_counts_are_exact_while_there_is_room(monkeypatch):
    monkeypatch.setattr(counting, "AT_A_TIME", 3)
    lines = ["a b a", "c a", "b d", "a", "e"]
    assert counting.count(lines, str.split) == Counter("abacabdae")


def test_where_there_is_no_room_for_all_words_the_commonest_are_found(monkeypatch):
    """A thousand words that come once each, between words that come often."""
    monkeypatch.setattr(counting, "AT_A_TIME", 10)
    lines = [f"often usual rare{n}" for n in range(1_000)] + ["often"] * 9
    counts = counting.count(lines, str.split, most=50)
    assert counts.most_common(2) == [("often", 1_009), ("usual", 1_000)]
    assert len(counts) <= 50 + 3 * 10


def test_a_sample_is_everything_or_an_even_choice_that_is_always_the_same():
    assert counting.sample(iter("abc"), 3) == ["a", "b", "c"]
    chosen = counting.sample(range(10_000), 1_000)
    assert chosen == counting.sample(range(10_000), 1_000)
    assert len({*chosen}) == 1_000
    assert np.mean(chosen) == pytest.approx(5_000, abs=4 * 2_887 / 1_000**0.5)


# --- ids on disk

ids = st.lists(st.integers(4, 99), max_size=7)


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(tmp_path / "kept")


def arrays(batches) -> list[np.ndarray]:
    return [
        np.asarray(array)
        for inputs, labels in batches
        for array in (inputs["source"], inputs["target"], labels)
    ]


def assert_the_same_batches(ours, theirs, epochs=2):
    assert len(ours) == len(theirs)
    for _ in range(epochs):
        ours_, theirs_ = arrays(ours), arrays(theirs)
        assert len(ours_) == len(theirs_) > 0
        for one, other in zip(ours_, theirs_, strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype == np.int32


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=9), st.booleans())
def test_ids_on_disk_give_the_batches_of_ids_in_memory(tmp_path_factory, pairs, reverse_source):
    folder = tmp_path_factory.mktemp("ids")
    preparing._write_ids(folder, pairs, len(pairs))
    on_disk = PairIds(
        preparing.TokensOnDisk(folder / preparing.TOKENS), np.load(folder / preparing.LENGTHS)
    )
    how = {"reverse_source": reverse_source, "shuffle_seed": 3}
    lists = zip(*pairs, strict=True)
    assert_the_same_batches(batches_of(on_disk, 2, **how), make_batches(*lists, 2, **how))


@pytest.mark.parametrize("kind", ["word", "char", "subword"])
def test_a_streamed_corpus_gives_the_vocabulary_and_the_batches_of_one_in_memory(
    kind, translators, write, checkpoint, monkeypatch
):
    if kind not in translators:
        pytest.skip("no tensorflow-text here")
    monkeypatch.setattr(counting, "AT_A_TIME", 7)
    path = write("pairs.tsv", TABLE)
    made = []
    for corpus in (load(path, stream=True), load(path)):
        tokenizers = [
            type(known)().fit(side)
            for known, side in zip(
                (translators[kind].source_tokenizer, translators[kind].target_tokenizer),
                (corpus.source, corpus.target),
                strict=True,
            )
        ]
        found = preparing.ids_of(corpus, *tokenizers, checkpoint)
        made.append(([one.vocabulary for one in tokenizers], batches_of(found, 4, shuffle_seed=1)))
    (vocabularies, batches), (expected, in_memory) = made
    assert vocabularies == expected
    assert_the_same_batches(batches, in_memory)
    assert (checkpoint.prepared / preparing.TOKENS).stat().st_size > 0


@pytest.fixture
def written(write, checkpoint, words, monkeypatch):
    """Writes the ids of a corpus of 50 pairs: `written(text)` returns whether it had to."""
    count = []
    write_ids = preparing._write_ids
    monkeypatch.setattr(preparing, "_write_ids", lambda *a: (count.append(1), write_ids(*a)))

    def written(text=TABLE, translator=words) -> bool:
        before = len(count)
        corpus = load(write("pairs.tsv", text), stream=True)
        tokenizers = translator.source_tokenizer, translator.target_tokenizer
        found = preparing.ids_of(corpus, *tokenizers, checkpoint)
        expected = PairIds.of(preparing._encoded(corpus, *tokenizers))
        np.testing.assert_array_equal(found.lengths, expected.lengths)
        np.testing.assert_array_equal(found.tokens[0 : len(expected.tokens)], expected.tokens)
        return len(count) > before

    return written


def test_ids_are_written_once_for_the_same_corpus_and_tokenizers(written, translators):
    assert written()
    assert not written()
    assert written(TABLE.replace("cat", "rat"))
    assert written(TABLE.replace("cat", "rat"), translators["char"])
    assert written()


def test_ids_that_are_half_written_are_written_again(written, checkpoint):
    written()
    tokens = checkpoint.prepared / preparing.TOKENS
    for damage in (
        lambda: tokens.write_bytes(tokens.read_bytes()[:-4]),
        lambda: (checkpoint.prepared / preparing.LENGTHS).write_bytes(b"\x93NUMPY"),
        lambda: (checkpoint.prepared / preparing.MADE_OF).unlink(),
        lambda: checkpoint.prepared.rename(checkpoint.prepared.with_name("prepared.unfinished")),
    ):
        damage()
        assert written() and not written()
    # What a process that was killed has left goes with the rest.
    assert {path.name for path in Path(checkpoint.folder).iterdir()} == {
        "prepared",
        "prepared.unfinished",
    }
    checkpoint.remove()
    assert not Path(checkpoint.folder).exists()


def test_without_a_checkpoint_ids_are_deleted_with_what_reads_them(write, words):
    corpus = load(write("pairs.tsv", TABLE), stream=True)
    found = preparing.ids_of(corpus, words.source_tokenizer, words.target_tokenizer)
    home = Path(found.tokens.home.name)
    assert len(found.padded(np.arange(50), False)[0]) == 50 and home.exists()
    del found
    assert not home.exists()


@pytest.mark.parametrize("when", ["is known before", "shows"])
def test_a_disk_without_room_is_told_in_one_line_and_nothing_is_left(
    write, checkpoint, words, monkeypatch, when
):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    corpus = load(write("pairs.tsv", TABLE), stream=True)
    if when == "shows":
        monkeypatch.setattr(disk, "flush_folder", full)
    else:
        usage = type("Usage", (), {"free": 1_000})
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: usage)
    tokenizers = words.source_tokenizer, words.target_tokenizer
    message = error_of(preparing.ids_of, corpus, *tokenizers, checkpoint)
    assert ("0 MB are free on this disk" in message) or ("No space left on device" in message)
    assert not Path(checkpoint.folder).exists()


# --- memory


def peak_of(function, *arguments) -> int:
    tracemalloc.start()
    function(*arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def bytes_a_pair(function) -> float:
    """How many more bytes are held at most for each pair that a corpus has more."""
    few, many = 5_000, 25_000
    return (peak_of(function, many) - peak_of(function, few)) / (many - few)


def rows(number):
    return ((f"a long english sentence {n}", f"एक लंबा हिंदी वाक्य {n}") for n in range(number))


def read(number) -> StreamedCorpus:
    return StreamedCorpus.from_rows(lambda report: rows(number), [], "some")


def test_reading_needs_few_bytes_a_pair(monkeypatch):
    monkeypatch.setattr(streaming, "PAIRS_TO_JUDGE_BY", 100)
    assert bytes_a_pair(read) < 80
    assert bytes_a_pair(lambda number: ParallelCorpus.from_pairs(rows(number), "")) > 300


def test_splitting_and_writing_ids_need_few_bytes_a_pair(monkeypatch, tmp_path):
    monkeypatch.setattr(streaming, "MOST_HELD_OUT", 100)
    monkeypatch.setattr(counting, "AT_A_TIME", 500)

    def prepare(number):
        train = read(number).split().train
        preparing._write_ids(tmp_path, (([5], [6, 7]) for _ in train), len(train))
        for side in (train.source, train.target):
            counting.count(side, lambda text: text.split()[:-1])

    assert bytes_a_pair(prepare) < 130


# --- training

FLAGS = ["--units", "8", "--embedding", "8", "--batch-size", "8", "--learning-rate", "0.01"]
FLAGS += ["--dropout", "0.2", "--stream"]


@pytest.fixture
def table(write):
    return write("pairs.tsv", TABLE)


def test_training_on_a_streamed_corpus_is_training_on_one_in_memory(table, tmp_path):
    trained = []
    for stream in (True, False):
        corpus = load(table, stream=stream)
        # No two pairs share a sentence, so both kinds of corpus have the same splits.
        trained.append(train(corpus, dev=0.2, test=0.2, epochs=2, **TINY))
    (one, history), (other, expected) = trained
    np.testing.assert_array_equal(history["loss"], expected["loss"])
    weights = one.training_model.get_weights(), other.training_model.get_weights()
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_command_line_trains_evaluates_and_leaves_only_the_translator(table, tmp_path, capsys):
    out = tmp_path / "new"
    common = ["--corpus", str(table), "--stream"]
    command = ["train", *common, *FLAGS, "--out", str(out), "--epochs", "1", "--dev", "0.2"]
    assert cli.main([*command, "--test", "0.2"]) == 0
    splits = load(table).split(0.2, 0.2)
    errors = capsys.readouterr().err
    assert f"training on {len(splits.train)} pairs" in errors
    assert f"holding out {len(splits.test)} for" in errors
    assert {path.name for path in tmp_path.iterdir()} == {"new", "pairs.tsv"}
    reports = []
    for flags in (common, common[:-1]):
        assert cli.main(["evaluate", "--model", str(out), *flags, "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        reports.append(report | {"seconds": 0})
    assert reports[0] == reports[1]
    assert reports[0]["sentences"] == len(splits.test)


def test_a_file_that_is_large_for_this_machine_is_remarked_on(table, monkeypatch, capsys):
    size = table.stat().st_size
    for memory, flags, said in (
        (3 * size, [], True),
        (5 * size, [], False),
        (3 * size, ["--stream"], False),
        (0, [], False),  # where the system does not tell
    ):
        monkeypatch.setattr("s2s_keras.cli.inputs.memory_size", lambda m=memory: m)
        cli.main(["evaluate", "--model", "none", "--corpus", str(table), *flags])
        assert ("--stream leaves the sentences in their file" in capsys.readouterr().err) == said


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot fork a process that has TensorFlow")
def test_killed_inside_an_epoch_a_training_goes_on_with_the_same_ids_and_ends_the_same(
    table, tmp_path, monkeypatch
):
    monkeypatch.setenv("TF_DETERMINISTIC_OPS", "1")

    def start(folder, *more):
        flags = ["--corpus", str(table), *FLAGS, "--epochs", "40", "--out", str(folder / "new")]
        process = forking.process(target=killed_training.train, args=(*flags, *more))
        process.start()
        return process

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    process = start(whole)
    process.join()
    assert process.exitcode == 0
    process = start(killed, "--checkpoint-minutes", "1e-6")
    file, tokens = (killed / "new.checkpoint" / name for name in ("training.npz", "prepared"))
    while process.is_alive() and not file.exists():
        time.sleep(0.005)
    time.sleep(0.3)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with np.load(file) as saved:
        state = json.loads(str(saved["state"]))
    assert len(state["rows"]) < 40
    before = (tokens / preparing.TOKENS).stat()
    process = start(killed, "--resume", "--checkpoint-minutes", "1e-6")
    resumed = None
    while process.is_alive():
        if (tokens / preparing.TOKENS).exists():
            resumed = (tokens / preparing.TOKENS).stat()
        time.sleep(0.005)
    process.join()
    assert process.exitcode == 0
    assert (resumed.st_ino, resumed.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert contents(killed) == contents(whole)
