"""The grammar that writes the course corpus: meanings, said once in English and once in Hindi.

    lexicon → meaning → english, hindi → draw → patterns

`lexicon` reads the words, `meaning` says what a sentence is about, `english` and `hindi` put it
into words, `draw` picks words that make sense together, and `patterns` holds the sentences' shapes.
`python -m data.build` runs them.
"""
