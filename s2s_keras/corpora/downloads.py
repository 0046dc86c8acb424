"""The corpora that have a name: where each one comes from, and its download, made only once."""

import hashlib
import http.client
import os
import re
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

SECONDS_TO_WAIT = 60
# keras.utils.get_file is not used. It sends Python's user agent, which some servers refuse; it sets
# no time-out; and it accepts an incomplete file that an interrupted process has left behind.
USER_AGENT = "Mozilla/5.0 (compatible; s2s-keras)"
# A constant, so that neither a flag nor a variable of the environment can weaken it.
SCHEMES = ("https",)
LARGEST = 4 << 30  # bytes; the largest corpus of the catalogue has less than one quarter of them
CHUNK = 1 << 20
OPUS = re.compile(r"opus:([\w.-]+)/([\w.-]+)", re.ASCII)


@dataclass(frozen=True)
class CorpusSource:
    """A corpus that has a name, with what a user wants to know before loading it."""

    name: str
    description: str
    size: str
    licence: str
    address: str  # empty for a corpus that comes with this package
    file: str  # its name among the downloads, or in this package; a folder holds its own splits
    part: str = ""  # only the members of the archive are read whose path contains this


IITB = "https://www.cfilt.iitb.ac.in/iitb_parallel/iitb_corpus_download"

# fmt: off
SOURCES = (
    CorpusSource(
        "course", "everyday sentences, by a grammar and by hand: the default", "49,154 pairs",
        "CC0 1.0", "", "course",
    ),
    CorpusSource(
        "course-challenge", "written by hand, to test what was learned from course",
        "400 sentences", "CC0 1.0", "", "course/challenge.tsv",
    ),
    CorpusSource(
        "phrasebook", "everyday sentences, written by hand for this course", "3,060 pairs",
        "CC0 1.0", "", "phrasebook.tsv",
    ),
    CorpusSource(
        "everyday", "sentences of many shapes, written by hand for it, too", "11,438 pairs",
        "CC0 1.0", "", "everyday.tsv",
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
        "iitb-dev", "the development set of iitb", "520 pairs",
        "CC BY-NC 4.0", f"{IITB}/dev_test.tgz", "iitb-dev_test.tgz", part="/dev.",
    ),
    CorpusSource(
        "iitb-test", "the test set of iitb", "2,507 pairs",
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
        "task-typing", "no translation: Hindi words in Latin letters, as on a phone", "4,590 pairs",
        "CC0 1.0", "", "tasks/typing",
    ),
    CorpusSource(
        "task-answers", "no translation: short texts with a question, and its answer",
        "5,750 pairs", "CC0 1.0", "", "tasks/answers",
    ),
    CorpusSource(
        "task-summaries", "no translation: short reports, and one sentence that sums up",
        "3,150 pairs", "CC0 1.0", "", "tasks/summaries",
    ),
    CorpusSource(
        "task-phonemes", "no translation: Hindi sounds, some misheard, and their words",
        "3,600 pairs", "CC0 1.0", "", "tasks/phonemes",
    ),
    CorpusSource(
        "opus:CORPUS/VERSION", "any corpus of OPUS, such as opus:TED2020/v1", "see opus.nlpl.eu",
        "see opus.nlpl.eu",
        "https://object.pouta.csc.fi/OPUS-{corpus}/{version}/moses/en-hi.txt.zip",
        "opus-{corpus}-{version}-en-hi.zip",
    ),
)
# fmt: on


def catalogue() -> tuple[CorpusSource, ...]:
    """List the corpora that have a name; the last entry stands for all corpora of OPUS."""
    return SOURCES


def find(name: str) -> CorpusSource | None:
    """Return the corpus that has this name, or None where there is none.

    Raises:
        InputError: The name begins with `opus:` but is not of the form `opus:CORPUS/VERSION`.
    """
    if name.startswith("opus:"):
        return _opus(name)
    return next((source for source in SOURCES if source.name == name), None)


def fetch(source: CorpusSource) -> Path:
    """Return the path of the corpus, and download it first if it is not there yet.

    Downloads are kept where Keras keeps its own: in the folder `datasets` of `KERAS_HOME`, or of
    `~/.keras` where that variable is not set.

    Raises:
        InputError: The download failed, or is no https, or too large. It leaves no incomplete file
            behind.
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
    """Download into a folder beside `path`, then rename, so that `path` is complete or absent."""
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


class _OnlyHttps(urllib.request.BaseHandler):
    """Refuses every other way, also where a server redirects to it."""

    def default_open(self, request: urllib.request.Request) -> None:
        """Look at a request before it is sent."""
        if request.type not in SCHEMES:
            raise OSError(f"it leads to {request.full_url}, which is not https")


def _copy(source: CorpusSource, partial: Path) -> None:
    from tqdm import tqdm

    request = urllib.request.Request(source.address, headers={"User-Agent": USER_AGENT})
    opener = urllib.request.build_opener(_OnlyHttps)
    with opener.open(request, timeout=SECONDS_TO_WAIT) as answer:
        _check_size(answer.length or 0)
        bar = tqdm.wrapattr(answer, "read", total=answer.length, desc=source.name)
        with bar as stream, partial.open("wb") as file:
            _copy_stream(stream, file)
        # How many bytes are missing when the stream ends; http.client raises no error for them.
        if answer.length:
            raise OSError(f"the connection broke off {answer.length:,} bytes before the end")


def _copy_stream(stream: BinaryIO, file: BinaryIO) -> None:
    while chunk := stream.read(CHUNK):
        file.write(chunk)
        _check_size(file.tell())


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise OSError(f"it has over {LARGEST:,} bytes")


def _report(source: CorpusSource, path: Path) -> None:
    """Print size and checksum, which name the data exactly: a server may change the file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    print(f"{source.name}: {path} ({size:,} bytes, sha256 {digest})", file=sys.stderr)
