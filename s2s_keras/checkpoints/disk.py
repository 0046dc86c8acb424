"""Files that are whole whenever the power fails, and room for them."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

UNFINISHED = ".unfinished"


def replace(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that a whole one is there at every moment: the old one, then the new one.

    The new one is written aside and flushed to the disk, and only then takes the old one's name.

    Args:
        path: of the file; its folder is made where it is missing.
        write: is given the unfinished file.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    is_new = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with open(unfinished, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)  # on a full disk, others need the room
        raise
    flush_names(path.parent)
    if is_new:
        flush_names(path.parent.parent)


def flush_folder(folder: Path) -> None:
    """Flush every file of a folder and of those within it to the disk, and their names."""
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            flush_names(path)
            continue
        with open(path, "rb+") as file:
            os.fsync(file.fileno())


def flush_names(folder: Path) -> None:
    """Flush to the disk which names a folder holds, where the system can do that."""
    if os.name == "nt":  # Windows opens no folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems of a network
            raise
    finally:
        os.close(descriptor)


def check_room(folder: Path, needed: int) -> None:
    """Raise InputError where a folder cannot be written, or its disk has not so many bytes free.

    It leaves nothing behind: a folder that is missing is missing afterwards.
    """
    try:
        above = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
        tempfile.TemporaryFile(dir=above).close()
        free = shutil.disk_usage(above).free
    except OSError as error:
        problem = error.strerror or error
        raise InputError(f"{folder}: cannot write here ({problem}); name another folder") from error
    if free < needed:
        raise InputError(
            f"{folder}: {free / 1e6:,.0f} MB are free on this disk, and {needed / 1e6:,.0f} MB are "
            "needed; free some, or name a folder on another disk"
        )
