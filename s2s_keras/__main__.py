"""`python -m s2s_keras` and the `s2s-keras` command."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
