"""Makes the notebooks' font once, where it is imported: see `forking.py`."""

from s2s_keras.page.font import devanagari

devanagari()
