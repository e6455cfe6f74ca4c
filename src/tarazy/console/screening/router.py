"""The screening room: its pages, their addresses and their JSON twins, as one router to mount under /screening."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tarazy.console.layout.forms import COOKIE, Form, FormError, FormGuard, parse_form, read_body
from tarazy.console.layout.shell import Asked, Link, PageError, PageFunction, Room, Shell, asset_response
from tarazy.console.screening.pages import batch, checks, criteria, job, report, safe_token, screen, token, watch
from tarazy.console.screening.services import ScreeningServices, ServiceError

LOG = logging.getLogger("tarazy.console")
ROOM = Room(
    "screening",
    "Screening",
    "screen",
    (
        Link("Screen", "screen", ("screen_submit", "job", "report", "code", "token")),
        Link("Batch", "batch", ("batch_submit", "batch_rows")),
        Link("Watch", "watch", ("follow", "unfollow")),
        Link("Safe token", "safe_token", ("create_token", "lock_token")),
        Link("Checks", "checks", ("check",)),
        Link("Criteria", "criteria"),
    ),
    Path(__file__).parent / "templates",
)


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its name, its address and the function that makes it; forms are sent to those with POST."""

    name: str
    path: str
    function: PageFunction
    method: str = "GET"
    has_twin: bool = True


ROUTES = (
    Route("screen", "/", screen.show),
    Route("screen_submit", "/", screen.submit, "POST"),
    Route("job", "/job/{job_id}", job.show),
    Route("report", "/report/{report_id}", report.show),
    Route("code", "/report/{report_id}/code", report.show_code),
    Route("dossier", "/report/{report_id}/dossier", report.dossier, has_twin=False),
    Route("signed", "/report/{report_id}/signed", report.signed, has_twin=False),
    Route("batch", "/batch", batch.show),
    Route("batch_submit", "/batch", batch.submit, "POST"),
    Route("batch_rows", "/batch/{batch_id}", batch.show_rows),
    Route("batch_lines", "/batch/{batch_id}/lines", batch.lines, has_twin=False),
    Route("token", "/token/{chain_id}/{address}", token.show),
    Route("watch", "/watch", watch.show),
    Route("follow", "/watch", watch.follow, "POST"),
    Route("unfollow", "/watch/leave", watch.unfollow, "POST"),
    Route("safe_token", "/safe-token", safe_token.show),
    Route("create_token", "/safe-token", safe_token.create, "POST"),
    Route("lock_token", "/safe-token/lock", safe_token.lock, "POST"),
    Route("checks", "/checks", checks.show),
    Route("check", "/checks/{name}", checks.show_one),
    Route("criteria", "/criteria", criteria.show),
)


def screening_router(services: ScreeningServices) -> APIRouter:
    """Return the pages of the screening room; mount it with the prefix /screening."""
    shell, guard = Shell(ROOM), FormGuard()
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    for route in ROUTES:
        answer = endpoint(route, shell, guard, services)
        if route.has_twin:  # first, because {id} would take the ending for a part of the id
            twin = "/index.json" if route.path == "/" else f"{route.path}.json"
            router.add_api_route(twin, answer, methods=[route.method], name=f"{ROOM.name}:{route.name}.json")
        router.add_api_route(route.path, answer, methods=[route.method], name=f"{ROOM.name}:{route.name}")
    router.add_api_route("/static/{file:path}", static_file(shell), methods=["GET"], name=f"{ROOM.name}:asset")
    router.add_api_route("/{rest:path}", nothing_here(shell), methods=["GET"], name=f"{ROOM.name}:nothing")
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(route: Route, shell: Shell, guard: FormGuard, services: ScreeningServices) -> Endpoint:
    """Return what answers a route: the form is read and checked, the page made in a thread, faults shown as pages."""

    async def answer(request: Request) -> Response:
        cookie = guard.cookie(request.cookies.get(COOKIE))
        request.scope["page"] = route.name
        request.scope["page_is_home"] = route.path == "/"
        try:
            form = await read_form(request, guard) if route.method == "POST" else Form()
            asked = Asked(request.path_params, request.query_params, form)
            made = await run_in_threadpool(route.function, services, asked)
            response = await run_in_threadpool(shell.respond, request, made, guard.token(cookie))
        except (PageError, FormError, ServiceError) as error:
            response = shell.fault(request, as_fault(error))
        except Exception:
            LOG.exception("page %s failed", route.name)
            text = "This page has a defect; the log of the server says which. Nothing was changed."
            response = shell.fault(request, PageError(500, "The page failed", text))
        if request.cookies.get(COOKIE) != cookie:
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure, path="/")
        return response

    return answer


def as_fault(error: PageError | FormError | ServiceError) -> PageError:
    """Return an error as a page shows it."""
    if isinstance(error, PageError):
        return error
    title = "The form was not taken" if isinstance(error, FormError) else "Not done"
    return PageError(error.status, title, str(error))


async def read_form(request: Request, guard: FormGuard) -> Form:
    """Return the form that was sent from our own page.

    Raises: FormError.
    """
    body = await read_body(request.stream(), request.headers.get("content-length"))
    form = await run_in_threadpool(parse_form, body, request.headers.get("content-type", ""))
    guard.check(form, request.cookies.get(COOKIE), request.headers)
    return form


def static_file(shell: Shell) -> Endpoint:
    """Return what answers for static files."""

    async def answer(request: Request) -> Response:
        try:
            return asset_response(request.path_params["file"])
        except PageError as error:
            return shell.fault(request, error)

    return answer


def nothing_here(shell: Shell) -> Endpoint:
    """Return what answers for addresses of no page."""

    async def answer(request: Request) -> Response:
        text = "The address may be mistyped, or the page was moved."
        return shell.fault(request, PageError(404, "No such page", text))

    return answer
