"""Sphinx's settings; `gather.py` copies this file beside the pages that it gathers."""

import regex
from sphinx.search.en import SearchEnglish

import s2s_keras

project = "Sequence to sequence, in Keras"
html_title = project
author = "the authors of s2s-keras"
version = release = s2s_keras.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
]

nb_execution_mode = "off"  # the notebooks bring their outputs along
nb_ipywidgets_js = {}  # which would come from another host
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# `beside:slides.html` is a page that lies in the book, and that Sphinx does not write.
myst_url_schemes = {"http": None, "https": None, "mailto": None, "beside": "{{path}}"}

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
napoleon_use_ivar = True  # fields as a list, not as a heading each
add_module_names = False
default_role = "code"  # as Markdown reads a single backtick

html_search_language = "en-hi"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["devanagari.css", "book.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"


class SearchEnglishAndHindi(SearchEnglish):
    """Search that keeps vowel signs in their words: Sphinx's own splits Hindi at each of them."""

    lang = "en-hi"
    # With `var`, this one counts whether the theme loads it before or after Sphinx's own.
    js_splitter_code = r"var splitQuery = (query) => query.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];"

    def split(self, input: str) -> list[str]:
        """Return the words of a page, as `splitQuery` returns those of a query."""
        return regex.findall(r"[\p{L}\p{M}\p{N}_]+", input)


def setup(app):
    """Search in two languages, name the language of a page, leave out what Python says itself."""
    app.add_search_language(SearchEnglishAndHindi)
    app.connect("html-page-context", _name_language)
    app.connect("autodoc-skip-member", _is_field)


def _name_language(app, pagename, templatename, context, doctree):
    """Tell screen readers which pages are Hindi."""
    if pagename.startswith("notebooks/hindi/"):
        context["language"] = "hi"


def _is_field(app, what, name, member, skip, options):
    """Tell the fields of a named tuple, whose own text is "Alias for field number 0"."""
    return True if str(getattr(member, "__doc__", "")).startswith("Alias for field") else None
