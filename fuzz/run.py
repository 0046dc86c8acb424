"""`python -m fuzz.run TARGET [libFuzzer's options]`: one target under atheris, until it fails."""

import sys

import atheris

with atheris.instrument_imports(include=["s2s_keras"]):
    import s2s_keras.translator  # noqa: F401 - here, so that its branches are counted
    from fuzz.targets import TARGETS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
