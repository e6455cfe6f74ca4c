"""Parameters of a request, from its query and its form body together: read by name, each once, none left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeVar
from urllib.parse import unquote_plus

from tarazy.oversight.requests.errors import (
    INVALID_PARAMETER,
    MANDATORY_MISSING,
    PARAMETER_EMPTY,
    PARAMETER_NOT_REQUIRED,
    TOO_MANY_PARAMETERS,
    UNREAD_PARAMETERS,
    DialectError,
    illegal,
)

COUNT_MAX = 64
CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
CLIENT_ID_LEGAL = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$"
INTEGER = re.compile(r"[0-9]{1,20}")
Choice = TypeVar("Choice", bound=Enum)


class Parameters:
    """The parameters of one request. A parameter that nobody asked for is an error: `finish` finds it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._read: set[str] = set()

    @classmethod
    def of(cls, query: bytes, body: bytes) -> Parameters:
        """Return the parameters of a query and of a form body.

        Raises: DialectError where one stands twice, is empty or is no text, or where a value has a bare `=`: the end
        of the query could be moved before it, and the value would mean another one.
        """
        values: dict[str, str] = {}
        for part in (*query.split(b"&"), *body.split(b"&")) if body else query.split(b"&"):
            if not part:
                continue
            name, _, value = part.partition(b"=")
            try:
                key, text = decoded(name), decoded(value)
            except UnicodeDecodeError:
                raise illegal(name.decode("ascii", "replace")[:40], "percent-encoded UTF-8") from None
            if key in values or len(values) >= COUNT_MAX:
                what = "Duplicate values for a parameter detected." if key in values else "Too many parameters sent."
                raise DialectError(TOO_MANY_PARAMETERS, what)
            if b"=" in value and name != b"signature":  # query and body are signed with nothing between them
                raise illegal(key[:40], "percent-encoded UTF-8, = as %3D")
            if not text:
                raise DialectError(PARAMETER_EMPTY, f"Parameter '{key[:40]}' was empty.")
            values[key] = text
        return cls(values)

    def has(self, name: str) -> bool:
        """Say whether a parameter was sent."""
        return name in self._values

    def text(self, name: str) -> str | None:
        """Return a parameter, None where it was not sent."""
        self._read.add(name)
        return self._values.get(name)

    def required(self, name: str) -> str:
        """Return a parameter that must be there.

        Raises: DialectError.
        """
        found = self.text(name)
        if found is None:
            raise missing(name)
        return found

    def integer(self, name: str, default: int | None = None, *, low: int = 0, high: int = (1 << 63) - 1) -> int | None:
        """Return a whole number within bounds, or the default where it was not sent.

        Raises: DialectError.
        """
        found = self.text(name)
        if found is None:
            return default
        if INTEGER.fullmatch(found) is None:
            raise illegal(name, "^[0-9]{1,20}$")
        if not low <= int(found) <= high:
            raise DialectError(INVALID_PARAMETER, f"Data sent for parameter '{name}' is not valid: {low} to {high}.")
        return int(found)

    def count(self, name: str, default: int, high: int) -> int:
        """Return how many rows are wanted, at most `high`."""
        found = self.integer(name, default, low=1)
        return min(found if found is not None else default, high)

    def choice(self, name: str, kind: type[Choice], default: Choice | None, code: int, message: str) -> Choice | None:
        """Return one of the names of a list.

        Raises: DialectError with a code and message where it is another word.
        """
        found = self.text(name)
        if found is None:
            return default
        try:
            return kind[found]
        except KeyError:
            raise DialectError(code, message) from None

    def flag(self, name: str, default: bool) -> bool:
        """Return a parameter that is `true` or `false`."""
        found = self.text(name)
        if found is None:
            return default
        if found.lower() not in ("true", "false"):
            raise illegal(name, "true|false")
        return found.lower() == "true"

    def client_id(self, name: str) -> str | None:
        """Return a client's own id for an order: at most 36 letters, digits and some signs."""
        found = self.text(name)
        if found is not None and CLIENT_ID.fullmatch(found) is None:
            raise illegal(name, CLIENT_ID_LEGAL)
        return found

    def pass_over(self, *names: str) -> None:
        """Count parameters as read, where they were sent, that say nothing here."""
        self._read.update(names)

    def refuse(self, *names: str) -> None:
        """Raise DialectError where a parameter was sent that has no meaning beside the others."""
        for name in names:
            if self.has(name):
                raise DialectError(PARAMETER_NOT_REQUIRED, f"Parameter '{name}' sent when not required.")

    def finish(self) -> None:
        """Raise DialectError where a parameter was sent that the endpoint does not know."""
        left = [name for name in self._values if name not in self._read]
        if left:
            known, sent = len(self._read & self._values.keys()), len(self._values)
            message = f"Not all sent parameters were read; read '{known}' parameter(s) but was sent '{sent}'."
            raise DialectError(UNREAD_PARAMETERS, message, unknown=left[0][:40])


def decoded(piece: bytes) -> str:
    """Return a percent-encoded name or value as text; most have nothing to decode. Raises: UnicodeDecodeError."""
    text = piece.decode("ascii")
    return unquote_plus(text, errors="strict") if b"%" in piece or b"+" in piece else text


def missing(name: str) -> DialectError:
    """Return the error for a parameter that must be there."""
    message = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    return DialectError(MANDATORY_MISSING, message)
