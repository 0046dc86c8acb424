"""What `s2s_keras.corpora.references` promises: line N of every text is for sentence N."""

import gzip

import pytest

from s2s_keras.corpora import InputError, read_references


@pytest.fixture
def write(tmp_path):
    def write(name: str, text: str):
        path = tmp_path / name
        raw = text.encode("utf-8")
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return write


def test_line_n_of_each_file_is_a_reference_of_sentence_n(write):
    first = write("first.hi", "नमस्ते।\nमैं आता हूँ।\nफ़िल्म\n")
    second = write("second.hi.gz", "नमस्कार।\r\n\r\nपिक्चर\r\n")
    third = write("third.hi", "\n \nचलचित्र")
    assert read_references(str(first)) == [["नमस्ते।"], ["मैं आता हूँ।"], ["फ़िल्म"]]
    assert read_references(first, second, third) == [
        ["नमस्ते।", "नमस्कार।"],
        ["मैं आता हूँ।"],
        ["फ़िल्म", "पिक्चर", "चलचित्र"],
    ]


def test_references_come_in_the_spelling_that_translations_have(write):
    precomposed = write("first.hi", "  \u095bमीन   है। \n")  # ज़ as one code point, which is not NFC
    assert read_references(precomposed) == [["\u091c\u093cमीन है।"]]


@pytest.mark.parametrize(("longer", "shorter"), [("first", "second"), ("second", "first")])
def test_the_line_without_a_line_beside_it_is_named(write, longer, shorter):
    paths = {longer: write(longer, "एक\nदो\nतीन\n"), shorter: write(shorter, "एक\nदो\n")}
    with pytest.raises(InputError, match=rf"{longer}:3: .*{shorter} ends .*; give line N of both"):
        read_references(paths["first"], paths["second"])


def test_an_empty_line_in_the_first_file_is_named(write):
    first = write("first.hi", "एक\n  \nतीन\n")
    with pytest.raises(InputError, match=r"first\.hi:2: an empty line; the first file must have"):
        read_references(first)


def test_a_file_that_cannot_be_read_is_named(write, tmp_path):
    first = write("first.hi", "एक\n")
    with pytest.raises(InputError, match="missing.hi: No such file"):
        read_references(first, tmp_path / "missing.hi")
    with pytest.raises(InputError, match=r"latin\.hi:1: not UTF-8"):
        (tmp_path / "latin.hi").write_bytes(b"\xe9\n")
        read_references(first, tmp_path / "latin.hi")


def test_references_are_read_without_html_entities(tmp_path):
    path = tmp_path / "references.txt"
    path.write_text("राम &amp; श्याम\n&quot;हाँ&quot;\n", encoding="utf-8")
    assert read_references(path) == [["राम & श्याम"], ['"हाँ"']]
