"""The application in this process, asked through ASGI, with a screener whose reports and pace the test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from tarazy.console.layout.login import LOGIN, OPEN_PATHS
from tarazy.console.screening.desk import ConsoleServices, service_key
from tarazy.console.screening.router import screening_router
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.web.middleware import Middleware
from tarazy.platform.web.mounting import Mounted
from tarazy.screening.api.app import create_app
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.screener import OnStage
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.watch.watches import Watches

from .examples import report

FIRST, SECOND, EMPTY = (f"0x{number:040x}" for number in (1, 2, 3))
CODES = {FIRST: b"\x60\x01", SECOND: b"\x60\x02"}
FREE = RateLimit(0, 0)
HandIn = Callable[[ScreeningService], Sequence[Mounted]]


class HandScreener:
    """Answers with a report of the test's making, when `gate` is open."""

    def __init__(self) -> None:
        self.asked: list[ScreenRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.made: Callable[[ScreenRequest], Report] = lambda request: report()
        self.on_stage: OnStage = lambda report_id, stage: None

    def start(self, on_stage: OnStage) -> None:
        self.on_stage = on_stage

    async def screen(self, request: ScreenRequest) -> Report:
        self.asked.append(request)
        self.on_stage(request.id, "paths")
        await self.gate.wait()
        made = self.made(request)
        return replace(made, id=request.id, address=request.address, chain_id=request.chain_id)

    async def stop(self) -> None:
        self.gate.set()


class Site:
    """The running application: a client, the service behind it, and the screener."""

    def __init__(self, client: httpx.AsyncClient, app: Any, screener: HandScreener) -> None:
        self.client = client
        self.app = app
        self.screener = screener
        self.service: ScreeningService = app.state.service
        self.middleware: Middleware = app.state.middleware

    async def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON of an answer."""
        return (await self.client.get(path, params=parameters or None)).json()

    async def token(self, *addresses: str, chain: Any = 1) -> Any:
        """Return the envelope of token_security."""
        return await self.get(f"/api/v1/token_security/{chain}", contract_addresses=",".join(addresses))

    def admin(self) -> dict[str, str]:
        """Return the headers of the operator's key."""
        return {"Authorization": (self.service.config.data / "admin.key").read_text().strip()}


def code_folder(folder: Path) -> Path:
    """Return a folder with the codes."""
    folder.mkdir(exist_ok=True)
    for address, code in CODES.items():
        (folder / f"{address}.hex").write_text("0x" + code.hex())
    return folder


@asynccontextmanager
async def running(folder: Path, hand_in: HandIn = lambda service: (), **changes: Any) -> AsyncIterator[Site]:
    """Run an application on a folder."""
    given: dict[str, Any] = {
        "data": folder / "data",
        "code_folders": {1: code_folder(folder / "codes")},
        "anonymous_rate": FREE,
    }
    given["hosts"] = ("service",)
    config = ServiceConfig(**{**given, "screening_workers": 2, "warm": False, **changes})
    screener = HandScreener()
    app = create_app(config, hand_in, screener)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield Site(client, app, screener)


def pages(service: ScreeningService) -> list[Mounted]:
    """Return the pages as `tarazy screening serve` mounts them."""
    watches = Watches(service, service_key(service), 1.0, {})
    router = screening_router(ConsoleServices(service, watches, {}), service.sessions)
    return [Mounted("/screening", router, (watches,), LOGIN, OPEN_PATHS)]


def on_site(folder: Path, test: Callable[[Site], Awaitable[None]], **changes: Any) -> None:
    """Run a test against an application."""

    async def run() -> None:
        async with running(folder, **changes) as site:
            await asyncio.wait_for(test(site), 30)

    asyncio.run(run())
