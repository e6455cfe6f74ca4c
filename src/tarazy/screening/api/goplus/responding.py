"""How routes of the GoPlus format answer: a signed envelope, and a place among the answers that are ready."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from fastapi import Request, Response

from tarazy.platform.web.answers import ReadyAnswer
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.middleware import DATA_HEADERS
from tarazy.platform.web.responding import signed_headers
from tarazy.screening.api.goplus.envelope import GoplusCode, envelope
from tarazy.screening.api.state import service_of
from tarazy.screening.service.entries import Place, ReportEntry


def answer_envelope(
    request: Request,
    code: GoplusCode,
    result: Any = None,
    detail: str = "",
    about: Iterable[tuple[Place, ReportEntry]] = (),
    cost: int = 1,
) -> Response:
    """Return a signed envelope; where it rests on fresh reports alone it is kept ready for the next who asks."""
    body = encode(envelope(code, result, detail))
    headers = signed_headers(request, body)
    request.scope["tarazy_reason"] = "" if code is GoplusCode.OK else code.name.lower()
    entries = list(about)
    if code is GoplusCode.OK and entries and request.method == "GET" and all(entry.is_fresh() for _, entry in entries):
        keep_ready(request, body, headers, entries, cost)
    response = Response(body)
    response.raw_headers = headers
    return response


def keep_ready(
    request: Request,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    entries: list[tuple[Place, ReportEntry]],
    cost: int,
) -> None:
    """Put an answer where the middleware finds it."""
    until_s = min(min(entry.until_s, entry.ahead_s) for _, entry in entries)
    if until_s <= time.monotonic():
        return  # it is to be screened again: the next question must come through
    ready = ReadyAnswer(
        start={"type": "http.response.start", "status": 200, "headers": [*headers, *DATA_HEADERS]},
        body={"type": "http.response.body", "body": body},
        size=len(body),
        fresh_until_s=until_s,
        cost=cost,
        subjects=tuple(subject for subject, _ in entries),
    )
    service_of(request).answers.put(request.scope["path"], request.scope["query_string"], ready)
