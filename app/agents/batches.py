"""Messages of devices that arrive at once share a transaction: the thread that may write next takes all that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from app.connectors.pull.settings import PullSettings
from app.connectors.pull.steps import Answer, Message

MOST = 500
"""Messages of one transaction."""
Write = Callable[[str, PullSettings, Sequence[Message]], list[Answer]]


@dataclass
class _Waiting:
    message: Message
    answer: Answer | None = None
    error: BaseException | None = None


@dataclass
class _Line:
    """The messages of one connector that wait, and the lock of whoever writes them."""

    waiting: list[_Waiting] = field(default_factory=list)
    writing: Lock = field(default_factory=Lock)


class Batches:
    """Passes messages on to `write` in batches, in the order in which they came; each waits for its own answer."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._lock = Lock()

    def take(self, connector: str, settings: PullSettings, message: Message) -> Answer:
        """The answer to a message once it is committed. Raises what writing it raised."""
        entry = _Waiting(message)
        with self._lock:
            line = self._lines[connector]
            line.waiting.append(entry)
        with line.writing:
            while entry.answer is None and entry.error is None:
                self._write_all(connector, settings, line)
        if entry.error is not None:
            raise entry.error
        assert entry.answer is not None
        return entry.answer

    def _write_all(self, connector: str, settings: PullSettings, line: _Line) -> None:
        with self._lock:
            batch, line.waiting = line.waiting[:MOST], line.waiting[MOST:]
        try:
            answers = self._write(connector, settings, [entry.message for entry in batch])
            for entry, answer in zip(batch, answers, strict=True):
                entry.answer = answer
        except BaseException as error:
            # Whatever it was: an entry without an answer would be waited for for ever.
            for entry in batch:
                entry.error = error
            if not isinstance(error, Exception):
                raise
