"""The middleware in front of every route: who asks, how much, how large, how long; and ready answers.

An answer that is at hand costs one look into a table: it is serialised and signed already, and no router sees it.
Everything else goes on to the routes with bounds on the size and time of its body and on its own time. The middleware
knows no wire format: `say` gives status and plain data of a refusal.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import cookie_parser

from tarazy.platform.access.buckets import Buckets, RateLimit
from tarazy.platform.access.keys import DEFAULT_SCOPES, ApiKey, KeyStore
from tarazy.platform.access.sessions import COOKIE, Sessions
from tarazy.platform.access.usage import UsageMeter
from tarazy.platform.refusals import (
    BAD_PARAMETER,
    NOT_READY,
    RATE_LIMIT,
    TOKEN_INVALID,
    TOKEN_UNKNOWN,
    RefusedError,
)
from tarazy.platform.web.access_log import AccessLog
from tarazy.platform.web.answers import ReadyAnswers
from tarazy.platform.web.bodies import BodyError, Bounded, Message, Receive, Scope, Underway
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.sites import Sites
from tarazy.platform.web.streams import Streams

Send = Callable[[Message], Awaitable[None]]
Onward = Callable[[Scope, Receive, Send], Awaitable[None]]
# Gives HTTP status and plain data of a refusal: of a path, with the status that overrules the reason's own.
Sayer = Callable[[str, RefusedError, int | None], tuple[int, Any]]

NO_SCOPES: frozenset[str] = frozenset()
STREAMS = "/events"
UPLOAD_BYTES_MAX = 65 * 1024**2  # of pages, whose forms take files
UPLOAD_S = 50.0
UNDERWAY_OF_CALLER_MAX, UNDERWAY_MAX = 66 * 1024**2, 160 * 1024**2  # bytes of bodies in memory at once
WRONG_KEY_COST = 10  # requests
NETWORKS_KNOWN_MAX = 10_000
# What counts for data; pages and refusals get the rest as well. Each header costs a ready answer half a microsecond.
DATA_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *DATA_HEADERS,
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

REFUSED_FROM = 400  # statuses
SECURITY_NAMES = frozenset(name for name, _ in SECURITY_HEADERS)


@dataclass(frozen=True, slots=True)
class MiddlewareOptions:
    """What the middleware lets through. Units: as the names say.

    `api` are the beginnings of paths whose bodies are bounded as of an API. Where a key is required, every path wants
    one but `open_paths`, and what begins with one of them and a slash: there a caller gets a token, checks a signature
    or logs in. `login` is the page to which people without a key are led. `hosts`: the names by which it is asked.
    """

    api: tuple[str, ...]
    open_paths: frozenset[str]
    anonymous_rate: RateLimit
    key_rate: RateLimit
    body_bytes_max: int
    body_s: float
    request_s: float
    require_key: bool = False
    trust_forwarded: bool = False  # believe X-Forwarded-For: only behind a proxy that sets it
    larger_bodies: Mapping[str, int] = field(default_factory=dict)  # path -> bytes
    log: Path | None = None
    hosts: tuple[str, ...] = ()
    login: str = ""
    underway_of_caller_max: int = UNDERWAY_OF_CALLER_MAX
    underway_max: int = UNDERWAY_MAX


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str  # "key:APPKEY" or the client's address
    scopes: frozenset[str]
    rate: RateLimit

    def need(self, scope: str) -> None:
        """Raise RefusedError unless this caller has a scope."""
        if scope not in self.scopes:
            raise RefusedError(TOKEN_INVALID, f"this needs a key with the scope {scope}")


class Middleware:
    """One for each application; `say` gives a refusal the form of its path.

    Without `keys` and `sessions` callers are known by their addresses alone, and routes ask who they are.
    """

    def __init__(
        self,
        options: MiddlewareOptions,
        keys: KeyStore | None,
        sessions: Sessions | None,
        answers: ReadyAnswers,
        say: Sayer,
        usage: UsageMeter | None = None,
    ) -> None:
        self.options = options
        self.usage = usage
        self.keys = keys
        self.sessions = sessions
        self.answers = answers
        self.say = say
        self.buckets = Buckets()
        self.log = AccessLog(options.log)
        self.streams = Streams()
        self.sites = Sites(options.hosts)
        self.underway = Underway(options.underway_of_caller_max, options.underway_max)
        self.served = 0
        self.served_at_once = 0
        self._anonymous_scopes = NO_SCOPES if options.require_key else DEFAULT_SCOPES
        self._anonymous: dict[str, Caller] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send, onward: Onward) -> None:
        """Answer one HTTP request."""
        started_s = time.monotonic()
        self.served += 1
        path: str = scope["path"]
        caller = self.unknown_caller(scope)
        try:
            self.check_site(scope)
            caller = self.identify(scope, caller)
            answer = None
            if scope["method"] == "GET":
                answer = self.answers.find(path, scope["query_string"], started_s)
            if not caller.scopes and self.wants_key(path):
                if self.is_person(scope):
                    await self.lead_to_login(scope, send)
                    return
                raise RefusedError(TOKEN_UNKNOWN, "this service wants a key in the header Authorization")
            self.charge(caller, answer.cost if answer is not None else 1)
            if answer is not None and "read" in caller.scopes:
                self.served_at_once += 1
                await send(answer.start)
                await send(answer.body)
                taken_s = time.monotonic() - started_s
                self.log.line("GET", path, 200, "", taken_s, caller.name, answer.size)
                self.meter(caller, path, False)
                return
        except RefusedError as refusal:
            await self.refuse(scope, send, refusal, caller, started_s)
            return
        scope["tarazy_caller"] = caller
        await self.pass_on(scope, receive, send, onward, caller, started_s)

    # ------------------------------------------------------------ who

    def unknown_caller(self, scope: Scope) -> Caller:
        """Return the caller by its network address alone."""
        client = scope.get("client")
        address = client[0] if client else "unknown"
        if self.options.trust_forwarded:
            given = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            if given:
                address = given[-1].decode("latin-1").rpartition(",")[2].strip()[:64]
        found = self._anonymous.get(address)
        if found is None:
            if len(self._anonymous) >= 10_000:
                self._anonymous.clear()
            found = Caller(network(address), self._anonymous_scopes, self.options.anonymous_rate)
            self._anonymous[address] = found
        return found

    def check_site(self, scope: Scope) -> None:
        """Raise RefusedError where the request comes by a foreign name or wants something for a foreign page."""
        host = origin = fetch_site = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"sec-fetch-site":
                fetch_site = value
        if host or scope.get("http_version", "1.1") < "2":  # later versions name it elsewhere, under TLS
            self.sites.check_host(host)
        self.sites.check_origin(scope["method"], host, origin, fetch_site)

    def identify(self, scope: Scope, unknown: Caller) -> Caller:
        """Return the caller behind the header `Authorization` or a session, or the unknown one where there is none.

        Raises: RefusedError for a key or token that is not in force; it costs the unknown caller several requests.
        """
        given = cookies = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                given = value
            elif name == b"cookie":
                cookies = value
        if given and self.keys is not None:
            try:
                return self.caller_of(self.keys.authenticate(given.decode("latin-1")))
            except RefusedError:
                self.charge(unknown, WRONG_KEY_COST)
                raise
        if self.sessions is not None and COOKIE.encode() in cookies:
            key = self.sessions.find(cookie_parser(cookies.decode("latin-1")).get(COOKIE, ""))
            if key is not None:
                scope["tarazy_person"] = key.name
                return self.caller_of(key)
        return unknown

    def caller_of(self, key: ApiKey) -> Caller:
        """Return the caller that a key stands for."""
        return Caller(key.caller, key.scopes, key.rate or self.options.key_rate)

    def wants_key(self, path: str) -> bool:
        """Say whether a path is answered to callers with a key only."""
        if not self.options.require_key:
            return False
        return not any(path == each or path.startswith(f"{each}/") for each in self.options.open_paths)

    def is_person(self, scope: Scope) -> bool:
        """Say whether a browser asks for a page, so that a login helps."""
        if not self.options.login or scope["path"].startswith(self.options.api):
            return False
        return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])

    async def lead_to_login(self, scope: Scope, send: Send) -> None:
        """Send a person to the login, which leads back."""
        back = quote(scope["path"]) if scope["method"] == "GET" else ""
        where = f"{self.options.login}?next={back}".encode()
        headers = with_security([(b"location", where), (b"content-length", b"0")])
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def charge(self, caller: Caller, cost: float) -> None:
        """Take from the caller's bucket.

        Raises: RefusedError where too little is left.
        """
        wait_s = self.buckets.take(caller.name, caller.rate, cost, time.monotonic())
        if wait_s:
            raise RefusedError(RATE_LIMIT, f"ask again in {wait_s:.1f} s", max(1, round(wait_s + 0.5)))

    # ------------------------------------------------------------ onward

    async def pass_on(
        self, scope: Scope, receive: Receive, send: Send, onward: Onward, caller: Caller, started_s: float
    ) -> None:
        """Let the routes answer, within bounds."""
        path: str = scope["path"]
        status, size, began = 500, 0, False

        async def guarded_send(message: Message) -> None:
            nonlocal status, size, began
            if message["type"] == "http.response.start":
                status, began = message["status"], True
                message["headers"] = with_security(message.get("headers", ()))
            else:
                size += len(message.get("body", b""))
            await send(message)

        is_api = path.startswith(self.options.api)
        own_max = self.options.larger_bodies.get(path, self.options.body_bytes_max)
        bytes_max = own_max if is_api else UPLOAD_BYTES_MAX
        body_s = self.options.body_s if is_api else max(self.options.body_s, UPLOAD_S)
        bounded = scope["tarazy_body"] = Bounded(scope, receive, bytes_max, body_s, self.underway, caller.name)
        limit_s = None if path.endswith(STREAMS) else self.options.request_s
        refusal: RefusedError | None = None
        try:
            async with asyncio.timeout(limit_s):
                await onward(scope, bounded.receive, guarded_send)
        except TimeoutError:
            refusal, status = RefusedError(NOT_READY, "this took too long"), 503
        except BodyError as error:
            refusal, status = refusal_of(error), error.status_code
        finally:
            bounded.close()
        if refusal is not None and not began:
            await self.refuse(scope, send, refusal, caller, started_s, status)
            return
        reason = scope.get("tarazy_reason", "")
        self.meter(caller, path, bool(reason) or status >= REFUSED_FROM)
        self.log.line(scope["method"], path, status, reason, time.monotonic() - started_s, caller.name, size)

    def meter(self, caller: Caller, path: str, refused: bool) -> None:
        """Count one request, where this server meters."""
        if self.usage is not None:
            self.usage.count(caller.name, path, refused)

    async def refuse(
        self,
        scope: Scope,
        send: Send,
        refusal: RefusedError,
        caller: Caller,
        started_s: float,
        status: int | None = None,
    ) -> None:
        """Send a refusal in the form of the path."""
        path: str = scope["path"]
        self.meter(caller, path, True)
        status, plain = self.say(path, refusal, status)
        body = encode(plain)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if refusal.retry_after_s is not None:
            headers.append((b"retry-after", str(refusal.retry_after_s).encode()))
        with contextlib.suppress(ConnectionError):
            await send({"type": "http.response.start", "status": status, "headers": with_security(headers)})
            await send({"type": "http.response.body", "body": body})
        taken_s = time.monotonic() - started_s
        self.log.line(scope["method"], path, status, refusal.reason.name, taken_s, caller.name, len(body))


def refusal_of(error: BodyError) -> RefusedError:
    """Return why a body was not taken."""
    retry_after = (error.headers or {}).get("retry-after")
    return RefusedError(RATE_LIMIT if retry_after else BAD_PARAMETER, error.detail, int(retry_after or 0) or None)


def with_security(headers: Any) -> list[tuple[bytes, bytes]]:
    """Return headers with those for security that the route did not set itself."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    if names.isdisjoint(SECURITY_NAMES):
        return [*given, *SECURITY_HEADERS]
    return given + [(name, value) for name, value in SECURITY_HEADERS if name not in names]


@lru_cache(NETWORKS_KNOWN_MAX)
def network(address: str) -> str:
    """Return how limits name a client: an IPv4 address, or the /64 network of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))
