"""What every flow of order flow offers, and the loop that plays one.

    flow = BitstampFlow(path)
    for batch in flow.batches():
        flow.observe(apply(batch))
    report = flow.report()

A flow is told the events of each batch before it is asked for the next: from them it learns what the venue did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

Progress = Callable[[int, int], None]


class Report(Protocol):
    """What came of playing a flow."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""


class Flow(Protocol):
    """A market as batches of commands for an empty venue."""

    def batches(self) -> Iterator[bytes]:
        """Yield the commands, n * 96 bytes each time; the first ones set the venue up."""

    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch."""

    def progress(self) -> tuple[int, int]:
        """Return how much is done of how much, in the flow's own unit."""

    def report(self) -> Report:
        """Return what came of it."""


def play(flow: Flow, apply: Callable[[bytes], bytes], progress: Progress | None = None) -> Report:
    """Play a flow to its end: `apply` takes commands and returns the venue's events; return the flow's report."""
    for batch in flow.batches():
        flow.observe(apply(batch))
        if progress:
            progress(*flow.progress())
    return flow.report()
