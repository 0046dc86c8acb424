"""Broken input of every kind is refused in one line; `make fuzz` tries far more of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.seeds import seeds
from fuzz.targets import TARGETS, Choices, changed

FOUND = [path for path in (Path(__file__).parents[1] / "fuzz/found").glob("*/*") if path.is_file()]
HERE = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,  # the same inputs each time; other ones are `make fuzz`'s work
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def inputs(target: str):
    """Any bytes and any text; and inputs that are nearly whole, with changes."""
    nearly = st.builds(
        lambda seed, changes: changed(seed, Choices(changes)),
        st.sampled_from(seeds(target)),
        st.binary(max_size=30),
    )
    head = st.binary(max_size=6)
    text = st.builds(lambda start, text: start + text.encode("utf-8"), head, st.text(max_size=100))
    return st.one_of(nearly, st.sampled_from(seeds(target)), st.binary(max_size=200), text)


@given(inputs("corpora"))
@HERE
def test_whatever_a_corpus_holds_it_is_read_or_refused_in_one_line(data):
    TARGETS["corpora"](data)


@given(inputs("tokenizers"))
@HERE
def test_whatever_a_tokenizer_holds_it_is_loaded_or_refused_in_one_line(data):
    TARGETS["tokenizers"](data)


@given(inputs("translators"))
@HERE
def test_whatever_a_translator_holds_it_is_loaded_or_refused_in_one_line(data):
    TARGETS["translators"](data)


@given(inputs("translate"))
@HERE
def test_whatever_the_lines_are_each_has_one_line_out(data):
    TARGETS["translate"](data)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name[:12]}")
def test_what_was_a_fault_once_is_none_any_more(path):
    TARGETS[path.parent.name](path.read_bytes())
