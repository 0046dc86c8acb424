"""What reading promises: the files that people have come in as pairs, and bad ones are named."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import sqlite3
import threading
import tracemalloc
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from parallel_text import (
    ENGLISH,
    HINDI,
    IITB,
    MOSES,
    PAIRS,
    SHARED,
    TABLE,
    TATOEBA,
    error_of,
    needs_shared,
    tarred,
    zipped,
)

from s2s_keras import corpora
from s2s_keras.corpora import InputError, load, read_lines
from s2s_keras.corpora.entities import decode_entities
from s2s_keras.text import normalise


def csv_of(rows, delimiter: str = ",", **how) -> str:
    """The rows as Python's csv module writes them."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, **how).writerows(rows)
    return buffer.getvalue()


def json_lines(objects) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


def tmx_of(units: str, before: str = "") -> str:
    """A TMX document around some translation units, as tools for translators export it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"{before}"
        '<tmx version="1.4">\n<header creationtool="x" creationtoolversion="1" o-tmf="x"\n'
        ' adminlang="en" srclang="en" datatype="plaintext"><prop type="t">no text</prop>\n'
        f"</header>\n<body>\n{units}</body>\n</tmx>\n"
    )


def unit(**segments: str) -> str:
    inside = "".join(
        f'<tuv xml:lang="{language.replace("_", "-")}"><seg>{text}</seg></tuv>'
        for language, text in segments.items()
    )
    return f"<tu>{inside}</tu>\n"


UNITS = "".join(unit(en=english, hi=hindi) for english, hindi in PAIRS)


# Tables with tabs


@pytest.mark.parametrize("header", ["english\thindi\ttopic", "EN\tHI", "Sentence\tTranslation"])
def test_a_header_row_is_no_pair(write, header):
    assert tuple(load(write("pairs.tsv", f"{header}\n{TABLE}"))) == PAIRS


def test_one_row_below_a_header_is_enough_to_find_the_columns(write):
    assert tuple(load(write("pairs.tsv", "id\ten\thi\n1\tHello.\tनमस्ते।\n"))) == PAIRS[:1]


def test_a_header_row_is_known_by_its_words_too(write):
    assert tuple(load(write("toy.tsv", "source\ttarget\nabc\tcba\n"))) == (("abc", "cba"),)


def test_a_first_row_that_is_a_sentence_is_no_header(write):
    path = write("pairs.tsv", "Hello!\tHello!\n" + TABLE)
    assert tuple(load(path)) == (("Hello!", "Hello!"), *PAIRS)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write):
    content = b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode()
    assert tuple(load(write("pairs.txt", content))) == PAIRS


def test_only_a_line_feed_ends_a_line(write):
    table = "one\u2028two\x0bthree\x85four\tएक\u2029दो\n"
    assert tuple(load(write("pairs.tsv", table))) == (("one two three four", "एक दो"),)


def test_quotes_are_ordinary_characters_between_tabs(write):
    table = '"Go!\tजाओ।\n"Yes," he said.\t"हाँ", उसने कहा।\nHe is 6" tall.\tवह लंबा है।"\n'
    assert tuple(load(write("pairs.tsv", table))) == (
        ('"Go!', "जाओ।"),
        ('"Yes," he said.', '"हाँ", उसने कहा।'),
        ('He is 6" tall.', 'वह लंबा है।"'),
    )


def test_a_row_without_a_target_is_skipped_and_counted(write):
    text = load(write("pairs.tsv", TABLE + "Alone.\t\n \tअकेला।\n\n"))
    assert tuple(text) == PAIRS
    assert text.skipped == {"empty side": 3}


def test_a_pair_that_comes_again_is_skipped_and_counted(write):
    text = load(write("pairs.tsv", TABLE + "Hello.\tनमस्ते।\nHello.\tनमस्कार।\n"))
    assert tuple(text) == (*PAIRS, ("Hello.", "नमस्कार।"))
    assert text.skipped == {"duplicate": 1}


def test_the_longest_line_is_read_even_in_characters_of_four_bytes(write):
    line = "\U0001f600" * (corpora.LONGEST_LINE - 1) + "a"
    text = load(write("x.en", f"{line}\r\nHello.\r\n"), write("x.hi", "हँसी\nनमस्ते।\n"))
    assert tuple(text) == ((line, "हँसी"), ("Hello.", "नमस्ते।"))


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
        "course, course-challenge, phrasebook, everyday, tatoeba, iitb"
    )
    assert "no such file and no corpus of that name" in error_of("x" * 5_000)


# Which columns

ROWS = [
    *[("Come and see me tomorrow.", "कल मुझसे मिलने आना।"), ("Who is it?", "कौन है?")],
    *[("I am here.", "मैं यहाँ हूँ।"), ("The shop is closed today.", "आज दुकान बंद है।")],
]
CREDIT = "CC-BY 2.0 (France) Attribution: tatoeba.org #52027 (Zifre) & #6179147 (fastrizwaan)"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{e}\t{h}", ""),
        (f"{{e}}\t{{h}}\t{CREDIT}", "columns 1 and 2 of 3"),
        (f"{CREDIT}\t{{h}}\t{{e}}", "columns 3 and 2 of 3"),
        ("{n}:1-1\t{e}\t{h}", "columns 2 and 3 of 3"),
        ("{n}\t{e}\t{n}\t{h}", "columns 2 and 4 of 4"),
        ("{n}\t{h}\t{e}", "columns 3 and 2 of 3"),
        ("0.9{n}\t{e}\t{h}", "columns 2 and 3 of 3"),
        ("{e}\t0.9{n}\t{h}", "columns 1 and 3 of 3"),
        ("{h}\t{e}", "columns 2 and 1 of 2"),
        ("a\t{e}\t{h}\tनमूना", "columns 2 and 3 of 4"),
        ("tides\t1-1\t0.9\t{e}\t{h}", "columns 4 and 5 of 5"),
        ("{e}\t{h}\thttps://example.org/one-of-many/{n}.html", "columns 1 and 2 of 3"),
        ("pib_{n}.txt\t{e}\tsome_one\t{h}", "columns 2 and 4 of 4"),
    ],
)
@pytest.mark.parametrize("repeat", [1, 2_000])
def test_english_is_the_column_like_sentences_and_hindi_the_one_in_devanagari(
    write, row, told, repeat
):
    rows = [row.format(e=e, h=h, n=n) for n, (e, h) in enumerate(ROWS)] * repeat
    text = load(write("pairs.tsv", "\n".join(rows)))
    assert list(text) == ROWS
    assert text.read_as == told
    assert (f", {told}," in text.summary()) == bool(told)


def test_what_says_where_a_sentence_is_from_is_not_the_source(write):
    rows = [("source", "english_sentence", "hindi_sentence")]
    rows += [("ted" if n % 2 else "tides", *pair) for n, pair in enumerate(ROWS)]
    text = load(write("Hindi_English_Truncated_Corpus.csv", csv_of(rows)))
    assert list(text) == ROWS
    assert text.read_as == "columns 2 and 3 of 3"


@pytest.mark.parametrize(
    "header",
    [
        ("Hindi", "English", "id"),
        ("हिंदी", "अंग्रेज़ी", "id"),
        ("hin_Deva", "eng_Latn", "id"),
        ("sentence_hin_Deva", "sentence_eng_Latn", "id"),
        ("Translation (Hindi)", "Sentence (English)", "id"),
    ],
)
def test_a_header_tells_the_columns_even_where_hindi_is_in_latin_letters(write, header):
    table = "\t".join(header) + "\nkya haal hai\tHow are you\tone\nnamaste\tHello\ttwo\n"
    assert tuple(load(write("pairs.tsv", table))) == (
        ("How are you", "kya haal hai"),
        ("Hello", "namaste"),
    )


def test_of_several_columns_with_a_language_in_the_name_the_sentences_are_read(write):
    rows = [("en_id", "en_text", "hi_id", "hi_text")]
    rows += [(f"{n}", english, f"{n}", hindi) for n, (english, hindi) in enumerate(ROWS)]
    assert list(load(write("pairs.csv", csv_of(rows)))) == ROWS


@pytest.mark.parametrize("row", ["abc\tcba\tnote", "1\tabc\tcba", "1\tabc\t2\tcba"])
def test_without_devanagari_the_first_two_columns_with_letters_are_read(write, row):
    other = row.replace("abc", "xy").replace("cba", "yx")
    assert list(load(write("toy.tsv", f"{row}\n{other}\n"))) == [("abc", "cba"), ("xy", "yx")]


def test_of_two_languages_in_devanagari_the_first_is_the_source(write):
    table = "1\tमी इथे आहे\tमैं यहाँ हूँ\n2\tतो कोण आहे\tवह कौन है\n"
    text = load(write("mr-hi.tsv", table), source_column=2)
    assert tuple(text) == (("मी इथे आहे", "मैं यहाँ हूँ"), ("तो कोण आहे", "वह कौन है"))


@pytest.mark.parametrize("columns", [("b", "c"), (2, 3), ("2", "3"), ("b", None), (None, "C ")])
def test_the_user_names_columns_by_header_or_number(write, columns):
    rows = [("a", "b", "c"), *[("A long comment on this.", *pair) for pair in ROWS]]
    path = write("pairs.csv", csv_of(rows))
    source, target = columns
    assert list(load(path, source_column=source, target_column=target)) == ROWS


def test_the_other_direction_is_read_by_naming_the_columns(write):
    path = write("pairs.csv", csv_of([("english", "hindi"), *ROWS]))
    hindi_first = [(hindi, english) for english, hindi in ROWS]
    assert list(load(path, source_column="hindi")) == hindi_first
    assert list(load(path, source_column="hindi", target_column="english")) == hindi_first


@pytest.mark.parametrize("column", ["d", "0", 3, -1])
def test_a_column_that_is_not_there_is_named_with_those_that_are(write, column):
    path = write("pairs.csv", csv_of([("b", "c"), *ROWS]))
    assert error_of(path, source_column=column) == (
        f"{path}: no column {column}; there are 2 columns, and the first row has: b, c"
    )


def test_a_table_of_ids_beside_hindi_has_no_source(write):
    path = write("pairs.tsv", "".join(f"{n}\t{hindi}\n" for n, (_, hindi) in enumerate(ROWS)))
    assert error_of(path) == (
        f"{path}: no column beside column 2 has words; name the right ones with --source-column "
        "and --target-column"
    )


# Sides that cannot be trained on


def test_a_side_of_numbers_is_refused(write):
    path = write("pairs.tsv", "".join(f"{n}\t{hindi}\n" for n, (_, hindi) in enumerate(ROWS)))
    assert error_of(path, source_column=1, target_column=2) == (
        "pairs.tsv: the source side has no letters, only texts such as '0'; choose the right "
        "columns with --source-column and --target-column"
    )
    assert "the target side has no letters" in error_of(write("x.tsv", "abc\t1\ndef\t2\n"))


def test_two_sides_that_are_equal_are_refused(write):
    path = write("x.en", ENGLISH)
    assert error_of(path, path).startswith(
        "x.en + x.en: source and target are equal in 3 of 3 pairs; choose the right columns"
    )


def test_sides_that_are_swapped_are_refused_unless_that_is_wanted(write):
    english, hindi = write("x.en", ENGLISH), write("x.hi", HINDI)
    assert error_of(hindi, english) == (
        "x.hi + x.en: the source is in Hindi and the target is not; give the English side first, "
        "and --swap to translate from Hindi"
    )
    assert tuple(load(hindi, english, swap=True)) == PAIRS


def test_swap_makes_a_corpus_for_the_other_direction(write):
    text = load(write("pairs.tsv", TABLE), swap=True)
    assert tuple(text) == tuple((hindi, english) for english, hindi in PAIRS)
    assert text.summary() == (
        "pairs.tsv: 3 pairs, source and target swapped, licence unknown"
    )  # fmt: skip


def test_swap_keeps_the_splits_of_a_folder(write, tmp_path):
    for number, split in enumerate(("train", "dev", "test")):
        write(f"{split}.tsv", "\t".join(PAIRS[number]))
    splits = load(tmp_path, swap=True).split()
    assert [split[0] for split in splits] == [(hindi, english) for english, hindi in PAIRS]


# Bad rows

BAD_LINES = {
    "column": (b"Alone.\n", "no column 2", "put a tab between the columns"),
    "encoding": (b"caf\xe9\tx\n", "not UTF-8 (byte 0xe9)", "save the file as UTF-8"),
    "return": (b"a\rb\tc\n", "a carriage return inside the line", "remove it"),
    "long": (
        b"a" * 10_001 + b"\tx\n",
        "over 10,000 characters",
        "put one sentence on each line",
    ),
    "far too long": (
        "é".encode() * 90_000 + b"\tx\n",
        "over 10,000 characters",
        "put one sentence on each line",
    ),
}
bad_lines = pytest.mark.parametrize(
    ("line", "problem", "remedy"), BAD_LINES.values(), ids=BAD_LINES.keys()
)


@bad_lines
def test_a_bad_line_is_skipped_counted_and_told(write, line, problem, remedy):
    path = write("pairs.tsv", TABLE.encode() + line + "Go.\tजाओ।\n".encode())
    text = load(path)
    assert tuple(text) == (*PAIRS, ("Go.", "जाओ।"))
    assert text.skipped == {problem.split(" (")[0]: 1}
    assert text.skipped_rows == (f"{path}:4: {problem}",)


@bad_lines
def test_a_bad_line_is_an_error_where_reading_is_strict(write, line, problem, remedy):
    path = write("pairs.tsv", TABLE.encode() + b"\n" + line)
    assert error_of(path, strict=True) == f"{path}:5: {problem}; {remedy}"


@bad_lines
def test_a_bad_line_in_one_of_two_texts_skips_the_pair_and_shifts_nothing(
    write, line, problem, remedy
):
    if problem == "no column 2":
        return
    first, *others = ENGLISH.encode().splitlines(keepends=True)
    english, hindi = write("x.en", b"".join([first, line, *others])), write("x.hi", "")
    rows = HINDI.splitlines()
    hindi.write_text("\n".join([rows[0], "बुरा", *rows[1:]]), encoding="utf-8")
    text = load(english, hindi)
    assert tuple(text) == PAIRS
    assert text.skipped_rows == (f"{english}:2: {problem}",)
    assert tuple(load(hindi, english, swap=True)) == PAIRS


def test_the_first_five_bad_rows_are_told_and_all_are_counted(write):
    path = write("pairs.tsv", "One\n" * 3 + TABLE * 4 + "caf\xe9\n" * 4)
    text = load(path)
    assert text.skipped == {"duplicate": 9, "no column 2": 7}
    assert text.skipped_rows == tuple(f"{path}:{n}: no column 2" for n in (1, 2, 3, 16, 17))
    assert text.summary() == (
        "pairs.tsv: 3 pairs, skipped 9 duplicate, 7 no column 2, licence unknown"
    )


def test_bad_rows_beyond_the_head_are_found_too(write):
    good = "".join(f"Number {n}.\tसंख्या {n}।\n" for n in range(1_500))
    path = write("pairs.tsv", good.encode() + b"\xff\tx\n" + TABLE.encode())
    assert load(path).skipped_rows == (f"{path}:1501: not UTF-8 (byte 0xff)",)


def test_a_file_of_mostly_bad_rows_is_not_what_it_looks_like(write):
    path = write("pairs.tsv", TABLE + "One.\n" * 4)
    assert error_of(path) == (
        f"{path}:4: no column 2, and 4 of 7 rows cannot be used; put a tab between the columns"
    )
    assert len(load(write("half.tsv", TABLE + "One.\n" * 3))) == 3


def test_old_macintosh_line_ends_are_named(write):
    path = write("pairs.tsv", TABLE.replace("\n", "\r"))
    assert error_of(path) == (
        f"{path}:1: a carriage return inside the line, and 1 of 1 rows cannot be used; remove it"
    )


def test_blank_rows_are_neither_good_nor_bad(write):
    assert len(load(write("pairs.tsv", TABLE + "\n" * 50))) == 3


def test_lines_to_score_are_read_exactly_or_not_at_all(write):
    assert read_lines(write("x.hi.gz", gzip.compress("एक &amp;\n\nदो".encode()))) == [
        "एक &amp;",
        "",
        "दो",
    ]
    bad = write("y.hi", b"ok\n\xff\n")
    with pytest.raises(InputError, match="y.hi:2: not UTF-8"):
        read_lines(bad)


# CSV

QUOTED = [
    ('He said, "Go!"', '"जाओ!", उसने कहा'),
    ("First line\nsecond line", "पहली;\nदूसरी"),
    ("Semi; colon, comma", "अर्ध; विराम, अल्प"),
    ("Plain", "सादा"),
]
UNQUOTED = [tuple(text.replace("\n", " ") for text in pair) for pair in QUOTED]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("header", [[("english", "hindi")], []])
def test_csv_has_delimiters_quotes_and_line_ends_inside_quotes(write, delimiter, quoting, header):
    content = csv_of([*header, *QUOTED], delimiter, quoting=quoting)
    assert list(load(write("pairs.csv", content))) == UNQUOTED


def test_a_csv_as_a_spreadsheet_writes_it(write):
    content = "sep=;\r\n" + csv_of([("English", "Hindi"), *QUOTED], ";")
    path = write("Tabelle1.CSV", content.encode("utf-16"))
    assert path.read_bytes()[:2] == b"\xff\xfe"
    assert list(load(path)) == UNQUOTED
    assert list(load(write("b.csv", content.encode("utf-8-sig")))) == UNQUOTED
    big_endian = b"\xfe\xff" + content.encode("utf-16-be")
    assert list(load(write("c.csv", big_endian))) == UNQUOTED


def test_commas_in_sentences_do_not_divide_what_semicolons_divide(write):
    table = "Yes, sir;हाँ, जी\nNo, sir;नहीं, जी\nGo, sir;जाओ, जी\n"
    assert load(write("pairs.csv", table))[1] == ("No, sir", "नहीं, जी")


def test_a_space_after_the_comma_does_no_harm(write):
    table = '"Yes, sir", "हाँ, जी"\n"No", "नहीं"\n'
    assert tuple(load(write("pairs.csv", table))) == (("Yes, sir", "हाँ, जी"), ("No", "नहीं"))


def test_a_text_with_commas_between_its_columns_is_known_by_its_script(write):
    assert list(load(write("pairs.txt", csv_of(QUOTED)))) == UNQUOTED


def test_the_line_of_a_bad_row_counts_line_ends_inside_quotes(write):
    path = write("pairs.csv", csv_of([("english", "hindi"), *QUOTED, ("Alone",)]))
    assert load(path).skipped_rows == (f"{path}:8: no column 2",)


def test_a_quote_that_is_never_closed_swallows_no_other_row(write):
    rows = [f"Number {n},संख्या {n}" for n in range(20)]
    rows.insert(5, '"Never closed,कभी नहीं')
    rows.insert(9, '"He said "Hi" to me",उसने कहा')
    rows.append('"The last one,आख़िरी')
    path = write("pairs.csv", "\n".join(rows))
    text = load(path)
    assert text.source == tuple(f"Number {n}" for n in range(20))
    assert [row.rsplit(":", 2)[1] for row in text.skipped_rows] == ["6", "10", "23"]
    assert text.skipped == {"quotes out of place": 2, "a quote that is not closed": 1}


def test_an_unclosed_quote_far_from_the_next_one_is_given_up(write):
    rows = [f"Number {n},संख्या {n}" for n in range(9_000)]
    rows.insert(5, '"Never closed,कभी नहीं')
    text = load(write("pairs.csv", "\n".join(rows)))
    assert len(text) == 9_000
    assert text.skipped == {"a quote that is not closed": 1}


# In quoted cells and in JSON, anything may stand: the letters keep a side from being empty.
TEXTS = st.text(st.characters(exclude_characters="\0&", exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8), st.sampled_from(",;"))
@example([('"', "\r"), ("\n,", ";;")], ";")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_pairs_come_back_from_csv_and_json_as_their_normal_form(write, texts, delimiter):
    pairs = [(f"en {source} x", f"हि {target} क") for source, target in texts]
    expected = list(dict.fromkeys((normalise(a), normalise(b)) for a, b in pairs))
    content = csv_of([("english", "hindi"), *pairs], delimiter)
    assert list(load(write("any.csv", content), strict=True)) == expected
    objects = [{"translation": {"en": source, "hi": target}} for source, target in pairs]
    assert list(load(write("any.jsonl", json_lines(objects)), strict=True)) == expected
    assert list(load(write("any.json", json.dumps(objects)), strict=True)) == expected


# JSON


@pytest.mark.parametrize(
    "form",
    [
        lambda e, h: {"translation": {"en": e, "hi": h}},
        lambda e, h: {"id": 7, "translation": {"hi": h, "en": e}, "score": 0.5, "by": None},
        lambda e, h: {"en": e, "hi": h},
        lambda e, h: {"hindi": h, "english": e},
        lambda e, h: {"source": e, "target": h},
        lambda e, h: {"source": h, "target": e},
        lambda e, h: {"src": "ted", "english_sentence": e, "hindi_sentence": h},
        lambda e, h: {"idx": "one", "tgt": h, "src": e},
        lambda e, h: [e, h],
    ],
)
@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.ndjson", "pairs.json", "pairs.txt"])
def test_json_lines_are_read_in_their_usual_forms(write, form, name):
    assert list(load(write(name, json_lines(form(*pair) for pair in ROWS)))) == ROWS


def test_json_names_are_columns_that_the_user_can_name(write):
    objects = [{"note": "A remark on this", "q": e, "a": h} for e, h in ROWS]
    path = write("pairs.jsonl", json_lines(objects))
    text = load(path, source_column="q", target_column="a")
    assert list(text) == ROWS
    assert text.read_as == "columns q and a of 3"
    assert "no column x; there are 3 columns, and the first row has: note, q, a" in error_of(
        path, source_column="x"
    )


def test_a_json_line_that_cannot_be_used_is_skipped(write):
    lines = json_lines({"en": e, "hi": h} for e, h in ROWS)
    path = write("pairs.jsonl", lines + '{"en": "cut off\n' + '{"en": "Alone."}\n' + "17\n\n")
    text = load(path)
    assert list(text) == ROWS
    assert text.skipped == {"not JSON": 1, "no 'hi'": 1, "not a JSON object": 1}
    assert text.skipped_rows[0].startswith(f"{path}:5: not JSON (Unterminated string")
    assert text.skipped_rows[1:] == (f"{path}:6: no 'hi'", f"{path}:7: not a JSON object")


def test_a_json_line_escaped_as_ascii_may_be_long(write):
    hindi = "क" * corpora.LONGEST_LINE
    rows = [{"en": "Ka.", "hi": hindi}, {"en": "Too long.", "hi": hindi + "क"}]
    text = load(write("pairs.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert tuple(text) == (("Ka.", hindi),)
    assert text.skipped == {"over 10,000 characters": 1}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("around", ["{}", '{{"version": 1, "data": {}}}'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_json_array_is_read_as_one_document(write, indent, around, encoding):
    objects = [{"translation": {"en": e, "hi": h}} for e, h in ROWS] + [{"translation": None}]
    content = around.format(json.dumps(objects, ensure_ascii=False, indent=indent))
    path = write("pairs.json", content.encode(encoding))
    text = load(path)
    assert list(text) == ROWS
    assert text.skipped_rows == (f"{path}:item 5: no 'en'",)


def test_json_that_is_no_array_of_objects_is_refused(write):
    assert "not JSON (Expecting" in error_of(write("a.json", '[\n{"en": "x",\n'))
    assert "no usable pair" in error_of(write("b.json", '{\n"en": "", "hi": ""\n}'))


def test_a_json_array_too_large_to_read_at_once_gets_a_remedy(write, monkeypatch):
    monkeypatch.setattr("s2s_keras.corpora.records.LARGEST_DOCUMENT", 1_000_000)
    path = write("pairs.json", '[\n{"en": "x"},\n' + " " * 1_000_000)
    assert error_of(path) == (
        f"{path}: a JSON array of over 1 MB; put one object on each line, as `jq -c '.[]'` does"
    )


# TMX


@pytest.mark.parametrize(
    "units",
    [
        UNITS,
        UNITS.replace("xml:lang", "lang"),
        UNITS.replace('"en"', '"en-US"').replace('"hi"', '"hi-IN"'),
        UNITS.replace('"en"', '"EN_GB"').replace('"hi"', '"HI"'),
        "".join(unit(fr="Oui.", hi=hindi, en=english) for english, hindi in PAIRS),
        "".join(unit(hi=hindi, en_GB=english, en_US="No.") for english, hindi in PAIRS),
    ],
    ids=["plain", "lang", "regions", "capitals", "three languages", "two of one language"],
)
@pytest.mark.parametrize("name", ["memory.tmx", "memory.TMX", "memory.xml"])
def test_tmx_is_read_by_its_languages(write, units, name):
    assert tuple(load(write(name, tmx_of(units)))) == PAIRS


def test_another_language_of_a_tmx_is_read_by_its_name(write):
    path = write("memory.tmx", tmx_of(unit(de="Ja.", en="Yes.", fr="Oui.")))
    assert tuple(load(path)) == (("Yes.", "Ja."),)
    text = load(path, source_column="de", target_column="fr")
    assert tuple(text) == (("Ja.", "Oui."),)
    assert text.read_as == "columns de and fr of 3"


def test_markup_inside_a_segment_is_no_text(write):
    english = 'Press <bpt i="1">&lt;b&gt;</bpt><hi>OK</hi><ept i="1">&lt;/b&gt;</ept> <ph>{0}</ph>!'
    path = write("memory.tmx", tmx_of(unit(en=english, hi="ठीक है दबाएँ!")))
    assert tuple(load(path)) == (("Press OK !", "ठीक है दबाएँ!"),)


def test_a_unit_without_a_translation_is_skipped_with_its_line(write):
    path = write("memory.tmx", tmx_of(UNITS + unit(en="Alone.")))
    text = load(path)
    assert tuple(text) == PAIRS
    assert text.skipped_rows == (f"{path}:10: no 'hi'",)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "UTF-16BE"),
        ("utf-8", "utf-16"),
        ("utf-8-sig", "utf-8"),
        ("utf-8", "no-such-encoding"),
    ],
)
def test_the_encoding_of_a_tmx_is_the_one_it_has(write, encoding, declared):
    content = tmx_of(UNITS).replace('"UTF-8"', f'"{declared}"')
    assert tuple(load(write("memory.tmx", content.encode(encoding)))) == PAIRS


def test_what_xml_does_not_allow_is_read_all_the_same(write):
    units = unit(en="R&D at AT&T costs&nbsp;5\x0b&#x1F;dollars &amp; &copy;", hi="पाँच & डॉलर")
    path = write("memory.tmx", tmx_of(units + UNITS))
    assert load(path)[0] == ("R&D at AT&T costs 5 dollars & ©", "पाँच & डॉलर")
    assert len(load(path)) == 4


def test_a_segment_in_another_encoding_is_skipped(write):
    content = tmx_of(unit(en="caf?", hi="कैफ़े") + UNITS).encode().replace(b"caf?", b"caf\xe9")
    path = write("memory.tmx", content)
    text = load(path)
    assert tuple(text) == PAIRS
    assert text.skipped == {"not in the encoding of the file": 1}


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(20)
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_tmx_that_declares_entities_is_refused(write, encoding):
    content = tmx_of(unit(en="&l19;", hi="हा"), f"<!DOCTYPE tmx [{LAUGHS}]>\n")
    path = write("memory.tmx", content.encode(encoding))
    assert error_of(path) == (
        f"{path}:2: declares the entity l0, and entities can grow without end; write its text in "
        "place of the entity"
    )
    outside = '<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
    assert "declares the entity x" in error_of(write("x.tmx", tmx_of(UNITS, outside)))


def test_a_tmx_may_name_the_dtd_of_the_standard(write):
    path = write("memory.tmx", tmx_of(UNITS, '<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'))
    assert tuple(load(path)) == PAIRS


def test_a_tmx_that_breaks_off_is_named_with_its_line(write):
    path = write("memory.tmx", tmx_of(UNITS)[:-40])
    assert error_of(path).startswith(f"{path}:9: not well-formed XML (")
    assert "not well-formed XML (mismatched tag)" in error_of(
        write("bad.tmx", tmx_of("<tu></tuv>\n" + UNITS))
    )


def test_other_xml_is_named(write):
    path = write("doc.xml", '<?xml version="1.0"?>\n<mteval><doc>x</doc></mteval>\n')
    assert error_of(path) == f"{path}: XML, but not TMX; convert it to TMX or to text with tabs"


def test_a_tmx_is_read_in_constant_memory(write):
    same = unit(en="The same sentence again and again.", hi="वही वाक्य बार-बार।")
    peaks = []
    for times in (500, 20_000):
        path = write("memory.tmx.gz", gzip.compress(tmx_of(same * times).encode()))
        tracemalloc.start()
        assert load(path).skipped == {"duplicate": times - 1}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + 2_000_000


# HTML entities


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&quot;Hi&quot; &amp; bye", '"Hi" & bye'),
        ("It&#39;s&nbsp;5 &lt; 6 &#x2013; &hellip;", "It's\xa05 < 6 – …"),
        ("&amp;quot;twice&amp;quot; &amp;amp;#39;", '"twice" \''),
        ("& quot ; spaced & quot; and & # 39 ; &amp ; &#39 ;", "\" spaced \" and ' & '"),
        ("&#0;&#xD800;&#1234567;", "\ufffd\ufffd\ufffd"),
        ("AT&T; R & D ; a&b; &quot &copy 5 &notin x", "AT&T; R & D ; a&b; &quot &copy 5 &notin x"),
        ("no entity at all", "no entity at all"),
    ],
)
def test_html_entities_are_decoded_where_a_semicolon_ends_them(written, meant):
    assert decode_entities(written) == meant


@given(st.text("&#;quotamplgx39 ", max_size=20))
def test_decoding_changes_nothing_without_an_ampersand_and_a_semicolon(text):
    if "&" not in text or ";" not in text:
        assert decode_entities(text) == text
    assert len(decode_entities(text)) <= len(text)


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.csv", "pairs.jsonl"])
def test_entities_are_decoded_in_every_format(write, name):
    pair = ("&quot;Hi&quot;,&nbsp;he&#39;s here", "&quot;नमस्ते&quot; &amp;amp; अलविदा")
    form = {
        ".tsv": "\t".join(pair) + "\n",
        ".csv": csv_of([pair]),
        ".jsonl": json_lines([{"en": pair[0], "hi": pair[1]}]),
    }[Path(name).suffix]
    meant = ('"Hi", he\'s here', '"नमस्ते" & अलविदा')
    assert tuple(load(write(name, form))) == (meant,)
    english, hindi = write("x.en", pair[0]), write("x.hi", pair[1])
    assert tuple(load(english, hindi)) == (meant,)


# Two texts


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [("", bytes), (".gz", gzip.compress), (".BZ2", bz2.compress), (".xz", lzma.compress)],
)
def test_the_lines_of_two_files_are_pairs(write, suffix, pack):
    english = write(f"x.en{suffix}", pack(ENGLISH.encode()))
    text = load(english, write("x.hi", HINDI.encode("utf-16")))
    assert tuple(text) == PAIRS
    assert text.name == f"x.en{suffix} + x.hi"


@pytest.mark.parametrize(
    ("english", "hindi"),
    [("en", "hi"), ("eng", "hin"), ("eng_Latn", "hin_Deva"), ("en-hi.en.gz", "en-hi.hi.gz")],
)
def test_the_common_beginning_of_two_files_is_enough(write, english, hindi):
    base = "corpus.en-hi" if english.startswith("en-hi") else "corpus"
    pack = gzip.compress if english.endswith(".gz") else bytes
    path = write(f"corpus.{english}", pack(ENGLISH.encode()))
    write(f"corpus.{hindi}", pack(HINDI.encode()))
    write("corpus.ids", "no text")
    text = load(path.parent / base)
    assert tuple(text) == PAIRS
    assert text.name == base


def test_one_of_two_sides_alone_is_named(write, tmp_path):
    path = write("base.en", ENGLISH)
    assert error_of(tmp_path / "base") == (
        f"{path}: there is no Hindi (.hi) text beside it; add it"
    )  # fmt: skip


@pytest.mark.parametrize("more", [("More.\n", ""), ("", "और।\n")])
def test_two_files_of_different_length_are_refused(write, more):
    english, hindi = write("x.en", ENGLISH + more[0]), write("x.hi", HINDI + more[1])
    counts = (4, 3) if more[0] else (3, 4)
    assert error_of(english, hindi) == (
        f"{english}: {counts[0]} lines, but {hindi} has {counts[1]}; line N of one file must "
        "translate line N of the other"
    )


def test_a_missing_second_file_is_named(write, tmp_path):
    missing = tmp_path / "x.hi"
    assert error_of(write("x.en", ENGLISH), missing) == (
        f"{missing}: No such file or directory; name a file that can be read"
    )


def test_two_texts_have_no_columns(write):
    english, hindi = write("x.en", ENGLISH), write("x.hi", HINDI)
    assert "two texts have no columns and no parts" in error_of(english, hindi, source_column=1)
    assert "two texts have no columns and no parts" in error_of(english, hindi, part="x")


# Folders


@pytest.fixture
def folder(write, tmp_path):
    """A folder of three tables, and of a note that no one reads."""
    write("train.tsv", "english\thindi\tkind\na\tक\tseen\na\tख\tseen\nb\tग\tseen\n")
    write("dev.tsv", "english\thindi\tkind\nc\tघ\tseen\n")
    write("test.tsv", "english\thindi\tkind\nd\tच\tseen\ne\tछ\tpattern\nf\tज\tpattern\n")
    write("notes.txt", "mine")
    return tmp_path


SPLIT_TABLES = {
    "tsv": lambda pair: "\t".join(pair),
    "csv": lambda pair: csv_of([("english", "hindi"), pair]),
    "jsonl": lambda pair: json_lines([{"en": pair[0], "hi": pair[1]}]),
    "tmx": lambda pair: tmx_of(unit(en=pair[0], hi=pair[1])),
}


@pytest.mark.parametrize("dev", ["dev", "valid", "validation", "val"])
@pytest.mark.parametrize("suffix", SPLIT_TABLES)
def test_a_folder_of_three_splits_keeps_them_in_any_format(write, tmp_path, dev, suffix):
    for pair, split in zip(PAIRS, ("train", dev, "test"), strict=True):
        write(f"{split}.{suffix}.gz", gzip.compress(SPLIT_TABLES[suffix](pair).encode()))
    splits = load(tmp_path).split()
    assert [tuple(split) for split in splits] == [(pair,) for pair in PAIRS]


def test_a_folder_of_three_pairs_of_texts_keeps_its_splits(write, tmp_path):
    for (english, hindi), split in zip(PAIRS, ("train", "valid", "test"), strict=True):
        write(f"{split}.en", english)
        write(f"{split}.hi", hindi)
    assert [tuple(split) for split in load(tmp_path).split()] == [(pair,) for pair in PAIRS]


def test_a_folder_with_one_table_or_two_texts_is_a_corpus_without_splits(write, tmp_path):
    write("a/train.en", ENGLISH), write("a/train.hi", HINDI), write("a/README.md", "x")
    write("b/all.tsv", TABLE), write("b/LICENSE.txt", "x")
    for name in "ab":
        text = load(tmp_path / name)
        assert tuple(text) == PAIRS
        assert (text.name, text.given) == (name, None)


def test_a_folder_that_leaves_a_choice_is_refused_unless_a_part_is_given(write, tmp_path):
    write("train.tsv", TABLE), write("test.tsv", "Go.\tजाओ।\n"), write("x.pdf", "")
    assert error_of(tmp_path) == (
        f"{tmp_path}: neither one table nor one English and one Hindi text among its 3 files "
        "(test.tsv, train.tsv, x.pdf); give --part, a text that only the path of the right ones "
        "contains"
    )
    assert tuple(load(tmp_path, part="train")) == PAIRS


def test_an_empty_folder_is_refused(tmp_path):
    assert error_of(tmp_path) == (
        f"{tmp_path}: neither one table nor one English and one Hindi text among its 0 files; "
        "name the right files"
    )


def test_two_tables_for_one_split_are_refused(folder, write):
    write("train.csv", "a,क\n")
    assert "among its 2 files (train.csv, train.tsv)" in error_of(folder)


def test_an_empty_split_is_named(folder, write):
    write("dev.tsv", "english\thindi\n")
    assert f"{folder.name}/dev: no usable pair" in error_of(folder)


def test_what_was_skipped_in_any_split_is_counted(folder, write):
    write("dev.tsv", "c\tघ\tseen\nc\tघ\tseen\n\tघ\tseen\n")
    path = write("test.tsv", "d\tच\tseen\nd\tच\tseen\nalone\n")
    text = load(folder)
    assert text.skipped == {"duplicate": 2, "empty side": 1, "no column 2": 1}
    assert text.skipped_rows == (f"{path}:3: no column 2",)


# The kinds of pairs


def test_the_column_that_a_header_calls_kind_is_the_kind_of_the_pair(folder):
    text = load(folder)
    assert text.kinds == ("seen",) * 5 + ("pattern",) * 2
    assert text.split().test.kinds == ("seen", "pattern", "pattern")
    assert text[4:6].kinds == ("seen", "pattern")


def test_the_kind_may_stand_anywhere_and_have_names_in_json(write):
    table = "kind\tenglish\thindi\neasy\tHello.\tनमस्ते।\nhard\tWho is it?\tकौन है?\n"
    assert load(write("a.tsv", table)).kinds == ("easy", "hard")
    rows = [{"en": "Hello.", "hi": "नमस्ते।", "kind": "easy"}, {"en": "Go.", "hi": "जाओ।"}]
    assert load(write("b.jsonl", json_lines(rows))).kinds == ("easy", "")


def test_the_attributions_of_a_folder_of_tables_are_no_kinds(write, tmp_path):
    for number, split in enumerate(("train", "dev", "test")):
        write(f"{split}.tsv", "\t".join([*PAIRS[number], f"{CREDIT} {number}"]))
    text = load(tmp_path)
    assert tuple(text) == PAIRS
    assert text.kinds == text.split().test.kinds == ()


def test_kinds_stay_with_their_pairs_where_only_one_split_has_them(write, tmp_path):
    for split, kind in (("train", ""), ("dev", ""), ("test", "\tnew")):
        head = "english\thindi" + ("\tkind" if kind else "")
        write(f"{split}.tsv", f"{head}\nTo {split}.\tनमस्ते {split}।{kind}\n")
    assert load(tmp_path).kinds == ("", "", "new")
    assert load(tmp_path).of_kind("new").source == ("To test.",)


def test_the_corpus_of_the_course_keeps_its_kinds():
    splits = load("course").split()
    assert {*splits.train.kinds} == {"seen"}
    assert {*splits.test.kinds} == {"seen", "pattern", "pairing", "natural"}
    rows = (Path(__file__).parents[1] / "data/course/test.tsv").read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows[1:]]
    read = zip(splits.test.source, splits.test.target, splits.test.kinds, strict=True)
    assert [list(row) for row in read] == [row[:3] for row in cells]


# Archives

ARCHIVES = {
    "zip": zipped,
    "tgz": tarred,
    "tar.gz": tarred,
    "tar": lambda members: tarred(members, "w:"),
    "tar.bz2": lambda members: tarred(members, "w:bz2"),
    "tar.xz": lambda members: tarred(members, "w:xz"),
    "ZIP": zipped,
    "TGZ": tarred,
    "Tar.XZ": lambda members: tarred(members, "w:xz"),
}


@pytest.mark.parametrize("members", [TATOEBA, IITB, MOSES], ids=["tatoeba", "iitb", "moses"])
@pytest.mark.parametrize("suffix", ARCHIVES)
def test_an_archive_is_read_as_it_was_downloaded(write, members, suffix):
    assert tuple(load(write(f"archive.{suffix}", ARCHIVES[suffix](members)))) == PAIRS


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.bz2"])
def test_an_archive_is_known_by_its_content(write, suffix):
    assert tuple(load(write("download", ARCHIVES[suffix](TATOEBA)))) == PAIRS


@pytest.mark.parametrize(
    "member",
    ["PAIRS.TSV", "X/English-Hindi.Csv", "a.jsonl", "a.TMX", "deep/in/it/a.tsv", "a.tsv.gz"],
)
def test_a_table_in_an_archive_may_have_any_format_and_case(write, member):
    form = Path(member.removesuffix(".gz")).suffix[1:].lower()
    contents = {
        "tsv": TABLE,
        "csv": csv_of(PAIRS),
        "jsonl": json_lines({"en": e, "hi": h} for e, h in PAIRS),
        "tmx": tmx_of(UNITS),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        content = contents[form].encode()
        archive.writestr(member, gzip.compress(content) if member.endswith(".gz") else content)
        archive.writestr("README.txt", "About these sentences.")
        archive.writestr("__MACOSX/._pairs.tsv", b"\0\0")
    assert tuple(load(write("DOWNLOAD.ZIP", buffer.getvalue()))) == PAIRS


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("XZ", lzma.compress)]
)
def test_a_compressed_table_is_a_table(write, suffix, pack):
    text = load(write(f"pairs.tsv.{suffix}", pack(TABLE.encode())))
    assert tuple(text) == PAIRS
    assert (text.name, text.licence) == (f"pairs.tsv.{suffix}", "unknown")
    assert tuple(load(write("renamed.tsv", pack(TABLE.encode())))) == PAIRS


@pytest.mark.parametrize("suffix", ["zip", "tgz"])
def test_reading_an_archive_writes_nothing(write, tmp_path, suffix):
    path = write(f"inner/trap.{suffix}", ARCHIVES[suffix]({"../evil.txt": TABLE, "/_e.txt": "x"}))
    assert tuple(load(path)) == PAIRS
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_a_bad_row_inside_an_archive_is_told_with_its_member_and_line(write):
    path = write("archive.zip", zipped({"hin.txt": TABLE + "Alone.\n"}))
    assert load(path).skipped_rows == (f"{path}/hin.txt:4: no column 2",)


SEVERAL = {
    f"data/{split}.{language}": text
    for split in ("dev", "test")
    for language, text in (("en", ENGLISH), ("hi", HINDI))
} | {"tables/a.tsv": TABLE, "tables/b.tsv": "Go.\tजाओ।\n"}


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
def test_a_part_chooses_among_several_texts_of_an_archive(write, suffix):
    path = write(f"archive.{suffix}", ARCHIVES[suffix](SEVERAL))
    assert error_of(path) == (
        f"{path}: neither one table nor one English and one Hindi text among its 6 files "
        "(data/dev.en, data/dev.hi, data/test.en, data/test.hi, tables/a.tsv, …); give --part, a "
        "text that only the path of the right ones contains"
    )
    assert tuple(load(path, part="/dev.")) == tuple(load(path, part="a.tsv")) == PAIRS
    assert tuple(load(path, part="b.tsv")) == (("Go.", "जाओ।"),)
    assert "among its 0 files" in error_of(path, part="nowhere")


def test_a_part_of_what_has_none_is_refused(write):
    path = write("pairs.tsv", TABLE)
    assert error_of(path, part="x") == f"{path}: no archive and no folder; leave out --part x"


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("pairs.zip", zipped(TATOEBA)),
        ("pairs.tgz", tarred(TATOEBA)),
        ("pairs.tsv.gz", gzip.compress(TABLE.encode())),
        ("pairs.tsv.bz2", bz2.compress(TABLE.encode())),
        ("pairs.tsv.xz", lzma.compress(TABLE.encode())),
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
    assert "delete it and fetch it again" in error_of(write(name, b"Not here."))


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


# What is no text


def database(path: Path) -> bytes:
    with sqlite3.connect(path) as connection:
        connection.execute("create table pairs (en, hi)")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("pairs.xlsx", zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), "an Excel"),
        ("pairs.docx", zipped({"[Content_Types].xml": "x", "word/document.xml": "x"}), "a Word"),
        ("pairs.ods", zipped({"mimetype": "x", "content.xml": "x"}), "an OpenDocument"),
        ("pairs.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an Excel or Word"),
        ("pairs.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF"),
        ("train-00000-of-00001.parquet", b"PAR1" + bytes(60) + b"PAR1", "a Parquet"),
        ("data.arrow", b"ARROW1\0\0" + bytes(60), "an Arrow"),
        ("data.arrow", b"\xff\xff\xff\xff\x68\x02\0\0" + bytes(60), "an Arrow"),
        ("pairs.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "an image"),
        ("pairs.pkl", b"\x80\x04\x95\x10\0\0\0\0\0\0\0]\x94.", "a pickle"),
        ("pairs.npy", b"\x93NUMPY\x01\0" + bytes(60), "a file of arrays"),
        ("pairs.rtf", b"{\\rtf1\\ansi Hello}", "an RTF"),
        ("pairs.7z", b"7z\xbc\xaf\x27\x1c" + bytes(60), "an archive of a kind"),
        ("pairs.tsv.zst", b"\x28\xb5\x2f\xfd" + bytes(60), "an archive of a kind"),
        ("pairs.tsv", TABLE.encode("utf-32"), "UTF-32"),
        ("pairs.tsv", TABLE.encode("utf-16-le"), "not a text file"),
        ("pairs.dat", bytes(range(256)), "not a text file"),
        ("pairs.tsv", "\n<!DOCTYPE html>\n<html>Sign in</html>", "an HTML page, not data"),
        ("hin-eng.zip", "<html><head>404</head></html>", "an HTML page, not data"),
        ("pairs.tsv.gz", "<!doctype html><html>", "an HTML page, not data"),
        ("pairs.tgz", "<HTML>Not here.</HTML>", "an HTML page, not data"),
        ("pairs.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "a pointer"),
    ],
)
def test_what_is_no_parallel_text_is_called_by_its_name(write, name, content, kind):
    path = write(name, content)
    assert error_of(path).startswith(f"{path}: {kind}")
    assert "; " in error_of(path)


def test_a_database_is_called_by_its_name(tmp_path):
    database(tmp_path / "pairs.tsv")
    assert error_of(tmp_path / "pairs.tsv").endswith(
        "pairs.tsv: an SQLite database; export the table as CSV"
    )


def test_a_spreadsheet_is_told_how_to_be_saved(write):
    path = write("pairs.xlsx", zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}))
    assert error_of(path) == f"{path}: an Excel file; save it as CSV or as text with tabs"


# Files that others could not load, each with the report


def test_the_alignment_table_of_hindencorp(write):
    # https://github.com/huggingface/datasets/pull/1584: source, type of alignment, quality,
    # English and Hindi, without a header.
    rows = "".join(f"danielpipes\t1-1\t0.0{n}\t{e}\t{h}\n" for n, (e, h) in enumerate(ROWS))
    path = write("hindencorp05.plaintext.gz", gzip.compress(rows.encode()))
    text = load(path)
    assert list(text) == ROWS
    assert text.read_as == "columns 4 and 5 of 5"


def test_stray_nul_characters(write):
    # https://github.com/OpenNMT/OpenNMT/issues/383 and 489: "all data sources do not have the
    # same number of sentences".
    english = write("x.en", ENGLISH.replace("Who", "\0Who") + "Go on, please, do go on.\n" * 5)
    hindi = write("x.hi", HINDI + "".join(f"चलते रहो, कृपया {n}।\n" for n in range(5)))
    assert tuple(load(english, hindi))[:3] == PAIRS


def test_line_separators_inside_lines(write):
    # https://github.com/OpenNMT/OpenNMT-py/issues/569: `wc -l` counts as many lines in both files.
    english, hindi = (
        write("x.en", "One\u2028two\x85three\n" + ENGLISH),
        write("x.hi", "एक\n" + HINDI),
    )
    assert tuple(load(english, hindi)) == (("One two three", "एक"), *PAIRS)


def test_blank_lines_on_one_side(write):
    # https://github.com/stefan-it/nmt-en-vi/issues/6: sides shift when each drops its own.
    english, hindi = write("x.en", "\n" + ENGLISH), write("x.hi", "खाली\n" + HINDI)
    text = load(english, hindi)
    assert tuple(text) == PAIRS
    assert text.skipped == {"empty side": 1}


def test_unbalanced_quotes_between_tabs(write):
    # https://github.com/huggingface/sentence-transformers/issues/1509: "EOF inside string".
    path = write("talks.tsv.gz", gzip.compress(b'"One.\tone" more\n' + TABLE.encode()))
    assert tuple(load(path)) == (('"One.', 'one" more'), *PAIRS)


def test_unescaped_quotes_in_the_last_cell(write):
    # https://github.com/microsoft/lida/issues/61: "Expected 4 fields in line 257, saw 5".
    path = write("a.csv", 'en,hi\nBye.,"उसने "विदा, बाद में" कहा"\n' + csv_of(PAIRS))
    text = load(path)
    assert tuple(text) == PAIRS
    assert text.skipped == {"quotes out of place": 1}


def test_json_lines_whatever_the_name(write):
    # https://github.com/huggingface/transformers/issues/10820: .jsonl refused, then .json.
    lines = json_lines({"translation": {"en": e, "hi": h}} for e, h in PAIRS)
    for name in ("train.json", "train.jsonl"):
        assert tuple(load(write(name, lines))) == PAIRS


def test_a_memory_as_memoq_exports_it(write):
    # https://github.com/modernmt/modernmt/issues/293: UTF-16 with a mark is no valid TMX there.
    content = "\ufeff" + tmx_of(UNITS).replace('"UTF-8"', '"utf-16"')
    assert tuple(load(write("ES.tmx", content.encode("utf-16-le")))) == PAIRS


def test_a_memory_with_three_languages_in_any_order(write):
    # https://github.com/translate/translate/issues/4021
    units = unit(ar="a", de="b", en="Yes.", hi="हाँ।") + unit(hi="नहीं।", en="No.", de="c", ar="d")
    assert tuple(load(write("a.tmx", tmx_of(units)))) == (("Yes.", "हाँ।"), ("No.", "नहीं।"))


def test_a_memory_without_segments(write):
    # https://github.com/briacp/SDLPPXPackager/issues/2: the text stands in <tuv> itself.
    units = UNITS.replace("<seg>", '<prop type="from">no text</prop>').replace("</seg>", "")
    assert tuple(load(write("a.tmx", tmx_of(units)))) == PAIRS


def test_a_memory_with_elements_of_xliff(write):
    # https://github.com/matecat/MateCat/issues/1526: <g> is not in the standard.
    units = unit(en='Press <g id="1">OK</g>.', hi='<g id="1">ठीक है</g> दबाएँ।')
    assert tuple(load(write("a.tmx", tmx_of(units)))) == (("Press OK.", "ठीक है दबाएँ।"),)


def test_a_memory_that_lacks_a_tag(write):
    # https://github.com/Helsinki-NLP/OpusTools/issues/25: </tu> without <tu>.
    path = write("a.tmx", tmx_of(UNITS + UNITS.replace("<tu>", "", 1)))
    assert error_of(path).startswith(f"{path}:10: not well-formed XML (mismatched tag);")


def test_entities_of_scraped_text(write):
    # https://github.com/argosopentech/argos-translate/issues/39: `&apos;` is learned as a word.
    text = load(write("a.tsv", "It &apos;s &#91;here&#93; &amp;apos;\tयह &quot;यहाँ&quot; है\n"))
    assert tuple(text) == (("It 's [here] '", 'यह "यहाँ" है'),)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_comes_through_a_pipe(tmp_path):
    os.mkfifo(pipe := tmp_path / "pipe")
    threading.Thread(target=pipe.write_text, args=(TABLE, "utf-8"), daemon=True).start()
    assert tuple(load(pipe)) == PAIRS


# Real corpora


@needs_shared
def test_the_columns_of_real_tables_are_found():
    tatoeba = load(SHARED / "tatoeba/hin.txt")
    assert (tatoeba[0], tatoeba.read_as) == (("Wow!", "वाह!"), "columns 1 and 2 of 3")
    pratham = load(SHARED / "pratham/pratham.en-hi.tsv")
    assert pratham[0] == ("A fawn was racing in the forest.", "हिरण का बच्चा दौड़ रहा था।")
    assert pratham.read_as == "columns 2 and 3 of 3"


@needs_shared
@pytest.mark.parametrize("form", ["csv", "jsonl", "tmx"])
def test_a_real_corpus_comes_back_from_every_format(write, form):
    pairs = list(load(SHARED / "pratham/pratham.en-hi.tsv"))
    content = {
        "csv": lambda: csv_of(pairs, ";").encode("utf-16"),
        "jsonl": lambda: "".join(json.dumps([e, h]) + "\n" for e, h in pairs).encode(),
        "tmx": lambda: tmx_of("".join(unit(en=escape(e), hi=escape(h)) for e, h in pairs)).encode(),
    }[form]()
    assert list(load(write(f"pratham.{form}", content), strict=True)) == pairs


@needs_shared
def test_real_texts_in_the_wrong_order_are_refused():
    hindi, english = (SHARED / f"flores101_devtest/{name}.devtest" for name in ("hin", "eng"))
    assert "the source is in Hindi and the target is not" in error_of(hindi, english)
