"""Translators that have a name, and what trains them: `python -m data.models` (`make models`)."""
