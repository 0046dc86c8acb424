"""What `benchmarks` promises: the same work for every contender, in turn, and an honest table."""

import argparse
import gzip
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import limits, paper_scale, streaming, workload
from benchmarks.__main__ import TRIED
from benchmarks.contest import ROOT, Contender, Result, contenders, in_turn
from benchmarks.pipeline import peak_memory
from benchmarks.report import Report
from benchmarks.shares import Limits
from benchmarks.tables import table
from s2s_keras.models import Seq2SeqConfig, build_training_model
from s2s_keras.text import END, PAD, START, UNK

needs_torch = pytest.mark.skipif(not find_spec("torch"), reason="needs PyTorch: extra bench")
TINY = workload.Size(vocabulary=40, units=8)
ATTENTIVE = workload.Size(vocabulary=40, units=8, attention=True)
CUBE = [[32, 32, 32]]


def result(name: str, *speeds: float) -> Result:
    return Result(name, [{"speed": speed} for speed in speeds])


# --- the contest


def test_a_ratio_is_that_of_rounds_side_by_side():
    """The machine was ten times as slow in the second round: the ratio of medians would say 5."""
    ours, theirs = result("ours", 20, 2, 20), result("theirs", 10, 1, 4)
    assert ours.ratio_to(theirs) == 2
    assert ours.median() / theirs.median() == 5


def test_contenders_run_in_turn_and_the_first_round_does_not_count():
    entries = (("one", "limits:products", "NumPy"), ("other", "limits:reading", "NumPy", 16, 8))
    measured = in_turn(2, (*entries[0], "float32", CUBE), entries[1])
    assert [result.name for result in measured] == ["one", "other"]
    for result in measured:
        assert len(result.rounds) == 2
        assert all(rate > 0 for measured in result.rounds for rate in measured.values())


def test_a_contender_that_fails_says_why():
    complaint = "(?s)no such size stopped.*KeyError: 'enormous'"
    with (
        contenders(("no such size", "package:train", "enormous", "float32", 1)) as (lost,),
        pytest.raises(RuntimeError, match=complaint),
    ):
        lost.run()


def test_every_contender_is_ended():
    with contenders(("one", "limits:products", "NumPy", "float32", CUBE)) as (one,):
        assert isinstance(one, Contender)
        assert one.process.poll() is None
    assert one.process.poll() == 0


# --- the work


def test_batches_of_like_length_hold_the_same_sentences_with_less_padding():
    def rows(batches):
        return Counter(tuple(row[row != PAD]) for *_, labels in batches for row in labels)

    sorted_, mixed = (list(workload.batches(TINY, 6, by_length)) for by_length in (True, False))
    assert rows(sorted_) == rows(mixed)

    def padding(batches):
        return np.mean(np.concatenate([labels.ravel() == PAD for *_, labels in batches]))

    assert padding(sorted_) < 0.05 < 0.3 < padding(mixed)


def test_decoder_inputs_are_the_labels_moved_by_one():
    for source, target, labels in workload.batches(TINY, 2, by_length=False):
        assert (target[:, 0] == START).all()
        moved = np.where(labels == END, PAD, labels)[:, :-1]
        np.testing.assert_array_equal(target[:, 1:], moved)
        assert source.max() < TINY.vocabulary


def test_multiplications_are_those_of_the_layers():
    """By hand for 8 units and 40 words: (8 + 8)·32 in each LSTM, 8·40 for the logits; thrice."""
    assert TINY.multiplications_per_token() == 3 * (2 * 16 * 32 + 8 * 40)


def test_multiplications_with_attention_are_those_of_the_layers():
    """By hand: (8 + 4)·16 in each direction, 16·32 in the decoder, 16·8 for tanh(W·[context; h]),
    8·40 for the logits, and 8 each for the scores and the context with 10 source tokens; thrice.
    """
    by_hand = 2 * 12 * 16 + 16 * 32 + 16 * 8 + 8 * 40 + 2 * 8 * 10
    assert ATTENTIVE.multiplications_per_token() == 3 * by_hand


def test_multiplications_of_decoding_are_those_that_no_table_saves():
    """By hand: h·U (8·32) at each of 10 + 20 timesteps, and h times the output (8·40) at 20.

    With attention h·U is 4·16 in each direction, and tanh(W·[context; h]), scores and context come
    to each of the 20.
    """
    assert TINY.multiplications_per_translation() == 30 * 256 + 20 * 320
    assert TINY.multiplications_per_translation(5) == 10 * 256 + 5 * 20 * (256 + 320)
    step = 256 + 128 + 320 + 2 * 8 * 10
    assert ATTENTIVE.multiplications_per_translation(5) == 10 * 2 * 64 + 5 * 20 * step


def test_the_weights_that_decoding_reads_are_those_of_every_time_step():
    """Four bytes each; one sentence reads as many as a beam of several hypotheses."""
    assert TINY.bytes_per_translation() == 4 * TINY.multiplications_per_translation()
    by_hand = 10 * 2 * 64 + 20 * (256 + 128 + 320)  # scores and context read no weights
    assert ATTENTIVE.bytes_per_translation() == 4 * by_hand


@needs_torch
@pytest.mark.parametrize("size", [TINY, ATTENTIVE], ids=str)
def test_pytorch_computes_what_our_model_computes(size):
    from benchmarks.agreement import largest_difference

    assert largest_difference(size) < 1e-5


@needs_torch
def test_attention_in_pytorch_sees_nothing_of_padding():
    """The same sentence with three positions of padding behind it, and another beside it."""
    import torch

    from benchmarks import torch_peer

    torch.manual_seed(0)
    model = torch_peer.Seq2Seq(ATTENTIVE)

    def logits(source, target):
        batch = torch_peer.prepared(*(np.array(ids) for ids in (source, target, target)), False)
        return torch_peer.logits_of(model, batch, False).detach().numpy()

    alone = logits([[5, 6]], [[7, 8, 9]])
    beside = logits([[5, 6, PAD, PAD, PAD], [9] * 5], [[7, 8, 9], [7, 8, 9]])
    np.testing.assert_allclose(beside[::2], alone, atol=1e-6)
    assert np.abs(beside[1::2] - alone).max() > 0.01


@needs_torch
@pytest.mark.parametrize("size", [TINY, ATTENTIVE], ids=str)
def test_pytorch_trains_to_the_same_loss_packed_or_padded(size):
    import torch

    from benchmarks import torch_peer

    torch.manual_seed(0)
    model = torch_peer.Seq2Seq(size)
    (batch,) = workload.batches(TINY, 1, by_length=False)
    losses = [
        torch_peer.loss_of(model, torch_peer.prepared(*batch, packs), packs).item()
        for packs in (True, False)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@needs_torch
@pytest.mark.parametrize("size", [TINY, ATTENTIVE], ids=str)
@pytest.mark.parametrize(("end", "ended"), [(0.0, False), (0.9, True)])
def test_pytorch_s_decoders_find_what_ours_find(size, end, ended):
    import torch

    from benchmarks import package, torch_decoding, torch_peer
    from benchmarks.agreement import copy_weights
    from s2s_keras import batches, fast

    torch.manual_seed(0)
    peer, model = torch_peer.Seq2Seq(size), package.build(size)
    with torch.no_grad():
        for weights in peer.parameters():
            weights *= 3  # firm opinions
        peer.logits.bias[[PAD, UNK, START]] = -1e4  # which ours never says
        peer.logits.bias[END] = end
    copy_weights(peer, model)
    source = package.random_source(size, 16)
    source[::2, 6:] = PAD
    columns = torch.tensor(source).long().T.contiguous()
    found = fast.greedy(model)(source, 9)
    assert (found == END).any() == ended
    np.testing.assert_array_equal(torch_decoding.greedy(peer, columns, 9).T, found)
    best = [hypotheses[0].tokens for hypotheses in fast.beam_search(model, 3)(source, 9)]
    by_beam = batches.pad(best, 9)
    assert (by_beam != found).any()
    np.testing.assert_array_equal(torch_decoding.beam(peer, columns, 9, 3).T, by_beam)


def test_the_peak_of_memory_is_this_process_s_own_whatever_its_parent_held():
    """Started from one that holds 300 MB more."""
    code = "from benchmarks.pipeline import peak_memory; print(peak_memory())"
    held = np.ones(300 * 2**20, "uint8")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    alone = int(run.stdout)
    assert held.all() and 5e6 < alone < peak_memory() - 200 * 2**20


# --- a corpus on disk

SHOWN = (
    "\rreading pairs.tsv.gz: 20.0k pairs [00:01, 20.0k pairs/s]"
    "\rreading pairs.tsv.gz: 5.00M pairs [02:20, 35.6k pairs/s]\npairs.tsv.gz: 5,000,000 pairs\n"
    "both sides: 100%|██████████| 5.00M/5.00M [1:00:05<00:00, 1.4k pairs/s]\n"
    "epoch 1/1:   0%|          | 0/77969 [00:00<?, ?batch/s]"
    "\repoch 1/1:   0%|          | 312/77969 [00:40<2:00:00, 8.1batch/s, loss 5.46]"
)


def test_what_a_training_shows_tells_its_passes_and_updates():
    assert streaming.passes_in(SHOWN) == {"reading pairs.tsv.gz": 140, "both sides": 3605}
    assert streaming.updates_in(SHOWN) == 312
    assert streaming.updates_in(SHOWN[:100]) == 0


def test_made_up_pairs_have_words_as_frequent_as_real_ones_and_are_the_same_each_time(tmp_path):
    """A word has one translation, and comes the less often the higher its rank."""
    texts = []
    for name in ("one.gz", "other.gz"):
        streaming.write_pairs(tmp_path / name, 3_000)
        with gzip.open(tmp_path / name, "rt", encoding="utf-8") as file:
            texts.append(file.read())
    assert texts[0] == texts[1]
    pairs = [[side.split() for side in line.split("\t")] for line in texts[0].splitlines()]
    first = Counter((english[1], hindi[4]) for english, hindi in pairs)
    counts = [count for _, count in first.most_common()]
    assert len({word for word, _ in first}) == len({wort for _, wort in first}) == len(first) > 500
    assert counts[0] / counts[9] == pytest.approx(10, rel=0.5)


def test_the_memory_of_a_training_from_disk_has_a_target():
    report = Report({})
    got = {"gigabytes": 1.6, "updates": 300, "seconds": 60, "passes": {"reading": 200}}
    report.add_streaming(5_000_000, 10**9, got)
    page = report.text()
    assert (
        "| memory to train on 5,000,000 pairs from disk | ≤ 1.5 GB | 1.60 GB | **missed** |" in page
    )
    assert "| reading, pairs/s | 25,000 |" in page and "of 64 pairs | 5.0 |" in page


# --- the report


def test_a_table_is_markdown():
    assert table(("a", "b"), ("1", "2")) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_a_target_that_is_missed_is_said_to_be():
    report = Report({"processor": "slow"})
    ours = result("this project", 10, 12)
    peers = result("PyTorch, packed", 20, 20), result("PyTorch, padded", 2, 2)
    report.add_training("small", "float32", [ours, *peers, result("textbook Keras", 4, 4)])
    page = report.text()
    assert "| training, small: × PyTorch | ≥ 1.0 | 0.55 | **missed** |" in page
    assert "| training, small: × textbook Keras | ≥ 2.5 | 2.75 | met |" in page
    assert "| this project | 11 | 10–12 | 0.55 |" in page
    assert "| processor | slow |" in page


def test_attention_and_the_beam_have_their_targets():
    report = Report({})
    ours, peer = result("this project", 11), result("PyTorch", 10)
    report.add_training("attention", "float32", [ours, peer])
    for batch_size in (1, 64):
        report.add_beam("small", 5, batch_size, [ours, peer])
        report.add_beam("attention", 5, batch_size, [peer, ours])  # measured only
    assert [target[0] for target in report.targets] == [
        "training, dot attention and a bidirectional encoder: × PyTorch",
        "beam search of width 5, one sentence at a time: × PyTorch",
        "beam search of width 5, 64 sentences at once: × PyTorch",
    ]
    assert {target[1:] for target in report.targets} == {("≥ 1.0", "1.10", "met")}


def test_a_target_says_what_is_compared_with_what():
    report = Report({})
    others = result("PyTorch, 64 at once", 1), result("`predict`, one sentence at a time", 1)
    report.add_decoding(64, [result("this project", 99), *others])
    assert [target[0] for target in report.targets] == [
        "greedy decoding, 64 sentences at once: × PyTorch, 64 at once",
        "greedy decoding, 64 sentences at once: × `predict`, one sentence at a time",
    ]


def report_with_limits(gflops: float, gigabytes: float) -> Report:
    """As if NumPy had reached so many GFLOP/s, and read so many GB/s."""
    report = Report({})
    products = Result("NumPy", [{"speed": gflops, "2 × 3 × 4": gflops}])
    reading = Result("NumPy", [{"speed": gigabytes, "sum": gigabytes}])
    report.add_limits({"float32": [products]}, {"small": [reading]})
    return report


def test_a_share_of_the_limit_is_arithmetic_or_for_one_sentence_reading():
    report, size = report_with_limits(100, 10), workload.SIZES["small"]
    needed = size.multiplications_per_translation()
    report.add_decoding(64, [result(name, 25e9 / needed) for name in "abcd"])  # two operations each
    report.add_decoding(1, [result(name, 2e9 / needed) for name in "abc"])  # four bytes each
    assert report.text().count("| 50% |") == 4
    assert report.text().count("| 80% |") == 3
    needed = size.multiplications_per_translation(5)
    report.add_beam("small", 5, 64, [result(name, 5e9 / needed) for name in "ab"])
    assert report.text().count("| 10% |") == 2


def test_the_limit_is_the_fastest_of_all_libraries_and_sizes_and_says_which():
    slow, fast = Result("NumPy"), Result("PyTorch")
    slow.rounds = [{"speed": 8.0, "2 × 2 × 2": 8.0, "4 × 4 × 4": 1.0}]
    fast.rounds = [{"speed": 9.0, "2 × 2 × 2": 2.0, "4 × 4 × 4": rate} for rate in (3.0, 9.0)]
    report = Report({})
    report.add_limits({"float32": [slow, fast]}, {})
    page = report.text()
    assert "| products of matrices, float32 | 9 GFLOP/s | PyTorch, 4 × 4 × 4 |" in page
    assert "| 2 × 2 × 2 | 8 | 2 |\n| 4 × 4 × 4 | 1 | 9 |" in page


def test_no_contender_ever_exceeds_the_limit():
    """Three times as fast as every product that was measured: its own speed is the limit then."""
    report, size = report_with_limits(100, 10), workload.SIZES["small"]
    needed = 2 * size.multiplications_per_token()
    report.add_training(
        "small", "float32", [result("ours", 300e9 / needed), result("PyTorch", 150e9 / needed)]
    )
    report.add_decoding(1, [result(name, 40e9 / size.bytes_per_translation()) for name in "ab"])
    page = report.text()
    assert re.findall(r"\| (\d+)% \|", page) == ["100", "50", "100", "100"]
    assert "| products of matrices, float32 | 300 GFLOP/s | ours: Training: vocabulary" in page


def test_no_limit_no_share():
    limits_ = Limits()
    limits_.reach("anything", 1.0, "somebody")
    assert limits_.of("anything") is None
    assert limits_.share("anything", 1.0) == ""


def test_what_was_tried_names_files_that_are_there():
    named = re.findall(r"`([\w/]+\.py)`", TRIED.read_text(encoding="utf-8"))
    assert len(named) >= 3
    for name in named:
        assert (ROOT / "s2s_keras" / name).is_file(), name


def test_the_machine_is_described():
    machine = limits.machine()
    assert "cores" in machine["processor"]
    assert "tensorflow 2." in machine["packages"]


# --- the paper's own size


def test_the_paper_s_network_trains_at_a_reduced_size():
    tiny = Seq2SeqConfig(30, 20, units=4, embedding=4, layers=4, dropout=0.0)
    plan = argparse.Namespace(steps=2, batch=3, length=4)
    speed, parameters = paper_scale.train(tiny, "float32", plan)
    assert speed > 0
    assert parameters == build_training_model(tiny).count_params()
