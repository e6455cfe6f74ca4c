"""Who screens: worker processes behind one small protocol, so that tests and other machines can put theirs in."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import WorkerLimits
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.service.work import SCREEN_TASK, STAGE_BYTES_MAX, ScreenWork

OnStage = Callable[[str, str], None]  # report id, stage


class Screener(Protocol):
    """Screens requests apart from the event loop. Its report may be all unknown, but there is always one."""

    def start(self, on_stage: OnStage) -> None:
        """Begin; `on_stage` is called on the event loop."""

    async def screen(self, request: ScreenRequest) -> Report:
        """Return the report of one request."""

    async def stop(self) -> None:
        """End the workers."""


class PoolScreener:
    """Screens in worker processes with limits on time and memory."""

    def __init__(self, workers: int, limits: WorkerLimits) -> None:
        self._workers = workers
        self._limits = limits
        self._pool: WorkerPool | None = None
        self._stages: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path = ""

    def start(self, on_stage: OnStage) -> None:
        """Start the processes, which load ahead of the first request, and listen to their stages."""
        self._pool = WorkerPool(SCREEN_TASK, self._workers, self._limits)
        self._folder = tempfile.TemporaryDirectory(prefix="tarazy-stages-")
        self._path = str(Path(self._folder.name) / "stages")
        self._stages = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._stages.setblocking(False)
        self._stages.bind(self._path)
        os.chmod(self._path, 0o600)
        asyncio.get_running_loop().add_reader(self._stages, self._read, on_stage)

    async def screen(self, request: ScreenRequest) -> Report:
        """Return the report of one request."""
        assert self._pool is not None  # noqa: S101 - start comes first
        report: Report = await asyncio.wrap_future(self._pool.submit(ScreenWork(request, self._path)))
        return report

    async def stop(self) -> None:
        """End the workers; nobody waits for them any more."""
        if self._stages is not None:
            asyncio.get_running_loop().remove_reader(self._stages)
            self._stages.close()
        if self._pool is not None:
            await asyncio.to_thread(self._pool.abandon)
        if self._folder is not None:
            self._folder.cleanup()

    def _read(self, on_stage: OnStage) -> None:
        assert self._stages is not None  # noqa: S101 - start comes first
        try:
            message: Any = self._stages.recv(STAGE_BYTES_MAX)
        except OSError:
            return
        report_id, _, stage = message.decode("utf-8", "replace").partition(" ")
        if stage.isprintable():
            on_stage(report_id, stage)
