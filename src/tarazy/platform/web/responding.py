"""How routes answer: JSON bytes and the signature over them; and how they read a body of JSON."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.platform.signing.answers import now_text
from tarazy.platform.web.bodies import Bounded
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.middleware import Caller, Middleware

JSON = b"application/json"
SIGNATURE, SIGNED_AT, KEY_ID = "tarazy-signature", "tarazy-signed-at", "tarazy-key-id"
BRACKETS_MAX = 500  # no question needs as many, and none is nested deeper


def middleware_of(request: Request) -> Middleware:
    """Return the middleware of the application."""
    middleware: Middleware = request.app.state.middleware
    return middleware


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
    signer, signed_at = request.app.state.signer, now_text()
    signature = signer.sign(request.method, target_of(request.scope), signed_at, body, asked)
    return [
        *headers,
        (SIGNATURE.encode(), signature.encode()),
        (SIGNED_AT.encode(), signed_at.encode()),
        (KEY_ID.encode(), signer.key_id.encode()),
    ]


def answer_json(request: Request, plain: Any, status: int = 200) -> Response:
    """Return a signed answer."""
    body = encode(plain)
    response = Response(body, status_code=status)
    response.raw_headers = signed_headers(request, body)
    return response


async def json_body(request: Request) -> dict[str, Any]:
    """Return the body as an object.

    Raises: RefusedError where it is none.
    """
    raw = await request.body()
    if raw.count(b"[") + raw.count(b"{") > BRACKETS_MAX:
        raise RefusedError(BAD_PARAMETER, f"expected at most {BRACKETS_MAX} lists and objects in a body, found more")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RefusedError(BAD_PARAMETER, f"expected a body of JSON, found {str(error)[:100]}") from error
    if not isinstance(found, dict):
        raise RefusedError(BAD_PARAMETER, f"expected a JSON object, found {type(found).__name__}")
    return found


def refusal_plain(refusal: RefusedError) -> dict[str, Any]:
    """Return a refusal as our own wire format says it."""
    return {"error": {"code": refusal.reason.name, "message": str(refusal)}}
