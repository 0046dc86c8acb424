"""A line between two workers: short messages, and word at once when one of them is gone.

TensorFlow adds up the gradients. What else the workers tell each other goes over these lines: plain
TCP, framed by the standard library, of bytes that are never run. A process that is killed closes
its lines with it, and a machine that is switched off answers no keep-alive: within half a minute
the others know who is gone, while TensorFlow would let them wait.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from ..errors import InputError

# The first byte of a message.
DATA, DONE, STOPPED = b"d", b"e", b"s"
GO_ON = "; to go on, give all workers the same command with --resume"
# Seconds of silence before the system asks whether the other machine is there, from one such
# question to the next, and how many may stay without an answer.
_SILENCE, _INTERVAL, _QUESTIONS = 10, 5, 3


class Line:
    """A connection to another worker, and a thread that listens to it.

    Attributes:
        name: what messages call the other worker.
    """

    def __init__(self, connection: socket.socket, name: str, lost: Callable[[str], None]):
        """Take over a socket.

        Args:
            connection: to the other worker.
            name: what messages call it.
            lost: is called from the listening thread with a sentence, where the other worker is
                gone before it said that it was done.
        """
        connection.settimeout(None)
        _keep_alive(connection)
        self.name, self._lost = name, lost
        self._connection = Connection(connection.detach())
        self._sends, self._inbox = threading.Lock(), queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def open(self) -> None:
        """Begin to listen."""
        self._listener.start()

    def is_gone(self) -> bool:
        """Tell, before it is opened, whether the other end is closed: nothing else is said yet."""
        return self._connection.poll(0)

    def send(self, data: bytes, kind: bytes = DATA) -> None:
        """Send a message; where the other one is gone, its own line says so."""
        with self._sends, contextlib.suppress(OSError):
            self._connection.send_bytes(kind + data)

    def receive(self) -> bytes:
        """Wait for the next message.

        Raises:
            InputError: there will be none, since the other worker has left.
        """
        if (message := self._inbox.get()) is None:
            raise InputError(f"{self.name} has left{GO_ON}")
        return message

    def wait(self) -> None:
        """Wait until the other worker is done, too."""
        self._listener.join()

    def _listen(self) -> None:
        try:
            while (message := self._connection.recv_bytes())[:1] == DATA:
                self._inbox.put(message[1:])
        except (EOFError, OSError):
            self._lost(f"{self.name} does not answer{GO_ON}")
        else:
            if message[:1] == STOPPED:
                self._lost(message[1:].decode(errors="surrogateescape"))
        self._inbox.put(None)


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _SILENCE),
        ("TCP_KEEPINTVL", _INTERVAL),
        ("TCP_KEEPCNT", _QUESTIONS),
        # Milliseconds that something sent may stay without an answer: keep-alive is silent then.
        ("TCP_USER_TIMEOUT", 1000 * (_SILENCE + _INTERVAL * _QUESTIONS)),
    ):
        if hasattr(socket, name):  # not on every system
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
