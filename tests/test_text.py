"""What the tokenizers promise: no vowel sign is lost, and nothing in a text is a command."""

import base64
import json
import subprocess
import sys
import unicodedata
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_keras.errors import InputError
from s2s_keras.text import (
    END,
    PAD,
    SPECIALS,
    START,
    TOKENIZERS,
    UNK,
    CharTokenizer,
    SubwordTokenizer,
    WordTokenizer,
    graphemes,
    load_tokenizer,
    normalise,
    tokenizer,
    words,
)

# TensorFlow's first call takes longer than Hypothesis allows one example.
settings.register_profile("text", deadline=None)
settings.load_profile("text")

ZWNJ, ZWJ = "\u200c", "\u200d"
SENTENCES = [
    "आपसे मिलकर अच्छा लगा।",
    "मैं ठीक हूँ, धन्यवाद!",
    "किताबें मेज़ में हैं।",
    "Nice to meet you.",
    "The books are in the table's drawer.",
]
HINDI_WORDS = {
    "आपसे": ["आ", "प", "से"],
    "अच्छा": ["अ", "च्छा"],
    "हूँ": ["हूँ"],
    "किताबें": ["कि", "ता", "बें"],
    "में": ["में"],
}
LITERALS = ["<pad>", "<unk>", "<start>", "<end>", "a <start> b<end>", "\u2581", "a\u2581b \u2581",
            "<0x41>", "\u2585", "</s>"]  # fmt: skip
HAS_SUBWORDS = find_spec("tensorflow_text") is not None
needs_subwords = pytest.mark.skipif(not HAS_SUBWORDS, reason="needs tensorflow-text")
KINDS = [kind for kind in TOKENIZERS if HAS_SUBWORDS or kind != "subword"]
EXACT = [kind for kind in ("char", "subword") if kind in KINDS]

hindi_and_ascii = st.text(
    [*map(chr, range(0x20, 0x7F)), *map(chr, range(0x900, 0x980)), ZWJ, ZWNJ], max_size=40
)
any_text = st.text(max_size=40)


@pytest.fixture(scope="module")
def fitted() -> dict:
    """One tokenizer of each kind, fitted on the same five sentences."""
    return {kind: tokenizer(kind).fit(SENTENCES) for kind in KINDS}


# Normalisation


@pytest.mark.parametrize("code_point", range(0x958, 0x960))
def test_a_nukta_consonant_is_the_same_in_one_code_point_and_in_two(code_point):
    one = chr(code_point)
    two = unicodedata.normalize("NFD", one)
    assert len(two) == 2
    assert normalise(one) == normalise(two) == two


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \t\r\n\u00a0b\u3000", "a b"),
        ("\ufeffन\u200bम\u00adस्ते\u202e", "नमस्ते"),
        ("a\x00b\x1ac\ud800", "abc"),
        (f"क्{ZWJ}ष क्{ZWNJ}ष", f"क्{ZWJ}ष क्{ZWNJ}ष"),
        (f"{ZWJ}क{ZWNJ} {ZWJ} ।{ZWNJ}3{ZWJ}{ZWNJ}", "क ।3"),
        (f"क{ZWJ}{ZWJ} ख", "क ख"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("", ""),
    ],
)
def test_normalise_keeps_what_a_reader_sees(text, expected):
    assert normalise(text) == expected


# Zero width space, word joiner, byte order mark, soft hyphen, and the marks of direction.
INVISIBLE = [0x200B, 0x2060, 0xFEFF, 0xAD, 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F),
             *range(0x2066, 0x206A)]  # fmt: skip


@pytest.mark.parametrize("code_point", INVISIBLE, ids=hex)
def test_normalise_takes_away_what_no_reader_sees(code_point):
    unseen = chr(code_point)
    assert normalise(f"{unseen}नम{unseen}स्ते{unseen} {unseen} a{unseen}।") == "नमस्ते a।"


def test_lowercase_is_asked_for():
    assert normalise("Nice ÉTÉ आप") == "Nice ÉTÉ आप"
    assert normalise("Nice ÉTÉ आप", lowercase=True) == "nice été आप"


@given(any_text | hindi_and_ascii | st.text("<=\u0338a\u0301क़ा ΣİA\xad\u200b" + ZWJ + ZWNJ))
def test_normalise_is_idempotent(text):
    for lowercase in (False, True):
        once = normalise(text, lowercase)
        assert normalise(once, lowercase) == normalise(once) == once
        assert unicodedata.is_normalized("NFC", once)


# Graphemes and words


@pytest.mark.parametrize(("word", "clusters"), HINDI_WORDS.items())
def test_graphemes_are_what_a_reader_calls_characters(word, clusters):
    assert graphemes(word) == clusters


@given(any_text | hindi_and_ascii)
def test_graphemes_join_to_the_text(text):
    assert "".join(graphemes(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("हिन्दी में।", ["हिन्दी", "में", "।"]),
        ("मैं ठीक हूँ, धन्यवाद!", ["मैं", "ठीक", "हूँ", ",", "धन्यवाद", "!"]),
        ("I don't, you don’t.", ["I", "don't", ",", "you", "don’t", "."]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("१२ से 3.5...", ["१२", "से", "3.5", ".", ".", "."]),
        (f"क्{ZWNJ}ष", [f"क्{ZWNJ}ष"]),
        ("", []),
    ],
)
def test_words_keep_their_marks_and_punctuation_stands_alone(text, expected):
    assert words(text) == expected


# Round trips


@pytest.mark.parametrize("kind", EXACT)
@given(text=hindi_and_ascii)
def test_hindi_and_english_come_back_exactly_though_never_seen(fitted, kind, text):
    ids = fitted[kind].encode(text)
    assert fitted[kind].decode(ids) == normalise(text)
    assert not {PAD, UNK, START, END} & {*ids}


@needs_subwords
@given(text=any_text)
def test_subwords_bring_back_any_text(fitted, text):
    assert fitted["subword"].decode(fitted["subword"].encode(text)) == normalise(text)


@given(text=any_text | hindi_and_ascii)
def test_words_that_were_fitted_come_back_up_to_spacing(text):
    tokens = WordTokenizer().fit([text])
    back = tokens.decode(tokens.encode(text))
    assert back.replace(" ", "") == normalise(text).replace(" ", "")
    assert UNK not in tokens.encode(text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sentence", SENTENCES + ["a (b) [c], “d”; e: 5%…"])
def test_spacing_comes_back_as_people_write_it(kind, sentence):
    assert (fitted := tokenizer(kind).fit([sentence])).decode(fitted.encode(sentence)) == sentence


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", HINDI_WORDS)
def test_no_tokenizer_eats_a_vowel_sign(fitted, kind, word):
    assert fitted[kind].decode(fitted[kind].encode(word)) == word


@needs_subwords
@pytest.mark.parametrize("literal", LITERALS)
def test_a_text_that_looks_like_a_special_is_data(fitted, literal):
    learnt_from_it = [tokenizer(kind).fit([literal, "abc"] * 20) for kind in KINDS]
    for each in (*learnt_from_it, fitted["subword"]):
        ids = each.encode(literal)
        assert not {*range(len(SPECIALS))} & {*ids}
        if each.kind in EXACT:
            assert each.decode(ids) == literal


# Ids


@pytest.mark.parametrize("kind", KINDS)
def test_specials_have_the_first_ids(fitted, kind):
    assert (PAD, UNK, START, END) == (0, 1, 2, 3)
    assert fitted[kind].vocabulary[:4] == SPECIALS == ("<pad>", "<unk>", "<start>", "<end>")
    assert fitted[kind].vocabulary_size == len(fitted[kind].vocabulary)
    assert len({*fitted[kind].vocabulary}) == fitted[kind].vocabulary_size


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_stops_at_end_and_skips_start_and_padding(fitted, kind):
    ids = fitted[kind].encode("में")
    later = fitted[kind].encode("आपसे")
    assert fitted[kind].decode([START, *ids, PAD, END, *later, END, PAD]) == "में"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_encoded_as_nothing(fitted, kind):
    for nothing in ("", " \n", "\u200b"):
        assert fitted[kind].encode(nothing) == []
    assert fitted[kind].encode_all([]) == []
    assert fitted[kind].decode([]) == fitted[kind].decode([START, END, PAD]) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_many_texts_get_the_ids_that_each_gets_alone(fitted, kind):
    texts = [*SENTENCES, "", *LITERALS]
    assert fitted[kind].encode_all(texts) == [fitted[kind].encode(text) for text in texts]
    assert all(type(index) is int for index in fitted[kind].encode(SENTENCES[0]))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_whatever_a_model_says_is_decoded_to_one_normalised_line(fitted, kind, data):
    ids = data.draw(st.lists(st.integers(0, fitted[kind].vocabulary_size - 1), max_size=20))
    assert normalise(text := fitted[kind].decode(ids)) == text


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_texts_give_the_same_file(fitted, kind, tmp_path):
    fitted[kind].save(tmp_path / "once")
    tokenizer(kind).fit(iter(SENTENCES)).save(tmp_path / "again")
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_lowercase_holds_for_fitting_and_encoding(kind):
    folded = tokenizer(kind, lowercase=True).fit(["Nice nice"])
    assert folded.encode("NICE") == folded.encode("nice")
    assert folded.decode(folded.encode("NICE Nice")) == "nice nice"


# What each kind learns


def test_clusters_seen_have_ids_of_their_own_and_others_are_spelt():
    chars = CharTokenizer().fit(["अच्छा"])
    assert chars.tokens("अच्छा") == ["अ", "च्छा"]
    assert chars.tokens("क्ष") == ["क", "्", "ष"]
    assert chars.encode("漢") == [UNK]


def test_the_most_frequent_words_stay():
    few = WordTokenizer(vocabulary_size=6).fit(["c b b a a a", "c b"])
    assert few.vocabulary == (*SPECIALS, "a", "b")
    assert few.tokens("a c") == ["a", "<unk>"]
    assert few.decode(few.encode("a c")) == "a <unk>"


def test_rare_words_are_left_out():
    assert WordTokenizer(minimum_count=2).fit(["a a b"]).vocabulary == (*SPECIALS, "a")


def test_words_of_equal_frequency_do_not_depend_on_the_order_of_the_texts():
    assert WordTokenizer().fit(["b", "a"]).vocabulary == WordTokenizer().fit(["a", "b"]).vocabulary


def test_the_limit_leaves_the_alphabet_of_char_alone():
    small = CharTokenizer(vocabulary_size=5).fit(["च्छा"])
    assert small.vocabulary == CharTokenizer().fit([]).vocabulary


@needs_subwords
@pytest.mark.parametrize("text", ["a", "क", "<pad>", "\u2581"])
def test_subwords_shrink_to_a_very_small_text(text):
    small = SubwordTokenizer(vocabulary_size=4000).fit([text])
    assert 4 + 256 < small.vocabulary_size < 270
    assert small.decode(small.encode(text)) == text


@needs_subwords
def test_subwords_keep_to_their_limit():
    letters = "abcdefgh"
    text = [a + b + c for a in letters for b in letters for c in letters]
    assert SubwordTokenizer(vocabulary_size=300).fit(text).vocabulary_size <= 300


@needs_subwords
@pytest.mark.parametrize(("size", "texts"), [(100, ["a b"]), (4000, []), (4000, [" "])])
def test_subwords_that_cannot_be_learnt_say_what_to_do(size, texts):
    with pytest.raises(InputError, match="vocabulary_size.*word or char"):
        SubwordTokenizer(vocabulary_size=size).fit(texts)


@needs_subwords
def test_subwords_are_learnt_and_loaded_without_a_word(tmp_path):
    path = tmp_path / "subword.json"
    code = (
        "import tensorflow_text, sys; print('ready', file=sys.stderr, flush=True)\n"
        "from s2s_keras.text import SubwordTokenizer, load_tokenizer\n"
        f"SubwordTokenizer().fit(['a b'] * 9).save({str(path)!r})\n"
        f"print(load_tokenizer({str(path)!r}).decode([4 + ord('a')]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "a\n"
    assert run.stderr.split("ready\n")[1] == ""


# More words, for fine-tuning


def test_more_words_follow_those_that_are_known_the_most_frequent_first():
    few = WordTokenizer().fit(["b a a"])
    more = few.extended(["d c c b e", "d"])
    assert more.vocabulary == (*SPECIALS, "a", "b", "c", "d", "e")
    assert few.vocabulary == (*SPECIALS, "a", "b")
    assert more.decode(more.encode("e a")) == "e a"
    assert WordTokenizer(minimum_count=2).fit(["a a"]).extended(["a b c c"]).vocabulary[4:] == (
        "a",
        "c",
    )


def test_there_is_room_for_more_words_up_to_the_vocabulary_size():
    full = WordTokenizer(vocabulary_size=6).fit(["a a b c"])
    assert full.extended(["c d"]).vocabulary == full.vocabulary
    more = full.extended(["d d c e"], vocabulary_size=8)
    assert more.vocabulary == (*SPECIALS, "a", "b", "d", "c")
    assert more.extended(["f"]).vocabulary == more.vocabulary
    with pytest.raises(InputError, match="vocabulary_size 7 is less than the 8 pieces.*larger"):
        more.extended(["f"], vocabulary_size=7)


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(any_text | hindi_and_ascii, max_size=4))
@settings(max_examples=30)
def test_no_piece_changes_its_id_when_more_texts_are_learnt(fitted, kind, texts):
    old, more = fitted[kind], fitted[kind].extended(texts)
    assert type(more) is type(old)
    assert more.vocabulary[: old.vocabulary_size] == old.vocabulary
    assert all(UNK not in more.encode(text) for text in texts)
    assert more.extended(texts).vocabulary == more.vocabulary


@needs_subwords
def test_new_clusters_get_ids_and_subwords_need_none(fitted):
    more = fitted["char"].extended(["漢字 क्ष"])
    assert more.vocabulary == (*fitted["char"].vocabulary, "क्ष", "字", "漢")
    assert fitted["char"].tokens("漢") == ["<unk>"]
    assert more.decode(more.encode("漢字")) == "漢字"
    assert fitted["subword"].extended(["漢字"]) is fitted["subword"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_extended_tokenizer_is_saved_with_its_options(kind, tmp_path):
    small = tokenizer(kind, vocabulary_size=400, lowercase=True).fit(SENTENCES)
    more = small.extended(["Nie gesehen 漢字 नया"], vocabulary_size=500)
    more.save(tmp_path / "more.json")
    loaded = load_tokenizer(tmp_path / "more.json")
    assert loaded.vocabulary == more.vocabulary
    text = "NIE gesehen 漢字 नया"
    assert loaded.decode(loaded.encode(text)) == "nie gesehen 漢字 नया"
    assert loaded.extended(["zuvor"]).vocabulary[: more.vocabulary_size] == more.vocabulary


# Files


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_tokenizer_gives_the_same_ids(fitted, kind, tmp_path):
    path = tmp_path / "tokenizer.json"
    fitted[kind].save(path)
    loaded = load_tokenizer(path)
    assert type(loaded) is TOKENIZERS[kind]
    assert loaded.vocabulary == fitted[kind].vocabulary
    texts = [*SENTENCES, *LITERALS, "never seen कभी नहीं"]
    assert loaded.encode_all(texts) == fitted[kind].encode_all(texts)
    loaded.save(again := tmp_path / "again.json")
    assert again.read_bytes() == path.read_bytes()
    assert TOKENIZERS[kind].load(str(path)).vocabulary == loaded.vocabulary


def test_options_are_saved(tmp_path):
    WordTokenizer(vocabulary_size=6, lowercase=True).fit(["A"]).save(tmp_path / "words.json")
    loaded = load_tokenizer(tmp_path / "words.json")
    assert loaded.tokens("A") == ["a"]
    assert loaded.fit(["a b c"]).vocabulary_size == 6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: '{"kind": []}',
        lambda text: text.replace('"kind"', '"sort"'),
        lambda text: text.replace('"learnt": ', '"learnt": ["a"], "rest": '),
        lambda text: text.replace('"learnt": ', '"learnt": "AAAA", "rest": '),
        lambda text: text.replace('"learnt": ', '"learnt": null, "rest": '),
        lambda text: text.replace('"lowercase"', '"uppercase"'),
    ],
)
def test_a_damaged_file_is_an_input_error_of_one_line_with_its_name(fitted, kind, damage, tmp_path):
    path = tmp_path / "tokenizer.json"
    fitted[kind].save(path)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match="tokenizer.json: ") as caught:
        load_tokenizer(path)
    assert "\n" not in str(caught.value)


@needs_subwords
def test_a_cut_subword_model_is_an_input_error(fitted, tmp_path):
    path = tmp_path / "tokenizer.json"
    fitted["subword"].save(path)
    state = json.loads(path.read_text(encoding="utf-8"))
    for learnt in ("", state["learnt"][:400], "*" + state["learnt"]):
        path.write_text(json.dumps({**state, "learnt": learnt}), encoding="utf-8")
        with pytest.raises(InputError, match="damaged"):
            load_tokenizer(path)


def changed_model(fitted, path, change) -> None:
    """Save the subwords' tokenizer with another model: what `change` makes of its fields."""
    from sentencepiece import sentencepiece_model_pb2

    fitted["subword"].save(path)
    state = json.loads(path.read_text(encoding="utf-8"))
    model = sentencepiece_model_pb2.ModelProto.FromString(base64.b64decode(state["learnt"]))
    change(model)
    state["learnt"] = base64.b64encode(model.SerializeToString()).decode()
    path.write_text(json.dumps(state), encoding="utf-8")


@needs_subwords
@pytest.mark.parametrize(
    "change",
    [
        lambda model: setattr(model.pieces[300], "piece", "a\0b"),
        lambda model: setattr(model.pieces[300], "piece", ""),
        lambda model: setattr(model.pieces[300], "piece", "a" * 1_001),
        lambda model: setattr(model.pieces[300], "piece", model.pieces[301].piece),
        lambda model: setattr(model.pieces[300], "score", float("nan")),
        lambda model: setattr(model.pieces[300], "score", float("-inf")),
        lambda model: setattr(model.pieces[300], "type", model.pieces[0].type),
        lambda model: setattr(model.pieces[0], "type", model.pieces[300].type),
        lambda model: setattr(model.pieces[100], "piece", "<0xAA>"),
        lambda model: model.pieces.__delitem__(slice(200, None)),
        lambda model: model.pieces.__delitem__(slice(None)),
    ],
)
def test_pieces_that_no_training_finds_are_refused_before_they_are_used(fitted, tmp_path, change):
    """SentencePiece itself would end the process at some of them, such as a NUL in a piece."""
    changed_model(fitted, tmp_path / "a.json", change)
    with pytest.raises(InputError, match="a.json: not a saved tokenizer, or damaged"):
        load_tokenizer(tmp_path / "a.json")


@needs_subwords
def test_nothing_but_pieces_is_taken_from_a_saved_model(fitted, tmp_path):
    """The table by which SentencePiece normalises is read without a look at its limits."""

    def change(model):
        model.normalizer_spec.precompiled_charsmap = b"\xff" * 50
        model.denormalizer_spec.precompiled_charsmap = b"\xff\xff\xff\x7f" + b"\x01" * 900
        model.trainer_spec.byte_fallback = False
        model.trainer_spec.unk_id = 1_000_000

    changed_model(fitted, tmp_path / "a.json", change)
    loaded, text = load_tokenizer(tmp_path / "a.json"), "वह घर में है। \u2581 漢字 Xylophone"
    assert loaded.encode(text) == fitted["subword"].encode(text)
    assert loaded.decode(loaded.encode(text)) == normalise(text)


def test_files_that_are_no_tokenizer_are_input_errors(tmp_path, fitted):
    with pytest.raises(InputError, match="nothing.json: No such file.*; name a file that"):
        load_tokenizer(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="directory"):
        load_tokenizer(tmp_path)
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="bytes.json"):
        load_tokenizer(tmp_path / "bytes.json")
    fitted["word"].save(tmp_path / "word.json")
    with pytest.raises(
        InputError, match="holds a word tokenizer, not a char one; use load_tokenizer"
    ):
        CharTokenizer.load(tmp_path / "word.json")


# Refusals


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="'sentence'.*word, char, subword"):
        tokenizer("sentence")


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokenizer_without_a_vocabulary_asks_for_fit(kind, tmp_path):
    empty = tokenizer(kind)
    for use in (
        lambda: empty.encode("a"),
        lambda: empty.decode([4]),
        lambda: empty.save(tmp_path),
        lambda: empty.extended(["a"]),
    ):
        with pytest.raises(InputError, match="fit"):
            use()


@needs_subwords
def test_without_tensorflow_text_only_subwords_are_missing(monkeypatch, fitted, tmp_path):
    fitted["subword"].save(tmp_path / "subword.json")
    monkeypatch.setitem(sys.modules, "tensorflow_text", None)
    for refused in (SubwordTokenizer, lambda: load_tokenizer(tmp_path / "subword.json")):
        with pytest.raises(InputError, match="tensorflow-text.*word or char"):
            refused()
    for kind in ("word", "char"):
        assert tokenizer(kind).fit(["में"]).tokens("में") == ["में"]


def test_words_and_characters_need_no_tensorflow_and_no_module_imports_it():
    code = (
        "import importlib, pkgutil, sys, s2s_keras.text as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "assert f'{package.__name__}.subwords' in sys.modules\n"
        "from s2s_keras.text import tokenizer\n"
        "for kind in ('word', 'char'): tokenizer(kind).fit(['a']).encode('a')\n"
        "assert not {'tensorflow', 'tensorflow_text', 'sentencepiece', 'keras'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
