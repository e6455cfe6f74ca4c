"""The parent's side of one worker: start it, ask it, and say in words why it did not answer."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from tarazy.platform.jobs.frames import read_answer, read_frame, write_frame

START_S_MAX = 60.0
TAIL_BYTES = 2_000
MEMORY_WORDS = ("memory allocation of", "MemoryError", "Cannot allocate memory")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one request may take; beyond it the worker is killed.

    Units: bytes; seconds of wall clock. The screening's own limit (`time_limit_s` of the request) should come first.
    """

    memory_bytes: int = 1024**3
    wall_s: float = 15.0
    answer_bytes_max: int = 32 * 1024**2
    requests_per_worker: int = 2_000
    niceness: int = 0  # how far it stands back where the processor is short, as of nice(2)


@dataclass(frozen=True, slots=True)
class Task:
    """What the workers of a pool do.

    `function` is `module:name`, called with each request; `failure(request, reason, seconds)` makes the answer where a
    worker gave none; `data` are the packages whose dataclasses and enumerations an answer may hold.
    """

    function: str
    failure: Callable[[Any, str, float], Any]
    data: tuple[str, ...] = ()


class WorkerError(Exception):
    """A worker did not answer; `may_retry` where what it did before may be the cause."""

    def __init__(self, reason: str, may_retry: bool = False) -> None:
        super().__init__(reason)
        self.may_retry = may_retry


class Worker:
    """One child process, started again after it ended."""

    def __init__(self, task: Task, limits: WorkerLimits) -> None:
        self.task, self.limits = task, limits
        self.answered = 0
        self.ready = False
        self.stopped = False
        self.process: subprocess.Popen[bytes] | None = None
        self.errors: IO[bytes] | None = None
        self.launch()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the child without waiting until it is ready.

        Raises: WorkerError after `stop`.
        """
        if self.stopped:
            raise WorkerError("the work was given up")
        limits = self.limits
        settings = {"task": self.task.function, "memory_bytes": limits.memory_bytes, "wall_s": limits.wall_s}
        settings["niceness"] = limits.niceness
        command = [sys.executable, "-m", "tarazy.platform.jobs.child", json.dumps(settings)]
        known = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONHASHSEED": "0"}
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self.answered, self.ready = 0, False
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=known
        )
        return self.process

    def ask_patiently(self, request: Any) -> Any:
        """Return the answer; where a used worker ended, ask once more in a new one.

        Raises: WorkerError with the reason in words.
        """
        try:
            return self.ask(request)
        except WorkerError as end:
            if not end.may_retry:
                raise
        return self.ask(request)

    def ask(self, request: Any) -> Any:
        """Return the answer to one request.

        Raises: WorkerError with the reason in words.
        """
        payload = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
        process = self.wait_until_ready()
        used = self.answered > 0
        try:
            write_frame(pipe(process.stdin), payload)
            kind, value = self.read(process, self.limits.wall_s)
        except TimeoutError:
            self.end()
            raise WorkerError(f"the work took more than {self.limits.wall_s:g} s") from None
        except (EOFError, BrokenPipeError):
            raise WorkerError(self.cause_of_end(), may_retry=used) from None
        except (ValueError, pickle.UnpicklingError) as error:
            self.end()
            raise WorkerError(str(error)) from None
        self.answered += 1
        if kind != "done" or self.answered >= self.limits.requests_per_worker:
            self.end()
        if kind == "memory":
            raise WorkerError(self.memory_words(), may_retry=used)
        if kind != "done":
            raise WorkerError(f"the work failed: {value}")
        return value

    def read(self, process: subprocess.Popen[bytes], wait_s: float) -> tuple[str, Any]:
        """Return the child's next answer."""
        payload = read_frame(pipe(process.stdout), time.monotonic() + wait_s, self.limits.answer_bytes_max)
        return read_answer(payload, self.task.data)

    def wait_until_ready(self) -> subprocess.Popen[bytes]:
        """Return the running child.

        Raises: WorkerError where it does not start.
        """
        process = self.process or self.launch()
        if self.ready:
            return process
        try:
            kind, value = self.read(process, START_S_MAX)
        except TimeoutError:
            kind, value = "failed", f"not ready after {START_S_MAX:g} s"
        except EOFError:
            kind, value = "failed", self.cause_of_end()
        if kind != "ready":
            self.end()
            raise WorkerError(f"the worker did not start: {value}")
        self.ready = True
        return process

    def cause_of_end(self) -> str:
        """Clear up after a child that ended by itself, and say why it did."""
        process = self.process
        assert process is not None  # noqa: S101 - it was just spoken to
        assert self.errors is not None  # noqa: S101 - opened with it
        code = process.wait()
        size = self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, size - TAIL_BYTES))
        said = self.errors.read().decode(errors="replace").strip()
        self.end()
        if any(word in said for word in MEMORY_WORDS):
            return self.memory_words()
        last = f": {said.splitlines()[-1][:200]}" if said else ""
        if code < 0:
            return f"the worker was ended by {signal.Signals(-code).name}{last}"
        return f"the worker ended by itself with code {code}{last}"

    def memory_words(self) -> str:
        """Say that the memory was used up."""
        return f"the work used more than {self.limits.memory_bytes / 1024**3:g} GiB"

    def stop(self) -> None:
        """Kill the child for good; called from another thread than the one that asks."""
        self.stopped = True
        process = self.process
        if process is not None:
            process.kill()

    def end(self) -> None:
        """Kill the child where it runs, and forget it."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for file in (process.stdin, process.stdout, self.errors):
            if file is not None:
                file.close()


def pipe(file: IO[bytes] | None) -> int:
    """Return the descriptor of a pipe."""
    assert file is not None  # noqa: S101 - opened as a pipe
    return file.fileno()
