"""The ASGI application: the middleware in front, the routes behind it, one service for both.

Pages of a console are mounted where they are handed in; this package knows nothing of pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tarazy.platform.access.keys import SCOPES
from tarazy.platform.access.usage import FLUSH_S as USAGE_S
from tarazy.platform.jobs.parts import running
from tarazy.platform.jobs.schedules import Schedule, Schedules
from tarazy.platform.refusals import BAD_PARAMETER, SERVER_ERROR, RefusedError
from tarazy.platform.web.access_log import FLUSH_S
from tarazy.platform.web.bodies import BodyError, Receive, Scope
from tarazy.platform.web.middleware import Middleware, MiddlewareOptions, Send, refusal_of
from tarazy.platform.web.mounting import Mounted
from tarazy.platform.web.responding import answer_json, refusal_plain
from tarazy.screening.api.goplus import contract_routes as goplus_contracts
from tarazy.screening.api.goplus import locker_routes as goplus_lockers
from tarazy.screening.api.goplus import transaction_routes as goplus_transactions
from tarazy.screening.api.goplus import unsupported_routes as goplus_unsupported
from tarazy.screening.api.goplus import wallet_routes as goplus_wallets
from tarazy.screening.api.goplus.envelope import code_of, envelope
from tarazy.screening.api.native import operator_routes, screening_routes, transaction_routes, wallet_routes
from tarazy.screening.holder.desk import HolderDesk
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.screener import Screener
from tarazy.screening.service.service import ScreeningService

LOG = logging.getLogger("tarazy.screening")
GOPLUS = ("/api/", "/open/", "/pis/")
API = (*GOPLUS, "/v1/")
OPEN = frozenset({"/api/v1/token", "/v1/screening/key", "/v1/screening/health"})
REFRESH_S = 1.0
ROUTES = (
    goplus_contracts,
    goplus_wallets,
    goplus_lockers,
    goplus_transactions,
    goplus_unsupported,
    screening_routes,
    transaction_routes,
    wallet_routes,
    operator_routes,
)
DESCRIPTION = """Token security screening whose answers can be explained.

Paths under `/api` and `/open` keep the format of GoPlus: status 200, `{code, message, result}`, values as text, and no
key for what is unknown. Paths under `/v1/screening` are the native API: jobs, reports with evidence, signatures.
Every answer is signed (Ed25519); `/v1/screening/key` says how. Keys go into the header `Authorization`: an access token
of `/api/v1/token`, or `app_key.app_secret`.
"""


class ScreeningApp(FastAPI):
    """FastAPI with a middleware in front of everything."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let HTTP through the middleware; the rest goes on as it is."""
        if scope["type"] == "http":
            await self.state.middleware(scope, receive, send, self.route)
        else:
            await super().__call__(scope, receive, send)

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the routes; the few that are asked most are found without a router."""
        direct = goplus_transactions.DIRECT.get((scope["method"], scope["path"]))
        if direct is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        request = Request(scope, receive, send)
        try:
            response = await direct(request)
        except Exception as error:
            response = answer_error(request, error)
        await response(scope, receive, send)


def create_app(
    config: ServiceConfig,
    hand_in: Callable[[ScreeningService], Sequence[Mounted]] = lambda service: (),
    screener: Screener | None = None,
) -> FastAPI:
    """Return the application; its workers start with it and end with it.

    `hand_in` is given the service and returns the pages to mount beside its own routes.
    Raises: KeyFileError, ListError, ValueError where files of the configuration cannot be used.
    """
    service = ScreeningService(config, screener)
    app = ScreeningApp(
        title="Tarazy screening",
        version=service.software.removeprefix("tarazy "),
        description=DESCRIPTION,
        openapi_url="/v1/screening/openapi.json",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    app.state.signer = service.signer
    app.state.holders = HolderDesk(service)
    for module in ROUTES:
        app.include_router(module.router)
    mounted = hand_in(service)
    options = middleware_options(config, mounted)
    app.state.middleware = Middleware(
        options, service.keys, service.sessions, service.answers, said_by_the_middleware, service.usage
    )
    for each in mounted:
        app.include_router(each.router, prefix=each.prefix)
    app.state.parts = (
        service,
        *(part for each in mounted for part in each.parts),
        upkeep(app.state.middleware, service),
    )
    add_error_handlers(app)
    return app


def middleware_options(config: ServiceConfig, mounted: Sequence[Mounted] = ()) -> MiddlewareOptions:
    """Return what the middleware lets through."""
    opened = {each.prefix + path for each in mounted for path in each.open_paths}
    return MiddlewareOptions(
        api=API,
        open_paths=OPEN | opened,
        login=next((each.prefix + each.login for each in mounted if each.login), ""),
        hosts=config.hosts,
        anonymous_rate=config.anonymous_rate,
        key_rate=config.key_rate,
        body_bytes_max=config.body_bytes_max,
        body_s=config.body_s,
        request_s=config.request_s,
        require_key=config.require_key,
        trust_forwarded=config.trust_forwarded,
        log=config.data / "access.jsonl" if config.log_requests else None,
    )


def said(path: str, refusal: RefusedError, status: int | None) -> tuple[int, Any]:
    """Return status and data of a refusal in the form of its path.

    GoPlus' clients expect an envelope with status 200; a path or method that is none has HTTP's own status everywhere.
    """
    if path.startswith(GOPLUS) and status is None:
        return 200, envelope(code_of(refusal.reason), None, refusal.detail)
    return status or refusal.reason.status, refusal_plain(refusal)


def said_by_the_middleware(path: str, refusal: RefusedError, status: int | None) -> tuple[int, Any]:
    """Return a refusal of the middleware, which has looked at the request and not yet at its path."""
    return said(path, refusal, None if path.startswith(GOPLUS) else status)


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the parts with the server and end them with the server."""
    first_admin_key(app.state.service)
    async with running(app.state.parts):
        yield
    app.state.middleware.log.write(app.state.middleware.log.take())


def upkeep(middleware: Middleware, service: ScreeningService) -> Schedules:
    """Return what is done again and again: the access log is written, and keys are looked at that others changed."""

    async def write_log() -> None:
        text = middleware.log.take()
        if text:
            await asyncio.to_thread(middleware.log.write, text)

    async def look_at_keys() -> None:
        service.keys.refresh()

    async def write_usage() -> None:
        await asyncio.to_thread(service.usage.write, service.usage.take())

    return Schedules(
        (
            Schedule("access log", FLUSH_S, write_log),
            Schedule("keys", REFRESH_S, look_at_keys),
            Schedule("usage", USAGE_S, write_usage),
        )
    )


def first_admin_key(service: ScreeningService) -> None:
    """Make the first key, of the operator, at the first start; it lies in a file of mode 0600."""
    path = service.config.data / "admin.key"
    if path.exists() or service.keys.list():
        return
    key, secret = service.keys.create("operator", SCOPES, by="first start")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{key.app_key}.{secret}\n")


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error in the form of its path."""

    async def answered(request: Request, error: Exception) -> Response:
        return answer_error(request, error)

    for kind in (RefusedError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answered)


def answer_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that a route did not answer."""
    if isinstance(error, RefusedError):
        return answer_refusal(request, error)
    if isinstance(error, RequestValidationError):
        return answer_refusal(request, RefusedError(BAD_PARAMETER, validation_words(error)))
    if isinstance(error, BodyError):
        status = None if request.url.path.startswith(GOPLUS) else error.status_code
        return answer_refusal(request, refusal_of(error), status)
    if isinstance(error, HTTPException):
        refusal = RefusedError(BAD_PARAMETER, f"{request.method} {request.url.path[:100]}: {error.detail}")
        return answer_refusal(request, refusal, error.status_code)
    LOG.error("%s %s failed", request.method, request.url.path[:200], exc_info=error)
    return answer_refusal(request, RefusedError(SERVER_ERROR))


def answer_refusal(request: Request, refusal: RefusedError, status: int | None = None) -> Response:
    """Return a refusal in the form of its path."""
    request.scope["tarazy_reason"] = refusal.reason.name
    status, plain = said(request.url.path, refusal, status)
    response = answer_json(request, plain, status)
    if refusal.retry_after_s is not None:
        response.headers["retry-after"] = str(refusal.retry_after_s)
    return response


def validation_words(error: RequestValidationError) -> str:
    """Return what was not as expected, without repeating what was sent."""
    told = [f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors()[:5]]
    return "; ".join(told)[:500]
