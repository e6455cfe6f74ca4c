"""What a worker process does for the service: screen a request, and tell how far it is.

The stages are sent as datagrams to a socket of the service. They inform people and nothing rests on them: one that is
lost or false changes no answer.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tarazy.platform.jobs.process import Task
from tarazy.screening.isolated import DATA
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.service.decoding import decode_call
from tarazy.screening.service.playing import play
from tarazy.screening.unanswered import unanswered

STAGE_BYTES_MAX = 200


@dataclass(frozen=True, slots=True)
class ScreenWork:
    """One request, and the socket to which its stages are told; "" for none."""

    request: ScreenRequest
    stages_to: str = ""


@dataclass(frozen=True, slots=True)
class DecodeWork:
    """A call to decode, and the code of the contract that is called, where known."""

    data: bytes
    code: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A worker gave no answer, and why."""

    reason: str


def quick_work(work: Any) -> Any:
    """Do what takes milliseconds."""
    return decode_call(work.data, work.code or None) if isinstance(work, DecodeWork) else play(work)


def no_answer(work: Any, reason: str, seconds: float = 0.0) -> NoAnswer:
    """Return that a worker gave no answer."""
    return NoAnswer(reason)


def screen_work(work: ScreenWork) -> Report:
    """Screen in this process."""
    from tarazy.screening.screen import screen

    with stage_teller(work) as tell:
        return screen(work.request, tell)


def unanswered_work(work: Any, reason: str, seconds: float = 0.0) -> Report:
    """Return the report of a request whose worker gave no answer."""
    return unanswered(work.request, reason, seconds)


QUICK_TASK = Task("tarazy.screening.service.work:quick_work", no_answer, DATA)
SCREEN_TASK = Task("tarazy.screening.service.work:screen_work", unanswered_work, DATA)


@contextlib.contextmanager
def stage_teller(work: ScreenWork) -> Iterator[Callable[[str], None] | None]:
    """Give a function that tells a stage of this work, None where nobody listens."""
    if not work.stages_to:
        yield None
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.setblocking(False)

        def tell(stage: str) -> None:
            with contextlib.suppress(OSError):
                out.sendto(f"{work.request.id} {stage}".encode()[:STAGE_BYTES_MAX], work.stages_to)

        yield tell
