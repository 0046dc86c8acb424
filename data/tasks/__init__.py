"""The pairs of four tasks that are no translation, each written by a small program.

    sounds → typing, phonemes ┐
    people → answers, summaries ┴→ build

`sounds` says how Hindi is spoken; `typing` writes its words in Latin letters, as on a phone, and
`phonemes` its sentences as they are heard; `answers` tells short texts and asks about them, and
`summaries` reports and sums up. `python -m data.tasks` runs it.
"""
