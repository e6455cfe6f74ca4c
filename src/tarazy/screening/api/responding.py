"""How routes answer: bytes, the signature over them, and a place among the answers that are ready."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from fastapi import Request, Response

from tarazy.platform.web.answers import Answer, Subject
from tarazy.platform.web.gate import DATA_HEADERS, Bounded, Caller, Gate
from tarazy.screening.api.goplus.envelope import Code, RefusedError, encode, envelope
from tarazy.screening.service.entries import Entry
from tarazy.screening.service.service import ScreeningService, now_text

JSON = b"application/json"
SIGNATURE, SIGNED_AT, KEY_ID = "tarazy-signature", "tarazy-signed-at", "tarazy-key-id"


def gate_of(request: Request) -> Gate:
    """Return the gate of the application."""
    gate: Gate = request.app.state.gate
    return gate


def service_of(request: Request) -> ScreeningService:
    """Return the service of the application."""
    return gate_of(request).service


def caller_of(request: Request) -> Caller:
    """Return who asks."""
    caller: Caller = request.scope["tarazy_caller"]
    return caller


def target_of(scope: Any) -> str:
    """Return path and query as they were sent: what a signature names."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (path.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


def signed_headers(request: Request, body: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of a JSON answer, signed unless the request's body was not read to its end."""
    headers = [(b"content-type", JSON), (b"content-length", str(len(body)).encode())]
    given: Bounded = request.scope["tarazy_body"]
    asked = given.digest()
    if asked is None:
        return headers
    signer, signed_at = service_of(request).signer, now_text()
    signature = signer.sign(request.method, target_of(request.scope), signed_at, body, asked)
    return [
        *headers,
        (SIGNATURE.encode(), signature.encode()),
        (SIGNED_AT.encode(), signed_at.encode()),
        (KEY_ID.encode(), signer.key_id.encode()),
    ]


def answer_json(request: Request, plain: Any, status: int = 200) -> Response:
    """Return a signed answer of the native API."""
    body = encode(plain)
    response = Response(body, status_code=status)
    response.raw_headers = signed_headers(request, body)
    return response


def answer_envelope(
    request: Request,
    code: Code,
    result: Any = None,
    detail: str = "",
    about: Iterable[tuple[Subject, Entry]] = (),
    cost: int = 1,
) -> Response:
    """Return a signed envelope; where it rests on fresh reports alone it is kept ready for the next who asks."""
    body = encode(envelope(code, result, detail))
    headers = signed_headers(request, body)
    request.scope["tarazy_code"] = int(code)
    entries = list(about)
    if code is Code.OK and entries and request.method == "GET" and all(entry.is_fresh() for _, entry in entries):
        keep_ready(request, body, headers, code, entries, cost)
    response = Response(body)
    response.raw_headers = headers
    return response


def keep_ready(
    request: Request,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    code: Code,
    entries: list[tuple[Subject, Entry]],
    cost: int,
) -> None:
    """Put an answer where the gate finds it."""
    until_s = min(min(entry.until_s, entry.ahead_s) for _, entry in entries)
    if until_s <= time.monotonic():
        return  # it is to be screened again: the next question must come through
    ready = Answer(
        start={"type": "http.response.start", "status": 200, "headers": [*headers, *DATA_HEADERS]},
        body={"type": "http.response.body", "body": body},
        size=len(body),
        code=int(code),
        fresh_until_s=until_s,
        cost=cost,
        subjects=tuple(subject for subject, _ in entries),
    )
    service_of(request).answers.put(request.scope["path"], request.scope["query_string"], ready)


BRACKETS_MAX = 500  # no question needs as many, and none is nested deeper


async def json_body(request: Request) -> dict[str, Any]:
    """Return the body as an object.

    Raises: RefusedError where it is none.
    """
    raw = await request.body()
    if raw.count(b"[") + raw.count(b"{") > BRACKETS_MAX:
        raise RefusedError(
            Code.BAD_PARAMETER, f"expected at most {BRACKETS_MAX} lists and objects in a body, found more"
        )
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Code.BAD_PARAMETER, f"expected a body of JSON, found {str(error)[:100]}") from error
    if not isinstance(found, dict):
        raise RefusedError(Code.BAD_PARAMETER, f"expected a JSON object, found {type(found).__name__}")
    return found
