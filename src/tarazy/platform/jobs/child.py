"""The child's side: one process that limits itself, says that it is ready, and answers one request at a time.

It speaks first: `("ready", None)`. To each request it answers `("done", result)`, `("failed", text)` or
`("memory", "")`. What the task prints goes to standard error, which is a file of bounded size.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import resource
import sys
from collections.abc import Callable
from typing import Any

from tarazy.platform.jobs.frames import read_frame, write_frame

FILE_BYTES_MAX = 16 * 1024**2
PROCESSOR_SPARE_S = 5


def main(text: str) -> None:
    """Serve requests until the parent closes its end."""
    settings = json.loads(text)
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    os.nice(settings["niceness"])
    resource.setrlimit(resource.RLIMIT_AS, (settings["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        task = load(settings["task"])
    except Exception as error:
        write_frame(answers, pickle.dumps(("failed", f"{type(error).__name__}: {error}")))
        return
    write_frame(answers, pickle.dumps(("ready", None)))
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            payload = read_frame(requests)
            limit_processor_time(settings["wall_s"])
            write_frame(answers, answer(task, payload))


def load(task: str) -> Callable[[Any], Any]:
    """Return the function of `module:name`."""
    module, _, name = task.partition(":")
    loaded: Callable[[Any], Any] = getattr(importlib.import_module(module), name)
    return loaded


def limit_processor_time(seconds: float) -> None:
    """Let the kernel end this process where the work goes on after the parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + PROCESSOR_SPARE_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def answer(task: Callable[[Any], Any], payload: bytes) -> bytes:
    """Do one request; an exception is an answer, and so is the end of the memory."""
    try:
        return pickle.dumps(("done", task(pickle.loads(payload))), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", ""))
    except Exception as error:
        return pickle.dumps(("failed", f"{type(error).__name__}: {str(error)[:300]}"))


if __name__ == "__main__":
    main(sys.argv[1])
