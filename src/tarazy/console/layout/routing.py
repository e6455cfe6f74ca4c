"""A room's pages, their addresses and their JSON twins, as one router to mount under the room's prefix."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tarazy.console.layout.forms import COOKIE, Form, FormError, FormGuard, parse_form, read_body
from tarazy.console.layout.shell import Asked, PageError, PageFunction, Room, Shell, asset_response

LOG = logging.getLogger("tarazy.console")


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its name, its address and the function that makes it; forms are sent to those with POST."""

    name: str
    path: str
    function: PageFunction
    method: str = "GET"
    has_twin: bool = True


def room_router(
    room: Room, routes: Sequence[Route], services: object, faults: tuple[type[Exception], ...] = ()
) -> APIRouter:
    """Return the pages of a room; `faults` are the errors of its services that a page shows as they are."""
    shell, guard = Shell(room), FormGuard()
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    for route in routes:
        answer = endpoint(route, shell, guard, services, faults)
        if route.has_twin:  # first, because {id} would take the ending for a part of the id
            twin = "/index.json" if route.path == "/" else f"{route.path}.json"
            router.add_api_route(twin, answer, methods=[route.method], name=f"{room.name}:{route.name}.json")
        router.add_api_route(route.path, answer, methods=[route.method], name=f"{room.name}:{route.name}")
    router.add_api_route("/static/{file:path}", static_file(shell), methods=["GET"], name=f"{room.name}:asset")
    router.add_api_route("/{rest:path}", nothing_here(shell), methods=["GET"], name=f"{room.name}:nothing")
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(
    route: Route, shell: Shell, guard: FormGuard, services: object, faults: tuple[type[Exception], ...]
) -> Endpoint:
    """Return what answers a route: the form is read and checked, the page made in a thread, faults shown as pages."""

    shown: tuple[type[Exception], ...] = (PageError, FormError, *faults)

    async def answer(request: Request) -> Response:
        cookie = guard.cookie(request.cookies.get(COOKIE))
        request.scope["page"] = route.name
        request.scope["page_is_home"] = route.path == "/"
        try:
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
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure, path="/")
        return response

    return answer


def as_fault(error: Exception) -> PageError:
    """Return an error as a page shows it; errors of a room's services may have a `status`."""
    if isinstance(error, PageError):
        return error
    title = "The form was not taken" if isinstance(error, FormError) else "Not done"
    return PageError(getattr(error, "status", 422), title, str(error))


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
