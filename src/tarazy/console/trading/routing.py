"""The routes of the traders' section: every page knows its visitor, and who must log in first is led there.

A page is `(desk, visit, PageRequest) -> Page | Redirect | Download | Response`. A plain function runs in a thread,
behind the last command that the account was told about; one that is `async` runs on the event loop.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from tarazy.console.layout.forms import COOKIE as FORM_COOKIE
from tarazy.console.layout.forms import Form, FormError, FormGuard
from tarazy.console.layout.language_choice import keep_language
from tarazy.console.layout.login import own_form, own_path, set_cookie
from tarazy.console.layout.page_layout import (
    HEADERS,
    ConsoleSection,
    Page,
    PageAnswer,
    PageError,
    PageLayout,
    PageRequest,
    Redirect,
    asset_response,
    wants_json,
)
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.messages import LANGUAGES, MADE_BY_MACHINE
from tarazy.console.trading.visit import COOKIE, Visit, visit_of
from tarazy.facility.accounts.logins.passkeys import Place
from tarazy.oversight.requests.errors import DialectError
from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.bodies import BodyError

LOG = logging.getLogger("tarazy.console")
ANYBODY, PERSON, STAFF = "anybody", "person", "staff"
SETTING_UP = frozenset({"second_factor", "set_second_factor", "passkey_options", "passkey_add", "log_out"})
PAGE_WEIGHT = 1
Answer = Callable[[Request], Awaitable[Response]]
NOBODY = Visit("en", "unknown", "unknown", Place("", ""))


@dataclass(frozen=True, slots=True)
class NewSession:
    """Set the cookie of a session, or take it away where the token is empty, and look at another page."""

    token: str
    then: Redirect | str


Answered = PageAnswer | Response | NewSession
TradingPage = Callable[[TradingDesk, Visit, PageRequest], Any]  # Answered, or an awaitable of it


@dataclass(frozen=True, slots=True)
class TradingRoute:
    """One page: its name, its address, the function that makes it, and for whom it is."""

    name: str
    path: str
    function: TradingPage
    method: str = "GET"
    who: str = PERSON
    has_twin: bool = True


class TradingRoutes:
    """Answers for the pages of the section."""

    def __init__(self, section: ConsoleSection, desk: TradingDesk) -> None:
        self.section, self.desk = section, desk
        self.layout, self.guard = PageLayout(section), FormGuard()

    def router(self, routes: tuple[TradingRoute, ...]) -> APIRouter:
        """Return the pages, each with its JSON twin, and the static files."""
        router = APIRouter(include_in_schema=False, default_response_class=Response)
        name = self.section.name
        for route in routes:
            answer = self.answer_of(route)
            if route.has_twin and route.method == "GET":
                twin = "/index.json" if route.path == "/" else f"{route.path}.json"
                router.add_api_route(twin, answer, methods=["GET"], name=f"{name}:{route.name}.json")
            router.add_api_route(route.path, answer, methods=[route.method], name=f"{name}:{route.name}")
        router.add_api_route("/static/{file:path}", self.static, methods=["GET"], name=f"{name}:asset")
        return router

    async def static(self, request: Request) -> Response:
        """Answer with a static file."""
        try:
            return asset_response(request.path_params["file"])
        except PageError as error:
            return Response(str(error), error.status, HEADERS)

    def answer_of(self, route: TradingRoute) -> Answer:
        """Return what answers a route."""

        async def answer(request: Request) -> Response:
            request.scope["page"] = route.name
            request.scope["page_is_home"] = route.path == "/"
            cookie = self.guard.cookie(request.cookies.get(FORM_COOKIE))
            visit = NOBODY
            try:
                visit = visit_of(self.desk, request)
                limits = self.desk.gateway.limits
                limits.enter(visit.address, PAGE_WEIGHT)
                limits.use(visit.address, PAGE_WEIGHT)
                led = self.led_elsewhere(request, route, visit)
                if led is not None:
                    return led
                response = await self.made(request, route, visit, self.guard.token(cookie))
            except (PageError, FormError, RefusedError, BodyError, DialectError) as error:
                response = self.fault(request, visit, as_page_error(error), self.guard.token(cookie))
            except Exception:
                LOG.exception("page %s failed", route.name)
                words = visit.words
                text = words("This page has a defect; the log of the server says which. Nothing was changed.")
                response = self.fault(request, visit, PageError(500, words("The page failed"), text), "")
            if request.cookies.get(FORM_COOKIE) != cookie:
                set_cookie(request, response, FORM_COOKIE, cookie)
            keep_language(request, response)
            return response

        return answer

    def led_elsewhere(self, request: Request, route: TradingRoute, visit: Visit) -> Response | None:
        """Return where somebody goes first who must log in, or set the second factor up; None who may pass.

        Raises: PageError for the operator's pages where the person has no role there.
        """
        if route.who == ANYBODY:
            return None
        words, user = visit.words, visit.user
        if user is None:
            if wants_json(request) or route.method != "GET":
                raise PageError(401, words("Log in"), words("Your session is over. Log in again."))
            back = quote(request.url.path)
            return RedirectResponse(f"{request.app.url_path_for('trading:login')}?next={back}", 303, HEADERS)
        if not user.has_second_factor and route.name not in SETTING_UP:
            return RedirectResponse(str(request.app.url_path_for("trading:second_factor")), 303, HEADERS)
        if route.who == STAFF and not user.is_staff:
            raise PageError(403, words("Not allowed"), words("This page is the operator's."))
        return None

    async def made(self, request: Request, route: TradingRoute, visit: Visit, form_token: str) -> Response:
        """Return the response of a page's function."""
        form = await own_form(request, self.guard) if route.method == "POST" else Form()
        asked = PageRequest(request.path_params, request.query_params, form, visit.network)
        if inspect.iscoroutinefunction(route.function):
            answer = await route.function(self.desk, visit, asked)
        else:
            gateway = self.desk.gateway
            answer = await gateway.read(visit.account_id, partial(route.function, self.desk, visit, asked))
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, NewSession):
            return self.with_session(request, answer)
        if isinstance(answer, Page):
            answer = replace(answer, view={**answer.view, **self.frame(request, visit)})
        return await self.desk.gateway.ask(partial(self.layout.respond, request, answer, form_token))

    def with_session(self, request: Request, answer: NewSession) -> Response:
        """Return a redirection that sets or takes away the cookie of a session."""
        if isinstance(answer.then, Redirect):
            response = self.layout.redirect(request, answer.then)
        else:
            home = str(request.app.url_path_for("trading:home"))
            response = RedirectResponse(own_path(answer.then) or home, 303, HEADERS)
        if answer.token:
            set_cookie(request, response, COOKIE, answer.token)
        else:
            response.delete_cookie(COOKIE, path="/")
        return response

    def frame(self, request: Request, visit: Visit) -> dict[str, Any]:
        """Return what the frame of every page shows."""
        user = visit.user
        return {
            "_": visit.words,
            "visit": visit,
            "language": visit.language,
            "languages": LANGUAGES,
            "is_made_by_machine": visit.language in MADE_BY_MACHINE,
            "facility": self.desk.facility,
            "accounts": self.desk.account_ids(user) if user is not None else [],
            "address": request.url.path,
        }

    def fault(self, request: Request, visit: Visit, error: PageError, form_token: str) -> Response:
        """Return the page of an error."""
        data = {"error": {"status": error.status, "title": error.title, "text": error.text}}
        page = Page("fault.html", error.title, data, self.frame(request, visit), status=error.status)
        return self.layout.respond(request, page, form_token)


def as_page_error(error: PageError | FormError | RefusedError | BodyError | DialectError) -> PageError:
    """Return an error as a page shows it."""
    if isinstance(error, PageError):
        return error
    if isinstance(error, RefusedError):
        return PageError(error.reason.status, "Not done", str(error))
    if isinstance(error, DialectError):
        return PageError(error.status, "Not done", error.message)
    if isinstance(error, BodyError):
        return PageError(error.status_code, "The form was not taken", error.detail)
    return PageError(error.status, "The form was not taken", str(error))


def json_answer(plain: Any, status: int = 200) -> Response:
    """Return plain data as JSON."""
    return Response(json.dumps(plain, ensure_ascii=False), status, HEADERS, "application/json")
