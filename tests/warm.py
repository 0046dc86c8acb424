"""What the process does from which others are forked, where it is imported: see `forking.py`."""

from searching_garbage import search_rarely

from s2s_keras import cli, translator  # noqa: F401
from s2s_keras.page.font import devanagari

devanagari()  # the notebooks' font, made once
search_rarely()
