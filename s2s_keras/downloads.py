"""The corpora that have a name: where each one lives, and how it is fetched once and kept."""

import hashlib
import http.client
import os
import re
import shutil
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from .reading import InputError

SECONDS_TO_WAIT = 60
# Not keras.utils.get_file: it names no agent of its own (some servers turn Python's away), sets no
# time-out, and takes a file that a killed process left half-written for a whole one.
USER_AGENT = "Mozilla/5.0 (compatible; s2s-keras)"
OPUS = re.compile(r"opus:([\w.-]+)/([\w.-]+)", re.ASCII)


@dataclass(frozen=True)
class CorpusSource:
    """A corpus that has a name, and what one wants to know before loading it."""

    name: str
    description: str
    size: str
    licence: str
    address: str  # empty for the corpus that comes with this package
    file: str  # its name where downloads are kept, or in this package; a folder has its own sides
    part: str = ""  # what the path of an archive's member must hold to be read


IITB = "https://www.cfilt.iitb.ac.in/iitb_parallel/iitb_corpus_download"

# fmt: off
SOURCES = (
    CorpusSource(
        "course", "what a grammar of everyday sentences says: the default", "46,400 pairs",
        "CC0 1.0", "", "course",
    ),
    CorpusSource(
        "course-challenge", "sentences by hand, to test what was learned from course",
        "400 sentences", "CC0 1.0", "", "course/challenge.tsv",
    ),
    CorpusSource(
        "phrasebook", "everyday sentences, written by hand for this course", "3,060 pairs",
        "CC0 1.0", "", "phrasebook.tsv",
    ),
    CorpusSource(
        "tatoeba", "short everyday sentences by volunteers", "about 3,000 pairs",
        "CC BY 2.0 FR", "https://www.manythings.org/anki/hin-eng.zip", "hin-eng.zip",
    ),
    CorpusSource(
        "iitb", "IIT Bombay's corpus of many sources", "about 1.6 million pairs",
        "CC BY-NC 4.0", f"{IITB}/parallel.tgz", "iitb-parallel.tgz",
    ),
    CorpusSource(
        "iitb-dev", "its development set", "520 pairs",
        "CC BY-NC 4.0", f"{IITB}/dev_test.tgz", "iitb-dev_test.tgz", part="/dev.",
    ),
    CorpusSource(
        "iitb-test", "its test set", "2,507 pairs",
        "CC BY-NC 4.0", f"{IITB}/dev_test.tgz", "iitb-dev_test.tgz", part="/test.",
    ),
    CorpusSource(
        "flores200", "long sentences to test with, never to train on", "1,012 pairs",
        "CC BY-SA 4.0", "https://tinyurl.com/flores200dataset", "flores200_dataset.tar.gz",
        part="/devtest/",
    ),
    CorpusSource(
        "samanantar", "sentences mined from the web, version 0.2", "about 8.5 million pairs",
        "CC0 1.0", "https://storage.googleapis.com/samanantar-public/V0.2/data/en2indic/en-hi.zip",
        "samanantar-en-hi.zip",
    ),
    CorpusSource(
        "opus:CORPUS/VERSION", "any corpus of OPUS, such as opus:TED2020/v1", "see opus.nlpl.eu",
        "see opus.nlpl.eu",
        "https://object.pouta.csc.fi/OPUS-{corpus}/{version}/moses/en-hi.txt.zip",
        "opus-{corpus}-{version}-en-hi.zip",
    ),
)
# fmt: on


def corpora() -> tuple[CorpusSource, ...]:
    """List the corpora that have a name; the last one stands for all of OPUS."""
    return SOURCES


def find(name: str) -> CorpusSource | None:
    """Return the corpus of a name, or None where no corpus has it.

    Raises:
        InputError: An `opus:` name that is not spelt `opus:CORPUS/VERSION`.
    """
    if name.startswith("opus:"):
        return _opus(name)
    return next((source for source in SOURCES if source.name == name), None)


def fetch(source: CorpusSource) -> Path:
    """Return the path of the corpus' file, after a download where it is not there yet.

    Downloads are kept where Keras keeps its own: in `datasets` under `KERAS_HOME`, or `~/.keras`.

    Raises:
        InputError: The download failed. Nothing is left behind by it.
    """
    if not source.address:
        return Path(str(resources.files("s2s_keras.data") / source.file))
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    path = home / "datasets" / source.file
    if not path.exists():
        _download(source, path)
        _report(source, path)
    return path


def _opus(name: str) -> CorpusSource:
    match = OPUS.fullmatch(name)
    if not match:
        raise InputError(f"{name}: not the name of a corpus; write it like opus:TED2020/v1")
    corpus, version = match.groups()
    row = SOURCES[-1]
    return replace(
        row,
        name=name,
        address=row.address.format(corpus=corpus, version=version),
        file=row.file.format(corpus=corpus, version=version),
    )


def _download(source: CorpusSource, path: Path) -> None:
    """Download beside `path` and renames at the end, so that `path` is whole or absent."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            partial = Path(folder, path.name)
            _copy(source, partial)
            partial.replace(path)
    except (OSError, http.client.HTTPException) as error:
        raise InputError(
            f"{source.address}: cannot be downloaded ({error}); "
            f"check the name and the network, or save the file yourself as {path}"
        ) from error


def _copy(source: CorpusSource, partial: Path) -> None:
    from tqdm import tqdm

    request = urllib.request.Request(source.address, headers={"User-Agent": USER_AGENT})
    with urllib.request.urlopen(request, timeout=SECONDS_TO_WAIT) as answer:
        bar = tqdm.wrapattr(answer, "read", total=answer.length, desc=source.name)
        with bar as stream, partial.open("wb") as file:
            shutil.copyfileobj(stream, file)
        # What is still owed when the stream ends; http.client does not complain about it itself.
        if answer.length:
            raise OSError(f"the connection broke off {answer.length:,} bytes before the end")


def _report(source: CorpusSource, path: Path) -> None:
    """Say what came, so that a result can name its data: most addresses serve a moving target."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    print(f"{source.name}: {path} ({size:,} bytes, sha256 {digest})", file=sys.stderr)
