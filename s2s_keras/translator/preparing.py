"""The token ids of a corpus: in memory, or on disk where the corpus does not fit into memory."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..batches import PairIds, end_to_end
from ..checkpoints import Checkpoint, disk
from ..corpora import Corpus
from ..errors import InputError
from ..text import Tokenizer
from ..text.counting import chunks

TOKENS, LENGTHS, MADE_OF = "tokens.int32", "lengths.npy", "made_of.json"
Pair = tuple[Sequence[int], Sequence[int]]


def ids_of(
    corpus: Corpus, source: Tokenizer, target: Tokenizer, checkpoint: Checkpoint | None = None
) -> PairIds:
    """Return the token ids of a corpus.

    Those of a corpus that is streamed are written to disk: into what `checkpoint` keeps, where a
    run that goes on finds them; or else into a folder that is deleted when nothing needs it.

    Args:
        corpus: of either kind.
        source: the tokenizer of its sources.
        target: the tokenizer of its targets.
        checkpoint: of the training.

    Raises:
        InputError: there is no room on the disk, or it cannot be written; or the corpus's file
            cannot be read any more.
    """
    pairs = _encoded(corpus, source, target)
    if corpus.in_memory:
        return PairIds.of(pairs)
    home = None if checkpoint else tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    folder = checkpoint.prepared if checkpoint else Path(home.name, "ids")
    made_of = {"corpus": corpus.digest(), "source": _digest(source), "target": _digest(target)}
    if not _is_whole(folder, made_of):
        _write(folder, pairs, len(corpus), made_of)
    return PairIds(
        TokensOnDisk(folder / TOKENS, home), np.load(folder / LENGTHS, allow_pickle=False)
    )


class TokensOnDisk:
    """Tokens in a file, of which a slice is an array.

    It reads what is asked for and forgets it. Of a memory map all that was ever read would count as
    this process's memory, until the system needs it for something else.
    """

    def __init__(self, path: Path, home: tempfile.TemporaryDirectory | None = None):
        """Open the file; its `home` is deleted as soon as this is not needed any more."""
        self.file = open(path, "rb", buffering=0)  # noqa: SIM115 - read as long as this is there
        self.home = home
        self.one_at_a_time = threading.Lock()

    def __getitem__(self, part: slice) -> np.ndarray:
        """Read a slice: int32 `(tokens,)`."""
        with self.one_at_a_time:
            self.file.seek(4 * part.start)
            return np.frombuffer(self.file.read(4 * (part.stop - part.start)), "<i4")


def _encoded(corpus: Corpus, source: Tokenizer, target: Tokenizer) -> Iterator[Pair]:
    for chunk in chunks(corpus):
        sources, targets = zip(*chunk, strict=True)
        yield from zip(source.encode_all(sources), target.encode_all(targets), strict=True)


def _write(folder: Path, pairs: Iterable[Pair], number: int, made_of: dict) -> None:
    """Write a folder aside, flush it, and only then give it its name."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: several workers may write the same at once.
        unfinished = Path(tempfile.mkdtemp(prefix=folder.name + disk.UNFINISHED, dir=folder.parent))
        try:
            _write_ids(unfinished, pairs, number)
            (unfinished / MADE_OF).write_text(json.dumps(made_of))
            disk.flush_folder(unfinished)
            if not _is_whole(folder, made_of):
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(unfinished, folder)
            disk.flush_names(folder.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            with contextlib.suppress(OSError):
                folder.parent.rmdir()  # where nothing was written, nothing is left
    except OSError as error:
        problem = error.strerror or error
        raise InputError(
            f"{folder}: the corpus's token ids are not written ({problem}); free some room, or "
            "name a folder on another disk"
        ) from error


def _write_ids(folder: Path, pairs: Iterable[Pair], number: int) -> None:
    lengths = np.empty((2, number), "int32")
    done = 0
    with open(folder / TOKENS, "wb") as file:
        for chunk in chunks(pairs):
            tokens, of_chunk = end_to_end(chunk)
            file.write(tokens.astype("<i4", copy=False))
            lengths[:, done : done + len(chunk)] = of_chunk.T
            if not done:  # the first ones tell about how much room all of them need
                disk.check_room(folder, lengths.nbytes + tokens.nbytes * number // len(chunk))
            done += len(chunk)
    np.save(folder / LENGTHS, lengths)


def _is_whole(folder: Path, made_of: dict) -> bool:
    """Tell whether a folder has the ids that would be written: no other ones, and all of them."""
    try:
        lengths = np.load(folder / LENGTHS, mmap_mode="r", allow_pickle=False)
        whole = (folder / TOKENS).stat().st_size == 4 * lengths.sum(dtype="int64")
        return whole and json.loads((folder / MADE_OF).read_text()) == made_of
    except (OSError, ValueError):
        return False


def _digest(tokenizer: Tokenizer) -> str:
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(Path(folder, "tokenizer.json"))
        return hashlib.sha256(Path(folder, "tokenizer.json").read_bytes()).hexdigest()
