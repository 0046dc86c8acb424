"""How the workers agree, and hear when one of them is gone."""

import json
import os
import threading
from collections.abc import Callable

from ..errors import InputError, first_difference, one_line
from .config import Place
from .lines import DATA, DONE, GO_ON, STOPPED, Line


def end_process(reason: str, standard_error: int = 2) -> None:
    """Say why the training cannot go on, and end the process with status 2.

    It ends at once, whatever the main thread does: where TensorFlow waits for the other workers, no
    exception reaches it. The checkpoint is whole at every moment.

    Args:
        reason: a sentence.
        standard_error: its descriptor; 2 may point elsewhere while TensorFlow is imported.
    """
    os.write(
        standard_error, f"\ns2s-keras: error: {one_line(reason)}\n".encode(errors="surrogateescape")
    )
    os._exit(2)


class Cluster:
    """The workers of a training, and the lines between them: from the chief to each of the others.

    Use it as a context: whatever ends a worker before the others, they are told why.

    Attributes:
        place: which worker this process is; None where there is no other.
        lines: to the others, by their numbers; those who are not the chief have one to it alone.
        parting: they have agreed to end, and it is no surprise any more when one of them leaves.
    """

    def __init__(self, place: Place | None = None, lost: Callable[[str], None] = end_process):
        """Begin without lines.

        Args:
            place: see above.
            lost: is called in a thread, with the reason, where another worker has stopped.
        """
        self.place, self.parting = place, False
        self.lines: dict[int, Line] = {}
        self._give_up, self._once = lost, threading.Lock()

    @property
    def is_chief(self) -> bool:
        """Whether this worker is the one that writes and speaks."""
        return self.place is None or self.place.index == 0

    def agree(self, *flags: bool) -> list[bool]:
        """Return for each flag whether one of the workers has set it; all must call this."""
        agreed = bytes(map(bool, flags))
        if self.is_chief:
            everyone = [agreed, *(line.receive() for line in self.lines.values())]
            agreed = bytes(map(any, zip(*everyone, strict=True)))
            self._send(agreed)
        else:
            self._send(agreed)
            agreed = self.lines[0].receive()
        return [*map(bool, agreed)]

    def from_chief(self, make: Callable[[], bytes]) -> bytes:
        """Return to all workers what the chief has; all must call this.

        Args:
            make: is called by the chief alone.
        """
        if not self.is_chief:
            return self.lines[0].receive()
        data = make()
        self._send(data)
        return data

    def check_same(self, known_by: dict) -> None:
        """Let the workers compare what they are about to do; all must call this.

        Args:
            known_by: arguments, model and data, of JSON's types.

        Raises:
            InputError: this worker was given something else than the chief.
        """
        chiefs = json.loads(self.from_chief(lambda: json.dumps(known_by).encode()))
        if chiefs != known_by:
            name, theirs, own = first_difference(chiefs, known_by)
            raise InputError(
                f"{name} is {own} here and {theirs} at worker 0; give all workers the same "
                "command and the same corpus"
            )

    def stop(self, reason: str) -> None:
        """Tell the others why the training ends."""
        # Names of files may hold bytes that are not UTF-8.
        self._send(reason.encode(errors="surrogateescape"), STOPPED)

    def lost(self, reason: str) -> None:
        """End the training here and elsewhere, since another worker has stopped."""
        with self._once:
            if not self.parting:
                self.stop(reason)
                self._give_up(reason)

    def __enter__(self) -> "Cluster":
        """Begin."""
        return self

    def __exit__(self, kind, error, trace) -> None:
        """Tell the others that this worker is done, or why it has stopped."""
        in_surprise, self.parting = not self.parting, True
        if error is not None and in_surprise:
            why = "interrupted" if kind is KeyboardInterrupt else str(error) or kind.__name__
            hint = "" if isinstance(error, InputError) else GO_ON
            self.stop(f"{self.place} has stopped: {why}{hint}")
            return
        self._send(b"", DONE)
        for line in self.lines.values():
            line.wait()

    def _send(self, data: bytes, kind: bytes = DATA) -> None:
        for line in self.lines.values():
            line.send(data, kind)
