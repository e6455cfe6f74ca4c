"""What a client asks of a stream connection: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY.

FrameSource of forms and error codes: binance/binance-spot-api-docs, web-socket-streams.md. A name that is no stream is
refused here, where the dialect takes it and stays silent.
"""

from __future__ import annotations

import json
from typing import Any

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
UNKNOWN_PROPERTY, INVALID_VALUE, INVALID_REQUEST, INVALID_JSON = 0, 1, 2, 3
NESTING_MAX = 16
ID_MAX = 36


class StreamRequestError(Exception):
    """A request is not done: code and words of the dialect, and its id where it had one."""

    def __init__(self, code: int, message: str, request_id: Any = None) -> None:
        super().__init__(code, message)
        self.plain = {"code": code, "msg": message, "id": request_id}


def loads(text: str) -> Any:
    """Return JSON that is not nested deeply.

    Raises: StreamRequestError.
    """
    if text.count("[") + text.count("{") > NESTING_MAX and depth_of(text) > NESTING_MAX:
        raise StreamRequestError(INVALID_JSON, f"Invalid JSON: nested more than {NESTING_MAX} deep")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise StreamRequestError(INVALID_JSON, f"Invalid JSON: expected value at {where}") from None
    except ValueError:
        raise StreamRequestError(INVALID_JSON, "Invalid JSON: a number or a character is not one of JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # made once: `json.loads` makes one for each text


def depth_of(text: str) -> int:
    """Return how deeply brackets are nested in a text at most."""
    depth = deepest = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def checked_id(request_id: Any) -> Any:
    """Return the id of a request: a whole number of 64 bits, a text of at most 36 characters, or null.

    Raises: StreamRequestError.
    """
    is_text = isinstance(request_id, str) and len(request_id) <= ID_MAX
    is_number = isinstance(request_id, int) and not isinstance(request_id, bool) and abs(request_id) < 1 << 63
    if request_id is None or is_text or is_number:
        return request_id
    raise StreamRequestError(INVALID_REQUEST, "Invalid request: request ID must be an integer, a string or null")


def read(text: str) -> tuple[str, list[Any], Any]:
    """Return method, parameters and id of a request.

    Raises: StreamRequestError.
    """
    found = loads(text)
    if not isinstance(found, dict):
        raise StreamRequestError(INVALID_REQUEST, "Invalid request: expected an object")
    request_id = checked_id(found.get("id"))
    unknown = [name for name in found if name not in ("method", "params", "id")]
    if unknown:
        raise StreamRequestError(INVALID_REQUEST, f"Invalid request: unknown field {unknown[0][:40]!r}", request_id)
    method, parameters = found.get("method"), found.get("params", [])
    if method not in METHODS:
        message = f"Invalid request: unknown variant {str(method)[:40]}, expected one of {', '.join(METHODS)}"
        raise StreamRequestError(INVALID_REQUEST, message, request_id)
    if not isinstance(parameters, list):
        raise StreamRequestError(INVALID_REQUEST, "Invalid request: params must be a list", request_id)
    return method, parameters, request_id
