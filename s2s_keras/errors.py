"""The one kind of error that the user's input can cause."""


class InputError(ValueError):
    """Input that cannot be used; one line names the file, the line if any, and a remedy."""
