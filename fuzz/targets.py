"""What is fed with broken input: functions from any bytes, which raise only what is a fault.

Hypothesis calls them in `tests/test_fuzz.py`, and atheris in `make fuzz`. The first bytes of an
input choose what is done with the rest, so that a fuzzer also finds its way behind checksums and
into archives that are whole.
"""

import base64
import bz2
import contextlib
import functools
import gzip
import hashlib
import io
import json
import lzma
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from s2s_keras import cli, corpora, text
from s2s_keras.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("a.tsv", "a.csv", "a.txt", "a.jsonl", "a.json", "a.tmx", "a", "a.gz", "a.bz2", "a.xz")
NAMES += ("a.tar", "a.tgz", "a.zip", "a.tsv.gz", "two texts")
ENGLISH = ("The cat eats.", "The dog sleeps in the garden.", "How are you?", "Good morning!") * 3
HINDI = ("बिल्ली खाती है।", "कुत्ता बगीचे में सोता है।", "आप कैसे हैं?", "सुप्रभात!") * 3


class Choices:
    """Reads choices from the beginning of some bytes; without bytes, it is always the first."""

    def __init__(self, data: bytes):
        """Read from `data`, which becomes what is left."""
        self.data = data

    def number(self, below: int) -> int:
        """Return a number from 0 on: of one byte, or of three where one is not enough."""
        size = 1 if below <= 256 else 3
        taken, self.data = self.data[:size], self.data[size:]
        return int.from_bytes(taken) % below

    def one_of(self, choices):
        """Return one of a sequence."""
        return choices[self.number(len(choices))]


def changed(content: bytes, choices: Choices) -> bytes:
    """Return content with one to three changes: other bytes, more or fewer, no end, another bit."""
    for _ in range(1 + choices.number(3)):
        place, kind = choices.number(len(content) + 1), choices.number(5)
        piece = bytes(choices.number(256) for _ in range(1 + choices.number(4)))
        end = {0: place + len(piece), 1: place, 2: place + 1, 3: len(content), 4: place}[kind]
        piece = piece if kind < 2 else b""
        if kind == 4 and place < len(content):  # one bit
            piece, end = bytes([content[place] ^ (1 << choices.number(8))]), place + 1
        content = content[:place] + piece + content[end:]
    return content


@functools.cache
def workplace() -> Path:
    """Return a folder that lasts as long as the process, in memory where there is such a place."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    workplace.folder = folder
    return Path(folder.name)


@contextlib.contextmanager
def refusal_is_one_line() -> Iterator[None]:
    """Let an InputError pass whose message is one line; whatever else is raised is a fault."""
    try:
        yield
    except InputError as error:
        message = str(error)
        assert message and len(message.splitlines()) == 1, repr(message)
        message.encode("utf-8", "surrogateescape")  # as it is printed


# Corpora


def zipped(content: bytes, name: str = "a.tsv", **how) -> bytes:
    """Return a .zip with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **how) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(content: bytes, mode: str = "w") -> bytes:
    """Return a .tar with one file, packed as `mode` says."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        info = tarfile.TarInfo("a.tsv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    gzip.compress,
    bz2.compress,
    functools.partial(lzma.compress, preset=0),
    zipped,
    tarred,
    functools.partial(tarred, mode="w:gz"),
    lambda content: zipped(gzip.compress(content), "a.tsv.gz"),
)


def read_corpus(data: bytes) -> None:
    """Load bytes as a corpus: under each name, packed or not, whole or broken afterwards."""
    choices = Choices(data)
    name, pack, broken = choices.one_of(NAMES), choices.one_of(PACKERS), choices.number(4) == 3
    how = {"strict": choices.number(4) == 3, "swap": choices.number(4) == 3}
    how |= {"source_column": choices.one_of((None, None, None, 1, "en", 3))}
    breaks = Choices(choices.data[:16] if broken else b"")
    content = pack(choices.data[16:] if broken else choices.data)
    content = changed(content, breaks) if broken else content
    if name == "two texts":
        english, _, hindi = content.partition(b"\0\0")
        (workplace() / "two.en").write_bytes(english)
        (workplace() / "two.hi").write_bytes(hindi)
        how, path = {"strict": how["strict"]}, workplace() / "two"
    else:
        path = workplace() / name
        path.write_bytes(content)
    with refusal_is_one_line():
        corpus = corpora.load(path, **how)
        assert len(corpus) and all(map(str.strip, (*corpus.source, *corpus.target)))
        assert [*corpora.load(path, **how, stream=True)] == [*corpus]


# Tokenizers


@functools.cache
def saved_tokenizers() -> tuple[dict, ...]:
    """Return what tokenizers of each kind save, as Python's objects."""
    path, states = workplace() / "saved.json", []
    for kind, options in (("word", {}), ("char", {}), ("subword", {"vocabulary_size": 320})):
        with contextlib.suppress(InputError):  # there is no tensorflow-text
            text.tokenizer(kind, **options).fit([*ENGLISH, *HINDI]).save(path)
            states.append(json.loads(path.read_text(encoding="utf-8")))
    return tuple(states)


def load_tokenizer(data: bytes) -> None:
    """Load bytes as a tokenizer, or a tokenizer of which something else was made; and use it."""
    choices = Choices(data)
    state = dict(choices.one_of(saved_tokenizers()))
    kind = choices.number(5)
    if kind == 1 and isinstance(state["learnt"], str):
        model = changed(base64.b64decode(state["learnt"]), choices)
        state["learnt"] = base64.b64encode(model).decode()
    elif kind == 2:
        learnt = [*state["learnt"]]
        learnt[choices.number(len(learnt))] = _value(choices.data)
        state["learnt"] = learnt
    elif kind == 3:
        name = choices.one_of((*state["options"], "other"))
        state["options"] = state["options"] | {name: _value(choices.data)}
    elif kind == 4:
        state[choices.one_of(("kind", "options", "learnt", "other"))] = _value(choices.data)
    content = json.dumps(state).encode() if kind else choices.data
    (workplace() / "a.json").write_bytes(content)
    with refusal_is_one_line():
        loaded = text.load_tokenizer(workplace() / "a.json")
        for sentence in ("", "The cat0 eats चाय।", "\0\n𐍈"):
            decoded = loaded.decode(loaded.encode(sentence))
            assert len(decoded.splitlines()) <= 1
        loaded.decode(range(loaded.vocabulary_size))


def _value(data: bytes) -> object:
    """Return bytes as a value of JSON: the one that they write, or else a text."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace")


# Translators


@functools.cache
def tiny_translator(seed: int = 0):
    """Return an untrained translator of a few units, which speaks at random."""
    import keras

    from s2s_keras import models, translator

    keras.utils.set_random_seed(seed)
    source = text.WordTokenizer(lowercase=True).fit(ENGLISH)
    target = text.WordTokenizer().fit(HINDI)
    sizes = {"units": 8, "embedding": 6, "attention": "dot", "bidirectional": True}
    config = models.Seq2SeqConfig(source.vocabulary_size, target.vocabulary_size, **sizes)
    return translator.Translator(models.build_training_model(config), source, target, seed=seed)


@functools.lru_cache(maxsize=64)
def built(config):
    """Build a model, which is slow, only where it is not the one of the last few times."""
    from s2s_keras import models

    return models.build_training_model(config)


@functools.cache
def saved_translators() -> tuple[dict[str, bytes], ...]:
    """Return the files of saved translators: of this version, of another seed, and of 0.1."""
    tiny_translator().save(workplace() / "saved")
    tiny_translator(seed=1).save(workplace() / "other")
    folders = (workplace() / "saved", workplace() / "other", ROOT / "tests/old_translators/gru")
    return tuple({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)


def load_translator(data: bytes) -> None:
    """Load a translator's folder of which something was changed, with or without its checksums."""
    from s2s_keras import translator
    from s2s_keras.translator import old_format, saving

    choices = Choices(data)
    files = dict(choices.one_of(saved_translators()))
    name, kind = choices.one_of(sorted(files)), choices.number(6)
    if kind == 0:
        del files[name]
    elif kind == 1:
        files[name] = choices.one_of(saved_translators()).get(name, b"")
    elif kind == 2:
        files[name] = choices.data
    elif kind == 3 and name.endswith(".json"):
        files[name] = _with_other_value(json.loads(files[name]), choices)
    elif kind == 4 and name == "model.keras":
        files[name] = _with_other_member(files[name], choices)
    else:
        files[name] = changed(files[name], choices)
    if choices.number(4):  # most of the time, or nothing else would be tried
        files = _sealed(files)
    folder = workplace() / "folder"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with (
        mock.patch.object(saving, "build_training_model", lambda config, _: built(config)),
        mock.patch.object(old_format, "build_training_model", lambda config, _: built(config)),
        refusal_is_one_line(),
    ):
        loaded = translator.Translator.load(folder)
        loaded.source_tokenizer.encode("The cat eats.")
        loaded.target_tokenizer.decode(range(10))


def _with_other_value(saved: dict, choices: Choices) -> bytes:
    """Return JSON in which one value, at any depth, is another one."""
    place, inside = saved, []
    while isinstance(place, dict | list) and place:
        keys = [*place] if isinstance(place, dict) else range(len(place))
        inside.append((place, choices.one_of(keys)))
        place = inside[-1][0][inside[-1][1]]
        if choices.number(3) == 0:
            break
    value = choices.one_of((None, -1, 0, 1, 2, 1 << 40, 1e400, "", [], {}, True, [[]], "lstm"))
    holder, key = inside[-1]
    holder[key] = value if choices.number(4) else _value(choices.data)
    return json.dumps(saved).encode()


def _with_other_member(archive: bytes, choices: Choices) -> bytes:
    """Return a .zip in which one member has changed, and whose own checksums are right."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        contents = {name: members.read(name) for name in members.namelist()}
    name, as_json = choices.one_of(sorted(contents)), choices.number(2)
    if name == "config.json" and as_json:
        contents[name] = _with_other_value(json.loads(contents[name]), choices)
    else:
        contents[name] = changed(contents[name], choices)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        for name, content in contents.items():
            members.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _sealed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return a folder's files with right checksums, as somebody who means harm would make them."""
    try:
        manifest = json.loads(files["translator.json"])
        for name in [*manifest["files"]]:
            manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
        rest = {name: value for name, value in manifest.items() if name != "checksum"}
        if "checksum" in manifest:
            content = json.dumps(rest, sort_keys=True).encode()
            manifest["checksum"] = hashlib.sha256(content).hexdigest()
        return files | {"translator.json": json.dumps(manifest).encode()}
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return files


# The stream of `translate`


def translate_lines(data: bytes) -> None:
    """Give bytes to `s2s-keras translate` as its standard input."""
    from s2s_keras import translator

    given, printed, told = (io.TextIOWrapper(io.BytesIO(start)) for start in (data, b"", b""))
    with (
        mock.patch.object(translator.Translator, "load", lambda _: tiny_translator()),
        mock.patch.object(sys, "stdin", given),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(told),
    ):
        status = cli.main(["translate"])
        printed.flush()
        told.flush()
    lines = data.count(b"\n") + bool(data and not data.endswith(b"\n"))
    output, errors = (stream.buffer.getvalue().decode() for stream in (printed, told))
    assert len(output.splitlines()) == output.count("\n") == lines, (lines, output)
    bad = [line for line in errors.splitlines() if "skipped: standard input:" in line]
    assert status == (2 if bad else 0)
    others = [line for line in errors.splitlines() if line not in bad]
    assert all(line.startswith(("s2s-keras: error: ", "standard input:")) for line in others)
    assert not bad or others[-1].startswith(f"s2s-keras: error: {len(bad):,} of {lines:,} lines")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "corpora": read_corpus,
    "tokenizers": load_tokenizer,
    "translators": load_translator,
    "translate": translate_lines,
}
