"""Sphinx's settings; `gather.py` copies this file beside the pages that it gathers."""

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
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
napoleon_use_ivar = True  # autodoc describes the attributes themselves
default_role = "code"  # as Markdown reads a single backtick

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"


def setup(app):
    """Leave out what Python itself says of a named tuple's fields."""
    app.connect("autodoc-skip-member", _is_field)


def _is_field(app, what, name, member, skip, options):
    return True if str(getattr(member, "__doc__", "")).startswith("Alias for field") else None
