"""What `s2s_keras.corpora` promises: clean pairs, leak-free splits, named corpora."""

import hashlib
import http.server
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError, replace

import pytest
from parallel_text import (
    ENGLISH,
    HINDI,
    IITB,
    MOSES,
    PAIRS,
    SHARED,
    TATOEBA,
    error_of,
    needs_shared,
    tarred,
    zipped,
)

from s2s_keras import corpora
from s2s_keras.corpora import InputError, ParallelCorpus, downloads, load

# The corpus


def test_a_corpus_is_a_sequence_of_pairs():
    three = ParallelCorpus.from_pairs(PAIRS, "three")
    assert len(three) == 3
    assert tuple(three) == PAIRS
    assert three[0] == ("Hello.", "नमस्ते।")
    assert three[-1] == ("I am here.", "मैं यहाँ हूँ।")


def test_a_slice_of_a_corpus_is_a_corpus():
    three = ParallelCorpus.from_pairs(PAIRS, "three", "CC0 1.0")
    assert three[1:] == ParallelCorpus(three.source[1:], three.target[1:], "three", "CC0 1.0")
    assert len(three[3:]) == 0


def test_a_corpus_never_changes():
    with pytest.raises(FrozenInstanceError):
        ParallelCorpus(("a",), ("b",), "one").name = "two"


def test_a_sentence_without_a_partner_is_refused():
    with pytest.raises(InputError, match="odd: 2 source and 1 target sentences; give every"):
        ParallelCorpus(("a", "b"), ("c",), "odd")


def test_the_summary_says_what_was_skipped_and_why():
    rows = [*PAIRS, PAIRS[0], PAIRS[1], ("", "खाली"), *[(f"{n}", "सौ") for n in range(1_000)]]
    assert (
        ParallelCorpus.from_pairs(rows, "some", "CC0 1.0").summary()
        == "some: 1,003 pairs, skipped 2 duplicate, 1 empty side, licence CC0 1.0"
    )
    assert ParallelCorpus.from_pairs(PAIRS, "some").summary() == "some: 3 pairs, licence unknown"


def test_a_frame_has_one_row_a_pair():
    frame = ParallelCorpus.from_pairs(PAIRS, "three").to_frame()
    assert list(frame.columns) == ["source", "target"]
    assert list(frame.itertuples(index=False, name=None)) == list(PAIRS)


def test_what_is_the_same_to_a_reader_is_a_duplicate():
    precomposed, decomposed = "लड\u093cका", "ल\u095cका"
    pairs = ParallelCorpus.from_pairs([("boy", precomposed), (" boy\u2028", decomposed)], "boys")
    assert tuple(pairs) == (("boy", "लड\u093cका"),)
    assert pairs.skipped == {"duplicate": 1}


# The split of a corpus


def test_a_split_has_the_name_and_the_licence_of_its_corpus():
    splits = ParallelCorpus.from_pairs(PAIRS, "three", "CC0 1.0").split(0.3, 0.3)
    assert [split.name for split in splits] == ["three/train", "three/dev", "three/test"]
    assert {split.licence for split in splits} == {"CC0 1.0"}
    assert (splits.train, splits.dev, splits.test) == tuple(splits)


@pytest.mark.parametrize(("dev", "test"), [(0.5, 0.5), (-0.1, 0.1), (0.9, 0.2)])
def test_shares_that_leave_nothing_to_train_on_are_refused(dev, test):
    with pytest.raises(InputError, match=f"dev={dev} and test={test} .* sum to less than 1"):
        ParallelCorpus.from_pairs(PAIRS, "three").split(dev, test)


# A corpus that comes with its splits


@pytest.fixture
def folder(write, tmp_path):
    """A folder of three tables, and of a note that no one reads."""
    write("train.tsv", "english\thindi\tkind\na\tक\tseen\na\tख\tseen\nb\tग\tseen\n")
    write("dev.tsv", "english\thindi\tkind\nc\tघ\tseen\n")
    write("test.tsv", "english\thindi\tkind\nd\tच\tseen\ne\tछ\tpattern\nf\tज\tpattern\n")
    write("notes.txt", "mine")
    return tmp_path


def test_a_folder_of_three_tables_keeps_its_split_whatever_the_shares_and_the_seed(folder):
    text = load(folder)
    for splits in (text.split(), text.split(0.4, 0.4, seed=3)):
        assert list(splits.train) == [("a", "क"), ("a", "ख"), ("b", "ग")]
        assert list(splits.dev) == [("c", "घ")]
        assert list(splits.test) == [("d", "च"), ("e", "छ"), ("f", "ज")]


def test_a_folder_of_three_tables_is_a_corpus_of_all_its_pairs(folder):
    text = load(folder)
    assert [source for source, _ in text] == ["a", "a", "b", "c", "d", "e", "f"]
    assert text.name == folder.name
    assert [split.name for split in text.split()] == [
        f"{folder.name}/{split}" for split in ("train", "dev", "test")
    ]


def test_of_kind_gives_the_pairs_of_one_kind(folder):
    test = load(folder).split().test
    assert list(test.of_kind("pattern")) == [("e", "छ"), ("f", "ज")]
    assert test.of_kind("pattern").name == f"{folder.name}/test/pattern"
    assert len(test.of_kind("unheard-of")) == 0
    assert len(ParallelCorpus.from_pairs(PAIRS, "three").of_kind("seen")) == 0


def test_references_are_all_translations_of_each_source_in_order(folder):
    assert load(folder).split().train.references() == {"a": ["क", "ख"], "b": ["ग"]}


def test_shares_that_leave_nothing_are_refused_even_where_the_split_is_given(folder):
    with pytest.raises(InputError, match="leave nothing to train on"):
        load(folder).split(0.5, 0.5)


# Downloads


class Server(http.server.BaseHTTPRequestHandler):
    """Serves what `files` holds; turns Python's default agent away, as some servers do."""

    files: dict[str, bytes] = {}
    redirects: dict[str, str] = {}
    tells_length = True
    visits: list[str] = []
    missing_bytes = 0

    def do_GET(self):
        self.visits.append(self.path)
        if "Python-urllib" in self.headers["User-Agent"]:
            return self.send_error(406)
        if self.path in self.redirects:
            self.send_response(302)
            self.send_header("Location", self.redirects[self.path])
            return self.end_headers()
        if self.path not in self.files:
            return self.send_error(404)
        content = self.files[self.path]
        self.send_response(200)
        if self.tells_length:
            self.send_header("Content-Length", str(len(content) + self.missing_bytes))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Stays silent."""


@pytest.fixture
def server(monkeypatch, tmp_path):
    """Serves the named corpora from this machine, and keeps downloads in a new folder."""
    handler = type("Handler", (Server,), {"visits": [], "files": {}, "redirects": {}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True).start()
        handler.address = f"http://127.0.0.1:{http_server.server_port}"
        moved = [
            source.address and replace(source, address=f"{handler.address}/{source.file}") or source
            for source in downloads.SOURCES
        ]
        monkeypatch.setattr(downloads, "SOURCES", tuple(moved))
        monkeypatch.setattr(downloads, "SCHEMES", ("http",))  # no certificate is needed for that
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        monkeypatch.setenv("no_proxy", "*")
        yield handler
        http_server.shutdown()


FLORES = {
    f"flores200_dataset/{split}/{language}.{split}": text
    for split in ("dev", "devtest")
    for language, text in {"eng_Latn": ENGLISH, "hin_Deva": HINDI, "fra_Latn": "Oui.\n"}.items()
}
DEV_TEST = {
    f"dev_test/{split}.{language}": text
    for split in ("dev", "test")
    for language, text in {"en": ENGLISH, "hi": HINDI}.items()
}


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        ("tatoeba", "hin-eng.zip", zipped(TATOEBA)),
        ("iitb", "iitb-parallel.tgz", tarred(IITB)),
        ("iitb-dev", "iitb-dev_test.tgz", tarred(DEV_TEST)),
        ("iitb-test", "iitb-dev_test.tgz", tarred(DEV_TEST)),
        ("flores200", "flores200_dataset.tar.gz", tarred(FLORES)),
        ("samanantar", "samanantar-en-hi.zip", zipped({"en-hi/train.en": ENGLISH,
                                                       "en-hi/train.hi": HINDI})),
        ("opus:TED2020/v1", "opus-TED2020-v1-en-hi.zip", zipped(MOSES)),
    ],
)  # fmt: skip
def test_a_named_corpus_is_downloaded_once_and_kept(server, tmp_path, name, file, content):
    server.files[f"/{file}"] = content
    assert tuple(load(name)) == tuple(load(name)) == PAIRS
    assert server.visits == [f"/{file}"]
    kept = tmp_path / "keras/datasets" / file
    assert kept.read_bytes() == content
    assert list(kept.parent.iterdir()) == [kept]


def test_a_named_corpus_knows_its_name_and_licence(server):
    server.files["/hin-eng.zip"] = zipped(TATOEBA)
    assert load("tatoeba").summary() == "tatoeba: 3 pairs, licence CC BY 2.0 FR"


def test_a_download_reports_its_size_and_checksum_on_standard_error(server, capsys):
    content = server.files["/hin-eng.zip"] = zipped(TATOEBA)
    load("tatoeba")
    output, errors = capsys.readouterr()
    assert output == ""
    assert f"({len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()})" in errors


def test_a_server_that_refuses_is_named_with_a_remedy_and_leaves_no_file(server, tmp_path):
    address, path = f"{server.address}/hin-eng.zip", tmp_path / "keras/datasets/hin-eng.zip"
    assert error_of("tatoeba") == (
        f"{address}: cannot be downloaded (HTTP Error 404: Not Found); "
        f"check the name and the network, or save the file yourself as {path}"
    )
    assert list(path.parent.iterdir()) == []


def test_a_download_that_breaks_off_leaves_no_file(server, tmp_path):
    server.files["/hin-eng.zip"] = zipped(TATOEBA)
    server.missing_bytes = 1_234
    assert "the connection broke off 1,234 bytes before the end" in error_of("tatoeba")
    assert list((tmp_path / "keras/datasets").iterdir()) == []


def test_only_https_is_downloaded(server, monkeypatch):
    server.files["/hin-eng.zip"] = zipped(TATOEBA)
    monkeypatch.setattr(downloads, "SCHEMES", ("https",))  # as it is for users
    message = error_of("tatoeba")
    assert f"it leads to {server.address}/hin-eng.zip, which is not https); " in message
    assert "save the file yourself as" in message
    assert server.visits == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_a_redirect_to_anything_else_is_refused(server, tmp_path, address):
    server.redirects["/hin-eng.zip"] = address
    message = error_of("tatoeba")
    assert "cannot be downloaded" in message and "save the file yourself" in message
    assert list((tmp_path / "keras/datasets").iterdir()) == []


def test_a_redirect_from_https_to_http_is_refused(server, monkeypatch):
    """The first request is let through, as if it were https, and the one it leads to is not."""
    server.redirects["/hin-eng.zip"] = f"{server.address}/other"
    server.files["/other"] = zipped(TATOEBA)
    original, asked = downloads._OnlyHttps.default_open, []

    def first_is_https(handler, request):
        asked.append(request.full_url)
        return None if len(asked) == 1 else original(handler, request)

    monkeypatch.setattr(downloads, "SCHEMES", ("https",))
    monkeypatch.setattr(downloads._OnlyHttps, "default_open", first_is_https)
    assert f"it leads to {server.address}/other, which is not https" in error_of("tatoeba")
    assert server.visits == ["/hin-eng.zip"]


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_download_larger_than_any_corpus_is_refused(server, tmp_path, monkeypatch, tells_length):
    server.files["/hin-eng.zip"] = bytes(3_000)
    server.tells_length = tells_length
    monkeypatch.setattr(downloads, "LARGEST", 2_999)
    monkeypatch.setattr(downloads, "CHUNK", 100)
    assert "(it has over 2,999 bytes)" in error_of("tatoeba")
    assert list((tmp_path / "keras/datasets").iterdir()) == []


def test_every_address_is_https():
    addresses = [source.address for source in downloads.SOURCES if source.address]
    assert len(addresses) > 5 and all(address.startswith("https://") for address in addresses)
    assert downloads.SCHEMES == ("https",)


def test_no_network_is_named(server, monkeypatch):
    nowhere = replace(downloads.find("tatoeba"), address="http://127.0.0.1:1/hin-eng.zip")
    monkeypatch.setattr(downloads, "SOURCES", (nowhere,))
    assert error_of("tatoeba").startswith("http://127.0.0.1:1/hin-eng.zip: cannot be downloaded")


def test_a_folder_that_cannot_be_made_is_an_input_error(server, monkeypatch, write):
    monkeypatch.setenv("KERAS_HOME", str(write("a_file", "")))
    assert "cannot be downloaded" in error_of("tatoeba")


def test_an_opus_name_stands_for_an_address():
    source = downloads.find("opus:TED2020/v1")
    assert source.name == "opus:TED2020/v1"
    assert source.address == (
        "https://object.pouta.csc.fi/OPUS-TED2020/v1/moses/en-hi.txt.zip"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["opus:", "opus:TED2020", "opus:../../x/v1", "opus:a/b/c"])
def test_a_misspelt_opus_name_is_refused(name):
    assert error_of(name) == (
        f"{name}: not the name of a corpus; write it like opus:TED2020/v1"
    )  # fmt: skip


def test_every_named_corpus_says_what_it_is():
    names = [source.name for source in corpora.catalogue()]
    assert names[:3] == ["course", "course-challenge", "phrasebook"]
    assert len(set(names)) == len(names)
    assert all(s.description and s.size and s.licence and s.file for s in corpora.catalogue())


@pytest.mark.parametrize("name", ["course", "course-challenge", "phrasebook"])
def test_the_corpora_of_this_project_need_no_network(monkeypatch, name):
    monkeypatch.setattr(downloads, "_download", None)
    text = load(name)
    assert (text.name, text.licence) == (name, "CC0 1.0")
    assert not text.skipped


# The whole


@needs_shared
@pytest.mark.parametrize(
    ("files", "rows"),
    [
        (["tatoeba/hin-eng.zip"], 2_979),
        (["tatoeba/hin.txt"], 3_117),
        (["pratham/pratham.en-hi.tsv"], 4_558),
        (["flores101_devtest/eng.devtest", "flores101_devtest/hin.devtest"], 1_012),
    ],
)
def test_every_row_of_a_real_corpus_is_read_or_counted(files, rows):
    text = load(*(SHARED / file for file in files))
    assert len(text) + sum(text.skipped.values()) == rows
    assert len(text) > 0.98 * rows
    train, dev, test = text.split()
    for held_out in (dev, test):
        assert len(held_out) == pytest.approx(0.1 * len(text), rel=0.25)
        assert not train.fingerprint().shares(held_out.source, held_out.target).any()


def test_no_module_of_the_package_imports_anything_heavy():
    code = (
        "import importlib, pkgutil, sys, s2s_keras.corpora as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        # Its arrays need NumPy; `load` imports it where a corpus is streamed.
        "    if module.name != 'streaming':\n"
        "        importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "assert f'{package.__name__}.reading' in sys.modules\n"
        "print({'keras', 'tensorflow', 'numpy', 'pandas', 'tqdm'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
