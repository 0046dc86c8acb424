"""What `s2s_keras.plots` promises: figures that hold the numbers given, in readable Hindi."""

import itertools
import logging
import warnings

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch, Rectangle

from s2s_keras import plots
from s2s_keras.decoding import Node
from s2s_keras.plots import look

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
GREETING = ["आपसे", "मिलकर", "अच्छा", "लगा", "।"]
MATRIX = np.arange(12.0).reshape(3, 4) - 5
# A beam of two: its first choice is given up at the second step, and a sentence ends at the third.
TREE = [
    Node(0, -1, 0, -0.0004, "kept"),
    Node(0, -1, 1, -1.5, "kept"),
    Node(0, -1, 2, -2.5, "pruned"),
    Node(1, 1, 3, -1.75, "kept"),
    Node(1, 1, 4, -2.0, "kept"),
    Node(1, 0, 2, -3.0, "pruned"),
    Node(2, 3, 5, -2.25, "ended"),
    Node(2, 3, 0, -2.5, "kept"),
    Node(2, 4, 0, -9.0, "pruned"),
]


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


def words_of(axes) -> list:
    """The texts of axes that are no empty annotation, such as an arrow is one."""
    return [text for text in axes.texts if text.get_text()]


def overlapping(drawn) -> list[tuple[str, str]]:
    """Pairs of texts that lie on one another; a pixel at the border does not count."""
    for figure in {text.get_figure(root=True) for text in drawn}:
        figure.draw_without_rendering()
    boxes = [(text.get_text(), extent(text).padded(-1)) for text in drawn]
    pairs = itertools.combinations(boxes, 2)
    return [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


def extent(text):
    """Where a text lies in pixels, without the arrow of an annotation."""
    return matplotlib.text.Text.get_window_extent(text)


def random_points(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 2))


# Each figure with Hindi in it, as large as a notebook draws it.
FIGURES = {
    "loss_curves": lambda: plots.loss_curves(HISTORY.assign(val_chrf=[1.0, 2, 3]), HINDI[0]),
    "heatmap": lambda: plots.heatmap(np.ones((6, 10)), HINDI, GREETING * 2, title=HINDI[0]),
    "states": lambda: plots.states(GREETING * 2, np.ones((10, 16)), at=2, title=HINDI[0]),
    "crossing": lambda: plots.crossing(
        [
            "It",
            "was",
            "a",
            "very",
            "great",
            "pleasure",
            "to",
            "meet",
            "all",
            "of",
            "you",
            "yesterday",
            ".",
        ],
        GREETING,
        [(2, 2), (7, 1), (10, 0), (12, 4)],
        glosses=["from you", "having met", "good", "felt", "."],
        title=HINDI[0],
    ),
    "pipeline": lambda: plots.pipeline(
        [("text", ["आपसे मिलकर अच्छा लगा।"]), ("tokens", GREETING), ("row", list("12345000"))],
        HINDI[0],
    ),
    "lstm_cell": lambda: plots.lstm_cell(),
    "decoder": lambda: plots.decoder(["[START]", *GREETING], [*GREETING, "[END]"], title=HINDI[0]),
    "decoder_alone": lambda: plots.decoder(["[START]"], ["हाँ"], teacher_forcing=False),
    "beam_tree": lambda: plots.beam_tree(TREE, HINDI, title=HINDI[0]),
    "mask_path": lambda: plots.mask_path(
        [*GREETING, "[PAD]"], [("Embedding(mask_zero=True)", [True] * 5 + [False])], HINDI[0]
    ),
    "choices": lambda: plots.choices(GREETING, [0.5, 0.2, 0.1, 0.1, 0.1], chosen=1, title=HINDI[0]),
    "points": lambda: plots.points(random_points(6), HINDI, groups=[*"aabbcc"], title=HINDI[0]),
    "curves": lambda: plots.curves({HINDI[0]: [3, 2, 1], "b": [9, 3, 1]}, log=True, title=HINDI[1]),
    "spread": lambda: plots.spread(
        {HINDI[0]: [1, 2], "two layers, source reversed": [3.5]}, ylabel="chrF", title=HINDI[0]
    ),
    "by_length": lambda: plots.by_length(
        pd.DataFrame({HINDI[0]: [40, 20], "attention": [42, 39]}, index=["1–5", "6–10"])
    ),
}


def figure_of(drawn):
    return drawn if hasattr(drawn, "savefig") else drawn.figure


# --- the one look


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_readable_under_another_style(name, caplog):
    with plt.style.context(["default", "dark_background"]), caplog.at_level(logging.WARNING):
        figure = figure_of(FIGURES[name]())
        assert glyphs_missing(figure) == [] and caplog.messages == []
    assert to_rgb(figure.get_facecolor()) == (1, 1, 1)
    # As wide as a notebook's cell at most, and nothing beyond the figure's edge.
    width, height = figure.get_size_inches()
    assert width * figure.dpi <= 900
    drawn = figure.get_tightbbox()
    assert drawn.x0 >= 0 and drawn.y0 >= 0 and drawn.x1 <= width and drawn.y1 <= height


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_of_a_figure_lies_on_another(name):
    figure = figure_of(FIGURES[name]())
    figure.draw_without_rendering()
    for axes in figure.axes:
        drawn = [*words_of(axes), *axes.get_xticklabels(), axes.title, axes.xaxis.label]
        drawn = [text for text in drawn if text.get_text() and text.get_rotation() == 0]
        assert overlapping(drawn) == []


def test_every_function_of_the_package_is_among_the_figures():
    drawing = {name for name in plots.__all__ if name.islower()} - {"save"}
    assert drawing <= {*FIGURES} and all(getattr(plots, name).__doc__ for name in drawing)


def test_the_colours_differ_for_the_colour_blind_and_in_grey():
    figure, axes = plt.subplots()
    lines = [axes.plot([0, 1])[0] for _ in range(8)]
    assert [line.get_color() for line in lines] == plots.COLOURS
    assert len({line.get_linestyle() + str(line._dash_pattern) for line in lines}) == 8
    luminance = [np.dot([0.2126, 0.7152, 0.0722], to_rgb(colour)) for colour in plots.COLOURS]
    assert len({*plots.COLOURS}) == 8
    # The first two, which most figures use, differ in grey too.
    assert abs(luminance[0] - luminance[1]) > 0.04


def test_words_are_hindi_also_on_axes_that_another_style_made():
    with plt.rc_context({"font.family": ["DejaVu Sans"]}):
        _, panels = plt.subplots(1, 3)
        plots.heatmap(MATRIX, HINDI[:3], HINDI[:4], title=HINDI[0], xlabel=HINDI[1], axes=panels[0])
        plots.choices(HINDI, np.ones(6) / 6, title=HINDI[0], axes=panels[1])
        plots.points(random_points(6), HINDI, title=HINDI[0], groups=HINDI, axes=panels[2])
        assert glyphs_missing(panels[0].figure) == []


@pytest.mark.parametrize("name", ["heatmap", "states", "crossing", "choices", "points", "curves"])
def test_a_figure_is_drawn_into_the_axes_that_it_is_given(name):
    _, axes = plt.subplots()
    given = {
        "heatmap": (MATRIX,),
        "states": (HINDI[:3], MATRIX),
        "crossing": (HINDI, HINDI, [(0, 0)]),
        "choices": (HINDI, np.ones(6)),
        "points": (random_points(6), HINDI),
        "curves": ({"a": [1, 2]},),
    }[name]
    assert getattr(plots, name)(*given, axes=axes, title="t") is axes
    assert axes.get_title() == "t" and len(plt.get_fignums()) == 1


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
        figure = plots.decoder(HINDI[:3], HINDI[3:], title=HINDI[0])
        assert glyphs_missing(axes.figure) == [] and glyphs_missing(figure) == []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plots.save(axes.figure, tmp_path / "figure.png")


def test_drawing_leaves_the_users_style_as_it_is():
    with plt.style.context("ggplot"):
        before = dict(plt.rcParams)
        plots.loss_curves(HISTORY)
        assert dict(plt.rcParams) == before


def test_after_the_first_figure_later_ones_are_shown_too():
    """A notebook's backend makes matplotlib interactive when the first figure loads it."""

    @look.in_style
    def first_figure():
        matplotlib.interactive(True)

    try:
        matplotlib.interactive(False)
        first_figure()
        assert matplotlib.is_interactive()
    finally:
        matplotlib.interactive(False)


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


@pytest.mark.parametrize("seed", range(6))
def test_the_label_of_the_best_epoch_crosses_no_curve(seed):
    random = np.random.default_rng(seed)
    fall = np.exp(-np.arange(25) / (1 + 6 * random.random()))
    training, validation = 4 * fall + 0.1 * random.random((2, 25)) + random.random((2, 1))
    history = {"loss": training, "val_loss": validation, "val_accuracy": 1 - validation / 9}
    figure = plots.loss_curves(history)
    figure.draw_without_rendering()
    for axes in figure.axes:
        (label,) = words_of(axes)
        box = extent(label)
        for line in axes.get_lines():
            path = line.get_transform().transform_path(line.get_path())
            assert not path.intersects_bbox(box, filled=False)
        assert axes.bbox.contains(*box.min) and axes.bbox.contains(*box.max)
        legend = axes.get_legend()
        assert legend is None or not legend.get_window_extent().overlaps(box)
        assert not box.contains(*axes.transData.transform(label.xy))


def test_the_history_of_keras_can_be_drawn():
    history = {
        "loss": [3.0, 2.0],
        "accuracy": [0.1, 0.4],
        "val_loss": [3, 4],
        "val_accuracy": [0, 1],
    }
    loss, accuracy = plots.loss_curves(history).axes
    np.testing.assert_array_equal(loss.get_lines()[0].get_xdata(), [1, 2])
    labels = [[text.get_text() for text in words_of(axes)] for axes in (loss, accuracy)]
    assert labels == [["best: 3.00"], ["best: 1.00"]]
    assert accuracy.get_ylabel() == "accuracy"


def test_columns_of_text_have_no_panel_and_no_column_is_refused():
    figure = plots.loss_curves(HISTORY.assign(phase=["a", "b", "b"]))
    assert len(figure.axes) == 2
    with pytest.raises(ValueError, match="no column"):
        plots.loss_curves(HISTORY[["epoch"]])


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (1.2, 80, ["2", "5", "10", "20", "50"]),
        (21, 42, ["25", "30", "35", "40"]),
        (0.01, 30_000, ["0.1", "10", "1,000"]),
        (1e-9, 1, ["$10^{-6}$", "1"]),
    ],
)
def test_a_logarithmic_axis_has_numbers_that_can_be_read(lowest, highest, expected):
    axes = plots.curves({"a": [lowest, highest]}, log=True)
    axes.figure.canvas.draw()
    low, high = axes.get_ylim()
    shown = {label.get_text() for label in axes.get_yticklabels()}
    assert {*expected} <= shown
    assert sum(low <= tick <= high for tick in axes.get_yticks()) >= 3
    assert not [label for label in axes.get_yticklabels(minor=True) if label.get_text()]


def test_curves_differ_in_colour_and_style_and_are_named_at_their_ends():
    named = {
        "SGD": [3, 2, 1.5],
        "Adam": ([0.0, 1.5, 3.1], [3, 1, 1.0]),
        "संवेग": ([1.0, 2.9, 3.0], [3, 1.01, np.nan]),
    }
    axes = plots.curves(named, xlabel="epoch", ylabel="loss", title="t")
    lines = axes.get_lines()
    np.testing.assert_array_equal(lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(lines[1].get_xdata(), [0, 1.5, 3.1])
    assert [line.get_color() for line in lines] == plots.COLOURS[:3]
    assert len({line.get_linestyle() for line in lines}) == 3
    labels = axes.texts
    assert [label.get_text() for label in labels] == [*named]
    assert [label.xy[1] for label in labels] == [1.5, 1.0, 1.01]  # the last that is a number
    assert overlapping(labels) == []
    assert all(extent(label).x0 >= axes.bbox.x1 for label in labels)
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("epoch", "loss", "t")


@pytest.mark.parametrize("height", [2.0, 2.99, 4.0])  # in the middle, under the title, at the top
def test_a_curve_that_ends_long_before_has_its_name_near_its_end(height):
    named = {"SGD": ([1.0, 100.0], [3, 2]), "Adam": ([0.1, 40.0], [1, height])}
    axes = plots.curves(named, title="a title")
    axes.figure.draw_without_rendering()
    early, late = sorted(axes.texts, key=lambda label: label.xy[0])
    assert (early.get_text(), late.get_text()) == ("Adam", "SGD")
    name, (x, y) = extent(early), axes.transData.transform(early.xy)
    assert max(name.x0 - x, x - name.x1, name.y0 - y, y - name.y1) < 20
    inside = axes.bbox
    assert inside.x0 <= name.x0 and name.x1 <= inside.x1 and name.y1 <= inside.y1
    for line in axes.get_lines():
        path = line.get_transform().transform_path(line.get_path())
        assert not path.intersects_bbox(name, filled=False)
    assert extent(late).x0 >= axes.bbox.x1


def test_the_names_of_many_curves_that_end_together_do_not_overlap():
    axes = plots.curves({f"model {number}": [2, 1 + number / 1000] for number in range(8)})
    assert overlapping(axes.texts) == []
    heights = [extent(label).y0 for label in axes.texts]
    assert heights == sorted(heights)  # in the order of the curves


def test_seeds_are_points_and_their_mean_is_a_bar():
    axes = plots.spread({"one": [20.0, 21, 25], "two": [30.0]}, ylabel="chrF")
    one, two = axes.get_lines()
    assert sorted(one.get_ydata()) == [20, 21, 25] and list(two.get_ydata()) == [30]
    assert len({*one.get_xdata()}) == 3
    bars = [bar.get_segments()[0] for bar in axes.collections]
    assert [bar[0, 1] for bar in bars] == [22, 30]
    assert all(bar[1, 0] > bar[0, 0] for bar in bars)
    assert texts(axes) == ["22", "30"] and axes.get_ylabel() == "chrF"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "two"]


def test_a_line_a_system_goes_through_the_length_bands():
    index = pd.Index(["1–5", "6–10", "11+"], name="words")
    table = pd.DataFrame({"LSTM": [40, 30, 9], "attention": [41, 40, 38]}, index=index)
    axes = plots.by_length(table)
    for line, system in zip(axes.get_lines(), table, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), table[system])
    assert [label.get_text() for label in axes.get_xticklabels()] == [*index]
    assert texts(axes) == ["LSTM", "attention"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("words", "chrF")


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


def test_panels_with_one_limit_have_one_scale():
    panels = [plots.heatmap(MATRIX * scale, centred=True, limit=9) for scale in (1, 2)]
    assert [axes.get_images()[0].get_clim() for axes in panels] == [(-9, 9)] * 2
    assert plots.heatmap(abs(MATRIX), limit=9).get_images()[0].get_clim() == (0, 9)


def test_words_that_are_wider_than_the_columns_are_turned():
    narrow = plots.heatmap(np.ones((2, 12)), column_labels=["international"] * 12)
    wide = plots.heatmap(np.ones((2, 3)), column_labels=["a", "b", "c"])
    assert {label.get_rotation() for label in narrow.get_xticklabels()} == {45}
    assert {label.get_rotation() for label in wide.get_xticklabels()} == {0}


def test_a_heatmap_refuses_labels_that_are_too_few():
    with pytest.raises(ValueError, match="2.*3"):
        plots.heatmap(MATRIX, HINDI[:2])


def test_states_are_a_column_a_token_with_a_frame_around_one():
    states = np.arange(15.0).reshape(3, 5) - 7
    axes = plots.states(HINDI[:3], states, name="c", at=1, limit=10)
    (image,) = axes.get_images()
    np.testing.assert_array_equal(image.get_array(), states.T)
    assert image.get_clim() == (-10, 10)
    assert [label.get_text() for label in axes.get_xticklabels()] == HINDI[:3]
    (frame,) = axes.patches
    assert (frame.get_x(), frame.get_width(), frame.get_height()) == (0.5, 1, 5)
    assert "c" in axes.get_ylabel()
    assert not plots.states(HINDI[:3], states).patches


@pytest.mark.parametrize("at", [-1, 3])
def test_a_timestep_that_is_not_there_has_no_frame(at):
    with pytest.raises(ValueError, match=f"no timestep {at}"):
        plots.states(HINDI[:3], np.ones((3, 2)), at=at)


def test_masked_cells_are_hatched_and_only_they():
    masks = [
        ("Embedding", [True, True, False]),
        ("LSTM", [True, False, False]),
        ("loss", [True] * 3),
    ]
    axes = plots.mask_path(HINDI[:3], masks).axes[0]
    cells = [patch for patch in axes.patches if type(patch) is Rectangle]
    assert [not cell.get_hatch() for cell in cells] == [c for _, mask in masks for c in mask]
    assert texts(axes)[:3] == HINDI[:3]
    assert {"Embedding", "LSTM", "loss"} <= {*texts(axes)}
    heights = [cell.get_window_extent().y0 for cell in cells[::3]]
    assert heights == sorted(heights, reverse=True)  # the input is at the top
    with pytest.raises(ValueError, match="one length"):
        plots.mask_path(HINDI[:3], [("Embedding", [True])])


def test_the_pipeline_has_a_box_a_cell_and_grey_padding():
    stages = [("text", ["आपसे मिलकर"]), ("tokens", GREETING[:2]), ("row", ["1", "7", "0", "0"])]
    axes = plots.pipeline(stages).axes[0]
    assert len(axes.patches) == 7
    assert axes.patches[0].get_width() > 3  # the text is as wide as the row
    words = {text.get_text() for text in words_of(axes)}
    assert words == {"text", "tokens", "row", "आपसे मिलकर", *GREETING[:2], "1", "7", "0"}
    (padding,) = {patch.get_facecolor() for patch in axes.patches[-2:]}
    assert padding[0] == padding[1] == padding[2]
    assert all(patch.get_facecolor() != padding for patch in axes.patches[:-2])
    assert len(axes.texts) - len(words_of(axes)) == 2  # an arrow between the rows


# --- words


def test_lines_that_cross_are_drawn_otherwise():
    links = [(0, 0), (1, 3), (2, 2), (3, 1), (4, 4)]
    axes = plots.crossing([*"abcde"], GREETING, links, glosses=[*"vwxyz"])
    straight, crossing = {0, 4}, {1, 2, 3}
    lines = axes.get_lines()
    assert len(lines) == 5
    looks = [(line.get_color(), line.get_linestyle()) for line in lines]
    assert len({looks[i] for i in straight}) == len({looks[i] for i in crossing}) == 1
    assert looks[0][0] != looks[1][0] and looks[0][1] != looks[1][1]
    # Each line leads from the word to the word.
    place = {text.get_text(): text.get_position()[0] for text in axes.texts}
    for (i, j), line in zip(links, lines, strict=True):
        assert list(line.get_xdata()) == [place["abcde"[i]], place[GREETING[j]]]
    for token, gloss in zip(GREETING, "vwxyz", strict=True):
        assert place[token] == place[gloss]


def test_links_that_share_a_word_do_not_cross():
    lines = plots.crossing(["was", "nice"], ["अच्छा", "लगा"], [(0, 0), (0, 1), (1, 1)]).get_lines()
    assert {line.get_color() for line in lines} == {plots.COLOURS[0]}


def test_many_words_shrink_rather_than_overlap():
    axes = plots.crossing(["extraordinarily"] * 14, GREETING, [(0, 0)])
    assert overlapping(axes.texts) == []


def test_a_crossing_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="glosses has 1"):
        plots.crossing(["a"], GREETING, [], glosses=["a"])
    with pytest.raises(IndexError):
        plots.crossing(["a"], GREETING, [(1, 0)])


@pytest.mark.parametrize("chosen", [1, "मिलकर"])
def test_the_chosen_token_is_marked(chosen):
    axes = plots.choices(GREETING, [0.5, 0.25, 0.125, 0.1, 0.025], chosen=chosen)
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.25, 0.125, 0.1, 0.025]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [False, True, False, False, False]
    assert texts(axes)[0] == "0.500" and "chosen" in texts(axes)[1]
    assert [label.get_text() for label in axes.get_yticklabels()] == GREETING
    low, high = axes.get_ylim()
    assert low > high  # the likeliest is at the top


def test_no_two_labels_of_points_overlap_however_crowded():
    words = [f"{GREETING[i % 4]}{i}" for i in range(50)]
    xy, glosses = random_points(50), ["meaning" if i % 2 else "" for i in range(50)]
    axes = plots.points(xy, words, glosses=glosses, groups=[*"abcde"] * 10)
    labels = words_of(axes)
    written = [f"{w} ({g})" if g else w for w, g in zip(words, glosses, strict=True)]
    assert [label.get_text() for label in labels] == written
    np.testing.assert_array_equal([label.xy for label in labels], xy)
    assert overlapping(labels) == []
    boxes = [extent(label) for label in labels]
    for point in axes.transData.transform(xy):
        assert not any(box.contains(*point) for box in boxes)


def test_groups_of_points_have_their_colours_markers_and_legend():
    axes = plots.points(random_points(4), HINDI[:4], groups=["verb", "noun", "verb", "noun"])
    lines = axes.get_lines()
    assert [len(line.get_xdata()) for line in lines] == [2, 2]
    assert (
        len({line.get_color() for line in lines}) == len({line.get_marker() for line in lines}) == 2
    )
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["verb", "noun"]
    assert plots.points(random_points(2), HINDI[:2]).get_legend() is None
    with pytest.raises(ValueError, match="labels has 1"):
        plots.points(random_points(2), HINDI[:1])


# --- the LSTM's cell and the decoder's layers


def test_the_cell_names_its_gates_and_its_states():
    words = [text.get_text() for text in words_of(plots.lstm_cell().axes[0])]
    gates = [word.split("\n") for word in words if "\n" in word]
    assert gates == [
        ["forget gate", "σ"], ["input gate", "σ"], ["candidate", "tanh"], ["output gate", "σ"]
    ]  # fmt: skip
    assert {"$c_{t-1}$", "$h_{t-1}$", "$x_t$", "$c_t$", "$h_t$", "tanh"} <= {*words}
    assert {f"${letter}_t$" for letter in "figo"} <= {*words}
    assert words.count("×") == 3 and words.count("+") == 1


def test_in_the_cell_each_gate_is_below_what_it_multiplies():
    axes = plots.lstm_cell().axes[0]
    place = {text.get_text().split("\n")[0]: text.get_position() for text in words_of(axes)}
    products = [text.get_position() for text in words_of(axes) if text.get_text() == "×"]
    (forget,) = [xy for xy in products if xy[1] == place["$c_t$"][1]]
    assert forget[0] == place["forget gate"][0]  # f multiplies the old c,
    assert place["+"][0] == place["candidate"][0] and place["+"][1] == forget[1]
    (inner,) = [xy for xy in products if xy[0] == place["+"][0]]
    assert place["candidate"][1] < inner[1] < place["+"][1]  # i × g is added to it,
    (output,) = [xy for xy in products if xy[0] == place["tanh"][0]]
    assert output[1] < place["tanh"][1] < place["$c_t$"][1]  # and o multiplies tanh of the new c.


@pytest.mark.parametrize("forced", [True, False])
def test_each_timestep_of_the_decoder_is_a_column_of_its_layers(forced):
    axes = plots.decoder(["[S]", "a", "b"], ["a", "x", "[E]"], teacher_forcing=forced).axes[0]
    words = words_of(axes)
    columns = sorted({w.get_position()[0] for w in words if w.get_text() == "LSTM"})
    assert len(columns) == 3
    for x, token_in, token_out in zip(columns, ["[S]", "a", "b"], ["a", "x", "[E]"], strict=True):
        column = sorted(
            (w.get_position()[1], w.get_text()) for w in words if w.get_position()[0] == x
        )
        layers = ["Embedding", "LSTM", "Dense", "softmax"]
        assert [text for _, text in column][:6] == [token_in, *layers, token_out]
    feeds = axes.get_lines()
    assert len(feeds) == 2
    assert {line.get_linestyle() for line in feeds} == {"--" if forced else "-"}
    # They start at the true token, or at the prediction, and end at the height of the next input.
    height = {w.get_text(): w.get_position()[1] for w in words}
    start = height["true token" if forced else "predicts"]
    assert all(line.get_ydata()[0] == start for line in feeds)
    assert all(line.get_ydata()[-1] == height["reads"] for line in feeds)


def test_teacher_forcing_shows_the_true_tokens_above_the_predicted_ones():
    forced = plots.decoder(["[S]", "a", "b"], ["a", "x", "[E]"]).axes[0]
    top = max(text.get_position()[1] for text in words_of(forced))
    assert [t.get_text() for t in words_of(forced) if t.get_position()[1] == top] == [
        "true token", "a", "b"
    ]  # fmt: skip
    alone = plots.decoder(["[S]", "a"], ["a", "[E]"], teacher_forcing=False).axes[0]
    assert "true token" not in texts(alone)
    with pytest.raises(ValueError, match="one length"):
        plots.decoder(["[S]"], [])


def test_words_of_the_decoder_stay_in_their_boxes():
    axes = plots.decoder(["[START]", *GREETING], [*GREETING, "[END]"], context="संदर्भ").axes[0]
    axes.figure.draw_without_rendering()
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    for text in words_of(axes):
        if text.get_text() not in ("reads", "predicts", "true token"):
            box = extent(text)
            assert any(b.x0 <= box.x0 and box.x1 <= b.x1 and b.y0 < box.y0 < b.y1 for b in boxes)


# --- trees


def boxes_of_the_tree(figure) -> dict[tuple, tuple]:
    """From (column, text) of each box of a tree to its edge's colour."""
    axes = figure.axes[0]
    boxes = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    drawn = zip(words_of(axes), boxes, strict=True)
    return {
        (text.get_position()[0], text.get_text()): box.get_edgecolor()[:3] for text, box in drawn
    }


def test_beam_tree_greys_every_branch_that_came_to_nothing():
    found = boxes_of_the_tree(plots.beam_tree(TREE, [*"abcdef"]))
    blue, green, grey = (to_rgb(colour) for colour in (look.BLUE, look.GREEN, "0.7"))
    assert found == {
        (0, "START"): to_rgb(look.INK),
        **{(1, "a\n0.00"): grey, (1, "b\n−1.50"): blue, (1, "c\n−2.50"): grey},
        **{(2, "d\n−1.75"): blue, (2, "e\n−2.00"): grey, (2, "c\n−3.00"): grey},
        **{(3, "f\n−2.25"): green, (3, "a\n−2.50"): blue, (3, "a\n−9.00"): grey},
    }


def test_beam_tree_of_the_first_steps_knows_nothing_of_the_later_ones():
    whole, first = plots.beam_tree(TREE, HINDI), plots.beam_tree(TREE, [*"abcdef"], steps=1)
    assert [*first.get_size_inches()] == [*whole.get_size_inches()]
    found = boxes_of_the_tree(first)
    assert {text for _, text in found} == {"START", "a\n0.00", "b\n−1.50", "c\n−2.50"}
    assert found[1, "a\n0.00"] == to_rgb(look.BLUE)  # it is given up only at the next step


def test_beam_tree_joins_each_node_with_the_one_that_it_extends():
    border, *lines = plots.beam_tree(TREE, HINDI).axes[0].get_lines()
    ends = [[(round(x), y) for x, y in line.get_xydata()] for line in lines]
    starts = [(0, 0), (1, 0), (1, -1), (1, -2), (2, 0), (2, -1)]
    assert [start for start, _ in ends] == [starts[node.parent + 1] for node in TREE]
    assert [place for _, place in ends] == [(s, -row) for s in (1, 2, 3) for row in range(3)]
    assert {*border.get_ydata()} == {-1.5}  # below the two that the beam keeps


def test_beam_tree_of_no_nodes_is_refused():
    with pytest.raises(ValueError, match="no nodes"):
        plots.beam_tree([], HINDI)


def test_words_of_beam_tree_stay_in_their_boxes():
    axes = plots.beam_tree(TREE, HINDI).axes[0]
    axes.figure.draw_without_rendering()
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    for text, around in zip(words_of(axes), boxes, strict=True):
        box = extent(text)
        assert around.x0 <= box.x0 and box.x1 <= around.x1 and around.y0 < box.y0 < around.y1


# --- files


def test_a_saved_figure_is_a_png_and_is_closed(tmp_path):
    figure = plots.loss_curves(HISTORY)
    plots.save(figure, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert not plt.fignum_exists(figure.number)
