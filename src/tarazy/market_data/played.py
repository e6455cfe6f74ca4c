"""What every flow of order flow offers, and the loop that plays one.

    flow = BitstampFlow(path)
    flow.writer.start(desk, next_seq)
    for batch in flow.batches():
        flow.observe(apply(batch.commands))
    report = flow.report()

A flow is told the events of each batch before it is asked for the next: from them it learns what the venue did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tarazy.domain.records import RECORD_SIZE
from tarazy.market_data.acting import Desk
from tarazy.market_data.commands import CommandBatch, CommandWriter

Progress = Callable[[int, int], None]


class FlowReport(Protocol):
    """What came of playing a flow."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""


class Flow(Protocol):
    """A market as batches of commands for a venue that knows its officers and nothing else."""

    writer: CommandWriter

    def batches(self) -> Iterator[CommandBatch]:
        """Yield the commands with the entries of their instructions; the first ones set the venue up."""

    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch."""

    def progress(self) -> tuple[int, int]:
        """Return how much is done of how much, in the flow's own unit."""

    def report(self) -> FlowReport:
        """Return what came of it."""


def play(flow: Flow, apply: Callable[[bytes], bytes], progress: Progress | None = None) -> FlowReport:
    """Play a flow to its end on an engine alone, which checks no signature; return the flow's report.

    `apply` takes commands and returns the events of a venue that is empty.
    """
    desk = Desk.of_names()
    genesis = desk.genesis()
    apply(genesis)
    flow.writer.start(desk, len(genesis) // RECORD_SIZE + 1)
    for batch in flow.batches():
        flow.observe(apply(batch.commands))
        if progress:
            progress(*flow.progress())
    return flow.report()
