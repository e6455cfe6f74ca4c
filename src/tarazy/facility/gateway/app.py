"""The ASGI application: the middleware in front, endpoints found in one look, and routes that others hand in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from tarazy.domain.records import AdvanceTime
from tarazy.facility.gateway.answering import answered
from tarazy.facility.gateway.direct import rest
from tarazy.facility.gateway.endpoint import Body, Endpoint
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Header
from tarazy.facility.gateway.native import catalogue
from tarazy.facility.gateway.routes import (
    account,
    general,
    market_data,
    order_lists,
    orders,
    replacements,
    sub_accounts,
    tickers,
)
from tarazy.facility.gateway.services_not_here import advice_on, service_not_here
from tarazy.facility.sequencer.errors import SequencerError
from tarazy.oversight.requests.errors import TOO_MANY_PARAMETERS, TOO_MANY_REQUESTS, UNKNOWN_OUTCOME, DialectError
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.jobs.parts import RunningPart, running
from tarazy.platform.jobs.schedules import Schedule, Schedules
from tarazy.platform.refusals import FOREIGN_SITE, NOT_READY, RATE_LIMIT, RefusedError
from tarazy.platform.web.access_log import FLUSH_S
from tarazy.platform.web.answers import ReadyAnswers
from tarazy.platform.web.bodies import Receive, Scope
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.middleware import Middleware, MiddlewareOptions, Send
from tarazy.platform.web.mounting import Mounted
from tarazy.platform.web.responding import refusal_plain

LOG = logging.getLogger("tarazy.gateway")
API = ("/api/", "/v1/", "/sapi/")
ROUTES = (general, market_data, tickers, orders, replacements, account, order_lists, sub_accounts, catalogue)
BODY_BYTES_MAX = 16 * 1024
BODY_S, REQUEST_S = 5.0, 20.0
REFRESH_S, TICK_S, SWEEP_S = 1.0, 1.0, 3_600.0
NO_RATE = RateLimit(0, 0)  # requests are counted by weight, in the endpoints
UNKNOWN = -1000
PATH_SHOWN = 200
WHAT_LIVES_HERE = {
    "service": "Tarazy gateway",
    "rest": "/api/v3",
    "streams": ["/ws", "/stream"],
    "socket": "/ws-api/v3",
    "native": "/v1",
}

Endpoints = Mapping[tuple[str, str], Endpoint]


@dataclass(frozen=True)
class GatewayOptions:
    """How a gateway serves.

    `hosts`: names by which it is asked, beside numbers and localhost; `log`: None for none; `home`: the page to which
    a browser is led that asks for the root.
    """

    hosts: tuple[str, ...] = ()
    log: Path | None = None
    home: str = ""


class GatewayApp(FastAPI):
    """FastAPI with middleware in front of everything, and the endpoints before its routes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let HTTP through the middleware, but for plain orders; the rest goes on as it is."""
        if scope["type"] == "http":
            is_order = scope["path"] == rest.PATH and scope["method"] == rest.METHOD
            if is_order and await self.state.rest_orders.answer(scope, send):
                return
            await self.state.middleware(scope, receive, send, self.route)
        else:
            await super().__call__(scope, receive, send)

    async def say_goodbye(self) -> None:
        """Tell clients of parts that have connections that the server stops."""
        for part in self.state.parts:
            if hasattr(part, "say_goodbye"):
                await part.say_goodbye()

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an endpoint, or with a route that was handed in."""
        method, path = scope["method"], scope["path"]
        endpoint = self.state.endpoints.get((method, path))
        if endpoint is not None:
            await answer(self.state.gateway, endpoint, scope, receive, send)
        elif path in self.state.methods:
            await self.other_method(scope, receive, send)
        elif path.startswith(API) and not self.state.mounted_api:
            await send_plain(send, 404, no_such_endpoint(path), [])
        else:
            await super().__call__(scope, receive, send)

    async def other_method(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a method that a path has no endpoint for: HEAD as GET without its body, OPTIONS with what there is."""
        method, methods = scope["method"], self.state.methods[scope["path"]]
        allow = [(b"allow", ", ".join(methods).encode())]
        if method == "HEAD" and "HEAD" in methods:
            endpoint = self.state.endpoints["GET", scope["path"]]
            await answer(self.state.gateway, endpoint, scope, receive, without_body(send))
        elif method == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": allow})
            await send({"type": "http.response.body", "body": b""})
        else:
            plain = {"code": UNKNOWN, "msg": f"Method {method[:20]} is not allowed here.", "allow": list(methods)}
            await send_plain(send, 405, plain, allow)


async def answer(gateway: Gateway, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of the dialect; whatever goes wrong is an error of the dialect."""
    address = (scope.get("client") or ("unknown", 0))[0]
    status = 200
    headers: list[Header] = []
    try:
        body = await read_body(scope, receive)
        key_id = next((value for name, value in scope["headers"] if name == b"x-mbx-apikey"), b"")
        query: bytes = scope["query_string"]
        target = (scope["method"], scope["path"])
        plain, headers = await answered(gateway, endpoint, query, body, key_id.decode("latin-1"), address, target)
    except DialectError as error:
        status, plain, headers = error.status, error.plain(), gateway.limits.use(address, 0)
        scope["tarazy_reason"] = str(error.code)
        if error.retry_after_s is not None:
            headers.append((b"retry-after", str(error.retry_after_s).encode()))
    except Exception as error:
        if hasattr(error, "status_code"):  # of the middleware, about the body
            raise
        LOG.exception("%s %s", scope["method"], scope["path"])
        status, plain = 500, {"code": UNKNOWN, "msg": "An unknown error occurred while processing the request."}
    await send_plain(send, status, plain, headers)


def without_body(send: Send) -> Send:
    """Return a way to send the head of an answer alone."""

    async def send_head(message: Any) -> None:
        is_body = message["type"] == "http.response.body"
        await send({**message, "body": b""} if is_body else message)

    return send_head


def methods_of(endpoints: Endpoints) -> dict[str, tuple[str, ...]]:
    """Return the methods that each path answers."""
    found: dict[str, set[str]] = {}
    for method, path in endpoints:
        found.setdefault(path, {"OPTIONS"}).update((method, "HEAD") if method == "GET" else (method,))
    return {path: tuple(sorted(methods)) for path, methods in found.items()}


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the body, which the middleware bounds."""
    if scope["method"] in ("GET", "HEAD") or not has_body(scope):
        return b""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def has_body(scope: Scope) -> bool:
    """Say whether a request announces a body (RFC 9112, 6.3); one of no bytes is none."""
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            return True
    return bool(scope.get("http_version", "1.1") >= "2")


async def send_plain(send: Send, status: int, plain: Any, headers: list[Header]) -> None:
    """Send plain data as JSON, or a body as it is."""
    if isinstance(plain, Body):
        body, media, more = plain.content, plain.media_type.encode(), list(plain.headers)
        if plain.file_name:
            more.append((b"content-disposition", f'attachment; filename="{plain.file_name}"'.encode()))
    else:
        body, media, more = encode(plain), b"application/json", []
    length = (b"content-length", str(len(body)).encode())
    start = {"status": status, "headers": [(b"content-type", media), length, *more, *headers]}
    await send({"type": "http.response.start", **start})
    await send({"type": "http.response.body", "body": body})


def no_such_endpoint(path: str) -> dict[str, Any]:
    """Return the error of a path, or of a method, that nobody answers."""
    plain = {"code": UNKNOWN, "msg": "No such endpoint.", "path": path[:PATH_SHOWN]}
    service, advice = service_not_here(path), advice_on(path)
    if advice:
        plain |= {"msg": "This facility does not have this endpoint of the dialect.", "advice": advice}
    if service is not None:
        message = f"This facility has no {service.name}."
        plain |= {"msg": message, "citation": service.citation, "advice": service.advice}
    return plain


async def nobody_there(request: Request, error: Exception) -> Response:
    """Answer where no route does: at the root with what lives here, elsewhere with an error in our form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these
    path, status = request.scope["path"], error.status_code
    if path == "/" and status == 404 and request.method in ("GET", "HEAD"):
        home: str = request.app.state.home
        if home and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(home, 303)
        return JSONResponse(WHAT_LIVES_HERE)
    plain = no_such_endpoint(path) if status in (404, 405) else {"code": UNKNOWN, "msg": str(error.detail)}
    return JSONResponse(plain, status, error.headers)


def said(path: str, refusal: RefusedError, status: int | None) -> tuple[int, Any]:
    """Return a refusal of the middleware in the form of its path."""
    if not path.startswith(API):
        return status or refusal.reason.status, refusal_plain(refusal)
    codes = {RATE_LIMIT: TOO_MANY_REQUESTS, NOT_READY: UNKNOWN_OUTCOME, FOREIGN_SITE: -1002}
    code = codes.get(refusal.reason, TOO_MANY_PARAMETERS)
    status = 504 if refusal.reason is NOT_READY else status or refusal.reason.status
    return status, {"code": code, "msg": str(refusal)}


def create_app(
    gateway: Gateway,
    options: GatewayOptions,
    *,
    endpoints: Endpoints | None = None,
    mounted: Sequence[Mounted] = (),
    parts: Sequence[RunningPart] = (),
) -> GatewayApp:
    """Return the application; its parts start with it and end with it.

    `endpoints` and `parts` are those of others in the facility, `mounted` routes that the command line hands in.
    """
    app = GatewayApp(title="Tarazy gateway", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.add_exception_handler(HTTPException, nobody_there)
    app.state.gateway = gateway
    app.state.home = options.home
    app.state.endpoints = {key: each for module in ROUTES for key, each in module.ENDPOINTS.items()} | dict(
        endpoints or {}
    )
    app.state.methods = methods_of(app.state.endpoints)
    app.state.mounted_api = any(each.prefix.startswith(API) for each in mounted)
    middleware_options = MiddlewareOptions(
        api=API,
        open_paths=frozenset(),
        anonymous_rate=NO_RATE,
        key_rate=NO_RATE,
        body_bytes_max=BODY_BYTES_MAX,
        larger_bodies={key[1]: each.body_bytes_max for key, each in app.state.endpoints.items() if each.body_bytes_max},
        body_s=BODY_S,
        request_s=REQUEST_S,
        hosts=options.hosts,
        log=options.log,
    )
    app.state.middleware = Middleware(middleware_options, None, None, ReadyAnswers(0), said)
    app.state.rest_orders = rest.RestOrders(gateway, app.state.middleware, REQUEST_S)
    for each in mounted:
        app.include_router(each.router, prefix=each.prefix)
    handed_in = [part for each in mounted for part in each.parts]
    app.state.parts = (gateway.models, gateway, *parts, *handed_in, upkeep(app.state.middleware, gateway))
    return app


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the parts with the server and end them with the server."""
    async with running(app.state.parts):
        yield
    app.state.middleware.log.write(app.state.middleware.log.take())


def upkeep(middleware: Middleware, gateway: Gateway) -> Schedules:
    """Return what is done again and again: the log is written, keys are looked at, time passes, old quotes go."""

    async def write_log() -> None:
        text = middleware.log.take()
        if text:
            await asyncio.to_thread(middleware.log.write, text)

    async def look_at_keys() -> None:
        gateway.keys.refresh()
        await gateway.client_keys.follow()

    return Schedules(
        (
            Schedule("access log", FLUSH_S, write_log),
            Schedule("keys", REFRESH_S, look_at_keys),
            Schedule("time", TICK_S, passing_time(gateway)),
            Schedule("quotes", SWEEP_S, gateway.sweep_quotes),
        )
    )


def passing_time(gateway: Gateway) -> Callable[[], Awaitable[None]]:
    """Return what lets time pass in a quiet record, so that what is due (expiries, timers, auctions) happens."""
    seen = 0

    async def tick() -> None:
        nonlocal seen
        released = gateway.sequencer.released_seq
        if released == seen:
            with contextlib.suppress(SequencerError):
                receipt = await asyncio.wrap_future(gateway.sequencer.submit(AdvanceTime().pack(), timeout_s=0))
                released = receipt.first_seq
        seen = released

    return tick
