"""Pages and parts that are handed in are served beside the service's own routes and run as long as it does."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter

from tarazy.platform.web.mounting import Mounted
from tarazy.screening.service.service import ScreeningService

from .application import running


class Part:
    """Notes when it starts and stops, and whether the service still works then."""

    def __init__(self, service: ScreeningService) -> None:
        self.service = service
        self.notes: list[tuple[str, int]] = []

    async def start(self) -> None:
        self.notes.append(("start", self.service.store.counts()[0]))

    async def stop(self) -> None:
        self.notes.append(("stop", self.service.store.counts()[0]))


def test_what_is_handed_in_is_served_and_stops_before_the_service(tmp_path: Path) -> None:
    parts: list[Part] = []

    def hand_in(service: ScreeningService) -> list[Mounted]:
        router = APIRouter()
        router.add_api_route("/hello", lambda: {"software": service.software}, methods=["GET"])
        parts.append(Part(service))
        return [Mounted("/desk", router, (parts[0],))]

    async def run() -> None:
        async with running(tmp_path, hand_in) as site:
            assert (await site.get("/desk/hello"))["software"] == site.service.software
            assert [name for name, _ in parts[0].notes] == ["start"]

    asyncio.run(run())
    assert parts[0].notes == [("start", 0), ("stop", 0)]
