"""The grammar that writes the course corpus: meanings, said once in English and once in Hindi.

    lexicon → meaning → forms → english, hindi → draw → patterns → build

`lexicon` reads the words and `meaning` says what a sentence is about; `english` and `hindi` put it
into words, with the `forms` of Hindi; `draw` picks words that make sense together, `patterns` holds
the sentences' shapes, and `build` deals them to the three sides. `python -m data.grammar` runs it.
"""
