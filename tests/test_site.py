"""The book that `make site` builds: what it gathers, what comes of it, how links are checked."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="needs the extra `site`")
pytest.importorskip("myst_nb", reason="needs the extra `site`")
pytest.importorskip("furo", reason="needs the extra `site`")

import book as building  # noqa: E402, from the folder `site`
import gather  # noqa: E402
import links  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
ALT = 'Two bars; the longer one is "नमस्ते".'
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/a/b/blob/main/notebooks/00_first.ipynb)"
)
FIRST = f"""# 00 First

{BADGE}

The [solutions](solutions/00_solutions.ipynb), the [card](../data/README.md#words), some
[rows](../data/rows.tsv), the [front page](../README.md), all [solutions](solutions), some
[code](../s2s_keras/errors.py), and $x^2$."""
FILES = {
    "README.md": "# Book\n\n![A picture](notebooks/p.png)\n\n[Start](notebooks/00_first.ipynb).",
    "CONTRIBUTING.md": "# Contributing\n\nSee [the folder](notebooks/solutions).",
    "data/README.md": "# Card\n\n## Words\n\nनमस्ते",
    "data/rows.tsv": "Hello.\tनमस्ते।\n",
    "docs/glossary.md": "# Glossary\n\n| English | Hindi |\n|---|---|\n| attention | ध्यान |",
    "workshop/guide.md": "# Guide\n\nShow the [slides](slides.md).",
    "workshop/slides.md": "# A slide",
    "benchmarks/results.md": "# Benchmarks\n\nNone.",
    "s2s_keras/errors.py": "",  # described from the package that is installed
    "pyproject.toml": '[project.urls]\nRepository = "https://github.com/a/b"\n',
    "notebooks/p.png": "",
}


def notebook(markdown: str, *cells: dict) -> str:
    first = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    book = {"cells": [first, *cells], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book)


def cell(data: dict, metadata: dict) -> dict:
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    code = {"cell_type": "code", "id": f"c{len(str(data))}", "source": "1", "execution_count": 1}
    return code | {"metadata": metadata, "outputs": [output]}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of two notebooks."""
    root = tmp_path_factory.mktemp("project")
    figure = cell({"image/png": PICTURE, "text/plain": "<Figure>"}, {"alt": ALT})
    table = cell({"text/html": "<table class='dataframe'><td>नमस्ते</td></table>"}, {})
    files = FILES | {
        "notebooks/00_first.ipynb": notebook(FIRST, figure, table),
        "notebooks/solutions/00_solutions.ipynb": notebook("# 00: solutions\n\nNone."),
        "notebooks/hindi/00_first.ipynb": notebook("# पहला पाठ\n\nनमस्ते।"),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def book(project, tmp_path_factory):
    """The book of these, built without a warning."""
    sources = tmp_path_factory.mktemp("book") / "sources"
    gather.gather(sources, project)
    assert building.build(sources, sources.with_name("html")) == 0
    return sources.with_name("html")


def page(book: Path, name: str) -> str:
    return (book / f"{name}.html").read_text(encoding="utf-8")


# What is gathered


def test_the_contents_list_every_notebook_and_page_of_the_project(tmp_path, monkeypatch):
    monkeypatch.setattr(
        gather, "_write_api", lambda to, package: gather._write(to / "api/index.rst", "")
    )
    gather.gather(tmp_path, ROOT)
    lists = "\n".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("index.md"))
    listed = {line.split("/")[-1] for line in lists.splitlines()}
    made = {"build", ".ipynb_checkpoints"}
    found = (ROOT / "notebooks").rglob("*.ipynb")
    notebooks = [path for path in found if not made & {*path.parts}]
    assert len(notebooks) > 40
    assert {path.stem for path in notebooks} <= listed
    pages = {path.stem for path in [*ROOT.glob("docs/*.md"), *ROOT.glob("workshop/*.md")]}
    assert pages - {"slides"} <= listed


def test_every_public_module_has_a_place_among_the_pages_of_the_package(tmp_path):
    gather._write_api(tmp_path, ROOT / "s2s_keras")
    described = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.rst"))
    found = set(re.findall(r"automodule:: (\S+)", described))
    files = {path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("s2s_keras/**/*.py")}
    modules = {".".join(path.parts).removesuffix(".__init__") for path in files}
    private = {name for name in modules if name.split(".")[-1].startswith("_")}
    assert modules - private - found == {"s2s_keras.export.translate"}


# What becomes of it


def test_every_link_of_a_built_book_leads_somewhere_and_nothing_comes_from_elsewhere(book):
    faults, outside = links.check(book)
    # These two are not Sphinx's to write.
    assert faults == [
        "index.html: no file translator.html",
        "workshop/guide.html: no file slides.html",
    ]
    assert "https://github.com/a/b/blob/main/s2s_keras/errors.py" in outside


def test_a_notebook_leads_to_solutions_cards_and_data(book):
    first = page(book, "notebooks/00_first")
    for address in ("solutions/00_solutions.html", "solutions/index.html", "../index.html"):
        assert f'href="{address}"' in first
    assert 'href="../data/README.html#words"' in first
    (table,) = re.findall(r'href="([^"]+rows.tsv)"', first)
    assert (book / "notebooks" / table).read_text(encoding="utf-8") == FILES["data/rows.tsv"]


def test_the_description_of_a_figure_reaches_its_page(book):
    alt = ALT.replace('"', "&quot;")
    assert re.search(rf'<img[^>]* alt="{re.escape(alt)}"', page(book, "notebooks/00_first"))


def test_the_badge_is_text_that_needs_no_network(book):
    first = page(book, "notebooks/00_first")
    assert "Open in Colab</a>" in first
    assert "colab-badge.svg" not in first


def test_mathematics_is_drawn_by_a_script_of_the_book(book):
    (script,) = re.findall(r'src="([^"?]*mathjax[^"?]*)', page(book, "notebooks/00_first"))
    assert (book / "notebooks" / script).is_file()


def test_hindi_has_a_font_that_comes_with_the_book(book):
    style = (book / "_static" / "devanagari.css").read_text(encoding="utf-8")
    assert "url(data:font/woff;base64," in style
    assert "devanagari.css" in page(book, "notebooks/00_first")
    assert "Noto Sans Devanagari" in (book / "_static" / "book.css").read_text(encoding="utf-8")


def test_notebooks_in_hindi_say_so(book):
    assert '<html class="no-js" lang="hi"' in page(book, "notebooks/hindi/00_first")
    assert '<html class="no-js" lang="en"' in page(book, "notebooks/00_first")


def test_a_hindi_word_is_in_the_index_whole(book):
    index = (book / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", index, re.DOTALL)[1])["terms"]
    assert "नमस्ते" in terms


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_a_query_is_split_and_stemmed_as_the_pages_were(book):
    language = (book / "_static" / "language_data.js").read_text(encoding="utf-8")
    program = "console.log(splitQuery('हिन्दी की किताबें, translations'), stemmer('translations'))"
    sphinx_s_own = "var splitQuery = (query) => query.split(' '); globalThis.window = globalThis;"
    stemmer = "; const stemmer = (word) => new Stemmer().stemWord(word);"
    done = subprocess.run(
        ["node", "-"],
        input=sphinx_s_own + language + stemmer + program,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stdout == "[ 'हिन्दी', 'की', 'किताबें', 'translations' ] translat\n", done.stderr


def test_what_is_no_page_and_no_data_is_looked_up_in_the_repository(book):
    assert "https://github.com/a/b/blob/main/s2s_keras/errors.py" in page(
        book, "notebooks/00_first"
    )


# How links are checked

WRONG = {
    '<a href="gone.html">x</a>': "a.html: no file gone.html",
    '<a href="#gone">x</a>': "a.html: no anchor #gone",
    '<a href="b.html#gone">x</a>': "a.html: no anchor b.html#gone",
    '<script src="https://cdn.org/x.js"></script>': "a.html: loads https://cdn.org/x.js",
    '<script src="//cdn.org/x.js"></script>': "a.html: loads //cdn.org/x.js",
    '<link rel="stylesheet" href="http://cdn.org/x.css">': "a.html: loads http://cdn.org/x.css",
    '<p style="background: url(https://cdn.org/x.png)">': "a.html: loads https://cdn.org/x.png",
    '<img src="b.html">': "a.html: no description of b.html",
}


@pytest.mark.parametrize(("element", "fault"), WRONG.items())
def test_a_link_that_is_wrong_is_named_with_its_page(write, element, fault):
    folder = write("a.html", element).parent
    write("b.html", "<p id='here'>")
    assert links.check(folder) == ([fault], [])


def test_a_font_from_elsewhere_is_named_with_its_style(write):
    folder = write("a.css", '@import "https://cdn.org/x.css"; @font-face {src: url(b.woff)}').parent
    assert links.check(folder)[0] == ["a.css: loads https://cdn.org/x.css", "a.css: no file b.woff"]


def test_links_that_are_right_are_passed_and_those_outside_collected(write):
    right = '<a href="b%20c.html?q=1#h%C3%A9"></a><a href="https://x.org"></a>'
    right += '<img src="data:," alt="x">'
    folder = write("a.html", right).parent
    write("b c.html", "<p id='hé'>")
    assert links.check(folder) == ([], ["https://x.org"])
