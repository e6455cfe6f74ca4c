"""Answers that are ready to be sent: serialised and signed, found by path and query in one look, bounded in bytes.

An answer is dropped when one of its subjects is looked at anew or made stale by an event.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

Subject = Hashable  # what an answer is about, as its room names it
Target = tuple[str, bytes]  # path, query as it was sent
OVERHEAD_BYTES = 1_500  # of headers and tables for each answer


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """One answer as the two ASGI messages that send it.

    Units: `fresh_until_s` on the monotonic clock; `cost` in requests of the rate limit.
    """

    start: dict[str, Any]
    body: dict[str, Any]
    size: int
    fresh_until_s: float
    cost: int
    subjects: tuple[Subject, ...]


class ReadyAnswers:
    """The answers at hand, least recently used first."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._answers: OrderedDict[Target, ReadyAnswer] = OrderedDict()
        self._by_subject: dict[Subject, set[Target]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def size(self) -> int:
        """Return how many bytes are held."""
        return self._bytes

    def find(self, path: str, query: bytes, now_s: float) -> ReadyAnswer | None:
        """Return a fresh answer."""
        target = (path, query)
        answer = self._answers.get(target)
        if answer is None:
            return None
        if answer.fresh_until_s <= now_s:
            self._remove(target)
            return None
        self._answers.move_to_end(target)
        return answer

    def put(self, path: str, query: bytes, answer: ReadyAnswer) -> None:
        """Hold an answer; where there is no room the least recently used go."""
        target = (path, query)
        self._remove(target)
        size = answer.size + len(path) + len(query) + OVERHEAD_BYTES
        if size > self._bytes_max // 4:
            return
        self._answers[target] = answer
        self._bytes += size
        for subject in answer.subjects:
            self._by_subject.setdefault(subject, set()).add(target)
        while self._bytes > self._bytes_max:
            self._remove(next(iter(self._answers)))

    def drop(self, subjects: Iterable[Subject]) -> None:
        """Forget every answer about these subjects."""
        for subject in subjects:
            for target in tuple(self._by_subject.get(subject, ())):
                self._remove(target)

    def _remove(self, target: Target) -> None:
        answer = self._answers.pop(target, None)
        if answer is None:
            return
        self._bytes -= answer.size + len(target[0]) + len(target[1]) + OVERHEAD_BYTES
        for subject in answer.subjects:
            held = self._by_subject[subject]
            held.discard(target)
            if not held:
                del self._by_subject[subject]
