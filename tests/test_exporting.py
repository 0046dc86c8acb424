"""What other programs are given: the same translations, without this package."""

import dataclasses
import json
import subprocess
import sys
from importlib.util import find_spec

import keras
import numpy as np
import pytest

from s2s_keras.corpora import load
from s2s_keras.errors import InputError
from s2s_keras.export import export
from s2s_keras.models import (
    CELLS,
    build_decoder_step,
    build_encoder,
    build_training_model,
    config_of,
)
from s2s_keras.models.weights import named_weights
from s2s_keras.text import START, graphemes, join_words, tokenizer, words
from s2s_keras.text import normalise as normalised
from s2s_keras.translator import Translator

HAS_ONNX = find_spec("tf2onnx") and find_spec("onnxruntime")
needs_onnx = pytest.mark.skipif(not HAS_ONNX, reason="needs the extra `onnx`")
needs_text = pytest.mark.skipif(
    not find_spec("tensorflow_text"), reason="tensorflow-text has no wheel here"
)
ODD = [
    *["", "  ", "\x1f\x00a", "xyzzy", "मैं घर", "क़ ढ़ कि", "🙂 ok", "(yes) [no] {x}", "a\u2028b"],
    *[
        "ZWJ \u200d a\u200db \u200d\u200c.",
        "1,000.5-x 3.5km 3.",
        "don't 'go' \"there\"",
        "CAFE\u0301",
    ],
    *["a\u200d\u0301\u200d\u200cb\u200d", "\u0301\u200d\u0301\u200da", "I  am\u00a0here!!! ..."],
]
CLUSTERS = [  # of several characters, or none
    *[
        "क्षत्रिय र्क्‍ष क्‌ष",
        "가각 ᄀ각 ᅡᆨ",
        "👩‍👩‍👧‍👦👍🏽 🇮🇳🇮🇳🇮",
        "e\u0301\u0327 \u0301x",
        "\u0600\u0600a \u0600",
    ],
    *["ന്ന ക്ഷ ൎക", "a\U000e0080b", "ஸ்ரீ க்ஷ", "ᄀ\u0301", "©\u200d® 🏴\U000e0067\U000e007f"],
]
SERVE = """
import json, sys
import tensorflow as tf, tensorflow_text
serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
sentences = tf.constant(json.load(sys.stdin), tf.string)
found = serve(sentences=sentences)["translations"].numpy()
assert "s2s_keras" not in sys.modules and len(serve(sentences=sentences[:0])["translations"]) == 0
print(json.dumps([text.decode() for text in found]))
"""


@pytest.fixture(scope="module")
def shipped():
    return Translator.load("course-attention")


@pytest.fixture(scope="module")
def sentences():
    return [*ODD, *list(load("course").given.test.references())[::8][:300]]


@pytest.fixture(scope="module")
def targets():
    return [*dict.fromkeys(text for _, text in load("course"))][::40]


def run(*arguments, given: str) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], input=given, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_text
def test_a_savedmodel_translates_as_the_translator_does(shipped, sentences, tmp_path):
    export(shipped, "savedmodel", tmp_path / "out")
    found = json.loads(run("-c", SERVE, tmp_path / "out", given=json.dumps(sentences)))
    assert dict(zip(sentences, found, strict=True)) == dict(
        zip(sentences, shipped.translate(sentences), strict=True)
    )


@needs_text
def test_normalising_and_splitting_in_the_graph_give_the_same_words(sentences):
    import tensorflow as tf

    from s2s_keras.export import graph_text

    for lowercase in (False, True):
        texts = graph_text.normalise(tf.constant(sentences), lowercase)
        expected = [normalised(text, lowercase) for text in sentences]
        assert [text.decode() for text in texts.numpy()] == expected
        found = graph_text.words(texts).to_list()
        assert [[w.decode() for w in row] for row in found] == [words(text) for text in expected]


@needs_text
def test_graphemes_in_the_graph_are_those_of_unicode(sentences, targets):
    import tensorflow as tf

    from s2s_keras.export import graph_text

    expected = [normalised(text) for text in [*sentences, *targets, *CLUSTERS]]
    found = graph_text.graphemes(tf.constant(expected)).to_list()
    assert [[c.decode() for c in row] for row in found] == [graphemes(text) for text in expected]


@needs_text
@pytest.mark.parametrize("kind", ["word", "char", "subword"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_every_tokenizer_reads_and_writes_in_the_graph_as_it_does(
    kind, lowercase, sentences, targets
):
    import tensorflow as tf

    from s2s_keras.export.graph_tokenizers import Reader, Writer

    texts = [*sentences, *targets, *CLUSTERS]
    made = tokenizer(kind, lowercase=lowercase, vocabulary_size=600).fit(texts[::2])
    expected = made.encode_all(texts)
    assert Reader(made)(tf.constant(texts)).to_list() == expected
    if kind != "word":  # whose spaces are another test's
        ids = tf.ragged.constant(expected, dtype=tf.int32)
        found = [text.decode() for text in Writer(made)(ids).numpy()]
        assert found == [made.decode(row) for row in expected]


@needs_text
@pytest.mark.parametrize("kind", ["char", "subword"])
def test_a_savedmodel_of_smaller_pieces_translates_as_the_translator_does(
    kind, untrained, sentences, tmp_path
):
    translator = untrained(tokenizer=kind, reverse_source=True)
    export(translator, "savedmodel", tmp_path / "out")
    some = [*sentences[: len(ODD) + 30], *CLUSTERS]
    found = json.loads(run("-c", SERVE, tmp_path / "out", given=json.dumps(some)))
    assert found == translator.translate(some)


@needs_text
def test_joining_in_the_graph_writes_the_same_spaces(targets):
    import tensorflow as tf

    from s2s_keras.export import graph_text

    texts = "5 : 30 . | see : 30 | a . . . b | ( x ) ! ! | 1 / 2 | + 5 | 2 + 3 | x + 3 | - 5"
    texts = [text.strip() for text in texts.split("|")]
    texts += [
        "यू . एस . में",
        "30 ° C",
        "₹ 500",
        "5 € .",
        "snake _ case",
        "# word",
        "' हाँ ' ,",
        '" हाँ " ।',
    ]
    texts += [" ".join(words(text)) for text in targets]
    join = graph_text.joiner(sorted({word for text in texts for word in text.split()}))
    found = [text.decode() for text in join(tf.constant(texts)).numpy()]
    expected = [join_words(text.split()) for text in texts]
    assert [pair for pair in zip(found, expected, strict=True) if len({*pair}) > 1] == []


@needs_onnx
def test_the_program_beside_onnx_translates_as_the_translator_does(shipped, sentences, tmp_path):
    one_line = [text for text in sentences if len(text.splitlines()) == 1]
    export(shipped, "onnx", tmp_path / "out")
    found = run("-X", "utf8", tmp_path / "out" / "translate.py", given="\n".join(one_line)).split(
        "\n"
    )[:-1]
    assert found == shipped.translate(one_line)


@needs_onnx
def test_characters_read_backwards_are_exported_too(untrained, animals, tmp_path):
    translator = untrained(tokenizer="char", reverse_source=True)
    export(translator, "onnx", tmp_path / "out")
    texts = ["The cat0 eats.", "किताब é"]
    found = run("-X", "utf8", tmp_path / "out" / "translate.py", *texts, given="").split("\n")[:-1]
    assert found == translator.translate(texts)


@needs_onnx
def test_the_program_has_at_most_60_lines_and_needs_nothing_of_ours(words, tmp_path):
    export(words, "onnx", tmp_path / "out")
    program = (tmp_path / "out" / "translate.py").read_text(encoding="utf-8")
    assert len(program.splitlines()) <= 60
    assert "s2s_keras" not in program and "tensorflow" not in program


def test_the_web_page_reads_weights_that_give_the_same_logits(shipped, tmp_path):
    export(shipped, "web", tmp_path / "out")
    about = json.loads((tmp_path / "out" / "model.json").read_text(encoding="utf-8"))
    numbers = np.frombuffer((tmp_path / "out" / "weights.bin").read_bytes(), "<f2")
    model = build_training_model(config_of(shipped.training_model))
    for name, variable in named_weights(model).items():
        shape, start = about["weights"][name]["shape"], about["weights"][name]["offset"] // 2
        variable.assign(numbers[start : start + int(np.prod(shape))].reshape(shape))
    source = np.array([shipped.source_tokenizer.encode("How are you?")])
    token = np.array([[START]])

    def logits(of):
        states = keras.tree.flatten(build_encoder(of)(source))
        return np.array(build_decoder_step(of)([keras.ops.convert_to_tensor(token), *states])[0])

    np.testing.assert_allclose(logits(model), logits(shipped.training_model), atol=1e-2, rtol=1e-3)
    assert tuple(about["target"]["learnt"]) == shipped.target_tokenizer.vocabulary


def test_what_cannot_be_exported_is_refused_and_nothing_is_left(words, translators, tmp_path):
    (tmp_path / "there").mkdir()
    refused = [
        (words, "web", "there", "exists already"),
        (words, "tflite", "new", "no format is called 'tflite'"),
        (Translator.ensemble([words, words]), "web", "new", "an ensemble is not exported"),
    ]
    if HAS_ONNX and "subword" in translators:
        refused.append((translators["subword"], "onnx", "new", "not subwords"))
    for translator, to, name, message in refused:
        with pytest.raises(InputError, match=message):
            export(translator, to, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


class Cooler(keras.layers.Dense):
    """By its weights a Dense layer, but it computes something else."""

    def call(self, inputs):
        return super().call(inputs) / 2


def test_a_layer_of_ones_own_is_refused_though_its_weights_look_plain(words, tmp_path):
    model = build_training_model(config_of(words.training_model), CELLS | {"logits": Cooler})
    with pytest.raises(InputError, match="layers of your own"):
        export(dataclasses.replace(words, training_model=model), "web", tmp_path / "new")
    assert not [*tmp_path.iterdir()]


def test_missing_libraries_are_named(words, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_text", None)
    monkeypatch.setattr("s2s_keras.export.onnx.find_spec", lambda name: None)
    for to, remedy in (("savedmodel", "use onnx or web"), ("onnx", r"s2s-keras\[onnx\]")):
        with pytest.raises(InputError, match=remedy):
            export(words, to, tmp_path / "new")


def test_the_card_tells_where_the_model_is_from(words, tmp_path):
    export(words, "web", tmp_path / "out", "build/mine")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "build/mine" in card and f"TensorFlow {__import__('tensorflow').__version__}" in card
    assert "`weights.bin`" in card and "`model.json`" in card
    assert words.about.facts["data"] in card and words.about.facts["trained by"] in card
