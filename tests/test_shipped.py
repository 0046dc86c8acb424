"""Translators that have a name: how they are found, listed, and described by their cards."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from data.models import __main__ as making
from data.models.__main__ import OLD_KINDS, RECIPES, describe, scores_of
from s2s_keras import evaluation, shipped, translator
from s2s_keras.cli import main
from s2s_keras.corpora import ParallelCorpus
from s2s_keras.errors import InputError
from s2s_keras.translator import Translator

HOME = Path(__file__).parents[1] / "data" / "models"
PAIRS = [(f"The cat{n} eats.", f"बिल्ली{n} खाती है।") for n in range(40)]


@pytest.fixture(scope="module")
def trained():
    corpus = ParallelCorpus.from_pairs(PAIRS, "cats")
    options = {"dev": 0.0, "test": 0.0, "epochs": 1, "units": 8, "embedding": 8, "progress": False}
    return translator.train(corpus, **options)[0]


@pytest.fixture
def home(trained, tmp_path, monkeypatch):
    """A package's data with one translator that has a name."""
    folder = tmp_path / "models" / "course-attention"
    folder.parent.mkdir()
    trained.save(folder, half=True)
    (folder / "README.md").write_text("# course-attention\n\nIt knows\ncats.\n\nMore.\n")
    monkeypatch.setattr(shipped.resources, "files", lambda package: tmp_path)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A package's data before `make models`."""
    monkeypatch.setattr(shipped.resources, "files", lambda package: tmp_path)
    monkeypatch.chdir(tmp_path)


def test_half_of_the_bits_are_half_of_the_size_and_the_same_numbers(trained, home):
    halves = load_file(home / "weights.safetensors")
    assert {str(array.dtype) for array in halves.values()} == {"float16"}
    loaded = Translator.load(home).training_model.get_weights()
    for weight, half in zip(trained.training_model.get_weights(), loaded, strict=True):
        assert half.dtype == weight.dtype
        assert abs(weight - half).max() <= 1e-3 * max(1, abs(weight).max())


def test_a_name_is_found_where_no_folder_has_it(home):
    assert shipped.find("course-attention") == home
    assert Translator.load("course-attention").translate(["The cat1 eats."])
    Path("course-attention").mkdir()
    assert shipped.find("course-attention") == Path("course-attention")


def test_a_translator_is_described_by_the_second_paragraph_of_its_card(home):
    (model,) = shipped.shipped()
    assert model[:2] == ("course-attention", "It knows cats.")
    assert model.size == sum(path.stat().st_size for path in home.iterdir())


def test_the_command_lists_them(home, capsys):
    assert main(["models"]) == 0
    assert "course-attention: It knows cats.\n" in capsys.readouterr().out


def test_the_command_says_how_to_get_them(empty, capsys):
    assert main(["models"]) == 0
    assert "`make models` trains" in capsys.readouterr().out
    assert main(["translate", "How are you?"]) == 2
    assert (
        "name its folder with --model, or train course-attention again" in capsys.readouterr().err
    )


def test_without_a_model_the_default_translates(home, capsys):
    assert main(["translate", "The cat1 eats."]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_listing_them_needs_no_tensorflow():
    code = "import sys; from s2s_keras.cli import main; main(['models']); print(*sys.modules)"
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "tensorflow" not in listed.stdout.splitlines()[-1].split()


def test_an_unknown_name_is_told_the_known_ones(home):
    with pytest.raises(InputError, match="coarse: no such folder; .*give a name: course-attention"):
        Translator.load("coarse")


def assert_tells(card: str, scores: dict[str, evaluation.Scores], within: float) -> None:
    """A card has a row for each of the scores, and their figures up to a difference."""
    rows = re.findall(r"(?m)^\| (.+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", card)
    assert [row[0] for row in rows] == list(scores)
    for kind, sentences, bleu, chrf in rows:
        assert int(sentences) == scores[kind].sentences
        assert float(bleu) == pytest.approx(scores[kind].bleu, abs=within)
        assert float(chrf) == pytest.approx(scores[kind].chrf, abs=within)


def test_a_card_tells_the_scores_by_kind_and_length(trained, tmp_path):
    trained.save(tmp_path / RECIPES[0].name)
    describe(RECIPES[0], tmp_path)
    card = (tmp_path / RECIPES[0].name / "README.md").read_text(encoding="utf-8")
    scores = Translator.load(tmp_path / RECIPES[0].name).about.scores
    assert_tells(card, scores, within=0.051)
    assert scores["challenge"].sentences == 400
    assert card.split("\n\n")[1] == RECIPES[0].description


def test_a_translator_is_made_again_where_one_lies_with_its_card(trained, tmp_path, monkeypatch):
    some = evaluation.score(["बिल्ली"], ["बिल्ली"])
    monkeypatch.setattr(making, "s2s_keras", lambda flags: trained.save(flags[-1]))
    monkeypatch.setattr(making, "scores_of", lambda _: {OLD_KINDS: some, "`natural`": some})
    for _ in range(2):
        making.make(RECIPES[0], tmp_path)
        card = (tmp_path / RECIPES[0].name / "README.md").read_text(encoding="utf-8")
        assert card.startswith(f"# {RECIPES[0].name}\n")
        assert Translator.load(tmp_path / RECIPES[0].name).translate(["The cat1 eats."])


def test_an_unknown_recipe_is_named():
    command = [sys.executable, "-m", "data.models", "coarse"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HOME.parents[1])
    assert done.returncode == 2 and "no recipe for coarse" in done.stderr


# The two that come with the package. What is asked of each: BLEU of the old kinds, from and to;
# chrF of the natural sentences and of the challenge, at least.
ASKED = {
    "course-attention": {"old": (85, 100), "`natural`": 60, "challenge": 58},
    "course-lstm": {"old": (50, 75)},
}
MOST_BYTES = 8_000_000


def card_of(name: str) -> str:
    return (HOME / name / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=ASKED)
def shipped_and_scores(request):
    loaded = Translator.load(request.param)
    return request.param, loaded, scores_of(loaded)


def test_both_come_with_the_package():
    assert [model.name for model in shipped.shipped()] == sorted(ASKED)
    for model in shipped.shipped():
        assert model.folder == HOME / model.name
        assert model.size <= MOST_BYTES
        weights = load_file(model.folder / "weights.safetensors")
        assert {str(array.dtype) for array in weights.values()} == {"float16"}


def test_the_card_has_the_scores(shipped_and_scores):
    # Another processor rounds otherwise, and a word here or there falls otherwise.
    name, _, scores = shipped_and_scores
    assert_tells(card_of(name), scores, within=0.5)


def test_half_of_the_bits_lose_nothing_in_score(shipped_and_scores):
    name, _, scores = shipped_and_scores
    card = card_of(name)
    bleu, chrf = re.search(
        r"with 32 bits the first row of scores is ([\d.]+), ([\d.]+)", card
    ).groups()
    assert float(bleu) == pytest.approx(scores[OLD_KINDS].bleu, abs=0.5)
    assert float(chrf) == pytest.approx(scores[OLD_KINDS].chrf, abs=0.5)


def test_they_are_as_good_as_asked(shipped_and_scores):
    name, _, scores = shipped_and_scores
    asked = dict(ASKED[name])
    least, most = asked.pop("old")
    assert least <= scores[OLD_KINDS].bleu <= most
    for kind, chrf in asked.items():
        assert scores[kind].chrf >= chrf


def test_without_attention_long_sentences_suffer(shipped_and_scores):
    name, _, scores = shipped_and_scores
    bands = [scores[band].bleu for band in scores if band.endswith(" words")]
    if name == "course-lstm":
        assert bands[-1] < bands[0] - 20 and bands[-1] == min(bands)
    else:
        assert bands[-1] > bands[0] - 20


def test_the_first_command_of_a_newcomer_is_answered_rightly(shipped_and_scores):
    _, loaded, _ = shipped_and_scores
    assert loaded.translate(["How are you?"]) == ["आप कैसे हैं?"]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_readme_shows_the_scores_of_the_card(recipe):
    card = card_of(recipe.name)
    found = re.search(rf"(?m)^\| {OLD_KINDS} \| \d+ \| ([\d.]+) \| ([\d.]+) \|$", card)
    assert f"`s2s-keras train {recipe.flags} --out {recipe.name}`" in card
    readme = (HOME.parents[1] / "README.md").read_text(encoding="utf-8").splitlines()
    [row] = [line for line in readme if line.startswith(f"| [{recipe.name}](")]
    assert f"| {' / '.join(found.groups())} |" in row
