"""Run the application under granian in this process, until SIGTERM or SIGINT.

The server is decided in docs/decisions/2026-11-22-web-stack.md. One process serves; screenings run in its workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from tarazy.platform.logs import log_to_stderr

# What granian takes for an ASGI application; its own type says no more.
Application = Callable[..., Any]
HEADERS_MS = 10_000
HEADERS_BYTES_MAX = 64 * 1024
BACKLOG = 1_024
REQUESTS_AT_ONCE_MAX = 2_048
STOP_S = 20.0
SWITCH_S = (
    0.000_5  # how long a thread that hands work to a worker waits for the event loop's; Python's own is ten times
)

COLLECT_AT = (50_000, 20, 50)  # new objects, and how often a younger generation is gone through before an older one


class ServeError(Exception):
    """The server cannot start: says what was expected and what was found."""


@dataclass(frozen=True)
class ServeOptions:
    """Where to serve, and with which key. Port 0 takes a free one.

    `ready` is told the address once requests are answered; `websockets` lets clients open them.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    ready: Callable[[str], None] | None = None
    websockets: bool = False


def serve(make_app: Callable[[], Application], options: ServeOptions) -> None:
    """Serve one application until a signal ends it; what is under way is finished first.

    The application is made once its port is known to be free.
    Raises: ServeError, and what making the application raises.
    """
    log_to_stderr()
    logging.getLogger("granian").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH_S)
    port = free_port(options.host, options.port)
    app = make_app()
    rest_collector()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run(app, options, port))


def rest_collector() -> None:
    """Let the collector of cycles pass over what is there at the start, and come seldom: it stops every thread."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AT)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's event loop where it is installed, which serves half as much again, else Python's own."""
    with contextlib.suppress(ImportError):
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        return loop
    return asyncio.new_event_loop()


async def run(app: Application, options: ServeOptions, port: int) -> None:
    """Serve one application in the running loop."""
    server = Server(app, **server_settings(options, port))
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []

    def stop() -> None:
        if not stopping:
            stopping.append(asyncio.create_task(stop_after_goodbye(app, server)))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    serving = asyncio.create_task(server.serve())
    try:
        await tell_when_ready(serving, options, port)
        await serving
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def stop_after_goodbye(app: Application, server: Server) -> None:
    """Let an application that has `say_goodbye` tell its clients, then stop: the server first ends all connections."""
    goodbye = getattr(app, "say_goodbye", None)
    try:
        if goodbye is not None:
            async with asyncio.timeout(STOP_S):
                await goodbye()
    except Exception:
        logging.getLogger(__name__).exception("clients may not know that the server stops")
    finally:
        server.stop()  # type: ignore[no-untyped-call]


def server_settings(options: ServeOptions, port: int) -> dict[str, Any]:
    """Return the settings of granian."""
    return {
        "address": options.host,
        "port": port,
        "interface": Interfaces.ASGI,
        "http": HTTPModes.auto if options.tls_certificate else HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=HEADERS_MS, max_buffer_size=HEADERS_BYTES_MAX),
        "websockets": options.websockets,
        "backlog": BACKLOG,
        "backpressure": REQUESTS_AT_ONCE_MAX,
        "log_enabled": False,
        "ssl_cert": options.tls_certificate,
        "ssl_key": options.tls_key,
    }


async def tell_when_ready(serving: asyncio.Task[None], options: ServeOptions, port: int) -> None:
    """Wait until the port answers, then tell the address."""
    scheme = "https" if options.tls_certificate else "http"
    host = f"[{options.host}]" if ":" in options.host else options.host
    for _ in range(400):
        if serving.done():
            return
        try:
            _, writer = await asyncio.open_connection(options.host, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        break
    if options.ready is not None:
        options.ready(f"{scheme}://{host}:{port}")


def free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0.

    Raises: ServeError where it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = f"{host} port {port}: {os.strerror(error.errno or 0)}"
            raise ServeError(f"expected an address that is free, found {what}; choose another port") from error
        return int(probe.getsockname()[1])
