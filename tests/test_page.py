"""The page that translates: what its JavaScript computes, what is in the file, what is refused.

Node runs the script of a page, out of the file, without a document: `page_under_node.js`.
"""

import base64
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lively_models import enliven, speak_up

from s2s_keras import decoding, fast
from s2s_keras.batches import pad
from s2s_keras.cli import main
from s2s_keras.corpora import load
from s2s_keras.errors import InputError
from s2s_keras.page import LARGEST, font, show_page, write_page
from s2s_keras.page import build as build_module
from s2s_keras.text import (
    END,
    START,
    UNK,
    CharTokenizer,
    WordTokenizer,
    join_words,
    normalise,
    words,
)
from s2s_keras.translator import Translator

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(not NODE, reason="needs Node, which runs a page's JavaScript here")
NAMES = ("course-attention", "course-lstm")
CHOICES = {
    "lstm, reversed": {},
    "lstm, two layers, both ways, dot": {"layers": 2, "bidirectional": True, "attention": "dot"},
    "gru, two layers, every step, additive": {
        "cell": "gru", "layers": 2, "context": "every_step", "attention": "additive", "units": 7,
    },
    "rnn, both ways": {"cell": "rnn", "bidirectional": True},
}  # fmt: skip
LETTERS = "abcdefghi"  # with the specials as many words as the tiny models know


def ask(page: Path, *questions) -> list:
    """Return what a page's own code answers."""
    done = subprocess.run(
        [NODE, Path(__file__).with_name("page_under_node.js"), page],
        input=json.dumps(questions),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tiny(model, reverse: bool = False) -> Translator:
    """A translator whose words are letters, with the weights that 16 bits hold."""
    model.set_weights([weight.astype("float16") for weight in model.get_weights()])
    tokenizers = [WordTokenizer(lowercase=side == 0).fit([" ".join(LETTERS)]) for side in (0, 1)]
    return Translator(model, *tokenizers, reverse_source=reverse)


def letters(ids) -> str:
    return " ".join(LETTERS[n - 4] for n in ids)


@pytest.fixture(scope="module")
def shipped():
    return [Translator.load(name) for name in NAMES]


@pytest.fixture(scope="module")
def page(shipped, tmp_path_factory):
    """The page that `s2s-keras page` writes."""
    file = tmp_path_factory.mktemp("page") / "translator.html"
    write_page(shipped[0], file, shipped[1], NAMES)
    return file


@pytest.fixture(scope="module")
def small_page(build, tmp_path_factory):
    """A page of a tiny network, for what has nothing to do with its size."""
    file = tmp_path_factory.mktemp("small") / "page.html"
    write_page(tiny(build(attention="dot")), file)
    return file


@pytest.fixture(scope="module")
def sentences():
    """Five hundred sentences of the test split, from all of it."""
    test = [*dict.fromkeys(load("course").given.test.source)]
    return test[:: len(test) // 500][:500]


# --- the same translations


@needs_node
def test_it_writes_the_tokens_of_greedy_for_500_test_sentences(page, shipped, sentences):
    decode = decoding.greedy(shipped[0].training_model)
    ids = shipped[0].source_tokenizer.encode_all(sentences)
    expected, order = {}, sorted(range(len(ids)), key=lambda n: len(ids[n]))
    for start in range(0, len(order), 250):
        batch = order[start : start + 250]
        for n, row in zip(batch, decode(pad([ids[n] for n in batch])), strict=True):
            expected[n] = row[: row.tolist().index(END) + 1].tolist()
    (found,) = ask(page, ["greedy", sentences, 0])
    assert [n for n, tokens in enumerate(found) if tokens != expected[n]] == []
    assert len(found) == 500


@needs_node
def test_it_finds_the_tokens_of_a_beam_of_five(page, shipped, sentences):
    some = sentences[::10]
    tokens, texts = ask(page, ["best", some, 5, 0], ["bestText", some[:10], 5, 0])
    # The plain search takes ten times as long; `test_fast_equals_plain` holds that both agree.
    search = fast.beam_search(shipped[0].training_model, 5)
    found = search(pad(shipped[0].source_tokenizer.encode_all(some)))
    assert tokens == [[*best.tokens] for best, *_ in found]
    assert texts == [shipped[0].target_tokenizer.decode(best.tokens) for best, *_ in found[:10]]


@needs_node
def test_the_logits_of_a_teacher_forced_sentence_are_those_of_keras(page, shipped, sentences):
    source = shipped[0].source_tokenizer.encode(sentences[3])
    target = shipped[0].target_tokenizer.encode("मेरा भाई बगीचे में किताब पढ़ रहा है।")
    found = ask(page, *(["logits", source, [START, *target], n] for n in (0, 1)))
    given = {"source": np.array([source]), "target": np.array([[START, *target]])}
    exact, rounded = (one.training_model(given)[0] for one in shipped)
    np.testing.assert_allclose(found[0], exact, atol=1e-3)
    # The other network's weights are rounded to save room.
    assert 1e-3 < np.std(found[1] - rounded) < 0.05 * np.std(rounded)


@needs_node
@pytest.mark.parametrize("choice", CHOICES)
def test_every_architecture_gives_the_same_logits_and_searches(build, choice, tmp_path):
    reverse = "reversed" in choice
    random = np.random.default_rng(5)
    rows = [random.integers(4, 13, length).tolist() for length in (5, 1, 3)]
    model = speak_up(build(seed=3, **CHOICES[choice]))
    translator = tiny(model, reverse)
    write_page(translator, tmp_path / "page.html")
    texts = [letters(ids) for ids in rows]
    read = [ids[::-1] if reverse else ids for ids in rows]
    target = [START, 7, 4, 9]
    found = ask(
        tmp_path / "page.html",
        ["greedy", texts, 0], ["best", texts, 3, 0], ["logits", read[0], target, 0],
        ["tree", texts[0], 3, 0],
    )  # fmt: skip
    greedy = [[n for n in decoding.greedy(model)([ids])[0].tolist() if n] for ids in read]
    best = [[*row[0].tokens] for ids in read for row in decoding.beam_search(model, 3)([ids])]
    logits = model({"source": np.array([read[0]]), "target": np.array([target])})[0]
    assert found[:2] == [greedy, best]
    np.testing.assert_allclose(found[2], logits, atol=1e-4)
    hypotheses, tree = decoding.beam_tree(model, read[0], 3)
    assert [tokens for tokens, _ in found[3]["hypotheses"]] == [[*h.tokens] for h in hypotheses]
    names = ("step", "parent", "token", "fate")
    nodes = [tuple(node[name] for name in names) for node in found[3]["tree"]]
    assert nodes == [tuple(getattr(node, name) for name in names) for node in tree]
    logs = [node["log"] for node in found[3]["tree"]]
    np.testing.assert_allclose(logs, [node.log_probability for node in tree], atol=1e-3)


@needs_node
def test_attention_is_what_the_trace_of_a_translation_holds(page, shipped, sentences):
    translator = shipped[0]
    ids = translator.source_tokenizer.encode(sentences[7])
    trace = decoding.trace(translator.training_model, ids)
    (found,) = ask(page, ["forced", sentences[7], [], 0])
    assert [token for token, _ in found] == trace.tokens
    np.testing.assert_allclose([row for _, row in found], trace.attention, atol=1e-4)


@needs_node
def test_after_a_forced_word_the_rest_follows_from_it(page, shipped, sentences):
    translator, sentence = shipped[0], "My brother is reading a book in the garden."
    source = translator.source_tokenizer.encode(sentence)
    forced = translator.target_tokenizer.encode("मेरी बहन")
    (found,) = ask(page, ["forced", sentence, forced, 0])
    tokens = [token for token, _ in found]
    given = {"source": np.array([source]), "target": np.array([[START, *tokens[:-1]]])}
    logits = np.array(translator.training_model(given)[0])
    logits[:, [*decoding.NEVER_CHOSEN]] = -np.inf
    assert tokens == [*forced, *logits.argmax(axis=1)[len(forced) :]]
    assert tokens != translator._kept(decoding.greedy)(np.array([source]))[0].tolist()


@needs_node
def test_hidden_attention_leaves_the_context_at_zero(build, tmp_path):
    model = enliven(build(seed=4, attention="dot"))
    write_page(tiny(model), tmp_path / "page.html")
    text, ids = "a d g b i", [4, 7, 10, 5, 12]
    hidden, shown = ask(tmp_path / "page.html", ["hidden", text, 0], ["forced", text, [], 0])
    kernel = model.get_layer("attention_output").kernel
    kernel.assign(kernel * (np.arange(16) >= 8)[:, None])
    assert hidden == decoding.trace(model, ids).tokens
    assert hidden != [token for token, _ in shown]


# --- the same text

ODD = [
    *["", "  ", "\x1f\x00a", "xyzzy", "मैं घर", "क़ ढ़ कि", "🙂 ok", "(yes) [no] {x}", "a\u2028b"],
    *["ZWJ \u200d a\u200db \u200d\u200c.", "1,000.5-x 3.5km 3.", "don't 'go' \"there\""],
    *["CAFE\u0301", "a\u200d\u0301\u200d\u200cb\u200d", "\u0301\u200d\u0301\u200da"],
    *["\ufeffa\ufeff b", "I  am\u00a0here!!! ...", "İI ΑΣ ΑΣ.", "<b>a</b> &amp; </script>"],
    *["\x85a\x1cb\u3000c", "www.a.in और e.g. यू.एस. में, 5:30 पर - 30°C"],
    "' हाँ ' \" नहीं \" 6' 17\" books' “a“ ‘b’ (-5)",
    *["a@b.com, http://x.org/a?b=c:80 / C:\\a snake_case #5 ₹500 5€ ~5 +5 2 + 3 x + 3 कि॰मी॰"],
]  # fmt: skip
SOME = [chr(n) for n in range(0x20, 0x3000) if unicodedata.category(chr(n)) not in ("Cn", "Cs")]
TEXTS = st.text(st.sampled_from(SOME) | st.sampled_from("aBé1 .,'\"-:/॰।कि\u200c\u200d\u0301"))
MARKS = ". , : ; - – — _ / \\ # @ & = ? ! । ॥ ॰ … .. ' \" ‘ ’ “ ” ( ) [ ] ₹ $ € % ° C ~ + − « »"
SHORT = "a I 5 30 ए बी कि मी यू घर है www com in https books don't 3.5 of"
PIECES = st.lists(st.sampled_from([*MARKS.split(), *SHORT.split()]), max_size=12)


@needs_node
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS, min_size=50, max_size=200), st.lists(PIECES, min_size=100, max_size=300))
def test_normalising_splitting_and_joining_are_those_of_the_package(small_page, texts, rows):
    texts = [*ODD, *texts]
    texts += [*load("course").given.test.target[::40], *load("course").given.test.source[::40]]
    rows = [*rows, *map(words, texts)]
    expected = [normalise(text, lowercase) for lowercase in (False, True) for text in texts]
    asked = [["normalise", texts, False], ["normalise", texts, True], ["words", expected]]
    found = ask(small_page, *asked, ["join", rows])
    assert found[0] + found[1] == expected
    assert found[2] == [words(text) for text in expected]
    assert found[3] == [join_words(row) for row in rows]


@needs_node
def test_an_unknown_word_is_the_same_one_and_no_word_ends_at_once(small_page):
    (ids, nothing) = ask(
        small_page, ["ids", ["A zebra b.", "b A"], 0], ["greedy", ["", " \u200b"], 0]
    )
    assert ids == [[4, UNK, 5, UNK], [5, 4]]
    assert nothing == [[], []]


# --- what is in the file


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.found, self.ids = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_file_holds_both_networks_and_is_small_enough(page):
    assert 5_000_000 < page.stat().st_size <= LARGEST == 12_000_000


def test_the_page_loads_nothing_and_lets_nothing_be_loaded(page):
    text = page.read_text(encoding="utf-8")
    elements = Elements(text).found
    assert {tag for tag, _ in elements}.isdisjoint(
        {"link", "iframe", "object", "embed", "img", "base"}
    )
    assert not [
        tag for tag, given in elements if {"src", "href", "srcset", "action"} & given.keys()
    ]
    style = re.search("<style>(.*?)</style>", text, re.S)[1]
    script = re.search("<script>(.*?)</script>", text, re.S)[1]
    assert set(re.findall(r"url\((.{5})", style)) == {"data:"} and "@import" not in style
    (policy,) = [
        g["content"] for _, g in elements if g.get("http-equiv") == "Content-Security-Policy"
    ]

    def digest(part: str) -> str:
        return base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src "
        f"'sha256-{digest(style)}'; font-src data:; base-uri 'none'; form-action 'none'"
    )


def test_text_is_never_put_in_as_html_and_nothing_is_run_from_text(page):
    script = re.search("<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.S)[1]
    names = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bfetch\("
    )
    assert re.findall(names + "|XMLHttpRequest|WebSocket|localStorage|import\\(", script) == []


def test_examples_and_names_cannot_leave_their_place(build, tmp_path):
    nasty = "</script><script>alert(1)</script><!-- \u2028 {{script}} &lt;"
    write_page(tiny(build()), tmp_path / "a.html", names=(nasty, ""), examples=[nasty])
    write_page(tiny(build()), tmp_path / "b.html", names=("x", ""), examples=["x"])
    texts = [(tmp_path / name).read_text(encoding="utf-8") for name in ("a.html", "b.html")]
    assert Elements(texts[0]).found[5:] == Elements(texts[1]).found[5:]
    data = json.loads(re.search('id="data">(.*?)</script>', texts[0], re.S)[1])
    assert data["examples"] == [nasty] and data["networks"][0]["name"] == nasty


def test_every_gloss_is_of_a_word_that_the_shipped_translators_write(shipped):
    rows = [row.split("\t") for row in build_module._text("glosses.tsv").splitlines()]
    written, glosses = zip(*rows, strict=True)
    assert len({*written}) == len(written) > 300
    assert {*written} <= {*shipped[0].target_tokenizer.vocabulary}
    assert all(re.fullmatch(r"[-A-Za-z',;?() ]{1,20}", gloss) for gloss in glosses)


def test_the_font_shapes_devanagari_and_its_licence_travels_along(small_page):
    text = small_page.read_text(encoding="utf-8")
    one = TTFont(io.BytesIO(base64.b64decode(re.search("base64,([^)]+)", text)[1])))
    assert {*range(0x901, 0x950), 0x964, 0x965, 0x200C, 0x200D} <= one.getBestCmap().keys()
    features = {record.FeatureTag for record in one["GSUB"].table.FeatureList.FeatureRecord}
    assert {"akhn", "rphf", "half", "pres", "abvs", "blws", "nukt", "rkrf"} <= features
    assert {r.FeatureTag for r in one["GPOS"].table.FeatureList.FeatureRecord} >= {"abvm", "blwm"}
    assert "SIL OPEN FONT LICENSE Version 1.1" in text


def test_the_same_translator_gives_the_same_file(build, tmp_path):
    for name in "ab":
        write_page(tiny(build(seed=1)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_every_control_has_a_label_and_the_page_a_language(page):
    elements = Elements(page.read_text(encoding="utf-8")).found
    labelled = {given["for"] for tag, given in elements if tag == "label"}
    assert {given["id"] for tag, given in elements if tag in ("input", "select")} <= labelled
    assert ("html", {"lang": "en"}) in elements
    assert [given["aria-live"] for tag, given in elements if tag == "output"] == ["polite"]


def test_the_network_is_read_in_one_sitting():
    for script in build_module.SCRIPTS:
        lines = len((Path(build_module.__file__).parent / script).read_text("utf-8").splitlines())
        assert 100 <= lines <= 300, script


# --- what is refused


def test_what_a_page_cannot_show_is_refused_in_one_line(build, tmp_path):
    translator, file = tiny(build()), tmp_path / "page.html"
    characters, others = CharTokenizer().fit(["a"]), WordTokenizer().fit(["j k l m n o p q r"])
    size, same = characters.vocabulary_size, translator.target_tokenizer
    by_character = Translator(build(source_vocabulary=size), characters, same)
    with pytest.raises(InputError, match="tokenizer of kind 'char'; train one with --tokenizer"):
        write_page(by_character, file)
    with pytest.raises(InputError, match="different words; train them on the same corpus"):
        write_page(translator, file, Translator(build(), others, same))
    for attentions in (("none", "none"), ("dot", "additive")):
        with pytest.raises(
            InputError, match="one without beside it, and no other; leave the second"
        ):
            first, second = (tiny(build(attention=attention)) for attention in attentions)
            write_page(first, file, second)
    with pytest.raises(InputError, match="an ensemble is not exported"):
        write_page(Translator.ensemble([translator, tiny(build(seed=2))]), file)
    with pytest.raises(InputError, match="give at least one sentence"):
        write_page(translator, file, examples=[" "])
    assert [*tmp_path.iterdir()] == []


def test_a_page_that_would_be_too_large_is_refused(build, tmp_path, monkeypatch):
    monkeypatch.setattr(build_module, "LARGEST", 100_000)
    with pytest.raises(InputError, match=r"would have 0\.\d MB, more than .*give a smaller model"):
        write_page(tiny(build()), tmp_path / "page.html")
    assert [*tmp_path.iterdir()] == []


def test_only_an_earlier_page_is_replaced(build, write, tmp_path):
    mine = write("mine.html", "<p>mine</p>")
    with pytest.raises(InputError, match=r"mine\.html: exists already, and is no page"):
        write_page(tiny(build()), mine)
    assert mine.read_text() == "<p>mine</p>"
    for name in ("first", "second"):
        write_page(tiny(build()), tmp_path / "page.html", names=(name, ""))
    assert '"name": "second"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.html.page\.html: .*; name a file"):
        write_page(tiny(build()), mine / "page.html")
    write_page(tiny(build()), tmp_path / "new" / "folder" / "page.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.html", "new", "page.html"]


def test_the_command_writes_a_page(build, tmp_path, capfd):
    tiny(build(attention="dot")).save(tmp_path / "tiny")
    out = tmp_path / "page.html"
    arguments = ["page", "--model", str(tmp_path / "tiny"), "--out", str(out)]
    assert main([*arguments, "--example", "a b", "--example", "\udcff"]) == 0
    assert capfd.readouterr().out == f"{out}: {tmp_path / 'tiny'}; open it in a browser\n"
    text = out.read_text(encoding="utf-8")
    assert '"examples": ["a b", "?"]' in text and '"name": "tiny"' in text
    assert str(tmp_path) not in text
    assert main([*arguments[:-1], str(tmp_path / "tiny" / "source.json")]) == 2
    assert "is no page of this command; name another file" in capfd.readouterr().err


# --- inside a notebook


def test_a_notebook_shows_the_page_by_a_frame_that_names_its_file(build, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = show_page(tiny(build(attention="dot")), examples=["a b"])
    assert 'src="build/translator.html"' in shown.data and len(shown.data) < 1000
    assert (
        "&quot;a b&quot;" not in shown.data and '"a b"' in Path("build/translator.html").read_text()
    )
    assert shown.metadata["live"]  # what notebooks/course.py does not save


def test_the_set_up_cell_brings_the_font_where_there_is_a_notebook_only(monkeypatch, capsys):
    font.bring_to_notebook()
    assert capsys.readouterr() == ("", "")
    shown = []
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=True))
    monkeypatch.setattr(
        "IPython.display.display", lambda *data, **told: shown.append((*data, told))
    )
    font.bring_to_notebook()
    ((data, told),) = shown
    assert font.face() in data["text/html"] and data["text/plain"] == ""
    assert told["metadata"]["text/html"]["live"]  # what notebooks/course.py does not save


def test_in_colab_the_frame_holds_the_page(build, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", object())
    shown = show_page(tiny(build(attention="dot")))
    (held,) = re.findall(r'srcdoc="([^"]*)"', shown.data)
    assert html.unescape(held) == Path("build/translator.html").read_text(encoding="utf-8")
