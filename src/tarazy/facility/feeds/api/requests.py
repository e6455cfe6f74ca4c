"""Requests of the WebSocket API: JSON with id, method and parameters, which become the texts that endpoints read."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tarazy.facility.feeds.streams.requests import StreamRequestError, checked_id, loads
from tarazy.oversight.requests.errors import (
    ILLEGAL_CHARACTERS,
    MANDATORY_MISSING,
    PARAMETER_EMPTY,
    TOO_MANY_PARAMETERS,
    DialectError,
)
from tarazy.oversight.requests.parameters import COUNT_MAX
from tarazy.platform.web.encoding import encode

METHOD = re.compile(r"[A-Za-z0-9.]{1,64}")
FIELDS = ("id", "method", "params")


class ApiRequest(NamedTuple):
    """One request."""

    request_id: Any
    method: str
    values: dict[str, str]


class BadRequestError(Exception):
    """A message is no request; `request_id` is its id where it had one."""

    def __init__(self, error: DialectError, request_id: Any = None) -> None:
        super().__init__(error)
        self.error, self.request_id = error, request_id


def read(text: str) -> ApiRequest:
    """Return a request.

    Raises: BadRequestError.
    """
    request_id = None
    try:
        found = loads(text)
        if not isinstance(found, dict):
            raise DialectError(ILLEGAL_CHARACTERS, "Illegal characters found in the request: expected a JSON object.")
        request_id = checked_id(found.get("id"))
        return ApiRequest(request_id, method_of(found), values_of(found))
    except StreamRequestError as error:
        raise BadRequestError(DialectError(ILLEGAL_CHARACTERS, error.plain["msg"]), request_id) from None
    except DialectError as error:
        raise BadRequestError(error, request_id) from None


def method_of(found: dict[str, Any]) -> str:
    """Return the method of a request.

    Raises: DialectError.
    """
    unknown = [name for name in found if name not in FIELDS]
    if unknown:
        raise DialectError(TOO_MANY_PARAMETERS, f"Unknown field '{unknown[0][:40]}' in the request.")
    method = found.get("method")
    if not isinstance(method, str) or METHOD.fullmatch(method) is None:
        raise DialectError(MANDATORY_MISSING, "Mandatory field 'method' was not sent, was empty/null, or malformed.")
    return method


def values_of(found: dict[str, Any]) -> dict[str, str]:
    """Return the parameters as texts.

    Raises: DialectError.
    """
    parameters = found.get("params") or {}
    if not isinstance(parameters, dict):
        raise DialectError(ILLEGAL_CHARACTERS, "Illegal characters found in 'params': expected an object.")
    if len(parameters) > COUNT_MAX:
        raise DialectError(TOO_MANY_PARAMETERS, "Too many parameters sent.")
    return {name: text_of(name, value) for name, value in parameters.items()}


def text_of(name: str, value: Any) -> str:
    """Return a parameter as text: numbers that are whole, texts, true and false, and lists of texts.

    Raises: DialectError; a number with a point is none of these, since its digits are lost when it is read.
    """
    if isinstance(value, str):
        if not value:
            raise DialectError(PARAMETER_EMPTY, f"Parameter '{name[:40]}' was empty.")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return encode(value).decode()
    message = f"Illegal characters found in parameter '{name[:40]}'; send decimal numbers as text."
    raise DialectError(ILLEGAL_CHARACTERS, message)
