"""The login of a section's pages: an API key for a session, whose cookie no script and no other site gets."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import ClientDisconnect

from tarazy.console.layout.forms import BODY_BYTES_MAX, Form, FormError, FormGuard, read_form
from tarazy.console.layout.forms import COOKIE as FORM_COOKIE
from tarazy.console.layout.page_layout import HEADERS, ConsoleSection, Page, PageError, PageLayout
from tarazy.platform.access.sessions import COOKIE, SessionBook
from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.bodies import BodyError
from tarazy.platform.web.middleware import network

LOGIN = "/login"
FORM_S = 60.0  # where no middleware in front bounds it before
OPEN_PATHS = (LOGIN, f"{LOGIN}.json", "/static")


LOGIN_BYTES_MAX = 16 * 1024


def add_login(
    router: APIRouter, section: ConsoleSection, layout: PageLayout, guard: FormGuard, sessions: SessionBook
) -> None:
    """Add the routes of login and logout to a section's router."""

    def page(request: Request, refusal: RefusedError | None = None) -> Response:
        data = {"wrong": str(refusal) if refusal else "", "next": own_path(request.query_params.get("next", ""))}
        status = refusal.reason.status if refusal else 200
        cookie = guard.cookie(request.cookies.get(FORM_COOKIE))
        response = layout.respond(request, Page("login.html", "Log in", data, status=status), guard.token(cookie))
        set_cookie(request, response, FORM_COOKIE, cookie)
        if refusal is not None and refusal.retry_after_s:
            response.headers["retry-after"] = str(refusal.retry_after_s)
        return response

    async def show(request: Request) -> Response:
        return page(request)

    async def log_in(request: Request) -> Response:
        try:
            form = await own_form(request, guard, LOGIN_BYTES_MAX)
            client = request.client.host if request.client else ""
            token = sessions.begin(form.text("key"), network(client))
            sessions.end(request.cookies.get(COOKIE, ""))  # what this browser had before
        except RefusedError as refusal:
            return page(request, refusal)
        except (FormError, BodyError) as error:
            return layout.fault(request, as_fault(error))
        home = str(request.app.url_path_for(f"{section.name}:{section.home}"))
        response = RedirectResponse(own_path(form.text("next")) or home, 303, HEADERS)
        set_cookie(request, response, COOKIE, token)
        return response

    async def log_out(request: Request) -> Response:
        try:
            await own_form(request, guard, LOGIN_BYTES_MAX)
        except (FormError, BodyError) as error:
            return layout.fault(request, as_fault(error))
        sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(str(request.app.url_path_for(f"{section.name}:{section.home}")), 303, HEADERS)
        response.delete_cookie(COOKIE, path="/")
        return response

    for path, answer, method, name in (
        (f"{LOGIN}.json", show, "GET", "login.json"),
        (LOGIN, show, "GET", "login"),
        (LOGIN, log_in, "POST", "log_in"),
        ("/logout", log_out, "POST", "log_out"),
    ):
        router.add_api_route(path, answer, methods=[method], name=f"{section.name}:{name}")


async def own_form(request: Request, guard: FormGuard, most: int = BODY_BYTES_MAX) -> Form:
    """Return the form of at most `most` bytes that was sent from our own page.

    Raises: FormError, BodyError.
    """
    headers = request.headers
    try:
        async with asyncio.timeout(FORM_S):
            kind, declared = headers.get("content-type", ""), headers.get("content-length")
            form = await read_form(request.stream(), kind, declared, most)
    except TimeoutError:
        raise FormError(408, f"expected the whole form within {FORM_S:g} s, found a part: send it again") from None
    except ClientDisconnect:
        raise FormError(400, "expected a whole form, found one that broke off: send it again") from None
    guard.check(form, request.cookies.get(FORM_COOKIE), request.headers)
    return form


def as_fault(error: FormError | BodyError) -> PageError:
    """Return a form that was not taken as a page shows it."""
    status, text = (error.status, str(error)) if isinstance(error, FormError) else (error.status_code, error.detail)
    return PageError(status, "The form was not taken", text)


def own_path(text: str) -> str:
    """Return a path of this service, nothing for what leads elsewhere."""
    parts = urlsplit(text)
    inside = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isascii() and text.isprintable()
    return text if inside and not parts.scheme and not parts.netloc and "\\" not in text else ""


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that no script reads and that no other site's request carries."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure, path="/")
