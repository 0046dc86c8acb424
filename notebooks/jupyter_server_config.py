"""What `make lab` adds to the learner's own settings of Jupyter.

Jupyter writes the version of the Python that runs a notebook into the notebook. So one that was
only opened would differ from git's, and the next `git pull` would be refused.
"""


def leave_out_the_version(model: dict, **_) -> None:
    """Save a notebook as `notebooks/course.py` does, whatever Python runs it."""
    if model["type"] == "notebook" and "language_info" in model["content"]["metadata"]:
        model["content"]["metadata"]["language_info"] = {"name": "python"}


get_config().ContentsManager.pre_save_hook = leave_out_the_version  # noqa: F821
