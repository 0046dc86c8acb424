"""Time to a given score: the course corpus, an epoch a round, chrF on its dev split after each."""

import time

import numpy as np

from s2s_keras import batches, corpora, evaluation, text
from s2s_keras.decoding import longest_target

from . import workload

LEARNING_RATE = 3e-3
JUDGED = 500  # sentences of the dev split


class Course:
    """The corpus as ids, and what scores translations into it."""

    def __init__(self):
        """Fit words on the training split and encode it."""
        splits = corpora.load("course").split()
        self.source_words = text.WordTokenizer(lowercase=True).fit(splits.train.source)
        self.target_words = text.WordTokenizer().fit(splits.train.target)
        self.source_ids = self.source_words.encode_all(splits.train.source)
        self.target_ids = self.target_words.encode_all(splits.train.target)
        dev = splits.dev[:JUDGED]
        self.references = dev.target
        self.dev = batches.pad(self.source_words.encode_all(dev.source))
        self.longest = int(longest_target(self.dev.shape[1]))

    @property
    def vocabularies(self) -> tuple[int, int]:
        """The number of source ids and of target ids."""
        return self.source_words.vocabulary_size, self.target_words.vocabulary_size

    def chrf(self, rows: np.ndarray) -> float:
        """Score the dev split's translations, given as rows of ids."""
        translations = [self.target_words.decode(row.tolist()) for row in rows]
        return evaluation.score(translations, self.references).chrf


def ours(units: int):
    """Prepare epochs of this project's training."""
    import keras

    from s2s_keras import fast, models

    from . import package

    keras.utils.set_random_seed(0)
    course = Course()
    config = models.Seq2SeqConfig(*course.vocabularies, units=units, embedding=units, dropout=0.0)
    model = models.build_training_model(config, cells=fast.CELLS)
    step = package.train_step(model, LEARNING_RATE)
    data = batches.make_batches(
        course.source_ids, course.target_ids, workload.BATCH_SIZE, shuffle_seed=0
    )
    greedy = fast.greedy(model)

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for inputs, labels in data:
            loss, _ = step(inputs, labels)
        float(loss)
        seconds = time.perf_counter() - start
        return {"speed": 1 / seconds, "seconds": seconds, "chrf": course.chrf(greedy(course.dev))}

    return run_round


def theirs(units: int):
    """Prepare epochs of PyTorch's training, with the same batches made the same way."""
    import torch

    from . import torch_decoding, torch_peer

    torch_peer.keep_freed_memory()
    torch.manual_seed(0)
    course = Course()
    model = torch_peer.Seq2Seq(workload.Size(max(course.vocabularies), units))
    for side in ("source", "target"):
        torch.nn.init.normal_(getattr(model, f"{side}_embedding").weight)  # as ours
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, LEARNING_RATE, fused=True)
    random = np.random.default_rng(0)
    dev = torch.tensor(course.dev).long().T.contiguous()

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for members in epoch(course, random):
            arrays = workload.arrays(course.source_ids, course.target_ids, members)
            batch = torch_peer.prepared(*arrays, packs=False)
            torch_peer.descend(torch_peer.loss_of(model, batch, False), optimizer, parameters)
        seconds = time.perf_counter() - start
        rows = torch_decoding.greedy(model, dev, course.longest).T.numpy()
        return {"speed": 1 / seconds, "seconds": seconds, "chrf": course.chrf(rows)}

    return run_round


def epoch(course: Course, random: np.random.Generator):
    """Give the members of every batch of an epoch, of like lengths."""
    lengths = np.array(
        [[len(ids) for ids in side] for side in (course.target_ids, course.source_ids)]
    )
    return batches.members_of_batches(lengths, workload.BATCH_SIZE, random)
