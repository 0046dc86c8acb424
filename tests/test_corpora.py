"""What `s2s_keras.corpora` promises: any parallel text in, clean pairs out, leak-free splits."""

import gzip
import hashlib
import http.server
import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from s2s_keras import corpora
from s2s_keras.corpora import InputError, ParallelCorpus, downloads, load

SHARED = Path(__file__).resolve().parents[1] / "../shared/corpora"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no real corpora in {SHARED}")

PAIRS = (("Hello.", "नमस्ते।"), ("Who is it?", "कौन है?"), ("I am here.", "मैं यहाँ हूँ।"))
TABLE = "".join(f"{english}\t{hindi}\n" for english, hindi in PAIRS)
ENGLISH = "".join(f"{english}\n" for english, _ in PAIRS)
HINDI = "".join(f"{hindi}\n" for _, hindi in PAIRS)


@pytest.fixture
def write(tmp_path):
    """Writes a file of the given name and content, and returns its path."""

    def write(name: str, content: str | bytes | bytearray) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def tarred(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def error_of(*arguments) -> str:
    """Returns the message with which these arguments of `load` are refused, always one line."""
    with pytest.raises(InputError) as caught:
        load(*arguments)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


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


def test_the_column_right_of_the_target_is_the_kind_of_the_pair(folder):
    text = load(folder)
    assert text.kinds == ("seen",) * 5 + ("pattern",) * 2
    assert text.split().test.kinds == ("seen", "pattern", "pattern")
    assert text[4:6].kinds == ("seen", "pattern")


def test_tables_without_a_kind_have_none(folder, write):
    for split in ("train", "dev", "test"):
        write(f"{split}.tsv", f"{split}\t{split}\n")
    assert load(folder).kinds == load(folder).split().test.kinds == ()


def test_of_kind_gives_the_pairs_of_one_kind(folder):
    test = load(folder).split().test
    assert list(test.of_kind("pattern")) == [("e", "छ"), ("f", "ज")]
    assert test.of_kind("pattern").name == f"{folder.name}/test/pattern"
    assert len(test.of_kind("unheard-of")) == 0
    assert len(ParallelCorpus.from_pairs(PAIRS, "three").of_kind("seen")) == 0


def test_references_are_all_translations_of_each_source_in_order(folder):
    assert load(folder).split().train.references() == {"a": ["क", "ख"], "b": ["ग"]}


def test_what_was_skipped_in_any_split_is_counted(folder, write):
    write("dev.tsv", "c\tघ\tseen\nc\tघ\tseen\n\tघ\tseen\n")
    write("test.tsv", "d\tच\tseen\nd\tच\tseen\n")
    assert load(folder).skipped == {"duplicate": 2, "empty side": 1}


def test_a_split_that_is_missing_or_empty_is_named(folder, write):
    write("dev.tsv", "english\thindi\n")
    assert f"{folder.name}/dev: no usable pair" in error_of(folder)
    write("dev.tsv", "c\n")
    assert error_of(folder).startswith(f"{folder / 'dev.tsv'}:1: no column 2")
    (folder / "dev.tsv").unlink()
    assert error_of(folder) == f"{folder}: Is a directory; name a file that can be read"


def test_shares_that_leave_nothing_are_refused_even_where_the_split_is_given(folder):
    with pytest.raises(InputError, match="leave nothing to train on"):
        load(folder).split(0.5, 0.5)


# Tables


@pytest.mark.parametrize(
    "row",
    ["{e}\t{h}", "{e}\t{h}\tCC-BY 2.0 (France)", "17:1-1\t{e}\t{h}", "a\t{e}\t{h}\tनमूना"],
    ids=["two columns", "attribution", "number", "number and note"],
)
def test_the_hindi_column_and_the_one_left_of_it_are_read(write, row):
    lines = [row.format(e=english, h=hindi) for english, hindi in PAIRS]
    assert tuple(load(write("pairs.tsv", "\n".join(lines)))) == PAIRS


def test_without_devanagari_the_first_two_columns_are_read(write):
    assert tuple(load(write("toy.tsv", "abc\tcba\tnote\nxy\tyx\tnote\n"))) == (
        ("abc", "cba"),
        ("xy", "yx"),
    )


@pytest.mark.parametrize("header", ["english\thindi\ttopic", "EN\tHI", "Sentence\tTranslation"])
def test_a_header_row_is_no_pair(write, header):
    assert tuple(load(write("pairs.tsv", f"{header}\n{TABLE}"))) == PAIRS


def test_one_row_below_a_header_is_enough_to_find_the_columns(write):
    assert tuple(load(write("pairs.tsv", "id\ten\thi\n1\tHello.\tनमस्ते।\n"))) == PAIRS[:1]


def test_a_header_row_is_known_by_its_words_too(write):
    assert tuple(load(write("toy.tsv", "source\ttarget\nabc\tcba\n"))) == (("abc", "cba"),)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write):
    content = b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode()
    assert tuple(load(write("pairs.txt", content))) == PAIRS


def test_only_a_line_feed_ends_a_line(write):
    table = "one\u2028two\x0bthree\x85four\tएक\u2029दो\n"
    assert tuple(load(write("pairs.tsv", table))) == (("one two three four", "एक दो"),)


def test_a_row_without_a_target_is_skipped_and_counted(write):
    text = load(write("pairs.tsv", TABLE + "Alone.\t\n \tअकेला।\n\n"))
    assert tuple(text) == PAIRS
    assert text.skipped == {"empty side": 3}


def test_a_pair_that_comes_again_is_skipped_and_counted(write):
    text = load(write("pairs.tsv", TABLE + "Hello.\tनमस्ते।\nHello.\tनमस्कार।\n"))
    assert tuple(text) == (*PAIRS, ("Hello.", "नमस्कार।"))
    assert text.skipped == {"duplicate": 1}


def test_a_compressed_table_is_a_table(write):
    text = load(write("pairs.tsv.gz", gzip.compress(TABLE.encode())))
    assert tuple(text) == PAIRS
    assert (text.name, text.licence) == ("pairs.tsv.gz", "unknown")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (b"Alone.\n", "4: no column 2; put a tab between the columns"),
        (b"caf\xe9\t\n", "4: not UTF-8 (byte 0xe9); save the file as UTF-8"),
        (b"a\rb\tc\n", "4: a carriage return inside the line; remove it"),
        (
            b"\n" + b"a" * 10_001 + b"\t\n",
            "5: over 10,000 characters; put one sentence on each line",
        ),
        ("é".encode() * 60_000, "4: over 10,000 characters; put one sentence on each line"),
    ],
    ids=["column", "encoding", "carriage return", "long line", "far too long a line"],
)
def test_a_bad_line_is_named_with_its_remedy(write, rows, problem):
    path = write("pairs.tsv", TABLE.encode() + rows)
    assert error_of(path) == f"{path}:{problem}"


def test_the_longest_line_is_read_even_in_characters_of_four_bytes(write):
    line = "\U0001f600" * corpora.LONGEST_LINE
    text = load(write("x.en", f"{line}\r\nHello.\r\n"), write("x.hi", "हँसी\nनमस्ते।\n"))
    assert tuple(text) == ((line, "हँसी"), ("Hello.", "नमस्ते।"))


def test_old_macintosh_line_ends_are_named(write):
    path = write("pairs.tsv", TABLE.replace("\n", "\r"))
    assert error_of(path) == f"{path}:1: a carriage return inside the line; remove it"


def test_hindi_left_of_english_is_named(write):
    path = write("pairs.tsv", "नमस्ते।\tHello.\n")
    assert error_of(path).startswith(f"{path}: Hindi in the first column; put the English")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "{path}: empty; give a file that has sentences"),
        ("\n\t\n", "pairs.tsv: no usable pair (2 empty side); give sentences on both sides"),
        ("en\thi\n", "pairs.tsv: no usable pair (no rows below the header); give sentences on"),
    ],
)
def test_a_file_without_pairs_is_refused(write, content, problem):
    path = write("pairs.tsv", content)
    assert error_of(path).startswith(problem.format(path=path))


def test_a_name_that_is_neither_file_nor_corpus_gets_the_list_of_names():
    assert error_of("tatoba").startswith(
        "tatoba: no such file and no corpus of that name; the names are "
        "course, course-challenge, phrasebook, tatoeba, iitb"
    )
    assert "no such file and no corpus of that name" in error_of("x" * 5_000)


def test_a_folder_is_refused(tmp_path):
    assert error_of(tmp_path) == f"{tmp_path}: Is a directory; name a file that can be read"


# Two files


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_lines_of_two_files_are_pairs(write, suffix):
    pack = gzip.compress if suffix else bytes
    english = write(f"x.en{suffix}", pack(ENGLISH.encode()))
    text = load(english, write("x.hi", HINDI))
    assert tuple(text) == PAIRS
    assert text.name == f"x.en{suffix} + x.hi"


def test_two_files_of_different_length_are_refused(write):
    english, hindi = write("x.en", ENGLISH + "More.\n"), write("x.hi", HINDI)
    assert error_of(english, hindi) == (
        f"{english}: 4 lines, but {hindi} has 3; line N of one file must translate line N of "
        "the other"
    )


def test_a_missing_second_file_is_named(write, tmp_path):
    missing = tmp_path / "x.hi"
    assert error_of(write("x.en", ENGLISH), missing) == (
        f"{missing}: No such file or directory; name a file that can be read"
    )


# Archives

TATOEBA = {"hin.txt": TABLE.replace("\n", "\tCC-BY 2.0\n"), "_about.txt": "About\nthese"}
IITB = {"parallel/IITB.en-hi.en": ENGLISH, "parallel/IITB.en-hi.hi": HINDI}
MOSES = {"README": "x", "LICENSE": "x", "X.en-hi.hi": HINDI, "X.en-hi.en": ENGLISH, "X.xml": "x"}


@pytest.mark.parametrize("members", [TATOEBA, IITB, MOSES], ids=["tatoeba", "iitb", "moses"])
@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred), ("tar.gz", tarred)])
def test_an_archive_is_read_as_it_was_downloaded(write, members, suffix, pack):
    assert tuple(load(write(f"archive.{suffix}", pack(members)))) == PAIRS


@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_reading_an_archive_writes_nothing(write, tmp_path, suffix, pack):
    folder = tmp_path / "inner"
    folder.mkdir()
    path = write(f"inner/trap.{suffix}", pack({"../evil.txt": TABLE, "/_evil.txt": "x"}))
    assert tuple(load(path)) == PAIRS
    assert sorted(tmp_path.rglob("*")) == [folder, path]


def test_an_error_inside_an_archive_names_the_member_and_its_line(write):
    path = write("archive.zip", zipped({"hin.txt": TABLE + "Alone.\n"}))
    assert error_of(path).startswith(f"{path}/hin.txt:4: no column 2;")


@pytest.mark.parametrize("members", [{}, {"a.txt": TABLE, "b.txt": TABLE}, {"x.en": ENGLISH}])
def test_an_archive_that_leaves_a_choice_is_refused(write, members):
    path = write("archive.zip", zipped(members))
    assert error_of(path) == (
        f"{path}: neither one table nor one English and one Hindi text among its "
        f"{len(members)} files; unpack it and name the right ones"
    )


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("pairs.zip", zipped(TATOEBA)),
        ("pairs.tgz", tarred(TATOEBA)),
        ("pairs.tsv.gz", gzip.compress(TABLE.encode())),
    ],
)
def test_damage_is_reported_wherever_the_file_breaks_off(write, name, whole):
    for length in range(len(whole)):
        path = write(name, whole[:length])
        try:
            assert tuple(load(path)) == PAIRS  # a .tgz may do without its padding
        except InputError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)
    assert "delete it and fetch it again" in error_of(write(name, whole[: len(whole) // 2]))
    assert "delete it and fetch it again" in error_of(write(name, b"<html>Not here.</html>"))


@pytest.mark.parametrize(
    ("name", "whole"), [("x.zip", zipped(TATOEBA)), ("x.tsv.gz", gzip.compress(TABLE.encode()))]
)
def test_damage_in_the_middle_of_a_file_is_reported(write, name, whole):
    for place in range(40, 60):
        damaged = bytes([*whole[:place], whole[place] ^ 0xFF, *whole[place + 1 :]])
        assert "delete it and fetch it again" in error_of(write(name, damaged))


def test_an_encrypted_archive_is_refused(write):
    content = bytearray(zipped({"hin.txt": TABLE}))
    content[6] |= 1  # the flag stands in the file's header and in the archive's directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted, password required" in error_of(write("secret.zip", content))


# Downloads


class Server(http.server.BaseHTTPRequestHandler):
    """Serves what `files` holds; turns Python's default agent away, as some servers do."""

    files: dict[str, bytes] = {}
    visits: list[str] = []
    missing_bytes = 0

    def do_GET(self):
        self.visits.append(self.path)
        if "Python-urllib" in self.headers["User-Agent"]:
            return self.send_error(406)
        if self.path not in self.files:
            return self.send_error(404)
        content = self.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + self.missing_bytes))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Stays silent."""


@pytest.fixture
def server(monkeypatch, tmp_path):
    """Serves the named corpora from this machine, and keeps downloads in a new folder."""
    handler = type("Handler", (Server,), {"visits": [], "files": {}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True).start()
        handler.address = f"http://127.0.0.1:{http_server.server_port}"
        moved = [
            source.address and replace(source, address=f"{handler.address}/{source.file}") or source
            for source in downloads.SOURCES
        ]
        monkeypatch.setattr(downloads, "SOURCES", tuple(moved))
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
        "    importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "assert f'{package.__name__}.reading' in sys.modules\n"
        "print({'keras', 'tensorflow', 'numpy', 'pandas', 'tqdm'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_kinds_stay_with_their_pairs_where_only_one_split_has_them(tmp_path):
    for split, kind in (("train", ""), ("dev", ""), ("test", "\tnew")):
        (tmp_path / f"{split}.tsv").write_text(
            f"To {split}.\tनमस्ते {split}।{kind}\n", encoding="utf-8"
        )
    assert load(tmp_path).kinds == ("", "", "new")
    assert load(tmp_path).of_kind("new").source == ("To test.",)
