"""Routes that another package hands in: pages of the console, put together by the verb that serves them.

A room that serves never imports the pages about it. The verb makes them from what the room offers, and hands them in.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from tarazy.platform.jobs.parts import RunningPart


@dataclass(frozen=True, slots=True)
class Mounted:
    """Routes below a prefix, and the long-running parts that they rest on."""

    prefix: str
    router: APIRouter
    parts: tuple[RunningPart, ...] = ()
    login: str = ""  # page, below the prefix, to which people without a key are led
    open_paths: tuple[str, ...] = ()  # below the prefix: answered without a key, and all that lies under them
