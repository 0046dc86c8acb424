"""What `s2s_keras.plots` promises: figures that hold the numbers given, in readable Hindi."""

import warnings

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager

from s2s_keras import plots

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [3.0, 2.0, 1.0],
        "perplexity": np.exp([3.0, 2.0, 1.0]),
        "val_loss": [3.5, 2.5, 2.75],
        "val_perplexity": np.exp([3.5, 2.5, 2.75]),
    }
)
HINDI = ["आपसे", "मिलकर", "अच्छा", "लगा।", "क्षत्रिय", "फ़िल्म"]
MATRIX = np.arange(12.0).reshape(3, 4) - 5


@pytest.fixture(autouse=True)
def closed():
    """No figure outlives its test."""
    yield
    plt.close("all")


def glyphs_missing(figure) -> list[str]:
    """What matplotlib says of characters that no font of the figure has."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.canvas.draw()
    return [str(warning.message) for warning in caught if "missing from" in str(warning.message)]


def width(text: str) -> float:
    """The width in pixels of a text as it is drawn."""
    figure = plt.figure()
    drawn = figure.text(0, 0, text, size=100)
    return drawn.get_window_extent(figure.canvas.get_renderer()).width


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


# --- Devanagari


def test_the_devanagari_font_is_found():
    path = font_manager.findfont("Noto Sans Devanagari", fallback_to_default=False)
    assert "NotoSansDevanagari" in path.replace("-", "")


def test_hindi_and_latin_labels_miss_no_glyph():
    axes = plots.heatmap(np.ones((6, 6)), HINDI, ["h", "c", "Δ", "é", "…", "√"], title="ॐ १२३")
    assert glyphs_missing(axes.figure) == []


def test_without_the_font_glyphs_would_be_missing():
    with plt.rc_context({"font.family": ["DejaVu Sans"]}):
        figure = plt.figure()
        figure.text(0, 0, "अच्छा")
        assert glyphs_missing(figure)


@pytest.mark.parametrize("style", ["default", "ggplot", "dark_background"])
def test_hindi_is_readable_whatever_style_the_user_has_chosen(style, tmp_path):
    with plt.style.context(["default", style]):
        axes = plots.heatmap(MATRIX, HINDI[:3], HINDI[:4], title=HINDI[5])
        figure = plots.unfolded(HINDI[:3], np.ones((3, 2)), np.ones((3, 2)), HINDI[3:4], HINDI[0])
        assert glyphs_missing(axes.figure) == [] and glyphs_missing(figure) == []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plots.save(axes.figure, tmp_path / "figure.png")


def test_drawing_leaves_the_users_style_as_it_is():
    with plt.style.context("ggplot"):
        before = dict(plt.rcParams)
        plots.loss_curves(HISTORY)
        assert dict(plt.rcParams) == before


def test_conjuncts_and_vowel_signs_are_shaped():
    # One sign for both consonants: narrower than the two side by side.
    assert width("क्ष") < 0.9 * (width("क") + width("ष"))
    # The sign of u hangs below its consonant.
    assert width("कु") == pytest.approx(width("क"), rel=0.05)


# --- curves


def test_curves_hold_the_history_and_mark_the_best_epoch():
    figure = plots.loss_curves(HISTORY, "a title")
    assert figure.get_suptitle() == "a title"
    for axes, name in zip(figure.axes, ["loss", "perplexity"], strict=True):
        training, validation, best = axes.get_lines()
        for line, column in ((training, name), (validation, f"val_{name}")):
            np.testing.assert_array_equal(line.get_xdata(), HISTORY.epoch)
            np.testing.assert_array_equal(line.get_ydata(), HISTORY[column])
        assert (best.get_xdata()[0], best.get_ydata()[0]) == (2, HISTORY[f"val_{name}"][1])
        assert texts(axes) == [f"best: {HISTORY[f'val_{name}'][1]:.2f}"]
        assert name in axes.get_ylabel()
    assert [axes.get_yscale() for axes in figure.axes] == ["linear", "log"]
    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["training", "validation"]


def test_where_chrf_was_measured_a_third_panel_marks_its_highest():
    figure = plots.loss_curves(HISTORY.assign(val_chrf=[10.0, 20.0, 40.0]))
    curve, best = figure.axes[2].get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), HISTORY.epoch)
    np.testing.assert_array_equal(curve.get_ydata(), [10, 20, 40])
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (3, 40)
    assert texts(figure.axes[2]) == ["best: 40.00"]
    assert len(figure.axes) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_curves_of_a_training_that_diverged_are_drawn_all_the_same(value, tmp_path):
    figure = plots.loss_curves(
        HISTORY.assign(**{name: value for name in HISTORY if name != "epoch"})
    )
    plots.save(figure, tmp_path / "curves.png")
    figure = plots.loss_curves(HISTORY.assign(val_loss=[3.0, value, value]))
    assert texts(figure.axes[0]) == ["best: 3.00"]


def test_curves_without_validation_show_training_alone():
    figure = plots.loss_curves(HISTORY[["epoch", "loss", "perplexity"]])
    assert [len(axes.get_lines()) for axes in figure.axes] == [1, 1]
    assert [texts(axes) for axes in figure.axes] == [[], []]


# --- heatmaps


def test_a_heatmap_holds_the_matrix_and_the_words_beside_it():
    axes = plots.heatmap(
        MATRIX, HINDI[:3], ["a", "b", "c", "d"], title="t", xlabel="columns", ylabel="rows"
    )
    (image,) = axes.get_images()
    np.testing.assert_array_equal(image.get_array(), MATRIX)
    assert [label.get_text() for label in axes.get_yticklabels()] == HINDI[:3]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c", "d"]
    assert axes.get_yticks().tolist() == [0, 1, 2]
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("t", "columns", "rows")
    top, bottom = axes.transData.transform([(0, 0), (0, 2)])[:, 1]
    assert top > bottom  # The first row is at the top.


def test_a_centred_heatmap_is_white_at_zero_and_others_start_there():
    centred = plots.heatmap(MATRIX, centred=True).get_images()[0]
    assert centred.get_clim() == (-6, 6)
    assert centred.cmap(centred.norm(0.0))[:3] == pytest.approx((1, 1, 1), abs=0.05)
    assert plots.heatmap(np.abs(MATRIX)).get_images()[0].get_clim() == (0, 6)


def test_a_heatmap_is_drawn_where_it_is_told():
    _, axes = plt.subplots()
    assert plots.heatmap(MATRIX, axes=axes) is axes
    assert len(axes.get_images()) == 1


def test_a_matrix_of_zeros_can_be_drawn():
    image = plots.heatmap(np.zeros((2, 2))).get_images()[0]
    assert image.get_clim() == (0, 1)


# --- the unfolded network


def test_the_unfolded_network_shows_every_token_and_every_state():
    random = np.random.default_rng(0)
    hidden, cell = random.normal(0, 1, (2, 5, 4))
    read, predicted = ["Nice", "day", "<start>", "अच्छा", "दिन"], ["अच्छा", "दिन", "<end>"]
    figure = plots.unfolded(read, hidden, cell, predicted, title="t")
    axes = figure.axes[0]
    assert len(axes.patches) == 5
    places = {(*text.get_position(), text.get_text()) for text in axes.texts}
    below = [(x, text) for x, y, text in sorted(places) if y < 0]
    above = [(x, text) for x, y, text in sorted(places) if y > 1.2 and text]
    assert below == list(enumerate(read))
    assert above == list(enumerate(predicted, start=2))
    # The strips from left to right, in two rows: h below c.
    strips = sorted(axes.get_images(), key=lambda image: image.get_extent()[0])
    for name, states, lowest in (("h", hidden, 0), ("c", cell, 0.5)):
        row = [image for image in strips if 0 <= image.get_extent()[2] - lowest < 0.5]
        np.testing.assert_array_equal(np.concatenate([i.get_array() for i in row]), states)
        (y,) = (y for _, y, text in places if text.startswith(f"{name} "))
        assert lowest < y < lowest + 0.5
    assert glyphs_missing(figure) == []


# --- files


def test_a_saved_figure_is_a_png_and_is_closed(tmp_path):
    figure = plots.loss_curves(HISTORY)
    plots.save(figure, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert not plt.fignum_exists(figure.number)
