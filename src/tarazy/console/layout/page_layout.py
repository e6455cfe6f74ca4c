"""The layout that all pages share: sections and their links, templates, JSON twins, security headers, static files.

Layout: a page is a function `(services, PageRequest) -> Page | Redirect | Download`; `PageLayout.respond` turns what it
returns into HTML, or into the same data as JSON where the address ends in `.json` or the reader accepts no HTML.
Invariants: no page loads anything from another host and none runs a script or a style that is not a file of ours (the
content security policy says so to the browser); every value that a template prints was escaped and sanitised.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tarazy.console.layout import charts, words
from tarazy.console.layout.forms import Form
from tarazy.console.layout.language_choice import language_asked
from tarazy.console.layout.memo import PageMemo
from tarazy.console.layout.messages import ENGLISH, MADE_BY_MACHINE, NAMES, counter_of, translator_of
from tarazy.console.layout.sanitising import finalize
from tarazy.platform.sanitising import cut

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Accept-Language, Cookie",
}
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


LanguageTools = Callable[[str], Mapping[str, Callable[..., str]]]


def tools_in_english(language: str) -> Mapping[str, Callable[..., str]]:
    """Return what templates say texts with, where a section has no catalogues."""
    return {"_": translator_of({}), "_n": counter_of({}, ENGLISH)}


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a section's navigation; `names` are the pages under which it is lit."""

    title: str
    page: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleSection:
    """A part of the product with pages of its own: screening, later the operator's and the regulator's desk."""

    name: str
    title: str
    home: str
    links: tuple[Link, ...]
    templates: Path  # folder of its templates; they extend those of the layout
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)  # of its templates, beside those of all
    globals: Mapping[str, Any] = field(default_factory=dict)
    home_words: str = "To the first page"
    foot: str = ""  # what stands below every page
    tools: LanguageTools = tools_in_english  # what its templates say texts with, by language


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a page was asked: the parts of its address, the query, the form where one was sent, by whom and from where.

    `address` is that of the connection: behind a proxy that of the proxy.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=Form)
    caller: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Look at another page next, by its name and the parts of its address."""

    page: str
    parts: Mapping[str, str] = field(default_factory=dict)
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the template, its title, and plain data, which is the JSON twin.

    `view` is what only the template needs: pictures, lines of code. `refresh_s` reloads where no script runs;
    `leads_to` takes whoever reads the page on, while the twin stays. `made_of` is the state from which a page is made
    that is the same for every reader but for the token of its form: at one address it is rendered once for each state.
    `is_translated` where all that it says stands in the section's catalogues.
    """

    template: str
    title: str
    data: Mapping[str, Any]
    view: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    refresh_s: int | None = None
    leads_to: Redirect | None = None
    made_of: Hashable = None
    is_translated: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """A file: text or bytes in pieces, its media type and the name under which it is saved."""

    pieces: Iterable[str | bytes]
    media_type: str
    name: str


class Fields(dict[str, str]):
    """What a form was filled with, or what was wrong with it, by field; nothing for any other field."""

    def __missing__(self, key: str) -> str:
        return ""


class ServiceError(Exception):
    """A service refuses or cannot: what was expected, what was found, what to do; `status` is the HTTP status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class PageError(Exception):
    """A page cannot be shown: what was expected, what was found, what to do."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(f"{title}: {text}")
        self.status, self.title, self.text = status, title, text


PageAnswer = Page | Redirect | Download
PageFunction = Callable[[Any, PageRequest], PageAnswer]


class PageLayout:
    """Renders the pages of one section."""

    def __init__(self, section: ConsoleSection) -> None:
        self.section = section
        self.templates = environment(section)
        self._memo = PageMemo()
        self._token_place = secrets.token_hex(32)  # stands for the token in a page that is kept; nobody can guess it

    def respond(self, request: Request, answer: PageAnswer, form_token: str = "") -> Response:
        """Return the response to a page, a redirection or a download."""
        if isinstance(answer, Redirect):
            return self.redirect(request, answer)
        if isinstance(answer, Download):
            disposition = {"Content-Disposition": f'attachment; filename="{answer.name}"'}
            return StreamingResponse(iter(answer.pieces), media_type=answer.media_type, headers=HEADERS | disposition)
        if wants_json(request):
            text = self._kept(request, answer, lambda: json.dumps(answer.data, ensure_ascii=False, indent=1))
            return Response(text, answer.status, HEADERS, "application/json")
        if answer.leads_to is not None:
            return self.redirect(request, answer.leads_to)
        if answer.made_of is None:
            return HTMLResponse(self.html(request, answer, form_token), answer.status, HEADERS)
        text = self._kept(request, answer, lambda: self.html(request, answer, self._token_place))
        return HTMLResponse(text.replace(self._token_place, form_token), answer.status, HEADERS)

    def _kept(self, request: Request, page: Page, make: Callable[[], str]) -> str:
        """Return the text of a page, as it was made for the same state before where every reader gets the same."""
        if page.made_of is None or request.url.query or request.scope.get("tarazy_person"):
            return make()  # who is logged in sees a name and a form of its own
        language = language_asked(request) if page.is_translated else ENGLISH
        name = (request.url.path, wants_json(request), theme_of(request), language)
        text: str = self._memo.get(name, page.made_of, make)
        return text

    def redirect(self, request: Request, to: Redirect) -> Response:
        """Return a redirection; a reader of JSON gets the address of the twin."""
        name = f"{to.page}.json" if wants_json(request) else to.page
        path = request.app.url_path_for(f"{self.section.name}:{name}", **to.parts)
        return RedirectResponse(f"{path}{'#' + to.anchor if to.anchor else ''}", 303, HEADERS)

    def html(self, request: Request, page: Page, form_token: str) -> str:
        """Return the page as HTML."""

        def path(name: str, /, **parts: Any) -> str:
            parts = {key: str(value) for key, value in parts.items()}
            return str(request.app.url_path_for(f"{self.section.name}:{name}", **parts))

        language = language_asked(request) if page.is_translated else ENGLISH
        return self.templates.get_template(page.template).render(
            {**self.section.tools(language), **self.choice(request, page, language), **page.data, **page.view},
            page=page,
            section=self.section,
            here=request.scope.get("page", ""),
            path=path,
            asset=lambda name: f"{path('asset', file=name)}?v={asset_version(name)}",
            twin=twin_address(request),
            theme=theme_of(request),
            form_token=form_token,
            person=request.scope.get("tarazy_person", ""),
        )

    def choice(self, request: Request, page: Page, language: str) -> dict[str, Any]:
        """Return the languages in which a page can be read, each with its address; none where it has but one."""
        names = NAMES if page.is_translated else {}
        addresses = {code: request.url.include_query_params(language=code) for code in names}
        return {
            "language": language,
            "languages": {code: (names[code], f"{url.path}?{url.query}") for code, url in addresses.items()},
            "is_made_by_machine": language in MADE_BY_MACHINE,
        }

    def fault(self, request: Request, error: PageError, form_token: str = "") -> Response:
        """Return the page of an error."""
        data = {"error": {"status": error.status, "title": error.title, "text": error.text}}
        return self.respond(request, Page("error.html", error.title, data, status=error.status), form_token)


THEMES = ("light", "dark")


def theme_of(request: Request) -> str:
    """Return the theme that a reader chose, nothing where none of ours."""
    theme = request.cookies.get("tarazy_theme", "")
    return theme if theme in THEMES else ""


def wants_json(request: Request) -> bool:
    """Say whether the reader asks for the twin: by the address, or by accepting JSON and no HTML."""
    accepted = request.headers.get("accept", "")
    if request.query_params.get("format") == "json":
        return True
    return request.url.path.endswith(".json") or ("application/json" in accepted and "text/html" not in accepted)


def twin_address(request: Request) -> str:
    """Return the address of a page's JSON twin, with the same query."""
    path = request.url.path
    twin = f"{path.rstrip('/')}/index.json" if request.scope.get("page_is_home") else f"{path}.json"
    return f"{twin}?{request.url.query}" if request.url.query else twin


def environment(section: ConsoleSection) -> Environment:
    """Return the templates of a section and of the layout: everything is escaped, nothing may be undefined or None."""
    made = Environment(
        loader=FileSystemLoader([section.templates, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({**words.FILTERS, **section.filters, "cut": cut})
    made.globals.update({**section.globals, **charts.GLOBALS, **section.tools(ENGLISH)})
    return made


@cache
def asset_bytes(name: str) -> bytes | None:
    """Return a static file, or None where there is none of that name."""
    return assets()[name].read_bytes() if name in assets() else None


@cache
def assets() -> Mapping[str, Path]:
    """Return the static files by name; nothing else is ever served."""
    folder = HERE / "static"
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.suffix in MEDIA}


@cache
def asset_version(name: str) -> str:
    """Return a short hash of a static file, which changes its address when it changes."""
    return hashlib.sha256(asset_bytes(name) or b"").hexdigest()[:12]


def asset_response(name: str) -> Response:
    """Return a static file; its address carries its hash, so that it may be kept for ever.

    Raises: PageError where there is none of that name.
    """
    content = asset_bytes(name)
    if content is None:
        raise PageError(404, "No such file", f"There is no file {name!r} among the console's own files.")
    kept = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    return Response(content, 200, kept, MEDIA[Path(name).suffix])
