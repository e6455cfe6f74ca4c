"""A room's pages, their addresses and their JSON twins, as one router to mount under the room's prefix."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tarazy.console.layout.forms import COOKIE, Form, FormError, FormGuard, read_form
from tarazy.console.layout.login import add_login, set_cookie
from tarazy.console.layout.shell import Asked, PageError, PageFunction, Room, Shell, asset_response
from tarazy.platform.access.sessions import Sessions
from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.bodies import BodyError

LOG = logging.getLogger("tarazy.console")


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its name, its address and the function that makes it; forms are sent to those with POST."""

    name: str
    path: str
    function: PageFunction
    method: str = "GET"
    has_twin: bool = True


# Raises RefusedError where this request's caller may not have this page.
Allow = Callable[[Request, Route], None]


def room_router(
    room: Room,
    routes: Sequence[Route],
    services: object,
    faults: tuple[type[Exception], ...] = (),
    allow: Allow = lambda request, route: None,
    sessions: Sessions | None = None,
) -> APIRouter:
    """Return the pages of a room.

    `faults` are the errors of its services that a page shows as they are; `sessions` give it a login.
    """
    shell, guard = Shell(room), FormGuard()
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    if sessions is not None:
        add_login(router, room, shell, guard, sessions)
    for route in routes:
        answer = endpoint(route, shell, guard, services, faults, allow)
        if route.has_twin:  # first, because {id} would take the ending for a part of the id
            twin = "/index.json" if route.path == "/" else f"{route.path}.json"
            router.add_api_route(twin, answer, methods=[route.method], name=f"{room.name}:{route.name}.json")
        router.add_api_route(route.path, answer, methods=[route.method], name=f"{room.name}:{route.name}")
    router.add_api_route("/static/{file:path}", static_file(shell), methods=["GET"], name=f"{room.name}:asset")
    router.add_api_route("/{rest:path}", nothing_here(shell), methods=["GET"], name=f"{room.name}:nothing")
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(
    route: Route, shell: Shell, guard: FormGuard, services: object, faults: tuple[type[Exception], ...], allow: Allow
) -> Endpoint:
    """Return what answers a route: the form is read and checked, the page made in a thread, faults shown as pages."""

    shown: tuple[type[Exception], ...] = (PageError, FormError, RefusedError, BodyError, *faults)

    async def answer(request: Request) -> Response:
        cookie = guard.cookie(request.cookies.get(COOKIE))
        request.scope["page"] = route.name
        request.scope["page_is_home"] = route.path == "/"
        try:
            allow(request, route)
            form = await read_form(request, guard) if route.method == "POST" else Form()
            asked = Asked(request.path_params, request.query_params, form)
            made = await run_in_threadpool(route.function, services, asked)
            response = await run_in_threadpool(shell.respond, request, made, guard.token(cookie))
        except shown as error:
            response = shell.fault(request, as_fault(error))
        except Exception:
            LOG.exception("page %s failed", route.name)
            text = "This page has a defect; the log of the server says which. Nothing was changed."
            response = shell.fault(request, PageError(500, "The page failed", text))
        if request.cookies.get(COOKIE) != cookie:
            set_cookie(request, response, COOKIE, cookie)
        return response

    return answer


def as_fault(error: Exception) -> PageError:
    """Return an error as a page shows it; errors of a room's services may have a `status`."""
    if isinstance(error, PageError):
        return error
    if isinstance(error, RefusedError):
        return PageError(error.reason.status, "Not allowed", str(error))
    if isinstance(error, BodyError):
        return PageError(error.status_code, "The form was not taken", error.detail)
    title = "The form was not taken" if isinstance(error, FormError) else "Not done"
    return PageError(getattr(error, "status", 422), title, str(error))


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
