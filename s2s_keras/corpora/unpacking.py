"""Packed streams, read up to the size that text can have: a few bytes can unpack to terabytes."""

import io
import os
from collections.abc import Callable
from typing import BinaryIO

from ..errors import InputError

# Sentences are packed about four to one by gzip and hardly ever fifty to one by xz; zeros are
# packed a thousand to one by gzip, and a million to one by bzip2.
MOST_RATIO = 200
FREE = 16 << 20  # bytes that any file may unpack to, whatever its size
MOST_UNPACKED = 100 << 30  # bytes
CHUNK = 1 << 16


class Unpacked(io.RawIOBase):
    """What a packed stream holds. Where that is more than text can be, reading is refused."""

    def __init__(self, unpacker: BinaryIO, packed: Callable[[], int], name: str):
        """Read from `unpacker`.

        Args:
            unpacker: A stream such as `gzip.open` returns.
            packed: Tells how many packed bytes belong to what was read so far.
            name: What messages call the file.
        """
        self.unpacker, self.packed, self.name = unpacker, packed, name

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Tell whether one can go back in what was unpacked."""
        return self.unpacker.seekable()

    def tell(self) -> int:
        """Return how many unpacked bytes lie before the next one."""
        return self.unpacker.tell()

    def readinto(self, buffer) -> int:
        """Fill a buffer; return the number of bytes.

        Raises:
            InputError: The file is a bomb.
        """
        read = self.unpacker.readinto(buffer)
        unpacked = self.tell()
        if unpacked > min(max(FREE, MOST_RATIO * self.packed()), MOST_UNPACKED):
            raise InputError(
                f"{self.name}: unpacks to over {unpacked:,} bytes from {self.packed():,}, as no "
                "text does; if you know what it is, unpack it yourself and name the right file"
            )
        return read

    def close(self) -> None:
        """Close the unpacker, too."""
        self.unpacker.close()
        super().close()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place counted from the start; forward by reading, so that no bomb slips by."""
        if whence != os.SEEK_SET:
            raise io.UnsupportedOperation("a packed stream is read from its start")
        if offset < self.tell():
            self.unpacker.seek(offset)
        while (missing := offset - self.tell()) > 0 and self.read(min(missing, CHUNK)):
            pass
        return self.tell()


def packed_so_far(stream: BinaryIO) -> Callable[[], int]:
    """Return what tells how many packed bytes of a stream were read, for `Unpacked`."""
    if isinstance(stream, Unpacked):
        return stream.packed
    # A pipe does not tell its place; there only the absolute limit holds.
    return stream.tell if stream.seekable() else lambda: MOST_UNPACKED
