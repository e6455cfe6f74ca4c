"""Long-running parts of a process: started in order, stopped in reverse; a failed start leaves nothing running."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol


class RunningPart(Protocol):
    """What runs as long as its process serves. Both calls are made on the event loop."""

    async def start(self) -> None:
        """Begin to work. Raises where it cannot: then the process does not start."""

    async def stop(self) -> None:
        """End what runs and close what is open."""


@asynccontextmanager
async def running(parts: Sequence[RunningPart]) -> AsyncIterator[None]:
    """Start parts, give way, and stop those that were started, the last first.

    A part that fails to stop keeps no other from being stopped; its error is raised in the end.
    """
    async with AsyncExitStack() as started:
        for part in parts:
            await part.start()
            started.push_async_callback(part.stop)
        yield
