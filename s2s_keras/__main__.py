"""`python -m s2s_keras` and the `s2s-keras` command."""

import sys


def run() -> int:
    """Run the command line; where a package that it needs is missing, say so in one line."""
    try:
        from .cli import main
    except ModuleNotFoundError as error:
        print(
            f"s2s-keras: error: {error.name} is missing; install s2s-keras with pip once more, "
            "which brings what it needs",
            file=sys.stderr,
        )
        return 2
    return main()


if __name__ == "__main__":
    sys.exit(run())
