"""Archives do no harm: bombs are refused by size, and no name and no link leads out of one."""

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import pytest
from parallel_text import PAIRS, TABLE, error_of, tarred, zipped

from s2s_keras.corpora import files, load, tables, unpacking

LONG = TABLE * 300_000  # 33 MB that pack a hundred to a thousand to one
PACKERS = {
    "a.tsv.gz": gzip.compress,
    "a.tsv.bz2": bz2.compress,
    "a.tsv.xz": partial(lzma.compress, preset=1),
    "a.zip": lambda content: zipped({"a.tsv": content.decode()}),
    "a.tgz": lambda content: tarred({"a.tsv": content.decode()}),
    "a.tar.xz": lambda content: tarred({"a.tsv": content.decode()}, "w:xz"),
    "twice.zip": lambda content: zipped_bytes("a.tsv.gz", gzip.compress(content)),
    "twice.tgz": lambda content: tarred_bytes("a.tsv.gz", gzip.compress(content)),
}


def zipped_bytes(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred_bytes(name: str, content: bytes) -> bytes:
    return with_members((name, {"size": len(content)}, content))


def with_members(*members: tuple[str, dict, bytes]) -> bytes:
    """A .tar.gz of members with whatever a header can say of them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, says, content in members:
            info = tarfile.TarInfo(name)
            for field, value in says.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


# Bombs


@pytest.mark.parametrize("name", PACKERS)
def test_a_bomb_is_refused_by_its_size_in_one_line(write, name):
    path = write(name, PACKERS[name](LONG.encode()))
    message = error_of(path)
    told = re.match(rf"{re.escape(str(path))}\S*: unpacks to over ([\d,]+) bytes", message)
    # No more was unpacked than what is free, or than 200 times what was read in the archive.
    assert unpacking.FREE < int(told[1].replace(",", "")) < 2 * unpacking.FREE
    assert "unpack it yourself" in message


@pytest.mark.parametrize("name", ["zeros.tgz", "zeros.tar.xz"])
def test_a_bomb_that_is_only_passed_over_is_refused_too(write, name):
    zeros = ("zeros.bin", {"size": 40_000_000}, bytes(40_000_000))
    table = ("a.tsv", {"size": len(TABLE.encode())}, TABLE.encode())
    content = with_members(zeros, table)
    if name.endswith("xz"):
        content = lzma.compress(gzip.decompress(content), preset=0)
    assert "unpacks to over 16," in error_of(write(name, content))


@pytest.mark.parametrize("name", PACKERS)
def test_text_is_never_taken_for_a_bomb(write, name, monkeypatch):
    """Real sentences, as large a file as one likes: no part of it is free."""
    monkeypatch.setattr(unpacking, "FREE", 0)
    course = Path(__file__).parents[1] / "data/course/dev.tsv"
    content = PACKERS[name](course.read_bytes())
    assert len(load(write(name, content))) > 1_000
    assert course.stat().st_size * 5 < unpacking.MOST_RATIO * len(content)


def test_no_text_is_larger_than_the_absolute_limit(write, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 100)
    assert "unpacks to over " in error_of(write("a.tsv.gz", gzip.compress(TABLE.encode())))


def test_a_file_may_be_packed_twice_but_not_without_end(write):
    content = TABLE.encode()
    for layers in range(1, 6):
        content = gzip.compress(content)
        path = write("a.tsv.gz", content)
        if layers <= files.MOST_LAYERS:
            assert tuple(load(path)) == PAIRS
        else:
            assert error_of(path) == f"{path}: packed over 3 times; unpack it yourself"


def test_a_sparse_file_of_zeros_is_not_read(write):
    header = {"type": tarfile.GNUTYPE_SPARSE, "size": 0}
    path = write("a.tgz", with_members(("a.tsv", header, b"")))
    assert "among its 0 files" in error_of(path)


@pytest.mark.parametrize("suffix", ["zip", "tgz"])
def test_an_archive_of_too_many_files_is_refused(write, monkeypatch, suffix):
    monkeypatch.setattr(files, "MOST_MEMBERS", 10)
    pack = zipped if suffix == "zip" else tarred
    path = write(f"a.{suffix}", pack({f"{n}.tsv": TABLE for n in range(11)}))
    assert error_of(path) == f"{path}: over 10 files; unpack it yourself and name the right ones"
    assert "among its 10 files" in error_of(
        write(f"b.{suffix}", pack({f"{n}.tsv": TABLE for n in range(10)}))
    )


def test_going_back_in_a_packed_stream_gives_the_same_again():
    packed = io.BytesIO(gzip.compress(bytes(range(256)) * 1000))
    with unpacking.Unpacked(gzip.open(packed), packed.tell, "x") as stream:
        assert stream.seek(70_000) == 70_000
        assert stream.read(3) == bytes([112, 113, 114])
        assert stream.seek(5) == stream.tell() == 5
        assert stream.read(3) == bytes([5, 6, 7])
        assert stream.seek(10**9) == 256_000 and stream.read(1) == b""


# Names and links


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE], ids=["symbolic", "hard"])
@pytest.mark.parametrize("target", ["secret.tsv", "../secret.tsv", "{folder}/secret.tsv"])
def test_a_link_in_an_archive_is_not_followed(write, tmp_path, monkeypatch, kind, target):
    write("secret.tsv", "Mine.\tमेरा।\n")
    monkeypatch.chdir(tmp_path)
    link = {"type": kind, "linkname": target.format(folder=tmp_path)}
    assert "among its 0 files" in error_of(write("a.tgz", with_members(("a.tsv", link, b""))))
    table = ("a.tsv", {"size": len(TABLE.encode())}, TABLE.encode())
    linked = write("b.tgz", with_members(table, ("b.tsv", link, b""), ("a.tsv", link, b"")))
    assert tuple(load(linked)) == PAIRS


def test_a_link_in_a_zip_is_not_followed(write, tmp_path):
    secret = write("secret.tsv", "Mine.\tमेरा।\n")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.tsv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, str(secret))
    assert "no column 2" in error_of(write("a.zip", buffer.getvalue()))


@pytest.mark.parametrize("suffix", ["zip", "tgz"])
@pytest.mark.parametrize("name", ["../evil.tsv", "/evil.tsv", "C:\\evil.tsv", "a/../../evil.tsv"])
def test_a_name_that_leads_elsewhere_writes_nothing_there(write, tmp_path, suffix, name):
    path = write(f"inner/trap.{suffix}", (zipped if suffix == "zip" else tarred)({name: TABLE}))
    assert tuple(load(path)) == PAIRS
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_the_name_of_a_member_cannot_steer_the_terminal(write):
    path = write("a.zip", zipped({"a\x1b[2J\n.tsv": TABLE + "Alone.\n" * 9}))
    assert "a\\x1b[2J .tsv:4: no column 2" in error_of(path)


# What is small as a file and large as work


def test_quotes_that_never_end_cost_no_more_than_a_few_readings(write, monkeypatch):
    taken = 0
    original = tables._Feed.__next__

    def counted(feed):
        nonlocal taken
        taken += 1
        return original(feed)

    monkeypatch.setattr(tables._Feed, "__next__", counted)
    rows = 'a","b\n' * 60_000  # each row closes the quote of the one before, and opens another
    path = write("pairs.csv", "english,hindi\n" + rows)
    assert "a quote that is not closed" in error_of(path)
    assert taken < 30 * 60_000


def test_objects_inside_each_other_without_end_are_no_text(write):
    deep = '{"hi": "हाँ", "en": ' + '{"x": ' * 900 + '"Yes"' + "}" * 901
    good = '{"en": "Who is it?", "hi": "कौन है?"}'
    corpus = load(write("a.jsonl", f"{good}\n{deep}\n"))
    assert tuple(corpus) == (("Who is it?", "कौन है?"),)
    corpus = load(write("a.json", f"[{good}, {deep}]"))
    assert tuple(corpus) == (("Who is it?", "कौन है?"),)


def test_elements_inside_each_other_without_end_are_refused(write):
    content = '<?xml version="1.0"?><tmx version="1.4">' + "<a>" * 100_000
    assert "over 100 elements inside each other" in error_of(write("a.tmx", content))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes with names")
def test_a_packed_file_through_a_pipe_is_read(write, tmp_path):
    import threading

    os.mkfifo(tmp_path / "pipe.tsv.gz")
    content = gzip.compress(TABLE.encode())
    writer = threading.Thread(target=(tmp_path / "pipe.tsv.gz").write_bytes, args=(content,))
    writer.start()
    assert tuple(load(tmp_path / "pipe.tsv.gz")) == PAIRS
    writer.join()
