"""A small parallel text and the archives that corpora come in, for the tests that read them."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from s2s_keras.corpora import InputError, load

SHARED = Path(__file__).resolve().parents[1] / "../shared/corpora"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no real corpora in {SHARED}")

PAIRS = (("Hello.", "नमस्ते।"), ("Who is it?", "कौन है?"), ("I am here.", "मैं यहाँ हूँ।"))
TABLE = "".join(f"{english}\t{hindi}\n" for english, hindi in PAIRS)
ENGLISH = "".join(f"{english}\n" for english, _ in PAIRS)
HINDI = "".join(f"{hindi}\n" for _, hindi in PAIRS)
TATOEBA = {"hin.txt": TABLE.replace("\n", "\tCC-BY 2.0\n"), "_about.txt": "About\nthese"}
IITB = {"parallel/IITB.en-hi.en": ENGLISH, "parallel/IITB.en-hi.hi": HINDI}
MOSES = {"README": "x", "LICENSE": "x", "X.en-hi.hi": HINDI, "X.en-hi.en": ENGLISH, "X.xml": "x"}


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def tarred(members: dict[str, str], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def error_of(*arguments, **options) -> str:
    """Returns the message with which these arguments of `load` are refused, always one line."""
    with pytest.raises(InputError) as caught:
        load(*arguments, **options)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message
