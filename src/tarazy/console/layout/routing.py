"""The pages of a section as one router: addresses, JSON twins, forms, faults, static files.

A section is put together by the verb that serves it, from its pages and from what the room behind it offers; the room
is given the router and imports no page.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tarazy.console.layout.forms import BODY_BYTES_MAX, COOKIE, Form, FormError, FormGuard
from tarazy.console.layout.language_choice import keep_language
from tarazy.console.layout.login import add_login, own_form, set_cookie
from tarazy.console.layout.page_layout import (
    ConsoleSection,
    PageError,
    PageFunction,
    PageLayout,
    PageRequest,
    ServiceError,
    asset_response,
)
from tarazy.platform.access.sessions import SessionBook
from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.bodies import BodyError

LOG = logging.getLogger("tarazy.console")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its name, its address and the function that makes it; forms are sent to those with POST."""

    name: str
    path: str
    function: PageFunction
    method: str = "GET"
    has_twin: bool = True
    form_bytes_max: int = BODY_BYTES_MAX


# Raises RefusedError where this request's caller may not have this page.
Allow = Callable[[Request, Route], None]


def section_router(
    section: ConsoleSection,
    routes: Sequence[Route],
    services: Any,
    allow: Allow = lambda request, route: None,
    sessions: SessionBook | None = None,
    form_key: bytes | None = None,
) -> APIRouter:
    """Return the pages of a section; every page function is given `services`; `sessions` give it a login.

    With a `form_key` that lasts, a form that was filled in before a restart is taken after it.
    """
    layout, guard = PageLayout(section), FormGuard(form_key)
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    if sessions is not None:
        add_login(router, section, layout, guard, sessions)
    for route in routes:
        answer = endpoint(route, layout, guard, services, allow)
        if route.has_twin:  # first, because {id} would take the ending for a part of the id
            twin = "/index.json" if route.path == "/" else f"{route.path}.json"
            router.add_api_route(twin, answer, methods=[route.method], name=f"{section.name}:{route.name}.json")
        router.add_api_route(route.path, answer, methods=[route.method], name=f"{section.name}:{route.name}")
    router.add_api_route("/static/{file:path}", static_file(layout), methods=["GET"], name=f"{section.name}:asset")
    router.add_api_route("/{rest:path}", nothing_here(layout), methods=["GET"], name=f"{section.name}:nothing")
    return router


def endpoint(route: Route, layout: PageLayout, guard: FormGuard, services: Any, allow: Allow) -> Endpoint:
    """Return what answers a route: the form is read and checked, the page made in a thread, faults shown as pages."""

    async def answer(request: Request) -> Response:
        cookie = guard.cookie(request.cookies.get(COOKIE))
        request.scope["page"] = route.name
        request.scope["page_is_home"] = route.path == "/"
        try:
            allow(request, route)
            form = await own_form(request, guard, route.form_bytes_max) if route.method == "POST" else Form()
            caller = request.scope.get("tarazy_caller")  # none where no middleware stands in front
            address = request.client.host if request.client else ""
            name = caller.name if caller else ""
            asked = PageRequest(request.path_params, request.query_params, form, name, address)
            made = await run_in_threadpool(route.function, services, asked)
            response = await run_in_threadpool(layout.respond, request, made, guard.token(cookie))
        except (PageError, FormError, ServiceError, RefusedError, BodyError) as error:
            response = layout.fault(request, as_fault(error))
        except Exception:
            LOG.exception("page %s failed", route.name)
            text = "This page has a defect; the log of the server says which. Nothing was changed."
            response = layout.fault(request, PageError(500, "The page failed", text))
        if request.cookies.get(COOKIE) != cookie:
            set_cookie(request, response, COOKIE, cookie)
        keep_language(request, response)
        return response

    return answer


def as_fault(error: PageError | FormError | ServiceError | RefusedError | BodyError) -> PageError:
    """Return an error as a page shows it."""
    if isinstance(error, PageError):
        return error
    if isinstance(error, RefusedError):
        return PageError(error.reason.status, "Not allowed", str(error))
    if isinstance(error, BodyError):
        return PageError(error.status_code, "The form was not taken", error.detail)
    title = "The form was not taken" if isinstance(error, FormError) else "Not done"
    return PageError(error.status, title, str(error))


def static_file(layout: PageLayout) -> Endpoint:
    """Return what answers for static files."""

    async def answer(request: Request) -> Response:
        try:
            return asset_response(request.path_params["file"])
        except PageError as error:
            return layout.fault(request, error)

    return answer


def nothing_here(layout: PageLayout) -> Endpoint:
    """Return what answers for addresses of no page."""

    async def answer(request: Request) -> Response:
        text = "The address may be mistyped, or the page was moved."
        return layout.fault(request, PageError(404, "No such page", text))

    return answer
